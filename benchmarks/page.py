"""docs/benchmarks.md, rendered from the results.

Belongs here: the words around the tables. Not here: a number that was not measured.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmarks.goals import Verdict, verdicts
from benchmarks.results import Grid, grids

HEAD = """\
# Benchmarks

What the comfort costs: history, checks after each layer, a way back from every number. Measured against what people
would use instead, by one command, side by side in one run:

```
make bench
```

It takes half an hour and more on two cores and makes an environment for each rival under build/bench. `python -m
benchmarks --only startup,peers --repeat 7` measures some sections; `--multiprocess`, `--clone` and `--large` add three
that take ten minutes and more each. This page is written by that command from build/bench/results.json.

Seconds are those of the whole process, children included, and of a machine that others use too: they are noise.
What counts are the ratios. Rivals take turns in every round, the order turns, a ratio is taken within its round,
and the median of the rounds is told with the least and the most. Goals were set before anything was measured; one
that is missed stays, with its reason.
"""

NOTES = {
    "Goals": """\
Goals in seconds are held against the clock, as they were set. Where a machine is busy with other work too, what the
processors worked tells what the command itself asks for. A ratio is doubtful where the clock says one thing and the
processors the other: the machine was too busy to tell.
""",
    "The whole job": """\
The plain script (`benchmarks/plain.py`) calls the project's own functions in order, without Dagster: the same
tables, release and pages, held against each other by digest and byte in every round. It has no history, no
freshness, no check but the gate's. The revised figure is a new vintage of one source, put to use, then `mo run`.
""",
    "A process a step": """\
`dagster asset materialize` with the same definitions and Dagster's executor of a process a step, each a fork of one
that has imported everything; measured once, since it takes minutes. The processor seconds of the forks are not among
those told.
""",
    "Nothing to do, and commands that tell": """\
Snakemake gets the project's own graph: a rule an asset, with the same edges and the files the assets are made from.
""",
    "From a clone": """\
`make report` in a fresh clone, against installing the packages of requirements.lock alone, before and after it; the
faster of the two counts. pip's cache is as found.
""",
    "The shared part: seconds, and the ratio to Augenhöhe": """\
A part of the job that anybody could do: the figures of six sources as they lie in raw_data are typed, joined to the
share of every region, source and year, and to East against West; both tables are written as Parquet and CSV. Every
rival is written as its own documentation would have it (`benchmarks/peers/`), types its cells strictly, knows the
markers and refuses unknown regions. All write the same two tables; that is checked before anything is told.

Augenhöhe does more in its seconds than it is asked: it verifies the hash of each file, keeps each cell as printed
with its line, gives each figure an id, an interval and its vintage, holds control totals and 16 rules, records a
history, and freezes a release with a manifest. And it needs less of its user than it seems, since readers and
typing are there; but its sources must be described. A ratio above 1 means slower than Augenhöhe.
Plain scripts and doit are many times faster on a job this small: Augenhöhe's seconds go to starting Dagster, to 23
assets in steps of their own, to rules and to a release, for tables of some thousand rows.
""",
    "The shared part: what else counts": """\
Lines are those that are neither empty nor a comment. The lines that describe the sources (publisher, licence, hash,
units, totals, doubts) are what the others do not have; they are told as written all the same. Installed are the
packages a run needs, without tests and docs. `mo trace` reads a release of the whole project; in the shared part
the same way leads over two tables.
""",
    "Large tables": """\
A SYNTHETIC flat file in the publisher's layout (`benchmarks/synthetic.py`; a rule keeps whatever calls itself so out
of every release) on the one way there is, from the hash of the file to the marts, beside DuckDB's bare scan of the same
CSV into one table; each a process of its own, one after the other. MB are the peak memory of the process. Every
hundredth line is taken apart without the project's readers and held against the row that bears its number. The scan of
a zipped file is that of its text, since DuckDB opens no ZIP.

What is not carried yet: `mo vintage add` and the writing of a release hold whole files and tables.
""",
    "The shared part: a cell that is wrong": """\
The last row of one file, line 225. In the first two columns the person who changed the cell renewed the hash in
source.yml as well: then Augenhöhe believes the figure, as everybody does, unless a control total of the source
names it.
""",
}


def rendered(results: Mapping[str, Any]) -> str:
    """The whole page as Markdown."""
    parts = [HEAD]
    for grid in grids(results):
        parts.append(f"## {grid.title}\n\n" + (NOTES[grid.title] + "\n" if grid.title in NOTES else "") + _table(grid))
        if grid.title == "Goals":
            parts += _reasons(results)
    if left_out := _left_out(results):
        parts.append("## Left out\n\n" + "".join(f"- {line}\n" for line in left_out))
    parts.append(_measured(results))
    return "\n".join(parts)


def _reasons(results: Mapping[str, Any]) -> list[str]:
    missed = [verdict for verdict in verdicts(results) if verdict.word in ("missed", "doubtful")]
    return (
        ["".join(f"- **{verdict.goal.what}** is {verdict.word}. {_why(verdict)}\n" for verdict in missed)]
        if missed
        else []
    )


def _why(verdict: Verdict) -> str:
    """The reason that was measured where there is one, else the one that was found out."""
    if verdict.goal.unit and verdict.processor is not None and verdict.processor.median <= verdict.goal.at_most:
        return (
            f"The command itself asks the processor for {verdict.processor.median:.2f} s, less than the goal; the rest "
            "it waited on a busy machine (load below)."
        )
    return verdict.goal.why


def _left_out(results: Mapping[str, Any]) -> list[str]:
    return [
        f"{name}: {why}"
        for section in ("startup", "peers")
        for name, why in results.get(section, {}).get("left_out", {}).items()
    ]


def _measured(results: Mapping[str, Any]) -> str:
    lines = ["## Machine\n"]
    for section, found in sorted(results.items()):
        at = found["machine"]
        packages = ", ".join(f"{name} {number}" for name, number in at["packages"].items() if number)
        lines.append(
            f"- {section}: {at['date']}, commit {at['commit']}, {at['cores']} cores ({at['processor']}), "
            f"{at['memory_gb']} GB, {at['system']}, Python {at['python']}, {packages}; load when it began {at['load']}"
        )
    return "\n".join(lines) + "\n"


def _table(grid: Grid) -> str:
    lines = ["| " + " | ".join(grid.heads) + " |", "|" + "---|" * len(grid.heads)]
    lines += ["| " + " | ".join(cell.replace("\n", " ") for cell in row) + " |" for row in grid.rows]
    return "\n".join(lines) + "\n"
