"""The folders the rivals work in, and what is done to a figure in them.

Belongs here: copies of the whole project and of the shared part; a figure changed, a file shuffled, a cell broken. Not
here: anything that touches the project itself.
"""

from __future__ import annotations

import random
import re
import shutil
from pathlib import Path

from benchmarks.peers import AUGENHOEHE, Peer
from benchmarks.timing import REPOSITORY
from pipeline.ingest import canonical_sha256
from pipeline.registry import LOCK, Lock, read_lock, write_lock

# The inputs of the shared part: source/vintage.
INPUTS = (
    "azr_foreign_population_states/2018-2025",
    "foreign_share_districts/2011-2024",
    "foreign_share_states/2011-2024",
    "mikrozensus_states/2018-final",
    "mikrozensus_states/2023-first-results",
    "population_states/2010-2024",
    "regions/2024-12-31",
)
STATES = "foreign_share_states/2011-2024"
DISTRICTS = "foreign_share_districts/2011-2024"
# Thüringen 2024, the last row of the file.
FIGURE = re.compile(r"(?m)^(16,Thüringen,2024,share_percent,)([\d.]+)(,.*)$")


def whole(folder: Path) -> Path:
    """All that a run of the whole project needs, in `folder`."""
    for name in ("raw_data", "sql", "reports"):
        shutil.copytree(REPOSITORY / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", ".quarto"))
    for name in ("dagster.yaml", "requirements.lock"):
        shutil.copy(REPOSITORY / name, folder)
    return folder


def part(folder: Path, peer: Peer) -> Path:
    """The shared inputs and the files of one rival, in `folder`."""
    shutil.copytree(peer.folder, folder, ignore=shutil.ignore_patterns("__pycache__", "requirements.txt"))
    for name in INPUTS:
        shutil.copytree(REPOSITORY / "raw_data" / name, folder / "raw_data" / name)
    if peer.name != AUGENHOEHE:
        for described in folder.glob("raw_data/*/*/source.yml"):
            described.unlink()
        (folder / peer.results).mkdir(parents=True)
        return folder
    for name in ("raw", "core", "checks/core"):
        shutil.copytree(REPOSITORY / "sql" / name, folder / "sql" / name)
    # There are no statements of the article in the shared part.
    for check in (folder / "sql/checks/core").glob("claim__*.sql"):
        check.unlink()
    shutil.copy(REPOSITORY / "dagster.yaml", folder)
    (folder / "reports").mkdir()
    current = read_lock(REPOSITORY / "raw_data" / LOCK).current
    sources = sorted({name.split("/")[0] for name in INPUTS})
    write_lock(folder / "raw_data" / LOCK, Lock(current={source: current[source] for source in sources}))
    return folder


def user_files(peer: Peer) -> dict[str, list[Path]]:
    """The files a user of this rival writes for the shared part: `code`, and the descriptions of the sources."""
    code = [file for pattern in peer.wrote for file in sorted(peer.folder.glob(pattern))]
    described = [REPOSITORY / "raw_data" / name / "source.yml" for name in INPUTS] if peer.name == AUGENHOEHE else []
    return {"code": code, "descriptions": described}


def change_figure(folder: Path, value: str = "8.4", *, registered: bool = True) -> None:
    """Another figure in one cell of one source.

    Args:
        folder: a project folder or the folder of a rival.
        value: what the cell then reads.
        registered: its source.yml, where there is one, is renewed as well, as a person does who means the change.
    """
    file = folder / "raw_data" / STATES / "figures.csv"
    text, hits = FIGURE.subn(rf"\g<1>{value}\g<3>", file.read_text("utf-8"))
    assert hits == 1, "the figure to change is not in the file"  # noqa: S101
    file.write_text(text, "utf-8")
    described = file.with_name("source.yml")
    if registered and described.is_file():
        new = canonical_sha256(file.read_bytes())
        text = re.sub(r"(?m)^(\s+content_sha256: ).*$", rf"\g<1>{new}", described.read_text("utf-8"))
        described.write_text(text, "utf-8")


def revise_figure(folder: Path) -> None:
    """One figure revised as the project has it done: a later vintage of the same file, then used."""
    source = STATES.split("/")[0]
    new = "2011-2024-revised"
    shutil.copytree(folder / "raw_data" / STATES, folder / "raw_data" / source / new)
    file = folder / "raw_data" / source / new / "figures.csv"
    file.write_text(FIGURE.sub(r"\g<1>8.4\g<3>", file.read_text("utf-8")), "utf-8")
    described = file.with_name("source.yml")
    text = described.read_text("utf-8")
    for key, value in (
        ("vintage", f'"{new}"'),
        ("order", "99"),
        ("content_sha256", canonical_sha256(file.read_bytes())),
    ):
        text = re.sub(rf"(?m)^([\s-]*){key}: .*$", rf"\g<1>{key}: {value}", text)
    described.write_text(text, "utf-8")
    lock = folder / "raw_data" / LOCK
    write_lock(lock, read_lock(lock).using(source, new))


def shuffle_rows(folder: Path) -> None:
    """The same rows of the largest file in another order."""
    file = folder / "raw_data" / DISTRICTS / "figures.csv"
    header, *rows = file.read_text("utf-8").splitlines()
    random.Random(7).shuffle(rows)  # noqa: S311
    file.write_text("\n".join([header, *rows]) + "\n", "utf-8")
