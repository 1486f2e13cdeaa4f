"""Dots against bands: the shares of East and West in every candidate year and Berlin variant, beside the
claim.

Belongs here: the drawing and the words of the verdict. Not here: the readings of the claim, the ranking and
the rules (analysis.headline_claim).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from pipeline.charts import theme, wording
from pipeline.charts.model import Chart, Tables, Titles
from pipeline.charts.select import numbers, require, table
from pipeline.language import listing, mark, t

if TYPE_CHECKING:
    import altair as alt

CONCEPTS = "migration_background"
PARTS = ("east", "west")

LEFT, RIGHT, TOP, BOTTOM = 196, 26, 78, 62
HEADER, ROW = 40, 28
LABEL = 52
SENSE_WORDS = {
    "migration_background_wider": mark("wider sense"),
    "migration_background_narrower": mark("narrower sense"),
    "migration_background_zensus2011": mark("Zensus definition"),
}
CLAIMED = {"east": mark("claimed for the East:"), "west": mark("claimed for the West:")}
ADMITTED = {
    "east": mark("{claimed} for the East (admits {low} to {high})"),
    "west": mark("{claimed} for the West (admits {low} to {high})"),
}

CLAIM = (
    "result_id", "series_id", "year", "concept", "berlin", "part", "claimed_percent", "found_percent",
    "lower", "upper", "distance_points", "rank", "verdict", "rule",
)  # fmt: skip


def verdict(tables: Tables) -> dict:
    """The row of analysis.headline_claim with the verdict on the whole statement (its part is null).

    Raises:
        InputError: the table has no such row.
    """
    rows = table(tables, "analysis.headline_claim", CLAIM).filter(
        ~pl.col("part").is_in(["east", "west", "germany"]).fill_null(False), pl.col("verdict").is_not_null()
    )
    return require(rows, table_name="analysis.headline_claim", what="the verdict on the statement").row(0, named=True)


def data(tables: Tables) -> pl.DataFrame:
    """One row a candidate and part (east, west): year, concept, berlin, part, claimed_percent, lower, upper
    (what the claimed figure admits), found_percent, distance_points (0 inside), fits (Boolean), best
    (Boolean: the candidate of the verdict), rank, series_id, result_id. Percent throughout. Key: year,
    concept, berlin, part.

    Candidates are the series on migration background, in every sense. Where two series of one year, sense and
    Berlin variant exist, the one that carries more variants is drawn, then the better ranked.

    Raises:
        InputError: no candidate with East and West, or no verdict.
    """
    decided = verdict(tables)
    rows = table(tables, "analysis.headline_claim", CLAIM).filter(
        pl.col("part").is_in(PARTS),
        pl.col("concept").str.starts_with(CONCEPTS),
        pl.col("found_percent").is_not_null(),
    )
    rows = rows.filter(pl.col("part").n_unique().over("series_id", "berlin") == len(PARTS))
    rows = require(rows, table_name="analysis.headline_claim", what="candidates with a share of East and of West")
    candidate = ("year", "concept", "berlin")
    order = ["excluded", "in_east", "in_west"]
    rows = (
        rows.with_columns(variants=pl.col("berlin").n_unique().over("series_id"))
        .sort(["variants", "rank", "series_id"], descending=[True, False, False], nulls_last=True)
        .unique([*candidate, "part"], keep="first", maintain_order=True)
    )
    is_decided = pl.all_horizontal(pl.col(name) == decided[name] for name in candidate)
    drawn = bool(rows.select(is_decided.any()).item())
    return (
        rows.with_columns(
            fits=pl.col("distance_points") <= 0,
            best=is_decided if drawn else (pl.col("rank") == pl.col("rank").min()).fill_null(False),
            berlin_order=pl.col("berlin").replace_strict({name: i for i, name in enumerate(order)}),
        )
        .sort("year", "concept", "berlin_order", "part")
        .select(
            "year", "concept", "berlin", "part", "claimed_percent", "lower", "upper", "found_percent",
            "distance_points", "fits", "best", "rank", "series_id", "result_id",
        )
    )  # fmt: skip


def sense(concept: str) -> str:
    """The words that tell the senses of a migration background apart: ``narrower sense``."""
    return t(SENSE_WORDS[concept]) if concept in SENSE_WORDS else wording.concept(concept)


def _claimed(percent: float) -> str:
    """``6.25 % (one in 16)``, without the bracket where the share is no unit fraction."""
    share = wording.percent(percent, 0 if round(percent, 2).is_integer() else 2)
    whole = round(100 / percent)
    if abs(100 / percent - whole) < 1e-6:
        return t("{share} (one in {whole})", share=share, whole=whole)
    return share


def draw(tables: Tables) -> alt.LayerChart:
    """Draw the two claimed ranges as bands and every candidate as a row of two marks, filled where inside."""
    frame = data(tables)
    width = theme.WIDTH - LEFT - RIGHT
    headers, names, marks, best, before, after, guides = [], [], [], [], [], [], []
    y = 0.0
    axis = theme.ticks(max(numbers(frame, "found_percent") + numbers(frame, "upper")) + 3, step=10)
    for (year, concept), block in frame.group_by("year", "concept", maintain_order=True):
        headers.append(
            {"x": 0, "y": y + 24, "text": t("{year}, {sense}", year=year, sense=sense(str(concept))), "fill": theme.INK}
        )
        y += HEADER
        for (berlin,), rows in block.group_by("berlin", maintain_order=True):
            at = y + ROW / 2
            chosen = bool(rows["best"][0])
            place = t(wording.BERLIN_WORDS[str(berlin)])
            name = t("best: {berlin}", berlin=place) if chosen else place
            names.append({"x": 0, "y": at, "text": name, "fill": theme.INK if chosen else theme.MUTED})
            guides.append({"x": 0, "x2": axis[-1], "y": at, "y2": at, "stroke": theme.GRID})
            if chosen:
                best.append({"x": 0, "x2": axis[-1], "y": y + 1, "y2": y + ROW - 1,
                             "fill": theme.HIGHLIGHT})  # fmt: skip
            for row in rows.iter_rows(named=True):
                part = row["part"]
                symbol = theme.part_symbol(part, hollow=not row["fits"])
                marks.append({"x": row["found_percent"], "y": at} | symbol)
                text = wording.number(row["found_percent"])
                figure = {"x": row["found_percent"], "y": at, "text": text, "fill": theme.PART_TEXT[part]}
                # A number stands right of its mark, or left of it where the claimed value would run through it.
                gap = (row["claimed_percent"] - row["found_percent"]) * width / axis[-1]
                (before if 0 < gap < LABEL else after).append(figure)
            y += ROW
    x = theme.x_axis(t("percent; filled marks lie inside the claimed range"), axis, width=width)
    py = theme.pixel_y(y)
    bands, captions, lines = [], [], []
    tint = {"east": "#f6cfb3", "west": "#c3dcea"}
    for part in PARTS:
        row = frame.filter(part=part).row(0, named=True)
        bands.append({"x": row["lower"], "x2": row["upper"], "y": -8, "y2": y, "fill": tint[part]})
        claimed = row["claimed_percent"]
        lines.append({"x": claimed, "x2": claimed, "y": -8, "y2": y, "stroke": theme.PART_STROKE[part]})
        captions.append(
            {"x": claimed, "y": -44, "text": [t(CLAIMED[part]), _claimed(claimed)], "fill": theme.PART_TEXT[part]}
        )
    across: dict[str, float] = {"xOffset": 6 - LEFT, "x2Offset": RIGHT - 6, "cornerRadius": 4}
    return theme.compose(
        theme.boxes(best, x, py, **across),
        theme.boxes(bands, x, py),
        # The frame again, now over the bands, so that the row stays in one piece.
        theme.boxes(best, x, py, fillOpacity=0, stroke=theme.FRAME, strokeWidth=2, **across),
        theme.segments(guides, x, py, strokeWidth=1, strokeDash=[1, 4]),
        theme.segments(lines, x, py, strokeWidth=1.5, strokeDash=[5, 3]),
        theme.symbols(marks, x, py, size=110, width=2),
        theme.labels(after, x, py, dx=12, fontSize=theme.SMALL),
        theme.labels(before, x, py, dx=-12, align="right", fontSize=theme.SMALL),
        theme.labels(headers, x, py, dx=14 - LEFT, fontWeight="bold"),
        theme.labels(names, x, py, dx=-14, align="right", fontSize=theme.SMALL),
        theme.labels(captions, x, py, align="center", fontSize=theme.SMALL),
        height=y, top=TOP, bottom=BOTTOM, left=LEFT, right=RIGHT,
    )  # fmt: skip


def _finding(decided: dict) -> str:
    year, meaning = decided["year"], sense(decided["concept"])
    if decided["verdict"] == "agrees":
        return t("The sentence agrees with the figures for {year}, {sense}", year=year, sense=meaning)
    if decided["verdict"] == "wrong year":
        return t("The sentence fits {year} in the {sense}, not the year it names", year=year, sense=meaning)
    if decided["verdict"] == "depends on the definition":
        berlin = t(wording.BERLIN_WORDS[decided["berlin"]])
        return t("The sentence holds only by one definition: {sense}, {berlin}", sense=meaning, berlin=berlin)
    return t("No year or definition fits the sentence; {year}, {sense}, comes nearest", year=year, sense=meaning)


def describe(tables: Tables) -> Titles:
    """The words of the chart, computed from `data` and `verdict`."""
    frame, decided = data(tables), verdict(tables)
    pairs = frame.pivot(on="part", index=["year", "concept", "berlin", "best"], values="found_percent")
    rows = []
    for row in pairs.iter_rows(named=True):
        parts = {
            "year": row["year"], "sense": sense(row["concept"]), "berlin": t(wording.BERLIN_WORDS[row["berlin"]]),
            "east": wording.percent(row["east"]), "west": wording.percent(row["west"]),
        }  # fmt: skip
        rows.append(
            t("{year}, {sense}, {berlin}: East {east}, West {west} (best match)", **parts)
            if row["best"]
            else t("{year}, {sense}, {berlin}: East {east}, West {west}", **parts)
        )
    claimed = [
        t(
            ADMITTED[part],
            claimed=wording.percent(row["claimed_percent"], 2),
            low=wording.number(row["lower"], 2),
            high=wording.percent(row["upper"], 2),
        )
        for part in PARTS
        for row in [frame.filter(part=part).row(0, named=True)]
    ]
    years = [str(year) for year in sorted(frame["year"].unique().to_list())]
    return Titles(
        finding=_finding(decided),
        shown=t(
            "Shares with a migration background in East and West, by year, sense and place of Berlin, "
            "against the shares the article states"
        ),
        description=t(
            "Dot plot. Two bands hold the claim: {claimed}. Squares are the East, circles the West, filled where they "
            "lie inside their band. {rows}. {verdict}: the best match lies at most {distance} percentage points "
            "outside what the sentence states for East, West and Germany.",
            claimed=listing(claimed),
            rows="; ".join(rows),
            verdict=_finding(decided),
            distance=wording.number(decided["distance_points"], 2),
        ),
        source_ids=tuple(sorted({series.split(".")[0] for series in frame["series_id"].to_list()})),
        reference=listing(years),
    )


CHART = Chart("headline_claim", ("analysis.headline_claim",), draw, data, describe)
