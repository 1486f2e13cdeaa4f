"""Where things lie and which options hold: resolved once, passed on, never read again.

Belongs here: paths of the project and the few options that change a run. Not here: anything about the data (that is
source.yml) or about tables (that is sql/).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from pipeline.errors import InputError

Renderer = Literal["auto", "quarto", "builtin"]
# Beside the sources in raw_data.
LOCK = "release.lock.yml"
RENDERERS: tuple[Renderer, ...] = ("auto", "quarto", "builtin")
Executor = Literal["in_process", "multiprocess"]
EXECUTORS: tuple[Executor, ...] = ("in_process", "multiprocess")


@dataclass(frozen=True)
class Settings:
    """Paths and options of one project folder.

    Attributes:
        root: the project folder, holding raw_data/, sql/ and reports/.
        raw_data: the figures, one folder a source and vintage.
        lock: which vintage of each source is current; raw_data/release.lock.yml, or another to compute an older state.
        sql: contracts of tables, marts and checks.
        reports: the .qmd sources of the report.
        build: everything generated; safe to delete.
        dagster_home: run history of Dagster; must exist and be absolute when Dagster starts.
        renderer: which program renders the report.
        executor: whether Dagster runs all steps in one process or each in its own; `mo run` takes one always.
    """

    root: Path
    raw_data: Path
    lock: Path
    sql: Path
    reports: Path
    build: Path
    dagster_home: Path
    renderer: Renderer = "auto"
    executor: Executor = "in_process"

    @property
    def other_lock(self) -> str | None:
        """The name of the lock where it is not the project's own, else None."""
        return None if self.lock == self.raw_data / LOCK else self.lock.name

    @property
    def warehouse(self) -> Path:
        """The DuckDB file; rebuilt from raw_data at any time."""
        return self.build / "warehouse.duckdb"

    @property
    def charts(self) -> Path:
        """Drawn charts before they are frozen in a release."""
        return self.build / "charts"

    @property
    def releases(self) -> Path:
        """One folder a release, and `current`, a link to the newest."""
        return self.build / "release"

    @property
    def report(self) -> Path:
        """The page in English."""
        return self.pages["en"]

    @property
    def pages(self) -> dict[str, Path]:
        """The page in each language."""
        folder = self.build / "report"
        return {"en": folder / "index.html", "de": folder / "index.de.html"}

    @property
    def state_sheets(self) -> Path:
        """The folder of the states' sheets."""
        return self.build / "report" / "states"

    @property
    def summaries(self) -> dict[str, Path]:
        """The print summary in each language."""
        folder = self.build / "report"
        return {"en": folder / "summary.html", "de": folder / "summary.de.html"}

    @classmethod
    def resolve(cls, root: Path | None = None, env: Mapping[str, str] | None = None) -> Settings:
        """Find the project and read the options from the environment.

        The project is `root`, else AUGENHOEHE_ROOT, else the nearest folder upwards from the working folder that
        holds raw_data/ and sql/, else the folder this package is installed from. AUGENHOEHE_RAW_DATA and
        AUGENHOEHE_BUILD move those two folders; AUGENHOEHE_LOCK names another lock than the one in raw_data;
        AUGENHOEHE_RENDERER chooses the renderer, AUGENHOEHE_EXECUTOR how Dagster runs the steps.

        Raises:
            InputError: the folder is no project, or the renderer or the executor is unknown.
        """
        env = os.environ if env is None else env
        given = root or (Path(env["AUGENHOEHE_ROOT"]) if env.get("AUGENHOEHE_ROOT") else None)
        found = (given or _upwards(Path.cwd()) or Path(__file__).parents[1]).resolve()
        if not _is_project(found):
            raise InputError(
                "this folder is no Augenhöhe project: raw_data/ and sql/ are missing",
                file=found,
                remedy="change into the cloned folder, or set AUGENHOEHE_ROOT to it",
            )
        renderer = env.get("AUGENHOEHE_RENDERER", "auto")
        if renderer not in RENDERERS:
            raise InputError(
                f"unknown renderer {renderer!r}",
                key="AUGENHOEHE_RENDERER",
                remedy=f"use one of {', '.join(RENDERERS)}",
            )
        executor = env.get("AUGENHOEHE_EXECUTOR", "in_process")
        if executor not in EXECUTORS:
            raise InputError(
                f"unknown executor {executor!r}",
                key="AUGENHOEHE_EXECUTOR",
                remedy=f"use one of {', '.join(EXECUTORS)}",
            )
        raw_data = Path(env.get("AUGENHOEHE_RAW_DATA") or found / "raw_data").resolve()
        build = Path(env.get("AUGENHOEHE_BUILD") or found / "build").resolve()
        return cls(
            root=found,
            raw_data=raw_data,
            lock=Path(env.get("AUGENHOEHE_LOCK") or raw_data / LOCK).resolve(),
            sql=found / "sql",
            reports=found / "reports",
            build=build,
            dagster_home=found / ".dagster",
            renderer=cast(Renderer, renderer),
            executor=cast(Executor, executor),
        )


def _is_project(folder: Path) -> bool:
    return (folder / "raw_data").is_dir() and (folder / "sql").is_dir()


def _upwards(start: Path) -> Path | None:
    return next((folder for folder in (start, *start.parents) if _is_project(folder)), None)
