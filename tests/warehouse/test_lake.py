"""The DuckLake behind the same verbs: equal tables, the same refusals, conflicts done again, no word of a secret."""

import importlib.util
import logging
import os
import re
import subprocess
import sys
import traceback
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import dagster as dg
import duckdb
import polars as pl
import pytest
from project_folder import copy_sources
from small_warehouse import build_warehouse, contracts

from pipeline.contracts import apart
from pipeline.definitions import build_definitions
from pipeline.doctor import examine
from pipeline.errors import InputError
from pipeline.lake import ATTEMPTS, DuckLake, extension_file
from pipeline.project import open_project, warehouse_of
from pipeline.settings import Lake, Settings
from pipeline.status import status
from pipeline.warehouse import TABLES, ConflictError, Warehouse, qualified, quote

DDL = "CREATE OR REPLACE TABLE core.city (name VARCHAR, share DECIMAL(9, 2) CHECK (share <= 100), PRIMARY KEY (name))"
COMMENTS = ("COMMENT ON TABLE core.city IS 'One row a city.'", "COMMENT ON COLUMN core.city.share IS 'A share.'")
SHAPE = (
    "SELECT table_name, column_name, data_type, is_nullable, comment FROM duckdb_columns() "
    "WHERE database_name = current_database() AND schema_name = ? ORDER BY ALL"
)
# Of a column of each type: what a CHECK may refuse. Values of the column's other rows are tried as well.
STRANGE = {
    "VARCHAR": "'no such thing'::VARCHAR, '', NULL",
    "INTEGER": "-1::INTEGER, 0, 2, 1000000, NULL",
    "BIGINT": "-1::BIGINT, 0, 2, 1000000, NULL",
    "DOUBLE": "-1e9::DOUBLE, -1.5, -0.5, 0, 0.5, 1, 2, 150, 1e9, NULL",
    "DECIMAL(20,6)": "-1::DECIMAL(20,6), 0, 0.5, 150, 1000000, NULL",
    "DATE": "DATE '1850-01-01', DATE '2150-06-01', NULL",
    "BOOLEAN": "true, false, NULL",
}


@pytest.fixture
def lake(tmp_path):
    return DuckLake(Lake(str(tmp_path / "lake.ducklake"), str(tmp_path / "data")))


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """The small warehouse, every core, mart and analysis table of it, as a file and as a lake."""
    folder = tmp_path_factory.mktemp("both")
    file = build_warehouse(folder / "warehouse.duckdb")
    lake = DuckLake(Lake(str(folder / "lake.ducklake"), str(folder / "data")), linger_seconds=600)
    frames = file.read_all(contracts().tables)
    for table in contracts().tables.values():
        given = {"select": table.select} if table.layer == "marts" else {"frame": frames[table.id]}
        lake.replace(table.id, ddl=table.ddl, comments=table.comments, **given)
    yield file, lake
    file.close()
    lake.close()


def cities(*rows):
    return pl.DataFrame(rows, schema=["name", "share"], orient="row").with_columns(
        pl.col("share").cast(pl.Decimal(9, 2))
    )


def put(warehouse, *rows):
    return warehouse.replace("core.city", ddl=DDL, comments=COMMENTS, frame=cities(*rows))


def test_every_table_has_the_same_digest_types_and_comments(both):
    file, lake = both
    assert lake.digests(contracts().tables) == file.digests(contracts().tables)
    for layer in ("core", "marts", "analysis"):
        with file.session() as one, lake.session() as other:
            expected, found = (con.execute(SHAPE, [layer]).fetchall() for con in (one, other))
        assert found == expected
        assert expected


