"""Releases beside each other: kept, verified, compared, gone back to, exported; and what is done to them by others."""

import json
import os
import shutil
import subprocess
import zipfile

import polars as pl
import pytest
from freezing import RAW, draw, freeze
from polars.testing import assert_frame_equal
from small_warehouse import contracts
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.errors import InputError
from pipeline.release import open_release, seal, shelf
from pipeline.release.cells import read_csv
from pipeline.release.difference import difference
from pipeline.warehouse import Warehouse

TABLES = ("core.source", "core.caveat")


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project folder and its warehouse of two tables; publishing goes to build/release."""
    for name in ("raw_data", "sql", "reports", "build"):
        (tmp_path / name).mkdir()
    monkeypatch.setenv("AUGENHOEHE_ROOT", str(tmp_path))
    build = tmp_path / "build"
    draw(build / "charts")
    small = Warehouse(build / "warehouse.duckdb")
    values = {
        "core.source": "'counts', 'observation', 'Title', '=1+1', 'v2', 2",
        "core.caveat": "'counts', 'v2', 'doubt', 1, NULL, 'typed from a page'",
    }
    with small.session() as con:
        for table, row in values.items():
            con.execute(contracts().tables[table].ddl)
            con.execute(f"INSERT INTO {table} VALUES ({row})")
    return build, small


def publish(project, text: str):
    build, warehouse = project
    with warehouse.session() as con:
        con.execute("UPDATE core.caveat SET text = ?", [text])
    return freeze(build, warehouse, tables=TABLES)


def mo(*arguments: str):
    return CliRunner().invoke(app, ["release", *arguments])


def flip(file, at: int) -> None:
    data = bytearray(file.read_bytes())
    data[at] ^= 1
    file.write_bytes(data)


def test_csv_beside_parquet_holds_the_same_rows(project):
    release = open_release(publish(project, "-3 is a doubt").folder)
    for table in TABLES:
        frame = release.table(table)
        data = (release.folder / f"{table.replace('.', '/')}.csv").read_bytes()
        assert_frame_equal(read_csv(data, dict(frame.schema)), frame)
        assert b",=" not in data


def test_what_was_computed_from_lies_in_the_release(project):
    folder = publish(project, "a").folder
    assert {str(path.relative_to(folder / "raw")): path.read_bytes() for path in (folder / "raw").rglob("*.*")} == RAW


def test_every_flipped_byte_is_found_and_its_file_named(project):
    folder = publish(project, "a").folder
    assert seal.problems(folder) == []
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        size = file.stat().st_size
        for at in range(0, size, max(1, size // 40)):
            flip(file, at)
            told = " ".join(seal.problems(folder))
            assert file.relative_to(folder).as_posix() in told, (file, at)
            flip(file, at)
    assert seal.problems(folder) == []


@pytest.mark.parametrize("kept", ["manifest.json", "SHA256SUMS", "core/source.csv", "charts/tiles.svg"])
def test_a_missing_file_is_named(project, kept):
    folder = publish(project, "a").folder
    (folder / kept).unlink()
    assert f"{kept}: missing" in seal.problems(folder)


def test_an_added_file_and_a_link_are_named(project, tmp_path):
    folder = publish(project, "a").folder
    (folder / "core/more.csv").write_text("x")
    (folder / "core/link.csv").symlink_to(tmp_path / "raw_data")
    assert seal.problems(folder) == [
        "core/link.csv: a link or a special file, a release holds files alone",
        "core/more.csv: not in the manifest",
    ]


def test_a_file_that_became_a_link_is_never_followed(project, tmp_path):
    folder = publish(project, "a").folder
    file = folder / "core/source.csv"
    shutil.move(file, tmp_path / "elsewhere.csv")
    file.symlink_to(tmp_path / "elsewhere.csv")
    assert any(one.startswith("core/source.csv: a link") for one in seal.problems(folder))


@pytest.mark.parametrize(
    "name", ["/etc/passwd", "../../secret", "core/../../x", "a\\b", "", "./x", "core//x", "a\nb", "a\0b"]
)
def test_a_manifest_that_names_paths_outside_is_refused_and_nothing_read(project, name, tmp_path):
    folder = publish(project, "a").folder
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"][name] = {"sha256": "0" * 64, "bytes": 1}
    manifest["release_id"] = seal.release_id(manifest["files"])
    data = seal.manifest_bytes(manifest)
    (folder / "manifest.json").write_bytes(data)
    (folder / "SHA256SUMS").write_bytes(seal.sums_bytes(manifest["files"], data))
    told = seal.problems(folder, name=manifest["release_id"])
    assert any("no path inside the release" in one for one in told), told


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", "null", '{"files": {"a": 1}, "release_id": "x"}', "[" * 100_000, "\udcff"]
)
def test_what_is_no_manifest_is_told(project, text):
    folder = publish(project, "a").folder
    (folder / "manifest.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    assert any(one.startswith("manifest.json: not a manifest") for one in seal.problems(folder))


def test_sha256sum_alone_verifies_and_finds_a_flipped_byte(project):
    folder = publish(project, "a").folder
    command = ["sha256sum", "--strict", "--quiet", "-c", "SHA256SUMS"]
    assert subprocess.run(command, cwd=folder, check=False).returncode == 0
    listed = {line[66:] for line in (folder / "SHA256SUMS").read_text().splitlines()}
    assert listed == {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} - {"SHA256SUMS"}
    for name in ("manifest.json", "core/source.csv"):
        flip(folder / name, 5)
        found = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)
        assert found.returncode == 1
        assert name in found.stdout
        flip(folder / name, 5)


def test_nothing_becomes_current_before_it_was_read_back(project, monkeypatch):
    former = publish(project, "a")
    written = seal.on_disk

    def other_bytes(folder):
        files, strange = written(folder)
        return {**files, "core/source.csv": {"sha256": "0" * 64, "bytes": 1}}, strange

    monkeypatch.setattr("pipeline.release.seal.on_disk", other_bytes)
    with pytest.raises(InputError, match=r"not what is on disk: core/source\.csv"):
        publish(project, "b")
    assert (former.folder.parent / "current").readlink().name == former.release_id
    assert [path.name for path in former.folder.parent.iterdir() if path.name.startswith(".")] == []


def test_the_last_five_stay_whatever_the_clock_says(project, monkeypatch):
    ids = [publish(project, f"text {n}").release_id for n in range(7)]
    releases = project[0] / "release"
    for n, name in enumerate(ids[2:]):
        os.utime(releases / name, (1e9 - n, 1e9 - n))  # as if the clock had gone back
    assert [one.release_id for one in shelf.kept(releases)] == ids[:1:-1]
    assert [one.is_current for one in shelf.kept(releases)] == [True, False, False, False, False]
    publish(project, "text 2")  # the oldest is published again: it is the last one now
    assert [one.release_id for one in shelf.kept(releases)] == [ids[2], *ids[:2:-1]]


def test_the_current_release_is_never_removed(project):
    ids = [publish(project, f"text {n}").release_id for n in range(3)]
    releases = project[0] / "release"
    shelf.roll_back(releases, ids[0])
    assert shelf.prune(releases, keep=1) == [ids[1]]
    assert {one.release_id for one in shelf.kept(releases)} == {ids[0], ids[2]}
    assert open_release(releases / "current").id == ids[0]


def test_without_history_the_releases_are_still_there(project):
    ids = {publish(project, f"text {n}").release_id for n in range(3)}
    releases = project[0] / "release"
    for spoilt in (None, "", "{", "[1]", '[{"id": "../x", "published": "now"}]'):
        (releases / "history.json").unlink(missing_ok=True)
        if spoilt is not None:
            (releases / "history.json").write_text(spoilt)
        assert {one.release_id for one in shelf.kept(releases)} == ids


def test_a_rollback_reads_the_release_first(project):
    first, second = publish(project, "a"), publish(project, "b")
    flip(first.folder / "core/source.csv", 3)
    with pytest.raises(InputError, match=r"damaged: core/source\.csv"):
        shelf.roll_back(project[0] / "release", first.release_id)
    assert open_release(project[0] / "release/current").id == second.release_id


def test_without_its_page_a_rollback_is_undone(project):
    first, second = publish(project, "a"), publish(project, "b")
    result = mo("rollback", first.release_id)  # there is no index.qmd in this project
    assert isinstance(result.exception, InputError)
    assert open_release(project[0] / "release/current").id == second.release_id


@pytest.mark.parametrize("name", ["", "../x", "/etc", "current", "zz", ".", "history.json"])
def test_an_id_is_never_a_path(project, name):
    publish(project, "a")
    with pytest.raises(InputError, match="no release"):
        shelf.find(project[0] / "release", name)


def test_a_release_is_named_by_its_first_letters(project):
    first = publish(project, "a")
    assert shelf.find(first.folder.parent, first.release_id[:5]) == first.folder


@pytest.mark.parametrize("target", ["/etc", "../charts", "..", ".", "nowhere"])
def test_a_current_that_leads_elsewhere_is_refused_by_readers_and_by_prune(project, target):
    published = publish(project, "a")
    link = published.folder.parent / "current"
    link.unlink()
    link.symlink_to(target)
    for reader in (lambda: open_release(link), lambda: shelf.prune(link.parent)):
        with pytest.raises(InputError, match="no release beside it"):
            reader()
    assert shelf.roll_back(link.parent, published.release_id)[1] == published.folder
    assert open_release(link).id == published.release_id


def test_publishing_mends_a_current_that_leads_elsewhere(project):
    first = publish(project, "a")
    link = first.folder.parent / "current"
    link.unlink()
    link.symlink_to("/etc")
    assert open_release(publish(project, "a").folder.parent / "current").id == first.release_id


def test_a_folder_of_releases_that_is_a_link_is_refused(project, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (project[0] / "release").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InputError, match="the folder of releases is a link"):
        publish(project, "a")
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_words_of_a_chart_lead_to_no_file_outside(project, tmp_path):
    folder = publish(project, "a").folder
    (folder / "charts/charts.json").write_text(json.dumps({"../../x": {}}))
    (folder.parent / "x.svg").write_text("secret")
    with pytest.raises(InputError, match="no chart"):
        open_release(folder).chart("../../x")


def test_the_difference_names_table_row_and_cell(project):
    first, second = publish(project, "a"), publish(project, "b")
    draw(project[0] / "charts", **{"tiles.svg": "<svg></svg>"})
    third = publish(project, "b")
    one, two, three = (open_release(each.folder) for each in (first, second, third))
    assert list(difference(one, two)) == [
        "core.caveat: 1 rows, then 1; 1 gone or changed, 1 new or changed",
        "  first cell that differs: row counts, v2, doubt, column text: a -> b",
    ]
    assert list(difference(two, three)) == ["charts/tiles.svg: other content"]
    assert list(difference(one, one)) == []


def test_the_difference_names_results_by_their_ids(project):
    warehouse = project[1]
    rows = pl.DataFrame({"result_id": ["a.share", "b.share", "c.share"], "estimate": [1.0, 2.0, None]})
    changed = rows.with_columns(estimate=pl.Series([1.0, 2.5, None])).filter(pl.col("result_id") != "c.share")
    found = []
    for frame in (rows, changed):
        with warehouse.session() as con:
            con.register("incoming", frame)
            con.execute("CREATE OR REPLACE TABLE analysis.east_west AS SELECT * FROM incoming")
        found.append(open_release(freeze(project[0], warehouse, tables=["analysis.east_west"]).folder))
    assert list(difference(*found)) == [
        "analysis.east_west: 3 rows, then 2; 2 gone or changed, 1 new or changed",
        "  changed: b.share",
        "  gone: c.share",
        "  first cell that differs: row b.share, column estimate: 2.0 -> 2.5",
    ]


def test_the_export_has_the_same_bytes_and_holds_the_release(project, tmp_path):
    folder = publish(project, "a").folder
    files = tmp_path / "one.zip", tmp_path / "two.zip"
    shelf.export(folder, files[0], name=f"augenhoehe-{folder.name}")
    for path in folder.rglob("*"):
        os.utime(path, (1e9, 1e9))
    shelf.export(folder, files[1], name=f"augenhoehe-{folder.name}")
    assert files[0].read_bytes() == files[1].read_bytes()
    with zipfile.ZipFile(files[0]) as archive:
        archive.extractall(tmp_path / "out")
    (unpacked,) = (tmp_path / "out").iterdir()
    assert unpacked.name == f"augenhoehe-{folder.name}"
    assert seal.problems(unpacked, name=folder.name) == []


def test_the_commands_say_what_is_there(project):
    assert "no release yet" in mo("list").stdout
    first, second = publish(project, "a").release_id, publish(project, "b").release_id
    listed = mo("list").stdout.splitlines()
    assert [line[:18] for line in listed] == [f"* {second}", f"  {first}"]
    assert "all as published" in mo("verify").stdout
    assert mo("diff", first, second).exit_code == 1
    assert "hold the same" in mo("diff", first, first).stdout
    assert mo("prune", "--keep", "1").stdout == f"removed {first}\n"
    flip(project[0] / "release" / second / "core/source.csv", 0)
    damaged = mo("verify", second)
    assert damaged.exit_code == 1
    assert "core/source.csv: other content" in damaged.stderr
