"""The logs of the analysis: data, assumptions and caveats, quality assurance; generated from what they log.

Belongs here: the text made of source.yml, the lock, corrections.yml, the declaration, the flags, the rules, the tests.
Not here: any of these, the outcome of a run (the manifest of a release has it).
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

from pipeline.analysis.catalogue import CATALOGUE
from pipeline.analysis.design import Design
from pipeline.analysis.tables import FLAGS
from pipeline.contracts import Contracts
from pipeline.registry import Registry, Vintage
from pipeline.site.markdown import cell, table

_FETCHED = {"official file": "fetched: the publisher's own file"}


def data_log(registry: Registry) -> str:
    """Every vintage on record: what it is, who published it and when, its terms, how it came here, rows and hash."""
    return "\n".join(_data_log(registry)) + "\n"


def caveats_log(registry: Registry, design: Design) -> str:
    """What is assumed (methods, flags, margins, design effects) and what is doubtful (breaks, doubts, known errors)."""
    return "\n".join(_caveats_log(registry, design)) + "\n"


def quality_log(registry: Registry, contracts: Contracts, tests: Path) -> str:
    """What holds the numbers: rules over tables, promises of sources, totals published elsewhere, tests by file."""
    return "\n".join(_quality_log(registry, contracts, tests)) + "\n"


def _data_log(registry: Registry) -> Iterator[str]:
    rows = sum(file.rows for vintage in registry.vintages for file in vintage.files)
    yield "# Data log"
    yield ""
    yield (
        f"Generated from every `source.yml` and from `release.lock.yml`. {len(registry.sources)} sources, "
        f"{len(registry.vintages)} vintages, {rows:,} rows. `mo vintage list` shows the same from the command line, "
        "`mo validate` holds every file to its hash."
    )
    for source in registry.sources.values():
        yield ""
        yield f"## {source.id}"
        yield ""
        yield f"{cell(source.current.title)}. Kind `{source.kind}`."
        for vintage in source.vintages:
            state = "current" if vintage is source.current else "waits" if vintage in source.waiting else "on record"
            yield ""
            yield f"### {source.id}/{vintage.vintage}"
            yield from table(("what", "value"), _facts(vintage, state))


def _facts(vintage: Vintage, state: str) -> Iterator[tuple[str, object]]:
    licence, obtained = vintage.licence, vintage.obtained
    yield "state", state
    yield "title", vintage.title
    yield "publisher", vintage.publisher + (f", table {vintage.table_id}" if vintage.table_id else "")
    yield "published", vintage.published or "not known"
    yield "where", vintage.url or "no address"
    how = _FETCHED.get(obtained.how, f"typed from: {obtained.how}")
    yield "came here", f"{how}. {obtained.note}" if obtained.note else how
    terms = f"{licence.id}: {licence.title}; evidence: {licence.evidence}"
    yield "licence", f"{terms}. {licence.note}" if licence.note else terms
    yield "attribution", vintage.attribution
    for file in vintage.files:
        yield file.path, f"{file.rows:,} rows, layout {vintage.layout}, content sha256 {file.content_sha256}"


def _caveats_log(registry: Registry, design: Design) -> Iterator[str]:
    yield "# Assumptions and caveats"
    yield ""
    yield (
        "Generated from the catalogue of methods, the flags of the results, the declaration, `source.yml` and "
        "`corrections.yml`. On the page each of them stands beside the number it bears on."
    )
    yield ""
    yield "## Assumptions of the methods"
    yield from table(
        ("method", "assumption", "limit"),
        ((name, note.assumption, note.limit) for name, note in CATALOGUE.items() if note.assumption != "none"),
    )
    yield ""
    yield "## Assumptions a result carries"
    yield ""
    yield "Flags in the column `assumptions` of a result, and the words the page has for them."
    yield from table(("flag", "words"), FLAGS.items())
    yield ""
    yield "## Choices of the declaration"
    yield from table(("comparison", "choice", "value", "reason"), _choices(design))
    yield ""
    yield "## Caveats of the data"
    for source in registry.sources.values():
        told = [(one.vintage, kind, since, text) for one in source.vintages for kind, since, text in _doubtful(one)]
        if told:
            yield ""
            yield f"### {source.id}"
            yield from table(("vintage", "kind", "since", "caveat"), told)
    yield ""
    yield "## Known errors of publishers"
    yield from table(
        ("id", "source", "error", "how it is known", "what is done", "state"),
        (
            (entry.id, entry.source, entry.title, entry.reason, entry.action, entry.status)
            for entry in registry.corrections
        ),
    )


def _choices(design: Design) -> Iterator[tuple[str, str, str, str]]:
    for entry in design.comparisons:
        for name in ("equivalence_margin_points", "equivalence_margin_points_per_year"):
            margin = getattr(entry, name, None)
            if margin is not None:
                yield entry.id, name.replace("_", " "), f"{margin:g}", getattr(entry, "margin_reason", None) or ""
        sampling = getattr(entry, "sampling", None)
        if sampling is not None:
            effects = ", ".join(f"{effect:g}" for effect in sampling.design_effects)
            yield entry.id, "design effects", effects, "assumed: no standard error by state is published"


def _doubtful(vintage: Vintage) -> Iterator[tuple[str, str, str]]:
    for one in vintage.breaks:
        yield "break", one.since or "", one.text
    for doubt in vintage.doubts:
        yield "doubt", "", doubt
    if vintage.definition_note:
        yield "definition", "", vintage.definition_note


def _quality_log(registry: Registry, contracts: Contracts, tests: Path) -> Iterator[str]:
    yield "# Quality assurance"
    yield ""
    yield (
        "Generated from the rules in `sql/checks`, the promises of every `source.yml` and the tests. What the rules "
        "found in a run stands under `checks` in the manifest of its release and in the Dagster UI; a broken rule of "
        "severity ERROR refuses the release."
    )
    yield ""
    yield "## Rules over tables"
    yield from table(
        ("table", "rule", "severity", "why"),
        ((f"{check.layer}.{check.table}", check.rule, check.severity, check.reason) for check in contracts.checks),
    )
    keyed = sum(any(column.in_key for column in one.columns) for one in contracts.tables.values())
    yield ""
    yield f"Besides, {keyed} of {len(contracts.tables)} tables have a primary key, and the CHECKs of their contracts."
    yield ""
    yield "## Promises of the sources"
    yield ""
    yield "Every data file has a registered hash and number of rows. Beyond that:"
    yield from table(("vintage", "promise"), _promises(registry.vintages))
    yield ""
    yield "## Totals published elsewhere"
    yield from table(
        ("vintage", "figure", "value, as printed", "published in"),
        (
            (
                f"{one.source}/{one.vintage}",
                ", ".join(str(value) for value in total.where.model_dump(exclude_none=True).values() if value),
                total.value,
                total.source,
            )
            for one in registry.vintages
            for total in one.expect.control_totals
        ),
    )
    yield ""
    yield "## Tests"
    yield ""
    yield "Run by `make test`; those of the fuzz target and the simulations by `make check` and `make simulate`."
    yield from table(("tests", "functions", "what they hold"), _tests(tests))


def _promises(vintages: Iterable[Vintage]) -> Iterator[tuple[str, str]]:
    for one in vintages:
        name = f"{one.source}/{one.vintage}"
        if one.expect.regions is not None:
            whole = "every region that exists on the date" if one.expect.regions.complete else "not all regions"
            yield name, f"level {one.expect.regions.level}: {whole}"
        for rule in one.expect.sums:
            adds = f"{rule.measure} of level {rule.over} adds up to {rule.total}"
            yield name, f"{adds}, tolerance {rule.tolerance}: {rule.reason}"


def _tests(folder: Path) -> Iterator[tuple[str, int, str]]:
    for file in sorted(folder.glob("*/test_*.py")):
        tree = ast.parse(file.read_text("utf-8"))
        found = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]
        said = (ast.get_docstring(tree) or "").split("\n\n")[0]
        yield f"{folder.name}/{file.relative_to(folder).as_posix()}", len(found), said
