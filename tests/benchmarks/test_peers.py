"""The rivals: equal inputs, equal results, told apart where they are not, their lines and versions as told."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from benchmarks import folders
from benchmarks.equality import COLUMNS, TABLES, differences, same_results, tables
from benchmarks.lines import written
from benchmarks.peers import AUGENHOEHE, PEERS
from pipeline.ingest import canonical_sha256
from pipeline.registry import load_registry, read_files

GAPS = pl.DataFrame(
    {
        "source": ["a", "a"],
        "level": ["state", "state"],
        "year": [2023, 2024],
        "east_regions": [5, 5],
        "west_regions": [10, 10],
        "east_percent": [8.1, 8.4],
        "west_percent": [16.0, 16.5],
        "berlin_percent": [None, 24.0],
        "difference_points": [-7.9, -8.1],
        "standard_error_points": [1.0, 1.1],
    }
)


def found(other: pl.DataFrame) -> list[str]:
    return differences(GAPS, other, columns=COLUMNS["gaps"], keys=TABLES["gaps"])


def changed(name: str, *values: object) -> pl.DataFrame:
    return GAPS.with_columns(pl.Series(name, values, dtype=GAPS[name].dtype))


def test_rows_in_another_order_and_narrower_integers_are_equal():
    assert found(GAPS.reverse().with_columns(pl.col("year").cast(pl.Int32))) == []
    assert found(changed("east_percent", 8.1 + 1e-12, 8.4)) == []


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (changed("east_percent", 8.1, 8.400001), "east_percent: 1 rows differ, the first a, state, 2024: 8.4 against"),
        (changed("berlin_percent", 0.0, 24.0), "berlin_percent: 1 rows differ"),
        (changed("west_regions", 10, 11), "west_regions: 1 rows differ"),
        (changed("source", "a", "b"), "source: 1 rows differ"),
        (GAPS.head(1), "2 rows against 1"),
        (GAPS.drop("year"), "other lacks year"),
    ],
)
def test_what_differs_is_named(other, said):
    assert any(said in line for line in found(other)), found(other)


@pytest.fixture(scope="module")
def worked(tmp_path_factory):
    """Two rivals that need nothing but what the project has, each in its folder with its results."""
    made = {}
    for name in ("polars_duckdb", "pandas"):
        folder = folders.part(tmp_path_factory.mktemp("rival") / name, PEERS[name])
        subprocess.run([sys.executable, "job.py"], cwd=folder, check=True, capture_output=True, timeout=120)
        made[name] = folder
    return made


def test_two_rivals_written_apart_agree(worked):
    one, other = (tables(folder / "out") for folder in worked.values())
    assert one["gaps.parquet"].height > 30
    assert one["shares.csv"].height > 5000
    assert same_results(one, other) == []


def test_a_changed_figure_changes_the_results(worked, tmp_path):
    folder = shutil.copytree(worked["polars_duckdb"], tmp_path / "changed")
    before = tables(folder / "out")
    folders.change_figure(folder)
    subprocess.run([sys.executable, "job.py"], cwd=folder, check=True, capture_output=True, timeout=120)
    told = same_results(before, tables(folder / "out"))
    assert any(line.startswith("shares.parquet share_percent: 1 rows differ") for line in told), told


def test_the_changed_figure_is_one_cell_and_is_registered(tmp_path):
    folder = folders.part(tmp_path / "part", PEERS[AUGENHOEHE])
    file = folder / "raw_data" / folders.STATES / "figures.csv"
    before = file.read_text("utf-8").splitlines()
    folders.change_figure(folder)
    after = file.read_text("utf-8").splitlines()
    assert [number for number, pair in enumerate(zip(before, after, strict=True), 1) if pair[0] != pair[1]] == [225]
    (vintage,) = load_registry(folder / "raw_data").sources["foreign_share_states"].vintages
    assert read_files(vintage)["figures.csv"] == file.read_bytes()


def test_the_revised_figure_is_a_vintage_in_use(tmp_path):
    folder = folders.part(tmp_path / "part", PEERS[AUGENHOEHE])
    folders.revise_figure(folder)
    source = load_registry(folder / "raw_data").sources["foreign_share_states"]
    assert [vintage.vintage for vintage in source.in_use] == ["2011-2024", "2011-2024-revised"]
    old, new = (read_files(vintage)["figures.csv"].decode() for vintage in source.vintages)
    assert set(new.splitlines()) - set(old.splitlines()) == {"16,Thüringen,2024,share_percent,8.4,,zensus_2022"}


def test_a_shuffled_file_has_the_same_content(tmp_path):
    folder = folders.part(tmp_path / "part", PEERS["doit"])
    file = folder / "raw_data" / folders.DISTRICTS / "figures.csv"
    before = file.read_bytes()
    folders.shuffle_rows(folder)
    assert file.read_bytes() != before
    assert canonical_sha256(file.read_bytes()) == canonical_sha256(before)


@pytest.mark.parametrize(
    ("name", "text", "lines"),
    [
        (
            "a.py",
            '"""What."""\n\nimport os\n\n\ndef f():\n    """Why.\n\n    More.\n    """\n    # so\n    return os\n',
            3,
        ),
        ("a.sql", "-- what\nSELECT 1\n\nFROM t;\n", 2),
        ("a.yml", "# what\nkey: 1\n", 1),
        ("Snakefile", "# what\n\nrule all:\n    input: []\n", 2),
    ],
)
def test_lines_that_say_nothing_are_not_counted(tmp_path, name, text, lines):
    (tmp_path / name).write_text(text, "utf-8")
    assert written(tmp_path / name) == lines


@pytest.mark.parametrize("peer", PEERS.values(), ids=list(PEERS))
def test_every_rival_names_what_its_user_writes(peer):
    files = folders.user_files(peer)
    assert sum(map(written, files["code"])) > 40
    named = {file for pattern in peer.wrote for file in peer.folder.glob(pattern)}
    beside = {"requirements.txt", "mo_part.py", "part_definitions.py"}
    there = {f for f in peer.folder.rglob("*") if f.is_file() and "__pycache__" not in f.parts and f.name not in beside}
    assert there == named


@pytest.mark.parametrize("peer", [peer for peer in PEERS.values() if peer.name != AUGENHOEHE], ids=lambda p: p.name)
def test_every_rival_is_pinned_and_names_no_index(peer):
    lines = peer.requirements.read_text("utf-8").splitlines()
    assert lines
    assert [line for line in lines if not re.fullmatch(r"[\w.\[\],-]+==[\w.!+]+( ; .+)?", line)] == []


def test_the_parts_definitions_are_those_of_the_project(tmp_path, monkeypatch):
    from pipeline.project import open_project
    from pipeline.settings import Settings

    monkeypatch.syspath_prepend(PEERS[AUGENHOEHE].folder)
    from part_definitions import part_definitions

    folder = folders.part(tmp_path / "part", PEERS[AUGENHOEHE])
    graph = part_definitions(open_project(Settings.resolve(folder, env={}))).resolve_asset_graph()
    keys = {key.to_user_string() for key in graph.get_all_asset_keys()}
    assert {"raw/regions", "core/observation", "marts/shares", "marts/gaps", "release/current"} <= keys
    assert {key.split("/")[0] for key in keys} == {"raw", "staging", "core", "marts", "release"}


def test_the_plain_script_computes_every_table_of_analysis():
    text = (Path(folders.REPOSITORY) / "benchmarks/plain_analysis.py").read_text("utf-8")
    given = set(re.findall(r'"(analysis\.\w+)":', text))
    assert given == {f"analysis.{file.stem}" for file in (folders.REPOSITORY / "sql/analysis").glob("*.sql")}
