"""The layer marts: each table is the SELECT in sql/marts/<table>.sql.

Belongs here: running a SELECT and storing it. Not here: the SELECT.
"""

from __future__ import annotations

from typing import Any

import dagster as dg
import polars as pl

from pipeline.assets.common import code_version, contract_text, key, shown, stored, table_spec, table_step
from pipeline.contracts import Table
from pipeline.lineage import column_lineage
from pipeline.project import Project


def mart_assets(project: Project) -> list[dg.AssetsDefinition]:
    """One asset a mart."""
    return [_mart_asset(project, table) for table in project.contracts.tables.values() if table.layer == "marts"]


def _mart_asset(project: Project, table: Table) -> dg.AssetsDefinition:
    spec = table_spec(
        table,
        root=project.settings.root,
        module=__file__,
        deps=[key(name) for name in table.reads],
        version=code_version(contract_text(table)),
        kinds={"sql", "duckdb"},
        metadata={"query": dg.MetadataValue.md(f"```sql\n{table.select}\n```")},
    )

    def compute() -> dg.MaterializeResult:
        result = project.warehouse.replace(table.id, ddl="", comments=table.comments, select=table.select)
        return stored(table, result, _lineage(project, table))

    return table_step(project.warehouse, f"marts__{table.name}", [(spec, compute)])


def _lineage(project: Project, table: Table) -> dict[str, Any]:
    """Twice: as Dagster keeps it, and as a table, since its open source UI draws no lineage of columns."""
    found = column_lineage(table, project.contracts.tables.values())
    readable = pl.DataFrame(
        [
            {"column": column, "made from": f"{name}.{source}"}
            for column, made_from in found.items()
            for name, source in made_from
        ]
    )
    return {
        "dagster/column_lineage": dg.TableColumnLineage(
            {
                column: [dg.TableColumnDep(asset_key=key(name), column_name=source) for name, source in made_from]
                for column, made_from in found.items()
            }
        ),
        "columns_made_from": shown(readable),
    }
