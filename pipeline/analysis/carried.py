"""What the data can carry of the declaration: which series an entry declares, and refusals by name.

Belongs here: holding the entries of design.yml against the tables they speak of. Not here: the shape of an entry
(design.py), any statistic.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import polars as pl

from pipeline.analysis.comparisons import EastWest, Entry, Headline, Organisations, Proportions, Survey
from pipeline.analysis.design import Design
from pipeline.analysis.series import incomplete, missing_states, series_of
from pipeline.analysis.tables import require_columns
from pipeline.errors import InputError
from pipeline.registry import strict_yaml


@dataclass(frozen=True)
class Assigned:
    """A series and the comparison it is declared in; `reason` says why it is not compared, None where it is."""

    series: pl.DataFrame
    entry: EastWest | None
    reason: str | None


def assign(share: pl.DataFrame, entries: Sequence[EastWest]) -> list[Assigned]:
    """Every series of marts.share with the first entry that declares it, by series_id."""
    assigned = []
    for series in series_of(share):
        head = series.row(0, named=True)
        entry = next((entry for entry in entries if _declares(entry, head)), None)
        reason = incomplete(series)
        if entry is None and reason is None:
            reason = "no comparison is declared for it"
        assigned.append(Assigned(series, entry, reason))
    return assigned


def _declares(entry: EastWest, head: dict[str, object]) -> bool:
    return (
        head["source_id"] in entry.sources
        and head["concept"] == entry.outcome
        and head["level"] == entry.level
        and (entry.years == "all" or head["year"] in entry.years)
    )


def refuse_what_shares_cannot_carry(design: Design, share: pl.DataFrame) -> None:
    """Hold every east_west entry against marts.share (SHARE_COLUMNS at least).

    Raises:
        InputError: all refusals at once: an unknown source, concept, level or year; universes or census bases mixed; an
        incomplete series named by its year; no base to pool with; a series declared twice.
    """
    # Looked at as text columns: an entry is a question to whole columns, not to one series.
    heads = share.select("series_id", "source_id", "concept", "level", "year", "universe", "census_base").unique()
    found = [problem for entry in design.of(EastWest) for problem in _refusals(design, entry, share, heads)]
    declared = Counter(
        head["series_id"]
        for head in heads.select("series_id", "source_id", "concept", "level", "year").unique().iter_rows(named=True)
        for entry in design.of(EastWest)
        if _declares(entry, head)
    )
    for series_id in sorted(name for name, times in declared.items() if times > 1):
        head = heads.filter(pl.col("series_id") == series_id).row(0, named=True)
        second = [entry for entry in design.of(EastWest) if _declares(entry, head)][1]
        found.append(
            design.refusal(second, f"the series {series_id} is declared twice", "Leave it to one of the entries.")
        )
    refuse(design, found)


def refuse(design: Design, problems: Iterable[InputError]) -> None:
    """Raise all problems of the declaration together, where there are any."""
    found = list(problems)
    if found:
        raise strict_yaml.combined(found, file=design.file)


def _refusals(design: Design, entry: EastWest, share: pl.DataFrame, heads: pl.DataFrame) -> Iterable[InputError]:
    for source in entry.sources:
        wanted = {
            "source": ("source_id", source),
            "concept": ("concept", entry.outcome),
            "level": ("level", entry.level),
        }
        if refusal := unknown(design, entry, heads, "marts.share", wanted, entry.years):
            yield refusal
            return
    chosen = [item for item in assign(_only(share, entry), [entry]) if item.entry is not None]
    if entry.unknown_regions == "bounded":
        for item in chosen:
            if reason := missing_states(item.series):
                name = item.series["series_id"][0]
                yield design.refusal(entry, f"{name} cannot be bounded: {reason}", "Drop the year.")
        compared = chosen
    else:
        for item in chosen:
            if item.reason and entry.years != "all":
                name = item.series["series_id"][0]
                yield design.refusal(entry, f"{name} is incomplete: {item.reason}", "Drop the year.")
        compared = [item for item in chosen if item.reason is None]
        if not compared:
            yield design.refusal(entry, "none of its series is complete", "Drop the entry.")
    for column, what in (("universe", "universes"), ("census_base", "census bases")):
        held = sorted({value for item in compared for value in item.series[column].unique()})
        if len(held) > 1:
            yield design.refusal(entry, f"mixed {what}: {', '.join(held)}", "Write one entry for each of them.")
    if "pooled" in entry.estimands:
        columns = ("persons_with", "persons_total") if entry.weights == "counts" else ("weight_persons",)
        for item in compared:
            if any(item.series.select(columns).null_count().row(0)):
                name = item.series["series_id"][0]
                yield design.refusal(
                    entry,
                    f"no base: {name} lacks {' or '.join(columns)}",
                    "Set `weights` to what the series has, or drop `pooled`.",
                )


def unknown(
    design: Design,
    entry: Entry,
    table: pl.DataFrame,
    name: str,
    wanted: dict[str, tuple[str, str]],
    years: Literal["all"] | Sequence[int] = "all",
) -> InputError | None:
    """The refusal of the first value that the table does not hold, or None.

    Args:
        wanted: what it is in words → column and value; each is looked for in the rows that hold the ones before it.
        years: looked for in what is left.
    """
    for what, (column, value) in wanted.items():
        known = sorted(table[column].unique())
        if value not in known:
            guess = strict_yaml.closest(value, known)
            remedy = (f"Did you mean {guess!r}? " if guess else "") + f"{name} has {', '.join(known)}."
            return design.refusal(entry, f"unknown {what} {value!r}", remedy)
        table = table.filter(pl.col(column) == value)
    held = sorted(table["year"].unique())
    if years != "all" and (lacking := [str(year) for year in years if year not in held]):
        source = next(value for column, value in wanted.values() if column == "source_id")
        remedy = f"It has {', '.join(map(str, held))}."
        return design.refusal(entry, f"unknown year {', '.join(lacking)} of {source}", remedy)
    return None


def _only(share: pl.DataFrame, entry: EastWest) -> pl.DataFrame:
    return share.filter(
        pl.col("source_id").is_in(entry.sources), pl.col("concept") == entry.outcome, pl.col("level") == entry.level
    )


def refuse_what_figures_cannot_carry(design: Design, study_figures: pl.DataFrame) -> None:
    """Hold entries on published figures against core.study_figure (figure_id, unit, value).

    Raises:
        InputError: all refusals at once: an unknown figure, one that is no percentage, one figure against itself, a
        figure that two entries ask for.
    """
    require_columns(study_figures, ("figure_id", "unit", "value"), "core.study_figure")
    units = dict(study_figures.select("figure_id", "unit").iter_rows())
    found: list[InputError] = []
    for entry in design.of(Proportions):
        used = [entry.first.figure, entry.second.figure]
        found += _unknown_figures(design, entry, [*used, entry.first.base_at_least, entry.second.base_at_least], units)
        for name in used:
            if units.get(name, "percent") != "percent":
                found.append(design.refusal(entry, f"the figure {name} is no percentage", "Name one in percent."))
        if used[0] == used[1]:
            found.append(design.refusal(entry, "too few groups: one figure against itself", "Name two figures."))
    asked: Counter[str] = Counter()
    percents = [name for name, unit in units.items() if unit == "percent"]
    for entry in design.of(Survey):
        named = percents if entry.figures == "all" else entry.figures
        found += _unknown_figures(design, entry, named, units)
        for name in named:
            asked[name] += 1
            if units.get(name, "percent") != "percent":
                found.append(design.refusal(entry, f"the figure {name} is no percentage", "Name one in percent."))
            elif asked[name] == 2:
                found.append(
                    design.refusal(entry, f"the figure {name} is declared twice", "Leave it to one of the entries.")
                )
    for entry in design.of(Organisations):
        used = [entry.lower, entry.upper, entry.counted, *(definition.figure for definition in entry.definitions)]
        found += _unknown_figures(design, entry, used, units)
    refuse(design, found)


def _unknown_figures(
    design: Design, entry: Entry, names: Iterable[str | None], units: dict[str, str]
) -> list[InputError]:
    found = []
    for name in names:
        if name is not None and name not in units:
            guess = strict_yaml.closest(name, units)
            remedy = f"Did you mean {guess!r}?" if guess else "Add it to the study figures in raw_data."
            found.append(design.refusal(entry, f"unknown figure {name!r}", remedy))
    return found


def refuse_what_claims_cannot_carry(design: Design, claims: pl.DataFrame) -> None:
    """Hold the statement on East, West and Germany against core.claim (claim_id).

    Raises:
        InputError: all refusals at once: an unknown claim, one claim for two parts.
    """
    require_columns(claims, ("claim_id",), "core.claim")
    known = claims["claim_id"].to_list()
    found: list[InputError] = []
    for entry in design.of(Headline):
        named = list(entry.claims.model_dump().values())
        for name in named:
            if name not in known:
                found.append(design.refusal(entry, f"unknown claim {name!r}", "Name a claim_id of core.claim."))
        if len(set(named)) < len(named):
            found.append(design.refusal(entry, "one claim stands for two parts", "Name one claim for each part."))
    refuse(design, found)
