"""The main points: at most six, full of rows, their words turned by sign, interval, exact p and equivalence."""

import re
from types import SimpleNamespace

import polars as pl
import pytest

from pipeline.language import speaking
from pipeline.report import main_points
from pipeline.report.page import Page


def text(point):
    return re.sub(r"<[^>]+>", "", point.sentence.markup)


def changed(page, **tables):
    """The page over the same release with some tables changed: a frame, or a function of the frame."""

    def table(name):
        frame = page.release.table(name)
        change = tables.get(name.replace(".", "_"))
        return frame if change is None else change(frame)

    def find(row_id):
        from pipeline.release.read import ROW_IDS

        for name, column in ROW_IDS.items():
            rows = table(name).filter(pl.col(column) == row_id)
            if rows.height:
                return name, rows.row(0, named=True)
        raise AssertionError(row_id)

    return Page(SimpleNamespace(table=table, find=find), renderer="a test")


def empty(*names):
    return dict.fromkeys(names, pl.DataFrame.clear)


def where(condition, **columns):
    """Set columns in the rows that meet a condition."""
    return lambda frame: frame.with_columns(
        **{name: pl.when(condition).then(pl.lit(value)).otherwise(pl.col(name)) for name, value in columns.items()}
    )


def test_the_points_are_six_and_full_of_rows(page):
    markup = main_points.html(page).markup
    items = markup.split("<li>")[1:]
    assert len(items) == 6
    for item in items:
        assert "data-result" in item
        assert 'class="more" href="#' in item
        assert "What this does not show:</b>" in item
    for row in re.findall(r'data-result="([^"]+)"', markup):
        assert page.row(row)
    plain = re.sub(r"<[^>]+>", "", re.sub(r"<(span|strong)[^>]*data-results?=.*?</\1>|C0\d\d", "", markup))
    plain = plain.replace(main_points.NOTE, "").replace("31 December 2024", "")
    assert not re.search(r"\d", re.sub(r"\b20(?:18|22|24)\b", "", plain)), plain


def test_the_words_turn_with_the_data(page, flipped):
    for make, words, turned in (
        (main_points.shares, "was rarer in the East", "was more common in the East"),
        (main_points.foreigners, "the East lies clearly below", "the East lies clearly above"),
        (main_points.districts, "lie below those of the West", "lie above those of the West"),
        (
            main_points.refugees,
            "more in the East, and less than half with",
            "fewer in the East, and more than half with",
        ),
        (main_points.claims, "2 name the wrong year", "6 agree"),
    ):
        assert words in text(make(page)), make.__name__
        assert turned in text(make(flipped)), make.__name__
        assert words not in text(make(flipped)), make.__name__


@pytest.mark.parametrize(
    ("make", "words", "turned"),
    [
        (main_points.shares, "mit Berlin) seltener als im Westen", "mit Berlin) häufiger als im Westen"),
        (main_points.foreigners, "der Osten liegt klar darunter", "der Osten liegt klar darüber"),
        (main_points.districts, "liegen die Kreise des Ostens unter denen", "liegen die Kreise des Ostens über denen"),
        (
            main_points.refugees,
            "im Osten mehr, und mit Berlin wie ohne weniger",
            "im Osten weniger, und mit Berlin wie",
        ),
    ],
)
def test_the_german_words_turn_with_the_data(page, flipped, make, words, turned):
    with speaking("de"):
        said, other = text(make(page)), text(make(flipped))
    assert words in said
    assert turned not in said
    assert turned in other
    assert words not in other


def test_a_gap_that_is_not_clear_is_said_in_german(page):
    gap = (pl.col("quantity") == "difference") & (pl.col("estimand") == "unweighted")
    wide = changed(page, analysis_east_west=where(gap & (pl.col("method") == "welch"), upper=1.0))
    with speaking("de"):
        assert "Osten und Westen sind nicht klar zu trennen" in text(main_points.foreigners(wide))
        assert "weder klar seltener noch klar häufiger" in text(main_points.shares(wide))


