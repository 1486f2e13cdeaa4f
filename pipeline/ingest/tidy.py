"""The project's own tidy CSV: bytes in, cells as printed out, each with its line.

Belongs here: decoding, the CSV grammar, the columns of each kind, and a file's canonical rows. Not here: any
meaning of a cell; nothing is trimmed, converted or taken for missing. An empty cell is "", a column the
file does not have is null.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

import polars as pl

from pipeline.errors import InputError
from pipeline.ingest.records import csv_records

_OBSERVATION = ("region", "region_label", "reference", "measure", "value", "marker")
_OBSERVATION_OPTIONAL = (
    "concept",
    "universe",
    "release_state",
    "census_base",
    "status",
    "breakdown",
    "source_url",
    "note",
    "reference_kind",
)
# kind -> (columns a file must have, columns it may have); the cell frame holds them in this order
COLUMNS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "observation": (_OBSERVATION, _OBSERVATION_OPTIONAL),
    "study_figure": (
        (
            "figure",
            "study",
            "indicator",
            "category",
            "geography",
            "year",
            "value",
            "unit",
            "base_n",
            "base_note",
            "status",
            "source_url",
            "note",
        ),
        (),
    ),
    "claim": (
        (
            "claim",
            "statement",
            "value",
            "unit",
            "reference_year",
            "geography",
            "cited_source",
            "section",
            "type",
            "checkable",
            "note",
        ),
        (),
    ),
    "network_city": (
        (
            "city",
            "part",
            "samofa_partner",
            "bv_nemo_member_may_2019",
            "partner_named",
            "source",
            "confidence",
        ),
        (),
    ),
    "region": (
        ("region", "name", "level", "state", "part", "valid_from", "valid_to", "successor", "note"),
        (),
    ),
}
_NEEDS_QUOTES = re.compile('[,"\r\n]')


def decode(data: bytes, *, file: str) -> str:
    """`data` as text: UTF-8, a byte order mark dropped, CRLF read as LF.

    Raises:
        InputError: empty, not UTF-8 (names line and byte offset), or a NUL byte.
    """
    if not data.removeprefix(b"\xef\xbb\xbf").strip():
        raise InputError("the file is empty", file=file, remedy="Restore its content, or remove it.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # The decoder counts from behind a byte order mark.
        offset = error.start + (3 if data.startswith(b"\xef\xbb\xbf") else 0)
        raise InputError(
            f"the file is not UTF-8: byte 0x{data[offset]:02x} at offset {offset}",
            file=file,
            line=data.count(b"\n", 0, offset) + 1,
            remedy="Save it as UTF-8; it is probably Windows-1252 or ISO-8859-1 (or UTF-16).",
        ) from error
    if (offset := data.find(b"\0")) >= 0:
        raise InputError(
            f"there is a NUL byte at offset {offset}",
            file=file,
            line=data.count(b"\n", 0, offset) + 1,
            remedy="Save it as plain UTF-8 text; it is probably UTF-16 or damaged.",
        )
    return text.replace("\r\n", "\n")


def records(data: bytes, *, file: str) -> Iterator[tuple[int, list[str]]]:
    """Every record with the 1-based line it starts in, header first; a quoted field may span lines.

    Raises:
        InputError: what `decode` raises; an unclosed or misplaced quote; an empty line.
    """
    quoting = 'Put text with commas, quotes or line breaks in "quotes"; double every quote inside.'
    for line, fields in csv_records(decode(data, file=file), file=file, delimiter=",", remedy=quoting):
        if not fields:
            raise InputError("the line is empty", file=file, line=line, remedy="Delete the line.")
        yield line, fields


def canonical_rows(data: bytes, *, file: str) -> tuple[str, list[str]]:
    """Header and data rows, each as RFC 4180 CSV with quotes only where needed, in the order of the file.

    Raises:
        InputError: what `records` raises.
    """
    header, *body = (
        ",".join('"' + cell.replace('"', '""') + '"' if _NEEDS_QUOTES.search(cell) else cell for cell in fields)
        for _, fields in records(data, file=file)
    )
    return header, body


def read_cells(data: bytes, *, file: str, kind: str) -> pl.DataFrame:
    """The cells of one tidy CSV as printed.

    Args:
        data: the bytes of the file.
        file: its name in errors and in the column `file` (`raw_data/<source>/<vintage>/<file>`).
        kind: a key of `COLUMNS`.

    Returns:
        file String, line Int64 (where the record starts, header = 1), for kind observation position Int64 (the
        1-based column of the figure), then every column of the kind in the order of `COLUMNS`, String; "" where
        the cell is empty, null where the file has no such optional column.

    Raises:
        InputError: what `records` raises; a wrong delimiter; an unknown, missing or duplicate column; a
            record with more or fewer cells than the header; no record below the header.
    """
    required, optional = COLUMNS[kind]
    stream = records(data, file=file)
    _, header = next(stream)
    _check_header(header, kind=kind, file=file)
    numbers: list[int] = []
    rows: list[list[str]] = []
    for line, fields in stream:
        if len(fields) != len(header):
            raise InputError(
                f"this record has {len(fields)} cells, the header has {len(header)}",
                file=file,
                line=line,
                remedy='Add or remove commas; text with a comma belongs in "quotes".',
            )
        numbers.append(line)
        rows.append(fields)
    if not rows:
        raise InputError(
            "there is a header but no record below it",
            file=file,
            line=1,
            remedy="Restore the rows, or remove the file.",
        )
    by_name = dict(zip(header, zip(*rows, strict=True), strict=True))
    cells: dict[str, pl.Series] = {
        "file": pl.repeat(file, len(rows), dtype=pl.String, eager=True),
        "line": pl.Series(numbers, dtype=pl.Int64),
    }
    if kind == "observation":
        cells["position"] = pl.repeat(header.index("value") + 1, len(rows), dtype=pl.Int64, eager=True)
    for name in (*required, *optional):
        column = by_name.get(name)
        cells[name] = (
            pl.repeat(None, len(rows), dtype=pl.String, eager=True)
            if column is None
            else pl.Series(column, dtype=pl.String)
        )
    return pl.DataFrame(cells)


def _check_header(header: list[str], *, kind: str, file: str) -> None:
    """Refuse a header that is not exactly the kind's columns, in any order."""
    required, optional = COLUMNS[kind]
    known = (*required, *optional)
    if len(header) == 1:
        for delimiter, name in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")):
            if delimiter in header[0]:
                raise InputError(
                    f"the columns are separated by {name}",
                    file=file,
                    line=1,
                    remedy="Save the file with commas between the columns.",
                )
    found = []
    for name in header:
        if name not in known:
            guess = difflib.get_close_matches(name.strip().lower(), known, n=1)
            found.append((name, f"unknown column {name!r}" + (f" (did you mean {guess[0]!r}?)" if guess else "")))
    found += [(name, f"missing column {name!r}") for name in required if name not in header]
    found += [(name, f"column {name!r} stands twice") for name in dict.fromkeys(header) if header.count(name) > 1]
    if found:
        raise InputError(
            "; ".join(message for _, message in found),
            file=file,
            line=1,
            key=found[0][0] if len(found) == 1 else None,
            remedy=f"The columns of kind {kind} are: {', '.join(required)}"
            + (f"; these may follow: {', '.join(optional)}." if optional else "."),
        )
