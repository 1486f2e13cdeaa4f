"""Estimators on plain arrays: differences, intervals, tests, shares.

Belongs here: one function a method, arrays in, `Estimate` out, each with the source of its method and the
defaults of the package that it overrides. Not here: which groups are compared, tables, flags.

Shares are in percent throughout, differences in percentage points; the estimators only carry the unit
through.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from pipeline.analysis.tables import CONFIDENCE_LEVEL

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike


@dataclass(frozen=True)
class Estimate:
    """One estimate with what the method gives; None where it gives nothing."""

    estimate: float
    lower: float | None = None
    upper: float | None = None
    confidence_level: float | None = None
    p_value: float | None = None
    standard_error: float | None = None
    degrees_of_freedom: float | None = None


def welch(a: ArrayLike, b: ArrayLike, *, confidence_level: float = CONFIDENCE_LEVEL) -> Estimate:
    """Difference of means `a` minus `b` with Welch's interval and two-sided p.

    Welch (1947), Biometrika 34: variances are not pooled, degrees of freedom by Satterthwaite. scipy's
    `ttest_ind` pools by default, hence equal_var=False. Each group needs two values or more.
    """
    import numpy as np
    from scipy.stats import ttest_ind

    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    result = ttest_ind(a, b, equal_var=False)
    interval = result.confidence_interval(confidence_level)
    difference = float(a.mean() - b.mean())
    return Estimate(
        estimate=difference,
        lower=float(interval.low),
        upper=float(interval.high),
        confidence_level=confidence_level,
        p_value=float(result.pvalue),
        standard_error=float(np.sqrt(a.var(ddof=1) / a.size + b.var(ddof=1) / b.size)),
        degrees_of_freedom=float(result.df),
    )


def mean_interval(values: ArrayLike, *, confidence_level: float = CONFIDENCE_LEVEL) -> Estimate:
    """Arithmetic mean with Student's interval, n-1 degrees of freedom; two values or more (scipy.stats.t)."""
    import numpy as np
    from scipy import stats

    values = np.asarray(values, dtype=float)
    mean, error = float(values.mean()), float(values.std(ddof=1) / np.sqrt(values.size))
    half = float(stats.t.ppf((1 + confidence_level) / 2, values.size - 1)) * error
    return Estimate(
        mean,
        mean - half,
        mean + half,
        confidence_level,
        standard_error=error,
        degrees_of_freedom=values.size - 1,
    )


def pooled_share(persons_with: ArrayLike, persons_total: ArrayLike) -> float:
    """100 * sum of `persons_with` / sum of `persons_total`: the share of a person, not of a region, in
    percent.

    With shares at hand instead of counts, give `shares / 100 * weights` as `persons_with` and `weights` as
    total.
    """
    import numpy as np

    return 100 * float(np.asarray(persons_with).sum()) / float(np.asarray(persons_total).sum())


def ols_hc3(values: ArrayLike, indicator: ArrayLike, *, confidence_level: float = CONFIDENCE_LEVEL) -> Estimate:
    """Slope of `values` on a constant and one regressor (0/1: a difference of means), HC3 standard error, t.

    MacKinnon and White (1985), J. Econometrics 29. statsmodels takes the normal distribution whenever a
    cov_type is given, which is too narrow for sixteen states: use_t=True, n-2 degrees of freedom.
    """
    return _slope(values, indicator, confidence_level, cov_type="HC3")


def ols_cluster(
    values: ArrayLike,
    indicator: ArrayLike,
    clusters: ArrayLike,
    *,
    confidence_level: float = CONFIDENCE_LEVEL,
) -> Estimate:
    """Slope as in `ols_hc3`, standard error clustered by `clusters` (CR1), t with clusters - 1 degrees of
    freedom.

    Liang and Zeger (1986), Biometrika 73, with the small-sample factor G/(G-1) * (n-1)/(n-k). Sixteen
    clusters are few: under no effect some 9 % of tests reject at a nominal 5 %, so this never stands without
    the permutation.
    """
    import numpy as np

    groups = np.unique(np.asarray(clusters), return_inverse=True)[1]
    return _slope(values, indicator, confidence_level, cov_type="cluster", cov_kwds={"groups": groups})


