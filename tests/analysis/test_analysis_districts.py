"""Districts: which enter, what is asked of them, and what is said of those that do not."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from declaring import declare_place, part_of

from pipeline.analysis.districts import COVARIATES, STRUCTURE_COLUMNS, Modelled, district_models
from pipeline.analysis.tables import DISTRICT_LEFT_OUT, DISTRICT_MODEL
from pipeline.errors import InputError

SOURCE = "foreign_share_districts"
STATES = [f"{number:02d}" for number in range(1, 17)]


def structure(*, years: tuple[int, ...] = (2022,), seed: int = 1, gap: float = 0.7) -> pl.DataFrame:
    """Four districts a state (Berlin one) whose odds in the East are exp(-gap) of those in the West."""
    rng = np.random.default_rng(seed)
    rows = []
    for year in years:
        for state in STATES:
            of_state = 0.2 * rng.standard_normal()
            for number in range(1 if state == "11" else 4):
                density = rng.standard_normal()
                score = -2 + 0.3 * density + of_state - gap * (state >= "12") + 0.1 * rng.standard_normal()
                region = f"{state}{number:03d}"
                rows.append(
                    {
                        "series_id": f"{SOURCE}.{year}.foreign_nationality.district",
                        "source_id": SOURCE,
                        "year": year,
                        "concept": "foreign_nationality",
                        "census_base": "zensus_2022",
                        "region_id": region,
                        "region_name": f"District {region}",
                        "state_id": state,
                        "part": part_of(state),
                        "share_percent": round(100 / (1 + float(np.exp(-score))), 1),
                        "share_origin": "printed",
                        "weight_persons": float(rng.integers(50_000, 900_000)),
                        "status": "secondary",
                        "persons_per_km2": 200 * float(np.exp(density)),
                        "disposable_income_eur_per_capita": 24_000.0 + 2_000 * rng.standard_normal(),
                        "gdp_eur_per_capita": 38_000.0 + 5_000 * rng.standard_normal(),
                        "unemployment_rate_percent": 5.0 + rng.standard_normal(),
                        "density_year": year,
                        "income_year": year - 1,
                        "gdp_year": year - 1,
                        "unemployment_year": year + 1,
                        **{name: f"{region}:{name}" for name in STRUCTURE_COLUMNS if name.endswith("observation_id")},
                    }
                )
    return pl.DataFrame(rows, schema_overrides={"year": pl.Int32})


def one(results: pl.DataFrame, **equal: object) -> dict:
    found = results.filter(**equal)
    assert found.height == 1, found
    return found.row(0, named=True)


def modelled(given: pl.DataFrame, **changed: object) -> Modelled:
    """Models of one entry; with covariates those methods that go with them."""
    if "covariates" in changed:
        changed = {"methods": ("fractional_logit_cluster", "permutation_residualised"), "headline": "none"} | changed
    return district_models(given, [declare_place("districts", **changed)])


def test_the_tables_are_complete_and_every_method_carries_the_same_gap() -> None:
    found = modelled(structure(), covariates=("log_density",))
    assert dict(found.results.schema) == DISTRICT_MODEL
    assert dict(found.left_out.schema) == DISTRICT_LEFT_OUT
    assert found.left_out.is_empty()
    gaps = found.results.filter(quantity="difference", berlin="excluded")
    assert set(gaps["method"]) == {"fractional_logit_cluster", "permutation_residualised"}
    assert gaps["estimate"].n_unique() == 1
    assert gaps["estimate"][0] < 0
    assert gaps.select("n_east", "n_west", "states_east", "states_west").row(0) == (20, 40, 5, 10)


def test_berlin_stands_three_ways_in_one_state_each() -> None:
    results = modelled(structure()).results.filter(method="permutation").sort("berlin")
    assert results.select("berlin", "n_east", "n_west", "states_east", "states_west").rows() == [
        ("excluded", 20, 40, 5, 10),
        ("in_east", 21, 40, 6, 10),
        ("in_west", 20, 41, 5, 11),
    ]
    assert results["estimate"].n_unique() == 3


def test_a_density_that_explains_the_gap_takes_it_away() -> None:
    given = structure(gap=0.0).with_columns(
        pl.when(pl.col("part") == "east").then(pl.col("persons_per_km2") / 8).otherwise("persons_per_km2")
    )
    wobble = pl.Series(np.tile([1e-4, -1e-4], given.height)[: given.height])
    score = (pl.col("persons_per_km2") / 200).log() * 0.4 - 2 + wobble
    given = given.with_columns((100 / (1 + (-score).exp())).alias("share_percent"))
    without = one(modelled(given, berlin=("excluded",)).results, quantity="difference", method="permutation")
    within = one(
        modelled(given, berlin=("excluded",), covariates=("log_density",)).results,
        quantity="difference",
        method="fractional_logit_cluster",
    )
    assert without["estimate"] < -3
    assert within["estimate"] == pytest.approx(0, abs=1e-2)


def test_a_logged_covariate_is_per_standard_deviation_of_its_logarithm() -> None:
    given = structure()
    found = modelled(given, berlin=("excluded",), covariates=("log_density",)).results
    first = one(found, term="log_density")
    assert first["unit"] == "ratio per standard deviation"
    other = given.with_columns(pl.col("persons_per_km2") * 1_000)
    again = one(modelled(other, berlin=("excluded",), covariates=("log_density",)).results, term="log_density")
    assert again["estimate"] == pytest.approx(first["estimate"], rel=1e-8)


def test_districts_of_which_something_is_not_known_are_listed_and_never_filled_in() -> None:
    given = structure().with_columns(
        pl.when(pl.col("region_id") == "01000").then(None).otherwise("share_percent").alias("share_percent"),
        pl.when(pl.col("region_id").is_in(["01000", "02001"]))
        .then(None)
        .otherwise("gdp_eur_per_capita")
        .alias("gdp_eur_per_capita"),
    )
    found = modelled(given, covariates=tuple(COVARIATES), berlin=("excluded",))
    assert found.left_out.select("region_id", "reason").rows() == [
        ("01000", "not known: its share, log_gdp"),
        ("02001", "not known: log_gdp"),
    ]
    assert set(found.results["n_west"]) == {38}
    assert all("regions_missing" in flags for flags in found.results["assumptions"])
    complete = modelled(
        given.filter(~pl.col("region_id").is_in(["01000", "02001"])), covariates=tuple(COVARIATES), berlin=("excluded",)
    )
    assert found.results["estimate"].equals(complete.results["estimate"])


def test_an_east_of_one_state_is_refused_and_so_is_a_year_without_covariates() -> None:
    lone = structure().filter(~pl.col("state_id").is_in(["12", "13", "14", "15"]))
    with pytest.raises(InputError, match="1 state left on one side"):
        modelled(lone)
    empty = structure().with_columns(pl.lit(None, pl.Float64).alias("gdp_eur_per_capita"))
    with pytest.raises(InputError, match=r"no district .* has a share and all covariates"):
        modelled(empty, covariates=("log_gdp",))
    with pytest.raises(InputError, match="no district"):
        modelled(structure(), years=(1999,))


def test_the_variance_is_parted_once_a_year_and_without_berlin() -> None:
    results = modelled(structure(years=(2022, 2023))).results.filter(term="state")
    assert results.group_by("year", "method").len()["len"].to_list() == [4, 4, 4, 4]
    assert set(results["berlin"]) == {"excluded"}
    icc = one(results, year=2022, method="anova", quantity="icc")["estimate"]
    between, within = (
        one(results, year=2022, method="anova", quantity=f"variance_{part}")["estimate"]
        for part in ("between", "within")
    )
    assert icc == pytest.approx(between / (between + within))
    inside = one(results, year=2022, method="anova", quantity="icc_within_parts")["estimate"]
    assert inside < icc


def test_neighbours_are_not_known_and_the_row_says_so() -> None:
    row = one(modelled(structure(), berlin=("excluded",)).results, quantity="morans_i")
    assert row["estimate"] is None
    assert row["method"] == "not_computed"
    assert "neighbours_unknown" in row["assumptions"]


def test_weights_turn_a_district_into_its_inhabitants() -> None:
    given = structure()
    found = modelled(given, weights="population", berlin=("excluded",)).results
    row = one(found, quantity="difference", method="permutation")
    parts = {
        part: (rows["share_percent"] * rows["weight_persons"]).sum() / rows["weight_persons"].sum()
        for (part,), rows in given.group_by("part")
    }
    assert row["estimand"] == "weighted"
    assert row["estimate"] == pytest.approx(parts["east"] - parts["west"])
    assert "population_weighted" in row["assumptions"]


def test_a_margin_adds_the_equivalence_test_and_nothing_else() -> None:
    methods = ("fractional_logit_cluster", "permutation")
    margin = {"equivalence_margin_points": 50.0, "margin_reason": "so wide that everything lies within"}
    plain = modelled(structure(), methods=methods).results
    tested = modelled(structure(), methods=(*methods, "tost_cluster"), **margin).results
    added = tested.filter(~pl.col("result_id").is_in(plain["result_id"].to_list()))
    assert set(added["method"]) == {"tost_cluster"}
    assert (added["p_value"] < 0.001).all()
    assert all("margin_declared" in flags for flags in added["assumptions"])


def test_only_what_is_declared_is_computed() -> None:
    found = modelled(structure(), methods=("permutation",)).results
    assert set(found["method"]) == {"permutation"}
    assert set(found["quantity"]) == {"difference"}


def test_the_p_of_the_headline_is_adjusted_within_its_family_and_no_other() -> None:
    """Two years and three variants of one family: Holm multiplies the smallest of six by six."""
    entries = [declare_place("districts", id=f"in_{year}", years=(year,)) for year in (2022, 2023)]
    apart = declare_place("districts", id="apart", family="another", years=(2023,), berlin=("excluded",))
    sensitivity = declare_place("districts", id="beside", headline="none", years=(2023,))
    found = district_models(structure(years=(2022, 2023)), [*entries, apart, sensitivity]).results
    led = found.filter(pl.col("method") == "permutation", pl.col("comparison_id").str.starts_with("in_"))
    p_values = led["p_value"].sort().to_list()
    assert len(p_values) == 6
    assert led["p_adjusted"].min() == pytest.approx(min(1.0, 6 * p_values[0]))
    assert (led["p_adjusted"] >= led["p_value"]).all()
    alone = one(found, comparison_id="apart", method="permutation")
    assert alone["p_adjusted"] == alone["p_value"]
    rest = found.filter((pl.col("method") != "permutation") | (pl.col("comparison_id") == "beside"))
    assert rest["p_adjusted"].null_count() == rest.height
    assert set(found["family"]) == {"places", "another"}


def test_flags_tell_what_the_figures_are() -> None:
    flags = set(modelled(structure(), covariates=("log_income",)).results["assumptions"][0].split(";"))
    assert {"covariates_describe", "covariates_of_other_years", "rounded_inputs", "secondary_figures"} <= flags
    alone = set(modelled(structure(), covariates=("log_density",)).results["assumptions"][0].split(";"))
    assert "covariates_of_other_years" not in alone
