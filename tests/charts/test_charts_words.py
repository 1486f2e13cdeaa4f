"""The words of the charts follow the data: they flip when the data flip, and stay short."""

from __future__ import annotations

import polars as pl
import pytest

from pipeline.charts import CHARTS, TABLES

Tables = dict[str, pl.DataFrame]


def finding(name: str, tables: Tables) -> str:
    return CHARTS[name].describe(tables).finding.replace("\u00a0", " ")


def changed(tables: Tables, name: str, **columns: pl.Expr) -> Tables:
    return tables | {name: tables[name].with_columns(**columns)}


@pytest.mark.parametrize("name", list(CHARTS))
def test_titles_are_complete_and_the_finding_is_short(name: str, tables: Tables) -> None:
    titles = CHARTS[name].describe(tables)
    assert 5 <= len(titles.finding.replace("\u00a0", " ").split()) - titles.finding.count("%") <= 15
    assert not titles.finding.endswith(".")
    assert titles.source_ids == tuple(sorted(set(titles.source_ids)))
    assert titles.source_ids
    assert any(character.isdigit() for character in titles.reference)
    assert len(titles.description) > 150
    assert "None" not in f"{titles}"


def test_tables_of_the_registry_are_what_the_charts_name() -> None:
    assert set(TABLES) == {name for chart in CHARTS.values() for name in chart.tables}


@pytest.mark.parametrize("name", list(CHARTS))
def test_chart_needs_no_table_it_does_not_name(name: str, tables: Tables) -> None:
    chart = CHARTS[name]
    only = {table: tables[table] for table in chart.tables}
    assert chart.describe(only) == chart.describe(tables)


def test_state_tiles_flip(tables: Tables) -> None:
    assert finding("state_tiles", tables) == "All five eastern states stay below 21.6 %, the lowest share elsewhere"
    mirrored = changed(tables, "marts.share", share_percent=60 - pl.col("share_percent"))
    assert "All five eastern states lie above" in finding("state_tiles", mirrored)
    mixed = changed(
        tables,
        "marts.share",
        share_percent=pl.when(pl.col("region_id") == "13").then(50.0).otherwise("share_percent"),
    )
    assert finding("state_tiles", mixed).startswith("Mecklenburg-Vorpommern has the largest share (50.0 %)")


def test_state_dots_flip(tables: Tables) -> None:
    assert finding("state_dots", tables) == "In 2023 the West (32.5 %) exceeds the East without Berlin (11.4 %)"
    swapped = changed(
        tables, "analysis.east_west", quantity=pl.col("quantity").replace({"east": "west", "west": "east"})
    )
    assert finding("state_dots", swapped) == "In 2023 the West (11.4 %) stays below the East without Berlin (32.5 %)"
    level = changed(tables, "analysis.east_west", estimate=pl.lit(20.0))
    assert finding("state_dots", level) == "In 2023 West and East without Berlin show the same share, 20.0 %"


def test_foreign_share_years_flip(tables: Tables) -> None:
    assert finding("foreign_share_years", tables) == (
        "Foreign shares rise everywhere; the East without Berlin stays lowest every year"
    )
    falling = changed(tables, "analysis.east_west", estimate=60 - pl.col("estimate"))
    falling = changed(falling, "marts.share", share_percent=40 - pl.col("share_percent"))
    assert finding("foreign_share_years", falling) == "Foreign shares fall everywhere; Berlin stays lowest every year"


def test_a_rise_across_the_break_alone_is_no_rise(tables: Tables) -> None:
    """Constant within each segment, higher after the break: nothing rises."""
    flat = changed(
        tables, "analysis.east_west",
        estimate=pl.when(pl.col("year") >= 2022).then(9.0).otherwise(5.0) + pl.col("quantity").eq("west"),
    )  # fmt: skip
    flat = changed(flat, "marts.share", share_percent=pl.lit(20.0))
    assert finding("foreign_share_years", flat).startswith("Foreign shares rise and fall")


