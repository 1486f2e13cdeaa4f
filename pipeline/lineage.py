"""Which columns a column of a mart is made from, read from its SELECT.

Belongs here: asking sqlglot. Not here: which tables a mart reads (contracts.py asks DuckDB), anything that decides what
runs: the answer is shown to people and nothing depends on it.
"""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.contracts import Table


def column_lineage(mart: Table, tables: Iterable[Table]) -> dict[str, list[tuple[str, str]]]:
    """Column of `mart` → the (`layer.table`, column) its value is made from, sorted.

    A column is left out where it is made from none or where sqlglot does not understand the SELECT: DuckDB knows more
    SQL than it does.
    """
    from sqlglot import exp
    from sqlglot.errors import SqlglotError
    from sqlglot.lineage import lineage

    schema: dict[str, dict[str, dict[str, str]]] = {}
    for table in tables:
        schema.setdefault(table.layer, {})[table.name] = {column.name: column.type for column in table.columns}
    try:
        # Trimmed to each column, the SELECT would be copied for every one of them; nobody reads those copies.
        nodes = lineage(None, mart.select, schema, dialect="duckdb", trim_selects=False)
    except SqlglotError:
        return {}
    found = {
        column: {
            (f"{node.expression.db}.{node.expression.name}", node.name.rpartition(".")[2].strip('"'))
            for node in root.walk()
            if isinstance(node.expression, exp.Table) and node.expression.db
        }
        for column, root in nodes.items()
    }
    return {column: sorted(made_from) for column, made_from in found.items() if made_from}
