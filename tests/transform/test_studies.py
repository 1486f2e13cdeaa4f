"""Printed phrases of studies and claims as numbers, and the cities of the networks."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import InputError
from pipeline.ingest import read_cells
from pipeline.ingest.tidy import COLUMNS
from pipeline.transform import (
    CLAIM,
    NETWORK_CITY,
    STUDY_FIGURE,
    claims,
    network_cities,
    study_figures,
)
from pipeline.transform.numbers import Printed, read_printed

D = Decimal
SOUND = {
    "study_figure": {
        "figure": "svr2020_n",
        "value": "764",
        "unit": "percent",
        "status": "secondary",
        "year": "2019/20",
    },
    "claim": {"claim": "C001", "statement": "s", "value": "25", "unit": "percent"},
    "network_city": {"city": "Leipzig", "part": "east"},
}


def cells(kind: str, *rows: dict[str, str]):
    names = COLUMNS[kind][0]
    lines = [",".join(names)] + [",".join((SOUND[kind] | row).get(name, "") for name in names) for row in rows]
    return read_cells("\n".join(lines).encode(), file=f"raw_data/s/1/{kind}.csv", kind=kind)


@pytest.fixture
def study(vintage):
    described = vintage(source="svr", vintage="2020")
    return lambda *rows: study_figures(cells("study_figure", *rows), described)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("764", Printed("=", D(764), D("763.5"), D("764.5"))),
        ("25.5", Printed("=", D("25.5"), D("25.45"), D("25.55"))),
        ("8.0", Printed("=", D("8.0"), D("7.95"), D("8.05"))),
        ("+22.3", Printed("=", D("22.3"), D("22.25"), D("22.35"))),
        (">50", Printed(">", D(50), lower=D(50))),
        (">=2", Printed(">", D(2), lower=D(2))),
        ("<5", Printed("<", D(5), upper=D(5))),
        ("~33", Printed("~", D(33))),
        ("8000-10000", Printed("range", None, D(8000), D(10000))),
        ("31 / 30 / 10", Printed("list")),
        ("1500 + 1000", Printed("list")),
        ("20; 10", Printed("list")),
        ("2000-06", Printed("text")),
        ("2001-09-11", Printed("text")),
        ("2015/2016", Printed("text")),
        ("9-10 types", Printed("text")),
        ("majority (>50)", Printed("text")),
        ("several hundred", Printed("text")),
        ("12,5", Printed("text")),
        ("", Printed("text")),
    ],
)
def test_phrases_are_read_as_what_they_say(text, expected):
    assert read_printed(text) == expected


@given(st.integers(0, 10**11), st.integers(0, 6))
def test_a_single_number_lies_within_half_a_unit(digits, decimals):
    text = str(D(digits).scaleb(-decimals).quantize(D(1).scaleb(-decimals)))
    read = read_printed(text)
    assert read.relation == "="
    assert str(read.value) == text
    assert read.lower < read.value < read.upper
    assert read.upper - read.lower >= D(1).scaleb(-decimals)


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_only_rising_numbers_are_a_range(first, second):
    read = read_printed(f"{first}-{second}")
    assert (read.relation == "range") == (first < second)


@given(st.text(max_size=12))
def test_no_text_breaks_the_reader(text):
    read = read_printed(text)
    assert (read.value is None) == (read.relation in ("range", "list", "text"))


def test_study_figures_have_the_agreed_columns_and_types(study):
    frame = study(
        {"value": "8.8", "base_n": "764"},
        {"figure": "b", "value": "8000-10000", "unit": "visitors", "base_note": "not stated"},
    )
    assert dict(frame.schema) == STUDY_FIGURE
    assert frame.columns == list(STUDY_FIGURE)
    first, second = frame.iter_rows(named=True)
    assert (first["figure_id"], first["source_id"], first["vintage_id"]) == ("svr2020_n", "svr", "2020")
    assert (first["value"], first["lower"], first["upper"]) == (D("8.8"), D("8.75"), D("8.85"))
    assert (first["base_n"], first["base_note"], first["year"]) == (764, None, "2019/20")
    assert (second["relation"], second["value"], second["lower"], second["upper"]) == (
        "range",
        None,
        D(8000),
        D(10000),
    )
    assert (second["value_printed"], second["base_n"], second["base_note"]) == (
        "8000-10000",
        None,
        "not stated",
    )
    assert (second["raw_file"], second["raw_line"]) == ("s/1/study_figure.csv", 3)


@pytest.mark.parametrize(
    ("row", "key", "message"),
    [
        ({}, "figure_id", "the figure svr2020_n stands here again, first in line 2"),
        ({"figure": "a b"}, "figure", "'a b' is not an id"),
        ({"figure": ""}, "figure", "'' is not an id"),
        ({"figure": "b", "base_n": "~1000"}, "base_n", "words go into base_note"),
        ({"figure": "b", "base_n": "0"}, "base_n", "is not a whole number"),
        ({"figure": "b", "status": "quoted"}, "status", "unknown status 'quoted'"),
        ({"figure": "b", "status": ""}, "status", "Remedy: "),
        ({"figure": "b", "value": "101"}, "value", "101 percent is above 100"),
        ({"figure": "b", "value": "90-101"}, "value", "90-101 percent is above 100"),
    ],
)
def test_a_bad_study_figure_is_refused(study, row, key, message):
    with pytest.raises(InputError) as caught:
        study({"value": "1"}, {"value": "1"} | row)
    assert (caught.value.file, caught.value.line, caught.value.key) == (
        "raw_data/s/1/study_figure.csv",
        3,
        key,
    )
    assert message in str(caught.value)


def test_claims_have_the_agreed_columns_and_types():
    frame = claims(
        cells("claim", {}, {"claim": "C002", "value": "2018", "unit": "date"}, {"claim": "C003", "value": "few"})
    )
    assert dict(frame.schema) == CLAIM
    assert frame.columns == list(CLAIM)
    assert frame["value"].to_list() == [D(25), None, None]
    assert frame["relation"].to_list() == ["=", "text", "text"]
    assert frame["value_printed"].to_list() == ["25", "2018", "few"]
    assert frame["note"].to_list() == [None, None, None]


def test_a_claim_without_a_statement_is_refused():
    with pytest.raises(InputError, match="the claim C001 has no statement") as caught:
        claims(cells("claim", {"statement": " "}))
    assert (caught.value.line, caught.value.key) == (2, "statement")


def test_unknown_is_not_no():
    frame = network_cities(
        cells(
            "network_city",
            {"samofa_partner": "yes", "bv_nemo_member_may_2019": "no"},
            {"city": "Bochum", "part": "west"},
        )
    )
    assert dict(frame.schema) == NETWORK_CITY
    assert frame["samofa_partner"].to_list() == [True, None]
    assert frame["bv_nemo_member_may_2019"].to_list() == [False, None]


@pytest.mark.parametrize(
    ("row", "key", "message"),
    [
        ({}, "city", "the city Leipzig stands here again"),
        ({"city": ""}, "city", "the city has no name"),
        ({"city": "Kiel", "part": "north"}, "part", "unknown part 'north'"),
        (
            {"city": "Kiel", "samofa_partner": "yes (since 2018)"},
            "samofa_partner",
            "neither yes, no nor empty",
        ),
    ],
)
def test_a_bad_city_is_refused(row, key, message):
    with pytest.raises(InputError) as caught:
        network_cities(cells("network_city", {}, row))
    assert (caught.value.line, caught.value.key) == (3, key)
    assert message in str(caught.value)
