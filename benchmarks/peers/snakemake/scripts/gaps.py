# ruff: noqa: F821  (Snakemake gives the name `snakemake`)
"""East against West by source, level and year."""

import polars as pl

share, part = pl.col("share_percent"), pl.col("part")
east, west = share.filter(part == "east"), share.filter(part == "west")
found = (
    pl.read_parquet(snakemake.input[0])
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
found.write_parquet(snakemake.output.parquet)
found.write_csv(snakemake.output.csv)
