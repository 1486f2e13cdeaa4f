"""The shape of every result table: columns, dtypes, keys, flags, and the one rounding on exit.

Belongs here: what all result tables share. Not here: any statistic.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl

from pipeline.errors import InputError

SIGNIFICANT_DIGITS = 10
CONFIDENCE_LEVEL = 0.95
BERLIN_VARIANTS = ("excluded", "in_east", "in_west")

Schema = dict[str, pl.DataType]

_S, _F, _I = pl.String(), pl.Float64(), pl.Int32()

# What every estimate of a comparison says, in this order.
_TESTED: Schema = {
    "estimand": _S,
    "quantity": _S,
    "method": _S,
    "unit": _S,
    "estimate": _F,
    "lower": _F,
    "upper": _F,
    "confidence_level": _F,
    "p_value": _F,
    "family": _S,
    "p_adjusted": _F,
}

EAST_WEST: Schema = {
    "result_id": _S,
    "comparison_id": _S,
    "series_id": _S,
    "level": _S,
    "year": _I,
    "source_id": _S,
    "vintage_id": _S,
    "concept": _S,
    "berlin": _S,
    "state_left_out": _S,
    **_TESTED,
    "margin_points": _F,
    "minimum_detectable_points": _F,
    "n_east": _I,
    "n_west": _I,
    "assumptions": _S,
}
PERMUTATION: Schema = {"series_id": _S, "berlin": _S, "bin_lower": _F, "bin_upper": _F, "splits": _I}
LEFT_OUT: Schema = {"series_id": _S, "level": _S, "year": _I, "regions": _I, "reason": _S}
RESULT_INPUT: Schema = {"series_id": _S, "observation_id": _S}
SURVEY_INTERVAL: Schema = {
    "result_id": _S,
    "comparison_id": _S,
    "figure_id": _S,
    "study": _S,
    "indicator": _S,
    "category": _S,
    "year": _S,
    "estimate_percent": _F,
    "lower_percent": _F,
    "upper_percent": _F,
    "confidence_level": _F,
    "base_n": _I,
    "method": _S,
    "rounding_lower_percent": _F,
    "rounding_upper_percent": _F,
    "assumptions": _S,
}
ORGANISATION_DENSITY: Schema = {
    "result_id": _S,
    "comparison_id": _S,
    "population": _S,
    "series_id": _S,
    "year": _I,
    "per_persons": _I,
    "lower": _F,
    "upper": _F,
    "counted_organisations": _F,
    "extrapolated_share_lower_percent": _F,
    "extrapolated_share_upper_percent": _F,
    "figure_ids": _S,
    "observation_ids": _S,
    "assumptions": _S,
}
HEADLINE_CLAIM: Schema = {
    "result_id": _S,
    "comparison_id": _S,
    "series_id": _S,
    "year": _I,
    "concept": _S,
    "berlin": _S,
    "part": _S,
    "claim_ids": _S,
    "claimed_percent": _F,
    "found_percent": _F,
    "lower": _F,
    "upper": _F,
    "distance_points": _F,
    "ratio_one_in": _F,
    "rank": _I,
    "verdict": _S,
    "rule": _S,
    "rule_de": _S,
}
CLAIM_VERDICT: Schema = {
    "result_id": _S,
    "claim_id": _S,
    "rule_kind": _S,
    "verdict": _S,
    "sentence": _S,
    "sentence_de": _S,
    "claimed": _S,
    "claimed_de": _S,
    "found": _S,
    "found_de": _S,
    "found_lower": _F,
    "found_upper": _F,
    "distance": _F,
    "distance_unit": _S,
    "tolerance": _S,
    "tolerance_de": _S,
    "reason": _S,
    "reason_de": _S,
    "missing": _S,
    "missing_de": _S,
    "evidence_ids": _S,
}
CLAIM_EVIDENCE: Schema = {"result_id": _S, "evidence_id": _S, "role": _S, "figure": _S, "figure_de": _S}
SAMPLING_BAND: Schema = {
    "result_id": _S,
    "comparison_id": _S,
    "series_id": _S,
    "level": _S,
    "year": _I,
    "source_id": _S,
    "concept": _S,
    "region_id": _S,
    "berlin": _S,
    "sampling_fraction": _F,
    "design_effect": _F,
    "seed": pl.Int64(),
    "draws": _I,
    "regions_unknown": _I,
    "estimand": _S,
    "quantity": _S,
    "method": _S,
    "unit": _S,
    "estimate": _F,
    "standard_error": _F,
    "lower": _F,
    "upper": _F,
    "confidence_level": _F,
    "p_value": _F,
    "family": _S,
    "p_adjusted": _F,
    "n": _I,
    "assumptions": _S,
}
PROPORTION_COMPARISON: Schema = {
    "result_id": _S,
    "comparison_id": _S,
    "first_figure_id": _S,
    "second_figure_id": _S,
    "base_figure_ids": _S,
    "first_percent": _F,
    "second_percent": _F,
    "estimand": _S,
    "quantity": _S,
    "method": _S,
    "unit": _S,
    "estimate": _F,
    "lower": _F,
    "upper": _F,
    "confidence_level": _F,
    "rounding_lower": _F,
    "rounding_upper": _F,
    "p_value": _F,
    "family": _S,
    "p_adjusted": _F,
    "n_first": _I,
    "n_second": _I,
    "incomparable": _S,
    "assumptions": _S,
}
ORGANISATION_RATIO: Schema = {
    "result_id": _S,
    "comparison_id": _S,
    "auxiliary": _S,
    "series_id": _S,
    "year": _I,
    "counted_states": _S,
    "counted_organisations": _F,
    "counted_persons": _F,
    "all_persons": _F,
    "counted_share_percent": _F,
    "within_published_range": pl.Boolean(),
    **_TESTED,
    "n": _I,
    "figure_ids": _S,
    "observation_ids": _S,
    "assumptions": _S,
}
ORGANISATION_DEFINITION: Schema = {
    "result_id": _S,
    "comparison_id": _S,
    "position": _I,
    "figure_id": _S,
    "counts": _S,
    "study": _S,
    "geography": _S,
    "year": _S,
    "relation": _S,
    **_TESTED,
    "n": _I,
    "assumptions": _S,
}
MULTIVERSE: Schema = {
    "result_id": _S,
    "comparison_id": _S,
    "from_result_id": _S,
    "from_comparison_id": _S,
    "series_id": _S,
    "source_id": _S,
    "year": _I,
    "concept": _S,
    "level": _S,
    "berlin": _S,
    "weights": _S,
    **_TESTED,
    "rank": _I,
    "cumulative_share": _F,
    "n_east": _I,
    "n_west": _I,
    "assumptions": _S,
}
DISTRICT_MODEL: Schema = {
    "result_id": _S,
    "comparison_id": _S,
    "series_id": _S,
    "source_id": _S,
    "year": _I,
    "census_base": _S,
    "berlin": _S,
    "covariates": _S,
    "term": _S,
    **_TESTED,
    "n_east": _I,
    "n_west": _I,
    "states_east": _I,
    "states_west": _I,
    "assumptions": _S,
}
DISTRICT_LEFT_OUT: Schema = {
    "comparison_id": _S,
    "series_id": _S,
    "year": _I,
    "covariates": _S,
    "region_id": _S,
    "region_name": _S,
    "reason": _S,
}
TREND: Schema = {
    "result_id": _S,
    "comparison_id": _S,
    "source_id": _S,
    "concept": _S,
    "segment": _I,
    "census_base": _S,
    "first_year": _I,
    "last_year": _I,
    "years": _I,
    "berlin": _S,
    **_TESTED,
    "n_east": _I,
    "n_west": _I,
    "assumptions": _S,
}
REFUGEE_RATIO: Schema = {
    "result_id": _S,
    "comparison_id": _S,
    "numerator_source_id": _S,
    "numerator_concept": _S,
    "numerator_universe": _S,
    "numerator_date": pl.Date(),
    "denominator_series_id": _S,
    "denominator_source_id": _S,
    "denominator_concept": _S,
    "denominator_universe": _S,
    "denominator_reference": _S,
    "year": _I,
    "region_id": _S,
    "berlin": _S,
    **_TESTED,
    "n_east": _I,
    "n_west": _I,
    "assumptions": _S,
}
KEY_DEVIATION: Schema = {
    "result_id": _S,
    "comparison_id": _S,
    "source_id": _S,
    "year": _I,
    "key_source_id": _S,
    "key_year": _I,
    "region_id": _S,
    "berlin": _S,
    **_TESTED,
    "rank": _I,
    "n_states": _I,
    "assumptions": _S,
}
COMPARISON: Schema = {
    "comparison_id": _S,
    "position": _I,
    "kind": _S,
    "question": _S,
    "headline": _S,
    "family": _S,
    "declared": _S,
    "results": _I,
}

# Every flag that may stand in a column `assumptions`, in the order in which flags are joined, and what it
# tells the reader.
FLAGS: dict[str, str] = {
    "states_are_the_population": "The sixteen states are all there are: interval and p read as if the labels "
    "East and West had been drawn at random.",
    "as_if_random": "The interval holds only if the respondents were a simple random sample; they are not.",
    "districts_within_states": "Districts of one state resemble each other, so they are not independent "
    "observations; no interval is taken from their number.",
    "clustered_by_state": "Standard error clustered by few states: the permutation of states goes first.",
    "sum_of_regions": "Germany is put together from its regions; the publisher's own total can differ.",
    "population_weighted": "Printed shares weighted with persons of another table: counts are missing.",
    "mixed_universe": "Numerator and denominator come from two tables.",
    "rounded_inputs": "The figures are rounded by the publisher or by the page that quotes them.",
    "secondary_figures": "Figures typed from a page that quotes the publisher.",
    "inferred": "Something about the figures was concluded, not printed.",
    "derived": "The figures were computed by the page or the publisher from other figures.",
    "first_results": "First results of the publisher; final ones may differ.",
    "base_unknown": "The number of respondents is not known as an exact figure: no interval is possible.",
    "approximate_value": "The figure is printed as approximate.",
    "bound_only": "The figure is printed as a bound, not as a value.",
    "not_a_single_value": "The figure is printed as a range, a list or in words.",
    "extrapolated": "The study extrapolated the number from the organisations counted in four states.",
    "years_differ": "Organisations and persons were counted in different years.",
    "margin_declared": "Equivalence is held against a margin of the declaration, whose reason stands there.",
    "no_overlap": "No eastern state reaches into the western ones or the reverse: the method gives no interval.",
    "range_without_one_state": "The interval is the lowest and the highest difference with one state left out, no "
    "interval of confidence.",
    "sampling_assumed": "The publisher gives no standard error by state: the design effect is assumed.",
    "worst_case": "Regions without a figure stand at the lowest and at the highest share there can be.",
    "base_is_a_bound": "Only the least number of respondents is known: with more, the interval would be narrower.",
    "not_comparable": "The two figures differ in more than the respondents; see what makes them incomparable.",
    "ratio_estimate": "Assumes that there are as many organisations per person elsewhere as in the states counted.",
    "definitions_differ": "Counts of different things: they are no series in time and no range of one number.",
    "regions_missing": "Some districts are left out because something about them is not known; they are listed.",
    "covariates_describe": "Covariates describe the districts as they are; what follows from the difference between "
    "East and West may be among them, so nothing is an effect.",
    "covariates_of_other_years": "Some covariates hold for the year before or after.",
    "residualised_labels": "What the covariates leave of the states is taken as exchangeable between states; that is "
    "approximate where covariates differ between East and West.",
    "neighbours_unknown": "Which districts are neighbours is not in the data.",
    "straight_line": "The slope of a straight line through all years; years that rose faster or slower are averaged.",
    "years_missing": "Years in which a share is not known for some state are left out.",
    "sums_of_rounded_cells": "Summed from cells rounded to 5, the smallest ones away: below the published totals.",
    "universes_differ": "Numerator and denominator count in different universes, so the quotient is not a share.",
    "dates_differ": "Numerator and denominator hold for different dates.",
    "no_denominator": "The denominator is not known for all states in this year.",
    "key_is_for_arrivals": "The key distributes arrivals; the figures count everybody here by then.",
    "key_of_another_year": "The key of the year is not known; the latest one before it is used.",
}

# What the status of a figure (see core.observation and core.study_figure) means for a result made from it.
STATUS_FLAGS = {"secondary": "secondary_figures", "inferred": "inferred", "derived": "derived"}


def join_flags(flags: Iterable[str]) -> str:
    """The flags, each once, in the order of FLAGS, joined by ';'. An unknown flag is a bug: KeyError."""
    given = set(flags)
    if unknown := given - FLAGS.keys():
        raise KeyError(f"flags without words: {sorted(unknown)}")
    return ";".join(flag for flag in FLAGS if flag in given)


def require_columns(frame: pl.DataFrame, columns: Sequence[str], name: str) -> None:
    """Raise InputError naming the table and the columns of `columns` that `frame` lacks."""
    missing = [column for column in columns if column not in frame.columns]
    if missing:
        raise InputError(
            f"the table {name} lacks {', '.join(missing)}",
            key=missing[0],
            remedy=f"add the column to the SELECT or the transformation that makes {name}",
        )


def finish(rows: Iterable[Mapping[str, Any]], schema: Schema, *, key: Sequence[str]) -> pl.DataFrame:
    """The one way out of this package: exact columns, dtypes, order, and numbers of 10 significant digits.

    Args:
        rows: one mapping a row; a column of `schema` that a row lacks becomes null.
        schema: columns and dtypes in their order.
        key: the columns that identify a row; rows leave sorted as they came.

    A float that is not finite (no variance in a group, a share of nothing) leaves as null: a database and a
    reader take NaN for a number. A repeated or null key is a bug and raises ValueError.
    """
    frame = pl.DataFrame(list(rows), schema=schema, orient="row")
    floats = [name for name, dtype in schema.items() if dtype == pl.Float64]
    frame = frame.with_columns(
        pl.when(pl.col(name).is_finite()).then(pl.col(name).round_sig_figs(SIGNIFICANT_DIGITS)).alias(name)
        for name in floats
    )
    if frame.select(pl.struct(key).is_duplicated().any()).item():
        raise ValueError(f"key {tuple(key)} repeated: {frame.filter(pl.struct(key).is_duplicated())}")
    if frame.select(pl.any_horizontal(pl.col(key).is_null().any())).item():
        raise ValueError(f"key {tuple(key)} holds a null")
    return frame
