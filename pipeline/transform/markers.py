"""Markers: what a sign beside or instead of a number means for value and bounds.

Belongs here: the signs of the statistical offices (and the project's own `n`) and the rules they bring. Not
here: how a number is printed (numbers.py).

The signs are those of GENESIS-Online (`catalogue/qualitysigns`) and of the printed tables of the German
offices.
"""

from __future__ import annotations

import polars as pl

from pipeline.transform.located import refuse, refuse_unknown

MARKERS: dict[str, str] = {
    "-": "nothing there, exactly zero, zeroed, or a district that did not exist",
    "0": "less than half of the last digit",
    "/": "not reliable enough to be published",
    ".": "unknown or secret",
    "x": "makes no sense here",
    "...": "to come",
    "()": "limited reliability",
    "e": "final",
    "p": "provisional",
    "r": "revised",
    "s": "estimated",
    "n": "published, but not known here",
}
NULL_MARKERS = ("/", ".", "x", "...", "n")
ZERO_MARKERS = ("-", "0")
QUALITY_MARKERS = ("()", "e", "p", "r", "s")


def refuse_markers(cells: pl.DataFrame) -> None:
    """Refuse an unknown marker, and a marker that contradicts its value.

    Args:
        cells: columns file, line, value ("" when empty), marker ("" when none), number Decimal (null when
            empty).

    Raises:
        InputError: unknown marker; neither value nor marker; a value beside a marker that stands for no
            value; no value beside a marker that only describes one; a value other than 0 beside `-` or `0`.
    """
    refuse_unknown(
        cells.with_columns(pl.when(pl.col("marker") != "").then(pl.col("marker")).alias("marker")),
        "marker",
        tuple(MARKERS),
        where="pipeline/transform/markers.py",
    )
    has_value = pl.col("value") != ""
    refuse(
        cells,
        ~has_value & (pl.col("marker") == ""),
        lambda _: "there is neither a value nor a marker",
        key="value",
        remedy="Enter the figure, or the marker printed in its place (n: published, but not known here).",
    )
    refuse(
        cells,
        has_value & pl.col("marker").is_in(NULL_MARKERS),
        lambda row: f"the value {row['value']} stands beside the marker {row['marker']} ({MARKERS[row['marker']]})",
        key="marker",
        remedy="Keep what is printed: the value or the marker.",
    )
    refuse(
        cells,
        ~has_value & pl.col("marker").is_in(QUALITY_MARKERS),
        lambda row: f"the marker {row['marker']} ({MARKERS[row['marker']]}) describes a value, but there is none",
        key="value",
        remedy="Enter the figure, or the marker for a missing one: / . x ... n.",
    )
    refuse(
        cells,
        pl.col("marker").is_in(ZERO_MARKERS) & (pl.col("number") != 0),
        lambda row: f"there is a value ({row['value']}) beside the marker {row['marker']}, which stands for zero",
        key="marker",
        remedy="Keep what is printed: the value or the marker.",
    )


def bounded(cells: pl.DataFrame, suppressed_upper: pl.Expr) -> pl.DataFrame:
    """Value and bounds of every cell by its marker.

    Args:
        cells: columns unit, marker, number, half_width, digit_half_width (Decimal), exists Boolean (the
            region existed on the date).
        suppressed_upper: the upper bound of a `/` cell, or a null literal.

    Returns:
        `cells` with value, lower, upper (Decimal). A number lies in [number - half_width, number +
        half_width], cut at 0 and, in percent, at 100. `-` is exactly 0 unless the region did not exist, then
        null. `0` lies between 0 and half of the last digit. `/` lies between 0 and the publisher's limit
        where it is stated. The other markers without a value say nothing.
    """
    marker, number = pl.col("marker"), pl.col("number")
    zero = pl.lit(0).cast(pl.Decimal(38, 6))
    null = pl.lit(None, dtype=pl.Decimal(38, 6))
    hundred = pl.when(pl.col("unit") == "percent").then(pl.lit(100).cast(pl.Decimal(38, 6)))
    lower = number - pl.col("half_width")
    upper = pl.min_horizontal(number + pl.col("half_width"), hundred)
    nothing = (marker == "-") & ~pl.col("exists")
    return cells.with_columns(
        value=pl.when(nothing)
        .then(null)
        .when(marker.is_in(ZERO_MARKERS))
        .then(zero)
        .when(marker.is_in(NULL_MARKERS))
        .then(null)
        .otherwise(number),
        lower=pl.when(nothing)
        .then(null)
        .when(marker.is_in([*ZERO_MARKERS, "/"]))
        .then(zero)
        .when(marker.is_in(NULL_MARKERS))
        .then(null)
        .otherwise(pl.max_horizontal(lower, zero)),
        upper=pl.when(nothing)
        .then(null)
        .when(marker == "-")
        .then(zero)
        .when(marker == "0")
        .then(pl.col("digit_half_width"))
        .when(marker == "/")
        .then(suppressed_upper)
        .when(marker.is_in(NULL_MARKERS))
        .then(null)
        .otherwise(upper),
    )
