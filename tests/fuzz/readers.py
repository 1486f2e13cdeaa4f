"""Broken files for every reader: anything but a result or an InputError is a finding.

    python -m tests.fuzz.readers --seconds 3 [--seed 7] [--reader pivot]

Belongs here: how seed files are broken, and the way of a file up to its observations. Not here: which damages must be
refused (tests/pipeline/damage.py). The same seed and number give the same input; a finding is printed with both, and
its input is kept. Each input may take `LIMIT_SECONDS`, and the process `LIMIT_BYTES` of memory.
"""

from __future__ import annotations

import argparse
import random
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import polars as pl
import yaml

from pipeline import ingest
from pipeline.errors import InputError
from pipeline.ingest.recognise import tidy_kind
from pipeline.ingest.tidy import read_cells
from pipeline.registry import Vintage
from pipeline.registry.strict_yaml import load, validate
from pipeline.transform import existing, load_vocabulary, observation_cells, observations
from pipeline.transform import regions as region_table
from pipeline.transform.printed import plain_cells
from tests.ingest import layouts
from tests.pipeline import adding

LIMIT_SECONDS = 5.0
LIMIT_BYTES = 4 << 30
_LONGEST = 1 << 20

# reader -> whole files it reads
SEEDS: dict[str, tuple[bytes, ...]] = {
    "ffcsv_new": (layouts.new_file(), adding.FILES["ffcsv_new"], adding.FILES["ffcsv_new_without_quality"]),
    "ffcsv_old": (layouts.old_file(), adding.FILES["ffcsv_old"], adding.FILES["ffcsv_old_english"]),
    "pivot": (layouts.pivot_new(), layouts.pivot_old(), adding.FILES["pivot"], adding.FILES["pivot_old"]),
    "strukturdaten": (layouts.struktur_new(), layouts.struktur_old(), adding.FILES["strukturdaten_cp1252"]),
    "tidy": (adding.FILES["tidy"], b'region,region_label,reference,measure,value,marker\nDE,"a\nb",2018,m,1,e\n'),
    "archive": (layouts.zipped(layouts.new_file()), layouts.zipped(adding.FILES["pivot"], "12411-0010_de.csv")),
}
_ALL = tuple(data for files in SEEDS.values() for data in files)
_WORDS = (
    b";", b",", b"\t", b'"', b'""', b"\n", b"\r", b"\r\n", b"\n\n", b"\0", b"=", b"\\", b"|", b"-", b"/", b".", b"x",
    b"...", b"()", b"(7)", b"\xe2\x80\x93", b"1.234,5", b"1,5", b"-1", b"1e9", b"9" * 40, b"Insgesamt", b"DG", b"99",
    b"00", b"Tabelle: ", b"GENESIS-Tabelle: 1", b"__________", b"Stand: ", b"#", b"1;2;3", b"value", b"__", b"Kreis",
    b"\xef\xbb\xbf", b"\xff\xfe", b"\xc3", b"\xfc", b"\x81", b"\xe2\x80\xa8", b"\x0c", b"\x85", b"\xf0\x9f\x98\x80",
    b"PK\x03\x04", b"<", b"{", b"=1+1", b"31.12.2023", b"2023-12-31", b"Oktober 2023", b"32.13.0000", b"\xc2\xa0",
    b"NaN", b"Land",
)  # fmt: skip


@dataclass(frozen=True)
class Finding:
    """What a reader did with one input: the reader, the number of the input, and what happened."""

    reader: str
    number: int
    data: bytes
    story: str


def broken(reader: str, seed: int, number: int) -> bytes:
    """The input of a reader by seed and number."""
    chance = random.Random(f"{reader}:{seed}:{number}")  # noqa: S311
    data = chance.choice(SEEDS[reader])
    if reader == "archive" and chance.random() < 0.5:
        # What is inside is broken, the archive is whole.
        inner = _broken_once(chance.choice(SEEDS["ffcsv_new"]), chance)
        return layouts.zipped(inner, chance.choice(["a.csv", "../a.csv", "a\0b.csv", " ", "ä" * 300, "a.zip"]))
    for _ in range(chance.choice((1, 1, 1, 2, 2, 3, 6))):
        data = _broken_once(data, chance)[:_LONGEST]
    return data


def _broken_once(data: bytes, chance: random.Random) -> bytes:
    here, there = sorted(chance.randrange(len(data) + 1) for _ in range(2))
    match chance.randrange(13):
        case 0:  # bytes flipped
            flipped = bytearray(data)
            for _ in range(chance.choice((1, 3, 20))):
                if flipped:
                    flipped[chance.randrange(len(flipped))] ^= 1 << chance.randrange(8)
            return bytes(flipped)
        case 1:
            return data[:there]
        case 2:  # a piece lost
            return data[:here] + data[there:]
        case 3:  # spliced with another layout
            other = chance.choice(_ALL)
            return data[:here] + other[chance.randrange(len(other)) :]
        case 4:  # a block repeated
            return data[:there] + data[here:there] * chance.choice((1, 2, 50)) + data[there:]
        case 5 | 6:  # a sign or word put in
            return data[:here] + chance.choice(_WORDS) + data[here:]
        case 7:  # a cell replaced
            cells = data.split(b";") if b";" in data else data.split(b",")
            cells[chance.randrange(len(cells))] = chance.choice(_WORDS)
            return (b";" if b";" in data else b",").join(cells)
        case 8:  # separators
            return data.replace(b";", chance.choice((b",", b"\t", b"|", b";;")))
        case 9:  # encodings
            text = data.decode("utf-8", "replace")
            return text.encode(chance.choice(("utf-16", "cp850", "cp1252", "utf-8-sig", "utf-7")), "replace")
        case 10:  # a huge cell
            piece = chance.choice((b"a", b";", b"_", b'"', b"(", b"1.", b" ", b"-;"))
            return data[:here] + piece * chance.choice((9_999, 200_000)) + data[here:]
        case 11:  # lines in another order, ended in another way
            lines = data.splitlines(keepends=chance.random() < 0.5)
            chance.shuffle(lines)
            return chance.choice((b"", b"\n", b"\r", b"\r\n")).join(lines)
        case _:  # numbers and signs change places
            return data.translate(bytes.maketrans(b"0123456789.,-/", bytes(chance.sample(b"0123456789.,-/", 14))))


