"""The drawing of the architecture: which table is made from which, by layer, as SVG.

Belongs here: places, boxes and lines, made from the contracts and the studies. Not here: what a table holds
(dictionary.py leads there), any style of the site.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from pipeline.contracts import Contracts

# In pixels of the drawing, which scales to its column.
_WIDTH, _HEIGHT, _GAP, _COLUMN, _TOP = 172, 22, 6, 222, 64
_KINDS = ("observation", "study_figure", "claim", "network_city", "region")


@dataclass(frozen=True)
class Box:
    """One box: its id, the words in it, what a pointer is told, and where a click leads."""

    id: str
    label: str
    title: str
    href: str = ""


def drawing(
    contracts: Contracts,
    reads: Mapping[str, Sequence[str]],
    sources: Mapping[str, int],
    charts: Mapping[str, Sequence[str]],
) -> str:
    """The drawing as one `<figure>` without a blank line, so that it may stand in Markdown.

    Args:
        contracts: the tables.
        reads: table of the layer analysis → the tables it is computed from.
        sources: kind of source → how many there are.
        charts: chart → the tables it is drawn from.
    """
    columns = _columns(contracts, sources, len(charts))
    lines = _lines(contracts, reads, sources, charts)
    return "\n".join(_figure(columns, lines, contracts))


def _columns(contracts: Contracts, sources: Mapping[str, int], charts: int) -> dict[str, list[Box]]:
    """Layer → its boxes, from top to bottom."""
    names = {
        layer: sorted(table.name for table in contracts.tables.values() if table.layer == layer)
        for layer in ("core", "marts", "analysis")
    }
    # Tables of a kind stand beside the files they come from, so that the lines do not cross.
    names["core"] = [*(kind for kind in _KINDS if kind in sources), *(n for n in names["core"] if n not in sources)]
    raw = [
        Box(
            f"raw.{kind}",
            f"{kind} ({sources[kind]})",
            f"{sources[kind]} sources of the kind {kind}, as printed and typed",
        )
        for kind in _KINDS
        if kind in sources
    ]
    tables = {
        layer: [
            Box(f"{layer}.{name}", name, contracts.tables[f"{layer}.{name}"].comment, f"dictionary.html#{layer}{name}")
            for name in found
        ]
        for layer, found in names.items()
    }
    last = [
        Box("charts", f"{charts} charts", "SVG and CSV, drawn from results and marts alone"),
        Box("release", "release", "Parquet, charts and manifest under an id that is a hash of the content"),
        Box("report", "report", "one HTML file; every number is a row of the release"),
    ]
    return {"raw, staging": raw, **tables, "charts, release, report": last}


def _lines(
    contracts: Contracts,
    reads: Mapping[str, Sequence[str]],
    sources: Mapping[str, int],
    charts: Mapping[str, Sequence[str]],
) -> list[tuple[str, str]]:
    made = [(f"raw.{kind}", f"core.{kind}") for kind in _KINDS if kind in sources]
    made += [(read, table.id) for table in contracts.tables.values() for read in table.reads]
    made += [(read, table) for table, read_by in reads.items() for read in read_by]
    made += [(table, "charts") for tables in charts.values() for table in tables]
    made += [("charts", "release"), ("release", "report")]
    return sorted(set(made))


def _figure(columns: Mapping[str, list[Box]], lines: list[tuple[str, str]], contracts: Contracts) -> list[str]:
    tallest = max(map(len, columns.values()))
    width, height = _COLUMN * len(columns) - _COLUMN + _WIDTH + 2, _TOP + tallest * (_HEIGHT + _GAP)
    rules = {layer: sum(check.layer == layer for check in contracts.checks) for layer in ("core", "marts", "analysis")}
    at: dict[str, tuple[float, float]] = {}
    drawn, heads = [], []
    for place, (layer, boxes) in enumerate(columns.items()):
        left = place * _COLUMN + 1.0
        counted = f"{len(boxes)} tables, {rules[layer]} rules" if layer in rules else ""
        counted = counted or ("sources by kind" if place == 0 else "published together")
        heads.append(f'<text x="{left:g}" y="18" class="layer">{escape(layer)}</text>')
        heads.append(f'<text x="{left:g}" y="38" class="count">{escape(counted)}</text>')
        start = _TOP + (tallest - len(boxes)) * (_HEIGHT + _GAP) / 2
        for row, box in enumerate(boxes):
            top = start + row * (_HEIGHT + _GAP)
            at[box.id] = (left, top)
            drawn.append(_box(box, left, top))
    paths = [_path(at[one], at[other]) for one, other in lines]
    title = "Which table is made from which: " + ", ".join(f"{layer} {len(b)}" for layer, b in columns.items())
    return [
        '<figure class="drawing">',
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height:g}" aria-labelledby="drawing-title">',
        f'<title id="drawing-title">{escape(title)}</title>',
        *heads,
        *paths,
        *drawn,
        "</svg>",
        "<figcaption>Generated from the contracts and the studies. Lines lead from a table to what is made of it; "
        "the release holds all of core, marts and analysis. A box leads to the data dictionary.</figcaption>",
        "</figure>",
    ]


def _box(box: Box, left: float, top: float) -> str:
    shape = (
        f"<g><title>{escape(box.title)}</title>"
        f'<rect x="{left:g}" y="{top:g}" width="{_WIDTH}" height="{_HEIGHT}" rx="3"/>'
        f'<text x="{left + 8:g}" y="{top + 15:g}">{escape(box.label)}</text></g>'
    )
    return f'<a href="{escape(box.href)}">{shape}</a>' if box.href else shape


def _path(start: tuple[float, float], end: tuple[float, float]) -> str:
    """From the right side of a box to the left side of another; a bow where both stand in one column."""
    (x1, y1), (x2, y2) = start, end
    y1, y2 = y1 + _HEIGHT / 2, y2 + _HEIGHT / 2
    right = x1 + _WIDTH
    if x1 == x2:
        bow = right + 26
        return f'<path d="M{right:g} {y1:g}C{bow:g} {y1:g} {bow:g} {y2:g} {right:g} {y2:g}"/>'
    half = (right + x2) / 2
    return f'<path d="M{right:g} {y1:g}C{half:g} {y1:g} {half:g} {y2:g} {x2:g} {y2:g}"/>'
