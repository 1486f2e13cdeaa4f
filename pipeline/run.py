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
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline import fingerprint
from pipeline.clock import Clock
from pipeline.errors import InputError
from pipeline.history import keep_open, let_go
from pipeline.one_run import BY_MO, ending_on_signals, leftovers, only_one, remove
from pipeline.progress import bar
from pipeline.settings import Settings
from pipeline.status import parts

INTERRUPTED = "interrupted"

# Of what is wrong with a release; `mo release verify` names all.
MOST_TOLD = 3

if TYPE_CHECKING:
    from collections.abc import Callable

    from dagster import DagsterInstance, Definitions, EventLogEntry
    from rich.console import Console

    from pipeline.doctor import Finding
    from pipeline.freshness import Plan
    from pipeline.project import Project


@dataclass
class Outcome:
    """What happened in a run.

    Attributes:
        assets: how many were computed, by layer.
        kept: how many were asked for and were found to be fresh, since nothing they are made from had changed.
        of: how many there are.
        checks_passed, checks_failed: how many rules held, and which did not.
        errors: the sentences that stopped the run.
        clock: where the seconds went.
    """

    run_id: str
    seconds: float = 0.0
    success: bool = False
    assets: Counter[str] = field(default_factory=Counter)
    kept: int = 0
    of: int = 0
    checks_passed: int = 0
    checks_failed: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    clock: Clock = field(default_factory=Clock)


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


def run_everything(
    settings: Settings,
    console: Console,
    *,
    inputs: str | None = None,
    force: bool = False,
    distributed: bool = False,
) -> Outcome:
    """Materialise what is not fresh and check every rule; prints progress to `console`.

    Another run in the same folder is waited for. SIGINT and SIGTERM end a run within three seconds, children included.

    Args:
        inputs: `fingerprint.of_inputs`, where it was taken a moment ago.
        force: materialise everything, fresh or not.
        distributed: send the work to the workers of the instance that DAGSTER_HOME configures.

    Raises:
        InputError: a source.yml or an SQL contract is wrong, or another run does not end; nothing has run then.
        KeyboardInterrupt: SIGINT or SIGTERM came before the first step or after the last.
    """

    def tell(sentence: str) -> None:
        console.print(sentence, markup=False, soft_wrap=True)

    from pipeline.project import open_project

    # Before anything is read: what changes during the run is not part of it.
    inputs = inputs or fingerprint.of_inputs(settings)
    # Read what a person may have broken before anything is made and before the slow import: a typo answers at once.
    project = open_project(settings)
    with ending_on_signals(), only_one(settings.build, tell) as waited:
        for path in leftovers(settings.build):
            remove(path)
        if force:
            remove(settings.drawings)
        if waited:
            inputs, project = fingerprint.of_inputs(settings), open_project(settings)
        try:
            return _run_everything(project, console, tell, inputs=inputs, force=force, distributed=distributed)
        except Exception as error:
            told = _of_the_history(error)
            if told is None:
                raise
            raise told from error


def _of_the_history(error: BaseException | None) -> InputError | None:
    """The sentence for a history that cannot be read or written; None for any other error."""
    import sqlite3

    from sqlalchemy.exc import OperationalError

    while error is not None:
        if isinstance(error, sqlite3.DatabaseError):
            return InputError(
                f"the history of runs cannot be read or written: {error}",
                file=".dagster",
                remedy="make room on the disk, or mend the rights; delete the folder to forget the history, no figure "
                "is in it",
            )
        if isinstance(error, OperationalError):
            said = str(error.orig or error).strip().splitlines()[0]
            return InputError(
                f"the history of runs cannot be read or written: {said}",
                file="dagster.yaml",
                remedy="see that the server it names runs and is reached (docs/scaleout.md)",
            )
        error = error.__cause__ or error.__context__
    return None


