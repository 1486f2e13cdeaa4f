"""`mo vintage`: what a later vintage adds, drops and revises, straight from the files."""

import re
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.errors import InputError
from pipeline.ingest import canonical_sha256
from pipeline.project import open_project
from pipeline.settings import Settings
from pipeline.vintages import difference

REPOSITORY = Path(__file__).parents[2]
SOURCE, OLD, NEW = "foreign_share_states", "2011-2024", "2011-2025"


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A project with a second vintage: a year added, a figure revised, another replaced by a sign."""
    for source in ("regions", SOURCE, "study_figures"):
        shutil.copytree(REPOSITORY / "raw_data" / source, tmp_path / "raw_data" / source)
    (tmp_path / "sql").symlink_to(REPOSITORY / "sql")
    folder = tmp_path / "raw_data" / SOURCE
    shutil.copytree(folder / OLD, folder / NEW)
    file = folder / NEW / "figures.csv"
    text = file.read_text("utf-8")
    text += "".join(line.replace(",2024,", ",2025,") + "\n" for line in text.splitlines() if ",2024," in line)
    text = re.sub(r"(?m)^(09,Bayern,2024,share_percent,)[\d.]+,", r"\g<1>20.0,", text)
    text = re.sub(r"(?m)^(11,Berlin,2024,share_percent,)[\d.]+,", r"\g<1>,...", text)
    file.write_text(text, "utf-8")
    sidecar = file.with_name("source.yml")
    described = sidecar.read_text("utf-8")
    for key, value in (
        ("vintage", NEW),
        ("order", "2"),
        ("content_sha256", canonical_sha256(file.read_bytes())),
        ("rows", str(len(text.splitlines()) - 1)),
    ):
        described = re.sub(rf"(?m)^(\s*){key}: .*$", rf"\g<1>{key}: {value}", described)
    sidecar.write_text(described, "utf-8")
    monkeypatch.setenv("AUGENHOEHE_ROOT", str(tmp_path))
    return tmp_path


def test_what_is_added_gone_revised_and_the_same(root):
    project = open_project(Settings.resolve(root, env={}))
    found = difference(project, SOURCE, OLD, NEW)
    assert set(found.added["year"]) == {2025}
    assert found.added.height == 16
    assert found.gone.is_empty()
    assert {row["region_id"]: row["later"] for row in found.revised.iter_rows(named=True)} == {"09": 20.0, "11": None}
    assert found.same == 14 * 16 - 2


def test_a_known_error_that_the_later_vintage_no_longer_prints_is_told(root):
    file = root / "raw_data" / SOURCE / OLD / "figures.csv"
    printed = re.search(r"(?m)^09,Bayern,2024,share_percent,([\d.]+),", file.read_text("utf-8"))[1]
    (root / "raw_data/corrections.yml").write_text(
        f"corrections:\n  - {{id: bayern, source: {SOURCE}, title: t, reason: r, told: null, status: open,\n"
        f'     action: flag, figures: [{{reference: "2024", printed: {{"09": {{share_percent: "{printed}"}}}}}}]}}\n',
        "utf-8",
    )
    project = open_project(Settings.resolve(root, env={}))
    with pytest.raises(InputError, match="seems mended") as told:
        difference(project, SOURCE, OLD, NEW)
    assert (told.value.file, told.value.line) == ("raw_data/corrections.yml", 3)
    assert f"until: {NEW}" in told.value.remedy


def test_nothing_is_written(root):
    before = {path: path.stat().st_mtime_ns for path in root.rglob("*")}
    CliRunner().invoke(app, ["vintage", "diff", SOURCE, OLD, NEW])
    assert {path: path.stat().st_mtime_ns for path in root.rglob("*")} == before


def test_the_command_prints_counts_and_the_largest_changes(root):
    told = CliRunner().invoke(app, ["vintage", "diff", SOURCE, OLD, NEW])
    assert told.exit_code == 0
    assert "16 added, 0 gone, 2 revised, 222 the same" in told.output
    assert "09 Bayern, 2024-12-31, share_percent: " in told.output
    assert "-> none" in told.output
    short = CliRunner().invoke(app, ["vintage", "diff", SOURCE, OLD, NEW, "--most", "1"])
    assert "and 1 more" in short.output


def test_the_list_marks_the_current_vintage(root):
    told = CliRunner().invoke(app, ["vintage", "list", SOURCE]).output.splitlines()
    assert [line[:2] for line in told] == ["  ", "* "]
    assert NEW in told[1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["diff", SOURCE, NEW, OLD], "does not come after"),
        (["diff", SOURCE, OLD, "2011-2030"], "has no vintage 2011-2030"),
        (["diff", "nowhere", OLD, NEW], "there is no source nowhere"),
        (["diff", "study_figures", "a", "b"], "is of kind study_figure"),
        (["list", "nowhere"], "there is no source nowhere"),
    ],
)
def test_what_cannot_be_compared_is_told(root, arguments, message):
    told = CliRunner().invoke(app, ["vintage", *arguments])
    assert isinstance(told.exception, InputError)
    assert message in str(told.exception)
    assert told.exception.remedy
