"""Rules that compare a claim with results and counts: cities, East and West, rises by year, shares by state.

Belongs here: the kinds headline, count_of_rows, east_below_west, largest_rise and share_of_counts, one pure function
each. Not here: comparisons with figures of studies (kinds.py), how a result is computed (east_west.py,
headline.py).
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from pipeline.analysis.claims import rules
from pipeline.analysis.claims.evidence import (
    PRIMARY,
    SECONDARY_FLAGS,
    Evidence,
    Finding,
    Role,
    Row,
    number,
    years,
)
from pipeline.analysis.claims.kinds import (
    DEFINITION,
    NOT_SUPPORTED,
    WRONG_YEAR,
    Case,
    agreement,
    claimed_parts,
    clauses,
    decided_by,
    unchecked,
)
from pipeline.analysis.headline import BERLIN_WORDS
from pipeline.analysis.tables import BERLIN_VARIANTS
from pipeline.language import listing, t, told, twin

VERDICT_ROW = "headline.verdict"


def is_primary(result: Row) -> bool:
    """Whether a result was computed from the publishers' own figures alone."""
    return not SECONDARY_FLAGS & set((result["assumptions"] or "").split(";"))


def _role(primary: bool) -> Role:
    return "compared" if primary else "secondary"


def headline(case: Case[rules.Headline]) -> Finding:
    """The verdict on the statement of three shares, told for this one of them.

    analysis.headline_claim has held the statement against every year, concept and Berlin variant: the row
    `headline.verdict` names the reading that decided, and its rank orders all others.
    """
    table, claim = case.tables.headline, case.claim
    verdict = table.filter(pl.col("result_id") == VERDICT_ROW)
    own = table.filter((pl.col("claim_ids") == claim.id) & pl.col("rank").is_not_null()).sort("rank")
    if verdict.height != 1 or own.is_empty() or claim.years is None:
        raise case.problem(
            "asks for the headline, but analysis.headline_claim has no reading of this claim",
            remedy="give the claim a rule of another kind, or name it in headline_claim",
        )
    decided = verdict.row(0, named=True)
    best = own.filter(pl.col("rank") == decided["rank"]).row(0, named=True)
    stated = own.filter(pl.col("year") == claim.years.first)
    evidence = [
        Evidence(VERDICT_ROW, "compared", decided[twin("rule")]),
        Evidence(best["result_id"], "compared", _share(best)),
    ]
    outside = number(decided["distance_points"], 2)
    found = t("{share}, {points} points outside at most", share=_share(best), points=outside)
    clause = t("the statement it belongs to fits best in {share}", share=found)
    if best["year"] != claim.years.first and stated.height:
        nearest = stated.row(0, named=True)
        evidence.append(Evidence(nearest["result_id"], "alternative", _share(nearest)))
        clause = t(
            "{best}; the nearest reading of {year} gives {share}",
            best=clause,
            year=nearest["year"],
            share=_share(nearest),
        )
    return Finding(
        decided["verdict"],
        clause,
        found=found,
        lower=best["found_percent"],
        upper=best["found_percent"],
        distance=best["distance_points"],
        distance_unit="percentage points",
        tolerance=t(
            "{low} to {high} % is what the wording admits",
            low=number(best["lower"], 2),
            high=number(best["upper"], 2),
        ),
        evidence=tuple(evidence),
    )


def _share(row: Row) -> str:
    return t(
        "{year} with {share} % ({concept}, {berlin})",
        year=row["year"],
        share=number(row["found_percent"], 1),
        concept=told(row["concept"].replace("_", " ")),
        berlin=t(BERLIN_WORDS[row["berlin"]]),
    )


def count_of_rows(case: Case[rules.CountOfRows]) -> Finding:
    """Cities of a network in a part of the country, with Berlin where each variant puts it."""
    rule = case.rule
    cities = case.tables.cities.filter(case.tables.cities[rule.network].fill_null(False)).rows(named=True)
    of_part = [city for city in cities if city["part"] == rule.part]
    berlin = [city for city in cities if city["part"] == "berlin"]
    counts = {v: len(of_part) + (len(berlin) if v == f"in_{rule.part}" else 0) for v in BERLIN_VARIANTS}
    claimed = claimed_parts(case, 0)[0]
    fits = {variant: claimed.value == count for variant, count in counts.items()}
    alone = [c for c in of_part + berlin if all(s.strip().startswith("article") for s in c["source"].split(";"))]
    mixed = DEFINITION if any(fits.values()) else NOT_SUPPORTED
    verdict = agreement(not alone) if all(fits.values()) else mixed
    in_east = t("{with_berlin} with Berlin in the East, {without} without")
    found = (in_east if rule.part == "east" else t("{with_berlin} with Berlin in the West, {without} without")).format(
        with_berlin=counts[f"in_{rule.part}"], without=counts["excluded"]
    )
    known = t("{number} of them known from the article alone", number=len(alone))
    row = t("{city}: east") if rule.part == "east" else t("{city}: west")
    return Finding(
        verdict,
        t("the list of cities holds {found}, {known}", found=found, known=known),
        found=f"{found}; {known}",
        lower=float(min(counts.values())),
        upper=float(max(counts.values())),
        distance=float(min(abs(claimed.value - count) for count in counts.values())),
        distance_unit="cities",
        tolerance=t("none: counted"),
        evidence=(
            *(
                Evidence(c["city"], "secondary" if c in alone else "compared", row.format(city=c["city"]))
                for c in of_part
            ),
            *(
                Evidence(c["city"], "definition", t("{city}: East or West by definition", city=c["city"]))
                for c in berlin
            ),
        ),
    )


