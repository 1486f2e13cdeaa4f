"""GENESIS tables as shown: spans, stubs, headings of groups, quality columns, footnotes; both layouts."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from layouts import PIVOT_NEW, PIVOT_OLD

from pipeline.errors import InputError
from pipeline.ingest import CELLS, Table, pivot


def read(text: str) -> Table:
    return pivot.read(text.encode(), file="x.csv")


def refused(text: str) -> InputError:
    with pytest.raises(InputError) as caught:
        read(text)
    assert caught.value.file == "x.csv"
    assert "Remedy: " in str(caught.value)
    return caught.value


def test_the_new_layout_pairs_each_figure_with_its_quality():
    table = read(PIVOT_NEW)
    assert dict(table.cells.schema) == CELLS
    first = table.cells.head(4)
    assert first["value"].to_list() == ["101", "102", "-", "."]
    assert first["quality"].to_list() == ["e", "e", "", ""]
    assert first["position"].to_list() == [2, 4, 6, 8]
    assert table.cells["quality"].to_list()[-1] == "()"
    assert set(table.cells["line"]) == {8, 9}
    assert table.tables == ("12411-0010",)
    assert table.rows == 2


def test_a_span_holds_until_the_next_label():
    cells = read(PIVOT_NEW).cells
    assert cells["region_label"].to_list()[:4] == ["Bayern", "Bayern", "Berlin", "Berlin"]
    assert set(cells["region_variable"]) == {"Bundesländer"}
    assert cells["column"].to_list()[1] == "Bundesländer | Bayern | weiblich"
    assert cells["dimensions"].to_list()[1] == "head 3=weiblich"
    assert cells["time"].to_list()[0] == "31.12.2022"


def test_measure_and_unit_come_from_the_title():
    cells = read(PIVOT_NEW).cells
    assert cells.select("measure_label", "unit").unique().rows() == [("Bevölkerungsstand", "Anzahl")]


def test_footnotes_over_several_lines_are_no_rows():
    table = read(PIVOT_NEW)
    assert table.as_of == "20.05.2026 / 23:29:57"
    assert table.notes[0].startswith("Berlin: mit einem Strichpunkt; und\neiner zweiten")
    assert len(table.notes) == 2


def test_the_old_layout_has_no_quality_and_headings_of_groups():
    table = read(PIVOT_OLD)
    cells = table.cells
    assert cells["quality"].null_count() == cells.height == 6
    assert cells["value"].to_list() == ["1,5", "2,5", "/", "(7)", "x", "..."]
    assert cells["time"].to_list()[:2] == ["2018", "2019"]
    assert cells["line"].to_list()[::2] == [9, 10, 12]
    # Asien replaces Europa; Staatsangehörigkeit, the outer heading, still holds.
    assert cells["dimensions"].to_list()[::2] == [
        "stub 1=Staatsangehörigkeit;stub 2=Europa;stub 3=EU;stub 4=männlich",
        "stub 1=Staatsangehörigkeit;stub 2=Europa;stub 3=EU;stub 4=weiblich",
        "stub 1=Staatsangehörigkeit;stub 2=Asien;stub 3=Türkei;stub 4=männlich",
    ]
    assert set(cells["region_label"]) == {"Deutschland"}
    assert set(cells["unit"]) == {"Anzahl"}
    assert table.rows == 3


def test_keys_in_the_stub_are_regions():
    text = (
        "Tabelle: 1\nTitel;;;\n;;;Personen (Anzahl)\n2020;DG;Deutschland;7\n2020;01001;  Flensburg;5\n_____\nStand: 1\n"
    )
    cells = read(text).cells
    assert cells.select("time", "region", "region_label").rows() == [
        ("2020", "DG", "Deutschland"),
        ("2020", "01001", "  Flensburg"),
    ]
    assert cells["dimensions"].to_list() == ["", ""]


def test_years_as_header_beside_a_named_stub():
    cells = read("Tabelle: 1\nTitel\nKreis;2019;2020\nA;1;2\n_____\nStand: 1\n").cells
    assert cells.select("time", "value", "line").rows() == [("2019", "1", 4), ("2020", "2", 4)]


def test_an_empty_outer_stub_continues_the_row_above():
    cells = read("Tabelle: 1\nT\n;;Zahl (Anzahl)\n2019;Januar;1\n;Februar;2\n_____\nStand: 1\n").cells
    assert cells.select("time", "dimensions").rows() == [("2019", "stub 2=Januar"), ("2019", "stub 2=Februar")]


def test_a_label_with_the_signs_of_the_pairs_is_escaped():
    cells = read('Tabelle: 1\nT\n;Zahl (Anzahl)\n"a;b=c\\";1\n_____\nStand: 1\n').cells
    assert cells["dimensions"].to_list() == ["stub 1=a\\;b\\=c\\\\"]


def test_a_cut_table_is_refused_or_doubted():
    lines = PIVOT_NEW.splitlines(keepends=True)
    rule = next(i for i, line in enumerate(lines) if line.startswith("____"))
    for kept in range(1, rule):
        assert "cut off" in str(refused("".join(lines[: kept + 1])))
    assert refused("".join(lines[: rule + 2])).line == rule + 2
    assert "cut off" in read("".join(lines[:-1])).doubts[0]


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("31.12.2023;111;p", "31.12.2023;111", 9),
        ("114;()", "114;();", 9),
        ("31.12.2023;111", "31.12.2023;=SUM(A1)", 9),
        ("31.12.2022;101", "31.12.2022;viele", 8),
    ],
)
def test_a_row_that_was_changed_is_named(old, new, line):
    assert refused(PIVOT_NEW.replace(old, new)).line == line


def test_another_separator_has_no_header():
    assert "semicolons" in str(refused(PIVOT_NEW.replace(";", "\t")))


def test_a_new_span_above_ends_the_labels_below():
    cells = read("Tabelle: 1\nT\n;Bayern;;Berlin\n;2019;2020;\nA;1;2;3\n_____\nStand: 1\n").cells
    assert cells["column"].to_list() == ["Bayern | 2019", "Bayern | 2020", "Berlin"]
    assert cells["time"].to_list() == ["2019", "2020", None]


def test_quality_columns_are_not_guessed_from_figures():
    text = "Tabelle: 1\nT\n;Bayern;;Berlin;\n;2019;2020;2019;2020\nA;1;2;3;4\n_____\nStand: 1\n"
    cells = read(text).cells
    assert cells["value"].to_list() == ["1", "2", "3", "4"]
    assert cells["quality"].null_count() == 4
    assert cells.filter(pl.col("value") == "3").select("region_label", "time").row(0) == ("Berlin", "2019")


@given(st.lists(st.sampled_from(["0", "-", "/", ".", "x", "...", "12", "1 234", "3,5", "(4)"]), min_size=1, max_size=8))
def test_figures_and_signs_come_out_as_printed(values):
    rows = "".join(f"Zeile {i};{value}\n" for i, value in enumerate(values))
    cells = read(f"Tabelle: 1\nT\n;Zahl (Anzahl)\n{rows}_____\nStand: 1\n").cells
    assert cells["value"].to_list() == values
    assert cells["line"].to_list() == list(range(4, 4 + len(values)))


def test_a_label_of_brackets_is_no_measure_and_takes_no_time():
    """Found by fuzzing: every bracket was tried as the beginning of a unit, for every figure."""
    table = read(PIVOT_NEW.replace("männlich", "(" * 50_000))
    assert set(table.cells["measure_label"]) == {"Bevölkerungsstand"}
