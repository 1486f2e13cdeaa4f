"""Dot plot: persons seeking protection by state, per hundred foreign nationals and persons with migration background.

Belongs here: the drawing and the words. Not here: the quotients (analysis.refugee_ratio).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from pipeline.charts import theme, wording
from pipeline.charts.model import Chart, Tables, Titles
from pipeline.charts.select import CONCEPT, FOREIGN, REGION, numbers, require, table, years
from pipeline.charts.state_rows import Head, draw_rows
from pipeline.language import format_date, t

if TYPE_CHECKING:
    import altair as alt

RATIO = (
    "result_id", "numerator_source_id", "numerator_date", "denominator_source_id", "denominator_concept", "year",
    "region_id", "berlin", "estimand", "quantity", "estimate",
)  # fmt: skip


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
    frame = data(tables).rename({"per_hundred": "value"})
    states, groups = frame.filter(row="state"), frame.filter(row="group", denominator_concept=FOREIGN)
    states = states.with_columns(hollow=pl.col("denominator_concept") != FOREIGN)
    notes: list[theme.Row] = []
    for row in states.filter(position=1).iter_rows(named=True):
        text = t("hollow: with migration background") if row["hollow"] else t("filled: of foreign nationality")
        notes.append({"x": row["value"], "y": -10 if row["hollow"] else -32, "text": text, "fill": theme.MUTED})
    return draw_rows(
        states,
        groups,
        title=t("persons seeking protection per hundred"),
        axis=theme.ticks(max(*numbers(states, "value"), 10), step=10),
        written=wording.number,
        head=Head(50, 94, 128, notes, {"align": "right", "dx": 8, "fontSize": theme.SMALL}, on_paper=True),
        right=30,
    )


def _finding(together: dict[str, float]) -> str:
    east, west = (wording.number(together[part]) for part in ("east", "west"))
    if east == west:
        return t("Per hundred foreign nationals East and West have as many protection seekers: {both}", both=east)
    if together["east"] > together["west"]:
        return t(
            "Protection seekers per hundred foreign nationals: more in the East ({east}) than West ({west})",
            east=east, west=west,
        )  # fmt: skip
    return t(
        "Protection seekers per hundred foreign nationals: fewer in the East ({east}) than West ({west})",
        east=east, west=west,
    )  # fmt: skip


def _told(concept: str, rows: pl.DataFrame) -> str:
    """From the most to the fewest, then East and West together, of one denominator."""
    states = rows.filter(row="state").sort("per_hundred", descending=True)
    high, low = states.row(0, named=True), states.row(-1, named=True)
    groups = dict(rows.filter(row="group").select("part", "per_hundred").rows())
    together = [
        t("{part} together {share}", part=t(wording.PART_WORDS[part]), share=wording.number(groups[part]))
        for part in sorted(groups)
    ]
    parts = {
        "high": wording.number(high["per_hundred"]), "highest": high["region_name"],
        "low": wording.number(low["per_hundred"]), "lowest": low["region_name"], "together": ", ".join(together),
    }  # fmt: skip
    if concept == FOREIGN:
        return t("per hundred foreign nationals from {high} in {highest} to {low} in {lowest}, {together}", **parts)
    return t(
        "per hundred persons with a migration background from {high} in {highest} to {low} in {lowest}, {together}",
        **parts,
    )


def describe(tables: Tables) -> Titles:
    """The words of the chart, computed from `data`."""
    frame = data(tables)
    date = format_date(frame["numerator_date"][0])
    told = [
        _told(str(concept), rows) for (concept,), rows in frame.group_by("denominator_concept", maintain_order=True)
    ]
    together = dict(frame.filter(row="group", denominator_concept=FOREIGN).select("part", "per_hundred").rows())
    sources = {*frame["numerator_source_id"], *frame["denominator_source_id"]}
    return Titles(
        finding=_finding(together),
        shown=t(
            "Persons seeking protection per hundred foreign nationals (filled) and per hundred persons with a "
            "migration background (hollow), 16 states, {date}",
            date=date,
        )
        if frame["denominator_concept"].n_unique() > 1
        else t("Persons seeking protection per hundred foreign nationals, 16 states, {date}", date=date),
        description=t(
            "Dot plot of the states in the order of the first measure: {told}. Circles are western states, squares "
            "eastern ones, the diamond is Berlin. Per person with a migration background the two counts come from "
            "different tables and days, so that is a quotient and no share. Many protection seekers per foreign "
            "national can mean many of the one or few other foreign nationals.",
            told="; ".join(told),
        ),
        source_ids=tuple(sorted(sources)),
        reference=date,
    )


CHART = Chart("protection_seekers", ("analysis.refugee_ratio", "core.region"), draw, data, describe)
