"""How frames become rows of a table: the next is made while the former is written.

Belongs here: the way from frames into a table that is there. Not here: transactions, keys, comments (store.py).
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Generator, Iterable, Iterator
from contextlib import suppress
from itertools import chain
from typing import TYPE_CHECKING

from pipeline.warehouse.opening import CONFIG, literal, qualified

if TYPE_CHECKING:
    import duckdb
    import polars as pl
    import pyarrow as pa

# What DuckDB gets for a table whose frames are made beside it: it is written row group by row group.
_WRITING = "224MB"
_INCOMING = "incoming"


def insert(con: duckdb.DuckDBPyConnection, table: str, frames: Iterable[pl.DataFrame]) -> None:
    """Write all frames into a table that is there; without any it stays empty. After an error call `let_go`.

    Raises:
        duckdb.Error: a row breaks the contract.
        Exception: whatever `frames` raise.
    """
    import pyarrow as pa

    making = _Making(frames)
    making.thread.start()
    try:
        batches = making.batches()
        first = next(batches, None)
        if first is None:
            return
        con.register(_INCOMING, pa.RecordBatchReader.from_batches(first.schema, chain([first], batches)))
        # Several writers of one table spend more on waiting for their turn than they save.
        con.execute(f"SET threads = 1; SET memory_limit = '{_WRITING}'")
        con.execute(f"INSERT INTO {qualified(table)} BY NAME SELECT * FROM {_INCOMING}")
        let_go(con)
    except Exception:
        # DuckDB passes on what stopped the frames as a text only.
        if making.failure is not None:
            raise making.failure from None
        raise
    finally:
        making.end()


def let_go(con: duckdb.DuckDBPyConnection) -> None:
    """Undo what writing needed of the connection."""
    con.execute(f"RESET threads; SET memory_limit = '{CONFIG['memory_limit']}'")
    con.unregister(_INCOMING)


class _Making:
    """Frames that are made in a thread of their own, one ahead of those that are written."""

    def __init__(self, frames: Iterable[pl.DataFrame]) -> None:
        self.thread = threading.Thread(target=self._make, daemon=True)
        self.failure: BaseException | None = None
        self._frames = frames
        self._ready: queue.Queue[pl.DataFrame | None] = queue.Queue(maxsize=1)
        self._is_over = False

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The frames as Arrow; raises what stopped them."""
        import polars as pl

        while (frame := self._ready.get()) is not None:
            # Texts as Polars keeps them, without a copy.
            yield from frame.to_arrow(compat_level=pl.CompatLevel.newest()).to_batches()
        if self.failure is not None:
            raise self.failure

    def end(self) -> None:
        """Stop making frames, wherever it is."""
        self._is_over = True
        while self.thread.is_alive():
            with suppress(queue.Empty):
                self._ready.get(timeout=0.01)

    def _make(self) -> None:
        frames = iter(self._frames)
        try:
            for frame in frames:
                self._ready.put(frame)
                if self._is_over:
                    break
        except BaseException as error:
            self.failure = error
        finally:
            # What the frames hold open, this thread has opened.
            if isinstance(frames, Generator):
                frames.close()
            self._ready.put(None)


def drop(con: duckdb.DuckDBPyConnection, table: str, kind: str) -> None:
    """Remove what stands where a table or view of that name is to be made, where it is a `kind` (TABLE or VIEW)."""
    layer, _, name = table.partition(".")
    if con.execute(
        f"SELECT 1 FROM duckdb_{kind.lower()}s() WHERE database_name = current_database() "
        f"AND schema_name = {literal(layer)} AND {kind.lower()}_name = {literal(name)}"
    ).fetchall():
        con.execute(f"DROP {kind} {qualified(table)}")
