"""The statements of the article on the page: every one, with its verdict, its finding, its evidence and a way to it."""

import re
from types import SimpleNamespace

import polars as pl
import pytest
from small_release import CLAIMS, HOSTILE, ROOT
from two_languages import english_words

from pipeline.errors import InputError
from pipeline.language import speaking
from pipeline.release import open_release
from pipeline.report import lens
from pipeline.report.markup import escape
from pipeline.report.page import Page

CSS = (ROOT / "reports/assets/page.css").read_text("utf-8")


def without_verdicts(page):
    def table(name):
        frame = page.release.table(name)
        return frame.clear() if name.startswith("analysis.claim_") else frame

    return Page(SimpleNamespace(table=table), renderer="a test")


@pytest.fixture(scope="module")
def markup(page):
    return lens.statements(page).markup


@pytest.fixture(scope="module")
def claims(markup):
    """The markup of each statement by its id."""
    return dict(re.findall(r'<li class="claim" id="claim-(C\d+)"(.*?)(?=<li class="claim"|\Z)', markup, re.DOTALL))


def test_every_statement_stands_once_under_its_verdict_in_the_order_of_the_page(markup):
    groups = re.split(r'<div class="lens-group" ', markup)[1:]
    assert [re.search(r'data-verdict="([^"]+)"', group)[1] for group in groups] == [
        words.slug for words in lens.VERDICTS.values()
    ]
    for group, (verdict, words) in zip(groups, lens.VERDICTS.items(), strict=True):
        assert f'<h3 id="lens-{words.slug}">{verdict[0].upper()}{verdict[1:]} ' in group
        expected = [claim for claim, given, *_ in CLAIMS if given == verdict]
        assert re.findall(r'id="claim-(C\d+)"', group) == expected
        assert group.count(f">{verdict}</span>") == len(expected)


def test_every_verdict_of_the_contract_has_its_words():
    contract = (ROOT / "sql/analysis/claim_verdict.sql").read_text("utf-8")
    listed = re.search(r"verdict IN \((.*?)\)", contract, re.DOTALL)[1]
    assert set(re.findall(r"'([^']+)'", listed)) == set(lens.VERDICTS)
    contract = (ROOT / "sql/analysis/claim_evidence.sql").read_text("utf-8")
    assert set(re.findall(r"'(\w+)'", re.search(r"role IN \((.*?)\)", contract)[1])) == set(lens.ROLES)


def test_a_statement_says_what_the_article_says_and_what_was_found_once_each(claims):
    told = re.sub(r"<[^>]+>", "|", claims["C002"].partition("<details>")[0])
    assert "|Article||3 things, Plain words for 2018|" in told
    assert "|Finding||A source gives 34.5\u00a0%, Plain words.|" in told
    assert "|Missing||A register, Plain words.|" in told
    assert told.count("statement C002") == 0
    assert told.count("Statement C002: Plain words") == 1
    assert "Missing" not in claims["C061"]


def test_a_sentence_that_begins_otherwise_is_shown_whole():
    row = {"sentence": "It is so; and so.", "missing": None, "claimed": "3"}
    assert lens._told(row, {"statement": "s"}) == ("3", "It is so; and so.", "")


def test_only_what_the_article_cites_is_named(claims):
    assert "1 Introduction, citing A study, Plain words</span>" in claims["C001"]
    assert "citing" not in claims["C002"]


def test_the_evidence_names_role_figure_source_and_the_way_back(claims):
    assert "<b>by another definition</b>" not in claims["C031"]
    assert claims["C031"].count("<b>beside it</b>") == 3
    assert '<span data-result="svr2020_organisations_lower">svr2020_organisations_lower: 1,234 of' in claims["C031"]
    assert '<a href="#source-mikrozensus_states-v1">mikrozensus_states/v1</a>' in claims["C031"]
    assert "<code>mo trace svr2020_organisations_lower</code>" in claims["C031"]
    assert "<code>mo trace &#x27;Frankfurt am Main&#x27;</code>" in claims["C040"]
    for claim in ("C040", "C041", "C057", "C002"):
        assert 'href="#source-mikrozensus_states-v1"' in claims[claim], claim
    assert "href=" not in claims["C063"].partition("<details>")[2]
    assert "No row at hand bears on it." in claims["C001"]


def test_many_rows_of_one_source_are_counted_not_listed(claims):
    assert claims["C061"].count("<code>mo trace o") == lens.ROWS_SHOWN
    left = 7 - lens.ROWS_SHOWN
    assert f'<span data-result="claim.C061">{left}</span> more rows' in claims["C061"]
    assert "<code>mo trace claim.C061</code>" in claims["C061"]


