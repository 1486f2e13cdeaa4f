"""The layers charts, release and report: what leaves the warehouse.

Belongs here: drawing the charts into files, publishing, rendering. Not here: how a chart, a release or a page is made.
"""

import base64
import hashlib
import html
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import dagster as dg

from pipeline import charts, language, release, report
from pipeline.assets import sheets
from pipeline.assets.common import OWNERS, POOL, Memory, code_references, code_version, explained, key, table_of
from pipeline.errors import InputError
from pipeline.language import SOURCE, edition
from pipeline.project import Project
from pipeline.release import seal, shelf
from pipeline.release.cells import csv_bytes
from pipeline.release.raw import raw_files
from pipeline.release.write import DRAWN_FROM, PACKAGES, publish
from pipeline.settings import Settings

CHARTS = dg.AssetKey(["charts", "drawn"])
RELEASE = dg.AssetKey(["release", "current"])
REPORT = dg.AssetKey(["report", "index"])
# The statistics are yearly: a year and a month without a new release, and something that came out was missed.
YEARLY = dg.FreshnessPolicy.time_window(warn_window=timedelta(days=400), fail_window=timedelta(days=550))


def publication_assets(project: Project) -> list[dg.AssetsDefinition]:
    """[charts, drawn], [release, current], [report, index]."""
    return [_charts_asset(project), _release_asset(project), _report_asset(project)]


def lying(project: Project, keys: Iterable[dg.AssetKey]) -> dict[dg.AssetKey, str]:
    """The data versions of what lies in the warehouse and in build/ now, of those assets of which something does."""
    asked = set(keys)
    of_files = {CHARTS: _charts_lying, RELEASE: _release_lying, REPORT: _report_lying, **sheets.LYING}
    found = {asset: look(project.settings) for asset, look in of_files.items() if asset in asked}
    tables = sorted(table_of(asset) for asset in asked - set(of_files))
    in_warehouse = tables and project.settings.warehouse.is_file()
    digests = project.warehouse.digests(tables) if in_warehouse else {}
    return {
        **{asset: version for asset, version in found.items() if version is not None},
        **{key(table): digest for table, digest in digests.items()},
    }


def _charts_lying(settings: Settings) -> str | None:
    files = sorted(settings.charts.glob("*"))
    contents = (part for file in files if file.name != DRAWN_FROM for part in (file.name, file.read_bytes()))
    return _hash(*contents) if files else None


def _release_lying(settings: Settings) -> str | None:
    """The id of the current release, None where there is none or one that is damaged."""
    try:
        current = shelf.current(settings.releases)
    except InputError:
        return None  # publishing mends the link, or says why it cannot
    return None if current is None or seal.problems(current) else current.name


def _report_lying(settings: Settings) -> str | None:
    pages = list(settings.pages.values())
    return _hash(*(page.read_bytes() for page in pages)) if all(page.is_file() for page in pages) else None


def _hash(*parts: str | bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.encode() if isinstance(part, str) else part)
        digest.update(b"\0")
    return digest.hexdigest()[:32]


