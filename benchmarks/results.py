"""The results: kept as JSON, printed as tables, rendered as docs/benchmarks.md.

Belongs here: one set of tables for terminal and page. Not here: measuring, and the goals.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.goals import Verdict, verdicts
from benchmarks.peers import AUGENHOEHE
from benchmarks.timing import REPOSITORY, Spread, ratios

FILE = REPOSITORY / "build/bench/results.json"
PAGE = REPOSITORY / "docs/benchmarks.md"
PACKAGES = ("dagster", "duckdb", "polars", "pyarrow", "pandas")
WHOLE_NAMES = {
    "plain": "plain script",
    "mo": "`mo run`, from nothing",
    "changed": "`mo run`, one figure of one source revised",
    "multiprocess": "Dagster, a process a step",
    "snakemake": "Snakemake with nothing to do, same graph",
    "mo run": "`mo run` with nothing to do",
    "mo status": "`mo status`",
    "mo --help": "`mo --help`",
    "mo trace": "`mo trace ID`",
    "packages": "installing the locked packages",
    "make report": "`make report` from a clone",
}


@dataclass(frozen=True)
class Grid:
    """A table with its title: heads and rows of text."""

    title: str
    heads: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]


def machine() -> dict[str, Any]:
    """What the seconds depend on."""
    cpu = [
        line.split(":", 1)[1].strip()
        for line in (Path("/proc/cpuinfo").read_text("utf-8").splitlines() if Path("/proc/cpuinfo").is_file() else ())
        if line.startswith("model name")
    ]
    git = ["git", "-C", str(REPOSITORY), "describe", "--always", "--dirty", "--match", ""]
    commit = subprocess.run(git, capture_output=True, text=True, check=False).stdout.strip()  # noqa: S603
    return {
        "date": dt.datetime.now(dt.UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "commit": commit,
        "cores": os.cpu_count(),
        "processor": cpu[0] if cpu else platform.machine(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1),
        "system": platform.system(),
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in PACKAGES},
        "load": round(os.getloadavg()[0], 1),
    }


def _version(name: str) -> str | None:
    try:
        return version(name)
    except ImportError:
        return None


def kept() -> dict[str, Any]:
    """The results of the sections measured last; empty without."""
    return json.loads(FILE.read_text("utf-8")) if FILE.is_file() else {}


def keep(section: str, found: Mapping[str, Any]) -> None:
    """Write the results of a section down beside those of the others, as soon as they are there."""
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_text(
        json.dumps(kept() | {section: dict(found)}, indent=1, ensure_ascii=False, sort_keys=True) + "\n", "utf-8"
    )


def goals_grid(found: list[Verdict]) -> Grid:
    """Every goal, what was measured, and whether it is met."""
    rows = []
    for verdict in found:
        limit = f"{verdict.goal.at_most:g}{' ' + verdict.goal.unit if verdict.goal.unit else ''}"
        measured = "" if verdict.found is None else f"{verdict.found.words()}{', n=1' * (verdict.found.n == 1)}"
        if verdict.processor is not None:
            measured += f"; by the processors {verdict.processor.words()}"
        rows.append((verdict.goal.what, f"≤ {limit}", measured, verdict.word))
    return Grid("Goals", ("what", "goal", "median (least–most)", ""), rows)


def seconds_grid(title: str, section: Mapping[str, Any], base: str) -> Grid:
    """Rivals of one section: seconds on the clock and on the processors, and the ratio to `base`."""
    seconds = section["seconds"]
    rows = [
        (
            WHOLE_NAMES.get(name, name),
            Spread.of(of["wall"]).words(),
            Spread.of(of["cpu"]).words(),
            ratios(of["wall"], seconds[base]["wall"]).words()
            if len(of["wall"]) == len(seconds[base]["wall"])
            else f"{Spread.of(of['wall']).median / Spread.of(seconds[base]['wall']).median:.2f}",
            str(len(of["wall"])),
        )
        for name, of in seconds.items()
    ]
    return Grid(title, ("", "seconds", "processor seconds", f"against {WHOLE_NAMES[base]}", "n"), rows)


def grids(results: Mapping[str, Any]) -> list[Grid]:
    """All tables, of the sections that were measured."""
    found = [goals_grid(verdicts(results))]
    for name, title, base in (
        ("whole", "The whole job", "plain"),
        ("multiprocess", "A process a step", "multiprocess"),
        ("startup", "Nothing to do, and commands that tell", "mo run"),
        ("clone", "From a clone", "packages"),
    ):
        if name in results:
            found.append(seconds_grid(title, results[name], base))
    if "whole" in results:
        parts = results["whole"]["plain_parts"]
        total = sum(parts.values())
        rows = [
            (name, f"{value:.1f}", f"{100 * value / total:.0f} %")
            for name, value in sorted(parts.items(), key=lambda entry: -entry[1])
        ]
        found.append(Grid("Where the seconds of the plain script go", ("part", "seconds", "share"), rows))
    if "peers" in results:
        found += _peer_grids(results["peers"])
    if "large" in results:
        found.append(_large_grid(results["large"]))
    if "weight" in results:
        heavy = results["weight"]["heavy"]
        rows = [(name, f"{size / 1e6:.0f}") for name, size in sorted(heavy.items(), key=lambda entry: -entry[1])]
        found.append(Grid("Packages above 50 MB", ("package", "MB"), rows))
    return found


def _large_grid(section: Mapping[str, Any]) -> Grid:
    def used(one: Mapping[str, float]) -> str:
        return f"{one['wall_seconds']:.1f} ({one['cpu_seconds']:.1f})"

    rows = [
        (
            f"{one['rows']:,}{', zipped' if one['zipped'] else ''}",
            f"{one['csv_bytes'] / 1e6:,.0f}",
            used(one["scan"]),
            used(one["way"]),
            f"{one['way']['wall_seconds'] / one['scan']['wall_seconds']:.2f}",
            f"{one['scan']['peak_mb']:,.0f}",
            f"{one['way']['peak_mb']:,.0f}",
            f"{one['warehouse_bytes'] / one['csv_bytes']:.2f}",
            f"{one['lines_equal']:,} of {one['lines_traced']:,}",
        )
        for one in section["sizes"]
    ]
    heads = ("rows", "CSV, MB", "scan, s (processor s)", "way, s (processor s)", "ratio", "scan, MB", "way, MB")
    return Grid("Large tables", (*heads, "warehouse / CSV", "lines traced back"), rows)


def _peer_grids(section: Mapping[str, Any]) -> list[Grid]:
    peers, seconds = section["peers"], section["seconds"]
    timed = []
    for name, said in peers.items():
        row = [said["title"]]
        for phase in ("whole", "noop", "changed"):
            of, base = seconds[phase][name], seconds[phase][AUGENHOEHE]
            row += [Spread.of(of["wall"]).words(), f"{Spread.of(of['cpu']).median:.2f}"]
            row.append(ratios(of["wall"], base["wall"]).words())
        timed.append(tuple(row))
    heads = [""]
    for phase in ("whole run", "nothing to do", "one figure changed"):
        heads += [f"{phase}, s", "processor s", "ratio"]
    written = []
    judged = []
    for said in peers.values():
        describing = said["lines_describing"]
        lines = str(said["lines"]) + (f" + {describing} describing the sources" if describing else "")
        ran = said["shuffled_steps"]
        again = f"{ran} of {said['steps']} steps" if ran.isdigit() else ran
        equal = "equal" if not said["shuffled_differences"] else "differ"
        written.append((said["title"], lines, f"{said['megabytes']:.0f}", f"{again}; results {equal}", said["origin"]))
        judged.append((said["title"], *(_stop(said.get(name)) for name in STOPS)))
    return [
        Grid("The shared part: seconds, and the ratio to Augenhöhe", tuple(heads), timed),
        Grid(
            "The shared part: what else counts",
            ("", "lines written", "MB installed", "rows of a file shuffled", "which file made this number?"),
            written,
        ),
        Grid("The shared part: a cell that is wrong", ("", *STOPS.values()), judged),
    ]


STOPS = {
    "no_number": "`8;3` instead of a number",
    "wrong_number": "83 instead of 8.3",
    "wrong_number_unregistered": "83, and source.yml does not know of it",
}


def _stop(said: Mapping[str, Any] | None) -> str:
    if said is None:
        return "as before: there is no register"
    if not said["stopped"]:
        return "nobody stops"
    where = "file and line" if said["names_line"] else "the file" if said["names_file"] else "no file"
    return f"stops, names {where}: `{said['message'].replace('|', ' ').replace('`', ' ')}`"
