"""Declared places and years: what contradicts itself, and what the data cannot carry, is refused by name and line."""

from __future__ import annotations

import json
from collections.abc import Callable

import polars as pl
import pytest
import test_analysis_districts as districts
import test_analysis_refugees as refugees
import test_analysis_trends as years

from pipeline.analysis.carried_places import (
    refuse_what_districts_cannot_carry,
    refuse_what_seekers_cannot_carry,
    refuse_what_years_cannot_carry,
)
from pipeline.analysis.declared import RESULTS, comparisons
from pipeline.analysis.design import Design, load_design, parse_design
from pipeline.analysis.tables import COMPARISON
from pipeline.errors import InputError

COMMON = """\
    question: What does it look like there?
    berlin: [excluded, in_east, in_west]
    family: places
    weights: none
    headline: permutation
"""
DISTRICTS = f"""\
  - kind: districts
    id: gap
{COMMON}
    outcome: foreign_nationality
    source: foreign_share_districts
    years: [2022]
    methods: [fractional_logit_cluster, permutation, tost_cluster, anova]
    equivalence_margin_points: 2.5
    margin_reason: fixed before looking
"""
WITHIN = """\
  - kind: districts
    id: gap
    question: What does it look like there?
    berlin: [excluded]
    family: within
    weights: none
    outcome: foreign_nationality
    source: foreign_share_districts
    years: [2022]
    covariates: [log_density, log_income, log_gdp, unemployment]
    methods: [fractional_logit_cluster, permutation_residualised]
    headline: permutation_residualised
"""
TREND = f"""\
  - kind: trend
    id: gap
{COMMON}
    outcome: foreign_nationality
    source: foreign_share_states
    years: all
    methods: [mean, permutation, wild_cluster_webb, tost_cluster]
    equivalence_margin_points_per_year: 0.1
    margin_reason: fixed before looking
"""
CHANGE = f"""\
  - kind: change
    id: gap
{COMMON}
    outcome: foreign_nationality
    source: foreign_share_states
    changes: [[2012, 2015]]
    methods: [mean, permutation, welch]
"""
REFUGEES = f"""\
  - kind: refugees
    id: gap
{COMMON.replace("    weights: none", "")}
    outcome: protection_seekers
    source: seekers
    years: [2023]
    denominators: [{{source: azr, concept: foreign_nationality}}]
    methods: [ratio_of_sums, mean, permutation]
"""
KEY = """\
  - kind: key
    id: gap
    question: What does it look like there?
    berlin: [excluded]
    outcome: protection_seekers
    source: seekers
    years: all
    key_source: key
    key_year: latest
    methods: [arithmetic]
"""
ENTRIES = {
    "districts": DISTRICTS,
    "within": WITHIN,
    "trend": TREND,
    "change": CHANGE,
    "refugees": REFUGEES,
    "key": KEY,
}


def declared(entry: str) -> Design:
    return parse_design("comparisons:\n" + entry, file="design.yml")


def changed(name: str, old: str, new: str) -> str:
    assert old in ENTRIES[name]
    return ENTRIES[name].replace(old, new)


def refused(entry: str, hold: Callable[[Design], None] | None = None) -> str:
    def read() -> None:
        design = declared(entry)
        if hold is not None:
            hold(design)

    with pytest.raises(InputError) as error:
        read()
    message = str(error.value)
    assert "the comparison gap is refused" in message
    assert "design.yml" in message
    assert "line " in message
    assert "Remedy" in message
    return message


@pytest.mark.parametrize("name", ENTRIES)
def test_a_sound_entry_of_each_kind_is_read(name: str) -> None:
    (entry,) = declared(ENTRIES[name]).comparisons
    assert entry.id == "gap"


