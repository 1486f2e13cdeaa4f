"""The way back: from the id of a number to the lines of the files it was computed from.

Belongs here: following ids through the tables of a release. Not here: computing or changing anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.errors import InputError
from pipeline.ingest import Layout, canonical_sha256, text_lines
from pipeline.release.read import Release

Row = dict[str, Any]

SHOWN = {
    "analysis.east_west": (
        "comparison_id",
        "quantity",
        "berlin",
        "state_left_out",
        "estimand",
        "method",
        "estimate",
        "lower",
        "upper",
        "unit",
        "p_value",
        "p_adjusted",
        "n_east",
        "n_west",
    ),
    "analysis.headline_claim": ("part", "claimed_percent", "found_percent", "distance_points", "verdict", "rule"),
    "analysis.survey_interval": ("estimate_percent", "lower_percent", "upper_percent", "base_n", "method"),
    "analysis.organisation_density": ("population", "lower", "upper", "per_persons"),
    "analysis.claim_verdict": ("verdict", "sentence", "claimed", "found", "tolerance", "missing"),
    "analysis.organisation_ratio": ("auxiliary", "estimate", "counted_organisations", "counted_share_percent"),
    "analysis.organisation_definition": ("counts", "estimate", "lower", "upper", "unit", "year"),
    "analysis.proportion_comparison": ("estimate", "lower", "upper", "unit", "n_first", "n_second", "incomparable"),
    "analysis.sampling_band": ("quantity", "region_id", "berlin", "method", "design_effect", "lower", "upper", "unit"),
    "analysis.multiverse": ("estimate", "unit", "rank", "cumulative_share"),
    "analysis.district_model": (
        "term",
        "quantity",
        "berlin",
        "covariates",
        "method",
        "estimate",
        "lower",
        "upper",
        "unit",
        "p_value",
    ),
    "analysis.trend": (
        "quantity",
        "first_year",
        "last_year",
        "berlin",
        "method",
        "estimate",
        "lower",
        "upper",
        "unit",
        "p_value",
    ),
    "analysis.refugee_ratio": (
        "quantity",
        "berlin",
        "region_id",
        "estimand",
        "estimate",
        "unit",
        "p_value",
        "denominator_concept",
        "year",
    ),
    "analysis.key_deviation": ("estimand", "quantity", "berlin", "region_id", "estimate", "unit", "year", "key_year"),
    "marts.revision": ("earlier", "later", "change", "change_percent", "unit", "reason"),
    "marts.region_share": (
        "region_name",
        "concept",
        "reference",
        "share_percent",
        "rank_first",
        "rank_last",
        "regions",
    ),
    "marts.state_protection_seekers": ("region_name", "reference_date", "persons", "districts_with_row", "districts"),
    "core.study_figure": ("study", "indicator", "category", "value_printed", "unit", "base_n", "status"),
    "core.claim": ("statement", "value_printed", "unit", "reference_year"),
    "core.correction": ("title", "reason", "action", "status", "told", "figures"),
    "core.network_city": ("part", "samofa_partner", "bv_nemo_member_may_2019", "source"),
    "core.observation": ("value", "lower", "upper", "marker", "unit", "status"),
}
# Tables whose rows were read from a line.
FIGURES = ("core.study_figure", "core.claim", "core.network_city", "core.observation")
ACTIONS = {
    "drop": "no result uses the figure",
    "override": "the right figure stands here, the line has the wrong one",
    "flag": "the figure is kept as printed",
}


def trace(release: Release, row_id: str, *, raw_data: Path | None = None) -> Iterator[str]:
    """The chain of one id as lines of text, each step indented under the one it leads to.

    Args:
        release: an opened release.
        row_id: the id of a result, a study figure, a statement, a known error or an observation.
        raw_data: the folder of the figures; where given, the line itself is quoted, unless its file has changed since.

    Raises:
        InputError: no row has this id; names the nearest ones.
    """
    table, row = release.find(row_id)
    yield f"{row_id}  ({table} of release {release.id})"
    yield f"  {words(table, row)}"
    if table in FIGURES:
        if row.get("correction_id"):
            error = release.find(row["correction_id"])[1]
            yield f"  known error {error['correction_id']} ({ACTIONS[error['action']]}): {error['title']}"
        yield from _line(release, row, raw_data)
        return
    yield from _made_by(release, table)
    for step in causes(release, table, row):
        for cause in trace(release, step, raw_data=raw_data):
            yield f"  {cause}"


def _made_by(release: Release, table: str) -> Iterator[str]:
    """The query or code a table was made by, with its hash, and the queries of the tables it reads."""
    known = release.manifest["tables"]
    made = known.get(table, {}).get("made_by")
    if made:
        read = [
            f"{name} ({known[name]['made_by']['file']}, sha256 {known[name]['made_by']['sha256']})"
            for name in made["reads"]
            if known.get(name, {}).get("made_by")
        ]
        told = f" from {', '.join(read)}" if read else ""
        yield f"  made by {made['file']} (sha256 {made['sha256']}){told}"


def words(table: str, row: Row) -> str:
    return ", ".join(f"{name} {row[name]}" for name in SHOWN[table] if row[name] not in (None, ""))


def causes(release: Release, table: str, row: Row) -> list[str]:
    """The ids a result was computed from, or a known error is about."""

    def of_series() -> list[str]:
        inputs = release.table("analysis.result_input").filter(pl.col("series_id") == row["series_id"])
        return sorted(inputs["observation_id"])

    def of_error() -> list[str]:
        marked = release.table("core.observation").filter(pl.col("correction_id") == row["correction_id"])
        return sorted(marked["observation_id"])

    def of_claim() -> list[str]:
        evidence = release.table("analysis.claim_evidence").filter(pl.col("result_id") == row["result_id"])
        return [row["claim_id"], *evidence["evidence_id"]]

    def of_mart(mart: str, beginnings: tuple[str, ...], where: pl.Expr) -> list[str]:
        """The figures of rows of a mart: all its columns of ids that begin so."""
        rows = release.table(mart).filter(where)
        ids = [name for name in rows.columns if name.endswith("observation_id") and name.startswith(beginnings)]
        return sorted(rows.select(ids).unpivot().drop_nulls("value")["value"].unique())

    def of_districts() -> list[str]:
        covariates = ("density_", "income_", "gdp_", "unemployment_") if row["covariates"] != "none" else ()
        where = (pl.col("series_id") == row["series_id"]) & pl.col("share_percent").is_not_null()
        return of_mart("marts.district_structure", ("with_", "total_", "share_", *covariates), where)

    def of_years() -> list[str]:
        same = [pl.col(name) == row[name] for name in ("source_id", "concept", "segment")]
        years = pl.col("year").is_between(row["first_year"], row["last_year"])
        if row["quantity"].startswith("change_"):
            years = pl.col("year").is_in([row["first_year"], row["last_year"]])
        where = pl.all_horizontal(*same, years, pl.col("level") == "state", pl.col("share_percent").is_not_null())
        return of_mart("marts.share", ("with_", "total_", "share_"), where)

    def of_seekers(source: str) -> list[str]:
        where = (pl.col("source_id") == row[source]) & (pl.col("year") == row["year"])
        return of_mart("marts.protection_seekers", ("observation",), where)

    def of_state() -> list[str]:
        where = pl.all_horizontal(
            *(pl.col(name) == row[name] for name in ("source_id", "year")), pl.col("state_id") == row["region_id"]
        )
        return of_mart("marts.protection_seekers", ("observation",), where)

    def of_share() -> list[str]:
        names = ("with_observation_id", "total_observation_id", "share_observation_id")
        # The total of a printed percentage is its weight, and no part of it.
        printed = row["share_observation_id"] is not None
        return [row["share_observation_id"]] if printed else [row[name] for name in names if row[name]]

    def of_denominator() -> list[str]:
        # None where the quotient could not be computed: there are no figures then.
        where = (pl.col("series_id") == row["denominator_series_id"]) & pl.col("persons_with").is_not_null()
        return of_mart("marts.share", ("with_",), where)

    def of_key() -> list[str]:
        where = (pl.col("source_id") == row["key_source_id"]) & (pl.col("year") == row["key_year"])
        return of_mart("marts.koenigstein_key", ("observation",), where)

    causes: dict[str, Callable[[], list[str]]] = {
        "analysis.east_west": of_series,
        "analysis.headline_claim": lambda: [*row["claim_ids"].split(";"), *of_series()],
        "core.correction": of_error,
        "analysis.claim_verdict": of_claim,
        "marts.revision": lambda: [row["earlier_observation_id"], row["later_observation_id"]],
        "marts.region_share": of_share,
        "marts.state_protection_seekers": of_state,
        "analysis.survey_interval": lambda: [row["figure_id"]],
        "analysis.organisation_density": lambda: [*row["figure_ids"].split(";"), *row["observation_ids"].split(";")],
        "analysis.organisation_ratio": lambda: [*row["figure_ids"].split(";"), *row["observation_ids"].split(";")],
        "analysis.organisation_definition": lambda: [row["figure_id"]],
        "analysis.proportion_comparison": lambda: [
            row["first_figure_id"],
            row["second_figure_id"],
            *filter(None, row["base_figure_ids"].split(";")),
        ],
        "analysis.sampling_band": of_series,
        "analysis.multiverse": lambda: [row["from_result_id"]],
        "analysis.district_model": of_districts,
        "analysis.trend": of_years,
        "analysis.refugee_ratio": lambda: [*of_seekers("numerator_source_id"), *of_denominator()],
        "analysis.key_deviation": lambda: [*of_seekers("source_id"), *of_key()],
    }
    return causes[table]()


def _line(release: Release, row: Row, raw_data: Path | None) -> Iterator[str]:
    """File and line of a figure, the line itself where it can be read, and who published it."""
    source, vintage, _ = row["raw_file"].split("/", 2)
    described = release.table("core.vintage").filter(
        (pl.col("source_id") == source) & (pl.col("vintage_id") == vintage)
    )
    entry = described.row(0, named=True)
    # A line of the tidy layout holds one figure.
    column = f", column {row['raw_position']}" if entry["layout"] != "tidy" else ""
    yield f"  raw_data/{row['raw_file']}, line {row['raw_line']}{column}"
    if raw_data is not None and (raw_data / row["raw_file"]).is_file():
        sha256, lines = _content((raw_data / row["raw_file"]).read_bytes(), entry["layout"], entry["sheet"])
        # Only the content the release was made from is evidence for its number.
        same = sha256 in entry["content_sha256"].split()
        yield f"    {lines[row['raw_line'] - 1] if same else 'not quoted: the file has changed since this release'}"
    content = entry["content_sha256"][:12]
    yield f"    {entry['publisher']}: {entry['title']} (content {content}, {entry['obtained_how']})"


@lru_cache(maxsize=8)  # a series of districts quotes hundreds of lines of one file
def _content(data: bytes, layout: Layout, sheet: str | None) -> tuple[str, list[str]]:
    """Canonical hash and lines of a data file; '' and none where it is no longer one."""
    try:
        return canonical_sha256(data, layout=layout), text_lines(data, file="the data", layout=layout, sheet=sheet)
    except InputError:
        return "", []
