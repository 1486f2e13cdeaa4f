"""The workbook: cover, notes, one table a sheet; no merged cell, no empty cell, no formula; the tables' numbers."""

import io
from decimal import Decimal

import openpyxl
import polars as pl
import pytest
from small_warehouse import contracts

from pipeline.release import open_release
from pipeline.release.workbook import NO_VALUE, SIGNS, workbook


@pytest.fixture(scope="module")
def book(packed):
    return openpyxl.load_workbook(io.BytesIO((packed / "figures.xlsx").read_bytes()))


def test_cover_and_notes_come_first_and_the_cover_leads_to_every_sheet(book):
    assert book.sheetnames[:2] == ["Cover", "Notes"]
    links = [cell.hyperlink.target for row in book["Cover"] for cell in row if cell.hyperlink]
    assert links == [f"#'{name}'!A1" for name in book.sheetnames[2:]]
    assert len(links) > 10


def test_the_signs_are_explained(book):
    told = {row[0].value: row[1].value for row in book["Notes"].iter_rows(min_row=3)}
    assert all(told[sign] == meaning for sign, meaning in SIGNS)


def test_no_cell_is_merged_empty_or_a_formula(book):
    for sheet in book:
        assert not sheet.merged_cells.ranges
        assert all(cell.data_type != "f" for row in sheet for cell in row)
        if sheet.title in ("Cover", "Notes"):
            continue
        assert sheet.freeze_panes == "B5"
        cells = [cell for row in sheet.iter_rows(min_row=3) for cell in row]
        assert all(cell.value not in (None, "") for cell in cells), sheet.title


def test_the_cells_are_those_of_the_table(book, packed):
    release = open_release(packed)
    for sheet in book.worksheets[2:]:
        frame = release.table(sheet["A1"].value)
        found = list(sheet.iter_rows(min_row=4, values_only=True))
        assert list(found[0]) == frame.columns
        for cells, row in zip(found[1:], frame.iter_rows(), strict=True):
            expected = [_shown(value) for value in row]
            told = [value.date() if hasattr(value, "hour") else value for value in cells]
            assert [pytest.approx(v) if isinstance(v, float) else v for v in expected] == told


def _shown(value):
    if value is None or value == "":
        return NO_VALUE
    return float(value) if isinstance(value, Decimal) else value


def test_a_hostile_text_is_text_and_control_signs_are_replaced(packed):
    release = open_release(packed)
    table = contracts().tables["analysis.survey_interval"]
    frame = release.table(table.id)
    release._read[table.id] = frame.with_columns(method=pl.lit("=1+1\x00"))
    data = workbook(release, [table])
    sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[2]
    cells = [row[frame.columns.index("method")] for row in sheet.iter_rows(min_row=5)]
    assert {(cell.value, cell.data_type) for cell in cells} == {("=1+1\ufffd", "s")}


def test_the_same_release_gives_the_same_bytes(packed):
    release = open_release(packed)
    assert workbook(release, list(contracts().tables.values())) == (packed / "figures.xlsx").read_bytes()
