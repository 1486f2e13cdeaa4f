"""Every page of a real run as people with and without a mouse, with a narrow screen, in the dark or on paper meet it.

axe-core holds the pages to WCAG 2.2 A and AA and to its best practices (heading order among them), all details open.
The contrast of a text takes it longer than all else together, and thousands of texts on a page are alike in all that
contrast is made of: it is asked of three of each kind, on all pages together. What is the same in each way of
looking is asked once: the dark page is held to what concerns colours, the narrow one to all else, the printed one to
all but targets for fingers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import axe_playwright_python
import pytest

if TYPE_CHECKING:
    from playwright.sync_api import ViewportSize

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = """async ({tags, off, colours, asked}) => {
  const told = [await axe.run(document, {
    runOnly: tags ? {type: 'tag', values: tags} : {type: 'rule', values: ['link-in-text-block']},
    resultTypes: ['violations'],
    rules: tags ? Object.fromEntries([...off, 'color-contrast'].map(rule => [rule, {enabled: false}])) : {},
  })];
  const kinds = new Map(), grounds = new Map([[null, '']]);
  const ground = node => {
    if (!grounds.has(node)) {
      const style = getComputedStyle(node);
      const own = [style.backgroundColor, style.backgroundImage, style.opacity, style.filter, style.position];
      grounds.set(node, `${own} ${ground(node.parentElement)}`);
    }
    return grounds.get(node);
  };
  for (const node of document.querySelectorAll('body, body *')) {
    const words = [...node.childNodes].some(one => one.nodeType === Node.TEXT_NODE && one.data.trim());
    if (!words || node.closest('svg, script, style, template') || !node.checkVisibility()) continue;
    const own = getComputedStyle(node);
    const kind = `${[own.color, own.fontSize, own.fontWeight, own.textShadow]} ${ground(node)}`;
    if (!asked.includes(kind)) kinds.set(kind, [...(kinds.get(kind) || []).slice(0, 2), node]);
  }
  if (colours && kinds.size) told.push(await axe.run({include: [...kinds.values()].flat()}, {
    runOnly: {type: 'rule', values: ['color-contrast']}, resultTypes: ['violations'],
  }));
  const found = told.flatMap(one => one.violations).flatMap(one =>
    one.nodes.slice(0, 5).map(node => `${one.id}: ${node.target}: ${node.failureSummary}`));
  return [found, [...kinds.keys()]];
}"""


@dataclass(frozen=True)
class Mode:
    """A way of looking: colours, width, medium, rules that do not concern it, which of the others are asked of it."""

    color_scheme: Literal["light", "dark"] = "light"
    media: Literal["screen", "print"] = "screen"
    viewport: ViewportSize = field(default_factory=lambda: {"width": 1280, "height": 720})
    off: tuple[str, ...] = ()
    colours: bool = True
    all_else: bool = True


MODES = {
    "light": Mode(),
    "dark": Mode(color_scheme="dark", all_else=False),
    "narrow": Mode(viewport={"width": 320, "height": 800}, colours=False),
    "print": Mode(media="print", off=("target-size",)),
}
INDEX = ("index.html", "index.de.html")
OPEN = "document.querySelectorAll('details').forEach(part => part.open = true)"
A4 = {"width": 718, "height": 1000}
"""What an A4 page holds between its margins, in CSS pixels; a little less high, for the page number."""


@pytest.fixture(scope="module")
def tab(browser):
    """One tab for all: opening one for each page and way of looking would take longer than looking.

    The policy of the pages is lifted for axe alone.
    """
    context = browser.new_context(bypass_csp=True)
    yield context.new_page()
    context.close()


@pytest.fixture
def visit(tab, finished):
    """Open a page of the run by its name, as it is opened anew."""

    def _visit(name: str, mode: str = "light"):
        looked_at(tab, mode)
        tab.goto((finished.folder / "build/report" / name).as_uri())
        return tab

    return _visit


def looked_at(tab, mode: str) -> None:
    """See the page that is open in this way."""
    asked = MODES[mode]
    tab.emulate_media(media=asked.media, color_scheme=asked.color_scheme)
    tab.set_viewport_size(asked.viewport)


def faults(tab, mode: str, known: set[str] | None = None) -> list[str]:
    """What axe finds on the page that is open, all details open, in this way of looking.

    `known` are the kinds of text of which the contrast was asked before; those of this page are added.
    """
    looked_at(tab, mode)
    tab.evaluate(OPEN)
    if not tab.evaluate("Boolean(window.axe)"):
        tab.evaluate(AXE)
    asked, known = MODES[mode], set() if known is None else known
    found, kinds = tab.evaluate(
        RUN,
        {
            "tags": TAGS if asked.all_else else None,
            "off": asked.off,
            "colours": asked.colours,
            "asked": sorted(known),
        },
    )
    if asked.colours:
        known.update(kinds)
    return found


def small_pages(finished) -> list[str]:
    report = finished.folder / "build/report"
    return sorted(str(page.relative_to(report)) for page in report.rglob("*.html") if page.name not in INDEX)


def test_no_page_breaks_a_rule_of_accessibility(visit, finished):
    names = [*INDEX, *small_pages(finished)]
    assert len(names) == 2 * (1 + 16 + 1)
    known: dict[str, set[str]] = {mode: set() for mode in MODES}
    found = {}
    for name in names:
        tab = visit(name)
        found |= {(name, mode): told for mode in MODES if (told := faults(tab, mode, known[mode]))}
    assert found == {}
    assert all(len(known[mode]) > 10 for mode, asked in MODES.items() if asked.colours)


def test_one_pale_word_among_thousands_is_found(visit):
    tab = visit("index.de.html", "dark")
    tab.evaluate("[...document.querySelectorAll('table .num')].at(-40).style.color = '#444'")
    (found,) = faults(tab, "dark")
    assert found.startswith("color-contrast: ")


FOCUSED = """() => {
  const here = document.activeElement;
  if (!here || here === document.body) return null;
  const box = here.getBoundingClientRect(), style = getComputedStyle(here);
  const around = here.closest('label') ? getComputedStyle(here.closest('label')) : style;
  window.walked = window.walked || [];
  const before = window.walked.at(-1);
  window.walked.push(here);
  return {
    name: here.id || here.textContent.trim().slice(0, 40) || here.tagName,
    seen: [style, around].some(one => one.outlineStyle !== 'none' && parseFloat(one.outlineWidth) >= 2),
    inside: box.bottom > 0 && box.top < innerHeight && box.width > 0,
    onward: !before || Boolean(before.compareDocumentPosition(here) & Node.DOCUMENT_POSITION_FOLLOWING),
  };
}"""


@pytest.mark.parametrize("name", ["index.de.html", "states/sachsen.html"])
def test_the_keyboard_walks_the_page_in_its_order_and_sees_where_it_is(visit, name):
    tab = visit(name)
    steps = []
    while len(steps) < 1500:
        tab.keyboard.press("Tab")
        step = tab.evaluate(FOCUSED)
        if step is None:
            break
        steps.append(step)
    assert len(steps) > 5
    assert [step["name"] for step in steps if not step["seen"]] == [], "no visible focus"
    assert [step["name"] for step in steps if not step["inside"]] == [], "focused and out of sight"
    assert [step["name"] for step in steps if not step["onward"]] == [], "against the order of the page"


LOST = """() => [...document.querySelectorAll('body *')].filter(node => {
  const style = getComputedStyle(node);
  const hides = ['hidden', 'clip'].includes(style.overflowX) && style.position !== 'absolute';
  return hides && node.checkVisibility() && node.scrollWidth > node.clientWidth + 1 && node.clientWidth > 1
    && !node.closest('svg');
}).map(node => `${node.tagName}.${node.className}`)"""


@pytest.mark.parametrize("name", [*INDEX, "states/sachsen.html", "summary.de.html"])
def test_at_twice_the_size_nothing_is_cut_and_nothing_scrolls_sideways(browser, finished, name):
    """Twice the size is half the width in CSS pixels, each of them four of the screen's."""
    context = browser.new_context(viewport={"width": 640, "height": 450}, device_scale_factor=2)
    tab = context.new_page()
    tab.goto((finished.folder / "build/report" / name).as_uri())
    tab.evaluate(OPEN)
    width, lost = tab.evaluate("document.documentElement.scrollWidth"), tab.evaluate(LOST)
    context.close()
    assert width <= 640
    assert lost == []


