"""How to read the page: the signs of the statistical offices and the marks of this report.

Belongs here: words for each sign and mark. Not here: what a sign does to a value (pipeline.transform.markers).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.language import mark, t
from pipeline.report.markup import Html, escape

if TYPE_CHECKING:
    from pipeline.report.page import Page

OFFICES = mark("Signs of the statistical offices")
MARKS = mark("Marks of this report")
SIGNS = {
    "-": mark("Nothing: the publisher counted none, or the district did not exist."),
    "0": mark("Less than half of the last digit shown."),
    "/": mark("Not published, because the figure is not reliable enough."),
    ".": mark("Unknown, or kept secret."),
    "x": mark("The cell makes no sense."),
    "...": mark("The figure comes later."),
    "()": mark("The figure is published, but its reliability is limited."),
}
# The number shown is an example of the mark, of no row.
PROVISIONAL = mark(
    "Something about the number is provisional, inferred, approximate, assumed or extrapolated; pointing at it says "
    "what."
)
INTERVAL = mark("The 95\u00a0% interval of the number before it, or what its rounding leaves open.")
ADJUSTED = mark("A p value adjusted for the number of comparisons in its family, after Holm.")
WAITS = mark("A newer file of the source is on record, and no figure on this page comes from it.")
FLAGGED = mark("The number has a row of its own: pointing at it names source, definition and method.")


def table(page: Page) -> Html:
    """Every sign with its meaning: those a publisher prints, then those of this page."""
    rows: list[dict[str, object]] = []
    groups = []
    for sign, words in SIGNS.items():
        rows.append({t("Sign"): Html(f"<code>{escape(sign)}</code>"), t("Meaning"): t(words)})
        groups.append(t(OFFICES))
    for shown, words in (
        (f'<span class="num provisional">{escape(t("dotted line"))}</span>', PROVISIONAL),
        (escape(t("number in a table or sentence")), FLAGGED),
        (escape(t("range in brackets")), INTERVAL),
        (escape(t("Holm")), ADJUSTED),
        (escape(t("This vintage waits")), WAITS),
    ):
        rows.append({t("Sign"): Html(shown), t("Meaning"): t(words)})
        groups.append(t(MARKS))
    shown = t("What signs in the publishers’ tables and marks on this page mean")
    return page.table("signs", rows, shown=shown, groups=groups)
