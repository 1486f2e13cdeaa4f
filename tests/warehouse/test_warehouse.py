"""The four verbs of the warehouse: content decides, errors leave the old table, others are told who holds the file."""

import os
import subprocess
import sys
import threading
from decimal import Decimal

import duckdb
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import InputError
from pipeline.warehouse import Check, DamagedError, KeyTwiceError, Warehouse, quote

DDL = "CREATE OR REPLACE TABLE core.city (name VARCHAR, share DECIMAL(9, 2) CHECK (share <= 100), PRIMARY KEY (name))"
COMMENTS = ("COMMENT ON TABLE core.city IS 'One row a city.'",)


def cities(*rows: tuple[str, str]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=["name", "share"], orient="row").with_columns(
        pl.col("share").cast(pl.Decimal(9, 2))
    )


def put(warehouse: Warehouse, frame: pl.DataFrame):
    return warehouse.replace("core.city", ddl=DDL, comments=COMMENTS, frame=frame)


@pytest.fixture
def warehouse(tmp_path):
    return Warehouse(tmp_path / "warehouse.duckdb")


def test_what_is_put_in_comes_out_typed(warehouse):
    stored = put(warehouse, cities(("Kiel", "14.10"), ("Halle (Saale)", "9.00")))
    assert stored.rows == 2
    assert warehouse.read("core.city").rows() == [
        ("Halle (Saale)", Decimal("9.00")),
        ("Kiel", Decimal("14.10")),
    ]
    assert warehouse.read("core.city").schema["share"] == pl.Decimal(9, 2)


def test_the_digest_follows_content_and_not_order_or_time(warehouse):
    first = put(warehouse, cities(("Kiel", "14.10"), ("Halle", "9.00"))).digest
    assert put(warehouse, cities(("Halle", "9.00"), ("Kiel", "14.10"))).digest == first
    assert warehouse.digest("core.city") == first
    assert put(warehouse, cities(("Halle", "9.01"), ("Kiel", "14.10"))).digest != first


def test_the_digest_tells_null_from_the_word_null(warehouse):
    with warehouse.session() as con:
        con.execute("CREATE TABLE core.a AS SELECT NULL::VARCHAR AS x; CREATE TABLE core.b AS SELECT 'null' AS x")
    assert warehouse.digest("core.a") != warehouse.digest("core.b")


@settings(max_examples=15, deadline=None)
@given(st.lists(st.text(max_size=8), min_size=1, max_size=6, unique=True), st.randoms())
def test_any_text_survives_and_any_order_has_the_same_digest(tmp_path_factory, names, random):
    warehouse = Warehouse(tmp_path_factory.mktemp("w") / "w.duckdb")
    rows = [(name, "1.00") for name in names]
    first = put(warehouse, cities(*rows)).digest
    assert set(warehouse.read("core.city")["name"]) == set(names)
    random.shuffle(rows)
    assert put(warehouse, cities(*rows)).digest == first


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([("Kiel", "14.10"), ("Kiel", "14.20")], "duplicate key"),
        ([("Kiel", "100.01")], "CHECK"),
    ],
)
def test_a_broken_contract_leaves_the_old_table_standing(warehouse, rows, reason):
    digest = put(warehouse, cities(("Kiel", "14.10"))).digest
    with pytest.raises(InputError, match=reason) as caught:
        put(warehouse, cities(*rows))
    assert caught.value.file == "sql/core/city.sql"
    assert warehouse.digest("core.city") == digest


KEYED = "CREATE OR REPLACE TABLE core.city (name VARCHAR NOT NULL, part VARCHAR, PRIMARY KEY (name, part))"


def parts(*frames: pl.DataFrame):
    """Frames on their way, and what became of the thread they are made in."""
    closed = []

    def made():
        try:
            yield from frames
        finally:
            closed.append(True)

    return made, closed


def keyed(*names: str, part: str | None = "a") -> pl.DataFrame:
    return pl.DataFrame({"name": names, "part": [part] * len(names)}, schema={"name": pl.String, "part": pl.String})


def test_frames_one_after_the_other_are_one_table(warehouse):
    frames, closed = parts(keyed("Kiel", "Ulm"), keyed(), keyed("Halle"))
    stored = warehouse.replace("core.city", ddl=KEYED, comments=(), frames=frames)
    assert (stored.rows, closed) == (3, [True])
    with warehouse.session():
        (batch,) = warehouse.batches("core.city", {"part": "a"})
        assert list(warehouse.batches("core.city", {"part": "b"})) == []
    assert list(batch["name"]) == ["Kiel", "Ulm", "Halle"]
    whole = warehouse.replace("core.city", ddl=KEYED, comments=(), frame=keyed("Halle", "Ulm", "Kiel"))
    assert whole.digest == stored.digest
    assert warehouse.replace("core.city", ddl=KEYED, comments=(), frames=list).rows == 0


