"""What an entry of design.yml may say of places and years: districts, trends, changes, refugees, the key.

Belongs here: the fields of each kind and what contradicts itself within one entry. Not here: the other kinds
(comparisons.py), reading the file (design.py), what the data can carry (carried.py), any statistic.

A headline is a method whose level was shown to hold (tests/analysis/test_analysis_size.py): the permutation of states
without covariates, and given all covariates together. With density alone it is too careful, with other choices of
covariates it was not tried, so such an entry is a sensitivity: `headline: none`. Clustered errors and the bootstrap of
sixteen states reject too often; they never stand without the permutation.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from pipeline.analysis.comparisons import Berlin, Concept, Entry
from pipeline.registry import models

Years = Annotated[Literal["all"] | tuple[int, ...], Field(description="all, or a list of years")]
Weights = Annotated[Literal["none", "population"], Field(description="none: regions count alike; population: persons")]
CovariateName = Literal["log_density", "log_income", "log_gdp", "unemployment"]
ALL_COVARIATES = frozenset(get_args(CovariateName))
DistrictMethod = Literal[
    "fractional_logit_cluster", "permutation", "permutation_residualised", "tost_cluster", "anova", "reml", "morans_i",
]  # fmt: skip
TrendMethod = Literal[
    "mean", "permutation", "ols_cluster_state_effects", "wild_cluster_rademacher", "wild_cluster_webb", "tost_cluster",
]  # fmt: skip
ChangeMethod = Literal["mean", "permutation", "welch", "equivalence"]
RefugeeMethod = Literal["ratio_of_sums", "mean", "permutation", "quotient"]
# Methods of few clusters, and what leads where they stand.
CLUSTERED = (
    "fractional_logit_cluster", "ols_cluster_state_effects", "wild_cluster_rademacher", "wild_cluster_webb",
    "tost_cluster",
)  # fmt: skip
EQUIVALENCE = ("tost_cluster", "equivalence")


class Place(Entry):
    """What all kinds here share."""

    outcome: Annotated[Concept, Field(description="a concept; one an entry")]
    source: Annotated[str, Field(description="the source of the outcome; one an entry")]
    berlin: Annotated[tuple[Berlin, ...], Field(min_length=1)]


class Districts(Place):
    """Districts within states, with or without covariates; a model a year."""

    kind: Literal["districts"]
    years: Years
    covariates: tuple[CovariateName, ...] = ()
    weights: Weights
    methods: Annotated[tuple[DistrictMethod, ...], Field(min_length=1)]
    headline: DistrictMethod | Literal["none"]
    family: Annotated[str, Field(description="comparisons whose p values are adjusted together")]
    equivalence_margin_points: Annotated[float, Field(gt=0, description="percentage points")] | None = None
    margin_reason: str | None = None

    @property
    def permutation(self) -> DistrictMethod:
        """The permutation of states that answers with these covariates."""
        return "permutation_residualised" if self.covariates else "permutation"

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if len(set(self.covariates)) < len(self.covariates):
            raise models.problem("a covariate stands twice", "Name each once.")
        other = "permutation" if self.covariates else "permutation_residualised"
        if other in self.methods:
            given = "with" if self.covariates else "without"
            raise models.problem(f"{other} does not answer {given} covariates", f"Write {self.permutation}.")
        for method in ("anova", "reml"):
            if method in self.methods and (self.covariates or "excluded" not in self.berlin):
                raise models.problem(
                    f"{method} parts the variance of all districts but Berlin, without covariates",
                    "Drop the method, or the covariates, or add Berlin excluded.",
                )
        leads = {self.permutation} if not self.covariates or set(self.covariates) == ALL_COVARIATES else set()
        _hold_methods(self.methods, self.headline, leads, self.permutation)
        _hold_margin(self.methods, self.equivalence_margin_points, self.margin_reason, "equivalence_margin_points")
        return self


class Trend(Place):
    """Slopes of the states over all years between two breaks; shares from marts.share."""

    kind: Literal["trend"]
    years: Years
    weights: Weights
    methods: Annotated[tuple[TrendMethod, ...], Field(min_length=1)]
    headline: TrendMethod | Literal["none"]
    family: Annotated[str, Field(description="comparisons whose p values are adjusted together")]
    equivalence_margin_points_per_year: Annotated[float, Field(gt=0, description="percentage points")] | None = None
    margin_reason: str | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        _hold_methods(self.methods, self.headline, {"permutation"}, "permutation")
        margin = self.equivalence_margin_points_per_year
        _hold_margin(self.methods, margin, self.margin_reason, "equivalence_margin_points_per_year")
        return self


class Change(Place):
    """What the shares of states changed by from one year to another, no break between."""

    kind: Literal["change"]
    changes: Annotated[tuple[tuple[int, int], ...], Field(min_length=1, description="pairs of years, earlier first")]
    weights: Weights
    methods: Annotated[tuple[ChangeMethod, ...], Field(min_length=1)]
    headline: ChangeMethod | Literal["none"]
    family: Annotated[str, Field(description="comparisons whose p values are adjusted together")]
    equivalence_margin_points: Annotated[float, Field(gt=0, description="percentage points")] | None = None
    margin_reason: str | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for first, last in self.changes:
            if first >= last:
                raise models.problem(f"a change from {first} to {last} runs backwards", "Name the earlier year first.")
        if len(set(self.changes)) < len(self.changes):
            raise models.problem("a change stands twice", "Name each once.")
        for method in ("welch", "equivalence"):
            if method in self.methods and self.weights != "none":
                raise models.problem(f"{method} takes every state alike", "Set weights to none, or drop the method.")
        _hold_methods(self.methods, self.headline, {"permutation"}, "permutation")
        _hold_margin(self.methods, self.equivalence_margin_points, self.margin_reason, "equivalence_margin_points")
        return self


class Denominator(BaseModel):
    """Persons that are divided by: `persons_with` of a concept, from one source of marts.share."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    source: str
    concept: Concept


