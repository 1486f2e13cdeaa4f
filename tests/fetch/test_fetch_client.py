"""One request: what is sent, what every failure becomes, and when it is tried again."""

from __future__ import annotations

import datetime as dt
import email.utils

import pytest
from genesis_server import PASSWORD, TABLE, USER, Reply, bare, said, table_file, zip_reply

from pipeline.errors import InputError
from pipeline.fetch.answers import ATTEMPTS, RefusedError, retry_after
from pipeline.fetch.client import Client, Timeouts
from pipeline.fetch.services import SERVICES, Credentials, Service

METADATA = {"name": TABLE, "area": "all", "language": "de"}
GOOD = zip_reply(table_file(2023, 2023))


def refused(client, tmp_path, *replies: Reply, genesis) -> RefusedError:
    """The error of a request for a table that is answered so; no file stays."""
    genesis.next["data/tablefile"] = list(replies)
    with pytest.raises(RefusedError) as caught:
        client.table({"name": TABLE}, tmp_path / "part")
    assert list(tmp_path.iterdir()) == []
    assert caught.value.remedy
    assert caught.value.file == f"{client.service.host}, data/tablefile"
    return caught.value


def test_what_is_sent(client, genesis, tmp_path):
    genesis.next["data/tablefile"] = [GOOD]
    answer = client.table({"name": TABLE, "text": "Länder & Kreise"}, tmp_path / "part")
    (asked,) = genesis.asked
    assert asked.form == {"name": TABLE, "text": "Länder & Kreise"}
    assert (asked.headers["username"], asked.headers["password"]) == (USER, PASSWORD)
    assert asked.headers["content-type"] == "application/x-www-form-urlencoded; charset=UTF-8"
    assert asked.headers["user-agent"].startswith("augenhoehe/")
    assert asked.headers["accept-encoding"] == "identity"
    assert (tmp_path / "part").read_bytes() == GOOD.body
    assert answer.size == len(GOOD.body)


def test_a_token_goes_where_the_user_goes_with_an_empty_password(service, genesis):
    with Client(service, Credentials("token", "")) as client:
        client.details("metadata/table", METADATA)
    assert (genesis.asked[0].headers["username"], genesis.asked[0].headers["password"]) == ("token", "")


@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        (-1, "error in words only"),
        (2, "credentials are wrong"),
        (15, "does not accept the credentials"),
        (22, "changed a parameter"),
        (50, "nothing newer"),
        (90, "no such table"),
        (98, "too large for one answer"),
        (99, "made a job"),
        (104, "nothing for this request"),
        (4711, "not known here"),
    ],
)
@pytest.mark.parametrize("http", [200, 404])
def test_every_status_but_0_is_an_error_with_its_meaning(client, genesis, tmp_path, waited, code, meaning, http):
    error = refused(client, tmp_path, said(code, "Wortlaut", http=http), genesis=genesis)
    assert error.code == code
    assert f"status {code}, " in str(error)
    assert meaning in str(error)
    assert "Wortlaut" in str(error)
    assert waited.seconds == []


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        (bare(15, "header", http=401), "status 15"),
        (bare(2, "wrong", http=404), "status 2"),
        (said(0, "fehlerhaft", "Fehler"), "status 0"),
        (Reply(b'{"Status": "Ein Fehler ist aufgetreten"}'), "status -1"),
        (Reply(b'{"Status": null}'), "status -1"),
        (Reply(b'{"Status": {"Code": "many"}}'), "status -1"),
        (said(0), "JSON and without a table"),
        (Reply(b'{"a": 1}'), "JSON and without a table"),
        (Reply(b"<html><title>Login</title></html>", kind="text/html; charset=UTF-8"), "answered with text/html"),
        (Reply(b"x", 401, "text/plain"), "does not accept the credentials"),
        (Reply(b"x", 404, "text/html"), "HTTP status 404"),
        (said(0, http=404), "HTTP status 404"),
        (Reply(GOOD.body, 206, kind="video/mp4"), "answered with video/mp4"),
        (Reply(GOOD.body, headers={"Content-Encoding": "gzip"}, kind="text/csv"), "compressed"),
        (Reply(b"[" * 100_000), "answered with application/json"),
        (Reply(b'{"a":' * 100_000), "answered with application/json"),
    ],
)
def test_other_answers_are_errors_too(client, genesis, tmp_path, waited, reply, message):
    assert message in str(refused(client, tmp_path, reply, genesis=genesis))
    assert waited.seconds == []


