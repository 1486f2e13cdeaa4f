"""The sheets in a headless Chromium: one A4 page on paper, silent, readable, no wider than the narrowest screen."""

import re

import pytest
import sheet_rows
from small_release import ROOT
from test_browser import CONTRAST, browser  # noqa: F401  (a fixture)

from pipeline.report import sheets

# A4 at 96 pixels an inch, less the margins of sheet.css.
PAPER = 703, 1066


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The sheets of a release in which Sachsen has as many districts as Bayern, with the longest of names."""
    home = tmp_path_factory.mktemp("browser")
    release = sheet_rows.build(home / "r", many=93)
    sheets.render_sheets(ROOT / "reports/assets", release=release, folder=home / "states")
    return home / "states"


@pytest.mark.parametrize("file", ["sachsen.html", "sachsen.de.html", "berlin.de.html"])
def test_a_sheet_is_one_page_of_a4(browser, folder, file):  # noqa: F811
    tab = browser.new_page()
    tab.goto((folder / file).as_uri())
    paper = tab.pdf(prefer_css_page_size=True)
    tab.close()
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 1
    (box,) = {tuple(map(float, box.split())) for box in re.findall(rb"/MediaBox\s*\[([^\]]+)\]", paper)}
    assert box == pytest.approx((0, 0, 595, 842), abs=1.5)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_sheet_is_silent_readable_and_narrow(browser, folder, scheme):  # noqa: F811
    tab = browser.new_page(viewport={"width": 320, "height": 800}, color_scheme=scheme)
    said, asked = [], []
    tab.on("console", lambda message: said.append(message.text))
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto((folder / "sachsen.de.html").as_uri())
    tab.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
    wide, weak = tab.evaluate("document.documentElement.scrollWidth"), tab.evaluate(CONTRAST)
    tab.close()
    assert (said, asked[1:]) == ([], [])
    assert wide <= 320
    assert weak == []


def test_no_drawing_is_cut_on_paper(browser, folder):  # noqa: F811
    tab = browser.new_page(viewport={"width": PAPER[0], "height": PAPER[1]})
    tab.goto((folder / "sachsen.html").as_uri())
    tab.emulate_media(media="print")
    boxes = tab.evaluate(
        "[...document.querySelectorAll('.drawing svg')].map(svg => { const box = svg.getBoundingClientRect(); "
        "return [box.left, box.right, box.bottom] })"
    )
    tab.close()
    assert len(boxes) == 2
    assert all(left >= 0 and right <= PAPER[0] and bottom <= PAPER[1] for left, right, bottom in boxes)