class Refugees(Place):
    """Persons seeking protection per hundred persons of other concepts."""

    kind: Literal["refugees"]
    years: Years
    denominators: Annotated[tuple[Denominator, ...], Field(min_length=1)]
    methods: Annotated[tuple[RefugeeMethod, ...], Field(min_length=1)]
    headline: RefugeeMethod | Literal["none"]
    family: Annotated[str, Field(description="comparisons whose p values are adjusted together")]

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if len(set(self.denominators)) < len(self.denominators):
            raise models.problem("a denominator stands twice", "Name each once.")
        lacking = {"ratio_of_sums", "mean"} - set(self.methods)
        if lacking and {"permutation", "quotient"} & set(self.methods):
            raise models.problem(
                f"a difference or quotient without its sides: {', '.join(sorted(lacking))} is missing",
                "Add ratio_of_sums and mean to `methods`.",
            )
        _hold_methods(self.methods, self.headline, {"permutation"}, "permutation")
        return self


class Key(Place):
    """Shares of the states in an outcome against the Königstein key. All persons are counted, so nothing is tested."""

    kind: Literal["key"]
    years: Years
    key_source: Annotated[str, Field(description="the source of the key")]
    key_year: Annotated[
        Literal["latest"] | int, Field(description="latest: that of the year, else the latest before it; or a year")
    ]
    methods: Annotated[tuple[Literal["arithmetic"], ...], Field(min_length=1)]


def _hold_methods(methods: Collection[str], headline: str, leads: Collection[str], permutation: str) -> None:
    if headline != "none" and headline not in leads:
        raise models.problem(
            f"{headline} is no leading method here: its level was not shown to hold",
            f"Write headline: {' or '.join([*leads, 'none'])}.",
        )
    if headline != "none" and headline not in methods:
        raise models.problem(f"the headline method {headline} is not among the methods", "Add it to `methods`.")
    alone = [method for method in methods if method in CLUSTERED]
    if alone and permutation not in methods:
        raise models.problem(
            f"{', '.join(alone)} without {permutation}: with so few states they reject too often",
            f"Add {permutation} to `methods`.",
        )


def _hold_margin(methods: Collection[str], margin: float | None, reason: str | None, key: str) -> None:
    asked = [method for method in methods if method in EQUIVALENCE]
    if asked and (margin is None or not reason):
        raise models.problem(
            "the margin is missing: the equivalence test is asked for",
            f"Fix {key} and margin_reason before looking, or drop `{asked[0]}`.",
        )
    if margin is not None and not asked:
        raise models.problem(
            "a margin without an equivalence test", f"Add the test to `methods`, or drop `{key}` and its reason."
        )
