"""Run the chunks of a document in a fresh Jupyter kernel that leaves nothing behind.

Belongs here: starting, feeding and ending the kernel, and naming the line where a chunk fails. Not here: what the
outputs become on the page (builtin.py).

The kernel is this interpreter itself, described in memory, so no kernel has to be installed. It talks over IPC
sockets in a temporary folder, which starts faster than TCP and opens no port; its history, configuration and
connection file lie in that folder too and go with it.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pipeline
from pipeline.errors import InputError
from pipeline.report.source import Chunk, Prose, Source

# A UNIX socket path holds some 100 characters; temporary folders of some systems are longer than that.
LONGEST_SOCKET_FOLDER = 70
START_SECONDS = 60
CHUNK_SECONDS = 120
ANSI = re.compile(r"\x1b\[[0-9;]*m")
CELL_LINE = re.compile(r"Cell In\[\d+\], line (\d+)")
KERNEL_COMMAND = [
    sys.executable,
    "-m",
    "ipykernel_launcher",
    "-f",
    "{connection_file}",
    "--HistoryManager.enabled=False",
    "--IPCompleter.use_jedi=False",
]
SETUP = """
def _inline(value):
    from IPython.display import publish_display_data
    markdown = getattr(value, "_repr_markdown_", None)
    data = {"text/markdown": markdown()} if markdown is not None else {"text/plain": str(value)}
    publish_display_data(data)
"""

Output = Mapping[str, Any]
RunCell = Callable[[str], list[Output]]


def run_chunks(runs: Sequence[tuple[Source, Mapping[str, str]]]) -> list[list[list[Output]]]:
    """Run every chunk and every inline expression, document after document, each in its order.

    One kernel serves all of them, since starting it and importing takes longer than the chunks do; between two
    documents it forgets every name.

    Args:
        runs: parsed documents, each with the variables added to those of this process for its chunks.

    Returns:
        For each document and each block of its `blocks` the notebook outputs: those of the chunk, or one
        `display_data` for each inline expression of the prose.

    Raises:
        InputError: a chunk failed, or the kernel did not start; names the document's line and shows the end of the
            traceback.
    """
    if not any(isinstance(block, Chunk) or block.inlines for source, _ in runs for block in source.blocks):
        return [[[] for _ in source.blocks] for source, _ in runs]
    found = []
    with _kernel(runs[0][1]) as run:
        for source, environment in runs:
            run(f"%reset -f\nimport os; os.environ.update({dict(environment)!r}); del os\n{SETUP}")
            found.append([_run_block(block, run, source) for block in source.blocks])
    return found


def _run_block(block: Prose | Chunk, run: RunCell, source: Source) -> list[Output]:
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    if isinstance(block, Chunk):
        code, lines, where = block.code, None, block.line
    else:
        if not block.inlines:
            return []
        # One cell for all expressions of a block: line n of the cell is expression n.
        code = "\n".join(f"_inline(({inline.code}))" for inline in block.inlines)
        lines, where = [inline.line for inline in block.inlines], block.inlines[0].line
    try:
        outputs = run(code)
    except CellExecutionError as error:
        frame = CELL_LINE.findall(ANSI.sub("", error.traceback))
        if frame and lines is not None:
            where = lines[min(int(frame[0]), len(lines)) - 1]
        elif frame and isinstance(block, Chunk):
            where = block.code_line + int(frame[0]) - 1
        raise _failed(block, where, source, error) from None
    except (CellTimeoutError, TimeoutError):
        raise InputError(
            f"the chunk ran for more than {CHUNK_SECONDS} s",
            file=source.path.name,
            line=where,
            remedy="a chunk only shows released rows; move the work into the pipeline",
        ) from None
    except DeadKernelError:
        raise InputError(
            "the kernel died while it ran this chunk",
            file=source.path.name,
            line=where,
            remedy="look for a crash or an exit() in the chunk, or for too little memory",
        ) from None
    if lines is not None:
        outputs = [output for output in outputs if output["output_type"] == "display_data"]
    return outputs


def _failed(block: Prose | Chunk, line: int, source: Source, error: Any) -> InputError:
    name = f" {block.label!r}" if isinstance(block, Chunk) and block.label else ""
    kind = f"the chunk{name}" if isinstance(block, Chunk) else "the inline expression"
    text = ANSI.sub("", error.traceback).rstrip().splitlines()
    last = "\n".join(f"  | {row}" for row in text[-6:])
    return InputError(
        f"{kind} failed with {error.ename}: {error.evalue}\n{last}",
        file=source.path.name,
        line=line,
        remedy="mend the chunk, or the released row it asks for",
    )


@contextmanager
def _kernel(environment: Mapping[str, str]) -> Iterator[RunCell]:
    """A started kernel as a function from code to outputs; it is gone when the block ends, however it ends."""
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager
    from jupyter_core.utils import run_sync

    with tempfile.TemporaryDirectory(prefix="report-", dir=_socket_folder()) as folder:
        manager = AsyncKernelManager(
            transport="ipc", ip=f"{folder}/k", connection_file=f"{folder}/kernel.json", shutdown_wait_time=1.0
        )
        # Given in memory, because a kernel spec is looked up by name in the user's home otherwise.
        manager._kernel_spec = KernelSpec(argv=KERNEL_COMMAND, display_name="Report", language="python")
        try:
            run_sync(manager.start_kernel)(env=_variables(folder, environment), cwd=folder)
            # Built while the kernel process boots: importing nbclient takes about as long.
            run, stop = _client(manager)
            try:
                yield run
            finally:
                stop()
        finally:
            run_sync(manager.shutdown_kernel)(now=True)
            run_sync(manager.cleanup_resources)()


def _variables(folder: str, environment: Mapping[str, str]) -> dict[str, str]:
    """The kernel's environment: this package importable, every file Jupyter or IPython writes inside `folder`."""
    root = str(Path(pipeline.__file__).resolve().parents[1])
    paths = [root, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(paths),
        "IPYTHONDIR": f"{folder}/ipython",
        "JUPYTER_CONFIG_DIR": f"{folder}/config",
        "JUPYTER_DATA_DIR": f"{folder}/data",
        "JUPYTER_RUNTIME_DIR": f"{folder}/runtime",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "NO_COLOR": "1",
        **environment,
    }


def _client(manager: Any) -> tuple[RunCell, Callable[[], None]]:
    """A function that runs a cell in the kernel, and one that closes the connection."""
    import nbformat.v4
    from jupyter_core.utils import run_sync
    from nbclient import NotebookClient

    notebook = nbformat.v4.new_notebook()
    client = NotebookClient(notebook, km=manager, timeout=CHUNK_SECONDS, record_timing=False)
    channels = manager.client()
    channels.start_channels()
    client.kc = channels
    try:
        run_sync(channels.wait_for_ready)(timeout=START_SECONDS)
    except RuntimeError as error:
        channels.stop_channels()
        raise InputError(
            f"the kernel that runs the report's chunks did not start: {error}",
            remedy=f"check that `{Path(sys.executable).name} -m ipykernel_launcher --version` works",
        ) from None

    def run(code: str) -> list[Output]:
        cell = nbformat.v4.new_code_cell(code)
        notebook.cells.append(cell)
        client.execute_cell(cell, len(notebook.cells) - 1, store_history=True)
        return cell.outputs

    return run, channels.stop_channels


def _socket_folder() -> str | None:
    folder = tempfile.gettempdir()
    return None if len(folder) <= LONGEST_SOCKET_FOLDER else "/tmp"  # noqa: S108
