"""From the cells of a publisher's table to cells of observations, by the reading in source.yml.

Belongs here: choosing cells and naming them (measure, region, breakdown); every text stays as printed. Not here: the
shape of a reading (registry/readings.py), the spelling of numbers (printed.py), any value.

Strict on purpose: each cell is taken by exactly one entry of the reading or left out by a stated reason, and a variable
no entry mentions must stand at its total. So a new column, code or unit stops the file instead of slipping into a
figure, and two overlapping groupings can never be added together.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import polars as pl

from pipeline.errors import InputError
from pipeline.transform.parts import own
from pipeline.transform.printed import iso_date

if TYPE_CHECKING:
    from pipeline.ingest import Table
    from pipeline.registry import Reading, Taken

# As ingest.read_cells gives kind observation.
OBSERVATION_CELLS = (
    "file", "line", "position", "region", "region_label", "reference", "measure", "value", "marker", "concept",
    "universe", "release_state", "census_base", "status", "breakdown", "source_url", "note", "reference_kind",
)  # fmt: skip
_OVERRIDES = ("concept", "universe", "release_state", "census_base", "status", "reference_kind")
# What the entries of a reading look at.
_COMBINED = ["measure", "measure_label", "unit", "dimensions", "time"]
TOTAL = "TOTAL"
_TOTALS = {"insgesamt", "total", "zusammen"}
# Regions that a layout prints by name, and the codes that mean Germany.
_NAMES = {
    "Deutschland": "DE",
    "Germany": "DE",
    "Schleswig-Holstein": "01",
    "Hamburg": "02",
    "Niedersachsen": "03",
    "Bremen": "04",
    "Nordrhein-Westfalen": "05",
    "Hessen": "06",
    "Rheinland-Pfalz": "07",
    "Baden-Württemberg": "08",
    "Bayern": "09",
    "Saarland": "10",
    "Berlin": "11",
    "Brandenburg": "12",
    "Mecklenburg-Vorpommern": "13",
    "Sachsen": "14",
    "Sachsen-Anhalt": "15",
    "Thüringen": "16",
    "Früheres Bundesgebiet mit Berlin": "west_with_berlin",
    "Früheres Bundesgebiet ohne Berlin": "west",
    "Neue Länder ohne Berlin": "east",
    "Neue Länder mit Berlin": "east_with_berlin",
}
_GERMANY = ("DG", "99", "00", "0")
_LEVELS = {2: "state", 3: "government_region", 5: "district", 8: "borough"}
_CITY_STATES = {"02": "02000", "11": "11000"}


def observation_cells(table: Table, reading: Reading, *, file: str) -> pl.DataFrame:
    """The cells of a publisher's table that are figures, named by the reading.

    Args:
        table: as `ingest.read` gives it.
        reading: the entry of `readings` in source.yml for the table's layout.
        file: its name in errors and in the column `file`.

    Returns:
        `OBSERVATION_CELLS`, String but line and position Int64, in the order of the table; key line, position, region.
        value, marker (the sign beside it, "" for none) and reference are as printed; region and measure are the
        project's. Where `city_states_as_districts`, a cell of Hamburg or Berlin stands twice, as state and as district.

    Raises:
        InputError: another table, an unknown region name, a cell no entry takes or two do, an entry that takes nothing,
            a unit other than declared, a figure without date.
    """
    return pl.concat(observation_cells_of([table], reading, file=file))


def observation_cells_of(tables: Iterable[Table], reading: Reading, *, file: str) -> Iterator[pl.DataFrame]:
    """The same of a file that is read in parts: `tables` are its tables, one below the other.

    Returns:
        A frame a table, and where `city_states_as_districts` one more with the cells that stand twice.

    Raises:
        InputError: what `observation_cells` raises; a code that is a total in one part and none in another.
    """
    used: set[int] = set()
    names: dict[tuple[str, str], None] = {}
    known: dict[tuple[str, str], bool] = {}
    totals: set[tuple[str, str]] = set()
    printed: set[str] = set()
    city_states: list[pl.DataFrame] = []
    chosen: dict[tuple[str, ...], dict[str, Any] | None] = {}

    def choice(combination: dict[str, Any]) -> dict[str, Any] | None:
        """What a combination becomes, null where it is left out; thought about once a file."""
        key = tuple(combination[name] for name in _COMBINED)
        if key not in chosen:
            codes = variable_codes(combination["dimensions"], totals, ignored=reading.ignored)
            chosen[key] = _choice(combination, codes, reading, used, file=file)
        return chosen[key]

    for table in tables:
        _refuse_other_table(table, reading, file=file)
        totals |= total_codes(table)
        _refuse_changed_totals(table, totals, known, file=file)
        cells = _with_regions(table.cells, reading, file=file).with_columns(pl.col(_COMBINED).fill_null(""))
        # A table has few combinations of what a reading looks at, whatever its number of rows; most tables print one
        # measure in one unit, and what does not change need not be compared.
        varying = [name for name in _COMBINED if cells[name].n_unique() > 1] or _COMBINED[:1]
        combinations = cells.group_by(varying, maintain_order=True).agg(
            pl.col("line", *(name for name in _COMBINED if name not in varying)).first()
        )
        names |= dict.fromkeys(combinations.select("measure", "measure_label").iter_rows())
        named = _named(cells, combinations, varying, choice, file=file)
        if reading.city_states_as_districts:
            printed |= set(named["region"].unique())
            city_states.append(own(named.filter(pl.col("region").is_in(list(_CITY_STATES)))))
        yield named
    _refuse_idle(used, list(names), reading, file=file)
    if city_states:
        # Hamburg and Berlin are states and districts in one: their rows once more, as districts.
        missing = {state: district for state, district in _CITY_STATES.items() if district not in printed}
        again = pl.concat(city_states).filter(pl.col("region").is_in(list(missing)))
        yield again.with_columns(pl.col("region").replace(missing))


def _choice(
    combination: dict[str, Any], codes: dict[str, str], reading: Reading, used: set[int], *, file: str
) -> dict[str, Any] | None:
    """What the one entry that takes a combination makes of it; the number of the entry goes into `used`."""
    takers = [number for number, taken in enumerate(reading.figures) if _takes(taken, combination, codes)]
    if not takers and reading.rest is not None:
        return None
    taken = _one_taker(takers, combination, reading, file=file)
    used.update(takers)
    return {
        "project_measure": taken.measure,
        "breakdown": _breakdown(codes, taken),
        "given": taken.reference,
        **{key: getattr(taken, key) for key in _OVERRIDES},
    }


def _named(
    cells: pl.DataFrame,
    combinations: pl.DataFrame,
    varying: list[str],
    choice: Callable[[dict[str, Any]], dict[str, Any] | None],
    *,
    file: str,
) -> pl.DataFrame:
    """The cells an entry of the reading takes, as `OBSERVATION_CELLS`.

    `combinations` are told apart by the columns `varying`; `choice` says what becomes of one.
    """
    rows = [
        {**{name: combination[name] for name in varying}, **chosen}
        for combination in combinations.iter_rows(named=True)
        if (chosen := choice(combination)) is not None
    ]
    names = pl.DataFrame(
        rows, schema=dict.fromkeys((*varying, "project_measure", "breakdown", "given", *_OVERRIDES), pl.String)
    )
    found = cells.join(names, on=varying, how="inner", maintain_order="left").with_columns(
        reference=pl.coalesce("given", pl.when(pl.col("time") != "").then("time"))
    )
    undated = found.filter(pl.col("reference").is_null())
    if undated.height:
        raise InputError(
            f"no date or year is printed beside {undated['measure_label'][0]}",
            file=file,
            line=undated["line"][0],
            key="readings",
            remedy="Give its entry a `reference` and `reference_kind`.",
        )
    return found.select(
        file=pl.lit(file),
        line="line",
        position="position",
        region="region",
        region_label=pl.col("region_label").str.strip_chars(),
        reference="reference",
        measure="project_measure",
        value="value",
        marker=pl.col("quality").fill_null(""),
        concept="concept",
        universe="universe",
        release_state="release_state",
        census_base="census_base",
        status="status",
        breakdown="breakdown",
        source_url=pl.lit(None, dtype=pl.String),
        note=pl.lit(None, dtype=pl.String),
        reference_kind="reference_kind",
    )


def _refuse_changed_totals(
    table: Table, totals: set[tuple[str, str]], known: dict[tuple[str, str], bool], *, file: str
) -> None:
    """A code is a total in every part of a file or in none: what an entry takes may not hang on where it is cut."""
    for pair in table.codes.select("variable", "code").unique(maintain_order=True).iter_rows():
        if known.setdefault(pair, pair in totals) != (pair in totals):
            raise InputError(
                f"the code {pair[1]!r} of {pair[0]!r} is labelled as a total in one part of the file only",
                file=file,
                line=table.cells["line"][0],
                remedy="The file was put together or changed; download it again.",
            )


def _refuse_other_table(table: Table, reading: Reading, *, file: str) -> None:
    others = [code for code in table.tables if reading.tables and code not in reading.tables]
    if others or (reading.tables and not table.tables):
        raise InputError(
            f"this is table {', '.join(others) or 'without a code'} ({'; '.join(table.titles)[:120]}), "
            f"the source reads {', '.join(reading.tables)}",
            file=file,
            key="tables",
            remedy="Give the file to the source it belongs to (`mo vintage list`), or make one (`mo source new`).",
        )


def _with_regions(cells: pl.DataFrame, reading: Reading, *, file: str) -> pl.DataFrame:
    """Region ids in place of printed keys and names; levels the reading does not take are dropped."""
    label = pl.col("region_label").str.strip_chars()
    code = pl.col("region").str.strip_chars()
    is_germany = (code.is_in(_GERMANY) & label.is_in(["Deutschland", "Germany"])) | (code == "DG")
    named = cells.with_columns(
        region=pl.when(is_germany)
        .then(pl.lit("DE"))
        .when(code.fill_null("") != "")
        .then(code)
        .otherwise(label.replace_strict(_NAMES, default=None, return_dtype=pl.String))
    )
    if reading.levels is not None:
        length = pl.col("region").str.len_bytes()
        level = (
            pl.when(pl.col("region") == "DE")
            .then(pl.lit("country"))
            .when(pl.col("region").str.contains("^[a-z]"))
            .then(pl.lit("aggregate"))
            .otherwise(length.replace_strict(_LEVELS, default=None, return_dtype=pl.String))
        )
        named = named.filter(level.is_in(list(reading.levels)) | level.is_null())
    unknown = named.filter(pl.col("region").is_null())
    if unknown.height:
        raise InputError(
            f"the region {unknown['region_label'][0]!r} has no key and no name that is known",
            file=file,
            line=unknown["line"][0],
            key="region",
            remedy="Take the flat CSV (ffcsv) of the table, which prints official keys.",
        )
    return named


def total_codes(table: Table) -> set[tuple[str, str]]:
    """The printed (variable, code) pairs that are totals: an empty code, or one labelled Insgesamt."""
    labelled = table.codes.filter(
        (pl.col("code") == "") | pl.col("label").str.strip_chars().str.to_lowercase().is_in(list(_TOTALS))
    )
    return set(labelled.select("variable", "code").iter_rows())


def variable_codes(dimensions: str, totals: set[tuple[str, str]], *, ignored: tuple[str, ...] = ()) -> dict[str, str]:
    """`variable=code;…` as a mapping; a total's code becomes TOTAL, `ignored` variables are left out.

    Args:
        dimensions: as in CELLS.
        totals: as `total_codes` gives them.
    """
    codes = {}
    for pair in re.split(r"(?<!\\);", dimensions) if dimensions else ():
        variable, code = (re.sub(r"\\(.)", r"\1", part) for part in re.split(r"(?<!\\)=", pair, maxsplit=1))
        if variable in ignored:
            continue
        is_total = not code.strip() or (variable, code) in totals or code.strip().lower() in _TOTALS
        codes[variable] = TOTAL if is_total else code
    return codes


def _takes(taken: Taken, combination: dict[str, Any], codes: dict[str, str]) -> bool:
    """Whether an entry takes cells of this combination; `codes` are its variables as `variable_codes` gives them."""
    names = (combination["measure"], combination["measure_label"])
    if not any(fnmatchcase(name, pattern) for pattern in taken.printed for name in names):
        return False
    date = iso_date(combination["time"])
    # A year is compared as its first or last day would be: by its text.
    if (taken.since and date[: len(taken.since)] < taken.since) or (
        taken.until and date[: len(taken.until)] > taken.until
    ):
        return False
    broken_down = {source.variable for source in taken.breakdown.values() if source.variable is not None}
    if not (broken_down | taken.where.keys()) <= codes.keys():
        return False
    return all(
        code in taken.where[variable] if variable in taken.where else code == TOTAL or variable in broken_down
        for variable, code in codes.items()
    )


def _one_taker(takers: list[int], combination: dict[str, Any], reading: Reading, *, file: str) -> Taken:
    dimensions = f", {combination['dimensions']}" if combination["dimensions"] else ""
    shown = f"{combination['measure']} ({combination['measure_label']}{dimensions})".removeprefix(" ")
    if len(takers) != 1:
        listed = ", ".join(f"figures[{number}]" for number in takers)
        raise InputError(
            f"{len(takers)} entries of the reading take {shown}: {listed}"
            if takers
            else f"no entry of the reading takes {shown}",
            file=file,
            line=combination["line"],
            key="readings",
            remedy="Tell the entries apart by `where`; a figure has one meaning."
            if takers
            else "Add an entry under `figures` in source.yml, or say under `rest` why other cells are left out.",
        )
    taken = reading.figures[takers[0]]
    if combination["unit"] != (taken.unit or ""):
        raise InputError(
            f"{shown} is printed in the unit {combination['unit']!r}, the reading expects {taken.unit or ''!r}",
            file=file,
            line=combination["line"],
            key="unit",
            remedy="A unit may be a multiplier: correct `unit` and `multiplier` in source.yml together.",
        )
    return taken


def _breakdown(codes: dict[str, str], taken: Taken) -> str:
    parts = []
    for key, source in sorted(taken.breakdown.items()):
        code = source.constant
        if source.variable is not None:
            printed = codes[source.variable]
            code = source.total if printed == TOTAL else re.sub(r"[\s=;:]+", "_", printed.strip())
        if code is not None:
            parts.append(f"{key}={code}")
    return ";".join(parts)


def _refuse_idle(used: set[int], printed: list[tuple[str, str]], reading: Reading, *, file: str) -> None:
    """An entry that takes nothing was meant for something the file no longer prints."""
    for number, taken in enumerate(reading.figures):
        if number in used:
            continue
        names = [measure or label for measure, label in printed]
        where = "".join(f", {variable} {'/'.join(codes)}" for variable, codes in taken.where.items())
        raise InputError(
            f"the file holds no {'/'.join(taken.printed)}{where}, which the reading takes as {taken.measure}",
            file=file,
            key=f"readings.figures[{number}]",
            remedy="The publisher may have renamed it, or the dates do not fit; printed are "
            f"{', '.join(dict.fromkeys(names))[:300]}. `mo inspect` shows all codes.",
        )
