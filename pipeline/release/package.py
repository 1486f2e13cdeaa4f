"""The open package: a release with the report and all that a stranger needs to read, cite, check and rebuild it.

Belongs here: which files make a package, and putting them together. Not here: what each standard wants
(data_package.py, crate.py, bill.py, workbook.py), the release itself (write.py), the ZIP (shelf.py).

A package is a release folder and more beside it. SHA256SUMS names every file of the package, so `sha256sum --strict -c
SHA256SUMS` checks it anywhere, without this project.
"""

from __future__ import annotations

import filecmp
import json
import os
import shutil
import struct
import subprocess
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.contracts import Contracts
from pipeline.errors import InputError
from pipeline.release import bill, crate, data_package, seal, shelf, workbook
from pipeline.release.cells import csv_bytes, parquet_bytes
from pipeline.release.links import follow
from pipeline.release.read import ROW_IDS, Release, open_release
from pipeline.release.shown import numbers

REPORT = "report"
TRACE = ("trace/links.parquet", "trace/lines.parquet", "trace/numbers.csv")
# Beside the pipeline, and going along: how to cite, and under which terms.
OF_THE_PROJECT = ("CITATION.cff", "LICENSE", "LICENSES", "requirements.lock")
README = "README.txt"


def build(releases: Path, name: str | None, *, report: Path, root: Path, contracts: Contracts, output: Path) -> Path:
    """Make the package of a release in the folder `output`, whole or not at all.

    Args:
        releases: the folder of all releases.
        name: the release; the current one for None.
        report: the folder of the rendered pages; they have to be those of this release.
        root: the project, for citation, licences, lock and commit.
        contracts: the contracts of the tables.
        output: the folder to make; an earlier package there is replaced.

    Returns:
        `output`.

    Raises:
        InputError: the release is damaged, the pages are missing or of another release, `output` is something else than
            a package, or it cannot be written.
    """
    folder = shelf.find(releases, name)
    shelf.require_whole(folder)
    if output.exists() and not (output / seal.SUMS).is_file():
        raise InputError("this is no package, and stays", file=output, remedy="name another folder, or remove it")
    partial = output.with_name(f".{output.name}-{os.getpid()}")
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(folder, partial)
        release = open_release(folder)
        for path, data in _beside(release, report, root, contracts):
            file = partial / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
        (partial / crate.NAME).write_bytes(_crate(partial, release, root, contracts))
        _seal(partial)
        if output.exists():
            shutil.rmtree(output)
        partial.rename(output)
    except OSError as error:
        raise InputError(
            f"the package cannot be written: {error.strerror or error}",
            file=output,
            remedy="make room, or name a folder you may write to",
        ) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return output


def export(package: Path, file: Path, *, release_id: str) -> None:
    """Write a package as one ZIP; the same package, the same bytes.

    Raises:
        InputError: the file cannot be written.
    """
    shelf.export(package, file, name=f"augenhoehe-{release_id}")


def problems_of_zip(file: Path) -> list[str]:
    """As `problems`, for a package that is still packed; the ZIP itself has to be as `export` wrote it, too.

    Raises:
        InputError: the file is no ZIP of a package, or a member cannot be read or leads out of it.
    """
    try:
        with zipfile.ZipFile(file) as archive, tempfile.TemporaryDirectory(prefix="augenhoehe-") as folder:
            tops = {name.split("/")[0] for name in archive.namelist()}
            wrong = [name for name in archive.namelist() if not seal.inside(name)]
            if len(tops) != 1 or wrong:
                raise InputError("this is no package", file=file, remedy="name a ZIP that `mo release export` wrote")
            archive.extractall(folder)
            unpacked = Path(folder) / tops.pop()
            found = problems(unpacked)
            # Its own headers are in no sum. They follow from the content, so packing again shows a byte that does not.
            again = Path(folder) / "again.zip"
            shelf.export(unpacked, again, name=unpacked.name)
            if not found and not filecmp.cmp(file, again, shallow=False):
                found.append(f"{file.name}: the files are whole, but the ZIP around them is not as it was written")
            return found
    except (zipfile.BadZipFile, zlib.error, struct.error, OSError, EOFError, RuntimeError, ValueError) as error:
        raise InputError(
            f"the file cannot be read: {error}", file=file, remedy="name a ZIP that `mo release export` wrote"
        ) from error


def problems(folder: Path) -> list[str]:
    """Everything in which a package is not what its SHA256SUMS and its manifest say; empty where it is whole."""
    there, strange = seal.on_disk(folder)
    found = [f"{one}: a link or a special file, a package holds files alone" for one in strange]
    if seal.SUMS not in there or seal.MANIFEST not in there:
        return [*found, *(f"{one}: missing" for one in (seal.SUMS, seal.MANIFEST) if one not in there)]
    sums = (folder / seal.SUMS).read_bytes()
    told = {
        name: digest
        for digest, _, name in (line.partition("  ") for line in sums.decode("utf-8", "replace").split("\n"))
    }
    told.pop("", None)
    for one in sorted(told.keys() | there.keys() - {seal.SUMS}):
        if one not in there:
            found.append(f"{one}: missing, {seal.SUMS} names it")
        elif one not in told:
            found.append(f"{one}: not in {seal.SUMS}")
        elif there[one]["sha256"] != told[one]:
            found.append(f"{one}: other content than {seal.SUMS} says")
    manifest = (folder / seal.MANIFEST).read_bytes()
    if not found and sums != seal.sums_bytes(_summed(there), manifest):
        found.append(f"{seal.SUMS}: not as it was written")
    try:
        read = json.loads(manifest)
        files = {str(name): one["sha256"] for name, one in read["files"].items()}
        same = seal.release_id(read["files"]) == read["release_id"]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return [*found, f"{seal.MANIFEST}: not a manifest"]
    if not same:
        found.append(f"{seal.MANIFEST}: its id does not follow from its files")
    found += [
        f"{name}: other content than {seal.MANIFEST} says"
        for name, digest in sorted(files.items())
        if there.get(name, {}).get("sha256") != digest
    ]
    return found


