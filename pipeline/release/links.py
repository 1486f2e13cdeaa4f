"""Every step of the way back, as two tables: which row was computed from which, and which figure stands in which line.

Belongs here: following many ids at once, for the trace file of an open release and for pictures. Not here: the steps
themselves (trace.py).
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from pipeline.release.read import Release
from pipeline.release.trace import FIGURES, causes

LINKS = {"row_id": pl.String, "table": pl.String, "made_from": pl.String}
LINES = {
    "row_id": pl.String,
    "table": pl.String,
    "raw_file": pl.String,
    "raw_line": pl.Int64,
    "raw_position": pl.Int64,
    "content_sha256": pl.String,
}


def follow(release: Release, ids: Iterable[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """All rows that lead to `ids`, down to the lines of the files.

    Returns:
        Two frames. Links: `row_id`, the `table` it is a row of, and `made_from`, the id of a row it was computed from
        (key: all three). Lines: `row_id`, `table`, `raw_file` (under raw_data), `raw_line` and `raw_position` (both
        from 1; the position is null where a line holds one figure), `content_sha256` of the vintage's files (key:
        `row_id`).

    Raises:
        InputError: no row has one of the ids.
    """
    hashes = {
        (source, vintage): content
        for source, vintage, content in release.table("core.vintage")
        .select("source_id", "vintage_id", "content_sha256")
        .iter_rows()
    }
    waiting, seen = list(dict.fromkeys(ids)), set[str]()
    links, lines = [], []
    while waiting:
        row_id = waiting.pop()
        if row_id in seen:
            continue
        seen.add(row_id)
        table, row = release.find(row_id)
        if table in FIGURES:
            source, vintage, _ = row["raw_file"].split("/", 2)
            position = row.get("raw_position")
            content = hashes[source, vintage]
            lines.append((row_id, table, row["raw_file"], row["raw_line"], position, content))
            continue
        for cause in causes(release, table, row):
            links.append((row_id, table, cause))
            waiting.append(cause)
    return (
        pl.DataFrame(links, schema=LINKS, orient="row").unique().sort("row_id", "made_from"),
        pl.DataFrame(lines, schema=LINES, orient="row").sort("row_id"),
    )
