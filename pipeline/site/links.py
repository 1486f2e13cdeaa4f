"""Links of a Markdown text, found and rewritten; code is left alone.

Belongs here: what a link looks like. Not here: where it leads.
"""

from __future__ import annotations

import re
from collections.abc import Callable

# [words](target) or ![words](target "title"); words may hold one level of brackets, a target no blank.
_LINK = re.compile(r"(?P<before>!?\[(?:[^\[\]]|\[[^\[\]]*\])*\]\()(?P<target>[^()\s]+)(?P<after>(?:\s+\"[^\"]*\")?\))")
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})")


def links(text: str, led: Callable[[str], str]) -> str:
    """`text` with the target of every link replaced by what `led` makes of it; addresses with a scheme stay."""

    def replaced(match: re.Match[str]) -> str:
        target = match["target"]
        return match.group() if re.match(r"[a-z]+:", target) else match["before"] + led(target) + match["after"]

    return _LINK.sub(replaced, text)


def unfenced(markdown: str, change: Callable[[str], str]) -> str:
    """`markdown` with `change` applied to what is neither a fenced nor an indented block of code nor a code span."""
    lines, fence, changed = markdown.split("\n"), "", []
    for line in lines:
        opened = _FENCE.match(line)
        if fence:
            if opened and opened[1].startswith(fence) and line.strip() == opened[1]:
                fence = ""
            changed.append(line)
        elif opened:
            fence = opened[1]
            changed.append(line)
        else:
            changed.append(line if line.startswith("    ") else _outside_spans(line, change))
    return "\n".join(changed)


def _outside_spans(line: str, change: Callable[[str], str]) -> str:
    """Code spans are kept out of sight while `change` looks; a link whose words are a code span is one all the same."""
    spans: list[str] = []

    def hidden(match: re.Match[str]) -> str:
        spans.append(match.group())
        return f"\0{len(spans) - 1}\0"

    shown = change(re.sub(r"(`+)(?!`).+?(?<!`)\1(?!`)", hidden, line))
    return re.sub(r"\0(\d+)\0", lambda match: spans[int(match[1])], shown)
