"""The tables of the report: which rows stand in them, in which order, with which numbers.

Belongs here: turning released rows into rows of a page table. Not here: prose (findings.py), HTML (figures.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import polars as pl

from pipeline.report.findings import BERLIN, CONCEPT, CONCEPTS, VARIANTS, YEAR, district_series, survey_rows
from pipeline.report.markup import Html

if TYPE_CHECKING:
    from pipeline.report.page import Page

CANDIDATES_SHOWN = 6


def levels(page: Page) -> Html:
    """The five shares of the year of the article's sentence, pooled and as a mean of states."""
    series = page.series(year=YEAR, concept=CONCEPT)
    places = (
        ("East without Berlin", "east", "excluded"),
        ("East with Berlin", "east", "in_east"),
        ("West without Berlin", "west", "excluded"),
        ("West with Berlin", "west", "in_west"),
        ("Germany", "germany", "excluded"),
    )
    rows = []
    for name, part, berlin in places:
        pooled = page.result(series, part, berlin)
        mean = page.result(series, part, berlin, estimand="unweighted", method="mean")
        states = None if part == "germany" else page.number(pooled, f"n_{part}", digits=0, unit="number")
        rows.append(
            {
                "Part of the country": name,
                "Share of all people": page.number(pooled, interval=True),
                "Mean of the states": page.number(mean, interval=True),
                "States": states,
            }
        )
    return page.table(
        "levels",
        rows,
        shown=f"Persons with a migration background in the wider sense, percent of private households’ members, {YEAR}",
        note="In brackets: the 95 % interval, read as if the labels East and West had been dealt to the states at "
        "random. The share of all people has none: the states are all there are.",
    )


def comparisons(page: Page, series: str, name: str, *, shown: str) -> Html:
    """Difference East minus West of one series, three places for Berlin, by every method the series got."""
    rows = []
    methods = ("welch", "ols_hc3", "ols_cluster")
    names = {"welch": "Welch interval", "ols_hc3": "OLS, HC3 interval", "ols_cluster": "OLS, clustered by state"}
    found = page.rows("analysis.east_west", series_id=series, quantity="difference")
    used = [method for method in methods if method in found["method"].to_list()]
    for berlin in VARIANTS:
        exact = page.result(series, "difference", berlin, estimand="unweighted", method="permutation")
        row: dict[str, object] = {"Berlin": BERLIN[berlin]}
        pooled = found.filter(pl.col("berlin") == berlin, pl.col("estimand") == "pooled", pl.col("method") == "share")
        row["All people"] = page.number(pooled["result_id"][0], unit="") if pooled.height else None
        for method in used:
            fitted = page.result(series, "difference", berlin, estimand="unweighted", method=method)
            row[names[method]] = page.number(fitted, unit="", interval=True)
        row["Exact p"] = page.number(exact, "p_value", digits=4, unit="")
        rows.append(row)
    return page.table(name, rows, shown=shown)


def years(page: Page) -> Html:
    """Every compared series of states, newest first, Berlin left out."""
    frame = page.rows(
        "analysis.east_west", level="state", quantity="difference", estimand="pooled", method="share", berlin="excluded"
    ).sort("concept", "source_id", "vintage_id", "year")
    vintages = page.rows("core.vintage").select("source_id", "vintage_id", "title")
    titles = {(source, vintage): title for source, vintage, title in vintages.iter_rows()}
    rows, groups = [], []
    for series in frame["series_id"].to_list():
        east = page.result(series, "east")
        facts = page.row(east)
        concept = CONCEPTS.get(facts["concept"], facts["concept"])
        groups.append(f"{concept[0].upper()}{concept[1:]}: {titles[facts['source_id'], facts['vintage_id']]}")
        exact = page.result(series, "difference", estimand="unweighted", method="permutation")
        rows.append(
            {
                "Year": str(facts["year"]),
                "East": page.number(east),
                "West": page.number(page.result(series, "west")),
                "Difference": page.number(page.result(series, "difference"), unit=""),
                "Exact p": page.number(exact, "p_value", digits=4, unit=""),
            }
        )
    return page.table(
        "years",
        rows,
        shown="Shares in percent and differences in percentage points, Berlin left out, every complete series",
        groups=groups,
    )


def districts(page: Page) -> Html:
    """East and West over districts in the newest year, three places for Berlin."""
    series = district_series(page)
    return comparisons(
        page,
        series,
        "districts",
        shown="Difference of the mean district share, East minus West, in percentage points, by place of Berlin",
    )


def candidates(page: Page) -> Html:
    """The readings of the article's sentence that come nearest, and the stated year with Berlin left out."""
    frame = page.rows("analysis.headline_claim").filter(pl.col("part").is_not_null(), pl.col("rank").is_not_null())
    ranks = sorted(frame["rank"].unique().to_list())[:CANDIDATES_SHOWN]
    stated = frame.filter(
        pl.col("series_id") == page.series(year=YEAR, concept=CONCEPT), pl.col("berlin") == "excluded"
    )["rank"].unique()
    rows = []
    for rank in sorted({*ranks, *stated.to_list()}):
        parts = {row["part"]: row for row in frame.filter(pl.col("rank") == rank).iter_rows(named=True)}
        facts = next(iter(parts.values()))
        found = {
            part: page.number(parts[part]["result_id"], "found_percent") if part in parts else None
            for part in ("east", "west", "germany")
        }
        rows.append(
            {
                "Year and concept": f"{facts['year']}, {CONCEPTS.get(facts['concept'], facts['concept'])}",
                "Berlin": BERLIN[facts["berlin"]],
                "East": found["east"],
                "West": found["west"],
                "Germany": found["germany"],
                "Rank": page.number(next(iter(parts.values()))["result_id"], "rank", digits=0, unit="number"),
            }
        )
    return page.table(
        "candidates",
        rows,
        shown="Shares in percent under the readings nearest to the article’s sentence, in the order of their distance",
    )


def survey(page: Page, name: str, *, study: str, indicators: Sequence[str], shown: str) -> Html:
    """Percentages of one study with their intervals and bases."""
    rows = []
    for row in survey_rows(page, study=study, indicators=indicators).iter_rows(named=True):
        base = page.number(row["result_id"], "base_n", digits=0, unit="number") if row["base_n"] else "not stated"
        rows.append(
            {
                "Answer": row["category"] or row["indicator"],
                "Question": row["indicator"],
                "Share": page.number(row["result_id"], "estimate_percent", interval=True),
                "Answers": base,
            }
        )
    return page.table(name, rows, shown=shown)
