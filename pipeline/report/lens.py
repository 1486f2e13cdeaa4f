"""The article under the lens: every statement of the article with its verdict, and how the reader finds one of them.

Belongs here: words, order and markup of analysis.claim_verdict and analysis.claim_evidence on the page, and counts of
their rows. Not here: giving a verdict (pipeline/analysis/claims.py), the look and the filter (reports/assets/page.css).

A count is no cell of a table: it names the rows it counts, separated by blanks, in `data-results`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from pipeline.errors import InputError
from pipeline.release.read import ROW_IDS
from pipeline.report.markup import NBSP, Html, Markdown, compose, enumerate_words, escape, escape_markdown

if TYPE_CHECKING:
    from pipeline.report.page import Page

VERDICTS_TABLE = "analysis.claim_verdict"
NONE = "This release holds no verdict on a statement of the article."
# The filter of page.css knows so many sections of the article; none of those after them could be chosen.
SECTIONS_AT_MOST = 8
# More rows of one source than this are counted, not listed: one statement rests on every district of five states.
ROWS_SHOWN = 4


@dataclass(frozen=True)
class Verdict:
    """How a verdict reads: its name in ids, its tone (against, open, for, none), what it means, a part of a sentence.

    `one` and `many` follow a count: "3 name the wrong year".
    """

    slug: str
    tone: str
    meaning: str
    one: str
    many: str


# In the order of the page: what a reader should know first comes first.
VERDICTS: dict[str, Verdict] = {
    "not supported": Verdict(
        "not-supported", "against", "What is at hand says something else.", "is not supported", "are not supported"
    ),
    "wrong year": Verdict(
        "wrong-year", "against", "The figure fits, but belongs to another year.", "names the wrong year",
        "name the wrong year",
    ),
    "depends on the definition": Verdict(
        "definition", "open", "It fits under one definition and not under another.", "depends on the definition",
        "depend on the definition",
    ),
    "sources disagree": Verdict(
        "disagree", "open", "Independent sources contradict each other.", "has sources that disagree",
        "have sources that disagree",
    ),
    "order of magnitude plausible": Verdict(
        "plausible", "open", "Near, but not the same or not measured finely enough.",
        "is plausible in its order of magnitude", "are plausible in their order of magnitude",
    ),
    "agrees with a secondary source": Verdict(
        "second-hand", "for", "A figure that passed through other hands says the same.",
        "agrees with a secondary source", "agree with a secondary source",
    ),
    "agrees": Verdict("agrees", "for", "The publisher’s own figure says the same.", "agrees", "agree"),
    "cannot be checked": Verdict(
        "unchecked", "none", "Nothing at hand bears on it; what would is named.", "cannot be checked",
        "cannot be checked",
    ),
    "not a quantity": Verdict(
        "no-quantity", "none", "No figure could bear on it.", "is no quantity", "are no quantities"
    ),
}  # fmt: skip
ROLES = {
    "compared": "decided",
    "secondary": "decided, at second hand",
    "definition": "by another definition",
    "alternative": "beside it",
}
_PERCENT = re.compile(r"(?<=\d) %")
# Words of the source that say that there is nothing to cite.
UNCITED = re.compile(r"author|n/", re.IGNORECASE)


def counted(ids: Sequence[str], table: str = VERDICTS_TABLE) -> Html:
    """How many rows `ids` names, as a number that names each of them."""
    named = escape(" ".join(ids))
    rows = "row" if len(ids) == 1 else "rows"
    return Html(
        f'<span class="num count" data-results="{named}" title="count of {rows} of {escape(table)}">{len(ids):,}</span>'
    )


def ids_of(page: Page, *verdicts: str) -> list[str]:
    """The result_id of every statement with one of these verdicts, or of all statements, in the order of the claims."""
    rows = page.rows(VERDICTS_TABLE)
    chosen = rows.filter(pl.col("verdict").is_in(verdicts)) if verdicts else rows
    return chosen.sort("claim_id")["result_id"].to_list()


def heading(page: Page) -> Markdown:
    """Heading, from how many statements agree, name the wrong year, depend on the definition, cannot be checked."""
    total = len(ids_of(page))
    if not total:
        return Markdown("The article under the lens")
    parts = [
        f"{number} {words.one if number == 1 else words.many}"
        for words, number in (
            (VERDICTS["agrees"], len(ids_of(page, "agrees", "agrees with a secondary source"))),
            *((VERDICTS[name], len(ids_of(page, name))) for name in _NAMED_IN_THE_HEADING),
        )
        if number
    ]
    rest = f": of {total} statements {enumerate_words(parts)}" if parts else f": {total} statements"
    return Markdown(escape_markdown(f"The article under the lens{rest}"))


_NAMED_IN_THE_HEADING = ("wrong year", "depends on the definition", "cannot be checked")


def sentence(page: Page) -> Html:
    """How many statements got each verdict, every verdict that occurs."""
    ids = ids_of(page)
    if not ids:
        return compose(NONE)
    places, parts = [], {}
    for verdict, words in VERDICTS.items():
        found = ids_of(page, verdict)
        if found:
            name = words.slug.replace("-", "_")
            parts[name] = counted(found)
            places.append(f"{{{name}}} {words.one if len(found) == 1 else words.many}")
    return compose(f"Of {{total}} statements of the article {enumerate_words(places)}.", total=counted(ids), **parts)


def overview(page: Page) -> Html:
    """A row a verdict that occurs: how often, and what it means; each leads to its group."""
    most = max((len(ids_of(page, verdict)) for verdict in VERDICTS), default=0)
    rows = []
    for verdict, words in VERDICTS.items():
        ids = ids_of(page, verdict)
        if ids:
            bar = f'<span class="bar bar-{words.tone}" style="--part:{len(ids) / most:.3f}" aria-hidden="true"></span>'
            rows.append(
                {
                    "Verdict": Html(f'<a href="#lens-{words.slug}">{escape(verdict)}</a>'),
                    "Statements": Html(counted(ids).markup + bar),
                    "When": words.meaning,
                }
            )
    if not rows:
        return Html(f"<p>{NONE}</p>", block=True)
    return page.table("verdicts", rows, shown="Statements of the article by verdict, number of statements")


def statements(page: Page) -> Html:
    """The filter and every statement, grouped by verdict, each with its finding and its evidence."""
    rows = page.rows(VERDICTS_TABLE)
    if rows.is_empty():
        return Html("", block=True)
    claims = {row["claim_id"]: row for row in page.rows("core.claim").iter_rows(named=True)}
    sections = sorted({str(claims[claim]["section"]) for claim in rows["claim_id"].to_list()})
    if len(sections) > SECTIONS_AT_MOST:
        raise InputError(
            f"the statements stand in {len(sections)} sections of the article, the filter knows {SECTIONS_AT_MOST}",
            key="core.claim",
            remedy="mend the column section, or add rules to reports/assets/page.css and raise SECTIONS_AT_MOST",
        )
    numbers = {section: f"s{number}" for number, section in enumerate(sections, start=1)}
    evidence = _Evidence(page)
    groups = []
    for verdict, words in VERDICTS.items():
        members = rows.filter(pl.col("verdict") == verdict).sort("claim_id")
        if members.is_empty():
            continue
        of_group = [(row, claims[row["claim_id"]]) for row in members.iter_rows(named=True)]
        items = "\n".join(
            _statement(row, claim, words, numbers[str(claim["section"])], evidence) for row, claim in of_group
        )
        within = " ".join(sorted({numbers[str(claim["section"])] for _, claim in of_group}))
        groups.append(
            f'<div class="lens-group" data-verdict="{words.slug}" data-sections="{within}">\n'
            f'<h3 id="lens-{words.slug}">{escape(verdict[0].upper() + verdict[1:])} '
            f'<span class="how-many">({counted(members["result_id"].to_list()).markup})</span></h3>\n'
            f'<p class="shown">{escape(words.meaning)}</p>\n<ul class="claims">\n{items}\n</ul>\n</div>'
        )
    listed = "\n".join(groups)
    return Html(f'<div class="lens">\n{_filter(page, claims, numbers)}\n{listed}\n</div>', block=True)


def link(page: Page, claims: Sequence[str]) -> Html:
    """`statements C057 and C058`, each leading to its place; empty where the release judged none of them."""
    judged = page.rows(VERDICTS_TABLE)["claim_id"].to_list()
    links = [f'<a href="#claim-{escape(claim)}">{escape(claim)}</a>' for claim in claims if claim in judged]
    return Html(f"statement{'s' if len(links) > 1 else ''} {enumerate_words(links)}" if links else "")


def verdict(page: Page, claim: str) -> Html:
    """The verdict on one statement in words, leading to its place; empty where the release judged it not."""
    found = page.rows(VERDICTS_TABLE, claim_id=claim)
    if found.is_empty():
        return Html("")
    row = found.row(0, named=True)
    judged = f'<strong class="verdict" data-result="{escape(row["result_id"])}">{escape(row["verdict"])}</strong>'
    return Html(f"{judged} ({link(page, [claim]).markup})")


def _filter(page: Page, claims: Mapping[str, Mapping[str, Any]], sections: Mapping[str, str]) -> str:
    """Two sets of radio buttons. They are hidden until page.css, which acts on them, shows them."""
    judged = page.rows(VERDICTS_TABLE).sort("claim_id")
    by_section: dict[str, list[str]] = {}
    for result, claim in judged.select("result_id", "claim_id").iter_rows():
        by_section.setdefault(str(claims[claim]["section"]), []).append(result)
    verdicts = [(words.slug, verdict, ids_of(page, verdict)) for verdict, words in VERDICTS.items()]
    everything = ("all", "all", judged["result_id"].to_list())
    return "\n".join(
        (
            '<div class="lens-filter" hidden>',
            _choice("verdict", "Show by verdict", [everything, *(one for one in verdicts if one[2])]),
            _choice(
                "section",
                "Show by section of the article",
                [everything, *((number, name, by_section[name]) for name, number in sections.items())],
            ),
            "</div>",
        )
    )


def _choice(name: str, legend: str, choices: Sequence[tuple[str, str, Sequence[str]]]) -> str:
    labels = "\n".join(
        f'<label><input type="radio" name="lens-{name}" id="lens-{name}-{value}" autocomplete="off"'
        f"{' checked' if value == 'all' else ''}> {escape(words)} {counted(ids).markup}</label>"
        for value, words, ids in choices
    )
    return f"<fieldset><legend>{escape(legend)}</legend>\n{labels}\n</fieldset>"


def _statement(
    row: Mapping[str, Any], claim: Mapping[str, Any], words: Verdict, section: str, evidence: _Evidence
) -> str:
    claim_id, result_id = escape(row["claim_id"]), escape(row["result_id"])
    says, finding, missing = _told(row, claim)
    cited = str(claim["cited_source"] or "")
    cites = "" if not cited or UNCITED.match(cited) else f", citing {escape(cited)}"
    title = str(claim["statement"])
    parts = (("Article", claim_id, says), ("Finding", result_id, finding), ("Missing", result_id, missing))
    told = "".join(
        f'<div><dt>{name}</dt><dd data-result="{of}">{escape(text)}</dd></div>' for name, of, text in parts if text
    )
    return (
        f'<li class="claim" id="claim-{claim_id}" data-verdict="{words.slug}" data-section="{section}">\n'
        f'<h4 data-result="{claim_id}">{escape(title[:1].upper() + title[1:])}</h4>\n'
        f'<p class="where"><a href="#claim-{claim_id}">{claim_id}</a> '
        f'<span class="judged judged-{words.tone}">{escape(row["verdict"])}</span> '
        f"<span>{escape(claim['section'])}{cites}</span></p>\n"
        f"<dl>{told}</dl>\n{evidence.html(row)}\n</li>"
    )


def _told(row: Mapping[str, Any], claim: Mapping[str, Any]) -> tuple[str, str, str]:
    """What the article says, what was found and what is missing, cut out of the one computed sentence.

    The sentence names the statement and what is missing too; on the page both have a place of their own.
    """
    sentence, missing = str(row["sentence"]), str(row["missing"] or "")
    opening = f"On “{claim['statement']}” the article says "
    says = str(row["claimed"])
    if sentence.startswith(opening + says):
        years, cut, rest = sentence[len(opening + says) :].partition("; ")
        if cut:
            says, sentence = says + years, rest
    if missing:
        sentence = sentence.replace(f"; missing: {missing}", "")
        missing = f"{missing[:1].upper()}{missing[1:]}."
    return says, _PERCENT.sub(f"{NBSP}%", sentence[:1].upper() + sentence[1:]), missing


class _Evidence:
    """The rows verdicts rest on, with the place of each row's source in the list of sources."""

    def __init__(self, page: Page) -> None:
        frame = page.rows("analysis.claim_evidence")
        self._rows: dict[str, dict[str, dict[str, Any]]] = {}
        for row in frame.iter_rows(named=True):
            self._rows.setdefault(row["result_id"], {})[row["evidence_id"]] = row
        named = frame["evidence_id"].unique().to_list()
        self._of: dict[str, tuple[str, str]] = {}
        for table, column in ROW_IDS.items():
            found = page.rows(table).filter(pl.col(column).is_in(named))
            for row in found.iter_rows(named=True):
                if (source := _source(page, row)) is not None:
                    self._of.setdefault(row[column], source)
        self._listed = set(page.rows("core.vintage").select("source_id", "vintage_id").iter_rows())

    def html(self, row: Mapping[str, Any]) -> str:
        """The folded part of one verdict: the rows, what was granted, why these rows, and how to trace it."""
        rows = self._rows.get(row["result_id"], {})
        order = [one for one in str(row["evidence_ids"]).split(";") if one in rows]
        shown, left = [], 0
        of_source: dict[tuple[str, tuple[str, str] | None], int] = {}
        for name in order:
            kind = (rows[name]["role"], self._of.get(name))
            of_source[kind] = of_source.get(kind, 0) + 1
            if of_source[kind] <= ROWS_SHOWN:
                shown.append(self._item(name, rows[name]))
            else:
                left += 1
        trace = f"<code>mo trace {escape(row['result_id'])}</code>"
        more = (
            f'<p class="more"><span data-result="{escape(row["result_id"])}">{left:,}</span> more rows of the same '
            f"sources: {trace} lists them all.</p>"
            if left
            else ""
        )
        listed = "\n".join(shown)
        items = f'<ul class="evidence">\n{listed}\n</ul>{more}' if shown else "<p>No row at hand bears on it.</p>"
        return (
            f'<details><summary>Evidence<span class="unseen"> on {escape(row["claim_id"])}</span></summary>\n{items}\n'
            f"<p>Why so: {escape(row['reason'])} Granted: {escape(row['tolerance'])}. The whole way: {trace}</p>"
            "</details>"
        )

    def _item(self, name: str, row: Mapping[str, Any]) -> str:
        source = self._of.get(name)
        link = ""
        if source is not None and source in self._listed:
            words = escape("/".join(source))
            link = f'<a href="#source-{words.replace("/", "-")}">{words}</a> '
        return (
            f'<li><b>{ROLES[row["role"]]}</b> <span data-result="{escape(name)}">{escape(row["figure"])}</span> '
            f"<small>{link}<code>mo trace {escape(_quoted(name))}</code></small></li>"
        )


def _quoted(name: str) -> str:
    """The id as a shell takes it: a city may have a blank in its name."""
    return name if re.fullmatch(r"[\w.:=+/-]+", name) else "'" + name.replace("'", "'\\''") + "'"


def _source(page: Page, row: Mapping[str, Any]) -> tuple[str, str] | None:
    """Source and vintage of a row: its own, those of the file it was read from, or those of the row it rests on."""
    if row.get("source_id") and row.get("vintage_id"):
        return row["source_id"], row["vintage_id"]
    if row.get("raw_file"):
        source, vintage, *_ = f"{row['raw_file']}//".split("/")
        return source, vintage
    if row.get("series_id"):
        series = page.rows("analysis.east_west", series_id=row["series_id"])
        return (series["source_id"][0], series["vintage_id"][0]) if series.height else None
    if row.get("figure_id"):
        figures = page.rows("core.study_figure", figure_id=row["figure_id"])
        return (figures["source_id"][0], figures["vintage_id"][0]) if figures.height else None
    return None