def test_district_distribution_flips(tables: Tables) -> None:
    assert finding("district_distribution", tables).startswith(
        "Five of 75 eastern districts exceed the western median of"
    )
    in_east = pl.col("part") == "east"
    low = changed(tables, "marts.share", share_percent=pl.when(in_east).then(1.0).otherwise("share_percent"))
    assert finding("district_distribution", low).startswith("No eastern district exceeds")
    high = changed(tables, "marts.share", share_percent=pl.when(in_east).then(90.0).otherwise("share_percent"))
    assert finding("district_distribution", high).startswith("All 75 eastern districts exceed")


@pytest.mark.parametrize(
    ("p_value", "words", "chance"),
    [
        (2 / 3003, "almost never", "p = 0.0007, about 1 in 1,500"),
        (0.03, "seldom", "p = 0.030, about 3 in 100"),
        (0.4, "quite often", "p = 0.40, about 40 in 100"),
    ],
)
def test_permutation_follows_p(p_value: float, words: str, chance: str, tables: Tables) -> None:
    given = changed(tables, "analysis.east_west", p_value=pl.lit(p_value))
    assert words in finding("permutation", given)
    assert chance in CHARTS["permutation"].describe(given).description


def test_survey_shares_name_the_leading_need(tables: Tables) -> None:
    assert finding("survey_shares", tables) == "“more support wanted” leads every named need: 64.4 % (60.9 to 67.7 %)"
    figure = pl.col("figure_id") == "svr_bureaucracy"
    turned = changed(
        tables, "analysis.survey_interval",
        estimate_percent=pl.when(figure).then(80.0).otherwise("estimate_percent"),
        upper_percent=pl.when(figure).then(82.7).otherwise("upper_percent"),
        lower_percent=pl.when(figure).then(77.0).otherwise("lower_percent"),
    )  # fmt: skip
    assert finding("survey_shares", turned) == "“less bureaucracy” leads every named need: 80.0 % (77.0 to 82.7 %)"


def test_survey_shares_leave_out_other_topics(tables: Tables) -> None:
    frame = CHARTS["survey_shares"].data(tables)
    assert "bst_donations" not in frame["figure_id"]
    assert frame["study"].n_unique() == 2


def test_organisation_counts_follow_the_extremes(tables: Tables) -> None:
    assert finding("organisation_counts", tables) == (
        "Four national counts run from 10,360 to 17,500: each counts something else"
    )
    same = changed(tables, "core.study_figure", value=pl.lit(9000).cast(pl.Decimal(20, 6)))
    assert finding("organisation_counts", same) == "Four national counts agree on 9,000 organisations"


def test_organisation_counts_are_definitions_not_a_series(tables: Tables) -> None:
    frame = CHARTS["organisation_counts"].data(tables)
    assert frame["upper"].to_list() == [17500, 16000, 14300, 10360, 6851]
    assert frame["definition"].to_list()[0] == "number of registered associations with migration reference"
    assert frame["relation"].to_list()[:3] == [">", "=", "range"]
    assert frame["figure_ids"].to_list()[2] == "svr_high;svr_low"
    assert frame.filter(~pl.col("national"))["figure_ids"].to_list() == ["svr_counted"]
    assert "not a time series" in CHARTS["organisation_counts"].describe(tables).shown


@pytest.mark.parametrize(
    ("verdict", "expected"),
    [
        ("agrees", "The sentence agrees with the figures for 2016, narrower sense"),
        ("wrong year", "The sentence fits 2016 in the narrower sense, not the year it names"),
        (
            "depends on the definition",
            "The sentence holds only by one definition: narrower sense, Berlin in the West",
        ),
        ("not supported", "No year or definition fits the sentence; 2016, narrower sense, comes nearest"),
    ],
)
def test_headline_claim_follows_the_verdict(verdict: str, expected: str, tables: Tables) -> None:
    given = changed(
        tables, "analysis.headline_claim",
        verdict=pl.when(pl.col("verdict").is_not_null()).then(pl.lit(verdict)),
    )  # fmt: skip
    assert finding("headline_claim", given) == expected


