"""Opening the database file, and the sentence for a file that cannot be opened.

Belongs here: settings of every connection, names in SQL, what is wrong with a file that cannot be used. Not here: who
opens it and for how long (store.py).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import duckdb

from pipeline.errors import InputError

# For what cannot go to the disk: a join of many small tables holds on to a part of each.
ROOM = "2GB"
Answer = TypeVar("Answer")
LAYERS = ("raw", "staging", "core", "marts", "analysis")

# Extensions are never fetched or loaded behind our back: the default run works offline.
# The file is tidied up once, on closing, and not in the middle of a run.
# What needs more memory than this goes through a folder beside the file, which DuckDB removes again.
CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "checkpoint_threshold": "1GB",
    "memory_limit": "512MB",
    # The file is ours alone, and what it holds can be made again: no older DuckDB has to read it.
    "storage_compatibility_version": "latest",
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}
# A core table of figures is a view over the staging tables.
TABLES = (
    "SELECT schema_name, table_name FROM duckdb_tables() WHERE NOT internal AND database_name = current_database() "
    "UNION ALL "
    "SELECT schema_name, view_name FROM duckdb_views() WHERE NOT internal AND database_name = current_database()"
)
_OF_THE_DISK = re.compile("Permission denied|Read-only file system|No space left|Disk quota|Too many open files")
# What DuckDB raises over blocks that are not what was written, among others.
UNREADABLE = (duckdb.IOException, duckdb.FatalException, duckdb.InternalException, duckdb.SerializationException)
HELD_BY = re.compile(r"Conflicting lock is held in (?P<program>.*?) ?\(PID (?P<pid>\d+)\)")


class DamagedError(InputError):
    """The file is there and nobody else's, and what it holds cannot be read: only building it anew helps."""


class BrokenContractError(InputError):
    """New rows break the contract of their table."""

    def __init__(self, table: str, said: str) -> None:
        """`said` is what is broken, as DuckDB words it."""
        super().__init__(
            f"the new rows of {table} break its contract: {said}",
            file=f"sql/{table.replace('.', '/')}.sql",
            remedy="mend the rows named in the message at their source; the table still holds its old rows",
        )


class ConflictError(InputError):
    """Another process replaced the same table at the same moment; done again, the same step succeeds."""


def quote(identifier: str) -> str:
    """Quote an SQL identifier, so that a name from a file can never be code."""
    return '"' + identifier.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text of SQL, for where there can be no parameter.

    And for what every run asks: for the first parameter of a process DuckDB imports pandas, half a second.
    """
    return "'" + text.replace("'", "''") + "'"


def qualified(table: str) -> str:
    """`layer.table` with both parts quoted."""
    layer, _, name = table.partition(".")
    return f"{quote(layer)}.{quote(name)}"


def scratch() -> duckdb.DuckDBPyConnection:
    """An empty database in memory with the five schemas, for reading contracts."""
    con = duckdb.connect(config=CONFIG)
    create_schemas(con)
    return con


def create_schemas(con: duckdb.DuckDBPyConnection) -> None:
    """Make the five schemas where they are missing."""
    con.execute(";".join(f"CREATE SCHEMA IF NOT EXISTS {layer}" for layer in LAYERS))


def opened(path: Path) -> duckdb.DuckDBPyConnection:
    """The file, for reading and writing; made when it is not there.

    Raises:
        duckdb.Error: it cannot be opened; see `cannot_open`.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    con = duckdb.connect(str(path), config=CONFIG)
    create_schemas(con)
    _compress_texts(con)
    return con


def opened_for_reading(path: Path) -> duckdb.DuckDBPyConnection:
    """The file as it lies there; nothing is made or written, and nobody is waited for.

    Raises:
        InputError: there is none, another process is writing to it, or it cannot be read.
    """
    if not path.is_file():
        raise InputError("there is no warehouse yet", file=path, remedy="`mo run` makes it")
    try:
        return duckdb.connect(str(path), read_only=True, config=CONFIG)
    except duckdb.Error as error:
        raise cannot_open(path, error) from error


def _compress_texts(con: duckdb.DuckDBPyConnection) -> None:
    """Choose the compression of texts beforehand: trying all of them costs more than the rest of writing a table.

    It is the one DuckDB finds best for texts that repeat, and for those that share parts. A file of an older format
    does not know it and stays as it is.
    """
    ((version,),) = con.execute(
        "SELECT coalesce(tags['storage_version'], '') FROM duckdb_databases() WHERE database_name = current_database()"
    ).fetchall()
    if version and version.split("+")[0] not in ("v1.0.0", "v1.1.0", "v1.2.0"):
        con.execute("SET force_compression = 'dict_fsst'")


def with_room(con: duckdb.DuckDBPyConnection, act: Callable[[], Answer]) -> Answer:
    """What `act` gives; where it needs more memory than the limit, once more with `ROOM`.

    Sorting and grouping go to the disk; a join of many tables at once cannot always.
    """
    try:
        return act()
    except duckdb.OutOfMemoryException:
        con.execute(f"SET memory_limit = '{ROOM}'")
        try:
            return act()
        finally:
            con.execute(f"SET memory_limit = '{CONFIG['memory_limit']}'")


def cannot_open(path: Path, error: duckdb.Error) -> InputError:
    """What a person reads of it: held by whom, out of reach, or a `DamagedError`."""
    held = HELD_BY.search(str(error))
    if held:
        return InputError(
            f"the warehouse is in use by process {held['pid']} ({held['program'] or 'unknown program'}"
            f"{_since(int(held['pid']))})",
            file=path,
            remedy=f"wait for it, or end process {held['pid']} if it is yours; readers should open the release instead",
        )
    said = str(error).strip().splitlines()[0]
    if _OF_THE_DISK.search(said) or isinstance(error, duckdb.OutOfMemoryException):
        return InputError(
            f"the warehouse cannot be opened: {said}",
            file=path,
            remedy="make room, or mend the rights of the file, and run again",
        )
    return DamagedError(
        f"the warehouse cannot be read: {said}",
        file=path,
        remedy="`mo run` sets it aside and builds it anew from raw_data",
    )


def _since(pid: int) -> str:
    """When a process began, as a sentence about it goes on."""
    import psutil

    with suppress(psutil.Error):
        began = dt.datetime.fromtimestamp(psutil.Process(pid).create_time(), dt.UTC)
        return began.strftime(", begun %Y-%m-%d %H:%M:%S UTC")
    return ""
