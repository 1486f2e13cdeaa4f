"""What lies of the sheets: a missing, changed or strange one gives another data version, so it is rendered again."""

import pytest
from project_folder import copy_sources

from pipeline.assets import sheets
from pipeline.assets.publication import lying
from pipeline.project import open_project
from pipeline.settings import Settings


@pytest.fixture
def project(tmp_path):
    copy_sources(tmp_path, "regions")
    return open_project(Settings.resolve(tmp_path, env={}))


def put(project, *names: str) -> None:
    for name in names:
        file = project.settings.build / "report" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name, "utf-8")


def test_nothing_lies_before_the_first_run(project):
    assert lying(project, [sheets.STATES, sheets.SUMMARY]) == {}


def test_a_missing_changed_or_strange_sheet_is_noticed(project):
    names = ("states/sachsen.html", "states/sachsen.de.html")
    put(project, *names)
    whole = lying(project, [sheets.STATES])
    folder = project.settings.state_sheets
    (folder / "sachsen.de.html").unlink()
    missing = lying(project, [sheets.STATES])
    put(project, *names, "states/prussia.html")
    strange = lying(project, [sheets.STATES])
    (folder / "prussia.html").unlink()
    (folder / "sachsen.html").write_text("changed", "utf-8")
    changed = lying(project, [sheets.STATES])
    assert len({one[sheets.STATES] for one in (whole, missing, strange, changed)}) == 4
    put(project, *names)
    assert lying(project, [sheets.STATES]) == whole


def test_a_missing_summary_is_noticed(project):
    put(project, "summary.html", "summary.de.html")
    whole = lying(project, [sheets.SUMMARY])
    project.settings.summaries["de"].unlink()
    assert lying(project, [sheets.SUMMARY]) != whole
