"""Project folders in which runs are disturbed, and what must hold in them at any moment."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from project_folder import REPOSITORY, add_vintage, copy_sources, use

from pipeline.release import open_release, seal, shelf
from pipeline.settings import Settings

# As few as the marts, the declared comparisons below and the rules of the claims can do with.
SOURCES = (
    *("regions", "mikrozensus_states", "article_claims", "study_figures", "samofa_nemo_cities"),
    *("foreign_share_states", "population_states", "association_counts", "azr_foreign_population_states"),
    "protection_seekers_districts",
)
PAGE = """---
title: Migrant organisations in Germany, at eye level
---

```{python}
#| label: release
from pipeline.release import open_release
print(open_release().id)
```
"""
CHART = "survey_shares"
COMPARISONS = {
    *("background_wider", "gap_multiverse", "statement_on_2018", "published_percentages", "volunteering_2014"),
    *("migrant_organisations", "foreign_register_2022_2024"),
}
# The figures as they are, and with a later vintage of one source.
STATES = ("raw_data", "later_data")


@dataclass
class Place:
    """A project folder with two states of its figures.

    Attributes:
        path: the folder.
        wanted: the release an undisturbed run gives, by state.
        state: the state the last run that ended well was computed from.
        whole: every source, comparison and chart, and the report itself.
    """

    path: Path
    wanted: dict[str, str] = field(default_factory=dict)
    state: str = STATES[0]
    whole: bool = False

    @property
    def other(self) -> str:
        """The state that is not the current one."""
        return STATES[1 - STATES.index(self.state)]

    @property
    def id(self) -> str | None:
        """The id of the current release."""
        now = shelf.current(self.path / "build/release")
        return None if now is None else now.name

    def pages(self) -> list[Path]:
        """Every page a reader may open; what is hidden is not finished, or of a run that was killed."""
        report = self.path / "build/report"
        found = sorted(report.rglob("*.html"))
        return [page for page in found if not any(part.startswith(".") for part in page.relative_to(report).parts)]

    def settings(self, state: str) -> Settings:
        """The settings of a run from that state."""
        return Settings.resolve(
            self.path, env={"AUGENHOEHE_RAW_DATA": str(self.path / state), "AUGENHOEHE_RENDERER": "builtin"}
        )


def make(folder: Path, *, whole: bool = False) -> Place:
    """A project folder: small, with a page that names its release; or with everything there is."""
    folder.mkdir(parents=True)
    if whole:
        for name in ("raw_data", "sql", "reports"):
            shutil.copytree(REPOSITORY / name, folder / name)
    else:
        copy_sources(folder, *SOURCES)
        (folder / "reports/index.qmd").write_text(PAGE, "utf-8")
        (folder / "reports/assets").mkdir()
        for name in ("sheet.html", "sheet.css"):
            shutil.copy(REPOSITORY / "reports/assets" / name, folder / "reports/assets")
        # In a folder of its own, since a vintage is added beside the one it is made from.
        later = folder / "later"
        shutil.copytree(folder / "raw_data", later / "raw_data")
        add_vintage(later, "foreign_share_states/2011-2024", "2011-2025", four_points_more)
        use(later, "foreign_share_states", "2011-2025")
        (later / "raw_data").rename(folder / STATES[1])
        later.rmdir()
    shutil.copy(REPOSITORY / "dagster.yaml", folder)
    return Place(folder, whole=whole)


def four_points_more(text: str) -> str:
    """Other figures of 2024, which go into marts, results and the statements of the article."""
    return re.sub(r"(?m)^(\d\d,[^,]*,2024,share_percent,)(\d+)", lambda found: f"{found[1]}{int(found[2]) + 4}", text)


def small() -> None:
    """One chart, the statistics the sources can carry, the release alone on every sheet, nothing for the UI.

    What is tested is that all of it arrives whole, not how it looks.
    """
    from dataclasses import replace

    from pipeline import charts
    from pipeline.analysis.design import load_design
    from pipeline.assets import analysis, marts
    from pipeline.report import sheets, summary

    for name in [name for name in charts.CHARTS if name != CHART]:
        del charts.CHARTS[name]
    design = load_design()
    declared = replace(design, comparisons=tuple(one for one in design.comparisons if one.id in COMPARISONS))
    analysis.load_design = lambda: declared
    marts._lineage = lambda *_: {}

    def named(page: Any, *_: object) -> str:
        return f"<!DOCTYPE html>\n<html><title>Small</title><p>{page.release.id}</p></html>\n"

    sheets._sheet = lambda sheet, *_: named(sheet.page)
    summary._summary = named


def lost(place: Place, *, was: str | None) -> list[str]:
    """What is broken in a folder after a fault; empty when every reader still sees a whole release and a whole page.

    The warehouse is no reader's: the next run shows whether it was of use.

    Args:
        place: the project folder.
        was: the id that was current before the fault; None where there was none.
    """
    found = []
    releases = place.path / "build/release"
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
    page = place.path / "build/report/index.html"
    if was is not None and not page.is_file():
        found.append("there is no page any more")
    for one in place.pages():
        if "</html>" not in one.read_text("utf-8")[-200:]:
            found.append(f"{one.name} is half written")
    return found


def unwell(place: Place, state: str) -> list[str]:
    """What the doctor finds, but for half-written files, which stay for an hour."""
    from pipeline.doctor import examine

    return [str(finding) for finding in examine(place.settings(state)) if "is half written" not in finding.what]
