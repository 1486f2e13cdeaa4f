"""A release with what the sheets of three states read: an eastern one, a western one, a city state."""

import datetime as dt
import json
from pathlib import Path

import polars as pl

from pipeline.release.read import ROW_IDS

STATES = {"10": ("Saarland", "west"), "11": ("Berlin", "berlin"), "14": ("Sachsen", "east")}
SHARES = {"10": (12.0, 15.1), "11": (20.0, 22.5), "14": (6.9, 8.1), "east": (6.5, 7.6), "west": (14.7, 15.7)}
GROUPS = ("east", "west", "germany")
CONCEPTS = ("foreign_nationality", "migration_background_wider", "immigration_history", "protection_seekers")
DISTRICTS = {"14612": ("Dresden, kreisfreie Stadt", 11.7), "14521": ("Erzgebirgskreis", 3.8)}
SOURCES = ("states", "districts", "seekers", "keys", "cities")


def _series(source: str, year: int, concept: str, universe: str, shares: dict[str, float]) -> tuple[list, list]:
    """Rows of marts.region_share and of analysis.east_west for one series of states."""
    series = f"{source}.{year}.{concept}"
    own = [
        {
            "share_id": f"{series}.{code}",
            "series_id": series,
            "source_id": source,
            "vintage_id": "v1",
            "year": year,
            "reference": str(year),
            "reference_date": dt.date(year, 12, 31),
            "concept": concept,
            "universe": universe,
            "release_state": "first_results" if universe == "private_households" else "final",
            "census_base": "zensus_2022",
            "segment": int(year > 2021),
            "level": "state",
            "region_id": code,
            "region_name": name,
            "state_id": code,
            "part": part,
            "share_percent": shares[code],
            "rank_first": place if concept == "foreign_nationality" else None,
            "rank_last": place if concept == "foreign_nationality" else None,
            "regions": 3,
            "regions_in_state": 1,
            "status": "published",
        }
        for place, (code, (name, part)) in enumerate(STATES.items(), start=1)
    ]
    pooled = [
        {
            "result_id": f"{series}.{who}",
            "series_id": series,
            "source_id": source,
            "level": "state",
            "year": year,
            "concept": concept,
            "berlin": "excluded",
            "estimand": "pooled",
            "quantity": who,
            "method": "share",
            "estimate": shares.get(who, 14.0),
            "assumptions": "",
        }
        for who in GROUPS
    ]
    return own, pooled


