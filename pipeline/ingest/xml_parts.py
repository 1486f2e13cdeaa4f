"""The XML parts of a workbook, checked before a library parses them.

Belongs here: what openpyxl would take, hang on or fill the memory with: entities, tags without an end, too many tags.
Not here: limits of the ZIP (archive.py), sheets and cells (spreadsheet.py).

Each part runs once through expat of the standard library without being built: that costs little beside
reading it, and the message can name the part.
"""

from __future__ import annotations

import io
import zipfile
from typing import IO
from xml.parsers import expat

from pipeline.errors import InputError
from pipeline.ingest import archive

# Some five million cells. openpyxl holds up to a hundred bytes for each tag until its row ends.
MAX_TAGS = 20_000_000
# The longest single piece of XML; an older expat begins with it again for each 16 kB it is given.
_MAX_TOKEN = 4 * 1024 * 1024
_AGAIN = "Download the workbook again, and do not save it with another program."


class Parts:
    """The parts of a workbook, as far as openpyxl asks a ZIP archive for them; each is checked before it is given.

    Attributes:
        root: namespace and name of the root of the part opened last.
    """

    def __init__(self, data: bytes, *, file: str) -> None:
        """Look at the table of contents; see `archive.parts`."""
        self._members = archive.parts(data, file=file)
        self._data = data
        self._file = file
        self.root = ""

    def open(self, name: str) -> IO[bytes]:
        """The content of a part, checked.

        Raises:
            InputError: the part is missing, damaged, no XML or declares entities; a tag longer than 4 MB, more than
                `MAX_TAGS` tags.
        """
        member = self._members.get(name.lower())
        if member is None:
            raise damaged(f"its part {name!r} is missing", file=self._file)
        self._check(name, member)
        return zipfile.ZipFile(io.BytesIO(self._data)).open(member)

    def read(self, name: str) -> bytes:
        """The content of a part at once; see `open`."""
        with self.open(name) as source:
            return source.read()

    def _check(self, name: str, member: zipfile.ZipInfo) -> None:
        """Refuse what openpyxl would take or hang on: entities, endless tags, too many of them."""
        parser = expat.ParserCreate(namespace_separator=" ")

        def entities(*_: object) -> None:
            # No part of a workbook may declare any (ECMA-376 part 2, 8).
            remedy = "No publisher ships such a workbook; do not trust it, and download it again."
            raise InputError(f"the workbook's part {name!r} declares XML entities", file=self._file, remedy=remedy)

        def root(tag: str, _: object) -> None:
            self.root = tag
            parser.StartElementHandler = None

        parser.StartDoctypeDeclHandler = entities
        parser.StartElementHandler = root
        fed = tags = 0
        try:
            for piece in archive.pieces(self._data, member, file=self._file):
                parser.Parse(piece, False)
                fed += len(piece)
                tags += piece.count(b"<")
                if fed - parser.CurrentByteIndex > _MAX_TOKEN:
                    raise damaged(f"its part {name!r} has a tag without an end", file=self._file)
                if tags > MAX_TAGS:
                    raise damaged(f"its part {name!r} has more than {MAX_TAGS} tags", file=self._file)
            parser.Parse(b"", True)
        except (expat.ExpatError, LookupError, UnicodeError) as error:
            raise damaged(f"its part {name!r} is no XML: {error}", file=self._file) from error


def damaged(what: str, *, file: str) -> InputError:
    """The error of a workbook that cannot be read."""
    return InputError(f"the workbook is damaged: {what}", file=file, remedy=_AGAIN)


__all__ = ["MAX_TAGS", "Parts", "damaged"]
