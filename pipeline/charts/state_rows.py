"""The dot plot of the 16 states that two charts share: a row a state, a dashed line for East and West together.

Belongs here: the drawing of the rows. Not here: what is counted, its words, the choice of the rows (the charts).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from pipeline.charts import theme, wording
from pipeline.language import t

if TYPE_CHECKING:
    import altair as alt

LEFT, BOTTOM = 232, 62
STEP = 28


@dataclass(frozen=True)
class Head:
    """Heights above the first row, in pixels: where the dashed lines end, their captions, the margin; and the notes.

    Attributes:
        rule: the upper end of the dashed lines.
        caption: the first line of the words on East and West.
        top: the margin of the drawing.
        notes: the words on the marks of the first row, as rows of `theme.labels`.
        notes_style: how they are set.
        on_paper: whether the dashed lines pass behind the notes.
    """

    rule: float
    caption: float
    top: float
    notes: Sequence[theme.Row]
    notes_style: dict[str, Any]
    on_paper: bool = False


def draw_rows(
    states: pl.DataFrame,
    groups: pl.DataFrame,
    *,
    title: str,
    axis: Sequence[float],
    written: Callable[[float], str],
    head: Head,
    right: float,
) -> alt.LayerChart:
    """Draw filled marks for one series and hollow ones for the other, with East and West together above.

    Args:
        states: one row a mark: region_name, part, position (1 = first row), value, hollow (Boolean).
        groups: one row for East, one for West: part, value.
        title: the words of the axis.
        axis: the places of its grid lines.
        written: a value as the captions write it.
        head: what stands above the rows.
        right: the right margin.
    """
    height = STEP * states["position"].n_unique()
    x = theme.x_axis(title, axis, width=theme.WIDTH - LEFT - right)
    y = theme.pixel_y(height)
    marks: dict[bool, list[theme.Row]] = {True: [], False: []}
    names, guides = [], []
    for row in states.iter_rows(named=True):
        at, hollow = (row["position"] - 0.5) * STEP, row["hollow"]
        marks[hollow].append({"x": row["value"], "y": at} | theme.part_symbol(row["part"], hollow=hollow))
        if not hollow:
            names.append({"x": 0, "y": at, "text": row["region_name"], "fill": theme.PART_TEXT[row["part"]]})
            guides.append({"x": 0, "x2": axis[-1], "y": at, "y2": at, "stroke": theme.GRID})
    rules, caps, captions = [], [], []
    for row in groups.iter_rows(named=True):
        value, part = row["value"], row["part"]
        rules.append({"x": value, "x2": value, "y": -head.rule, "y2": height, "stroke": theme.PART_STROKE[part]})
        caps.append({"x": value, "y": -head.rule - 2} | theme.part_symbol(part))
        lines = [t(wording.PART_WORDS[part]), t("together {share}", share=written(value))]
        captions.append({"x": value, "y": -head.caption, "text": lines, "fill": theme.PART_TEXT[part]})
    paper = [note | {"fill": theme.PAPER} for note in head.notes] if head.on_paper else []
    return theme.compose(
        theme.segments(guides, x, y, strokeWidth=1, strokeDash=[1, 4]),
        theme.segments(rules, x, y, strokeWidth=2, strokeDash=[6, 3]),
        *([theme.labels(paper, x, y, **head.notes_style, stroke=theme.PAPER, strokeWidth=7)] if paper else []),
        theme.symbols(caps, x, y, size=130),
        theme.labels(captions, x, y, align="center"),
        theme.symbols(marks[True], x, y, size=75),
        theme.symbols(marks[False], x, y, size=130),
        theme.labels(names, x, y, align="right", dx=-14),
        theme.labels(head.notes, x, y, **head.notes_style),
        height=height, top=head.top, bottom=BOTTOM, left=LEFT, right=right,
    )  # fmt: skip
