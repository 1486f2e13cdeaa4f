"""A workbook (xlsx): its sheets, and the cells of one as printed, row by row.

Belongs here: the parts of the ZIP, shared texts, number formats, what a cell may hold. Not here: what columns mean
(workbook.py), the format codes (number_format.py), limits of the ZIP (archive.py).

Written against expat of the standard library, because reading for figures is stricter than reading for convenience:
a cell with an error or an uncalculated formula must not become an empty one, the number format belongs to what is
printed, and neither a claimed size nor one cell far away may reserve memory. Formulas, macros, links to other files and
drawings are never followed. Sheets: ECMA-376 part 1, 18.3; parts and relationships: part 2.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from xml.parsers import expat

from pipeline.errors import InputError
from pipeline.ingest import archive
from pipeline.ingest.number_format import NumberFormat, number_format

# Excel's own limits.
MAX_ROWS = 1_048_576
MAX_COLUMNS = 16_384
MAX_TEXTS = 2_000_000
MAX_CELLS = 20_000_000
# A part other than texts and sheets; and the longest single piece of XML, whose reading again and again takes the time.
_MAX_SMALL = 16 * 1024 * 1024
_MAX_TOKEN = 4 * 1024 * 1024
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_AGAIN = "Download the workbook again, and do not save it with another program."
# Kinds of cells that hold something else than a figure or a text.
_KINDS = {"e": "holds the error", "b": "holds the truth value", "d": "holds the date"}
_Parser = expat.XMLParserType


class Spreadsheet:
    """The sheets of a workbook, read when asked for.

    Attributes:
        names: the names of its worksheets, in order.
        rounded: the cells read so far whose stored number has decimals that their format does not print, as
            `sheet!cell`.
    """

    def __init__(self, data: bytes, *, file: str) -> None:
        """Look at everything but the cells.

        Args:
            data: the bytes of the workbook.
            file: its name in errors.

        Raises:
            InputError: what `archive.parts` raises; no workbook, a binary one; a part that is missing, damaged, stands
                outside the file or declares XML entities; two sheets of one name.
        """
        self._data = data
        self._file = file
        self._parts = archive.parts(data, file=file)
        main = self._main()
        related = self._related(main)
        self._targets: dict[str, str | None] = {}
        for _, tag, attributes in self._elements(main, {"sheet"}):
            name = attributes.get("name", "")
            kind, target = related.get(attributes.get("id", ""), ("", None))
            if name in self._targets:
                raise self._damaged(f"two sheets are called {name!r}")
            if tag == "sheet" and kind in ("worksheet", ""):
                self._targets[name] = target
        self.names = tuple(self._targets)
        self.rounded: list[str] = []
        self._strings_part = next((target for kind, target in related.values() if kind == "sharedStrings"), None)
        styles = next((target for kind, target in related.values() if kind == "styles"), None)
        self._formats = self._number_formats(styles) if styles else [number_format(0, None)]
        self._texts: list[str] | None = None

    def rows(self, name: str) -> Iterator[tuple[int, dict[int, str]]]:
        """The rows of a sheet that hold anything: number as Excel shows it, and column number -> text as printed.

        Raises:
            InputError: a damaged part; a formula, an error, a date, a truth value or an unknown kind of cell; a number
                whose format prints another one; a text that is not there; cells out of order or twice; merged cells;
                more than `MAX_CELLS` cells.
        """
        target = self._targets[name]
        if target is None or target not in self._parts:
            raise self._damaged(f"the part of the sheet {name!r} is missing or outside the file")
        if self._texts is None:
            self._texts = list(self._shared(self._strings_part)) if self._strings_part else []
        sheet = _Sheet(name, self._texts, self._formats, self.rounded, file=self._file)
        parser = _parser(target, file=self._file)
        sheet.attach(parser)
        for _ in self._fed(parser, target):
            yield from sheet.ready
            sheet.ready.clear()
        if sheet.merged:
            raise InputError(
                f"sheet {name!r}: the cells {sheet.merged} are merged, so that it cannot be told to which column or "
                "row their text belongs",
                file=self._file,
                line=int(re.sub("[^0-9].*", "", re.sub("^[A-Z$]*", "", sheet.merged)) or 0) or None,
                remedy=_AGAIN,
            )

    def _main(self) -> str:
        """The part that lists the sheets."""
        related = self._related("")
        main = next((target for kind, target in related.values() if kind == "officeDocument"), None)
        types = {
            attributes.get("PartName", "").lower().lstrip("/"): attributes.get("ContentType", "")
            for _, _, attributes in self._elements("[content_types].xml", {"Override"})
        }
        found = types.get(main or "", "")
        if "binary" in found:
            raise InputError("this is a binary workbook (xlsb), only xlsx is read", file=self._file, remedy=_AGAIN)
        if main is None or main not in self._parts or not re.search(r"(spreadsheetml|ms-excel)\..*main\+xml$", found):
            raise self._damaged(f"the file is no workbook; its main part is {found or 'missing'}")
        return main

    def _related(self, part: str) -> dict[str, tuple[str, str | None]]:
        """Id -> (kind, part in lower case) of what a part refers to; null for what lies outside the file."""
        folder, name = posixpath.split(part)
        described = posixpath.join(folder, "_rels", f"{name}.rels")
        found: dict[str, tuple[str, str | None]] = {}
        for _, _, attributes in self._elements(described, {"Relationship"}):
            target = posixpath.normpath(posixpath.join("/", folder, attributes.get("Target", ""))).lstrip("/").lower()
            outside = attributes.get("TargetMode", "").lower() == "external"
            kind = attributes.get("Type", "").rpartition("/")[2]
            found[attributes.get("Id", "")] = (kind, None if outside else target)
        return found

    def _elements(self, part: str, wanted: set[str]) -> list[tuple[str, str, dict[str, str]]]:
        """Parent, name and attributes of the elements of a small part that have one of the names."""
        member = self._parts.get(part)
        if member is None:
            raise self._damaged(f"the file is no workbook, or its part {part!r} is missing")
        if member.file_size > _MAX_SMALL:
            raise self._damaged(f"its part {part!r} has more than {_MAX_SMALL} bytes")
        found: list[tuple[str, str, dict[str, str]]] = []
        above: list[str] = []

        def start(tag: str, attributes: dict[str, str]) -> None:
            name = tag.rpartition(" ")[2]
            if name in wanted:
                plain = {key.rpartition(" ")[2]: value for key, value in attributes.items()}
                found.append((above[-1] if above else "", name, plain))
            above.append(name)

        parser = _parser(part, file=self._file)
        parser.StartElementHandler = start
        parser.EndElementHandler = lambda _: above.pop()
        for _ in self._fed(parser, part):
            pass
        return found

    def _number_formats(self, part: str) -> list[NumberFormat]:
        """The number format of each style, by its number."""
        own: dict[int, str] = {}
        formats: list[NumberFormat] = []
        known: dict[int, NumberFormat] = {}
        elements = self._elements(part, {"numFmt", "xf"})
        for above, tag, attributes in elements:
            number = _whole(attributes.get("numFmtId", "0"))
            if number is None:
                raise self._damaged(f"its part {part!r} has a number format without a number")
            if tag == "numFmt" and above == "numFmts":
                own[number] = attributes.get("formatCode", "")
            if tag == "xf" and above == "cellXfs":
                if number not in known:
                    known[number] = number_format(number, own.get(number))
                formats.append(known[number])
        return formats or [number_format(0, None)]

    def _shared(self, part: str) -> Iterator[str]:
        """The texts that cells refer to by number."""
        if part not in self._parts:
            raise self._damaged(f"its part {part!r} is missing")
        ready: list[str] = []
        pieces: list[str] = []
        state = {"keep": False, "phonetic": False}
        count = 0

        def start(tag: str, _: dict[str, str]) -> None:
            name = tag.rpartition(" ")[2]
            if name == "si":
                pieces.clear()
            elif name == "rPh":
                state["phonetic"] = True
            elif name == "t":
                state["keep"] = not state["phonetic"]

        def end(tag: str) -> None:
            nonlocal count
            name = tag.rpartition(" ")[2]
            if name == "t":
                state["keep"] = False
            elif name == "rPh":
                state["phonetic"] = False
            elif name == "si":
                count += 1
                if count > MAX_TEXTS:
                    raise self._damaged(f"it holds more than {MAX_TEXTS} texts")
                ready.append(_unescaped("".join(pieces)))

        parser = _parser(part, file=self._file)
        parser.StartElementHandler = start
        parser.EndElementHandler = end
        parser.CharacterDataHandler = lambda text: pieces.append(text) if state["keep"] else None
        for _ in self._fed(parser, part):
            yield from ready
            ready.clear()

    def _fed(self, parser: _Parser, part: str) -> Iterator[None]:
        """Feed a part to its parser; yields after each piece."""
        fed = 0
        try:
            for piece in archive.pieces(self._data, self._parts[part], file=self._file):
                parser.Parse(piece, False)
                fed += len(piece)
                # A parser that waits for the end of an endless tag begins again with each piece.
                if fed - parser.CurrentByteIndex > _MAX_TOKEN:
                    raise self._damaged(f"its part {part!r} has a tag without an end")
                yield
            parser.Parse(b"", True)
        except (expat.ExpatError, LookupError, UnicodeError) as error:
            raise self._damaged(f"its part {part!r} is no XML: {error}") from error
        yield

    def _damaged(self, what: str) -> InputError:
        return InputError(f"the workbook is damaged: {what}", file=self._file, remedy=_AGAIN)


class _Sheet:
    """The handlers that turn the XML of one sheet into rows.

    They run some ten million times for a large sheet, which is why they do the usual case first and by themselves.
    """

    def __init__(
        self, name: str, texts: list[str], formats: list[NumberFormat], rounded: list[str], *, file: str
    ) -> None:
        self.ready: list[tuple[int, dict[int, str]]] = []
        self.merged = ""
        self._name = name
        self._texts = texts
        self._formats = formats
        self._rounded = rounded
        self._file = file
        self._count = 0

    def attach(self, parser: _Parser) -> None:
        """Let `parser` call the handlers."""
        tags: dict[str, str] = {}
        columns = {column_letters(number): number for number in range(1, 200)}
        seen: dict[str, str] = {}
        pieces: list[str] = []
        cells: dict[int, str] | None = None
        row = column = 0
        row_text = kind = stored = ""
        style: str | None = None
        formula = in_cell = phonetic = False

        def start(tag: str, attributes: dict[str, str]) -> None:
            nonlocal cells, row, row_text, column, kind, stored, style, formula, in_cell, phonetic
            name = tags.get(tag)
            if name == "v":
                pieces.clear()
            elif name == "c":
                place = attributes.get("r")
                before = column
                if place is None:
                    column += 1
                else:
                    letters = place.removesuffix(row_text)
                    column = columns.get(letters) or _column_number(letters)
                if cells is None or not before < column <= MAX_COLUMNS:
                    raise self._refused(f"has the cell {place!r} twice or out of its place", row)
                kind = attributes.get("t", "n")
                style = attributes.get("s")
                stored = ""
                formula, in_cell = False, True
            elif name == "t":
                pieces.clear()
            elif name == "row":
                number = _whole(attributes.get("r", str(row + 1)))
                if number is None or not row < number <= MAX_ROWS or cells is not None:
                    raise self._refused(f"goes on with row {attributes.get('r')!r} after row {row}", row)
                row, row_text, column, cells = number, str(number), 0, {}
            elif name == "f":
                formula = in_cell
            elif name == "rPh":
                phonetic = True
            elif name == "mergeCell":
                self.merged = self.merged or attributes.get("ref", "?")
            elif not tags:
                tags.update(self._named(tag))

        def end(tag: str) -> None:
            nonlocal cells, stored, in_cell, phonetic
            name = tags.get(tag)
            if name == "v":
                stored = "".join(pieces)
            elif name == "c":
                in_cell = False
                text = seen.get(stored, "") if kind == "s" and not formula else ""
                if not text and stored and not formula:
                    text = self._text(kind, style, stored, row, column)
                    if kind == "s":
                        seen[stored] = text
                if text and cells is not None:
                    cells[column] = text
                elif formula or (kind != "n" and not stored):
                    self._refuse_empty(kind, row, column, formula=formula)
            elif name == "t":
                if in_cell and not phonetic:
                    stored += "".join(pieces)
            elif name == "row":
                if cells:
                    self._count += len(cells)
                    if self._count > MAX_CELLS:
                        raise self._refused(f"has more than {MAX_CELLS} cells", row)
                    self.ready.append((row, cells))
                cells = None
            elif name == "rPh":
                phonetic = False

        parser.StartElementHandler = start
        parser.EndElementHandler = end
        parser.CharacterDataHandler = pieces.append

    def _named(self, root: str) -> dict[str, str]:
        """The tags that count, in the namespace of the root."""
        space, _, local = root.rpartition(" ")
        if local != "worksheet":
            raise self._refused(f"is no worksheet but {local!r}", 0)
        names = ("row", "c", "v", "t", "f", "rPh", "mergeCell")
        return {root: local, **{f"{space} {name}".strip(): name for name in names}}

    def _text(self, kind: str, style: str | None, stored: str, row: int, column: int) -> str:
        """The text of a cell that stores something."""
        if kind == "s":
            number = _whole(stored.strip())
            if number is None or number >= len(self._texts):
                raise self._refused(f"refers to the text {stored[:40]!r} of {len(self._texts)} texts", row, column)
            return self._texts[number]
        if kind in ("str", "inlineStr"):
            return _unescaped(stored)
        if kind != "n":
            raise self._refused(
                _KINDS.get(kind, f"is of the unknown kind {kind[:40]!r}:") + f" {stored[:40]!r}", row, column
            )
        place = _whole(style or "0")
        if place is None or place >= len(self._formats):
            raise self._refused(f"has the style {style!r}, which the workbook does not have", row, column)
        number_format = self._formats[place]
        if number_format.plain and len(stored) < 16 and stored.isascii() and stored.isdigit() and stored[0] != "0":
            return stored
        try:
            text, rounded = number_format.printed(stored.strip())
        except ValueError as error:
            raise self._refused(str(error), row, column) from error
        if rounded:
            self._rounded.append(f"{self._name}!{column_letters(column)}{row}")
        return text

    def _refuse_empty(self, kind: str, row: int, column: int, *, formula: bool) -> None:
        if formula:
            raise self._refused("holds a formula, not a figure of the publisher", row, column)
        if kind in _KINDS:
            raise self._refused(f"{_KINDS[kind]} nothing", row, column)

    def _refused(self, what: str, row: int, column: int = 0) -> InputError:
        where = f", cell {column_letters(column)}{row}" if column else ""
        return InputError(f"sheet {self._name!r}{where} {what}", file=self._file, line=row or None, remedy=_AGAIN)


def column_letters(number: int) -> str:
    """The name Excel shows for a column: 1 is A, 28 is AB."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _column_number(letters: str) -> int:
    """The number of a column; 0 where that is none."""
    number = 0
    for letter in letters[:4]:
        if not "A" <= letter <= "Z":
            return 0
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _unescaped(text: str) -> str:
    """`text` with Excel's `_x000D_` as the letter it stands for; control characters and halves stay as written."""
    if "_x" not in text:
        return text

    def letter(match: re.Match[str]) -> str:
        code = int(match[1], 16)
        return chr(code) if code in (9, 10, 13) or (code >= 0x20 and not 0xD800 <= code <= 0xDFFF) else match[0]

    return _ESCAPED.sub(letter, text)


def _parser(part: str, *, file: str) -> _Parser:
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True

    def refuse(*_: object) -> None:
        # Entities that double each other fill the memory; no part of a workbook may declare any (ECMA-376 part 2, 8).
        raise InputError(
            f"the workbook's part {part!r} declares XML entities",
            file=file,
            remedy="No publisher ships such a workbook; do not trust it, and download it again.",
        )

    parser.StartDoctypeDeclHandler = refuse
    return parser
