"""What a `source.yml` may say: one pydantic model a section, all frozen, no unknown key.

Belongs here: the shape of the file and every rule that needs nothing but the file itself. Not here: whether
the data files beside it keep their promises (folder.py for bytes, transform/expectations.py for figures). The
descriptions of the fields are shown to people as remedies; they complete the sentence "Expected: …".
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Discriminator, Field, PrivateAttr, Tag, model_validator

from pipeline.ingest import Layout, PublisherLayout
from pipeline.registry.fields import (
    ConceptId,
    DateText,
    FileName,
    MeasureId,
    PrintedNumber,
    RegionId,
    Section,
    Sha256,
    SourceId,
    TableCode,
    Text,
    Url,
    VariableCode,
    VintageId,
    problem,
)
from pipeline.registry.readings import Reading
from pipeline.transform.concepts import CensusBase, Level, ReferenceKind, ReleaseState, Status, Universe

Kind = Literal["observation", "study_figure", "claim", "network_city", "region"]


class RoundedTo(Section):
    """The publisher rounded every figure to a multiple of `rounded_to` printed units."""

    rounded_to: PrintedNumber = Field(description="the multiple, in printed units, that figures were rounded to")


def _precision_tag(value: object) -> str:
    return "a mapping" if isinstance(value, dict | RoundedTo) else "a word"


Precision = Annotated[
    Annotated[Literal["exact", "printed"], Tag("a word")] | Annotated[RoundedTo, Tag("a mapping")],
    Discriminator(_precision_tag),
]


class PrintedMeasure(Section):
    """How the figures of one measure are printed."""

    printed_unit: Text = Field(description="the unit the publisher prints, such as `thousand persons`")
    multiplier: int = Field(ge=1, le=1_000_000, description="what one printed unit stands for, such as 1000")
    precision: Precision = Field(
        description="exact, printed (half a unit of the last printed digit) or {rounded_to: 5}"
    )


class Defaults(Section):
    """What holds for every row; a filled cell of a CSV column of the same name wins."""

    reference_kind: ReferenceKind = Field(description="year, date or year_end")
    concept: ConceptId | None = Field(None, description="a concept of pipeline/transform/concepts.yml")
    universe: Universe | None = Field(None, description="whom the figure could count at all")
    release_state: ReleaseState | None = Field(None, description="final, first_results, revised or not_stated")
    census_base: CensusBase | None = Field(None, description="the census the figures are extrapolated from")
    status: Status | None = Field(None, description="how sure the figure is")


class Licence(Section):
    """The terms the figures are used under, and how we know them."""

    id: Text = Field(description="a short id such as dl-de/by-2-0")
    title: Text = Field(description="the licence's full name")
    url: Url | None = Field(None, description="where its text stands")
    evidence: Literal["stated", "house rule", "not evidenced", "none printed"] = Field(
        description="how the licence is known"
    )
    note: Text | None = Field(None, description="anything to add")


class Obtained(Section):
    """How the figures came into this repository."""

    how: Literal[
        "official file",
        "publisher's web table",
        "publisher's PDF",
        "secondary page",
        "press and web pages",
        "compiled",
        "synthetic",
    ] = Field(description="the kind of place they were read from")
    note: Text | None = Field(None, description="anything to add")


class DataFile(Section):
    """One file beside the source.yml, and what its content must be."""

    path: FileName = Field(description="a plain file name")
    content_sha256: Sha256 = Field(description="the canonical hash of the content (row order does not matter)")
    rows: int = Field(ge=1, description="the number of records below the header")


class ExpectedRegions(Section):
    """Which regions the figures must cover; `complete` asks for every one that exists on the date."""

    level: Level = Field(description="country, state, government_region, district, borough, aggregate or group")
    complete: bool = Field(description="true when no region of the level may be missing")


class Where(Section):
    """Which one observation is meant; leave out what the vintage has only one of."""

    region: RegionId = Field(description="a region id")
    measure: MeasureId = Field(description="a measure of pipeline/transform/concepts.yml")
    reference: Text | None = Field(None, description='the reference as printed, in quotes: "2018"')
    concept: ConceptId | None = Field(None, description="a concept of pipeline/transform/concepts.yml")
    breakdown: str | None = Field(None, description='the breakdown; "" for the row without one')


class ControlTotal(Section):
    """A figure published elsewhere that one observation must equal, in printed units."""

    where: Where = Field(description="{region: …, measure: …, reference: …}")
    value: PrintedNumber = Field(description="the published total in printed units, in quotes")
    source: Text = Field(description="where the total is published")


class SumRule(Section):
    """Within each reference, concept and breakdown the regions of `over` add up to the region `total`."""

    over: Level = Field(description="the level that is added up")
    total: RegionId = Field(description="the region that holds the total")
    measure: MeasureId = Field(description="the measure that is added up")
    tolerance: PrintedNumber = Field(description="the allowed difference in printed units")
    reason: Text = Field(description="why a difference is allowed, or `exact`")


class Expectations(Section):
    """What must hold between the figures themselves."""

    regions: ExpectedRegions | None = Field(None, description="{level: state, complete: true}")
    control_totals: tuple[ControlTotal, ...] = Field((), description="a list of control totals")
    sums: tuple[SumRule, ...] = Field((), description="a list of sum rules")


class Break(Section):
    """A change of method, base or territory after which figures do not continue those before."""

    since: DateText | None = Field(None, description='the first date or year after it, in quotes: "2016"; null for all')
    text: Text = Field(description="what changed, for the reader")


class Fetch(Section):
    """Where a publisher's service offers the table; read by `mo fetch` alone."""

    service: Literal["genesis", "regionalstatistik", "zensus"] = Field(
        description="genesis (GENESIS-Online), regionalstatistik (Regionaldatenbank) or zensus (Zensus database)"
    )
    table: TableCode = Field(description='the code of the table there, in quotes: "12411-01-01-4"')
    regionalvariable: VariableCode | None = Field(
        None, description="the code of the regional variable, such as KREISE; needed where one year is too large"
    )
    from_year: int | None = Field(None, ge=1900, le=2100, description="the first year to fetch; null for all")


