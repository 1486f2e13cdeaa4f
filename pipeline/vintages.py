"""Vintages straight from their files: what one holds, and what one changes against another.

Belongs here: reading a vintage without a warehouse, and what `mo vintage diff` tells. Not here: the rule for a revision
(sql/marts/revision.sql, used here as it is).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import cast

import polars as pl

from pipeline import ingest
from pipeline.errors import InputError
from pipeline.ingest import PublisherLayout
from pipeline.project import Project
from pipeline.registry import (
    REGIONS,
    Kind,
    Source,
    Vintage,
    described,
    read_file,
    read_while_checking,
    refuse_unlisted,
)
from pipeline.transform import observation_cells, observation_cells_of, typed
from pipeline.warehouse import qualified, scratch

KEY = ["region_id", "reference_date", "concept", "universe", "measure", "breakdown"]


@dataclass(frozen=True)
class Difference:
    """What the later of two vintages changes.

    Attributes:
        added, gone: figures that only the later, only the earlier one has: OBSERVATION.
        revised: figures both have and give differently: the columns of marts.revision.
        same: how many figures both give alike.
    """

    added: pl.DataFrame
    gone: pl.DataFrame
    revised: pl.DataFrame
    same: int


def cells(vintage: Vintage) -> pl.DataFrame:
    """All cells of one vintage as printed, file after file; see pipeline.ingest.read_cells.

    A publisher's file gives the cells its reading takes, see pipeline.transform.readings.

    Raises:
        InputError: a file is not the registered one, cannot be read, or does not fit its reading.
    """
    return pl.concat(cell_parts(vintage))


def cell_parts(vintage: Vintage) -> Iterator[pl.DataFrame]:
    """The same one below the other, a frame a file, of a flat file a frame a block.

    That a flat file is not the registered one is known at its end: whoever stores its cells must forget them then.

    Raises:
        InputError: what `cells` raises.
    """
    refuse_unlisted(vintage)
    for entry in vintage.files:
        file = vintage.shown(entry.path)
        if vintage.layout in ingest.FLAT:
            yield from read_while_checking(vintage, entry, partial(_flat_cells, vintage, file))
        else:
            yield cells_of(read_file(vintage, entry), vintage, file=file)


def cells_of(data: bytes, vintage: Vintage, *, file: str) -> pl.DataFrame:
    """The cells of one file of a vintage; its hash is not asked for.

    Raises:
        InputError: the file cannot be read, has another layout, or does not fit its reading.
    """
    if vintage.layout == "tidy":
        return ingest.read_cells(data, file=file, kind=vintage.kind)
    if vintage.layout in ingest.FLAT:
        return pl.concat(_flat_cells(vintage, file, ingest.text_blocks(data, vintage.layout, file=file)))
    reading = vintage.readings[vintage.layout]
    table = ingest.read(ingest.recognised_as(data, vintage.layout, file=file), reading.sheet)
    return observation_cells(table, reading, file=file)


def _flat_cells(vintage: Vintage, file: str, blocks: Iterable[bytes]) -> Iterator[pl.DataFrame]:
    reading = vintage.readings[cast(PublisherLayout, vintage.layout)]
    return observation_cells_of(ingest.tables(blocks, file=file), reading, file=file)


def typed_rows(project: Project, vintage: Vintage) -> pl.DataFrame:
    """The typed rows of one vintage, straight from its files.

    Raises:
        InputError: a file, a figure or an expectation is wrong.
    """
    regions = None
    if vintage.kind == "observation":
        regions = typed_rows(project, project.registry.sources[REGIONS].current)
    corrections = project.registry.corrections_of(vintage.source)
    return typed(cells(vintage), vintage, known_regions=regions, corrections=corrections)


def ids_of_kind(project: Project, kind: Kind) -> set[str]:
    """The ids, the first typed column, of every row of the sources of a kind that is no observation.

    Raises:
        InputError: a file or a row of it is wrong.
    """
    vintages = [vintage for source in project.registry.sources.values() for vintage in source.vintages]
    return {
        row_id for vintage in vintages if vintage.kind == kind for row_id in typed_rows(project, vintage).to_series()
    }


def difference(project: Project, source_id: str, earlier_id: str, later_id: str) -> Difference:
    """What `later_id` changes against `earlier_id`, by the rule of marts.revision.

    Raises:
        InputError: the source or a vintage is not there, the source holds no observations, the two are named in the
            wrong order, or a figure of them is wrong.
    """
    source = source_of(project, source_id)
    earlier, later = _vintage(source, earlier_id), _vintage(source, later_id)
    if earlier.order >= later.order:
        raise InputError(
            f"{later_id} does not come after {earlier_id}",
            key="order",
            remedy=f"name the earlier one first: mo vintage diff {source_id} {later_id} {earlier_id}",
        )
    rows = {vintage.vintage: typed_rows(project, vintage) for vintage in (earlier, later)}
    before, after = rows[earlier_id], rows[later_id]
    revised = _revised(project, pl.concat(rows.values()))
    both = after.join(before, on=KEY, how="semi").height
    return Difference(
        added=after.join(before, on=KEY, how="anti"),
        gone=before.join(after, on=KEY, how="anti"),
        revised=revised,
        same=both - revised.height,
    )


def _revised(project: Project, observations: pl.DataFrame) -> pl.DataFrame:
    """The mart itself, over these rows alone, in memory."""
    tables = project.contracts.tables
    regions = typed_rows(project, project.registry.sources[REGIONS].current)
    frames = {
        "core.observation": observations,
        # Whether the later one waits or not: here the two are compared.
        "core.vintage": described.vintages(project.registry).with_columns(in_use=pl.lit(value=True)),
        "core.region": regions,
    }
    con = scratch()
    try:
        for table, frame in frames.items():
            con.execute(tables[table].ddl)
            con.register("incoming", frame)
            con.execute(f"INSERT INTO {qualified(table)} BY NAME SELECT * FROM incoming")
            con.unregister("incoming")
        found = con.sql(tables["marts.revision"].select).pl()
    finally:
        con.close()
    return found.sort(pl.col("change_percent").abs(), "revision_id", descending=[True, False], nulls_last=True)


def source_of(project: Project, source_id: str) -> Source:
    """A source of observations by its id.

    Raises:
        InputError: there is none, or it holds something else.
    """
    source = project.registry.sources.get(source_id)
    if source is None:
        raise InputError(
            f"there is no source {source_id}",
            file="raw_data",
            remedy=f"name one of {', '.join(project.registry.sources)}",
        )
    if source.kind != "observation":
        raise InputError(
            f"{source_id} is of kind {source.kind}",
            key="kind",
            remedy="only observations are compared figure by figure; edit the files of other kinds by hand",
        )
    return source


def _vintage(source: Source, vintage_id: str) -> Vintage:
    for vintage in source.vintages:
        if vintage.vintage == vintage_id:
            return vintage
    raise InputError(
        f"{source.id} has no vintage {vintage_id}",
        file=f"raw_data/{source.id}",
        remedy=f"name one of {', '.join(vintage.vintage for vintage in source.vintages)}",
    )
