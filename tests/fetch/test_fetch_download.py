"""A whole download: its parts, what is stored, going on after an interruption, and what is never taken for whole."""

from __future__ import annotations

import datetime as dt
import fcntl
import hashlib
import json

import pytest
from genesis_server import TABLE, Reply, said, table_file, zip_reply
from ingest import layouts

from pipeline.errors import InputError
from pipeline.fetch.answers import RefusedError
from pipeline.fetch.download import Fetched, download
from pipeline.registry import Fetch

NAME = f"{TABLE}-2026-05-20"
REGIONAL = Fetch(service="regionalstatistik", table=TABLE, regionalvariable="KREISE")


@pytest.fixture
def get(client, section, tmp_path):
    def get(fetch=section, years=(), since=None) -> Fetched | None:
        return download(client, "population", fetch, years=years, since=since, fetched=tmp_path)

    return get


def files(folder) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_what_is_asked_and_what_is_stored(get, genesis, tmp_path, service):
    found = get()
    assert [one.method for one in genesis.asked] == [
        "metadata/table",
        *["data/tablefile"] * 3,
        "metadata/table",
        "catalogue/qualitysigns",
    ]
    assert genesis.tables[0] == {
        "name": TABLE,
        "area": "all",
        "format": "ffcsv",
        "compress": "false",
        "quality": "on",
        "language": "de",
        "job": "false",
        "startyear": "2021",
        "endyear": "2021",
    }
    assert found.folder == tmp_path / "population" / NAME
    assert found.as_of == dt.date(2026, 5, 20)
    assert [file.name for file in found.files] == ["2021.csv", "2022.csv", "2023.csv"]
    stored = files(found.folder)
    years = ("2021", "2022", "2023")
    assert set(stored) == {"request.json", "metadata.json", "qualitysigns.json"} | {
        f"{year}.{ending}" for year in years for ending in ("csv", "zip")
    }
    assert stored["2022.csv"] == table_file(2022, 2022)
    assert stored["2022.zip"] == genesis.usual({"startyear": "2022", "endyear": "2022"}).body
    request = json.loads(stored["request.json"])
    assert (request["service"], request["table_updated"]) == ("regionalstatistik", "20.05.2026 08:15:00h")
    part = request["parts"][1]
    assert part["parameters"] == genesis.tables[1]
    assert part["raw_sha256"] == hashlib.sha256(stored["2022.zip"]).hexdigest()
    assert part["member"].endswith("_flat.csv")
    assert dt.datetime.fromisoformat(part["asked_at"]).utcoffset() == dt.timedelta(0)
    assert json.loads(stored["metadata.json"])["Object"]["Code"] == TABLE
    assert "Parameter" not in json.loads(stored["metadata.json"])
    assert json.loads(stored["qualitysigns.json"])["List"][0]["Code"] == "-"
    assert [path.name for path in (tmp_path / "population").iterdir()] == [NAME]


def test_a_finished_download_is_not_asked_for_again(get, genesis):
    first = get()
    before, asked = files(first.folder), len(genesis.tables)
    assert get() == first
    assert len(genesis.tables) == asked
    assert files(first.folder) == before


def test_years_go_together_where_the_service_tells_how_many_values(get, genesis):
    genesis.districts = "400"
    assert [file.name for file in get().files] == ["2021-2023.csv"]
    assert [(form["startyear"], form["endyear"]) for form in genesis.tables] == [("2021", "2023")]


def test_chosen_years_lie_in_a_folder_of_their_own(get, genesis):
    found = get(years=[2023, 2022])
    assert found.folder.name == f"{NAME}_2022_2023"
    assert [form["startyear"] for form in genesis.tables] == ["2022", "2023"]
    assert get(years=range(2021, 2024)).folder != found.folder


def test_a_table_as_plain_text_is_taken_too(get, genesis):
    genesis.on_table = lambda form: Reply(table_file(int(form["startyear"]), int(form["startyear"])), kind="text/csv")
    stored = files(get(years=[2022]).folder)
    assert stored["2022.answer"] == stored["2022.csv"] == table_file(2022, 2022)


def too_large(genesis, *, only_states: bool):
    def answer(form):
        if form["startyear"] != form["endyear"] or (only_states and "regionalkey" not in form):
            return said(98, "zu groß")
        return genesis.usual(form)

    return answer


def test_what_is_too_large_is_split_by_year(get, genesis):
    genesis.districts = "400"
    genesis.on_table = too_large(genesis, only_states=False)
    assert [file.name for file in get().files] == ["2021.csv", "2022.csv", "2023.csv"]


def test_and_then_by_state_where_the_source_names_the_variable(get, genesis):
    genesis.on_table = too_large(genesis, only_states=True)
    found = get(REGIONAL, years=[2023])
    assert len(found.files) == 16
    assert found.files[0].name == "2023-state-01.csv"
    assert genesis.tables[1]["regionalvariable"] == "KREISE"
    assert [form["regionalkey"] for form in genesis.tables[1:]] == [f"{state:02d}*" for state in range(1, 17)]


