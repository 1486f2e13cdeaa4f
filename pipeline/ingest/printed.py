"""What a printed text can be: a figure or sign, a date, the name of a region.

Belongs here: the few texts that readers of layouts without codes must tell apart. Not here: what a sign means or which
key a region has (transform).
"""

from __future__ import annotations

import re

_SIGNS = frozenset({"-", "/", ".", "x", "X", "...", "()", "0"})
_NUMBER = re.compile(r"[+\u2212-]?[0-9][0-9 .,\u00a0\u202f]*")
_BRACKETED = re.compile(r"\(\s*[+\u2212-]?[0-9][0-9 .,\u00a0\u202f]*\)")
_DATE = re.compile(
    r"[0-3]?[0-9]\.[01]?[0-9]\.[12][0-9]{3}|[12][0-9]{3}-[01][0-9]-[0-3][0-9]|(?:18|19|20)[0-9]{2}(?:/[0-9]{2})?"
)
_COUNTRY = re.compile("Deutschland|Germany")
_REGION = re.compile(
    "Deutschland|Germany|Baden-Württemberg|Bayern|Berlin|Brandenburg|Bremen|Hamburg|Hessen|Mecklenburg-Vorpommern|"
    "Niedersachsen|Nordrhein-Westfalen|Rheinland-Pfalz|Saarland|Sachsen|Sachsen-Anhalt|Schleswig-Holstein|Thüringen|"
    "Früheres Bundesgebiet( mit Berlin| ohne Berlin)?|Neue Länder( mit Berlin| ohne Berlin)?|Bavaria|Hesse|"
    "Lower Saxony|North Rhine-Westphalia|Rhineland-Palatinate|Saxony|Saxony-Anhalt|Thuringia"
)


def is_figure(text: str) -> bool:
    """Whether `text` is a number, a number in brackets or a sign, blanks around it aside."""
    text = text.strip()
    return text in _SIGNS or bool(_NUMBER.fullmatch(text) or _BRACKETED.fullmatch(text))


def is_date(text: str) -> bool:
    """Whether `text` is a day, a year or a school year, as it stands."""
    return _DATE.fullmatch(text) is not None


def is_region(text: str) -> bool:
    """Whether `text` names Germany, a state or one of the two parts of Germany, blanks around it aside."""
    return _REGION.fullmatch(text.strip()) is not None


def is_country(text: str) -> bool:
    """Whether `text` names Germany, blanks around it aside."""
    return _COUNTRY.fullmatch(text.strip()) is not None
