"""A page as passages: each text with the language it is said to be in, and the numbers that carry ids."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
# In German dates a full stop follows the day, so it groups thousands only where three digits follow.
NUMBERS = {
    "en": re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"),
    "de": re.compile(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d+(?:,\d+)?"),
}
ADDRESSES = re.compile(r"\S+://\S+|\b\d+(?:\.\d+){3}\b")


@dataclass
class Element:
    tag: str
    attributes: dict[str, str]
    language: str
    number: int | None


@dataclass
class Number:
    """An element with data-result or data-results: the ids, and the numbers in it, each read by its own language."""

    ids: str
    numbers: list[float] = field(default_factory=list)


class Passages(HTMLParser):
    """Tags in order, texts with their language outside style, script and code, numbers with ids."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.texts: list[tuple[str, str]] = []
        self.shown: list[Number] = []
        self._open: list[Element] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.tags.append((tag, found))
        if tag in VOID:
            return
        above = self._open[-1] if self._open else Element("", {}, "", None)
        number = above.number
        if ids := found.get("data-result") or found.get("data-results"):
            self.shown.append(Number(ids))
            number = len(self.shown) - 1
        self._open.append(Element(tag, found, found.get("lang", above.language), number))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        while self._open and tag not in VOID and self._open.pop().tag != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not self._open or any(one.tag in {"style", "script", "code", "pre"} for one in self._open):
            return
        here = self._open[-1]
        self.texts.append((here.language, " ".join(data.split())))
        if here.number is not None:
            written = (found.replace("," if here.language == "en" else ".", "") for found in _numbers(here, data))
            self.shown[here.number].numbers += [float(text.replace(",", ".")) for text in written]

    def ids(self, beginning: str = "") -> list[str]:
        """Ids of the page that begin so, in order."""
        return [one["id"] for _, one in self.tags if one.get("id", "").startswith(beginning) and "id" in one]

    def having(self, attribute: str) -> list[str]:
        """The values of an attribute, in order."""
        return [one[attribute] for _, one in self.tags if attribute in one]

    def said_in(self, language: str) -> list[str]:
        """Texts of one language."""
        return [text for spoken, text in self.texts if spoken == language and text]


def _numbers(here: Element, text: str) -> list[str]:
    return NUMBERS[here.language].findall(ADDRESSES.sub("", text))
