"""The declaration: the project's own is carried by the data, and a bad entry is refused by name with its reason."""

from __future__ import annotations

import polars as pl
import pytest

from pipeline.analysis.carried import (
    refuse_what_claims_cannot_carry,
    refuse_what_figures_cannot_carry,
    refuse_what_shares_cannot_carry,
)
from pipeline.analysis.comparisons import EastWest
from pipeline.analysis.design import KINDS, load_design, parse_design
from pipeline.errors import InputError

EAST_WEST = """\
  - kind: east_west
    id: stated
    question: By how much do the shares of East and West differ?
    outcome: migration_background_wider
    groups: [east, west]
    level: state
    sources: [mikrozensus_states]
    years: all
    berlin: [excluded, in_east, in_west]
    estimands: [pooled, unweighted]
    weights: counts
    methods: [share, mean, permutation, welch, equivalence]
    headline: permutation
    family: background
    equivalence_margin_points: 2.5
    margin_reason: Half the distance between a fourth and a fifth.
"""
PAIR = """\
  - kind: proportions
    id: staff
    question: Which of the two has paid staff more often?
    first: {figure: a}
    second: {figure: b, base_at_least: n}
    family: staff
    incomparable: [other organisations]
"""
FIGURES = pl.DataFrame(
    {"figure_id": ["a", "b", "n"], "unit": ["percent", "percent", "organisations"], "value": [41.0, 72.0, 6300.0]}
)


def text(*entries: str) -> str:
    return "comparisons:\n" + "".join(entries)


def changed(old: str, new: str, entry: str = EAST_WEST) -> str:
    assert old in entry
    return text(entry.replace(old, new))


def held(declaration: str, share: pl.DataFrame | None) -> None:
    design = parse_design(declaration, file="design.yml")
    if share is not None:
        refuse_what_shares_cannot_carry(design, share)
    refuse_what_figures_cannot_carry(design, FIGURES)


def refused(declaration: str, share: pl.DataFrame | None = None) -> str:
    with pytest.raises(InputError) as error:
        held(declaration, share)
    assert "design.yml" in str(error.value)
    assert "Remedy" in str(error.value)
    return str(error.value)


def test_the_project_declares_every_kind_that_is_computed() -> None:
    design = load_design()
    for kind in KINDS.values():
        assert design.of(kind)
    assert len({entry.id for entry in design.comparisons}) == len(design.comparisons)
    assert all(design.lines[entry.id] > 1 for entry in design.comparisons)


def test_an_entry_reads_back_as_it_was_written() -> None:
    design = parse_design(text(EAST_WEST, PAIR), file="design.yml")
    (entry,) = design.of(EastWest)
    assert (entry.id, entry.groups, entry.berlin[0], design.lines["stated"]) == (
        "stated",
        ("east", "west"),
        "excluded",
        2,
    )


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("[east, west]", "[east]", "too few groups"),
        ("[east, west]", "[berlin, west]", "a group of one"),
        ("[east, west]", "[west, east]", "East minus West"),
        ("    equivalence_margin_points: 2.5\n", "", "the margin is missing"),
        ("welch, equi", "wlech, equi", "'wlech' is not allowed here"),
        ("outcome: migration_background_wider", "outcome: [population, foreign_nationality]", "mixed concepts"),
        ("weights: counts", "weights: none", "no base"),
        ("level: state", "level: district", "districts are not independent"),
        ("headline: permutation", "headline: hedges_g", "not among the methods"),
        ("[pooled, unweighted]", "[pooled]", "mean has nothing to say on pooled"),
        ("family: background", "familie: background", "unknown key 'familie'"),
        ("kind: east_west", "kind: north_south", "unknown kind 'north_south' of the comparison stated"),
        ("id: stated", "id: Stated!", "the comparison Stated!"),
    ],
)
def test_a_bad_entry_is_refused_with_name_line_and_reason(old: str, new: str, reason: str) -> None:
    message = refused(changed(old, new))
    assert reason in message
    assert "stated" in message.lower()
    assert "line " in message


def test_an_unknown_method_is_guessed_at() -> None:
    assert "Did you mean 'welch'?" in refused(changed("welch, equi", "wlech, equi"))


def test_two_entries_of_one_id_are_refused_and_all_problems_come_at_once() -> None:
    message = refused(text(EAST_WEST, EAST_WEST, PAIR.replace("    family: staff\n", "")))
    assert "duplicate id stated, first in line 2" in message
    assert "the comparison staff is refused" in message


def test_a_family_has_one_headline_method() -> None:
    other = EAST_WEST.replace("id: stated", "id: other").replace("headline: permutation", "headline: welch")
    assert "has the headline method permutation, it has welch" in refused(text(EAST_WEST, other))


