"""What a rule of each kind computes: one pure function a kind, from a claim and rows to a finding.

Belongs here: what the kinds share, and the comparisons of one number with figures of studies. Not here: dates and
trends (times.py), results and counts (results.py), the search for what is missing (search.py), the
rules (rules.py), how a row is read (evidence.py), the sentence as a whole (verdicts.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from pipeline.analysis.claims import rules
from pipeline.analysis.claims.evidence import (
    Claim,
    Evidence,
    Figure,
    Finding,
    Interval,
    Role,
    Tables,
    number,
)
from pipeline.errors import InputError
from pipeline.language import SOURCE, listing, named, spoken, t, told

AGREES = "agrees"
SECONDARY = "agrees with a secondary source"
WRONG_YEAR = "wrong year"
DEFINITION = "depends on the definition"
DISAGREE = "sources disagree"
NOT_SUPPORTED = "not supported"
PLAUSIBLE = "order of magnitude plausible"
UNCHECKED = "cannot be checked"
NO_QUANTITY = "not a quantity"
VERDICTS = (
    AGREES, SECONDARY, WRONG_YEAR, DEFINITION, DISAGREE, NOT_SUPPORTED, PLAUSIBLE, UNCHECKED, NO_QUANTITY,
)  # fmt: skip
R = TypeVar("R", bound=rules.Rule)


@dataclass(frozen=True)
class Case(Generic[R]):
    """One claim with its rule and the tables."""

    claim: Claim
    rule: R
    tables: Tables
    rules: rules.Rules

    def figures(self, refs: Iterable[str]) -> list[Figure]:
        return [self.tables.figure(ref) for ref in refs]

    def problem(self, message: str, *at: str, remedy: str) -> InputError:
        """An error at a place of this rule."""
        return self.rules.problem(f"the rule of {self.claim.id} {message}", self.claim.id, *at, remedy=remedy)


def agreement(primary: bool) -> str:
    """A fit with a publisher's own figure, or with one that passed through other hands."""
    return AGREES if primary else SECONDARY


def decided_by(figures: Iterable[Figure]) -> list[Evidence]:
    """The figures a verdict rests on; those of other hands are told apart, those of the article decide nothing."""
    role: dict[bool, Role] = {True: "compared", False: "secondary"}
    return [Evidence(f.id, "alternative" if f.circular else role[f.primary], f.words) for f in figures]


def shown(figures: Iterable[Figure], role: Role) -> list[Evidence]:
    """Figures that stand beside the compared ones."""
    return [Evidence(f.id, role, f.words) for f in figures]


def clauses(words: Sequence[str]) -> str:
    """Clauses one after another; in German, where each has commas of its own, with semicolons."""
    return listing(words) if spoken() == SOURCE else "; ".join(words)


def lowest(numbers: Sequence[Interval]) -> float:
    """The lowest figure the numbers allow."""
    return min(one.lower for one in numbers)


def highest(numbers: Sequence[Interval]) -> float:
    """The highest figure the numbers allow."""
    return max(one.upper for one in numbers)


def granted(percent: float) -> str:
    """The tolerance in words."""
    return t("{number} percent of the claimed figure", number=number(percent)) if percent else as_printed()


def as_printed() -> str:
    """That nothing was granted beyond what printing rounds."""
    return t("none: compared as printed")


def else_than(claim: Claim, clause: str) -> str:
    """The clause with the words that its figure is of another definition."""
    counted = named(claim.row["statement"])
    return t("{clause}, which counts something else than {statement}", clause=clause, statement=counted)


def unchecked(missing: str, clause: str, evidence: Iterable[Evidence] = ()) -> Finding:
    """No verdict is possible, and what is missing for one."""
    told = t("{clause}; missing: {missing}", clause=clause, missing=missing)
    return Finding(UNCHECKED, told, missing=missing, evidence=tuple(evidence))


