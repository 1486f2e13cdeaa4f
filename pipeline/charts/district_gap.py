"""Dots and intervals: the gap between eastern and western districts, as they are and within what describes them.

Belongs here: the choice of the year, the drawing and the words. Not here: the models (analysis.district_model).
"""

from __future__ import annotations

from math import floor
from typing import TYPE_CHECKING

import polars as pl

from pipeline.charts import theme, wording
from pipeline.charts.model import Chart, Tables, Titles
from pipeline.charts.select import numbers, require, source_ids, table
from pipeline.language import t

if TYPE_CHECKING:
    import altair as alt

BERLIN = ("excluded", "in_east", "in_west")
MODEL = (
    "result_id", "series_id", "source_id", "year", "census_base", "berlin", "covariates", "term", "estimand",
    "quantity", "method", "estimate", "lower", "upper", "p_value", "n_east", "n_west", "states_east", "states_west",
)  # fmt: skip

LEFT, RIGHT, TOP, BOTTOM = 176, 168, 8, 62
HEADER, LINE, ROW = 40, 19, 28
HEADER_CHARACTERS = 66


def data(tables: Tables) -> pl.DataFrame:
    """One row a model and place of Berlin: covariates, berlin, year, estimate_points, lower_points, upper_points
    (percentage points, clustered by state), p_value (exact, labels dealt to whole states), n_east, n_west,
    states_east, states_west, source_id, result_id. Key: covariates, berlin; few covariates first.

    The source and year with the most models are drawn, then the newest.

    Raises:
        InputError: no gap between districts with an interval.
    """
    rows = table(tables, "analysis.district_model", MODEL).filter(
        pl.col("quantity") == "difference", pl.col("term") == "east", pl.col("estimand") == "unweighted"
    )
    fitted = rows.filter(pl.col("method") == "fractional_logit_cluster", pl.col("lower").is_not_null())
    fitted = require(fitted, table_name="analysis.district_model", what="the gap between eastern and western districts")
    place = ["source_id", "year", "census_base"]
    chosen = (
        fitted.group_by(place)
        .agg(models=pl.col("covariates").n_unique())
        .sort(["models", "year", "source_id", "census_base"], descending=[True, True, False, True])
        .head(1)
    )
    exact = rows.filter(pl.col("method").str.starts_with("permutation")).select(
        *place, "berlin", "covariates", exact="p_value"
    )
    return (
        fitted.join(chosen, on=place)
        .join(exact, on=[*place, "berlin", "covariates"], how="left")
        .with_columns(
            many=pl.when(pl.col("covariates") == "none")
            .then(0).otherwise(pl.col("covariates").str.count_matches(";") + 1),
            order=pl.col("berlin").replace_strict({name: i for i, name in enumerate(BERLIN)}),
        )
        .sort("many", "covariates", "order")
        .select(
            "covariates", "berlin", "year", estimate_points="estimate", lower_points="lower", upper_points="upper",
            p_value="exact", n_east="n_east", n_west="n_west", states_east="states_east", states_west="states_west",
            source_id="source_id", result_id="result_id",
        )
    )  # fmt: skip


