"""The DuckDB file behind a few verbs: session, read, replace, digest, run_checks.

Belongs here: everything that opens a database. Not here: what a table means (sql/ and contracts.py), what is done
with rows (transform, analysis), Dagster (assets/).

A DuckDB writer keeps every other process out, readers too. So sessions are short, never open while a model is
fitted or a page is rendered, and always closed; whoever comes second is told who holds the file.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
import queue
import re
import threading
import time
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import chain
from multiprocessing.util import Finalize
from pathlib import Path
from typing import TYPE_CHECKING, cast

import duckdb

from pipeline.errors import InputError

if TYPE_CHECKING:
    import polars as pl
    import pyarrow as pa

FIRST_ROWS = 10
TELL_AFTER_SECONDS = 1.0
_log = logging.getLogger(__name__)
LAYERS = ("raw", "staging", "core", "marts", "analysis")

# Extensions are never fetched or loaded behind our back: the default run works offline.
# The file is tidied up once, on closing, and not in the middle of a run.
# What needs more memory than this goes through a folder beside the file, which DuckDB removes again.
_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "checkpoint_threshold": "1GB",
    "memory_limit": "512MB",
    # The file is ours alone, and what it holds can be made again: no older DuckDB has to read it.
    "storage_compatibility_version": "latest",
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}
_TABLES = (
    "SELECT schema_name, table_name FROM duckdb_tables() WHERE NOT internal "
    "UNION ALL SELECT schema_name, view_name FROM duckdb_views() WHERE NOT internal"
)
# As the contracts write it.
_PRIMARY_KEY = re.compile(r",?\s*PRIMARY KEY \(([^)]*)\)")
# Rows that are read or looked at together.
BATCH = 50_000
# What DuckDB gets for a table whose frames are made beside it: it is written row group by row group.
_WRITING = "224MB"
# Above this number of rows a digest is made of shorter texts than JSON.
_MANY_ROWS = 100_000
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


class KeyTwiceError(InputError):
    """Rows share a key.

    Attributes:
        rows: the rows of the first such key.
    """

    def __init__(self, message: str, rows: pl.DataFrame, *, file: str, remedy: str) -> None:
        super().__init__(message, file=file, remedy=remedy)
        self.rows = rows


class DamagedError(InputError):
    """The file is there and nobody else's, and what it holds cannot be read: only building it anew helps."""


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
        con = duckdb.connect(str(path), read_only=True, config=_CONFIG)
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
        con = duckdb.connect(str(path), read_only=True, config=_CONFIG)
    except duckdb.Error as error:
        return _cannot_open(path, error)
    try:
        for schema, name in con.execute(_TABLES).fetchall():
            _digest(con, f"{schema}.{name}")
    except _UNREADABLE as error:
        return _cannot_open(path, error)
    finally:
        con.close()
    return None


def scratch() -> duckdb.DuckDBPyConnection:
    """An empty database in memory with the five schemas, for reading contracts."""
    con = duckdb.connect(config=_CONFIG)
    _create_schemas(con)
    return con


