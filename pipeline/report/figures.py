"""Charts and tables of the release as HTML for the page.

Belongs here: making a released SVG safe to inline, the data behind it as a table and a CSV, and tables by great_tables.
Not here: choosing rows (page.py), drawing (pipeline.charts), the look (reports/assets/page.css).
"""

from __future__ import annotations

import base64
import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote
from xml.etree import ElementTree as ET

import polars as pl

from pipeline.errors import InputError
from pipeline.language import NBSP, format_number, of_data, t
from pipeline.report.chart_tables import DataTable, readable
from pipeline.report.markup import Html, compose, escape

SVG = "http://www.w3.org/2000/svg"
XLINK_HREF = "{http://www.w3.org/1999/xlink}href"
# Nothing a drawing needs; each of them could run, fetch or restyle the page around it.
REFUSED = frozenset({"script", "foreignObject", "style", "iframe", "audio", "video", "animate", "set"})
# A table of more rows shows its first ones; on paper one of more than SHORT_ROWS stays folded.
MOST_ROWS, FIRST_ROWS = 60, 20
SHORT_ROWS = 20
# What a data address may hold unescaped and HTML leaves alone; the rest of a CSV, a tenth of it, is percent-encoded.
PLAIN = ",;:/=()!*$'-._~@"
# Characters of a CSV that is put into the page as it is.
PLAIN_CSV = 3_000
CELL = re.compile(r"<t[dh]\b[^>]*>")
NEEDLESS = re.compile(
    r' (?:id|headers)="[^"]*"| (?:rowspan|colspan)="1"'
    r'|(?<=class=")gt_(?:row|col_heading gt_columns_bottom_border) | gt_stub'
)
STYLE = re.compile(r"<style>.*?</style>\s*", re.DOTALL)


@dataclass(frozen=True)
class ChartView:
    """What the page shows of a released chart: the drawing, its data as CSV text, and its words.

    `finding` and `shown` are the two titles, `source` names the publishers, `date` the period of the figures; all of
    them in the language being spoken.
    """

    name: str
    svg: str
    csv: str
    finding: str
    shown: str
    description: str
    source: Sequence[str]
    date: str


def chart_html(chart: ChartView) -> Html:
    """One chart: what is shown, the drawing, source and date, and the data as a table and a CSV link.

    On paper a table of more than SHORT_ROWS rows stays folded, and says so (class `long`, see page.css).
    """
    name = escape(chart.name)
    table = readable(chart.csv, name=chart.name)
    file, address = _download(chart)
    long = " long" if len(table.rows) > SHORT_ROWS else ""
    # Publishers are names; those that are a phrase have their words in the catalogue.
    sources = "; ".join(of_data(source)[0] for source in chart.source)
    scrolls = escape(t("Chart, scrolls sideways on narrow screens"))
    said = compose("Source: {source}. Period: {period}.", source=sources, period=chart.date)
    save = compose("Save all these data as CSV ({file})", file=file)
    return Html(
        f'<div class="chart" data-chart="{name}">\n'
        f'<p class="shown">{escape(chart.shown)}</p>\n'
        f'<div class="drawing" role="group" aria-label="{scrolls}" tabindex="0">\n'
        f"{safe_svg(chart)}\n</div>\n"
        f'<p class="source">{said}</p>\n'
        f'<details class="data{long}"><summary>{escape(t("Description and data of this chart"))}</summary>\n'
        f"<p>{escape(chart.description)}</p>\n{_data_table(chart.shown, table)}\n"
        f'<p class="download"><a download="{escape(file)}" href="{address}">{save}</a></p>\n</details>\n</div>',
        block=True,
    )


def _download(chart: ChartView) -> tuple[str, str]:
    """Name and data address of the chart's CSV; a long one is zipped, which takes a tenth of the page's bytes."""
    if len(chart.csv) <= PLAIN_CSV:
        return f"{chart.name}.csv", f"data:text/csv;charset=utf-8,{quote(chart.csv, safe=PLAIN)}"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        # One fixed date: equal data, equal page.
        archive.writestr(zipfile.ZipInfo(f"{chart.name}.csv"), chart.csv, zipfile.ZIP_DEFLATED)
    return f"{chart.name}.csv.zip", f"data:application/zip;base64,{base64.b64encode(packed.getvalue()).decode()}"


def safe_svg(chart: ChartView) -> str:
    """The chart's SVG as it is drawn, once it is sure that inlining it is harmless.

    Name, description and ids of its own were given when it was drawn (see pipeline.charts.render).

    Raises:
        InputError: it is not well-formed, has no name, or holds something that runs, fetches or styles.
    """
    # Before it is read: entities that double each other would be expanded by then.
    if "<!DOCTYPE" in chart.svg or "<!ENTITY" in chart.svg:
        raise _unsafe(chart, "declares a document type")
    try:
        root = ET.fromstring(chart.svg)  # noqa: S314  (our own drawing, without entities)
    except ET.ParseError as error:
        raise _unsafe(chart, f"is not well-formed: {error}") from None
    if root.tag != f"{{{SVG}}}svg":
        raise _unsafe(chart, f"starts with {root.tag!r}")
    if root.get("role") != "img" or root.find(f"{{{SVG}}}title") is None:
        raise _unsafe(chart, "has no name for those who cannot see it")
    for element in root.iter():
        tag = element.tag.removeprefix(f"{{{SVG}}}")
        if tag in REFUSED:
            raise _unsafe(chart, f"holds <{tag}>")
        for key, value in element.attrib.items():
            if key.lower().startswith("on"):
                raise _unsafe(chart, f"holds the event handler {key}")
            if key in {"href", XLINK_HREF} and not value.startswith(("#", "data:image/")):
                raise _unsafe(chart, f"refers to {value!r}")
            if re.search(r"url\(\s*['\"]?(?!#)", value):
                raise _unsafe(chart, f"refers to {value!r}")
    # A blank line would end the raw block in some readers of Markdown.
    return re.sub(r"\n\s*\n", "\n", chart.svg.strip())


