"""The catalogue of methods: what each is, by the name it bears in the results.

Belongs here: estimand, formula, package call, assumption, limit and reference of each method. Not here: the methods
themselves, the page made of this (methods.py), numbers from any result.
"""

from __future__ import annotations

from dataclasses import dataclass


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
        "scipy.special.nctdtr inverted by scipy.optimize.root_scalar, gammaln",
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
        "as for welch; the margin is chosen for its meaning and stands in the declaration",
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
        "numpy RandomState(MT19937(SeedSequence(seed))).binomial; seed: first six bytes of SHA-256 of the series_id",
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
    "fractional_logit_cluster": MethodNote(
        "average marginal difference of districts, East minus West, at equal covariates; odds ratios",
        "logit E(y) = α + β·East + x'γ; variance Σ_g s_g s_g' between two bread matrices, G/(G-1)·(n-1)/(n-k), "
        "s_g the scores of a state; the difference by the delta method, t with states - 1",
        "statsmodels GLM(Binomial, var_weights); covariance in clustered.fractional_logit_cluster, as R's vcovCL",
        "many independent states; covariates describe districts as they are, so nothing is an effect",
        "with 15 or 16 states 6 to 12 % of tests reject at a nominal 5 %: stands for its interval, never leads",
        "Papke and Wooldridge (1996), J. Applied Econometrics 11; Liang and Zeger (1986), Biometrika 73",
    ),
    "permutation_residualised": MethodNote(
        "whether the label East says something of districts beside the covariates",
        "score of the label, residualised on the covariates, summed by state and divided by the root of its sum of "
        "squares; p as for permutation, over all splits of the states",
        "clustered.permutation_residualised, numpy; the fit without the label by statsmodels GLM",
        "what the covariates leave of the states is exchangeable between states",
        "approximate where covariates differ between East and West; leads with all covariates alone, since with "
        "density alone it is too careful and with other choices it was not tried",
        "Freedman and Lane (1983), J. Business and Economic Statistics 1; Kline and Santos (2012), J. Econometrics "
        "168; DiCiccio and Romano (2017), JASA 112",
    ),
    "tost_cluster": MethodNote(
        "whether the difference of districts, or of slopes, lies within the declared margin",
        "p = P(T ≥ (margin - |d|)/se), t with states - 1, se clustered by state",
        "clustered.equivalence_p, scipy.stats.t",
        "as for the clustered error it uses; what was known when the margin was set stands beside it",
        "few clusters make the error too small: an equivalence found narrowly is none",
        "Schuirmann (1987), J. Pharmacokinetics and Biopharmaceutics 15",
    ),
    "anova": MethodNote(
        "variance of districts between and within states, its share between states (icc); also within East and West",
        "σ²_b = (SS_b - (G - g) σ²_w)/(n - Σ_g Σ n_s²/n_g), σ²_w the mean square within",
        "clustered.variance_partition_anova, numpy",
        "one district one observation; states drawn from a population of states",
        "a negative component is set to zero; no interval",
        "Searle, Casella and McCulloch (1992), Variance Components, chapters 3 and 5",
    ),
    "reml": MethodNote(
        "the same by restricted maximum likelihood",
        "score of the profiled likelihood of σ²_b/σ²_w set to zero",
        "clustered.variance_partition_reml, scipy.optimize.root_scalar(brentq); agrees with R's nlme",
        "random intercepts and errors normal",
        "statsmodels MixedLM was not used: its optimisers disagreed on these districts; no interval",
        "Patterson and Thompson (1971), Biometrika 58",
    ),
    "morans_i": MethodNote(
        "whether neighbouring districts have like residuals",
        "n/Σw · Σ w_ij e_i e_j / Σ e_i²",
        "none: the rows say not_computed",
        "a list of neighbours",
        "which districts are neighbours is not in the data",
        "Moran (1950), Biometrika 37",
    ),
    "not_computed": MethodNote(
        "what would have been computed if the data had it",
        "-",
        "-",
        "none",
        "stands for a figure that is missing; the flag says what is",
        "-",
    ),
    "none": MethodNote(
        "a published percentage without an interval",
        "-",
        "-",
        "none",
        "its base is not an exact number, or it is printed as a bound, a range or words; the flag says which",
        "-",
    ),
    "ols_cluster_state_effects": MethodNote(
        "difference of the slopes of the states over years, East minus West",
        "β̂ of y = α_s + τ_t + β·East·t, variance by states (CR1), t with states - 1",
        "statsmodels OLS.fit(cov_type='cluster', use_t=True) with effects of state and year",
        "many independent states; a straight line for each between two breaks",
        "sixteen are few: stands for its interval beside the permutation of the same slopes",
        "Bertrand, Duflo and Mullainathan (2004), Quarterly J. Economics 119",
    ),
    "wild_cluster_rademacher": MethodNote(
        "p of the difference of slopes, as a sensitivity",
        "residuals under no difference change sign by state, 9,999 draws; p = (1 + #{|t*| ≥ |t|})/(1 + draws)",
        "clustered.wild_cluster_bootstrap, numpy Generator of a fixed seed",
        "states independent; residuals symmetric",
        "with five or six eastern states it errs in both directions; never leads",
        "Cameron, Gelbach and Miller (2008), Rev. Economics and Statistics 90; Roodman et al. (2019), Stata Journal 19",
    ),
    "wild_cluster_webb": MethodNote(
        "the same with six points in place of two signs",
        "factors ±√½, ±1, ±√(3/2), each as likely",
        "clustered.wild_cluster_bootstrap(points='webb')",
        "as for wild_cluster_rademacher",
        "as for wild_cluster_rademacher",
        "Webb (2023), Canadian J. Economics 56",
    ),
    "ratio_of_sums": MethodNote(
        "persons seeking protection per hundred persons of another concept, as a person meets them",
        "100 Σ persons seeking protection / Σ persons of the denominator, over states",
        "numpy sums",
        "none: both are counted; where the universes differ the quotient is no share",
        "no interval; sums of rounded cells lie below the published totals",
        "Cochran (1977), Sampling Techniques, chapter 6",
    ),
    "quotient": MethodNote(
        "how many times as many in the East as in the West",
        "East / West, of the ratios of sums or of the means of states",
        "division",
        "none",
        "no interval; the difference carries the test",
        "-",
    ),
    "arithmetic": MethodNote(
        "share of persons seeking protection against the Königstein key: deviation of states, distance of the whole",
        "d_s = share_s - key_s; distance ½ Σ |d_s|, the share that would have to be elsewhere",
        "sums; lower and upper are the least and greatest over the keys of the five years up to the one used",
        "none: all persons are counted and nothing is tested",
        "the key is for arrivals, the register counts everybody here by then: a deviation is no breach of it",
        "Duncan and Duncan (1955), American Sociological Review 20, for the distance",
    ),
}
