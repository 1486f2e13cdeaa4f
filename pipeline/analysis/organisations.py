"""How many migrant organisations there are, per person: an interval from an interval.

Belongs here: the density of organisations from a published range and published totals of persons, and how
much of the range is extrapolated. Not here: competing counts of organisations, which differ in definition and
are never one series.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import polars as pl

from pipeline.analysis.tables import ORGANISATION_DENSITY, STATUS_FLAGS, finish, join_flags, require_columns
from pipeline.errors import InputError

GERMANY_COLUMNS = (
    "series_id", "year", "concept", "persons_with", "persons_total",
    "with_observation_id", "total_observation_id",
)  # fmt: skip


@dataclass(frozen=True)
class Range:
    """The figure ids of one published range: its two ends, and the organisations counted that it rests on."""

    lower: str = "svr2020_organisations_lower"
    upper: str = "svr2020_organisations_upper"
    counted: str = "svr2020_organisations_counted"


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


def organisation_density(
    study_figures: pl.DataFrame, germany: pl.DataFrame, *, figures: Range | None = None
) -> pl.DataFrame:
    """ORGANISATION_DENSITY, one row a population and series.

    Args:
        study_figures: core.study_figure; figure_id, value, year, status are used. Organisations.
        germany: totals for Germany, one row a series, GERMANY_COLUMNS at least (the names of marts.share).
            Persons. Concepts migration_background_* enter with persons_with, per 10,000; the concept
            population with persons_total, per 100,000 inhabitants. Other concepts and null counts do not
            enter.
        figures: ids of the range; SVR 2020 by default.

    lower and upper are the ends of the published range over the persons: no sampling error is known, so none
    is shown. The extrapolated share is what the counted organisations leave of the range: 1 - counted / lower
    (the least) and 1 - counted / upper.

    Raises:
        InputError: a column or one of the figures is missing, or a figure has no value.
    """
    require_columns(study_figures, ("figure_id", "value", "year", "status"), "core.study_figure")
    require_columns(germany, GERMANY_COLUMNS, "the totals for Germany")
    ids = figures or Range()
    found = {row["figure_id"]: row for row in study_figures.iter_rows(named=True)}
    used = [_figure(found, figure_id) for figure_id in (ids.lower, ids.upper, ids.counted)]
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
