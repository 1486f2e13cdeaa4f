"""The one look of all charts: colours, shapes, type and the primitive layers they are made of.

Belongs here: everything about appearance. Not here: any choice of data.

Colours come from the Okabe–Ito palette, darkened where contrast asks for it. East, West and Berlin differ in
hue, in lightness and in shape, so a greyscale print loses nothing. All text has a contrast of at least 4.5:1.
Every size is explicit and `autosize` is off: the layout never depends on the fonts of the machine that draws.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import altair as alt

WIDTH = 640
"""Width of every drawing in pixels. At 320 px the text of 16 px is still 8 px high."""

FONT = "Helvetica, Arial, Liberation Sans, sans-serif"
TEXT = 16
SMALL = 15

PAPER = "#ffffff"
INK = "#1c2126"
MUTED = "#4d545c"
GRID = "#e1e4e8"
LINE = "#8a929b"
HIGHLIGHT, FRAME = "#fdf3dc", "#96690a"

EAST, WEST, BERLIN = "#d55e00", "#00608f", "#1c2126"
PART_FILL = {"east": EAST, "west": WEST, "berlin": BERLIN}
PART_STROKE = {"east": "#a84800", "west": WEST, "berlin": BERLIN}
PART_TEXT = {"east": "#a84800", "west": WEST, "berlin": BERLIN}
PART_SHAPE = {"east": "square", "west": "circle", "berlin": "diamond"}
PART_ORDER = ("west", "berlin", "east")

Row = dict[str, Any]


def text_width(text: str, size: float = SMALL) -> float:
    """Roughly how wide `text` is drawn, in pixels: words differ in length by language, fonts by machine."""
    return 0.487 * size * len(text)


def luminance(colour: str) -> float:
    """Relative luminance of ``#rrggbb`` (WCAG 2.2)."""
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(first: str, second: str) -> float:
    """Contrast ratio of two colours (WCAG 2.2), 1 to 21."""
    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def ink_on(background: str) -> str:
    """Black or white, whichever is easier to read on `background`: 4.5:1 or better on any colour."""
    return max(("#000000", PAPER), key=lambda colour: contrast(colour, background))


# Light to dark in one direction, purple: neither the colour of the East nor of the West.
RAMP = ("#f3f0f8", "#d9d0ea", "#b3a2d3", "#8770b4", "#5f4593", "#3b2368")


def ramp(share: float, low: float, high: float) -> str:
    """Colour of `share` on the sequential ramp between `low` and `high` (clipped)."""
    position = min(max((share - low) / (high - low), 0.0), 1.0) * (len(RAMP) - 1)
    step = min(int(position), len(RAMP) - 2)
    pair = [[int(RAMP[step + k][i : i + 2], 16) for i in (1, 3, 5)] for k in (0, 1)]
    mixed = (round(a + (b - a) * (position - step)) for a, b in zip(*pair, strict=True))
    return "#" + "".join(f"{channel:02x}" for channel in mixed)


def ticks(high: float, *, step: float) -> list[float]:
    """0, step, … up to the first multiple that is not below `high`."""
    ticks = [0.0]
    while ticks[-1] < high:
        ticks.append(ticks[-1] + step)
    return ticks


def _pixel_scale(extent: float) -> alt.Scale:
    import altair as alt

    return alt.Scale(domain=[0, extent], range=[0, extent], nice=False, zero=False)


def pixel_x(extent: float) -> alt.X:
    """x measured in pixels of the plot, without an axis."""
    import altair as alt

    return alt.X("x:Q", scale=_pixel_scale(extent), axis=None)


def pixel_y(extent: float) -> alt.Y:
    """y measured in pixels of the plot, downwards, without an axis."""
    import altair as alt

    return alt.Y("y:Q", scale=_pixel_scale(extent), axis=None)


def x_axis(title: str, values: Sequence[float], *, width: float, format_: str = ",d", low: float = 0) -> alt.X:
    """Quantitative x with grid lines at `values`, labels beneath and the title under them, flush left."""
    import altair as alt

    axis = alt.Axis(
        values=list(values), title=title, titleX=0, titleY=34, titleAlign="left", titleBaseline="top",
        format=format_, labelExpr="replace(datum.label, '-', '−')",
    )  # fmt: skip
    scale = alt.Scale(domain=[low, max(values)], range=[0, width], nice=False, zero=False)
    return alt.X("x:Q", scale=scale, axis=axis)


