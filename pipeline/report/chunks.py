"""Run the chunks of a document in this process, in a shell of IPython that is gone afterwards.

Belongs here: making the shell, feeding it, recording what it shows, and naming the line where a chunk fails. Not here:
what the outputs become on the page (builtin.py).

A kernel of its own would take longer to start, to import and to ask than all chunks take to run. A chunk only shows
released rows and is part of the project as any module is; so it needs no process that could be thrown away.
"""

from __future__ import annotations

import atexit
import os
import sys
import tempfile
import threading
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from contextvars import copy_context
from types import ModuleType
from typing import TYPE_CHECKING, Any, TextIO, cast

from pipeline.errors import InputError
from pipeline.report.source import Chunk, Prose, Source

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

# Of a traceback, what is told.
LAST_LINES = 6
# A shell, standard output and the environment are one a process.
_alone = threading.Lock()

Output = Mapping[str, Any]


def run_chunks(runs: Sequence[tuple[Source, Mapping[str, str]]]) -> Iterator[list[list[Output]]]:
    """Run every chunk and every inline expression, document after document, each in its order.

    Each document has a shell of its own: no name, no variable and no language of one reaches the next.

    Args:
        runs: parsed documents, each with the variables added to those of this process for its chunks.

    Yields:
        For each document, for each block of its `blocks`, the notebook outputs: those of the chunk, or one
        `display_data` for each inline expression of the prose.

    Raises:
        InputError: a chunk failed; names the document's line and shows the end of the traceback.
    """
    for source, environment in runs:
        with _alone:
            outputs = copy_context().run(_run, source, environment)
        yield outputs


def _run(source: Source, environment: Mapping[str, str]) -> list[list[Output]]:
    if not any(isinstance(block, Chunk) or block.inlines for block in source.blocks):
        return [[] for _ in source.blocks]
    with _variables(environment), _shell() as shell:
        return [_run_block(block, shell, source) for block in source.blocks]


def _run_block(block: Prose | Chunk, shell: InteractiveShell, source: Source) -> list[Output]:
    if isinstance(block, Chunk):
        code, lines = block.code, None
    else:
        if not block.inlines:
            return []
        # One cell for all expressions of a block: line n of the cell is expression n.
        code = "\n".join(f"_inline(({inline.code}))" for inline in block.inlines)
        lines = [inline.line for inline in block.inlines]
    outputs, error = _run_cell(shell, code)
    if error is not None:
        if not isinstance(error, (Exception, SystemExit)):
            raise error  # the person who stops the run
        found = _line(error, shell)
        if lines is not None:
            where = lines[min(found or 1, len(lines)) - 1]
        else:
            where = block.code_line + found - 1 if found and isinstance(block, Chunk) else block.line
        raise _failed(block, where, source, error) from None
    return outputs if lines is None else [output for output in outputs if output["output_type"] == "display_data"]


def _run_cell(shell: InteractiveShell, code: str) -> tuple[list[Output], BaseException | None]:
    """What a cell shows, in order, and the error that ended it."""
    from IPython.core.displayhook import CapturingDisplayHook

    outputs: list[dict[str, Any]] = []
    publisher: Any = shell.display_pub
    publisher.outputs = outputs
    shell.display_trap.hook = CapturingDisplayHook(shell, outputs)
    out, err = (
        cast("TextIO", _Recorded(name, outputs, stream))
        for name, stream in (("stdout", sys.stdout), ("stderr", sys.stderr))
    )
    with redirect_stdout(out), redirect_stderr(err):
        result = shell.run_cell(code)
    shown: list[Output] = [{"output_type": "display_data", **output} for output in outputs]
    return shown, result.error_before_exec or result.error_in_exec


class _Recorded:
    """What this thread writes to a standard stream, as notebook outputs; what others write passes, as the bar's."""

    def __init__(self, name: str, outputs: list[dict[str, Any]], stream: TextIO) -> None:
        self._name, self._outputs, self._stream = name, outputs, stream
        self._thread = threading.get_ident()

    def write(self, text: str) -> int:
        if threading.get_ident() != self._thread:
            return self._stream.write(text)
        if not self._outputs or self._outputs[-1].get("name") != self._name:
            self._outputs.append({"output_type": "stream", "name": self._name, "text": ""})
        self._outputs[-1]["text"] += text
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _line(error: BaseException, shell: InteractiveShell) -> int | None:
    """The line of the cell that led to the error; None where it is not in its traceback."""
    if isinstance(error, SyntaxError) and not any(_frames(error, shell)):
        return error.lineno
    return next(_frames(error, shell), None)


def _frames(error: BaseException, shell: InteractiveShell) -> Iterator[int]:
    return (line for frame, line in traceback.walk_tb(error.__traceback__) if frame.f_globals is shell.user_global_ns)


def _failed(block: Prose | Chunk, line: int, source: Source, error: BaseException) -> InputError:
    name = f" {block.label!r}" if isinstance(block, Chunk) and block.label else ""
    kind = f"the chunk{name}" if isinstance(block, Chunk) else "the inline expression"
    text = "".join(traceback.format_exception(error)).rstrip().splitlines()
    last = "\n".join(f"  | {row}" for row in text[-LAST_LINES:])
    return InputError(
        f"{kind} failed with {type(error).__name__}: {error}\n{last}",
        file=source.path.name,
        line=line,
        remedy="mend the chunk, or the released row it asks for",
    )


@contextmanager
def _variables(environment: Mapping[str, str]) -> Iterator[None]:
    """The environment of this process with more variables, and as it was afterwards."""
    before = dict(os.environ)
    os.environ.update(environment)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def _shell() -> Iterator[InteractiveShell]:
    """An empty shell whose files lie in a folder that goes with it; it is the one that `display` finds."""
    from IPython.core.displaypub import CapturingDisplayPublisher
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    class Shell(InteractiveShell):
        """Changes nothing of the process it is in, and leaves errors to whoever asked."""

        def init_sys_modules(self) -> None:
            pass

        def init_virtualenv(self) -> None:
            pass

        def showtraceback(self, *_: Any, **__: Any) -> None:
            pass

        def showsyntaxerror(self, *_: Any, **__: Any) -> None:
            pass

    config = Config({"HistoryManager": {"enabled": False}, "Completer": {"use_jedi": False}})
    with tempfile.TemporaryDirectory(prefix="report-") as folder:
        shell = Shell.instance(
            config=config,
            ipython_dir=folder,
            user_module=ModuleType("report"),
            display_pub_class=CapturingDisplayPublisher,
        )
        try:
            shell.user_ns["_inline"] = _inline
            yield shell
        finally:
            Shell.clear_instance()
            atexit.unregister(shell.atexit_operations)
            shell.atexit_operations()


def _inline(value: object) -> None:
    from IPython.display import publish_display_data

    markdown = getattr(value, "_repr_markdown_", None)
    publish_display_data({"text/markdown": markdown()} if markdown is not None else {"text/plain": str(value)})
