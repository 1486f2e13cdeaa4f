"""The sheets of the states: their numbers, their words, what touches a state, what is left out and says so."""

import html
import re
from html.parser import HTMLParser

import pytest
import sheet_rows
from small_release import HOSTILE, ROOT

from pipeline.charts import state_sheet
from pipeline.errors import InputError
from pipeline.language import LANGUAGES, format_number, speaking
from pipeline.release import open_release
from pipeline.report import sheets
from pipeline.report.page import Page

ASSETS = ROOT / "reports/assets"
SPAN = re.compile(r'<span class="num[^"]*" data-result="([^"]+)"[^>]*>([^<]*)</span>')
TABLES = (
    "marts.region_share", "analysis.east_west", "marts.state_protection_seekers", "analysis.key_deviation",
    "analysis.refugee_ratio", "analysis.sampling_band", "marts.network_state",
)  # fmt: skip


def rendered(folder, **options):
    """The text of every sheet by its file name."""
    release = sheet_rows.build(folder / "r", **options)
    return {
        file.name: file.read_text("utf-8")
        for file in sheets.render_sheets(ASSETS, release=release, folder=folder / "s")
    }


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    return open_release(sheet_rows.build(tmp_path_factory.mktemp("release") / "r"))


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return rendered(tmp_path_factory.mktemp("made"))


def words(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<style>.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL)).split())


def test_every_state_has_a_sheet_in_every_language(made):
    assert sorted(made) == sorted(
        f"{slug}{end}" for slug in ("berlin", "saarland", "sachsen") for end in (".html", ".de.html")
    )
    assert 'lang="de"' in made["sachsen.de.html"]
    assert 'lang="en"' in made["sachsen.html"]


def test_slugs_are_plain_letters():
    states = [sheets.State("x", name, "west").slug for name in ("Baden-Württemberg", "Thüringen", "Straße am Öl")]
    assert states == ["baden-wuerttemberg", "thueringen", "strasse-am-oel"]


@pytest.mark.parametrize("slug", ["berlin", "saarland", "sachsen"])
def test_both_languages_show_the_same_rows_in_the_same_order(made, slug):
    english, german = (SPAN.findall(made[f"{slug}{end}"]) for end in (".html", ".de.html"))
    assert len(english) > 40
    assert [row for row, _ in english] == [row for row, _ in german]
    swap = str.maketrans(",.", ".,")
    numbers = [[re.sub(r"[^\d.,−]", "", text) for _, text in found] for found in (english, german)]
    assert [text.translate(swap) for text in numbers[0]] == numbers[1]


@pytest.mark.parametrize("file", ["saarland.html", "saarland.de.html", "sachsen.html", "berlin.de.html"])
def test_every_number_is_a_cell_of_its_row(made, release, file):
    with speaking("de" if ".de." in file else "en"):
        for row_id, text in SPAN.findall(made[file]):
            _, row = release.find(html.unescape(row_id))
            cells = {
                format_number(value, digits)
                for value in row.values()
                if isinstance(value, int | float) and not isinstance(value, bool)
                for digits in (0, 1, 2)
            }
            assert set(re.findall(r"−?\d[\d.,]*", html.unescape(text))) <= cells, (row_id, text)


def test_the_words_turn_with_the_figures(tmp_path, made):
    falling = rendered(tmp_path, falling=True)
    assert "foreign nationals rose from 6.9 % to 8.1 %" in words(made["sachsen.html"]).replace("\u00a0", " ")
    assert "foreign nationals fell from" in words(falling["sachsen.html"])
    assert "sank der Ausländeranteil" in words(falling["sachsen.de.html"])
    assert "Fewer protection seekers" in made["sachsen.html"]
    assert "More protection seekers" in made["saarland.html"]
    assert "About as many protection seekers" in made["berlin.html"]


def test_a_finding_never_crosses_a_break(made):
    assert "From 2022 to 2024" in words(made["sachsen.html"])
    assert "between 2021 and 2022 is a break" in words(made["sachsen.html"])


def test_a_name_inside_a_longer_one_is_another_place(made):
    assert "Saarlouis holds all" in made["saarland.html"]
    assert "Too many in Saarlouis." in made["saarland.html"]
    assert "Saarlouis holds all" not in made["sachsen.html"]
    assert "Too many" not in made["sachsen.html"]


def test_only_breaks_within_the_years_drawn_are_named(made):
    assert "a new base" in made["sachsen.html"]
    assert "an old base" not in made["sachsen.html"]