def test_every_row_on_the_page_is_there_and_every_count_is_that_of_its_rows(page, markup):
    for row in set(re.findall(r'data-result="([^"]+)"', markup)) - {"nowhere"}:
        assert page.row(row)
    whole = markup + lens.overview(page).markup + lens.sentence(page).markup
    counts = re.findall(r'<span class="num count" data-results="([^"]+)"[^>]*>([\d,]+)</span>', whole)
    assert len(counts) > 30
    for rows, number in counts:
        assert len(set(rows.split())) == int(number)
        assert all(page.row(row) for row in rows.split())
    outside = re.sub(r"<span[^>]*data-results=.*?</span>", "", lens.sentence(page).markup)
    assert not re.search(r"\d", outside)


def test_the_counts_of_the_overview_are_those_of_the_verdicts(page):
    rows = page.rows("analysis.claim_verdict")
    for verdict in lens.VERDICTS:
        found = lens.ids_of(page, verdict)
        assert found == sorted(rows.filter(pl.col("verdict") == verdict)["result_id"])
        link = f'<a href="#lens-{lens.VERDICTS[verdict].slug}">{verdict}</a>'
        line = next(line for line in lens.overview(page).markup.split("<tr>") if link in line)
        assert f">{len(found)}</span>" in line


def test_heading_and_sentence_turn_with_the_verdicts(page, flipped):
    def plain(heading):
        return str(heading).replace("\\", "")

    assert plain(lens.heading(page)) == (
        "The article under the lens: of 10 statements 2 agree, 2 name the wrong year, 1 depends on the definition and "
        "1 cannot be checked"
    )
    assert plain(lens.heading(flipped)) == (
        "The article under the lens: of 10 statements 7 agree and 1 cannot be checked"
    )
    assert "wrong year" in lens.sentence(page).markup
    assert "wrong year" not in lens.sentence(flipped).markup
    assert "lens-wrong-year" not in lens.statements(flipped).markup


def test_no_verdict_is_said_to_be_none(page):
    none = without_verdicts(page)
    assert str(lens.heading(none)) == "The article under the lens"
    assert lens.NONE in lens.sentence(none).markup
    assert lens.NONE in lens.overview(none).markup
    assert lens.statements(none).markup == ""
    assert lens.verdict(none, "C061").markup == lens.link(none, ["C061"]).markup == ""


def test_every_choice_has_its_rules_and_no_script(markup, page):
    assert re.search(r'<div class="lens-filter" hidden>\n<fieldset><legend>', markup)
    choices = re.findall(r'<input type="radio" name="lens-(\w+)" id="lens-\w+-([\w-]+)"', markup)
    assert {name for name, _ in choices} == {"verdict", "section"}
    assert len(choices) == 2 + len(lens.VERDICTS) + 3
    for name, value in choices:
        if value != "all":
            rule = f'.lens:has(#lens-{name}-{value}:checked) .claim:not([data-{name}="{value}"], :target)'
            assert rule in CSS
            assert f'data-{name}="{value}"' in markup
    for number in range(1, lens.SECTIONS_AT_MOST + 1):
        assert f'.claim:not([data-section="s{number}"], :target)' in CSS
    assert " on" not in re.findall(r"<input[^>]*>", markup)[0].replace(' on"', "")


def test_more_sections_than_the_filter_knows_are_refused(page):
    def table(name):
        frame = page.release.table(name)
        return frame.with_columns(section=pl.col("claim_id")) if name == "core.claim" else frame

    with pytest.raises(InputError, match="10 sections"):
        lens.statements(Page(SimpleNamespace(table=table), renderer="a test"))


@pytest.fixture(scope="module")
def german(page):
    with speaking("de"):
        return lens.statements(page).markup


def test_both_languages_show_the_same_rows_statements_and_choices_in_the_same_order(markup, german):
    for what in ('data-results?="([^"]+)"', ' id="([^"]+)"', 'href="([^"]+)"', "(<code>.*?</code>)"):
        assert re.findall(what, german) == re.findall(what, markup)
    assert len(german) > 10_000


def test_counts_are_the_same_in_both_languages(page):
    def counts():
        return re.findall(
            r'data-results="[^"]+"[^>]*>([^<]+)<', lens.sentence(page).markup + lens.overview(page).markup
        )

    with speaking("de"):
        german = counts()
    assert german == counts() != []


