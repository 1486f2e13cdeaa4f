"""`mo status`: how far disk, lock, warehouse and release agree, told without running or writing anything."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from project_folder import add_vintage, copy_sources, use
from typer.testing import CliRunner

from pipeline import fingerprint
from pipeline.cli import app
from pipeline.errors import InputError
from pipeline.project import open_project
from pipeline.registry import described
from pipeline.settings import Settings
from pipeline.status import Line, parts, status
from pipeline.warehouse import Warehouse

SOURCE, OLD, NEW = "foreign_share_states", "2011-2024", "2011-2025"
TABLES = ("core.vintage", "core.source")


def settings(root: Path) -> Settings:
    return Settings.resolve(root, env={})


def run(root: Path) -> None:
    """What a run leaves of the two tables the status compares, in the warehouse and in a release, and its hashes."""
    project = open_project(settings(root))
    frames = {"core.vintage": described.vintages(project.registry), "core.source": described.sources(project.registry)}
    release = root / "build/release/0123456789abcdef"
    (release / "core").mkdir(parents=True, exist_ok=True)
    if not (current := release.with_name("current")).is_symlink():
        current.symlink_to("0123456789abcdef")
    (release / "manifest.json").write_text(json.dumps({"release_id": "0123456789abcdef", "tables": {}}), "utf-8")
    for name, frame in frames.items():
        table = project.contracts.tables[name]
        project.warehouse.replace(name, ddl=table.ddl, comments=table.comments, frame=frame)
        frame.write_parquet(release / f"{name.replace('.', '/')}.parquet")
    project.warehouse.close()
    (root / "build/report").mkdir(exist_ok=True)
    for name in ("index.html", "index.de.html", "summary.html", "summary.de.html"):
        (root / "build/report" / name).write_text("<p>page", "utf-8")
    (root / ".dagster").mkdir(exist_ok=True)
    vintages = parts(project.registry)
    fingerprint.remember(settings(root), fingerprint.of_inputs(settings(root)), assets=11, vintages=vintages)


@pytest.fixture
def root(tmp_path, monkeypatch):
    copy_sources(tmp_path, "koenigstein_key_states", "regions", SOURCE)
    run(tmp_path)
    monkeypatch.setenv("AUGENHOEHE_ROOT", str(tmp_path))
    return tmp_path


def line(root: Path, source: str, vintage: str) -> Line:
    (found,) = [one for one in status(settings(root)).lines if (one.source, one.vintage) == (source, vintage)]
    return found


def test_after_a_run_all_is_fresh(root):
    found = status(settings(root))
    assert found.fresh
    assert found.release_id == "0123456789abcdef"
    assert {(one.part, one.warehouse, one.release) for one in found.lines} == {
        ("current", "same content", "same content")
    }
    ended = CliRunner().invoke(app, ["status"])
    assert (ended.exit_code, ended.output.splitlines()[-1]) == (0, "all is fresh")
    assert f"* {SOURCE}/{OLD}" in ended.output


def test_without_a_history_of_runs_everything_is_due(root):
    fingerprint.forget(settings(root))
    ended = CliRunner().invoke(app, ["status"])
    assert (ended.exit_code, ended.output.splitlines()[-1]) == (1, "not all is fresh: `mo run` computes everything")


def test_a_new_vintage_waits_and_is_not_loaded_until_the_next_run(root):
    add_vintage(root, f"{SOURCE}/{OLD}", NEW, lambda text: text)
    assert line(root, SOURCE, NEW) == Line(SOURCE, NEW, "waits", "not loaded", "not loaded")
    assert line(root, SOURCE, OLD).warehouse == "same content"
    ended = CliRunner().invoke(app, ["status"])
    assert ended.exit_code == 1
    assert f"+ {SOURCE}/{NEW}" in ended.output
    assert "mo run" in ended.output.splitlines()[-1]
    run(root)
    assert status(settings(root)).fresh


def test_another_current_vintage_is_told_until_the_next_run(root):
    add_vintage(root, f"{SOURCE}/{OLD}", NEW, lambda text: text)
    run(root)
    use(root, SOURCE, NEW)
    found = status(settings(root))
    assert not found.fresh
    assert found.other_current == tuple(
        f"{SOURCE}: the lock has {NEW}, the {place} {OLD}" for place in ("warehouse", "release")
    )
    run(root)
    assert status(settings(root)).fresh


def test_other_content_under_the_same_name_is_told(root):
    sidecar = root / "raw_data" / SOURCE / OLD / "source.yml"
    text = sidecar.read_text("utf-8")
    before = next(one for one in text.splitlines() if "content_sha256" in one).split()[-1].strip('"')
    sidecar.write_text(text.replace(before, "a" * 64), "utf-8")
    found = line(root, SOURCE, OLD)
    assert (found.warehouse, found.release) == ("other content", "other content")


def test_a_file_that_is_not_what_its_source_yml_says_is_told(root):
    file = root / "raw_data" / SOURCE / OLD / "figures.csv"
    file.write_bytes(file.read_bytes().replace(b",2024,", b",2023,", 1))
    found = status(settings(root))
    assert not found.fresh
    (told,) = found.files
    assert told.startswith(f"raw_data/{SOURCE}/{OLD}/figures.csv")


def test_a_source_left_out_must_be_gone_from_warehouse_and_release(root):
    use(root, SOURCE, None)
    assert line(root, SOURCE, OLD) == Line(SOURCE, OLD, "left out", "same content", "same content")
    assert not status(settings(root)).fresh
    run(root)
    assert line(root, SOURCE, OLD) == Line(SOURCE, OLD, "left out", "not loaded", "not loaded")
    assert status(settings(root)).fresh


def test_what_is_gone_from_disk_but_loaded_is_told(root):
    add_vintage(root, f"{SOURCE}/{OLD}", NEW, lambda text: text)
    run(root)
    (root / "raw_data" / SOURCE / NEW).rename(root / "away")
    assert line(root, SOURCE, NEW).part == "gone from disk"
    assert not status(settings(root)).fresh


def test_without_warehouse_and_release_the_rest_is_shown(tmp_path):
    copy_sources(tmp_path, "koenigstein_key_states", "regions", SOURCE)
    found = status(settings(tmp_path))
    assert not found.fresh
    assert len(found.unseen) == 2
    assert found.release_id is None
    assert {one.warehouse for one in found.lines} == {"not known"}
    assert not (tmp_path / "build").exists()


HOLD = "import duckdb, sys; con = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"


def test_a_run_that_holds_the_warehouse_is_named_and_not_waited_for(root):
    fingerprint.forget(settings(root))  # as a run does
    file = settings(root).warehouse
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        found = status(settings(root))
    finally:
        holder.communicate()
    (told,) = found.unseen
    assert f"the warehouse is in use by process {holder.pid}" in told
    assert not found.fresh
    assert {(one.warehouse, one.release) for one in found.lines} == {("not known", "same content")}
    assert holder.returncode == 0


def test_to_look_changes_no_byte_and_leaves_the_file_free(root):
    def bytes_of_all() -> dict[Path, str]:
        return {file: hashlib.sha256(file.read_bytes()).hexdigest() for file in root.rglob("*") if file.is_file()}

    before = bytes_of_all()
    status(settings(root))
    assert bytes_of_all() == before
    run(root)


def test_a_warehouse_that_is_none_or_empty_is_told(tmp_path):
    (tmp_path / "w.duckdb").write_text("no database")
    with pytest.raises(InputError, match="cannot be read"):
        Warehouse(tmp_path / "w.duckdb").look(TABLES)
    (tmp_path / "w.duckdb").unlink()
    with pytest.raises(InputError, match="no warehouse yet"):
        Warehouse(tmp_path / "w.duckdb").look(TABLES)
    subprocess.run([sys.executable, "-c", HOLD, str(tmp_path / "w.duckdb")], input="", check=True, text=True)
    with pytest.raises(InputError, match="not filled yet"):
        Warehouse(tmp_path / "w.duckdb").look(TABLES)


def test_the_frames_of_the_registry_fit_what_is_looked_at(root):
    """The status compares the hashes as core.vintage holds them."""
    held = Warehouse(settings(root).warehouse).look(TABLES)["core.vintage"]
    mine = held.filter(pl.col("source_id") == SOURCE)
    (vintage,) = open_project(settings(root)).registry.sources[SOURCE].vintages
    assert mine["content_sha256"].to_list() == [vintage.content_sha256]
    assert mine["in_use"].to_list() == [True]


def test_where_no_byte_has_changed_nothing_is_opened_twice(root, monkeypatch):
    monkeypatch.setattr("pipeline.registry.verify", lambda _: pytest.fail("the files were read again"))
    monkeypatch.setattr("pipeline.status._in_warehouse", lambda _: pytest.fail("the warehouse was opened"))
    assert status(settings(root)).fresh
