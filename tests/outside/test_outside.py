"""A release read by those who have nothing of this project: the examples of the researchers' guide as they stand."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys

import duckdb
import pytest
from project_folder import REPOSITORY

GUIDE = (REPOSITORY / "docs/guides/researcher.md").read_text("utf-8").split("\n## Read a release from outside\n")[1]
# States by part: those of 1990 without Berlin, Berlin, the others.
STATES = {"berlin": 1, "east": 5, "west": 10}


def example(language: str) -> str:
    (code,) = re.findall(rf"```{language}\n(.+?)```", GUIDE, re.DOTALL)
    return code


def run(finished, *command: str) -> str:
    folder = finished.folder / "build/release/current"
    told = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)
    assert told.returncode == 0, told.stderr
    return told.stdout


def test_duckdb_reads_it(finished, monkeypatch):
    monkeypatch.chdir(finished.folder / "build/release/current")
    assert dict(duckdb.sql(example("sql")).fetchall()) == STATES


def test_pandas_reads_it(finished):
    told = run(finished, sys.executable, "-c", example(r'python title="pandas"'))
    assert {part: int(count) for part, count in re.findall(r"(?m)^(east|west|berlin) +(\d+)$", told)} == STATES


def test_r_reads_it(finished):
    if shutil.which("Rscript") is None:
        pytest.skip("no Rscript on PATH: the CSV was not read by R")
    told = run(finished, "Rscript", "--vanilla", "-e", example("r"))
    assert [int(count) for count in told.splitlines()[-1].split()] == [STATES[part] for part in sorted(STATES)]


def test_the_functions_of_the_guide_answer(finished):
    told = run(finished, sys.executable, "-c", example(r'python title="the functions of the project"'))
    assert "analysis.headline_claim" in told
    assert "headline.verdict  (analysis.headline_claim of release" in told
