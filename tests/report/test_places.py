"""Places, people, specifications, methods and counts on the page: words follow the rows, every number is one."""

import re

import polars as pl
import pytest
from places_rows import MODELS, STATED

from pipeline.errors import InputError
from pipeline.report import catalogue, counts, curve, estimates, people, places, trends
from pipeline.report.markup import Html
from pipeline.report.page import Page


class Altered(Page):
    """A page over a release in which some tables are other ones."""

    def __init__(self, page, **tables):
        super().__init__(page.release, renderer="a test")
        self.tables = {name.replace("__", "."): frame for name, frame in tables.items()}

    def rows(self, table, /, **equal):
        if table not in self.tables:
            return super().rows(table, **equal)
        return self.tables[table].filter(*(pl.col(name) == value for name, value in equal.items()))


SENTENCES = {
    "methods": lambda page: estimates.sentence(page, STATED),
    "sampling": lambda page: estimates.sampling(page, STATED),
    "models": places.models,
    "alike": places.alike,
    "left out": places.left_out,
    "trend": trends.trend,
    "people": people.sentence,
    "key": people.key,
    "curve": curve.sentence,
    "ratio": counts.ratio,
    "pairs": counts.pairs,
}
TABLES = {
    "methods": lambda page: estimates.methods_table(page, STATED),
    "sampling": lambda page: estimates.sampling_table(page, STATED),
    "models": places.models_table,
    "covariates": places.covariates_table,
    "district years": places.district_years_table,
    "trends": trends.trend_table,
    "changes": trends.changes_table,
    "people": people.table,
    "key": people.key_table,
    "choices": curve.table,
    "definitions": counts.definitions_table,
    "ratios": counts.ratio_table,
    "pairs": counts.pairs_table,
}


@pytest.mark.parametrize("name", SENTENCES)
def test_every_sentence_has_rows_behind_its_numbers(name, page):
    markup = SENTENCES[name](page).markup
    ids = re.findall(r'data-result="([^"]+)"', markup)
    assert ids
    assert all(page.row(one) for one in ids)
    bare = re.sub(r"<span[^>]*>.*?</span>", "", markup)
    # What is left are years.
    assert set(re.findall(r"\d+(?:[.,]\d+)?", bare)) <= {str(year) for year in range(2011, 2025)}


@pytest.mark.parametrize("name", TABLES)
def test_every_number_of_a_table_is_a_row(name, page):
    markup = TABLES[name](page).markup
    ids = re.findall(r'data-result="([^"]+)"', markup)
    assert len(ids) >= 2
    assert all(page.row(one) for one in ids)
    for cell in re.findall(r'<td class="gt_right">(.*?)</td>', markup):
        assert not re.search(r"\d", re.sub(r"<span[^>]*>.*?</span>", "", cell)), cell


@pytest.mark.parametrize(
    ("sentence", "straight", "turned"),
    [
        (places.models_heading, "differ less, and still differ", "not told apart"),
        (trends.trend_heading, "in points the West rose faster, in odds the East", "in points the East rose faster"),
        (people.heading, "more seek protection than in the West, but not", "fewer seek protection than in"),
        (people.key_heading, "Fewer protection seekers live in the East", "More protection seekers live in the East"),
        (curve.heading, "puts the East below; how far depends on what is counted", "puts the East above"),
        (counts.pairs_heading, "Of 2 pairs 1 can be tested, and differs", "No tested pair of percentages differs"),
        (places.alike, "More than a third", "No more than a third"),
    ],
)  # fmt: skip
def test_words_turn_with_the_data(sentence, straight, turned, page, flipped):
    said = {name: str(sentence(one)).replace("\\", "") for name, one in (("page", page), ("flipped", flipped))}
    assert straight in said["page"]
    assert straight not in said["flipped"]
    assert turned in said["flipped"]


def test_the_heading_on_methods_follows_tests_and_equivalence(page):
    rows = page.rows("analysis.east_west")
    assert "Most tests tell" in str(estimates.heading(page, STATED))
    for p, words in ((0.001, "Every test tells"), (0.9, "No test tells")):
        tested = rows.with_columns(p_adjusted=pl.when(pl.col("method") == "equivalence").then(0.9).otherwise(p))
        assert words in str(estimates.heading(Altered(page, analysis__east_west=tested), STATED))
    alike = rows.with_columns(p_adjusted=pl.when(pl.col("method") == "equivalence").then(0.01).otherwise(0.9))
    assert "East and West are alike" in str(estimates.heading(Altered(page, analysis__east_west=alike), STATED))


