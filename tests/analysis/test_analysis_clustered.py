"""Estimators for districts within states: what must hold whatever the figures are."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.analysis import clustered, estimators
from pipeline.analysis.estimators import Estimate

STATES = np.repeat(np.arange(8), [1, 2, 3, 4, 5, 6, 7, 8])
EAST = np.isin(STATES, (1, 4, 6)).astype(float)
SEEDS = st.integers(0, 10_000)


def drawn(seed: int, covariates: int = 2) -> tuple[np.ndarray, np.ndarray]:
    """Shares in percent that depend on states, and covariates."""
    rng = np.random.default_rng(seed)
    given_columns = rng.standard_normal((STATES.size, covariates))
    score = -2 + 0.4 * rng.standard_normal(8)[STATES] + 0.3 * rng.standard_normal(STATES.size)
    return 100 / (1 + np.exp(-score - given_columns @ np.full(covariates, 0.2))), given_columns


def test_without_covariates_the_gap_is_the_difference_of_means() -> None:
    shares, _ = drawn(1)
    found = clustered.fractional_logit_cluster(shares, EAST, STATES)
    east, west = shares[EAST == 1].mean(), shares[EAST == 0].mean()
    assert found.gap.estimate == pytest.approx(east - west, rel=1e-10)
    assert found.odds_ratio.estimate == pytest.approx(east / (100 - east) / (west / (100 - west)), rel=1e-10)
    assert found.gap.degrees_of_freedom == 7


@settings(max_examples=25)
@given(SEEDS)
def test_swapping_the_labels_flips_the_gap_and_inverts_the_odds_and_leaves_every_p(seed: int) -> None:
    shares, covariates = drawn(seed)
    one = clustered.fractional_logit_cluster(shares, EAST, STATES, covariates)
    other = clustered.fractional_logit_cluster(shares, 1 - EAST, STATES, covariates)
    assert other.gap.estimate == pytest.approx(-one.gap.estimate)
    assert (other.gap.lower, other.gap.upper) == pytest.approx((-one.gap.upper, -one.gap.lower))
    assert other.odds_ratio.estimate == pytest.approx(1 / one.odds_ratio.estimate)
    assert other.gap.p_value == pytest.approx(one.gap.p_value)
    p_values = [clustered.permutation_residualised(shares, x, STATES, covariates).p_value for x in (EAST, 1 - EAST)]
    assert p_values[0] == p_values[1]


@settings(max_examples=25)
@given(SEEDS, st.floats(0.01, 1000), st.floats(-50, 50))
def test_units_of_covariates_and_scale_of_weights_move_nothing(seed: int, scale: float, shift: float) -> None:
    shares, covariates = drawn(seed)
    weights = np.random.default_rng(seed).uniform(0.5, 2, STATES.size)
    one = clustered.fractional_logit_cluster(shares, EAST, STATES, covariates, weights)
    other = clustered.fractional_logit_cluster(shares, EAST, STATES, covariates * scale + shift, weights * scale)
    assert other.gap.estimate == pytest.approx(one.gap.estimate, rel=1e-6)
    assert other.gap.standard_error == pytest.approx(one.gap.standard_error, rel=1e-6)
    assert other.covariates[0].estimate == pytest.approx(one.covariates[0].estimate ** (1 / scale), rel=1e-6)
    p_values = [
        clustered.permutation_residualised(shares, EAST, STATES, columns, w).p_value
        for columns, w in ((covariates, weights), (covariates * scale + shift, weights * scale))
    ]
    assert p_values[0] == p_values[1]


def test_weights_of_one_change_nothing_and_weights_of_two_count_twice() -> None:
    shares, covariates = drawn(3)
    one = clustered.fractional_logit_cluster(shares, EAST, STATES, covariates)
    same = clustered.fractional_logit_cluster(shares, EAST, STATES, covariates, np.ones(STATES.size))
    assert same == one
    twice = np.r_[np.arange(STATES.size), np.arange(10)]
    counted = np.bincount(twice).astype(float)
    weighted = clustered.fractional_logit_cluster(shares, EAST, STATES, covariates, counted)
    repeated = clustered.fractional_logit_cluster(shares[twice], EAST[twice], STATES[twice], covariates[twice])
    assert weighted.gap.estimate == pytest.approx(repeated.gap.estimate)


@settings(max_examples=25)
@given(SEEDS)
def test_the_permutation_p_is_at_least_two_splits_of_all(seed: int) -> None:
    shares, covariates = drawn(seed)
    found = clustered.permutation_residualised(shares, EAST, STATES, covariates)
    assert found.null.size == 56
    assert 2 / 56 <= found.p_value <= 1


def test_the_residualised_permutation_is_that_of_its_definition_split_by_split() -> None:
    """Every split is fitted as a label of its own and residualised by weighted least squares, district by district."""
    import statsmodels.api as sm

    shares, covariates = drawn(4)
    design = np.column_stack([np.ones(STATES.size), covariates])
    fit = sm.GLM(shares / 100, design, family=sm.families.Binomial()).fit(tol=1e-13, tol_criterion="params")
    predicted = fit.fittedvalues
    residual, working = shares / 100 - predicted, predicted * (1 - predicted)

    def studentised(label: np.ndarray) -> float:
        beta = sm.WLS(label, design, weights=working).fit().params
        scores = np.bincount(STATES, weights=(label - design @ beta) * residual)
        return scores.sum() / np.sqrt((scores**2).sum())

    null = [studentised(np.isin(STATES, split).astype(float)) for split in combinations(range(8), 3)]
    found = clustered.permutation_residualised(shares, EAST, STATES, covariates)
    np.testing.assert_allclose(found.null, null, rtol=1e-8)
    assert found.observed == pytest.approx(studentised(EAST))


def test_a_label_that_divides_a_state_is_refused() -> None:
    shares, _ = drawn(1)
    torn = EAST.copy()
    torn[-1] = 1
    with pytest.raises(ValueError, match="within a cluster"):
        clustered.permutation_residualised(shares, torn, STATES)


def panel(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Six years of eight states: values, regressor, effects of state and year, state of each row."""
    rng = np.random.default_rng(seed)
    states, years = np.repeat(np.arange(8), 6), np.tile(np.arange(6.0), 8)
    regressor = np.isin(states, (1, 4, 6)) * (years - years.mean())
    effects = np.column_stack([states[:, None] == np.arange(8), years[:, None] == np.arange(1, 6)]).astype(float)
    values = rng.standard_normal(8)[states] + 0.1 * rng.standard_normal(8)[states] * years + rng.normal(0, 0.3, 48)
    return values, regressor, effects, states


