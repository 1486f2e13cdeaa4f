"""`mo vintage add`: a publisher's file becomes a vintage of a source, or is refused whole.

Belongs here: what the new folder holds and the one rename that makes it visible. Not here: reading files (ingest), what
their cells mean (transform), what a later vintage changes (vintages.py).

A new vintage starts from the description of the one before; only what the file or the caller tells is new. Everything
is written into a hidden folder and checked there, so an error leaves raw_data as it was.
"""

from __future__ import annotations

import datetime as dt
import re
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from pipeline import ingest
from pipeline.errors import InputError
from pipeline.project import Project
from pipeline.registry import REGIONS, ControlTotal, Source, Vintage, read_lock, write_lock
from pipeline.registry.corrections import load_corrections
from pipeline.registry.strict_yaml import load, validate
from pipeline.transform import expectation_failures, typed
from pipeline.transform.printed import iso_date
from pipeline.vintages import Difference, cells_of, difference, source_of, typed_rows

SIDECAR = "source.yml"


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


def add_vintage(project: Project, source_id: str, files: Sequence[Path], told: Told) -> Addition:
    """Add one vintage made of `files`, or recognise it as one that is there.

    The vintage is named after the day of its release. Its `order` follows the days, so an older release takes its place
    before the newer ones, whose `order` grows by one.

    Raises:
        InputError: the source does not exist or has no reading for the layout; a file cannot be read, does not fit the
            reading or breaks what the source expects; the day is not told; a vintage of that day holds other content.
            Nothing is written then.
    """
    source = source_of(project, source_id)
    recognised = [_recognised(path) for path in files]
    layout = _one_layout(recognised)
    entries = [
        {"path": name, "content_sha256": content.sha256, "rows": content.rows}
        for name, content in zip(
            _names(recognised),
            (ingest.fingerprint(one.data, file=one.file, layout=layout) for one in recognised),
            strict=True,
        )
    ]
    known = _same_content(source, entries)
    if known is not None:
        return Addition(known, is_new=False)
    reading = _reading(source, layout, recognised[0])
    tables = [ingest.read(one, reading.readings[layout].sheet) for one in recognised] if layout != "tidy" else []
    day = _day(told.as_of, tables, recognised[0].file)
    _refuse_same_day(source, day)
    later = [vintage for vintage in source.vintages if (vintage.published or "") > day]
    before = [vintage for vintage in source.vintages if vintage not in later]
    base = before[-1] if before else later[0]
    description = _description(base, reading, told, day, layout, entries, recognised, tables)
    description["order"] = min((vintage.order for vintage in later), default=source.vintages[-1].order + 1)
    hidden = Path(tempfile.mkdtemp(prefix=".adding-", dir=project.settings.raw_data / source_id))
    try:
        for entry, one in zip(entries, recognised, strict=True):
            (hidden / str(entry["path"])).write_bytes(one.data)
        vintage, figures, left_out = _checked(project, description, hidden)
        # Written as checked: with the totals that hold.
        (hidden / SIDECAR).write_text(_yaml(description, vintage), "utf-8")
        extended, mended = _with(project, source, vintage, later)
        against = before[-1].vintage if before else None
        changes = difference(extended, source_id, against, vintage.vintage) if against else None
        hidden.chmod(0o755)  # mkdtemp makes it private
        for one in reversed(later):
            _reorder(one)
        folder = hidden.with_name(vintage.vintage)
        hidden.rename(folder)
        vintage._folder = folder
        is_current = not later and source.current is source.vintages[-1]
        if is_current:
            _make_current(project, vintage, hidden)
    except InputError as error:
        raise _as_given(error, f"raw_data/{source_id}/{day}/", entries, files) from error
    finally:
        shutil.rmtree(hidden, ignore_errors=True)
    return Addition(vintage, True, is_current, base.vintage, figures, against, changes, left_out, mended)


def _recognised(path: Path) -> ingest.Recognised:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(
            f"the file cannot be read: {error.strerror}", file=path, remedy="Check the path and its permissions."
        ) from error
    return ingest.recognise(data, file=path.name)


def _one_layout(recognised: Sequence[ingest.Recognised]) -> ingest.Layout:
    layouts = {one.layout: one.file for one in recognised}
    if len(layouts) != 1:
        shown = ", ".join(f"{file} is {layout}" for layout, file in layouts.items())
        raise InputError(
            f"the files have several layouts: {shown}" if layouts else "no file was named",
            remedy="A vintage holds files of one layout; add one vintage after the other.",
        )
    return recognised[0].layout


def _names(recognised: Sequence[ingest.Recognised]) -> list[str]:
    """Plain file names, each once: the name inside the archive, or that of the file."""
    names: list[str] = []
    for one in recognised:
        name = re.sub(r"[^A-Za-z0-9._-]+", "-", Path(one.member or one.file).name).lstrip("._-") or "figures.csv"
        stem, dot, suffix = name.rpartition(".")
        number = 2
        while name in names or name == SIDECAR:
            name, number = f"{stem or suffix}-{number}{dot}{suffix if dot else ''}", number + 1
        names.append(name)
    return names


def _same_content(source: Source, entries: Sequence[dict[str, Any]]) -> Vintage | None:
    hashes = sorted(str(entry["content_sha256"]) for entry in entries)
    same = (v for v in source.vintages if sorted(file.content_sha256 for file in v.files) == hashes)
    return next(same, None)