def numbers_of(case: Case[R], figures: Sequence[Figure]) -> list[tuple[Figure, Interval]]:
    pairs = [(figure, part) for figure in figures for part in figure.parts]
    for figure in figures:
        if not figure.parts:
            raise case.problem(
                f"compares {figure.id}, which holds no number",
                remedy="name a figure that is a number, a range or a list",
            )
    return pairs


def claimed_parts(case: Case[R], tolerance: float) -> list[Interval]:
    if not case.claim.parts:
        raise case.problem(
            f"compares numbers, but the claim says {case.claim.words!r}", remedy="give the claim a rule of another kind"
        )
    if case.claim.row["relation"] == "~" and not tolerance:
        raise case.problem(
            "has no tolerance, but the claim says about", remedy="add tolerance_percent, and its reason to `reason`"
        )
    return [part.widened(tolerance) for part in case.claim.parts]


def _same_definition(figures: Iterable[Figure], says: Sequence[str]) -> bool:
    return not says or all(any(word.lower() in figure.counts.lower() for word in says) for figure in figures)


def _in_year(claim: Claim, figures: Iterable[Figure]) -> bool:
    return all(claim.years is None or f.years is None or claim.years.overlaps(f.years) for f in figures)


def _from_the_article(figures: Sequence[Figure]) -> Finding:
    clause = t("the only figure at hand was read in the article itself")
    return unchecked(t("a source other than the article itself"), clause, decided_by(figures))


def _by_definition(clause: str, figures: Sequence[Figure]) -> str:
    if not figures:
        return clause
    others = listing([figure.clause for figure in figures])
    return t("{clause}; by another definition {others}", clause=clause, others=others)


def figure_equals(case: Case[rules.FigureEquals]) -> Finding:
    """Each part of the claim against one figure: same number, same definition, same year."""
    rule, figures = case.rule, case.figures(case.rule.figures)
    others, definitions = case.figures(rule.alternatives), case.figures(rule.definitions)
    beside = [*shown(others, "alternative"), *shown(definitions, "definition")]
    if any(figure.circular for figure in figures):
        found = _from_the_article(figures)
        return replace(found, evidence=(*found.evidence, *beside))
    claimed, pairs = claimed_parts(case, rule.tolerance_percent), numbers_of(case, figures)
    if len(pairs) != len(claimed):
        raise case.problem(
            f"names {len(pairs)} numbers for the {len(claimed)} of the claim",
            "figures",
            remedy="name one figure for each number; competing_figures compares several with one",
        )
    numbers = [part for _, part in pairs]
    clause = listing([figure.clause for figure in figures])
    if not all(want.fits(part) for want, part in zip(claimed, numbers, strict=True)):
        verdict = NOT_SUPPORTED
    elif not _same_definition(figures, rule.says):
        verdict, clause = DEFINITION, else_than(case.claim, clause)
    elif not _in_year(case.claim, figures):
        verdict, clause = WRONG_YEAR, t("{clause}, which is another year", clause=clause)
    else:
        verdict = agreement(all(figure.primary for figure in figures))
    return Finding(
        verdict,
        _by_definition(clause, definitions),
        found="; ".join(figure.value for figure in figures),
        lower=lowest(numbers),
        upper=highest(numbers),
        distance=max(want.distance(part) for want, part in zip(case.claim.parts, numbers, strict=True)),
        distance_unit=case.claim.unit,
        tolerance=granted(rule.tolerance_percent),
        evidence=(*decided_by(figures), *beside),
    )


