"""The page in a headless Chromium: silent, self-contained, and no wider than the narrowest screen."""

import pytest
from small_release import CLAIMS


@pytest.fixture
def view(browser, rendered):
    """Open the page; returns the tab, what its console said and what it asked for besides itself."""
    opened = []

    def _view(width=1280, height=900, **options):
        tab = browser.new_page(viewport={"width": width, "height": height}, **options)
        opened.append(tab)
        said, asked = [], []
        tab.on("console", lambda message: said.append(message.text))
        tab.on("pageerror", lambda error: said.append(str(error)))
        tab.on("request", lambda request: asked.append(request.url))
        tab.goto(rendered.output.as_uri())
        return tab, said, [url for url in asked[1:] if not url.startswith("data:")]

    yield _view
    for tab in opened:
        tab.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_silent_and_asks_for_nothing(view, scheme):
    tab, said, asked = view(color_scheme=scheme)
    tab.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
    assert said == []
    assert asked == []
    assert tab.title().startswith("Migrant organisations")


@pytest.mark.parametrize("width", [320, 768, 1280])
def test_the_page_never_scrolls_sideways(view, width):
    tab, _, _ = view(width=width)
    tab.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
    assert tab.evaluate("document.documentElement.scrollWidth") <= width


def test_the_grounds_of_light_and_dark_differ(view):
    grounds = [
        view(color_scheme=scheme)[0].evaluate("getComputedStyle(document.body).backgroundColor")
        for scheme in ("light", "dark")
    ]
    assert grounds[0] != grounds[1]