UNPRINTABLE = """height => [...document.querySelectorAll('.chart svg')].filter(svg => {
  const whole = [];
  for (let node = svg; node && node !== document.body; node = node.parentElement)
    whole.push(getComputedStyle(node).breakInside);
  return svg.getBoundingClientRect().height > height || !whole.includes('avoid');
}).map(svg => svg.closest('figure').id)"""
ADDRESSES = """() => [...document.querySelectorAll('a[href^="http"]')]
  .filter(link => link.checkVisibility() && !link.textContent.includes(link.getAttribute('href')))
  .filter(link => !getComputedStyle(link, '::after').content.includes(link.getAttribute('href')))
  .map(link => link.outerHTML.slice(0, 120))"""


@pytest.mark.parametrize("name", INDEX)
def test_on_paper_every_chart_stays_whole_and_every_address_is_printed(visit, name):
    tab = visit(name, "print")
    tab.set_viewport_size(A4)
    assert tab.evaluate("document.querySelectorAll('.chart svg').length") >= 12
    assert tab.evaluate(UNPRINTABLE, A4["height"]) == []
    assert tab.evaluate(ADDRESSES) == []


def test_pages_are_numbered_on_paper(finished):
    page = (finished.folder / "build/report/index.html").read_text("utf-8")
    assert "counter(page)" in page


@pytest.mark.parametrize("name", INDEX)
def test_the_first_screen_reads_without_script(browser, finished, name):
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1280, "height": 900})
    tab = context.new_page()
    tab.goto((finished.folder / "build/report" / name).as_uri())
    point = tab.locator("ol.points > li").first
    box = point.bounding_box()
    assert point.is_visible()
    assert box is not None
    assert box["y"] < 900
    context.close()


@pytest.mark.parametrize("name", [*INDEX, "states/sachsen.html", "summary.html"])
def test_the_policy_of_the_page_lets_no_script_run_and_nothing_load(browser, finished, name):
    """The policy is tried, not read: a script and an image that slipped into a page must do nothing."""
    page = (finished.folder / "build/report" / name).read_text("utf-8")
    slipped = '<script>document.title = "owned"</script><img src="http://127.0.0.1:9/x.png" alt="">'
    assert "</body>" in page
    tried = finished.folder.parent / f"slipped-{name.replace('/', '-')}"
    tried.write_text(page.replace("</body>", f"{slipped}</body>"), "utf-8")
    tab = browser.new_page()
    asked = []
    tab.on("requestfinished", lambda request: asked.append(request.url))
    tab.on("requestfailed", lambda request: asked.append(f"{request.url} {request.failure}"))
    tab.goto(tried.as_uri())
    title = tab.title()
    tab.close()
    assert title != "owned"
    assert [url for url in asked if url.startswith("http") and "csp" not in url] == []
