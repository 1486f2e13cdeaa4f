"""Places, years, people, methods, counts, revisions and known errors in German: whole, with the numbers of English."""

import inspect
import re
from collections.abc import Callable

import polars as pl
import pytest
from places_rows import STATED
from test_places import Altered

from pipeline.analysis.catalogue import CATALOGUE
from pipeline.analysis.design import load_design
from pipeline.language import of_data, speaking
from pipeline.release import open_release
from pipeline.report import (
    catalogue,
    corrections,
    counts,
    curve,
    estimates,
    overviews,
    people,
    places,
    revisions,
    trends,
)
from pipeline.report.page import Page

MODULES = (catalogue, corrections, counts, curve, estimates, overviews, people, places, revisions, trends)
SHARES = "Anteile in Prozent"
# Arguments a function takes besides the page.
ARGUMENTS = {
    estimates: (STATED,),
    overviews.comparisons: (STATED, "a-name"),
    overviews.survey: ("a-name",),
}
NAMED = {overviews.comparisons: {"shown": SHARES}}
NAMED[overviews.survey] = {"study": "SVR", "indicators": ["needs"], "shown": SHARES}
# Words each function says over the small release (a pattern), and over the one in which East and West are exchanged:
# None where they do not turn with the data.
WORDS = {
    "catalogue.methods": ("permutation</code>: Differenz der Mittel", None),
    "corrections.sentence": ("sind Fehler der Herausgeber bekannt; noch wurden nicht alle unterrichtet", None),
    "corrections.table": ("aus allen Ergebnissen herausgenommen", None),
    "counts.definitions_table": ("mehr als <span", None),
    "counts.pairs": ("Bei <span.*von .*ist die Zahl der Antworten nicht angegeben: Es gibt weder Intervall", None),
    "counts.pairs_heading": (
        "Von 2 Paaren lässt sich 1 testen, und es unterscheidet sich überzufällig",
        "Kein getestetes Paar von Prozentwerten unterscheidet sich überzufällig",
    ),
    "counts.pairs_table": ("Was gegen den Vergleich spricht", None),
    "counts.ratio": ("Von <span.*Schätzungen dieser Art liegt <span.* in der veröffentlichten Spanne", None),
    "counts.ratio_table": ("Davon in den ausgezählten Ländern", None),
    "curve.heading": (
        "Jede Zählweise sieht den Osten unter dem Westen; wie weit, entscheidet vor allem der gezählte Personenkreis",
        "Jede Zählweise sieht den Osten über dem Westen",
    ),
    "curve.sentence": (
        "Tests darunter zeigen <span.*keinen Unterschied zwischen Ost und West, sämtlich mit Berlin im Osten",
        None,
    ),
    "curve.table": ("exakter Permutationstest", None),
    "estimates.heading": ("Die meisten Tests zeigen einen Unterschied zwischen Ost und West, nicht alle", None),
    "estimates.methods_table": ("von ±<span.*2,5</span> Prozentpunkten, 95-%-Intervall", None),
    "estimates.sampling": (
        "liegt die Differenz im Bereich von <span|lässt sich die Differenz nur auf den Bereich von <span",
        None,
    ),
    "estimates.sampling_table": ("Designeffekt \\(angenommen\\)", None),
    "estimates.sentence": ("fraktionales Logit, je Person, Berlin im Osten \\(p-Wert <span", None),
    "overviews.candidates": ("Migrationshintergrund im weiteren Sinne", None),
    "overviews.comparisons": ("OLS, HC3-Intervall", None),
    "overviews.districts": ("Differenz der mittleren Anteile der Kreise", None),
    "overviews.levels": ("Prozent der Personen in Privathaushalten, 2018", None),
    "overviews.survey": ("Antwortende", None),
    "overviews.years": ("Ausländische Staatsangehörigkeit: ", None),
    "people.heading": ("höher als im Westen, mit Berlin im Osten aber nicht eindeutig", "niedriger als im Westen"),
    "people.key": ("der Königsteiner Schlüssel weist ihm <span", None),
    "people.key_heading": ("Im Osten leben weniger Schutzsuchende, als", "Im Osten leben mehr Schutzsuchende, als"),
    "people.key_table": ("31. Dezember 2024, Schlüssel von 2020", None),
    "people.sentence": ("das ist im Osten das <span.*-Fache", None),
    "people.table": ("Je hundert Ausländerinnen und Ausländer, 2024", None),
    "places.alike": (
        "Mehr als ein Drittel dessen, was die Kreise im Jahr 2022 unterscheidet",
        "Höchstens ein Drittel dessen, was die Kreise im Jahr 2022 unterscheidet",
    ),
    "places.covariates_table": ("Arbeitslosigkeit", None),
    "places.district_years_table": ("Regionalstatistik, Zensus 2022", None),
    "places.left_out": ("Nicht einbezogen, 2011 bis 2012: Göttingen und Eisenach", None),
    "places.models": ("Bevölkerungsdichte, Einkommen, Wirtschaftsleistung und Arbeitslosigkeit bleiben <span", None),
    "places.models_heading": (
        "Strukturell ähnliche Kreise in Ost und West unterscheiden sich weniger, aber noch immer",
        "Zwischen strukturell ähnlichen Kreisen in Ost und West ist kein Unterschied gesichert",
    ),
    "places.models_table": ("Gleich in Bevölkerungsdichte, Einkommen", None),
    "places.neighbours": ("ist nicht berechnet: Welche Kreise benachbart sind, steht nicht in den Daten", None),
    "revisions.heading": ("hat die Einwohnerzahl gesenkt", "hat die Einwohnerzahl erhöht"),
    "revisions.sentence": ("am 31. Dezember 2023 wurde zunächst mit <span", None),
    "revisions.table": ("neue Zensusbasis", None),
    "trends.changes_table": ("Änderungen zwischen zwei Jahren", None),
    "trends.trend": ("stieg der Ausländeranteil im Mittel der östlichen Länder um <span", None),
    "trends.trend_heading": (
        "2011 bis 2021: In Prozentpunkten stieg der Ausländeranteil im Westen schneller, in Odds der im Osten",
        "2011 bis 2021: In Prozentpunkten stieg der Ausländeranteil im Osten schneller, in Odds der im Westen",
    ),
    "trends.trend_table": ("2011 bis 2021, Log-Odds im Jahr", None),
}
ENGLISH = re.compile(r"\b(?:the|of|and|by|to|for|is|are|with|from|East|year|share|states?|districts?)\b")


