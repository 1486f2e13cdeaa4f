"""What a vintage promises about its figures, kept and broken."""

from __future__ import annotations

import polars as pl
import pytest

from pipeline.transform import expectation_failures, load_vocabulary, observations

STATES = [f"{number:02d}" for number in range(1, 17)]
FILE = "raw_data/mz/2018/figures.csv"
SIDECAR = "raw_data/mz/2018/source.yml"


@pytest.fixture
def failures(vintage, cells, exists, region_frame):
    def run(rows, **expect) -> list:
        described = vintage(expect=expect)
        frame = observations(cells(*rows), described, load_vocabulary(), exists)
        return expectation_failures(frame, described, region_frame)

    return run


def states(*, without: tuple[str, ...] = (), **changes) -> list[dict]:
    return [{"region": key, "value": "10"} | changes for key in STATES if key not in without]


COMPLETE = {"regions": {"level": "state", "complete": True}}


def total(value: str | int, **where) -> dict:
    return {
        "control_totals": (
            {
                "where": {"region": "DE", "measure": "persons_with"} | where,
                "value": value,
                "source": "Fachserie",
            },
        )
    }


def sums(tolerance: int = 0, **changes) -> dict:
    rule = {"over": "state", "total": "DE", "measure": "persons_with", "tolerance": tolerance, "reason": "r"}
    return {"sums": (rule | changes,)}


def test_all_states_there_is_no_failure(failures):
    assert failures([{"value": "160"}, *states()], **COMPLETE, **total(160), **sums()) == []


def test_a_missing_state_is_named_with_its_file(failures):
    (error,) = failures(states(without=("07",)), **COMPLETE)
    assert (error.file, error.key) == (FILE, "region")
    assert "07 Land 07 is missing in persons_with of migration_background_wider, 2018" in str(error)
    assert "Remedy: Add the row" in str(error)


def test_a_state_missing_in_one_year_is_found_although_another_year_has_it(failures):
    rows = states() + states(without=("16",), reference="2019")
    (error,) = failures(rows, **COMPLETE)
    assert "16 Land 16 is missing" in str(error)
    assert "2019" in str(error)


def test_a_suppressed_state_is_there(failures):
    rows = [*states(without=("16",)), {"region": "16", "value": "", "marker": "/"}]
    assert failures(rows, **COMPLETE) == []


def test_many_missing_regions_are_counted(failures):
    (error,) = failures(states()[:3], **COMPLETE)
    assert "04 Land 04, 05 Land 05, 06 Land 06, 07 Land 07, 08 Land 08 and 8 more are missing" in str(error)


def test_districts_are_expected_only_while_they_existed_and_city_states_may_stand_as_states(failures):
    district = {"regions": {"level": "district", "complete": True}}
    rows = [{"region": key, "reference": "2015"} for key in ("02", "11", "03152", "03241")]
    rows += [{"region": key, "reference": "2016"} for key in ("02000", "11000", "03159", "03241")]
    assert failures(rows, **district) == []
    (error,) = failures(rows[1:], **district)
    assert "02000 Hamburg is missing" in str(error)
    (error,) = failures(rows[:-2] + rows[-1:], **district)
    assert "03159 Göttingen is missing" in str(error)


def test_an_incomplete_level_needs_at_least_one_row(failures):
    level = {"regions": {"level": "district", "complete": False}}
    assert failures([{"region": "03241"}], **level) == []
    (error,) = failures([{}], **level)
    assert (error.file, error.key) == (SIDECAR, "expect.regions")


def test_a_total_that_is_off_names_row_source_and_both_numbers(failures):
    (error,) = failures([{"region": "01"}, {"value": "20798"}], **total("20799"))
    assert (error.file, error.line, error.key) == (FILE, 3, "expect.control_totals[0]")
    assert "is 20,798,000 persons, but 20,799,000 is published" in str(error)
    assert "Check the figure against Fachserie" in str(error)


def test_a_total_that_is_not_there_or_not_unique_is_refused(failures):
    (error,) = failures([{"region": "01"}], **total(1))
    assert (error.file, error.key) == (SIDECAR, "expect.control_totals[0].where")
    assert "no observations match region_id DE, measure persons_with" in str(error)
    rows = [{"reference": "2018"}, {"reference": "2019"}]
    (error,) = failures(rows, **total(1))
    assert "2 observations match" in str(error)
    assert failures(rows, **total(1, reference="2019")) == []


