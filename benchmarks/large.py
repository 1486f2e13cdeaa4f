"""Large flat files through the one way there is, beside DuckDB's bare scan of them: `python -m benchmarks.large`.

Belongs here: measuring (wall, CPU, peak memory, bytes), tracing lines back to the file, and saying which goals are met.
Not here: the files (synthetic.py). Each measurement is a process of its own, so that its peak memory is its own; scan
and way follow each other on the same machine in the same minutes, and what counts is their ratio.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import polars as pl

from benchmarks.synthetic import FILE, SOURCE, VINTAGE, Flat, write_project
from pipeline import ingest
from pipeline.settings import Settings

SIZES = (100_000, 1_000_000, 5_000_000)
LARGEST = 20_000_000
# One line in so many is traced back.
EVERY = 100
# The goals: ratio of wall times, MB, exponent of growth, share of the file's bytes.
RATIO, MEMORY_MB, EXPONENT, BYTES = 3.0, 1000.0, 1.05, 0.40


@dataclass(frozen=True)
class Used:
    """What a process used: seconds of wall and CPU, and its peak memory."""

    wall_seconds: float
    cpu_seconds: float
    peak_mb: float


@dataclass(frozen=True)
class Measured:
    """One size: what the bare scan and the way used, the bytes of file and warehouse, how many lines were traced."""

    rows: int
    zipped: bool
    csv_bytes: int
    scan: Used
    way: Used
    warehouse_bytes: int
    lines_traced: int
    lines_equal: int

    @property
    def ratio(self) -> float:
        """Wall of the way over wall of the scan."""
        return self.way.wall_seconds / self.scan.wall_seconds

    @property
    def bytes_share(self) -> float:
        """Warehouse over CSV, in bytes."""
        return self.warehouse_bytes / self.csv_bytes


@dataclass(frozen=True)
class Goal:
    """One goal: what was wanted, what was found, whether it is met."""

    name: str
    wanted: str
    found: str
    is_met: bool


def exponent(sizes: Sequence[int], seconds: Sequence[float]) -> float:
    """The slope of log seconds over log rows by least squares: 1 is proportional."""
    x, y = [math.log(size) for size in sizes], [math.log(second) for second in seconds]
    middle_x, middle_y = sum(x) / len(x), sum(y) / len(y)
    return sum((a - middle_x) * (b - middle_y) for a, b in zip(x, y, strict=True)) / sum((a - middle_x) ** 2 for a in x)


def goals(measured: Sequence[Measured]) -> list[Goal]:
    """The goals, held against the largest size; the exponent over all sizes, where there are several."""
    largest = max(measured, key=lambda one: one.rows)
    found = [
        Goal("time over bare scan", f"≤ {RATIO:.1f}", f"{largest.ratio:.2f}", largest.ratio <= RATIO),
        Goal("peak memory", f"< {MEMORY_MB:.0f} MB", f"{largest.way.peak_mb:.0f} MB", largest.way.peak_mb < MEMORY_MB),
        Goal("warehouse over CSV", f"≤ {BYTES:.2f}", f"{largest.bytes_share:.2f}", largest.bytes_share <= BYTES),
        Goal(
            "lines traced back",
            "all equal",
            f"{largest.lines_equal:,} of {largest.lines_traced:,}",
            largest.lines_equal == largest.lines_traced > 0,
        ),
    ]
    if len(measured) > 1:
        grown = exponent([one.rows for one in measured], [one.way.wall_seconds for one in measured])
        found.append(Goal("exponent of growth", f"≤ {EXPONENT:.2f}", f"{grown:.2f}", grown <= EXPONENT))
    return found


def measure(rows: int, folder: Path, *, zipped: bool = False, seed: int = 0) -> Measured:
    """Make a file of `rows` rows in `folder`, which is emptied afterwards, and measure."""
    root = folder / f"{rows}"
    try:
        file = write_project(root, Flat(rows, seed), zipped=zipped)
        plain = file
        if zipped:
            # The scan reads the same text; DuckDB opens no ZIP.
            plain = root / FILE
            Flat(rows, seed).write(plain)
        size = plain.stat().st_size
        scan = _run("scan", plain, root / "scan.duckdb")
        (root / "scan.duckdb").unlink()
        way = _run("way", root)
        traced, equal = trace_back(root, file)
        warehouse = Settings.resolve(root, env={}).warehouse.stat().st_size
        return Measured(rows, zipped, size, scan, way, warehouse, traced, equal)
    finally:
        shutil.rmtree(root, ignore_errors=True)


def _run(what: str, *arguments: Path) -> Used:
    """One measurement in a process of its own."""
    words = [sys.executable, "-m", "benchmarks.large", "--child", what, *map(str, arguments)]
    started = time.monotonic()
    process = subprocess.Popen(words)  # noqa: S603 - this module itself
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{what} ended with {process.returncode}")
    wall = time.monotonic() - started
    return Used(round(wall, 2), round(used.ru_utime + used.ru_stime, 2), round(used.ru_maxrss / 1024, 1))


def scan(file: Path, database: Path) -> None:
    """DuckDB's bare scan of the file into one table."""
    import duckdb

    con = duckdb.connect(str(database))
    con.execute("CREATE TABLE bare AS SELECT * FROM read_csv(?, delim = ';', header = true)", [str(file)])
    con.close()


