"""Render with real Quarto: find it, give it a clean copy of the folder, and believe its log, not its exit code.

Belongs here: the contract with the `quarto` program. Not here: which renderer is used (rendering.py).

Quarto exits 0 on unresolved references, unknown shortcodes and missing images, so every warning in its log is an
error here, and the page is searched afterwards (page_check.py).
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pipeline
from pipeline.errors import InputError
from pipeline.report.edition import Edition
from pipeline.report.source import text_of

SWITCH = Path(__file__).with_name("switch.lua")
QUARTO_SECONDS = 600
WARNING = re.compile(r"(?:^|\s|\[)WARN(?:ING)?(?:\b|\])", re.MULTILINE)
ANSI = re.compile(r"\x1b\[[0-9;]*m")


def find_quarto() -> Path | None:
    """The `quarto` program: the one on PATH, else the one in the quarto-cli package, else None."""
    if found := shutil.which("quarto"):
        return Path(found)
    package = importlib.util.find_spec("quarto_cli")
    for folder in (package.submodule_search_locations or []) if package is not None else []:
        binary = Path(folder) / "bin" / "quarto"
        if binary.is_file() and os.access(binary, os.X_OK):
            return binary
    return None


def quarto_version(binary: Path) -> str:
    """What `quarto --version` prints.

    Raises:
        InputError: the program does not run.
    """
    try:
        done = subprocess.run(  # noqa: S603
            [binary, "--version"], capture_output=True, text=True, timeout=60, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise InputError(
            f"Quarto does not run: {error}", file=binary, remedy="repair it, or use --renderer builtin"
        ) from None
    if done.returncode != 0 or not done.stdout.strip():
        raise InputError(
            f"Quarto does not run: {done.stderr.strip() or 'it printed no version'}",
            file=binary,
            remedy="repair it, or use --renderer builtin",
        )
    return done.stdout.strip().splitlines()[-1]


def render_page(edition: Edition, *, release: Path, folder: Path, binary: Path, version: str) -> Path:
    """Render one edition with Quarto in a copy of its document's folder; see `pipeline.report.render_editions`.

    The copy keeps .quarto/, caches and outputs of a render by hand out of the way, and the reports folder clean; the
    document in it is the translated one.
    """
    document = edition.source.path
    home, folder = folder, folder / edition.language
    copy = folder / "reports"
    left_out = shutil.ignore_patterns(".quarto", "_freeze", "_cache", "*_files")

    def ignore(place: str, names: list[str]) -> set[str]:
        # The page may be written below the documents; the copy must not contain itself.
        return left_out(place, names) | {name for name in names if (Path(place) / name).resolve() == home.resolve()}

    shutil.copytree(document.parent, copy, ignore=ignore)
    shutil.copy(SWITCH, copy)
    front = {**edition.source.front_matter, **edition.words, "filters": [SWITCH.name]}
    (copy / document.name).write_text(text_of(replace(edition.source, front_matter=front)), encoding="utf-8")
    log = folder / "quarto.log"
    command = [
        str(binary),
        "render",
        document.name,
        "--to",
        "html",
        "--no-execute-daemon",
        "--no-cache",
        "--output-dir",
        "../page",
        "--log",
        str(log),
        "--log-level",
        "info",
        "--log-format",
        "plain",
    ]
    try:
        done = subprocess.run(  # noqa: S603
            command,
            cwd=copy,
            env=_environment(release, folder, version, edition.language),
            capture_output=True,
            text=True,
            timeout=QUARTO_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise InputError(
            f"Quarto took more than {QUARTO_SECONDS} s", file=document.name, remedy="use --renderer builtin"
        ) from None
    written = log.read_text(encoding="utf-8", errors="replace") if log.is_file() else ""
    said = ANSI.sub("", "\n".join(part for part in (written, done.stdout, done.stderr) if part))
    said = said.replace(f"{copy}/", "").replace(f"{folder}/", "")
    if done.returncode != 0:
        raise InputError(
            f"Quarto ended with status {done.returncode}:\n{_last(said)}",
            file=document.name,
            remedy="mend what the last lines name",
        )
    if warning := WARNING.search(said):
        raise InputError(
            f"Quarto warned:\n{_last(said[warning.start() :], lines=3, end=False)}",
            file=document.name,
            remedy="mend what the warning names; a page with a warning is not published",
        )
    for place in (
        folder / "page" / document.with_suffix(".html").name,
        copy / document.with_suffix(".html").name,
    ):
        if place.is_file():
            return place
    raise InputError(
        f"Quarto ended well and wrote no page:\n{_last(said)}",
        file=document.name,
        remedy="use --renderer builtin",
    )


def _environment(release: Path, folder: Path, version: str, language: str) -> dict[str, str]:
    root = str(Path(pipeline.__file__).resolve().parents[1])
    paths = [root, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(paths),
        "QUARTO_PYTHON": sys.executable,
        "AUGENHOEHE_RELEASE": str(release.resolve()),
        "AUGENHOEHE_LANGUAGE": language,
        "AUGENHOEHE_RENDERER": f"Quarto {version}",
        "SOURCE_DATE_EPOCH": "0",
        "IPYTHONDIR": str(folder / "ipython"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "TZ": "UTC",
    }


def _last(text: str, *, lines: int = 8, end: bool = True) -> str:
    rows = [row for row in text.strip().splitlines() if row.strip()]
    return "\n".join(f"  | {row}" for row in (rows[-lines:] if end else rows[:lines]))
