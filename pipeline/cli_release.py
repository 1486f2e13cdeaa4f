"""`mo release`: the published releases as a researcher meets them.

Belongs here: arguments, help that teaches, exit codes. Not here: what a command does; heavy imports stay inside.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from pipeline.errors import InputError
from pipeline.settings import Settings

release_group = typer.Typer(
    no_args_is_help=True,
    help="Releases: which are kept, whether one is whole, what two differ in, going back to one.\n\n"
    "`mo run` publishes; build/release/current is the one every reader sees.",
)

IdArgument = Annotated[str, typer.Argument(metavar="ID", help="an id from `mo release list`, or how it begins")]


@release_group.command("list")
def list_releases() -> None:
    """The releases on disk, the one published last first; `*` is current. Five are kept, and the current one."""
    from pipeline.release import shelf

    found = shelf.kept(Settings.resolve().releases)
    if not found:
        print("no release yet: `mo run` makes one")
    for one in found:
        print(f"{'*' if one.is_current else ' '} {one.release_id}  published {one.published or 'not known'}")


@release_group.command()
def verify(
    what: Annotated[
        str | None,
        typer.Argument(metavar="[ID|FOLDER|ZIP]", help="an id from `mo release list`, or a package; without: current"),
    ] = None,
) -> None:
    """Read every file of a release or a package: a changed, missing or added one is named.

    Without this project the same is found by `sha256sum --strict -c SHA256SUMS` in its folder. The exit status is 1
    when anything is wrong.
    """
    from pipeline.release import package, seal, shelf

    given = Path(what) if what else None
    if given is not None and given.is_file():
        name, wrong, count = given.name, package.problems_of_zip(given), "a package"
    elif given is not None and given.is_dir() and not seal.is_id(str(what)):
        name, wrong, count = given.name, package.problems(given), f"a package of {len(seal.on_disk(given)[0])} files"
    else:
        folder = shelf.find(Settings.resolve().releases, what)
        name, wrong, count = folder.name, seal.problems(folder), f"{len(seal.on_disk(folder)[0])} files"
    for one in wrong:
        print(f"release {name}: {one}", file=sys.stderr)
    if wrong:
        raise typer.Exit(1)
    print(f"release {name}: {count}, all as published")


@release_group.command()
def diff(earlier: IdArgument, later: IdArgument) -> None:
    """What two releases differ in: tables, rows, results, the first cell that differs, charts and raw files.

    The exit status is 0 when they hold the same, and 1 when they do not.
    """
    from pipeline.release import open_release, shelf
    from pipeline.release.difference import difference

    releases = Settings.resolve().releases
    one, other = (open_release(shelf.find(releases, name)) for name in (earlier, later))
    different = False
    for line in difference(one, other):
        different = True
        print(line)
    if different:
        raise typer.Exit(1)
    print(f"{one.id} and {other.id} hold the same")


@release_group.command()
def rollback(release_id: IdArgument) -> None:
    """Make an earlier release the current one, once every file of it was read, and render its page.

    The next `mo run` publishes what raw_data says again. To keep an earlier state for good, give `mo run --lock` the
    lock of that time: a copy lies in every release, raw/release.lock.yml.
    """
    from pipeline.release import shelf
    from pipeline.run import report_only

    settings = Settings.resolve()
    former, now = shelf.roll_back(settings.releases, release_id)
    try:
        page = report_only(settings)
    except InputError:
        # Page and release belong together: without its page the release does not become current.
        if former is not None:
            shelf.roll_back(settings.releases, former.name)
            print(f"the page cannot be rendered, so {former.name} is current again", file=sys.stderr)
        raise
    print(f"{former.name if former else 'none'} -> {now.name}")
    print(page)


@release_group.command()
def prune(
    keep: Annotated[int, typer.Option("--keep", min=1, help="how many of those published last stay")] = 5,
) -> None:
    """Remove all but the releases published last; the current one stays, however old. `mo run` does it by itself."""
    from pipeline.release import shelf

    gone = shelf.prune(Settings.resolve().releases, keep=keep)
    print(f"removed {', '.join(gone)}" if gone else "nothing to remove")


@release_group.command()
def build(
    folder: Annotated[Path | None, typer.Argument(metavar="[FOLDER]", help="build/package without")] = None,
    release_id: Annotated[str | None, typer.Option("--release", help="an id; the current one without")] = None,
) -> None:
    """Put a release, its pages and its descriptions together: all a stranger needs to read, cite, check and rebuild.

    Beside the release: the report in both languages, a Data Package, an RO-Crate, the bill of materials, a workbook of
    the results, every number's way back to its line, licences and how to cite.
    """
    settings = Settings.resolve()
    made = _package(settings, release_id, folder or settings.build / "package")
    print(f"{made}: {sum(1 for one in made.rglob('*') if one.is_file())} files")


@release_group.command()
def export(
    file: Annotated[Path, typer.Argument(metavar="ZIP", help="the file to write")],
    release_id: Annotated[str | None, typer.Argument(metavar="[ID]", help="an id; the current one without")] = None,
) -> None:
    """Write the package of a release (`mo release build`) as one ZIP; the same release gives the same bytes.

    On the other machine: unpack it, change into its folder and type `sha256sum --strict -c SHA256SUMS`.
    """
    import tempfile

    from pipeline.release import package, shelf

    settings = Settings.resolve()
    name = shelf.find(settings.releases, release_id).name
    with tempfile.TemporaryDirectory(prefix="augenhoehe-") as folder:
        package.export(_package(settings, release_id, Path(folder) / "package"), file, release_id=name)
    print(f"{file}: release {name}, {file.stat().st_size:,} bytes")


def _package(settings: Settings, release_id: str | None, folder: Path) -> Path:
    from pipeline.contracts import load_contracts
    from pipeline.release import package

    return package.build(
        settings.releases,
        release_id,
        report=settings.report.parent,
        root=settings.root,
        contracts=load_contracts(settings.sql),
        output=folder,
    )
