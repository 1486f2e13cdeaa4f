"""Nothing changed: said from hashes, only when it is true, and without importing what a run needs."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from project_folder import REPOSITORY, copy_sources

from pipeline import fingerprint
from pipeline.settings import Settings

PAGES = (
    "report/index.html",
    "report/index.de.html",
    "report/summary.html",
    "report/summary.de.html",
    "report/states/sachsen.html",
)
VINTAGES = [("regions", "2024-12-31", "current")]
HEAVY = {"dagster", "polars", "duckdb", "numpy", "yaml", "rich.live"}  # Typer itself looks for Pydantic


@pytest.fixture
def settings(tmp_path, monkeypatch):
    """A project folder that a whole run has just left."""
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    copy_sources(tmp_path, "regions")
    (tmp_path / "sql").unlink()
    shutil.copytree(REPOSITORY / "sql", tmp_path / "sql")
    (tmp_path / "reports/index.qmd").write_text("text", "utf-8")
    for file in ("warehouse.duckdb", "charts/a.svg", "release/r1/manifest.json", *PAGES):
        (tmp_path / "build" / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "build" / file).write_text(file, "utf-8")
    (tmp_path / "build/release/current").symlink_to("r1")
    (tmp_path / ".dagster").mkdir()
    settings = Settings.resolve(tmp_path, env={})
    fingerprint.remember(settings, fingerprint.of_inputs(settings), assets=67, vintages=VINTAGES)
    return settings


def fresh(settings: Settings) -> int | None:
    last = fingerprint.last_run(settings, fingerprint.of_inputs(settings))
    return None if last is None else last.assets


def test_what_a_run_left_is_fresh_and_stays_so_under_another_clock(settings):
    assert fresh(settings) == 67
    for file in (settings.root / "raw_data").rglob("*"):
        os.utime(file, (1, 1))
    assert fresh(settings) == 67


@pytest.mark.parametrize(
    "file",
    [
        "raw_data/regions/2024-12-31/figures.csv",
        "raw_data/regions/2024-12-31/source.yml",
        "raw_data/release.lock.yml",
        "sql/marts/share.sql",
        "sql/checks/core/claim__all_statements.sql",
        "reports/index.qmd",
        "build/warehouse.duckdb",
        "build/charts/a.svg",
        "build/release/r1/manifest.json",
        *(f"build/{page}" for page in PAGES),
    ],
)
def test_a_changed_byte_of_input_or_output_is_not_fresh(settings, file):
    path = settings.root / file
    good = path.read_bytes()
    path.write_bytes(good + b" ")
    assert fresh(settings) is None
    path.unlink()
    assert (fresh(settings) if path != settings.lock else None) is None


@pytest.mark.parametrize("file", ["raw_data/new/2025/source.yml", "sql/marts/new.sql", "build/charts/b.svg"])
def test_a_new_file_is_not_fresh(settings, file):
    (settings.root / file).parent.mkdir(parents=True, exist_ok=True)
    (settings.root / file).write_text("", "utf-8")
    assert fresh(settings) is None


def test_another_option_package_or_module_is_not_fresh(settings, tmp_path, monkeypatch):
    assert fresh(Settings.resolve(settings.root, env={"AUGENHOEHE_RENDERER": "builtin"})) is None
    code = tmp_path / "code"
    shutil.copytree(REPOSITORY / "pipeline/analysis", code)
    with monkeypatch.context() as patched:
        patched.setattr(fingerprint, "_FOLDER_OF_CODE", code)
        before = fingerprint.of_inputs(settings)
        (code / "estimators.py").write_text("changed", "utf-8")
        assert fingerprint.of_inputs(settings) != before
    packages = tmp_path / "packages"
    (packages / "polars-99.dist-info").mkdir(parents=True)
    monkeypatch.syspath_prepend(str(packages))
    assert fresh(settings) is None


def test_another_release_or_a_lost_history_is_not_fresh(settings):
    current = settings.releases / "current"
    shutil.copytree(settings.releases / "r1", settings.releases / "r2")
    current.unlink()
    current.symlink_to("r2")
    assert fresh(settings) is None
    current.unlink()
    current.symlink_to("r1")
    assert fresh(settings) == 67
    settings.dagster_home.rmdir()
    assert fresh(settings) is None


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"inputs": 1}', None])
def test_a_damaged_or_missing_record_is_not_fresh(settings, content):
    file = settings.build / "fresh.json"
    if content is None:
        fingerprint.forget(settings)
        fingerprint.forget(settings)
    else:
        file.write_text(content, "utf-8")
    assert fresh(settings) is None


def test_the_record_names_no_folder_of_this_machine(settings):
    text = (settings.build / "fresh.json").read_text("utf-8")
    assert json.loads(text)["assets"] == 67
    assert str(settings.root) not in text
    assert [path.name for path in settings.build.rglob(".*")] == []


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("run", ["all 67 assets are fresh: nothing to compute, release r1", "{page}"]),
        (
            "status",
            [
                "release: r1",
                "* regions/2024-12-31  warehouse: same content   release: same content   current",
                "all is fresh",
            ],
        ),
    ],
)
def test_of_what_is_fresh_a_command_tells_without_importing_anything_heavy(settings, command, told):
    code = f"import sys; from pipeline.cli import app; app(['{command}'], standalone_mode=False); print(*sys.modules)"
    env = {name: value for name, value in os.environ.items() if not name.startswith(("AUGENHOEHE_", "DAGSTER_"))}
    env["PYTHONPATH"] = str(Path(fingerprint.__file__).parents[1])
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=settings.root, env=env, capture_output=True, text=True, check=True
    )
    *said, modules = ended.stdout.splitlines()
    assert said == [line.format(page=settings.report) for line in told]
    loaded = set(modules.split())
    assert "typer" in loaded
    assert loaded & HEAVY == set()
    assert len(loaded) < 400
