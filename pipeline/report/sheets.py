"""Every state's sheet in every language: one folder of self-contained HTML files, one A4 page each.

Belongs here: which sheets there are, the frame around their parts, writing all of them in one step. Not here: what
stands on a sheet (sheet.py, sheet_notes.py), the look (reports/assets/sheet.css).

No kernel and no pandoc: a sheet is put together from the same `Page` the chunks of the report use.
"""

from __future__ import annotations

import shutil
import string
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import InputError
from pipeline.language import LANGUAGES, SOURCE, mark, speaking, spoken, t
from pipeline.report import sheet as parts
from pipeline.report import sheet_notes as notes
from pipeline.report.builtin import POLICY
from pipeline.report.markup import Html, Markdown, compose, escape, escape_markdown
from pipeline.report.page import Page
from pipeline.report.page_check import check_page
from pipeline.report.sheet import Country, Sheet

LANGUAGE_NAMES = {"en": "English", "de": "Deutsch"}
_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
TITLE = mark("Augenhöhe: the report")


@dataclass(frozen=True)
class State:
    """One of the sixteen: its official code, its name, its part of the country (east, west or berlin)."""

    region_id: str
    name: str
    part: str

    @property
    def slug(self) -> str:
        """The name of its files: `baden-wuerttemberg`."""
        plain = self.name.lower().translate(_LETTERS)
        return "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in plain).strip("-")

    def file(self, language: str) -> str:
        """The name of its sheet in a language: `sachsen.html`, `sachsen.de.html`."""
        return f"{self.slug}{suffix(language)}"


def suffix(language: str) -> str:
    """The ending of a page's file in a language."""
    return ".html" if language == SOURCE else f".{language}.html"


def states(page: Page) -> list[State]:
    """The states of the release by name."""
    rows = page.rows("core.region", level="state").sort("name")
    return [State(*row) for row in rows.select("region_id", "name", "part").iter_rows()]


def render_sheets(assets: Path, *, release: Path, folder: Path) -> list[Path]:
    """Write every sheet in every language into `folder`, which is replaced as a whole, and return the files.

    Args:
        assets: the folder with sheet.html and sheet.css.
        release: the folder of a release.
        folder: the folder of the sheets; what lay there before is gone, and after an error still there.

    Raises:
        InputError: there is no release, a message lacks its translation, or a sheet is not sound.
    """
    from pipeline.release import open_release

    page = Page(open_release(release), renderer="")
    frame = Frame.read(assets)
    country = Country(page)
    sheets = {state: Sheet(country, state.region_id, state.name, state.part) for state in states(page)}
    made: dict[str, str] = {}
    for language in LANGUAGES:
        with speaking(language):
            for state, one in sheets.items():
                made[state.file(language)] = _sheet(one, state, sheets, frame)
    _replace(folder, made)
    return [folder / name for name in made]


@dataclass(frozen=True)
class Frame:
    """The page around a sheet: sheet.html with `$places`, and the style that goes into it."""

    template: string.Template
    css: str

    @classmethod
    def read(cls, assets: Path) -> Frame:
        """From sheet.html and sheet.css in `assets`."""
        return cls(
            string.Template((assets / "sheet.html").read_text("utf-8")), (assets / "sheet.css").read_text("utf-8")
        )

    def page(self, *, name: str, title: str, description: str, kind: str, head: Html, body: Html, foot: Html) -> str:
        """One whole page in the language being spoken, looked over.

        Raises:
            InputError: a place of the template is not filled, or the page is not sound.
        """
        try:
            html = self.template.substitute(
                language=spoken(), policy=escape(POLICY), title=escape(title), description=escape(description),
                css=self.css, kind=kind, head=head.markup, body=body.markup, foot=foot.markup,
                skip=escape(t("Skip to the sheet")),
            )  # fmt: skip
        except KeyError as error:
            raise InputError(
                f"sheet.html asks for {error}", file="sheet.html", remedy="use the places that sheets.py fills"
            ) from None
        check_page(html, document=Path(name))
        return html


def _sheet(one: Sheet, state: State, every: Iterable[State], frame: Frame) -> str:
    body = "\n".join(
        part.markup
        for part in (
            parts.cards(one),
            Html('<div class="pair">'),
            parts.course(one),
            Html("<div>"),
            parts.key(one),
            parts.network(one),
            Html("</div></div>"),
            parts.districts(one),
            Html('<div class="notes-row">'),
            notes.definitions(one),
            notes.doubts(one),
            Html("<div>"),
            notes.limits(one),
            notes.sources(one),
            notes.checking(one),
            Html("</div></div>"),
        )
    )
    head = Html(
        f"{top(f'../index{suffix(spoken())}', state.slug)}\n"
        f'<h1>{escape(state.name)}</h1>\n<p class="intro">{parts.intro(one).markup}</p>'
    )
    return frame.page(
        name=state.file(spoken()),
        title=t("{state} in figures – Augenhöhe", state=state.name),
        description=t("Who lives in {state}, in figures, beside East, West and Germany", state=state.name),
        kind="sheet",
        head=head,
        body=Html(body),
        foot=Html(_others(every, state)),
    )


def top(index: str, slug: str) -> str:
    """The line above a page: back to the report at `index`, and the same page in the other languages."""
    others = " ".join(
        f'<a href="{slug}{suffix(one)}" hreflang="{one}" lang="{one}" rel="alternate">{LANGUAGE_NAMES[one]}</a>'
        for one in LANGUAGES
        if one != spoken()
    )
    return (
        f'<nav class="top" aria-label="{escape(t("Report and language"))}">'
        f'<a href="{index}"><span class="mark" aria-hidden="true"></span>{escape(t(TITLE))}</a> {others}</nav>'
    )


def _others(every: Iterable[State], here: State) -> str:
    items = "".join(
        f'<li><span aria-current="page">{escape(one.name)}</span></li>'
        if one == here
        else f'<li><a href="{one.file(spoken())}">{escape(one.name)}</a></li>'
        for one in every
    )
    return f'<nav class="others" aria-label="{escape(t("The sheets of the states"))}"><ul>{items}</ul></nav>'


def heading() -> Markdown:
    """The heading of `links` on the page."""
    return Markdown(escape_markdown(t("A sheet for each state")))


def links(page: Page) -> Html:
    """For the page: the sheets of all states, in the language being spoken, for `build/report/index.html`."""
    items = "\n".join(
        f'<li class="{state.part}"><a href="states/{state.file(spoken())}">{escape(state.name)}</a></li>'
        for state in states(page)
    )
    said = compose("One printed page a state, for those who work there; the summary has two.")
    summary = f'<a href="summary{suffix(spoken())}">{escape(t("The main points on two pages"))}</a>'
    return Html(
        f'<nav class="sheets" aria-label="{escape(t("The sheets of the states"))}">\n<p>{said.markup} {summary}</p>\n'
        f"<ul>\n{items}\n</ul>\n</nav>",
        block=True,
    )


def _replace(folder: Path, pages: dict[str, str]) -> None:
    """Put `pages` into `folder` in one step; what lay there is gone."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        for name, text in pages.items():
            (fresh / name).write_text(text, "utf-8")
        fresh.chmod(0o755)  # mkdtemp makes it private
        before = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        try:
            if folder.exists():
                folder.rename(before / "old")
            fresh.rename(folder)
        finally:
            shutil.rmtree(before, ignore_errors=True)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
