"""Which layout a file has, told from its bytes and never from its name, and the way to its reader.

Belongs here: what is no table at all (an error page, a picture, a damaged text), the encoding, the layout. Not here:
what a layout's cells are (one module each).

GENESIS answers every error with HTTP 200, so an error page or a JSON status is easily saved as a .csv.
"""

from __future__ import annotations

import codecs
import csv
import json
import re
from dataclasses import dataclass

from pipeline.errors import InputError
from pipeline.ingest import archive, ffcsv, pivot, strukturdaten, tidy, workbook
from pipeline.ingest.cells import BOM, MAX_BYTES, Layout, Table

_AGAIN = "Download the table again as flat CSV (ffcsv)."
# magic bytes -> (what it is, what to do)
_FORMATS: dict[bytes, tuple[str, str]] = {
    b"%PDF": ("a PDF document", _AGAIN),
    b"\xd0\xcf\x11\xe0": ("an old Excel workbook (xls), a workbook with a password, or a Word document", _AGAIN),
    b"\x1f\x8b": ("a gzip archive", "Unpack it first."),
    b"7z\xbc\xaf": ("a 7z archive", "Unpack it first."),
    b"PAR1": ("a Parquet file", _AGAIN),
    b"\x89PNG": ("a picture", _AGAIN),
    b"\xff\xd8\xff": ("a picture", _AGAIN),
}
_STATUS = {
    "-1": "text of the service",
    "6": "too many parallel requests",
    "22": "a parameter was adjusted",
    "50": "nothing newer",
    "90": "no such table",
    "98": "the table is too large, ask for it in parts",
    "99": "a job was created, the table comes later",
    "104": "no such object",
}
# UTF-8 that was read as CP1252 and saved as UTF-8 again: Ã followed by what the second byte of ä ö ü ß Ä Ö Ü became.
_TWICE = re.compile("Ã[¤¶¼Ÿ„–œ]".encode())
_UTF8_LETTER = re.compile(b"[\xc2-\xc3][\x80-\xbf]")
# The bytes a pattern begins with, the pattern, what it means.
_LOST = (
    ("Ã".encode(), _TWICE, "its umlauts were converted twice"),
    (b"\xef\xbf\xbd", re.compile(b"\xef\xbf\xbd"), "letters were lost"),
)
# ä ö ü of DOS code pages inside a word, as CP1252 shows them.
_DOS = re.compile(b"[A-Za-z][\x81\x84\x94][a-z]")


@dataclass(frozen=True)
class Recognised:
    """A file whose layout is known.

    Attributes:
        file: its name in errors.
        layout: see `Layout`.
        encoding: `UTF-8`, `UTF-8 with BOM`, `CP1252` or `ISO-8859-1`, as found; `xlsx` for a workbook.
        content: the text in UTF-8; a byte order mark is kept. The bytes as they are of a workbook.
        data: the bytes as shipped, out of their archive.
        member: the name of the member of a ZIP archive it was in, else null.
        sheets: the machine sheets of a workbook, else none.
    """

    file: str
    layout: Layout
    encoding: str
    content: bytes
    data: bytes
    member: str | None = None
    sheets: tuple[str, ...] = ()