def _run_everything(
    project: Project,
    console: Console,
    tell: Callable[[str], None],
    *,
    inputs: str,
    force: bool,
    distributed: bool,
) -> Outcome:
    settings = project.settings
    if project.registry.left_out:
        # What cannot be computed without them ends in a sentence about a figure; this says why it is not there.
        tell(f"left out by the lock: {', '.join(project.registry.left_out)}")
    prepare_home(settings)
    fingerprint.forget(settings)
    _tell_of_the_release(settings, tell)
    outcome = Outcome(run_id=str(uuid.uuid4()))
    started = time.monotonic()
    instance = None
    # What is imported and defined stays to the end: a tenth of a run went into searching it for garbage.
    gc.disable()
    try:
        with console.status("Starting Dagster"):
            import dagster as dg

            from pipeline.assets.publication import CHARTS, REPORT
            from pipeline.automation import EVERYTHING
            from pipeline.definitions import build_definitions
            from pipeline.distributed import compute, refuse_without_workers, waves
            from pipeline.freshness import FORCE
            from pipeline.places import bury, not_waiting_for_ever

            keep_open()
            definitions = build_definitions(project)
            if settings.lake is not None:
                # A server that is down is told at once here; Dagster would ask for its own database for minutes.
                with project.warehouse.session():
                    pass
            instance = dg.DagsterInstance.get()
            if distributed:
                refuse_without_workers(project, instance)
            bury(instance, settings)
            outcome.clock.lap("importing Dagster, reading the definitions")
            due = _plan(definitions, instance, project, tell, force=force)
        outcome.clock.lap("finding out what is due")
        gc.freeze()
        gc.enable()
        outcome.of = len(due.every)
        outcome.kept = len(due.every - due.selected)
        if CHARTS in due.selected and not distributed:
            threading.Thread(target=_load_what_comes_later, daemon=True).start()
        if due.selected and distributed:
            rules = definitions.resolve_asset_graph().asset_check_keys
            with _Progress(console, len(due.selected), outcome) as progress:
                outcome.errors = compute(
                    project,
                    instance,
                    waves(project, due.selected, rules=rules),
                    tell,
                    progress.on_event,
                    tags={FORCE: "true"} if force else {},
                )
            outcome.success = not outcome.errors
        elif due.selected:
            if due.selected == due.every:
                job = definitions.resolve_job_def(EVERYTHING)
            else:
                job = definitions.resolve_implicit_global_asset_job_def()
                # The rules are held against everything again, fresh or not; the page alone has none.
                rules = job.asset_layer.asset_graph.asset_check_keys if due.selected != {REPORT} else set()
                job = job.get_subset(asset_selection=due.selected, asset_check_selection=set(rules))
            with (
                _Progress(console, len(job.nodes), outcome) as progress,
                not_waiting_for_ever(instance, settings, outcome.run_id, tell, outcome.errors),
            ):
                instance.add_event_listener(outcome.run_id, progress.on_event)
                result = job.execute_in_process(
                    instance=instance,
                    run_id=outcome.run_id,
                    raise_on_error=False,
                    tags={BY_MO: str(os.getpid()), **({FORCE: "true"} if force else {})},
                    # The person reads the sentence at the end; the stack trace is in the history.
                    run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
                )
            outcome.success = result.success
        else:
            outcome.success = True
    finally:
        project.warehouse.close()
        if instance is not None:
            instance.dispose()
        let_go()
        # Nor need half a million objects be searched on the way out.
        gc.freeze()
        gc.enable()
    if outcome.success:
        fingerprint.remember(settings, inputs, assets=outcome.of, vintages=parts(project.registry))
    elif INTERRUPTED not in outcome.errors:
        _make_room(project, tell)
    return replace(outcome, seconds=time.monotonic() - started)


def _plan(
    definitions: Definitions, instance: DagsterInstance, project: Project, tell: Callable[[str], None], *, force: bool
) -> Plan:
    """What has to be computed; of a warehouse that cannot be read any more, everything that is stored in it."""
    from pipeline.assets.publication import lying
    from pipeline.freshness import plan
    from pipeline.warehouse import DamagedError

    try:
        with project.warehouse.session():
            pass  # a killed writer's log is read again now, or cannot be
        return plan(definitions, instance, partial(lying, project), force=force)
    except DamagedError as damage:
        tell(project.warehouse.set_aside(damage))
        return plan(definitions, instance, partial(lying, project), force=force)


