"""Persons seeking protection per person with migration background or of foreign nationality, East and West.

Belongs here: which counts are divided, what the quotient is called, and what makes the two counts differ. Not here:
the distribution over states against a key (key), shares in the population (east_west).

The register of foreigners counts persons seeking protection where their authority is; some authorities count for
several districts, so only states are compared. A quotient with a denominator of the same register and day is a share;
one with persons of a survey is not, and its rows say which concept, universe and date each part has.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl

from pipeline.analysis import estimators, families
from pipeline.analysis.estimators import Estimate
from pipeline.analysis.places import Key, Refugees
from pipeline.analysis.series import GROUPS, STATES
from pipeline.analysis.tables import REFUGEE_RATIO, STATUS_FLAGS, finish, join_flags, require_columns
from pipeline.errors import InputError

SEEKER_COLUMNS = (
    "source_id", "year", "reference_date", "concept", "universe", "region_id", "state_id", "part", "persons", "status",
    "observation_id",
)  # fmt: skip
SHARE_COLUMNS = (
    "series_id", "source_id", "year", "reference", "reference_date", "concept", "universe", "release_state", "level",
    "state_id", "part", "persons_with", "status",
)  # fmt: skip
# Universes of the Mikrozensus: it asks throughout the year, so its figure holds for no day.
SURVEYED = {"private_households", "main_residence"}


def seekers_of(seekers: pl.DataFrame, entry: Refugees | Key) -> dict[int, pl.DataFrame]:
    """The rows of marts.protection_seekers an entry is about, by year, the earliest first.

    Raises:
        InputError: a column is missing.
    """
    require_columns(seekers, SEEKER_COLUMNS, "marts.protection_seekers")
    own = seekers.filter(pl.col("source_id") == entry.source, pl.col("concept") == entry.outcome)
    years = sorted(own["year"].unique()) if entry.years == "all" else entry.years
    return {year: own.filter(pl.col("year") == year) for year in years}


def seekers_by_state(of_year: pl.DataFrame) -> pl.DataFrame:
    """Persons seeking protection of a year, one row a state: state_id, part, persons; sorted by state_id.

    Raises:
        InputError: the year mixes days, a figure is not known, or a state has no row.
    """
    days = of_year["reference_date"].n_unique()
    states = of_year["state_id"].n_unique()
    unknown = of_year["persons"].null_count()
    if days > 1 or unknown or states != sum(STATES.values()):
        reason = f"{unknown} figures are not known" if unknown else f"{states} of 16 states, {days} days"
        raise InputError(
            f"persons seeking protection of {of_year['year'].max()} cannot be summed up by state: {reason}",
            key="persons",
            remedy="name a year that the source holds complete",
        )
    return of_year.group_by("state_id", "part").agg(pl.col("persons").sum()).sort("state_id")


def refugee_ratios(seekers: pl.DataFrame, share: pl.DataFrame, comparisons: Sequence[Refugees]) -> pl.DataFrame:
    """REFUGEE_RATIO: one row a declared comparison, year, denominator, quantity and estimand.

    Args:
        seekers: marts.protection_seekers, columns SEEKER_COLUMNS at least.
        share: marts.share, columns SHARE_COLUMNS at least; `persons_with` of states is the denominator.
        comparisons: entries of the declaration.

    `state` for each state; `east`, `west`, `difference`, `ratio` for each variant and `germany` once, per 100 persons:
    `pooled` by `ratio_of_sums` (a person), `unweighted` by `mean` (a state, Student's interval); the difference with
    the exact p of `permutation` of states, the ratio by `quotient`. A denominator that is not there in the year, or not
    complete, gives one row `not_computed` with a flag: nothing is taken from another year. p_adjusted is Holm's within
    the family, of the headline method alone.

    Raises:
        InputError: a column is missing, or the persons of a year cannot be summed up (see seekers_by_state).
    """
    require_columns(share, SHARE_COLUMNS, "marts.share")
    rows = [
        row
        for entry in comparisons
        for of_year in seekers_of(seekers, entry).values()
        for row in _of_year(entry, of_year, share)
    ]
    headlines = {entry.id: entry.headline for entry in comparisons}
    families.adjust(row for row in rows if row["method"] == headlines[row["comparison_id"]])
    return finish(rows, REFUGEE_RATIO, key=["result_id"])


def _of_year(entry: Refugees, of_year: pl.DataFrame, share: pl.DataFrame) -> Iterator[dict[str, Any]]:
    states = seekers_by_state(of_year)
    head = of_year.row(0, named=True)
    for denominator in entry.denominators:
        below = share.filter(
            pl.col("source_id") == denominator.source,
            pl.col("concept") == denominator.concept,
            pl.col("year") == head["year"],
            pl.col("level") == "state",
        )
        identity = {
            "comparison_id": entry.id,
            "family": entry.family,
            "year": head["year"],
            "numerator_source_id": head["source_id"],
            "numerator_concept": head["concept"],
            "numerator_universe": head["universe"],
            "numerator_date": head["reference_date"],
            "denominator_source_id": denominator.source,
            "denominator_concept": denominator.concept,
        }
        joined = states.join(below.select("state_id", "persons_with").drop_nulls(), on="state_id")
        if joined.height < states.height:
            nothing = Estimate(float("nan"))
            yield _row(identity, "not_computed", "pooled", "not_computed", nothing, {"no_denominator"})
            continue
        flags = _flags(head, below)
        described = below.row(0, named=True)
        identity |= {
            "denominator_series_id": described["series_id"],
            "denominator_universe": described["universe"],
            "denominator_reference": described["reference"],
        }
        for row in _of_denominator(identity, joined.sort("state_id"), entry.berlin, flags):
            if row["method"] in entry.methods:
                yield row


def _flags(head: dict[str, Any], below: pl.DataFrame) -> set[str]:
    flags = {"sums_of_rounded_cells"}
    flags |= {STATUS_FLAGS[status] for status in (head["status"], *below["status"]) if status in STATUS_FLAGS}
    if set(below["universe"]) != {head["universe"]}:
        flags.add("universes_differ")
    if set(below["reference_date"]) != {head["reference_date"]} or set(below["universe"]) & SURVEYED:
        flags.add("dates_differ")
    if "first_results" in below["release_state"].to_list():
        flags.add("first_results")
    return flags


def _of_denominator(
    identity: dict[str, Any], joined: pl.DataFrame, berlin: Sequence[str], flags: set[str]
) -> Iterator[dict[str, Any]]:
    above, below = joined["persons"].to_numpy(), joined["persons_with"].to_numpy()
    ratios, unit = 100 * above / below, "per 100 persons"
    for state, ratio in zip(joined["state_id"], ratios, strict=True):
        yield _row({**identity, "region_id": state}, "state", "pooled", "ratio_of_sums", Estimate(float(ratio)), flags)
    country = Estimate(estimators.pooled_share(above, below))
    yield _row(identity, "germany", "pooled", "ratio_of_sums", country, flags)
    whole = estimators.mean_interval(ratios)
    yield _row(identity, "germany", "unweighted", "mean", whole, flags | {"states_are_the_population"})
    for variant in berlin:
        east, west = (joined["part"].is_in(parts).to_numpy() for parts in GROUPS[variant])
        sides = {"east": east, "west": west}
        named = {**identity, "berlin": variant, "n_east": int(east.sum()), "n_west": int(west.sum())}
        both = east | west
        as_if = flags | {"states_are_the_population"}
        for estimand, weights in (("pooled", below), ("unweighted", below / below)):
            means = {}
            for side, chosen in sides.items():
                found = (
                    Estimate(estimators.pooled_share(above[chosen], below[chosen]))
                    if estimand == "pooled"
                    else estimators.mean_interval(ratios[chosen])
                )
                means[side] = found.estimate
                method = "ratio_of_sums" if estimand == "pooled" else "mean"
                yield _row(named, side, estimand, method, found, flags if estimand == "pooled" else as_if)
            moved = estimators.permutation((weights * ratios)[both], weights[both], east[both])
            led = Estimate(moved.observed, p_value=moved.p_value)
            yield _row(named, "difference", estimand, "permutation", led, as_if, f"difference {unit}")
            quotient = Estimate(means["east"] / means["west"])
            yield _row(named, "ratio", estimand, "quotient", quotient, flags, "ratio")


def _row(
    identity: dict[str, Any],
    quantity: str,
    estimand: str,
    method: str,
    found: Estimate,
    flags: set[str],
    unit: str = "per 100 persons",
) -> dict[str, Any]:
    place = identity.get("region_id") or (f"berlin_{identity['berlin']}" if "berlin" in identity else "DE")
    parts = (
        identity["comparison_id"],
        str(identity["year"]),
        identity["denominator_source_id"],
        identity["denominator_concept"],
        place,
        quantity,
        estimand,
        method,
    )
    return {
        "n_east": STATES["east"],
        "n_west": STATES["west"],
        **identity,
        **{name: getattr(found, name) for name in ("estimate", "lower", "upper", "confidence_level", "p_value")},
        "result_id": ".".join(parts),
        "quantity": quantity,
        "estimand": estimand,
        "method": method,
        "unit": unit,
        "assumptions": join_flags(flags),
    }
