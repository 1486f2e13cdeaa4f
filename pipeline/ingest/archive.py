"""A ZIP of exactly one text, as `data/tablefile` ships it.

Belongs here: opening the archive in memory and refusing one that is not what the publishers send. Not here: what the
text says. Nothing is ever written to disk, so a member's name is shown and never used as a path.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib

from pipeline.errors import InputError
from pipeline.ingest.cells import MAX_BYTES

_AGAIN = "Download the file again."
_BINARY = (b"PK", b"%PDF", b"\x1f\x8b", b"\xd0\xcf\x11\xe0", b"7z\xbc\xaf", b"PAR1", b"\x89PNG", b"\xff\xd8\xff")


def names(data: bytes, *, file: str) -> list[str]:
    """The names of all members.

    Raises:
        InputError: the archive's table of contents cannot be read.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return archive.namelist()
    except (zipfile.BadZipFile, ValueError, OSError, EOFError, NotImplementedError) as error:
        raise InputError(f"the ZIP archive is damaged: {error}", file=file, remedy=_AGAIN) from error


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
    members = names(data, file=file)
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
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return name, _content(archive, archive.infolist()[0], file=file, limit=limit)
    except (
        zipfile.BadZipFile,
        zlib.error,
        ValueError,
        OSError,
        EOFError,
        NotImplementedError,
        RuntimeError,
    ) as error:
        raise InputError(f"the ZIP archive is damaged: {error}", file=file, remedy=_AGAIN) from error


def _content(archive: zipfile.ZipFile, member: zipfile.ZipInfo, *, file: str, limit: int) -> bytes:
    if member.flag_bits & 0x1:
        raise InputError("the ZIP archive is encrypted", file=file, remedy="Unpack it with its password first.")
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise InputError(
            f"the ZIP archive uses compression method {member.compress_type}, only stored and deflated are read",
            file=file,
            remedy="Unpack it and give the table itself.",
        )
    if member.file_size > limit:
        raise InputError(
            f"the ZIP archive unpacks to more than {limit} bytes",
            file=file,
            remedy="This may be a ZIP bomb. If it is a table, download it in parts, for instance by year.",
        )
    with archive.open(member) as stream:
        # The declared size is only a claim. A read with a bound unpacks no more than that and finds the wrong checksum;
        # one without a bound would unpack everything first.
        content = stream.read(limit + 1)
    if content.startswith(_BINARY) or (b"\0" in content and not content.startswith((b"\xff\xfe", b"\xfe\xff"))):
        raise InputError(
            f"the member {member.filename!r} is not a text",
            file=file,
            remedy="Download the table as flat CSV (ffcsv).",
        )
    return content
