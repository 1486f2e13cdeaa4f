"""The figures a release was computed from, as they go into it: raw/<source>/<vintage>/ with their source.yml.

Belongs here: which files of raw_data go along and which may not. Not here: writing them (write.py).

What was computed from goes along, waiting vintages too, so that `raw/` is a whole raw_data folder: the same pipeline
makes the same release from it. Figures typed in the project's own layout are single published facts, kept in this
repository already; they go along with the licence, its evidence and the attribution that stand in their source.yml. A
publisher's own file is that publisher's work: it goes along only where the permission is evidenced, else its
source.yml alone does, with address and hash, and the manifest says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from pipeline.errors import InputError
from pipeline.registry import LOCK, Registry, Vintage, load_registry, read_files, read_lock
from pipeline.registry.corrections import REGISTER
from pipeline.registry.lock import COMMENT

EVIDENCED = ("stated", "house rule")
SIDECAR = "source.yml"


@dataclass(frozen=True)
class RawFiles:
    """What of raw_data goes into a release.

    Attributes:
        files: content by its path under raw/.
        left_out: `source/vintage` of publishers' files that may not be passed on, with the reason.
    """

    files: Mapping[str, bytes] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)


def raw_files(raw_data: Path, registry: Registry, lock: Path) -> RawFiles:
    """Read what was computed from once more, each file held against its source.yml.

    Args:
        raw_data: the folder of the sources.
        registry: what the run was computed from.
        lock: the lock of the run.

    Raises:
        InputError: a file is missing or has changed since its source.yml was written, or a source.yml, the lock or the
            corrections are not those the run began with.
    """
    now = load_registry(raw_data, read_lock(lock))
    if (dict(now.sources), now.corrections) != (dict(registry.sources), registry.corrections):
        raise InputError(
            "the descriptions changed while the run was at work",
            file=raw_data.name,
            remedy="start the run again; the former release stays current",
        )
    files: dict[str, bytes] = {}
    left_out: dict[str, str] = {}
    for vintage in registry.vintages:
        name = f"{vintage.source}/{vintage.vintage}"
        contents = read_files(vintage)
        files[f"{name}/{SIDECAR}"] = _read(vintage.folder / SIDECAR, raw_data)
        if may_go_along(vintage):
            files |= {f"{name}/{file}": content for file, content in contents.items()}
        else:
            left_out[name] = f"a publisher's own file, licence {vintage.licence.id}: {vintage.licence.evidence}"
    # Only sources that are in use: a lock that names others would not fit the folder.
    used = {source.id: source.current.vintage for source in registry.sources.values()}
    files[LOCK] = (COMMENT + yaml.safe_dump({"current": used})).encode()
    if (raw_data / REGISTER).is_file():
        files[REGISTER] = _read(raw_data / REGISTER, raw_data)
    return RawFiles(files, left_out)


def may_go_along(vintage: Vintage) -> bool:
    """True for figures in the project's own layout, and for publishers' files with an evidenced licence."""
    return vintage.layout == "tidy" or vintage.licence.evidence in EVIDENCED


def _read(file: Path, raw_data: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise InputError(
            f"the file cannot be read: {error.strerror}",
            file=f"{raw_data.name}/{file.relative_to(raw_data).as_posix()}",
            remedy="restore it (git checkout) and run again; the former release stays current",
        ) from error
