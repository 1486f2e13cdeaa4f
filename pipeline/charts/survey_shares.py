"""Dots with intervals: what surveys publish on needs, staffing and funding, one block a study.

Belongs here: the choice of the topics, the drawing, the words. Not here: the intervals
(analysis.survey_interval). Studies ask different organisations, so shares are compared within a block only.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import polars as pl

from pipeline.charts import theme, wording
from pipeline.charts.model import Chart, Tables, Titles
from pipeline.charts.select import require, source_ids, table
from pipeline.language import listing, mark, quoted, t

if TYPE_CHECKING:
    import altair as alt

# Topics of the chart by the words of the studies' indicators, in the order of the blocks' rows.
TOPICS = {"needs": r"^needs?\b", "staffing": r"\bstaff", "funding": r"funding|\bappl(y|ying|ication)"}

TOPIC_WORDS = {"needs": mark("needs"), "staffing": mark("staffing"), "funding": mark("funding")}
LEADS = {
    "needs": mark("{answer} leads every named need: {share}"),
    "staffing": mark("{answer} leads every named staffing: {share}"),
    "funding": mark("{answer} leads every named answer on funding: {share}"),
}

LEFT, RIGHT, TOP, BOTTOM = 22, 168, 8, 62
HEADER, ROW = 46, 46
DOT, LINE = 27, 19
LABEL_CHARACTERS = 62

INTERVAL = (
    "result_id", "figure_id", "study", "indicator", "category", "year", "estimate_percent", "lower_percent",
    "upper_percent", "confidence_level", "base_n", "method",
)  # fmt: skip


def data(tables: Tables) -> pl.DataFrame:
    """One row a published percentage: topic (needs | staffing | funding), study, indicator, category, year,
    estimate_percent, lower_percent, upper_percent (Float64, percent; bounds null where the base is unknown),
    confidence_level, base_n, method, figure_id, result_id, source_id. Key: figure_id.
    Sorted by study (most rows first), topic, percentage.

    Raises:
        InputError: no percentage on any of the topics.
    """
    intervals = table(tables, "analysis.survey_interval", INTERVAL)
    sources = table(tables, "core.study_figure", ("figure_id", "source_id"))
    topic = pl.lit(None, pl.String)
    for name, pattern in reversed(TOPICS.items()):
        topic = pl.when(pl.col("indicator").str.contains(f"(?i){pattern}")).then(pl.lit(name)).otherwise(topic)
    rows = intervals.with_columns(topic=topic).filter(
        pl.col("topic").is_not_null() & pl.col("estimate_percent").is_not_null()
    )
    rows = require(rows, table_name="analysis.survey_interval", what=f"surveys on {listing(list(TOPICS))}")
    order = list(TOPICS)
    return (
        rows.join(sources, on="figure_id", how="left")
        .with_columns(
            known=pl.col("lower_percent").is_not_null().sum().over("study"),
            topic_order=pl.col("topic").replace_strict({name: order.index(name) for name in order}),
            # Indicators of one topic stay together, the one with the largest share first.
            leading=pl.col("estimate_percent").max().over("study", "indicator"),
        )
        .sort(
            ["known", "study", "topic_order", "leading", "indicator", "estimate_percent", "figure_id"],
            descending=[True, False, False, True, False, True, False],
        )
        .select("topic", *INTERVAL[2:], "figure_id", "result_id", "source_id")
    )  # fmt: skip


def short_study(study: str) -> str:
    """The study without what stands in brackets or after a slash with spaces."""
    return re.split(r"\s+[(/]\s*", study)[0]


def label(indicator: str, category: str | None) -> str:
    """``Needs: more support wanted``: indicator without its bracket, then the category."""
    head = re.sub(r"\s*\([^)]*\)", "", wording.data_text(indicator)).strip()
    return f"{head[:1].upper()}{head[1:]}" + (f": {wording.data_text(category)}" if category else "")


def draw(tables: Tables) -> alt.LayerChart:
    """Draw one block a study: label, beneath it dot and interval; hollow and without where n is unknown."""
    frame = data(tables)
    width = theme.WIDTH - LEFT - RIGHT
    masks, headers, names, dots, bars, tracks, numbers = [], [], [], [], [], [], []
    y = 0.0
    for (study,), rows in frame.group_by("study", maintain_order=True):
        bases = rows["base_n"].drop_nulls().unique().to_list()
        base = f", n = {wording.number(bases[0], 0)}" if len(bases) == 1 else ""
        headers.append({"x": 0, "y": y + 28, "text": short_study(str(study)) + base, "fill": theme.INK})
        masks.append({"x": 0, "x2": 100, "y": y, "y2": y + HEADER, "fill": theme.PAPER})
        y += HEADER
        for row in rows.iter_rows(named=True):
            share, known = row["estimate_percent"], row["lower_percent"] is not None
            name = wording.wrap(label(row["indicator"], row["category"]), LABEL_CHARACTERS)
            names.append({"x": 0, "y": y + 8, "text": name, "fill": theme.MUTED})
            masks.append({"x": 0, "x2": 100, "y": y - 3, "y2": y + 17 + LINE * (len(name) - 1), "fill": theme.PAPER})
            y += LINE * (len(name) - 1)
            at = y + DOT
            tracks.append({"x": 0, "x2": 100, "y": at, "y2": at, "stroke": theme.GRID})
            if known:
                bars.append(
                    {
                        "x": row["lower_percent"],
                        "x2": row["upper_percent"],
                        "y": at,
                        "y2": at,
                        "stroke": theme.WEST,
                    }
                )
            dots.append(
                {"x": share, "y": at, "shape": "circle", "fill": theme.WEST if known else theme.PAPER,
                 "stroke": theme.WEST}
            )  # fmt: skip
            decimals = 0 if float(share).is_integer() else 1
            text = wording.percent(share, decimals)
            if known:
                span = wording.EN_DASH.join(wording.number(row[end]) for end in ("lower_percent", "upper_percent"))
                text += f" ({span})"
            else:
                text = t("{share}, n unknown", share=text)
            numbers.append({"x": 100, "y": at, "text": text, "fill": theme.INK})
            y += ROW
    x = theme.x_axis(t("percent of the organisations asked"), theme.ticks(100, step=20), width=width)
    py = theme.pixel_y(y)
    return theme.compose(
        # Paper under the words: grid lines show at the dots only.
        theme.boxes(masks, x, py, xOffset=-2, x2Offset=2),
        theme.segments(tracks, x, py, strokeWidth=1),
        theme.segments(bars, x, py, strokeWidth=5),
        theme.symbols(dots, x, py, size=120, width=2),
        theme.labels(headers, x, py, fontWeight="bold"),
        theme.labels(names, x, py, fontSize=theme.SMALL),
        theme.labels(numbers, x, py, dx=14, fontSize=theme.SMALL),
        height=y, top=TOP, bottom=BOTTOM, left=LEFT, right=RIGHT,
    )  # fmt: skip


def _span(row: dict) -> str:
    ends = wording.span(wording.number(row["lower_percent"]), wording.percent(row["upper_percent"]))
    return f"{wording.percent(row['estimate_percent'])} ({ends})"


def _finding(frame: pl.DataFrame) -> str:
    """The largest share of the first study's first topic, with its interval where there is one."""
    block = frame.filter(study=frame["study"][0])
    rows = block.filter(topic=block["topic"][0]).sort("estimate_percent", "figure_id", descending=[True, False])
    top = rows.row(0, named=True)
    known = top["lower_percent"] is not None
    number = _span(top) if known else wording.percent(top["estimate_percent"])
    words = (wording.data_text(top["category"]) if top["category"] else label(top["indicator"], None)).split()
    name = quoted(" ".join(words[:5]) + ("…" if len(words) > 5 else ""))
    if rows.height > 1:
        return t(LEADS[top["topic"]], answer=name, share=number)
    return t("{answer} reaches {share}", answer=name, share=number)


