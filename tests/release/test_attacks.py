"""What is hostile and enters through names: SQL, paths and links."""

import pytest
from project_folder import copy_sources

from pipeline.errors import InputError
from pipeline.registry import load_registry
from pipeline.report import render
from pipeline.warehouse import Warehouse, qualified, quote

SQL = ['x"; DROP TABLE core.t; --', "x'; DROP TABLE core.t; --", 'a" AS (SELECT 1) --', '"', "x\ny", "ä b", "select"]


@pytest.mark.parametrize("name", SQL)
def test_a_name_with_sql_in_it_is_a_name(tmp_path, name):
    warehouse = Warehouse(tmp_path / "w.duckdb")
    table = f"core.{name}"
    with warehouse.session() as con:
        con.execute("CREATE TABLE core.t AS SELECT 1 AS a")
        con.execute(f"CREATE TABLE {qualified(table)} ({quote(name)} INTEGER)")
        con.execute(f"INSERT INTO {qualified(table)} VALUES (7)")
    assert warehouse.read(table).to_dicts() == [{name: 7}]
    assert warehouse.read("core.t").to_dicts() == [{"a": 1}]
    assert len(warehouse.digest(table)) == 32


@pytest.mark.parametrize("source", ["../regions", "/etc", "x; DROP TABLE t", "=1+1", "<b>"])
@pytest.mark.parametrize("file", ["release.lock.yml", "corrections.yml", "source.yml"])
def test_a_source_id_is_never_a_path_or_code(tmp_path, source, file):
    copy_sources(tmp_path, "foreign_share_states", "regions")
    raw_data = tmp_path / "raw_data"
    if file == "source.yml":
        path = raw_data / "foreign_share_states/2011-2024/source.yml"
        path.write_text(
            path.read_text("utf-8").replace("source: foreign_share_states", f"source: '{source}'", 1), "utf-8"
        )
    elif file == "release.lock.yml":
        with (raw_data / file).open("a", encoding="utf-8") as lock:
            lock.write(f"  '{source}': v1\n")
    else:
        (raw_data / file).write_text(
            f"corrections:\n  - id: one\n    source: '{source}'\n    title: t\n    reason: r\n    told: null\n"
            "    status: open\n    action: drop\n    figures:\n      - reference: '2018'\n"
            "        printed: {'01': {share_percent: '1'}}\n",
            "utf-8",
        )
    with pytest.raises(InputError) as refused:
        load_registry(raw_data)
    assert file in str(refused.value)


@pytest.mark.parametrize("level", ["source", "vintage", "file"])
def test_a_link_out_of_raw_data_is_refused_at_every_level(tmp_path, level):
    from pipeline.registry import verify

    copy_sources(tmp_path, "foreign_share_states", "regions")
    inner = {"source": "", "vintage": "/2011-2024", "file": "/2011-2024/figures.csv"}[level]
    path = tmp_path / f"raw_data/foreign_share_states{inner}"
    path.rename(tmp_path / "outside")
    path.symlink_to(tmp_path / "outside")

    def read() -> None:
        for vintage in load_registry(tmp_path / "raw_data").vintages:
            verify(vintage)

    with pytest.raises(InputError, match="leads out of"):
        read()


def test_a_report_folder_that_is_a_link_is_refused(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/index.html").write_text("precious")
    (tmp_path / "report").symlink_to("elsewhere")
    (tmp_path / "release").mkdir()
    (tmp_path / "release/manifest.json").write_text("{}")
    (tmp_path / "index.qmd").write_text("---\ntitle: T\n---\n\nText.\n")
    with pytest.raises(InputError, match="is a link"):
        render(
            tmp_path / "index.qmd",
            release=tmp_path / "release",
            output=tmp_path / "report/index.html",
            renderer="builtin",
        )
    assert (tmp_path / "elsewhere/index.html").read_text() == "precious"
