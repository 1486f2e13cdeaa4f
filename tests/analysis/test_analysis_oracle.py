"""R as oracle: the estimators give what sandwich, clubSandwich, coin, nlme and base R give (tests/oracle)."""

from __future__ import annotations

import csv
import shutil
import subprocess
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from pipeline.analysis import clustered, effects, estimators
from pipeline.analysis.estimators import Estimate

ORACLE = Path(__file__).parents[1] / "oracle"
PACKAGES = ("sandwich", "lmtest", "clubSandwich", "coin", "metafor", "nlme")


def golden(file: Path) -> dict[str, float]:
    with file.open(encoding="utf-8") as lines:
        return {row["name"]: float(row["value"]) for row in csv.DictReader(lines)}


GOLDEN = golden(ORACLE / "golden.csv")
STATES = pl.read_csv(ORACLE / "states.csv", schema_overrides={"state": pl.String})
DISTRICTS = pl.read_csv(ORACLE / "districts.csv", schema_overrides={"state": pl.String, "district": pl.String})
PANEL = pl.read_csv(ORACLE / "panel.csv", schema_overrides={"state": pl.String})


def agrees(found: Estimate, name: str) -> None:
    """Every part of an estimate that R gave under `name`."""
    parts = [part for part in Estimate.__dataclass_fields__ if f"{name}.{part}" in GOLDEN]
    assert len(parts) >= 4
    for part in parts:
        assert getattr(found, part) == pytest.approx(GOLDEN[f"{name}.{part}"], rel=1e-8), part


def standardised_covariates() -> np.ndarray:
    columns = DISTRICTS.select(
        pl.col("persons_per_km2", "disposable_income_eur_per_capita", "gdp_eur_per_capita").log(),
        "unemployment_rate_percent",
    ).to_numpy()
    return (columns - columns.mean(axis=0)) / columns.std(axis=0, ddof=1)


def test_welch() -> None:
    sides = [STATES.filter(east=side)["share_percent"] for side in (1, 0)]
    agrees(estimators.welch(*sides), "welch")


def test_ols_with_hc3() -> None:
    agrees(estimators.ols_hc3(STATES["share_percent"], STATES["east"]), "ols_hc3")


def test_ols_clustered_by_state() -> None:
    found = estimators.ols_cluster(DISTRICTS["share_percent"], DISTRICTS["east"], DISTRICTS["state"])
    agrees(found, "ols_cluster")
    assert found.standard_error == pytest.approx(GOLDEN["ols_cluster.cr1s"], rel=1e-8)


def test_exact_permutation() -> None:
    found = estimators.permutation(STATES["share_percent"], np.ones(STATES.height), STATES["east"])
    smaller = min(GOLDEN["permutation.p_less"], GOLDEN["permutation.p_greater"])
    assert found.p_value == pytest.approx(2 * smaller, rel=1e-8)


def test_wilson() -> None:
    surveys = pl.read_csv(ORACLE / "surveys.csv")
    for name, share, base in surveys.iter_rows():
        found = estimators.wilson(share, base)
        assert found.lower == pytest.approx(100 * GOLDEN[f"wilson.{name}.lower"], rel=1e-8)
        assert found.upper == pytest.approx(100 * GOLDEN[f"wilson.{name}.upper"], rel=1e-8)


@pytest.mark.parametrize("weighted", [False, True])
def test_fractional_logit_with_hc3(weighted: bool) -> None:
    weights = STATES["persons"] if weighted else None
    found = effects.fractional_logit(STATES["share_percent"], STATES["east"], weights=weights)
    name = "logit_hc3_weighted" if weighted else "logit_hc3"
    for part in ("estimate", "lower", "upper"):
        assert np.log(getattr(found, part)) == pytest.approx(GOLDEN[f"{name}.{part}"], rel=1e-8), part
    for part in ("standard_error", "p_value"):
        assert getattr(found, part) == pytest.approx(GOLDEN[f"{name}.{part}"], rel=1e-8), part


def test_hedges_g_and_its_interval() -> None:
    found = effects.hedges_g(*(STATES.filter(east=side)["share_percent"] for side in (1, 0)))
    for part in ("estimate", "lower", "upper"):
        assert getattr(found, part) == pytest.approx(GOLDEN[f"hedges_g.{part}"], rel=1e-8), part


def test_newcombe() -> None:
    found = effects.newcombe(41, 764, 72, 6300)
    assert found.lower == pytest.approx(100 * GOLDEN["newcombe.lower"], rel=1e-8)
    assert found.upper == pytest.approx(100 * GOLDEN["newcombe.upper"], rel=1e-8)


