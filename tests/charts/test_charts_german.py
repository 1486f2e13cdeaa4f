"""The German charts say what the English ones say: the same numbers, no English left over, and words that flip."""

from __future__ import annotations

import re
from collections import Counter

import polars as pl
import pytest
from reading_svg import texts

from pipeline.charts import CHARTS, DrawnChart
from pipeline.language import speaking

Tables = dict[str, pl.DataFrame]
NAMES = list(CHARTS)
# Words that no German sentence holds. "in", "am", "war" and the like are German too.
ENGLISH = re.compile(
    r"\b(the|of|and|to|with|by|from|for|not|each|one|percent|points|states?|districts?|East|key|share|years?|"
    r"rows?|dots?|together|only|unknown|about|than|base|best|claimed|observed|first|no)\b",
    re.IGNORECASE,
)
NUMBER = {
    "en": re.compile(r"[−+]?\d{1,3}(?:,\d{3})+(?:\.\d+)?|[−+]?\d+(?:\.\d+)?"),
    "de": re.compile(r"[−+]?\d{1,3}(?:\.\d{3})+(?:,\d+)?|[−+]?\d+(?:,\d+)?"),
}
MARKS = {"en": str.maketrans("−", "-", ","), "de": str.maketrans("−,", "-.", ".")}


def said(chart: DrawnChart, language: str) -> str:
    """Every word of a chart: drawn, found, shown, described, dated."""
    titles = chart.titles[language]
    return "\n".join([*texts(chart.svg[language]), titles.finding, titles.shown, titles.description, titles.reference])


def numbers(text: str, language: str) -> Counter[float]:
    return Counter(float(found.translate(MARKS[language])) for found in NUMBER[language].findall(text))


def data_texts(tables: Tables) -> list[str]:
    """What comes with the data and is translated elsewhere, longest first; a drawn label begins in a capital."""
    figures = tables["core.study_figure"].select("study", "indicator", "category", "geography")
    texts_ = {text for column in figures.get_columns() for text in column.drop_nulls()}
    regions = set(tables["marts.share"]["region_name"])
    stems = {re.sub(r"\s*\([^)]*\)|, (more than|lower|upper)$", "", text) for text in texts_}
    words = {word for text in texts_ | stems | regions for word in (text, f"{text[:1].upper()}{text[1:]}")}
    return sorted(words, key=len, reverse=True)


@pytest.mark.parametrize("name", NAMES)
def test_no_english_is_left_in_a_german_chart(name: str, drawn_twice: dict[str, DrawnChart], tables: Tables) -> None:
    left = said(drawn_twice[name], "de")
    for text in data_texts(tables):
        left = left.replace(text, "")
    assert not ENGLISH.findall(left)
    assert ENGLISH.search(said(drawn_twice[name], "en"))


@pytest.mark.parametrize("name", NAMES)
def test_both_languages_give_the_same_numbers(name: str, drawn_twice: dict[str, DrawnChart]) -> None:
    chart = drawn_twice[name]
    english, german = (numbers(said(chart, language), language) for language in ("en", "de"))
    assert english == german
    assert len(english) > 10
    assert chart.titles["en"].source_ids == chart.titles["de"].source_ids


def test_the_axes_write_numbers_as_the_language_does(drawn_twice: dict[str, DrawnChart]) -> None:
    svg = drawn_twice["organisation_counts"].svg
    assert "15,000" in texts(svg["en"])
    assert "15.000" in texts(svg["de"])
    assert "12.400 bis 14.300" in texts(svg["de"])
    assert "−20" in texts(drawn_twice["permutation"].svg["de"])


def test_german_findings_are_short(drawn_twice: dict[str, DrawnChart]) -> None:
    for chart in drawn_twice.values():
        finding = chart.titles["de"].finding.replace("\u00a0", " ")
        assert 5 <= len(finding.split()) - finding.count("%") <= 16
        assert not finding.endswith(".")