PASSING = [
    said(6, "zu viele"),
    bare(6, "zu viele", http=404),
    bare(18, "fährt hoch", http=200),
    Reply(status=429),
    Reply(status=500),
    Reply(b"<html>", 503, "text/html", {"Content-Encoding": "gzip"}),
    Reply(b"PK", kind="application/zip", cut=1000),
]


@pytest.mark.parametrize("reply", PASSING, ids=range(len(PASSING)))
def test_what_may_pass_is_tried_again_with_longer_and_longer_waits(client, genesis, tmp_path, waited, reply):
    genesis.next["data/tablefile"] = [reply, reply, GOOD]
    client.table({"name": TABLE}, tmp_path / "part")
    assert (tmp_path / "part").read_bytes() == GOOD.body
    assert len(genesis.tables) == 3
    first, second = waited.seconds
    assert 2 <= first <= 4 <= second <= 6
    assert len(waited.told) == 2
    assert "asking again in" in waited.told[0]


def test_an_answer_that_does_not_come_is_asked_for_again(hurried, genesis, tmp_path, waited):
    error = refused(hurried, tmp_path, *[Reply(silent=True)] * ATTEMPTS, genesis=genesis)
    assert "no answer in time" in str(error)
    assert len(genesis.tables) == ATTEMPTS == len(waited.seconds) + 1


def test_it_is_not_tried_for_ever(client, genesis, tmp_path, waited):
    error = refused(client, tmp_path, *[said(6)] * 20, genesis=genesis)
    assert error.code == 6
    assert len(genesis.tables) == ATTEMPTS
    assert "the same command goes on" in str(error)


def test_retry_after_is_honoured(client, genesis, tmp_path, waited):
    genesis.next["data/tablefile"] = [Reply(status=503, headers={"Retry-After": "77"}), GOOD]
    client.table({"name": TABLE}, tmp_path / "part")
    assert waited.seconds == [77]


def test_who_asks_for_more_than_a_quarter_of_an_hour_is_left_alone(client, genesis, tmp_path, waited):
    reply = Reply(status=429, headers={"Retry-After": "86400"})
    assert "asks to wait 86400 s" in str(refused(client, tmp_path, reply, genesis=genesis))
    assert waited.seconds == []


def test_retry_after_as_a_date():
    in_a_minute = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=60)
    assert 50 < retry_after(email.utils.format_datetime(in_a_minute, usegmt=True)) <= 60
    assert 50 < retry_after(email.utils.format_datetime(in_a_minute.replace(tzinfo=None))) <= 60
    assert retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0
    assert retry_after("soon") == 0


def test_an_answer_that_trickles_has_an_end(service, genesis, tmp_path):
    with Client(service, Credentials(USER, PASSWORD), timeouts=Timeouts(1, 0.1, 0.05)) as client:
        error = refused(client, tmp_path, Reply(b"x" * 500, kind="text/csv", trickle=True), genesis=genesis)
    assert "not complete after" in str(error)


def test_an_answer_is_bounded(service, genesis, tmp_path):
    with Client(service, Credentials(USER, PASSWORD), max_bytes=1000) as client:
        error = refused(client, tmp_path, Reply(b"x" * 200_000, kind="text/csv"), genesis=genesis)
        assert "more than 1000 bytes" in str(error)
        genesis.next["metadata/table"] = [Reply(b"x" * 200_000)]
        with pytest.raises(RefusedError, match="more than 1000 bytes"):
            client.details("metadata/table", METADATA)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("target", ["https://example.org/x", "http://127.0.0.1:1/x", "/other"])
