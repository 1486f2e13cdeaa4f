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
from pipeline.charts.state_rows import Head, draw_rows
from pipeline.language import listing, t

if TYPE_CHECKING:
    import altair as alt


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
    frame = data(tables).rename({"share_percent": "value"})
    states, groups = frame.filter(row="state"), frame.filter(row="group")
    high = max(*numbers(states, "value"), 10)
    top_row = states.filter(position=1).sort("year")
    notes: list[theme.Row] = [
        {"x": row["value"], "y": -6, "text": str(row["year"]), "fill": theme.MUTED}
        for row in top_row.iter_rows(named=True)
    ]
    return draw_rows(
        states.with_columns(hollow=pl.col("year") != pl.col("year").max()),
        groups,
        title=t("percent"),
        axis=theme.ticks(high, step=10 if high <= 60 else 20),
        written=wording.percent,
        head=Head(26, 69, 100, notes, {"align": "center", "fontSize": theme.SMALL}),
        right=22,
    )


def _finding(shares: dict[str, float], year: int) -> str:
    west, east = (wording.percent(shares[part]) for part in ("west", "east"))
    if west == east:
        return t("In {year} West and East without Berlin show the same share, {share}", year=year, share=west)
    if shares["west"] > shares["east"]:
        return t(
            "In {year} the West ({west}) exceeds the East without Berlin ({east})", year=year, west=west, east=east
        )
    return t(
        "In {year} the West ({west}) stays below the East without Berlin ({east})", year=year, west=west, east=east
    )


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
        wording.released(reference, state)
        for reference, state in references.select("reference", "release_state").rows()
    ]
    berlin = latest.filter(part="berlin")
    changed = len(drawn) > 1 and states["census_base"].n_unique() > 1
    told = [
        t(
            "Dot plot of the 16 states in the order of their share in {year}, from {highest} with {high} down to "
            "{lowest} with {low}.",
            year=drawn[-1],
            highest=first["region_name"], high=wording.percent(first["share_percent"]),
            lowest=last["region_name"], low=wording.percent(last["share_percent"]),
        ),
        t(
            "Circles are western states, squares eastern ones, the diamond is Berlin, number {place} with {share}.",
            place=berlin["position"][0], share=wording.percent(berlin["share_percent"][0]),
        ),
        *(
            [t("Filled marks are {year}, hollow ones {earlier}.", year=drawn[-1], earlier=drawn[0])]
            if len(drawn) > 1
            else []
        ),
        t(
            "Dashed lines: West together {west}, East without Berlin together {east}, each person counted once.",
            west=wording.percent(shares["west"]), east=wording.percent(shares["east"]),
        ),
        *(
            [t("The survey was rebased between the two years, so their distance is not a measured change.")]
            if changed
            else []
        ),
    ]  # fmt: skip
    return Titles(
        finding=_finding(shares, drawn[-1]),
        shown=t(
            "Persons with a {concept}, in percent of {universe}, by state, {survey} {period}",
            concept=wording.concept(first["concept"]),
            universe=wording.universe(first["universe"]),
            survey=wording.survey(first["source_id"]),
            period=listing(printed),
        ),
        description=" ".join(told),
        source_ids=source_ids(frame),
        reference=listing(printed),
    )


CHART = Chart("state_dots", ("marts.share", "analysis.east_west"), draw, data, describe)
