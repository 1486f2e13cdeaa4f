"""Reading a release: tables as Polars frames, charts with their words, the manifest.

Belongs here: opening what write.py left. Not here: DuckDB, Dagster, or anything that changes a file.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.errors import InputError

ENVIRONMENT = "AUGENHOEHE_RELEASE"


@dataclass(frozen=True)
class ChartFile:
    """A drawn chart of a release.

    Attributes:
        name: file name without suffix.
        svg: the picture.
        csv: the data behind it, as CSV text (a parsed frame would lose the leading nought of a region's code).
        titles: finding, shown, description, source_ids, reference (see pipeline.charts.Titles).
    """

    name: str
    svg: str
    csv: str
    titles: dict[str, Any]


@dataclass(frozen=True)
class Release:
    """An opened release folder; nothing is read before it is asked for."""

    folder: Path

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """The manifest: release id, files with hashes, tables with digests, checks, versions."""
        return json.loads((self.folder / "manifest.json").read_text("utf-8"))

    @property
    def id(self) -> str:
        """The release id, a hash of the content."""
        return self.manifest["release_id"]

    def table(self, table: str) -> pl.DataFrame:
        """All rows of `layer.table`, in a fixed order.

        Raises:
            InputError: the release holds no such table.
        """
        file = self.folder / f"{table.replace('.', '/')}.parquet"
        if not file.is_file():
            known = ", ".join(sorted(self.manifest["tables"]))
            raise InputError(f"the release has no table {table}", file=self.folder.name, remedy=f"it holds {known}")
        return pl.read_parquet(file)

    def chart(self, name: str) -> ChartFile:
        """One chart with its data and words.

        Raises:
            InputError: the release holds no such chart.
        """
        folder = self.folder / "charts"
        words = json.loads((folder / "charts.json").read_text("utf-8"))
        if name not in words:
            raise InputError(
                f"the release has no chart {name}", file=self.folder.name, remedy=f"it holds {', '.join(sorted(words))}"
            )
        return ChartFile(
            name=name,
            svg=(folder / f"{name}.svg").read_text("utf-8"),
            csv=(folder / f"{name}.csv").read_text("utf-8"),
            titles=words[name],
        )


def open_release(path: Path | None = None) -> Release:
    """Open the release at `path`, else at AUGENHOEHE_RELEASE, else build/release/current found upwards.

    Raises:
        InputError: there is no release.
    """
    given = path or (Path(os.environ[ENVIRONMENT]) if os.environ.get(ENVIRONMENT) else None)
    start = Path.cwd()
    folder = given or next(
        (at / "build/release/current" for at in (start, *start.parents) if (at / "build/release/current").exists()),
        None,
    )
    if folder is None or not (folder / "manifest.json").is_file():
        raise InputError(
            "there is no release to read",
            file=folder or "build/release/current",
            remedy="run `mo run` (or `make report`) first",
        )
    return Release(folder.resolve())