@pytest.mark.parametrize(
    ("name", "old", "new", "reason"),
    [
        ("districts", "    margin_reason: fixed before looking\n", "", "the margin is missing"),
        ("trend", "    equivalence_margin_points_per_year: 0.1\n", "", "the margin is missing"),
        ("change", "permutation, welch", "permutation, equivalence", "the margin is missing"),
        ("districts", ", tost_cluster", "", "a margin without an equivalence test"),
        ("within", "[log_density, log_income", "[log_age, log_income", "'log_age' is not allowed here"),
        ("within", "[log_density, log_income", "[log_gdp, log_income", "a covariate stands twice"),
        ("within", "[log_density, log_income, log_gdp, unemployment]", "[log_density]", "is no leading method here"),
        ("within", ", permutation_residualised]", ", permutation]", "permutation does not answer with covariates"),
        ("within", "[fractional", "[anova, fractional", "parts the variance of all districts"),
        ("districts", "headline: permutation", "headline: fractional_logit_cluster", "is no leading method here"),
        ("districts", "permutation, tost", "permutation_residualised, tost", "does not answer without covariates"),
        ("districts", "headline: permutation", "headline: none", ""),
        ("trend", "headline: permutation", "headline: wild_cluster_webb", "is no leading method here"),
        ("trend", "[mean, permutation, ", "[mean, ", "the headline method permutation is not among the methods"),
        ("change", "headline: permutation", "headline: welch", "is no leading method here"),
        ("change", "[2012, 2015]", "[2015, 2012]", "runs backwards"),
        ("change", "[[2012, 2015]]", "[[2012, 2015], [2012, 2015]]", "a change stands twice"),
        ("change", "weights: none", "weights: population", "welch takes every state alike"),
        ("refugees", "ratio_of_sums, mean", "mean", "without its sides: ratio_of_sums is missing"),
        ("refugees", "headline: permutation", "headline: mean", "is no leading method here"),
        ("refugees", "concept: foreign_nationality}", "concept: [a, b]}", "mixed concepts"),
        ("key", "outcome: protection_seekers", "outcome: [protection_seekers, population]", "mixed concepts"),
        ("key", "[arithmetic]", "[permutation]", "'permutation' is not allowed here"),
    ],
)
def test_what_contradicts_itself_is_refused(name: str, old: str, new: str, reason: str) -> None:
    if reason:
        assert reason in refused(changed(name, old, new))
    else:
        assert declared(changed(name, old, new)).comparisons


def test_clustered_errors_never_stand_without_the_permutation() -> None:
    alone = TREND.replace("headline: permutation", "headline: none").replace("mean, permutation, wild", "mean, wild")
    assert "wild_cluster_webb, tost_cluster without permutation" in refused(alone)


def test_a_family_has_one_headline_over_all_kinds() -> None:
    other = WITHIN.replace("id: gap", "id: other").replace("family: within", "family: places")
    with pytest.raises(InputError, match="has the headline method permutation, it has permutation_residualised"):
        declared(DISTRICTS + other)
    assert declared(DISTRICTS + other.replace("headline: permutation_residualised", "headline: none")).comparisons


def structure() -> pl.DataFrame:
    return districts.structure(years=(2021, 2022))


@pytest.mark.parametrize(
    ("name", "old", "new", "given", "reason"),
    [
        ("districts", "share_districts", "share_distrikts", structure(), "unknown source 'foreign_share_distrikts'"),
        ("districts", "[2022]", "[2022, 1999]", structure(), "unknown year 1999 of foreign_share_districts"),
        ("districts", "outcome: foreign", "outcome: german", structure(), "unknown concept 'german_nationality'"),
        (
            "districts",
            "[2022]",
            "all",
            structure().with_columns(pl.format("zensus_{}", "year").alias("census_base")),
            "mixed census bases: zensus_2021, zensus_2022",
        ),
        (
            "districts",
            "weights: none",
            "weights: population",
            structure().with_columns(pl.lit(None, pl.Float64).alias("weight_persons")),
            "no base: inhabitants not known for 2022",
        ),
        (
            "within",
            "gap",
            "gap",
            structure().with_columns(pl.lit(None, pl.Float64).alias("gdp_eur_per_capita")),
            "no base: the covariate log_gdp not known for 2022",
        ),
        (
            "districts",
            "gap",
            "gap",
            structure().filter(~pl.col("state_id").is_in(["12", "13", "14", "15"])),
            "too few groups: 1 state of the East in 2022, Berlin excluded",
        ),
    ],
)
def test_districts_the_data_do_not_have_are_refused(
    name: str, old: str, new: str, given: pl.DataFrame, reason: str
) -> None:
    refuse_what_districts_cannot_carry(declared(ENTRIES[name]), structure())
    assert reason in refused(changed(name, old, new), lambda design: refuse_what_districts_cannot_carry(design, given))


