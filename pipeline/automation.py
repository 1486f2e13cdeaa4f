"""Jobs by name, and the sensor that starts one: what `mo run`, the UI and the command line of Dagster start.

Belongs here: which assets go together in a run, and what makes a run due. Not here: the assets.

No module with a sensor postpones its annotations: Dagster reads them when the sensor is defined.
"""

import dagster as dg

from pipeline.errors import InputError
from pipeline.project import Project
from pipeline.registry import content_hash, load_registry, read_lock, verify
from pipeline.settings import Settings

EVERYTHING = "everything"
RAW_DATA_CHANGED = "raw_data_changed"

# One process: sixty small steps in processes of their own take about five times as long, nearly all of it imports.
_QUIET = {"loggers": {"console": {"config": {"log_level": "WARNING"}}}}


def jobs() -> "list[dg.UnresolvedAssetJobDefinition]":
    """The named jobs."""
    return [
        dg.define_asset_job(
            EVERYTHING,
            selection=dg.AssetSelection.all(),
            description="From the figures to the report: every table, check, chart, the release and the page.",
            config=_QUIET,
        )
    ]


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
