"""Every rule of sql/checks: nothing offends it in good data, and what it is there for is found by it alone."""

import duckdb
import pytest
from small_figures import SERIES, observation_id
from small_warehouse import build_warehouse, contracts

CHECKS = {check.name: check for check in contracts().checks}
BAYERN = observation_id("09", "persons_with")
WRONG = observation_id("09", "persons_without")

WAITS = "UPDATE core.vintage SET in_use = FALSE WHERE source_id = 'counts' AND vintage_id = 'v2'"

SHARES_OF_2018 = "mikrozensus_states.2018.migration_background_wider"

# rule → ways to break it, each as SQL on good data
BREAKS = {
    "analysis.east_west__golden_2018": {
        "the West a tenth of a point too low": f"UPDATE analysis.east_west SET series_id = '{SHARES_OF_2018}'; "
        f"UPDATE analysis.result_input SET series_id = '{SHARES_OF_2018}'",
    },
    "core.caveat__belongs_to_a_vintage": {
        "a vintage that is not there": "UPDATE core.caveat SET vintage_id = 'v9'",
        "a vintage of another source": "UPDATE core.caveat SET source_id = 'studies'",
    },
    "core.claim__all_statements": {
        "one is missing": "DELETE FROM core.claim WHERE claim_id = 'C095';"
        "DELETE FROM analysis.claim_verdict WHERE claim_id = 'C095'",
        "one too many": "INSERT INTO core.claim SELECT * REPLACE ('C096' AS claim_id) FROM core.claim LIMIT 1;"
        "INSERT INTO analysis.claim_verdict SELECT * REPLACE ('claim.C096' AS result_id, 'C096' AS claim_id) "
        "FROM analysis.claim_verdict WHERE claim_id = 'C095'",
    },
    "core.correction__has_its_figures": {
        "a figure nobody marked": "UPDATE core.observation SET correction_id = NULL WHERE region_id = '09'",
        "fewer than it names": "UPDATE core.correction SET figures = 2",
        "more than it names": "UPDATE core.observation SET correction_id = 'bayern_2018' "
        f"WHERE observation_id = '{BAYERN}'",
    },
    "core.observation__correction_known": {
        "an error nobody entered": "UPDATE core.observation SET correction_id = 'nobody' "
        f"WHERE observation_id = '{BAYERN}'",
        "of another source": "UPDATE core.correction SET source_id = 'studies'",
        "mended before this vintage": "UPDATE core.correction SET vintages = 'v1'",
        "a vintage that only begins alike": "UPDATE core.correction SET vintages = 'v1 v20'",
    },
    "core.observation__corrected_as_said": {
        "dropped and not contradicted": "UPDATE core.correction SET action = 'drop'",
        "overridden and not derived": "UPDATE core.correction SET action = 'override'",
    },
    "core.observation__keys_known": {
        "region": f"UPDATE core.observation SET region_id = '99' WHERE observation_id = '{BAYERN}'",
        "concept": f"UPDATE core.observation SET concept = 'height' WHERE observation_id = '{BAYERN}'",
        "measure": f"UPDATE core.observation SET measure = 'persons_near' WHERE observation_id = '{BAYERN}'",
        "vintage": f"UPDATE core.observation SET vintage_id = 'v9' WHERE observation_id = '{BAYERN}'",
        "unit": f"UPDATE core.observation SET unit = 'eur' WHERE observation_id = '{BAYERN}'",
    },
    "core.observation__parts_within_total": {
        # three persons are granted to census perturbation
        "four persons too many": "UPDATE core.observation SET value = value + 4, lower = lower + 4, upper = upper + 4 "
        f"WHERE observation_id = '{BAYERN}'",
    },
    "core.observation__districts_within_state": {
        "a district larger than its state": "INSERT INTO core.observation SELECT * REPLACE ('x' AS observation_id, "
        "'09001' AS region_id, 104 AS value, 104 AS lower, 104 AS upper) FROM core.observation "
        f"WHERE observation_id = '{BAYERN}'",
    },
    "core.observation__states_make_germany": {
        # sixteen times a hundred, and one in a thousand is granted
        too: "INSERT INTO core.observation SELECT * REPLACE ('x' AS observation_id, 'DE' AS region_id, "
        f"{persons} AS value, {persons} AS lower, {persons} AS upper) FROM core.observation "
        f"WHERE observation_id = '{BAYERN}'"
        for too, persons in (("too few in Germany", 1598), ("too many in Germany", 1602))
    },
    "core.region__four_hundred_districts": {
        "399": "DELETE FROM core.region WHERE region_id = '09001'",
        "401": "INSERT INTO core.region SELECT * REPLACE ('09999' AS region_id) FROM core.region "
        "WHERE region_id = '09001'",
        "one dissolved since": "UPDATE core.region SET valid_to = DATE '2024-12-31' WHERE region_id = '09001'",
        "a state that is not there": "UPDATE core.region SET state_id = '99' WHERE region_id = '09001'",
        "no state": "UPDATE core.region SET state_id = NULL WHERE region_id = '09001'",
        "a state of another code": "UPDATE core.region SET state_id = '08' WHERE region_id = '09001'",
        "a part other than its state's": "UPDATE core.region SET part = 'east' WHERE region_id = '09001'",
        "no part": "UPDATE core.region SET part = NULL WHERE region_id = '09001'",
    },
    "core.region__sixteen_states": {
        "Brandenburg in the West": "UPDATE core.region SET part = 'west' WHERE state_id = '12'",
        "Berlin in the East": "UPDATE core.region SET part = 'east' WHERE state_id = '11'",
        "a state without a part": "UPDATE core.region SET part = NULL WHERE state_id = '01'",
        "none of them Berlin": "DELETE FROM core.region WHERE region_id = '11';"
        "UPDATE core.region SET region_id = '01999', state_id = '01', part = 'west' WHERE region_id = '11000';"
        "DELETE FROM analysis.result_input WHERE observation_id LIKE 'counts:v2:11:%';"
        "DELETE FROM core.observation WHERE region_id = '11'",
        "a seventeenth": "INSERT INTO core.region SELECT * REPLACE ('17' AS region_id, NULL AS part) FROM core.region "
        "WHERE region_id = '16'",
    },
    "core.vintage__nothing_synthetic": {
        "obtained so": "UPDATE core.vintage SET obtained_how = 'synthetic' WHERE source_id = 'counts'",
        "a licence": "UPDATE core.vintage SET licence_id = 'SYNTHETIC' WHERE source_id = 'counts'",
        "a title": "UPDATE core.vintage SET title = 'Synthetic figures' WHERE source_id = 'counts'",
    },
    "core.vintage__every_source_has_one": {
        "the current one is not there": "UPDATE core.source SET current_vintage_id = 'v9' WHERE source_id = 'studies'",
        "it is one of another source": "UPDATE core.source SET current_vintage_id = 'v2' WHERE source_id = 'studies'",
        "it waits": "UPDATE core.vintage SET in_use = FALSE WHERE source_id = 'studies'",
        "one after it is in use": "UPDATE core.source SET current_vintage_id = 'v1' WHERE source_id = 'counts'",
    },
    "marts.current_observation__in_use": {
        "a vintage that waits": f"UPDATE core.source SET current_vintage_id = 'v1' WHERE source_id = 'counts'; {WAITS};"
        "DELETE FROM marts.revision",
    },
    "marts.revision__in_use": {
        "the later vintage waits": f"UPDATE core.source SET current_vintage_id = 'v1' WHERE source_id = 'counts'; "
        f"{WAITS}; DELETE FROM marts.current_observation",
    },
    "marts.current_observation__one_vintage": {
        "an older vintage beside the current one": "INSERT INTO marts.current_observation "
        f"SELECT * REPLACE ('v1' AS vintage_id) FROM marts.current_observation WHERE observation_id = '{BAYERN}'",
    },
    "marts.share__nothing_mixed": {
        column: f"UPDATE marts.share SET {column} = 'another', segment = 9 WHERE region_id = '09'"
        for column in ("concept", "universe", "census_base", "vintage_id")
    },
    "marts.revision__size": {
        "more": "UPDATE marts.revision SET change_percent = 25.1",
        "less": "UPDATE marts.revision SET change_percent = -25.1",
    },
    "marts.region_share__one_id": {
        "a share twice": "INSERT INTO marts.region_share SELECT * FROM marts.region_share WHERE region_id = '09'",
        "a place before the first": "UPDATE marts.region_share SET rank_first = 0 WHERE region_id = '09'",
        "a place beyond the last": "UPDATE marts.region_share SET rank_last = regions + 1 WHERE region_id = '09'",
        "last before first": "UPDATE marts.region_share SET rank_first = 2, rank_last = 1 WHERE region_id = '09'",
    },
    "marts.state_protection_seekers__adds_up": {
        "a state is missing": "DELETE FROM marts.state_protection_seekers WHERE region_id = '09'",
        "another sum": "UPDATE marts.state_protection_seekers SET persons = persons + 1 WHERE region_id = '09'",
        "more districts with rows than districts": "UPDATE marts.state_protection_seekers SET districts = 0",
    },
    "marts.network_state__state_known": {
        "no state": "UPDATE marts.network_state SET state_id = NULL",
        "a state of another part": "UPDATE marts.network_state SET part = 'berlin' WHERE part <> 'berlin'",
    },
    "marts.share__break_declared": {
        column: f"INSERT INTO marts.share SELECT * REPLACE ('another' AS {column}, series_id || '.next' AS series_id) "
        "FROM marts.share WHERE region_id = '09' AND level = 'state'"
        for column in ("census_base", "universe")
    },
    "marts.share__one_row_a_region": {
        "a region twice": "INSERT INTO marts.share SELECT * FROM marts.share WHERE region_id = '09'",
        "above 100": "UPDATE marts.share SET share_percent = 100.1 WHERE region_id = '09'",
        "below 0": "UPDATE marts.share SET share_percent = -0.1 WHERE region_id = '09'",
        "no number": "UPDATE marts.share SET share_percent = 'nan' WHERE region_id = '09'",
    },
    "analysis.east_west__difference_adds_up": {
        "no western figure": "UPDATE analysis.east_west SET quantity = 'ratio' "
        "WHERE quantity = 'west' AND berlin = 'in_east' AND estimand = 'pooled'",
    }
    | {
        estimand: "UPDATE analysis.east_west SET estimate = estimate + 0.001 "
        f"WHERE quantity = 'difference' AND berlin = 'in_east' AND estimand = '{estimand}'"
        for estimand in ("pooled", "unweighted")
    },
    "analysis.east_west__same_over_all": {
        "Germany with Berlin in the East": "UPDATE analysis.east_west SET estimate = estimate + 0.001 "
        "WHERE quantity = 'germany' AND berlin = 'in_east'",
    },
    "analysis.headline_claim__one_verdict": {
        "no verdict": "DELETE FROM analysis.headline_claim WHERE verdict IS NOT NULL",
        "a part without its best reading": "DELETE FROM analysis.headline_claim WHERE rank = 1 AND part = 'east'",
        "two best readings": "UPDATE analysis.headline_claim SET rank = 1 WHERE rank = 2",
        "the same part three times": "UPDATE analysis.headline_claim SET part = 'east' WHERE rank = 1",
        "no best reading": "UPDATE analysis.headline_claim SET rank = NULL WHERE verdict IS NULL",
    },
    "analysis.claim_verdict__every_claim": {
        "a claim without a verdict": "DELETE FROM analysis.claim_verdict WHERE claim_id = 'C095'",
        "a verdict without a claim": "INSERT INTO analysis.claim_verdict SELECT * REPLACE ('claim.C096' AS result_id, "
        "'C096' AS claim_id) FROM analysis.claim_verdict WHERE claim_id = 'C095'",
    },
    "analysis.claim_evidence__leads_to_rows": {
        "a row that is not there": "UPDATE analysis.claim_evidence SET evidence_id = 'suport' "
        "WHERE evidence_id = 'support'",
        "evidence of no verdict": "INSERT INTO analysis.claim_evidence VALUES "
        "('claim.C096', 'support', 'compared', 'a figure', 'eine Zahl')",
        "a verdict on nothing": "UPDATE analysis.claim_evidence SET role = 'alternative' "
        "WHERE result_id = 'claim.C002'",
    },
    "analysis.comparison__all_and_only_declared": {
        "declared and not computed": "INSERT INTO analysis.comparison SELECT * REPLACE ('unheard' AS comparison_id) "
        "FROM analysis.comparison WHERE comparison_id = 'key'",
        "computed and not declared": "DELETE FROM analysis.comparison WHERE comparison_id = 'trend'",
        "computed as something else": "UPDATE analysis.comparison SET kind = 'change' WHERE comparison_id = 'trend'",
        "a result of nobody's": "UPDATE analysis.survey_interval SET comparison_id = 'nobody' WHERE base_n = 764",
    },
    "analysis.district_model__leads_to_figures": {
        "a series that is not there": "UPDATE analysis.district_model SET series_id = 'regional.2017'",
        "a district that is not there": "UPDATE analysis.district_left_out SET region_id = '09999'",
        "a state left out as a district": "UPDATE analysis.district_left_out SET region_id = '09'",
    },
    "analysis.trend__leads_to_figures": {
        "years without shares": "UPDATE analysis.trend SET first_year = 2016, last_year = 2017",
        "beyond a break": "UPDATE analysis.trend SET segment = 1",
        "another census": "UPDATE analysis.trend SET census_base = 'zensus_2022'",
    },
    "analysis.refugee_ratio__leads_to_figures": {
        "a year without persons": "UPDATE analysis.refugee_ratio SET year = 2017",
        "persons of another source": "UPDATE analysis.refugee_ratio SET numerator_source_id = 'counts'",
        "a series that is not there": "UPDATE analysis.refugee_ratio SET denominator_series_id = 'counts.2017'",
    },
    "analysis.key_deviation__leads_to_figures": {
        "a year without persons": "UPDATE analysis.key_deviation SET year = 2017",
        "a key that is not there": "UPDATE analysis.key_deviation SET key_year = 2017",
    },
    "analysis.district_model__one_gap": {
        "two gaps": "UPDATE analysis.district_model SET estimate = -6.9 WHERE method = 'permutation'",
        "no leading p": "DELETE FROM analysis.district_model WHERE method = 'permutation' AND covariates = 'none'",
    },
    "analysis.result_input__leads_to_figures": {
        "a figure that is not there": f"INSERT INTO analysis.result_input VALUES ('{SERIES}', 'counts:v9:DE')",
        "a series without figures": "DELETE FROM analysis.result_input",
    },
    "analysis.refugee_ratio__difference_adds_up": {
        "another difference": "UPDATE analysis.refugee_ratio SET estimate = 16 WHERE quantity = 'difference'",
        "no eastern figure": "DELETE FROM analysis.refugee_ratio WHERE quantity = 'east'",
    },
    "analysis.key_deviation__adds_up": {
        "another deviation": "UPDATE analysis.key_deviation SET estimate = 3.6 WHERE quantity = 'deviation'",
        "no key": "DELETE FROM analysis.key_deviation WHERE quantity = 'key'",
    },
    "analysis.trend__one_slope": {
        "two slopes": "UPDATE analysis.trend SET estimate = -0.1 WHERE method = 'permutation'",
        "no leading p": "DELETE FROM analysis.trend WHERE method = 'permutation'",
    },
    "analysis.survey_interval__holds_the_estimate": {
        "estimate below": "UPDATE analysis.survey_interval SET estimate_percent = 60.85 WHERE base_n = 764",
        "estimate above": "UPDATE analysis.survey_interval SET estimate_percent = 67.75 WHERE base_n = 764",
        "lower end outside rounding": "UPDATE analysis.survey_interval SET lower_percent = 60.7 WHERE base_n = 764",
        "upper end outside rounding": "UPDATE analysis.survey_interval SET upper_percent = 67.9 WHERE base_n = 764",
    },
}


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory):
    built = build_warehouse(tmp_path_factory.mktemp("checks") / "warehouse.duckdb")
    with built.session() as con:
        con.execute("SET threads TO 1")  # the tables are tiny: handing them out costs more than reading them
    yield built
    built.close()


