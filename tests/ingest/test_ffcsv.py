"""ffcsv of both layouts: every cell as printed, with its physical line; any other file is refused with its line."""

from __future__ import annotations

import time

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from layouts import BOM, NEW_ROWS, OLD_EN, new_file, new_header, new_row, old_file, old_header, old_row

from pipeline.errors import InputError
from pipeline.ingest import CELLS, ffcsv

CELL = st.text(st.characters(codec="utf-8", exclude_characters=';"\r\n\0=\\', exclude_categories=["Cs"]), max_size=12)


def refused(data: bytes) -> InputError:
    with pytest.raises(InputError) as caught:
        ffcsv.read(data, file="x.csv")
    assert caught.value.file == "x.csv"
    assert "Remedy: " in str(caught.value)
    return caught.value


def test_the_new_layout_gives_every_cell_as_printed():
    table = ffcsv.read(new_file(), file="x.csv")
    assert dict(table.cells.schema) == CELLS
    assert table.cells["line"].to_list() == [2, 3, 4, 5, 6, 7]
    assert table.cells["region"].to_list() == ["DG", "01", "01001", "01001", "03241001", "03152"]
    assert table.cells["region_variable"].to_list()[:3] == ["DINSG", "DLAND", "KREISE"]
    assert table.cells["dimensions"].to_list()[2:4] == ["GES=", "GES=GESW"]
    assert table.cells["value"].to_list()[-1] == "-"
    assert table.cells["quality"].to_list()[-2:] == ["e", ""]
    assert table.cells.row(0, named=True)["measure"] == "BEVSTD"
    assert set(table.cells["position"]) == {14}
    assert table.tables == ("12411",)
    assert table.titles == ("Bevölkerung",)
    assert table.doubts == ()


def test_without_value_q_there_is_no_quality_at_all():
    data = new_file(new_row("01", "a", "1", q=None), header=new_header(quality=False))
    assert ffcsv.read(data, file="x").cells["quality"].to_list() == [None]


@pytest.mark.parametrize("mark", ["1,5", "1.5", "1 234", "1.234.567", "/", "()", "", " 7 "])
def test_a_figure_stays_as_printed(mark):
    assert ffcsv.read(new_file(new_row("01", "a", mark)), file="x").cells["value"].to_list() == [mark]


def test_a_unit_stays_as_printed_and_may_differ_by_row():
    table = ffcsv.read(new_file(new_row("01", "a", "1", unit="1000"), new_row("01", "a", "2", unit="%")), file="x")
    assert table.cells["unit"].to_list() == ["1000", "%"]


def test_one_dimension_and_a_table_without_a_region():
    row = "12411;B;JAHR;Jahr;2022;GES;Geschlecht;GESM;männlich;5;Anzahl;BEV;Personen;p"
    table = ffcsv.read(new_file(row, header=new_header(1)), file="x")
    assert table.cells["quality"].to_list() == ["p"]
    assert table.cells["region"].to_list() == [None]
    assert table.cells["dimensions"].to_list() == ["GES=GESM"]


def test_the_old_layout_keeps_leading_blanks_and_zeros():
    cells = ffcsv.read(old_file(), file="x").cells
    assert cells["region"].to_list() == ["DG", "02", "031", "03152", "11001001"]
    assert cells["region_label"].to_list()[1:3] == ["  Hamburg", "    Braunschweig"]
    assert cells["value"].to_list() == ["300", "100", "50", "-", "/"]
    assert cells.row(0, named=True)["measure_label"] == "Bevoelkerungsstand"
    assert cells["unit"].unique().to_list() == ["Anzahl"]
    assert cells["quality"].null_count() == 5


def test_every_measure_column_of_the_old_layout_becomes_a_cell():
    header = old_header(measures="A__Erste Zahl__Anzahl;B__Zweite_Zahl__1000")
    cells = ffcsv.read(
        old_file(old_row("01", "a", "1", "2"), old_row("02", "b", "3", "4"), header=header), file="x"
    ).cells
    assert cells.select("line", "position", "measure", "unit", "value").rows() == [
        (2, 14, "A", "Anzahl", "1"),
        (2, 15, "B", "1000", "2"),
        (3, 14, "A", "Anzahl", "3"),
        (3, 15, "B", "1000", "4"),
    ]
    assert cells["column"][1] == "B__Zweite_Zahl__1000"


def test_duplicate_english_names_are_told_by_place():
    header = old_header(OLD_EN)
    assert len(set(header.split(";"))) < len(header.split(";"))
    cells = ffcsv.read(old_file(header=header), file="x").cells
    assert cells.equals(ffcsv.read(old_file(), file="x").cells)


