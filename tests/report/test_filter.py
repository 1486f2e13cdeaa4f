"""What the Lua filter adds to pandoc: numbers, references, callouts, tabsets; and what stops the page."""

import re

import pytest

from pipeline.errors import InputError
from pipeline.report.builtin import to_html


@pytest.fixture
def convert(tmp_path):
    (tmp_path / "refs.bib").write_text("@book{known, author={Known, Ann}, title={T}, year={1999}}", encoding="utf-8")
    (tmp_path / "a.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>', encoding="utf-8")

    def _convert(markdown, **settings):
        document = tmp_path / "document.qmd"
        page = to_html(
            markdown,
            {"title": "T", "bibliography": "refs.bib", **settings},
            document=document,
            folder=tmp_path,
        )
        text = page.read_text(encoding="utf-8")
        return re.sub(r"\s+(?=<)|(?<=>)\s+", "", text[text.index("</header>") :])

    return _convert


FIGURES = """
See @tbl-t, @fig-b, [-@fig-a] and [@fig-a; @fig-b].

::: {#fig-a}
drawing

First *caption*
:::

::: {#tbl-t}
table

Third
:::

![Second](a.svg){#fig-b}
"""


def test_figures_and_tables_are_counted_apart_in_the_order_of_the_page(convert):
    html = convert(FIGURES)
    captions = re.findall(r"<figcaption[^>]*>(.*?)</figcaption>", html)
    assert captions == ["Figure\u00a01: First<em>caption</em>", "Table\u00a01: Third", "Figure\u00a02: Second"]
    assert re.findall(r'<figure id="([^"]+)"', html) == ["fig-a", "tbl-t", "fig-b"]
    assert html.index("First") < html.index("drawing")


def test_references_carry_the_number_and_lead_to_the_figure(convert):
    html = convert(FIGURES)
    assert re.findall(r'<a href="(#[^"]+)"class="quarto-xref">([^<]+)</a>', html.replace('" class', '"class')) == [
        ("#tbl-t", "Table\u00a01"),
        ("#fig-b", "Figure\u00a02"),
        ("#fig-a", "1"),
        ("#fig-a", "Figure\u00a01"),
        ("#fig-b", "Figure\u00a02"),
    ]


def test_sections_are_counted_as_pandoc_numbers_them(convert):
    html = convert(
        "## A\n\n### B {#sec-b}\n\n## Foreword {.unnumbered}\n\n## C {#sec-c}\n\n@sec-b, @sec-c",
        **{"number-sections": True},
    )
    numbers = dict(re.findall(r'data-number="([\d.]+)"id="([^"]+)"', html.replace('" id', '"id')))
    assert {name: number for number, name in numbers.items()}["sec-b"] == "1.1"
    assert ">Section\u00a01.1</a>" in html
    assert ">Section\u00a02</a>" in html


def test_callouts_have_a_title_of_their_own_or_their_kind(convert):
    html = convert('::: {.callout-note title="What this"}\nbody\n:::\n\n::: {.callout-warning}\nbody\n:::\n')
    assert re.findall(r'<div class="callout-title">(.*?)</div>', html) == ["What this", "Warning"]
    assert html.count('role="note"') == 2


def test_tabs_are_folded_parts_of_which_the_first_is_open(convert):
    html = convert("::: {.panel-tabset}\n\n### One\n\naaa\n\n### Two\n\nbbb\n\n:::")
    assert '<details name="tabset-1" open><summary>One</summary>' in html
    assert '<details name="tabset-1"><summary>Two</summary>' in html
    assert "<h3" not in html


def test_mathematics_is_mathml(convert):
    assert "<math" in convert("$x^2$")


def test_citations_come_after_references(convert):
    html = convert("::: {#fig-a}\nx\n\nc\n:::\n\n@fig-a and [@known]")
    assert ">Figure\u00a01</a>" in html
    assert "Known" in html


@pytest.mark.parametrize(
    ("markdown", "words"),
    [
        ("@fig-none", "unresolved reference ?@fig-none"),
        ("[@unknown]", "unknown"),
        ("![a](missing.png)", "missing.png"),
        ("::: {#fig-a}\nonly one\n:::", "#fig-a has no caption"),
        ("::: {#fig-a}\nx\n\ny\n:::\n\n::: {#fig-a}\nx\n\ny\n:::", "fig-a stands twice"),
        ("::: {.panel-tabset}\nno heading\n:::", "has no headings"),
        ("::: {#fig-a}\nx\n\ny\n:::\n\n[@fig-a; @known]", "one pair of brackets"),
    ],
)
def test_what_does_not_resolve_stops_the_page(convert, markdown, words):
    with pytest.raises(InputError, match=re.escape(words)):
        convert(markdown)
