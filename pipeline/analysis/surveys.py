"""Intervals of published percentages of surveys.

Belongs here: what a printed percentage of a known number of respondents allows to say. Not here: comparisons
of surveys, shares of persons in statistics of the whole population.

None of these surveys is a random sample, so every interval is as if it were, and is flagged so. A base that
is not published as an exact number is not guessed: no interval then.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from pipeline.analysis import estimators
from pipeline.analysis.comparisons import Survey
from pipeline.analysis.tables import (
    CONFIDENCE_LEVEL,
    STATUS_FLAGS,
    SURVEY_INTERVAL,
    finish,
    join_flags,
    require_columns,
)

STUDY_FIGURE_COLUMNS = (
    "figure_id", "study", "indicator", "category", "year", "value", "relation", "lower", "upper", "unit",
    "base_n", "status",
)  # fmt: skip
RELATION_FLAGS = {
    "=": set(),
    "~": {"approximate_value"},
    ">": {"bound_only"},
    "<": {"bound_only"},
}


def survey_intervals(study_figures: pl.DataFrame, comparisons: Sequence[Survey]) -> pl.DataFrame:
    """SURVEY_INTERVAL, one row a declared figure with the unit percent, in the order of `study_figures`.

    Args:
        study_figures: core.study_figure, columns STUDY_FIGURE_COLUMNS at least; key figure_id. `value`,
            `lower`, `upper` in percent, the latter two being the interval that rounding to the printed digits
            leaves.
        comparisons: entries of the declaration; `all` means every figure in percent.

    Method `wilson` where the base is known and the figure is printed as a value (relation `=` or `~`):
    Wilson's interval at the printed value, and in rounding_* the lower bound at the lower and the upper bound
    at the upper end of the rounding interval, cut to 0..100. Method `none` otherwise, with null bounds and
    the reason as a flag. estimate_percent is null where only a bound, a range, a list or words are printed.
    """
    require_columns(study_figures, STUDY_FIGURE_COLUMNS, "core.study_figure")
    percents = study_figures.filter(pl.col("unit") == "percent").with_columns(
        pl.col("value", "lower", "upper").cast(pl.Float64)
    )
    rows = (
        {**_row(figure), "comparison_id": entry.id}
        for entry in comparisons
        for figure in percents.iter_rows(named=True)
        if entry.figures == "all" or figure["figure_id"] in entry.figures
    )
    return finish(rows, SURVEY_INTERVAL, key=["result_id"])


def _row(figure: dict[str, Any]) -> dict[str, Any]:
    value, base = figure["value"], figure["base_n"]
    flags = set(RELATION_FLAGS.get(figure["relation"], {"not_a_single_value"}))
    if figure["status"] in STATUS_FLAGS:
        flags.add(STATUS_FLAGS[figure["status"]])
    if not base:
        flags.add("base_unknown")
    is_value = figure["relation"] in ("=", "~") and value is not None
    row: dict[str, Any] = {
        **{name: figure[name] for name in ("figure_id", "study", "indicator", "category", "year", "base_n")},
        "result_id": f"survey.{figure['figure_id']}",
        "estimate_percent": value if is_value else None,
        "method": "none",
    }
    if is_value and base:
        flags.add("as_if_random")
        at_value = estimators.wilson(value, base)
        row |= {
            "method": "wilson",
            "lower_percent": at_value.lower,
            "upper_percent": at_value.upper,
            "confidence_level": CONFIDENCE_LEVEL,
        }
        if figure["lower"] is not None and figure["upper"] is not None:
            flags.add("rounded_inputs")
            row["rounding_lower_percent"] = estimators.wilson(max(0.0, figure["lower"]), base).lower
            row["rounding_upper_percent"] = estimators.wilson(min(100.0, figure["upper"]), base).upper
    return {**row, "assumptions": join_flags(flags)}
