"""What tells two releases apart: tables, rows, results, other files, and the first cell that differs.

Belongs here: comparing two opened releases. Not here: whether each is whole (seal.py), or what two vintages of a source
differ in (pipeline.vintages).
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from pipeline.release.read import ROW_IDS, Release

MOST_IDS = 5


def difference(one: Release, other: Release) -> Iterator[str]:
    """The differences as lines of text; none where both hold the same.

    Args:
        one: the release that is compared, the earlier one as a rule.
        other: the release it is compared with.
    """
    mine, theirs = one.manifest["tables"], other.manifest["tables"]
    for table in sorted(mine.keys() | theirs.keys()):
        if table not in theirs or table not in mine:
            yield f"{table}: only in {one.id if table in mine else other.id}"
        elif mine[table]["digest"] != theirs[table]["digest"]:
            yield from _tables(table, one.table(table), other.table(table))
    shown = {
        f"{table.replace('.', '/')}.{kind}" for table in mine.keys() | theirs.keys() for kind in ("csv", "parquet")
    }
    for name in sorted((one.manifest["files"].keys() | other.manifest["files"].keys()) - shown):
        entries = [release.manifest["files"].get(name) for release in (one, other)]
        if entries[0] != entries[1]:
            where = {True: f"only in {other.id}", False: f"only in {one.id}"}
            yield f"{name}: {'other content' if all(entries) else where[entries[0] is None]}"


def _tables(table: str, mine: pl.DataFrame, theirs: pl.DataFrame) -> Iterator[str]:
    if mine.schema != theirs.schema:
        columns = {
            "gone": mine.schema.items() - theirs.schema.items(),
            "new": theirs.schema.items() - mine.schema.items(),
        }
        told = [f"{word} {', '.join(sorted(name for name, _ in which))}" for word, which in columns.items() if which]
        yield f"{table}: other columns ({'; '.join(told) or 'in another order'})"
        return
    gone, came = _only_in(mine, theirs), _only_in(theirs, mine)
    rows = f"{mine.height} rows, then {theirs.height}"
    yield f"{table}: {rows}; {gone.height} gone or changed, {came.height} new or changed"
    row_id = ROW_IDS.get(table)
    if row_id is not None:
        before, after = set(gone[row_id]), set(came[row_id])
        for word, ids in (("changed", before & after), ("gone", before - after), ("new", after - before)):
            if ids:
                more = f" and {len(ids) - MOST_IDS} more" if len(ids) > MOST_IDS else ""
                yield f"  {word}: {', '.join(sorted(ids)[:MOST_IDS])}{more}"
        if not before & after:
            return
        first = min(before & after)
        gone, came = gone.filter(pl.col(row_id) == first), came.filter(pl.col(row_id) == first)
    if gone.height and came.height:
        yield from _first_cell(gone, came, row_id)


def _only_in(mine: pl.DataFrame, theirs: pl.DataFrame) -> pl.DataFrame:
    """Rows of one that the other lacks, in their order; equal rows count one by one."""
    numbered = [frame.with_columns(nth=pl.int_range(pl.len()).over(frame.columns)) for frame in (mine, theirs)]
    left = numbered[0].join(numbered[1], on=numbered[0].columns, how="anti", nulls_equal=True, maintain_order="left")
    return left.drop("nth")


def _first_cell(gone: pl.DataFrame, came: pl.DataFrame, row_id: str | None) -> Iterator[str]:
    before, after = gone.row(0, named=True), came.row(0, named=True)
    for column, value in before.items():
        if value != after[column] and str(value) != str(after[column]):
            row = before[row_id] if row_id else ", ".join(str(value) for value in list(before.values())[:3])
            yield f"  first cell that differs: row {row}, column {column}: {value} -> {after[column]}"
            return
