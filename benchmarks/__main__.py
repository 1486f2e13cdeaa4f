"""`make bench`: measure, print, keep, and write docs/benchmarks.md.

Belongs here: the command. Not here: any section.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import Any

from benchmarks import clone, large, results, shared, startup, weight, whole
from benchmarks.page import rendered
from benchmarks.timing import REPOSITORY
from pipeline.errors import InputError

# Starts are short: as many again cost little.
STARTS_A_ROUND = 2


def sections(rounds: int) -> dict[str, Callable[[], dict[str, Any]]]:
    """What `--only` can name, in the order in which it is measured."""
    return {
        "weight": _weight,
        "startup": lambda: startup.compare(rounds * STARTS_A_ROUND),
        "peers": lambda: _peers(rounds),
        "whole": lambda: whole.compare(rounds),
        "multiprocess": whole.multiprocess,
        "clone": clone.compare,
        "large": large.compare,
    }


BY_DEFAULT = ("weight", "startup", "peers", "whole")


def _peers(rounds: int) -> dict[str, Any]:
    found = shared.compare(rounds)
    shared.refuse_unequal(found)
    return found


def _weight() -> dict[str, Any]:
    heavy = weight.heavy(weight.installed())
    text = (REPOSITORY / "docs/dependencies.md").read_text("utf-8")
    return {"heavy": heavy, "unexplained": weight.unexplained(heavy, text)}


def main() -> None:
    """Measure the sections asked for; of the others the last results stay, with their date."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    names = tuple(sections(1))
    parser.add_argument("--only", help=f"sections, separated by commas: {', '.join(names)}")
    parser.add_argument("--repeat", type=int, default=5, metavar="N", help="rounds (5)")
    parser.add_argument("--multiprocess", action="store_true", help="also a process a step, once (ten minutes)")
    parser.add_argument("--clone", action="store_true", help="also from an empty clone, once (minutes)")
    parser.add_argument("--large", action="store_true", help="also up to 20 million rows, once (half an hour, 10 GB)")
    parser.add_argument("--render", action="store_true", help="measure nothing: tables and page of the last results")
    asked = parser.parse_args()
    chosen = () if asked.render else tuple(asked.only.split(",")) if asked.only else BY_DEFAULT
    chosen += tuple(name for name in ("multiprocess", "clone", "large") if getattr(asked, name) and name not in chosen)
    if unknown := set(chosen) - set(names):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    if asked.repeat < 1:
        parser.error("--repeat is at least 1")
    try:
        for name in chosen:
            print(f"measuring: {name}", file=sys.stderr, flush=True)
            at = results.machine()
            results.keep(name, sections(asked.repeat)[name]() | {"machine": at})
    except InputError as error:
        sys.exit(f"error: {error}")
    found = results.kept()
    _print(found)
    results.PAGE.write_text(rendered(found), "utf-8")
    print(f"{results.FILE.relative_to(REPOSITORY)} and {results.PAGE.relative_to(REPOSITORY)} are written")


def _print(found: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(width=None if sys.stdout.isatty() else 180)
    for grid in results.grids(found):
        table = Table(*grid.heads, title=grid.title, title_justify="left", title_style="bold")
        for row in grid.rows:
            style = {"met": "green", "missed": "red", "doubtful": "yellow"}.get(row[-1], "")
            table.add_row(*(cell.replace("[", "\\[") for cell in row), style=style)
        console.print(table)


if __name__ == "__main__":
    main()
