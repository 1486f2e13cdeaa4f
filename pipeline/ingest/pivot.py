"""A GENESIS table "as shown" (pivot) in CSV, the layout of 2025 and the one before.

Belongs here: telling title, header, stub, figures and footnotes apart, spans of the header, headings of groups. Not
here: what a label means; the layout prints no codes, so dimensions are named by their place.

The parts, top to bottom: `Tabelle:` (before 2025 `GENESIS-Tabelle:`) with the code; titles in the first cell alone;
header lines, in which a span's label stands in its first cell only; rows, of which one with a label and no figure is
the heading of those below; a line of underscores; footnotes, quoted and over several lines; `Stand:`. Since 2025 a
column with the quality sign follows each figure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

import polars as pl

from pipeline.errors import InputError
from pipeline.ingest.cells import BOM, CELLS, CODES, Table, escaped, ragged, records, second_file
from pipeline.ingest.printed import is_date, is_figure, is_region

_FIRST = re.compile(r'"?(?:GENESIS-)?(?:Tabelle|Table):\s*([^;"\s]+)')
_RULE = re.compile(r"_{5,}")
_AS_OF = re.compile(r"(?:Stand|As of|Status):?\s*(.+?);*")
_QUALITY = re.compile(r"[a-z]?|\(\)")
_REGION_KEY = re.compile(r"DG|[0-9]{2}|[0-9]{3}|[0-9]{5}|[0-9]{8}")
# Only what can be a unit: "Sonstige (ohne Angabe)" is a label.
_MEASURE = re.compile(
    r"(.+?)\s*\((Anzahl|Number|%|Prozent|Percent|[0-9].*|Tsd\.?.*|Mill\.?.*|Mio\.?.*|Mrd\.?.*|.*EUR.*|Euro|qkm|km²|ha|t|"
    r"Personen|persons|je .+|per .+)\)"
)
_REGION_SPANS = frozenset(
    {"Bundesländer", "Länder", "Bundesland", "Kreise und kreisfreie Städte", "Kreise", "Länder (Bundesländer)"}
)
_LONGEST_LABEL = 500
_AGAIN = "Download the table again, or take it as flat CSV (ffcsv), which says more."

Record = tuple[int, list[str]]


def announces(first_line: str) -> bool:
    """Whether a text begins as a GENESIS table as shown does."""
    return _FIRST.match(first_line) is not None


def read(content: bytes, *, file: str) -> Table:
    """The cells of a GENESIS table as shown.

    Args:
        content: UTF-8, with or without byte order mark.
        file: its name in errors.

    Returns:
        See `pipeline.ingest.cells`. `column` joins the header lines by " | ". The first part of stub or header that is
        a date becomes `time`; a region's name (Deutschland, a state) or key becomes the region, the span above it
        `region_variable`; every other part stands in `dimensions` by its place: `head 1=…;stub 2=…`. `measure_label`
        and `unit` come from a heading or title such as `Bevölkerungsstand (Anzahl)`. `quality` is null where the file
        has no quality columns.

    Raises:
        InputError: no line of underscores (cut off); no header; no row; a row with more or fewer cells than the others;
            a second table in the file; something else than a figure or sign where one belongs; a quote out of place.
    """
    everything = list(records(content.removeprefix(BOM).decode(), file=file))
    first = _FIRST.match(everything[0][1][0] if everything[0][1] else "")
    rule = next((i for i, (_, fields) in enumerate(everything) if fields and _RULE.fullmatch(fields[0])), None)
    for line, fields in everything[1:]:
        if fields and _FIRST.match(fields[0].removeprefix("\ufeff")):
            raise second_file(file=file, line=line)
    if rule is None:
        raise InputError(
            "the line of underscores that ends every table is missing",
            file=file,
            line=everything[-1][0],
            remedy="The download was cut off. " + _AGAIN,
        )
    titles, head, body = _parts([record for record in everything[1:rule] if any(record[1])], file=file)
    width = _width(body, file=file)
    head = [(fields + [""] * width)[:width] for fields in head]
    indented = [next((i for i, cell in enumerate(fields) if cell), 1) for fields in head if not fields[0]]
    stub = min(indented, default=1)
    values, quality = _columns(head, body, stub, width)
    paths = _paths(head, stub, width)
    measure = _measure(reversed(titles)) or (None, "", "")
    country = next((title for title in titles if title in ("Deutschland", "Germany")), None)
    rows: list[tuple[object, ...]] = []
    printed = 0
    for line, fields, stubs in _labelled(body, stub):
        printed += 1
        for i in values:
            column = " | ".join(paths[i])
            _refuse_text(fields[i], file=file, line=line, column=column)
            keys = _keys(paths[i], stubs, measure[1:], country)
            rows.append((line, i + 1, column, None, *keys, fields[i], fields[i + 1] if quality else None))
    if not rows:
        raise InputError("there is a header but no row of figures below it", file=file, remedy=_AGAIN)
    tail = [" ".join(cell for cell in fields if cell) for _, fields in everything[rule + 1 :]]
    as_of = next((match[1] for text in tail if (match := _AS_OF.fullmatch(text))), None)
    return Table(
        cells=pl.DataFrame(rows, schema=CELLS, orient="row"),
        codes=pl.DataFrame(schema=CODES),
        tables=(first[1],) if first else (),
        titles=tuple(titles),
        header=tuple(" | ".join(paths[i]) for i in values),
        rows=printed,
        as_of=as_of,
        notes=tuple(text for text in tail if text and not _AS_OF.fullmatch(text)),
        doubts=() if as_of else ("there is no line `Stand:` at the end, as if the download had been cut off",),
    )


def _parts(table: list[Record], *, file: str) -> tuple[list[str], list[list[str]], list[Record]]:
    """Titles, header lines and rows of what stands between the first line and the line of underscores."""
    titles: list[str] = []
    head: list[list[str]] = []
    for place, (_, fields) in enumerate(table):
        beyond = [cell for cell in fields[1:] if cell]
        if not beyond and not head:
            titles.append(fields[0])
        elif not fields[0] or (beyond and (not any(map(is_figure, beyond)) or (not head and _all_dates(beyond)))):
            head.append(fields)
        elif not head:
            break
        else:
            return titles, head, table[place:]
    if head:
        raise InputError("there is a header but no row below it", file=file, remedy=_AGAIN)
    raise InputError(
        "there is no header with columns separated by semicolons",
        file=file,
        line=table[0][0] if table else 1,
        remedy=_AGAIN,
    )


def _width(body: list[Record], *, file: str) -> int:
    """The number of cells of every row; headings of groups may have fewer."""
    full = [(line, fields) for line, fields in body if any(fields[1:])]
    if not full:
        raise InputError("there is a header but no row of figures below it", file=file, remedy=_AGAIN)
    width = len(full[0][1])
    for line, fields in full:
        if len(fields) != width:
            raise ragged(len(fields), width, file=file, line=line)
    return width


def _columns(head: list[list[str]], body: list[Record], stub: int, width: int) -> tuple[list[int], bool]:
    """The places of the figures, and whether a quality sign stands beside each."""
    signs = range(stub + 1, width, 2)
    quality = (
        (width - stub) % 2 == 0
        and len(signs) > 0
        and not any(fields[i] for fields in head for i in signs)
        and all(_QUALITY.fullmatch(fields[i]) for _, fields in body if len(fields) == width for i in signs)
    )
    return list(range(stub, width, 2 if quality else 1)), quality


def _paths(head: list[list[str]], stub: int, width: int) -> list[tuple[str, ...]]:
    """The labels above each column, top to bottom; a span holds until a line above or its own begins another."""
    carried = [""] * len(head)
    paths: list[tuple[str, ...]] = []
    for i in range(width):
        started = False
        for k, fields in enumerate(head):
            if i >= stub and (fields[i] or started):
                started = started or bool(fields[i])
                carried[k] = fields[i]
        paths.append(tuple(label for label in carried if label))
    return paths


def _labelled(body: list[Record], stub: int) -> Iterator[tuple[int, list[str], list[str]]]:
    """Line, cells and labels of each row: the headings of its groups, then its own stub.

    Headings that follow each other are levels; a shorter run of them replaces the innermost levels only. A row whose
    outer stub cells are empty continues the row above.
    """
    levels: list[str] = []
    fresh: list[str] = []
    above = [""] * stub
    for line, fields in body:
        if fields[0] and not any(fields[1:]):
            fresh.append(fields[0])
            continue
        if fresh:
            levels = [*levels[: max(0, len(levels) - len(fresh))], *fresh]
            fresh = []
        filled = next((i for i, cell in enumerate(fields[:stub]) if cell), 0)
        above = [*above[:filled], *fields[filled:stub]]
        yield line, fields, [*levels, *above]


def _keys(
    path: Sequence[str], stubs: Sequence[str], measure: tuple[str, str], country: str | None
) -> tuple[str | None, ...]:
    """time, region_variable, region, region_label, dimensions, measure, measure_label and unit of one figure."""
    places = [(f"stub {n}", part) for n, part in enumerate(stubs, 1)]
    places += [(f"head {n}", part) for n, part in enumerate(path, 1)]
    time = next((place for place in places if is_date(place[1].strip())), None)
    used = {time}
    variable = key = label = None
    for n, place in enumerate(places):
        following = places[n + 1] if n + 1 < len(places) else ("", "")
        if is_region(place[1]):
            label = place[1]
            used.add(place)
        elif _REGION_KEY.fullmatch(place[1]) and place[0].startswith("stub") and following[0].startswith("stub"):
            key, label = place[1], following[1]
            used |= {place, following}
        if label is not None:
            if n > 0 and places[n - 1][1].strip() in _REGION_SPANS:
                variable = places[n - 1][1]
                used.add(places[n - 1])
            break
    own = _measure(part for name, part in places if name.startswith("head"))
    if own is not None:
        used |= {place for place in places if place[1] == own[0]}
        measure = own[1:]
    rest = ";".join(f"{name}={escaped(part)}" for name, part in places if (name, part) not in used and part)
    return (time[1] if time else None, variable, key, label or country, rest, None, *measure)


def _measure(texts: Iterable[str]) -> tuple[str, str, str] | None:
    """The first text that names a measure and its unit: the text, the measure, the unit."""
    # The pattern tries every bracket: a damaged cell of ten thousand brackets would take minutes.
    matches = ((text, _MEASURE.fullmatch(text.strip())) for text in texts if len(text) <= _LONGEST_LABEL)
    return next(((text, match[1], match[2]) for text, match in matches if match), None)


def _all_dates(cells: list[str]) -> bool:
    return all(map(is_date, cells))


def _refuse_text(cell: str, *, file: str, line: int, column: str) -> None:
    if cell and not is_figure(cell):
        raise InputError(
            f"{cell[:80]!r} stands where a figure or a sign belongs",
            file=file,
            line=line,
            key=column or None,
            remedy="The table has more columns of labels than its header shows, or was edited. " + _AGAIN,
        )
