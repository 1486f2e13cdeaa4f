"""The words on revisions follow the rows, and no revision is said to be none."""

from types import SimpleNamespace

import polars as pl

from pipeline.report import revisions
from pipeline.report.page import Page


def test_the_sentence_gives_both_figures_and_the_range(page):
    said = revisions.sentence(page).markup
    assert 'data-result="revision:DE"' in said
    assert ">84,669,326<" in said
    assert ">83,456,045<" in said
    assert "31 December 2023" in said
    assert "new census base" in said
    assert "Hamburg" in said


def test_the_heading_turns_with_the_sign(page, flipped):
    assert "lowered the count" in str(revisions.heading(page))
    assert "raised the count" in str(revisions.heading(flipped))


def test_no_revision_is_said_to_be_none():
    empty = pl.DataFrame(
        schema={
            "region_id": pl.String,
            "level": pl.String,
            "measure": pl.String,
            "breakdown": pl.String,
            "change": pl.Float64,
            "change_percent": pl.Float64,
            "revision_id": pl.String,
        }
    )
    page = Page(SimpleNamespace(table=lambda _: empty), renderer="test")
    assert "No figure was revised" in str(revisions.heading(page))
    assert revisions.NONE in revisions.sentence(page).markup
    assert revisions.NONE in revisions.table(page).markup


def test_germany_comes_first_and_then_the_largest_loss(page):
    rows = revisions.table(page).markup
    assert rows.index("84,669,326") < rows.index("1,910,160") < rows.index("2,965,691")