def _unsafe(chart: ChartView, what: str) -> InputError:
    return InputError(
        f"the drawing {what}", file=f"charts/{chart.name}.svg", remedy="draw it again with `mo run`; it is not inlined"
    )


def _data_table(shown: str, table: DataTable) -> str:
    def cells(row: Sequence[str | Html], *, head: bool) -> str:
        marked = zip(row, table.numeric, strict=True)
        css = [(_cell(cell), ' class="figure"' if number else "") for cell, number in marked]
        if head:
            return "".join(f'<th scope="col"{kind}>{cell}</th>' for cell, kind in css)
        (first, kind), *others = css
        return f'<th scope="row"{kind}>{first}</th>' + "".join(f"<td{kind}>{cell}</td>" for cell, kind in others)

    rows = table.rows if len(table.rows) <= MOST_ROWS else table.rows[:FIRST_ROWS]
    body = "\n".join(f"<tr>{cells(row, head=False)}</tr>" for row in rows)
    more = (
        compose(
            "The first {shown} of {all} rows; the CSV holds all.",
            shown=format_number(len(rows), 0),
            all=format_number(len(table.rows), 0),
        )
        if len(rows) < len(table.rows)
        else None
    )
    return (
        f'<div class="scroll" role="group" aria-label="{compose("Data: {shown}", shown=shown)}" tabindex="0">'
        f'<table class="plain"><caption class="unseen">{escape(shown)}</caption>\n'
        f"<thead><tr>{cells(table.labels, head=True)}</tr></thead>\n"
        f"<tbody>\n{body}\n</tbody></table></div>" + (f'<p class="more">{more}</p>' if more else "")
    )


def table_html(
    name: str,
    rows: Sequence[Mapping[str, object]],
    *,
    shown: str,
    note: str | None = None,
    groups: Sequence[str] | None = None,
) -> Html:
    """A table by great_tables: the first column holds the row headers, columns of numbers are set flush right.

    Args:
        name: its id on the page becomes `table-<name>`.
        rows: one mapping a row, the same keys in each; keys are the column labels. A cell is Html, or anything else as
            text; None is an empty cell.
        shown: what is shown (measure, place, period), the table's caption.
        note: a line beneath.
        groups: one heading a row, equal for rows that belong together and follow each other.

    Raises:
        InputError: there are no rows.
    """
    import great_tables as gt

    shown = shown.replace(" %", f"{NBSP}%")
    if not rows:
        raise InputError("a table without rows", key=name, remedy="check the rows the chunk selects")
    labels = list(rows[0])
    columns = [f"c{position}" for position in range(len(labels))]
    cells = {column: [_cell(row[label]) for row in rows] for column, label in zip(columns, labels, strict=True)}
    numeric = [
        column
        for column, label in zip(columns[1:], labels[1:], strict=True)
        if all(row[label] is None or _is_number(row[label]) for row in rows)
    ]
    frame = pl.DataFrame(cells, schema=dict.fromkeys(columns, pl.String))
    if groups is not None:
        frame = frame.with_columns(pl.Series("group", list(groups), pl.String))
    table = (
        gt.GT(frame, rowname_col="c0", groupname_col="group" if groups is not None else None, id=f"table-{name}")
        .tab_stubhead(labels[0])
        .cols_label(dict(zip(columns[1:], labels[1:], strict=True)))
        .cols_align("left", columns=columns[1:])
        .tab_options(quarto_disable_processing=True)
        # The cells are escaped already; without a formatter great_tables would escape their markup again.
        .fmt(str, columns=columns)
    )
    if numeric:
        table = table.cols_align("right", columns=numeric)
    # Rows and columns are told by scope; the headers that great_tables adds to every cell are as long as a number.
    markup = CELL.sub(lambda tag: NEEDLESS.sub("", tag[0]), STYLE.sub("", table.as_raw_html()))
    markup = re.sub(
        r'^<div id="([^"]+)" style="[^"]*">', r'<div class="scroll" id="\1" role="group" tabindex="0">', markup
    )
    markup = markup.replace('role="group"', f'role="group" aria-label="{compose("Table: {shown}", shown=shown)}"', 1)
    # Said twice on purpose: the line above stays whole where the table scrolls sideways, the caption names the table.
    caption = f'<caption class="unseen">{escape(shown)}</caption>'
    markup = re.sub(r"<table\b[^>]*>", lambda tag: f"{tag[0]}\n{caption}", markup, count=1)
    markup = f'<p class="shown">{escape(shown)}</p>\n' + re.sub(r"\n\s*\n", "\n", markup.strip())
    if note:
        markup += f'\n<p class="note">{escape(note)}</p>'
    return Html(markup, block=True)


def folded(summary: str, content: Html) -> Html:
    """A table that only some readers want, behind a line that opens it; on paper as it is on the screen."""
    head = f'<details class="extra"><summary>{escape(summary)}</summary>'
    return Html(f"{head}\n{content.markup}\n</details>", block=True)


def _cell(value: object) -> str:
    return "" if value is None else value.markup if isinstance(value, Html) else escape(value)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) or (isinstance(value, Html) and value.markup.startswith('<span class="num'))
