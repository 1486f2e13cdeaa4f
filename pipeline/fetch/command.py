"""What `mo fetch` does and shows.

Belongs here: which sources, whose credentials, progress, sentences for people. Not here: arguments and exit codes
(cli.py), requests.
"""

from __future__ import annotations

import datetime as dt
import os
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import InputError
from pipeline.fetch.client import Client
from pipeline.fetch.download import ask_about, download
from pipeline.fetch.services import SERVICES, credentials
from pipeline.progress import bar
from pipeline.registry import Fetch, Source, Vintage, load_registry
from pipeline.settings import Settings

if TYPE_CHECKING:
    from rich.console import Console


def fetch_source(
    settings: Settings, name: str, *, years: Sequence[int], since: dt.date | None, console: Console
) -> None:
    """Fetch the table of one source and print where it lies and what to type next.

    Raises:
        InputError: no such source, one without the section `fetch`, no credentials, and what `download` raises.
    """
    source = _sources(settings, name)[0]
    fetch = _section(source.current)
    client = _client(fetch, console)
    with client, _Bar(console) as bar:
        found = download(
            client, name, fetch, years=years, since=since, fetched=settings.build / "fetched", shown=bar.show
        )
    if found is None:
        console.print(f"{name}: nothing newer since {since}", markup=False)
        return
    if found.empty:
        console.print(f"without values: {', '.join(found.empty)}", markup=False, soft_wrap=True)
    console.print(f"{len(found.files)} files in {_shown(found.folder)}", markup=False, soft_wrap=True)
    console.print("next:", markup=False)
    files = [_shown(file) for file in found.files]
    print(shlex.join(["mo", "vintage", "add", name, *files, "--as-of", found.as_of.isoformat()]))


def check(settings: Settings, name: str | None, *, console: Console) -> list[InputError]:
    """Print, source by source, whether the service has something newer than the current vintage; nothing is stored.

    Returns:
        What went wrong; one source in error does not stop the others.

    Raises:
        InputError: no such source, or no source has a section `fetch`.
    """
    problems = []
    for source in _sources(settings, name):
        fetch = _section(source.current)
        try:
            with _client(fetch, console) as client:
                info, _ = ask_about(client, fetch)
        except InputError as error:
            problems.append(error)
            continue
        console.print(f"{source.id}: {_newer(source.current, info.as_of)}", markup=False, soft_wrap=True)
    return problems


def _newer(current: Vintage, as_of: dt.date) -> str:
    """A sentence on how the table of a service stands to the current vintage."""
    published = current.published or ""
    if len(published) < len("2025-04-10"):
        known = f"says only {published}" if published else "does not say when it was published"
        return f"cannot be told: the table is of {as_of}, {current.vintage} {known} (`published` in its source.yml)"
    if as_of > dt.date.fromisoformat(published):
        return f"newer: the table was updated on {as_of}, {current.vintage} is of {published}"
    return f"nothing newer since {published} (the table is of {as_of})"


def _sources(settings: Settings, name: str | None) -> list[Source]:
    sources = load_registry(settings.raw_data).sources
    if name is not None and name not in sources:
        raise InputError(f"there is no source {name}", file="raw_data", remedy=f"name one of {', '.join(sources)}")
    chosen = [sources[name]] if name is not None else [one for one in sources.values() if one.current.fetch]
    if not chosen:
        raise InputError("no source has a section `fetch`", file="raw_data", remedy="Add one (docs/fetching.md).")
    return chosen


def _section(vintage: Vintage) -> Fetch:
    if vintage.fetch is None:
        raise InputError(
            "this source does not say where it can be fetched",
            file=vintage.shown("source.yml"),
            key="fetch",
            remedy='Add `fetch: {service: regionalstatistik, table: "12411-01-01-4"}` with its own table, if one of '
            "the services offers it (docs/fetching.md); else get the file by hand.",
        )
    return vintage.fetch


def _client(fetch: Fetch, console: Console) -> Client:
    service = SERVICES[fetch.service]
    return Client(
        service,
        credentials(service, os.environ),
        tell=lambda text: console.print(text, markup=False, soft_wrap=True),
    )


def _shown(path: Path) -> str:
    """`path` from the working folder on where it lies below."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


class _Bar:
    """A bar with the part that is asked for; on a pipe, a line a part."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.bar = bar(console, width=24)
        self.task = self.bar.add_task("asking about the table", total=None)

    def __enter__(self) -> _Bar:
        self.bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.bar.stop()

    def show(self, done: int, parts: int, part: str) -> None:
        self.bar.update(self.task, completed=done, total=parts, description=part)
        if part and not self.console.is_terminal:
            self.console.print(f"  {done + 1} of {parts}: {part}", markup=False)
