"""`mo doctor`: what is damaged or missing in a project folder, told with its remedy, and set aside on request.

Belongs here: looking at raw_data, room, history, warehouse, releases and page, one finding each; making way for a run.
Not here: building anything anew (run.py), how far disk, lock and release agree vintage by vintage (status.py).

Nothing is deleted that a run cannot make again: what is damaged is renamed. The warehouse and the releases follow from
raw_data alone, so whatever is set aside here comes back with equal digests.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import InputError
from pipeline.one_run import holder, leftovers, remove
from pipeline.settings import Settings

RUN = "`mo run` builds it anew from raw_data"
MIN_FREE_BYTES = 500_000_000


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it should be.

    Attributes:
        what: what is wrong, and where.
        remedy: what to do.
        mend: makes way for the next run and says how; None where a person or the run itself has to act.
    """

    what: str
    remedy: str
    mend: Callable[[], str] | None = None

    def __str__(self) -> str:
        return " ".join(f"{self.what}; remedy: {self.remedy}".split())


def examine(settings: Settings, *, alone: bool = False) -> list[Finding]:
    """Everything that is damaged, missing or not fresh; an empty list means all is well. Nothing is written.

    Args:
        alone: this process holds the lock of runs, so no other run is at work.
    """
    found = [*_inputs(settings), *_room(settings)]
    at_work = None if alone else holder(settings.build)
    if at_work is not None:
        told = Finding(f"{at_work} is at work", "look again when it has ended; the release is whole meanwhile")
        return [*found, told, *_releases(settings)]
    readable = not found
    damaged = [*_history(settings), *_warehouse(settings), *_releases(settings), *_page(settings)]
    found += [*damaged, *_left_over(settings)]
    # What is damaged is due anyway, and what is due cannot be told without it.
    return found if damaged or not readable else [*found, *_due(settings)]


def _of(error: InputError) -> Finding:
    place = ", ".join(part for part in (error.file, f"line {error.line}" if error.line else None) if part)
    return Finding(f"{place}: {error.message}" if place else error.message, error.remedy or "see the message")


def _inputs(settings: Settings) -> Iterator[Finding]:
    from pipeline.project import open_project
    from pipeline.registry import verify

    try:
        project = open_project(settings)
    except InputError as error:
        yield _of(error)
        return
    for vintage in project.registry.vintages:
        try:
            verify(vintage)
        except InputError as error:
            yield _of(error)


def _room(settings: Settings) -> Iterator[Finding]:
    import tempfile

    there = next(folder for folder in (settings.build, *settings.build.parents) if folder.exists())
    if not os.access(there, os.W_OK | os.X_OK):
        yield Finding(f"{there} cannot be written", "mend the rights of the folder")
    for folder in dict.fromkeys((there, Path(tempfile.gettempdir()))):
        free = shutil.disk_usage(folder).free
        if free < MIN_FREE_BYTES:
            yield Finding(f"{free / 1e6:.0f} MB are free in {folder}", "make room: a run needs some hundred MB")


def _history(settings: Settings) -> Iterator[Finding]:
    home = Path(os.environ.get("DAGSTER_HOME") or settings.dagster_home)
    if not home.is_dir():
        yield Finding("there is no history of runs (.dagster)", "`mo run` begins a new one and computes everything")
        return
    own = home.resolve() == settings.dagster_home.resolve()
    for file in sorted(home.rglob("*.db")):
        wrong = _wrong_with(file)
        if wrong is not None:
            yield Finding(
                f"the history of runs is damaged: {file.relative_to(home)}: {wrong}",
                "`mo doctor --repair` sets .dagster aside; no figure is in it"
                if own
                else "restore the folder that DAGSTER_HOME names",
                mend=(lambda: _aside(home)) if own else None,
            )
            return
    yield from _dead_runs(settings, home)


def _wrong_with(file: Path) -> str | None:
    """What SQLite says is wrong with a database; None when it is sound."""
    try:
        con = sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True, timeout=5.0)
        try:
            ((said, *_), *_) = con.execute("PRAGMA quick_check(1)").fetchall()
        finally:
            con.close()
    except sqlite3.DatabaseError as error:
        return str(error)
    return None if said == "ok" else str(said).splitlines()[-1]


