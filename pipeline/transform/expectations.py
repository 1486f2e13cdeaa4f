"""What must hold between the figures of a vintage: all regions there, totals as published, parts adding up.

Belongs here: holding observations against the `expect` section of their source.yml. Not here: rules about a
single cell (numbers.py, markers.py), and checks across sources (SQL).
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl

from pipeline.errors import InputError

if TYPE_CHECKING:
    from pipeline.registry import ControlTotal, ExpectedRegions, SumRule, Vintage

# Nothing was there to count: the region did not exist, or the cell makes no sense.
_ABSENT = pl.col("value").is_null() & pl.col("marker").is_in(["-", "x"])
_SIDECAR = "source.yml"


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
    failures: list[InputError] = []
    if vintage.expect.regions is not None:
        failures += _missing_regions(observations, vintage, regions, vintage.expect.regions)
    for index, total in enumerate(vintage.expect.control_totals):
        failures += _control_total(observations, vintage, total, f"expect.control_totals[{index}]")
    for index, rule in enumerate(vintage.expect.sums):
        failures += _sums(observations, vintage, regions, rule, f"expect.sums[{index}]")
    return failures


def _missing_regions(
    observations: pl.DataFrame, vintage: Vintage, regions: pl.DataFrame, expected: ExpectedRegions
) -> list[InputError]:
    """Each reference, concept and measure must have a row for every region of the level that existed then.

    A city state printed with its state key alone (02, 11) counts as its own district (02000, 11000).
    """
    of_level = regions.filter(pl.col("level") == expected.level)
    slices = observations.select("reference", "reference_date", "concept", "measure").unique(maintain_order=True)
    there = pl.concat(
        [
            observations.select("reference", "concept", "measure", "region_id"),
            observations.filter(pl.col("region_id").str.len_bytes() == 2).select(
                "reference", "concept", "measure", pl.col("region_id") + "000"
            ),
        ]
    ).unique()
    if not expected.complete:
        if there.join(of_level, on="region_id", how="semi").height:
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
        slices.join(of_level, how="cross")
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
                file=_data_file(observations, vintage, reference, measure),
                key="region",
                remedy=f"Add the row with its figure or printed marker; every {expected.level} is expected "
                f"({_SIDECAR}, expect.regions).",
            )
        )
    return failures


def _data_file(observations: pl.DataFrame, vintage: Vintage, reference: str, measure: str) -> str:
    """The file that holds this reference and measure, as errors name it."""
    found = observations.filter((pl.col("reference") == reference) & (pl.col("measure") == measure))
    return vintage.shown(found["raw_file"][0].rpartition("/")[2])


def _control_total(observations: pl.DataFrame, vintage: Vintage, total: ControlTotal, key: str) -> list[InputError]:
    """One observation must equal a total that is published elsewhere."""
    where = total.where
    words = {
        "region_id": where.region,
        "measure": where.measure,
        "reference": where.reference,
        "concept": where.concept,
        "breakdown": where.breakdown or "",
    }
    wanted = {column: word for column, word in words.items() if word is not None}
    found = observations.filter(pl.col(column) == word for column, word in wanted.items())
    described = ", ".join(f"{column} {word}" for column, word in wanted.items() if word)
    if found.height != 1:
        return [
            InputError(
                f"{found.height or 'no'} observations match {described}; exactly one must",
                file=vintage.shown(_SIDECAR),
                key=f"{key}.where",
                remedy="Say more in `where` (reference, concept, breakdown)."
                if found.height
                else "Correct `where`, or restore the row.",
            )
        ]
    row = found.row(0, named=True)
    expected = total.value * vintage.measures[where.measure].multiplier
    if row["value"] == expected:
        return []
    shown = f"the marker {row['marker']}" if row["value"] is None else plain(row["value"])
    return [
        InputError(
            f"{described} is {shown} {row['unit']}, but {plain(expected)} is published",
            file=vintage.shown(row["raw_file"].rpartition("/")[2]),
            line=row["raw_line"],
            key=key,
            remedy=f"Check the figure against {total.source}; correct the row or {_SIDECAR}.",
        )
    ]


def _sums(
    observations: pl.DataFrame, vintage: Vintage, regions: pl.DataFrame, rule: SumRule, key: str
) -> list[InputError]:
    """The parts must add up to the total in each reference, concept, universe and breakdown that has a total.

    Where a part is suppressed, the bounds of the parts must allow the total.
    """
    figures = observations.filter(pl.col("measure") == rule.measure)
    group = ["reference", "concept", "universe", "breakdown"]
    totals = figures.filter((pl.col("region_id") == rule.total) & pl.col("value").is_not_null())
    parts = figures.join(_parts(figures, regions, rule), on="region_id", how="semi").filter(~_ABSENT)
    compared = totals.join(
        parts.group_by(group).agg(
            parts=pl.len(),
            known=pl.col("value").sum(),
            suppressed=pl.col("value").null_count(),
            least=pl.col("lower").fill_null(0).sum(),
            most=pl.when(pl.col("upper").is_not_null().all()).then(pl.col("upper").sum()),
        ),
        on=group,
        how="left",
        maintain_order="left",
    )
    if compared["parts"].null_count() == compared.height:
        return [
            InputError(
                f"there is nothing to add up: no {rule.over} beside a total {rule.total} in {rule.measure}",
                file=vintage.shown(_SIDECAR),
                key=key,
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
                key=key,
                remedy=f"Look for a missing or mistyped row; if the publisher's own figures differ, raise "
                f"the tolerance in {_SIDECAR} and say why.",
            )
        )
    return failures


def _adds_up(row: dict[str, Any], tolerance: Decimal) -> bool:
    if not row["suppressed"]:
        return abs(row["known"] - row["value"]) <= tolerance
    return row["least"] - tolerance <= row["value"] and (row["most"] is None or row["value"] <= row["most"] + tolerance)


def _parts(figures: pl.DataFrame, regions: pl.DataFrame, rule: SumRule) -> pl.DataFrame:
    """The region_ids to add up: the regions of the level that lie in the total, one column, unique."""
    parts = {"east": ["east"], "west": ["west"], "east_with_berlin": ["east", "berlin"]}
    parts["west_with_berlin"] = ["west", "berlin"]
    if rule.total == "DE":
        inside = pl.lit(True)
    elif rule.total in parts:
        inside = pl.col("part").is_in(parts[rule.total])
    else:
        inside = pl.col("region_id").str.starts_with(rule.total) & (pl.col("region_id") != rule.total)
    members = regions.filter((pl.col("level") == rule.over) & inside)["region_id"].to_list()
    # Some tables print the city states under their two-digit key only, never as a district.
    printed = set(figures["region_id"].to_list())
    members = [key[:2] if key.endswith("000") and key not in printed and key[:2] in printed else key for key in members]
    return pl.DataFrame({"region_id": members}, schema={"region_id": pl.String}).unique()


def plain(number: Decimal) -> str:
    """`number` for a sentence: thousands grouped, no trailing zeros."""
    text = f"{number:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
