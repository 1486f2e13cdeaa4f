"""`mo`: what a researcher types.

Belongs here: arguments, help that teaches, exit codes. Not here: what a command does; heavy imports stay inside.
"""

from __future__ import annotations

import datetime as dt
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli_release import release_group
from pipeline.cli_vintages import source_group, vintage_group
from pipeline.errors import InputError
from pipeline.settings import Renderer, Settings

# Of assets that are not fresh; a run names all of them.
SHOWN = 10

app = typer.Typer(
    name="mo",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    help="Augenhöhe: from public figures on migrant organisations to a report in which every number can be traced.\n\n"
    "Start with `mo run`: it reads raw_data/, fills build/warehouse.duckdb, computes, publishes a release and writes "
    "build/report/index.html. Then `mo ui` shows the same run in the browser, `mo release verify` proves that "
    "a release is whole, and `mo release rollback` goes back to an earlier one.",
)

app.add_typer(vintage_group, name="vintage")
app.add_typer(source_group, name="source")
app.add_typer(release_group, name="release")

RendererOption = Annotated[
    str | None,
    typer.Option(
        "--renderer",
        help="Who renders the page: `auto` takes Quarto where it is installed, else the built-in renderer; "
        "`quarto` and `builtin` insist. The page's colophon says which one it was.",
        show_default="auto",
    ),
]

LockOption = Annotated[
    Path | None,
    typer.Option(
        "--lock",
        metavar="FILE",
        help="Another lock than raw_data/release.lock.yml (or than AUGENHOEHE_LOCK names): an older one computes what "
        "it was then, figures of later vintages wait. The page's colophon says so.",
        show_default=False,
    ),
]


@app.command()
def run(
    renderer: RendererOption = None,
    lock: LockOption = None,
    force: Annotated[bool, typer.Option("--force", help="compute everything again, fresh or not")] = False,
    profile: Annotated[bool, typer.Option("--profile", help="say at the end where the seconds went")] = False,
    distributed: Annotated[
        bool,
        typer.Option(
            "--distributed",
            help="send runs of sources, and then one of the rest, to the workers of DAGSTER_HOME (docs/scaleout.md)",
        ),
    ] = False,
) -> None:
    """From the figures to the page: materialise what is not fresh, check everything, publish, render.

    Fresh is what lies there as it was recorded, made by the same code from inputs of the same content; it is kept. Runs
    in this process and is recorded in the same history the Dagster UI shows. On any error nothing is published: the
    former release and the former page stay as they are, and the exit status is 1.
    """
    from pipeline import fingerprint

    if distributed and (renderer or lock):
        raise InputError(
            "workers do not hear of the options of this command",
            key="--distributed",
            remedy="set AUGENHOEHE_RENDERER or AUGENHOEHE_LOCK for every worker and for this command",
        )
    settings = _settings(renderer, lock)
    inputs = fingerprint.of_inputs(settings)
    last = None if force else fingerprint.last_run(settings, inputs)
    if last is not None:
        _print_all_fresh(settings, last.assets)
        return

    from rich.console import Console

    from pipeline.run import INTERRUPTED, run_everything

    console = Console(highlight=False)
    if settings.other_lock:
        console.print(f"with the lock {settings.lock}", markup=False, soft_wrap=True)
    try:
        outcome = run_everything(settings, console, inputs=inputs, force=force, distributed=distributed)
    except KeyboardInterrupt:
        print("interrupted: release and page are whole, `mo run` goes on from what is done", file=sys.stderr)
        raise typer.Exit(130) from None
    if profile:
        for line in outcome.clock.told():
            console.print(line, markup=False, soft_wrap=True)
    if outcome.success and not outcome.assets and not outcome.checks_failed:
        _print_all_fresh(settings, outcome.of)
        return
    layers = ", ".join(f"{count} {layer}" for layer, count in outcome.assets.items()) or "none"
    kept = f"{outcome.kept} of {outcome.of} assets are fresh, computed: " if outcome.kept else ""
    total = "" if outcome.kept else f"{sum(outcome.assets.values())} assets: "
    console.print(f"{kept}{total}{layers}; {outcome.checks_passed} checks passed", soft_wrap=True)
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
    """Render the page again, in both languages, from the current release: for work on the text, without a run."""
    from pipeline.run import report_only

    print(report_only(_settings(renderer)))


