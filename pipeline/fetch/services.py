"""The three services and how to log in to them.

Belongs here: addresses, limits, where credentials come from and how they are kept out of everything. Not here: any
request.

The addresses are those of the publishers' documentation and of public clients of 2025 and 2026; since May 2026
`www-genesis.destatis.de` only sends on to `genesis.destatis.de`.
"""

from __future__ import annotations

import html
import importlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, quote_plus, urlsplit

from pipeline.errors import InputError

_HIDDEN = "***"


@dataclass(frozen=True)
class Service:
    """One installation of GENESIS.

    Attributes:
        id: as `fetch.service` of a source.yml names it.
        title: its name for people.
        base: the address its methods stand under; ends in /rest/2020/.
        max_values: the most values one answer may hold.
        register: where an account and a token are to be had.
    """

    id: str
    title: str
    base: str
    max_values: int
    register: str

    @property
    def host(self) -> str:
        """The host of `base`, with the port where there is one."""
        return urlsplit(self.base).netloc

    def variable(self, name: str) -> str:
        """The environment variable of USER, PASSWORD or TOKEN."""
        return f"AUGENHOEHE_{self.id.upper()}_{name}"


SERVICES: dict[str, Service] = {
    one.id: one
    for one in (
        Service(
            "genesis",
            "GENESIS-Online",
            "https://genesis.destatis.de/genesisWS/rest/2020/",
            40_000,
            "https://genesis.destatis.de/datenbank/online/",
        ),
        Service(
            "regionalstatistik",
            "Regionaldatenbank Deutschland",
            "https://www.regionalstatistik.de/genesisws/rest/2020/",
            40_000,
            "https://www.regionalstatistik.de/genesis/online/",
        ),
        Service(
            "zensus",
            "Zensus database",
            "https://ergebnisse.zensus2022.de/api/rest/2020/",
            40_000,
            "https://ergebnisse.zensus2022.de/datenbank/online/",
        ),
    )
}


class Credentials:
    """A user with a password, or a token; no text made of this object holds either."""

    __slots__ = ("_password", "_user")

    def __init__(self, user: str, password: str) -> None:
        self._user = user
        self._password = password

    def __repr__(self) -> str:
        return f"Credentials({_HIDDEN})"

    def headers(self) -> dict[str, str]:
        """The two headers the services read; in the body they would be ignored."""
        return {"username": self._user, "password": self._password}

    def hide(self, text: str) -> str:
        """`text` without the credentials, however they are written in it: a service may repeat what it was sent."""
        forms: set[str] = set()
        for secret in (self._user, self._password):
            if secret:
                forms |= {secret, quote(secret, safe=""), quote_plus(secret), html.escape(secret)}
                forms |= {json.dumps(secret)[1:-1]}
        for form in sorted(forms, key=len, reverse=True):
            text = text.replace(form, _HIDDEN)
        return text

    def hide_all(self, value: Any) -> Any:
        """`value`, as JSON gives it, with `hide` applied to every text in it."""
        if isinstance(value, str):
            return self.hide(value)
        if isinstance(value, dict):
            return {self.hide(key): self.hide_all(inner) for key, inner in value.items()}
        return [self.hide_all(inner) for inner in value] if isinstance(value, list) else value


def credentials(service: Service, env: Mapping[str, str]) -> Credentials:
    """The credentials of one service: its token, else user and password, from `env`, else from the keyring.

    A token goes where the user goes, with an empty password. The keyring is asked for the entries `token`, `user` and
    `password` of `augenhoehe-<service>` when the package keyring is installed.

    Raises:
        InputError: there are none, a password is missing, or they hold characters a header cannot carry.
    """
    stored = _from_keyring(service) if not any(env.get(service.variable(n)) for n in ("TOKEN", "USER")) else {}
    token = env.get(service.variable("TOKEN")) or stored.get("token") or ""
    user = env.get(service.variable("USER")) or stored.get("user") or ""
    password = env.get(service.variable("PASSWORD")) or stored.get("password") or ""
    if not token and not user:
        raise InputError(
            f"there are no credentials for {service.title}",
            key=service.variable("TOKEN"),
            remedy=f"Register at {service.register} (free), then set {service.variable('TOKEN')}, or "
            f"{service.variable('USER')} and {service.variable('PASSWORD')}; docs/fetching.md shows how to use the "
            "keyring instead.",
        )
    if not token and not password:
        raise InputError(
            f"there is a user for {service.title}, but no password",
            key=service.variable("PASSWORD"),
            remedy=f"Set {service.variable('PASSWORD')} too, or {service.variable('TOKEN')} alone.",
        )
    user, password = (token.strip(), "") if token else (user.strip(), password)
    if not all(" " <= sign <= "~" for sign in user + password) or password != password.strip():
        raise InputError(
            f"the credentials for {service.title} hold a character, or a blank at an end, that a header cannot carry",
            key=service.variable("TOKEN" if token else "PASSWORD"),
            remedy="Use the token of your account, or a password of letters, digits and signs of ASCII.",
        )
    return Credentials(user, password)


def _from_keyring(service: Service) -> dict[str, str]:
    """What the keyring holds for a service; nothing where there is no keyring."""
    try:
        keyring = importlib.import_module("keyring")
        errors = importlib.import_module("keyring.errors")
    except ImportError:
        return {}
    locked = False
    found: dict[str, str] = {}
    try:
        for name in ("token", "user", "password"):
            found[name] = keyring.get_password(f"augenhoehe-{service.id}", name) or ""
    except errors.NoKeyringError:
        return {}
    except errors.KeyringError:
        locked = True
    if locked:  # outside the except block: the keyring's own error may quote what it holds
        raise InputError(
            "the keyring cannot be opened",
            key=f"augenhoehe-{service.id}",
            remedy=f"Unlock it, or set {service.variable('TOKEN')} in the environment.",
        )
    return found