def test_a_multiverse_of_what_is_not_declared_is_refused() -> None:
    multiverse = """\
  - kind: multiverse
    id: all_ways
    question: On what does the gap depend?
    comparisons: [stated, unheard]
    berlin: [excluded]
    estimands: [pooled]
    estimators: [share]
"""
    assert "no comparison unheard" in refused(text(EAST_WEST, multiverse))


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("[mikrozensus_states]", "[mikrozensus_stats]", "unknown source 'mikrozensus_stats'"),
        ("migration_background_wider", "immigration_history", "unknown concept 'immigration_history'"),
        ("years: all", "years: [2017, 2018]", "unknown year 2017"),
        ("weights: counts", "weights: register", "no base: mikrozensus_states.2018.migration_background_wider"),
    ],
)
def test_what_the_data_do_not_have_is_refused(old: str, new: str, reason: str, mikrozensus_2018) -> None:
    message = refused(changed(old, new), mikrozensus_2018)
    assert f"the comparison stated is refused: {reason}" in message
    assert "line 2" in message


def test_what_must_not_be_mixed_is_refused(mikrozensus_2018: pl.DataFrame) -> None:
    later = mikrozensus_2018.with_columns(series_id=pl.lit("later"), year=pl.lit(2022, pl.Int32))
    design = parse_design(text(EAST_WEST), file="design.yml")
    refuse_what_shares_cannot_carry(design, pl.concat([mikrozensus_2018, later]))
    for column, other, words in (
        ("universe", "main_residence", "mixed universes: main_residence, private_households"),
        ("census_base", "zensus_2022", "mixed census bases: zensus_2011, zensus_2022"),
    ):
        mixed = pl.concat([mikrozensus_2018, later.with_columns(pl.lit(other).alias(column))])
        assert words in refused(text(EAST_WEST), mixed)


def test_a_named_year_must_be_complete_and_all_years_leave_out(mikrozensus_2018: pl.DataFrame, compare) -> None:
    gap = mikrozensus_2018.filter(pl.col("region_id") != "16").with_columns(
        series_id=pl.lit("gap"), year=pl.lit(2019, pl.Int32)
    )
    both = pl.concat([mikrozensus_2018, gap])
    assert "gap is incomplete: 15 of 16 states" in refused(changed("years: all", "years: [2018, 2019]"), both)
    refuse_what_shares_cannot_carry(parse_design(text(EAST_WEST), file="design.yml"), both)
    assert compare(both).left_out["series_id"].to_list() == ["gap"]
    assert "none of its series is complete" in refused(text(EAST_WEST), gap)


def test_a_series_belongs_to_one_entry(mikrozensus_2018: pl.DataFrame) -> None:
    message = refused(text(EAST_WEST, EAST_WEST.replace("id: stated", "id: again")), mikrozensus_2018)
    assert "the comparison again is refused: the series mikrozensus_states.2018" in message


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("figure: a}", "figure: aa}", "unknown figure 'aa'"),
        ("figure: a}", "figure: b}", "too few groups: one figure against itself"),
        ("figure: a}", "figure: n}", "the figure n is no percentage"),
    ],
)
def test_pairs_of_figures_are_held_against_the_figures(old: str, new: str, reason: str) -> None:
    refuse_what_figures_cannot_carry(parse_design(text(PAIR), file="design.yml"), FIGURES)
    assert f"the comparison staff is refused: {reason}" in refused(changed(old, new, PAIR))


SURVEY = """\
  - kind: survey
    id: published
    question: How exactly is a percentage known?
    figures: [a, b]
    methods: [wilson]
"""
STATEMENT = """\
  - kind: headline
    id: statement
    question: Which year and definition fit?
    claims: {east: C058, west: C057, germany: C059}
"""


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("[a, b]", "[a, c]", "unknown figure 'c'"),
        ("[a, b]", "[a, n]", "the figure n is no percentage"),
        ("[a, b]", "[a, a]", "the figure a is declared twice"),
    ],
)
def test_published_percentages_are_held_against_the_figures(old: str, new: str, reason: str) -> None:
    refuse_what_figures_cannot_carry(parse_design(text(SURVEY), file="design.yml"), FIGURES)
    assert f"the comparison published is refused: {reason}" in refused(changed(old, new, SURVEY))


def test_a_percentage_of_two_entries_is_refused() -> None:
    again = SURVEY.replace("id: published", "id: again").replace("[a, b]", "all")
    assert "the comparison again is refused" in refused(text(SURVEY, again))


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [("C058", "C999", "unknown claim 'C999'"), ("C058", "C057", "one claim stands for two parts")],
)
def test_the_statement_is_held_against_the_claims(old: str, new: str, reason: str) -> None:
    known = pl.DataFrame({"claim_id": ["C057", "C058", "C059"]})
    refuse_what_claims_cannot_carry(parse_design(text(STATEMENT), file="design.yml"), known)
    with pytest.raises(InputError, match=f"the comparison statement is refused: {reason}"):
        refuse_what_claims_cannot_carry(parse_design(changed(old, new, STATEMENT), file="design.yml"), known)


def test_a_second_statement_is_refused() -> None:
    other = STATEMENT.replace("id: statement", "id: another")
    assert "the comparison another is refused: a second statement" in refused(text(STATEMENT, other))
