"""East against West: golden numbers of 2018, what each series gets, what is left out, and how fast it is."""

from __future__ import annotations

import time
from typing import Any

import polars as pl
import pytest

from pipeline.analysis.tables import EAST_WEST, FLAGS, LEFT_OUT, PERMUTATION, RESULT_INPUT, finish
from pipeline.errors import InputError


def value(results: pl.DataFrame, berlin: str, quantity: str, method: str = "share", column: str = "estimate") -> Any:
    estimand = "pooled" if method == "share" else "unweighted"
    return results.filter(berlin=berlin, quantity=quantity, method=method, estimand=estimand)[column].item()


def districts(share_frame, *, unknown: str | None = None, weights: float | None = None) -> pl.DataFrame:
    """Three districts a state: 10 percent more in the West, a little more from one to the next."""
    regions = [f"{state:02d}{number:03d}" for state in range(1, 17) for number in (1, 2, 3)]
    shares: dict[str, float | None] = {
        region: (5.0 if region >= "12" else 15.0) + int(region) % 7 + int(region[:2]) % 3 for region in regions
    }
    if unknown:
        shares[unknown] = None
    weighting = None if weights is None else dict.fromkeys(regions, weights)
    return share_frame({}, shares=shares, weights=weighting, level="district", origin="printed", status="published")


def test_mikrozensus_2018_gives_the_published_shares(compare, mikrozensus_2018: pl.DataFrame) -> None:
    results = compare(mikrozensus_2018).results
    # Published by bpb and Destatis: 28.6 West with Berlin, 8.0 East without, 25.5 Germany. The other two are
    # sums of the same published states.
    assert round(value(results, "in_west", "west"), 1) == 28.6
    assert round(value(results, "in_west", "east"), 1) == 8.0
    assert round(value(results, "in_east", "east"), 1) == 13.3
    assert round(value(results, "in_east", "west"), 1) == 28.4
    for berlin in ("excluded", "in_east", "in_west"):
        assert round(value(results, berlin, "germany"), 1) == 25.5


def test_exact_schema_ids_and_order(compare, mikrozensus_2018: pl.DataFrame) -> None:
    compared = compare(mikrozensus_2018)
    assert dict(compared.results.schema) == EAST_WEST
    assert dict(compared.permutation.schema) == PERMUTATION
    assert dict(compared.result_input.schema) == RESULT_INPUT
    assert dict(compared.left_out.schema) == LEFT_OUT
    assert "mikrozensus_states.2018.migration_background_wider.berlin_in_east.difference.unweighted.welch" in set(
        compared.results["result_id"]
    )
    assert compared.results["berlin"].unique(maintain_order=True).to_list() == [
        "excluded",
        "in_east",
        "in_west",
    ]
    methods = compared.results.filter(berlin="excluded", quantity="difference")["method"].to_list()
    assert methods == ["share", "permutation", "permutation", "welch", "ols_hc3", "equivalence"]


def test_difference_ratio_units_and_numbers_of_regions(compare, mikrozensus_2018: pl.DataFrame) -> None:
    results = compare(mikrozensus_2018).results
    east, west = value(results, "in_east", "east"), value(results, "in_east", "west")
    assert value(results, "in_east", "difference") == pytest.approx(east - west)
    assert value(results, "in_east", "ratio") == pytest.approx(east / west)
    units = dict(results.select("quantity", "unit").unique().iter_rows())
    assert units["difference"] == "percentage points"
    assert units["ratio"] == "ratio"
    assert units["east"] == "percent"
    numbers = results.filter(method="share").select("berlin", "n_east", "n_west").unique(maintain_order=True).rows()
    assert numbers == [("excluded", 5, 10), ("in_east", 6, 10), ("in_west", 5, 11)]


def test_the_three_tests_agree_on_the_difference_and_p_is_the_smallest_possible(
    compare,
    mikrozensus_2018: pl.DataFrame,
) -> None:
    results = compare(mikrozensus_2018).results
    differences = results.filter(berlin="in_west", quantity="difference", estimand="unweighted")
    assert differences["estimate"].to_list() == pytest.approx([differences["estimate"][0]] * 4)
    # Every eastern state lies below every western one and Berlin: the most extreme of 4,368 splits.
    assert value(results, "in_west", "difference", "permutation", "p_value") == pytest.approx(2 / 4368)
    assert value(results, "in_east", "difference", "permutation", "p_value") > 2 / 8008


