"""What every drawing promises: the same bytes, well-formed, named, no script, small, and all of its data."""

from __future__ import annotations

import re
import subprocess
import sys
from itertools import combinations
from xml.etree import ElementTree as ET

import polars as pl
import pytest
from reading_svg import HAIR, SVG, boxes, texts

from pipeline.charts import CHARTS, DrawnChart, specification_curve
from pipeline.charts.render import render_svg
from pipeline.language import LANGUAGES, speaking
from pipeline.report.chart_tables import COLUMNS, readable

NAMES = list(CHARTS)
# Most of the promises are held for every chart in every language.
EVERY = pytest.mark.parametrize(("name", "language"), [(name, language) for name in NAMES for language in LANGUAGES])


@pytest.fixture(scope="module")
def drawn(drawn_twice: dict[str, DrawnChart]) -> dict[str, str]:
    """The English drawings."""
    return {name: chart.svg["en"] for name, chart in drawn_twice.items()}


def test_all_charts_are_drawn_in_the_order_of_the_registry(drawn_twice: dict[str, DrawnChart]) -> None:
    assert list(drawn_twice) == NAMES
    assert all(list(chart.svg) == list(chart.titles) == list(LANGUAGES) for chart in drawn_twice.values())
    assert len(NAMES) == 12


@EVERY
def test_second_rendering_gives_the_same_bytes(
    name: str, language: str, drawn_twice: dict[str, DrawnChart], tables: dict
) -> None:
    titles = drawn_twice[name].titles[language]
    with speaking(language):
        again = render_svg(CHARTS[name].draw(tables), title=titles.finding, description=titles.description)
    assert again == drawn_twice[name].svg[language]


@EVERY
def test_svg_is_named_scales_and_holds_nothing_active(
    name: str, language: str, drawn_twice: dict[str, DrawnChart]
) -> None:
    svg, titles = drawn_twice[name].svg[language], drawn_twice[name].titles[language]
    root = ET.fromstring(svg)  # noqa: S314
    assert root.get("role") == "img"
    assert root.get("lang", "en") == language
    assert root.get("viewBox") == f"0 0 640 {root.get('height')}"
    assert [element.tag for element in list(root)[:2]] == [f"{SVG}title", f"{SVG}desc"]
    assert root[0].text == titles.finding
    assert root[1].text == titles.description
    assert root.get("aria-labelledby") == root[0].get("id")
    assert root.get("aria-describedby") == root[1].get("id")
    tags = {element.tag.removeprefix(SVG) for element in root.iter()}
    assert tags <= {"svg", "title", "desc", "g", "rect", "path", "circle", "line", "text", "tspan", "defs", "clipPath"}
    assert not any(key.startswith("on") or "href" in key for element in root.iter() for key in element.attrib)
    assert not re.findall(r"\b(?:undefined|NaN|null)\b", svg)


@EVERY
def test_svg_is_small_and_its_text_large_enough(name: str, language: str, drawn_twice: dict[str, DrawnChart]) -> None:
    svg = drawn_twice[name].svg[language]
    assert 3_000 < len(svg.encode()) < 60_000
    assert not re.findall(r'(?:transform|d|x2|y2)="[^"]*\.\d{3}', svg)
    assert min(float(size) for size in re.findall(r'font-size="([\d.]+)px"', svg)) >= 15


@EVERY
def test_words_stay_on_the_card_and_off_each_other(
    name: str, language: str, drawn_twice: dict[str, DrawnChart]
) -> None:
    lines = boxes(drawn_twice[name].svg[language])
    assert [line for line in lines if line.left < -HAIR or line.right > 640 + HAIR] == []
    assert [(one, other) for one, other in combinations(lines, 2) if one.covers(other)] == []


def test_ids_differ_between_drawings_in_one_page(drawn_twice: dict[str, DrawnChart]) -> None:
    svgs = [svg for chart in drawn_twice.values() for svg in chart.svg.values()]
    ids = [found for svg in svgs for found in re.findall(r'\bid="([^"]+)"', svg)]
    assert len(ids) == len(set(ids))


@EVERY
def test_titles_stay_out_of_the_drawing(name: str, language: str, drawn_twice: dict[str, DrawnChart]) -> None:
    chart = drawn_twice[name]
    assert chart.titles[language].finding not in texts(chart.svg[language])


@pytest.mark.parametrize("name", NAMES)
def test_the_rows_behind_a_chart_are_those_of_data(name: str, drawn_twice: dict[str, DrawnChart], tables: dict) -> None:
    frame = CHARTS[name].data(tables)
    with speaking("de"):
        assert CHARTS[name].data(tables).equals(frame)
    assert drawn_twice[name].data.schema == frame.schema
    assert drawn_twice[name].data.height == frame.height
    assert frame.equals(
        CHARTS[name].data({key: table.sample(fraction=1, shuffle=True, seed=3) for key, table in tables.items()})
    )


