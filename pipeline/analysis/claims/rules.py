"""The rules by which each statement of the article gets its verdict, as data: rules.yml.

Belongs here: the shape of a rule of every kind, reading the file strictly, and holding it against the statements and
figures there are. Not here: what a rule computes (kinds.py), any figure, any verdict.

A rule names rows by their ids and a tolerance with its reason. It holds no number that a row holds, and no verdict.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from pipeline.errors import InputError
from pipeline.registry import strict_yaml

FILE = Path(__file__).with_name("rules.yml")
SHOWN = "pipeline/analysis/claims/rules.yml"
_CLAIM_ID = re.compile(r"C[0-9]{3}")

# A figure by its id; [2] is the second number of a figure that prints several, such as 700 / 20 / 10.
FigureRef = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]*(\[[1-9]\])?$")]
# Words that enter a sentence: a number in them would be a number typed in.
Words = Annotated[str, StringConstraints(min_length=3, pattern=r"^[^0-9]*$")]
Percent = Annotated[float, Field(ge=0, le=100)]
Figures = tuple[FigureRef, ...]
Related = Annotated[
    tuple[str, ...],
    Field(description="rows shown beside the compared ones that decide nothing: figures, claims, cities, results"),
]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Rule(_Model):
    """What every rule has: its kind, and why this rule and this tolerance."""

    kind: str
    reason: Annotated[str, Field(min_length=10, description="why these rows and this tolerance")]
    related: Related = ()


class Headline(Rule):
    """The verdict of analysis.headline_claim on the statement of which this claim is a part."""

    kind: Literal["headline"]


class CountOfRows(Rule):
    """Cities of a network in a part of the country, under each Berlin variant."""

    kind: Literal["count_of_rows"]
    network: Literal["samofa_partner", "bv_nemo_member_may_2019"]
    part: Literal["east", "west"]


class FigureEquals(Rule):
    """A figure, or for a range or a list as many as the claim has parts, within what both were rounded to.

    says: words of which the figure must bear one to count the same thing as the claim; without one of them an equal
    number is another definition.
    """

    kind: Literal["figure_equals"]
    figures: Annotated[Figures, Field(min_length=1)]
    alternatives: Figures = ()
    definitions: Annotated[Figures, Field(description="figures by another definition, named in the sentence")] = ()
    tolerance_percent: Percent = 0
    says: tuple[str, ...] = ()


class OrderOfMagnitude(Rule):
    """A figure of something near by, within a factor either way."""

    kind: Literal["order_of_magnitude"]
    figure: FigureRef
    factor: Annotated[float, Field(gt=1, le=10)]


class CompetingFigures(Rule):
    """Several sources for the same number: do they agree with each other, and with the claim?"""

    kind: Literal["competing_figures"]
    figures: Annotated[Figures, Field(min_length=2)]
    tolerance_percent: Percent = 0


class Selection(_Model):
    """Observations of states, or of districts added up to states, in their current vintage."""

    source: str
    year: int
    concept: str
    measure: Literal["persons_with", "persons_total"] = "persons_with"
    sum_of_parts: Annotated[bool, Field(description="add up the breakdown where the source prints no total")] = False


class Share(_Model):
    """Persons of one selection among persons of another, state by state; figures are matched by their geography."""

    part: Selection | None = None
    part_figures: Figures = ()
    whole: Selection
    base: Annotated[Words, Field(description="what the share is of, in words")]


class ShareOfCounts(Rule):
    """Shares computed from counts for every eastern state and for the East, against the bound the claim states."""

    kind: Literal["share_of_counts"]
    counted: Annotated[Words, Field(description="who is counted in the part, in words")]
    shares: Annotated[tuple[Share, ...], Field(min_length=1)]


class SumCheck(Rule):
    """Shares of one whole: may they stand side by side, and is there an independent figure for this one?"""

    kind: Literal["sum_check"]
    claims: Annotated[tuple[str, ...], Field(min_length=2)]
    figures: Annotated[Figures, Field(min_length=1)]
    missing: Words


class Inequality(Rule):
    """A figure against a bound: the one the claim states, or the one its word is read as.

    complement: 100 percent minus the figure is compared. within_percent: how near to the bound a figure printed in
    round numbers still is of the same size.
    """

    kind: Literal["inequality"]
    figure: FigureRef
    complement: bool = False
    reads_as_less_than: Percent | None = None
    within_percent: Percent = 0
    says: tuple[str, ...] = ()
    definitions: Annotated[Figures, Field(description="figures by another definition, named in the sentence")] = ()


class EastBelowWest(Rule):
    """The pooled difference of East minus West, negative under every Berlin variant."""

    kind: Literal["east_below_west"]
    series: Annotated[tuple[str, ...], Field(min_length=1)]


class DateEquals(Rule):
    """The earliest of the dated figures lies in the year the claim states."""

    kind: Literal["date_equals"]
    figures: Annotated[Figures, Field(min_length=1)]


class ElapsedYears(Rule):
    """The claim's year is so many years into what began with the earliest dated figure."""

    kind: Literal["elapsed_years"]
    figures: Annotated[Figures, Field(min_length=1)]


