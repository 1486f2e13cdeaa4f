"""CSV beside Parquet: the same rows, in a form that no spreadsheet runs."""

import csv
import datetime as dt
import io
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from pipeline.release.cells import csv_bytes, read_csv

HOSTILE = [
    '=HYPERLINK("http://x.example","y")',
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    "'already",
    "<script>alert(1)</script>",
    'a "quoted", cell\nof two lines\r\nor three',
    "",
    " leading",
    "Müller 😀",
    None,
]


def texts(data: bytes) -> list[str]:
    """The cells of the first column as any reader of RFC 4180 sees them."""
    return [row[0] for row in csv.reader(io.StringIO(data.decode("utf-8"), newline=""))][1:]


def test_no_cell_begins_as_a_formula():
    shown = texts(csv_bytes(pl.DataFrame({"text": HOSTILE, "n": range(len(HOSTILE))})))
    assert len(shown) == len(HOSTILE)
    assert not [text for text in shown if text[:1] in ("=", "+", "-", "@", "\t", "\r")]
    assert shown[0] == "'" + str(HOSTILE[0])
    assert shown[8] == HOSTILE[8]


def test_numbers_dates_and_truth_values_are_not_touched():
    frame = pl.DataFrame(
        {
            "whole": [-3],
            "float": [-0.1],
            "exact": [Decimal("-12.50")],
            "day": [dt.date(2024, 12, 31)],
            "sure": [True],
            "none": pl.Series([None], dtype=pl.Float64),
        }
    )
    assert csv_bytes(frame).decode() == "whole,float,exact,day,sure,none\r\n-3,-0.1,-12.50,2024-12-31,true,\r\n"


@pytest.mark.parametrize("rows", [HOSTILE, [], [None], [""]])
def test_protection_is_reversible(rows):
    frame = pl.DataFrame({"n": list(range(len(rows))), "text": rows}, schema={"n": pl.Int64, "text": pl.String})
    assert_frame_equal(read_csv(csv_bytes(frame), dict(frame.schema)), frame)


@given(st.lists(st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=6), max_size=8))
def test_any_text_comes_back_as_published(rows):
    frame = pl.DataFrame({"n": list(range(len(rows))), "text": rows}, schema={"n": pl.Int64, "text": pl.String})
    assert_frame_equal(read_csv(csv_bytes(frame), dict(frame.schema)), frame)