def east_below_west(case: Case[rules.EastBelowWest]) -> Finding:
    """The sign of the pooled difference under every Berlin variant."""
    rows = []
    for index, series in enumerate(case.rule.series):
        for berlin in BERLIN_VARIANTS:
            row = case.tables.result_rows.get(f"{series}.berlin_{berlin}.difference.pooled.share")
            if row is None or row["estimate"] is None:
                raise case.problem(
                    f"names the series {series}, of which analysis.east_west has no difference",
                    "series",
                    str(index),
                    remedy="name a series_id of analysis.east_west, and see analysis.left_out for those left out",
                )
            rows.append(row)
    below = [row["estimate"] < 0 for row in rows]
    in_year = all(
        case.claim.years is None or case.claim.years.first <= row["year"] <= case.claim.years.last for row in rows
    )
    found = [
        t(
            "{points} points with {berlin} in {year}",
            points=number(row["estimate"], 1),
            berlin=t(BERLIN_WORDS[row["berlin"]]),
            year=row["year"],
        )
        for row in rows
    ]
    if not all(below):
        verdict = DEFINITION if any(below) else NOT_SUPPORTED
    else:
        verdict = agreement(all(is_primary(row) for row in rows)) if in_year else WRONG_YEAR
    estimates = [row["estimate"] for row in rows]
    return Finding(
        verdict,
        t("the difference of East minus West is {points}", points=listing(found)),
        found=listing(found),
        lower=min(estimates),
        upper=max(estimates),
        distance=max(0.0, *estimates),
        distance_unit="percentage points",
        tolerance=t("none: below zero under every Berlin variant"),
        evidence=tuple(
            Evidence(row["result_id"], _role(is_primary(row)), words) for row, words in zip(rows, found, strict=True)
        ),
    )


def largest_rise(case: Case[rules.LargestRise]) -> Finding:
    """The pair of years between which the share of all Germany rose most, breaks left out."""
    rule, claim = case.rule, case.claim
    results = case.tables.east_west.filter(
        pl.col("source_id") == rule.source,
        pl.col("concept") == rule.concept,
        pl.col("level") == "state",
        pl.col("result_id").str.ends_with(".berlin_excluded.germany.pooled.share"),
    ).sort("year")
    rows = results.rows(named=True)
    pairs = [
        (earlier, later)
        for earlier, later in itertools.pairwise(rows)
        if later["year"] == earlier["year"] + 1 and later["year"] not in rule.not_into
    ]
    if len(pairs) < 2 or claim.years is None:
        raise case.problem(
            f"names {rule.source} and {rule.concept}, of which analysis.east_west has no three years in a row",
            "source",
            remedy="name a source and concept of analysis.east_west with shares of many years",
        )
    earlier, later = max(pairs, key=lambda pair: pair[1]["estimate"] - pair[0]["estimate"])
    rise = later["estimate"] - earlier["estimate"]
    used = {row["result_id"]: row for pair in pairs for row in pair}
    primary = all(is_primary(row) for row in used.values())
    found = t("from {first} to {then}", first=_in_year(earlier), then=_in_year(later))
    points = number(rise, 1)
    return Finding(
        agreement(primary) if claim.years.first <= later["year"] <= claim.years.last else WRONG_YEAR,
        t(
            "the share of {concept} in Germany rose most {found}, by {points} points; {caveat}",
            concept=told(rule.concept.replace("_", " ")),
            found=found,
            points=points,
            caveat=told(rule.caveat),
        ),
        found=t("{rise}, by {points} points", rise=found, points=points),
        lower=float(later["year"]),
        upper=float(later["year"]),
        distance=float(max(claim.years.first - later["year"], later["year"] - claim.years.last, 0)),
        distance_unit="years",
        tolerance=t("none: same year"),
        evidence=tuple(Evidence(row["result_id"], _role(is_primary(row)), _in_year(row)) for row in used.values()),
    )


def _in_year(row: Row) -> str:
    return t("{share} % in {year}", share=number(row["estimate"], 1), year=row["year"])


@dataclass(frozen=True)
class _Count:
    """Persons of a state, and the rows they were added up from."""

    persons: float
    evidence: tuple[Evidence, ...]


