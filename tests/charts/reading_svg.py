"""What a drawing says, read from its SVG."""

from __future__ import annotations

from xml.etree import ElementTree as ET

SVG = "{http://www.w3.org/2000/svg}"


def texts(svg: str) -> list[str]:
    """Every text drawn, in the order of the drawing."""
    root = ET.fromstring(svg)  # noqa: S314
    return ["".join(element.itertext()) for element in root.iter(f"{SVG}text")]
