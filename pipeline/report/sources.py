"""The list of sources on the page.

Belongs here: which of a vintage's words a reader sees, in which order. Not here: where they come from (raw_data).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import polars as pl

from pipeline.errors import InputError
from pipeline.language import format_date, mark, of_data, t, tn
from pipeline.report.markup import Html, compose, data_text, escape

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

WAITS = mark("This vintage waits: no figure on this page comes from it.")


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
            f"{escape(row['since'])}: {data_text(row['text'])}" if row["since"] else data_text(row["text"]).markup
        )
    items = []
    for row in vintages.sort("source_id", "vintage_order").iter_rows(named=True):
        key = (row["source_id"], row["vintage_id"])
        items.append(_item(row, dates.get(key), said.get(key, {})))
    listed = "\n".join(items)
    return Html(f'<ol class="sources">\n{listed}\n</ol>', block=True)


def _item(row: Mapping[str, Any], dates: tuple[Any, Any] | None, caveats: Mapping[str, list[str]]) -> str:
    name = f"{row['source_id']}/{row['vintage_id']}"
    # A publisher or a licence is a name, or a phrase that the catalogue knows.
    said = [escape(of_data(row["publisher"])[0])]
    if row["table_id"]:
        said.append(escape(t("table {table}", table=row["table_id"])))
    if row["published"]:
        said.append(escape(t("published {date}", date=_date(row["published"]))))
    told = [f"{', '.join(said)}."]
    if dates and dates[0] is not None:
        first, last = (format_date(date) for date in dates)
        told.append(
            escape(
                t("Reference date {date}.", date=first)
                if first == last
                else t("Reference dates {first} to {last}.", first=first, last=last)
            )
        )
    if not row["in_use"]:
        told.append(f"<strong>{escape(t(WAITS))}</strong>")
    named = row["licence_title"] or row["licence_id"]
    licence = _link(Html(escape(of_data(named)[0] if named else t("no licence named"))), row["licence_url"])
    evidence = f" ({data_text(row['licence_evidence'])})" if row["licence_evidence"] else ""
    told.append(f"{compose('Licence: {licence}', licence=licence)}{evidence}.")
    told.append(f'<span class="attribution">{data_text(row["attribution"] or "")}</span>')
    obtained = [data_text(text).markup for text in (row["obtained_how"], *_entries(row["obtained_note"])) if text]
    more = [
        (t("Definition"), [data_text(entry).markup for entry in _entries(row["definition_note"])]),
        (t("How the figures were obtained"), obtained),
        (t("On the licence"), [data_text(entry).markup for entry in _entries(row["licence_note"])]),
        (t("Breaks in the series"), caveats.get("break", [])),
        (t("Doubts"), caveats.get("doubt", [])),
    ]
    notes = "".join(
        f"<dt>{escape(heading)}</dt>{''.join(f'<dd>{entry}</dd>' for entry in entries)}"
        for heading, entries in more
        if entries
    )
    count = len(caveats.get("doubt", []))
    anchor = escape(name).replace("/", "-")
    head = compose("Notes on {name}", name=Html(f"<code>{escape(name)}</code>")).markup
    doubts = f", {escape(tn('{number} doubt', '{number} doubts', count))}" if count else ""
    return (
        f'<li id="source-{anchor}"><p class="source-title">{_link(data_text(row["title"]), row["url"])}</p>\n'
        f"<p>{' '.join(told)}</p>\n"
        + (f"<details><summary>{head}{doubts}</summary><dl>{notes}</dl></details>" if notes else "")
        + "</li>"
    )


def _date(printed: str) -> str:
    """A day as the language writes it; a year, and whatever else is known of a date, as it is."""
    try:
        return format_date(dt.date.fromisoformat(printed))
    except ValueError:
        return printed


def _link(text: Html, url: str | None) -> Html:
    if url and url.startswith(("https://", "http://")):
        return Html(f'<a href="{escape(url)}">{text}</a>')
    return text


def _entries(text: str | None) -> list[str]:
    return [entry.strip() for entry in (text or "").split("\n") if entry.strip()]