def marks(svg: str) -> int:
    """Paths and circles in the drawing; the background of the plot is a path too."""
    root = ET.fromstring(svg)  # noqa: S314
    return sum(1 for kind in ("path", "circle") for element in root.iter(f"{SVG}{kind}"))


def test_one_mark_a_row(drawn: dict[str, str], tables: dict) -> None:
    background = 1
    rows = {name: CHARTS[name].data(tables) for name in NAMES}
    # 16 tiles and five steps of the key.
    assert marks(drawn["state_tiles"]) == rows["state_tiles"].height + 5 + background
    assert marks(drawn["state_dots"]) == rows["state_dots"].height + background
    # A dot a row, a line a part and segment.
    segments = rows["foreign_share_years"].select("part", "segment").n_unique()
    assert marks(drawn["foreign_share_years"]) == 3 * 14 + segments + 1 + background
    assert marks(drawn["district_distribution"]) == 400 + background
    bars = rows["permutation"].filter(pl.col("splits") > 0).height
    assert marks(drawn["permutation"]) == bars + 1 + background
    assert marks(drawn["district_gap"]) == rows["district_gap"].height + 3 + background  # a sheet of paper a model
    states = rows["protection_seekers"].filter(row="state").height
    assert marks(drawn["protection_seekers"]) == states + 2 + background
    assert marks(drawn["koenigstein_key"]) == rows["koenigstein_key"].height + background
    for name in ("survey_shares", "headline_claim"):
        shown = "; ".join(texts(drawn[name]))
        column = "estimate_percent" if name == "survey_shares" else "found_percent"
        for value in rows[name][column]:
            assert f"{value:.1f}".removesuffix(".0") in shown


def test_percent_is_printed_in_every_tile(drawn: dict[str, str], tables: dict) -> None:
    printed = texts(drawn["state_tiles"])
    for name, share in CHARTS["state_tiles"].data(tables).select("region_name", "share_percent").rows():
        assert f"{share:.1f}\u00a0%" in printed
        assert name.replace("-", "") in {text.replace("-", "") for text in printed}


def test_unknown_base_is_said_beside_its_hollow_dot(drawn: dict[str, str]) -> None:
    printed = texts(drawn["survey_shares"])
    assert sum("n unknown" in text for text in printed) == 1
    assert "64.4\u00a0% (60.9–67.7)" in printed


def test_no_line_crosses_the_change_of_the_census_base(drawn: dict[str, str], tables: dict) -> None:
    frame = CHARTS["foreign_share_years"].data(tables)
    assert frame.filter(pl.col("year") <= 2021)["segment"].unique().to_list() == [0]
    assert frame.filter(pl.col("year") >= 2022)["segment"].unique().to_list() == [1]
    assert "new base: Zensus 2022" in texts(drawn["foreign_share_years"])


def test_a_round_symbol_is_a_circle_at_its_place(drawn: dict[str, str]) -> None:
    circles = ET.fromstring(drawn["district_gap"]).iter(f"{SVG}circle")  # noqa: S314
    places = [(float(circle.get("cx", "")), float(circle.get("cy", "")), circle.get("r")) for circle in circles]
    assert len(places) == 9
    assert len({x for x, _, _ in places}) == 3
    assert [y for _, y, _ in places] == sorted(y for _, y, _ in places)


def test_every_specification_is_marked_once_in_every_choice(tables: dict) -> None:
    frame = CHARTS["specification_curve"].data(tables)
    assert frame.height == 18
    assert frame["estimate_points"].is_sorted()
    for _, options in specification_curve.choices(frame):
        assert sum(frame.filter(condition).height for _, condition in options) == frame.height
    assert specification_curve.runs([1, 2, 3, 7, 9, 10]) == [(1, 3), (7, 7), (9, 10)]
    assert specification_curve.runs([]) == []


def test_every_column_behind_a_chart_has_words_or_is_an_id(tables: dict) -> None:
    columns = {column for chart in CHARTS.values() for column in chart.data(tables).columns}
    assert columns <= COLUMNS.keys()
    for name, chart in CHARTS.items():
        frame = chart.data(tables)
        shown = readable(frame.write_csv(), name=name)
        assert len(shown.rows) == frame.height
        assert not [label for label in shown.labels if "_" in label]
        assert not [cell for row in shown.rows for cell in row if "_" in cell]


@pytest.mark.parametrize("name", NAMES)
def test_every_chart_holds_to_the_schema_of_vega_lite(name: str, tables: dict) -> None:
    assert CHARTS[name].draw(tables).to_dict(validate=True)["layer"]


def test_import_stays_light() -> None:
    code = "import sys, pipeline.charts; print({'altair', 'vl_convert', 'dagster', 'duckdb'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
