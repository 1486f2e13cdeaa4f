"""Known errors of publishers: found exactly where the register says, and marked, replaced or told apart.

Belongs here: holding figures against raw_data/corrections.yml, and what each action makes of them. Not here: the
register itself (registry/corrections.py), and mistakes of our own, which are mended in the data file.

What a vintage promises (totals, sums) is asked of the figures as printed, before this: those promises guard against
a figure mistyped or lost on the way here, which a correction must neither hide nor be blamed for. A sum that the
publisher's own error breaks needs a tolerance with that reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import polars as pl

from pipeline.transform.located import refuse, refuse_unknown
from pipeline.transform.observations import OBSERVATION, observations

if TYPE_CHECKING:
    from pipeline.registry import Correction, Vintage
    from pipeline.transform.concepts import Vocabulary

_PLACE = ["region_id", "reference", "measure", "breakdown"]
_REPLACED = ["value", "lower", "upper", "marker"]
_STATUS = {"drop": "contradicted", "override": "derived"}
_REGISTER: dict[str, pl.DataType] = {
    "region_id": pl.String(),
    "reference": pl.String(),
    "measure": pl.String(),
    "breakdown": pl.String(),
    "concept": pl.String(),
    "wrong": pl.String(),
    "right_value": pl.String(),
    "right_marker": pl.String(),
    "correction_id": pl.String(),
    "action": pl.String(),
    "until": pl.String(),
    "vintages": pl.List(pl.String()),
    "file": pl.String(),
    "line": pl.Int64(),
}


def corrected(
    rows: pl.DataFrame,
    cells: pl.DataFrame,
    vintage: Vintage,
    corrections: Sequence[Correction],
    concepts: Vocabulary,
    existing: pl.DataFrame,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Observations of one vintage with the known errors of its publisher marked and acted upon.

    Args:
        rows: `OBSERVATION`, all of the vintage or a part of them, made by `observations` from `cells`.
        cells: as printed, in the order of `rows`.
        corrections: the entries of the register for this source.
        concepts, existing: as for `observations`.

    Returns:
        `rows` in their order, and the figures of the register that stand among them, for `refuse_several`.
        A figure with a known error has correction_id. `drop` makes its status contradicted;
        `override` gives it value, lower, upper and marker of the right figure and the status derived; `flag` leaves
        the rest as it is.

    Raises:
        InputError: an entry names an unknown region or fits several observations; a figure is no longer printed as
            the entry says, or still is although it is said to be mended; a right figure cannot be read. Names the
            line of the register.
    """
    register = _register(corrections)
    if not corrections:
        return rows, register
    refuse_unknown(
        register.rename({"region_id": "region"}),
        "region",
        tuple(existing["region_id"].to_list()),
        where="the source of kind region",
    )
    value, marker = pl.col("value").fill_null(""), pl.col("marker").fill_null("")
    printed = cells.select(pl.concat_str(value, marker, separator=" ").str.strip_chars(" ").alias("printed"))
    figures = _found(register, rows.with_row_index("row").hstack(printed))
    refuse_several([figures])
    applies = pl.col("vintages").list.contains(vintage.vintage)
    _refuse_otherwise(figures, applies, vintage)
    found = figures.filter(applies)
    marks = found.select(
        "observation_id",
        pl.col("correction_id").alias("error"),
        pl.col("action").replace_strict(_STATUS, default=None, return_dtype=pl.String).alias("new_status"),
    )
    marked = (
        rows.join(marks, on="observation_id", how="left", maintain_order="left")
        .with_columns(correction_id=pl.col("error"), status=pl.coalesce("new_status", "status"))
        .drop("error", "new_status")
    )
    overridden = found.filter(pl.col("action") == "override")
    if overridden.is_empty():
        return marked, figures
    right = observations(_right_cells(overridden, cells), vintage, concepts, existing).select(
        "observation_id", *(pl.col(name).alias(f"right_{name}") for name in _REPLACED)
    )
    # A right figure may be a marker without a value: what is replaced is told by the row, not by a null.
    is_replaced = pl.col("observation_id").is_in(right["observation_id"].to_list())
    replaced = (
        marked.join(right, on="observation_id", how="left", maintain_order="left")
        .with_columns(pl.when(is_replaced).then(f"right_{name}").otherwise(name).alias(name) for name in _REPLACED)
        .select(list(OBSERVATION))
    )
    return replaced, figures


