"""What the data can carry of the declared places and years: refusals by name.

Belongs here: holding districts, trends, changes, refugees and the key of design.yml against the marts they speak of.
Not here: series of shares and published figures (carried.py), the shape of an entry (places.py), any statistic.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import polars as pl

from pipeline.analysis import key, refugees, trends
from pipeline.analysis.carried import refuse, unknown
from pipeline.analysis.comparisons import Entry
from pipeline.analysis.design import Design
from pipeline.analysis.districts import COVARIATES, STRUCTURE_COLUMNS
from pipeline.analysis.places import Change, Districts, Key, Refugees, Trend
from pipeline.analysis.series import GROUPS
from pipeline.analysis.tables import require_columns
from pipeline.errors import InputError


def refuse_what_districts_cannot_carry(design: Design, structure: pl.DataFrame) -> None:
    """Hold every districts entry against marts.district_structure (districts.STRUCTURE_COLUMNS at least).

    Raises:
        InputError: all refusals at once: an unknown source, concept or year; census bases mixed; a year without a
        covariate, or without inhabitants to weigh with; a side of fewer than two states.
    """
    require_columns(structure, STRUCTURE_COLUMNS, "marts.district_structure")
    refuse(design, (problem for entry in design.of(Districts) for problem in _districts(design, entry, structure)))


def _districts(design: Design, entry: Districts, structure: pl.DataFrame) -> Iterable[InputError]:
    wanted = {"source": ("source_id", entry.source), "concept": ("concept", entry.outcome)}
    if refusal := unknown(design, entry, structure, "marts.district_structure", wanted, entry.years):
        yield refusal
        return
    own = structure.filter(
        pl.col("source_id") == entry.source,
        pl.col("concept") == entry.outcome,
        True if entry.years == "all" else pl.col("year").is_in(entry.years),
    )
    bases = sorted(own["census_base"].unique())
    if len(bases) > 1:
        yield design.refusal(
            entry, f"mixed census bases: {', '.join(bases)}", "Write one entry for each, and name its years."
        )
    columns = {f"the covariate {name}": COVARIATES[name].column for name in entry.covariates}
    if entry.weights == "population":
        columns["inhabitants"] = "weight_persons"
    for year in sorted(own["year"].unique()):
        of_year = own.filter(pl.col("year") == year, pl.col("share_percent").is_not_null())
        empty = [what for what, column in columns.items() if of_year[column].null_count() == of_year.height]
        for what in empty:
            yield design.refusal(entry, f"no base: {what} not known for {year}", "Drop what needs it, or the year.")
        if empty:
            continue
        usable = of_year.drop_nulls(list(columns.values()))
        for variant in entry.berlin:
            for side, parts in zip(("East", "West"), GROUPS[variant], strict=True):
                states = usable.filter(pl.col("part").is_in(parts))["state_id"].n_unique()
                if states < 2:
                    yield design.refusal(
                        entry,
                        f"too few groups: {states} state of the {side} in {year}, Berlin {variant}",
                        "A comparison needs two states on either side: drop the year or a covariate.",
                    )


def refuse_what_years_cannot_carry(design: Design, share: pl.DataFrame) -> None:
    """Hold every trend and change entry against marts.share (trends.SHARE_COLUMNS at least).

    Raises:
        InputError: all refusals at once: an unknown source, concept or year; no three years without a break; a change
        across a break or from a year that is not complete; no inhabitants to weigh with.
    """
    require_columns(share, trends.SHARE_COLUMNS, "marts.share")
    states = share.filter(pl.col("level") == "state")
    entries = [*design.of(Trend), *design.of(Change)]
    refuse(design, (problem for entry in entries for problem in _years(design, entry, states)))


def _years(design: Design, entry: Trend | Change, states: pl.DataFrame) -> Iterable[InputError]:
    wanted = {"source": ("source_id", entry.source), "concept": ("concept", entry.outcome)}
    years = entry.years if isinstance(entry, Trend) else sorted({year for one in entry.changes for year in one})
    if refusal := unknown(design, entry, states, "marts.share", wanted, years):
        yield refusal
        return
    try:
        segments = trends.segments_of(states, entry)
        if isinstance(entry, Change):
            for first, last in entry.changes:
                trends.pair(segments, first, last)
    except InputError as error:
        yield design.refusal(entry, error.message, error.remedy or "")
        return
    if isinstance(entry, Trend) and all(len(segment.years) < trends.LEAST_YEARS for segment in segments):
        yield design.refusal(
            entry, f"no {trends.LEAST_YEARS} complete years without a break among them", "Name more years."
        )
    if entry.weights == "population" and any(segment.shares["weight_persons"].null_count() for segment in segments):
        yield design.refusal(entry, "no base: inhabitants are not known for all years", "Set `weights` to none.")


def refuse_what_seekers_cannot_carry(
    design: Design, seekers: pl.DataFrame, share: pl.DataFrame, keys: pl.DataFrame
) -> None:
    """Hold every refugees and key entry against marts.protection_seekers, marts.share and marts.koenigstein_key.

    Raises:
        InputError: all refusals at once: an unknown source, concept or year of the persons, of what they are divided
        by, or of the key; persons that cannot be summed up by state.
    """
    require_columns(seekers, refugees.SEEKER_COLUMNS, "marts.protection_seekers")
    require_columns(share, refugees.SHARE_COLUMNS, "marts.share")
    require_columns(keys, key.KEY_COLUMNS, "marts.koenigstein_key")
    states = share.filter(pl.col("level") == "state")

    def found() -> Iterable[InputError]:
        for entry in design.of(Refugees):
            yield from _persons(design, entry, seekers)
            for one in entry.denominators:
                wanted = {"source": ("source_id", one.source), "concept": ("concept", one.concept)}
                # Of all years those without a denominator are shown as not computed; a named year must have one.
                if refusal := unknown(design, entry, states, "marts.share", wanted, entry.years):
                    yield refusal
        for entry in design.of(Key):
            yield from _persons(design, entry, seekers)
            if refusal := unknown(
                design, entry, keys, "marts.koenigstein_key", {"source of the key": ("source_id", entry.key_source)}
            ):
                yield refusal
                continue
            own = keys.filter(pl.col("source_id") == entry.key_source)
            for year in refugees.seekers_of(seekers, entry):
                yield from _refused(design, entry, key.key_year, own, year, entry)

    refuse(design, found())


def _persons(design: Design, entry: Refugees | Key, seekers: pl.DataFrame) -> Iterable[InputError]:
    wanted = {"source": ("source_id", entry.source), "concept": ("concept", entry.outcome)}
    if refusal := unknown(design, entry, seekers, "marts.protection_seekers", wanted, entry.years):
        yield refusal
        return
    for of_year in refugees.seekers_of(seekers, entry).values():
        yield from _refused(design, entry, refugees.seekers_by_state, of_year)


def _refused(design: Design, entry: Entry, tried: Callable[..., object], *given: object) -> Iterable[InputError]:
    """What the computation itself would refuse, under the name and line of the entry."""
    try:
        tried(*given)
    except InputError as error:
        yield design.refusal(entry, error.message, error.remedy or "")
