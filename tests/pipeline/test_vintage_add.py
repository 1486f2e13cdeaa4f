"""`mo vintage add`: the right figures, or one sentence and raw_data as it was."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import tempfile
from pathlib import Path

import polars as pl
import pytest

from pipeline.adding import Told, add_vintage
from pipeline.cli import main
from pipeline.errors import InputError
from pipeline.registry import LOCK, read_files, read_lock, verify, write_lock
from pipeline.vintages import difference, typed_rows
from tests.ingest.layouts import BOM, zipped
from tests.pipeline import adding, damage
from tests.pipeline.adding import (
    DAY,
    FILES,
    NEXT,
    SOURCE,
    figures,
    opened,
    take_back,
    tree,
    write_project,
    write_vintage,
)

TOLD = Told(as_of=DAY)
FIGURE = ["region_id", "reference_date", "measure", "breakdown", "value", "lower", "upper", "unit", "concept"]


def add(root: Path, *files: Path, told: Told = TOLD, source: str = SOURCE):
    return add_vintage(opened(root), source, files, told)


def saved(root: Path, data: bytes, name: str = "download.csv") -> Path:
    file = root / name
    file.write_bytes(data)
    return file


def rows(root: Path, vintage: str = DAY) -> pl.DataFrame:
    project = opened(root)
    (found,) = (one for one in project.registry.sources[SOURCE].vintages if one.vintage == vintage)
    return typed_rows(project, found).select(FIGURE).sort(FIGURE[:4])


def mo(*arguments: str, root: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[int, str, str]:
    """Exit status, output and error output of `mo …`."""
    monkeypatch.setenv("AUGENHOEHE_ROOT", str(root))
    monkeypatch.setattr("sys.argv", ["mo", *arguments])
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0), out.getvalue(), err.getvalue()


@pytest.fixture
def root(tmp_path):
    write_project(tmp_path)
    return tmp_path


@pytest.fixture(scope="module", params=FILES)
def layout(request, tmp_path_factory):
    """Layout, project, and the figures that its undamaged file gives."""
    root = tmp_path_factory.mktemp(request.param)
    raw_data = write_project(root, layout=request.param)
    before = tree(raw_data)
    added = add(root, saved(root, FILES[request.param]))
    found = rows(root)
    assert added.figures == len(NEXT)
    assert dict(found.select("region_id", "value").iter_rows()) == NEXT
    take_back(raw_data)
    assert tree(raw_data) == before
    return request.param, root, found


def damages_of(layout: str) -> list[tuple[str, str, damage.Damage]]:
    """What is done to the file of a layout; variants of a layout differ in what is their own."""
    own = next(damages for name, damages in damage.OWN.items() if layout.startswith(name))
    general = list(damage.damages())
    if layout == "ffcsv_new_zip":
        own, general = [], [one for one in general if one[0].startswith(("cut", "gzip", "empty", "an archive in"))]
    elif layout not in damage.OWN:
        general = [one for one in general if one[0].startswith(("cut", "the file", "CRLF", "a NUL", "lines"))]
    return [*general, *own]


def test_there_are_enough_damages():
    names = [(layout, name) for layout in FILES for name, _, _ in damages_of(layout)]
    assert len(names) > 400
    assert len(set(names)) == len(names)


def test_a_damaged_file_gives_the_right_figures_or_one_sentence(layout):
    """One project a layout, all damages one after the other: each must leave it as it was."""
    name, root, right = layout
    raw_data = root / "raw_data"
    before = tree(raw_data)
    wrong: list[str] = []
    project = opened(root)
    for what, outcome, change in damages_of(name):
        file = saved(root, change(FILES[name]))
        try:
            added = add_vintage(project, SOURCE, [file], TOLD)
        except InputError as error:
            if outcome == "right":
                wrong.append(f"{what}: refused: {error}")
            if not error.remedy and "Remedy" not in str(error):
                wrong.append(f"{what}: no remedy: {error}")
            if str(file) not in str(error) and "source.yml" not in str(error):
                wrong.append(f"{what}: the file is not named: {error}")
        else:
            if outcome == "refused":
                wrong.append(f"{what}: taken")
            if not added.is_new or not rows(root).equals(right):
                wrong.append(f"{what}: other figures")
            take_back(raw_data)
        if tree(raw_data) != before:
            wrong.append(f"{what}: raw_data is not as it was")
    assert not wrong, "\n".join(wrong)


def test_a_file_that_cannot_be_opened_is_told(root, monkeypatch):
    folder, gone, dangling, pipe = (root / name for name in ("folder", "gone.csv", "dangling.csv", "pipe.csv"))
    folder.mkdir()
    dangling.symlink_to(gone)
    os.mkfifo(pipe)
    before = tree(root / "raw_data")
    for path, said in (
        (folder, "cannot be read: it is a folder"),
        (gone, "cannot be read: No such file"),
        (dangling, "cannot be read: No such file"),
        (pipe, "cannot be read: it is no ordinary file"),
    ):
        code, out, err = mo("vintage", "add", SOURCE, str(path), "--as-of", DAY, root=root, monkeypatch=monkeypatch)
        assert (code, out) == (1, "")
        assert err.startswith(f"error: {path}: ")
        assert said in err
        assert err.count("error:") == err.count("Remedy: ") == 1
    assert tree(root / "raw_data") == before


def test_a_file_that_vanishes_after_it_was_seen_is_told(root, monkeypatch):
    file, project = saved(root, FILES["ffcsv_new"]), opened(root)

    def gone(_: Path) -> bytes:
        raise FileNotFoundError(2, "No such file")

    monkeypatch.setattr(Path, "read_bytes", gone)
    with pytest.raises(InputError, match="cannot be read: No such file") as caught:
        add_vintage(project, SOURCE, [file], TOLD)
    assert caught.value.file == str(file)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read and write everything")
def test_files_without_permission_are_told(root):
    file = saved(root, FILES["ffcsv_new"])
    file.chmod(0)
    with pytest.raises(InputError, match="cannot be read"):
        add(root, file)
    file.chmod(0o600)
    home = root / "raw_data" / SOURCE
    home.chmod(0o500)
    try:
        with pytest.raises(InputError, match="nothing can be written here"):
            add(root, file)
    finally:
        home.chmod(0o700)


@pytest.mark.parametrize("broken", ["mkdtemp", "write_text", "rename"])
def test_a_disk_that_refuses_leaves_raw_data_as_it_was(root, monkeypatch, broken):
    """The older release would have made room for itself in the source.yml of the newer one."""
    write_vintage(root / "raw_data", "2025-06-01", adding.tidy(figures(9)), published="2025-06-01", order=2)
    before = tree(root / "raw_data")
    file = saved(root, FILES["ffcsv_new"])

    def full(*_: object, **__: object):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile if broken == "mkdtemp" else Path, broken, full)
    with pytest.raises(InputError, match="nothing can be written here: No space left") as caught:
        add(root, file)
    assert caught.value.file == f"raw_data/{SOURCE}/{DAY}"
    assert tree(root / "raw_data") == before


@pytest.mark.parametrize("source", ["../x", "..", "", "/etc", "people/2023-06-01", "regions", "peopel", "people\n"])
def test_a_source_that_is_none_is_told(root, source):
    before = tree(root)
    with pytest.raises(InputError, match=r"there is no source|is of kind region") as caught:
        add(root, saved(root, FILES["ffcsv_new"]), source=source)
    assert caught.value.remedy
    (root / "download.csv").unlink()
    assert tree(root) == before


@pytest.mark.parametrize(
    "day", ["", "yesterday", "2024-13-01", "2024-02-30", "01/06/2024", "2024", "-1", "../2024-06-01", "0999-01-01", "∞"]
)
def test_a_day_that_is_none_is_told(root, day):
    before = tree(root / "raw_data")
    with pytest.raises(InputError) as caught:
        add(root, saved(root, FILES["ffcsv_new"]), told=Told(as_of=day))
    assert caught.value.key == "--as-of"
    assert "--as-of 2026-05-20" in str(caught.value.remedy)
    assert tree(root / "raw_data") == before


@pytest.mark.parametrize(
    "told", [Told(DAY, title=" "), Told(DAY, release_state="ultimate"), Told(DAY, census_base="2022")]
)
def test_words_that_are_none_are_told(root, told):
    before = tree(root / "raw_data")
    with pytest.raises(InputError) as caught:
        add(root, saved(root, FILES["ffcsv_new"]), told=told)
    assert caught.value.key in ("title", "defaults.release_state", "defaults.census_base")
    assert caught.value.remedy
    assert tree(root / "raw_data") == before


def test_files_that_do_not_belong_together_are_told(root):
    before = tree(root / "raw_data")
    flat, shown = saved(root, FILES["ffcsv_new"]), saved(root, FILES["pivot"], "shown.csv")
    with pytest.raises(InputError, match=r"several layouts: .*download\.csv is ffcsv_new, .*shown\.csv is pivot"):
        add(root, flat, shown)
    with pytest.raises(InputError, match="stands here again"):
        add(root, flat, flat)
    with pytest.raises(InputError, match="no file was named"):
        add(root)
    write_vintage(root / "raw_data", "2023-06-01", adding.tidy(figures()), source="other", readings={})
    lock = root / "raw_data" / LOCK
    named = lock.read_bytes()
    write_lock(lock, read_lock(lock).using("other", "2023-06-01"))
    with pytest.raises(InputError, match="does not say how files of the layout ffcsv_new are read"):
        add(root, flat, source="other")
    shutil.rmtree(root / "raw_data" / "other")
    lock.write_bytes(named)
    assert tree(root / "raw_data") == before


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("..csv", "csv"),
        ("-rf", "rf"),
        ("a b;rm -rf ~.csv", "a-b-rm--rf-.csv"),
        ("source.yml", "source-2.yml"),
        ("Source.YML", "Source-2.YML"),
        ("ümläut\n.csv", "ml-ut-.csv"),
        (".hidden", "hidden"),
        ("x" * 240 + ".csv", "x" * 116 + ".csv"),
        (b"\xff\xfe.csv".decode("utf-8", "surrogateescape"), "csv"),
    ],
)
def test_a_file_name_never_leads_anywhere(root, name, kept):
    before = set(tree(root / "raw_data"))
    added = add(root, saved(root, FILES["ffcsv_new"], name))
    assert set(tree(root / "raw_data")) - before == {
        f"{SOURCE}/{DAY}", f"{SOURCE}/{DAY}/source.yml", f"{SOURCE}/{DAY}/{kept}"
    }  # fmt: skip
    assert verify(added.vintage)


def test_a_link_is_followed_and_the_file_itself_is_kept(root):
    file = saved(root, FILES["ffcsv_new"])
    link = root / "link.csv"
    link.symlink_to(file)
    added = add(root, link)
    kept = added.vintage.folder / "link.csv"
    assert not kept.is_symlink()
    assert kept.read_bytes() == FILES["ffcsv_new"]


def test_a_long_name_inside_an_archive_is_shortened(root):
    added = add(root, saved(root, zipped(FILES["ffcsv_new"], "y" * 5000 + ".csv"), "a.zip"))
    (entry,) = added.vintage.files
    assert len(entry.path) == 120
    assert verify(added.vintage)


@pytest.mark.parametrize("layout", ["ffcsv_new", "ffcsv_old", "strukturdaten", "tidy", "pivot"])
def test_the_same_content_is_the_same_vintage_and_nothing_is_written(tmp_path, layout):
    raw_data = write_project(tmp_path, layout=layout)
    whole = FILES[layout]
    add(tmp_path, saved(tmp_path, whole))
    before = tree(raw_data)
    text = damage.text_of(whole)
    all_lines = text.replace("\r\n", "\n").removesuffix("\n").split("\n")
    keep = {"pivot": len(all_lines), "strukturdaten": 4}.get(layout, 1)
    same = {
        "as it is": whole,
        "turned": "\n".join((*all_lines[:keep], *all_lines[: keep - 1 : -1], "")).encode(),
        "CRLF": "\r\n".join((*all_lines, "")).encode(),
        "with mark": BOM + text.encode(),
        "zipped": zipped(whole, "x.csv"),
        "zipped again": damage.zipped_in_another_way(whole),
        "CP1252": whole if layout == "tidy" else text.encode("cp1252"),
        "asked for an hour later": text.replace("23:29:57", "23:59:59").encode(),
    }
    for what, data in same.items():
        for told in (TOLD, Told(), Told(as_of="2030-01-01")):
            added = add(tmp_path, saved(tmp_path, data), told=told)
            assert (what, added.is_new, added.vintage.vintage) == (what, False, DAY)
    assert tree(raw_data) == before


def test_the_command_says_that_there_is_nothing_to_add(root, monkeypatch):
    file = saved(root, FILES["ffcsv_new"])
    code, out, err = mo("vintage", "add", SOURCE, str(file), "--as-of", DAY, root=root, monkeypatch=monkeypatch)
    assert (code, err) == (0, "")
    assert f"added raw_data/{SOURCE}/{DAY}: 17 figures, layout ffcsv_new" in out
    assert f"{SOURCE}: 2023-06-01 -> {DAY}" in out
    again = mo("vintage", "add", SOURCE, str(file), root=root, monkeypatch=monkeypatch)
    assert again == (0, f"the content is that of {SOURCE}/{DAY}, published {DAY}: nothing to add\n", "")
    assert mo("validate", root=root, monkeypatch=monkeypatch)[0] == 0


def test_a_table_in_both_flat_layouts_is_the_same_table(root):
    add(root, saved(root, adding.old(NEXT)))
    same = add(root, saved(root, adding.new(NEXT, quality=False)), told=Told(as_of="2024-07-01"))
    assert same.against == DAY
    assert same.changes is not None
    assert (same.changes.same, same.changes.revised.height) == (17, 0)
    assert rows(root, "2024-07-01").equals(rows(root, DAY))
    corrected = {**NEXT, "09": NEXT["09"] + 100, "10": NEXT["10"] - 100}
    other = add(root, saved(root, adding.new(corrected)), told=Told(as_of="2024-08-01"))
    assert other.changes is not None
    assert set(other.changes.revised.head(2)["region_id"]) == {"09", "10"}
    assert dict(other.changes.revised.group_by("reason").len().iter_rows()) == {"other figure": 2, "other sign": 15}


def test_an_older_release_takes_its_place_before_the_newer_ones(root):
    raw_data = root / "raw_data"
    add(root, saved(root, adding.new(NEXT)))
    sidecar = raw_data / SOURCE / "2023-06-01" / "source.yml"
    first = sidecar.read_bytes()
    older = add(root, saved(root, adding.new(figures(3))), told=Told(as_of="2023-12-24"))
    assert older.copied_from == "2023-06-01"
    vintages = opened(root).registry.sources[SOURCE].vintages
    assert [(one.vintage, one.order) for one in vintages] == [("2023-06-01", 1), ("2023-12-24", 2), (DAY, 3)]
    oldest = add(root, saved(root, adding.new(figures(4))), told=Told(as_of="2022-12-24"))
    assert (oldest.copied_from, oldest.against) == ("2023-06-01", None)
    vintages = opened(root).registry.sources[SOURCE].vintages
    assert [one.vintage for one in vintages] == ["2022-12-24", "2023-06-01", "2023-12-24", DAY]
    assert sidecar.read_bytes() == first.replace(b"order: 1", b"order: 2")
    assert difference(opened(root), SOURCE, "2022-12-24", DAY).revised.height == 17


def test_vintages_whose_day_is_not_known_keep_their_places(root):
    write_vintage(root / "raw_data", "b", adding.tidy(figures(8)), published="2025-06-01", order=2)
    write_vintage(root / "raw_data", "c", adding.tidy(figures(9)), published=None, order=3)
    add(root, saved(root, adding.new(NEXT)))
    vintages = opened(root).registry.sources[SOURCE].vintages
    assert [(one.vintage, one.order) for one in vintages] == [("2023-06-01", 1), (DAY, 2), ("b", 3), ("c", 4)]


def test_an_order_that_cannot_be_changed_is_told(root):
    folder = write_vintage(root / "raw_data", "b", adding.tidy(figures(8)), published="2025-06-01", order=2)
    sidecar = folder / "source.yml"
    sidecar.write_text(sidecar.read_text("utf-8").replace("order: 2", '"order": 2'), "utf-8")
    before = tree(root / "raw_data")
    with pytest.raises(InputError, match="no room can be made") as caught:
        add(root, saved(root, adding.new(NEXT)))
    assert caught.value.file == f"raw_data/{SOURCE}/b/source.yml"
    assert tree(root / "raw_data") == before


def test_a_day_that_is_taken_is_told(root):
    add(root, saved(root, adding.new(NEXT)))
    before = tree(root / "raw_data")
    with pytest.raises(InputError, match=f"has a vintage {DAY} already, with other content"):
        add(root, saved(root, adding.new(figures(5))))
    assert tree(root / "raw_data") == before


def test_totals_that_are_not_confirmed_are_told_and_not_carried_over(root, monkeypatch):
    sidecar = root / "raw_data" / SOURCE / "2023-06-01" / "source.yml"
    where = {"region": "DE", "measure": "persons_total"}
    people = figures()
    shutil.rmtree(sidecar.parent)
    totals = [
        {"where": where, "value": str(people["DE"]), "source": "elsewhere"},
        {"where": {**where, "region": "16"}, "value": str(NEXT["16"]), "source": "elsewhere"},
    ]
    people["15"], people["16"] = people["15"] - 7, NEXT["16"]
    expect = {"control_totals": totals}
    write_vintage(root / "raw_data", "2023-06-01", adding.tidy(people, "2022-12-31"), expect=expect)
    file = saved(root, adding.new(NEXT))
    code, out, _ = mo("vintage", "add", SOURCE, str(file), "--as-of", DAY, root=root, monkeypatch=monkeypatch)
    assert code == 0
    (told,) = [line for line in out.splitlines() if line.startswith("control total")]
    assert told.startswith("control total of 2023-06-01 not carried over: region_id DE, measure persons_total")
    kept = opened(root).registry.sources[SOURCE].current.expect.control_totals
    assert [total.where.region for total in kept] == ["16"]


def test_several_files_make_one_vintage(root):
    years = {f"{year}.csv": adding.new(figures(year), f"{year}-12-31") for year in (2021, 2022, 2023)}
    files = [saved(root, data, name) for name, data in years.items()]
    added = add(root, *files)
    assert added.figures == 3 * 17
    assert [file.path for file in added.vintage.files] == list(years)
    assert added.vintage.title == "Bevölkerung, 2021-12-31 to 2023-12-31"
    assert set(rows(root)["reference_date"].dt.year()) == {2021, 2022, 2023}
    assert not add(root, *files[::-1]).is_new
    broken = saved(root, years["2022.csv"].replace(b"12411;", b"12521;"), "2022.csv")
    with pytest.raises(InputError, match="12521") as caught:
        add(root, files[0], broken, told=Told(as_of="2024-09-01"))
    assert caught.value.file == str(broken)


def test_what_is_known_of_the_former_vintage_is_carried_over(root):
    former = opened(root).registry.sources[SOURCE].current
    added = add(root, saved(root, adding.new(NEXT)), told=Told(DAY, "Another title", "revised", "zensus_2011")).vintage
    for key in ("readings", "measures", "licence", "attribution", "publisher", "doubts", "expect", "kind", "language"):
        assert getattr(added, key) == getattr(former, key), key
    assert (added.title, added.layout, added.order) == ("Another title", "ffcsv_new", 2)
    assert added.defaults is not None
    assert (added.defaults.release_state, added.defaults.census_base) == ("revised", "zensus_2011")
    assert added.defaults.universe == former.defaults.universe if former.defaults else False
    loaded = opened(root).registry.sources[SOURCE].current
    assert loaded == added
    assert read_files(loaded) == {"download.csv": FILES["ffcsv_new"]}
