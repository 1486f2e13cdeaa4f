"""The layout is told from the content; a damaged file ends in the same figures or in an error that says where."""

from __future__ import annotations

import gzip
import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from layouts import BOM, EVERY, new_file, old_file, old_row, pivot_new, pivot_old, struktur_new, struktur_old, zipped

from pipeline.errors import InputError
from pipeline.ingest import Table, read, recognise
from pipeline.ingest.overview import lines, overview


def whole(data: bytes) -> Table:
    """As far as `mo inspect` goes."""
    recognised = recognise(data, file="x.csv")
    table = read(recognised)
    assert lines(overview(recognised, table))
    return table


def refused(data: bytes) -> InputError:
    with pytest.raises(InputError) as caught:
        whole(data)
    assert caught.value.file == "x.csv"
    assert caught.value.remedy
    return caught.value


@pytest.mark.parametrize(
    ("data", "layout", "encoding"),
    [
        (new_file(), "ffcsv_new", "UTF-8 with BOM"),
        (old_file(), "ffcsv_old", "UTF-8"),
        (pivot_new(), "pivot", "UTF-8 with BOM"),
        (pivot_old(), "pivot", "ISO-8859-1"),
        (struktur_new(), "strukturdaten", "UTF-8 with BOM"),
        (struktur_old(), "strukturdaten", "CP1252"),
        (b"region,region_label,reference,measure,value,marker\nDE,D,2018,m,1,\n", "tidy", "UTF-8"),
    ],
)
def test_layout_and_encoding_are_told_from_the_content(data, layout, encoding):
    found = recognise(data, file="a name that says nothing.xlsx")
    assert (found.layout, found.encoding, found.member) == (layout, encoding, None)


def test_a_zip_of_one_text_is_the_text():
    found = recognise(zipped(new_file(), "12411_de_flat.csv"), file="x")
    assert (found.layout, found.member) == ("ffcsv_new", "12411_de_flat.csv")
    assert read(found).cells.equals(whole(new_file()).cells)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (BOM + b" \r\n", "empty"),
        (b"<!DOCTYPE html><html><head><title>Wartung</title></head></html>", "Wartung"),
        (b"\n\n  <html><body>Login</body></html>", "web page"),
        (b'<?xml version="1.0"?><a/>', "XML"),
        (b'{"Ident": {}, "Status": {"Code": 104, "Content": "Es gibt keine Objekte", "Type": "Information"}}', "104"),
        (b'{"Status": {"Code": 98}}', "too large"),
        (b'{"Status": "text"}', "status text"),
        (b'[{"a": 1}]', "JSON"),
        (b'{"half": ', "JSON"),
        (b"[" * 4000, "JSON"),
        (b"%PDF-1.7 \x80\x81", "PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "old Excel"),
        (gzip.compress(new_file()), "gzip"),
        (zipped(b"x", "[Content_Types].xml", **{"xl/workbook.xml": b"y"}), "workbook"),
        (zipped(b"application/vnd.oasis", "mimetype", **{"content.xml": b"y"}), "workbook"),
        (zipped(b"<html>Fehler</html>"), "web page"),
        (b"Some words about statistics.\n", "no layout"),
        (b"a;b;c\n1;2;3\n", "no layout"),
        (new_file().decode("utf-8-sig").encode("utf-16"), "UTF-16"),
        (old_file().replace(b"\n", b"\r"), ""),
    ],
)
def test_what_is_no_table_is_told(data, said):
    assert said in str(refused(data))


@pytest.mark.parametrize("name", EVERY)
def test_a_nul_byte_is_told_with_its_line(name):
    data = EVERY[name].splitlines(keepends=True)
    data[3] = b"a\0" + data[3]
    assert refused(b"".join(data)).line == 4


def test_umlauts_converted_twice_or_lost_are_not_read_as_labels():
    twice = old_file().decode().encode().decode("cp1252").encode()
    assert "converted twice" in str(refused(twice))
    assert "lost" in str(refused(old_file().decode().replace("ö", "\ufffd").encode()))


def test_a_file_cut_within_a_letter_or_of_two_encodings_is_no_cp1252():
    data = old_file()
    cut = data[: data.rindex("ö".encode()) + 1]
    assert refused(cut).line == 5
    assert "encoding" in str(refused(data + b"\n\xe4"))
    assert refused(new_file().replace("ö".encode(), b"\xf6")).line == 2


@pytest.mark.parametrize("code_page", ["cp437", "cp850"])
def test_a_dos_code_page_is_not_read_as_cp1252(code_page):
    assert refused(old_file().decode().encode(code_page)).line == 2


def test_a_letter_at_the_seam_of_two_blocks_is_no_damage():
    start = old_file(old_row("01", "@", "1"))
    filling = (1 << 20) - 1 - start.index(b"@")
    data = start.replace(b"@", b"x" * filling + "ä".encode())
    assert data[(1 << 20) - 1 : (1 << 20) + 1] == "ä".encode()
    assert recognise(data, file="x").encoding == "UTF-8"


def _at(share: float) -> Callable[[bytes], bytes]:
    return lambda data: data[: int(len(data) * share)]


