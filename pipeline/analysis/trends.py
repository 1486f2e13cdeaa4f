"""Time: how the foreign shares of eastern and western states moved, between two declared breaks.

Belongs here: which years stand together, which quantities and methods they get, and what is flagged. Not here: the
estimators (clustered, estimators), comparisons of a single year (east_west).

Breaks. Every break a source declares (a new census base, another method or universe) ends a segment: marts.share counts
them up to each date. A new census base moves the population of every state by another amount, so the publisher says
that no difference is to be taken across it, and none is. A shift of level with a common slope was considered and
rejected: it would lend the slope of 2011 to 2021 to the three years since, while the data give the East 0.41 points a
year before and 0.52 after, the West 0.59 before and 0.51 after; and what 2022 brought (arrivals from Ukraine) falls on
the very year of the break, so that a shift would mix the two.

The trend of a state is the slope of its own straight line. With all states in all years, the coefficient of East times
year beside effects of state and year is exactly the difference of the mean slopes; so sixteen slopes carry everything,
and permuting the labels of states is permuting slopes. In points the West rose faster until 2021, in log odds
the East, which began far lower: both scales stand beside each other, since either alone misleads.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from pipeline.analysis import clustered, effects, estimators, families
from pipeline.analysis.comparisons import Berlin
from pipeline.analysis.estimators import Estimate
from pipeline.analysis.places import Change, Trend
from pipeline.analysis.series import GROUPS
from pipeline.analysis.tables import STATUS_FLAGS, TREND, finish, join_flags, require_columns
from pipeline.errors import InputError

if TYPE_CHECKING:
    import numpy as np

SHARE_COLUMNS = (
    "source_id", "year", "concept", "segment", "census_base", "level", "region_id", "part", "share_percent",
    "share_origin", "weight_persons", "status",
)  # fmt: skip
LEAST_YEARS = 3
SCALES = {"points": "percentage points per year", "log_odds": "log odds per year"}


@dataclass(frozen=True)
class Segment:
    """Complete years without a break among them; `gaps`: whether a year in which some share is not known was left out.

    shares: rows of marts.share, states only, sorted by region_id and year.
    """

    shares: pl.DataFrame
    gaps: bool

    @property
    def years(self) -> set[int]:
        """The years that can be used."""
        return set(self.shares["year"])


def trends(share: pl.DataFrame, comparisons: Sequence[Trend | Change]) -> pl.DataFrame:
    """TREND: one row a declared comparison, segment or pair of years, treatment of Berlin, quantity, scale and method.

    Args:
        share: marts.share, columns SHARE_COLUMNS at least; states are used.
        comparisons: entries of the declaration. A year in which a share is not known for some state is left out of its
            segment and flagged. Weights `none` count a state once, `population` by its mean number of inhabitants in
            the segment.

    Slopes: `slope_east`, `slope_west` by `mean` (Student's interval over states, none where weighted) and
    `slope_difference` by `permutation` (exact, leads), `ols_cluster_state_effects` (CR1, t with states - 1 degrees of
    freedom: rejects too often with so few states, stands for its interval), the sensitivities
    `wild_cluster_rademacher` and `wild_cluster_webb` (p only), and `tost_cluster` of the slopes in points against the
    margin. A segment of fewer than three years gets no slope. Changes: the same without the regression, by `mean`,
    `permutation`, `welch` and `equivalence`. p_adjusted is Holm's within the family, of the headline method alone.

    Raises:
        InputError: a column or the source is missing, a year lies in two segments, a change lies across a break or
        names a year that is not complete, or inhabitants are not known where they weigh.
    """
    require_columns(share, SHARE_COLUMNS, "marts.share")
    rows: list[dict[str, Any]] = []
    for entry in comparisons:
        segments = segments_of(share, entry)
        for variant in entry.berlin:
            if isinstance(entry, Trend):
                for segment in segments:
                    if len(segment.years) >= LEAST_YEARS:
                        rows.extend(_Segment(segment, variant, entry).slopes(entry))
            else:
                for first, last in entry.changes:
                    rows.extend(_Segment(pair(segments, first, last), variant, entry).change(entry))
    headlines = {entry.id: entry.headline for entry in comparisons}
    families.adjust(row for row in rows if row["method"] == headlines[row["comparison_id"]])
    return finish(rows, TREND, key=["result_id"])


def segments_of(share: pl.DataFrame, entry: Trend | Change) -> list[Segment]:
    """The segments of an entry's years, the earliest first.

    Raises:
        InputError: there are no shares of states, or a year lies in two segments.
    """
    states = share.filter(
        pl.col("source_id") == entry.source, pl.col("concept") == entry.outcome, pl.col("level") == "state"
    ).sort("region_id", "year")
    if isinstance(entry, Trend) and entry.years != "all":
        states = states.filter(pl.col("year").is_in(entry.years))
    if states.is_empty():
        raise InputError(
            f"no shares of states from {entry.source}, concept {entry.outcome}",
            key=entry.source,
            remedy="name a source and a concept of marts.share",
        )
    torn = states.group_by("year").agg(pl.col("segment").n_unique()).filter(pl.col("segment") > 1)
    if torn.height:
        raise InputError(
            f"the shares of {torn['year'].min()} lie on both sides of a break",
            key="segment",
            remedy="one year of a source lies before or after a break: correct `since` in its source.yml",
        )
    found = []
    for rows in states.sort("segment", maintain_order=True).partition_by("segment", maintain_order=True):
        regions = rows["region_id"].n_unique()
        known = rows.drop_nulls("share_percent").group_by("year").len().filter(pl.col("len") == regions)["year"]
        complete = rows.filter(pl.col("year").is_in(known.to_list()))
        found.append(Segment(complete, gaps=known.len() < rows["year"].n_unique()))
    return found


def pair(segments: Sequence[Segment], first: int, last: int) -> Segment:
    """The two years of one segment.

    Raises:
        InputError: a year is not complete, or a break lies between them.
    """
    for segment in segments:
        if {first, last} <= segment.years:
            return Segment(segment.shares.filter(pl.col("year").is_in([first, last])), gaps=False)
    everywhere = {year for segment in segments for year in segment.years}
    missing = [str(year) for year in (first, last) if year not in everywhere]
    reason = f"{' and '.join(missing)} not known for all states" if missing else "a break lies between them"
    raise InputError(
        f"no change can be taken from {first} to {last}: {reason}",
        key="changes",
        remedy="name two complete years without a break between them",
    )


class _Segment:
    """Shares of states in years without a break, one treatment of Berlin; one row a state, one column a year."""

    def __init__(self, segment: Segment, berlin: Berlin, entry: Trend | Change) -> None:
        import numpy as np

        east, west = GROUPS[berlin]
        used = segment.shares.filter(pl.col("part").is_in(east + west)).sort("region_id", "year")
        self.berlin = berlin
        self.identity = {
            "comparison_id": entry.id,
            "source_id": entry.source,
            "concept": entry.outcome,
            "family": entry.family,
        }
        self.years = used["year"].unique().sort().to_numpy().astype(float)
        self.shares = used["share_percent"].to_numpy().reshape(-1, self.years.size)
        parts = used.group_by("region_id", maintain_order=True).agg(pl.col("part").first())["part"]
        self.east = parts.is_in(east).to_numpy()
        self.estimand = "weighted" if entry.weights == "population" else "unweighted"
        self.weights = np.ones(self.east.size)
        self.flags = {"states_are_the_population"} | {
            STATUS_FLAGS[status] for status in used["status"].unique() if status in STATUS_FLAGS
        }
        if entry.weights == "population":
            if used["weight_persons"].null_count():
                raise InputError(
                    f"inhabitants are not known for all states and years of {entry.source}",
                    key="weight_persons",
                    remedy="weight with none, or add a population of the same days",
                )
            self.weights = used["weight_persons"].to_numpy().reshape(self.shares.shape).mean(axis=1)
            self.flags.add("population_weighted")
        if "printed" in used["share_origin"].to_list():
            self.flags.add("rounded_inputs")
        if segment.gaps:
            self.flags.add("years_missing")
        self.identity |= {name: used[name][0] for name in ("segment", "census_base")}

    def slopes(self, entry: Trend) -> Iterator[dict[str, Any]]:
        import numpy as np

        time = self.years - self.years.mean()
        states, years = self.shares.shape
        state = np.repeat(np.arange(states), years)
        regressor = np.repeat(self.east.astype(float), years) * np.tile(time, states)
        effects_of = np.column_stack(
            [state[:, np.newaxis] == np.arange(states), np.tile(time, states)[:, np.newaxis] == time[1:]]
        ).astype(float)
        weights = np.repeat(self.weights, years)
        flags = {"straight_line"}
        few = flags | {"clustered_by_state"}
        margin = entry.equivalence_margin_points_per_year
        for scale, unit in SCALES.items():
            values = self.shares if scale == "points" else np.log(self.shares / (100 - self.shares))
            slope = values @ time / (time @ time)
            yield from self._sides("slope", slope, scale, unit, flags, entry.methods)
            given = (values.ravel(), regressor, effects_of, state, weights)
            fitted = clustered.ols_cluster_adjusted(*given)
            for method in entry.methods:
                if method == "ols_cluster_state_effects":
                    yield self._row("slope_difference", scale, method, unit, fitted, few)
                elif method.startswith("wild_cluster_"):
                    p_value = clustered.wild_cluster_bootstrap(*given, points=method.removeprefix("wild_cluster_"))
                    drawn = Estimate(fitted.estimate, p_value=p_value)
                    yield self._row("slope_difference", scale, method, unit, drawn, few)
                elif method == "tost_cluster" and margin is not None and scale == "points":
                    tested = Estimate(fitted.estimate, p_value=clustered.equivalence_p(fitted, margin))
                    yield self._row("slope_difference", scale, method, unit, tested, few | {"margin_declared"})

    def change(self, entry: Change) -> Iterator[dict[str, Any]]:
        change, unit = self.shares[:, -1] - self.shares[:, 0], "percentage points"
        yield from self._sides("change", change, "points", unit, set(), entry.methods)
        sides = change[self.east], change[~self.east]
        margin = entry.equivalence_margin_points
        if "welch" in entry.methods:
            yield self._row("change_difference", "points", "welch", unit, estimators.welch(*sides), set())
        if "equivalence" in entry.methods and margin is not None:
            tested = effects.equivalence(*sides, margin)
            yield self._row("change_difference", "points", "equivalence", unit, tested, {"margin_declared"})

    def _sides(
        self, what: str, values: np.ndarray, scale: str, unit: str, flags: set[str], methods: Sequence[str]
    ) -> Iterator[dict[str, Any]]:
        """Means of both sides, and their difference with the p of the permutation of states, as declared."""
        import numpy as np

        if "mean" in methods:
            for name, side in (("east", self.east), ("west", ~self.east)):
                weighted = Estimate(float(np.average(values[side], weights=self.weights[side])))
                found = estimators.mean_interval(values[side]) if self.estimand == "unweighted" else weighted
                yield self._row(f"{what}_{name}", scale, "mean", unit, found, flags)
        if "permutation" in methods:
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