EAST = pl.col("part") == "east"
PLUS = pl.col("estimate") + 10
SWAPPED = pl.col("quantity").replace({"east": "west", "west": "east"})


@pytest.mark.parametrize(
    ("name", "table", "columns", "before", "after"),
    [
        ("state_tiles", "marts.share", {"share_percent": 60 - pl.col("share_percent")},
         "Alle fünf östlichen Länder bleiben unter 21,6 %", "Alle fünf östlichen Länder liegen über"),
        ("state_dots", "analysis.east_west", {"quantity": SWAPPED},
         "2023 liegt der Westen (32,5 %) über dem Osten ohne Berlin (11,4 %)",
         "2023 liegt der Westen (11,4 %) unter dem Osten ohne Berlin (32,5 %)"),
        ("foreign_share_years", "analysis.east_west", {"estimate": 60 - pl.col("estimate")},
         "Die Ausländeranteile steigen überall; der Osten ohne Berlin bleibt stets am niedrigsten",
         "Die Ausländeranteile steigen und sinken; Berlin bleibt stets am niedrigsten"),
        ("district_distribution", "marts.share",
         {"share_percent": pl.when(EAST).then(1.0).otherwise("share_percent")},
         "Fünf von 75 östlichen Kreisen liegen über", "Kein östlicher Kreis liegt über"),
        ("district_gap", "analysis.district_model",
         {"estimate": pl.when(pl.col("covariates").str.contains("log_gdp")).then(-9.0).otherwise("estimate")},
         "schrumpft aber: 4,8 statt 7,0 Punkte", "wächst sogar: 9,0 statt 7,0 Punkte"),
        ("protection_seekers", "analysis.refugee_ratio", {"quantity": SWAPPED},
         "im Osten mehr (37,7) als im Westen (21,6)", "im Osten weniger (21,6) als im Westen (37,7)"),
        ("koenigstein_key", "analysis.key_deviation",
         {"estimate": pl.when(quantity="deviation").then(-pl.col("estimate")).otherwise("estimate")},
         "In allen fünf östlichen Ländern leben weniger", "In allen fünf östlichen Ländern leben mehr"),
        ("specification_curve", "analysis.multiverse", {"estimate": PLUS},
         "Bei jeder Wahl liegt der Osten unter dem Westen, um 4,3 bis 20,3 Punkte",
         "Welche Seite höher liegt, hängt von der Wahl ab: −10,3 bis 5,7 Punkte"),
        ("permutation", "analysis.east_west", {"p_value": pl.lit(0.4)}, "fast nie", "recht oft"),
        ("organisation_counts", "core.study_figure", {"value": pl.lit(9000).cast(pl.Decimal(20, 6))},
         "Vier bundesweite Zählungen reichen von 10.360 bis 17.500",
         "Vier bundesweite Zählungen kommen auf 9.000 Organisationen"),
        ("headline_claim", "analysis.headline_claim",
         {"verdict": pl.when(pl.col("verdict").is_not_null()).then(pl.lit("agrees"))},
         "Der Satz passt zu 2016 im engeren Sinne, nicht", "Der Satz stimmt mit den Zahlen für 2016 im engeren Sinne"),
        ("survey_shares", "analysis.survey_interval",
         {"estimate_percent": pl.when(figure_id="svr_bureaucracy").then(80.0).otherwise("estimate_percent")},
         "führt alle genannten Bedarfe an: 64,4 %", "führt alle genannten Bedarfe an: 80,0 %"),
    ],
)  # fmt: skip
def test_german_findings_flip(
    name: str, table: str, columns: dict[str, pl.Expr], before: str, after: str, tables: Tables
) -> None:
    changed = tables | {table: tables[table].with_columns(**columns)}
    with speaking("de"):
        found = [CHARTS[name].describe(given).finding.replace("\u00a0", " ") for given in (tables, changed)]
    assert before in found[0]
    assert after in found[1]
