"""Rows of the release on districts, years, protection seekers, specifications, organisations and pairs of "
"percentages."""

import datetime as dt

import polars as pl

VARIANTS = ("excluded", "in_east", "in_west")
STATED = "mikrozensus_states.2018.migration_background_wider"
MODELS = (("none", -7.0), ("log_density", -5.3), ("log_density;log_income;log_gdp;unemployment", -4.8))
SOURCE = "mikrozensus_states"
TESTED = {"permutation": 0.0007, "welch": 0.00002, "ols_hc3": 0.00001, "fractional_logit": 0.0001}


def tables(*, flipped: bool = False, text: str = "Plain words") -> dict[str, pl.DataFrame]:
    """The tables of this module by name; `flipped` turns every difference round."""
    sign = -1.0 if flipped else 1.0
    frames = {
        "analysis.district_model": _district_models(sign),
        "analysis.district_left_out": [
            {"year": year, "region_name": f"{name}, Landkreis", "reason": f"not known: its share {text}"}
            for year in (2011, 2012)
            for name in ("Göttingen", "Eisenach")
        ],
        "analysis.trend": _trends(sign),
        "analysis.refugee_ratio": _refugees(sign),
        "analysis.key_deviation": _key(sign),
        "analysis.multiverse": _multiverse(sign),
        "analysis.sampling_band": _bands(sign),
        "analysis.organisation_ratio": [
            {
                "result_id": f"organisations.ratio.{name.replace(' ', '_')}", "auxiliary": f"{name} {text}",
                "year": 2018, "estimate": estimate, "counted_share_percent": 48.6,
                "within_published_range": estimate < 14300, "method": "ratio_estimate", "assumptions": "ratio_estimate",
            }
            for name, estimate in (("inhabitants", 14684.6), ("foreign nationals", 13572.1))
        ],
        "analysis.organisation_definition": [
            {
                "result_id": f"organisations.definition.{position}", "position": position, "counts": f"counted: {text}",
                "study": text, "geography": "BY+NW", "year": "2019", "relation": relation, "method": "as_published",
                "estimate": None if relation == ">" else 12400.0, "lower": 17500.0 if relation == ">" else None,
                "upper": None, "assumptions": "definitions_differ",
            }
            for position, relation in enumerate(("=", ">", "~"))
        ],
        "analysis.proportion_comparison": [
            {
                "result_id": f"proportions.{name}", "first_figure_id": "svr2020_organisations_lower",
                "second_figure_id": "svr2020_organisations_upper", "first_percent": 41.0, "second_percent": 72.0,
                "estimate": -31.0 * sign, "lower": -31.0 * sign - 4 if p else None,
                "upper": -31.0 * sign + 4 if p else None, "p_value": p, "p_adjusted": p, "incomparable": text,
                "method": "newcombe" if p else "bounds", "assumptions": "not_comparable",
            }
            for name, p in (("tested", 0.9 if flipped else 0.00001), ("untested", None))
        ],
    }  # fmt: skip
    return {name: pl.DataFrame(rows, infer_schema_length=None) for name, rows in frames.items()}


def methods(sign: float) -> list[dict]:
    """What analysis.east_west holds of the stated series besides shares: every declared method, Berlin in "
    "three places."""
    rows = []
    for berlin in VARIANTS:
        gap = -20.0 * sign
        kinds = [
            ("difference", "pooled", "permutation", gap, None),
            ("odds_ratio", "pooled", "fractional_logit", 0.22, 0.1),
            ("odds_ratio", "unweighted", "fractional_logit", 0.22, 0.1),
            ("difference_without_state", "pooled", "leave_one_out", gap, 1.0),
            ("difference_without_state", "unweighted", "leave_one_out", gap, 1.0),
            ("hedges_g", "unweighted", "hedges_g", -3.7 * sign, 1.5),
            ("above", "unweighted", "brunner_munzel", 0.0, None),
            ("difference", "unweighted", "equivalence", gap, 3.0),
        ]
        for quantity, estimand, method, estimate, half in kinds:
            unsure = method == "fractional_logit" and estimand == "pooled" and berlin == "in_east"
            p = 0.0859 if unsure else 1.0 if method == "equivalence" else TESTED.get(method)
            rows.append(
                {
                    "result_id": f"{STATED}.berlin_{berlin}.{quantity}.{estimand}.{method}", "series_id": STATED,
                    "level": "state", "year": 2018, "source_id": SOURCE, "vintage_id": "v1",
                    "concept": "migration_background_wider", "berlin": berlin, "quantity": quantity,
                    "estimand": estimand, "method": method, "unit": "percentage points", "estimate": estimate,
                    "lower": None if half is None else estimate - half,
                    "upper": None if half is None else estimate + half,
                    "confidence_level": 0.9 if method == "equivalence" else 0.95, "p_value": p,
                    "margin_points": 2.5 if method == "equivalence" else None,
                    "minimum_detectable_points": 11.8 if unsure else None, "n_east": 5, "n_west": 10,
                    "assumptions": "states_are_the_population",
                }
            )  # fmt: skip
    return rows


