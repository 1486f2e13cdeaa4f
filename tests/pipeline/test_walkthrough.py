"""What the documents tell to type works as it stands there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import polars as pl
import pytest
from project_folder import command, copy_sources, whole_project

from pipeline.registry import load_registry
from pipeline.registry.readings import Reading
from pipeline.registry.strict_yaml import load
from tests.ingest.layouts import BOM

REPOSITORY = Path(__file__).parents[2]
SOURCE, DAY = "population_states", "2027-05-20"


def section(document: str, heading: str) -> str:
    text = (REPOSITORY / document).read_text("utf-8")
    return text.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]


def commands(text: str) -> list[list[str]]:
    """The indented lines that begin with `mo`, without their comments."""
    return [shlex.split(line, comments=True) for line in re.findall(r"(?m)^    (mo .*)$", text)]


def next_table() -> bytes:
    """Table 12411-0010 as GENESIS shows it: every year there is, one revised figure, and one year more."""
    file = REPOSITORY / "raw_data" / SOURCE / "2010-2024" / "figures.csv"
    figures = pl.read_csv(file, infer_schema=False).sort("region")
    names = figures["region_label"].unique(maintain_order=True).to_list()
    lines = ["Tabelle: 12411-0010", "Bevölkerung: Bundesländer, Stichtag;;;;", "Bevölkerungsstand (Anzahl);;;;;;"]
    lines += [";Bundesländer" + ";" * (2 * len(names) - 1), ";" + ";;".join(names) + ";"]
    for (date,), rows in figures.group_by("reference", maintain_order=True):
        printed = dict(rows.select("region_label", "value").iter_rows())
        if date == "2024-12-31":
            printed["Bayern"] = str(int(printed["Bayern"]) + 5)
        lines.append(".".join(reversed(str(date).split("-"))) + "".join(f";{printed[name]};e" for name in names))
    lines.append("31.12.2025" + "".join(f";{int(printed[name]) + 1000};e" for name in names))
    lines += ["__________", "© Statistisches Bundesamt (Destatis), 2027", "Stand: 20.05.2027 / 23:29:57"]
    return BOM + ("\n".join(lines) + "\n").encode()


def test_next_years_file_is_taken_by_the_commands_of_the_readme(tmp_path):
    folder = whole_project(tmp_path)
    typed = commands(section("README.md", "Next year's file"))
    assert [words[1] for words in typed] == ["inspect", "vintage", "validate", "run"]
    (name,) = {words[-1] for words in typed if words[-1].endswith(".csv")}
    (folder / name).write_bytes(next_table())
    told = {}
    for words in typed:
        done = command(folder, *words)
        assert done.returncode == 0, (words, done.stdout, done.stderr)
        told[words[1]] = done.stdout
    assert "GENESIS table as shown (pivot)" in told["inspect"]
    assert f"added raw_data/{SOURCE}/{DAY}: 256 figures, layout pivot" in told["vintage"]
    assert "16 added, 0 gone, 1 revised, 239 the same" in told["vintage"]
    assert (folder / "build/report/index.html").exists()
    assert (folder / "raw_data" / SOURCE / DAY / name).read_bytes() == next_table()


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
