"""What the documents tell to type works as it stands there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from project_folder import command, copy_sources

from pipeline.registry import load_registry
from pipeline.registry.readings import Reading
from pipeline.registry.strict_yaml import load

REPOSITORY = Path(__file__).parents[2]


def section(document: str, heading: str) -> str:
    text = (REPOSITORY / document).read_text("utf-8")
    return text.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]


def commands(text: str) -> list[list[str]]:
    """The indented lines that begin with `mo`, without their comments."""
    return [shlex.split(line, comments=True) for line in re.findall(r"(?m)^    (mo .*)$", text)]


def test_the_commands_for_a_new_source_are_those_of_the_document(tmp_path):
    copy_sources(tmp_path, "regions")
    text = section("raw_data/README.md", "A new source")
    example, listing = commands(text)
    (full,) = re.findall(r"`(mo source new [^`]*--measure[^`]*)`", text)
    table = "\n".join(
        [
            "statistics_code;statistics_label;time_code;time_label;time;"
            "1_variable_code;1_variable_label;1_variable_attribute_code;1_variable_attribute_label;"
            "value;value_unit;value_variable_code;value_variable_label",
            "21111;Schulen;JAHR;Jahr;2024;DLAND;Länder;01;Schleswig-Holstein;12;1000;BILSC1;Schüler",
            "",
        ]
    )
    (tmp_path / listing[-1]).write_text(table, "utf-8")
    asked = command(tmp_path, *listing)
    assert asked.returncode == 1
    assert "- BILSC1: Schüler [1000]" in asked.stderr
    for words in (shlex.split(full), ["mo", "validate"]):
        done = command(tmp_path, *words)
        assert done.returncode == 0, done.stderr
    current = load_registry(tmp_path / "raw_data").sources[full.split()[3]].current
    assert current.measures["persons_with"].multiplier == 1000
    (tmp_path / "other").mkdir()
    copy_sources(tmp_path / "other", "regions")
    assert command(tmp_path / "other", *example).returncode == 0


@pytest.mark.parametrize("key", [*Reading.model_fields, "measure", "printed", "since", "until", "reference"])
def test_every_key_of_a_reading_is_explained(key):
    assert re.search(rf"(?m)^\|.*`{key}`.*\|", section("raw_data/README.md", "How a publisher's file is read"))


def test_the_reading_of_the_document_is_one():
    (block,) = re.findall(
        r"```yaml\n(.*?)```", section("raw_data/README.md", "How a publisher's file is read"), re.DOTALL
    )
    read = load(block, file="README.md").value
    assert Reading.model_validate(read["readings"]["ffcsv_new"]).rest
