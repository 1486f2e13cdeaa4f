"""What the gap depends on: all declared ways to state it, and how far each choice moves it.

Belongs here: words and rows on analysis.multiverse. Not here: the chart (pipeline.charts.specification_curve).
"""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from pipeline.charts import wording
from pipeline.errors import InputError
from pipeline.report.findings import SIGNIFICANT, sign
from pipeline.report.markup import Html, Markdown, compose, escape_markdown, format_number

if TYPE_CHECKING:
    from pipeline.report.page import Page

ESTIMATORS = {
    "share": "all persons together",
    "permutation": "exact permutation",
    "welch": "Welch",
    "ols_hc3": "OLS with HC3",
    "ols_cluster": "OLS clustered by state",
}


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
        text = f"Every way to count puts the East below; how far depends on {_leading(page)}"
    elif signs == {1}:
        text = f"Every way to count puts the East above; how far depends on {_leading(page)}"
    else:
        text = f"Even the sign of the gap depends on {_leading(page)}"
    return Markdown(escape_markdown(text))


def sentence(page: Page) -> Html:
    """How many ways there are, the range of their gaps, how many tests find none, and the choice that matters most."""
    rows = _rows(page)
    first, last = rows.row(0, named=True), rows.row(-1, named=True)
    tested = rows.filter(pl.col("p_value").is_not_null())
    quiet = tested.filter(pl.col("p_value") >= SIGNIFICANT)
    in_east = quiet.filter(berlin="in_east").height
    where = ", all with Berlin in the East" if quiet.height and in_east == quiet.height else ""
    silent = (
        "Every test among them tells East and West apart."
        if quiet.is_empty()
        else f"Of their {format_number(tested.height, 0)} tests {format_number(quiet.height, 0)} do not tell East and "
        "West "
        f"apart{where}."
    )
    choice, options = max(_choices(page).items(), key=lambda item: _spread(item[1]))
    low, high = min(options, key=lambda option: option.middle), max(options, key=lambda option: option.middle)
    return compose(
        "Source, year, concept, level, place of Berlin, weights and estimator can be chosen in {n} declared "
        "ways. Their "
        "gaps run from {lowest} ({low_words}) to {highest} ({high_words}). {silent} The choice that moves the "
        "gap most is "
        "{choice}: under “{one}” it runs from {a} to {b}, under “{other}” from {c} to {d}.",
        n=page.number(last["result_id"], "rank", digits=0, unit="number"),
        lowest=page.number(first["result_id"], unit="percentage points"),
        highest=page.number(last["result_id"], unit="percentage points"),
        low_words=_words(first),
        high_words=_words(last),
        silent=silent,
        choice=choice,
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
    for choice, options in _choices(page).items():
        for option in options:
            groups.append(choice[:1].upper() + choice[1:])
            rows.append(
                {
                    "Chosen": option.words,
                    "Lowest gap": page.number(option.lowest, unit=""),
                    "Highest gap": page.number(option.highest, unit=""),
                }
            )
    return page.table(
        "choices",
        rows,
        groups=groups,
        shown="East minus West in percentage points: the lowest and the highest gap under each choice, all "
        "others varied",
    )


def _rows(page: Page) -> pl.DataFrame:
    rows = page.rows("analysis.multiverse").sort("rank")
    if rows.is_empty():
        raise InputError("no way to state the gap", key="analysis.multiverse", remedy="declare a multiverse")
    return rows


def _choices(page: Page) -> dict[str, list[Option]]:
    """Every choice with its options; an option that all gaps share is no choice."""
    rows = _rows(page)
    columns = {
        "what is counted": ("concept", wording.concept),
        "the source": ("source_id", wording.source),
        "the place of Berlin": ("berlin", lambda code: wording.BERLIN_WORDS.get(code, code)),
        "the weights": ("weights", lambda code: wording.WEIGHT_WORDS.get(code, code)),
        "the level": ("level", lambda code: f"by {code}"),
        "the estimator": ("method", lambda code: ESTIMATORS.get(code, code.replace("_", " "))),
    }
    found: dict[str, list[Option]] = {}
    for choice, (column, words) in columns.items():
        named = rows.with_columns(words=pl.col(column).map_elements(words, return_dtype=pl.String))
        options = [
            Option(
                str(text), part["result_id"][0], part["result_id"][-1], statistics.median(part["estimate"].to_list())
            )
            for (text,), part in named.group_by("words", maintain_order=True)
        ]
        if len(options) > 1:
            found[choice] = options
    return found


def _spread(options: list[Option]) -> float:
    middles = [option.middle for option in options]
    return max(middles) - min(middles)


def _leading(page: Page) -> str:
    """The choice between whose options the middle gaps lie furthest apart; nothing to choose is the figures."""
    choices = _choices(page)
    return max(choices, key=lambda choice: _spread(choices[choice])) if choices else "the figures alone"


def _words(row: dict) -> str:
    return f"{wording.concept(row['concept'])}, {row['year']}, {wording.BERLIN_WORDS.get(row['berlin'], row['berlin'])}"
