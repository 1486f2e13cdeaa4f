"""The data dictionary is the committed one, and holds every table and column with type, unit, source and meaning."""

from __future__ import annotations

from dataclasses import replace

import pytest
from reading import REPOSITORY, rows

from pipeline.contracts import load_contracts
from pipeline.site.dictionary import PAGE, computed_from, dictionary_page
from pipeline.site.markdown import cell


@pytest.fixture(scope="module")
def contracts():
    return load_contracts(REPOSITORY / "sql")


@pytest.fixture(scope="module")
def reads():
    return computed_from()


def sections(page: str) -> dict[str, str]:
    """Table → what the page says of it."""
    parts = page.split("\n### ")
    return {part.split("\n", 1)[0]: part for part in parts[1:]}


def test_the_committed_page_is_what_the_contracts_give(contracts, reads):
    assert (REPOSITORY / PAGE).read_text("utf-8") == dictionary_page(contracts, reads), "run `make dictionary`"


def test_every_table_and_column_is_there_with_type_unit_source_and_meaning(contracts, reads):
    found = sections(dictionary_page(contracts, reads))
    tables = [*contracts.raw.values(), *contracts.tables.values()]
    assert set(found) == {table.id for table in tables}
    for table in tables:
        assert cell(table.comment) in found[table.id], table.id
        said = list(rows(found[table.id]))
        assert [row[0] for row in said] == [f"`{column.name}`" for column in table.columns], table.id
        for column, (_, type_, unit, source, meaning) in zip(table.columns, said, strict=True):
            assert type_.split()[0] == column.type
            assert ("**key**" in type_) == column.in_key
            assert unit == column.unit if column.unit else unit in ("", "see `unit`")
            assert source
            assert meaning == cell(column.comment).strip()


def test_a_measured_column_without_a_unit_of_its_own_leads_to_the_one_of_its_row(contracts, reads):
    found = sections(dictionary_page(contracts, reads))
    units = {row[0]: row[2] for row in rows(found["core.observation"])}
    assert units["`value`"] == "see `unit`"
    assert units["`year`"] == ""
    shares = {row[0]: row for row in rows(found["marts.share"])}
    assert shares["`persons_with`"][2] == "persons"
    assert shares["`region_name`"][3] == "`core.region.name`"


def test_text_of_a_contract_is_no_markup(contracts, reads):
    table = contracts.tables["core.region"]
    hostile = replace(table.columns[0], comment="a | b <script>*c*</script> [d](e)\nf")
    changed = replace(contracts, tables={**contracts.tables, table.id: replace(table, columns=(hostile,))})
    (row,) = rows(sections(dictionary_page(changed, reads))["core.region"])
    assert row[4] == "a &#124; b &lt;script>&#42;c&#42;&lt;/script> &#91;d](e) f"
