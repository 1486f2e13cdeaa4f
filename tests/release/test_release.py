"""Publishing is content, gate and one rename; reading tells what is missing."""

import hashlib
import json
import shutil
from pathlib import Path

import pytest
from freezing import CHARTS, RAW, VINTAGES, draw, freeze
from polars.testing import assert_frame_equal
from small_warehouse import build_warehouse, contracts

from pipeline.errors import InputError
from pipeline.release import open_release
from pipeline.warehouse import Check, Warehouse

OUTSIDE = {"manifest.json", "SHA256SUMS"}  # of the id
TABLES = ("core.source", "core.caveat")


def rule(severity: str, sql: str) -> Check:
    return Check("core", "caveat", "told", severity, "Nothing may be told.", sql, "sql/checks/core/caveat__told.sql")


def holds(severity: str) -> Check:
    return rule(severity, "SELECT * FROM core.caveat WHERE false")


def offends(severity: str) -> Check:
    return rule(severity, "SELECT text FROM core.caveat")


def tell(warehouse: Warehouse, text: str) -> None:
    """Change one cell of what will be published."""
    with warehouse.session() as con:
        con.execute("UPDATE core.caveat SET text = ?", [text])


def inside(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


@pytest.fixture
def warehouse(tmp_path):
    """Two tables with a row each, and drawn charts beside them."""
    draw(tmp_path / "charts")
    small = Warehouse(tmp_path / "warehouse.duckdb")
    values = {
        "core.source": "'counts', 'observation', 'Title', 'Publisher', 'v2', 2",
        "core.caveat": "'counts', 'v2', 'doubt', 1, NULL, 'typed from a page'",
    }
    with small.session() as con:
        for table, row in values.items():
            con.execute(contracts().tables[table].ddl)
            con.execute(f"INSERT INTO {table} VALUES ({row})")
    return small


# publishing


def test_equal_content_is_one_release_wherever_and_in_whatever_order(tmp_path):
    published = []
    for name, backwards in (("here", False), ("there", True)):
        folder = tmp_path / name
        draw(folder / "charts")
        built = build_warehouse(folder / "warehouse.duckdb", backwards=backwards)
        published.append(freeze(folder, built, tables=list(contracts().tables), checks=contracts().checks))
        built.close()
    here, there = published
    assert here.release_id == there.release_id
    assert here.is_new
    assert there.is_new
    assert inside(here.folder) == inside(there.folder)
    # Parquet and CSV a table; manifest and sums are not counted
    assert here.files == len(inside(here.folder)) - 2 == 2 * len(contracts().tables) + len(CHARTS) + len(RAW)


def test_the_manifest_names_files_tables_checks_and_vintages(tmp_path, warehouse):
    published = freeze(tmp_path, warehouse, tables=TABLES, checks=[holds("ERROR")])
    manifest = open_release(published.folder).manifest
    files = {name: content for name, content in inside(published.folder).items() if name not in OUTSIDE}
    assert manifest["files"] == {
        name: {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)} for name, content in files.items()
    }
    assert manifest["tables"] == {
        table: {"rows": 1, "digest": warehouse.digest(table), "made_by": {}} for table in TABLES
    }
    assert manifest["checks"] == [{"name": "core.caveat__told", "severity": "ERROR", "passed": True, "offending": 0}]
    assert manifest["vintages"] == VINTAGES
    assert manifest["lock"] is None
    assert manifest["commit"] is None  # the folder is no checkout
    assert manifest["release_id"] == published.release_id == published.folder.name


@pytest.mark.parametrize("what", ["a cell", "a chart"])
def test_other_content_is_another_release_beside_the_first(tmp_path, warehouse, what):
    first = freeze(tmp_path, warehouse, tables=TABLES)
    before = inside(first.folder)
    if what == "a cell":
        tell(warehouse, "typed from another page")
    else:
        draw(tmp_path / "charts", **{"tiles.svg": "<svg></svg>"})
    second = freeze(tmp_path, warehouse, tables=TABLES)
    assert second.is_new
    assert second.release_id != first.release_id
    assert inside(first.folder) == before
    assert (tmp_path / "release/current").resolve() == second.folder


def test_the_same_content_again_keeps_the_folder_and_renews_only_the_manifest(tmp_path, warehouse):
    first = freeze(tmp_path, warehouse, tables=TABLES)
    manifest = first.folder / "manifest.json"
    text = manifest.read_text("utf-8")
    manifest.write_text("{}", "utf-8")  # as one of other versions would be

    def identity() -> dict[str, tuple[int, int]]:
        stats = {file: file.stat() for file in first.folder.rglob("*") if file.is_file() and file != manifest}
        return {str(file): (stat.st_ino, stat.st_mtime_ns) for file, stat in stats.items()}

    before = identity()
    second = freeze(tmp_path, warehouse, tables=TABLES)
    assert (second.release_id, second.folder, second.is_new) == (first.release_id, first.folder, False)
    assert identity() == before
    assert manifest.read_text("utf-8") == text


