"""The SQL in sql/ is complete, documented, and says what the rest of the project believes it says."""

import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.contracts import load_contracts
from pipeline.errors import InputError

SQL = Path(__file__).parents[2] / "sql"


@pytest.fixture(scope="module")
def contracts():
    return load_contracts(SQL)


def test_table_and_file_bear_the_same_name(contracts):
    files = {
        f"{file.parent.name}.{file.stem}" for layer in ("core", "marts", "analysis") for file in (SQL / layer).iterdir()
    }
    assert set(contracts.tables) == files
    assert {table.file for table in contracts.tables.values()} == {
        f"sql/{name.replace('.', '/')}.sql" for name in files
    }


def test_every_table_and_column_says_what_it_holds(contracts):
    for table in (*contracts.tables.values(), *contracts.raw.values()):
        assert table.comment.startswith("One row"), table.id
        assert all(column.comment for column in table.columns), table.id


def test_every_stored_table_has_a_key(contracts):
    for table in (*contracts.tables.values(), *contracts.raw.values()):
        if table.layer != "marts":
            assert any(column.in_key for column in table.columns), table.id


def test_no_column_is_of_a_type_that_overflows_or_drifts(contracts):
    # A DuckLake rounds a HUGEINT above 2^53 without a word: sums are cast.
    for table in (*contracts.raw.values(), *contracts.tables.values()):
        for column in table.columns:
            assert "HUGEINT" not in column.type, f"{table.id}.{column.name}"
            assert column.type != "FLOAT", f"{table.id}.{column.name}"


def test_marts_come_after_the_marts_they_read(contracts):
    marts = [table for table in contracts.tables.values() if table.layer == "marts"]
    for position, table in enumerate(marts):
        later = {other.id for other in marts[position:]}
        assert not later.intersection(table.reads), table.id


def test_the_contract_of_a_source_is_that_of_its_kind(contracts):
    table = contracts.of_source("staging", "observation", "a_source", "A 'quoted' title")
    assert table.id == "staging.a_source"
    assert table.columns == contracts.tables["core.observation"].columns
    assert '"staging"."a_source"' in table.ddl
    assert "core.observation" not in table.ddl + "".join(table.comments)
    assert "A ''quoted'' title" in table.comments[0]


def write(folder: Path, name: str, text: str) -> None:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")


GOOD = (
    "CREATE OR REPLACE TABLE core.t (a INTEGER, PRIMARY KEY (a));"
    "COMMENT ON TABLE core.t IS 'x';COMMENT ON COLUMN core.t.a IS 'y';"
)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("core/t.sql", GOOD.replace("core.t.a IS 'y'", "core.t.a IS NULL"), "no comment on column a"),
        ("core/t.sql", "CREATE OR REPLACE TABLE core.t (a INTEGER)", "no comment on column a"),
        ("core/other.sql", GOOD, "does not create core.other"),
        ("core/t.sql", "CREATE TABLE core.t (a NONSENSE)", "does not run"),
        ("core/t.sql", GOOD.replace("INTEGER, PRIMARY KEY (a)", "INTEGER PRIMARY KEY"), "key is written in a way"),
        ("core/t.sql", "", "does not run"),
        ("checks/core/t__rule.sql", "SELECT 1", "header lines"),
        ("checks/core/t__rule.sql", "-- severity: LOUD\n-- reason: r\nSELECT 1", "header lines"),
        ("checks/core/nowhere__rule.sql", "-- severity: WARN\n-- reason: r\nSELECT 1", "no table core.nowhere"),
    ],
)
def test_a_contract_that_is_wrong_is_named_with_its_file(tmp_path, name, text, message):
    write(tmp_path, "core/t.sql", GOOD)
    if name == "core/other.sql":
        (tmp_path / "core/t.sql").unlink()
    write(tmp_path, name, text)
    with pytest.raises(InputError, match=message) as caught:
        load_contracts(tmp_path)
    assert caught.value.file.endswith(name)
    assert caught.value.remedy


def test_marts_that_read_each_other_are_refused(tmp_path):
    for one, other in (("a", "b"), ("b", "a")):
        write(tmp_path, f"marts/{one}.sql", f"SELECT * FROM marts.{other}; COMMENT ON TABLE marts.{one} IS 'x'")
    with pytest.raises(InputError, match="circle"):
        load_contracts(tmp_path)


def test_reading_the_contracts_loads_no_pandas():
    code = (
        "import sys; from pathlib import Path; from pipeline.contracts import load_contracts; "
        f"load_contracts(Path({str(SQL)!r})); print(*{{'duckdb', 'pandas'}} & sys.modules.keys())"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout.split() == ["duckdb"]