def test_best_match_is_the_candidate_of_the_verdict(tables: Tables) -> None:
    frame = CHARTS["headline_claim"].data(tables)
    assert frame.filter("best").select("year", "berlin").unique().rows() == [(2016, "in_west")]
    assert frame.filter("fits").select("year", "berlin", "part").rows() == [
        (2016, "excluded", "east"), (2016, "excluded", "west"), (2016, "in_east", "west"),
        (2016, "in_west", "east"), (2016, "in_west", "west"),
        (2018, "excluded", "west"), (2018, "in_east", "west"),
    ]  # fmt: skip


def test_district_gap_follows_the_models(tables: Tables) -> None:
    name, table = "district_gap", "analysis.district_model"
    assert finding(name, tables) == "Among districts alike in structure the gap remains, but narrows: 7.0 to 4.8 points"
    full = pl.col("covariates").str.contains("log_gdp")
    wider = changed(tables, table, estimate=pl.when(full).then(-9.0).otherwise("estimate"))
    assert "but widens: 7.0 to 9.0" in finding(name, wider)
    nought = changed(tables, table, upper=pl.when(full & pl.col("upper").is_not_null()).then(0.5).otherwise("upper"))
    assert finding(name, nought) == "Among districts alike in structure the gap is not told apart from nought"
    frame = CHARTS[name].data(tables)
    assert frame["year"].unique().to_list() == [2022]
    assert frame["p_value"].unique().to_list() == [0.0007]


def test_protection_seekers_flip(tables: Tables) -> None:
    name = "protection_seekers"
    assert (
        finding(name, tables)
        == "Protection seekers per hundred foreign nationals: more in the East (37.7) than West (21.6)"
    )
    swapped = changed(
        tables, "analysis.refugee_ratio", quantity=pl.col("quantity").replace({"east": "west", "west": "east"})
    )
    assert "fewer in the East (21.6) than West (37.7)" in finding(name, swapped)
    level = changed(tables, "analysis.refugee_ratio", estimate=pl.lit(20.0))
    assert "as many protection seekers: 20.0" in finding(name, level)
    assert CHARTS[name].describe(tables).reference == "31 December 2023"
    alone = tables["analysis.refugee_ratio"].filter(denominator_concept="foreign_nationality")
    newest = CHARTS[name].describe(tables | {"analysis.refugee_ratio": alone})
    assert newest.reference == "31 December 2024"
    assert "hollow" not in newest.shown


def test_koenigstein_key_flips_and_names_its_year(tables: Tables) -> None:
    name, table = "koenigstein_key", "analysis.key_deviation"
    assert finding(name, tables) == "All five eastern states house fewer protection seekers than the key allots"
    turned = changed(
        tables, table, estimate=pl.when(quantity="deviation").then(-pl.col("estimate")).otherwise("estimate")
    )
    assert "house more protection seekers" in finding(name, turned)
    one = (pl.col("region_id") == "14") & (pl.col("quantity") == "deviation")
    mixed = changed(tables, table, estimate=pl.when(one).then(9.0).otherwise("estimate"))
    assert finding(name, mixed).startswith("Sachsen lies furthest above the key")
    words = CHARTS[name].describe(tables)
    assert words.reference == "31 December 2024; key of 2020"
    assert "The key of 2024 is not at hand" in words.description
    same = changed(tables, table, key_year=pl.lit(2024, pl.Int32))
    assert "not at hand" not in CHARTS[name].describe(same).description


def test_specification_curve_flips(tables: Tables) -> None:
    name, table = "specification_curve", "analysis.multiverse"
    assert finding(name, tables) == "Every choice leaves the East below the West, by 4.3 to 20.3 points"
    above = changed(tables, table, estimate=-pl.col("estimate"))
    assert finding(name, above) == "Every choice leaves the East above the West, by 4.3 to 20.3 points"
    mixed = changed(tables, table, estimate=pl.col("estimate") + 10)
    assert finding(name, mixed) == "Which side is higher depends on the choices: −10.3 to 5.7 points"
