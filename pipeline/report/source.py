"""Read a .qmd file into front matter, prose and chunks, each with its line.

Belongs here: the part of the Quarto document syntax that both renderers share. Not here: running chunks
(chunks.py), turning text into a page (builtin.py), or judging what is allowed (subset.py).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from pipeline.errors import InputError

FENCE = re.compile(r"^(?P<indent> {0,3})(?P<ticks>`{3,}|~{3,})(?P<info>.*)$")
INLINE = re.compile(r"(?<!`)`\{python\}[ \t]+(?P<code>[^`\n]+?)[ \t]*`(?!`)")
OPTIONS = frozenset({"label", "fig-cap", "tbl-cap", "echo", "output", "include"})
OPTION_LINE = re.compile(r"^#\|\s?(?P<yaml>.*)$")


@dataclass(frozen=True)
class Inline:
    """`{python} expression` in prose: its code, its span in the block's text and its line in the file."""

    code: str
    start: int
    end: int
    line: int


@dataclass(frozen=True)
class Prose:
    """Markdown between chunks, exactly as written; `line` is its first line in the file (1-based)."""

    text: str
    line: int
    inlines: tuple[Inline, ...]


@dataclass(frozen=True)
class Chunk:
    """A ```{python} block: its code without the option lines, and where it stands in the file.

    `line` is the opening fence, `code_line` the first line of code; `options` holds what the `#|` lines say.
    """

    code: str
    line: int
    code_line: int
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def label(self) -> str | None:
        """The chunk's label, or None."""
        return self.options.get("label")


@dataclass(frozen=True)
class Source:
    """A parsed document: front matter (a mapping) and blocks in order."""

    path: Path
    front_matter: dict[str, Any]
    blocks: tuple[Prose | Chunk, ...]

    @property
    def chunks(self) -> tuple[Chunk, ...]:
        """The chunks in order."""
        return tuple(block for block in self.blocks if isinstance(block, Chunk))


def read_source(path: Path) -> Source:
    """Read the .qmd file at `path`.

    Raises:
        InputError: the file is missing, not UTF-8, its front matter or a chunk's options are not valid YAML, a chunk
            option is unknown, or a fence is left open; the error names the line.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise InputError("the document does not exist", file=path.name, remedy="name an existing .qmd file") from None
    except UnicodeDecodeError as error:
        raise InputError(
            f"the document is not UTF-8 (byte {error.start})", file=path.name, remedy="save it as UTF-8"
        ) from None
    return parse_source(text, path=path)


def parse_source(text: str, *, path: Path = Path("document.qmd")) -> Source:
    """Parse the text of a .qmd document; see `read_source` for what is raised."""
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    front_matter, start = _front_matter(lines, path)
    blocks: list[Prose | Chunk] = []
    prose: list[str] = []
    prose_line = start + 1
    index = start
    while index < len(lines):
        fence = FENCE.match(lines[index])
        if fence is None:
            prose.append(lines[index])
            index += 1
            continue
        end = _closing_line(lines, index, fence["ticks"], path)
        if fence["info"].strip() == "{python}":
            _add_prose(blocks, prose, prose_line)
            blocks.append(_chunk(lines, index, end, path))
            prose, prose_line = [], end + 2
        else:
            prose.extend(lines[index : end + 1])
        index = end + 1
    _add_prose(blocks, prose, prose_line)
    return Source(path=path, front_matter=front_matter, blocks=tuple(blocks))


def _front_matter(lines: list[str], path: Path) -> tuple[dict[str, Any], int]:
    """The YAML block at the top, and the index of the first line after it."""
    if lines[0].rstrip() != "---":
        return {}, 0
    for index in range(1, len(lines)):
        if lines[index].rstrip() in {"---", "..."}:
            break
    else:
        raise InputError("the front matter is never closed", file=path.name, line=1, remedy="end it with a line ---")
    try:
        found = yaml.safe_load("\n".join(lines[1:index])) or {}
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise InputError(
            f"the front matter is not valid YAML: {getattr(error, 'problem', error)}",
            file=path.name,
            line=(mark.line + 2) if mark else 1,
            remedy="mend the YAML between the two lines ---",
        ) from None
    if not isinstance(found, dict):
        raise InputError("the front matter is not a mapping", file=path.name, line=1, remedy="write key: value lines")
    return found, index + 1


def _closing_line(lines: list[str], opening: int, ticks: str, path: Path) -> int:
    for index in range(opening + 1, len(lines)):
        candidate = lines[index].strip()
        if len(candidate) >= len(ticks) and set(candidate) == {ticks[0]}:
            return index
    raise InputError(
        f"the code block that starts with {ticks} is never closed",
        file=path.name,
        line=opening + 1,
        remedy=f"close it with a line {ticks}",
    )


def _chunk(lines: list[str], opening: int, end: int, path: Path) -> Chunk:
    body = lines[opening + 1 : end]
    yaml_lines: list[str] = []
    for line in body:
        option = OPTION_LINE.match(line)
        if option is None:
            break
        yaml_lines.append(option["yaml"])
    try:
        options = yaml.safe_load("\n".join(yaml_lines)) or {}
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise InputError(
            f"the chunk's #| options are not valid YAML: {getattr(error, 'problem', error)}",
            file=path.name,
            line=opening + 2 + (mark.line if mark else 0),
            remedy="write each as `#| key: value`",
        ) from None
    if not isinstance(options, dict):
        raise InputError(
            "the chunk's #| options are not key: value lines",
            file=path.name,
            line=opening + 2,
            remedy="write each as `#| key: value`",
        )
    for key in options:
        if key not in OPTIONS:
            position = next((n for n, text in enumerate(yaml_lines) if text.startswith(f"{key}:")), 0)
            raise InputError(
                f"unknown chunk option {key!r}",
                file=path.name,
                line=opening + 2 + position,
                key=str(key),
                remedy=f"use one of {', '.join(sorted(OPTIONS))}",
            )
    code = body[len(yaml_lines) :]
    return Chunk(code="\n".join(code), line=opening + 1, code_line=opening + 2 + len(yaml_lines), options=dict(options))


def prose_of(text: str, line: int) -> Prose:
    """Markdown as a block, with the inline expressions in it; `line` is its first line in the file."""
    inlines = tuple(
        Inline(
            code=match["code"],
            start=match.start(),
            end=match.end(),
            line=line + text.count("\n", 0, match.start()),
        )
        for match in INLINE.finditer(text)
    )
    return Prose(text=text, line=line, inlines=inlines)


def text_of(source: Source) -> str:
    """The document as the text of a .qmd file, for a program that reads files; lines may have moved."""
    parts = [f"---\n{_yaml(source.front_matter)}---"]
    for block in source.blocks:
        if isinstance(block, Prose):
            parts.append(block.text)
            continue
        options = "".join(f"#| {line}\n" for line in _yaml(block.options).splitlines()) if block.options else ""
        parts.append(f"```{{python}}\n{options}{block.code}\n```")
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def _yaml(values: dict[str, Any]) -> str:
    return yaml.safe_dump(values, allow_unicode=True, sort_keys=False, width=10_000)


def _add_prose(blocks: list[Prose | Chunk], lines: list[str], line: int) -> None:
    text = "\n".join(lines)
    if text.strip():
        blocks.append(prose_of(text, line))
