"""Published percentages: an interval where the base is known, none elsewhere, and the flags beside it."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest

from pipeline.analysis.comparisons import Survey
from pipeline.analysis.surveys import survey_intervals
from pipeline.analysis.tables import SURVEY_INTERVAL


def intervals(given: pl.DataFrame, figures: str | tuple[str, ...] = "all") -> pl.DataFrame:
    entry = {
        "kind": "survey",
        "id": "published",
        "question": "How exactly?",
        "figures": figures,
        "methods": ("wilson",),
    }
    return survey_intervals(given, [Survey.model_validate(entry)])


def figures(*rows: tuple) -> pl.DataFrame:
    """core.study_figure from (figure_id, value, relation, lower, upper, unit, base_n, status)."""
    frame = pl.DataFrame(
        rows,
        schema={
            "figure_id": pl.String,
            "value": pl.Decimal(20, 6),
            "relation": pl.String,
            "lower": pl.Decimal(20, 6),
            "upper": pl.Decimal(20, 6),
            "unit": pl.String,
            "base_n": pl.Int32,
            "status": pl.String,
        },
        orient="row",
    )
    return frame.with_columns(
        study=pl.lit("SVR 2020"), indicator=pl.lit("needs"), category=pl.lit("support"), year=pl.lit("2020")
    )


def test_svr_needs_carry_wilson_and_its_rounding_envelope() -> None:
    # SVR 2020: 64.4 percent of 764 organisations want more support.
    frame = figures(
        (
            "svr2020_needs",
            Decimal("64.4"),
            "=",
            Decimal("64.35"),
            Decimal("64.45"),
            "percent",
            764,
            "secondary",
        )
    )
    row = intervals(frame).row(0, named=True)
    # Wilson's formula, written out.
    p, n, z = 0.644, 764, 1.959963984540054
    centre, half = (
        (p + z**2 / (2 * n)) / (1 + z**2 / n),
        z / (1 + z**2 / n) * (p * (1 - p) / n + z**2 / (4 * n**2)) ** 0.5,
    )
    assert row["lower_percent"] == pytest.approx(100 * (centre - half))
    assert row["upper_percent"] == pytest.approx(100 * (centre + half))
    assert row["lower_percent"] - 0.06 < row["rounding_lower_percent"] < row["lower_percent"]
    assert row["upper_percent"] < row["rounding_upper_percent"] < row["upper_percent"] + 0.06
    assert (row["result_id"], row["method"], row["confidence_level"]) == (
        "survey.svr2020_needs",
        "wilson",
        0.95,
    )
    assert row["assumptions"] == "as_if_random;rounded_inputs;secondary_figures"


def test_an_unknown_base_gives_no_interval() -> None:
    frame = figures(("bst2018", Decimal("37"), "=", Decimal("36.5"), Decimal("37.5"), "percent", None, "secondary"))
    row = intervals(frame).row(0, named=True)
    assert row["method"] == "none"
    assert row["estimate_percent"] == 37
    assert row["lower_percent"] is None
    assert row["upper_percent"] is None
    assert row["confidence_level"] is None
    assert "base_unknown" in row["assumptions"]
    assert "as_if_random" not in row["assumptions"]


@pytest.mark.parametrize(
    ("relation", "value", "flag"),
    [(">", Decimal(50), "bound_only"), ("<", Decimal(7), "bound_only"), ("list", None, "not_a_single_value")],
)
def test_a_bound_or_a_list_is_no_estimate(relation: str, value: Decimal | None, flag: str) -> None:
    row = intervals(figures(("f", value, relation, value, None, "percent", 764, "secondary"))).row(0, named=True)
    assert row["estimate_percent"] is None
    assert row["method"] == "none"
    assert flag in row["assumptions"]


def test_only_percentages_enter_in_their_order() -> None:
    frame = figures(
        ("b", Decimal(41), "=", Decimal("40.5"), Decimal("41.5"), "percent", 764, "published"),
        ("organisations", Decimal(12400), "=", None, None, "organisations", None, "secondary"),
        ("planned", Decimal(65), "=", None, None, "percent above plan", None, "secondary"),
        ("a", Decimal(33), "~", None, None, "percent", 100, "secondary"),
    )
    result = intervals(frame)
    assert dict(result.schema) == SURVEY_INTERVAL
    assert result["figure_id"].to_list() == ["b", "a"]
    about = result.row(1, named=True)
    assert "approximate_value" in about["assumptions"]
    assert about["rounding_lower_percent"] is None


def test_rounding_ends_stay_within_0_to_100() -> None:
    frame = figures(
        ("none", Decimal(0), "=", Decimal("-0.5"), Decimal("0.5"), "percent", 50, "published"),
        ("all", Decimal(100), "=", Decimal("99.5"), Decimal("100.5"), "percent", 50, "published"),
    )
    result = intervals(frame)
    assert result["rounding_lower_percent"][0] == 0
    assert result["rounding_upper_percent"][1] == 100


def test_only_declared_figures_get_a_row_and_name_their_comparison() -> None:
    frame = figures(*((name, 40, "=", 39.5, 40.5, "percent", 764, "secondary") for name in ("a", "b")))
    assert intervals(frame, ("b",)).select("comparison_id", "figure_id").rows() == [("published", "b")]
