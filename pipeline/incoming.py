"""Publishers' files on their way into raw_data: read, recognised, staged in a hidden folder, checked as a vintage.

Belongs here: what `mo vintage add` and `mo source new` share. Not here: what the source.yml beside the files says
(adding.py, scaffold.py), reading a layout (ingest), what cells mean (transform).

Everything is written into a hidden folder and checked there; one rename makes it visible. So an error of any kind
leaves raw_data as it was.
"""

from __future__ import annotations

import datetime as dt
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from pipeline import ingest
from pipeline.errors import InputError
from pipeline.inspection import file_bytes
from pipeline.project import Project
from pipeline.registry import REGIONS, ControlTotal, Vintage, read_lock, write_lock
from pipeline.registry.strict_yaml import load, validate
from pipeline.transform import expectation_failures, typed
from pipeline.transform.printed import iso_date
from pipeline.vintages import cells_of, typed_rows

SIDECAR = "source.yml"
# With its suffix, well below what any file system allows.
_LONGEST_NAME = 120


@dataclass(frozen=True)
class Incoming:
    """Files of one layout.

    Attributes:
        paths: where the caller has them.
        recognised: the same, recognised.
        layout: that of all of them.
        entries: what source.yml says of each: path, content_sha256, rows.
    """

    paths: tuple[Path, ...]
    recognised: tuple[ingest.Recognised, ...]
    layout: ingest.Layout
    entries: tuple[dict[str, Any], ...]

    @property
    def names(self) -> str:
        """The files by the names they were shipped under, for a sentence."""
        names = ", ".join(one.member or Path(one.file).name for one in self.recognised)
        # A name on disk need not be text.
        return names.encode("utf-8", "replace").decode()

    def tables(self, sheet: str | None) -> tuple[ingest.Table, ...]:
        """The tables of a publisher's files; of a workbook that of `sheet`, or of its only machine sheet.

        Raises:
            InputError: a file cannot be read, or has no such sheet.
        """
        return tuple(ingest.read(one, sheet) for one in self.recognised)

    def as_given(self, error: InputError, folder: str) -> InputError:
        """The same error, naming the files where the caller has them: what was checked lay in a hidden folder."""
        message, file = error.message, error.file or ""
        for entry, path in zip(self.entries, self.paths, strict=True):
            message = message.replace(f"{folder}{entry['path']}", str(path))
            file = str(path) if file == f"{folder}{entry['path']}" else file
        return InputError(message, file=file or None, line=error.line, key=error.key, remedy=error.remedy)


def incoming(files: Sequence[Path]) -> Incoming:
    """Read and recognise files that belong together.

    Raises:
        InputError: no file; one cannot be read or is not recognised; the files have several layouts.
    """
    recognised = tuple(ingest.recognise(file_bytes(path), file=str(path)) for path in files)
    layouts = {one.layout: one.file for one in recognised}
    if len(layouts) != 1:
        shown = ", ".join(f"{file} is {layout}" for layout, file in layouts.items())
        raise InputError(
            f"the files have several layouts: {shown}" if layouts else "no file was named",
            file=recognised[-1].file if layouts else None,
            remedy="A vintage holds files of one layout; add one vintage after the other.",
        )
    layout = recognised[0].layout
    contents = [ingest.fingerprint(one.data, file=one.file, layout=layout) for one in recognised]
    entries = tuple(
        {"path": name, "content_sha256": content.sha256, "rows": content.rows}
        for name, content in zip(_names(recognised), contents, strict=True)
    )
    return Incoming(tuple(files), recognised, layout, entries)


def _names(recognised: Sequence[ingest.Recognised]) -> list[str]:
    """Plain file names, each once whatever its case: the name inside the archive, or that of the file."""
    names: list[str] = []
    taken = {SIDECAR}
    for one in recognised:
        name = re.sub(r"[^A-Za-z0-9._-]+", "-", Path(one.member or one.file).name).lstrip("._-") or "figures.csv"
        name = name[-_LONGEST_NAME:].lstrip("._-")
        stem, dot, suffix = name.rpartition(".")
        number = 2
        while name.lower() in taken:
            name, number = f"{stem or suffix}-{number}{dot}{suffix if dot else ''}", number + 1
        taken.add(name.lower())
        names.append(name)
    return names