def recognise(data: bytes, *, file: str) -> Recognised:
    """Layout and encoding of a publisher's file, unpacked if it is a ZIP of one text.

    Raises:
        InputError: empty; larger than `MAX_BYTES`; a page of HTML or XML, a JSON status, a workbook without a machine
            sheet or that `Spreadsheet` refuses, a PDF or another binary format; an archive that `archive.unpack`
            refuses; NUL bytes, UTF-16, a damaged or twice converted text; a text of no known layout.
    """
    if len(data) > MAX_BYTES:
        raise InputError(
            f"the file has more than {MAX_BYTES} bytes", file=file, remedy="Download it in parts, for instance by year."
        )
    member = None
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        members = archive.names(data, file=file)
        if "mimetype" in members:
            raise InputError("this is an OpenDocument workbook or text, which is not read", file=file, remedy=_AGAIN)
        if "[content_types].xml" in (name.lower() for name in members):
            found = workbook.machine_sheets(data, file=file)
            return Recognised(
                file=file,
                layout="statistischer_bericht",
                encoding="xlsx",
                content=data,
                data=data,
                sheets=found,
            )
        member, data = archive.unpack(data, file=file)
    if not data.removeprefix(BOM).strip():
        raise InputError("the file is empty", file=file, remedy=_AGAIN)
    for magic, (what, remedy) in _FORMATS.items():
        if data.startswith(magic):
            raise InputError(f"this is {what}, not a table in text", file=file, remedy=remedy)
    content, encoding = decoded(data, file=file)
    start = content[:4096].removeprefix(BOM).decode(errors="ignore")
    _refuse_answers(start, content, file=file)
    layout = _layout(content, start)
    if layout is None:
        line = start.lstrip("\r\n").splitlines()[0][:80] if start.strip() else ""
        raise InputError(
            f"this is no layout that is known here; it begins {line!r}",
            file=file,
            line=1,
            remedy="Known are ffcsv (new and old), the GENESIS table as CSV, the structure data of the "
            "Bundeswahlleiterin, workbooks Statistischer Bericht (xlsx) and the project's tidy CSV (docs/formats.md). "
            + _AGAIN,
        )
    return Recognised(file=file, layout=layout, encoding=encoding, content=content, data=data, member=member)


def recognised_as(data: bytes, layout: Layout, *, file: str) -> Recognised:
    """A file that must have a certain layout.

    Raises:
        InputError: what `recognise` raises, or it has another layout.
    """
    found = recognise(data, file=file)
    if found.layout != layout:
        raise InputError(
            f"the file has the layout {found.layout}, source.yml says {layout}",
            file=file,
            key="layout",
            remedy=f"Write `layout: {found.layout}` with a reading for it, or restore the file.",
        )
    return found


def read(recognised: Recognised, sheet: str | None = None) -> Table:
    """The cells of a recognised file; `tidy` files are read by `read_cells`, which needs their kind.

    Args:
        recognised: the file.
        sheet: the machine sheet of a workbook, null for the only one; null for every other layout.

    Raises:
        InputError: what the layout's reader raises; a sheet of a file that has none.
        ValueError: the layout is `tidy`.
    """
    if recognised.layout == "tidy":
        raise ValueError("a tidy file has another frame; see pipeline.ingest.tidy.read_cells")
    if recognised.layout == "statistischer_bericht":
        return workbook.read(recognised.content, file=recognised.file, sheet=sheet)
    if sheet is not None:
        raise InputError(
            f"this file has no sheets, so no sheet {sheet!r}", file=recognised.file, remedy="Name no sheet."
        )
    if recognised.layout == "pivot":
        return pivot.read(recognised.content, file=recognised.file)
    if recognised.layout == "strukturdaten":
        return strukturdaten.read(recognised.content, file=recognised.file)
    return ffcsv.read(recognised.content, file=recognised.file)