def draw(tables: Tables) -> alt.LayerChart:
    """Draw one block a model and one row a place of Berlin: dot, interval, and both as figures."""
    frame = data(tables)
    width = theme.WIDTH - LEFT - RIGHT
    step = 2 if max(map(abs, numbers(frame, "lower_points") + numbers(frame, "upper_points"))) <= 12 else 5
    low = step * floor(min(0, *numbers(frame, "lower_points")) / step)
    axis = [float(low)]
    while axis[-1] < max(0, *numbers(frame, "upper_points")):
        axis.append(axis[-1] + step)
    headers, names, figures, dots, bars, guides, masks, noughts = [], [], [], [], [], [], [], []
    y = 0.0
    for (covariates,), rows in frame.group_by("covariates", maintain_order=True):
        header = wording.wrap(wording.model(str(covariates)), HEADER_CHARACTERS)
        headers.append({"x": low, "y": y + 24, "text": header, "fill": theme.INK})
        high = HEADER + LINE * (len(header) - 1)
        masks.append({"x": low, "x2": axis[-1], "y": y, "y2": y + high, "fill": theme.PAPER})
        y += high
        noughts.append({"x": 0, "x2": 0, "y": y, "y2": y + ROW * rows.height, "stroke": theme.INK})
        for row in rows.iter_rows(named=True):
            at = y + ROW / 2
            ends = (row["lower_points"], row["upper_points"])
            names.append({"x": low, "y": at, "text": t(wording.BERLIN_WORDS[row["berlin"]]), "fill": theme.MUTED})
            guides.append({"x": low, "x2": axis[-1], "y": at, "y2": at, "stroke": theme.GRID})
            bars.append({"x": ends[0], "x2": ends[1], "y": at, "y2": at, "stroke": theme.LINE})
            dots.append(
                {"x": row["estimate_points"], "y": at, "shape": "circle", "fill": theme.INK, "stroke": theme.INK}
            )
            text = f"{wording.number(row['estimate_points'])} ({wording.span(*map(wording.number, ends))})"
            figures.append({"x": axis[-1], "y": at, "text": text, "fill": theme.INK})
            y += ROW
    x = theme.x_axis(t("East minus West, percentage points"), axis, width=width, low=low)
    py = theme.pixel_y(y)
    return theme.compose(
        theme.boxes(masks, x, py, xOffset=-2, x2Offset=2),
        theme.segments(guides, x, py, strokeWidth=1, strokeDash=[1, 4]),
        theme.segments(noughts, x, py, strokeWidth=1.5),
        theme.segments(bars, x, py, strokeWidth=5),
        theme.symbols(dots, x, py, size=110),
        theme.labels(headers, x, py, dx=14 - LEFT, fontWeight="bold"),
        theme.labels(names, x, py, dx=-14, align="right", fontSize=theme.SMALL),
        theme.labels(figures, x, py, dx=12, fontSize=theme.SMALL),
        height=y, top=TOP, bottom=BOTTOM, left=LEFT, right=RIGHT,
    )  # fmt: skip


def _finding(frame: pl.DataFrame) -> str:
    rows = frame.filter(berlin=frame["berlin"][0])
    first, last = rows.row(0, named=True), rows.row(-1, named=True)
    before, after = abs(first["estimate_points"]), abs(last["estimate_points"])
    parts = {"before": wording.number(before), "after": wording.number(after)}
    if rows.height == 1:
        return t("Eastern and western districts lie {before} points apart", before=parts["before"])
    if last["lower_points"] <= 0 <= last["upper_points"]:
        return t("Among districts alike in structure the gap is not told apart from nought")
    if (first["estimate_points"] < 0) != (last["estimate_points"] < 0):
        return t("Among districts alike in structure the gap turns its sign")
    if after < before:
        return t("Among districts alike in structure the gap remains, but narrows: {before} to {after} points", **parts)
    if after > before:
        return t("Among districts alike in structure the gap remains, but widens: {before} to {after} points", **parts)
    return t("Among districts alike in structure the gap stays the same: {before} points", before=parts["before"])


def describe(tables: Tables) -> Titles:
    """The words of the chart, computed from `data`."""
    frame = data(tables)
    first = frame.row(0, named=True)
    told = "; ".join(
        f"{wording.model(row['covariates'])}, {t(wording.BERLIN_WORDS[row['berlin']])}: "
        f"{wording.number(row['estimate_points'])} "
        f"({wording.span(wording.number(row['lower_points']), wording.number(row['upper_points']))}"
        + (f", {wording.p_value(p)})" if (p := row["p_value"]) is not None else ")")
        for row in frame.iter_rows(named=True)
    )
    return Titles(
        finding=_finding(frame),
        shown=t(
            "Difference of foreign shares, eastern minus western districts, with 95 % intervals clustered by state, "
            "{date}",
            date=wording.year_end(first["year"]),
        ),
        description=t(
            "One block a model, one dot a place of Berlin; bars are intervals. {told}. The p is that of dealing the "
            "labels East and West to whole states. Covariates describe districts as they are and may follow from what "
            "made East and West differ, so no gap here is an effect of anything.",
            told=told,
        ),
        source_ids=source_ids(frame),
        reference=wording.year_end(first["year"]),
    )


CHART = Chart("district_gap", ("analysis.district_model",), draw, data, describe)
