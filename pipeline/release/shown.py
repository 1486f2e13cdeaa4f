"""From a number as a page shows it to the ids of the rows it may come from.

Belongs here: reading the numbers out of a rendered page. Not here: the way from an id to a line (trace.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

from pipeline.errors import InputError
from pipeline.release.read import Release

SPACE = re.compile(r"\s+")
_NUMBER = re.compile(r"-?\d[\d.,]*(?<![.,])")
# Words of the page that stand around a number, so that a person recognises the place.
AROUND = 60


@dataclass(frozen=True)
class Shown:
    """A number on a page: the id of its row, its text, the words before and after it."""

    row_id: str
    text: str
    before: str
    after: str


class _Reader(HTMLParser):
    """The text of a page, and where in it each number with an id stands."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.numbers: list[tuple[str, int, int]] = []
        self._open: list[tuple[str | None, int]] = []
        self._skipped = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("style", "script", "svg"):
            self._skipped += 1
        if tag == "span":
            self._open.append((dict(attrs).get("data-result"), len(self.text)))

    def handle_endtag(self, tag: str) -> None:
        if tag in ("style", "script", "svg"):
            self._skipped -= 1
        if tag == "span" and self._open:
            row_id, start = self._open.pop()
            if row_id is not None:
                self.numbers.append((row_id, start, len(self.text)))

    def handle_data(self, data: str) -> None:
        if not self._skipped:
            self.text += data


def numbers(page: str) -> Iterator[Shown]:
    """Every number of a page that names its row, in the order of the page."""
    reader = _Reader()
    reader.feed(page)
    for row_id, start, end in sorted(reader.numbers, key=lambda found: found[1]):
        yield Shown(
            row_id=row_id,
            text=_plain(reader.text[start:end]),
            before=_plain(reader.text[max(0, start - AROUND) : start]),
            after=_plain(reader.text[end : end + AROUND]),
        )


def find(page: str, number: str) -> list[Shown]:
    """The numbers of a page that begin like `number` does, each id once: `28.4 %`, `28.4%` and `28.4` find 28.4 %.

    A number without its unit finds it with any; the unit of a given one has to be there. Where none begins so, those
    that hold it: the bounds of an interval.
    """
    wanted = _NUMBER.match(_bare(number))
    if wanted is None:
        return []
    unit = _bare(number)[wanted.end() :]
    begins: dict[str, Shown] = {}
    holds: dict[str, Shown] = {}
    for shown in numbers(page):
        text = _bare(shown.text)
        places = [
            one.start() for one in _NUMBER.finditer(text) if one[0] == wanted[0] and text.startswith(unit, one.end())
        ]
        if places:
            (holds if places[0] else begins).setdefault(shown.row_id, shown)
    return list((begins or holds).values())


def row_of(release: Release, asked: str, report: Path) -> str:
    """The id that is meant: `asked` itself where a row bears it, else the one row that shows this number on a page.

    Args:
        release: where the rows are.
        asked: an id, or a number as a page shows it.
        report: the folder of the pages.

    Raises:
        InputError: no row has this id and no page shows this number, or several rows show it; names the nearest ids, or
            these rows with the words around.
    """
    try:
        release.find(asked)
    except InputError as unknown:
        found: dict[str, Shown] = {}
        # The sheets of the states only where the report itself does not show the number.
        for pattern in ("*.html", "*/*.html"):
            for page in sorted(report.glob(pattern)) if not found and _NUMBER.match(_bare(asked)) else []:
                found |= {one.row_id: one for one in find(page.read_text("utf-8"), asked)}
        if not found:
            raise unknown from None
        if len(found) > 1:
            listed = "".join(
                f"\n  {one.row_id}\n    … {one.before} [{one.text}] {one.after} …" for one in found.values()
            )
            raise InputError(
                f"{len(found)} rows show {asked}:{listed}", file=report, remedy="ask for one of these ids"
            ) from None
        return next(iter(found))
    return asked


def _plain(text: str) -> str:
    return SPACE.sub(" ", text.replace("\u00a0", " ").replace("\u202f", " ")).strip()


def _bare(text: str) -> str:
    return SPACE.sub("", _plain(text)).replace("−", "-")
