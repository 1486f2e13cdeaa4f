"""Colours keep their contrast and differ, in grey and to the colour-blind; numbers and lines are set as promised."""

from __future__ import annotations

import math
import re
from itertools import combinations, pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reading_svg import SVG

from pipeline.charts import DrawnChart, theme, wording
from pipeline.charts.state_tiles import EAST_BLOCK, GRID

SHARES = st.floats(0, 100)


@pytest.mark.parametrize("colour", [theme.INK, theme.MUTED, *theme.PART_TEXT.values()])
def test_text_colours_are_readable_on_the_card_and_on_the_highlight(colour: str) -> None:
    assert theme.contrast(colour, theme.PAPER) >= 4.5
    assert theme.contrast(colour, theme.HIGHLIGHT) >= 4.5


def test_east_west_and_berlin_differ_in_shape_and_in_grey() -> None:
    fills = [theme.PART_FILL[part] for part in ("east", "west", "berlin")]
    assert len(set(theme.PART_SHAPE.values())) == 3
    for first, second in ((0, 1), (1, 2), (0, 2)):
        assert theme.contrast(fills[first], fills[second]) >= 1.6
    assert all(theme.contrast(stroke, theme.PAPER) >= 3 for stroke in theme.PART_STROKE.values())


# What is left of linear red, green and blue where one kind of cone is missing: Machado, Oliveira and Fernandes 2009,
# severity 1.0.
CONES = {
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.01182, 0.04294, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
# Linear sRGB to XYZ, rows over the white of D65.
XYZ = ((0.433953, 0.376219, 0.189828), (0.212673, 0.715152, 0.072175), (0.017756, 0.109477, 0.872767))


def times(matrix: tuple[tuple[float, ...], ...], vector: list[float]) -> list[float]:
    return [sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix]


def seen(colour: str, by: str) -> list[float]:
    """The colour in CIELAB as somebody sees it who lacks a kind of cone."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    left = [min(max(value, 0.0), 1.0) for value in times(CONES[by], linear)]
    x, y, z = (v ** (1 / 3) if v > 216 / 24389 else (24389 / 27 * v + 16) / 116 for v in times(XYZ, left))
    return [116 * y - 16, 500 * (x - y), 200 * (y - z)]


@pytest.mark.parametrize("by", CONES)
def test_the_parts_are_told_apart_by_the_colour_blind(by: str) -> None:
    """A difference of 10 in CIELAB is seen at a glance."""
    for colours in (theme.PART_FILL, theme.PART_STROKE, theme.PART_TEXT):
        for first, second in combinations(colours.values(), 2):
            assert math.dist(seen(first, by), seen(second, by)) > 30
    # The bars of the permutation test that lie as far as what was observed, and the others.
    assert math.dist(seen(theme.PART_STROKE["east"], by), seen(theme.LINE, by)) > 30
    assert all(math.dist(seen(a, by), seen(b, by)) > 10 for a, b in pairwise(theme.RAMP))


def test_two_colours_that_differ_for_most_people_alone_are_found_out() -> None:
    assert math.dist(seen("#d62728", "deuteranopia"), seen("#7f7f00", "deuteranopia")) < 30


SYMBOLS = {"circle": "circle", "M,hvhZ": "square", "M,L,L,L,Z": "diamond"}


@pytest.mark.parametrize(
    "name",
    ["state_dots", "foreign_share_years", "district_distribution", "protection_seekers", "koenigstein_key",
     "headline_claim"],
)  # fmt: skip
def test_every_symbol_of_a_part_has_its_colour_and_its_shape(name: str, drawn_twice: dict[str, DrawnChart]) -> None:
    shapes: dict[str, set[str]] = {}

    def visit(element: ET.Element, stroke: str) -> None:
        stroke = element.get("stroke", stroke)
        outline = (
            re.sub(r"[-.\d]+", "", element.get("d", "")) if element.tag == f"{SVG}path" else element.tag[len(SVG) :]
        )
        if outline in SYMBOLS and stroke in strokes:
            shapes.setdefault(strokes[stroke], set()).add(SYMBOLS[outline])
        for child in element:
            visit(child, stroke)

    strokes = {colour: part for part, colour in theme.PART_STROKE.items()}
    visit(ET.fromstring(drawn_twice[name].svg["en"]), "")  # noqa: S314
    assert shapes.keys() >= {"east", "west"}
    assert shapes == {part: {theme.PART_SHAPE[part]} for part in shapes}


@given(SHARES)
def test_text_on_every_tile_is_readable(share: float) -> None:
    fill = theme.ramp(share, 0, 44)
    assert re.fullmatch("#[0-9a-f]{6}", fill)
    assert theme.contrast(theme.ink_on(fill), fill) >= 4.5


@given(SHARES, SHARES)
def test_ramp_never_gets_lighter(first: float, second: float) -> None:
    low, high = sorted((first, second))
    assert theme.luminance(theme.ramp(low, 0, 100)) >= theme.luminance(theme.ramp(high, 0, 100)) - 0.004


def test_every_state_has_its_own_tile_and_the_east_is_one_block() -> None:
    assert len(set(GRID.values())) == len(GRID) == 16
    assert {GRID[code] for code in ("12", "13", "14", "15", "16")} == set(EAST_BLOCK)
    reached = [EAST_BLOCK[0]]
    for column, row in reached:
        steps = ((column + 1, row), (column - 1, row), (column, row + 1), (column, row - 1))
        reached += [cell for cell in steps if cell in EAST_BLOCK and cell not in reached]
    assert set(reached) == set(EAST_BLOCK)


@pytest.mark.parametrize(
    ("p_value", "words"),
    [(0.00001, "fewer than 1 in 10,000"), (2 / 3003, "about 1 in 1,500"), (2 / 8008, "about 1 in 4,000"),
     (0.0123, "about 1 in 81"), (0.3, "about 30 in 100")],
)  # fmt: skip
def test_chance_in_words(p_value: float, words: str) -> None:
    assert wording.chance(p_value) == words


def test_numbers_and_lists() -> None:
    assert wording.number(-1234.5) == "−1,234.5"
    assert wording.percent(8) == "8.0\u00a0%"
    assert wording.listing(["a"]) == "a"
    assert wording.listing(["a", "b", "c"]) == "a, b and c"
    assert wording.wrap("Nordrhein-Westfalen", 14) == ["Nordrhein-", "Westfalen"]
    assert wording.wrap("", 14) == [""]
