"""What an entry of design.yml may say of states, percentages and organisations: one model a kind of comparison.

Belongs here: the fields of each kind and what contradicts itself within one entry. Not here: the kinds of places and
years (places.py), reading the file (design.py), what the data can carry (carried.py), any statistic.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from pipeline.registry import models

Berlin = Literal["excluded", "in_east", "in_west"]
Estimand = Literal["pooled", "unweighted"]
Level = Literal["state", "district"]
Part = Literal["east", "west", "berlin"]
# What a comparison of East and West can be made with; methods.py says what each of them is.
Method = Literal[
    "share", "mean", "permutation", "welch", "ols_hc3", "ols_cluster", "fractional_logit", "hedges_g",
    "brunner_munzel", "equivalence", "leave_one_out",
]  # fmt: skip
# Districts of one state resemble each other: a method that takes regions for independent is not offered for them.
DISTRICT_METHODS = ("share", "mean", "permutation", "ols_cluster")
BOTH: tuple[Estimand, ...] = ("pooled", "unweighted")
# Methods that answer for one estimand alone; the others answer for both.
ESTIMANDS_OF: dict[Method, tuple[Estimand, ...]] = {
    "share": ("pooled",),
    "mean": ("unweighted",),
    "welch": ("unweighted",),
    "ols_hc3": ("unweighted",),
    "ols_cluster": ("unweighted",),
    "hedges_g": ("unweighted",),
    "brunner_munzel": ("unweighted",),
    "equivalence": ("unweighted",),
}


def _one_concept(value: object) -> object:
    if isinstance(value, (list, tuple)):
        raise models.problem(
            f"mixed concepts in one comparison: {', '.join(map(str, value))}",
            "Two definitions are two comparisons: write one entry a concept.",
        )
    return value


Concept = Annotated[str, BeforeValidator(_one_concept)]


class Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", description="small letters, digits and _")]
    question: Annotated[str, Field(min_length=10, description="the question in words, with its answer in sight")]


class Sampling(BaseModel):
    """A sample behind the figures of the series, and how much worse than a simple random one it may be."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    fraction: Annotated[float, Field(gt=0, lt=1, description="share of the persons that was interviewed")]
    design_effects: Annotated[tuple[float, ...], Field(min_length=1, description="variance over that of chance")]


class EastWest(Entry):
    """East against West in every declared series of one concept, one universe and one census base."""

    kind: Literal["east_west"]
    outcome: Annotated[Concept, Field(description="a concept of marts.share")]
    groups: Annotated[tuple[Part, ...], Field(description="[east, west]; Berlin is placed by `berlin`")]
    level: Level
    sources: Annotated[tuple[str, ...], Field(min_length=1, description="sources of marts.share")]
    years: Annotated[Literal["all"] | tuple[int, ...], Field(description="all, or a list of years")]
    berlin: Annotated[tuple[Berlin, ...], Field(min_length=1)]
    estimands: Annotated[tuple[Estimand, ...], Field(min_length=1)]
    weights: Annotated[
        Literal["counts", "register", "none"],
        Field(description="counts: numerator and denominator; register: persons of the register; none: no pooling"),
    ]
    methods: Annotated[tuple[Method, ...], Field(min_length=1)]
    headline: Method
    family: Annotated[str, Field(description="comparisons whose p values are adjusted together")]
    equivalence_margin_points: Annotated[float, Field(gt=0, description="percentage points")] | None = None
    margin_reason: str | None = None
    unknown_regions: Literal["left_out", "bounded"] = "left_out"
    sampling: Sampling | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if "berlin" in self.groups:
            raise models.problem(
                "a group of one: Berlin is a single state", "Write [east, west] and place Berlin with `berlin`."
            )
        if len(set(self.groups)) < 2:
            raise models.problem("too few groups: a comparison needs two", "Write groups: [east, west].")
        if self.groups != ("east", "west"):
            raise models.problem("every difference is East minus West", "Write groups: [east, west], in this order.")
        if "equivalence" in self.methods and (self.equivalence_margin_points is None or not self.margin_reason):
            raise models.problem(
                "the margin is missing: the equivalence test is asked for",
                "Fix equivalence_margin_points and margin_reason before looking, or drop `equivalence`.",
            )
        if self.headline not in self.methods:
            raise models.problem(
                f"the headline method {self.headline} is not among the methods", "Add it to `methods`."
            )
        if "pooled" in self.estimands and self.weights == "none":
            raise models.problem("no base: no pooling without weights", "Set `weights`, or drop `pooled`.")
        for method in self.methods:
            if not set(self.estimands) & set(ESTIMANDS_OF.get(method, BOTH)):
                raise models.problem(
                    f"{method} has nothing to say on {', '.join(self.estimands)}",
                    f"Add the estimand {ESTIMANDS_OF[method][0]}, or drop the method.",
                )
        if self.level == "district" and (wrong := [m for m in self.methods if m not in DISTRICT_METHODS]):
            raise models.problem(
                f"districts are not independent observations: {', '.join(wrong)} cannot be used",
                f"Use some of {', '.join(DISTRICT_METHODS)}.",
            )
        if self.level == "state" and "ols_cluster" in self.methods:
            raise models.problem("a state is no cluster of states", "Use ols_hc3 for states.")
        return self


