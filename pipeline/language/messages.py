"""Which messages the code and the pages use, and whether every language has them: `make words` says what is missing.

Belongs here: finding messages in Python files and in .qmd pages, holding the catalogues against them. Not here: looking
a message up (the package itself).
"""

from __future__ import annotations

import ast
import string
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.language import FOLDER, LANGUAGES, SOURCE

# How many leading arguments are messages. By the syntax tree, since a call may stand inside an f-string.
KEYWORDS = {"t": 1, "mark": 1, "compose": 1, "tn": 2}
PACKAGE = FOLDER.parent
# Translations of texts that come with the data, the declaration or the catalogue of methods; these may lose such a text
# again, so it is not held against code.
OF_DATA = ("data.po", "data_charts.po", "methods.po")


@dataclass(frozen=True, order=True)
class Problem:
    """A message that is missing, unused or translated with other places: where, and what about it."""

    where: str
    what: str


def used() -> dict[str, str]:
    """Every message of the code, by its (singular) text: the file and line it stands in."""
    found: dict[str, str] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE.parent).as_posix()
        for text, line in in_code(path.read_text("utf-8")):
            found.setdefault(text, f"{name}:{line}")
    return found


def of_pages() -> dict[str, str]:
    """Every message of the .qmd pages, with the file and line it stands in; see pipeline.report.translation."""
    from pipeline.report.source import read_source
    from pipeline.report.translation import messages

    found: dict[str, str] = {}
    for path in sorted((PACKAGE.parent / "reports").glob("*.qmd")):
        for text, where in messages(read_source(path)).items():
            found.setdefault(text, Path(where).relative_to(PACKAGE.parent).as_posix())
    return found


def in_code(code: str) -> Iterator[tuple[str, int]]:
    """The messages of Python code, each (singular) text with its line.

    Raises:
        SyntaxError: it is no Python.
    """
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Call) and _called(node.func) in KEYWORDS:
            texts = [one.value for one in node.args if isinstance(one, ast.Constant)]
            # t() of a name looks up a constant that was marked where it is written.
            if len(texts) >= KEYWORDS[_called(node.func)] and isinstance(texts[0], str):
                yield texts[0], node.lineno


def _called(function: ast.expr) -> str:
    return function.id if isinstance(function, ast.Name) else ""


def problems(pages: dict[str, str] | None = None) -> list[Problem]:
    """What keeps the catalogues from being complete; `pages` are further messages with the place they stand in."""
    pages = pages or {}
    wanted = pages | used()
    others = [language for language in LANGUAGES if language != SOURCE]
    return sorted(problem for language in others for problem in _of(language, wanted, pages))


def _of(language: str, wanted: dict[str, str], pages: dict[str, str]) -> Iterator[Problem]:
    from babel.messages.pofile import read_po

    from pipeline.report.translation import fixed

    known: set[str] = set()
    for path in sorted((FOLDER / language).glob("*.po")):
        with path.open("rb") as file:
            messages = list(read_po(file, locale=language, abort_invalid=True))
        for message in messages:
            if not message.id:
                continue
            texts = (message.id,) if isinstance(message.id, str) else tuple(message.id)
            forms = (message.string,) if isinstance(message.string, str) else tuple(message.string or ("",))
            where = f"{language}/{path.name}:{message.lineno}"
            known.add(texts[0])
            if message.fuzzy or not all(forms):
                yield Problem(where, f"{texts[0]!r} has no finished translation")
            elif path.name not in OF_DATA:
                if texts[0] not in wanted:
                    yield Problem(where, f"{texts[0]!r} is used nowhere: delete it")
                pairs = ((texts[0], forms[0]), (texts[-1], forms[-1]))
                if texts[0] in pages and fixed(texts[0]) != fixed(forms[0]):
                    yield Problem(where, f"{texts[0]!r} and its translation have other expressions, citations or links")
                elif texts[0] not in pages and any(_places(text) != _places(form) for text, form in pairs):
                    yield Problem(where, f"{texts[0]!r} and its translation have other places in braces")
    for text, where in wanted.items():
        if text not in known:
            yield Problem(where, f"{text!r} has no {language} words")


def _places(text: str) -> list[str]:
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


def main() -> int:
    """Print every problem; 1 if there is one."""
    pages = of_pages()
    found = problems(pages)
    for problem in found:
        print(f"{problem.where}: {problem.what}")
    print(f"{len(used())} messages of the code, {len(pages)} of the pages, {len(found)} problems")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
