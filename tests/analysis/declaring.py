"""Entries of a declaration for the tests of places and years, and the part a state lies in."""

from __future__ import annotations

from typing import Any

from pipeline.analysis.design import KINDS


def part_of(state_id: str) -> str:
    if state_id == "11":
        return "berlin"
    return "east" if state_id >= "12" else "west"


PLACES: dict[str, dict[str, object]] = {
    "districts": {
        "outcome": "foreign_nationality",
        "source": "foreign_share_districts",
        "years": "all",
        "weights": "none",
        "methods": ("fractional_logit_cluster", "permutation", "anova", "reml", "morans_i"),
        "headline": "permutation",
    },
    "trend": {
        "outcome": "foreign_nationality",
        "source": "foreign_share_states",
        "years": "all",
        "weights": "none",
        "methods": (
            "mean", "permutation", "ols_cluster_state_effects", "wild_cluster_rademacher", "wild_cluster_webb",
        ),
        "headline": "permutation",
    },
    "change": {
        "outcome": "foreign_nationality",
        "source": "foreign_share_states",
        "weights": "none",
        "methods": ("mean", "permutation", "welch"),
        "headline": "permutation",
    },
    "refugees": {
        "outcome": "protection_seekers",
        "source": "seekers",
        "years": "all",
        "methods": ("ratio_of_sums", "mean", "permutation", "quotient"),
        "headline": "permutation",
    },
    "key": {
        "outcome": "protection_seekers",
        "source": "seekers",
        "years": "all",
        "key_source": "key",
        "key_year": "latest",
        "methods": ("arithmetic",),
    },
}  # fmt: skip


def declare_place(kind: str, **changed: object) -> Any:
    """An entry of PLACES; keywords change it."""
    common = {
        "kind": kind,
        "id": f"some_{kind}",
        "question": "By how much?",
        "berlin": ("excluded", "in_east", "in_west"),
    }
    family = {} if kind == "key" else {"family": "places"}
    return KINDS[kind].model_validate(common | family | PLACES[kind] | changed)
