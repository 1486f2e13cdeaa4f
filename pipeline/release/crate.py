"""The RO-Crate of a release: what was made of what, by which software, under which licence.

Belongs here: the content of ro-crate-metadata.json, which follows RO-Crate 1.3, with the run as a CreateAction.
Not here: columns and keys (data_package.py), hashes and checks (the manifest, which the crate names as a part).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

NAME = "ro-crate-metadata.json"
VERSION = "1.3"
OWN_LICENCE = "https://creativecommons.org/licenses/by/4.0/"
# Where the software a release was made with is at home.
HOMES = {
    "altair": "https://altair-viz.github.io/",
    "dagster": "https://dagster.io/",
    "duckdb": "https://duckdb.org/",
    "pandoc": "https://pandoc.org/",
    "polars": "https://pola.rs/",
    "python": "https://www.python.org/",
    "scipy": "https://scipy.org/",
    "statsmodels": "https://www.statsmodels.org/",
    "vl-convert-python": "https://github.com/vega/vl-convert",
}
FOLDERS = {
    "core": "Figures as published, one row an observation, with sources, vintages and definitions",
    "marts": "Comparable shares and other tables an analysis reads",
    "analysis": "Results: estimates, intervals, tests, verdicts",
    "charts": "Charts as SVG in both languages, with the data behind them as CSV",
    "raw": "The files everything was computed from, with their source.yml",
    "report": "The report as HTML in both languages, with a sheet for each state",
    "trace": "Each number of the report, the rows it comes from, the line of each figure",
    "LICENSES": "Texts of the licences",
}
# What the run made: raw is what it was made from, licences go along.
MADE = ("core", "marts", "analysis", "charts", "report", "trace")
DESCRIBED = {
    "manifest.json": "Manifest: hashes, vintages, versions, checks with their results",
    "datapackage.json": "Data Package: columns, types, units, keys, licences of every table",
    "CITATION.cff": "How to cite, and the software it was made with",
    "LICENSE": "The licence of the code",
    "README.txt": "What is where, and how to check it",
    "figures.xlsx": "The results as an accessible workbook, with notes",
    "requirements.lock": "Every package the software is made of, with hashes",
    "sbom.cdx.json": "Bill of materials: the same packages as CycloneDX",
}


def metadata(
    files: Mapping[str, Mapping[str, Any]],
    comments: Mapping[str, str],
    vintages: Sequence[Mapping[str, Any]],
    manifest: Mapping[str, Any],
    *,
    version: str,
    date: str,
) -> dict[str, Any]:
    """The content of ro-crate-metadata.json.

    Args:
        files: path → {"sha256", "bytes"} of the files of the package, all but the crate itself and the sums.
        comments: what a table holds, by its name without ending (`core/vintage`).
        vintages: rows of core.vintage.
        manifest: the manifest; its `versions`, `commit` and `release_id` go into the crate.
        version: the version of the pipeline.
        date: ISO date of the release: of the commit it was made from.
    """
    from rocrate.model.contextentity import ContextEntity
    from rocrate.model.softwareapplication import SoftwareApplication
    from rocrate.rocrate import ROCrate

    paths = sorted(files)
    used = [row for row in vintages if row["in_use"]]
    crate: Any = ROCrate(version=VERSION)  # its methods return one entity or several
    root = crate.root_dataset
    crate.name = "Migrant organisations in Germany, at eye level: a release of figures and results"
    crate.description = (
        "Every figure, result and chart behind the report on East and West, protection seekers and migrant "
        "organisations, each traceable to the line of its source."
    )
    crate.datePublished = date
    root["version"] = manifest["release_id"]
    root["identifier"] = crate.add(
        ContextEntity(
            crate,
            "#release-id",
            {
                "@type": "PropertyValue",
                "name": "release id",
                "propertyID": "release id",
                "value": manifest["release_id"],
            },
        )
    )
    authors = crate.add(ContextEntity(crate, "#authors", {"@type": "Organization", "name": "The Augenhöhe authors"}))
    root["author"] = root["publisher"] = authors
    crate.license = crate.add(_licence(crate, OWN_LICENCE, "Creative Commons Attribution 4.0", "of results and charts"))
    licences = {
        row["licence_id"]: _licence(crate, row["licence_url"], row["licence_title"], name=row["licence_id"])
        for row in used
    }
    for licence in licences.values():
        crate.add(licence)
    parts, entities = {}, {}
    for folder, words in FOLDERS.items():
        inside = [path for path in paths if path.startswith(f"{folder}/")]
        if inside:
            parts[folder] = crate.add_dataset(
                dest_path=f"{folder}/", properties={"name": folder, "description": f"{words} ({len(inside)} files)"}
            )
    for path in paths:
        folder = path.partition("/")[0]
        words = comments.get(path.rpartition(".")[0]) or DESCRIBED.get(path) or FOLDERS.get(folder, path)
        about = {
            "name": path,
            "description": words,
            "encodingFormat": _media(path),
            "contentSize": str(files[path]["bytes"]),
        }
        entity = crate.add_file(dest_path=path, properties=about)
        entities[path] = entity
        if folder in parts:
            parts[folder].append_to("hasPart", entity)
    inputs = []
    for row in used:
        about = {
            "name": f"{row['title']}, {row['vintage_id']}",
            "creditText": row["attribution"],
            "publisher": {"@id": _named(crate, row["publisher"]).id},
            "license": {"@id": licences[row["licence_id"]].id},
        }
        if row["url"]:
            about["isBasedOn"] = row["url"]
        folder = f"raw/{row['source_id']}/{row['vintage_id']}/"
        described = f"One vintage of {row['source_id']}: {row['data_rows']} rows, content {row['content_sha256'][:12]}"
        vintage = crate.add_dataset(dest_path=folder, properties=about | {"description": described})
        for path in paths:
            if path.startswith(folder):
                vintage.append_to("hasPart", entities[path])
        inputs.append(vintage)
    pipeline = SoftwareApplication(
        crate,
        "#augenhoehe",
        {
            "name": "Augenhöhe",
            "url": {"@id": "CITATION.cff"},
            "version": version,
            "softwareVersion": f"{version}, commit {manifest['commit'] or 'not known'}",
            "license": {"@id": "https://spdx.org/licenses/MIT"},
            "softwareRequirements": [
                {"@id": crate.add(_tool(crate, name, number)).id} for name, number in manifest["versions"].items()
            ],
        },
    )
    crate.add(pipeline, _licence(crate, "https://spdx.org/licenses/MIT", "MIT License", "of the code"))
    run = crate.add_action(
        pipeline,
        identifier="#run",
        object=inputs,
        result=[part for folder, part in parts.items() if folder in MADE],
        properties={
            "name": "mo run",
            "description": "Ingest, comparison and drawing, every step a pure function of what is under raw/",
            "actionStatus": "http://schema.org/CompletedActionStatus",
            "agent": {"@id": authors.id},
            "endTime": date,
        },
    )
    root["mentions"] = run
    return crate.metadata.generate()


def to_bytes(content: Mapping[str, Any]) -> bytes:
    """The one way the crate is written: entities by their ids, a list of one as that one, as RO-Crate recommends."""
    graph = [
        {name: value[0] if isinstance(value, list) and len(value) == 1 else value for name, value in entity.items()}
        for entity in sorted(content["@graph"], key=lambda entity: entity["@id"])
    ]
    return (json.dumps({**content, "@graph": graph}, indent=1, ensure_ascii=False, sort_keys=True) + "\n").encode()


def _media(path: str) -> str:
    endings = {
        "cff": "application/yaml",
        "csv": "text/csv",
        "html": "text/html",
        "json": "application/json",
        "parquet": "application/vnd.apache.parquet",
        "svg": "image/svg+xml",
        "txt": "text/plain",
        "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "yml": "application/yaml",
    }
    if path in ("LICENSE", "requirements.lock"):
        return "text/plain"
    return endings.get(path.rpartition(".")[2], "application/octet-stream")


def _licence(crate: Any, address: str | None, title: str, of: str = "", *, name: str = "") -> Any:
    from rocrate.model.contextentity import ContextEntity

    about = {"@type": "CreativeWork", "name": title, "description": f"Licence {of or name}".strip()}
    return ContextEntity(crate, address or f"#licence-{name}", about)


def _named(crate: Any, name: str) -> Any:
    from rocrate.model.contextentity import ContextEntity

    identifier = "#" + "".join(sign if sign.isalnum() else "-" for sign in name.lower())
    known = crate.dereference(identifier)
    return known or crate.add(ContextEntity(crate, identifier, {"@type": "Organization", "name": name}))


def _tool(crate: Any, name: str, number: str) -> Any:
    from rocrate.model.softwareapplication import SoftwareApplication

    home = HOMES[name]
    return SoftwareApplication(crate, home, {"name": name, "url": home, "version": number, "softwareVersion": number})
