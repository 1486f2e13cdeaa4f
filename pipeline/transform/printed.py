"""Figures as a publisher prints them, brought to the one spelling the transforms read.

Belongs here: decimal comma and thousands, signs in the place of a number, dates with points. Not here: which cells are
figures at all (readings.py), what a sign means (markers.py). What fits no rule stays as printed and is refused there
with its line.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass

import polars as pl

from pipeline.transform.located import refuse


@dataclass(frozen=True)
class Convention:
    """How a layout spells numbers: the decimal sign, and the sign between thousands, "" for none."""

    decimal: str
    thousands: str = ""


_GERMAN, _ENGLISH = Convention(","), Convention(".")
_WITH_THOUSANDS = Convention(",", ".")
_MONTHS = (
    "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November",
    "Dezember",
)  # fmt: skip
_BLANK = r"[ \x{a0}\x{202f}]"
_BLANK_GROUPS = rf"^[0-9]{{1,3}}(?:{_BLANK}[0-9]{{3}})+(?:[.,][0-9]+)?$"
# An en dash is printed for `-` in the structure data, an ellipsis may be one character.
_SIGNS = {"–": "-", "−": "-", "…": "..."}


def convention(layout: str, language: str) -> Convention:
    """The spelling of numbers in files of a layout: ffcsv and pivot by their language, the others by themselves."""
    match layout:
        case "strukturdaten":
            return _WITH_THOUSANDS
        case "statistischer_bericht":
            return _ENGLISH
        case _:
            return _ENGLISH if language == "en" else _GERMAN


def iso_date(printed: str) -> str:
    """`31.12.2022` as `2022-12-31`, `Oktober 2023` as its last day; a year, an ISO date and all else as printed."""
    text = printed.strip()
    if match := re.fullmatch(r"([0-9]{2})\.([0-9]{2})\.([0-9]{4})", text):
        return "-".join(reversed(match.groups()))
    if (match := re.fullmatch(r"(\w+) ([0-9]{4})", text)) and match[1] in _MONTHS:
        year, month = int(match[2]), _MONTHS.index(match[1]) + 1
        return f"{year}-{month:02d}-{calendar.monthrange(year, month)[1]:02d}"
    return text


def plain_cells(cells: pl.DataFrame, *, layout: str, language: str) -> pl.DataFrame:
    """Cells of a publisher's file in the spelling of the tidy layout.

    Args:
        cells: file, line, value (a number or a sign, as printed), marker (the sign beside it, "" or null for none),
            reference (as printed), and more.
        layout, language: as in source.yml.

    Returns:
        `cells` with value "" or digits with a decimal point, marker "" or a sign of markers.py, reference as an ISO
        date or a year. A sign in the place of a number is the marker; a number in brackets carries `()`.

    Raises:
        InputError: a number that is not spelled as the layout and language spell it: a decimal point in a German file
            may be a thousands point, and only the publisher knows.
    """
    spelled = convention(layout, language)
    text = pl.col("value").str.strip_chars()
    sign = text.replace(_SIGNS)
    is_sign = sign.is_in(["-", "/", ".", "x", "..."])
    bracketed = text.str.contains(r"^\(.*[0-9].*\)$")
    inner = pl.when(bracketed).then(text.str.strip_chars("() ")).otherwise(text)
    # A blank inside a number can only group thousands.
    number = pl.when(inner.str.contains(_BLANK_GROUPS)).then(inner.str.replace_all(_BLANK, "")).otherwise(inner)
    decimal, thousands = f"[{spelled.decimal}]", f"[{spelled.thousands}]"
    grouped = rf"|[0-9]{{1,3}}(?:{thousands}[0-9]{{3}})+" if spelled.thousands else ""
    pattern = rf"^(?:[0-9]+{grouped})(?:{decimal}[0-9]+)?$"
    split = cells.with_columns(
        is_sign=is_sign, number=number, quality=pl.col("marker").fill_null("").str.strip_chars(), sign=sign
    )
    refuse(
        split,
        ~pl.col("is_sign")
        & (pl.col("number") != "")
        & ~pl.col("number").str.contains(pattern)
        # A word or a negative figure is told better where numbers are read.
        & pl.col("number").str.contains(r"^[0-9]+[.,][0-9.,]*$"),
        lambda row: f"{row['value']!r} is not spelled as numbers of this file are (decimal sign {spelled.decimal!r})",
        key="value",
        remedy="The language in source.yml is wrong, or the file was changed by another program: download it again.",
    )
    digits = pl.col("number")
    if spelled.thousands:
        digits = digits.str.replace_all(thousands, "")
    if spelled.decimal != ".":
        digits = digits.str.replace(decimal, ".")
    spelled_right = pl.col("number").str.contains(pattern)
    dates = {text: iso_date(text) for text in cells["reference"].unique()}
    return split.with_columns(
        value=pl.when("is_sign").then(pl.lit("")).when(spelled_right).then(digits).otherwise(pl.col("number")),
        marker=pl.when("is_sign").then(pl.col("sign")).when(bracketed).then(pl.lit("()")).otherwise(pl.col("quality")),
        reference=pl.col("reference").replace(dates),
    ).drop("is_sign", "number", "quality", "sign")
