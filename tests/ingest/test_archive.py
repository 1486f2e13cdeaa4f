"""A ZIP of one text is unpacked in memory; every other archive is refused."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zipfile

import pytest
from layouts import new_file, zipped

from pipeline.errors import InputError
from pipeline.ingest import archive


def refused(data: bytes, **options: int) -> str:
    with pytest.raises(InputError) as caught:
        archive.unpack(data, file="x.zip", **options)
    assert caught.value.file == "x.zip"
    assert "Remedy: " in str(caught.value)
    return str(caught.value)


def test_one_member_comes_out_whole():
    assert archive.unpack(zipped(new_file(), "a_de_flat.csv"), file="x.zip") == ("a_de_flat.csv", new_file())


def test_several_members_or_none():
    assert "2 members" in refused(zipped(b"a", "a.csv", **{"b.csv": b"b"}))
    assert "0 members" in refused(b"PK\x05\x06" + b"\0" * 18)


@pytest.mark.parametrize("name", ["../a.csv", "/etc/a.csv", "a/b.csv", "a\\b.csv", "C:a.csv", "..", "folder/"])
def test_a_path_in_the_name(name):
    assert "path in its name" in refused(zipped(b"a", name))


def test_a_bomb_is_refused_by_its_declared_size():
    assert "more than 1000 bytes" in refused(zipped(b"0" * 5_000_000), limit=1000)


def test_a_bomb_that_lies_about_its_size_is_not_unpacked():
    data = zipped(b"0" * 5_000_000)
    lying = data.replace(struct.pack("<I", 5_000_000), struct.pack("<I", 10))
    assert lying != data
    tracemalloc.start()
    assert "damaged" in refused(lying, limit=1000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1_000_000


def test_encryption_is_told():
    data = bytearray(zipped(b"text"))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert "encrypted" in refused(bytes(data))


def test_another_compression_is_told():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_LZMA) as made:
        made.writestr("a.csv", b"text")
    assert "compression" in refused(buffer.getvalue())


@pytest.mark.parametrize("content", [b"a\0b", b"%PDF-1.7", b"PK\x03\x04", b"\x89PNG"])
def test_a_member_that_is_no_text(content):
    assert "not a text" in refused(zipped(content))


@pytest.mark.parametrize("share", [0.1, 0.4, 0.6, 0.9, 0.99])
def test_a_cut_archive(share):
    data = zipped(new_file())
    assert "damaged" in refused(data[: int(len(data) * share)])


def test_a_flipped_byte_is_found_by_the_checksum():
    data = bytearray(zipped(new_file()))
    data[80] ^= 0xFF
    assert "damaged" in refused(bytes(data))
