"""A project with one source of sixteen states, and its next vintage in every publisher's layout.

The figures are invented; sixteen states add up to Germany, so that a figure lost or changed is noticed.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml

from pipeline.contracts import Contracts, load_contracts
from pipeline.ingest import fingerprint
from pipeline.project import Project
from pipeline.registry import LOCK, REGIONS, Lock, load_registry, read_lock, write_lock
from pipeline.settings import Settings
from pipeline.warehouse import Warehouse
from tests.ingest import layouts

REPOSITORY = Path(__file__).parents[2]
SOURCE = "people"
DAY = "2024-06-01"
NAMES = (
    "Schleswig-Holstein", "Hamburg", "Niedersachsen", "Bremen", "Nordrhein-Westfalen", "Hessen", "Rheinland-Pfalz",
    "Baden-Württemberg", "Bayern", "Saarland", "Berlin", "Brandenburg", "Mecklenburg-Vorpommern", "Sachsen",
    "Sachsen-Anhalt", "Thüringen",
)  # fmt: skip
STATES = {f"{number:02d}": name for number, name in enumerate(NAMES, 1)}
Figures = Mapping[str, int]


def figures(shift: int = 0) -> dict[str, int]:
    """Persons by region, `DE` first; every state another number of several digits."""
    states = {key: 1_234 * int(key) + shift for key in STATES}
    return {"DE": sum(states.values()), **states}


def label(region: str) -> str:
    return STATES.get(region, "Deutschland")


def new(people: Figures, date: str = "2023-12-31", *, quality: bool = True) -> bytes:
    rows = []
    for region, value in people.items():
        key, level = ("DG", "DINSG") if region == "DE" else (region, "DLAND")
        for sex, share in (("GES;GESW;weiblich", value // 2), ("GES;;Insgesamt", value)):
            printed = sex.split(";", 1)[1]
            row = layouts.new_row(key, label(region), str(share), level=level, sex=printed, q="e" if quality else None)
            rows.append(row.replace("2023-12-31", date))
    return layouts.new_file(*rows, header=layouts.new_header(quality=quality))


def old(people: Figures, date: str = "31.12.2023", *, english: bool = False) -> bytes:
    rows = []
    for region, value in people.items():
        key = "DG" if region == "DE" else region
        for sex, share in (("GESW;weiblich", value // 2), (";Insgesamt", value)):
            rows.append(layouts.old_row(key, f"  {label(region)}", str(share), sex=sex).replace("31.12.2022", date))
    header = layouts.old_header(layouts.OLD_EN if english else layouts.OLD_DE)
    text = layouts.old_file(*rows, header=header).decode()
    return (text.replace("Insgesamt", "Total").replace("Deutschland", "Germany") if english else text).encode()


def pivot_new(people: Figures) -> bytes:
    names = [label(region) for region in people]
    lines = [
        "Tabelle: 12411-0010",
        "Bevölkerung: Bundesländer, Stichtag;;;;",
        "Bevölkerungsstand (Anzahl);;;;;;",
        ";Bundesländer" + ";" * (2 * len(names) - 1),
        ";" + ";;".join(names) + ";",
        "31.12.2023;" + ";".join(f"{value};e" for value in people.values()),
        "__________",
        "© Statistisches Bundesamt (Destatis), 2024",
        "Stand: 01.06.2024 / 23:29:57",
    ]
    return layouts.BOM + ("\n".join(lines) + "\n").encode()


def pivot_old(people: Figures) -> bytes:
    lines = [
        "GENESIS-Tabelle: 12411-0010",
        "Bevölkerung: Bundesländer, Stichtag;;;",
        "Bevölkerungsstand (Anzahl);;;",
        ";31.12.2023",
        *(f"{label(region)};{value}" for region, value in people.items()),
        "__________",
        "(C)opyright Statistisches Bundesamt (Destatis), 2024",
        "Stand: 01.06.2024 / 14:26:51",
    ]
    return ("\n".join(lines) + "\n").encode("iso-8859-1")


def struktur(people: Figures, *, encoding: str = "utf-8-sig") -> bytes:
    def thousands(value: int) -> str:
        return f"{value / 1000:,.3f}".translate({ord(","): ".", ord("."): ","})

    lines = [
        "# © Die Bundeswahlleiterin, Wiesbaden 2024;;;;",
        "# Strukturdaten für die kreisfreien Städte – und Landkreise;;;;",
        "Spalten-Nr.;;;1;",
        "Land;Kreis;Name;Bevölkerung am 31.12.2023 (in 1000);Fußnoten",
        *(
            f"{label(region)};{'99' if region == 'DE' else region};{label(region)};{thousands(value)};"
            for region, value in people.items()
        ),
    ]
    return ("\r\n".join(lines) + "\r\n").encode(encoding)


def tidy(people: Figures, date: str = "2023-12-31") -> bytes:
    rows = [f"{region},{label(region)},{date},persons_total,{value}," for region, value in people.items()]
    return ("\n".join(("region,region_label,reference,measure,value,marker", *rows)) + "\n").encode()


NEXT = figures(7)
# name -> a whole file that prints NEXT
FILES: dict[str, bytes] = {
    "ffcsv_new": new(NEXT),
    "ffcsv_new_without_quality": new(NEXT, quality=False),
    "ffcsv_new_zip": layouts.zipped(new(NEXT)),
    "ffcsv_old": old(NEXT),
    "ffcsv_old_english": old(NEXT, english=True),
    "pivot": pivot_new(NEXT),
    "pivot_old": pivot_old(NEXT),
    "strukturdaten": struktur(NEXT),
    "strukturdaten_cp1252": struktur(NEXT, encoding="cp1252"),
    "tidy": tidy(NEXT),
}


def _flat() -> dict[str, object]:
    total = {"measure": "persons_total", "printed": "BEVSTD", "unit": "Anzahl", "where": {"GES": "TOTAL"}}
    return {"tables": ["12411"], "figures": [total], "rest": "men and women are not told apart here"}


# Written out for each layout: a source.yml has no aliases.
READINGS = {
    "ffcsv_new": _flat(),
    "ffcsv_old": _flat(),
    "pivot": {
        "tables": ["12411-0010"],
        "figures": [{"measure": "persons_total", "printed": "Bevölkerungsstand", "unit": "Anzahl"}],
    },
}
IN_THOUSANDS = {
    "strukturdaten": {
        "ignored": ["Land"],
        "figures": [{"measure": "persons_total", "printed": "Bevölkerung am *", "unit": "in 1000"}],
    }
}


def write_vintage(raw_data: Path, vintage: str, data: bytes, *, source: str = SOURCE, **changes: object) -> Path:
    """A vintage in the tidy layout, with a reading for every publisher's layout; `changes` replace keys."""
    folder = raw_data / source / vintage
    folder.mkdir(parents=True)
    (folder / "figures.csv").write_bytes(data)
    content = fingerprint(data, file="figures.csv")
    described = {
        "source": source,
        "vintage": vintage,
        "kind": "observation",
        "title": "People by state",
        "publisher": "Office",
        "published": "2023-06-01",
        "order": 1,
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
        "readings": READINGS,
        "licence": {"id": "dl-de/by-2-0", "title": "Datenlizenz", "evidence": "stated"},
        "attribution": "Office",
        "obtained": {"how": "publisher's web table"},
        "files": [{"path": "figures.csv", "content_sha256": content.sha256, "rows": content.rows}],
        "expect": {
            "regions": {"level": "state", "complete": True},
            "sums": [{"over": "state", "total": "DE", "measure": "persons_total", "tolerance": "0", "reason": "exact"}],
        },
        "doubts": ["The figures are invented."],
    } | changes
    text = yaml.safe_dump(described, sort_keys=False, allow_unicode=True)
    (folder / "source.yml").write_text("# by hand\n" + text, "utf-8")
    return folder