def decoded(data: bytes, *, file: str, lines_before: int = 0) -> tuple[bytes, str]:
    """`data` as UTF-8 and the name of the encoding it had.

    Args:
        data: a text, or a part of one that ends with a line.
        file: its name in errors.
        lines_before: how many lines of the text stand before `data`.

    Raises:
        InputError: NUL bytes, UTF-16, a damaged or twice converted text.
    """

    def line_of(offset: int) -> int:
        return lines_before + data.count(b"\n", 0, offset) + 1

    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError("the file is UTF-16", file=file, line=1, remedy="Save it as UTF-8, or download it again.")
    if (offset := data.find(b"\0")) >= 0:
        raise InputError(
            f"there is a NUL byte at offset {offset}",
            file=file,
            line=line_of(offset),
            remedy="The file is damaged or UTF-16; download it again.",
        )
    bad = _first_bad(data)
    if bad is None:
        for start, pattern, what in _LOST:
            # Looking for plain bytes first is many times faster, and nearly no text holds them.
            if start in data and (found := pattern.search(data)):
                raise InputError(
                    f"{what} when the file was saved",
                    file=file,
                    line=line_of(found.start()),
                    remedy="Download the table again and do not save it with another program.",
                )
        return data, "UTF-8 with BOM" if data.startswith(BOM) else "UTF-8"
    dos = _DOS.search(data)
    if data.startswith(BOM) or _UTF8_LETTER.search(data) or dos:
        offset = dos.start() + 1 if dos and not data.startswith(BOM) else bad
        raise InputError(
            f"byte 0x{data[offset]:02x} at offset {offset} does not fit the encoding of the rest of the file",
            file=file,
            line=line_of(offset),
            remedy="The file is cut off, or was saved in another encoding; download it again.",
        )
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError as error:
        raise InputError(
            f"byte 0x{data[error.start]:02x} at offset {error.start} is neither UTF-8 nor CP1252",
            file=file,
            line=line_of(error.start),
            remedy="Download the table again; the publishers ship UTF-8, CP1252 or ISO-8859-1.",
        ) from error
    # The two differ in 0x80 to 0x9f alone, where ISO-8859-1 has control characters that no table holds.
    return text.encode(), "CP1252" if re.search(b"[\x80-\x9f]", data) else "ISO-8859-1"


def _first_bad(data: bytes) -> int | None:
    """The offset of the first byte that is not UTF-8, without holding the whole text."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    step = 1 << 20
    for start in range(0, len(data), step):
        kept = len(decoder.getstate()[0])
        try:
            decoder.decode(data[start : start + step], final=start + step >= len(data))
        except UnicodeDecodeError as error:
            return max(0, start - kept + error.start)
    return None


def _refuse_answers(start: str, content: bytes, *, file: str) -> None:
    """Refuse what a web server says instead of a table."""
    text = start.lstrip()
    if text.startswith("<"):
        title = re.search(r"<title[^>]*>\s*([^<]{1,80})", text, re.IGNORECASE)
        shown = f" ({title[1].strip()!r})" if title else ""
        raise InputError(
            f"this is a web page or XML{shown}, not a table",
            file=file,
            line=1,
            remedy="The service answered with a page, often an error or a login; download the table again.",
        )
    if not text.startswith(("{", "[")):
        return
    message = "this is JSON, not a table"
    try:
        status = json.loads(content.removeprefix(BOM)).get("Status")
        code = str(status.get("Code")) if isinstance(status, dict) else str(status)
        said = str(status.get("Content", ""))[:200] if isinstance(status, dict) else ""
        if status is not None:
            message = f"the service answered with status {code}" + "".join(
                f": {part}" for part in (_STATUS.get(code), said) if part
            )
    except (ValueError, AttributeError, RecursionError):
        pass  # not the service's own answer; that it is JSON is all there is to say
    raise InputError(message, file=file, line=1, remedy="Ask for the table again; this file holds no figures.")


def _layout(content: bytes, start: str) -> Layout | None:
    end = content.find(b"\n")
    first = (content if end < 0 else content[:end]).removeprefix(BOM)[:100_000].decode(errors="ignore").rstrip("\r")
    if (layout := ffcsv.layout_of(first)) is not None:
        return layout
    if pivot.announces(first):
        return "pivot"
    if strukturdaten.announces(start):
        return "strukturdaten"
    return "tidy" if tidy_kind(first) is not None else None


def tidy_kind(first_line: str) -> str | None:
    """The kind of a tidy CSV whose header this is; null when it is none."""
    try:
        names = set(next(csv.reader([first_line]), []))
    except csv.Error:
        return None
    fitting = (
        kind for kind, (required, optional) in tidy.COLUMNS.items() if set(required) <= names <= {*required, *optional}
    )
    return next(fitting, None)
