"""The gap between East and West under every defensible choice, side by side.

Belongs here: which results are specifications of the gap, their order and rank. Not here: any estimate: every row is a
result that was computed anyway, and names it.
"""

from __future__ import annotations

import polars as pl

from pipeline.analysis.comparisons import Multiverse
from pipeline.analysis.tables import EAST_WEST, MULTIVERSE, finish, require_columns

UNIT = "percentage points"
_CHOICES = ("year", "source_id", "concept", "level", "berlin", "estimand", "method")


def multiverse(results: pl.DataFrame, entry: Multiverse) -> pl.DataFrame:
    """MULTIVERSE: one row a specification, from the lowest gap to the highest.

    Args:
        results: analysis.east_west, all columns.
        entry: the declared comparisons, Berlin variants, estimands and estimators.

    A specification is a difference in percentage points under one choice of source, year, concept, level, Berlin,
    weights and estimator. Estimators of one quantity share their estimate and differ in interval and p; each is a row.
    rank counts from 1 at the lowest estimate; cumulative_share is rank over the number of specifications, so that the
    rows are the specification curve. weights: persons where shares are pooled, none where regions count alike.
    """
    require_columns(results, tuple(EAST_WEST), "analysis.east_west")
    chosen = results.filter(
        pl.col("quantity") == "difference",
        pl.col("unit") == UNIT,
        pl.col("estimate").is_not_null(),
        pl.col("berlin").is_in(entry.berlin),
        pl.col("estimand").is_in(entry.estimands),
        pl.col("method").is_in(entry.estimators),
        True if entry.comparisons == "all" else pl.col("comparison_id").is_in(entry.comparisons),
    ).sort("estimate", *_CHOICES)
    columns = [name for name in MULTIVERSE if name in results.columns]
    rows = []
    for rank, row in enumerate(chosen.iter_rows(named=True), start=1):
        rows.append(
            {
                **{name: row[name] for name in columns},
                "result_id": f"{entry.id}.{row['result_id']}",
                "comparison_id": entry.id,
                "from_result_id": row["result_id"],
                "from_comparison_id": row["comparison_id"],
                "weights": "persons" if row["estimand"] == "pooled" else "none",
                "rank": rank,
                "cumulative_share": rank / chosen.height,
            }
        )
    return finish(rows, MULTIVERSE, key=["result_id"])
