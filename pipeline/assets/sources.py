"""The layers raw and staging: one table a source in each.

raw keeps every cell as printed with its line; staging holds the same figures typed. Both hold every vintage, those
that wait too: marts leave them out. Only a list (statements, survey figures, cities, regions) replaces its former
vintage as a whole, so staging holds the current one alone.

Belongs here: loading the files of a source and storing both tables. Not here: reading a layout (ingest/), meaning of a
figure (transform/).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
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
from pipeline.fingerprint import of_file
from pipeline.project import Project
from pipeline.registry import REGIONS, Source, Vintage
from pipeline.vintages import cell_parts
from pipeline.warehouse import KeyTwiceError

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
        loaded = _Loaded(source)
        result = project.warehouse.replace(table.id, ddl=table.ddl, comments=table.comments, frames=loaded.parts)
        return stored(table, result, loaded.told())

    return spec, compute


def _files(source: Source) -> Iterator[str]:
    """How the files of a source are described, and the hash of what lies there; `verify` says what is wrong."""
    for vintage in source.vintages:
        yield vintage.model_dump_json(include={"vintage", "kind", "layout", "readings", "files"})
        for file in vintage.files:
            path = vintage.folder / file.path
            yield of_file(path) if path.is_file() else "missing"


class _Loaded:
    """What a materialisation says of the vintages it loads, counted while they pass."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._rows: Counter[str] = Counter()
        self._dates: set[str] = set()

    def parts(self) -> Iterator[pl.DataFrame]:
        """The cells of every vintage, in frames of bounded size; each time from the beginning."""
        self._rows.clear()
        for vintage in self._source.vintages:
            for part in cell_parts(vintage):
                self._rows[vintage.vintage] += part.height
                if "reference" in part.columns:
                    # Years and ISO dates alike sort as text.
                    self._dates |= set(part["reference"].drop_nulls().unique())
                yield part.with_columns(vintage=pl.lit(vintage.vintage))

    def told(self) -> dict[str, Any]:
        """As metadata."""
        source = self._source
        marks = {vintage.vintage: "waits" for vintage in source.waiting} | {source.current.vintage: "current"}
        told = pl.DataFrame(
            [
                {
                    "vintage": vintage.vintage,
                    "": marks.get(vintage.vintage, ""),
                    "rows": self._rows[vintage.vintage],
                    "content_sha256": " ".join(file.content_sha256[:12] for file in vintage.files),
                }
                for vintage in source.vintages
            ]
        )
        return {
            "loaded": shown(told),
            "current_vintage": source.current.vintage,
            "newest_vintage": source.vintages[-1].vintage,
            "content_sha256": dg.MetadataValue.json(
                {vintage.vintage: [file.content_sha256 for file in vintage.files] for vintage in source.vintages}
            ),
            **({"reference_dates": f"{min(self._dates)}..{max(self._dates)}"} if self._dates else {}),
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
        warehouse = project.warehouse
        regions = warehouse.read(STAGED_REGIONS) if needs_regions else None

        def of(vintage: Vintage, batches: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
            printed = (part.drop("vintage") for part in batches)
            if source.kind == "observation":
                yield from transform.typed_parts(printed, vintage, known_regions=regions, corrections=corrections)
            else:
                yield transform.typed(pl.concat(printed), vintage)

        def rows(batches: Sequence[Iterator[pl.DataFrame]]) -> Iterator[pl.DataFrame]:
            # Every vintage is typed, so that a mistake in one that waits is told now.
            corrected: list[pl.DataFrame] = []
            for vintage, printed in zip(source.vintages, batches, strict=True):
                for part in of(vintage, printed):
                    if source.kind == "observation":
                        corrected.append(transform.own(part.filter(pl.col("correction_id").is_not_null())))
                    if source.kind == "observation" or vintage == source.current:
                        yield part
            if corrected:
                transform.refuse_unmatched(pl.concat(corrected), corrections)

        def frames() -> Iterator[pl.DataFrame]:
            # Asked for here, within the session, since the rows are made in a thread of their own.
            return rows([warehouse.batches(raw_table.id, {"vintage": one.vintage}) for one in source.vintages])

        try:
            result = warehouse.replace(table.id, ddl=table.ddl, comments=table.comments, frames=frames)
        except KeyTwiceError as error:
            _refuse_twice(project, error.rows)
            raise
        return stored(table, result)

    return spec, compute


def _refuse_twice(project: Project, rows: pl.DataFrame) -> None:
    """Say of rows that share an id where they stand, as the transforms say it of rows that they see together.

    Raises:
        InputError: names file and line of the second one.
    """
    if "observation_id" in rows.columns:
        raw_data = project.settings.raw_data.name
        placed = rows.with_columns(file=pl.concat_str(pl.lit(f"{raw_data}/"), "raw_file"), line="raw_line")
        transform.refuse_duplicates(placed, "observation_id", "the observation")