def test_no_redirect_is_followed(client, genesis, tmp_path, status, target):
    error = refused(client, tmp_path, Reply(status=status, headers={"Location": target}), genesis=genesis)
    assert "credentials are not sent there" in str(error)
    assert len(genesis.asked) == 1


def test_a_full_disk_is_told(client, genesis, tmp_path):
    (tmp_path / "folder").mkdir()
    genesis.next["data/tablefile"] = [GOOD]
    with pytest.raises(RefusedError, match="cannot be written to"):
        client.table({"name": TABLE}, tmp_path / "nowhere" / "part")


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        (Reply(b"<html></html>", kind="text/html"), "is not JSON"),
        (Reply(b"[]"), "is not JSON"),
        (Reply(b'{"Object": {}}'), "has no status"),
        (said(104), "status 104"),
        (said(0, Parameter={"username": "GAST"}), "as a guest"),
    ],
)
def test_metadata_must_be_json_with_status_0_and_for_this_account(client, genesis, reply, message):
    genesis.next["metadata/table"] = [reply]
    with pytest.raises(RefusedError, match=message):
        client.details("metadata/table", METADATA)


@pytest.mark.parametrize(
    "base",
    [
        "http://genesis.destatis.de/genesisWS/rest/2020/",
        "http://localhost:80/rest/2020/",
        "http://127.0.0.1.example.org/rest/2020/",
        "ftp://127.0.0.1/rest/2020/",
        "https://genesis.destatis.de/genesisWS/rest/2020",
    ],
)
def test_credentials_go_over_https_alone(base):
    with pytest.raises(InputError, match="over https alone"):
        Client(Service("genesis", "x", base, 1, "x"), Credentials(USER, PASSWORD))


def test_the_three_services_are_reached_over_https_and_verified(monkeypatch):
    made = []
    import httpx

    monkeypatch.setattr(httpx, "Client", lambda **options: made.append(options))
    for service in SERVICES.values():
        Client(service, Credentials(USER, PASSWORD))
        assert service.base.startswith("https://")
        assert service.base.endswith("/rest/2020/")
    assert {options["verify"] for options in made} == {True}
    assert {options["follow_redirects"] for options in made} == {False}


def test_no_proxy_sees_what_is_not_encrypted(service, genesis, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    with Client(service, Credentials(USER, PASSWORD)) as client:
        assert client.details("metadata/table", METADATA)["Object"]["Code"] == TABLE


def test_who_is_not_there_is_told_at_once(waited):
    nobody = Service("zensus", "Nobody", "http://127.0.0.1:9/rest/2020/", 1, "x")
    with (
        Client(nobody, Credentials(USER, PASSWORD), sleep=waited.seconds.append) as client,
        pytest.raises(RefusedError, match="cannot be reached"),
    ):
        client.details("metadata/table", METADATA)
    assert waited.seconds == []


def test_a_certificate_that_is_not_verified_ends_it(service, waited, monkeypatch):
    import httpx

    def broken(*_: object, **__: object) -> None:
        raise httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed")

    with Client(service, Credentials(USER, PASSWORD), sleep=waited.seconds.append) as client:
        monkeypatch.setattr(client._http, "stream", broken)
        with pytest.raises(RefusedError, match="certificate cannot be verified"):
            client.details("metadata/table", METADATA)
    assert waited.seconds == []


def test_what_a_service_says_cannot_steer_a_terminal(client, genesis, tmp_path):
    error = refused(client, tmp_path, said(90, "\x1b[31mred\r\nnext\x9b" + "x" * 5000), genesis=genesis)
    assert not {"\x1b", "\r", "\x9b"} & set(str(error))
    assert len(str(error)) < 700
