"""A flat file as blocks of its text, each ending where a record ends, so that no file is ever held as a whole.

Belongs here: reading a file or the only member of an archive piece by piece, where pieces are cut, and what must agree
between them. Not here: what a block holds (ffcsv.py), how the first one is told apart from a web page (recognise.py).

A file of one block is read as any other layout is: whatever is refused there is refused here with the same words.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

from pipeline.errors import InputError
from pipeline.ingest import archive, ffcsv
from pipeline.ingest.cells import MAX_BYTES, Layout, Table
from pipeline.ingest.recognise import decoded, recognised_as

# Some 15,000 rows: enough for columns to be worth their overhead, little beside a gigabyte.
BLOCK = 4 * 1024 * 1024
# Layouts in which a line is a row, whatever stands before or after it.
FLAT: tuple[Layout, ...] = ("ffcsv_new", "ffcsv_old")


def text_blocks(data: bytes | Path, layout: Layout, *, file: str) -> Iterator[bytes]:
    """The text of a flat file in UTF-8, in blocks of some `BLOCK` bytes that end with a whole record.

    Args:
        data: the file, or its bytes; a ZIP of one text is unpacked on the way.
        layout: one of `FLAT`, as source.yml says.
        file: its name in errors.

    Raises:
        InputError: what `recognise` raises, of the first block and of each other; another layout; a change of encoding
            between blocks; a quote that is not closed within `MAX_BYTES`.
    """
    lines = 0
    before: set[str] = set()
    for number, block in enumerate(_cut(_pieces(data, file=file), file=file)):
        if number == 0:
            found = recognised_as(block, layout, file=file)
            content, encoding = found.content, found.encoding
        else:
            content, encoding = decoded(block, file=file, lines_before=lines)
        lines += block.count(b"\n")
        # A block of plain ASCII says nothing about the encoding.
        if not block.isascii():
            before.add("UTF-8" if encoding.startswith("UTF-8") else "another")
        if len(before) > 1:
            raise InputError(
                "the encoding changes within the file",
                file=file,
                line=lines,
                remedy="The file was put together or saved in parts; download it again.",
            )
        yield content


def tables(blocks: Iterable[bytes], *, file: str) -> Iterator[Table]:
    """The cells of a flat file, one table a block that holds rows.

    Args:
        blocks: as `text_blocks` gives them.
        file: its name in errors.

    Returns:
        What `ffcsv.read` gives of the whole file, in parts: one below the other the cells are the same. What a table
        says about itself (codes, titles, rows) is said of its block.

    Raises:
        InputError: what `ffcsv.read` raises; a dimension that holds regions and then something else.
    """
    reader = ffcsv.Reader(file=file)
    for block in blocks:
        table = reader.table(block)
        if table is not None:
            yield table
    reader.refuse_empty()


def _pieces(data: bytes | Path, *, file: str) -> Iterator[bytes]:
    """The file, unpacked, in pieces of at most `BLOCK` bytes."""
    with open_binary(data) as opened:
        start = opened.read(4)
        opened.seek(0)
        if start not in (b"PK\x03\x04", b"PK\x05\x06"):
            while piece := opened.read(BLOCK):
                yield piece
            return
        # Asked once: it goes through the whole file.
        members = archive.contents(opened, file=file)
        names = {member.filename for member in members}
        if "mimetype" in names or "[content_types].xml" in (name.lower() for name in names):
            # A workbook, told so by those who know more about it; never more than `archive` allows.
            yield opened.read(MAX_BYTES + 1)
            return
        yield from archive.stream(opened, members, file=file, size=BLOCK)


def open_binary(data: bytes | Path) -> IO[bytes]:
    """Bytes or a file, opened for reading."""
    return io.BytesIO(data) if isinstance(data, bytes) else data.open("rb")


def _cut(pieces: Iterable[bytes], *, file: str) -> Iterator[bytes]:
    """The same bytes, each block ending behind a line end outside of quotes; the last one as the file ends."""
    held, begun = b"", False
    for piece in pieces:
        held = held + piece if held else piece
        end = _last_end(held)
        if end:
            yield held[:end]
            held, begun = held[end:], True
        elif len(held) > MAX_BYTES:
            raise InputError(
                f"there is no end of a record within {MAX_BYTES} bytes",
                file=file,
                remedy="A quote is opened and never closed, or this is no table; download it again.",
            )
    # Of an empty file one empty block, so that it is refused.
    if held or not begun:
        yield held


def _last_end(held: bytes) -> int:
    """Where the last whole record ends; 0 when none does."""
    end = held.rfind(b"\n") + 1
    odd = held.count(b'"', 0, end) % 2
    while end and odd:
        before = held.rfind(b"\n", 0, end - 1) + 1
        odd = (odd + held.count(b'"', before, end)) % 2
        end = before
    return end