def take_back(raw_data: Path) -> None:
    """Undo the adding of the next vintage."""
    shutil.rmtree(raw_data / SOURCE / DAY)
    lock = raw_data / LOCK
    write_lock(lock, read_lock(lock).using(SOURCE, "2023-06-01"))


def write_project(root: Path, *, layout: str = "ffcsv_new") -> Path:
    """A project folder with the regions and one vintage of `people`; its raw_data."""
    raw_data = root / "raw_data"
    shutil.copytree(REPOSITORY / "raw_data" / "regions", raw_data / "regions")
    (root / "sql").symlink_to(REPOSITORY / "sql")
    changes: dict[str, object] = {}
    people = figures()
    if layout.startswith("strukturdaten"):
        changes["measures"] = {
            "persons_total": {"printed_unit": "thousand persons", "multiplier": 1000, "precision": "exact"}
        }
        changes["readings"] = IN_THOUSANDS
        data = tidy(dict.fromkeys(people, 0), "2022-12-31")
    else:
        data = tidy(people, "2022-12-31")
    if layout == "ffcsv_old_english":
        changes["language"] = "en"
    write_vintage(raw_data, "2023-06-01", data, **changes)
    regions = read_lock(REPOSITORY / "raw_data" / LOCK).current[REGIONS]
    write_lock(raw_data / LOCK, Lock(current={REGIONS: regions, SOURCE: "2023-06-01"}))
    return raw_data


@cache
def contracts() -> Contracts:
    """The contracts of the project, read once."""
    return load_contracts(REPOSITORY / "sql")


def opened(root: Path) -> Project:
    """As open_project, with contracts that are read once."""
    settings = Settings.resolve(root, env={})
    return Project(settings, load_registry(settings.raw_data), contracts(), Warehouse(settings.warehouse))


def tree(folder: Path) -> dict[str, bytes | None]:
    """Everything below a folder: the bytes of files, null for folders."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
    }
