"""Every way to state the gap is a result that was computed anyway, in order, once."""

from __future__ import annotations

import polars as pl

from pipeline.analysis.comparisons import Multiverse
from pipeline.analysis.multiverse import multiverse
from pipeline.analysis.tables import MULTIVERSE

ENTRY = Multiverse(
    kind="multiverse",
    id="all_ways",
    question="On what does the gap depend?",
    comparisons="all",
    berlin=("excluded", "in_east", "in_west"),
    estimands=("pooled", "unweighted"),
    estimators=("share", "permutation", "welch", "ols_hc3"),
)


def test_a_specification_is_a_choice_and_all_choices_are_there(compare, mikrozensus_2018, mikrozensus_2016) -> None:
    results = compare(pl.concat([mikrozensus_2018, mikrozensus_2016])).results
    rows = multiverse(results, ENTRY)
    assert dict(rows.schema) == MULTIVERSE
    # Two series, three places for Berlin, and pooled share, pooled permutation, permutation, Welch and OLS.
    assert rows.height == 2 * 3 * 5
    choices = ["source_id", "year", "concept", "level", "berlin", "weights", "method"]
    assert rows.select(choices).is_duplicated().sum() == 0
    assert rows["rank"].to_list() == list(range(1, 31))
    assert rows["estimate"].is_sorted()
    assert rows["cumulative_share"][-1] == 1
    assert rows.select("estimand", "weights").unique().sort("estimand").rows() == [
        ("pooled", "persons"),
        ("unweighted", "none"),
    ]


def test_nothing_is_fitted_twice(compare, mikrozensus_2018) -> None:
    results = compare(mikrozensus_2018).results
    rows = multiverse(results, ENTRY)
    numbers = ["estimate", "lower", "upper", "p_value", "p_adjusted", "assumptions"]
    joined = rows.join(results, left_on="from_result_id", right_on="result_id", suffix="_there")
    assert joined.height == rows.height
    for name in numbers:
        assert joined[name].equals(joined[f"{name}_there"], check_names=False)


def test_only_the_declared_choices_enter(compare, mikrozensus_2018, mikrozensus_2016) -> None:
    results = compare(pl.concat([mikrozensus_2018, mikrozensus_2016])).results
    one = "mikrozensus_states_migration_background_wider_state"
    few = ENTRY.model_copy(update={"comparisons": (one,), "berlin": ("in_west",), "estimators": ("welch",)})
    rows = multiverse(results, few)
    assert rows.select("from_comparison_id", "berlin", "method").rows() == [(one, "in_west", "welch")]
