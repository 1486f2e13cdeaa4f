"""The data behind a chart read by people: words instead of names, formatted numbers, nothing lost unseen."""

import pytest

from pipeline.errors import InputError
from pipeline.report.chart_tables import COLUMNS, WORDS, p_text, readable


def test_names_become_words_and_ids_stay_in_the_csv():
    table = readable(
        "region_id,region_name,part,share_percent,year,series_id\n01,Nord,west,7.0,2018,s\n14,Süd,east,1234.56,2018,s\n",
        name="c",
    )
    assert table.labels == ("Region", "Part", "Share, %")
    assert table.rows == (("Nord", "West", "7.0"), ("Süd", "East without Berlin", "1,234.6"))
    assert table.numeric == (False, False, True)


def test_a_year_that_varies_is_shown_as_it_is_printed():
    table = readable("year,upper\n2011,20000.0\n2012,\n", name="c")
    assert table.labels == ("Year", "Upper end")
    assert table.rows == (("2011", "20,000"), ("2012", ""))


def test_a_column_without_words_is_shown_under_its_name():
    assert readable("odd_name,x_id\na,b\n", name="c").labels == ("odd name", "x id")


def test_negative_numbers_and_p_values():
    table = readable("estimate_points,p_value\n-7.03,0.00000001\n-1,0.0456\n", name="c")
    assert table.rows == (("\u22127.0", "< 0.0001"), ("\u22121.0", "0.0456"))
    assert p_text(1.0) == "1.0000"


def test_a_number_among_words_makes_no_column_of_numbers():
    table = readable("category\n12\nmany\n", name="c")
    assert table.rows == (("12",), ("many",))
    assert table.numeric == (False,)


def test_the_apostrophe_that_keeps_a_cell_from_being_a_formula_is_not_shown():
    assert readable("category\n'=1+1\n''s\n", name="c").rows == (("=1+1",), ("'s",))


def test_an_empty_file_is_named():
    with pytest.raises(InputError) as told:
        readable("", name="state_dots")
    assert told.value.file == "charts/state_dots.csv"


def test_codes_with_words_belong_to_columns_that_are_shown():
    assert all(COLUMNS[column] for column in WORDS)
