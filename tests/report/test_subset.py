"""The linter: the report keeps to the subset, and everything outside it is named with line and remedy."""

import pytest
import yaml
from small_release import ROOT

from pipeline.errors import InputError
from pipeline.report.source import parse_source, read_source
from pipeline.report.subset import lint, require_subset


def problems(body):
    return [
        (problem.line, problem.message)
        for problem in lint(parse_source(f"---\ntitle: x\n---\n{body}\n"))
        if problem.remedy
    ]


def test_the_report_keeps_to_the_subset():
    assert lint(read_source(ROOT / "reports" / "index.qmd")) == []


@pytest.mark.parametrize(
    ("body", "line", "words"),
    [
        ("{{< include other.qmd >}}", 4, "shortcode"),
        ("```{r}\n1\n```", 4, "only one renderer"),
        ("```{python}\n1\n```", 4, "without a label"),
        ("```{python}\n#| label: a\n1\n```\n```{python}\n#| label: a\n1\n```", 8, "stands on line 4 too"),
        ("```{python}\n#| label: fig-a\n1\n```", 4, "a label of the kind fig alone"),
        ("```{python}\n#| label: a\n#| tbl-cap: b\n1\n```", 4, "a caption of the kind tbl alone"),
        ("a\n\nSee @fig-none.", 6, "@fig-none refers to nothing"),
        ("## A {#sec-a}\n\nSee @sec-a.", 6, "@sec-a"),
        ("See @eq-a.", 4, "@eq-a"),
        ("::: {.callout-note}\ntext", 4, "never closed"),
        ("text\n:::", 5, "closes nothing"),
        ("::: {.callout-hint}\ntext\n:::", 4, "'callout-hint'"),
        ("::: {.column-margin}\ntext\n:::", 4, "'column-margin'"),
        ("::: {layout-ncol=2}\ntext\n:::", 4, "'layout-ncol'"),
        ("::: {#fig-a}\n```{python}\n#| label: a\n1\n```\n:::\n\n@fig-a", 4, "no caption"),
        ("::: {#fig-a}\nx\n\ny\n:::\n::: {#fig-a}\nx\n\ny\n:::", 9, "stands on line 4 too"),
        ("![a](https://example.org/a.png)", 4, "fetch or run"),
        ("<script>1</script>", 4, "fetch or run"),
        ("Some 28.4 % of people", 4, "a typed share"),
        ("```python\n`{python} 1`\n```", 5, "inside a code block"),
        ("<!-- `{python} 1` -->", 4, "in a comment"),
        ("``{python} 1``", 4, "several backticks"),
        (": Caption {#tbl-a}", 4, "a table caption with a label"),
    ],
)
def test_what_lies_outside_is_named_with_its_line(body, line, words):
    found = problems(body)
    assert any(at == line and words in message for at, message in found), found


@pytest.mark.parametrize(
    "body",
    [
        "See @fig-a and [-@fig-a].\n\n::: {#fig-a}\n\n```{python}\n#| label: a\n1\n```\n\nCaption\n\n:::",
        '```{python}\n#| label: tbl-a\n#| tbl-cap: "Caption"\n1\n```\n\n@tbl-a',
        "![Caption](a.svg){#fig-a}\n\n@fig-a [@wilson1927]",
        '::: {.callout-note title="What this does not show"}\ntext\n:::',
        "::: {.panel-tabset}\n\n### One\n\na\n\n### Two\n\nb\n\n:::",
        "## `{python} heading()` {#sec-a .unnumbered}\n\n[text](#sec-a) in 2018, and name@example.org",
        "```{=html}\n<p>text</p>\n```\n\n```\nplain @fig-x\n```",
    ],
)
def test_the_subset_itself_is_accepted(body):
    assert problems(body) == []


def test_front_matter_carries_words_and_no_settings():
    found = lint(parse_source("---\nformat: html\ndate: today\n---\ntext"))
    assert {problem.message for problem in found} == {
        "front matter key 'format'",
        "front matter key 'date'",
        "the front matter has no title",
    }


def test_all_problems_stand_in_one_error():
    with pytest.raises(InputError) as caught:
        require_subset(parse_source("---\ntitle: x\n---\n{{< a >}}\n\n@fig-b\n"))
    assert caught.value.line == 4
    assert "line 6" in caught.value.message


def test_quarto_by_hand_is_set_up_as_the_report_needs_it():
    settings = yaml.safe_load((ROOT / "reports" / "_quarto.yml").read_text(encoding="utf-8"))
    html = settings["format"]["html"]
    assert settings["project"]["output-dir"] == "../build/quarto"
    assert settings["execute"] == {
        "echo": False,
        "warning": False,
        "cache": False,
        "freeze": False,
        "daemon": False,
    }
    assert (html["theme"], html["html-math-method"], html["embed-resources"], html["toc"]) == (
        "none",
        "mathml",
        True,
        True,
    )
    for file in (settings["bibliography"], settings["csl"], html["css"], html["template"]):
        assert (ROOT / "reports" / file).is_file()
