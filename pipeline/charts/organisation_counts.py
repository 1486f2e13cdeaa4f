"""Ranges and points: competing counts of migrant organisations, each under its own definition.

Belongs here: which published figures are counts of organisations as a whole, the drawing, the words. Not
here: any comparison over time: the counts differ in definition, so they are ordered by size and never joined.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from pipeline.charts import theme, wording
from pipeline.charts.model import Chart, Tables, Titles
from pipeline.charts.select import numbers, require, source_ids, table
from pipeline.language import listing, mark, t

if TYPE_CHECKING:
    import altair as alt

UNITS = ("organisations", "associations")
# Indicators that count the organisations of a whole area; members, partners and respondents of one body do
# not.
INDICATOR = (
    r"(?i)^number of (migrant organisations|registered associations with migration)"
    r"|^foreigners' associations|^estimated (real )?number"
)
NATIONAL = ("Germany", "Deutschland", "DE")
STATE_NAMES = {
    "SH": "Schleswig-Holstein", "HH": "Hamburg", "NI": "Niedersachsen", "HB": "Bremen",
    "NW": "Nordrhein-Westfalen", "HE": "Hessen", "RP": "Rheinland-Pfalz",
    "BW": "Baden-Württemberg", "BY": "Bayern", "SL": "Saarland",
    "BE": "Berlin", "BB": "Brandenburg", "MV": "Mecklenburg-Vorpommern", "SN": "Sachsen",
    "ST": "Sachsen-Anhalt", "TH": "Thüringen",
}  # fmt: skip
RELATION_WORDS = {">": mark("more than "), "<": mark("fewer than "), "~": mark("about ")}

LEFT, RIGHT, TOP, BOTTOM = 22, 40, 10, 62
LINE = 20
MARK = 34

FIGURE = (
    "figure_id", "source_id", "study", "indicator", "category", "geography", "year", "value", "relation",
    "lower", "upper", "unit",
)  # fmt: skip


def data(tables: Tables) -> pl.DataFrame:
    """One row a count, largest first: study, definition, geography, national (Boolean), year (String), lower,
    upper (Float64, organisations; equal for a single count), relation, figure_ids (";"-joined), source_id.
    Key: figure_ids.

    Two figures of one study and indicator whose categories end in "lower" and "upper" are one range; a count
    that two sources repeat for the same year and area is drawn once.

    Raises:
        InputError: no figure counts the organisations of an area.
    """
    figures = table(tables, "core.study_figure", FIGURE).filter(
        pl.col("unit").is_in(UNITS), pl.col("indicator").str.contains(INDICATOR)
    )
    category = pl.col("category").fill_null("")
    rows = (
        figures.with_columns(pl.col("value", "lower", "upper").cast(pl.Float64))
        .with_columns(
            lower=pl.coalesce("value", "lower"),
            upper=pl.coalesce("value", "upper"),
            definition=category.str.replace(r"(?i)[,;]?\s*\b(lower|upper)( bound)?$", ""),
            ranged=category.str.contains(r"(?i)\b(lower|upper)( bound)?$"),
            national=pl.col("geography").is_in(NATIONAL),
        )
        .filter(pl.col("lower").is_not_null())
    )
    # "more than" is told by the relation and stands at the number.
    hedge = r"(?i)[,;]?\s*\(?(more than|about|almost|just under)\)?$"
    rows = rows.with_columns(pl.col("indicator", "definition").str.replace(hedge, ""))
    rows = require(rows, table_name="core.study_figure", what="counts of migrant organisations")
    # A single figure is its own group; the two ends of a range share one.
    key = pl.when("ranged").then(pl.concat_str("study", "indicator", "definition")).otherwise("figure_id")
    return (
        rows.group_by(key.alias("key"), maintain_order=True)
        .agg(
            pl.col("study", "indicator", "definition", "geography", "national", "year", "source_id").first(),
            pl.col("lower").min(),
            pl.col("upper").max(),
            pl.when(pl.col("lower").min() == pl.col("upper").max())
            .then(pl.col("relation").first()).otherwise(pl.lit("range")).first().alias("relation"),
            pl.col("figure_id").sort().str.join(";").alias("figure_ids"),
        )
        .with_columns(
            definition=pl.when(pl.col("definition") != "")
            .then(pl.concat_str("indicator", pl.lit(": "), "definition")).otherwise("indicator"),
        )
        .unique(["lower", "upper", "year", "national"], keep="first", maintain_order=True)
        .sort(["upper", "lower", "figure_ids"], descending=[True, True, False])
        .select(
            "study", "definition", "geography", "national", "year", "lower", "upper", "relation",
            "figure_ids", "source_id",
        )
    )  # fmt: skip


def count_words(row: dict) -> str:
    """``12,400 to 14,300``, ``more than 17,500``, ``10,360``."""
    if row["lower"] != row["upper"]:
        return wording.span(wording.number(row["lower"], 0), wording.number(row["upper"], 0))
    hedge = t(RELATION_WORDS[row["relation"]]) if row["relation"] in RELATION_WORDS else ""
    return hedge + wording.number(row["upper"], 0)


def area_words(geography: str) -> str:
    """State codes joined by "+" as names; any other geography as it is."""
    codes = geography.split("+")
    return listing([STATE_NAMES[code] for code in codes]) if set(codes) <= set(STATE_NAMES) else geography


def definition_words(definition: str) -> str:
    """A definition in the language being spoken, as far as the catalogue knows what is counted and how."""
    return ": ".join(wording.data_text(part) for part in definition.split(": "))


def draw(tables: Tables) -> alt.LayerChart:
    """Draw the counts by size: who counted what, beneath it the point or range; hollow if not for Germany."""
    frame = data(tables)
    width = theme.WIDTH - LEFT - RIGHT
    masks, who, what, dots, bars, tracks, figures = [], [], [], [], [], [], []
    axis = theme.ticks(max(numbers(frame, "upper")) * 1.04, step=5000)
    y = 0.0
    for row in frame.iter_rows(named=True):
        counted = f"{row['study']}, {row['year']}"
        if not row["national"]:
            counted = t("{counted}, {area} only", counted=counted, area=area_words(row["geography"]))
        study = wording.wrap(counted, 66)
        definition = wording.wrap(definition_words(row["definition"]), 76)
        who.append({"x": 0, "y": y + 10, "text": study, "fill": theme.INK})
        what.append({"x": 0, "y": y + 10 + LINE * len(study), "text": definition, "fill": theme.MUTED})
        at = y + LINE * (len(study) + len(definition)) + 18
        masks.append({"x": 0, "x2": axis[-1], "y": y - 4, "y2": at - 11, "fill": theme.PAPER})
        tracks.append({"x": 0, "x2": axis[-1], "y": at, "y2": at, "stroke": theme.GRID})
        if row["lower"] != row["upper"]:
            bars.append({"x": row["lower"], "x2": row["upper"], "y": at, "y2": at, "stroke": theme.WEST})
        else:
            fill = theme.WEST if row["national"] else theme.PAPER
            dots.append({"x": row["upper"], "y": at, "shape": "circle", "fill": fill, "stroke": theme.WEST})
        figures.append({"x": row["upper"], "y": at, "text": count_words(row), "fill": theme.INK})
        y = at + MARK
    x = theme.x_axis(t("organisations (each row another definition: no development over time)"), axis, width=width)
    py = theme.pixel_y(y - MARK + 16)
    outer = axis[-1] * 0.72
    return theme.compose(
        # Paper under the words: grid lines show at the counts only.
        theme.boxes(masks, x, py, xOffset=-2, x2Offset=2),
        theme.segments(tracks, x, py, strokeWidth=1),
        theme.segments(bars, x, py, strokeWidth=10),
        theme.symbols(dots, x, py, size=130, width=2),
        theme.labels([n for n in figures if n["x"] <= outer], x, py, dx=14, fontWeight="bold"),
        theme.labels([n for n in figures if n["x"] > outer], x, py, dx=-14, fontWeight="bold", align="right"),
        theme.labels(who, x, py),
        theme.labels(what, x, py, fontSize=theme.SMALL),
        height=y - MARK + 16, top=TOP, bottom=BOTTOM, left=LEFT, right=RIGHT,
    )  # fmt: skip


def _finding(frame: pl.DataFrame) -> str:
    national = frame.filter("national")
    rows = national if national.height else frame
    low, high = min(numbers(rows, "lower")), max(numbers(rows, "upper"))
    if rows.height == 1:
        count = count_words(rows.row(0, named=True))
        return t("A single count is published: {count} organisations", count=count)
    counts, ends = wording.count_word(rows.height), (wording.number(low, 0), wording.number(high, 0))
    if low == high:
        if national.height:
            return t("{counts} national counts agree on {count} organisations", counts=counts, count=ends[0])
        return t("{counts} counts agree on {count} organisations", counts=counts, count=ends[0])
    parts = {"counts": counts, "low": ends[0], "high": ends[1]}
    if national.height:
        return t("{counts} national counts run from {low} to {high}: each counts something else", **parts)
    return t("{counts} counts run from {low} to {high}: each counts something else", **parts)


def describe(tables: Tables) -> Titles:
    """The words of the chart, computed from `data`."""
    frame = data(tables)
    counts = "; ".join(
        f"{row['study']} ({row['year']}, {wording.data_text(row['geography'])}), "
        f"{definition_words(row['definition'])}: {count_words(row)}"
        for row in frame.iter_rows(named=True)
    )
    years = sorted(frame["year"].drop_nulls().unique().to_list())
    return Titles(
        finding=_finding(frame),
        shown=t("Published counts of migrant organisations by definition, ordered by size; not a time series"),
        description=t(
            "{rows} rows, one a count; a bar is a range, a dot a single number, a hollow dot a count for part of "
            "Germany. {counts}. The rows count different things, so no growth or decline follows.",
            rows=wording.count_word(frame.height),
            counts=counts,
        ),
        source_ids=source_ids(frame),
        reference=listing(years),
    )


CHART = Chart("organisation_counts", ("core.study_figure",), draw, data, describe)
