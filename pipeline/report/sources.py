"""The list of sources on the page.

Belongs here: which of a vintage's words a reader sees, in which order. Not here: where they come from (raw_data).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from pipeline.errors import InputError
from pipeline.report.markup import Html, escape

VINTAGE_COLUMNS = (
    "source_id",
    "vintage_id",
    "vintage_order",
    "in_use",
    "title",
    "publisher",
    "table_id",
    "url",
    "published",
    "licence_id",
    "licence_title",
    "licence_url",
    "licence_evidence",
    "licence_note",
    "attribution",
    "obtained_how",
    "obtained_note",
    "definition_note",
)

WAITS = "<strong>This vintage waits:</strong> no figure on this page comes from it."


def sources_html(vintages: pl.DataFrame, caveats: pl.DataFrame, observations: pl.DataFrame) -> Html:
    """Every vintage of the release, alphabetically by source, then in the order of the vintages.

    One that waits says so: it is on record, and no figure on the page comes from it.

    Args:
        vintages: core.vintage, columns VINTAGE_COLUMNS.
        caveats: core.caveat, its breaks and doubts.
        observations: core.observation; source_id, vintage_id and reference_date give the dates covered.

    Raises:
        InputError: a column is missing.
    """
    absent = [column for column in VINTAGE_COLUMNS if column not in vintages.columns]
    if absent:
        raise InputError(f"core.vintage has no column {absent[0]}", key="core.vintage", remedy="run `mo run` again")
    dates = {
        (source, vintage): (first, last)
        for source, vintage, first, last in observations.group_by("source_id", "vintage_id")
        .agg(first=pl.col("reference_date").min(), last=pl.col("reference_date").max())
        .iter_rows()
    }
    said: dict[tuple[str, str], dict[str, list[str]]] = {}
    for row in caveats.sort("source_id", "vintage_id", "kind", "position").iter_rows(named=True):
        said.setdefault((row["source_id"], row["vintage_id"]), {}).setdefault(row["kind"], []).append(
            f"{row['since']}: {row['text']}" if row["since"] else row["text"]
        )
    items = []
    for row in vintages.sort("source_id", "vintage_order").iter_rows(named=True):
        key = (row["source_id"], row["vintage_id"])
        items.append(_item(row, dates.get(key), said.get(key, {})))
    listed = "\n".join(items)
    return Html(f'<ol class="sources">\n{listed}\n</ol>', block=True)


def _item(row: Mapping[str, Any], dates: tuple[Any, Any] | None, caveats: Mapping[str, list[str]]) -> str:
    name = f"{row['source_id']}/{row['vintage_id']}"
    table = f", table {escape(row['table_id'])}" if row["table_id"] else ""
    published = f", published {escape(row['published'])}" if row["published"] else ""
    covered = ""
    if dates and dates[0] is not None:
        first, last = (date.isoformat() for date in dates)
        covered = f" Reference date {first}." if first == last else f" Reference dates {first} to {last}."
    title = _link(row["title"], row["url"])
    licence = _link(row["licence_title"] or row["licence_id"] or "no licence named", row["licence_url"])
    evidence = f" ({escape(row['licence_evidence'])})" if row["licence_evidence"] else ""
    more = [
        ("Definition", _entries(row["definition_note"])),
        (
            "How the figures were obtained",
            _entries(": ".join(filter(None, (row["obtained_how"], row["obtained_note"])))),
        ),
        ("On the licence", _entries(row["licence_note"])),
        ("Breaks in the series", caveats.get("break", [])),
        ("Doubts", caveats.get("doubt", [])),
    ]
    notes = "".join(
        f"<dt>{heading}</dt>{''.join(f'<dd>{escape(entry)}</dd>' for entry in entries)}"
        for heading, entries in more
        if entries
    )
    count = len(caveats.get("doubt", []))
    waits = "" if row["in_use"] else f" {WAITS}"
    anchor = escape(name).replace("/", "-")
    doubts = f", {count} {'doubt' if count == 1 else 'doubts'}" if count else ""
    return (
        f'<li id="source-{anchor}"><p class="source-title">{title}</p>\n'
        f"<p>{escape(row['publisher'])}{table}{published}.{covered}{waits} Licence: {licence}{evidence}. "
        f'<span class="attribution">{escape(row["attribution"] or "")}</span></p>\n'
        + (
            f"<details><summary>Notes on <code>{escape(name)}</code>{doubts}</summary><dl>{notes}</dl></details>"
            if notes
            else ""
        )
        + "</li>"
    )


def _link(text: str, url: str | None) -> str:
    if url and url.startswith(("https://", "http://")):
        return f'<a href="{escape(url)}">{escape(text)}</a>'
    return escape(text)


def _entries(text: str | None) -> list[str]:
    return [entry.strip() for entry in (text or "").split("\n") if entry.strip()]
