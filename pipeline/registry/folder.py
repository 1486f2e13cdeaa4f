"""The folder raw_data: which sources and vintages there are, and whether their files are what they should be.

Belongs here: walking the folder, reading every source.yml, and handing out the bytes of a data file once its
hash and row count were checked. Not here: the rules of a source.yml (models.py) or the meaning of a cell
(transform).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import InputError
from pipeline.ingest import fingerprint
from pipeline.ingest.tidy import decode
from pipeline.registry.corrections import REGISTER, Correction, load_corrections
from pipeline.registry.models import DataFile, Kind, Vintage
from pipeline.registry.strict_yaml import closest, combined, load, validate

_SIDECAR = "source.yml"
# What may lie beside the folders of the sources.
_BESIDE = ("README.md", REGISTER, "release.lock.yml")


@dataclass(frozen=True)
class Source:
    """One source and its vintages, oldest first."""

    id: str
    kind: Kind
    vintages: tuple[Vintage, ...]

    @property
    def current(self) -> Vintage:
        """The vintage with the largest `order`."""
        return self.vintages[-1]


@dataclass(frozen=True)
class Registry:
    """Every source under raw_data, by id, in alphabetical order, and the known errors of their publishers."""

    sources: dict[str, Source]
    corrections: tuple[Correction, ...] = ()

    @property
    def vintages(self) -> tuple[Vintage, ...]:
        """All vintages of all sources, by source id and then by order."""
        return tuple(vintage for source in self.sources.values() for vintage in source.vintages)

    def corrections_of(self, source: str) -> tuple[Correction, ...]:
        """The known errors in figures of one source."""
        return tuple(entry for entry in self.corrections if entry.source == source)


def load_registry(raw_data: Path) -> Registry:
    """Read every `raw_data/<source>/<vintage>/source.yml` and `raw_data/corrections.yml`.

    Data files are not opened (see `verify`).

    Raises:
        InputError: the folder or a source.yml is missing, a source.yml or corrections.yml is wrong (every problem of
            the file is listed), a folder and its source.yml disagree, a folder leads out of raw_data, a file lies
            where none belongs, or two vintages of a source have the same order or different kinds.
    """
    if not raw_data.is_dir():
        raise InputError(
            "this folder does not exist",
            file=raw_data,
            remedy="Run from a clone, or name the folder of the figures.",
        )
    strays = [path for path in _entries(raw_data) if path.is_file() and path.name not in _BESIDE]
    if strays:
        raise InputError(
            "a file lies where only folders of sources belong",
            file=_shown(strays[0], raw_data),
            remedy=f"Move it into {raw_data.name}/<source>/<vintage>/ or delete it.",
        )
    sources: dict[str, Source] = {}
    for folder in _folders(raw_data, raw_data):
        strays = [path.name for path in _entries(folder) if path.is_file() and path.name != "README.md"]
        if strays:
            raise InputError(
                "a file lies where only vintage folders belong",
                file=_shown(folder / strays[0], raw_data),
                remedy=f"Move it into raw_data/{folder.name}/<vintage>/ or delete it.",
            )
        vintages = [_read_vintage(inner, raw_data) for inner in _folders(folder, raw_data)]
        if not vintages:
            raise InputError(
                "this source has no vintage",
                file=_shown(folder, raw_data),
                remedy=f"Add raw_data/{folder.name}/<vintage>/{_SIDECAR}, or remove the folder.",
            )
        sources[folder.name] = _source(folder.name, vintages)
    if not sources:
        raise InputError("there is no source", file=raw_data.name, remedy="Restore it: git checkout raw_data.")
    return Registry(sources, load_corrections(raw_data, sources))


def verify(vintage: Vintage) -> dict[str, bytes]:
    """Check that the folder holds exactly the registered files, and each of them the registered content.

    Returns:
        The content of each file by its path, in the order of source.yml: what was checked is what is read.

    Raises:
        InputError: everything that is wrong with the vintage's files, each with its remedy.
    """
    listed = {file.path for file in vintage.files}
    problems = [
        InputError(
            f"{path.name} is not listed in {_SIDECAR}",
            file=vintage.shown(path.name),
            key="files",
            remedy=f"List it under `files` in {_SIDECAR}, or delete it.",
        )
        for path in _entries(vintage.folder)
        if path.name not in listed | {_SIDECAR}
    ]
    contents = {}
    for file in vintage.files:
        try:
            contents[file.path] = read_file(vintage, file)
        except InputError as error:
            problems.append(error)
    if problems:
        raise problems[0] if len(problems) == 1 else combined(problems, file=vintage.shown("").rstrip("/"))
    return contents


def read_file(vintage: Vintage, file: DataFile | str) -> bytes:
    """The bytes of one registered file, after checking hash and row count.

    Raises:
        InputError: not registered, missing, outside the folder, empty, not UTF-8, not CSV, or other content
            than registered.
    """
    entry = file if isinstance(file, DataFile) else next((f for f in vintage.files if f.path == file), None)
    if entry is None:
        guess = closest(str(file), [known.path for known in vintage.files])
        raise InputError(
            f"{file} is not listed",
            file=vintage.shown(_SIDECAR),
            key="files",
            remedy=f"Did you mean {guess}?" if guess else "List it under `files`.",
        )
    shown = vintage.shown(entry.path)
    path = vintage.folder / entry.path
    if not path.is_file():
        raise InputError(
            f"the file is missing, {_SIDECAR} lists it",
            file=shown,
            key="files",
            remedy="Restore it (git checkout), or remove its entry under `files`.",
        )
    if not path.resolve().is_relative_to(vintage.folder.resolve()):
        raise InputError(
            "this link leads out of its folder",
            file=shown,
            remedy="Put the file itself there instead of a link.",
        )
    data = path.read_bytes()
    content = fingerprint(data, file=shown, layout=vintage.layout)
    problems = []
    if content.rows != entry.rows:
        problems.append(
            InputError(
                f"the file has {content.rows} rows, {_SIDECAR} expects {entry.rows}",
                file=shown,
                key="rows",
                remedy=f"Restore or remove the rows; if this is intended, write `rows: {content.rows}`.",
            )
        )
    if content.sha256 != entry.content_sha256:
        problems.append(
            InputError(
                f"the content is not the registered one: its hash is {content.sha256}",
                file=shown,
                key="content_sha256",
                remedy="Restore it (git checkout); if this is intended, say why in the commit and write "
                f'`content_sha256: "{content.sha256}"` in {_SIDECAR}.',
            )
        )
    if problems:
        raise combined(problems, file=shown)
    return data


def _entries(folder: Path) -> list[Path]:
    """What lies in a folder, by name; hidden entries (.DS_Store, .gitkeep) are nobody's data."""
    return sorted(path for path in folder.iterdir() if not path.name.startswith("."))


