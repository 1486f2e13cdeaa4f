"""Places in the pool of the warehouse: those of dead runs are freed, and a run that needs one waits up to a limit.

Belongs here: which runs of the history are dead, what they still hold, for whom a run waits. Not here: the lock of runs
in a folder (one_run.py), since runs of the Dagster UI do not take it.

Dagster keeps a place for as long as its run has not ended, and a killed run never ends. Its own monitoring needs the
daemon, so a run on the command line would wait for the dead without end.
"""

from __future__ import annotations

import datetime as dt
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.one_run import BY_MO, WAIT_SECONDS
from pipeline.settings import Settings

if TYPE_CHECKING:
    import dagster as dg

LOOK_SECONDS = 1.0
# Clocks of events and of processes are read a moment apart.
_SLACK_SECONDS = 2.0


def dead(instance: dg.DagsterInstance, settings: Settings) -> list[dg.DagsterRun]:
    """The runs that have not ended and of which no process is alive.

    That can be told in the project's own history alone: a shared one may speak of processes of another machine.
    """
    import dagster as dg

    at_work = [dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING, dg.DagsterRunStatus.STARTING]
    open_runs = instance.get_runs(dg.RunsFilter(statuses=at_work)) if _is_own(settings) else []
    return [run for run in open_runs if _is_dead(instance, run.run_id)]


def bury(instance: dg.DagsterInstance, settings: Settings, *, but: str | None = None) -> list[str]:
    """Close the books of runs that were killed, and free the places that ended runs kept.

    Args:
        but: a run of this process, which is at work.

    Returns:
        The ids of the runs that were closed.
    """
    closed = []
    for run in dead(instance, settings):
        if run.run_id != but:
            instance.report_run_failed(run, "The process was killed; the next `mo run` closed this run.")
            closed.append(run.run_id)
    storage = instance.event_log_storage
    for run_id in storage.get_concurrency_run_ids():
        run = instance.get_run_by_id(run_id)
        if run is None or run.is_finished:
            storage.free_concurrency_slots_for_run(run_id)
    return closed


@contextmanager
def not_waiting_for_ever(
    instance: dg.DagsterInstance,
    settings: Settings,
    run_id: str,
    tell: Callable[[str], None],
    errors: list[str],
    *,
    wait_seconds: float = WAIT_SECONDS,
    look_seconds: float = LOOK_SECONDS,
) -> Iterator[None]:
    """While a run is at work: free the places of dead runs, say which living one it waits for, and end at the limit.

    Args:
        run_id: the run of this process.
        tell: gets one sentence when a step has to wait for another run.
        errors: gets the sentence that says why the run was ended.
        wait_seconds: how long one step may wait.
        look_seconds: how long between two looks.
    """
    done = threading.Event()

    def look() -> None:
        waiting_since, told = None, None
        while not done.wait(look_seconds):
            if not _waited_for(instance, run_id):
                waiting_since = None
                continue
            bury(instance, settings, but=run_id)
            living = _waited_for(instance, run_id)
            if not living:
                continue
            waiting_since = waiting_since or time.monotonic()
            holder = _shown(instance, sorted(living)[0])
            if time.monotonic() - waiting_since > wait_seconds:
                errors.append(
                    f"{holder} holds the warehouse for more than {wait_seconds:.0f} s\n"
                    "  Remedy: wait for it, or end it in the UI, and run again; readers use the release meanwhile"
                )
                os.kill(os.getpid(), signal.SIGINT)
                return
            if told != holder and time.monotonic() - waiting_since > look_seconds:
                tell(f"waiting up to {wait_seconds:.0f} s for {holder}")
                told = holder

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()


def _waited_for(instance: dg.DagsterInstance, run_id: str) -> set[str]:
    """The runs that keep the place a step of this run waits for; empty when none of its steps waits."""
    from pipeline.assets.common import POOL

    info = instance.event_log_storage.get_concurrency_info(POOL)
    return info.active_run_ids - {run_id} if run_id in info.pending_run_ids else set()


def processes(instance: dg.DagsterInstance, run_id: str) -> dict[int, float]:
    """The processes a run named, each with the time (UNIX, seconds) at which it was last named."""
    found = {}
    record = instance.get_run_record_by_id(run_id)
    if record is not None and record.dagster_run.tags.get(BY_MO, "").isdigit():
        found[int(record.dagster_run.tags[BY_MO])] = record.create_timestamp.timestamp()
    for entry in instance.all_logs(run_id):
        event = entry.dagster_event
        named = getattr(event.event_specific_data, "metadata", None) if event is not None else None
        pid = named.get("pid") if isinstance(named, dict) else None
        if pid is not None and str(pid.value).isdigit():
            found[int(str(pid.value))] = entry.timestamp
    return found


def _is_own(settings: Settings) -> bool:
    return Path(os.environ.get("DAGSTER_HOME", "")).resolve() == settings.dagster_home.resolve()


def _is_dead(instance: dg.DagsterInstance, run_id: str) -> bool:
    """True when the run named its processes and none of them lives; a number may be another process by now."""
    import psutil

    named = processes(instance, run_id)
    for pid, when in named.items():
        try:
            process = psutil.Process(pid)
            if process.create_time() <= when + _SLACK_SECONDS and process.status() != psutil.STATUS_ZOMBIE:
                return False
        except psutil.Error:
            continue
    return bool(named)


def _shown(instance: dg.DagsterInstance, run_id: str) -> str:
    """A run as a person finds it: process, id, and since when."""
    record = instance.get_run_record_by_id(run_id)
    pids = ", ".join(str(pid) for pid in processes(instance, run_id))
    began = record.start_time if record is not None else None
    since = dt.datetime.fromtimestamp(began, dt.UTC).strftime(", begun %Y-%m-%d %H:%M:%S UTC") if began else ""
    return f"run {run_id} in the history of Dagster{f' (process {pids})' if pids else ''}{since}"
