"""The steps between the files: raw figures → typed → shares → gaps, with Polars."""

from pathlib import Path

import polars as pl

MARKERS = ["", "e", "/", "()", "-", ".", "x", "n", "..."]
IN_THOUSANDS = ["mikrozensus_states"]


def typed(raw: str, target: str) -> None:
    printed = pl.read_csv(raw, infer_schema=False).fill_null("")
    source = Path(raw).parts[-3]
    factor = 1000 if source in IN_THOUSANDS else 1
    figures = printed.select(
        source=pl.lit(source),
        region_id="region",
        year=pl.col("reference").str.head(4).cast(pl.Int64),
        measure="measure",
        value=pl.col("value").replace("", None).cast(pl.Float64) * factor,
        marker="marker",
        breakdown=pl.col("breakdown") if "breakdown" in printed.columns else pl.lit(""),
    )
    wrong = figures.filter(~pl.col("marker").is_in(MARKERS) | (pl.col("value").is_null() & (pl.col("marker") == "")))
    if not wrong.is_empty():
        raise ValueError(f"{raw}: unknown marker, or neither a figure nor a marker: {wrong.rows()[:3]}")
    Path(target).parent.mkdir(exist_ok=True)
    figures.write_parquet(target)


def shares(staged: list[str], regions_csv: str, target: str) -> None:
    figures = pl.concat(pl.read_parquet(file) for file in staged)
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
    write(found, target)


def gaps(shares_parquet: str, target: str) -> None:
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
    write(found, target)


def write(table: pl.DataFrame, target: str) -> None:
    Path(target).parent.mkdir(exist_ok=True)
    table.write_parquet(target)
    table.write_csv(Path(target).with_suffix(".csv"))
