"""Years: who rose faster within years of one census base, and how much changed between two of them.

Belongs here: words and rows on analysis.trend. Not here: levels by state (findings.py), districts (places.py), the
charts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from pipeline.errors import InputError
from pipeline.language import listing, mark, t
from pipeline.report.findings import BERLIN, SIGNIFICANT, VARIANTS, sign
from pipeline.report.markup import Html, Markdown, compose, escape_markdown, join

if TYPE_CHECKING:
    from pipeline.report.page import Page

POINTS, ODDS = "percentage points per year", "log odds per year"
# By the side that rose faster: 1 the East, -1 the West, 0 neither clearly.
FASTER = {
    -1: mark("{first} to {last}: the West rose faster, in points and in odds"),
    1: mark("{first} to {last}: the East rose faster, in points and in odds"),
    0: mark("{first} to {last}: neither rose clearly faster, in points and in odds"),
}
FASTER_IN_POINTS = {
    -1: mark("in points the West rose faster"),
    1: mark("in points the East rose faster"),
    0: mark("in points neither rose clearly faster"),
}
FASTER_IN_ODDS = {
    -1: mark("in odds the West rose faster"),
    1: mark("in odds the East rose faster"),
    0: mark("in odds neither rose clearly faster"),
}
# By the sign that both slopes have; 0 where they have two.
MOVED = {
    1: mark(
        "From {first} to {last} the share of foreign nationals rose by {east} points a year in the mean eastern state "
        "and by {west} in the western one."
    ),
    -1: mark(
        "From {first} to {last} the share of foreign nationals fell: it changed by {east} points a year in the mean "
        "eastern state and by {west} in the western one."
    ),
    0: mark(
        "From {first} to {last} the share of foreign nationals changed by {east} points a year in the mean eastern "
        "state and by {west} in the western one."
    ),
}
ANOTHER_ANSWER = {
    "in_east": mark("{first} to {last} with Berlin in the East"),
    "in_west": mark("{first} to {last} with Berlin in the West"),
}
SCALES = (
    (POINTS, 2, mark("{first} to {last}, percentage points a year")),
    (ODDS, 3, mark("{first} to {last}, log odds a year")),
)


def trend_heading(page: Page) -> Markdown:
    """Heading on the longest segment: who rose faster, in points and in odds."""
    place = _segments(page)[0]
    points, odds = (_faster(page, place, unit) for unit in (POINTS, ODDS))
    years = {"first": place["first_year"], "last": place["last_year"]}
    text = (
        t(FASTER[points], **years)
        if points == odds
        else t(
            "{first} to {last}: {in_points}, {in_odds}",
            in_points=t(FASTER_IN_POINTS[points]),
            in_odds=t(FASTER_IN_ODDS[odds]),
            **years,
        )
    )
    return Markdown(escape_markdown(text))


def trend(page: Page) -> Html:
    """One sentence a segment with both scales, then what the two scales mean, then what Berlin does to it."""
    said = []
    for place in _segments(page):
        row = {name: _trend(page, place, POINTS, name) for name in ("slope_east", "slope_west", "slope_difference")}
        odds = _trend(page, place, ODDS, "slope_difference")
        slopes = [page.value(row[name]) for name in ("slope_east", "slope_west")]
        signs = {sign(slope) for slope in slopes}
        said.append(
            compose(
                MOVED[signs.pop() if len(signs) == 1 else 0],
                first=place["first_year"],
                last=place["last_year"],
                east=page.number(row["slope_east"], digits=2, unit=""),
                west=page.number(row["slope_west"], digits=2, unit=""),
            )
        )
        said.append(
            compose(
                "That is a difference of {gap} points a year (exact p {p}), and in log odds of {odds} a year "
                "(exact p {p_odds}).",
                gap=page.number(_interval(page, row["slope_difference"]), digits=2, unit="", interval=True),
                p=page.p_value(row["slope_difference"]),
                odds=page.number(_interval(page, odds), digits=3, unit="", interval=True),
                p_odds=page.p_value(odds),
            )
        )
    sides = {(_faster(page, place, POINTS), _faster(page, place, ODDS)) for place in _segments(page)}
    if any(points != odds for points, odds in sides):
        said.append(
            compose(
                "Both are true. Points count persons per hundred inhabitants; odds count growth against where a state "
                "began, and the East began far lower: the same growth adds fewer points there. Neither scale alone is "
                "fair."
            )
        )
    moved = [
        t(ANOTHER_ANSWER[berlin], first=place["first_year"], last=place["last_year"])
        for place in _segments(page)
        for berlin in VARIANTS[1:]
        if any(_faster(page, place, unit, berlin) != _faster(page, place, unit) for unit in (POINTS, ODDS))
    ]
    said.append(
        compose("The answer is another one for {moved}.", moved=listing(moved))
        if moved
        else compose("Where Berlin is counted does not change the answer.")
    )
    return join(said)


def trend_table(page: Page) -> Html:
    """One row a segment, scale and place of Berlin: slopes of East and West, their difference, p by all methods."""
    rows, groups = [], []
    alike = page.rows("analysis.trend", method="tost_cluster")
    for place in _segments(page):
        for unit, digits, group in SCALES:
            for berlin in VARIANTS:
                exact = _trend(page, place, unit, "slope_difference", berlin)
                wild = [
                    _trend(page, place, unit, "slope_difference", berlin, f"wild_cluster_{points}")
                    for points in ("rademacher", "webb")
                ]
                groups.append(t(group, first=place["first_year"], last=place["last_year"]))
                rows.append(
                    {
                        "Berlin": t(BERLIN[berlin]),
                        t("East"): page.number(
                            _trend(page, place, unit, "slope_east", berlin), digits=digits, unit="", interval=True
                        ),
                        t("West"): page.number(
                            _trend(page, place, unit, "slope_west", berlin), digits=digits, unit="", interval=True
                        ),
                        t("Difference"): page.number(_interval(page, exact), digits=digits, unit="", interval=True),
                        t("Exact p"): page.tested(exact),
                        t("Wild cluster p"): join([page.p_value(one) for one in wild], "; "),
                    }
                )
                if alike.height:
                    equal = alike.filter(**place, unit=unit, berlin=berlin)
                    rows[-1][t("p of equivalence")] = page.p_value(equal["result_id"][0]) if equal.height else None
    return page.table(
        "trends",
        rows,
        groups=groups,
        shown=t(
            "Rise of the foreign share per year, mean of states, within years of one census base; in brackets the 95 % "
            "interval"
        ),
        note=t(
            "Intervals of East and West are Student’s, of their difference clustered by state. Wild cluster p: with "
            "Rademacher and with Webb weights. No slope runs across a change of the census base. "
            "A log odds of one hundredth is about one hundredth more odds."
        ),
    )


def changes_table(page: Page) -> Html:
    """One row a declared pair of years and place of Berlin: change of East and West, their difference; else nothing."""
    exact = page.rows("analysis.trend", quantity="change_difference", method="permutation")
    rows, groups = [], []
    order = {name: position for position, name in enumerate(VARIANTS)}
    for row in exact.sort("first_year", "last_year", pl.col("berlin").replace_strict(order)).iter_rows(named=True):
        place = {name: row[name] for name in ("source_id", "concept", "first_year", "last_year", "berlin")}
        found = {
            (one["quantity"], one["method"]): one["result_id"]
            for one in page.rows("analysis.trend", **place).iter_rows(named=True)
        }
        groups.append(t("{low} to {high}", low=row["first_year"], high=row["last_year"]))
        cells: dict[str, object] = {"Berlin": t(BERLIN[row["berlin"]])}
        for label, kind in (
            (t("East"), ("change_east", "mean")),
            (t("West"), ("change_west", "mean")),
            (t("Difference"), ("change_difference", "welch")),
        ):
            cells[label] = page.number(found[kind], digits=2, unit="", interval=True) if kind in found else None
        cells[t("Exact p")] = page.tested(row["result_id"])
        equal = found.get(("change_difference", "equivalence"))
        cells[t("p of equivalence")] = page.p_value(equal) if equal else None
        rows.append(cells)
    if not rows:
        return Html("", block=True)
    table = page.table(
        "changes",
        rows,
        groups=groups,
        shown=t("Change of the foreign share between two years of one census base, percentage points, mean of states"),
    )
    return page.folded(t("Changes between two years"), table)


def _segments(page: Page) -> list[dict]:
    """First and last year and census base of every segment with a slope, the longest first."""
    rows = page.rows("analysis.trend", quantity="slope_difference", method="permutation", berlin="excluded")
    if rows.is_empty():
        raise InputError("no trend was computed", key="analysis.trend", remedy="check the shares of states by year")
    keys = ["source_id", "concept", "census_base", "first_year", "last_year"]
    columns = rows.select(*keys, "years").unique().sort("years", "first_year", descending=[True, False])
    return columns.select(keys).to_dicts()


def _trend(
    page: Page, place: dict, unit: str, quantity: str, berlin: str = "excluded", method: str | None = None
) -> str:
    kind = method or ("permutation" if quantity == "slope_difference" else "mean")
    return page.one("analysis.trend", **place, unit=unit, quantity=quantity, berlin=berlin, method=kind)


def _interval(page: Page, exact: str) -> str:
    """The row with the clustered interval beside an exact p, the same estimate in both."""
    row = page.row(exact)
    place = {name: row[name] for name in ("source_id", "concept", "census_base", "first_year", "last_year")}
    return _trend(page, place, row["unit"], "slope_difference", row["berlin"], "ols_cluster_state_effects")


def _faster(page: Page, place: dict, unit: str, berlin: str = "excluded") -> int:
    """Side that rose faster by the exact p: 1 East, -1 West, 0 not told apart."""
    row = _trend(page, place, unit, "slope_difference", berlin)
    return sign(page.value(row)) if page.value(row, "p_value") < SIGNIFICANT else 0
