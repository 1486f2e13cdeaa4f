"""Small result tables on real figures: 16 states typed from the publishers' tables, the rest from results
made of them.

Belongs here: the frames every chart test starts from. Not here: assertions.
"""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

# Thousand persons in private households: total and with migration background (wider sense), Mikrozensus 2018
# (final) and 2023 (first results).
STATES = {
    "01": ("Schleswig-Holstein", 2841, 492, 2911, 629),
    "02": ("Hamburg", 1825, 607, 1883, 743),
    "03": ("Niedersachsen", 7824, 1726, 8078, 2074),
    "04": ("Bremen", 673, 236, 678, 298),
    "05": ("Nordrhein-Westfalen", 17646, 5362, 18000, 6174),
    "06": ("Hessen", 6169, 2075, 6368, 2412),
    "07": ("Rheinland-Pfalz", 4010, 1045, 4120, 1219),
    "08": ("Baden-Württemberg", 10897, 3638, 11284, 4181),
    "09": ("Bayern", 12841, 3282, 13362, 3997),
    "10": ("Saarland", 977, 220, 990, 278),
    "11": ("Berlin", 3589, 1135, 3760, 1483),
    "12": ("Brandenburg", 2468, 208, 2548, 308),
    "13": ("Mecklenburg-Vorpommern", 1577, 124, 1613, 169),
    "14": ("Sachsen", 4002, 327, 4033, 465),
    "15": ("Sachsen-Anhalt", 2163, 168, 2151, 245),
    "16": ("Thüringen", 2109, 155, 2095, 232),
}
# Foreign share on 31 December 2011 to 2024, percent: pooled East without Berlin, pooled West, Berlin.
FOREIGN_EAST = (1.87, 2.02, 2.32, 2.7, 3.8, 4.15, 4.52, 4.81, 5.05, 5.23, 5.59, 6.57, 7.27, 7.63)
FOREIGN_WEST = (8.87, 9.21, 9.66, 10.3, 11.56, 12.21, 12.71, 13.19, 13.54, 13.74, 14.11, 14.81, 15.45, 15.71)
FOREIGN_BERLIN = (11.9, 12.6, 13.4, 14.3, 15.5, 16.7, 17.6, 18.5, 19.2, 19.6, 20.2, 20.7, 21.9, 22.5)
# Exact distribution of 2018 without Berlin: splits a bar of one point, from -21 on.
SPLITS = (
    1, 0, 0, 5, 0, 10, 10, 10, 34, 31, 48, 56, 68, 126, 89, 127, 164, 128, 214, 169, 204, 223, 155, 194,
    151, 149,
    143, 114, 120, 71, 44, 50, 28, 26, 18, 11, 9, 2, 1,
)  # fmt: skip
# year, sense, Berlin, share of the East and of the West, distance of each from what the claim admits, rank.
CANDIDATES = (
    (2016, "narrower", "excluded", 6.374, 25.58, 0.0, 0.0, 2),
    (2016, "narrower", "in_east", 11.098, 25.58, 4.65, 0.0, 5),
    (2016, "narrower", "in_west", 6.374, 25.689, 0.0, 0.0, 1),
    (2018, "wider", "excluded", 7.971, 28.436, 1.52, 0.0, 4),
    (2018, "wider", "in_east", 13.308, 28.436, 6.86, 0.0, 14),
    (2018, "wider", "in_west", 7.971, 28.601, 1.52, 0.03, 3),
)
SVR, FUNDING = (
    "SVR-Forschungsbereich 2020 (Vielfältig engagiert …)",
    "BIM/Bertelsmann Stiftung 2018 (Fördermittel)",
)
# figure, study, indicator, category, percent, Wilson bounds, n.
SURVEY = (
    ("svr_support", SVR, "needs (multiple answers)", "more support wanted", 64.4, 60.94, 67.71, 764),
    ("svr_bureaucracy", SVR, "needs (multiple answers)", "less bureaucracy", 57.5, 53.97, 60.96, 764),
    ("svr_voluntary", SVR, "staffing", "purely voluntary", 41.0, 37.57, 44.52, 764),
    ("bst_none", FUNDING, "use of funding", "no funding used at all", 37.0, 33.09, 41.09, 556),
    ("bst_conditions", FUNDING, "reasons for not applying", "conditions not met", 58.0, None, None, None),
    ("bst_donations", FUNDING, "income", "private donations", 57.0, None, None, None),
)  # fmt: skip
# figure, study, indicator, category, geography, year, value, relation, unit.
COUNTS = (
    (
        "svr_low",
        SVR,
        "number of migrant organisations",
        "national estimate, lower",
        "Germany",
        "2019/20",
        12400,
        "=",
        "organisations",
    ),
    (
        "svr_high",
        SVR,
        "number of migrant organisations",
        "national estimate, upper",
        "Germany",
        "2019/20",
        14300,
        "=",
        "organisations",
    ),
    (
        "svr_counted",
        SVR,
        "number of migrant organisations",
        "identified",
        "BY+BE+NW+SN",
        "2019/20",
        6851,
        "=",
        "organisations",
    ),
    ("svr_n", SVR, "responding organisations", None, "BY+BE+NW+SN", "2020", 764, "=", "organisations"),
    (
        "ziviz",
        "ZiviZ-Survey 2017",
        "number of registered associations with migration reference, more than",
        None,
        "Germany",
        "2016",
        17500,
        ">",
        "associations",
    ),
    (
        "bva_2012",
        "Pries 2013",
        "foreigners' associations in register",
        "Bundesverwaltungsamt",
        "Germany",
        "2012",
        10360,
        "=",
        "associations",
    ),
    (
        "bva_2001",
        "Pries 2013",
        "foreigners' associations in register",
        "old register",
        "Germany",
        "2001",
        16000,
        "=",
        "associations",
    ),
    ("damost", "DaMOst", "member associations", None, "East", "2018", 260, "=", "associations"),
)


