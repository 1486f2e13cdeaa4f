"""Flat-file CSV (ffcsv) of GENESIS-Online, the Regionaldatenbank and the Zensus database, new and old layout.

Belongs here: both headers, by position, and the way from a line to cells, block by block. Not here: where blocks are
cut (blocks.py); units, markers, which rows are totals. Layouts, from real files of 2018 to 2026:

- new (since late 2024): long, one value column, English names in every language, `value_q` only with quality=on.
- old: wide, one column a measure named `CODE__Label__Unit`; German names, or English ones of which some stand twice, so
  columns are told apart by their place and never by their name.

No quoting was seen. So a line is a row, which lets Polars' parallel reader keep physical line numbers; a file that does
hold a quote takes the slower path through the csv module and gives the same frame.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection
from dataclasses import replace

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
    reader = Reader(file=file)
    table = reader.table(content)
    if table is None:
        raise reader.empty()
    if reader.is_new and not content.endswith(b"\n"):
        return replace(table, doubts=("the last line has no line end, as if the download had been cut off",))
    return table


class Reader:
    """Reads one file block after block; the first begins with the header."""

    def __init__(self, *, file: str) -> None:
        """`file` is its name in errors."""
        self.file = file
        self.is_new = False
        self._header: list[str] = []
        self._dimensions = 0
        self._lines = 0
        self._any = False
        # The dimension that holds the regions, null where none does; decided by the first rows.
        self._region: int | None = None

    def table(self, block: bytes) -> Table | None:
        """The cells of the next block, which ends with a record; null when it holds no row.

        Raises:
            InputError: what `read` raises, but for a file without a row; rows in which the dimension of the regions
                holds something else.
        """
        body = block if self._header else self._read_header(block)
        if not body:
            return None
        before = self._lines
        self._lines += body.count(b"\n")
        frame = _read_frame(body, len(self._header), self._values(), lines_before=before, file=self.file)
        # Files put together byte by byte keep the byte order mark of the second.
        again = frame.filter(
            (pl.col("c1") == self._header[1])
            & (pl.col("c0").cast(pl.String).str.strip_prefix("\ufeff") == self._header[0])
        )
        if not again.is_empty():
            raise second_file(file=self.file, line=again["line"][0])
        codes = _codes(frame, self._dimensions)
        _refuse_ambiguous(codes, file=self.file)
        self._decide_region(codes, frame["line"][0])
        cells = _cells(frame, self._header, self._region, dimensions=self._dimensions, new=self.is_new)
        return Table(
            cells=cells,
            codes=codes,
            tables=_distinct(frame, "c0"),
            titles=_distinct(frame, "c1"),
            header=tuple(self._header),
            rows=frame.height,
        )

    def refuse_empty(self) -> None:
        """Refuse a file of which no block held a row.

        Raises:
            InputError: so it was.
        """
        if not self._any:
            raise self.empty()

    def empty(self) -> InputError:
        """The error for a file without a row."""
        return InputError("there is a header but no row below it", file=self.file, line=1, remedy=_AGAIN)

    def _read_header(self, block: bytes) -> bytes:
        """Check the header and return what follows it."""
        end = block.find(b"\n")
        first = (block if end < 0 else block[:end]).removeprefix(BOM).decode().rstrip("\r")
        header = next(iter(records(first, file=self.file)))[1] if '"' in first else first.split(";")
        refuse_too_wide(len(header), file=self.file, line=1)
        if len(header) < 2:
            _refuse_delimiter(first, file=self.file)
        self.is_new = layout_of(first) == "ffcsv_new"
        self._dimensions = (_check_new if self.is_new else _check_old)(header, file=self.file)
        self._header = header
        self._lines = 1
        return b"" if end < 0 else block[end + 1 :]

    def _values(self) -> Collection[int]:
        """The places of the columns of figures."""
        first = 5 + 4 * self._dimensions
        return {first} if self.is_new else range(first, len(self._header))

    def _decide_region(self, codes: pl.DataFrame, line: int) -> None:
        levels = codes.group_by("dimension").agg(pl.col("variable").str.contains(_REGION_VARIABLE).all())
        if not self._any:
            found = levels.filter("variable")["dimension"].min()
            self._region = None if found is None else int(str(found))
            self._any = True
        elif (
            self._region is not None and levels.filter(pl.col("dimension") == self._region, ~pl.col("variable")).height
        ):
            raise InputError(
                f"dimension {self._region} holds regions before this line and something else after it",
                file=self.file,
                line=line,
                remedy="Two tables were put into one file; give them one by one.",
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


def _read_frame(body: bytes, width: int, values: Collection[int], *, lines_before: int, file: str) -> pl.DataFrame:
    """line Int64 and c0 … cn by place: values String, everything else, which repeats, Categorical ("" kept)."""
    schema: dict[str, pl.DataType] = {f"c{i}": pl.String() if i in values else pl.Categorical() for i in range(width)}
    if b'"' in body:
        return _read_quoted(body, schema, lines_before=lines_before, file=file)
    try:
        frame = pl.read_csv(
            body,
            separator=";",
            quote_char=None,
            has_header=False,
            schema=schema,
            empty_string_is_null=False,
        )
    except (pl.exceptions.PolarsError, OSError) as error:
        raise _first_ragged(body, width, lines_before=lines_before, file=file) from error
    # Polars refuses a line that is too long and fills one that is too short; the delimiters tell the latter. Empty
    # lines it may leave out.
    lines = body.count(b"\n") + (not body.endswith(b"\n"))
    if frame.height != lines or body.count(b";") != frame.height * (width - 1):
        raise _first_ragged(body, width, lines_before=lines_before, file=file)
    return (
        frame.with_columns(pl.col(pl.Categorical).fill_null(""))
        .with_row_index("line", offset=lines_before + 1)
        .cast({"line": pl.Int64()})
    )


def _first_ragged(body: bytes, width: int, *, lines_before: int, file: str) -> InputError:
    for number, line in enumerate(body.removesuffix(b"\n").split(b"\n"), lines_before + 1):
        if (found := line.count(b";") + 1) != width:
            if not line.strip():
                return InputError("the line is empty", file=file, line=number, remedy="Delete the line.")
            return ragged(found, width, file=file, line=number)
    return InputError("the rows cannot be read", file=file, remedy=_AGAIN)


def _read_quoted(body: bytes, schema: dict[str, pl.DataType], *, lines_before: int, file: str) -> pl.DataFrame:
    """The slow path: the csv module, in chunks so that a large file does not stand in memory as Python objects."""
    parts: list[pl.DataFrame] = []
    rows: list[tuple[int | str, ...]] = []
    whole = {"line": pl.Int64(), **schema}
    try:
        for line, fields in records(body.decode(), file=file):
            if not fields:
                raise InputError("the line is empty", file=file, line=line, remedy="Delete the line.")
            if len(fields) != len(schema):
                raise ragged(len(fields), len(schema), file=file, line=line)
            rows.append((line + lines_before, *fields))
            if len(rows) == _CHUNK:
                parts.append(pl.DataFrame(rows, schema=whole, orient="row"))
                rows = []
    except InputError as error:
        # Lines were counted from the beginning of the block.
        line = None if error.line is None else error.line + lines_before
        raise InputError(error.message, file=file, line=line, remedy=error.remedy) from error
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


def _cells(frame: pl.DataFrame, header: list[str], region: int | None, *, dimensions: int, new: bool) -> pl.DataFrame:
    place = None if region is None else 1 + 4 * region

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


__all__ = ["Reader", "layout_of", "read"]
