"""East against West by source, level and year."""

import sys

import polars as pl

shares_parquet, target = sys.argv[1:]
share, part = pl.col("share_percent"), pl.col("part")
east, west = share.filter(part == "east"), share.filter(part == "west")
found = (
    pl.read_parquet(shares_parquet)
    .group_by("source", "level", "year")
    .agg(
        east_regions=east.len().cast(pl.Int64),
        west_regions=west.len().cast(pl.Int64),
        east_percent=east.mean(),
        west_percent=west.mean(),
        berlin_percent=share.filter(part == "berlin").mean(),
        difference_points=east.mean() - west.mean(),
        standard_error_points=(east.var() / east.len() + west.var() / west.len()).sqrt(),
    )
    .sort("source", "level", "year")
)
found.write_parquet(f"{target}.parquet")
found.write_csv(f"{target}.csv")
