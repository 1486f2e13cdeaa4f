"""ZIP archives: of exactly one text, as `data/tablefile` ships it, or the parts of a workbook.

Belongs here: opening the archive and refusing one that is not what the publishers send. Not here: what a member says.
Nothing is ever written to disk, so a member's name is shown and never used as a path.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO

from pipeline.errors import InputError
from pipeline.ingest.cells import MAX_BYTES

_AGAIN = "Download the file again."
# A workbook has some hundred parts, and its XML shrinks to a tenth or a thirtieth.
MAX_MEMBERS = 10_000
_MAX_RATIO = 200
_SMALL = 16 * 1024 * 1024
# What is read piece by piece fills no memory; a table beyond this is no table.
MAX_STREAMED = 256 * 1024**3
_ENTRY = b"PK\x01\x02"
_DAMAGED = (zipfile.BadZipFile, zlib.error, ValueError, OSError, EOFError, NotImplementedError, RuntimeError)
_BINARY = (b"PK", b"%PDF", b"\x1f\x8b", b"\xd0\xcf\x11\xe0", b"7z\xbc\xaf", b"PAR1", b"\x89PNG", b"\xff\xd8\xff")


def names(data: bytes | IO[bytes], *, file: str) -> list[str]:
    """The names of all members of an archive, given as bytes or opened.

    Raises:
        InputError: the archive's table of contents cannot be read, or has more than `MAX_MEMBERS` entries.
    """
    return [member.filename for member in contents(data, file=file)]


def unpack(data: bytes, *, file: str, limit: int = MAX_BYTES) -> tuple[str, bytes]:
    """Name and content of the only member.

    Args:
        data: the bytes of the archive.
        file: its name in errors.
        limit: the most bytes the member may have.

    Raises:
        InputError: damaged, encrypted, no member or several, a path in the name, a size above `limit` or undeclared,
            a compression the publishers do not use, a member that is not a text.
    """
    name = _only_name(names(data, file=file), file=file)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return name, _content(archive, archive.infolist()[0], file=file, limit=limit)
    except _DAMAGED as error:
        raise _damaged(error, file=file) from error


def stream(
    opened: IO[bytes], members: list[zipfile.ZipInfo], *, file: str, size: int, limit: int = MAX_STREAMED
) -> Iterator[bytes]:
    """The content of the only member in pieces of at most `size` bytes.

    Args:
        opened: the archive.
        members: its `contents`.
        file: its name in errors.
        size: the most bytes of a piece.
        limit: the most bytes the member may have.

    Raises:
        InputError: what `unpack` raises; of a damaged member when its end is reached.
    """
    _only_name([member.filename for member in members], file=file)
    (member,) = members
    _refuse_unreadable(member, file=file)
    if member.file_size > limit:
        raise _too_large(limit, file=file)
    for number, piece in enumerate(pieces(opened, member, file=file, size=size)):
        if number == 0:
            _refuse_binary(piece, member, file=file)
        yield piece


def _only_name(members: list[str], *, file: str) -> str:
    if len(members) != 1:
        raise InputError(
            f"the ZIP archive holds {len(members)} members, a publisher's download holds exactly one",
            file=file,
            remedy="Unpack it and give the tables one by one.",
        )
    name = members[0]
    if re.search(r"[/\\:\x00-\x1f]", name) or name in ("", ".", ".."):
        raise InputError(
            f"the member {name!r} has a path in its name",
            file=file,
            remedy="No publisher ships such an archive; do not trust it, and download the table again.",
        )
    return name


def parts(data: bytes, *, file: str, limit: int = MAX_BYTES) -> dict[str, zipfile.ZipInfo]:
    """The members of an archive of many, by their name in lower case, as the parts of a workbook are told apart.

    Args:
        data: the bytes of the archive.
        file: its name in errors.
        limit: the most bytes all members may have together.

    Raises:
        InputError: damaged, encrypted, more than `MAX_MEMBERS` members, two of one name, more bytes than `limit` or
            than such files can have for their size, a compression no workbook uses.
    """
    members = contents(data, file=file)
    for member in members:
        _refuse_unreadable(member, file=file)
    total = sum(member.file_size for member in members)
    if total > limit or (total > _SMALL and total > _MAX_RATIO * len(data)):
        raise _too_large(min(limit, max(_SMALL, _MAX_RATIO * len(data))), file=file)
    found = {member.filename.lower(): member for member in members}
    if len(found) < len(members):
        raise InputError(
            "the ZIP archive holds two members of one name",
            file=file,
            remedy="No publisher ships such an archive; programs read it differently. Download it again.",
        )
    return found


def pieces(data: bytes | IO[bytes], member: zipfile.ZipInfo, *, file: str, size: int = 1 << 20) -> Iterator[bytes]:
    """The content of one member in pieces of at most `size` bytes.

    Raises:
        InputError: damaged; longer or shorter than declared.
    """
    try:
        with zipfile.ZipFile(_opened(data)) as archive, archive.open(member) as content:
            while piece := content.read(size):
                yield piece
    except _DAMAGED as error:
        raise _damaged(error, file=file) from error


def _entries(opened: IO[bytes]) -> int:
    """How often an entry of a table of contents seems to begin, anywhere in the file."""
    found, held = 0, b""
    opened.seek(0)
    while piece := opened.read(1 << 20):
        held += piece
        found += held.count(_ENTRY)
        # What is kept is too short to hold an entry that was counted.
        held = held[-len(_ENTRY) + 1 :]
    opened.seek(0)
    return found


def _opened(data: bytes | IO[bytes]) -> IO[bytes]:
    return io.BytesIO(data) if isinstance(data, bytes) else data


def contents(data: bytes | IO[bytes], *, file: str) -> list[zipfile.ZipInfo]:
    """All members of an archive, given as bytes or opened.

    Raises:
        InputError: the archive's table of contents cannot be read, or has more than `MAX_MEMBERS` entries.
    """
    opened = _opened(data)
    # Counted before anything is opened: a table of contents can itself be what fills the memory.
    if _entries(opened) > MAX_MEMBERS:
        raise InputError(
            f"the ZIP archive holds more than {MAX_MEMBERS} members",
            file=file,
            remedy="No publisher ships such an archive; download the file again.",
        )
    try:
        with zipfile.ZipFile(opened) as archive:
            return archive.infolist()
    except _DAMAGED as error:
        raise _damaged(error, file=file) from error


def _damaged(error: Exception, *, file: str) -> InputError:
    return InputError(f"the ZIP archive is damaged: {error}", file=file, remedy=_AGAIN)


def _too_large(limit: int, *, file: str) -> InputError:
    return InputError(
        f"the ZIP archive unpacks to more than {limit} bytes",
        file=file,
        remedy="This may be a ZIP bomb. If it is a table, download it in parts, for instance by year.",
    )


def _refuse_unreadable(member: zipfile.ZipInfo, *, file: str) -> None:
    if member.flag_bits & 0x1:
        raise InputError("the ZIP archive is encrypted", file=file, remedy="Unpack it with its password first.")
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise InputError(
            f"the ZIP archive uses compression method {member.compress_type}, only stored and deflated are read",
            file=file,
            remedy="Unpack it and give the table itself.",
        )


def _content(archive: zipfile.ZipFile, member: zipfile.ZipInfo, *, file: str, limit: int) -> bytes:
    _refuse_unreadable(member, file=file)
    if member.file_size > limit:
        raise _too_large(limit, file=file)
    with archive.open(member) as stream:
        # The declared size is only a claim. A read with a bound unpacks no more than that and finds the wrong checksum;
        # one without a bound would unpack everything first.
        content = stream.read(limit + 1)
    _refuse_binary(content, member, file=file)
    return content


def _refuse_binary(content: bytes, member: zipfile.ZipInfo, *, file: str) -> None:
    if content.startswith(_BINARY) or (b"\0" in content and not content.startswith((b"\xff\xfe", b"\xfe\xff"))):
        raise InputError(
            f"the member {member.filename!r} is not a text",
            file=file,
            remedy="If it is a workbook, unpack it and give the workbook itself; else download the table as flat CSV "
            "(ffcsv).",
        )
