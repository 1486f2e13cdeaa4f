"""A small warehouse in which every rule of sql/checks holds, built with the contracts of sql/.

Its figures are those of small_figures, its results those of small_results.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import polars as pl
from small_figures import core_rows
from small_results import result_rows

from pipeline.contracts import Contracts, load_contracts
from pipeline.warehouse import Warehouse

ROOT = Path(__file__).parents[1]


@cache
def contracts() -> Contracts:
    """The contracts of the project, read once."""
    return load_contracts(ROOT / "sql")


def build_warehouse(path: Path, *, backwards: bool = False) -> Warehouse:
    """Fill every core, marts and analysis table; `backwards` puts the same rows in in the opposite order."""
    warehouse = Warehouse(path, linger_seconds=60)
    rows = core_rows() | result_rows()
    for table in contracts().tables.values():
        if table.layer == "marts":
            warehouse.replace(table.id, ddl="", comments=table.comments, select=table.select)
            continue
        frame = pl.DataFrame(rows[table.id], infer_schema_length=None)
        frame = frame.reverse() if backwards else frame
        warehouse.replace(table.id, ddl=table.ddl, comments=table.comments, frame=frame)
    return warehouse
