"""Readings: which printed cells become which figures, and what is refused rather than guessed."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from pipeline.errors import InputError
from pipeline.ingest import CELLS, CODES, Table
from pipeline.registry.readings import Reading
from pipeline.transform.readings import OBSERVATION_CELLS, observation_cells

FILE = "raw_data/s/2024-01-01/table.csv"
CELL: dict[str, Any] = {
    "line": 2,
    "position": 14,
    "column": "value",
    "time_code": "STAG",
    "time": "2022-12-31",
    "region_variable": "KREISE",
    "region": "01001",
    "region_label": "  Flensburg",
    "dimensions": "GES=",
    "measure": "BEVSTD",
    "measure_label": "Bevölkerungsstand",
    "unit": "Anzahl",
    "value": "92550",
    "quality": None,
}


def table(*changes: dict[str, Any], codes: tuple[tuple[str, str, str], ...] = (), tables=("12411",)) -> Table:
    rows = [CELL | {"line": 2 + number} | change for number, change in enumerate(changes or ({},))]
    listed = [(1, variable, variable, code, label) for variable, code, label in codes]
    return Table(
        cells=pl.DataFrame(rows, schema=CELLS),
        codes=pl.DataFrame(listed, schema=CODES, orient="row"),
        tables=tables,
        titles=("Fortschreibung",),
        header=(),
        rows=len(rows),
    )


def reading(*figures: dict[str, Any], **more: Any) -> Reading:
    default = {"measure": "persons_total", "printed": "BEVSTD", "unit": "Anzahl"}
    return Reading.model_validate(
        {"tables": ("12411",), "figures": tuple(default | figure for figure in figures or ({},))} | more
    )


def refused(table_: Table, reading_: Reading) -> InputError:
    with pytest.raises(InputError) as caught:
        observation_cells(table_, reading_, file=FILE)
    assert caught.value.file == FILE
    assert caught.value.remedy
    return caught.value


def test_a_cell_keeps_what_is_printed_and_gets_the_names_of_the_project():
    cells = observation_cells(table({"quality": "e"}), reading(), file=FILE)
    assert tuple(cells.columns) == OBSERVATION_CELLS
    row = cells.row(0, named=True)
    assert (row["line"], row["position"], row["region"], row["reference"]) == (2, 14, "01001", "2022-12-31")
    assert (row["measure"], row["value"], row["marker"], row["breakdown"]) == ("persons_total", "92550", "e", "")
    assert row["region_label"] == "Flensburg"


@pytest.mark.parametrize(
    ("printed", "codes"),
    [("GES=", ()), ("GES=INSG", (("GES", "INSG", "Insgesamt"),)), ("head 2=Insgesamt", ()), ("", ())],
    ids=["empty code", "a code with the label", "a label", "no variable"],
)
def test_a_total_is_known_in_each_way_it_is_printed(printed, codes):
    assert observation_cells(table({"dimensions": printed}, codes=codes), reading(), file=FILE).height == 1


def test_what_no_entry_takes_is_refused_with_its_line():
    error = refused(table({}, {"dimensions": "GES=GESM"}), reading())
    assert error.line == 3
    assert "BEVSTD" in str(error)
    assert "GES=GESM" in str(error)


def test_what_no_entry_takes_is_left_out_where_a_reason_is_given():
    cells = observation_cells(table({}, {"dimensions": "GES=GESM"}), reading(rest="sex is not used"), file=FILE)
    assert cells["line"].to_list() == [2]


def test_two_entries_for_one_cell_are_refused():
    assert "2 entries" in str(refused(table(), reading({}, {"measure": "persons_with"})))


def test_an_entry_that_takes_nothing_is_refused():
    error = refused(table(), reading({}, {"printed": "BEVNEU"}))
    assert error.key == "readings.figures[1]"
    assert "BEVSTD" in str(error.remedy), "what is printed is named"


def test_another_unit_is_refused_since_it_may_be_a_multiplier():
    error = refused(table({}, {"unit": "1000"}), reading())
    assert error.line == 3
    assert "'1000'" in str(error)


@pytest.mark.parametrize("tables", [("12211",), ("12411", "12211"), ()])
def test_another_table_is_refused(tables):
    assert refused(table(tables=tables), reading()).key == "tables"


def test_a_reading_without_tables_takes_files_that_print_none():
    assert observation_cells(table(tables=()), reading(tables=()), file=FILE).height == 1


def test_overlapping_groupings_stay_apart():
    figures = (
        {
            "measure": "persons_with",
            "where": {"WDGAT1": ("EIN", "NACH")},
            "breakdown": {"grouping": {"constant": "WDGAT1"}, "status": {"variable": "WDGAT1"}},
        },
        {"where": {"WDGAT2": "TOTAL"}, "breakdown": {"status": {"variable": "WDGAT2", "total": "ALL"}}},
    )
    printed = table({"dimensions": "WDGAT1=EIN"}, {"dimensions": "WDGAT1=NACH"}, {"dimensions": "WDGAT2="})
    cells = observation_cells(printed, reading(*figures), file=FILE)
    assert cells["breakdown"].to_list() == ["grouping=WDGAT1;status=EIN", "grouping=WDGAT1;status=NACH", "status=ALL"]
    assert cells["measure"].to_list() == ["persons_with", "persons_with", "persons_total"]


def test_a_breakdown_writes_words_as_one_code():
    figure = {"breakdown": {"sex": {"variable": "head 2"}}}
    cells = observation_cells(table({"dimensions": r"head 2=60 bis\; 69=x"}), reading(figure), file=FILE)
    assert cells["breakdown"].to_list() == ["sex=60_bis_69_x"]


def test_dates_tell_entries_apart():
    figures = ({"until": "2021", "census_base": "zensus_2011"}, {"since": "2022-12-31", "census_base": "zensus_2022"})
    printed = table({"time": "31.12.2021"}, {"time": "31.12.2022"})
    cells = observation_cells(printed, reading(*figures), file=FILE)
    assert cells["census_base"].to_list() == ["zensus_2011", "zensus_2022"]


def test_a_star_stands_for_what_changes_in_a_label():
    printed = table({"measure": "3", "measure_label": "Bevölkerung am 31.12.2023 - Insgesamt (in 1000)"})
    figure = {"printed": "Bevölkerung am * - Insgesamt (in 1000)"}
    assert observation_cells(printed, reading(figure), file=FILE).height == 1


def test_a_figure_without_a_date_needs_one_in_the_reading():
    assert "no date" in str(refused(table({"time": ""}), reading()))
    cells = observation_cells(table({"time": ""}), reading({"reference": "2022", "reference_kind": "year"}), file=FILE)
    assert cells.select("reference", "reference_kind").row(0) == ("2022", "year")


@pytest.mark.parametrize(
    ("code", "label", "region"),
    [
        ("DG", "Deutschland", "DE"),
        ("99", "Deutschland", "DE"),
        (None, "Germany", "DE"),
        (None, "Bayern", "09"),
        ("", " Neue Länder ohne Berlin", "east"),
        ("03241001", "Hannover", "03241001"),
    ],
)
def test_regions_are_known_by_key_or_name(code, label, region):
    cells = observation_cells(table({"region": code, "region_label": label}), reading(), file=FILE)
    assert cells["region"].to_list() == [region]


def test_99_is_germany_only_where_it_is_called_so():
    cells = observation_cells(table({"region": "99", "region_label": "Städte"}), reading(), file=FILE)
    assert cells["region"].to_list() == ["99"], "observations() refuses it as unknown"


def test_a_region_known_by_no_name_is_refused():
    assert "Atlantis" in str(refused(table({"region": None, "region_label": "Atlantis"}), reading()))


def test_levels_that_are_not_asked_for_are_left_out():
    printed = table(*({"region": key} for key in ("DG", "01", "031", "01001", "03241001")))
    assert observation_cells(printed, reading(levels=("district",)), file=FILE)["region"].to_list() == ["01001"]


def test_city_states_printed_once_are_districts_too():
    printed = table({"region": "02"}, {"region": "11"}, {"region": "11000"})
    cells = observation_cells(printed, reading(city_states_as_districts=True), file=FILE)
    assert cells.select("region", "line").rows() == [("02", 2), ("11", 3), ("11000", 4), ("02000", 2)]
    assert observation_cells(printed, reading(), file=FILE).height == 3


def test_ignored_variables_tell_nothing_apart():
    printed = table({"dimensions": "Land=Bayern"})
    assert refused(printed, reading()).key == "readings"
    assert observation_cells(printed, reading(ignored=("Land",)), file=FILE).height == 1
