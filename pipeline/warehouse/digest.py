"""The digest of a table: equal rows in any order, equal digest.

Belongs here: the SELECT that gives it. Not here: what is done when it changes (freshness.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pipeline.warehouse.opening import qualified, quote

if TYPE_CHECKING:
    import duckdb

# Above this number of rows a digest is made of shorter texts than JSON.
MANY_ROWS = 100_000


def digest(con: duckdb.DuckDBPyConnection, table: str) -> tuple[int, int, str]:
    """Row count, bytes of the rows as JSON, and digest of names, types and the multiset of rows.

    Sums of 128-bit hashes rather than one sorted text: no sort, no order, constant memory on any number of rows. Of
    more rows than `MANY_ROWS` the texts are shorter: the words of a row end to end, and one number for all its
    numbers; the size is that of these texts.
    """
    name = qualified(table)
    relation = con.sql(f"SELECT * FROM {name}")
    shape = [(column, str(dtype)) for column, dtype in zip(relation.columns, relation.types, strict=True)]
    # fetchall, not fetchone: DuckDB 2.0 refuses further work while a result is not read to its end.
    ((many,),) = con.execute(f"SELECT count(*) > {MANY_ROWS} FROM {name}").fetchall()
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