def walk(root: Path) -> None:
    """The project's way: everything from the registry to the marts, as a run materialises it.

    The rules are left out: that nothing synthetic is published is one of them.
    """
    import dagster as dg

    from pipeline.definitions import build_definitions
    from pipeline.project import open_project

    project = open_project(Settings.resolve(root, env={}))
    definitions = build_definitions(project)
    chosen = dg.AssetSelection.groups("raw", "staging", "core", "marts").without_checks()
    job = definitions.resolve_implicit_global_asset_job_def().get_subset(
        asset_selection=chosen.resolve(definitions.resolve_asset_graph()), asset_check_selection=set()
    )
    quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
    result = job.execute_in_process(instance=dg.DagsterInstance.ephemeral(), run_config=quiet, raise_on_error=True)
    project.warehouse.close()
    if not result.success:
        raise SystemExit(1)


def trace_back(root: Path, file: Path) -> tuple[int, int]:
    """Every `EVERY`th line of the file, taken apart without the project's readers, against its row in core.observation.

    Returns:
        How many lines were compared, and how many are what the row says.
    """
    import duckdb

    printed = []
    number = 0
    for block in ingest.text_blocks(file, "ffcsv_new", file=file.name):
        for line in block.splitlines():
            number += 1
            if number % EVERY == 0 and number > 1:
                printed.append((number, *_meaning(line.decode().split(";"))))
    con = duckdb.connect(str(Settings.resolve(root, env={}).warehouse), read_only=True)
    rows = con.execute(
        "SELECT o.raw_line, o.region_id, o.reference, o.breakdown, o.value::BIGINT, o.marker, o.raw_file "
        "FROM core.observation AS o JOIN marts.current_observation USING (observation_id) "
        "WHERE o.source_id = ? AND o.raw_line % ? = 0",
        [SOURCE, EVERY],
    ).fetchall()
    con.close()
    known = {row[0]: row[1:] for row in rows}
    place = (f"{SOURCE}/{VINTAGE}/{file.name}",)
    return len(printed), sum(known.get(line) == (*told, *place) for line, *told in printed)


def _meaning(cells: list[str]) -> tuple[str, str, str, int, str]:
    """Region, reference, breakdown, value and marker of a line of the synthetic layout."""
    codes = {"sex": cells[11], "age": cells[15], "nationality": cells[19]}
    breakdown = ";".join(f"{key}={code}" for key, code in sorted(codes.items()) if code)
    nothing = cells[21] == "-"
    return cells[7], cells[4], breakdown, 0 if nothing else int(cells[21]), "-" if nothing else cells[25]


def machine() -> dict[str, object]:
    """What was measured on."""
    import duckdb
    import psutil

    model = next(
        (line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")), ""
    )
    return {
        "processor": model or platform.processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 1e9, 1),
        "load_before": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        "duckdb": duckdb.__version__,
        "polars": pl.__version__,
        "date": time.strftime("%Y-%m-%d"),
    }


def _lines(file: str) -> list[str]:
    return Path(file).read_text("utf-8").splitlines() if Path(file).is_file() else []


def show(measured: Sequence[Measured]) -> None:
    """The table of a size a line, and the goals."""
    from rich.console import Console
    from rich.table import Table

    table = Table("rows", "CSV MB", "scan s", "way s", "ratio", "way CPU s", "peak MB", "warehouse/CSV", "lines traced")
    for one in measured:
        table.add_row(
            f"{one.rows:,}{' zipped' if one.zipped else ''}",
            f"{one.csv_bytes / 1e6:,.0f}",
            f"{one.scan.wall_seconds:.1f}",
            f"{one.way.wall_seconds:.1f}",
            f"{one.ratio:.2f}",
            f"{one.way.cpu_seconds:.1f}",
            f"{one.way.peak_mb:.0f}",
            f"{one.bytes_share:.2f}",
            f"{one.lines_equal:,} of {one.lines_traced:,} equal",
        )
    console = Console()
    console.print(table)
    for goal in goals(measured):
        console.print(f"{'met   ' if goal.is_met else 'MISSED'} {goal.name}: {goal.found} (goal {goal.wanted})")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=LARGEST, help="the largest size; smaller ones come before it")
    parser.add_argument("--only", action="store_true", help="no smaller sizes")
    parser.add_argument("--zipped", action="store_true", help="the file is a ZIP of one text")
    parser.add_argument("--folder", type=Path, help="where files are made; a temporary folder without")
    parser.add_argument("--results", type=Path, default=Path("build/bench/large.json"), help="the JSON file of results")
    parser.add_argument("--child", nargs="+", help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.child:
        what, *paths = given.child
        children: dict[str, Callable[..., None]] = {"scan": scan, "way": walk}
        children[what](*map(Path, paths))
        return
    sizes = [given.rows] if given.only else sorted({*(size for size in SIZES if size < given.rows), given.rows})
    before = machine()
    measured = []
    with tempfile.TemporaryDirectory(dir=given.folder, prefix="augenhoehe-large-") as folder:
        for rows in sizes:
            measured.append(measure(rows, Path(folder), zipped=given.zipped))
            print(f"{rows:,} rows: {measured[-1]}", flush=True)
    show(measured)
    given.results.parent.mkdir(parents=True, exist_ok=True)
    told = {
        "machine": before,
        "measured": [asdict(one) | {"ratio": one.ratio, "bytes_share": one.bytes_share} for one in measured],
        "goals": [asdict(goal) for goal in goals(measured)],
    }
    given.results.write_text(json.dumps(told, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
