"""What deploy/ holds fits together, and what a lake is named by is understood or refused, without repeating it."""

import re
from pathlib import Path

import pytest
import yaml
from project_folder import copy_sources

from pipeline.errors import InputError
from pipeline.settings import Lake, Settings

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
SECRET = "planted-word"  # noqa: S105
_PINNED = re.compile(r"(?m)^([a-z0-9][a-z0-9._-]*)(?:\[[a-z,]+\])?==([^\s;\\]+)")


def pinned(lock):
    return {(name, version) for name, version in _PINNED.findall(lock.read_text("utf-8"))}


def test_the_lock_of_the_workers_agrees_with_the_first_and_names_no_address():
    first, of_workers = pinned(ROOT / "requirements.lock"), pinned(DEPLOY / "requirements.lock")
    shared = {name for name, _ in first}
    assert {(name, version) for name, version in of_workers if name in shared} <= first
    more = {name for name, _ in of_workers} - shared
    assert {"celery", "kombu", "redis", "dagster-celery", "dagster-postgres", "psycopg2-binary"} <= more
    text = (DEPLOY / "requirements.lock").read_text("utf-8")
    assert "://" not in text
    assert "-index" not in text
    assert text.count("--hash=sha256:") > len(of_workers)


def test_the_laptop_does_not_pay_for_workers():
    names = {name for name, _ in pinned(ROOT / "requirements.lock")}
    assert not names & {"celery", "kombu", "redis", "psycopg2-binary"}


def test_every_variable_is_documented_and_none_holds_a_secret_in_the_yaml():
    settings = yaml.safe_load((DEPLOY / "dagster.yaml").read_text("utf-8"))
    asked = set(re.findall(r"\{env: ([A-Z_]+)\}", (DEPLOY / "dagster.yaml").read_text("utf-8")))
    example = (DEPLOY / "environment.example").read_text("utf-8")
    documented = dict(re.findall(r"(?m)^([A-Z_]+)=(.*)$", example))
    assert asked <= set(documented)
    assert documented["PGPASSWORD"] == ""
    assert settings["storage"]["postgres"]["postgres_db"]["password"] == {"env": "PGPASSWORD"}
    assert Settings.resolve(ROOT, env={**documented, "AUGENHOEHE_ROOT": ""}).lake == Lake(
        "postgres:dbname=lake", "/srv/augenhoehe/lake"
    )


def test_a_killed_worker_is_noticed_and_its_run_sent_again_and_no_other():
    settings = yaml.safe_load((DEPLOY / "dagster.yaml").read_text("utf-8"))
    assert settings["run_monitoring"]["enabled"]
    assert settings["run_monitoring"]["max_runtime_seconds"] > 0
    assert settings["run_monitoring"]["start_timeout_seconds"] > 0
    assert settings["run_retries"] == {"enabled": True, "max_retries": 2, "retry_on_asset_or_op_failure": False}
    assert settings["storage"]["postgres"]["postgres_db"]["scheme"] == "postgresql+psycopg2"


def test_each_run_gets_a_new_process_so_that_none_sees_what_another_has_read():
    worker = (DEPLOY / "worker").read_text("utf-8")
    assert "--max-tasks-per-child 1" in worker
    assert "--disable-prefetch" in worker
    assert "-c 1" in worker


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return copy_sources(tmp_path_factory.mktemp("project"), "regions")


def lake(root, warehouse, data="/data"):
    return Settings.resolve(root, env={"AUGENHOEHE_WAREHOUSE": warehouse, "AUGENHOEHE_LAKE_DATA": data}).lake


def test_without_variables_the_tables_lie_in_a_file(root):
    assert Settings.resolve(root, env={}).lake is None


def test_a_lake_is_named_by_a_file_or_by_postgresql(root, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = lake(root, "ducklake:meta.ducklake", "data")
    assert found == Lake(str(tmp_path / "meta.ducklake"), str(tmp_path / "data"))
    assert found.file == tmp_path / "meta.ducklake"
    of_server = lake(root, "ducklake:postgres:host=db dbname=lake", "s3://figures/lake")
    assert of_server == Lake("postgres:host=db dbname=lake", "s3://figures/lake")
    assert of_server.file is None


@pytest.mark.parametrize(
    "catalogue",
    [
        f"postgres:host=db password={SECRET} dbname=lake",
        f"postgres:host=db PASSWORD = '{SECRET}'",
        f"postgres:postgresql://name:{SECRET}@db/lake",
        f"postgres:postgresql://db/lake?user=a&password={SECRET}",
        f"postgres:host=db sslpassword={SECRET}",
    ],
)
def test_a_password_in_a_connection_string_is_refused_and_not_repeated(root, catalogue):
    with pytest.raises(InputError, match="PGPASSWORD") as caught:
        lake(root, f"ducklake:{catalogue}")
    assert SECRET not in str(caught.value)
    assert caught.value.key == "AUGENHOEHE_WAREHOUSE"


@pytest.mark.parametrize("passfile", ["postgres:dbname=lake passfile=/etc/pg", "postgres:postgresql://name@db/lake"])
def test_what_only_looks_like_a_password_is_taken(root, passfile):
    assert lake(root, f"ducklake:{passfile}") == Lake(passfile, "/data")


@pytest.mark.parametrize(
    ("warehouse", "data", "reason"),
    [
        ("postgres:dbname=lake", "/data", "this names no warehouse"),
        ("ducklake:", "/data", "this names no warehouse"),
        ("ducklake:postgres:", "/data", "this names no warehouse"),
        ("ducklake:postgres:dbname=lake", "", "a lake needs a place for its data"),
        ("", "/data", "and no lake"),
    ],
)
def test_half_a_lake_is_refused_with_what_is_missing(root, warehouse, data, reason):
    with pytest.raises(InputError, match=reason):
        lake(root, warehouse, data)