def _district_models(sign: float) -> list[dict]:
    rows = []
    place = {
        "series_id": "s", "source_id": SOURCE, "year": 2022, "census_base": "zensus_2022", "estimand": "unweighted",
        "n_east": 75, "n_west": 324, "states_east": 5, "states_west": 10, "assumptions": "states_are_the_population",
    }  # fmt: skip

    def add(covariates, berlin, term, quantity, method, estimate, half=None, p=None):
        rows.append(
            place
            | {
                "result_id": f"districts.{covariates}.{berlin}.{term}.{quantity}.{method}", "covariates": covariates,
                "berlin": berlin, "term": term, "quantity": quantity, "method": method, "estimate": estimate,
                "lower": None if half is None else estimate - half, "upper": None if half is None else estimate + half,
                "p_value": p,
            }
        )  # fmt: skip

    for covariates, gap in MODELS:
        exact = "permutation" if covariates == "none" else "permutation_residualised"
        for berlin in VARIANTS:
            # Turned round, the fullest model no longer tells East and West apart.
            half = 9.0 if sign < 0 and ";" in covariates else 1.8
            add(covariates, berlin, "east", "difference", "fractional_logit_cluster", gap * sign, half, 0.00001)
            add(covariates, berlin, "east", "difference", exact, gap * sign, None, 0.0007)
            add(covariates, berlin, "east", "odds_ratio", "fractional_logit_cluster", 0.5, 0.1, 0.00001)
            add(covariates, berlin, "residuals", "morans_i", "not_computed", None)
        for name in covariates.split(";"):
            if name != "none":
                add(covariates, "excluded", name, "odds_ratio", "fractional_logit_cluster", 1.4, 0.1, 0.01)
    for method in ("anova", "reml"):
        for quantity, value in (("icc", 0.47 if sign > 0 else 0.1), ("icc_within_parts", 0.19),
                                ("variance_between", 18.7), ("variance_within", 21.0)):  # fmt: skip
            add("none", "excluded", "state", quantity, method, value)
    return rows


def _trends(sign: float) -> list[dict]:
    rows = []
    for first, last, points in ((2011, 2021, -0.19), (2022, 2024, 0.01)):
        for unit, gap in (("percentage points per year", points), ("log odds per year", 0.061)):
            for berlin in VARIANTS:
                p = 0.9 if abs(gap) < 0.05 or (berlin == "in_east" and gap == points) else 0.0007
                found = [
                    ("slope_east", "mean", 0.5 + gap * sign, 0.05, None),
                    ("slope_west", "mean", 0.5, 0.05, None),
                    *(
                        ("slope_difference", method, gap * sign, 0.02 if "ols" in method else None, p)
                        for method in ("permutation", "ols_cluster_state_effects", "wild_cluster_rademacher",
                                       "wild_cluster_webb")
                    ),
                ]  # fmt: skip
                if unit.startswith("percentage"):
                    found += [
                        ("change_east", "mean", 4.0 + gap * sign, 0.5, None),
                        ("change_west", "mean", 4.0, 0.5, None),
                        ("change_difference", "permutation", gap * sign, None, p),
                        ("change_difference", "welch", gap * sign, 0.4, p),
                        ("change_difference", "equivalence", gap * sign, 0.4, 0.5),
                        ("slope_difference", "tost_cluster", gap * sign, 0.4, 0.5),
                    ]
                for quantity, method, estimate, half, p_value in found:
                    rows.append(
                        {
                            "result_id": f"trend.{first}.{unit}.{berlin}.{quantity}.{method}", "source_id": SOURCE,
                            "concept": "foreign_nationality", "census_base": "zensus_2011", "first_year": first,
                            "last_year": last, "years": last - first + 1, "berlin": berlin, "quantity": quantity,
                            "method": method, "unit": unit, "estimate": estimate,
                            "lower": None if half is None else estimate - half,
                            "upper": None if half is None else estimate + half, "p_value": p_value,
                            "assumptions": "straight_line",
                        }
                    )  # fmt: skip
    return rows


