"""Dot plot: the 16 states in order of their share, the year of the checked sentence beside the latest one.

Belongs here: the drawing and its words. Not here: the choice of the series (select) and the group shares,
which are rows of analysis.east_west.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from pipeline.charts import theme, wording
from pipeline.charts.model import Chart, Tables, Titles
from pipeline.charts.select import (
    ARTICLE_YEAR,
    CONCEPT,
    complete_state_series,
    numbers,
    pooled,
    require,
    source_ids,
    years,
)

if TYPE_CHECKING:
    import altair as alt

LEFT, RIGHT, TOP, BOTTOM = 232, 22, 100, 62
STEP = 28


def data(tables: Tables) -> pl.DataFrame:
    """One row a state and year, then one row for East and West together in the latest year.

    Columns: row ("state" | "group"), region_id, region_name, part, year, share_percent (Float64, percent),
    position (Int32, 1 = largest share in the latest year; null for groups), reference, release_state,
    census_base, concept, universe, series_id, source_id, result_id (groups only).
    Years: the latest complete series and, where it is another one, ARTICLE_YEAR (else the oldest of the same
    universe).

    Raises:
        InputError: no complete series, or no pooled East and West share for the latest one.
    """
    states = complete_state_series(tables)
    latest = states.filter(year=years(states)[-1])
    comparable = years(states.filter(universe=latest["universe"][0]))
    earlier = ARTICLE_YEAR if ARTICLE_YEAR in comparable else comparable[0]
    order = latest.sort(["share_percent", "region_id"], descending=[True, False]).select(
        "region_id", position=pl.int_range(1, pl.len() + 1, dtype=pl.Int32)
    )
    rows = states.filter(pl.col("year").is_in([earlier, latest["year"][0]])).join(order, on="region_id")
    groups = require(
        pooled(tables, CONCEPT).filter(series_id=latest["series_id"][0]),
        table_name="analysis.east_west",
        what=f"the pooled shares of East and West in {latest['series_id'][0]}",
    )
    common = latest.row(0, named=True)
    columns = [
        "row", "region_id", "region_name", "part", "year", "share_percent", "position", "reference",
        "release_state", "census_base", "concept", "universe", "series_id", "source_id", "result_id",
    ]  # fmt: skip
    state_rows = rows.with_columns(row=pl.lit("state"), result_id=pl.lit(None, pl.String)).select(columns)
    group_rows = groups.select(
        "year", "concept", "series_id", "source_id", "result_id",
        row=pl.lit("group"), region_id="quantity", part="quantity", share_percent="estimate",
        region_name=pl.col("quantity").replace_strict(wording.PART_WORDS),
        position=pl.lit(None, pl.Int32),
        **{key: pl.lit(common[key]) for key in ("reference", "release_state", "census_base", "universe")},
    ).select(columns).cast({"year": state_rows.schema["year"]})  # fmt: skip
    return pl.concat([state_rows.sort("year", "position", descending=[True, False]), group_rows.sort("region_id")])


def draw(tables: Tables) -> alt.LayerChart:
    """Draw 16 rows, filled marks for the latest year, hollow ones for the earlier, and two group shares."""
    frame = data(tables)
    states, groups = frame.filter(row="state"), frame.filter(row="group")
    drawn = years(states)
    height = STEP * states["region_id"].n_unique()
    width = theme.WIDTH - LEFT - RIGHT
    high = max(*numbers(states, "share_percent"), 10)
    step = 10 if high <= 60 else 20
    axis = theme.ticks(high, step=step)
    x = theme.x_axis("percent", axis, width=width)
    y = theme.pixel_y(height)

    marks: dict[bool, list[theme.Row]] = {True: [], False: []}
    names, guides = [], []
    for row in states.iter_rows(named=True):
        hollow = row["year"] != drawn[-1]
        at = (row["position"] - 0.5) * STEP
        place = {"x": row["share_percent"], "y": at}
        marks[hollow].append(place | theme.part_symbol(row["part"], hollow=hollow))
        if not hollow:
            names.append({"x": 0, "y": at, "text": row["region_name"], "fill": theme.PART_TEXT[row["part"]]})
            guides.append({"x": 0, "x2": axis[-1], "y": at, "y2": at, "stroke": theme.GRID})

    rules, caps, captions = [], [], []
    for row in groups.iter_rows(named=True):
        share, part = row["share_percent"], row["part"]
        rules.append({"x": share, "x2": share, "y": -26, "y2": height, "stroke": theme.PART_STROKE[part]})
        caps.append({"x": share, "y": -28} | theme.part_symbol(part))
        lines = [wording.PART_WORDS[part], f"together {wording.percent(share)}"]
        captions.append({"x": share, "y": -69, "text": lines, "fill": theme.PART_TEXT[part]})
    top_row = states.filter(position=1).sort("year")
    year_labels = [
        {"x": row["share_percent"], "y": -6, "text": str(row["year"]), "fill": theme.MUTED}
        for row in top_row.iter_rows(named=True)
    ]
    return theme.compose(
        theme.segments(guides, x, y, strokeWidth=1, strokeDash=[1, 4]),
        theme.segments(rules, x, y, strokeWidth=2, strokeDash=[6, 3]),
        theme.symbols(caps, x, y, size=130),
        theme.labels(captions, x, y, align="center"),
        theme.symbols(marks[True], x, y, size=75),
        theme.symbols(marks[False], x, y, size=130),
        theme.labels(names, x, y, align="right", dx=-14),
        theme.labels(year_labels, x, y, align="center", fontSize=theme.SMALL),
        height=height, top=TOP, bottom=BOTTOM, left=LEFT, right=RIGHT,
    )  # fmt: skip


def _finding(shares: dict[str, float], year: int) -> str:
    west, east = (wording.percent(shares[part]) for part in ("west", "east"))
    if west == east:
        return f"In {year} West and East without Berlin show the same share, {west}"
    verb = "exceeds" if shares["west"] > shares["east"] else "stays below"
    return f"In {year} the West ({west}) {verb} the East without Berlin ({east})"


def describe(tables: Tables) -> Titles:
    """The words of the chart, computed from `data`."""
    frame = data(tables)
    states, groups = frame.filter(row="state"), frame.filter(row="group")
    drawn = years(states)
    latest = states.filter(year=drawn[-1])
    first, last = latest.row(0, named=True), latest.row(-1, named=True)
    shares = dict(groups.select("part", "share_percent").rows())
    references = states.sort("year").unique("year", maintain_order=True)
    printed = [
        f"{reference}{wording.release_note(state)}"
        for reference, state in references.select("reference", "release_state").rows()
    ]
    berlin = latest.filter(part="berlin")
    changed = len(drawn) > 1 and states["census_base"].n_unique() > 1
    return Titles(
        finding=_finding(shares, drawn[-1]),
        shown=(
            f"Persons with a {wording.concept(first['concept'])}, in percent of "
            f"{wording.UNIVERSE_WORDS.get(first['universe'], first['universe'])}, by state, "
            f"{wording.survey(first['source_id'])} {wording.listing(printed)}"
        ),
        description=(
            f"Dot plot of the 16 states in the order of their share in {drawn[-1]}, from "
            f"{first['region_name']} with {wording.percent(first['share_percent'])} down to "
            f"{last['region_name']} with {wording.percent(last['share_percent'])}. Circles are western "
            f"states, squares eastern ones, the diamond is Berlin, number {berlin['position'][0]} with "
            f"{wording.percent(berlin['share_percent'][0])}. "
            + (f"Filled marks are {drawn[-1]}, hollow ones {drawn[0]}. " if len(drawn) > 1 else "")
            + f"Dashed lines: West together {wording.percent(shares['west'])}, East without Berlin together "
            f"{wording.percent(shares['east'])}, each person counted once."
            + (
                " The survey was rebased between the two years, so their distance is not a measured change."
                if changed
                else ""
            )
        ),
        source_ids=source_ids(frame),
        reference=wording.listing(printed),
    )


CHART = Chart("state_dots", ("marts.share", "analysis.east_west"), draw, data, describe)
