"""What the documents say, for tests: their pages, links, anchors, tables and commands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from pymdownx.slugs import slugify

from pipeline.site.links import links, unfenced

REPOSITORY = Path(__file__).parents[2]
slug = slugify(case="lower")


def pages() -> list[Path]:
    """Every Markdown file a person reads: docs/, and those that stand beside what they describe."""
    beside = [REPOSITORY / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "raw_data/README.md")]
    return [*beside, REPOSITORY / "tests/oracle/README.md", *sorted((REPOSITORY / "docs").rglob("*.md"))]


def targets(text: str) -> list[str]:
    """Where the links of a text lead, addresses with a scheme left out."""
    found: list[str] = []
    unfenced(text, lambda line: links(line, lambda target: found.append(target) or target))
    return [target for target in found if not re.match(r"[a-z]+:", target)]


def anchors(text: str) -> set[str]:
    """The anchors of the headings."""
    return {slug(re.sub(r"[`*]", "", found), "-") for found in re.findall(r"(?m)^#{1,6} (.+)$", text)}


def rows(text: str) -> Iterator[list[str]]:
    """The cells of every row of every table, without head and rule."""
    lines = text.splitlines()
    for before, line in zip(["", *lines], lines, strict=False):
        if line.startswith("|") and before.startswith("|") and not re.fullmatch(r"[|\-: ]+", line):
            yield [cell.strip() for cell in line.strip().strip("|").split("|")]


def commands(text: str) -> set[tuple[str, ...]]:
    """`mo …` as it is typed in a text: the words before the first argument that is no command."""
    typed = re.findall(r"(?m)^    (mo [^\n#]+)", text) + re.findall(r"`(mo [^`]+)`", text)
    return {tuple(words.split()[1:]) for words in typed}


def targets_of_make(text: str) -> set[str]:
    """`make …` as it is typed in a text."""
    return set(re.findall(r"(?m)^    make (\w+)", text)) | set(re.findall(r"`make (\w+)`", text))
