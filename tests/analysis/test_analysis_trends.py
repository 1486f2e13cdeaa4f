"""Trends: nothing is fitted across a break, slopes are those of the states, and sixteen states lead."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from declaring import declare_place, part_of

from pipeline.analysis.tables import TREND
from pipeline.analysis.trends import trends
from pipeline.errors import InputError

STATES = [f"{number:02d}" for number in range(1, 17)]
# Two breaks: only the first changes the census base, so the second is another method or universe.
SEGMENTS = {0: range(2011, 2016), 1: range(2016, 2019), 2: range(2019, 2022)}
BASES = {0: "zensus_2011", 1: "zensus_2022", 2: "zensus_2022"}


def shares(*, jump: float = 0.0, seed: int = 1) -> pl.DataFrame:
    """Straight lines: 0.6 points a year in the West, 0.4 in the East; all states jump at each break."""
    rng = np.random.default_rng(seed)
    rows = []
    for state in STATES:
        level, wobble = 3.0 if state >= "12" else 11.0, 0.02 * rng.standard_normal()
        for segment, years in SEGMENTS.items():
            for year in years:
                slope = (0.4 if state >= "12" else 0.6) + wobble
                rows.append(
                    {
                        "source_id": "foreign_share_states",
                        "year": year,
                        "concept": "foreign_nationality",
                        "segment": segment,
                        "census_base": BASES[segment],
                        "level": "state",
                        "region_id": state,
                        "part": part_of(state),
                        "share_percent": level + slope * (year - 2011) + jump * segment,
                        "share_origin": "printed",
                        "weight_persons": float(int(state)) * 1e6,
                        "status": "secondary",
                    }
                )
    return pl.DataFrame(rows, schema_overrides={"year": pl.Int32})


def slopes(given: pl.DataFrame, **changed: object) -> pl.DataFrame:
    return trends(given, [declare_place("trend", **changed)])


def changes(given: pl.DataFrame, *pairs: tuple[int, int], **changed: object) -> pl.DataFrame:
    return trends(given, [declare_place("change", changes=pairs, **changed)])


def one(results: pl.DataFrame, **equal: object) -> dict:
    found = results.filter(**equal)
    assert found.height == 1, found
    return found.row(0, named=True)


POINTS = {"unit": "percentage points per year", "berlin": "excluded", "method": "permutation"}


def test_every_break_ends_a_segment_whatever_breaks_there() -> None:
    found = slopes(shares(jump=30.0))
    assert dict(found.schema) == TREND
    assert set(found.select("segment", "census_base", "first_year", "last_year", "years").unique().rows()) == {
        (0, "zensus_2011", 2011, 2015, 5),
        (1, "zensus_2022", 2016, 2018, 3),
        (2, "zensus_2022", 2019, 2021, 3),
    }


def test_a_jump_at_the_break_moves_no_slope() -> None:
    points = pl.col("unit") == POINTS["unit"]
    calm, torn = (slopes(shares(jump=jump)).filter(points) for jump in (0.0, 30.0))
    np.testing.assert_allclose(torn["estimate"], calm["estimate"], rtol=1e-8)
    slope = one(calm, quantity="slope_difference", first_year=2011, **POINTS)
    assert slope["estimate"] == pytest.approx(-0.2, abs=0.03)
    assert slope["p_value"] == pytest.approx(2 / 3003)


def test_points_and_log_odds_can_disagree_and_both_are_shown() -> None:
    found = slopes(shares()).filter(
        quantity="slope_difference", method="permutation", berlin="excluded", first_year=2011
    )
    signs = {row["unit"]: np.sign(row["estimate"]) for row in found.iter_rows(named=True)}
    assert signs == {"percentage points per year": -1.0, "log odds per year": 1.0}


def test_every_method_gives_one_slope_and_stands_in_every_variant() -> None:
    found = slopes(shares()).filter(quantity="slope_difference")
    for (_, _, _), rows in found.group_by("first_year", "berlin", "unit"):
        assert rows["estimate"].max() == pytest.approx(rows["estimate"].min(), abs=1e-8)
        assert set(rows["method"]) == {
            "permutation",
            "ols_cluster_state_effects",
            "wild_cluster_rademacher",
            "wild_cluster_webb",
        }
    assert set(found.select("berlin", "n_east", "n_west").unique().rows()) == {
        ("excluded", 5, 10),
        ("in_east", 6, 10),
        ("in_west", 5, 11),
    }


def test_changes_are_computed_only_where_declared_and_never_across_a_break() -> None:
    assert not slopes(shares())["quantity"].str.starts_with("change").any()
    found = changes(shares(), (2012, 2015), berlin=("excluded",))
    assert set(found["quantity"]) == {"change_east", "change_west", "change_difference"}
    change = one(found, quantity="change_difference", method="permutation")
    assert change["estimate"] == pytest.approx(3 * -0.2, abs=0.1)
    assert one(found, quantity="change_difference", method="welch")["estimate"] == pytest.approx(change["estimate"])
    for across in ((2014, 2017), (2017, 2020)):
        with pytest.raises(InputError, match="a break lies between"):
            changes(shares(), across)
    with pytest.raises(InputError, match="1999 not known"):
        changes(shares(), (1999, 2012))


def test_changes_are_held_against_their_margin() -> None:
    margin = {"equivalence_margin_points": 5.0, "margin_reason": "fixed before looking"}
    found = changes(shares(), (2012, 2015), methods=("permutation", "equivalence"), berlin=("excluded",), **margin)
    tested = one(found, method="equivalence")
    assert tested["p_value"] < 0.001
    assert tested["confidence_level"] == 0.9
    assert "margin_declared" in tested["assumptions"]


def test_the_p_of_the_headline_is_adjusted_over_both_scales_and_all_variants() -> None:
    found = slopes(shares())
    led = found.filter(pl.col("method") == "permutation")
    assert led.height == 3 * 3 * 2
    assert led["p_adjusted"].min() == pytest.approx(min(1.0, led.height * led["p_value"].min()))
    rest = found.filter(pl.col("method") != "permutation")
    assert rest["p_adjusted"].null_count() == rest.height
    assert set(found["family"]) == {"places"}


def test_a_year_with_an_unknown_share_is_left_out_and_flagged() -> None:
    unknown = (pl.col("year") == 2013) & (pl.col("region_id") == "05")
    given = shares().with_columns(pl.when(~unknown).then("share_percent").alias("share_percent"))
    found = slopes(given, berlin=("excluded",))
    first = found.filter(first_year=2011)
    assert set(first["years"]) == {4}
    assert all("years_missing" in flags for flags in first["assumptions"])
    assert not any("years_missing" in flags for flags in found.filter(first_year=2016)["assumptions"])


def test_two_years_make_no_slope() -> None:
    found = slopes(shares(), years=(2011, 2012, 2016, 2017, 2018), berlin=("excluded",))
    assert set(found["first_year"]) == {2016}


def test_weights_turn_states_into_persons() -> None:
    found = slopes(shares(), weights="population", berlin=("excluded",))
    slope = one(found, quantity="slope_west", unit=POINTS["unit"], first_year=2011)
    given = shares().filter(pl.col("part") == "west", pl.col("segment") == 0)
    of_states = given.group_by("region_id", maintain_order=True).agg(
        pl.cov("year", "share_percent") / pl.col("year").var(), pl.col("weight_persons").mean()
    )
    assert slope["estimate"] == pytest.approx(np.average(of_states["year"], weights=of_states["weight_persons"]))
    assert slope["estimand"] == "weighted"
    with pytest.raises(InputError, match="inhabitants are not known"):
        slopes(shares().with_columns(pl.lit(None, pl.Float64).alias("weight_persons")), weights="population")


def test_a_year_on_both_sides_of_a_break_is_refused() -> None:
    torn = (pl.col("year") == 2015) & (pl.col("region_id") == "05")
    given = shares().with_columns(pl.when(torn).then(1).otherwise("segment").alias("segment"))
    with pytest.raises(InputError, match="2015 lie on both sides of a break"):
        slopes(given)


def test_a_source_nobody_knows_is_refused_by_name() -> None:
    with pytest.raises(InputError, match="nobody"):
        slopes(shares(), source="nobody")


def test_a_margin_adds_the_equivalence_test_of_points() -> None:
    margin = {"equivalence_margin_points_per_year": 5.0, "margin_reason": "fixed before looking"}
    found = slopes(shares(), methods=("permutation", "tost_cluster"), berlin=("excluded",), **margin)
    tested = found.filter(method="tost_cluster")
    assert set(tested["unit"]) == {"percentage points per year"}
    assert (tested["p_value"] < 0.001).all()
    assert set(found["method"]) == {"permutation", "tost_cluster"}
