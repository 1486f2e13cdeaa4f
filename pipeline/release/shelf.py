"""The releases that are kept: which there are, which is current, going back to one, letting old ones go, export.

Belongs here: whole release folders beside each other. Not here: what is in one (write.py, read.py), or whether it is
whole (seal.py).

`history.json` beside the releases says in which order they were published; clocks are for the reader alone, since one
that was put back must not decide what is removed.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import json
import os
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import InputError
from pipeline.release import seal

CURRENT = "current"
HISTORY = "history.json"
KEPT = 5


@dataclass(frozen=True)
class Kept:
    """A release that is kept: its id, when it was published (UTC; None where not known), whether it is current."""

    release_id: str
    published: str | None
    is_current: bool


@contextmanager
def alone(releases: Path) -> Iterator[None]:
    """Keep other publishers out for a moment; the lock goes with the process, however it ends.

    Raises:
        InputError: the folder of releases is a link, so it leads somewhere else.
    """
    if releases.is_symlink():
        raise InputError(
            "the folder of releases is a link",
            file=releases,
            remedy="remove the link; AUGENHOEHE_BUILD moves everything generated to another place",
        )
    releases.mkdir(parents=True, exist_ok=True)
    handle = os.open(releases, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def current(releases: Path) -> Path | None:
    """The folder `current` points to; None where there is none.

    Raises:
        InputError: `current` is no link, or leads anywhere but to a release beside it.
    """
    link = releases / CURRENT
    if not link.is_symlink():
        if link.exists():
            raise InputError("this is no link to a release", file=link, remedy="remove it and run `mo run`")
        return None
    target = link.readlink()
    if not seal.is_id(str(target)) or (releases / target).is_symlink():
        raise InputError(
            f"the link leads to {target}, which is no release beside it",
            file=link,
            remedy="`mo release rollback ID` points it to a release again, `mo release list` shows them",
        )
    return releases / target if (releases / target).is_dir() else None


def kept(releases: Path) -> list[Kept]:
    """The releases on disk, the one published last first; those of unknown age come last."""
    times = {one["id"]: one["published"] for one in _history(releases)}
    order = list(times)
    there = sorted(path.name for path in _folders(releases))
    there.sort(key=lambda name: order.index(name) if name in order else -1, reverse=True)
    try:
        now = current(releases)
    except InputError:
        now = None  # `verify` and every reader tell; the list must help to mend it
    return [Kept(name, times.get(name), now is not None and now.name == name) for name in there]


def find(releases: Path, name: str | None) -> Path:
    """The folder of a release by its id, or by its first letters where only one begins so; the current one without.

    Raises:
        InputError: there is none, or several begin so.
    """
    if name is None:
        now = current(releases)
        if now is None:
            raise InputError("there is no current release", file=releases / CURRENT, remedy="`mo run` makes one")
        return now
    found = [path for path in _folders(releases) if name and path.name.startswith(name)]
    if len(found) != 1:
        raise InputError(
            f"there is no release {name!r}" if not found else f"several releases begin with {name}",
            file=releases,
            remedy="`mo release list` shows them",
        )
    return found[0]


def require_whole(folder: Path) -> None:
    """Refuse a release of which a byte is wrong.

    Raises:
        InputError: names every file that is not what the manifest says.
    """
    found = seal.problems(folder)
    if found:
        raise InputError(
            f"the release is damaged: {'; '.join(found)}",
            file=folder.name,
            remedy="`mo run` makes it again from raw_data, or go back with `mo release rollback`",
        )


def remember(releases: Path, release_id: str) -> None:
    """Put a release at the end of the history, before it appears: one that is not there yet is passed over."""
    entries = [one for one in _history(releases) if one["id"] != release_id and (releases / one["id"]).is_dir()]
    now = dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    text = json.dumps([*entries, {"id": release_id, "published": now}], indent=1) + "\n"
    write_in_one_step(releases / HISTORY, text.encode())


def point(releases: Path, release_id: str) -> None:
    """Make `current` point to a release in one step: readers see the old one or the new one, never none."""
    fresh = releases / f".{CURRENT}-{os.getpid()}"
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(release_id)
    fresh.replace(releases / CURRENT)


def roll_back(releases: Path, name: str) -> tuple[Path | None, Path]:
    """Make another release the current one, once every file of it was read and found right.

    Returns:
        The folder that was current (None where none was) and the one that is.

    Raises:
        InputError: there is no such release, or it is damaged; `current` stays.
    """
    with alone(releases):
        target = find(releases, name)
        require_whole(target)
        try:
            former = current(releases)
        except InputError:
            former = None  # a link that leads astray is what this mends
        point(releases, target.name)
    return former, target


def prune(releases: Path, *, keep: int = KEPT) -> list[str]:
    """Remove all but the releases published last; the current one stays, however old.

    Returns:
        The ids that were removed.
    """
    with alone(releases):
        return prune_now(releases, keep=keep)


def prune_now(releases: Path, *, keep: int = KEPT) -> list[str]:
    """As `prune`, for who keeps the others out already."""
    current(releases)  # a link that leads astray is told before anything is removed
    gone = [one.release_id for one in kept(releases)[keep:] if not one.is_current]
    for name in gone:
        # Out of sight first, so that one half removed never passes for a release.
        hidden = releases / f".removed-{name}-{os.getpid()}"
        (releases / name).rename(hidden)
        shutil.rmtree(hidden)
    return gone


def export(folder: Path, file: Path, *, name: str) -> None:
    """Write a folder as a ZIP: equal folders, equal bytes, whatever machine, clock or version of zlib.

    Stored and not compressed, because libraries compress differently.

    Args:
        folder: a package (package.py), or a release.
        file: the ZIP to write, in one step.
        name: the one folder in it.

    Raises:
        InputError: the file cannot be written.
    """
    partial = file.with_name(f".{file.name}-{os.getpid()}")
    try:
        with zipfile.ZipFile(partial, "w", zipfile.ZIP_STORED) as archive:
            for path in sorted(path for path in folder.rglob("*") if path.is_file()):
                info = zipfile.ZipInfo(f"{name}/{path.relative_to(folder).as_posix()}")
                info.create_system = 3  # as on Linux and macOS, so that the mode below counts
                info.external_attr = 0o100644 << 16
                archive.writestr(info, path.read_bytes())
        partial.replace(file)
    except OSError as error:
        raise InputError(
            f"the file cannot be written: {error.strerror}", file=file, remedy="name a file in a folder with room"
        ) from error
    finally:
        with suppress(OSError):  # where it could never be begun, there is nothing to remove
            partial.unlink()


def write_in_one_step(file: Path, data: bytes) -> None:
    """Replace a file by a whole new one."""
    fresh = file.with_name(f".{file.name}-{os.getpid()}")
    try:
        fresh.write_bytes(data)
        fresh.replace(file)
    finally:
        with suppress(OSError):
            fresh.unlink()


def _folders(releases: Path) -> list[Path]:
    if not releases.is_dir():
        return []
    return [path for path in releases.iterdir() if seal.is_id(path.name) and path.is_dir() and not path.is_symlink()]


def _history(releases: Path) -> list[dict[str, str]]:
    """What was published when, the last one last; empty where the file is missing or spoilt: it is a convenience."""
    try:
        entries = json.loads((releases / HISTORY).read_text("utf-8"))
        return [
            {"id": one["id"], "published": one["published"]}
            for one in entries
            if seal.is_id(one["id"]) and isinstance(one["published"], str)
        ]
    except (OSError, ValueError, TypeError, KeyError):
        return []
