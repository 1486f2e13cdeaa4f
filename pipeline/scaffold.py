"""`mo source new`: a new source begins with a folder that is valid from the first minute, or not at all.

Belongs here: what the first source.yml says, from a publisher's files or as an example, with a comment on every field.
Not here: staging and checking files (incoming.py), applying a reading (transform), what a field may hold (registry).

Nothing is guessed that the file does not tell: the caller names concept and measures, cells that stand at the totals of
all other variables are taken, and what must be written by a person says so in its own text.
"""

from __future__ import annotations

import datetime as dt
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, get_args

import polars as pl
import yaml
from pydantic import BaseModel

from pipeline import ingest
from pipeline.errors import InputError
from pipeline.incoming import SIDECAR, Incoming, appear, checked, incoming, printed_title, release_day, staged
from pipeline.project import Project
from pipeline.registry import Vintage
from pipeline.registry.strict_yaml import closest
from pipeline.transform import load_vocabulary
from pipeline.transform.printed import iso_date
from pipeline.transform.readings import TOTAL, total_codes, variable_codes

# Every text that a person must write begins so; nothing else does.
REPLACE = "Replace this:"
EXAMPLE_CONCEPT, EXAMPLE_MEASURE = "population", "persons_total"
_MULTIPLIER = re.compile(r"(?:in )?(1 ?000(?: ?000)?)")
_ID = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Told:
    """What the caller says: concept, measures (printed code or label → measure), publisher, title, day, sheet."""

    concept: str | None = None
    measures: Mapping[str, str] = field(default_factory=dict)
    publisher: str | None = None
    title: str | None = None
    as_of: str | None = None
    sheet: str | None = None


@dataclass(frozen=True)
class Begun:
    """A source that has begun: its first vintage, the number of its figures, the keys a person must still write."""

    vintage: Vintage
    figures: int
    to_write: tuple[str, ...]


def new_source(project: Project, source_id: str, paths: Sequence[Path], told: Told) -> Begun:
    """Begin a source of observations, from a publisher's files or with one example row.

    Raises:
        InputError: the id is none or is taken; concept or measures are unknown or not told; the files cannot be read
            or do not give observations. Nothing is written then.
    """
    _refuse_id(project, source_id)
    files = incoming(paths) if paths else None
    tables = () if files is None or files.layout == "tidy" else files.tables(told.sheet)
    if files is None:
        day = release_day(told.as_of or dt.datetime.now(tz=dt.UTC).date().isoformat(), files, tables)
        data, values = _example(day, told)
        contents = {"figures.csv": data}
        values["files"] = [_entry("figures.csv", data)]
    else:
        # Without --measure the codes are listed first: a person who knows nothing yet should see them at once.
        values = _of_tables(source_id, files, tables, told) if tables else _of_tidy(files, told)
        day = release_day(told.as_of, files, tables)
        values |= {"published": day, "layout": files.layout, "files": list(files.entries)}
        contents = {str(e["path"]): one.data for e, one in zip(files.entries, files.recognised, strict=True)}
    values = _general(source_id, day, told) | values
    raw_data = project.settings.raw_data
    with staged(raw_data, files, folder=f"{raw_data.name}/{source_id}/{day}/") as hidden:
        folder = hidden / day
        folder.mkdir()
        for name, data in contents.items():
            (folder / name).write_bytes(data)
        vintage, rows, _ = checked(project, values, folder)
        text = "\n".join(_commented(Vintage, values))
        (folder / SIDECAR).write_text(text + "\n", "utf-8")
        appear(project, vintage, hidden, raw_data / source_id, is_current=True)
        vintage._folder = raw_data / source_id / day
    return Begun(vintage, rows.height, tuple(_to_write(values)))


def _refuse_id(project: Project, source_id: str) -> None:
    if not _ID.fullmatch(source_id):
        raise InputError(
            f"{source_id!r} is not a source id",
            key="ID",
            remedy="Write small letters, digits and _, a letter first, such as pupils_states.",
        )
    if source_id in project.registry.sources or (project.settings.raw_data / source_id).exists():
        raise InputError(
            f"there is a source {source_id} already",
            file=f"{project.settings.raw_data.name}/{source_id}",
            remedy=f"Add to it by `mo vintage add {source_id} FILE`, or choose another id.",
        )


