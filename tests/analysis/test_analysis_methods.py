"""The page on methods is generated, is the committed one, and leaves no method without words."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

from pipeline.analysis.catalogue import CATALOGUE
from pipeline.analysis.comparisons import EastWest, Method
from pipeline.analysis.design import load_design, parse_design
from pipeline.analysis.methods import PAGE, methods_page
from pipeline.analysis.places import ChangeMethod, DistrictMethod, RefugeeMethod, TrendMethod

ROOT = Path(__file__).parents[2]


def test_the_committed_page_is_what_the_declaration_gives() -> None:
    assert (ROOT / PAGE).read_text("utf-8") == methods_page(), "run `make methods`"


def test_every_method_that_can_be_declared_has_its_note() -> None:
    for methods in (Method, DistrictMethod, TrendMethod, ChangeMethod, RefugeeMethod):
        assert set(get_args(methods)) <= CATALOGUE.keys()
    for entry in load_design().comparisons:
        assert set(getattr(entry, "methods", ())) <= CATALOGUE.keys(), entry.id
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


def test_every_method_that_a_result_names_has_its_note_and_every_note_a_method() -> None:
    """Names are written out in the modules that compute; a note nobody computes would be a promise."""
    folder = ROOT / "pipeline/analysis"
    computing = [file for file in folder.glob("*.py") if file.stem not in ("catalogue", "methods")]
    source = "\n".join(file.read_text("utf-8") for file in computing)
    named = set(re.findall(r'"method": "(\w+)"', source))
    assert {"none", "wilson", "newcombe", "bounds", "arithmetic", "as_published", "ratio_estimate"} <= named
    assert named <= CATALOGUE.keys()
    assert [name for name in CATALOGUE if f'"{name}"' not in source] == []
