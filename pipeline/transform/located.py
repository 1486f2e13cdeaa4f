"""Rows that break a rule, brought back to the file and line they came from.

Belongs here: turning offending rows of a cell frame into one InputError, and the address of a row. Not here:
the rules themselves.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from typing import Any

import polars as pl

from pipeline.errors import InputError

RAW_FILE = pl.col("file").str.split("/").list.tail(3).list.join("/").alias("raw_file")
RAW_LINE = pl.col("line").cast(pl.Int32).alias("raw_line")


def refuse(
    cells: pl.DataFrame,
    offending: pl.Expr,
    message: Callable[[dict[str, Any]], str],
    *,
    key: str,
    remedy: str | Callable[[dict[str, Any]], str],
) -> None:
    """Raise for the rows of `cells` (columns file, line and more) where `offending` is true.

    Args:
        message: from the first offending row to one sentence.
        key: the column that is wrong.
        remedy: what to do, or the same from the first offending row.

    Raises:
        InputError: at the first offending row; it names up to five more lines with the same problem.
    """
    bad = cells.filter(offending)
    if bad.is_empty():
        return
    row = bad.row(0, named=True)
    text = message(row)
    if bad.height > 1:
        more = ", ".join(str(line) for line in bad["line"].to_list()[1:6])
        text += f" ({bad.height - 1} more: line {more}{' …' if bad.height > 6 else ''})"
    raise InputError(
        text,
        file=row["file"],
        line=row["line"],
        key=key,
        remedy=remedy if isinstance(remedy, str) else remedy(row),
    )


def refuse_unknown(cells: pl.DataFrame, column: str, known: tuple[str, ...], *, where: str) -> None:
    """Refuse a non-null `column` that is not one of `known`; `where` tells where the words stand."""

    def remedy(row: dict[str, Any]) -> str:
        guess = difflib.get_close_matches(row[column], known, n=1)
        shown = ", ".join(known) if len(known) <= 20 else f"see {where}"
        return (f"Did you mean {guess[0]!r}? " if guess else "") + f"Known: {shown}."

    refuse(
        cells,
        pl.col(column).is_not_null() & ~pl.col(column).is_in(known),
        lambda row: f"unknown {column} {row[column]!r}",
        key=column,
        remedy=remedy,
    )


def refuse_duplicates(cells: pl.DataFrame, column: str, what: str) -> None:
    """Refuse the second and every later row with the same `column`, naming the first row's line."""
    if cells[column].n_unique() == cells.height:
        return
    first = cells.group_by(column).agg(pl.col("line").first().alias("first_line"))
    refuse(
        cells.join(first, on=column, maintain_order="left"),
        pl.int_range(pl.len()).over(column) > 0,
        lambda row: f"{what} {row[column]} stands here again, first in line {row['first_line']}",
        key=column,
        remedy="Keep the right one of the two rows; if both are meant, tell them apart by id.",
    )