def test_a_key_that_stands_twice_in_different_frames_leaves_the_old_table(warehouse):
    digest = warehouse.replace("core.city", ddl=KEYED, comments=(), frame=keyed("Ulm")).digest
    frames, _ = parts(keyed("Kiel", "Ulm"), keyed("Halle"), keyed("Kiel"), keyed("Kiel", part="b"))
    with pytest.raises(
        KeyTwiceError, match=r'PRIMARY KEY\("name", "part"\) is broken by 2 rows with "name": Kiel, "part": a'
    ) as caught:
        warehouse.replace("core.city", ddl=KEYED, comments=(), frames=frames)
    assert caught.value.rows.rows() == [("Kiel", "a"), ("Kiel", "a")]
    assert warehouse.digest("core.city") == digest
    with pytest.raises(InputError, match="NOT NULL"):
        warehouse.replace("core.city", ddl=KEYED, comments=(), frame=keyed("Kiel", part=None))
    assert warehouse.digest("core.city") == digest


def test_frames_that_fail_say_so_themselves_and_leave_the_old_table(warehouse):
    digest = warehouse.replace("core.city", ddl=KEYED, comments=(), frame=keyed("Ulm")).digest

    def failing():
        yield keyed("Kiel")
        yield keyed("Halle")
        raise InputError("the content is not the registered one", file="x.csv", line=7)

    with pytest.raises(InputError, match="not the registered one") as caught:
        warehouse.replace("core.city", ddl=KEYED, comments=(), frames=failing)
    assert caught.value.line == 7
    assert warehouse.digest("core.city") == digest
    assert warehouse.replace("core.city", ddl=KEYED, comments=(), frame=keyed("Ulm", "Kiel")).rows == 2


def test_a_table_that_refuses_lets_go_of_what_makes_its_frames(warehouse):
    frames, closed = parts(*[cities(("Kiel", "100.01"))] * 50)
    with pytest.raises(InputError, match="CHECK"):
        warehouse.replace("core.city", ddl=DDL, comments=COMMENTS, frames=frames)
    assert closed == [True]
    with warehouse.session() as con:
        said = con.sql("SELECT name, value FROM duckdb_settings() WHERE name IN ('threads', 'memory_limit')").fetchall()
    fresh = duckdb.connect()
    known = fresh.sql("SELECT value FROM duckdb_settings() WHERE name = 'threads'").fetchall()
    assert dict(said)["threads"] == known[0][0]
    assert dict(said)["memory_limit"] == "488.2 MiB"


def test_what_needs_more_than_the_limit_gets_more_once_and_the_limit_is_back(warehouse):
    """A list is built in memory or not at all."""
    with warehouse.session() as con:
        select = "SELECT length(list(i)) AS many FROM range(50_000_000) AS r(i)"
        with pytest.raises(duckdb.OutOfMemoryException):
            con.execute(select)
        assert warehouse.replace("core.many", ddl="", comments=(), select=select).rows == 1
        ((limit,),) = con.execute("SELECT value FROM duckdb_settings() WHERE name = 'memory_limit'").fetchall()
    assert limit == "488.2 MiB"


def test_a_view_shows_the_rows_of_its_tables_and_keeps_the_contract(warehouse):
    comments = ("COMMENT ON TABLE core.city IS 'One row a city.'", "COMMENT ON COLUMN core.city.name IS 'its name'")
    for name, frame in (("north", keyed("Kiel")), ("south", keyed("Ulm"))):
        warehouse.replace(
            f"staging.{name}", ddl=KEYED.replace("core.city", f"staging.{name}"), comments=(), frame=frame
        )
    as_table = warehouse.replace("core.city", ddl=KEYED, comments=comments, frame=keyed("Kiel", "Ulm"))
    select = "SELECT * FROM staging.north UNION ALL BY NAME SELECT * FROM staging.south"
    for _ in range(2):
        view = warehouse.replace("core.city", ddl=KEYED, comments=comments, select=select, view=True)
    assert (view.rows, view.digest) == (2, as_table.digest)
    assert warehouse.digests(["core.city"]) == {"core.city": as_table.digest}
    with warehouse.session() as con:
        said = con.sql(
            "SELECT comment FROM duckdb_columns() WHERE table_name = 'city' AND comment IS NOT NULL"
        ).fetchall()
    assert said == [("its name",)]
    twice = f"{select} UNION ALL BY NAME SELECT * FROM staging.south"
    with pytest.raises(KeyTwiceError, match="Ulm"):
        warehouse.replace("core.city", ddl=KEYED, comments=comments, select=twice, view=True)
    assert warehouse.digest("core.city") == as_table.digest
    assert warehouse.replace("core.city", ddl=KEYED, comments=comments, frame=keyed("Kiel")).rows == 1


