"""Both editions of the page: the same numbers, figures, verdicts and places, each in its own language."""

import re
from collections import Counter
from pathlib import Path

import pytest
from passages import Passages
from small_release import CHARTS

from pipeline.errors import InputError
from pipeline.report import render_editions
from pipeline.report.page_check import check_page

# English words that no German sentence holds.
ENGLISH = re.compile(r"\b(the|of|and|is|are|were|which|with|from|by|for|this|that|not|share|state|East)\b", re.I)
# Names and ids that are the same in every language, and what the small release has of its charts and evidence.
NAMES = re.compile(r"Finding of \w+|[Tt]he Augenhöhe authors|by-2-0|[\w-]+(?:\.[\w-]+)+")


@pytest.fixture(scope="module")
def pages(editions):
    return {language: Passages(file.read_text("utf-8")) for language, file in editions.items()}


def english_left(page):
    """Sentences of a German page that are not said to be English and hold English words."""
    return [text for text in page.said_in("de") if ENGLISH.search(NAMES.sub("", text))]


def test_nothing_but_the_two_pages_is_left(editions):
    assert sorted(path.name for path in editions["en"].parent.iterdir()) == ["index.de.html", "index.html"]


def test_both_pages_carry_the_same_numbers_under_the_same_ids(pages):
    english, german = (pages[language].shown for language in ("en", "de"))
    assert len(english) > 300
    # Within a sentence each language has an order of its own.
    of = [Counter((one.ids, *sorted(one.numbers)) for one in numbers) for numbers in (english, german)]
    assert of[1] - of[0] == of[0] - of[1] == Counter()


def test_both_pages_carry_the_same_figures_tables_statements_and_verdicts(pages):
    english, german = pages["en"], pages["de"]
    assert german.ids("fig-") == english.ids("fig-")
    assert german.ids("tbl-") == english.ids("tbl-")
    assert german.having("data-chart") == english.having("data-chart") == list(CHARTS)
    assert len(english.having("data-verdict")) > 10
    assert german.having("data-verdict") == english.having("data-verdict")


def test_every_place_of_one_page_is_a_place_of_the_other(pages):
    # The ids within a drawing follow from its content.
    drawn = re.compile(r"c[0-9a-f]{10}-")
    english, german = ([place for place in page.ids() if not drawn.match(place)] for page in pages.values())
    assert german == english
    assert len(pages["en"].ids("sec-")) > 20


def test_the_page_says_its_language_and_every_passage_that_has_another(pages):
    for language, page in pages.items():
        assert dict(page.tags)["html"]["lang"] == language
        assert set(page.having("lang")) <= {"en", "de"}
        assert set(page.having("hreflang")) == {"en", "de"} - {language}
    assert len(pages["de"].having("lang")) > len(pages["en"].having("lang"))


def test_no_english_is_left_on_the_german_page(pages):
    assert english_left(pages["de"]) == []


def test_english_that_is_left_would_be_found():
    page = '<html lang="de"><p>Der Osten. {}</p></html>'
    assert english_left(Passages(page.format("The share of the East"))) == ["Der Osten. The share of the East"]
    assert english_left(Passages(page.format('<span lang="en">The share of the East</span>'))) == []
    assert english_left(Passages(page.format("<code>the share</code>"))) == []


def test_figures_tables_and_lists_are_named_in_the_language_of_the_page(pages):
    text = {language: " ".join(page.said_in(language)) for language, page in pages.items()}
    assert "Abbildung\u00a01:" in text["de"] or "Abbildung 1:" in text["de"]
    assert not re.search(r"(Figure|Table)\s\d", text["de"])
    assert "Zum Bericht springen" in text["de"]
    assert "Skip to the report" in text["en"]
    assert "Bertelsmann Stiftung und Berliner Institut" in text["de"]
    assert "Bertelsmann Stiftung and Berliner Institut" in " ".join(pages["en"].said_in("de"))


def test_the_switch_stands_at_the_top_and_keeps_the_place(pages, editions):
    for language, other in (("en", "de"), ("de", "en")):
        page, file = pages[language], editions[other].name
        links = [one["href"] for tag, one in page.tags if tag == "a" and one.get("hreflang") == other]
        assert links == [file, *(f"{file}#{place}" for place in page.ids("sec-"))]
        assert all(one["lang"] == other for _, one in page.tags if one.get("hreflang") == other)
        assert page.having("aria-current") == ["true"]


def test_no_relative_link_is_dead(pages, editions):
    files = {file.name: pages[language].ids() for language, file in editions.items()}
    for page in pages.values():
        for href in page.having("href"):
            name, _, place = href.partition("#")
            if name in files:
                assert not place or place in files[name]
            else:
                # The sheets of the states and the summary lie beside the page.
                assert href.startswith(("#", "https://", "data:")) or name.endswith(".html"), href


def test_a_switch_to_a_place_that_is_not_there_is_refused():
    pages = {"a.html": '<p id="x"><a href="b.html#y">b</a></p>', "b.html": '<p id="x"></p>'}
    with pytest.raises(InputError, match=r"link to b\.html#y"):
        check_page(pages["a.html"], document=Path("d.qmd"), others=pages)
    check_page(pages["a.html"].replace("#y", "#x"), document=Path("d.qmd"), others=pages)


def test_the_policy_stands_on_both_pages(pages):
    for page in pages.values():
        assert "default-src 'none'" in next(one["content"] for _, one in page.tags if "http-equiv" in one)


def test_an_error_in_one_edition_leaves_both_old_pages(write, release, tmp_path, monkeypatch):
    words = {"A test": "Ein Test", "Text.": "Text."}
    monkeypatch.setattr("pipeline.report.translation.t", lambda message: words[message])
    code = "import os\nassert os.environ['AUGENHOEHE_LANGUAGE'] == 'en', 'only English'"
    document = write(f"Text.\n\n```{{python}}\n#| label: a\n{code}\n```")
    files = {"en": tmp_path / "out" / "a.html", "de": tmp_path / "out" / "b.html"}
    files["en"].parent.mkdir()
    for file in files.values():
        file.write_text("old", "utf-8")
    with pytest.raises(InputError, match="only English"):
        render_editions(document, release=release, outputs=files, renderer="builtin")
    assert [file.read_text("utf-8") for file in files.values()] == ["old", "old"]


def test_the_second_edition_sees_no_name_of_the_first(write, release, tmp_path, monkeypatch):
    monkeypatch.setattr("pipeline.report.translation.t", lambda message: message)
    document = write("```{python}\n#| label: a\nassert 'kept' not in globals(), 'a name was kept'\nkept = 1\n```")
    files = {language: tmp_path / "out" / f"{language}.html" for language in ("en", "de")}
    assert len(render_editions(document, release=release, outputs=files, renderer="builtin")) == 2
