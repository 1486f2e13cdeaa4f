"""Texts of the data that a page shows: each has German words with the same numbers, or is told here by name.

A text that arrives with new data is no error: the page shows it in English, marked as such. This list says which they
are, so that whoever maintains the project translates them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import polars as pl
import pytest
from babel.messages.pofile import read_po
from pydantic import BaseModel
from two_languages import english_words, numbers

from pipeline.analysis.claims.rules import load_rules
from pipeline.analysis.comparisons import Organisations, Proportions
from pipeline.analysis.design import load_design
from pipeline.language import FOLDER, NBSP, of_data, speaking, told
from pipeline.project import open_project
from pipeline.registry import described
from pipeline.report.lens import UNCITED
from pipeline.settings import Settings
from pipeline.vintages import typed_rows

ROOT = Path(__file__).parents[2]
VINTAGE = (
    "title", "publisher", "licence_title", "licence_evidence", "licence_note", "attribution", "obtained_how",
    "obtained_note", "definition_note",
)  # fmt: skip
# Texts of rules.yml that enter a sentence or stand beside it.
OF_RULES = ("reason", "missing", "about", "caveat", "counted", "base", "of")


def untranslated(texts: Iterable[str | None]) -> list[str]:
    """Those without German words; what has no letters, or only says a bound on a year, needs none."""
    with speaking("de"):
        return sorted(
            {
                text
                for text in texts
                if text
                and of_data(text)[1] != "de"
                and re.search("[A-Za-z]", text)
                and not re.fullmatch(r"(after|before|until) [0-9]{4}", text)
            }
        )


def parts(text: str | None, separator: str) -> list[str]:
    """A text that names several things, and each of them: one number of it may be told alone."""
    return [text, *re.split(separator, text)] if text else []


@pytest.fixture(scope="module")
def project():
    return open_project(Settings.resolve(ROOT, env={}))


def rows_of(project, kind: str) -> pl.DataFrame:
    return pl.concat(typed_rows(project, vintage) for vintage in project.registry.vintages if vintage.kind == kind)


def test_every_text_of_a_source_has_german_words(project):
    vintages, caveats = described.vintages(project.registry), described.caveats(project.registry)
    corrections = described.corrections(project.registry)
    texts = [line for name in VINTAGE for text in vintages[name].drop_nulls() for line in text.split("\n")]
    texts += [*caveats["text"], *corrections["title"], *corrections["reason"], *corrections["status"]]
    assert len(texts) > 300
    assert untranslated(text.strip() for text in texts) == []


def test_every_reason_of_a_revision_has_german_words():
    select = (ROOT / "sql/marts/revision.sql").read_text("utf-8")
    reasons = re.findall(r"(?:THEN|ELSE) '([^']+)'", select)
    assert "new census base" in reasons
    assert untranslated(reasons) == []


def test_every_statement_of_the_article_has_german_words(project):
    claims = rows_of(project, "claim")
    assert claims.height == 95
    worded = claims.filter(pl.col("relation") == "text")
    cited = [text for text in claims["cited_source"].drop_nulls() if not UNCITED.match(text)]
    texts = [*claims["statement"], *worded["value_printed"], *claims["section"], *claims["type"], *claims["checkable"]]
    texts += [*cited, *(text for text in claims["reference_year"].drop_nulls() if not text.startswith("n/"))]
    kinds = ("date", "period", "qualitative quantity", "trend")
    shown = claims.filter((pl.col("relation") != "text") & ~pl.col("unit").is_in(kinds))
    texts += [unit for text in shown["unit"] for unit in parts(text, r"\s*;\s*")[1:]]
    assert untranslated(texts) == []


def test_every_figure_of_a_study_that_is_shown_has_german_words(project):
    figures = rows_of(project, "study_figure")
    rules = load_rules()
    named = {ref.partition("[")[0] for ref in _refs(rules.by_claim.values())}
    design = load_design()
    named |= {one.figure for entry in design.of(Organisations) for one in entry.definitions}
    # Every published percentage has its interval, and may stand in a chart or table.
    shown = figures.filter(pl.col("figure_id").is_in(named) | (pl.col("unit") == "percent"))
    assert shown.height > 80
    texts = [*shown["study"], *shown["category"], *shown["geography"], *shown["year"]]
    texts += [part for name in ("indicator", "unit") for text in shown[name] for part in parts(text, r"\s+/\s+")]
    assert untranslated(texts) == []


def _refs(models: Iterable[BaseModel]) -> Iterator[str]:
    for model in models:
        for name in type(model).model_fields:
            value = getattr(model, name)
            if name in ("figures", "alternatives", "definitions", "part_figures", "related"):
                yield from value
            elif name == "figure":
                yield value
            elif isinstance(value, tuple):
                yield from _refs(one for one in value if isinstance(one, BaseModel))


def _words(models: Iterable[BaseModel]) -> Iterator[str]:
    for model in models:
        for name in type(model).model_fields:
            value = getattr(model, name)
            if name in OF_RULES and isinstance(value, str):
                yield value
            elif isinstance(value, tuple):
                yield from _words(one for one in value if isinstance(one, BaseModel))


def test_every_reason_and_clause_of_the_rules_has_german_words():
    texts = list(_words(load_rules().by_claim.values()))
    assert len(texts) > 150
    assert untranslated(texts) == []
    assert untranslated(["a reason nobody translated yet", *texts]) == ["a reason nobody translated yet"]


def test_every_text_of_the_declaration_that_is_shown_has_german_words():
    design = load_design()
    texts = [one.counts for entry in design.of(Organisations) for one in entry.definitions]
    texts += [one.name for entry in design.of(Organisations) for one in entry.auxiliaries]
    texts += [" ".join(entry.incomparable) for entry in design.of(Proportions)]
    assert untranslated(texts) == []


def catalogue():
    with (FOLDER / "de" / "data.po").open("rb") as file:
        return [(message.id, message.string) for message in read_po(file, locale="de") if message.id]


def test_both_languages_carry_the_same_numbers():
    messages = catalogue()
    assert len(messages) > 700
    for english, german in messages:
        # A name is the same in both: the numbers in it are no figures.
        if english == german:
            continue
        assert numbers(english, "en") == numbers(german, "de"), english


def test_german_texts_of_the_data_hold_no_english_and_their_own_quotation_marks():
    for english, german in catalogue():
        assert not english_words(german.replace("not looked up", "")), german
        assert german.count("„") == german.count("“"), english
        assert "”" not in german, english
        assert not re.search(r"\d %", german), f"{english}: a no-break space{NBSP}before the sign"


def test_a_text_without_german_words_stands_in_its_own_quotation_marks():
    with speaking("de"):
        assert told("a new question of some survey") == "“a new question of some survey”"
        assert told("less bureaucracy") == "weniger Bürokratie"
        assert told("2019/20") == "2019/20"
    assert told("a new question of some survey") == "a new question of some survey"
