"""The page helper: every number is a row, carries its id, and nothing of the data is markup."""

import base64
import io
import json
import re
import shutil
import zipfile
from decimal import Decimal
from urllib.parse import unquote

import polars as pl
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from small_release import HOSTILE, ROOT, SVG

from pipeline.errors import InputError
from pipeline.language import format_number, speaking, spoken
from pipeline.release import open_release
from pipeline.report import findings, overviews
from pipeline.report.codes import FLAGS
from pipeline.report.figures import ChartView, chart_html, safe_svg, table_html
from pipeline.report.markup import Html, compose, data_text, escape, escape_markdown
from pipeline.report.page import PROVISIONAL, Page, open_page
from pipeline.report.sources import WAITS, sources_html

STATED = "mikrozensus_states.2018.migration_background_wider"
EAST = f"{STATED}.berlin_excluded.east.pooled.share"


def chart(**changes):
    words = {
        "name": "a_chart",
        "svg": SVG,
        "csv": "name,value\na,1\n",
        "finding": "F",
        "shown": "S",
        "description": "D",
        "source": "Q",
        "date": "2018",
    }
    return ChartView(**{**words, **changes})


def test_a_number_is_written_with_its_unit_and_the_id_of_its_row(page):
    number = page.number(EAST)
    assert ">8.0\u00a0%</span>" in number.markup
    assert f'data-result="{EAST}"' in number.markup
    assert "Mikrozensus, states" in number.markup


def test_rows_are_asked_for_once_whatever_is_equal_to_what(page):
    rows = page.rows("analysis.east_west", level="state")
    assert page.rows("analysis.east_west", level="state") is rows
    assert page.rows("analysis.east_west") is page.release.table("analysis.east_west")
    assert page.rows("analysis.east_west", level="district").height != rows.height
    assert rows.height == page.release.table("analysis.east_west").filter(level="state").height


def test_the_interval_stands_beside_the_number(page):
    assert (
        ">64.4\u00a0% (60.9 to 67.7)<" in page.number("survey.more_support", "estimate_percent", interval=True).markup
    )
    assert "(" not in re.sub(r'title="[^"]*"', "", page.number(EAST, interval=True).markup)


def test_an_interval_narrower_than_the_digits_is_left_out(page):
    row = "svr2020_organisations_lower"
    assert ">12,400<" in page.number(row, "value", digits=-2, unit="number", interval=True).markup
    assert ">12,400 (12,400 to 12,401)<" in page.number(row, "value", digits=0, unit="number", interval=True).markup


def test_a_missing_row_or_number_is_an_error_that_names_the_id(page):
    with pytest.raises(InputError, match="no-such-row"):
        page.number("no-such-row")
    with pytest.raises(InputError, match=r"survey\.no_funding.*base_n"):
        page.number("survey.no_funding", "base_n")
    with pytest.raises(InputError, match=r"0 rows of analysis\.east_west"):
        page.result(STATED, "east", method="wish")


def test_what_is_uncertain_looks_so(page):
    later = page.series(year=2023, concept="migration_background_wider")
    assert 'class="num provisional"' in page.number(page.result(later, "east")).markup
    assert 'class="num"' in page.number(EAST).markup


def test_in_german_a_number_is_written_and_told_of_in_german(page):
    row = page.result(page.series(year=2023, concept="migration_background_wider"), "difference")
    with speaking("de"):
        number = page.number(row, unit="percentage points")
        needs = page.number("survey.more_support", "estimate_percent", interval=True)
    assert ">−20,4\u00a0Prozentpunkte</span>" in number.markup
    assert "Migrationshintergrund im weiteren Sinne" in number.markup
    assert "ohne Berlin; alle Personen zusammen; Anteil an allen Personen" in number.markup
    assert "gerundete Zahlen; erste Ergebnisse" in number.markup
    assert ">64,4\u00a0% (60,9 bis 67,7)<" in needs.markup


def test_a_chart_is_that_of_the_language_being_spoken(page, monkeypatch):
    asked, drawn = [], type(page.release).chart
    monkeypatch.setattr(type(page.release), "chart", lambda *parts: asked.append(parts[2]) or drawn(*parts))
    with speaking("de"):
        assert 'aria-label="Diagramm, auf schmalen' in page.figure("permutation").markup
        page.caption("permutation")
    page.caption("permutation")
    assert asked == ["de", "de", "en"]