@pytest.mark.parametrize(
    ("name", "old", "new", "reason"),
    [
        ("trend", "share_states", "share_statse", "unknown source 'foreign_share_statse'"),
        ("trend", "outcome: foreign", "outcome: german", "unknown concept 'german_nationality'"),
        ("trend", "years: all", "years: [2011, 1999]", "unknown year 1999"),
        ("trend", "years: all", "years: [2014, 2015, 2016, 2017]", "no 3 complete years without a break"),
        ("change", "[2012, 2015]", "[2014, 2017]", "a break lies between them"),
        ("change", "[2012, 2015]", "[1999, 2015]", "unknown year 1999"),
    ],
)
def test_years_the_data_do_not_have_are_refused(name: str, old: str, new: str, reason: str) -> None:
    def hold(design: Design) -> None:
        refuse_what_years_cannot_carry(design, years.shares())

    hold(declared(ENTRIES[name]))
    assert reason in refused(changed(name, old, new), hold)


def test_no_inhabitants_are_no_base() -> None:
    given = years.shares().with_columns(pl.lit(None, pl.Float64).alias("weight_persons"))
    entry = changed("trend", "weights: none", "weights: population")
    assert "no base: inhabitants" in refused(entry, lambda design: refuse_what_years_cannot_carry(design, given))


@pytest.mark.parametrize(
    ("name", "old", "new", "reason"),
    [
        ("refugees", "source: seekers", "source: sekers", "unknown source 'sekers'"),
        ("refugees", "[2023]", "[2023, 2022]", "unknown year 2022"),
        ("refugees", "source: azr", "source: arz", "unknown source 'arz'"),
        ("refugees", "concept: foreign_nationality", "concept: protection", "unknown concept 'protection'"),
        ("key", "source: seekers", "source: sekers", "unknown source 'sekers'"),
        ("key", "key_source: key", "key_source: kex", "unknown source of the key 'kex'"),
        ("key", "key_year: latest", "key_year: 1999", "no Königstein key of 1999 is known"),
    ],
)
def test_persons_and_keys_the_data_do_not_have_are_refused(name: str, old: str, new: str, reason: str) -> None:
    def hold(design: Design) -> None:
        refuse_what_seekers_cannot_carry(design, refugees.seekers(), refugees.share(), refugees.koenigstein())

    hold(declared(ENTRIES[name]))
    assert reason in refused(changed(name, old, new), hold)


def test_persons_that_cannot_be_summed_up_are_refused_by_name() -> None:
    given = refugees.seekers().filter(pl.col("state_id") != "05")
    message = refused(
        REFUGEES,
        lambda design: refuse_what_seekers_cannot_carry(design, given, refugees.share(), refugees.koenigstein()),
    )
    assert "15 of 16 states" in message


def test_the_project_leads_with_permutations_alone() -> None:
    for entry in load_design().comparisons:
        assert getattr(entry, "headline", "none") in ("none", "mean", "permutation", "permutation_residualised")


def test_the_declaration_as_a_table_counts_the_results_of_each_entry() -> None:
    design = declared(WITHIN + KEY.replace("id: gap", "id: key"))
    tables = {name: pl.DataFrame(schema={"comparison_id": pl.String}) for name in RESULTS}
    tables["analysis.district_model"] = pl.DataFrame({"comparison_id": ["gap", "gap", "nobody"]})
    tables["analysis.key_deviation"] = pl.DataFrame({"comparison_id": ["key"]})
    found = comparisons(design, tables)
    assert dict(found.schema) == COMPARISON
    shown = found.select("comparison_id", "kind", "headline", "family", "results").rows()
    assert shown == [
        ("gap", "districts", "permutation_residualised", "within", 2),
        ("key", "key", None, None, 1),
    ]
    assert json.loads(found["declared"][0])["covariates"] == ["log_density", "log_income", "log_gdp", "unemployment"]
