"""Districts and years: the gap within what describes districts, how alike they are, and who rose faster.

Belongs here: words and rows on analysis.district_model, analysis.district_left_out, analysis.trend and the bounds of
districts without a figure. Not here: levels by state (findings.py), the charts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from pipeline.analysis.tables import FLAGS
from pipeline.charts.wording import COVARIATE_WORDS, model
from pipeline.errors import InputError
from pipeline.report.findings import BERLIN, SIGNIFICANT, VARIANTS, sign
from pipeline.report.markup import Html, Markdown, compose, enumerate_words, escape_markdown, join

if TYPE_CHECKING:
    from pipeline.report.page import Page

POINTS, ODDS = "percentage points per year", "log odds per year"
FASTER = {-1: "the West rose faster", 1: "the East rose faster", 0: "neither rose clearly faster"}


# ---- districts ------------------------------------------------------------------------------------------------------


def models_heading(page: Page) -> Markdown:
    """Heading on the models: whether districts alike in structure still differ, and which way the gap moves."""
    first, last = (page.row(row) for row in _ends(page))
    sides = [sign(row["estimate"], row["lower"], row["upper"]) for row in (first, last)]
    if sides[1] == 0:
        text = "Districts alike in structure are not told apart by East and West"
    elif sides[0] != sides[1]:
        text = "Among districts alike in structure the gap points the other way"
    elif abs(last["estimate"]) < abs(first["estimate"]):
        text = "Districts alike in structure differ less, and still differ"
    else:
        text = "Districts alike in structure differ no less"
    return Markdown(escape_markdown(text))


def models(page: Page) -> Html:
    """The gap without and within covariates, Berlin left out, with the exact p of both."""
    first, last = _ends(page)
    covariates = [COVARIATE_WORDS.get(name, name) for name in page.row(last)["covariates"].split(";")]
    return compose(
        "In {year}, the newest year with all figures, the mean eastern district lies {gap} from the western one (exact "
        "p {p}). Compared at equal {covariates}, {within} remain (exact p {p_within}). That is a description: what "
        "describes a district may follow from what made East and West differ, so nothing here is an effect.",
        year=page.row(first)["year"],
        gap=page.number(first, unit="percentage points", interval=True),
        p=page.p_value(_exact(page, first)),
        covariates=enumerate_words(covariates),
        within=page.number(last, unit="percentage points", interval=True),
        p_within=page.p_value(_exact(page, last)),
    )


def models_table(page: Page) -> Html:
    """One row a model and place of Berlin: estimate, interval clustered by state, exact p, odds ratio."""
    rows, groups = [], []
    fitted = _fitted(page)
    alike = page.rows("analysis.district_model", method="tost_cluster")
    for row in fitted.iter_rows(named=True):
        name = str(row["result_id"])
        odds = _models(page, row, quantity="odds_ratio", term="east")
        groups.append(model(row["covariates"]))
        rows.append(
            {
                "Berlin": BERLIN[row["berlin"]],
                "Gap, points": page.number(name, unit="", interval=True),
                "Exact p": page.tested(_exact(page, name)),
                "p by cluster": page.p_value(name),
                "Odds ratio": page.number(odds["result_id"][0], digits=2, unit="", interval=True)
                if odds.height
                else None,
            }
        )
        if alike.height:
            equal = alike.join(_models(page, row), on="result_id", how="semi")
            rows[-1]["p of equivalence"] = page.p_value(equal["result_id"][0]) if equal.height else None
    first = fitted.row(0, named=True)
    return page.table(
        "district-models",
        rows,
        groups=groups,
        shown=f"Foreign shares of eastern minus western districts, {first['year']}; in brackets the 95 % interval "
        "clustered by state",
        note="The exact p deals the labels East and West to whole states; with covariates, to what these leave over. "
        "The p by cluster rejects too often with so few states and stands for its interval. East over West: "
        "odds ratio.",
    )


def covariates_table(page: Page) -> Html:
    """What goes with a higher share: odds ratio per standard deviation of each covariate, Berlin left out."""
    rows, groups = [], []
    for row in _fitted(page).filter(berlin="excluded").iter_rows(named=True):
        terms = _models(page, row, quantity="odds_ratio").filter(pl.col("term") != "east")
        for term in terms.sort("estimate", descending=True).iter_rows(named=True):
            groups.append(model(row["covariates"]))
            rows.append(
                {
                    "One standard deviation more of": COVARIATE_WORDS.get(term["term"], term["term"]),
                    "Odds ratio": page.number(term["result_id"], digits=2, unit="", interval=True),
                    "p by cluster": page.p_value(term["result_id"]),
                }
            )
    return page.table(
        "district-covariates",
        rows,
        groups=groups,
        shown="Odds of foreign nationality in a district for one standard deviation more, Berlin left out",
        note="Density, income and output enter as logarithms. " + FLAGS["covariates_describe"],
    )


def alike(page: Page) -> Html:
    """How much of the variance between districts lies between states, over all and within East and West."""
    newest = page.rows("analysis.district_model", quantity="icc").sort("year", "source_id")
    if newest.is_empty():
        raise InputError(
            "no partition of variance", key="analysis.district_model", remedy="run the models of districts"
        )
    place = newest.row(-1, named=True)
    ids = {
        (row["quantity"], row["method"]): row["result_id"]
        for row in _models(page, place, covariates="none", term="state").iter_rows(named=True)
    }
    total = page.value(ids["icc", "reml"])
    words = "More than half" if total > 1 / 2 else "More than a third" if total > 1 / 3 else "No more than a third"
    return compose(
        "{words} of what sets districts apart in {year} lies between their states: a proportion of {icc} of the "
        "variance by REML ({anova} by analysis of variance), and {inside} once East and West are taken apart "
        "({between} between and {within} within states, in squared points). This is why states are counted here, not "
        "districts.",
        words=words,
        year=place["year"],
        icc=page.number(ids["icc", "reml"], digits=2, unit=""),
        anova=page.number(ids["icc", "anova"], digits=2, unit=""),
        inside=page.number(ids["icc_within_parts", "reml"], digits=2, unit=""),
        between=page.number(ids["variance_between", "reml"], unit=""),
        within=page.number(ids["variance_within", "reml"], unit=""),
    )


def district_years_table(page: Page) -> Html:
    """Every year of the districts without covariates, Berlin left out: gap, exact p, variance between states."""
    frame = _gaps(page).filter(covariates="none", berlin="excluded").sort("source_id", "year", descending=[False, True])
    rows, groups = [], []
    for row in frame.iter_rows(named=True):
        name = str(row["result_id"])
        icc = _models(page, row, quantity="icc", method="reml")
        groups.append(f"{'Structural data' if 'structure' in row['source_id'] else 'Regional statistics'}, "
                      f"{'Zensus 2022' if row['census_base'] == 'zensus_2022' else 'Zensus 2011'}")  # fmt: skip
        rows.append(
            {
                "Year": str(row["year"]),
                "Gap, points": page.number(name, unit="", interval=True),
                "Exact p": page.tested(_exact(page, name)),
                "Variance between states": page.number(icc["result_id"][0], digits=2, unit="") if icc.height else None,
            }
        )
    return page.table(
        "district-years",
        rows,
        groups=groups,
        shown="Foreign shares of eastern minus western districts, Berlin left out; variance between states as a "
        "proportion",
    )


def left_out(page: Page) -> Html:
    """Which districts a model could not use and why, and between which bounds that leaves the gap."""
    rows = page.rows("analysis.district_left_out")
    said = []
    for (reason,), of_reason in rows.group_by("reason", maintain_order=True):
        years = sorted(of_reason["year"].unique().to_list())
        span = str(years[0]) if len(years) == 1 else f"{years[0]} to {years[-1]}"
        names = of_reason["region_name"].unique(maintain_order=True).to_list()
        said.append(
            compose(
                "Left out in {span}: {names} ({reason}).",
                span=span,
                names=enumerate_words([name.split(",")[0] for name in names]),
                reason=reason,
            )
        )
    if rows.is_empty():
        said.append(compose("No district was left out."))
    bounds = page.rows("analysis.sampling_band", method="bounds", quantity="difference", berlin="excluded").sort("year")
    if bounds.height:
        first, last = bounds.row(0, named=True), bounds.row(-1, named=True)
        said.append(
            compose(
                "Whatever the missing shares were, the gap of {first} lay within {low} points and that of "
                "{last} within "
                "{high}.",
                first=first["year"],
                low=page.span(first["result_id"], "lower", "upper", digits=1),
                last=last["year"],
                high=page.span(last["result_id"], "lower", "upper", digits=1),
            )
        )
    return join(said)


def neighbours(page: Page) -> Html:
    """Whether what neighbouring districts share was measured, and why not."""
    rows = page.rows("analysis.district_model", quantity="morans_i")
    found = rows.filter(pl.col("estimate").is_not_null())
    if found.is_empty():
        words = "Moran’s I, which would tell whether neighbouring districts resemble each other, is not computed: {why}"
        return compose(words,
                       why=FLAGS["neighbours_unknown"].replace("Which", "which"))  # fmt: skip
    newest = found.sort("year")["result_id"][-1]
    return compose("Moran’s I of what the model leaves over is {value}.", value=page.number(newest, digits=2, unit=""))


def _gaps(page: Page) -> pl.DataFrame:
    """Gaps between districts with their interval; `many` counts covariates."""
    rows = page.rows(
        "analysis.district_model", quantity="difference", term="east", estimand="unweighted",
        method="fractional_logit_cluster",
    ).filter(pl.col("estimate").is_not_null())  # fmt: skip
    if rows.is_empty():
        raise InputError(
            "no gap between districts", key="analysis.district_model", remedy="run the models of districts"
        )
    none = pl.col("covariates") == "none"
    return rows.with_columns(many=pl.when(none).then(0).otherwise(pl.col("covariates").str.count_matches(";") + 1))


def _fitted(page: Page) -> pl.DataFrame:
    """The gaps of the source and year with the most models, then the newest; few covariates first."""
    rows, place = _gaps(page), ["source_id", "year", "census_base"]
    chosen = (
        rows.group_by(place)
        .agg(models=pl.col("covariates").n_unique())
        .sort(["models", "year", "source_id", "census_base"], descending=[True, True, False, True])
        .head(1)
    )
    order = {name: position for position, name in enumerate(VARIANTS)}
    return rows.join(chosen, on=place).sort("many", "covariates", pl.col("berlin").replace_strict(order))


def _ends(page: Page) -> tuple[str, str]:
    """Result ids of the gap with the fewest and with the most covariates, Berlin left out."""
    ids = _fitted(page).filter(berlin="excluded")["result_id"].to_list()
    return ids[0], ids[-1]


def _models(page: Page, like: dict, **equal: object) -> pl.DataFrame:
    """Rows of the source, year and base of `like`, and of its model and place of Berlin unless named otherwise."""
    wanted = {name: like[name] for name in ("source_id", "year", "census_base", "berlin", "covariates")} | equal
    return page.rows("analysis.district_model", **wanted)


def _exact(page: Page, row_id: str) -> str:
    """The exact permutation that stands beside a gap."""
    found = _models(page, page.row(row_id), quantity="difference", term="east").filter(
        pl.col("method").str.starts_with("permutation")
    )
    if found.height != 1:
        raise InputError(f"{found.height} exact p stand beside {row_id}", key=row_id, remedy="run the models again")
    return str(found["result_id"][0])


# ---- years ----------------------------------------------------------------------------------------------------------


def trend_heading(page: Page) -> Markdown:
    """Heading on the longest segment: who rose faster, in points and in odds."""
    place = _segments(page)[0]
    points, odds = (_faster(page, place, unit) for unit in (POINTS, ODDS))
    years = f"{place['first_year']} to {place['last_year']}"
    text = (
        f"{years}: {FASTER[points]}, in points and in odds"
        if points == odds
        else f"{years}: in points {FASTER[points]}, in odds {FASTER[odds]}"
    )
    return Markdown(escape_markdown(text))


def trend(page: Page) -> Html:
    """One sentence a segment with both scales, then what the two scales mean, then what Berlin does to it."""
    said = []
    for place in _segments(page):
        row = {name: _trend(page, place, POINTS, name) for name in ("slope_east", "slope_west", "slope_difference")}
        odds = _trend(page, place, ODDS, "slope_difference")
        slopes = [page.value(row[name]) for name in ("slope_east", "slope_west")]
        verb = "rose" if min(slopes) > 0 else "fell" if max(slopes) < 0 else "moved"
        said.append(
            compose(
                "From {first} to {last} the share of foreign nationals {verb} by {east} points a year in the "
                "mean eastern "
                "state and by {west} in the western one: a difference of {gap} points a year (exact p {p}), and in log "
                "odds of {odds} a year (exact p {p_odds}).",
                first=place["first_year"],
                last=place["last_year"],
                verb=verb,
                east=page.number(row["slope_east"], digits=2, unit=""),
                west=page.number(row["slope_west"], digits=2, unit=""),
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
        f"{place['first_year']} to {place['last_year']} with Berlin {BERLIN[berlin]}"
        for place in _segments(page)
        for berlin in VARIANTS[1:]
        if any(_faster(page, place, unit, berlin) != _faster(page, place, unit) for unit in (POINTS, ODDS))
    ]
    said.append(
        compose("The answer is another one for {moved}.", moved=enumerate_words(moved))
        if moved
        else compose("Where Berlin is counted does not change the answer.")
    )
    return join(said)


def trend_table(page: Page) -> Html:
    """One row a segment, scale and place of Berlin: slopes of East and West, their difference, p by all methods."""
    rows, groups = [], []
    alike = page.rows("analysis.trend", method="tost_cluster")
    for place in _segments(page):
        for unit, digits, words in ((POINTS, 2, "percentage points a year"), (ODDS, 3, "log odds a year")):
            for berlin in VARIANTS:
                exact = _trend(page, place, unit, "slope_difference", berlin)
                wild = [
                    _trend(page, place, unit, "slope_difference", berlin, f"wild_cluster_{points}")
                    for points in ("rademacher", "webb")
                ]
                groups.append(f"{place['first_year']} to {place['last_year']}, {words}")
                rows.append(
                    {
                        "Berlin": BERLIN[berlin],
                        "East": page.number(
                            _trend(page, place, unit, "slope_east", berlin), digits=digits, unit="", interval=True
                        ),
                        "West": page.number(
                            _trend(page, place, unit, "slope_west", berlin), digits=digits, unit="", interval=True
                        ),
                        "Difference": page.number(_interval(page, exact), digits=digits, unit="", interval=True),
                        "Exact p": page.tested(exact),
                        "Wild cluster p": compose("{one}, {two}", one=page.p_value(wild[0]), two=page.p_value(wild[1])),
                    }
                )
                if alike.height:
                    equal = alike.filter(**place, unit=unit, berlin=berlin)
                    rows[-1]["p of equivalence"] = page.p_value(equal["result_id"][0]) if equal.height else None
    return page.table(
        "trends",
        rows,
        groups=groups,
        shown="Rise of the foreign share per year, mean of states, within years of one census base; in "
        "brackets the 95 % "
        "interval",
        note="Intervals of East and West are Student’s, of their difference clustered by state. Wild cluster p: with "
        "Rademacher and with Webb weights. No slope runs across a change of the census base. "
        "A log odds of one hundredth is about one hundredth more odds.",
    )


def changes_table(page: Page) -> Html:
    """One row a declared pair of years and place of Berlin: change of East and West and their difference; "
    "else nothing."""
    exact = page.rows("analysis.trend", quantity="change_difference", method="permutation")
    rows, groups = [], []
    order = {name: position for position, name in enumerate(VARIANTS)}
    for row in exact.sort("first_year", "last_year", pl.col("berlin").replace_strict(order)).iter_rows(named=True):
        place = {name: row[name] for name in ("source_id", "concept", "first_year", "last_year", "berlin")}
        found = {
            (one["quantity"], one["method"]): one["result_id"]
            for one in page.rows("analysis.trend", **place).iter_rows(named=True)
        }
        groups.append(f"{row['first_year']} to {row['last_year']}")
        cells: dict[str, object] = {"Berlin": BERLIN[row["berlin"]]}
        for label, kind in (
            ("East", ("change_east", "mean")),
            ("West", ("change_west", "mean")),
            ("Difference", ("change_difference", "welch")),
        ):
            cells[label] = page.number(found[kind], digits=2, unit="", interval=True) if kind in found else None
        cells["Exact p"] = page.tested(row["result_id"])
        equal = found.get(("change_difference", "equivalence"))
        cells["p of equivalence"] = page.p_value(equal) if equal else None
        rows.append(cells)
    if not rows:
        return Html("", block=True)
    table = page.table(
        "changes",
        rows,
        groups=groups,
        shown="Change of the foreign share between two years of one census base, percentage points, mean of states",
    )
    return page.folded("Changes between two years", table)


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
