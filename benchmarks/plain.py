"""The whole job as one plain script: the project's own functions in order, without Dagster.

Belongs here: the honest rival of `mo run`, as somebody would write it who wants the same tables, release and pages and
no orchestrator. Not here: history, freshness, a check after each layer, the lock against a second run, the metadata of
the UI. Every rule of sql/checks is still held by the gate of the release.

    python -m benchmarks.plain FOLDER

works in a project folder as `mo run` does, leaves the same release and pages, and prints the seconds of each part.
"""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from pipeline import charts, report, transform
from pipeline.language import edition
from pipeline.project import Project, open_project
from pipeline.registry import described
from pipeline.release.cells import csv_bytes
from pipeline.release.raw import raw_files
from pipeline.release.write import DRAWN_FROM, publish
from pipeline.settings import Settings
from pipeline.vintages import cells
from pipeline.warehouse import qualified

if TYPE_CHECKING:
    from pipeline.contracts import Table

STAGED_REGIONS = "staging.regions"


def run(settings: Settings) -> dict[str, float]:
    """Everything from raw_data to the pages; returns the seconds of each part.

    Raises:
        InputError: as `mo run`.
    """
    seconds: dict[str, float] = {}

    def part(name: str, act: Callable[[Project], None]) -> None:
        started = time.perf_counter()
        act(project)
        seconds[name] = round(time.perf_counter() - started, 3)

    project = open_project(settings)
    try:
        for name, act in PARTS.items():
            part(name, act)
    finally:
        project.warehouse.close()
    return seconds


def _store(project: Project, table: Table, frame: pl.DataFrame | None = None, select: str | None = None) -> None:
    ddl = "" if table.layer == "marts" else table.ddl
    is_view = table.layer == "core" and select is not None
    project.warehouse.replace(table.id, ddl=ddl, comments=table.comments, frame=frame, select=select, view=is_view)


def _sources(project: Project) -> None:
    """raw and staging; the regions first, since every figure is read against them."""
    known = None
    order = sorted(project.registry.sources.values(), key=lambda source: source.kind != "region")
    for source in order:
        raw, staged = project.table_of("raw", source), project.table_of("staging", source)
        printed = {vintage.vintage: cells(vintage) for vintage in source.vintages}
        _store(project, raw, pl.concat(frame.with_columns(vintage=pl.lit(name)) for name, frame in printed.items()))
        corrections = project.registry.corrections_of(source.id)
        typed = {
            vintage.vintage: transform.typed(
                printed[vintage.vintage], vintage, known_regions=known, corrections=corrections
            )
            for vintage in source.vintages
        }
        frame = pl.concat(typed.values()) if source.kind == "observation" else typed[source.current.vintage]
        transform.refuse_unmatched(frame, corrections)
        _store(project, staged, frame)
        if source.kind == "region":
            known = project.warehouse.read(STAGED_REGIONS)


def _core(project: Project) -> None:
    tables = project.contracts.tables
    for kind in sorted({source.kind for source in project.registry.sources.values()}):
        staged = [
            qualified(project.table_of("staging", source).id)
            for source in project.registry.sources.values()
            if source.kind == kind
        ]
        select = " UNION ALL BY NAME ".join(f"SELECT * FROM {name}" for name in staged)  # noqa: S608
        _store(project, tables[f"core.{kind}"], select=select)
    vocabulary = transform.load_vocabulary()
    concepts = pl.DataFrame([entry.model_dump() for entry in vocabulary.concepts.values()])
    measures = pl.DataFrame([entry.model_dump() for entry in vocabulary.measures.values()])
    for name, frame in {
        "concept": concepts.rename({"id": "concept"}),
        "measure": measures.rename({"id": "measure"}),
        "source": described.sources(project.registry),
        "vintage": described.vintages(project.registry),
        "caveat": described.caveats(project.registry),
        "correction": described.corrections(project.registry),
    }.items():
        _store(project, tables[f"core.{name}"], frame)


def _marts(project: Project) -> None:
    """Each after those it reads."""
    waiting = {table.id: table for table in project.contracts.tables.values() if table.layer == "marts"}
    while waiting:
        ready = [table for table in waiting.values() if not set(table.reads) & set(waiting)]
        for table in ready:
            _store(project, table, select=table.select)
            del waiting[table.id]


def _analysis(project: Project) -> None:
    from benchmarks.plain_analysis import STUDIES

    for reads, compute in STUDIES:
        for name, frame in compute(project.warehouse.read_all(reads)).items():
            _store(project, project.contracts.tables[name], frame)


def _charts(project: Project) -> None:
    folder = project.settings.charts
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    frames = project.warehouse.read_all(charts.TABLES)
    drawn_from = {table: project.warehouse.digest(table) for table in charts.TABLES}
    pictures = charts.draw_all(frames)
    for name, picture in pictures.items():
        for spoken, svg in picture.svg.items():
            (folder / edition(f"{name}.svg", spoken)).write_text(svg, "utf-8")
        (folder / f"{name}.csv").write_bytes(csv_bytes(picture.data))
    words = {
        name: {spoken: asdict(titles) for spoken, titles in picture.titles.items()}
        for name, picture in pictures.items()
    }
    for file, content in (("charts.json", words), (DRAWN_FROM, drawn_from)):
        text = json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
        (folder / file).write_text(text, "utf-8")


def _release(project: Project) -> None:
    settings = project.settings
    publish(
        project.warehouse,
        tables=[table.id for table in project.published_tables],
        checks=project.contracts.checks,
        charts=settings.charts,
        releases=settings.releases,
        root=settings.root,
        vintages={
            source.id: {
                "current": source.current.vintage,
                "in_use": [vintage.vintage for vintage in source.in_use],
                "waiting": [vintage.vintage for vintage in source.waiting],
            }
            for source in project.registry.sources.values()
        },
        lock=settings.other_lock,
        raw=raw_files(settings.raw_data, project.registry, settings.lock),
    )


def _pages(project: Project) -> None:
    from pipeline.report.sheets import render_sheets
    from pipeline.report.summary import render_summary

    settings = project.settings
    # No other process need wait while pages are rendered.
    project.warehouse.close()
    assets, release = settings.reports / "assets", (settings.releases / "current").resolve()
    report.render_editions(
        settings.reports / "index.qmd", release=release, outputs=settings.pages, renderer=settings.renderer
    )
    render_sheets(assets, release=release, folder=settings.state_sheets)
    render_summary(assets, release=release, outputs=settings.summaries)


PARTS: dict[str, Callable[[Project], None]] = {
    "sources": _sources,
    "core": _core,
    "marts": _marts,
    "analysis": _analysis,
    "charts": _charts,
    "release": _release,
    "pages": _pages,
}

if __name__ == "__main__":
    print(json.dumps(run(Settings.resolve(Path(sys.argv[1])))))
