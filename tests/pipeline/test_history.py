"""Connections that stay open spare the disk and lose nothing."""

import sqlite3

import dagster as dg
import pytest

from pipeline import history


@pytest.fixture
def kept():
    history.keep_open()
    yield
    history.let_go()


@pytest.fixture
def instance(kept, tmp_path):
    with dg.DagsterInstance.local_temp(str(tmp_path)) as made:
        yield made


def add(instance, number: int) -> None:
    instance.report_runless_asset_event(dg.AssetMaterialization("a", metadata={"number": number}))


def index(tmp_path):
    (found,) = tmp_path.rglob("index.db")
    return found


def test_dagster_takes_one_engine_a_file_and_it_keeps_its_connections(instance, tmp_path):
    add(instance, 1)
    engines = dict(history._engines)
    assert str(index(tmp_path)) in {engine.url.database for engine in engines.values()}
    connections = {engine: engine.pool.checkedin() for engine in engines.values()}
    assert min(connections.values()) > 0
    add(instance, 2)
    assert history._engines == engines
    assert {engine: engine.pool.checkedin() for engine in engines.values()} == connections


def test_the_log_is_tidied_up_at_the_end_alone(instance, tmp_path):
    log = index(tmp_path).with_name("index.db-wal")
    sizes = []
    for number in range(3):
        add(instance, number)
        sizes.append(log.stat().st_size)
    assert sizes == sorted(sizes)
    assert sizes[0] > 0
    history.let_go()
    assert not log.exists()


def test_what_was_written_is_seen_by_others_at_once(instance, tmp_path):
    add(instance, 7)
    other = sqlite3.connect(index(tmp_path))
    assert other.execute("SELECT count(*) FROM asset_keys").fetchall() == [(1,)]
    other.close()


def test_a_commit_does_not_wait_for_the_disk(instance, tmp_path):
    add(instance, 1)
    (engine,) = (one for one in history._engines.values() if one.url.database == str(index(tmp_path)))
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 1


def test_after_letting_go_engines_are_dagsters_own_again(instance, tmp_path):
    history.let_go()
    add(instance, 1)
    assert history._engines == {}
    assert instance.get_latest_materialization_event(dg.AssetKey("a")) is not None


def test_a_history_that_was_deleted_and_made_again_can_be_used(kept, tmp_path):
    for number in (1, 2):
        folder = tmp_path / "home"
        folder.mkdir()
        history.keep_open()
        with dg.DagsterInstance.local_temp(str(folder)) as instance:
            add(instance, number)
            event = instance.get_latest_materialization_event(dg.AssetKey("a"))
            assert event.asset_materialization.metadata["number"].value == number
        history.let_go()
        folder.rename(tmp_path / f"gone-{number}")