class Vintage(Section):
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
    layout: Layout = Field(
        "tidy", description="tidy, ffcsv_new, ffcsv_old, pivot, strukturdaten or statistischer_bericht"
    )
    language: Literal["de", "en"] = Field(description="de or en")
    defaults: Defaults | None = Field(None, description="what holds for every row")
    measures: dict[MeasureId, PrintedMeasure] = Field({}, description="every measure of the files by its id")
    readings: dict[PublisherLayout, Reading] = Field(
        {}, description="how a publisher's file becomes observations, one entry a layout"
    )
    suppressed_below: PrintedNumber | None = Field(
        None, description="the bound below which the publisher prints `/`, in printed units"
    )
    licence: Licence = Field(description="{id, title, url, evidence, note}")
    attribution: Text = Field(description="the line to print under figures from this source")
    obtained: Obtained = Field(description="{how, note}")
    definition_note: Text | None = Field(None, description="what to know about the definition")
    labels: dict[str, Text] = Field({}, description="labels of the codes used in breakdown")
    fetch: Fetch | None = Field(None, description="{service, table, regionalvariable, from_year}")
    files: tuple[DataFile, ...] = Field(description="the list of files of this folder")
    expect: Expectations = Field(Expectations(), description="regions, control_totals and sums")
    breaks: tuple[Break, ...] = Field((), description="a list of {since, text}")
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
            taken = {figures.measure for reading in self.readings.values() for figures in reading.figures}
            undescribed = sorted(taken - set(self.measures))
            if undescribed:
                raise problem(
                    f"readings take the measure {undescribed[0]!r}, which `measures` does not list",
                    "Say under `measures` how it is printed: printed_unit, multiplier, precision.",
                )
            if self.layout != "tidy" and self.layout not in self.readings:
                raise problem(
                    f"layout is {self.layout}, but `readings` has no entry {self.layout}",
                    "Say under `readings` which printed cells become which measure (raw_data/README.md).",
                )
            return self
        if self.layout != "tidy":
            raise problem(f"kind {self.kind} has the layout tidy only, this is {self.layout}", "Write `layout: tidy`.")
        given = [key for key in ("defaults", "measures", "suppressed_below", "readings") if getattr(self, key)]
        given += ["expect"] if self.expect != Expectations() else []
        if given:
            raise problem(
                f"the key {given[0]!r} is for kind observation only, this is kind {self.kind}",
                f"Remove {given[0]!r} or correct `kind`.",
            )
        return self
