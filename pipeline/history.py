"""Dagster's history in SQLite, in a process that writes to it all the time.

Belongs here: what makes writing an event cheap. Not here: what is written (Dagster), whether the history can be used
(run.py, doctor.py).

For each event Dagster asks SQLAlchemy for a new engine, which opens the database, compiles every statement anew and
closes it. The last connection to go tidies up SQLite's log and waits for the disk, and so does every commit: together a
quarter of a run. So while a run writes, one engine a file is handed out again and again, its connections stay open and
keep the log where it is. And with `synchronous=NORMAL` a commit waits for the disk only when the log is tidied up: a
killed process loses nothing and no power cut damages the files, though it can take the last events.
"""

from __future__ import annotations

import atexit
import importlib
import os
import sqlite3
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from sqlalchemy import Engine

# Where Dagster's storages in SQLite take their engines from; one that is made elsewhere is Dagster's own, and slower.
STORAGES = (
    "dagster._core.storage.event_log.sqlite.sqlite_event_log",
    "dagster._core.storage.runs.sqlite.sqlite_run_storage",
    "dagster._core.storage.schedules.sqlite.sqlite_schedule_storage",
)
_engines: dict[tuple[int, str], Engine] = {}
_alone = threading.Lock()
_keeping = False


def keep_open() -> None:
    """From now on keep the engine and the connections of each file of the history, until `let_go`."""
    global _keeping
    for name in STORAGES:
        vars(importlib.import_module(name))["create_engine"] = _engine
    if not _keeping:
        _keeping = True
        atexit.register(let_go)


def let_go() -> None:
    """Close the connections that were kept; each file is whole without its log then, whoever else has it open."""
    global _keeping
    if not _keeping:
        return
    from sqlalchemy.exc import SQLAlchemyError
    from sqlalchemy.pool import QueuePool

    with _alone:
        _keeping = False
        while _engines:
            (process, _), engine = _engines.popitem()
            if process != os.getpid():
                continue  # of the process this one was forked from, which closes them itself
            # A file that is gone or spoilt meanwhile has nothing to be tidied up.
            with suppress(sqlite3.Error, SQLAlchemyError), engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            QueuePool.dispose(cast("QueuePool", engine.pool))


def _engine(url: str, **options: Any) -> Engine:
    """What Dagster calls in place of `create_engine`."""
    from sqlalchemy import create_engine, event

    with _alone:
        if not _keeping:
            return create_engine(url, **options)
        key = os.getpid(), url
        if key not in _engines:
            _engines[key] = create_engine(url, **{**options, "poolclass": _pool()})
            event.listen(_engines[key], "connect", _connected)
        return _engines[key]


def _pool() -> type:
    """Connections that stay open when an engine is disposed of, as Dagster does after each event."""
    from sqlalchemy.pool import QueuePool

    class Kept(QueuePool):
        def dispose(self) -> None:
            pass

        def recreate(self) -> Kept:
            return self

    return Kept


def _connected(connection: sqlite3.Connection, _: object) -> None:
    connection.execute("PRAGMA synchronous=NORMAL")
