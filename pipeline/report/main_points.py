"""The main points of the report: at most six computed sentences, each with what it does not show.

Belongs here: choosing the rows a point rests on, and the words that sign, interval, exact p and equivalence call for.
Not here: the sections the points lead to (findings.py, lens.py), any number that is not in a row.

A point whose rows a release does not hold is left out; the others stand.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from pipeline.language import format_date, listing, mark, t
from pipeline.report import findings, lens
from pipeline.report.findings import CONCEPT, SIGNIFICANT, YEAR, sign
from pipeline.report.markup import Html, compose, escape, join

if TYPE_CHECKING:
    from pipeline.report.page import Page

NONE = mark("This release holds none of the results the main points are made of.")
NOTE = mark(
    "In brackets after a difference, East minus West: its 95 % interval, as if chance had dealt the two labels."
)
FOREIGN = "foreign_nationality"
HEADLINE_CLAIMS = ("C057", "C058", "C059")
MAJORITY_CLAIM = "C061"
ORGANISATIONS_CLAIM = "C031"
COVARIATES = {
    "log_density": mark("population density"),
    "log_income": mark("income"),
    "log_gdp": mark("product per head"),
    "unemployment": mark("unemployment"),
}
HALF = 50.0
# What is said where the East lies clearly below the West (-1), clearly above it (1), or neither (0).
SHARES = {
    -1: mark(
        "In {year} a migration background was rarer in the East ({east} of people without Berlin, {with_berlin} with "
        "it) than in the West ({west}). State means differ by {gap}."
    ),
    1: mark(
        "In {year} a migration background was more common in the East ({east} of people without Berlin, {with_berlin} "
        "with it) than in the West ({west}). State means differ by {gap}."
    ),
    0: mark(
        "In {year} a migration background was neither clearly rarer nor more common in the East ({east} of people "
        "without Berlin, {with_berlin} with it) than in the West ({west}). State means differ by {gap}."
    ),
}
FOREIGNERS = {
    -1: mark("the East lies clearly below"),
    1: mark("the East lies clearly above"),
    0: mark("East and West are not clearly told apart"),
}
DISTRICTS = {
    -1: mark(
        "The districts of the East lie below those of the West in the share of foreign nationals in {year}: the gap, "
        "East minus West, is {outer}."
    ),
    1: mark(
        "The districts of the East lie above those of the West in the share of foreign nationals in {year}: the gap, "
        "East minus West, is {outer}."
    ),
    0: mark(
        "The districts of East and West are not clearly told apart in the share of foreign nationals in {year}: the "
        "gap, East minus West, is {outer}."
    ),
}
AT_EQUAL = {
    "no longer clear": mark("At equal {covariates} it is no longer clear, {inner}."),
    "now clear": mark("At equal {covariates} it is clear, {inner}."),
    "not clear either": mark("At equal {covariates} it is not clear either, {inner}."),
    "turned round": mark("At equal {covariates} it is turned round, {inner}."),
    "smaller": mark("At equal {covariates} it is smaller and still there, {inner}."),
    "no smaller": mark("At equal {covariates} it is no smaller, {inner}."),
}
REFUGEES = {
    -1: mark(
        "For every hundred foreign nationals there were {east} people seeking protection in the East without Berlin on "
        "{date}, {with_berlin} with it, and {west} in the West: fewer in the East, and {half}."
    ),
    1: mark(
        "For every hundred foreign nationals there were {east} people seeking protection in the East without Berlin on "
        "{date}, {with_berlin} with it, and {west} in the West: more in the East, and {half}."
    ),
    0: mark(
        "For every hundred foreign nationals there were {east} people seeking protection in the East without Berlin on "
        "{date}, {with_berlin} with it, and {west} in the West: not clearly more or fewer in the East, and {half}."
    ),
}


@dataclass(frozen=True)
class Point:
    """One point: its sentence, what the sentence does not show, and the id of the section it leads to."""

    sentence: Html
    limits: str
    section: str


def html(page: Page) -> Html:
    """The points this release can make, in their order; each number is a row, or names the rows it counts."""
    points = [point for make in POINTS if (point := make(page)) is not None]
    if not points:
        return Html(f"<p>{escape(t(NONE))}</p>", block=True)
    more = f'{escape(t("More"))}<span class="unseen"> {escape(t("on this point"))}</span>'
    items = "\n".join(
        f'<li>{point.sentence.markup} <a class="more" href="#{point.section}">{more}</a>\n'
        f'<span class="limits"><b>{escape(t("What this does not show:"))}</b> {escape(point.limits)}</span></li>'
        for point in points
    )
    return Html(f'<ol class="points">\n{items}\n</ol>\n<p class="note">{escape(t(NOTE))}</p>', block=True)


def shares(page: Page) -> Point | None:
    """East and West in the year of the article's sentence, and the verdict on that sentence."""
    series = _series(page, CONCEPT, YEAR)
    if series is None:
        return None
    said = compose(
        SHARES[_clear_side(page, series)],
        year=YEAR,
        east=page.number(page.result(series, "east")),
        with_berlin=page.number(page.result(series, "east", "in_east")),
        west=page.number(page.result(series, "west")),
        gap=_gap(page, series),
    )
    if page.rows("analysis.headline_claim", result_id="headline.verdict").height:
        links = lens.link(page, HEADLINE_CLAIMS)
        said = join([said, findings.verdict(page), compose("({links})", links=links) if links.markup else links])
    return Point(
        said,
        t("why the shares differ, or which table the article used: which year fits is inferred from those at hand."),
        "sec-article",
    )


