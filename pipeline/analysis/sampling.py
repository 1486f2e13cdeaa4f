"""What the sampling of the Mikrozensus and figures that are not known do to the shares of East and West.

Belongs here: bands under an assumed design effect, and bounds over regions without a figure. Not here: the comparison
of states (east_west): these bands say nothing on whether the states differ, only how exactly their shares are known.

The publisher prints no standard error by state. A share p of N persons of which a fraction f was interviewed has, with
the design effect deff, the standard error sqrt(deff p (1 - p) / (f N)). deff is assumed, and several are shown.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl

from pipeline.analysis.carried import Assigned, assign
from pipeline.analysis.comparisons import EastWest, Sampling
from pipeline.analysis.series import GROUPS, series_flags
from pipeline.analysis.tables import CONFIDENCE_LEVEL, SAMPLING_BAND, finish, join_flags

DRAWS = 10_000
UNITS = {"difference": "percentage points", "ratio": "ratio"}


def sampling_band(share: pl.DataFrame, comparisons: Sequence[EastWest]) -> pl.DataFrame:
    """SAMPLING_BAND for every declared series with a `sampling`, and for every declared series that is bounded.

    Args:
        share: marts.share, SHARE_COLUMNS at least.
        comparisons: entries of the declaration.

    method `formula`: the share of one state with its standard error and the normal interval, cut to 0..100; n is the
    number of persons interviewed, that is f times N. method `monte_carlo`: east, west, germany, difference and ratio of
    the pooled shares from DRAWS draws, in which the interviewed of each state are binomial with f N / deff trials;
    bounds are quantiles of the draws, standard_error their standard deviation. The stream begins at `seed`, which is
    made from the series_id, so that a series has the same draws whatever else is computed. method `bounds`: the means
    of regions with those without a figure at 0 and at 100 percent; regions_unknown says how many there are.
    """
    rows: list[dict[str, Any]] = []
    for item in assign(share, comparisons):
        if item.entry is None:
            continue
        if item.entry.sampling is not None and item.reason is None:
            rows.extend(_bands(item.series, item.entry, item.entry.sampling))
        if item.entry.unknown_regions == "bounded" and item.series["share_percent"].null_count():
            rows.extend(_bounds(item, item.entry))
    return finish(rows, SAMPLING_BAND, key=["result_id"])


def seed_of(series_id: str) -> int:
    """The beginning of a series' stream of random numbers: the first six bytes of the SHA-256 of its id."""
    return int.from_bytes(hashlib.sha256(series_id.encode()).digest()[:6], "big")


def standard_error_percent(share_percent: float, persons: float, fraction: float, design_effect: float) -> float:
    """sqrt(deff p (1 - p) / (f N)), in percentage points."""
    p = share_percent / 100
    return 100 * (design_effect * p * (1 - p) / (fraction * persons)) ** 0.5


def _bands(series: pl.DataFrame, entry: EastWest, sampling: Sampling) -> Iterator[dict[str, Any]]:
    import numpy as np
    from scipy.stats import norm

    seed = seed_of(series["series_id"][0])
    persons = series["persons_total"].to_numpy()
    shares = series["share_percent"].to_numpy()
    half_width = float(norm.ppf((1 + CONFIDENCE_LEVEL) / 2))
    flags = series_flags(series) | {"sampling_assumed"}
    for effect in sampling.design_effects:
        common = {"sampling_fraction": sampling.fraction, "design_effect": effect, "estimand": "pooled"}
        for state, share, size in zip(series["region_id"], shares, persons, strict=True):
            error = standard_error_percent(share, size, sampling.fraction, effect)
            yield _row(
                series,
                entry,
                f"deff_{effect:g}.{state}",
                flags,
                **common,
                region_id=state,
                quantity="share",
                method="formula",
                estimate=share,
                standard_error=error,
                lower=max(0.0, share - half_width * error),
                upper=min(100.0, share + half_width * error),
                n=round(sampling.fraction * size),
            )
        # One stream a design effect, begun anew: the bands differ by the effect alone, not by luck. RandomState is the
        # generator whose streams NumPy has frozen; those of Generator changed between 2.4 and 2.5.
        generator = np.random.RandomState(np.random.MT19937(np.random.SeedSequence(seed)))
        trials = np.maximum(1, np.round(sampling.fraction * persons / effect)).astype(np.int64)
        drawn = generator.binomial(trials, shares / 100, size=(DRAWS, trials.size)) / trials
        for berlin in entry.berlin:
            observed = _pooled(shares[np.newaxis] / 100, persons, series, berlin)
            simulated = _pooled(drawn, persons, series, berlin)
            for quantity, draws in simulated.items():
                lower, upper = np.quantile(draws, [(1 - CONFIDENCE_LEVEL) / 2, (1 + CONFIDENCE_LEVEL) / 2])
                yield _row(
                    series,
                    entry,
                    f"deff_{effect:g}.berlin_{berlin}.{quantity}",
                    flags | ({"sum_of_regions"} if quantity == "germany" else set()),
                    **common,
                    berlin=berlin,
                    quantity=quantity,
                    method="monte_carlo",
                    seed=seed,
                    draws=DRAWS,
                    estimate=float(observed[quantity][0]),
                    standard_error=float(draws.std(ddof=1)),
                    lower=float(lower),
                    upper=float(upper),
                    n=round(sampling.fraction * persons.sum()),
                )


