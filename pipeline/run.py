"""One whole run in this process, through the same job and instance the Dagster UI shows.

Belongs here: preparing the instance, starting the job, telling a person how far it is. Not here: what the job does.
"""

from __future__ import annotations

import gc
import importlib
import os
import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import InputError
from pipeline.one_run import clear_leftovers, ending_on_signals, only_one
from pipeline.progress import bar
from pipeline.settings import Settings

INTERRUPTED = "interrupted"
# Tells a run of this command from one of the UI.
BY_MO = "augenhoehe/mo_run"

if TYPE_CHECKING:
    from dagster import DagsterInstance, EventLogEntry
    from rich.console import Console


@dataclass
class Outcome:
    """What happened in a run: assets by layer, checks, failed rules, and the errors that stopped it."""

    run_id: str
    seconds: float = 0.0
    success: bool = False
    assets: Counter[str] = field(default_factory=Counter)
    checks_passed: int = 0
    checks_failed: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def prepare_home(settings: Settings) -> Path:
    """Make the folder of Dagster's history with a link to the project's dagster.yaml, and name it in DAGSTER_HOME.

    A DAGSTER_HOME that is already set is kept: a shared instance is configured there.
    """
    if not os.environ.get("DAGSTER_HOME"):
        settings.dagster_home.mkdir(exist_ok=True)
        link, target = settings.dagster_home / "dagster.yaml", settings.root / "dagster.yaml"
        if target.is_file() and not link.exists():
            link.unlink(missing_ok=True)
            link.symlink_to(Path(os.path.relpath(target, link.parent)))
        os.environ["DAGSTER_HOME"] = str(settings.dagster_home)
    os.environ.setdefault("DAGSTER_DISABLE_TELEMETRY", "yes")
    return Path(os.environ["DAGSTER_HOME"])


def run_everything(settings: Settings, console: Console) -> Outcome:
    """Materialise every asset and run every check; prints progress to `console`.

    Another run in the same folder is waited for. SIGINT and SIGTERM end a run within three seconds, children included.

    Raises:
        InputError: a source.yml or an SQL contract is wrong, or another run does not end; nothing has run then.
        KeyboardInterrupt: SIGINT or SIGTERM came before the first step or after the last.
    """

    def tell(sentence: str) -> None:
        console.print(sentence, markup=False, soft_wrap=True)

    with ending_on_signals(), only_one(settings.build, tell):
        clear_leftovers(settings.build)
        try:
            return _run_everything(settings, console)
        except Exception as error:
            told = _of_the_history(error)
            if told is None:
                raise
            raise told from error


def _of_the_history(error: BaseException | None) -> InputError | None:
    """The sentence for a history that cannot be read or written; None for any other error."""
    import sqlite3

    while error is not None:
        if isinstance(error, sqlite3.DatabaseError):
            return InputError(
                f"the history of runs cannot be read or written: {error}",
                file=".dagster",
                remedy="make room on the disk, or mend the rights; delete the folder to forget the history, no figure "
                "is in it",
            )
        error = error.__cause__ or error.__context__
    return None


def _run_everything(settings: Settings, console: Console) -> Outcome:
    from pipeline.project import open_project

    # Read what a person may have broken before the slow import, so that a typo answers at once.
    project = open_project(settings)
    if project.registry.left_out:
        # What cannot be computed without them ends in a sentence about a figure; this says why it is not there.
        console.print(f"left out by the lock: {', '.join(project.registry.left_out)}", markup=False, soft_wrap=True)
    damaged = project.warehouse.set_aside_if_damaged()
    if damaged is not None:
        console.print(damaged, markup=False, soft_wrap=True)
    prepare_home(settings)
    threading.Thread(target=_load_what_comes_later, daemon=True).start()
    with console.status("Starting Dagster"):
        import dagster as dg

        from pipeline.automation import EVERYTHING
        from pipeline.definitions import build_definitions

        job = build_definitions(project).resolve_job_def(EVERYTHING)
        instance = dg.DagsterInstance.get()
    _bury(instance, console)
    outcome = Outcome(run_id=str(uuid.uuid4()))
    steps = len(job.nodes)
    started = time.monotonic()
    try:
        with _Progress(console, steps, outcome) as progress:
            instance.add_event_listener(outcome.run_id, progress.on_event)
            result = job.execute_in_process(
                instance=instance,
                run_id=outcome.run_id,
                tags={BY_MO: str(os.getpid())},
                raise_on_error=False,
                # The person reads the sentence at the end; the stack trace is in the history.
                run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
            )
    finally:
        project.warehouse.close()
        instance.dispose()
        # Half a million objects of the imported libraries need not be searched for garbage on the way out.
        gc.freeze()
    return replace(outcome, success=result.success, seconds=time.monotonic() - started)