def test_brunner_and_munzel() -> None:
    """R gives the probability that the second lies above the first: the groups change places."""
    odd = np.arange(STATES.height) % 2 == 0
    shares = STATES["share_percent"].to_numpy()
    found = effects.brunner_munzel(shares[~odd], shares[odd])
    assert found.estimate == pytest.approx(GOLDEN["brunner_munzel.probability"], rel=1e-8)
    assert found.p_value == pytest.approx(GOLDEN["brunner_munzel.p_value"], rel=1e-8)


@pytest.mark.parametrize("model", ["none", "all", "all_weighted"])
def test_fractional_logit_clustered_by_state(model: str) -> None:
    covariates = None if model == "none" else standardised_covariates()
    weights = DISTRICTS["persons_thousand"] if model == "all_weighted" else None
    found = clustered.fractional_logit_cluster(
        DISTRICTS["share_percent"], DISTRICTS["east"], DISTRICTS["state"], covariates, weights
    )
    agrees(found.gap, f"logit_cluster_{model}.gap")
    name = f"logit_cluster_{model}.log_odds"
    for part in ("estimate", "lower", "upper"):
        assert np.log(getattr(found.odds_ratio, part)) == pytest.approx(GOLDEN[f"{name}.{part}"], rel=1e-8)
    for part in ("standard_error", "p_value"):
        assert getattr(found.odds_ratio, part) == pytest.approx(GOLDEN[f"{name}.{part}"], rel=1e-8)


def panel() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    years = PANEL["year"].to_numpy()
    states = PANEL["state"].to_numpy()
    effects = [states == state for state in np.unique(states)] + [years == year for year in np.unique(years)[1:]]
    regressor = PANEL["east"].to_numpy() * (years - 2016)
    return PANEL["share_percent"].to_numpy(), regressor, np.column_stack(effects).astype(float), states


def test_interaction_with_effects_of_state_and_year() -> None:
    agrees(clustered.ols_cluster_adjusted(*panel()), "trend")


def test_the_bootstrap_comes_as_near_to_all_its_draws_as_its_number_allows() -> None:
    """R goes through all 2^15 patterns of signs; 200,000 draws of the stream err by 8e-5 (one standard error)."""
    exact = GOLDEN["wild_cluster_rademacher.p_all_draws"]
    found = clustered.wild_cluster_bootstrap(*panel(), draws=200_000)
    assert found == pytest.approx(exact, abs=3 * np.sqrt(exact * (1 - exact) / 200_000))


@pytest.mark.parametrize(
    ("name", "partition", "within_parts", "relative"),
    [
        ("anova", clustered.variance_partition_anova, False, 1e-8),
        ("reml", clustered.variance_partition_reml, False, 1e-6),
        ("reml_within_parts", clustered.variance_partition_reml, True, 1e-6),
    ],
)
def test_variance_between_and_within_states(name, partition, within_parts: bool, relative: float) -> None:
    groups = DISTRICTS["east"] if within_parts else None
    found = partition(DISTRICTS["share_percent"], DISTRICTS["state"], groups)
    assert found.between == pytest.approx(GOLDEN[f"{name}.between"], rel=relative)
    assert found.within == pytest.approx(GOLDEN[f"{name}.within"], rel=relative)


def missing_in_r() -> str:
    """Why R cannot be run here, '' where it can."""
    if shutil.which("Rscript") is None:
        return "Rscript is not installed"
    wanted = ", ".join(f'"{name}"' for name in PACKAGES)
    asked = f"cat(setdiff(c({wanted}), rownames(installed.packages())))"
    lacking = subprocess.run(["Rscript", "-e", asked], capture_output=True, text=True, check=True).stdout
    return f"R lacks {lacking}" if lacking.strip() else ""


def test_r_gives_the_golden_values_again(tmp_path: Path) -> None:
    if reason := missing_in_r():
        pytest.skip(f"golden values of tests/oracle/golden.csv are not computed again: {reason}")
    subprocess.run(["Rscript", str(ORACLE / "golden.R"), str(ORACLE), str(tmp_path / "again.csv")], check=True)
    again = golden(tmp_path / "again.csv")
    assert again.keys() == GOLDEN.keys()
    for name, value in GOLDEN.items():
        assert again[name] == pytest.approx(value, rel=1e-6 if name.startswith("reml") else 1e-8, abs=1e-15), name


def test_the_versions_of_r_are_on_record() -> None:
    versions = {row["name"] for row in pl.read_csv(ORACLE / "versions.csv").iter_rows(named=True)}
    assert versions == {"R", *PACKAGES}
