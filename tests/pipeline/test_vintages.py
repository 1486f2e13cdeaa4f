"""`mo vintage`: which vintages there are, what a later one changes, and which one is current."""

import re

import pytest
from project_folder import add_vintage, copy_sources, use
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.errors import InputError
from pipeline.project import open_project
from pipeline.registry import LOCK, Lock, read_lock, write_lock
from pipeline.settings import Settings
from pipeline.vintages import difference

SOURCE, OLD, NEW = "foreign_share_states", "2011-2024", "2011-2025"


def a_year_later(text: str) -> str:
    text += "".join(line.replace(",2024,", ",2025,") + "\n" for line in text.splitlines() if ",2024," in line)
    text = re.sub(r"(?m)^(09,Bayern,2024,share_percent,)[\d.]+,", r"\g<1>20.0,", text)
    return re.sub(r"(?m)^(11,Berlin,2024,share_percent,)[\d.]+,", r"\g<1>,...", text)


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A project with a second vintage that waits: a year added, a figure revised, another replaced by a sign."""
    copy_sources(tmp_path, "koenigstein_key_states", "regions", SOURCE, "study_figures")
    add_vintage(tmp_path, f"{SOURCE}/{OLD}", NEW, a_year_later)
    monkeypatch.setenv("AUGENHOEHE_ROOT", str(tmp_path))
    return tmp_path


def told(*arguments: str) -> str:
    ended = CliRunner().invoke(app, ["vintage", *arguments])
    assert ended.exit_code == 0, ended.exception
    return ended.output


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
    output = told("diff", SOURCE, OLD, NEW)
    assert "16 added, 0 gone, 2 revised, 222 the same" in output
    assert "09 Bayern, 2024-12-31, share_percent: " in output
    assert "-> none" in output
    assert "and 1 more" in told("diff", SOURCE, OLD, NEW, "--most", "1")


def test_the_list_marks_the_current_vintage_and_what_waits(root):
    assert [line[:2] for line in told("list", SOURCE).splitlines()] == ["* ", "+ "]
    use(root, SOURCE, NEW)
    assert [line[:2] for line in told("list", SOURCE).splitlines()] == ["  ", "* "]
    use(root, SOURCE, None)
    lines = told("list").splitlines()
    assert [line[:2] for line in lines if SOURCE in line] == ["- ", "- "]
    assert [line[2:].split("/")[0] for line in lines] == [
        SOURCE,
        SOURCE,
        "koenigstein_key_states",
        "regions",
        "study_figures",
    ]


def test_to_use_a_vintage_writes_the_lock_and_says_what_changes(root):
    lines = told("use", SOURCE, NEW).splitlines()
    assert lines[0] == f"raw_data/release.lock.yml: {SOURCE}: {OLD} -> {NEW}"
    assert lines[1] == f"what it changes: mo vintage diff {SOURCE} {OLD} {NEW}"
    assert lines[-1] == "next: mo run"
    assert read_lock(root / "raw_data" / LOCK).current[SOURCE] == NEW
    assert told("use", SOURCE, NEW) == f"{SOURCE}: {NEW} is the current vintage already\n"


def test_to_use_an_earlier_vintage_says_which_ones_wait(root):
    use(root, SOURCE, NEW)
    lines = told("use", SOURCE, OLD).splitlines()
    assert f"{NEW}: on record, and waiting" in lines
    # the earlier one is always named first
    assert f"what it changes: mo vintage diff {SOURCE} {OLD} {NEW}" in lines


def test_the_remedy_for_a_source_the_lock_does_not_name_works_as_it_is_printed(root):
    file = root / "raw_data" / LOCK
    write_lock(file, Lock(current={name: old for name, old in read_lock(file).current.items() if name != SOURCE}))
    with pytest.raises(InputError) as refused:
        open_project(Settings.resolve(root, env={}))
    assert refused.value.remedy is not None
    command = refused.value.remedy.split(",")[0].split()
    assert command == ["mo", "vintage", "use", SOURCE, NEW]
    told(*command[2:])
    assert open_project(Settings.resolve(root, env={})).registry.sources[SOURCE].current.vintage == NEW


def test_another_lock_is_set_where_it_is_named(root, tmp_path, monkeypatch):
    other = tmp_path / "older.yml"
    other.write_bytes((root / "raw_data" / LOCK).read_bytes())
    monkeypatch.setenv("AUGENHOEHE_LOCK", str(other))
    told("use", SOURCE, NEW)
    assert read_lock(other).current[SOURCE] == NEW
    assert read_lock(root / "raw_data" / LOCK).current[SOURCE] == OLD


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["diff", SOURCE, NEW, OLD], "does not come after"),
        (["diff", SOURCE, OLD, "2011-2030"], "has no vintage 2011-2030"),
        (["diff", "nowhere", OLD, NEW], "there is no source nowhere"),
        (["diff", "study_figures", "a", "b"], "is of kind study_figure"),
        (["list", "nowhere"], "there is no source nowhere"),
        (["use", "nowhere", OLD], "there is no source nowhere"),
        (["use", SOURCE, "2011-2030"], "has no vintage 2011-2030"),
    ],
)
def test_what_cannot_be_compared_is_told(root, arguments, message):
    ended = CliRunner().invoke(app, ["vintage", *arguments])
    assert isinstance(ended.exception, InputError)
    assert message in str(ended.exception)
    assert ended.exception.remedy
