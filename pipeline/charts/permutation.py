"""Histogram: the gap between East and West among all ways to split the states, the observed gap marked.

Belongs here: the drawing and the words for p. Not here: the test itself (analysis.permutation,
analysis.east_west).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor
from typing import TYPE_CHECKING, Any

import polars as pl

from pipeline.charts import theme, wording
from pipeline.charts.model import Chart, Tables, Titles
from pipeline.charts.select import (
    ARTICLE_YEAR,
    CONCEPT,
    EAST_WEST,
    complete_state_series,
    numbers,
    require,
    table,
    years,
)
from pipeline.language import t

if TYPE_CHECKING:
    import altair as alt

LEFT, RIGHT, TOP, BOTTOM = 66, 24, 98, 62
HEIGHT = 280
BERLIN = "excluded"
ROUNDING_SLACK = 1e-9


@dataclass(frozen=True)
class Observed:
    """The tested comparison: one row of analysis.east_west in percentage points, and where it comes from."""

    result_id: str
    series_id: str
    source_id: str
    reference: str
    difference: float
    p_value: float
    n_east: int
    n_west: int


def observed(tables: Tables) -> Observed:
    """The exact permutation test of the series of ARTICLE_YEAR (else of the latest complete one), Berlin left
    out.

    Raises:
        InputError: no complete series, or no permutation result for it.
    """
    series = complete_state_series(tables)
    article = series.filter(year=ARTICLE_YEAR)
    chosen = (article if article.height else series.filter(year=years(series)[-1])).row(0, named=True)
    rows = table(tables, "analysis.east_west", EAST_WEST).filter(
        pl.col("series_id") == chosen["series_id"],
        pl.col("berlin") == BERLIN,
        pl.col("method") == "permutation",
        pl.col("quantity") == "difference",
        pl.col("estimand") == "unweighted",
        pl.col("estimate").is_not_null(),
        pl.col("p_value").is_not_null(),
    )
    what = f"the permutation test of {chosen['series_id']}, Berlin {BERLIN}"
    row = require(rows, table_name="analysis.east_west", what=what).row(0, named=True)
    return Observed(
        row["result_id"], row["series_id"], row["source_id"], chosen["reference"], row["estimate"],
        row["p_value"], row["n_east"], row["n_west"],
    )  # fmt: skip


def data(tables: Tables) -> pl.DataFrame:
    """One row a bar: series_id, berlin, bin_lower, bin_upper (percentage points), splits (Int32), as_far
    (Boolean: the bar lies wholly or partly at least as far from zero as the observed gap). Key: bin_lower.

    Raises:
        InputError: no distribution for the tested series.
    """
    found = observed(tables)
    columns = ["series_id", "berlin", "bin_lower", "bin_upper", "splits"]
    rows = table(tables, "analysis.permutation", columns).filter(series_id=found.series_id, berlin=BERLIN)
    gap = abs(found.difference) - ROUNDING_SLACK
    return (
        require(rows, table_name="analysis.permutation", what=f"{found.series_id}, Berlin {BERLIN}")
        .sort("bin_lower")
        .with_columns(as_far=(pl.col("bin_upper") >= gap) | (pl.col("bin_lower") <= -gap))
    )


def draw(tables: Tables) -> alt.LayerChart:
    """Draw the bars in grey and the observed gap as a line with its value and p in words."""
    frame, found = data(tables), observed(tables)
    width = theme.WIDTH - LEFT - RIGHT
    edges = [*numbers(frame, "bin_lower"), *numbers(frame, "bin_upper"), found.difference]
    step = 5 if max(map(abs, edges)) <= 30 else 10
    low, high = step * floor(min(edges) / step), step * ceil(max(edges) / step)
    x = theme.x_axis(
        t("East minus West, percentage points (means of the states)"),
        list(range(low, high + step, step)), width=width, low=low,
    )  # fmt: skip
    most = max(numbers(frame, "splits"))
    scale = next(s for s in (10, 20, 50, 100, 200, 500, 1000, 2000) if most / s <= 6)
    counts = theme.ticks(most, step=scale)
    top = counts[-1]
    y = theme.y_axis(t("number of splits"), counts, height=HEIGHT, left=LEFT)
    east = theme.PART_STROKE["east"]
    bars = [
        {
            "x": row["bin_lower"],
            "x2": row["bin_upper"],
            "y": 0,
            "y2": row["splits"],
            "fill": east if row["as_far"] else theme.LINE,
        }
        for row in frame.iter_rows(named=True)
        if row["splits"]
    ]
    value = found.difference
    line = {"x": value, "x2": value, "y": 0, "y2": top, "stroke": east}
    left_half = value < (low + high) / 2
    caption = {
        "x": value,
        "y": top,
        "text": [
            t("Observed: {gap} points", gap=wording.number(value)),
            f"{wording.p_value(found.p_value)}, {wording.chance(found.p_value)}",
        ],
        "fill": east,
    }
    edge: dict[str, Any] = {"align": "left", "dx": -3} if left_half else {"align": "right", "dx": 3}
    return theme.compose(
        theme.boxes(bars, x, y, stroke=theme.PAPER, strokeWidth=1),
        theme.segments([line], x, y, strokeWidth=3, y2Offset=-34),
        theme.symbols([{"x": value, "y": 0} | theme.part_symbol("east")], x, y, size=120),
        theme.labels([caption], x, y, dy=-68, **edge),
        height=HEIGHT, top=TOP, bottom=BOTTOM, left=LEFT, right=RIGHT,
    )  # fmt: skip


def _finding(p_value: float) -> str:
    if p_value < 0.01:
        return t("Splitting the states at random almost never gives so large a gap")
    if p_value < 0.05:
        return t("Splitting the states at random seldom gives so large a gap")
    return t("Splitting the states at random gives so large a gap quite often")


def describe(tables: Tables) -> Titles:
    """The words of the chart, computed from `data` and `observed`."""
    frame, found = data(tables), observed(tables)
    splits = int(frame["splits"].sum())
    states = found.n_east + found.n_west
    reached = frame.filter(pl.col("splits") > 0)
    low, high = min(numbers(reached, "bin_lower")), max(numbers(reached, "bin_upper"))
    sides = {"states": states, "n_east": found.n_east, "n_west": found.n_west}
    name = f"{wording.survey(found.source_id)} {found.reference}"
    return Titles(
        finding=_finding(found.p_value),
        shown=t(
            "Difference of the mean shares with a {concept}, for every split of {states} states into {n_east} and "
            "{n_west}, Berlin left out, {name}",
            concept=wording.concept(CONCEPT), name=name, **sides,
        ),
        description=t(
            "Histogram of {splits} differences, one for every way to call {n_east} of {states} states East; they run "
            "from {low} to {high} percentage points. A line marks the observed difference of {gap} points. Two-sided "
            "{p_value}, {chance}. The test reads as if the labels East and West had been drawn at random; it says "
            "nothing about causes.",
            splits=wording.number(splits, 0), low=wording.number(low), high=wording.number(high),
            gap=wording.number(found.difference),
            p_value=wording.p_value(found.p_value), chance=wording.chance(found.p_value),
            n_east=found.n_east, states=states,
        ),
        source_ids=(found.source_id,),
        reference=found.reference,
    )  # fmt: skip


CHART = Chart("permutation", ("marts.share", "analysis.east_west", "analysis.permutation"), draw, data, describe)
