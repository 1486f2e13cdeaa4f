"""The article under the lens: every statement of the article with its verdict, and how the reader finds one of them.

Belongs here: words, order and markup of analysis.claim_verdict and analysis.claim_evidence on the page, and counts of
their rows. Not here: giving a verdict (pipeline/analysis/claims.py), the look and the filter (reports/assets/page.css).

A count is no cell of a table: it names the rows it counts, separated by blanks, in `data-results`.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from pipeline.errors import InputError
from pipeline.language import NBSP, SOURCE, format_number, listing, mark, named, of_data, speaking, spoken, t, twin
from pipeline.release.read import ROW_IDS
from pipeline.report.markup import Html, Markdown, compose, data_text, escape, escape_markdown

if TYPE_CHECKING:
    from pipeline.report.page import Page

VERDICTS_TABLE = "analysis.claim_verdict"
NONE = mark("This release holds no verdict on a statement of the article.")
# The filter of page.css knows so many sections of the article; none of those after them could be chosen.
SECTIONS_AT_MOST = 8
# More rows of one source than this are counted, not listed: one statement rests on every district of five states.
ROWS_SHOWN = 4


@dataclass(frozen=True)
class Verdict:
    """How a verdict reads: its name in ids, its tone (against, open, for, none), its words, what it means.

    `one` and `many` tell a count of statements: "3 name the wrong year".
    """

    slug: str
    tone: str
    words: str
    meaning: str
    one: str
    many: str


# In the order of the page: what a reader should know first comes first.
VERDICTS: dict[str, Verdict] = {
    "not supported": Verdict(
        "not-supported", "against", mark("not supported"), mark("What is at hand says something else."),
        mark("{number} is not supported"), mark("{number} are not supported"),
    ),
    "wrong year": Verdict(
        "wrong-year", "against", mark("wrong year"), mark("The figure fits, but belongs to another year."),
        mark("{number} names the wrong year"), mark("{number} name the wrong year"),
    ),
    "depends on the definition": Verdict(
        "definition", "open", mark("depends on the definition"),
        mark("It fits under one definition and not under another."),
        mark("{number} depends on the definition"), mark("{number} depend on the definition"),
    ),
    "sources disagree": Verdict(
        "disagree", "open", mark("sources disagree"), mark("Independent sources contradict each other."),
        mark("{number} has sources that disagree"), mark("{number} have sources that disagree"),
    ),
    "order of magnitude plausible": Verdict(
        "plausible", "open", mark("order of magnitude plausible"),
        mark("Near, but not the same or not measured finely enough."),
        mark("{number} is plausible in its order of magnitude"),
        mark("{number} are plausible in their order of magnitude"),
    ),
    "agrees with a secondary source": Verdict(
        "second-hand", "for", mark("agrees with a secondary source"),
        mark("A figure that passed through other hands says the same."),
        mark("{number} agrees with a secondary source"), mark("{number} agree with a secondary source"),
    ),
    "agrees": Verdict(
        "agrees", "for", mark("agrees"), mark("The publisher’s own figure says the same."),
        mark("{number} agrees"), mark("{number} agree"),
    ),
    "cannot be checked": Verdict(
        "unchecked", "none", mark("cannot be checked"), mark("Nothing at hand bears on it; what would is named."),
        mark("{number} cannot be checked"), mark("{number} cannot be checked"),
    ),
    "not a quantity": Verdict(
        "no-quantity", "none", mark("not a quantity"), mark("No figure could bear on it."),
        mark("{number} is no quantity"), mark("{number} are no quantities"),
    ),
}  # fmt: skip
ROLES = {
    "compared": mark("decided"),
    "secondary": mark("decided, at second hand"),
    "definition": mark("by another definition"),
    "alternative": mark("beside it"),
}
_PERCENT = re.compile(r"(?<=\d) %")
# Words of the source that say that there is nothing to cite.
UNCITED = re.compile(r"author|n/", re.IGNORECASE)
# A text without words in the language of the page stands in its own quotation marks in a computed sentence.
_ENGLISH = re.compile("“[^“”]*”")


def counted(ids: Sequence[str], table: str = VERDICTS_TABLE, *, where: str | None = None) -> Html:
    """How many rows `ids` names, as a number that names each of them; or their table and a condition, if they are many.

    Args:
        ids: the rows that are counted.
        table: the table they stand in.
        where: the condition in SQL that chooses exactly these rows.
    """
    rows = escape(" ".join(ids) if where is None else f"{table} where {where}")
    title = compose(mark("count of row of {table}") if len(ids) == 1 else mark("count of rows of {table}"), table=table)
    return Html(
        f'<span class="num count" data-results="{rows}" title="{title}">{escape(format_number(len(ids), 0))}</span>'
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
        return Markdown(escape_markdown(t("The article under the lens")))
    parts = [
        t(words.one if number == 1 else words.many, number=format_number(number, 0))
        for words, number in (
            (VERDICTS["agrees"], len(ids_of(page, "agrees", "agrees with a secondary source"))),
            *((VERDICTS[name], len(ids_of(page, name))) for name in _NAMED_IN_THE_HEADING),
        )
        if number
    ]
    if not parts:
        return Markdown(escape_markdown(t("The article under the lens: {total} statements", total=total)))
    text = t("The article under the lens: of {total} statements {counts}", total=total, counts=listing(parts))
    return Markdown(escape_markdown(text))


_NAMED_IN_THE_HEADING = ("wrong year", "depends on the definition", "cannot be checked")


def sentence(page: Page) -> Html:
    """How many statements got each verdict, every verdict that occurs."""
    ids = ids_of(page)
    if not ids:
        return compose(NONE)
    parts = [
        compose(words.one if len(found) == 1 else words.many, number=counted(found)).markup
        for verdict, words in VERDICTS.items()
        if (found := ids_of(page, verdict))
    ]
    return compose("Of {total} statements of the article {counts}.", total=counted(ids), counts=Html(listing(parts)))


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
                    t("Verdict"): Html(f'<a href="#lens-{words.slug}">{escape(t(words.words))}</a>'),
                    t("Statements"): Html(counted(ids).markup + bar),
                    t("When"): t(words.meaning),
                }
            )
    if not rows:
        return Html(f"<p>{compose(NONE)}</p>", block=True)
    return page.table("verdicts", rows, shown=t("Statements of the article by verdict, number of statements"))


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
            f'<h3 id="lens-{words.slug}">{escape(_capital(t(words.words)))} '
            f'<span class="how-many">({counted(members["result_id"].to_list()).markup})</span></h3>\n'
            f'<p class="shown">{escape(t(words.meaning))}</p>\n<ul class="claims">\n{items}\n</ul>\n</div>'
        )
    listed = "\n".join(groups)
    return Html(f'<div class="lens">\n{_filter(page, claims, numbers)}\n{listed}\n</div>', block=True)


def link(page: Page, claims: Sequence[str]) -> Html:
    """`statements C057 and C058`, each leading to its place; empty where the release judged none of them."""
    judged = page.rows(VERDICTS_TABLE)["claim_id"].to_list()
    links = [f'<a href="#claim-{escape(claim)}">{escape(claim)}</a>' for claim in claims if claim in judged]
    if not links:
        return Html("")
    return compose(
        mark("statements {links}") if len(links) > 1 else mark("statement {links}"), links=Html(listing(links))
    )


def verdict(page: Page, claim: str) -> Html:
    """The verdict on one statement in words, leading to its place; empty where the release judged it not."""
    found = page.rows(VERDICTS_TABLE, claim_id=claim)
    if found.is_empty():
        return Html("")
    row = found.row(0, named=True)
    words = escape(t(VERDICTS[row["verdict"]].words))
    judged = f'<strong class="verdict" data-result="{escape(row["result_id"])}">{words}</strong>'
    return Html(f"{judged} ({link(page, [claim]).markup})")


def _filter(page: Page, claims: Mapping[str, Mapping[str, Any]], sections: Mapping[str, str]) -> str:
    """Two sets of radio buttons. They are hidden until page.css, which acts on them, shows them."""
    judged = page.rows(VERDICTS_TABLE).sort("claim_id")
    by_section: dict[str, list[str]] = {}
    for result, claim in judged.select("result_id", "claim_id").iter_rows():
        by_section.setdefault(str(claims[claim]["section"]), []).append(result)
    verdicts = [
        (words.slug, Html(escape(t(words.words))), ids_of(page, verdict)) for verdict, words in VERDICTS.items()
    ]
    everything = ("all", Html(escape(t("all"))), judged["result_id"].to_list())
    return "\n".join(
        (
            '<div class="lens-filter" hidden>',
            _choice("verdict", t("Show by verdict"), [everything, *(one for one in verdicts if one[2])]),
            _choice(
                "section",
                t("Show by section of the article"),
                [everything, *((number, data_text(name), by_section[name]) for name, number in sections.items())],
            ),
            "</div>",
        )
    )


def _choice(name: str, legend: str, choices: Sequence[tuple[str, Html, Sequence[str]]]) -> str:
    labels = "\n".join(
        f'<label><input type="radio" name="lens-{name}" id="lens-{name}-{value}" autocomplete="off"'
        f"{' checked' if value == 'all' else ''}> {words} {counted(ids).markup}</label>"
        for value, words, ids in choices
    )
    return f"<fieldset><legend>{escape(legend)}</legend>\n{labels}\n</fieldset>"


def _statement(
    row: Mapping[str, Any], claim: Mapping[str, Any], words: Verdict, section: str, evidence: _Evidence
) -> str:
    claim_id, result_id = escape(row["claim_id"]), escape(row["result_id"])
    language = spoken() if twin("sentence") in row else SOURCE
    with speaking(language):
        says, finding, missing = _told(row, claim)
    cited = str(claim["cited_source"] or "")
    where = data_text(claim["section"])
    if cited and not UNCITED.match(cited):
        where = compose("{section}, citing {source}", section=where, source=data_text(cited))
    title, of_title = of_data(str(claim["statement"]))
    in_other = "" if of_title == spoken() else f' lang="{of_title}"'
    parts = ((t("Article"), claim_id, says), (t("Finding"), result_id, finding), (t("Missing"), result_id, missing))
    listed = "".join(
        f'<div><dt>{escape(name)}</dt><dd data-result="{of}">{_marked(text, language)}</dd></div>'
        for name, of, text in parts
        if text
    )
    return (
        f'<li class="claim" id="claim-{claim_id}" data-verdict="{words.slug}" data-section="{section}">\n'
        f'<h4 data-result="{claim_id}"{in_other}>{escape(_capital(title))}</h4>\n'
        f'<p class="where"><a href="#claim-{claim_id}">{claim_id}</a> '
        f'<span class="judged judged-{words.tone}">{escape(t(words.words))}</span> '
        f"<span>{where}</span></p>\n"
        f"<dl>{listed}</dl>\n{evidence.html(row)}\n</li>"
    )


def _told(row: Mapping[str, Any], claim: Mapping[str, Any]) -> tuple[str, str, str]:
    """What the article says, what was found and what is missing, cut out of the one computed sentence.

    The sentence names the statement and what is missing too; on the page both have a place of their own.
    """
    sentence, missing = str(row[twin("sentence")]), str(row[twin("missing")] or "")
    says = str(row[twin("claimed")])
    opening = t("On {statement} the article says {claimed}", statement=named(str(claim["statement"])), claimed="")
    if sentence.startswith(opening + says):
        years, cut, rest = sentence[len(opening + says) :].partition("; ")
        if cut:
            says, sentence = says + years, rest
    if missing:
        sentence = sentence.replace(t("{clause}; missing: {missing}", clause="", missing=missing), "")
        missing = f"{_capital(missing)}."
    return says, _PERCENT.sub(f"{NBSP}%", _capital(sentence)), missing


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _computed(row: Mapping[str, Any], column: str) -> Html:
    """A computed text of a row; a release from before the other languages has it in English alone."""
    name = twin(column)
    return Html(_marked(str(row[name]), spoken()) if name in row else _marked(str(row[column]), SOURCE))


def _marked(text: str, language: str) -> str:
    """The computed text of a language escaped, and what of it is not in that of the page marked as English."""
    if language != spoken():
        return f'<span lang="{language}">{escape(text)}</span>'
    if language == SOURCE:
        return escape(text)
    pieces, end = [], 0
    for match in _ENGLISH.finditer(text):
        pieces += [html.escape(text[end : match.start()]), f'<span lang="{SOURCE}">{html.escape(match[0])}</span>']
        end = match.end()
    return "".join((*pieces, html.escape(text[end:])))


class _Evidence:
    """The rows verdicts rest on, with the place of each row's source in the list of sources."""

    def __init__(self, page: Page) -> None:
        frame = page.rows("analysis.claim_evidence")
        self._rows: dict[str, dict[str, dict[str, Any]]] = {}
        for row in frame.iter_rows(named=True):
            self._rows.setdefault(row["result_id"], {})[row["evidence_id"]] = row
        ids = frame["evidence_id"].unique().to_list()
        self._of: dict[str, tuple[str, str]] = {}
        for table, column in ROW_IDS.items():
            found = page.rows(table).filter(pl.col(column).is_in(ids))
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
        trace = Html(f"<code>mo trace {escape(row['result_id'])}</code>")
        of = escape(row["result_id"])
        number = Html(f'<span data-result="{of}">{escape(format_number(left, 0))}</span>')
        said = compose("{number} more rows of the same sources: {trace} lists them all.", number=number, trace=trace)
        more = f'<p class="more">{said}</p>' if left else ""
        listed = "\n".join(shown)
        items = (
            f'<ul class="evidence">\n{listed}\n</ul>{more}'
            if shown
            else f"<p>{compose('No row at hand bears on it.')}</p>"
        )
        summary = compose(
            "Evidence{unseen}",
            unseen=Html(f'<span class="unseen"> {compose("on {claim}", claim=row["claim_id"])}</span>'),
        )
        why = compose(
            "Why so: {reason} Granted: {tolerance}. The whole way: {trace}",
            reason=_computed(row, "reason"),
            tolerance=_computed(row, "tolerance"),
            trace=trace,
        )
        return f"<details><summary>{summary}</summary>\n{items}\n<p>{why}</p></details>"

    def _item(self, name: str, row: Mapping[str, Any]) -> str:
        source = self._of.get(name)
        link = ""
        if source is not None and source in self._listed:
            words = escape("/".join(source))
            link = f'<a href="#source-{words.replace("/", "-")}">{words}</a> '
        return (
            f"<li><b>{escape(t(ROLES[row['role']]))}</b> "
            f'<span data-result="{escape(name)}">{_computed(row, "figure")}</span> '
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