def _known(word: str, words: Mapping[str, Any], option: str) -> str:
    if word not in words:
        guess = closest(word, words)
        raise InputError(
            f"unknown {option.removeprefix('--')} {word!r}",
            key=option,
            remedy=(f"Did you mean {guess}? " if guess else "")
            + f"Known (pipeline/transform/concepts.yml): {', '.join(words)}.",
        )
    return word


def _general(source_id: str, day: str, told: Told) -> dict[str, Any]:
    """What every new source.yml says, as far as the caller told it."""
    publisher = told.publisher or f"{REPLACE} who published the figures"
    return {
        "source": source_id,
        "vintage": day,
        "kind": "observation",
        "title": told.title or f"{REPLACE} what the table shows, in one line",
        "publisher": publisher,
        "order": 1,
        "language": "de",
        "licence": {
            "id": "not-stated",
            "title": f"{REPLACE} the full name of the licence",
            "evidence": "none printed",
        },
        "attribution": f"{told.publisher}; own presentation" if told.publisher else f"{REPLACE} the line under figures",
        "doubts": [f"{REPLACE} what is not known of these figures; begun by a command and not described yet"],
    }


def _defaults(concept: str, reference_kind: str) -> dict[str, Any]:
    return {
        "reference_kind": reference_kind,
        "concept": _known(concept, load_vocabulary().concepts, "--concept"),
        "universe": "none",
        "release_state": "not_stated",
        "census_base": "none",
        "status": "published",
    }


def _entry(name: str, data: bytes) -> dict[str, Any]:
    content = ingest.fingerprint(data, file=name)
    return {"path": name, "content_sha256": content.sha256, "rows": content.rows}


def _example(day: str, told: Told) -> tuple[bytes, dict[str, Any]]:
    """One row for Germany, published but not known here, and the values that describe it."""
    measures = load_vocabulary().measures
    names = [_known(name, measures, "--measure") for name in told.measures.values()] or [EXAMPLE_MEASURE]
    rows = [f"DE,Deutschland,{int(day[:4]) - 1},{name},,n" for name in names]
    values: dict[str, Any] = {
        "layout": "tidy",
        "defaults": _defaults(told.concept or EXAMPLE_CONCEPT, "year"),
        "measures": {name: _printed(measures[name].unit, 1) for name in names},
        "obtained": {"how": "compiled", "note": f"{REPLACE} where the figures were read, and when"},
    }
    return ("\n".join(("region,region_label,reference,measure,value,marker", *rows)) + "\n").encode(), values


def _printed(unit: str, multiplier: int) -> dict[str, Any]:
    return {"printed_unit": unit, "multiplier": multiplier, "precision": "printed"}


def _reference_kind(times: Sequence[str]) -> str:
    return "year" if all(re.fullmatch("[0-9]{4}", time) for time in times) else "date"


def _concept(told: Told) -> str:
    concepts = load_vocabulary().concepts
    if told.concept is None:
        listed = "; ".join(f"{one.id} ({one.label_en})" for one in concepts.values())
        raise InputError("which concept do the figures count?", key="--concept", remedy=f"Name one: {listed}.")
    return told.concept


def _of_tidy(files: Incoming, told: Told) -> dict[str, Any]:
    """The values that a file in the project's own layout tells."""
    if told.measures:
        raise InputError(
            "a file in the tidy layout names its measures itself",
            file=files.recognised[0].file,
            key="--measure",
            remedy="Leave --measure out.",
        )
    cells = pl.concat(ingest.read_cells(one.data, file=one.file, kind="observation") for one in files.recognised)
    measures = load_vocabulary().measures
    names = [_known(name, measures, "measure") for name in cells["measure"].unique(maintain_order=True)]
    return {
        "defaults": _defaults(_concept(told), _reference_kind(cells["reference"].to_list())),
        "measures": {name: _printed(measures[name].unit, 1) for name in names},
        "obtained": {"how": "compiled", "note": f"{REPLACE} where the figures were read, and when"},
    }