@cache
def vintage(layout: str) -> Vintage:
    """A source.yml whose reading takes every measure of the seed files."""
    taken = [{"measure": "persons_total", "printed": "*", "unit": "Anzahl"}]
    values = {
        "source": "fuzz",
        "vintage": "1",
        "kind": "observation",
        "title": "t",
        "publisher": "p",
        "order": 1,
        "layout": layout,
        "language": "de",
        "defaults": {
            "reference_kind": "date", "concept": "population", "universe": "none", "release_state": "final",
            "census_base": "none", "status": "published",
        },
        "measures": {"persons_total": {"printed_unit": "persons", "multiplier": 1000, "precision": "printed"}},
        "licence": {"id": "x", "title": "x", "evidence": "stated"},
        "attribution": "a",
        "obtained": {"how": "compiled"},
        "files": [{"path": "x.csv", "content_sha256": "0" * 64, "rows": 1}],
    }  # fmt: skip
    if layout == "strukturdaten":
        taken = [{"measure": "persons_total", "printed": "Bevölkerung am *", "unit": "in 1000"}]
    if layout != "tidy":
        ignored = ["Land", *(f"{place} {number}" for place in ("head", "stub") for number in range(1, 7))]
        values["readings"] = {layout: {"ignored": ignored, "figures": taken, "rest": "not taken"}}
    return validate(Vintage, load(yaml.safe_dump(values), file="x"), file="x")


@cache
def regions() -> pl.DataFrame:
    """The regions the seed files print."""
    file = adding.REPOSITORY / "raw_data/regions/2024-12-31/figures.csv"
    return existing(region_table(read_cells(file.read_bytes(), file="regions", kind="region")))


def through(data: bytes) -> None:
    """A file on its whole way: recognised, hashed, read, named, typed.

    Raises:
        InputError: the file is broken, and is told so.
    """
    file = "raw_data/fuzz/1/x.csv"
    recognised = ingest.recognise(data, file=file)
    ingest.fingerprint(recognised.data, file=file, layout=recognised.layout)
    found = vintage(recognised.layout)
    if recognised.layout == "tidy":
        header = recognised.content.removeprefix(layouts.BOM).decode().split("\n", 1)[0].rstrip("\r")
        kind = tidy_kind(header) or "observation"
        cells = read_cells(recognised.data, file=file, kind=kind)
        if kind != "observation":
            return
    else:
        table = ingest.read(recognised)
        cells = observation_cells(table, found.readings[recognised.layout], file=file)
        cells = plain_cells(cells, layout=recognised.layout, language="de")
    observations(cells, found, load_vocabulary(), regions())


class _TooLongError(BaseException):
    """Not an Exception: no reader may take it for one of its own."""


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """An alarm after some seconds; works in the main thread alone."""

    def ring(*_: object) -> None:
        raise _TooLongError

    former = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, former)


def story(data: bytes) -> str | None:
    """What went wrong with an input; null where there is a result or an InputError that helps."""
    try:
        with limited(LIMIT_SECONDS):
            through(data)
    except InputError as error:
        return None if error.remedy or "Remedy" in str(error) else f"an error without remedy: {error}"
    except _TooLongError:
        return f"longer than {LIMIT_SECONDS:g} s:\n{traceback.format_exc()}"
    except KeyboardInterrupt:
        raise
    except BaseException:  # a panic of a library is no Exception
        return traceback.format_exc()
    return None


def findings(reader: str, seed: int, *, numbers: range | None = None, seconds: float = 0.0) -> Iterator[Finding | int]:
    """The findings of a reader, and at the end how many inputs it was given: `numbers`, or for some seconds."""
    end = time.monotonic() + seconds
    number = 0
    while number < numbers.stop if numbers is not None else time.monotonic() < end:
        data = broken(reader, seed, number)
        if told := story(data):
            yield Finding(reader, number, data, told)
        number += 1
    yield number


def main() -> int:
    """Exit status 1 where something was found."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--seconds", type=float, default=3.0, help="for each reader")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--reader", choices=SEEDS, default=None)
    given = parser.parse_args()
    seed = random.SystemRandom().randrange(1 << 32) if given.seed is None else given.seed
    print(f"seed {seed}")
    resource.setrlimit(resource.RLIMIT_AS, (LIMIT_BYTES, resource.getrlimit(resource.RLIMIT_AS)[1]))
    kept = Path(tempfile.mkdtemp(prefix="fuzz-readers-"))
    found = 0
    for reader in [given.reader] if given.reader else SEEDS:
        for one in findings(reader, seed, seconds=given.seconds):
            if isinstance(one, int):
                print(f"{reader}: {one} inputs")
                continue
            found += 1
            path = kept / f"{reader}-{seed}-{one.number}"
            path.write_bytes(one.data)
            print(f"finding: --reader {reader} --seed {seed}, input {one.number}, kept as {path}\n{one.story}")
    if not found:
        kept.rmdir()
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
