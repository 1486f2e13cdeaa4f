"""Messages, numbers, dates and quotations of both languages, and that no catalogue lacks a message."""

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import language
from pipeline.errors import InputError
from pipeline.language import (
    format_date,
    format_number,
    listing,
    messages,
    of_data,
    quoted,
    speaking,
    spoken,
    t,
    tn,
)

DATE = dt.date(2023, 12, 31)


def test_english_is_what_the_code_says() -> None:
    assert t("A message of {who}", who="mine") == "A message of mine"
    assert tn("{number} row", "{number} rows", 1) == "1 row"
    assert tn("{number} row", "{number} rows", 1234) == "1,234 rows"
    assert (format_number(-12345.65, 1), format_date(DATE)) == ("−12,345.7", "31 December 2023")
    assert (listing(["a", "b", "c"]), quoted("so")) == ("a, b and c", "“so”")


def test_german_writes_numbers_dates_lists_and_quotations_its_own_way() -> None:
    with speaking("de"):
        assert (format_number(-12345.65, 1), format_date(DATE)) == ("−12.345,7", "31. Dezember 2023")
        assert (listing(["a", "b", "c"]), quoted("so")) == ("a, b und c", "„so“")
    assert spoken() == "en"


def test_a_message_without_german_words_is_refused_by_name() -> None:
    with speaking("de"), pytest.raises(InputError, match="no de words for 'never translated'"):
        t("never translated")
    with speaking("de"), pytest.raises(InputError, match="no de words"):
        tn("one never translated", "many never translated", 2)


def test_a_text_of_the_data_that_no_catalogue_knows_says_that_it_is_english() -> None:
    with speaking("de"):
        assert of_data("a note of some source") == ("a note of some source", "en")
    assert of_data("a note of some source") == ("a note of some source", "en")


def test_a_word_of_the_data_may_have_another_sense_than_the_same_word_of_the_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "de").mkdir()
    for name, german in (("data.po", "Einnahmen"), ("charts.po", "Einkommen")):
        (tmp_path / "de" / name).write_text(f'msgid "income"\nmsgstr "{german}"\n', "utf-8")
    monkeypatch.setattr(language, "FOLDER", tmp_path)
    language.catalogue.cache_clear()
    with speaking("de"):
        assert (t("income"), of_data("income")) == ("Einkommen", ("Einnahmen", "de"))
        (tmp_path / "de" / "pages.po").write_text('msgid "income"\nmsgstr "Verdienst"\n', "utf-8")
        language.catalogue.cache_clear()
        with pytest.raises(InputError, match="'income' has two translations"):
            t("income")
    monkeypatch.undo()
    language.catalogue.cache_clear()


def test_a_language_nobody_speaks_is_refused() -> None:
    with pytest.raises(InputError, match="does not speak 'fr'"), speaking("fr"):
        pass


@given(st.floats(-1e9, 1e9), st.integers(0, 4))
def test_both_languages_write_the_same_number(value: float, digits: int) -> None:
    english = format_number(value, digits)
    with speaking("de"):
        german = format_number(value, digits)
    assert german.replace(".", "").replace(",", ".") == english.replace(",", "")


def test_every_message_of_the_code_and_of_the_pages_has_words_in_every_language_and_no_word_is_left_over() -> None:
    assert [f"{one.where}: {one.what}" for one in messages.problems(messages.of_pages())] == []
