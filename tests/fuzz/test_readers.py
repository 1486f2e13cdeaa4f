"""The fuzz target itself: a fixed number of inputs a reader, and that it would tell a finding."""

from __future__ import annotations

from typing import NoReturn

import pytest

from pipeline.errors import InputError
from tests.fuzz import readers

INPUTS = 60


@pytest.mark.parametrize("reader", readers.SEEDS)
def test_broken_files_give_a_result_or_an_error_that_helps(reader):
    *found, count = readers.findings(reader, 2026, numbers=range(INPUTS))
    assert count == INPUTS
    assert [f"input {one.number}: {one.story}" for one in found if isinstance(one, readers.Finding)] == []


@pytest.mark.parametrize("reader", readers.SEEDS)
def test_the_same_seed_and_number_give_the_same_input(reader):
    inputs = [readers.broken(reader, 1, number) for number in range(20)]
    assert inputs == [readers.broken(reader, 1, number) for number in range(20)]
    assert inputs != [readers.broken(reader, 2, number) for number in range(20)]


@pytest.mark.parametrize("data", [data for files in readers.SEEDS.values() for data in files])
def test_the_seed_files_reach_the_observations_or_a_rule_about_them(monkeypatch, data):
    """Else the fuzzing would end at the first line of every file."""
    reached = []
    monkeypatch.setattr(readers, "observations", lambda cells, *_: reached.append(cells.height))
    readers.through(data)
    assert reached[0] > 0


def test_a_crash_an_error_without_remedy_and_an_endless_reader_are_findings(monkeypatch):
    def crash(_: bytes) -> None:
        raise ZeroDivisionError

    def unhelpful(_: bytes) -> None:
        raise InputError("broken")

    def endless(_: bytes) -> NoReturn:
        while True:
            pass

    for reader, said in ((crash, "ZeroDivisionError"), (unhelpful, "without remedy"), (endless, "longer than 0.05 s")):
        monkeypatch.setattr(readers, "through", reader)
        monkeypatch.setattr(readers, "LIMIT_SECONDS", 0.05)
        assert said in str(readers.story(b""))
