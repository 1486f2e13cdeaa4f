"""The layers raw and staging: one table a source in each.

raw keeps every cell as printed with its line; staging holds the same figures typed. Both hold every vintage, those
that wait too: marts leave them out. Only a list (statements, survey figures, cities, regions) replaces its former
vintage as a whole, so staging holds the current one alone.

Belongs here: loading the files of a source and storing both tables. Not here: reading a layout (ingest/), meaning of a
figure (transform/).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import dagster as dg
import polars as pl

from pipeline import ingest, transform, vintages
from pipeline.assets.common import (
    TableAsset,
    code_version,
    contract_text,
    key,
    shown,
    stored,
    table_spec,
    table_step,
)
from pipeline.project import Project
from pipeline.registry import REGIONS, Source
from pipeline.vintages import cells

STAGED_REGIONS = f"staging.{REGIONS}"


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
        root=project.settings.root,
        module=__file__,
        deps=[],
        # The files stand beside the code: a changed figure makes the asset stale before it is read. Their bytes count
        # and not their content alone, since of a shuffled file every row has another line.
        version=code_version(
            contract_text(table), ingest, transform, vintages, *_files(source), packages=("openpyxl",)
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
        tags={"kind_of_source": source.kind, "licence": current.licence.id.replace("/", "-")},
    )

    def compute() -> dg.MaterializeResult:
        frame = pl.concat(cells(vintage).with_columns(vintage=pl.lit(vintage.vintage)) for vintage in source.vintages)
        result = project.warehouse.replace(table.id, ddl=table.ddl, comments=table.comments, frame=frame)
        return stored(table, result, _loaded(source, frame))

    return spec, compute


def _files(source: Source) -> Iterator[str]:
    """How the files of a source are described, and the hash of what lies there; `verify` says what is wrong."""
    for vintage in source.vintages:
        yield vintage.model_dump_json(include={"vintage", "kind", "layout", "readings", "files"})
        for file in vintage.files:
            path = vintage.folder / file.path
            yield hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "missing"


def _loaded(source: Source, cells: pl.DataFrame) -> dict[str, Any]:
    """What a materialisation says of the vintages it loaded."""
    rows = dict(cells.group_by("vintage").len().iter_rows())
    marks = {vintage.vintage: "waits" for vintage in source.waiting} | {source.current.vintage: "current"}
    told = pl.DataFrame(
        [
            {
                "vintage": vintage.vintage,
                "": marks.get(vintage.vintage, ""),
                "rows": rows.get(vintage.vintage, 0),
                "content_sha256": " ".join(file.content_sha256[:12] for file in vintage.files),
            }
            for vintage in source.vintages
        ]
    )
    printed = cells["reference"].drop_nulls() if "reference" in cells.columns else pl.Series(dtype=pl.String)
    return {
        "loaded": shown(told),
        "current_vintage": source.current.vintage,
        "newest_vintage": source.vintages[-1].vintage,
        "content_sha256": dg.MetadataValue.json(
            {vintage.vintage: [file.content_sha256 for file in vintage.files] for vintage in source.vintages}
        ),
        # Years and ISO dates alike sort as text.
        **({} if printed.is_empty() else {"reference_dates": f"{printed.min()}..{printed.max()}"}),
    }


def _staging(project: Project, source: Source) -> TableAsset:
    table, raw_table = project.table_of("staging", source), project.table_of("raw", source)
    needs_regions = source.kind == "observation"
    corrections = project.registry.corrections_of(source.id)
    spec = table_spec(
        table,
        root=project.settings.root,
        module=__file__,
        deps=[key(raw_table.id), *([key(STAGED_REGIONS)] if needs_regions else [])],
        # What source.yml says of the figures (units, concepts, totals) and their known errors decide what is staged.
        version=code_version(
            contract_text(table),
            transform,
            *(said.model_dump_json() for said in (*source.vintages, *corrections)),
            "" if source.kind == "observation" else source.current.vintage,
        ),
        kinds={"polars", "duckdb"},
        tags={"kind_of_source": source.kind},
    )

    def compute() -> dg.MaterializeResult:
        frames = project.warehouse.read_all([raw_table.id, *([STAGED_REGIONS] if needs_regions else [])])
        printed = frames[raw_table.id]
        rows = {
            vintage.vintage: transform.typed(
                printed.filter(pl.col("vintage") == vintage.vintage).drop("vintage"),
                vintage,
                known_regions=frames.get(STAGED_REGIONS),
                corrections=corrections,
            )
            for vintage in source.vintages
        }
        # Every vintage is typed, so that a mistake in one that waits is told now.
        frame = pl.concat(rows.values()) if source.kind == "observation" else rows[source.current.vintage]
        transform.refuse_unmatched(frame, corrections)
        result = project.warehouse.replace(table.id, ddl=table.ddl, comments=table.comments, frame=frame)
        return stored(table, result)

    return spec, compute