def foreigners(page: Page) -> Point | None:
    """Foreign nationality in the newest year, and how rare such a split of the states is."""
    series = _series(page, FOREIGN)
    if series is None:
        return None
    p_row = page.result(series, "difference", estimand="unweighted", method="permutation")
    side = _clear_side(page, series)
    if side == 0 and (margin := _equivalent(page, series)) is not None:
        words = compose(
            "the state means differ by no more than the declared margin of {margin}",
            margin=page.number(margin, "margin_points", unit="percentage points"),
        )
    else:
        words = compose(FOREIGNERS[side])
    said = compose(
        "In {year} {east} of people in the East without Berlin and {west} in the West were of foreign nationality; "
        "{words}. State means differ by {gap}; dealing the labels to the states at random gives so large a difference "
        "in a proportion of {p} of all deals.",
        year=page.row(p_row)["year"],
        east=page.number(page.result(series, "east")),
        west=page.number(page.result(series, "west")),
        words=words,
        gap=_gap(page, series),
        p=page.number(p_row, "p_value", digits=4, unit="number"),
    )
    return Point(
        said,
        t("anything on naturalised people and their children, who are not counted here, or on causes."),
        "sec-years",
    )


def districts(page: Page) -> Point | None:
    """The gap between districts without covariates and within the largest set of them, of one year."""
    rows = page.rows("analysis.district_model")
    if rows.is_empty():
        return None
    rows = rows.filter(
        pl.col("quantity") == "difference",
        pl.col("term") == "east",
        pl.col("berlin") == "excluded",
        pl.col("estimand") == "unweighted",
    )
    fitted = rows.filter(pl.col("lower").is_not_null(), ~pl.col("method").str.starts_with("tost"))
    within = fitted.filter(pl.col("covariates") != "none").sort(
        "year", pl.col("covariates").str.count_matches(";"), "result_id", descending=[True, True, False]
    )
    if within.is_empty():
        return None
    inner = within.row(0, named=True)
    without = fitted.filter(pl.col("covariates") == "none", pl.col("series_id") == inner["series_id"])
    if without.is_empty():
        return None
    outer = without.sort("result_id").row(0, named=True)
    before, after = (_side_of_model(rows, row) for row in (outer, inner))
    outer_gap = page.number(outer["result_id"], unit="percentage points", interval=True)
    said = compose(DISTRICTS[before], year=inner["year"], outer=outer_gap)
    if before == 0 or after == 0:
        then = "no longer clear" if before else "now clear" if after else "not clear either"
    elif after != before:
        then = "turned round"
    else:
        then = "smaller" if abs(inner["estimate"]) < abs(outer["estimate"]) else "no smaller"
    held = compose(
        AT_EQUAL[then],
        covariates=listing(
            [t(COVARIATES[one]) if one in COVARIATES else one for one in inner["covariates"].split(";")]
        ),
        inner=page.number(inner["result_id"], unit="percentage points", interval=True),
    )
    return Point(
        join([said, held]),
        t("an effect of East or West: what is held equal may itself follow from what made the two differ."),
        "sec-districts",
    )


