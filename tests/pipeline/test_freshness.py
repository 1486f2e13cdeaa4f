"""What is fresh stays as it is: by the records of Dagster, by what the UI calls unsynced, and by what is stored."""

import dagster as dg
import pytest
from dagster._core.definitions.data_version import CachingStaleStatusResolver, StaleStatus
from dagster._core.loader import LoadingContextForTest
from project_folder import add_vintage, copy_sources

from pipeline.assets.common import KEPT
from pipeline.assets.core import core_assets
from pipeline.assets.publication import lying
from pipeline.assets.sources import source_assets
from pipeline.freshness import FORCE, plan
from pipeline.project import open_project
from pipeline.settings import Settings

SOURCE, OTHER, VINTAGE = "foreign_share_states", "koenigstein_key_states", "2011-2024"
TABLES = {f"{layer}.{source}" for layer in ("raw", "staging") for source in (SOURCE, OTHER, "regions")}


class Folder:
    """A project folder of three sources with a history; its assets are those sources and what core makes of them."""

    def __init__(self, root, instance):
        self.root, self.instance = root, instance

    def opened(self):
        project = open_project(Settings.resolve(self.root, env={}))
        assets = [
            *source_assets(project),
            *(one for one in core_assets(project) if one.op.name in ("core__observation", "core__described")),
        ]
        return project, dg.Definitions(assets=assets)

    def run(self, **tags: str) -> tuple[set[str], set[str]]:
        """Materialise everything: what was computed, and what was kept."""
        project, definitions = self.opened()
        result = dg.materialize(list(definitions.assets), instance=self.instance, tags=tags)
        assert result.success
        project.warehouse.close()
        done = {True: set(), False: set()}
        for event in result.get_asset_materialization_events():
            told = event.materialization
            done[KEPT in told.metadata].add(".".join(told.asset_key.path))
        return done[False], done[True]

    def due(self) -> tuple[set[str], set[str]]:
        """The assets that are not fresh, and all that a run looks at."""
        project, definitions = self.opened()
        found = plan(definitions, self.instance, lambda keys: lying(project, keys))
        project.warehouse.close()
        return {".".join(key.path) for key in found.reasons}, {".".join(key.path) for key in found.selected}

    def unsynced(self) -> set[str]:
        """What the UI calls unsynced."""
        graph = self.opened()[1].resolve_asset_graph()
        asked = CachingStaleStatusResolver(self.instance, graph, LoadingContextForTest(self.instance))
        keys = graph.materializable_asset_keys
        return {".".join(key.path) for key in keys if asked.get_status(key) is not StaleStatus.FRESH}

    def change(self, old: str, new: str) -> None:
        file = self.root / "raw_data" / SOURCE / VINTAGE / "figures.csv"
        text = file.read_text("utf-8")
        assert old in text
        file.write_text(text.replace(old, new, 1), "utf-8")

    def shuffle(self) -> None:
        file = self.root / "raw_data" / SOURCE / VINTAGE / "figures.csv"
        header, *rows = file.read_text("utf-8").splitlines(keepends=True)
        file.write_text(header + "".join(reversed(rows)), "utf-8")


@pytest.fixture
def folder(tmp_path):
    copy_sources(tmp_path, "regions", SOURCE, OTHER)
    with dg.DagsterInstance.ephemeral() as instance:
        yield Folder(tmp_path, instance)


def test_an_unchanged_rerun_computes_nothing_and_leaves_all_fresh(folder):
    everything, kept = folder.run()
    assert everything > TABLES
    assert not kept
    computed, kept = folder.run()
    assert (computed, kept) == (set(), everything)
    assert folder.unsynced() == set()
    assert folder.due() == (set(), set())


def test_a_kept_asset_still_says_what_it_holds(folder):
    folder.run()
    folder.run()
    event = folder.instance.get_latest_materialization_event(dg.AssetKey(["raw", SOURCE]))
    told = event.asset_materialization.metadata
    assert told["dagster/row_count"].value == 224
    assert {"preview", "digest", "loaded"} <= set(told)


def test_a_run_with_the_tag_force_computes_all_the_same(folder):
    everything, _ = folder.run()
    assert folder.run(**{FORCE: "true"}) == (everything, set())


def test_of_a_shuffled_file_the_lines_change_and_no_other_source(folder):
    """Another line of a figure is another row as far as core.observation, which names it; marts hold no lines."""
    folder.run()
    folder.shuffle()
    roots, looked_at = folder.due()
    assert roots == folder.unsynced() == {f"raw.{SOURCE}"}
    assert looked_at >= {f"raw.{SOURCE}", f"staging.{SOURCE}", "core.observation", "core.vintage"}
    assert not any(OTHER in name for name in looked_at)
    computed, _ = folder.run()
    assert computed == {f"raw.{SOURCE}", f"staging.{SOURCE}", "core.observation", "core.vintage"}
    observations = folder.opened()[0].warehouse.read("core.observation")
    lines = (folder.root / "raw_data" / SOURCE / VINTAGE / "figures.csv").read_text("utf-8").splitlines()
    for row in observations.filter(source_id=SOURCE).head(20).iter_rows(named=True):
        assert row["region_id"] in lines[row["raw_line"] - 1]
        assert row["reference"] in lines[row["raw_line"] - 1]


