"""Small frames of results made up around the 16 states.

Belongs here: analysis.district_model, refugee_ratio, key_deviation, multiverse. Not here: assertions.
"""

from __future__ import annotations

import datetime as dt

import polars as pl
from small_shares import STATES, part_of


def district_model() -> pl.DataFrame:
    rows = []
    place = {
        "series_id": "regional_shares.2022", "source_id": "regional_shares", "census_base": "zensus_2022",
        "term": "east", "estimand": "unweighted", "quantity": "difference", "n_east": 75, "n_west": 324,
        "states_east": 5, "states_west": 10,
    }  # fmt: skip
    models = (
        (2022, "none", -7.0),
        (2022, "log_density", -5.3),
        (2022, "log_density;log_gdp", -4.8),
        (2024, "none", -6.9),
    )
    for year, covariates, gap in models:
        for berlin in ("excluded", "in_east", "in_west"):
            exact = "permutation" if covariates == "none" else "permutation_residualised"
            for method, half, p in (("fractional_logit_cluster", 1.8, 1e-6), (exact, None, 0.0007)):
                rows.append(
                    place
                    | {
                        "result_id": f"districts.{year}.{covariates}.{berlin}.{method}", "year": year,
                        "covariates": covariates, "berlin": berlin, "method": method, "estimate": gap,
                        "lower": gap - half if half else None, "upper": gap + half if half else None, "p_value": p,
                    }
                )  # fmt: skip
    return pl.DataFrame(rows, infer_schema_length=None, schema_overrides={"year": pl.Int32})


def refugee_ratio() -> pl.DataFrame:
    rows = []
    # Foreign nationals are known for a year more than persons with migration background.
    for year, concept, factor in (
        (2023, "foreign_nationality", 1.0),
        (2023, "migration_background_wider", 0.6),
        (2024, "foreign_nationality", 1.1),
    ):  # fmt: skip
        values = [("state", region, None, factor * (20 + 2 * number)) for number, region in enumerate(sorted(STATES))]
        values += [("east", None, "excluded", factor * 37.7), ("west", None, "excluded", factor * 21.6)]
        for quantity, region, berlin, value in values:
            rows.append(
                {
                    "result_id": f"refugees.{year}.{concept}.{region or quantity}", "year": year,
                    "numerator_source_id": "protection_seekers", "numerator_date": dt.date(year, 12, 31),
                    "denominator_source_id": "azr" if concept == "foreign_nationality" else "mikrozensus_states",
                    "denominator_concept": concept, "region_id": region, "berlin": berlin, "estimand": "pooled",
                    "quantity": quantity, "estimate": value,
                }
            )  # fmt: skip
    return pl.DataFrame(rows, infer_schema_length=None, schema_overrides={"year": pl.Int32})


def key_deviation() -> pl.DataFrame:
    rows = []
    for number, region in enumerate(sorted(STATES)):
        key, off = 1.0 + number, -0.4 if part_of(region) == "east" else 0.3 + number / 10
        for quantity, value in (("share", key + off), ("key", key), ("deviation", off)):
            rows.append(
                {
                    "result_id": f"key.{region}.{quantity}", "source_id": "protection_seekers",
                    "key_source_id": "koenigstein", "year": 2024, "key_year": 2020, "region_id": region,
                    "estimand": "state", "quantity": quantity, "estimate": value, "lower": value - 0.1,
                    "upper": value + 0.1,
                }
            )  # fmt: skip
    return pl.DataFrame(rows, schema_overrides={"year": pl.Int32, "key_year": pl.Int32})


def multiverse() -> pl.DataFrame:
    rows = []
    for source, concept, level, base in (
        ("mikrozensus_states", "migration_background_wider", "state", -20.0),
        ("regional_shares", "foreign_nationality", "state", -8.5),
        ("regional_shares", "foreign_nationality", "district", -7.0),
    ):
        for berlin, shift in (("excluded", 0.0), ("in_east", 2.5), ("in_west", -0.3)):
            for weights, estimand, moved in (("persons", "pooled", 0.2), ("none", "unweighted", 0.0)):
                for method, half in (("permutation", None), ("welch", 3.0)):
                    if estimand == "pooled" and half:
                        continue
                    gap = base + shift + moved
                    rows.append(
                        {
                            "result_id": f"gap.{source}.{level}.{berlin}.{estimand}.{method}",
                            "series_id": f"{source}.2018.{concept}.{level}", "source_id": source, "year": 2018,
                            "concept": concept, "level": level, "berlin": berlin, "weights": weights,
                            "estimand": estimand, "method": method, "estimate": gap,
                            "lower": gap - half if half else None, "upper": gap + half if half else None,
                            "p_value": 0.001,
                        }
                    )  # fmt: skip
    return pl.DataFrame(rows, infer_schema_length=None, schema_overrides={"year": pl.Int32})