def test_the_articles_verdicts_stand_beside_the_points_they_correct(page, flipped):
    assert "Wrong year: the figures of 2018 do not fit" in text(main_points.shares(page))
    assert "(statements C057 and C058)" in text(main_points.shares(page))
    assert "not supported (statement C061)" in text(main_points.refugees(page))
    assert ": agrees (statement C061)" in text(main_points.refugees(flipped))
    assert "agrees with a secondary source (statement C031)" in text(main_points.organisations(page))
    assert main_points.refugees(page).section == "sec-people"


def test_a_gap_whose_interval_holds_nought_or_whose_p_is_large_is_not_clear(page):
    gap = (pl.col("quantity") == "difference") & (pl.col("estimand") == "unweighted")
    wide = changed(page, analysis_east_west=where(gap & (pl.col("method") == "welch"), upper=1.0))
    often = changed(page, analysis_east_west=where(gap & (pl.col("method") == "permutation"), p_value=0.2))
    for unclear in (wide, often):
        assert "not clearly told apart" in text(main_points.foreigners(unclear))
        assert "neither clearly rarer nor more common" in text(main_points.shares(unclear))


def test_a_gap_within_the_margin_is_said_to_be_so_with_the_margin(page):
    def equal(frame):
        gap = pl.col("method") == "permutation"
        return where(pl.col("method") == "equivalence", p_value=0.01)(where(gap, p_value=0.6)(frame))

    said = main_points.foreigners(changed(page, analysis_east_west=equal))
    assert "by no more than the declared margin of 2.5\u00a0percentage\u00a0points" in text(said)
    assert "equivalence" in said.sentence.markup


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"upper": 0.5}, "it is no longer clear,"),
        ({"estimate": 4.8, "lower": 3.0, "upper": 6.6}, "it is turned round,"),
        ({"estimate": -8.0, "lower": -9.8, "upper": -6.2}, "it is no smaller,"),
        ({}, "it is smaller and still there,"),
    ],
)
def test_what_is_left_of_the_gap_between_districts_is_said(page, change, words):
    model = pl.col("covariates").str.contains("unemployment") & (pl.col("quantity") == "difference")
    largest = model & pl.col("lower").is_not_null()
    said = text(main_points.districts(changed(page, analysis_district_model=where(largest, **change))))
    assert words in said
    assert "At equal population density, income, product per head and unemployment" in said


def test_a_permutation_that_finds_no_gap_takes_it_back(page):
    of_states = pl.col("method").str.starts_with("permutation")
    said = text(main_points.districts(changed(page, analysis_district_model=where(of_states, p_value=0.3))))
    assert "not clearly told apart" in said
    assert "it is not clear either" in said


def test_berlin_that_decides_about_the_half_is_named(page):
    with_berlin = (pl.col("quantity") == "east") & (pl.col("berlin") == "in_east")
    said = text(main_points.refugees(changed(page, analysis_refugee_ratio=where(with_berlin, estimate=51.0))))
    assert "as Berlin is counted" in said


@pytest.mark.parametrize(
    ("tables", "left"),
    [
        (["analysis_district_model"], 5),
        (["analysis_refugee_ratio"], 5),
        (["analysis_claim_verdict"], 5),
        (["analysis_organisation_density"], 5),
        (["core_study_figure"], 5),
        (["analysis_headline_claim"], 6),
        (["analysis_east_west", "analysis_headline_claim"], 4),
    ],
)
def test_a_point_without_rows_is_left_out(page, tables, left):
    assert main_points.html(changed(page, **empty(*tables))).markup.count("<li>") == left


def test_no_point_at_all_is_said(page):
    tables = ("east_west", "headline_claim", "district_model", "refugee_ratio", "organisation_density", "claim_verdict")
    markup = main_points.html(changed(page, **empty(*(f"analysis_{name}" for name in tables)))).markup
    assert markup == f"<p>{main_points.NONE}</p>"


def test_a_series_of_one_universe_goes_before_a_mixed_one(page):
    def doubled(frame):
        mixed = frame.filter(pl.col("series_id").str.starts_with("foreign_share_states")).with_columns(
            series_id=pl.lit("a_register"),
            result_id=pl.lit("a_register.") + pl.col("result_id"),
            assumptions=pl.lit("mixed_universe"),
        )
        return pl.concat([mixed, frame])

    assert "a_register" not in main_points.foreigners(changed(page, analysis_east_west=doubled)).sentence.markup
