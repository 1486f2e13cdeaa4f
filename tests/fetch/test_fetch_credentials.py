"""A canary in place of the credentials: every failure is provoked, and nothing that is left behind may hold it."""

from __future__ import annotations

import json
import logging
import sys
import traceback
import types
from urllib.parse import quote, quote_plus

import httpx
import pytest
from genesis_server import PASSWORD, TABLE, USER, Reply, bare, said, table_file, zip_reply
from ingest import layouts

from pipeline.errors import InputError
from pipeline.fetch.client import Client
from pipeline.fetch.download import download
from pipeline.fetch.services import SERVICES, Credentials, Service, credentials

SERVICE = SERVICES["regionalstatistik"]
FORMS = {form for secret in (USER, PASSWORD) for form in (secret, quote(secret), quote_plus(secret))}
FORMS |= {json.dumps(PASSWORD)[1:-1], USER.encode().hex(), "canary"}


def assert_clean(text: str) -> None:
    assert not [form for form in FORMS if form in text]


def behind(error: BaseException | None) -> list[BaseException]:
    """An error and all that it came from, shown or not."""
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found


ECHO = f"user={USER} password={PASSWORD}"
BOTH = quote(PASSWORD, safe="")
FAILURES = {
    "status": said(90, ECHO),
    "half a credential": said(-1, "x" * 290 + PASSWORD),
    "passing": said(6, ECHO),
    "bare": bare(15, ECHO, http=401),
    "text": Reply(json.dumps({"Status": ECHO}).encode()),
    "page": Reply(f"<html><title>{ECHO}</title>".encode(), kind="text/html"),
    "page as csv": Reply(f"<html><title>{USER}</title>".encode(), kind="text/csv"),
    "text as csv": Reply(ECHO.encode(), kind="text/csv"),
    "type": Reply(b"x", kind=f"text/{USER}"),
    "http": Reply(ECHO.encode(), 418),
    "server": Reply(ECHO.encode(), 500),
    "cut": Reply(ECHO.encode(), kind="text/csv", cut=99),
    "silent": Reply(silent=True),
    "trickle": Reply(ECHO.encode() * 50, kind="text/csv", trickle=True),
    "redirect": Reply(status=307, headers={"Location": f"https://{USER}.example.org/{BOTH}"}),
    "broken redirect": Reply(status=307, headers={"Location": f"https://[{USER}"}),
    "json in a zip": zip_reply(json.dumps({"Status": {"Code": 5, "Content": ECHO}}).encode()),
    "name in a zip": Reply(layouts.zipped(b"x", name=f"../{USER}"), kind="application/zip"),
    "other table": zip_reply(table_file(2023, 2023).replace(b"\n12411;", f"\n{USER};".encode())),
    "other year": zip_reply(table_file(2023, 2023).replace(b"2023-12-31", USER.encode())),
    "in a cell": zip_reply(layouts.new_file(layouts.new_row("01001", ECHO, "6"))),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_no_failure_lets_a_credential_out(failure, request, genesis, section, tmp_path, waited, caplog, capfd):
    client = request.getfixturevalue("hurried" if failure in ("silent", "trickle") else "client")
    genesis.on_table = lambda form: FAILURES[failure]
    caplog.set_level(logging.DEBUG)
    with pytest.raises(InputError) as caught:
        download(client, "population", section, years=[2023], since=None, fetched=tmp_path)
    chain = behind(caught.value)
    assert not [error for error in chain if isinstance(error, httpx.HTTPError | httpx.StreamError)]
    for error in chain:
        assert_clean(repr(error) + str(error) + repr(vars(error)))
    assert_clean("".join(traceback.format_exception(caught.value)))
    assert_clean(caplog.text)
    assert_clean("".join(capfd.readouterr()))
    assert_clean("".join(waited.told))
    assert_clean(repr(client) + str(client) + repr(vars(client)))
    for path in tmp_path.rglob("*"):
        assert_clean(str(path.relative_to(tmp_path)))
        if path.is_file():
            assert_clean(path.read_bytes().decode(errors="replace"))
    assert genesis.asked[0].headers["username"] == USER, "nothing was sent that could be found"


@pytest.mark.parametrize("broken", ["metadata/table", "catalogue/qualitysigns"])
def test_nor_does_one_of_the_other_requests(broken, client, genesis, section, tmp_path):
    genesis.next[broken] = [said(-1, ECHO)]
    with pytest.raises(InputError) as caught:
        download(client, "population", section, years=[2023], since=None, fetched=tmp_path)
    assert_clean("".join(traceback.format_exception(caught.value)))


def test_nothing_that_is_stored_holds_one_though_the_service_repeats_them(client, genesis, section, tmp_path):
    found = download(client, "population", section, years=[], since=None, fetched=tmp_path)
    metadata = (found.folder / "metadata.json").read_text("utf-8")
    assert "gesehen von ***" in metadata
    for path in found.folder.iterdir():
        assert_clean(path.read_bytes().decode(errors="replace"))


def test_credentials_show_in_no_text_of_the_object():
    known = Credentials(USER, PASSWORD)
    assert_clean(repr(known) + str(known) + f"{known!r:>20}" + repr([known]))
    with pytest.raises(TypeError):
        vars(known)


@pytest.mark.parametrize("form", [PASSWORD, quote_plus(PASSWORD), quote(PASSWORD, safe=""), json.dumps(PASSWORD)[1:-1]])
def test_every_way_of_writing_one_is_hidden(form):
    known = Credentials(USER, PASSWORD)
    assert known.hide(f"a {form} b") == "a *** b"
    assert known.hide_all({USER: [form, 1, None, {"x": USER}]}) == {"***": ["***", 1, None, {"x": "***"}]}
    assert Credentials("token", "").hide("nothing to hide") == "nothing to hide"


@pytest.mark.parametrize(
    ("env", "headers"),
    [
        ({"TOKEN": " t0k "}, {"username": "t0k", "password": ""}),
        ({"USER": "u", "PASSWORD": "p"}, {"username": "u", "password": "p"}),
        ({"TOKEN": "t", "USER": "u", "PASSWORD": "p"}, {"username": "t", "password": ""}),
    ],
)
def test_the_environment_is_read_by_service(env, headers):
    given = {f"AUGENHOEHE_REGIONALSTATISTIK_{name}": value for name, value in env.items()}
    assert credentials(SERVICE, given).headers() == headers
    with pytest.raises(InputError, match="no credentials for GENESIS-Online"):
        credentials(SERVICES["genesis"], given)


def test_none_are_asked_for_with_the_way_to_get_them():
    with pytest.raises(InputError) as caught:
        credentials(SERVICE, {})
    assert SERVICE.register in str(caught.value)
    assert "AUGENHOEHE_REGIONALSTATISTIK_TOKEN" in str(caught.value)


@pytest.mark.parametrize(
    ("user", "password", "message"),
    [
        ("u", "", "no password"),
        ("u", "canary\r\nX-Evil: 1", "cannot carry"),
        ("u", "canäry", "cannot carry"),
        ("u", "canary ", "cannot carry"),
        ("can\x00ary", "p", "cannot carry"),
    ],
)
def test_what_a_header_cannot_carry_is_refused_without_being_shown(user, password, message):
    env = {SERVICE.variable("USER"): user, SERVICE.variable("PASSWORD"): password}
    with pytest.raises(InputError, match=message) as caught:
        credentials(SERVICE, env)
    assert_clean("".join(traceback.format_exception(caught.value)))


class LockedError(Exception):
    pass


class NoKeyringError(LockedError):
    pass


def keyring(monkeypatch, get):
    errors = types.SimpleNamespace(KeyringError=LockedError, NoKeyringError=NoKeyringError)
    monkeypatch.setitem(sys.modules, "keyring", types.SimpleNamespace(get_password=get, errors=errors))
    monkeypatch.setitem(sys.modules, "keyring.errors", errors)


def test_the_keyring_is_used_where_the_environment_says_nothing(monkeypatch):
    stored = {("augenhoehe-regionalstatistik", "user"): "u", ("augenhoehe-regionalstatistik", "password"): "p"}
    keyring(monkeypatch, lambda *key: stored.get(key))
    assert credentials(SERVICE, {}).headers() == {"username": "u", "password": "p"}
    env = {SERVICE.variable("TOKEN"): "t"}
    assert credentials(SERVICE, env).headers() == {"username": "t", "password": ""}
    with pytest.raises(InputError, match="no credentials for"):
        credentials(SERVICES["zensus"], {})


def test_a_keyring_that_is_missing_or_locked(monkeypatch):
    def none(*_: str) -> str:
        raise NoKeyringError("canary")

    def locked(*_: str) -> str:
        raise LockedError("canary")

    keyring(monkeypatch, none)
    with pytest.raises(InputError, match="no credentials for"):
        credentials(SERVICE, {})
    keyring(monkeypatch, locked)
    with pytest.raises(InputError, match="keyring cannot be opened") as caught:
        credentials(SERVICE, {})
    assert_clean(repr(behind(caught.value)))


def test_a_password_alone_in_the_environment_belongs_to_the_user_of_the_keyring(monkeypatch):
    keyring(monkeypatch, lambda _, name: {"user": "u"}.get(name))
    assert credentials(SERVICE, {SERVICE.variable("PASSWORD"): "p"}).headers() == {"username": "u", "password": "p"}


def test_a_client_can_be_shown(service: Service):
    with Client(service, Credentials(USER, PASSWORD)) as client:
        assert repr(client) == "Client(regionalstatistik)"
        assert TABLE not in repr(client)
        assert_clean(repr(client._http.headers))
