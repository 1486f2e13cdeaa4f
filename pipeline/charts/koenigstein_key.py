"""Dumbbells: the share of each state in all persons seeking protection beside what the Königstein key allots to it.

Belongs here: the drawing and the words. Not here: shares and deviations (analysis.key_deviation).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from pipeline.charts import theme, wording
from pipeline.charts.model import Chart, Tables, Titles
from pipeline.charts.select import REGION, numbers, require, table
from pipeline.language import t

if TYPE_CHECKING:
    import altair as alt

DEVIATION = (
    "result_id", "source_id", "key_source_id", "year", "key_year", "region_id", "estimand", "quantity", "estimate",
    "lower", "upper",
)  # fmt: skip
LEFT, RIGHT, TOP, BOTTOM = 232, 92, 46, 62
STEP = 28


def data(tables: Tables) -> pl.DataFrame:
    """One row a state, newest year, largest surplus first: region_id, region_name, part, share_percent, key_percent,
    deviation_points, lower_points, upper_points (over the keys of five years), position (Int32), year, key_year,
    source_id, key_source_id, result_id (of the deviation). Key: region_id.

    Raises:
        InputError: no state with share, key and deviation.
    """
    rows = table(tables, "analysis.key_deviation", DEVIATION).filter(pl.col("estimand") == "state")
    rows = rows.filter(pl.col("year") == pl.col("year").max())
    wide = {
        name: rows.filter(quantity=name).select("region_id", pl.col("estimate").alias(name))
        for name in ("share", "key")
    }
    regions = table(tables, "core.region", REGION).select("region_id", region_name="name", part="part")
    states = rows.filter(quantity="deviation")
    for frame in (*wide.values(), regions):
        states = states.join(frame, on="region_id")
    return (
        require(states, table_name="analysis.key_deviation", what="states with share, key and deviation")
        .sort(["estimate", "region_id"], descending=[True, False])
        .select(
            "region_id", "region_name", "part", share_percent="share", key_percent="key",
            deviation_points="estimate", lower_points="lower", upper_points="upper",
            position=pl.int_range(1, pl.len() + 1, dtype=pl.Int32), year="year", key_year="key_year",
            source_id="source_id", key_source_id="key_source_id", result_id="result_id",
        )
    )  # fmt: skip


def signed(value: float) -> str:
    """``+3.5``, ``−0.4``, ``0.0``."""
    text = wording.number(value)
    return f"+{text}" if value > 0 and text != wording.number(0) else text


def draw(tables: Tables) -> alt.LayerChart:
    """Draw 16 rows: an upright stroke at the key, a mark at the share, and the deviation as a figure."""
    frame = data(tables)
    height, width = STEP * frame.height, theme.WIDTH - LEFT - RIGHT
    axis = theme.ticks(max(*numbers(frame, "share_percent"), *numbers(frame, "key_percent")), step=5)
    x = theme.x_axis(t("percent of all persons seeking protection"), axis, width=width)
    y = theme.pixel_y(height)
    names, guides, bridges, strokes, marks, figures = [], [], [], [], [], []
    for row in frame.iter_rows(named=True):
        at, part = (row["position"] - 0.5) * STEP, row["part"]
        share, key = row["share_percent"], row["key_percent"]
        names.append({"x": 0, "y": at, "text": row["region_name"], "fill": theme.PART_TEXT[part]})
        guides.append({"x": 0, "x2": axis[-1], "y": at, "y2": at, "stroke": theme.GRID})
        bridges.append({"x": key, "x2": share, "y": at, "y2": at, "stroke": theme.PART_STROKE[part]})
        strokes.append({"x": key, "x2": key, "y": at - 10, "y2": at + 10, "stroke": theme.INK})
        marks.append({"x": share, "y": at} | theme.part_symbol(part))
        text = signed(row["deviation_points"])
        figures.append({"x": axis[-1], "y": at, "text": text, "fill": theme.PART_TEXT[part]})
    first = frame.row(0, named=True)
    keys: list[theme.Row] = sorted(
        (
            {"x": first["key_percent"], "y": -14, "text": t("key"), "fill": theme.INK},
            {"x": first["share_percent"], "y": -14, "text": t("share"), "fill": theme.PART_TEXT[first["part"]]},
        ),
        key=lambda label: label["x"],
    )
    # Both words end at their mark, the first one a little before it where the second needs the room; where there is
    # none at all, they part to both sides.
    room = (keys[1]["x"] - keys[0]["x"]) * width / axis[-1] - theme.text_width(keys[1]["text"])
    ends = (("right", 6 - max(6 - room, 0)), ("right", 6)) if room > -6 else (("right", 6), ("left", -6))
    heads = [{"x": axis[-1], "y": -14, "text": t("points"), "fill": theme.MUTED}]
    return theme.compose(
        theme.segments(guides, x, y, strokeWidth=1, strokeDash=[1, 4]),
        theme.segments(bridges, x, y, strokeWidth=3),
        theme.segments(strokes, x, y, strokeWidth=3),
        theme.symbols(marks, x, y, size=120),
        theme.labels(names, x, y, align="right", dx=-14),
        *(
            theme.labels([key], x, y, align=end, dx=dx, fontSize=theme.SMALL)
            for key, (end, dx) in zip(keys, ends, strict=True)
        ),
        theme.labels(heads, x, y, dx=60, align="right", fontSize=theme.SMALL),
        theme.labels(figures, x, y, dx=60, align="right"),
        height=height, top=TOP, bottom=BOTTOM, left=LEFT, right=RIGHT,
    )  # fmt: skip


def _finding(frame: pl.DataFrame) -> str:
    east = numbers(frame.filter(part="east"), "deviation_points")
    count = wording.count_word(len(east)).lower()
    if east and max(east) < 0:
        return t("All {count} eastern states house fewer protection seekers than the key allots", count=count)
    if east and min(east) > 0:
        return t("All {count} eastern states house more protection seekers than the key allots", count=count)
    first, last = frame.row(0, named=True), frame.row(-1, named=True)
    return t(
        "{first} lies furthest above the key, {last} furthest below",
        first=first["region_name"], last=last["region_name"],
    )  # fmt: skip


def describe(tables: Tables) -> Titles:
    """The words of the chart, computed from `data`."""
    frame = data(tables)
    row = frame.row(0, named=True)
    listed = "; ".join(
        t(
            "{state} {share}, key {key}",
            state=r["region_name"],
            share=wording.percent(r["share_percent"]),
            key=wording.percent(r["key_percent"]),
        )
        for r in frame.iter_rows(named=True)
    )
    parts = {"year": row["year"], "key_year": row["key_year"]}
    told = [
        t(
            "Sixteen rows, the state furthest above its key first; an upright stroke marks the key, a square, circle "
            "or diamond the share of an eastern state, a western one or Berlin. {listed}.",
            listed=listed,
        ),
        *(
            [t("The key of {year} is not at hand: that of {key_year} stands in for it.", **parts)]
            if row["key_year"] != row["year"]
            else []
        ),
        t(
            "The key distributes those who arrive; the register counts all who live there by then, so a deviation is "
            "no breach of the key."
        ),
    ]
    return Titles(
        finding=_finding(frame),
        shown=t(
            "Share of each state in all persons seeking protection, {date}, against the Königstein key of {key_year}, "
            "percent",
            date=wording.year_end(row["year"]), key_year=row["key_year"],
        ),
        description=" ".join(told),
        source_ids=tuple(sorted({*frame["source_id"], *frame["key_source_id"]})),
        reference=t("{date}; key of {key_year}", date=wording.year_end(row["year"]), key_year=row["key_year"]),
    )  # fmt: skip


CHART = Chart("koenigstein_key", ("analysis.key_deviation", "core.region"), draw, data, describe)
