"""The declaration as a table, and how many results each entry has.

Belongs here: one row a declared comparison. Not here: what is declared (design.yml), any result.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import polars as pl

from pipeline.analysis.design import Design
from pipeline.analysis.tables import COMPARISON, finish

# Where results bear the id of the comparison they were declared in.
RESULTS = (
    "analysis.east_west",
    "analysis.sampling_band",
    "analysis.multiverse",
    "analysis.survey_interval",
    "analysis.proportion_comparison",
    "analysis.organisation_density",
    "analysis.organisation_ratio",
    "analysis.organisation_definition",
    "analysis.headline_claim",
    "analysis.district_model",
    "analysis.trend",
    "analysis.refugee_ratio",
    "analysis.key_deviation",
)
SHOWN_APART = {"id", "kind", "question", "headline", "family"}


def comparisons(design: Design, results: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """COMPARISON: one row an entry, in the order of the file.

    Args:
        design: the declaration.
        results: the tables RESULTS, each with comparison_id.

    headline is null where nothing is tested or the entry is a sensitivity, family where nothing is tested; declared is
    the rest of the entry as JSON; results counts its rows in all tables.
    """
    counted: Counter[str] = Counter()
    for name in RESULTS:
        counted.update(dict(results[name].group_by("comparison_id").len().iter_rows()))
    rows = []
    for position, entry in enumerate(design.comparisons, start=1):
        headline = getattr(entry, "headline", "none")
        rows.append(
            {
                "comparison_id": entry.id,
                "position": position,
                "kind": getattr(entry, "kind"),  # noqa: B009 - every kind has one, their common model has not
                "question": entry.question,
                "headline": None if headline == "none" else headline,
                "family": getattr(entry, "family", None),
                "declared": entry.model_dump_json(exclude=SHOWN_APART, exclude_none=True),
                "results": counted[entry.id],
            }
        )
    return finish(rows, COMPARISON, key=["comparison_id"])
