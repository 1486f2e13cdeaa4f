"""Altair chart → the bytes of an SVG that stands on its own in a page.

Belongs here: everything between Vega-Lite and the page: name and description for assistive technology, ids
that stay unique when several drawings share a page, and what keeps the file small. Not here: any drawing.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any, Literal
from xml.etree import ElementTree as ET

from pipeline.charts.drawings import drawn
from pipeline.language import SOURCE, spoken

if TYPE_CHECKING:
    import altair as alt

SVG = "http://www.w3.org/2000/svg"

# How Vega writes the numbers of the axes, by language.
LOCALES: dict[str, Literal["en-US", "de-DE"]] = {"en": "en-US", "de": "de-DE"}
# Presentation attributes that a group may carry for all its children without changing the picture.
INHERITED = ("font-family", "font-size", "font-weight", "text-anchor", "fill", "stroke", "stroke-width")
EMPTY_PATHS = {"", "M0,0h0v0h0Z"}
_NUMBER = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")
# A round symbol as Vega draws it, by two arcs around its place.
_PLACE = re.compile(r"translate\((?P<x>[-\d.]+),(?P<y>[-\d.]+)\)")
_ROUND = re.compile(r"M(?P<r>[\d.]+),0A(?P=r),(?P=r),0,1,1,-(?P=r),0A(?P=r),(?P=r),0,1,1,(?P=r),0")
# What no XML can hold, even escaped. A text of the data may bear it; in Vega it would end the whole process.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
# So many neighbours of one style are worth a group of their own.
LONG_RUN = 8
_WORDS_ONLY = {"font-family", "id", "clip-path"}


def _shorten(match: re.Match[str]) -> str:
    text = f"{float(match.group()):.2f}".rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def _tidy(element: ET.Element) -> None:
    """Drop Vega's hooks for scripts and assistive technology, round numbers, gather shared styles."""
    for child in list(element):
        if child.get("display") == "none" or child.get("d") in EMPTY_PATHS:
            element.remove(child)
            continue
        _tidy(child)
        if child.tag == f"{{{SVG}}}g" and len(child) == 0:
            element.remove(child)
    for key, value in list(element.attrib.items()):
        if key in {"class", "role", "pointer-events", "opacity"} or key.startswith("aria-"):
            if key != "opacity" or value == "1":
                del element.attrib[key]
        elif key not in _WORDS_ONLY:
            element.set(key, _NUMBER.sub(_shorten, value))
    _round(element)
    if element.tag == f"{{{SVG}}}g":
        for key in INHERITED:
            values = {child.get(key) for child in element}
            if len(values) == 1 and None not in values:
                element.set(key, str(values.pop()))
                for child in element:
                    del child.attrib[key]
        _gather(element)


def _gather(group: ET.Element) -> None:
    """Put each long run of neighbours of one style into a group that names it once: hundreds of districts are alike."""
    runs: list[list[ET.Element]] = []
    for child in group:
        if runs and _style(runs[-1][0]) == _style(child):
            runs[-1].append(child)
        else:
            runs.append([child])
    if max(map(len, runs), default=0) < LONG_RUN or len(runs) == 1:
        return
    group[:] = []
    for run in runs:
        style = dict(_style(run[0]))
        if len(run) < LONG_RUN or not style:
            group.extend(run)
            continue
        for child in run:
            for key in style:
                del child.attrib[key]
        ET.SubElement(group, f"{{{SVG}}}g", style).extend(run)


def _style(element: ET.Element) -> tuple[tuple[str, str], ...]:
    return tuple((key, element.attrib[key]) for key in INHERITED if key in element.attrib)


def _round(element: ET.Element) -> None:
    """Turn the path of a round symbol into a circle: the same picture in a third of the bytes."""
    place, path = _PLACE.fullmatch(element.get("transform", "")), _ROUND.fullmatch(element.get("d", ""))
    if place and path:
        del element.attrib["transform"], element.attrib["d"]
        element.tag = f"{{{SVG}}}circle"
        element.attrib.update({"cx": place["x"], "cy": place["y"], "r": path["r"]})


def _one_font(root: ET.Element) -> None:
    """Name the font once, at the root, where all text has the same."""
    fonts = {font for element in root.iter() if (font := element.attrib.get("font-family"))}
    if len(fonts) == 1:
        for element in root.iter():
            element.attrib.pop("font-family", None)
        root.set("font-family", fonts.pop())


def _own_ids(root: ET.Element, prefix: str) -> None:
    """Give Vega's ids (clip0, …) a prefix, so that drawings inlined in one page do not share them."""
    for element in root.iter():
        for key, value in element.attrib.items():
            if key == "id":
                element.set(key, f"{prefix}-{value}")
            elif "url(#" in value:
                element.set(key, value.replace("url(#", f"url(#{prefix}-"))


def _writable(value: Any) -> Any:
    """`value` with a mark of replacement for every character of its texts that no XML can hold."""
    if isinstance(value, str):
        return _UNWRITABLE.sub("\ufffd", value)
    if isinstance(value, dict):
        return {key: _writable(held) for key, held in value.items()}
    return [_writable(held) for held in value] if isinstance(value, list) else value


def render_svg(chart: alt.LayerChart, *, title: str, description: str) -> str:
    """Draw `chart` as SVG text in the language being spoken: the same bytes for the same chart, title and description.

    Args:
        chart: what one of the chart modules drew.
        title: the short name read out first; escaped here.
        description: the alternative text; escaped here.

    Returns:
        One `<svg>` element with viewBox, width, height, role="img", `<title>` and `<desc>`, and `lang` where the
        language is not the one messages are written in; it holds no script, no style sheet and no reference to
        anything outside. Ends with a newline.
    """
    # Altair would check each chart against the schema of Vega-Lite, as slowly as it is drawn; a test does that.
    return render_specification(chart.to_dict(validate=False), title=title, description=description)


def render_specification(specification: dict[str, Any], *, title: str, description: str) -> str:
    """`render_svg` for a chart that is a dictionary already."""
    made_from = [_writable(part) for part in (specification, title, description)]
    return drawn([*made_from, spoken()], lambda: _draw(*made_from))


def _draw(specification: dict[str, Any], title: str, description: str) -> str:
    import vl_convert

    drawing = vl_convert.vegalite_to_svg(specification, allowed_base_urls=[], format_locale=LOCALES[spoken()])
    ET.register_namespace("", SVG)
    root = ET.fromstring(drawing)  # noqa: S314  (our own drawing, made one line above)
    _tidy(root)
    _one_font(root)
    for key in ("version", "class"):
        root.attrib.pop(key, None)
    prefix = "c" + hashlib.sha256(f"{title}\n{description}\n{drawing}".encode()).hexdigest()[:10]
    _own_ids(root, prefix)
    for position, (tag, text) in enumerate((("title", title), ("desc", description))):
        element = ET.Element(f"{{{SVG}}}{tag}", {"id": f"{prefix}-{tag}"})
        element.text = text
        root.insert(position, element)
    # English drawings keep the bytes of the releases before there were others.
    if spoken() != SOURCE:
        root.set("lang", spoken())
    root.set("role", "img")
    root.set("aria-labelledby", f"{prefix}-title")
    root.set("aria-describedby", f"{prefix}-desc")
    return ET.tostring(root, encoding="unicode") + "\n"
