"""The two languages of what is published: words from one catalogue, numbers, dates and quotation marks of each.

Belongs here: which language is being spoken, translated messages, how a language writes numbers, dates, lists and
quotations. Not here: which words are chosen (report, charts, sheets), any number.

A message is written once, in English, where it is used: `t("In {year} the East lies below the West.", year=…)`. Its
German stands in `pipeline/language/de/*.po`, the format of gettext, which every translator's tool opens. A message
without a translation is an error, so no page can mix two languages unseen. Messages are whole sentences, or whole
parts with a meaning of their own: a sentence glued from halves cannot be translated.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from pathlib import Path

from pipeline.errors import InputError

LANGUAGES = ("en", "de")
"""Every language the report speaks; the first is the one messages are written in."""

SOURCE = LANGUAGES[0]
FOLDER = Path(__file__).parent
NBSP = "\u00a0"
MINUS = "\u2212"
_SPOKEN: ContextVar[str] = ContextVar("spoken", default=SOURCE)


def spoken() -> str:
    """The code of the language being spoken: "en" or "de"."""
    return _SPOKEN.get()


def speak(language: str) -> None:
    """Speak `language` from here on, for the chunks of one page.

    Raises:
        InputError: the report does not speak this language.
    """
    _SPOKEN.set(_known(language))


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speak `language` inside the block, and what was spoken before it afterwards.

    Raises:
        InputError: the report does not speak this language.
    """
    token = _SPOKEN.set(_known(language))
    try:
        yield
    finally:
        _SPOKEN.reset(token)


def edition(file: str, language: str) -> str:
    """The name of `file` in a language: `tiles.svg`, in German `tiles.de.svg`."""
    stem, dot, ending = file.rpartition(".")
    return file if language == SOURCE else f"{stem}.{_known(language)}{dot}{ending}"


def _known(language: str) -> str:
    if language not in LANGUAGES:
        raise InputError(
            f"the report does not speak {language!r}", key="language", remedy=f"use one of {', '.join(LANGUAGES)}"
        )
    return language


def mark(message: str, /) -> str:
    """The message itself, marked for the catalogue: for constants, which are translated where they are used."""
    return message


def t(message: str, /, **parts: object) -> str:
    """The message in the language being spoken, its `{places}` filled with `parts`.

    Without parts the text is returned as it is, places and all, so that a caller may fill them with markup.

    Raises:
        InputError: the catalogue of the language has no such message.
    """
    text = _translated(message)
    return text.format(**parts) if parts else text


def tn(one: str, many: str, number: int, /, **parts: object) -> str:
    """`one` for a count of one, else `many`, in the language being spoken; `{number}` is the count as written there.

    Raises:
        InputError: the catalogue of the language has no such pair of messages.
    """
    chosen = one if number == 1 else many
    if spoken() != SOURCE:
        forms = catalogue(spoken()).get(one)
        if not isinstance(forms, tuple):
            raise _missing(one)
        chosen = forms[0] if number == 1 else forms[1]
    return chosen.format(number=format_number(number, 0), **parts)


def of_data(text: str, /) -> tuple[str, str]:
    """A text that came with the data, and the language it is in.

    Notes of sources, names of indicators and statements of the article are English; those the catalogue knows are
    translated, the others stay as they are, and whoever shows them says so (`lang="en"`).
    """
    found = text if spoken() == SOURCE else catalogue(spoken(), of_data=True).get(text)
    return (found, spoken()) if isinstance(found, str) else (text, SOURCE)


def told(text: str) -> str:
    """A text of the data in the language being spoken, else in the quotation marks of its own: `“a new question”`.

    So a reader sees which words are of another language, and whoever shows the text can mark them. What has no letters
    needs no words.
    """
    found, language = of_data(text)
    return found if language == spoken() or not re.search("[A-Za-z]", found) else f"“{found}”"


def named(text: str) -> str:
    """A text of the data in quotation marks: those of the language it is in."""
    found, language = of_data(text)
    return quoted(found) if language == spoken() else f"“{found}”"


def twin(column: str) -> str:
    """Which column holds a computed text in the language being spoken: `sentence`, in German `sentence_de`."""
    return column if spoken() == SOURCE else f"{column}_{spoken()}"


def _translated(message: str) -> str:
    if spoken() == SOURCE:
        return message
    found = catalogue(spoken()).get(message)
    if not isinstance(found, str):
        raise _missing(message)
    return found


def _missing(message: str) -> InputError:
    return InputError(
        f"no {spoken()} words for {message!r}",
        file=f"pipeline/language/{spoken()}",
        remedy="add the message with its translation to one of the .po files there",
    )


@lru_cache
def catalogue(language: str, *, of_data: bool = False) -> dict[str, str | tuple[str, ...]]:
    """Every message of a language with its translation; a pair of singular and plural by its singular.

    The files data*.po translate texts of the data. Where one of them and the other files know the same English word in
    two senses ("income" of districts, "income" of organisations), the sense of the data goes first for `of_data`.

    Raises:
        InputError: a .po file cannot be read, or two of them translate one message of the same kind differently.
    """
    from babel.messages.pofile import PoFileError, read_po

    kinds: dict[bool, dict[str, str | tuple[str, ...]]] = {True: {}, False: {}}
    for path in sorted((FOLDER / language).glob("*.po")):
        try:
            with path.open("rb") as file:
                messages = list(read_po(file, locale=language, abort_invalid=True))
        except (PoFileError, UnicodeDecodeError, ValueError) as error:
            raise InputError(f"not a catalogue: {error}", file=path.name, remedy="mend the .po file") from None
        for message in messages:
            if not message.id or not message.string or message.fuzzy:
                continue
            name = message.id if isinstance(message.id, str) else message.id[0]
            found = message.string if isinstance(message.string, str) else tuple(message.string)
            if kinds[path.name.startswith("data")].setdefault(name, found) != found:
                raise InputError(
                    f"{name!r} has two translations",
                    file=path.name,
                    line=message.lineno,
                    remedy="keep one of them, in one file",
                )
    return kinds[not of_data] | kinds[of_data]


def format_number(value: float | Decimal, digits: int) -> str:
    """`value` with `digits` decimals, half away from zero, a real minus sign: `−12,345.6`, in German `−12.345,6`."""
    exact = value if isinstance(value, Decimal) else Decimal(repr(float(value)))
    rounded = exact.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    if rounded == 0:
        rounded = abs(rounded)
    text = f"{rounded:,f}".replace("-", MINUS)
    return text.translate(str.maketrans(",.", ".,")) if spoken() == "de" else text


def rewritten(number: str) -> str:
    """A number in Python's own format (`-12,345.6`) as the language being spoken writes it; in English as it is."""
    return number if spoken() == SOURCE else number.translate(str.maketrans({",": ".", ".": ",", "-": MINUS}))


def format_date(date: dt.date) -> str:
    """`31 December 2023`, `31. Dezember 2023`: by the CLDR, not by the language of the machine."""
    from babel.dates import format_date as by_cldr

    return by_cldr(date, "d MMMM y" if spoken() == "en" else "d. MMMM y", locale=spoken())


def listing(words: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`; `a, b und c`."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {t('and')} {words[-1]}"


def quoted(text: str) -> str:
    """The text in the quotation marks of the language: “so”, „so“."""
    return f"„{text}“" if spoken() == "de" else f"“{text}”"
