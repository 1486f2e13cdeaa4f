"""`mo source new`: a source that is valid from the first minute, or one sentence and raw_data as it was."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from pipeline.adding import Told as Added
from pipeline.adding import add_vintage
from pipeline.errors import InputError
from pipeline.registry import Vintage, verify
from pipeline.scaffold import REPLACE, Told, new_source
from pipeline.vintages import typed_rows
from tests.ingest import layouts
from tests.pipeline import adding
from tests.pipeline.adding import FILES, NEXT, REPOSITORY, figures, opened, tree, write_project
from tests.pipeline.test_vintage_add import mo, saved

ID = "pupils_states"
TOLD = Told(concept="population", measures={"BEVSTD": "persons_total"}, publisher="Office", as_of="2024-06-01")


@pytest.fixture
def root(tmp_path):
    write_project(tmp_path)
    return tmp_path


def new(root: Path, *files: Path, told: Told = TOLD, source: str = ID) -> Vintage:
    """A new source; its vintage as it is read from the disk."""
    begun = new_source(opened(root), source, files, told)
    loaded = opened(root).registry.sources[source].current
    assert loaded == begun.vintage
    assert verify(loaded)
    rows = typed_rows(opened(root), loaded)
    assert rows.height == begun.figures
    assert set(rows["measure"]) == set(loaded.measures)
    return loaded


def refused(root: Path, *files: Path, told: Told = TOLD, source: str = ID) -> InputError:
    before = tree(root / "raw_data")
    with pytest.raises(InputError) as caught:
        new_source(opened(root), source, files, told)
    assert tree(root / "raw_data") == before
    assert caught.value.remedy
    return caught.value


def values(root: Path, vintage: Vintage) -> dict[str, int]:
    rows = typed_rows(opened(root), vintage)
    return {region: int(value) for region, value in rows.select("region_id", "value").iter_rows()}


def test_without_a_file_there_is_one_row_that_is_published_but_not_known(root, monkeypatch):
    code, out, err = mo("source", "new", ID, "--as-of", "2024-06-01", root=root, monkeypatch=monkeypatch)
    assert (code, err) == (0, "")
    folder = root / "raw_data" / ID / "2024-06-01"
    assert (folder / "figures.csv").read_text("utf-8") == (
        "region,region_label,reference,measure,value,marker\nDE,Deutschland,2023,persons_total,,n\n"
    )
    assert f"begun raw_data/{ID}/2024-06-01: 1 figures, layout tidy" in out
    assert f"tests/registry/test_every_source.py -k {ID}" in out
    assert mo("validate", root=root, monkeypatch=monkeypatch)[0] == 0
    row = typed_rows(opened(root), opened(root).registry.sources[ID].current).row(0, named=True)
    assert (row["value"], row["marker"]) == (None, "n")


def test_every_field_has_a_comment_and_what_a_person_must_write_says_so(root, monkeypatch):
    _, out, _ = mo("source", "new", ID, "--as-of", "2024-06-01", root=root, monkeypatch=monkeypatch)
    text = (root / "raw_data" / ID / "2024-06-01" / "source.yml").read_text("utf-8")
    lines = text.splitlines()
    for number, line in enumerate(lines):
        key = line.strip().removeprefix("- ").partition(":")[0]
        if key in {*Vintage.model_fields, "reference_kind", "printed_unit", "evidence", "content_sha256", "how"}:
            assert lines[number - 1].strip().startswith("# "), line
    for name in Vintage.model_fields:
        assert f"\n{name}:" in f"\n{text}" or f"\n# {name}: …" in text, name
    left = [key for key, value in yaml.safe_load(text).items() if REPLACE in str(value)]
    assert left == ["title", "publisher", "licence", "attribution", "obtained", "doubts"]
    for key in left:
        assert key in out
    told = Told(publisher="Office", title="Pupils by state")
    begun = new_source(opened(root), "others", (), told)
    assert begun.to_write == ("licence.title", "doubts", "obtained.note")


def test_the_generic_test_passes_for_a_new_source_without_naming_it(root):
    """As the command says: pytest finds the source by itself."""
    new(root, told=Told())
    command = [sys.executable, "-m", "pytest", "tests/registry/test_every_source.py", "-k", ID, "-n", "0"]
    env = {**os.environ, "AUGENHOEHE_RAW_DATA": str(root / "raw_data"), "PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(command, cwd=REPOSITORY, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith(".")


PRINTED = {"pivot": "Bevölkerungsstand", "pivot_old": "Bevölkerungsstand", "strukturdaten": "Bevölkerung am *"}


@pytest.mark.parametrize("layout", [name for name in FILES if name != "tidy"])
def test_a_publishers_file_gets_a_reading_that_takes_its_totals(root, layout):
    printed = PRINTED.get(layout.removesuffix("_cp1252"), "BEVSTD")
    told = Told("population", {printed: "persons_total"}, as_of="2024-06-01")
    vintage = new(root, saved(root, FILES[layout]), told=told)
    assert values(root, vintage) == NEXT
    assert vintage.layout in layout.replace("pivot_old", "pivot")
    assert vintage.language == ("en" if "english" in layout else "de")
    reading = vintage.readings[vintage.layout]
    assert reading.rest
    assert reading.tables == (("12411-0010",) if "pivot" in layout else ("12411",) if "ffcsv" in layout else ())
    assert vintage.measures["persons_total"].multiplier == (1000 if "struktur" in layout else 1)
    assert vintage.title.endswith(", 2023-12-31")


def test_the_new_source_takes_the_next_file_by_mo_vintage_add(root):
    new(root, saved(root, FILES["ffcsv_new"]))
    data = adding.new(figures(9), "2024-12-31")
    added = add_vintage(opened(root), ID, [saved(root, data)], Added(as_of="2025-06-01"))
    assert added.changes is not None
    assert added.changes.added.height == 17


def test_a_tidy_file_begins_a_source_too(root):
    told = Told("population", as_of="2024-06-01")
    vintage = new(root, saved(root, FILES["tidy"]), told=told)
    assert values(root, vintage) == NEXT
    assert vintage.readings == {}
    error = refused(root, saved(root, FILES["tidy"]), told=TOLD, source="others")
    assert "names its measures itself" in str(error)


def test_without_measures_everything_printed_is_listed_with_the_command_to_type(root):
    file = saved(root, FILES["ffcsv_new"], "a file.csv")
    error = refused(root, file, told=Told())
    assert "- BEVSTD: Bevölkerungsstand [Anzahl]" in str(error)
    (command,) = [line for line in str(error.remedy).splitlines() if "mo source new" in line]
    words = shlex.split(command.partition("such as: ")[2])
    assert words == [
        "mo", "source", "new", ID, str(file), "--concept", "population", "--measure", "BEVSTD=persons_total"
    ]  # fmt: skip


def test_the_command_that_is_shown_works(root, monkeypatch):
    file = saved(root, FILES["pivot"])
    _, _, err = mo("source", "new", ID, str(file), root=root, monkeypatch=monkeypatch)
    (shown,) = [line for line in err.splitlines() if "mo source new" in line]
    words = shlex.split(shown.partition("such as: ")[2])
    code, out, err = mo(*words[1:], root=root, monkeypatch=monkeypatch)
    assert (code, err) == (0, "")
    assert "17 figures, layout pivot" in out
    assert mo("validate", root=root, monkeypatch=monkeypatch)[0] == 0


def test_a_unit_that_is_a_multiplier_is_one_and_no_other(root):
    for unit, multiplier in (("1000", 1000), ("in 1000", 1000), ("1 000 000", 1_000_000), ("je 1000", 1), ("%", 1)):
        data = FILES["ffcsv_new"].decode().replace(";Anzahl;", f";{unit};").encode()
        source = f"of_{multiplier}_{len(unit)}"
        vintage = new(root, saved(root, data), source=source)
        printed = vintage.measures["persons_total"]
        assert (printed.printed_unit, printed.multiplier) == (unit, multiplier)


def test_a_variable_without_total_is_told(root):
    rows = [
        layouts.new_row("DG", "Deutschland", "3", level="DINSG", sex=sex) for sex in ("GESM;männlich", "GESW;weiblich")
    ]
    error = refused(root, saved(root, layouts.new_file(*rows)))
    assert "BEVSTD has no total over GES (printed are GESM, GESW, …)" in str(error)
    only = new(root, saved(root, layouts.new_file(rows[0])))
    assert only.readings["ffcsv_new"].figures[0].where == {"GES": ("GESM",)}


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (Told("populaton", {"BEVSTD": "persons_total"}, as_of="2024-06-01"), "Did you mean population?"),
        (Told(None, {"BEVSTD": "persons_total"}, as_of="2024-06-01"), "which concept do the figures count?"),
        (Told("population", {"BEVSTD": "person_total"}, as_of="2024-06-01"), "Did you mean persons_total?"),
        (Told("population", {"BEV": "persons_total"}, as_of="2024-06-01"), "no measure 'BEV' is printed"),
        (Told("population", {"BEVSTD": "persons_total"}), "do not print one day"),
        (Told("population", {"BEVSTD": "persons_total"}, as_of="soon"), "'soon' is not a day"),
        (Told("population", {"BEVSTD": "persons_total"}, title=" ", as_of="2024-06-01"), "this text is empty"),
        (Told("population", {"BEVSTD": "share_percent"}, as_of="2024-06-01"), "above 100"),
    ],
)
def test_what_is_not_told_or_not_known_is_asked_for(root, told, said):
    assert said in str(refused(root, saved(root, FILES["ffcsv_new"]), told=told))


@pytest.mark.parametrize("source", ["../x", "", "Pupils", "1st", "a-b", "a b", "a/b", "pupils\n", "ä"])
def test_an_id_that_is_none_is_told(root, source):
    assert "is not a source id" in str(refused(root, source=source))


def test_an_id_that_is_taken_is_told(root):
    assert "there is a source people already" in str(refused(root, source="people"))


def test_damaged_files_and_a_full_disk_leave_nothing(root, monkeypatch):
    for data in (FILES["ffcsv_new"][:900], b"", b"<html>", FILES["ffcsv_new"].replace(b";01;", b";77;")):
        error = refused(root, saved(root, data))
        assert "download.csv" in str(error)
    assert "several layouts" in str(refused(root, saved(root, FILES["pivot"]), saved(root, FILES["tidy"], "b.csv")))

    def full(*_: object, **__: object):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    assert "No space left" in str(refused(root, saved(root, FILES["ffcsv_new"])))


def test_wrong_options_are_told(root, monkeypatch):
    file = str(saved(root, FILES["ffcsv_new"]))
    for options, said in (
        (["--measure", "persons_total"], "needs the printed code or label before it"),
        (["--measure", "A=persons_total", "--measure", "A=persons_with"], "named twice"),
    ):
        code, _, err = mo("source", "new", ID, file, *options, root=root, monkeypatch=monkeypatch)
        assert (code, err.count("error: ")) == (1, 1)
        assert said in err
