"""Stacked dots: the foreign share of every district, East, Berlin and West apart, medians marked.

Belongs here: binning for the eye and the words. Not here: any test; districts are not independent
observations.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from pipeline.charts import theme, wording
from pipeline.charts.model import Chart, Tables, Titles
from pipeline.charts.select import FOREIGN, numbers, require, shares, source_ids
from pipeline.language import t

if TYPE_CHECKING:
    import altair as alt

LEFT, RIGHT, BOTTOM = 26, 26, 62
HEAD = 56
GAP = 16
DOT = 6.6


def data(tables: Tables) -> pl.DataFrame:
    """One row a district, latest year: part, region_id, region_name, share_percent (Float64, percent),
    median_percent (unweighted median of the districts of that part), year, reference, census_base, series_id,
    source_id. Sorted by part (west, berlin, east) and share. Key: region_id.

    Raises:
        InputError: no foreign shares of districts, or none for East or West.
    """
    rows = require(
        shares(tables).filter(pl.col("level") == "district", pl.col("concept") == FOREIGN),
        table_name="marts.share",
        what="foreign shares of districts",
    )
    rows = rows.filter(pl.col("year") == pl.col("year").max())
    series = rows.group_by("series_id").len().sort(["len", "series_id"], descending=[True, False])["series_id"][0]
    rows = rows.filter(series_id=series)
    for part in ("east", "west"):
        require(rows.filter(part=part), table_name="marts.share", what=f"districts of the {part} in {series}")
    return (
        rows.with_columns(
            median_percent=pl.col("share_percent").median().over("part"),
            order=pl.col("part").replace_strict({p: i for i, p in enumerate(theme.PART_ORDER)}),
        )
        .sort("order", "share_percent", "region_id")
        .select(
            "part", "region_id", "region_name", "share_percent", "median_percent", "year", "reference",
            "census_base", "series_id", "source_id",
        )
    )  # fmt: skip


def draw(tables: Tables) -> alt.LayerChart:
    """Draw every district as one dot, stacked in bins as wide as a dot; the exact shares are in `data`."""
    frame = data(tables)
    width = theme.WIDTH - LEFT - RIGHT
    axis = theme.ticks(max(*numbers(frame, "share_percent"), 5), step=10)
    bin_percent = DOT * axis[-1] / width
    binned = frame.with_columns(bin=(pl.col("share_percent") / bin_percent).floor())
    binned = binned.with_columns(level=pl.int_range(pl.len()).over("part", "bin"))

    dots: list[theme.Row] = []
    single, medians, captions, floors, extremes = [], [], [], [], []
    y = 0.0
    for part in (p for p in theme.PART_ORDER if p in frame["part"].to_list()):
        rows = binned.filter(part=part)
        name, median = t(wording.PART_WORDS[part]), rows["median_percent"][0]
        head = y + 22
        floor = y + HEAD + (max(numbers(rows, "level")) + 1) * DOT
        if rows.height == 1:
            single.append({"x": median, "y": floor - 9} | theme.part_symbol(part))
            name = t("{part}, one district: {share}", part=name, share=wording.percent(median))
        else:
            for centre, level in rows.select((pl.col("bin") + 0.5) * bin_percent, "level").rows():
                at = {"x": centre, "y": floor - (level + 0.5) * DOT, "shape": theme.PART_SHAPE[part]}
                dots.append(at | {"fill": theme.PART_STROKE[part], "stroke": theme.PART_STROKE[part]})
            name = t(
                "{part}: {districts} districts, median {median}",
                part=name, districts=wording.number(rows.height, 0), median=wording.percent(median),
            )  # fmt: skip
            line = {"x": median, "x2": median, "y": head + 12, "y2": floor + 1}
            medians.append(line | {"stroke": theme.PART_STROKE[part]})
            top = rows.row(-1, named=True)
            extremes.append(
                {"x": top["share_percent"], "y": floor - 20, "text": top["region_name"].split(",")[0],
                 "fill": theme.PART_TEXT[part]}
            )  # fmt: skip
        floors.append({"x": 0, "x2": axis[-1], "y": floor + 1, "y2": floor + 1, "stroke": theme.LINE})
        captions.append({"x": median, "y": head, "text": name, "fill": theme.PART_TEXT[part]})
        y = floor + GAP
    y -= GAP - 4
    x = theme.x_axis(t("percent of the population"), axis, width=width)
    py = theme.pixel_y(y)
    scale = width / axis[-1]
    # Text that would leave the card on the left starts at its edge instead of standing over its median.
    centred = [row for row in captions if row["x"] * scale > 170]
    edge = [row | {"x": 0} for row in captions if row["x"] * scale <= 170]
    # The name of the highest district stands to its right, or above it where the card ends.
    inner = [row for row in extremes if (axis[-1] - row["x"]) * scale > 200]
    outer = [row for row in extremes if (axis[-1] - row["x"]) * scale <= 200]
    return theme.compose(
        theme.segments(floors, x, py, strokeWidth=1),
        theme.symbols(dots, x, py, size=27, width=0.5),
        theme.symbols(single, x, py, size=130),
        theme.segments(medians, x, py, strokeWidth=2.5),
        theme.labels(centred, x, py, align="center"),
        theme.labels(edge, x, py),
        theme.labels(inner, x, py, dx=9, dy=11, fontSize=theme.SMALL),
        theme.labels(outer, x, py, dx=6, align="right", fontSize=theme.SMALL),
        height=y, top=4, bottom=BOTTOM, left=LEFT, right=RIGHT,
    )  # fmt: skip


def _finding(frame: pl.DataFrame) -> str:
    east = frame.filter(part="east")["share_percent"]
    median = frame.filter(part="west")["median_percent"][0]
    above = int((east > median).sum())
    parts = {"districts": wording.number(len(east), 0), "median": wording.percent(median)}
    if above == 0:
        return t("No eastern district exceeds the western median of {median}", median=parts["median"])
    if above == len(east):
        return t("All {districts} eastern districts exceed the western median of {median}", **parts)
    if above == 1:
        return t("One of {districts} eastern districts exceeds the western median of {median}", **parts)
    return t(
        "{above} of {districts} eastern districts exceed the western median of {median}",
        above=wording.count_word(above), **parts,
    )  # fmt: skip


def _described(part: str, rows: pl.DataFrame) -> str:
    low, high = rows.row(0, named=True), rows.row(-1, named=True)
    parts = {"part": t(wording.PART_WORDS[part]), "median": wording.percent(low["median_percent"])}
    if rows.height == 1:
        return t("{part}: 1 district, median {median}", **parts)
    return t(
        "{part}: {districts} districts, median {median}, from {low} ({lowest}) to {high} ({highest})",
        districts=wording.number(rows.height, 0),
        low=wording.percent(low["share_percent"]), lowest=low["region_name"],
        high=wording.percent(high["share_percent"]), highest=high["region_name"],
        **parts,
    )  # fmt: skip


def describe(tables: Tables) -> Titles:
    """The words of the chart, computed from `data`."""
    frame = data(tables)
    first = frame.row(0, named=True)
    groups = []
    for part in theme.PART_ORDER:
        rows = frame.filter(part=part)
        if rows.height:
            groups.append(_described(part, rows))
    return Titles(
        finding=_finding(frame),
        shown=t(
            "Foreign nationals in percent of the population, {districts} districts, {date}, each district one dot",
            districts=wording.number(frame.height, 0),
            date=wording.year_end(first["year"]),
        ),
        description=t(
            "Dots stacked over a common scale, one a district. {groups}. Large and small districts count the same "
            "here, so a median is not the share of all residents. Districts of one state resemble each other: the "
            "dots are no independent observations.",
            groups=". ".join(groups),
        ),
        source_ids=source_ids(frame),
        reference=wording.year_end(first["year"]),
    )


CHART = Chart("district_distribution", ("marts.share",), draw, data, describe)
