"""A small package: a release of the small warehouse with pages in both languages, built as a real one is."""

from __future__ import annotations

import shutil
from pathlib import Path

from freezing import VINTAGES, draw
from small_figures import SERIES
from small_warehouse import ROOT, build_warehouse, contracts

from pipeline.release import package
from pipeline.release.raw import RawFiles
from pipeline.release.write import publish

NUMBERS = {"index.html": "10.0\u202f%", "index.de.html": "10,0\u202f%"}
RESULT = f"{SERIES}.berlin_excluded.east.pooled"
OTHER = "headline.verdict"


def small_project(folder: Path) -> Path:
    """A project folder with a published release and its pages; returns the folder."""
    draw(folder / "charts")
    warehouse = build_warehouse(folder / "warehouse.duckdb")
    frame = warehouse.read("core.vintage")
    raw = {
        f"{source}/{vintage}/{name}": b"region,value\n01,7\n"
        for source, vintage in frame.select("source_id", "vintage_id").iter_rows()
        for name in ("figures.csv", "source.yml")
    }
    published = publish(
        warehouse,
        tables=list(contracts().tables),
        checks=contracts().checks,
        charts=folder / "charts",
        releases=folder / "build/release",
        root=folder,
        vintages=VINTAGES,
        lock=None,
        raw=RawFiles(raw),
    )
    warehouse.close()
    for page, shown in NUMBERS.items():
        _page(folder / "build/report" / page, published.release_id, shown)
    _page(folder / "build/report/states/01.html", published.release_id, "10.0\u202f%")
    for name in ("CITATION.cff", "LICENSE", "requirements.lock", "dagster.yaml"):
        shutil.copy(ROOT / name, folder)
    shutil.copytree(ROOT / "LICENSES", folder / "LICENSES")
    for name in ("raw_data", "reports"):
        (folder / name).mkdir()
    (folder / "sql").symlink_to(ROOT / "sql")
    return folder


def build(folder: Path, output: Path) -> Path:
    """The package of the current release of `folder`."""
    return package.build(
        folder / "build/release",
        None,
        report=folder / "build/report",
        root=folder,
        contracts=contracts(),
        output=output,
    )


def _page(file: Path, release_id: str, shown: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(
        f'<!doctype html><html lang="en"><title>{release_id}</title><p>In the East it is '
        f'<span class="num" data-result="{RESULT}">{shown}</span>, and the rule says '
        f'<span class="num" data-result="{OTHER}">{shown}</span>, of '
        f'<span class="num" data-result="{OTHER}">64.4</span>.</p></html>',
        "utf-8",
    )
