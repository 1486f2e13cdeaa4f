"""A release read straight from a folder, with the interface the page helper expects; for tests of the report alone."""

import json
import os
from pathlib import Path
from types import SimpleNamespace

import polars as pl

from pipeline.errors import InputError


class StubRelease:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))

    def table(self, name: str) -> pl.DataFrame:
        file = self.folder / f"{name.replace('.', '/')}.parquet"
        if not file.is_file():
            raise InputError(f"the release has no table {name}", key=name, remedy="name another")
        return pl.read_parquet(file)

    def chart(self, name: str) -> SimpleNamespace:
        words = json.loads((self.folder / "charts" / "charts.json").read_text(encoding="utf-8"))
        if name not in words:
            raise InputError(f"the release has no chart {name}", key=name, remedy="name another")
        return SimpleNamespace(
            name=name,
            svg=(self.folder / "charts" / f"{name}.svg").read_text(encoding="utf-8"),
            csv=(self.folder / "charts" / f"{name}.csv").read_text(encoding="utf-8"),
            **words[name],
        )


def open_release(path: Path | None = None) -> StubRelease:
    return StubRelease(path or Path(os.environ["AUGENHOEHE_RELEASE"]))
