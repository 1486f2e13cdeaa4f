"""The small print of a state's sheet: definitions, limits, breaks and doubts that touch it, sources, the way back.

Belongs here: which notes concern this state. Not here: its figures (sheet.py), the texts themselves (raw_data).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import polars as pl

from pipeline.language import mark, spoken
from pipeline.report.markup import Html, compose, data_text, escape, join
from pipeline.report.sheet import BACKGROUND, FOREIGN, HISTORY, KEY, SEEKERS, Sheet

LIMITS = (
    mark("Foreign nationality is not migration background: naturalised people and their children are not in it."),
    mark("A share does not say why it is as it is, and a place in an order is no judgement."),
    mark("The four figures are of different days, sources and groups of persons: they cannot be added or subtracted."),
)


def definitions(sheet: Sheet) -> Html:
    """Who is counted as what, in the words of core.concept."""
    rows = {row["concept"]: row for row in sheet.page.rows("core.concept").iter_rows(named=True)}
    language = spoken()
    items = "\n".join(
        f"<dt>{escape(rows[name][f'label_{language}'])}</dt><dd>{escape(rows[name][f'definition_{language}'])}</dd>"
        for name in (FOREIGN, BACKGROUND, HISTORY, SEEKERS, KEY)
        if name in rows
    )
    return _note("definitions", compose("Who is counted"), f"<dl>{items}</dl>")


def limits(sheet: Sheet) -> Html:
    """What the sheet does not show."""
    items = "".join(f"<li>{compose(text).markup}</li>" for text in LIMITS)
    return _note("limits", compose("What this sheet does not show"), f"<ul>{items}</ul>")


def doubts(sheet: Sheet) -> Html:
    """The breaks within the years drawn, the doubts that name the state or one of its districts, and known errors."""
    items = [*_breaks(sheet), *_named(sheet), *_errors(sheet)]
    if not items:
        items = [compose("No break and no doubt on record names this state.")]
    listed = "".join(f"<li>{item.markup}</li>" for item in items)
    return _note("doubts", compose("Breaks and doubts that touch this state"), f"<ul>{listed}</ul>")


def _breaks(sheet: Sheet) -> Iterable[Html]:
    frame = sheet.years
    if frame.is_empty():
        return
    years = frame["year"].to_list()
    source, first, last = frame["source_id"][0], min(years), max(years)
    breaks = sheet.page.rows("core.caveat", source_id=source, kind="break").drop_nulls("since")
    breaks = breaks.join(sheet.vintages, on=["source_id", "vintage_id"], how="semi").sort("position")
    for since, text in breaks.select("since", "text").rows():
        if first < int(since[:4]) <= last:
            yield compose("{since}: {text}", since=since[:4], text=data_text(text))


def _named(sheet: Sheet) -> Iterable[Html]:
    regions = sheet.page.rows("core.region").filter(
        pl.col("state_id") == sheet.region_id,
        pl.col("level").is_in(["state", "district"]),
        pl.col("valid_to").is_null(),
    )
    stems = {name.split(",")[0].strip() for name in regions["name"].to_list()} | {sheet.name}
    # A name inside a longer one is another place: Sachsen is neither Sachsen-Anhalt nor Niedersachsen.
    names = re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, sorted(stems)))})(?![\w-])")
    caveats = sheet.page.rows("core.caveat", kind="doubt")
    caveats = caveats.join(sheet.vintages, on=["source_id", "vintage_id"], how="semi")
    for text in caveats.sort("source_id", "position")["text"].to_list():
        if names.search(text):
            yield data_text(text)


def _errors(sheet: Sheet) -> Iterable[Html]:
    marked = sheet.page.rows("core.observation").filter(
        pl.col("correction_id").is_not_null(), pl.col("region_id").str.starts_with(sheet.region_id)
    )
    marked = marked.join(sheet.vintages, on=["source_id", "vintage_id"], how="semi")
    errors = sheet.page.rows("core.correction").join(marked, on="correction_id", how="semi").sort("correction_id")
    for title in errors["title"].to_list():
        yield compose("Known error: {title}", title=data_text(title))


def sources(sheet: Sheet) -> Html:
    """The attribution lines of the sources on the sheet, by licence."""
    rows = sheet.page.rows("core.vintage").join(sheet.vintages, on=["source_id", "vintage_id"], how="semi")
    lines: dict[str, dict[str, None]] = {}
    for row in rows.sort("source_id", "vintage_order").iter_rows(named=True):
        url = row["licence_url"] or ""
        licence = data_text(row["licence_title"] or row["licence_id"]).markup
        if url.startswith(("https://", "http://")):
            licence = f'<a href="{escape(url)}">{licence}</a>'
        lines.setdefault(licence, {})[data_text(row["attribution"] or row["title"]).markup] = None
    items = "".join(f"<li>{' · '.join(named)}. <em>{licence}</em></li>" for licence, named in lines.items())
    return _note("sources", compose("Sources and licences"), f"<ul>{items}</ul>")


def checking(sheet: Sheet) -> Html:
    """The release and the command that leads from a number back to its lines."""
    shown = next((row["share_id"] for row in sheet.shares(FOREIGN)), None)
    said = [
        compose("Release {release}. Every number is a cell of it; pointing at one shows where it comes from.",
                release=_code(sheet.page.release.id))
    ]  # fmt: skip
    if shown is not None:
        said.append(compose("The way back to the line of the source: {command}", command=_code(f"mo trace {shown}")))
    return _note("checking", compose("How to check"), f"<p>{join(said).markup}</p>")


def _note(name: str, heading: Html, body: str) -> Html:
    return Html(f'<section class="{name}">\n<h2>{heading.markup}</h2>\n{body}\n</section>', block=True)


def _code(text: str) -> Html:
    return Html(f"<code>{escape(text)}</code>")
