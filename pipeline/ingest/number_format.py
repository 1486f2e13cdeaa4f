"""A number stored in a workbook, as its number format prints it.

Belongs here: the part of Excel's format codes that prints the stored number itself: decimals, leading zeros, signs and
brackets around it, a text in its place. Not here: cells and sheets (spreadsheet.py), what a sign means (transform).

A workbook stores 20799 or 0.30000000000000004 and prints it by a code such as `#,##0` or `0.0`. What a reader of the
table sees, and what must not be lost, may stand in the code alone: `(0)` prints brackets, `0;-0;"-"` prints a sign for
zero, `00000` a leading zero. A code that prints another number than is stored (dates, percent, thousands cut off,
conditions) is refused. Codes: ECMA-376 part 1, 18.8.30 and 18.8.31.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

_STORED = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_PART = re.compile(r'"[^"]*"|\\.|[_*].|\[[^\]]*\]|.', re.DOTALL)
_COLOUR = re.compile(r"\[(?:black|blue|cyan|green|magenta|red|white|yellow|color ?[0-9]+)\]", re.IGNORECASE)
_CURRENCY = re.compile(r"\[\$([^\]-]*)(?:-[^\]]*)?\]")
_ELAPSED = re.compile(r"\[[hms]+\]", re.IGNORECASE)
_GENERAL = ("general", "@", "")
_DATES = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
_BUILT_IN = {
    0: "General",
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    9: "0%",
    10: "0.00%",
    11: "0.00E+00",
    12: "# ?/?",
    13: "# ??/??",
    37: "#,##0 ;(#,##0)",
    38: "#,##0 ;[Red](#,##0)",
    39: "#,##0.00;(#,##0.00)",
    40: "#,##0.00;[Red](#,##0.00)",
    41: '_-* #,##0_-;-* #,##0_-;_-* "-"_-;_-@_-',
    42: '_-* #,##0_-;-* #,##0_-;_-* "-"_-;_-@_-',
    43: '_-* #,##0.00_-;-* #,##0.00_-;_-* "-"??_-;_-@_-',
    44: '_-* #,##0.00_-;-* #,##0.00_-;_-* "-"??_-;_-@_-',
    48: "##0.0E+0",
    49: "@",
}
# Whole numbers above this are not stored exactly, and have no decimals to round.
_EXACT = Decimal(10) ** 15


@dataclass(frozen=True)
class _Section:
    """One part of a code: texts around the digits, least whole digits, least and most decimals (null: as stored)."""

    before: str
    after: str
    digits: bool
    whole: int = 1
    least: int = 0
    most: int | None = None


@dataclass(frozen=True)
class NumberFormat:
    """A format code, ready to print numbers.

    Attributes:
        code: as stored in the workbook.
        refusal: why no number of this format can be read, null where it can.
        plain: a whole number without leading zeros prints as it is stored.
    """

    code: str
    sections: tuple[_Section, ...]
    refusal: str | None
    plain: bool

    def printed(self, stored: str) -> tuple[str, bool]:
        """The number as printed, with a decimal point and without marks between thousands, and whether decimals of the
        stored number are rounded away.

        Raises:
            ValueError: not a number; a number this code does not print, or prints as another one. The message ends the
                sentence "the cell …".
        """
        if not _STORED.fullmatch(stored):
            raise ValueError(f"should hold a number and holds {stored[:40]!r}")
        if self.refusal is not None:
            raise ValueError(self.refusal)
        # Excel keeps and shows 15 digits; what a double holds beyond them is noise.
        number = Decimal(format(float(stored), ".15g"))
        if not number.is_finite():
            raise ValueError(f"holds {stored[:40]!r}, too large a number")
        place = (1 if number < 0 else 2 if number == 0 else 0) if len(self.sections) > 2 else int(number < 0)
        section = self.sections[min(place, len(self.sections) - 1)]
        digits, rounded = _digits(abs(number), section)
        sign = "-" if number < 0 and section is self.sections[0] and digits.strip("0.") else ""
        text = f"{section.before}{sign}{digits}{section.after}".strip()
        if not text:
            raise ValueError(f"holds {stored[:40]!r} and its number format {self.code!r} shows nothing")
        if number < 0 and section is not self.sections[0] and not re.search("[-\u2212]", section.before):
            raise ValueError(f"holds {stored[:40]!r} and its number format {self.code!r} shows it without a minus sign")
        return text, rounded


def number_format(number: int, code: str | None) -> NumberFormat:
    """The format of a style.

    Args:
        number: its `numFmtId`.
        code: the code the workbook gives under that number, null for a built-in one.
    """
    if code is None and number in _DATES:
        return NumberFormat(f"number {number}", (), "holds a date", plain=False)
    if code is None and number not in _BUILT_IN:
        return NumberFormat(f"number {number}", (), f"has number format {number}, which is not known", plain=False)
    code = _BUILT_IN[number] if code is None else code or "General"
    sections: list[_Section] = []
    parts: list[str] = []
    for part in [*_PART.findall(code), ";"]:
        if part != ";":
            parts.append(part)
            continue
        section = _section(parts)
        if isinstance(section, str):
            return NumberFormat(code, (), f"{section} (number format {code!r})", plain=False)
        sections.append(section)
        parts = []
    first = sections[0]
    plain = len(sections) < 3 and first.digits and not (first.before + first.after).strip() and not first.least
    return NumberFormat(code, tuple(sections[:3]), None, plain=plain and first.whole == 1)


def _section(parts: list[str]) -> _Section | str:
    """One section, or why it is refused."""
    text = "".join(part for part in parts if not _COLOUR.fullmatch(part) and part[0] not in "_*")
    if text.strip().lower() in _GENERAL:
        # Of `General` and `@` the number is left; a section without anything prints nothing.
        return _Section("", "", digits=bool(text.strip()))
    before, between, after, places = "", "", "", ""
    for part in parts:
        if part in ("0", "#", "?", ".", ","):
            if between.strip():
                return "has text between its digits"
            between, after = "", ""
            places += part
            continue
        literal = _literal(part)
        if literal is None:
            shown = "".join(parts)
            dated = bool(re.search(r"[dmyhs]", re.sub(r'"[^"]*"|\\.|\[[^\]]*\]', "", shown), re.IGNORECASE))
            return "holds a date" if dated or _ELAPSED.search(shown) else "may print another number than it holds"
        if not places:
            before += literal
        else:
            between += literal
            after += literal
    whole, _, decimals = places.partition(".")
    if "." in decimals or "," in decimals or whole.endswith(","):
        return "prints another number than it holds"
    digits = bool(places)
    return _Section(before, after, digits, whole.count("0"), decimals.count("0"), len(decimals) if digits else None)


def _literal(part: str) -> str | None:
    """What a part prints beside the digits, null where it is none of those that print a text."""
    if part[0] == '"':
        return part[1:-1] if len(part) > 1 and part[-1] == '"' else None
    if part[0] == "\\":
        return part[1:]
    if part[0] in "_*":
        return "" if len(part) > 1 else None
    if part[0] == "[":
        currency = _CURRENCY.fullmatch(part)
        return currency[1] if currency else "" if _COLOUR.fullmatch(part) else None
    return part if part in "$€-+():!^&'~{}<>= \u00a0\u202f\u2212" else None


def _digits(number: Decimal, section: _Section) -> tuple[str, bool]:
    if not section.digits:
        return "", False
    shown = number
    if section.most is not None and number < _EXACT:
        shown = number.quantize(Decimal(1).scaleb(-section.most), rounding=ROUND_HALF_UP)
    if shown == 0 and section.whole == 0 and section.least == 0 and section.most is not None:
        return "", shown != number
    whole, _, decimals = format(shown, "f").partition(".")
    decimals = decimals.rstrip("0").ljust(section.least, "0")
    return whole.zfill(section.whole) + (f".{decimals}" if decimals else ""), shown != number


__all__ = ["NumberFormat", "number_format"]
