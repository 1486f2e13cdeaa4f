"""Large flat files through the one way there is, beside DuckDB's bare scan of them.

Belongs here: measuring (wall, CPU, peak memory, bytes), and tracing lines back to the file. Not here: the files
(synthetic.py), the goals (goals.py). Each measurement is a process of its own, so that its peak memory is its own; scan
and way follow each other on the same machine in the same minutes, and what counts is their ratio.
"""

from __future__ import annotations

import math
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.synthetic import FILE, SOURCE, VINTAGE, Flat, write_project
from benchmarks.timing import REPOSITORY, measured, of_the_project
from pipeline import ingest
from pipeline.settings import Settings

SIZES = (100_000, 1_000_000, 5_000_000, 20_000_000)
# One line in so many is traced back.
EVERY = 100


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


def compare(sizes: Sequence[int] = SIZES) -> dict[str, Any]:
    """Every size as a plain file, the largest also as a ZIP; files are made in a temporary folder (TMPDIR moves it).

    Returns:
        `sizes`, a `Measured` each; `exponent` of the seconds of the plain files, where there are several.
    """
    found = []
    with tempfile.TemporaryDirectory(prefix="augenhoehe-large-") as folder:
        for rows, zipped in [*((rows, False) for rows in sizes), (max(sizes), True)]:
            found.append(measure(rows, Path(folder), zipped=zipped))
            print(f"  {rows:,} rows{' zipped' * zipped}: {found[-1]}", file=sys.stderr, flush=True)
    plain = [one for one in found if not one.zipped]
    grown = exponent([one.rows for one in plain], [one.way.wall_seconds for one in plain]) if len(plain) > 1 else None
    return {"sizes": [asdict(one) for one in found], "exponent": grown}


def exponent(sizes: Sequence[int], seconds: Sequence[float]) -> float:
    """The slope of log seconds over log rows by least squares: 1 is proportional."""
    return statistics.linear_regression([math.log(size) for size in sizes], [math.log(one) for one in seconds]).slope


def measure(rows: int, folder: Path, *, zipped: bool = False) -> Measured:
    """Make a file of `rows` rows in `folder`, which is emptied afterwards, and measure."""
    root = folder / f"{rows}"
    try:
        file = write_project(root, Flat(rows), zipped=zipped)
        plain = file
        if zipped:
            # The scan reads the same text; DuckDB opens no ZIP.
            plain = root / FILE
            Flat(rows).write(plain)
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
    words = [sys.executable, "-m", "benchmarks.large", what, *map(str, arguments)]
    run = measured(words, REPOSITORY, of_the_project())
    return Used(round(run.wall_seconds, 2), round(run.cpu_seconds, 2), round(run.peak_mb, 1))


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


if __name__ == "__main__":
    children: dict[str, Callable[..., None]] = {"scan": scan, "way": walk}
    children[sys.argv[1]](*map(Path, sys.argv[2:]))
