"""Hamilton: a function a step, named after what it gives and asking for what it needs."""

from pathlib import Path

import polars as pl
from hamilton.function_modifiers import cache

MARKERS = ["", "e", "/", "()", "-", ".", "x", "n", "..."]
IN_THOUSANDS = ["mikrozensus_states"]


@cache(behavior="recompute")
def printed(raw_data: str) -> pl.DataFrame:
    """Every cell as text; read on every run, so that what follows sees a change."""
    frames = []
    for file in sorted(Path(raw_data).glob("*/*/figures.csv")):
        if "regions" not in file.parts:
            frame = pl.read_csv(file, infer_schema=False).with_columns(file=pl.lit(str(file)))
            frames.append(frame.with_columns(source=pl.lit(file.parts[-3])))
    return pl.concat(frames, how="diagonal").fill_null("")


@cache(behavior="recompute")
def regions(raw_data: str) -> pl.DataFrame:
    """The regions with their level and part of the country."""
    file = next(Path(raw_data).glob("regions/*/figures.csv"))
    return pl.read_csv(file, infer_schema=False).select(region_id="region", region="name", level="level", part="part")


def figures(printed: pl.DataFrame, regions: pl.DataFrame) -> pl.DataFrame:
    """Typed figures, checked."""
    factor = pl.when(pl.col("source").is_in(IN_THOUSANDS)).then(1000).otherwise(1)
    found = printed.select(
        "file",
        "source",
        "measure",
        "marker",
        "breakdown",
        region_id="region",
        year=pl.col("reference").str.head(4).cast(pl.Int64),
        value=pl.col("value").replace("", None).cast(pl.Float64) * factor,
    )
    wrong = found.filter(~pl.col("marker").is_in(MARKERS) | (pl.col("value").is_null() & (pl.col("marker") == "")))
    if not wrong.is_empty():
        raise ValueError(f"unknown marker, or neither a figure nor a marker: {wrong.rows()[:3]}")
    unknown = found.join(regions, on="region_id", how="anti")
    if not unknown.is_empty():
        raise ValueError(f"unknown regions {unknown['region_id'].unique().to_list()}")
    return found


def total(figures: pl.DataFrame) -> pl.DataFrame:
    """Figures of the whole and not of a part."""
    return figures.filter(pl.col("breakdown") == "")


def register(total: pl.DataFrame) -> pl.DataFrame:
    """Persons by the population register."""
    return total.filter(pl.col("source") == "population_states").select("region_id", "year", register="value")


def shares(total: pl.DataFrame, register: pl.DataFrame, regions: pl.DataFrame) -> pl.DataFrame:
    """The shares of every region, source and year."""
    wide = total.filter(pl.col("source") != "population_states").pivot(
        "measure", index=["source", "region_id", "year"], values="value"
    )
    computed = 100 * pl.col("persons_with") / pl.coalesce("persons_total", "register")
    return (
        wide.join(register, on=["region_id", "year"], how="left")
        .join(regions.filter(pl.col("level").is_in(["state", "district"])), on="region_id")
        .with_columns(share_percent=pl.coalesce("share_percent", computed))
        .drop_nulls("share_percent")
        .select("source", "level", "region_id", "region", "part", "year", "share_percent")
        .sort("source", "level", "region_id", "year")
    )


def gaps(shares: pl.DataFrame) -> pl.DataFrame:
    """East against West by source, level and year."""
    share, part = pl.col("share_percent"), pl.col("part")
    east, west = share.filter(part == "east"), share.filter(part == "west")
    return (
        shares.group_by("source", "level", "year")
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
