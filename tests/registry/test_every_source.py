"""Every source of raw_data, whatever there is: its files are the registered ones, and its figures keep their promises.

A new source is tested here without being named: `python -m pytest tests/registry/test_every_source.py -k <its id>`.
AUGENHOEHE_RAW_DATA names another folder, as for `mo`.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import polars as pl
import pytest

from pipeline.registry import Registry, Vintage, load_registry, verify
from pipeline.settings import Settings
from pipeline.transform import typed
from pipeline.vintages import REGIONS, cells

REPOSITORY = Path(__file__).parents[2]


@cache
def registry() -> Registry:
    return load_registry(Settings.resolve(REPOSITORY).raw_data)


@cache
def regions() -> pl.DataFrame:
    current = registry().sources[REGIONS].current
    return typed(cells(current), current)


@pytest.mark.parametrize("vintage", registry().vintages, ids=lambda vintage: f"{vintage.source}/{vintage.vintage}")
def test_the_files_are_the_registered_ones_and_the_figures_keep_their_promises(vintage: Vintage):
    """What is wrong is told as in a run: with file, line or key, and remedy."""
    assert list(verify(vintage)) == [file.path for file in vintage.files]
    rows = typed(cells(vintage), vintage, known_regions=regions() if vintage.kind == "observation" else None)
    assert rows.height > 0
    if vintage.kind == "observation":
        assert set(rows["measure"]) == set(vintage.measures)
        assert set(rows["raw_file"]) == {f"{vintage.source}/{vintage.vintage}/{file.path}" for file in vintage.files}
