"""Dot plot: persons seeking protection by state, per hundred foreign nationals and persons with migration background.

Belongs here: the drawing and the words. Not here: the quotients (analysis.refugee_ratio).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from pipeline.charts import theme, wording
from pipeline.charts.model import Chart, Tables, Titles
from pipeline.charts.select import CONCEPT, FOREIGN, REGION, numbers, require, table, years

if TYPE_CHECKING:
    import altair as alt

RATIO = (
    "result_id", "numerator_source_id", "numerator_date", "denominator_source_id", "denominator_concept", "year",
    "region_id", "berlin", "estimand", "quantity", "estimate",
)  # fmt: skip
LEFT, RIGHT, TOP, BOTTOM = 232, 30, 128, 62
STEP = 28


def data(tables: Tables) -> pl.DataFrame:
    """One row a state, East and West, and denominator: row ("state" | "group"), region_id, region_name, part,
    denominator_concept, per_hundred (Float64), position (Int32, 1 = most per foreign national; null for groups), year,
    numerator_date, numerator_source_id, denominator_source_id, result_id. Key: region_id, denominator_concept.

    The newest year that is known with both denominators, else the newest of foreign nationals.

    Raises:
        InputError: no quotient of states per foreign national, or none of East and West.
    """
    rows = table(tables, "analysis.refugee_ratio", RATIO).filter(
        pl.col("estimate").is_not_null(), pl.col("estimand") == "pooled"
    )
    states = rows.filter(pl.col("quantity") == "state")
    what = "persons seeking protection per foreign national, by state"
    states_foreign = require(states.filter(denominator_concept=FOREIGN), table_name="analysis.refugee_ratio", what=what)
    both = set(years(states_foreign)) & set(years(states.filter(denominator_concept=CONCEPT)))
    year = max(both) if both else years(states_foreign)[-1]
    regions = table(tables, "core.region", REGION).select("region_id", region_name="name", part="part")
    order = (
        states_foreign.filter(year=year)
        .sort(["estimate", "region_id"], descending=[True, False])
        .select("region_id", position=pl.int_range(1, pl.len() + 1, dtype=pl.Int32))
    )
    columns = [
        "row", "region_id", "region_name", "part", "denominator_concept", "estimate", "position", "year",
        "numerator_date", "numerator_source_id", "denominator_source_id", "result_id",
    ]  # fmt: skip
    state_rows = (
        states.filter(year=year).join(regions, on="region_id").join(order, on="region_id")
        .with_columns(row=pl.lit("state")).select(columns)
    )  # fmt: skip
    groups = rows.filter(
        pl.col("year") == year, pl.col("berlin") == "excluded", pl.col("quantity").is_in(["east", "west"])
    )
    groups = require(groups, table_name="analysis.refugee_ratio", what=f"East and West together in {year}")
    group_rows = groups.with_columns(
        row=pl.lit("group"), region_id="quantity", part="quantity", position=pl.lit(None, pl.Int32),
        region_name=pl.col("quantity").replace_strict(wording.PART_WORDS),
    ).select(columns)  # fmt: skip
    return (
        pl.concat([
            state_rows.sort("denominator_concept", "position"),
            group_rows.sort("denominator_concept", "region_id"),
        ]).rename({"estimate": "per_hundred"})
    )  # fmt: skip


def draw(tables: Tables) -> alt.LayerChart:
    """Draw 16 rows, filled marks per foreign national, hollow ones per person with migration background."""
    frame = data(tables)
    states, groups = frame.filter(row="state"), frame.filter(row="group", denominator_concept=FOREIGN)
    height = STEP * states["region_id"].n_unique()
    axis = theme.ticks(max(*numbers(states, "per_hundred"), 10), step=10)
    x = theme.x_axis("persons seeking protection per hundred", axis, width=theme.WIDTH - LEFT - RIGHT)
    y = theme.pixel_y(height)
    marks: dict[bool, list[theme.Row]] = {True: [], False: []}
    names, guides, keys = [], [], []
    for row in states.iter_rows(named=True):
        hollow = row["denominator_concept"] != FOREIGN
        at = (row["position"] - 0.5) * STEP
        marks[hollow].append({"x": row["per_hundred"], "y": at} | theme.part_symbol(row["part"], hollow=hollow))
        if not hollow:
            names.append({"x": 0, "y": at, "text": row["region_name"], "fill": theme.PART_TEXT[row["part"]]})
            guides.append({"x": 0, "x2": axis[-1], "y": at, "y2": at, "stroke": theme.GRID})
        if row["position"] == 1:
            text = "hollow: with migration background" if hollow else "filled: of foreign nationality"
            keys.append({"x": row["per_hundred"], "y": -10 if hollow else -32, "text": text, "fill": theme.MUTED})
    rules, caps, captions = [], [], []
    for row in groups.iter_rows(named=True):
        share, part = row["per_hundred"], row["part"]
        rules.append({"x": share, "x2": share, "y": -50, "y2": height, "stroke": theme.PART_STROKE[part]})
        caps.append({"x": share, "y": -52} | theme.part_symbol(part))
        lines = [wording.PART_WORDS[part], f"together {wording.number(share)}"]
        captions.append({"x": share, "y": -94, "text": lines, "fill": theme.PART_TEXT[part]})
    return theme.compose(
        theme.segments(guides, x, y, strokeWidth=1, strokeDash=[1, 4]),
        theme.segments(rules, x, y, strokeWidth=2, strokeDash=[6, 3]),
        # Paper around the words of the two marks: the dashed lines pass behind them.
        theme.labels([k | {"fill": theme.PAPER} for k in keys], x, y, align="right", dx=8, fontSize=theme.SMALL,
                     stroke=theme.PAPER, strokeWidth=7),
        theme.symbols(caps, x, y, size=130),
        theme.labels(captions, x, y, align="center"),
        theme.symbols(marks[True], x, y, size=75),
        theme.symbols(marks[False], x, y, size=130),
        theme.labels(names, x, y, align="right", dx=-14),
        theme.labels(keys, x, y, align="right", dx=8, fontSize=theme.SMALL),
        height=height, top=TOP, bottom=BOTTOM, left=LEFT, right=RIGHT,
    )  # fmt: skip


def _finding(together: dict[str, float]) -> str:
    east, west = (wording.number(together[part]) for part in ("east", "west"))
    if east == west:
        return f"Per hundred foreign nationals East and West have as many protection seekers: {east}"
    word = "more" if together["east"] > together["west"] else "fewer"
    return f"Protection seekers per hundred foreign nationals: {word} in the East ({east}) than West ({west})"


def describe(tables: Tables) -> Titles:
    """The words of the chart, computed from `data`."""
    frame = data(tables)
    date = frame["numerator_date"][0]
    words = {FOREIGN: "per hundred foreign nationals", CONCEPT: "per hundred persons with a migration background"}
    told = []
    for (concept,), rows in frame.group_by("denominator_concept", maintain_order=True):
        states = rows.filter(row="state").sort("per_hundred", descending=True)
        high, low = states.row(0, named=True), states.row(-1, named=True)
        groups = dict(rows.filter(row="group").select("part", "per_hundred").rows())
        told.append(
            f"{words[str(concept)]} from {wording.number(high['per_hundred'])} in {high['region_name']} to "
            f"{wording.number(low['per_hundred'])} in {low['region_name']}, "
            + ", ".join(
                f"{wording.PART_WORDS[part]} together {wording.number(groups[part])}" for part in sorted(groups)
            )
        )
    together = dict(frame.filter(row="group", denominator_concept=FOREIGN).select("part", "per_hundred").rows())
    sources = {*frame["numerator_source_id"], *frame["denominator_source_id"]}
    both = frame["denominator_concept"].n_unique() > 1
    return Titles(
        finding=_finding(together),
        shown=(
            "Persons seeking protection per hundred foreign nationals"
            + (" (filled) and per hundred persons with a migration background (hollow)" if both else "")
            + f", 16 states, {date.day} December {date.year}"
        ),
        description=(
            f"Dot plot of the states in the order of the first measure: {'; '.join(told)}. Circles are western states, "
            "squares eastern ones, the diamond is Berlin. Per person with a migration background the two counts come "
            "from different tables and days, so that is a quotient and no share. Many protection seekers per foreign "
            "national can mean many of the one or few other foreign nationals."
        ),
        source_ids=tuple(sorted(sources)),
        reference=f"{date.day} December {date.year}",
    )  # fmt: skip


CHART = Chart("protection_seekers", ("analysis.refugee_ratio", "core.region"), draw, data, describe)
