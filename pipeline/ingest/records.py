"""Records of a CSV with the physical line each starts in.

Belongs here: what every layout with separated cells needs to be read. Not here: which separator, how many cells, or
what an empty line means: the layouts say that.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator

from pipeline.errors import InputError


def csv_records(text: str, *, file: str, delimiter: str, remedy: str) -> Iterator[tuple[int, list[str]]]:
    """Every record with the 1-based line it starts in; a quoted cell may span lines. An empty line is [].

    Raises:
        InputError: a quote that is never closed or stands in the wrong place; its remedy is `remedy`.
    """
    # split keeps every other line separator (form feed, U+2028) inside its cell, where splitlines would cut.
    lines = [line + "\n" for line in text.replace("\r\n", "\n").removesuffix("\n").split("\n")]
    reader = csv.reader(lines, strict=True, delimiter=delimiter)
    start = 1
    while True:
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            unclosed = "unexpected end" in str(error) or "field larger" in str(error)
            raise InputError(
                "a quote opened in this record is never closed" if unclosed else f"this is not valid CSV: {error}",
                file=file,
                line=start,
                remedy=remedy,
            ) from error
        yield start, fields
        start = reader.line_num + 1
