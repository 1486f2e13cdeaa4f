"""Dagster's definitions of the shared part, from the functions the whole is made of.

Belongs here: choosing assets and checks, and a release without charts. Not here: any computation. No module with an
asset postpones its annotations: Dagster reads them.
"""

import dagster as dg

from pipeline.assets.common import OWNERS, POOL, Memory, code_version, explained, key
from pipeline.assets.core import core_assets
from pipeline.assets.marts import mart_assets
from pipeline.assets.publication import RELEASE, lying
from pipeline.assets.sources import source_assets
from pipeline.automation import EVERYTHING
from pipeline.checks import asset_checks
from pipeline.project import Project
from pipeline.release.raw import raw_files
from pipeline.release.write import DRAWN_FROM, publish

CORE = ("caveat", "concept", "correction", "measure", "observation", "region", "source", "vintage")


def _release_asset(project: Project) -> dg.AssetsDefinition:
    settings = project.settings
    tables = [*(f"core.{name}" for name in CORE), "marts.shares", "marts.gaps"]
    spec = dg.AssetSpec(
        key=RELEASE,
        group_name="release",
        deps=[key(table) for table in tables],
        code_version=code_version("shared part"),
        owners=[OWNERS["release"]],
    )

    @dg.multi_asset(name="release__current", specs=[spec], pool=POOL)
    def current(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        with explained():
            kept = Memory(context, [spec]).kept(spec, lying(project, [RELEASE]).get(RELEASE))
            if kept is not None:
                return kept
            settings.charts.mkdir(parents=True, exist_ok=True)
            (settings.charts / DRAWN_FROM).write_text("{}", "utf-8")
            published = publish(
                project.warehouse,
                tables=tables,
                checks=project.contracts.checks,
                charts=settings.charts,
                releases=settings.releases,
                root=settings.root,
                vintages={
                    source.id: {"current": source.current.vintage, "in_use": [], "waiting": []}
                    for source in project.registry.sources.values()
                },
                lock=settings.other_lock,
                raw=raw_files(settings.raw_data, project.registry, settings.lock),
            )
        return dg.MaterializeResult(data_version=dg.DataVersion(published.release_id))

    return current


def part_definitions(project: Project) -> dg.Definitions:
    """Sources, core, the two marts, their checks, the release."""
    return dg.Definitions(
        assets=[*source_assets(project), *core_assets(project), *mart_assets(project), _release_asset(project)],
        asset_checks=asset_checks(project),
        jobs=[dg.define_asset_job(EVERYTHING, selection=dg.AssetSelection.all())],
        executor=dg.in_process_executor,
    )
