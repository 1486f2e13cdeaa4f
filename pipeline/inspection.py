"""What `mo inspect` shows of one file on disk.

Belongs here: reading the bytes and choosing between a publisher's layout and the project's own. Not here: the layouts
(one module each), the counting (overview.py), exit codes (cli.py).
"""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path

from pipeline.errors import InputError
from pipeline.ingest import overview, tidy, workbook
from pipeline.ingest.cells import BOM, MAX_BYTES
from pipeline.ingest.recognise import Recognised, read, recognise, tidy_kind


def file_bytes(path: Path) -> bytes:
    """The bytes of a file somebody named.

    Raises:
        InputError: it is not there, no ordinary file (a folder, a device), larger than `MAX_BYTES`, or may not be read.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            what = "a folder" if stat.S_ISDIR(status.st_mode) else "no ordinary file"
            raise InputError(f"the file cannot be read: it is {what}", file=path, remedy="Name the files themselves.")
        if status.st_size > MAX_BYTES:
            raise InputError(
                f"the file has more than {MAX_BYTES} bytes",
                file=path,
                remedy="Download it in parts, for instance by year.",
            )
        return path.read_bytes()
    except OSError as error:
        raise InputError(
            f"the file cannot be read: {error.strerror}", file=path, remedy="Check the path and its permissions."
        ) from error


def inspected(path: Path) -> list[str]:
    """The lines that tell what a file holds.

    Raises:
        InputError: the file cannot be read; what `recognise` and the readers raise.
    """
    data = file_bytes(path)
    recognised = recognise(data, file=str(path))
    del data
    if recognised.layout == "tidy":
        return _tidy(recognised)
    if recognised.sheets:
        shown = []
        for name, table in workbook.sheets(recognised.content, file=recognised.file).items():
            shown += [f"  sheet {name}", *overview.lines(overview.overview(recognised, table))]
        return shown
    table = read(recognised)
    # The bytes of a table by district, status and nationality are 100 MB that the counting does not need.
    recognised = replace(recognised, content=b"", data=b"")
    return overview.lines(overview.overview(recognised, table))


def _tidy(recognised: Recognised) -> list[str]:
    header = recognised.content.removeprefix(BOM).decode().splitlines()[0]
    kind = tidy_kind(header) or ""
    cells = tidy.read_cells(recognised.content, file=recognised.file, kind=kind)
    return [
        f"  {'layout':<11} {overview.LAYOUTS['tidy']}, kind {kind}; {recognised.encoding}",
        f"  {'rows':<11} {cells.height} rows",
    ]
