"""Charts and tables of the release as HTML for the page.

Belongs here: making a released SVG safe to inline, the data behind it as a table and a CSV, and tables by great_tables.
Not here: choosing rows (page.py), drawing (pipeline.charts), the look (reports/assets/page.css).
"""

from __future__ import annotations

import base64
import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

import polars as pl

from pipeline.errors import InputError
from pipeline.report.markup import Html, escape

SVG = "http://www.w3.org/2000/svg"
XLINK_HREF = "{http://www.w3.org/1999/xlink}href"
# Nothing a drawing needs; each of them could run, fetch or restyle the page around it.
REFUSED = frozenset({"script", "foreignObject", "style", "iframe", "audio", "video", "animate", "set"})
ROWS_SHOWN = 60
STYLE = re.compile(r"<style>.*?</style>\s*", re.DOTALL)


@dataclass(frozen=True)
class ChartView:
    """What the page shows of a released chart: the drawing, its data as CSV text, and its words.

    `finding` and `shown` are the two titles, `source` names the publishers, `date` the period of the figures.
    """

    name: str
    svg: str
    csv: str
    finding: str
    shown: str
    description: str
    source: str
    date: str


def chart_html(chart: ChartView) -> Html:
    """One chart: what is shown, the drawing, source and date, and the data as a table and a CSV link."""
    name = escape(chart.name)
    encoded = base64.b64encode(chart.csv.encode()).decode()
    return Html(
        f'<div class="chart" data-chart="{name}">\n'
        f'<p class="shown">{escape(chart.shown)}</p>\n'
        f'<div class="drawing" role="group" aria-label="Chart, scrolls sideways on narrow screens" tabindex="0">\n'
        f"{safe_svg(chart)}\n</div>\n"
        f'<p class="source">Source: {escape(chart.source)}. Period: {escape(chart.date)}.</p>\n'
        f'<details class="data"><summary>Description and data of this chart</summary>\n'
        f"<p>{escape(chart.description)}</p>\n{_data_table(chart)}\n"
        f'<p class="download"><a download="{name}.csv" href="data:text/csv;charset=utf-8;base64,{encoded}">'
        f"Save these data as CSV ({name}.csv)</a></p>\n</details>\n</div>",
        block=True,
    )


def safe_svg(chart: ChartView) -> str:
    """The chart's SVG as it is drawn, once it is sure that inlining it is harmless.

    Name, description and ids of its own were given when it was drawn (see pipeline.charts.render).

    Raises:
        InputError: it is not well-formed, has no name, or holds something that runs, fetches or styles.
    """
    try:
        root = ET.fromstring(chart.svg)  # noqa: S314  (our own drawing; entities are refused below)
    except ET.ParseError as error:
        raise _unsafe(chart, f"is not well-formed: {error}") from None
    if "<!DOCTYPE" in chart.svg or "<!ENTITY" in chart.svg:
        raise _unsafe(chart, "declares a document type")
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


def _data_table(chart: ChartView) -> str:
    rows = list(csv.reader(io.StringIO(chart.csv)))
    if not rows:
        raise InputError("the data behind the chart are empty", file=f"charts/{chart.name}.csv", remedy="run `mo run`")
    head = "".join(f'<th scope="col">{escape(name.replace("_", " "))}</th>' for name in rows[0])
    body = "\n".join(
        f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows[1 : ROWS_SHOWN + 1]
    )
    left = len(rows) - 1 - ROWS_SHOWN
    more = (
        f'<p class="more">The first {ROWS_SHOWN} of {len(rows) - 1:,} rows; the CSV holds all.</p>' if left > 0 else ""
    )
    return (
        f'<div class="scroll" role="group" aria-label="Data of the chart {escape(chart.name)}" tabindex="0">'
        f'<table class="plain"><caption class="unseen">{escape(chart.shown)}</caption>\n'
        f"<thead><tr>{head}</tr></thead>\n"
        f"<tbody>\n{body}\n</tbody></table></div>{more}"
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
    markup = STYLE.sub("", table.as_raw_html())
    markup = re.sub(
        r'^<div id="([^"]+)" style="[^"]*">', r'<div class="scroll" id="\1" role="group" tabindex="0">', markup
    )
    markup = markup.replace('role="group"', f'role="group" aria-label="Table: {escape(shown)}"', 1)
    # Said twice on purpose: the line above stays whole where the table scrolls sideways, the caption names the table.
    caption = f'<caption class="unseen">{escape(shown)}</caption>'
    markup = re.sub(r"<table\b[^>]*>", lambda tag: f"{tag[0]}\n{caption}", markup, count=1)
    markup = f'<p class="shown">{escape(shown)}</p>\n' + re.sub(r"\n\s*\n", "\n", markup.strip())
    if note:
        markup += f'\n<p class="note">{escape(note)}</p>'
    return Html(markup, block=True)


def _cell(value: object) -> str:
    return "" if value is None else value.markup if isinstance(value, Html) else escape(value)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) or (isinstance(value, Html) and value.markup.startswith('<span class="num'))