def test_a_digest_of_many_rows_follows_every_cell(warehouse, monkeypatch):
    monkeypatch.setattr("pipeline.warehouse.digest.MANY_ROWS", 1)
    rows = [("Kiel", "14.10"), ("Halle", "9.00"), ("Ulm", "8.00")]
    first = put(warehouse, cities(*rows)).digest
    assert put(warehouse, cities(*reversed(rows))).digest == first
    for changed in (("Ulm", "8.01"), ("Uln", "8.00"), ("U", "8.00")):
        assert put(warehouse, cities(*rows[:2], changed)).digest != first
    with warehouse.session() as con:
        con.execute("CREATE TABLE core.a AS SELECT unnest(['', 'b']) AS x, NULL::VARCHAR AS y")
        con.execute("CREATE TABLE core.b AS SELECT unnest([NULL, 'b']) AS x, unnest(['', NULL]) AS y")
    assert warehouse.digest("core.a") != warehouse.digest("core.b")


def test_a_check_returns_the_offending_rows(warehouse):
    put(warehouse, cities(("Kiel", "14.10"), ("Halle", "99.00")))
    check = Check("core", "city", "plausible", "ERROR", "why", "SELECT * FROM core.city WHERE share > 50", "f.sql")
    (result,) = warehouse.run_checks([check])
    assert (result.passed, result.offending, result.sample["name"].to_list()) == (False, 1, ["Halle"])


def test_a_check_that_does_not_run_is_named(warehouse):
    check = Check("core", "x", "y", "ERROR", "why", "SELECT * FROM core.nowhere", "sql/checks/core/x__y.sql")
    with pytest.raises(InputError, match=r"sql/checks/core/x__y\.sql"):
        warehouse.run_checks([check])


def test_a_session_is_closed_after_an_error(warehouse):
    with pytest.raises(ZeroDivisionError), warehouse.session():
        raise ZeroDivisionError
    with warehouse.session() as con:
        assert con.sql("SELECT 1").fetchall() == [(1,)]


def test_sessions_that_follow_each_other_share_a_connection_and_then_let_go(tmp_path):
    warehouse = Warehouse(tmp_path / "w.duckdb", linger_seconds=60)
    with warehouse.session() as first, warehouse.session() as inner:
        assert inner is first
    with warehouse.session() as second:
        assert second is first
    warehouse.close()
    with pytest.raises(duckdb.ConnectionException):
        first.sql("SELECT 1")


def test_a_session_that_fails_lets_go_at_once(tmp_path):
    warehouse = Warehouse(tmp_path / "w.duckdb", linger_seconds=60)
    seen = []

    def fail():
        with warehouse.session() as con:
            seen.append(con)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with pytest.raises(duckdb.ConnectionException):
        seen[0].sql("SELECT 1")


def test_a_second_process_is_told_who_holds_the_file(warehouse):
    with warehouse.session():
        code = (
            "import sys; from pathlib import Path; from pipeline.warehouse import Warehouse\n"
            "with Warehouse(Path(sys.argv[1])).session(): pass"
        )
        other = subprocess.run(
            [sys.executable, "-c", code, str(warehouse.path)], capture_output=True, text=True, check=False
        )
    assert other.returncode != 0
    assert f"in use by process {os.getpid()}" in other.stderr


HOLD = """
import sys, time
from pathlib import Path
from pipeline.warehouse import Warehouse
with Warehouse(Path(sys.argv[1])).session():
    print("held", flush=True)
    sys.stdin.readline()
"""


def test_a_patient_warehouse_waits_for_its_turn_and_an_impatient_one_does_not(tmp_path):
    path = tmp_path / "w.duckdb"
    other = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert other.stdout is not None
    assert other.stdout.readline() == "held\n"
    with (
        pytest.raises(InputError, match=rf"in use by process {other.pid} \(.*, begun 2\d\d\d-"),
        Warehouse(path).session(),
    ):
        pass
    letting_go = threading.Timer(0.3, other.communicate, args=["\n"])
    letting_go.start()
    with Warehouse(path, wait_seconds=30).session() as con:
        assert con.sql("SELECT 1").fetchall() == [(1,)]
    letting_go.join()


