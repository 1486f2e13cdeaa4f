"""The folder raw_data: what belongs in it, and files that are not what their description says."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.errors import InputError
from pipeline.ingest import canonical_sha256
from pipeline.registry import load_registry, read_file, verify

FOLDER = "raw_data/mz/2018-final"


def refused(raw_data: Path) -> InputError:
    with pytest.raises(InputError) as caught:
        load_registry(raw_data)
    return caught.value


def unverified(raw_data: Path) -> InputError:
    vintage = load_registry(raw_data).sources["mz"].current
    with pytest.raises(InputError) as caught:
        verify(vintage)
    return caught.value


def test_vintages_come_in_their_order_and_the_last_is_current(raw_data, write):
    write(vintage="b", order=1)
    write(vintage="a", order=2)
    write(source="azr", vintage="2024")
    registry = load_registry(raw_data)
    assert list(registry.sources) == ["azr", "mz"]
    assert [vintage.vintage for vintage in registry.sources["mz"].vintages] == ["b", "a"]
    assert registry.sources["mz"].current.vintage == "a"
    assert registry.sources["mz"].kind == "observation"
    assert [vintage.vintage for vintage in registry.vintages] == ["2024", "b", "a"]


def test_loading_does_not_open_data_files(raw_data, write):
    folder = write()
    (folder / "figures.csv").unlink()
    assert "mz" in load_registry(raw_data).sources


def test_a_sound_vintage_passes_and_its_bytes_are_handed_out(raw_data, write):
    folder = write()
    (folder / ".DS_Store").write_bytes(b"\0")
    vintage = load_registry(raw_data).sources["mz"].current
    verify(vintage)
    assert read_file(vintage, "figures.csv") == (folder / "figures.csv").read_bytes()
    assert read_file(vintage, vintage.files[0]) == (folder / "figures.csv").read_bytes()


def test_an_absent_or_empty_raw_data_is_refused(tmp_path, raw_data):
    assert "there is no source" in str(refused(raw_data))
    assert "this folder does not exist" in str(refused(tmp_path / "elsewhere"))


def test_a_vintage_without_source_yml_is_refused(raw_data, write):
    (write() / "source.yml").unlink()
    error = refused(raw_data)
    assert error.file == f"{FOLDER}/source.yml"
    assert "source.yml is missing" in str(error)
    assert "Remedy: Describe the files of this folder" in str(error)


def test_a_source_without_vintages_is_refused(raw_data):
    (raw_data / "mz").mkdir()
    error = refused(raw_data)
    assert error.file == "raw_data/mz"
    assert "no vintage" in str(error)


def test_a_data_file_beside_the_vintages_is_refused_but_a_readme_is_not(raw_data, write):
    folder = write()
    (folder.parent / "README.md").write_text("x")
    assert load_registry(raw_data).sources
    (folder.parent / "more.csv").write_text("x")
    error = refused(raw_data)
    assert error.file == "raw_data/mz/more.csv"
    assert "Move it into raw_data/mz/<vintage>/" in str(error)


@pytest.mark.parametrize(("key", "old", "new"), [("source", "mz", "mikro"), ("vintage", "2018-final", "2019")])
def test_folder_and_description_must_agree(raw_data, write, key, old, new):
    path = write() / "source.yml"
    path.write_text(path.read_text(encoding="utf-8").replace(f"{key}: {old}", f"{key}: '{new}'"), encoding="utf-8")
    error = refused(raw_data)
    assert (error.file, error.key) == (f"{FOLDER}/source.yml", key)
    assert error.line is not None
    assert f"{key} is '{new}', but the folder is called '{old}'" in str(error)
    assert f"Write `{key}: {old}`" in str(error)


def test_two_vintages_with_one_order_are_refused(raw_data, write):
    write(vintage="a")
    write(vintage="b")
    error = refused(raw_data)
    assert (error.file, error.key) == ("raw_data/mz/b/source.yml", "order")
    assert "order 1 is also the order of the vintage a" in str(error)


def test_two_kinds_in_one_source_are_refused(raw_data, write):
    write(vintage="a")
    write(vintage="b", order=2, kind="claim", defaults=None, measures=None)
    error = refused(raw_data)
    assert (error.file, error.key) == ("raw_data/mz/b/source.yml", "kind")
    assert "kind claim, but the vintage a is of kind observation" in str(error)


def test_a_folder_that_is_a_link_out_of_raw_data_is_refused(tmp_path, raw_data, write):
    folder = write()
    outside = tmp_path / "outside"
    shutil.move(folder, outside)
    folder.symlink_to(outside, target_is_directory=True)
    error = refused(raw_data)
    assert error.file == FOLDER
    assert "leads out of raw_data" in str(error)


def test_a_source_yml_that_is_a_link_out_of_raw_data_is_refused(tmp_path, raw_data, write):
    path = write() / "source.yml"
    shutil.move(path, tmp_path / "source.yml")
    path.symlink_to(tmp_path / "source.yml")
    error = refused(raw_data)
    assert error.file == f"{FOLDER}/source.yml"
    assert "leads out of raw_data" in str(error)


def test_a_data_file_that_is_a_link_out_of_its_folder_is_refused(tmp_path, raw_data, write):
    path = write() / "figures.csv"
    shutil.move(path, tmp_path / "figures.csv")
    path.symlink_to(tmp_path / "figures.csv")
    error = unverified(raw_data)
    assert error.file == f"{FOLDER}/figures.csv"
    assert "leads out of its folder" in str(error)


def test_a_listed_file_that_is_missing_is_named(raw_data, write):
    (write() / "figures.csv").unlink()
    error = unverified(raw_data)
    assert (error.file, error.key) == (f"{FOLDER}/figures.csv", "files")
    assert "the file is missing" in str(error)


def test_a_file_that_is_not_listed_is_named(raw_data, write):
    (write() / "more.csv").write_text("x")
    error = unverified(raw_data)
    assert error.file == f"{FOLDER}/more.csv"
    assert "more.csv is not listed in source.yml" in str(error)
    assert "List it under `files`" in str(error)


def test_a_changed_figure_is_refused_and_the_remedy_says_the_new_hash(raw_data, write):
    path = write() / "figures.csv"
    changed = path.read_bytes().replace(b"20799", b"20800")
    path.write_bytes(changed)
    error = unverified(raw_data)
    assert (error.file, error.key) == (f"{FOLDER}/figures.csv", "content_sha256")
    assert "the content is not the registered one" in str(error)
    assert f'write `content_sha256: "{canonical_sha256(changed)}"` in source.yml' in str(error)


def test_a_shuffled_file_is_still_the_registered_one(raw_data, write):
    path = write() / "figures.csv"
    header, first, second = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(header + second + first)
    vintage = load_registry(raw_data).sources["mz"].current
    verify(vintage)
    assert read_file(vintage, "figures.csv") == header + second + first


def test_a_lost_row_is_counted(raw_data, write):
    path = write() / "figures.csv"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:2]))
    text = str(unverified(raw_data))
    assert "the file has 1 rows, source.yml expects 2" in text
    assert "the content is not the registered one" in text


def test_a_wrong_row_count_alone_is_named(raw_data, write):
    path = write() / "source.yml"
    path.write_text(path.read_text(encoding="utf-8").replace("rows: 2", "rows: 3"), encoding="utf-8")
    error = unverified(raw_data)
    assert error.key == "rows"
    assert "write `rows: 2`" in str(error)


@pytest.mark.parametrize(
    ("data", "line", "message"),
    [
        (b"", None, "the file is empty"),
        (b"\xef\xbb\xbf\r\n", None, "the file is empty"),
        (b"a,b\nM\xfcnchen,1\n", 2, "not UTF-8: byte 0xfc at offset 5"),
        (b"a,b\n1,\x00\n", 2, "NUL byte at offset 6"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_with_place_and_remedy(raw_data, write, data, line, message):
    (write() / "figures.csv").write_bytes(data)
    error = unverified(raw_data)
    assert (error.file, error.line) == (f"{FOLDER}/figures.csv", line)
    assert message in str(error)
    assert "Remedy: " in str(error)


def test_all_broken_files_of_a_vintage_are_listed(raw_data, write):
    folder = write()
    (folder / "figures.csv").unlink()
    (folder / "more.csv").write_text("x")
    text = str(unverified(raw_data))
    assert text.startswith(f"{FOLDER}: 2 problems")
    assert "/more.csv" in text
    assert "/figures.csv" in text


def test_asking_for_a_file_that_is_not_registered_gives_the_closest_name(raw_data, write):
    write()
    vintage = load_registry(raw_data).sources["mz"].current
    with pytest.raises(InputError, match=r"Did you mean figures\.csv\?"):
        read_file(vintage, "figure.csv")


def test_the_registry_needs_neither_dagster_nor_duckdb():
    code = "import sys, pipeline.registry; print(*{'dagster', 'duckdb'} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
