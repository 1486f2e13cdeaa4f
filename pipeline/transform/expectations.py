"""What must hold between the figures of a vintage: all regions there, totals as published, parts adding up.

Belongs here: holding observations against the `expect` section of their source.yml. Not here: rules about a
single cell (numbers.py, markers.py), and checks across sources (SQL).
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl

from pipeline.errors import InputError
from pipeline.transform.parts import own

if TYPE_CHECKING:
    from pipeline.registry import ControlTotal, ExpectedRegions, SumRule, Vintage

# Nothing was there to count: the region did not exist, or the cell makes no sense.
_ABSENT = pl.col("value").is_null() & pl.col("marker").is_in(["-", "x"])
_SIDECAR = "source.yml"
# A total is that of its parts within these.
_GROUP = ["reference", "concept", "universe", "breakdown"]


def expectation_failures(observations: pl.DataFrame, vintage: Vintage, regions: pl.DataFrame) -> list[InputError]:
    """Everything that `vintage.expect` promises and `observations` does not keep.

    Args:
        observations: `OBSERVATION`, all rows of this vintage.
        vintage: the vintage they belong to.
        regions: `REGION`.

    Returns:
        One InputError a broken promise, naming the data file (a region missing) or source.yml and the key (a
        total or sum that is off), with the remedy; empty when all hold.
    """
    promises = Promises(vintage, regions)
    promises.add(observations)
    return promises.failures()


class Promises:
    """What a vintage promises, asked of rows that come in parts: of each part only what decides is kept."""

    def __init__(self, vintage: Vintage, regions: pl.DataFrame) -> None:
        """`regions` is `REGION`."""
        expect = vintage.expect
        self._asked: list[_Regions | _Total | _Sums] = []
        if expect.regions is not None:
            self._asked.append(_Regions(vintage, regions, expect.regions))
        self._asked += [
            _Total(vintage, total, f"expect.control_totals[{index}]")
            for index, total in enumerate(expect.control_totals)
        ]
        self._asked += [
            _Sums(vintage, regions, rule, f"expect.sums[{index}]") for index, rule in enumerate(expect.sums)
        ]

    def add(self, observations: pl.DataFrame) -> None:
        """Take the next rows of the vintage, `OBSERVATION`."""
        for one in self._asked:
            one.add(observations)

    def failures(self) -> list[InputError]:
        """One InputError a broken promise, once all rows were added; see `expectation_failures`."""
        return [failure for one in self._asked for failure in one.failures()]


class _Regions:
    """Each reference, concept and measure must have a row for every region of the level that existed then.

    A city state printed with its state key alone (02, 11) counts as its own district (02000, 11000).
    """

    def __init__(self, vintage: Vintage, regions: pl.DataFrame, expected: ExpectedRegions) -> None:
        self._vintage, self._expected = vintage, expected
        self._of_level = regions.filter(pl.col("level") == expected.level)
        self._slices: pl.DataFrame | None = None
        self._there: pl.DataFrame | None = None

    def add(self, observations: pl.DataFrame) -> None:
        keys = ["reference", "reference_date", "concept", "measure"]
        slices = observations.group_by(keys, maintain_order=True).agg(pl.col("raw_file").first())
        there = observations.select("reference", "concept", "measure", "region_id").unique(maintain_order=True)
        self._slices = own(_joined(self._slices, slices).unique(keys, keep="first", maintain_order=True))
        self._there = own(_joined(self._there, there).unique(maintain_order=True))

    def failures(self) -> list[InputError]:
        vintage, expected = self._vintage, self._expected
        if self._slices is None or self._there is None:
            return []
        there = pl.concat(
            [
                self._there,
                self._there.filter(pl.col("region_id").str.len_bytes() == 2).with_columns(pl.col("region_id") + "000"),
            ]
        ).unique()
        if not expected.complete:
            if there.join(self._of_level, on="region_id", how="semi").height:
                return []
            return [
                InputError(
                    f"there is no row for any {expected.level}",
                    file=vintage.shown(_SIDECAR),
                    key="expect.regions",
                    remedy="Restore the rows, or correct the level.",
                )
            ]
        date = pl.col("reference_date")
        missing = (
            self._slices.join(self._of_level, how="cross")
            .filter(
                (pl.col("valid_from").is_null() | (pl.col("valid_from") <= date))
                & (pl.col("valid_to").is_null() | (pl.col("valid_to") >= date))
            )
            .join(
                there,
                on=["reference", "concept", "measure", "region_id"],
                how="anti",
            )
        )
        failures = []
        for (reference, concept, measure), group in missing.group_by(
            "reference", "concept", "measure", maintain_order=True
        ):
            group = group.sort("region_id")
            names = [f"{row['region_id']} {row['name']}" for row in group.head(5).iter_rows(named=True)]
            more = f" and {group.height - 5} more" if group.height > 5 else ""
            plural = "is" if group.height == 1 else "are"
            failures.append(
                InputError(
                    f"{', '.join(names)}{more} {plural} missing in {measure} of {concept}, {reference}",
                    file=self._data_file(reference, measure),
                    key="region",
                    remedy=f"Add the row with its figure or printed marker; every {expected.level} is expected "
                    f"({_SIDECAR}, expect.regions).",
                )
            )
        return failures

    def _data_file(self, reference: object, measure: object) -> str:
        """The file that holds this reference and measure, as errors name it."""
        found = pl.DataFrame(self._slices).filter((pl.col("reference") == reference) & (pl.col("measure") == measure))
        return self._vintage.shown(found["raw_file"][0].rpartition("/")[2])


class _Total:
    """One observation must equal a total that is published elsewhere."""

    def __init__(self, vintage: Vintage, total: ControlTotal, key: str) -> None:
        self._vintage, self._total, self._key = vintage, total, key
        where = total.where
        words = {
            "region_id": where.region,
            "measure": where.measure,
            "reference": where.reference,
            "concept": where.concept,
            "breakdown": where.breakdown or "",
        }
        self._wanted = {column: word for column, word in words.items() if word is not None}
        self._found: list[dict[str, Any]] = []
        self._count = 0

    def add(self, observations: pl.DataFrame) -> None:
        found = observations.filter(pl.col(column) == word for column, word in self._wanted.items())
        self._count += found.height
        self._found += found.head(1).to_dicts()

    def failures(self) -> list[InputError]:
        vintage, key = self._vintage, self._key
        where = self._total.where
        described = ", ".join(f"{column} {word}" for column, word in self._wanted.items() if word)
        if self._count != 1:
            return [
                InputError(
                    f"{self._count or 'no'} observations match {described}; exactly one must",
                    file=vintage.shown(_SIDECAR),
                    key=f"{key}.where",
                    remedy="Say more in `where` (reference, concept, breakdown)."
                    if self._count
                    else "Correct `where`, or restore the row.",
                )
            ]
        (row,) = self._found
        expected = self._total.value * vintage.measures[where.measure].multiplier
        if row["value"] == expected:
            return []
        shown = f"the marker {row['marker']}" if row["value"] is None else plain(row["value"])
        return [
            InputError(
                f"{described} is {shown} {row['unit']}, but {plain(expected)} is published",
                file=vintage.shown(row["raw_file"].rpartition("/")[2]),
                line=row["raw_line"],
                key=key,
                remedy=f"Check the figure against {self._total.source}; correct the row or {_SIDECAR}.",
            )
        ]


class _Sums:
    """The parts must add up to the total in each reference, concept, universe and breakdown that has a total.

    Where a part is suppressed, the bounds of the parts must allow the total.
    """

    def __init__(self, vintage: Vintage, regions: pl.DataFrame, rule: SumRule, key: str) -> None:
        self._vintage, self._rule, self._key = vintage, rule, key
        self._members = _members(regions, rule)
        # Some tables print the city states under their two-digit key only, never as a district: which of the two keys
        # counts is known at the end.
        self._either = {member: member[:2] for member in self._members if member.endswith("000")}
        self._printed: set[str] = set()
        self._totals: pl.DataFrame | None = None
        self._parts: pl.DataFrame | None = None

    def add(self, observations: pl.DataFrame) -> None:
        rule = self._rule
        figures = observations.filter(pl.col("measure") == rule.measure)
        either = [*self._either, *self._either.values()]
        self._printed |= set(figures.filter(pl.col("region_id").is_in(either))["region_id"].unique())
        totals = figures.filter((pl.col("region_id") == rule.total) & pl.col("value").is_not_null())
        parts = (
            figures.filter(pl.col("region_id").is_in([*self._members, *self._either.values()]) & ~_ABSENT)
            .group_by(
                *_GROUP,
                pl.when(pl.col("region_id").is_in(either)).then("region_id").alias("city_state"),
                maintain_order=True,
            )
            .agg(
                parts=pl.len(),
                known=pl.col("value").sum(),
                suppressed=pl.col("value").null_count(),
                least=pl.col("lower").fill_null(0).sum(),
                most=pl.col("upper").sum(),
                unbounded=pl.col("upper").null_count(),
            )
        )
        self._totals = own(_joined(self._totals, totals))
        self._parts = own(_added(_joined(self._parts, parts), [*_GROUP, "city_state"]))

    def failures(self) -> list[InputError]:
        vintage, rule = self._vintage, self._rule
        if self._totals is None or self._parts is None:
            return []
        replaced = {key[:2] if key not in self._printed and key[:2] in self._printed else key for key in self._either}
        counted = self._parts.filter(pl.col("city_state").is_null() | pl.col("city_state").is_in(list(replaced)))
        compared = self._totals.join(
            _added(counted.drop("city_state"), _GROUP).with_columns(
                most=pl.when(pl.col("unbounded") == 0).then("most"),
            ),
            on=_GROUP,
            how="left",
            maintain_order="left",
        )
        if compared["parts"].null_count() == compared.height:
            return [
                InputError(
                    f"there is nothing to add up: no {rule.over} beside a total {rule.total} in {rule.measure}",
                    file=vintage.shown(_SIDECAR),
                    key=self._key,
                    remedy="Correct over, total and measure, or remove the rule.",
                )
            ]
        tolerance = rule.tolerance * vintage.measures[rule.measure].multiplier
        failures = []
        for row in compared.filter(pl.col("parts").is_not_null()).iter_rows(named=True):
            if _adds_up(row, tolerance):
                continue
            where = f"{row['reference']}, {row['concept']}" + (f", {row['breakdown']}" if row["breakdown"] else "")
            hidden = f" ({row['suppressed']} of them suppressed)" if row["suppressed"] else ""
            failures.append(
                InputError(
                    f"{row['parts']} rows of level {rule.over}{hidden} add up to {plain(row['known'])}, "
                    f"but {rule.total} is {plain(row['value'])} {row['unit']} ({where}); "
                    f"a difference of {plain(tolerance)} is allowed",
                    file=vintage.shown(row["raw_file"].rpartition("/")[2]),
                    line=row["raw_line"],
                    key=self._key,
                    remedy=f"Look for a missing or mistyped row; if the publisher's own figures differ, raise "
                    f"the tolerance in {_SIDECAR} and say why.",
                )
            )
        return failures


def _joined(before: pl.DataFrame | None, more: pl.DataFrame) -> pl.DataFrame:
    return more if before is None else pl.concat([before, more])


def _added(parts: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """Sums of parts of sums."""
    return parts.group_by(by, maintain_order=True).agg(
        pl.col("parts", "known", "suppressed", "least", "most", "unbounded").sum()
    )


def _adds_up(row: dict[str, Any], tolerance: Decimal) -> bool:
    if not row["suppressed"]:
        return abs(row["known"] - row["value"]) <= tolerance
    return row["least"] - tolerance <= row["value"] and (row["most"] is None or row["value"] <= row["most"] + tolerance)


def _members(regions: pl.DataFrame, rule: SumRule) -> list[str]:
    """The region_ids to add up: the regions of the level that lie in the total."""
    parts = {"east": ["east"], "west": ["west"], "east_with_berlin": ["east", "berlin"]}
    parts["west_with_berlin"] = ["west", "berlin"]
    if rule.total == "DE":
        inside = pl.lit(True)
    elif rule.total in parts:
        inside = pl.col("part").is_in(parts[rule.total])
    else:
        inside = pl.col("region_id").str.starts_with(rule.total) & (pl.col("region_id") != rule.total)
    return regions.filter((pl.col("level") == rule.over) & inside)["region_id"].unique(maintain_order=True).to_list()


def plain(number: Decimal) -> str:
    """`number` for a sentence: thousands grouped, no trailing zeros."""
    text = f"{number:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
