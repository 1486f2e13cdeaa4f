"""How a publisher's own file becomes observations: the section `readings` of a source.yml.

Belongs here: the shape of a reading, one a layout. Not here: applying it (transform/readings.py), or what a layout is
(ingest). A reading takes cells by what is printed (measure, unit, codes) and names them in the project's words;
whatever it does not name is refused, so that a new column or code can never slip into a figure.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from pipeline.registry.fields import ConceptId, DateText, MeasureId, Section, Text, matching, problem
from pipeline.transform.concepts import CensusBase, Level, ReferenceKind, ReleaseState, Status, Universe

# The word for a total in `where` and `total`; no publisher's code is spelled so, except the ones that mean it.
TOTAL = "TOTAL"
Key = Annotated[str, matching(r"[a-z][a-z0-9_]*", "a key in small letters (a-z, 0-9, _)")]
Printed = Annotated[str | tuple[str, ...], AfterValidator(lambda word: (word,) if isinstance(word, str) else word)]


class BreakdownKey(Section):
    """Where the code of one key of the breakdown comes from: a printed variable, or a constant."""

    variable: Text | None = Field(None, description="the printed variable, such as GES; in a pivot its place, `head 2`")
    total: Text | None = Field(None, description="how the total is written; without it the total gives no key")
    constant: Text | None = Field(None, description="the code to write in every figure, in place of a variable")

    @model_validator(mode="after")
    def _one_of_two(self) -> BreakdownKey:
        if (self.variable is None) == (self.constant is None):
            raise problem(
                "a key of the breakdown needs either a variable or a constant",
                "Write {variable: GES}, {variable: GES, total: TOTAL} or {constant: WDGAT2}.",
            )
        return self


class Taken(Section):
    """Which cells become figures of one measure."""

    measure: MeasureId = Field(description="the measure of pipeline/transform/concepts.yml")
    printed: Printed = Field(
        description="the printed code or label of the measure, or a list; * stands for what changes, such as a date"
    )
    unit: str | None = Field(None, description="the printed unit; the file must print exactly this")
    where: dict[Text, Printed] = Field(
        {}, description=f"the printed variables and the codes that are taken; {TOTAL} is the total, whatever its code"
    )
    breakdown: dict[Key, BreakdownKey] = Field(
        {}, description="keys of the breakdown: {sex: {variable: GES}}; every other variable must be at its total"
    )
    since: DateText | None = Field(None, description="the first date or year that is taken, both printed in ISO order")
    until: DateText | None = Field(None, description="the last date or year that is taken")
    reference: Text | None = Field(None, description="the date or year where the file prints none beside the figure")
    reference_kind: ReferenceKind | None = Field(None, description="year, date or year_end; else that of `defaults`")
    concept: ConceptId | None = Field(None, description="the concept; else that of `defaults`")
    universe: Universe | None = Field(None, description="the universe; else that of `defaults`")
    release_state: ReleaseState | None = Field(None, description="the release state; else that of `defaults`")
    census_base: CensusBase | None = Field(None, description="the census base; else that of `defaults`")
    status: Status | None = Field(None, description="how sure the figures are; else that of `defaults`")


class Reading(Section):
    """How files of one layout become observations."""

    tables: tuple[Text, ...] = Field(
        (), description="the table or statistics codes the file may print; [] where it prints none"
    )
    sheet: Text | None = Field(None, description="the machine sheet of a workbook, such as csv-12211-14")
    levels: tuple[Level, ...] | None = Field(None, description="the levels of regions to take; without it all of them")
    city_states_as_districts: bool = Field(
        False, description="true where Hamburg and Berlin are printed once, as 02 and 11, in a table of districts"
    )
    ignored: tuple[Text, ...] = Field((), description="printed variables that tell nothing apart, such as Land")
    figures: tuple[Taken, ...] = Field(description="a list: which cells become which measure")
    rest: Text | None = Field(None, description="why all other cells are left out; without it they are refused")

    @model_validator(mode="after")
    def _takes_something(self) -> Reading:
        if not self.figures:
            raise problem("figures is empty", "Name at least one measure and how it is printed.")
        return self
