"""Observations: one typed row a published figure, from cells as printed.

Belongs here: the order of the rules and the frame that leaves. The rules themselves live in numbers.py,
markers.py and concepts.py; whether the figures of a vintage add up is asked in expectations.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import polars as pl

from pipeline.transform.concepts import CensusBase, ReferenceKind, ReleaseState, Status, Universe
from pipeline.transform.located import RAW_FILE, RAW_LINE, refuse, refuse_duplicates, refuse_unknown
from pipeline.transform.markers import bounded, refuse_markers
from pipeline.transform.numbers import DECIMAL, with_numbers

if TYPE_CHECKING:
    from pipeline.registry import Vintage
    from pipeline.transform.concepts import Vocabulary

OBSERVATION: dict[str, pl.DataType] = {
    "observation_id": pl.String(),
    "source_id": pl.String(),
    "vintage_id": pl.String(),
    "region_id": pl.String(),
    "reference": pl.String(),
    "reference_date": pl.Date(),
    "reference_kind": pl.String(),
    "year": pl.Int32(),
    "concept": pl.String(),
    "universe": pl.String(),
    "release_state": pl.String(),
    "census_base": pl.String(),
    "measure": pl.String(),
    "breakdown": pl.String(),
    "value": DECIMAL,
    "lower": DECIMAL,
    "upper": DECIMAL,
    "marker": pl.String(),
    "unit": pl.String(),
    "status": pl.String(),
    "raw_file": pl.String(),
    "raw_line": pl.Int32(),
    "raw_position": pl.Int32(),
    "source_url": pl.String(),
    "note": pl.String(),
    "correction_id": pl.String(),
}
_WORDS = {
    "universe": get_args(Universe),
    "release_state": get_args(ReleaseState),
    "census_base": get_args(CensusBase),
    "status": get_args(Status),
    "reference_kind": get_args(ReferenceKind),
}
_BREAKDOWN = r"^[a-z][a-z0-9_]*=[^=;:\s]+(;[a-z][a-z0-9_]*=[^=;:\s]+)*$"


def observations(cells: pl.DataFrame, vintage: Vintage, concepts: Vocabulary, existing: pl.DataFrame) -> pl.DataFrame:
    """Typed observations of one vintage.

    Args:
        cells: kind observation as `ingest.read_cells` gives it, the files of the vintage one below the other; those of
            a publisher's file have gone through `printed.plain_cells`.
        vintage: of kind observation; its defaults, measures and suppressed_below are used.
        concepts: the vocabulary; gives units and the known concepts.
        existing: region_id String, valid_from Date null, valid_to Date null; one row a known region.

    Returns:
        `OBSERVATION`, in the order of `cells`; key observation_id. value is in the measure's unit, lower and
        upper bound it; null only where marker says why. correction_id is null (see corrections.py).

    Raises:
        InputError: unknown region, concept, measure or word; impossible reference; text in a number; unknown
            or contradicting marker; a percent above 100; a badly formed breakdown; a duplicate. Names file
            and line.
    """
    if vintage.defaults is None:
        raise ValueError("observations() is for vintages of kind observation")
    cells = _with_defaults(cells, vintage)
    _refuse_unknown_words(cells, vintage, concepts, existing)
    _refuse_breakdowns(cells)
    dated = _with_dates(cells)
    numbered = with_numbers(dated, vintage.measures)
    refuse_markers(numbered)
    units = {name: measure.unit for name, measure in concepts.measures.items()}
    known = numbered.with_columns(pl.col("measure").replace_strict(units, return_dtype=pl.String).alias("unit")).join(
        existing, left_on="region", right_on="region_id", how="left", maintain_order="left"
    )
    refuse(
        known,
        (pl.col("unit") == "percent") & (pl.col("number") > 100),
        lambda row: f"{row['measure']} is {row['value']}, above 100",
        key="value",
        remedy="A percentage lies between 0 and 100; check the figure, its decimal point, and its measure.",
    )
    limit = vintage.suppressed_below
    suppressed_upper = (
        pl.lit(None, dtype=pl.Decimal(38, 6))
        if limit is None
        else (pl.lit(limit).cast(pl.Decimal(38, 6)) * pl.col("multiplier")).cast(pl.Decimal(38, 6))
    )
    date = pl.col("reference_date")
    typed = bounded(
        known.with_columns(
            exists=(pl.col("valid_from").is_null() | (pl.col("valid_from") <= date))
            & (pl.col("valid_to").is_null() | (pl.col("valid_to") >= date))
        ),
        suppressed_upper,
    ).with_columns(
        RAW_FILE,
        RAW_LINE,
        source_id=pl.lit(vintage.source),
        vintage_id=pl.lit(vintage.vintage),
        correction_id=pl.lit(None, dtype=pl.String),
        region_id=pl.col("region"),
        raw_position=pl.col("position"),
        year=date.dt.year().cast(pl.Int32),
        observation_id=pl.concat_str(
            pl.lit(f"{vintage.source}:{vintage.vintage}"),
            "region",
            "reference",
            "concept",
            "measure",
            pl.when(pl.col("breakdown") != "").then(pl.col("breakdown")),
            separator=":",
            ignore_nulls=True,
        ),
    )
    refuse_duplicates(typed, "observation_id", "the observation")
    return typed.select(pl.col(name).cast(dtype) for name, dtype in OBSERVATION.items())


def _with_defaults(cells: pl.DataFrame, vintage: Vintage) -> pl.DataFrame:
    """Fill empty cells of the described columns from the defaults; empty source_url and note are null."""
    filled = cells.with_columns(
        [
            pl.coalesce(_filled(name), pl.lit(getattr(vintage.defaults, name), dtype=pl.String)).alias(name)
            for name in ("concept", *_WORDS)
        ]
        + [_filled("source_url"), _filled("note"), pl.col("breakdown").fill_null("")]
    )
    for name in ("concept", *_WORDS):
        refuse(
            filled,
            pl.col(name).is_null(),
            lambda _, name=name: f"there is no {name}, neither in this row nor in `defaults`",
            key=name,
            remedy=f"Add `{name}` to `defaults` in source.yml, or fill the column in every row.",
        )
    return filled


def _filled(name: str) -> pl.Expr:
    return pl.when(pl.col(name) != "").then(pl.col(name)).alias(name)


def _refuse_unknown_words(cells: pl.DataFrame, vintage: Vintage, concepts: Vocabulary, existing: pl.DataFrame) -> None:
    vocabulary = "pipeline/transform/concepts.yml"
    refuse_unknown(cells, "region", tuple(existing["region_id"].to_list()), where="the source of kind region")
    refuse_unknown(cells, "concept", tuple(concepts.concepts), where=vocabulary)
    refuse_unknown(cells, "measure", tuple(concepts.measures), where=vocabulary)
    refuse(
        cells,
        ~pl.col("measure").is_in(list(vintage.measures)),
        lambda row: f"the measure {row['measure']} is not described in source.yml",
        key="measure",
        remedy="Say under `measures` how it is printed: printed_unit, multiplier, precision.",
    )
    for name, words in _WORDS.items():
        refuse_unknown(cells, name, words, where="pipeline/transform/concepts.py")


def _refuse_breakdowns(cells: pl.DataFrame) -> None:
    """A breakdown is `key=CODE;key=CODE` with rising keys, so that one group has one spelling and one id."""
    keys = pl.col("breakdown").str.split(";").list.eval(pl.element().str.split("=").list.first())
    # Asked of each breakdown once: there are few, however many rows.
    wrong = (
        cells.select(pl.col("breakdown").unique())
        .filter(
            (pl.col("breakdown") != "")
            & (~pl.col("breakdown").str.contains(_BREAKDOWN) | (keys != keys.list.unique().list.sort()))
        )
        .to_series()
    )
    refuse(
        cells,
        pl.col("breakdown").is_in(wrong.to_list()),
        lambda row: f"{row['breakdown']!r} is not a breakdown",
        key="breakdown",
        remedy="Write key=CODE, several separated by `;`, keys in alphabetical order and each once.",
    )


def _with_dates(cells: pl.DataFrame) -> pl.DataFrame:
    """Add reference_date: the date itself, or 31 December of a year."""
    printed, is_date = pl.col("reference"), pl.col("reference_kind") == "date"
    iso = (
        pl.when(is_date & printed.str.contains(r"^[0-9]{4}-[0-9][0-9]-[0-9][0-9]$"))
        .then(printed)
        .when(~is_date & printed.str.contains(r"^[0-9]{4}$"))
        .then(printed + "-12-31")
    )
    dated = cells.with_columns(iso.str.to_date("%Y-%m-%d", strict=False).alias("reference_date"))
    year = pl.col("reference_date").dt.year()
    refuse(
        dated,
        pl.col("reference_date").is_null() | (year < 1900) | (year > 2100),
        lambda row: (
            f"{row['reference']!r} is not a {'date' if row['reference_kind'] == 'date' else 'year'} "
            f"(reference_kind: {row['reference_kind']})"
        ),
        key="reference",
        remedy=lambda row: (
            "Write an ISO date such as 2022-05-15, or correct reference_kind in source.yml."
            if row["reference_kind"] == "date"
            else "Write four digits such as 2018, or correct reference_kind in source.yml."
        ),
    )
    return dated
