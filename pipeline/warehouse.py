"""The DuckDB file behind a few verbs: session, read, replace, digest, run_checks.

Belongs here: everything that opens the database file. Not here: tables in a DuckLake instead (lake.py), what a table
means (sql/ and contracts.py), what is done with rows (transform, analysis), Dagster (assets/).

A DuckDB writer keeps every other process out, readers too. So sessions are short, never open while a model is
fitted or a page is rendered, and always closed; whoever comes second is told who holds the file.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
import re
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.util import Finalize
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from pipeline.errors import InputError

if TYPE_CHECKING:
    import polars as pl

FIRST_ROWS = 10
TELL_AFTER_SECONDS = 1.0
_log = logging.getLogger(__name__)
LAYERS = ("raw", "staging", "core", "marts", "analysis")

# Extensions are never fetched or loaded behind our back: the default run works offline.
# The file is tidied up once, on closing, and not in the middle of a run.
CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "checkpoint_threshold": "1GB",
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}
TABLES = "SELECT schema_name, table_name FROM duckdb_tables() WHERE NOT internal AND database_name = current_database()"
_OF_THE_DISK = re.compile("Permission denied|Read-only file system|No space left|Disk quota|Too many open files")
# What DuckDB raises over blocks that are not what was written, among others.
_UNREADABLE = (duckdb.IOException, duckdb.FatalException, duckdb.InternalException, duckdb.SerializationException)
_HELD_BY = re.compile(r"Conflicting lock is held in (?P<program>.*?) ?\(PID (?P<pid>\d+)\)")


@dataclass(frozen=True)
class Stored:
    """What a replaced table holds: rows, their bytes as JSON, content digest, first rows; and the seconds it took."""

    rows: int
    bytes: int
    digest: str
    first: pl.DataFrame
    seconds: float


@dataclass(frozen=True)
class Check:
    """A rule as a SELECT that returns the offending rows; an empty answer means the rule holds."""

    layer: str
    table: str
    rule: str
    severity: str
    reason: str
    sql: str
    file: str

    @property
    def name(self) -> str:
        """Unique over all checks: layer.table__rule."""
        return f"{self.layer}.{self.table}__{self.rule}"


@dataclass(frozen=True)
class CheckResult:
    """The offending rows of one check: how many, and the first of them."""

    check: Check
    offending: int
    sample: pl.DataFrame

    @property
    def passed(self) -> bool:
        """True when no row offends."""
        return self.offending == 0


class DamagedError(InputError):
    """The file is there and nobody else's, and what it holds cannot be read: only building it anew helps."""


class ConflictError(InputError):
    """Another process replaced the same table at the same moment; done again, the same step succeeds."""


def quote(identifier: str) -> str:
    """Quote an SQL identifier, so that a name from a file can never be code."""
    return '"' + identifier.replace('"', '""') + '"'


def qualified(table: str) -> str:
    """`layer.table` with both parts quoted."""
    layer, _, name = table.partition(".")
    return f"{quote(layer)}.{quote(name)}"


def look(path: Path, tables: Iterable[str]) -> dict[str, pl.DataFrame]:
    """All rows of `layer.table` from a file that is opened for reading, for a moment; nobody is waited for.

    A run that comes meanwhile waits for these milliseconds as it would for another run.

    Raises:
        InputError: there is no file, another process is writing to it, it cannot be read, or lacks a table.
    """
    if not path.is_file():
        raise InputError("there is no warehouse yet", file=path, remedy="`mo run` makes it")
    try:
        con = duckdb.connect(str(path), read_only=True, config=CONFIG)
    except duckdb.Error as error:
        raise _cannot_open(path, error) from error
    try:
        return {table: con.sql(f"SELECT * FROM {qualified(table)}").pl() for table in tables}
    except _UNREADABLE as error:
        raise _cannot_open(path, error) from error
    except duckdb.Error as error:
        raise InputError(
            f"the warehouse is not filled yet: {str(error).splitlines()[0]}", file=path, remedy="`mo run` fills it"
        ) from error
    finally:
        con.close()


