"""What a service says about a table before it is asked for, and into which parts the table is then split.

Belongs here: reading the answer of `metadata/table`, years, the number of values, parts. Not here: asking or storing.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.errors import InputError

# A part by region is a part by state: official keys begin with the two digits of the state.
STATES = tuple(f"{number:02d}" for number in range(1, 17))
# Dimensions that years are taken from; how many of their values a part holds follows from its years.
_TIME_CODES = {"STAG", "JAHR"}


@dataclass(frozen=True)
class TableInfo:
    """What `metadata/table` tells.

    Attributes:
        code: the table as the service names it.
        updated: Object.Updated as printed, `28.12.2022 09:24:14h`.
        as_of: its date.
        first_year, last_year: the years it covers; null where not told.
        values_a_year: an upper bound of the values of one year; null where not told.
    """

    code: str
    updated: str
    as_of: dt.date
    first_year: int | None
    last_year: int | None
    values_a_year: int | None


@dataclass(frozen=True)
class Part:
    """What one request asks for: years from `first` to `last` (both null: all), and a state (null: all)."""

    first: int | None = None
    last: int | None = None
    state: str | None = None

    @property
    def name(self) -> str:
        """A plain file name without ending: `2022`, `2010-2019`, `2022-state-01`, `all`."""
        years = "all" if self.first is None else f"{self.first}-{self.last}"
        years = str(self.first) if len(self.years) == 1 else years
        return years if self.state is None else f"{years}-state-{self.state}"

    @property
    def years(self) -> tuple[int, ...]:
        """The years asked for; empty for all."""
        return () if self.first is None or self.last is None else tuple(range(self.first, self.last + 1))


def table_info(said: dict[str, Any], *, table: str, service: str) -> TableInfo:
    """The answer of `metadata/table` as a TableInfo.

    Raises:
        InputError: it does not say when the table was updated, or speaks of another table.
    """
    remedy = "The service may answer in a new way; look at the table on its web page."
    described = said.get("Object")
    described = described if isinstance(described, dict) else {}
    code = str(described.get("Code", ""))
    if code != table:
        raise InputError(f"asked for table {table}, it describes {code[:40]!r}", file=service, remedy=remedy)
    updated = str(described.get("Updated", ""))
    found = re.match(r"\s*([0-9]{2})\.([0-9]{2})\.([0-9]{4})\b", updated)
    try:
        as_of = dt.date(int(found[3]), int(found[2]), int(found[1])) if found else None
    except ValueError:
        as_of = None
    if as_of is None:
        raise InputError(
            f"it does not say when table {table} was updated: {updated[:40]!r}", file=service, remedy=remedy
        )
    time = described.get("Time")
    time = time if isinstance(time, dict) else {}
    return TableInfo(
        code=code,
        updated=updated.strip(),
        as_of=as_of,
        first_year=_year(time.get("From")),
        last_year=_year(time.get("To")),
        values_a_year=_values_a_year(described.get("Structure")),
    )


def planned(
    info: TableInfo, *, years: Sequence[int], from_year: int | None, regional: bool, max_values: int
) -> list[Part]:
    """The parts a table is asked for in, the earliest years first.

    Years go together as long as their values stay below `max_values`; where the service does not tell how many there
    are, every year is a part of its own.

    Args:
        info: what the service tells.
        years: the years wanted; empty for all from `from_year` on.
        from_year: the first year wanted; null for all.
        regional: whether the table can be split by state.
        max_values: the most values of one answer.

    Raises:
        InputError: the table has no year that is wanted.
    """
    first, last = info.first_year, info.last_year
    if not years:
        if first is None or last is None:
            return [Part(from_year, dt.datetime.now(dt.UTC).year)] if from_year else [Part()]
        years = range(max(first, from_year or first), last + 1)
    elif first is not None and last is not None and any(not first <= year <= last for year in years):
        raise InputError(
            f"table {info.code} covers {first} to {last}",
            key="--year",
            remedy="Ask for years within, or leave --year out.",
        )
    wanted = sorted(set(years))
    if not wanted:
        raise InputError(
            f"table {info.code} ends in {last}",
            key="fetch.from_year",
            remedy="Correct from_year in source.yml.",
        )
    together = max(1, (max_values - 1) // info.values_a_year) if info.values_a_year else 1
    parts = [Part(run[0], run[-1]) for run in _runs(wanted, together)]
    if regional and info.values_a_year and info.values_a_year >= max_values:
        return [smaller for part in parts for smaller in split(part, regional=True)]
    return parts


def split(part: Part, *, regional: bool) -> list[Part]:
    """`part` in smaller ones, by year and then by state; empty when it cannot be split further."""
    if len(part.years) > 1:
        return [Part(year, year, part.state) for year in part.years]
    if regional and part.state is None:
        return [Part(part.first, part.last, state) for state in STATES]
    return []


def _runs(years: list[int], longest: int) -> Iterable[list[int]]:
    """Consecutive years in pieces of at most `longest`."""
    run: list[int] = []
    for year in years:
        if run and (year != run[-1] + 1 or len(run) == longest):
            yield run
            run = []
        run.append(year)
    yield run


def _year(text: object) -> int | None:
    """The last four digits that stand together: of `31.12.2023`, `2023` or `2022/2023`."""
    found = re.findall(r"(?<![0-9])[0-9]{4}(?![0-9])", str(text or ""))
    return int(found[-1]) if found else None


def _values_a_year(structure: object) -> int | None:
    """The product of what the head, the columns and the rows hold, a total added to each; null if one does not tell."""
    if not isinstance(structure, dict):
        return None
    head = structure.get("Head")
    measures = head.get("Structure") if isinstance(head, dict) else None
    product = max(1, len(measures)) if isinstance(measures, list) else 1
    told = False
    for place in ("Columns", "Rows"):
        for element in structure.get(place) or ():
            size = _size(element)
            if size is None:
                return None
            product *= size
            told = told or size > 1
    return product if told else None


def _size(element: object) -> int | None:
    """The values of a dimension and its total, times those of the dimensions nested in it."""
    if not isinstance(element, dict):
        return None
    code, text = str(element.get("Code", "")), str(element.get("Values", ""))
    nested = element.get("Structure")
    inner = [_size(one) for one in nested] if isinstance(nested, list) else []
    own = 1 if code in _TIME_CODES else int(text) + 1 if re.fullmatch(r"[0-9]{1,9}", text) else None
    if own is None or None in inner:
        return None
    return own * math.prod(size for size in inner if size is not None)