def refuse_several(found: Sequence[pl.DataFrame]) -> None:
    """Refuse an entry of the register that fits several figures.

    Args:
        found: what `corrected` found in each part of a vintage.

    Raises:
        InputError: names the line of the register, and the concepts that would tell the figures apart.
    """
    fitting = pl.concat(found)
    if fitting.is_empty():
        return
    refuse(
        fitting,
        pl.len().over("figure") > 1,
        lambda row: f"several observations are {_named(row)}",
        key="concept",
        remedy=f"Name the concept of the one that is meant: {', '.join(sorted(set(fitting['found'])))}.",
    )


def refuse_unmatched(rows: pl.DataFrame, corrections: Sequence[Correction]) -> None:
    """Refuse an entry that stands for nothing.

    Args:
        rows: `OBSERVATION`, all vintages of the source the entries are for, corrected.
        corrections: the entries of the register for this source.

    Raises:
        InputError: no vintage holds one of the figures that an entry names; names the line of the register.
    """
    if not corrections:
        return
    register = _register(corrections)
    marked = rows.filter(pl.col("correction_id").is_not_null()).select("correction_id", *_PLACE).unique()
    refuse(
        register.join(marked, on=["correction_id", *_PLACE], how="anti", maintain_order="left"),
        pl.lit(True),
        lambda row: f"no observation is {_named(row)}" + (f" before {row['until']}" if row["until"] else ""),
        key="printed",
        remedy="Correct region, reference, measure, concept and breakdown to those of the figure, or remove it.",
    )


def _register(corrections: Sequence[Correction]) -> pl.DataFrame:
    """One row a figure the register names."""
    rows = [
        {
            "region_id": figure.region,
            "reference": figure.reference,
            "measure": figure.measure,
            "breakdown": figure.breakdown,
            "concept": figure.concept,
            "wrong": figure.printed,
            "right_value": figure.right_cells[0],
            "right_marker": figure.right_cells[1],
            "correction_id": entry.id,
            "action": entry.action,
            "until": entry.until,
            "vintages": entry.vintages,
            "file": entry.file,
            "line": figure.line,
        }
        for entry in corrections
        for figure in entry.wrong_figures()
    ]
    return pl.DataFrame(rows, schema=_REGISTER)


def _found(register: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """The figures of the register with the observation each fits; what is not among `rows` is left out."""
    fitting = register.with_row_index("figure").join(
        rows.select(
            "row", "observation_id", "printed", "raw_line", "raw_file", *_PLACE, pl.col("concept").alias("found")
        ),
        on=_PLACE,
        how="inner",
        maintain_order="left",
    )
    return fitting.filter(pl.col("concept").is_null() | (pl.col("concept") == pl.col("found")))


def _refuse_otherwise(found: pl.DataFrame, applies: pl.Expr, vintage: Vintage) -> None:
    """The error must be printed in every vintage before `until`, and in none from there on."""

    def printed(row: dict[str, Any]) -> str:
        return f"{row['printed']} is printed in raw_data/{row['raw_file']}, line {row['raw_line']}"

    refuse(
        found,
        applies & (pl.col("printed") != pl.col("wrong")),
        lambda row: f"the source seems mended: {_named(row)} was {row['wrong']}, now {printed(row)}",
        key="printed",
        remedy=f"If the publisher mended it, write `status: mended` and `until: {vintage.vintage}`, the first vintage "
        "in which it is right (an entry of its own for the figures mended); if not, correct `printed`.",
    )
    refuse(
        found,
        ~applies & (pl.col("printed") == pl.col("wrong")),
        lambda row: f"{_named(row)} is said to be mended from {row['until']} on, but {printed(row)}",
        key="until",
        remedy="Correct `until` to the first vintage in which it is right, or remove it and write `status: open`.",
    )


def _right_cells(overridden: pl.DataFrame, cells: pl.DataFrame) -> pl.DataFrame:
    """The cells of the overridden figures with what is right, at the line of the register."""
    return cells[overridden["row"]].with_columns(
        overridden["right_value"].alias("value"),
        overridden["right_marker"].alias("marker"),
        overridden["file"],
        overridden["line"],
    )


def _named(row: dict[str, Any]) -> str:
    words = (row["region_id"], row["reference"], row["concept"], row["measure"], row["breakdown"])
    return " ".join(word for word in words if word)
