"""The single truth about tables: read from the SQL in sql/, never repeated in Python.

Belongs here: reading DDL, marts and checks into Table, Column and Check. Not here: running them on real data
(warehouse/), or deciding what a figure means (transform/).

Layout of sql/: `raw/<kind>.sql` holds the contract of every raw table of that kind of source (one table a source, so
a new source needs no SQL); `core/<table>.sql` and `analysis/<table>.sql` hold a CREATE statement each, and the core
table of a kind is also the contract of its staging tables; `marts/<table>.sql` holds a SELECT. All are followed by
COMMENTs. `checks/<layer>/<table>__<rule>.sql` return offending rows.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType

import duckdb

from pipeline.errors import InputError
from pipeline.warehouse import Check, key_of, literal, qualified, quote, scratch

SEVERITIES = ("ERROR", "WARN")
_SAID_UNIT = re.compile(r"\[(\w+)\]")
_NAMED_UNIT = re.compile(r"_(percent|points|persons|eur|seconds|bytes)$")
_HEADER = re.compile(r"^--\s*(severity|reason):\s*(.+?)\s*$", re.MULTILINE)


@dataclass(frozen=True)
class Column:
    """One column: its DuckDB type, whether it may be null, whether it is part of the key, and what it means."""

    name: str
    type: str
    nullable: bool
    in_key: bool
    comment: str

    @property
    def unit(self) -> str | None:
        """The unit: in brackets in the comment, or at the end of the name; None where there is none."""
        found = _SAID_UNIT.search(self.comment) or _NAMED_UNIT.search(self.name)
        return found[1] if found else None


@dataclass(frozen=True)
class Table:
    """The contract of one table.

    Attributes:
        layer, name: the table is `layer.name`, and so are its asset key and its file in a release.
        file: the SQL file, relative to the project.
        ddl: the CREATE statement, '' for a mart.
        select: the SELECT of a mart, '' otherwise.
        comments: the COMMENT statements.
        comment: what a row is.
        columns: in order.
        reads: the tables a mart reads.
    """

    layer: str
    name: str
    file: str
    ddl: str
    select: str
    comments: tuple[str, ...]
    comment: str
    columns: tuple[Column, ...]
    reads: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """layer.name"""
        return f"{self.layer}.{self.name}"

    def for_source(self, layer: str, source: str, title: str) -> Table:
        """The contract of the table `layer.source`, made from this contract of its kind."""
        kind, mine = self.id, qualified(f"{layer}.{source}")
        comment = f"{title}. {self.comment}"
        columns = tuple(c.replace(f" {kind}.", f" {mine}.") for c in self.comments if " TABLE " not in c)
        return replace(
            self,
            layer=layer,
            name=source,
            ddl=self.ddl.replace(kind, mine, 1),
            comments=(f"COMMENT ON TABLE {mine} IS {literal(comment)}", *columns),
            comment=comment,
        )


@dataclass(frozen=True)
class Contracts:
    """All tables and checks. `raw` are the contracts of the raw tables, one a kind of source."""

    raw: Mapping[str, Table]
    tables: Mapping[str, Table]
    checks: tuple[Check, ...]

    def of_source(self, layer: str, kind: str, source: str, title: str) -> Table:
        """The contract of a source's raw or staging table."""
        table = self.raw[kind] if layer == "raw" else self.tables[f"core.{kind}"]
        return table.for_source(layer, source, title)


@dataclass(frozen=True)
class Constraint:
    """A key or CHECK of a table as DuckDB words it, and the same rule as a SELECT of the rows that break it."""

    text: str
    breaking: str


