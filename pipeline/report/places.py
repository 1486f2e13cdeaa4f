"""Districts: the gap within what describes them, how alike those of one state are, and which could not be used.

Belongs here: words and rows on analysis.district_model, analysis.district_left_out and the bounds of districts without
a figure. Not here: levels by state (findings.py), years (trends.py), the charts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from pipeline.charts.wording import COVARIATE_WORDS, model
from pipeline.errors import InputError
from pipeline.language import listing, t
from pipeline.report.findings import BERLIN, VARIANTS, sign
from pipeline.report.markup import Html, Markdown, compose, data_text, escape_markdown, join

if TYPE_CHECKING:
    from pipeline.report.page import Page


def models_heading(page: Page) -> Markdown:
    """Heading on the models: whether districts alike in structure still differ, and which way the gap moves."""
    first, last = (page.row(row) for row in _ends(page))
    sides = [sign(row["estimate"], row["lower"], row["upper"]) for row in (first, last)]
    if sides[1] == 0:
        text = t("Districts alike in structure are not told apart by East and West")
    elif sides[0] != sides[1]:
        text = t("Among districts alike in structure the gap points the other way")
    elif abs(last["estimate"]) < abs(first["estimate"]):
        text = t("Districts alike in structure differ less, and still differ")
    else:
        text = t("Districts alike in structure differ no less")
    return Markdown(escape_markdown(text))


def models(page: Page) -> Html:
    """The gap without and within covariates, Berlin left out, with the exact p of both."""
    first, last = _ends(page)
    covariates = [_covariate(name) for name in page.row(last)["covariates"].split(";")]
    return compose(
        "In {year}, the newest year with all figures, the mean eastern district lies {gap} from the western one (exact "
        "p {p}). Compared at equal {covariates}, {within} remain (exact p {p_within}). That is a description: what "
        "describes a district may follow from what made East and West differ, so nothing here is an effect.",
        year=page.row(first)["year"],
        gap=page.number(first, unit="percentage points", interval=True),
        p=page.p_value(_exact(page, first)),
        covariates=listing(covariates),
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
                "Berlin": t(BERLIN[row["berlin"]]),
                t("Gap, points"): page.number(name, unit="", interval=True),
                t("Exact p"): page.tested(_exact(page, name)),
                t("p by cluster"): page.p_value(name),
                t("Odds ratio"): page.number(odds["result_id"][0], digits=2, unit="", interval=True)
                if odds.height
                else None,
            }
        )
        if alike.height:
            equal = alike.join(_models(page, row), on="result_id", how="semi")
            rows[-1][t("p of equivalence")] = page.p_value(equal["result_id"][0]) if equal.height else None
    first = fitted.row(0, named=True)
    return page.table(
        "district-models",
        rows,
        groups=groups,
        shown=t(
            "Foreign shares of eastern minus western districts, {year}; in brackets the 95 % interval clustered by "
            "state",
            year=first["year"],
        ),
        note=t(
            "The exact p deals the labels East and West to whole states; with covariates, to what these leave over. "
            "The p by cluster rejects too often with so few states and stands for its interval. East over West: "
            "odds ratio."
        ),
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
                    t("One standard deviation more of"): _covariate(term["term"]),
                    t("Odds ratio"): page.number(term["result_id"], digits=2, unit="", interval=True),
                    t("p by cluster"): page.p_value(term["result_id"]),
                }
            )
    return page.table(
        "district-covariates",
        rows,
        groups=groups,
        shown=t("Odds of foreign nationality in a district for one standard deviation more, Berlin left out"),
        note=t(
            "Density, income and output enter as logarithms. Covariates describe the districts as they are; what "
            "follows from the difference between East and West may be among them, so nothing is an effect."
        ),
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
    if total > 1 / 2:
        opening = t("More than half of what sets districts apart in {year} lies between their states.")
    elif total > 1 / 3:
        opening = t("More than a third of what sets districts apart in {year} lies between their states.")
    else:
        opening = t("No more than a third of what sets districts apart in {year} lies between their states.")
    return compose(
        "{opening} It is a proportion of {icc} of the variance by REML ({anova} by analysis of variance), and {inside} "
        "once East and West are taken apart ({between} between and {within} within states, in squared points). This "
        "is why states are counted here, not districts.",
        opening=opening.format(year=place["year"]),
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
        source = t("Structural data") if "structure" in row["source_id"] else t("Regional statistics")
        groups.append(f"{source}, {'Zensus 2022' if row['census_base'] == 'zensus_2022' else 'Zensus 2011'}")
        rows.append(
            {
                t("Year"): str(row["year"]),
                t("Gap, points"): page.number(name, unit="", interval=True),
                t("Exact p"): page.tested(_exact(page, name)),
                t("Variance between states"): page.number(icc["result_id"][0], digits=2, unit="")
                if icc.height
                else None,
            }
        )
    return page.table(
        "district-years",
        rows,
        groups=groups,
        shown=t(
            "Foreign shares of eastern minus western districts, Berlin left out; variance between states as a "
            "proportion"
        ),
    )


def left_out(page: Page) -> Html:
    """Which districts a model could not use and why, and between which bounds that leaves the gap."""
    rows = page.rows("analysis.district_left_out")
    said = []
    for (reason,), of_reason in rows.group_by("reason", maintain_order=True):
        years = sorted(of_reason["year"].unique().to_list())
        span = str(years[0]) if len(years) == 1 else t("{low} to {high}", low=years[0], high=years[-1])
        names = of_reason["region_name"].unique(maintain_order=True).to_list()
        said.append(
            compose(
                "Left out in {span}: {names} ({reason}).",
                span=span,
                names=listing([name.split(",")[0] for name in names]),
                reason=data_text(reason),
            )
        )
    if rows.is_empty():
        said.append(compose("No district was left out."))
    bounds = page.rows("analysis.sampling_band", method="bounds", quantity="difference", berlin="excluded").sort("year")
    if bounds.height:
        first, last = bounds.row(0, named=True), bounds.row(-1, named=True)
        said.append(
            compose(
                "Whatever the missing shares were, the gap of {first} lay within {low} points and that of {last} "
                "within {high}.",
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
        return compose(
            "Moran’s I, which would tell whether neighbouring districts resemble each other, is not computed: which "
            "districts are neighbours is not in the data."
        )
    newest = found.sort("year")["result_id"][-1]
    return compose("Moran’s I of what the model leaves over is {value}.", value=page.number(newest, digits=2, unit=""))


def _covariate(name: str) -> str:
    """The words of a covariate; an unknown one is shown as it is."""
    return t(COVARIATE_WORDS[name]) if name in COVARIATE_WORDS else name


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