def test_flags_tell_what_the_figures_are(
    compare, mikrozensus_2018: pl.DataFrame, mikrozensus_2016: pl.DataFrame
) -> None:
    results = compare(pl.concat([mikrozensus_2018, mikrozensus_2016])).results
    flags = {
        (row["year"], row["quantity"], row["method"]): set(row["assumptions"].split(";"))
        for row in results.filter(berlin="excluded").iter_rows(named=True)
    }
    assert flags[2018, "east", "share"] == {"rounded_inputs", "secondary_figures"}
    assert flags[2018, "germany", "share"] == {"rounded_inputs", "secondary_figures", "sum_of_regions"}
    assert flags[2016, "east", "share"] == {"rounded_inputs", "inferred", "mixed_universe"}
    for method in ("welch", "permutation", "ols_hc3"):
        assert "states_are_the_population" in flags[2018, "difference", method]
    assert set().union(*flags.values()) <= FLAGS.keys()


def test_every_interval_and_every_p_is_flagged_as_if_random(
    compare, mikrozensus_2018: pl.DataFrame, share_frame
) -> None:
    results = compare(pl.concat([mikrozensus_2018, districts(share_frame)])).results
    random = results.filter(pl.col("lower").is_not_null() | pl.col("p_value").is_not_null()).filter(
        pl.col("method") != "leave_one_out"  # a range, and says so
    )
    assert random.height > 20
    assert random["assumptions"].str.contains("states_are_the_population").all()
    assert (random["confidence_level"].is_null() == random["lower"].is_null()).all()


def test_exact_counts_are_not_taken_for_rounded(compare, share_frame, states) -> None:
    exact = {state: (with_ + 0.001 * index, total) for index, (state, (with_, total)) in enumerate(states.items())}
    results = compare(share_frame(exact, status="published")).results
    assert value(results, "excluded", "east", "share", "assumptions") == ""


def test_printed_shares_are_weighted_with_persons_or_not_pooled_at_all(compare, share_frame, states) -> None:
    shares = {state: 100 * with_ / total for state, (with_, total) in states.items()}
    weights: dict[str, float | None] = {state: 1000.0 * total for state, (_, total) in states.items()}
    weighted = compare(share_frame({}, shares=shares, weights=weights, origin="printed")).results
    assert round(value(weighted, "in_east", "east"), 1) == 13.3
    assert "population_weighted" in value(weighted, "in_east", "east", "share", "assumptions")
    weights["07"] = None
    unweighted = compare(share_frame({}, shares=shares, weights=weights, origin="printed")).results
    assert unweighted.filter(estimand="pooled").is_empty()
    assert unweighted.filter(method="welch").height == 3


def test_districts_get_the_permutation_of_states_and_clusters_and_nothing_else(compare, share_frame) -> None:
    frame = districts(share_frame)
    results = compare(frame).results
    differences = results.filter(berlin="excluded", quantity="difference", estimand="unweighted")
    assert differences["method"].to_list() == ["permutation", "ols_cluster"]
    east = frame.filter(part="east")["share_percent"].mean()
    west = frame.filter(part="west")["share_percent"].mean()
    assert differences["estimate"].to_list() == pytest.approx([east - west] * 2)
    assert differences["p_value"][0] == pytest.approx(2 / 3003)
    assert results.filter(method="mean")["lower"].is_null().all(), "districts are no independent observations"
    assert differences.select("n_east", "n_west").row(0) == (15, 30)


def test_a_series_with_a_gap_is_left_out_and_named(compare, share_frame, states) -> None:
    del states["16"]
    compared = compare(share_frame(states))
    assert compared.results.is_empty()
    assert compared.result_input.is_empty()
    assert compared.left_out.row(0, named=True)["reason"] == "15 of 16 states"
    gap = compare(districts(share_frame, unknown="03002"))
    assert gap.results.is_empty()
    assert gap.left_out["reason"].item() == "1 of 48 regions without a share: 03002"


def test_histogram_holds_every_split_once(compare, mikrozensus_2018: pl.DataFrame) -> None:
    compared = compare(mikrozensus_2018)
    splits = dict(compared.permutation.group_by("berlin").agg(pl.col("splits").sum()).iter_rows())
    assert splits == {"excluded": 3003, "in_east": 8008, "in_west": 4368}
    for berlin in splits:
        bars = compared.permutation.filter(berlin=berlin)
        assert bars["bin_upper"][:-1].to_list() == bars["bin_lower"][1:].to_list()
        observed = value(compared.results, berlin, "difference", "permutation")
        here = bars.filter(pl.col("bin_lower") <= observed, observed < pl.col("bin_upper"))
        assert here["splits"].item() >= 1


