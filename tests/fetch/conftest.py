"""A client of the server in genesis_server.py; nothing leaves the machine, the keyring of whoever tests is not read."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from genesis_server import PASSWORD, TABLE, USER, Genesis, serving

from pipeline.fetch import command
from pipeline.fetch.client import Client, Timeouts
from pipeline.fetch.services import SERVICES, Credentials, Service
from pipeline.registry import Fetch

PATIENT = Timeouts(connect=10, read=30, whole=60)


@pytest.fixture
def genesis() -> Iterator[Genesis]:
    with serving() as known:
        yield known


@pytest.fixture
def service(genesis: Genesis) -> Service:
    return Service("regionalstatistik", "Test service", genesis.base, 40_000, "https://example.org/")


@dataclass
class Waited:
    """Instead of sleeping: the seconds, and the sentences told meanwhile."""

    seconds: list[float] = field(default_factory=list)
    told: list[str] = field(default_factory=list)


@pytest.fixture
def waited() -> Waited:
    return Waited()


@pytest.fixture
def client(service: Service, waited: Waited) -> Iterator[Client]:
    with Client(
        service,
        Credentials(USER, PASSWORD),
        tell=waited.told.append,
        sleep=waited.seconds.append,
        timeouts=PATIENT,
    ) as client:
        yield client


@pytest.fixture
def hurried(service: Service, waited: Waited) -> Iterator[Client]:
    """A client that gives up soon; on a busy machine also on an answer that is on its way."""
    known = Credentials(USER, PASSWORD)
    soon = Timeouts(connect=1, read=0.1, whole=0.2)
    with Client(service, known, tell=waited.told.append, sleep=waited.seconds.append, timeouts=soon) as client:
        yield client


@pytest.fixture
def section() -> Fetch:
    return Fetch(service="regionalstatistik", table=TABLE)


@pytest.fixture
def everywhere(service: Service, waited: Waited, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command meets this server instead of all three services, with credentials in the environment."""
    monkeypatch.setitem(SERVICES, "regionalstatistik", service)
    for name in ("genesis", "zensus"):
        known = SERVICES[name]
        monkeypatch.setitem(SERVICES, name, Service(name, known.title, service.base, 40_000, known.register))
    for name in SERVICES.values():
        monkeypatch.setenv(name.variable("USER"), USER)
        monkeypatch.setenv(name.variable("PASSWORD"), PASSWORD)
        monkeypatch.delenv(name.variable("TOKEN"), raising=False)

    def made(*arguments: Any, **more: Any) -> Client:
        return Client(*arguments, **more, sleep=waited.seconds.append, timeouts=PATIENT)

    monkeypatch.setattr(command, "Client", made)


@pytest.fixture(autouse=True)
def no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    """The keyring of whoever runs the tests is not read."""
    monkeypatch.setitem(sys.modules, "keyring", None)
