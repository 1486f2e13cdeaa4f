"""Augenhöhe: from public figures on migrant organisations to a report in which every number can be traced.

For analyses of your own: `open_release` opens what was published, and nothing else is needed.

    import pipeline

    release = pipeline.open_release("build/release/current")
    release.table("analysis.east_west")      # a Polars frame; .to_pandas() for Pandas
    release.find("headline.verdict")         # the table and the row that bear an id
    release.trace("headline.verdict")        # the way back to the lines of the files, as lines of text
    release.chart("state_tiles", "de").svg   # a drawn chart, in English or German
    release.manifest["vintages"]             # what it was computed from
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

# Polars keeps memory it no longer needs, for later; of tables of millions of rows that is more than they themselves
# take. It reads this once, when it is first imported.
os.environ.setdefault("_RJEM_MALLOC_CONF", "background_thread:true,dirty_decay_ms:100,muzzy_decay_ms:0")

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.release import Release

__all__ = ["open_release"]


def open_release(path: str | Path | None = None) -> Release:
    """Open a release or a package: the folder `path`, else AUGENHOEHE_RELEASE, else build/release/current upwards.

    Raises:
        pipeline.errors.InputError: there is no release.
    """
    from pathlib import Path

    from pipeline.release import open_release as opened

    return opened(None if path is None else Path(path))
