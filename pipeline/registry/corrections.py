"""raw_data/corrections.yml → Correction: known errors of publishers, and what is done about each.

Belongs here: the shape of the register, and every rule that needs nothing but the register and the sources it names.
Not here: whether a file still prints the error, and what becomes of the figure (transform/corrections.py).
"""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, PrivateAttr, model_validator

from pipeline.errors import InputError
from pipeline.ingest.tidy import decode
from pipeline.registry.fields import (
    ConceptId,
    DateText,
    MeasureId,
    RegionId,
    Section,
    SourceId,
    Text,
    VintageId,
    matching,
    problem,
)
from pipeline.registry.models import Vintage
from pipeline.registry.strict_yaml import Document, closest, combined, dotted, load, validate
from pipeline.transform.markers import MARKERS

REGISTER = "corrections.yml"
Action = Literal["drop", "override", "flag"]


def _cells_of(printed: str) -> tuple[str, str]:
    """The cells value and marker of a figure as the register writes it: `315.0`, `/` or `315.0 ()`."""
    value, blank, marker = printed.partition(" ")
    return (value, marker) if blank or value[:1].isdigit() else ("", value)


def _as_printed(text: str) -> str:
    value, marker = _cells_of(text)
    if not re.fullmatch(r"([0-9]{1,12}(\.[0-9]{1,6})?)?", value) or marker not in ("", *MARKERS) or not text:
        raise problem(
            f"{text!r} is not a figure as the file prints it",
            'Write the digits ("315.0"), the marker ("/"), or both with a blank between ("315.0 ()"), in quotes.',
        )
    return text


CorrectionId = Annotated[str, matching(r"[a-z][a-z0-9_]*", "a name in snake_case (a-z, 0-9, _)")]
PrintedFigure = Annotated[str, AfterValidator(_as_printed)]
Figures = dict[RegionId, Annotated[dict[MeasureId, PrintedFigure], Field(min_length=1)]]
Place = tuple[str, str]


def _places(figures: Mapping[str, Mapping[str, str]]) -> dict[Place, str]:
    return {(region, measure): text for region, measures in figures.items() for measure, text in measures.items()}


class Told(Section):
    """Who was told of the error, and when."""

    who: Text = Field(description="the office or person")
    date: DateText = Field(description='an ISO date or a year in quotes: "2025-11-03"')


class WrongFigures(Section):
    """Erroneous figures of one reference, concept and breakdown, by region and measure."""

    reference: Text = Field(description='the reference as printed, in quotes: "2021"')
    concept: ConceptId | None = Field(None, description="a concept of pipeline/transform/concepts.yml")
    breakdown: str = Field("", description="the breakdown; left out for the figure without one")
    printed: Figures = Field(min_length=1, description='what the file prints now: {"03153": {persons_total: "315.0"}}')
    value: Figures | None = Field(None, description="for `override`: what is right, in the shape of `printed`")

    @model_validator(mode="after")
    def _one_value_a_figure(self) -> WrongFigures:
        if self.value is None:
            return self
        wrong, right = _places(self.printed), _places(self.value)
        if lone := sorted(wrong.keys() ^ right.keys()):
            region, measure = lone[0]
            raise problem(
                f"{region} {measure} stands under `{'printed' if lone[0] in wrong else 'value'}` alone",
                "Write each figure under both: what is printed, and what is right.",
            )
        if same := sorted(place for place in wrong if wrong[place] == right[place]):
            region, measure = same[0]
            raise problem(
                f"the value of {region} {measure} is the printed one, {right[same[0]]!r}",
                "Write what is right, or take the figure out of the entry.",
            )
        return self


@dataclass(frozen=True)
class WrongFigure:
    """One erroneous figure of an entry; `concept` is None where the source has only one at this place.

    Attributes:
        printed: what the file prints, value and marker.
        right_cells: the cells value and marker as they should be; both empty unless the action is `override`.
        line, key: where the figure stands in the register.
    """

    region: str
    reference: str
    measure: str
    concept: str | None
    breakdown: str
    printed: str
    right_cells: tuple[str, str]
    line: int | None
    key: str


class Correction(Section):
    """One known error of a publisher."""

    id: CorrectionId = Field(description="a name in snake_case")
    source: SourceId = Field(description="a source of kind observation")
    title: Text = Field(description="one sentence for the reader")
    reason: Text = Field(description="how we know")
    told: Told | None = Field(description='{who: …, date: "2025-11-03"}, or null as long as nobody was told')
    status: Literal["open", "acknowledged", "mended"] = Field(description="open, acknowledged or mended")
    action: Action = Field(description="drop, override or flag")
    until: VintageId | None = Field(None, description="for `mended`: the first vintage in which the figures are right")
    figures: tuple[WrongFigures, ...] = Field(min_length=1, description="a list of {reference, printed, …}")

    _file: str = PrivateAttr(default=REGISTER)
    _document: Document = PrivateAttr()
    _index: int = PrivateAttr(default=0)
    _vintages: tuple[str, ...] = PrivateAttr(default=())

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Correction:
        without = [item for item in self.figures if item.value is None]
        if self.action == "override" and without:
            raise problem("action override needs `value`", "Say what is right under `value`, or choose drop or flag.")
        if self.action != "override" and len(without) < len(self.figures):
            raise problem(f"`value` is for action override, this is {self.action}", "Remove `value`, or override.")
        if (self.status == "mended") != (self.until is not None):
            raise problem(
                "status mended and `until` belong together",
                "Write both, `until` being the first vintage in which the figures are right, or neither.",
            )
        if self.status == "acknowledged" and self.told is None:
            raise problem("nobody can acknowledge what nobody was told", "Say under `told` who was told, and when.")
        return self

    @property
    def file(self) -> str:
        """The register as errors name it."""
        return self._file

    @property
    def line(self) -> int | None:
        """The line at which the entry begins."""
        return self._document.line(("corrections", self._index))

    @property
    def vintages(self) -> tuple[str, ...]:
        """The vintages of the source that print the error, by order: all, or those before `until`."""
        return self._vintages

    def wrong_figures(self) -> Iterator[WrongFigure]:
        """Every figure of the entry with its line in the register."""
        for index, item in enumerate(self.figures):
            values = _places(item.value or {})
            for (region, measure), printed in _places(item.printed).items():
                loc = ("corrections", self._index, "figures", index, "printed", region, measure)
                yield WrongFigure(
                    region=region,
                    reference=item.reference,
                    measure=measure,
                    concept=item.concept,
                    breakdown=item.breakdown,
                    printed=printed,
                    right_cells=_cells_of(values.get((region, measure), "")),
                    line=self._document.line(loc),
                    key=dotted(loc),
                )


