"""The schedule newer_tables: off, silent without credentials, and its job tells what the services say."""

import dagster as dg
import pytest
from project_folder import copy_sources, use

from pipeline.automation import NEWER_TABLES, jobs, schedules
from pipeline.errors import InputError
from pipeline.fetch import command
from pipeline.project import open_project
from pipeline.settings import Settings

SOURCE = "population_states"  # its source.yml has a section `fetch`
TOKEN = "AUGENHOEHE_GENESIS_TOKEN"  # noqa: S105  (the name of a variable)


@pytest.fixture
def project(tmp_path, monkeypatch):
    for variable in ("TOKEN", "USER", "PASSWORD"):
        monkeypatch.delenv(TOKEN.replace("TOKEN", variable), raising=False)
    monkeypatch.setattr("pipeline.fetch.services._from_keyring", lambda _: {})
    copy_sources(tmp_path, "regions", "foreign_share_states", SOURCE)
    project = open_project(Settings.resolve(tmp_path, env={}))
    assert project.registry.sources[SOURCE].current.fetch.service == "genesis"
    return project


def asked(project):
    (schedule,) = schedules(project)
    assert (schedule.name, schedule.job_name) == (NEWER_TABLES, NEWER_TABLES)
    assert schedule.default_status is dg.DefaultScheduleStatus.STOPPED
    with dg.DagsterInstance.ephemeral() as instance:
        return schedule(dg.build_schedule_context(instance=instance))


def answered(project) -> dg.ExecuteInProcessResult:
    (job,) = [one for one in jobs(project) if one.name == NEWER_TABLES]
    with dg.DagsterInstance.ephemeral() as instance:
        return job.execute_in_process(instance=instance, raise_on_error=False)


def test_without_credentials_it_skips_and_says_which(project):
    found = asked(project)
    assert isinstance(found, dg.SkipReason)
    assert TOKEN in found.skip_message


def test_with_credentials_it_asks(project, monkeypatch):
    monkeypatch.setenv(TOKEN, "secret")
    assert isinstance(asked(project), dg.RunRequest)


def test_without_a_source_to_ask_about_it_skips(project):
    use(project.settings.root, SOURCE, None)
    found = asked(open_project(project.settings))
    assert isinstance(found, dg.SkipReason)
    assert "no source has a section `fetch`" in found.skip_message


def test_the_job_tells_what_the_services_say(project, monkeypatch):
    def check(settings, name, *, console):
        assert (settings, name) == (project.settings, None)
        console.print(f"{SOURCE}: newer: the table was updated on 2026-07-01")
        return []

    monkeypatch.setattr(command, "check", check)
    result = answered(project)
    assert result.success
    (output,) = [event for event in result.all_events if event.event_type_value == "STEP_OUTPUT"]
    told = output.step_output_data.metadata["told"].value
    assert told == f"- {SOURCE}: newer: the table was updated on 2026-07-01"


def test_the_job_fails_with_the_sentence_of_the_service(project, monkeypatch):
    monkeypatch.setattr(command, "check", lambda *_, **__: [InputError("the service is closed")])
    result = answered(project)
    assert not result.success
    (failure,) = [event for event in result.all_events if event.event_type_value == "STEP_FAILURE"]
    assert "the service is closed" in failure.step_failure_data.user_failure_data.description
