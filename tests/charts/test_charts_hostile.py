"""Whatever a source writes into a name arrives as text: in the drawing, in its description and in the CSV."""

from __future__ import annotations

import csv
import io
from xml.etree import ElementTree as ET

import polars as pl
import pytest
from reading_svg import SVG, texts

from pipeline.charts import CHARTS, draw_chart
from pipeline.language import LANGUAGES
from pipeline.release.cells import csv_bytes

# One word, so that no label breaks within it.
HOSTILE = "</text><script>alert('x')</script>&amp;\"{0}]]>"
COLUMNS = {
    "marts.share": ("region_name",),
    "core.region": ("name",),
    "analysis.survey_interval": ("study", "indicator", "category"),
    "core.study_figure": ("study", "indicator", "category", "geography"),
}
# Charts that hold names from the data; the others write codes of ours and numbers alone.
NAMED = [
    "state_tiles", "state_dots", "district_distribution", "protection_seekers", "koenigstein_key", "survey_shares",
    "organisation_counts",
]  # fmt: skip


def spoilt(tables: dict[str, pl.DataFrame], text: str) -> dict[str, pl.DataFrame]:
    """Every name of every table with `text` at its end."""
    return tables | {
        table: tables[table].with_columns(pl.col(column) + f" {text}" for column in columns)
        for table, columns in COLUMNS.items()
    }


@pytest.mark.parametrize("name", NAMED)
def test_hostile_names_are_text_and_nothing_else(name: str, tables: dict[str, pl.DataFrame]) -> None:
    chart = CHARTS[name]
    drawn = draw_chart(chart, spoilt(tables, HOSTILE))
    for language in LANGUAGES:
        svg = drawn.svg[language]
        root = ET.fromstring(svg)  # noqa: S314
        assert "<script" not in svg
        assert {element.tag for element in root.iter() if "script" in element.tag} == set()
        assert any(HOSTILE in text for text in texts(svg))
        assert HOSTILE in drawn.titles[language].description
        assert root.findtext(f"{SVG}desc") == drawn.titles[language].description
    rows = list(csv.DictReader(io.StringIO(csv_bytes(drawn.data).decode())))
    frame = chart.data(spoilt(tables, HOSTILE))
    assert len(rows) == frame.height
    held = [column for column in frame.columns if frame.schema[column] == pl.String]
    assert any(HOSTILE in row[column] for row in rows for column in held)
    for row, there in zip(rows, frame.iter_rows(named=True), strict=True):
        assert {column: row[column] for column in held} == {column: there[column] or "" for column in held}


@pytest.mark.parametrize("text", ["\x00", "\x0b\x1f", "\ufffe", "\r\n\n", "=1+1", "\u202e", "{low}", "%s", "a\tb"])
def test_a_name_that_no_xml_can_hold_does_not_break_the_drawing(text: str, tables: dict[str, pl.DataFrame]) -> None:
    drawn = draw_chart(CHARTS["state_dots"], spoilt(tables, f"{text}x"))
    for language in LANGUAGES:
        root = ET.fromstring(drawn.svg[language])  # noqa: S314
        assert root.get("role") == "img"
        assert sum("Bremen" in written for written in texts(drawn.svg[language])) == 1
