"""Flat-file CSV (ffcsv) of GENESIS-Online, the Regionaldatenbank and the Zensus database, new and old layout.

Belongs here: both headers, by position, and the way from a line to cells. Not here: units, markers, which rows are
totals. Layouts, from real files of 2018 to 2026:

- new (since late 2024): long, one value column, English names in every language, `value_q` only with quality=on.
- old: wide, one column a measure named `CODE__Label__Unit`; German names, or English ones of which some stand twice, so
  columns are told apart by their place and never by their name.

No quoting was seen. So a line is a row, which lets Polars' parallel reader keep physical line numbers; a file that does
hold a quote takes the slower path through the csv module and gives the same frame.
"""

from __future__ import annotations

import difflib
import re

import polars as pl

from pipeline.errors import InputError
from pipeline.ingest.cells import BOM, CELLS, CODES, Layout, Table, ragged, records, refuse_too_wide, second_file

_FIXED_NEW = ("statistics_code", "statistics_label", "time_code", "time_label", "time")
_GROUP_NEW = ("variable_code", "variable_label", "variable_attribute_code", "variable_attribute_label")
_VALUE_NEW = ("value", "value_unit", "value_variable_code", "value_variable_label")
_QUALITY = "value_q"
_FIXED_OLD = re.compile(r"stati\w+_code;stati\w+_label;(zeit|time)_code;(zeit|time)_label;(zeit|time)", re.IGNORECASE)
_GROUP_OLD = re.compile(r"([0-9]+)_\w+_code;\1_\w+_label;\1_\w+_code;\1_\w+_label", re.IGNORECASE)
_MEASURE_OLD = re.compile(r"([^_;]+(?:_[^_;]+)*)__(.*)__([^;]*)")
# The variables of German official statistics that are levels of region.
_REGION_VARIABLE = r"^(DINSG|DG|DLAND\w*|REGBEZ\w*|KREISE?\w*|F?GEMEIN\w*|GEO[A-Z]\w*|STADT|SAMTG\w*)$"
_CHUNK = 20_000
_AGAIN = "Download the table again as ffcsv; a file that was opened and saved by a spreadsheet is often changed."


def layout_of(first_line: str) -> Layout | None:
    """Which of the two layouts a header line announces; null when it is neither."""
    names = re.split(r"[;,\t|]", first_line.strip().replace('"', ""))
    lowered = [name.strip().lower() for name in names[:5]]
    if len(lowered) < 3:
        return None
    if "value_unit" in names or lowered[:2] == ["statistics_code", "statistics_label"]:
        has_measures = any("__" in name for name in names)
        capital = names[0].strip()[:1].isupper()
        return "ffcsv_old" if has_measures or capital else "ffcsv_new"
    return "ffcsv_old" if lowered[0].startswith("stati") and lowered[0].endswith("_code") else None


def read(content: bytes, *, file: str) -> Table:
    """The cells of an ffcsv file of either layout.

    Args:
        content: UTF-8, with or without byte order mark.
        file: its name in errors.

    Returns:
        See `pipeline.ingest.cells`. `column` is `value` (new) or the measure's header (old); `quality` is null where
        the file has no `value_q` and in the old layout. The first dimension whose variables are all levels of region
        gives the region columns and is left out of `dimensions`; without one they are null.

    Raises:
        InputError: a wrong delimiter; a header with an unknown, missing or misplaced column; a record with more or
            fewer cells than the header; the header again among the rows; no row; a quote out of place.
    """
    end = content.find(b"\n")
    first = (content if end < 0 else content[:end]).removeprefix(BOM).decode().rstrip("\r")
    header = next(iter(records(first, file=file)))[1] if '"' in first else first.split(";")
    refuse_too_wide(len(header), file=file, line=1)
    if len(header) < 2:
        _refuse_delimiter(first, file=file)
    new = layout_of(first) == "ffcsv_new"
    dimensions = _check_new(header, file=file) if new else _check_old(header, file=file)
    frame = _read_frame(content, header, first, dimensions=dimensions, new=new, file=file)
    if frame.is_empty():
        raise InputError("there is a header but no row below it", file=file, line=1, remedy=_AGAIN)
    # Files put together byte by byte keep the byte order mark of the second.
    again = frame.filter(
        (pl.col("c0").cast(pl.String).str.strip_prefix("\ufeff") == header[0]) & (pl.col("c1") == header[1])
    )
    if not again.is_empty():
        raise second_file(file=file, line=again["line"][0])
    codes = _codes(frame, dimensions)
    _refuse_ambiguous(codes, file=file)
    cells = _cells(frame, header, codes, dimensions=dimensions, new=new)
    doubts = ()
    if new and not content.endswith(b"\n"):
        doubts = ("the last line has no line end, as if the download had been cut off",)
    return Table(
        cells=cells,
        codes=codes,
        tables=_distinct(frame, "c0"),
        titles=_distinct(frame, "c1"),
        header=tuple(header),
        rows=frame.height,
        doubts=doubts,
    )


