"""A vintage that waits is in core, and no mart is made from it; of those in use the last that holds a figure counts."""

import pytest
from small_figures import observation_id
from small_warehouse import build_warehouse, contracts

TABLES = contracts().tables
CURRENT = "marts.current_observation"
WAITS = "UPDATE core.vintage SET in_use = FALSE WHERE source_id = 'counts' AND vintage_id = 'v2'"
BAYERN = "region_id = '09' AND measure = 'persons_with'"


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory):
    built = build_warehouse(tmp_path_factory.mktemp("waiting") / "warehouse.duckdb")
    yield built
    built.close()


def mart(warehouse, name: str, *statements: str) -> list[dict]:
    """The rows a mart has of the source with two vintages, once the statements have run; the warehouse is as before."""
    with warehouse.session() as con:
        con.execute("BEGIN")
        for statement in statements:
            con.execute(statement)
        con.execute(f"CREATE OR REPLACE TABLE {CURRENT} AS {TABLES[CURRENT].select}")
        rows = con.sql(TABLES[f"marts.{name}"].select).pl()
        con.execute("ROLLBACK")
    # The order of a mart means nothing.
    return sorted(rows.filter(source_id="counts").iter_rows(named=True), key=repr)


def vintages(rows: list[dict]) -> set[str]:
    return {row["vintage_id"] for row in rows}


def test_without_one_that_waits_the_last_vintage_counts(warehouse):
    assert vintages(mart(warehouse, "current_observation")) == {"v2"}
    assert {row["region_id"] for row in mart(warehouse, "revision")} == {"09"}


def test_what_only_a_waiting_vintage_holds_is_not_there(warehouse):
    rows = mart(warehouse, "current_observation", WAITS)
    assert vintages(rows) == {"v1"}
    assert {row["region_id"] for row in rows} == {"09"}


def test_a_waiting_vintage_gives_no_share(warehouse):
    assert len(mart(warehouse, "share")) == 16
    assert {(row["region_id"], row["vintage_id"]) for row in mart(warehouse, "share", WAITS)} == {("09", "v1")}


def test_a_waiting_vintage_revises_nothing(warehouse):
    assert mart(warehouse, "revision", WAITS) == []


def test_a_third_vintage_that_waits_leaves_the_two_before_it_as_they_are(warehouse):
    third = [
        "INSERT INTO core.vintage SELECT * REPLACE ('v3' AS vintage_id, 3 AS vintage_order, FALSE AS in_use) "
        "FROM core.vintage WHERE source_id = 'counts' AND vintage_id = 'v2'",
        "INSERT INTO core.observation SELECT * REPLACE (replace(observation_id, ':v2:', ':v3:') AS observation_id, "
        "'v3' AS vintage_id, value + 1 AS value, upper + 1 AS upper) FROM core.observation WHERE vintage_id = 'v2'",
    ]
    for name in ("current_observation", "revision", "share", "aggregate_share"):
        assert mart(warehouse, name, *third) == mart(warehouse, name), name
    used = [*third, "UPDATE core.vintage SET in_use = TRUE"]
    assert vintages(mart(warehouse, "current_observation", *used)) == {"v3"}
    revised = {(row["earlier_vintage_id"], row["later_vintage_id"]) for row in mart(warehouse, "revision", *used)}
    assert revised == {("v1", "v2"), ("v2", "v3")}


def test_a_figure_the_current_vintage_lacks_comes_from_the_last_one_that_holds_it(warehouse):
    gone = f"DELETE FROM core.observation WHERE vintage_id = 'v2' AND {BAYERN}"
    found = {row["observation_id"] for row in mart(warehouse, "current_observation", gone)}
    assert observation_id("09", "persons_with", vintage="v1") in found
    assert observation_id("09", "persons_total") in found