def test_and_else_it_is_an_error_that_says_what_helps(get, genesis):
    genesis.on_table = too_large(genesis, only_states=True)
    with pytest.raises(RefusedError, match="too large for one answer") as caught:
        get(years=[2023])
    assert "regionalvariable" in caught.value.remedy


def test_too_large_for_a_state_is_an_error(get, genesis):
    genesis.on_table = lambda form: said(98)
    with pytest.raises(RefusedError, match="too large for one answer"):
        get(REGIONAL, years=[2023])
    assert len(genesis.tables) == 2


def test_a_year_within_the_span_may_hold_nothing(get, genesis):
    genesis.on_table = lambda form: said(104) if form["startyear"] == "2022" else genesis.usual(form)
    found = get()
    assert [file.name for file in found.files] == ["2021.csv", "2023.csv"]
    assert found.empty == ("2022",)
    assert json.loads((found.folder / "request.json").read_text())["without_values"][0]["code"] == 104
    assert get() == found


def test_but_not_a_year_that_was_named_nor_all_of_them(get, genesis):
    genesis.on_table = lambda form: said(104)
    with pytest.raises(RefusedError, match="nothing for this request"):
        get(years=[2022])
    with pytest.raises(InputError, match="has nothing for table"):
        get()


def test_a_state_may_hold_nothing(get, genesis):
    def answer(form):
        if "regionalkey" not in form:
            return said(98)
        return genesis.usual(form) if form["regionalkey"] < "03*" else said(104)

    genesis.on_table = answer
    assert len(get(REGIONAL, years=[2023]).files) == 2


def test_nothing_newer_is_no_error(get, genesis, tmp_path):
    assert get(since=dt.date(2026, 5, 20)) is None
    assert genesis.tables == []
    genesis.on_table = lambda form: said(50, "nichts Neueres")
    assert get(since=dt.date(2026, 5, 19)) is None
    assert genesis.tables[0]["stand"] == "19.05.2026"
    assert list((tmp_path / "population").iterdir()) == []


@pytest.mark.parametrize("code", [22, 90, 99, -1])
def test_other_statuses_end_it_and_leave_no_folder_of_that_name(get, genesis, tmp_path, code):
    genesis.on_table = lambda form: said(code)
    with pytest.raises(RefusedError) as caught:
        get()
    assert caught.value.code == code
    assert not (tmp_path / "population" / NAME).exists()