def offended(warehouse, *statements: str) -> set[str]:
    """The rules that find rows once the statements have run; the warehouse is left as it was."""
    with warehouse.session() as con:
        con.execute("BEGIN")
        for statement in statements:
            con.execute(statement)
        results = warehouse.run_checks(contracts().checks)
        con.execute("ROLLBACK")
    return {result.check.name for result in results if result.offending > 0}


def test_the_good_data_fill_every_table(warehouse):
    frames = warehouse.read_all(contracts().tables)
    empty = {name for name, frame in frames.items() if frame.is_empty()}
    # No source of this warehouse prints a figure for Germany, East or West.
    assert empty == {"marts.aggregate_share"}


@pytest.mark.parametrize("name", CHECKS)
def test_nothing_offends_in_good_data(warehouse, name):
    (result,) = warehouse.run_checks([CHECKS[name]])
    assert result.sample.rows() == []
    assert result.passed


@pytest.mark.parametrize(
    ("name", "statement"),
    [
        pytest.param(name, statement, id=f"{name}: {how}")
        for name, ways in BREAKS.items()
        for how, statement in ways.items()
    ],
)
def test_what_breaks_a_rule_is_found_by_it_alone(warehouse, name, statement):
    assert offended(warehouse, statement) == {name}


@pytest.mark.parametrize("table", ["district_model", "trend", "refugee_ratio"])
@pytest.mark.parametrize(
    "change",
    [
        "lower = estimate + 1, upper = estimate + 2",
        "lower = estimate - 2, upper = estimate - 1",
        "p_value = 1.1",
        "p_value = -0.1",
        "p_adjusted = 1.1",
        "p_value = 0.2, p_adjusted = 0.1",
    ],
)
def test_no_table_takes_an_interval_without_its_estimate_or_a_p_that_is_none(warehouse, table, change):
    with warehouse.session() as con:
        con.execute("BEGIN")
        with pytest.raises(duckdb.ConstraintException, match="CHECK constraint failed"):
            con.execute(
                f"UPDATE analysis.{table} SET {change} WHERE result_id = (SELECT min(result_id) FROM analysis.{table})"
            )
        con.execute("ROLLBACK")


