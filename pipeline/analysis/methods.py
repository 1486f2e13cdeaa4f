"""The page on methods: a catalogue of what each method is, and the declaration in words, as one Markdown text.

Belongs here: for each method its estimand, formula, package call, assumption, limit and reference, and the text made of
them and of the declaration. Not here: the methods themselves, and numbers from any result.

docs/methods.md is what `methods_page` returns; `make methods` writes it and a test holds the file to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.analysis.design import Design, EastWest, Entry, Multiverse, Organisations, Proportions, load_design
from pipeline.analysis.tables import FLAGS

PAGE = Path("docs/methods.md")


@dataclass(frozen=True)
class MethodNote:
    """What a reviewer needs to follow a method; `call` is the function of the package that computes it."""

    estimand: str
    formula: str
    call: str
    assumption: str
    limit: str
    reference: str


CATALOGUE: dict[str, MethodNote] = {
    "share": MethodNote(
        "share of a person in the East, in the West, in Germany; their difference, ratio and odds ratio",
        "100 Σ persons with / Σ persons; odds ratio (p_E/(1-p_E)) / (p_W/(1-p_W))",
        "numpy sums; printed shares times persons of the register where counts are missing",
        "none: the states are all there are",
        "no interval; a large state counts for more than a small one",
        "-",
    ),
    "mean": MethodNote(
        "mean of the eastern and of the western states (or districts), and their ratio",
        "x̄ ± t(n-1) s/√n for states; no interval for districts",
        "numpy mean, scipy.stats.t",
        "as if the states were drawn at random",
        "a small state counts as much as a large one; districts of one state resemble each other",
        "Student (1908), Biometrika 6",
    ),
    "permutation": MethodNote(
        "difference of means or of pooled shares, East minus West",
        "p = 2 min(#{T ≤ t}, #{T ≥ t}) / number of splits, at most 1, over all splits of the states",
        "estimators.permutation, the same p as scipy.stats.permutation_test(n_resamples=inf)",
        "the label East could as well have been any other state's; districts move with their state",
        "no interval; smallest p is 2/8008, 2/4368 or 2/3003, for Berlin in the East, in the West, left out",
        "Fisher (1935), The Design of Experiments; Ernst (2004), Statistical Science 19",
    ),
    "welch": MethodNote(
        "difference of the means of states, East minus West",
        "(x̄_E - x̄_W) ± t(ν) √(s_E²/n_E + s_W²/n_W), ν by Satterthwaite",
        "scipy.stats.ttest_ind(equal_var=False).confidence_interval()",
        "as if the states were drawn at random from two roughly normal groups",
        "five or six eastern states",
        "Welch (1947), Biometrika 34",
    ),
    "ols_hc3": MethodNote(
        "difference of the means of states, East minus West",
        "β̂ of y = α + β·East, variance Σ xx' e²/(1-h)² between two (X'X)⁻¹, t with n-2",
        "statsmodels OLS.fit(cov_type='HC3', use_t=True); use_t is not the default",
        "as for welch; variances may differ between states",
        "few states: close to welch by construction",
        "MacKinnon and White (1985), J. Econometrics 29",
    ),
    "ols_cluster": MethodNote(
        "difference of the means of districts, East minus West",
        "β̂ of y = α + β·East over districts, variance by states (CR1), t with states - 1",
        "statsmodels OLS.fit(cov_type='cluster', use_t=True)",
        "many states, independent of each other",
        "sixteen are few: some 9 % of tests reject at a nominal 5 %; the permutation of states goes first",
        "Liang and Zeger (1986), Biometrika 73",
    ),
    "fractional_logit": MethodNote(
        "odds ratio of East over West: of mean shares, or of pooled shares with persons as weights",
        "logit E(y) = α + β·East, exp β; HC3 from the hat diagonal, t with n-2",
        "statsmodels GLM(Binomial, var_weights=persons); HC3 in effects.hc3_of_glm, since GLM returns HC0 for it",
        "as for ols_hc3; the mean is right, the variance need not be binomial",
        "with persons as weights few large states carry the error",
        "Papke and Wooldridge (1996), J. Applied Econometrics 11; Long and Ervin (2000), American Statistician 54",
    ),
    "hedges_g": MethodNote(
        "difference of the means of states in standard deviations",
        "g = J (x̄_E - x̄_W)/s, J = Γ(ν/2)/(√(ν/2) Γ((ν-1)/2)); interval by the noncentral t",
        "scipy.special.nctdtrinc, gammaln",
        "two normal groups of one variance",
        "the variances of East and West differ; read with welch",
        "Hedges (1981), J. Educational Statistics 6; Steiger and Fouladi (1997)",
    ),
    "brunner_munzel": MethodNote(
        "probability that an eastern state lies above a western one, ties half",
        "mean of [y_E > y_W] + ½[y_E = y_W] over all pairs, t approximation",
        "statsmodels rank_compare_2indep(use_t=True); interval cut to 0..1",
        "as if the states were drawn at random; no shape of the distribution",
        "no interval and no p where the groups do not overlap",
        "Brunner and Munzel (2000), Biometrical Journal 42",
    ),
    "equivalence": MethodNote(
        "whether the difference of the means of states lies within the declared margin",
        "larger p of two one-sided Welch tests at ± margin; interval at 90 %",
        "statsmodels ttost_ind(usevar='unequal'); the default pools the variances",
        "as for welch; the margin was fixed before looking",
        "not shown is not shown to be different: see the other methods",
        "Schuirmann (1987), J. Pharmacokinetics and Biopharmaceutics 15",
    ),
    "leave_one_out": MethodNote(
        "the difference without each state in turn, and the range of these",
        "d without state s, for each s; lower and upper are min and max",
        "numpy sums",
        "none",
        "a range, not an interval of confidence",
        "Mosteller and Tukey (1977), Data Analysis and Regression",
    ),
    "formula": MethodNote(
        "share of one state as the Mikrozensus knows it",
        "p ± 1.96 √(deff p(1-p) / (f N)), f the share of persons interviewed",
        "scipy.stats.norm",
        "the design effect, shown for several values; no standard error by state is published",
        "says how exactly a share is known, nothing on whether states differ",
        "Kish (1965), Survey Sampling",
    ),
    "monte_carlo": MethodNote(
        "pooled shares, difference and ratio as the Mikrozensus knows them",
        "quantiles over draws: interviewed of state s binomial with f N_s / deff trials",
        "numpy Generator(PCG64(seed)).binomial; the seed is the first six bytes of SHA-256 of the series_id",
        "as for formula; states are sampled independently; numbers of persons are exact",
        "as for formula",
        "Kish (1965), Survey Sampling",
    ),
    "bounds": MethodNote(
        "what may be where a figure is not known",
        "regions without a figure at 0 and at 100 %; percentages at both ends of their rounding",
        "numpy sums",
        "none",
        "no probability is attached to a place between the bounds",
        "Manski (2003), Partial Identification of Probability Distributions",
    ),
    "wilson": MethodNote(
        "share of respondents, from a printed percentage and its base",
        "(p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n)",
        "statsmodels proportion_confint(method='wilson'); the default is the normal interval",
        "as if the respondents were a simple random sample; they are not",
        "no interval where the base is not an exact number",
        "Wilson (1927), JASA 22",
    ),
    "newcombe": MethodNote(
        "difference of two printed percentages of different respondents",
        "hybrid of two Wilson intervals; p by the score test; both widened over the rounding of the percentages",
        "statsmodels confint_proportions_2indep(method='newcomb'), test_proportions_2indep(method='score')",
        "as if both were simple random samples of one kind of respondents; what speaks against it stands beside",
        "no interval and no test where a base is unknown; a least base gives one that is too wide",
        "Newcombe (1998), Statistics in Medicine 17; Miettinen and Nurminen (1985), Statistics in Medicine 4",
    ),
    "ratio_estimate": MethodNote(
        "organisations in Germany, from those counted in some states",
        "counted · Σ persons of all states / Σ persons of the states counted",
        "numpy sums",
        "as many organisations per person elsewhere as in the states counted",
        "no interval: the states were chosen, not drawn",
        "Cochran (1977), Sampling Techniques, chapter 6",
    ),
    "as_published": MethodNote(
        "a count as its publisher gives it", "-", "-", "none", "counts of different things side by side", "-"
    ),
    # Places and years.
    "fractional_logit_cluster": MethodNote(
        "gap between eastern and western districts, at equal covariates, in points and as odds ratio",
        "logit E(y) = α + β·East + γ'x; gap: mean predicted share with East = 1 minus East = 0; CR1 by state",
        "statsmodels GLM(Binomial); covariance from scores summed by state, t with states - 1",
        "many states, independent of each other; the mean is right",
        "sixteen are few: 6 to 12 % of tests reject at a nominal 5 %; the exact permutation goes first",
        "Papke and Wooldridge (1996), J. Applied Econometrics 11; Liang and Zeger (1986), Biometrika 73",
    ),
    "permutation_residualised": MethodNote(
        "the gap between districts at equal covariates, tested",
        "as permutation, over what the covariates leave of the states",
        "clustered.permutation_residualised, all splits of the states",
        "what the covariates leave of a state could as well have been that of any other",
        "approximate where covariates differ between East and West",
        "Freedman and Lane (1983), J. Business and Economic Statistics 1",
    ),
    "tost_cluster": MethodNote(
        "whether a gap or a slope lies within the declared margin",
        "larger p of two one-sided tests at ± margin, error clustered by state",
        "clustered.equivalence_p, scipy.stats.t",
        "as for the clustered error; the margin was fixed before looking",
        "not shown is not shown to be different",
        "Schuirmann (1987), J. Pharmacokinetics and Biopharmaceutics 15",
    ),
    "anova": MethodNote(
        "variance between and within states, and the share that lies between",
        "mean squares between and within, equated with their expectations; never below zero",
        "clustered.variance_partition_anova, numpy sums",
        "states have one variance within",
        "no interval",
        "Searle, Casella and McCulloch (1992), Variance Components",
    ),
    "reml": MethodNote(
        "variance between and within states, and the share that lies between",
        "restricted likelihood of a random intercept by state, profiled over the ratio of the two variances",
        "clustered.variance_partition_reml, scipy.optimize.root_scalar",
        "normal states and districts",
        "no interval; few states",
        "Patterson and Thompson (1971), Biometrika 58",
    ),
    "ols_cluster_state_effects": MethodNote(
        "difference of the slopes of eastern and western states over the years",
        "β̂ of East·year beside effects of state and year, CR1 by state, t with states - 1",
        "statsmodels OLS.fit(cov_type='cluster', use_t=True)",
        "many states, independent of each other; straight lines",
        "rejects too often with so few states; stands for its interval",
        "Bertrand, Duflo and Mullainathan (2004), Quarterly J. Economics 119",
    ),
    "wild_cluster_rademacher": MethodNote(
        "the same difference of slopes, tested",
        "t over draws in which the residuals of each state keep or change their sign, the null imposed",
        "clustered.wild_cluster_bootstrap(points='rademacher'), fixed seed",
        "residuals of a state are symmetric",
        "few eastern states give few different draws",
        "Cameron, Gelbach and Miller (2008), Rev. Economics and Statistics 90",
    ),
    "wild_cluster_webb": MethodNote(
        "the same difference of slopes, tested",
        "as wild_cluster_rademacher, with six points instead of two signs",
        "clustered.wild_cluster_bootstrap(points='webb'), fixed seed",
        "residuals of a state are symmetric",
        "few eastern states",
        "Webb (2023), Canadian J. Economics 56",
    ),
    "ratio_of_sums": MethodNote(
        "persons seeking protection per hundred persons of another concept",
        "100 Σ persons seeking protection / Σ persons",
        "numpy sums",
        "none: everybody in the register is counted",
        "a share only where both come from one register and day; else a quotient",
        "-",
    ),
    "quotient": MethodNote(
        "how many times as large the eastern figure is",
        "East / West",
        "-",
        "none",
        "no interval",
        "-",
    ),
    "arithmetic": MethodNote(
        "share of a state in all persons seeking protection, against the key that distributes arrivals",
        "share - key; distance: ½ Σ |share - key|",
        "numpy sums",
        "none: everybody in the register is counted",
        "the key is for arrivals, the register counts who is there by then",
        "Duncan and Duncan (1955), American Sociological Review 20",
    ),
}


def methods_page(design: Design | None = None) -> str:
    """The whole of docs/methods.md from the declaration (the project's own by default) and the catalogue."""
    declared = design or load_design()
    return "\n".join([*_head(), *_comparisons(declared), *_catalogue(), *_common(), *_flags()]).rstrip() + "\n"


def _head() -> Iterator[str]:
    yield "# Methods"
    yield ""
    yield "Generated by `make methods` from pipeline/analysis/design.yml and pipeline/analysis/methods.py; do not edit."
    yield ""
    yield (
        "Everything declared is computed and shown; nothing else is. The sixteen states are the population and no "
        "sample of states: `pooled` answers for a person, `unweighted` for a state, and every interval and p on them "
        "reads as if the labels East and West had been dealt at random. Nothing here is causal."
    )
    yield ""


def _comparisons(design: Design) -> Iterator[str]:
    yield "## What is compared"
    yield ""
    for entry in design.comparisons:
        yield f"### {entry.id}"
        yield ""
        yield entry.question
        yield ""
        for name, text in _facts(entry):
            yield f"- {name}: {text}"
        yield ""


def _facts(entry: Entry) -> Iterator[tuple[str, str]]:
    if isinstance(entry, EastWest):
        yield "outcome", f"`{entry.outcome}` by {entry.level}, East against West"
        years = "every complete year" if entry.years == "all" else ", ".join(map(str, entry.years))
        yield "figures", f"{', '.join(f'`{source}`' for source in entry.sources)}, {years}"
        yield "Berlin", ", ".join(entry.berlin)
        yield "estimands", f"{', '.join(entry.estimands)}; weights: {entry.weights}"
        yield "methods", f"{', '.join(entry.methods)}; headline: **{entry.headline}**"
        yield "family", f"{entry.family} (Holm, a method and an estimand at a time)"
        if entry.equivalence_margin_points is not None:
            yield "margin of equivalence", f"{entry.equivalence_margin_points:g} points. {entry.margin_reason}"
        if entry.unknown_regions == "bounded":
            yield "regions without a figure", "bounded, see `bounds`"
        if entry.sampling is not None:
            effects = ", ".join(f"{effect:g}" for effect in entry.sampling.design_effects)
            yield "sampling", f"fraction {entry.sampling.fraction:g}, design effects {effects} (assumed)"
    elif isinstance(entry, Proportions):
        yield "pair", f"`{entry.first.figure}` minus `{entry.second.figure}`, method newcombe or bounds"
        least = [side.base_at_least for side in (entry.first, entry.second) if side.base_at_least]
        if least:
            yield "least base", ", ".join(f"`{name}`" for name in least)
        yield "family", f"{entry.family} (Holm)"
        yield "incomparable", " ".join(entry.incomparable)
    elif isinstance(entry, Organisations):
        yield (
            "range",
            f"`{entry.lower}` to `{entry.upper}`, from `{entry.counted}` in {', '.join(entry.counted_states)}",
        )
        yield "auxiliary populations", "; ".join(f"{a.name} (`{a.series}`)" for a in entry.auxiliaries)
        yield "definitions side by side", ", ".join(f"`{d.figure}`" for d in entry.definitions)
    elif isinstance(entry, Multiverse):
        chosen = "all comparisons of East and West" if entry.comparisons == "all" else ", ".join(entry.comparisons)
        yield "choices", f"{chosen}; Berlin {', '.join(entry.berlin)}; {', '.join(entry.estimands)}"
        yield "estimators", ", ".join(entry.estimators)
    else:
        for name, value in entry.model_dump(exclude={"id", "question"}).items():
            yield name, ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _catalogue() -> Iterator[str]:
    yield "## How it is computed"
    yield ""
    for name, note in CATALOGUE.items():
        yield f"### {name}"
        yield ""
        yield f"- estimand: {note.estimand}"
        yield f"- formula: {note.formula}"
        yield f"- call: {note.call}"
        yield f"- assumption: {note.assumption}"
        yield f"- limit: {note.limit}"
        yield f"- reference: {note.reference}"
        yield ""


def _common() -> Iterator[str]:
    yield "## For every method"
    yield ""
    yield (
        "- p_adjusted: Holm (1979), Scandinavian Journal of Statistics 6. A set is what one method gives for one "
        "estimand over all series and Berlin variants of a family."
    )
    yield (
        "- minimum_detectable_points: beside every p of 5 % or more, the difference a two-sided test at 5 % would have "
        "found with 80 % power. For states the noncentral t (statsmodels TTestIndPower) times the pooled standard "
        "deviation; for districts the error clustered by state times t(0.975) + t(0.8)."
    )
    yield "- Every number leaves with ten significant digits; what is not finite leaves empty."
    yield ""


def _flags() -> Iterator[str]:
    yield "## What the flags say"
    yield ""
    for flag, words in FLAGS.items():
        yield f"- `{flag}`: {words}"


if __name__ == "__main__":
    PAGE.write_text(methods_page(), "utf-8")
