"""The results of the small warehouse: a few rows of every analysis table, made of the figures of small_figures."""

from __future__ import annotations

from small_figures import CLAIMS, DISTRICTS, SERIES, Row, observation_id, observations

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
# The declared comparisons and their kinds.
COMPARISONS = {"foreign": "east_west", "all_ways": "multiverse", "needs": "proportions", "published": "survey"}
COMPARISONS |= {name: name for name in ("organisations", "districts", "trend", "refugees", "key")} | {
    "stated": "headline"
}


def result_rows() -> dict[str, list[Row]]:
    """Every analysis table, each row one that its checks let pass."""
    return {
        "analysis.east_west": _east_west(),
        "analysis.permutation": [
            {"series_id": SERIES, "berlin": "excluded", "bin_lower": -1, "bin_upper": 1, "splits": 3003}
        ],
        "analysis.left_out": [
            {"series_id": "counts.2017", "level": "state", "year": 2017, "regions": 15, "reason": "11 is missing"}
        ],
        "analysis.result_input": [
            {"series_id": SERIES, "observation_id": row["observation_id"]}
            for row in observations()
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
                "sentence_de": "Was gefunden wurde",
                "claimed": "a quarter",
                "claimed_de": "ein Viertel",
                "tolerance": "none",
                "tolerance_de": "keine",
                "reason": "why",
                "reason_de": "warum",
                "missing": None if claim in EVIDENCE else "a figure",
                "missing_de": None if claim in EVIDENCE else "eine Zahl",
                "evidence_ids": ";".join(EVIDENCE.get(claim, {})),
            }
            for claim in CLAIMS
        ],
        "analysis.claim_evidence": [
            {
                "result_id": f"claim.{claim}",
                "evidence_id": row,
                "role": role,
                "figure": "a figure",
                "figure_de": "eine Zahl",
            }
            for claim, rows in EVIDENCE.items()
            for row, role in rows.items()
        ],
        "analysis.survey_interval": [
            {
                "result_id": "survey.support",
                "comparison_id": "published",
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
                "comparison_id": "published",
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
        "analysis.comparison": [
            {"comparison_id": name, "position": row, "kind": kind, "question": "Why?", "declared": "{}", "results": 1}
            for row, (name, kind) in enumerate(COMPARISONS.items(), start=1)
        ],
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
            "segment": 0,
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
            "comparison_id": "stated",
            "series_id": SERIES,
            "part": part,
            "claim_ids": "C001",
            "rank": rank,
            "rule": "lies outside",
            "rule_de": "liegt außerhalb",
        }
        for rank, berlin in enumerate(("in_west", "excluded"), start=1)
        for part in ("east", "west", "germany")
    ]
    verdict = {
        "result_id": "headline.verdict",
        "comparison_id": "stated",
        "series_id": SERIES,
        "claim_ids": "C001;C002",
        "rank": 1,
        "verdict": "wrong year",
        "rule": "why",
        "rule_de": "warum",
    }
    return [*readings, verdict]
