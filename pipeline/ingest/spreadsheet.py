"""A workbook (xlsx): its sheets, and the cells of one as printed, row by row.

Belongs here: opening the workbook with openpyxl, what a cell may hold. Not here: what columns mean (workbook.py), the
format codes (number_format.py), the parts before openpyxl sees them (xml_parts.py).

Rows come from openpyxl's parser of a row, one level below its read-only sheets. These drop a row or cell that comes
twice, fill the way to a cell far away with empty ones and do not tell of merged cells; the parser gives the cells there
are. Formulas, macros, links to other files and drawings are never followed.
"""

from __future__ import annotations

import io
import re
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any

from pipeline.errors import InputError
from pipeline.ingest.number_format import NumberFormat, number_format
from pipeline.ingest.xml_parts import Parts, damaged

# Excel's own limits.
MAX_ROWS = 1_048_576
MAX_COLUMNS = 16_384
# The first number of a format code that a workbook brings itself.
_OWN_FORMATS = 164
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_AGAIN = "Download the workbook again, and do not save it with another program."
# Kinds of cells that hold something else than a figure or a text.
_KINDS = {"e": "holds the error", "b": "holds the truth value", "d": "holds the date"}


class Spreadsheet:
    """The sheets of a workbook, read when asked for.

    Attributes:
        names: the names of its worksheets, in order.
        rounded: the cells read so far whose stored number has decimals that their format does not print, as
            `sheet!cell`.
    """

    def __init__(self, data: bytes, *, file: str) -> None:
        """Read everything but the cells.

        Args:
            data: the bytes of the workbook.
            file: its name in errors.

        Raises:
            InputError: what `archive.parts` raises; no workbook, a binary one; a part that is missing, damaged or
                declares XML entities; two sheets of one name.
        """
        from openpyxl.reader.excel import ExcelReader
        from openpyxl.reader.strings import read_string_table
        from openpyxl.styles.stylesheet import Stylesheet
        from openpyxl.xml.functions import fromstring

        self._file = file
        self._parts = Parts(data, file=file)
        self._sheets: dict[str, Any] = {}
        self._formats = [number_format(0, None)]
        self._texts = _Texts()
        self.rounded: list[str] = []
        with self._damage_told():
            # Not load_workbook, which also reads properties, charts and names of areas, and fails where these do.
            reader: Any = ExcelReader(io.BytesIO(data), read_only=True, keep_links=False)
            reader.archive = self._parts
            reader.read_manifest()
            if any("sheet.binary" in part.ContentType for part in reader.package.Override):
                raise InputError("this is a binary workbook (xlsb), only xlsx is read", file=file, remedy=_AGAIN)
            reader.read_workbook()
            related = reader.parser.rels
            for sheet in reader.parser.sheets:
                if sheet.name in self._sheets:
                    raise ValueError(f"two sheets are called {sheet.name!r}")
                self._sheets[sheet.name] = related[sheet.id]
            for relation in related.values():
                kind = relation.Type.rpartition("/")[2]
                if kind == "sharedStrings":
                    with self._parts.open(relation.target) as source:
                        self._texts = _Texts(read_string_table(source))
                elif kind == "styles":
                    styles: Any = Stylesheet.from_tree(fromstring(self._parts.read(relation.target)))
                    self._formats = _formats(styles) or self._formats
        self.names = tuple(name for name, sheet in self._sheets.items() if sheet.Type.endswith("/worksheet"))

    def rows(self, name: str) -> Iterator[tuple[int, dict[int, str]]]:
        """The rows of a sheet that hold anything: number as Excel shows it, and column number -> text as printed.

        Raises:
            InputError: what `Parts.open` raises; a formula, an error, a date, a truth value or an unknown kind of
                cell; a number whose format prints another one; a text that is not there; cells out of order or twice;
                merged cells.
        """
        from openpyxl.utils.cell import range_boundaries
        from openpyxl.worksheet._reader import MERGE_TAG, ROW_TAG, WorkSheetParser
        from openpyxl.xml.constants import SHEET_MAIN_NS
        from openpyxl.xml.functions import iterparse

        sheet = self._sheets[name]
        if sheet.TargetMode == "External":
            raise damaged(f"the part of the sheet {name!r} is outside the file", file=self._file)
        with self._parts.open(sheet.target) as source:
            if self._parts.root != f"{SHEET_MAIN_NS} worksheet":
                raise self._refused(name, f"is no worksheet but {self._parts.root!r}")
            parser: Any = WorkSheetParser(source, self._texts)

            def refuse(_: object) -> None:
                what = "holds a formula, not a figure of the publisher"
                raise self._refused(name, what, parser.row_counter, parser.col_counter)

            parser.parse_formula = refuse
            before = 0
            with self._damage_told(name, parser):
                for _, element in iterparse(source):
                    if element.tag == ROW_TAG:
                        row, found = parser.parse_row(element)
                        if not before < row <= MAX_ROWS:
                            raise self._refused(name, f"goes on with row '{row}' after row {before}", before)
                        before = row
                        element.clear()
                        # What openpyxl keeps of each row with a height.
                        parser.row_dimensions.clear()
                        if cells := self._cells(name, row, found):
                            yield row, cells
                    elif element.tag == MERGE_TAG and len(element):
                        merged = element[0].get("ref", "")
                        what = f"has merged cells: to which column or row the text of {merged} belongs cannot be told"
                        raise self._refused(name, what, range_boundaries(merged)[1] or 0)

    def _cells(self, name: str, row: int, found: list[dict[str, Any]]) -> dict[int, str]:
        """The cells of a row that hold anything."""
        cells: dict[int, str] = {}
        before = 0
        for cell in found:
            column, kind, value = cell["column"], cell["data_type"], cell["value"]
            if cell["row"] != row or not before < column <= MAX_COLUMNS:
                place = f"{column_letters(column)}{cell['row']}"
                raise self._refused(name, f"has the cell '{place}' twice or out of its place", row)
            before = column
            if kind in _KINDS:
                held = "nothing" if value is None else repr(str(value)[:40])
                raise self._refused(name, f"{_KINDS[kind]} {held}", row, column)
            if value is None:
                continue
            if kind == "s":
                text = _unescaped(value) if "_x" in value else value
            elif kind == "n":
                text = self._number(name, row, column, value, int(cell["style_id"]))
            else:
                raise self._refused(name, f"is of the unknown kind {kind[:40]!r}: {value[:40]!r}", row, column)
            if text:
                cells[column] = text
        return cells

    def _number(self, name: str, row: int, column: int, value: float, style: int) -> str:
        if not 0 <= style < len(self._formats):
            raise self._refused(name, f"has the style '{style}', which the workbook does not have", row, column)
        number_format = self._formats[style]
        if number_format.plain and type(value) is int and 0 < value < 10**15:
            return str(value)
        try:
            text, rounded = number_format.printed(repr(value))
        except ValueError as error:
            raise self._refused(name, str(error), row, column) from error
        if rounded:
            self.rounded.append(f"{name}!{column_letters(column)}{row}")
        return text

    @contextmanager
    def _damage_told(self, name: str | None = None, parser: Any = None) -> Generator[None]:
        """Tell whatever openpyxl raises, which does not check what it parses, of the workbook or the cell it read."""
        try:
            yield
        except InputError:
            raise
        except Exception as error:
            shown = str(error)[:200]
            if name is None:
                raise damaged(
                    f"{type(error).__name__}: {shown}; or the file is no workbook", file=self._file
                ) from error
            what = f"(or what follows it) cannot be read: {shown}"
            raise self._refused(name, what, parser.row_counter, parser.col_counter) from error

    def _refused(self, name: str, what: str, row: int = 0, column: int = 0) -> InputError:
        where = f", cell {column_letters(column)}{row}" if 0 < column <= MAX_COLUMNS else ""
        return InputError(f"sheet {name!r}{where} {what}", file=self._file, line=row or None, remedy=_AGAIN)


