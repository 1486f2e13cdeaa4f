"""What the measurements are held against, and what is said where one is missed.

Belongs here: the goals, as they were set before anything was measured. Not here: measuring. A goal that is missed stays
as it is, and its reason stands beside it.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.timing import Spread, ratios

Results = Mapping[str, Any]


@dataclass(frozen=True)
class Goal:
    """One goal.

    Attributes:
        what: the ratio or the seconds in words.
        at_most: the limit; met at the limit, too.
        found: what was measured; None where the section it needs was not.
        unit: `s`, or empty for a ratio.
        processor: the same by what the processors worked; on a busy machine far less than passed on the clock.
        why: the reason, and what was tried, for the day it is missed.
    """

    what: str
    at_most: float
    found: Callable[[Results], Spread | None]
    unit: str = ""
    processor: Callable[[Results], Spread | None] | None = None
    why: str = ""


@dataclass(frozen=True)
class Verdict:
    """A goal and what became of it: `met`, `missed`, `not measured`, or `doubtful`.

    A ratio is doubtful where the clock says one thing and the processors the other: the machine was too busy to tell.
    Seconds are held against the clock alone.
    """

    goal: Goal
    found: Spread | None
    processor: Spread | None = None

    @property
    def word(self) -> str:
        """The word for the table."""
        if self.found is None:
            return "not measured"
        met = self.found.median <= self.goal.at_most
        if not self.goal.unit and self.processor is not None and met != (self.processor.median <= self.goal.at_most):
            return "doubtful"
        return "met" if met else "missed"


def verdicts(results: Results) -> list[Verdict]:
    """Every goal against the results of the sections, by name of the section."""
    return [
        Verdict(goal, goal.found(results), None if goal.processor is None else goal.processor(results))
        for goal in GOALS
    ]


def wall(results: Results, section: str, name: str, clock: str = "wall") -> list[float] | None:
    """The seconds of one rival of a section, round by round: on the clock, or with `cpu` on the processors."""
    found = results.get(section, {}).get("seconds", {}).get(name)
    return None if found is None else found[clock]


def _ratio(section: str, one: str, other: str, clock: str = "wall") -> Callable[[Results], Spread | None]:
    def found(results: Results) -> Spread | None:
        above, below = wall(results, section, one, clock), wall(results, section, other, clock)
        return None if above is None or below is None else ratios(above, below)

    return found


def _seconds(section: str, name: str, clock: str = "wall") -> Callable[[Results], Spread | None]:
    def found(results: Results) -> Spread | None:
        seconds = wall(results, section, name, clock)
        return None if seconds is None else Spread.of(seconds)

    return found


def _start(what: str, name: str, why: str = "") -> Goal:
    """A command that must answer within half a second."""
    return Goal(what, 0.5, _seconds("startup", name), "s", _seconds("startup", name, "cpu"), why)


def _clone(results: Results) -> Spread | None:
    report, packages = wall(results, "clone", "make report"), wall(results, "clone", "packages")
    return None if report is None or packages is None else Spread.of([statistics.median(report) / min(packages)])


def _unexplained(results: Results) -> Spread | None:
    found = results.get("weight")
    return None if found is None else Spread.of([float(len(found["unexplained"]))])


def _large(of: Callable[[Mapping[str, Any]], float]) -> Callable[[Results], Spread | None]:
    """A figure of the largest files, of plain and zipped the worse one."""

    def found(results: Results) -> Spread | None:
        sizes = results.get("large", {}).get("sizes", [])
        largest = max((one["rows"] for one in sizes), default=0)
        return Spread.of([max(of(one) for one in sizes if one["rows"] == largest)]) if sizes else None

    return found


def _exponent(results: Results) -> Spread | None:
    found = results.get("large", {}).get("exponent")
    return None if found is None else Spread.of([found])


GOALS = (
    Goal(
        "`mo run` from nothing / plain script",
        1.25,
        _ratio("whole", "mo", "plain"),
        processor=_ratio("whole", "mo", "plain", "cpu"),
        why="What the plain script does not do: importing and starting Dagster, an event for every step and table in "
        "the history (SQLite), a check after each layer before the gate holds all of them again, the lineage of "
        "columns. In a run looked at step by step, a tenth of the seconds passed between its 70 steps.",
    ),
    Goal(
        "`mo run` / Dagster's multiprocess executor, a process a step",
        0.2,
        _ratio("multiprocess", "mo", "multiprocess"),
        processor=_ratio("multiprocess", "mo", "multiprocess", "cpu"),
        why="Measured once; the processor seconds of forked steps are not counted.",
    ),
    Goal(
        "one source changed / `mo run` from nothing",
        0.4,
        _ratio("whole", "changed", "mo"),
        processor=_ratio("whole", "changed", "mo", "cpu"),
        why="The figure that is revised stands in the source the comparisons of East and West rest on: its mean and "
        "the id of the release stand on every page and sheet, so all of them change. Drawings that are the same are "
        "remembered; results and pages are not. Imports and Dagster's start, a tenth of a run, remain as well.",
    ),
    _start("`mo run` with nothing to do", "mo run"),
    Goal(
        "`mo run` with nothing to do / Snakemake with nothing to do on the same graph",
        1.0,
        _ratio("startup", "mo run", "snakemake"),
        processor=_ratio("startup", "mo run", "snakemake", "cpu"),
    ),
    _start("`mo --help`", "mo --help"),
    _start(
        "`mo status`",
        "mo status",
        "Where nothing changed it hashes every byte once and reads two tables of the release with Polars; where "
        "something did, it asks Dagster's records which asset is stale, and importing Dagster alone takes longer.",
    ),
    _start(
        "`mo trace ID`",
        "mo trace",
        "It imports Polars and reads the tables of the release that the id may stand in.",
    ),
    Goal(
        "`make report` from a clone / installing the locked packages alone",
        1.4,
        _clone,
        why="Beside the packages it installs the project itself and computes everything once.",
    ),
    Goal("packages above 50 MB without a reason in docs/dependencies.md", 0.0, _unexplained),
    Goal(
        "20 million rows, file to marts / DuckDB's bare scan into one table",
        3.0,
        _large(lambda one: one["way"]["wall_seconds"] / one["scan"]["wall_seconds"]),
        processor=_large(lambda one: one["way"]["cpu_seconds"] / one["scan"]["cpu_seconds"]),
        why="Beside the scan the way sorts and hashes all lines, keeps every cell as printed with its line, types it "
        "with its bounds, and stores the rows three times (raw, staging, marts), each with a key that is held and a "
        "digest of every row. Tried, and kept: no index for keys (a GROUP BY holds them), core as a view over staging, "
        "digests of shorter texts than JSON, hashing and the making of frames in threads beside the writing, one "
        "compression of texts chosen beforehand.",
    ),
    Goal(
        "20 million rows: peak memory",
        1000.0,
        _large(lambda one: one["way"]["peak_mb"]),
        "MB",
        why="What lies above DuckDB's own limit of 512 MB is Python with its libraries, and the block of rows that is "
        "made while the former is written; blocks were made smaller, and Polars gives back what it no longer needs. "
        "The zipped file was measured later, with a limit of 400 MB; its peak is what a statement would leave that did "
        "not get along with so little and was done again with two gigabytes. Which one it was, nobody looked.",
    ),
    Goal("exponent of growth, 100 thousand to 20 million rows", 1.05, _exponent),
    Goal(
        "20 million rows: warehouse / CSV, in bytes", 0.4, _large(lambda one: one["warehouse_bytes"] / one["csv_bytes"])
    ),
    Goal(
        "20 million rows: lines of a sampled 1 % that are not what the tables say",
        0.0,
        _large(lambda one: float(one["lines_traced"] - one["lines_equal"])),
    ),
)
