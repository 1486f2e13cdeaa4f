"""What a run prepares and what it says: the folder of the history, and the sentence of an error."""

import gc
import io
import os
import sqlite3
from types import SimpleNamespace

import pytest
from project_folder import copy_sources, use
from rich.console import Console
from sqlalchemy.exc import OperationalError

from pipeline.errors import InputError
from pipeline.run import INTERRUPTED, _of_the_history, prepare_home, report_only, run_everything, sentence
from pipeline.settings import Settings


@pytest.fixture
def settings(tmp_path):
    for name in ("raw_data", "sql", "reports"):
        (tmp_path / name).mkdir()
    (tmp_path / "dagster.yaml").write_text("telemetry:\n  enabled: false\n", "utf-8")
    return Settings.resolve(tmp_path, env={})


def test_the_history_lies_in_the_project_under_the_projects_settings(settings, monkeypatch):
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    home = prepare_home(settings)
    assert home == settings.root / ".dagster"
    assert (home / "dagster.yaml").readlink().as_posix() == "../dagster.yaml"
    assert "telemetry" in (home / "dagster.yaml").read_text("utf-8")
    assert prepare_home(settings) == home
    assert os.environ["DAGSTER_HOME"] == str(home)


def test_a_dagster_home_that_is_set_is_kept(settings, monkeypatch, tmp_path):
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "elsewhere"))
    assert prepare_home(settings) == tmp_path / "elsewhere"
    assert not settings.dagster_home.exists()


def error(cls_name: str, message: str, cause=None) -> SimpleNamespace:
    return SimpleNamespace(cls_name=cls_name, message=message, cause=cause)


def failure(error=None, description=None) -> SimpleNamespace:
    told = SimpleNamespace(description=description) if description else None
    return SimpleNamespace(user_failure_data=told, error=error)


def test_an_expected_error_is_its_sentence():
    assert sentence(failure(error("Failure", "stack"), description="a.csv, line 3: wrong")) == "a.csv, line 3: wrong"


def test_an_unexpected_error_is_the_innermost_one():
    outer = error("DagsterExecutionStepExecutionError", "outer", cause=error("ValueError", "ValueError: inner\n"))
    assert sentence(failure(outer)) == "ValueError: inner"


def test_an_interrupted_run_is_called_so():
    assert sentence(failure(error("DagsterExecutionInterruptedError", "long words"))) == INTERRUPTED


def test_without_a_release_there_is_nothing_to_render(settings):
    with pytest.raises(InputError, match="no release") as told:
        report_only(settings)
    assert "mo run" in told.value.remedy


def test_the_lock_is_the_projects_own_or_the_one_that_is_named(settings, tmp_path):
    assert settings.lock == tmp_path / "raw_data/release.lock.yml"
    assert settings.other_lock is None
    other = Settings.resolve(tmp_path, env={"AUGENHOEHE_LOCK": str(tmp_path / "older.yml")})
    assert (other.lock, other.other_lock) == (tmp_path / "older.yml", "older.yml")
    moved = Settings.resolve(tmp_path, env={"AUGENHOEHE_RAW_DATA": str(tmp_path / "elsewhere")})
    assert moved.lock == tmp_path / "elsewhere/release.lock.yml"
    assert moved.other_lock is None


def test_a_run_says_at_once_what_the_lock_leaves_out(tmp_path, monkeypatch):
    copy_sources(tmp_path, "foreign_share_states", "koenigstein_key_states", "regions")
    use(tmp_path, "koenigstein_key_states", None)
    told = io.StringIO()

    def stop(_: Settings) -> None:
        raise InputError("stopped here")

    monkeypatch.setattr("pipeline.run.prepare_home", stop)
    with pytest.raises(InputError, match="stopped here"):
        run_everything(Settings.resolve(tmp_path, env={}), Console(file=told))
    assert told.getvalue() == "left out by the lock: koenigstein_key_states\n"


def test_after_a_run_that_stopped_early_garbage_is_collected_again(tmp_path, monkeypatch):
    copy_sources(tmp_path, "koenigstein_key_states", "regions")

    def stop(_: object) -> None:
        assert not gc.isenabled()
        raise InputError("stopped here")

    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    monkeypatch.setattr("pipeline.definitions.build_definitions", stop)
    with pytest.raises(InputError, match="stopped here"):
        run_everything(Settings.resolve(tmp_path, env={}), Console(file=io.StringIO()))
    assert gc.isenabled()


def test_a_history_that_cannot_be_written_is_a_sentence_and_a_bug_is_none():
    outer = RuntimeError("many words")
    outer.__cause__ = sqlite3.OperationalError("database or disk is full")
    told = _of_the_history(outer)
    assert told is not None
    assert "disk is full" in told.message
    assert _of_the_history(RuntimeError("a bug")) is None


def test_a_history_on_a_server_out_of_reach_is_a_sentence():
    outer = RuntimeError("many words")
    outer.__cause__ = OperationalError(
        "SELECT 1", {}, Exception("connection to server failed: Connection refused\nmore")
    )
    told = _of_the_history(outer)
    assert told is not None
    assert told.message.endswith("connection to server failed: Connection refused")