def _folders(folder: Path, raw_data: Path) -> Iterator[Path]:
    for path in _entries(folder):
        if path.is_dir():
            if not path.resolve().is_relative_to(raw_data.resolve()):
                raise InputError(
                    "this folder is a link that leads out of raw_data",
                    file=_shown(path, raw_data),
                    remedy="Put the folder itself there instead of a link.",
                )
            yield path


def _shown(path: Path, raw_data: Path) -> str:
    """`path` as errors name it: from raw_data on."""
    return f"{raw_data.name}/{path.relative_to(raw_data).as_posix()}"


def _read_vintage(folder: Path, raw_data: Path) -> Vintage:
    path = folder / _SIDECAR
    shown = _shown(path, raw_data)
    if not path.is_file():
        raise InputError(
            f"{_SIDECAR} is missing",
            file=shown,
            remedy=f"Describe the files of this folder in a {_SIDECAR} (copy another vintage's), or remove the folder.",
        )
    if not path.resolve().is_relative_to(raw_data.resolve()):
        raise InputError(
            "this link leads out of raw_data",
            file=shown,
            remedy="Put the file itself there instead of a link.",
        )
    document = load(decode(path.read_bytes(), file=shown), file=shown)
    vintage = validate(Vintage, document, file=shown)
    for key, written, name in (
        ("source", vintage.source, folder.parent.name),
        ("vintage", vintage.vintage, folder.name),
    ):
        if written != name:
            raise InputError(
                f"{key} is {written!r}, but the folder is called {name!r}",
                file=shown,
                line=document.line((key,)),
                key=key,
                remedy=f"Write `{key}: {name}`, or rename the folder.",
            )
    vintage._folder = folder
    return vintage


def _source(name: str, vintages: list[Vintage]) -> Source:
    """The vintages of one source in order; orders must differ and kinds agree."""
    ordered = sorted(vintages, key=lambda vintage: vintage.order)
    for earlier, later in itertools.pairwise(ordered):
        if earlier.order == later.order:
            raise InputError(
                f"order {later.order} is also the order of the vintage {earlier.vintage}",
                file=later.shown(_SIDECAR),
                key="order",
                remedy="Number the vintages of a source upwards; the largest is the current one.",
            )
        if earlier.kind != later.kind:
            raise InputError(
                f"kind {later.kind}, but the vintage {earlier.vintage} is of kind {earlier.kind}",
                file=later.shown(_SIDECAR),
                key="kind",
                remedy="Keep one kind a source; put the other under a source of its own.",
            )
    return Source(id=name, kind=ordered[0].kind, vintages=tuple(ordered))
