"""What the fields of every YAML file under raw_data are made of: words, ids, numbers as printed.

Belongs here: types that more than one section uses, and the base of all sections. Not here: the sections themselves
(models.py, readings.py). The descriptions of fields are shown to people as remedies; they complete "Expected: …".
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict
from pydantic_core import PydanticCustomError

from pipeline.registry.strict_yaml import closest
from pipeline.transform.concepts import load_vocabulary

_NUMBER = re.compile(r"[0-9]{1,12}(\.[0-9]{1,6})?")


def problem(message: str, remedy: str) -> PydanticCustomError:
    """A complaint in plain words; both texts are shown as they are (braces are escaped)."""
    return PydanticCustomError("input", "{message}", {"message": message, "remedy": remedy})


def matching(pattern: str, what: str) -> AfterValidator:
    """Refuse text that does not match `pattern`, naming `what` was expected."""

    def check(text: str) -> str:
        if re.fullmatch(pattern, text) is None:
            raise problem(f"{text!r} is not {what}", f"Write {what}.")
        return text

    return AfterValidator(check)


def _plain_file_name(name: str) -> str:
    if name == "source.yml" or not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", name):
        raise problem(
            f"{name!r} is not a plain file name",
            "Name a file beside this source.yml: letters, digits, '.', '_' and '-', no folder, no '..'.",
        )
    return name


def _filled(text: str) -> str:
    if not text.strip():
        raise problem("this text is empty", "Write it, or use null where null is allowed.")
    return text


def _printed_number(value: object) -> object:
    """A whole number, or a number as printed in quotes; a bare 0.1 would already be a binary float."""
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return Decimal(value)
    if isinstance(value, Decimal | int) and not isinstance(value, bool) and 0 <= value < 10**12:
        return Decimal(value)
    raise problem(
        f"{value!r} is not a number as printed",
        'Write a whole number, or digits with a decimal point in quotes: "12.5".',
    )


def _iso_date_or_year(text: str) -> str:
    try:
        if not re.fullmatch(r"[0-9]{4}(-[0-9]{2}-[0-9]{2})?", text):
            raise ValueError(text)
        dt.date.fromisoformat(text if len(text) > 4 else f"{text}-01-01")
    except ValueError:
        raise problem(f"{text!r} is not a date", 'Write an ISO date ("2019-08-21") or a year ("2019").') from None
    return text


def _known(words: dict[str, Any], what: str) -> AfterValidator:
    def check(word: str) -> str:
        if word not in words:
            guess = closest(word, words)
            raise problem(
                f"unknown {what} {word!r}",
                (f"Did you mean {guess!r}? " if guess else "")
                + f"Known (pipeline/transform/concepts.yml): {', '.join(words)}.",
            )
        return word

    return AfterValidator(check)


Text = Annotated[str, AfterValidator(_filled)]
SourceId = Annotated[str, matching(r"[a-z][a-z0-9_]*", "a source id in snake_case (a-z, 0-9, _)")]
VintageId = Annotated[
    str, matching(r"[a-z0-9][a-z0-9_-]*(\.[a-z0-9_-]+)*", "a vintage id (a-z, 0-9, single dots, _ and -)")
]
FileName = Annotated[str, AfterValidator(_plain_file_name)]
Sha256 = Annotated[str, matching(r"[0-9a-f]{64}", "a SHA-256 in 64 lower-case hexadecimal digits")]
Url = Annotated[str, matching(r"https?://\S+", "an address that starts with https:// or http://")]
TableCode = Annotated[
    str, matching(r"[0-9A-Z]{4,6}(-[0-9A-Z]{1,6}){1,4}", "a table code of GENESIS such as 12411-01-01-4")
]
VariableCode = Annotated[str, matching(r"[A-Z][A-Z0-9]{1,11}", "a code of GENESIS such as KREISE")]
DateText = Annotated[str, AfterValidator(_iso_date_or_year)]
PrintedNumber = Annotated[Decimal, BeforeValidator(_printed_number)]
ConceptId = Annotated[str, _known(load_vocabulary().concepts, "concept")]
MeasureId = Annotated[str, _known(load_vocabulary().measures, "measure")]
RegionId = Annotated[
    str,
    matching(
        r"DE|[0-9]{2,3}|[0-9]{5}|[0-9]{8}|east|west|east_with_berlin|west_with_berlin",
        "a region id (DE, an official key of 2, 3, 5 or 8 digits, east, west, …_with_berlin)",
    ),
]


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