def _bury(instance: DagsterInstance, console: Console) -> None:
    """Close the books of runs that were killed: their places in the pool would be waited for without end.

    Only one `mo run` is at work in a folder, so any other in the history that has not ended was killed. Runs of the UI
    are left to Dagster's own monitoring, unless they have ended and kept a place.
    """
    import dagster as dg

    open_states = [dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING, dg.DagsterRunStatus.STARTING]
    killed = instance.get_runs(dg.RunsFilter(statuses=open_states))
    for run in killed:
        if BY_MO in run.tags:
            instance.report_run_failed(run, "The process was killed; the next `mo run` closed this run.")
    storage = instance.event_log_storage
    for run_id in storage.get_concurrency_run_ids():
        run = instance.get_run_by_id(run_id)
        if run is None or run.is_finished:
            storage.free_concurrency_slots_for_run(run_id)
        else:
            told = f"waiting for run {run_id} of the Dagster UI; if it is dead, end it there or delete .dagster"
            console.print(told, markup=False, soft_wrap=True)


def _load_what_comes_later() -> None:
    """Import what the statistics and the charts need while the first steps wait for the disk: some seconds saved."""
    for module in ("statsmodels.stats.proportion", "statsmodels.regression.linear_model", "altair", "vl_convert"):
        importlib.import_module(module)


class _Progress:
    """A bar with the asset at work; on a pipe, a line a layer instead."""

    def __init__(self, console: Console, steps: int, outcome: Outcome) -> None:
        self.outcome = outcome
        self.console = console
        self.bar = bar(console, width=44)
        self.task = self.bar.add_task("starting", total=steps)

    def __enter__(self) -> _Progress:
        self.bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.bar.stop()

    def on_event(self, entry: EventLogEntry) -> None:
        event = entry.dagster_event
        if event is None:
            return
        if event.event_type_value == "STEP_START":
            self.bar.update(self.task, description=(event.step_key or "").replace("__", " "))
        elif event.event_type_value in ("STEP_SUCCESS", "STEP_FAILURE", "STEP_SKIPPED"):
            self.bar.advance(self.task)
            if event.event_type_value == "STEP_FAILURE":
                self.outcome.errors.append(_message(event.step_failure_data))
        elif event.event_type_value == "ASSET_MATERIALIZATION" and event.asset_key:
            self._count(event.asset_key.path[0])
        elif event.event_type_value == "ASSET_CHECK_EVALUATION":
            evaluation = event.asset_check_evaluation_data
            if evaluation.passed:
                self.outcome.checks_passed += 1
            else:
                rows = evaluation.metadata.get("offending_rows")
                self.outcome.checks_failed.append(
                    f"{evaluation.severity.value} {'.'.join(evaluation.asset_key.path)} {evaluation.check_name}: "
                    f"{rows.value if rows else '?'} offending rows"
                )

    def _count(self, layer: str) -> None:
        self.outcome.assets[layer] += 1
        if self.outcome.assets[layer] == 1 and not self.console.is_terminal:
            self.console.print(f"  {layer}")


def _message(failure: object) -> str:
    """The sentence of an expected error, else the class and message of the innermost exception."""
    user = getattr(failure, "user_failure_data", None)
    if user is not None and user.description:
        return user.description
    error = getattr(failure, "error", None)
    while error is not None and error.cause is not None:
        error = error.cause
    if error is not None and error.cls_name == "DagsterExecutionInterruptedError":
        return INTERRUPTED
    return error.message.strip() if error is not None else "unknown error"


def report_only(settings: Settings) -> Path:
    """Render the page from the current release, without Dagster; for work on the prose.

    Raises:
        InputError: there is no release, or the page does not render.
    """
    from pipeline import report
    from pipeline.release import open_release

    rendered = report.render(
        settings.reports / "index.qmd",
        release=open_release(settings.releases / "current").folder,
        output=settings.report,
        renderer=settings.renderer,
    )
    return rendered.output
