"""The way back from a number as a picture: result, query, figures and lines of files, from left to right, as SVG.

Belongs here: the drawing. Not here: the steps (trace.py, links.py). A diagram of boxes is no chart, so it is
written out here instead of being bent out of a chart library.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import polars as pl

from pipeline.release.links import follow
from pipeline.release.read import Release
from pipeline.release.trace import FIGURES, words

WIDTH, GAP, PAD, LINE = 268, 56, 12, 17
SIGNS = 33
BOLD = ' font-weight="bold"'
# More results or files than this are told as a count: a picture of four hundred boxes shows nothing.
MOST = 6
COLUMNS = ("The number", "made of", "figures", "lines of files")


@dataclass(frozen=True)
class Box:
    """Lines of text, the first one bold."""

    lines: tuple[str, ...]

    @property
    def height(self) -> int:
        return 2 * PAD + LINE * len(self.lines)


def picture(release: Release, row_id: str) -> str:
    """The way back of one id as SVG text; the same release and id give the same bytes.

    Raises:
        InputError: no row has this id.
    """
    links, lines = follow(release, [row_id])
    columns = _columns(release, row_id, links, lines)
    height = max(sum(box.height + PAD for box in column) for column in columns) + 3 * LINE
    width = len(columns) * WIDTH + (len(columns) - 1) * GAP
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'role="img" font-family="system-ui, sans-serif" font-size="13">',
        f"<title>{escape(f'The way back from {row_id}')}</title>",
        f"<desc>{escape(_described(columns))}</desc>",
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
    ]
    right: list[tuple[int, int]] = []
    for index, column in enumerate(columns):
        x, y = index * (WIDTH + GAP), 2 * LINE
        parts.append(f'<text x="{x}" y="{LINE}" fill="#555">{escape(COLUMNS[index])}</text>')
        here = []
        for box in column:
            middle = y + box.height // 2
            parts += [
                f'<path d="M{x0} {y0}C{x0 + GAP // 2} {y0} {x - GAP // 2} {middle} {x} {middle}" fill="none" '
                'stroke="#888"/>'
                for x0, y0 in right
            ]
            parts.append(
                f'<rect x="{x + 1}" y="{y}" width="{WIDTH - 2}" height="{box.height}" rx="6" fill="#f4f6f8" '
                'stroke="#456"/>'
            )
            parts += [
                f'<text x="{x + PAD}" y="{y + PAD + LINE * number - 4}"{BOLD if number == 1 else ""}>'
                f"{escape(text)}</text>"
                for number, text in enumerate(box.lines, start=1)
            ]
            here.append((x + WIDTH, middle))
            y += box.height + PAD
        right = here
    return "\n".join([*parts, "</svg>\n"])


def _columns(release: Release, row_id: str, links: pl.DataFrame, lines: pl.DataFrame) -> Sequence[Sequence[Box]]:
    """What stands in the four columns; those of a figure that was only read have nothing between it and its line."""
    table, row = release.find(row_id)
    first = Box(_wrapped(row_id, *words(table, row).split(", ")[:8]))
    if table in FIGURES:
        return [[first], _files(release, lines)]
    made = release.manifest["tables"].get(table, {}).get("made_by")
    query = [made["file"], f"sha256 {made['sha256']}", f"from {', '.join(made['reads'])}"] if made else []
    steps = [Box(_wrapped(table, *query))]
    between = sorted(set(links["made_from"].to_list()) - set(lines["row_id"].to_list()))
    steps += [Box(_wrapped(release.find(one)[0], one)) for one in between[:MOST]]
    if len(between) > MOST:
        steps.append(Box((f"and {len(between) - MOST} more rows",)))
    figures = [
        Box(_wrapped(name, f"{count:,} row{'s' if count > 1 else ''}"))
        for name, count in lines.group_by("table").len().sort("table").iter_rows()
    ]
    return [[first], steps, figures, _files(release, lines)]


def _files(release: Release, lines: pl.DataFrame) -> list[Box]:
    files = (
        lines.group_by("raw_file", "content_sha256")
        .agg(count=pl.len(), first=pl.col("raw_line").min(), last=pl.col("raw_line").max())
        .sort("raw_file")
    )
    boxes = []
    for file, content, count, first, last in files.head(MOST).iter_rows():
        where = f"line {first}" if first == last else f"{count:,} figures, lines {first:,} to {last:,}"
        boxes.append(Box(_wrapped(file, where, f"content {content[:12]}")))
    if files.height > MOST:
        boxes.append(Box((f"and {files.height - MOST} more files",)))
    return boxes


def _wrapped(*texts: str) -> tuple[str, ...]:
    return tuple(line for text in texts for line in textwrap.wrap(text, SIGNS) or [""])


def _described(columns: Sequence[Sequence[Box]]) -> str:
    """The same in words, for who cannot see it."""
    told = ["; ".join(" ".join(box.lines) for box in column) for column in columns]
    return " ← ".join(told)
