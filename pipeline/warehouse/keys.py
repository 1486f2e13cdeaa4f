"""Keys of tables, asked for instead of indexed.

Belongs here: a CREATE statement without its key, and the rows that break the key. Not here: which column is one (sql/).

An index of a key has to fit in memory and costs more than the rows themselves; a GROUP BY spills to disk. A lake keeps
no keys at all. So neither has one, and both are asked the same question before a transaction ends.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pipeline.warehouse.opening import BrokenContractError, qualified, quote

if TYPE_CHECKING:
    import duckdb
    import polars as pl

# As the contracts write it.
_PRIMARY_KEY = re.compile(r",?\s*PRIMARY KEY \(([^)]*)\)")


class KeyTwiceError(BrokenContractError):
    """Rows share a key.

    Attributes:
        rows: the rows of the first such key.
    """

    def __init__(self, table: str, said: str, rows: pl.DataFrame) -> None:
        super().__init__(table, said)
        self.rows = rows


def key_of(ddl: str) -> tuple[str, ...]:
    """The columns of the PRIMARY KEY of a CREATE statement; of none, nothing. Contracts are held to this wording."""
    key = _PRIMARY_KEY.search(ddl)
    return () if key is None else tuple(name.strip().strip('"') for name in key[1].split(","))


def without_key(ddl: str) -> str:
    """The CREATE statement without its PRIMARY KEY."""
    return _PRIMARY_KEY.sub("", ddl, count=1).replace("(,", "(", 1)


def refuse_broken_key(con: duckdb.DuckDBPyConnection, table: str, ddl: str) -> None:
    """Hold the rows of `layer.table` against the PRIMARY KEY of its CREATE statement, where it has one.

    Raises:
        KeyTwiceError: two rows have the same key.
        BrokenContractError: a row has none.
    """
    columns = [quote(column) for column in key_of(ddl)]
    if not columns:
        return
    _refuse_null(con, table, columns)
    _refuse_twice(con, table, columns)


def _refuse_null(con: duckdb.DuckDBPyConnection, table: str, columns: list[str]) -> None:
    for column in columns:
        if con.execute(f"SELECT 1 FROM {qualified(table)} WHERE {column} IS NULL LIMIT 1").fetchall():
            raise BrokenContractError(
                table,
                f"Constraint Error: NOT NULL constraint failed: {table.partition('.')[2]}.{column.strip(chr(34))}",
            )


def _refuse_twice(con: duckdb.DuckDBPyConnection, table: str, columns: list[str]) -> None:
    key = ", ".join(columns)
    twice = con.execute(
        f"SELECT {key} FROM {qualified(table)} GROUP BY {key} HAVING count(*) > 1 ORDER BY {key} LIMIT 1"
    ).fetchall()
    if twice:
        same = " AND ".join(f"{column} = ?" for column in columns)
        rows = con.execute(f"SELECT * FROM {qualified(table)} WHERE {same}", list(twice[0])).pl()
        shown = ", ".join(f"{column}: {value}" for column, value in zip(columns, twice[0], strict=True))
        said = f"Constraint Error: duplicate key: PRIMARY KEY({key}) is broken by {rows.height} rows with {shown}"
        raise KeyTwiceError(table, said, rows)
