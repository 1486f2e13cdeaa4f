"""A run in parts: what is sent, in which order, and how long anything is waited for."""

import dagster as dg
import pytest
from dagster._core.remote_origin import RegisteredCodeLocationOrigin, RemoteJobOrigin, RemoteRepositoryOrigin
from hypothesis import given
from hypothesis import strategies as st
from project_folder import copy_sources

from pipeline import distributed
from pipeline.assets.common import key
from pipeline.cli import app
from pipeline.definitions import build_definitions
from pipeline.distributed import REST, refuse_without_workers, shared, waves
from pipeline.errors import InputError
from pipeline.project import open_project
from pipeline.settings import Settings

SOURCES = ("regions", "koenigstein_key_states", "samofa_nemo_cities")


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    root = copy_sources(tmp_path_factory.mktemp("project"), *SOURCES)
    return open_project(Settings.resolve(root, env={}))


@pytest.fixture(scope="module")
def graph(project):
    return build_definitions(project).resolve_asset_graph()


@pytest.fixture
def instance():
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


def test_regions_come_first_then_the_sources_then_the_rest(project, graph):
    every = graph.get_all_asset_keys()
    first, second, third = waves(project, every, rules=graph.asset_check_keys)
    assert [part.assets for part in first] == [{key("raw.regions"), key("staging.regions")}]
    # Small sources share a run.
    assert [part.name for part in second] == ["koenigstein_key_states and 1 more"]
    assert [part.name for part in third] == [REST]
    assert third[0].rules == graph.asset_check_keys
    assert first[0].rules is None
    sent = [asset for wave in (first, second, third) for part in wave for asset in part.assets]
    assert sorted(sent) == sorted(every)


def test_no_part_waits_for_one_beside_or_after_it(project, graph):
    done = set()
    for wave in waves(project, graph.get_all_asset_keys()):
        for part in wave:
            needed = {parent for asset in part.assets for parent in graph.get(asset).parent_keys}
            assert needed <= done | part.assets
        done |= {asset for part in wave for asset in part.assets}


def test_what_is_fresh_is_not_sent(project):
    due = {key("staging.samofa_nemo_cities"), key("marts.network_state")}
    assert [[(part.name, part.assets) for part in wave] for wave in waves(project, due)] == [
        [("samofa_nemo_cities", {key("staging.samofa_nemo_cities")})],
        [(REST, {key("marts.network_state")})],
    ]
    assert waves(project, set()) == []


@given(st.dictionaries(st.text(max_size=4), st.integers(0, 400), max_size=12), st.integers(1, 300))
def test_sources_share_a_run_within_the_limit_each_in_one(sizes, limit):
    groups = shared(sizes, limit)
    assert sorted(name for group in groups for name in group) == sorted(sizes)
    assert all(len(group) == 1 or sum(sizes[name] for name in group) <= limit for group in groups)


def test_without_a_shared_lake_or_workers_nothing_is_sent(project, instance, tmp_path):
    with pytest.raises(InputError, match="workers cannot share a file"):
        refuse_without_workers(project, instance)
    lake = {"AUGENHOEHE_WAREHOUSE": "ducklake:postgres:dbname=lake", "AUGENHOEHE_LAKE_DATA": str(tmp_path)}
    alone = dg.DagsterInstance.local_temp(str(tmp_path))
    of_lake = open_project(Settings.resolve(project.settings.root, env=lake))
    with pytest.raises(InputError, match=r"dagster\.yaml in use names no workers"):
        refuse_without_workers(of_lake, alone)


def test_options_that_workers_do_not_hear_of_are_refused(monkeypatch, project):
    from typer.testing import CliRunner

    monkeypatch.chdir(project.settings.root)
    answer = CliRunner().invoke(app, ["run", "--distributed", "--renderer", "builtin"])
    assert isinstance(answer.exception, InputError)
    assert "AUGENHOEHE_RENDERER" in str(answer.exception)


def run_of(instance, name, status, tags=None):
    job = dg.GraphDefinition(name).to_job()
    return instance.create_run_for_job(job, status=status, tags=tags or {}).run_id


def waited(instance, sent):
    told, events = [], []
    return distributed._wait(instance, sent, told.append, events.append), told, events


def test_a_lost_run_is_waited_for_in_the_one_sent_in_its_place(instance):
    again = run_of(instance, "again", dg.DagsterRunStatus.SUCCESS)
    tags = {"dagster/will_retry": "true", "dagster/auto_retry_run_id": again}
    lost = run_of(instance, "lost", dg.DagsterRunStatus.FAILURE, tags)
    errors, told, _ = waited(instance, {lost: "a_source"})
    assert errors == []
    assert told == ["a_source: it failed; sent again"]


def test_a_run_that_fails_for_good_is_named_with_the_sentence_of_its_step(instance):
    @dg.op
    def broken():
        raise dg.Failure(description="a file is damaged\n  Remedy: mend it")

    @dg.job
    def job():
        broken()

    result = job.execute_in_process(instance=instance, raise_on_error=False)
    whole = run_of(instance, "whole", dg.DagsterRunStatus.SUCCESS)
    errors, told, events = waited(instance, {result.run_id: "a_source", whole: "another"})
    assert errors == [f"a_source: a file is damaged\n  Remedy: mend it (run {result.run_id})"]
    assert told == []
    assert any(event.dagster_event and event.dagster_event.is_step_failure for event in events)


def test_nothing_is_waited_for_without_end(instance, monkeypatch):
    monkeypatch.setattr(distributed, "_limit", lambda _: 0.0)
    monkeypatch.setattr(distributed, "POLL_SECONDS", 0.0)
    begun = run_of(instance, "begun", dg.DagsterRunStatus.STARTED)
    with pytest.raises(InputError, match="waiting for a_source"):
        waited(instance, {begun: "a_source"})


def test_runs_that_nobody_waits_for_any_more_do_not_begin(instance):
    origin = RemoteJobOrigin(RemoteRepositoryOrigin(RegisteredCodeLocationOrigin("here"), "all"), "queued")
    queued = instance.create_run_for_job(
        dg.GraphDefinition("queued").to_job(), status=dg.DagsterRunStatus.QUEUED, remote_job_origin=origin
    ).run_id
    begun = run_of(instance, "begun", dg.DagsterRunStatus.STARTED)
    distributed._call_back(instance, [queued, begun])
    found = {run.run_id: run.status for run in instance.get_runs()}
    assert found == {queued: dg.DagsterRunStatus.CANCELED, begun: dg.DagsterRunStatus.STARTED}
