"""Every file has a licence, figures bear the one their source.yml names, and the citation is that of this version."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from reading import REPOSITORY

from pipeline.registry import vintages_on_disk

SPDX = {
    "dl-de/by-2-0": "DL-DE-BY-2.0",
    "figures-only": "LicenseRef-figures-only",
    "official-notice": "LicenseRef-official-notice",
    "reproduction-with-source": "LicenseRef-reproduction-with-source",
}


@pytest.fixture(scope="module")
def licence_of():
    """The licence REUSE sees for a path."""
    from reuse.global_licensing import ReuseTOML

    declared = ReuseTOML.from_file(REPOSITORY / "REUSE.toml")

    def found(path: Path) -> set[str]:
        told = declared.reuse_info_of(path.relative_to(REPOSITORY).as_posix())
        return {str(one) for infos in told.values() for info in infos for one in info.spdx_expressions}

    return found


def test_every_file_has_a_licence():
    reuse = Path(sys.executable).with_name("reuse")
    told = subprocess.run(
        [str(reuse), "--root", str(REPOSITORY), "lint"], capture_output=True, text=True, check=False, timeout=120
    )
    assert told.returncode == 0, told.stdout + told.stderr


def test_figures_bear_the_licence_their_source_names(licence_of):
    for vintages in vintages_on_disk(REPOSITORY / "raw_data").values():
        for vintage in vintages:
            assert vintage.licence.id in SPDX, f"{vintage.source}: put the text into LICENSES/ and name it here"
            for file in vintage.files:
                told = licence_of(vintage.folder / file.path)
                assert told == {SPDX[vintage.licence.id]}, f"name raw_data/{vintage.source} in REUSE.toml"
            assert licence_of(vintage.folder / "source.yml") == {"CC-BY-4.0"}


def test_code_docs_and_report_are_told_apart(licence_of):
    assert licence_of(REPOSITORY / "pipeline/cli.py") == {"MIT"}
    assert licence_of(REPOSITORY / "docs/guides/reader.md") == {"CC-BY-4.0"}
    assert licence_of(REPOSITORY / "docs/assets/iframe-worker.js") == {"MIT"}
    assert licence_of(REPOSITORY / "reports/index.qmd") == {"CC-BY-4.0 AND MIT"}


def test_the_citation_has_the_version_of_the_project():
    """CFF 1.2.0: https://github.com/citation-file-format/citation-file-format/blob/1.2.0/schema-guide.md"""
    citation = yaml.safe_load((REPOSITORY / "CITATION.cff").read_text("utf-8"))
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["project"]
    assert {"cff-version", "message", "title", "authors"} <= citation.keys()
    known = {
        "abstract",
        "authors",
        "cff-version",
        "commit",
        "contact",
        "date-released",
        "doi",
        "identifiers",
        "keywords",
    }
    known |= {"license", "license-url", "message", "preferred-citation", "references", "repository", "repository-code"}
    known |= {"repository-artifact", "title", "type", "url", "version"}
    assert citation.keys() <= known
    assert citation["cff-version"] == "1.2.0"
    assert citation["type"] == "software"
    assert citation["version"] == project["version"]
    assert citation["license"] == project["license"]
    assert all(set(author) & {"name", "family-names"} for author in citation["authors"])
    assert len(set(citation["keywords"])) == len(citation["keywords"])


def test_a_date_of_release_is_that_of_the_changelog_or_there_is_none():
    citation = yaml.safe_load((REPOSITORY / "CITATION.cff").read_text("utf-8"))
    heads = dict(re.findall(r"(?m)^## \[?([\d.]+)\]? \(([^)]+)\)$", (REPOSITORY / "CHANGELOG.md").read_text("utf-8")))
    told = heads[str(citation["version"])]
    assert str(citation.get("date-released", "unreleased")) == told
