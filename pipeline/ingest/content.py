"""What identifies the content of a data file, whatever order, wrapping or encoding it comes in.

Belongs here: the canonical content of each layout and its hash. Not here: reading cells; which hash is expected
(registry).

Two downloads of one table never have equal bytes: rows change places, archives carry times, a table as shown prints the
minute it was asked for. None of that is content.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from pipeline.ingest import tidy, workbook
from pipeline.ingest.blocks import FLAT, text_blocks
from pipeline.ingest.cells import BOM, Layout
from pipeline.ingest.recognise import recognised_as
from pipeline.ingest.sorted_lines import SortedLines

_AS_OF = re.compile(r"(?m)^\"?Stand:.*$")


@dataclass(frozen=True)
class Content:
    """sha256: the canonical hash; rows: records below the header, of a publisher's text the lines below its first."""

    sha256: str
    rows: int


def fingerprint(data: bytes | Path, *, file: str, layout: Layout = "tidy") -> Content:
    """Canonical hash and row count of a file, given as its bytes or its path; a flat file of any size.

    tidy: the header and then the data rows in bytewise order, every row written as RFC 4180 CSV with LF and quotes only
    where needed, in UTF-8. A publisher's text: the first line and then all others in bytewise order, in UTF-8, without
    byte order mark, blanks at their ends and empty lines. A pivot: its lines in their order, which carries meaning,
    without the line `Stand:`. A workbook: the rows of its machine sheets, each with the name of its
    sheet.

    Raises:
        InputError: the file cannot be read, or has another layout.
    """
    if layout in FLAT:
        with SortedLines() as lines:
            for block in text_blocks(data, layout, file=file):
                lines.add(block)
            return Content(sha256=lines.sha256(), rows=lines.rows)
    data = data.read_bytes() if isinstance(data, Path) else data
    if layout == "tidy":
        header, body = tidy.canonical_rows(data, file=file)
        return _content(header, sorted(body))
    if layout == "statistischer_bericht":
        names = recognised_as(data, layout, file=file).sheets
        rows = (f"{name};{row}" for name in names for row in workbook.rows(data, file=file, sheet=name) if row)
        return _content(";".join(sorted(names)), sorted(rows))
    first, *others = text_lines(data, file=file, layout=layout)
    kept = [line.rstrip() for line in others]
    if layout != "pivot":
        kept.sort(key=str.encode)
    return _content(first.rstrip(), [line for line in kept if line and not (layout == "pivot" and _AS_OF.match(line))])


def canonical_sha256(data: bytes, *, layout: Layout = "tidy") -> str:
    """The canonical hash of a file (see `fingerprint`), 64 hexadecimal digits."""
    return fingerprint(data, file="the data", layout=layout).sha256


def text_lines(data: bytes, *, file: str, layout: Layout, sheet: str | None = None) -> list[str]:
    """The lines of a file as its reader counts them, the first one being line 1, without byte order mark.

    Of a workbook the rows of `sheet`, or of its only machine sheet, the cells separated by semicolons.

    Raises:
        InputError: the file cannot be read, or has another layout.
    """
    if layout == "tidy":
        return tidy.decode(data, file=file).split("\n")
    if layout == "statistischer_bericht":
        return workbook.rows(data, file=file, sheet=sheet)
    text = recognised_as(data, layout, file=file).content.removeprefix(BOM).decode()
    return text.replace("\r\n", "\n").split("\n")


def _content(first: str, body: list[str]) -> Content:
    digest = hashlib.sha256("".join(line + "\n" for line in (first, *body)).encode())
    return Content(sha256=digest.hexdigest(), rows=len(body))
