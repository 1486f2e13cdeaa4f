"""The layer core: all sources of a kind in one table, and what is known of sources, vintages, concepts.

Belongs here: bringing staging tables together. Not here: any change to a row.
"""

from __future__ import annotations

import dagster as dg
import polars as pl

from pipeline.assets.common import code_version, contract_text, key, stored, table_asset, table_spec
from pipeline.contracts import Table
from pipeline.project import Project
from pipeline.registry import described
from pipeline.transform import load_vocabulary
from pipeline.warehouse import qualified


def core_assets(project: Project) -> list[dg.AssetsDefinition]:
    """One asset a core table."""
    tables = project.contracts.tables
    kinds = sorted({source.kind for source in project.registry.sources.values()})
    return [
        *(_union_asset(project, tables[f"core.{kind}"], kind) for kind in kinds),
        *(
            _frame_asset(project, tables[f"core.{name}"])
            for name in ("concept", "measure", "source", "vintage", "caveat")
        ),
    ]


def _union_asset(project: Project, table: Table, kind: str) -> dg.AssetsDefinition:
    staged = [
        project.table_of("staging", source).id for source in project.registry.sources.values() if source.kind == kind
    ]
    select = " UNION ALL BY NAME ".join(f"SELECT * FROM {qualified(name)}" for name in staged)
    spec = table_spec(
        table,
        deps=[key(name) for name in staged],
        version=code_version(contract_text(table), select),
        kinds={"sql", "duckdb"},
    )

    def compute(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        result = project.warehouse.replace(table.id, ddl=table.ddl, comments=table.comments, select=select)
        context.log.info(f"{table.id}: {result.rows} rows from {len(staged)} sources")
        return stored(result, project.warehouse.read(table.id))

    return table_asset(spec, compute)


def _frame_asset(project: Project, table: Table) -> dg.AssetsDefinition:
    """A table made from source.yml or from the list of concepts; no data file is read."""
    frame = _frames(project)[table.name]
    spec = table_spec(
        table,
        deps=[],
        version=code_version(contract_text(table), frame.write_json()),
        kinds={"yaml", "duckdb"},
    )

    def compute(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        result = project.warehouse.replace(table.id, ddl=table.ddl, comments=table.comments, frame=frame)
        context.log.info(f"{table.id}: {result.rows} rows")
        return stored(result, frame)

    return table_asset(spec, compute)


def _frames(project: Project) -> dict[str, pl.DataFrame]:
    vocabulary = load_vocabulary()
    return {
        "concept": pl.DataFrame([entry.model_dump() for entry in vocabulary.concepts.values()]).rename(
            {"id": "concept"}
        ),
        "measure": pl.DataFrame([entry.model_dump() for entry in vocabulary.measures.values()]).rename(
            {"id": "measure"}
        ),
        "source": described.sources(project.registry),
        "vintage": described.vintages(project.registry),
        "caveat": described.caveats(project.registry),
    }
