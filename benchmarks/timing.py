"""How long a command takes as a whole process, children included, and what several runs of it say.

Belongs here: one clock for everybody. Not here: which commands (the sections), what counts as good (goals.py).

Seconds of a shared machine are noise. So rivals take turns within a round, the order turns with every round, and a
ratio is taken within its round before the median is.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import InputError

REPOSITORY = Path(__file__).parents[1]
# Nothing measured here may ask the network on its own.
QUIET = {
    "DVC_NO_ANALYTICS": "1",
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    "DO_NOT_TRACK": "1",
    "DAGSTER_DISABLE_TELEMETRY": "yes",
    "NO_COLOR": "1",
}


@dataclass(frozen=True)
class Run:
    """One finished process: seconds on the clock and processors, exit status, what it said, its peak memory in MB."""

    wall_seconds: float
    cpu_seconds: float
    status: int
    said: str
    peak_mb: float


@dataclass(frozen=True)
class Spread:
    """Several runs of one thing: median, least and most."""

    median: float
    least: float
    most: float
    n: int

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """The spread of at least one value."""
        return cls(statistics.median(values), min(values), max(values), len(values))

    def words(self, digits: int = 2) -> str:
        """`1.23 (1.20–1.31)`; of a single value the value alone."""
        if self.n == 1:
            return f"{self.median:.{digits}f}"
        return f"{self.median:.{digits}f} ({self.least:.{digits}f}–{self.most:.{digits}f})"


def environment(bin_folder: Path | None = None, **more: str) -> dict[str, str]:
    """The environment of a measured process: the caller's without settings of this project, its own programs first."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AUGENHOEHE_", "DAGSTER_", "VIRTUAL_ENV", "PYTHON"))
    }
    path = {"PATH": f"{bin_folder}{os.pathsep}{kept.get('PATH', '')}"} if bin_folder else {}
    return {**kept, **QUIET, **path, **more}


def of_the_project(**more: str) -> dict[str, str]:
    """The environment of a process of this project: this checkout's code, the renderer everybody has."""
    return environment(PROGRAMS, PYTHONPATH=str(REPOSITORY), AUGENHOEHE_RENDERER="builtin", **more)


PROGRAMS = Path(sys.executable).parent
MO = [str(PROGRAMS / "mo")]


def measured(command: Sequence[str], folder: Path, env: Mapping[str, str], *, must_end_well: bool = True) -> Run:
    """Run a command to its end and ask the system what it took, itself and all its children.

    Raises:
        InputError: it ends with another status than 0, and `must_end_well`.
    """
    with tempfile.TemporaryFile() as said:
        started = time.perf_counter()
        process = subprocess.Popen(list(command), cwd=folder, env=dict(env), stdout=said, stderr=said)  # noqa: S603
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        words = said.read().decode("utf-8", "replace")
    run = Run(wall, used.ru_utime + used.ru_stime, process.returncode, words, used.ru_maxrss / 1024)
    if must_end_well and run.status != 0:
        last = "\n  ".join(words.strip().splitlines()[-15:])
        raise InputError(
            f"a measured command ends with {run.status}: {' '.join(command)}\n  {last}",
            file=folder,
            remedy="run it there by hand",
        )
    return run


def taking_turns(rivals: Mapping[str, Callable[[], Run]], rounds: int) -> dict[str, list[Run]]:
    """Every rival once a round, in an order that turns by one with every round."""
    names = list(rivals)
    found: dict[str, list[Run]] = {name: [] for name in names}
    for number in range(rounds):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            found[name].append(rivals[name]())
    return found


def ratios(one: Sequence[float], other: Sequence[float]) -> Spread:
    """one/other, round by round."""
    return Spread.of([a / b for a, b in zip(one, other, strict=True)])
