"""Raw figures to shares and gaps: Polars types them, DuckDB joins them, Polars writes."""

from pathlib import Path

import duckdb
import polars as pl

RAW, OUT = Path("raw_data"), Path("out")
MARKERS = ["", "e", "/", "()", "-", ".", "x", "n", "..."]
IN_THOUSANDS = ["mikrozensus_states"]

SHARES = """
    WITH total AS (FROM figures WHERE breakdown = ''),
    register AS (
        SELECT region_id, year, value AS register FROM total WHERE source = 'population_states'
    ),
    wide AS (
        SELECT
            source, region_id, year,
            max(value) FILTER (measure = 'persons_with') AS persons_with,
            max(value) FILTER (measure = 'persons_total') AS persons_total,
            max(value) FILTER (measure = 'share_percent') AS printed
        FROM total WHERE source <> 'population_states' GROUP BY ALL
    )
    SELECT
        source, level, region_id, region, part, year,
        coalesce(printed, 100 * persons_with / coalesce(persons_total, register)) AS share_percent
    FROM wide JOIN regions USING (region_id) LEFT JOIN register USING (region_id, year)
    WHERE level IN ('state', 'district') AND share_percent IS NOT NULL
    ORDER BY source, level, region_id, year
"""
GAPS = """
    SELECT
        source, level, year,
        count(*) FILTER (part = 'east') AS east_regions,
        count(*) FILTER (part = 'west') AS west_regions,
        avg(share_percent) FILTER (part = 'east') AS east_percent,
        avg(share_percent) FILTER (part = 'west') AS west_percent,
        avg(share_percent) FILTER (part = 'berlin') AS berlin_percent,
        east_percent - west_percent AS difference_points,
        sqrt(
            var_samp(share_percent) FILTER (part = 'east') / east_regions
            + var_samp(share_percent) FILTER (part = 'west') / west_regions
        ) AS standard_error_points
    FROM shares GROUP BY source, level, year ORDER BY source, level, year
"""


def typed(file: Path) -> pl.DataFrame:
    printed = pl.read_csv(file, infer_schema=False).fill_null("")
    source = file.parts[-3]
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
        raise ValueError(f"{file}: unknown marker, or neither a figure nor a marker: {wrong.rows()[:3]}")
    return figures


def main() -> None:
    files = [file for file in sorted(RAW.glob("*/*/figures.csv")) if "regions" not in file.parts]
    figures = pl.concat(typed(file) for file in files)
    regions = pl.read_csv(next(RAW.glob("regions/*/figures.csv")), infer_schema=False).select(
        region_id="region", region="name", level="level", part="part"
    )
    unknown = figures.join(regions, on="region_id", how="anti")
    if not unknown.is_empty():
        raise ValueError(f"unknown regions {unknown['region_id'].unique().to_list()}")
    shares = duckdb.sql(SHARES).pl()
    gaps = duckdb.sql(GAPS).pl()
    OUT.mkdir(exist_ok=True)
    for name, table in {"shares": shares, "gaps": gaps}.items():
        table.write_parquet(OUT / f"{name}.parquet")
        table.write_csv(OUT / f"{name}.csv")


if __name__ == "__main__":
    main()
