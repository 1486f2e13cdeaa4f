"""Rules on time: a year against the earliest dated figure, years elapsed since, and whether figures rise.

Belongs here: the kinds date_equals, elapsed_years and trend, one pure function each. Not here: results by year
(results.py), how a printed year is read (evidence.years).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from functools import reduce

from pipeline.analysis.claims import rules
from pipeline.analysis.claims.evidence import Evidence, Figure, Finding, number, when
from pipeline.analysis.claims.kinds import (
    DEFINITION,
    NOT_SUPPORTED,
    WRONG_YEAR,
    Case,
    R,
    agreement,
    clauses,
    decided_by,
    shown,
    unchecked,
)
from pipeline.language import t, told


def _undated(figures: Sequence[Figure]) -> Finding:
    missing, clause = t("a dated figure other than the article's"), t("no figure at hand bears a date")
    return unchecked(missing, clause, decided_by(figures))


def _earliest(figures: Iterable[Figure]) -> list[Figure]:
    dated = [figure for figure in figures if figure.years is not None and not figure.circular]
    if not dated:
        return []
    first = min(figure.years.middle for figure in dated if figure.years)
    return [figure for figure in dated if figure.years and figure.years.middle == first]


def date_equals(case: Case[rules.DateEquals]) -> Finding:
    """The year of the earliest dated figure against the year claimed."""
    return dated(case, case.figures(case.rule.figures))


def dated(case: Case[R], figures: Sequence[Figure]) -> Finding:
    """The comparison of date_equals."""
    first = _earliest(figures)
    if not first or case.claim.years is None:
        return _undated(figures)
    best = next((figure for figure in first if figure.primary), first[0])
    span = best.years
    assert span is not None  # noqa: S101  (kept by _earliest)
    claimed = case.claim.years
    fits = claimed.overlaps(span)
    year = when(best.row["year"])
    return Finding(
        agreement(best.primary) if fits else WRONG_YEAR,
        t("the earliest dated figure at hand is of {year}: {figure}", year=year, figure=best.clause),
        found=year,
        lower=float(span.first),
        upper=float(span.last),
        distance=float(max(claimed.first - span.last, span.first - claimed.last, 0)),
        distance_unit="years",
        tolerance=t("none: same year"),
        evidence=tuple(decided_by(figures)),
    )


def elapsed_years(case: Case[rules.ElapsedYears]) -> Finding:
    """Counting the year of the earliest dated figure as the first, which one is the claim's year?"""
    figures = case.figures(case.rule.figures)
    first = _earliest(figures)
    if not first or case.claim.years is None or not case.claim.parts:
        return _undated(figures)
    best = next((figure for figure in first if figure.primary), first[0])
    start = best.years.first if best.years else 0
    counted = float(case.claim.years.first - start + 1)
    claimed = case.claim.parts[0]
    return Finding(
        agreement(best.primary) if claimed.value == counted else WRONG_YEAR,
        t(
            "counted from the earliest dated figure at hand it is year {number}: {figure}",
            number=number(counted),
            figure=best.clause,
        ),
        found=t("year {number}", number=number(counted)),
        lower=counted,
        upper=counted,
        distance=abs(claimed.value - counted),
        distance_unit="years",
        tolerance=t("none: same year"),
        evidence=tuple(decided_by(figures)),
    )


def trend(case: Case[rules.Trend]) -> Finding:
    """Does every series rise from each dated figure to the next?"""
    rising: dict[str, bool] = {}
    evidence: list[Evidence] = []
    words, primary = [], True
    for series in case.rule.series:
        figures = case.figures(series.figures)
        points = [f for f in figures if f.years is not None and f.parts and not f.circular]
        points.sort(key=lambda f: f.years.middle if f.years else 0)
        if len({f.years.middle for f in points if f.years}) < 2:
            evidence += shown(figures, "alternative")
            continue
        pairs = itertools.pairwise(f.parts[0].value for f in points)
        rising[series.of] = all(later > earlier for earlier, later in pairs)
        published = [f for f in points if f.primary]
        primary = primary and len(published) >= 2
        evidence += decided_by(points)
        steps = [f"{f.value} ({when(f.row['year'])})" for f in points]
        said = reduce(lambda before, after: t("{before} to {after}", before=before, after=after), steps)
        words.append(t("{series} went from {steps}", series=told(series.of), steps=said))
    if not rising:
        clause = t("there are not two dated figures of one definition")
        return unchecked(told(case.rule.missing), clause, evidence)
    if all(rising.values()):
        verdict = agreement(primary)
    elif any(rising.values()):
        verdict = DEFINITION
    else:
        verdict = NOT_SUPPORTED
    return Finding(
        verdict,
        clauses(words),
        found="; ".join(
            t("{series}: rising", series=told(of)) if up else t("{series}: not rising", series=told(of))
            for of, up in rising.items()
        ),
        tolerance=t("none: each figure above the one before"),
        evidence=tuple(evidence),
    )
