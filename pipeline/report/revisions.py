"""What was revised: the sentence, the heading and the table on figures that two vintages give differently.

Belongs here: words and rows about marts.revision. Not here: finding the revisions (sql/marts/revision.sql).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from pipeline.language import format_date, mark, t
from pipeline.report.markup import Html, Markdown, compose, data_text, escape, escape_markdown, join

if TYPE_CHECKING:
    from pipeline.report.page import Page

NONE = mark("No figure of this release was given differently by two vintages of its source.")
RANGES = {
    "state": mark("Among states it runs from {low} ({lowest}) to {high} ({highest})."),
    "district": mark("Among districts it runs from {low} ({lowest}) to {high} ({highest})."),
}


def heading(page: Page) -> Markdown:
    """Heading, from whether there are revisions and which way the largest total went."""
    total = _totals(page)
    if total.is_empty():
        text = t("Revised figures") if _count(page) else t("No figure was revised")
    elif total["change"][0] < 0:
        text = t("A revision lowered the count, not everywhere alike")
    else:
        text = t("A revision raised the count, not everywhere alike")
    return Markdown(escape_markdown(text))


def sentence(page: Page) -> Html:
    """The revised totals for Germany, and between which states and districts the revision ranges."""
    if not _count(page):
        return compose(NONE)
    sentences = [_of_total(page, row) for row in _totals(page).iter_rows(named=True)]
    ranges = [_range(page, level) for level in RANGES]
    return join([*sentences, *(part for part in ranges if part is not None)])


def table(page: Page) -> Html:
    """Every revised figure of Germany and the states, in the order of the change in percent."""
    rows = page.rows("marts.revision").filter(
        pl.col("level").is_in(["country", "state"]), pl.col("change_percent").is_not_null()
    )
    if rows.is_empty():
        return Html(f"<p>{escape(t(NONE))}</p>", block=True)
    ordered = rows.sort(pl.col("level") != "country", "change_percent", "revision_id")
    return page.table(
        "revisions",
        [
            {
                t("Region"): row["region_name"],
                t("Date"): format_date(row["reference_date"]),
                t("Before"): page.number(row["revision_id"], "earlier", digits=0, unit="number"),
                t("After"): page.number(row["revision_id"], "later", digits=0, unit="number"),
                t("Change"): page.number(row["revision_id"], "change_percent"),
                t("Reason"): data_text(row["reason"]),
            }
            for row in ordered.iter_rows(named=True)
        ],
        shown=t("Figures for the same day in two vintages of a source, and the change in percent of the earlier one"),
    )


def _count(page: Page) -> int:
    return page.rows("marts.revision").height


def _totals(page: Page) -> pl.DataFrame:
    """Revised totals of persons in Germany, the largest change first."""
    return (
        page.rows("marts.revision", region_id="DE", measure="persons_total", breakdown="")
        .drop_nulls("change")
        .sort(pl.col("change").abs(), "revision_id", descending=[True, False])
    )


def _of_total(page: Page, row: dict[str, Any]) -> Html:
    revision = str(row["revision_id"])
    return compose(
        "The population of Germany on {date} was first given as {before} and then, with the reason “{reason}”, as "
        "{after}: a change of {percent}.",
        date=format_date(row["reference_date"]),
        before=page.number(revision, "earlier", digits=0, unit="number"),
        after=page.number(revision, "later", digits=0, unit="number"),
        reason=data_text(row["reason"]),
        percent=page.number(revision, "change_percent"),
    )


def _range(page: Page, level: str) -> Html | None:
    rows = page.rows("marts.revision", level=level).drop_nulls("change_percent").sort("change_percent", "revision_id")
    if rows.height < 2:
        return None
    low, high = rows.row(0, named=True), rows.row(-1, named=True)
    return compose(
        RANGES[level],
        low=page.number(low["revision_id"], "change_percent"),
        lowest=low["region_name"],
        high=page.number(high["revision_id"], "change_percent"),
        highest=high["region_name"],
    )
