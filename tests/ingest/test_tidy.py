"""Cells as printed, with their lines, and the hash that does not care about row order."""

from __future__ import annotations

import csv
import io
import random

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import InputError
from pipeline.ingest import canonical_sha256, fingerprint, read_cells
from pipeline.ingest.tidy import COLUMNS

HEADER = "region,region_label,reference,measure,value,marker"


def csv_bytes(*rows: str, header: str = HEADER) -> bytes:
    return ("\n".join((header, *rows)) + "\n").encode()


def cells(data: bytes, kind: str = "observation") -> pl.DataFrame:
    return read_cells(data, file="raw_data/a/b/c.csv", kind=kind)


def refused(data: bytes) -> InputError:
    with pytest.raises(InputError) as caught:
        cells(data)
    assert caught.value.file == "raw_data/a/b/c.csv"
    assert "Remedy: " in str(caught.value)
    return caught.value


def test_every_cell_stays_as_printed():
    frame = cells(csv_bytes('DE," Deutschland ",2018,persons_with,NA,', "01,x,2018,m,007,/"))
    assert frame.columns[:3] == ["file", "line", "position"]
    assert frame.schema["line"] == frame.schema["position"] == pl.Int64
    assert all(frame.schema[name] == pl.String for name in frame.columns if name not in ("line", "position"))
    assert frame["region_label"].to_list() == [" Deutschland ", "x"]
    assert frame["value"].to_list() == ["NA", "007"]
    assert frame["marker"].to_list() == ["", "/"]
    assert frame["note"].to_list() == [None, None]
    assert frame["file"].unique().to_list() == ["raw_data/a/b/c.csv"]


def test_columns_come_in_the_order_of_the_kind_whatever_the_file_has():
    frame = cells(b"note,marker,value,measure,reference,region_label,region\nn,e,1,m,2018,l,DE\n")
    required, optional = COLUMNS["observation"]
    assert frame.columns == ["file", "line", "position", *required, *optional]
    assert frame["position"].to_list() == [3], "the figure stands in the third column of this file"
    assert frame.row(0, named=True)["note"] == "n"
    assert frame.row(0, named=True)["region"] == "DE"


def test_lines_are_counted_through_quoted_line_breaks():
    data = csv_bytes(
        "DE,a,2018,m,1,,", 'DE,"two\nlines",2018,m,1,,"a\n\nb"', "DE,c,2018,m,1,,", header=HEADER + ",note"
    )
    frame = cells(data)
    assert frame["line"].to_list() == [2, 3, 7]
    assert frame["region_label"].to_list() == ["a", "two\nlines", "c"]
    assert frame["note"].to_list() == ["", "a\n\nb", ""]


def test_byte_order_mark_crlf_and_a_missing_last_line_end_change_nothing():
    plain = csv_bytes("DE,ä,2018,m,1,", "01,b,2018,m,2,")
    for data in (
        b"\xef\xbb\xbf" + plain,
        plain.replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + plain.replace(b"\n", b"\r\n"),
        plain.removesuffix(b"\n"),
    ):
        assert cells(data).equals(cells(plain))
        assert canonical_sha256(data) == canonical_sha256(plain)


def test_a_line_separator_inside_a_cell_is_no_line():
    frame = cells(csv_bytes("DE,a\u2028b\x0bc,2018,m,1,", "01,x,2018,m,1,"))
    assert frame["region_label"][0] == "a\u2028b\x0bc"
    assert frame["line"].to_list() == [2, 3]


