"""Missing tables, columns and series end in an error that names them."""

from __future__ import annotations

import polars as pl
import pytest

from pipeline.charts import CHARTS
from pipeline.errors import InputError

PAIRS = [(chart.name, table) for chart in CHARTS.values() for table in chart.tables]


@pytest.mark.parametrize(("name", "table"), PAIRS)
def test_missing_table_is_named(name: str, table: str, tables: dict[str, pl.DataFrame]) -> None:
    rest = {key: frame for key, frame in tables.items() if key != table}
    with pytest.raises(InputError, match=table):
        CHARTS[name].draw(rest)


@pytest.mark.parametrize(("name", "table"), PAIRS)
def test_empty_table_is_named(name: str, table: str, tables: dict[str, pl.DataFrame]) -> None:
    with pytest.raises(InputError, match=f"{table}.*no rows"):
        CHARTS[name].describe(tables | {table: tables[table].clear()})


@pytest.mark.parametrize(("name", "table"), PAIRS)
def test_missing_column_is_named(name: str, table: str, tables: dict[str, pl.DataFrame]) -> None:
    held = tables[table].columns
    key = next(column for column in ("figure_id", "series_id", "result_id", "region_id") if column in held)
    with pytest.raises(InputError, match=f"lacks .*{key}"):
        CHARTS[name].data(tables | {table: tables[table].drop(key)})


def test_series_with_a_state_missing_is_not_drawn(tables: dict[str, pl.DataFrame]) -> None:
    without = tables["marts.share"].filter(~((pl.col("region_id") == "10") & (pl.col("year") == 2023)))
    assert CHARTS["state_tiles"].data(tables | {"marts.share": without})["year"].unique().to_list() == [2018]
    with pytest.raises(InputError, match="all 16 states"):
        CHARTS["state_tiles"].data(tables | {"marts.share": without.filter(pl.col("region_id") != "10")})


@pytest.mark.parametrize(
    ("name", "table", "keep", "words"),
    [
        ("state_dots", "analysis.east_west", pl.col("quantity") == "difference", "pooled shares"),
        (
            "foreign_share_years",
            "analysis.east_west",
            pl.col("concept") != "foreign_nationality",
            "foreign shares of East and West",
        ),
        ("foreign_share_years", "marts.share", pl.col("level") != "state", "foreign share of Berlin"),
        ("district_distribution", "marts.share", pl.col("level") == "state", "foreign shares of districts"),
        ("district_distribution", "marts.share", pl.col("part") != "east", "districts of the east"),
        ("permutation", "analysis.east_west", pl.col("quantity") == "east", "the permutation test"),
        (
            "survey_shares",
            "analysis.survey_interval",
            pl.col("indicator") == "income",
            "needs, staffing and funding",
        ),
        (
            "organisation_counts",
            "core.study_figure",
            pl.col("unit") == "percent",
            "counts of migrant organisations",
        ),
        ("district_gap", "analysis.district_model", pl.col("method") != "fractional_logit_cluster", "the gap between"),
        ("protection_seekers", "analysis.refugee_ratio", pl.col("region_id").is_null(), "by state"),
        ("protection_seekers", "analysis.refugee_ratio", pl.col("region_id").is_not_null(), "East and West together"),
        ("koenigstein_key", "analysis.key_deviation", pl.col("quantity") != "deviation", "share, key and deviation"),
        ("headline_claim", "analysis.headline_claim", pl.col("verdict").is_null(), "the verdict"),
        ("headline_claim", "analysis.headline_claim", pl.col("verdict").is_not_null(), "candidates"),
    ],
)
def test_missing_series_is_named(
    name: str, table: str, keep: pl.Expr, words: str, tables: dict[str, pl.DataFrame]
) -> None:
    with pytest.raises(InputError, match=words) as error:
        CHARTS[name].data(tables | {table: tables[table].filter(keep)})
    assert "Remedy:" in str(error.value)
