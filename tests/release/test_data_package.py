"""The descriptor of a package: valid for who knows the standard, and it says of each column what the contract says."""

import json
import os
from pathlib import Path

import pytest
from small_warehouse import contracts

from pipeline.release.data_package import unit


@pytest.fixture(scope="module")
def descriptor(packed):
    return json.loads((packed / "datapackage.json").read_text("utf-8"))


def test_frictionless_finds_nothing_wrong_with_descriptor_and_rows(packed, monkeypatch):
    from frictionless import Package

    monkeypatch.chdir(packed)
    report = Package("datapackage.json").validate(limit_errors=3)
    assert report.flatten(["taskNumber", "rowNumber", "fieldNumber", "type", "message"]) == []
    assert len(report.tasks) == len(contracts().tables)


def test_frictionless_does_find_a_cell_that_is_no_number(packed, tmp_path, descriptor, monkeypatch):
    from frictionless import Package

    (one,) = (dict(one) for one in descriptor["resources"] if one["title"] == "core.region")
    wrong = (packed / one["path"]).read_bytes().splitlines(keepends=True)
    (tmp_path / "region.csv").write_bytes(b"".join([*wrong, wrong[-1]]))
    one = {name: value for name, value in one.items() if name not in ("bytes", "hash")} | {"path": "region.csv"}
    (tmp_path / "datapackage.json").write_text(json.dumps({"name": "x", "resources": [one]}))
    monkeypatch.chdir(tmp_path)
    assert not Package("datapackage.json").validate().valid


def test_types_units_keys_and_missing_values_are_those_of_the_contracts(descriptor):
    assert descriptor["$schema"] == "https://datapackage.org/profiles/2.0/datapackage.json"
    known = {one["title"]: one for one in descriptor["resources"]}
    assert known.keys() == contracts().tables.keys()
    for name, table in contracts().tables.items():
        schema = known[name]["schema"]
        assert [(field["name"], field["description"]) for field in schema["fields"]] == [
            (column.name, column.comment) for column in table.columns
        ]
        assert "any" not in {field["type"] for field in schema["fields"]}
        assert schema.get("primaryKey", []) == [column.name for column in table.columns if column.in_key]
        assert schema["missingValues"] == [""]
        assert [field["name"] for field in schema["fields"] if field.get("unit")] == [
            column.name for column in table.columns if unit(column.name)
        ]


def test_a_foreign_key_leads_to_a_key_that_is_there(descriptor):
    keys = {one["name"]: one["schema"].get("primaryKey") for one in descriptor["resources"]}
    foreign = [key for one in descriptor["resources"] for key in one["schema"].get("foreignKeys", [])]
    assert len(foreign) > 20
    for key in foreign:
        assert keys[key["reference"]["resource"]] == key["reference"]["fields"]


def test_sources_and_licences_are_named(descriptor):
    assert descriptor["licenses"]
    assert all({"name", "title"} <= one.keys() for one in descriptor["licenses"])
    assert all({"title", "version"} <= one.keys() for one in descriptor["sources"])


@pytest.mark.parametrize(
    ("column", "words"), [("share_percent", "percent"), ("persons_with", "persons"), ("year", None), ("person", None)]
)
def test_a_unit_rides_in_a_name(column, words):
    assert unit(column) == words


def test_sizes_and_hashes_are_those_of_the_files(packed, descriptor):
    manifest = json.loads((Path(packed) / "manifest.json").read_text())
    for one in descriptor["resources"]:
        assert one["bytes"] == os.stat(packed / one["path"]).st_size  # noqa: PTH116
        assert one["hash"] == f"sha256:{manifest['files'][one['path']]['sha256']}"
