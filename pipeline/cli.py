"""`mo`: what a researcher types.

Belongs here: arguments, help that teaches, exit codes. Not here: what a command does; heavy imports stay inside.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from pipeline.errors import InputError
from pipeline.settings import Renderer, Settings

app = typer.Typer(
    name="mo",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    help="Augenhöhe: from public figures on migrant organisations to a report in which every number can be traced.\n\n"
    "Start with `mo run`: it reads raw_data/, fills build/warehouse.duckdb, computes, publishes a release and writes "
    "build/report/index.html. Then `mo ui` shows the same run in the browser.",
)

vintage = typer.Typer(no_args_is_help=True, help="The vintages of a source: which there are, and what one changes.")
app.add_typer(vintage, name="vintage")

RendererOption = Annotated[
    str | None,
    typer.Option(
        "--renderer",
        help="Who renders the page: `auto` takes Quarto where it is installed, else the built-in renderer; "
        "`quarto` and `builtin` insist. The page's colophon says which one it was.",
        show_default="auto",
    ),
]


@app.command()
def run(renderer: RendererOption = None) -> None:
    """From the figures to the page: materialise everything, check everything, publish, render.

    Runs in this process and is recorded in the same history the Dagster UI shows. On any error nothing is published:
    the former release and the former page stay as they are, and the exit status is 1.
    """
    from rich.console import Console

    from pipeline.run import INTERRUPTED, run_everything

    settings = _settings(renderer)
    console = Console(highlight=False)
    outcome = run_everything(settings, console)
    layers = ", ".join(f"{count} {layer}" for layer, count in outcome.assets.items())
    console.print(f"{sum(outcome.assets.values())} assets ({layers}), {outcome.checks_passed} checks passed")
    for failed in outcome.checks_failed:
        console.print(f"check failed: {failed}", markup=False, soft_wrap=True)
    if not outcome.success:
        for error in outcome.errors or ["a blocking check stopped the run"]:
            print(f"error: {error}", file=sys.stderr)
        kept = "page is" if outcome.assets["release"] else "release and page are"
        print(f"The former {kept} untouched. `mo ui` shows the run.", file=sys.stderr)
        raise typer.Exit(130 if INTERRUPTED in outcome.errors else 1)
    console.print(f"done in {outcome.seconds:.1f} s, release {_release_id(settings)}")
    print(settings.report)


@app.command()
def report(renderer: RendererOption = None) -> None:
    """Render the page again from the current release: for work on the text, without a run."""
    from pipeline.run import report_only

    print(report_only(_settings(renderer)))


@app.command()
def trace(
    row_id: Annotated[str, typer.Argument(metavar="ID", help="the id of a number, from data-result on the page")],
) -> None:
    """The way back from a number of the page to the lines of the files it was computed from."""
    from pipeline.release import open_release
    from pipeline.release import trace as way_back

    settings = _settings(None)
    for line in way_back(open_release(settings.releases / "current"), row_id, raw_data=settings.raw_data):
        print(line)


@vintage.command("list")
def list_vintages(
    source: Annotated[str | None, typer.Argument(metavar="[SOURCE]", help="one source; all of them without")] = None,
) -> None:
    """The vintages on disk, oldest first; `*` marks the current one of each source."""
    from pipeline.registry import load_registry

    sources = load_registry(_settings(None).raw_data).sources
    if source is not None and source not in sources:
        raise InputError(f"there is no source {source}", file="raw_data", remedy=f"name one of {', '.join(sources)}")
    for name in [source] if source is not None else sources:
        for one in sources[name].vintages:
            mark = "*" if one is sources[name].current else " "
            rows = sum(file.rows for file in one.files)
            print(f"{mark} {name}/{one.vintage}  {rows} rows, published {one.published or 'not known'}  {one.title}")


@vintage.command("diff")
def diff_vintages(
    source: Annotated[str, typer.Argument(help="a source of kind observation, see `mo vintage list`")],
    earlier: Annotated[str, typer.Argument(help="the earlier vintage")],
    later: Annotated[str, typer.Argument(help="the later vintage")],
    most: Annotated[int, typer.Option("--most", min=0, help="how many of the largest changes to print")] = 10,
) -> None:
    """What the later vintage changes: figures added, gone and revised, the largest changes first. Nothing is run."""
    from pipeline.project import open_project
    from pipeline.vintages import difference

    found = difference(open_project(_settings(None)), source, earlier, later)
    print(f"{source}: {earlier} -> {later}")
    counts = {"added": found.added.height, "gone": found.gone.height, "revised": found.revised.height}
    print(", ".join(f"{count} {what}" for what, count in {**counts, "the same": found.same}.items()))
    for reason, count in found.revised.group_by("reason", maintain_order=True).len().iter_rows():
        print(f"  {count} {reason}")
    for row in found.revised.head(most).iter_rows(named=True):
        place = f"{row['region_id']} {row['region_name']}, {row['reference_date']}"
        what = row["measure"] + (f" [{row['breakdown']}]" if row["breakdown"] else "")
        values = " -> ".join("none" if row[name] is None else f"{row[name]:,.10g}" for name in ("earlier", "later"))
        change = "" if row["change_percent"] is None else f"  {row['change_percent']:+.2f} %"
        print(f"  {place}, {what}: {values}{change}")
    left = found.revised.height - most
    if left > 0:
        print(f"  and {left} more; after `mo run` all of them are in marts.revision")


@app.command()
def validate() -> None:
    """Read every source.yml, data file, SQL contract and rule of a claim, and say what is wrong, without a run."""
    from pipeline.analysis.claim_rules import hold_against, load_rules
    from pipeline.project import open_project
    from pipeline.registry import verify
    from pipeline.vintages import ids_of_kind

    project = open_project(_settings(None))
    rows = 0
    for source in project.registry.sources.values():
        for vintage in source.vintages:
            verify(vintage)
            rows += sum(file.rows for file in vintage.files)
    counts = {"sources": len(project.registry.sources), "rows": rows, "tables": len(project.contracts.tables)}
    # A folder without the article's statements has nothing to hold the rules against.
    if claims := ids_of_kind(project, "claim"):
        rules = load_rules()
        hold_against(rules, claims, ids_of_kind(project, "study_figure"))
        counts["rules of claims"] = len(rules.by_claim)
    print(", ".join(f"{count} {what}" for what, count in counts.items()) + ": all in order")


@app.command()
def inspect(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE…", help="files as a publisher ships them, in a ZIP or not")
    ],
) -> None:
    """Tell what publishers' files hold: layout, table, dates, regions, measures, markers, traps. Nothing is changed.

    The layout is recognised from the content, whatever the file is called. A damaged file is told with line and remedy,
    the others are still shown, and the exit status is 1.
    """
    from pipeline.inspection import inspected

    damaged = False
    for file in files:
        try:
            shown = inspected(file)
        except InputError as error:
            damaged = True
            print(f"error: {error}", file=sys.stderr)
        else:
            print(file, *shown, sep="\n")
    if damaged:
        raise typer.Exit(1)


@app.command()
def ui(port: Annotated[int, typer.Option(help="Port of the page.", min=1, max=65535)] = 3000) -> None:
    """Open the Dagster UI on 127.0.0.1: what is there, what is stale, what failed and why."""
    import importlib.util

    from pipeline.project import open_project
    from pipeline.run import prepare_home

    settings = _settings(None)
    if importlib.util.find_spec("dagster_webserver") is None or importlib.util.find_spec("dagster_dg_cli") is None:
        raise InputError(
            "the web server of Dagster is not installed", remedy="pip install 'augenhoehe[ui]', or `make ui`"
        )
    open_project(settings)  # a broken source.yml is told here, as a sentence
    prepare_home(settings)
    os.chdir(settings.root)
    # dg dev brings web server and daemon and ends both on Ctrl-C.
    dg = Path(sys.executable).with_name("dg")
    os.execv(dg, [str(dg), "dev", "--host", "127.0.0.1", "--port", str(port)])  # noqa: S606  (no shell)


def _settings(renderer: str | None) -> Settings:
    settings = Settings.resolve()
    if renderer is None:
        return settings
    checked = Settings.resolve(settings.root, env={**os.environ, "AUGENHOEHE_RENDERER": renderer})
    return replace(settings, renderer=checked.renderer)


def _release_id(settings: Settings) -> str:
    return (settings.releases / "current").resolve().name


def main() -> None:
    """Entry point: an expected error is told as a sentence on stderr, with exit status 1."""
    try:
        app()
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(1)


__all__ = ["Renderer", "app", "main"]
