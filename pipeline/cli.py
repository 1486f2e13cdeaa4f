"""`mo`: what a researcher types.

Belongs here: arguments, help that teaches, exit codes. Not here: what a command does; heavy imports stay inside.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.errors import InputError
from pipeline.settings import Renderer, Settings

if TYPE_CHECKING:
    from pipeline.vintages import Difference

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
source_group = typer.Typer(no_args_is_help=True, help="Sources: begin a new one.")
app.add_typer(source_group, name="source")

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


@vintage.command("add")
def add(
    source: Annotated[str, typer.Argument(help="a source of kind observation, see `mo vintage list`")],
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="the publisher's files, in a ZIP or not")],
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="DATE", help="the day of the release, where the file prints none")
    ] = None,
    title: Annotated[
        str | None, typer.Option(help="what the table shows, in one line", show_default="as printed")
    ] = None,
    release_state: Annotated[
        str | None, typer.Option(help="final, first_results, revised or not_stated", show_default="as before")
    ] = None,
    census_base: Annotated[str | None, typer.Option(help="such as zensus_2022", show_default="as before")] = None,
) -> None:
    """Take a publisher's file as a new vintage: recognised, checked, hashed, described, compared with the one before.

    The files are copied as they are to raw_data/SOURCE/DATE/; the source.yml beside them starts from that of the
    vintage before. A file that was only shuffled, packed or saved in another encoding is recognised as the vintage it
    is. On any error nothing is written.
    """
    from pipeline.adding import Told, add_vintage
    from pipeline.project import open_project

    told = Told(as_of=as_of, title=title, release_state=release_state, census_base=census_base)
    added = add_vintage(open_project(_settings(None)), source, files, told)
    name = f"{source}/{added.vintage.vintage}"
    if not added.is_new:
        print(f"the content is that of {name}, published {added.vintage.published}: nothing to add")
        return
    print(f"added raw_data/{name}: {added.figures} figures, layout {added.vintage.layout}")
    if added.changes is not None and added.against is not None:
        _print_changes(source, added.against, added.vintage.vintage, added.changes, most=5)
    for sentence in added.left_out:
        print(f"control total of {added.copied_from} not carried over: {sentence}")
    print(
        f"next: go through raw_data/{name}/source.yml, copied from {added.copied_from}: title, release_state, "
        "census_base, breaks, doubts; enter a control total published elsewhere. Then `mo validate` and `mo run`."
    )


@source_group.command("new")
def new(
    source: Annotated[str, typer.Argument(metavar="ID", help="the id: small letters, digits and _")],
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[FILE…]", help="the publisher's files, in a ZIP or not; without one an example row"),
    ] = None,
    measure: Annotated[
        list[str] | None,
        typer.Option(
            "--measure",
            metavar="PRINTED=MEASURE",
            help="which printed code or label becomes which measure of pipeline/transform/concepts.yml, such as "
            "BEVSTD=persons_total; may be repeated. Without a file: the measure alone.",
        ),
    ] = None,
    concept: Annotated[
        str | None, typer.Option(help="who is counted: a concept of pipeline/transform/concepts.yml")
    ] = None,
    publisher: Annotated[str | None, typer.Option(help="who published the figures")] = None,
    title: Annotated[
        str | None, typer.Option(help="what the table shows, in one line", show_default="as printed")
    ] = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="DATE", help="the day of the release, where the file prints none")
    ] = None,
) -> None:
    """Begin a source of observations: a folder in raw_data that is valid at once and says what is left to write.

    With the publisher's files their layout is recognised, and source.yml gets a reading that takes the named measures
    where every other variable stands at its total. Name no measure to see what is printed. Without a file there is one
    example row in the tidy layout. On any error nothing is written.
    """
    from pipeline.project import open_project
    from pipeline.scaffold import EXAMPLE_MEASURE, REPLACE, Told, new_source

    named = [word.rpartition("=") for word in measure or ()]
    for printed, _, _ in named if files else ():
        if not printed:
            raise InputError(
                "a measure needs the printed code or label before it",
                key="--measure",
                remedy=f"Write --measure CODE={EXAMPLE_MEASURE}; without --measure all codes are listed.",
            )
    measures = {printed or name: name for printed, _, name in named}
    if len(measures) < len(named):
        raise InputError(
            "a printed code is named twice", key="--measure", remedy="A figure has one meaning: name one measure."
        )
    told = Told(concept, measures, publisher, title, as_of)
    begun = new_source(open_project(_settings(None)), source, files or (), told)
    folder = f"raw_data/{source}/{begun.vintage.vintage}"
    print(f"begun {folder}: {begun.figures} figures, layout {begun.vintage.layout}")
    print(f"next: write in {folder}/source.yml what begins with {REPLACE!r} ({', '.join(begun.to_write)}),")
    print("  and go through defaults and measures. Enter a control total published elsewhere under `expect`.")
    print("then: mo validate")
    print(f"      python -m pytest tests/registry/test_every_source.py -k {source}")
    print("      mo run")


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

    _print_changes(source, earlier, later, difference(open_project(_settings(None)), source, earlier, later), most)


@app.command()
def validate() -> None:
    """Read every source.yml, every data file and every SQL contract, and say what is wrong, without a run."""
    from pipeline.project import open_project
    from pipeline.registry import verify

    project = open_project(_settings(None))
    rows = 0
    for source in project.registry.sources.values():
        for vintage in source.vintages:
            verify(vintage)
            rows += sum(file.rows for file in vintage.files)
    print(f"{len(project.registry.sources)} sources, {rows} rows, {len(project.contracts.tables)} tables: all in order")


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


def _print_changes(source: str, earlier: str, later: str, found: Difference, most: int) -> None:
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