def functions() -> dict[str, Callable]:
    """Every public function of the modules that makes text of a page, by its name."""
    return {
        f"{module.__name__.rpartition('.')[2]}.{name}": function
        for module in MODULES
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and not name.startswith("_") and (module, name) != (catalogue, "used")
    }


def told(name, page):
    """The markup of a function in the language being spoken."""
    function = functions()[name]
    more = ARGUMENTS.get(function, ARGUMENTS.get(inspect.getmodule(function), ()))
    return str(function(page, *more, **NAMED.get(function, {}))).replace("\\", "")


def visible(markup):
    """What a reader of German takes for German: no code, no passage that says it is English, no attribute."""
    kept = re.sub(r'<code>.*?</code>|<span lang="en">.*?</span>', "", markup, flags=re.DOTALL)
    return re.sub(r"<[^>]+>", " ", kept)


def ids(markup):
    return re.findall(r'data-results?="([^"]+)"', markup)


def numbers(markup):
    return re.findall(r'<span class="num[^>]*>([^<]*)<', markup)


def as_english(number):
    """A number as German writes it, in the way of English."""
    swapped = re.sub(r"(?<=\d)[.,](?=\d)", lambda sign: {".": ",", ",": "."}[sign[0]], number)
    return (
        swapped.replace(" bis ", " to ")
        .replace("\u00a0bis\u00a0", "\u00a0to\u00a0")
        .replace("Prozentpunkte", "percentage\u00a0points")
    )


def test_every_public_function_is_looked_at():
    assert set(functions()) == set(WORDS)


@pytest.mark.parametrize("name", WORDS)
def test_every_text_is_german(name, page):
    with speaking("de"):
        markup = told(name, page)
    assert re.search(WORDS[name][0], markup, re.DOTALL), visible(markup)
    # The formulas and calls of methods hold names of functions; their words have a test of their own.
    if name != "catalogue.methods":
        assert not ENGLISH.findall(visible(markup).replace("Plain words", ""))


@pytest.mark.parametrize("name", WORDS)
def test_both_languages_carry_the_same_rows_and_numbers(name, page):
    english = told(name, page)
    with speaking("de"):
        german = told(name, page)
    assert ids(german) == ids(english)
    assert re.findall(r' id="([^"]+)"', german) == re.findall(r' id="([^"]+)"', english)
    assert [as_english(one) for one in numbers(german)] == numbers(english)


@pytest.mark.parametrize("name", [name for name, (_, turned) in WORDS.items() if turned])
def test_german_words_turn_with_the_data(name, page, flipped):
    straight, turned = WORDS[name]
    with speaking("de"):
        said, other = told(name, page), told(name, flipped)
    assert straight in said
    assert straight not in other
    assert turned in other


