"""Persons seeking protection: what they are divided by is named, and how they are spread is held against the key."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
from declaring import declare_place, part_of

from pipeline.analysis.key import key_deviations
from pipeline.analysis.refugees import refugee_ratios
from pipeline.analysis.tables import KEY_DEVIATION, REFUGEE_RATIO
from pipeline.errors import InputError

STATES = [f"{number:02d}" for number in range(1, 17)]
END = dt.date(2023, 12, 31)
DENOMINATORS = (("azr", "foreign_nationality"), ("survey", "migration_background_wider"))


def seekers(year: int = 2023) -> pl.DataFrame:
    """Two districts a state and two status groups; a state has 100 times its number, the East double."""
    return pl.DataFrame(
        [
            {
                "source_id": "seekers",
                "year": year,
                "reference_date": dt.date(year, 12, 31),
                "concept": "protection_seekers",
                "universe": "central_register_of_foreigners",
                "region_id": f"{state}00{district}",
                "state_id": state,
                "part": part_of(state),
                "persons": 25.0 * int(state) * (2 if state >= "12" else 1),
                "status": "derived",
                "observation_id": f"{state}:{district}:{status}",
            }
            for state in STATES
            for district in (1, 2)
            for status in ("OF", "AK")
        ],
        schema_overrides={"year": pl.Int32},
    )


def share() -> pl.DataFrame:
    """The register of the same day, 1,000 times the number of the state; a survey of the year, twice as many."""
    return pl.DataFrame(
        [
            {
                "series_id": f"{source}.2023.{concept}",
                "source_id": source,
                "year": 2023,
                "reference": "2023",
                "reference_date": END,
                "concept": concept,
                "universe": universe,
                "release_state": state_of_release,
                "level": "state",
                "state_id": state,
                "part": part_of(state),
                "persons_with": 1000.0 * factor * int(state),
                "status": "published",
            }
            for (source, concept), universe, state_of_release, factor in zip(
                DENOMINATORS,
                ("central_register_of_foreigners", "private_households"),
                ("final", "first_results"),
                (1, 2),
                strict=True,
            )
            for state in STATES
        ],
        schema_overrides={"year": pl.Int32},
    )


def koenigstein(years: tuple[int, ...] = (2018, 2019, 2020)) -> pl.DataFrame:
    """Equal shares, but for two states that exchange a little more with every year."""
    return pl.DataFrame(
        [
            {
                "source_id": "key",
                "year": year,
                "region_id": state,
                "part": part_of(state),
                "key_percent": 6.25 + {"01": 1, "02": -1}.get(state, 0) * (year - 2017) / 10,
                "observation_id": f"{state}:{year}",
            }
            for year in years
            for state in STATES
        ],
        schema_overrides={"year": pl.Int32},
    )


def one(results: pl.DataFrame, **equal: object) -> dict:
    found = results.filter(**equal)
    assert found.height == 1, found
    return found.row(0, named=True)


def ratios(of: pl.DataFrame | None = None, below: pl.DataFrame | None = None, **changed: object) -> pl.DataFrame:
    denominators = tuple({"source": source, "concept": concept} for source, concept in DENOMINATORS)
    entry = declare_place("refugees", **{"denominators": denominators, **changed})
    return refugee_ratios(seekers() if of is None else of, share() if below is None else below, [entry])


def deviations_of(keys: pl.DataFrame, **changed: object) -> pl.DataFrame:
    return key_deviations(seekers(), keys, [declare_place("key", **changed)])


def test_ratios_of_sums_and_means_of_states_and_their_difference() -> None:
    found = ratios()
    assert dict(found.schema) == REFUGEE_RATIO
    same = {"denominator_source_id": "azr", "berlin": "excluded", "estimand": "pooled"}
    assert one(found, quantity="east", **same)["estimate"] == pytest.approx(20)
    assert one(found, quantity="west", **same)["estimate"] == pytest.approx(10)
    difference = one(found, quantity="difference", **same)
    assert difference["estimate"] == pytest.approx(10)
    assert difference["p_value"] == pytest.approx(2 / 3003)
    assert one(found, quantity="ratio", **same)["estimate"] == pytest.approx(2)
    with_berlin = {**same, "berlin": "in_east"}
    assert one(found, quantity="east", **with_berlin)["estimate"] == pytest.approx(
        100 * (200 * (12 + 13 + 14 + 15 + 16) + 100 * 11) / (1000 * sum(range(11, 17)))
    )
    assert one(found, quantity="east", **{**with_berlin, "estimand": "unweighted"})["estimate"] == pytest.approx(
        110 / 6
    )
    assert found.filter(quantity="state", denominator_source_id="azr").height == 16


def test_both_parts_are_named_and_flagged_where_they_differ() -> None:
    found = ratios()
    register = one(found, denominator_source_id="azr", quantity="germany", estimand="pooled")
    survey = one(found, denominator_source_id="survey", quantity="germany", estimand="pooled")
    assert register["numerator_universe"] == register["denominator_universe"]
    assert {"universes_differ", "dates_differ"}.isdisjoint(register["assumptions"].split(";"))
    assert {"universes_differ", "dates_differ", "first_results"} <= set(survey["assumptions"].split(";"))
    assert (survey["numerator_date"], survey["denominator_reference"]) == (END, "2023")


def test_a_denominator_of_another_year_is_not_taken() -> None:
    found = ratios(seekers(2024))
    assert set(found["quantity"]) == {"not_computed"}
    assert found["estimate"].null_count() == found.height == 2
    assert set(found["assumptions"]) == {"no_denominator"}


def test_a_denominator_that_lacks_a_state_is_not_taken_either() -> None:
    lacking = share().filter((pl.col("state_id") != "05") | (pl.col("source_id") != "azr"))
    found = ratios(below=lacking)
    assert one(found, denominator_source_id="azr")["quantity"] == "not_computed"


def test_only_the_difference_is_adjusted_and_only_declared_methods_are_shown() -> None:
    found = ratios()
    led = found.filter(method="permutation", estimand="pooled")
    assert led.height == 6
    assert led["p_adjusted"].min() == pytest.approx(min(1.0, 6 * led["p_value"].min()))
    rest = found.filter(pl.col("method") != "permutation")
    assert rest["p_adjusted"].null_count() == rest.height
    assert set(found["family"]) == {"places"}
    sums = ratios(methods=("ratio_of_sums", "mean"), headline="none")
    assert set(sums["quantity"]) == {"state", "east", "west", "germany"}


def test_persons_of_another_source_do_not_enter() -> None:
    beside = pl.concat([seekers(), seekers().with_columns(source_id=pl.lit("another"))])
    assert ratios(beside).equals(ratios())


@pytest.mark.parametrize(
    ("broken", "word"),
    [
        (seekers().filter(pl.col("state_id") != "05"), "15 of 16 states"),
        (seekers().with_columns(pl.lit(None, pl.Float64).alias("persons")), "not known"),
        (pl.concat([seekers(), seekers().with_columns(reference_date=dt.date(2023, 6, 30))]), "2 days"),
    ],
)
def test_persons_that_cannot_be_summed_up_are_refused(broken: pl.DataFrame, word: str) -> None:
    with pytest.raises(InputError, match=word):
        ratios(broken)


def test_deviations_add_up_to_nothing_and_half_of_their_size_is_the_distance() -> None:
    found = deviations_of(koenigstein())
    assert dict(found.schema) == KEY_DEVIATION
    deviations = found.filter(quantity="deviation", estimand="state")
    assert deviations["estimate"].sum() == pytest.approx(0, abs=1e-7)
    distance = one(found, quantity="distance")
    assert distance["estimate"] == pytest.approx(deviations["estimate"].abs().sum() / 2)
    moved = one(found, quantity="persons_to_move")["estimate"]
    assert moved == pytest.approx(distance["estimate"] / 100 * seekers()["persons"].sum())
    assert deviations.sort("rank")["estimate"].abs().is_sorted(descending=True)
    state = {"region_id": "16", "estimand": "state"}
    share_of, key = (one(found, quantity=quantity, **state)["estimate"] for quantity in ("share", "key"))
    assert one(found, quantity="relative_deviation", **state)["estimate"] == pytest.approx(100 * (share_of / key - 1))


def test_east_and_west_are_sums_of_their_states() -> None:
    found = deviations_of(koenigstein())
    for berlin, states in (("excluded", "12,13,14,15,16"), ("in_east", "11,12,13,14,15,16")):
        of_states = found.filter(pl.col("region_id").is_in(states.split(",")), pl.col("quantity") == "deviation")[
            "estimate"
        ].sum()
        east = one(found, estimand="east", berlin=berlin, quantity="deviation")
        assert east["estimate"] == pytest.approx(of_states)
        assert east["n_states"] == len(states.split(","))


def test_without_the_key_of_the_year_the_latest_before_it_is_taken_and_the_others_are_bounds() -> None:
    found = deviations_of(koenigstein())
    assert set(found["key_year"]) == {2020}
    assert all("key_of_another_year" in flags for flags in found["assumptions"])
    key = one(found, region_id="01", quantity="key")
    assert (key["estimate"], key["lower"], key["upper"]) == pytest.approx((6.55, 6.35, 6.55))
    matching = deviations_of(koenigstein((2018, 2023)))
    assert set(matching["key_year"]) == {2023}
    assert not any("key_of_another_year" in flags for flags in matching["assumptions"])
    assert set(deviations_of(koenigstein(), key_year=2018)["key_year"]) == {2018}


def test_a_key_that_is_not_known_or_does_not_add_up_is_refused() -> None:
    with pytest.raises(InputError, match="no Königstein key of 2023 or before"):
        deviations_of(koenigstein((2024,)))
    with pytest.raises(InputError, match="no Königstein key of 1999 is known"):
        deviations_of(koenigstein(), key_year=1999)
    with pytest.raises(InputError, match="do not add up to 100"):
        deviations_of(koenigstein().with_columns(pl.col("key_percent") + 0.1))
