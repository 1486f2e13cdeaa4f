"""The region table: ids, sides of the border, and the days a region existed."""

from __future__ import annotations

import datetime as dt

import pytest

from pipeline.errors import InputError
from pipeline.transform import REGION, existing, regions


def test_the_frame_has_the_agreed_columns_and_types(region_frame):
    assert dict(region_frame.schema) == REGION
    assert region_frame.columns == list(REGION)
    row = region_frame.filter(region_frame["region_id"] == "03152").row(0, named=True)
    assert row["valid_from"] is None
    assert row["valid_to"] == dt.date(2016, 10, 31)
    assert row["successor"] == "03159"
    assert row["note"] is None
    assert row["raw_file"] == "r/1/regions.csv"
    assert row["raw_line"] == 21


def test_east_berlin_and_west_are_told_apart(region_frame):
    states = region_frame.filter(region_frame["level"] == "state")
    assert states.filter(states["part"] == "east")["region_id"].to_list() == ["12", "13", "14", "15", "16"]
    assert states.filter(states["part"] == "berlin")["region_id"].to_list() == ["11"]
    assert states.filter(states["part"] == "west").height == 10
    assert region_frame.filter(region_frame["level"] == "aggregate")["part"].null_count() == 4


def test_what_observations_need_to_know(region_frame):
    frame = existing(region_frame)
    assert frame.columns == ["region_id", "valid_from", "valid_to"]
    assert frame["region_id"].n_unique() == region_frame.height


@pytest.mark.parametrize(
    ("line", "key", "message"),
    [
        ("01,Again,state,01,west,,,,", "region", "the region 01 stands here again, first in line 2"),
        ("1,x,state,01,west,,,,", "region", "'1' is not the id of a state"),
        ("17,x,state,17,west,,,,", "region", "'17' is not the id of a state"),
        ("0100,x,district,01,west,,,,", "region", "'0100' is not the id of a district"),
        ("02,x,land,02,west,,,,", "level", "unknown level 'land'"),
        ("02,x,state,02,ost,,,,", "part", "unknown part 'ost'"),
        ("12,x,state,12,west,,,,", "part", "part west does not fit state 12"),
        ("11,x,state,11,east,,,,", "part", "part east does not fit state 11"),
        ("02,x,state,02,,,,,", "part", "part empty does not fit state 02"),
        ("east,x,aggregate,,east,,,,", "part", "part east does not fit state empty"),
        ("02000,x,district,03,west,,,,", "state", "state 03 does not fit the district 02000"),
        ("02000,x,district,,,,,,", "state", "state empty does not fit the district 02000"),
        ("DE,x,country,01,west,,,,", "state", "state 01 does not fit the country DE"),
        ("02,x,state,02,west,1.1.2001,,,", "valid_from", "'1.1.2001' is not a date"),
        ("02,x,state,02,west,,2001-02-30,,", "valid_to", "'2001-02-30' is not a date"),
        ("02,x,state,02,west,2001-01-02,2001-01-01,,", "valid_to", "ends (2001-01-01) before it begins"),
        ("02,x,state,02,west,,,01;03,", "successor", "successor '01;03' of 02 is not a listed region"),
    ],
)
def test_a_bad_row_is_refused_with_its_line_and_column(region_cells, line, key, message):
    with pytest.raises(InputError) as caught:
        regions(region_cells(["01,Schleswig-Holstein,state,01,west,,,,", line]))
    error = caught.value
    assert (error.file, error.line, error.key) == ("raw_data/r/1/regions.csv", 3, key)
    assert message in str(error)
    assert "Remedy: " in str(error)
