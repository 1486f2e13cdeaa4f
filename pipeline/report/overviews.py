"""The tables of the report: which rows stand in them, in which order, with which numbers.

Belongs here: turning released rows into rows of a page table. Not here: prose (findings.py), HTML (figures.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import polars as pl

from pipeline.language import mark, of_data, t
from pipeline.report.findings import BERLIN, CONCEPT, VARIANTS, YEAR, concept_words, district_series, survey_rows
from pipeline.report.markup import Html, data_text

if TYPE_CHECKING:
    from pipeline.report.page import Page

CANDIDATES_SHOWN = 6
METHODS = {
    "welch": mark("Welch interval"),
    "ols_hc3": mark("OLS, HC3 interval"),
    "ols_cluster": mark("OLS, clustered by state"),
}


def levels(page: Page) -> Html:
    """The five shares of the year of the article's sentence, pooled and as a mean of states."""
    series = page.series(year=YEAR, concept=CONCEPT)
    places = (
        (t("East without Berlin"), "east", "excluded"),
        (t("East with Berlin"), "east", "in_east"),
        (t("West without Berlin"), "west", "excluded"),
        (t("West with Berlin"), "west", "in_west"),
        (t("Germany"), "germany", "excluded"),
    )
    rows = []
    for name, part, berlin in places:
        pooled = page.result(series, part, berlin)
        mean = page.result(series, part, berlin, estimand="unweighted", method="mean")
        states = None if part == "germany" else page.number(pooled, f"n_{part}", digits=0, unit="number")
        rows.append(
            {
                t("Part of the country"): name,
                t("Share of all people"): page.number(pooled, interval=True),
                t("Mean of the states"): page.number(mean, interval=True),
                t("States"): states,
            }
        )
    return page.table(
        "levels",
        rows,
        shown=t(
            "Persons with a migration background in the wider sense, percent of private households’ members, {year}",
            year=YEAR,
        ),
        note=t(
            "In brackets: the 95 % interval, read as if the labels East and West had been dealt to the states at "
            "random. The share of all people has none: the states are all there are."
        ),
    )


def comparisons(page: Page, series: str, name: str, *, shown: str) -> Html:
    """Difference East minus West of one series, three places for Berlin, by every method the series got."""
    rows = []
    found = page.rows("analysis.east_west", series_id=series, quantity="difference")
    used = [method for method in METHODS if method in found["method"].to_list()]
    for berlin in VARIANTS:
        exact = page.result(series, "difference", berlin, estimand="unweighted", method="permutation")
        row: dict[str, object] = {"Berlin": t(BERLIN[berlin])}
        pooled = found.filter(pl.col("berlin") == berlin, pl.col("estimand") == "pooled", pl.col("method") == "share")
        row[t("All people")] = page.number(pooled["result_id"][0], unit="") if pooled.height else None
        for method in used:
            fitted = page.result(series, "difference", berlin, estimand="unweighted", method=method)
            row[t(METHODS[method])] = page.number(fitted, unit="", interval=True)
        row[t("Exact p")] = page.number(exact, "p_value", digits=4, unit="")
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
        concept, title = concept_words(facts["concept"]), of_data(titles[facts["source_id"], facts["vintage_id"]])[0]
        groups.append(f"{concept[0].upper()}{concept[1:]}: {title}")
        exact = page.result(series, "difference", estimand="unweighted", method="permutation")
        rows.append(
            {
                t("Year"): str(facts["year"]),
                t("East"): page.number(east),
                t("West"): page.number(page.result(series, "west")),
                t("Difference"): page.number(page.result(series, "difference"), unit=""),
                t("Exact p"): page.number(exact, "p_value", digits=4, unit=""),
            }
        )
    return page.table(
        "years",
        rows,
        shown=t("Shares in percent and differences in percentage points, Berlin left out, every complete series"),
        groups=groups,
    )


def districts(page: Page) -> Html:
    """East and West over districts in the newest year, three places for Berlin."""
    series = district_series(page)
    return comparisons(
        page,
        series,
        "districts",
        shown=t("Difference of the mean district share, East minus West, in percentage points, by place of Berlin"),
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
                t("Year and concept"): f"{facts['year']}, {concept_words(facts['concept'])}",
                "Berlin": t(BERLIN[facts["berlin"]]),
                t("East"): found["east"],
                t("West"): found["west"],
                t("Germany"): found["germany"],
                t("Rank"): page.number(next(iter(parts.values()))["result_id"], "rank", digits=0, unit="number"),
            }
        )
    return page.table(
        "candidates",
        rows,
        shown=t(
            "Shares in percent under the readings nearest to the article’s sentence, in the order of their distance"
        ),
    )


def survey(page: Page, name: str, *, study: str, indicators: Sequence[str], shown: str) -> Html:
    """Percentages of one study with their intervals and bases."""
    rows = []
    for row in survey_rows(page, study=study, indicators=indicators).iter_rows(named=True):
        base = page.number(row["result_id"], "base_n", digits=0, unit="number") if row["base_n"] else t("not stated")
        rows.append(
            {
                t("Answer"): data_text(row["category"] or row["indicator"]),
                t("Question"): data_text(row["indicator"]),
                t("Share"): page.number(row["result_id"], "estimate_percent", interval=True),
                t("Answers"): base,
            }
        )
    return page.table(name, rows, shown=shown)
