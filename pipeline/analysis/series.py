"""One series of marts.share: which columns it needs, when it is complete, and what is flagged about its figures.

Belongs here: what several analyses must know of a series before they compute with it. Not here: which series are
compared (design), any estimate.
"""

from __future__ import annotations

import polars as pl

from pipeline.analysis.tables import RESULT_INPUT, STATUS_FLAGS, finish, require_columns
from pipeline.errors import InputError

OBSERVATION_COLUMNS = ("with_observation_id", "total_observation_id", "share_observation_id")
SHARE_COLUMNS = (
    "series_id", "source_id", "vintage_id", "year", "concept", "universe", "release_state", "census_base", "level",
    "region_id", "state_id", "part", "persons_with", "persons_total", "share_percent", "share_origin",
    "weight_persons", "status",
    *OBSERVATION_COLUMNS,
)  # fmt: skip
# Which parts of the country a Berlin variant takes as East and as West.
GROUPS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "excluded": (("east",), ("west",)),
    "in_east": (("east", "berlin"), ("west",)),
    "in_west": (("east",), ("west", "berlin")),
}
STATES = {"east": 5, "west": 10, "berlin": 1}


def series_of(share: pl.DataFrame) -> list[pl.DataFrame]:
    """The series of marts.share (SHARE_COLUMNS at least), by series_id, regions in order.

    Raises:
        InputError: a column is missing, a region stands twice in a series, or its part is not east, west, berlin.
    """
    require_columns(share, SHARE_COLUMNS, "marts.share")
    repeated = share.filter(pl.struct("series_id", "region_id").is_duplicated())
    if repeated.height:
        series, region = repeated.select("series_id", "region_id").row(0)
        raise InputError(
            f"region {region} stands twice in the series {series}",
            key="region_id",
            remedy="let marts.share select one vintage and one breakdown a series",
        )
    odd = share.filter(~pl.col("part").is_in(list(STATES)).fill_null(value=False))
    if odd.height:
        region, part = odd.select("region_id", "part").row(0)
        raise InputError(
            f"region {region} has the part {part!r}, expected east, west or berlin",
            key="part",
            remedy="give the region its part in core.region; aggregates do not belong into marts.share",
        )
    if share.is_empty():
        return []
    return share.sort("series_id", "region_id").partition_by("series_id", maintain_order=True)


def incomplete(series: pl.DataFrame) -> str | None:
    """Why the series cannot be compared, or None: every region known, in all sixteen states."""
    unknown = series.filter(pl.col("share_percent").is_null())["region_id"].to_list()
    if unknown:
        return f"{len(unknown)} of {series.height} regions without a share: {', '.join(unknown)}"
    return missing_states(series)


def missing_states(series: pl.DataFrame) -> str | None:
    """How many of the sixteen states the series holds, or None where it holds them all."""
    parts = dict(series.group_by("part").agg(pl.col("state_id").n_unique()).iter_rows())
    return None if parts == STATES else f"{sum(parts.values())} of {sum(STATES.values())} states"


def series_flags(series: pl.DataFrame) -> set[str]:
    """What every result of this series has to say about its figures."""
    flags = {STATUS_FLAGS[status] for status in series["status"].unique() if status in STATUS_FLAGS}
    if "first_results" in series["release_state"].to_list():
        flags.add("first_results")
    if "mixed" in series["share_origin"].to_list():
        flags.add("mixed_universe")
    if "printed" in series["share_origin"].to_list() or _common_divisor(series["persons_with"]) >= 5:
        flags.add("rounded_inputs")
    return flags


def _common_divisor(persons: pl.Series) -> int:
    """Largest number that divides every count: 1,000 in a table of thousands, 5 in one rounded to five.

    Sixteen exact counts share a divisor of 5 or more by chance in about one of 10^11 cases, so the divisor
    tells rounding apart from counting without anyone having to declare it.
    """
    import numpy as np

    counts = persons.drop_nulls().round().cast(pl.Int64).to_numpy()
    return int(np.gcd.reduce(counts)) if counts.size else 1


def series_inputs(share: pl.DataFrame) -> pl.DataFrame:
    """Every observation that a series was made from: RESULT_INPUT, sorted, no repeats.

    A result leads to its rows through its series_id: one entry a series, not one a result, since all results
    of a series use all of its regions and would repeat the same hundreds of ids.
    """
    frame = (
        share.unpivot(on=OBSERVATION_COLUMNS, index="series_id", value_name="observation_id")
        .drop_nulls("observation_id")
        .select("series_id", "observation_id")
        .unique()
        .sort("series_id", "observation_id")
    )
    return finish(frame.iter_rows(named=True), RESULT_INPUT, key=["series_id", "observation_id"])
