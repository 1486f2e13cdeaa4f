"""Estimators for regions within states: few clusters, shares as outcome, labels that belong to whole states.

Belongs here: the fractional logit with a cluster-robust covariance, the permutation of state labels given covariates,
the wild cluster bootstrap, the partition of variance between and within states. Not here: which regions, years or
covariates are taken, tables, flags; tests of independent groups (estimators).

Shares are in percent, differences in percentage points. Clusters are the states throughout: whatever is said of East
and West has at most sixteen independent observations, however many districts carry it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from pipeline.analysis import estimators
from pipeline.analysis.estimators import Estimate, Permutation
from pipeline.analysis.tables import CONFIDENCE_LEVEL

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike

BOOTSTRAP_DRAWS = 9_999
BOOTSTRAP_SEED = 20_110_509
# Webb (2023), Canadian J. Economics 56: six points, so that few clusters still give many different draws.
WILD_POINTS = {
    "rademacher": (-1.0, 1.0),
    "webb": (-(1.5**0.5), -1.0, -(0.5**0.5), 0.5**0.5, 1.0, 1.5**0.5),
}


@dataclass(frozen=True)
class FractionalLogit:
    """gap: average marginal difference of the indicator, percentage points; odds_ratio: of the indicator;
    covariates: odds ratio per unit of each covariate, in their order."""

    gap: Estimate
    odds_ratio: Estimate
    covariates: tuple[Estimate, ...]


@dataclass(frozen=True)
class VariancePartition:
    """Variance between and within clusters, in squared units of the values; between is never below zero."""

    between: float
    within: float

    @property
    def icc(self) -> float:
        """Intraclass correlation: share of the variance that lies between clusters, 0 to 1."""
        return self.between / (self.between + self.within)


def fractional_logit_cluster(
    share_percent: ArrayLike,
    indicator: ArrayLike,
    clusters: ArrayLike,
    covariates: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    *,
    confidence_level: float = CONFIDENCE_LEVEL,
) -> FractionalLogit:
    """Quasi-binomial regression with logit link, covariance clustered (CR1), t with clusters - 1 degrees of freedom.

    Papke and Wooldridge (1996), J. Applied Econometrics 11, point estimates by statsmodels GLM(Binomial). The
    covariance is computed here from the scores summed by cluster, times G/(G-1) * (n-1)/(n-k), because statsmodels
    warns that its own does not fully support weights; R's sandwich::vcovCL gives the same. The gap is the mean over
    regions of the predicted share with the indicator at 1 minus at 0, its standard error by the delta method with the
    covariates held fixed. Intervals of odds ratios are symmetric in the log; `standard_error` is that of the log.

    Args:
        share_percent: 0 to 100, one entry a region.
        indicator: 0/1, one value in a cluster where it stands for East and West.
        clusters: the cluster of each region; at least two.
        covariates: one column each, on the scale on which their odds ratio is wanted.
        weights: relative weights of regions (persons); their scale plays no part.

    Fifteen or sixteen clusters are few: under no effect 6 to 12 % of these tests reject at a nominal 5 %, so the p
    never stands without `permutation_residualised`.
    """
    import numpy as np

    indicator = np.asarray(indicator, dtype=float)
    design = _design(indicator.size, indicator, covariates)
    beta, predicted, weight = _fitted(share_percent, design, weights)
    scores = _by_cluster(clusters) @ ((weight * (np.asarray(share_percent) / 100 - predicted))[:, np.newaxis] * design)
    count, (rows, columns) = scores.shape[0], design.shape
    bread = np.linalg.inv(design.T @ ((weight * predicted * (1 - predicted))[:, np.newaxis] * design))
    covariance = bread @ scores.T @ scores @ bread * count / (count - 1) * (rows - 1) / (rows - columns)
    errors = np.sqrt(np.diag(covariance))

    def odds(column: int) -> Estimate:
        found = _t_interval(float(beta[column]), float(errors[column]), count - 1, confidence_level)
        ends = {name: float(np.exp(getattr(found, name))) for name in ("estimate", "lower", "upper")}
        return replace(found, **ends)

    at = {}
    for value in (1.0, 0.0):
        fixed = design.copy()
        fixed[:, 1] = value
        share = 1 / (1 + np.exp(-fixed @ beta))
        at[value] = weight @ share / weight.sum(), (weight * share * (1 - share)) @ fixed / weight.sum()
    gradient = at[1.0][1] - at[0.0][1]
    return FractionalLogit(
        gap=_t_interval(
            100 * float(at[1.0][0] - at[0.0][0]),
            100 * float(np.sqrt(gradient @ covariance @ gradient)),
            count - 1,
            confidence_level,
        ),
        odds_ratio=odds(1),
        covariates=tuple(odds(column) for column in range(2, columns)),
    )


def permutation_residualised(
    share_percent: ArrayLike,
    indicator: ArrayLike,
    clusters: ArrayLike,
    covariates: ArrayLike | None = None,
    weights: ArrayLike | None = None,
) -> Permutation:
    """Exact two-sided p of the indicator given covariates, over all splits of the clusters.

    What is permuted: the labels of whole states, among all ways of calling as many states eastern; no district is ever
    separated from its state. The fractional logit without the label is fitted once; a split enters through its score:
    the label is residualised on the covariates (with the weights of the fit), multiplied with the residuals of the fit
    and summed, and divided by the root of the sum of squares of its sums by state. That is the cluster-robust score
    statistic (Kline and Santos 2012, J. Econometrics 168) of the label, permuted as in Freedman and Lane (1983),
    J. Business and Economic Statistics 1; studentised, because an unstudentised one keeps its level only where states
    are alike (DiCiccio and Romano 2017, JASA 112): with covariates it rejected 6 to 9 % at a nominal 5 %.

    What that assumes: under no effect, what the covariates leave of the states is exchangeable between states. It is
    exact where the label is drawn independently of outcome and covariates; since income or density differ between
    East and West, it is approximate with covariates. `observed` and `null` are studentised scores, without unit.

    Args: as in `fractional_logit_cluster`; the indicator must be one value in a cluster.

    Raises:
        ValueError: the indicator differs within a cluster.
    """
    import numpy as np

    share = np.asarray(share_percent, dtype=float) / 100
    by_cluster = _by_cluster(clusters)
    labels = by_cluster @ np.asarray(indicator, dtype=float) / by_cluster.sum(axis=1)
    if not np.isin(labels, (0.0, 1.0)).all():
        raise ValueError("the indicator differs within a cluster: its permutation would tear clusters apart")
    nuisance = _design(share.size, covariates)
    _, predicted, weight = _fitted(share_percent, nuisance, weights)
    residual, working = weight * (share - predicted), weight * predicted * (1 - predicted)
    inverse = np.linalg.inv(nuisance.T @ (working[:, np.newaxis] * nuisance))
    score = by_cluster @ residual
    cross = by_cluster @ (working[:, np.newaxis] * nuisance)
    weighted = by_cluster @ (residual[:, np.newaxis] * nuisance)

    def studentised(split: np.ndarray) -> np.ndarray:
        # Sums by cluster of (label - its projection on the covariates) * residual; the projection's part adds up to
        # nothing over all clusters, since the fit has made the residuals orthogonal to the covariates.
        projection = split @ cross @ inverse
        return (split @ score) / np.sqrt(((split * score - projection @ weighted.T) ** 2).sum(axis=1))

    return _permuted(studentised, labels)


def _permuted(statistic: Callable[[np.ndarray], np.ndarray], labels: np.ndarray) -> Permutation:
    """Doubled smaller tail of a statistic over all splits, ties as in estimators.permutation."""
    import numpy as np

    null = statistic(estimators.all_splits(labels.size, round(float(labels.sum()))))
    observed = float(statistic(labels[np.newaxis])[0])
    slack = 1e-9 * float(np.abs(null).max())
    tails = min(np.count_nonzero(null <= observed + slack), np.count_nonzero(null >= observed - slack))
    return Permutation(observed, min(1.0, 2 * tails / null.size), null)


def ols_cluster_adjusted(
    values: ArrayLike,
    regressor: ArrayLike,
    nuisance: ArrayLike,
    clusters: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    confidence_level: float = CONFIDENCE_LEVEL,
) -> Estimate:
    """Slope on `regressor` beside the columns of `nuisance`, CR1 standard error, t with clusters - 1 degrees.

    Least squares weighted by `weights`, statsmodels OLS with cov_type="cluster" on rows scaled by the root of their
    weight; factor G/(G-1) * (n-1)/(n-k), where k counts the columns of `nuisance`, state effects included. `nuisance`
    holds its own constant or full set of effects. Few clusters: see `fractional_logit_cluster`.
    """
    import numpy as np
    from statsmodels.regression.linear_model import OLS

    values = np.asarray(values, dtype=float)
    root = np.sqrt(_relative(weights, values.size))
    design = root[:, np.newaxis] * np.column_stack([np.asarray(regressor, dtype=float), nuisance])
    groups = np.unique(np.asarray(clusters), return_inverse=True)[1]
    fit = OLS(root * values, design).fit(cov_type="cluster", cov_kwds={"groups": groups}, use_t=True)
    return _t_interval(float(fit.params[0]), float(fit.bse[0]), int(groups.max()), confidence_level)


def wild_cluster_bootstrap(
    values: ArrayLike,
    regressor: ArrayLike,
    nuisance: ArrayLike,
    clusters: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    points: str = "rademacher",
    draws: int = BOOTSTRAP_DRAWS,
    seed: int = BOOTSTRAP_SEED,
) -> float:
    """Two-sided p of the slope on `regressor` by the wild cluster restricted bootstrap (WCR), a sensitivity.

    Cameron, Gelbach and Miller (2008), Rev. Economics and Statistics 90: the null is imposed, the residuals of a
    cluster change sign (or scale) together, and the t with CR1 standard error is compared in absolute value. The
    algebra of Roodman et al. (2019), Stata Journal 19, reduces a draw to a product of matrices of cluster size. The
    stream is fixed by `seed`; p = (1 + draws at least as extreme) / (1 + draws), so it is at least 1/10,000.
    With five or six eastern states the bootstrap is known to err in both directions: never a headline.
    """
    import numpy as np

    values = np.asarray(values, dtype=float)
    root = np.sqrt(_relative(weights, values.size))
    known = root[:, np.newaxis] * np.asarray(nuisance, dtype=float)
    basis = np.linalg.svd(known, full_matrices=False)
    basis = basis[0][:, basis[1] > 1e-10 * basis[1][0]]

    def cleared(columns: np.ndarray) -> np.ndarray:
        return columns - basis @ (basis.T @ columns)

    left = cleared(root * np.asarray(regressor, dtype=float))
    restricted = cleared(root * values)
    by_cluster = _by_cluster(clusters)
    # Column h: what the residuals of cluster h, kept alone, give as residuals of the restricted model.
    alone = cleared(by_cluster.T * restricted[:, np.newaxis])
    slopes = left @ alone / (left @ left)
    scores = by_cluster @ (left[:, np.newaxis] * (alone - np.outer(left, slopes)))

    def statistic(signs: np.ndarray) -> np.ndarray:
        return (signs @ slopes) / np.sqrt(((signs @ scores.T) ** 2).sum(axis=1))

    count = by_cluster.shape[0]
    signs = _wild_signs(points, draws, count, seed)
    observed = abs(float(statistic(np.ones((1, count)))[0]))
    extreme = np.count_nonzero(np.abs(statistic(signs)) >= observed * (1 - 1e-9))
    return (1 + extreme) / (1 + draws)


@lru_cache(maxsize=8)
def _wild_signs(points: str, draws: int, count: int, seed: int) -> np.ndarray:
    """The draws of one stream: drawing takes longer than using them, so they are kept; read-only."""
    import numpy as np

    signs = np.random.default_rng(seed).choice(WILD_POINTS[points], size=(draws, count))
    signs.flags.writeable = False
    return signs


def variance_partition_anova(
    values: ArrayLike, clusters: ArrayLike, groups: ArrayLike | None = None
) -> VariancePartition:
    """Variance between and within clusters from the mean squares of an unbalanced one-way layout.

    Searle, Casella and McCulloch (1992), Variance Components, ch. 3 and 5 (Henderson's method 3). With `groups` (East
    and West, one value in a cluster) clusters are compared within their group. A negative component is set to zero.
    """
    import numpy as np

    values = np.asarray(values, dtype=float)
    by_cluster = _by_cluster(clusters)
    counts = by_cluster.sum(axis=1)
    means = by_cluster @ values / counts
    of_group = _by_cluster(by_cluster @ _codes(groups, values.size) / counts)
    sizes = of_group @ counts
    centres = of_group.T @ (of_group @ (counts * means) / sizes)
    within = float(((values - by_cluster.T @ means) ** 2).sum()) / (values.size - counts.size)
    between_squares = float((counts * (means - centres) ** 2).sum())
    divisor = values.size - float((of_group @ counts**2 / sizes).sum())
    return VariancePartition(max(0.0, (between_squares - (counts.size - sizes.size) * within) / divisor), within)


def variance_partition_reml(
    values: ArrayLike, clusters: ArrayLike, groups: ArrayLike | None = None
) -> VariancePartition:
    """Variance between and within clusters by restricted maximum likelihood of the model with a random intercept.

    Patterson and Thompson (1971), Biometrika 58. The likelihood has one parameter after profiling, the ratio of the
    two variances; its score is set to zero by Brent's method. statsmodels MixedLM maximises the same function, but on
    the districts of 2022 one of its optimisers ended at zero and the others agreed in seven digits only; R's nlme
    gives the figures found here. With `groups` each group has its own mean.
    """
    import numpy as np
    from scipy.optimize import root_scalar

    values = np.asarray(values, dtype=float)
    by_cluster = _by_cluster(clusters)
    counts = by_cluster.sum(axis=1)
    design = _by_cluster(_codes(groups, values.size)).T
    sums, cross, total = by_cluster @ design, design.T @ design, by_cluster @ values
    degrees = values.size - design.shape[1]

    def parts(ratio: float) -> tuple[np.ndarray, np.ndarray, float]:
        shrink = ratio / (1 + counts * ratio)
        precision = cross - sums.T @ (shrink[:, np.newaxis] * sums)
        beta = np.linalg.solve(precision, design.T @ values - sums.T @ (shrink * total))
        residual = values - design @ beta
        by_sum = by_cluster @ residual
        return precision, by_sum, float(residual @ residual - shrink @ by_sum**2)

    def score(ratio: float) -> float:
        precision, by_sum, squares = parts(ratio)
        slope = 1 / (1 + counts * ratio) ** 2
        trace = np.trace(np.linalg.solve(precision, sums.T @ (slope[:, np.newaxis] * sums)))
        return float(degrees * (slope @ by_sum**2) / squares + trace - (counts / (1 + counts * ratio)).sum())

    ratio = 0.0
    if score(0.0) > 0:
        high = 1.0
        while score(high) > 0:
            high *= 4
        ratio = float(root_scalar(score, bracket=(0.0, high), method="brentq", xtol=1e-15, rtol=1e-14).root)
    within = parts(ratio)[2] / degrees
    return VariancePartition(ratio * within, within)


def equivalence_p(found: Estimate, margin: float) -> float:
    """p of two one-sided t tests that the effect lies within -margin..margin (Schuirmann 1987).

    Raises:
        ValueError: the estimate carries no standard error, or the margin is not positive.
    """
    from scipy import stats

    if found.standard_error is None or found.degrees_of_freedom is None:
        raise ValueError("an equivalence test needs a standard error and its degrees of freedom")
    if margin <= 0:
        raise ValueError(f"the margin must be positive, it is {margin}")
    return float(stats.t.sf((margin - abs(found.estimate)) / found.standard_error, found.degrees_of_freedom))


def _fitted(
    share_percent: ArrayLike, design: np.ndarray, weights: ArrayLike | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Coefficients and predicted shares (0 to 1) of a fractional logit, and the weights with mean one."""
    import numpy as np
    from statsmodels.genmod.families import Binomial
    from statsmodels.genmod.generalized_linear_model import GLM

    share = np.asarray(share_percent, dtype=float) / 100
    weight = _relative(weights, share.size)
    fit = GLM(share, design, family=Binomial(), var_weights=weight).fit(tol=1e-12, tol_criterion="params")
    return np.asarray(fit.params), np.asarray(fit.fittedvalues), weight


