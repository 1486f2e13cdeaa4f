"""The layers charts, release and report: what leaves the warehouse.

Belongs here: drawing the charts into files, publishing, rendering. Not here: how a chart, a release or a page is made.
"""

import json
import shutil
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import dagster as dg

from pipeline import charts, release, report
from pipeline.assets.common import OWNERS, POOL, code_version, explained, key
from pipeline.project import Project
from pipeline.release.raw import raw_files
from pipeline.release.write import DRAWN_FROM, publish

CHARTS = dg.AssetKey(["charts", "drawn"])
RELEASE = dg.AssetKey(["release", "current"])
REPORT = dg.AssetKey(["report", "index"])


def publication_assets(project: Project) -> list[dg.AssetsDefinition]:
    """[charts, drawn], [release, current], [report, index]."""
    return [_charts_asset(project), _release_asset(project), _report_asset(project)]


def _charts_asset(project: Project) -> dg.AssetsDefinition:
    @dg.asset(
        key=CHARTS,
        group_name="charts",
        description="All charts as SVG with the data behind them as CSV; one file pair a chart, in build/charts.",
        deps=[key(table) for table in charts.TABLES],
        code_version=code_version(charts),
        kinds={"altair", "svg"},
        owners=[OWNERS["charts"]],
        metadata={"charts": ", ".join(charts.CHARTS)},
        pool=POOL,
    )
    def drawn() -> dg.MaterializeResult:
        with explained():
            with project.warehouse.session():
                frames = project.warehouse.read_all(charts.TABLES)
                drawn_from = {table: project.warehouse.digest(table) for table in charts.TABLES}
            pictures = charts.draw_all(frames)
            folder = project.settings.charts
            folder.parent.mkdir(parents=True, exist_ok=True)
            fresh = Path(tempfile.mkdtemp(prefix=".charts-", dir=folder.parent))
            try:
                for name, picture in pictures.items():
                    (fresh / f"{name}.svg").write_text(picture.svg, "utf-8")
                    (fresh / f"{name}.csv").write_text(picture.csv, "utf-8")
                words = {name: asdict(picture.titles) for name, picture in pictures.items()}
                for file, content in (("charts.json", words), (DRAWN_FROM, drawn_from)):
                    text = json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
                    (fresh / file).write_text(text, "utf-8")
                fresh.chmod(0o755)  # mkdtemp makes it private
                shutil.rmtree(folder, ignore_errors=True)
                fresh.rename(folder)
            finally:
                shutil.rmtree(fresh, ignore_errors=True)
        return dg.MaterializeResult(
            data_version=dg.DataVersion(code_version(*(part for p in pictures.values() for part in (p.svg, p.csv)))),
            metadata={
                "charts": len(pictures),
                "bytes": sum(len(picture.svg.encode()) for picture in pictures.values()),
                "findings": dg.MetadataValue.md(
                    "\n".join(f"- **{name}**: {picture.titles.finding}" for name, picture in pictures.items())
                ),
            },
        )

    return drawn


def _release_asset(project: Project) -> dg.AssetsDefinition:
    tables = [table.id for table in project.published_tables]

    @dg.asset(
        key=RELEASE,
        group_name="release",
        description="The frozen release: every core, marts and analysis table as Parquet and CSV, "
        "the charts, what all of it was computed from, the manifest. "
        "All checks run again, over everything; one row that breaks an ERROR rule refuses the release.",
        deps=[CHARTS, *(key(table) for table in tables)],
        code_version=code_version(release),
        kinds={"parquet"},
        owners=[OWNERS["release"]],
        pool=POOL,
    )
    def current() -> dg.MaterializeResult:
        with explained():
            published = publish(
                project.warehouse,
                tables=tables,
                checks=project.contracts.checks,
                charts=project.settings.charts,
                releases=project.settings.releases,
                root=project.settings.root,
                vintages=_vintages(project),
                lock=project.settings.other_lock,
                raw=raw_files(project.settings.raw_data, project.registry, project.settings.lock),
            )
        return dg.MaterializeResult(
            data_version=dg.DataVersion(published.release_id),
            metadata={
                "release_id": published.release_id,
                "new": published.is_new,
                "files": published.files,
            },
        )

    return current


def _vintages(project: Project) -> dict[str, dict[str, Any]]:
    """What the lock makes of every source: the vintage that is current, those in use, those that wait."""
    chosen: dict[str, dict[str, Any]] = {
        source.id: {
            "current": source.current.vintage,
            "in_use": [vintage.vintage for vintage in source.in_use],
            "waiting": [vintage.vintage for vintage in source.waiting],
        }
        for source in project.registry.sources.values()
    }
    return chosen | {name: {"current": None, "in_use": [], "waiting": []} for name in project.registry.left_out}


def _report_asset(project: Project) -> dg.AssetsDefinition:
    sources = sorted(path for path in project.settings.reports.rglob("*") if path.is_file())

    @dg.asset(
        key=REPORT,
        group_name="report",
        description="The page: build/report/index.html, one self-contained file made from the release alone.",
        deps=[RELEASE],
        code_version=code_version(report, *(path.read_bytes() for path in sources)),
        kinds={"quarto", "html"},
        owners=[OWNERS["report"]],
    )
    def index() -> dg.MaterializeResult:
        with explained():
            rendered = report.render(
                project.settings.reports / "index.qmd",
                release=(project.settings.releases / "current").resolve(),
                output=project.settings.report,
                renderer=project.settings.renderer,
            )
        return dg.MaterializeResult(
            metadata={
                "renderer": f"{rendered.renderer} {rendered.version}",
                "seconds": round(rendered.seconds, 3),
                "bytes": rendered.output.stat().st_size,
                "page": dg.MetadataValue.path(str(rendered.output)),
            },
        )

    return index
