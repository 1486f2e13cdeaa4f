"""Counts and percentages of organisations side by side: definitions, what the estimate leans on, pairs of percentages.

Belongs here: words and rows on analysis.organisation_definition, organisation_ratio and proportion_comparison. Not
here: the published range (findings.py), single percentages (overviews.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from pipeline.charts.organisation_counts import area_words
from pipeline.errors import InputError
from pipeline.language import format_number, mark, of_data, t, tn
from pipeline.report.findings import SIGNIFICANT
from pipeline.report.lens import counted
from pipeline.report.markup import Html, Markdown, compose, data_text, escape, escape_markdown

if TYPE_CHECKING:
    from pipeline.report.page import Page


RATIO, PAIRS = "analysis.organisation_ratio", "analysis.proportion_comparison"
RELATIONS = {">": mark("more than {number}"), "<": mark("fewer than {number}"), "~": mark("about {number}")}


def definitions_table(page: Page) -> Html:
    """One row a published count: what is counted, by whom, where and when."""
    rows = []
    for row in _rows(page, "organisation_definition").sort("position").iter_rows(named=True):
        column = next(name for name in ("estimate", "lower", "upper") if row[name] is not None)
        number = page.number(row["result_id"], column, digits=0, unit="number")
        rows.append(
            {
                t("What is counted"): data_text(row["counts"]),
                t("Study"): data_text(row["study"]),
                t("Area"): _area(row),
                t("Year"): row["year"],
                t("Count"): compose(RELATIONS[row["relation"]], number=number)
                if row["relation"] in RELATIONS
                else number,
            }
        )
    return page.table(
        "definitions",
        rows,
        shown=t(
            "Published counts of organisations, each by its own definition; no series in time and no range of one "
            "number"
        ),
    )


def ratio(page: Page) -> Html:
    """What the count in some states would give for Germany, by the population it is taken to go with."""
    frame = _rows(page, "organisation_ratio").sort("estimate")
    inside = frame.filter(pl.col("within_published_range"))
    low, high = frame.row(0, named=True), frame.row(-1, named=True)
    numbers = {name: counted(rows["result_id"].to_list(), RATIO) for name, rows in (("n", frame), ("held", inside))}
    if inside.height == frame.height:
        held = compose("All {n} such estimates lie within the published range.", **numbers)
    elif inside.is_empty():
        held = compose("None of {n} such estimates lies within the published range.", **numbers)
    elif inside.height == 1:
        held = compose("Of {n} such estimates {held} lies within the published range.", **numbers)
    else:
        held = compose("Of {n} such estimates {held} lie within the published range.", **numbers)
    return compose(
        "Taken from the counted states to Germany in proportion to {low_words}, there would be {low}; in proportion to "
        "{high_words}, {high}. {held} The choice of the population behind it decides, and nobody can check it.",
        low_words=data_text(low["auxiliary"]),
        low=page.number(low["result_id"], digits=0, unit="number"),
        high_words=data_text(high["auxiliary"]),
        high=page.number(high["result_id"], digits=0, unit="number"),
        held=held,
    )


def ratio_table(page: Page) -> Html:
    """One row an auxiliary population: the estimate, how much of it was counted, inside the range or not."""
    rows = [
        {
            t("In proportion to"): compose("{what}, {year}", what=data_text(row["auxiliary"]), year=row["year"]),
            t("Organisations in Germany"): page.number(row["result_id"], digits=0, unit="number"),
            t("Of them in the counted states"): page.number(row["result_id"], "counted_share_percent"),
            t("In the published range"): t("yes") if row["within_published_range"] else t("no"),
        }
        for row in _rows(page, "organisation_ratio").sort("estimate").iter_rows(named=True)
    ]
    return page.table(
        "ratios",
        rows,
        shown=t(
            "Migrant organisations in Germany from the same count in four states, by the population they are taken to "
            "go with"
        ),
        note=t("No interval: the states were chosen, not drawn."),
    )


def pairs_heading(page: Page) -> Markdown:
    """Heading on the pairs of percentages, from how many can be tested and how many differ."""
    rows = _rows(page, "proportion_comparison")
    tested = rows.filter(pl.col("p_adjusted").is_not_null())
    clear = tested.filter(pl.col("p_adjusted") < SIGNIFICANT).height
    if tested.is_empty():
        text = t("No pair of percentages can be tested: the bases are not printed")
    elif clear == 0:
        text = t("No tested pair of percentages differs beyond chance")
    elif clear == tested.height:
        text = tn(
            "Of {pairs} pairs {number} can be tested, and differs beyond chance",
            "Of {pairs} pairs {number} can be tested, and differ beyond chance",
            clear,
            pairs=format_number(rows.height, 0),
        )
    else:
        text = tn(
            "Of {pairs} tested pairs {number} differs beyond chance",
            "Of {pairs} tested pairs {number} differ beyond chance",
            clear,
            pairs=format_number(tested.height, 0),
        )
    return Markdown(escape_markdown(text))


def pairs(page: Page) -> Html:
    """The largest difference that could be tested, and how many pairs carry no test."""
    rows = _rows(page, "proportion_comparison")
    tested = rows.filter(pl.col("lower").is_not_null()).sort(pl.col("estimate").abs(), descending=True)
    untested = rows.filter(pl.col("lower").is_null())
    if untested.is_empty():
        silent = compose("Every pair has its bases.")
    else:
        silent = compose(
            "For {untested} of {pairs} the number of answers is not printed: there is no interval and no test.",
            untested=counted(untested["result_id"].to_list(), PAIRS),
            pairs=counted(rows["result_id"].to_list(), PAIRS),
        )
    if tested.is_empty():
        return silent
    row = tested.row(0, named=True)
    first, second = (page.row(row[name]) for name in ("first_figure_id", "second_figure_id"))
    return compose(
        "The largest tested difference: “{what}”, {one} in {first_study} against {other} in {second_study}, {gap}. "
        "{silent} What else the two sides differ in stands beside each pair.",
        what=data_text(first["category"] or first["indicator"]),
        first_study=data_text(first["study"]),
        second_study=data_text(second["study"]),
        one=page.number(row["result_id"], "first_percent", digits=0),
        other=page.number(row["result_id"], "second_percent", digits=0),
        gap=page.number(row["result_id"], unit="percentage points", interval=True),
        silent=silent,
    )


def pairs_table(page: Page) -> Html:
    """One row a declared pair: both percentages, their difference, p after Holm, and what makes them incomparable."""
    rows = []
    for row in (
        _rows(page, "proportion_comparison").sort("p_adjusted", "result_id", nulls_last=True).iter_rows(named=True)
    ):
        name = row["result_id"]
        first, second = (page.row(row[key]) for key in ("first_figure_id", "second_figure_id"))
        rows.append(
            {
                t("Pair"): _pair(first, second),
                **{
                    label: page.number(name, column, digits=0) if row[column] is not None else None
                    for label, column in ((t("First"), "first_percent"), (t("Second"), "second_percent"))
                },
                t("Difference, points"): page.number(name, unit="", interval=True),
                t("p, Holm"): page.p_value(name, "p_adjusted") if row["p_adjusted"] is not None else None,
                t("What makes them incomparable"): data_text(row["incomparable"]),
            }
        )
    return page.table(
        "pairs",
        rows,
        shown=t(
            "Published percentages in pairs, first minus second; in brackets Newcombe’s interval as if both were random"
        ),
        note=t("No interval and no p where a number of answers is not printed."),
    )


def _pair(first: dict[str, Any], second: dict[str, Any]) -> Html:
    figures = (first, second)
    words = [data_text(figure["category"] or figure["indicator"]) for figure in figures]
    studies = [data_text(figure["study"]) for figure in figures]
    if first["study"] != second["study"]:
        return Html(f"{studies[0].markup}: {words[0].markup}. {studies[1].markup}: {words[1].markup}")
    if words[0] == words[1]:
        places = [_area(figure) for figure in figures]
        words = [Html(f"{word.markup}, {escape(place)}") for word, place in zip(words, places, strict=True)]
    return compose("{study}: {first}, against {second}", study=studies[0], first=words[0], second=words[1])


def _area(row: dict[str, Any]) -> str:
    """The place a figure is of: a name in the language being spoken, or the names of the states it counts."""
    return area_words(of_data(str(row.get("geography") or ""))[0])


def _rows(page: Page, name: str) -> pl.DataFrame:
    rows = page.rows(f"analysis.{name}")
    if rows.is_empty():
        raise InputError("the table has no rows", key=f"analysis.{name}", remedy="check pipeline/analysis/design.yml")
    return rows
