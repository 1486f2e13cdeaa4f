"""What a `source.yml` may say: one pydantic model a section, all frozen, no unknown key.

Belongs here: the shape of the file and every rule that needs nothing but the file itself. Not here: whether
the data files beside it keep their promises (folder.py for bytes, transform/expectations.py for figures). The
descriptions of the fields are shown to people as remedies; they complete the sentence "Expected: …".
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    PrivateAttr,
    Tag,
    model_validator,
)
from pydantic_core import PydanticCustomError

from pipeline.registry.strict_yaml import closest
from pipeline.transform.concepts import (
    CensusBase,
    Level,
    ReferenceKind,
    ReleaseState,
    Status,
    Universe,
    load_vocabulary,
)

Kind = Literal["observation", "study_figure", "claim", "network_city", "region"]
_NUMBER = re.compile(r"[0-9]{1,12}(\.[0-9]{1,6})?")


def problem(message: str, remedy: str) -> PydanticCustomError:
    """A complaint in plain words; both texts are shown as they are (braces are escaped)."""
    return PydanticCustomError("input", "{message}", {"message": message, "remedy": remedy})


def _matching(pattern: str, what: str) -> AfterValidator:
    """Refuse text that does not match `pattern`, naming `what` was expected."""

    def check(text: str) -> str:
        if re.fullmatch(pattern, text) is None:
            raise problem(f"{text!r} is not {what}", f"Write {what}.")
        return text

    return AfterValidator(check)


def _plain_file_name(name: str) -> str:
    if name == "source.yml" or not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", name):
        raise problem(
            f"{name!r} is not a plain file name",
            "Name a file beside this source.yml: letters, digits, '.', '_' and '-', no folder, no '..'.",
        )
    return name


def _filled(text: str) -> str:
    if not text.strip():
        raise problem("this text is empty", "Write it, or use null where null is allowed.")
    return text


def _printed_number(value: object) -> object:
    """A whole number, or a number as printed in quotes; a bare 0.1 would already be a binary float."""
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return Decimal(value)
    if isinstance(value, Decimal | int) and not isinstance(value, bool) and 0 <= value < 10**12:
        return Decimal(value)
    raise problem(
        f"{value!r} is not a number as printed",
        'Write a whole number, or digits with a decimal point in quotes: "12.5".',
    )


def _iso_date_or_year(text: str) -> str:
    try:
        if not re.fullmatch(r"[0-9]{4}(-[0-9]{2}-[0-9]{2})?", text):
            raise ValueError(text)
        dt.date.fromisoformat(text if len(text) > 4 else f"{text}-01-01")
    except ValueError:
        raise problem(f"{text!r} is not a date", 'Write an ISO date ("2019-08-21") or a year ("2019").') from None
    return text


def _known(words: dict[str, Any], what: str) -> AfterValidator:
    def check(word: str) -> str:
        if word not in words:
            guess = closest(word, words)
            raise problem(
                f"unknown {what} {word!r}",
                (f"Did you mean {guess!r}? " if guess else "")
                + f"Known (pipeline/transform/concepts.yml): {', '.join(words)}.",
            )
        return word

    return AfterValidator(check)


Text = Annotated[str, AfterValidator(_filled)]
SourceId = Annotated[str, _matching(r"[a-z][a-z0-9_]*", "a source id in snake_case (a-z, 0-9, _)")]
VintageId = Annotated[
    str, _matching(r"[a-z0-9][a-z0-9_-]*(\.[a-z0-9_-]+)*", "a vintage id (a-z, 0-9, single dots, _ and -)")
]
FileName = Annotated[str, AfterValidator(_plain_file_name)]
Sha256 = Annotated[str, _matching(r"[0-9a-f]{64}", "a SHA-256 in 64 lower-case hexadecimal digits")]
Url = Annotated[str, _matching(r"https?://\S+", "an address that starts with https:// or http://")]
DateText = Annotated[str, AfterValidator(_iso_date_or_year)]
PrintedNumber = Annotated[Decimal, BeforeValidator(_printed_number)]
ConceptId = Annotated[str, _known(load_vocabulary().concepts, "concept")]
MeasureId = Annotated[str, _known(load_vocabulary().measures, "measure")]
RegionId = Annotated[
    str,
    _matching(
        r"DE|[0-9]{2,3}|[0-9]{5}|[0-9]{8}|east|west|east_with_berlin|west_with_berlin",
        "a region id (DE, an official key of 2, 3, 5 or 8 digits, east, west, …_with_berlin)",
    ),
]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class RoundedTo(_Section):
    """The publisher rounded every figure to a multiple of `rounded_to` printed units."""

    rounded_to: PrintedNumber = Field(description="the multiple, in printed units, that figures were rounded to")


def _precision_tag(value: object) -> str:
    return "a mapping" if isinstance(value, dict | RoundedTo) else "a word"


Precision = Annotated[
    Annotated[Literal["exact", "printed"], Tag("a word")] | Annotated[RoundedTo, Tag("a mapping")],
    Discriminator(_precision_tag),
]


class PrintedMeasure(_Section):
    """How the figures of one measure are printed."""

    printed_unit: Text = Field(description="the unit the publisher prints, such as `thousand persons`")
    multiplier: int = Field(ge=1, le=1_000_000, description="what one printed unit stands for, such as 1000")
    precision: Precision = Field(
        description="exact, printed (half a unit of the last printed digit) or {rounded_to: 5}"
    )


class Defaults(_Section):
    """What holds for every row; a filled cell of a CSV column of the same name wins."""

    reference_kind: ReferenceKind = Field(description="year, date or year_end")
    concept: ConceptId | None = Field(None, description="a concept of pipeline/transform/concepts.yml")
    universe: Universe | None = Field(None, description="whom the figure could count at all")
    release_state: ReleaseState | None = Field(None, description="final, first_results, revised or not_stated")
    census_base: CensusBase | None = Field(None, description="the census the figures are extrapolated from")
    status: Status | None = Field(None, description="how sure the figure is")


class Licence(_Section):
    """The terms the figures are used under, and how we know them."""

    id: Text = Field(description="a short id such as dl-de/by-2-0")
    title: Text = Field(description="the licence's full name")
    url: Url | None = Field(None, description="where its text stands")
    evidence: Literal["stated", "house rule", "not evidenced", "none printed"] = Field(
        description="how the licence is known"
    )
    note: Text | None = Field(None, description="anything to add")


class Obtained(_Section):
    """How the figures came into this repository."""

    how: Literal[
        "official file",
        "publisher's web table",
        "publisher's PDF",
        "secondary page",
        "press and web pages",
        "compiled",
    ] = Field(description="the kind of place they were read from")
    note: Text | None = Field(None, description="anything to add")


class DataFile(_Section):
    """One file beside the source.yml, and what its content must be."""

    path: FileName = Field(description="a plain file name")
    content_sha256: Sha256 = Field(description="the canonical hash of the content (row order does not matter)")
    rows: int = Field(ge=1, description="the number of records below the header")


class ExpectedRegions(_Section):
    """Which regions the figures must cover; `complete` asks for every one that exists on the date."""

    level: Level = Field(description="country, state, government_region, district, borough, aggregate or group")
    complete: bool = Field(description="true when no region of the level may be missing")


class Where(_Section):
    """Which one observation is meant; leave out what the vintage has only one of."""

    region: RegionId = Field(description="a region id")
    measure: MeasureId = Field(description="a measure of pipeline/transform/concepts.yml")
    reference: Text | None = Field(None, description='the reference as printed, in quotes: "2018"')
    concept: ConceptId | None = Field(None, description="a concept of pipeline/transform/concepts.yml")
    breakdown: str | None = Field(None, description='the breakdown; "" for the row without one')


class ControlTotal(_Section):
    """A figure published elsewhere that one observation must equal, in printed units."""

    where: Where = Field(description="{region: …, measure: …, reference: …}")
    value: PrintedNumber = Field(description="the published total in printed units, in quotes")
    source: Text = Field(description="where the total is published")


class SumRule(_Section):
    """Within each reference, concept and breakdown the regions of `over` add up to the region `total`."""

    over: Level = Field(description="the level that is added up")
    total: RegionId = Field(description="the region that holds the total")
    measure: MeasureId = Field(description="the measure that is added up")
    tolerance: PrintedNumber = Field(description="the allowed difference in printed units")
    reason: Text = Field(description="why a difference is allowed, or `exact`")


class Expectations(_Section):
    """What must hold between the figures themselves."""

    regions: ExpectedRegions | None = Field(None, description="{level: state, complete: true}")
    control_totals: tuple[ControlTotal, ...] = Field((), description="a list of control totals")
    sums: tuple[SumRule, ...] = Field((), description="a list of sum rules")


class Vintage(_Section):
    """One `source.yml`: one release of one source. `folder` is where it was read from."""

    source: SourceId = Field(description="the name of the folder above")
    vintage: VintageId = Field(description="the name of this folder")
    kind: Kind = Field(description="observation, study_figure, claim, network_city or region")
    title: Text = Field(description="what the table shows, in one line")
    publisher: Text = Field(description="who published the figures")
    table_id: Text | None = Field(None, description="the publisher's table number")
    url: Url | None = Field(None, description="where the figures can be seen")
    published: DateText | None = Field(None, description='an ISO date or a year in quotes: "2019-08-21"')
    order: int = Field(
        ge=1,
        description="a whole number, upwards from vintage to vintage; release.lock.yml says which is current",
    )
    layout: Literal["tidy"] = Field("tidy", description="tidy")
    language: Literal["de", "en"] = Field(description="de or en")
    defaults: Defaults | None = Field(None, description="what holds for every row")
    measures: dict[MeasureId, PrintedMeasure] = Field({}, description="every measure of the files by its id")
    suppressed_below: PrintedNumber | None = Field(
        None, description="the bound below which the publisher prints `/`, in printed units"
    )
    licence: Licence = Field(description="{id, title, url, evidence, note}")
    attribution: Text = Field(description="the line to print under figures from this source")
    obtained: Obtained = Field(description="{how, note}")
    definition_note: Text | None = Field(None, description="what to know about the definition")
    labels: dict[str, Text] = Field({}, description="labels of the codes used in breakdown")
    files: tuple[DataFile, ...] = Field(description="the list of files of this folder")
    expect: Expectations = Field(Expectations(), description="regions, control_totals and sums")
    breaks: tuple[Text, ...] = Field((), description="a list of sentences")
    doubts: tuple[Text, ...] = Field((), description="a list of sentences")

    _folder: Path = PrivateAttr(default=Path())

    @property
    def folder(self) -> Path:
        """The folder that holds this vintage's source.yml and files."""
        return self._folder

    @property
    def content_sha256(self) -> str:
        """The hashes of its files' content, separated by blanks, as core.vintage holds them."""
        return " ".join(file.content_sha256 for file in self.files)

    def shown(self, file: str) -> str:
        """`file` as errors name it, and as read_cells takes it: `raw_data/<source>/<vintage>/<file>`."""
        return f"{self._folder.parent.parent.name}/{self.source}/{self.vintage}/{file}"

    @model_validator(mode="after")
    def _agrees_with_its_kind(self) -> Vintage:
        names = [file.path for file in self.files]
        if not names:
            raise problem("files is empty", "List the files of this folder with path, content_sha256 and rows.")
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise problem(f"files lists {twice[0]!r} twice", "Keep one entry a file.")
        if self.kind == "observation":
            missing = [key for key in ("defaults", "measures") if not getattr(self, key)]
            if missing:
                raise problem(
                    f"kind observation needs the key {missing[0]!r}",
                    "Add it: defaults says what holds for every row, measures how each measure is printed.",
                )
            measures = {total.where.measure for total in self.expect.control_totals}
            measures |= {rule.measure for rule in self.expect.sums}
            unlisted = sorted(measures - set(self.measures))
            if unlisted:
                raise problem(
                    f"expect uses the measure {unlisted[0]!r}, which `measures` does not list",
                    "Add it to `measures`, or correct the expectation.",
                )
            return self
        given = [key for key in ("defaults", "measures", "suppressed_below") if getattr(self, key)]
        given += ["expect"] if self.expect != Expectations() else []
        if given:
            raise problem(
                f"the key {given[0]!r} is for kind observation only, this is kind {self.kind}",
                f"Remove {given[0]!r} or correct `kind`.",
            )
        return self
