"""A small warehouse in which every rule of sql/checks holds, built with the contracts of sql/.

Sixteen states, four hundred districts, one series of counts in two vintages with a known error, two survey figures,
95 statements, and results that fit them. The figures are invented; `FIGURES` are the lines they would have been read
from.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.contracts import Contracts, load_contracts
from pipeline.ingest import canonical_sha256
from pipeline.warehouse import Warehouse

ROOT = Path(__file__).parents[1]
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
# A row of every table that a verdict may rest on: a figure, a statement, a city, and results of three kinds.
EVIDENCE = {
    "C001": {"support": "compared", "C002": "alternative", "Halle (Saale)": "secondary"},
    "C002": {
        "counts:v2:09:2018:foreign_nationality:persons_with": "compared",
        f"{SERIES}.berlin_excluded.east.pooled": "compared",
        f"headline.east.{SERIES}.berlin_excluded": "compared",
        "survey.support": "compared",
    },
}
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


@cache
def contracts() -> Contracts:
    """The contracts of the project, read once."""
    return load_contracts(ROOT / "sql")


def raw_text(file: str) -> str:
    """The content of a data file."""
    return "\n".join(FIGURES[file]) + "\n"


def write_raw_data(folder: Path) -> Path:
    """The files behind the figures, as they would lie under raw_data."""
    for file in FIGURES:
        (folder / file).parent.mkdir(parents=True)
        (folder / file).write_text(raw_text(file), "utf-8")
    return folder


def build_warehouse(path: Path, *, backwards: bool = False) -> Warehouse:
    """Fill every core, marts and analysis table; `backwards` puts the same rows in in the opposite order."""
    warehouse = Warehouse(path, linger_seconds=60)
    rows = _rows()
    for table in contracts().tables.values():
        if table.layer == "marts":
            warehouse.replace(table.id, ddl="", comments=table.comments, select=table.select)
            continue
        frame = pl.DataFrame(rows[table.id], infer_schema_length=None)
        frame = frame.reverse() if backwards else frame
        warehouse.replace(table.id, ddl=table.ddl, comments=table.comments, frame=frame)
    return warehouse


def _rows() -> dict[str, list[Row]]:
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
        "core.observation": [*_observations(), *_regional()],
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
        "analysis.east_west": _east_west(),
        "analysis.permutation": [
            {"series_id": SERIES, "berlin": "excluded", "bin_lower": -1, "bin_upper": 1, "splits": 3003}
        ],
        "analysis.left_out": [
            {"series_id": "counts.2017", "level": "state", "year": 2017, "regions": 15, "reason": "11 is missing"}
        ],
        "analysis.result_input": [
            {"series_id": SERIES, "observation_id": row["observation_id"]}
            for row in _observations()
            if row["vintage_id"] == "v2" and row["measure"] != "persons_without"
        ],
        "analysis.headline_claim": _headline(),
        "analysis.claim_verdict": [
            {
                "result_id": f"claim.{claim}",
                "claim_id": claim,
                "rule_kind": "figure_equals" if claim in EVIDENCE else "no_evidence",
                "verdict": "agrees" if claim in EVIDENCE else "cannot be checked",
                "sentence": "What was found",
                "claimed": "a quarter",
                "tolerance": "none",
                "reason": "why",
                "missing": None if claim in EVIDENCE else "a figure",
                "evidence_ids": ";".join(EVIDENCE.get(claim, {})),
            }
            for claim in CLAIMS
        ],
        "analysis.claim_evidence": [
            {"result_id": f"claim.{claim}", "evidence_id": row, "role": role, "figure": "a figure"}
            for claim, rows in EVIDENCE.items()
            for row, role in rows.items()
        ],
        "analysis.survey_interval": [
            {
                "result_id": "survey.support",
                "figure_id": "support",
                "study": "A study",
                "indicator": "needs",
                "estimate_percent": 64.4,
                "lower_percent": 60.9,
                "upper_percent": 67.7,
                "confidence_level": 0.95,
                "base_n": 764,
                "method": "wilson",
                "rounding_lower_percent": 60.8,
                "rounding_upper_percent": 67.8,
                "assumptions": "as_if_random",
            },
            {
                "result_id": "survey.no_funding",
                "figure_id": "no_funding",
                "study": "A study",
                "indicator": "needs",
                "estimate_percent": 37.0,
                "method": "none",
                "assumptions": "base_unknown",
            },
        ],
        "analysis.organisation_density": [
            {
                "result_id": "organisations.inhabitants",
                "comparison_id": "organisations",
                "population": "inhabitants",
                "series_id": SERIES,
                "year": 2018,
                "per_persons": 100_000,
                "lower": 14.9,
                "upper": 17.2,
                "counted_organisations": 6851,
                "extrapolated_share_lower_percent": 44.7,
                "extrapolated_share_upper_percent": 52.1,
                "figure_ids": "support",
                "observation_ids": observation_id("01", "persons_total"),
                "assumptions": "extrapolated",
            }
        ],
        "analysis.district_model": _district_model(),
        "analysis.trend": _trend(),
        "analysis.refugee_ratio": _refugee_ratio(),
        "analysis.key_deviation": [
            {
                "result_id": f"key.{quantity}",
                "comparison_id": "key",
                "source_id": "regional",
                "year": 2018,
                "key_source_id": "regional",
                "key_year": 2018,
                "region_id": "09",
                "estimand": "state",
                "quantity": quantity,
                "method": "arithmetic",
                "unit": "percent",
                "estimate": estimate,
                "n_states": 1,
                "assumptions": "",
            }
            for quantity, estimate in (("share", 12.0), ("key", 15.6), ("deviation", -3.6))
        ],
        "analysis.district_left_out": [
            {
                "comparison_id": "districts",
                "series_id": DISTRICTS,
                "year": 2018,
                "covariates": "none",
                "region_id": "09003",
                "region_name": "Region 09003",
                "reason": "not known: its share",
            }
        ],
        **_declared(),
    }


def _declared() -> dict[str, list[Row]]:
    """One row or two of each table that a declared comparison fills beside analysis.east_west."""
    result = _east_west()[0]
    return {
        "analysis.sampling_band": [
            {
                "result_id": f"{SERIES}.sampling.deff_2.01",
                "comparison_id": "foreign",
                "series_id": SERIES,
                "level": "state",
                "year": 2018,
                "source_id": "counts",
                "concept": "foreign_nationality",
                "region_id": "01",
                "sampling_fraction": 0.01,
                "design_effect": 2.0,
                "estimand": "pooled",
                "quantity": "share",
                "method": "formula",
                "unit": "percent",
                "estimate": 10.0,
                "standard_error": 1.0,
                "lower": 8.0,
                "upper": 12.0,
                "confidence_level": 0.95,
                "family": "foreign",
                "n": 10,
                "assumptions": "sampling_assumed",
            }
        ],
        "analysis.multiverse": [
            {
                **{name: result[name] for name in ("series_id", "source_id", "year", "concept", "level", "berlin")},
                "result_id": f"all_ways.{result['result_id']}",
                "comparison_id": "all_ways",
                "from_result_id": result["result_id"],
                "from_comparison_id": "foreign",
                "weights": "persons",
                "estimand": "pooled",
                "quantity": "difference",
                "method": "share",
                "unit": "percentage points",
                "estimate": -20.5,
                "family": "foreign",
                "rank": 1,
                "cumulative_share": 1.0,
                "n_east": 5,
                "n_west": 10,
                "assumptions": "",
            }
        ],
        "analysis.proportion_comparison": [
            {
                "result_id": "proportions.needs",
                "comparison_id": "needs",
                "first_figure_id": "support",
                "second_figure_id": "no_funding",
                "base_figure_ids": "",
                "first_percent": 64.4,
                "second_percent": 37.0,
                "estimand": "respondents",
                "quantity": "difference",
                "method": "bounds",
                "unit": "percentage points",
                "estimate": 27.4,
                "rounding_lower": 26.8,
                "rounding_upper": 28.0,
                "family": "needs",
                "n_first": 764,
                "incomparable": "Other respondents.",
                "assumptions": "base_unknown;not_comparable",
            }
        ],
        "analysis.organisation_ratio": [
            {
                "result_id": "organisations.ratio.inhabitants",
                "comparison_id": "organisations",
                "auxiliary": "inhabitants",
                "series_id": SERIES,
                "year": 2018,
                "counted_states": "05;09;11;14",
                "counted_organisations": 6851.0,
                "counted_persons": 4000.0,
                "all_persons": 16000.0,
                "counted_share_percent": 25.0,
                "within_published_range": False,
                "estimand": "organisations",
                "quantity": "germany",
                "method": "ratio_estimate",
                "unit": "organisations",
                "estimate": 27404.0,
                "n": 4,
                "figure_ids": "support",
                "observation_ids": observation_id("01", "persons_total"),
                "assumptions": "ratio_estimate",
            }
        ],
        "analysis.organisation_definition": [
            {
                "result_id": "organisations.definition.support",
                "comparison_id": "organisations",
                "position": 1,
                "figure_id": "support",
                "counts": "what somebody counted",
                "study": "A study",
                "relation": "=",
                "estimand": "organisations",
                "quantity": "count",
                "method": "as_published",
                "unit": "organisations",
                "estimate": 64.4,
                "assumptions": "definitions_differ",
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
        *(region(code, "district", code[:2]) for code in districts),
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


def _observations() -> list[Row]:
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
            **_observations()[-1],
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


def _district_model() -> list[Row]:
    return [
        {
            "result_id": f"districts.{covariates}.{method}",
            "comparison_id": "districts",
            "series_id": DISTRICTS,
            "source_id": "regional",
            "year": 2018,
            "census_base": "zensus_2011",
            "berlin": "excluded",
            "covariates": covariates,
            "term": "east",
            "estimand": "unweighted",
            "quantity": "difference",
            "method": method,
            "unit": "percentage points",
            "estimate": -7.0,
            "n_east": 75,
            "n_west": 324,
            "states_east": 5,
            "states_west": 10,
            "assumptions": "",
        }
        for covariates in ("none", "log_density")
        for method in ("fractional_logit_cluster", "permutation")
    ]


def _trend() -> list[Row]:
    return [
        {
            "result_id": f"trend.{method}",
            "comparison_id": "trend",
            "source_id": "counts",
            "concept": "foreign_nationality",
            "census_base": "zensus_2011",
            "first_year": 2017,
            "last_year": 2018,
            "years": 2,
            "berlin": "excluded",
            "estimand": "unweighted",
            "quantity": "slope_difference",
            "method": method,
            "unit": "percentage points per year",
            "estimate": -0.2,
            "n_east": 5,
            "n_west": 10,
            "assumptions": "",
        }
        for method in ("permutation", "ols_cluster_state_effects")
    ]


def _refugee_ratio() -> list[Row]:
    return [
        {
            "result_id": f"refugees.{quantity}",
            "comparison_id": "refugees",
            "numerator_source_id": "regional",
            "numerator_concept": "protection_seekers",
            "numerator_universe": "population_register",
            "numerator_date": "2018-12-31",
            "denominator_series_id": SERIES,
            "denominator_source_id": "counts",
            "denominator_concept": "foreign_nationality",
            "denominator_universe": "population_register",
            "denominator_reference": "2018",
            "year": 2018,
            "berlin": "excluded",
            "estimand": "pooled",
            "quantity": quantity,
            "method": "ratio_of_sums",
            "unit": "per 100 persons",
            "estimate": estimate,
            "n_east": 5,
            "n_west": 10,
            "assumptions": "",
        }
        for quantity, estimate in (("east", 37.0), ("west", 22.0), ("difference", 15.0))
    ]


def _east_west() -> list[Row]:
    found = {"east": 8.0, "west": 28.5, "germany": 25.5, "difference": -20.5}
    return [
        {
            "result_id": f"{SERIES}.berlin_{berlin}.{quantity}.{estimand}",
            "comparison_id": "foreign",
            "family": "foreign",
            "series_id": SERIES,
            "level": "state",
            "year": 2018,
            "source_id": "counts",
            "vintage_id": "v2",
            "concept": "foreign_nationality",
            "berlin": berlin,
            "estimand": estimand,
            "quantity": quantity,
            "method": "share" if estimand == "pooled" else "mean",
            "unit": "percent",
            "estimate": estimate,
            "n_east": 5 + (berlin == "in_east"),
            "n_west": 10 + (berlin == "in_west"),
            "assumptions": "",
        }
        for berlin in ("excluded", "in_east", "in_west")
        for estimand in ("pooled", "unweighted")
        for quantity, estimate in found.items()
    ]


def _headline() -> list[Row]:
    readings = [
        {
            "result_id": f"headline.{part}.{SERIES}.berlin_{berlin}",
            "series_id": SERIES,
            "part": part,
            "claim_ids": "C001",
            "rank": rank,
            "rule": "lies outside",
        }
        for rank, berlin in enumerate(("in_west", "excluded"), start=1)
        for part in ("east", "west", "germany")
    ]
    verdict = {
        "result_id": "headline.verdict",
        "series_id": SERIES,
        "claim_ids": "C001;C002",
        "rank": 1,
        "verdict": "wrong year",
        "rule": "why",
    }
    return [*readings, verdict]