def test_line_ends_of_windows_change_nothing():
    data = new_file()
    assert ffcsv.read(data.replace(b"\n", b"\r\n"), file="x").cells.equals(ffcsv.read(data, file="x").cells)


def test_a_quote_takes_the_slow_path_to_the_same_frame():
    plain = ffcsv.read(new_file(), file="x").cells
    quoted = new_file().replace(b";weiblich;", b';"weiblich";')
    assert ffcsv.read(quoted, file="x").cells.equals(plain)
    inner = ffcsv.read(new_file(new_row("01", 'a; "b"', "1").replace('a; "b"', '"a; ""b"""')), file="x").cells
    assert inner["region_label"].to_list() == ['a; "b"']


def test_a_quoted_line_break_keeps_the_lines_physical():
    broken = new_row("01", "x", "1").replace(";x;", ';"x\ny";')
    assert ffcsv.read(new_file(broken, NEW_ROWS[2]), file="x").cells["line"].to_list() == [2, 4]


@given(st.lists(st.tuples(CELL, CELL), min_size=1, max_size=5))
def test_whatever_a_cell_holds_comes_out_unchanged(pairs):
    rows = [new_row("01001", label, value) for label, value in pairs]
    cells = ffcsv.read(new_file(*rows), file="x").cells
    assert cells["region_label"].to_list() == [label for label, _ in pairs]
    assert cells["value"].to_list() == [value for _, value in pairs]
    assert cells["line"].to_list() == list(range(2, 2 + len(pairs)))


@pytest.mark.parametrize("at", [0, 2, len(NEW_ROWS) - 1])
@pytest.mark.parametrize("change", [lambda row: row + ";", lambda row: row.rsplit(";", 1)[0], lambda _: ""])
def test_a_ragged_or_empty_line_is_named(at, change):
    rows = [change(row) if i == at else row for i, row in enumerate(NEW_ROWS)]
    assert refused(new_file(*rows)).line == at + 2


def test_a_line_too_long_and_one_too_short_do_not_make_up_for_each_other():
    assert refused(new_file(NEW_ROWS[0], NEW_ROWS[1] + ";", NEW_ROWS[2].rsplit(";", 1)[0])).line == 3


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("value_unit", "unit", "value_unit"),
        ("time_label;time;", "time_label;", "2 is|1_variable|column 5"),
        ("1_variable_label", "1_variable_lable", "1_variable_label"),
        ("value_q", "value_quality", "value_q"),
        ("value;value_unit", "value_unit;value", "value"),
    ],
)
def test_a_header_that_was_changed_names_the_column(old, new, said):
    error = refused(new_file(header=new_header().replace(old, new)))
    assert error.line == 1
    assert any(part in str(error) for part in said.split("|"))


@pytest.mark.parametrize("separator", [",", "\t", "|"])
def test_another_separator_is_named(separator):
    assert "separated by" in str(refused(new_file().replace(b";", separator.encode())))


def test_the_header_again_is_two_downloads_in_one_file():
    assert refused(new_file() + new_file().removeprefix(BOM)).line == len(NEW_ROWS) + 2


def test_a_header_without_rows_and_a_million_columns():
    assert "no row" in str(refused(BOM + new_header().encode() + b"\n"))
    assert refused(new_header().encode() + b";a" * 1_000_000).line == 1


def test_an_old_header_needs_measures_and_known_columns():
    assert "CODE__Label__Unit" in str(refused(old_file(header=old_header(measures="Bevoelkerung"))))
    assert refused(old_file(header=old_header().replace("Zeit_Code", "Jahr_Code"))).line == 1


def test_a_new_file_cut_behind_a_whole_row_is_doubted():
    assert "cut off" in ffcsv.read(new_file().removesuffix(b"\n"), file="x").doubts[0]


def test_four_hundred_thousand_rows_need_seconds():
    rows = [new_row(f"{i % 400 + 1000:05d}", "Landkreis", str(i)) for i in range(4000)]
    data = BOM + (new_header() + "\n" + ("\n".join(rows) + "\n") * 100).encode()
    start = time.perf_counter()
    table = ffcsv.read(data, file="x")
    assert table.rows == 400_000
    assert table.cells["line"][-1] == 400_001
    # Half a second is usual; a reader row by row takes more than ten.
    assert time.perf_counter() - start < 8


def test_the_code_list_holds_what_the_cells_leave_out():
    codes = ffcsv.read(new_file(), file="x").codes
    assert codes.filter(pl.col("variable") == "GES").select("code", "label").rows() == [
        ("", "Insgesamt"),
        ("GESW", "weiblich"),
    ]


def test_a_code_with_the_signs_of_the_pairs_is_refused():
    assert "is not a code" in str(refused(new_file(new_row("01", "a", "1", sex="A=B;x"))))