def share_of_counts(case: Case[rules.ShareOfCounts]) -> Finding:
    """Every share that can be computed for an eastern state or for the East, against the claimed bound."""
    if case.claim.bound is None or case.claim.bound[0] != ">":
        raise case.problem("needs a claim of more than something", remedy="give the claim a rule of another kind")
    limit = case.claim.bound[1]
    regions = case.tables.regions.filter(pl.col("level") == "state")
    east = dict(regions.filter(pl.col("part") == "east").select("region_id", "name").iter_rows())
    berlin = dict(regions.filter(pl.col("part") == "berlin").select("region_id", "name").iter_rows())
    shares: list[float] = []
    words, evidence = [], []
    for index, share in enumerate(case.rule.shares):
        whole = _observed(case, share.whole, "shares", str(index), "whole")
        if share.part is not None:
            part = _observed(case, share.part, "shares", str(index), "part")
        else:
            part = _printed(case, share, {**east, **berlin})
        states = [state for state in east if state in part and state in whole]
        if not states:
            continue
        percents = {state: 100 * part[state].persons / whole[state].persons for state in states}
        shares += percents.values()
        low, high = (number(end, 1) for end in (min(percents.values()), max(percents.values())))
        where = (
            t("all {number} eastern states", number=len(east))
            if len(states) == len(east)
            else listing([east[state] for state in states])
        )
        said = t(
            "{share} % of {base} in {where} in {year}",
            share=low if low == high else t("{low} to {high}", low=low, high=high),
            base=told(share.base),
            where=where,
            year=share.whole.year,
        )
        pooled = {
            variant: [*east, *more]
            for variant, more in (("excluded", {}), ("in_east", berlin))
            if all(state in part and state in whole for state in [*east, *more])
        }
        if pooled:
            overall = {
                variant: 100 * sum(part[s].persons for s in of) / sum(whole[s].persons for s in of)
                for variant, of in pooled.items()
            }
            shares += overall.values()
            said += " ({})".format(
                listing(
                    [
                        t("{share} % with {berlin}", share=number(value, 1), berlin=t(BERLIN_WORDS[variant]))
                        for variant, value in overall.items()
                    ]
                )
            )
        words.append(said)
        used = [*states, *(berlin if "in_east" in pooled else ())]
        evidence += [row for state in used for row in (*part[state].evidence, *whole[state].evidence)]
    if not shares:
        missing = t("counts of the part and of the whole for one eastern state")
        return unchecked(missing, t("no share can be computed"))
    above = [value > limit for value in shares]
    if all(above):
        verdict = agreement(all(row.role == "compared" for row in evidence))
    else:
        verdict = DEFINITION if any(above) else NOT_SUPPORTED
    return Finding(
        verdict,
        t("{counted} are {shares}", counted=told(case.rule.counted), shares=clauses(words)),
        found="; ".join(words),
        lower=min(shares),
        upper=max(shares),
        distance=max(limit - max(shares), 0.0),
        distance_unit="percentage points",
        tolerance=t("none: compared as counted"),
        evidence=tuple(evidence),
    )


def _observed(case: Case[rules.ShareOfCounts], selection: rules.Selection, *at: str) -> dict[str, _Count]:
    """Persons by state; districts are added up to their state."""
    rows = case.tables.observations.filter(
        pl.col("source_id") == selection.source,
        pl.col("year") == selection.year,
        pl.col("concept") == selection.concept,
        pl.col("measure") == selection.measure,
        pl.lit(True) if selection.sum_of_parts else pl.col("is_total"),
        pl.col("value").is_not_null(),
    ).join(case.tables.regions.select("region_id", "state_id", "name"), on="region_id")
    if rows.is_empty():
        raise case.problem(
            f"selects {selection.source} {selection.year} {selection.concept}, of which there is no observation",
            *at,
            remedy="name source, year, concept and measure as they stand in core.observation",
        )
    found: dict[str, _Count] = {}
    for (state,), group in rows.sort("observation_id").group_by("state_id", maintain_order=True):
        if state is None:
            continue
        evidence = tuple(
            Evidence(
                row["observation_id"],
                _role(row["status"] in PRIMARY),
                t(
                    "{region}: {number} persons in {year}",
                    region=row["name"],
                    number=number(float(row["value"])),
                    year=row["year"],
                ),
            )
            for row in group.iter_rows(named=True)
        )
        found[str(state)] = _Count(float(group["value"].sum()), evidence)
    return found


def _printed(case: Case[rules.ShareOfCounts], share: rules.Share, states: Mapping[str, str]) -> dict[str, _Count]:
    """Persons by state from figures of studies, matched by the name of the state and the year."""
    ids = {name: state for state, name in states.items()}
    found = {}
    for figure in case.figures(share.part_figures):
        state = ids.get(figure.row["geography"] or "")
        when = years(figure.row["year"])
        fits = when is not None and when.first <= share.whole.year <= when.last
        if state is None or not fits or len(figure.parts) != 1:
            raise case.problem(
                f"takes {figure.id} for persons of an eastern state in {share.whole.year}, which it is not",
                "shares",
                remedy="name figures of one eastern state each, of the year of the whole",
            )
        found[state] = _Count(figure.parts[0].value, tuple(decided_by([figure])))
    return found