def test_a_file_that_is_no_database_is_told(warehouse):
    warehouse.path.write_bytes(b"not a database" * 1000)
    with pytest.raises(InputError, match="builds it anew from raw_data"), warehouse.session():
        pass


def test_extensions_are_never_fetched(warehouse):
    with warehouse.session() as con:
        found = con.sql(
            "SELECT name, value FROM duckdb_settings() WHERE name IN "
            "('autoinstall_known_extensions', 'autoload_known_extensions') ORDER BY name"
        ).fetchall()
    assert [value for _, value in found] == ["false", "false"]


@given(st.text(min_size=1).filter(lambda text: "\0" not in text))
def test_a_quoted_identifier_is_only_ever_a_name(text):
    try:
        text.encode()
    except UnicodeEncodeError:
        return
    con = duckdb.connect()
    assert con.sql(f"SELECT 1 AS {quote(text)}").columns == [text]


def test_a_file_that_cannot_be_opened_is_set_aside_and_kept(tmp_path):
    path = tmp_path / "w.duckdb"
    warehouse = Warehouse(path)
    path.write_bytes(b"no database" * 1000)
    path.with_name("w.duckdb.wal").write_bytes(b"a log of it")
    with pytest.raises(DamagedError) as refused, warehouse.session():
        pass
    assert "kept as w.duckdb.damaged" in warehouse.set_aside(refused.value)
    assert (tmp_path / "w.duckdb.damaged").read_bytes() == b"no database" * 1000
    assert (tmp_path / "w.duckdb.damaged.wal").read_bytes() == b"a log of it"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["w.duckdb.damaged", "w.duckdb.damaged.wal"]
    with warehouse.session() as con:
        assert con.sql("SELECT 1").fetchall() == [(1,)]


def filled(path):
    """A file of many blocks, all of them in use."""
    warehouse = Warehouse(path)
    with warehouse.session() as con:
        con.execute("CREATE TABLE core.t AS SELECT i, md5(i::VARCHAR) AS text FROM range(200_000) AS r(i)")
    return warehouse


def test_a_byte_that_went_wrong_in_a_block_is_damage(tmp_path):
    warehouse = filled(tmp_path / "w.duckdb")
    assert warehouse.damage() is None
    data = bytearray(warehouse.path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    warehouse.path.write_bytes(data)
    before = warehouse.path.stat()
    assert isinstance(warehouse.damage(), DamagedError)
    assert (warehouse.path.stat().st_mtime_ns, warehouse.path.read_bytes()) == (before.st_mtime_ns, data)
    with pytest.raises(DamagedError, match="checksum") as refused:
        warehouse.digests(["core.t"])
    assert "builds it anew" in (refused.value.remedy or "")


def test_a_file_out_of_reach_is_no_damage(tmp_path, monkeypatch):
    refusal = duckdb.IOException('IO Error: Cannot open file "w.duckdb": Permission denied')

    def refuse(*_, **__):
        raise refusal

    monkeypatch.setattr("pipeline.warehouse.opening.duckdb.connect", refuse)
    (tmp_path / "w.duckdb").touch()
    found = Warehouse(tmp_path / "w.duckdb").damage()
    assert found is not None
    assert not isinstance(found, DamagedError)
    assert "rights" in (found.remedy or "")


LINGERING = """
import multiprocessing, pathlib, sys
from pipeline.warehouse import Warehouse
def work():
    warehouse = Warehouse(pathlib.Path(sys.argv[1]), linger_seconds=60.0)
    warehouse.replace(
        "core.t",
        ddl="CREATE OR REPLACE TABLE core.t (a INTEGER PRIMARY KEY CHECK (a > 0))",
        comments=["COMMENT ON COLUMN core.t.a IS 'a number'"],
        select="SELECT 1 AS a",
    )
if sys.argv[2] == "main":
    work()
else:
    process = multiprocessing.get_context(sys.argv[2]).Process(target=work)
    process.start()
    process.join()
    sys.exit(process.exitcode)
"""


@pytest.mark.parametrize("how", ["main", "fork"])
def test_a_process_that_ends_while_its_connection_lingers_leaves_no_log(tmp_path, how):
    path = tmp_path / "w.duckdb"
    subprocess.run([sys.executable, "-c", LINGERING, str(path), how], check=True, timeout=60)
    assert [file.name for file in tmp_path.iterdir()] == ["w.duckdb"]
    assert Warehouse(path).read("core.t").to_dicts() == [{"a": 1}]