def release_day(as_of: str | None, files: Incoming | None, tables: Sequence[ingest.Table]) -> str:
    """The ISO day of the release: as the caller says, or as all files print it.

    Raises:
        InputError: it is no day from 1900 to 2100, or the files print none or several.
    """
    printed = [table.as_of for table in tables] if as_of is None else [as_of]
    days = {iso_date(text.split("/")[0]) for text in printed if text}
    if len(days) == 1:
        try:
            day = dt.date.fromisoformat(days.pop())
        except ValueError:
            day = None
        if day is not None and 1900 <= day.year <= 2100:
            return day.isoformat()
    raise InputError(
        f"{as_of!r} is not a day of these times" if as_of else "the files do not print one day as of which they stand",
        file=files.recognised[0].file if files else None,
        key="--as-of",
        remedy="Say the day of the release, or of your download: --as-of 2026-05-20.",
    )


def printed_title(tables: Sequence[ingest.Table]) -> str:
    """The first title printed, with the first and last date or year; "" where none is."""
    dates = sorted({iso_date(text) for table in tables for text in table.cells["time"].unique() if text})
    period = [" to ".join(dict.fromkeys((dates[0], dates[-1])))] if dates else []
    return ", ".join([*tables[0].titles[:1], *period]).strip()


@contextmanager
def staged(parent: Path, files: Incoming | None, *, folder: str) -> Iterator[Path]:
    """A hidden folder inside `parent`, removed at the end unless it was renamed.

    Args:
        parent: a folder of raw_data.
        files: the files that are checked there, for naming them as the caller does.
        folder: the place the files get, as errors name it: `raw_data/<source>/<vintage>/`.

    Raises:
        InputError: nothing can be written there; any InputError of the block.
    """
    hidden = None
    try:
        hidden = Path(tempfile.mkdtemp(prefix=".adding-", dir=parent))
        hidden.chmod(0o755)  # mkdtemp makes it private
        yield hidden
    except InputError as error:
        raise (files.as_given(error, folder) if files else error) from error
    except OSError as error:
        raise InputError(
            f"nothing can be written here: {error.strerror or error}",
            file=folder.rstrip("/"),
            remedy="Check the permissions of raw_data and the free space on the disk; nothing was changed.",
        ) from error
    finally:
        if hidden is not None:
            shutil.rmtree(hidden, ignore_errors=True)


def appear(project: Project, vintage: Vintage, hidden: Path, place: Path, *, is_current: bool) -> None:
    """Rename the hidden folder to where it is seen, and name its vintage in the lock where it becomes current.

    Where the lock cannot be written, the folder is hidden again.
    """
    hidden.rename(place)
    try:
        if is_current:
            lock = project.settings.lock
            write_lock(lock, read_lock(lock).using(vintage.source, vintage.vintage))
    except BaseException:
        place.rename(hidden)
        raise


def checked(
    project: Project, values: dict[str, Any], folder: Path
) -> tuple[Vintage, pl.DataFrame, tuple[tuple[ControlTotal, str], ...]]:
    """The vintage that `values` describe, with its files in `folder`, held to everything a vintage is held to.

    Args:
        project: an opened project; gives the regions.
        values: a source.yml as plain values.
        folder: where the files lie for now.

    Returns:
        The vintage without the control totals that its figures do not confirm; its rows, OBSERVATION; those totals,
        each with what is wrong, as a sentence.

    Raises:
        InputError: `values` are no source.yml; a file cannot be read or does not fit its reading; a figure is wrong;
            an expectation other than a control total is not met.
    """
    file = f"{project.settings.raw_data.name}/{values['source']}/{values['vintage']}/{SIDECAR}"
    vintage = validate(Vintage, load(yaml.safe_dump(values, allow_unicode=True), file=file), file=file)
    vintage._folder = folder
    regions = typed_rows(project, project.registry.sources[REGIONS].current)
    cells = pl.concat(
        cells_of((folder / entry.path).read_bytes(), vintage, file=vintage.shown(entry.path)) for entry in vintage.files
    )
    rows = typed(cells, _expecting(vintage, ()), known_regions=regions)
    kept, left_out = [], []
    for total in vintage.expect.control_totals:
        failures = expectation_failures(rows, _expecting(vintage, (total,), alone=True), regions)
        if failures:
            left_out.append((total, failures[0].message))
        else:
            kept.append(total)
    return _expecting(vintage, tuple(kept)), rows, tuple(left_out)


def _expecting(vintage: Vintage, totals: tuple[ControlTotal, ...], *, alone: bool = False) -> Vintage:
    update: dict[str, Any] = {"control_totals": totals}
    if alone:
        update |= {"regions": None, "sums": ()}
    changed = vintage.model_copy(update={"expect": vintage.expect.model_copy(update=update)})
    changed._folder = vintage.folder
    return changed