def test_the_german_page_speaks_german(page, german):
    with speaking("de"):
        heading, sentence = str(lens.heading(page)).replace("\\", ""), lens.sentence(page).markup
        overview, link = lens.overview(page).markup, lens.link(page, ["C057", "C058"]).markup
        verdict = lens.verdict(page, "C057").markup
    assert heading == (
        "Der Artikel unter der Lupe: 10 Aussagen, 2 stimmen überein, 2 nennen das falsche Jahr, 1 hängt von der "
        "Definition ab und bei 1 ist keine Prüfung möglich"
    )
    assert re.sub(r"<[^>]+>", "", sentence).startswith(
        "Das Urteil über 10 Aussagen des Artikels: 1 ist nicht belegt, 2 nennen das falsche Jahr, 1 hängt von"
    )
    assert ">Urteil</th>" in overview
    assert re.sub(r"<[^>]+>", "", link) == "Aussagen C057 und C058"
    assert ">falsches Jahr</strong> (Aussage <a " in verdict
    shown = re.sub(r"<[^>]+>", "|", re.sub(r'<(\w+)[^>]* lang="en">.*?</\1>', "", german))
    assert "|Nicht belegt |" in shown
    assert "|Artikel|" in shown
    assert "|Befund|" in shown
    assert "|Was fehlt|" in shown
    assert "|Belege| zu C057|" in shown
    assert english_words(shown) == []


def test_german_words_turn_with_the_verdicts(flipped):
    with speaking("de"):
        heading, sentence = str(lens.heading(flipped)).replace("\\", ""), lens.sentence(flipped).markup
    assert heading == "Der Artikel unter der Lupe: 10 Aussagen, 7 stimmen überein und bei 1 ist keine Prüfung möglich"
    assert "falsche Jahr" not in sentence


def test_no_verdict_is_said_to_be_none_in_german_too(page):
    none = without_verdicts(page)
    with speaking("de"):
        assert "Diese Ausgabe enthält kein Urteil" in lens.sentence(none).markup + lens.overview(none).markup
        assert "Diese Ausgabe enthält kein Urteil" in lens.overview(none).markup


def test_what_has_no_german_words_is_marked_as_english(german):
    told = german.partition('id="claim-C002"')[2].partition('<li class="claim"')[0]
    assert '<h4 data-result="C002" lang="en">Statement C002: Plain words</h4>' in told
    assert '<dd data-result="C002">3 Dinge, <span lang="en">“Plain words”</span>, für 2018</dd>' in told
    assert 'Eine Quelle nennt 34,5\u00a0%, <span lang="en">“Plain words”</span>.</dd>' in told
    assert '<dd data-result="claim.C002">Ein Register, <span lang="en">“Plain words”</span>.</dd>' in told
    assert 'Warum so: Ein Grund, <span lang="en">“Plain words”</span>.' in told


def test_what_has_german_words_is_shown_in_them(page):
    def table(name):
        frame = page.release.table(name)
        known = {"statement": pl.lit("recruitment stop"), "section": pl.lit("1 Introduction")}
        return frame.with_columns(**known) if name == "core.claim" else frame

    with speaking("de"):
        markup = lens.statements(Page(SimpleNamespace(table=table), renderer="a test")).markup
    assert re.search(r'<h4 data-result="C002">Anwerbestopp</h4>', markup)
    assert re.search(r"<span>1 Einleitung(?:, mit Verweis auf [^/]*)?</span>", markup)


def test_a_release_from_before_the_german_texts_shows_the_english_ones_as_such(page):
    def table(name):
        frame = page.release.table(name)
        return frame.drop(column for column in frame.columns if column.endswith("_de"))

    with speaking("de"):
        markup = lens.statements(Page(SimpleNamespace(table=table), renderer="a test")).markup
    told = markup.partition('id="claim-C002"')[2].partition("</li>")[0]
    assert '<dd data-result="C002"><span lang="en">3 things, Plain words for 2018</span></dd>' in told
    assert '<span lang="en">A source gives 34.5\u00a0%, Plain words.</span>' in told
    assert '<span lang="en">A register, Plain words.</span>' in told


def test_hostile_text_stays_text_in_german_too(hostile_release):
    with speaking("de"):
        markup = lens.statements(Page(open_release(hostile_release), renderer="x")).markup
    assert not re.search(r"<(?:script|img)", markup)


def test_hostile_text_in_a_statement_stays_text(hostile_release):
    markup = lens.statements(Page(open_release(hostile_release), renderer="x")).markup
    assert not re.search(r"<(?:script|img)", markup)
    assert markup.count(escape(HOSTILE)) > 40
    tags = set(re.findall(r"</?(\w+)", markup))
    assert not tags & {"script", "img", "svg", "style", "iframe", "math"}