def _reading(source: Source, layout: ingest.Layout, one: ingest.Recognised) -> Vintage:
    """The newest vintage that says how the layout is read."""
    if layout == "tidy":
        return source.vintages[-1]
    for vintage in reversed(source.vintages):
        if layout in vintage.readings:
            return vintage
    raise InputError(
        f"{source.id} does not say how files of the layout {layout} are read",
        file=one.file,
        key="readings",
        remedy=f"Add `readings: {{{layout}: …}}` to {source.vintages[-1].shown(SIDECAR)} (raw_data/README.md shows "
        "one; `mo inspect` lists the codes), or enter the figures in the tidy layout.",
    )


def _day(as_of: str | None, tables: Sequence[ingest.Table], file: str) -> str:
    printed = [table.as_of for table in tables] if as_of is None else [as_of]
    days = {iso_date(text.split("/")[0]) for text in printed if text}
    if len(days) == 1:
        try:
            return dt.date.fromisoformat(days.pop()).isoformat()
        except ValueError:
            pass
    raise InputError(
        f"{as_of!r} is not a day" if as_of else "the files do not print one day as of which they stand",
        file=file,
        key="--as-of",
        remedy="Say the day of the release, or of your download: --as-of 2026-05-20.",
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
    base: Vintage,
    reading: Vintage,
    told: Told,
    day: str,
    layout: ingest.Layout,
    entries: Sequence[dict[str, Any]],
    recognised: Sequence[ingest.Recognised],
    tables: Sequence[ingest.Table],
) -> dict[str, Any]:
    """The new source.yml as plain values, `order` apart: that of `base`, with the readings of `reading`."""
    values: dict[str, Any] = base.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    values |= {"vintage": day, "published": day, "layout": layout, "files": list(entries)}
    if tables:
        values["title"] = ", ".join([*tables[0].titles[:1], *_period(tables)]) or base.title
        names = ", ".join(one.member or one.file for one in recognised)
        values["obtained"] = {"how": "official file", "note": f"{names}, as the publisher ships it."}
        described = reading.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
        values["readings"] = described["readings"]
        values["measures"] = {**described["measures"], **values["measures"]}
    if told.title:
        values["title"] = told.title
    for key in ("release_state", "census_base"):
        if word := getattr(told, key):
            values["defaults"] = {**values["defaults"], key: word}
    return values


def _period(tables: Sequence[ingest.Table]) -> list[str]:
    """The first and last date or year printed, as one piece of a title."""
    dates = sorted({iso_date(text) for table in tables for text in table.cells["time"].unique() if text})
    return [" to ".join(dict.fromkeys((dates[0], dates[-1])))] if dates else []


def _as_given(error: InputError, folder: str, entries: Sequence[dict[str, Any]], files: Sequence[Path]) -> InputError:
    """The same error, naming the files where the caller has them: nothing was written."""
    message, file = error.message, error.file or ""
    for entry, path in zip(entries, files, strict=True):
        message = message.replace(f"{folder}{entry['path']}", str(path))
        file = str(path) if file == f"{folder}{entry['path']}" else file
    return InputError(message, file=file or None, line=error.line, key=error.key, remedy=error.remedy)


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


def _checked(project: Project, values: dict[str, Any], hidden: Path) -> tuple[Vintage, int, tuple[str, ...]]:
    """The vintage as it will be, the number of its figures, and the control totals they do not confirm.

    A total of the former vintage is for that one's dates: where the new files have no such figure, or another one, it
    cannot be expected of them, and the caller is told. All other expectations must hold.
    """
    file = f"{project.settings.raw_data.name}/{values['source']}/{values['vintage']}/{SIDECAR}"
    vintage = validate(Vintage, load(yaml.safe_dump(values, allow_unicode=True), file=file), file=file)
    vintage._folder = hidden
    regions = typed_rows(project, project.registry.sources[REGIONS].current)
    without = _expecting(vintage, ())
    cells = pl.concat(
        cells_of((hidden / entry.path).read_bytes(), vintage, file=vintage.shown(entry.path)) for entry in vintage.files
    )
    rows = typed(cells, without, known_regions=regions)
    kept, left_out = [], []
    for total in vintage.expect.control_totals:
        failures = expectation_failures(rows, _expecting(vintage, (total,), alone=True), regions)
        if failures:
            left_out.append(failures[0].message)
        else:
            kept.append(total)
    return _expecting(vintage, tuple(kept)), rows.height, tuple(left_out)


def _expecting(vintage: Vintage, totals: tuple[ControlTotal, ...], *, alone: bool = False) -> Vintage:
    update: dict[str, Any] = {"control_totals": totals}
    if alone:
        update |= {"regions": None, "sums": ()}
    changed = vintage.model_copy(update={"expect": vintage.expect.model_copy(update=update)})
    changed._folder = vintage.folder
    return changed


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


def _make_current(project: Project, vintage: Vintage, hidden: Path) -> None:
    """Name the new vintage in the lock; where that fails, the folder goes back to where it is cleared away."""
    lock = project.settings.lock
    try:
        write_lock(lock, read_lock(lock).using(vintage.source, vintage.vintage))
    except OSError as error:
        vintage.folder.rename(hidden)
        raise InputError(
            f"the lock cannot be written: {error.strerror}", file=lock.name, remedy="Check who may write there."
        ) from error


def _reorder(vintage: Vintage) -> None:
    """Make room: `order` plus one, the rest of the file as it is."""
    file = vintage.folder / SIDECAR
    text = re.sub(r"(?m)^order:.*$", f"order: {vintage.order + 1}", file.read_text("utf-8"), count=1)
    fresh = file.with_name(f".{SIDECAR}")
    fresh.write_text(text, "utf-8")
    fresh.replace(file)
