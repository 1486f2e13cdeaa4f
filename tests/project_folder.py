"""Project folders for tests: the whole project or some of its sources, commands run in them, and further vintages."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from pipeline.ingest import canonical_sha256
from pipeline.registry import LOCK, Lock, read_lock, write_lock

REPOSITORY = Path(__file__).parents[1]


def whole_project(folder: Path) -> Path:
    """All that a run needs, in `folder`: the real figures, the SQL, the reports."""
    for name in ("raw_data", "sql", "reports"):
        shutil.copytree(REPOSITORY / name, folder / name)
    shutil.copy(REPOSITORY / "dagster.yaml", folder)
    return folder


def command(folder: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """What an installed command says and answers in `folder`, with no setting of the caller but `more`."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("AUGENHOEHE_", "DAGSTER_"))}
    return subprocess.run(
        [str(Path(sys.executable).parent / arguments[0]), *arguments[1:]],
        cwd=folder,
        env={**env, "AUGENHOEHE_RENDERER": "builtin", **more},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def copy_sources(folder: Path, *sources: str) -> Path:
    """A project folder with these sources, their lock, and the SQL of the project."""
    for source in sources:
        shutil.copytree(REPOSITORY / "raw_data" / source, folder / "raw_data" / source)
    current = read_lock(REPOSITORY / "raw_data" / LOCK).current
    write_lock(folder / "raw_data" / LOCK, Lock(current={source: current[source] for source in sources}))
    (folder / "sql").symlink_to(REPOSITORY / "sql")
    (folder / "reports").mkdir()
    return folder


def use(folder: Path, source: str, vintage: str | None) -> None:
    """Make a vintage the current one; None leaves the source out."""
    file = folder / "raw_data" / LOCK
    write_lock(file, read_lock(file).using(source, vintage))


def add_vintage(folder: Path, old: str, new: str, change: Callable[[str], str]) -> Path:
    """A later vintage `source/new` made from `source/old` by changing the text of its figures.csv; not yet in use."""
    source = folder / "raw_data" / old.split("/")[0]
    shutil.copytree(folder / "raw_data" / old, source / new)
    file = source / new / "figures.csv"
    text = change(file.read_text("utf-8"))
    file.write_text(text, "utf-8")
    sidecar = file.with_name("source.yml")
    described = sidecar.read_text("utf-8")
    for key, value in (
        ("vintage", f'"{new}"'),
        ("order", "99"),
        ("content_sha256", canonical_sha256(file.read_bytes())),
        ("rows", str(len(text.splitlines()) - 1)),
    ):
        described = re.sub(rf"(?m)^([\s-]*){key}: .*$", rf"\g<1>{key}: {value}", described)
    sidecar.write_text(described, "utf-8")
    return source / new


def published(folder: Path) -> dict[str, str]:
    """Hash of every file of the current release and of every page."""
    build = folder / "build"
    files = [*(build / "release/current").resolve().rglob("*"), *(build / "report").rglob("*.html")]
    return {
        str(file.relative_to(build)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files if file.is_file()
    }