class LargestRise(Rule):
    """The share of all Germany rose most from one year to the next in the years the claim states."""

    kind: Literal["largest_rise"]
    source: str
    concept: str
    caveat: Annotated[Words, Field(description="what else the share counts, in words")]
    not_into: Annotated[tuple[int, ...], Field(description="years with a break, into which no rise is taken")] = ()


class TrendSeries(_Model):
    """Figures of one definition at different times."""

    of: Words
    figures: Annotated[Figures, Field(min_length=1)]


class Trend(Rule):
    """Series that rise from each dated figure to the next."""

    kind: Literal["trend"]
    series: Annotated[tuple[TrendSeries, ...], Field(min_length=1)]
    missing: Words


class NoEvidence(Rule):
    """Figures and observations that would bear on the claim are searched for; a figure found is compared.

    words: a figure is found if its study, indicator, category, geography or unit holds one of them.
    """

    kind: Literal["no_evidence"]
    words: tuple[str, ...] = ()
    geography: str | None = None
    dated: bool = False
    before: int | None = None
    observations_of: Annotated[str | None, Field(description="a concept; with `before`, up to that year")] = None
    missing: Words
    tolerance_percent: Percent = 0

    @model_validator(mode="after")
    def _searches_for_something(self) -> NoEvidence:
        if not self.words and self.observations_of is None:
            raise ValueError("nothing is searched for: name `words` or `observations_of`")
        return self


class NotAQuantity(Rule):
    """The claim's own columns say that no figure could bear on it."""

    kind: Literal["not_a_quantity"]
    type: tuple[str, ...] = ()
    checkable: Annotated[tuple[str, ...], Field(min_length=1)]
    about: Annotated[Words, Field(description="what the statement is about, in words")]


KINDS: dict[str, type[Rule]] = {
    str(model.model_fields["kind"].annotation.__args__[0]): model  # type: ignore[union-attr]
    for model in (
        Headline, CountOfRows, FigureEquals, OrderOfMagnitude, CompetingFigures, ShareOfCounts, SumCheck, Inequality,
        EastBelowWest, DateEquals, ElapsedYears, LargestRise, Trend, NoEvidence, NotAQuantity,
    )
}  # fmt: skip


class _File(_Model):
    read_in_the_article: Annotated[str, Field(description="note of a figure that was taken from the article itself")]
    rules: dict[str, Any]


@dataclass(frozen=True)
class Rules:
    """The rules by claim id, in the order of the file, with the line of everything typed.

    Attributes:
        by_claim: the rules.
        read_in_the_article: a figure whose note begins so was taken from the article and is no evidence for it.
        document, file: where they were read, for messages.
    """

    by_claim: dict[str, Rule]
    read_in_the_article: str
    document: strict_yaml.Document
    file: str

    def problem(self, message: str, *at: str | int, remedy: str) -> InputError:
        """An error at the place `at` below `rules`, such as ("C031", "figures", 0)."""
        loc: strict_yaml.Loc = ("rules", *at)
        key = ".".join(str(part) for part in at[:2])
        return InputError(message, file=self.file, line=self.document.line(loc), key=key or None, remedy=remedy)


