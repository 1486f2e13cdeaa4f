"""The tables every chart test starts from, made of the small frames beside this file."""

from __future__ import annotations

import polars as pl
import pytest
import small_models
import small_shares
import small_studies

from pipeline.charts import DrawnChart, draw_all


@pytest.fixture(scope="session")
def drawn_twice(tables: dict[str, pl.DataFrame]) -> dict[str, DrawnChart]:
    """Every chart, drawn in every language."""
    return draw_all(tables)


@pytest.fixture(scope="session")
def tables() -> dict[str, pl.DataFrame]:
    """Every table the charts read; tests that change one build a new dict."""
    return {
        "marts.share": small_shares.share(),
        "analysis.east_west": small_shares.east_west(),
        "analysis.permutation": small_shares.permutation(),
        "analysis.survey_interval": small_studies.survey(),
        "core.study_figure": small_studies.study_figure(),
        "analysis.headline_claim": small_studies.headline(),
        "analysis.district_model": small_models.district_model(),
        "analysis.refugee_ratio": small_models.refugee_ratio(),
        "analysis.key_deviation": small_models.key_deviation(),
        "analysis.multiverse": small_models.multiverse(),
        "core.region": small_shares.region(),
    }
