"""A document in another language: which parts are messages, what a translation has to keep, where errors point."""

import pytest

from pipeline.errors import InputError
from pipeline.language import messages as words
from pipeline.language import speaking
from pipeline.report.source import Chunk, Prose, parse_source, text_of
from pipeline.report.translation import fixed, messages, translated

DOCUMENT = """---
title: A title
subtitle: >-
  Two
  lines
---

## A heading {#sec-a .unnumbered}

First line [@hoesch]
and `{python} page.one()` second.

::: {.callout-note title="A note"}
Inside.
:::

## `{python} computed()` {#sec-b}

`{python} one()` `{python} two()`

::: {#fig-a}

```{python}
#| label: a
t("said by a chunk")
```

A caption

:::

```
not a message
```

Last `{python} x`.
"""
GERMAN = {
    "A title": "Ein Titel",
    "Two lines": "Zwei Zeilen",
    "A heading": "Eine Überschrift",
    "First line [@hoesch] and `{python} page.one()` second.": "Zweitens `{python} page.one()`, erstens [@hoesch].",
    "A note": "Ein Hinweis",
    "Inside.": "Darin.",
    "A caption": "Eine Legende",
    "Last `{python} x`.": "Zuletzt `{python} x`.",
}


@pytest.fixture
def german(monkeypatch):
    """A catalogue of the test's own, in which a test may change words."""
    catalogue = dict(GERMAN)
    monkeypatch.setattr("pipeline.language.catalogue", lambda language: catalogue)
    return catalogue


def test_the_messages_are_front_matter_headings_paragraphs_captions_titles_and_the_calls_of_chunks():
    found = messages(parse_source(DOCUMENT))
    assert set(found) == {*GERMAN, "said by a chunk"}
    assert found["First line [@hoesch] and `{python} page.one()` second."] == "document.qmd:10"
    assert found["said by a chunk"] == "document.qmd:25"


def test_a_translated_document_keeps_ids_chunks_expressions_and_lines(german):
    source = parse_source(DOCUMENT)
    with speaking("de"):
        other = translated(source)
    assert other.front_matter == {"title": "Ein Titel", "subtitle": "Zwei Zeilen", "lang": "de"}
    assert other.chunks == source.chunks
    text = "\n".join(block.text for block in other.blocks if isinstance(block, Prose))
    for part in (
        "## Eine Überschrift {#sec-a .unnumbered}",
        "Zweitens `{python} page.one()`, erstens [@hoesch].",
        '::: {.callout-note title="Ein Hinweis"}\nDarin.\n:::',
        "## `{python} computed()` {#sec-b}",
        "Eine Legende",
        "not a message",
    ):
        assert part in text
    last, same = ([block for block in one.blocks if isinstance(block, Prose)][-1] for one in (source, other))
    assert [inline.line for inline in last.inlines] == [inline.line for inline in same.inlines]
    assert (last.line, last.text.count("\n")) == (same.line, same.text.count("\n"))


def test_in_english_nothing_is_translated():
    source = parse_source(DOCUMENT)
    assert translated(source) is source


@pytest.mark.parametrize(
    "wrong",
    [
        "Zweitens `{python} page.two()`, erstens [@hoesch].",
        "Zweitens `{python} page.one()`.",
        "Zweitens `{python} page.one()` `{python} page.one()` [@hoesch].",
        "Zweitens `{python} page.one()`, erstens [@hoesch] [hier](#sec-x).",
    ],
)
def test_a_translation_with_other_expressions_or_citations_is_refused_with_the_line(german, wrong):
    german["First line [@hoesch] and `{python} page.one()` second."] = wrong
    with speaking("de"), pytest.raises(InputError, match="has other expressions, citations or links") as caught:
        translated(parse_source(DOCUMENT))
    assert caught.value.line == 10


def test_a_paragraph_without_a_translation_is_refused_with_the_line(german):
    del german["Inside."]
    with speaking("de"), pytest.raises(InputError, match=r"no de words for 'Inside\.'") as caught:
        translated(parse_source(DOCUMENT))
    assert caught.value.line == 14


@pytest.mark.parametrize("lines", ["- a\n- b", "1. a", "| a | b |", "> said", "<p>a</p>"])
def test_what_is_more_than_a_paragraph_is_refused(lines):
    with pytest.raises(InputError, match="cannot be translated") as caught:
        messages(parse_source(f"---\ntitle: x\n---\n\n{lines}\n"))
    assert caught.value.line == 5


def test_what_has_to_stay_is_counted_whatever_its_place():
    assert fixed("`{python} a` x [@b; @c]") == fixed("[@c] y [@b] `{python} a`")
    assert fixed("`{python} a`") != fixed("`{python} a` `{python} a`")
    assert fixed("write to name@example.org") == fixed("an name@example.org")
    assert fixed("see @fig-a") != fixed("see @fig-b")


def test_a_document_written_as_text_is_read_as_the_same(german):
    source = parse_source(DOCUMENT)
    again = parse_source(text_of(source))
    assert again.front_matter == source.front_matter
    assert [chunk.code for chunk in again.chunks] == [chunk.code for chunk in source.chunks]
    assert [chunk.options for chunk in again.chunks] == [chunk.options for chunk in source.chunks]
    prose = [[block.text.strip() for block in one.blocks if isinstance(block, Prose)] for one in (source, again)]
    assert prose[0] == prose[1]
    assert [type(block) for block in again.blocks] == [type(block) for block in source.blocks]
    assert any(isinstance(block, Chunk) for block in again.blocks)


def test_a_missing_paragraph_and_a_wrong_one_are_listed_with_the_messages(monkeypatch, tmp_path):
    folder = tmp_path / "de"
    folder.mkdir()
    (folder / "pages.po").write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
        'msgid "See `{python} a`."\nmsgstr "Siehe `{python} b`."\n',
        encoding="utf-8",
    )
    monkeypatch.setattr(words, "FOLDER", tmp_path)
    monkeypatch.setattr(words, "used", dict)
    found = words.problems({"See `{python} a`.": "p.qmd:1", "Another.": "p.qmd:3"})
    assert [(one.where, one.what) for one in found] == [
        ("de/pages.po:4", "'See `{python} a`.' and its translation have other expressions, citations or links"),
        ("p.qmd:3", "'Another.' has no de words"),
    ]