def _beside(release: Release, report: Path, root: Path, contracts: Contracts) -> Iterator[tuple[str, bytes]]:
    """Everything a package holds beside the release: path and content."""
    pages = _pages(release, report)
    yield from ((f"{REPORT}/{name}", data) for name, data in pages.items())
    own = _own(root)
    yield from own.items()
    tables = [contracts.tables[name] for name in release.manifest["tables"]]
    vintages = release.table("core.vintage").rows(named=True)
    described = data_package.descriptor(tables, release.manifest["files"], vintages, version=release.id)
    yield data_package.NAME, (json.dumps(described, indent=1, ensure_ascii=False) + "\n").encode()
    if "requirements.lock" in own:
        yield bill.NAME, bill.bill(own["requirements.lock"].decode(), version=version("augenhoehe"))
    yield workbook.NAME, workbook.workbook(release, tables)
    yield from _trace(release, pages)
    yield README, _readme(release).encode()


def _crate(folder: Path, release: Release, root: Path, contracts: Contracts) -> bytes:
    """What was made of what: over all files that are there."""
    files, _ = seal.on_disk(folder)
    metadata = crate.metadata(
        {name: one for name, one in files.items() if name != seal.SUMS},
        {f"{table.layer}/{table.name}": table.comment for table in contracts.tables.values()},
        release.table("core.vintage").rows(named=True),
        release.manifest,
        version=version("augenhoehe"),
        date=_date(root, release.manifest["commit"]),
    )
    return crate.to_bytes(metadata)


def _pages(release: Release, report: Path) -> dict[str, bytes]:
    """Every page of the report by its path, each of this release."""
    found = {path.relative_to(report).as_posix(): path.read_bytes() for path in sorted(report.rglob("*.html"))}
    other = [name for name, data in found.items() if release.id.encode() not in data]
    if not found or other:
        raise InputError(
            f"the page is of another release than {release.id}" if other else "there is no page",
            file=f"{report.name}/{other[0]}" if other else report,
            remedy="render it with `mo report`",
        )
    return found


def _own(root: Path) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for name in OF_THE_PROJECT:
        path = root / name
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        found |= {file.relative_to(root).as_posix(): file.read_bytes() for file in files if file.is_file()}
    if "CITATION.cff" not in found:
        raise InputError("how to cite is missing", file="CITATION.cff", remedy="restore it (git checkout)")
    return found


def _trace(release: Release, pages: Mapping[str, bytes]) -> Iterator[tuple[str, bytes]]:
    """Every number of every page, the rows it was computed from, and the line of every figure."""
    rows = [(name, shown.text, shown.row_id) for name, data in pages.items() for shown in numbers(data.decode())]
    known = {row_id for table, column in ROW_IDS.items() for row_id in release.table(table)[column].to_list()}
    links, lines = follow(release, sorted({row_id for _, _, row_id in rows} & known))
    shown = pl.DataFrame(rows, schema={"page": pl.String, "shown": pl.String, "row_id": pl.String}, orient="row")
    yield from zip(TRACE, (parquet_bytes(links), parquet_bytes(lines), csv_bytes(shown)), strict=True)


def _seal(folder: Path) -> None:
    files, _ = seal.on_disk(folder)
    manifest = (folder / seal.MANIFEST).read_bytes()
    (folder / seal.SUMS).write_bytes(seal.sums_bytes(_summed(files), manifest))


def _summed(files: Mapping[str, Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    return {name: one for name, one in files.items() if name not in (seal.SUMS, seal.MANIFEST)}


def _date(root: Path, commit: str | None) -> str:
    """The day of the commit; that of the format's own beginning where there is none, since no clock may enter."""
    git = shutil.which("git")
    if git is None or commit is None:
        return "1980-01-01"
    plain = commit.removesuffix("-dirty")
    found = subprocess.run(  # noqa: S603
        [git, "-C", str(root), "show", "--no-patch", "--format=%cs", plain, "--"],
        capture_output=True,
        text=True,
        check=False,
    )
    return found.stdout.strip() or "1980-01-01"


def _readme(release: Release) -> str:
    return f"""Augenhöhe: release {release.id}

report/index.html      the report; index.de.html in German; states/ has a sheet for each state
figures.xlsx           the results as a workbook, with notes
core/ marts/ analysis/ every table as Parquet and CSV; datapackage.json says what each column means
charts/                the charts and the data behind them
raw/                   what everything was computed from, each file with its source.yml
trace/                 each number of the report, the rows it comes from, the line of each figure
manifest.json          hashes, vintages, versions, checks with their results
ro-crate-metadata.json what was made of what; sbom.cdx.json every package the software is made of
CITATION.cff           how to cite; LICENSES/ and datapackage.json: under which terms

Check that nothing was changed:   sha256sum --strict -c SHA256SUMS
In a CSV file, take one leading apostrophe away from a text that has one: it keeps spreadsheets from running it.
"""
