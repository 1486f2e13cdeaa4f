"""`mo doctor`: every kind of damage is found and told with its remedy, nothing is written, and repair makes way."""

import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.events import EngineEventData
from project_folder import REPOSITORY, add_vintage, copy_sources, use
from typer.testing import CliRunner

from pipeline import doctor, fingerprint
from pipeline.cli import app
from pipeline.doctor import examine
from pipeline.one_run import only_one
from pipeline.project import open_project
from pipeline.registry import described
from pipeline.release.raw import raw_files
from pipeline.release.write import publish
from pipeline.settings import Settings

SOURCE, VINTAGE = "foreign_share_states", "2011-2024"
TABLES = ("core.vintage", "core.source")


@pytest.fixture
def settings(tmp_path, monkeypatch):
    """A project folder as a run leaves it, with two tables."""
    copy_sources(tmp_path, "regions", SOURCE)
    shutil.copy(REPOSITORY / "dagster.yaml", tmp_path)
    monkeypatch.setenv("AUGENHOEHE_ROOT", str(tmp_path))
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    settings = Settings.resolve(tmp_path, env={})
    (tmp_path / ".dagster").mkdir()
    shutil.copy(REPOSITORY / "dagster.yaml", tmp_path / ".dagster")
    with dg.DagsterInstance.from_config(str(tmp_path / ".dagster")) as instance:
        instance.create_run_for_job(dg.GraphDefinition("ended").to_job(), status=dg.DagsterRunStatus.SUCCESS)
    released(settings)
    return settings


def released(settings: Settings, title: str = "") -> str:
    """Fill the warehouse, publish, write a page and what tells that all is fresh."""
    project = open_project(settings)
    frames = {"core.vintage": described.vintages(project.registry), "core.source": described.sources(project.registry)}
    for name, frame in frames.items():
        table = project.contracts.tables[name]
        project.warehouse.replace(name, ddl=table.ddl, comments=table.comments, frame=frame)
    settings.charts.mkdir(parents=True, exist_ok=True)
    (settings.charts / "charts.json").write_text(f'{{"title": "{title}"}}')
    (settings.charts / "drawn_from.json").write_text("{}")
    published = publish(
        project.warehouse,
        tables=TABLES,
        checks=(),
        charts=settings.charts,
        releases=settings.releases,
        root=settings.root,
        vintages={},
        lock=None,
        raw=raw_files(settings.raw_data, project.registry, settings.lock),
    )
    project.warehouse.close()
    settings.state_sheets.mkdir(parents=True, exist_ok=True)
    sheet = settings.state_sheets / "sachsen.html"
    for page in (*settings.pages.values(), *settings.summaries.values(), sheet):
        page.write_text(f"<html><p>release {published.release_id}</p></html>\n", "utf-8")
    fingerprint.remember(settings, fingerprint.of_inputs(settings), assets=2, vintages=())
    return published.release_id