@app.command()
def trace(
    number: Annotated[
        str,
        typer.Argument(metavar="ID|NUMBER", help="an id (data-result on the page), or a number as the page shows it"),
    ],
    picture: Annotated[Path | None, typer.Option("--svg", metavar="FILE", help="draw the way back")] = None,
) -> None:
    """The way back from a number of the page to the lines of the files it was computed from.

    A number such as "28.4 %" is looked for on the pages of the report, in both languages; where several rows show it,
    they are listed with the words around, and the id of one of them is asked for.
    """
    from pipeline.release import open_release
    from pipeline.release import trace as way_back
    from pipeline.release.shown import row_of

    settings = _settings(None)
    release = open_release(settings.releases / "current")
    row_id = row_of(release, number, settings.report.parent)
    if picture is not None:
        from pipeline.release.picture import picture as drawn
        from pipeline.release.shelf import write_in_one_step

        try:
            write_in_one_step(picture, drawn(release, row_id).encode())
        except OSError as error:
            raise InputError(
                f"the picture cannot be written: {error.strerror}", file=picture, remedy="name a file in a folder"
            ) from error
        print(picture)
        return
    for line in way_back(release, row_id, raw_data=settings.raw_data):
        print(line)


@app.command()
def verify(
    threads: Annotated[int, typer.Option("--threads", min=0, help="of the second build; 0 for all")] = 1,
    steps_apart: Annotated[bool, typer.Option("--steps-apart", help="a process a step (minutes)")] = False,
    python: Annotated[Path | None, typer.Option("--python", help="another interpreter with this project")] = None,
) -> None:
    """Build everything again from raw_data in a clean folder and compare every byte with what is published.

    The second build runs elsewhere: another folder, time zone and locale. Each difference is named, of tables with the
    first cell that differs. The exit status is 1 when anything does. (`mo release verify` only reads what is there.)
    """
    from pipeline.rebuild import Way, rebuild

    settings = _settings(None)
    way = Way(threads or None, steps_apart, python)
    different = rebuild(settings, way, lambda line: print(line, file=sys.stderr))
    for line in different:
        print(line)
    if different:
        raise typer.Exit(1)
    release = (settings.releases / "current").resolve().name
    print(f"release {release} and every page: built again, the same bytes")


@app.command()
def status() -> None:
    """How far disk, lock, warehouse and release agree, and what the next `mo run` would do; nothing is run or written.

    One line a vintage: `*` current, `+` waits, `-` its source is left out by the lock, `?` gone from disk; then whether
    the warehouse and the current release hold the same content. Data files that are not what their source.yml says are
    told below, then which assets are not fresh and why: those the Dagster UI calls unsynced, and those of which
    something else is stored than was recorded. The exit status is 0 when all is fresh, and 1 when anything differs or
    could not be seen, for instance because a run holds the warehouse.
    """
    from pipeline.status import MARKS, due
    from pipeline.status import status as look

    settings = _settings(None)
    found = look(settings)
    if settings.other_lock:
        print(f"lock: {settings.lock}")
    print(f"release: {found.release_id or 'none'}")
    name = max(len(f"{line.source}/{line.vintage}") for line in found.lines)
    for line in found.lines:
        held = f"warehouse: {line.warehouse:<13}  release: {line.release:<13}  {line.part}"
        print(f"{MARKS[line.part]} {line.source + '/' + line.vintage:<{name}}  {held}")
    for told in (*found.other_current, *found.files, *found.unseen):
        print(told)
    try:
        coming = due(settings, found)
    except InputError as error:
        print(f"what is due cannot be told: {error}")
        raise typer.Exit(1) from None
    for asset, reason in list(coming.reasons.items())[:SHOWN]:
        print(f"not fresh: {asset}: {reason}")
    if len(coming.reasons) > SHOWN:
        print(f"not fresh: and {len(coming.reasons) - SHOWN} more")
    if coming.nothing and found.fresh:
        print("all is fresh")
        return
    of = f"{len(coming.reasons)} of {coming.of} assets" if coming.of else "everything"
    follow = f", and of {coming.follow} that depend on them those that change" if coming.follow else ""
    print(f"not all is fresh: `mo run` computes {of}{follow}")
    raise typer.Exit(1)


