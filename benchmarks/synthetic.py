"""SYNTHETIC flat files of any size in the publishers' new layout, and a project folder that reads one.

Belongs here: figures invented for measuring, written as GENESIS would print them, row after row in an order that means
nothing. Not here: measuring (large.py). No figure of such a file may ever be published: the statistics label says
SYNTHETIC, and so does its source.yml, which the rule `core.vintage__nothing_synthetic` keeps out of every release.
"""

from __future__ import annotations

import io
import math
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import polars as pl
import yaml

from pipeline import ingest
from pipeline.registry import LOCK, REGIONS, Lock, read_lock, write_lock

REPOSITORY = Path(__file__).parents[1]
SOURCE, VINTAGE, FILE = "synthetic_population", "invented-1", "synthetic_de_flat.csv"
TITLE = "SYNTHETIC figures, invented for measuring"
BOM = "\ufeff"
FIRST_YEAR, YEARS = 2014, 10
# Rows that are made at once.
_ROWS = 200_000
_GROUP = "{n}_variable_code;{n}_variable_label;{n}_variable_attribute_code;{n}_variable_attribute_label"
HEADER = ";".join(
    (
        "statistics_code;statistics_label;time_code;time_label;time",
        *(_GROUP.format(n=n) for n in range(1, 5)),
        "value;value_unit;value_variable_code;value_variable_label;value_q",
    )
)
_SEXES = ("GES;Geschlecht;;Insgesamt", "GES;Geschlecht;GESM;männlich", "GES;Geschlecht;GESW;weiblich")
_NATIONALITIES = (
    "NAT;Nationalität;;Insgesamt",
    "NAT;Nationalität;NATD;Deutsche",
    "NAT;Nationalität;NATA;Ausländer",
)
_AGES = (
    "ALTX20;Altersgruppen (20);;Insgesamt",
    *(f"ALTX20;Altersgruppen (20);ALT{5 * n:03d};{5 * n} bis unter {5 * n + 5} Jahre" for n in range(20)),
)
A_MUNICIPALITY = YEARS * len(_SEXES) * len(_AGES) * len(_NATIONALITIES)
# The networks, studies and statements fill tables that the marts read; their few rows cost nothing.
_BESIDE = ("article_claims", "samofa_nemo_cities", "study_figures")


