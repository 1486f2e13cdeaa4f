"""Time: how the foreign shares of eastern and western states moved, within years of one census base.

Belongs here: which years stand together, which quantities and methods they get, and what is flagged. Not here: the
estimators (clustered, estimators), comparisons of a single year (east_west).

Breaks. A new census base moves the population of every state by another amount, so the publisher says that no
difference is to be taken across it, and none is: years of one base are a segment of their own. A shift of level with a
common slope was considered and rejected: it would lend the slope of 2011 to 2021 to the three years since, while the
data give the East 0.41 points a year before and 0.52 after, the West 0.59 before and 0.51 after; and what 2022 brought
(arrivals from Ukraine) falls on the very year of the break, so that a shift would mix the two.

The trend of a state is the slope of its own straight line. With all states in all years, the coefficient of East times
year beside effects of state and year is exactly the difference of the mean slopes; so sixteen slopes carry everything,
and permuting the labels of states is permuting slopes. In points the West rose faster until 2021, in log odds
the East, which began far lower: both scales stand beside each other, since either alone misleads.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import polars as pl

from pipeline.analysis import clustered, estimators
from pipeline.analysis.east_west import GROUPS
from pipeline.analysis.estimators import Estimate
from pipeline.analysis.tables import BERLIN_VARIANTS, STATUS_FLAGS, TREND, finish, join_flags, require_columns
from pipeline.errors import InputError

if TYPE_CHECKING:
    import numpy as np

SHARE_COLUMNS = (
    "source_id", "year", "concept", "census_base", "level", "region_id", "part", "share_percent", "share_origin",
    "weight_persons", "status",
)  # fmt: skip
LEAST_YEARS = 3
SCALES = {"points": "percentage points per year", "log_odds": "log odds per year"}
WEIGHTS = ("none", "population")


def trends(
    share: pl.DataFrame,
    *,
    source_id: str = "foreign_share_states",
    concept: str = "foreign_nationality",
    years: Sequence[int] | None = None,
    berlin: Sequence[str] = BERLIN_VARIANTS,
    weights: str = "none",
    changes: Sequence[tuple[int, int]] = (),
    margin: float | None = None,
    comparison_id: str = "trend.foreign_share",
) -> pl.DataFrame:
    """TREND: one row a segment of one census base, treatment of Berlin, quantity, scale and method.

    Args:
        share: marts.share, columns SHARE_COLUMNS at least; states of `source_id` and `concept` are used.
        years: of these; all years of the source where None. A year in which a share is not known for some state is left
            out of its segment and flagged.
        berlin: of BERLIN_VARIANTS.
        weights: `none` (a state counts once) or `population` (by its mean number of inhabitants in the segment).
        changes: pairs of years whose change is wanted, such as (2014, 2019); none unless declared.
        margin: equivalence margin in points per year; two one-sided tests of the slopes in points then.
        comparison_id: the declared comparison.

    Slopes: `slope_east`, `slope_west` by `mean` (Student's interval over states, none where weighted) and
    `slope_difference` by `permutation` (exact, leads), `ols_cluster_state_effects` (CR1, t with states - 1 degrees of
    freedom: rejects too often with so few states, stands for its interval), and the sensitivities
    `wild_cluster_rademacher` and `wild_cluster_webb` (p only). A segment of fewer than three years gets no slope.
    Changes: the same without the regression, by `mean`, `permutation` and, unweighted, `welch`.

    Raises:
        InputError: a column, the source or a year of `changes` is missing, a year mixes census bases, a pair of
        `changes` lies across a break, or a word is not known.
    """
    require_columns(share, SHARE_COLUMNS, "marts.share")
    for what, given, known in (("treatment of Berlin", berlin, BERLIN_VARIANTS), ("weighting", [weights], WEIGHTS)):
        for name in given:
            if name not in known:
                raise InputError(f"unknown {what} {name!r}", key=name, remedy=f"choose from {', '.join(known)}")
    states = share.filter(
        pl.col("source_id") == source_id, pl.col("concept") == concept, pl.col("level") == "state"
    ).sort("region_id", "year")
    if years is not None:
        states = states.filter(pl.col("year").is_in(list(years)))
    if states.is_empty():
        raise InputError(
            f"no shares of states from {source_id}, concept {concept}",
            key=source_id,
            remedy="name a source and a concept of marts.share",
        )
    identity = {"comparison_id": comparison_id, "source_id": source_id, "concept": concept}
    segments = _segments(states)
    rows: list[dict[str, Any]] = []
    for variant in berlin:
        for segment, gaps in segments:
            if segment["year"].n_unique() >= LEAST_YEARS:
                rows.extend(_Segment(segment, variant, weights, identity, gaps).slopes(margin))
        for first, last in changes:
            segment, gaps = _within(segments, first, last)
            rows.extend(_Segment(segment, variant, weights, identity, gaps).change())
    return finish(rows, TREND, key=["result_id"])


def _segments(states: pl.DataFrame) -> list[tuple[pl.DataFrame, bool]]:
    """Years of one census base each, complete years only, and whether years had to be left out."""
    mixed = states.group_by("year").agg(pl.col("census_base").n_unique().alias("bases")).filter(pl.col("bases") > 1)
    if mixed.height:
        raise InputError(
            f"the shares of {mixed['year'].min()} rest on several census bases",
            key="census_base",
            remedy="one year of a source has one census base: correct its source.yml",
        )
    found = []
    for segment in states.partition_by("census_base", maintain_order=True):
        regions = segment["region_id"].n_unique()
        complete = (
            segment.drop_nulls("share_percent")
            .group_by("year")
            .len()
            .filter(pl.col("len") == regions)["year"]
            .to_list()
        )
        found.append((segment.filter(pl.col("year").is_in(complete)), len(complete) < segment["year"].n_unique()))
    return sorted(found, key=lambda pair: pair[0]["year"].min() or 0)


def _within(segments: list[tuple[pl.DataFrame, bool]], first: int, last: int) -> tuple[pl.DataFrame, bool]:
    if first >= last:
        raise InputError(
            f"a change from {first} to {last} runs backwards", key="changes", remedy="name the earlier first"
        )
    for segment, gaps in segments:
        known = set(segment["year"])
        if first in known and last in known:
            return segment.filter(pl.col("year").is_in([first, last])), gaps
    everywhere = {year for segment, _ in segments for year in segment["year"]}
    missing = [str(year) for year in (first, last) if year not in everywhere]
    reason = f"{' and '.join(missing)} not known for all states" if missing else "a new census base lies between them"
    raise InputError(
        f"no change can be taken from {first} to {last}: {reason}",
        key="changes",
        remedy="name two complete years of one census base",
    )


class _Segment:
    """Shares of states in years of one census base, one treatment of Berlin; one row a state, one column a year."""

    def __init__(self, segment: pl.DataFrame, berlin: str, weights: str, identity: dict[str, Any], gaps: bool) -> None:
        import numpy as np

        east, west = GROUPS[berlin]
        used = segment.filter(pl.col("part").is_in(east + west)).sort("region_id", "year")
        self.berlin, self.identity = berlin, identity
        self.years = used["year"].unique().sort().to_numpy().astype(float)
        self.shares = used["share_percent"].to_numpy().reshape(-1, self.years.size)
        parts = used.group_by("region_id", maintain_order=True).agg(pl.col("part").first())["part"]
        self.east = parts.is_in(east).to_numpy()
        self.estimand = "weighted" if weights == "population" else "unweighted"
        self.weights = np.ones(self.east.size)
        self.flags = {"states_are_the_population"} | {
            STATUS_FLAGS[status] for status in used["status"].unique() if status in STATUS_FLAGS
        }
        if weights == "population":
            if used["weight_persons"].null_count():
                raise InputError(
                    f"inhabitants are not known for all states and years of {identity['source_id']}",
                    key="weight_persons",
                    remedy="weight with none, or add a population of the same days",
                )
            self.weights = used["weight_persons"].to_numpy().reshape(self.shares.shape).mean(axis=1)
            self.flags.add("population_weighted")
        if "printed" in used["share_origin"].to_list():
            self.flags.add("rounded_inputs")
        if gaps:
            self.flags.add("years_missing")
        self.census_base = used["census_base"][0]

    def slopes(self, margin: float | None) -> Iterator[dict[str, Any]]:
        import numpy as np

        time = self.years - self.years.mean()
        states, years = self.shares.shape
        state = np.repeat(np.arange(states), years)
        regressor = np.repeat(self.east.astype(float), years) * np.tile(time, states)
        effects = np.column_stack(
            [state[:, np.newaxis] == np.arange(states), np.tile(time, states)[:, np.newaxis] == time[1:]]
        ).astype(float)
        weights = np.repeat(self.weights, years)
        for scale, unit in SCALES.items():
            values = self.shares if scale == "points" else np.log(self.shares / (100 - self.shares))
            slope = values @ time / (time @ time)
            flags = {"straight_line"}
            yield from self._sides("slope", slope, scale, unit, flags)
            given = (values.ravel(), regressor, effects, state, weights)
            fitted = clustered.ols_cluster_adjusted(*given)
            few = flags | {"clustered_by_state"}
            yield self._row("slope_difference", scale, "ols_cluster_state_effects", unit, fitted, few)
            for points in clustered.WILD_POINTS:
                p_value = clustered.wild_cluster_bootstrap(*given, points=points)
                drawn = Estimate(fitted.estimate, p_value=p_value)
                yield self._row("slope_difference", scale, f"wild_cluster_{points}", unit, drawn, few)
            if margin is not None and scale == "points":
                tested = Estimate(fitted.estimate, p_value=clustered.equivalence_p(fitted, margin))
                yield self._row("slope_difference", scale, "tost_cluster", unit, tested, few)

    def change(self) -> Iterator[dict[str, Any]]:
        change, unit = self.shares[:, -1] - self.shares[:, 0], "percentage points"
        yield from self._sides("change", change, "points", unit, set())
        if self.estimand == "unweighted":
            found = estimators.welch(change[self.east], change[~self.east])
            yield self._row("change_difference", "points", "welch", unit, found, set())

    def _sides(self, what: str, values: np.ndarray, scale: str, unit: str, flags: set[str]) -> Iterator[dict[str, Any]]:
        """Means of both sides, and their difference with the p of the permutation of states."""
        import numpy as np

        for name, side in (("east", self.east), ("west", ~self.east)):
            weighted = Estimate(float(np.average(values[side], weights=self.weights[side])))
            found = estimators.mean_interval(values[side]) if self.estimand == "unweighted" else weighted
            yield self._row(f"{what}_{name}", scale, "mean", unit, found, flags)
        permuted = estimators.permutation(self.weights * values, self.weights, self.east)
        led = Estimate(permuted.observed, p_value=permuted.p_value)
        yield self._row(f"{what}_difference", scale, "permutation", unit, led, flags)

    def _row(
        self, quantity: str, scale: str, method: str, unit: str, found: Estimate, flags: set[str]
    ) -> dict[str, Any]:
        first, last = int(self.years[0]), int(self.years[-1])
        parts = (
            self.identity["comparison_id"],
            f"{first}_{last}",
            f"berlin_{self.berlin}",
            scale,
            quantity,
            self.estimand,
            method,
        )
        return {
            **self.identity,
            **{name: getattr(found, name) for name in ("estimate", "lower", "upper", "confidence_level", "p_value")},
            "result_id": ".".join(parts),
            "census_base": self.census_base,
            "first_year": first,
            "last_year": last,
            "years": int(self.years.size),
            "berlin": self.berlin,
            "estimand": self.estimand,
            "quantity": quantity,
            "method": method,
            "unit": unit,
            "n_east": int(self.east.sum()),
            "n_west": int((~self.east).sum()),
            "assumptions": join_flags(self.flags | flags),
        }
