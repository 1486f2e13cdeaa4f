"""The only wiring: every asset, check, job, sensor and schedule of one project folder, for Dagster.

Belongs here: putting the parts together. Not here: any part.
"""

from __future__ import annotations

import dagster as dg

from pipeline.assets.analysis import analysis_assets
from pipeline.assets.core import core_assets
from pipeline.assets.marts import mart_assets
from pipeline.assets.publication import publication_assets
from pipeline.assets.sheets import sheet_assets
from pipeline.assets.sources import source_assets
from pipeline.automation import jobs, schedules, sensors
from pipeline.checks import asset_checks
from pipeline.history import keep_open
from pipeline.project import Project, open_project
from pipeline.settings import Settings

# Two steps at a time: more would only wait for the warehouse. Each is a fork of one process that has imported all and
# begun nothing (no thread, no connection): a process from nothing would take longer to import than most steps compute.
EXECUTORS = {
    "in_process": dg.in_process_executor,
    "multiprocess": dg.multiprocess_executor.configured(
        {
            "max_concurrent": 2,
            "start_method": {"forkserver": {"preload_modules": ["pipeline.definitions", "pipeline.report"]}},
        }
    ),
}


def build_definitions(project: Project) -> dg.Definitions:
    """All definitions of a project folder."""
    return dg.Definitions(
        assets=[
            *source_assets(project),
            *core_assets(project),
            *mart_assets(project),
            *analysis_assets(project),
            *publication_assets(project),
            *sheet_assets(project),
        ],
        asset_checks=asset_checks(project),
        jobs=jobs(project),
        schedules=schedules(project),
        sensors=sensors(project),
        executor=EXECUTORS[project.settings.executor],
    )


@dg.definitions
def defs() -> dg.Definitions:
    """The definitions of the project folder Dagster is started in."""
    keep_open()
    return build_definitions(open_project(Settings.resolve()))
