"""A small project folder in which a run takes seconds, and what must hold in it at any moment."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from project_folder import REPOSITORY, copy_sources

from pipeline.release import open_release, seal, shelf

SOURCES = (
    *("regions", "mikrozensus_states", "article_claims", "study_figures", "samofa_nemo_cities"),
    *("foreign_share_states", "foreign_share_districts", "population_states"),
)
PAGE = """---
title: Small
---

```{python}
#| label: release
from pipeline.release import open_release
print(open_release().id)
```
"""
CHART = "survey_shares"


def make(folder: Path) -> Path:
    """A project folder with eight sources and a page that names its release."""
    folder.mkdir(parents=True)
    copy_sources(folder, *SOURCES)
    shutil.copy(REPOSITORY / "dagster.yaml", folder)
    (folder / "reports/index.qmd").write_text(PAGE, "utf-8")
    return folder


def one_chart() -> None:
    """Draw one chart alone: what is tested is that charts arrive whole, not how they look."""
    from pipeline import charts

    for name in [name for name in charts.CHARTS if name != CHART]:
        del charts.CHARTS[name]


def lost(folder: Path, *, was: str | None) -> list[str]:
    """What is broken in a folder after a fault; empty when every reader still sees a whole release and a whole page.

    The warehouse is no reader's: the next run shows whether it was of use.

    Args:
        folder: the project folder.
        was: the id that was current before the fault; None where there was none.
    """
    found = []
    releases = folder / "build/release"
    for one in shelf.kept(releases):
        found += [f"{one.release_id}: {wrong}" for wrong in seal.problems(releases / one.release_id)]
    now = shelf.current(releases)
    if was is not None and now is None:
        found.append("there is no current release any more")
    if now is not None:
        release = open_release(releases / "current")
        for table in release.manifest["tables"]:
            release.table(table)
        json.loads((now / "charts/charts.json").read_text("utf-8"))
    page = folder / "build/report/index.html"
    if was is not None and not page.is_file():
        found.append("there is no page any more")
    if page.is_file() and "</html>" not in page.read_text("utf-8")[-200:]:
        found.append("the page is half written")
    return found


def current_id(folder: Path) -> str | None:
    """The id of the current release."""
    now = shelf.current(folder / "build/release")
    return None if now is None else now.name