@pytest.mark.slow  # `make scaleout` compares the same tables, in a lake on a server
def test_the_real_tables_of_every_layer_are_the_same_in_a_lake(finished, lake):
    """Raw and staging, too; a HUGEINT would be rounded without a word above 2^53."""
    project = open_project(Settings.resolve(finished.folder, env={}))
    layers = dict.fromkeys(project.registry.sources, ("raw", "staging"))
    tables = [project.table_of(layer, project.registry.sources[name]) for name in layers for layer in layers[name]]
    tables += project.published_tables
    with duckdb.connect(str(project.settings.warehouse), read_only=True) as con, lake.session():
        types = {type_ for (type_,) in con.execute("SELECT DISTINCT data_type FROM duckdb_columns()").fetchall()}
        for table in tables:
            frame = con.sql(f"SELECT * FROM {qualified(table.id)}").pl()
            ddl = table.ddl or con.execute(
                "SELECT sql FROM duckdb_tables() WHERE schema_name = 'marts' AND table_name = ?", [table.name]
            ).fetchall()[0][0].replace("CREATE TABLE", "CREATE OR REPLACE TABLE", 1)
            lake.replace(table.id, ddl=ddl, comments=table.comments, frame=frame)
    assert not {type_ for type_ in types if "HUGEINT" in type_}
    names = [table.id for table in tables]
    assert len(names) > 80
    assert lake.digests(names) == open_project(project.settings).warehouse.digests(names)


def broken_rows(con, table):
    """Rows of the table, each made to break one thing: what must be refused, and the rows."""
    name = qualified(table.id)
    columns = {column.name: column for column in table.columns}
    filled = [column.name for column in table.columns if not column.nullable]
    yield (
        f"NOT NULL constraint failed: {table.name}.{filled[-1]}",
        (f"SELECT * REPLACE (NULL AS {quote(filled[-1])}) FROM {name}"),
    )
    if not any(column.in_key for column in table.columns):
        return
    yield "PRIMARY KEY", f"SELECT * FROM {name} UNION ALL SELECT * FROM {name}"
    rules = [one.text.removeprefix("CHECK") for one in apart(table.id, table.ddl)[1] if one.text.startswith("CHECK")]
    # Of all rows that break a CHECK the one that breaks fewest others: both name the first that is broken.
    fewest = " + ".join(f"coalesce(NOT {rule}, false)::INTEGER" for rule in rules)
    for rule in rules:
        named = [column for name, column in columns.items() if name in rule]
        for changed in [*combinations(named, 1), *combinations(named, 2)]:
            query = f"SELECT * FROM ({_changed(table, changed, rule)}) WHERE NOT {rule} ORDER BY {fewest} LIMIT 1"
            if con.sql(query).fetchall():
                broken = [one for one in rules if con.sql(f"SELECT 1 FROM ({query}) WHERE NOT {one}").fetchall()]
                yield f"CHECK{broken[0]}", query
                break
        else:
            raise AssertionError(f"{table.id}: no row breaks {rule}")


def _changed(table, columns, rule):
    """Rows of the table with each of many values in some of their columns, the words of the rule among them."""
    name = qualified(table.id)
    words = "".join(f", {word}" for word in re.findall("'[^']*'", rule))
    tried = {type_: values + words if type_ == "VARCHAR" else values for type_, values in STRANGE.items()}
    values = [
        f"(SELECT unnest([{tried[column.type]}]) AS v{at} "
        f"UNION (SELECT DISTINCT {quote(column.name)} FROM {name} LIMIT 20))"
        for at, column in enumerate(columns)
    ]
    replaced = ", ".join(f"v{at} AS {quote(column.name)}" for at, column in enumerate(columns))
    return f"SELECT t.* REPLACE ({replaced}) FROM (FROM {name} ORDER BY ALL LIMIT 40) AS t, {', '.join(values)}"


