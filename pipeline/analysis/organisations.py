"""How many migrant organisations there are, per person: an interval from an interval, and what it leans on.

Belongs here: the density of organisations from a published range and published totals of persons, how much of the
range is extrapolated, what the extrapolation gives by another population, and what others counted. Not here: a series
in time of these counts, which differ in definition and are none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import polars as pl

from pipeline.analysis.comparisons import Auxiliary, Organisations
from pipeline.analysis.tables import (
    ORGANISATION_DEFINITION,
    ORGANISATION_DENSITY,
    ORGANISATION_RATIO,
    STATUS_FLAGS,
    finish,
    join_flags,
    require_columns,
)
from pipeline.errors import InputError

GERMANY_COLUMNS = (
    "series_id", "year", "concept", "persons_with", "persons_total",
    "with_observation_id", "total_observation_id",
)  # fmt: skip


@dataclass(frozen=True)
class Population:
    """A population to set organisations against: its concepts, which of the two counts, per how many."""

    name: str
    concept_pattern: str
    persons: str
    observation: str
    per_persons: int


POPULATIONS = (
    Population(
        name="persons_with_migration_background",
        concept_pattern=r"migration_background_",
        persons="persons_with",
        observation="with_observation_id",
        per_persons=10_000,
    ),
    Population(
        name="inhabitants",
        concept_pattern=r"population$",
        persons="persons_total",
        observation="total_observation_id",
        per_persons=100_000,
    ),
)


def organisation_density(study_figures: pl.DataFrame, germany: pl.DataFrame, entry: Organisations) -> pl.DataFrame:
    """ORGANISATION_DENSITY, one row a population and series.

    Args:
        study_figures: core.study_figure; figure_id, value, year, status are used. Organisations.
        germany: totals for Germany, one row a series, GERMANY_COLUMNS at least (the names of marts.share).
            Persons. Concepts migration_background_* enter with persons_with, per 10,000; the concept
            population with persons_total, per 100,000 inhabitants. Other concepts and null counts do not
            enter.
        entry: the declared range and the count it rests on.

    lower and upper are the ends of the published range over the persons: no sampling error is known, so none
    is shown. The extrapolated share is what the counted organisations leave of the range: 1 - counted / lower
    (the least) and 1 - counted / upper.

    Raises:
        InputError: a column or one of the figures is missing, or a figure has no value.
    """
    require_columns(study_figures, ("figure_id", "value", "year", "status"), "core.study_figure")
    require_columns(germany, GERMANY_COLUMNS, "the totals for Germany")
    found = {row["figure_id"]: row for row in study_figures.iter_rows(named=True)}
    used = [_figure(found, figure_id) for figure_id in (entry.lower, entry.upper, entry.counted)]
    lower, upper, counted = (float(row["value"]) for row in used)
    flags = {"extrapolated"} | {STATUS_FLAGS[row["status"]] for row in used if row["status"] in STATUS_FLAGS}
    rows: list[dict[str, Any]] = []
    for population in POPULATIONS:
        for series in germany.sort("year", "series_id").iter_rows(named=True):
            persons = series[population.persons]
            if persons is None or not re.match(population.concept_pattern, series["concept"]):
                continue
            same_year = all(_first_year(row["year"]) == series["year"] for row in used)
            rows.append(
                {
                    "result_id": f"organisations.{population.name}.{series['series_id']}",
                    "comparison_id": entry.id,
                    "population": population.name,
                    "series_id": series["series_id"],
                    "year": series["year"],
                    "per_persons": population.per_persons,
                    "lower": population.per_persons * lower / float(persons),
                    "upper": population.per_persons * upper / float(persons),
                    "counted_organisations": counted,
                    "extrapolated_share_lower_percent": 100 * (1 - counted / lower),
                    "extrapolated_share_upper_percent": 100 * (1 - counted / upper),
                    "figure_ids": ";".join(row["figure_id"] for row in used),
                    "observation_ids": series[population.observation],
                    "assumptions": join_flags(flags if same_year else flags | {"years_differ"}),
                }
            )
    return finish(rows, ORGANISATION_DENSITY, key=["result_id"])


def organisation_ratio(study_figures: pl.DataFrame, share: pl.DataFrame, entry: Organisations) -> pl.DataFrame:
    """ORGANISATION_RATIO: the number of organisations in Germany by each declared auxiliary population.

    Args:
        study_figures: core.study_figure; figure_id, value, year, status are used.
        share: marts.share; the series of the auxiliaries, all sixteen states of each.
        entry: the declared count, the states it comes from, and the auxiliaries.

    The ratio estimate (Cochran 1977, Sampling Techniques, chapter 6): organisations counted over the persons of the
    states counted, times the persons of all states. It has no interval: four states were chosen, not drawn.
    within_published_range says whether the range of the study holds it.

    Raises:
        InputError: a figure has no value, or a series of an auxiliary is missing or incomplete.
    """
    found = {row["figure_id"]: row for row in study_figures.iter_rows(named=True)}
    used = [_figure(found, figure_id) for figure_id in (entry.counted, entry.lower, entry.upper)]
    counted, lower, upper = (float(row["value"]) for row in used)
    flags = {"ratio_estimate", "extrapolated"}
    flags |= {STATUS_FLAGS[row["status"]] for row in used if row["status"] in STATUS_FLAGS}
    rows = []
    for auxiliary in entry.auxiliaries:
        persons = _persons(share, auxiliary, entry)
        in_counted = persons.filter(pl.col("region_id").is_in(entry.counted_states))[auxiliary.persons]
        counted_persons, total = float(in_counted.sum()), float(persons[auxiliary.persons].sum())
        estimate = counted * total / counted_persons
        year = persons["year"][0]
        observation = "with_observation_id" if auxiliary.persons == "persons_with" else "total_observation_id"
        same_year = all(_first_year(row["year"]) == year for row in used)
        rows.append(
            {
                "result_id": f"organisations.ratio.{auxiliary.name.replace(' ', '_')}",
                "comparison_id": entry.id,
                "auxiliary": auxiliary.name,
                "series_id": auxiliary.series,
                "year": year,
                "counted_states": ";".join(entry.counted_states),
                "counted_organisations": counted,
                "counted_persons": counted_persons,
                "all_persons": total,
                "counted_share_percent": 100 * counted_persons / total,
                "within_published_range": lower <= estimate <= upper,
                "estimand": "organisations",
                "quantity": "germany",
                "method": "ratio_estimate",
                "unit": "organisations",
                "estimate": estimate,
                "n": len(entry.counted_states),
                "figure_ids": ";".join(row["figure_id"] for row in used),
                "observation_ids": ";".join(persons[observation]),
                "assumptions": join_flags(flags if same_year else flags | {"years_differ"}),
            }
        )
    return finish(rows, ORGANISATION_RATIO, key=["result_id"])


def organisation_definitions(study_figures: pl.DataFrame, entry: Organisations) -> pl.DataFrame:
    """ORGANISATION_DEFINITION: the declared counts in their order, each with what it counts.

    Args:
        study_figures: core.study_figure; figure_id, study, geography, year, value, relation, unit, status are used.
        entry: the declared figures and, in words, what each of them counts.

    lower and upper are null where a value is printed, and the printed bound where a bound is printed.

    Raises:
        InputError: a figure is missing or has no value.
    """
    found = {row["figure_id"]: row for row in study_figures.iter_rows(named=True)}
    rows = []
    for position, definition in enumerate(entry.definitions, start=1):
        figure = _figure(found, definition.figure)
        flags = {"definitions_differ"}
        if figure["status"] in STATUS_FLAGS:
            flags.add(STATUS_FLAGS[figure["status"]])
        bound = figure["relation"] in ("<", ">")
        if bound:
            flags.add("bound_only")
        rows.append(
            {
                **{name: figure[name] for name in ("study", "geography", "year", "relation", "unit")},
                "result_id": f"organisations.definition.{definition.figure}",
                "comparison_id": entry.id,
                "position": position,
                "figure_id": definition.figure,
                "counts": definition.counts,
                "estimand": "organisations",
                "quantity": "count",
                "method": "as_published",
                "estimate": None if bound else float(figure["value"]),
                "lower": float(figure["value"]) if figure["relation"] == ">" else None,
                "upper": float(figure["value"]) if figure["relation"] == "<" else None,
                "assumptions": join_flags(flags),
            }
        )
    return finish(rows, ORGANISATION_DEFINITION, key=["result_id"])


def _persons(share: pl.DataFrame, auxiliary: Auxiliary, entry: Organisations) -> pl.DataFrame:
    persons = share.filter(pl.col("series_id") == auxiliary.series).sort("region_id")
    if persons.height != 16 or persons[auxiliary.persons].null_count():
        raise InputError(
            f"the comparison {entry.id} is refused: the series {auxiliary.series} does not have {auxiliary.persons} "
            "for all sixteen states",
            key="auxiliaries",
            remedy="name a complete series of marts.share by state",
        )
    if unknown := set(entry.counted_states) - set(persons["region_id"]):
        raise InputError(
            f"the comparison {entry.id} is refused: there is no state {', '.join(sorted(unknown))}",
            key="counted_states",
            remedy='name region ids of states, in quotes: "05"',
        )
    return persons


def _figure(found: dict[str, dict[str, Any]], figure_id: str) -> dict[str, Any]:
    figure = found.get(figure_id)
    if figure is None or figure["value"] is None:
        raise InputError(
            f"the study figure {figure_id} {'is missing' if figure is None else 'has no single value'}",
            key=figure_id,
            remedy="add it to the study figures in raw_data, or name the figure to be used instead",
        )
    return figure


def _first_year(text: str | None) -> int | None:
    match = re.search(r"\d{4}", text or "")
    return int(match.group()) if match else None
