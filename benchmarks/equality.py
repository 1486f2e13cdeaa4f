"""Whether two rivals computed the same: tables by their columns and rows, not by their bytes.

Belongs here: comparing. Not here: who computed what.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

# Sums of doubles in another order.
TOLERANCE = 1e-9
TABLES = {"shares": ["source", "level", "region_id", "year"], "gaps": ["source", "level", "year"]}
COLUMNS = {
    "shares": ["source", "level", "region_id", "region", "part", "year", "share_percent"],
    "gaps": [
        *("source", "level", "year", "east_regions", "west_regions", "east_percent", "west_percent"),
        *("berlin_percent", "difference_points", "standard_error_points"),
    ],
}


def tables(folder: Path) -> dict[str, pl.DataFrame]:
    """The two tables of the shared part as Parquet and as CSV: `shares.parquet` … of `folder`."""
    found = {}
    for name in TABLES:
        found[f"{name}.parquet"] = pl.read_parquet(folder / f"{name}.parquet")
        found[f"{name}.csv"] = pl.read_csv(
            folder / f"{name}.csv", schema_overrides={"region_id": pl.String}, infer_schema_length=None
        )
    return found


def differences(one: pl.DataFrame, other: pl.DataFrame, *, columns: list[str], keys: list[str]) -> list[str]:
    """What differs between two tables, in any order of rows; empty where nothing does.

    Args:
        one, other: the tables; columns beyond `columns` do not count.
        columns: what is compared: text and whole numbers exactly, doubles within `TOLERANCE` of their size.
        keys: those of the columns that name a row.
    """
    lacking = [
        f"{side} lacks {name}" for side, t in (("one", one), ("other", other)) for name in columns if name not in t
    ]
    if lacking:
        return lacking
    if one.height != other.height:
        return [f"{one.height} rows against {other.height}"]
    left, right = (_plain(table.select(columns)).sort(keys) for table in (one, other))
    found = []
    for name in columns:
        a, b = left[name], right[name]
        if a.dtype == b.dtype == pl.Float64:
            size = pl.max_horizontal(pl.col("a").abs(), pl.col("b").abs(), pl.lit(1.0))
            same = pl.col("a").eq_missing(pl.col("b")) | ((pl.col("a") - pl.col("b")).abs() <= TOLERANCE * size)
            wrong = pl.DataFrame({"a": a, "b": b}).with_row_index().filter(~same.fill_null(value=False))
        else:
            wrong = (
                pl.DataFrame({"a": a, "b": b}, strict=False)
                .with_row_index()
                .filter(pl.col("a").ne_missing(pl.col("b")))
            )
        if not wrong.is_empty():
            index, first, second = wrong.row(0)
            where = ", ".join(str(value) for value in left.select(keys).row(index))
            found.append(f"{name}: {wrong.height} rows differ, the first {where}: {first} against {second}")
    return found


def _plain(table: pl.DataFrame) -> pl.DataFrame:
    """One kind of text, of whole number and of fraction, whoever wrote the file."""
    import polars.selectors as cs

    return table.with_columns(
        cs.integer().cast(pl.Int64), (cs.float() | cs.decimal()).cast(pl.Float64), cs.string().cast(pl.String)
    )


def same_results(one: dict[str, pl.DataFrame], other: dict[str, pl.DataFrame]) -> list[str]:
    """What differs between what two rivals wrote, file by file."""
    return [
        f"{file} {line}"
        for file in one
        for line in differences(
            one[file], other[file], columns=COLUMNS[file.split(".")[0]], keys=TABLES[file.split(".")[0]]
        )
    ]
