"""Specification curve: every declared way to state the gap between East and West, sorted, and the choices beneath.

Belongs here: which results are one dot, the drawing, the words. Not here: the results (analysis.multiverse).

Estimators of one quantity share their estimate and differ in interval and p, so a dot is a gap and not an estimator:
one source, year, level, place of Berlin and weighting. Its stroke is the widest interval any estimator gives.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil, floor
from typing import TYPE_CHECKING

import polars as pl

from pipeline.charts import theme, wording
from pipeline.charts.model import Chart, Tables, Titles
from pipeline.charts.select import FOREIGN, numbers, require, source_ids, table, years
from pipeline.language import mark, t

if TYPE_CHECKING:
    import altair as alt

MULTIVERSE = (
    "result_id", "series_id", "source_id", "year", "concept", "level", "berlin", "weights", "estimand", "method",
    "estimate", "lower", "upper", "p_value",
)  # fmt: skip
LEFT, RIGHT, TOP, BOTTOM = 196, 14, 40, 14
CURVE, GAP, ROW, BLOCK = 270, 40, 20, 14
LEVEL_WORDS = {"state": mark("by state"), "district": mark("by district")}


def data(tables: Tables) -> pl.DataFrame:
    """One row a gap, lowest first: position (Int32), estimate_points, lower_points, upper_points (widest interval of
    its estimators; null without), p_value (exact permutation; null without), concept, source_id, year, level, berlin,
    weights, estimators (";"-joined), result_id (of the first estimator by name). Key: position.

    Raises:
        InputError: no specification.
    """
    rows = table(tables, "analysis.multiverse", MULTIVERSE).filter(pl.col("estimate").is_not_null())
    rows = require(rows, table_name="analysis.multiverse", what="ways to state the gap between East and West")
    choice = ["series_id", "level", "berlin", "estimand"]
    return (
        rows.sort(*choice, "method", "result_id")
        .group_by(choice, maintain_order=True)
        .agg(
            pl.col("concept", "source_id", "year", "weights", "result_id").first(),
            estimate_points=pl.col("estimate").first(),
            lower_points=pl.col("lower").min(),
            upper_points=pl.col("upper").max(),
            p_value=pl.col("p_value").filter(pl.col("method") == "permutation").first(),
            estimators=pl.col("method").unique().sort().str.join(";"),
        )
        .sort("estimate_points", *choice)
        .select(
            pl.int_range(1, pl.len() + 1, dtype=pl.Int32).alias("position"), "estimate_points", "lower_points",
            "upper_points", "p_value", "concept", "source_id", "year", "level", "berlin", "weights", "estimators",
            "result_id",
        )
    )  # fmt: skip


def choices(frame: pl.DataFrame) -> list[tuple[str, list[tuple[str, pl.Expr]]]]:
    """The blocks beneath the curve: their names, and in each the rows with the condition that marks them."""

    def rows(column: str, word: Callable[[str], str], order: Sequence[str] = ()) -> list[tuple[str, pl.Expr]]:
        found = frame[column].unique().to_list()
        ordered = [*(name for name in order if name in found), *sorted(name for name in found if name not in order)]
        words: dict[str, list[str]] = {}
        for name in ordered:
            words.setdefault(word(name), []).append(name)
        return [(text, pl.col(column).is_in(names)) for text, names in words.items()]

    return [
        ("counted", rows("concept", wording.short_concept)),
        ("source", rows("source_id", wording.source)),
        ("Berlin", rows("berlin", lambda berlin: t(wording.BERLIN_WORDS[berlin]), ("excluded", "in_east", "in_west"))),
        ("weights", rows("weights", lambda weights: t(wording.WEIGHT_WORDS[weights]))),
        ("level", rows("level", lambda level: t(LEVEL_WORDS[level]), ("state", "district"))),
    ]


def runs(positions: Sequence[int]) -> list[tuple[int, int]]:
    """Consecutive positions joined: first and last of each run."""
    found: list[tuple[int, int]] = []
    for position in positions:
        if found and found[-1][1] == position - 1:
            found[-1] = (found[-1][0], position)
        else:
            found.append((position, position))
    return found


def draw(tables: Tables) -> alt.LayerChart:
    """Draw the sorted gaps with their intervals, and beneath them a row of strokes for every option of a choice."""
    frame = data(tables)
    rows = choices(frame)
    left = max(LEFT, *(20 + theme.text_width(text) for _, options in rows for text, _ in options))
    width = theme.WIDTH - left - RIGHT
    column = width / frame.height
    ends = [*numbers(frame, "estimate_points"), *numbers(frame, "lower_points"), *numbers(frame, "upper_points"), 0.0]
    low, high = 5 * floor(min(ends) / 5), 5 * ceil(max(ends) / 5)
    scale = CURVE / (high - low)
    grid, ticks, bars, dots, strokes, names, heads = [], [], [], [], [], [], []
    for value in range(low, high + 5, 5):
        at = (high - value) * scale
        grid.append({"x": 0, "x2": width, "y": at, "y2": at, "stroke": theme.INK if value == 0 else theme.GRID})
        ticks.append({"x": 0, "y": at, "text": wording.number(value, 0), "fill": theme.MUTED})
    for row in frame.iter_rows(named=True):
        start = (row["position"] - 1) * column
        at = (high - row["estimate_points"]) * scale
        if row["lower_points"] is not None:
            bars.append(
                {"x": start + column / 2, "x2": start + column / 2, "y": (high - row["upper_points"]) * scale,
                 "y2": (high - row["lower_points"]) * scale, "stroke": "#c9ced4"}
            )  # fmt: skip
        dots.append({"x": start, "x2": start + column, "y": at - 2, "y2": at + 2, "fill": theme.INK})
    y = CURVE + GAP
    for title, options in rows:
        heads.append({"x": 0, "y": y - 3, "x2": width, "y2": y - 3, "stroke": theme.GRID})
        for text, condition in options:
            names.append({"x": 0, "y": y + ROW / 2, "text": text, "fill": theme.INK, "title": title})
            for first, last in runs(frame.filter(condition)["position"].to_list()):
                strokes.append(
                    {"x": (first - 1) * column, "x2": last * column, "y": y + 4, "y2": y + ROW - 4,
                     "fill": theme.RAMP[4]}
                )  # fmt: skip
            y += ROW
        y += BLOCK
    height = y - BLOCK
    px, py = theme.pixel_x(width), theme.pixel_y(height)
    first, last = frame.row(0, named=True), frame.row(-1, named=True)
    captions = [
        {"x": at, "y": (high - row["estimate_points"]) * scale, "text": wording.number(row["estimate_points"]),
         "fill": theme.INK}
        for at, row in ((0, first), (width, last))
    ]  # fmt: skip
    title = {"x": 0, "y": -26, "text": t("East minus West, percentage points"), "fill": theme.MUTED}
    note = {"x": 0, "y": CURVE + 18, "text": t("what was chosen:"), "fill": theme.MUTED}
    return theme.compose(
        theme.segments(grid, px, py, strokeWidth=1),
        theme.segments(heads, px, py, strokeWidth=1, xOffset=8 - left),
        theme.segments(bars, px, py, strokeWidth=1.2),
        theme.boxes(dots, px, py),
        theme.boxes(strokes, px, py),
        theme.labels(ticks, px, py, dx=-10, align="right", fontSize=theme.SMALL),
        theme.labels(names, px, py, dx=-10, align="right", fontSize=theme.SMALL),
        theme.labels([title], px, py, dx=8 - left, fontSize=theme.SMALL),
        theme.labels([note], px, py, dx=8 - left, fontSize=theme.SMALL),
        # Paper around the lowest gap: the intervals pass behind it.
        theme.labels([captions[0] | {"fill": theme.PAPER}], px, py, dx=14, dy=10, fontWeight="bold",
                     stroke=theme.PAPER, strokeWidth=6),
        theme.labels(captions[:1], px, py, dx=14, dy=10, fontWeight="bold"),
        theme.labels(captions[1:], px, py, dy=20, align="right", fontWeight="bold"),
        height=height, top=TOP, bottom=BOTTOM, left=left, right=RIGHT,
    )  # fmt: skip


def _finding(frame: pl.DataFrame) -> str:
    gaps = numbers(frame, "estimate_points")
    near, far = sorted(map(abs, (min(gaps), max(gaps))))
    if max(gaps) < 0 or min(gaps) > 0:
        parts = {"near": wording.number(near), "far": wording.number(far)}
        if max(gaps) < 0:
            return t("Every choice leaves the East below the West, by {near} to {far} points", **parts)
        return t("Every choice leaves the East above the West, by {near} to {far} points", **parts)
    return t(
        "Which side is higher depends on the choices: {low} to {high} points",
        low=wording.number(min(gaps)), high=wording.number(max(gaps)),
    )  # fmt: skip


def describe(tables: Tables) -> Titles:
    """The words of the chart, computed from `data`."""
    frame = data(tables)
    first, *_, last = years(frame) if frame["year"].n_unique() > 1 else years(frame) * 2
    apart = [
        t(
            "{counted} from {low} to {high}",
            counted=name,
            low=wording.number(min(numbers(rows, "estimate_points"))),
            high=wording.number(max(numbers(rows, "estimate_points"))),
        )
        for name, rows in (
            (t("foreign nationality"), frame.filter(concept=FOREIGN)),
            (t("migration background or immigration history"), frame.filter(pl.col("concept") != FOREIGN)),
        )
        if rows.height
    ]
    combinations = wording.number(frame.height, 0)
    return Titles(
        finding=_finding(frame),
        shown=t(
            "Difference of shares, East minus West, in percentage points, in {combinations} combinations of concept, "
            "source, year, Berlin, weights and level, {first} to {last}",
            combinations=combinations, first=first, last=last,
        ),
        description=t(
            "{combinations} short strokes in the order of the gap, each one combination of choices; upright grey lines "
            "are the widest interval any estimator gives. Rows beneath mark what was chosen: the concept counted, the "
            "source, where Berlin was counted, whether persons or regions count alike, states or districts. By "
            "concept: {apart} points. The combinations are not independent of each other and no one of them is right: "
            "their number proves nothing.",
            combinations=combinations, apart="; ".join(apart),
        ),
        source_ids=source_ids(frame),
        reference=wording.span(str(first), str(last)),
    )  # fmt: skip


CHART = Chart("specification_curve", ("analysis.multiverse",), draw, data, describe)
