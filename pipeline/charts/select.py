"""The choice of tables, columns and series that the charts draw, with errors a person can act on.

Belongs here: finding rows in result tables. Not here: statistics; every number drawn is a row of a table.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from pipeline.charts.model import Tables
from pipeline.errors import InputError

CONCEPT = "migration_background_wider"
"""Concept of the charts on migration background: the Mikrozensus series that is complete for 16 states."""

FOREIGN = "foreign_nationality"

ARTICLE_YEAR = 2018
"""Year the checked sentence speaks of; preferred where a chart may choose among comparable series."""

STATES = 16


def table(tables: Tables, name: str, columns: Sequence[str]) -> pl.DataFrame:
    """`columns` of table `name`.

    Raises:
        InputError: the table is absent, lacks a column or has no rows.
    """
    if name not in tables:
        raise InputError("the table is missing", key=name, remedy="pass it to the chart; Chart.tables lists the names")
    frame = tables[name]
    absent = [column for column in columns if column not in frame.columns]
    if absent:
        raise InputError(f"the table lacks {', '.join(absent)}", key=name, remedy="compare it with its contract")
    if frame.is_empty():
        raise InputError("the table has no rows", key=name, remedy="run the steps before the charts again")
    return frame.select(columns)


def require(frame: pl.DataFrame, *, table_name: str, what: str) -> pl.DataFrame:
    """`frame` itself, or an InputError that says which series is missing from which table."""
    if frame.is_empty():
        raise InputError(f"no rows for {what}", key=table_name, remedy="check that the source was read and compared")
    return frame


SHARE = (
    "series_id", "source_id", "year", "reference", "concept", "universe", "release_state", "census_base",
    "level", "region_id", "region_name", "part", "share_percent", "segment",
)  # fmt: skip


def shares(tables: Tables) -> pl.DataFrame:
    """Rows of marts.share that have a share, columns SHARE."""
    return table(tables, "marts.share", SHARE).filter(pl.col("share_percent").is_not_null())


def complete_state_series(tables: Tables, concept: str = CONCEPT) -> pl.DataFrame:
    """Rows of marts.share of every series of `concept` that has all 16 states, oldest year first.

    Where two series of one year exist, the final one is kept (then the first by id), so a year is drawn once.

    Raises:
        InputError: no series is complete.
    """
    rows = shares(tables).filter(pl.col("level") == "state", pl.col("concept") == concept)
    rows = rows.filter(pl.col("region_id").n_unique().over("series_id") == STATES)
    chosen = (
        rows.select("series_id", "year", provisional=pl.col("release_state") == "first_results")
        .unique()
        .sort("year", "provisional", "series_id")
        .unique(subset="year", keep="first", maintain_order=True)
    )
    rows = rows.filter(pl.col("series_id").is_in(chosen["series_id"].to_list()))
    return require(rows.sort("year", "region_id"), table_name="marts.share", what=f"{concept} with all {STATES} states")


REGION = ("region_id", "name", "level", "part")
"""Columns of core.region that charts read."""

EAST_WEST = (
    "result_id", "series_id", "level", "year", "source_id", "concept", "berlin", "estimand", "quantity",
    "method", "estimate", "p_value", "n_east", "n_west",
)  # fmt: skip


def pooled(tables: Tables, concept: str) -> pl.DataFrame:
    """Pooled shares of East and West, Berlin left out, by state series: rows of analysis.east_west."""
    return table(tables, "analysis.east_west", EAST_WEST).filter(
        pl.col("concept") == concept,
        pl.col("level") == "state",
        pl.col("berlin") == "excluded",
        pl.col("estimand") == "pooled",
        pl.col("method") == "share",
        pl.col("quantity").is_in(["east", "west"]),
        pl.col("estimate").is_not_null(),
    )


def source_ids(*frames: pl.DataFrame) -> tuple[str, ...]:
    """The distinct source ids of the frames, sorted."""
    return tuple(sorted({source for frame in frames for source in frame["source_id"].drop_nulls().to_list()}))


def numbers(frame: pl.DataFrame, column: str) -> list[float]:
    """The values of a numeric column without nulls, as plain floats."""
    return [float(value) for value in frame[column].drop_nulls()]


def years(frame: pl.DataFrame) -> list[int]:
    """The distinct years of `frame`, oldest first."""
    return sorted({int(year) for year in frame["year"].drop_nulls()})
