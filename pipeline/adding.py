"""`mo vintage add`: a publisher's file becomes a vintage of a source, or is refused whole.

Belongs here: what the new folder holds and the one rename that makes it visible. Not here: staging and checking files
(incoming.py), what their cells mean (transform), what a later vintage changes (vintages.py).

A new vintage starts from the description of the one before; only what the file or the caller tells is new. An
error leaves raw_data as it was (incoming.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from pipeline import ingest
from pipeline.errors import InputError
from pipeline.incoming import SIDECAR, Incoming, appear, checked, incoming, printed_title, release_day, staged
from pipeline.project import Project
from pipeline.registry import Source, Vintage
from pipeline.registry.corrections import load_corrections
from pipeline.vintages import Difference, difference, source_of, typed_rows


@dataclass(frozen=True)
class Told:
    """What the caller says and the file does not: the day of release, title, release state and census base."""

    as_of: str | None = None
    title: str | None = None
    release_state: str | None = None
    census_base: str | None = None


@dataclass(frozen=True)
class Addition:
    """What became of the files.

    Attributes:
        vintage: the new vintage, or the one whose content the files have.
        is_new: false where that vintage was there already; nothing is written then.
        is_current: whether the lock names it now: where it is the newest and the newest was current before.
        copied_from: the vintage whose description was copied.
        figures: how many figures were taken.
        against, changes: the vintage before it in order and what changes; null where there is none before it.
        left_out: control totals of the former vintage that the new files do not confirm, as sentences.
        mended: known errors of the publisher that these files no longer print, as sentences.
    """

    vintage: Vintage
    is_new: bool
    is_current: bool = False
    copied_from: str = ""
    figures: int = 0
    against: str | None = None
    changes: Difference | None = None
    left_out: tuple[str, ...] = ()
    mended: tuple[str, ...] = ()


def add_vintage(project: Project, source_id: str, paths: Sequence[Path], told: Told) -> Addition:
    """Add one vintage made of the files at `paths`, or recognise it as one that is there.

    The vintage is named after the day of its release. Its `order` follows the days, so an older release takes its place
    before the newer ones, whose `order` grows by one.

    Raises:
        InputError: the source does not exist or has no reading for the layout; a file cannot be read, does not fit the
            reading or breaks what the source expects; the day is not told; a vintage of that day holds other content.
            Nothing is written then.
    """
    source = source_of(project, source_id)
    files = incoming(paths)
    known = _same_content(source, files)
    if known is not None:
        return Addition(known, is_new=False)
    reading = _reading(source, files)
    tables = files.tables(reading.readings[files.layout].sheet) if files.layout != "tidy" else ()
    day = release_day(told.as_of, files, tables)
    _refuse_same_day(source, day)
    # Vintages keep their places: the new one comes before the first that is published later.
    place = next((i for i, one in enumerate(source.vintages) if (one.published or "") > day), len(source.vintages))
    before, later = source.vintages[:place], source.vintages[place:]
    base = before[-1] if before else later[0]
    description = _description(base, reading, told, day, files, tables)
    description["order"] = min((vintage.order for vintage in later), default=source.vintages[-1].order + 1)
    del tables
    home = project.settings.raw_data / source_id
    with staged(home, files, folder=f"{project.settings.raw_data.name}/{source_id}/{day}/") as hidden:
        for entry, one in zip(files.entries, files.recognised, strict=True):
            (hidden / str(entry["path"])).write_bytes(one.data)
        vintage, rows, left_out = checked(project, description, hidden)
        # Written as checked: with the totals that hold.
        (hidden / SIDECAR).write_text(_yaml(description, vintage), "utf-8")
        extended, mended = _with(project, source, vintage, later)
        against = before[-1].vintage if before else None
        changes = difference(extended, source_id, against, vintage.vintage) if against else None
        is_current = not later and source.current is source.vintages[-1]
        with _reordered(later):
            appear(project, vintage, hidden, home / vintage.vintage, is_current=is_current)
        vintage._folder = home / vintage.vintage
    return Addition(
        vintage,
        is_new=True,
        is_current=is_current,
        copied_from=base.vintage,
        figures=rows.height,
        against=against,
        changes=changes,
        left_out=tuple(sentence for _, sentence in left_out),
        mended=mended,
    )


def _same_content(source: Source, files: Incoming) -> Vintage | None:
    hashes = sorted(str(entry["content_sha256"]) for entry in files.entries)
    same = (v for v in source.vintages if sorted(file.content_sha256 for file in v.files) == hashes)
    return next(same, None)


def _reading(source: Source, files: Incoming) -> Vintage:
    """The newest vintage that says how the layout is read."""
    layout = files.layout
    if layout == "tidy":
        return source.vintages[-1]
    for vintage in reversed(source.vintages):
        if layout in vintage.readings:
            return vintage
    raise InputError(
        f"{source.id} does not say how files of the layout {layout} are read",
        file=files.recognised[0].file,
        key="readings",
        remedy=f"Add `readings: {{{layout}: …}}` to {source.vintages[-1].shown(SIDECAR)} (raw_data/README.md shows "
        "one; `mo inspect` lists the codes), or enter the figures in the tidy layout.",
    )


def _refuse_same_day(source: Source, day: str) -> None:
    if any(vintage.vintage == day for vintage in source.vintages):
        raise InputError(
            f"{source.id} has a vintage {day} already, with other content",
            file=f"raw_data/{source.id}/{day}",
            key="--as-of",
            remedy="If the publisher corrected the table later, say that day; `mo vintage list` shows all.",
        )


def _description(
    base: Vintage, reading: Vintage, told: Told, day: str, files: Incoming, tables: Sequence[ingest.Table]
) -> dict[str, Any]:
    """The new source.yml as plain values, `order` apart: that of `base`, with the readings of `reading`."""
    values: dict[str, Any] = base.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    values |= {"vintage": day, "published": day, "layout": files.layout, "files": list(files.entries)}
    if tables:
        values["title"] = printed_title(tables) or base.title
        values["obtained"] = {"how": "official file", "note": f"{files.names}, as the publisher ships it."}
        described = reading.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
        values["readings"] = described["readings"]
        values["measures"] = {**described["measures"], **values["measures"]}
    if told.title:
        values["title"] = told.title
    for key in ("release_state", "census_base"):
        if word := getattr(told, key):
            values["defaults"] = {**values["defaults"], key: word}
    return values


def _yaml(values: dict[str, Any], vintage: Vintage) -> str:
    """`values` with the control totals of `vintage`, in the order of the model."""
    kept = [total.model_dump(mode="json", exclude_none=True) for total in vintage.expect.control_totals]
    expect = {**values.get("expect", {}), "control_totals": kept}
    if not kept:
        del expect["control_totals"]
    ordered = {key: values[key] for key in Vintage.model_fields if key in values}
    if expect:
        ordered["expect"] = expect
    return yaml.safe_dump(ordered, sort_keys=False, allow_unicode=True, width=110)


def _with(
    project: Project, source: Source, vintage: Vintage, later: Sequence[Vintage]
) -> tuple[Project, tuple[str, ...]]:
    """The project as it will be, with the new vintage in its place, and the known errors that it no longer prints.

    Those entries of the register are left out here: until they name the new vintage, which they cannot before it is
    there, every run would stop at them.
    """
    shifted = []
    for one in later:
        moved = one.model_copy(update={"order": one.order + 1})
        moved._folder = one.folder
        shifted.append(moved)
    vintages = (*(one for one in source.vintages if one not in later), vintage, *shifted)
    registry = project.registry
    sources = {**registry.sources, source.id: replace(source, vintages=vintages)}
    on_disk = {**registry.left_out, **{name: one.vintages for name, one in sources.items()}}
    held, mended = [], []
    for entry in load_corrections(project.settings.raw_data, on_disk):
        alone = replace(project, registry=replace(registry, sources=sources, corrections=(entry,)))
        try:
            if entry.source == source.id:
                typed_rows(alone, vintage)
            held.append(entry)
        except InputError as error:
            mended.append(f"{error.message} ({entry.id}). {error.remedy}")
    extended = replace(registry, sources=sources, corrections=tuple(held))
    return replace(project, registry=extended), tuple(mended)


@contextmanager
def _reordered(later: Sequence[Vintage]) -> Iterator[None]:
    """Room for one vintage before `later`: their `order` plus one, the rest of their files as it is.

    Where the block fails, the files are as they were.
    """
    before = {one.folder / SIDECAR: (one.folder / SIDECAR).read_bytes() for one in later}
    try:
        for one in reversed(later):
            file = one.folder / SIDECAR
            text, found = re.subn(rb"(?m)^order:[ \t]*[0-9]+", b"order: %d" % (one.order + 1), before[file], count=1)
            if not found:
                raise InputError(
                    "the line `order: …` is not found, so no room can be made for an older release",
                    file=one.shown(SIDECAR),
                    key="order",
                    remedy=f"Write `order: {one.order}` on a line of its own.",
                )
            _replace(file, text)
        yield
    except BaseException:
        for file, data in before.items():
            if file.read_bytes() != data:
                _replace(file, data)
        raise


def _replace(file: Path, data: bytes) -> None:
    fresh = file.with_name(f".{SIDECAR}")
    try:
        fresh.write_bytes(data)
        fresh.replace(file)
    finally:
        fresh.unlink(missing_ok=True)
