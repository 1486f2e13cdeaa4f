"""Publishing: the gate, the files, the manifest, and the one rename that makes a release visible.

Belongs here: writing one release. Not here: choosing what a table holds, or which releases are kept (shelf.py).
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.errors import InputError
from pipeline.release import seal, shelf
from pipeline.release.cells import csv_bytes, parquet_bytes
from pipeline.release.raw import RawFiles
from pipeline.warehouse import Check, CheckResult, Warehouse

if TYPE_CHECKING:
    import polars as pl

# Beside the charts: the digest of each table they were drawn from.
DRAWN_FROM = "drawn_from.json"
LOCKED = "requirements.lock"
PACKAGES = ("altair", "dagster", "duckdb", "polars", "scipy", "statsmodels", "vl-convert-python")


@dataclass(frozen=True)
class Published:
    """A written release: its id, its folder, whether it is new, and how many files it holds."""

    release_id: str
    folder: Path
    is_new: bool
    files: int


def publish(
    warehouse: Warehouse,
    *,
    tables: Sequence[str],
    checks: Sequence[Check],
    charts: Path,
    releases: Path,
    root: Path,
    vintages: Mapping[str, Mapping[str, Any]],
    lock: str | None,
    raw: RawFiles,
    made_by: Mapping[str, Mapping[str, Any]] | None = None,
) -> Published:
    """Run every check again, freeze all tables and charts, and make the release current by one rename.

    The id is a hash of the content, so the same figures and the same results give the same release, anywhere. Every
    file is read back from disk and held against what was meant before the folder gets its name. Of the releases before
    this one those published last are kept.

    Args:
        warehouse: holds the tables.
        tables: `layer.table` of what is published.
        checks: the rules of the gate.
        charts: the folder of the drawn charts.
        releases: the folder of all releases.
        root: the project folder, for its commit.
        vintages: for the manifest, what the lock makes of each source: `current` (None where it is left out), `in_use`,
            `waiting`.
        lock: for the manifest, the name of the lock where it is not the project's own.
        raw: what everything was computed from.
        made_by: for the manifest, of each table the `file` of its query or code, its `sha256`, and what it `reads`.

    Raises:
        InputError: a check of severity ERROR finds rows, the charts are missing or drawn from other rows, the disk is
            full or gives back other bytes than were written; nothing is published then and the former release stays
            current.
    """
    with warehouse.session():
        results = warehouse.run_checks(checks)
        _refuse(results)
        frames = warehouse.read_all(tables)
        digests = {table: warehouse.digest(table) for table in tables}
    _refuse_charts(charts, digests)
    manifest = {
        "tables": {
            table: {
                "rows": frames[table].height,
                "digest": digests[table],
                "made_by": dict((made_by or {}).get(table, {})),
            }
            for table in tables
        },
        "vintages": {source: dict(chosen) for source, chosen in sorted(vintages.items())},
        "lock": lock,
        "raw_left_out": dict(raw.left_out),
        "checks": [
            {"name": r.check.name, "severity": r.check.severity, "passed": r.passed, "offending": r.offending}
            for r in results
        ],
        "corrections": _corrections(frames),
        "revisions": frames["marts.revision"].height if "marts.revision" in frames else 0,
        "versions": {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}} | _pandoc(),
        "requirements_lock": _hash(root / LOCKED),
        "commit": _commit(root),
    }
    try:
        with shelf.alone(releases):
            partial = Path(tempfile.mkdtemp(prefix=".partial-", dir=releases))
            try:
                return _publish(partial, releases, _content(frames, charts, raw), manifest)
            finally:
                shutil.rmtree(partial, ignore_errors=True)
    except OSError as error:
        raise InputError(
            f"the release cannot be written: {error.strerror or error}",
            file=releases,
            remedy="make room, or mend the rights of the folder, and run again; the former release stays current",
        ) from error


def _content(frames: Mapping[str, pl.DataFrame], charts: Path, raw: RawFiles) -> Iterator[tuple[str, bytes]]:
    """Every file that decides the id, one after the other: path and content."""
    for table, frame in frames.items():
        name = table.replace(".", "/")
        yield f"{name}.parquet", parquet_bytes(frame)
        yield f"{name}.csv", csv_bytes(frame)
    for file in sorted(charts.iterdir()):
        yield f"charts/{file.name}", file.read_bytes()
    for name, content in raw.files.items():
        yield f"raw/{name}", content


def _publish(
    partial: Path, releases: Path, content: Iterable[tuple[str, bytes]], manifest: Mapping[str, Any]
) -> Published:
    """Write, read back, and only then give the folder its name and make it current."""
    files = {}
    for name, data in content:
        file = partial / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        files[name] = seal.entry(data)
    release_id = seal.release_id(files)
    data = seal.manifest_bytes({"release_id": release_id, **manifest, "files": files})
    (partial / seal.MANIFEST).write_bytes(data)
    (partial / seal.SUMS).write_bytes(seal.sums_bytes(files, data))
    wrong = seal.problems(partial, name=release_id)
    if wrong:
        raise InputError(
            f"what was written is not what is on disk: {'; '.join(wrong)}",
            file=releases,
            remedy="check the disk; the former release stays current",
        )
    _onto_the_disk(partial)
    partial.chmod(0o755)  # mkdtemp makes it private; a release is for everyone who may read the project
    shelf.remember(releases, release_id)
    folder = releases / release_id
    is_new = _put(partial, folder)
    if (releases / shelf.CURRENT).is_dir() and not (releases / shelf.CURRENT).is_symlink():
        shelf.current(releases)  # says that a folder stands where the link belongs
    shelf.point(releases, release_id)
    shelf.prune_now(releases)
    return Published(release_id, folder, is_new, len(files))


def _onto_the_disk(folder: Path) -> None:
    """Have files and folders written down: after a power cut a name must not stand for what never arrived."""
    for path in (*folder.rglob("*"), folder):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _put(partial: Path, folder: Path) -> bool:
    """Make `partial` the release folder; whoever reads the same release meanwhile is not disturbed.

    Equal content is already there after an unchanged rerun: then only manifest and sums are renewed, where versions,
    commit or lock differ. A folder of that id with other bytes is damaged and gives way.
    """
    if not folder.exists():
        partial.rename(folder)
        return True
    outside = {seal.MANIFEST, seal.SUMS}
    there, strange = seal.on_disk(folder)
    meant, _ = seal.on_disk(partial)
    if not strange and {n: f for n, f in there.items() if n not in outside} == {
        n: f for n, f in meant.items() if n not in outside
    }:
        for name in sorted(outside):
            if there.get(name) != meant[name]:
                (partial / name).replace(folder / name)
        return False
    damaged = folder.with_name(f".damaged-{folder.name}-{os.getpid()}")
    folder.rename(damaged)
    partial.rename(folder)
    shutil.rmtree(damaged)
    return True


def _refuse(results: Sequence[CheckResult]) -> None:
    failed = [r for r in results if not r.passed and r.check.severity == "ERROR"]
    if not failed:
        return
    raise InputError(
        "the gate refuses to publish:\n  " + "\n  ".join(line for r in failed for line in _rows(r)),
        file=failed[0].check.file,
        remedy="mend the rows at their source; the former release stays current",
    )


def _rows(result: CheckResult, most: int = 5) -> list[str]:
    """What a broken rule says, and the first rows that break it, a line each."""
    rows = [
        "  " + ", ".join(f"{name}: {value}" for name, value in row.items())
        for row in result.sample.head(most).iter_rows(named=True)
    ]
    more = [f"  and {result.offending - most} more"] if result.offending > most else []
    return [f"{result.check.name}: {result.offending} rows ({result.check.reason})", *rows, *more]


def _refuse_charts(charts: Path, digests: Mapping[str, str]) -> None:
    """Charts of other rows than those published would show numbers no row bears."""
    file = charts / DRAWN_FROM
    if not file.is_file():
        raise InputError("the charts are missing", file=charts.name, remedy="materialise the charts first, or `mo run`")
    drawn_from = json.loads(file.read_text("utf-8"))
    changed = sorted(table for table, digest in drawn_from.items() if digests.get(table) != digest)
    if changed:
        raise InputError(
            f"the charts were drawn before {', '.join(changed)} changed",
            file=charts.name,
            remedy="materialise the charts again, or `mo run`; the former release stays current",
        )


def _corrections(frames: Mapping[str, pl.DataFrame]) -> dict[str, str]:
    """The known errors of publishers that were at work: id → what is done with the figures."""
    known = frames.get("core.correction")
    return {} if known is None else dict(sorted(known.select("correction_id", "action").iter_rows()))


def _pandoc() -> dict[str, str]:
    import pypandoc

    return {"pandoc": str(pypandoc.get_pandoc_version())}


def _hash(file: Path) -> str | None:
    """The sha256 of a file; None where there is none, as in a folder without the code."""
    return seal.entry(file.read_bytes())["sha256"] if file.is_file() else None


def _commit(root: Path) -> str | None:
    """The git commit of the project, with -dirty when files differ from it; None outside a checkout."""
    git = shutil.which("git")
    if git is None or not (root / ".git").exists():
        return None
    found = subprocess.run(  # noqa: S603
        [git, "-C", str(root), "describe", "--always", "--dirty", "--abbrev=40", "--match", ""],
        capture_output=True,
        text=True,
        check=False,
    )
    return found.stdout.strip() or None
