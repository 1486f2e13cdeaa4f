"""Districts: the gap between East and West without and within covariates, and how alike districts of a state are.

Belongs here: which districts, years and covariates enter a model, what is asked of it, and what is flagged. Not here:
the estimators (clustered, estimators), the shares of states (east_west).

The label East belongs to states, so the states are the independent observations: the p that leads is that of permuting
the labels of whole states; the t with standard errors clustered by state stands beside it for its interval and is
known to reject too often. A gap "within" covariates compares districts as they are; income or unemployment may follow
from what made East and West differ, so it is no effect of anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from pipeline.analysis import clustered, estimators, families
from pipeline.analysis.comparisons import Berlin
from pipeline.analysis.estimators import Estimate
from pipeline.analysis.places import CovariateName, Districts
from pipeline.analysis.series import GROUPS
from pipeline.analysis.tables import (
    DISTRICT_LEFT_OUT,
    DISTRICT_MODEL,
    STATUS_FLAGS,
    finish,
    join_flags,
    require_columns,
)
from pipeline.errors import InputError

OBSERVATION_COLUMNS = (
    "with_observation_id", "total_observation_id", "share_observation_id", "density_observation_id",
    "income_observation_id", "gdp_observation_id", "unemployment_observation_id",
)  # fmt: skip
STRUCTURE_COLUMNS = (
    "series_id", "source_id", "year", "concept", "census_base", "region_id", "region_name", "state_id", "part",
    "share_percent", "share_origin", "weight_persons", "status", "persons_per_km2", "disposable_income_eur_per_capita",
    "gdp_eur_per_capita", "unemployment_rate_percent", "density_year", "income_year", "gdp_year", "unemployment_year",
    *OBSERVATION_COLUMNS,
)  # fmt: skip


@dataclass(frozen=True)
class Covariate:
    """column and year_column of marts.district_structure; logged where its ratios count and not its differences."""

    column: str
    year_column: str
    logged: bool


COVARIATES: dict[CovariateName, Covariate] = {
    "log_density": Covariate("persons_per_km2", "density_year", logged=True),
    "log_income": Covariate("disposable_income_eur_per_capita", "income_year", logged=True),
    "log_gdp": Covariate("gdp_eur_per_capita", "gdp_year", logged=True),
    "unemployment": Covariate("unemployment_rate_percent", "unemployment_year", logged=False),
}


@dataclass(frozen=True)
class Modelled:
    """results: DISTRICT_MODEL; left_out: DISTRICT_LEFT_OUT, the districts a model could not use and why."""

    results: pl.DataFrame
    left_out: pl.DataFrame


def district_models(structure: pl.DataFrame, comparisons: Sequence[Districts]) -> Modelled:
    """Fit one model a declared comparison, year and Berlin variant.

    Args:
        structure: marts.district_structure, one row a series and district, columns STRUCTURE_COLUMNS at least.
        comparisons: entries of the declaration. Covariates enter standardised, so that odds ratios are per standard
            deviation; weights `none` count a district once, `population` by its inhabitants.

    Per year and variant, as declared: `difference` (average marginal difference East minus West, percentage points)
    and the odds ratios of East and of each covariate by `fractional_logit_cluster`; the same difference with the p of
    `permutation` (no covariates: exact, of the difference of means) or `permutation_residualised` (see
    clustered.permutation_residualised for what is permuted and what that assumes); `tost_cluster` against the margin.
    Once a year, of all districts but Berlin and without covariates: the variance between and within states, by `anova`
    and `reml`, and the intraclass correlation, also within East and West. `morans_i` gives a row without an estimate,
    method `not_computed`: which districts are neighbours is not in the data.

    A district whose share, covariate or weight is not known is left out of the model and listed with the reason.
    p_adjusted is Holm's within the family, of the headline method alone.

    Raises:
        InputError: a column is missing, no district of a year has a share and the covariates, or fewer than two states
        are left on a side.
    """
    require_columns(structure, STRUCTURE_COLUMNS, "marts.district_structure")
    rows: list[dict[str, Any]] = []
    left_out: list[dict[str, Any]] = []
    for entry in comparisons:
        of_source = structure.filter(pl.col("source_id") == entry.source, pl.col("concept") == entry.outcome)
        identity = {"comparison_id": entry.id, "covariates": ";".join(entry.covariates) or "none"}
        for year in sorted(of_source["year"].unique()) if entry.years == "all" else entry.years:
            known, unknown = _split(of_source.filter(pl.col("year") == year), entry)
            left_out.extend({**identity, **row} for row in unknown)
            if known.height == 0:
                raise InputError(
                    f"no district of {entry.source} has a share and all covariates in {year}",
                    key=entry.source,
                    remedy="name a year and covariates that marts.district_structure holds together",
                )
            for variant in entry.berlin:
                model = _Model(known, variant, entry, identity)
                if unknown:
                    model.flags.add("regions_missing")
                rows.extend(model.rows())
                if variant == "excluded":
                    rows.extend(model.partition())
    headlines = {entry.id: entry.headline for entry in comparisons}
    families.adjust(row for row in rows if row["method"] == headlines[row["comparison_id"]])
    return Modelled(
        finish(rows, DISTRICT_MODEL, key=["result_id"]),
        finish(left_out, DISTRICT_LEFT_OUT, key=["comparison_id", "series_id", "covariates", "region_id"]),
    )


def _split(districts: pl.DataFrame, entry: Districts) -> tuple[pl.DataFrame, list[dict[str, Any]]]:
    """Districts a model can use, and the others with what is not known of each."""
    needed = {"share_percent": "its share"} | {COVARIATES[name].column: name for name in entry.covariates}
    if entry.weights == "population":
        needed["weight_persons"] = "its inhabitants on the same day"
    missing = pl.concat_list(
        pl.when(pl.col(column).is_null()).then(pl.lit(words)) for column, words in needed.items()
    ).list.drop_nulls()
    judged = districts.sort("region_id").with_columns(
        ("not known: " + missing.list.join(", ")).alias("reason"), (missing.list.len() == 0).alias("complete")
    )
    unknown = judged.filter(~pl.col("complete")).select("series_id", "year", "region_id", "region_name", "reason")
    return judged.filter("complete"), unknown.to_dicts()


class _Model:
    """The districts of one year under one Berlin variant."""

    def __init__(self, known: pl.DataFrame, berlin: Berlin, entry: Districts, identity: dict[str, Any]) -> None:
        east, west = GROUPS[berlin]
        self.berlin, self.entry, self.identity = berlin, entry, identity
        weighted = entry.weights == "population"
        self.estimand = "weighted" if weighted else "unweighted"
        self.districts = known.filter(pl.col("part").is_in(east + west))
        self.east = self.districts["part"].is_in(east).to_numpy()
        self.states = self.districts["state_id"].to_numpy()
        self.shares = self.districts["share_percent"].to_numpy()
        self.weights = self.districts["weight_persons"].to_numpy() if weighted else None
        sides = [len(set(self.states[self.east])), len(set(self.states[~self.east]))]
        if min(sides) < 2:
            raise InputError(
                f"{min(sides)} state left on one side in {self.districts['year'].max()}, Berlin {berlin}",
                key=identity["comparison_id"],
                remedy="a comparison needs two states on either side",
            )
        self.counts = {
            "n_east": int(self.east.sum()),
            "n_west": int((~self.east).sum()),
            "states_east": sides[0],
            "states_west": sides[1],
        }
        self.flags = {"states_are_the_population"} | {
            STATUS_FLAGS[status] for status in self.districts["status"].unique() if status in STATUS_FLAGS
        }
        if "printed" in self.districts["share_origin"].to_list():
            self.flags.add("rounded_inputs")
        if weighted:
            self.flags.add("population_weighted")
        if entry.covariates:
            self.flags.add("covariates_describe")
        years = [self.districts[COVARIATES[name].year_column] for name in entry.covariates]
        if any((self.districts["year"] != year).any() for year in years):
            self.flags.add("covariates_of_other_years")

    def rows(self) -> Iterator[dict[str, Any]]:
        covariates = self._standardised()
        given = (self.shares, self.east, self.states, covariates, self.weights)
        # Every method states the gap of this fit, so it is made whatever is declared.
        fit = clustered.fractional_logit_cluster(*given)
        few, points = {"clustered_by_state"}, "percentage points"
        for method in self.entry.methods:
            if method == "fractional_logit_cluster":
                yield self._row("difference", "east", method, points, fit.gap, few)
                yield self._row("odds_ratio", "east", method, "ratio", fit.odds_ratio, few)
                for name, found in zip(self.entry.covariates, fit.covariates, strict=True):
                    yield self._row("odds_ratio", name, method, "ratio per standard deviation", found, few)
            elif method == "permutation":
                led = Estimate(fit.gap.estimate, p_value=self._permutation())
                yield self._row("difference", "east", method, points, led, set())
            elif method == "permutation_residualised":
                led = Estimate(fit.gap.estimate, p_value=clustered.permutation_residualised(*given).p_value)
                yield self._row("difference", "east", method, points, led, {"residualised_labels"})
            elif method == "tost_cluster" and self.entry.equivalence_margin_points is not None:
                p_value = clustered.equivalence_p(fit.gap, self.entry.equivalence_margin_points)
                tested = Estimate(fit.gap.estimate, p_value=p_value)
                yield self._row("difference", "east", method, points, tested, few | {"margin_declared"})
            elif method == "morans_i":
                unknown = Estimate(float("nan"))
                yield self._row("morans_i", "residuals", "not_computed", "ratio", unknown, {"neighbours_unknown"})

    def partition(self) -> Iterator[dict[str, Any]]:
        """How the variance of the shares divides between and within states, one district one observation."""
        methods = {"anova": clustered.variance_partition_anova, "reml": clustered.variance_partition_reml}
        for method in self.entry.methods:
            if method not in methods:
                continue
            found = methods[method](self.shares, self.states)
            inside = methods[method](self.shares, self.states, self.east)
            for quantity, unit, value in (
                ("variance_between", "percentage points squared", found.between),
                ("variance_within", "percentage points squared", found.within),
                ("icc", "share of variance", found.icc),
                ("icc_within_parts", "share of variance", inside.icc),
            ):
                yield self._row(quantity, "state", method, unit, Estimate(value), set())

    def _standardised(self) -> Any:
        """Covariates of the districts with mean zero and standard deviation one, a column each; None without."""
        import numpy as np

        if not self.entry.covariates:
            return None
        columns = []
        for name in self.entry.covariates:
            covariate = COVARIATES[name]
            values = self.districts[covariate.column].to_numpy().astype(float)
            values = np.log(values) if covariate.logged else values
            columns.append((values - values.mean()) / values.std(ddof=1))
        return np.column_stack(columns)

    def _permutation(self) -> float:
        """p of the difference of (weighted) means over districts when whole states change their label."""
        import numpy as np

        weights = np.ones(self.shares.size) if self.weights is None else self.weights
        names, of_state = np.unique(self.states, return_inverse=True)
        sums = np.bincount(of_state, weights=weights * self.shares)
        labels = np.bincount(of_state, weights=self.east, minlength=names.size) > 0
        return estimators.permutation(sums, np.bincount(of_state, weights=weights), labels).p_value

    def _row(
        self, quantity: str, term: str, method: str, unit: str, found: Estimate, flags: set[str]
    ) -> dict[str, Any]:
        head = self.districts.row(0, named=True)
        parts = (
            self.identity["comparison_id"],
            head["series_id"],
            self.identity["covariates"].replace(";", "+"),
            f"berlin_{self.berlin}",
            term,
            quantity,
            self.estimand,
            method,
        )
        return {
            **self.identity,
            **{name: head[name] for name in ("series_id", "source_id", "year", "census_base")},
            **{name: getattr(found, name) for name in ("estimate", "lower", "upper", "confidence_level", "p_value")},
            **self.counts,
            "result_id": ".".join(parts),
            "berlin": self.berlin,
            "family": self.entry.family,
            "term": term,
            "estimand": self.estimand,
            "quantity": quantity,
            "method": method,
            "unit": unit,
            "assumptions": join_flags(self.flags | flags),
        }
