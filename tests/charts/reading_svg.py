"""What a drawing says, read from its SVG."""

from __future__ import annotations

import re
from typing import NamedTuple
from xml.etree import ElementTree as ET

from pipeline.charts.theme import text_width

SVG = "{http://www.w3.org/2000/svg}"


def texts(svg: str) -> list[str]:
    """Every text drawn, in the order of the drawing."""
    root = ET.fromstring(svg)  # noqa: S314
    return ["".join(element.itertext()) for element in root.iter(f"{SVG}text")]


class Box(NamedTuple):
    """A line of text and about where it stands, in pixels of the card."""

    text: str
    left: float
    right: float
    top: float
    bottom: float

    def covers(self, other: Box) -> bool:
        """Whether more than a hair of the two is in one place."""
        across = min(self.right, other.right) - max(self.left, other.left)
        down = min(self.bottom, other.bottom) - max(self.top, other.top)
        return across > HAIR and down > HAIR


# Widths of letters are estimated, so that no test asks the fonts of a machine.
HAIR = 4
_PLACE = re.compile(r"translate\(([-\d.]+),([-\d.]+)\)")


def boxes(svg: str) -> list[Box]:
    """Every line of text of a drawing with its place; a line drawn twice (its paper, then its words) once."""
    found: dict[Box, None] = {}

    def visit(element: ET.Element, x: float, y: float, inherited: dict[str, str]) -> None:
        for across, down in _PLACE.findall(element.get("transform", "")):
            x, y = x + float(across), y + float(down)
        style = inherited | {key: element.attrib[key] for key in inherited if key in element.attrib}
        if element.tag == f"{SVG}text":
            size = float(style["font-size"].removesuffix("px"))
            for number, line in enumerate([*element] or [element]):
                text = "".join(line.itertext())
                width = text_width(text, size)
                left = x - {"start": 0.0, "middle": width / 2, "end": width}[style["text-anchor"]]
                baseline = y + 19 * number
                found.setdefault(Box(text, left, left + width, baseline - 0.75 * size, baseline + 0.1 * size))
        for child in element:
            visit(child, x, y, style)

    visit(ET.fromstring(svg), 0, 0, {"font-size": "16px", "text-anchor": "start"})  # noqa: S314
    return list(found)