def test_the_page_speaks_the_language_it_is_opened_in(release, monkeypatch):
    with speaking("en"):
        monkeypatch.setenv("AUGENHOEHE_LANGUAGE", "de")
        assert "Erzeugt mit Quarto, von Hand aufgerufen" in open_page(release).colophon().markup
        monkeypatch.setenv("AUGENHOEHE_LANGUAGE", "fr")
        with pytest.raises(InputError, match="does not speak 'fr'"):
            open_page(release)
    assert spoken() == "en"


def test_text_of_the_data_that_has_no_words_says_that_it_is_english():
    with speaking("de"):
        assert data_text("a note & more").markup == '<span lang="en">a note &amp; more</span>'
        assert data_text("foreign nationality").markup == "ausländische Staatsangehörigkeit"
    assert data_text("a note").markup == "a note"


def test_every_code_of_a_flag_that_makes_a_number_look_uncertain_has_words():
    assert set(PROVISIONAL) <= set(FLAGS)


def test_the_citation_names_what_citation_cff_names():
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    said = " ".join((ROOT / "reports/index.qmd").read_text("utf-8").split())
    author = cited["authors"][0]["name"]
    assert f"{author}, *{cited['title']}*, version {cited['version']}, release" in said


@given(st.text(max_size=60))
def test_no_text_becomes_markup(text):
    assert not set(escape(text)) & set("<>\"'")
    assert not re.search(r"(?<!\\)[*_`<>\[\]{}$@#|~^!\"']", escape_markdown(text).replace("\\\\", ""))
    sentence = compose("a {x} b & c", x=text).markup
    assert sentence == f"a {escape(text)} b &amp; c"


@given(st.floats(min_value=-1e9, max_value=1e9), st.integers(min_value=0, max_value=6))
def test_numbers_are_rounded_as_written(value, digits):
    text = format_number(value, digits)
    back = Decimal(text.replace(",", "").replace("\u2212", "-"))
    assert abs(back - Decimal(repr(value))) <= Decimal(10) ** -digits / 2
    assert "-" not in text
    assert text not in {"\u22120", "\u22120.0"}


def test_half_is_rounded_away_from_nought_as_printed():
    assert [format_number(value, 1) for value in (0.25, 0.35, -0.25, 1234.56)] == ["0.3", "0.4", "\u22120.3", "1,234.6"]


def test_html_fences_hold_whatever_they_hold():
    block = Html("<p>``` and ````</p>", block=True)._repr_markdown_()
    assert block.startswith("`````{=html}\n")
    assert block.endswith("\n`````")
    assert Html("a ` b")._repr_markdown_() == "`` a ` b ``{=html}"


def test_a_drawing_arrives_as_it_was_drawn():
    assert safe_svg(chart()) == SVG
    assert "\n\n" not in safe_svg(chart(svg=SVG.replace("<defs>", "\n\n<defs>")))


@pytest.mark.parametrize("missing", [' role="img"', '<title id="t">old</title>'])
def test_a_drawing_without_a_name_is_refused(missing):
    with pytest.raises(InputError, match="has no name"):
        safe_svg(chart(svg=SVG.replace(missing, "")))


@pytest.mark.parametrize(
    ("inside", "words"),
    [
        ("<script>1</script>", "<script>"),
        ("<foreignObject/>", "<foreignObject>"),
        ("<style>p{}</style>", "<style>"),
        ('<rect onclick="x()"/>', "onclick"),
        ('<image href="https://example.org/a.png"/>', "https://example.org/a.png"),
        ('<rect fill="url(https://example.org/a.svg#b)"/>', "https://example.org"),
        ("<rect>", "not well-formed"),
    ],
)
def test_a_drawing_that_runs_or_fetches_is_refused(inside, words):
    svg = SVG.replace("</svg>", f"{inside}</svg>")
    with pytest.raises(InputError, match=re.escape(words)) as caught:
        safe_svg(chart(svg=svg))
    assert caught.value.file == "charts/a_chart.svg"


def test_a_chart_carries_its_data_as_a_table_and_as_csv():
    text = "name,value\n" + "".join(f"r{number},{number}\n" for number in range(70))
    markup = chart_html(chart(csv=text)).markup
    assert "The first 20 of 70 rows" in markup
    assert markup.count("<tr>") == 21
    encoded = re.search(r"charset=utf-8,([^\"]+)", markup)[1]
    assert unquote(encoded) == text
    assert 'download="a_chart.csv"' in markup


def test_a_long_csv_is_zipped_and_whole():
    text = "name,value\n" + "".join(f"a region,{number}\n" for number in range(2000))
    markup = chart_html(chart(csv=text)).markup
    assert 'download="a_chart.csv.zip"' in markup
    packed = base64.b64decode(markup.split("data:application/zip;base64,")[1].split('"')[0])
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert archive.read("a_chart.csv").decode() == text
    assert chart_html(chart(csv=text)).markup == markup


