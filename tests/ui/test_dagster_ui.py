"""The Dagster UI of one project folder from its first run to a refused release, in Chromium and through GraphQL.

Each fixture is one thing a person does, and builds on the one before; what it leaves is told by the tests. One server
and three runs serve them all.
"""

import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from project_folder import add_vintage, published, use

from pipeline.release import open_release
from tests.pipeline import snapshot
from tests.ui.served import BROKEN_RULE, Run, Served, mistype_a_figure, mo, project_with_ui, served

LAYERS = ["raw", "staging", "core", "marts", "analysis", "charts", "release", "report"]
SOURCE, OLD, NEW = "foreign_share_states", "2011-2024", "2011-2025"
PATIENCE = 120_000  # milliseconds


@pytest.fixture(scope="module")
def ui(finished, tmp_path_factory):
    """The project after a run of `mo run`; then its warehouse was lost."""
    folder = tmp_path_factory.mktemp("ui") / "project"
    shutil.copytree(finished.folder, folder, symlinks=True)
    (folder / "build/warehouse.duckdb").unlink()
    with served(project_with_ui(folder)) as started:
        yield started


@pytest.fixture(scope="module")
def tab(browser):
    opened = browser.new_page(viewport={"width": 1500, "height": 1000})
    opened.set_default_timeout(PATIENCE)
    yield opened
    opened.close()


@dataclass(frozen=True)
class Step:
    """What a step of the story left: its run, what the UI calls unsynced after it, the release that is current."""

    run: Run
    unsynced: frozenset[str]
    release: str


def left(ui: Served, run: Run) -> Step:
    return Step(run, frozenset(ui.unsynced()), current(ui.folder))


def current(folder: Path) -> str:
    return (folder / "build/release/current").readlink().name


@pytest.fixture(scope="module")
def materialised(ui, tab):
    """The button "Materialize all" of the asset graph was pressed."""
    tab.goto(f"{ui.address}/asset-groups/")
    before = ui.runs()
    tab.get_by_role("button", name="Materialize all").click()
    return left(ui, ui.next_run(before))


@pytest.fixture(scope="module")
def made(ui, materialised):
    """The hash of every file that was published."""
    return published(ui.folder)


@dataclass(frozen=True)
class NewVintage:
    """What UI and status call unsynced, and what the sensor would do, before and after."""

    unsynced: frozenset[str]
    status: Any
    before: dict[str, Any]
    look: dict[str, Any]


@pytest.fixture(scope="module")
def new_vintage(ui, made):
    """A vintage with a year more lies there and is the current one; nothing has run since."""
    first = ui.look_of_sensor("")
    before = ui.look_of_sensor(first["cursor"])
    add_vintage(
        ui.folder,
        f"{SOURCE}/{OLD}",
        NEW,
        lambda text: (
            text + "".join(line.replace(",2024,", ",2025,") + "\n" for line in text.splitlines() if ",2024," in line)
        ),
    )
    use(ui.folder, SOURCE, NEW)
    ui.reload()
    return NewVintage(frozenset(ui.unsynced()), mo(ui.folder, "status"), before, ui.look_of_sensor(first["cursor"]))


@pytest.fixture(scope="module")
def broken(ui, new_vintage):
    """A figure was mistyped, too; the sensor was switched on and asked for everything."""
    mistype_a_figure(ui.folder)
    ui.reload()
    before = ui.runs()
    ui.switch_sensor_on()
    run = ui.next_run(before)
    ui.switch_sensor_off()
    return left(ui, run)


@pytest.fixture(scope="module")
def refused(ui, broken):
    """Only the release was asked for, though the rows that break the rule lie there."""
    return left(ui, ui.launch("__ASSET_JOB", "release.current"))


def told_by_the_snapshot() -> dict[str, str]:
    """Asset → group."""
    return dict(re.findall(r"(?m)^asset (\S+)\n  group (\w+)", snapshot.FILE.read_text("utf-8")))


def made_from(asset: str) -> set[str]:
    """All assets that depend on it, by the snapshot."""
    blocks = snapshot.FILE.read_text("utf-8").split("asset ")[1:]
    inputs = {block.split()[0]: set(re.findall(r"(?m)^  from (\S+)", block)) for block in blocks}
    found, new = set(), {asset}
    while new:
        found |= new
        new = {name for name, needed in inputs.items() if needed & new} - found
    return found - {asset}


def metadata(tab, ui: Served, asset: str, key: str):
    """The row of a metadata entry in the page of an asset."""
    tab.goto(f"{ui.address}/assets/{asset.replace('.', '/')}")
    row = tab.locator("tr").filter(has=tab.locator("td").first.get_by_text(key, exact=True)).first
    row.wait_for()
    return row


def test_the_graph_shows_the_layers_as_groups(ui, tab):
    tab.goto(f"{ui.address}/asset-groups/")
    groups = tab.locator("foreignObject.group > div")
    groups.nth(len(LAYERS) - 1).wait_for()
    found = {one.inner_text().split()[0]: one.bounding_box()["x"] for one in groups.all()}
    assert sorted(found, key=found.get) == LAYERS


def test_the_catalogue_lists_every_asset_of_the_snapshot(ui):
    assert {name: one["groupName"] for name, one in ui.assets().items()} == told_by_the_snapshot()


def test_materialize_all_makes_what_is_missing_and_keeps_the_rest(ui, materialised):
    run = materialised.run
    assert (run.status, run.failures, run.failed_checks) == ("SUCCESS", {}, frozenset())
    groups = told_by_the_snapshot()
    assert run.computed == {name for name, group in groups.items() if group in LAYERS[:5]}
    assert run.kept == groups.keys() - run.computed
    assert materialised.release == open_release(ui.folder / "build/release/current").id
    assert materialised.unsynced == frozenset()


