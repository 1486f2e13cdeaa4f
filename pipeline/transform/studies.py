"""Figures of studies, statements of the article, cities of the networks: tables of printed phrases.

Belongs here: typing these three kinds. Not here: how a phrase is read as a number (numbers.read_printed), and
what follows from the figures (analysis).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import polars as pl

from pipeline.transform.concepts import Part, Status
from pipeline.transform.located import RAW_FILE, RAW_LINE, refuse, refuse_duplicates, refuse_unknown
from pipeline.transform.numbers import DECIMAL, Printed, read_printed

if TYPE_CHECKING:
    from pipeline.registry import Vintage

STUDY_FIGURE: dict[str, pl.DataType] = {
    "figure_id": pl.String(),
    "source_id": pl.String(),
    "vintage_id": pl.String(),
    "study": pl.String(),
    "indicator": pl.String(),
    "category": pl.String(),
    "geography": pl.String(),
    "year": pl.String(),
    "value": DECIMAL,
    "value_printed": pl.String(),
    "relation": pl.String(),
    "lower": DECIMAL,
    "upper": DECIMAL,
    "unit": pl.String(),
    "base_n": pl.Int32(),
    "base_note": pl.String(),
    "status": pl.String(),
    "source_url": pl.String(),
    "note": pl.String(),
    "raw_file": pl.String(),
    "raw_line": pl.Int32(),
}
CLAIM: dict[str, pl.DataType] = {
    "claim_id": pl.String(),
    "statement": pl.String(),
    "value": DECIMAL,
    "value_printed": pl.String(),
    "relation": pl.String(),
    "lower": DECIMAL,
    "upper": DECIMAL,
    "unit": pl.String(),
    "reference_year": pl.String(),
    "geography": pl.String(),
    "cited_source": pl.String(),
    "section": pl.String(),
    "type": pl.String(),
    "checkable": pl.String(),
    "note": pl.String(),
    "raw_file": pl.String(),
    "raw_line": pl.Int32(),
}
NETWORK_CITY: dict[str, pl.DataType] = {
    "city": pl.String(),
    "part": pl.String(),
    "samofa_partner": pl.Boolean(),
    "bv_nemo_member_may_2019": pl.Boolean(),
    "partner_named": pl.String(),
    "source": pl.String(),
    "confidence": pl.String(),
    "raw_file": pl.String(),
    "raw_line": pl.Int32(),
}
_SLUG = r"^[A-Za-z][A-Za-z0-9_]*$"
_READING = pl.Struct({"relation": pl.String(), "value": DECIMAL, "lower": DECIMAL, "upper": DECIMAL})
# A date is not a rounded number: 2018 as a date has no half unit around it.
_DATE_UNITS = ("date", "period")


def study_figures(cells: pl.DataFrame, vintage: Vintage) -> pl.DataFrame:
    """Typed figures of studies.

    Args:
        cells: kind study_figure as `ingest.read_cells` gives it.
        vintage: gives source_id and vintage_id.

    Returns:
        `STUDY_FIGURE`, in the order of `cells`; key figure_id. value, lower and upper as
        `numbers.read_printed` reads them; base_n null unless the publisher states it as an exact number;
        empty texts are null except value_printed.

    Raises:
        InputError: a duplicate or badly formed id, a base_n that is not a whole number, an unknown status, a
            percent above 100.
    """
    cells = _identified(cells, "figure", "figure_id")
    refuse_unknown(cells, "status", get_args(Status), where="pipeline/transform/concepts.py")
    refuse(
        cells,
        pl.col("status") == "",
        lambda row: f"the figure {row['figure_id']} has no status",
        key="status",
        remedy=f"Say how sure it is: {', '.join(get_args(Status))}.",
    )
    refuse(
        cells,
        ~pl.col("base_n").str.contains(r"^([1-9][0-9]{0,8})?$"),
        lambda row: f"base_n {row['base_n']!r} is not a whole number",
        key="base_n",
        remedy="Leave base_n empty unless the base is stated as an exact number; words go into base_note.",
    )
    read = _with_readings(cells).with_columns(
        pl.lit(vintage.source).alias("source_id"), pl.lit(vintage.vintage).alias("vintage_id")
    )
    refuse(
        read,
        (pl.col("unit") == "percent")
        & pl.max_horizontal("value", pl.when(pl.col("relation") == "range").then("upper")).gt(100),
        lambda row: f"{row['value_printed']} percent is above 100",
        key="value",
        remedy="A percentage lies between 0 and 100; check the figure, or name its unit (percent change, …).",
    )
    return _typed(read, STUDY_FIGURE)


def claims(cells: pl.DataFrame) -> pl.DataFrame:
    """Typed statements of the article, from cells of kind claim.

    Returns:
        `CLAIM`, in the order of `cells`; key claim_id. value, lower and upper as `numbers.read_printed` reads
        them, except that a date or period is text. Empty texts are null except value_printed.

    Raises:
        InputError: a duplicate or badly formed id, or no statement.
    """
    cells = _identified(cells, "claim", "claim_id")
    refuse(
        cells,
        pl.col("statement").str.strip_chars() == "",
        lambda row: f"the claim {row['claim_id']} has no statement",
        key="statement",
        remedy="Say in one sentence of our own what the article states.",
    )
    return _typed(_with_readings(cells), CLAIM)


def network_cities(cells: pl.DataFrame) -> pl.DataFrame:
    """Typed cities of the networks, from cells of kind network_city.

    Returns:
        `NETWORK_CITY`, in the order of `cells`; key city. yes and no become Booleans, empty (unknown) null.

    Raises:
        InputError: a city twice or without a name, an unknown part, a word where yes, no or nothing belongs.
    """
    refuse_duplicates(cells, "city", "the city")
    refuse(cells, pl.col("city") == "", lambda _: "the city has no name", key="city", remedy="Name it.")
    refuse_unknown(cells, "part", get_args(Part), where="pipeline/transform/concepts.py")
    flags = ("samofa_partner", "bv_nemo_member_may_2019")
    for flag in flags:
        refuse(
            cells,
            ~pl.col(flag).is_in(["yes", "no", ""]),
            lambda row, flag=flag: f"{row[flag]!r} is neither yes, no nor empty",
            key=flag,
            remedy="Write yes or no, or nothing where it is not known; words go into `confidence`.",
        )
    typed = cells.with_columns(pl.when(pl.col(flag) != "").then(pl.col(flag) == "yes").alias(flag) for flag in flags)
    return _typed(typed, NETWORK_CITY)


def _identified(cells: pl.DataFrame, column: str, name: str) -> pl.DataFrame:
    """Rename the id column and refuse ids that are not slugs or stand twice."""
    cells = cells.rename({column: name})
    refuse(
        cells,
        ~pl.col(name).str.contains(_SLUG),
        lambda row: f"{row[name]!r} is not an id",
        key=column,
        remedy="Use letters, digits and _, a letter first: svr2020_organisations_lower.",
    )
    refuse_duplicates(cells, name, f"the {column}")
    return cells


def _with_readings(cells: pl.DataFrame) -> pl.DataFrame:
    """Add value_printed and replace value by the number read, with relation, lower and upper."""
    readings = [
        (Printed("text") if unit in _DATE_UNITS else read_printed(text)).row()
        for text, unit in cells.select("value", "unit").iter_rows()
    ]
    read = pl.DataFrame({"reading": readings}, schema={"reading": _READING}).unnest("reading")
    return cells.rename({"value": "value_printed"}).hstack(read)


def _typed(cells: pl.DataFrame, schema: dict[str, pl.DataType]) -> pl.DataFrame:
    """The columns of `schema` in order; empty texts become null, except what was printed as the value."""
    cells = cells.with_columns(RAW_FILE, RAW_LINE)
    empty = [name for name, dtype in schema.items() if name != "value_printed" and cells.schema[name] == pl.String]
    return cells.with_columns(pl.when(pl.col(name) != "").then(pl.col(name)).alias(name) for name in empty).select(
        pl.col(name).cast(dtype) for name, dtype in schema.items()
    )
