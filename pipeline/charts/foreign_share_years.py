"""Lines: the foreign share of East, Berlin and West by year, interrupted where the census base changes.

Belongs here: the drawing, the breaks and the words. Not here: pooling, which is done in analysis.east_west.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import polars as pl

from pipeline.charts import theme, wording
from pipeline.charts.model import Chart, Tables, Titles
from pipeline.charts.select import FOREIGN, numbers, pooled, require, shares, source_ids, years
from pipeline.language import mark, t

if TYPE_CHECKING:
    import altair as alt

LEFT, RIGHT, TOP, BOTTOM = 50, 132, 50, 62
HEIGHT = 320
# At the ends of the lines, in as many lines of text as fit beside them.
END_WORDS = {"east": mark("East\nwithout Berlin"), "berlin": mark("Berlin"), "west": mark("West")}
LOWEST = {
    "east": mark("the East without Berlin stays lowest every year"),
    "berlin": mark("Berlin stays lowest every year"),
    "west": mark("the West stays lowest every year"),
}


@dataclass(frozen=True)
class Break:
    """A break in a series: no difference is taken between `after_year` and the next year drawn."""

    after_year: int
    label: str


def data(tables: Tables) -> pl.DataFrame:
    """One row a year and part: year, part (west | berlin | east), share_percent (Float64, percent), segment
    (Int32, counts up at a declared break and where a year is missing), census_base, reference, series_id,
    source_id, result_id (null for Berlin, whose share is a row of marts.share). Key: year, part.

    The source with the longest run of years is drawn; others are left to the tables.

    Raises:
        InputError: no pooled foreign shares of East and West by state series, or no share of Berlin.
    """
    groups = require(pooled(tables, FOREIGN), table_name="analysis.east_west", what="foreign shares of East and West")
    runs = groups.group_by("source_id").agg(years=pl.col("year").n_unique())
    source = runs.sort(["years", "source_id"], descending=[True, False])["source_id"][0]
    groups = groups.filter(source_id=source)
    states = shares(tables).filter(pl.col("series_id").is_in(groups["series_id"].unique().to_list()))
    bases = states.select("series_id", "census_base", "reference", declared="segment").unique("series_id", keep="first")
    berlin = require(
        states.filter(part="berlin", level="state"),
        table_name="marts.share",
        what="the foreign share of Berlin",
    )
    columns = ["year", "part", "share_percent", "series_id", "source_id", "result_id"]
    rows = pl.concat(
        [
            groups.rename({"quantity": "part", "estimate": "share_percent"}).select(columns),
            berlin.with_columns(result_id=pl.lit(None, pl.String)).select(columns),
        ],
        how="vertical_relaxed",
    ).join(bases, on="series_id", how="left")
    steps = rows.sort("series_id").unique("year", keep="first", maintain_order=True).sort("year")
    broken = (pl.col("declared").diff() != 0) | (pl.col("year").diff() > 1)
    steps = steps.select("year", segment=broken.fill_null(False).cum_sum().cast(pl.Int32))
    return (
        rows.join(steps, on="year")
        .with_columns(order=pl.col("part").replace_strict({p: i for i, p in enumerate(theme.PART_ORDER)}))
        .sort("order", "year")
        .select(
            "year", "part", "share_percent", "segment", "census_base", "reference", "series_id", "source_id",
            "result_id",
        )
    )  # fmt: skip


def breaks(frame: pl.DataFrame) -> list[Break]:
    """The gaps in `data`, oldest first, each with the label drawn in it."""
    steps = frame.unique("year").sort("year").select("year", "segment", "census_base").rows()
    return [
        Break(
            year,
            t("new base: {census}", census=_census(base_after))
            if base_before != base_after
            else (t("break in the series") if next_year == year + 1 else t("no figures")),
        )
        for (year, before, base_before), (next_year, after, base_after) in pairwise(steps)
        if before != after
    ]


def _census(base: str | None) -> str:
    if base is None:
        return t("not stated")
    return t(wording.CENSUS_WORDS[base]) if base in wording.CENSUS_WORDS else base


def draw(tables: Tables) -> alt.LayerChart:
    """Draw three broken lines with their names at the ends and a band in every gap."""
    import altair as alt

    frame = data(tables)
    first, *_, last = years(frame)
    width = theme.WIDTH - LEFT - RIGHT
    x = alt.X(
        "x:Q",
        scale=alt.Scale(domain=[first - 0.3, last + 0.3], range=[0, width], nice=False, zero=False),
        axis=alt.Axis(
            # Every third year, and the last one instead of a neighbour.
            values=[*range(first, last - 1, 3), last],
            format="d", grid=False, title=t("31 December of the year"), titleX=0, titleY=34, titleAlign="left",
            titleBaseline="top",
        ),
    )  # fmt: skip
    high = max(numbers(frame, "share_percent"))
    axis = theme.ticks(high, step=5)
    y = theme.y_axis(t("percent"), axis, height=HEIGHT, left=LEFT)

    lines: list[alt.Chart] = []
    dots, ends = [], []
    for part in theme.PART_ORDER:
        rows = frame.filter(part=part)
        for _, segment in rows.group_by("segment", maintain_order=True):
            points = [{"x": year, "y": share} for year, share in segment.select("year", "share_percent").rows()]
            lines.append(
                alt.Chart(alt.InlineData(values=points))
                .mark_line(color=theme.PART_STROKE[part], strokeWidth=2.5)
                .encode(x=x, y=y)
            )
        dots += [
            {"x": year, "y": share} | theme.part_symbol(part)
            for year, share in rows.select("year", "share_percent").rows()
        ]
        final = rows.row(-1, named=True)
        text = [*t(END_WORDS[part]).split("\n"), wording.percent(final["share_percent"])]
        ends.append({"x": final["year"], "y": final["share_percent"], "text": text, "fill": theme.PART_TEXT[part]})

    bands, notes = [], []
    for gap in breaks(frame):
        bands.append(
            {
                "x": gap.after_year + 0.3,
                "x2": gap.after_year + 0.7,
                "y": 0,
                "y2": axis[-1],
                "fill": theme.GRID,
            }
        )
        notes.append({"x": gap.after_year + 0.5, "y": axis[-1], "text": gap.label, "fill": theme.MUTED})
    return theme.compose(
        theme.boxes(bands, x, y),
        *lines,
        theme.symbols(dots, x, y, size=55),
        *(theme.labels([end], x, y, dx=16, dy=-19 * (len(end["text"]) - 1) / 2) for end in ends),
        theme.labels(notes, x, y, dy=-16, align="center", fontSize=theme.SMALL),
        height=HEIGHT, top=TOP, bottom=BOTTOM, left=LEFT, right=RIGHT,
    )  # fmt: skip


def _finding(frame: pl.DataFrame) -> str:
    """Trend within the segments (never across a break), then the order of the three in all years."""
    changes = (
        frame.sort("year")
        .group_by("part", "segment")
        .agg(pl.col("share_percent").last() - pl.col("share_percent").first(), points=pl.len())
        .filter(pl.col("points") > 1)
    )
    moves = numbers(changes, "share_percent")
    if moves and min(moves) > 0:
        trend = t("Foreign shares rise everywhere")
    elif moves and max(moves) < 0:
        trend = t("Foreign shares fall everywhere")
    else:
        trend = t("Foreign shares rise and fall")
    lowest = frame.sort("share_percent").unique("year", keep="first", maintain_order=True)["part"].unique()
    order = t(LOWEST[lowest[0]]) if len(lowest) == 1 else t("the order changes over the years")
    return f"{trend}; {order}"


def describe(tables: Tables) -> Titles:
    """The words of the chart, computed from `data`."""
    frame = data(tables)
    first, *_, last = years(frame)
    gaps = breaks(frame)

    def at(part: str, year: int) -> str:
        return wording.percent(frame.filter(part=part, year=year)["share_percent"][0])

    courses = [
        t(
            "{part} {first_share} in {first} and {last_share} in {last}",
            part=t(wording.PART_WORDS[part]),
            first=first,
            first_share=at(part, first),
            last=last,
            last_share=at(part, last),
        )
        for part in theme.PART_ORDER
        if {first, last} <= set(years(frame.filter(part=part)))
    ]
    pauses = [
        t(
            "The lines pause between {before} and {after} ({reason}): no difference may be taken across the gap.",
            before=gap.after_year,
            after=gap.after_year + 1,
            reason=gap.label,
        )
        for gap in gaps
    ]
    drawn = [
        t("Three lines by year. {courses}.", courses="; ".join(courses)),
        *pauses,
        t("Circles mark the West, diamonds Berlin, squares the East."),
        t("Foreign nationality is not migration background: people with a German passport are not counted."),
    ]
    return Titles(
        finding=_finding(frame),
        shown=t(
            "Foreign nationals in percent of the population, East without Berlin, Berlin and West, "
            "31 December {first} to {last}",
            first=first,
            last=last,
        ),
        description=" ".join(drawn),
        source_ids=source_ids(frame),
        reference=t("31 December {first} to {last}", first=first, last=last),
    )


CHART = Chart("foreign_share_years", ("marts.share", "analysis.east_west"), draw, data, describe)
