"""The chunk reader: blocks, options, inline expressions, and errors that name the line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import InputError
from pipeline.report.source import Chunk, Prose, parse_source

DOCUMENT = """---
title: A title
---

Text with `{python} 1 + 1` and `code`.

```{python}
#| label: first
#| echo: false
x = 1
y = 2
```

```python
`{python} not_run`
```

Last `{python} x`.
"""


def test_blocks_come_in_order_with_their_lines():
    source = parse_source(DOCUMENT)
    assert source.front_matter == {"title": "A title"}
    first, chunk, last = source.blocks
    assert isinstance(first, Prose)
    assert first.line == 4
    assert [(inline.code, inline.line) for inline in first.inlines] == [("1 + 1", 5)]
    assert isinstance(chunk, Chunk)
    assert (chunk.line, chunk.code_line, chunk.code) == (7, 10, "x = 1\ny = 2")
    assert chunk.options == {"label": "first", "echo": False}
    assert "```python" in last.text
    assert last.inlines[-1].line == 18


def test_inline_span_is_exactly_the_expression():
    prose = parse_source("a `{python} f(1, 'b')` c").blocks[0]
    inline = prose.inlines[0]
    assert prose.text[inline.start : inline.end] == "`{python} f(1, 'b')`"
    assert inline.code == "f(1, 'b')"


def test_windows_line_ends_and_byte_order_mark_change_nothing():
    plain = parse_source(DOCUMENT)
    assert parse_source("\ufeff" + DOCUMENT.replace("\n", "\r\n")) == plain


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("---\ntitle: x\n", 1, "never closed"),
        ("---\ntitle: [x\n---\n", 2, "not valid YAML"),
        ("---\n- x\n---\n", 1, "not a mapping"),
        ("a\n\n```{python}\nx\n", 3, "never closed"),
        ("```{python}\n#| label: a\n#| lable: b\nx\n```\n", 3, "unknown chunk option 'lable'"),
        ("```{python}\n#| label: a\n#| b: [\n```\n", 3, "not valid YAML"),
        ("```{python}\n#| just words\n```\n", 2, "not key: value"),
    ],
)
def test_errors_name_the_line_and_a_remedy(text, line, words):
    with pytest.raises(InputError) as caught:
        parse_source(text)
    assert (caught.value.line, caught.value.file) == (line, "document.qmd")
    assert words in caught.value.message
    assert "Remedy" in str(caught.value)


@given(st.lists(st.sampled_from(["text", "", "```{python}\nx = 1\n```", "`{python} x`", "- item"]), max_size=12))
def test_nothing_of_the_document_is_lost(parts):
    text = "\n".join(parts)
    source = parse_source(text)
    assert sum("x = 1" in block.code for block in source.chunks) == text.count("x = 1")
    prose = "\n".join(block.text for block in source.blocks if isinstance(block, Prose))
    for word in ("text", "- item", "`{python} x`"):
        assert prose.count(word) == text.count(word)
    for block in source.blocks:
        first = block.text.split("\n")[0] if isinstance(block, Prose) else "```{python}"
        assert text.split("\n")[block.line - 1] == first
