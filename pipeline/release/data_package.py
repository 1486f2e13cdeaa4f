"""The Data Package (version 2) of a release: every table with its columns, types, units, keys, sources and licences.

Belongs here: what the descriptor says, from the contracts of the tables. Not here: writing files (write.py), the
contracts themselves (sql/).

The descriptor names the CSV files, which every tool reads; the Parquet file of the same name holds the same rows. It is
https://datapackage.org in its second version. What that standard has no word for is a property of its own: `unit`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pipeline.contracts import Column, Table

NAME = "datapackage.json"
PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
# Units ride in the names of columns; a column that is none of these has no unit, or another column names it.
UNITS = (
    ("_percent", "percent"),
    ("_points", "percentage points"),
    ("_thousand", "thousand"),
    ("_persons", "persons"),
    ("persons_", "persons"),
    ("_eur", "euro"),
    ("_km2", "square kilometres"),
)
TYPES = {
    "VARCHAR": "string",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "DOUBLE": "number",
    "INTEGER": "integer",
    "BIGINT": "integer",
    "SMALLINT": "integer",
}


def descriptor(
    tables: Sequence[Table],
    files: Mapping[str, Mapping[str, Any]],
    vintages: Iterable[Mapping[str, Any]],
    *,
    version: str,
) -> dict[str, Any]:
    """The content of datapackage.json.

    Args:
        tables: the contracts of the published tables.
        files: path → {"sha256", "bytes"} of the files of the release.
        vintages: rows of core.vintage.
        version: the id of the release.
    """
    rows = [row for row in vintages if row["in_use"]]
    return {
        "$schema": PROFILE,
        "name": "augenhoehe",
        "title": "Migrant organisations in Germany, at eye level: figures and results",
        "description": (
            "Every table behind the report: figures as published (core), shares (marts), results (analysis). "
            "A text cell that begins with an apostrophe is protected from being run as a formula: take one away."
        ),
        "version": version,
        "licenses": _licences(rows),
        "contributors": [{"title": "The Augenhöhe authors", "roles": ["creator"]}],
        "sources": _sources(rows),
        "resources": [_resource(table, files, tables) for table in sorted(tables, key=lambda table: table.id)],
    }


def unit(column: str) -> str | None:
    """The unit a column's name bears, in words; None for a column without one."""
    return next((words for part, words in UNITS if _bears(column, part)), None)


def _bears(column: str, part: str) -> bool:
    return column.endswith(part) if part.startswith("_") else column.startswith(part)


def _resource(table: Table, files: Mapping[str, Mapping[str, Any]], tables: Sequence[Table]) -> dict[str, Any]:
    path = f"{table.layer}/{table.name}.csv"
    foreign = _foreign_keys(table, tables)
    return {
        "name": _slug(table.id),
        "type": "table",
        "path": path,
        "title": table.id,
        "description": table.comment,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": files[path]["bytes"],
        "hash": f"sha256:{files[path]['sha256']}",
        "dialect": {"header": True, "delimiter": ",", "lineTerminator": "\r\n", "quoteChar": '"', "doubleQuote": True},
        "schema": {
            "fields": [_field(column) for column in table.columns],
            **({"primaryKey": list(_key(table))} if _key(table) else {}),
            **({"foreignKeys": foreign} if foreign else {}),
            "missingValues": [""],
        },
    }


def _field(column: Column) -> dict[str, Any]:
    type_ = TYPES.get(column.type, "number" if column.type.startswith("DECIMAL") else "any")
    described: dict[str, Any] = {"name": column.name, "type": type_, "description": column.comment}
    if column.name.endswith("year") and type_ == "integer":
        described["type"] = "year"
    if words := unit(column.name):
        described["unit"] = words
    if not column.nullable:
        described["constraints"] = {"required": True}
        if type_ == "string":
            # An empty text is a text: of a list of flags it says that there are none.
            described["missingValues"] = []
    return described


def _key(table: Table) -> tuple[str, ...]:
    return tuple(column.name for column in table.columns if column.in_key)


def _named_after(table: Table) -> bool:
    """Whether the key of a table bears its name, as figure_id that of core.study_figure: such a key others refer by."""
    return bool(_key(table)) and table.name.endswith(_key(table)[-1].removesuffix("_id"))


def _foreign_keys(table: Table, tables: Sequence[Table]) -> list[dict[str, Any]]:
    """Columns with the names of another table's key refer to it; the ERROR checks hold what is said here."""
    names = {column.name for column in table.columns}
    return [
        {"fields": list(_key(owner)), "reference": {"resource": _slug(owner.id), "fields": list(_key(owner))}}
        for owner in tables
        if owner.id != table.id and _named_after(owner) and names.issuperset(_key(owner))
    ]


def _licences(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Every licence of a figure, each once; what has no address is named by its id alone."""
    known: dict[str, dict[str, str]] = {}
    for row in rows:
        entry = {"name": _slug(row["licence_id"]), "title": row["licence_title"]}
        if row["licence_url"]:
            entry["path"] = row["licence_url"]
        known.setdefault(row["licence_id"], entry)
    return [known[name] for name in sorted(known)]


def _sources(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    found = []
    for row in sorted(rows, key=lambda row: (row["source_id"], row["vintage_order"])):
        entry = {
            "title": f"{row['publisher']}: {row['title']} ({row['licence_id']}; {row['attribution']})",
            "version": row["vintage_id"],
        }
        if row["url"]:
            entry["path"] = row["url"]
        found.append(entry)
    return found


def _slug(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-").lower()
