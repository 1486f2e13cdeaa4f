"""Look over a finished page: what no renderer may let through.

Belongs here: faults that are visible in the HTML alone, whoever rendered it. Not here: faults of the source
(subset.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path

from pipeline.errors import InputError

UNRESOLVED = re.compile(r"\?@(?:fig|tbl|sec|eq|lst)-[\w-]+")
# Attributes a browser follows by itself; a plain link (a href) is followed by the reader alone.
FETCHED = {
    "audio": ("src",),
    "embed": ("src",),
    "iframe": ("src",),
    "image": ("href", "xlink:href"),
    "img": ("src", "srcset"),
    "input": ("src",),
    "link": ("href",),
    "object": ("data",),
    "script": ("src",),
    "source": ("src", "srcset"),
    "track": ("src",),
    "use": ("href", "xlink:href"),
    "video": ("src", "poster"),
}
RELATIVE = re.compile(r"[^#:/?]+\.html(?:#|$)")
ID = re.compile(r'\sid="([^"]+)"')
CSS_URL = re.compile(r"""(?:url\(\s*['"]?|@import\s+['"])(?!data:|#|['"])([^'")\s]+)""")


class _Resources(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.ids: set[str] = set()
        self.twice: list[str] = []
        self.targets: list[str] = []
        self.elsewhere: list[str] = []
        self.fetched: list[str] = []
        self.text: list[str] = []
        self._raw = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._raw = tag if tag in {"style", "script"} else self._raw
        found = {name: value or "" for name, value in attrs}
        if identifier := found.get("id"):
            if identifier in self.ids:
                self.twice.append(identifier)
            self.ids.add(identifier)
        if tag == "a" and found.get("href", "").startswith("#"):
            self.targets.append(found["href"][1:])
        elif tag == "a" and RELATIVE.match(found.get("href", "")):
            self.elsewhere.append(found["href"])
        for name in FETCHED.get(tag, ()):
            value = found.get(name, "")
            if value and not value.startswith(("data:", "#")):
                self.fetched.append(f"<{tag} {name}={value!r}>")
        self.fetched.extend(f"style={url!r}" for url in CSS_URL.findall(found.get("style", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag == self._raw:
            self._raw = ""

    def handle_data(self, data: str) -> None:
        if self._raw == "style":
            self.fetched.extend(f"<style> url({url})" for url in CSS_URL.findall(data))
        elif not self._raw:
            self.text.append(data)


def check_page(html: str, *, document: Path, others: Mapping[str, str] | None = None) -> None:
    """Refuse a page that carries an unresolved reference, a dead link, a double id or an outside resource.

    A link is dead where it leads to no place of the page, or to none of the pages rendered with it: `others`, their
    HTML by file name.

    Raises:
        InputError: the first fault of each kind, all in one message.
    """
    page = _Resources()
    page.feed(html)
    page.close()
    faults = []
    if found := UNRESOLVED.findall(" ".join(page.text)):
        faults.append(f"unresolved reference {found[0]}")
    if dead := sorted({target for target in page.targets if target and target not in page.ids}):
        faults.append(f"link to #{dead[0]}, which is nowhere on the page")
    known = {name: {name, *(f"{name}#{found}" for found in ID.findall(text))} for name, text in (others or {}).items()}
    beside = [link for link in page.elsewhere if (name := link.partition("#")[0]) in known and link not in known[name]]
    if beside:
        faults.append(f"link to {beside[0]}, which is nowhere on that page")
    if page.twice:
        faults.append(f"the id {page.twice[0]!r} stands twice on the page")
    if page.fetched:
        faults.append(f"the page would fetch {page.fetched[0]}")
    if faults:
        raise InputError(
            "the rendered page is not sound: " + "; ".join(faults),
            file=document.name,
            remedy="mend the reference, the id or the resource in the document; nothing was replaced",
        )