def test_german_headings_on_methods_follow_tests_and_equivalence(page):
    rows = page.rows("analysis.east_west")
    of_equivalence = pl.col("method") == "equivalence"
    for p, margin, words in (
        (0.001, 0.9, "Jeder Test zeigt einen Unterschied zwischen Ost und West"),
        (0.9, 0.9, "Kein Test zeigt einen Unterschied zwischen Ost und West"),
        (0.9, 0.01, "Innerhalb der Äquivalenzgrenzen sind Ost und West gleich"),
    ):
        tested = rows.with_columns(p_adjusted=pl.when(of_equivalence).then(margin).otherwise(p))
        with speaking("de"):
            assert words in str(estimates.heading(Altered(page, analysis__east_west=tested), STATED))


def test_all_tests_and_none_are_said_in_both_languages(page):
    rows = page.rows("analysis.east_west")
    for p, english, german in ((0.001, "All ", "Alle "), (0.9, "None of ", "Keiner von ")):
        altered = Altered(
            page, analysis__east_west=rows.with_columns(p_adjusted=pl.when(pl.col("p_value").is_not_null()).then(p))
        )
        assert estimates.sentence(altered, STATED).markup.startswith(f"{english}<span")
        with speaking("de"):
            assert estimates.sentence(altered, STATED).markup.startswith(f"{german}<span")


@pytest.mark.parametrize(
    ("inside", "english", "german"),
    [
        ([True, True], "All <span", "Alle <span"),
        ([False, False], "None of <span", "Keine von <span"),
        ([True, False], " lies within the published range", " liegt <span"),
    ],
)
def test_how_many_estimates_lie_in_the_range_is_said_whole(inside, english, german, page):
    rows = page.rows("analysis.organisation_ratio").with_columns(within_published_range=pl.Series(inside))
    altered = Altered(page, analysis__organisation_ratio=rows)
    assert english in counts.ratio(altered).markup
    with speaking("de"):
        assert german in counts.ratio(altered).markup


@pytest.mark.parametrize(
    "name", ["counts.pairs", "counts.ratio", "curve.sentence", "estimates.sampling", "estimates.sentence"]
)
def test_every_count_of_a_sentence_names_the_rows_it_counts(name, page):
    markup = told(name, page)
    found = re.findall(r'<span class="num count" data-results="([^"]+)"[^>]*>([\d,]+)</span>', markup)
    assert found
    for rows, number in found:
        table, _, where = rows.partition(" where ")
        if where:
            assert page.rows(table).filter(pl.sql_expr(where)).height == int(number)
            continue
        assert len(set(rows.split())) == int(number)
        assert all(page.row(row) for row in rows.split())


@pytest.mark.parametrize(
    ("east", "west", "english", "german"),
    [
        (0.4, 0.6, "foreign nationals rose by <", "stieg der Ausländeranteil im Mittel"),
        (-0.4, -0.6, "foreign nationals fell: it changed by <", "sank der Ausländeranteil: Er änderte sich"),
        (-0.4, 0.6, "foreign nationals changed by <", "änderte sich der Ausländeranteil im Mittel"),
    ],
)
def test_whether_shares_rose_or_fell_is_said_whole(east, west, english, german, page):
    altered = Altered(page)
    altered.value = lambda row, column="estimate": {"slope_east": east, "slope_west": west}.get(
        page.row(row)["quantity"] if column == "estimate" else "", page.value(row, column)
    )
    assert english in trends.trend(altered).markup
    with speaking("de"):
        assert german in trends.trend(altered).markup


def test_the_catalogue_of_methods_is_german_but_for_names_and_titles():
    """What has no words in German is a reference, shown as English; everything else is translated."""
    with speaking("de"):
        for name, note in CATALOGUE.items():
            for text in (note.estimand, note.formula, note.call, note.assumption, note.limit):
                assert text == "-" or of_data(text)[1] == "de", (name, text)


def test_what_the_declaration_says_of_figures_is_german():
    entries = load_design().comparisons
    texts = [text for entry in entries if entry.kind == "proportions" for text in [" ".join(entry.incomparable)]]
    for entry in entries:
        if entry.kind == "organisations":
            texts += [one.name for one in entry.auxiliaries] + [one.counts for one in entry.definitions]
    assert len(texts) > 12
    with speaking("de"):
        assert [text for text in texts if of_data(text)[1] != "de"] == []


def test_a_text_that_has_no_german_says_that_it_is_english(page):
    with speaking("de"):
        markup = corrections.table(page).markup
    assert '<span lang="en">Title of dropped: Plain words</span>' in markup
    assert "lang=" not in corrections.table(page).markup


def test_hostile_text_stays_text_in_german(hostile_release):
    page = Page(open_release(hostile_release), renderer="x")
    with speaking("de"):
        for name in WORDS:
            assert not re.search(r"<(?:script|img)", told(name, page)), name
