"""The prose of a .qmd in the language being spoken: paragraph by paragraph, before anything runs.

Belongs here: which parts of a document are messages, and putting their translations in their places, so that both
renderers get a document of one language. Not here: looking a message up (pipeline.language), words that chunks choose.

A message is the English paragraph with its white space normalised, inline expressions and citations as they stand; a
translation holds the same ones, in whatever order its language wants. Messages are the words of the front matter,
paragraphs (captions are paragraphs), headings without their ids, the titles of callouts and the captions of chunks.
A chunk calls `t` for words of its own. Lines keep their numbers, so an error in a translated document names the line
of the English one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from pipeline.errors import InputError
from pipeline.language import SOURCE, spoken, t
from pipeline.language.messages import in_code
from pipeline.report.source import FENCE, Chunk, Prose, Source, prose_of

FRONT_MATTER = ("title", "subtitle", "description")
CAPTIONS = ("fig-cap", "tbl-cap")
HEADING = re.compile(r"^(?P<before>#{1,6}[ \t]+)(?P<words>.*?)(?P<after>[ \t]*(?:\{[#.][^{}]*\})?[ \t]*)$")
DIV = re.compile(r"^\s*:{3,}")
TITLED_DIV = re.compile(r'^(?P<before>\s*:{3,}[^"]*\btitle=")(?P<words>[^"]*)(?P<after>".*)$')
# Paragraphs whose lines mean something: joined to one line they would be something else.
LINED = re.compile(r"^\s*(?:[-*+|>:]\s|\||\d+[.)]\s|<|\[\^)")
CITATION = re.compile(r"(?<![\w\\])-?@[A-Za-z_][\w:.#$%&+?<>~/-]*\w")
TARGET = re.compile(r"\]\([^)]*\)|\{[#.][^{}]*\}")
CODE = re.compile(r"`[^`]+`")


@dataclass(frozen=True)
class Passage:
    """Lines first to last of a block (from 0) that hold one message, with what stands around it in its line."""

    first: int
    last: int
    words: str
    before: str = ""
    after: str = ""


def messages(source: Source) -> dict[str, str]:
    """Every message of the document, with the file and line it stands in.

    Raises:
        InputError: a list, a table or a quotation stands in the prose: it cannot be translated as a paragraph.
    """
    found: dict[str, str] = {}
    name = source.path.as_posix()
    for key in FRONT_MATTER:
        if words := source.front_matter.get(key):
            found.setdefault(_normalised(str(words)), f"{name}:1")
    for block in source.blocks:
        if isinstance(block, Prose):
            for passage in _passages(block, source):
                found.setdefault(passage.words, f"{name}:{block.line + passage.first}")
            continue
        for key in CAPTIONS:
            if key in block.options:
                found.setdefault(_normalised(str(block.options[key])), f"{name}:{block.line}")
        try:
            calls = list(in_code(block.code))
        except SyntaxError:
            continue  # running it says it better, with its line
        for text, line in calls:
            found.setdefault(text, f"{name}:{block.code_line + line - 1}")
    return found


def translated(source: Source) -> Source:
    """The document in the language being spoken; in English it is the same.

    Raises:
        InputError: a message has no translation, or one with other expressions, citations or links; names the line.
    """
    if spoken() == SOURCE:
        return source
    front: dict[str, Any] = {**source.front_matter, "lang": spoken()}
    for key in FRONT_MATTER:
        if words := front.get(key):
            front[key] = _words(_normalised(str(words)), source, 1)
    blocks = tuple(_block(block, source) for block in source.blocks)
    return replace(source, front_matter=front, blocks=blocks)


def fixed(message: str) -> Counter[str]:
    """What a translation has to hold as it is: inline expressions and other code, citations, targets of links."""
    plain = CODE.sub("", message)
    return Counter([*CODE.findall(message), *CITATION.findall(plain), *TARGET.findall(plain)])


def _block(block: Prose | Chunk, source: Source) -> Prose | Chunk:
    if isinstance(block, Chunk):
        captions = {
            key: _words(_normalised(str(block.options[key])), source, block.line)
            for key in CAPTIONS
            if key in block.options
        }
        return replace(block, options={**block.options, **captions})
    lines = block.text.split("\n")
    for passage in _passages(block, source):
        words = _words(passage.words, source, block.line + passage.first)
        if passage.after.startswith('"') and '"' in words:
            raise _other(passage.words, source, block.line + passage.first, "has a straight quotation mark in a title")
        lines[passage.first] = f"{passage.before}{words}{passage.after}"
        # Empty lines after it keep the numbers of the lines that follow.
        lines[passage.first + 1 : passage.last + 1] = [""] * (passage.last - passage.first)
    return prose_of("\n".join(lines), block.line)


def _words(message: str, source: Source, line: int) -> str:
    try:
        words = t(message)
    except InputError as error:
        raise InputError(error.message, file=source.path.name, line=line, remedy=error.remedy) from None
    if fixed(words) != fixed(message):
        raise _other(message, source, line, "has other expressions, citations or links than the English")
    return words


def _other(message: str, source: Source, line: int, what: str) -> InputError:
    return InputError(
        f"the {spoken()} of {message!r} {what}",
        file=source.path.name,
        line=line,
        remedy=f"mend the translation in pipeline/language/{spoken()}",
    )


def _passages(block: Prose, source: Source) -> Iterator[Passage]:
    lines = block.text.split("\n")
    index = 0
    while index < len(lines):
        line = lines[index]
        if fence := FENCE.match(line):
            index += 1
            while index < len(lines) and not lines[index].strip().startswith(fence["ticks"]):
                index += 1
        elif titled := TITLED_DIV.match(line):
            yield Passage(index, index, titled["words"], titled["before"], titled["after"])
        elif heading := HEADING.match(line):
            if _speaks(heading["words"]):
                yield Passage(index, index, heading["words"], heading["before"], heading["after"])
        elif line.strip() and not DIV.match(line):
            first = index
            while index + 1 < len(lines) and not _ends(lines[index + 1]):
                index += 1
            words = _normalised(" ".join(lines[first : index + 1]))
            if LINED.match(line):
                raise InputError(
                    "a list, a table or a quotation in the prose cannot be translated",
                    file=source.path.name,
                    line=block.line + first,
                    remedy="write paragraphs, or let a chunk make it",
                )
            if _speaks(words):
                yield Passage(first, index, words)
        index += 1


def _ends(line: str) -> bool:
    """Whether a paragraph ends before this line."""
    return not line.strip() or any(pattern.match(line) for pattern in (DIV, FENCE, HEADING))


def _speaks(text: str) -> bool:
    """Whether anything is left to translate without code, citations and marks."""
    return any(character.isalpha() for character in CITATION.sub("", CODE.sub("", text)))


def _normalised(text: str) -> str:
    return " ".join(text.split())