@pytest.mark.parametrize("layer", ["core", "analysis"])
def test_both_refuse_the_same_broken_rows_of_every_table(both, layer):
    file, lake = both
    refused = 0
    # A session that fails lets go of its connection; one around all keeps it.
    with file.session() as con, lake.session():
        for table in [table for table in contracts().tables.values() if table.layer == layer]:
            before = file.digest(table.id)
            for broken, query in list(broken_rows(con, table)):
                frame = con.sql(query).pl()
                for warehouse in both:
                    with pytest.raises(InputError) as caught:
                        warehouse.replace(table.id, ddl=table.ddl, comments=table.comments, frame=frame)
                    assert caught.value.file == f"sql/{layer}/{table.name}.sql"
                    assert "break its contract: Constraint Error:" in caught.value.message, broken
                assert broken in caught.value.message
                refused += 1
            assert [warehouse.digest(table.id) for warehouse in both] == [before, before]
    assert refused > {"core": 50, "analysis": 100}[layer]


@pytest.mark.parametrize("kind", sorted(contracts().raw))
def test_both_refuse_a_key_that_comes_twice_in_a_raw_table(both, kind):
    table = contracts().of_source("raw", kind, f"a_{kind}", "A source")
    texts = {"VARCHAR": "x", "INTEGER": 2, "BIGINT": 2, "DATE": None, "DOUBLE": 1.0, "BOOLEAN": True}
    row = {column.name: texts[column.type] for column in table.columns}
    for warehouse in both:
        warehouse.replace(table.id, ddl=table.ddl, comments=table.comments, frame=pl.DataFrame([row]))
        with pytest.raises(InputError, match=r"(?i)duplicate key"):
            warehouse.replace(table.id, ddl=table.ddl, comments=table.comments, frame=pl.DataFrame([row, row]))
        assert warehouse.read(table.id).height == 1


def test_a_refusal_names_the_constraint_and_the_first_rows(lake):
    put(lake, ("Kiel", "14.10"))
    with pytest.raises(
        InputError, match=r"CHECK\(\(\"?share\"? <= 100\)\) is broken by 1 row, the first: .*Bonn"
    ) as told:
        put(lake, ("Bonn", "100.01"), ("Kiel", "9.00"))
    assert told.value.file == "sql/core/city.sql"
    with pytest.raises(
        InputError, match=r"duplicate key: PRIMARY KEY\(\"name\"\) is broken by 2 rows with \"name\": Bonn"
    ):
        put(lake, ("Bonn", "1.00"), ("Bonn", "2.00"))
    assert lake.read("core.city")["name"].to_list() == ["Kiel"]


def test_what_is_a_view_in_a_file_is_a_table_in_a_lake_with_its_comments(lake, tmp_path):
    comments = ("COMMENT ON TABLE core.city IS 'One row a city'", "COMMENT ON COLUMN core.city.name IS 'its name'")
    select = "SELECT 'Kiel' AS name, CAST(14.10 AS DECIMAL(9, 2)) AS share"
    digests = []
    for warehouse, views in ((Warehouse(tmp_path / "w.duckdb"), 1), (lake, 0)):
        stored = warehouse.replace("core.city", ddl=DDL, comments=comments, select=select, view=True)
        digests.append(stored.digest)
        with warehouse.session() as con:
            said = con.sql("SELECT comment FROM duckdb_columns() WHERE table_name = 'city' AND column_name = 'name'")
            assert ("its name",) in said.fetchall()
            assert con.sql("SELECT count(*) FROM duckdb_views() WHERE view_name = 'city'").fetchall() == [(views,)]
    assert digests[0] == digests[1]


def test_a_unique_key_lets_nulls_pass_and_a_check_without_an_answer_holds(lake, tmp_path):
    ddl = "CREATE OR REPLACE TABLE core.t (a INTEGER, b INTEGER, UNIQUE (a, b), CHECK (a < b))"
    rows = pl.DataFrame({"a": [1, 1, None], "b": [None, None, 2]}, schema={"a": pl.Int32, "b": pl.Int32})
    for warehouse in (lake, Warehouse(tmp_path / "w.duckdb")):
        assert warehouse.replace("core.t", ddl=ddl, comments=(), frame=rows).rows == 3
        twice = pl.concat([rows, pl.DataFrame({"a": [1, 1], "b": [5, 5]}, schema=rows.schema)])
        with pytest.raises(InputError, match=r"(?i)unique"):
            warehouse.replace("core.t", ddl=ddl, comments=(), frame=twice)


