"""What `mo status` tells: how far disk, lock, warehouse and release agree, and what the next run would compute.

Belongs here: comparing what is written down in the four places, asking for the plan of a run. Not here: running
anything, the terminal; Dagster is asked only when hashes alone cannot tell.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline import fingerprint
from pipeline.errors import InputError
from pipeline.settings import Settings

if TYPE_CHECKING:
    import polars as pl

    from pipeline.registry import Registry, Vintage

SAME, OTHER, ABSENT, UNKNOWN = "same content", "other content", "not loaded", "not known"
TABLES = ("core.vintage", "core.source")
LEFT_OUT = "left out"
MARKS = {"current": "*", "waits": "+", "earlier": " ", LEFT_OUT: "-", "gone from disk": "?"}


@dataclass(frozen=True)
class Held:
    """What a warehouse or a release holds: hashes by (source, vintage), the current vintage by source."""

    content: Mapping[tuple[str, str], str]
    current: Mapping[str, str]


@dataclass(frozen=True)
class Line:
    """One vintage: its part (a key of MARKS), and what warehouse and release hold of it."""

    source: str
    vintage: str
    part: str
    warehouse: str
    release: str


@dataclass(frozen=True)
class Status:
    """The state of a project folder.

    Attributes:
        lines: one a vintage, by source and then by order.
        other_current: sentences on sources of which warehouse or release have another vintage current than the lock.
        files: what is wrong with files, each with its remedy.
        unseen: why warehouse or release could not be looked at.
        release_id: id of the current release, None without one.
        untouched: how many assets there are, where every byte is that of the end of the last run; else None.
    """

    lines: tuple[Line, ...]
    other_current: tuple[str, ...]
    files: tuple[str, ...]
    unseen: tuple[str, ...]
    release_id: str | None
    untouched: int | None

    @property
    def fresh(self) -> bool:
        """True when warehouse and release were seen and hold exactly what disk and lock say."""
        told = (self.other_current, self.files, self.unseen)
        return not any(told) and all(_agrees(line) for line in self.lines)


@dataclass(frozen=True)
class Due:
    """What the next run has to look at.

    Attributes:
        reasons: the assets that are not fresh, `layer.name`, each with a sentence that says why.
        follow: how many more depend on them; a run computes those of which an input then has another content.
        of: how many assets there are; 0 when there is no history of runs, and so everything is due.
    """

    reasons: Mapping[str, str]
    follow: int
    of: int

    @property
    def nothing(self) -> bool:
        """True when a run would compute nothing."""
        return self.of > 0 and not self.reasons


def due(settings: Settings, found: Status) -> Due:
    """What the next `mo run` would do; nothing is written, and nobody is waited for.

    Args:
        found: what `status` told a moment ago, so that no byte is hashed twice.

    Raises:
        InputError: a source.yml, the lock or an SQL contract is wrong, or another process holds the warehouse.
    """
    if found.untouched is not None:
        return Due({}, 0, found.untouched)
    home = Path(os.environ.get("DAGSTER_HOME") or settings.dagster_home)
    if not (home / "dagster.yaml").is_file():
        return Due({}, 0, 0)

    import dagster as dg

    from pipeline.assets.publication import lying
    from pipeline.definitions import build_definitions
    from pipeline.freshness import plan
    from pipeline.project import open_project, warehouse_of

    project = replace(open_project(settings), warehouse=warehouse_of(settings))
    with dg.DagsterInstance.from_config(str(home)) as instance:
        coming = plan(build_definitions(project), instance, partial(lying, project))
    reasons = {".".join(key.path): reason for key, reason in coming.reasons.items()}
    return Due(reasons, len(coming.selected) - len(reasons), len(coming.every))


def status(settings: Settings) -> Status:
    """Compare disk, lock, warehouse and release; nothing is written, and nobody is waited for.

    Raises:
        InputError: raw_data or the lock is wrong.
    """
    # Then every byte is that of the end of the last run, which held the files against their source.yml and left the
    # same in warehouse and release: nothing has to be read twice, and nothing heavy is imported.
    last = fingerprint.last_run(settings, fingerprint.of_inputs(settings))
    return _compared(settings) if last is None else _as_left(last)


def _as_left(last: fingerprint.LastRun) -> Status:
    held = {True: ABSENT, False: SAME}
    return Status(
        lines=tuple(
            Line(source, vintage, part, held[part == LEFT_OUT], held[part == LEFT_OUT])
            for source, vintage, part in last.vintages
        ),
        other_current=(),
        files=(),
        unseen=(),
        release_id=last.release_id,
        untouched=last.assets,
    )


def _compared(settings: Settings) -> Status:
    from pipeline.registry import load_registry, read_lock
    from pipeline.release import open_release

    registry = load_registry(settings.raw_data, read_lock(settings.lock))
    unseen: list[str] = []
    warehouse = release = None
    release_id = None
    try:
        warehouse = _in_warehouse(settings)
    except InputError as error:
        unseen.append(str(error))
    try:
        opened = open_release(settings.releases / "current")
        release = _held({table: opened.table(table) for table in TABLES})
        release_id = opened.id
    except InputError as error:
        unseen.append(str(error))
    return Status(
        lines=tuple(_lines(registry, warehouse, release)),
        other_current=tuple(_other_current(registry, {"warehouse": warehouse, "release": release})),
        files=tuple(_wrong_files(registry)),
        unseen=tuple(unseen),
        release_id=release_id,
        untouched=None,
    )


def _in_warehouse(settings: Settings) -> Held:
    from pipeline.project import warehouse_of

    return _held(warehouse_of(settings).look(TABLES))


def _held(frames: Mapping[str, pl.DataFrame]) -> Held:
    vintages = frames["core.vintage"].select("source_id", "vintage_id", "content_sha256")
    sources = frames["core.source"].select("source_id", "current_vintage_id")
    return Held(
        content={(source, vintage): content for source, vintage, content in vintages.iter_rows()},
        current=dict(sources.iter_rows()),
    )


def parts(registry: Registry) -> list[tuple[str, str, str]]:
    """Source, vintage and part (a key of MARKS) of every vintage on disk, by source and then by order."""
    return [(one.source, one.vintage, _part(registry, one)) for one in _vintages(registry)]


def _vintages(registry: Registry) -> list[Vintage]:
    everything = {name: source.vintages for name, source in registry.sources.items()} | dict(registry.left_out)
    return [vintage for name in sorted(everything) for vintage in everything[name]]


def _lines(registry: Registry, warehouse: Held | None, release: Held | None) -> list[Line]:
    of = {(source, vintage): part for source, vintage, part in parts(registry)}
    content = {(one.source, one.vintage): one.content_sha256 for one in _vintages(registry)}
    for held in (warehouse, release):
        for key in sorted(held.content) if held is not None else []:
            of.setdefault(key, "gone from disk")

    def compared(held: Held | None, key: tuple[str, str]) -> str:
        if held is None:
            return UNKNOWN
        if key not in held.content:
            return ABSENT
        return SAME if held.content[key] == content.get(key) else OTHER

    return [Line(*key, part, compared(warehouse, key), compared(release, key)) for key, part in of.items()]


def _part(registry: Registry, vintage: Vintage) -> str:
    source = registry.sources.get(vintage.source)
    if source is None:
        return LEFT_OUT
    if vintage is source.current:
        return "current"
    return "waits" if vintage in source.waiting else "earlier"


def _agrees(line: Line) -> bool:
    expected = ABSENT if line.part in (LEFT_OUT, "gone from disk") else SAME
    return {line.warehouse, line.release} == {expected}


def _other_current(registry: Registry, places: Mapping[str, Held | None]) -> list[str]:
    return [
        f"{name}: the lock has {source.current.vintage}, the {place} {held.current[name]}"
        for name, source in registry.sources.items()
        for place, held in places.items()
        if held is not None and held.current.get(name, source.current.vintage) != source.current.vintage
    ]


def _wrong_files(registry: Registry) -> list[str]:
    from pipeline.registry import verify

    found = []
    for vintage in _vintages(registry):
        try:
            verify(vintage)
        except InputError as error:
            found.append(str(error))
    return found
