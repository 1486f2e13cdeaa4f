"""What a GENESIS service says when it does not send a table.

Belongs here: the status inside an answer, what each code means and what to do, the two errors. Not here: sending
anything (client.py).
"""

from __future__ import annotations

import datetime as dt
import email.utils
import json
import re
from pathlib import Path
from typing import Any

from pipeline.errors import InputError

MAX_JSON = 32 * 1024 * 1024
ATTEMPTS = 6
NOTHING_NEWER, TOO_LARGE, NOTHING_THERE = 50, 98, 104
LOGIN = "Check the credentials (docs/fetching.md); a new token makes the old one invalid at once."
LATER = f"It was asked {ATTEMPTS} times. Try again later: what has been fetched is kept, the same command goes on."
LOOK = "This is often a page to log in, or maintenance; look at the web page of the service and try again later."
# Status.Code -> (what it means, what to do)
MEANINGS: dict[int, tuple[str, str]] = {
    -1: ("it reports an error in words only", "Read what it says; if it is not about your request, try again later."),
    2: ("the credentials are wrong, or it is out of order", LOGIN),
    6: ("too many requests run at the same time under this account", LATER),
    15: ("it does not accept the credentials", LOGIN),
    18: ("it is starting up", LATER),
    22: (
        "it changed a parameter of the request and answered something that was not asked for",
        "Check years, regionalvariable and table in the section `fetch` of source.yml.",
    ),
    50: ("nothing newer", "There is nothing to do."),
    90: ("there is no such table", "Check `fetch.table` in source.yml; the service may have renamed the table."),
    98: (
        "the table is too large for one answer",
        "Ask for fewer years (--year), or name `fetch.regionalvariable` in source.yml, so that it is asked by state.",
    ),
    99: (
        "it made a job of the request instead of answering",
        "Fetch the result from your account on the web page of the service, or ask for fewer years (--year).",
    ),
    104: ("there is nothing for this request", "Check table, years and regionalvariable."),
}
PASSING_CODES = (6, 18)


class RefusedError(InputError):
    """The service did not give what was asked for; `code` is its Status.Code, null where it sent none."""

    def __init__(self, message: str, *, file: str, remedy: str, code: int | None = None) -> None:
        super().__init__(message, file=file, remedy=remedy)
        self.code = code


class PassingError(RefusedError):
    """A failure that may be over in a moment; `after` is how many seconds the service asks to wait."""

    after: float = 0.0


def json_in(path: Path) -> dict[str, Any] | None:
    """The JSON object in a file; null when it is something else."""
    with path.open("rb") as file:
        start = file.read(64).removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start.startswith(b"{") or path.stat().st_size > MAX_JSON:
        return None
    try:
        value = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def status_of(said: dict[str, Any] | None) -> tuple[int, str, str] | None:
    """Code, type and text of a status: inside `Status`, bare at the top of an error, or a text alone (-1)."""
    if said is None:
        return None
    status = said.get("Status", said)
    if isinstance(status, str):
        return -1, "", status
    if not isinstance(status, dict) or "Code" not in status:
        return None if status is said else (-1, "", "")
    try:
        code = int(status["Code"])
    except (TypeError, ValueError):
        code = -1
    return code, str(status.get("Type", "")), str(status.get("Content") or "")


def shortened(text: str) -> str:
    """One printable line: what a service says goes to a terminal."""
    return re.sub(r"[\s\x00-\x1f\x7f-\x9f]+", " ", text).strip()[:300]


def retry_after(text: str) -> float:
    """The header Retry-After in seconds, given as a number or a date; 0 when it says neither."""
    if re.fullmatch(r"[0-9]{1,9}", text.strip()):
        return float(text)
    try:
        until = email.utils.parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return 0.0
    if until.tzinfo is None:
        until = until.replace(tzinfo=dt.UTC)
    return max(0.0, (until - dt.datetime.now(dt.UTC)).total_seconds())
