"""Organisations per person: the published range stays a range, and what is extrapolated is said."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest

from pipeline.analysis.organisations import Range, organisation_density
from pipeline.analysis.tables import ORGANISATION_DENSITY
from pipeline.errors import InputError

FIGURES = pl.DataFrame(
    {
        "figure_id": [
            "svr2020_organisations_lower",
            "svr2020_organisations_upper",
            "svr2020_organisations_counted",
        ],
        "value": [Decimal(12400), Decimal(14300), Decimal(6851)],
        "year": ["2019/20", "2019/20", "2019/20"],
        "status": ["secondary", "secondary", "secondary"],
    }
)
# Mikrozensus 2018: 20,799 thousand with migration background; population of 31 December 2019: 83,166,711.
GERMANY = pl.DataFrame(
    {
        "series_id": ["mikrozensus.2018", "population.2019", "azr.2018"],
        "year": pl.Series([2018, 2019, 2018], dtype=pl.Int32),
        "concept": ["migration_background_wider", "population", "foreign_nationality"],
        "persons_with": [20_799_000.0, None, 10_915_455.0],
        "persons_total": [81_613_000.0, 83_166_711.0, 83_019_213.0],
        "with_observation_id": ["mz:with", None, "azr:with"],
        "total_observation_id": ["mz:total", "pop:total", "pop18:total"],
    }
)


def test_an_interval_gives_an_interval() -> None:
    result = organisation_density(FIGURES, GERMANY)
    assert dict(result.schema) == ORGANISATION_DENSITY
    migrants, inhabitants = result.iter_rows(named=True)
    assert migrants["population"] == "persons_with_migration_background"
    assert migrants["per_persons"] == 10_000
    assert (migrants["lower"], migrants["upper"]) == pytest.approx((5.961825, 6.875331), rel=1e-6)
    assert migrants["observation_ids"] == "mz:with"
    assert inhabitants["population"] == "inhabitants"
    assert (inhabitants["lower"], inhabitants["upper"]) == pytest.approx((14.90981, 17.19438), rel=1e-6)
    assert inhabitants["observation_ids"] == "pop:total"


def test_what_is_extrapolated_is_said() -> None:
    row = organisation_density(FIGURES, GERMANY).row(0, named=True)
    assert row["counted_organisations"] == 6851
    assert round(row["extrapolated_share_lower_percent"]) == 45
    assert round(row["extrapolated_share_upper_percent"]) == 52
    assert row["figure_ids"].split(";") == FIGURES["figure_id"].to_list()
    assert row["assumptions"] == "secondary_figures;extrapolated;years_differ"


def test_the_same_year_is_not_flagged() -> None:
    inhabitants = organisation_density(FIGURES, GERMANY).row(1, named=True)
    assert "years_differ" not in inhabitants["assumptions"]


def test_a_missing_figure_is_named() -> None:
    with pytest.raises(InputError, match="other_count is missing"):
        organisation_density(FIGURES, GERMANY, figures=Range(counted="other_count"))
    with pytest.raises(InputError, match="lower has no single value"):
        organisation_density(FIGURES.with_columns(value=pl.lit(None, pl.Decimal(20, 6))), GERMANY)