def test_what_has_no_select_is_not_left_out_in_silence():
    ddl = "CREATE TABLE core.a (x INTEGER PRIMARY KEY, y INTEGER REFERENCES core.a (x))"
    with pytest.raises(ValueError, match="FOREIGN KEY"):
        apart("core.a", ddl)


def test_rows_lie_in_files_and_comments_are_there_after_every_replace(lake, tmp_path):
    for share in ("1.00", "2.00"):
        put(lake, ("Kiel", share))
        with lake.session() as con:
            said = con.execute("SELECT comment FROM duckdb_tables() WHERE table_name = 'city'").fetchall()
            column = con.execute("SELECT comment FROM duckdb_columns() WHERE column_name = 'share'").fetchall()
        assert (said, column) == ([("One row a city.",)], [("A share.",)])
    assert len(list((tmp_path / "data").rglob("*.parquet"))) == 2


class Disturbed(DuckLake):
    """While it stores a table, another connection replaces the same one, as often as is asked."""

    times = 0

    def _hold(self, con, table, ddl):
        super()._hold(con, table, ddl)
        if self.times:
            self.times -= 1
            other = con.cursor()
            other.execute("USE warehouse")
            other.execute(f"CREATE OR REPLACE TABLE {qualified(table)} AS SELECT 'of another' AS name, 1 AS share")
            other.close()


def test_a_table_replaced_by_two_at_once_is_stored_again(tmp_path, caplog):
    lake = Disturbed(Lake(str(tmp_path / "lake.ducklake"), str(tmp_path / "data")), linger_seconds=600)
    put(lake, ("Kiel", "1.00"))
    lake.times = 2
    with caplog.at_level(logging.WARNING):
        assert put(lake, ("Halle", "2.00")).rows == 1
    assert lake.read("core.city")["name"].to_list() == ["Halle"]
    told = [record.getMessage() for record in caplog.records]
    assert [f"attempt {number} of {ATTEMPTS} failed" in line for number, line in enumerate(told, 1)] == [True, True]


def test_a_conflict_without_end_is_told_and_the_table_of_the_other_stands(tmp_path, monkeypatch):
    monkeypatch.setattr("pipeline.lake.WAIT_SECONDS", 0.0)
    lake = Disturbed(Lake(str(tmp_path / "lake.ducklake"), str(tmp_path / "data")), linger_seconds=600)
    put(lake, ("Kiel", "1.00"))
    lake.times = 100
    with lake.session():
        with pytest.raises(ConflictError, match=r"another process replaced core\.city"):
            put(lake, ("Halle", "2.00"))
        assert lake.times == 100 - ATTEMPTS
        assert lake.read("core.city")["name"].to_list() == ["of another"]


def test_a_catalogue_in_a_file_is_of_one_process_at_a_time(lake, tmp_path):
    with lake.session():
        code = (
            "import sys; from pipeline.lake import DuckLake; from pipeline.settings import Lake\n"
            "with DuckLake(Lake(sys.argv[1], sys.argv[2])).session(): pass"
        )
        other = subprocess.run(
            [sys.executable, "-c", code, str(tmp_path / "lake.ducklake"), str(tmp_path / "data")],
            capture_output=True,
            text=True,
            check=False,
        )
    assert f"in use by process {os.getpid()}" in other.stderr


def test_a_missing_extension_is_a_sentence_with_a_remedy(monkeypatch):
    real = importlib.util.find_spec
    monkeypatch.setattr(
        "importlib.util.find_spec", lambda name, *rest: None if "ducklake" in name else real(name, *rest)
    )
    with pytest.raises(InputError, match=r"duckdb-extension-ducklake is not installed[\s\S]*augenhoehe\[scaleout\]"):
        extension_file("ducklake")
    monkeypatch.undo()
    monkeypatch.setattr("pipeline.lake.duckdb.__version__", "9.9.9")
    with pytest.raises(InputError, match=r"holds none for DuckDB 9\.9\.9"):
        extension_file("ducklake")