def _refuse_delimiter(first: str, *, file: str) -> None:
    for delimiter, name in ((",", "commas"), ("\t", "tabs"), ("|", "bars")):
        if delimiter in first:
            raise InputError(
                f"the columns are separated by {name}, the publisher separates them by semicolons",
                file=file,
                line=1,
                remedy=_AGAIN,
            )


def _check_new(header: list[str], *, file: str) -> int:
    """The number of dimensions of a new header."""
    groups = max(1, (len(header) - len(_FIXED_NEW) - len(_VALUE_NEW)) // len(_GROUP_NEW))
    if "value" in header:
        groups = max(1, (header.index("value") - len(_FIXED_NEW)) // len(_GROUP_NEW))
    expected = [*_FIXED_NEW, *(f"{n}_{name}" for n in range(1, groups + 1) for name in _GROUP_NEW), *_VALUE_NEW]
    if header in (expected, [*expected, _QUALITY]):
        return groups
    known = [*expected, _QUALITY]
    for place, name in enumerate(header):
        if place >= len(known) or name != known[place]:
            guess = difflib.get_close_matches(name, known, n=1)
            wanted = f"{known[place]!r} belongs here" if place < len(known) else "the header should end before it"
            raise InputError(
                f"column {place + 1} is {name!r}, {wanted}"
                + (f" ({guess[0]!r} belongs elsewhere)" if name in known else ""),
                file=file,
                line=1,
                key=name,
                remedy=_AGAIN,
            )
    raise InputError(f"the header lacks the column {known[len(header)]!r}", file=file, line=1, remedy=_AGAIN)


def _check_old(header: list[str], *, file: str) -> int:
    """The number of dimensions of an old header."""
    if not _FIXED_OLD.fullmatch(";".join(header[:5])):
        raise InputError(
            f"the first five columns are {';'.join(header[:5])!r}; code and label of the statistic, code and label of "
            "the time, and the time belong here",
            file=file,
            line=1,
            remedy=_AGAIN,
        )
    groups = 0
    while (match := _GROUP_OLD.fullmatch(";".join(header[5 + 4 * groups : 9 + 4 * groups]))) is not None:
        if int(match[1]) != groups + 1:
            break
        groups += 1
    measures = header[5 + 4 * groups :]
    if not measures:
        raise InputError("the header names no measure (CODE__Label__Unit)", file=file, line=1, remedy=_AGAIN)
    for name in measures:
        if not _MEASURE_OLD.fullmatch(name):
            raise InputError(
                f"{name!r} is neither a part of dimension {groups + 1} nor a measure (CODE__Label__Unit)",
                file=file,
                line=1,
                key=name,
                remedy=_AGAIN,
            )
    return groups


def _read_frame(
    content: bytes, header: list[str], first: str, *, dimensions: int, new: bool, file: str
) -> pl.DataFrame:
    """line Int64 and c0 … cn by place: values String, everything else, which repeats, Categorical ("" kept)."""
    width = len(header)
    values = {5 + 4 * dimensions} if new else set(range(5 + 4 * dimensions, width))
    schema: dict[str, pl.DataType] = {f"c{i}": pl.String() if i in values else pl.Categorical() for i in range(width)}
    if b'"' in content:
        return _read_quoted(content, schema, file=file)
    body = content.find(b"\n") + 1
    if body == 0 or body == len(content):
        return pl.DataFrame(schema={"line": pl.Int64(), **schema})
    try:
        frame = pl.read_csv(
            content,
            separator=";",
            quote_char=None,
            has_header=False,
            skip_lines=1,
            schema=schema,
            empty_string_is_null=False,
        )
    except (pl.exceptions.PolarsError, OSError) as error:
        raise _first_ragged(content, width, file=file) from error
    # Polars refuses a line that is too long and fills one that is too short; the delimiters tell the latter.
    if content.count(b";") - first.count(";") != frame.height * (width - 1):
        raise _first_ragged(content, width, file=file)
    return (
        frame.with_columns(pl.col(pl.Categorical).fill_null(""))
        .with_row_index("line", offset=2)
        .cast({"line": pl.Int64()})
    )


def _first_ragged(content: bytes, width: int, *, file: str) -> InputError:
    for number, line in enumerate(content.removesuffix(b"\n").split(b"\n"), 1):
        if (found := line.count(b";") + 1) != width:
            if not line.strip():
                return InputError("the line is empty", file=file, line=number, remedy="Delete the line.")
            return ragged(found, width, file=file, line=number)
    return InputError("the rows cannot be read", file=file, remedy=_AGAIN)


def _read_quoted(content: bytes, schema: dict[str, pl.DataType], *, file: str) -> pl.DataFrame:
    """The slow path: the csv module, in chunks so that a large file does not stand in memory as Python objects."""
    parts: list[pl.DataFrame] = []
    rows: list[tuple[int | str, ...]] = []
    whole = {"line": pl.Int64(), **schema}
    stream = records(content.removeprefix(BOM).decode(), file=file)
    next(stream)
    for line, fields in stream:
        if not fields:
            raise InputError("the line is empty", file=file, line=line, remedy="Delete the line.")
        if len(fields) != len(schema):
            raise ragged(len(fields), len(schema), file=file, line=line)
        rows.append((line, *fields))
        if len(rows) == _CHUNK:
            parts.append(pl.DataFrame(rows, schema=whole, orient="row"))
            rows = []
    parts.append(pl.DataFrame(rows, schema=whole, orient="row"))
    return pl.concat(parts)


def _codes(frame: pl.DataFrame, dimensions: int) -> pl.DataFrame:
    parts = [pl.DataFrame(schema=CODES)]
    for n in range(dimensions):
        place = 5 + 4 * n
        names = dict(zip(("variable", "variable_label", "code", "label"), range(place, place + 4), strict=True))
        distinct = frame.select(pl.col(f"c{i}").alias(name) for name, i in names.items()).unique(maintain_order=True)
        parts.append(distinct.select(pl.lit(n + 1, dtype=pl.Int64).alias("dimension"), pl.col(*names).cast(pl.String)))
    return pl.concat(parts)


def _refuse_ambiguous(codes: pl.DataFrame, *, file: str) -> None:
    """A code that holds the signs of `dimensions` cannot come from a publisher."""
    odd = codes.filter(pl.col("variable").str.contains(r"[;=\\]") | pl.col("code").str.contains(r"[;=\\]"))
    if not odd.is_empty():
        raise InputError(f"{odd['code'][0]!r} of {odd['variable'][0]!r} is not a code", file=file, remedy=_AGAIN)


def _cells(frame: pl.DataFrame, header: list[str], codes: pl.DataFrame, *, dimensions: int, new: bool) -> pl.DataFrame:
    levels = codes.group_by("dimension").agg(pl.col("variable").str.contains(_REGION_VARIABLE).all())
    region = levels.filter("variable")["dimension"].min()
    place = None if region is None else 1 + 4 * int(str(region))

    def text(i: int | None) -> pl.Expr:
        return pl.lit(None, dtype=pl.String) if i is None else pl.col(f"c{i}").cast(pl.String)

    others = [5 + 4 * n for n in range(dimensions) if 5 + 4 * n != place]
    pairs = [pl.concat_str([text(i), pl.lit("="), text(i + 2)]) for i in others]
    shared = [
        pl.col("line"),
        text(2).alias("time_code"),
        text(4).alias("time"),
        text(place).alias("region_variable"),
        text(None if place is None else place + 2).alias("region"),
        text(None if place is None else place + 3).alias("region_label"),
        (pl.concat_str(pairs, separator=";") if pairs else pl.lit("")).alias("dimensions"),
    ]
    start = 5 + 4 * dimensions
    parts = []
    for i in [start] if new else range(start, len(header)):
        if new:
            own = [text(start + 2), text(start + 3), text(start + 1), text(start)]
            quality = text(start + 4) if header[-1] == _QUALITY else text(None)
        else:
            match = _MEASURE_OLD.fullmatch(header[i])
            own = [pl.lit(part) for part in (match.groups() if match else ("", "", ""))] + [text(i)]
            quality = text(None)
        named = zip(own, ("measure", "measure_label", "unit", "value"), strict=True)
        parts.append(
            frame.select(
                *shared,
                *(expression.alias(name) for expression, name in named),
                quality.alias("quality"),
                position=pl.lit(i + 1, dtype=pl.Int64),
                column=pl.lit(header[i]),
            ).select(pl.col(name).cast(dtype) for name, dtype in CELLS.items())
        )
    return parts[0] if len(parts) == 1 else pl.concat(parts).sort("line", "position")


def _distinct(frame: pl.DataFrame, column: str) -> tuple[str, ...]:
    return tuple(frame[column].unique(maintain_order=True).cast(pl.String).to_list())


__all__ = ["layout_of", "read"]
