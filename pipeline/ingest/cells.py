"""The one frame all readers of publishers' layouts return, and the CSV grammar they share.

Belongs here: the schema of the cells, of the code list beside them, and what a file says about itself; splitting text
into records with their physical lines. Not here: any layout (ffcsv, pivot, strukturdaten, workbook), any meaning of a
cell.

A cell frame has one row a printed figure (`CELLS`). Every text is as printed, blanks and signs included; "" is an empty
cell, null is something the layout or this file does not print at all:

- line, position: the physical line the record starts in, in a workbook the row as Excel shows it, and the 1-based
  column of the figure's cell; the key.
- column: the printed header of that column; in a pivot its header lines from top to bottom, joined by " | ".
- time_code, time: STAG or JAHR where printed; the date or year.
- region_variable, region, region_label: the printed level (KREISE, GEOBL1, Kreis), key and label.
- dimensions: the other keys as `variable=code` pairs joined by ";" in printed order; a total's code is often empty
  (`GES=`). Where a layout prints no codes, their labels stand there (`Geschlecht=weiblich`), and where it does not name
  the variables either, their place: `head 1=Geschlecht;head 2=weiblich;stub 1=…`.
  `\\`, `;` and `=` inside a label are written with a backslash before them.
- measure, measure_label, unit: as printed; a unit may be a multiplier ("1000", "in 1000").
- value: digits or a sign. quality: the sign in the column beside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import polars as pl

from pipeline.errors import InputError
from pipeline.ingest.records import csv_records

BOM = b"\xef\xbb\xbf"
PublisherLayout = Literal["ffcsv_new", "ffcsv_old", "pivot", "strukturdaten", "statistischer_bericht"]
Layout = Literal["tidy"] | PublisherLayout
# What a reader can hold at most; a table of 400,000 rows takes some 120 MB.
MAX_BYTES = 512 * 1024 * 1024
MAX_COLUMNS = 10_000

CELLS: dict[str, pl.DataType] = {
    "line": pl.Int64(),
    "position": pl.Int64(),
    "column": pl.String(),
    "time_code": pl.String(),
    "time": pl.String(),
    "region_variable": pl.String(),
    "region": pl.String(),
    "region_label": pl.String(),
    "dimensions": pl.String(),
    "measure": pl.String(),
    "measure_label": pl.String(),
    "unit": pl.String(),
    "value": pl.String(),
    "quality": pl.String(),
}
# The code list: every distinct printed combination; `dimension` is its printed number, 1-based.
CODES: dict[str, pl.DataType] = {
    "dimension": pl.Int64(),
    "variable": pl.String(),
    "variable_label": pl.String(),
    "code": pl.String(),
    "label": pl.String(),
}


@dataclass(frozen=True)
class Table:
    """What one file holds, as printed.

    Attributes:
        cells: `CELLS`, key line and position, ordered by it.
        codes: `CODES`; empty where the layout prints no codes.
        tables: the printed table or statistics codes; more than one only where rows of several stand together.
        titles: the printed title lines or statistics labels.
        header: the printed names of the columns, in order.
        rows: records below the header, headings of groups not counted.
        as_of: the printed `Stand:`, null where there is none.
        notes: footnotes and comments as printed.
        doubts: what the reader noticed and could not decide, one sentence each.
    """

    cells: pl.DataFrame
    codes: pl.DataFrame
    tables: tuple[str, ...]
    titles: tuple[str, ...]
    header: tuple[str, ...]
    rows: int
    as_of: str | None = None
    notes: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


def records(text: str, *, file: str, delimiter: str = ";") -> Iterator[tuple[int, list[str]]]:
    """Every record with the physical line it starts in; a quoted cell may span lines. An empty line is [].

    Raises:
        InputError: a quote that is never closed or stands in the wrong place; more than `MAX_COLUMNS` cells.
    """
    damaged = "The file is cut off or was changed; download it again."
    for line, fields in csv_records(text, file=file, delimiter=delimiter, remedy=damaged):
        refuse_too_wide(len(fields), file=file, line=line)
        yield line, fields


def refuse_too_wide(width: int, *, file: str, line: int) -> None:
    """Refuse a record no publisher prints.

    Raises:
        InputError: more than `MAX_COLUMNS` cells.
    """
    if width > MAX_COLUMNS:
        raise InputError(
            f"this line has {width} cells, more than the {MAX_COLUMNS} any table of a publisher has",
            file=file,
            line=line,
            remedy="The file is damaged; download it again.",
        )


def ragged(found: int, expected: int, *, file: str, line: int) -> InputError:
    """The error for a record that has not as many cells as the header."""
    return InputError(
        f"this record has {found} cells, the header has {expected}",
        file=file,
        line=line,
        remedy="The file is cut off here or was edited; download it again.",
    )


def second_file(*, file: str, line: int) -> InputError:
    """The error for a file in which another one begins."""
    return InputError(
        "a second table begins here",
        file=file,
        line=line,
        remedy="Two downloads were put into one file; give them one by one.",
    )


def escaped(text: str) -> str:
    """`text` as it stands in `dimensions`."""
    return text.replace("\\", "\\\\").replace(";", "\\;").replace("=", "\\=")
