"""The whole job: `mo run` against a plain script, against a process a step, and against itself after one change.

Belongs here: running the three on copies of the project. Not here: the script (plain.py).
"""

from __future__ import annotations

import json
import re
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks import folders
from benchmarks.timing import MO, PROGRAMS, Run, measured, of_the_project
from pipeline.errors import InputError
from pipeline.settings import Settings
from pipeline.warehouse import LAYERS, TABLES, Warehouse

PLAIN = [sys.executable, "-m", "benchmarks.plain"]


@contextmanager
def copies(*names: str) -> Iterator[list[Path]]:
    """Copies of the project in which nothing is computed, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="augenhoehe-bench-") as name:
        made = [Path(name).resolve() / one for one in names]
        for folder in made:
            folder.mkdir()
            folders.whole(folder)
        yield made


def mo(folder: Path, *arguments: str) -> Run:
    """`mo` in a project folder."""
    return measured([*MO, *arguments], folder, of_the_project())


def compare(rounds: int) -> dict[str, Any]:
    """Round by round: plain script and `mo run` from nothing in turn, then one figure revised and `mo run` again.

    Raises:
        InputError: the two do not leave the same tables, release and pages.
    """
    found: dict[str, list[Run]] = {"plain": [], "mo": [], "changed": []}
    parts: list[dict[str, float]] = []
    said = ""
    for number in range(rounds):
        print(f"  round {number + 1} of {rounds}", file=sys.stderr, flush=True)
        with copies("plain", "mo") as (plain, whole):

            def script(folder: Path = plain) -> None:
                done = measured([*PLAIN, str(folder)], folder, of_the_project())
                found["plain"].append(done)
                parts.append(json.loads(done.said.strip().splitlines()[-1]))

            def run(folder: Path = whole) -> None:
                found["mo"].append(mo(folder, "run"))

            for act in (script, run) if number % 2 == 0 else (run, script):
                act()
            if unequal := differences(plain, whole):
                raise InputError(
                    "plain script and `mo run` do not agree:\n  " + "\n  ".join(unequal[:10]),
                    file="benchmarks/plain.py",
                    remedy="do there what pipeline/assets does; nothing was written",
                )
            folders.revise_figure(whole)
            found["changed"].append(mo(whole, "run"))
            said = next(line for line in found["changed"][-1].said.splitlines() if "assets" in line)
    return {
        "seconds": {
            name: {"wall": [run.wall_seconds for run in runs], "cpu": [run.cpu_seconds for run in runs]}
            for name, runs in found.items()
        },
        "plain_parts": {part: statistics.median(one[part] for one in parts) for part in parts[0]},
        "changed_computes": re.sub(r"\s+", " ", said),
    }


def multiprocess() -> dict[str, Any]:
    """Once: Dagster's multiprocess executor on the same definitions, with `mo run` before it."""
    with copies("mo", "apart") as (whole, apart):
        one = mo(whole, "run")
        home = apart / ".dagster"
        home.mkdir()
        (home / "dagster.yaml").symlink_to("../dagster.yaml")
        command = [str(PROGRAMS / "python"), "-m", "dagster", "asset", "materialize", "--select", "*"]
        other = measured(
            [*command, "-m", "pipeline.definitions"],
            apart,
            of_the_project(DAGSTER_HOME=str(home), AUGENHOEHE_EXECUTOR="multiprocess"),
        )
        unequal = differences(apart, whole)
    return {
        "seconds": {
            name: {"wall": [run.wall_seconds], "cpu": [run.cpu_seconds]}
            for name, run in (("mo", one), ("multiprocess", other))
        },
        "differences": unequal,
    }


def differences(one: Path, other: Path) -> list[str]:
    """What two project folders in which everything was computed have that differs: tables by digest, release, pages."""
    left, right = (Settings.resolve(folder, env={}) for folder in (one, other))
    tables = [digests(settings) for settings in (left, right)]
    found = [
        f"{name}: other rows" for name in sorted(tables[0] | tables[1]) if tables[0].get(name) != tables[1].get(name)
    ]
    releases = [(settings.releases / "current").resolve().name for settings in (left, right)]
    if releases[0] != releases[1]:
        found.append(f"release {releases[0]} against {releases[1]}")
    pages = [
        {page.relative_to(settings.report.parent): page.read_bytes() for page in settings.report.parent.rglob("*.html")}
        for settings in (left, right)
    ]
    return found + [f"page {name}" for name in sorted(pages[0] | pages[1]) if pages[0].get(name) != pages[1].get(name)]


def digests(settings: Settings) -> dict[str, str]:
    """The digest of every table in a warehouse."""
    warehouse = Warehouse(settings.warehouse)
    with warehouse.session() as con:
        rows = con.execute(TABLES).fetchall()
        return warehouse.digests(f"{schema}.{name}" for schema, name in rows if schema in LAYERS)


@contextmanager
def finished() -> Iterator[Path]:
    """A copy of the project in which `mo run` has ended."""
    with copies("finished") as (folder,):
        mo(folder, "run")
        yield folder