@pytest.mark.parametrize(
    ("data", "line", "message"),
    [
        (b"", None, "the file is empty"),
        (b" \n\n", None, "the file is empty"),
        (csv_bytes(), 1, "a header but no record below it"),
        (csv_bytes("DE,a,2018,m,1,", "01,a,2018,m,1"), 3, "this record has 5 cells, the header has 6"),
        (csv_bytes("DE,a,2018,m,1,000,"), 2, "this record has 7 cells, the header has 6"),
        (csv_bytes("DE,a,2018,m,1,", "", "01,a,2018,m,1,"), 3, "the line is empty"),
        (csv_bytes("DE,a,2018,m,1,", '01,"a,2018,m,1,', "02,a,2018,m,1,"), 3, "never closed"),
        (csv_bytes('DE,"a"b,2018,m,1,'), 2, "this is not valid CSV"),
        (csv_bytes("DE;a;2018;m;1;", header=HEADER.replace(",", ";")), 1, "separated by semicolons"),
        (csv_bytes("DE\ta", header=HEADER.replace(",", "\t")), 1, "separated by tabs"),
        (csv_bytes("DE,a,2018,m,1,,x", header=HEADER + ",colour"), 1, "unknown column 'colour'"),
        (csv_bytes("DE,a,2018,m,1,", header=HEADER.replace("value", "Value ")), 1, "(did you mean 'value'?)"),
        (csv_bytes("DE,a,2018,m,1", header=HEADER.removesuffix(",marker")), 1, "missing column 'marker'"),
        (csv_bytes("DE,a,2018,m,1,,", header=HEADER + ",value"), 1, "column 'value' stands twice"),
        (csv_bytes("DE,a,2018,m,1,", "DE,a,2018,m,\x00,"), 3, "NUL byte"),
        ("\ufeff".encode() + HEADER.encode() + b"\nDE,M\xfcnchen,", 2, "not UTF-8: byte 0xfc at offset 58"),
        ((HEADER + "\nDE,a").encode("utf-16"), 1, "UTF-16"),
    ],
)
def test_a_broken_file_is_refused_with_line_and_remedy(data, line, message):
    error = refused(data)
    assert error.line == line
    assert message in str(error)


def test_all_problems_of_a_header_are_told_at_once():
    error = refused(b"region,region_label,reference,measure,valeu,marker,marker\nDE,a,2018,m,1,,\n")
    assert "unknown column 'valeu' (did you mean 'value'?)" in str(error)
    assert "missing column 'value'" in str(error)
    assert "column 'marker' stands twice" in str(error)


@pytest.mark.parametrize("kind", [kind for kind in COLUMNS if kind != "observation"])
def test_the_other_kinds_have_exactly_their_columns(kind):
    required, optional = COLUMNS[kind]
    assert optional == ()
    frame = cells(csv_bytes(",".join(required), header=",".join(required)), kind)
    assert frame.columns == ["file", "line", *required]
    assert frame.row(0)[2:] == required


def test_the_hash_is_fixed_for_ever():
    # Independent of this code: printf 'a,b\n1,"x,y"\n2,z\n' | sha256sum
    expected = "9d0985eeb1bc2a9eb6349a6c5806df2cdc2e4dbe0103a9c8b1f30b8f23035622"
    assert canonical_sha256(b'a,b\n2,z\n1,"x,y"\n') == expected
    assert fingerprint(b'a,b\n"2","z"\n1,"x,y"\n', file="x").rows == 2


TABLES = st.integers(2, 4).flatmap(
    lambda width: st.lists(
        st.lists(
            st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=6),
            min_size=width,
            max_size=width,
        ),
        min_size=1,
        max_size=8,
    )
)


def written(rows: list[list[str]], **dialect) -> bytes:
    out = io.StringIO()
    csv.writer(out, **({"lineterminator": "\n"} | dialect)).writerows([[f"c{i}" for i in range(len(rows[0]))], *rows])
    return out.getvalue().encode()


@given(TABLES, st.randoms(use_true_random=False))
def test_the_hash_sees_content_and_nothing_else(rows: list[list[str]], rng: random.Random):
    expected = canonical_sha256(written(rows))
    shuffled = rng.sample(rows, len(rows))
    assert canonical_sha256(written(shuffled)) == expected
    assert canonical_sha256(b"\xef\xbb\xbf" + written(shuffled)) == expected
    assert canonical_sha256(written(shuffled, quoting=csv.QUOTE_ALL)) == expected
    assert canonical_sha256(written(rows).replace(b"\n", b"\r\n")) == expected


@given(TABLES)
def test_the_hash_sees_every_changed_cell_and_every_lost_row(rows: list[list[str]]):
    expected = canonical_sha256(written(rows))
    changed = [[*rows[0][:-1], rows[0][-1] + "x"], *rows[1:]]
    assert canonical_sha256(written(changed)) != expected
    assert canonical_sha256(written([*rows, rows[0]])) != expected


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=8), min_size=1, max_size=6))
def test_any_text_comes_back_as_it_was_written(labels: list[str]):
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADER.split(","))
    writer.writerows(["DE", label, "2018", "m", "1", ""] for label in labels)
    frame = cells(out.getvalue().encode())
    assert frame["region_label"].to_list() == labels
    lines = out.getvalue().split("\n")
    assert all(lines[line - 1].startswith("DE,") for line in frame["line"].to_list())
