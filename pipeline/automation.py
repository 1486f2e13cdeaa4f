"""Jobs by purpose, and what starts one: the sensor of raw_data, the schedule that asks the services.

Belongs here: which assets go together in a run, and what makes a run due. Not here: the assets; asking a service
(fetch/).

No module with a sensor postpones its annotations: Dagster reads them when the sensor is defined.
"""

import io
import os

import dagster as dg

from pipeline.errors import InputError
from pipeline.project import Project
from pipeline.registry import content_hash, load_registry, read_lock, verify
from pipeline.settings import Settings

EVERYTHING = "everything"
RAW_DATA_CHANGED = "raw_data_changed"
NEWER_TABLES = "newer_tables"

# Purpose → asset groups, what it is for.
PURPOSES = {
    "data": (
        ("raw", "staging", "core", "marts"),
        "From the figures to the marts, with their rules; no statistics, nothing is published.",
    ),
    "statistics": (("analysis",), "The results, from the marts as they are, with their rules; nothing is published."),
    "publication": (
        ("charts", "release", "report"),
        "Charts, release and page from the results as they are; the gate holds every rule first.",
    ),
    "report": (("report",), "The page alone, from the current release: for work on the text."),
}

# One process: sixty small steps in processes of their own take about five times as long, nearly all of it imports.
_QUIET = {"loggers": {"console": {"config": {"log_level": "WARNING"}}}}


def jobs(project: Project) -> "list[dg.UnresolvedAssetJobDefinition | dg.JobDefinition]":
    """The named jobs; each leaves alone what is fresh, unless its run has the tag `force: true`."""
    return [
        dg.define_asset_job(
            EVERYTHING,
            selection=dg.AssetSelection.all(),
            description="From the figures to the report: every table, check, chart, the release and the page.",
            config=_QUIET,
        ),
        *(
            dg.define_asset_job(
                name, selection=dg.AssetSelection.groups(*groups), description=description, config=_QUIET
            )
            for name, (groups, description) in PURPOSES.items()
        ),
        _newer_tables(project),
    ]


def _newer_tables(project: Project) -> dg.JobDefinition:
    """Asks, and stores nothing: what is newer becomes a vintage when a person says so."""

    @dg.op(
        name="ask_services",
        description="Asks the service of each source with a section `fetch` whether its table is newer than the "
        "current vintage, as `mo fetch --check` does.",
        out=dg.Out(dg.Nothing),
    )
    def ask(context: dg.OpExecutionContext) -> None:
        from rich.console import Console

        from pipeline.fetch import command

        told = io.StringIO()
        try:
            problems = command.check(project.settings, None, console=Console(file=told, width=200))
        except InputError as error:
            problems = [error]
        lines = told.getvalue().splitlines()
        for line in lines:
            context.log.info(line)
        context.add_output_metadata({"told": dg.MetadataValue.md("\n".join(f"- {line}" for line in lines))})
        if problems:
            raise dg.Failure("\n".join(str(problem) for problem in problems), allow_retries=False)

    @dg.job(
        name=NEWER_TABLES,
        description="Asks the publishers' services whether there is anything newer; nothing is stored. The command to "
        "type next is `mo fetch`.",
        config=_QUIET,
    )
    def newer_tables() -> None:
        ask()

    return newer_tables


def schedules(project: Project) -> list[dg.ScheduleDefinition]:
    """The schedules; each is stopped until somebody switches it on in the UI."""

    @dg.schedule(
        name=NEWER_TABLES,
        job_name=NEWER_TABLES,
        cron_schedule="0 7 * * 1",
        execution_timezone="Europe/Berlin",
        default_status=dg.DefaultScheduleStatus.STOPPED,
        description="Asks the publishers' services on Monday mornings whether a table is newer than its current "
        "vintage. Stopped until you switch it on. Without credentials it skips and says which are missing.",
    )
    def ask_on_mondays() -> dg.RunRequest | dg.SkipReason:
        from pipeline.fetch.services import SERVICES, credentials

        asked = {source.current.fetch.service for source in project.registry.sources.values() if source.current.fetch}
        if not asked:
            return dg.SkipReason("no source has a section `fetch` (docs/fetching.md)")
        try:
            for service in sorted(asked):
                credentials(SERVICES[service], os.environ)
        except InputError as error:
            return dg.SkipReason(str(error))
        return dg.RunRequest()

    return [ask_on_mondays]


def sensors(project: Project) -> list[dg.SensorDefinition]:
    """The sensors; each is stopped until somebody switches it on in the UI."""
    return [_raw_data_changed(project)]


def _raw_data_changed(project: Project) -> dg.SensorDefinition:
    """Asks for a run once for each change of content.

    The cursor is `<number of changes>:<hash of the content>`. The number is part of the run key, since content that
    comes back (a change taken back) needs a run, too, and Dagster runs a key once for ever.
    """
    settings = project.settings

    @dg.sensor(
        name=RAW_DATA_CHANGED,
        job_name=EVERYTHING,
        default_status=dg.DefaultSensorStatus.STOPPED,
        minimum_interval_seconds=60,
        description="Requests a run of everything when the content of raw_data or the lock has changed: a new vintage, "
        "a mended figure, another current vintage. Clocks play no part. While a file is half written or wrong, it "
        "waits and says why. Stopped until you switch it on; its first look then requests a run.",
    )
    def raw_data_changed(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        count, _, former = (context.cursor or "0:").partition(":")
        try:
            content = content_hash(settings.raw_data, settings.lock)
            if content == former:
                return dg.SkipReason("nothing has changed in raw_data")
            sources = _sound_sources(settings)
        except InputError as error:
            return dg.SkipReason(str(error))
        except OSError as error:
            return dg.SkipReason(f"{error.filename}: {error.strerror} while it was read; the next look tries again")
        if sources != set(project.registry.sources):
            return dg.SkipReason(
                "the sources in use are other ones than Dagster has loaded: reload the definitions in the UI"
            )
        number = int(count) + 1
        return dg.SensorResult(
            run_requests=[dg.RunRequest(run_key=f"{content}.{number}", tags={"content_of_raw_data": content[:12]})],
            cursor=f"{number}:{content}",
        )

    return raw_data_changed


def _sound_sources(settings: Settings) -> set[str]:
    """The ids of the sources in use, once every file of every vintage is what its source.yml says."""
    registry = load_registry(settings.raw_data, read_lock(settings.lock))
    for vintage in registry.vintages:
        verify(vintage)
    return set(registry.sources)
