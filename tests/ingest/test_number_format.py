"""A stored number becomes the text its format prints, or is refused; noise of doubles never shows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.ingest.number_format import number_format


@pytest.mark.parametrize(
    ("code", "stored", "printed"),
    [
        ("General", "20799", "20799"),
        ("General", "20799.0", "20799"),
        ("General", "0.30000000000000004", "0.3"),
        ("General", "2.0799E4", "20799"),
        ("General", "1E-3", "0.001"),
        ("General", "-5", "-5"),
        ("General", "0", "0"),
        ("@", "12", "12"),
        ("", "12", "12"),
        ("0", "20799.4", "20799"),
        ("0", "2.5", "3"),
        ("0", "-0.4", "0"),
        ("0.0", "12", "12.0"),
        ("0.0", "0.30000000000000004", "0.3"),
        ("0.0#", "12.25", "12.25"),
        ("#,##0", "20799", "20799"),
        ("#,##0.00", "20799", "20799.00"),
        ("# ##0", "20799", "20799"),
        (r"#\ ##0.0", "20799.06", "20799.1"),
        ("00000", "1001", "01001"),
        ("[Red]0", "5", "5"),
        ("[$-407]0", "5", "5"),
        ('"("0")"', "12", "(12)"),
        (r"\(0\)", "12", "(12)"),
        ("(0)", "12", "(12)"),
        ('0" "', "12", "12"),
        ('0;-0;"-"', "0", "-"),
        ('0;-0;"-"', "-7", "-7"),
        ('#,##0;-#,##0;"/"', "0", "/"),
        ('_-* #,##0_-;-* #,##0_-;_-* "-"??_-;_-@_-', "0", "-"),
        ('_-* #,##0_-;-* #,##0_-;_-* "-"??_-;_-@_-', "799", "799"),
        ("#.0", "0.5", "0.5"),
        ("0", "12345678901234567890", "12345678901234600000"),
    ],
)
def test_the_text_a_person_sees(code, stored, printed):
    assert number_format(164, code).printed(stored)[0] == printed


@pytest.mark.parametrize(
    ("code", "stored", "said"),
    [
        ("0%", "0.5", "another number"),
        ("0.00E+00", "5", "another number"),
        ("#,##0,", "5000", "another number"),
        ("# ?/?", "0.5", "another number"),
        ('[<5]"/";0', "3", "another number"),
        ('0" "d', "3", "date"),
        ("dd.mm.yyyy", "45000", "date"),
        ("[h]:mm", "3", "date"),
        (";;;", "5", "shows nothing"),
        ("#", "0", "shows nothing"),
        ("0;(0)", "-5", "without a minus"),
        ("0-0", "12", "between its digits"),
        ("General", "1,5", "should hold a number"),
        ("General", "nan", "should hold a number"),
        ("General", "", "should hold a number"),
        ("General", "1e400", "too large"),
        ("General", "1e9999999", "should hold a number"),
    ],
)
def test_a_format_that_says_something_else_is_refused(code, stored, said):
    with pytest.raises(ValueError, match=said):
        number_format(164, code).printed(stored)


def test_built_in_formats():
    assert number_format(3, None).printed("20799.0") == ("20799", False)
    assert number_format(41, None).printed("0") == ("-", False)
    for number, said in ((14, "date"), (9, "another number"), (99, "not known")):
        with pytest.raises(ValueError, match=said):
            number_format(number, None).printed("5")


def test_decimals_that_are_not_shown_are_told():
    assert number_format(164, "0").printed("20799.4") == ("20799", True)
    assert number_format(164, "0").printed("20799.000000000004") == ("20799", False)


@given(st.integers(0, 10**14), st.integers(0, 6))
def test_a_figure_with_few_decimals_survives_the_double_it_is_stored_in(whole, decimals):
    figure = f"{whole}"[: 14 - decimals] + (f".{str(whole)[::-1].ljust(6, '1')[:decimals]}" if decimals else "")
    code = "0" + (f".{'0' * decimals}" if decimals else "")
    expected = figure.lstrip("0") if not figure.startswith("0.") and figure.strip("0.") else figure
    assert number_format(164, code).printed(repr(float(figure)))[0] == (expected or "0")


@given(st.text(st.sampled_from('0#?.,;"\\_*[]()<>%-+ dEG$@/:e'), max_size=30), st.floats(allow_nan=False))
def test_no_code_does_anything_but_print_or_refuse(code, number):
    try:
        text, _ = number_format(164, code).printed(repr(number))
    except ValueError:
        return
    assert text
