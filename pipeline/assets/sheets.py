"""The layer report beside the page: the sheets of the states and the print summary.

Belongs here: rendering them when the release or their code changed, and what lies of them. Not here: how they are made.
"""

import hashlib
import os
from collections.abc import Callable, Iterable
from pathlib import Path

import dagster as dg

from pipeline import charts, language, report
from pipeline.assets.common import OWNERS, Memory, code_references, code_version, explained
from pipeline.project import Project
from pipeline.release.write import PACKAGES
from pipeline.settings import Settings

RELEASE = dg.AssetKey(["release", "current"])
STATES = dg.AssetKey(["report", "states"])
SUMMARY = dg.AssetKey(["report", "summary"])


def sheet_assets(project: Project) -> list[dg.AssetsDefinition]:
    """[report, states], [report, summary]."""
    from pipeline.report.sheets import render_sheets
    from pipeline.report.summary import render_summary

    def sheets(assets: Path, release: Path) -> list[Path]:
        with charts.remembered(project.settings.drawings):
            return render_sheets(assets, release=release, folder=project.settings.state_sheets)

    def summary(assets: Path, release: Path) -> list[Path]:
        return render_summary(assets, release=release, outputs=project.settings.summaries)

    return [
        _asset(
            project,
            STATES,
            "A sheet a state and language: build/report/states, one A4 page each, made from the release alone and "
            "replaced all at once.",
            sheets,
        ),
        _asset(
            project,
            SUMMARY,
            "The main points on two A4 pages a language: build/report/summary*.html, made from the release alone.",
            summary,
        ),
    ]


def states_lying(settings: Settings) -> str | None:
    """The data version of the sheets in build/: any of them missing, changed or strange gives another."""
    return _content(sorted(settings.state_sheets.glob("*")))


def summary_lying(settings: Settings) -> str | None:
    """The data version of the summaries in build/."""
    return _content([file for file in settings.summaries.values() if file.is_file()])


LYING: dict[dg.AssetKey, Callable[[Settings], str | None]] = {STATES: states_lying, SUMMARY: summary_lying}


def _content(files: Iterable[Path]) -> str | None:
    digest = hashlib.sha256()
    found = False
    for file in files:
        digest.update(f"{file.name}\0".encode() + file.read_bytes() + b"\0")
        found = True
    return digest.hexdigest()[:32] if found else None


def _asset(
    project: Project, asset: dg.AssetKey, description: str, make: Callable[[Path, Path], list[Path]]
) -> dg.AssetsDefinition:
    settings = project.settings
    assets = settings.reports / "assets"
    frame = [path.read_bytes() for name in ("sheet.html", "sheet.css") if (path := assets / name).is_file()]
    spec = dg.AssetSpec(
        key=asset,
        group_name="report",
        description=description,
        deps=[RELEASE],
        code_version=code_version(
            report, charts, language, *frame, packages=(*PACKAGES, "altair", "vl-convert-python", "babel")
        ),
        kinds={"html"},
        owners=[OWNERS["report"]],
        metadata=code_references(assets / "sheet.html"),
    )

    @dg.multi_asset(name="__".join(asset.path), specs=[spec])
    def rendered(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        with explained():
            kept = Memory(context, [spec]).kept(spec, LYING[asset](settings))
            if kept is not None:
                return kept
            files = make(assets, (settings.releases / "current").resolve())
        return dg.MaterializeResult(
            data_version=dg.DataVersion(str(LYING[asset](settings))),
            metadata={
                "files": len(files),
                "bytes": sum(file.stat().st_size for file in files),
                "largest_bytes": max(file.stat().st_size for file in files),
                "folder": dg.MetadataValue.path(os.path.relpath(files[0].parent, settings.root)),
            },
        )

    return rendered
