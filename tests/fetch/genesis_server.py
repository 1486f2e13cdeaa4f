"""A GENESIS service on 127.0.0.1, in a thread, that answers as the real ones are documented to."""

from __future__ import annotations

import contextlib
import json
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

from ingest import layouts

# Whatever holds one of these has let a credential out.
USER, PASSWORD = "canary-user-7f3a", 'canary "pass&word" 91c'
TABLE = "12411-01-01-4"
UPDATED = "20.05.2026 08:15:00h"
PATH = "/genesisws/rest/2020/"


@dataclass
class Reply:
    """One answer. `cut`: so many bytes more are promised than sent. `trickle`: byte by byte. `silent`: none at all."""

    body: bytes = b""
    status: int = 200
    kind: str | None = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    cut: int = 0
    trickle: bool = False
    silent: bool = False


def said(code: int, content: str = "", kind: str = "Information", *, http: int = 200, **more: Any) -> Reply:
    """A JSON answer with a Status, as the services wrap everything but a table."""
    status = {"Code": code, "Content": content, "Type": kind}
    return Reply(json.dumps({"Ident": {"Service": "x"}, "Status": status, **more}).encode(), http)


def bare(code: int, content: str, *, http: int) -> Reply:
    """A status without a wrapping, as it comes for rejected credentials and a full queue."""
    return Reply(json.dumps({"Code": code, "Content": content, "Type": "ERROR"}).encode(), http)


def table_file(first: int, last: int, *, state: str = "01") -> bytes:
    """An ffcsv of the new layout with one row a year."""
    row = layouts.new_row(f"{state}001", "Flensburg", "60")
    return layouts.new_file(*(row.replace("2023-12-31", f"{year}-12-31") for year in range(first, last + 1)))


def zip_reply(content: bytes, **more: Any) -> Reply:
    return Reply(layouts.zipped(content), kind="application/octet-stream", **more)


@dataclass(frozen=True)
class Asked:
    method: str
    form: dict[str, str]
    headers: dict[str, str]


class Genesis:
    """What the server knows of its one table, and what it was asked. `next` holds answers that come first."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.next: dict[str, list[Reply]] = {}
        self.updated = UPDATED
        self.time: dict[str, str] | None = {"From": "31.12.2021", "To": "31.12.2023"}
        self.districts: str = "-1"
        self.on_table: Callable[[dict[str, str]], Reply] = self.usual
        self.release = threading.Event()
        self.base = ""

    @property
    def tables(self) -> list[dict[str, str]]:
        """The forms of all requests for the table itself."""
        return [one.form for one in self.asked if one.method == "data/tablefile"]

    def usual(self, form: dict[str, str]) -> Reply:
        first, last = int(form.get("startyear", 2021)), int(form.get("endyear", 2023))
        return zip_reply(table_file(first, last, state=form.get("regionalkey", "01").removesuffix("*")))

    def answer(self, one: Asked) -> Reply:
        self.asked.append(one)
        if self.next.get(one.method):
            return self.next[one.method].pop(0)
        if one.method == "data/tablefile":
            return self.on_table(one.form)
        # The real services repeat the request, credentials included.
        echo = {"username": one.headers.get("username"), "password": one.headers.get("password"), **one.form}
        if one.method == "catalogue/qualitysigns":
            return said(0, List=[{"Code": "-", "Content": "nichts vorhanden"}], Parameter=echo)
        region = {"Code": "KREISE", "Content": "Kreise", "Values": self.districts, "Structure": None}
        date = {"Code": "STAG", "Content": "Stichtag", "Values": "-1", "Structure": None}
        head = {"Code": "12411", "Values": "-1", "Structure": [{"Code": "BEVSTD", "Values": "-1", "Structure": None}]}
        described = {
            "Code": one.form["name"],
            "Content": f"Bevölkerung, gesehen von {one.headers.get('username')}",
            "Time": self.time,
            "Structure": {"Head": head, "Columns": [date], "Rows": [region]},
            "Updated": self.updated,
        }
        return said(0, "erfolgreich", Object=described, Parameter=echo)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Or head and body of each answer wait for each other.
    disable_nagle_algorithm = True
    genesis: Genesis

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        form = dict(parse_qsl(body, keep_blank_values=True))
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            self._send(self.genesis.answer(Asked(self.path.removeprefix(PATH), form, headers)))
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def _send(self, reply: Reply) -> None:
        if reply.silent:
            self.genesis.release.wait(5)
            self.close_connection = True
            return
        self.send_response(reply.status)
        if reply.kind is not None:
            self.send_header("Content-Type", reply.kind)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body) + reply.cut))
        self.end_headers()
        if reply.trickle:
            for byte in reply.body:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                if self.genesis.release.wait(0.01):
                    break
        else:
            self.wfile.write(reply.body)
        if reply.cut or reply.trickle:
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Say nothing on stderr."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is what some tests are about; all else is told."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


@contextlib.contextmanager
def serving() -> Iterator[Genesis]:
    """A server on a free port, for as long as the block lasts."""
    known = Genesis()
    handler = type("Handler", (_Handler,), {"genesis": known})
    server = _Server(("127.0.0.1", 0), handler)
    known.base = f"http://127.0.0.1:{server.server_port}{PATH}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield known
    finally:
        known.release.set()
        server.shutdown()
        server.server_close()
        thread.join()
