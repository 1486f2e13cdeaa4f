"""The pool of the warehouse: dead runs keep no place in it, living ones are waited for up to a limit."""

import os
import subprocess
import sys
import threading

import dagster as dg
import pytest
from dagster._core.events import EngineEventData

from pipeline.assets.common import POOL
from pipeline.one_run import BY_MO
from pipeline.places import bury, not_waiting_for_ever
from pipeline.settings import Settings


@pytest.fixture
def settings(tmp_path, monkeypatch):
    for name in ("raw_data", "sql", "reports", ".dagster"):
        (tmp_path / name).mkdir()
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / ".dagster"))
    pools = "concurrency:\n  pools:\n    default_limit: 1\n    granularity: op\ntelemetry:\n  enabled: false\n"
    (tmp_path / ".dagster/dagster.yaml").write_text(pools, "utf-8")
    return Settings.resolve(tmp_path, env={})


@pytest.fixture
def instance(settings):
    with dg.DagsterInstance.get() as instance:
        instance.event_log_storage.initialize_concurrency_limit_to_default(POOL)
        yield instance


@pytest.fixture(scope="module")
def dead():
    """The number of a process that has ended."""
    with subprocess.Popen([sys.executable, "-c", "pass"]) as process:
        process.wait()
    return process.pid


def begun(instance: dg.DagsterInstance, name: str, pid: int | None, tags: dict[str, str] | None = None) -> str:
    """A run that has not ended, of this process number."""
    run = instance.create_run_for_job(
        dg.GraphDefinition(name).to_job(), tags=tags or {}, status=dg.DagsterRunStatus.STARTED
    )
    if pid is not None:
        instance.report_engine_event("Started process for run.", run, EngineEventData.in_process(pid))
    return run.run_id


def claim(instance: dg.DagsterInstance, run_id: str) -> bool:
    return instance.event_log_storage.claim_concurrency_slot(POOL, run_id, "step").is_claimed


def test_the_books_of_dead_runs_are_closed_and_their_places_freed(instance, settings, dead):
    of_mo = begun(instance, "of_mo", None, {BY_MO: str(dead)})
    of_ui = begun(instance, "of_ui", dead)
    living = begun(instance, "living", os.getpid())
    silent = begun(instance, "silent", None)
    assert claim(instance, of_ui)
    assert not claim(instance, living)
    assert set(bury(instance, settings)) == {of_mo, of_ui}
    assert claim(instance, living)
    states = {run.run_id: run.status for run in instance.get_runs()}
    assert states[of_mo] == states[of_ui] == dg.DagsterRunStatus.FAILURE
    assert states[living] == states[silent] == dg.DagsterRunStatus.STARTED


def test_a_number_that_is_another_process_by_now_is_dead(instance, settings, monkeypatch):
    run = begun(instance, "before", os.getpid())
    monkeypatch.setattr("psutil.Process.create_time", lambda _: 4_000_000_000.0)
    assert bury(instance, settings) == [run]


def test_in_a_shared_history_no_books_are_closed(instance, settings, dead, tmp_path, monkeypatch):
    begun(instance, "elsewhere", dead)
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "shared"))
    assert bury(instance, settings) == []


def test_a_place_whose_holder_dies_meanwhile_is_freed(instance, settings, dead):
    holder, mine = begun(instance, "holder", dead), begun(instance, "mine", os.getpid())
    assert claim(instance, holder)
    assert not claim(instance, mine)
    free = threading.Event()
    told: list[str] = []
    with not_waiting_for_ever(instance, settings, mine, told.append, told, look_seconds=0.01):
        for _ in range(500):
            if claim(instance, mine):
                free.set()
                break
            free.wait(0.01)
    assert free.is_set()
    assert told == []


def test_a_living_holder_is_named_and_waited_for_up_to_the_limit(instance, settings):
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        holder, mine = begun(instance, "holder", other.pid), begun(instance, "mine", os.getpid())
        assert claim(instance, holder)
        assert not claim(instance, mine)
        told: list[str] = []
        errors: list[str] = []
        limits = {"wait_seconds": 0.2, "look_seconds": 0.01}
        with (
            pytest.raises(KeyboardInterrupt),
            not_waiting_for_ever(instance, settings, mine, told.append, errors, **limits),
        ):
            threading.Event().wait(20)
        other.communicate(b"\n")
    who = f"run {holder} in the history of Dagster (process {other.pid})"
    assert told == [f"waiting up to 0 s for {who}"]
    assert errors[0].startswith(f"{who} holds the warehouse for more than 0 s\n  Remedy: ")
