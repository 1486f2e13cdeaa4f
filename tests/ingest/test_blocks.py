"""A flat file read in blocks is the file read as a whole: cells, lines, hash and refusals, wherever it is cut."""

from __future__ import annotations

import hashlib

import layouts
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import InputError
from pipeline.ingest import SortedLines, blocks, ffcsv, fingerprint, sorted_lines, tables, text_blocks

ROWS = [layouts.new_row(f"{n + 1001:05d}", f"Kreis {n} ä", str(n), sex=f"GES{n % 3};Ge {n % 3}") for n in range(60)]
FILE = layouts.new_file(*ROWS)
SIZE = st.integers(1, len(FILE) + 1)


def whole(data: bytes, size: int) -> tuple[list[bytes], pl.DataFrame]:
    """The blocks of a file when they are of `size` bytes, and their cells one below the other."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "BLOCK", size)
        parts = list(text_blocks(data, "ffcsv_new", file="f.csv"))
        return parts, pl.concat(table.cells for table in tables(parts, file="f.csv"))


def refused(data: bytes, size: int) -> InputError:
    with pytest.raises(InputError) as caught:
        whole(data, size)
    return caught.value


@given(SIZE, st.booleans())
def test_any_size_of_blocks_gives_the_same_cells_with_their_lines(size, zipped):
    parts, cells = whole(layouts.zipped(FILE) if zipped else FILE, size)
    assert b"".join(parts) == FILE
    assert all(part.endswith(b"\n") for part in parts)
    assert cells.equals(ffcsv.read(FILE, file="f.csv").cells)


def test_small_blocks_are_several():
    assert len(whole(FILE, 700)[0]) > 5


def test_a_quoted_line_break_is_never_cut():
    rows = [row.replace("Kreis", '"Kreis\n') + '"' if n % 7 == 3 else row for n, row in enumerate(ROWS)]
    rows = [
        row.replace('ä;KREISE"', 'ä"').replace(" ä;", ' ä";', 1).removesuffix('"') if '"' in row else row
        for row in rows
    ]
    data = layouts.new_file(*rows)
    expected = ffcsv.read(data, file="f.csv").cells
    assert expected["line"][4] == 7
    for size in (40, 300, 1500):
        assert whole(data, size)[1].equals(expected)


@pytest.mark.parametrize("at", [0, 31, 59])
@pytest.mark.parametrize("change", [lambda row: row + ";", lambda row: row.rsplit(";", 1)[0], lambda _: ""])
@pytest.mark.parametrize("size", [300, 2000])
def test_a_ragged_or_empty_line_of_a_later_block_is_named(at, change, size):
    rows = [change(row) if n == at else row for n, row in enumerate(ROWS)]
    assert refused(layouts.new_file(*rows), size).line == at + 2


def test_what_is_wrong_in_a_later_block_is_told_with_its_line():
    damaged = FILE.replace(b"Kreis 50", b"Kreis\0 50")
    assert refused(damaged, 500).line == 52
    assert "converted twice" in refused(FILE.replace(b"Kreis 50", "Kreis Ã¤".encode()), 500).message
    assert refused(FILE + FILE.removeprefix(layouts.BOM), 500).line == 62


def test_an_encoding_that_changes_between_blocks_is_refused():
    half = FILE.index(b"Kreis 30")
    mixed = FILE[:half].removeprefix(layouts.BOM) + FILE[half:].decode().encode("cp1252")
    assert "encoding" in refused(mixed, 400).message


def test_a_dimension_that_holds_regions_and_then_something_else_is_refused():
    rows = [row.replace(";KREISE;", ";BEREICH;") if n > 40 else row for n, row in enumerate(ROWS)]
    assert "holds regions before this line" in refused(layouts.new_file(*rows), 400).message


def test_an_empty_file_and_a_header_alone_are_refused():
    assert "empty" in refused(b"", 100).message
    assert "no row" in refused(layouts.BOM + layouts.new_header().encode() + b"\n", 100).message


def test_a_cut_archive_is_refused_before_its_end_is_believed():
    assert "damaged" in refused(layouts.zipped(FILE)[:-30], 400).message


@given(SIZE, st.integers(1, 4000), st.randoms())
def test_the_hash_is_that_of_the_sorted_lines_however_they_are_cut_and_spilled(size, run, random):
    rows = list(ROWS)
    random.shuffle(rows)
    data = layouts.new_file(*rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "BLOCK", size)
        patch.setattr(sorted_lines, "RUN", run)
        patch.setattr(sorted_lines, "_BATCH", 3)
        found = fingerprint(data, file="f.csv", layout="ffcsv_new")
    lines = [layouts.new_header(), *sorted(ROWS, key=str.encode)]
    assert found.sha256 == hashlib.sha256("".join(line + "\n" for line in lines).encode()).hexdigest()
    assert found.rows == len(ROWS)


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\n", exclude_categories=["Cs"]), max_size=6)


@given(st.lists(TEXT, max_size=30), st.integers(1, 60), st.integers(1, 5))
def test_lines_of_any_letters_are_sorted_by_their_bytes_without_the_blanks_at_their_ends(lines, run, batch):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sorted_lines, "RUN", run)
        patch.setattr(sorted_lines, "_BATCH", batch)
        with SortedLines() as taken:
            taken.add(b"first\n")
            for line in lines:
                taken.add(f"{line}\n".encode())
            found, rows = taken.sha256(), taken.rows
    kept = sorted((line.rstrip() for line in lines if line.rstrip()), key=str.encode)
    assert found == hashlib.sha256("".join(line + "\n" for line in ("first", *kept)).encode()).hexdigest()
    assert rows == len(kept)
