"""The article's statement on the shares of East, West and Germany, against every year and definition at hand.

Belongs here: reading the three claims, the distance of every candidate, and the rules of the verdict as a
table. Not here: the shares themselves (east_west), the other claims.

The statement reads: in 2018 one in four in the West, one in sixteen in the East and a good one in five
overall had a migration background. All its numbers are read from core.claim. It leaves two things open, the
sense of "migration background" and where Berlin belongs, so every reading is tried and the verdict names the
one that fits.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import polars as pl

from pipeline.analysis.comparisons import Headline
from pipeline.analysis.tables import BERLIN_VARIANTS, HEADLINE_CLAIM, finish, require_columns
from pipeline.errors import InputError
from pipeline.language import LANGUAGES, SOURCE, mark, rewritten, speaking, spoken, t, told, twin

Part = Literal["east", "west", "germany"]
PARTS: tuple[Part, ...] = ("east", "west", "germany")

CLAIM_COLUMNS = ("claim_id", "value", "relation", "lower", "upper", "reference_year")
RESULT_COLUMNS = (
    "series_id", "level", "year", "concept", "berlin", "estimand", "quantity", "method", "estimate",
)  # fmt: skip
AGGREGATE_COLUMNS = (
    "series_id", "year", "concept", "region_id", "share_percent", "persons_with", "persons_total", "status",
)  # fmt: skip

# What the statement says, and the definition it is first held against. The publisher's own figures for East
# and West of the Mikrozensus leave Berlin out of the East and count it in the West.
CLAIMED_NOTION = "migration background"
PUBLISHER_BERLIN = "in_west"
NOTIONS = {
    "migration_background_wider": CLAIMED_NOTION,
    "migration_background_narrower": CLAIMED_NOTION,
    "migration_background_zensus2011": CLAIMED_NOTION,
}
# Which published aggregates make up East and West under which Berlin variant.
AGGREGATES: dict[str, dict[Part, str]] = {
    "excluded": {"east": "east", "west": "west", "germany": "DE"},
    "in_east": {"east": "east_with_berlin", "west": "west", "germany": "DE"},
    "in_west": {"east": "east", "west": "west_with_berlin", "germany": "DE"},
}
BERLIN_WORDS = {
    "excluded": mark("Berlin left out"),
    "in_east": mark("Berlin in the East"),
    "in_west": mark("Berlin in the West"),
}


@dataclass(frozen=True)
class Rule:
    """One line of the table of verdicts: which candidates it looks for, and what it says when one fits.

    year: the stated one or another one. notion: the claimed one ("migration background" in any of its
    senses) or any concept. berlin: as the publisher counts it, or any.
    """

    verdict: str
    year: Literal["stated", "other"]
    notion: Literal["claimed", "any"]
    berlin: Literal["publisher", "any"]
    words: str


# Read from the top: the first rule that some candidate satisfies with all three parts within tolerance
# decides. The reading kindest to the statement's own year comes first.
RULES = (
    Rule(
        verdict="agrees",
        year="stated",
        notion="claimed",
        berlin="publisher",
        words=mark("the stated year fits as the publisher defines East and West"),
    ),
    Rule(
        verdict="depends on the definition",
        year="stated",
        notion="claimed",
        berlin="any",
        words=mark("the stated year fits only with Berlin counted otherwise than the publisher does"),
    ),
    Rule(
        verdict="wrong year",
        year="other",
        notion="claimed",
        berlin="publisher",
        words=mark("the stated year does not fit, another year does"),
    ),
    Rule(
        verdict="depends on the definition",
        year="stated",
        notion="any",
        berlin="any",
        words=mark("the stated year fits only for something else than migration background"),
    ),
)
NOT_SUPPORTED = "not supported"
NOT_SUPPORTED_WORDS = mark("no rule is met: the statement as a whole fits in no year and definition that would count")


@dataclass(frozen=True)
class Reading:
    """What a claimed figure admits, in percent: a share fits inside lower..upper.

    "One in n" (a claimed value that is a unit fraction) admits the shares that round to it: 100/(n+0.5) to
    100/(n-0.5), that is 22.2 to 28.6 for one in four and 6.06 to 6.45 for one in sixteen. "More than one in
    n" ("a good one in five") admits what lies between it and one in n-1, both exclusive: 20 to 25. Any other
    value admits the interval its printed digits leave.
    """

    claim_id: str
    claimed_percent: float
    lower: float
    upper: float
    exclusive: bool

    def distance(self, found_percent: float) -> float:
        """Percentage points by which the share lies outside the reading; 0 inside."""
        return max(self.lower - found_percent, found_percent - self.upper, 0.0)

    def fits(self, found_percent: float) -> bool:
        if self.exclusive:
            return self.lower < found_percent < self.upper
        return self.lower <= found_percent <= self.upper


@dataclass(frozen=True)
class Candidate:
    """One series under one Berlin variant: its shares in percent by part; germany may be missing."""

    series_id: str
    year: int
    concept: str
    berlin: str
    shares: dict[Part, float]

    @property
    def complete(self) -> bool:
        return len(self.shares) == len(PARTS)


def headline_claim(
    claims: pl.DataFrame,
    east_west: pl.DataFrame,
    aggregates: pl.DataFrame,
    entry: Headline,
) -> pl.DataFrame:
    """HEADLINE_CLAIM: one row a candidate and part, ranked, and last the row `headline.verdict`.

    Args:
        claims: core.claim, columns CLAIM_COLUMNS at least.
        east_west: analysis.east_west; its pooled shares of states are candidates (districts add up to the
            same states and would be the same candidate twice).
        aggregates: published figures of East, West and Germany with AGGREGATE_COLUMNS at least, one row a
            region (east, west, east_with_berlin, west_with_berlin, DE) and series; share_percent, or
            persons_with and persons_total; may be empty. A figure of the status `contradicted` and persons
            without a base do not enter.
        entry: the declaration, which names the claim of each part.

    Columns: lower and upper are the reading of the claimed figure (see Reading), found_percent the share
    found, distance_points how far it lies outside, ratio_one_in 100 / found_percent. rank orders candidates
    by the greatest distance of the three parts, since the statement holds only if all do; ties in favour of
    the claimed notion, of the publisher's Berlin, of the claimed values themselves and of the stated year,
    in this order. A candidate without all three parts has no rank and decides nothing. verdict is null on
    these rows, since a verdict is on the whole statement, and rule says where the share lies. The row
    `headline.verdict` (part null) carries the verdict, the words of its rule, the candidate that decided it
    (for `not supported`: the nearest) and its greatest distance.

    Raises:
        InputError: a column or claim is missing, a claim has no number or no year, or the years differ.
    """
    require_columns(claims, CLAIM_COLUMNS, "core.claim")
    require_columns(east_west, RESULT_COLUMNS, "analysis.east_west")
    require_columns(aggregates, AGGREGATE_COLUMNS, "the published aggregates")
    stated = {part: _claim(claims, getattr(entry.claims, part)) for part in PARTS}
    readings = {part: _reading(row) for part, row in stated.items()}
    year = _stated_year(stated)
    candidates = [*_computed(east_west), *_published(aggregates)]
    ranked = sorted(
        (candidate for candidate in candidates if candidate.complete),
        key=lambda candidate: _order(candidate, readings, year),
    )
    rows = []
    for rank, candidate in enumerate(ranked, start=1):
        rows.extend(_part_rows(candidate, readings, rank))
    for candidate in candidates:
        if not candidate.complete:
            rows.extend(_part_rows(candidate, readings, None))
    rows.append(_overall(ranked, readings, year))
    return finish(({**row, "comparison_id": entry.id} for row in rows), HEADLINE_CLAIM, key=["result_id"])


def _claim(claims: pl.DataFrame, claim_id: str) -> dict[str, Any]:
    found = claims.filter(pl.col("claim_id") == claim_id)
    if found.height != 1 or found["value"][0] is None:
        raise InputError(
            f"the claim {claim_id} stands {found.height} times or without a number in core.claim",
            key=claim_id,
            remedy="give the claim one row with its value, or name another one in design.yml",
        )
    return found.row(0, named=True)


def _reading(claim: dict[str, Any]) -> Reading:
    value = float(claim["value"])
    one_in = round(100 / value) if value > 0 else 0
    is_unit_fraction = one_in >= 2 and abs(100 / one_in - value) < 1e-9
    if claim["relation"] == ">":
        return Reading(
            claim["claim_id"], value, value, 100 / (one_in - 1) if is_unit_fraction else 100.0, exclusive=True
        )
    if claim["relation"] == "=" and is_unit_fraction:
        return Reading(claim["claim_id"], value, 100 / (one_in + 0.5), 100 / (one_in - 0.5), exclusive=False)
    if claim["lower"] is not None and claim["upper"] is not None:
        return Reading(claim["claim_id"], value, float(claim["lower"]), float(claim["upper"]), exclusive=False)
    raise InputError(
        f"the claim {claim['claim_id']} with the relation {claim['relation']!r} cannot be read as a share",
        key=claim["claim_id"],
        remedy="state the claim as a value or as more than a value, or with its bounds",
    )


def _stated_year(stated: dict[Part, dict[str, Any]]) -> int:
    years = {claim["claim_id"]: re.search(r"\d{4}", claim["reference_year"] or "") for claim in stated.values()}
    numbers = {int(match.group()) for match in years.values() if match}
    if len(numbers) != 1 or not all(years.values()):
        raise InputError(
            f"the claims {', '.join(years)} do not state one and the same year",
            key="reference_year",
            remedy="give each of them the year of the statement in reference_year",
        )
    return numbers.pop()


def _computed(east_west: pl.DataFrame) -> list[Candidate]:
    shares = east_west.filter(
        pl.col("level") == "state",
        pl.col("estimand") == "pooled",
        pl.col("method") == "share",
        pl.col("quantity").is_in(PARTS),
    )
    by_candidate: dict[tuple[str, int, str, str], dict[Part, float]] = {}
    for row in shares.sort("series_id").iter_rows(named=True):
        key = (row["series_id"], row["year"], row["concept"], row["berlin"])
        by_candidate.setdefault(key, {})[row["quantity"]] = row["estimate"]
    return [Candidate(*key, shares) for key, shares in by_candidate.items()]


def _published(aggregates: pl.DataFrame) -> list[Candidate]:
    usable = aggregates.with_columns(
        pl.coalesce(pl.col("share_percent"), 100 * pl.col("persons_with") / pl.col("persons_total"))
        .cast(pl.Float64)
        .alias("share_percent")
    ).filter(pl.col("share_percent").is_not_null(), pl.col("status") != "contradicted")
    candidates = []
    for (series_id, year, concept), rows in usable.sort("series_id").group_by(
        "series_id", "year", "concept", maintain_order=True
    ):
        by_region = dict(rows.select("region_id", "share_percent").iter_rows())
        for berlin, regions in AGGREGATES.items():
            shares: dict[Part, float] = {part: by_region[regions[part]] for part in PARTS if regions[part] in by_region}
            # One of the two alone could stand under either variant: only both together name a definition.
            if "east" in shares and "west" in shares:
                candidates.append(Candidate(str(series_id), int(str(year)), str(concept), berlin, shares))
    return candidates


def _distance(candidate: Candidate, readings: dict[Part, Reading]) -> float:
    return max(readings[part].distance(share) for part, share in candidate.shares.items())


def _order(candidate: Candidate, readings: dict[Part, Reading], year: int) -> tuple[float | int | str, ...]:
    from_values = max(
        (
            abs(share - readings[part].claimed_percent)
            for part, share in candidate.shares.items()
            if not readings[part].exclusive
        ),
        default=0.0,
    )
    return (
        # Rounded, so that the last bit of a sum does not decide between candidates that tie.
        round(_distance(candidate, readings), 9),
        NOTIONS.get(candidate.concept) != CLAIMED_NOTION,
        candidate.berlin != PUBLISHER_BERLIN,
        round(from_values, 9),
        abs(candidate.year - year),
        candidate.series_id,
        BERLIN_VARIANTS.index(candidate.berlin),
    )


def _satisfies(candidate: Candidate, rule: Rule, year: int) -> bool:
    return (
        (candidate.year == year) == (rule.year == "stated")
        and (rule.notion == "any" or NOTIONS.get(candidate.concept) == CLAIMED_NOTION)
        and (rule.berlin == "any" or candidate.berlin == PUBLISHER_BERLIN)
    )


def _part_rows(candidate: Candidate, readings: dict[Part, Reading], rank: int | None) -> list[dict[str, Any]]:
    rows = []
    for part, share in candidate.shares.items():
        reading = readings[part]
        rows.append(
            {
                **_identity(candidate),
                "result_id": f"headline.{part}.{candidate.series_id}.berlin_{candidate.berlin}",
                "part": part,
                "claim_ids": reading.claim_id,
                "claimed_percent": reading.claimed_percent,
                "found_percent": share,
                "lower": reading.lower,
                "upper": reading.upper,
                "distance_points": reading.distance(share),
                "ratio_one_in": 100 / share if share else None,
                "rank": rank,
                **_in_each_language(partial(_placed, reading, share)),
            }
        )
    return rows


def _overall(ranked: list[Candidate], readings: dict[Part, Reading], year: int) -> dict[str, Any]:
    if not ranked:
        raise InputError(
            "no series carries a share of East, West and Germany, so the statement cannot be checked",
            key="analysis.east_west",
            remedy="materialise analysis.east_west from series with all sixteen states",
        )
    fitting = [
        candidate for candidate in ranked if all(readings[part].fits(share) for part, share in candidate.shares.items())
    ]
    verdict, words, decided = next(
        (
            (rule.verdict, rule.words, candidate)
            for rule in RULES
            for candidate in fitting
            if _satisfies(candidate, rule, year)
        ),
        (NOT_SUPPORTED, NOT_SUPPORTED_WORDS, ranked[0]),
    )
    in_stated_year = [candidate for candidate in ranked if candidate.year == year]
    same_notion = [c for c in in_stated_year if NOTIONS.get(c.concept) == CLAIMED_NOTION]
    nearest = same_notion[0] if same_notion and same_notion[0] != decided else None
    known = decided.concept in {candidate.concept for candidate in in_stated_year}

    def rule() -> str:
        said = [t(words), _named(decided, readings)]
        if nearest is not None:
            said.append(t("nearest for {year}: {reading}", year=year, reading=_named(nearest, readings)))
        # A fit in another year proves the year wrong only as far as the stated year is known in the same sense.
        if not known:
            said.append(t("no share of {concept} for {year} is at hand", concept=_concept(decided), year=year))
        return "; ".join(said)

    return {
        **_identity(decided),
        "result_id": "headline.verdict",
        "claim_ids": ";".join(readings[part].claim_id for part in PARTS),
        "distance_points": _distance(decided, readings),
        "rank": ranked.index(decided) + 1,
        "verdict": verdict,
        **_in_each_language(rule),
    }


def _identity(candidate: Candidate) -> dict[str, Any]:
    return {
        "series_id": candidate.series_id,
        "year": candidate.year,
        "concept": candidate.concept,
        "berlin": candidate.berlin,
    }


def _in_each_language(rule: Callable[[], str]) -> dict[str, str]:
    """The column rule, and its twin in every other language."""
    found = {}
    for language in LANGUAGES:
        with speaking(language):
            found[twin("rule")] = rule()
    return found


def _placed(reading: Reading, share: float) -> str:
    within, outside = t("{share} % lies within {low} to {high} %"), t("{share} % lies outside {low} to {high} %")
    return (within if reading.fits(share) else outside).format(
        share=rewritten(f"{share:.1f}"), low=rewritten(f"{reading.lower:.2f}"), high=rewritten(f"{reading.upper:.2f}")
    )


def _named(candidate: Candidate, readings: dict[Part, Reading]) -> str:
    return t(
        "{year}, {concept}, {berlin}, {distance} points outside",
        year=candidate.year,
        concept=_concept(candidate),
        berlin=t(BERLIN_WORDS[candidate.berlin]),
        distance=rewritten(f"{_distance(candidate, readings):.2f}"),
    )


def _concept(candidate: Candidate) -> str:
    """The id, for which the page has names; in another language its words."""
    return candidate.concept if spoken() == SOURCE else told(candidate.concept.replace("_", " "))