def test_a_test_that_finds_nothing_says_what_it_could_have_found(page):
    said = re.sub(r"<[^>]+>", "", estimates.sentence(page, STATED).markup)
    assert "fractional logit, per person, Berlin in the East" in said
    assert "it would have found a difference of 11.8 points" in said
    assert "detectable" in estimates.methods_table(page, STATED).markup


def test_what_is_not_known_is_said(page):
    assert "Göttingen and Eisenach" in places.left_out(page).markup
    assert "is not computed: which districts are neighbours" in places.neighbours(page).markup
    assert "none is computed: the denominator is not known" in people.sentence(page).markup
    assert "The key of 2024 is not at hand: that of 2020" in people.key(page).markup
    found = page.rows("analysis.district_model").with_columns(
        estimate=pl.when(pl.col("quantity") == "morans_i").then(0.3).otherwise("estimate")
    )
    altered = Altered(page, analysis__district_model=found)
    altered.number = lambda *_, **__: Html("0.30")
    assert places.neighbours(altered).markup == "Moran’s I of what the model leaves over is 0.30."


def test_what_is_assumed_or_of_another_year_looks_so(page):
    assert 'class="num provisional"' in estimates.sampling_table(page, STATED).markup
    assert 'class="num provisional"' in people.key_table(page).markup


def test_berlin_that_changes_the_answer_is_named(page):
    said = trends.trend(page).markup
    assert "another one for 2011 to 2021 with Berlin in the East" in said
    assert "Both are true" in said


def test_the_choice_that_moves_the_gap_most_leads(page):
    assert "moves the gap most is what is counted" in curve.sentence(page).markup
    rows = page.rows("analysis.multiverse").with_columns(
        estimate=-5 - 9 * (pl.col("berlin") == "in_east").cast(pl.Float64)
    )
    said = str(curve.heading(Altered(page, analysis__multiverse=rows.sort("estimate"))))
    assert "the place of Berlin" in said
    mixed = rows.with_columns(estimate=pl.col("estimate") + 8)
    assert "Even the sign" in str(curve.heading(Altered(page, analysis__multiverse=mixed)))


def test_without_declared_changes_there_is_no_table(page):
    none = page.rows("analysis.trend").filter(~pl.col("quantity").str.starts_with("change"))
    assert trends.changes_table(Altered(page, analysis__trend=none)).markup == ""


@pytest.mark.parametrize(
    ("table", "ask"),
    [
        ("analysis.district_model", places.models),
        ("analysis.trend", trends.trend),
        ("analysis.refugee_ratio", people.heading),
        ("analysis.key_deviation", people.key),
        ("analysis.multiverse", curve.sentence),
        ("analysis.organisation_ratio", counts.ratio),
        ("analysis.proportion_comparison", counts.pairs),
    ],
)
def test_a_table_without_rows_is_named(table, ask, page):
    with pytest.raises(InputError, match=re.escape(table)) as told:
        ask(Altered(page, **{table.replace(".", "__"): page.rows(table).clear()}))
    assert told.value.remedy


def test_every_method_used_has_its_words_and_a_place_to_link_to(page):
    used = catalogue.used(page)
    assert {"welch", "fractional_logit_cluster", "wild_cluster_webb", "monte_carlo", "newcombe"} <= set(used)
    markup = catalogue.methods(page).markup
    for target in re.findall(r'href="#(method-[\w]+)"', estimates.methods_table(page, STATED).markup):
        assert f'id="{target}"' in markup
    strange = page.rows("analysis.trend").with_columns(method=pl.lit("tea_leaves"))
    with pytest.raises(InputError, match="tea_leaves has no words"):
        catalogue.used(Altered(page, analysis__trend=strange))


def test_models_stand_from_few_covariates_to_many(page):
    markup = places.models_table(page).markup
    places_ = [
        markup.index(words) for words in ("Districts as they are", "At equal population density<", "unemployment<")
    ]
    assert places_ == sorted(places_)
    assert len(MODELS) == 3
