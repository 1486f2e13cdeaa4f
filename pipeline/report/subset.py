"""Hold a .qmd to what both renderers render alike, naming line and remedy.

Belongs here: rules about the source that can be judged without running it. Not here: syntax errors (source.py), faults
of the finished page (page_check.py).

Quarto has far more syntax than this report needs. Everything outside the subset either looks different in the two
renderers or is dropped by one of them without a word, so it is refused before anything runs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.errors import InputError
from pipeline.report.source import FENCE, INLINE, Chunk, Prose, Source

CALLOUTS = ("note", "tip", "warning", "caution", "important")
DIV_CLASSES = frozenset({*(f"callout-{name}" for name in CALLOUTS), "panel-tabset"})
FRONT_MATTER = frozenset({"title", "subtitle", "description", "author", "lang", "nocite"})
QUARTO_WORDS = (
    "column-",
    "panel-",
    "callout",
    "content-",
    "grid",
    "incremental",
    "layout",
    "cell",
    "quarto-",
    "aside",
)

DIV_OPEN = re.compile(r"^\s*(?P<colons>:{3,})\s*(?P<attributes>\{[^}]*\}|[\w.-]+)\s*:*\s*$")
DIV_CLOSE = re.compile(r"^\s*:{3,}\s*$")
LABEL = re.compile(r"(?<=[{\s])#((?:fig|tbl|sec|eq|lst|thm)-[\w-]+)")
REFERENCE = re.compile(r"(?<![\w@\\])@((?:[Ff]ig|[Tt]bl|[Ss]ec|eq|lst|thm)-[\w-]*\w)")
SHORTCODE = re.compile(r"\{\{<.*?>\}\}")
TYPED_SHARE = re.compile(r"\d+(?:[.,]\d+)?(?:\s|&nbsp;|\u00a0)*(?:%|per ?cent\b)")
FETCHED = re.compile(r"!\[[^\]]*\]\(\s*<?(?:https?:)?//|<(?:script|iframe|link|object|embed|video|audio)\b", re.I)
CODE_SPAN = re.compile(r"`+[^`\n]+`+")


@dataclass(frozen=True, order=True)
class Problem:
    """One thing outside the subset: its 1-based line, what it is, and what to write instead."""

    line: int
    message: str
    remedy: str


def lint(source: Source) -> list[Problem]:
    """Every place where `source` leaves the common subset, in the order of the lines."""
    problems = [*_front_matter(source), *_chunks(source)]
    labels: dict[str, int] = {}
    references: list[tuple[int, str]] = []
    div_lines: list[tuple[int, str]] = []
    previous_text = ""
    for line, text, is_code in _lines(source):
        if is_code:
            if text is not None and INLINE.search(text):
                problems.append(
                    Problem(
                        line,
                        "an inline expression inside a code block",
                        "Quarto runs it there too; leave it out",
                    )
                )
            previous_text = "code"
            continue
        problems += _line_problems(line, text)
        plain = CODE_SPAN.sub("", text)
        for match in LABEL.finditer(plain):
            if match[1] in labels:
                problems.append(
                    Problem(
                        line,
                        f"the label {match[1]} stands on line {labels[match[1]]} too",
                        "give it another name",
                    )
                )
            labels.setdefault(match[1], line)
        references += [(line, match[1]) for match in REFERENCE.finditer(plain)]
        if opening := DIV_OPEN.match(text):
            div_lines.append((line, opening["attributes"]))
        elif DIV_CLOSE.match(text):
            if not div_lines:
                problems.append(Problem(line, "::: closes nothing", "remove it, or open the block it should close"))
            else:
                problems += _closed(*div_lines.pop(), previous_text)
        if text.strip():
            previous_text = text.strip()
    problems += [
        Problem(line, f"the block {attributes} is never closed", "close it with a line :::")
        for line, attributes in div_lines
    ]
    labels.update({chunk.label: chunk.line for chunk in source.chunks if chunk.label})
    problems += _references(references, labels)
    return sorted(problems)


def require_subset(source: Source) -> None:
    """Raise an InputError that names every problem `lint` finds, each with its line and remedy."""
    problems = lint(source)
    if not problems:
        return
    first, *others = problems
    more = "".join(f"\n  line {other.line}: {other.message}: {other.remedy}" for other in others)
    raise InputError(
        first.message + (f"\n  and {len(others)} more:{more}" if others else ""),
        file=source.path.name,
        line=first.line,
        remedy=first.remedy,
    )


def _lines(source: Source) -> Iterator[tuple[int, str, bool]]:
    """Line number, text and whether it is code, over all prose; a chunk is one line of code without text."""
    for block in source.blocks:
        if isinstance(block, Chunk):
            yield block.line, "", True
            continue
        fence = ""
        for offset, text in enumerate(block.text.split("\n")):
            match = FENCE.match(text)
            if fence:
                yield block.line + offset, text, True
                stripped = text.strip()
                fence = "" if len(stripped) >= len(fence) and set(stripped) == {fence[0]} else fence
            elif match is not None:
                fence = match["ticks"]
                yield block.line + offset, text, True
            else:
                yield block.line + offset, text, False


def _front_matter(source: Source) -> list[Problem]:
    problems = [
        Problem(1, f"front matter key {key!r}", "settings of the format go into _quarto.yml, for both renderers")
        for key in source.front_matter
        if key not in FRONT_MATTER
    ]
    if not source.front_matter.get("title"):
        problems.append(Problem(1, "the front matter has no title", "add `title:`"))
    return problems


def _chunks(source: Source) -> list[Problem]:
    problems = []
    seen: dict[str, int] = {}
    for chunk in source.chunks:
        label = chunk.label
        if label is None:
            problems.append(
                Problem(chunk.line, "a chunk without a label", "add `#| label: name` so that errors name it")
            )
        elif label in seen:
            problems.append(
                Problem(chunk.line, f"the chunk label {label} stands on line {seen[label]} too", "rename it")
            )
        else:
            seen[label] = chunk.line
        for kind in ("fig", "tbl"):
            labelled, captioned = (label or "").startswith(f"{kind}-"), f"{kind}-cap" in chunk.options
            if labelled != captioned:
                problems.append(
                    Problem(
                        chunk.line,
                        f"a chunk with {'a label' if labelled else 'a caption'} of the kind {kind} alone",
                        f"a numbered chunk needs both `label: {kind}-…` and `{kind}-cap:`",
                    )
                )
    for block in source.blocks:
        if isinstance(block, Prose):
            for offset, text in enumerate(block.text.split("\n")):
                match = FENCE.match(text)
                if match and re.match(r"\{(?!=html\})[^.#]", match["info"].strip()):
                    problems.append(
                        Problem(
                            block.line + offset,
                            f"a block {match['info'].strip()} only one renderer runs or shows",
                            "use ```{python} with #| options, ```{=html}, or a plain code block",
                        )
                    )
    return problems


def _line_problems(line: int, text: str) -> Iterator[Problem]:
    if SHORTCODE.search(text):
        yield Problem(line, "a Quarto shortcode", "the built-in renderer has none; write the text or a chunk")
    if FETCHED.search(text):
        yield Problem(line, "something the page would fetch or run", "keep the page self-contained, without script")
    if "``{python}" in text.replace("```{python}", ""):
        yield Problem(line, "an inline expression in several backticks", "write `{python} expression` in single ones")
    if "<!--" in text and INLINE.search(text):
        yield Problem(line, "an inline expression in a comment", "Quarto runs it there too; take it out")
    if re.match(r"^\s*:\s.*\{#tbl-", text):
        yield Problem(line, "a table caption with a label", "put the table into ::: {#tbl-…} with the caption below it")
    without_inline = CODE_SPAN.sub("", text)
    if found := TYPED_SHARE.search(without_inline):
        yield Problem(line, f"a typed share, {found[0]!r}", "show the released row: `{python} page.number(…)`")
    for attributes in re.findall(r"\{([^{}]*)\}", without_inline):
        classes = re.findall(r"(?:^|\s)\.([\w-]+)", attributes)
        words = [*classes, *re.findall(r"(?:^|\s)([\w-]+)=", attributes)]
        for word in words:
            if word.startswith(QUARTO_WORDS) and word not in DIV_CLASSES:
                yield Problem(
                    line,
                    f"{word!r}, which only Quarto knows",
                    f"the subset has {', '.join(sorted(DIV_CLASSES))}",
                )


def _closed(line: int, attributes: str, last: str) -> list[Problem]:
    label = LABEL.search(attributes)
    if label and label[1].startswith(("fig-", "tbl-")) and (last == "code" or last.startswith((":::", "{", "|", "!["))):
        return [Problem(line, f"the block #{label[1]} has no caption", "end it with a paragraph: the caption")]
    return []


def _references(references: list[tuple[int, str]], labels: dict[str, int]) -> Iterator[Problem]:
    for line, name in references:
        if name.startswith(("sec-", "Sec-")):
            yield Problem(
                line,
                f"@{name}",
                "Quarto counts sections that begin at ## differently; link by name: [text](#sec-…)",
            )
        elif not name.startswith(("fig-", "tbl-")):
            yield Problem(line, f"@{name}", "only @fig-… and @tbl-… are numbered alike by both renderers")
        elif name not in labels:
            yield Problem(line, f"@{name} refers to nothing", f"give the figure or table the label #{name}")
