"""One document in each of its languages: an edition is a translated source, its words outside the prose, its file.

Belongs here: what an edition is made of, and how it names the others, so that a reader may change over at any section.
Not here: translating prose (translation.py), rendering (builtin.py, quarto.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.language import mark, speaking, t
from pipeline.report.source import Source
from pipeline.report.translation import translated

NAMES = {"en": "English", "de": "Deutsch"}
# The words of page.lua; Quarto brings its own by `lang`.
NUMBERED = {"fig": mark("Figure"), "tbl": mark("Table"), "sec": mark("Section")}
CALLOUTS = {
    "note": mark("Note"),
    "tip": mark("Tip"),
    "warning": mark("Warning"),
    "caution": mark("Caution"),
    "important": mark("Important"),
}


@dataclass(frozen=True)
class Edition:
    """The document in one language.

    Attributes:
        language: its code.
        source: the document, its prose translated.
        words: what the template and the filters need, as metadata: the language, labels, and `editions`, one mapping
            each with lang, name, place (the words of the link at a section) and, but for this one, href.
        output: the file it is written to.
    """

    language: str
    source: Source
    words: dict[str, Any]
    output: Path


def editions(source: Source, outputs: Mapping[str, Path]) -> list[Edition]:
    """An edition for each language of `outputs`; a link from one to another is relative.

    Raises:
        InputError: a message of the document or of the frame has no translation; names it and its line.
    """
    return [_edition(source, language, outputs) for language in outputs]


def _edition(source: Source, language: str, outputs: Mapping[str, Path]) -> Edition:
    with speaking(language):
        words: dict[str, Any] = {
            "lang": language,
            "toc-title": t("Contents"),
            "skip-title": t("Skip to the report"),
            "languages-title": t("Language"),
            "numbered": {kind: t(word) for kind, word in NUMBERED.items()},
            "callouts": {kind: t(word) for kind, word in CALLOUTS.items()},
        }
        prose = translated(source)
    if len(outputs) > 1:
        words["editions"] = [_named(other, language, outputs) for other in outputs]
    return Edition(language=language, source=prose, words=words, output=outputs[language])


def _named(language: str, shown_in: str, outputs: Mapping[str, Path]) -> dict[str, str]:
    named = {"lang": language, "name": NAMES[language]}
    if language == shown_in:
        return named
    with speaking(language):
        return {**named, "place": t("this section"), "href": outputs[language].name}