def flip(folder: Path) -> None:
    file = folder / "core/caveat.parquet"
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(flip, id="a flipped byte"),
        pytest.param(lambda folder: (folder / "charts/tiles.csv").unlink(), id="a missing file"),
        pytest.param(lambda folder: (folder / "core/more.parquet").write_bytes(b""), id="a file too many"),
    ],
)
def test_a_damaged_folder_is_replaced(tmp_path, warehouse, damage):
    first = freeze(tmp_path, warehouse, tables=TABLES)
    good = inside(first.folder)
    damage(first.folder)
    assert inside(first.folder) != good
    second = freeze(tmp_path, warehouse, tables=TABLES)
    assert (second.release_id, second.is_new) == (first.release_id, True)
    assert inside(second.folder) == good
    assert listing(tmp_path) == {first.release_id, "current"}


def listing(folder: Path) -> set[str]:
    """Releases, the link, and what should not be there: everything but the history, hidden or not."""
    return {path.name for path in (folder / "release").iterdir()} - {"history.json"}


@pytest.mark.parametrize(
    ("check", "message"),
    [
        pytest.param(
            offends("ERROR"), r"core.caveat__told: 1 rows .Nothing may be told..\s+text: a new doubt", id="offended"
        ),
        pytest.param(rule("ERROR", "SELECT * FROM core.nowhere"), "the check does not run", id="does not run"),
        pytest.param(rule("WARN", "SELECT * FROM core.nowhere"), "the check does not run", id="a warning that cannot"),
    ],
)
def test_the_gate_refuses_and_the_former_release_stays(tmp_path, warehouse, check, message):
    former = freeze(tmp_path, warehouse, tables=TABLES)
    before = inside(former.folder)
    tell(warehouse, "a new doubt")
    with pytest.raises(InputError, match=message) as refused:
        freeze(tmp_path, warehouse, tables=TABLES, checks=[holds("ERROR"), check])
    assert refused.value.file == check.file
    assert refused.value.remedy
    assert (tmp_path / "release/current").readlink() == Path(former.release_id)
    assert listing(tmp_path) == {former.release_id, "current"}
    assert inside(former.folder) == before


def test_the_gate_runs_the_rules_of_the_project(tmp_path):
    """The same call as the pipeline's, on data in which one published rule is broken."""
    draw(tmp_path / "charts")
    built = build_warehouse(tmp_path / "warehouse.duckdb")
    with built.session() as con:
        con.execute("UPDATE marts.share SET share_percent = 104.3 WHERE region_id = '09'")
    with pytest.raises(InputError, match=r"marts\.share__one_row_a_region: 1 rows"):
        freeze(tmp_path, built, tables=list(contracts().tables), checks=contracts().checks)
    built.close()
    assert not (tmp_path / "release").exists()


def test_every_rule_that_refuses_is_told(tmp_path, warehouse):
    other = Check("core", "source", "other", "ERROR", "Another reason.", "SELECT * FROM core.source", "other.sql")
    with pytest.raises(InputError, match="refuses to publish") as refused:
        freeze(tmp_path, warehouse, tables=TABLES, checks=[offends("ERROR"), other])
    for name in ("core.caveat__told", "core.source__other"):
        assert name in str(refused.value)


def test_of_many_offending_rows_the_first_are_told(tmp_path, warehouse):
    with pytest.raises(InputError, match="refuses to publish") as refused:
        freeze(tmp_path, warehouse, tables=TABLES, checks=[rule("ERROR", "SELECT n FROM range(8) AS eight(n)")])
    lines = str(refused.value).splitlines()
    assert [line.strip() for line in lines if "n: " in line or "more" in line] == [
        *(f"n: {n}" for n in range(5)),
        "and 3 more",
    ]


def test_a_warning_does_not_refuse_and_stands_in_the_manifest(tmp_path, warehouse):
    published = freeze(tmp_path, warehouse, tables=TABLES, checks=[offends("WARN")])
    assert open_release(published.folder).manifest["checks"] == [
        {"name": "core.caveat__told", "severity": "WARN", "passed": False, "offending": 1}
    ]


def test_without_charts_nothing_is_published(tmp_path, warehouse):
    shutil.rmtree(tmp_path / "charts")
    with pytest.raises(InputError, match="charts are missing") as refused:
        freeze(tmp_path, warehouse, tables=TABLES)
    assert "mo run" in refused.value.remedy
    assert not (tmp_path / "release").exists()


def test_a_full_disk_leaves_the_former_release_and_nothing_half_written(tmp_path, warehouse, monkeypatch):
    former = freeze(tmp_path, warehouse, tables=TABLES)
    tell(warehouse, "a new doubt")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pipeline.release.write.Path.write_bytes", full)
    with pytest.raises(InputError, match="No space left") as told:
        freeze(tmp_path, warehouse, tables=TABLES)
    assert "make room" in told.value.remedy
    assert listing(tmp_path) == {former.release_id, "current"}
    assert (tmp_path / "release/current").readlink() == Path(former.release_id)


