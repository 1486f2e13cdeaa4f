"""Connections that stay open spare the disk and lose nothing."""

import sqlite3

import pytest
import sqlalchemy

from pipeline import history


@pytest.fixture
def engine(tmp_path):
    history.keep_open()
    made = sqlalchemy.create_engine(f"sqlite:///{tmp_path / 'h.db'}", poolclass=sqlalchemy.pool.NullPool)
    with made.begin() as con:
        con.execute(sqlalchemy.text("PRAGMA journal_mode=WAL"))
    yield made
    history.let_go()


def add(engine, number: int) -> None:
    with engine.begin() as con:
        con.execute(sqlalchemy.text("CREATE TABLE IF NOT EXISTS t (a)"))
        con.execute(sqlalchemy.text("INSERT INTO t VALUES (:a)"), {"a": number})


def test_the_log_is_tidied_up_at_the_end_alone(engine, tmp_path):
    log = tmp_path / "h.db-wal"
    sizes = []
    for number in range(3):
        add(engine, number)
        sizes.append(log.stat().st_size)
    assert sizes == sorted(sizes)
    assert sizes[0] > 0
    history.let_go()
    assert not log.exists()


def test_what_was_written_is_seen_by_others_at_once(engine, tmp_path):
    add(engine, 7)
    other = sqlite3.connect(tmp_path / "h.db")
    assert other.execute("SELECT a FROM t").fetchall() == [(7,)]
    other.close()


def test_a_file_that_was_deleted_and_made_again_can_be_used(engine, tmp_path):
    add(engine, 1)
    history.let_go()
    for file in tmp_path.glob("h.db*"):
        file.unlink()
    add(engine, 2)
    with engine.connect() as con:
        assert con.execute(sqlalchemy.text("SELECT a FROM t")).fetchall() == [(2,)]