class _Register(Section):
    corrections: tuple[Correction, ...] = Field(description="a list of entries")


def load_corrections(raw_data: Path, sources: Mapping[str, tuple[Vintage, ...]]) -> tuple[Correction, ...]:
    """Read `raw_data/corrections.yml`; a missing file is a register without entries.

    Args:
        raw_data: the folder of the sources.
        sources: the vintages of each source on disk, by order.

    Raises:
        InputError: the file is a link or wrong in itself, an id or a figure stands in it twice, an entry names a source
            that is not there or holds no observations, or `until` is no vintage of it, or its first.
    """
    path = raw_data / REGISTER
    shown = f"{raw_data.name}/{REGISTER}"
    # Asked first: a link to nothing must not pass for a register without entries.
    if path.is_symlink():
        raise InputError("this is a link", file=shown, remedy="Put the file itself there instead of a link.")
    if not path.exists():
        return ()
    document = load(decode(path.read_bytes(), file=shown), file=shown, start="corrections:")
    entries = validate(_Register, document, file=shown).corrections
    problems = []
    for index, entry in enumerate(entries):
        entry._file, entry._document, entry._index = shown, document, index
        problems += _unknown(entry, sources, document)
        vintages = sources.get(entry.source, ())
        entry._vintages = tuple(one.vintage for one in itertools.takewhile(_before(entry.until), vintages))
    problems += _twice(entries, document)
    if problems:
        raise combined(problems, file=shown)
    return entries


def _before(until: str | None) -> Callable[[Vintage], bool]:
    return lambda vintage: vintage.vintage != until


def _unknown(entry: Correction, sources: Mapping[str, tuple[Vintage, ...]], document: Document) -> list[InputError]:
    """What the entry names and raw_data does not have."""

    def complaint(key: str, message: str, remedy: str) -> list[InputError]:
        loc = ("corrections", entry._index, key)
        return [InputError(message, file=entry.file, line=document.line(loc), key=dotted(loc), remedy=remedy)]

    vintages = sources.get(entry.source)
    if vintages is None:
        guess = closest(entry.source, sources)
        remedy = (f"Did you mean {guess!r}? " if guess else "") + "Name a folder of raw_data."
        return complaint("source", f"there is no source {entry.source!r}", remedy)
    if vintages[0].kind != "observation":
        return complaint(
            "source",
            f"{entry.source} is of kind {vintages[0].kind}",
            "Only figures of the kind observation can be corrected; say it in the doubts of source.yml instead.",
        )
    known = [vintage.vintage for vintage in vintages]
    if entry.until is not None and entry.until not in known:
        return complaint("until", f"{entry.source} has no vintage {entry.until!r}", f"Known: {', '.join(known)}.")
    if entry.until == known[0]:
        return complaint(
            "until",
            f"{entry.until} is the first vintage of {entry.source}, so the entry applies to none",
            "Remove the entry, or correct `until`.",
        )
    return []


def _twice(entries: tuple[Correction, ...], document: Document) -> list[InputError]:
    """Ids and figures that stand in the register for the second time."""
    problems = []
    ids: dict[str, int | None] = {}
    seen: dict[tuple[str, ...], list[tuple[str | None, Correction, WrongFigure]]] = defaultdict(list)
    for entry in entries:
        if entry.id in ids:
            loc = ("corrections", entry._index, "id")
            problems.append(
                InputError(
                    f"the id {entry.id!r} stands here for the second time (first in line {ids[entry.id]})",
                    file=entry.file,
                    line=document.line(loc),
                    key=dotted(loc),
                    remedy="Give one of the two another id.",
                )
            )
        ids.setdefault(entry.id, entry.line)
        for figure in entry.wrong_figures():
            place = (entry.source, figure.region, figure.reference, figure.measure, figure.breakdown)
            for concept, other, first in seen[place]:
                if concept is None or figure.concept is None or concept == figure.concept:
                    problems.append(
                        InputError(
                            f"this figure stands under {other.id!r} too (line {first.line})",
                            file=entry.file,
                            line=figure.line,
                            key=figure.key,
                            remedy="Keep it in one entry; where two concepts are meant, name the concept in both.",
                        )
                    )
            seen[place].append((figure.concept, entry, figure))
    return problems
