"""`mo vintage` and `mo source`: what a researcher does with the figures of a source.

Belongs here: arguments, help that teaches, exit codes. Not here: what a command does; heavy imports stay inside.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.errors import InputError
from pipeline.settings import Settings

if TYPE_CHECKING:
    from pipeline.vintages import Difference

vintage_group = typer.Typer(
    no_args_is_help=True, help="The vintages of a source: which there are, what one changes, which one is current."
)
source_group = typer.Typer(no_args_is_help=True, help="Sources: begin a new one.")


@vintage_group.command("list")
def list_vintages(
    source: Annotated[str | None, typer.Argument(metavar="[SOURCE]", help="one source; all of them without")] = None,
) -> None:
    """The vintages on disk, oldest first: `*` current, `+` waits, `-` its source is left out by the lock."""
    from pipeline.registry import load_registry, read_lock

    settings = Settings.resolve()
    registry = load_registry(settings.raw_data, read_lock(settings.lock))
    everything = {name: one.vintages for name, one in registry.sources.items()} | dict(registry.left_out)
    if source is not None and source not in everything:
        raise _no_source(source, everything)
    for name in [source] if source is not None else sorted(everything):
        for one in everything[name]:
            used = registry.sources.get(name)
            mark = "-" if used is None else "*" if one is used.current else "+" if one in used.waiting else " "
            rows = sum(file.rows for file in one.files)
            print(f"{mark} {name}/{one.vintage}  {rows} rows, published {one.published or 'not known'}  {one.title}")


@vintage_group.command("add")
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
    added = add_vintage(open_project(Settings.resolve()), source, files, told)
    name = f"{source}/{added.vintage.vintage}"
    if not added.is_new:
        print(f"the content is that of {name}, published {added.vintage.published}: nothing to add")
        return
    print(f"added raw_data/{name}: {added.figures} figures, layout {added.vintage.layout}")
    if added.is_current:
        print(f"it is the current vintage of {source} now (release.lock.yml)")
    else:
        print(f"the current vintage stays: `mo vintage use {source} {added.vintage.vintage}` would change that")
    if added.changes is not None and added.against is not None:
        _print_changes(source, added.against, added.vintage.vintage, added.changes, most=5)
    for sentence in added.left_out:
        print(f"control total of {added.copied_from} not carried over: {sentence}")
    for sentence in added.mended:
        print(f"known error: {sentence}")
    print(
        f"next: go through raw_data/{name}/source.yml, copied from {added.copied_from}: title, release_state, "
        "census_base, breaks, doubts; enter a control total published elsewhere. Then `mo validate` and `mo run`."
    )


@vintage_group.command("use")
def use_vintage(
    source: Annotated[str, typer.Argument(help="a source, see `mo vintage list`")],
    vintage_id: Annotated[str, typer.Argument(metavar="VINTAGE", help="the vintage that becomes the current one")],
) -> None:
    """Make a vintage the current one: writes the lock, says what changes; `mo run` then computes with it."""
    from pipeline.registry import read_lock, vintages_on_disk, write_lock

    settings = Settings.resolve()
    on_disk = vintages_on_disk(settings.raw_data)
    if source not in on_disk:
        raise _no_source(source, on_disk)
    orders = {one.vintage: one.order for one in on_disk[source]}
    if vintage_id not in orders:
        raise InputError(
            f"{source} has no vintage {vintage_id}",
            file=f"raw_data/{source}",
            remedy=f"name one of {', '.join(orders)}",
        )
    lock = read_lock(settings.lock)
    former = lock.current.get(source)
    if former == vintage_id:
        print(f"{source}: {vintage_id} is the current vintage already")
        return
    write_lock(settings.lock, lock.using(source, vintage_id))
    print(f"{lock.shown}: {source}: {former or 'none'} -> {vintage_id}")
    waiting = [name for name, order in orders.items() if order > orders[vintage_id]]
    if waiting:
        print(f"{', '.join(waiting)}: on record, and waiting")
    if former in orders and on_disk[source][0].kind == "observation":
        earlier, later = sorted((former, vintage_id), key=lambda name: orders[name])
        print(f"what it changes: mo vintage diff {source} {earlier} {later}")
    print("next: mo run")


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
    sheet: Annotated[str | None, typer.Option(help="the machine sheet of a workbook, where it has several")] = None,
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
    told = Told(concept, measures, publisher, title, as_of, sheet)
    begun = new_source(open_project(Settings.resolve()), source, files or (), told)
    folder = f"raw_data/{source}/{begun.vintage.vintage}"
    print(f"begun {folder}: {begun.figures} figures, layout {begun.vintage.layout}")
    print(f"next: write in {folder}/source.yml what begins with {REPLACE!r} ({', '.join(begun.to_write)}),")
    print("  and go through defaults and measures. Enter a control total published elsewhere under `expect`.")
    print("then: mo validate")
    print(f"      python -m pytest tests/registry/test_every_source.py -k {source}")
    print("      mo run")


@vintage_group.command("diff")
def diff_vintages(
    source: Annotated[str, typer.Argument(help="a source of kind observation, see `mo vintage list`")],
    earlier: Annotated[str, typer.Argument(help="the earlier vintage")],
    later: Annotated[str, typer.Argument(help="the later vintage")],
    most: Annotated[int, typer.Option("--most", min=0, help="how many of the largest changes to print")] = 10,
) -> None:
    """What the later vintage changes: figures added, gone and revised, the largest changes first. Nothing is run."""
    from pipeline.project import open_project
    from pipeline.vintages import difference

    _print_changes(source, earlier, later, difference(open_project(Settings.resolve()), source, earlier, later), most)


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


def _no_source(name: str, known: Iterable[str]) -> InputError:
    return InputError(f"there is no source {name}", file="raw_data", remedy=f"name one of {', '.join(known)}")