def part_of(region: str) -> str:
    """East, Berlin or West by the code of the state."""
    return "berlin" if region[:2] == "11" else "east" if region[:2] in {"12", "13", "14", "15", "16"} else "west"


def share_row(source: str, year: int, concept: str, region: str, name: str, share: float, **other: object) -> dict:
    """One row of marts.share with the columns that charts read."""
    base = "zensus_2022" if year >= 2022 else "zensus_2011"
    level = "district" if len(region) == 5 else "state"
    row = {
        "series_id": f"{source}.{year}.{concept}" + (".district" if level == "district" else ""),
        "source_id": source,
        "year": year,
        "reference": str(year),
        "concept": concept,
        "universe": "population_register",
        "release_state": "final",
        "census_base": base,
        "level": level,
        "region_id": region,
        "region_name": name,
        "part": part_of(region),
        "share_percent": share,
        "segment": 1 if year >= 2022 else 0,
    }
    return row | other


def _share() -> pl.DataFrame:
    rows = []
    for region, (name, total18, with18, total23, with23) in STATES.items():
        for year, share, state in (
            (2018, 100 * with18 / total18, "final"),
            (2023, 100 * with23 / total23, "first_results"),
        ):
            rows.append(
                share_row(
                    "mikrozensus_states",
                    year,
                    "migration_background_wider",
                    region,
                    name,
                    share,
                    release_state=state,
                    universe="private_households",
                )
            )
    for year, share in zip(range(2011, 2025), FOREIGN_BERLIN, strict=True):
        rows.append(share_row("regional_shares", year, "foreign_nationality", "11", "Berlin", share))
    # 400 districts on a smooth made-up curve: 324 western, 75 eastern, Berlin.
    for number in range(324):
        share = round(5.7 + 26 * (number / 323) ** 1.7, 1)
        rows.append(
            share_row("regional_shares", 2024, "foreign_nationality", f"09{number:03d}", f"West {number}", share)
        )
    for number in range(75):
        share = round(3.8 + 12 * (number / 74) ** 3, 1)
        rows.append(
            share_row("regional_shares", 2024, "foreign_nationality", f"14{number:03d}", f"East {number}", share)
        )
    rows.append(share_row("regional_shares", 2024, "foreign_nationality", "11000", "Berlin", 22.5))
    return pl.DataFrame(rows, schema_overrides={"year": pl.Int32})


def _east_west() -> pl.DataFrame:
    def row(source: str, year: int, concept: str, quantity: str, estimate: float, method: str, p: float | None) -> dict:
        series = f"{source}.{year}.{concept}"
        estimand = "pooled" if method == "share" else "unweighted"
        return {
            "result_id": f"{series}.berlin_excluded.{quantity}.{estimand}.{method}",
            "series_id": series,
            "level": "state",
            "year": year,
            "source_id": source,
            "concept": concept,
            "berlin": "excluded",
            "estimand": estimand,
            "quantity": quantity,
            "method": method,
            "estimate": estimate,
            "p_value": p,
            "n_east": 5,
            "n_west": 10,
        }

    background = ("mikrozensus_states", "migration_background_wider")
    rows = [
        row(background[0], year, background[1], quantity, estimate, "share", None)
        for year, quantity, estimate in (
            (2018, "east", 7.971),
            (2018, "west", 28.436),
            (2023, "east", 11.407),
            (2023, "west", 32.516),
        )
    ]
    rows.append(row(background[0], 2018, background[1], "difference", -20.0093, "permutation", 2 / 3003))
    for year, east, west in zip(range(2011, 2025), FOREIGN_EAST, FOREIGN_WEST, strict=True):
        rows.append(row("regional_shares", year, "foreign_nationality", "east", east, "share", None))
        rows.append(row("regional_shares", year, "foreign_nationality", "west", west, "share", None))
    # A second source with fewer years must not be mixed in.
    rows.append(row("central_register", 2018, "foreign_nationality", "east", 5.0, "share", None))
    rows.append(row("central_register", 2018, "foreign_nationality", "west", 14.0, "share", None))
    return pl.DataFrame(rows, schema_overrides={"year": pl.Int32, "p_value": pl.Float64})