def refugees(page: Page) -> Point | None:
    """Persons seeking protection for a hundred foreign nationals, and the article's majority of refugees."""
    rows = page.rows("analysis.refugee_ratio")
    if rows.is_empty():
        return None
    rows = rows.filter(pl.col("denominator_concept") == FOREIGN, pl.col("estimand") == "pooled")
    newest = rows.filter(pl.col("quantity") == "difference", pl.col("berlin") == "excluded").sort("year", "result_id")
    if newest.is_empty():
        return None
    last = newest.row(-1, named=True)
    rows = rows.filter(pl.col("denominator_series_id") == last["denominator_series_id"], pl.col("year") == last["year"])
    of = {(row["quantity"], row["berlin"]): row for row in rows.iter_rows(named=True)}
    if not {("east", "excluded"), ("east", "in_east"), ("west", "excluded")} <= of.keys():
        return None
    values = [of["east", berlin]["estimate"] for berlin in ("excluded", "in_east")]
    side = sign(last["estimate"]) if (last["p_value"] or 0) < SIGNIFICANT else 0
    if all(value > HALF for value in values):
        half = t("more than half with Berlin or without")
    elif all(value < HALF for value in values):
        half = t("less than half with Berlin or without")
    else:
        half = t("more or less than half, as Berlin is counted")
    said = compose(
        REFUGEES[side],
        half=half,
        date=format_date(last["numerator_date"]),
        east=page.number(of["east", "excluded"]["result_id"], unit="number"),
        with_berlin=page.number(of["east", "in_east"]["result_id"], unit="number"),
        west=page.number(of["west", "excluded"]["result_id"], unit="number"),
    )
    judged = lens.verdict(page, MAJORITY_CLAIM)
    if judged.markup:
        article = compose("The article’s majority of refugees among the migrants of the East: {judged}.", judged=judged)
        said = join([said, article])
    return Point(
        said,
        t("how many came as refugees: those naturalised since are not counted, and the year is not the article’s."),
        "sec-people",
    )


def organisations(page: Page) -> Point | None:
    """How many organisations there are, as an interval, and how much of it is extrapolated."""
    lower, upper = "svr2020_organisations_lower", "svr2020_organisations_upper"
    known = set(page.rows("core.study_figure")["figure_id"].to_list())
    density = page.rows("analysis.organisation_density")
    if not {lower, upper, findings.COUNTED} <= known or density.is_empty():
        return None
    if not density["population"].str.contains("migration_background").any():
        return None
    said = findings.organisations(page, lower=lower, upper=upper)
    judged = lens.verdict(page, ORGANISATIONS_CLAIM)
    if judged.markup:
        said = join([said, compose("The article’s number: {judged}.", judged=judged)])
    limits = t("growth or decline: nobody has counted twice by one definition.")
    return Point(said, limits, "sec-organisations")


def claims(page: Page) -> Point | None:
    """The verdicts on all statements of the article."""
    if not lens.ids_of(page):
        return None
    return Point(
        lens.sentence(page),
        t("that the article is right elsewhere: what cannot be checked is neither confirmed nor refuted."),
        "sec-lens",
    )


POINTS: tuple[Callable[[Page], Point | None], ...] = (
    shares,
    foreigners,
    districts,
    refugees,
    organisations,
    claims,
)


def _series(page: Page, concept: str, year: int | None = None) -> str | None:
    """The compared series of states of this year, else of the newest; final ones and those of one universe first."""
    rows = page.rows("analysis.east_west", concept=concept, level="state").filter(pl.col("berlin") == "excluded")
    rows = rows.filter(pl.col("method") == "permutation", pl.col("estimand") == "unweighted")
    if rows.is_empty():
        return None
    rows = rows.filter(pl.col("year") == (rows["year"].max() if year is None else year))
    flags = pl.col("assumptions").fill_null("")
    order = rows.sort(flags.str.contains("first_results"), flags.str.contains("mixed_universe"), "series_id")
    return order["series_id"][0] if order.height else None


def _clear_side(page: Page, series: str) -> int:
    """-1 or 1 where interval and exact p both say that the East lies below or above, else 0."""
    row = page.row(page.result(series, "difference", estimand="unweighted", method="welch"))
    p = page.value(page.result(series, "difference", estimand="unweighted", method="permutation"), "p_value")
    return sign(row["estimate"], row["lower"], row["upper"]) if p < SIGNIFICANT else 0


def _equivalent(page: Page, series: str) -> str | None:
    """The row of the equivalence test, where it says that the difference lies within the declared margin."""
    rows = page.rows("analysis.east_west", series_id=series, method="equivalence", berlin="excluded")
    held = rows.filter(pl.col("p_value") < SIGNIFICANT)
    return held["result_id"][0] if held.height else None


def _side_of_model(rows: pl.DataFrame, row: dict[str, object]) -> int:
    """The sign of a gap between districts: clear only where the interval and the p of permuting states agree on it."""
    moved = rows.filter(
        pl.col("series_id") == row["series_id"],
        pl.col("covariates") == row["covariates"],
        pl.col("method").str.starts_with("permutation"),
    )
    if any(p is not None and p >= SIGNIFICANT for p in moved["p_value"].to_list()):
        return 0
    return sign(float(row["estimate"]), float(row["lower"]), float(row["upper"]))  # type: ignore[arg-type]


def _gap(page: Page, series: str) -> Html:
    row = page.result(series, "difference", estimand="unweighted", method="welch")
    return page.number(row, unit="percentage points", interval=True)