@cache
def apart(table: str, ddl: str) -> tuple[str, tuple[Constraint, ...]]:
    """The CREATE statement of `layer.table` in two: columns with their types and NOT NULL, and all other constraints.

    For a database that keeps no CHECKs. Both come from DuckDB's own reading of the statement. Of the PRIMARY KEY, which
    no database keeps here, see warehouse/keys.py.
    """
    con = scratch()
    try:
        con.execute(ddl)
        columns = con.execute(
            "SELECT column_name, data_type, is_nullable FROM duckdb_columns() WHERE NOT internal ORDER BY column_index"
        ).fetchall()
        constraints = con.execute(
            "SELECT constraint_type, constraint_text, expression, constraint_column_names FROM duckdb_constraints() "
            "WHERE constraint_type NOT IN ('NOT NULL', 'PRIMARY KEY') ORDER BY constraint_index"
        ).fetchall()
    finally:
        con.close()
    written = ", ".join(f"{quote(name)} {type_}{'' if nullable else ' NOT NULL'}" for name, type_, nullable in columns)
    return f"CREATE OR REPLACE TABLE {qualified(table)} ({written})", tuple(
        Constraint(text, _breaking(table, kind, expression, names)) for kind, text, expression, names in constraints
    )


def _breaking(table: str, kind: str, expression: str | None, columns: list[str]) -> str:
    """As DuckDB holds it: a CHECK that is neither true nor false holds, and a null equals no other null in a key."""
    if kind == "CHECK":
        return f"SELECT * FROM {qualified(table)} WHERE NOT ({expression})"
    if kind != "UNIQUE":
        raise ValueError(f"{kind} of {table} has no SELECT that says the same")
    key = ", ".join(quote(column) for column in columns)
    whole = " AND ".join(f"{quote(column)} IS NOT NULL" for column in columns)
    twice = f"SELECT {key} FROM {qualified(table)} WHERE {whole} GROUP BY ALL HAVING count(*) > 1"
    return f"SELECT * FROM {qualified(table)} SEMI JOIN ({twice}) USING ({key})"


def load_contracts(sql: Path) -> Contracts:
    """Read every contract under `sql/` by building it, empty, in memory; the same texts are built once in a process.

    Raises:
        InputError: a file does not run, builds another table than its name says, lacks a comment on the table or a
            column, or a check has no severity, no reason or no table.
    """
    return _contracts(
        tuple(
            (file.relative_to(sql).as_posix(), file.read_text("utf-8"))
            for folder in ("raw", "core", "analysis", "marts", "checks/*")
            for file in sorted(sql.glob(f"{folder}/*.sql"))
        )
    )


@lru_cache(maxsize=4)
def _contracts(texts: tuple[tuple[str, str], ...]) -> Contracts:
    """All contracts, from the path of each file below `sql/` and its text."""
    files = [_File(path, text) for path, text in texts]
    con = scratch()
    try:
        tables = [file for file in files if file.layer in ("raw", "core", "analysis")]
        marts = _in_order(con, [file for file in files if file.layer == "marts"])
        documented = _documented(con, [_build(con, file) for file in (*tables, *marts)])
    finally:
        con.close()
    raw = {table.name: table for table in documented if table.layer == "raw"}
    built = {table.id: table for table in documented if table.layer != "raw"}
    checks = tuple(_read_check(file, built) for file in files if file.layer.startswith("checks/"))
    return Contracts(raw=MappingProxyType(raw), tables=MappingProxyType(built), checks=checks)


@dataclass(frozen=True)
class _File:
    """A file of `sql/`: its path there, and what it says."""

    path: str
    text: str

    @property
    def layer(self) -> str:
        return self.path.rpartition("/")[0]

    @property
    def stem(self) -> str:
        return self.path.rpartition("/")[2].removesuffix(".sql")

    @property
    def name(self) -> str:
        """As a person finds it."""
        return f"sql/{self.path}"


def _build(con: duckdb.DuckDBPyConnection, file: _File) -> Table:
    """Create the table, empty; what it looks like is asked later, once for all."""
    identifier = f"{file.layer}.{file.stem}"
    try:
        statements = [statement.query.strip().rstrip(";") for statement in con.extract_statements(file.text)]
        main, comments = statements[0], tuple(statements[1:])
        ddl, select, reads = (main, "", ()) if file.layer != "marts" else ("", main, _reads(con, main))
        con.execute(ddl or f"CREATE OR REPLACE TABLE {qualified(identifier)} AS {select}")
        for comment in comments:
            con.execute(comment)
    except (duckdb.Error, IndexError) as error:
        raise InputError(f"the contract does not run: {error}", file=file.name, remedy="mend the SQL") from error
    return Table(file.layer, file.stem, file.name, ddl, select, comments, comment="", columns=(), reads=reads)


