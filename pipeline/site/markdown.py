"""Markdown written by the generated pages.

Belongs here: what keeps text from being read as markup. Not here: any page.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

_ESCAPED = {"\\": "&#92;", "|": "&#124;", "<": "&lt;", "*": "&#42;", "[": "&#91;", "_": "\\_", "\n": " "}


def cell(text: object) -> str:
    """Text as one cell of a table; what looks like markup is shown as it is, nothing is an empty cell."""
    return "" if text is None else "".join(_ESCAPED.get(sign, sign) for sign in str(text))


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """The lines of a table, a blank one before it; cells are text and shown as it is."""
    yield ""
    yield f"| {' | '.join(head)} |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield f"| {' | '.join(map(cell, row))} |"