@dataclass(frozen=True)
class Flat:
    """What one synthetic file holds: `rows` lines of figures below the header, decided by `seed`."""

    rows: int
    seed: int = 0

    @property
    def municipalities(self) -> int:
        """How many there are: each has a row a year, sex, age group and nationality."""
        return -(-self.rows // A_MUNICIPALITY)

    def lines(self) -> Iterator[bytes]:
        """The file in pieces, header first; the same bytes for the same rows and seed."""
        yield f"{BOM}{HEADER}\n".encode()
        step = _step(self.rows)
        keys = pl.Series([municipality(n) for n in range(self.municipalities)])
        regions = "GEMEIN;Gemeinden;" + keys + ";Gemeinde " + pl.int_range(len(keys), eager=True).cast(pl.String)
        years = pl.Series([f"{FIRST_YEAR + n}-12-31" for n in range(YEARS)])
        for start in range(0, self.rows, _ROWS):
            # Multiplying by a number without a common divisor visits every figure once, in an order that means nothing.
            number = (pl.int_range(start, min(self.rows, start + _ROWS), eager=True) * step + self.seed) % self.rows
            cell = number % A_MUNICIPALITY
            chance = (number * 2_654_435_761 + self.seed) % 2**32
            yield (
                pl.select(
                    pl.concat_str(
                        pl.lit("12411;Fortschreibung des Bevölkerungsstandes (SYNTHETIC);STAG;Stichtag"),
                        years.gather(cell // 189),
                        regions.gather(number // A_MUNICIPALITY),
                        pl.Series(_SEXES).gather(cell % 3),
                        pl.Series(_AGES).gather(cell // 3 % 21),
                        pl.Series(_NATIONALITIES).gather(cell // 63 % 3),
                        pl.when(chance % 20 == 0).then(pl.lit("-")).otherwise((chance // 2**18).cast(pl.String)),
                        pl.lit("Anzahl;BEVSTD;Bevölkerungsstand;e"),
                        separator=";",
                    ).str.join("\n")
                ).item()
                + "\n"
            ).encode()

    def write(self, file: Path, *, zipped: bool = False) -> None:
        """Write the file, streaming; `zipped` as `data/tablefile` ships it: a ZIP of one text."""
        with file.open("wb") as opened:
            if zipped:
                self._write_zip(opened)
            else:
                for piece in self.lines():
                    opened.write(piece)

    def _write_zip(self, opened: IO[bytes]) -> None:
        # A fixed date: equal bytes for equal figures.
        member = zipfile.ZipInfo(FILE, date_time=(2020, 1, 1, 0, 0, 0))
        member.compress_type = zipfile.ZIP_DEFLATED
        with (
            zipfile.ZipFile(opened, "w", compresslevel=1) as archive,
            archive.open(member, "w", force_zip64=True) as inner,
        ):
            for piece in self.lines():
                inner.write(piece)


def _step(rows: int) -> int:
    """A number near the golden section of `rows` that has no divisor in common with it."""
    step = int(rows * (math.sqrt(5) - 1) / 2) | 1
    while math.gcd(step, rows) != 1:
        step += 2
    return step


def municipality(number: int) -> str:
    """The invented key of eight digits of a municipality, spread over the sixteen states."""
    return f"{number % 16 + 1:02d}{number // 16 + 100_000:06d}"


def write_project(root: Path, flat: Flat, *, zipped: bool = False) -> Path:
    """A project folder with a synthetic source, the regions it needs, and what else the marts read.

    Args:
        root: an empty folder.
        flat: what the file holds.
        zipped: whether the file is a ZIP.

    Returns:
        The synthetic file.
    """
    raw_data, real = root / "raw_data", REPOSITORY / "raw_data"
    for source in (REGIONS, *_BESIDE):
        shutil.copytree(real / source, raw_data / source)
    shutil.copytree(REPOSITORY / "sql", root / "sql")
    current = read_lock(real / LOCK).current
    regions = raw_data / REGIONS / str(current[REGIONS])
    _add_municipalities(regions, flat.municipalities)
    folder = raw_data / SOURCE / VINTAGE
    folder.mkdir(parents=True)
    file = folder / (f"{FILE}.zip" if zipped else FILE)
    flat.write(file, zipped=zipped)
    (folder / "source.yml").write_text(source_yml(file), "utf-8")
    names = {source: current[source] for source in (REGIONS, *_BESIDE)}
    write_lock(raw_data / LOCK, Lock(current=names | {SOURCE: VINTAGE}))
    return file


def _add_municipalities(folder: Path, count: int) -> None:
    """The invented municipalities below the real regions, of the level that has keys of eight digits."""
    text = (folder / "figures.csv").read_text("utf-8")
    rows = io.StringIO()
    for number in range(count):
        key = municipality(number)
        state = key[:2]
        part = "berlin" if state == "11" else "east" if state > "11" else "west"
        rows.write(f"{key},Gemeinde {number} (SYNTHETIC),borough,{state},{part},,,,\n")
    (folder / "figures.csv").write_text(text + rows.getvalue(), "utf-8")
    described = yaml.safe_load((folder / "source.yml").read_text("utf-8"))
    content = ingest.fingerprint((folder / "figures.csv").read_bytes(), file="figures.csv")
    described["files"][0] |= {"content_sha256": content.sha256, "rows": content.rows}
    described["obtained"]["how"] = "synthetic"
    (folder / "source.yml").write_text(yaml.safe_dump(described, allow_unicode=True, sort_keys=False), "utf-8")


def source_yml(file: Path) -> str:
    """The source.yml of a synthetic file; says in three places that nothing in it is a figure."""
    content = ingest.fingerprint(file, file=file.name, layout="ffcsv_new")
    described = {
        "source": SOURCE,
        "vintage": VINTAGE,
        "kind": "observation",
        "title": TITLE,
        "publisher": "SYNTHETIC: nobody",
        "order": 1,
        "layout": "ffcsv_new",
        "language": "de",
        "defaults": {
            "reference_kind": "date",
            "concept": "population",
            "universe": "population_register",
            "release_state": "final",
            "census_base": "zensus_2022",
            "status": "published",
        },
        "measures": {"persons_total": {"printed_unit": "persons", "multiplier": 1, "precision": "exact"}},
        "readings": {
            "ffcsv_new": {
                "tables": ["12411"],
                "figures": [
                    {
                        "measure": "persons_total",
                        "printed": "BEVSTD",
                        "unit": "Anzahl",
                        "breakdown": {
                            "sex": {"variable": "GES"},
                            "age": {"variable": "ALTX20"},
                            "nationality": {"variable": "NAT"},
                        },
                    }
                ],
            }
        },
        "licence": {"id": "SYNTHETIC", "title": "SYNTHETIC: nothing to license", "evidence": "none printed"},
        "attribution": TITLE,
        "obtained": {"how": "synthetic", "note": TITLE},
        "files": [{"path": file.name, "content_sha256": content.sha256, "rows": content.rows}],
        "expect": {"regions": {"level": "borough", "complete": False}},
        "doubts": [f"{TITLE}; no figure here is true."],
    }
    return yaml.safe_dump(described, allow_unicode=True, sort_keys=False)
