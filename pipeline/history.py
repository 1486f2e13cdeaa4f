"""Dagster's history in SQLite, in a process that writes to it all the time.

Belongs here: what makes writing an event cheap. Not here: what is written (Dagster), whether the history can be used
(run.py, doctor.py).

Dagster opens and closes a database for each event. The last connection to go tidies up SQLite's log and waits for the
disk, and so does every commit: together they took a fifth of a run. A connection of our own that stays open keeps the
log where it is until the process ends. And with `synchronous=NORMAL` a commit waits for the disk only when the log is
tidied up: a killed process loses nothing and no power cut damages the files, though it can take the last events.
"""

from __future__ import annotations

import atexit
import sqlite3
import threading
from contextlib import suppress
from typing import Any

_held: dict[str, sqlite3.Connection] = {}
_alone = threading.Lock()


def keep_open() -> None:
    """From now on keep a connection to every SQLite file that this process opens by SQLAlchemy, until it ends."""
    from sqlalchemy import Engine, event

    if not event.contains(Engine, "connect", _connected):
        event.listen(Engine, "connect", _connected)
        atexit.register(let_go)


def let_go() -> None:
    """Close the connections that were kept; each file is whole without its log then, whoever else has it open."""
    with _alone:
        while _held:
            connection = _held.popitem()[1]
            with suppress(sqlite3.Error):  # a file that is gone or spoilt meanwhile has nothing to be tidied up
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            connection.close()


def _connected(connection: Any, _: object) -> None:
    if not isinstance(connection, sqlite3.Connection):
        return
    connection.execute("PRAGMA synchronous=NORMAL")
    ((_, _, path),) = connection.execute("PRAGMA database_list").fetchall()
    if not path:
        return  # in memory
    with _alone:
        if path not in _held:
            _held[path] = sqlite3.connect(path, check_same_thread=False)
        # Only who has read since the log was begun counts as one who uses it.
        _held[path].execute("PRAGMA schema_version").fetchall()
