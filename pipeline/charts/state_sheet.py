"""The two small drawings of a state's sheet: its foreign share over the years, and its districts among all of them.

Belongs here: the rows drawn, the drawings and their words. Not here: the charts of the page (CHARTS), since these are
drawn for one state at a time when its sheet is made; any statistic.

The state is always ink; East, West and Germany keep the colours of every other chart. Titles stand in the sheet.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import polars as pl

from pipeline.charts import theme
from pipeline.charts.model import Tables
from pipeline.charts.render import render_specification
from pipeline.charts.select import FOREIGN, numbers
from pipeline.language import NBSP, format_number, mark, spoken, t

if TYPE_CHECKING:
    import altair as alt

TABLES = ("marts.region_share", "analysis.east_west", "core.region")
WHO = ("state", "east", "west", "germany")
NAMES = {"east": mark("East without Berlin"), "west": mark("West"), "germany": mark("Germany")}
COLOURS = {
    "state": theme.INK,
    "east": theme.PART_STROKE["east"],
    "west": theme.PART_STROKE["west"],
    "germany": theme.MUTED,
}
YEARS_WIDTH, YEARS_HEIGHT = 700, 230
YEARS_LEFT, YEARS_RIGHT, YEARS_TOP, YEARS_BOTTOM = 40, 222, 34, 34
# Two labels at the right end never come nearer than a line.
LINE_HEIGHT = 20
STRIP_WIDTH = 1000
STRIP_LEFT, STRIP_RIGHT, STRIP_TOP, STRIP_BOTTOM = 18, 18, 8, 34
DOT = 6.6
# The names of the lowest and the highest district stand above the dots.
NAME_HEIGHT = 44


def years(tables: Tables, region_id: str) -> pl.DataFrame:
    """The foreign share of a state, the East without Berlin, the West and Germany in the source with the longest run.

    Columns: who (state | east | west | germany), year, share_percent (Float64, percent), segment (Int32), census_base,
    reference_date, series_id, source_id, row_id (of marts.region_share or analysis.east_west), row_column. Key: who,
    year. Empty where the release holds no such series of the state.
    """
    states = tables["marts.region_share"].filter(level="state", concept=FOREIGN)
    groups = tables["analysis.east_west"].filter(
        pl.col("level") == "state",
        pl.col("concept") == FOREIGN,
        pl.col("berlin") == "excluded",
        pl.col("estimand") == "pooled",
        pl.col("method") == "share",
        pl.col("quantity").is_in(WHO),
        pl.col("estimate").is_not_null(),
    )
    own = states.filter(region_id=region_id)
    both = own.join(groups.select("series_id").unique(), on="series_id", how="semi")
    runs = both.group_by("source_id").agg(years=pl.col("year").n_unique()).sort("years", "source_id")
    source = runs["source_id"][-1] if runs.height else ""
    own = both.filter(source_id=source)
    columns = ["who", "year", "share_percent", "series_id", "source_id", "row_id", "row_column"]
    drawn = pl.concat(
        [
            own.with_columns(who=pl.lit("state"), row_id="share_id", row_column=pl.lit("share_percent")).select(
                columns
            ),
            groups.join(own.select("series_id"), on="series_id", how="semi")
            .with_columns(who="quantity", share_percent="estimate", row_id="result_id", row_column=pl.lit("estimate"))
            .select(columns),
        ],
        how="vertical_relaxed",
    )
    kept = own.select("series_id", "segment", "census_base", "reference_date")
    order = pl.col("who").replace_strict({who: place for place, who in enumerate(WHO)}, return_dtype=pl.Int8)
    return drawn.join(kept, on="series_id").sort(order, "year")


def districts(tables: Tables) -> pl.DataFrame:
    """The foreign share of every district in the newest series that has most of them, the lowest first.

    Columns: share_id, series_id, source_id, year, reference_date, region_id, region_name, state_id, part,
    share_percent (Float64, percent), rank_first, rank_last, regions, regions_in_state. Key: region_id.
    """
    rows = tables["marts.region_share"].filter(level="district", concept=FOREIGN)
    rows = rows.filter(pl.col("year") == pl.col("year").max())
    most = rows.group_by("series_id").len().sort(["len", "series_id"], descending=[True, False])["series_id"]
    rows = rows.filter(pl.col("series_id").is_in(most[:1].to_list()))
    return rows.sort("share_percent", "region_id").select(
        "share_id", "series_id", "source_id", "year", "reference_date", "region_id", "region_name", "state_id", "part",
        "share_percent", "rank_first", "rank_last", "regions", "regions_in_state",
    )  # fmt: skip


def short_names(own: pl.DataFrame) -> dict[str, str]:
    """Names by region_id, without their kind (Landkreis, kreisfreie Stadt) except where two would be alike."""
    stems = own.with_columns(stem=pl.col("region_name").str.split(",").list.first().str.strip_chars())
    twice = pl.col("stem").count().over("stem") > 1
    return dict(stems.select("region_id", pl.when(twice).then("region_name").otherwise("stem")).rows())


def percent(value: float) -> str:
    """A share as the language writes it: `8.1 %`, `8,1 %`."""
    return f"{format_number(value, 1)}{NBSP}%"


def draw_years(frame: pl.DataFrame, name: str, high: float) -> str:
    """The SVG of `years` (with rows) for the state `name`: four lines that pause at every break, named at their ends.

    The axis runs to `high` [percent]: one and the same on every sheet, so that sheets can be laid side by side.
    """
    every = sorted(frame["year"].unique().to_list())
    top = theme.ticks(high, step=5)[-1]
    points: dict[bool, list[theme.Row]] = {True: [], False: []}
    ends = []
    for who in reversed([who for who in WHO if frame.filter(who=who).height]):
        rows = frame.filter(who=who).select("year", "share_percent", "segment").rows()
        look = {"stroke": COLOURS[who], "width": 4 if who == "state" else 2}
        points[who == "germany"] += [
            {"x": year, "y": share, "line": f"{who} {segment}"} | look for year, share, segment in rows
        ]
        text = [name, percent(rows[-1][1])] if who == "state" else [f"{t(NAMES[who])} {percent(rows[-1][1])}"]
        ends.append({"x": rows[-1][0], "y": rows[-1][1], "text": text, "fill": COLOURS[who], "own": who == "state"})
    own = frame.filter(who="state").select("year", "share_percent").rows()
    dots = [{"x": year, "y": share, "shape": "circle", "fill": theme.INK, "stroke": theme.INK} for year, share in own]
    bands = [{"x": a + 0.3, "x2": b - 0.3, "y": 0, "y2": top, "fill": theme.GRID} for a, b in breaks(frame)]
    ends = _apart(ends, top / YEARS_HEIGHT)
    return _drawn(
        _years_shape(every[0], every[-1], top, spoken()),
        [
            bands,
            points[True],
            points[False],
            dots,
            [end for end in ends if end["own"]],
            [end for end in ends if not end["own"]],
        ],
        title=t("Foreign nationals in percent of the population: {state}, East, West and Germany", state=name),
        description=_course(frame, name),
    )


@lru_cache(maxsize=8)
def _years_shape(first: int, last: int, top: float, language: str) -> dict[str, Any]:
    """The chart of years without its rows, in the order `draw_years` gives them."""
    import altair as alt

    width = YEARS_WIDTH - YEARS_LEFT - YEARS_RIGHT
    x = alt.X(
        "x:Q",
        scale=alt.Scale(domain=[first - 0.3, last + 0.3], range=[0, width], nice=False, zero=False),
        axis=alt.Axis(values=[*range(first, last - 1, 3), last], format="d", grid=False, title=None),
    )
    y = theme.y_axis(t("percent of the population"), theme.ticks(top, step=5), height=YEARS_HEIGHT, left=YEARS_LEFT)
    return theme.compose(
        theme.boxes([], x, y),
        _lines(x, y, strokeDash=[5, 4]),
        _lines(x, y),
        theme.symbols([], x, y, size=50),
        theme.labels([], x, y, dx=14, fontWeight="bold"),
        theme.labels([], x, y, dx=14),
        height=YEARS_HEIGHT, top=YEARS_TOP, bottom=YEARS_BOTTOM, left=YEARS_LEFT, right=YEARS_RIGHT, width=YEARS_WIDTH,
    ).to_dict(validate=False)  # fmt: skip


def _drawn(shape: dict[str, Any], rows: Sequence[list[theme.Row]], *, title: str, description: str) -> str:
    """A shape with the rows of its layers: building the chart anew for each state takes three times as long."""
    layers = [layer | {"data": {"values": own}} for layer, own in zip(shape["layer"], rows, strict=True)]
    return render_specification(shape | {"layer": layers}, title=title, description=description)


def breaks(frame: pl.DataFrame) -> list[tuple[int, int]]:
    """The last year before and the first year after every break of `years`, the oldest first."""
    steps = frame.filter(who="state").sort("year").select("year", "segment").rows()
    return [(before, after) for (before, one), (after, other) in pairwise(steps) if one != other]


def _lines(x: alt.X, y: alt.Y, **mark: Any) -> alt.Chart:
    """Lines; their rows hold x, y, line (its name), stroke and width."""
    import altair as alt

    return (
        alt.Chart(alt.InlineData(values=[]))
        .mark_line(**mark)
        .encode(
            x=x, y=y, detail="line:N", stroke=alt.Stroke("stroke:N", scale=None),
            strokeWidth=alt.StrokeWidth("width:Q", scale=None),
        )
    )  # fmt: skip


def _apart(ends: list[theme.Row], points_per_pixel: float) -> list[theme.Row]:
    """The labels at heights that keep them apart: each as near to the end of its line as those above it allow."""
    placed: list[theme.Row] = []
    ceiling = float("inf")
    for end in sorted(ends, key=lambda end: -float(end["y"])):
        tall = LINE_HEIGHT * len(end["text"]) * points_per_pixel
        top = min(float(end["y"]) + tall / 2, ceiling)
        ceiling = top - tall
        # The first line of a label stands at its place; the others follow below.
        placed.append(end | {"y": top - LINE_HEIGHT * points_per_pixel / 2})
    return placed


def _course(frame: pl.DataFrame, name: str) -> str:
    said = []
    for who in WHO:
        rows = frame.filter(who=who)
        if rows.height:
            first, last = rows.row(0, named=True), rows.row(-1, named=True)
            said.append(
                t(
                    "{name}: {before} in {first_year}, {after} in {last_year}.",
                    name=name if who == "state" else t(NAMES[who]),
                    before=percent(first["share_percent"]),
                    first_year=first["year"],
                    after=percent(last["share_percent"]),
                    last_year=last["year"],
                )
            )
    said += [
        t("The lines pause between {before} and {after}: a break in the series.", before=before, after=after)
        for before, after in breaks(frame)
    ]
    return " ".join([t("Four lines by year; the state’s is the thick one."), *said])


def draw_districts(frame: pl.DataFrame, region_id: str, name: str) -> str:
    """The SVG of `districts`: every district a dot, those of the state in ink, its lowest and highest named."""
    width = STRIP_WIDTH - STRIP_LEFT - STRIP_RIGHT
    axis = theme.ticks(max(numbers(frame, "share_percent")), step=5)
    step = DOT * axis[-1] / width
    binned = frame.with_columns(bin=(pl.col("share_percent") / step).floor(), own=pl.col("state_id") == region_id).sort(
        "bin", pl.col("own"), descending=[False, True], maintain_order=True
    )
    binned = binned.with_columns(level=pl.int_range(pl.len()).over("bin"))
    height = NAME_HEIGHT + (max(numbers(binned, "level")) + 1) * DOT
    dots: list[theme.Row] = []
    for at, level, own in binned.select((pl.col("bin") + 0.5) * step, "level", "own").rows():
        colour = theme.INK if own else theme.LINE
        look = {"shape": "circle", "fill": colour, "stroke": colour}
        dots.append({"x": at, "y": height - (level + 0.5) * DOT} | look)
    own = binned.filter("own").sort("share_percent", "region_id")
    named = [own.row(0, named=True), own.row(-1, named=True)] if own.height > 1 else own.rows(named=True)
    short = short_names(own)
    texts, rules = [], []
    for place, row in enumerate(named):
        at = (row["bin"] + 0.5) * step
        # One line for the lowest, one for the highest: they never meet.
        line = 8 + 22 * place
        text = f"{short[row['region_id']]} {percent(row['share_percent'])}"
        right = at > axis[-1] / 2
        texts.append({"x": at, "y": line, "text": text, "fill": theme.INK, "right": right})
        top = height - (row["level"] + 1) * DOT
        rules.append({"x": at, "x2": at, "y": line - 8, "y2": top, "stroke": theme.INK})
    words = t(
        "One dot a district, {count} in all; the dots of {state} are dark.",
        count=format_number(frame.height, 0),
        state=name,
    )
    ends = [
        t("{district}: {share}.", district=row["region_name"], share=percent(row["share_percent"])) for row in named
    ]
    return _drawn(
        _districts_shape(axis[-1], height),
        [
            rules,
            dots,
            [row for row in texts if not row["right"]],
            [row for row in texts if row["right"]],
        ],
        title=t("Foreign nationals in percent of the population, by district: {state} among all", state=name),
        description=" ".join([words, *ends]),
    )


@lru_cache(maxsize=8)
def _districts_shape(top: float, height: float) -> dict[str, Any]:
    """The chart of districts without its rows, in the order `draw_districts` gives them."""
    x = theme.x_axis("", theme.ticks(top, step=5), width=STRIP_WIDTH - STRIP_LEFT - STRIP_RIGHT)
    y = theme.pixel_y(height)
    return theme.compose(
        theme.segments([], x, y, strokeWidth=1),
        theme.symbols([], x, y, size=29, width=0),
        theme.labels([], x, y, dx=6),
        theme.labels([], x, y, dx=-6, align="right"),
        height=height, top=STRIP_TOP, bottom=STRIP_BOTTOM, left=STRIP_LEFT, right=STRIP_RIGHT, width=STRIP_WIDTH,
    ).to_dict(validate=False)  # fmt: skip
