"""The contract with the quarto program, held against a script that stands in for it."""

import json
import os
import sys
from pathlib import Path

import pytest

from pipeline.errors import InputError
from pipeline.report import quarto, render

FAKE = """#!{python}
import json, os, pathlib, sys
if sys.argv[1:] == ["--version"]:
    print("1.8.25")
    sys.exit(0)
arguments = sys.argv[1:]
folder = pathlib.Path.cwd()
pathlib.Path(os.environ["FAKE_QUARTO_SEEN"]).write_text(json.dumps({{
    "arguments": arguments,
    "files": sorted(path.name for path in folder.iterdir()),
    "environment": {{name: os.environ.get(name) for name in
        ("QUARTO_PYTHON", "AUGENHOEHE_RELEASE", "AUGENHOEHE_RENDERER", "SOURCE_DATE_EPOCH", "PYTHONPATH")}},
}}))
log = arguments[arguments.index("--log") + 1]
pathlib.Path(log).write_text(os.environ.get("FAKE_QUARTO_LOG", "Output created: index.html\\n"))
sys.stderr.write(os.environ.get("FAKE_QUARTO_SAYS", ""))
if os.environ.get("FAKE_QUARTO_PAGE", "<p>page</p>"):
    output = folder / arguments[arguments.index("--output-dir") + 1] / "document.html"
    output.parent.mkdir(parents=True)
    output.write_text(os.environ.get("FAKE_QUARTO_PAGE", "<p>page</p>"))
sys.exit(int(os.environ.get("FAKE_QUARTO_STATUS", "0")))
"""


@pytest.fixture
def fake(tmp_path, monkeypatch):
    """A `quarto` on PATH; returns the file into which it writes what it was called with."""
    folder = tmp_path / "bin"
    folder.mkdir()
    script = folder / "quarto"
    script.write_text(FAKE.format(python=sys.executable), encoding="utf-8")
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    seen = tmp_path / "seen.json"
    monkeypatch.setenv("FAKE_QUARTO_SEEN", str(seen))
    return seen


def test_auto_takes_quarto_where_it_is_found(fake, write, release, tmp_path):
    result = render(write("text"), release=release, output=tmp_path / "out" / "p.html")
    assert (result.renderer, result.version) == ("quarto", "1.8.25")
    assert result.output.read_text(encoding="utf-8") == "<p>page</p>"


def test_quarto_works_in_a_copy_without_daemon_and_cache(fake, write, release, tmp_path):
    document = write("text")
    (document.parent / ".quarto").mkdir()
    render(document, release=release, output=tmp_path / "out" / "p.html", renderer="quarto")
    seen = json.loads(fake.read_text(encoding="utf-8"))
    assert seen["arguments"][:4] == ["render", "document.qmd", "--to", "html"]
    assert {"--no-execute-daemon", "--no-cache", "--output-dir", "--log"} <= set(seen["arguments"])
    assert "document.qmd" in seen["files"]
    assert ".quarto" not in seen["files"]
    environment = seen["environment"]
    assert environment["QUARTO_PYTHON"] == sys.executable
    assert environment["AUGENHOEHE_RELEASE"] == str(release.resolve())
    assert environment["AUGENHOEHE_RENDERER"] == "Quarto 1.8.25"
    assert environment["SOURCE_DATE_EPOCH"] == "0"
    assert str(Path(quarto.__file__).parents[2]) in environment["PYTHONPATH"]
    assert not (document.parent / "document.html").exists()


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("FAKE_QUARTO_LOG", "WARN: Unable to resolve crossref @fig-a\n", "Unable to resolve crossref"),
        ("FAKE_QUARTO_SAYS", "\x1b[33mWARNING (main.lua) shortcode x not found\x1b[39m\n", "shortcode x not found"),
        ("FAKE_QUARTO_LOG", "[WARNING] Citeproc: citation x not found\n", "citation x not found"),
        ("FAKE_QUARTO_STATUS", "3", "status 3"),
        ("FAKE_QUARTO_PAGE", "<p>?@fig-a</p>", "unresolved reference"),
        ("FAKE_QUARTO_PAGE", "", "wrote no page"),
    ],
)
def test_what_quarto_only_mutters_is_an_error(fake, write, release, tmp_path, monkeypatch, variable, value, words):
    monkeypatch.setenv(variable, value)
    output = tmp_path / "p.html"
    output.write_text("old", encoding="utf-8")
    with pytest.raises(InputError, match=words) as caught:
        render(write("text"), release=release, output=output, renderer="quarto")
    assert output.read_text(encoding="utf-8") == "old"
    assert str(tmp_path) not in caught.value.message


def test_words_that_only_look_like_a_warning_are_none(fake, write, release, tmp_path, monkeypatch):
    monkeypatch.setenv("FAKE_QUARTO_LOG", "Output created: forewarned.html\nwarning: false\n")
    assert render(write("text"), release=release, output=tmp_path / "p.html").renderer == "quarto"


def test_quarto_from_the_package_is_found_where_none_is_on_the_path(tmp_path, monkeypatch):
    package = tmp_path / "site" / "quarto_cli"
    (package / "bin").mkdir(parents=True)
    (package / "__init__.py").touch()
    binary = package / "bin" / "quarto"
    binary.write_text("#!/bin/sh\n", encoding="utf-8")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.syspath_prepend(str(package.parent))
    assert quarto.find_quarto() is None
    binary.chmod(0o755)
    assert quarto.find_quarto() == binary


def test_a_quarto_that_does_not_run_is_named(tmp_path):
    script = tmp_path / "quarto"
    script.write_text("#!/bin/sh\necho broken >&2\nexit 1\n", encoding="utf-8")
    script.chmod(0o755)
    with pytest.raises(InputError, match="broken"):
        quarto.quarto_version(script)
