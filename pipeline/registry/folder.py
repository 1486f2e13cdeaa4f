"""The folder raw_data: which sources and vintages there are, which of them count, and whether their files are right.

Belongs here: walking the folder, reading every source.yml, holding it to the lock, and handing out the bytes of a data
file once its hash and row count were checked. Not here: the rules of a source.yml (models.py) and of a lock (lock.py),
or the meaning of a cell (transform).
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

from pipeline.errors import InputError
from pipeline.fingerprint import of_folder
from pipeline.ingest import FLAT, Content, SortedLines, fingerprint, text_blocks
from pipeline.ingest.tidy import decode
from pipeline.registry.corrections import REGISTER, Correction, load_corrections
from pipeline.registry.lock import LOCK, Lock, read_lock
from pipeline.registry.models import DataFile, Kind, Vintage
from pipeline.registry.strict_yaml import closest, combined, load, validate

Read = TypeVar("Read")
_SIDECAR = "source.yml"
_README = "README.md"
_BESIDE_SOURCES = {LOCK, REGISTER, _README}
# Every observation is read against them.
REGIONS = "regions"


@dataclass(frozen=True)
class Source:
    """One source that is in use: its vintages, oldest first, and the one the lock names."""

    id: str
    kind: Kind
    vintages: tuple[Vintage, ...]
    current: Vintage

    @property
    def in_use(self) -> tuple[Vintage, ...]:
        """The current vintage and those before it: where it does not hold a figure, the last that does counts."""
        return tuple(vintage for vintage in self.vintages if vintage.order <= self.current.order)

    @property
    def waiting(self) -> tuple[Vintage, ...]:
        """The vintages after the current one: they are loaded, and nothing is computed from them."""
        return tuple(vintage for vintage in self.vintages if vintage.order > self.current.order)


@dataclass(frozen=True)
class Registry:
    """Every source under raw_data by id, in alphabetical order: those in use, and those the lock leaves out.

    Beside them the known errors of their publishers.
    """

    sources: Mapping[str, Source]
    left_out: Mapping[str, tuple[Vintage, ...]] = field(default_factory=dict)
    corrections: tuple[Correction, ...] = ()

    @property
    def vintages(self) -> tuple[Vintage, ...]:
        """All vintages of the sources in use, waiting ones too, by source id and then by order."""
        return tuple(vintage for source in self.sources.values() for vintage in source.vintages)

    def corrections_of(self, source: str) -> tuple[Correction, ...]:
        """The known errors in figures of one source."""
        return tuple(entry for entry in self.corrections if entry.source == source)

    def waits(self, vintage: Vintage) -> bool:
        """True where a vintage of a source in use comes after the current one."""
        return vintage.order > self.sources[vintage.source].current.order


def load_registry(raw_data: Path, lock: Lock | None = None) -> Registry:
    """Read every source.yml and corrections.yml and hold the folder to `lock`.

    Data files are not opened (see `verify`).

    Args:
        raw_data: the folder of the sources.
        lock: which vintage of each source is current; without one, the lock in `raw_data` is read.

    Raises:
        InputError: what `vintages_on_disk`, `read_lock` and `load_corrections` raise; a source is not in the lock; the
            lock names a source or vintage that is not there, or leaves out the regions or the last source of a kind.
    """
    on_disk = vintages_on_disk(raw_data)
    lock = read_lock(raw_data / LOCK) if lock is None else lock
    problems = [_unknown_source(source, on_disk, lock) for source in lock.current if source not in on_disk]
    sources: dict[str, Source] = {}
    left_out: dict[str, tuple[Vintage, ...]] = {}
    for name, vintages in on_disk.items():
        try:
            current = _current(name, vintages, lock)
        except InputError as error:
            problems.append(error)
            continue
        if current is None:
            left_out[name] = vintages
        else:
            sources[name] = Source(name, vintages[0].kind, vintages, current)
    problems = problems or _missed(sources, left_out, lock)
    if problems:
        raise combined(problems, file=lock.shown)
    return Registry(sources, left_out, load_corrections(raw_data, on_disk))


def vintages_on_disk(raw_data: Path) -> dict[str, tuple[Vintage, ...]]:
    """Every `raw_data/<source>/<vintage>/source.yml`: the vintages of each source by order, sources by name.

    Raises:
        InputError: the folder or a source.yml is missing, a source.yml is wrong (every problem of the file is
            listed), a folder and its source.yml disagree, a folder leads out of raw_data, a file lies where none
            belongs, or two vintages of a source have the same order or different kinds.
    """
    if not raw_data.is_dir():
        raise InputError(
            "this folder does not exist",
            file=raw_data,
            remedy="Run from a clone, or name the folder of the figures.",
        )
    _refuse_strays(raw_data, raw_data, known=_BESIDE_SOURCES, remedy="Move it into raw_data/<source>/<vintage>/")
    sources: dict[str, tuple[Vintage, ...]] = {}
    for folder in _folders(raw_data, raw_data):
        _refuse_strays(folder, raw_data, known={_README}, remedy=f"Move it into raw_data/{folder.name}/<vintage>/")
        vintages = [_read_vintage(inner, raw_data) for inner in _folders(folder, raw_data)]
        if not vintages:
            raise InputError(
                "this source has no vintage",
                file=_shown(folder, raw_data),
                remedy=f"Add raw_data/{folder.name}/<vintage>/{_SIDECAR}, or remove the folder.",
            )
        sources[folder.name] = _in_order(vintages)
    if not sources:
        raise InputError("there is no source", file=raw_data.name, remedy="Restore it: git checkout raw_data.")
    return sources


def content_hash(raw_data: Path, lock: Path) -> str:
    """One hash over names and bytes of the lock and of all that counts under raw_data.

    Descriptions, figures and corrections count; clocks, READMEs and hidden files do not.
    """
    figures = of_folder(raw_data, leave_out={_README, LOCK})
    return hashlib.sha256(figures.encode() + lock.read_bytes()).hexdigest()


def verify(vintage: Vintage) -> dict[str, Content]:
    """Check that the folder holds exactly the registered files, and each of them the registered content.

    Returns:
        What identifies the content of each file, by its path, in the order of source.yml. No file is kept in memory.

    Raises:
        InputError: everything that is wrong with the vintage's files, each with its remedy.
    """
    return _of_each_file(vintage, partial(_checked, vintage))


def read_files(vintage: Vintage) -> dict[str, bytes]:
    """The content of each file of a vintage by its path, in the order of source.yml: what was checked is what is read.

    Raises:
        InputError: what `verify` raises.
    """
    return _of_each_file(vintage, partial(read_file, vintage))


def _of_each_file(vintage: Vintage, ask: Callable[[DataFile], Read]) -> dict[str, Read]:
    problems = _unlisted(vintage)
    found = {}
    for file in vintage.files:
        try:
            found[file.path] = ask(file)
        except InputError as error:
            problems.append(error)
    _refuse(problems, vintage)
    return found


def _refuse(problems: list[InputError], vintage: Vintage) -> None:
    if problems:
        raise problems[0] if len(problems) == 1 else combined(problems, file=vintage.shown("").rstrip("/"))


def read_while_checking(
    vintage: Vintage, file: DataFile, read: Callable[[Iterator[bytes]], Iterator[Read]]
) -> Iterator[Read]:
    """What `read` makes of a flat file, block by block, while its content is checked: the file is gone through once.

    Whoever stores what is given must forget it again on an error: that the content is another than registered is known
    at the end of the file.

    Args:
        vintage: its layout is one of `ingest.FLAT`.
        file: one of its files.
        read: from the blocks of the text (see `ingest.text_blocks`) to whatever is wanted.

    Raises:
        InputError: what `read_file` raises, and, where the content is the registered one, what `read` raises.
    """
    blocks = _checked_blocks(vintage, file)
    try:
        yield from read(blocks)
    except InputError:
        # Why it cannot be read may be that it is not the registered file; that is said first.
        for _ in blocks:
            pass
        raise


def _checked_blocks(vintage: Vintage, file: DataFile) -> Iterator[bytes]:
    path, shown = _path_of(vintage, file), vintage.shown(file.path)
    # Lines are sorted beside the reading of them: each takes about as long as the other.
    with SortedLines() as lines, ThreadPoolExecutor(max_workers=1) as beside:
        adding: Future[None] | None = None
        for block in text_blocks(path, vintage.layout, file=shown):
            if adding is not None:
                adding.result()
            adding = beside.submit(lines.add, block)
            yield block
        if adding is not None:
            adding.result()
        _refuse_other_content(Content(sha256=lines.sha256(), rows=lines.rows), file, shown=shown)


def _unlisted(vintage: Vintage) -> list[InputError]:
    """One error a file that lies in the folder and is not listed."""
    listed = {file.path for file in vintage.files}
    return [
        InputError(
            f"{path.name} is not listed in {_SIDECAR}",
            file=vintage.shown(path.name),
            key="files",
            remedy=f"List it under `files` in {_SIDECAR}, or delete it.",
        )
        for path in _entries(vintage.folder)
        if path.name not in listed | {_SIDECAR}
    ]


def refuse_unlisted(vintage: Vintage) -> None:
    """Refuse a folder with files that its source.yml does not list.

    Raises:
        InputError: names them.
    """
    _refuse(_unlisted(vintage), vintage)


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
    data = _path_of(vintage, entry).read_bytes()
    _refuse_other_content(fingerprint(data, file=shown, layout=vintage.layout), entry, shown=shown)
    return data


def _checked(vintage: Vintage, entry: DataFile) -> Content:
    """As `read_file`, without keeping the file."""
    if vintage.layout in FLAT:
        for _ in _checked_blocks(vintage, entry):
            pass
    else:
        read_file(vintage, entry)
    return Content(sha256=entry.content_sha256, rows=entry.rows)


def _path_of(vintage: Vintage, entry: DataFile) -> Path:
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
    return path


def _refuse_other_content(content: Content, entry: DataFile, *, shown: str) -> None:
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


def _in_order(vintages: list[Vintage]) -> tuple[Vintage, ...]:
    """The vintages of one source in order; orders must differ and kinds agree."""
    ordered = sorted(vintages, key=lambda vintage: vintage.order)
    for earlier, later in itertools.pairwise(ordered):
        if earlier.order == later.order:
            raise InputError(
                f"order {later.order} is also the order of the vintage {earlier.vintage}",
                file=later.shown(_SIDECAR),
                key="order",
                remedy=f"Number the vintages of a source upwards; {LOCK} says which of them is current.",
            )
        if earlier.kind != later.kind:
            raise InputError(
                f"kind {later.kind}, but the vintage {earlier.vintage} is of kind {earlier.kind}",
                file=later.shown(_SIDECAR),
                key="kind",
                remedy="Keep one kind a source; put the other under a source of its own.",
            )
    return tuple(ordered)


def _current(source: str, vintages: tuple[Vintage, ...], lock: Lock) -> Vintage | None:
    """The vintage the lock names, None where it leaves the source out."""
    names = [vintage.vintage for vintage in vintages]
    if source not in lock.current:
        raise InputError(
            f"the source {source} is in raw_data, but not in the lock",
            file=lock.shown,
            key="current",
            remedy=f"mo vintage use {source} {names[-1]}, or write `{source}: null` to leave it out.",
        )
    named = lock.current[source]
    if named is None:
        return None
    if named not in names:
        guess = closest(named, names) or names[-1]
        raise InputError(
            f"{source} has no vintage {named}; there are {', '.join(names)}",
            file=lock.shown,
            line=lock.line(source),
            key=f"current.{source}",
            remedy=f"mo vintage use {source} {guess}, or restore the folder of {named}.",
        )
    return vintages[names.index(named)]


def _unknown_source(source: str, on_disk: Mapping[str, tuple[Vintage, ...]], lock: Lock) -> InputError:
    guess = closest(source, on_disk)
    return InputError(
        f"there is no source {source} in raw_data",
        file=lock.shown,
        line=lock.line(source),
        key=f"current.{source}",
        remedy=(f"Did you mean {guess}? If not, r" if guess else "R") + "emove the line, or restore the source.",
    )


def _missed(sources: Mapping[str, Source], left_out: Mapping[str, tuple[Vintage, ...]], lock: Lock) -> list[InputError]:
    """What cannot be left out: the regions, and the last source of a kind, whose table would be empty."""
    kinds = {source.kind for source in sources.values()}
    return [
        InputError(
            f"{name} cannot be left out: "
            + ("every figure is of a region" if name == REGIONS else f"no other source of kind {kind} is in use"),
            file=lock.shown,
            line=lock.line(name),
            key=f"current.{name}",
            remedy=f"mo vintage use {name} {vintages[-1].vintage}",
        )
        for name, vintages in left_out.items()
        for kind in [vintages[0].kind]
        if name == REGIONS or kind not in kinds
    ]


def _refuse_strays(folder: Path, raw_data: Path, *, known: set[str], remedy: str) -> None:
    for path in _entries(folder):
        if path.is_file() and path.name not in known:
            raise InputError(
                "a file lies where only folders belong",
                file=_shown(path, raw_data),
                remedy=f"{remedy}, or elsewhere, or delete it.",
            )
