"""Synthetic files: the same for the same seed, labelled so that no release takes them, carried to the marts whole."""

from __future__ import annotations

import zipfile
from dataclasses import asdict
from pathlib import Path

import polars as pl
import pytest
from release.freezing import draw, freeze
from small_warehouse import contracts

from benchmarks.goals import verdicts
from benchmarks.large import Measured, Used, compare, exponent, measure, trace_back, walk
from benchmarks.synthetic import FILE, SOURCE, Flat, write_project
from pipeline import ingest, transform, vintages
from pipeline.errors import InputError
from pipeline.ingest import blocks, sorted_lines
from pipeline.project import open_project
from pipeline.registry import described, load_registry
from pipeline.settings import Settings
from pipeline.warehouse import Warehouse


def content(flat: Flat) -> bytes:
    return b"".join(flat.lines())


def test_a_seed_decides_every_byte():
    assert content(Flat(5000, seed=3)) == content(Flat(5000, seed=3))
    assert content(Flat(5000, seed=3)) != content(Flat(5000, seed=4))


@pytest.mark.parametrize("rows", [1, 1890, 5003])
def test_a_file_has_the_rows_asked_for_and_no_figure_twice(rows):
    table = ingest.read(ingest.recognise(content(Flat(rows)), file=FILE))
    assert table.rows == rows
    assert table.cells.select("region", "time", "dimensions").n_unique() == rows
    assert table.titles == ("Fortschreibung des Bevölkerungsstandes (SYNTHETIC)",)


def test_the_order_of_the_rows_means_nothing():
    years = ingest.read(ingest.recognise(content(Flat(5000)), file=FILE)).cells["time"].head(50)
    assert years.n_unique() > 5


def test_a_zip_holds_the_same_text(tmp_path):
    Flat(3000).write(tmp_path / "f.zip", zipped=True)
    with zipfile.ZipFile(tmp_path / "f.zip") as archive:
        assert archive.read(FILE) == content(Flat(3000))


def test_a_release_refuses_synthetic_figures(tmp_path):
    write_project(tmp_path / "project", Flat(50))
    registry = load_registry(tmp_path / "project" / "raw_data")
    assert registry.sources[SOURCE].current.obtained.how == "synthetic"
    warehouse = Warehouse(tmp_path / "w.duckdb")
    table = contracts().tables["core.vintage"]
    (rule,) = [check for check in contracts().checks if check.name == "core.vintage__nothing_synthetic"]
    assert rule.severity == "ERROR"
    rows = described.vintages(registry)
    warehouse.replace(table.id, ddl=table.ddl, comments=table.comments, frame=rows)
    with pytest.raises(InputError, match="refuses to publish") as refused:
        freeze(tmp_path, warehouse, tables=[table.id], checks=[rule])
    assert "Figures invented for measuring are never published" in str(refused.value)
    assert not list((tmp_path / "release").glob("[0-9a-f]*"))
    real = rows.filter(~pl.col("obtained_how").eq("synthetic"))
    warehouse.replace(table.id, ddl=table.ddl, comments=table.comments, frame=real)
    draw(tmp_path / "charts")
    assert freeze(tmp_path, warehouse, tables=[table.id], checks=[rule]).is_new


@pytest.fixture(scope="module")
def walked(tmp_path_factory) -> tuple[Path, Path]:
    """20,000 rows brought to the marts in many small parts: of the file, of the runs that are sorted, of raw."""
    root = tmp_path_factory.mktemp("large")
    file = write_project(root, Flat(20_000), zipped=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "BLOCK", 200_000)
        patch.setattr(sorted_lines, "RUN", 900_000)
        patch.setattr("pipeline.warehouse.store.BATCH", 3_000)
        walk(root)
    return root, file


def test_many_parts_make_the_tables_that_one_frame_makes(walked):
    project = open_project(Settings.resolve(walked[0], env={}))
    current = project.registry.sources[SOURCE].current
    cells = vintages.cells(current)
    regions = vintages.typed_rows(project, project.registry.sources["regions"].current)
    expected = transform.typed(cells, current, known_regions=regions)
    try:
        stored = project.warehouse.read_all([f"raw.{SOURCE}", f"staging.{SOURCE}", "core.observation"])
        raw = stored[f"raw.{SOURCE}"].drop("vintage").sort("line")
        assert raw.equals(cells.cast({"line": pl.Int32, "position": pl.Int32}))
        assert stored[f"staging.{SOURCE}"].sort("raw_line").equals(expected)
        assert stored["core.observation"].sort("raw_line").equals(expected)
        assert project.warehouse.read("marts.current_observation").height == 20_000
    finally:
        project.warehouse.close()


def test_lines_are_traced_back_to_the_file_and_a_wrong_one_is_noticed(walked):
    root, file = walked
    assert trace_back(root, file) == (200, 200)
    with Warehouse(Settings.resolve(root, env={}).warehouse).session() as con:
        con.execute("BEGIN")
        con.execute(f"UPDATE staging.{SOURCE} SET value = value + 1, upper = upper + 1 WHERE raw_line = 300")
        con.execute("COMMIT")
    try:
        assert trace_back(root, file) == (200, 199)
    finally:
        with Warehouse(Settings.resolve(root, env={}).warehouse).session() as con:
            con.execute(f"UPDATE staging.{SOURCE} SET value = value - 1, upper = upper - 1 WHERE raw_line = 300")


def measured(rows: int, way: Used, *, zipped: bool = False, warehouse: int = 300, equal: int = 10) -> Measured:
    return Measured(rows, zipped, 1000, Used(1.0, 1.0, 100.0), way, warehouse, 10, equal)


def words(*sizes: Measured, exponent: float) -> list[str]:
    found = verdicts({"large": {"sizes": [asdict(one) for one in sizes], "exponent": exponent}})
    return [one.word for one in found if one.found is not None]


def test_goals_are_met_or_missed_by_the_figures_of_the_largest_files():
    small = measured(1000, Used(9.0, 9.0, 9000.0))
    good = Used(2.9, 2.9, 999.0)
    assert words(small, measured(3000, good), measured(3000, good, zipped=True), exponent=1.05) == ["met"] * 5
    bad = measured(3000, Used(3.6, 3.6, 1001.0), warehouse=401, equal=9)
    assert words(small, bad, exponent=1.06) == ["missed"] * 5


def test_a_small_size_is_measured_from_file_to_marts(tmp_path):
    one = measure(2_000, tmp_path)
    assert (one.rows, one.zipped, one.lines_traced, one.lines_equal) == (2_000, False, 20, 20)
    assert min(one.warehouse_bytes, one.csv_bytes, one.way.peak_mb, one.scan.wall_seconds) > 0
    assert list(tmp_path.iterdir()) == []


def test_every_size_is_measured_plain_and_the_largest_zipped_too(monkeypatch):
    asked = []

    def quickly(rows, folder, *, zipped):
        asked.append((rows, zipped, folder.is_dir()))
        return measured(rows, Used(rows / 1000, 1.0, 1.0), zipped=zipped)

    monkeypatch.setattr("benchmarks.large.measure", quickly)
    found = compare([1_000, 10_000])
    assert asked == [(1_000, False, True), (10_000, False, True), (10_000, True, True)]
    assert [one["rows"] for one in found["sizes"]] == [1_000, 10_000, 10_000]
    assert found["exponent"] == pytest.approx(1)


def test_the_exponent_of_what_grows_in_proportion_is_one():
    assert exponent([10, 100, 1000], [2, 20, 200]) == pytest.approx(1)
    assert exponent([10, 100, 1000], [1, 100, 10_000]) == pytest.approx(2)