def _t_interval(value: float, error: float, degrees: int, confidence_level: float) -> Estimate:
    from scipy import stats

    half = float(stats.t.ppf((1 + confidence_level) / 2, degrees)) * error
    p_value = float(2 * stats.t.sf(abs(value) / error, degrees)) if error else None
    return Estimate(value, value - half, value + half, confidence_level, p_value, error, degrees)


def _by_cluster(clusters: ArrayLike) -> np.ndarray:
    """0/1, one row a cluster in sorted order, one column an observation: its product with values sums by cluster."""
    import numpy as np

    groups = np.unique(np.asarray(clusters), return_inverse=True)[1]
    return (np.arange(groups.max() + 1)[:, np.newaxis] == groups).astype(float)


def _codes(groups: ArrayLike | None, size: int) -> np.ndarray:
    import numpy as np

    return np.zeros(size) if groups is None else np.unique(np.asarray(groups), return_inverse=True)[1].astype(float)


def _design(rows: int, *blocks: ArrayLike | None) -> np.ndarray:
    """A constant and the given columns."""
    import numpy as np

    columns = [np.asarray(block, dtype=float).reshape(rows, -1) for block in blocks if block is not None]
    return np.column_stack([np.ones(rows), *columns])


def _relative(weights: ArrayLike | None, size: int) -> np.ndarray:
    """Weights with mean one, so that their scale moves nothing; ones where none are given."""
    import numpy as np

    if weights is None:
        return np.ones(size)
    given = np.asarray(weights, dtype=float)
    return given / given.mean()