YEAR = table_file(2022, 2022)
WRONG = {
    "login page": (b"<html><title>Anmeldung</title></html>", "web page"),
    "json": (b' [{"Status": 1}]', "JSON"),
    "json in a zip": (layouts.zipped(b'{"Status": {"Code": 98}}'), "status 98"),
    "page in a zip": (layouts.zipped(b"<html></html>"), "web page"),
    "two members": (layouts.zipped(YEAR, more=YEAR), "2 members"),
    "a path in the zip": (layouts.zipped(YEAR, name="../../x.csv"), "path in its name"),
    "half a zip": (layouts.zipped(YEAR)[:-30], "damaged"),
    "gzip": (b"\x1f\x8b\x08" + b"x" * 50, "gzip"),
    "workbook": (layouts.zipped(b"x", name="[Content_Types].xml"), "workbook"),
    "empty": (b"", "empty"),
    "only a header": (layouts.new_file().split(b"\n")[0] + b"\n", "no row below"),
    "cut in a line": (YEAR[:-20], "cells"),
    "cut at the end of a cell": (YEAR[:-1], "cut off"),
    "another layout": (layouts.pivot_new(), "layout is pivot"),
    "another table": (YEAR.replace(b"\n12411;", b"\n12521;"), "holds the table '12521'"),
    "another year": (table_file(2021, 2021), "'2021-12-31', which was not asked for"),
    "years besides": (table_file(2022, 2023), "'2023-12-31', which was not asked for"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_not_the_table_is_never_kept(get, genesis, tmp_path, wrong):
    body, message = WRONG[wrong]
    genesis.on_table = lambda form: (
        Reply(body, kind="application/octet-stream") if form["startyear"] == "2022" else genesis.usual(form)
    )
    with pytest.raises(InputError, match=message) as caught:
        get()
    assert f"{TABLE}, part 2022" in caught.value.file
    (folder,) = (tmp_path / "population").iterdir()
    assert {name for name in files(folder) if name.startswith("202")} == {"2021.csv", "2021.zip"}
    genesis.on_table = genesis.usual
    assert len(get().files) == 3


class Interrupting:
    """Answers as usual, and at one year does as Ctrl-C does, which reaches the client while it waits."""

    def __init__(self, genesis, client, monkeypatch, year: str) -> None:
        usual = client.table

        def table(parameters, into):
            answer = usual(parameters, into)
            if parameters["startyear"] == year:
                into.write_bytes(b"half of it")
                raise KeyboardInterrupt
            return answer

        monkeypatch.setattr(client, "table", table)


def test_after_an_interruption_only_the_rest_is_asked_for(get, genesis, client, tmp_path, monkeypatch):
    with monkeypatch.context() as patched:
        Interrupting(genesis, client, patched, "2022")
        with pytest.raises(KeyboardInterrupt):
            get()
    (folder,) = (tmp_path / "population").iterdir()
    assert folder.name.startswith(".")
    assert set(files(folder)) == {"2021.csv", "2021.zip", "request.json"}
    asked = len(genesis.tables)
    assert len(get().files) == 3
    assert [form["startyear"] for form in genesis.tables[asked:]] == ["2022", "2023"]
    assert [path.name for path in (tmp_path / "population").iterdir()] == [NAME]


def test_ctrl_c_while_an_answer_comes_in_leaves_no_half_of_it(get, genesis, client, tmp_path, monkeypatch):
    usual = client._http.stream

    def stream(method, url, **more):
        if "tablefile" in url and more["data"]["startyear"] == "2022":
            raise KeyboardInterrupt
        return usual(method, url, **more)

    monkeypatch.setattr(client._http, "stream", stream)
    with pytest.raises(KeyboardInterrupt):
        get()
    (folder,) = (tmp_path / "population").iterdir()
    assert set(files(folder)) == {"2021.csv", "2021.zip", "request.json"}


@pytest.mark.parametrize("name", ["2021.csv", "2021.zip"])
@pytest.mark.parametrize("damage", [None, b"other"])
def test_a_part_that_was_changed_meanwhile_is_asked_for_again(get, genesis, tmp_path, name, damage):
    genesis.on_table = lambda form: said(-1) if form["startyear"] == "2023" else genesis.usual(form)
    with pytest.raises(RefusedError):
        get()
    (folder,) = (tmp_path / "population").iterdir()
    if damage is None:
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(damage)
    genesis.on_table = genesis.usual
    asked = len(genesis.tables)
    found = get()
    assert [form["startyear"] for form in genesis.tables[asked:]] == ["2021", "2023"]
    assert (found.folder / "2021.csv").read_bytes() == table_file(2021, 2021)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"parts": []}'])
def test_a_damaged_list_of_parts_means_a_new_beginning(get, genesis, tmp_path, text):
    folder = tmp_path / "population" / f".{NAME}.partial"
    folder.mkdir(parents=True)
    (folder / "request.json").write_text(text)
    (folder / "2021.csv").write_bytes(b"whatever")
    assert (get().folder / "2021.csv").read_bytes() == table_file(2021, 2021)


def test_what_was_too_large_once_is_not_asked_again_when_going_on(get, genesis):
    genesis.districts = "400"
    genesis.on_table = lambda form: (
        said(-1) if form["startyear"] == form["endyear"] == "2023" else too_large(genesis, only_states=False)(form)
    )
    with pytest.raises(RefusedError):
        get()
    genesis.on_table = genesis.usual
    asked = len(genesis.tables)
    found = get()
    assert [(form["startyear"], form["endyear"]) for form in genesis.tables[asked:]] == [("2023", "2023")]
    assert len(found.files) == 3


def test_an_update_between_two_parts_throws_all_away(get, genesis, tmp_path):
    def answer(form):
        if form["startyear"] == "2022":
            genesis.updated = "20.05.2026 09:00:00h"
        return genesis.usual(form)

    genesis.on_table = answer
    with pytest.raises(InputError, match="was updated while it was fetched"):
        get()
    assert list((tmp_path / "population").iterdir()) == []
    genesis.on_table = genesis.usual
    assert len(get().files) == 3


def test_an_update_since_an_interruption_begins_anew(get, genesis):
    genesis.on_table = lambda form: said(-1) if form["startyear"] == "2023" else genesis.usual(form)
    with pytest.raises(RefusedError):
        get()
    genesis.updated, genesis.on_table = "20.05.2026 09:00:00h", genesis.usual
    asked = len(genesis.tables)
    get()
    assert [form["startyear"] for form in genesis.tables[asked:]] == ["2021", "2022", "2023"]


def test_a_later_day_lies_beside_the_former(get, genesis):
    first = get()
    genesis.updated = "21.05.2026 08:00:00h"
    assert get().folder.name == f"{TABLE}-2026-05-21"
    assert first.folder.is_dir()


def test_a_folder_that_holds_something_else_is_not_touched(get, genesis):
    found = get()
    (found.folder / "2021.csv").write_bytes(b"changed")
    with pytest.raises(InputError, match="whose files were changed"):
        get()
    genesis.updated = "20.05.2026 23:00:00h"
    with pytest.raises(InputError, match="another download"):
        get()
    (found.folder / "request.json").unlink()
    with pytest.raises(InputError, match="this is no download"):
        get()
    assert (found.folder / "2021.csv").read_bytes() == b"changed"


def test_one_fetch_at_a_time(get, genesis, tmp_path):
    with (tmp_path / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(InputError, match="another `mo fetch`"):
            get()
    assert genesis.asked == []
    assert len(get().files) == 3


def test_cut_connections_and_full_queues_on_the_way_change_nothing(get, genesis, waited):
    whole = zip_reply(table_file(2021, 2021))
    genesis.next["data/tablefile"] = [said(6), Reply(whole.body[:40], kind=whole.kind, cut=len(whole.body) - 40)]
    found = get()
    assert (found.folder / "2021.zip").read_bytes() == whole.body
    assert len(waited.seconds) == 2
