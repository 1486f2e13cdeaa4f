"""release.lock.yml: which vintage of each source is the current one.

Belongs here: the file's shape, reading it and writing it. Not here: whether the vintages it names are there, and what
follows from the choice (folder.py).
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, PrivateAttr

from pipeline.errors import InputError
from pipeline.ingest.tidy import decode
from pipeline.registry.models import SourceId, VintageId
from pipeline.registry.strict_yaml import load, validate
from pipeline.settings import LOCK

COMMENT = """\
# Which vintage of each source is current: figures of later vintages wait, figures of earlier ones fill in and are
# compared. Set by `mo vintage use SOURCE VINTAGE`; `source: null` leaves a source out. raw_data/README.md says more.
"""


class Lock(BaseModel):
    """The content of a lock file: the current vintage of each source, None where a source is left out."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    current: dict[SourceId, VintageId | None] = Field(description="a line `source: vintage` for every source")

    _shown: str = PrivateAttr(default=LOCK)
    _lines: dict[str, int] = PrivateAttr(default_factory=dict)

    @property
    def shown(self) -> str:
        """The file as errors name it."""
        return self._shown

    def line(self, source: str) -> int | None:
        """The line `source` stands in; None where it does not, or where the lock was not read from a file."""
        return self._lines.get(source)

    def using(self, source: str, vintage: str | None) -> Lock:
        """The same lock with another current vintage of one source."""
        return Lock(current={**self.current, source: vintage})


def read_lock(path: Path) -> Lock:
    """Read a lock file.

    Raises:
        InputError: the file is missing, no UTF-8, no YAML, names a source twice, or holds anything but
            `current: {source: vintage}`.
    """
    shown = _shown(path)
    if not path.is_file():
        raise InputError(
            "the lock is missing: nothing says which vintage of each source is current",
            file=shown,
            remedy="Restore it (git checkout), or write it: `current:` and below it, indented, a line "
            "`source: vintage` for every source.",
        )
    document = load(decode(path.read_bytes(), file=shown), file=shown, start="current:")
    lock = validate(Lock, document, file=shown)
    lock._shown = shown
    lock._lines = {source: document.lines["current", source] for source in lock.current}
    return lock


def write_lock(path: Path, lock: Lock) -> None:
    """Write a lock file in one step: comment, then the sources in alphabetical order. Equal locks, equal bytes."""
    current: Mapping[str, str | None] = dict(sorted(lock.current.items()))
    text = COMMENT + yaml.safe_dump({"current": current}, sort_keys=False)
    handle, partial = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(partial).chmod(path.stat().st_mode & 0o777 if path.exists() else 0o644)  # mkstemp makes it private
        Path(partial).replace(path)
    finally:
        Path(partial).unlink(missing_ok=True)


def _shown(path: Path) -> str:
    """The project's own lock as raw_data/release.lock.yml, any other as it was given."""
    return f"{path.parent.name}/{path.name}" if path.name == LOCK else str(path)
