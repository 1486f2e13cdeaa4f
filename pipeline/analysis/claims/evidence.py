"""The rows a rule compares: claims and figures as numbers with bounds, years as spans, and their words.

Belongs here: reading a row as something that can be compared, and saying what it says. Not here: the comparison
(kinds.py), the rules (rules.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal
from urllib.parse import urlsplit

import polars as pl

from pipeline.language import NBSP, SOURCE, format_number, named, rewritten, spoken, t, told

Role = Literal["compared", "alternative", "definition", "secondary"]
Row = dict[str, Any]

# Read on the publisher's own page or table; everything else passed through other hands.
PRIMARY = frozenset({"published"})
UNUSABLE = frozenset({"contradicted"})
# The flags of a result that say the same of it.
SECONDARY_FLAGS = frozenset({"secondary_figures", "inferred", "derived"})
NEVER = 9999
_NUMBER = r"[0-9]+(?:\.[0-9]+)?"
_SPAN = re.compile(r"([0-9]{4})-([0-9]{4}|1[3-9]|[2-9][0-9])(?![0-9])")
_BOUND_IN_WORDS = re.compile(rf"([<>])\s*({_NUMBER})")


@dataclass(frozen=True)
class Interval:
    """A number as printed: its value, and what rounding or an inequality leaves open."""

    value: float
    lower: float
    upper: float

    def widened(self, percent: float) -> Interval:
        """Both bounds moved out by so many percent of the value."""
        more = abs(self.value) * percent / 100
        return Interval(self.value, min(self.lower, self.value - more), max(self.upper, self.value + more))

    def fits(self, other: Interval) -> bool:
        """Whether one of the two, rounded as coarsely as the other is printed, is the other."""
        return self.lower <= other.value <= self.upper or other.lower <= self.value <= other.upper

    def distance(self, other: Interval) -> float:
        """How far the other value lies outside these bounds; 0 inside."""
        return max(self.lower - other.value, other.value - self.upper, 0.0)


@dataclass(frozen=True)
class Years:
    """The years a printed reference may mean."""

    first: int
    last: int

    def overlaps(self, other: Years) -> bool:
        return self.first <= other.last and other.first <= self.last

    @property
    def middle(self) -> float:
        return float(self.first) if self.last == NEVER else (self.first + self.last) / 2


def years(text: str | None) -> Years | None:
    """The years of a printed reference, or None where it names none or only a bound on an undated figure.

    2019/20 and 2015-18 are spans, 2016-03 is a month, ~2018 allows a year either way, 2021+ has no end, 1980s are ten
    years, `until 2016` has no beginning, `after 2004` begins in 2005.
    """
    text = (text or "").strip()
    found = [int(year) for year in re.findall(r"(?<![0-9])[0-9]{4}(?![0-9])", text)]
    if not found or text.startswith(("undated", "n/s", "n/a")):
        return None
    first, last = min(found), max(found)
    for start, end in re.findall(r"([0-9]{4})[/-]([0-9]{2})(?![0-9])", text):
        if "/" in text or int(end) > 12:
            last = max(last, int(start[:2] + end))
    if text.endswith("s"):
        last += 9
    if text.startswith("~"):
        first, last = first - 1, last + 1
    if text.startswith("after"):
        first, last = first + 1, NEVER
    if text.endswith(("+", "-")):
        last = NEVER
    if text.startswith("until"):
        first = 0
    return Years(first, last)


def number(value: float, digits: int | None = None) -> str:
    """A number as a reader likes it: 12,400; 8.8; with `digits` decimals where given."""
    return rewritten(f"{value:,.{digits}f}" if digits is not None else f"{value:,.10g}")


def unit_words(unit: str | None) -> str:
    """The unit as it stands behind a number; nothing where the unit only names the kind of statement."""
    if unit in (None, "", "date", "period", "qualitative quantity", "trend"):
        return ""
    if unit == "percent":
        return " %" if spoken() == SOURCE else f"{NBSP}%"
    words = told(unit)
    return f" ({words})" if " of " in unit or unit == "list" else f" {words}"


def when(text: str) -> str:
    """A printed reference to a year, in words where it stands in words."""
    match = re.fullmatch(r"(after|before|until) ([0-9]{4})", text)
    if not match:
        # A span of years, not a month: 2015-16, and not 2016-03.
        return told(text) if spoken() == SOURCE else _SPAN.sub(r"\1–\2", told(text))
    messages = {"after": t("after {year}"), "before": t("before {year}"), "until": t("until {year}")}
    return messages[match[1]].format(year=match[2])


@dataclass(frozen=True)
class Claim:
    """A row of core.claim."""

    row: Row

    @property
    def id(self) -> str:
        return self.row["claim_id"]

    @property
    def unit(self) -> str | None:
        return self.row["unit"]

    @cached_property
    def years(self) -> Years | None:
        return years(self.row["reference_year"])

    @cached_property
    def parts(self) -> list[Interval]:
        """The numbers the claim states: one, the two ends of a range, or those of a list; none where it is words."""
        return _parts(self.row)

    @property
    def bound(self) -> tuple[str, float] | None:
        """`>` or `<` and the number, where the claim states a bound, be it in words such as majority (>50)."""
        if self.row["relation"] in (">", "<"):
            return self.row["relation"], float(self.row["value"])
        match = _BOUND_IN_WORDS.search(self.row["value_printed"])
        return (match[1], float(match[2])) if match else None

    @property
    def words(self) -> str:
        """What is claimed, with its unit."""
        printed, unit = self.row["value_printed"], self.row["unit"]
        if self.row["relation"] == "text":
            return told(printed)
        values, units = re.split(r"\s*;\s*", printed), re.split(r"\s*;\s*", unit or "")
        if self.row["relation"] == "list" and len(values) == len(units):
            return "; ".join(f"{value} {told(of)}" for value, of in zip(values, units, strict=True))
        return self._printed + unit_words(unit)

    @property
    def _printed(self) -> str:
        """The number to the letter in the language of the files, in another one as that writes it."""
        printed = self.row["value_printed"]
        if spoken() == SOURCE or self.row["relation"] == "list":
            return printed
        if self.row["relation"] == "range":
            low, high = self.parts
            return t("{low} to {high}", low=number(low.value), high=number(high.value))
        return _signed(printed, format_number(self.row["value"], len(printed.partition(".")[2])))

    @property
    def opening(self) -> str:
        """How a sentence on the claim begins."""
        year = self.row["reference_year"]
        parts = {"statement": named(self.row["statement"]), "claimed": self.words}
        if not year or year.startswith("n/") or self.row["unit"] in ("date", "period"):
            return t("On {statement} the article says {claimed}", **parts)
        if year.startswith(("after", "before", "until")):
            return t("On {statement} the article says {claimed} {when}", **parts, when=when(year))
        return t("On {statement} the article says {claimed} for {year}", **parts, year=when(year))


@dataclass(frozen=True)
class Figure:
    """A row of core.study_figure, or one of the numbers in it."""

    row: Row
    item: int | None = None
    circular: bool = False

    @property
    def id(self) -> str:
        return self.row["figure_id"]

    @property
    def primary(self) -> bool:
        return self.row["status"] in PRIMARY

    @cached_property
    def years(self) -> Years | None:
        return years(self.row["year"])

    @cached_property
    def parts(self) -> list[Interval]:
        """Its numbers, or the one meant; none where it is words."""
        parts = _parts(self.row)
        return parts if self.item is None else parts[self.item - 1 : self.item]

    @property
    def searched(self) -> str:
        """The text in which words are looked for, in lower case."""
        columns = ("study", "indicator", "category", "geography", "unit")
        return " | ".join(self.row[column] or "" for column in columns).lower()

    def _picked(self, column: str) -> str:
        text = self.row[column] or ""
        parts = re.split(r"\s*/\s+", text)
        several = len(_parts(self.row)) == len(parts) > 1
        return parts[self.item - 1] if several and self.item is not None else text

    @property
    def _named(self) -> list[str]:
        return [text for text in (self._picked("indicator"), self.row["category"]) if text]

    @property
    def counts(self) -> str:
        """What was measured and in which unit, as printed: for comparing words, in whichever language is spoken."""
        return f"{', '.join(self._named)} {self._picked('unit')}"

    @property
    def indicator(self) -> str:
        """What was measured, of the one number meant where the row prints several."""
        return ", ".join(told(text) for text in self._named)

    @property
    def value(self) -> str:
        """The figure with its unit, as printed."""
        unit = unit_words(self._picked("unit") or None)
        if self.item is not None and self.parts:
            return number(self.parts[0].value) + unit
        if self.row["relation"] == "range":
            low, high = self.parts
            return t("{low} to {high}", low=number(low.value), high=number(high.value)) + unit
        if not self.parts:
            return told(self.row["value_printed"]) if self.row["value_printed"] else t("no number")
        return _signed(self.row["value_printed"], number(self.parts[0].value)) + unit

    @property
    def words(self) -> str:
        """The whole of it, for the list of evidence."""
        place, year = self.row["geography"], self.row["year"]
        of = f"{told(self.row['study'])}: {self.indicator}" + (f", {told(place)}" if place else "")
        said = f"{of}: {self.value}" + (f" ({when(year)})" if year else "")
        return t("{figure}, read on {site}", figure=said, site=self.host) if self.host else said

    @property
    def host(self) -> str:
        """The site the figure was read on; empty where none is named."""
        return (urlsplit(self.row["source_url"] or "").hostname or "").removeprefix("www.")

    @property
    def clause(self) -> str:
        """Who gives what, for a sentence."""
        return self._told(told(self.row["study"]))

    @property
    def clause_with_host(self) -> str:
        """The same, with the site it was read on: one study may be quoted in several ways."""
        study = told(self.row["study"])
        return self._told(t("{study}, on {site},", study=study, site=self.host) if self.host else study)

    def _told(self, who: str) -> str:
        # Once is enough: 32 cities (cities, 2018).
        repeats = ", ".join(self._named) in self._picked("unit")
        year = self.row["year"]
        inside = ", ".join(part for part in ("" if repeats else self.indicator, when(year) if year else "") if part)
        gives = t("{study} gives {figure}", study=who, figure=self.value)
        return gives + (f" ({inside})" if inside else "")


def _signed(printed: str, number: str) -> str:
    """The number with the words of the sign it is printed with."""
    messages = {
        "~": t("about {number}"),
        ">=": t("at least {number}"),
        ">": t("more than {number}"),
        "<": t("just under {number}"),
    }
    found = next((message for sign, message in messages.items() if printed.startswith(sign)), "{number}")
    return found.format(number=number)


def _parts(row: Row) -> list[Interval]:
    printed, relation = row["value_printed"], row["relation"]
    if relation == "range":
        return [Interval(float(end), float(end), float(end)) for end in (row["lower"], row["upper"])]
    if relation == "list":
        return [_rounded(text) for text in re.findall(_NUMBER, printed)]
    if relation == "text" or row["value"] is None:
        return []
    value = float(row["value"])
    if relation == "=":
        return [Interval(value, float(row["lower"]), float(row["upper"]))]
    return [Interval(value, value, value)]


def _rounded(text: str) -> Interval:
    half = 0.5 * 10 ** -len(text.partition(".")[2])
    return Interval(float(text), float(text) - half, float(text) + half)


@dataclass(frozen=True)
class Evidence:
    """One row that was compared or is shown beside it."""

    evidence_id: str
    role: Role
    figure: str


@dataclass(frozen=True)
class Finding:
    """What a rule found: a verdict from the closed list, and what it rests on.

    Attributes:
        verdict: one of kinds.VERDICTS.
        clause: the second half of the sentence.
        found: the found figures in words; null where there is none.
        lower, upper: the found figures as a span, in the claim's unit.
        distance: how far what was found lies outside what the claim admits, tolerance left aside.
        distance_unit: its unit.
        tolerance: what was granted, in words; null where no tolerance could matter.
        missing: what is not there.
        evidence: the rows.
    """

    verdict: str
    clause: str
    found: str | None = None
    lower: float | None = None
    upper: float | None = None
    distance: float | None = None
    distance_unit: str | None = None
    tolerance: str | None = None
    missing: str | None = None
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True)
class Tables:
    """The tables the rules read; see verdicts.READS for their names."""

    claims: pl.DataFrame
    figures: pl.DataFrame
    cities: pl.DataFrame
    regions: pl.DataFrame
    observations: pl.DataFrame
    survey_intervals: pl.DataFrame
    east_west: pl.DataFrame
    headline: pl.DataFrame
    read_in_the_article: str
    _cache: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def _by(self, name: str, frame: pl.DataFrame, column: str) -> Mapping[str, Row]:
        if name not in self._cache:
            self._cache[name] = {row[column]: row for row in frame.iter_rows(named=True)}
        return self._cache[name]

    @property
    def claim_rows(self) -> Mapping[str, Row]:
        return self._by("claims", self.claims, "claim_id")

    @property
    def figure_rows(self) -> Mapping[str, Row]:
        return self._by("figures", self.figures, "figure_id")

    @property
    def city_rows(self) -> Mapping[str, Row]:
        return self._by("cities", self.cities, "city")

    @property
    def survey_rows(self) -> Mapping[str, Row]:
        return self._by("surveys", self.survey_intervals, "figure_id")

    @property
    def result_rows(self) -> Mapping[str, Row]:
        return self._by("east_west", self.east_west, "result_id")

    def figure(self, ref: str) -> Figure:
        """The figure a rule names; KeyError where it is not there."""
        match = re.fullmatch(r"([^\[]+)(?:\[([1-9])\])?", ref)
        row = self.figure_rows[match[1] if match else ref]
        return Figure(row, int(match[2]) if match and match[2] else None, circular=self.is_circular(row))

    def is_circular(self, row: Row) -> bool:
        """Whether a figure was taken from the article, and so is no evidence for it."""
        return (row["note"] or "").startswith(self.read_in_the_article)
