"""Tile map: the share with a migration background in each of the 16 states, latest complete Mikrozensus
series.

Belongs here: the own grid coordinates and the drawing. Not here: the choice of the series (select).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from pipeline.charts import theme, wording
from pipeline.charts.model import Chart, Tables, Titles
from pipeline.charts.select import complete_state_series, numbers, source_ids, years
from pipeline.language import t

if TYPE_CHECKING:
    import altair as alt

# Column and row of each state by its official code: neighbours stay neighbours as far as a grid allows, and
# the five eastern states are one connected block that a single outline can hold.
GRID = {
    "01": (1, 0), "13": (2, 0),
    "04": (0, 1), "02": (1, 1), "12": (2, 1), "11": (3, 1),
    "05": (0, 2), "03": (1, 2), "15": (2, 2), "14": (3, 2),
    "07": (0, 3), "06": (1, 3), "16": (2, 3),
    "10": (0, 4), "08": (1, 4), "09": (2, 4),
}  # fmt: skip
EAST_BLOCK = ((2, 0), (2, 1), (2, 2), (3, 2), (2, 3))
NOTE_CELL = (3, 3)

TILE_WIDTH, TILE_HEIGHT, GAP = 146, 92, 6
MARGIN = 14
ROWS = 5


def data(tables: Tables) -> pl.DataFrame:
    """One row a state, largest share first: region_id, region_name, part, share_percent (Float64, percent),
    year, reference, release_state, concept, universe, series_id, source_id. Key: region_id.

    Raises:
        InputError: no Mikrozensus series has all 16 states.
    """
    rows = complete_state_series(tables)
    return (
        rows.filter(year=years(rows)[-1])
        .sort(["share_percent", "region_id"], descending=[True, False])
        .select(
            "region_id", "region_name", "part", "share_percent", "year", "reference", "release_state",
            "concept", "universe", "series_id", "source_id",
        )
    )  # fmt: skip


def _corner(cell: tuple[float, float]) -> tuple[float, float]:
    return MARGIN + cell[0] * (TILE_WIDTH + GAP), MARGIN + cell[1] * (TILE_HEIGHT + GAP)


def _outline() -> list[theme.Row]:
    """The strokes around EAST_BLOCK: every tile edge with no eastern neighbour, in the middle of the gap."""
    strokes = []
    for column, row in EAST_BLOCK:
        left, top = (value - GAP / 2 for value in _corner((column, row)))
        right, bottom = left + TILE_WIDTH + GAP, top + TILE_HEIGHT + GAP
        sides = {
            (0, -1): (left, top, right, top), (0, 1): (left, bottom, right, bottom),
            (-1, 0): (left, top, left, bottom), (1, 0): (right, top, right, bottom),
        }  # fmt: skip
        for (across, down), (x, y, x2, y2) in sides.items():
            if (column + across, row + down) not in EAST_BLOCK:
                strokes.append({"x": x, "y": y, "x2": x2, "y2": y2, "stroke": theme.PART_STROKE["east"]})
    return strokes


def draw(tables: Tables) -> alt.LayerChart:
    """Draw the 16 tiles with name and percent, the outline around the East and the key of the shading."""
    frame = data(tables)
    top = max(*numbers(frame, "share_percent"), 1.0)
    tiles, names, figures = [], [], []
    for row in frame.iter_rows(named=True):
        x, y = _corner(GRID[row["region_id"]])
        fill = theme.ramp(row["share_percent"], 0, top)
        tiles.append({"x": x, "y": y, "x2": x + TILE_WIDTH, "y2": y + TILE_HEIGHT, "fill": fill})
        middle = x + TILE_WIDTH / 2
        ink = theme.ink_on(fill)
        name = wording.wrap(row["region_name"], 14)
        names.append({"x": middle, "y": y + (34 if len(name) == 1 else 24), "text": name, "fill": ink})
        text = wording.percent(row["share_percent"])
        figures.append({"x": middle, "y": y + TILE_HEIGHT - 21, "text": text, "fill": ink})
    height = 2 * MARGIN + ROWS * (TILE_HEIGHT + GAP) - GAP
    x, y = theme.pixel_x(theme.WIDTH), theme.pixel_y(height)
    note_x, note_y = _corner(NOTE_CELL)
    note = {
        "x": note_x + 10,
        "y": note_y + 18,
        "text": t("Framed: the five\neastern states,\nwithout Berlin").split("\n"),
        "fill": theme.PART_TEXT["east"],
    }
    key = [
        {"x": note_x + 10 + 26 * i, "x2": note_x + 36 + 26 * i, "y": note_y + 118, "y2": note_y + 136,
         "fill": theme.ramp(top * (i + 0.5) / 5, 0, top)}
        for i in range(5)
    ]  # fmt: skip
    ends = [
        {"x": note_x + 10, "y": note_y + 152, "text": "0 %", "fill": theme.MUTED},
        {"x": note_x + 140, "y": note_y + 152, "text": wording.percent(top, 0), "fill": theme.MUTED},
    ]
    return theme.compose(
        theme.boxes(tiles, x, y, cornerRadius=3),
        theme.segments(_outline(), x, y, strokeWidth=4, strokeCap="square"),
        theme.labels(names, x, y, align="center"),
        theme.labels(figures, x, y, align="center", fontSize=24, fontWeight="bold"),
        theme.labels([note], x, y),
        theme.boxes(key, x, y),
        theme.labels(ends[:1], x, y, fontSize=theme.SMALL),
        theme.labels(ends[1:], x, y, fontSize=theme.SMALL, align="right"),
        height=height, top=0, bottom=0, left=0, right=0,
    )  # fmt: skip


def _finding(frame: pl.DataFrame) -> str:
    east = numbers(frame.filter(part="east"), "share_percent")
    others = numbers(frame.filter(pl.col("part") != "east"), "share_percent")
    if max(east) < min(others):
        return t(
            "All five eastern states stay below {share}, the lowest share elsewhere", share=wording.percent(min(others))
        )
    if min(east) > max(others):
        return t(
            "All five eastern states lie above {share}, the highest share elsewhere", share=wording.percent(max(others))
        )
    high, low = frame.row(0, named=True), frame.row(-1, named=True)
    return t("{highest} has the largest share ({high}), {lowest} the smallest ({low})", **_ends(high, low))


def _ends(high: dict, low: dict) -> dict[str, str]:
    return {
        "highest": high["region_name"], "high": wording.percent(high["share_percent"]),
        "lowest": low["region_name"], "low": wording.percent(low["share_percent"]),
    }  # fmt: skip


def describe(tables: Tables) -> Titles:
    """The words of the chart, computed from `data`."""
    frame = data(tables)
    first = frame.row(0, named=True)
    low, high = frame.row(-1, named=True), first
    listed = "; ".join(f"{n} {wording.percent(s)}" for n, s in frame.select("region_name", "share_percent").rows())
    return Titles(
        finding=_finding(frame),
        shown=t(
            "Persons with a {concept}, in percent of {universe}, 16 states, {survey} {period}",
            concept=wording.concept(first["concept"]),
            universe=wording.universe(first["universe"]),
            survey=wording.survey(first["source_id"]),
            period=wording.released(first["reference"], first["release_state"]),
        ),
        description=t(
            "Tile map: one square of equal size for each of the 16 states, placed roughly as on a map; the darker, the "
            "larger the share. A frame holds the five eastern states without Berlin. The shares run from {low} in "
            "{lowest} to {high} in {highest}. All states: {listed}. The tiles say nothing about how many people live "
            "in a state.",
            listed=listed,
            **_ends(high, low),
        ),
        source_ids=source_ids(frame),
        reference=first["reference"],
    )


CHART = Chart("state_tiles", ("marts.share",), draw, data, describe)