def order_of_magnitude(case: Case[rules.OrderOfMagnitude]) -> Finding:
    """A figure that is not quite the same thing, within a factor."""
    figure = case.tables.figure(case.rule.figure)
    if figure.circular:
        return _from_the_article([figure])
    claimed, (_, found) = claimed_parts(case, case.rule.factor)[0], numbers_of(case, [figure])[0]
    small, large = sorted((abs(claimed.value), abs(found.value)))
    fits = large <= small * case.rule.factor
    return Finding(
        PLAUSIBLE if fits else NOT_SUPPORTED,
        figure.clause,
        found=figure.value,
        lower=found.lower,
        upper=found.upper,
        distance=case.claim.parts[0].distance(found),
        distance_unit=case.claim.unit,
        tolerance=t("a factor of {factor} either way", factor=number(case.rule.factor)),
        evidence=tuple(decided_by([figure])),
    )


def competing_figures(case: Case[rules.CompetingFigures]) -> Finding:
    """Several sources against each other and the claim; figures of the article itself take no part."""
    return compete(case, case.figures(case.rule.figures), case.rule.tolerance_percent)


def compete(case: Case[R], figures: Sequence[Figure], tolerance: float) -> Finding:
    """The comparison of competing_figures, for one number claimed and any number of figures."""
    usable = [figure for figure in figures if not figure.circular]
    if not usable:
        return _from_the_article(figures)
    (claimed, *more), pairs = claimed_parts(case, tolerance), numbers_of(case, usable)
    if more or len(pairs) != len(usable):
        raise case.problem("compares more than one number a source", remedy="name the number meant, such as figure[2]")
    numbers = [part for _, part in pairs]
    if all(claimed.fits(part) for part in numbers):
        verdict = agreement(any(figure.primary for figure in usable))
    elif all(one.widened(tolerance).fits(other) for one in numbers for other in numbers):
        verdict = NOT_SUPPORTED
    else:
        verdict = DISAGREE
    return Finding(
        verdict,
        listing([figure.clause_with_host for figure in usable]),
        found="; ".join(figure.value for figure in usable),
        lower=lowest(numbers),
        upper=highest(numbers),
        distance=min(case.claim.parts[0].distance(part) for part in numbers),
        distance_unit=case.claim.unit,
        tolerance=granted(tolerance),
        evidence=tuple(decided_by(figures)),
    )


def sum_check(case: Case[rules.SumCheck]) -> Finding:
    """Shares of one whole add up to no more than all of it; beyond that only an independent figure decides."""
    figures, whole = case.figures(case.rule.figures), 100.0
    parts = []
    for claim_id in case.rule.claims:
        row = case.tables.claim_rows.get(claim_id)
        if row is None or row["unit"] != "percent" or row["relation"] != "=":
            raise case.problem(
                f"adds up {claim_id}, which is no claim of a percentage", "claims", remedy="name claims of percentages"
            )
        parts.append(Claim(row))
    numbers = [part.parts[0] for part in parts]
    total = Interval(sum(n.value for n in numbers), sum(n.lower for n in numbers), sum(n.upper for n in numbers))
    summed = number(round(total.value, 6))
    added = t("the {count} shares of this kind add up to {total} %", count=len(parts), total=summed)
    beside = [
        Evidence(
            part.id,
            "alternative",
            t("the article: {statement} {claimed}", statement=told(part.row["statement"]), claimed=part.words),
        )
        for part in parts
        if part.id != case.claim.id
    ]
    independent = [figure for figure in figures if not figure.circular]
    if total.lower > whole:
        clause = t("{sum}, more than the whole", sum=added)
        finding = Finding(NOT_SUPPORTED, clause, distance=total.lower - whole)
        finding = replace(finding, distance_unit="percent", evidence=tuple(decided_by(figures)))
    elif independent:
        finding = compete(case, figures, 0)
    else:
        clause = t("{sum}, so they may stand side by side, but were read in the article itself", sum=added)
        finding = unchecked(told(case.rule.missing), clause, decided_by(figures))
    return replace(finding, found=finding.found or added, evidence=(*finding.evidence, *beside))