def test_current_is_a_relative_link_that_survives_a_move(tmp_path, warehouse):
    published = freeze(tmp_path, warehouse, tables=TABLES)
    assert (tmp_path / "release/current").readlink() == Path(published.release_id)
    (tmp_path / "release").rename(tmp_path / "elsewhere")
    assert open_release(tmp_path / "elsewhere/current").id == published.release_id


def test_a_release_is_for_everyone_who_may_read_the_project(tmp_path, warehouse):
    assert freeze(tmp_path, warehouse, tables=TABLES).folder.stat().st_mode & 0o777 == 0o755


# reading


def test_a_release_gives_back_tables_charts_and_words(tmp_path, warehouse):
    release = open_release(freeze(tmp_path, warehouse, tables=TABLES).folder)
    for table in TABLES:
        assert_frame_equal(release.table(table), warehouse.read(table))
    chart = release.chart("tiles")
    assert (chart.svg, chart.csv) == (CHARTS["tiles.svg"], CHARTS["tiles.csv"])
    assert chart.titles == json.loads(CHARTS["charts.json"])["tiles"]["en"]
    german = release.chart("tiles", "de")
    assert (german.svg, german.csv) == (CHARTS["tiles.de.svg"], CHARTS["tiles.csv"])
    assert german.titles["finding"] == "Im Osten weniger"
    with pytest.raises(InputError, match="not in the language 'fr'"):
        release.chart("tiles", "fr")


def test_an_opened_release_stays_the_same_while_another_becomes_current(tmp_path, warehouse):
    first = freeze(tmp_path, warehouse, tables=TABLES)
    opened = open_release(tmp_path / "release/current")
    tell(warehouse, "a new doubt")
    freeze(tmp_path, warehouse, tables=TABLES)
    assert opened.id == first.release_id
    assert opened.table("core.caveat")["text"].to_list() == ["typed from a page"]


def test_the_release_is_named_by_the_environment_or_found_upwards(tmp_path, warehouse, monkeypatch):
    published = freeze(tmp_path, warehouse, tables=TABLES)
    monkeypatch.setenv("AUGENHOEHE_RELEASE", str(published.folder))
    assert open_release().id == published.release_id
    monkeypatch.delenv("AUGENHOEHE_RELEASE")
    (tmp_path / "build").mkdir()
    (tmp_path / "release").rename(tmp_path / "build/release")
    (tmp_path / "reports/deep").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "reports/deep")
    assert open_release().id == published.release_id


@pytest.mark.parametrize("how", ["a path", "the environment", "the working folder"])
def test_where_there_is_no_release_the_remedy_says_how_to_make_one(tmp_path, monkeypatch, how):
    monkeypatch.delenv("AUGENHOEHE_RELEASE", raising=False)
    monkeypatch.chdir(tmp_path)
    if how == "the environment":
        monkeypatch.setenv("AUGENHOEHE_RELEASE", str(tmp_path / "nowhere"))
    with pytest.raises(InputError, match="no release to read") as told:
        open_release(tmp_path / "nowhere" if how == "a path" else None)
    assert "mo run" in told.value.remedy
    assert told.value.file


@pytest.mark.parametrize("table", ["core.nowhere", "nowhere", "", "manifest", "../charts"])
def test_an_unknown_table_is_told_with_those_there_are(tmp_path, warehouse, table):
    release = open_release(freeze(tmp_path, warehouse, tables=TABLES).folder)
    with pytest.raises(InputError, match="no table") as told:
        release.table(table)
    assert told.value.remedy == "it holds core.caveat, core.source"


@pytest.mark.parametrize("chart", ["nowhere", "charts", "../manifest"])
def test_an_unknown_chart_is_told_with_those_there_are(tmp_path, warehouse, chart):
    release = open_release(freeze(tmp_path, warehouse, tables=TABLES).folder)
    with pytest.raises(InputError, match="no chart") as told:
        release.chart(chart)
    assert told.value.remedy == "it holds tiles"


def test_charts_of_other_rows_are_refused(tmp_path, warehouse):
    digest = warehouse.digest("core.source")
    draw(tmp_path / "charts", **{"drawn_from.json": json.dumps({"core.source": digest})})
    assert freeze(tmp_path, warehouse, tables=["core.source"]).is_new
    before = (tmp_path / "release/current").readlink()
    draw(tmp_path / "charts", **{"drawn_from.json": json.dumps({"core.source": "of other rows"})})
    with pytest.raises(InputError, match=r"drawn before core\.source changed") as caught:
        freeze(tmp_path, warehouse, tables=["core.source"])
    assert "materialise the charts again" in caught.value.remedy
    assert (tmp_path / "release/current").readlink() == before
