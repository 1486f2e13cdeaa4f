"""A run split over workers: runs of sources, then one for all that is made of them, each a task of its own.

Belongs here: sending runs to the instance that DAGSTER_HOME configures, and waiting for them. Not here: who computes
them, how often a lost one is tried again and how long it may take (deploy/dagster.yaml), or what a run does (assets/).

The unit is the run: steps of one run pass each other small tables, and a worker that dies costs one run, which is sent
again. Runs are made as `dagster job launch` makes them, so that the daemon knows where their code is.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.errors import InputError

if TYPE_CHECKING:
    import dagster as dg
    from dagster._core.workspace.context import WorkspaceRequestContext

    from pipeline.project import Project
    from pipeline.registry import Source

POLL_SECONDS = 0.5
# Beyond the limits of the instance: the daemon looks at its runs every so often only.
SLACK_SECONDS = 120.0
MODULE = "pipeline.definitions"
REST = "what is made of the sources"
# To begin a run takes a worker some seconds, as long as some hundred kilobytes of figures do: small sources share one.
SHARED_BYTES = 250_000
# In the tags of a run: the part of the whole that it computes.
PART = "augenhoehe/part"
QUIET = {"loggers": {"console": {"config": {"log_level": "WARNING"}}}}


@dataclass(frozen=True)
class Part:
    """What one run computes: its name (of sources, or of all the rest), its assets, its rules (None: theirs)."""

    name: str
    assets: frozenset[dg.AssetKey]
    rules: frozenset[dg.AssetCheckKey] | None = None


def waves(
    project: Project, due: Collection[dg.AssetKey], *, rules: Collection[dg.AssetCheckKey] | None = None
) -> list[list[Part]]:
    """The parts of a run, those of one wave side by side, each wave after the one before it.

    First the regions, by which every source of observations is staged; then the other sources, small ones together;
    then the rest.

    Args:
        due: the assets to compute.
        rules: those that the last run holds; without, the rules of its assets.
    """
    from pipeline.assets.common import key
    from pipeline.registry import REGIONS

    of_sources = {}
    for source in project.registry.sources.values():
        assets = frozenset(key(project.table_of(layer, source).id) for layer in ("raw", "staging")) & frozenset(due)
        if assets:
            of_sources[source.id] = assets
    rest = frozenset(due).difference(*of_sources.values())
    bytes_of = {name: _bytes(project.registry.sources[name]) for name in of_sources if name != REGIONS}
    split = [
        [Part(REGIONS, of_sources[REGIONS])] if REGIONS in of_sources else [],
        [
            Part(_named(names), frozenset().union(*(of_sources[name] for name in names)))
            for names in shared(bytes_of, SHARED_BYTES)
        ],
        [Part(REST, rest, None if rules is None else frozenset(rules))] if rest else [],
    ]
    return [wave for wave in split if wave]


def shared(sizes: Mapping[str, int], limit: int) -> list[list[str]]:
    """Names in groups whose sizes together stay within the limit, the largest first; what is larger stays alone."""
    groups: list[tuple[int, list[str]]] = []
    for name in sorted(sizes, key=lambda name: (-sizes[name], name)):
        place = next((at for at, (size, _) in enumerate(groups) if size + sizes[name] <= limit), None)
        if place is None:
            groups.append((sizes[name], [name]))
        else:
            size, names = groups[place]
            groups[place] = (size + sizes[name], [*names, name])
    return [names for _, names in groups]


def _bytes(source: Source) -> int:
    files = [vintage.folder / file.path for vintage in source.vintages for file in vintage.files]
    return sum(file.stat().st_size for file in files if file.is_file())


def _named(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"


def refuse_without_workers(project: Project, instance: dg.DagsterInstance) -> None:
    """Raises:
    InputError: the tables lie in a file of this folder, or the instance starts runs on this machine alone.
    """
    from dagster import DefaultRunLauncher

    if project.settings.lake is None or project.settings.lake.file is not None:
        raise InputError(
            "workers cannot share a file that one process writes at a time",
            key="AUGENHOEHE_WAREHOUSE",
            remedy="name a lake whose catalogue is in PostgreSQL (docs/scaleout.md), or run without --distributed",
        )
    if isinstance(instance.run_launcher, DefaultRunLauncher):
        raise InputError(
            "the dagster.yaml in use names no workers",
            key="DAGSTER_HOME",
            remedy="set it to a folder with a copy of deploy/dagster.yaml, or run without --distributed",
        )


def compute(
    project: Project,
    instance: dg.DagsterInstance,
    parts: list[list[Part]],
    tell: Callable[[str], None],
    on_event: Callable[[dg.EventLogEntry], None],
    *,
    tags: Mapping[str, str] | None = None,
) -> list[str]:
    """Send each part as a run, wave after wave, and wait for all of a wave; a lost run is waited for again.

    Args:
        parts: as `waves` gives them.
        tell: gets a sentence when something is sent or sent again.
        on_event: gets every event of each run that has ended for good.
        tags: of every run.

    Returns:
        What failed for good, a sentence each; the waves after it are not sent.

    Raises:
        InputError: nothing happens any more, for instance because neither daemon nor worker is at work.
    """
    with _workspace(project, instance) as workspace:
        for wave in parts:
            tell(f"sent to the workers: {', '.join(part.name for part in wave)}")
            sent: dict[str, str] = {}
            try:
                for part in wave:
                    sent[_send(instance, workspace, part, tags or {})] = part.name
                errors = _wait(instance, sent, tell, on_event)
            except BaseException:
                _call_back(instance, sent)
                raise
            if errors:
                return errors
    return []


@contextmanager
def _workspace(project: Project, instance: dg.DagsterInstance) -> Iterator[WorkspaceRequestContext]:
    from dagster._core.workspace.context import WorkspaceProcessContext
    from dagster._core.workspace.load_target import ModuleTarget

    target = ModuleTarget(MODULE, None, str(project.settings.root), None)
    with WorkspaceProcessContext(instance, target, code_server_log_level="ERROR") as process:
        yield process.create_request_context()


def _send(
    instance: dg.DagsterInstance,
    workspace: WorkspaceRequestContext,
    part: Part,
    tags: Mapping[str, str],
) -> str:
    """The id of a run of these assets, handed to whoever the instance sends runs to."""
    from dagster._core.definitions.assets.job.asset_job import IMPLICIT_ASSET_JOB_NAME
    from dagster._core.definitions.selector import JobSubsetSelector

    location = workspace.get_code_location(MODULE)
    repository = next(iter(location.get_repositories().values()))
    selector = JobSubsetSelector(location.name, repository.name, IMPLICIT_ASSET_JOB_NAME, None, part.assets, part.rules)
    job = location.get_job(selector)
    plan = location.get_execution_plan(job, QUIET, None, None, instance).execution_plan_snapshot
    run = instance.create_run(
        job_name=job.name,
        run_id=None,
        run_config=QUIET,
        status=None,
        tags={**tags, PART: part.name},
        root_run_id=None,
        parent_run_id=None,
        step_keys_to_execute=plan.step_keys_to_execute,
        execution_plan_snapshot=plan,
        job_snapshot=job.job_snapshot,
        parent_job_snapshot=job.parent_job_snapshot,
        asset_selection=part.assets,
        asset_check_selection=part.rules,
        resolved_op_selection=None,
        op_selection=None,
        remote_job_origin=job.get_remote_origin(),
        job_code_origin=job.get_python_origin(),
        asset_graph=repository.asset_graph,
    )
    instance.submit_run(run.run_id, workspace)
    return run.run_id


def _wait(
    instance: dg.DagsterInstance,
    sent: dict[str, str],
    tell: Callable[[str], None],
    on_event: Callable[[dg.EventLogEntry], None],
) -> list[str]:
    """Wait until each run, or the last one that was sent in its place, has ended."""
    import dagster as dg
    from dagster._core.storage.tags import AUTO_RETRY_RUN_ID_TAG, WILL_RETRY_TAG

    open_runs, errors, seen = dict(sent), [], {}
    quiet_since = time.monotonic()
    limit = _limit(instance)
    while open_runs:
        for run in instance.get_runs(dg.RunsFilter(run_ids=list(open_runs))):
            if seen.get(run.run_id) != run.status:
                seen[run.run_id], quiet_since = run.status, time.monotonic()
            undecided = run.is_failure and instance.run_retries_enabled and WILL_RETRY_TAG not in run.tags
            if not run.is_finished or undecided or run.is_complete_and_waiting_to_retry:
                continue
            part = open_runs.pop(run.run_id)
            again = run.tags.get(AUTO_RETRY_RUN_ID_TAG)
            if run.is_failure and again:
                tell(f"{part}: {_why(instance, run)}; sent again")
                open_runs[again] = sent[again] = part
                continue
            for entry in instance.all_logs(run.run_id):
                on_event(entry)
            if not run.is_success:
                errors.append(f"{part}: {_why(instance, run)} (run {run.run_id})")
        if open_runs and time.monotonic() - quiet_since > limit:
            waiting = ", ".join(sorted(open_runs.values()))
            raise InputError(
                f"nothing has happened for {limit:.0f} s, waiting for {waiting}",
                remedy="see that dagster-daemon and at least one worker are at work (docs/scaleout.md)",
            )
        time.sleep(POLL_SECONDS if open_runs else 0)
    return errors


def _limit(instance: dg.DagsterInstance) -> float:
    """Seconds after which a run that is at work, or that waits to be, would have been given up by the instance."""
    given = max(instance.run_monitoring_max_runtime_seconds, instance.run_monitoring_start_timeout_seconds)
    return given + SLACK_SECONDS


def _why(instance: dg.DagsterInstance, run: dg.DagsterRun) -> str:
    """Why a run failed, in the words of the step that did, or of whoever closed its books."""
    import dagster as dg

    from pipeline.run import sentence

    said = "it failed"
    kinds = dg.DagsterEventType
    for entry in instance.all_logs(run.run_id, {kinds.STEP_FAILURE, kinds.ENGINE_EVENT, kinds.RUN_FAILURE}):
        event = entry.dagster_event
        if event is None:
            continue
        if event.is_step_failure:
            return sentence(event.step_failure_data)
        if event.is_engine_event and event.engine_event_data.error is not None:
            return f"it could not be sent or done: {sentence(event.engine_event_data)}"
        if event.is_run_failure:
            said = event.message or said
    return said.strip().splitlines()[0]


def _call_back(instance: dg.DagsterInstance, sent: Collection[str]) -> None:
    """Of runs nobody waits for any more, those that have not begun are cancelled; the others end by themselves."""
    import dagster as dg

    waiting = dg.RunsFilter(run_ids=list(sent), statuses=[dg.DagsterRunStatus.QUEUED])
    for run in instance.get_runs(waiting) if sent else []:
        instance.report_run_canceled(run, "Nobody waits for this run any more.")
