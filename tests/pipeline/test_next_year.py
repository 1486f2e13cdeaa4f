"""Next year's file in a project that has run: taken as the README says, and left out again by an older lock."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess

import polars as pl
import pytest
from project_folder import REPOSITORY, command
from test_walkthrough import commands, section

from pipeline.registry import LOCK
from pipeline.release import Release, open_release
from tests.ingest.layouts import BOM

SOURCE, OLD, DAY = "population_states", "2010-2024", "2027-05-20"
OLDER = "older.lock.yml"


def next_table() -> bytes:
    """Table 12411-0010 as GENESIS shows it: every year there is, one revised figure, and one year more."""
    file = REPOSITORY / "raw_data" / SOURCE / OLD / "figures.csv"
    figures = pl.read_csv(file, infer_schema=False).sort("region")
    names = figures["region_label"].unique(maintain_order=True).to_list()
    lines = ["Tabelle: 12411-0010", "Bevölkerung: Bundesländer, Stichtag;;;;", "Bevölkerungsstand (Anzahl);;;;;;"]
    lines += [";Bundesländer" + ";" * (2 * len(names) - 1), ";" + ";;".join(names) + ";"]
    for (date,), rows in figures.group_by("reference", maintain_order=True):
        printed = dict(rows.select("region_label", "value").iter_rows())
        if date == "2024-12-31":
            printed["Bayern"] = str(int(printed["Bayern"]) + 5)
        lines.append(".".join(reversed(str(date).split("-"))) + "".join(f";{printed[name]};e" for name in names))
    lines.append("31.12.2025" + "".join(f";{int(printed[name]) + 1000};e" for name in names))
    lines += ["__________", "© Statistisches Bundesamt (Destatis), 2027", "Stand: 20.05.2027 / 23:29:57"]
    return BOM + ("\n".join(lines) + "\n").encode()


@dataclass(frozen=True)
class Taken:
    """The folder, the name of the new file, and what each command of the README did, by its name."""

    folder: Path
    file: str
    done: dict[str, CompletedProcess[str]]

    @property
    def release(self) -> Release:
        """The current release."""
        return open_release(self.folder / "build/release/current")


@pytest.fixture(scope="module")
def taken(finished, tmp_path_factory):
    folder = tmp_path_factory.mktemp("next") / "year"
    shutil.copytree(finished.folder, folder, symlinks=True)
    (folder / OLDER).write_bytes((folder / "raw_data" / LOCK).read_bytes())
    typed = commands(section("README.md", "Next year's file"))
    (name,) = {words[-1] for words in typed if words[-1].endswith(".csv")}
    (folder / name).write_bytes(next_table())
    return Taken(folder, name, {words[1]: command(folder, *words) for words in typed})


@dataclass(frozen=True)
class Older:
    """What the run with the older lock did, the release it left, and what the status says by either lock."""

    run: CompletedProcess[str]
    release: Release
    page: str
    by_own_lock: CompletedProcess[str]
    by_older_lock: CompletedProcess[str]


@pytest.fixture(scope="module")
def older(taken):
    """A run with the lock from before the newer vintage, in the folder whose results are those of the newer one."""
    newer = taken.release.id
    run = command(taken.folder, "mo", "run", "--lock", OLDER)
    assert taken.release.id != newer, run.stderr
    return Older(
        run,
        taken.release,
        (taken.folder / "build/report/index.html").read_text("utf-8"),
        command(taken.folder, "mo", "status"),
        command(taken.folder, "mo", "status", AUGENHOEHE_LOCK=OLDER),
    )


@pytest.fixture(scope="module")
def before(finished):
    return open_release(finished.folder / "build/release/current")


def test_the_file_is_taken_by_the_commands_of_the_readme(taken):
    assert list(taken.done) == ["inspect", "vintage", "validate", "run"]
    assert {name: done.returncode for name, done in taken.done.items()} == dict.fromkeys(taken.done, 0), taken.done
    assert "GENESIS table as shown (pivot)" in taken.done["inspect"].stdout
    assert f"added raw_data/{SOURCE}/{DAY}: 256 figures, layout pivot" in taken.done["vintage"].stdout
    assert "16 added, 0 gone, 1 revised, 239 the same" in taken.done["vintage"].stdout
    assert (taken.folder / "raw_data" / SOURCE / DAY / taken.file).read_bytes() == next_table()


def test_an_older_lock_gives_the_results_from_before_the_newer_vintage(older, before):
    """The newer vintage is in core, on record, so the id is another; marts, results and charts are the same bytes."""
    assert older.run.returncode == 0, older.run.stderr
    assert older.release.table("core.observation").filter(vintage_id=DAY).height == 16 * 16
    was, now = (one.manifest["files"] for one in (before, older.release))
    assert {name.rpartition("/")[0] for name in now.keys() - was.keys()} == {f"raw/{SOURCE}/{DAY}"}
    changed = {name for name in was if was[name] != now[name]}
    tables = ("caveat", "observation", "source", "vintage")
    assert changed == {f"core/{table}.{kind}" for table in tables for kind in ("csv", "parquet")}
    assert older.release.id != before.id


def test_an_older_lock_is_told_in_manifest_run_and_page(older, taken, before):
    assert f"with the lock {taken.folder / OLDER}" in older.run.stdout
    manifest = older.release.manifest
    assert manifest["lock"] == OLDER
    assert manifest["vintages"][SOURCE] == {"current": OLD, "in_use": [OLD], "waiting": [DAY]}
    assert f"computed with the lock <code>{OLDER}</code>" in older.page
    assert older.page.count("This vintage waits:") == 1
    assert before.manifest["lock"] is None
    assert not any(chosen["waiting"] for chosen in before.manifest["vintages"].values())


def test_the_status_goes_by_the_lock(older):
    assert (older.by_own_lock.returncode, older.by_older_lock.returncode) == (1, 0), older.by_older_lock.stdout
    assert f"{SOURCE}: the lock has {DAY}, the release {OLD}" in older.by_own_lock.stdout
