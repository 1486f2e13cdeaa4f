"""Every estimator against certified values, an independent formula, or the package it stands in for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import scipy
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from pipeline.analysis import estimators

NIST = Path(scipy.__file__).parent / "stats" / "tests" / "data"
EAST, WEST = (
    np.array([8.4, 7.9, 8.2, 7.8, 7.3]),
    np.array([17.3, 33.3, 22.1, 35.1, 30.4, 33.6, 26.1, 33.4, 25.6, 22.5]),
)
VALUES, INDICATOR = np.concatenate([EAST, WEST]), np.repeat([1.0, 0.0], [5, 10])

groups = st.lists(st.integers(0, 1000).map(lambda n: n / 10), min_size=3, max_size=6)


def nist(name: str, first_data_line: int) -> np.ndarray:
    return np.loadtxt(NIST / name, skiprows=first_data_line - 1)


def test_ols_slope_and_residuals_reach_the_certified_norris_values() -> None:
    y, x = nist("nist_linregress/Norris.dat", 61).T
    assert y.size == 36
    fitted = estimators.ols_hc3(y, x)
    assert fitted.estimate == pytest.approx(1.00211681802045, rel=1e-12)
    # HC3 is no certified value; its formula with the certified intercept and slope is.
    residuals = y + 0.262323073774029 - 1.00211681802045 * x
    centred = x - x.mean()
    leverage = 1 / x.size + centred**2 / (centred**2).sum()
    expected = np.sqrt(((centred * residuals / (1 - leverage)) ** 2).sum()) / (centred**2).sum()
    assert fitted.standard_error == pytest.approx(expected, rel=1e-9)
    assert fitted.degrees_of_freedom == 34


def test_welch_reaches_the_certified_f_of_two_equal_groups() -> None:
    instrument, weight = nist("nist_anova/AtmWtAg.dat", 61).T
    # With 24 values in each group Welch's t is Student's, and its square the F of the analysis of variance.
    # The data have seven constant leading digits, which leaves nine or so of the sixteen a double carries.
    fitted = estimators.welch(weight[instrument == 1], weight[instrument == 2])
    assert (fitted.estimate / fitted.standard_error) ** 2 == pytest.approx(15.9467335677930, rel=1e-8)


def test_welch_interval_has_satterthwaite_degrees_of_freedom_and_not_n_minus_2() -> None:
    fitted = estimators.welch(EAST, WEST)
    a, b = EAST.var(ddof=1) / 5, WEST.var(ddof=1) / 10
    df = (a + b) ** 2 / (a**2 / 4 + b**2 / 9)
    half = stats.t.ppf(0.975, df) * np.sqrt(a + b)
    assert fitted.degrees_of_freedom == pytest.approx(df)
    assert fitted.degrees_of_freedom != pytest.approx(13)
    assert (fitted.lower, fitted.upper) == pytest.approx((fitted.estimate - half, fitted.estimate + half))


def test_mean_interval_is_that_of_the_one_sample_t_test() -> None:
    expected = stats.ttest_1samp(EAST, 0).confidence_interval(0.95)
    fitted = estimators.mean_interval(EAST)
    assert (fitted.lower, fitted.upper) == pytest.approx((expected.low, expected.high))


def test_pooled_share_counts_persons_and_not_regions() -> None:
    assert estimators.pooled_share([10, 90], [100, 100_000]) == pytest.approx(100 * 100 / 100_100)


def test_ols_hc3_is_the_welch_difference_with_its_own_variance_and_the_t_distribution() -> None:
    fitted = estimators.ols_hc3(VALUES, INDICATOR)
    variance = sum(((g - g.mean()) ** 2).sum() / (g.size - 1) ** 2 for g in (EAST, WEST))
    t = fitted.estimate / np.sqrt(variance)
    assert fitted.estimate == pytest.approx(EAST.mean() - WEST.mean())
    assert fitted.standard_error == pytest.approx(np.sqrt(variance))
    assert fitted.p_value == pytest.approx(2 * stats.t.sf(abs(t), 13))
    assert fitted.p_value > 10 * 2 * stats.norm.sf(abs(t)), "the normal distribution would be statsmodels' default"


def test_ols_cluster_is_cr1_with_clusters_minus_one_degrees_of_freedom() -> None:
    clusters = np.array(["12", "12", "13", "13", "14", "01", "01", "02", "02", "03", "03", "03", "05", "05", "05"])
    fitted = estimators.ols_cluster(VALUES, INDICATOR, clusters)
    design = np.column_stack([np.ones(15), INDICATOR])
    residuals = VALUES - np.where(INDICATOR == 1, EAST.mean(), WEST.mean())
    scores = np.array([design[clusters == c].T @ residuals[clusters == c] for c in np.unique(clusters)])
    bread = np.linalg.inv(design.T @ design)
    count = len(scores)
    covariance = bread @ (scores.T @ scores) @ bread * count / (count - 1) * 14 / 13
    error = np.sqrt(covariance[1, 1])
    assert fitted.standard_error == pytest.approx(error)
    assert fitted.degrees_of_freedom == count - 1
    assert fitted.p_value == pytest.approx(2 * stats.t.sf(abs(fitted.estimate) / error, count - 1))


@pytest.mark.parametrize(("east", "west"), [(EAST, WEST), (WEST[:4], EAST), ([1.0, 1.0, 3.0], [1.0, 2.0, 2.0, 1.0])])
def test_permutation_p_is_that_of_scipy_with_all_splits(east: list[float], west: list[float]) -> None:
    expected = stats.permutation_test(
        (east, west), lambda x, y, axis: x.mean(axis) - y.mean(axis), vectorized=True, n_resamples=np.inf
    )
    values = np.concatenate([east, west])
    ours = estimators.permutation(values, np.ones(values.size), np.arange(values.size) < len(east))
    assert ours.p_value == pytest.approx(expected.pvalue, rel=1e-12)
    assert np.sort(ours.null) == pytest.approx(np.sort(expected.null_distribution))


def test_permutation_of_states_with_district_values_is_that_of_scipy() -> None:
    sums, counts = np.array([12.0, 30.0, 7.0, 55.0, 80.0, 9.0, 61.0]), np.array([2, 5, 1, 4, 6, 1, 3])

    def difference(x: np.ndarray, y: np.ndarray, axis: int) -> np.ndarray:
        x, y = x.astype(int), y.astype(int)
        return sums[x].sum(axis) / counts[x].sum(axis) - sums[y].sum(axis) / counts[y].sum(axis)

    expected = stats.permutation_test(([0, 1, 2], [3, 4, 5, 6]), difference, vectorized=True, n_resamples=np.inf)
    ours = estimators.permutation(sums, counts, np.arange(7) < 3)
    assert ours.observed == pytest.approx(49 / 8 - 205 / 14)
    assert ours.p_value == pytest.approx(expected.pvalue, rel=1e-12)


def test_the_two_sided_p_doubles_the_smaller_tail() -> None:
    values = np.array([0.0, 5.0, 1.0, 2.0, 10.0])
    ours = estimators.permutation(values, np.ones(5), np.array([True, False, False, False, False]))
    # Of five splits the observed is the lowest, and one more (the 10) is at least as far from zero.
    assert ours.p_value == pytest.approx(2 * 1 / 5)
    assert np.mean(np.abs(ours.null) >= abs(ours.observed)) == pytest.approx(2 / 5)
    skewed = estimators.permutation(np.array([0.0, 0.0, 0.0, 10.0, 9.0]), np.ones(5), np.arange(5) == 3)
    assert skewed.p_value == pytest.approx(2 * 1 / 5)
    assert np.mean(np.abs(skewed.null) >= abs(skewed.observed)) == pytest.approx(1 / 5)


def test_equal_differences_tie_whatever_the_order_of_summation() -> None:
    values = np.array([0.1, 0.2, 0.3, 0.3, 0.2, 0.1])
    ours = estimators.permutation(values, np.ones(6), np.array([True, True, True, False, False, False]))
    assert ours.observed == pytest.approx(0, abs=1e-15)
    assert ours.p_value == 1


@pytest.mark.parametrize(("units", "first", "splits"), [(15, 5, 3003), (16, 6, 8008), (16, 5, 4368)])
def test_the_number_of_splits_and_the_smallest_p(units: int, first: int, splits: int) -> None:
    values = np.arange(units, dtype=float)
    ours = estimators.permutation(values, np.ones(units), values < first)
    assert ours.null.size == splits
    assert ours.p_value == pytest.approx(2 / splits)


@settings(max_examples=40, deadline=None)
@given(east=groups, west=groups)
def test_swapping_the_groups_flips_the_sign_and_keeps_p(east: list[float], west: list[float]) -> None:
    values = np.array(east + west)
    labels = np.arange(values.size) < len(east)
    one = estimators.permutation(values, np.ones(values.size), labels)
    other = estimators.permutation(values, np.ones(values.size), ~labels)
    assert one.observed == pytest.approx(-other.observed, abs=1e-9)
    assert one.p_value == pytest.approx(other.p_value)
    assert one.p_value >= 2 / one.null.size or one.p_value == 1


@pytest.mark.filterwarnings("ignore:Precision loss")
@settings(max_examples=25, deadline=None)
@given(east=groups, west=groups, scale=st.sampled_from([0.01, 10.0, 1000.0]))
def test_a_change_of_unit_scales_estimate_and_interval(east: list[float], west: list[float], scale: float) -> None:
    if np.ptp(east) == 0 and np.ptp(west) == 0:
        west = [*west[:-1], west[-1] + 1]
    a, b = np.array(east), np.array(west)
    values, labels = np.concatenate([a, b]), np.arange(a.size + b.size) < a.size
    for method in (
        lambda s: estimators.welch(s * a, s * b),
        lambda s: estimators.ols_hc3(s * values, labels),
    ):
        one, scaled = method(1.0), method(scale)
        for name in ("estimate", "lower", "upper"):
            assert getattr(scaled, name) == pytest.approx(scale * getattr(one, name), rel=1e-9, abs=1e-9 * scale)
        assert scaled.p_value == pytest.approx(one.p_value, rel=1e-6)


@given(share=st.floats(0, 100), base=st.integers(1, 100_000))
def test_wilson_stays_within_0_to_100_and_around_the_share(share: float, base: int) -> None:
    fitted = estimators.wilson(share, base)
    assert 0 <= fitted.lower <= share + 1e-9
    assert share - 1e-9 <= fitted.upper <= 100


@given(share=st.floats(1, 99), base=st.integers(2, 10_000))
def test_wilson_shrinks_with_the_base(share: float, base: int) -> None:
    few, many = estimators.wilson(share, base), estimators.wilson(share, 4 * base)
    assert many.upper - many.lower < few.upper - few.lower


def test_wilson_is_the_score_interval_and_not_the_normal_one() -> None:
    # Newcombe (1998), Statistics in Medicine 17, table I: 15 of 148 gives 0.0624 to 0.1605.
    fitted = estimators.wilson(100 * 15 / 148, 148)
    assert (round(fitted.lower, 2), round(fitted.upper, 2)) == (6.24, 16.05)
