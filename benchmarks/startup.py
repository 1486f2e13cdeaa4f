"""What a person waits for most often: a run with nothing to do, and the commands that only tell.

Belongs here: `mo` in a finished folder, and Snakemake with nothing to do on the same graph. Not here: runs that
compute.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.environments import MissingError, programs
from benchmarks.peers import PEERS
from benchmarks.timing import REPOSITORY, Run, environment, measured, taking_turns
from benchmarks.whole import finished, mo
from pipeline.settings import Settings

SNAKEMAKE = ("snakemake", "--cores", "2", "--quiet")


def compare(rounds: int) -> dict[str, Any]:
    """Rounds of: `mo run` with nothing to do, `mo status`, `mo --help`, `mo trace ID`, Snakemake with nothing to do."""
    left_out = {}
    with finished() as folder, tempfile.TemporaryDirectory(prefix="augenhoehe-bench-") as name:
        page = (folder / "build/report/index.html").read_text("utf-8")
        number = re.search(r'data-result="([^"]+)"', page)
        assert number, "the page names no result"  # noqa: S101
        rivals = {
            "mo run": lambda: mo(folder, "run"),
            "mo status": lambda: mo(folder, "status"),
            "mo --help": lambda: mo(folder, "--help"),
            "mo trace": lambda: mo(folder, "trace", number[1]),
        }
        assets = 0
        try:
            bin_folder = programs(PEERS["snakemake"])
            graph = Path(name).resolve()
            assets = as_snakefile(graph)

            def snakemake() -> Run:
                command = [str(bin_folder / SNAKEMAKE[0]), *SNAKEMAKE[1:]]
                return measured(command, graph, environment(bin_folder))

            snakemake()  # everything is made once
            rivals["snakemake"] = snakemake
        except MissingError as error:
            left_out["snakemake"] = f"cannot be installed: {error}"
        taking_turns(rivals, 1)  # not counted: files not yet in memory
        runs = taking_turns(rivals, rounds)
    return {
        "assets": assets,
        "left_out": left_out,
        "seconds": {
            name: {"wall": [run.wall_seconds for run in done], "cpu": [run.cpu_seconds for run in done]}
            for name, done in runs.items()
        },
    }


def as_snakefile(folder: Path) -> int:
    """Write the project's own graph as a Snakefile: a rule an asset, its inputs those of the asset and their files.

    The rules touch a file each and compute nothing: only what it costs to see that nothing is to be done is timed.

    Returns:
        The number of rules.
    """
    from pipeline.definitions import build_definitions
    from pipeline.project import open_project

    project = open_project(Settings.resolve(REPOSITORY, env={}))
    graph = build_definitions(project).resolve_asset_graph()
    keys = sorted(graph.get_all_asset_keys(), key=str)
    made = {key: f"made/{'.'.join(key.path)}" for key in keys}
    rules = ["rule all:", "    input:", *(f"        {file!r}," for file in made.values()), ""]
    for key in keys:
        inputs = [made[parent] for parent in sorted(graph.get(key).parent_keys, key=str)]
        inputs += [str(file) for file in _files(tuple(key.path), project.settings)]
        rules += [
            f"rule {'__'.join(key.path)}:",
            "    input:",
            *(f"        {file!r}," for file in inputs),
            f"    output: {made[key]!r}",
            '    shell: "touch {output}"',
            "",
        ]
    (folder / "Snakefile").write_text("\n".join(rules), "utf-8")
    return len(keys)


def _files(path: tuple[str, ...], settings: Settings) -> list[Path]:
    layer, name = path
    if layer == "raw":
        return sorted(file for file in (settings.raw_data / name).rglob("*") if file.is_file())
    if layer in ("core", "marts", "analysis"):
        return [file for file in [settings.sql / layer / f"{name}.sql"] if file.is_file()]
    if layer == "report":
        return sorted(file for file in settings.reports.rglob("*") if file.is_file())
    return []
