"""The data behind a chart as a table for people: which columns, under which words, in which format.

Belongs here: the words of the columns and codes of the charts' CSV files. Not here: the CSV itself, which keeps every
column under its own name, and HTML (figures.py).

A column of ids, and one that says the same in every row, stays in the CSV alone: what is drawn and when stands in the
line above the drawing. A column without words is shown under its own name, so that nothing is lost unseen.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pipeline.charts import wording
from pipeline.errors import InputError
from pipeline.report.markup import format_number

# None: an id or a code that only a program needs.
COLUMNS: dict[str, str | None] = {
    "as_far": "As far as observed",
    "base_n": "Answers",
    "berlin": "Berlin",
    "best": "Of the verdict",
    "bin_lower": "From, points",
    "bin_upper": "To, points",
    "category": "Answer",
    "census_base": "Census base",
    "claimed_percent": "Claimed, %",
    "concept": "Concept",
    "confidence_level": None,
    "covariates": "Model",
    "definition": "What is counted",
    "denominator_concept": "Per hundred persons of",
    "denominator_source_id": None,
    "deviation_points": "Deviation, points",
    "distance_points": "Distance, points",
    "estimate_percent": "Share, %",
    "estimate_points": "East minus West, points",
    "estimators": "Estimators",
    "figure_id": None,
    "figure_ids": None,
    "fits": "Fits",
    "found_percent": "Found, %",
    "geography": "Area",
    "indicator": "Question",
    "key_percent": "Key, %",
    "key_source_id": None,
    "key_year": "Year of the key",
    "level": "Level",
    "lower": "Lower end",
    "lower_percent": "Lower end, %",
    "lower_points": "Lower end, points",
    "median_percent": "Median, %",
    "method": None,
    "n_east": "Eastern districts",
    "n_west": "Western districts",
    "national": "Of all Germany",
    "numerator_date": "Date",
    "numerator_source_id": None,
    "p_value": "p",
    "part": "Part",
    "per_hundred": "Protection seekers",
    "position": "Place",
    "rank": "Rank",
    "reference": None,
    "region_id": None,
    "region_name": "Region",
    "relation": None,
    "release_state": "State of the figures",
    "result_id": None,
    "row": None,
    "segment": None,
    "series_id": None,
    "share_percent": "Share, %",
    "source_id": "Source",
    "splits": "Splits",
    "states_east": "Eastern states",
    "states_west": "Western states",
    "study": "Study",
    "topic": "Topic",
    "universe": "Among",
    "upper": "Upper end",
    "upper_percent": "Upper end, %",
    "upper_points": "Upper end, points",
    "weights": "Weights",
    "year": "Year",
}
WORDS: dict[str, Callable[[str], str]] = {
    "as_far": {"true": "yes", "false": "no"}.__getitem__,
    "berlin": lambda code: wording.BERLIN_WORDS.get(code, code),
    "best": {"true": "yes", "false": "no"}.__getitem__,
    "census_base": lambda code: wording.CENSUS_WORDS.get(code, code),
    "concept": wording.concept,
    "covariates": wording.model,
    "denominator_concept": wording.concept,
    "estimators": lambda codes: codes.replace("_", " ").replace(";", ", "),
    "fits": {"true": "yes", "false": "no"}.__getitem__,
    "national": {"true": "yes", "false": "no"}.__getitem__,
    "part": lambda code: wording.PART_WORDS.get(code, code),
    "release_state": lambda code: code.replace("_", " "),
    "source_id": wording.source,
    "universe": lambda code: wording.UNIVERSE_WORDS.get(code, code),
    "weights": lambda code: wording.WEIGHT_WORDS.get(code, code),
}
# What stands in the line above the drawing where it is the same in every row.
CONTEXT = frozenset({
    "berlin", "census_base", "concept", "key_year", "level", "n_east", "n_west", "numerator_date", "release_state",
    "row", "source_id", "states_east", "states_west", "study", "universe", "year",
})  # fmt: skip
AS_PRINTED = frozenset({"year", "key_year", "numerator_date"})


@dataclass(frozen=True)
class DataTable:
    """labels of the columns, cells as text row by row, and which columns hold numbers."""

    labels: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[bool, ...]


def readable(text: str, *, name: str) -> DataTable:
    """The CSV `text` behind the chart `name` as a table for people.

    Raises:
        InputError: the CSV holds no line.
    """
    lines = list(csv.reader(io.StringIO(text)))
    if not lines:
        raise InputError("the data behind the chart are empty", file=f"charts/{name}.csv", remedy="run `mo run`")
    head, body = lines[0], lines[1:]
    columns = []
    for position, column in enumerate(head):
        cells = [row[position] for row in body]
        label = COLUMNS.get(column, column.replace("_", " "))
        if label is None or (column in CONTEXT and len(body) > 1 and len(set(cells)) == 1):
            continue
        columns.append((label, *_column(column, cells)))
    return DataTable(
        labels=tuple(label for label, _, _ in columns),
        rows=tuple(zip(*(cells for _, cells, _ in columns), strict=True)),
        numeric=tuple(is_number for _, _, is_number in columns),
    )


def _column(name: str, cells: Sequence[str]) -> tuple[list[str], bool]:
    """The cells as people read them, and whether they are numbers."""
    if name in AS_PRINTED:
        return list(cells), False
    if name in WORDS:
        return [WORDS[name](cell) if cell else "" for cell in cells], False
    values = [_number(cell) for cell in cells]
    if all(value is None for value in values) or any(
        value is None and cell for value, cell in zip(values, cells, strict=True)
    ):
        return list(cells), False
    if name == "p_value":
        return ["" if value is None else p_text(value) for value in values], True
    whole = all(value is None or value.is_integer() for value in values)
    digits = 0 if whole and not name.endswith(("_percent", "_points")) else 1
    return ["" if value is None else format_number(value, digits) for value in values], True


def p_text(value: float) -> str:
    """A p value with four digits, or that it is below what four digits can show."""
    return f"< {format_number(0.0001, 4)}" if value < 0.0001 else format_number(value, 4)


def _number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None
