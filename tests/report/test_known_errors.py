"""The words on known errors follow the rows, and no error is said to be none."""

from types import SimpleNamespace

import polars as pl
import pytest

from pipeline.report import corrections
from pipeline.report.page import Page


def page_of(rows: pl.DataFrame) -> Page:
    return Page(SimpleNamespace(table=lambda _: rows), renderer="test")


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        (["dropped"], "no publisher has been told yet"),
        (["dropped", "flagged"], "not every publisher has been told yet"),
        (["overridden", "flagged"], "the publishers were told"),
    ],
)
def test_the_sentence_says_who_knows(page, kept, said):
    rows = page.rows("core.correction").filter(pl.col("correction_id").is_in(kept))
    assert said in corrections.sentence(page_of(rows)).markup


def test_every_error_is_told_with_reason_action_state_and_its_figures(page):
    rows = corrections.table(page).markup.split("<tr")[2:]
    assert len(rows) == 3
    for row, name, words in zip(
        rows,
        ("dropped", "flagged", "overridden"),
        (
            ("left out of every result", "nobody yet", ">open<", ">42<"),
            ("kept, and marked", "Plain words, 2025<", ">acknowledged<", ">6<"),
            ("replaced by the right figures", "Plain words, 2025-11-03", ">mended since v2<", ">1<"),
        ),
        strict=True,
    ):
        assert f"Title of {name}" in row
        assert f"Reason of {name}" in row
        assert f'data-result="{name}"' in row
        for word in words:
            assert word in row, (name, word)


def test_no_error_is_said_to_be_none(page):
    none = page_of(page.rows("core.correction").clear())
    assert corrections.NONE in corrections.sentence(none).markup
    assert corrections.NONE in corrections.table(none).markup


def test_every_action_has_its_words(page):
    assert set(page.rows("core.correction")["action"]) == set(corrections.ACTIONS)
