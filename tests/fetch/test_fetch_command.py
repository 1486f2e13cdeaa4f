"""`mo fetch` as it is typed: sources, sentences, the next command, exit codes."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from genesis_server import PASSWORD, USER, said
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.errors import InputError
from pipeline.fetch import command
from pipeline.fetch.services import SERVICES
from pipeline.registry import load_registry

RAW_DATA = Path(__file__).parents[2] / "raw_data"
SOURCE = "population_districts"

pytestmark = pytest.mark.usefixtures("everywhere")


@pytest.fixture
def build(tmp_path, monkeypatch):
    monkeypatch.setenv("AUGENHOEHE_BUILD", str(tmp_path / "build"))
    monkeypatch.setenv("COLUMNS", "60")
    return tmp_path / "build"


def run(*arguments: str):
    return CliRunner().invoke(app, ["fetch", *arguments])


def test_the_last_line_is_the_command_to_type_next(build, genesis):
    told = run(SOURCE, "--year", "2023", "--year", "2022")
    assert told.exit_code == 0, told.output
    typed = shlex.split(told.stdout.splitlines()[-1])
    assert typed[:4] == ["mo", "vintage", "add", SOURCE]
    assert typed[-2:] == ["--as-of", "2026-05-20"]
    files = [Path(name) for name in typed[4:-2]]
    assert [file.name for file in files] == ["2022.csv", "2023.csv"]
    assert all(file.is_file() for file in files)
    assert files[0].is_relative_to(build / "fetched" / SOURCE)
    assert "  1 of 2: 2022" in told.stdout
    assert PASSWORD not in told.output
    assert USER not in told.output


def test_paths_are_shown_from_the_working_folder_on(build, genesis, monkeypatch, tmp_path):
    monkeypatch.setenv("AUGENHOEHE_ROOT", str(RAW_DATA.parent))
    monkeypatch.chdir(tmp_path)
    last = run(SOURCE, "--year", "2023").stdout.splitlines()[-1]
    assert f" build/fetched/{SOURCE}/12411-01-01-4-2026-05-20_2023/2023.csv " in last


def test_years_without_values_are_told(build, genesis):
    genesis.on_table = lambda form: said(104) if form["startyear"] == "2022" else genesis.usual(form)
    assert "without values: 2022" in run(SOURCE).stdout


def test_nothing_newer_ends_with_0(build, genesis):
    told = run(SOURCE, "--since", "2026-05-20")
    assert told.exit_code == 0
    assert told.stdout.strip() == f"{SOURCE}: nothing newer since 2026-05-20"


def test_waiting_is_told(build, genesis):
    genesis.next["metadata/table"] = [said(6, "zu viele")]
    told = run(SOURCE, "--year", "2023")
    assert "status 6, too many requests run at the same time under this account: zu viele; asking again" in told.stdout


def test_ctrl_c_says_that_nothing_is_lost(build, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "download", interrupted)
    told = run(SOURCE)
    assert told.exit_code == 130
    assert "the same command goes on from there" in told.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere"], "there is no source nowhere"),
        (["study_figures"], "does not say where it can be fetched"),
        ([], "no source is named"),
        ([SOURCE, "--since", "yesterday"], "is not a day"),
        ([SOURCE, "--check", "--year", "2023"], "asks about the whole table"),
        ([SOURCE, "--year", "2030"], "covers 2021 to 2023"),
        (["study_figures", "--check"], "does not say where it can be fetched"),
    ],
)
def test_what_cannot_be_done_is_told_with_a_remedy(build, arguments, message):
    told = run(*arguments)
    assert isinstance(told.exception, InputError)
    assert message in str(told.exception)
    assert told.exception.remedy


def test_without_credentials_nothing_is_sent(build, genesis, monkeypatch):
    for service in SERVICES.values():
        monkeypatch.delenv(service.variable("USER"))
    told = run(SOURCE)
    assert "there are no credentials" in str(told.exception)
    assert genesis.asked == []


def test_check_asks_for_metadata_alone_and_of_every_source(build, genesis):
    told = run("--check")
    assert told.exit_code == 0, told.output
    fetchable = [one.id for one in load_registry(RAW_DATA).sources.values() if one.current.fetch]
    assert [line.partition(":")[0] for line in told.stdout.splitlines()] == fetchable
    assert {one.method for one in genesis.asked} == {"metadata/table"}
    assert "newer: the table was updated on 2026-05-20, 2023-retrieved-2025-04-10 is of 2025-04-10" in told.stdout
    assert "population_states: nothing newer since 2026-05-20 (the table is of 2026-05-20)" in told.stdout
    assert "protection_seekers_districts: cannot be told: the table is of 2026-05-20" in told.stdout
    assert not build.exists()


def test_check_goes_on_after_an_error_and_ends_with_1(build, genesis):
    genesis.next["metadata/table"] = [said(90, "gibt es nicht")]
    told = run("--check")
    assert told.exit_code == 1
    assert "status 90, there is no such table: gibt es nicht" in told.stderr
    assert "population_states: nothing newer" in told.stdout


def test_the_help_says_what_is_needed():
    text = " ".join(CliRunner().invoke(app, ["fetch", "--help"], env={"COLUMNS": "200"}).output.split())
    for words in ("AUGENHOEHE_REGIONALSTATISTIK_TOKEN", "docs/fetching.md", "build/fetched/", "--check"):
        assert words in text


def test_every_service_of_a_source_is_known():
    named = {one.fetch.service for one in load_registry(RAW_DATA).vintages if one.fetch}
    assert named == set(SERVICES)
