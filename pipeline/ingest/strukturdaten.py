"""Structure data of the Bundeswahlleiterin: one line a district or constituency, one column an indicator.

Belongs here: the comment lines, the line of column numbers, the header and its trailing empty columns. Not here:
numbers (`.` groups thousands and, alone, means secret) and which rows are aggregates of others.

UTF-8 with BOM and CRLF (2024), CP1252 before (2013, 2017). Date and unit of an indicator stand in its heading.
"""

from __future__ import annotations

import re

import polars as pl

from pipeline.errors import InputError
from pipeline.ingest.cells import BOM, CELLS, CODES, Table, escaped, ragged, records, second_file

_KEY = re.compile(r"kreis|wahlkreis-nr\.?|wkr-nr\.?|schlüssel(nummer)?|ags", re.IGNORECASE)
_NAME = re.compile(r"name|kreisname|(wahlkreis|kreis|wkr)-?name", re.IGNORECASE)
_NOTES = re.compile(r"fußnoten?|bemerkung(en)?", re.IGNORECASE)
_STATE = re.compile(r"land", re.IGNORECASE)
_MONTHS = "Januar|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember"
_TIME = re.compile(rf"[0-3]?[0-9]\.[01]?[0-9]\.[12][0-9]{{3}}|(?:{_MONTHS})\s+[12][0-9]{{3}}|\b(?:19|20)[0-9]{{2}}\b")
_UNIT = re.compile(r"\(([^()]*)\)\s*$")
_AGAIN = "Download the structure data again from the Bundeswahlleiterin."


def announces(start: str) -> bool:
    """Whether a text begins as structure data do: a comment line, and the columns separated by semicolons."""
    return start.lstrip('"').startswith("#") and ";" in start


def read(content: bytes, *, file: str) -> Table:
    """The cells of a file of structure data.

    Args:
        content: UTF-8, with or without byte order mark.
        file: its name in errors.

    Returns:
        See `pipeline.ingest.cells`. `measure` is the printed number of the column, `measure_label` its heading, `time`
        and `unit` what the heading says ("" where it says nothing, or names several dates); `region_variable` is the
        heading of the key, so that constituencies are told from districts; the state is the dimension `Land=…`;
        quality is null. Footnotes of single rows come as notes.

    Raises:
        InputError: no line of column numbers, or numbers out of order; no column for key or name; a record with more or
            fewer cells than the header; a figure in a column without a number; no row.
    """
    stream = list(records(content.removeprefix(BOM).decode(), file=file))
    comments = [fields for _, fields in stream if _is_comment(fields)]
    rest = [(line, fields) for line, fields in stream if not _is_comment(fields)]
    rest = [(line, fields) for line, fields in rest if any(cell.strip() for cell in fields)]
    if len(rest) < 3:
        raise InputError("there is no line of column numbers with a header and rows below", file=file, remedy=_AGAIN)
    (number_line, numbers), (header_line, header), *rows = rest
    if len(numbers) != len(header):
        raise ragged(len(header), len(numbers), file=file, line=header_line)
    key, name, state = _places(header, file=file, line=header_line)
    numbered = _numbered(numbers, file=file, line=number_line)
    values = [i for i in numbered if i not in (key, name, state)]
    unnamed = [i for i in range(len(header)) if i not in (*values, key, name, state)]
    for i in unnamed:
        if header[i].strip() and not _NOTES.fullmatch(header[i].strip()):
            raise InputError(
                f"the column {header[i]!r} has no number above it", file=file, line=header_line, remedy=_AGAIN
            )
    headings = [(header[i], *_time_and_unit(header[i])) for i in values]
    notes = [" ".join(cell for cell in fields if cell).lstrip("# ").strip() for fields in comments]
    lines: list[tuple[object, ...]] = []
    for line, fields in rows:
        if fields in (numbers, header):
            raise second_file(file=file, line=line)
        if len(fields) != len(header):
            raise ragged(len(fields), len(header), file=file, line=line)
        for i in unnamed:
            if fields[i].strip() and not header[i].strip():
                raise InputError(
                    f"column {i + 1} has no heading but holds {fields[i]!r}", file=file, line=line, remedy=_AGAIN
                )
            if fields[i].strip():
                notes.append(f"{fields[name]}: {fields[i]}")
        where = "" if state is None else f"{header[state]}={escaped(fields[state])}"
        region = (header[key], fields[key], fields[name])
        for i, (heading, time, unit) in zip(values, headings, strict=True):
            lines.append(
                (line, i + 1, heading, None, time, *region, where, numbers[i].strip(), heading, unit, fields[i], None)
            )
    return Table(
        cells=pl.DataFrame(lines, schema=CELLS, orient="row"),
        codes=pl.DataFrame(schema=CODES),
        tables=(),
        titles=tuple(note for note in notes[: len(comments)] if note.startswith("Strukturdaten")),
        header=tuple(header),
        rows=len(rows),
        notes=tuple(dict.fromkeys(note for note in notes if note)),
    )


def _is_comment(fields: list[str]) -> bool:
    return bool(fields) and fields[0].removeprefix("\ufeff").startswith("#")


def _numbered(numbers: list[str], *, file: str, line: int) -> list[int]:
    """The places of the columns that carry the numbers 1, 2, 3, …."""
    places = [i for i, cell in enumerate(numbers) if re.fullmatch(r"[0-9]+", cell.strip())]
    if not places or [int(numbers[i]) for i in places] != list(range(1, len(places) + 1)):
        raise InputError(
            "the column numbers 1, 2, 3, … should stand in this line",
            file=file,
            line=line,
            remedy="The numbers, or the separator, were changed. " + _AGAIN,
        )
    return places


def _places(header: list[str], *, file: str, line: int) -> tuple[int, int, int | None]:
    """The places of key, name and, where there is one, state."""
    found: list[int | None] = []
    for pattern in (_KEY, _NAME, _STATE):
        found.append(next((i for i, cell in enumerate(header) if pattern.fullmatch(cell.strip())), None))
    key, name, state = found
    if key is None or name is None:
        raise InputError(
            f"the header has no column for the {'key' if key is None else 'name'} of the district or constituency",
            file=file,
            line=line,
            remedy=_AGAIN,
        )
    return key, name, state


def _time_and_unit(heading: str) -> tuple[str, str]:
    times = set(_TIME.findall(heading))
    unit = _UNIT.search(heading)
    return times.pop() if len(times) == 1 else "", unit[1] if unit else ""
