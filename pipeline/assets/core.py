"""The layer core: all sources of a kind in one table, and what is known of sources, vintages, concepts.

Belongs here: bringing staging tables together. Not here: any change to a row.
"""

from __future__ import annotations

import dagster as dg
import polars as pl

from pipeline.assets.common import TableAsset, code_version, contract_text, key, stored, table_spec, table_step
from pipeline.contracts import Table
from pipeline.project import Project
from pipeline.registry import described
from pipeline.transform import load_vocabulary
from pipeline.warehouse import qualified


def core_assets(project: Project) -> list[dg.AssetsDefinition]:
    """One asset a core table; what source.yml, corrections.yml and the list of concepts say is filled in one step."""
    tables = project.contracts.tables
    kinds = sorted({source.kind for source in project.registry.sources.values()})
    unions = [_union(project, tables[f"core.{kind}"], kind) for kind in kinds]
    staged = [key(project.table_of("staging", source).id) for source in project.registry.sources.values()]
    described = [
        # core.vintage says what is loaded, so it waits for the loading; the others need nothing.
        _frame(project, tables[f"core.{name}"], frame, deps=staged if name == "vintage" else [])
        for name, frame in _frames(project).items()
    ]
    return [
        *(table_step(project.warehouse, f"core__{kind}", [union]) for kind, union in zip(kinds, unions, strict=True)),
        table_step(project.warehouse, "core__described", described),
    ]


def _union(project: Project, table: Table, kind: str) -> TableAsset:
    staged = [
        project.table_of("staging", source).id for source in project.registry.sources.values() if source.kind == kind
    ]
    select = " UNION ALL BY NAME ".join(f"SELECT * FROM {qualified(name)}" for name in staged)
    spec = table_spec(
        table,
        root=project.settings.root,
        module=__file__,
        deps=[key(name) for name in staged],
        version=code_version(contract_text(table), select),
        kinds={"sql", "duckdb"},
    )

    def compute() -> dg.MaterializeResult:
        # A view: the rows stand in the staging tables already, and each of those has kept the same contract.
        result = project.warehouse.replace(table.id, ddl=table.ddl, comments=table.comments, select=select, view=True)
        return stored(table, result)

    return spec, compute


def _frame(project: Project, table: Table, frame: pl.DataFrame, *, deps: list[dg.AssetKey]) -> TableAsset:
    """A table made from source.yml, the lock, corrections.yml or the list of concepts; no data file is read."""
    spec = table_spec(
        table,
        root=project.settings.root,
        module=__file__,
        deps=deps,
        version=code_version(contract_text(table), frame.write_json()),
        kinds={"yaml", "duckdb"},
    )

    def compute() -> dg.MaterializeResult:
        result = project.warehouse.replace(table.id, ddl=table.ddl, comments=table.comments, frame=frame)
        return stored(table, result)

    return spec, compute


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
        "correction": described.corrections(project.registry),
    }