def _dead_runs(settings: Settings, home: Path) -> Iterator[Finding]:
    if not (home / "dagster.yaml").is_file():
        return
    import dagster as dg

    from pipeline.places import dead

    with dg.DagsterInstance.from_config(str(home)) as instance:
        for run in dead(instance, settings):
            yield Finding(f"run {run.run_id} was killed and its books are open", "the next `mo run` closes them")


def _warehouse(settings: Settings) -> Iterator[Finding]:
    from pipeline.project import warehouse_of
    from pipeline.warehouse import DamagedError

    warehouse = warehouse_of(settings)
    if not warehouse.is_there():
        yield Finding("there is no warehouse", RUN)
        return
    wrong = warehouse.damage()
    if isinstance(wrong, DamagedError):
        damaged = wrong
        yield Finding(wrong.message, RUN, mend=lambda: warehouse.set_aside(damaged))
    elif wrong is not None:
        yield _of(wrong)


def _releases(settings: Settings) -> Iterator[Finding]:
    from pipeline.release import seal, shelf

    releases, link = settings.releases, settings.releases / shelf.CURRENT
    try:
        current = shelf.current(releases)
    except InputError as error:
        current = None
        yield Finding(error.message, f"`mo doctor --repair`, or {error.remedy}", mend=lambda: _aside(link))
    else:
        if current is None:
            gone = f"the current release {link.readlink()} is gone" if link.is_symlink() else "there is no release"
            yield Finding(gone, RUN)
    for one in shelf.kept(releases):
        folder = releases / one.release_id
        wrong = seal.problems(folder)
        if not wrong:
            continue
        told = f"release {one.release_id} is damaged: {wrong[0]}" + (f", and {len(wrong) - 1} more" * (len(wrong) > 1))
        if one.is_current:
            # It stays until the run puts a whole one in its place: readers always see one.
            yield Finding(told, RUN)
        else:
            yield Finding(
                told, "`mo doctor --repair` sets it aside; a rollback refuses it", mend=lambda at=folder: _aside(at)
            )


def _page(settings: Settings) -> Iterator[Finding]:
    from pipeline.release import shelf

    try:
        current = shelf.current(settings.releases)
    except InputError:
        return
    if current is None:
        return
    sheets = sorted(settings.state_sheets.glob("*.html"))
    if not sheets:
        yield Finding("there is no sheet of a state", "`mo run` renders them")
    for page in (*settings.pages.values(), *settings.summaries.values(), *sheets):
        name = page.relative_to(settings.report.parent)
        text = page.read_text("utf-8", "replace") if page.is_file() else None
        if text is None:
            yield Finding(f"there is no page {name}", "`mo run` renders it")
        elif not text.rstrip().endswith("</html>"):
            yield Finding(f"the page is not whole: {name}", "`mo run` renders it again")
        elif current.name not in text:
            yield Finding(f"the page is not of release {current.name}: {name}", "`mo run`, or `mo report`, renders it")


def _left_over(settings: Settings) -> Iterator[Finding]:
    for path in leftovers(settings.build, older_than_seconds=0.0):
        shown = path.relative_to(settings.build)
        yield Finding(
            f"{shown} is half written",
            "`mo doctor --repair` removes it, and so does `mo run` after an hour",
            mend=lambda at=path, shown=shown: remove(at) or f"{shown} is removed",
        )


def _due(settings: Settings) -> Iterator[Finding]:
    from pipeline.status import due, status

    try:
        found = status(settings)
        for told in found.other_current:
            yield Finding(told, "`mo run` computes what the lock says")
        coming = due(settings, found)
    except InputError as error:
        yield _of(error)
        return
    if not coming.of:
        yield Finding("nothing was computed yet", "`mo run`")
    elif coming.reasons:
        asset, reason = next(iter(coming.reasons.items()))
        many = f"{len(coming.reasons)} of {coming.of} assets are not fresh"
        yield Finding(f"{many}, such as {asset}: {reason}", "`mo run` computes them; `mo status` names them")


def _aside(path: Path) -> str:
    """Rename what is damaged, in place of what was set aside before it; a link, which holds nothing, is removed."""
    if path.is_symlink():
        path.unlink()
        return f"the link {path.name} is removed"
    aside = path.with_name(f"{path.name}.damaged")
    remove(aside)
    path.rename(aside)
    return f"{path.name} is kept as {aside.name}"
