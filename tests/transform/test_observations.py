"""From a printed cell to an observation: values, bounds, markers, dates, and every way to be refused."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.errors import InputError
from pipeline.ingest import read_cells
from pipeline.transform import OBSERVATION, load_vocabulary, observations

D = Decimal


@pytest.fixture
def typed(vintage, cells, exists):
    def run(*rows, **changes) -> pl.DataFrame:
        return observations(cells(*rows), vintage(**changes), load_vocabulary(), exists)

    return run


@pytest.fixture
def refused(typed):
    def run(*rows, **changes) -> InputError:
        with pytest.raises(InputError) as caught:
            typed(*rows, **changes)
        assert caught.value.file == "raw_data/mz/2018/figures.csv"
        assert "Remedy: " in str(caught.value)
        return caught.value

    return run


def bounds(frame: pl.DataFrame) -> tuple:
    return frame.select("value", "lower", "upper").row(0)


def test_the_frame_has_the_agreed_columns_and_types(typed):
    frame = typed({"value": "20799"})
    assert dict(frame.schema) == OBSERVATION
    assert list(frame.schema) == list(OBSERVATION)
    row = frame.row(0, named=True)
    assert row == {
        "observation_id": "mz:2018:DE:2018:migration_background_wider:persons_with",
        "source_id": "mz",
        "vintage_id": "2018",
        "region_id": "DE",
        "reference": "2018",
        "reference_date": dt.date(2018, 12, 31),
        "reference_kind": "year",
        "year": 2018,
        "concept": "migration_background_wider",
        "universe": "private_households",
        "release_state": "final",
        "census_base": "zensus_2011",
        "measure": "persons_with",
        "breakdown": "",
        "value": D("20799000"),
        "lower": D("20798500"),
        "upper": D("20799500"),
        "marker": "",
        "unit": "persons",
        "status": "published",
        "raw_file": "mz/2018/figures.csv",
        "raw_line": 2,
        "raw_position": 5,
        "source_url": None,
        "note": None,
        "correction_id": None,
    }


def test_columns_win_over_defaults_and_empty_cells_do_not(typed):
    frame = typed(
        {
            "concept": "foreign_nationality",
            "status": "",
            "breakdown": "age=A1;sex=M",
            "source_url": "https://x",
            "note": "",
        },
        {"concept": "", "status": "inferred", "breakdown": "", "source_url": "", "note": "n"},
    )
    assert frame["concept"].to_list() == ["foreign_nationality", "migration_background_wider"]
    assert frame["status"].to_list() == ["published", "inferred"]
    assert frame["source_url"].to_list() == ["https://x", None]
    assert frame["note"].to_list() == [None, "n"]
    assert frame["observation_id"].to_list() == [
        "mz:2018:DE:2018:foreign_nationality:persons_with:age=A1;sex=M",
        "mz:2018:DE:2018:migration_background_wider:persons_with",
    ]


@pytest.mark.parametrize(
    ("measure", "value", "expected"),
    [
        ("persons_with", "488", ("488000", "487500", "488500")),
        ("persons_with", "25.0", ("25000", "24950", "25050")),
        ("persons_with", "0", ("0", "0", "500")),
        ("persons_total", "80219695", ("80219695", "80219695", "80219695")),
        ("persons_without", "254195", ("254195", "254192.5", "254197.5")),
        ("persons_without", "0", ("0", "0", "2.5")),
        ("share_percent", "19.2", ("19.2", "19.15", "19.25")),
        ("share_percent", "7", ("7", "6.5", "7.5")),
        ("share_percent", "7.0", ("7", "6.95", "7.05")),
        ("share_percent", "100.0", ("100", "99.95", "100")),
        ("share_percent", "0.04", ("0.04", "0.035", "0.045")),
        ("share_percent", "29.709279", ("29.709279", "29.709278", "29.70928")),
    ],
)
def test_bounds_are_half_a_unit_of_the_last_printed_digit(typed, measure, value, expected):
    assert bounds(typed({"measure": measure, "value": value})) == tuple(map(D, expected))


@pytest.mark.parametrize(
    ("marker", "value", "expected"),
    [
        ("-", "", ("0", "0", "0")),
        ("-", "0", ("0", "0", "0")),
        ("0", "", ("0", "0", "500")),
        ("0", "0.0", ("0", "0", "50")),
        ("/", "", (None, "0", "5000")),
        (".", "", (None, None, None)),
        ("x", "", (None, None, None)),
        ("...", "", (None, None, None)),
        ("n", "", (None, None, None)),
        ("()", "19", ("19000", "18500", "19500")),
        ("e", "19", ("19000", "18500", "19500")),
        ("p", "19", ("19000", "18500", "19500")),
        ("r", "19", ("19000", "18500", "19500")),
        ("s", "19", ("19000", "18500", "19500")),
    ],
)
def test_every_marker_says_what_it_says(typed, marker, value, expected):
    frame = typed({"value": value, "marker": marker}, suppressed_below=5)
    assert bounds(frame) == tuple(None if text is None else D(text) for text in expected)
    assert frame["marker"][0] == marker


def test_a_suppressed_cell_without_a_stated_limit_has_no_upper_bound(typed):
    assert bounds(typed({"value": "", "marker": "/"})) == (None, D(0), None)


def test_a_dash_is_null_where_the_region_did_not_exist_and_zero_where_it_did(typed):
    frame = typed(
        {"region": "03152", "reference": "2015", "value": "", "marker": "-"},
        {"region": "03152", "reference": "2016", "value": "", "marker": "-"},
        {"region": "03159", "reference": "2015", "value": "", "marker": "-"},
        {"region": "03159", "reference": "2016", "value": "", "marker": "-"},
    )
    assert frame["value"].to_list() == [D(0), None, None, D(0)]
    assert frame["lower"].to_list() == [D(0), None, None, D(0)]
    assert frame["upper"].to_list() == [D(0), None, None, D(0)]


@pytest.mark.parametrize(
    ("kind", "printed", "date"),
    [
        ("year", "2018", dt.date(2018, 12, 31)),
        ("year_end", "2018", dt.date(2018, 12, 31)),
        ("date", "2022-05-15", dt.date(2022, 5, 15)),
    ],
)
def test_references_become_dates(typed, kind, printed, date):
    row = typed({"reference": printed}, defaults={"reference_kind": kind}).row(0, named=True)
    assert (row["reference"], row["reference_date"], row["year"], row["reference_kind"]) == (
        printed,
        date,
        date.year,
        kind,
    )


@pytest.mark.parametrize(
    ("kind", "printed"),
    [
        ("year", "2018-12-31"),
        ("year", "18"),
        ("year", "0018"),
        ("year", "2019/20"),
        ("year", ""),
        ("year_end", "20188"),
        ("date", "2023-02-29"),
        ("date", "31.12.2018"),
        ("date", "2018"),
        ("date", "2018-1-1"),
        ("date", " 2018-01-01"),
    ],
)
def test_impossible_references_are_refused(refused, kind, printed):
    sound = {"reference": "2018-12-31" if kind == "date" else "2017"}
    error = refused(sound, {"reference": printed}, defaults={"reference_kind": kind})
    assert (error.line, error.key) == (3, "reference")
    assert f"{printed!r} is not a" in str(error)
    assert "reference_kind" in str(error)


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("about 5", "words belong in `note`"),
        ("1.234.567", "without thousands separators"),
        ("1 234", "without thousands separators"),
        (" 5", "Remove the blanks around it: '5'"),
        ("5 ", "Remove the blanks around it: '5'"),
        ("-", "belongs in the column `marker`"),
        ("/", "belongs in the column `marker`"),
        ("(19)", "a number in brackets is the number with the marker ()"),
        ("-5", "can be negative"),
        ("1e3", "Write digits with a decimal point"),
        ("+5", "Write digits with a decimal point"),
        ("5.", "Write digits with a decimal point"),
        (".5", "Write digits with a decimal point"),
        ("NaN", "Write digits with a decimal point"),
        ("٣", "Write digits with a decimal point"),
        ("1.1234567", "Six decimals are kept at most"),
    ],
)
def test_text_in_a_number_is_refused_with_the_fitting_remedy(refused, text, remedy):
    error = refused({}, {"region": "01", "value": text})
    assert (error.line, error.key) == (3, "value")
    assert f"{text!r} is not a number" in str(error)
    assert remedy in str(error)


def test_a_decimal_comma_is_refused_with_the_point_in_the_remedy(vintage, exists, cells):
    frame = cells({}).with_columns(value=pl.lit("12,5"))
    with pytest.raises(InputError, match=r"Write a decimal point \(12\.5\)"):
        observations(frame, vintage(), load_vocabulary(), exists)


def test_a_number_too_large_to_keep_is_refused(refused):
    assert "too large" in str(refused({"value": "999999999999"}))


@pytest.mark.parametrize(
    ("row", "key", "message"),
    [
        ({"value": ""}, "value", "neither a value nor a marker"),
        ({"value": "5", "marker": "/"}, "marker", "the value 5 stands beside the marker /"),
        ({"value": "5", "marker": "n"}, "marker", "the value 5 stands beside the marker n"),
        ({"value": "0", "marker": "."}, "marker", "the value 0 stands beside the marker ."),
        ({"value": "5", "marker": "-"}, "marker", "beside the marker -, which stands for zero"),
        ({"value": "5", "marker": "0"}, "marker", "beside the marker 0, which stands for zero"),
        ({"value": "", "marker": "()"}, "value", "the marker () (limited reliability) describes a value"),
        ({"value": "", "marker": "e"}, "value", "describes a value, but there is none"),
        ({"value": "5", "marker": "?"}, "marker", "unknown marker '?'"),
        ({"value": "5", "marker": " e"}, "marker", "unknown marker ' e'"),
        ({"region": "17"}, "region", "unknown region '17'"),
        ({"region": "1"}, "region", "unknown region '1'"),
        ({"region": ""}, "region", "unknown region ''"),
        ({"measure": "persons_wth"}, "measure", "Did you mean 'persons_with'?"),
        ({"measure": "key_percent"}, "measure", "is not described in source.yml"),
        ({"concept": "migration_background"}, "concept", "unknown concept 'migration_background'"),
        ({"universe": "households"}, "universe", "Did you mean 'private_households'?"),
        ({"release_state": "draft"}, "release_state", "unknown release_state 'draft'"),
        ({"census_base": "zensus_2021"}, "census_base", "Did you mean 'zensus_2022'?"),
        ({"status": "sure"}, "status", "unknown status 'sure'"),
        ({"breakdown": "age"}, "breakdown", "'age' is not a breakdown"),
        ({"breakdown": "sex=M;age=A1"}, "breakdown", "keys in alphabetical order"),
        ({"breakdown": "age=A1;age=A2"}, "breakdown", "each once"),
        ({"breakdown": "age=A:1"}, "breakdown", "is not a breakdown"),
        ({"measure": "share_percent", "value": "100.1"}, "value", "share_percent is 100.1, above 100"),
    ],
)
def test_a_bad_row_is_refused_with_its_line_and_column(refused, row, key, message):
    error = refused({"region": "02"}, {"region": "03"}, row)
    assert (error.line, error.key) == (4, key)
    assert message in str(error)


def test_a_missing_default_is_refused_by_its_name(refused):
    error = refused({}, defaults={"universe": None})
    assert (error.line, error.key) == (2, "universe")
    assert "there is no universe, neither in this row nor in `defaults`" in str(error)


def test_a_duplicate_row_names_both_lines(refused):
    error = refused({"region": "01"}, {"region": "02"}, {"region": "01", "value": "2"})
    assert error.line == 4
    assert "mz:2018:01:2018:migration_background_wider:persons_with stands here again, first in line 2" in str(error)


def test_other_rows_with_the_same_problem_are_counted(refused):
    error = refused(*({"region": f"{number:02d}", "value": "x"} for number in range(1, 9)))
    assert error.line == 2
    assert "(7 more: line 3, 4, 5, 6, 7 …)" in str(error)


def test_a_line_after_a_quoted_line_break_is_still_right(vintage, exists):
    data = (
        b"region,region_label,reference,measure,value,marker\n"
        b'DE,"a\nb",2018,persons_with,1,\n'
        b"01,x,2018,persons_with,y,\n"
    )
    frame = read_cells(data, file="raw_data/mz/2018/figures.csv", kind="observation")
    with pytest.raises(InputError) as caught:
        observations(frame, vintage(), load_vocabulary(), exists)
    assert caught.value.line == 4


PRINTED = st.tuples(st.integers(0, 10**9), st.integers(0, 6)).map(
    lambda p: str(D(p[0]).scaleb(-p[1]).quantize(D(1).scaleb(-p[1])))
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(PRINTED, min_size=1, max_size=16),
    st.sampled_from(["persons_with", "persons_total", "persons_without"]),
)
def test_every_printed_number_survives_exactly_inside_its_bounds(typed, printed, measure):
    rows = [{"region": f"{number:02d}", "value": text, "measure": measure} for number, text in enumerate(printed, 1)]
    frame = typed(*rows)
    multiplier = 1000 if measure == "persons_with" else 1
    assert frame["value"].to_list() == [D(text) * multiplier for text in printed]
    for text, value, lower, upper in zip(printed, *frame.select("value", "lower", "upper"), strict=True):
        assert 0 <= lower <= value <= upper
        half = {
            "persons_total": D(0),
            "persons_without": D("2.5"),
            "persons_with": D(500).scaleb(-len(text.partition(".")[2])),
        }[measure]
        assert upper - value == half
        assert lower == max(value - half, D(0))


def test_the_vocabulary_is_complete_and_speaks_both_languages():
    vocabulary = load_vocabulary()
    assert list(vocabulary.concepts) == [
        "population",
        "migration_background_wider",
        "migration_background_narrower",
        "migration_background_zensus2011",
        "immigration_history",
        "migration_history_intmk",
        "foreign_nationality",
        "protection_seekers",
        "koenigstein_key",
        "regional_structure",
    ]
    assert {name: measure.unit for name, measure in vocabulary.measures.items()} == {
        "persons_total": "persons",
        "persons_with": "persons",
        "persons_without": "persons",
        "share_percent": "percent",
        "key_percent": "percent",
        "persons_per_km2": "persons_per_km2",
        "disposable_income_eur_per_capita": "eur",
        "gdp_eur_per_capita": "eur",
        "unemployment_rate_percent": "percent",
    }
    for concept in vocabulary.concepts.values():
        assert concept.label_en != concept.label_de
        assert concept.definition_en.endswith(".")
        assert concept.definition_de.endswith(".")