class Side(BaseModel):
    """One published percentage; `base_at_least` names the figure that says how many were asked at least."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    figure: Annotated[str, Field(description="a figure_id of core.study_figure in percent")]
    base_at_least: Annotated[str, Field(description="a figure_id of core.study_figure, more than so many")] | None = (
        None
    )


class Proportions(Entry):
    """Two published percentages of different respondents, first minus second."""

    kind: Literal["proportions"]
    first: Side
    second: Side
    family: str
    incomparable: Annotated[tuple[str, ...], Field(min_length=1, description="why the two differ in more than that")]


class Auxiliary(BaseModel):
    """A population a ratio estimate leans on: persons of a series of states."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    name: str
    series: Annotated[str, Field(description="a series_id of marts.share by state")]
    persons: Literal["persons_with", "persons_total"]


class Definition(BaseModel):
    """One published count of organisations, and what it counts."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    figure: str
    counts: Annotated[str, Field(min_length=10, description="what is counted, in words")]


class Organisations(Entry):
    """The published range of migrant organisations, what it leans on, and what others counted."""

    kind: Literal["organisations"]
    lower: str
    upper: str
    counted: str
    counted_states: Annotated[tuple[str, ...], Field(min_length=1, description="region ids of the states counted")]
    auxiliaries: Annotated[tuple[Auxiliary, ...], Field(min_length=2)]
    definitions: Annotated[tuple[Definition, ...], Field(min_length=2)]


class Multiverse(Entry):
    """Every defensible way to state the gap in percentage points, from results that were computed anyway."""

    kind: Literal["multiverse"]
    comparisons: Annotated[Literal["all"] | tuple[str, ...], Field(description="all, or ids of east_west entries")]
    berlin: Annotated[tuple[Berlin, ...], Field(min_length=1)]
    estimands: Annotated[tuple[Estimand, ...], Field(min_length=1)]
    estimators: Annotated[tuple[Method, ...], Field(min_length=1)]


class Survey(Entry):
    """Published percentages of surveys, each with the interval its base allows."""

    kind: Literal["survey"]
    figures: Annotated[
        Literal["all"] | tuple[str, ...], Field(description="all in percent, or figure_ids of core.study_figure")
    ]
    methods: Annotated[tuple[Literal["wilson"], ...], Field(min_length=1)]


class ClaimIds(BaseModel):
    """The statements that give the share of East, West and Germany."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    east: str
    west: str
    germany: str


class Headline(Entry):
    """The article's statement on East, West and Germany, against every year and definition at hand."""

    kind: Literal["headline"]
    claims: ClaimIds
