"""The bar that long work shows, the same for every command.

Belongs here: how it looks. Not here: what is counted, and what a pipe gets instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress


def bar(console: Console, *, width: int) -> Progress:
    """Description of `width` characters, bar, how many of how many, time; gone at the end, and never in a pipe."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    return Progress(
        TextColumn(f"{{task.description:<{width}}}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
