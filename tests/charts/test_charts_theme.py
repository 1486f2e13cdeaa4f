"""Colours keep their contrast and their difference in grey; numbers and lines are set as promised."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.charts import theme, wording
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
