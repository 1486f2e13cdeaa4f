"""What the gap depends on: all declared ways to state it, and how far each choice moves it.

Belongs here: words and rows on analysis.multiverse. Not here: the chart (pipeline.charts.specification_curve).
"""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from pipeline.charts import wording
from pipeline.errors import InputError
from pipeline.language import mark, t
from pipeline.report.findings import SIGNIFICANT, sign
from pipeline.report.lens import counted
from pipeline.report.markup import Html, Markdown, compose, escape_markdown

if TYPE_CHECKING:
    from pipeline.report.page import Page

TABLE = "analysis.multiverse"
ESTIMATORS = {
    "share": mark("all persons together"),
    "permutation": mark("exact permutation"),
    "welch": mark("Welch"),
    "ols_hc3": mark("OLS with HC3"),
    "ols_cluster": mark("OLS clustered by state"),
}
LEVELS = {"state": mark("by state"), "district": mark("by district")}
# What can be chosen, by the column that holds the choice: its words, and those words as a heading of the table.
CHOICES = {
    "concept": (mark("what is counted"), mark("What is counted")),
    "source_id": (mark("the source"), mark("The source")),
    "berlin": (mark("the place of Berlin"), mark("The place of Berlin")),
    "weights": (mark("the weights"), mark("The weights")),
    "level": (mark("the level"), mark("The level")),
    "method": (mark("the estimator"), mark("The estimator")),
}
NO_CHOICE = mark("the figures alone")


@dataclass(frozen=True)
class Option:
    """One option of a choice: its words and the result ids of the lowest and the highest gap under it."""

    words: str
    lowest: str
    highest: str
    middle: float


def heading(page: Page) -> Markdown:
    """Heading from the sign of all gaps, and the choice that moves them most."""
    gaps = _rows(page)["estimate"]
    signs = {sign(gap) for gap in gaps.to_list()}
    if signs == {-1}:
        text = t("Every way to count puts the East below; how far depends on {choice}", choice=_leading(page))
    elif signs == {1}:
        text = t("Every way to count puts the East above; how far depends on {choice}", choice=_leading(page))
    else:
        text = t("Even the sign of the gap depends on {choice}", choice=_leading(page))
    return Markdown(escape_markdown(text))


def sentence(page: Page) -> Html:
    """How many ways there are, the range of their gaps, how many tests find none, and the choice that matters most."""
    rows = _rows(page)
    first, last = rows.row(0, named=True), rows.row(-1, named=True)
    tested = rows.filter(pl.col("p_value").is_not_null())
    quiet = tested.filter(pl.col("p_value") >= SIGNIFICANT)
    in_east = quiet.filter(berlin="in_east").height
    numbers = {
        "tests": counted(tested["result_id"].to_list(), TABLE, where="p_value is not null"),
        "not_apart": counted(quiet["result_id"].to_list(), TABLE),
    }
    if quiet.is_empty():
        silent = compose("Every test among them tells East and West apart.")
    elif in_east == quiet.height:
        silent = compose(
            "Of their {tests} tests {not_apart} do not tell East and West apart, all with Berlin in the East.",
            **numbers,
        )
    else:
        silent = compose("Of their {tests} tests {not_apart} do not tell East and West apart.", **numbers)
    column, options = max(_choices(page).items(), key=lambda item: _spread(item[1]))
    low, high = min(options, key=lambda option: option.middle), max(options, key=lambda option: option.middle)
    return compose(
        "Source, year, concept, level, place of Berlin, weights and estimator can be chosen in {n} declared ways. "
        "Their gaps run from {lowest} ({low_words}) to {highest} ({high_words}). {silent} The choice that moves the "
        "gap most is {choice}: under “{one}” it runs from {a} to {b}, under “{other}” from {c} to {d}.",
        n=page.number(last["result_id"], "rank", digits=0, unit="number"),
        lowest=page.number(first["result_id"], unit="percentage points"),
        highest=page.number(last["result_id"], unit="percentage points"),
        low_words=_words(first),
        high_words=_words(last),
        silent=silent,
        choice=t(CHOICES[column][0]),
        one=low.words,
        other=high.words,
        a=page.number(low.lowest, unit=""),
        b=page.number(low.highest, unit=""),
        c=page.number(high.lowest, unit=""),
        d=page.number(high.highest, unit=""),
    )


def table(page: Page) -> Html:
    """One row an option of each choice: the lowest and the highest gap under it, whatever else is chosen."""
    rows, groups = [], []
    for column, options in _choices(page).items():
        for option in options:
            groups.append(t(CHOICES[column][1]))
            rows.append(
                {
                    t("Chosen"): option.words,
                    t("Lowest gap"): page.number(option.lowest, unit=""),
                    t("Highest gap"): page.number(option.highest, unit=""),
                }
            )
    return page.table(
        "choices",
        rows,
        groups=groups,
        shown=t(
            "East minus West in percentage points: the lowest and the highest gap under each choice, all others varied"
        ),
    )


def _rows(page: Page) -> pl.DataFrame:
    rows = page.rows(TABLE).sort("rank")
    if rows.is_empty():
        raise InputError("no way to state the gap", key=TABLE, remedy="declare a multiverse")
    return rows


def _choices(page: Page) -> dict[str, list[Option]]:
    """Every choice, by its column, with its options; an option that all gaps share is no choice."""
    rows = _rows(page)
    words: dict[str, Callable[[str], str]] = {
        "concept": wording.concept,
        "source_id": wording.source,
        "berlin": lambda code: _of(wording.BERLIN_WORDS, code),
        "weights": lambda code: _of(wording.WEIGHT_WORDS, code),
        "level": lambda code: _of(LEVELS, code),
        "method": lambda code: _of(ESTIMATORS, code),
    }
    found: dict[str, list[Option]] = {}
    for column in CHOICES:
        codes = rows[column].unique().to_list()
        named = rows.with_columns(words=pl.col(column).replace_strict({code: words[column](code) for code in codes}))
        options = [
            Option(
                str(text), part["result_id"][0], part["result_id"][-1], statistics.median(part["estimate"].to_list())
            )
            for (text,), part in named.group_by("words", maintain_order=True)
        ]
        if len(options) > 1:
            found[column] = options
    return found


def _of(names: dict[str, str], code: str) -> str:
    return t(names[code]) if code in names else code.replace("_", " ")


def _spread(options: list[Option]) -> float:
    middles = [option.middle for option in options]
    return max(middles) - min(middles)


def _leading(page: Page) -> str:
    """The choice between whose options the middle gaps lie furthest apart; nothing to choose is the figures."""
    choices = _choices(page)
    return t(CHOICES[max(choices, key=lambda column: _spread(choices[column]))][0] if choices else NO_CHOICE)


def _words(row: dict) -> str:
    return f"{wording.concept(row['concept'])}, {row['year']}, {_of(wording.BERLIN_WORDS, row['berlin'])}"