def test_no_rule_is_without_a_breaking_case():
    assert set(BREAKS) == set(CHECKS)
    assert all(BREAKS.values())


def test_three_persons_of_census_perturbation_are_granted(warehouse):
    more = "UPDATE core.observation SET value = value + 3, lower = lower + 3, upper = upper + 3 WHERE observation_id = "
    assert offended(warehouse, f"{more} '{BAYERN}'") == set()


def test_the_width_of_rounding_is_granted(warehouse):
    rounded = "UPDATE core.observation SET value = value + 40, upper = upper + 90 WHERE observation_id = "
    assert offended(warehouse, f"{rounded} '{BAYERN}'") == set()


def test_a_figure_known_to_be_wrong_is_no_part_of_a_total(warehouse):
    """A dropped figure stays in core as printed: what it breaks is told by its correction, not by a check."""
    more = (
        "UPDATE core.observation SET value = 990, lower = 990, upper = 990, status = '{}' WHERE observation_id = '{}'"
    )
    assert offended(warehouse, more.format("published", WRONG)) == {"core.observation__parts_within_total"}
    assert offended(warehouse, more.format("contradicted", WRONG)) == set()


@pytest.mark.parametrize(("status", "rows"), [("published", 1), ("contradicted", 0)])
def test_a_contradicted_figure_is_no_published_aggregate(warehouse, status, rows):
    """Every result that uses the figures of Germany reads this mart."""
    with warehouse.session() as con:
        con.execute("BEGIN")
        con.execute(
            f"UPDATE core.observation SET region_id = 'DE', status = '{status}' WHERE observation_id = '{BAYERN}'"
        )
        for table in ("marts.current_observation", "marts.aggregate_share"):
            con.execute(f"CREATE OR REPLACE TABLE {table} AS {contracts().tables[table].select}")
        (found,) = con.execute("SELECT count(*) FROM marts.aggregate_share").fetchone()
        con.execute("ROLLBACK")
    assert found == rows


@pytest.mark.parametrize(
    ("column", "other"), [("universe", "private_households"), ("census_base", "zensus_2022"), ("vintage_id", "v1")]
)
def test_a_series_that_mixes_in_core_is_found_in_the_mart_made_of_it(warehouse, column, other):
    """What the rule is for: one state counted otherwise than the rest would enter the comparison unseen."""
    change = f"UPDATE core.observation SET {column} = '{other}' WHERE region_id = '10'"
    rebuilt = [
        f"CREATE OR REPLACE TABLE {table} AS {contracts().tables[table].select}"
        for table in ("marts.current_observation", "marts.share")
    ]
    found = offended(warehouse, change, *rebuilt)
    assert "marts.share__nothing_mixed" in found
    assert found <= {"marts.share__nothing_mixed", "marts.share__break_declared"}