def test_results_lead_to_every_observation(compare, mikrozensus_2018: pl.DataFrame) -> None:
    inputs = compare(mikrozensus_2018).result_input
    assert inputs.height == 32
    assert inputs["series_id"].unique().to_list() == ["mikrozensus_states.2018.migration_background_wider"]
    assert inputs["observation_id"].null_count() == 0


def test_the_order_of_rows_changes_nothing(
    compare, mikrozensus_2018: pl.DataFrame, mikrozensus_2016: pl.DataFrame
) -> None:
    frame = pl.concat([mikrozensus_2018, mikrozensus_2016])
    one, other = compare(frame), compare(frame.sample(fraction=1, shuffle=True, seed=7))
    assert one.results.equals(other.results)
    assert one.permutation.equals(other.permutation)


def test_a_repeated_region_and_an_aggregate_are_refused(compare, mikrozensus_2018: pl.DataFrame) -> None:
    with pytest.raises(InputError, match="region 08 stands twice"):
        compare(pl.concat([mikrozensus_2018, mikrozensus_2018.filter(region_id="08")]))
    aggregate = mikrozensus_2018.with_columns(part=pl.lit(None, dtype=pl.String))
    with pytest.raises(InputError, match="has the part None"):
        compare(aggregate)
    with pytest.raises(InputError, match=r"marts\.share lacks weight_persons"):
        compare(mikrozensus_2018.drop("weight_persons"))


@pytest.mark.filterwarnings("ignore:Precision loss", "ignore:invalid value", "ignore:divide by zero", "ignore:Perfect")
def test_groups_without_variance_leave_nulls_and_no_nan(compare, share_frame, states) -> None:
    flat = {state: (20.0 if state < "12" else 10.0, 100.0) for state in states}
    results = compare(share_frame(flat)).results
    assert results["p_value"].is_nan().sum() == 0
    assert value(results, "excluded", "difference", "permutation", "p_value") == pytest.approx(2 / 3003)


def test_numbers_leave_with_ten_significant_digits() -> None:
    schema = {"id": pl.String(), "number": pl.Float64()}
    frame = finish([{"id": "a", "number": 2 / 3003}, {"id": "b", "number": float("nan")}], schema, key=["id"])
    assert frame["number"].to_list() == [0.000666000666, None]
    with pytest.raises(ValueError, match="repeated"):
        finish([{"id": "a"}, {"id": "a"}], schema, key=["id"])


def test_a_realistic_load_takes_well_under_six_seconds(compare, share_frame, mikrozensus_2018: pl.DataFrame) -> None:
    years = [
        mikrozensus_2018.with_columns(series_id=pl.lit(f"s{number}"), year=pl.lit(2000 + number, pl.Int32))
        for number in range(31)
    ]
    regions = [f"{1 + number % 16:02d}{number:03d}" for number in range(400)]
    of_districts = share_frame(
        {},
        shares={region: 5 + int(region) % 23 / 10 for region in regions},
        level="district",
        origin="printed",
    )
    years += [
        of_districts.with_columns(series_id=pl.lit(f"d{number}"), year=pl.lit(2000 + number, pl.Int32))
        for number in range(14)
    ]
    started = time.process_time()
    compared = compare(pl.concat(years))
    assert time.process_time() - started < 6
    assert compared.results["series_id"].n_unique() == 45


def test_only_what_is_declared_is_computed(compare, mikrozensus_2018: pl.DataFrame) -> None:
    few = compare(
        mikrozensus_2018, berlin=("in_west",), estimands=("unweighted",), methods=("mean", "welch"), headline="welch"
    )
    assert few.results.select("berlin", "estimand").unique().rows() == [("in_west", "unweighted")]
    assert few.results["method"].unique().sort().to_list() == ["mean", "welch"]
    assert few.permutation.is_empty()
    undeclared = compare(mikrozensus_2018, years=(2017,))
    assert undeclared.results.is_empty()
    assert undeclared.left_out["reason"].to_list() == ["no comparison is declared for it"]


