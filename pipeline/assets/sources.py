"""The layers raw and staging: one table a source in each.

raw keeps every cell as printed with its line; staging holds the same figures typed. Belongs here: loading the files
of a source and storing both tables. Not here: reading a layout (ingest/), meaning of a figure (transform/).
"""

from __future__ import annotations

import dagster as dg
import polars as pl

from pipeline import ingest, transform
from pipeline.assets.common import TableAsset, code_version, contract_text, key, stored, table_spec, table_step
from pipeline.project import Project
from pipeline.registry import Source
from pipeline.vintages import cells

REGIONS = "staging.regions"


def source_assets(project: Project) -> list[dg.AssetsDefinition]:
    """One step a source with two assets: [raw, source] and [staging, source]."""
    return [
        table_step(project.warehouse, f"source__{source.id}", [_raw(project, source), _staging(project, source)])
        for source in project.registry.sources.values()
    ]


def _raw(project: Project, source: Source) -> TableAsset:
    table = project.table_of("raw", source)
    current = source.current
    spec = table_spec(
        table,
        deps=[],
        # The hashes of the files stand for their content: a changed figure makes the asset stale before it is read.
        version=code_version(
            contract_text(table), ingest, *(file.content_sha256 for v in source.vintages for file in v.files)
        ),
        kinds={"csv", "duckdb"},
        metadata={
            "publisher": current.publisher,
            "vintages": ", ".join(vintage.vintage for vintage in source.vintages),
            "licence": f"{current.licence.id} ({current.licence.evidence})",
            "attribution": current.attribution,
            "obtained": current.obtained.how,
            **({"url": dg.MetadataValue.url(current.url)} if current.url else {}),
        },
        tags={"kind_of_source": source.kind},
    )

    def compute() -> dg.MaterializeResult:
        frame = pl.concat(cells(vintage).with_columns(vintage=pl.lit(vintage.vintage)) for vintage in source.vintages)
        result = project.warehouse.replace(table.id, ddl=table.ddl, comments=table.comments, frame=frame)
        return stored(table, result)

    return spec, compute


def _staging(project: Project, source: Source) -> TableAsset:
    table, raw_table = project.table_of("staging", source), project.table_of("raw", source)
    needs_regions = source.kind == "observation"
    corrections = project.registry.corrections_of(source.id)
    spec = table_spec(
        table,
        deps=[key(raw_table.id), *([key(REGIONS)] if needs_regions else [])],
        # What source.yml says of the figures (units, concepts, totals) and their known errors decide what is staged.
        version=code_version(
            contract_text(table), transform, *(said.model_dump_json() for said in (*source.vintages, *corrections))
        ),
        kinds={"polars", "duckdb"},
        tags={"kind_of_source": source.kind},
    )

    def compute() -> dg.MaterializeResult:
        frames = project.warehouse.read_all([raw_table.id, *([REGIONS] if needs_regions else [])])
        printed = frames[raw_table.id]
        frame = pl.concat(
            transform.typed(
                printed.filter(pl.col("vintage") == vintage.vintage).drop("vintage"),
                vintage,
                known_regions=frames.get(REGIONS),
                corrections=corrections,
            )
            for vintage in source.vintages
        )
        transform.refuse_unmatched(frame, corrections)
        result = project.warehouse.replace(table.id, ddl=table.ddl, comments=table.comments, frame=frame)
        return stored(table, result)

    return spec, compute