CONTRAST = """() => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const rgb = colour => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data]; };
  const light = ([r, g, b]) => { const c = [r, g, b].map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126*c[0] + 0.7152*c[1] + 0.0722*c[2]; };
  const ground = node => { for (; node; node = node.parentElement) {
    const colour = rgb(getComputedStyle(node).backgroundColor); if (colour[3] > 0) return colour; }
    return [255, 255, 255, 255]; };
  const weak = [];
  for (const node of document.querySelectorAll('body *:not(svg *)')) {
    if (![...node.childNodes].some(child => child.nodeType === 3 && child.textContent.trim())) continue;
    const pair = [light(rgb(getComputedStyle(node).color)), light(ground(node))].sort((a, b) => b - a);
    const ratio = (pair[0] + 0.05) / (pair[1] + 0.05);
    if (ratio < 4.5) weak.push(`${node.tagName}.${node.className}: ${ratio.toFixed(2)}`);
  }
  return [...new Set(weak)];
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_has_the_contrast_of_aa(view, scheme):
    tab, _, _ = view(color_scheme=scheme)
    tab.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
    assert tab.evaluate(CONTRAST) == []


def test_the_keyboard_finds_the_skip_link_first_and_sees_the_focus(view):
    tab, _, _ = view()
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.className") == "skip"
    assert tab.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    tab.keyboard.press("Enter")
    assert tab.evaluate("document.activeElement.id") == "content"


def test_on_paper_only_long_data_tables_stay_folded(view):
    tab, _, _ = view()
    hidden = "part => part.querySelector('table').checkVisibility({contentVisibilityAuto: true})"
    tab.emulate_media(media="print")
    assert tab.evaluate("getComputedStyle(document.querySelector('.skip')).display") == "none"
    assert tab.eval_on_selector(".chart details:not(.long)", hidden) is True
    assert tab.eval_on_selector(".chart details.long", hidden) is False
    assert "folded here" in tab.evaluate(
        "getComputedStyle(document.querySelector('details.long > summary'), '::after').content"
    )
    tab.evaluate("document.querySelector('.chart details.long').open = true")
    assert tab.eval_on_selector(".chart details.long", hidden) is True


SHOWN = "[...document.querySelectorAll('.claim')].filter(one => one.checkVisibility()).map(one => one.id.slice(6))"


def test_the_filter_shows_one_verdict_one_section_or_both(view):
    tab, _, _ = view()
    assert len(tab.evaluate(SHOWN)) == len(CLAIMS)
    tab.check("#lens-verdict-wrong-year")
    assert tab.evaluate(SHOWN) == ["C057", "C058"]
    assert tab.locator(".lens-group h3:visible").count() == 1
    tab.check("#lens-section-s1")
    assert tab.evaluate(SHOWN) == []
    said = "getComputedStyle(document.querySelector('[data-verdict=wrong-year]'), '::after').content"
    assert "No statement of this section" in tab.evaluate(said)
    tab.check("#lens-verdict-all")
    assert sorted(tab.evaluate(SHOWN)) == ["C001", "C002", "C006"]
    assert tab.locator(".lens-group h3:visible").count() == 3


def test_a_link_leads_to_a_statement_whatever_is_chosen(view):
    tab, _, _ = view()
    tab.check("#lens-verdict-agrees")
    tab.evaluate("location.hash = '#claim-C061'")
    assert tab.evaluate(SHOWN) == ["C061", "C006"]
    tab.check("#lens-section-s1")
    said = "getComputedStyle(document.querySelector('.lens-group[data-verdict=not-supported]'), '::after').content"
    assert tab.evaluate(said) == "none"
    tab.evaluate("location.hash = '#lens-unchecked'")
    assert tab.evaluate(SHOWN) == ["C006"]
    said = "getComputedStyle(document.querySelector('.lens-group[data-verdict=unchecked]'), '::after').content"
    assert "Hidden by the choice above" in tab.evaluate(said)


def test_the_filter_works_by_keyboard_and_shows_its_focus(view):
    tab, _, _ = view()
    tab.focus("#lens-verdict-all")
    tab.keyboard.press("ArrowDown")
    assert tab.evaluate("document.activeElement.id") == "lens-verdict-not-supported"
    assert tab.evaluate(SHOWN) == ["C061"]
    assert tab.evaluate("getComputedStyle(document.activeElement.parentElement).outlineStyle") == "solid"


def test_without_a_style_sheet_every_statement_is_there_and_no_dead_control(view):
    tab, _, _ = view()
    tab.evaluate("document.querySelectorAll('style, link[rel=stylesheet]').forEach(sheet => sheet.remove())")
    assert len(tab.evaluate(SHOWN)) == len(CLAIMS)
    assert tab.locator("input:visible").count() == 0


def test_on_paper_the_filter_hides_nothing(view):
    tab, _, _ = view()
    tab.check("#lens-verdict-agrees")
    tab.emulate_media(media="print")
    assert len(tab.evaluate(SHOWN)) == len(CLAIMS)
    assert tab.locator("input:visible").count() == 0


def test_the_switch_leads_to_the_same_section_of_the_other_language(browser, editions):
    tab = browser.new_page(viewport={"width": 1280, "height": 900})
    tab.goto(editions["en"].as_uri())
    for name, place in (("index.de.html", "sec-chance"), ("index.html", "sec-needs")):
        link = tab.locator(f"a[href='{name}#{place}']")
        assert link.evaluate("one => one.getBoundingClientRect().height") >= 24
        link.click()
        assert tab.url.endswith(f"{name}#{place}")
        top = tab.locator(f"#{place}").evaluate("one => one.getBoundingClientRect().top")
        assert 0 <= top < 450
    tab.close()


@pytest.mark.parametrize("width", [320, 768])
def test_the_german_page_never_scrolls_sideways(browser, editions, width):
    tab = browser.new_page(viewport={"width": width, "height": 900})
    tab.goto(editions["de"].as_uri())
    tab.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    tab.close()


def test_the_switch_is_not_printed(browser, editions):
    tab = browser.new_page()
    tab.goto(editions["de"].as_uri())
    tab.emulate_media(media="print")
    assert not tab.locator(".languages").is_visible()
    assert not tab.locator(".switch").first.is_visible()
    tab.close()
