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
from pipeline.language import format_number, mark, of_data, t
from pipeline.release.cells import APOSTROPHE
from pipeline.report.codes import FLAGS, METHODS, word
from pipeline.report.markup import Html, data_cell

# None: an id or a code that only a program needs.
COLUMNS: dict[str, str | None] = {
    "as_far": mark("As far as observed"),
    "base_n": mark("Answers"),
    "berlin": mark("Berlin"),
    "best": mark("Of the verdict"),
    "bin_lower": mark("From, points"),
    "bin_upper": mark("To, points"),
    "category": mark("Answer"),
    "census_base": mark("Census base"),
    "claimed_percent": mark("Claimed, %"),
    "concept": mark("Concept"),
    "confidence_level": None,
    "covariates": mark("Model"),
    "definition": mark("What is counted"),
    "denominator_concept": mark("Per hundred persons of"),
    "denominator_source_id": None,
    "deviation_points": mark("Deviation, points"),
    "distance_points": mark("Distance, points"),
    "estimate_percent": mark("Share, %"),
    "estimate_points": mark("East minus West, points"),
    "estimators": mark("Estimators"),
    "figure_id": None,
    "figure_ids": None,
    "fits": mark("Fits"),
    "found_percent": mark("Found, %"),
    "geography": mark("Area"),
    "indicator": mark("Question"),
    "key_percent": mark("Key, %"),
    "key_source_id": None,
    "key_year": mark("Year of the key"),
    "level": mark("Level"),
    "lower": mark("Lower end"),
    "lower_percent": mark("Lower end, %"),
    "lower_points": mark("Lower end, points"),
    "median_percent": mark("Median, %"),
    "method": None,
    "n_east": mark("Eastern districts"),
    "n_west": mark("Western districts"),
    "national": mark("Of all Germany"),
    "numerator_date": mark("Date"),
    "numerator_source_id": None,
    "p_value": mark("p"),
    "part": mark("Part"),
    "per_hundred": mark("Protection seekers"),
    "position": mark("Place"),
    "rank": mark("Rank"),
    "reference": None,
    "region_id": None,
    "region_name": mark("Region"),
    "relation": None,
    "release_state": mark("State of the figures"),
    "result_id": None,
    "row": None,
    "segment": None,
    "series_id": None,
    "share_percent": mark("Share, %"),
    "source_id": mark("Source"),
    "splits": mark("Splits"),
    "states_east": mark("Eastern states"),
    "states_west": mark("Western states"),
    "study": mark("Study"),
    "topic": mark("Topic"),
    "universe": mark("Among"),
    "upper": mark("Upper end"),
    "upper_percent": mark("Upper end, %"),
    "upper_points": mark("Upper end, points"),
    "weights": mark("Weights"),
    "year": mark("Year"),
}
YES_NO = {"true": mark("yes"), "false": mark("no")}
LEVELS = {"state": mark("by state"), "district": mark("by district")}
WORDS: dict[str, Callable[[str], str | Html]] = {
    "as_far": lambda code: word(code, YES_NO),
    "berlin": lambda code: word(code, wording.BERLIN_WORDS),
    "best": lambda code: word(code, YES_NO),
    "category": data_cell,
    "census_base": lambda code: word(code, wording.CENSUS_WORDS),
    "concept": wording.concept,
    "covariates": wording.model,
    "definition": data_cell,
    "denominator_concept": wording.concept,
    "estimators": lambda codes: ", ".join(word(code, METHODS) for code in codes.split(";")),
    "fits": lambda code: word(code, YES_NO),
    "geography": lambda name: of_data(name)[0],
    "indicator": data_cell,
    "level": lambda code: word(code, LEVELS),
    "national": lambda code: word(code, YES_NO),
    "part": lambda code: word(code, wording.PART_WORDS),
    "region_name": lambda name: of_data(name)[0],
    "release_state": lambda code: word(code, FLAGS),
    "source_id": wording.source,
    "topic": data_cell,
    "universe": lambda code: word(code, wording.UNIVERSE_WORDS),
    "weights": lambda code: word(code, wording.WEIGHT_WORDS),
}
# What stands in the line above the drawing where it is the same in every row.
CONTEXT = frozenset({
    "berlin", "census_base", "concept", "key_year", "level", "n_east", "n_west", "numerator_date", "release_state",
    "row", "source_id", "states_east", "states_west", "study", "universe", "year",
})  # fmt: skip
AS_PRINTED = frozenset({"year", "key_year", "numerator_date"})


@dataclass(frozen=True)
class DataTable:
    """labels of the columns, cells as text (or Html with its language) row by row, and which columns hold numbers."""

    labels: tuple[str, ...]
    rows: tuple[tuple[str | Html, ...], ...]
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
        # People see the text itself; the apostrophe keeps a spreadsheet from running it as a formula.
        cells = [row[position].removeprefix(APOSTROPHE) for row in body]
        label = COLUMNS.get(column, column.replace("_", " "))
        if label is None or (column in CONTEXT and len(body) > 1 and len(set(cells)) == 1):
            continue
        columns.append((t(label) if column in COLUMNS else label, *_column(column, cells)))
    return DataTable(
        labels=tuple(label for label, _, _ in columns),
        rows=tuple(zip(*(cells for _, cells, _ in columns), strict=True)),
        numeric=tuple(is_number for _, _, is_number in columns),
    )


def _column(name: str, cells: Sequence[str]) -> tuple[list[str | Html], bool]:
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
