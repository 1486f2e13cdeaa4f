"""What a publisher's file holds, in a few lines: for a person who wants to know before anything is done with it.

Belongs here: counting what the readers give, and warnings about the layouts' traps. Not here: changing or refusing
anything; a figure is looked at only to count markers and to tell decimal marks and overlapping groups apart.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import polars as pl

from pipeline.ingest.cells import Layout, Table
from pipeline.ingest.recognise import Recognised

LAYOUTS: dict[Layout, str] = {
    "ffcsv_new": "ffcsv, new layout (long: one value column)",
    "ffcsv_old": "ffcsv, old layout (wide: one column a measure)",
    "pivot": "GENESIS table as shown (pivot)",
    "strukturdaten": "structure data of the Bundeswahlleiterin",
    "statistischer_bericht": "machine sheet of a Statistischer Bericht",
    "tidy": "tidy CSV of this project",
}
_MARKERS = ("-", "0", "/", ".", "x", "X", "...", "()")
_NUMBER = r"^\(?\s*[+\x{2212}-]?[0-9][0-9 .,\x{a0}\x{202f}]*\s*\)?$"
_TOTAL = r"(?i)^\s*(insgesamt|total|zusammen)\s*$"
_MULTIPLIER = r"(?i)^(in )?(1 ?000|tsd|mill|mio|mrd)"
_LEVEL_NAMES = {
    "country": "country",
    "state": "states",
    "government_region": "government regions",
    "district": "districts",
    "inside_district": "8-digit keys inside a district",
    "municipality": "municipalities",
    "constituency": "constituencies",
    "part": "sums of parts (such as Landkreise of a state)",
    "unknown": "other regions",
}
_SHOWN = 6


@dataclass(frozen=True)
class Overview:
    """What `mo inspect` prints; each field a list of short texts, warnings a list of sentences."""

    layout: tuple[str, ...]
    table: tuple[str, ...]
    as_of: tuple[str, ...]
    dates: tuple[str, ...]
    regions: tuple[str, ...]
    dimensions: tuple[str, ...]
    measures: tuple[str, ...]
    totals: tuple[str, ...]
    markers: tuple[str, ...]
    rows: tuple[str, ...]
    notes: tuple[str, ...]
    warnings: tuple[str, ...]


def overview(recognised: Recognised, table: Table) -> Overview:
    """What a file holds.

    Args:
        recognised: the file.
        table: its cells, as `read(recognised)` gives them.
    """
    cells = table.cells
    regions = _regions(cells)
    where = f"in the ZIP member {recognised.member}" if recognised.member else ""
    dates = cells["time"].unique().drop_nulls().sort().to_list()
    levels = regions.group_by("level").len().rows()
    order = list(_LEVEL_NAMES)
    return Overview(
        layout=tuple(part for part in (LAYOUTS[recognised.layout], recognised.encoding, where) if part),
        table=(*table.tables, *table.titles),
        as_of=(table.as_of,) if table.as_of else (),
        dates=_shortened([date or "not printed" for date in dates]),
        regions=tuple(
            f"{count} {_LEVEL_NAMES[level]}" for level, count in sorted(levels, key=lambda row: order.index(row[0]))
        ),
        dimensions=_dimensions(table),
        measures=_measures(cells),
        totals=_totals(table),
        markers=_markers(cells),
        rows=(f"{table.rows} rows, {cells.height} figures",),
        notes=_shortened([" ".join(note.split()) for note in table.notes]),
        warnings=(*table.doubts, *_warnings(table, regions)),
    )


def lines(seen: Overview) -> list[str]:
    """An overview as text for the terminal; control characters of the file are shown, never sent."""
    printed = []
    for field in fields(seen):
        values = getattr(seen, field.name)
        separator = "; " if field.name in ("layout", "dates", "regions", "markers", "rows") else None
        name = field.name.replace("_", " ")
        if separator and values:
            values = (separator.join(values),)
        for place, value in enumerate(values):
            shown = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in value)
            printed.append(f"  {name if place == 0 else '':<11} {shown}")
    return printed


def _shortened(texts: list[str]) -> tuple[str, ...]:
    if len(texts) <= 2 * _SHOWN:
        return tuple(texts)
    return (*texts[:_SHOWN], f"… {len(texts) - 2 * _SHOWN} more …", *texts[-_SHOWN:])


def _regions(cells: pl.DataFrame) -> pl.DataFrame:
    """region_variable, region, region_label, level, dissolved Boolean: one row a printed region and level.

    The level of a key depends on the variable it stands under: three digits are a government region among districts
    and a number in a list of constituencies; eight digits are a municipality or, among districts, a part of one.
    """
    key, variable, label = pl.col("region").str.strip_chars(), pl.col("region_variable"), pl.col("region_label")
    length = key.str.len_chars()
    sum_of_parts = label.str.contains(r"(kreisfreie Städte|Landkreise|Kreise|Stadtkreise|Städte bzw\.|Land- und)")
    country = key.is_in(["DG", "DE", "99", "00"]) | variable.is_in(["DINSG", "GEODL1"])
    level = (
        pl.when(variable.str.contains("(?i)wahlkreis|wkr"))
        .then(pl.when(length > 2).then(pl.lit("constituency")).otherwise(pl.lit("unknown")))
        .when((length == 2) & (variable == "Kreis") & sum_of_parts)
        .then(pl.lit("part"))
        .when(country | (key.is_null() & label.is_in(["Deutschland", "Germany"])))
        .then(pl.lit("country"))
        .when(variable.str.contains("GEMEIN|^GEOGM"))
        .then(pl.lit("municipality"))
        .when(length == 2)
        .then(pl.lit("state"))
        .when(length == 3)
        .then(pl.lit("government_region"))
        .when(length == 5)
        .then(pl.lit("district"))
        .when(length == 8)
        .then(pl.lit("inside_district"))
        .when(key.is_null() & ~label.str.contains("^(Früheres|Neue) "))
        .then(pl.lit("state"))
        .otherwise(pl.lit("unknown"))
    )
    return (
        cells.filter(pl.col("region").is_not_null() | pl.col("region_label").is_not_null())
        .group_by("region_variable", "region", "region_label", maintain_order=True)
        .agg((pl.col("value") == "-").all().alias("dissolved"), pl.col("line").min())
        .with_columns(level=level)
    )


def _dimensions(table: Table) -> tuple[str, ...]:
    if table.codes.is_empty():
        return _named_dimensions(table.cells)
    counted = (
        table.codes.group_by("dimension", "variable", maintain_order=True)
        .agg(pl.col("variable_label").first(), pl.len())
        .rows()
    )
    return tuple(
        f"{number}. {code} {label}: {count} {'code' if count == 1 else 'codes'}"
        for number, code, label, count in counted
    )


def _named_dimensions(cells: pl.DataFrame) -> tuple[str, ...]:
    """The dimensions of a layout without codes, as `dimensions` names them."""
    pairs = cells.select(pl.col("dimensions").unique(maintain_order=True).str.extract_all(r"(?:\\.|[^\\;])+"))
    names = pairs.explode("dimensions").drop_nulls().unique(maintain_order=True)["dimensions"]
    names = names.str.extract(r"^((?:\\.|[^\\=])*)=").str.replace_all(r"\\(.)", "$1")
    counted = names.value_counts(name="labels").sort("dimensions").rows()
    return _shortened([f"{name}: {count} {'label' if count == 1 else 'labels'}" for name, count in counted])


def _measures(cells: pl.DataFrame) -> tuple[str, ...]:
    found = cells.group_by("measure", "measure_label", "unit", maintain_order=True).len()
    multiplied = found["unit"].str.contains(_MULTIPLIER).fill_null(False)
    texts = []
    for (code, label, unit, count), multiplier in zip(found.rows(), multiplied, strict=True):
        name = " ".join(part for part in (code, label) if part) or "not named"
        meaning = "a multiplier" if multiplier else "no unit printed" if not unit else ""
        shown = f"unit {unit!r}" if unit else ""
        texts.append(f"{name} [{', '.join(part for part in (shown, meaning) if part)}]: {count} figures")
    return _shortened(texts)


def _totals(table: Table) -> tuple[str, ...]:
    """The codes of totals: an empty code, or the label Insgesamt or Total."""
    found = table.codes.filter((pl.col("code") == "") | pl.col("label").str.contains(_TOTAL))
    texts = []
    for variable, code, label in found.select("variable", "code", "label").unique(maintain_order=True).rows():
        pair = f"{variable}={code}"
        rows = table.cells.filter(
            (pl.lit(";") + pl.col("dimensions") + pl.lit(";")).str.contains(f";{pair};", literal=True)
        )["line"].n_unique()
        texts.append(f"{variable}: {label.strip()} ({code or 'empty code'}), {rows} rows")
    return tuple(texts)


def _markers(cells: pl.DataFrame) -> tuple[str, ...]:
    beside = cells.filter(pl.col("value").is_in(_MARKERS))["value"].value_counts(sort=True).rows()
    quality = cells.filter(pl.col("quality") != "")["quality"].value_counts(sort=True).rows()
    found = [f"{sign} {count}" for sign, count in sorted(beside)]
    return (*found, *(f"quality {sign} {count}" for sign, count in sorted(quality)))


def _warnings(table: Table, regions: pl.DataFrame) -> list[str]:
    cells = table.cells
    found = []
    double = regions.filter(pl.col("level") == "inside_district")
    if not double.is_empty():
        keys = ", ".join(double["region"].head(3))
        found.append(f"{double.height} keys of 8 digits ({keys}, …) count people of their district a second time")
    gone = regions.filter("dissolved" if regions.height else pl.lit(False))
    if not gone.is_empty():
        found.append(
            f"{gone.height} regions hold nothing but `-` (first: {(gone['region_label'][0] or '').strip()}, line "
            f"{gone['line'][0]}): dissolved, or without figures of their own in this table"
        )
    parts = regions.filter(pl.col("level") == "part")
    if not parts.is_empty():
        found.append(f"{parts.height} rows are sums of other rows of the table")
    found += _overlaps(table)
    names = [name for name in dict.fromkeys(table.header) if name.strip() and table.header.count(name) > 1]
    if names:
        found.append(f"{len(names)} column names stand twice in the header ({names[0]!r}); columns are told by place")
    found += _about_values(cells)
    if len(table.tables) > 1:
        found.append(f"rows of several tables stand together: {', '.join(table.tables[:_SHOWN])}")
    keys = [name for name in cells.columns if name not in ("line", "position", "value", "quality", "column")]
    repeated = cells.filter(pl.struct(keys).is_duplicated())
    if not repeated.is_empty():
        found.append(
            f"{repeated.height} figures share all their keys with another one, first in line {repeated['line'][0]}"
        )
    return found


def _about_values(cells: pl.DataFrame) -> list[str]:
    found = []
    value = pl.col("value").str.strip_chars()
    figures = cells.with_columns(value=value, blanks=pl.col("value") != value)
    odd = figures.filter((value != "") & ~value.is_in(_MARKERS) & ~value.str.contains(_NUMBER))
    if not odd.is_empty():
        found.append(
            f"{odd.height} cells are neither figure nor known marker (first {odd['value'][0][:40]!r}, line "
            f"{odd['line'][0]})"
        )
    empty = figures.filter(value == "")
    if not empty.is_empty():
        found.append(f"{empty.height} cells hold neither figure nor marker, first in line {empty['line'][0]}")
    comma = figures.filter(value.str.contains(r"^[+-]?[0-9][0-9. ]*,[0-9]+$"))
    # A dot before exactly three digits may group thousands; any other number of digits is a decimal point.
    point = figures.filter(value.str.contains(r"^[+-]?[0-9]+\.([0-9]{1,2}|[0-9]{4,})$"))
    grouped = figures.filter(value.str.contains(r"^[+-]?[0-9]{1,3}([. \x{a0}\x{202f}][0-9]{3})+(,[0-9]+)?$"))
    if not comma.is_empty() and not point.is_empty():
        found.append(
            f"decimal marks are mixed: comma in {comma.height} figures (line {comma['line'][0]}), point in "
            f"{point.height} (line {point['line'][0]})"
        )
    if not grouped.is_empty():
        sign = "may group thousands or be a decimal point" if comma.is_empty() else "groups thousands"
        found.append(
            f"a dot or blank {sign} in {grouped.height} figures (first {grouped['value'][0]!r}, line "
            f"{grouped['line'][0]})"
        )
    return found


def _overlaps(table: Table) -> list[str]:
    """Groupings that must not be added up: two in one column, or parts of one that exceed their total."""
    found = []
    region = {name for name in table.cells["region_variable"].unique() if name}
    others = table.codes.filter(~pl.col("variable").is_in(list(region)))
    several = others.group_by("dimension", maintain_order=True).agg(pl.col("variable").unique(maintain_order=True))
    for number, variables in several.rows():
        if len(variables) > 1:
            found.append(
                f"dimension {number} holds overlapping groupings ({', '.join(variables)}): do not add across them"
            )
    totals = others.filter((pl.col("code") == "") | pl.col("label").str.contains(_TOTAL))
    keys = ["line", "position", "time", "region_variable", "region", "measure", "unit", "rest"]
    for variable, code in totals.select("variable", "code").unique(maintain_order=True).rows():
        own = rf"(?:^|;){_literal(variable)}=([^;]*)"
        figures = table.cells.filter(pl.col("dimensions").str.contains(own)).select(
            *(pl.col(name) for name in keys[2:-1]),
            pl.col("dimensions").str.extract(own).alias("code"),
            pl.col("dimensions").str.replace(own, "").alias("rest"),
            pl.col("value").str.replace(",", ".", literal=True).cast(pl.Float64, strict=False).alias("number"),
        )
        sums = figures.group_by(keys[2:]).agg(
            pl.col("number").filter(pl.col("code") == code).sum().alias("total"),
            pl.col("number").filter(pl.col("code") != code).sum().alias("parts"),
        )
        # A tenth, so that rounding and secrecy do not look like overlap.
        above = sums.filter((pl.col("total") > 0) & (pl.col("parts") > 1.1 * pl.col("total"))).height
        if above > sums.height / 2:
            found.append(f"the groups of {variable} add up to more than their total: some contain others")
    return found


def _literal(text: str) -> str:
    return "".join(c if c.isalnum() or c == "_" else f"\\x{{{ord(c):x}}}" for c in text)
