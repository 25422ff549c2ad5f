"""The list of the defaults of pooling; see `evidence.living.methods.entries`."""

from __future__ import annotations

from evidence.living.methods import probes
from evidence.living.methods.defaults import Default

__all__ = ["SYNTHESIS"]

_HANDBOOK = "Cochrane Handbook, section"
_BRADBURN = "Bradburn et al. 2007, Statistics in Medicine 26:53-77"
_ROEVER = "Röver et al. 2021, Research Synthesis Methods 12:448-474"
_TIPTON = "Tipton 2015, Psychological Methods 20:375-393"
_HEDGES = "Hedges, Tipton and Johnson 2010, Research Synthesis Methods 1:39-65"
_MATHUR = "Mathur and VanderWeele 2020, Epidemiology 31:356-358"

_POOLING = (
    Default(
        "synthesis",
        "model",
        "evidence.synthesis.pool:pool(model)",
        "Trials in other people and places seldom share one true effect.",
        "Higgins, Thompson and Spiegelhalter 2009, Journal of the Royal Statistical Society A "
        "172:137-159",
    ),
    Default(
        "synthesis",
        "estimator of tau²",
        "evidence.synthesis.pool:pool(tau2_method)",
        "Nearly unbiased; recommended together with Paule and Mandel's.",
        "Veroniki et al. 2016, Research Synthesis Methods 7:55-79",
    ),
    Default(
        "synthesis",
        "confidence interval of the mean",
        "evidence.synthesis.pool:pool(ci_method)",
        "With few trials that differ the Wald interval holds the truth far less often than it "
        "says; how often each does is in the simulation's table (tests/synthesis/README.md).",
        "Hartung and Knapp 2001, Statistics in Medicine 20:3875-3889; Sidik and Jonkman 2002, "
        "Statistics in Medicine 21:3153-3159; Röver, Knapp and Friede 2015, BMC Medical Research "
        "Methodology 15:99",
    ),
    Default(
        "synthesis",
        "level of confidence and prediction intervals",
        "evidence.synthesis.pool:pool(level)",
        "The usual one, so that results can be compared with others.",
        f"{_HANDBOOK} 15.3.1",
    ),
    Default(
        "synthesis",
        "confidence interval of tau²",
        probes.tau2_interval,
        "Exact for normal effects with known variances, at every number of studies.",
        "Viechtbauer 2007, Statistics in Medicine 26:37-52",
    ),
    Default(
        "synthesis",
        "degrees of freedom of the prediction interval",
        "evidence.synthesis.intervals.prediction:t_prediction(df)",
        "Of t, with two parameters estimated.",
        "Higgins, Thompson and Spiegelhalter 2009, Journal of the Royal Statistical Society A "
        "172:137-159",
    ),
    Default(
        "synthesis",
        "fewest studies with a prediction interval",
        probes.prediction_fewest,
        "With fewer there is no degree of freedom left.",
        "Higgins, Thompson and Spiegelhalter 2009, Journal of the Royal Statistical Society A "
        "172:137-159",
    ),
    Default(
        "synthesis",
        "most studies that are cautioned as few",
        probes.few_studies_most,
        "So few hardly tell how far studies differ.",
        "Röver, Knapp and Friede 2015, BMC Medical Research Methodology 15:99, draw no line",
        own=True,
    ),
    Default(
        "synthesis",
        "draws of a bootstrap",
        "evidence.synthesis.batch:bootstrap_pool(draws)",
        "Enough for the second digit of an end of an interval.",
        own=True,
    ),
    Default(
        "synthesis",
        "share of settings beyond a threshold",
        "evidence.synthesis.intervals.share_beyond:share_beyond(method)",
        "It needs no normal distribution of the true effects.",
        _MATHUR,
    ),
)

_BAYES = (
    Default(
        "synthesis",
        "prior of tau",
        "evidence.synthesis.bayes.fit:pool_bayes(tau_prior)",
        "Weakly informative for log ratios and standardised differences; other units need their "
        "own.",
        _ROEVER,
    ),
    Default(
        "synthesis",
        "prior of the mean effect",
        "evidence.synthesis.bayes.fit:pool_bayes(mu_prior)",
        "Flat, so that the data alone speak of the mean.",
        "Röver 2020, Journal of Statistical Software 93(6)",
        unit="(flat)",
    ),
    Default(
        "synthesis",
        "priors of tau in the comparison of models",
        "evidence.synthesis.model_choice:PRIOR_GRID",
        "A moderate and a wide one, on the scales that have a default prior; beside them the "
        "spread over earlier Cochrane meta-analyses, where `empirical_prior` has it.",
        "Friede et al. 2017, Research Synthesis Methods 8:79-91",
    ),
    Default(
        "synthesis",
        "most studies at which the prior is cautioned about",
        "evidence.synthesis.bayes.fit:FEW_STUDIES",
        "With so few the answer leans on the prior of tau.",
        f"{_ROEVER}, draws no line",
        own=True,
    ),
)