@app.command()
def validate() -> None:
    """Read every source.yml, data file, SQL contract and rule of a claim, the lock, corrections.yml: what is wrong?"""
    from pipeline.analysis.claims.rules import hold_against, load_rules
    from pipeline.project import open_project
    from pipeline.registry import verify
    from pipeline.vintages import ids_of_kind

    project = open_project(_settings(None))
    rows = 0
    for source in project.registry.sources.values():
        for vintage in source.vintages:
            verify(vintage)
            rows += sum(file.rows for file in vintage.files)
    counts = {
        "sources": len(project.registry.sources),
        "rows": rows,
        "known errors of publishers": len(project.registry.corrections),
        "tables": len(project.contracts.tables),
    }
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
def fetch(
    source: Annotated[
        str | None, typer.Argument(metavar="[SOURCE]", help="a source whose source.yml has a section `fetch`")
    ] = None,
    year: Annotated[
        list[int] | None,
        typer.Option("--year", min=1900, max=2100, help="only this year; may be given several times"),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option("--since", metavar="DATE", help="only if updated after this day (2025-04-10)"),
    ] = None,
    check: Annotated[
        bool,
        typer.Option("--check", help="only ask whether there is anything newer; without SOURCE, of every source"),
    ] = False,
) -> None:
    """Fetch a source's table from its publisher: GENESIS-Online, the Regionaldatenbank or the Zensus database.

    The only command that connects, and only to the service that the current vintage's source.yml names. It needs the
    token of your free account, for instance in AUGENHOEHE_REGIONALSTATISTIK_TOKEN, or in the keyring
    (docs/fetching.md). A large table comes in parts; after an interruption the same command goes on where it stopped.
    Nothing in raw_data is touched: the files lie in build/fetched/, and the last line is the command to type next.

    `mo fetch --check` says which sources have something newer; the exit status is 1 if one could not be asked.
    """
    from rich.console import Console

    from pipeline.fetch import command

    console = Console(highlight=False)
    settings = _settings(None)
    if check:
        if year or since:
            raise InputError("--check asks about the whole table", key="--check", remedy="leave out --year and --since")
        problems = command.check(settings, source, console=console)
        for problem in problems:
            print(f"error: {problem}", file=sys.stderr)
        if problems:
            raise typer.Exit(1)
        return
    if source is None:
        raise InputError(
            "no source is named", key="SOURCE", remedy="`mo fetch --check` lists those that can be fetched"
        )
    try:
        command.fetch_source(settings, source, years=year or [], since=_day(since), console=console)
    except KeyboardInterrupt:
        print("interrupted: the parts that are whole are kept, the same command goes on from there", file=sys.stderr)
        raise typer.Exit(130) from None


@app.command()
def doctor(
    repair: Annotated[bool, typer.Option("--repair", help="set aside what is damaged, run, and look again")] = False,
) -> None:
    """Is anything damaged, half written or missing? One line each, with its remedy; nothing is run or written.

    Looks at raw_data and the lock, room on the disk, the history of runs, every block of the warehouse, every byte of
    every release, the page, what killed runs left behind, and whether all is fresh. The exit status is 0 when all is
    well. `mo doctor --repair` renames what is damaged, lets a run build it anew from raw_data, and looks again: the
    digests are those of before.
    """
    from pipeline.doctor import examine

    settings = _settings(None)
    if repair:
        from rich.console import Console

        from pipeline.run import repair as mend

        try:
            found = mend(settings, Console(highlight=False))
        except KeyboardInterrupt:
            print("interrupted: what was set aside is kept, the same command goes on", file=sys.stderr)
            raise typer.Exit(130) from None
    else:
        found = examine(settings)
    for finding in found:
        print(finding)
    if found:
        raise typer.Exit(1)
    print(f"all is well: release {_release_id(settings)}")


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


def _print_all_fresh(settings: Settings, assets: int) -> None:
    print(f"all {assets} assets are fresh: nothing to compute, release {_release_id(settings)}")
    print(settings.report)


def _settings(renderer: str | None, lock: Path | None = None) -> Settings:
    settings = Settings.resolve()
    if lock is not None:
        settings = replace(settings, lock=lock.resolve())
    if renderer is None:
        return settings
    checked = Settings.resolve(settings.root, env={**os.environ, "AUGENHOEHE_RENDERER": renderer})
    return replace(settings, renderer=checked.renderer)


def _day(text: str | None) -> dt.date | None:
    try:
        return None if text is None else dt.date.fromisoformat(text)
    except ValueError:
        raise InputError(f"{text!r} is not a day", key="--since", remedy="write it as 2025-04-10") from None


def _release_id(settings: Settings) -> str:
    return (settings.releases / "current").resolve().name


def main() -> None:
    """Entry point: an expected error is told as a sentence on stderr, with exit status 1."""
    try:
        app()
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(1)
    except OSError as error:
        from pipeline.one_run import mendable

        told = mendable(error)
        if told is None:
            raise
        print(f"error: {told}", file=sys.stderr)
        sys.exit(1)


__all__ = ["Renderer", "app", "main"]
