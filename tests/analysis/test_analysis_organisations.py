"""Organisations per person: the published range stays a range, and what is extrapolated is said."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest

from pipeline.analysis.comparisons import Organisations
from pipeline.analysis.design import load_design
from pipeline.analysis.organisations import organisation_definitions, organisation_density, organisation_ratio
from pipeline.analysis.tables import ORGANISATION_DEFINITION, ORGANISATION_DENSITY, ORGANISATION_RATIO
from pipeline.errors import InputError

(ENTRY,) = load_design().of(Organisations)
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
        "study": ["SVR", "SVR", "SVR"],
        "geography": ["Germany", "Germany", "four states"],
        "relation": ["=", "=", "="],
        "unit": ["organisations", "organisations", "organisations"],
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
    result = organisation_density(FIGURES, GERMANY, ENTRY)
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
    row = organisation_density(FIGURES, GERMANY, ENTRY).row(0, named=True)
    assert row["counted_organisations"] == 6851
    assert round(row["extrapolated_share_lower_percent"]) == 45
    assert round(row["extrapolated_share_upper_percent"]) == 52
    assert row["figure_ids"].split(";") == FIGURES["figure_id"].to_list()
    assert row["assumptions"] == "secondary_figures;extrapolated;years_differ"


def test_the_same_year_is_not_flagged() -> None:
    inhabitants = organisation_density(FIGURES, GERMANY, ENTRY).row(1, named=True)
    assert "years_differ" not in inhabitants["assumptions"]


def test_a_missing_figure_is_named() -> None:
    with pytest.raises(InputError, match="other_count is missing"):
        organisation_density(FIGURES, GERMANY, ENTRY.model_copy(update={"counted": "other_count"}))
    with pytest.raises(InputError, match="lower has no single value"):
        organisation_density(FIGURES.with_columns(value=pl.lit(None, pl.Decimal(20, 6))), GERMANY, ENTRY)


def test_another_auxiliary_population_gives_another_number(mikrozensus_2018: pl.DataFrame) -> None:
    series = "mikrozensus_states.2018.migration_background_wider"
    entry = ENTRY.model_copy(
        update={
            "auxiliaries": (
                ENTRY.auxiliaries[0],
                ENTRY.auxiliaries[1].model_copy(update={"series": series, "persons": "persons_total"}),
            )
        }
    )
    result = organisation_ratio(FIGURES, mikrozensus_2018, entry)
    assert dict(result.schema) == ORGANISATION_RATIO
    by_migrants, by_inhabitants = result.iter_rows(named=True)
    # 6,851 counted; of 20,800 thousand persons with migration background 10,106 live in the four states.
    assert by_migrants["estimate"] == pytest.approx(6851 * 20800 / (5362 + 3282 + 1135 + 327))
    assert by_inhabitants["estimate"] > by_migrants["estimate"] + 500
    assert (by_migrants["within_published_range"], by_inhabitants["within_published_range"]) == (True, False)
    assert by_migrants["observation_ids"].count(":with") == 16
    assert by_inhabitants["observation_ids"].count(":total") == 16
    assert (by_migrants["lower"], by_migrants["p_value"]) == (None, None)
    assert "ratio_estimate" in by_migrants["assumptions"]


def test_an_incomplete_auxiliary_is_refused(mikrozensus_2018: pl.DataFrame) -> None:
    with pytest.raises(InputError, match=r"migrant_organisations is refused: the series mikrozensus_states\.2018"):
        organisation_ratio(FIGURES, mikrozensus_2018.head(15), ENTRY)
    unknown = ENTRY.model_copy(update={"counted_states": ("05", "99")})
    with pytest.raises(InputError, match="there is no state 99"):
        organisation_ratio(FIGURES, mikrozensus_2018, unknown)


def test_competing_counts_are_definitions_and_no_series() -> None:
    entry = ENTRY.model_copy(update={"definitions": ENTRY.definitions[:3]})
    is_upper = pl.col("figure_id") == "svr2020_organisations_upper"
    bound = FIGURES.with_columns(relation=pl.when(is_upper).then(pl.lit(">")).otherwise("relation"))
    result = organisation_definitions(bound, entry)
    assert dict(result.schema) == ORGANISATION_DEFINITION
    assert result["position"].to_list() == [1, 2, 3]
    assert result["estimate"].to_list() == [12400, None, 6851]
    assert result["lower"].to_list() == [None, 14300, None]
    assert result["counts"].str.len_chars().min() > 20
    assert result["assumptions"].str.contains("definitions_differ").all()
    with pytest.raises(InputError, match="ziviz2017_migration_associations is missing"):
        organisation_definitions(FIGURES, ENTRY)