def _pooled(shares: Any, persons: Any, series: pl.DataFrame, berlin: str) -> dict[str, Any]:
    """The pooled quantities in percent of each row of `shares` (draws by states, 0 to 1)."""
    import numpy as np

    def pooled(chosen: np.ndarray) -> np.ndarray:
        return 100 * shares[:, chosen] @ persons[chosen] / persons[chosen].sum()

    in_east, in_west = (series["part"].is_in(parts).to_numpy() for parts in GROUPS[berlin])
    east, west, germany = pooled(in_east), pooled(in_west), pooled(np.ones_like(in_east))
    # A draw of nobody at all in the West has no ratio; it would be infinite and leave as null.
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = east / west
    return {"east": east, "west": west, "germany": germany, "difference": east - west, "ratio": ratio}


def _bounds(item: Assigned, entry: EastWest) -> Iterator[dict[str, Any]]:
    series = item.series
    flags = series_flags(series) | {"worst_case", "districts_within_states"}
    for berlin in entry.berlin:
        ends: dict[str, tuple[float, float]] = {}
        sides = {"east": GROUPS[berlin][0], "west": GROUPS[berlin][1], "germany": ("east", "west", "berlin")}
        unknown: dict[str, int] = {}
        counted: dict[str, int] = {}
        for quantity, parts in sides.items():
            values = series.filter(pl.col("part").is_in(parts))["share_percent"]
            known = float(values.drop_nulls().sum())
            unknown[quantity], counted[quantity] = values.null_count(), values.len()
            ends[quantity] = (known / values.len(), (known + 100 * values.null_count()) / values.len())
        ends["difference"] = (ends["east"][0] - ends["west"][1], ends["east"][1] - ends["west"][0])
        unknown["difference"], counted["difference"] = (
            unknown["east"] + unknown["west"],
            counted["east"] + counted["west"],
        )
        for quantity, (lower, upper) in ends.items():
            yield _row(
                series,
                entry,
                f"bounds.berlin_{berlin}.{quantity}",
                flags | ({"sum_of_regions"} if quantity == "germany" else set()),
                berlin=berlin,
                estimand="unweighted",
                quantity=quantity,
                method="bounds",
                regions_unknown=unknown[quantity],
                lower=lower,
                upper=upper,
                n=counted[quantity],
            )


def _row(series: pl.DataFrame, entry: EastWest, name: str, flags: set[str], **cells: Any) -> dict[str, Any]:
    head = series.row(0, named=True)
    banded = cells["method"] != "bounds"
    return {
        **{column: head[column] for column in ("series_id", "level", "year", "source_id", "concept")},
        **cells,
        "result_id": f"{head['series_id']}.sampling.{name}" if banded else f"{head['series_id']}.{name}",
        "comparison_id": entry.id,
        "unit": UNITS.get(cells["quantity"], "percent"),
        "confidence_level": CONFIDENCE_LEVEL if banded else None,
        "family": entry.family,
        "assumptions": join_flags(flags),
    }