class _Texts(list[str]):
    """The texts that cells refer to by number; Python's own list would count a negative one from the end."""

    def __getitem__(self, place: Any) -> Any:
        if not 0 <= place < len(self):
            raise ValueError(f"refers to the text '{place}' of {len(self)} texts")
        return super().__getitem__(place)


def column_letters(number: int) -> str:
    """The name Excel shows for a column: 1 is A, 28 is AB."""
    from openpyxl.utils import get_column_letter

    return get_column_letter(number)


def _formats(styles: Any) -> list[NumberFormat]:
    """The number format of each style, by its number."""
    # openpyxl numbers the workbook's own codes anew, and takes a built-in number it does not know for General.
    numbers = [style.numFmtId for style in styles.cell_styles]
    own = {n: styles.number_formats[n - _OWN_FORMATS] for n in numbers if n >= _OWN_FORMATS}
    return [number_format(n, own.get(n)) for n in numbers]


def _unescaped(text: str) -> str:
    """`text` with Excel's `_x000D_` as the letter it stands for; control characters and halves stay as written."""

    def letter(match: re.Match[str]) -> str:
        code = int(match[1], 16)
        return chr(code) if code in (9, 10, 13) or (code >= 0x20 and not 0xD800 <= code <= 0xDFFF) else match[0]

    return _ESCAPED.sub(letter, text)
