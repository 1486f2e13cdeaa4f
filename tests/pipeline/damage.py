"""Damages of a file, each with what must become of it.

Belongs here: functions from the bytes of a whole file to damaged ones. A damage is `refused` (an InputError), `right`
(the same figures) or `either` (the layout decides which of the two).
"""

from __future__ import annotations

import gzip
import io
import random
import re
import zipfile
from collections.abc import Callable, Iterator

from tests.ingest.layouts import BOM, zipped

Damage = Callable[[bytes], bytes]
WRONG_VALUES = (
    "many", "-5", "1e5", "=1+1", '=HYPERLINK("http://example.org")', "12,34.5", "1 234", "0x1F", "١٢٣", "NaN", "inf",
    "?", "12345678901234567890", "1,5,2", "<b>7</b>", "7;", "",
)  # fmt: skip


def encoding_of(data: bytes) -> str:
    try:
        data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig" if data.startswith(BOM) else "utf-8"


def text_of(data: bytes) -> str:
    return data.decode(encoding_of(data))


def edited(change: Callable[[str], str]) -> Damage:
    """The damage of a text, saved in the encoding it had."""

    def damage(data: bytes) -> bytes:
        changed = change(text_of(data))
        assert changed != text_of(data)
        return changed.encode(encoding_of(data), "replace")

    return damage


def cut(part: float) -> Damage:
    return lambda data: data[: int(len(data) * part)]


def value(text: str) -> str:
    """The last figure of several digits: that of one state, whatever the layout."""
    body = text.partition("____")[0]
    return re.findall(r"(?<=[;,])[0-9]+[0-9.,]*[0-9](?=[;,\r\n]|$)", body)[-1]


def with_value(word: str) -> Damage:
    def change(text: str) -> str:
        head, found, tail = text.rpartition(value(text))
        assert found
        return head + word + tail

    return edited(change)


def lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def of_lines(change: Callable[[list[str]], list[str]]) -> Damage:
    return edited(lambda text: "".join(change([line if line.endswith("\n") else line + "\n" for line in lines(text)])))


def shuffled(rows: list[str]) -> list[str]:
    body = rows[1:]
    random.Random(5).shuffle(body)  # noqa: S311
    return [rows[0], *body]


def first_figures(rows: list[str]) -> int:
    """The place of the first line with figures that are taken."""
    return next(i for i, row in enumerate(rows) if i and re.search(r"[;,][0-9.,]{4,}", row) and "weiblich" not in row)


def at_figures(change: Callable[[str], list[str]]) -> Damage:
    """What becomes of the first line with figures that are taken."""
    return of_lines(
        lambda rows: [
            *rows[: first_figures(rows)],
            *change(rows[first_figures(rows)]),
            *rows[first_figures(rows) + 1 :],
        ]
    )


def replaced(pattern: str, word: str) -> Damage:
    return edited(lambda text: re.sub(pattern, word, text, count=1))


def bomb(_: bytes) -> bytes:
    """An archive that claims to hold one byte and unpacks to 64 MB."""
    packed = bytearray(zipped(b"0" * (64 << 20), "table.csv"))
    for sign, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        start = packed.index(sign) + place
        packed[start : start + 4] = (1).to_bytes(4, "little")
    return bytes(packed)


def two_members(data: bytes) -> bytes:
    return zipped(data, "a.csv", **{"b.csv": data})


def broken_archive(data: bytes) -> bytes:
    packed = bytearray(zipped(data))
    middle = len(packed) // 2
    packed[middle : middle + 8] = bytes(8)
    return bytes(packed)


def archive_in_archive(data: bytes) -> bytes:
    return zipped(zipped(data), "inner.zip")


def encrypted(data: bytes) -> bytes:
    packed = bytearray(zipped(data))
    for sign, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        packed[packed.index(sign) + place] |= 1
    return bytes(packed)


