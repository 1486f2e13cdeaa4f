"""The shares of every region, source and year."""

import sys
from pathlib import Path

import polars as pl

regions_csv, staged, target = sys.argv[1:]
figures = pl.concat(pl.read_parquet(file) for file in sorted(Path(staged).glob("*.parquet")))
regions = pl.read_csv(regions_csv, infer_schema=False).select(
    region_id="region", region="name", level="level", part="part"
)
unknown = figures.join(regions, on="region_id", how="anti")
if not unknown.is_empty():
    raise ValueError(f"unknown regions {unknown['region_id'].unique().to_list()}")
total = figures.filter(pl.col("breakdown") == "")
is_register = pl.col("source") == "population_states"
register = total.filter(is_register).select("region_id", "year", register="value")
wide = total.filter(~is_register).pivot("measure", index=["source", "region_id", "year"], values="value")
computed = 100 * pl.col("persons_with") / pl.coalesce("persons_total", "register")
found = (
    wide.join(register, on=["region_id", "year"], how="left")
    .join(regions.filter(pl.col("level").is_in(["state", "district"])), on="region_id")
    .with_columns(share_percent=pl.coalesce("share_percent", computed))
    .drop_nulls("share_percent")
    .select("source", "level", "region_id", "region", "part", "year", "share_percent")
    .sort("source", "level", "region_id", "year")
)
Path(target).parent.mkdir(exist_ok=True)
found.write_parquet(f"{target}.parquet")
found.write_csv(f"{target}.csv")
