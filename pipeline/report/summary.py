"""The main points on two A4 pages, in every language: for print, for the meeting.

Belongs here: which points and charts the summary has, and writing it. Not here: the points (main_points.py), the charts
(the release holds them), the look (reports/assets/sheet.css).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from pipeline.language import LANGUAGES, mark, speaking, spoken, t
from pipeline.report import main_points
from pipeline.report.markup import Html, compose, escape
from pipeline.report.page import Page
from pipeline.report.sheets import Frame, suffix, top

CHARTS = ("foreign_share_years", "state_dots", "koenigstein_key")
TITLE = mark("Migrant organisations in East and West: the main points")
INTRO = mark("What public figures say, on two pages; every number leads back to the line of its source.")


def render_summary(assets: Path, *, release: Path, outputs: Mapping[str, Path]) -> list[Path]:
    """Write the summary in every language and return the files; each is replaced in one step, once all are made.

    Args:
        assets: the folder with sheet.html and sheet.css.
        release: the folder of a release.
        outputs: the file to write by language.

    Raises:
        InputError: there is no release, a message lacks its translation, or a page is not sound.
    """
    from pipeline.release import open_release
    from pipeline.release.shelf import write_in_one_step

    page, frame = Page(open_release(release), renderer=""), Frame.read(assets)
    made = {}
    for language in LANGUAGES:
        with speaking(language):
            made[outputs[language]] = _summary(page, frame)
    for output, text in made.items():
        output.parent.mkdir(parents=True, exist_ok=True)
        write_in_one_step(output, text.encode())
    return list(made)


def _summary(page: Page, frame: Frame) -> str:
    index = f"index{suffix(spoken())}"
    points = [point for make in main_points.POINTS if (point := make(page)) is not None]
    shows = escape(t("What this does not show:"))
    items = "\n".join(
        f"<li>{_linked(point.sentence.markup, index)}\n"
        f'<span class="limits"><b>{shows}</b> {escape(point.limits)}</span></li>'
        for point in points
    )
    body = f'<ol class="points">\n{items}\n</ol>' if points else f"<p>{compose(main_points.NONE).markup}</p>"
    note = compose(main_points.NOTE).markup if points else ""
    drawn = "\n".join(_chart(page, name) for name in CHARTS)
    release = compose("Release {release}.", release=Html(f"<code>{escape(page.release.id)}</code>"))
    head = f'{top(index, "summary")}\n<h1>{escape(t(TITLE))}</h1>\n<p class="intro">{escape(t(INTRO))}</p>'
    return frame.page(
        name=f"summary{suffix(spoken())}",
        title=t("The main points on two pages"),
        description=t(INTRO),
        kind="summary",
        head=Html(head),
        body=Html(f'{body}\n<p class="note">{note}</p>\n<div class="figures">\n{drawn}\n</div>'),
        foot=Html(f"<p>{release.markup}</p>"),
    )


def _linked(markup: str, index: str) -> str:
    """Links into the page lead to the page."""
    return markup.replace('href="#', f'href="{index}#')


def _chart(page: Page, name: str) -> str:
    # The caption is Markdown for the page; here it is text.
    finding = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", str(page.caption(name)))
    return f"<section>\n<h2>{escape(finding)}</h2>\n{page.figure(name).markup}\n</section>"
