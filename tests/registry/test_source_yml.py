"""What a source.yml may say, and what a person reads when it says something else."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.errors import InputError
from pipeline.registry import Fetch, RoundedTo, Vintage, load_registry
from pipeline.registry.strict_yaml import load

FILE = "raw_data/mz/2018-final/source.yml"


def refused(raw_data: Path) -> InputError:
    with pytest.raises(InputError) as caught:
        load_registry(raw_data)
    return caught.value


def line_of(folder: Path, start: str) -> int:
    lines = (folder / "source.yml").read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if line.strip().startswith(start))


def test_a_sound_description_becomes_a_frozen_vintage(raw_data, write):
    folder = write(
        measures={
            "persons_with": {"printed_unit": "persons", "multiplier": 1, "precision": {"rounded_to": 5}},
            "share_percent": {"printed_unit": "percent", "multiplier": 1, "precision": "exact"},
        },
        suppressed_below="5.5",
        expect={
            "regions": {"level": "state", "complete": True},
            "control_totals": [
                {
                    "where": {"region": "DE", "measure": "persons_with"},
                    "value": "20799",
                    "source": "press release",
                }
            ],
            "sums": [
                {
                    "over": "state",
                    "total": "DE",
                    "measure": "persons_with",
                    "tolerance": 1,
                    "reason": "rounding",
                }
            ],
        },
    )
    vintage = load_registry(raw_data).sources["mz"].current
    assert isinstance(vintage, Vintage)
    assert vintage.folder == folder
    assert vintage.measures["persons_with"].precision == RoundedTo(rounded_to=Decimal(5))
    assert vintage.measures["share_percent"].precision == "exact"
    assert vintage.suppressed_below == Decimal("5.5")
    assert vintage.expect.control_totals[0].value == Decimal(20799)
    assert vintage.expect.sums[0].tolerance == Decimal(1)
    assert vintage.shown("figures.csv") == "raw_data/mz/2018-final/figures.csv"
    with pytest.raises(Exception, match="frozen"):
        vintage.title = "another"


def test_an_unquoted_date_stays_text(raw_data, write):
    folder = write()
    path = folder / "source.yml"
    path.write_text(path.read_text(encoding="utf-8").replace("'2019-08-21'", "2019-08-21"), encoding="utf-8")
    assert load_registry(raw_data).sources["mz"].current.published == "2019-08-21"


def test_an_unknown_key_gets_the_closest_known_one(raw_data, write):
    folder = write(titel="x")
    error = refused(raw_data)
    assert (error.file, error.line, error.key) == (FILE, line_of(folder, "titel"), "titel")
    assert "unknown key 'titel'" in str(error)
    assert "Did you mean 'title'?" in str(error)


def test_an_unknown_key_deep_inside_names_its_own_neighbours(raw_data, write):
    write(licence={"id": "a", "title": "b", "evidence": "stated", "notes": "c"})
    error = refused(raw_data)
    assert error.key == "licence.notes"
    assert "Did you mean 'note'? Known here: id, title, url, evidence, note." in str(error)


def test_a_missing_key_says_what_belongs_there(raw_data, write):
    write(attribution=None)
    error = refused(raw_data)
    assert error.key == "attribution"
    assert "this key is missing" in str(error)
    assert "Add `attribution: …`: the line to print under figures from this source." in str(error)


def test_all_problems_of_a_file_are_listed_at_once(raw_data, write):
    write(titel="x", order="first", language="fr", title=None)
    text = str(refused(raw_data))
    assert text.startswith(f"{FILE}: 4 problems\n")
    for part in ("key titel", "key order", "key language", "key title: this key is missing"):
        assert part in text
    assert text.count("Remedy: ") == 4


@pytest.mark.parametrize(
    ("changes", "key", "message"),
    [
        ({"order": "1"}, "order", "valid integer, found '1'"),
        ({"order": True}, "order", "valid integer, found True"),
        ({"order": 0}, "order", "greater than or equal to 1"),
        ({"title": 2018}, "title", "must be text, but YAML reads the number 2018"),
        ({"title": True}, "title", "must be text, but YAML reads true"),
        ({"title": " "}, "title", "this text is empty"),
        ({"breaks": "one"}, "breaks", "found 'one'"),
        ({"kind": "observations"}, "kind", "Did you mean 'observation'?"),
        ({"published": "2019-02-30"}, "published", "'2019-02-30' is not a date"),
        ({"url": "www.destatis.de"}, "url", "is not an address"),
        ({"suppressed_below": 0.1}, "suppressed_below", "0.1 is not a number as printed"),
        ({"suppressed_below": "5,5"}, "suppressed_below", "digits with a decimal point in quotes"),
        ({"files": []}, None, "files is empty"),
        ({"measures": None}, None, "kind observation needs the key 'measures'"),
        ({"kind": "claim"}, None, "'defaults' is for kind observation only"),
    ],
)
def test_a_wrong_value_is_named_with_its_key(raw_data, write, changes, key, message):
    write(**changes)
    error = refused(raw_data)
    assert (error.file, error.key) == (FILE, key)
    assert message in str(error)
    assert "Remedy: " in str(error)


def test_unknown_words_of_the_vocabulary_are_refused_with_a_guess(raw_data, write):
    write(
        defaults={
            "concept": "migration_backgrund_wider",
            "universe": "privat_households",
            "reference_kind": "year",
        },
        measures={"persons_wth": {"printed_unit": "persons", "multiplier": 1, "precision": "about"}},
    )
    text = str(refused(raw_data))
    assert "key defaults.concept: unknown concept 'migration_backgrund_wider'" in text
    assert "Did you mean 'migration_background_wider'?" in text
    assert "key defaults.universe: 'privat_households' is not allowed here" in text
    assert "key measures.persons_wth: unknown measure 'persons_wth'" in text
    assert "key measures.persons_wth.precision: 'about' is not allowed here" in text


def test_a_wrong_rounding_is_named_inside_precision(raw_data, write):
    write(measures={"persons_with": {"printed_unit": "persons", "multiplier": 1, "precision": {"rounded": 5}}})
    text = str(refused(raw_data))
    assert "key measures.persons_with.precision.rounded: unknown key 'rounded'" in text
    assert "key measures.persons_with.precision.rounded_to: this key is missing" in text


def test_a_region_without_quotes_loses_its_zero_and_is_refused(raw_data, write):
    folder = write(expect={"control_totals": [{"where": {"region": "01", "measure": "persons_with"}}]})
    path = folder / "source.yml"
    text = path.read_text(encoding="utf-8").replace("region: '01'", "region: 01")
    path.write_text(text, encoding="utf-8")
    shown = str(refused(raw_data))
    assert "key expect.control_totals[0].where.region: this must be text, but YAML reads the number 1" in shown
    assert "a leading 0 counts" in shown
    assert "key expect.control_totals[0].value: this key is missing" in shown


def test_where_a_table_can_be_fetched_is_optional_and_frozen(raw_data, write):
    write(vintage="2018-first", order=2)
    write(fetch={"service": "regionalstatistik", "table": "12411-01-01-4"})
    earlier, current = load_registry(raw_data).sources["mz"].vintages
    assert current.fetch is None
    assert earlier.fetch == Fetch(service="regionalstatistik", table="12411-01-01-4")
    assert (earlier.fetch.regionalvariable, earlier.fetch.from_year) == (None, None)
    with pytest.raises(Exception, match="frozen"):
        earlier.fetch.table = "another"


@pytest.mark.parametrize(
    ("changes", "key", "message"),
    [
        ({"service": "genesys"}, "fetch.service", "Did you mean 'genesis'?"),
        ({"table": "../12411"}, "fetch.table", "is not a table code of GENESIS"),
        ({"table": "12411"}, "fetch.table", "is not a table code of GENESIS"),
        ({"table": 12411}, "fetch.table", "must be text, but YAML reads the number 12411"),
        ({"table": None}, "fetch.table", "Expected: the code of the table there"),
        ({"regionalvariable": "kreise"}, "fetch.regionalvariable", "is not a code of GENESIS"),
        ({"from_year": 24}, "fetch.from_year", "greater than or equal to 1900"),
        ({"from_year": "2011"}, "fetch.from_year", "valid integer"),
        ({"token": "x"}, "fetch.token", "unknown key 'token'"),
    ],
)
def test_a_wrong_section_fetch_is_named_with_its_key(raw_data, write, changes, key, message):
    write(fetch={"service": "genesis", "table": "12411-0010"} | changes)
    error = refused(raw_data)
    assert error.key == key
    assert message in str(error)


def test_an_expectation_about_an_unlisted_measure_is_refused(raw_data, write):
    total = {"where": {"region": "DE", "measure": "persons_total"}, "value": 1, "source": "x"}
    write(expect={"control_totals": [total]})
    assert "expect uses the measure 'persons_total', which `measures` does not list" in str(refused(raw_data))


@pytest.mark.parametrize(
    "path", ["../figures.csv", "/etc/passwd", "a/b.csv", "..", ".hidden", "C:\\x.csv", "source.yml", ""]
)
def test_a_file_entry_cannot_leave_its_folder(raw_data, write, path):
    write(files=[{"path": path, "content_sha256": "0" * 64, "rows": 1}])
    error = refused(raw_data)
    assert error.key == "files[0].path"
    assert "is not a plain file name" in str(error)


@pytest.mark.parametrize("vintage", ["..", "2018 final", "2018..1", "Final", "a/b"])
def test_a_vintage_id_cannot_become_a_path(raw_data, write, vintage):
    folder = write()
    path = folder / "source.yml"
    text = path.read_text(encoding="utf-8").replace("vintage: 2018-final", f"vintage: '{vintage}'")
    path.write_text(text, encoding="utf-8")
    error = refused(raw_data)
    assert error.key == "vintage"
    assert "is not a vintage id" in str(error)


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "stands here for the second time (first in line 1)"),
        ("a:\n  b: 1\n  b: 2\n", 3, "key a.b"),
        ("a: &x [1]\nb: *x\n", 1, "alias"),
        ("a: {<<: {b: 1}}\n", 1, "this kind of key is not allowed"),
        ("? [1, 2]\n: x\n", 1, "this kind of key is not allowed"),
        ("a: !!python/object:os.system {}\n", 1, "not allowed here"),
        ("a: [1\nb: 2\n", 2, "not valid YAML"),
        ("a: 1\n---\nb: 2\n", 2, "not valid YAML"),
        ("- a\n- b\n", 1, "`key: value` lines"),
        ("just text\n", 1, "`key: value` lines"),
        ("", None, "the file is empty"),
        ("# only a comment\n", None, "the file is empty"),
        ("a: " + "[" * 5000, None, ""),
    ],
)
def test_yaml_that_could_hide_something_is_refused(text, line, message):
    with pytest.raises(InputError) as caught:
        load(text, file="x.yml")
    assert message in str(caught.value)
    assert str(caught.value).startswith("x.yml")
    assert "Remedy: " in str(caught.value)
    if line is not None:
        assert caught.value.line == line


def test_a_description_in_another_encoding_names_byte_and_line(raw_data, write):
    folder = write()
    path = folder / "source.yml"
    path.write_bytes(b"# first line\n# \xfcber\n" + path.read_bytes())
    error = refused(raw_data)
    assert (error.file, error.line) == (FILE, 2)
    assert "not UTF-8: byte 0xfc at offset 15" in str(error)
