"""The page on methods is generated, is the committed one, and leaves no method without words."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

from pipeline.analysis.comparisons import EastWest, Method
from pipeline.analysis.design import load_design, parse_design
from pipeline.analysis.methods import CATALOGUE, PAGE, methods_page

ROOT = Path(__file__).parents[2]


def test_the_committed_page_is_what_the_declaration_gives() -> None:
    assert (ROOT / PAGE).read_text("utf-8") == methods_page(), "run `make methods`"


def test_every_method_that_can_be_declared_has_its_note() -> None:
    assert set(get_args(Method)) <= CATALOGUE.keys()
    for name, note in CATALOGUE.items():
        assert all(vars(note).values()), name


def test_a_changed_declaration_changes_the_page() -> None:
    text = (ROOT / "pipeline/analysis/design.yml").read_text("utf-8")
    assert load_design().of(EastWest)[0].equivalence_margin_points == 2.5
    other = methods_page(
        parse_design(text.replace("equivalence_margin_points: 2.5", "equivalence_margin_points: 1.5"), file="x")
    )
    assert other != methods_page()
    assert "1.5 points." in other
