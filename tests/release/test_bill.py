"""The bill of materials: valid CycloneDX, every package of the lock, and what is no lock is refused with its line."""

import json

import pytest
from small_warehouse import ROOT

from pipeline.errors import InputError
from pipeline.release.bill import bill, read_lock

LOCK = (ROOT / "requirements.lock").read_text("utf-8")
HASH = "a" * 64


def test_the_bill_is_valid_in_the_strict_sense():
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    validator = JsonStrictValidator(SchemaVersion.V1_6)
    written = bill(LOCK, version="0.1.0").decode()
    assert validator.validate_str(written) is None
    assert validator.validate_str(written.replace('"bomFormat"', '"bomFormal"')) is not None


def test_every_package_of_the_lock_is_there_with_its_hashes():
    components = json.loads(bill(LOCK, version="0.1.0"))["components"]
    assert sorted((one["name"], one["version"]) for one in components) == sorted(
        (one.name, one.version) for one in read_lock(LOCK)
    )
    told = sum(len(p["value"].split()) for one in components for p in one["properties"] if p["name"] == "lock:sha256")
    assert told == LOCK.count("--hash=sha256:")
    assert {"polars", "dagster", "duckdb"} <= {one["name"] for one in components}


def test_the_same_lock_gives_the_same_bytes_and_no_clock():
    assert bill(LOCK, version="1") == bill(LOCK, version="1")
    assert b"timestamp" not in bill(LOCK, version="1")


@pytest.mark.parametrize(
    ("text", "line"),
    [("a==1\n", 1), (f"a==1 \\\n    --hash=sha256:{HASH}\nb>=2\n", 3), (f"    --hash=sha256:{HASH}\n", 1)],
)
def test_what_is_no_lock_is_refused_with_its_line(text, line):
    with pytest.raises(InputError) as refused:
        bill(text, version="1")
    assert f"line {line}" in str(refused.value)
    assert "make lock" in refused.value.remedy
