"""Workbooks "Statistischer Bericht" of Destatis: the machine sheets `csv-…`, one table each.

Belongs here: which sheets are tables, their header, the row that ends them, which column is region, time, measure. Not
here: cells and number formats (spreadsheet.py); the sheets for people, which say the same in a layout for the eye.

Known from two programs that read reports of the Mikrozensus 2023 and 2024; no workbook was seen. Known is: header
`Statistik_Code | Statistik_Label | VARIABLE_0 | VALUE_0 | VARIABLE_1 | … | value column | Qualitaetskennzeichen`, no
codes but labels, which differ between years; a last row `Ende der Tabelle.`. So columns are told by their names in the
header, whatever the labels say, and what is not known (no quality column, several value columns, no last row) is read
with a doubt.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from pipeline.errors import InputError
from pipeline.ingest.cells import CELLS, CODES, Table, refuse_too_wide, second_file
from pipeline.ingest.printed import is_country, is_date, is_figure, is_region
from pipeline.ingest.spreadsheet import Spreadsheet, column_letters

_MACHINE = "csv-"
_CODE, _LABEL = "statistik_code", "statistik_label"
_PAIR = re.compile(r"(variable|value)_([0-9]{1,4})")
_QUALITY = re.compile(r"qualit(ae|ä)tskennzeichen")
_END = re.compile(r"Ende der Tabelle\.?")
_UNIT = re.compile(r"\(([^()]*)\)\s*$")
# Names of variables that can be nothing but a level of region; `Länder` may also be countries of birth.
_REGION = re.compile(r"(Bundesl(and|änder)|Gebietsst(and|ände)|Regierungsbezirke?|Kreise?)\b.*")
_TIME = re.compile(r"((Berichts|Erhebungs|Kalender)?jahre?|Stichtage?|Zeit(punkte?|raum)?|Datum)", re.IGNORECASE)
_CHUNK = 20_000
_SHOWN = 12
_AGAIN = "Download the workbook again, and do not save it with another program."


@dataclass(frozen=True)
class _Header:
    """Names and 0-based places of the columns: code, label, the pairs in order, values, quality."""

    line: int
    names: tuple[str, ...]
    code: int
    label: int
    pairs: tuple[tuple[int, int], ...]
    values: tuple[int, ...]
    quality: int | None


def machine_sheets(data: bytes, *, file: str) -> tuple[str, ...]:
    """The names of the machine sheets of a workbook, at least one.

    Raises:
        InputError: no machine sheet; what `Spreadsheet` raises.
    """
    return _machine_sheets(Spreadsheet(data, file=file), file=file)


def sheets(data: bytes, *, file: str) -> dict[str, Table]:
    """Every machine sheet by its name, in the order of the workbook; see `read`."""
    book = Spreadsheet(data, file=file)
    return {name: _read(book, name, file=file) for name in _machine_sheets(book, file=file)}


def read(data: bytes, *, file: str, sheet: str | None = None) -> Table:
    """The cells of one machine sheet.

    Args:
        data: the bytes of the workbook.
        file: its name in errors.
        sheet: the name of the sheet; null for the only one.

    Returns:
        See `pipeline.ingest.cells`. `line` is the row as Excel shows it, `position` the number of the column, `column`
        and `measure` the heading of the value column, `unit` what stands in brackets at its end. `tables` is what the
        name of the sheet says, `12211-14`. The layout prints no codes: a region has a label and no key, `dimensions`
        holds `label of the variable=label of the value`. A dimension becomes the region when most of its values are
        names of German regions, or its variable names a level; one that holds nothing but dates becomes the time.
        `quality` is null where there is no such column.

    Raises:
        InputError: no machine sheet, several and none named, none of that name; a header with a missing, repeated,
            unknown or empty column; a row without code; something after the last row; text where a figure belongs; a
            cell that `Spreadsheet.rows` refuses.
    """
    book = Spreadsheet(data, file=file)
    return _read(book, _chosen(book, sheet, file=file), file=file)


def rows(data: bytes, *, file: str, sheet: str | None = None) -> list[str]:
    """The rows of a machine sheet as text, row 1 first, cells separated by semicolons; "" for an empty row.

    Raises:
        InputError: as `read`.
    """
    book = Spreadsheet(data, file=file)
    found: list[str] = []
    for number, cells in book.rows(_chosen(book, sheet, file=file)):
        found += [""] * (number - 1 - len(found))
        found.append(";".join(cells.get(place, "") for place in range(max(cells, default=-1) + 1)))
    return found


def _chosen(book: Spreadsheet, sheet: str | None, *, file: str) -> str:
    """The named machine sheet, or the only one."""
    names = _machine_sheets(book, file=file)
    if sheet is None and len(names) > 1:
        raise InputError(
            f"the workbook has {len(names)} machine sheets: {_listed(names)}",
            file=file,
            key="sheet",
            remedy="Name one of them.",
        )
    if sheet is not None and sheet not in names:
        raise InputError(
            f"the workbook has no machine sheet {sheet!r}; it has {_listed(names)}",
            file=file,
            key="sheet",
            remedy="Name one of them.",
        )
    return sheet or names[0]


def _machine_sheets(book: Spreadsheet, *, file: str) -> tuple[str, ...]:
    found = tuple(name for name in book.names if name.lower().startswith(_MACHINE))
    if not found:
        raise InputError(
            f"this is a workbook without a machine sheet ({_MACHINE}…); its sheets are {_listed(book.names)}",
            file=file,
            remedy="Of workbooks only Statistische Berichte of Destatis are read. Download the table as flat CSV "
            "(ffcsv).",
        )
    return found


def _read(book: Spreadsheet, name: str, *, file: str) -> Table:
    rows = book.rows(name)
    header = _header(rows, name, file=file)
    frame, ended = _frame(rows, header, name, file=file)
    _refuse_rows(frame, header, name, file=file)
    region = _region(frame, header)
    time = _time(frame, header, region)
    table = name[len(_MACHINE) :]
    codes = _distinct(frame, header.code)
    doubts: list[str] = []
    if not ended:
        doubts.append("the last row `Ende der Tabelle.` is missing, as if rows had been deleted")
    if header.quality is None:
        doubts.append("there is no column Qualitaetskennzeichen: which figures are of limited reliability is not told")
    elif len(header.values) > 1:
        doubts.append("one column Qualitaetskennzeichen stands beside several figures; its sign is given to each")
    if not all(table.startswith(code) for code in codes):
        doubts.append(f"the sheet {name!r} holds rows of the statistics {', '.join(codes[:_SHOWN])}")
    own = [cell for cell in book.rounded if cell.startswith(f"{name}!")]
    if own:
        doubts.append(f"{len(own)} numbers are stored with more decimals than they show (first {own[0]})")
    return Table(
        cells=_cells(frame, header, region=region, time=time),
        codes=pl.DataFrame(schema=CODES),
        tables=(table,),
        titles=_distinct(frame, header.label),
        header=header.names,
        rows=frame.height,
        doubts=tuple(doubts),
    )


def _header(rows: Iterator[tuple[int, dict[int, str]]], name: str, *, file: str) -> _Header:
    """The header: the first row that holds anything."""
    line, cells = next(rows, (0, {}))
    if not cells:
        raise InputError(f"sheet {name!r} is empty", file=file, remedy=_AGAIN)
    width = max(cells)

    def wrong(what: str, key: str | None = None) -> InputError:
        return InputError(f"sheet {name!r}: {what}", file=file, line=line, key=key, remedy=_AGAIN)

    refuse_too_wide(width, file=file, line=line)
    names = tuple(cells.get(number, "") for number in range(1, width + 1))
    places: dict[str, int] = {}
    for i, printed in enumerate(names):
        known = printed.strip().lower()
        if not known:
            raise wrong(f"column {column_letters(i + 1)} has no heading")
        if known in places:
            raise wrong(f"the heading {printed!r} stands twice", printed)
        places[known] = i
    for needed in ("Statistik_Code", "Statistik_Label", "VARIABLE_0", "VALUE_0"):
        if needed.lower() not in places:
            raise wrong(f"the header lacks the column {needed!r}; it begins {', '.join(names[:6])!r}", needed)
    count = sum(1 for known in places if _PAIR.fullmatch(known)) // 2
    expected = {f"{part}_{n}" for n in range(max(1, count)) for part in ("variable", "value")}
    for known, i in places.items():
        if _PAIR.fullmatch(known) and known not in expected:
            raise wrong(f"the column {names[i]!r} has no counterpart, or one before it is missing", names[i])
    quality = next((i for known, i in places.items() if _QUALITY.fullmatch(known)), None)
    taken = {places[_CODE], places[_LABEL], quality, *(places[known] for known in expected)}
    values = tuple(i for i in range(width) if i not in taken)
    if not values:
        raise wrong("the header names no column of figures")
    last = max(places[known] for known in expected)
    if values[0] < last:
        raise wrong(f"the column {names[values[0]]!r} is not known", names[values[0]])
    pairs = tuple((places[f"variable_{n}"], places[f"value_{n}"]) for n in range(max(1, count)))
    return _Header(line, names, places[_CODE], places[_LABEL], pairs, values, quality)


def _frame(
    rows: Iterator[tuple[int, dict[int, str]]], header: _Header, name: str, *, file: str
) -> tuple[pl.DataFrame, bool]:
    """line Int64 and c0 … cn by place, values String and everything else Categorical; whether the last row is there."""
    width = len(header.names)
    schema: dict[str, pl.DataType] = {"line": pl.Int64()}
    for i in range(width):
        schema[f"c{i}"] = pl.String() if i in header.values else pl.Categorical()
    parts: list[pl.DataFrame] = []
    lines: list[int] = []
    columns: list[list[str]] = [[] for _ in range(width)]

    def finish() -> None:
        parts.append(pl.DataFrame([lines, *columns], schema=schema, orient="col"))
        lines.clear()
        for column in columns:
            column.clear()

    ended = 0
    for line, cells in rows:
        if not any(map(str.strip, cells.values())):
            continue
        first, last = cells.get(1, ""), next(reversed(cells))
        if ended:
            raise InputError(
                f"sheet {name!r}: there is more after the last row `Ende der Tabelle.` in row {ended}",
                file=file,
                line=line,
                remedy="The sheet was edited, or two were put into one. " + _AGAIN,
            )
        if len(cells) == 1 and _END.fullmatch(first.strip()):
            ended = line
            continue
        if last > width:
            raise InputError(
                f"sheet {name!r}, cell {column_letters(last)}{line} holds {cells[last][:40]!r}, and the column has no "
                "heading",
                file=file,
                line=line,
                remedy=_AGAIN,
            )
        if cells.get(header.code + 1) == header.names[header.code]:
            raise second_file(file=file, line=line)
        lines.append(line)
        for number, column in enumerate(columns, 1):
            column.append(cells.get(number, ""))
        if len(lines) == _CHUNK:
            finish()
    finish()
    return pl.concat(parts), bool(ended)


def _refuse_rows(frame: pl.DataFrame, header: _Header, name: str, *, file: str) -> None:
    """Refuse rows that are none of the table."""
    if frame.is_empty():
        raise InputError(f"sheet {name!r} has a header but no row below it", file=file, line=header.line, remedy=_AGAIN)

    def empty(place: int) -> pl.Expr:
        return pl.col(f"c{place}").cast(pl.String).str.strip_chars() == ""

    def refuse(rows: pl.Expr, place: int, what: str) -> None:
        found = frame.filter(rows).head(1)
        for line, text in found.select("line", pl.col(f"c{place}").cast(pl.String)).rows():
            shown = what.format(text=repr(text[:40]))
            raise InputError(
                f"sheet {name!r}, cell {column_letters(place + 1)}{line} {shown}",
                file=file,
                line=line,
                key=header.names[place],
                remedy=_AGAIN,
            )

    refuse(empty(header.code), header.code, "is empty in a row that is not")
    for n, (variable, value) in enumerate(header.pairs):
        refuse(empty(variable) if n == 0 else empty(variable) & ~empty(value), variable, "names no variable")
    for place in header.values:
        texts = frame[f"c{place}"].unique()
        wrong = [text for text in texts if text.strip() and not is_figure(text)]
        refuse(pl.col(f"c{place}").is_in(wrong), place, "holds {text} where a figure or a sign belongs")


def _region(frame: pl.DataFrame, header: _Header) -> int | None:
    """Which pair is the region."""
    for n, (_, value) in enumerate(header.pairs):
        labels = _distinct(frame, value)
        known = [label for label in labels if is_region(label)]
        # Germany alone may be a country of birth.
        if 2 * len(known) >= len(labels) and not all(map(is_country, known)):
            return n
    for n, (variable, _) in enumerate(header.pairs):
        if all(_REGION.fullmatch(label.strip()) for label in _distinct(frame, variable)):
            return n
    return None


def _time(frame: pl.DataFrame, header: _Header, region: int | None) -> int | None:
    """Which pair is the time; a year of birth or naturalisation is not."""
    for n, (variable, value) in enumerate(header.pairs):
        named = all(_TIME.fullmatch(label.strip()) for label in _distinct(frame, variable))
        if n != region and (n == 0 or named) and all(is_date(label.strip()) for label in _distinct(frame, value)):
            return n
    return None


def _cells(frame: pl.DataFrame, header: _Header, *, region: int | None, time: int | None) -> pl.DataFrame:
    def text(place: int | None) -> pl.Expr:
        return pl.lit(None, dtype=pl.String) if place is None else pl.col(f"c{place}").cast(pl.String)

    def escaped(place: int) -> pl.Expr:
        return text(place).str.replace_all(r"([\\;=])", r"\$1")

    others = [
        pl.when(text(variable) != "").then(pl.concat_str([escaped(variable), pl.lit("="), escaped(value)]))
        for n, (variable, value) in enumerate(header.pairs)
        if n not in (region, time)
    ]
    own = header.pairs[region] if region is not None else (None, None)
    when = header.pairs[time] if time is not None else (None, None)
    shared = frame.select(
        "line",
        text(when[0]).alias("time_code"),
        text(when[1]).alias("time"),
        text(own[0]).alias("region_variable"),
        text(own[1]).alias("region_label"),
        (pl.concat_str(others, separator=";", ignore_nulls=True) if others else pl.lit("")).alias("dimensions"),
        text(header.quality).alias("quality"),
        *(text(place).alias(f"value {place}") for place in header.values),
    ).with_columns(region=pl.lit(None, dtype=pl.String), measure_label=pl.lit(None, dtype=pl.String))
    parts = []
    for place in header.values:
        heading = header.names[place]
        unit = _UNIT.search(heading)
        parts.append(
            shared.with_columns(
                pl.lit(place + 1).alias("position"),
                pl.lit(heading).alias("column"),
                pl.lit(heading).alias("measure"),
                pl.lit(unit[1] if unit else None, dtype=pl.String).alias("unit"),
                pl.col(f"value {place}").alias("value"),
            ).select(pl.col(name).cast(dtype) for name, dtype in CELLS.items())
        )
    return parts[0] if len(parts) == 1 else pl.concat(parts).sort("line", "position")


def _distinct(frame: pl.DataFrame, place: int) -> tuple[str, ...]:
    return tuple(frame[f"c{place}"].unique(maintain_order=True).cast(pl.String).to_list())


def _listed(names: tuple[str, ...]) -> str:
    shown = ", ".join(repr(name[:40]) for name in names[:_SHOWN])
    return shown + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "") or "none"


__all__ = ["machine_sheets", "read", "sheets"]