def _charts_asset(project: Project) -> dg.AssetsDefinition:
    spec = dg.AssetSpec(
        key=CHARTS,
        group_name="charts",
        description="All charts as SVG in English and German with the data behind them as CSV, in build/charts.",
        deps=[key(table) for table in charts.TABLES],
        code_version=code_version(charts, language, packages=("altair", "vl-convert-python")),
        kinds={"altair", "svg"},
        owners=[OWNERS["charts"]],
        metadata={
            "charts": ", ".join(charts.CHARTS),
            **code_references(Path(charts.__file__)),
        },
    )

    @dg.multi_asset(name="charts__drawn", specs=[spec], pool=POOL)
    def drawn(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        with explained():
            kept = Memory(context, [spec]).kept(spec, _charts_lying(project.settings))
            if kept is not None:
                return kept
            with project.warehouse.session():
                frames = project.warehouse.read_all(charts.TABLES)
                drawn_from = project.warehouse.digests(charts.TABLES)
            pictures = charts.draw_all(frames)
            _write(pictures, drawn_from, project.settings.charts)
        return dg.MaterializeResult(
            data_version=dg.DataVersion(str(_charts_lying(project.settings))),
            metadata={
                "charts": len(pictures),
                "bytes": sum(len(svg.encode()) for picture in pictures.values() for svg in picture.svg.values()),
                **{f"chart_{name}": _inline(picture.svg[SOURCE]) for name, picture in pictures.items()},
                "findings": dg.MetadataValue.md(_findings(pictures)),
            },
        )

    return drawn


def _findings(pictures: Mapping[str, charts.DrawnChart]) -> str:
    """What every chart says, in every language, as a list."""
    return "\n".join(
        f"- **{name}**: " + " · ".join(titles.finding for titles in picture.titles.values())
        for name, picture in pictures.items()
    )


def _inline(svg: str) -> dg.MarkdownMetadataValue:
    """A chart as the UI draws it in the page of its asset: an image in the text, in which no script can run."""
    return dg.MetadataValue.md(f"![chart](data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()})")


def _write(pictures: Mapping[str, charts.DrawnChart], drawn_from: Mapping[str, str], folder: Path) -> None:
    """Put all charts into `folder`, in one step."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=".charts-", dir=folder.parent))
    try:
        for name, picture in pictures.items():
            for spoken, svg in picture.svg.items():
                (fresh / edition(f"{name}.svg", spoken)).write_text(svg, "utf-8")
            (fresh / f"{name}.csv").write_bytes(csv_bytes(picture.data))
        words = {
            name: {spoken: asdict(titles) for spoken, titles in picture.titles.items()}
            for name, picture in pictures.items()
        }
        for file, content in (("charts.json", words), (DRAWN_FROM, dict(drawn_from))):
            text = json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
            (fresh / file).write_text(text, "utf-8")
        fresh.chmod(0o755)  # mkdtemp makes it private
        shutil.rmtree(folder, ignore_errors=True)
        fresh.rename(folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _release_asset(project: Project) -> dg.AssetsDefinition:
    tables = [table.id for table in project.published_tables]

    spec = dg.AssetSpec(
        key=RELEASE,
        group_name="release",
        description="The frozen release: every core, marts and analysis table as Parquet and CSV, "
        "the charts, what all of it was computed from, the manifest. "
        "All checks run again, over everything; one row that breaks an ERROR rule refuses the release.",
        deps=[CHARTS, *(key(table) for table in tables)],
        code_version=code_version(release, _manifest(project), packages=PACKAGES),
        kinds={"parquet"},
        owners=[OWNERS["release"]],
        freshness_policy=YEARLY,
        metadata=code_references(Path(release.__file__).with_name("write.py")),
    )

    @dg.multi_asset(name="release__current", specs=[spec], pool=POOL)
    def current(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        with explained():
            kept = Memory(context, [spec]).kept(spec, _release_lying(project.settings))
            if kept is not None:
                return kept
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
        context.instance.add_run_tags(context.run.run_id, {"release": published.release_id})
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


def _manifest(project: Project) -> str:
    """What a manifest says beyond the tables: what the lock makes of the sources, and the rules of the gate."""
    rules = [(check.name, check.severity, check.sql) for check in project.contracts.checks]
    return json.dumps([_vintages(project), project.settings.other_lock, rules])


def _report_asset(project: Project) -> dg.AssetsDefinition:
    sources = sorted(path for path in project.settings.reports.rglob("*") if path.is_file())

    spec = dg.AssetSpec(
        key=REPORT,
        group_name="report",
        description="The page in English and in German: build/report/index.html and index.de.html, self-contained "
        "files made from the release alone, in one step, with the same numbers.",
        deps=[RELEASE],
        # The page tells what the manifest says, which is more than the id of the release covers.
        code_version=code_version(
            report,
            language,
            _manifest(project),
            project.settings.renderer,
            *(path.read_bytes() for path in sources),
            packages=(*PACKAGES, "pypandoc_binary"),
        ),
        kinds={"quarto", "html"},
        owners=[OWNERS["report"]],
        metadata=code_references(project.settings.reports / "index.qmd"),
    )

    @dg.multi_asset(name="report__index", specs=[spec])
    def index(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        with explained():
            kept = Memory(context, [spec]).kept(spec, _report_lying(project.settings))
            if kept is not None:
                return kept
            rendered = report.render_editions(
                project.settings.reports / "index.qmd",
                release=(project.settings.releases / "current").resolve(),
                outputs=project.settings.pages,
                renderer=project.settings.renderer,
            )
        metadata: dict[str, Any] = {
            "renderer": f"{rendered[0].renderer} {rendered[0].version}",
            "seconds": round(rendered[0].seconds, 3),
            "bytes": sum(page.output.stat().st_size for page in rendered),
        }
        for page in rendered:
            metadata[f"page_{page.language}"] = dg.MetadataValue.path(
                os.path.relpath(page.output, project.settings.root)
            )
            metadata[f"contents_{page.language}"] = dg.MetadataValue.md(_contents(page.output.read_text("utf-8")))
        return dg.MaterializeResult(
            data_version=dg.DataVersion(str(_report_lying(project.settings))), metadata=metadata
        )

    return index


def _contents(page: str) -> str:
    """The headings of the page as a list, and how many numbers stand under them."""
    headings = re.findall(r"<h([123])\b[^>]*>(.*?)</h\1>", page, re.DOTALL)
    texts = [(int(level), " ".join(html.unescape(re.sub(r"<[^>]+>", " ", inner)).split())) for level, inner in headings]
    lines = [f"{'  ' * (level - 1)}- {text}" for level, text in texts]
    return "\n".join([*lines, "", f"{page.count('data-result=')} numbers"])