def _shuffled(data: bytes) -> bytes:
    rows = data.splitlines(keepends=True)
    random.Random(4).shuffle(rows)  # noqa: S311  (the same order every time)
    return b"".join(rows)


def _in_line(number: int, change: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    def damaged(data: bytes) -> bytes:
        rows = data.splitlines(keepends=True)
        rows[number] = change(rows[number])
        return b"".join(rows)

    return damaged


# Each damage must end in an error for every layout.
REFUSED: dict[str, Callable[[bytes], bytes]] = {
    "cut in the header": _at(0.08),
    "cut at a third": lambda data: data[: data.rindex(b";", 0, len(data) // 3)] if len(data) > 3 else data,
    "twice in one file": lambda data: data.rstrip(b"\r\n") + b"\n" + data.removeprefix(BOM),
    "twice, byte by byte": lambda data: data.rstrip(b"\r\n") + b"\n" + data,
    "a NUL byte at the end": lambda data: data + b"\0",
    "commas for semicolons": lambda data: data.replace(b";", b","),
    "tabs for semicolons": lambda data: data.replace(b";", b"\t"),
    "as UTF-16": lambda data: data.decode("utf-8-sig" if data.startswith(BOM) else "latin-1").encode("utf-16"),
    "as UTF-16 without its mark": lambda data: data.removeprefix(BOM).decode("latin-1").encode("utf-16-le"),
    "an HTML page before it": lambda data: b"<html>Fehler</html>\n" + data,
    "a quote that never closes": _in_line(5, lambda row: row.replace(b";", b';"', 1)),
    "two cells more in a row": _in_line(-1, lambda row: row.rstrip(b"\r\n") + b";1;2\n"),
    "first line gone": lambda data: data.split(b"\n", 1)[1],
    "zipped with a path": lambda data: zipped(data, "../../x.csv"),
    "zipped twice": lambda data: zipped(zipped(data)),
    "zipped with another": lambda data: zipped(data, "a.csv", **{"b.csv": data}),
    "zipped and cut": lambda data: zipped(data)[:-30],
    "gzipped": gzip.compress,
}


def _as_utf8(data: bytes) -> bytes:
    try:
        data.decode()
    except UnicodeDecodeError:
        return data.decode("cp1252").encode()
    return data


# Damage that loses nothing must leave every figure as it was.
HARMLESS: dict[str, Callable[[bytes], bytes]] = {
    "line ends of Windows": lambda data: data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"),
    "line ends of Unix": lambda data: data.replace(b"\r\n", b"\n"),
    "without byte order mark": lambda data: data.removeprefix(BOM),
    "zipped": zipped,
    "as CP1252": lambda data: _as_utf8(data).decode("utf-8-sig").encode("cp1252"),
    "as UTF-8": lambda data: _as_utf8(data),
}
# What follows the footnotes of a pivot, and one comment less, change no figure.
MEANINGLESS = {
    ("strukturdaten", "first line gone"),
    ("strukturdaten_old", "first line gone"),
    ("pivot", "two cells more in a row"),
    ("pivot_old", "two cells more in a row"),
}


@pytest.mark.parametrize("damage", REFUSED)
@pytest.mark.parametrize("name", EVERY)
def test_a_damaged_file_is_refused(name, damage):
    data = REFUSED[damage](EVERY[name])
    assert data != EVERY[name]
    if (name, damage) in MEANINGLESS:
        assert whole(data).cells["value"].equals(whole(EVERY[name]).cells["value"])
    else:
        refused(data)


@pytest.mark.parametrize("damage", HARMLESS)
@pytest.mark.parametrize("name", EVERY)
def test_what_loses_nothing_changes_nothing(name, damage):
    assert whole(HARMLESS[damage](EVERY[name])).cells.equals(whole(EVERY[name]).cells)


@pytest.mark.parametrize("name", ["ffcsv_new", "ffcsv_old"])
def test_rows_in_another_order_are_the_same_rows(name):
    head, *rows = EVERY[name].rstrip(b"\n").split(b"\n")
    mixed = whole(b"\n".join([head, *reversed(rows)]) + b"\n").cells
    keys = ["region", "dimensions"]
    assert mixed.drop("line").sort(keys).equals(whole(EVERY[name]).cells.drop("line").sort(keys))


def told(data: bytes) -> InputError | None:
    """The error a file ends in; null when there is a result with at least one figure."""
    try:
        return None if whole(data).cells.height > 0 else InputError("an empty result")
    except InputError as error:
        return error


@pytest.mark.parametrize("name", EVERY)
def test_shuffled_lines_end_in_a_result_or_an_error(name):
    error = told(_shuffled(EVERY[name]))
    assert error is None or error.remedy


@given(st.sampled_from(sorted(EVERY)), st.integers(0, 2000), st.binary(max_size=6), st.integers(0, 40))
def test_any_bytes_anywhere_end_in_a_result_or_an_error(name, at, put, gone):
    data = EVERY[name]
    at = at % len(data)
    error = told(data[:at] + put + data[at + gone :])
    assert error is None or (error.remedy and error.file == "x.csv")


@given(st.binary(max_size=200))
def test_any_bytes_at_all_are_told(data):
    error = told(data)
    assert error is not None
    assert error.remedy
