"""What two languages must have in common, for tests: the numbers of a text, and no word left in the other language."""

from __future__ import annotations

import re

_ENGLISH = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")
_GERMAN = re.compile(r"\d+(?:\.\d{3})*(?:,\d+)?")
# Names that hold digits: of a table, a series of publications, a site that has no other name than its address.
_NAMES = re.compile(r"\b1\.3\.1\b|\bReihe 2\.2\b|\b\d+\.\d+\.\d+\.\d+\b")
# A text without words in the language of a sentence stands there in its own quotation marks.
_FOREIGN = re.compile("“[^“”]*”")
_ENGLISH_WORDS = re.compile(r"\b(?:the|of|and|with|from|not|is|which)\b")


def numbers(text: str, language: str) -> list[str]:
    """Every number of a text, sorted, written in one way whichever language wrote it."""
    text = _NAMES.sub("", text)
    if language == "en":
        return sorted(one.replace(",", "") for one in _ENGLISH.findall(text))
    return sorted(one.replace(".", "").replace(",", ".") for one in _GERMAN.findall(text))


def english_words(german: str) -> list[str]:
    """English words in a German text, those aside that it quotes as English, and names that hold one."""
    return _ENGLISH_WORDS.findall(_FOREIGN.sub("", german).replace("State-of-Research", ""))
