"""Who else could do the shared part of the job: a folder each, written as the rival's own documentation would have it.

Belongs here: what is known of each rival: its files, its command, how it tells what it did, and who answers where a
number comes from. Not here: running it (shared.py), installing it (environments.py).

The shared part: the figures of six sources as they lie in raw_data → typed → the share of every region, source and
year → East against West by source, level and year; both tables as Parquet and CSV. It is small on purpose: nothing in
it needs what only one of them has.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
AUGENHOEHE = "augenhoehe"


@dataclass(frozen=True)
class Peer:
    """One rival.

    Attributes:
        name: the name of its folder.
        title: as the tables call it.
        command: what a user types, the program first.
        prepare: commands before the first run, not timed.
        step: a pattern whose hits in what it says are the steps it ran; None where it always runs everything or does
            not say.
        wrote: patterns of the files a user writes, below its folder.
        origin: which file made this number: who answers, by what command.
        results: where it leaves the two tables.
    """

    name: str
    title: str
    command: tuple[str, ...]
    wrote: tuple[str, ...]
    origin: str
    step: str | None = None
    prepare: tuple[tuple[str, ...], ...] = ()
    results: str = "out"

    @property
    def folder(self) -> Path:
        """Its files in this package."""
        return HERE / self.name

    @property
    def requirements(self) -> Path:
        """Its packages, pinned; Augenhöhe has the project's own environment."""
        return self.folder / "requirements.txt"


PEERS = {
    peer.name: peer
    for peer in (
        Peer(
            AUGENHOEHE,
            "Augenhöhe",
            ("python", "mo_part.py", "run"),
            wrote=("sql/marts/*.sql",),
            origin="`mo trace ID`: the line of the file, its hash, its publisher; here `observation_id` in "
            "marts.shares leads to `raw_file` and `raw_line` in core.observation",
            step=r"(\d+) (?:raw|staging|core|marts|release)\b",
            results="build/release/current/marts",
        ),
        Peer(
            "pandas",
            "pandas script",
            ("python", "job.py"),
            wrote=("*.py",),
            origin="nobody; one reads the script",
        ),
        Peer(
            "polars_duckdb",
            "Polars + DuckDB script",
            ("python", "job.py"),
            wrote=("*.py",),
            origin="nobody; one reads the script",
        ),
        Peer(
            "doit",
            "doit",
            ("doit",),
            wrote=("*.py",),
            origin="the task: `doit info shares` lists its files; no row, no line",
            step=r"(?m)^\.  ",
        ),
        Peer(
            "snakemake",
            "Snakemake",
            ("snakemake", "--cores", "2"),
            wrote=("Snakefile", "scripts/*.py"),
            origin="the file: `snakemake --summary`, `--report` name rule, inputs and time; no row, no line",
            step=r"(?m)^(?:local)?rule (?!all)\w+:",
        ),
        Peer(
            "dvc",
            "DVC",
            ("dvc", "repro"),
            wrote=("*.py", "dvc.yaml"),
            origin="the file: `dvc dag out/gaps.parquet`, and the hash of each input in dvc.lock; no row, no line",
            step=r"(?m)^Running stage",
            prepare=(
                ("dvc", "init", "--no-scm", "-q"),
                ("dvc", "config", "core.analytics", "false"),
                ("dvc", "config", "core.check_update", "false"),
            ),
        ),
        Peer(
            "hamilton",
            "Hamilton",
            ("python", "job.py"),
            wrote=("*.py",),
            origin="the function: `dr.what_is_upstream_of('gaps')`, or its drawing; no file, no row",
        ),
        Peer(
            "dbt",
            "dbt-duckdb",
            ("dbt", "build"),
            wrote=("dbt_project.yml", "profiles.yml", "models/**/*.sql", "models/**/*.yml", "tests/*.sql"),
            origin="the model: `dbt ls --select +gaps`, or the page of `dbt docs generate`; no row, no line",
            step=r"(?m)OK created sql",
        ),
    )
}
