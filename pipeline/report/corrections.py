"""Known errors of publishers: the sentence and the table on what is printed wrong and what was done about it.

Belongs here: words and rows about core.correction. Not here: finding the figures (transform/corrections.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline.language import mark, t
from pipeline.report.markup import Html, compose, data_text, escape

if TYPE_CHECKING:
    from pipeline.report.page import Page

NONE = mark("No error of a publisher is known in the figures of this release.")
ACTIONS = {
    "drop": mark("left out of every result"),
    "override": mark("replaced by the right figures"),
    "flag": mark("kept, and marked"),
}
STATES = {"open": mark("open"), "acknowledged": mark("acknowledged"), "mended": mark("mended since {vintage}")}


def sentence(page: Page) -> Html:
    """Whether errors are known, and whether their publishers know of them."""
    rows = page.rows("core.correction")
    if rows.is_empty():
        return compose(NONE)
    silent = rows["told"].null_count()
    if silent == rows.height:
        known = t("In these figures errors of publishers are known; no publisher has been told yet.")
    elif silent:
        known = t("In these figures errors of publishers are known; not every publisher has been told yet.")
    else:
        known = t("In these figures errors of publishers are known; the publishers were told.")
    return compose("{known} The files keep what is printed, and what was done instead is said for each.", known=known)


def table(page: Page) -> Html:
    """Every known error, by source and id."""
    rows = page.rows("core.correction").sort("source_id", "correction_id")
    if rows.is_empty():
        return Html(f"<p>{escape(t(NONE))}</p>", block=True)
    return page.table(
        "corrections",
        [
            {
                t("Error"): data_text(row["title"]),
                t("How it is known"): data_text(row["reason"]),
                t("Figures"): page.number(row["correction_id"], "figures", digits=0, unit="number"),
                t("What was done"): t(ACTIONS[row["action"]]),
                t("Told"): f"{row['told']}, {row['told_on']}" if row["told"] else t("nobody yet"),
                t("Status"): _state(row),
            }
            for row in rows.iter_rows(named=True)
        ],
        shown=t("Errors that publishers print, and how many figures of a vintage each concerns"),
    )


def _state(row: dict[str, Any]) -> str:
    return t(STATES[row["status"]], vintage=row["until_vintage_id"])