def test_a_city_state_says_that_it_is_its_district(made):
    assert "state and district are one" in made["berlin.html"]
    assert 'class="list' not in made["berlin.html"]
    assert 'class="list' in made["sachsen.html"]


def test_a_state_without_cities_says_what_that_means(made):
    assert "No city of this state is known to us" in made["saarland.html"]
    assert "<b>samo.fa</b>: Dresden and Leipzig." in made["sachsen.html"]


def test_hostile_names_arrive_as_text(tmp_path):
    pages = rendered(tmp_path, district=HOSTILE)
    for page in (pages["sachsen.html"], pages["sachsen.de.html"]):
        assert "<script" not in page
        assert "alert(1)" in page
        assert "<img" not in page


@pytest.mark.parametrize("table", TABLES)
def test_what_a_release_does_not_hold_is_left_out_and_said(tmp_path, table):
    pages = rendered(tmp_path, without=(table,))
    said = {
        "marts.region_share": "This release has no figure for this state.",
        "analysis.east_west": "This release has no figure for this state.",
        "marts.state_protection_seekers": "This release has no figure for this state.",
        "analysis.key_deviation": "This release does not compare this state with the key.",
        "marts.network_state": "No city of this state is known to us",
    }
    assert said.get(table, "Sachsen") in words(pages["sachsen.html"])
    if table == "analysis.sampling_band":
        assert "95 % interval" not in words(pages["sachsen.html"])
    if table == "analysis.refugee_ratio":
        assert "for every 100" not in words(pages["sachsen.html"])


class _Links(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        if tag == "a":
            self.found.append(dict(attrs)["href"])


def test_links_lead_to_the_other_sheets_the_page_and_the_other_language(made):
    for name, page in made.items():
        local = [link for link in _Links(page).found if not link.startswith(("#", "https://"))]
        ending = ".de.html" if ".de." in name else ".html"
        assert f"../index{ending}" in local
        others = {link for link in local if not link.startswith("../")}
        assert others <= set(made)
        slug = name.split(".")[0]
        assert f"{slug}{'.html' if ending == '.de.html' else '.de.html'}" in others


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_links_every_sheet_of_its_language(release, made, language):
    with speaking(language):
        found = _Links(sheets.links(Page(release, renderer="")).markup).found
    ending = ".html" if language == "en" else f".{language}.html"
    assert found == [f"summary{ending}", *(f"states/{slug}{ending}" for slug in ("berlin", "saarland", "sachsen"))]


def test_sheets_are_small_alone_and_the_same_again(made, tmp_path):
    assert max(len(page.encode()) for page in made.values()) < 250_000
    assert all("Content-Security-Policy" in page for page in made.values())
    assert not any("<script" in page for page in made.values())
    assert rendered(tmp_path) == made


def test_all_sheets_are_replaced_at_once_and_an_error_leaves_them(tmp_path):
    folder = tmp_path / "s"
    folder.mkdir()
    (folder / "prussia.html").write_text("gone", "utf-8")
    release = sheet_rows.build(tmp_path / "r")
    broken = tmp_path / "assets"
    broken.mkdir()
    (broken / "sheet.html").write_text("$weather", "utf-8")
    (broken / "sheet.css").write_text("", "utf-8")
    with pytest.raises(InputError, match=r"sheet\.html asks for 'weather'"):
        sheets.render_sheets(broken, release=release, folder=folder)
    assert [file.name for file in folder.iterdir()] == ["prussia.html"]
    sheets.render_sheets(ASSETS, release=release, folder=folder)
    assert "prussia.html" not in {file.name for file in folder.iterdir()}
    assert [file.name for file in tmp_path.iterdir() if file.name.startswith(".")] == []


def test_labels_at_the_ends_of_lines_never_meet():
    ends = [{"y": value, "text": ["x"] * lines} for value, lines in ((15.7, 1), (15.6, 2), (14.8, 1), (2.0, 1))]
    scale = 25 / state_sheet.YEARS_HEIGHT
    placed = state_sheet._apart(ends, scale)
    bottoms = [row["y"] - state_sheet.LINE_HEIGHT * scale * (len(row["text"]) - 0.5) for row in placed]
    tops = [row["y"] + state_sheet.LINE_HEIGHT * scale / 2 for row in placed]
    assert all(top <= bottom + 1e-9 for bottom, top in zip(bottoms, tops[1:], strict=False))
    assert placed[-1]["y"] == pytest.approx(2.0)
