"""A table of a service, part by part, onto the disk; what is there already is not asked for again.

Belongs here: the order of requests, checking each part, resuming, the folder of a finished download. Not here: a single
request (client.py), the splitting (tables.py), what a person sees (command.py).

    <build>/fetched/<source>/<table>-<updated>/     <part>.zip (as received), <part>.csv (unpacked, byte for byte),
                                                    request.json, metadata.json, qualitysigns.json

A download under way lies in a hidden folder beside it and gets its name by one rename. request.json lists a part once
both its files are whole, with their hashes; what is not listed, or differs, is thrown away and asked for again.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import hashlib
import json
import re
import shutil
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.errors import InputError
from pipeline.fetch.answers import NOTHING_NEWER, NOTHING_THERE, TOO_LARGE, RefusedError
from pipeline.fetch.client import Answer, Client
from pipeline.fetch.tables import Part, TableInfo, planned, split, table_info
from pipeline.registry.models import Fetch

_REQUEST = "request.json"
Shown = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Fetched:
    """A finished download: its folder, the tables in the order they were asked for, and the day of the table."""

    folder: Path
    files: tuple[Path, ...]
    as_of: dt.date
    empty: tuple[str, ...]


def ask_about(client: Client, fetch: Fetch) -> tuple[TableInfo, dict[str, Any]]:
    """What the service says about the table: read, and as it is printed.

    Raises:
        InputError: what `Client.details` and `table_info` raise.
    """
    said = client.details("metadata/table", {"name": fetch.table, "area": "all", "language": "de"})
    return table_info(said, table=fetch.table, service=client.service.host), said


def download(
    client: Client,
    source: str,
    fetch: Fetch,
    *,
    years: Sequence[int],
    since: dt.date | None,
    fetched: Path,
    shown: Shown = lambda done, parts, part: None,
) -> Fetched | None:
    """Fetch a table into `fetched/<source>/`; null when it has not been updated after `since`.

    Args:
        client: of the service that offers the table.
        source: the id of the source.
        fetch: its section `fetch`.
        years: the years wanted; empty for all.
        since: ask only for what is newer than this day.
        fetched: the folder of all downloads.
        shown: gets how many parts are done, of how many, and which one is asked for.

    Raises:
        InputError: the service refuses, a part is not the table that was asked for, the table was updated meanwhile, a
            folder of the name holds something else, another fetch is under way.
    """
    folder = fetched / source
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(fetched):
        info, metadata = ask_about(client, fetch)
        if since is not None and info.as_of <= since:
            return None
        parts = planned(
            info,
            years=years,
            from_year=fetch.from_year,
            regional=fetch.regionalvariable is not None,
            max_values=client.service.max_values,
        )
        request = {
            "source": source,
            "service": client.service.id,
            "address": client.service.base,
            "table": fetch.table,
            "table_updated": info.updated,
            "as_of": info.as_of.isoformat(),
            "years": sorted(set(years)),
            "from_year": fetch.from_year,
            "regionalvariable": fetch.regionalvariable,
        }
        name = "_".join([f"{fetch.table}-{info.as_of}", *map(str, sorted(set(years)))])
        if len(name) > 120:
            name = f"{fetch.table}-{info.as_of}_{min(years)}-{max(years)}-of-{len(set(years))}-years"
        final = folder / name
        if final.exists():
            return _finished(final, request)
        download = _Download(client, fetch, request, folder / f".{name}.partial", bool(years), since)
        download.run(parts, shown)
        again, _ = ask_about(client, fetch)
        if again.updated != info.updated:
            shutil.rmtree(download.folder)
            raise InputError(
                f"table {fetch.table} was updated while it was fetched ({info.updated}, then {again.updated})",
                key=source,
                remedy="The parts were thrown away, since they may not fit each other. Run the same command again.",
            )
        if not download.kept and all(one["code"] == NOTHING_NEWER for one in download.empty):
            shutil.rmtree(download.folder)
            return None
        if not download.kept:
            raise InputError(
                f"the service has nothing for table {fetch.table} in any of the years",
                key=source,
                remedy="Check table, from_year and regionalvariable in the section `fetch` of source.yml.",
            )
        _write_json(download.folder / "metadata.json", metadata)
        _write_json(download.folder / "qualitysigns.json", client.details("catalogue/qualitysigns", {"language": "de"}))
        download.clear()
        download.folder.rename(final)
        return _finished(final, request)


class _Download:
    """The parts of one download under way, in `folder`."""

    def __init__(
        self,
        client: Client,
        fetch: Fetch,
        request: dict[str, Any],
        folder: Path,
        chosen: bool,
        since: dt.date | None,
    ) -> None:
        self.client = client
        self.fetch = fetch
        self.request = request
        self.folder = folder
        self.chosen = chosen
        self.since = since
        self.kept: list[dict[str, Any]] = []
        self.empty: list[dict[str, Any]] = []
        self.too_large: list[str] = []
        self._resume()

    def run(self, parts: Sequence[Part], shown: Shown) -> None:
        """Ask for every part that is not there yet."""
        done, queue = 0, deque(parts)
        while queue:
            part = queue.popleft()
            shown(done, done + 1 + len(queue), part.name)
            there = any(one["part"] == part.name for one in (*self.kept, *self.empty))
            if not there and not self._ask(part):
                queue.extendleft(reversed(split(part, regional=self.fetch.regionalvariable is not None)))
                continue
            done += 1
        shown(done, done, "")

    def clear(self) -> None:
        """Remove what is no part of the download: the rest of an earlier one that was split otherwise."""
        known = {_REQUEST, "metadata.json", "qualitysigns.json"}
        known |= {str(one[key]) for one in self.kept for key in ("raw", "csv")}
        for path in self.folder.iterdir():
            if path.name not in known:
                path.unlink()

    def _ask(self, part: Part) -> bool:
        """Fetch one part; false when it must be split."""
        parameters = self._parameters(part)
        raw = self.folder / f"{part.name}.partial"
        code = TOO_LARGE if part.name in self.too_large else None
        if code is None:
            try:
                self._keep(part, parameters, self.client.table(parameters, raw))
            except RefusedError as refused:
                # A year of the span the service itself named may hold nothing, and so may a state; a year that a person
                # named may not.
                may_be_empty = not self.chosen or part.state is not None
                expected = {TOO_LARGE, NOTHING_NEWER} | ({NOTHING_THERE} if may_be_empty else set())
                splits = split(part, regional=self.fetch.regionalvariable is not None)
                if refused.code not in expected or (refused.code == TOO_LARGE and not splits):
                    raise
                code = refused.code
            finally:
                raw.unlink(missing_ok=True)
        if code == TOO_LARGE:
            self.too_large = sorted({*self.too_large, part.name})
        elif code is not None:
            self.empty.append({"part": part.name, "parameters": parameters, "code": code})
        self._record()
        return code != TOO_LARGE

    def _parameters(self, part: Part) -> dict[str, str]:
        asked = {
            "name": self.fetch.table,
            "area": "all",
            "format": "ffcsv",
            "compress": "false",
            "quality": "on",
            "language": "de",
            "job": "false",
        }
        if part.first is not None:
            asked |= {"startyear": str(part.first), "endyear": str(part.last)}
        if part.state is not None and self.fetch.regionalvariable is not None:
            asked |= {"regionalvariable": self.fetch.regionalvariable, "regionalkey": f"{part.state}*"}
        if self.since is not None:
            asked["stand"] = self.since.strftime("%d.%m.%Y")
        return asked

    def _keep(self, part: Part, parameters: dict[str, str], answer: Answer) -> None:
        """Check an answer and give it its name; the list in request.json follows the files, never the other way."""
        data = answer.path.read_bytes()
        table, member, rows = _checked(data, part, self.fetch.table, self.client)
        raw = f"{part.name}.zip" if member else f"{part.name}.answer"
        csv = self.folder / f"{part.name}.csv"
        csv.write_bytes(table)
        answer.path.rename(self.folder / raw)
        self.kept.append(
            {
                "part": part.name,
                "parameters": parameters,
                "asked_at": answer.asked,
                "content_type": answer.content_type,
                "raw": raw,
                "raw_bytes": answer.size,
                "raw_sha256": answer.sha256,
                "member": member,
                "csv": csv.name,
                "csv_sha256": hashlib.sha256(table).hexdigest(),
                "rows": rows,
            }
        )

    def _record(self) -> None:
        state = {**self.request, "parts": self.kept, "without_values": self.empty, "too_large": self.too_large}
        _write_json(self.folder / _REQUEST, self.client.credentials.hide_all(state))

    def _resume(self) -> None:
        """Take over what an earlier download of the same table and state left whole, else begin anew."""
        state = _read_json(self.folder / _REQUEST)
        if any(state.get(key) != value for key, value in self.request.items()):
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder.mkdir()
            return
        self.kept = [one for one in state["parts"] if _whole(self.folder, one)]
        self.empty, self.too_large = state["without_values"], state["too_large"]


def _checked(data: bytes, part: Part, table: str, client: Client) -> tuple[bytes, str | None, int]:
    """The bytes of the table in an answer, the name they had in a ZIP, and the number of rows.

    Raises:
        InputError: it is no ffcsv, it is damaged or cut off, or holds another table or other years than asked for.
    """
    from pipeline.ingest import archive, read, recognise

    file = f"{client.service.host}, {table}, part {part.name}"
    try:
        recognised = recognise(data, file=file)
        if not recognised.layout.startswith("ffcsv"):
            raise InputError(f"the layout is {recognised.layout}, ffcsv was asked for", file=file)
        found = read(recognised)
        cut = [doubt for doubt in found.doubts if "cut off" in doubt]
        others = [code for code in found.tables if not table.startswith(code)]
        times = {text[:40] for text in found.cells["time"].unique().to_list() if text}
        strange = [] if not part.years else sorted(text for text in times if not _within(text, part.years))
        if cut:
            raise InputError(cut[0], file=file)
        if others:
            raise InputError(f"it holds the table {others[0][:40]!r}", file=file)
        if strange:
            raise InputError(f"it holds {strange[0]!r}, which was not asked for", file=file)
        content = archive.unpack(data, file=file)[1] if recognised.member is not None else data
        text = content.decode(errors="ignore")
        if client.credentials.hide(text) != text:
            raise InputError("it repeats the credentials", file=file)
        return content, recognised.member, found.rows
    except InputError as error:
        message = client.credentials.hide(error.message)
        problem = InputError(
            message, file=file, line=error.line, remedy="Nothing of it was kept. Run the same command again."
        )
    raise problem  # outside the except block: what a service sent may hold anything


def _within(text: str, years: Sequence[int]) -> bool:
    return any(int(year) in years for year in re.findall(r"(?<![0-9])[0-9]{4}(?![0-9])", text))


def _finished(folder: Path, request: dict[str, Any]) -> Fetched:
    """The finished download in `folder`, after checking that it is the one meant and still whole."""
    state = _read_json(folder / _REQUEST)
    same = all(state.get(key) == value for key, value in request.items())
    if not same or not all(_whole(folder, one) for one in state["parts"]):
        raise InputError(
            "this folder holds another download, or one whose files were changed" if state else "this is no download",
            file=folder,
            remedy="Move or delete it, and run the same command again.",
        )
    ordered = sorted(state["parts"], key=lambda one: one["part"])
    return Fetched(
        folder=folder,
        files=tuple(folder / one["csv"] for one in ordered),
        as_of=dt.date.fromisoformat(state["as_of"]),
        empty=tuple(one["part"] for one in state["without_values"]),
    )


def _whole(folder: Path, one: dict[str, Any]) -> bool:
    """Whether both files of a part are there with the bytes that were checked."""
    return all(
        (folder / one[name]).is_file()
        and hashlib.sha256((folder / one[name]).read_bytes()).hexdigest() == one[f"{name}_sha256"]
        for name in ("raw", "csv")
    )


@contextlib.contextmanager
def _alone(fetched: Path) -> Iterator[None]:
    """One fetch at a time, over all sources: the services count the requests of an account."""
    with (fetched / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise InputError(
                "another `mo fetch` is under way", file=fetched, remedy="Wait until it has ended."
            ) from None
        yield


def _read_json(path: Path) -> dict[str, Any]:
    """The object in a file this module wrote; empty when there is none or it is damaged."""
    try:
        state = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    known = isinstance(state, dict) and {"parts", "without_values", "too_large"} <= set(state)
    return state if known else {}


def _write_json(path: Path, value: object) -> None:
    temporary = path.with_name(f".{path.name}.new")
    temporary.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    temporary.replace(path)