def _hollow(unknown: int, all_: int) -> str:
    if unknown == 1:
        return t(
            "One of {all} percentages stands as a hollow dot without an interval, because the number asked is not "
            "published.",
            all=all_,
        )
    return t(
        "{unknown} of {all} percentages stand as hollow dots without an interval, because the number asked is not "
        "published.",
        unknown=wording.count_word(unknown),
        all=all_,
    )


def describe(tables: Tables) -> Titles:
    """The words of the chart, computed from `data`."""
    frame = data(tables)
    unknown = frame.filter(pl.col("lower_percent").is_null())
    level = frame["confidence_level"].drop_nulls()
    studies = [short_study(study) for study in frame["study"].unique(maintain_order=True)]
    numbers = "; ".join(
        f"{label(row['indicator'], row['category'])} "
        + (_span(row) if row["lower_percent"] is not None else wording.percent(row["estimate_percent"]))
        for row in frame.iter_rows(named=True)
    )
    drawn = {
        "topics": listing([t(TOPIC_WORDS[topic]) for topic in TOPICS if topic in frame["topic"].to_list()]),
        "studies": listing(studies),
    }
    told = [
        t(
            "One block a study; a filled dot with a bar is a percentage and its interval, read as if the organisations "
            "had been drawn at random, which they were not."
        ),
        *([_hollow(unknown.height, frame.height)] if unknown.height else []),
        f"{numbers}.",
        t("Blocks ask different organisations and are not to be compared with each other."),
    ]
    return Titles(
        finding=_finding(frame),
        shown=t(
            "Published percentages on {topics}, {studies}, with {level} Wilson intervals where n is known",
            level=wording.percent(100 * level[0], 0),
            **drawn,
        )
        if len(level)
        else t("Published percentages on {topics}, {studies}", **drawn),
        description=" ".join(told),
        source_ids=source_ids(frame),
        reference=listing(sorted(frame["year"].drop_nulls().unique().to_list())),
    )


CHART = Chart("survey_shares", ("analysis.survey_interval", "core.study_figure"), draw, data, describe)
