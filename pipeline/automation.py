"""Jobs by name: what `mo run`, the UI and the command line of Dagster start.

Belongs here: which assets go together in a run. Not here: the assets.
"""

from __future__ import annotations

import dagster as dg

EVERYTHING = "everything"

# One process: sixty small steps in processes of their own take about five times as long, nearly all of it imports.
_QUIET = {"loggers": {"console": {"config": {"log_level": "WARNING"}}}}


def jobs() -> list[dg.UnresolvedAssetJobDefinition]:
    """The named jobs."""
    return [
        dg.define_asset_job(
            EVERYTHING,
            selection=dg.AssetSelection.all(),
            description="From the figures to the report: every table, check, chart, the release and the page.",
            config=_QUIET,
        )
    ]