def zipped_in_another_way(data: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("another name.txt", data)
    return buffer.getvalue()


def damages() -> Iterator[tuple[str, str, Damage]]:
    """name, what must become of it (refused, right or either), the damage: for every layout."""
    for part in (0.01, 0.1, 0.25, 0.4, 0.6, 0.75):
        yield f"cut at {part}", "refused", cut(part)
    # A pivot ends with notes; without them the figures are the same.
    for part in (0.9, 0.97):
        yield f"cut at {part}", "either", cut(part)
    yield "the last byte cut off", "either", lambda data: data[:-1]
    yield "a line lost", "refused", of_lines(lambda rows: rows[: first_figures(rows)] + rows[first_figures(rows) + 1 :])
    yield (
        "a line twice",
        "refused",
        of_lines(lambda rows: [*rows[: first_figures(rows) + 1], *rows[first_figures(rows) :]]),
    )
    yield "the file twice", "refused", lambda data: data + b"\n" + data
    yield "the file twice without a break", "refused", lambda data: data.rstrip() + b"\n" + data
    yield "shuffled", "either", of_lines(shuffled)
    yield "backwards", "refused", of_lines(lambda rows: rows[::-1])
    yield "without its first line", "either", of_lines(lambda rows: rows[1:])
    yield (
        "an empty line inside",
        "either",
        at_figures(lambda row: ["\n", row]),
    )
    yield (
        "a line of another width",
        "refused",
        at_figures(lambda row: [";;;,,,9\n", row]),
    )
    yield "lines ended by CR", "refused", edited(lambda text: text.replace("\r\n", "\n").replace("\n", "\r"))
    yield "UTF-16", "refused", lambda data: text_of(data).encode("utf-16")
    yield "UTF-16 without mark", "refused", lambda data: text_of(data).encode("utf-16-le")
    yield "converted twice", "refused", lambda data: text_of(data).encode().decode("cp1252", "replace").encode()
    yield "a DOS code page", "refused", lambda data: text_of(data).encode("cp850", "replace")
    yield (
        "letters lost",
        "refused",
        edited(lambda text: re.sub(r"[^\x00-\x7f]", "\ufffd", text)),
    )
    yield "two encodings", "refused", lambda data: text_of(data).encode() + "M\xfcnchen".encode("cp1252")
    yield "a NUL byte", "refused", lambda data: data[: len(data) // 2] + b"\0" + data[len(data) // 2 :]
    yield "other separators", "refused", edited(lambda text: text.translate({ord(";"): ",", ord(","): ";"}))
    yield "tabs", "refused", edited(lambda text: text.replace(";", "\t").replace(",", "\t"))
    yield (
        "an open quote",
        "refused",
        at_figures(lambda row: ['"' + row]),
    )
    yield "a million columns", "refused", lambda data: data.partition(b"\n")[0] + b";," * 1_000_000 + b"\n" + data
    yield (
        "an unknown region",
        "refused",
        edited(
            lambda text: re.sub(r"(?m)([;,\n])01([;,])", r"\g<1>77\2", text).replace("Schleswig-Holstein", "Atlantis")
        ),
    )
    for word in WRONG_VALUES:
        yield f"the value {word!r}", "refused", with_value(word)
    yield "an error page", "refused", lambda _: b"<!DOCTYPE html><html><title>Error 500</title></html>"
    yield "a status", "refused", lambda _: b'{"Status": {"Code": 104, "Content": "Kein Objekt", "Type": "Warnung"}}'
    yield "a list in JSON", "refused", lambda data: b"[" * 50_000 + data
    yield "a PDF", "refused", lambda data: b"%PDF-1.7\n" + data
    yield "gzip", "refused", gzip.compress
    yield "empty", "refused", lambda _: b""
    yield "blanks", "refused", lambda _: BOM + b" \r\n\t\n"
    yield "a ZIP bomb", "refused", bomb
    yield "a path in the archive", "refused", lambda data: zipped(data, "../../../etc/cron.d/table.csv")
    yield "another path in the archive", "refused", lambda data: zipped(data, "C:\\table.csv")
    yield "two members", "refused", two_members
    yield "a broken archive", "refused", broken_archive
    yield "half an archive", "refused", lambda data: zipped(data)[: len(zipped(data)) // 2]
    yield "an archive in an archive", "refused", archive_in_archive
    yield "an encrypted archive", "refused", encrypted
    yield "packed otherwise", "right", zipped_in_another_way
    yield "CRLF", "right", lambda data: data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    yield "a byte order mark", "right", lambda data: BOM + text_of(data).encode()
    yield "without byte order mark", "right", lambda data: text_of(data).encode()


# layout -> damages that make sense there alone: name, what must become of it, the damage
OWN: dict[str, list[tuple[str, str, Damage]]] = {
    "ffcsv_new": [
        ("another table", "refused", edited(lambda text: text.replace("\n12411;", "\n12521;"))),
        ("rows of another table", "refused", replaced(r"\n12411;", "\n12521;")),
        ("another unit", "refused", edited(lambda text: text.replace(";Anzahl;", ";1000;"))),
        ("one other unit", "refused", replaced("(Insgesamt;[0-9]+);Anzahl;", r"\1;1000;")),
        ("another measure", "refused", edited(lambda text: text.replace("BEVSTD", "BEVZUZ"))),
        ("a renamed column", "refused", replaced("value_unit", "unit")),
        ("columns in another order", "refused", replaced("value;value_unit", "value_unit;value")),
        ("a new dimension", "refused", edited(lambda text: text.replace("GES;Geschlecht", "NAT;Nationalität"))),
        ("a total without its code", "refused", edited(lambda text: text.replace(";;Insgesamt;", ";ALL;alle;"))),
        ("a year that cannot be", "refused", edited(lambda text: text.replace("2023-12-31", "20233-12-31"))),
        ("a day that cannot be", "refused", edited(lambda text: text.replace("2023-12-31", "2023-02-30"))),
        ("a year long ago", "refused", edited(lambda text: text.replace("2023-12-31", "1023-12-31"))),
        ("an unknown quality", "refused", edited(lambda text: re.sub(r"(?m);e$|Bevölkerungsstand$", ";q", text))),
        ("decimal points in a German file", "refused", with_value("1.234")),
        ("another encoding", "right", lambda data: text_of(data).encode("cp1252")),
        ("quoted", "right", edited(lambda text: text.replace(";Geschlecht;", ';"Geschlecht";'))),
    ],
    "ffcsv_old": [
        ("another table", "refused", edited(lambda text: text.replace("\n12411;", "\n12521;"))),
        ("another unit", "refused", replaced("__Anzahl", "__1000")),
        ("another measure", "refused", replaced("BEVSTD__", "BEVZUZ__")),
        ("a measure without unit", "refused", replaced("__Anzahl", "")),
        (
            "a second measure",
            "refused",
            edited(lambda text: text.replace("\n", ";7\n").replace("Anzahl;7", "Anzahl;A__B__C")),
        ),
        ("a renamed column", "refused", replaced("(Zeit|Time)_Code", "Jahr_Code")),
        ("a year that cannot be", "refused", edited(lambda text: text.replace("31.12.2023", "32.12.2023"))),
        ("a word for the year", "refused", edited(lambda text: text.replace("31.12.2023", "heute"))),
        ("another encoding", "right", lambda data: text_of(data).encode("cp1252")),
    ],
    "pivot": [
        ("another table", "refused", replaced("12411-0010", "12411-0011")),
        ("no table", "refused", replaced("Tabelle: 12411-0010", "Tabelle:")),
        ("another unit", "refused", replaced(r"\(Anzahl\)", "(1000)")),
        ("another measure", "refused", replaced("Bevölkerungsstand", "Zuzüge")),
        ("no line of underscores", "refused", replaced("__________\n", "")),
        ("a state twice", "refused", replaced("Hamburg", "Bremen")),
        ("a new part of the head", "refused", replaced(r"\n;", "\n;männlich\n;")),
        ("a date that cannot be", "refused", replaced(r"31\.12\.2023", "31.31.2023")),
        ("another encoding", "right", lambda data: text_of(data).encode("cp1252")),
    ],
    "strukturdaten": [
        ("another indicator", "refused", replaced("Bevölkerung am", "Haushalte am")),
        ("another unit", "refused", replaced(r"\(in 1000\)", "(in 100)")),
        ("no date", "refused", replaced(r" am 31\.12\.2023", " am Tag")),
        ("no numbers", "refused", replaced("Spalten-Nr.;;;1;", "Spalten-Nr.;;;;")),
        ("a renamed key", "refused", replaced(";Kreis;", ";Code;")),
        ("a decimal point", "refused", with_value("1234.5")),
    ],
    "tidy": [
        ("a renamed column", "refused", replaced("reference", "referenz")),
        ("a column twice", "refused", replaced("region_label", "region")),
        ("an unknown measure", "refused", replaced(",persons_total,", ",people_total,")),
        ("a measure that is not described", "refused", replaced(",persons_total,", ",share_percent,")),
        ("an unknown marker", "refused", edited(lambda text: text.replace(",\n", ",q\n"))),
        ("a marker beside a value", "refused", edited(lambda text: text.replace(",\n", ",/\n"))),
        ("a year for a date", "refused", edited(lambda text: text.replace("2023-12-31", "2023"))),
        ("another encoding", "refused", lambda data: text_of(data).encode("cp1252")),
        ("columns in another order", "right", edited(lambda text: re.sub(r"(?m)^([^,]*),([^,]*),", r"\2,\1,", text))),
        ("quoted", "right", edited(lambda text: re.sub(r"(?m)^([^,]*),", r'"\1",', text))),
    ],
}
