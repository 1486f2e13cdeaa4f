"""Counts and percentages of organisations side by side: definitions, what the estimate leans on, pairs of percentages.

Belongs here: words and rows on analysis.organisation_definition, organisation_ratio and proportion_comparison. Not
here: the published range (findings.py), single percentages (overviews.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from pipeline.charts.organisation_counts import RELATION_WORDS, area_words
from pipeline.errors import InputError
from pipeline.report.findings import SIGNIFICANT, count
from pipeline.report.markup import Html, Markdown, compose, escape_markdown

if TYPE_CHECKING:
    from pipeline.report.page import Page


def definitions_table(page: Page) -> Html:
    """One row a published count: what is counted, by whom, where and when."""
    rows = []
    for row in _rows(page, "organisation_definition").sort("position").iter_rows(named=True):
        column = next(name for name in ("estimate", "lower", "upper") if row[name] is not None)
        number = page.number(row["result_id"], column, digits=0, unit="number")
        rows.append(
            {
                "What is counted": row["counts"],
                "Study": row["study"],
                "Area": area_words(row["geography"] or ""),
                "Year": row["year"],
                "Count": Html(f"{RELATION_WORDS.get(row['relation'], '')}{number.markup}")
                if row["relation"] in RELATION_WORDS
                else number,
            }
        )
    return page.table(
        "definitions",
        rows,
        shown="Published counts of organisations, each by its own definition; no series in time and no range "
        "of one number",
    )


def ratio(page: Page) -> Html:
    """What the count in some states would give for Germany, by the population it is taken to go with."""
    frame = _rows(page, "organisation_ratio").sort("estimate")
    inside = int(frame["within_published_range"].sum())
    low, high = frame.row(0, named=True), frame.row(-1, named=True)
    held = "all" if inside == frame.height else "none" if inside == 0 else count(inside)
    return compose(
        "Taken from the counted states to Germany in proportion to {low_words}, there would be {low}; in proportion to "
        "{high_words}, {high}. Of {n} such estimates {held} {verb} within the published range: the choice of the "
        "population behind it decides, and nobody can check it.",
        low_words=low["auxiliary"],
        low=page.number(low["result_id"], digits=0, unit="number"),
        high_words=high["auxiliary"],
        high=page.number(high["result_id"], digits=0, unit="number"),
        n=count(frame.height),
        held=held,
        verb="lies" if inside == 1 else "lie",
    )


def ratio_table(page: Page) -> Html:
    """One row an auxiliary population: the estimate, how much of that population was counted, inside the "
    "range or not."""
    rows = [
        {
            "In proportion to": f"{row['auxiliary']}, {row['year']}",
            "Organisations in Germany": page.number(row["result_id"], digits=0, unit="number"),
            "Of them in the counted states": page.number(row["result_id"], "counted_share_percent"),
            "In the published range": "yes" if row["within_published_range"] else "no",
        }
        for row in _rows(page, "organisation_ratio").sort("estimate").iter_rows(named=True)
    ]
    return page.table(
        "ratios",
        rows,
        shown="Migrant organisations in Germany from the same count in four states, by the population they are "
        "taken to go "
        "with",
        note="No interval: the states were chosen, not drawn.",
    )


def pairs_heading(page: Page) -> Markdown:
    """Heading on the pairs of percentages, from how many can be tested and how many differ."""
    rows = _rows(page, "proportion_comparison")
    tested = rows.filter(pl.col("p_adjusted").is_not_null())
    clear = tested.filter(pl.col("p_adjusted") < SIGNIFICANT).height
    if tested.is_empty():
        text = "No pair of percentages can be tested: the bases are not printed"
    elif clear == 0:
        text = "No tested pair of percentages differs beyond chance"
    elif clear == tested.height:
        text = f"{count(clear).capitalize()} of {count(rows.height)} pairs can be tested, and differ beyond chance"
    else:
        text = f"{count(clear).capitalize()} of {count(tested.height)} tested pairs differ beyond chance"
    return Markdown(escape_markdown(text))


def pairs(page: Page) -> Html:
    """The largest difference that could be tested, and how many pairs carry no test."""
    rows = _rows(page, "proportion_comparison")
    tested = rows.filter(pl.col("lower").is_not_null()).sort(pl.col("estimate").abs(), descending=True)
    untested = rows.height - tested.height
    silent = (
        "Every pair has its bases."
        if untested == 0
        else f"For {count(untested)} of {count(rows.height)} the number of answers is not printed: these stand without "
        "interval and test."
    )
    if tested.is_empty():
        return compose("{silent}", silent=silent)
    row = tested.row(0, named=True)
    first, second = (page.row(row[name]) for name in ("first_figure_id", "second_figure_id"))
    return compose(
        "The largest tested difference: “{what}”, {one} in {first_study} against {other} in {second_study}, {gap}. "
        "{silent} What else the two sides differ in stands beside each pair.",
        what=first["category"] or first["indicator"],
        first_study=first["study"],
        second_study=second["study"],
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
                "Pair": _pair(first, second),
                "First": page.number(name, "first_percent", digits=0) if row["first_percent"] is not None else None,
                "Second": page.number(name, "second_percent", digits=0) if row["second_percent"] is not None else None,
                "Difference, points": page.number(name, unit="", interval=True),
                "p, Holm": page.p_value(name, "p_adjusted") if row["p_adjusted"] is not None else None,
                "What makes them incomparable": row["incomparable"],
            }
        )
    return page.table(
        "pairs",
        rows,
        shown="Published percentages in pairs, first minus second; in brackets Newcombe’s interval as if both "
        "were random",
        note="No interval and no p where a number of answers is not printed.",
    )


def _pair(first: dict[str, Any], second: dict[str, Any]) -> str:
    words = [str(figure["category"] or figure["indicator"]) for figure in (first, second)]
    places = [area_words(str(figure.get("geography") or "")) for figure in (first, second)]
    if first["study"] != second["study"]:
        return f"{first['study']}: {words[0]}. {second['study']}: {words[1]}"
    if words[0] == words[1]:
        words = [f"{word}, {place}" for word, place in zip(words, places, strict=True)]
    return f"{first['study']}: {words[0]}, against {words[1]}"


def _rows(page: Page, name: str) -> pl.DataFrame:
    rows = page.rows(f"analysis.{name}")
    if rows.is_empty():
        raise InputError("the table has no rows", key=f"analysis.{name}", remedy="check pipeline/analysis/design.yml")
    return rows