def build(
    folder: Path,
    *,
    district: str = "Leipzig, Landkreis",
    many: int = 0,
    falling: bool = False,
    without: tuple[str, ...] = (),
) -> Path:
    """Write the release.

    Args:
        folder: where to.
        district: the name of a district of Sachsen.
        many: so many more districts of Sachsen, with long names.
        falling: the shares of foreign nationals fall.
        without: tables that hold no row.
    """
    last = -1 if falling else 1
    shares: list[dict] = []
    pooled: list[dict] = []
    for year, step in ((2020, -2.0), (2021, -1.0), (2022, 0.0), (2024, 1.0)):
        at = {who: first + (second - first) * step * last for who, (first, second) in SHARES.items()}
        one, groups = _series("states", year, "foreign_nationality", "population_register", at)
        shares, pooled = shares + one, pooled + groups
    for concept, universe in (("migration_background_wider", "private_households"), ("immigration_history", "zensus")):
        one, groups = _series("states", 2023, concept, universe, {who: second for who, (_, second) in SHARES.items()})
        shares, pooled = shares + one, pooled + groups
    places = {**DISTRICTS, "14729": (district, 4.7), "10044": ("Saarlouis, Landkreis", 13.1), "11000": ("Berlin", 22.5)}
    places |= {f"14{n:03d}": (f"Neustadt a.d.Aisch-Bad Windsheim {n}, Landkreis", 5 + n / 10) for n in range(many)}
    shares += [
        shares[0]
        | {
            "share_id": f"districts.2024.{code}",
            "series_id": "districts.2024",
            "source_id": "districts",
            "year": 2024,
            "reference_date": dt.date(2024, 12, 31),
            "level": "district",
            "region_id": code,
            "region_name": name,
            "state_id": code[:2],
            "share_percent": share,
            "regions": len(places),
            "regions_in_state": sum(other[:2] == code[:2] for other in places),
        }
        for code, (name, share) in places.items()
    ]
    deviations = [
        {
            "result_id": f"key.{code}.{quantity}",
            "year": 2024,
            "key_year": 2020,
            "key_source_id": "keys",
            "region_id": code,
            "berlin": None,
            "estimand": "state",
            "quantity": quantity,
            "estimate": value,
            "lower": value - 0.02 if quantity == "deviation" else None,
            "upper": value + 0.02 if quantity == "deviation" else None,
            "assumptions": "derived",
        }
        for code, (share, key) in {"10": (1.65, 1.19), "11": (6.0, 6.0), "14": (4.18, 4.95)}.items()
        for quantity, value in (("share", share), ("key", key), ("deviation", share - key))
    ]
    deviations += [
        deviations[2] | {"result_id": f"key.{who}", "region_id": None, "berlin": "excluded", "estimand": who}
        for who in ("east", "west")
    ]
    ratios = [
        {
            "result_id": f"ratio.{who}",
            "denominator_concept": "foreign_nationality",
            "year": 2024,
            "region_id": who if who in STATES else None,
            "berlin": None if who in STATES or who == "germany" else "excluded",
            "estimand": "pooled",
            "quantity": "state" if who in STATES else who,
            "estimate": value,
            "assumptions": "derived",
        }
        for who, value in {"10": 33.0, "11": 25.0, "14": 37.8, "east": 38.6, "west": 22.2, "germany": 23.3}.items()
    ]
    tables = {
        "marts.region_share": pl.DataFrame(shares, infer_schema_length=None),
        "analysis.east_west": pl.DataFrame(pooled, infer_schema_length=None),
        "marts.state_protection_seekers": pl.DataFrame(
            [
                {
                    "count_id": f"seekers.2024.{code}",
                    "source_id": "seekers",
                    "vintage_id": "v1",
                    "year": 2024,
                    "reference_date": dt.date(2024, 12, 31),
                    "concept": "protection_seekers",
                    "region_id": code,
                    "persons": 54_160.0,
                    "districts_with_row": 1,
                    "districts": 6 if code == "10" else 1,
                    "status": "derived",
                }
                for code in STATES
            ]
        ),
        "analysis.key_deviation": pl.DataFrame(deviations, infer_schema_length=None),
        "analysis.refugee_ratio": pl.DataFrame(ratios, infer_schema_length=None),
        "analysis.sampling_band": pl.DataFrame(
            {
                "result_id": ["band.14"],
                "series_id": ["states.2023.migration_background_wider"],
                "region_id": ["14"],
                "quantity": ["share"],
                "design_effect": [2.0],
                "lower": [7.7],
                "upper": [8.5],
                "assumptions": ["sampling_assumed"],
            }
        ),
        "marts.network_state": pl.DataFrame(
            {
                "city": ["Dresden", "Leipzig"],
                "state_id": ["14", "14"],
                "samofa_partner": [True, True],
                "bv_nemo_member_may_2019": [True, None],
                "partner_named": ["Weltclub e.V.", None],
            }
        ),
        "core.concept": pl.DataFrame(
            [
                {"concept": one, "label_en": one, "label_de": one, "definition_en": "A.", "definition_de": "B."}
                for one in CONCEPTS
            ]
        ),
        "core.region": pl.DataFrame(
            [
                {"region_id": code, "name": name, "level": level, "state_id": code[:2], "part": part, "valid_to": None}
                for level, known in (("state", STATES), ("district", places))
                for code, (name, part) in known.items()
            ],
            schema_overrides={"part": pl.String, "valid_to": pl.Date},
            strict=False,
        ),
        "core.source": pl.DataFrame(
            {
                "source_id": SOURCES,
                "current_vintage_id": ["v1"] * 5,
                "kind": [*["observation"] * 4, "network_city"],
            }
        ),
        "core.vintage": pl.DataFrame(
            [
                {
                    "source_id": source,
                    "vintage_id": "v1",
                    "vintage_order": 1,
                    "title": source,
                    "attribution": f"© {source}",
                    "licence_id": "dl-de/by-2-0",
                    "licence_title": "Datenlizenz",
                    "licence_url": "https://www.govdata.de/dl-de/by-2-0",
                }
                for source in SOURCES
            ]
        ),
        "core.caveat": pl.DataFrame(
            [
                {"source_id": "states", "vintage_id": "v1", "kind": "break", "position": 1, "since": "2022",
                 "text": "a new base"},
                {"source_id": "states", "vintage_id": "v1", "kind": "break", "position": 2, "since": "2011",
                 "text": "an old base"},
                {"source_id": "seekers", "vintage_id": "v1", "kind": "doubt", "position": 1, "since": None,
                 "text": "Saarlouis holds all; Niedersachsen and Sachsen-Anhalt are complete."},
            ]
        ),
        "core.observation": pl.DataFrame(
            {
                "observation_id": ["o1"],
                "source_id": ["seekers"],
                "vintage_id": ["v1"],
                "region_id": ["10044"],
                "correction_id": ["saarlouis"],
            }
        ),
        "core.correction": pl.DataFrame({"correction_id": ["saarlouis"], "title": ["Too many in Saarlouis."]}),
    }  # fmt: skip
    for table in without:
        tables[table] = tables[table].clear()
    for table, column in ROW_IDS.items():
        tables.setdefault(table, pl.DataFrame(schema={column: pl.String}))
    for name, frame in tables.items():
        file = folder / f"{name.replace('.', '/')}.parquet"
        file.parent.mkdir(parents=True, exist_ok=True)
        frame.write_parquet(file)
    (folder / "manifest.json").write_text(json.dumps({"release_id": "test-release", "tables": {}}), "utf-8")
    return folder
