"""The figures of the small warehouse: sources, regions, observations, statements, and the lines they come from.

Sixteen states, four hundred districts, one series of counts in two vintages with a known error, two survey figures,
95 statements. The figures are invented; `FIGURES` are the lines they would have been read from.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pipeline.ingest import canonical_sha256

SERIES = "counts.2018.foreign_nationality"
DISTRICTS = "regional.2018.foreign_nationality.district"
RAW_FILES = {
    "counts": "counts/v2/figures.csv",
    "studies": "studies/v1/figures.csv",
    "claims": "claims/v1/figures.csv",
    "cities": "cities/v1/figures.csv",
    "regional": "regional/v1/figures.csv",
}
PERSONS = {"persons_with": 100, "persons_without": 900, "persons_total": 1000}
STATES = {
    f"{number:02d}": "berlin" if number == 11 else "east" if number > 11 else "west"  # the official codes
    for number in range(1, 17)
}
WRONG = ("09", "persons_without")  # a known error of the publisher, in both vintages
STUDIES = {"support": ("64.4", 764), "no_funding": ("37.0", None)}
# Single figures of one region each: region, measure, value, unit, concept, breakdown
REGIONAL = [
    ("09002", "share_percent", "10.4", "percent", "foreign_nationality", ""),
    ("09002", "persons_per_km2", "120.5", "persons_per_km2", "regional_structure", ""),
    ("09002", "persons_with", "50", "persons", "protection_seekers", "status=OF"),
    ("09", "key_percent", "15.6", "percent", "koenigstein_key", ""),
]
CLAIMS = [f"C{number:03d}" for number in range(1, 96)]
FIGURES = {
    RAW_FILES["counts"]: [
        "region,reference,measure,value",
        *(f"{state},2018,{measure},{value}" for state in STATES for measure, value in PERSONS.items()),
    ],
    RAW_FILES["studies"]: ["figure,value,base_n", *(f"{name},{value},{n}" for name, (value, n) in STUDIES.items())],
    RAW_FILES["claims"]: ["claim,value", *(f"{claim},a quarter" for claim in CLAIMS)],
    RAW_FILES["cities"]: ["city,part", "Halle (Saale),east"],
    RAW_FILES["regional"]: ["region,measure,value", *(",".join(row[:3]) for row in REGIONAL)],
}

Row = dict[str, Any]


def raw_text(file: str) -> str:
    """The content of a data file."""
    return "\n".join(FIGURES[file]) + "\n"


def write_raw_data(folder: Path) -> Path:
    """The files behind the figures, as they would lie under raw_data."""
    for file in FIGURES:
        (folder / file).parent.mkdir(parents=True)
        (folder / file).write_text(raw_text(file), "utf-8")
    return folder


def core_rows() -> dict[str, list[Row]]:
    """Every core table; figures of the current vintage, and an older one of Bayern."""
    return {
        "core.region": _regions(),
        "core.concept": [
            {"concept": name, "label_en": name, "label_de": name, "definition_en": name, "definition_de": name}
            for name in (
                "foreign_nationality",
                "population",
                "regional_structure",
                "protection_seekers",
                "koenigstein_key",
            )
        ],
        "core.measure": [
            {"measure": name, "unit": unit, "label_en": name, "label_de": name}
            for name, unit in (
                *((name, "persons") for name in PERSONS),
                ("share_percent", "percent"),
                ("key_percent", "percent"),
                ("persons_per_km2", "persons_per_km2"),
            )
        ],
        "core.source": [
            {
                "source_id": source,
                "kind": kind,
                "title": f"Title of {source}",
                "publisher": "Publisher",
                "current_vintage_id": RAW_FILES[source].split("/")[1],
                "vintages": 2 if source == "counts" else 1,
            }
            for source, kind in (
                ("counts", "observation"),
                ("studies", "study_figure"),
                ("claims", "claim"),
                ("cities", "network_city"),
                ("regional", "observation"),
            )
        ],
        "core.vintage": [_vintage("counts", "v1", 1), *(_vintage(*file.split("/")[:2], 2) for file in FIGURES)],
        "core.caveat": [
            {"source_id": "counts", "vintage_id": "v2", "kind": "doubt", "position": 1, "text": "typed from a page"}
        ],
        "core.correction": [
            {
                "correction_id": "bayern_2018",
                "source_id": "counts",
                "title": "The figure of Bayern is too low",
                "reason": "The state office prints another",
                "told": "Publisher",
                "told_on": "2019-01-31",
                "status": "acknowledged",
                "action": "flag",
                "vintages": "v1 v2",
                "figures": 1,
            }
        ],
        "core.observation": [*observations(), *_regional()],
        "core.study_figure": [
            {
                "figure_id": name,
                "source_id": "studies",
                "vintage_id": "v1",
                "study": "A study",
                "indicator": "needs",
                "value": value,
                "value_printed": value,
                "relation": "=",
                "unit": "percent",
                "base_n": base_n,
                "status": "published",
                "raw_file": RAW_FILES["studies"],
                "raw_line": line,
            }
            for line, (name, (value, base_n)) in enumerate(STUDIES.items(), start=2)
        ],
        "core.claim": [
            {
                "claim_id": claim,
                "statement": "A statement",
                "value_printed": "a quarter",
                "relation": "text",
                "section": "1",
                "type": "share",
                "checkable": "yes",
                "raw_file": RAW_FILES["claims"],
                "raw_line": line,
            }
            for line, claim in enumerate(CLAIMS, start=2)
        ],
        "core.network_city": [
            {
                "city": "Halle (Saale)",
                "part": "east",
                "source": "a page",
                "confidence": "quoted",
                "raw_file": RAW_FILES["cities"],
                "raw_line": 2,
            }
        ],
    }


def observation_id(state: str, measure: str, *, vintage: str = "v2") -> str:
    """The id of a figure of the series."""
    return f"counts:{vintage}:{state}:2018:foreign_nationality:{measure}"


def _regions() -> list[Row]:
    """Germany, the states, 400 districts of today and a dissolved one; Berlin is one district."""

    def region(code: str, level: str, state: str | None, **more: Any) -> Row:
        part = STATES[state] if state else None
        named = {"region_id": code, "name": f"Region {code}", "level": level, "state_id": state, "part": part}
        return {**named, "raw_file": "regions/v1/figures.csv", "raw_line": 2, **more}

    others = [state for state in STATES if state != "11"]
    districts = ["11000", *(f"{others[n % 15]}{n // 15 + 1:03d}" for n in range(399))]
    return [
        region("DE", "country", None, valid_to=None),
        *(region(state, "state", state) for state in STATES),
        *(region(code, "district", code[:2]) for code in districts if code != "15001"),
        # the city of the networks
        region("15001", "district", "15", name="Halle (Saale), kreisfreie Stadt"),
        region("03152", "district", "03", valid_to="2016-10-31"),
    ]


def _vintage(source: str, vintage: str, order: int) -> Row:
    file = f"{source}/{vintage}/figures.csv"
    return {
        "source_id": source,
        "vintage_id": vintage,
        "vintage_order": order,
        "in_use": True,
        "title": f"Title of {source}",
        "publisher": "Publisher",
        "layout": "tidy",
        "licence_id": "dl-de/by-2-0",
        "licence_title": "Datenlizenz Deutschland",
        "licence_evidence": "stated",
        "attribution": "© Publisher",
        "obtained_how": "secondary page",
        "data_rows": len(FIGURES.get(file, [1, 2])) - 1,
        "content_sha256": canonical_sha256(raw_text(file).encode()) if file in FIGURES else "0" * 64,
    }


def observations() -> list[Row]:
    """All states in the current vintage; of Bayern, 09, an older one as well."""
    cells = [(state, measure) for state in STATES for measure in PERSONS]
    return [
        {
            "observation_id": observation_id(state, measure, vintage=vintage),
            "source_id": "counts",
            "vintage_id": vintage,
            "region_id": state,
            "reference": "2018",
            "reference_date": "2018-12-31",
            "reference_kind": "year_end",
            "year": 2018,
            "concept": "foreign_nationality",
            "universe": "population_register",
            "release_state": "first_results" if vintage == "v1" else "final",
            "census_base": "zensus_2011",
            "measure": measure,
            "breakdown": "",
            "value": PERSONS[measure],
            "lower": PERSONS[measure],
            "upper": PERSONS[measure],
            "marker": "",
            "unit": "persons",
            "status": "published",
            "raw_file": f"counts/{vintage}/figures.csv",
            "raw_line": line,
            "raw_position": 5,
            "correction_id": "bayern_2018" if (state, measure) == WRONG else None,
        }
        for vintage in ("v1", "v2")
        for line, (state, measure) in enumerate(cells, start=2)
        if vintage == "v2" or state == "09"
    ]


def _regional() -> list[Row]:
    return [
        {
            **observations()[-1],
            "observation_id": regional_id(region, measure),
            "source_id": "regional",
            "vintage_id": "v1",
            "region_id": region,
            "concept": concept,
            "measure": measure,
            "breakdown": breakdown,
            "value": value,
            "lower": value,
            "upper": value,
            "unit": unit,
            "raw_file": RAW_FILES["regional"],
            "raw_line": line,
            "correction_id": None,
        }
        for line, (region, measure, value, unit, concept, breakdown) in enumerate(REGIONAL, start=2)
    ]


def regional_id(region: str, measure: str) -> str:
    """The id of a figure of REGIONAL."""
    return f"regional:v1:{region}:2018:{measure}"