def y_axis(title: str, values: Sequence[float], *, height: float, left: float) -> alt.Y:
    """Quantitative y with grid lines; the title stands upright above the axis, flush with the card."""
    import altair as alt

    axis = alt.Axis(
        values=list(values), title=title, titleAngle=0, titleX=8 - left, titleY=-18, titleAlign="left",
        titleBaseline="bottom", format=",d", labelPadding=8,
    )  # fmt: skip
    scale = alt.Scale(domain=[0, max(values)], range=[height, 0], nice=False, zero=False)
    return alt.Y("y:Q", scale=scale, axis=axis)


def _base(rows: Sequence[Row]) -> alt.Chart:
    import altair as alt

    return alt.Chart(alt.InlineData(values=list(rows)))


def symbols(rows: Sequence[Row], x: alt.X, y: alt.Y, *, size: float = 110, width: float = 1.6) -> alt.Chart:
    """Point marks; rows hold x, y, shape, fill, stroke."""
    import altair as alt

    return (
        _base(rows)
        .mark_point(size=size, strokeWidth=width, opacity=1)
        .encode(
            x=x, y=y, shape=alt.Shape("shape:N", scale=None), fill=alt.Fill("fill:N", scale=None),
            stroke=alt.Stroke("stroke:N", scale=None),
        )
    )  # fmt: skip


def labels(rows: Sequence[Row], x: alt.X, y: alt.Y, **mark: Any) -> alt.Chart:
    """Text marks; rows hold x, y, text (a string or lines) and fill."""
    import altair as alt

    style: dict[str, Any] = {"align": "left", "baseline": "middle", "fontSize": TEXT, "lineHeight": 19} | mark
    text = alt.Text("text:N")
    return _base(rows).mark_text(**style).encode(x=x, y=y, text=text, fill=alt.Fill("fill:N", scale=None))


def segments(rows: Sequence[Row], x: alt.X, y: alt.Y, **mark: Any) -> alt.Chart:
    """Straight strokes; rows hold x, y, x2, y2 and stroke."""
    import altair as alt

    style: dict[str, Any] = {"strokeWidth": 1.5, "opacity": 1} | mark
    stroke = alt.Stroke("stroke:N", scale=None)
    return _base(rows).mark_rule(**style).encode(x=x, y=y, x2=alt.X2("x2:Q"), y2=alt.Y2("y2:Q"), stroke=stroke)


def boxes(rows: Sequence[Row], x: alt.X, y: alt.Y, **mark: Any) -> alt.Chart:
    """Filled rectangles; rows hold x, y, x2, y2 and fill."""
    import altair as alt

    style: dict[str, Any] = {"opacity": 1} | mark
    fill = alt.Fill("fill:N", scale=None)
    return _base(rows).mark_rect(**style).encode(x=x, y=y, x2=alt.X2("x2:Q"), y2=alt.Y2("y2:Q"), fill=fill)


def part_symbol(part: str, *, hollow: bool = False) -> Row:
    """Shape, fill and stroke of East, West or Berlin; hollow for the earlier of two series."""
    return {
        "shape": PART_SHAPE[part],
        "fill": PAPER if hollow else PART_FILL[part],
        "stroke": PART_STROKE[part],
    }


def compose(
    *layers: alt.Chart, height: float, top: float, bottom: float, left: float, right: float, width: float = WIDTH
) -> alt.LayerChart:
    """Lay `layers` over each other on a white card of `width`; `height` is that of the plot without margins."""
    import altair as alt

    axis = alt.AxisConfig(
        labelFontSize=SMALL, titleFontSize=SMALL, labelColor=MUTED, titleColor=MUTED,
        titleFontWeight="normal", gridColor=GRID, domain=False, ticks=False, labelPadding=10,
        labelOverlap=False, labelFlush=False,
    )  # fmt: skip
    return alt.LayerChart(
        layer=list(layers),
        width=width - left - right,
        height=height,
        padding={"left": left, "right": right, "top": top, "bottom": bottom},
        autosize=alt.AutoSizeParams(type="none"),
        background=PAPER,
        config=alt.Config(font=FONT, aria=False, view=alt.ViewConfig(stroke=None), axis=axis),
    )