def _permutation() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "series_id": "mikrozensus_states.2018.migration_background_wider",
            "berlin": "excluded",
            "bin_lower": [float(lower) for lower in range(-21, 18)],
            "bin_upper": [float(lower) for lower in range(-20, 19)],
            "splits": list(SPLITS),
        },
        schema_overrides={"splits": pl.Int32},
    )


def _survey() -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "result_id": f"survey.{figure}",
                "figure_id": figure,
                "study": study,
                "indicator": indicator,
                "category": category,
                "year": "2020" if study == SVR else "2017",
                "estimate_percent": share,
                "lower_percent": lower,
                "upper_percent": upper,
                "confidence_level": 0.95 if n else None,
                "base_n": n,
                "method": "wilson" if n else "none",
            }
            for figure, study, indicator, category, share, lower, upper, n in SURVEY
        ],
        schema_overrides={"base_n": pl.Int32},
    )


def _study_figure() -> pl.DataFrame:
    rows = [
        {
            "figure_id": figure,
            "source_id": "svr_2020" if study == SVR else "other_studies",
            "study": study,
            "indicator": indicator,
            "category": category,
            "geography": geography,
            "year": year,
            "value": float(value),
            "relation": relation,
            "lower": value - 0.5,
            "upper": None if relation == ">" else value + 0.5,
            "unit": unit,
        }
        for figure, study, indicator, category, geography, year, value, relation, unit in COUNTS
    ]
    rows += [
        {
            "figure_id": figure,
            "source_id": "svr_2020" if study == SVR else "bertelsmann_2018",
            "study": study,
            "indicator": indicator,
            "category": category,
            "geography": "Germany",
            "year": "2020",
            "value": share,
            "relation": "=",
            "lower": share,
            "upper": share,
            "unit": "percent",
        }
        for figure, study, indicator, category, share, *_ in SURVEY
    ]
    return pl.DataFrame(rows).cast({name: pl.Decimal(20, 6) for name in ("value", "lower", "upper")})


def _headline() -> pl.DataFrame:
    rows = []
    for year, sense, berlin, east, west, off_east, off_west, rank in CANDIDATES:
        series = f"mikrozensus_{year}.{year}.migration_background_{sense}"
        for part, found, off, claimed, low, high in (
            ("east", east, off_east, 6.25, 100 / 16.5, 100 / 15.5),
            ("west", west, off_west, 25.0, 100 / 4.5, 100 / 3.5),
            ("germany", 22.7, 0.0, 20.0, 20.0, 25.0),
        ):
            rows.append(
                {
                    "result_id": f"headline.{part}.{series}.berlin_{berlin}",
                    "series_id": series,
                    "year": year,
                    "concept": f"migration_background_{sense}",
                    "berlin": berlin,
                    "part": part,
                    "claimed_percent": claimed,
                    "found_percent": found,
                    "lower": low,
                    "upper": high,
                    "distance_points": off,
                    "rank": rank,
                    "verdict": None,
                    "rule": "inside or outside",
                }
            )
    best = next(row for row in rows if row["rank"] == 1)
    nothing = dict.fromkeys(("part", "claimed_percent", "found_percent", "lower", "upper"))
    rows.append(
        best | nothing | {"result_id": "headline.verdict", "verdict": "wrong year", "rule": "another year fits"}
    )
    return pl.DataFrame(rows, infer_schema_length=None, schema_overrides={"year": pl.Int32, "rank": pl.Int32})


def _region() -> pl.DataFrame:
    return pl.DataFrame(
        [
            {"region_id": region, "name": name, "level": "state", "part": part_of(region)}
            for region, (name, *_) in STATES.items()
        ]
    )


def _district_model() -> pl.DataFrame:
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


def _refugee_ratio() -> pl.DataFrame:
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


def _key_deviation() -> pl.DataFrame:
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


def _multiverse() -> pl.DataFrame:
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


@pytest.fixture(scope="session")
def tables() -> dict[str, pl.DataFrame]:
    """Every table the charts read; tests that change one build a new dict."""
    return {
        "marts.share": _share(),
        "analysis.east_west": _east_west(),
        "analysis.permutation": _permutation(),
        "analysis.survey_interval": _survey(),
        "core.study_figure": _study_figure(),
        "analysis.headline_claim": _headline(),
        "analysis.district_model": _district_model(),
        "analysis.refugee_ratio": _refugee_ratio(),
        "analysis.key_deviation": _key_deviation(),
        "analysis.multiverse": _multiverse(),
        "core.region": _region(),
    }
