"""Building a release again from raw_data in a clean folder, and holding every byte against the published one.

Belongs here: what `mo verify` does. Not here: whether a release is what it was when it was published (release/seal.py).

The second build shares nothing with the first but the code and what lies under raw_data, sql and reports: another
folder, another time zone and locale, one thread instead of all, and, where asked, a process a step or another Python.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import InputError
from pipeline.settings import Settings

# What a run needs of a project.
INPUTS = ("raw_data", "sql", "reports", "dagster.yaml")
# A machine on the other side of the world: nothing of it may show.
ELSEWHERE = {"TZ": "Pacific/Auckland", "LC_ALL": "C", "LANG": "C", "PYTHONHASHSEED": "1"}
THREADS = ("POLARS_MAX_THREADS", "RAYON_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")
MOST = 20


@dataclass(frozen=True)
class Way:
    """How the second build differs from the first.

    Attributes:
        threads: of Polars and the numerical libraries; None leaves them all.
        steps_apart: a process a step, by Dagster's own command line, instead of one process for all.
        python: another interpreter that has this project installed; None takes this one.
    """

    threads: int | None = 1
    steps_apart: bool = False
    python: Path | None = None

    def words(self) -> str:
        """The way in words."""
        threads = "as many threads as there are" if self.threads is None else f"threads: {self.threads}"
        where = "time zone Pacific/Auckland, locale C"
        apart = "a process a step" if self.steps_apart else "one process"
        return f"{threads}, {apart}, {where}, {self.python or 'this Python'}"


def rebuild(settings: Settings, way: Way, tell: Callable[[str], None]) -> list[str]:
    """Build everything again in a folder of its own and compare.

    Args:
        settings: of the project whose current release and pages are verified.
        way: how the second build differs.
        tell: takes lines of progress.

    Returns:
        Every difference: files that differ, with the first cell that does where they are tables; empty if all is equal.

    Raises:
        InputError: there is no release, it was computed with another lock, or the second build does not end well.
    """
    from pipeline.release import open_release

    published = open_release(settings.releases / "current")
    if published.manifest["lock"]:
        raise InputError(
            f"the current release was computed with the lock {published.manifest['lock']}",
            file=settings.releases / "current",
            remedy="run `mo run` with the project's own lock first",
        )
    with tempfile.TemporaryDirectory(prefix="augenhoehe-again-") as name:
        folder = Path(name).resolve() / "augenhoehe elsewhere"
        folder.mkdir()
        for given in INPUTS:
            _copy(settings.root / given, folder / given)
        tell(f"building again: {way.words()}")
        _run(folder, way)
        again = open_release(folder / "build/release/current")
        pages = Settings.resolve(folder, env={}).report.parent
        return [*_releases(published.folder, again.folder), *_pages(settings.report.parent, pages)]


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", ".quarto"))
    elif source.is_file():
        shutil.copy(source, target)


def _run(folder: Path, way: Way) -> None:
    """The whole way in `folder`, as somebody else would go it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AUGENHOEHE_", "DAGSTER_"))}
    threads = dict.fromkeys(THREADS, str(way.threads)) if way.threads is not None else {}
    command, more = ["-c", "from pipeline.cli import main; main()", "run"], {}
    if way.steps_apart:
        home = folder / ".dagster"
        home.mkdir()
        (home / "dagster.yaml").symlink_to("../dagster.yaml")
        command = ["-m", "dagster", "asset", "materialize", "--select", "*", "-m", "pipeline.definitions"]
        more = {"DAGSTER_HOME": str(home), "AUGENHOEHE_EXECUTOR": "multiprocess"}
    done = subprocess.run(  # noqa: S603
        [str(way.python or sys.executable), *command],
        cwd=folder,
        env={**kept, **ELSEWHERE, **threads, **more, "AUGENHOEHE_RENDERER": "builtin"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        last = "\n  ".join((done.stderr or done.stdout).strip().splitlines()[-MOST:])
        raise InputError(
            f"the second build does not end well:\n  {last}", remedy="mend what it says, then verify again"
        )


def _releases(published: Path, again: Path) -> Iterator[str]:
    from pipeline.release import open_release
    from pipeline.release.difference import difference

    one, other = open_release(published), open_release(again)
    if one.id == other.id:
        return
    yield f"release: {one.id} published, {other.id} built again"
    yield from (f"  {line}" for line in difference(one, other))


def _pages(published: Path, again: Path) -> Iterator[str]:
    names = {path.relative_to(folder).as_posix() for folder in (published, again) for path in folder.rglob("*.html")}
    for name in sorted(names):
        one, other = published / name, again / name
        if not (one.is_file() and other.is_file()):
            yield f"{name}: only {'published' if one.is_file() else 'built again'}"
        elif one.read_bytes() != other.read_bytes():
            yield f"{name}: differs {_first(one.read_text('utf-8'), other.read_text('utf-8'))}"


def _first(one: str, other: str) -> str:
    """Where two texts part, with the words there."""
    at = next((index for index, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), len(one))
    return f"from character {at}: {one[at : at + 60]!r} published, {other[at : at + 60]!r} built again"
