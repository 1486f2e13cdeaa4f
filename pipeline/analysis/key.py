"""How persons seeking protection are spread over the states, against the Königstein key.

Belongs here: shares of states, their deviation from the key, the distance of the two distributions. Not here: what
persons seeking protection are per inhabitant or migrant (refugees).

All persons of the register are counted, so nothing is tested. The key distributes arrivals; the register counts
everybody who is here by then, those who moved on or came under other rules among them: a deviation is no breach of the
key. Where the key of the year is not known the latest one before it is taken and flagged, and `lower` and `upper`
show what the keys of the five years up to it would have given.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from pipeline.analysis.places import Key
from pipeline.analysis.refugees import seekers_by_state, seekers_of
from pipeline.analysis.series import GROUPS, STATES
from pipeline.analysis.tables import KEY_DEVIATION, STATUS_FLAGS, finish, join_flags, require_columns
from pipeline.errors import InputError

KEY_COLUMNS = ("source_id", "year", "region_id", "part", "key_percent", "observation_id")
KEYS_COMPARED = 5
UNITS = {
    "share": "percent",
    "key": "percent",
    "deviation": "percentage points",
    "relative_deviation": "percent",
    "distance": "percent",
    "persons_to_move": "persons",
}


def key_deviations(seekers: pl.DataFrame, key: pl.DataFrame, comparisons: Sequence[Key]) -> pl.DataFrame:
    """KEY_DEVIATION: one row a declared comparison, year, state or sum of states, and quantity.

    Args:
        seekers: marts.protection_seekers.
        key: marts.koenigstein_key, columns KEY_COLUMNS at least.
        comparisons: entries of the declaration; Berlin is for the sums of East and West.

    `share`, `key`, `deviation` (share minus key, with its rank by size among the states) and `relative_deviation` (in
    percent of the key) for each state and for East and West; for Germany `distance`, half the sum of the absolute
    deviations of the states, which is the share that would have to be elsewhere, and `persons_to_move`.

    Raises:
        InputError: a column is missing, the persons of a year cannot be summed up, no key of the year or before it is
        known, or a key does not add up to 100.
    """
    require_columns(key, KEY_COLUMNS, "marts.koenigstein_key")
    rows: list[dict[str, Any]] = []
    for entry in comparisons:
        own = key.filter(pl.col("source_id") == entry.key_source)
        for year, of_year in seekers_of(seekers, entry).items():
            states = seekers_by_state(of_year)
            chosen = key_year(own, year, entry)
            keys = {
                known: _key_of(own, known)
                for known in sorted(own["year"].unique())
                if chosen - KEYS_COMPARED < known <= chosen
            }
            head = of_year.row(0, named=True)
            flags = {"key_is_for_arrivals", "sums_of_rounded_cells"}
            if chosen != year:
                flags.add("key_of_another_year")
            if head["status"] in STATUS_FLAGS:
                flags.add(STATUS_FLAGS[head["status"]])
            identity = {
                "comparison_id": entry.id,
                "source_id": entry.source,
                "year": year,
                "key_source_id": entry.key_source,
                "key_year": chosen,
                "method": "arithmetic",
                "assumptions": join_flags(flags),
            }
            rows.extend(_of_year(identity, states, keys, chosen, entry.berlin))
    return finish(rows, KEY_DEVIATION, key=["result_id"])


def key_year(key: pl.DataFrame, year: int, entry: Key) -> int:
    """The year of the key that persons of `year` are held against.

    Raises:
        InputError: there is none.
    """
    known = sorted(key["year"].unique())
    fitting = [one for one in known if (one <= year if entry.key_year == "latest" else one == entry.key_year)]
    if not fitting:
        wanted = f"{year} or before it" if entry.key_year == "latest" else str(entry.key_year)
        raise InputError(
            f"no Königstein key of {wanted} is known",
            key="key_year",
            remedy=f"known are {known[0]} to {known[-1]}" if known else "add the key to raw_data",
        )
    return fitting[-1]


def _key_of(key: pl.DataFrame, year: int) -> dict[str, float]:
    of_year = {row["region_id"]: row["key_percent"] for row in key.filter(pl.col("year") == year).iter_rows(named=True)}
    if len(of_year) != sum(STATES.values()) or None in of_year.values() or abs(sum(of_year.values()) - 100) > 1e-3:
        raise InputError(
            f"the Königstein key of {year} has {len(of_year)} states that do not add up to 100",
            key="key_percent",
            remedy="compare the year with the publisher's table",
        )
    return of_year


def _of_year(
    identity: dict[str, Any],
    states: pl.DataFrame,
    keys: Mapping[int, Mapping[str, float]],
    chosen: int,
    berlin: Sequence[str],
) -> Iterator[dict[str, Any]]:
    total = float(states["persons"].sum())
    shares = dict(zip(states["state_id"], 100 * states["persons"] / total, strict=True))
    parts = dict(zip(states["state_id"], states["part"], strict=True))

    def figures(members: Sequence[str]) -> Iterator[tuple[str, dict[int, float]]]:
        """Each quantity of some states together, under every key."""
        share = sum(shares[state] for state in members)
        given = {year: sum(one[state] for state in members) for year, one in keys.items()}
        yield "share", dict.fromkeys(keys, share)
        yield "key", given
        yield "deviation", {year: share - value for year, value in given.items()}
        yield "relative_deviation", {year: 100 * (share / value - 1) for year, value in given.items()}

    sizes = sorted((abs(shares[state] - keys[chosen][state]) for state in shares), reverse=True)
    for state in shares:
        for quantity, by_key in figures([state]):
            rank = sizes.index(abs(by_key[chosen])) + 1 if quantity == "deviation" else None
            yield _row(identity, "state", quantity, by_key, region_id=state, rank=rank, n_states=1)
    for variant in berlin:
        for side, belonging in zip(("east", "west"), GROUPS[variant], strict=True):
            members = [state for state, part in parts.items() if part in belonging]
            for quantity, by_key in figures(members):
                yield _row(identity, side, quantity, by_key, berlin=variant, n_states=len(members))
    distance = {year: sum(abs(shares[state] - one[state]) for state in shares) / 2 for year, one in keys.items()}
    yield _row(identity, "germany", "distance", distance, n_states=len(shares))
    moved = {year: value / 100 * total for year, value in distance.items()}
    yield _row(identity, "germany", "persons_to_move", moved, n_states=len(shares))


def _row(
    identity: dict[str, Any], estimand: str, quantity: str, by_key: Mapping[int, float], **more: Any
) -> dict[str, Any]:
    place = more.get("region_id") or (f"berlin_{more['berlin']}" if "berlin" in more else "DE")
    parts = (identity["comparison_id"], str(identity["year"]), str(identity["key_year"]), place, estimand, quantity)
    bounds = {} if quantity == "share" else {"lower": min(by_key.values()), "upper": max(by_key.values())}
    return {
        **identity,
        **more,
        **bounds,
        "result_id": ".".join(parts),
        "estimand": estimand,
        "quantity": quantity,
        "unit": UNITS[quantity],
        "estimate": by_key[identity["key_year"]],
    }
