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

if TYPE_CHECKING:
    import altair as alt

CONCEPTS = "migration_background"
PARTS = ("east", "west")

LEFT, RIGHT, TOP, BOTTOM = 196, 26, 78, 62
HEADER, ROW = 40, 28
LABEL = 52

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
    """The part of the concept's words that tells its senses apart: ``narrower sense``."""
    return wording.concept(concept).removeprefix("migration background, ")


def draw(tables: Tables) -> alt.LayerChart:
    """Draw the two claimed ranges as bands and every candidate as a row of two marks, filled where inside."""
    frame = data(tables)
    width = theme.WIDTH - LEFT - RIGHT
    headers, names, marks, best, before, after, guides = [], [], [], [], [], [], []
    y = 0.0
    axis = theme.ticks(max(numbers(frame, "found_percent") + numbers(frame, "upper")) + 3, step=10)
    for (year, concept), block in frame.group_by("year", "concept", maintain_order=True):
        headers.append({"x": 0, "y": y + 24, "text": f"{year}, {sense(str(concept))}", "fill": theme.INK})
        y += HEADER
        for (berlin,), rows in block.group_by("berlin", maintain_order=True):
            at = y + ROW / 2
            chosen = bool(rows["best"][0])
            names.append(
                {"x": 0, "y": at, "text": ("best: " if chosen else "") + wording.BERLIN_WORDS[str(berlin)],
                 "fill": theme.INK if chosen else theme.MUTED}
            )  # fmt: skip
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
    x = theme.x_axis("percent; filled marks lie inside the claimed range", axis, width=width)
    py = theme.pixel_y(y)
    bands, captions, lines = [], [], []
    tint = {"east": "#f6cfb3", "west": "#c3dcea"}
    for part in PARTS:
        row = frame.filter(part=part).row(0, named=True)
        bands.append({"x": row["lower"], "x2": row["upper"], "y": -8, "y2": y, "fill": tint[part]})
        claimed = row["claimed_percent"]
        lines.append({"x": claimed, "x2": claimed, "y": -8, "y2": y, "stroke": theme.PART_STROKE[part]})
        name = {"east": "East", "west": "West"}[part]
        one_in = f"one in {100 / claimed:.0f}" if abs(100 / claimed - round(100 / claimed)) < 1e-6 else ""
        text = [
            f"claimed for the {name}:",
            f"{wording.percent(claimed, 2).replace('.00', '')} {one_in and f'({one_in})'}",
        ]
        captions.append({"x": claimed, "y": -44, "text": text, "fill": theme.PART_TEXT[part]})
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
    return {
        "agrees": f"The sentence agrees with the figures for {year}, {meaning}",
        "wrong year": f"The sentence fits {year} in the {meaning}, not the year it names",
        "depends on the definition": (
            f"The sentence holds only by one definition: {meaning}, {wording.BERLIN_WORDS[decided['berlin']]}"
        ),
    }.get(decided["verdict"], f"No year or definition fits the sentence; {year}, {meaning}, comes nearest")


def describe(tables: Tables) -> Titles:
    """The words of the chart, computed from `data` and `verdict`."""
    frame, decided = data(tables), verdict(tables)
    pairs = frame.pivot(on="part", index=["year", "concept", "berlin", "best"], values="found_percent")
    rows = "; ".join(
        f"{row['year']}, {sense(row['concept'])}, {wording.BERLIN_WORDS[row['berlin']]}: East "
        f"{wording.percent(row['east'])}, West {wording.percent(row['west'])}"
        + (" (best match)" if row["best"] else "")
        for row in pairs.iter_rows(named=True)
    )
    claimed = " and ".join(
        f"{wording.percent(row['claimed_percent'], 2)} for the {'East' if part == 'east' else 'West'} "
        f"(admits {wording.number(row['lower'], 2)} to {wording.percent(row['upper'], 2)})"
        for part in PARTS
        for row in [frame.filter(part=part).row(0, named=True)]
    )
    years = [str(year) for year in sorted(frame["year"].unique().to_list())]
    return Titles(
        finding=_finding(decided),
        shown=(
            "Shares with a migration background in East and West, by year, sense and place of Berlin, "
            "against the shares the article states"
        ),
        description=(
            f"Dot plot. Two bands hold the claim: {claimed}. Squares are the East, circles the West, filled "
            f"where they lie inside their band. {rows}. Verdict: {decided['verdict']}; {decided['rule']}."
        ),
        source_ids=tuple(sorted({series.split(".")[0] for series in frame["series_id"].to_list()})),
        reference=wording.listing(years),
    )


CHART = Chart("headline_claim", ("analysis.headline_claim",), draw, data, describe)