def test_a_table_has_a_fixed_id_a_caption_and_scopes(page):
    rows = [
        {"Place": HOSTILE, "Share": page.number(EAST), "Note": None},
        {"Place": "b", "Share": None, "Note": "c & d"},
    ]
    table = table_html("levels", rows, shown="What & where", note="A <note>")
    assert table == table_html("levels", rows, shown="What & where", note="A <note>")
    markup = table.markup
    assert 'id="table-levels"' in markup
    assert '<caption class="unseen">What &amp; where</caption>' in markup
    assert markup.count('scope="col"') == 3
    assert markup.count('scope="row"') == 2
    assert f'data-result="{EAST}"' in markup
    assert "<script" not in markup
    assert "c &amp; d" in markup
    assert markup.count("&lt;script&gt;alert(1)&lt;/script&gt;") == 1
    assert "&amp;lt;" not in markup
    assert "<style" not in markup
    assert 'class="gt_right"' in markup


def test_rows_that_belong_together_stand_under_one_heading():
    rows = [{"Year": "2018", "Share": 1}, {"Year": "2019", "Share": 2}, {"Year": "2018", "Share": 3}]
    markup = table_html("t", rows, shown="s", groups=["a & <b>", "a & <b>", "c"]).markup
    assert re.findall(r'scope="colgroup"[^>]*>([^<]*)<', markup) == ["a &amp; &lt;b&gt;", "c"]
    assert re.findall(r'scope="row"[^>]*>([^<]*)<', markup) == ["2018", "2019", "2018"]


def test_the_sources_say_all_a_reader_may_ask(page):
    markup = page.sources().markup
    for words in (
        "Statistisches Bundesamt (Destatis)",
        "Reference dates 31 December 2018 to 31 December 2023",
        "Datenlizenz Deutschland",
        "(stated)",
        "© Destatis, 2019; own presentation",
        "2016: new sample",
        "1 doubt",
        'href="https://www.destatis.de/"',
    ):
        assert words in markup


def test_a_vintage_that_waits_says_so(page):
    tables = [page.rows(f"core.{name}") for name in ("vintage", "caveat", "observation")]
    assert WAITS not in sources_html(*tables).markup
    tables[0] = tables[0].with_columns(in_use=pl.lit(value=False))
    assert sources_html(*tables).markup.count(WAITS) == 1


def test_an_address_that_is_none_is_not_linked(hostile_release):
    markup = Page(open_release(hostile_release), renderer="x").sources().markup
    assert "javascript:" not in markup
    assert "<script" not in markup


def test_the_colophon_names_renderer_and_release(page):
    assert "Rendered by a test from the release" in page.colophon().markup
    assert "test-release" in page.colophon().markup


def test_the_colophon_names_a_lock_that_is_not_the_projects_own(release, tmp_path):
    folder = shutil.copytree(release, tmp_path / "r")
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    (folder / "manifest.json").write_text(json.dumps({**manifest, "lock": "<old>.yml"}), "utf-8")
    markup = Page(open_release(folder), renderer="x").colophon().markup
    assert "computed with the lock <code>&lt;old&gt;.yml</code> and not with the project’s own" in markup


def test_the_words_turn_with_the_data(page, flipped):
    for sentence in (
        findings.levels_heading,
        findings.verdict_heading,
        findings.verdict,
        findings.years_heading,
        findings.years,
        findings.districts_heading,
        findings.berlin,
    ):
        assert str(sentence(page)) != str(sentence(flipped)), sentence.__name__
    assert "smaller share" in str(findings.levels_heading(page))
    assert "larger share" in str(findings.levels_heading(flipped))
    assert "lie below" in str(findings.districts_heading(page))
    assert "lie above" in str(findings.districts_heading(flipped))
    assert "figures of 2018 do not fit" in str(findings.verdict(page))
    assert "agrees" in str(findings.verdict(flipped))


def test_an_interval_that_holds_nought_has_no_sign():
    assert findings.sign(-2, -5, 1) == 0
    assert findings.sign(-2, -5, -1) == -1
    assert findings.sign(0.0) == 0


def test_every_number_of_the_overviews_is_a_row(page):
    for table in (overviews.levels(page), overviews.years(page), overviews.districts(page), overviews.candidates(page)):
        ids = re.findall(r'data-result="([^"]+)"', table.markup)
        assert len(ids) > 5
        assert all(page.row(one) for one in ids)
