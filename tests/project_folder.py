"""Project folders for tests: some of the real sources with a lock that names them, and further vintages of them."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

from pipeline.ingest import canonical_sha256
from pipeline.registry import LOCK, Lock, read_lock, write_lock

REPOSITORY = Path(__file__).parents[1]


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
