"""The package: what is in it, the same bytes each time, whole or not at all, and a flipped byte is found and named."""

import json
import os
import re
import shutil
import subprocess
import zipfile

import pytest
from small_package import build
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.errors import InputError
from pipeline.release import open_release, package


def contents(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def flip(file, at: int) -> None:
    data = bytearray(file.read_bytes())
    data[at] ^= 1
    file.write_bytes(data)


def mo(small, monkeypatch, *arguments):
    monkeypatch.setenv("AUGENHOEHE_ROOT", str(small))
    return CliRunner().invoke(app, ["release", *arguments])


def test_all_that_is_promised_is_in_the_package(small, packed):
    names = contents(packed).keys()
    release = open_release(small / "build/release/current")
    assert names > release.manifest["files"].keys()
    assert names >= {
        *("CITATION.cff", "LICENSE", "LICENSES/MIT.txt", "README.txt", "SHA256SUMS", "datapackage.json"),
        *("figures.xlsx", "manifest.json", "report/index.de.html", "report/index.html", "report/states/01.html"),
        *("requirements.lock", "ro-crate-metadata.json", "sbom.cdx.json"),
        *("trace/lines.parquet", "trace/links.parquet", "trace/numbers.csv"),
    }
    for table in release.tables:
        assert {f"{table.replace('.', '/')}.{kind}" for kind in ("csv", "parquet")} <= names
    assert open_release(packed).table("core.vintage").equals(release.table("core.vintage"))


def test_the_manifest_says_with_what_it_was_made(small, packed):
    manifest = json.loads((packed / "manifest.json").read_text())
    assert {"python", "duckdb", "polars", "statsmodels", "pandoc"} <= manifest["versions"].keys()
    told = subprocess.run(
        ["sha256sum", "requirements.lock"], cwd=packed, capture_output=True, text=True, check=True
    ).stdout
    # The release of the small project was published before its lock lay there.
    assert manifest["requirements_lock"] in (None, told.split()[0])
    release = open_release(packed)
    assert manifest["revisions"] == release.table("marts.revision").height
    assert manifest["corrections"].keys() == set(release.table("core.correction")["correction_id"])


def test_built_twice_it_is_the_same_bytes(small, packed, tmp_path, monkeypatch):
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    monkeypatch.setenv("USER", "user-canary")
    copy = shutil.copytree(small, tmp_path / "elsewhere", symlinks=True)
    again = build(copy, tmp_path / "again")
    assert contents(again) == contents(packed)
    assert not any(b"canary" in data or str(tmp_path).encode() in data for data in contents(again).values())


def test_sha256sum_alone_verifies_what_was_unpacked_elsewhere(small, tmp_path, monkeypatch):
    file = tmp_path / "x.zip"
    assert mo(small, monkeypatch, "export", str(file)).exit_code == 0
    with zipfile.ZipFile(file) as archive:
        archive.extractall(tmp_path / "out")
    (top,) = (tmp_path / "out").iterdir()
    done = subprocess.run(["sha256sum", "--strict", "--quiet", "-c", "SHA256SUMS"], cwd=top, check=False)
    assert done.returncode == 0
    assert top.name == f"augenhoehe-{open_release(top).id}"
    assert "all as published" in mo(small, monkeypatch, "verify", str(file)).stdout
    assert "all as published" in mo(small, monkeypatch, "verify", str(top)).stdout
    assert list(tmp_path.glob(".*")) == []


def test_every_flipped_byte_is_found_and_its_file_named(packed, tmp_path):
    folder = shutil.copytree(packed, tmp_path / "package")
    assert package.problems(folder) == []
    for file in (path for path in sorted(folder.rglob("*")) if path.is_file()):
        name = file.relative_to(folder).as_posix()
        places = range(0, file.stat().st_size, 97) if name == "SHA256SUMS" else (0, file.stat().st_size - 1)
        for at in list(places)[::12]:
            flip(file, at)
            told = " ".join(package.problems(folder))
            flip(file, at)
            assert name in told, (name, at, told)
    assert package.problems(folder) == []


def test_a_flipped_byte_is_found_in_the_zip_too(packed, tmp_path):
    file = tmp_path / "x.zip"
    package.export(packed, file, release_id="one")
    assert package.problems_of_zip(file) == []
    size = file.stat().st_size
    tail = list(range(size - 200, size))
    for at in (*range(0, size, size // 8), *range(0, 46, 5), *tail[::9]):
        flip(file, at)
        try:
            found = package.problems_of_zip(file)
        except InputError as error:
            found = [str(error)]
        flip(file, at)
        assert found, at
        assert str(found[0])


def test_other_content_under_its_own_sums_is_held_against_the_manifest(packed, tmp_path):
    folder = shutil.copytree(packed, tmp_path / "package")
    file = folder / "core/vintage.csv"
    flip(file, 3)
    new = subprocess.run(["sha256sum", file.name], cwd=file.parent, capture_output=True, text=True, check=True).stdout
    sums = folder / "SHA256SUMS"
    sums.write_text(re.sub(r"(?m)^\w{64}(?=  core/vintage\.csv$)", new.split()[0], sums.read_text()))
    assert package.problems(folder) == ["core/vintage.csv: other content than manifest.json says"]


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", '{"files": 1, "release_id": "x"}', "[" * 100_000])
def test_what_is_no_manifest_is_told(packed, tmp_path, text):
    folder = shutil.copytree(packed, tmp_path / "package")
    (folder / "manifest.json").write_text(text)
    assert "manifest.json: not a manifest" in package.problems(folder)


def test_missing_added_and_linked_files_are_named(packed, tmp_path):
    folder = shutil.copytree(packed, tmp_path / "package")
    (folder / "LICENSE").unlink()
    (folder / "more.txt").write_text("x")
    (folder / "link").symlink_to("/etc")
    told = package.problems(folder)
    assert told[:3] == [
        "link: a link or a special file, a package holds files alone",
        "LICENSE: missing, SHA256SUMS names it",
        "more.txt: not in SHA256SUMS",
    ]


@pytest.mark.parametrize("name", ["../x", "/etc/x", "top/../../x"])
def test_a_zip_that_leads_out_is_refused(tmp_path, name):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr(name, "x")
    with pytest.raises(InputError, match="no package"):
        package.problems_of_zip(tmp_path / "x.zip")


def test_what_is_no_zip_is_told(tmp_path):
    (tmp_path / "x.zip").write_text("x")
    with pytest.raises(InputError, match="cannot be read"):
        package.problems_of_zip(tmp_path / "x.zip")


def test_a_page_of_another_release_makes_no_package(small, tmp_path):
    copy = shutil.copytree(small, tmp_path / "project", symlinks=True)
    (copy / "build/report/index.de.html").write_text("another")
    with pytest.raises(InputError, match="of another release") as refused:
        build(copy, tmp_path / "out")
    assert "mo report" in refused.value.remedy
    shutil.rmtree(copy / "build/report")
    with pytest.raises(InputError, match="no page"):
        build(copy, tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["project"]


def test_a_damaged_release_makes_no_package(small, tmp_path):
    copy = shutil.copytree(small, tmp_path / "project", symlinks=True)
    flip(copy / "build/release/current/core/source.csv", 1)
    with pytest.raises(InputError, match="damaged"):
        build(copy, tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["project"]


def test_a_folder_that_is_no_package_stays(small, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "mine.txt").write_text("mine")
    with pytest.raises(InputError, match="no package, and stays"):
        build(small, out)
    assert (out / "mine.txt").read_text() == "mine"


def test_what_cannot_be_written_leaves_the_former_package(small, packed, tmp_path, monkeypatch):
    out = shutil.copytree(packed, tmp_path / "out")
    before = contents(out)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pipeline.release.package._seal", full)
    with pytest.raises(InputError, match="No space left on device"):
        build(small, out)
    assert contents(out) == before
    assert os.listdir(tmp_path) == ["out"]  # noqa: PTH208


def test_an_export_that_cannot_be_written_leaves_nothing(packed, tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match="cannot be written"):
        package.export(packed, tmp_path / "file/x.zip", release_id="one")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
