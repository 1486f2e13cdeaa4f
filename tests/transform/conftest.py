"""Small vintages, cells and regions for the transform tests, all made in memory."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipeline.ingest import read_cells
from pipeline.registry import Vintage
from pipeline.transform import existing, regions

FILE = "raw_data/mz/2018/figures.csv"
STATES = [f"{number:02d}" for number in range(1, 17)]


@pytest.fixture
def vintage() -> Callable[..., Vintage]:
    """A sound vintage of kind observation; `changes` replace top-level keys, `defaults` are merged."""

    def make(**changes: Any) -> Vintage:
        defaults = {
            "concept": "migration_background_wider",
            "universe": "private_households",
            "release_state": "final",
            "census_base": "zensus_2011",
            "status": "published",
            "reference_kind": "year",
        } | changes.pop("defaults", {})
        described = {
            "source": "mz",
            "vintage": "2018",
            "kind": "observation",
            "title": "t",
            "publisher": "p",
            "order": 1,
            "language": "de",
            "defaults": defaults,
            "measures": {
                "persons_with": {"printed_unit": "thousand", "multiplier": 1000, "precision": "printed"},
                "share_percent": {"printed_unit": "percent", "multiplier": 1, "precision": "printed"},
                "persons_total": {"printed_unit": "persons", "multiplier": 1, "precision": "exact"},
                "persons_without": {
                    "printed_unit": "persons",
                    "multiplier": 1,
                    "precision": {"rounded_to": 5},
                },
            },
            "licence": {"id": "x", "title": "x", "evidence": "stated"},
            "attribution": "a",
            "obtained": {"how": "compiled"},
            "files": ({"path": "figures.csv", "content_sha256": "0" * 64, "rows": 1},),
        } | changes
        made = Vintage.model_validate(described)
        made._folder = Path("/somewhere/raw_data/mz/2018")
        return made

    return make


@pytest.fixture
def cells() -> Callable[..., pl.DataFrame]:
    """Cells of kind observation from dicts; unnamed columns have a sound default."""

    def make(*rows: dict[str, str]) -> pl.DataFrame:
        base = {
            "region": "DE",
            "region_label": "l",
            "reference": "2018",
            "measure": "persons_with",
            "value": "1",
            "marker": "",
        }
        names = list(dict.fromkeys([*base, *(name for row in rows for name in row)]))
        lines = [",".join(names)] + [",".join((base | row).get(name, "") for name in names) for row in rows]
        return read_cells("\n".join(lines).encode(), file=FILE, kind="observation")

    return make


@pytest.fixture(scope="session")
def region_cells() -> Callable[[list[str]], pl.DataFrame]:
    """Cells of kind region from the lines of a CSV."""

    def make(lines: list[str]) -> pl.DataFrame:
        header = "region,name,level,state,part,valid_from,valid_to,successor,note"
        return read_cells("\n".join([header, *lines]).encode(), file="raw_data/r/1/regions.csv", kind="region")

    return make


@pytest.fixture(scope="session")
def region_frame(region_cells) -> pl.DataFrame:
    """Germany, the 16 states, five districts (one dissolved, two city states), the four aggregates."""
    part = {"11": "berlin"} | dict.fromkeys(("12", "13", "14", "15", "16"), "east")
    lines = ["DE,Deutschland,country,,,,,,"]
    lines += [f"{key},Land {key},state,{key},{part.get(key, 'west')},,,," for key in STATES]
    lines += [
        "02000,Hamburg,district,02,west,,,,",
        "11000,Berlin,district,11,berlin,,,,",
        "03152,Göttingen alt,district,03,west,,2016-10-31,03159,",
        "03159,Göttingen,district,03,west,2016-11-01,,,",
        "03241,Region Hannover,district,03,west,2001-11-01,,,",
    ]
    lines += [f"{key},{key},aggregate,,,,,," for key in ("east", "west", "east_with_berlin", "west_with_berlin")]
    return regions(region_cells(lines))


@pytest.fixture(scope="session")
def exists(region_frame) -> pl.DataFrame:
    return existing(region_frame)
