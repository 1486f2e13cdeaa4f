"""Structure data of the Bundeswahlleiterin: comments, column numbers, trailing columns, both encodings."""

from __future__ import annotations

import pytest
from layouts import STRUKTUR, struktur_new, struktur_old

from pipeline.errors import InputError
from pipeline.ingest import CELLS, read, recognise, strukturdaten


def refused(text: str) -> InputError:
    with pytest.raises(InputError) as caught:
        strukturdaten.read(text.encode(), file="x.csv")
    assert caught.value.file == "x.csv"
    assert "Remedy: " in str(caught.value)
    return caught.value


def test_figures_with_place_date_and_unit():
    table = strukturdaten.read(STRUKTUR.encode(), file="x")
    assert dict(table.cells.schema) == CELLS
    assert table.cells["line"].to_list() == [6, 6, 7, 7, 8, 8, 9, 9]
    assert table.cells["value"].to_list()[:5] == ["1.631,4", ".", "2.000,0", "-4,7", "99,1"]
    first, second = table.cells.head(2).iter_rows(named=True)
    assert (first["measure"], first["time"], first["unit"], first["position"]) == ("1", "31.12.2022", "in 1000", 4)
    assert (second["measure"], second["time"], second["unit"]) == ("2", "Oktober 2023", "%")
    assert second["measure_label"].startswith('Übrige "ohne Angabe"')
    assert (first["region"], first["region_variable"], first["dimensions"]) == ("04011", "Kreis", "Land=Bremen")
    assert table.titles == ("Strukturdaten für die kreisfreien Städte und Landkreise",)
    assert "Bremen Land: Sonderfall" in table.notes
    assert table.rows == 4


def test_both_encodings_and_line_ends_give_the_same_cells():
    new = read(recognise(struktur_new(), file="x"))
    found = recognise(struktur_old(), file="x")
    assert found.encoding == "CP1252"
    assert read(found).cells.equals(new.cells)


def test_constituencies_have_their_own_names():
    text = STRUKTUR.replace("Land;Kreis;Name", "Land;Wahlkreis-Nr.;Wahlkreis-Name")
    assert set(strukturdaten.read(text.encode(), file="x").cells["region_variable"]) == {"Wahlkreis-Nr."}


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("99,1;12,5;;;", "99,1;12,5;;", 8),
        ("99,1;12,5;;;", "99,1;12,5;;;;", 8),
        ("99,1;12,5;;;", "99,1;12,5;;;7", 8),
        (";;;1;2;", ";;;1;3;", 4),
        (";;;1;2;", ";;;A;B;", 4),
        (";Kreis;", ";Gebiet;", 5),
        (";Fußnoten;", ";Neue Spalte;", 5),
    ],
)
def test_what_was_changed_is_named(old, new, line):
    assert old in STRUKTUR
    assert refused(STRUKTUR.replace(old, new)).line == line


def test_a_heading_with_two_dates_has_no_time_of_its_own():
    text = STRUKTUR.replace("Bevölkerung am 31.12.2022", "Bevölkerung 2022 gegen 2020")
    assert strukturdaten.read(text.encode(), file="x").cells["time"][0] == ""


def test_comments_alone_are_no_table():
    assert "column numbers" in str(refused("\n".join(STRUKTUR.splitlines()[:5])))
