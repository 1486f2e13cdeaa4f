"""Drawings that were made before: a chart that is the same in all that it is drawn from is not drawn again.

Of a new figure in one source most drawings stay as they were, and drawing is most of what a chart costs. A drawing is
filed under the hash of what it is made from: the specification, its words, the language, the code and the library that
draw. So nothing that is found can be out of date; a file that was damaged or cut is drawn again.

Belongs here: finding, keeping and forgetting. Not here: drawing (render.py).
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib.metadata import version
from pathlib import Path

# A whole set is some 150: the drawings of the last releases stay, those of long ago go.
KEPT = 1000
_folder: ContextVar[Path | None] = ContextVar("folder of drawings", default=None)


@contextmanager
def remembered(folder: Path) -> Iterator[None]:
    """Within the block, what was drawn before is taken from `folder`, and what is drawn is left there.

    Raises:
        OSError: the folder cannot be made, read or written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    token = _folder.set(folder)
    try:
        yield
    finally:
        _folder.reset(token)
        _forget(folder)


def drawn(made_from: object, draw: Callable[[], str]) -> str:
    """The drawing made from `made_from`, by `draw` where none is remembered.

    Args:
        made_from: all that the drawing depends on, as JSON can hold it, beside the code and the library.
        draw: makes it.
    """
    folder = _folder.get()
    if folder is None:
        return draw()
    text = json.dumps([made_from, *_drawn_by()], sort_keys=True)
    file = folder / f"{hashlib.sha256(text.encode()).hexdigest()}.svg"
    found = _read(file)
    if found is not None:
        return found
    svg = draw()
    fresh = file.with_name(f".{file.name}-{os.getpid()}")
    try:
        fresh.write_text(f"{_digest(svg)}\n{svg}", "utf-8")
        fresh.replace(file)
    finally:
        fresh.unlink(missing_ok=True)
    return svg


@cache
def _drawn_by() -> tuple[str, str]:
    """The version of the library, and a hash of the code between it and the page."""
    code = Path(__file__).with_name("render.py").read_bytes()
    return version("vl-convert-python"), hashlib.sha256(code).hexdigest()


def _read(file: Path) -> str | None:
    """The drawing in a file, which counts as asked for now; None where there is none or another than was left there."""
    try:
        digest, _, svg = file.read_text("utf-8").partition("\n")
        os.utime(file)
    except (FileNotFoundError, UnicodeDecodeError):
        return None
    return svg if digest == _digest(svg) else None


def _digest(svg: str) -> str:
    return hashlib.sha256(svg.encode()).hexdigest()


def _forget(folder: Path) -> None:
    """Remove what was not asked for the longest time, beyond `KEPT`."""
    files = sorted(folder.glob("*.svg"), key=lambda file: file.stat().st_mtime_ns, reverse=True)
    for file in files[KEPT:]:
        file.unlink(missing_ok=True)
