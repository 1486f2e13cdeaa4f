"""The results as one accessible workbook: a cover, notes with the signs explained, then one table a sheet.

Belongs here: figures.xlsx. Not here: which tables a release has, their CSV and Parquet (write.py).

It follows what statistical offices ask of an accessible spreadsheet: each sheet says in its first rows what it holds,
one table a sheet from column A on, no merged and no empty cells, a sign where there is no number, frozen headings, and
a list of sheets on the cover. Observations are left to the CSV files: they are too many to be read in a workbook.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import polars as pl

from pipeline.contracts import Table
from pipeline.release.data_package import unit
from pipeline.release.read import Release

NAME = "figures.xlsx"
NO_VALUE = "[x]"
LAYERS = ("analysis", "marts")
# A sheet of more rows than this is a database, not a table to read.
ROWS_AT_MOST = 6000
SIGNS = (
    (NO_VALUE, "no value: not computed, not published, or not applicable in this row"),
    ("lower, upper", "ends of the interval of the estimate before them; of the confidence level beside them, if any"),
    ("berlin", "where Berlin is counted: excluded, in_east or in_west; every comparison comes in all three"),
    ("assumptions", "what a result takes for granted, by name; first_results are provisional"),
    ("p_value, p_adjusted", "of a test; adjusted by Holm within the declared family"),
    ("…_percent, …_points", "percent, and differences of percents in percentage points"),
)
# The formats of a ZIP and of a workbook have a date; a fixed one, so that equal content gives equal bytes.
_EPOCH = (1980, 1, 1, 0, 0, 0)
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def workbook(release: Release, tables: Sequence[Table]) -> bytes:
    """The content of figures.xlsx; the same release gives the same bytes."""
    from openpyxl import Workbook

    shown = [
        table
        for layer in LAYERS
        for table in sorted(tables, key=lambda one: one.id)
        if table.layer == layer and 0 < release.table(table.id).height <= ROWS_AT_MOST
    ]
    book = Workbook(write_only=True)
    book.properties.creator = "Augenhöhe"
    book.properties.title = f"Augenhöhe, release {release.id}"
    book.properties.created = book.properties.modified = dt.datetime(1980, 1, 1)  # noqa: DTZ001
    names = {table.id: _sheet_name(table, number) for number, table in enumerate(shown, start=1)}
    _cover(book, release, shown, names)
    _notes(book, release)
    for table in shown:
        _table(book, release.table(table.id), table, names[table.id])
    buffer = io.BytesIO()
    book.save(buffer)
    return _without_clock(buffer.getvalue())


def _sheet_name(table: Table, number: int) -> str:
    """At most 31 signs, and unlike every other."""
    return f"{number} {table.name}"[:31]


def _cover(book: Any, release: Release, shown: Sequence[Table], names: dict[str, str]) -> None:
    sheet = book.create_sheet("Cover")
    sheet.column_dimensions["A"].width = 34
    sheet.column_dimensions["B"].width = 100
    rows: list[tuple[Any, ...]] = [
        (_bold(sheet, "Migrant organisations in Germany, at eye level: results"),),
        (f"Release {release.id}. Every row bears an id; `mo trace` with it leads to the lines of the sources.",),
        ("Results are licensed CC BY 4.0; the figures of publishers bear the licences listed in datapackage.json.",),
        ("The sheet Notes explains the signs. The same tables, and all figures, lie beside this file as CSV.",),
        (_bold(sheet, "Sheet"), _bold(sheet, "What a row is")),
        *((_link(sheet, names[table.id]), _text(sheet, table.comment)) for table in shown),
    ]
    for row in rows:
        sheet.append(row)


def _notes(book: Any, release: Release) -> None:
    sheet = book.create_sheet("Notes")
    sheet.column_dimensions["A"].width = 34
    sheet.column_dimensions["B"].width = 100
    sheet.append((_bold(sheet, "Notes: signs, definitions, doubts about sources"),))
    sheet.append((_bold(sheet, "Sign or source"), _bold(sheet, "Meaning")))
    for sign, meaning in SIGNS:
        sheet.append((sign, meaning))
    caveats = release.table("core.caveat")
    texts = [name for name in ("text", "caveat", "note") if name in caveats.columns]
    for row in caveats.sort(caveats.columns).iter_rows(named=True):
        sheet.append((_text(sheet, f"{row['source_id']} {row['vintage_id']}"), _text(sheet, str(row[texts[0]]))))


def _table(book: Any, frame: pl.DataFrame, table: Table, name: str) -> None:
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet(name)
    sheet.freeze_panes = "B5"
    for position, column in enumerate(frame.columns, start=1):
        sheet.column_dimensions[get_column_letter(position)].width = min(48, max(12, len(column) + 2))
    meanings = {column.name: column.comment for column in table.columns}
    sheet.append((_bold(sheet, table.id),))
    sheet.append((_text(sheet, f"{table.comment} {frame.height} rows; {NO_VALUE} means no value."),))
    sheet.append([_text(sheet, _meaning(column, meanings[column])) for column in frame.columns])
    sheet.append([_bold(sheet, column) for column in frame.columns])
    for row in frame.iter_rows():
        sheet.append([_value(sheet, value) for value in row])


def _meaning(column: str, comment: str) -> str:
    words = unit(column)
    return f"{comment} ({words})" if words and words not in comment else comment


def _value(sheet: Any, value: object) -> Any:
    if value is None:
        return NO_VALUE
    if isinstance(value, Decimal):
        return float(value)
    return _text(sheet, value) if isinstance(value, str) else value


def _text(sheet: Any, text: str) -> Any:
    """A text that is never taken for a formula."""
    from openpyxl.cell import WriteOnlyCell

    clean = _FORBIDDEN.sub("\ufffd", text) or NO_VALUE
    if not clean.startswith("="):
        return clean
    cell = WriteOnlyCell(sheet, value=clean)
    cell.data_type = "s"
    return cell


def _bold(sheet: Any, text: str) -> Any:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    cell = WriteOnlyCell(sheet, value=text)
    cell.font = Font(bold=True)
    return cell


def _link(sheet: Any, name: str) -> Any:
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(sheet, value=name)
    cell.hyperlink = f"#'{name}'!A1"
    return cell


def _without_clock(data: bytes) -> bytes:
    """The same workbook with one fixed date wherever the writer put the present."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name in sorted(old.namelist()):
            content = old.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"(<dcterms:(\w+)[^>]*>)[^<]*", rb"\g<1>1980-01-01T00:00:00Z", content)
            info = zipfile.ZipInfo(name, _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o100644 << 16
            new.writestr(info, content)
    return buffer.getvalue()
