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
    release_id: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="an id from `mo release list`; the current one without")
    ] = None,
) -> None:
    """Read every file of a release and hold it against the manifest: a changed, missing or added file is named.

    Without this project the same is found by `sha256sum --strict -c SHA256SUMS` in the folder of the release. The exit
    status is 1 when anything is wrong.
    """
    from pipeline.release import seal, shelf

    folder = shelf.find(Settings.resolve().releases, release_id)
    wrong = seal.problems(folder)
    for one in wrong:
        print(f"release {folder.name}: {one}", file=sys.stderr)
    if wrong:
        raise typer.Exit(1)
    print(f"release {folder.name}: {len(seal.on_disk(folder)[0])} files, all as published")


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
def export(
    file: Annotated[Path, typer.Argument(metavar="ZIP", help="the file to write")],
    release_id: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="an id from `mo release list`; the current one without")
    ] = None,
) -> None:
    """Write a release as one ZIP that opens and verifies itself anywhere; the same release gives the same bytes.

    On the other machine: unpack it, change into its folder and type `sha256sum --strict -c SHA256SUMS`.
    """
    from pipeline.release import shelf

    folder = shelf.find(Settings.resolve().releases, release_id)
    shelf.export(folder, file)
    print(f"{file}: release {folder.name}, {file.stat().st_size:,} bytes")