def _make_room(project: Project, tell: Callable[[str], None]) -> None:
    """After a run that failed: over a damaged block that only its steps came to read, the next one must not fail."""
    from pipeline.warehouse import DamagedError

    # Nobody could set a lake aside, so its tables are not read through.
    is_file = project.settings.lake is None and project.warehouse.is_there()
    found = project.warehouse.damage() if is_file else None
    if isinstance(found, DamagedError):
        tell(project.warehouse.set_aside(found))


def _tell_of_the_release(settings: Settings, tell: Callable[[str], None]) -> None:
    """Say what is wrong with the current release; the run then publishes it again.

    Raises:
        InputError: a folder stands where the link to the current release belongs, which a run must not remove.
    """
    from pipeline.release import seal, shelf

    link = settings.releases / shelf.CURRENT
    try:
        current = shelf.current(settings.releases)
    except InputError as error:
        if not link.is_symlink():
            raise
        tell(f"{error.message}; it is pointed to a release again")
        return
    if current is None:
        if link.is_symlink():
            tell(f"the current release {link.readlink()} is gone; it is made again")
        return
    wrong = seal.problems(current)
    if wrong:
        more = f" and {len(wrong) - MOST_TOLD} more" if len(wrong) > MOST_TOLD else ""
        tell(f"release {current.name} is damaged and is made again: {'; '.join(wrong[:MOST_TOLD])}{more}")


def _load_what_comes_later() -> None:
    """Import what statistics, charts and pages need while the first steps wait for the disk: some seconds saved.

    The program that draws starts with its first drawing, half a second in which it needs no Python.
    """
    importlib.import_module("vl_convert").vegalite_to_svg({"data": {"values": []}, "mark": "point"})
    for module in (
        "statsmodels.stats.proportion",
        "statsmodels.regression.linear_model",
        "altair",
        "IPython.core.interactiveshell",
        "great_tables",
    ):
        importlib.import_module(module)
    gc.freeze()


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
            self.outcome.clock.started(event.step_key or "", entry.timestamp)
            self.bar.update(self.task, description=(event.step_key or "").replace("__", " "))
        elif event.event_type_value in ("STEP_SUCCESS", "STEP_FAILURE", "STEP_SKIPPED"):
            self.bar.advance(self.task)
            self.outcome.clock.ended(event.step_key or "", entry.timestamp)
            if event.event_type_value == "STEP_FAILURE":
                self.outcome.errors.append(sentence(event.step_failure_data))
        elif event.event_type_value == "ASSET_MATERIALIZATION" and event.asset_key:
            if "kept" in event.step_materialization_data.materialization.metadata:
                self.outcome.kept += 1
            else:
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


def sentence(failure: object) -> str:
    """Of a failed step: the sentence of an expected error, else the class and message of the innermost exception."""
    user = getattr(failure, "user_failure_data", None)
    if user is not None and user.description:
        return user.description
    error = getattr(failure, "error", None)
    while error is not None and error.cause is not None:
        error = error.cause
    if error is not None and error.cls_name == "DagsterExecutionInterruptedError":
        return INTERRUPTED
    return error.message.strip() if error is not None else "unknown error"


def repair(settings: Settings, console: Console) -> list[Finding]:
    """Set aside what is damaged, let a run build it anew, and look again.

    Returns:
        What is still wrong.

    Raises:
        InputError: as `run_everything`.
    """
    from pipeline.doctor import examine

    def tell(sentence: str) -> None:
        console.print(sentence, markup=False, soft_wrap=True)

    with only_one(settings.build, tell):
        for finding in examine(settings, alone=True):
            if finding.mend is not None:
                tell(finding.mend())
    run_everything(settings, console)
    return examine(settings)


def report_only(settings: Settings) -> Path:
    """Render all pages in every language from the current release, without Dagster; for work on the prose.

    Raises:
        InputError: there is no release, or a page does not render.
    """
    from pipeline import report
    from pipeline.release import open_release
    from pipeline.report.sheets import render_sheets
    from pipeline.report.summary import render_summary

    folder = open_release(settings.releases / "current").folder
    report.render_editions(
        settings.reports / "index.qmd", release=folder, outputs=settings.pages, renderer=settings.renderer
    )
    assets = settings.reports / "assets"
    render_sheets(assets, release=folder, folder=settings.state_sheets)
    render_summary(assets, release=folder, outputs=settings.summaries)
    return settings.report
