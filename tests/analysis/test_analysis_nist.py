"""The certified values of NIST's Statistical Reference Datasets, as far as they ship with scipy and statsmodels.

Nine digits and more wherever a double can carry them. The sets SmLs04 to SmLs09 and AtmWtAg are made to take digits
away: their data share so many leading digits that what is left of sixteen is fewer than nine, for any program.
"""

from __future__ import annotations

import math
import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import scipy
from statsmodels.datasets import longley
from statsmodels.regression.linear_model import OLS

from pipeline.analysis import effects, estimators

DATA = Path(scipy.__file__).parent / "stats" / "tests" / "data"
FULL = 1e-9


@cache
def anova(name: str) -> tuple[dict[str, float], list[np.ndarray]]:
    """Certified values and the groups of one set."""
    text = (DATA / "nist_anova" / f"{name}.dat").read_text("ascii")
    number = r"([-+\d.E]+)"
    certified = {
        "between": rf"Between \w+\s+\d+\s+{number}",
        "within": rf"Within \w+\s+\d+\s+{number}",
        "f": rf"Between \w+\s+\d+\s+\S+\s+\S+\s+{number}",
        "residual": rf"Certified Residual\s+Standard Deviation\s+{number}",
    }
    found = {key: float(re.search(pattern, text).group(1)) for key, pattern in certified.items()}  # type: ignore[union-attr]
    label, value = np.loadtxt(text.splitlines()[60:]).T
    return found, [value[label == one] for one in np.unique(label)]


@pytest.mark.parametrize(
    ("name", "tolerance"),
    [
        ("SiRstv", FULL),
        ("SmLs01", FULL),
        ("SmLs02", FULL),
        ("SmLs03", FULL),
        ("SmLs04", 1e-7),
        ("SmLs05", 1e-7),
        ("SmLs06", 1e-7),
        ("AtmWtAg", 1e-7),
    ],
)
def test_means_and_their_errors_give_the_certified_analysis_of_variance(name: str, tolerance: float) -> None:
    certified, groups = anova(name)
    fitted = [estimators.mean_interval(group) for group in groups]
    sizes = np.array([group.size for group in groups])
    means = np.array([fit.estimate for fit in fitted])
    errors = np.array([fit.standard_error for fit in fitted], dtype=float)
    within = float((errors**2 * sizes * (sizes - 1)).sum())
    between = float((sizes * (means - np.average(means, weights=sizes)) ** 2).sum())
    freedom = sizes.sum() - sizes.size
    assert within == pytest.approx(certified["within"], rel=tolerance)
    assert between == pytest.approx(certified["between"], rel=tolerance)
    assert between / (sizes.size - 1) / (within / freedom) == pytest.approx(certified["f"], rel=tolerance)
    assert np.sqrt(within / freedom) == pytest.approx(certified["residual"], rel=tolerance)


def test_hedges_g_is_the_certified_difference_over_the_certified_deviation() -> None:
    certified, (first, second) = anova("AtmWtAg")
    fitted = effects.hedges_g(first, second)
    # g is J d; with two groups d is the root of F (1/n + 1/n).
    d = np.sqrt(certified["f"] * (1 / first.size + 1 / second.size))
    df = first.size + second.size - 2
    j = math.gamma(df / 2) / (math.sqrt(df / 2) * math.gamma((df - 1) / 2))
    assert abs(fitted.estimate) == pytest.approx(j * d, rel=1e-7)


@pytest.mark.parametrize("pair", [(0, 1), (2, 3), (7, 8)])
def test_ols_on_two_groups_gives_the_difference_of_the_certified_design(pair: tuple[int, int]) -> None:
    # SmLs01: the levels of the treatments are 1.1, 1.2, 1.3 ... by construction, so their differences are exact.
    _, groups = anova("SmLs01")
    first, second = groups[pair[0]], groups[pair[1]]
    values = np.concatenate([first, second])
    indicator = np.repeat([0.0, 1.0], [first.size, second.size])
    exact = np.round(10 * (second.mean() - first.mean())) / 10
    assert exact != 0
    assert estimators.ols_hc3(values, indicator).estimate == pytest.approx(exact, rel=FULL)
    assert estimators.welch(second, first).estimate == pytest.approx(exact, rel=FULL)


def test_norris_gives_slope_error_and_deviation() -> None:
    y, x = np.loadtxt((DATA / "nist_linregress" / "Norris.dat").read_text("ascii").splitlines()[60:]).T
    assert estimators.ols_hc3(y, x).estimate == pytest.approx(1.00211681802045, rel=FULL)
    fit = OLS(y, np.column_stack([np.ones_like(x), x])).fit()
    assert fit.params == pytest.approx([-0.262323073774029, 1.00211681802045], rel=FULL)
    assert fit.bse == pytest.approx([0.232818234301152, 0.429796848199937e-03], rel=FULL)
    assert np.sqrt(fit.scale) == pytest.approx(0.884796396144373, rel=FULL)
    assert fit.rsquared == pytest.approx(0.999993745883712, rel=FULL)


def test_longley_gives_its_certified_coefficients_and_errors() -> None:
    data = longley.load()
    y, x = np.asarray(data.endog, dtype=float), np.asarray(data.exog, dtype=float)
    fit = OLS(y, np.column_stack([np.ones(len(y)), x])).fit(method="qr")
    coefficients = [
        -3482258.63459582, 15.0618722713733, -0.358191792925910e-01, -2.02022980381683, -1.03322686717359,
        -0.511041056535807e-01, 1829.15146461355,
    ]  # fmt: skip
    errors = [
        890420.383607373, 84.9149257747669, 0.334910077722432e-01, 0.488399681651699, 0.214274163161675,
        0.226073200069370, 455.478499142212,
    ]  # fmt: skip
    assert fit.params == pytest.approx(coefficients, rel=FULL)
    # The regressors are nearly collinear (condition number 5e9): errors keep eight digits.
    assert fit.bse == pytest.approx(errors, rel=5e-8)
    assert np.sqrt(fit.scale) == pytest.approx(304.854073561965, rel=FULL)