def _create_schemas(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(";".join(f"CREATE SCHEMA IF NOT EXISTS {layer}" for layer in LAYERS))


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
        if self._closing is not None:
            self._closing.cancel()
            self._closing = None
        if self._connection is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = self._connect()
            _create_schemas(self._connection)
            _compress_texts(self._connection)
        return self._connection

    def _connect(self) -> duckdb.DuckDBPyConnection:
        started = time.monotonic()
        told = False
        while True:
            try:
                return duckdb.connect(str(self.path), config=_CONFIG)
            except duckdb.Error as error:
                refusal = _cannot_open(self.path, error)
                if not _HELD_BY.search(str(error)) or time.monotonic() - started > self._wait_seconds:
                    raise refusal from error
                # Between two steps of another run the file is free for moments only: ask again soon.
                if not told and time.monotonic() - started > TELL_AFTER_SECONDS:
                    _log.warning("%s; waiting up to %.0f s", refusal.message, self._wait_seconds)
                    told = True
                time.sleep(0.02)

    def _close_soon(self) -> None:
        if self._linger_seconds == 0 or self._connection is None:
            self._close()
            return
        if not self._closed_at_exit:
            # A step in a process of its own ends before the timer does, and would leave a log behind that DuckDB
            # cannot always read again. Such a process runs these finalizers, and no `atexit`.
            Finalize(None, self.close, exitpriority=0)
            self._closed_at_exit = True
        self._closing = threading.Timer(self._linger_seconds, self.close)
        self._closing.daemon = True
        self._closing.start()

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

    def batches(self, table: str, where: Mapping[str, str]) -> Iterator[pl.DataFrame]:
        """The rows of `layer.table` that have certain words in certain columns, in the order they were stored.

        In frames of at most `BATCH` rows, so that a table of any size can be gone through, in any thread, while another
        table is replaced. To be asked for, and read to the end, within a session.

        Raises:
            DamagedError: a block of the file is not what was written.
        """
        with self.session() as con:
            return self._batches(self._beside(con), table, where)

    def _beside(self, con: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
        """A second connection to the same tables, which sees what is committed."""
        return con.cursor()

    def _batches(
        self, cursor: duckdb.DuckDBPyConnection, table: str, where: Mapping[str, str]
    ) -> Iterator[pl.DataFrame]:
        import polars as pl

        conditions = " AND ".join(f"{quote(column)} = ?" for column in where) or "true"
        try:
            found = cursor.execute(f"SELECT * FROM {qualified(table)} WHERE {conditions}", list(where.values()))
            for batch in found.to_arrow_reader(BATCH):
                yield cast("pl.DataFrame", pl.from_arrow(batch))
        except _UNREADABLE as error:
            raise _cannot_open(self.path, error) from error
        finally:
            cursor.close()

    def replace(
        self,
        table: str,
        *,
        ddl: str,
        comments: Sequence[str],
        frame: pl.DataFrame | None = None,
        frames: Iterable[pl.DataFrame] | None = None,
        select: str | None = None,
        view: bool = False,
    ) -> Stored:
        """Put new content into `layer.table` in one transaction; on any error the old table stands.

        Args:
            table: `layer.table`.
            ddl: a CREATE OR REPLACE TABLE statement with keys and CHECKs; empty when `select` makes the table.
            comments: COMMENT ON statements, run after the rows are in.
            frame: the new rows, columns by name.
            frames: the same in parts of equal columns, taken one after the other while the former are written.
            select: a query that gives the new rows.
            view: keep the query instead of its rows; they are read from the tables it names, which have held them to
                the same contract but for the key.

        Raises:
            InputError: a row violates a key (KeyTwiceError), a CHECK or a type of the contract.
            Exception: whatever `frames` raise.
        """
        started = time.monotonic()
        parts = _Parts([frame] if frame is not None else frames or ())
        with self.session() as con:
            con.execute("BEGIN")
            try:
                if view:
                    _drop(con, table, "TABLE")
                    con.execute(f"CREATE OR REPLACE VIEW {qualified(table)} AS {select}")
                    comments = [comment.replace("COMMENT ON TABLE", "COMMENT ON VIEW") for comment in comments]
                else:
                    _drop(con, table, "VIEW")
                    if ddl:
                        self._create(con, table, ddl)
                    if select is None:
                        parts.insert(con, table)
                    elif ddl:
                        con.execute(f"INSERT INTO {qualified(table)} BY NAME {select}")
                    else:
                        con.execute(f"CREATE OR REPLACE TABLE {qualified(table)} AS {select}")
                if ddl:
                    self._hold(con, table, ddl)
                for comment in comments:
                    con.execute(comment)
                rows, size, digest = _digest(con, table)
                first = con.sql(f"SELECT * FROM {qualified(table)} LIMIT {FIRST_ROWS}").pl()
                con.execute("COMMIT")
                parts.let_go(con)
            except Exception as error:
                with suppress(duckdb.Error):  # after a full disk DuckDB has closed the transaction itself
                    con.execute("ROLLBACK")
                parts.let_go(con)
                if parts.failure is not None:
                    raise parts.failure from None
                if not isinstance(error, duckdb.Error):
                    raise
                if isinstance(error, (duckdb.IOException, duckdb.FatalException)):
                    raise InputError(
                        f"the warehouse cannot be written: {str(error).strip().splitlines()[0]}",
                        file=self.path,
                        remedy="make room on the disk, or mend the rights of the file, and run again",
                    ) from error
                raise InputError(
                    f"the new rows of {table} break its contract: {str(error).strip()}",
                    file=f"sql/{table.replace('.', '/')}.sql",
                    remedy="mend the rows named in the message at their source; the table still holds its old rows",
                ) from error
        return Stored(rows=rows, bytes=size, digest=digest, first=first, seconds=round(time.monotonic() - started, 3))

    def _create(self, con: duckdb.DuckDBPyConnection, table: str, ddl: str) -> None:
        """Create the table without its key, which `_hold` asks for: an index would have to fit in memory."""
        con.execute(_PRIMARY_KEY.sub("", ddl, count=1).replace("(,", "(", 1))

    def _hold(self, con: duckdb.DuckDBPyConnection, table: str, ddl: str) -> None:
        """Refuse rows that break the key; the table itself has refused those that break a CHECK.

        Raises:
            KeyTwiceError: two rows have the same key.
            InputError: a row has none.
        """
        key = _PRIMARY_KEY.search(ddl)
        if key is None:
            return
        columns = [quote(name.strip().strip('"')) for name in key[1].split(",")]
        _refuse_null_key(con, table, columns)
        _refuse_key_twice(con, table, columns)

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
                there = {f"{schema}.{name}" for schema, name in con.execute(_TABLES).fetchall()}
                return {table: _digest(con, table)[2] for table in tables if table in there}
            except _UNREADABLE as error:
                raise _cannot_open(self.path, error) from error

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


class _Parts:
    """Frames on their way into a table: the next is made, in a thread of its own, while the former is written."""

    def __init__(self, frames: Iterable[pl.DataFrame]) -> None:
        self._frames = frames
        self._ready: queue.Queue[pl.DataFrame | None] = queue.Queue(maxsize=1)
        self._is_over = False
        # What stopped the frames, which DuckDB can only pass on as a text.
        self.failure: BaseException | None = None

    def insert(self, con: duckdb.DuckDBPyConnection, table: str) -> None:
        """Write all frames; without any the table stays empty.

        Raises:
            duckdb.Error: a row breaks the contract, or the frames failed (see `failure`).
        """
        import pyarrow as pa

        making = threading.Thread(target=self._make, daemon=True)
        making.start()
        try:
            batches = self._batches()
            first = next(batches, None)
            if first is None:
                return
            con.register("incoming", pa.RecordBatchReader.from_batches(first.schema, chain([first], batches)))
            # Several writers of one table spend more on waiting for their turn than they save.
            con.execute(f"SET threads = 1; SET memory_limit = '{_WRITING}'")
            con.execute(f"INSERT INTO {qualified(table)} BY NAME SELECT * FROM incoming")
            con.execute("RESET threads")
        finally:
            self._is_over = True
            while making.is_alive():
                with suppress(queue.Empty):
                    self._ready.get(timeout=0.01)

    def let_go(self, con: duckdb.DuckDBPyConnection) -> None:
        """Undo what writing needed of the connection; after an error, once its transaction is over."""
        con.execute(f"RESET threads; SET memory_limit = '{_CONFIG['memory_limit']}'")
        con.unregister("incoming")

    def _make(self) -> None:
        frames = iter(self._frames)
        try:
            for frame in frames:
                self._ready.put(frame)
                if self._is_over:
                    break
        except BaseException as error:
            self.failure = error
        finally:
            # What the frames hold open, this thread has opened.
            if isinstance(frames, Generator):
                frames.close()
            self._ready.put(None)

    def _batches(self) -> Iterator[pa.RecordBatch]:
        import polars as pl

        while (frame := self._ready.get()) is not None:
            # Texts as Polars keeps them, without a copy.
            yield from frame.to_arrow(compat_level=pl.CompatLevel.newest()).to_batches()
        if self.failure is not None:
            raise self.failure


def _drop(con: duckdb.DuckDBPyConnection, table: str, kind: str) -> None:
    """Remove what stands where a table or view of that name is to be made, where it is a `kind`."""
    name = "view_name" if kind == "VIEW" else "table_name"
    layer, _, short = table.partition(".")
    if con.execute(
        f"SELECT 1 FROM duckdb_{kind.lower()}s() WHERE schema_name = ? AND {name} = ?", [layer, short]
    ).fetchall():
        con.execute(f"DROP {kind} {qualified(table)}")


def _refuse_null_key(con: duckdb.DuckDBPyConnection, table: str, columns: list[str]) -> None:
    missing = " OR ".join(f"{column} IS NULL" for column in columns)
    if con.execute(f"SELECT 1 FROM {qualified(table)} WHERE {missing} LIMIT 1").fetchall():
        raise InputError(
            f"the new rows of {table} break its contract: NOT NULL constraint failed: a key ({', '.join(columns)}) is "
            "incomplete",
            file=f"sql/{table.replace('.', '/')}.sql",
            remedy="mend the rows at their source; the table still holds its old rows",
        )


def _refuse_key_twice(con: duckdb.DuckDBPyConnection, table: str, columns: list[str]) -> None:
    """One GROUP BY, which needs no more memory than it is given, where an index holds every key."""
    key = ", ".join(columns)
    twice = con.execute(
        f"SELECT {key} FROM {qualified(table)} GROUP BY {key} HAVING count(*) > 1 ORDER BY {key} LIMIT 1"
    ).fetchall()
    if twice:
        same = " AND ".join(f"{column} = ?" for column in columns)
        rows = con.execute(f"SELECT * FROM {qualified(table)} WHERE {same}", list(twice[0])).pl()
        shown = ", ".join(f"{column}: {value}" for column, value in zip(columns, twice[0], strict=True))
        raise KeyTwiceError(
            f"the new rows of {table} break its contract: duplicate key ({shown}) in {rows.height} rows",
            rows,
            file=f"sql/{table.replace('.', '/')}.sql",
            remedy="mend the rows named in the message at their source; the table still holds its old rows",
        )


def _digest(con: duckdb.DuckDBPyConnection, table: str) -> tuple[int, int, str]:
    """Row count, bytes of the rows as JSON, and digest of names, types and the multiset of rows.

    Sums of 128-bit hashes rather than one sorted text: no sort, no order, constant memory on any number of rows. Of
    more rows than `_MANY_ROWS` the texts are shorter: the words of a row end to end, and one number for all its
    numbers; the size is that of these texts.
    """
    name = qualified(table)
    relation = con.sql(f"SELECT * FROM {name}")
    shape = [(column, str(dtype)) for column, dtype in zip(relation.columns, relation.types, strict=True)]
    # fetchall, not fetchone: DuckDB 2.0 refuses further work while a result is not read to its end.
    ((many,),) = con.execute(f"SELECT count(*) > {_MANY_ROWS} FROM {name}").fetchall()
    row = _short_text(shape) if many else "to_json(t)::VARCHAR"
    ((size, *counted),) = con.execute(
        "SELECT coalesce(sum(strlen(j)), 0)::BIGINT, count(*), "
        "coalesce(sum((h & 18446744073709551615)::HUGEINT), 0)::VARCHAR, "
        "coalesce(sum((h >> 64)::HUGEINT), 0)::VARCHAR "
        f"FROM (SELECT j, md5_number(j) AS h FROM (SELECT {row} AS j FROM {name} AS t))"
    ).fetchall()
    text = repr((shape, counted))
    return int(counted[0]), int(size), hashlib.sha256(text.encode()).hexdigest()[:32]


def _short_text(shape: Sequence[tuple[str, str]]) -> str:
    """An expression for one text a row: no cell holds the signs 0 and 1, which separate words and stand for null."""
    words = [f"coalesce({quote(column)}, chr(1)), chr(0)" for column, type_ in shape if type_ == "VARCHAR"]
    numbers = [quote(column) for column, type_ in shape if type_ != "VARCHAR"]
    # DuckDB's hash mixes numbers well; of texts that differ little it does not, so they go into MD5 as they are.
    number = f"hash({', '.join(numbers)})" if numbers else "''"
    return f"concat({', '.join([*words, number])})"


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
