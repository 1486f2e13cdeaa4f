"""The codes of released rows as a reader may ask for them: methods, estimands, sources, flags, states of a figure.

Belongs here: words for codes, in the language being spoken, for the line that a number shows when it is pointed at.
Not here: words of sentences and headings (findings.py), what a method is (catalogue.py).
"""

from __future__ import annotations

from pipeline.language import mark, of_data, t
from pipeline.report import findings

CONCEPTS = {
    **findings.CONCEPTS,
    "koenigstein_key": mark("Königstein key"),
    "population": mark("population"),
    "protection_seekers": mark("persons seeking protection"),
    "regional_structure": mark("structure of the region"),
}
SOURCES = {
    "association_counts": mark("counts of associations"),
    "azr_foreign_population_states": mark("central register of foreigners, states"),
    "districts_structure_2022": mark("structural data of the districts"),
    "eastwest_aggregates": mark("published aggregates for East and West"),
    "foreign_share_districts": mark("share of foreign nationals, districts"),
    "foreign_share_states": mark("share of foreign nationals, states"),
    "immigration_history_germany": mark("immigration history, Germany"),
    "koenigstein_key_states": mark("Königstein key, states"),
    "mikrozensus_niedersachsen_districts": mark("Mikrozensus, districts of Niedersachsen"),
    "mikrozensus_single_figures": mark("Mikrozensus, single figures"),
    "mikrozensus_states": mark("Mikrozensus, states"),
    "population_districts": mark("population, districts"),
    "population_states": mark("population, states"),
    "protection_seekers_districts": mark("persons seeking protection, districts"),
    "study_figures": mark("figures of studies"),
    "zensus2011_migration_background_states": mark("Zensus 2011, migration background"),
    "zensus2011_nationality_regions": mark("Zensus 2011, nationality"),
    "zensus2022_immigration_history": mark("Zensus 2022, immigration history"),
}
ESTIMANDS = {
    "east": mark("share of the East"),
    "germany": mark("all of Germany"),
    "organisations": mark("number of organisations"),
    "pooled": mark("all persons together"),
    "respondents": mark("share of those who answered"),
    "state": mark("share of a state"),
    "unweighted": mark("each region counted once"),
    "west": mark("share of the West"),
}
METHODS = {
    "anova": mark("analysis of variance"),
    "arithmetic": mark("arithmetic"),
    "as_published": mark("as published"),
    "bounds": mark("bounds"),
    "brunner_munzel": mark("Brunner and Munzel’s test"),
    "equivalence": mark("equivalence test"),
    "formula": mark("by formula"),
    "fractional_logit": mark("fractional logit"),
    "fractional_logit_cluster": mark("fractional logit, clustered by state"),
    "hedges_g": mark("Hedges’ g"),
    "leave_one_out": mark("each state left out in turn"),
    "mean": mark("mean of the regions"),
    "monte_carlo": mark("simulated draws"),
    "newcombe": mark("Newcombe’s interval"),
    "none": mark("without an interval"),
    "not_computed": mark("not computed"),
    "ols_cluster": mark("least squares, clustered by state"),
    "ols_cluster_state_effects": mark("least squares with state effects, clustered by state"),
    "ols_hc3": mark("least squares, HC3 errors"),
    "permutation": mark("exact permutation"),
    "permutation_residualised": mark("exact permutation of what a model leaves over"),
    "quotient": mark("quotient of two tables"),
    "ratio_estimate": mark("ratio estimate"),
    "ratio_of_sums": mark("ratio of sums"),
    "reml": mark("REML"),
    "share": mark("share of all persons"),
    "tost_cluster": mark("equivalence test, clustered by state"),
    "welch": mark("Welch’s interval"),
    "wild_cluster_rademacher": mark("wild cluster bootstrap, Rademacher’s weights"),
    "wild_cluster_webb": mark("wild cluster bootstrap, Webb’s weights"),
    "wilson": mark("Wilson’s interval"),
}
FLAGS = {
    "approximate_value": mark("approximate"),
    "as_if_random": mark("read as if the answers were a random sample"),
    "base_is_a_bound": mark("the number of answers is a bound"),
    "base_unknown": mark("number of answers not known"),
    "bound_only": mark("a bound, no value"),
    "clustered_by_state": mark("districts of one state resemble each other"),
    "contradicted": mark("contradicted by another source"),
    "covariates_describe": mark("what is held equal describes, it explains nothing"),
    "covariates_of_other_years": mark("what is held equal is of another year"),
    "dates_differ": mark("dates differ"),
    "definitions_differ": mark("definitions differ"),
    "derived": mark("derived"),
    "districts_within_states": mark("districts within their states"),
    "extrapolated": mark("extrapolated"),
    "final": mark("final"),
    "first_results": mark("first results"),
    "inferred": mark("inferred"),
    "key_is_for_arrivals": mark("the key is for those who arrive"),
    "key_of_another_year": mark("key of another year"),
    "margin_declared": mark("margin declared beforehand"),
    "mixed_universe": mark("persons counted by different rules"),
    "neighbours_unknown": mark("neighbours not known"),
    "no_denominator": mark("without a denominator"),
    "no_overlap": mark("no year in common"),
    "not_a_single_value": mark("not a single value"),
    "not_comparable": mark("not comparable"),
    "open": mark("open"),
    "population_weighted": mark("weighted with the population"),
    "range_without_one_state": mark("range when one state is left out"),
    "ratio_estimate": mark("extended in proportion"),
    "regions_missing": mark("regions missing"),
    "residualised_labels": mark("labels freed of what is held equal"),
    "rounded_inputs": mark("rounded figures"),
    "revised": mark("revised"),
    "not_stated": mark("state of the figures not stated"),
    "sampling_assumed": mark("sampling assumed"),
    "secondary": mark("second-hand"),
    "secondary_figures": mark("second-hand figures"),
    "straight_line": mark("a straight line through the years"),
    "sum_of_regions": mark("sum of the regions"),
    "sums_of_rounded_cells": mark("sums of rounded cells"),
    "universes_differ": mark("the persons counted differ"),
    "verbal": mark("given in words"),
    "worst_case": mark("worst case"),
    "years_differ": mark("years differ"),
}


def word(code: object, words: dict[str, str]) -> str:
    """The words of a code in the language being spoken; an unknown one as it is, with spaces."""
    text = str(code)
    return t(words[text]) if text in words else of_data(text.replace("_", " "))[0]
