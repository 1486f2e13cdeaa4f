"""One request to a GENESIS service, and every way it can fail.

Belongs here: POST, headers, bounds, trying again, and turning each answer that is no success into a sentence. Not here:
which requests make a table (download.py).

Errors of the service are read from the body, whatever the HTTP status: GENESIS sends them with 200, and a full queue or
rejected credentials with 404. No error raised here has another one behind it, since those of httpx carry the request
and with it the credentials.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import importlib.metadata
import logging
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.errors import InputError
from pipeline.fetch.answers import (
    ATTEMPTS,
    LATER,
    LOGIN,
    LOOK,
    MAX_JSON,
    MEANINGS,
    PASSING_CODES,
    PassingError,
    RefusedError,
    json_in,
    retry_after,
    shortened,
    status_of,
)
from pipeline.fetch.services import Credentials, Service

if TYPE_CHECKING:
    import httpx
    from tenacity import RetryCallState

MAX_BYTES = 512 * 1024 * 1024
_LONGEST_WAIT_SECONDS = 900.0
_TABLE_TYPES = (
    "",
    "application/zip",
    "application/x-zip-compressed",
    "application/octet-stream",
    "text/csv",
    "text/plain",
)
_PASSING_HTTP = (408, 425, 429, 500, 502, 503, 504)


@dataclass(frozen=True)
class Timeouts:
    """Seconds to wait for a connection, for the next bytes, and for a whole answer.

    The services end a request after 15 minutes themselves, and one that was given up earlier keeps its place among the
    three that an account may run at a time; so waiting is better than asking again.
    """

    connect: float = 20.0
    read: float = 900.0
    whole: float = 3600.0


@dataclass(frozen=True)
class Answer:
    """A body as received, on disk: its size, SHA-256 and content type, and when it was asked for (UTC)."""

    path: Path
    size: int
    sha256: str
    content_type: str
    asked: str


class Client:
    """Asks one service, one request at a time; use it as a context manager."""

    def __init__(
        self,
        service: Service,
        credentials: Credentials,
        *,
        tell: Callable[[str], None] = lambda _: None,
        sleep: Callable[[float], None] = time.sleep,
        timeouts: Timeouts | None = None,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        """Nothing is sent yet.

        Args:
            service: which one; its address must be https, or http on 127.0.0.1.
            credentials: sent in headers, and nowhere else.
            tell: gets a sentence when there is something to wait for.
            sleep: waits that many seconds.
            timeouts: see `Timeouts`.
            max_bytes: the most bytes of one answer.

        Raises:
            InputError: the address is not safe for credentials.
        """
        import httpx

        url = httpx.URL(service.base)
        local = url.scheme == "http" and url.host == "127.0.0.1"
        if not (local or url.scheme == "https") or not url.path.endswith("/rest/2020/"):
            raise InputError(
                "credentials are sent over https alone, and to an address that ends in /rest/2020/",
                key=service.id,
                remedy="Correct the address in pipeline/fetch/services.py.",
            )
        # At level DEBUG it writes every header of an answer into the log, and a service may repeat what it was sent.
        logging.getLogger("httpcore").setLevel(logging.WARNING)
        self.service = service
        self.credentials = credentials
        self._tell = tell
        self._sleep = sleep
        self._timeouts = timeouts or Timeouts()
        self._max_bytes = max_bytes
        wait = self._timeouts
        self._http = httpx.Client(
            verify=True,
            # A proxy of the environment sees nothing of https; it would see everything of http.
            trust_env=not local,
            follow_redirects=False,
            timeout=httpx.Timeout(wait.read, connect=wait.connect),
            limits=httpx.Limits(max_connections=1),
            headers={
                "User-Agent": f"augenhoehe/{importlib.metadata.version('augenhoehe')} (mo fetch; research pipeline)",
                "Accept-Encoding": "identity",
                # Without the charset umlauts are taken for ISO-8859-1.
                "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
            },
        )

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def __repr__(self) -> str:
        return f"Client({self.service.id})"

    def details(self, method: str, parameters: dict[str, str]) -> dict[str, Any]:
        """The JSON of a method such as `metadata/table`, without what it repeats of the request.

        Raises:
            RefusedError: any answer but JSON with Status.Code 0, or none at all.
        """
        with tempfile.TemporaryDirectory(prefix="augenhoehe-") as folder:
            answer = self._ask(method, parameters, Path(folder) / "answer", min(MAX_JSON, self._max_bytes))
            said = json_in(answer.path)
        if said is None:
            raise self._refused(method, f"the answer is not JSON ({answer.content_type or 'of no type'})", LOOK)
        if status_of(said) is None:
            raise self._refused(method, "the answer has no status", LOOK)
        echoed = said.pop("Parameter", None)
        if method == "metadata/table" and isinstance(echoed, dict) and echoed.get("username") == "GAST":
            raise self._refused(method, "it ran the request as a guest: the credentials did not arrive", LOGIN)
        return self.credentials.hide_all(said)

    def table(self, parameters: dict[str, str], into: Path) -> Answer:
        """`data/tablefile` into the file `into`, as received; on any failure there is no such file.

        Raises:
            RefusedError: any answer that is not a file of a table, by its status or its type.
        """
        method = "data/tablefile"
        answer = self._ask(method, parameters, into, self._max_bytes)
        kind = answer.content_type.partition(";")[0].strip().lower()
        problem = None
        if json_in(into) is not None:
            problem = "it answered with JSON and without a table"
        elif kind not in _TABLE_TYPES:
            problem = f"it answered with {kind}, not with a table"
        if problem:
            into.unlink()
            raise self._refused(method, problem, LOOK)
        return answer

    def _ask(self, method: str, parameters: dict[str, str], into: Path, limit: int) -> Answer:
        import tenacity

        backoff = tenacity.wait_exponential(multiplier=2, max=120) + tenacity.wait_random(0, 2)

        def wait(state: RetryCallState) -> float:
            return max(backoff(state), _error_of(state).after)

        def before_sleep(state: RetryCallState) -> None:
            seconds = state.next_action.sleep if state.next_action else 0.0
            self._tell(f"{self.service.title}: {_error_of(state).message}; asking again in {seconds:.0f} s")

        for attempt in tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(PassingError),
            wait=wait,
            stop=tenacity.stop_after_attempt(ATTEMPTS),
            sleep=self._sleep,
            before_sleep=before_sleep,
            reraise=True,
        ):
            with attempt:
                return self._once(method, parameters, into, limit)
        raise AssertionError("tenacity ends with an answer or an error")

    def _once(self, method: str, parameters: dict[str, str], into: Path, limit: int) -> Answer:
        """One POST; a file that is not whole never stays."""
        import httpx

        kept = False
        try:
            answer, failure = None, None
            try:
                answer = self._streamed(method, parameters, into, limit)
            except httpx.TimeoutException:
                failure = self._passing(method, "there was no answer in time")
            except (httpx.ConnectError, httpx.ProxyError) as error:
                failure = self._unreachable(method, str(error))
            except httpx.TransportError:
                failure = self._passing(method, "the connection was cut")
            except httpx.HTTPError:
                failure = self._refused(method, "it does not speak proper HTTP", LOOK)
            except OSError as error:
                reason = f"its answer cannot be written to {into.parent}: {error.strerror}"
                failure = self._refused(method, reason, "Make room on the disk, or check who may write there.")
            if answer is None:  # outside the except blocks: see the module's docstring
                raise failure or AssertionError(method)
            self._judge_body(method, answer)
            kept = True
            return answer
        finally:
            if not kept:
                into.unlink(missing_ok=True)

    def _streamed(self, method: str, parameters: dict[str, str], into: Path, limit: int) -> Answer:
        asked = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        digest, size, ends = hashlib.sha256(), 0, time.monotonic() + self._timeouts.whole
        url = self.service.base + method
        with self._http.stream("POST", url, data=parameters, headers=self.credentials.headers()) as response:
            self._judge_passing(method, response)
            if response.is_redirect:
                raise self._redirected(method, response)
            if response.headers.get("Content-Encoding", "identity").lower() != "identity":
                raise self._refused(method, "the answer is compressed, which was not asked for", LOOK)
            with into.open("wb") as file:
                for chunk in response.iter_raw():
                    size += len(chunk)
                    if size > limit:
                        raise self._refused(
                            method, f"the answer has more than {limit} bytes", "Ask for fewer years (--year)."
                        )
                    if time.monotonic() > ends:
                        raise self._refused(
                            method,
                            f"the answer was not complete after {self._timeouts.whole:.0f} s",
                            "Try again later, or ask for fewer years (--year).",
                        )
                    digest.update(chunk)
                    file.write(chunk)
            self._judge_http(method, response.status_code, into)
            kind = response.headers.get("Content-Type", "")
        return Answer(into, size, digest.hexdigest(), kind, asked)

    def _judge_passing(self, method: str, response: httpx.Response) -> None:
        """Raise for a status that may be another one in a moment."""
        code = response.status_code
        if code not in _PASSING_HTTP:
            return
        failure = self._passing(method, f"HTTP status {code}")
        failure.after = retry_after(response.headers.get("Retry-After", ""))
        if failure.after > _LONGEST_WAIT_SECONDS:
            wait = f"{failure.after:.0f} s"
            raise self._refused(method, f"HTTP status {code}, and it asks to wait {wait}", "Try again then.")
        raise failure

    def _judge_http(self, method: str, code: int, body: Path) -> None:
        """Raise for a status that is no success, unless the body says more than it."""
        status = status_of(json_in(body))
        if 200 <= code < 300 or (status is not None and status[0] != 0):
            return
        if code in (401, 403):
            raise self._refused(method, f"HTTP status {code}: it does not accept the credentials", LOGIN)
        raise self._refused(method, f"HTTP status {code}", LOOK)

    def _judge_body(self, method: str, answer: Answer) -> None:
        """Raise for JSON whose status is not 0."""
        status = status_of(json_in(answer.path))
        if status is None or (status[0] == 0 and status[1].lower() not in ("error", "fehler")):
            return
        code, _, said = status
        # Hidden before it is shortened, which could leave half of a credential.
        said = shortened(self.credentials.hide(said))
        meaning, remedy = MEANINGS.get(code, ("a status that is not known here", "Read what it says, and try later."))
        message = f"status {code}, {meaning}" + (f": {said}" if said else "")
        if code in PASSING_CODES:
            raise self._passing(method, message, code)
        raise self._refused(method, message, remedy, code)

    def _redirected(self, method: str, response: httpx.Response) -> RefusedError:
        target = response.next_request.url.host if response.next_request else "nowhere"
        return self._refused(
            method,
            f"it sends on to {target!r}, and credentials are not sent there",
            f"If {self.service.title} has moved, correct its address in pipeline/fetch/services.py; a network that "
            "wants a login first does this too.",
        )

    def _unreachable(self, method: str, reason: str) -> RefusedError:
        if "CERTIFICATE" in reason.upper():
            return self._refused(
                method,
                "its certificate cannot be verified, nothing was sent",
                "Check date and network of this computer; verification is never turned off.",
            )
        return self._refused(method, "it cannot be reached", "Check the network, and the proxy if there is one.")

    def _refused(self, method: str, message: str, remedy: str, code: int | None = None) -> RefusedError:
        place = f"{self.service.host}, {method}"
        return RefusedError(self.credentials.hide(message), file=place, remedy=remedy, code=code)

    def _passing(self, method: str, message: str, code: int | None = None) -> PassingError:
        place = f"{self.service.host}, {method}"
        return PassingError(self.credentials.hide(message), file=place, remedy=LATER, code=code)


def _error_of(state: RetryCallState) -> PassingError:
    error = state.outcome.exception() if state.outcome else None
    assert isinstance(error, PassingError)  # noqa: S101  (nothing else is tried again)
    return error