def damage(path: Path) -> InputError | None:
    """Why the file cannot be used, read to the last block of every table; None when it can. Nothing is written.

    A `DamagedError` says that only building it anew helps; any other that it is held, or out of our reach.
    """
    try:
        con = duckdb.connect(str(path), read_only=True, config=CONFIG)
    except duckdb.Error as error:
        return _cannot_open(path, error)
    try:
        for schema, name in con.execute(TABLES).fetchall():
            _digest(con, f"{schema}.{name}")
    except _UNREADABLE as error:
        return _cannot_open(path, error)
    finally:
        con.close()
    return None


def scratch() -> duckdb.DuckDBPyConnection:
    """An empty database in memory with the five schemas, for reading contracts."""
    con = duckdb.connect(config=CONFIG)
    _create_schemas(con)
    return con


def _create_schemas(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(";".join(f"CREATE SCHEMA IF NOT EXISTS {layer}" for layer in LAYERS))


class Warehouse:
    """One DuckDB file with the schemas raw, staging, core, marts, analysis."""

    def __init__(self, path: Path, *, linger_seconds: float = 0.0, wait_seconds: float = 0.0) -> None:
        """
        Args:
            path: the file; made when it is not there.
            linger_seconds: how long a connection nobody uses stays open for the next session of this process.
                Opening and closing cost more than most steps do, so steps that follow each other share a connection;
                a fit or a rendering is longer than a blink and finds the file free.
            wait_seconds: how long to wait for another process that holds the file, saying for whom, before giving up.
        """
        self.path = path
        self._linger_seconds = linger_seconds
        self._wait_seconds = wait_seconds
        self._lock = threading.RLock()
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._depth = 0
        self._idle_since = 0.0
        self._closing: threading.Timer | None = None
        self._closed_at_exit = False

    @contextmanager
    def session(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A short connection; closed whatever happens. A session inside a session is the same connection.

        Raises:
            InputError: another process holds the file, or the file is no DuckDB database.
        """
        with self._lock:
            self._depth += 1
            try:
                yield self._open()
            except BaseException:
                # A session that failed leaves nothing behind, not even an open transaction.
                if self._depth == 1:
                    self._close()
                raise
            finally:
                self._depth -= 1
                if self._depth == 0:
                    self._close_soon()

    def set_aside(self, damage: DamagedError) -> str:
        """Make room for a new file where the old one cannot be read any more; the old one is kept beside it.

        A writer that was killed leaves a log beside the file, and DuckDB cannot read every such log again (of a comment
        on a column of a table with CHECKs, for one). For a run that computes every table anew only.

        Returns:
            What was wrong and where the old file is.
        """
        self.close()
        aside = self.path.with_name(f"{self.path.name}.damaged")
        log = self.path.with_name(f"{self.path.name}.wal")
        # The log first: without it the file is an older one, without the file it would be read into the new one.
        if log.exists():
            log.replace(aside.with_name(f"{aside.name}.wal"))
        self.path.replace(aside)
        return f"{damage.message}; it is built anew, the old file is kept as {aside.name}"

    def close(self) -> None:
        """Let go of the file now, if no session is running."""
        with self._lock:
            if self._depth == 0:
                self._close()

    def _open(self) -> duckdb.DuckDBPyConnection:
        if self._connection is None:
            self._connection = self._connect()
        return self._connection

    def _connect(self) -> duckdb.DuckDBPyConnection:
        started = time.monotonic()
        told = False
        while True:
            try:
                return self._attach()
            except duckdb.Error as error:
                refusal = self._cannot_open(error)
                if not _HELD_BY.search(str(error)) or time.monotonic() - started > self._wait_seconds:
                    raise refusal from error
                # Between two steps of another run the file is free for moments only: ask again soon.
                if not told and time.monotonic() - started > TELL_AFTER_SECONDS:
                    _log.warning("%s; waiting up to %.0f s", refusal.message, self._wait_seconds)
                    told = True
                time.sleep(0.02)

    def _attach(self) -> duckdb.DuckDBPyConnection:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        con = duckdb.connect(str(self.path), config=CONFIG)
        _create_schemas(con)
        return con

    def _cannot_open(self, error: duckdb.Error) -> InputError:
        return _cannot_open(self.path, error)

    def _cannot_write(self, error: duckdb.Error) -> InputError:
        return InputError(
            f"the warehouse cannot be written: {str(error).strip().splitlines()[0]}",
            file=self.path,
            remedy="make room on the disk, or mend the rights of the file, and run again",
        )

    def _create(self, con: duckdb.DuckDBPyConnection, table: str, ddl: str) -> None:
        con.execute(ddl)

    def _hold(self, con: duckdb.DuckDBPyConnection, table: str, ddl: str) -> None:
        """Refuse rows that break keys and CHECKs: the table itself has done so."""

    def _close_soon(self) -> None:
        if self._linger_seconds == 0 or self._connection is None:
            self._close()
            return
        if not self._closed_at_exit:
            # A step in a process of its own ends before the timer does, and would leave a log behind that DuckDB
            # cannot always read again. Such a process runs these finalizers, and no `atexit`.
            Finalize(None, self.close, exitpriority=0)
            self._closed_at_exit = True
        self._idle_since = time.monotonic()
        if self._closing is None:
            self._wake_in(self._linger_seconds)

    def _wake_in(self, seconds: float) -> None:
        self._closing = threading.Timer(seconds, self._close_if_idle)
        self._closing.daemon = True
        self._closing.start()

    def _close_if_idle(self) -> None:
        """One timer looks again as long as sessions follow each other: a thread each would cost more than it does."""
        with self._lock:
            self._closing = None
            left = self._idle_since + self._linger_seconds - time.monotonic()
            if left <= 0:
                self._close()
            elif self._connection is not None:
                self._wake_in(left)

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def read(self, table: str) -> pl.DataFrame:
        """All rows of `layer.table` in a fixed order."""
        return self.read_all([table])[table]

    def read_all(self, tables: Iterable[str]) -> dict[str, pl.DataFrame]:
        """All rows of several tables, each in a fixed order, from one session."""
        with self.session() as con:
            return {table: con.sql(f"SELECT * FROM {qualified(table)} ORDER BY ALL").pl() for table in tables}

    def replace(
        self,
        table: str,
        *,
        ddl: str,
        comments: Sequence[str],
        frame: pl.DataFrame | None = None,
        select: str | None = None,
    ) -> Stored:
        """Put new content into `layer.table` in one transaction; on any error the old table stands.

        Args:
            table: `layer.table`.
            ddl: a CREATE OR REPLACE TABLE statement with keys and CHECKs; empty when `select` makes the table.
            comments: COMMENT ON statements, run after the rows are in.
            frame: the new rows, columns by name.
            select: a query that gives the new rows.

        Raises:
            InputError: a row violates a key, a CHECK or a type of the contract.
            ConflictError: another process replaced the table meanwhile (in a lake only).
        """
        started = time.monotonic()
        with self.session() as con:
            con.execute("BEGIN")
            try:
                if ddl:
                    self._create(con, table, ddl)
                if frame is not None:
                    con.register("incoming", frame)
                    con.execute(f"INSERT INTO {qualified(table)} BY NAME SELECT * FROM incoming")
                    con.unregister("incoming")
                elif ddl and select:
                    con.execute(f"INSERT INTO {qualified(table)} BY NAME {select}")
                elif select:
                    con.execute(f"CREATE OR REPLACE TABLE {qualified(table)} AS {select}")
                if ddl:
                    self._hold(con, table, ddl)
                for comment in comments:
                    con.execute(comment)
                rows, size, digest = _digest(con, table)
                first = con.sql(f"SELECT * FROM {qualified(table)} LIMIT {FIRST_ROWS}").pl()
                con.execute("COMMIT")
            except duckdb.Error as error:
                with suppress(duckdb.Error):  # after a full disk DuckDB has closed the transaction itself
                    con.execute("ROLLBACK")
                if isinstance(error, (duckdb.IOException, duckdb.FatalException)):
                    raise self._cannot_write(error) from error
                if isinstance(error, duckdb.TransactionException):
                    raise ConflictError(
                        f"another process replaced {table} at the same moment: {str(error).strip().splitlines()[-1]}",
                        remedy="run again when the other run has ended; the table holds what the other one stored",
                    ) from error
                raise InputError(
                    f"the new rows of {table} break its contract: {str(error).strip()}",
                    file=f"sql/{table.replace('.', '/')}.sql",
                    remedy="mend the rows named in the message at their source; the table still holds its old rows",
                ) from error
        return Stored(rows=rows, bytes=size, digest=digest, first=first, seconds=round(time.monotonic() - started, 3))

    def is_there(self) -> bool:
        """Whether anything was ever stored."""
        return self.path.is_file()

    def digest(self, table: str) -> str:
        """Content hash of `layer.table`: equal rows in any order, equal digest."""
        with self.session() as con:
            return _digest(con, table)[2]

    def digests(self, tables: Iterable[str]) -> dict[str, str]:
        """Content hash of each of the tables that is there.

        Raises:
            DamagedError: a block of the file is not what was written.
        """
        with self.session() as con:
            try:
                there = {f"{schema}.{name}" for schema, name in con.execute(TABLES).fetchall()}
                return {table: _digest(con, table)[2] for table in tables if table in there}
            except _UNREADABLE as error:
                raise self._cannot_open(error) from error

    def run_checks(self, checks: Sequence[Check], *, sample: int = 20) -> list[CheckResult]:
        """Run each rule and count what offends it.

        Raises:
            InputError: a rule does not run, for instance because a table it reads is not there yet.
        """
        results = []
        with self.session() as con:
            for check in checks:
                try:
                    rows = con.sql(check.sql).pl()
                except duckdb.Error as error:
                    raise InputError(
                        f"the check does not run: {str(error).strip()}",
                        file=check.file,
                        remedy="materialise the tables it reads first, or mend its SQL",
                    ) from error
                results.append(CheckResult(check=check, offending=rows.height, sample=rows.head(sample)))
        return results


def _digest(con: duckdb.DuckDBPyConnection, table: str) -> tuple[int, int, str]:
    """Row count, bytes of the rows as JSON, and digest of names, types and the multiset of rows.

    Sums of 128-bit hashes rather than one sorted text: no sort, no order, constant memory on any number of rows.
    """
    name = qualified(table)
    relation = con.sql(f"SELECT * FROM {name}")
    shape = [(column, str(dtype)) for column, dtype in zip(relation.columns, relation.types, strict=True)]
    # fetchall, not fetchone: DuckDB 2.0 refuses further work while a result is not read to its end.
    ((size, *counted),) = con.execute(
        "SELECT coalesce(sum(strlen(j)), 0)::BIGINT, count(*), "
        "coalesce(sum((h & 18446744073709551615)::HUGEINT), 0)::VARCHAR, "
        "coalesce(sum((h >> 64)::HUGEINT), 0)::VARCHAR "
        f"FROM (SELECT j, md5_number(j) AS h FROM (SELECT to_json(t)::VARCHAR AS j FROM {name} AS t))"
    ).fetchall()
    text = repr((shape, counted))
    return int(counted[0]), int(size), hashlib.sha256(text.encode()).hexdigest()[:32]


def _since(pid: int) -> str:
    """When a process began, as a sentence about it goes on."""
    import psutil

    with suppress(psutil.Error):
        began = dt.datetime.fromtimestamp(psutil.Process(pid).create_time(), dt.UTC)
        return began.strftime(", begun %Y-%m-%d %H:%M:%S UTC")
    return ""


def _cannot_open(path: Path, error: duckdb.Error) -> InputError:
    held = _HELD_BY.search(str(error))
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
