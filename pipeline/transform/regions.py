"""Regions: Germany, states, districts and aggregates, when they existed, and on which side of the old border.

Belongs here: the region table and the questions others ask it. Not here: figures of regions
(observations.py). East are the five states 12 to 16, Berlin (11) is told apart, West are the ten others.
"""

from __future__ import annotations

from typing import get_args

import polars as pl

from pipeline.transform.concepts import Level, Part
from pipeline.transform.located import RAW_FILE, RAW_LINE, refuse, refuse_duplicates, refuse_unknown

REGION: dict[str, pl.DataType] = {
    "region_id": pl.String(),
    "name": pl.String(),
    "level": pl.String(),
    "state_id": pl.String(),
    "part": pl.String(),
    "valid_from": pl.Date(),
    "valid_to": pl.Date(),
    "successor": pl.String(),
    "note": pl.String(),
    "raw_file": pl.String(),
    "raw_line": pl.Int32(),
}
EAST = ("12", "13", "14", "15", "16")
BERLIN = "11"
_KEYS: dict[str, str] = {
    "country": r"^DE$",
    "state": r"^(0[1-9]|1[0-6])$",
    "government_region": r"^(0[1-9]|1[0-6])[0-9]$",
    "district": r"^(0[1-9]|1[0-6])[0-9]{3}$",
    "borough": r"^(0[1-9]|1[0-6])[0-9]{6}$",
    "aggregate": r"^(east|west)(_with_berlin)?$",
    "group": r"^[a-z0-9][a-z0-9_+.-]*$",
}
_INSIDE_A_STATE = ("state", "government_region", "district", "borough")


def regions(cells: pl.DataFrame) -> pl.DataFrame:
    """The region table from cells of kind region.

    Returns:
        `REGION`: one row a region, key region; valid_from and valid_to are the first and last day it existed
        (null: open); state, part, valid_from, valid_to, successor and note are null where empty.

    Raises:
        InputError: a duplicate, an unknown level or part, an id that does not fit its level, a state or part
            that contradicts the id, an impossible or reversed date, a successor that is not listed.
    """
    empty_to_null = [
        pl.when(pl.col(name) != "").then(pl.col(name)).alias(name)
        for name in ("state", "part", "valid_from", "valid_to", "successor", "note")
    ]
    cells = cells.with_columns(empty_to_null)
    refuse_duplicates(cells, "region", "the region")
    refuse_unknown(cells, "level", get_args(Level), where="pipeline/transform/concepts.py")
    refuse_unknown(cells, "part", get_args(Part), where="pipeline/transform/concepts.py")
    for level, pattern in _KEYS.items():
        refuse(
            cells,
            (pl.col("level") == level) & ~pl.col("region").str.contains(pattern),
            lambda row: f"{row['region']!r} is not the id of a {row['level']}",
            key="region",
            remedy="Use the official key with its leading zero: 2 digits a state, 3 a government region, 5 a "
            "district, 8 a borough or town; DE for Germany.",
        )
    inside = pl.col("level").is_in(_INSIDE_A_STATE)
    refuse(
        cells,
        (inside & (pl.col("state").is_null() | (pl.col("state") != pl.col("region").str.head(2))))
        | (pl.col("level").is_in(["country", "aggregate"]) & pl.col("state").is_not_null()),
        lambda row: f"state {row['state'] or 'empty'} does not fit the {row['level']} {row['region']}",
        key="state",
        remedy="It is the first two digits of the region's id, and empty for Germany and the aggregates.",
    )
    part = (
        pl.when(pl.col("state").is_in(EAST))
        .then(pl.lit("east"))
        .when(pl.col("state") == BERLIN)
        .then(pl.lit("berlin"))
        .when(pl.col("state").is_not_null())
        .then(pl.lit("west"))
    )
    refuse(
        cells,
        part.ne_missing(pl.col("part")),
        lambda row: f"part {row['part'] or 'empty'} does not fit state {row['state'] or 'empty'}",
        key="part",
        remedy="12 to 16 are east, 11 is berlin, 01 to 10 are west; it is empty where `state` is.",
    )
    dated = cells.with_columns(
        pl.col(name).str.to_date("%Y-%m-%d", strict=False).alias(f"{name}_date") for name in ("valid_from", "valid_to")
    )
    for name in ("valid_from", "valid_to"):
        refuse(
            dated,
            pl.col(name).is_not_null()
            & (pl.col(f"{name}_date").is_null() | ~pl.col(name).str.contains(r"^[0-9]{4}-[0-9][0-9]-[0-9][0-9]$")),
            lambda row, name=name: f"{row[name]!r} is not a date",
            key=name,
            remedy="Write an ISO date such as 2016-11-01, or leave it empty.",
        )
    refuse(
        dated,
        pl.col("valid_from_date") > pl.col("valid_to_date"),
        lambda row: f"{row['region']} ends ({row['valid_to']}) before it begins ({row['valid_from']})",
        key="valid_to",
        remedy="valid_from is the first, valid_to the last day the region existed.",
    )
    listed = cells["region"].implode()
    refuse(
        cells,
        pl.col("successor").str.split(";").list.set_difference(pl.lit(listed)).list.len() > 0,
        lambda row: f"successor {row['successor']!r} of {row['region']} is not a listed region",
        key="successor",
        remedy="Name a region of this file; separate several with `;`.",
    )
    return dated.with_columns(
        RAW_FILE,
        RAW_LINE,
        valid_from=pl.col("valid_from_date"),
        valid_to=pl.col("valid_to_date"),
        region_id=pl.col("region"),
        state_id=pl.col("state"),
    ).select(pl.col(name).cast(dtype) for name, dtype in REGION.items())


def existing(regions: pl.DataFrame) -> pl.DataFrame:
    """For `observations`: region_id String (key), valid_from Date null, valid_to Date null."""
    return regions.select("region_id", "valid_from", "valid_to")
