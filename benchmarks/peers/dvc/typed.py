"""One raw file, typed."""

import sys
from pathlib import Path

import polars as pl

MARKERS = ["", "e", "/", "()", "-", ".", "x", "n", "..."]
IN_THOUSANDS = ["mikrozensus_states"]

raw, target = sys.argv[1:]
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
