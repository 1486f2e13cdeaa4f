"""What is loaded of a source with several vintages, and what its materialisation says of them."""

import shutil

import dagster as dg
import pytest
from project_folder import REPOSITORY, add_vintage, copy_sources, use

from pipeline.assets.core import core_assets
from pipeline.assets.sources import source_assets
from pipeline.project import open_project
from pipeline.settings import Settings

SOURCE, OLD, NEW = "foreign_share_states", "2011-2024", "2011-2025"


def materialised(root, *sources: str):
    """The run's result, and the project it ran in."""
    project = open_project(Settings.resolve(root, env={}))
    wanted = [asset for asset in source_assets(project) if asset.op.name.removeprefix("source__") in sources]
    with dg.DagsterInstance.ephemeral() as instance:
        result = dg.materialize(wanted, instance=instance)
    assert result.success
    return result, project


@pytest.fixture
def root(tmp_path):
    copy_sources(tmp_path, "regions", "study_figures", SOURCE)
    add_vintage(tmp_path, f"{SOURCE}/{OLD}", NEW, lambda text: text.replace(",2011,", ",2025,"))
    return tmp_path


def test_a_materialisation_says_which_vintages_it_loaded(root):
    result, project = materialised(root, "regions", SOURCE)
    (event,) = [
        one.materialization
        for one in result.get_asset_materialization_events()
        if one.asset_key and one.asset_key.path == ["raw", SOURCE]
    ]
    told = {name: getattr(entry, "value", entry) for name, entry in event.metadata.items()}
    assert (told["current_vintage"], told["newest_vintage"]) == (OLD, NEW)
    assert told["reference_dates"] == "2011..2025"
    loaded = [record.data for record in told["loaded"].records]
    assert [(row["vintage"], row[""], row["rows"]) for row in loaded] == [(OLD, "current", 224), (NEW, "waits", 224)]
    registered = {
        vintage.vintage: [file.content_sha256 for file in vintage.files] for vintage in project.registry.vintages
    }
    assert told["content_sha256"] == {name: registered[name] for name in (OLD, NEW)}


def test_observations_of_all_vintages_are_staged(root):
    _, project = materialised(root, "regions", SOURCE)
    staged = project.warehouse.read(f"staging.{SOURCE}")
    assert set(staged["vintage_id"]) == {OLD, NEW}


def test_of_a_list_the_current_vintage_alone_is_staged(root):
    add_vintage(root, "study_figures/compiled-1", "compiled-2", lambda text: text)
    for current in ("compiled-1", "compiled-2"):
        use(root, "study_figures", current)
        _, project = materialised(root, "study_figures")
        assert set(project.warehouse.read("raw.study_figures")["vintage"]) == {"compiled-1", "compiled-2"}
        assert set(project.warehouse.read("staging.study_figures")["vintage_id"]) == {current}


def test_a_source_left_out_has_no_table(root):
    shutil.copytree(REPOSITORY / "raw_data/koenigstein_key_states", root / "raw_data/koenigstein_key_states")
    use(root, "koenigstein_key_states", "2010-2020")
    use(root, SOURCE, None)
    project = open_project(Settings.resolve(root, env={}))
    made = {key.path[1] for asset in source_assets(project) for key in asset.keys}
    assert made == {"koenigstein_key_states", "regions", "study_figures"}
    (union,) = [asset for asset in core_assets(project) if dg.AssetKey(["core", "observation"]) in asset.keys]
    assert {key.path[1] for key in union.dependency_keys} == {"koenigstein_key_states"}


def test_what_is_loaded_is_written_down_after_the_loading(root):
    """core.vintage says what the warehouse holds; a source that could not be loaded must not be in it yet."""
    project = open_project(Settings.resolve(root, env={}))
    (described,) = [asset for asset in core_assets(project) if dg.AssetKey(["core", "vintage"]) in asset.keys]
    needed = {dep.asset_key for dep in described.specs_by_key[dg.AssetKey(["core", "vintage"])].deps}
    assert needed == {dg.AssetKey(["staging", source]) for source in project.registry.sources}
