"""The lock: what it may say, that it is written the same every time, and that it must fit what lies in raw_data."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import InputError
from pipeline.registry import LOCK, Lock, content_hash, load_registry, read_lock, write_lock
from pipeline.registry.lock import COMMENT

SHOWN = f"raw_data/{LOCK}"
LIST = {"kind": "claim", "defaults": None, "measures": None}


def lock(raw_data: Path, text: str) -> Path:
    path = raw_data / LOCK
    path.write_text(text, encoding="utf-8")
    return path


def refused(raw_data: Path) -> InputError:
    with pytest.raises(InputError) as caught:
        load_registry(raw_data)
    return caught.value


def orders(vintages) -> list[int]:
    return [vintage.order for vintage in vintages]


@pytest.fixture
def three(raw_data, write) -> Path:
    """Three vintages of a source and one of another; the regions and a list beside them."""
    for order in (1, 2, 3):
        write(vintage=f"v{order}", order=order)
    write(source="azr", vintage="2024")
    for source, kind in (("claims", "claim"), ("regions", "region")):
        write(source=source, vintage="v1", **LIST | {"kind": kind})
    return raw_data


def test_what_the_lock_names_is_current_and_what_comes_after_waits(three):
    write_lock(three / LOCK, read_lock(three / LOCK).using("mz", "v2"))
    registry = load_registry(three)
    source = registry.sources["mz"]
    assert source.current.vintage == "v2"
    assert orders(source.in_use) == [1, 2]
    assert orders(source.waiting) == [3]
    assert [registry.waits(vintage) for vintage in source.vintages] == [False, False, True]


def test_a_given_lock_goes_before_the_one_in_the_folder(three):
    given_lock = read_lock(three / LOCK).using("mz", "v1")
    assert load_registry(three, given_lock).sources["mz"].current.vintage == "v1"
    assert load_registry(three).sources["mz"].current.vintage == "v3"


def test_a_source_left_out_is_not_in_use_but_known(three):
    registry = load_registry(three, read_lock(three / LOCK).using("azr", None))
    assert list(registry.sources) == ["claims", "mz", "regions"]
    assert [vintage.vintage for vintage in registry.left_out["azr"]] == ["2024"]
    assert "azr" not in {vintage.source for vintage in registry.vintages}


@pytest.mark.parametrize(
    ("source", "message"), [("regions", "every figure is of a region"), ("claims", "no other source of kind claim")]
)
def test_the_regions_and_the_last_source_of_a_kind_cannot_be_left_out(three, source, message):
    write_lock(three / LOCK, read_lock(three / LOCK).using(source, None))
    error = refused(three)
    assert (error.file, error.key) == (SHOWN, f"current.{source}")
    assert f"{source} cannot be left out: " in error.message
    assert message in error.message
    assert error.line is not None
    assert error.remedy == f"mo vintage use {source} v1"


def test_the_regions_cannot_be_left_out_for_another_list_of_regions(three, write):
    write(source="regions_2025", vintage="v1", **LIST | {"kind": "region"})
    write_lock(three / LOCK, read_lock(three / LOCK).using("regions", None))
    assert "every figure is of a region" in str(refused(three))


def test_a_missing_lock_is_told(raw_data, write):
    write()
    (raw_data / LOCK).unlink()
    error = refused(raw_data)
    assert error.file == SHOWN
    assert "the lock is missing" in str(error)
    assert "current:" in (error.remedy or "")


def test_a_source_the_lock_does_not_name_is_told_with_the_command_to_use_it(raw_data, write):
    write(source="azr", vintage="2024")
    write(vintage="a", order=1)
    write(vintage="b", order=2)
    lock(raw_data, "current:\n  azr: '2024'\n")
    error = refused(raw_data)
    assert (error.file, error.key) == (SHOWN, "current")
    assert "the source mz is in raw_data, but not in the lock" in str(error)
    assert (error.remedy or "").startswith("mo vintage use mz b,")


@pytest.mark.parametrize(
    ("line", "key", "messages"),
    [
        (
            "mz: 2019-final",
            "current.mz",
            ["mz has no vintage 2019-final", "mo vintage use mz 2018-final"],
        ),
        ("mz: 2018-final\n  azr: v1", "current.azr", ["there is no source azr", "emove the line"]),
        ("mz: 2018-final\n  mzz: v1", "current.mzz", ["there is no source mzz", "Did you mean mz?"]),
    ],
)
def test_what_the_lock_names_must_be_there(raw_data, write, line, key, messages):
    write()
    lock(raw_data, f"# a comment\ncurrent:\n  {line}\n")
    error = refused(raw_data)
    assert (error.file, error.key) == (SHOWN, key)
    assert error.line == 2 + len(line.splitlines())
    for message in messages:
        assert message in str(error)


def test_everything_that_does_not_fit_is_listed_at_once(raw_data, write):
    write()
    write(source="azr", vintage="2024")
    lock(raw_data, "current:\n  nowhere: v1\n  mz: v9\n")
    text = str(refused(raw_data))
    for message in ("3 problems", "there is no source nowhere", "mz has no vintage v9", "azr is in raw_data"):
        assert message in text


@pytest.mark.parametrize(
    ("text", "line", "messages"),
    [
        ("current:\n  mz: a\n  mz: b\n", 3, ["second time", "line 2"]),
        ("current:\n  mz: 2016\n", 2, ["current.mz", "must be text", "in quotes"]),
        ("current:\n  mz: ../../etc\n", 2, ["'../../etc' is not a vintage id"]),
        ("current:\n  mz: [a]\n", 2, ["current.mz"]),
        ("current:\n  MZ: a\n", 2, ["a source id"]),
        ("current:\n  mz: a\nolder:\n  mz: b\n", 3, ["unknown key 'older'", "current"]),
        ("mz: a\n", None, ["this key is missing", "Add `current: …`"]),
        ("current:\n  mz: *a\n", 2, ["not valid YAML"]),
        ("- mz\n", 1, ["Start with `current:`"]),
        ("# nothing\n", None, ["the file is empty", "Start with `current:`"]),
    ],
)
def test_a_lock_that_says_something_else_is_refused(raw_data, text, line, messages):
    with pytest.raises(InputError) as caught:
        read_lock(lock(raw_data, text))
    told = str(caught.value)
    assert told.startswith(SHOWN)
    assert line is None or f"line {line}" in told
    for message in messages:
        assert message in told


def test_another_lock_is_named_as_it_was_given(tmp_path):
    with pytest.raises(InputError) as caught:
        read_lock(tmp_path / "older.yml")
    assert caught.value.file == str(tmp_path / "older.yml")


SOURCES = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
VINTAGES = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,6}(\.[a-z0-9_-]{1,3}){0,2}", fullmatch=True)


@given(current=st.dictionaries(SOURCES, st.none() | VINTAGES, max_size=6))
def test_what_is_written_is_read_again_whatever_it_looks_like(tmp_path_factory, current):
    """`2016`, `1_000`, `null`, `no` and `2024-12-31` are names here and not numbers, nothing or dates."""
    path = tmp_path_factory.mktemp("lock") / LOCK
    write_lock(path, Lock(current=current))
    assert read_lock(path).current == current
    written = path.read_bytes()
    write_lock(path, Lock(current=dict(reversed(current.items()))))
    assert path.read_bytes() == written
    assert [file.name for file in path.parent.iterdir()] == [LOCK]


def test_the_writer_keeps_the_comment_and_the_alphabet(raw_data):
    write_lock(raw_data / LOCK, Lock(current={"mz": "2016", "azr": None}))
    assert (raw_data / LOCK).read_text("utf-8") == COMMENT + "current:\n  azr: null\n  mz: '2016'\n"
    assert COMMENT.count("\n") == COMMENT.count("# ") == 2
    assert (raw_data / LOCK).stat().st_mode & 0o777 == 0o644


def test_the_lock_of_the_project_is_as_the_writer_writes_it(tmp_path):
    ours = Path(__file__).parents[2] / SHOWN
    write_lock(tmp_path / LOCK, read_lock(ours))
    assert (tmp_path / LOCK).read_bytes() == ours.read_bytes()


def test_beside_the_sources_lie_lock_corrections_and_readme_and_nothing_else(raw_data, write):
    write()
    for name, text in (("corrections.yml", "corrections: []\n"), ("README.md", "x"), (".DS_Store", "x")):
        (raw_data / name).write_text(text, "utf-8")
    assert load_registry(raw_data).sources
    (raw_data / "figures.csv").write_text("x", "utf-8")
    error = refused(raw_data)
    assert error.file == "raw_data/figures.csv"
    assert "Move it into raw_data/<source>/<vintage>/" in (error.remedy or "")


def test_the_hash_of_the_content_knows_no_clock_and_misses_no_change(raw_data, write, tmp_path):
    folder = write()
    path = raw_data / LOCK
    first = content_hash(raw_data, path)
    os.utime(folder / "figures.csv", (0, 0))
    (raw_data / "README.md").write_text("words", "utf-8")
    (folder / ".figures.csv.swp").write_bytes(b"x")
    assert content_hash(raw_data, path) == first
    seen = {first}
    for file in (folder / "figures.csv", folder / "source.yml", raw_data / "corrections.yml", path):
        before = file.read_bytes() if file.exists() else b""
        times = (file.stat().st_atime_ns, file.stat().st_mtime_ns) if file.exists() else (0, 0)
        file.write_bytes(before[:-2] + b"#\n")  # of the same length and, below, of the same age
        os.utime(file, ns=times)
        seen.add(content_hash(raw_data, path))
    other = tmp_path / "older.yml"
    other.write_bytes(path.read_bytes() + b"# older\n")
    seen.add(content_hash(raw_data, other))
    (folder / "figures.csv").rename(folder / "other.csv")
    seen.add(content_hash(raw_data, path))
    assert len(seen) == 7