def test_equal_rows_from_another_description_end_at_the_table_that_is_equal(folder):
    """An address in a source.yml belongs to what staging is made from, but changes no figure."""
    folder.run()
    sidecar = folder.root / "raw_data" / SOURCE / VINTAGE / "source.yml"
    text = sidecar.read_text("utf-8")
    sidecar.write_text(text.replace("\nurl: ", "\nurl: https://example.org/#", 1), "utf-8")
    assert text != sidecar.read_text("utf-8")
    computed, kept = folder.run()
    assert f"staging.{SOURCE}" in computed
    assert "core.observation" in kept
    assert folder.unsynced() == set()


def test_a_new_vintage_concerns_its_source_alone(folder):
    folder.run()
    add_vintage(folder.root, f"{SOURCE}/{VINTAGE}", "2011-2025", lambda text: text.replace(",2011,", ",2025,"))
    assert not any(OTHER in name for name in folder.run()[0])
    assert folder.unsynced() == set()


def test_a_table_that_is_gone_or_was_touched_is_not_fresh(folder):
    folder.run()
    warehouse = folder.opened()[0].warehouse
    with warehouse.session() as con:
        con.execute(f"DROP TABLE raw.{OTHER}")
        con.execute(f"DELETE FROM staging.{SOURCE} WHERE region_id = '01'")
    warehouse.close()
    assert folder.unsynced() == set(), "the records alone do not see it"
    roots, _ = folder.due()
    # The core table is a view, so it shows what was done to the rows below it, until they are mended.
    assert roots == {f"raw.{OTHER}", f"staging.{SOURCE}", "core.observation"}
    computed, kept = folder.run()
    assert computed == {f"raw.{OTHER}", f"staging.{SOURCE}"}
    assert "core.observation" in kept


def test_a_view_over_a_table_that_is_gone_is_gone_as_well(folder):
    folder.run()
    warehouse = folder.opened()[0].warehouse
    with warehouse.session() as con:
        con.execute(f"DROP TABLE staging.{SOURCE}")
    warehouse.close()
    assert warehouse.damage() is None
    roots, _ = folder.due()
    assert {f"staging.{SOURCE}", "core.observation"} <= roots
    computed, _ = folder.run()
    assert computed == {f"staging.{SOURCE}"}
    assert warehouse.digests(["core.observation"])


def test_a_deleted_warehouse_is_filled_again(folder):
    everything, _ = folder.run()
    folder.opened()[0].settings.warehouse.unlink()
    roots, looked_at = folder.due()
    assert roots == looked_at == everything
    assert folder.run() == (everything, set())


def test_a_run_that_failed_counts_for_what_it_stored_only(folder):
    folder.run()
    folder.change(",2024,", ",2O24,")
    project, definitions = folder.opened()
    failed = dg.materialize(list(definitions.assets), instance=folder.instance, raise_on_error=False)
    assert not failed.success
    project.warehouse.close()
    assert f"raw.{SOURCE}" in folder.unsynced()
    folder.change(",2O24,", ",2024,")
    assert folder.unsynced() == set()
    computed, _ = folder.run()
    assert computed == set()


def test_what_is_stored_together_is_looked_at_together(folder):
    """The plan names every table of a step that cannot be divided."""
    one, two = dg.AssetSpec("one", code_version="1"), dg.AssetSpec("two", code_version="1", deps=["above"])

    @dg.multi_asset(specs=[one, two])
    def step():
        yield dg.MaterializeResult(asset_key="one", data_version=dg.DataVersion("1"))
        yield dg.MaterializeResult(asset_key="two", data_version=dg.DataVersion("1"))

    def definitions(version: str) -> dg.Definitions:
        @dg.asset(code_version=version)
        def above() -> dg.MaterializeResult:
            return dg.MaterializeResult(data_version=dg.DataVersion(version))

        return dg.Definitions(assets=[above, step])

    dg.materialize(list(definitions("1").assets), instance=folder.instance)
    stored = dict.fromkeys((dg.AssetKey(name) for name in ("one", "two", "above")), "1")
    assert plan(definitions("1"), folder.instance, lambda _: stored).selected == frozenset()
    found = plan(definitions("2"), folder.instance, lambda _: stored)
    assert set(found.reasons) == {dg.AssetKey("above")}
    assert found.selected == set(stored)
    forced = plan(definitions("1"), folder.instance, lambda _: stored, force=True)
    assert set(forced.reasons) == forced.selected == set(stored)
