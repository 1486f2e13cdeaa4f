"""Small frames of shares on real figures: 16 states typed from the publishers' tables, districts on a made-up curve.

Belongs here: marts.share, analysis.east_west, analysis.permutation, core.region. Not here: assertions.
"""

from __future__ import annotations

import polars as pl

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


def share() -> pl.DataFrame:
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


def east_west() -> pl.DataFrame:
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


def permutation() -> pl.DataFrame:
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


def region() -> pl.DataFrame:
    return pl.DataFrame(
        [
            {"region_id": region, "name": name, "level": "state", "part": part_of(region)}
            for region, (name, *_) in STATES.items()
        ]
    )