def test_the_pooled_odds_ratio_is_that_of_the_counts_and_of_the_weighted_logit(compare, mikrozensus_2018) -> None:
    results = compare(mikrozensus_2018).results
    sums = mikrozensus_2018.group_by("part").agg(pl.col("persons_with", "persons_total").sum())
    odds = {part: with_ / (total - with_) for part, with_, total in sums.iter_rows()}
    assert value(results, "excluded", "odds_ratio") == pytest.approx(odds["east"] / odds["west"])
    fitted = results.filter(berlin="excluded", method="fractional_logit", estimand="pooled").row(0, named=True)
    assert fitted["estimate"] == pytest.approx(odds["east"] / odds["west"])
    assert fitted["lower"] < fitted["estimate"] < fitted["upper"]


def test_every_state_is_left_out_once_and_the_range_holds_them(compare, mikrozensus_2018) -> None:
    results = compare(mikrozensus_2018).results
    rows = results.filter(method="leave_one_out", berlin="in_east", estimand="pooled")
    each = rows.filter(pl.col("state_left_out").is_not_null())
    whole = rows.filter(pl.col("state_left_out").is_null()).row(0, named=True)
    assert each["state_left_out"].to_list() == [f"{state:02d}" for state in range(1, 17)]
    assert (whole["lower"], whole["upper"]) == (each["estimate"].min(), each["estimate"].max())
    assert whole["confidence_level"] is None
    assert "range_without_one_state" in whole["assumptions"]
    # Without Berlin, "Berlin in the East" is "Berlin left out".
    without = each.filter(state_left_out="11").row(0, named=True)
    assert without["estimate"] == pytest.approx(value(results, "excluded", "difference"))
    assert (without["n_east"], without["n_west"]) == (5, 10)


def test_holm_counts_the_tests_of_one_method_estimand_and_family(compare, mikrozensus_2018, mikrozensus_2016) -> None:
    both = pl.concat([mikrozensus_2018, mikrozensus_2016])
    apart, together = compare(both).results, compare(both, family="all").results
    for results, tests in ((apart, 3), (together, 6)):
        rows = results.filter(pl.col("family") == results["family"][0], method="permutation", estimand="unweighted")
        assert rows.height == tests
        smallest = rows.sort("p_value").row(0, named=True)
        assert smallest["p_adjusted"] == pytest.approx(tests * smallest["p_value"])
        assert (rows["p_adjusted"] >= rows["p_value"]).all()
    assert (together["p_value"].is_null() == together["p_adjusted"].is_null()).all()


def test_the_detectable_difference_stands_beside_what_is_not_significant_and_nowhere_else(
    compare, share_frame, states
) -> None:
    close = {s: (with_ + (total * 0.16 if s >= "12" else 0), total) for s, (with_, total) in states.items()}
    results = compare(share_frame(close)).results.filter(pl.col("method") != "equivalence")
    beside = results.filter(pl.col("minimum_detectable_points").is_not_null())
    assert beside.height > 0
    assert beside.equals(results.filter(pl.col("p_value") >= 0.05))
    assert beside["minimum_detectable_points"].min() > 5, "ten against five states see only large differences"


def test_equivalence_is_held_against_the_declared_margin(compare, mikrozensus_2018) -> None:
    for margin, holds in ((2.5, False), (40.0, True)):
        results = compare(mikrozensus_2018, equivalence_margin_points=margin).results
        row = results.filter(method="equivalence", berlin="excluded").row(0, named=True)
        assert row["margin_points"] == margin
        assert (row["p_value"] < 0.05) == holds
        assert (row["lower"] > -margin and row["upper"] < margin) == holds
        assert row["confidence_level"] == 0.9
        assert "margin_declared" in row["assumptions"]


def test_groups_that_do_not_overlap_have_no_interval_by_brunner_and_munzel(compare, mikrozensus_2018) -> None:
    results = compare(mikrozensus_2018).results
    apart = results.filter(method="brunner_munzel", berlin="excluded").row(0, named=True)
    assert (apart["estimate"], apart["lower"], apart["p_value"]) == (0, None, None)
    assert "no_overlap" in apart["assumptions"]
    with_berlin = results.filter(method="brunner_munzel", berlin="in_east").row(0, named=True)
    assert 0 <= with_berlin["lower"] < with_berlin["estimate"] < with_berlin["upper"] <= 1
    assert "no_overlap" not in with_berlin["assumptions"]
