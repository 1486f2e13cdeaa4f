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

from pipeline import analysis, charts, language, release, report
from pipeline.assets import sheets
from pipeline.assets.analysis import STUDIES
from pipeline.assets.attached import attached
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
    in_warehouse = tables and project.warehouse.is_there()
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
            with charts.remembered(project.settings.drawings):
                pictures = charts.draw_all(frames)
            _write(pictures, drawn_from, project.settings.charts)
        return dg.MaterializeResult(
            data_version=dg.DataVersion(str(_charts_lying(project.settings))),
            metadata={
                "charts": len(pictures),
                "bytes": sum(len(svg.encode()) for picture in pictures.values() for svg in picture.svg.values()),
                **{name: _in_page(context, name, picture) for name, picture in pictures.items()},
            },
        )

    return drawn


def _in_page(context: dg.AssetExecutionContext, name: str, picture: charts.DrawnChart) -> dg.MarkdownMetadataValue:
    """A chart under its finding, as the UI draws it in the page of the asset: narrow enough for the column it is in."""
    opening, drawing = picture.svg[SOURCE].split(">", 1)
    narrow = re.sub(r' width="[^"]*"', ' width="440"', re.sub(r' height="[^"]*"', "", opening)) + ">" + drawing
    return _inline(picture.titles[SOURCE].finding, narrow, attached(context, f"chart_{name}", "svg", narrow))


def _inline(finding: str, svg: str, address: str | None) -> dg.MarkdownMetadataValue:
    """A finding and its drawing, by address or in the text itself; in an image no script can run."""
    source = address or f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"
    return dg.MetadataValue.md(f"**{finding}**\n\n![chart]({source})")


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
            _refuse_other_vintages(project)
            published = publish(
                project.warehouse,
                tables=tables,
                checks=project.contracts.checks,
                charts=project.settings.charts,
                releases=project.settings.releases,
                root=project.settings.root,
                vintages=_vintages(project),
                lock=project.settings.other_lock,
                made_by=_made_by(project),
                raw=raw_files(project.settings.raw_data, project.registry, project.settings.lock),
            )
        context.instance.add_run_tags(context.run.run_id, {"release": published.release_id})
        return dg.MaterializeResult(
            data_version=dg.DataVersion(published.release_id),
            metadata={
                "release_id": published.release_id,
                "new": published.is_new,
                "files": published.files,
                "folder": dg.MetadataValue.path(os.path.relpath(published.folder, project.settings.root)),
                "gate": _gate(json.loads((published.folder / "manifest.json").read_text("utf-8"))["checks"]),
            },
        )

    return current


def _refuse_other_vintages(project: Project) -> None:
    """A release made alone, of tables from before the lock changed, would name vintages that are not in them."""
    held = dict(project.warehouse.read("core.source").select("source_id", "current_vintage_id").iter_rows())
    named = {name: chosen["current"] for name, chosen in _vintages(project).items() if chosen["current"]}
    other = [
        f"{source}: {held.get(source, 'none')} instead of {named.get(source, 'none')}"
        for source in sorted({*held, *named})
        if held.get(source) != named.get(source)
    ]
    if other:
        raise InputError(
            f"the tables hold other vintages than the lock names: {', '.join(other)}",
            file=project.settings.lock.name,
            remedy="materialise everything, or `mo run`; the former release stays current",
        )


def _gate(rules: list[dict[str, Any]]) -> str:
    """What the gate held against everything, and which warnings it let through."""
    warned = [f"{rule['name']} ({rule['offending']} rows)" for rule in rules if not rule["passed"]]
    return f"{len(rules)} rules held" if not warned else f"{len(rules)} rules, warnings of {', '.join(warned)}"


def _made_by(project: Project) -> dict[str, dict[str, Any]]:
    """Of each published table: the file of its query, or the package of its code, with its hash, and what it reads."""
    studied = {table: study.reads for study in STUDIES for table in study.gives}
    code = code_version(analysis)
    found: dict[str, dict[str, Any]] = {}
    for table in project.published_tables:
        if table.id in studied:
            found[table.id] = {"file": "pipeline/analysis", "sha256": code, "reads": sorted(studied[table.id])}
        else:
            query = (project.settings.sql.parent / table.file).read_bytes()
            digest = hashlib.sha256(query).hexdigest()[:12]
            found[table.id] = {"file": table.file, "sha256": digest, "reads": list(table.reads)}
    return found


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
            text = page.output.read_text("utf-8")
            where = os.path.relpath(page.output, project.settings.root)
            if address := attached(context, f"index_{page.language}", "html", text):
                metadata[f"download_{page.language}"] = dg.MetadataValue.md(
                    f"[Download the page ({page.language})]({address})"
                )
            metadata[f"preview_{page.language}"] = dg.MetadataValue.md(_first_points(text))
            metadata[f"page_{page.language}"] = dg.MetadataValue.path(where)
            metadata[f"contents_{page.language}"] = dg.MetadataValue.md(_contents(text))
        return dg.MaterializeResult(
            data_version=dg.DataVersion(str(_report_lying(project.settings))), metadata=metadata
        )

    return index


def _first_points(page: str, most: int = 900) -> str:
    """The title and as many of the main points as the UI shows without being asked: it hides a thousand characters."""
    title = re.search(r"<title>(.*?)</title>", page, re.DOTALL)
    points = re.search(r'<ol class="points">(.*?)</ol>', page, re.DOTALL)
    every = re.findall(r'<li>(.*?)(?:<a class="more"|</li>)', points[1], re.DOTALL) if points else []
    lines = [f"**{_text(title[1])}**\n"] if title else []
    for point in every:
        line = f"1. {_text(point)}"
        if sum(map(len, lines)) + len(line) > most:
            break
        lines.append(line)
    return "\n".join(lines)


def _text(inner: str) -> str:
    """What a piece of the page reads, as it would be typed in Markdown."""
    plain = " ".join(html.unescape(re.sub(r"<[^>]+>", "", inner)).split())
    return re.sub(r"([\\`*_<>\[\]])", r"\\\1", plain)


def _contents(page: str) -> str:
    """The headings of the page as a list, and how many numbers stand under them."""
    headings = re.findall(r"<h([123])\b[^>]*>(.*?)</h\1>", page, re.DOTALL)
    texts = [(int(level), " ".join(html.unescape(re.sub(r"<[^>]+>", " ", inner)).split())) for level, inner in headings]
    lines = [f"{'  ' * (level - 1)}- {text}" for level, text in texts]
    return "\n".join([*lines, "", f"{page.count('data-result=')} numbers"])