def _documented(con: duckdb.DuckDBPyConnection, built: list[Table]) -> list[Table]:
    """The same tables with the columns, keys and comments DuckDB sees."""
    keys = {
        table: set(columns)
        for table, columns in con.execute(
            "SELECT schema_name || '.' || table_name, constraint_column_names FROM duckdb_constraints() "
            "WHERE constraint_type = 'PRIMARY KEY'"
        ).fetchall()
    }
    columns: dict[str, list[Column]] = {}
    for table, name, type_, nullable, comment in con.execute(
        "SELECT schema_name || '.' || table_name, column_name, data_type, is_nullable, comment FROM duckdb_columns() "
        "WHERE NOT internal ORDER BY schema_name, table_name, column_index"
    ).fetchall():
        column = Column(name, type_, nullable, name in keys.get(table, ()), comment or "")
        columns.setdefault(table, []).append(column)
    comments = dict(con.execute("SELECT schema_name || '.' || table_name, comment FROM duckdb_tables()").fetchall())
    found = [
        replace(table, comment=_spoken(table, comments, columns), columns=tuple(columns[table.id])) for table in built
    ]
    for table in found:
        if keys.get(table.id, set()) != set(key_of(table.ddl)):
            raise InputError(
                "the key is written in a way that is not read",
                file=table.file,
                remedy="end with: PRIMARY KEY (column, …)",
            )
    return found


def _spoken(table: Table, comments: Mapping[str, str | None], columns: Mapping[str, list[Column]]) -> str:
    """The comment on the table, once it is sure that nothing is without one."""
    if table.id not in comments:
        raise InputError(f"the file does not create {table.id}", file=table.file, remedy="name file and table alike")
    silent = [column.name for column in columns[table.id] if not column.comment]
    comment = comments[table.id]
    if silent or not comment:
        raise InputError(
            f"no comment on {'column ' + ', '.join(silent) if silent else 'the table'}",
            file=table.file,
            remedy="add COMMENT ON statements: every table and column says what it holds",
        )
    return comment


def _reads(con: duckdb.DuckDBPyConnection, select: str) -> tuple[str, ...]:
    """The tables a SELECT names, from DuckDB's own parse tree (binding would need them to exist)."""
    ((serialised,),) = con.execute(f"SELECT json_serialize_sql({literal(select)})").fetchall()
    tree = json.loads(serialised)
    if tree.get("error"):
        raise duckdb.ParserException(tree.get("error_message", "no SELECT"))
    return tuple(sorted(set(_base_tables(tree))))


def _base_tables(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        if node.get("type") == "BASE_TABLE" and node.get("schema_name"):
            yield f"{node['schema_name']}.{node['table_name']}"
        node = list(node.values())
    if isinstance(node, list):
        for child in node:
            yield from _base_tables(child)


def _in_order(con: duckdb.DuckDBPyConnection, files: list[_File]) -> list[_File]:
    """Marts that read marts come after them."""
    waiting = {f"marts.{file.stem}": file for file in files}
    reads = {
        name: {*_reads(con, con.extract_statements(file.text)[0].query)} - {name} for name, file in waiting.items()
    }
    ordered: list[_File] = []
    while waiting:
        ready = [name for name in waiting if not reads[name] & waiting.keys()]
        if not ready:
            raise InputError(f"marts read each other in a circle: {', '.join(waiting)}", remedy="break the circle")
        ordered += [waiting.pop(name) for name in ready]
    return ordered


def _read_check(file: _File, tables: Mapping[str, Table]) -> Check:
    layer = file.layer.removeprefix("checks/")
    header = dict(_HEADER.findall(file.text))
    table, _, rule = file.stem.partition("__")
    if header.get("severity") not in SEVERITIES or not header.get("reason") or not rule:
        raise InputError(
            "a check needs a name like <table>__<rule>.sql and the header lines `-- severity:` and `-- reason:`",
            file=file.name,
            remedy=f"add them; severity is one of {', '.join(SEVERITIES)}",
        )
    if f"{layer}.{table}" not in tables:
        raise InputError(f"no table {layer}.{table}", file=file.name, remedy="name the check after its table")
    return Check(layer, table, rule, header["severity"], header["reason"], file.text, file.name)