def _refugees(sign: float) -> list[dict]:
    rows = []
    place = {"numerator_source_id": SOURCE, "assumptions": "dates_differ"}
    east = {"excluded": 38.6, "in_east": 29.5, "in_west": 38.6}
    west = 22.2
    if sign < 0:
        east, west = {"excluded": 58.6, "in_east": 59.5, "in_west": 58.6}, 72.2
    for concept, year in (("foreign_nationality", 2024), ("migration_background_wider", 2023)):
        place |= {"denominator_series_id": f"{concept}.{year}", "numerator_date": dt.date(year, 12, 31)}
        for berlin in VARIANTS:
            for estimand in ("pooled", "unweighted"):
                p = 0.12 if berlin == "in_east" and concept == "foreign_nationality" else 0.0007
                for quantity, estimate, method in (
                    ("east", east[berlin], "ratio_of_sums"), ("west", west, "ratio_of_sums"),
                    ("difference", east[berlin] - west, "permutation"), ("ratio", east[berlin] / west, "quotient"),
                ):  # fmt: skip
                    rows.append(
                        place
                        | {
                            "result_id": f"refugees.{concept}.{berlin}.{estimand}.{quantity}", "year": year,
                            "denominator_concept": concept, "berlin": berlin, "estimand": estimand,
                            "quantity": quantity, "method": method, "estimate": estimate,
                            "p_value": p if method == "permutation" else None,
                        }
                    )  # fmt: skip
    rows.append(
        place
        | {
            "result_id": "refugees.none", "year": 2024, "denominator_concept": "migration_background_wider",
            "berlin": None, "estimand": "pooled", "quantity": "not_computed", "method": "none", "estimate": None,
            "p_value": None,
        }
    )  # fmt: skip
    return rows


def _key(sign: float) -> list[dict]:
    rows = []
    for estimand, berlin, quantity, estimate in (
        *((part, berlin, name, value) for part, side in (("east", -1), ("west", 1)) for berlin in VARIANTS
          for name, value in (("share", 12.7), ("key", 15.2), ("deviation", 2.5 * side * sign))),
        ("germany", None, "distance", 7.9), ("germany", None, "persons_to_move", 259021.0),
    ):  # fmt: skip
        rows.append(
            {
                "result_id": f"key.{estimand}.{berlin}.{quantity}", "source_id": SOURCE, "year": 2024,
                "key_year": 2020, "estimand": estimand, "berlin": berlin, "quantity": quantity, "estimate": estimate,
                "lower": None if quantity == "share" else estimate - 0.4,
                "upper": None if quantity == "share" else estimate + 0.4, "method": "arithmetic",
                "assumptions": "key_of_another_year",
            }
        )  # fmt: skip
    return rows


def _multiverse(sign: float) -> list[dict]:
    found = [
        {
            "result_id": f"gap.{concept}.{berlin}.{weights}.{method}", "source_id": SOURCE, "year": 2018,
            "concept": concept, "level": "state", "berlin": berlin, "weights": weights, "method": method,
            "estimate": sign * (base + shift), "p_value": p, "assumptions": "",
        }
        for concept, base in (("migration_background_wider", -20.0), ("foreign_nationality", -8.0))
        for berlin, shift in (("excluded", 0.0), ("in_east", 2.0))
        for weights in ("persons", "none")
        for method, p in (("permutation", 0.2 if berlin == "in_east" else 0.001), ("share", None))
    ]  # fmt: skip
    found.sort(key=lambda row: row["estimate"])
    return [row | {"rank": rank} for rank, row in enumerate(found, start=1)]


def _bands(sign: float) -> list[dict]:
    rows = [
        {
            "result_id": f"{STATED}.sampling.deff_{effect:g}.{quantity}", "series_id": STATED, "year": 2018,
            "source_id": SOURCE, "berlin": "excluded", "design_effect": effect, "quantity": quantity,
            "method": "monte_carlo", "estimate": estimate, "lower": estimate - effect / 10,
            "upper": estimate + effect / 10, "assumptions": "sampling_assumed",
        }
        for effect in (1.0, 2.0, 4.0)
        for quantity, estimate in (("east", 8.0), ("west", 28.4), ("difference", -20.4 * sign))
    ]  # fmt: skip
    return rows + [
        {
            "result_id": f"bounds.{year}", "series_id": "d", "year": year, "source_id": SOURCE, "berlin": "excluded",
            "design_effect": None, "quantity": "difference", "method": "bounds", "estimate": None, "lower": -6.3,
            "upper": -4.4, "assumptions": "worst_case",
        }
        for year in (2011, 2015)
    ]  # fmt: skip