_SPARSE = (
    Default(
        "synthesis",
        "expected count below which cells are sparse",
        "evidence.synthesis.sparse.advice:SPARSE_RULE.fewest_expected",
        "Below it large-sample tests of counts are not to be trusted.",
        "Cochran 1954, Biometrics 10:417-451",
    ),
    Default(
        "synthesis",
        "p of heterogeneity that speaks against one odds ratio",
        "evidence.synthesis.sparse.advice:SPARSE_RULE.heterogeneity_p",
        "Tests of heterogeneity have little power.",
        f"{_HANDBOOK} 10.10.2",
    ),
    Default(
        "synthesis",
        "Peto's method: share of people with the event, at most",
        "evidence.synthesis.sparse.peto:PETO_CONDITIONS.most_events",
        "It is made for rare events.",
        f"{_HANDBOOK} 10.4.4.2; {_BRADBURN}",
    ),
    Default(
        "synthesis",
        "Peto's method: larger group over smaller, at most",
        "evidence.synthesis.sparse.peto:PETO_CONDITIONS.most_imbalance",
        "It is biased where groups are of unequal size.",
        f"{_BRADBURN}, asks for balance and gives no figure",
        own=True,
    ),
    Default(
        "synthesis",
        "Peto's method: odds ratio, at most",
        "evidence.synthesis.sparse.peto:PETO_CONDITIONS.most_effect",
        "It is biased where effects are large.",
        f"{_BRADBURN}, speaks of effects that are not large and gives no figure",
        own=True,
    ),
    Default(
        "synthesis",
        "continuity correction of the Mantel-Haenszel test",
        "evidence.synthesis.sparse.stratified_tests:cochran_mantel_haenszel(continuity_correction)",
        "It makes the test more cautious than its level.",
        "Mantel and Haenszel 1959, Journal of the National Cancer Institute 22:719-748, has one; "
        "that it is off is a choice",
        own=True,
    ),
    Default(
        "synthesis",
        "mixed logistic model",
        "evidence.synthesis.sparse.mixed_logistic:pool_mixed_logistic(model)",
        "Nothing is added to empty cells, and no study effects have to be estimated.",
        "Stijnen, Hamza and Özdemir 2010, Statistics in Medicine 29:3046-3067",
    ),
    Default(
        "synthesis",
        "share of events up to which its approximation is let pass",
        "evidence.synthesis.sparse.mixed_logistic:MOST_APPROXIMATE_EVENTS",
        "The binomial stands for the hypergeometric where events are rare.",
        "Stijnen, Hamza and Özdemir 2010 ask for rare events and give no figure",
        own=True,
    ),
)

_REGRESSION = (
    Default(
        "synthesis",
        "intervals of a meta-regression",
        "evidence.synthesis.regression.method:RegressionMethod(ci_method)",
        "Normal intervals are too narrow with few studies.",
        "Knapp and Hartung 2003, Statistics in Medicine 22:2693-2710; Viechtbauer et al. 2015, "
        "Psychological Methods 20:360-374",
    ),
    Default(
        "synthesis",
        "residual tau² of a meta-regression",
        "evidence.synthesis.regression.method:RegressionMethod(tau2_method)",
        "As for the mean.",
        "Viechtbauer et al. 2015, Psychological Methods 20:360-374",
    ),
    Default(
        "synthesis",
        "fewest studies for each moderator without a caution",
        "evidence.synthesis.regression.regress:_STUDIES_PER_MODERATOR",
        "With fewer a regression mostly finds noise.",
        f"{_HANDBOOK} 10.11.5.1",
    ),
    Default(
        "synthesis",
        "leverage that is cautioned about",
        "evidence.synthesis.regression.regress:_HIGH_LEVERAGE",
        "The fit then nearly runs through that one study.",
        "Viechtbauer and Cheung 2010, Research Synthesis Methods 1:112-125, use another bound",
        own=True,
    ),
    Default(
        "synthesis",
        "tau² of subgroups",
        "evidence.synthesis.regression.subgroups:compare_subgroups(tau2)",
        "A small subgroup alone hardly tells how far its studies differ.",
        "Borenstein and Higgins 2013, Prevention Science 14:134-143; Rubio-Aparicio et al. 2017, "
        "British Journal of Mathematical and Statistical Psychology 70:439-456",
    ),
    Default(
        "synthesis",
        "rearrangements of a permutation test",
        "evidence.synthesis.regression.permutation:permutation_test(permutations)",
        "Enough for the second digit of a p value near its usual line.",
        "Higgins and Thompson 2004, Statistics in Medicine 23:1663-1682, propose the test",
        own=True,
    ),
)

_DEPENDENCE = (
    Default(
        "synthesis",
        "cluster-robust variance",
        "evidence.synthesis.dependence.robust:cluster_robust(kind)",
        "Its small-sample correction is right with few trials, together with Satterthwaite's "
        "degrees of freedom.",
        f"{_TIPTON}; Pustejovsky and Tipton 2018, Journal of Business & Economic Statistics "
        "36:672-683",
    ),
    Default(
        "synthesis",
        "degrees of freedom below which a robust result is cautioned about",
        "evidence.synthesis.dependence.robust:FEWEST_DF",
        "Below it the t approximation itself is not to be trusted.",
        _TIPTON,
    ),
    Default(
        "synthesis",
        "correlation of effects of one trial in approximate weights",
        "evidence.synthesis.dependence.weighted:pool_robust(correlation)",
        "The usual working value; the robust variance allows for its being wrong.",
        _HEDGES,
    ),
    Default(
        "synthesis",
        "variances of multilevel models",
        "evidence.synthesis.dependence.options:DependenceOptions(tau2_method)",
        "Those of maximum likelihood are too small with few clusters.",
        "Van den Noortgate et al. 2013, Behavior Research Methods 45:576-594",
    ),
    Default(
        "synthesis",
        "intervals of multilevel models",
        "evidence.synthesis.dependence.options:DependenceOptions(ci_method)",
        "Degrees of freedom go with the level that a coefficient is told from.",
        "Pinheiro and Bates 2000, Mixed-effects models in S and S-PLUS, section 2.4.2",
    ),
)

SYNTHESIS = (*_POOLING, *_BAYES, *_SPARSE, *_REGRESSION, *_DEPENDENCE)
