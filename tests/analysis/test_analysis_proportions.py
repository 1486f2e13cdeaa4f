"""Pairs of published percentages: an interval where the bases allow one, bounds where not, rounding carried."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest

from pipeline.analysis import effects
from pipeline.analysis.comparisons import Proportions, Side
from pipeline.analysis.proportions import proportion_comparisons
from pipeline.analysis.tables import PROPORTION_COMPARISON

SVR = ("svr", "41", "=", "40.5", "41.5", "percent", 764)
ZIVIZ = ("ziviz", "72", "=", "71.5", "72.5", "percent", None)
SAMPLE = ("sample", "6300", ">", "6300", None, "organisations", None)
LESS = ("less", "30", "<", None, "30", "percent", 466)


def figures(*rows: tuple) -> pl.DataFrame:
    """core.study_figure from (figure_id, value, relation, lower, upper, unit, base_n)."""
    number = pl.Decimal(20, 6)
    schema = {"figure_id": pl.String, "value": number, "relation": pl.String, "lower": number, "upper": number}
    typed = [(r[0], *(Decimal(v) if v and v[0].isdigit() else v for v in r[1:5]), *r[5:]) for r in rows]
    frame = pl.DataFrame(typed, schema=schema | {"unit": pl.String, "base_n": pl.Int32}, orient="row")
    same = {name: pl.lit("x") for name in ("study", "indicator", "category", "year")}
    return frame.with_columns(**same, status=pl.lit("secondary"))


def pair(first: str, second: str, base: str | None = None, *, name: str = "staff") -> Proportions:
    return Proportions(
        kind="proportions",
        id=name,
        question="Which of the two more often?",
        first=Side(figure=first),
        second=Side(figure=second, base_at_least=base),
        family="staff",
        incomparable=("Other organisations.", "Another year."),
    )


def compared(entry: Proportions, *rows: tuple) -> dict:
    return proportion_comparisons(figures(*rows), [entry]).row(0, named=True)


def test_two_known_bases_give_newcombes_interval() -> None:
    row = compared(pair("svr", "ziviz"), SVR, (*ZIVIZ[:-1], 6300))
    expected = effects.newcombe(41, 764, 72, 6300)
    assert (row["estimate"], row["lower"], row["upper"]) == pytest.approx((-31, expected.lower, expected.upper))
    assert row["method"] == "newcombe"
    assert row["p_value"] == pytest.approx(expected.p_value)
    assert row["incomparable"] == "Other organisations. Another year."
    for flag in ("as_if_random", "not_comparable", "rounded_inputs", "secondary_figures"):
        assert flag in row["assumptions"]
    assert "base_is_a_bound" not in row["assumptions"]


def test_rounding_widens_the_interval_by_as_much_as_it_allows() -> None:
    row = compared(pair("svr", "ziviz"), SVR, (*ZIVIZ[:-1], 6300))
    assert row["rounding_lower"] == pytest.approx(effects.newcombe(40.5, 764, 72.5, 6300).lower)
    assert row["rounding_upper"] == pytest.approx(effects.newcombe(41.5, 764, 71.5, 6300).upper)
    assert row["rounding_lower"] < row["lower"] < row["upper"] < row["rounding_upper"]


def test_a_least_base_is_used_and_said() -> None:
    row = compared(pair("svr", "ziviz", "sample"), SVR, ZIVIZ, SAMPLE)
    assert (row["n_first"], row["n_second"], row["base_figure_ids"]) == (764, 6300, "sample")
    assert "base_is_a_bound" in row["assumptions"]
    assert row["lower"] == pytest.approx(effects.newcombe(41, 764, 72, 6300).lower)


def test_an_unknown_base_gives_bounds_and_no_test() -> None:
    row = compared(pair("svr", "ziviz"), SVR, ZIVIZ)
    assert (row["method"], row["estimate"], row["lower"], row["p_value"]) == ("bounds", -31, None, None)
    assert (row["rounding_lower"], row["rounding_upper"]) == (-32, -30)
    assert (row["n_first"], row["n_second"]) == (764, None)
    assert "base_unknown" in row["assumptions"]
    assert "as_if_random" not in row["assumptions"]


def test_a_figure_printed_as_a_bound_reaches_to_nought() -> None:
    row = compared(pair("svr", "less"), SVR, LESS)
    assert (row["estimate"], row["method"], row["first_percent"], row["second_percent"]) == (None, "bounds", 41, None)
    assert (row["rounding_lower"], row["rounding_upper"]) == (40.5 - 30, 41.5)
    assert "bound_only" in row["assumptions"]


def test_p_is_adjusted_within_the_family_over_what_was_tested() -> None:
    frame = figures(SVR, (*ZIVIZ[:-1], 6300), ("near", "44", "=", "43.5", "44.5", "percent", 500), ("no", *ZIVIZ[1:]))
    entries = [pair("svr", "ziviz"), pair("svr", "near", name="near"), pair("svr", "no", name="none")]
    result = proportion_comparisons(frame, entries)
    assert dict(result.schema) == PROPORTION_COMPARISON
    small, large, none = result.select("p_value", "p_adjusted").iter_rows()
    assert small[1] == pytest.approx(2 * small[0])
    assert large[1] == pytest.approx(large[0])
    assert none == (None, None)
