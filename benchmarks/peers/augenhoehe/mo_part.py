"""`mo` on the shared part of the job: sources, two marts, the checks that concern them, a release; no page.

Belongs here: putting the definitions of that part in the place of those of the whole, so that the same `mo run` runs
them; Dagster is imported as late as there. Not here: anything a user writes; that is raw_data/ with its source.yml, and
sql/marts/.

    python mo_part.py run
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

from pipeline import cli, fingerprint
from pipeline.settings import Settings

if TYPE_CHECKING:
    from dagster import Definitions

    from pipeline.project import Project


def build_definitions(project: Project) -> Definitions:
    """The definitions of the part."""
    from part_definitions import part_definitions

    return part_definitions(project)


def outputs(settings: Settings) -> dict[str, Any]:
    """As of a whole run, but for the pages that the part does not have."""
    release = (settings.releases / "current").resolve(strict=True)
    return {
        "warehouse": fingerprint._of_file(settings.warehouse),
        "log": settings.warehouse.with_name(f"{settings.warehouse.name}.wal").exists(),
        "release": [release.name, fingerprint.of_folder(release)],
        "history": settings.dagster_home.is_dir(),
    }


if __name__ == "__main__":
    part = ModuleType("pipeline.definitions")
    part.build_definitions = build_definitions
    sys.modules["pipeline.definitions"] = part
    fingerprint._outputs = outputs
    cli.main()
