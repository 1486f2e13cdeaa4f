"""Where things lie and which options hold: resolved once, passed on, never read again.

Belongs here: paths of the project and the few options that change a run. Not here: anything about the data (that is
source.yml) or about tables (that is sql/).
"""

from __future__ import annotations

import os
import re
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
LAKE = "ducklake:"
POSTGRES = "postgres:"
# As a keyword of a connection string, in quotes or not, or in the address of a server.
_PASSWORD = re.compile(r"(?i)password[\"']?\s*=|//[^/@]*:[^/@]*@")


@dataclass(frozen=True)
class Lake:
    """Where the tables lie instead of in one DuckDB file: a DuckLake.

    Attributes:
        catalogue: what DuckLake attaches: the path of a file, or `postgres:` and a connection string without password.
        data: the folder of the Parquet files, or their address on S3, as it was given.
    """

    catalogue: str
    data: str

    @property
    def file(self) -> Path | None:
        """The file of the catalogue; None where a server keeps it."""
        return None if self.catalogue.startswith(POSTGRES) else Path(self.catalogue)


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
        lake: where the tables lie when they are not in the DuckDB file of this folder; None by default.
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
    lake: Lake | None = None

    @property
    def other_lock(self) -> str | None:
        """The name of the lock where it is not the project's own, else None."""
        return None if self.lock == self.raw_data / LOCK else self.lock.name

    @property
    def warehouse(self) -> Path:
        """The DuckDB file; rebuilt from raw_data at any time. Nothing reads or writes it where there is a lake."""
        return self.build / "warehouse.duckdb"

    @property
    def charts(self) -> Path:
        """Drawn charts before they are frozen in a release."""
        return self.build / "charts"

    @property
    def drawings(self) -> Path:
        """Drawings of this and former runs, so that none is made twice."""
        return self.build / "drawings"

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
        AUGENHOEHE_RENDERER chooses the renderer, AUGENHOEHE_EXECUTOR how Dagster runs the steps. AUGENHOEHE_WAREHOUSE
        and AUGENHOEHE_LAKE_DATA put the tables into a DuckLake (docs/scaleout.md).

        Raises:
            InputError: the folder is no project, the renderer or the executor is unknown, or the lake is misnamed.
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
            lake=_lake(env.get("AUGENHOEHE_WAREHOUSE", ""), env.get("AUGENHOEHE_LAKE_DATA", "")),
        )


def _lake(warehouse: str, data: str) -> Lake | None:
    """The lake that two variables name; what they hold is never repeated, since it may be a secret."""
    if not warehouse:
        if data:
            raise InputError(
                "a folder for the data of a lake is named, and no lake",
                key="AUGENHOEHE_LAKE_DATA",
                remedy="set AUGENHOEHE_WAREHOUSE too, or neither",
            )
        return None
    catalogue = warehouse.removeprefix(LAKE)
    if catalogue == warehouse or catalogue in ("", POSTGRES):
        raise InputError(
            "this names no warehouse",
            key="AUGENHOEHE_WAREHOUSE",
            remedy="write ducklake:<path of a file> or ducklake:postgres:<connection string>, or leave it out for the "
            "DuckDB file in build/",
        )
    if not data:
        raise InputError(
            "a lake needs a place for its data",
            key="AUGENHOEHE_LAKE_DATA",
            remedy="name a folder that every worker reaches by the same path",
        )
    if not catalogue.startswith(POSTGRES):
        return Lake(str(Path(catalogue).resolve()), _absolute(data))
    if _PASSWORD.search(catalogue):
        raise InputError(
            "a connection string with a password would turn up in messages",
            key="AUGENHOEHE_WAREHOUSE",
            remedy="leave it out: PostgreSQL's own library reads PGPASSWORD, or the file that PGPASSFILE names",
        )
    return Lake(catalogue, _absolute(data))


def _absolute(data: str) -> str:
    return data if "://" in data else str(Path(data).resolve())


def _is_project(folder: Path) -> bool:
    return (folder / "raw_data").is_dir() and (folder / "sql").is_dir()


def _upwards(start: Path) -> Path | None:
    return next((folder for folder in (start, *start.parents) if _is_project(folder)), None)
