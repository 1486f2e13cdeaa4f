"""The DuckDB file behind a few verbs.

Belongs here: sessions, transactions, reading, replacing and checking tables. Not here: see the package.

A DuckDB writer keeps every other process out, readers too. So sessions are short, never open while a model is
fitted or a page is rendered, and always closed; whoever comes second is told who holds the file.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from multiprocessing.util import Finalize
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, cast

import duckdb

from pipeline.errors import InputError
from pipeline.warehouse.digest import digest
from pipeline.warehouse.keys import refuse_broken_key, without_key
from pipeline.warehouse.opening import (
    HELD_BY,
    TABLES,
    UNREADABLE,
    BrokenContractError,
    ConflictError,
    DamagedError,
    cannot_open,
    literal,
    opened,
    opened_for_reading,
    qualified,
    quote,
    with_room,
)
from pipeline.warehouse.results import Check, CheckResult, Stored
from pipeline.warehouse.rows import drop, insert, let_go

if TYPE_CHECKING:
    import polars as pl

# Rows, their bytes as JSON, content digest, first rows.
Written: TypeAlias = "tuple[int, int, str, pl.DataFrame]"
FIRST_ROWS = 10
TELL_AFTER_SECONDS = 1.0
# Rows that are read together.
BATCH = 20_000
_log = logging.getLogger(__name__)


class Warehouse:
    """One DuckDB file with the schemas raw, staging, core, marts, analysis."""

    keeps_views = True

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
                if not HELD_BY.search(str(error)) or time.monotonic() - started > self._wait_seconds:
                    raise refusal from error
                # Between two steps of another run the file is free for moments only: ask again soon.
                if not told and time.monotonic() - started > TELL_AFTER_SECONDS:
                    _log.warning("%s; waiting up to %.0f s", refusal.message, self._wait_seconds)
                    told = True
                time.sleep(0.02)

    def _attach(self) -> duckdb.DuckDBPyConnection:
        return opened(self.path)

    def _cannot_open(self, error: duckdb.Error) -> InputError:
        return cannot_open(self.path, error)

    def _cannot_write(self, error: duckdb.Error) -> InputError:
        return InputError(
            f"the warehouse cannot be written: {str(error).strip().splitlines()[0]}",
            file=self.path,
            remedy="make room on the disk or in memory, or mend the rights of the file, and run again",
        )

    def _create(self, con: duckdb.DuckDBPyConnection, table: str, ddl: str) -> None:
        con.execute(without_key(ddl))

    def _hold(self, con: duckdb.DuckDBPyConnection, table: str, ddl: str) -> None:
        """Refuse rows that break the key; the table itself has refused those that break a CHECK.

        Raises:
            InputError: see `refuse_broken_key`.
        """
        refuse_broken_key(con, table, ddl)

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
            return {table: with_room(con, partial(_in_order, con, table)) for table in tables}

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

        conditions = " AND ".join(f"{quote(column)} = {literal(word)}" for column, word in where.items()) or "true"
        try:
            found = cursor.execute(f"SELECT * FROM {qualified(table)} WHERE {conditions}")
            for batch in found.to_arrow_reader(BATCH):
                yield cast("pl.DataFrame", pl.from_arrow(batch))
        except UNREADABLE as error:
            raise self._cannot_open(error) from error
        finally:
            cursor.close()

    def replace(
        self,
        table: str,
        *,
        ddl: str,
        comments: Sequence[str],
        frame: pl.DataFrame | None = None,
        frames: Callable[[], Iterable[pl.DataFrame]] | None = None,
        select: str | None = None,
        view: bool = False,
    ) -> Stored:
        """Put new content into `layer.table` in one transaction; on any error the old table stands.

        Args:
            table: `layer.table`.
            ddl: a CREATE OR REPLACE TABLE statement with keys and CHECKs; empty when `select` makes the table.
            comments: COMMENT ON statements, run after the rows are in.
            frame: the new rows, columns by name.
            frames: gives the same in parts of equal columns, taken one after the other while the former are written;
                asked again where the table has to be stored again.
            select: a query that gives the new rows.
            view: keep the query instead of its rows, where there can be such views; they are read from the tables it
                names, which have held them to the same contract but for the key.

        Raises:
            InputError: a row violates a key (KeyTwiceError), a CHECK or a type of the contract.
            ConflictError: another process replaced the table meanwhile (in a lake only).
            Exception: whatever `frames` raise.
        """
        started = time.monotonic()
        is_view = view and self.keeps_views

        def write(con: duckdb.DuckDBPyConnection) -> Written:
            if is_view:
                drop(con, table, "TABLE")
                con.execute(f"CREATE OR REPLACE VIEW {qualified(table)} AS {select}")
            else:
                drop(con, table, "VIEW")
                if ddl:
                    self._create(con, table, ddl)
                if select is None:
                    insert(con, table, [frame] if frame is not None else frames() if frames is not None else ())
                elif ddl:
                    con.execute(f"INSERT INTO {qualified(table)} BY NAME {select}")
                else:
                    con.execute(f"CREATE OR REPLACE TABLE {qualified(table)} AS {select}")
            if ddl:
                self._hold(con, table, ddl)
            for comment in comments:
                con.execute(comment.replace("COMMENT ON TABLE", "COMMENT ON VIEW") if is_view else comment)
            return *digest(con, table), con.sql(f"SELECT * FROM {qualified(table)} LIMIT {FIRST_ROWS}").pl()

        with self.session() as con:
            rows, size, said, first = self._in_transaction(con, table, write)
        return Stored(rows=rows, bytes=size, digest=said, first=first, seconds=round(time.monotonic() - started, 3))

    def _in_transaction(
        self,
        con: duckdb.DuckDBPyConnection,
        table: str,
        write: Callable[[duckdb.DuckDBPyConnection], Written],
    ) -> Written:
        """All of `write` or nothing.

        Raises:
            InputError: DuckDB refused the rows, or could not write them.
        """
        try:
            return with_room(con, partial(_all_or_nothing, con, write))
        except duckdb.Error as error:
            raise self._refusal(table, error) from error

    def _refusal(self, table: str, error: duckdb.Error) -> InputError:
        """What a person reads when new rows could not be stored."""
        if isinstance(error, (duckdb.IOException, duckdb.FatalException, duckdb.OutOfMemoryException)):
            return self._cannot_write(error)
        if isinstance(error, duckdb.TransactionException):
            return ConflictError(
                f"another process replaced {table} at the same moment: {str(error).strip().splitlines()[-1]}",
                remedy="run again when the other run has ended; the table holds what the other one stored",
            )
        return BrokenContractError(table, str(error).strip())

    def is_there(self) -> bool:
        """Whether anything was ever stored."""
        return self.path.is_file()

    def look(self, tables: Iterable[str]) -> dict[str, pl.DataFrame]:
        """All rows of each table, opened for reading, for a moment; nothing is made and nobody is waited for.

        A run that comes meanwhile waits for these milliseconds as it would for another run.

        Raises:
            InputError: nothing was ever stored, another process is writing, it cannot be read, or lacks a table.
        """
        con = opened_for_reading(self.path)
        try:
            return {table: con.sql(f"SELECT * FROM {qualified(table)}").pl() for table in tables}
        except UNREADABLE as error:
            raise cannot_open(self.path, error) from error
        except duckdb.Error as error:
            raise InputError(
                f"the warehouse is not filled yet: {str(error).splitlines()[0]}",
                file=self.path,
                remedy="`mo run` fills it",
            ) from error
        finally:
            con.close()

    def damage(self) -> InputError | None:
        """Why the tables cannot be used, read to the last block of each; None when they can. Nothing is written.

        A `DamagedError` says that only building them anew helps; any other that they are held, or out of our reach.
        """
        try:
            con = opened_for_reading(self.path)
        except InputError as error:
            return error
        try:
            for schema, name in con.execute(TABLES).fetchall():
                _digest_of(con, f"{schema}.{name}")
        except UNREADABLE as error:
            return cannot_open(self.path, error)
        finally:
            con.close()
        return None

    def digest(self, table: str) -> str:
        """Content hash of `layer.table`: equal rows in any order, equal digest."""
        with self.session() as con:
            return digest(con, table)[2]

    def digests(self, tables: Iterable[str]) -> dict[str, str]:
        """Content hash of each of the tables that is there.

        Raises:
            DamagedError: a block of the file is not what was written.
        """
        with self.session() as con:
            try:
                there = {f"{schema}.{name}" for schema, name in con.execute(TABLES).fetchall()}
                found = {table: _digest_of(con, table) for table in tables if table in there}
                return {table: said for table, said in found.items() if said is not None}
            except UNREADABLE as error:
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
                    rows = with_room(con, con.sql(check.sql).pl)
                except duckdb.Error as error:
                    raise InputError(
                        f"the check does not run: {str(error).strip()}",
                        file=check.file,
                        remedy="materialise the tables it reads first, or mend its SQL",
                    ) from error
                results.append(CheckResult(check=check, offending=rows.height, sample=rows.head(sample)))
        return results


def _all_or_nothing(con: duckdb.DuckDBPyConnection, write: Callable[[duckdb.DuckDBPyConnection], Written]) -> Written:
    con.execute("BEGIN")
    try:
        done = write(con)
        con.execute("COMMIT")
    except Exception:
        with suppress(duckdb.Error):  # after a full disk DuckDB has closed the transaction itself
            con.execute("ROLLBACK")
        # Only now: an aborted transaction refuses this.
        let_go(con)
        raise
    return done


def _in_order(con: duckdb.DuckDBPyConnection, table: str) -> pl.DataFrame:
    return con.sql(f"SELECT * FROM {qualified(table)} ORDER BY ALL").pl()


def _digest_of(con: duckdb.DuckDBPyConnection, table: str) -> str | None:
    """The content hash; None of a view over a table that is gone, which is as good as gone itself."""
    try:
        return digest(con, table)[2]
    except (duckdb.CatalogException, duckdb.BinderException):
        return None