def load_rules(file: Path = FILE, *, shown: str = SHOWN) -> Rules:
    """Read the file of rules.

    Raises:
        InputError: not YAML, a claim twice, a kind that is not there, a key that its kind does not have or lacks;
            with file, line and remedy, everything that is wrong at once.
    """
    document = strict_yaml.load(file.read_text("utf-8"), file=shown)
    read = strict_yaml.validate(_File, document, file=shown)
    rules: dict[str, Rule] = {}
    problems = []
    for claim_id, entry in read.rules.items():
        try:
            rules[claim_id] = _rule(claim_id, entry, document, shown)
        except InputError as error:
            problems.append(error)
    if problems:
        raise strict_yaml.combined(problems, file=shown)
    return Rules(rules, read.read_in_the_article, document, shown)


def _rule(claim_id: str, entry: object, document: strict_yaml.Document, shown: str) -> Rule:
    here: strict_yaml.Loc = ("rules", claim_id)
    if not isinstance(claim_id, str) or not _CLAIM_ID.fullmatch(claim_id) or not isinstance(entry, dict):
        raise InputError(
            f"{claim_id!r} is no rule of a claim",
            file=shown,
            line=document.line(here),
            remedy="write the id of the claim, such as C031, and below it `kind: …` and what the kind needs",
        )
    kind = entry.get("kind")
    if kind not in KINDS:
        guess = strict_yaml.closest(str(kind), KINDS)
        raise InputError(
            f"the rule of {claim_id} has the kind {kind!r}, which is not there",
            file=shown,
            line=document.line((*here, "kind")),
            key=f"{claim_id}.kind",
            remedy=(f"did you mean {guess}? " if guess else "") + f"kinds are {', '.join(KINDS)}",
        )
    # The lines of this entry alone, so that a complaint names the place within it.
    lines = {loc[2:]: line for loc, line in document.lines.items() if loc[:2] == here}
    return strict_yaml.validate(KINDS[kind], strict_yaml.Document(entry, lines), file=shown)


def figure_refs(rule: Rule) -> dict[str, tuple[str | int, ...]]:
    """Every figure a rule names, with the place in the rule where it stands."""
    found: dict[str, tuple[str | int, ...]] = {}

    def walk(value: object, at: tuple[str | int, ...]) -> None:
        if isinstance(value, BaseModel):
            for name in type(value).model_fields:
                walk(getattr(value, name), (*at, name))
        elif isinstance(value, tuple):
            named = at[-1] in ("figures", "alternatives", "definitions", "part_figures")
            for index, item in enumerate(value):
                if named:
                    found[item] = (*at, index)
                else:
                    walk(item, (*at, index))
        elif at and at[-1] == "figure":
            found[str(value)] = at

    walk(rule, ())
    return found


def hold_against(rules: Rules, claims: Collection[str], figures: Collection[str]) -> None:
    """Every claim has a rule, every rule a claim, every figure named is there.

    Args:
        rules: the rules.
        claims: ids of core.claim.
        figures: ids of core.study_figure.

    Raises:
        InputError: everything that is wrong, with line and remedy.
    """
    problems = [
        rules.problem(
            f"the claim {claim_id} has no rule",
            remedy=f"add `{claim_id}:` under `rules` with a kind; no_evidence if nothing bears on it",
        )
        for claim_id in sorted(set(claims) - rules.by_claim.keys())
    ]
    for claim_id, rule in rules.by_claim.items():
        if claim_id not in claims:
            guess = strict_yaml.closest(claim_id, claims)
            problems.append(
                rules.problem(
                    f"there is no claim {claim_id}",
                    claim_id,
                    remedy="remove the rule" + (f", or write {guess}" if guess else ""),
                )
            )
        for ref, at in figure_refs(rule).items():
            if bare(ref) not in figures:
                guess = strict_yaml.closest(bare(ref), figures)
                problems.append(
                    rules.problem(
                        f"the rule of {claim_id} names the figure {bare(ref)}, which is not there",
                        claim_id,
                        *at,
                        remedy=(f"did you mean {guess}? " if guess else "")
                        + "figures are the ids of core.study_figure",
                    )
                )
    if problems:
        raise strict_yaml.combined(problems, file=rules.file)


def bare(ref: str) -> str:
    """The id of a figure without the place of the number meant."""
    return ref.partition("[")[0]
