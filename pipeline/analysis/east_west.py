"""East against West for every declared series of shares, Berlin as declared.

Belongs here: which regions are compared, which quantities each declared method gives, and what is flagged.
Not here: the methods themselves (estimators, effects), what is declared (design), the choice of a headline.

Two estimands answer two questions. `pooled` is the share of a person in the East; `unweighted` the mean of
the eastern states (or districts). The sixteen states are the population, not a sample of states: every
interval and every p on them reads "as if the labels had been drawn at random" and says so in `assumptions`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import polars as pl

from pipeline.analysis import effects, estimators, families
from pipeline.analysis.carried import Assigned, assign
from pipeline.analysis.comparisons import BOTH, ESTIMANDS_OF, Berlin, EastWest, Estimand, Method
from pipeline.analysis.estimators import Estimate
from pipeline.analysis.series import GROUPS, series_flags, series_inputs
from pipeline.analysis.tables import EAST_WEST, LEFT_OUT, PERMUTATION, finish, join_flags

HISTOGRAM_BINS = 40
UNITS = {
    "difference": "percentage points",
    "difference_without_state": "percentage points",
    "ratio": "ratio",
    "odds_ratio": "ratio",
    "hedges_g": "standard deviations",
    "above": "probability",
}


@dataclass(frozen=True)
class Compared:
    """results: EAST_WEST; permutation: PERMUTATION (unweighted difference); result_input: RESULT_INPUT;
    left_out: LEFT_OUT, the series that were not compared and why."""

    results: pl.DataFrame
    permutation: pl.DataFrame
    result_input: pl.DataFrame
    left_out: pl.DataFrame


def east_west(share: pl.DataFrame, comparisons: Sequence[EastWest]) -> Compared:
    """Compare East and West in every complete series of `share` that `comparisons` declare.

    Args:
        share: marts.share, one row a region and series (key series_id, region_id), columns SHARE_COLUMNS at
            least. A region that exists but whose share is not known stands there with a null share: the
            series is then left out, never computed from the rest.
        comparisons: entries of the declaration; a series belongs to the first that declares it, and gets its
            Berlin variants, estimands and methods.

    The quantities east, west, germany, difference (East minus West) and ratio (East / West) come with `share`
    (pooled, from counts or from shares weighted with `weight_persons`) and with `mean` (unweighted). Further
    methods and their quantities: see docs/methods.md. Germany is every region whatever the variant, Berlin
    included. n_east and n_west count the regions compared. Interval and p are null where the method has none.
    p_adjusted is Holm's within the family, a method and an estimand at a time. minimum_detectable_points
    stands beside every p that is not below 5 %.

    Raises:
        InputError: a column is missing, a region stands twice in a series, or its part is not east, west,
        berlin.
    """
    rows: list[dict[str, Any]] = []
    bins: list[dict[str, Any]] = []
    left_out: list[dict[str, Any]] = []
    used: list[str] = []
    for item in assign(share, comparisons):
        head = item.series.row(0, named=True)
        identity = {name: head[name] for name in ("series_id", "level", "year")}
        if item.entry is not None and (item.reason is None or item.entry.unknown_regions == "bounded"):
            used.append(head["series_id"])
        if item.entry is None or item.reason is not None:
            left_out.append({**identity, "regions": item.series.height, "reason": item.reason})
            continue
        flags = series_flags(item.series)
        for berlin in item.entry.berlin:
            comparison = _Comparison(item, item.entry, berlin, flags)
            rows.extend(comparison.rows())
            if "permutation" in item.entry.methods:
                bins.extend({**identity, "berlin": berlin, **bar} for bar in comparison.histogram())
    families.adjust(rows)
    return Compared(
        results=finish(rows, EAST_WEST, key=["result_id"]),
        permutation=finish(
            ({name: bar[name] for name in PERMUTATION} for bar in bins),
            PERMUTATION,
            key=["series_id", "berlin", "bin_lower"],
        ),
        result_input=series_inputs(share.filter(pl.col("series_id").is_in(used))),
        left_out=finish(left_out, LEFT_OUT, key=["series_id"]),
    )


class _Comparison:
    """One series under one Berlin variant."""

    def __init__(self, item: Assigned, entry: EastWest, berlin: Berlin, flags: set[str]) -> None:
        east, west = GROUPS[berlin]
        self.series, self.entry, self.berlin, self.flags = item.series, entry, berlin, flags
        head = self.series.row(0, named=True)
        self.identity = {
            name: head[name] for name in ("series_id", "level", "year", "source_id", "vintage_id", "concept")
        }
        self.both = self.series.filter(pl.col("part").is_in(east + west))
        self.indicator = self.both["part"].is_in(east).to_numpy()
        self.east = self.both.filter(pl.Series(self.indicator))
        self.west = self.both.filter(pl.Series(~self.indicator))
        self.values = self.both["share_percent"].to_numpy()
        self.east_values, self.west_values = self.values[self.indicator], self.values[~self.indicator]
        self.districts = entry.level == "district"
        self.register = entry.weights == "register"

    def rows(self) -> Iterator[dict[str, Any]]:
        """Every quantity of every declared method, the estimands in turn."""
        makers: dict[Method, Callable[[Estimand], Iterator[dict[str, Any]]]] = {
            "share": self._pooled,
            "mean": self._means,
            "permutation": self._permutation,
            "welch": self._welch,
            "ols_hc3": self._ols_hc3,
            "ols_cluster": self._ols_cluster,
            "fractional_logit": self._fractional_logit,
            "hedges_g": self._hedges_g,
            "brunner_munzel": self._brunner_munzel,
            "equivalence": self._equivalence,
            "leave_one_out": self._leave_one_out,
        }
        for method in self.entry.methods:
            for estimand in self.entry.estimands:
                if estimand in ESTIMANDS_OF.get(method, BOTH):
                    yield from makers[method](estimand)

    def histogram(self) -> Iterator[dict[str, Any]]:
        """Splits by difference of unweighted means: bars [lower, upper) of one round width."""
        import numpy as np

        # Differences that are equal in exact arithmetic must fall into one bar, whatever the order of
        # summation.
        null = np.round(self.permuted["unweighted"].null, 10)
        width = _round_width(float(np.ptp(null)) / HISTOGRAM_BINS)
        first, last = np.floor(null.min() / width), np.floor(null.max() / width) + 1
        edges = np.round(np.arange(first, last + 1) * width, 10)
        counts, _ = np.histogram(null, bins=edges)
        for lower, upper, splits in zip(edges[:-1], edges[1:], counts, strict=True):
            yield {"bin_lower": float(lower), "bin_upper": float(upper), "splits": int(splits)}

    @cached_property
    def by_state(self) -> pl.DataFrame:
        """One row a state: its label, and for each estimand the sum and the number its values have."""
        persons = self._persons(self.both)
        with_, total = (None, None) if persons is None else persons
        return (
            self.both.with_columns(
                in_east=pl.Series(self.indicator),
                pooled_sum=pl.lit(None, pl.Float64) if with_ is None else 100 * with_,
                pooled_count=pl.lit(None, pl.Float64) if total is None else total,
            )
            .group_by("state_id")
            .agg(
                pl.col("in_east").first(),
                pl.col("share_percent").sum().alias("unweighted_sum"),
                pl.len().alias("unweighted_count"),
                pl.col("pooled_sum", "pooled_count").sum(),
            )
            .sort("state_id")
        )

    @cached_property
    def permuted(self) -> dict[str, estimators.Permutation]:
        """The exact permutation of the states for each declared estimand, and for the histogram."""
        return {
            estimand: estimators.permutation(
                self.by_state[f"{estimand}_sum"], self.by_state[f"{estimand}_count"], self.by_state["in_east"]
            )
            for estimand in {"unweighted", *self.entry.estimands}
        }

    @cached_property
    def clustered(self) -> Estimate:
        return estimators.ols_cluster(self.values, self.indicator, self.both["state_id"].to_numpy())

    @cached_property
    def detectable(self) -> float:
        """Percentage points that would have been found with 80 % power: by states, for districts by clusters."""
        if self.districts:
            return effects.minimum_detectable_by_error(
                self.clustered.standard_error or 0.0, self.clustered.degrees_of_freedom or 1.0
            )
        return effects.minimum_detectable(self.east_values, self.west_values)

    def _persons(self, frame: pl.DataFrame) -> tuple[pl.Series, pl.Series] | None:
        """Persons of the concept and all persons; of printed shares the persons of the register stand in."""
        if self.entry.weights == "none":
            return None
        if self.register:
            return frame["share_percent"] / 100 * frame["weight_persons"], frame["weight_persons"]
        return frame["persons_with"], frame["persons_total"]

    def _pooled_share(self, frame: pl.DataFrame) -> float:
        persons = self._persons(frame)
        assert persons is not None  # noqa: S101 - the declaration refuses `pooled` without weights
        return estimators.pooled_share(*persons)

    def _pooled(self, estimand: Estimand) -> Iterator[dict[str, Any]]:
        east, west, germany = (self._pooled_share(frame) for frame in (self.east, self.west, self.series))
        values = {"east": east, "west": west, "germany": germany, "difference": east - west}
        if west:
            values["ratio"] = east / west
        values["odds_ratio"] = effects.odds_ratio(east, west)
        for quantity, value in values.items():
            yield self._row(estimand, quantity, "share", Estimate(value))

    def _means(self, estimand: Estimand) -> Iterator[dict[str, Any]]:
        frames = {"east": self.east, "west": self.west, "germany": self.series}
        means = {}
        for quantity, frame in frames.items():
            values = frame["share_percent"].to_numpy()
            if self.districts:
                estimate, flag = Estimate(float(values.mean())), "districts_within_states"
            else:
                estimate, flag = estimators.mean_interval(values), "states_are_the_population"
            means[quantity] = estimate.estimate
            yield self._row(estimand, quantity, "mean", estimate, flag)
        if means["west"]:
            yield self._row(estimand, "ratio", "mean", Estimate(means["east"] / means["west"]))

    def _permutation(self, estimand: Estimand) -> Iterator[dict[str, Any]]:
        permuted = self.permuted[estimand]
        yield self._tested(estimand, "difference", "permutation", Estimate(permuted.observed, p_value=permuted.p_value))

    def _welch(self, estimand: Estimand) -> Iterator[dict[str, Any]]:
        welch = estimators.welch(self.east_values, self.west_values)
        yield self._tested(estimand, "difference", "welch", welch)

    def _ols_hc3(self, estimand: Estimand) -> Iterator[dict[str, Any]]:
        fitted = estimators.ols_hc3(self.values, self.indicator)
        yield self._tested(estimand, "difference", "ols_hc3", fitted)

    def _ols_cluster(self, estimand: Estimand) -> Iterator[dict[str, Any]]:
        yield self._tested(estimand, "difference", "ols_cluster", self.clustered, "clustered_by_state")

    def _fractional_logit(self, estimand: Estimand) -> Iterator[dict[str, Any]]:
        persons = self._persons(self.both) if estimand == "pooled" else None
        fitted = effects.fractional_logit(
            self.values, self.indicator, weights=None if persons is None else persons[1].to_numpy()
        )
        yield self._tested(estimand, "odds_ratio", "fractional_logit", fitted)

    def _hedges_g(self, estimand: Estimand) -> Iterator[dict[str, Any]]:
        found = effects.hedges_g(self.east_values, self.west_values)
        yield self._tested(estimand, "hedges_g", "hedges_g", found)

    def _brunner_munzel(self, estimand: Estimand) -> Iterator[dict[str, Any]]:
        found = effects.brunner_munzel(self.east_values, self.west_values)
        flags = () if found.p_value is not None else ("no_overlap",)
        yield self._tested(estimand, "above", "brunner_munzel", found, *flags)

    def _equivalence(self, estimand: Estimand) -> Iterator[dict[str, Any]]:
        margin = self.entry.equivalence_margin_points
        if margin is not None:  # the declaration refuses the test without a margin
            found = effects.equivalence(self.east_values, self.west_values, margin)
            row = self._tested(estimand, "difference", "equivalence", found, "margin_declared")
            yield {**row, "margin_points": margin}

    def _leave_one_out(self, estimand: Estimand) -> Iterator[dict[str, Any]]:
        """The difference without each state in turn, and the range of these."""
        import numpy as np

        states = self.by_state
        label = states["in_east"].to_numpy()
        sums, counts = (states[f"{estimand}_{part}"].to_numpy().astype(float) for part in ("sum", "count"))
        total = {side: (sums[label == side].sum(), counts[label == side].sum()) for side in (True, False)}
        mean = {side: total[side][0] / total[side][1] for side in (True, False)}
        own = np.array([total[bool(side)] for side in label])
        rest = (own[:, 0] - sums) / (own[:, 1] - counts)
        without = np.where(label, rest - mean[False], mean[True] - rest)
        whole = Estimate(mean[True] - mean[False], float(without.min()), float(without.max()))
        yield self._row(estimand, "difference_without_state", "leave_one_out", whole, "range_without_one_state")
        for state, eastern, difference in zip(states["state_id"], label, without, strict=True):
            row = self._row(estimand, "difference_without_state", "leave_one_out", Estimate(float(difference)))
            side = "n_east" if eastern else "n_west"
            yield {
                **row,
                "result_id": f"{row['result_id']}.without_{state}",
                "state_left_out": state,
                side: row[side] - 1,
            }

    def _tested(
        self, estimand: Estimand, quantity: str, method: str, estimate: Estimate, *flags: str
    ) -> dict[str, Any]:
        row = self._row(estimand, quantity, method, estimate, "states_are_the_population", *flags)
        # An equivalence that is not shown is no difference that was missed.
        if method != "equivalence" and (estimate.p_value or 0.0) >= effects.SIGNIFICANCE:
            row["minimum_detectable_points"] = self.detectable
        return row

    def _row(self, estimand: Estimand, quantity: str, method: str, estimate: Estimate, *flags: str) -> dict[str, Any]:
        carried = set(flags)
        if quantity == "germany":
            carried.add("sum_of_regions")
        if estimand == "pooled" and self.register:
            carried.add("population_weighted")
        return {
            **self.identity,
            **{name: getattr(estimate, name) for name in ("estimate", "lower", "upper", "confidence_level", "p_value")},
            "result_id": f"{self.identity['series_id']}.berlin_{self.berlin}.{quantity}.{estimand}.{method}",
            "comparison_id": self.entry.id,
            "berlin": self.berlin,
            "estimand": estimand,
            "quantity": quantity,
            "method": method,
            "unit": UNITS.get(quantity, "percent"),
            "family": self.entry.family,
            "n_east": self.east.height,
            "n_west": self.west.height,
            "assumptions": join_flags(self.flags | carried),
        }


def _round_width(width: float) -> float:
    """The smallest of 1, 2, 5 times a power of ten that is at least `width`; 1 where all splits are equal."""
    import math

    if width < 1e-9:
        return 1.0
    power = 10.0 ** math.floor(math.log10(width))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= width * (1 - 1e-9))
