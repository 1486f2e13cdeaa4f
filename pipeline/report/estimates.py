"""The gap of the stated year by every declared method, and what the sampling of the Mikrozensus leaves open.

Belongs here: words and rows on analysis.east_west and analysis.sampling_band of one series. Not here: the comparison of
levels and years (findings.py), specifications across series (curve.py), what a method is (methods.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from pipeline.charts.wording import BERLIN_WORDS
from pipeline.errors import InputError
from pipeline.language import format_number, listing, mark, t
from pipeline.report.findings import SIGNIFICANT, VARIANTS
from pipeline.report.lens import counted
from pipeline.report.markup import Html, Markdown, compose, escape, escape_markdown

if TYPE_CHECKING:
    from pipeline.report.page import Page


@dataclass(frozen=True)
class Line:
    """One line of the table of methods: its words and the rows it shows; `digits` of the estimate."""

    label: str
    quantity: str
    estimand: str
    method: str
    digits: int = 1


TABLE = "analysis.east_west"
PERSON, STATE = mark("A person in the East and in the West"), mark("An eastern and a western state")
LINES = {
    PERSON: (
        Line(mark("Difference, points"), "difference", "pooled", "share"),
        Line(mark("Difference, exact permutation"), "difference", "pooled", "permutation"),
        Line(mark("Odds ratio, fractional logit"), "odds_ratio", "pooled", "fractional_logit", 2),
        Line(mark("Difference, range without one state"), "difference_without_state", "pooled", "leave_one_out"),
    ),
    STATE: (
        Line(mark("Difference, exact permutation"), "difference", "unweighted", "permutation"),
        Line(mark("Difference, Welch"), "difference", "unweighted", "welch"),
        Line(mark("Difference, OLS with HC3"), "difference", "unweighted", "ols_hc3"),
        Line(mark("Odds ratio, fractional logit"), "odds_ratio", "unweighted", "fractional_logit", 2),
        Line(mark("Hedges’ g, standard deviations"), "hedges_g", "unweighted", "hedges_g"),
        Line(mark("An eastern state above a western one, Brunner–Munzel"), "above", "unweighted", "brunner_munzel", 2),
        Line(mark("Difference, range without one state"), "difference_without_state", "unweighted", "leave_one_out"),
        Line(mark("Equivalence: within the margin"), "difference", "unweighted", "equivalence"),
    ),
}
NARROW_POINTS = 1.0
# Methods whose p says that East and West differ; that of equivalence says that they do not.
TESTS = {
    "permutation": mark("permutation"),
    "welch": mark("Welch"),
    "ols_hc3": mark("OLS with HC3"),
    "fractional_logit": mark("fractional logit"),
    "brunner_munzel": mark("Brunner–Munzel"),
}


def heading(page: Page, series: str) -> Markdown:
    """Heading on the methods, from the adjusted p of all tests and of equivalence."""
    tests, clear = _tests(page, series), _clear(page, series)
    if _equivalent(page, series):
        text = t("Within the margin East and West are alike")
    elif clear.height == tests.height:
        text = t("Every test tells East and West apart, wherever Berlin is counted")
    elif clear.is_empty():
        text = t("No test tells East and West apart")
    elif clear.height * 2 > tests.height:
        text = t("Most tests tell East and West apart, not all")
    else:
        text = t("Few tests tell East and West apart")
    return Markdown(escape_markdown(text))


def sentence(page: Page, series: str) -> Html:
    """How many tests tell East and West apart after Holm, which do not, and the range without one state."""
    tests, clear = _tests(page, series), _clear(page, series)
    rest = tests.filter(~pl.col("result_id").is_in(clear["result_id"].to_list()))
    parts = {
        "tests": counted(tests["result_id"].to_list(), TABLE),
        "apart": counted(clear["result_id"].to_list(), TABLE),
        "named": Html(listing([_unclear(page, row).markup for row in rest.iter_rows(named=True)])),
    }
    if rest.is_empty():
        told = compose("All {tests} tests, adjusted together after Holm, tell East and West apart.", **parts)
    elif clear.is_empty():
        told = compose("None of {tests} tests, adjusted together after Holm, tells East and West apart.", **parts)
    elif rest.height == 1:
        told = compose(
            "Of {tests} tests, adjusted together after Holm, {apart} tell East and West apart; this one does not: "
            "{named}.",
            **parts,
        )
    else:
        told = compose(
            "Of {tests} tests, adjusted together after Holm, {apart} tell East and West apart; these do not: {named}.",
            **parts,
        )
    return compose(
        "{told} Leave out any one state, and the difference stays within {range} points.",
        told=told,
        range=page.span(_range(page, series), "lower", "upper", digits=1),
    )


def _unclear(page: Page, row: dict) -> Html:
    """A test that does not tell East and West apart: what it compares, its p, and what it could have found."""
    name = str(row["result_id"])
    words = compose(
        "{method}, {estimand}, {berlin}",
        method=t(TESTS[row["method"]]),
        estimand=t("per person") if row["estimand"] == "pooled" else t("per state"),
        berlin=t(BERLIN_WORDS[row["berlin"]]),
    )
    p, holm = page.p_value(name), page.p_value(name, "p_adjusted")
    if row["minimum_detectable_points"] is None:
        return compose("{test} (p {p}, after Holm {holm})", test=words, p=p, holm=holm)
    return compose(
        "{test} (p {p}, after Holm {holm}; it would have found a difference of {points} points)",
        test=words,
        p=p,
        holm=holm,
        points=_detectable(page, name),
    )


def methods_table(page: Page, series: str) -> Html:
    """Every declared method for one series, Berlin in three places; p, p after Holm, what could have been detected."""
    rows, groups = [], []
    for group, lines in LINES.items():
        for line in lines:
            found = {berlin: _row(page, series, line, berlin) for berlin in VARIANTS}
            if all(row is None for row in found.values()):
                continue
            margin = next((row for row in found.values() if row and row["margin_points"] is not None), None)
            label = Html(f'<a href="#method-{line.method}">{escape(t(line.label))}</a>')
            if margin:
                label = compose(
                    "{label} of ±{margin} points, {level} % interval",
                    label=label,
                    margin=page.number(margin["result_id"], "margin_points", unit="number"),
                    level=format_number(100 * margin["confidence_level"], 0),
                )
            groups.append(t(group))
            rows.append(
                {t("Method"): label}
                | {t(BERLIN_WORDS[berlin]): _cell(page, row, line) for berlin, row in found.items()}
            )
    if not rows:
        raise InputError("no method was used", key=series, remedy="check pipeline/analysis/design.yml")
    return page.table(
        "methods",
        rows,
        shown=t("East against West by every declared method, three places for Berlin"),
        groups=groups,
        note=t(
            "In brackets the 95 % interval; then p and, after Holm, the p adjusted for all series and places of Berlin "
            "of the family. Detectable: the difference in points that a test would have found in four of five cases, "
            "beside every p of one in twenty or more. Where eastern and western states do not overlap, Brunner–Munzel "
            "has no interval."
        ),
    )


def _cell(page: Page, row: dict | None, line: Line) -> Html | None:
    if row is None:
        return None
    name = str(row["result_id"])
    if line.method == "leave_one_out":
        return page.span(name, "lower", "upper", digits=line.digits)
    told = page.estimate(name, line.digits)
    if row["minimum_detectable_points"] is None:
        return told
    return compose("{told}; detectable {points}", told=told, points=_detectable(page, name))


def _detectable(page: Page, row_id: str) -> Html:
    return page.number(row_id, "minimum_detectable_points", unit="number")


def _row(page: Page, series: str, line: Line, berlin: str) -> dict | None:
    rows = page.rows(
        "analysis.east_west", series_id=series, berlin=berlin, quantity=line.quantity, estimand=line.estimand,
        method=line.method,
    ).filter(pl.col("state_left_out").is_null())  # fmt: skip
    return rows.row(0, named=True) if rows.height else None


def _range(page: Page, series: str) -> str:
    row = _row(page, series, LINES[PERSON][-1], "excluded")
    if row is None:
        raise InputError("no range without one state", key=series, remedy="declare leave_one_out for the series")
    return str(row["result_id"])


def _tests(page: Page, series: str) -> pl.DataFrame:
    order = {method: position for position, method in enumerate(TESTS)}
    return (
        page.rows("analysis.east_west", series_id=series)
        .filter(pl.col("method").is_in(list(TESTS)), pl.col("p_adjusted").is_not_null())
        .sort(pl.col("method").replace_strict(order), "estimand", "berlin")
    )


def _clear(page: Page, series: str) -> pl.DataFrame:
    return _tests(page, series).filter(pl.col("p_adjusted") < SIGNIFICANT)


def _equivalent(page: Page, series: str) -> bool:
    rows = page.rows("analysis.east_west", series_id=series, method="equivalence", berlin="excluded")
    return bool(rows.height) and bool((rows["p_adjusted"] < SIGNIFICANT).all())


def sampling(page: Page, series: str) -> Html:
    """What the sample leaves open under the largest of the assumed design effects."""
    rows = _bands(page, series).filter(quantity="difference").sort("design_effect")
    last = rows.row(-1, named=True)
    parts = {
        "effect": page.number(last["result_id"], "design_effect", digits=0, unit="number"),
        "ends": page.span(last["result_id"], "lower", "upper", digits=1),
    }
    if last["upper"] - last["lower"] < NARROW_POINTS:
        known = compose(
            "Even at a design effect of {effect} the difference is known within {ends} points; the definition and the "
            "place of Berlin move it far more.",
            **parts,
        )
    else:
        known = compose("At a design effect of {effect} the difference is known only within {ends} points.", **parts)
    return compose(
        "The Mikrozensus asks a sample of households. How much more its shares vary than those of a simple random "
        "sample is not published, so {effects} design effects are assumed. {known}",
        effects=counted(rows["result_id"].to_list(), "analysis.sampling_band"),
        known=known,
    )


def sampling_table(page: Page, series: str) -> Html:
    """Shares of East and West and their difference with the band of each assumed design effect, Berlin left out."""
    frame = _bands(page, series)
    rows = []
    for effect in sorted(frame["design_effect"].unique().to_list()):
        of_effect = dict(frame.filter(design_effect=effect).select("quantity", "result_id").iter_rows())
        first = next(iter(of_effect.values()))
        row: dict[str, object] = {
            t("Design effect (assumed)"): page.number(first, "design_effect", digits=0, unit="number")
        }
        for label, quantity in ((t("East"), "east"), (t("West"), "west"), (t("Difference"), "difference")):
            if quantity in of_effect:
                row[label] = page.number(of_effect[quantity], digits=2, unit="", interval=True)
        rows.append(row)
    return page.table(
        "sampling",
        rows,
        shown=t(
            "Shares in percent and their difference in points, Berlin left out; in brackets where ninety-five of a "
            "hundred simulated samples lie"
        ),
        note=t("The design effect is an assumption of this report: one means a simple random sample."),
    )


def _bands(page: Page, series: str) -> pl.DataFrame:
    rows = page.rows("analysis.sampling_band", series_id=series, berlin="excluded", method="monte_carlo")
    if rows.filter(quantity="difference").is_empty():
        raise InputError("no band of sampling", key=series, remedy="declare `sampling` for the series")
    return rows