def _of_tables(source_id: str, files: Incoming, tables: Sequence[ingest.Table], told: Told) -> dict[str, Any]:
    """The values that a publisher's files tell, with a reading that takes the measures the caller named."""
    columns = ["measure", "measure_label", "unit", "dimensions", "time"]
    combined = pl.concat(table.cells.select(columns).unique(maintain_order=True) for table in tables)
    cells = combined.unique(maintain_order=True).with_columns(pl.col(columns).fill_null(""))
    if not told.measures:
        raise _ask_for_measures(source_id, files, cells)
    totals = set[tuple[str, str]]().union(*(total_codes(table) for table in tables))
    # The structure data print the state beside the key; it tells nothing apart that the region does not.
    is_structure = files.layout == "strukturdaten"
    ignored = sorted({v for text in cells["dimensions"] for v in variable_codes(text, totals)}) if is_structure else []
    figures: list[dict[str, Any]] = []
    measures: dict[str, dict[str, Any]] = {}
    times: set[str] = set()
    for name, measure in told.measures.items():
        _known(measure, load_vocabulary().measures, "--measure")
        found = [row for row in cells.iter_rows(named=True) if _is_called(row, name)]
        units = {row["unit"] for row in found}
        if len(units) != 1:
            shown = ", ".join(repr(unit) for unit in sorted(units))
            problem = f"{name} is printed in several units: {shown}." if found else f"no measure {name!r} is printed."
            raise _ask_for_measures(source_id, files, cells, problem)
        unit = units.pop()
        multiplier = int(match[1].replace(" ", "")) if (match := _MULTIPLIER.fullmatch(unit.strip())) else 1
        described = _printed(unit.strip() or load_vocabulary().measures[measure].unit, multiplier)
        if measures.setdefault(measure, described) != described:
            raise InputError(
                f"{measure} would be printed in two ways: {measures[measure]['printed_unit']} and {unit}",
                file=files.recognised[0].file,
                key="--measure",
                remedy="A vintage prints a measure in one unit; begin a source for each.",
            )
        where = _where(found, totals, ignored, name, file=files.recognised[0].file)
        figures.append({"measure": measure, "printed": name, "unit": unit or None, "where": where})
        times |= {iso_date(row["time"]) for row in found}
    reading = {
        "tables": list(dict.fromkeys(code for table in tables for code in table.tables)),
        "sheet": told.sheet,
        "ignored": ignored,
        "figures": [{key: value for key, value in taken.items() if value} for taken in figures],
        "rest": "only totals of the named measures are taken here",
    }
    values: dict[str, Any] = {
        "title": told.title or printed_title(tables) or f"{REPLACE} what the table shows, in one line",
        "language": _language(tables),
        "defaults": _defaults(_concept(told), _reference_kind(sorted(times))),
        "measures": measures,
        "readings": {files.layout: {key: value for key, value in reading.items() if value}},
        "obtained": {"how": "official file", "note": f"{files.names}, as the publisher ships it."},
    }
    return values | ({"table_id": ", ".join(reading["tables"])} if reading["tables"] else {})


def _is_called(row: Mapping[str, Any], name: str) -> bool:
    return any(fnmatchcase(row[key], name) for key in ("measure", "measure_label"))


def _ask_for_measures(source_id: str, files: Incoming, cells: pl.DataFrame, problem: str = "") -> InputError:
    """What the files print, and the command to type."""
    printed = cells.select("measure", "measure_label", "unit").unique(maintain_order=True).rows()
    lines = [
        f"- {code or label}" + (f": {label}" if code else "") + (f" [{unit}]" if unit else "")
        for code, label, unit in printed
    ]
    code, label, _ = printed[0]
    paths = [str(path) for path in files.paths]
    command = ["mo", "source", "new", source_id, *paths, "--concept", EXAMPLE_CONCEPT]
    command += ["--measure", f"{code or label}={EXAMPLE_MEASURE}"]
    return InputError(
        (problem or "which of the printed measures are taken?") + " Printed are:\n  " + "\n  ".join(lines),
        file=files.recognised[0].file,
        key="--measure",
        remedy=f"Name them, such as: {shlex.join(command)}\n  Measures: {', '.join(load_vocabulary().measures)}.",
    )