def test_the_button_gives_the_same_bytes_as_the_command(made, finished):
    assert made == published(finished.folder)


def test_a_chart_is_seen_in_the_page_of_its_asset(ui, materialised, tab):
    row = metadata(tab, ui, "charts.drawn", "state_tiles")
    picture = row.get_by_role("img", name="chart")
    picture.scroll_into_view_if_needed()
    tab.wait_for_function("one => one.complete", arg=picture.element_handle())
    shown = picture.bounding_box()
    assert picture.evaluate("one => one.naturalWidth") == 440
    assert shown["width"] == pytest.approx(440, abs=2)
    assert shown["height"] > 200
    assert "All five eastern states" in row.inner_text()


def test_a_table_is_previewed_as_a_table(ui, materialised, tab):
    preview = metadata(tab, ui, "marts.share", "preview").locator("table")
    assert preview.locator("th").all_inner_texts()[:2] == ["series_id", "source_id"]
    assert preview.locator("tbody tr").count() == 10


def test_columns_are_explained_and_lead_back(ui, materialised, tab):
    made_from = metadata(tab, ui, "marts.share", "columns_made_from").locator("table").inner_text()
    assert "share_percent\tmarts.current_observation.value" in made_from
    # The columns and the links come a moment after the rest of the page.
    column = tab.locator("tr").filter(has_text="share_percent").filter(has_text="unit: percent").first
    assert "null where the publisher gives none" in column.inner_text()
    links = tab.get_by_role("link", name=re.compile("in editor"))
    links.nth(1).wait_for()
    told = [re.search(r"\w+/\w+\.\w+", link)[0] for link in links.all_inner_texts()]
    assert told == ["marts/share.sql", "assets/marts.py"]


def test_a_source_tells_licence_reference_dates_and_vintages(ui, materialised, tab):
    licence = metadata(tab, ui, "raw.population_states", "licence").inner_text()
    assert "dl-de/by-2-0 (stated)" in licence
    for told in ("2010-12-31..2024-12-31", "Statistisches Bundesamt (Destatis)", "licence: dl-de-by-2-0"):
        tab.locator("body", has_text=told).wait_for()
    loaded = tab.locator("tr").filter(has=tab.get_by_text("loaded", exact=True)).locator("table").last.inner_text()
    assert loaded.split() == ["vintage", "rows", "content_sha256", "2010-2024", "current", "240", "96c6c234e768"]


def test_the_report_is_linked_and_previewed(ui, materialised, tab):
    preview = metadata(tab, ui, "report.index", "preview_en")
    assert preview.locator("li").first.inner_text().startswith("In 2018 a migration background was rarer in the East")
    with tab.expect_download() as begun:
        tab.get_by_role("link", name="Download the page (en)").click()
    assert Path(begun.value.path()).read_bytes() == (ui.folder / "build/report/index.html").read_bytes()


def test_the_sensor_asks_for_a_run_when_the_content_has_changed_and_only_then(new_vintage):
    assert new_vintage.before["skipReason"] == "nothing has changed in raw_data"
    assert not new_vintage.before["runRequests"]
    assert len(new_vintage.look["runRequests"]) == 1
    assert new_vintage.look["cursor"] != new_vintage.before["cursor"]


def test_the_ui_and_the_status_call_the_same_assets_unsynced(new_vintage):
    assert {f"raw.{SOURCE}", f"staging.{SOURCE}", "core.vintage"} <= new_vintage.unsynced
    assert not any(name.startswith(("marts.", "analysis.")) for name in new_vintage.unsynced)
    told = re.findall(r"(?m)^not fresh: (\S+):", new_vintage.status.stdout)
    assert set(told) == new_vintage.unsynced
    assert new_vintage.status.returncode == 1


def test_a_broken_blocking_rule_stops_what_follows(broken, materialised):
    run = broken.run
    assert run.tags["dagster/sensor_name"] == "raw_data_changed"
    assert (run.status, run.failed_checks) == ("FAILURE", {f"core.observation {BROKEN_RULE}"})
    assert "core.observation" in run.computed
    follow = made_from("core.observation")
    assert follow >= {"marts.share", "analysis.east_west", "charts.drawn", "release.current", "report.index"}
    assert not (run.computed | run.kept) & follow
    assert broken.release == materialised.release


def test_the_rows_that_break_a_rule_are_seen(ui, broken, tab):
    tab.goto(f"{ui.address}/assets/core/observation?view=checks&checkDetail={BROKEN_RULE}")
    rows = tab.locator("table").filter(has_text="parts_lower_persons").last.locator("tbody tr")
    rows.first.wait_for()
    assert [row.inner_text().split("\t")[2:4] for row in rows.all()] == [["03101", "2024"]]
    for told in ("This is a blocking asset check.", "Persons with and persons without cannot be more than all persons"):
        tab.locator("body", has_text=told).wait_for()


def test_the_gate_refuses_the_release_alone_and_says_the_rows(ui, refused, materialised, tab):
    run = refused.run
    assert (run.status, run.computed | run.kept, "release" in run.tags) == ("FAILURE", frozenset(), False)
    (said,) = run.failures.values()
    assert "the gate refuses to publish" in said
    assert f"core.observation__{BROKEN_RULE}: 1 rows" in said
    assert "region_id: 03101, reference: 2024" in said
    assert refused.release == materialised.release
    assert open_release(ui.folder / "build/release/current").id == materialised.release
    tab.goto(f"{ui.address}/runs/{run.id}")
    tab.get_by_text("the gate refuses to publish").first.wait_for()
