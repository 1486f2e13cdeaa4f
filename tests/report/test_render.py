"""The whole way from a .qmd to a page by the built-in renderer, and how it fails."""

import logging
import re
import tempfile
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from small_release import CHARTS, HOSTILE

from pipeline.errors import InputError
from pipeline.report import quarto, render
from pipeline.report.builtin import assemble
from pipeline.report.page_check import check_page
from pipeline.report.source import parse_source


class Reader(HTMLParser):
    """Tags with their attributes, and the text outside style."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.text, self._style = [], [], False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self._style = tag == "style"
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        if not self._style:
            self.text.append(data)


@pytest.fixture(scope="module")
def html(rendered):
    return rendered.output.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def reader(html):
    return Reader(html)


def test_the_page_says_which_renderer_made_it(rendered, html):
    assert rendered.renderer == "builtin"
    assert rendered.version[0].isdigit()
    assert f"Rendered by the built-in renderer (pandoc {rendered.version})" in re.sub(r"\s+", " ", html)


def test_every_chart_table_and_reference_is_on_the_page(reader):
    figures = [attrs["id"] for tag, attrs in reader.tags if tag == "figure"]
    assert [name for name in figures if name.startswith("fig-")] == [f"fig-{name.replace('_', '-')}" for name in CHARTS]
    assert len([name for name in figures if name.startswith("tbl-")]) == 20
    assert sum(tag == "svg" for tag, _ in reader.tags) == len(CHARTS)
    assert {"ref-hoesch", "ref-wilson1927", "ref-svr2020"} <= {attrs.get("id") for _, attrs in reader.tags}
    text = " ".join(reader.text)
    assert [f"Figure\u00a0{number}:" in text for number in range(1, 13)] == [True] * 12
    assert "taken to be K. Hoesch" in text


def test_headings_are_in_order(reader):
    levels = [int(tag[1]) for tag, _ in reader.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))


def test_nothing_on_the_page_is_fetched_or_run(reader, html):
    for tag, attrs in reader.tags:
        assert tag not in {"script", "iframe", "object", "embed", "base"}
        assert not [name for name in attrs if name.startswith("on")]
        for name in ("src", "srcset", "data", "poster"):
            assert (attrs.get(name) or "data:").startswith("data:")
        if tag == "link":
            assert attrs["href"].startswith("data:")
        if tag == "a":
            assert attrs["href"].startswith(("#", "https://", "data:text/csv", "data:application/zip"))
    assert not re.search(r"@import|url\(\s*['\"]?https?:", html)
    assert "default-src 'none'" in next(attrs["content"] for _, attrs in reader.tags if "http-equiv" in attrs)


def test_hostile_text_arrives_as_text(reader):
    text = re.sub(r"[ \n]+", " ", " ".join(reader.text))
    assert text.count("<script>alert(1)</script> *stars* `ticks` $x$ {{< meta title >}}") > 10
    assert not [attrs for tag, attrs in reader.tags if tag == "img"]
    assert HOSTILE.split()[0] in text


def test_no_path_and_no_clock_reach_the_page(html, rendered, reports):
    for path in {str(Path.home()), tempfile.gettempdir(), str(reports), str(rendered.output.parent), str(Path.cwd())}:
        if len(path) > 2:
            assert path not in html


def test_two_renders_are_equal_byte_for_byte(rendered, reports, hostile_release, tmp_path, monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    monkeypatch.chdir(tmp_path)
    again = render(
        reports / "index.qmd", release=hostile_release, output=tmp_path / "deep" / "er" / "x.html", renderer="builtin"
    )
    assert again.output.read_bytes() == rendered.output.read_bytes()


def test_nothing_is_left_behind(rendered):
    assert [path.name for path in rendered.output.parent.iterdir()] == ["index.html"]


def test_a_failing_chunk_is_named_with_its_line_and_the_old_page_stays(write, release, tmp_path):
    document = write("text\n\n```{python}\n#| label: breaks\nx = 1\nraise ValueError('odd <value>')\n```")
    output = tmp_path / "page.html"
    output.write_text("old", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        render(document, release=release, output=output, renderer="builtin")
    assert (caught.value.file, caught.value.line) == ("document.qmd", 10)
    assert "the chunk 'breaks' failed with ValueError: odd <value>" in caught.value.message
    assert "raise ValueError" in caught.value.message
    assert output.read_text(encoding="utf-8") == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["document.qmd", "page.html"]


def test_inline_values_are_text_unless_they_are_markup_of_the_project(write, release, tmp_path):
    document = write(
        "```{python}\n#| label: setup\n#| include: false\nfrom pipeline.report.markup import Html\nimport os\n```\n\n"
        "A `{python} '*x*'`, `{python} Html('<b>y</b>')`, `{python} 1 / 4`, "
        "`{python} os.environ['AUGENHOEHE_RENDERER']`.\n\n"
        "```{python}\n#| label: shown\n#| echo: true\n#| output: asis\nprint('*from a chunk*')\n```\n\n"
        "```{python}\n#| label: silent\n#| output: false\nprint('never')\n```\n"
    )
    html = render(document, release=release, output=tmp_path / "p.html", renderer="builtin").output.read_text("utf-8")
    assert "A *x*, <b>y</b>, 0.25, the built-in renderer (pandoc" in re.sub(r"\s+", " ", html)
    assert "<em>from a chunk</em>" in html
    assert "never</code>" not in html
    assert html.count("<pre") == 2


def test_an_inline_error_is_named_with_its_line(write, release, tmp_path):
    document = write("a `{python} 1`\n\nb `{python} nothing_here`")
    with pytest.raises(InputError) as caught:
        render(document, release=release, output=tmp_path / "p.html", renderer="builtin")
    assert caught.value.line == 7
    assert "NameError" in caught.value.message


def test_outputs_become_markdown_by_their_kind(caplog):
    source = parse_source("---\ntitle: x\n---\n```{python}\n#| label: fig-a\n#| fig-cap: Cap\n1\n```\n")
    outputs = [
        {"output_type": "execute_result", "data": {"text/html": "<i>```</i>", "text/plain": "x"}},
        {"output_type": "stream", "name": "stdout", "text": "printed\n"},
        {"output_type": "stream", "name": "stderr", "text": "careful\n"},
        {"output_type": "display_data", "data": {"text/markdown": "*m*", "text/plain": "x"}},
    ]
    with caplog.at_level(logging.WARNING):
        text = assemble(source, [outputs], echo=False)
    assert (
        text
        == "::: {#fig-a}\n\n````{=html}\n<i>```</i>\n````\n\n```{.cell-output}\nprinted\n```\n\n*m*\n\nCap\n\n:::\n"
    )
    assert "careful" in caplog.text


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("<p>?@fig-a</p>", "unresolved reference ?@fig-a"),
        ('<a href="#nowhere">x</a>', "#nowhere"),
        ('<p id="a"></p><p id="a"></p>', "'a' stands twice"),
        ('<img src="https://example.org/a.png">', "would fetch"),
        ('<style>p{background:url("//example.org/a")}</style>', "would fetch"),
        ('<link rel="stylesheet" href="a.css">', "would fetch"),
    ],
)
def test_an_unsound_page_is_refused(fault, words):
    with pytest.raises(InputError, match=re.escape(words)):
        check_page(f"<html><body>{fault}</body></html>", document=Path("d.qmd"))


def test_a_sound_page_passes():
    check_page('<p id="a"><a href="#a">x</a><a href="https://example.org">y</a></p>', document=Path("d.qmd"))


def test_a_folder_that_is_no_release_is_refused(write, tmp_path):
    with pytest.raises(InputError, match=r"no manifest\.json"):
        render(write("text"), release=tmp_path, output=tmp_path / "p.html")


def test_a_document_outside_the_subset_is_refused_before_anything_runs(write, release, tmp_path, monkeypatch):
    monkeypatch.setattr("pipeline.report.builtin.render_pages", pytest.fail)
    with pytest.raises(InputError, match="shortcode"):
        render(write("{{< pagebreak >}}"), release=release, output=tmp_path / "p.html", renderer="builtin")


def test_auto_takes_the_builtin_renderer_where_quarto_is_not_found(write, release, tmp_path, monkeypatch):
    monkeypatch.setattr(quarto, "find_quarto", lambda: None)
    assert render(write("text"), release=release, output=tmp_path / "p.html").renderer == "builtin"
    with pytest.raises(InputError, match="not found"):
        render(write("text"), release=release, output=tmp_path / "p.html", renderer="quarto")
