# ruff: noqa: F821  (Snakemake gives the name `snakemake`)
"""One raw file, typed."""

import polars as pl

MARKERS = ["", "e", "/", "()", "-", ".", "x", "n", "..."]
IN_THOUSANDS = ["mikrozensus_states"]

printed = pl.read_csv(snakemake.input[0], infer_schema=False).fill_null("")
source = snakemake.wildcards.source
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
    raise ValueError(f"{snakemake.input[0]}: unknown marker, or neither a figure nor a marker: {wrong.rows()[:3]}")
figures.write_parquet(snakemake.output[0])
