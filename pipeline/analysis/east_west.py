"""East against West for every series of shares, Berlin three ways.

Belongs here: which regions are compared, which quantities and methods each series gets, and what is flagged.
Not here: the methods themselves (estimators), the choice of a headline, any reading of files.

Two estimands answer two questions. `pooled` is the share of a person in the East; `unweighted` the mean of
the eastern states (or districts). The sixteen states are the population, not a sample of states: every
interval and every p on them reads "as if the labels had been drawn at random" and says so in `assumptions`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from pipeline.analysis import estimators
from pipeline.analysis.tables import (
    BERLIN_VARIANTS,
    EAST_WEST,
    LEFT_OUT,
    PERMUTATION,
    RESULT_INPUT,
    STATUS_FLAGS,
    finish,
    join_flags,
    require_columns,
)
from pipeline.errors import InputError

OBSERVATION_COLUMNS = ("with_observation_id", "total_observation_id", "share_observation_id")
SHARE_COLUMNS = (
    "series_id", "source_id", "vintage_id", "year", "concept", "release_state", "level", "region_id",
    "state_id", "part", "persons_with", "persons_total", "share_percent", "share_origin", "weight_persons",
    "status",
    *OBSERVATION_COLUMNS,
)  # fmt: skip
# Which parts of the country a Berlin variant takes as East and as West.
GROUPS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "excluded": (("east",), ("west",)),
    "in_east": (("east", "berlin"), ("west",)),
    "in_west": (("east",), ("west", "berlin")),
}
STATES = {"east": 5, "west": 10, "berlin": 1}
HISTOGRAM_BINS = 40


@dataclass(frozen=True)
class EastWest:
    """results: EAST_WEST; permutation: PERMUTATION (unweighted difference); result_input: RESULT_INPUT;
    left_out: LEFT_OUT, the series that were not compared and why."""

    results: pl.DataFrame
    permutation: pl.DataFrame
    result_input: pl.DataFrame
    left_out: pl.DataFrame


def east_west(share: pl.DataFrame) -> EastWest:
    """Compare East and West in every complete series of `share`.

    Args:
        share: marts.share, one row a region and series (key series_id, region_id), columns SHARE_COLUMNS at
            least. A region that exists but whose share is not known stands there with a null share: the
            series is then left out, never computed from the rest.

    Per series and Berlin variant:
        pooled, method `share`: east, west, germany, difference (East minus West), ratio (East / West). From
            counts if every region has both, else from shares weighted with `weight_persons`, else no row.
        unweighted, method `mean`: east, west, germany with Student's interval for states and none for
            districts; ratio of the means without interval.
        unweighted difference: `permutation` of states (exact, two-sided, see estimators.permutation); for
            states `welch` and `ols_hc3`; for districts `ols_cluster`.
    Germany is every region whatever the variant, Berlin included. n_east and n_west count the regions
    compared. Interval and p are null where the method has none.

    Raises:
        InputError: a column is missing, a region stands twice in a series, or its part is not east, west,
        berlin.
    """
    require_columns(share, SHARE_COLUMNS, "marts.share")
    _refuse_broken_rows(share)
    rows: list[dict[str, Any]] = []
    bins: list[dict[str, Any]] = []
    left_out: list[dict[str, Any]] = []
    compared: list[str] = []
    for series in share.sort("series_id", "region_id").partition_by("series_id", maintain_order=True):
        head = series.row(0, named=True)
        identity = {name: head[name] for name in ("series_id", "level", "year")}
        if reason := _incomplete(series):
            left_out.append({**identity, "regions": series.height, "reason": reason})
            continue
        compared.append(head["series_id"])
        flags = _flags(series)
        for berlin in BERLIN_VARIANTS:
            comparison = _Comparison(series, berlin, flags)
            rows.extend(comparison.rows())
            bins.extend({**identity, "berlin": berlin, **bar} for bar in comparison.histogram())
    return EastWest(
        results=finish(rows, EAST_WEST, key=["result_id"]),
        permutation=finish(
            ({name: bar[name] for name in PERMUTATION} for bar in bins),
            PERMUTATION,
            key=["series_id", "berlin", "bin_lower"],
        ),
        result_input=series_inputs(share.filter(pl.col("series_id").is_in(compared))),
        left_out=finish(left_out, LEFT_OUT, key=["series_id"]),
    )


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


def _refuse_broken_rows(share: pl.DataFrame) -> None:
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


def _incomplete(series: pl.DataFrame) -> str | None:
    unknown = series.filter(pl.col("share_percent").is_null())["region_id"].to_list()
    if unknown:
        return f"{len(unknown)} of {series.height} regions without a share: {', '.join(unknown)}"
    parts = dict(series.group_by("part").agg(pl.col("state_id").n_unique()).iter_rows())
    if parts != STATES:
        return f"{sum(parts.values())} of {sum(STATES.values())} states"
    return None


def _flags(series: pl.DataFrame) -> set[str]:
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


class _Comparison:
    """One series under one Berlin variant."""

    def __init__(self, series: pl.DataFrame, berlin: str, flags: set[str]) -> None:
        east, west = GROUPS[berlin]
        self.series, self.berlin, self.flags = series, berlin, flags
        self.east = series.filter(pl.col("part").is_in(east))
        self.west = series.filter(pl.col("part").is_in(west))
        self.districts = series["level"][0] == "district"
        both = series.filter(pl.col("part").is_in(east + west))
        self.values = both["share_percent"].to_numpy()
        self.states = both["state_id"].to_numpy()
        self.indicator = both["part"].is_in(east).to_numpy()
        by_state = (
            both.group_by("state_id")
            .agg(pl.col("share_percent").sum(), pl.len(), pl.col("part").is_in(east).first().alias("east"))
            .sort("state_id")
        )
        self.permutation = estimators.permutation(by_state["share_percent"], by_state["len"], by_state["east"])

    def rows(self) -> Iterator[dict[str, Any]]:
        yield from self._pooled()
        yield from self._means()
        yield from self._differences()

    def histogram(self) -> Iterator[dict[str, Any]]:
        """Splits by difference of unweighted means: bars [lower, upper) of one round width."""
        import numpy as np

        # Differences that are equal in exact arithmetic must fall into one bar, whatever the order of
        # summation.
        null = np.round(self.permutation.null, 10)
        width = _round_width(float(np.ptp(null)) / HISTOGRAM_BINS)
        first, last = np.floor(null.min() / width), np.floor(null.max() / width) + 1
        edges = np.round(np.arange(first, last + 1) * width, 10)
        counts, _ = np.histogram(null, bins=edges)
        for lower, upper, splits in zip(edges[:-1], edges[1:], counts, strict=True):
            yield {"bin_lower": float(lower), "bin_upper": float(upper), "splits": int(splits)}

    def _pooled(self) -> Iterator[dict[str, Any]]:
        counts = self.series.select("persons_with", "persons_total")
        flags: set[str] = set()
        if any(counts.null_count().row(0)):
            if self.series["weight_persons"].null_count():
                return
            flags.add("population_weighted")
        east, west, germany = (_pooled_share(frame, flags) for frame in (self.east, self.west, self.series))
        values = {"east": east, "west": west, "germany": germany, "difference": east - west}
        if west:
            values["ratio"] = east / west
        for quantity, value in values.items():
            yield self._row("pooled", quantity, "share", estimators.Estimate(value), flags)

    def _means(self) -> Iterator[dict[str, Any]]:
        frames = {"east": self.east, "west": self.west, "germany": self.series}
        means = {}
        for quantity, frame in frames.items():
            values = frame["share_percent"].to_numpy()
            if self.districts:
                estimate, flag = estimators.Estimate(float(values.mean())), "districts_within_states"
            else:
                estimate, flag = estimators.mean_interval(values), "states_are_the_population"
            means[quantity] = estimate.estimate
            yield self._row("unweighted", quantity, "mean", estimate, {flag})
        if means["west"]:
            ratio = estimators.Estimate(means["east"] / means["west"])
            yield self._row("unweighted", "ratio", "mean", ratio, set())

    def _differences(self) -> Iterator[dict[str, Any]]:
        as_if_random = {"states_are_the_population"}
        permuted = estimators.Estimate(self.permutation.observed, p_value=self.permutation.p_value)
        yield self._row("unweighted", "difference", "permutation", permuted, as_if_random)
        if self.districts:
            fitted = estimators.ols_cluster(self.values, self.indicator, self.states)
            yield self._row("unweighted", "difference", "ols_cluster", fitted, as_if_random | {"clustered_by_state"})
            return
        east, west = (frame["share_percent"].to_numpy() for frame in (self.east, self.west))
        yield self._row("unweighted", "difference", "welch", estimators.welch(east, west), as_if_random)
        fitted = estimators.ols_hc3(self.values, self.indicator)
        yield self._row("unweighted", "difference", "ols_hc3", fitted, as_if_random)

    def _row(
        self, estimand: str, quantity: str, method: str, estimate: estimators.Estimate, flags: set[str]
    ) -> dict[str, Any]:
        head = self.series.row(0, named=True)
        if quantity == "germany":
            flags = flags | {"sum_of_regions"}
        unit = {"difference": "percentage points", "ratio": "ratio"}.get(quantity, "percent")
        numbers = asdict(estimate)
        return {
            **{name: head[name] for name in ("series_id", "level", "year", "source_id", "vintage_id", "concept")},
            **{name: numbers[name] for name in ("estimate", "lower", "upper", "confidence_level", "p_value")},
            "result_id": f"{head['series_id']}.berlin_{self.berlin}.{quantity}.{estimand}.{method}",
            "berlin": self.berlin,
            "estimand": estimand,
            "quantity": quantity,
            "method": method,
            "unit": unit,
            "n_east": self.east.height,
            "n_west": self.west.height,
            "assumptions": join_flags(self.flags | flags),
        }


def _pooled_share(frame: pl.DataFrame, flags: set[str]) -> float:
    if "population_weighted" in flags:
        weights = frame["weight_persons"]
        return estimators.pooled_share(frame["share_percent"] / 100 * weights, weights)
    return estimators.pooled_share(frame["persons_with"], frame["persons_total"])


def _round_width(width: float) -> float:
    """The smallest of 1, 2, 5 times a power of ten that is at least `width`; 1 where all splits are equal."""
    import math

    if width < 1e-9:
        return 1.0
    power = 10.0 ** math.floor(math.log10(width))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= width * (1 - 1e-9))
