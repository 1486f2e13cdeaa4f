"""Two published percentages of different respondents, one minus the other.

Belongs here: the difference of a declared pair, its interval where both bases are known, and bounds where not. Not
here: intervals of single percentages (surveys), shares of persons in statistics of the whole population.

None of the surveys is a random sample, so every interval is as if it were; and no two of them asked the same
respondents the same question, so what makes a pair incomparable stands beside it, from the declaration.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

import polars as pl

from pipeline.analysis import effects, families
from pipeline.analysis.comparisons import Proportions, Side
from pipeline.analysis.surveys import RELATION_FLAGS, STUDY_FIGURE_COLUMNS
from pipeline.analysis.tables import (
    PROPORTION_COMPARISON,
    STATUS_FLAGS,
    finish,
    join_flags,
    require_columns,
)

Figure = dict[str, Any]


def proportion_comparisons(study_figures: pl.DataFrame, comparisons: Sequence[Proportions]) -> pl.DataFrame:
    """PROPORTION_COMPARISON, one row a declared pair, first minus second in percentage points.

    Args:
        study_figures: core.study_figure, columns STUDY_FIGURE_COLUMNS at least; key figure_id.
        comparisons: entries whose figures exist (see refuse_what_figures_cannot_carry).

    method `newcombe` where both are printed as values and both bases are known, or known to be at least so many: the
    interval at the printed percentages, and in rounding_* its widest reach over what rounding allows either to be. A
    least base gives an interval that is too wide rather than too narrow, and is flagged. method `bounds` otherwise: no
    interval and no test; rounding_* are the lowest and highest difference of the percentages themselves.
    p_adjusted is Holm's within the family.
    """
    require_columns(study_figures, STUDY_FIGURE_COLUMNS, "core.study_figure")
    used = {
        name
        for entry in comparisons
        for side in (entry.first, entry.second)
        for name in (side.figure, side.base_at_least)
    }
    figures = {
        row["figure_id"]: row
        for row in study_figures.filter(pl.col("figure_id").is_in(used - {None}))
        .with_columns(pl.col("value", "lower", "upper").cast(pl.Float64))
        .iter_rows(named=True)
    }
    rows = [_row(entry, figures) for entry in comparisons]
    families.adjust(rows)
    return finish(rows, PROPORTION_COMPARISON, key=["result_id"])


def _row(entry: Proportions, figures: dict[str, Figure]) -> dict[str, Any]:
    first, second = figures[entry.first.figure], figures[entry.second.figure]
    flags = {"not_comparable"}
    for figure in (first, second):
        flags |= RELATION_FLAGS.get(figure["relation"], {"not_a_single_value"})
        if figure["status"] in STATUS_FLAGS:
            flags.add(STATUS_FLAGS[figure["status"]])
    first_n, second_n = (_base(side, figures, flags) for side in (entry.first, entry.second))
    values: list[float | None] = [
        figure["value"] if figure["relation"] in ("=", "~") else None for figure in (first, second)
    ]
    row: dict[str, Any] = {
        "result_id": f"proportions.{entry.id}",
        "comparison_id": entry.id,
        "first_figure_id": entry.first.figure,
        "second_figure_id": entry.second.figure,
        "base_figure_ids": ";".join(side.base_at_least for side in (entry.first, entry.second) if side.base_at_least),
        "first_percent": values[0],
        "second_percent": values[1],
        "estimand": "respondents",
        "quantity": "difference",
        "method": "bounds",
        "unit": "percentage points",
        "family": entry.family,
        "n_first": first_n,
        "n_second": second_n,
        "incomparable": " ".join(entry.incomparable),
    }
    ends = [_ends(figure, value) for figure, value in zip((first, second), values, strict=True)]
    row["rounding_lower"], row["rounding_upper"] = ends[0][0] - ends[1][1], ends[0][1] - ends[1][0]
    one, other = values
    if one is not None and other is not None:
        row["estimate"] = one - other
        if any(low < high for low, high in ends):
            flags.add("rounded_inputs")
        if first_n and second_n:
            flags.add("as_if_random")
            found = effects.newcombe(one, first_n, other, second_n)
            corners = [effects.newcombe(a, first_n, b, second_n) for a, b in product(*ends)]
            row |= {
                "method": "newcombe",
                "lower": found.lower,
                "upper": found.upper,
                "confidence_level": found.confidence_level,
                "p_value": found.p_value,
                "rounding_lower": min(corner.lower or 0.0 for corner in corners),
                "rounding_upper": max(corner.upper or 0.0 for corner in corners),
            }
    return {**row, "assumptions": join_flags(flags)}


def _base(side: Side, figures: dict[str, Figure], flags: set[str]) -> int | None:
    """How many were asked: the printed base, else the declared least one, else unknown."""
    base = figures[side.figure]["base_n"]
    if base is None and side.base_at_least is not None:
        flags.add("base_is_a_bound")
        return int(figures[side.base_at_least]["value"])
    if base is None:
        flags.add("base_unknown")
    return base


def _ends(figure: Figure, value: float | None) -> tuple[float, float]:
    """The lowest and highest percentage that the printed figure allows; a bound reaches to 0 or 100."""
    least, most = (0.0, 100.0) if value is None else (value, value)
    lower = least if figure["lower"] is None else max(0.0, figure["lower"])
    upper = most if figure["upper"] is None else min(100.0, figure["upper"])
    return lower, upper