def _where(
    found: Sequence[Mapping[str, Any]], totals: set[tuple[str, str]], ignored: Sequence[str], name: str, *, file: str
) -> dict[str, str | list[str]]:
    """Each variable at its total, or at the only code it has.

    Where a table prints several groupings one below the other, the first one is taken: its totals are all totals.
    """
    combinations = [variable_codes(row["dimensions"], totals, ignored=tuple(ignored)) for row in found]
    variables = list(combinations[0])
    alike = [codes for codes in combinations if list(codes) == variables]
    where: dict[str, str | list[str]] = {}
    for variable in variables:
        codes = list(dict.fromkeys(codes[variable] for codes in alike))
        if TOTAL not in codes and len(codes) > 1:
            raise InputError(
                f"{name} has no total over {variable} (printed are {', '.join(codes[:5])}, …)",
                file=file,
                key=variable,
                remedy="Take a table that prints the total, or begin without a file and write a reading by hand "
                "(raw_data/README.md: `breakdown` carries the codes).",
            )
        where[variable] = TOTAL if TOTAL in codes else codes
    return where


def _language(tables: Sequence[ingest.Table]) -> str:
    """English where a header, a total or the country is; German otherwise."""
    english = any(
        table.header[:1] == ("Statistics_Code",)
        or {"Total", "Germany"} & {str(label).strip() for label in (*table.codes["label"], *table.titles)}
        for table in tables
    )
    return "en" if english else "de"


def _to_write(values: Any, key: str = "") -> list[str]:
    """The dotted keys whose text begins with `REPLACE`."""
    if isinstance(values, dict):
        return [path for name, value in values.items() for path in _to_write(value, f"{key}.{name}".lstrip("."))]
    if isinstance(values, list):
        return [path for value in values for path in _to_write(value, key)]
    return [key] if isinstance(values, str) and values.startswith(REPLACE) else []


def _commented(
    model: type[BaseModel], values: Mapping[str, Any], indent: str = "", *, all_keys: bool = True
) -> list[str]:
    """The lines of `values` as YAML in the order of `model`, each key below its description.

    Keys without a value come as comments, so that a person sees what may be said; inside readings they would be noise.
    """
    lines: list[str] = []
    for key, described in model.model_fields.items():
        said = described.description or key
        if key not in values:
            lines += [f"{indent}# {key}: … ({said})"] if all_keys else []
            continue
        value = values[key]
        lines.append(f"{indent}# {said}")
        inner = _inner(described.annotation)
        deeper = indent + "  "
        if inner is None or not isinstance(value, dict | list):
            dumped = yaml.safe_dump({key: value}, sort_keys=False, allow_unicode=True, width=10_000)
            lines += [indent + line for line in dumped.splitlines()]
        elif isinstance(value, list):
            lines.append(f"{indent}{key}:")
            for item in value:
                body = _commented(inner, item, deeper + "  ", all_keys=all_keys)
                first = next(i for i, line in enumerate(body) if not line.lstrip().startswith("#"))
                body[first] = deeper + "- " + body[first].lstrip()
                lines += body
        elif set(value) <= set(inner.model_fields):
            lines += [f"{indent}{key}:", *_commented(inner, value, deeper, all_keys=all_keys)]
        else:
            lines.append(f"{indent}{key}:")
            for name, item in value.items():
                lines.append(f"{deeper}{name}:")
                lines += _commented(inner, item, deeper + "  ", all_keys=all_keys and key != "readings")
    return lines


def _inner(annotation: object) -> type[BaseModel] | None:
    """The section that an annotation holds, alone, in a tuple or by name."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (inner for argument in get_args(annotation) if (inner := _inner(argument)) is not None)
    return next(found, None)