def bytes_of_all(root: Path) -> dict[Path, str]:
    files = (file for file in root.rglob("*") if file.is_file() and not file.name.endswith(("-shm", "-wal")))
    return {file: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def flip(file: Path) -> None:
    data = bytearray(file.read_bytes())
    for part in range(1, 40):
        data[len(data) * part // 40] ^= 0xFF
    file.write_bytes(data)


def current(settings: Settings) -> Path:
    return (settings.releases / "current").resolve()


def relink(settings: Settings, target: str) -> None:
    (settings.releases / "current").unlink()
    (settings.releases / "current").symlink_to(target)


def a_folder_as_link(settings: Settings) -> None:
    (settings.releases / "current").unlink()
    (settings.releases / "current").mkdir()


def test_where_all_is_well_it_says_so_and_writes_nothing(settings):
    before = bytes_of_all(settings.root)
    assert examine(settings) == []
    ended = CliRunner().invoke(app, ["doctor"])
    assert (ended.exit_code, ended.output) == (0, f"all is well: release {current(settings).name}\n")
    assert bytes_of_all(settings.root) == before


DAMAGE = {
    "warehouse gone": (lambda s: s.warehouse.unlink(), "there is no warehouse", False),
    "warehouse no database": (lambda s: s.warehouse.write_text("x" * 9000), "the warehouse cannot be read", True),
    "warehouse flipped": (lambda s: flip(s.warehouse), "the warehouse cannot be read", True),
    "history gone": (lambda s: shutil.rmtree(s.dagster_home), "there is no history of runs", False),
    "history spoilt": (
        lambda s: flip(s.dagster_home / "history/runs.db"), "the history of runs is damaged: history/runs.db", True,
    ),
    "history no database": (
        lambda s: (s.dagster_home / "history/runs.db").write_text("x" * 9000), "the history of runs is damaged", True,
    ),
    "file of the release gone": (
        lambda s: (current(s) / "core/source.csv").unlink(), "is damaged: core/source.csv: missing", False,
    ),
    "byte of the release": (lambda s: flip(current(s) / "core/source.csv"), "source.csv: other content", False),
    "release without manifest": (
        lambda s: (current(s) / "manifest.json").unlink(), "is damaged: manifest.json: missing", False,
    ),
    "release gone": (lambda s: shutil.rmtree(current(s)), "the current release", False),
    "all releases gone": (lambda s: shutil.rmtree(s.releases), "there is no release", False),
    "link astray": (lambda s: relink(s, "../../raw_data"), "which is no release beside it", True),
    "a folder for a link": (a_folder_as_link, "this is no link to a release", True),
    "page gone": (lambda s: s.report.unlink(), "there is no page", False),
    "German page gone": (lambda s: s.pages["de"].unlink(), "there is no page index.de.html", False),
    "sheet cut": (lambda s: (s.state_sheets / "sachsen.html").write_text("<html>"), "not whole: states/sachsen", False),
    "sheets gone": (lambda s: shutil.rmtree(s.state_sheets), "there is no sheet of a state", False),
    "page cut": (lambda s: s.report.write_text("<html><p>"), "the page is not whole", False),
    "page of another release": (lambda s: s.report.write_text("<html></html>"), "the page is not of release", False),
    "half a release": (
        lambda s: (s.releases / ".partial-x").mkdir(), "release/.partial-x is half written", True,
    ),
    "charts changed": (lambda s: (s.charts / "more.svg").write_text("x"), "are not fresh", False),
    "figures changed": (
        lambda s: (s.raw_data / SOURCE / VINTAGE / "figures.csv").write_text("a,b\n1,2\n"), "figures.csv", False,
    ),
    "no source.yml": (
        lambda s: (s.raw_data / SOURCE / VINTAGE / "source.yml").unlink(), "source.yml is missing", False,
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", DAMAGE)
def test_each_kind_of_damage_is_one_line_with_its_remedy(settings, kind):
    damage, told, mended = DAMAGE[kind]
    damage(settings)
    before = bytes_of_all(settings.root)
    ended = CliRunner().invoke(app, ["doctor"])
    assert ended.exit_code == 1, ended.output
    assert ended.exception is None or isinstance(ended.exception, SystemExit)
    (line,) = [line for line in ended.output.splitlines() if told in line]
    assert "; remedy: " in line
    assert bytes_of_all(settings.root) == before
    (finding,) = [finding for finding in examine(settings) if told in str(finding)]
    assert (finding.mend is not None) == mended


def test_another_lock_is_told_with_what_it_names(settings):
    add_vintage(settings.root, f"{SOURCE}/{VINTAGE}", "2011-2025", lambda text: text)
    use(settings.root, SOURCE, "2011-2025")
    told = [str(finding) for finding in examine(settings)]
    assert any(f"{SOURCE}: the lock has 2011-2025, the release {VINTAGE}" in one for one in told), told
    assert all("mo run" in one for one in told)


def test_a_damaged_release_that_is_not_current_is_set_aside_and_the_current_one_is_not(settings):
    first = current(settings).name
    second = released(settings, "other")
    for name in (first, second):
        flip(settings.releases / name / "core/source.csv")
    found = {finding.what.split()[1]: finding for finding in examine(settings)}
    assert found[second].mend is None
    assert found[first].mend is not None
    assert found[first].mend() == f"{first} is kept as {first}.damaged"
    assert sorted(path.name for path in settings.releases.iterdir()) == sorted(
        [second, f"{first}.damaged", "current", "history.json"]
    )


def test_what_is_set_aside_is_kept_and_what_was_half_written_goes(settings):
    flip(settings.warehouse)
    flip(settings.dagster_home / "history/runs.db")
    (settings.build / ".charts-x").mkdir()
    content = settings.warehouse.read_bytes()
    told = [finding.mend() for finding in examine(settings) if finding.mend is not None]
    assert len(told) == 3
    assert (settings.build / "warehouse.duckdb.damaged").read_bytes() == content
    assert (settings.root / ".dagster.damaged/history/runs.db").is_file()
    assert not any(path.exists() for path in (settings.warehouse, settings.dagster_home, settings.build / ".charts-x"))


def test_beside_a_run_the_warehouse_is_left_alone(settings):
    settings.warehouse.write_text("half of it")
    with only_one(settings.build, pytest.fail):
        (found,) = examine(settings)
        assert found.what.startswith(f"the run of process {os.getpid()}, begun 2")
        assert any("the warehouse" in one.what for one in examine(settings, alone=True))


def test_a_held_warehouse_is_no_damage(settings):
    code = "import sys, duckdb; c = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", code, str(settings.warehouse)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as shell:
        assert shell.stdout is not None
        shell.stdout.readline()
        (found,) = examine(settings)
        shell.communicate("")
    assert f"in use by process {shell.pid}" in found.what
    assert found.mend is None


def test_a_killed_run_of_the_history_is_told(settings, monkeypatch):
    monkeypatch.setenv("DAGSTER_HOME", str(settings.dagster_home))
    with subprocess.Popen([sys.executable, "-c", "pass"]) as process:
        process.wait()
    with dg.DagsterInstance.get() as instance:
        run = instance.create_run_for_job(dg.GraphDefinition("killed").to_job(), status=dg.DagsterRunStatus.STARTED)
        instance.report_engine_event("Started process for run.", run, EngineEventData.in_process(process.pid))
    assert any(f"run {run.run_id} was killed" in finding.what for finding in examine(settings))


def test_a_shared_history_is_never_set_aside(settings, tmp_path, monkeypatch):
    shared = tmp_path / "shared"
    shared.mkdir()
    with sqlite3.connect(shared / "runs.db") as con:
        con.execute("CREATE TABLE t (a)")
    con.close()
    monkeypatch.setenv("DAGSTER_HOME", str(shared))
    (shared / "runs.db").write_text("x" * 9000)
    (found,) = [finding for finding in examine(settings) if "history" in finding.what]
    assert found.mend is None


def test_too_little_room_is_told(settings, monkeypatch):
    monkeypatch.setattr(doctor, "MIN_FREE_BYTES", 10**18)
    assert any("MB are free in" in finding.what for finding in examine(settings))


def test_repair_sets_aside_runs_and_looks_again(settings, monkeypatch):
    flip(settings.warehouse)
    ran = []

    def run_everything(given: Settings, console: object) -> None:
        ran.append(given.warehouse.exists())
        released(given)

    monkeypatch.setattr("pipeline.run.run_everything", run_everything)
    before = current(settings).name
    ended = CliRunner().invoke(app, ["doctor", "--repair"])
    assert ran == [False]
    assert ended.exit_code == 0, ended.output
    assert "kept as warehouse.duckdb.damaged" in ended.output
    assert ended.output.splitlines()[-1] == f"all is well: release {before}"