def _slope(values: ArrayLike, regressor: ArrayLike, confidence_level: float, **covariance: Any) -> Estimate:
    import numpy as np
    from statsmodels.regression.linear_model import OLS

    regressor = np.asarray(regressor, dtype=float)
    design = np.column_stack([np.ones_like(regressor), regressor])
    fit = OLS(np.asarray(values, dtype=float), design).fit(use_t=True, **covariance)
    lower, upper = fit.conf_int(alpha=1 - confidence_level)[1]
    return Estimate(
        estimate=float(fit.params[1]),
        lower=float(lower),
        upper=float(upper),
        confidence_level=confidence_level,
        p_value=float(fit.pvalues[1]),
        standard_error=float(fit.bse[1]),
        degrees_of_freedom=float(getattr(fit, "df_resid_inference", None) or fit.df_resid),
    )


@dataclass(frozen=True)
class Permutation:
    """Observed difference, exact two-sided p, and the difference under every split, lexicographic."""

    observed: float
    p_value: float
    null: np.ndarray


def permutation(
    sums: ArrayLike, counts: ArrayLike, in_first: ArrayLike, *, relative_tolerance: float = 1e-12
) -> Permutation:
    """Exact permutation test of a difference of means over all splits of units (Fisher 1935; Ernst 2004).

    The unit is the state. A state carries the sum of its values and their number, so the same function serves
    states (sum = the share, number = 1) and districts (the label moves with the whole state, the statistic is
    the difference of the means over districts; no district is ever separated from its state).

    Args:
        sums: sum of the values of each unit, one entry a unit.
        counts: number of values of each unit, all positive.
        in_first: True for units of the first group (East); both groups non-empty.
        relative_tolerance: splits this near to the observed one (relative to the largest difference) are
        ties.

    The two-sided p is twice the smaller tail, at most 1, as in `scipy.stats.permutation_test`. With groups of
    unequal size the null distribution is skewed and this differs from the share of splits with |T| >= |t|;
    the doubled tail is taken because it treats both directions alike. The smallest p is 2 / number of splits.
    scipy with n_resamples=inf gives the same p; the enumeration is done here because all series of one Berlin
    variant share one matrix of splits, which makes a series a matrix product.
    """
    import numpy as np

    sums, counts = np.asarray(sums, dtype=float), np.asarray(counts, dtype=float)
    labels = np.asarray(in_first, dtype=bool)
    splits = all_splits(labels.size, int(labels.sum()))

    def difference(first: np.ndarray) -> np.ndarray:
        first_sum, first_count = first @ sums, first @ counts
        return first_sum / first_count - (sums.sum() - first_sum) / (counts.sum() - first_count)

    null = difference(splits)
    observed = float(difference(labels.astype(float)[np.newaxis])[0])
    # The scale is that of the values, not of the observed difference: with an observed difference of nearly
    # zero a relative tolerance on it would tell apart what only the order of summation tells apart.
    slack = relative_tolerance * float(np.abs(sums / counts).max())
    tails = min(np.count_nonzero(null <= observed + slack), np.count_nonzero(null >= observed - slack))
    return Permutation(observed, min(1.0, 2 * tails / null.size), null)


@lru_cache(maxsize=16)
def all_splits(units: int, first: int) -> np.ndarray:
    """All ways to choose `first` of `units`: 0/1 matrix, one row a split, read-only because it is shared."""
    from itertools import combinations

    import numpy as np

    chosen = np.array(list(combinations(range(units), first)))
    matrix = np.zeros((chosen.shape[0], units))
    np.put_along_axis(matrix, chosen, 1.0, axis=1)
    matrix.flags.writeable = False
    return matrix


def wilson(share_percent: float, base_n: int, *, confidence_level: float = CONFIDENCE_LEVEL) -> Estimate:
    """Wilson's score interval of a published percentage of `base_n` respondents, in percent.

    Wilson (1927), JASA 22; statsmodels `proportion_confint(method="wilson")`, whose default is the normal
    approximation. The count is share times base and need not be whole, since the share is printed rounded.
    """
    from statsmodels.stats.proportion import proportion_confint

    lower, upper = proportion_confint(share_percent / 100 * base_n, base_n, alpha=1 - confidence_level, method="wilson")
    # In exact arithmetic the bounds lie in 0..100 and meet 0 and 100 there; floating point misses by 1e-16.
    lower = 0.0 if share_percent == 0 else max(0.0, 100 * float(lower))
    upper = 100.0 if share_percent == 100 else min(100.0, 100 * float(upper))
    return Estimate(share_percent, lower, upper, confidence_level)