def test_a_total_without_breakdown_means_the_row_without_one(failures):
    rows = [{"value": "5", "breakdown": "age=A1"}, {"value": "9", "breakdown": ""}]
    assert failures(rows, **total(9)) == []
    assert failures(rows, **total(5, breakdown="age=A1")) == []


def test_a_suppressed_total_is_no_total(failures):
    (error,) = failures([{"value": "", "marker": "/"}], **total(1))
    assert "is the marker / persons" in str(error)


def test_parts_may_differ_by_the_tolerance_and_no_more(failures):
    rows = [{"value": "162"}, *states()]
    assert failures(rows, **sums(tolerance=2)) == []
    (error,) = failures(rows, **sums(tolerance=1))
    assert (error.file, error.line, error.key) == (FILE, 2, "expect.sums[0]")
    assert "16 rows of level state add up to 160,000, but DE is 162,000 persons" in str(error)
    assert "a difference of 1,000 is allowed" in str(error)


def test_each_reference_and_breakdown_adds_up_for_itself(failures):
    rows = [
        {"value": "160", "breakdown": "age=A1"},
        {"value": "161", "breakdown": "age=A2"},
        *states(breakdown="age=A1"),
        *states(breakdown="age=A2"),
    ]
    (error,) = failures(rows, **sums())
    assert "age=A2" in str(error)
    assert error.line == 3


def test_a_double_row_under_another_concept_does_not_hide_a_missing_one(failures):
    rows = [
        {"value": "160"},
        *states(without=("16",)),
        {"region": "16", "value": "10", "concept": "population"},
    ]
    (error,) = failures(rows, **sums())
    assert "15 rows of level state add up to 150,000" in str(error)


def test_a_suppressed_part_is_bounded_not_taken_for_zero(failures):
    rows = [*states(without=("16",)), {"region": "16", "value": "", "marker": "/"}]
    assert failures([{"value": "155"}, *rows], **sums()) == []
    (error,) = failures([{"value": "140"}, *rows], **sums())
    assert "(1 of them suppressed)" in str(error)


@pytest.mark.parametrize(
    ("aggregate", "parts"), [("east", 5), ("west", 10), ("east_with_berlin", 6), ("west_with_berlin", 11)]
)
def test_aggregates_add_up_from_their_own_states(failures, aggregate, parts):
    rows = [{"region": aggregate, "value": str(parts * 10)}, *states()]
    assert failures(rows, **sums(total=aggregate)) == []
    rows[0]["value"] = str(parts * 10 + 1)
    (error,) = failures(rows, **sums(total=aggregate))
    assert f"{parts} rows of level state" in str(error)


def test_districts_add_up_with_city_states_counted_once(failures):
    rows = [{"value": "40", "reference": "2018"}] + [
        {"region": key, "value": "10"} for key in ("02", "11", "03159", "03241")
    ]
    rows.append({"region": "03152", "value": "", "marker": "-"})
    assert failures(rows, **sums(over="district")) == []
    lower_saxony = [{"region": "03", "value": "20"}, *rows[1:]]
    assert failures(lower_saxony, **sums(over="district", total="03")) == []


def test_a_sum_rule_that_finds_nothing_is_refused(failures):
    (error,) = failures([{}], **sums())
    assert (error.file, error.key) == (SIDECAR, "expect.sums[0]")
    assert "there is nothing to add up" in str(error)


def test_all_broken_promises_are_returned(failures):
    rows = [{"value": "9"}, *states(without=("01",))]
    found = failures(rows, **COMPLETE, **total(10), **sums())
    assert [error.key for error in found] == ["region", "expect.control_totals[0]", "expect.sums[0]"]


def test_the_frames_are_not_changed(vintage, cells, exists, region_frame):
    described = vintage(expect=COMPLETE)
    frame = observations(cells(*states()), described, load_vocabulary(), exists)
    before = frame.clone()
    expectation_failures(frame, described, region_frame)
    assert frame.equals(before)
    assert isinstance(frame, pl.DataFrame)