def inequality(case: Case[rules.Inequality]) -> Finding:
    """A figure, with its interval where its base is known, against a bound."""
    rule, figure = case.rule, case.tables.figure(case.rule.figure)
    definitions = case.figures(rule.definitions)
    beside = shown(definitions, "definition")
    if figure.circular:
        finding = _from_the_article([figure])
        return replace(finding, evidence=(*finding.evidence, *beside))
    bound = case.claim.bound if rule.reads_as_less_than is None else ("<", rule.reads_as_less_than)
    if bound is None:
        raise case.problem(
            f"needs a bound, but the claim says {case.claim.words!r}",
            remedy="say with reads_as_less_than how the word is read, or give the claim a rule of another kind",
        )
    sign, limit = bound
    (_, found), *more = numbers_of(case, [figure])
    if more:
        raise case.problem("compares more than one number", "figure", remedy="name the number meant, such as figure[2]")
    span_of, more_words = _with_interval(case, figure, found)
    near = rule.within_percent > 0 and abs(span_of.value - limit) <= rule.within_percent * limit / 100
    # Turned so that `more than` is the only case.
    low, high, value, edge = (
        (span_of.lower, span_of.upper, span_of.value, limit)
        if sign == ">"
        else (-span_of.upper, -span_of.lower, -span_of.value, -limit)
    )
    sampled = span_of.lower != span_of.upper
    holds, open_still = (low > edge, low <= edge < high) if sampled else (value > edge, False)
    clause = figure.clause + more_words
    if holds and not _same_definition([figure], rule.says):
        verdict = DEFINITION
    elif holds:
        verdict = agreement(figure.primary) if _in_year(case.claim, [figure]) else WRONG_YEAR
    elif near or open_still:
        verdict = PLAUSIBLE if _same_definition([figure], rule.says) else DEFINITION
    else:
        verdict = NOT_SUPPORTED
    if verdict == DEFINITION:
        clause = else_than(case.claim, clause)
    if rule.within_percent:
        tolerance = t("{number} percent of the bound", number=number(rule.within_percent))
    elif rule.reads_as_less_than is None:
        tolerance = as_printed()
    else:
        tolerance = t("{words} is read as less than {number}", words=case.claim.words, number=number(limit))
    return Finding(
        verdict,
        _by_definition(clause, definitions),
        found=(figure.value + more_words).strip(),
        lower=span_of.lower,
        upper=span_of.upper,
        distance=max(edge - value, 0.0),
        distance_unit=case.claim.unit if rule.reads_as_less_than is None else "percent",
        tolerance=tolerance,
        evidence=(*decided_by([figure]), *_survey(case, figure), *beside),
    )


def _with_interval(case: Case[rules.Inequality], figure: Figure, found: Interval) -> tuple[Interval, str]:
    """The figure, or 100 minus it, with Wilson's interval where there is one, and the words on both."""
    survey = case.tables.survey_rows.get(figure.id)
    interval = Interval(found.value, found.value, found.value)
    words = ""
    if survey is not None and survey["lower_percent"] is not None:
        interval = Interval(found.value, survey["lower_percent"], survey["upper_percent"])
        low, high = (number(end, 1) for end in (interval.lower, interval.upper))
        words = t(
            ", {low} to {high} % as if the {base} asked were a random sample",
            low=low,
            high=high,
            base=number(survey["base_n"]),
        )
    if case.rule.complement:
        interval = Interval(100 - interval.value, 100 - interval.upper, 100 - interval.lower)
        words += t(", so that {rest} % remain", rest=number(interval.value))
    return interval, words


def _survey(case: Case[rules.Inequality], figure: Figure) -> list[Evidence]:
    survey = case.tables.survey_rows.get(figure.id)
    if survey is None or survey["lower_percent"] is None:
        return []
    low, high = number(survey["lower_percent"], 1), number(survey["upper_percent"], 1)
    words = t("{low} to {high} % of {base}", low=low, high=high, base=number(survey["base_n"]))
    return [Evidence(survey["result_id"], "compared", words)]