def test_the_interaction_with_state_and_year_effects_is_the_difference_of_the_states_own_slopes() -> None:
    values, regressor, effects, states = panel(1)
    slopes = np.array([np.polyfit(np.arange(6.0), values[states == state], 1)[0] for state in range(8)])
    east = np.isin(np.arange(8), (1, 4, 6))
    found = clustered.ols_cluster_adjusted(values, regressor, effects, states)
    assert found.estimate == pytest.approx(slopes[east].mean() - slopes[~east].mean())
    assert found.degrees_of_freedom == 7


def test_the_bootstrap_is_that_of_its_definition_draw_by_draw() -> None:
    values, regressor, effects, states = panel(2)
    draws, seed = 50, 3
    found = clustered.wild_cluster_bootstrap(values, regressor, effects, states, points="webb", draws=draws, seed=seed)
    signs = np.random.default_rng(seed).choice(clustered.WILD_POINTS["webb"], size=(draws, 8))
    restricted = effects @ np.linalg.lstsq(effects, values, rcond=None)[0]

    def t_value(outcome: np.ndarray) -> float:
        fitted = clustered.ols_cluster_adjusted(outcome, regressor, effects, states)
        return abs(fitted.estimate / fitted.standard_error)

    observed = t_value(values)
    extreme = sum(t_value(restricted + sign[states] * (values - restricted)) >= observed for sign in signs)
    assert found == (1 + extreme) / (1 + draws)


@settings(max_examples=10)
@given(SEEDS, st.floats(0.1, 100))
def test_the_bootstrap_knows_neither_sign_nor_unit_and_repeats_itself(seed: int, scale: float) -> None:
    values, regressor, effects, states = panel(seed)
    p_values = {
        clustered.wild_cluster_bootstrap(outcome, regressor * factor, effects, states, draws=199)
        for outcome, factor in ((values, 1.0), (-values, 1.0), (scale * values, 1.0), (values, -scale))
    }
    assert len(p_values) == 1
    assert 1 / 200 <= p_values.pop() <= 1


@settings(max_examples=25)
@given(SEEDS, st.floats(0.01, 100), st.floats(-100, 100))
def test_the_intraclass_correlation_has_no_unit(seed: int, scale: float, shift: float) -> None:
    values, _ = drawn(seed)
    for partition in (clustered.variance_partition_anova, clustered.variance_partition_reml):
        one, other = partition(values, STATES, EAST), partition(values * scale + shift, STATES, EAST)
        assert other.icc == pytest.approx(one.icc, abs=1e-6)
        assert other.within == pytest.approx(one.within * scale**2, rel=1e-5)
        assert 0 <= one.icc < 1


def test_balanced_groups_give_the_same_partition_by_both_methods() -> None:
    """In a balanced layout with a positive component, restricted likelihood and mean squares agree exactly."""
    rng = np.random.default_rng(5)
    groups = np.repeat(np.arange(10), 6)
    values = 2 * rng.standard_normal(10)[groups] + rng.standard_normal(60)
    anova, reml = (
        partition(values, groups)
        for partition in (clustered.variance_partition_anova, clustered.variance_partition_reml)
    )
    assert reml.between == pytest.approx(anova.between, rel=1e-9)
    assert reml.within == pytest.approx(anova.within, rel=1e-9)


def test_states_that_do_not_differ_have_no_variance_between_them() -> None:
    values = np.tile([1.0, 2.0, 3.0], 5)
    for partition in (clustered.variance_partition_anova, clustered.variance_partition_reml):
        assert partition(values, np.repeat(np.arange(5), 3)).icc == 0


def test_equivalence_needs_an_estimate_inside_its_margin() -> None:
    near = Estimate(0.1, standard_error=0.2, degrees_of_freedom=14)
    assert clustered.equivalence_p(near, 1.0) < 0.05 < clustered.equivalence_p(near, 0.2)
    assert clustered.equivalence_p(near, 0.1) == pytest.approx(0.5)
    with pytest.raises(ValueError, match="margin"):
        clustered.equivalence_p(near, 0.0)
    with pytest.raises(ValueError, match="standard error"):
        clustered.equivalence_p(Estimate(0.1), 1.0)


def test_without_covariates_a_lone_state_each_gives_the_order_of_the_exact_permutation() -> None:
    """One district a state and equal weights: the split that is most extreme is the same for both statistics."""
    shares = np.array([3.0, 4.0, 5.0, 11.0, 12.0, 14.0, 15.0, 19.0])
    states = np.arange(8)
    label = (states < 3).astype(float)
    exact = estimators.permutation(shares, np.ones(8), label)
    found = clustered.permutation_residualised(shares, label, states)
    assert found.p_value == exact.p_value == pytest.approx(2 / 56)
