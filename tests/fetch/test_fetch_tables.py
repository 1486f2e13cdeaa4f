"""What metadata tells, and the parts a table is split into."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import InputError
from pipeline.fetch.tables import STATES, Part, TableInfo, planned, split, table_info


def described(**changes):
    """The answer of metadata/table, as GENESIS-Online gave it for 11111-0001."""
    element = {"Code": "DLAND", "Content": "Bundesländer", "Values": "16", "Structure": None}
    return {
        "Object": {
            "Code": "11111-0001",
            "Time": {"From": "31.12.1995", "To": "31.12.2023"},
            "Structure": {
                "Head": {"Code": "11111", "Values": "-1", "Structure": [{"Code": "FLC006", "Values": "-1"}]},
                "Columns": [{"Code": "STAG", "Values": "-1", "Structure": None}],
                "Rows": [element],
            },
            "Updated": "28.12.2022 09:24:14h",
        }
        | changes
    }


def read(**changes) -> TableInfo:
    return table_info(described(**changes), table="11111-0001", service="host")


def test_what_metadata_tells():
    assert read() == TableInfo("11111-0001", "28.12.2022 09:24:14h", dt.date(2022, 12, 28), 1995, 2023, 17)


@pytest.mark.parametrize(
    ("time", "years"),
    [
        ({"From": "1995", "To": "2023"}, (1995, 2023)),
        ({"From": "2021/22", "To": "2022/2023"}, (2021, 2023)),
        ({"From": None, "To": ""}, (None, None)),
        (None, (None, None)),
        ("31.12.2023", (None, None)),
    ],
)
def test_years_are_read_from_whatever_form(time, years):
    info = read(Time=time)
    assert (info.first_year, info.last_year) == years


@pytest.mark.parametrize("updated", ["", None, "heute", "31.02.2022", "2022-12-28"])
def test_a_table_without_a_day_of_update_is_refused(updated):
    with pytest.raises(InputError, match="when table 11111-0001 was updated"):
        read(Updated=updated)


@pytest.mark.parametrize("said", [{}, {"Object": None}, {"Object": {"Code": "other"}}])
def test_an_answer_about_something_else_is_refused(said):
    with pytest.raises(InputError, match="it describes"):
        table_info(said, table="11111-0001", service="host")


@pytest.mark.parametrize(
    ("rows", "values"),
    [
        ([{"Code": "KREISE", "Values": "-1"}], None),
        ([{"Code": "KREISE"}], None),
        ([{"Code": "KREISE", "Values": "400"}, {"Code": "GES", "Values": "2"}], 401 * 3),
        ([{"Code": "KREISE", "Values": "400", "Structure": [{"Code": "GES", "Values": "2"}]}], 401 * 3),
        ([{"Code": "KREISE", "Values": "400", "Structure": [{"Code": "GES", "Values": "-1"}]}], None),
        (["broken"], None),
        ([], None),
        (None, None),
    ],
)
def test_the_number_of_values_is_known_only_when_every_dimension_tells(rows, values):
    structure = {"Head": None, "Columns": [{"Code": "STAG", "Values": "-1"}], "Rows": rows}
    assert read(Structure=structure).values_a_year == values


def test_each_measure_of_the_head_counts():
    structure = described()["Object"]["Structure"]
    structure["Head"]["Structure"] = [{"Code": "A"}, {"Code": "B"}, {"Code": "C"}]
    assert read(Structure=structure).values_a_year == 3 * 17
    assert read(Structure=None).values_a_year is None


def plan(values: int | None, *, years=(), from_year=None, regional=False, first=2011, last=2024) -> list[str]:
    info = TableInfo("t", "u", dt.date(2026, 1, 1), first, last, values)
    parts = planned(info, years=years, from_year=from_year, regional=regional, max_values=40_000)
    return [part.name for part in parts]


def test_year_by_year_where_nothing_is_told():
    assert plan(None, from_year=2022) == ["2022", "2023", "2024"]


def test_years_go_together_below_the_limit():
    assert plan(17) == ["2011-2024"]
    assert plan(10_000) == ["2011-2013", "2014-2016", "2017-2019", "2020-2022", "2023-2024"]
    assert plan(40_000, from_year=2023) == ["2023", "2024"]
    assert plan(17, years=[2024, 2012, 2012, 2013]) == ["2012-2013", "2024"]


def test_a_year_that_is_known_to_be_too_large_is_asked_by_state():
    assert plan(40_000, years=[2024], regional=True) == [f"2024-state-{state}" for state in STATES]
    assert plan(39_999, years=[2024], regional=True) == ["2024"]


def test_a_table_that_tells_no_years():
    assert plan(None, first=None, last=None) == ["all"]
    assert plan(None, first=None, last=None, years=[2020]) == ["2020"]
    assert plan(None, first=None, last=None, from_year=2020)[0].startswith("2020-")


def test_years_the_table_does_not_have():
    with pytest.raises(InputError, match="covers 2011 to 2024"):
        plan(None, years=[2012, 2025])
    with pytest.raises(InputError, match="ends in 2024"):
        plan(None, from_year=2030)


def test_a_part_is_split_by_year_and_then_by_state():
    assert split(Part(2011, 2012), regional=True) == [Part(2011, 2011), Part(2012, 2012)]
    assert split(Part(2011, 2011), regional=False) == []
    assert [part.state for part in split(Part(2011, 2011), regional=True)] == list(STATES)
    assert [part.name for part in split(Part(), regional=True)][:2] == ["all-state-01", "all-state-02"]
    assert split(Part(2011, 2011, "01"), regional=True) == []


@given(
    years=st.sets(st.integers(2000, 2030), min_size=1),
    values=st.one_of(st.none(), st.integers(1, 100_000)),
)
def test_every_year_is_asked_for_exactly_once_and_below_the_limit(years, values):
    info = TableInfo("t", "u", dt.date(2026, 1, 1), 2000, 2030, values)
    parts = planned(info, years=list(years), from_year=None, regional=False, max_values=40_000)
    assert [year for part in parts for year in part.years] == sorted(years)
    assert all(len(part.years) == 1 or len(part.years) * (values or 40_000) < 40_000 for part in parts)
    assert len({part.name for part in parts}) == len(parts)
