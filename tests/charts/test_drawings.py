"""What was drawn before is not drawn again: the same bytes, never an older, another or a damaged drawing."""

import os

import pytest

from pipeline.charts import drawings
from pipeline.charts.drawings import drawn, remembered
from pipeline.charts.render import render_specification
from pipeline.language import speaking

BAR = {"mark": "bar", "data": {"values": [{"a": 1.5}]}, "encoding": {"x": {"field": "a", "type": "quantitative"}}}


class Pen:
    """Draws, and counts how often."""

    def __init__(self, svg="<svg>ä</svg>\n"):
        self.svg, self.used = svg, 0

    def __call__(self):
        self.used += 1
        return self.svg


def bar(**other):
    return render_specification(BAR | other.pop("specification", {}), **{"title": "Bar", "description": "One"} | other)


def files(folder):
    return sorted(folder.iterdir())


def test_the_same_is_drawn_once_and_has_the_same_bytes(tmp_path):
    alone = bar()
    with remembered(tmp_path / "drawings"):
        first = bar()
    (left,) = files(tmp_path / "drawings")
    written = left.stat().st_ino
    with remembered(tmp_path / "drawings"):
        assert bar() == first == alone
    assert [file.stat().st_ino for file in files(tmp_path / "drawings")] == [written]


@pytest.mark.parametrize(
    "other",
    [
        {"title": "Balken"},
        {"description": "Two"},
        {"specification": {"mark": "point"}},
        {"specification": {"data": {"values": [{"a": 1.6}]}}},
    ],
)
def test_whatever_differs_is_drawn_anew(tmp_path, other):
    with remembered(tmp_path):
        bar()
        remembered_then = bar(**other)
    assert remembered_then == bar(**other)
    assert len(files(tmp_path)) == 2


def test_another_language_is_another_drawing(tmp_path):
    with remembered(tmp_path):
        english = bar()
        with speaking("de"):
            german = bar()
    assert german != english
    assert len(files(tmp_path)) == 2


def test_other_code_or_another_library_draws_anew(tmp_path, monkeypatch):
    pen = Pen()
    with remembered(tmp_path):
        drawn(["chart"], pen)
        monkeypatch.setattr(drawings, "_drawn_by", lambda: ("99", "code"))
        drawn(["chart"], pen)
    assert pen.used == 2


@pytest.mark.parametrize("damage", [b"", b"\xff\xfe", None, "cut", "other"], ids=str)
def test_a_damaged_drawing_is_drawn_again(tmp_path, damage):
    pen = Pen()
    with remembered(tmp_path):
        drawn(["chart"], pen)
    (file,) = files(tmp_path)
    whole = file.read_bytes()
    file.write_bytes(
        {None: whole.replace(b"svg", b"SVG"), "cut": whole[:-4], "other": b"0" * 64 + whole[64:]}.get(damage, damage)
    )
    with remembered(tmp_path):
        assert drawn(["chart"], pen) == pen.svg
    assert pen.used == 2
    assert file.read_bytes() == whole


def test_a_drawing_that_fails_leaves_nothing(tmp_path):
    def fail():
        raise RuntimeError("no ink")

    with remembered(tmp_path), pytest.raises(RuntimeError):
        drawn(["chart"], fail)
    assert files(tmp_path) == []


def test_those_asked_for_longest_ago_are_forgotten(tmp_path, monkeypatch):
    monkeypatch.setattr(drawings, "KEPT", 2)
    with remembered(tmp_path):
        for name in ("first", "second"):
            drawn([name], Pen())
    for age, file in enumerate(files(tmp_path)):
        os.utime(file, (age, age))
    pen = Pen()
    with remembered(tmp_path):
        drawn(["first"], pen)
        drawn(["third"], Pen())
    with remembered(tmp_path):
        drawn(["first"], pen)
        drawn(["third"], pen)
    assert pen.used == 0
    assert len(files(tmp_path)) == 2


def test_where_none_are_remembered_it_draws(tmp_path):
    pen = Pen()
    assert [drawn(["chart"], pen) for _ in range(2)] == [pen.svg] * 2
    assert pen.used == 2
