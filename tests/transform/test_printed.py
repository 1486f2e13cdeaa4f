"""Printed figures: the spelling of numbers, signs in their place, dates with points."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import InputError
from pipeline.transform.printed import iso_date, plain_cells


def plain(value: str, *, marker: str | None = "", layout: str = "ffcsv_new", language: str = "de") -> tuple[str, str]:
    cells = pl.DataFrame(
        {"file": ["f"], "line": [7], "value": [value], "marker": [marker], "reference": ["2022"]},
        schema_overrides={"marker": pl.String},
    )
    return plain_cells(cells, layout=layout, language=language).select("value", "marker").row(0)


@pytest.mark.parametrize(
    ("layout", "language", "printed", "expected"),
    [
        ("ffcsv_new", "de", "10,5", "10.5"),
        ("ffcsv_new", "en", "10.5", "10.5"),
        ("ffcsv_old", "de", "84358845", "84358845"),
        ("pivot", "de", "7,25", "7.25"),
        ("strukturdaten", "de", "357.592,2", "357592.2"),
        ("strukturdaten", "de", "10.775", "10775"),
        ("strukturdaten", "de", "92,6", "92.6"),
        ("statistischer_bericht", "de", "20799.5", "20799.5"),
        ("pivot", "de", "10 753 880", "10753880"),
        ("ffcsv_old", "de", "1\u202f234,5", "1234.5"),
    ],
)
def test_each_layout_spells_numbers_its_way(layout, language, printed, expected):
    assert plain(printed, layout=layout, language=language) == (expected, "")


@pytest.mark.parametrize(
    ("layout", "language", "printed"),
    [
        ("ffcsv_new", "de", "10.5"),
        ("ffcsv_new", "en", "10,5"),
        ("pivot", "de", "10.775"),
        ("strukturdaten", "de", "35.92,2"),
        ("strukturdaten", "de", "1.23"),
        ("pivot", "de", "1 234.5"),
    ],
)
def test_another_spelling_is_refused_with_its_line(layout, language, printed):
    with pytest.raises(InputError) as caught:
        plain(printed, layout=layout, language=language)
    assert (caught.value.line, caught.value.key) == (7, "value")


@pytest.mark.parametrize(
    ("printed", "sign"), [("-", "-"), ("–", "-"), (" / ", "/"), (".", "."), ("x", "x"), ("...", "..."), ("…", "...")]
)
def test_a_sign_in_the_place_of_a_number_is_the_marker(printed, sign):
    assert plain(printed, layout="strukturdaten") == ("", sign)
    assert plain(printed, marker="e") == ("", sign), "it says more than the quality beside it"


def test_brackets_are_limited_reliability():
    assert plain("(12,5)") == ("12.5", "()")


@pytest.mark.parametrize("marker", ["e", "p", "r", "s", "()"])
def test_the_sign_beside_a_number_stays(marker):
    assert plain("12", marker=marker) == ("12", marker)
    assert plain("12", marker=None) == ("12", "")


@pytest.mark.parametrize("text", ["-0,2", "Berlin", "=1+1", "", "12 34"])
def test_what_is_no_number_stays_to_be_refused_where_numbers_are_read(text):
    assert plain(text)[0] == text


@given(st.integers(0, 10**12 - 1), st.integers(0, 99))
def test_grouping_and_comma_change_no_figure(whole, cents):
    printed = f"{whole:,}".replace(",", ".") + f",{cents:02d}"
    assert plain(printed, layout="strukturdaten") == (f"{whole}.{cents:02d}", "")


@pytest.mark.parametrize(
    ("printed", "iso"),
    [
        ("31.12.2022", "2022-12-31"),
        ("2022-12-31", "2022-12-31"),
        ("2022", "2022"),
        ("Oktober 2023", "2023-10-31"),
        ("Februar 2024", "2024-02-29"),
        ("Sommer 2023", "Sommer 2023"),
        ("1.1.2023", "1.1.2023"),
    ],
)
def test_dates_become_iso_dates(printed, iso):
    assert iso_date(printed) == iso
