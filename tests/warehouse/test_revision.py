"""marts.revision: what two vintages following each other give differently, and why."""

import pytest
from small_figures import observation_id
from small_warehouse import build_warehouse, contracts

MART = contracts().tables["marts.revision"]
LATER = observation_id("09", "persons_with")


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory):
    built = build_warehouse(tmp_path_factory.mktemp("revision") / "warehouse.duckdb")
    yield built
    built.close()


def revisions(warehouse, *statements: str) -> list[dict]:
    """The revisions of persons_with once the statements have run; the warehouse is left as it was."""
    with warehouse.session() as con:
        con.execute("BEGIN")
        for statement in statements:
            con.execute(statement)
        rows = con.sql(MART.select).pl()
        con.execute("ROLLBACK")
    return [row for row in rows.iter_rows(named=True) if row["measure"] == "persons_with"]


def update(assignment: str) -> str:
    return f"UPDATE core.observation SET {assignment} WHERE observation_id = '{LATER}'"


def test_a_figure_in_one_vintage_alone_is_no_revision(warehouse):
    assert {row["region_id"] for row in revisions(warehouse)} == {"09"}


def test_equal_figures_of_another_release_state_say_so(warehouse):
    (row,) = revisions(warehouse)
    assert (row["reason"], row["change"], row["change_percent"]) == ("first results to final", 0, 0)
    assert (row["earlier_vintage_id"], row["later_vintage_id"]) == ("v1", "v2")
    assert (row["later_observation_id"], row["revision_id"]) == (LATER, f"revision:{LATER}")


@pytest.mark.parametrize(
    ("assignment", "reason"),
    [
        ("census_base = 'zensus_2022', value = value - 1", "new census base"),
        ("release_state = 'first_results', value = value + 1, upper = upper + 1", "other figure"),
        ("release_state = 'first_results', value = NULL, marker = '/'", "other figure"),
        ("release_state = 'first_results', marker = '()'", "other sign"),
    ],
)
def test_the_reason_is_told(warehouse, assignment, reason):
    (row,) = revisions(warehouse, update(assignment.replace("value - 1", "value - 1, lower = lower - 1")))
    assert row["reason"] == reason


def test_the_same_figure_of_the_same_state_is_no_revision(warehouse):
    assert revisions(warehouse, update("release_state = 'first_results'")) == []


def test_a_figure_of_another_day_is_no_revision(warehouse):
    assert revisions(warehouse, update("reference_date = DATE '2017-12-31', year = 2017")) == []


def test_the_change_is_in_percent_of_the_earlier_figure(warehouse):
    (row,) = revisions(warehouse, update("value = value * 2, upper = upper * 2"))
    assert row["change_percent"] == pytest.approx(100)
    assert row["later"] == pytest.approx(2 * row["earlier"])


def test_a_sign_instead_of_a_figure_has_no_change(warehouse):
    (row,) = revisions(warehouse, update("value = NULL, marker = '/'"))
    assert (row["later"], row["change"], row["change_percent"]) == (None, None, None)
