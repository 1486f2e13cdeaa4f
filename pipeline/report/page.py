"""What the chunks of a report may ask of a release: numbers, charts, tables, sources.

Belongs here: finding a released row and writing it with its id. Not here: sentences (findings.py), markup of charts and
tables (figures.py), any computation: a number that is not in a row of the release cannot be shown.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from pipeline.charts.wording import BERLIN_WORDS
from pipeline.errors import InputError
from pipeline.language import NBSP, SOURCE, format_number, of_data, speak, spoken, t
from pipeline.release.read import ROW_IDS
from pipeline.report import figures, sources
from pipeline.report.chart_tables import p_text
from pipeline.report.codes import CONCEPTS, ESTIMANDS, FLAGS, METHODS, SOURCES, word
from pipeline.report.markup import Html, Markdown, compose, escape, escape_markdown, join, with_unit

if TYPE_CHECKING:
    from pipeline.release import Release
    from pipeline.release.read import ChartFile

# Which columns hold the interval of a column; a column that is missing here has none.
INTERVALS = {
    ("analysis.east_west", "estimate"): ("lower", "upper"),
    ("analysis.district_model", "estimate"): ("lower", "upper"),
    ("analysis.survey_interval", "estimate_percent"): ("lower_percent", "upper_percent"),
    ("core.study_figure", "value"): ("lower", "upper"),
    ("core.observation", "value"): ("lower", "upper"),
    **{
        (f"analysis.{table}", "estimate"): ("lower", "upper")
        for table in (
            "district_model",
            "trend",
            "refugee_ratio",
            "key_deviation",
            "sampling_band",
            "multiverse",
            "proportion_comparison",
        )
    },
}
# Flags and states that a reader has to see at the number itself.
PROVISIONAL = (
    "first_results", "inferred", "approximate_value", "base_unknown", "extrapolated", "years_differ", "dates_differ",
    "key_of_another_year", "sampling_assumed",
)  # fmt: skip

# What holds for every comparison of East and West, and is said once on the page.
SAID = ("states_are_the_population",)


def open_page(release: Path | None = None) -> Page:
    """The page helper over a release: the given one, else AUGENHOEHE_RELEASE, else build/release/current upwards.

    From here on the language of AUGENHOEHE_LANGUAGE is spoken, without it English.

    Raises:
        InputError: there is no release, or the report does not speak the language.
    """
    from pipeline.release import open_release

    speak(os.environ.get("AUGENHOEHE_LANGUAGE", SOURCE))
    by_hand = t("Quarto, called by hand")
    return Page(open_release(release), renderer=os.environ.get("AUGENHOEHE_RENDERER", by_hand))


class Page:
    """Rows of one release, written for a page; every number carries the id of its row."""

    def __init__(self, release: Release, *, renderer: str) -> None:
        self.release = release
        self.renderer = renderer
        self._asked: dict[tuple[object, ...], pl.DataFrame] = {}

    def rows(self, table: str, /, **equal: object) -> pl.DataFrame:
        """Rows of a released table ("analysis.east_west") whose columns equal the given values.

        A page asks the same of a release again and again, in every language and on every sheet: it is answered once.
        """
        asked = (table, *((name, type(value), value) for name, value in equal.items()))
        if asked not in self._asked:
            self._asked[asked] = self._rows(table, equal)
        return self._asked[asked]

    def _rows(self, table: str, equal: Mapping[str, object]) -> pl.DataFrame:
        frame = self.release.table(table)
        absent = [name for name in equal if name not in frame.columns]
        if absent:
            raise InputError(f"the table {table} has no column {absent[0]}", key=table, remedy="mend the chunk")
        return frame.filter(*(pl.col(name) == value for name, value in equal.items())) if equal else frame

    def row(self, row_id: str) -> dict[str, Any]:
        """The released row with this id.

        Raises:
            InputError: no released table has it.
        """
        return self.release.find(row_id)[1]

    def one(self, table: str, /, **equal: object) -> str:
        """The id of the single row of `table` with these values.

        Raises:
            InputError: there is none, or more than one.
        """
        found = self.rows(table, **equal)
        if found.height != 1:
            wanted = ", ".join(f"{name} = {value}" for name, value in equal.items())
            raise InputError(
                f"{found.height} rows of {table} have {wanted}; one is needed",
                key=table,
                remedy="mend the chunk, or run the step that makes the row",
            )
        return found[ROW_IDS[table]][0]

    def series(self, *, year: int, concept: str, level: str = "state") -> str:
        """The series_id of the compared series of this year and concept; a final one goes before first results.

        Raises:
            InputError: no series of analysis.east_west fits.
        """
        rows = self.rows("analysis.east_west", year=year, concept=concept, level=level)
        chosen = (
            rows.select("series_id", provisional=pl.col("assumptions").fill_null("").str.contains("first_results"))
            .unique()
            .sort("provisional", "series_id")
        )
        if chosen.is_empty():
            raise InputError(
                f"no series of {concept} for {year} by {level} was compared",
                key="analysis.east_west",
                remedy="check that the source is in raw_data and complete",
            )
        return chosen["series_id"][0]

    def result(
        self, series: str, quantity: str, berlin: str = "excluded", *, estimand: str = "pooled", method: str = "share"
    ) -> str:
        """The result_id of one comparison of a series; see analysis.east_west for the words.

        Raises:
            InputError: the release has no such row.
        """
        return self.one(
            "analysis.east_west",
            series_id=series,
            quantity=quantity,
            berlin=berlin,
            estimand=estimand,
            method=method,
        )

    def value(self, row_id: str, column: str = "estimate") -> float:
        """A number of a row, to choose words by; never to be printed.

        Raises:
            InputError: the row, the column or the number is missing.
        """
        table, row = self.release.find(row_id)
        if row.get(column) is None:
            raise InputError(
                f"the row {row_id} of {table} has no number in {column}",
                key=row_id,
                remedy="choose another row or column in the chunk",
            )
        return float(row[column])

    def number(
        self,
        row_id: str,
        column: str = "estimate",
        digits: int = 1,
        unit: str = "percent",
        *,
        interval: bool = False,
    ) -> Html:
        """One number of one released row, with its unit and, if wanted, its interval: `8.0 % (7.9 to 8.1)`.

        The interval is left out where the row has none, and where it is narrower than the digits shown.

        Raises:
            InputError: the release has no such row, or the row has no such number; names the id.
        """
        row = self.row(row_id)
        return self._span(row_id, row, self._text(row_id, column, digits, unit, interval=interval))

    def _text(self, row_id: str, column: str, digits: int, unit: str, *, interval: bool) -> str:
        value = self.value(row_id, column)
        table, row = self.release.find(row_id)
        text = with_unit(format_number(value, digits), unit)
        low, high = (row.get(name) for name in INTERVALS.get((table, column), ("", "")))
        if interval and low is not None and high is not None:
            ends = (format_number(low, digits), format_number(high, digits))
            if ends[0] != ends[1]:
                text += f" ({range_of(*ends)})"
        return text

    def p_value(self, row_id: str, column: str = "p_value") -> Html:
        """A p value of a row with four digits, or that it is smaller than they can show: `0.0007`, `< 0.0001`."""
        value = self.value(row_id, column)
        row = self.row(row_id)
        return self._span(row_id, row, p_text(value))

    def tested(self, row_id: str) -> Html:
        """A p value of a row and, where it has one, the p adjusted within its family: `0.0007, Holm 0.0042`."""
        row = self.row(row_id)
        self.value(row_id, "p_value")
        return self._span(row_id, row, _p_words(row))

    def estimate(self, row_id: str, digits: int = 1, unit: str = "") -> Html:
        """All a row says in one cell: number, interval, p: `−20.0 (−24.4 to −15.6), p 0.0007, Holm 0.0042`."""
        row = self.row(row_id)
        parts = [self._text(row_id, "estimate", digits, unit, interval=True)]
        if row.get("p_value") is not None:
            parts += f"p {_p_words(row)}".split(", ")
        # A cell may break between number, p and adjusted p, never inside one of them.
        return self._span(row_id, row, ", ".join(part.replace(" ", NBSP) for part in parts))

    def span(self, row_id: str, low: str, high: str, digits: int = 0, unit: str = "number") -> Html:
        """Two numbers of one row as a range, for example the ends of an estimate: `12,400 to 14,300`."""
        ends = [format_number(self.value(row_id, column), digits) for column in (low, high)]
        row = self.row(row_id)
        shown = ends[0] if ends[0] == ends[1] else range_of(*ends)
        return self._span(row_id, row, with_unit(shown, unit))

    def figure(self, name: str) -> Html:
        """A released chart: put it into `::: {#fig-…}` and end the block with `caption(name)`."""
        chart = self._chart(name)
        titles = chart.titles
        publishers = dict(self.rows("core.source").select("source_id", "publisher").iter_rows())
        named = dict.fromkeys(publishers.get(source, source) for source in titles["source_ids"])
        view = figures.ChartView(
            name=name,
            svg=chart.svg,
            csv=chart.csv,
            finding=titles["finding"],
            shown=titles["shown"],
            description=titles["description"],
            source=[str(publisher) for publisher in named],
            date=titles["reference"],
        )
        return figures.chart_html(view)

    def caption(self, name: str) -> Markdown:
        """The finding of a released chart, its first title."""
        return Markdown(escape_markdown(self._chart(name).titles["finding"]))

    def _chart(self, name: str) -> ChartFile:
        return self.release.chart(name, spoken())

    def table(
        self,
        name: str,
        rows: Sequence[Mapping[str, object]],
        *,
        shown: str,
        note: str | None = None,
        groups: Sequence[str] | None = None,
    ) -> Html:
        """A table of numbers and words; see `figures.table_html`. Put it into `::: {#tbl-…}` with a caption."""
        return figures.table_html(name, rows, shown=shown, note=note, groups=groups)

    def folded(self, summary: str, content: Html) -> Html:
        """A table that only some readers want, behind a line that opens it."""
        return figures.folded(summary, content)

    def sources(self) -> Html:
        """Every source of the release: publisher, table, dates, licence and its evidence, attribution, doubts."""
        return sources.sources_html(self.rows("core.vintage"), self.rows("core.caveat"), self.rows("core.observation"))

    def colophon(self) -> Html:
        """How the page was made: which renderer, which release, which lock if another one, how to get it again."""
        name = self.release.manifest.get("lock")
        said = [
            compose(
                "Rendered by {renderer} from the release {release}.",
                renderer=self.renderer,
                release=_code(self.release.id),
            )
        ]
        if name:
            said.append(
                compose(
                    "The release was computed with the lock {lock} and not with the project’s own: of some sources "
                    "another vintage may be current.",
                    lock=_code(name),
                )
            )
        said.append(
            compose(
                "Every number on this page is a cell of that release. Its id stands in its attribute {attribute}; "
                "{command} with the id prints the way back to the lines it was computed from. A count names the rows "
                "it counts in {attributes}. The same files give the same page, byte for byte.",
                attribute=_code("data-result"),
                attributes=_code("data-results"),
                command=_code("mo trace"),
            )
        )
        return Html(f'<div class="colophon"><p>{join(said).markup}</p></div>', block=True)

    def _span(self, row_id: str, row: Mapping[str, Any], text: str) -> Html:
        flags = [flag for flag in str(row.get("assumptions") or "").split(";") if flag]
        flags += [row["status"]] if row.get("status") not in {None, "published"} else []
        css = "num provisional" if any(flag in PROVISIONAL for flag in flags) else "num"
        about = _about(row, flags)
        return Html(f'<span class="{css}" data-result="{escape(row_id)}" title="{escape(about)}">{escape(text)}</span>')


def range_of(low: str, high: str) -> str:
    """Two written numbers as a range: `12,400 to 14,300`."""
    return t("{low} to {high}", low=low, high=high)


def _code(text: str) -> Html:
    return Html(f"<code>{escape(text)}</code>")


def _p_words(row: Mapping[str, Any]) -> str:
    """The p of a row and its adjusted one, as far as it has them."""
    p, adjusted = row.get("p_value"), row.get("p_adjusted")
    if p is None:
        return ""
    return p_text(p) + (f", Holm {p_text(adjusted)}" if adjusted is not None else "")


def _about(row: Mapping[str, Any], flags: list[str]) -> str:
    """One line on a row for the reader who asks: what it is, how it was made, what is uncertain.

    It becomes the value of an attribute, which cannot say its language: of the data's own words those without a
    translation stay English.
    """
    source = row.get("source_id") or row.get("numerator_source_id")
    concept = row.get("concept") or row.get("denominator_concept")
    if str(source).startswith("foreign_share") and concept == "foreign_nationality":
        concept = None  # the name of the source says it
    words = [
        row.get("study") or (word(source, SOURCES) if source else row.get("series_id")),
        _of_data(row.get("indicator")) or (word(concept, CONCEPTS) if concept else _of_data(row.get("auxiliary"))),
        _of_data(row.get("category")),
        row.get("year") or row.get("reference"),
        *(
            word(row[column], known)
            for column, known in (("berlin", BERLIN_WORDS), ("estimand", ESTIMANDS), ("method", METHODS))
            if row.get(column)
        ),
        *(word(flag, FLAGS) for flag in flags if flag not in SAID),
    ]
    return "; ".join(str(one) for one in words if one not in {None, ""})


def _of_data(text: object) -> str | None:
    return of_data(str(text))[0] if text else None