def test_extensions_are_never_fetched_for_a_lake(lake):
    with lake.session() as con:
        found = con.sql(
            "SELECT value FROM duckdb_settings() WHERE name IN "
            "('autoinstall_known_extensions', 'autoload_known_extensions')"
        ).fetchall()
        (catalogues,) = con.execute(TABLES).fetchall() or [None]
    assert found == [("false",), ("false",)]
    assert catalogues is None


def test_a_project_uses_the_lake_its_settings_name_and_says_how_it_stands(tmp_path):
    root = copy_sources(tmp_path / "project", "regions", "koenigstein_key_states")
    env = {"AUGENHOEHE_WAREHOUSE": "ducklake:lake/catalogue", "AUGENHOEHE_LAKE_DATA": "lake/data"}
    settings = replace(
        Settings.resolve(root, env=env), lake=Lake(str(tmp_path / "lake/catalogue"), str(tmp_path / "lake/data"))
    )
    assert any("not filled" in told or "cannot be used" in told for told in status(settings).unseen)
    assert not (tmp_path / "lake").exists()  # whoever only looks makes nothing
    project = open_project(settings)
    assert isinstance(project.warehouse, DuckLake)
    keys = {dg.AssetKey([layer, source]) for layer in ("raw", "staging") for source in project.registry.sources}
    job = build_definitions(project).resolve_implicit_global_asset_job_def()
    with dg.DagsterInstance.ephemeral() as instance:
        assert job.get_subset(asset_selection=keys).execute_in_process(instance=instance).success
    project.warehouse.close()
    assert warehouse_of(settings).read("staging.regions").height > 400
    assert not settings.warehouse.exists()
    assert not [finding for finding in examine(settings) if "warehouse" in finding.what or "lake" in finding.what]


SECRET = "planted-word"  # noqa: S105


def test_a_server_out_of_reach_is_told_without_its_password(tmp_path, monkeypatch):
    monkeypatch.setenv("PGPASSWORD", SECRET)
    root = copy_sources(tmp_path / "project", "regions")
    env = {
        "AUGENHOEHE_WAREHOUSE": "ducklake:postgres:host=127.0.0.1 port=1 user=u dbname=lake",
        "AUGENHOEHE_LAKE_DATA": str(tmp_path / "data"),
    }
    project = open_project(Settings.resolve(root, env=env))
    with pytest.raises(InputError, match="Connection refused") as caught:
        project.warehouse.read("core.region")
    told = "".join(traceback.format_exception(caught.value)) + repr(project.settings)
    job = build_definitions(project).resolve_implicit_global_asset_job_def()
    with dg.DagsterInstance.ephemeral() as instance:
        keys = {dg.AssetKey(["raw", "regions"])}
        result = job.get_subset(asset_selection=keys).execute_in_process(instance=instance, raise_on_error=False)
        told += "".join(map(str, instance.all_logs(result.run_id)))
    assert not result.success
    assert "Connection refused" in told
    assert SECRET not in told


def test_files_of_former_tables_go_by_the_statements_the_docs_name(lake, tmp_path):
    page = (Path(__file__).parents[2] / "docs/scaleout.md").read_text("utf-8")
    statements = re.findall(r"(?m)^    (CALL ducklake_.*)$", page)
    for share in ("1.00", "2.00", "3.00"):
        put(lake, ("Kiel", share))
    before = lake.digest("core.city")
    with lake.session() as con:
        for statement in statements:
            con.execute(statement.replace("INTERVAL 30 DAY", "INTERVAL 0 DAY"))
    assert len(statements) == 2
    assert len(list((tmp_path / "data").rglob("*.parquet"))) == 1
    assert lake.digest("core.city") == before
