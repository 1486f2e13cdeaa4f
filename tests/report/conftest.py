"""Fixtures of the report: the small release, as it is, turned round and hostile, and documents rendered against it."""

import shutil
from pathlib import Path

import pytest
from small_release import HOSTILE, ROOT, build_release

from pipeline.release import open_release
from pipeline.report.page import Page


@pytest.fixture(scope="session")
def release(tmp_path_factory):
    return build_release(tmp_path_factory.mktemp("release") / "r")


@pytest.fixture(scope="session")
def hostile_release(tmp_path_factory):
    return build_release(tmp_path_factory.mktemp("hostile") / "r", text=HOSTILE)


@pytest.fixture(scope="session")
def page(release):
    return Page(open_release(release), renderer="a test")


@pytest.fixture(scope="session")
def flipped(tmp_path_factory):
    return Page(open_release(build_release(tmp_path_factory.mktemp("flipped") / "r", flipped=True)), renderer="a test")


@pytest.fixture(scope="session")
def reports(tmp_path_factory):
    """A copy of the real reports folder."""
    folder = tmp_path_factory.mktemp("clone") / "reports"
    shutil.copytree(ROOT / "reports", folder, ignore=shutil.ignore_patterns(".quarto"))
    return folder


@pytest.fixture(scope="session")
def rendered(reports, hostile_release, tmp_path_factory):
    """The real index.qmd, rendered by the built-in renderer against a release full of hostile text."""
    from pipeline.report import render

    output = tmp_path_factory.mktemp("out") / "index.html"
    return render(reports / "index.qmd", release=hostile_release, output=output, renderer="builtin")


@pytest.fixture(scope="session")
def editions(reports, release, tmp_path_factory):
    """The files of the real index.qmd in both languages, by language."""
    from pipeline.report import render_editions

    folder = tmp_path_factory.mktemp("editions")
    files = {"en": folder / "index.html", "de": folder / "index.de.html"}
    rendered = render_editions(reports / "index.qmd", release=release, outputs=files, renderer="builtin")
    assert [one.language for one in rendered] == ["en", "de"]
    return files


@pytest.fixture
def write(tmp_path):
    """Write a document with a title and the given body; returns its path."""

    def _write(body: str, *, front: str = "title: A test") -> Path:
        document = tmp_path / "document.qmd"
        document.write_text(f"---\n{front}\n---\n\n{body}\n", encoding="utf-8")
        return document

    return _write
