"""The canonical content of a flat file of any size: its lines in bytewise order, hashed without holding them all.

Belongs here: sorting more lines than fit in memory. Not here: what a canonical content is (content.py), which blocks a
file has (blocks.py).

Lines are sorted in runs of `RUN` bytes. A file of one run is hashed at once. Of several, each run is written to a
temporary folder (TMPDIR moves it), and then all are read side by side, range by range: marks taken from every run cut
the whole order into ranges of about one run each, so that no range needs more memory than a run did.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import polars as pl

from pipeline.ingest.cells import BOM

RUN = 24 * 1024 * 1024
# Lines that are written together, and lines between two marks of a run.
_BATCH = 1_024
# What str.rstrip takes away at the end of a line.
_BLANKS = (
    "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)


class SortedLines:
    """Takes the blocks of one file and gives the hash of its first line followed by all others in bytewise order.

    Use as a context manager: its temporary files go with it.
    """

    def __init__(self) -> None:
        self.rows = 0
        self._first: str | None = None
        self._held: list[pl.Series] = []
        self._bytes = 0
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._runs: list[Path] = []
        self._marks: list[str] = []

    def __enter__(self) -> SortedLines:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._folder is not None:
            self._folder.cleanup()

    def add(self, block: bytes) -> None:
        """Take the next block: whole lines in UTF-8; a byte order mark, blanks at line ends and empty lines are none.

        Raises:
            polars.exceptions.ComputeError: the block is not UTF-8.
        """
        if self._first is None:
            first, _, block = block.removeprefix(BOM).partition(b"\n")
            self._first = first.decode().rstrip()
        lines = pl.read_lines(block).to_series().rename("").str.strip_chars_end(_BLANKS)
        lines = lines.filter(lines != "")
        self.rows += len(lines)
        self._held.append(lines)
        self._bytes += len(block)
        if self._bytes >= RUN:
            self._write_run()

    def sha256(self) -> str:
        """The hash, 64 hexadecimal digits; every line counts with one line feed behind it."""
        digest = hashlib.sha256(f"{self._first or ''}\n".encode())
        if self._runs and self._held:
            self._write_run()
        for lines in self._ranges() if self._runs else [pl.concat(self._held).sort()] if self._held else []:
            for start in range(0, len(lines), 32 * _BATCH):
                # Arrow keeps texts end to end: they are hashed where they lie.
                text = (lines.slice(start, 32 * _BATCH) + "\n").to_arrow()
                digest.update(memoryview(text.buffers()[2]))
        return digest.hexdigest()

    def _write_run(self) -> None:
        import pyarrow as pa

        lines = pl.concat(self._held).sort()
        self._held, self._bytes = [], 0
        if lines.is_empty():
            return
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="augenhoehe-lines-")
        path = Path(self._folder.name) / str(len(self._runs))
        table = pl.DataFrame({"line": lines}).to_arrow()
        with pa.ipc.new_stream(path, table.schema, options=pa.ipc.IpcWriteOptions(compression="lz4")) as stream:
            stream.write_table(table, max_chunksize=_BATCH)
        self._runs.append(path)
        # As Python keeps them: a frame of some lines would keep the texts of all of them.
        self._marks += lines.gather_every(_BATCH).to_list()

    def _ranges(self) -> Iterator[pl.Series]:
        """All lines in order, about a run at a time."""
        marks = sorted(self._marks, key=str.encode)
        runs = [_Run(path) for path in self._runs]
        # A mark of every run stands for `_BATCH` of its lines.
        for number in range(1, len(runs) + 1):
            bound = marks[len(marks) * number // len(runs)] if number < len(runs) else None
            yield pl.concat([part for run in runs for part in run.until(bound)] or [pl.Series(dtype=pl.String)]).sort()


class _Run:
    """One sorted run, read from its beginning to its end."""

    def __init__(self, path: Path) -> None:
        self._batches = _batches(path)
        self._held: pl.Series | None = next(self._batches, None)

    def until(self, bound: str | None) -> Iterator[pl.Series]:
        """The lines up to and with `bound` that were not given yet; all of them without."""
        while self._held is not None:
            if bound is not None and self._held[-1] > bound:
                place = int(self._held.search_sorted(bound, side="right"))
                yield self._held[:place]
                self._held = self._held[place:]
                return
            yield self._held
            self._held = next(self._batches, None)


def _batches(path: Path) -> Iterator[pl.Series]:
    import pyarrow as pa

    with path.open("rb") as file, pa.ipc.open_stream(file) as stream:
        for batch in stream:
            yield pl.Series("", batch.column(0))
