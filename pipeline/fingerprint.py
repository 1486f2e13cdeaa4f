"""Whether anything at all changed since the last whole run: told from hashes, before anything heavy is imported.

Belongs here: hashes of all that goes into a run, and of what came out of it, in build/fresh.json. Not here: which
assets a change concerns (freshness.py); Dagster, DuckDB and Polars, whose imports alone would cost seconds.

The file is removed when a run begins and written when one has ended well, so a run that failed or was killed never
counts. It can only say "nothing changed"; whenever it cannot, the records of Dagster decide.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import sys
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.settings import Settings

_FILE = "fresh.json"
_FOLDER_OF_CODE = Path(__file__).parent


@dataclass(frozen=True)
class LastRun:
    """What the last run left, all of it still in place.

    Attributes:
        assets: how many there are.
        vintages: source, vintage and part (see `pipeline.status.parts`) of each vintage on disk, in order.
        release_id: the release it published.
    """

    assets: int
    vintages: tuple[tuple[str, str, str], ...]
    release_id: str


def of_inputs(settings: Settings) -> str:
    """One hash over raw_data, lock, sql, reports, the code, the options, and the versions of all packages.

    Files count by name and bytes; clocks and hidden files do not.
    """
    options = (settings.renderer, settings.other_lock, shutil.which("quarto"), platform.python_version())
    digest = hashlib.sha256(repr((options, sorted(_packages()))).encode())
    for folder in (settings.raw_data, settings.sql, settings.reports, _FOLDER_OF_CODE):
        digest.update(of_folder(folder).encode())
    digest.update(of_file(settings.lock).encode())
    return digest.hexdigest()


def forget(settings: Settings) -> None:
    """From now on nothing counts as fresh until the next `remember`."""
    (settings.build / _FILE).unlink(missing_ok=True)


def remember(settings: Settings, inputs: str, *, assets: int, vintages: Sequence[tuple[str, str, str]]) -> None:
    """Write down that everything is computed from `inputs`, the hash taken before the run began; not of a lake.

    `assets` and `vintages` are those of `LastRun`.
    """
    if settings.lake is not None:
        return  # others store there, too: only the records and the stored content can tell
    file = settings.build / _FILE
    said = {"inputs": inputs, "assets": assets, "vintages": vintages, "outputs": _outputs(settings)}
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(f".{_FILE}-{os.getpid()}")
    fresh.write_text(json.dumps(said, indent=1, sort_keys=True) + "\n", "utf-8")
    fresh.replace(file)


def last_run(settings: Settings, inputs: str) -> LastRun | None:
    """What the last run left, when all of it is computed from `inputs` and still in place; None otherwise."""
    if settings.lake is not None:
        return None
    try:
        said = json.loads((settings.build / _FILE).read_text("utf-8"))
        if said["inputs"] != inputs or said["outputs"] != _outputs(settings):
            return None
        vintages = tuple((source, vintage, part) for source, vintage, part in said["vintages"])
        return LastRun(int(said["assets"]), vintages, said["outputs"]["release"][0])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _outputs(settings: Settings) -> dict[str, Any]:
    """What a run leaves, all of it by content: a byte that went wrong on the disk is not fresh."""
    release = (settings.releases / "current").resolve(strict=True)
    return {
        "warehouse": of_file(settings.warehouse),
        # A run closes the file, and its log goes then: what lies there is of a writer that was killed.
        "log": settings.warehouse.with_name(f"{settings.warehouse.name}.wal").exists(),
        "charts": of_folder(settings.charts),
        "release": [release.name, of_folder(release)],
        "pages": [of_file(page) for page in settings.pages.values()],
        "sheets": of_folder(settings.state_sheets),
        "summaries": [of_file(page) for page in settings.summaries.values()],
        "history": os.path.relpath(_history(settings), settings.root),
    }


def _history(settings: Settings) -> Path:
    """The folder of Dagster's records; without it everything is due.

    Raises:
        OSError: it is not there.
    """
    return Path(os.environ.get("DAGSTER_HOME") or settings.dagster_home).resolve(strict=True)


def _packages() -> Iterable[str]:
    """Names and versions of all installed packages, from the names of their folders."""
    for folder in sys.path:
        if Path(folder).is_dir():
            with os.scandir(folder or ".") as entries:
                yield from (entry.name for entry in entries if entry.name.endswith(".dist-info"))


def of_file(file: Path) -> str:
    """sha256 over the bytes of a file, 64 hexadecimal digits."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def of_folder(folder: Path, *, leave_out: Collection[str] = ()) -> str:
    """One hash over names and bytes of the files below `folder`.

    Clocks, hidden files and compiled code do not count.

    Args:
        folder: the folder; one that is not there counts as empty.
        leave_out: names of files that do not count, wherever they lie.
    """
    digest = hashlib.sha256()
    files = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc")
    for name, path in sorted((path.relative_to(folder).as_posix(), path) for path in files):
        if path.name not in leave_out and not any(part.startswith(".") for part in name.split("/")):
            digest.update(f"{name}\0{of_file(path)}\n".encode())
    return digest.hexdigest()
