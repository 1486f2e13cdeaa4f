"""Publishing: the gate, the files, the manifest, and the one rename that makes a release visible.

Belongs here: everything that writes under build/release. Not here: choosing what a table holds.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pipeline.errors import InputError
from pipeline.warehouse import Check, CheckResult, Warehouse

CURRENT = "current"
# Beside the charts: the digest of each table they were drawn from.
DRAWN_FROM = "drawn_from.json"
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
) -> Published:
    """Run every check again, freeze all tables and charts, and make the release current by one rename.

    The id is a hash of the content, so the same figures and the same results give the same release, anywhere.

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

    Raises:
        InputError: a check of severity ERROR finds rows, or the charts are missing or drawn from other rows; nothing
            is published then and the former release stays current.
    """
    with warehouse.session():
        results = warehouse.run_checks(checks)
        _refuse(results)
        frames = warehouse.read_all(tables)
        digests = {table: warehouse.digest(table) for table in tables}
    _refuse_charts(charts, digests)
    releases.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=".partial-", dir=releases))
    try:
        for table, frame in frames.items():
            file = partial / f"{table.replace('.', '/')}.parquet"
            file.parent.mkdir(parents=True, exist_ok=True)
            frame.write_parquet(file, compression="zstd")
        shutil.copytree(charts, partial / "charts")
        files = _hashes(partial)
        release_id = hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()[:16]
        manifest = {
            "release_id": release_id,
            "tables": {table: {"rows": frames[table].height, "digest": digests[table]} for table in tables},
            "vintages": {source: dict(chosen) for source, chosen in sorted(vintages.items())},
            "lock": lock,
            "checks": [
                {"name": r.check.name, "severity": r.check.severity, "passed": r.passed, "offending": r.offending}
                for r in results
            ],
            "versions": {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}},
            "commit": _commit(root),
            "files": files,
        }
        text = json.dumps(manifest, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
        (partial / "manifest.json").write_text(text, "utf-8")
        partial.chmod(0o755)  # mkdtemp makes it private; a release is for everyone who may read the project
        folder = releases / release_id
        is_new = _put(partial, folder, files)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    _point(releases / CURRENT, release_id)
    return Published(release_id, folder, is_new, len(files))


def _put(partial: Path, folder: Path, files: Mapping[str, Any]) -> bool:
    """Make `partial` the release folder; whoever reads the same release meanwhile is not disturbed.

    Equal content is already there after an unchanged rerun: then only the manifest (versions, commit) is renewed. A
    folder of that id with other bytes is damaged and gives way.
    """
    if not folder.exists():
        partial.rename(folder)
        return True
    there = _hashes(folder)
    there.pop("manifest.json", None)
    if there == files:
        (partial / "manifest.json").replace(folder / "manifest.json")
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


def _hashes(folder: Path) -> dict[str, dict[str, Any]]:
    return {
        str(file.relative_to(folder)): {
            "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
            "bytes": file.stat().st_size,
        }
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def _point(link: Path, target: str) -> None:
    """Make `link` point to `target` in one step: readers see the old release or the new one, never none."""
    fresh = link.with_name(f".{link.name}-{os.getpid()}")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(target)
    fresh.replace(link)


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
