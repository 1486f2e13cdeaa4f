"""The same verbs over a DuckLake: the catalogue in a file or in PostgreSQL, the rows as Parquet in a folder.

Belongs here: what differs from the DuckDB file of warehouse/. Not here: what a key or CHECK is (contracts.py), which
of the two a project uses (project.py).

A lake lets several machines store at the same time. In return it keeps no UNIQUE and no CHECK; so each of them is
held here, by a SELECT made from the contract, before a transaction ends.
"""

from __future__ import annotations

import importlib.util
import logging
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from pipeline import settings
from pipeline.contracts import apart
from pipeline.errors import InputError
from pipeline.warehouse import CONFIG, LAYERS, TABLES, ConflictError, Warehouse, literal

if TYPE_CHECKING:
    import polars as pl

    from pipeline.warehouse.store import Written

# How often one table is stored again when others replace it at the same moment; each time one of them has succeeded.
ATTEMPTS = 15
WAIT_SECONDS = 0.05
# Of rows that break a constraint.
SHOWN = 3
NAME = "warehouse"
_log = logging.getLogger(__name__)


class DuckLake(Warehouse):
    """The schemas raw, staging, core, marts, analysis in a DuckLake."""

    # It has views, and no comments on their columns.
    keeps_views = False

    def __init__(
        self,
        lake: settings.Lake,
        *,
        linger_seconds: float = 0.0,
        wait_seconds: float = 0.0,
        read_only: bool = False,
    ) -> None:
        """
        Args:
            lake: where catalogue and data lie.
            linger_seconds: how long a connection nobody uses stays open.
            wait_seconds: how long to wait for another process that holds the file of a catalogue; a server has none.
            read_only: nothing is made or changed, not even an empty catalogue.
        """
        super().__init__(lake.file or Path("PostgreSQL"), linger_seconds=linger_seconds, wait_seconds=wait_seconds)
        self._lake = lake
        self._read_only = read_only

    @contextmanager
    def session(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A short connection whose current database is the lake; otherwise as `Warehouse.session`.

        Raises:
            InputError: an extension is not installed, catalogue or data cannot be reached, or another process holds
                the file of the catalogue.
        """
        with super().session() as con:
            try:
                yield con
            except (duckdb.IOException, duckdb.FatalException) as error:
                raise self._cannot_open(error) from error

    def _in_transaction(
        self,
        con: duckdb.DuckDBPyConnection,
        table: str,
        write: Callable[[duckdb.DuckDBPyConnection], Written],
    ) -> Written:
        """As for a file; when another process replaces the table at the same moment, done again.

        Raises:
            ConflictError: others replaced the table at each of several attempts.
        """
        for attempt in range(1, ATTEMPTS):
            try:
                return super()._in_transaction(con, table, write)
            except ConflictError as conflict:
                _log.warning("%s; attempt %d of %d failed, storing it again", conflict.message, attempt, ATTEMPTS)
                time.sleep(WAIT_SECONDS)
        return super()._in_transaction(con, table, write)

    def _beside(self, con: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
        cursor = con.cursor()
        cursor.execute(f"USE {NAME}")
        return cursor

    def is_there(self) -> bool:
        """Whether there is a catalogue; of a server only an attempt to connect tells, so True."""
        return self._lake.file is None or self._lake.file.is_file()

    def look(self, tables: Iterable[str]) -> dict[str, pl.DataFrame]:
        """All rows of each table, nothing made and nobody waited for.

        Raises:
            InputError: the lake cannot be reached or lacks a table.
        """
        try:
            return DuckLake(self._lake, read_only=True).read_all(tables)
        except duckdb.CatalogException as error:
            raise InputError(
                f"the warehouse is not filled yet: {str(error).splitlines()[0]}", remedy="`mo run` fills it"
            ) from error

    def damage(self) -> InputError | None:
        """Why the lake cannot be used, every row of every table read; None when it can. Nothing is written."""
        look = DuckLake(self._lake, read_only=True)
        try:
            with look.session() as con:
                look.digests([f"{schema}.{name}" for schema, name in con.execute(TABLES).fetchall()])
        except InputError as error:
            return error
        return None

    def _attach(self) -> duckdb.DuckDBPyConnection:
        con = duckdb.connect(config=CONFIG)
        try:
            for extension in ("ducklake", *(("postgres_scanner",) if self._lake.file is None else ())):
                con.execute(f"LOAD {literal(extension_file(extension))}")
            if self._lake.file is not None and not self._read_only:
                self._lake.file.parent.mkdir(parents=True, exist_ok=True)
            # Rows in the catalogue instead of a file would hide what a lake of files cannot hold.
            options = (
                "READ_ONLY" if self._read_only else f"DATA_PATH {literal(self._lake.data)}, DATA_INLINING_ROW_LIMIT 0"
            )
            con.execute(f"ATTACH {literal(settings.LAKE + self._lake.catalogue)} AS {NAME} ({options})")
            con.execute(f"USE {NAME}")
            if not self._read_only:
                _make_schemas(con)
        except BaseException:
            con.close()
            raise
        return con

    def _cannot_open(self, error: duckdb.Error) -> InputError:
        if self._lake.file is not None:
            refusal = super()._cannot_open(error)
            if "in use by process" in refusal.message:
                return refusal
        return InputError(
            f"the lake cannot be used: {_first_line(error)}",
            file=self._lake.file,
            remedy="see that the server of the catalogue is reached (PGHOST, PGPORT, PGUSER, PGPASSWORD) and that the "
            "folder of the data may be written, and run again",
        )

    def _cannot_write(self, error: duckdb.Error) -> InputError:
        return self._cannot_open(error)

    def _create(self, con: duckdb.DuckDBPyConnection, table: str, ddl: str) -> None:
        con.execute(apart(table, ddl)[0])

    def _hold(self, con: duckdb.DuckDBPyConnection, table: str, ddl: str) -> None:
        for constraint in apart(table, ddl)[1]:
            ((broken,),) = con.execute(f"SELECT count(*) FROM ({constraint.breaking})").fetchall()
            if broken:
                first = con.sql(f"SELECT * FROM ({constraint.breaking}) ORDER BY ALL LIMIT {SHOWN}").pl()
                raise duckdb.ConstraintException(_told(constraint.text, broken, first))
        super()._hold(con, table, ddl)


def _make_schemas(con: duckdb.DuckDBPyConnection) -> None:
    """Make those that are missing; of two processes that begin with an empty catalogue one finds them made."""
    there = "SELECT schema_name FROM duckdb_schemas() WHERE database_name = current_database()"
    for _ in range(ATTEMPTS):
        try:
            for layer in sorted(set(LAYERS) - {name for (name,) in con.execute(there).fetchall()}):
                con.execute(f"CREATE SCHEMA IF NOT EXISTS {layer}")
        except duckdb.TransactionException:
            time.sleep(WAIT_SECONDS)
        else:
            return


def extension_file(extension: str) -> str:
    """The file of a DuckDB extension, from its package.

    Raises:
        InputError: the package is not installed, or holds no extension for this DuckDB.
    """
    package = f"duckdb_extension_{extension}"
    found = importlib.util.find_spec(package)
    places = found.submodule_search_locations if found is not None else None
    for place in places or ():
        file = Path(place) / "extensions" / f"v{duckdb.__version__}" / f"{extension}.duckdb_extension"
        if file.is_file():
            return str(file)
    missing = "is not installed" if found is None else f"holds none for DuckDB {duckdb.__version__}"
    raise InputError(
        f"a lake needs DuckDB's extension {extension}, and the package {package.replace('_', '-')} {missing}",
        remedy="pip install 'augenhoehe[scaleout]', or `make scaleout`; without AUGENHOEHE_WAREHOUSE no lake is used",
    )


def _told(text: str, broken: int, first: pl.DataFrame) -> str:
    rows = "; ".join(str({name: value for name, value in row.items() if value is not None}) for row in first.to_dicts())
    kind = "duplicate key" if not text.startswith("CHECK") else "CHECK constraint failed"
    return f"Constraint Error: {kind}: {text} is broken by {broken} row{'s' if broken > 1 else ''}, the first: {rows}"


def _first_line(error: duckdb.Error) -> str:
    said = str(error).strip()
    said = said[max(0, said.find("Unable to connect")) :]
    return said.splitlines()[0] if said else type(error).__name__
