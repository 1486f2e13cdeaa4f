"""Small pieces of markup that chunks hand to a renderer.

Belongs here: escaping, the two kinds of text a chunk may return, a number with its unit. Not here: what a number means
or where it comes from (page.py), how a language writes it (pipeline.language), or whole sentences (findings.py).
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

from pipeline.language import NBSP, of_data, spoken, t

# Every ASCII punctuation character may be escaped in Pandoc's Markdown; a data text never means markup.
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
# Only white space of the source: a no-break space between a number and its unit has to stay.
_SPACE = re.compile(r"[ \t\r\n\f\v]+")


class Html:
    """HTML ready for the page; both renderers pass it through unread.

    `block` decides whether it stands in a paragraph or by itself. The text must be escaped already: use `compose`
    or `escape` to build it from data.
    """

    def __init__(self, markup: str, *, block: bool = False) -> None:
        self.markup = markup
        self.block = block

    def __str__(self) -> str:
        return self.markup

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Html) and (self.markup, self.block) == (other.markup, other.block)

    def __hash__(self) -> int:
        return hash((self.markup, self.block))

    def _repr_markdown_(self) -> str:
        if self.block:
            fence = "`" * max(3, _longest_run(self.markup) + 1)
            return f"{fence}{{=html}}\n{self.markup}\n{fence}"
        if not self.markup:
            return ""
        ticks = "`" * (_longest_run(self.markup) + 1)
        return f"{ticks} {_SPACE.sub(' ', self.markup)} {ticks}{{=html}}"


class Markdown:
    """Markdown written by this project (a numbered figure, a list), never by data."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __str__(self) -> str:
        return self.text

    def _repr_markdown_(self) -> str:
        return self.text


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall(r"`+", text)), default=0)


def escape(text: object) -> str:
    """`text` for HTML content and quoted attributes, white space runs as one space."""
    return html.escape(_SPACE.sub(" ", str(text)).strip(), quote=True)


def escape_markdown(text: object) -> str:
    """`text` so that Markdown shows it as it is: every punctuation character escaped, on one line."""
    return _PUNCTUATION.sub(r"\\\1", _SPACE.sub(" ", str(text)).strip())


def compose(template: str, /, **parts: object) -> Html:
    """A sentence from a message with `{name}` places, in the language being spoken.

    The message is plain text; a part that is Html enters as it is, anything else is escaped.

    Raises:
        InputError: the catalogue of the language has no such message.
    """
    filled = {name: part.markup if isinstance(part, Html) else escape(part) for name, part in parts.items()}
    return Html(html.escape(t(template), quote=False).format(**filled))


def join(parts: Iterable[Html], separator: str = " ") -> Html:
    """Sentences in a row."""
    return Html(separator.join(part.markup for part in parts if part.markup))


def data_text(text: object) -> Html:
    """A text that came with the data, in the language being spoken where it has words for it.

    Where it has none, the text stays English and says so: `<span lang="en">`.
    """
    words, language = of_data(str(text))
    if language == spoken():
        return Html(escape(words))
    return Html(f'<span lang="{language}">{escape(words)}</span>')


def data_cell(text: str) -> str | Html:
    """`data_text` for a cell: text in the language being spoken, markup only where it has to say another one."""
    words, language = of_data(text)
    return words if language == spoken() else data_text(text)


def with_unit(number: str, unit: str) -> str:
    """The number with its unit as the page writes it: `8.0 %`, `−20.4 percentage points`; unknown units follow it."""
    if unit in {"", "ratio", "persons", "number"}:
        return number
    sign = {"percent": "%", "percentage points": t("percentage points").replace(" ", NBSP), "eur": "€"}.get(unit, unit)
    return f"{number}{NBSP}{sign}"
