"""Printed numbers: exact decimals, never a float, and the interval that the printing leaves open.

Belongs here: the grammar of a number, half units of the last digit, and phrases such as `>50` or
`8000-10000`. Not here: markers beside a number (markers.py).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from pipeline.transform.located import refuse

if TYPE_CHECKING:
    from pipeline.registry import PrintedMeasure

DECIMAL = pl.Decimal(20, 6)
MAX_DECIMALS = 6
# Twelve digits times a multiplier of at most a million fit beside six decimals into Decimal(38, 6).
_NUMBER = r"^[0-9]{1,12}(\.[0-9]{1,6})?$"
_LIMIT = Decimal(10) ** 14
_WIDE = pl.Decimal(38, 6)
Relation = Literal["=", ">", "<", "~", "range", "list", "text"]


def refuse_text(cells: pl.DataFrame) -> None:
    """Refuse a filled `value` that is not digits with at most one decimal point.

    Raises:
        InputError: with a remedy for the usual slips (comma, thousands separator, blank, marker in the wrong
            column).
    """
    refuse(
        cells,
        (pl.col("value") != "") & ~pl.col("value").str.contains(_NUMBER),
        lambda row: f"{row['value']!r} is not a number",
        key="value",
        remedy=lambda row: _mend(row["value"]),
    )


def _mend(text: str) -> str:
    """What to do about a cell that is no number."""
    if text != text.strip():
        return f"Remove the blanks around it: {text.strip()!r}."
    if re.fullmatch(r"-|/|\.|x|\.\.\.|\(.*\)", text):
        return "A marker belongs in the column `marker`; a number in brackets is the number with the marker ()."
    if re.fullmatch(r"[0-9]{1,3}([ .,'\u00a0\u202f][0-9]{3}){2,}|[0-9]{1,3}[ '\u00a0\u202f][0-9]{3}", text):
        return "Write the digits without thousands separators."
    if re.fullmatch(r"[0-9]+,[0-9]+", text):
        return f"Write a decimal point ({text.replace(',', '.')}), or nothing if it groups thousands."
    if re.fullmatch(r"[-−–]\s*[0-9].*", text):
        return "No measure here can be negative; check the figure."
    if re.fullmatch(r"[0-9]+\.[0-9]{7,}", text):
        return "Six decimals are kept at most; round it, and say so in `note`."
    return "Write digits with a decimal point; words belong in `note`, signs such as - or / in `marker`."


def half_widths(measures: dict[str, PrintedMeasure]) -> pl.DataFrame:
    """How far the true figure may lie from a printed one.

    Returns:
        measure String, decimals Int32 (digits printed behind the point, 0 to 6), multiplier Decimal(38,6),
        half_width Decimal(38,6) in normalised units (rounded outwards to six decimals), digit_half_width the
        same for half a unit of the last printed digit, whatever the precision. Key: measure, decimals.
    """
    rows = []
    for name, printed in measures.items():
        for decimals in range(MAX_DECIMALS + 1):
            digit = _outward(Decimal(5).scaleb(-decimals - 1) * printed.multiplier)
            if printed.precision == "exact":
                half = Decimal(0)
            elif printed.precision == "printed":
                half = digit
            else:
                half = _outward(printed.precision.rounded_to / 2 * printed.multiplier)
            rows.append((name, decimals, Decimal(printed.multiplier), half, digit))
    return pl.DataFrame(
        rows,
        orient="row",
        schema={
            "measure": pl.String,
            "decimals": pl.Int32,
            "multiplier": _WIDE,
            "half_width": _WIDE,
            "digit_half_width": _WIDE,
        },
    )


def _outward(number: Decimal) -> Decimal:
    return number.quantize(Decimal(1).scaleb(-MAX_DECIMALS), rounding=ROUND_CEILING)


def with_numbers(cells: pl.DataFrame, measures: dict[str, PrintedMeasure]) -> pl.DataFrame:
    """Add to `cells` (measure, value as printed) the columns number, multiplier, half_width and
    digit_half_width (see `half_widths`); all Decimal(38,6), number null where value is empty.

    Raises:
        InputError: text in a number, or a number too large to be kept exactly.
    """
    refuse_text(cells)
    printed = cells.with_columns(
        pl.col("value").str.extract(r"\.([0-9]+)$").str.len_bytes().fill_null(0).cast(pl.Int32).alias("decimals")
    ).join(half_widths(measures), on=["measure", "decimals"], how="left", maintain_order="left")
    numbers = printed.with_columns(
        (pl.when(pl.col("value") != "").then(pl.col("value")).cast(_WIDE) * pl.col("multiplier"))
        .cast(_WIDE)
        .alias("number")
    )
    refuse(
        numbers,
        pl.col("number") >= _LIMIT,
        lambda row: f"{row['value']} times {row['multiplier']:.0f} is too large",
        key="value",
        remedy="Check the figure and the multiplier of the measure in source.yml.",
    )
    return numbers.drop("decimals")


@dataclass(frozen=True)
class Printed:
    """What a printed phrase says as a number: the relation, the value if there is one, the bounds."""

    relation: Relation
    value: Decimal | None = None
    lower: Decimal | None = None
    upper: Decimal | None = None

    def row(self) -> dict[str, Any]:
        """The four columns relation, value, lower, upper."""
        return {"relation": self.relation, "value": self.value, "lower": self.lower, "upper": self.upper}


_ONE = r"[+-]?[0-9]{1,12}(?:\.[0-9]{1,6})?"
_SIGNED = re.compile(_ONE)
_BOUND = re.compile(rf"(>=|<=|≥|≤|>|<|~)\s*({_ONE})")
_RANGE = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,6})?)\s*[-–]\s*([0-9]{1,12}(?:\.[0-9]{1,6})?)")
_LIST = re.compile(rf"{_ONE}(?:\s*[/;+]\s+{_ONE})+")


def read_printed(text: str) -> Printed:
    """Read a figure of a study or a claim as printed.

    `=`: a single number; lower and upper lie half a unit of its last digit away. `>` and `<` (also `>=`,
    `<=`): the number is value and the one bound. `~`: the number, no bounds stated. `range`: two rising
    numbers, no value. `list`: several numbers. `text`: everything else, a date such as 2000-06 included.
    """
    text = text.strip()
    if _SIGNED.fullmatch(text):
        value = Decimal(text)
        decimals = len(text.partition(".")[2])
        half = _outward(Decimal(5).scaleb(-decimals - 1))
        return Printed("=", value, value - half, value + half)
    if match := _BOUND.fullmatch(text):
        sign, value = match[1], Decimal(match[2])
        if sign == "~":
            return Printed("~", value)
        if sign in (">", ">=", "≥"):
            return Printed(">", value, lower=value)
        return Printed("<", value, upper=value)
    if (match := _RANGE.fullmatch(text)) and Decimal(match[1]) < Decimal(match[2]):
        return Printed("range", None, Decimal(match[1]), Decimal(match[2]))
    if _LIST.fullmatch(text):
        return Printed("list")
    return Printed("text")
