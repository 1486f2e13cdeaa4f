"""The marts the sheets of the states read: places that can be told, and the state a city lies in."""

import pytest
from small_figures import SERIES
from small_warehouse import build_warehouse, contracts


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory):
    built = build_warehouse(tmp_path_factory.mktemp("states") / "warehouse.duckdb")
    yield built
    built.close()


def remade(warehouse, mart: str, ask: str, *changes: str) -> list[tuple]:
    """The answer to `ask`, `{mart}` being the mart made anew after the changes; the warehouse is left as it was."""
    with warehouse.session() as con:
        con.execute("BEGIN")
        try:
            for change in changes:
                con.execute(change)
            return con.execute(ask.format(mart=f"({contracts().tables[mart].select})")).fetchall()
        finally:
            con.execute("ROLLBACK")


def places(warehouse, *changes: str) -> dict[str, tuple]:
    ask = f"SELECT region_id, rank_first, rank_last FROM {{mart}} WHERE series_id = '{SERIES}'"
    return {region: (first, last) for region, first, last in remade(warehouse, "marts.region_share", ask, *changes)}


def share(region: str, value: float, half: float) -> str:
    """A printed share of a region, as wide as its rounding."""
    return (
        f"UPDATE marts.share SET share_percent = {value}, share_origin = 'printed', share_observation_id = "
        f"'p{region}' WHERE series_id = '{SERIES}' AND region_id = '{region}'; INSERT INTO core.observation SELECT * "
        f"REPLACE ('p{region}' AS observation_id, {value} AS value, {value - half} AS lower, {value + half} AS upper) "
        f"FROM core.observation WHERE region_id = '{region}' AND measure = 'persons_with' AND vintage_id = 'v2'"
    )


def test_equal_shares_have_all_places_among_them(warehouse):
    assert set(places(warehouse).values()) == {(1, 16)}


def test_an_order_that_rounding_cannot_tell_is_a_range(warehouse):
    found = places(warehouse, share("01", 30.0, 0.5), share("02", 30.4, 0.5), share("03", 32.0, 0.5))
    assert (found["03"], found["01"], found["02"]) == ((1, 1), (2, 3), (2, 3))
    assert found["09"] == (4, 16)


def test_neighbours_in_the_last_digit_are_told_apart(warehouse):
    found = places(warehouse, share("01", 30.0, 0.5), share("02", 31.0, 0.5))
    assert (found["02"], found["01"]) == ((1, 1), (2, 2))


@pytest.mark.parametrize(
    "change",
    [
        f"UPDATE marts.share SET concept = 'immigration_history' WHERE series_id = '{SERIES}'",
        f"UPDATE marts.share SET concept = 'migration_background_wider' WHERE series_id = '{SERIES}'",
        f"UPDATE marts.share SET share_percent = NULL WHERE series_id = '{SERIES}' AND region_id = '09'",
    ],
)
def test_no_place_is_given_where_no_order_can_be_told(warehouse, change):
    assert set(places(warehouse, change).values()) == {(None, None)}


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("Halle (Saale), kreisfreie Stadt", "15"),
        ("Region Halle (Saale), Landkreis", "15"),
        ("Halle (Saale) Land, Landkreis", None),
        ("Neuhalle (Saale), Landkreis", None),
    ],
)
def test_a_city_lies_where_the_district_of_its_name_lies(warehouse, name, state):
    change = f"UPDATE core.region SET name = '{name}' WHERE region_id = '15001'"
    assert remade(warehouse, "marts.network_state", "SELECT state_id FROM {mart}", change) == [(state,)]


def test_a_name_in_two_states_is_no_answer(warehouse):
    change = "UPDATE core.region SET name = 'Halle (Saale)' WHERE region_id = '09001'"
    assert remade(warehouse, "marts.network_state", "SELECT state_id FROM {mart}", change) == [(None,)]


def test_a_city_that_is_a_state_is_that_state(warehouse):
    changes = "UPDATE core.network_city SET city = 'Region 12 (state)'"
    assert remade(warehouse, "marts.network_state", "SELECT state_id FROM {mart}", changes) == [("12",)]
