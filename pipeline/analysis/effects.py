"""Estimators for two groups beyond the difference of means: ratios of odds, effect sizes, equivalence, adjustment.

Belongs here: one function a method, arrays in, `Estimate` out, each with the source of its method and the defaults of
the package that it overrides. Not here: differences of means and shares (estimators), which groups are compared,
tables.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from pipeline.analysis.estimators import Estimate, welch
from pipeline.analysis.tables import CONFIDENCE_LEVEL

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike

SIGNIFICANCE = 0.05
POWER = 0.8


def odds_ratio(first_percent: float, second_percent: float) -> float:
    """Odds of the first share over those of the second; nan where one of them is 0 or 100."""
    first, second = (
        share / (100 - share) if 0 < share < 100 else float("nan") for share in (first_percent, second_percent)
    )
    return first / second


def fractional_logit(
    values_percent: ArrayLike,
    indicator: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    confidence_level: float = CONFIDENCE_LEVEL,
) -> Estimate:
    """Odds ratio of shares from a quasi-binomial logit on a constant and one 0/1 regressor, HC3, t with n-2.

    Papke and Wooldridge (1996), J. Applied Econometrics 11. `weights` are var_weights (persons): only their ratios
    matter, and weights of one are no weights. standard_error is that of the log odds ratio. Both groups need a mean
    strictly between 0 and 100 percent; otherwise the odds ratio does not exist and nan is returned. The default
    tolerance of the iteration (1e-8 of the deviance) leaves eight digits of the error: it is narrowed.
    """
    import numpy as np
    from scipy import stats
    from statsmodels.genmod.families import Binomial
    from statsmodels.genmod.generalized_linear_model import GLM

    shares = np.asarray(values_percent, dtype=float) / 100
    regressor = np.asarray(indicator, dtype=float)
    used = np.ones_like(shares) if weights is None else np.asarray(weights, dtype=float)
    means = [np.average(shares[regressor == group], weights=used[regressor == group]) for group in (0, 1)]
    if not all(0 < mean < 1 for mean in means):
        return Estimate(float("nan"))
    design = np.column_stack([np.ones_like(regressor), regressor])
    fit = GLM(shares, design, family=Binomial(), var_weights=used / used.mean()).fit(tol=1e-13)
    error = float(np.sqrt(hc3_of_glm(fit)[1, 1]))
    slope, freedom = float(fit.params[1]), shares.size - 2
    half = float(stats.t.ppf((1 + confidence_level) / 2, freedom)) * error
    return Estimate(
        estimate=float(np.exp(slope)),
        lower=float(np.exp(slope - half)),
        upper=float(np.exp(slope + half)),
        confidence_level=confidence_level,
        p_value=float(2 * stats.t.sf(abs(slope) / error, freedom)) if error > 0 else float("nan"),
        standard_error=error,
        degrees_of_freedom=freedom,
    )


def hc3_of_glm(fit: Any) -> np.ndarray:
    """HC3 covariance of a fitted GLM with canonical link, from its hat diagonal (Long and Ervin 2000).

    statsmodels returns HC0 for a GLM whatever of HC1 to HC3 is asked for (its issue 7798), so the sandwich is put
    together here: residuals are divided by 1 - h, h being the leverage of the weighted working model. R: vcovHC(type =
    "HC3") of the package sandwich.
    """
    import numpy as np

    model = fit.model
    weights = model.var_weights
    mean = fit.fittedvalues
    leverage = fit.get_hat_matrix_diag()
    working = weights * model.family.variance(mean)
    bread = np.linalg.inv(model.exog.T @ (working[:, None] * model.exog))
    scores = model.exog * (weights * (model.endog - mean) / (1 - leverage))[:, None]
    return bread @ (scores.T @ scores) @ bread


def hedges_g(a: ArrayLike, b: ArrayLike, *, confidence_level: float = CONFIDENCE_LEVEL) -> Estimate:
    """Standardised mean difference `a` minus `b`, corrected for small samples, with its exact interval.

    Hedges (1981), J. Educational Statistics 6: the exact correction, not 1 - 3/(4 df - 1). The interval inverts the
    noncentral t distribution (Steiger and Fouladi 1997); it takes equal variances, which Welch does not. nan where both
    groups have no variance.
    """
    import numpy as np
    from scipy.special import gammaln

    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    freedom = a.size + b.size - 2
    pooled = np.sqrt(((a.size - 1) * a.var(ddof=1) + (b.size - 1) * b.var(ddof=1)) / freedom)
    if not pooled > 0:
        return Estimate(float("nan"))
    correction = float(np.exp(gammaln(freedom / 2) - gammaln((freedom - 1) / 2)) / np.sqrt(freedom / 2))
    scale = float(np.sqrt(1 / a.size + 1 / b.size))
    distance = float((a.mean() - b.mean()) / pooled)
    tail = (1 - confidence_level) / 2
    lower, upper = (_noncentrality(distance / scale, freedom, q) * scale for q in (1 - tail, tail))
    return Estimate(correction * distance, correction * lower, correction * upper, confidence_level)


def _noncentrality(statistic: float, freedom: int, quantile: float) -> float:
    """The noncentrality at which a noncentral t lies below `statistic` with this probability.

    scipy's own inverse, nctdtrinc, stops at seven digits; Brent's method goes on from there.
    """
    from scipy.optimize import root_scalar
    from scipy.special import nctdtr, nctdtrinc

    near = float(nctdtrinc(freedom, quantile, statistic))
    width = 1e-3 * (1 + abs(near))
    found = root_scalar(
        lambda at: nctdtr(freedom, at, statistic) - quantile, bracket=(near - width, near + width), xtol=1e-13
    )
    return float(found.root)


def brunner_munzel(a: ArrayLike, b: ArrayLike, *, confidence_level: float = CONFIDENCE_LEVEL) -> Estimate:
    """Probability that a value of `a` lies above one of `b` (ties count half), interval and p by Brunner and Munzel.

    Brunner and Munzel (2000), Biometrical Journal 42; statsmodels `rank_compare_2indep` with use_t=True. The interval
    is cut to 0..1. Where the groups do not overlap the variance is nought: no interval and no p then.
    """
    import warnings

    from statsmodels.stats.nonparametric import rank_compare_2indep

    with warnings.catch_warnings():
        # Groups that do not overlap divide by a variance of nought; that case is handled below.
        warnings.simplefilter("ignore", RuntimeWarning)
        compared = rank_compare_2indep(a, b, use_t=True)
    estimate = float(compared.prob1)
    if not compared.var_prob > 0:
        return Estimate(estimate)
    lower, upper = compared.conf_int(alpha=1 - confidence_level)
    return Estimate(
        estimate, max(0.0, float(lower)), min(1.0, float(upper)), confidence_level, p_value=float(compared.pvalue)
    )


def equivalence(a: ArrayLike, b: ArrayLike, margin: float, *, alpha: float = SIGNIFICANCE) -> Estimate:
    """Two one-sided tests that the difference of means lies within `margin` on either side of nought.

    Schuirmann (1987), J. Pharmacokinetics and Biopharmaceutics 15; statsmodels `ttost_ind(usevar="unequal")`, which
    pools by default. p is the larger of the two; the interval is Welch's at 1 - 2 alpha, and the test holds exactly
    when it lies within the margin.
    """
    import numpy as np
    from statsmodels.stats.weightstats import ttost_ind

    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    difference = welch(a, b, confidence_level=1 - 2 * alpha)
    p_value, _, _ = ttost_ind(a, b, -margin, margin, usevar="unequal")
    return Estimate(difference.estimate, difference.lower, difference.upper, 1 - 2 * alpha, p_value=float(p_value))


@lru_cache(maxsize=64)
def detectable_effect(first: int, second: int) -> float:
    """Smallest standardised difference that a two-sided t test at 5 % finds with 80 % power; 1.56 for 6 and 10."""
    from statsmodels.stats.power import TTestIndPower

    return float(
        TTestIndPower().solve_power(
            nobs1=first, ratio=second / first, alpha=SIGNIFICANCE, power=POWER, effect_size=None
        )
    )


def minimum_detectable(a: ArrayLike, b: ArrayLike) -> float:
    """`detectable_effect` in the unit of the values: times their pooled standard deviation."""
    import numpy as np

    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    pooled = ((a.size - 1) * a.var(ddof=1) + (b.size - 1) * b.var(ddof=1)) / (a.size + b.size - 2)
    return detectable_effect(a.size, b.size) * float(np.sqrt(pooled))


def minimum_detectable_by_error(standard_error: float, degrees_of_freedom: float) -> float:
    """The same for a slope with a standard error: (t of 1 - alpha/2 plus t of the power) times the error."""
    from scipy import stats

    quantiles = stats.t.ppf(1 - SIGNIFICANCE / 2, degrees_of_freedom) + stats.t.ppf(POWER, degrees_of_freedom)
    return float(quantiles) * standard_error


def newcombe(
    first_percent: float, first_n: int, second_percent: float, second_n: int, *, level: float = CONFIDENCE_LEVEL
) -> Estimate:
    """Difference of two published percentages in points, Newcombe's hybrid score interval and the score test's p.

    Newcombe (1998), Statistics in Medicine 17, method 10; statsmodels `confint_proportions_2indep(method="newcomb")`. p
    by Miettinen and Nurminen (1985), `test_proportions_2indep(method="score")`. Counts are percentages times bases and
    need not be whole, since percentages are printed rounded.
    """
    from statsmodels.stats.proportion import confint_proportions_2indep, test_proportions_2indep

    counts = (first_percent / 100 * first_n, first_n, second_percent / 100 * second_n, second_n)
    interval: Any = confint_proportions_2indep(*counts, compare="diff", method="newcomb", alpha=1 - level)
    tested: Any = test_proportions_2indep(*counts, compare="diff", method="score")
    lower, upper = (100 * float(bound) for bound in interval)
    return Estimate(first_percent - second_percent, lower, upper, level, p_value=float(tested.pvalue))


def holm(p_values: Sequence[float]) -> list[float]:
    """p values adjusted for their number by Holm (1979), Scand. J. Statistics 6, in the order given.

    The same as statsmodels `multipletests(method="holm")` (whose default is Holm-Šidák), which collects all garbage of
    the process on each call: a fifth of a second for three lines of arithmetic.
    """
    import numpy as np

    given = np.asarray(p_values, dtype=float)
    order = np.argsort(given, kind="stable")
    steps = np.maximum.accumulate(given[order] * np.arange(given.size, 0, -1))
    adjusted = np.empty_like(given)
    adjusted[order] = np.minimum(steps, 1.0)
    return [float(p) for p in adjusted]
