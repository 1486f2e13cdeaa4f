"""Known errors of publishers: the sentence and the table on what is printed wrong and what was done about it.

Belongs here: words and rows about core.correction. Not here: finding the figures (transform/corrections.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline.report.markup import Html, compose

if TYPE_CHECKING:
    from pipeline.report.page import Page

NONE = "No error of a publisher is known in the figures of this release."
ACTIONS = {
    "drop": "left out of every result",
    "override": "replaced by the right figures",
    "flag": "kept, and marked",
}


def sentence(page: Page) -> Html:
    """Whether errors are known, and whether their publishers know of them."""
    rows = page.rows("core.correction")
    if rows.is_empty():
        return compose(NONE)
    silent = rows["told"].null_count()
    if silent == rows.height:
        told = "no publisher has been told yet"
    else:
        told = "not every publisher has been told yet" if silent else "the publishers were told"
    return compose(
        "In these figures errors of publishers are known; {told}. The files keep what is printed, and what was done "
        "instead is said for each.",
        told=told,
    )


def table(page: Page) -> Html:
    """Every known error, by source and id."""
    rows = page.rows("core.correction").sort("source_id", "correction_id")
    if rows.is_empty():
        return Html(f"<p>{NONE}</p>", block=True)
    return page.table(
        "corrections",
        [
            {
                "Error": row["title"],
                "How it is known": row["reason"],
                "Figures": page.number(row["correction_id"], "figures", digits=0, unit="number"),
                "What was done": ACTIONS[row["action"]],
                "Told": f"{row['told']}, {row['told_on']}" if row["told"] else "nobody yet",
                "State": _state(row),
            }
            for row in rows.iter_rows(named=True)
        ],
        shown="Errors that publishers print, and how many figures of a vintage each concerns",
    )


def _state(row: dict[str, Any]) -> str:
    return f"mended since {row['until_vintage_id']}" if row["status"] == "mended" else row["status"]
