"""Bands of an assumed design effect, and bounds over regions that are not known."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from pipeline.analysis.comparisons import Sampling
from pipeline.analysis.sampling import sampling_band, seed_of, standard_error_percent
from pipeline.analysis.tables import SAMPLING_BAND

SAMPLE = Sampling(fraction=0.01, design_effects=(1.0, 4.0))


@pytest.fixture
def bands(mikrozensus_2018: pl.DataFrame, declare) -> pl.DataFrame:
    return sampling_band(mikrozensus_2018, declare(mikrozensus_2018, sampling=SAMPLE))


def test_the_standard_error_is_the_formula(bands: pl.DataFrame) -> None:
    # Saarland with a share of 30 percent of 977,000 persons: 0.46 points, and twice as much at a design effect of 4.
    assert standard_error_percent(30, 977_000, 0.01, 1) == pytest.approx(0.4636, abs=1e-4)
    assert standard_error_percent(30, 977_000, 0.01, 4) == pytest.approx(0.9272, abs=1e-4)
    assert dict(bands.schema) == SAMPLING_BAND
    saarland = bands.filter(region_id="10", design_effect=1.0).row(0, named=True)
    assert saarland["standard_error"] == pytest.approx(standard_error_percent(100 * 220 / 977, 977_000, 0.01, 1))
    assert saarland["upper"] - saarland["estimate"] == pytest.approx(1.959964 * saarland["standard_error"])
    assert saarland["n"] == 9770


def test_the_draws_agree_with_the_formula_for_the_sum_of_states(bands, mikrozensus_2018) -> None:
    east = mikrozensus_2018.filter(part="east")
    weights = (east["persons_total"] / east["persons_total"].sum()).to_numpy()
    for effect in (1.0, 4.0):
        errors = [
            standard_error_percent(share, size, 0.01, effect)
            for share, size in east.select("share_percent", "persons_total").iter_rows()
        ]
        row = bands.filter(quantity="east", berlin="excluded", design_effect=effect).row(0, named=True)
        assert row["standard_error"] == pytest.approx(np.sqrt(((weights * errors) ** 2).sum()), rel=0.03)
        assert row["lower"] < row["estimate"] < row["upper"]
        assert row["seed"] == seed_of("mikrozensus_states.2018.migration_background_wider")


def test_a_larger_design_effect_widens_every_band_and_says_that_it_is_assumed(bands: pl.DataFrame) -> None:
    width = bands.with_columns(width=pl.col("upper") - pl.col("lower"))
    key = ["region_id", "berlin", "quantity"]
    both = width.filter(design_effect=1.0).join(width.filter(design_effect=4.0), on=key, nulls_equal=True)
    assert both.height == 16 + 3 * 5
    assert both.select(ratio=pl.col("width_right") / pl.col("width"))["ratio"].to_list() == pytest.approx(
        [2.0] * both.height, rel=0.06
    )
    assert bands["assumptions"].str.contains("sampling_assumed").all()


def test_the_draws_of_a_series_do_not_depend_on_what_else_is_computed(
    bands, mikrozensus_2018, mikrozensus_2016, declare
):
    frame = pl.concat([mikrozensus_2016, mikrozensus_2018])
    again = sampling_band(frame, declare(frame, sampling=SAMPLE))
    assert again.filter(year=2018).drop("comparison_id").equals(bands.drop("comparison_id"))
    assert again.filter(year=2016)["seed"].max() != bands["seed"].max()


def test_unknown_regions_are_bounded_and_counted(share_frame, states, declare) -> None:
    regions = [f"{int(state):02d}{number:03d}" for state in states for number in (1, 2)]
    shares: dict[str, float | None] = {region: 5.0 if region >= "12" else 15.0 for region in regions}
    shares["03001"] = shares["16002"] = None
    frame = share_frame({}, shares=shares, level="district", origin="printed", status="published")
    assert sampling_band(frame, declare(frame)).is_empty(), "not declared to be bounded"
    bounds = sampling_band(frame, declare(frame, unknown_regions="bounded")).filter(berlin="excluded")
    east, west, _, difference = bounds.iter_rows(named=True)
    assert (east["lower"], east["upper"]) == (4.5, 14.5)
    assert (west["lower"], west["upper"]) == (14.25, 19.25)
    assert (difference["lower"], difference["upper"]) == (4.5 - 19.25, 14.5 - 14.25)
    assert bounds["regions_unknown"].to_list() == [1, 1, 2, 2]
    assert bounds["confidence_level"].is_null().all()
    assert bounds["assumptions"].str.contains("worst_case").all()
