"""Tables as CSV that every program reads alike: UTF-8, RFC 4180, and no cell that a spreadsheet takes for a formula.

Belongs here: the text of a CSV file, and the way back from a protected cell. Not here: where a file lies (write.py).

A text cell that begins with = + - @ or with a tab or carriage return could be run as a formula, so it gets an
apostrophe in front. So does a text cell that begins with an apostrophe already: whoever takes one leading apostrophe
away from every text cell that has one gets exactly the published text. Numbers, dates and truth values are
never touched. An empty cell is NULL, a quoted empty cell an empty text.
"""

from __future__ import annotations

import io

import polars as pl

APOSTROPHE = "'"
# What spreadsheets begin a formula with (OWASP, "CSV Injection"), and the sign that protects from it.
STARTS = "^([=+\\-@\t\r'])"


def csv_bytes(frame: pl.DataFrame) -> bytes:
    """A frame as CSV: a header, lines ended by CR LF, text cells protected, floats in their shortest exact form."""
    guarded = frame.with_columns(pl.col(pl.String).str.replace(STARTS, f"{APOSTROPHE}${{1}}"))
    buffer = io.BytesIO()
    guarded.write_csv(buffer, line_terminator="\r\n")
    return buffer.getvalue()


def read_csv(data: bytes, schema: dict[str, pl.DataType]) -> pl.DataFrame:
    """The frame a CSV file of a release was made from.

    Args:
        data: the content of the file.
        schema: the columns with their types, as the Parquet file beside it has them.
    """
    frame = pl.read_csv(data, schema=schema, eol_char="\n")
    return frame.with_columns(pl.col(pl.String).str.strip_prefix(APOSTROPHE))


def parquet_bytes(frame: pl.DataFrame) -> bytes:
    """A frame as Parquet; equal frames, equal bytes."""
    buffer = io.BytesIO()
    frame.write_parquet(buffer, compression="zstd")
    return buffer.getvalue()
