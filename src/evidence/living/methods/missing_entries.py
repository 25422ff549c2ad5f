"""Defaults of the checks for missing evidence; see `evidence.living.methods.entries`."""

from __future__ import annotations

from evidence.living.methods.defaults import Default

__all__ = ["MISSING"]

_HANDBOOK = "Cochrane Handbook, section"
_BEGG = "Begg and Mazumdar 1994, Biometrics 50:1088-1101"
_CARTER = "Carter et al. 2019, Advances in Methods and Practices in Psychological Science 2:115-144"
_CITKOWICZ = "Citkowicz and Vevea 2017, Psychological Methods 22:28-41"
_DUVAL = (
    "Duval and Tweedie 2000, Biometrics 56:455-463 and Journal of the American Statistical "
    "Association 95:89-98"
)
_EGGER = "Egger et al. 1997, BMJ 315:629-634"
_EXCESS = "Ioannidis and Trikalinos 2007, Clinical Trials 4:245-253"
_IOANNIDIS = "Ioannidis and Trikalinos 2007, CMAJ 176:1091-1096"
_MATHUR = (
    "Mathur and VanderWeele 2020, Journal of the Royal Statistical Society, Series C 69:1091-1119"
)
_MCSHANE = "McShane, Böckenholt and Hansen 2016, Perspectives on Psychological Science 11:730-749"
_P_CURVE = (
    "Simonsohn, Nelson and Simmons 2014, Journal of Experimental Psychology: General 143:534-547"
)
_P_CURVES = (
    "Simonsohn, Simmons and Nelson 2015, Journal of Experimental Psychology: General 144:1146-1152"
)
_STANLEY = "Stanley and Doucouliagos 2014, Research Synthesis Methods 5:60-78"
_STERNE = "Sterne et al. 2011, BMJ 343:d4002"
_VEVEA = "Vevea and Hedges 1995, Psychometrika 60:419-435"
_WAAP = "Stanley, Doucouliagos and Ioannidis 2017, Statistics in Medicine 36:1580-1598"
_Z_CURVE = "Bartoš and Schimmack 2022, Meta-Psychology 6:MP.2021.2720"

_OUTSIDE = (
    Default(
        "appraisal",
        "missing evidence: which check is trusted more",
        "evidence.appraisal.missing_evidence:_TRUST",
        "What is known to be missing weighs more than what numbers suggest, and a check that "
        "assumes little more than one that assumes much.",
        f"Page et al. 2023, BMJ 383:e076754, put what is known first; {_CARTER}, compare the "
        "others and give no order",
        own=True,
    ),
    Default(
        "appraisal",
        "months after a trial's end by which results are due",
        "evidence.appraisal.reporting:RESULTS_DUE_MONTHS",
        "What registries and funders ask for.",
        "WHO 2017, Joint statement on public disclosure of results from clinical trials",
    ),
    Default(
        "appraisal",
        "p that stands for a report of no more than significance",
        "evidence.appraisal.p_evidence:_LEVEL",
        "The line that reports use, taken as a bound: below it, or above.",
        "Fisher 1925, Statistical methods for research workers",
    ),
    Default(
        "appraisal",
        "combinations shown of a review's p values",
        "evidence.appraisal.p_evidence:_METHODS",
        "The first answers whether any trial has an effect, the second is less swayed by one "
        "extreme trial.",
        "Fisher 1932, Statistical methods for research workers; Edgington 1972, Journal of "
        "Psychology 80:351-363",
    ),
)

_SMALL_STUDIES = (
    Default(
        "appraisal",
        "fewest studies for a test of funnel plot asymmetry",
        "evidence.appraisal.small_study.guard:RULE.studies",
        "With fewer a test cannot tell chance from asymmetry; it is refused.",
        f"{_STERNE}; {_HANDBOOK} 13.3.5.4",
        unit="studies",
    ),
    Default(
        "appraisal",
        "largest variance over the smallest, at least, for such a test",
        "evidence.appraisal.small_study.guard:RULE.variance_ratio",
        "It compares small with large studies, and needs both.",
        _IOANNIDIS,
        unit="times",
    ),
    Default(
        "appraisal",
        "I² from which asymmetry may be heterogeneity, in percent",
        "evidence.appraisal.small_study.guard:RULE.i2",
        "Where true effects differ, the test finds asymmetry too often; at the 50 of Ioannidis and "
        "Trikalinos 2007 too many alarms came without a word of it (simulated in tests/appraisal).",
        own=True,
    ),
    Default(
        "appraisal",
        "p below which asymmetry is said to be seen",
        "evidence.appraisal.small_study.guard:RULE.level",
        "The test has little power.",
        _EGGER,
    ),
    Default(
        "appraisal",
        "model of Egger's test",
        "evidence.appraisal.small_study.regression_tests:_Choices(model)",
        "As its authors have it: weighted, with a dispersion estimated.",
        _EGGER,
    ),
    Default(
        "appraisal",
        "what Egger's test regresses on",
        "evidence.appraisal.small_study.regression_tests:_Choices(predictor)",
        "The slope is then the intercept of its authors' regression.",
        _EGGER,
    ),
    Default(
        "appraisal",
        "interval of a mixed Egger's test",
        "evidence.appraisal.small_study.regression_tests:_Choices(ci_method)",
        "As in every meta-regression.",
        "Knapp and Hartung 2003, Statistics in Medicine 22:2693-2710",
    ),
    Default(
        "appraisal",
        "studies below which the rank test is exact",
        "evidence.appraisal.small_study.rank_test:_EXACT_BELOW",
        "Beyond it the normal approximation has the same digits.",
        own=True,
    ),
    Default(
        "appraisal",
        "studies below which the rank test is cautioned about",
        "evidence.appraisal.small_study.rank_test:_LOW_POWER_BELOW",
        "Below it only gross asymmetry is found.",
        _BEGG,
    ),
    Default(
        "appraisal",
        "estimator of trim and fill",
        "evidence.appraisal.small_study.trim_and_fill:trim_and_fill(estimator)",
        "One of the two that its authors recommend; the other hangs on the most extreme studies.",
        _DUVAL,
    ),
    Default(
        "appraisal",
        "side that trim and fill fills",
        "evidence.appraisal.small_study.trim_and_fill:trim_and_fill(side)",
        "Opposite to where small studies lie.",
        f"{_DUVAL}, for the method",
        own=True,
    ),
    Default(
        "appraisal",
        "tau² of a limit meta-analysis",
        "evidence.appraisal.small_study.limit_meta_analysis:limit_meta_analysis(tau2_method)",
        "As for the mean.",
        "Rücker et al. 2011, Biostatistics 12:122-142, for the method",
        own=True,
    ),
    Default(
        "appraisal",
        "fewest studies of a Doi plot",
        "evidence.appraisal.small_study.doi_plot:FEWEST_STUDIES",
        "A limb on either side of a tip takes three. It is never a verdict, and the LFK index is "
        "left out, as its false positives go with the number and size of the studies.",
        "Schwarzer, Rücker and Semaca 2024, Research Synthesis Methods 15:603-615, for the index",
        own=True,
    ),
)

_SELECTION = (
    Default(
        "appraisal",
        "fewest studies for a model or test of selection",
        "evidence.appraisal.selection.studies:FEWEST_STUDIES",
        "With fewer there is too little power to tell chance from selection.",
        f"{_HANDBOOK} 13.3.5.4",
        unit="studies",
    ),
    Default(
        "appraisal",
        "cut-points of a step selection model, one-sided",
        "evidence.appraisal.selection.weight_functions:StepFunction(cuts)",
        "One step, where a two-sided p passes 0.05: three parameters in all.",
        _MCSHANE,
    ),
    Default(
        "appraisal",
        "side that selection favours",
        "evidence.appraisal.selection.weight_functions:StepFunction(alternative)",
        "Results of the wished-for sign are published more readily; give the other where benefit "
        "is negative.",
        _VEVEA,
    ),
    Default(
        "appraisal",
        "p nearer to 0 or 1 than this counts as this near, in a beta density",
        "evidence.appraisal.selection.weight_functions:CENSORED",
        "The density can be infinite at its ends.",
        _CITKOWICZ,
    ),
    Default(
        "appraisal",
        "model under selection",
        "evidence.appraisal.selection.selection_model:selection_model(model)",
        "As for the mean: without tau², differences between studies look like selection.",
        _MCSHANE,
    ),
    Default(
        "appraisal",
        "p below which selection is said to be seen",
        "evidence.appraisal.selection.selection_model:SELECTION_LEVEL",
        "As usual for tests of publication bias, which have little power.",
        f"{_EGGER}, for funnel plots",
    ),
    Default(
        "appraisal",
        "studies in an interval of p below which its weight is cautioned about",
        "evidence.appraisal.selection.selection_cautions:FEW_IN_INTERVAL",
        "The weight then hangs on single studies.",
        own=True,
    ),
    Default(
        "appraisal",
        "weight beyond which a selection model is cautioned about",
        "evidence.appraisal.selection.selection_cautions:LARGEST_WEIGHT",
        "The likelihood is flat there; its inverse counts alike.",
        own=True,
    ),
    Default(
        "appraisal",
        "two-sided level at which a result is affirmative, in the worst case",
        "evidence.appraisal.selection.worst_case:AFFIRMATIVE_LEVEL",
        "The line at which publication is known to tip.",
        _MATHUR,
    ),
    Default(
        "appraisal",
        "model of worst-case selection",
        "evidence.appraisal.selection.worst_case:worst_case_selection(model)",
        "It needs no normal distribution of the true effects.",
        _MATHUR,
    ),
    Default(
        "appraisal",
        "what selection would have to explain an effect away to",
        "evidence.appraisal.selection.worst_case:worst_case_selection(target)",
        "No effect; give the smallest important difference to ask about that.",
        _MATHUR,
    ),
    Default(
        "appraisal",
        "PET, PEESE or both",
        "evidence.appraisal.selection.pet_peese:pet_peese(method)",
        "PET is biased where there is an effect, PEESE where there is none.",
        _STANLEY,
    ),
    Default(
        "appraisal",
        "one-sided p of PET's effect below which PEESE takes over",
        "evidence.appraisal.selection.pet_peese:PET_LEVEL",
        "An effect that PET finds is estimated better by PEESE.",
        f"{_STANLEY}, for the rule",
        own=True,
    ),
    Default(
        "appraisal",
        "p below which effects are said to go with their standard errors, in PET-PEESE",
        "evidence.appraisal.selection.pet_peese:SLOPE_LEVEL",
        "As for Egger's test, which it is.",
        _EGGER,
    ),
    Default(
        "appraisal",
        "I² from which PET-PEESE is cautioned about, in percent",
        "evidence.appraisal.selection.pet_peese:MUCH_HETEROGENEITY",
        "It is biased there, and its intervals hold the truth too seldom; Stanley 2017 takes 80, "
        "but they do so from less on (simulated in tests/appraisal).",
        "Stanley 2017, Social Psychological and Personality Science 8:581-591, for the objection",
        own=True,
    ),
    Default(
        "appraisal",
        "effect over standard error from which a study is adequately powered",
        "evidence.appraisal.selection.waap:POWERED",
        "It has 80% power at a two-sided level of 0.05.",
        _WAAP,
    ),
    Default(
        "appraisal",
        "fewest adequately powered studies that are averaged",
        "evidence.appraisal.selection.waap:FEWEST_POWERED",
        "An average takes two.",
        _WAAP,
    ),
    Default(
        "appraisal",
        "p below which significant results are in excess",
        "evidence.appraisal.selection.excess:TEST_LEVEL",
        "The test has little power.",
        _EXCESS,
    ),
    Default(
        "appraisal",
        "level at which a study counts as significant, in the test of excess",
        "evidence.appraisal.selection.excess:excess_significance(alpha)",
        "The line that reports use.",
        _EXCESS,
    ),
    Default(
        "appraisal",
        "I² from which excess significance with a tau² of 0 is cautioned about, in percent",
        "evidence.appraisal.selection.excess:MUCH_HETEROGENEITY",
        "Studies then share no effect that their power could follow from.",
        "Johnson and Yuan 2007, Clinical Trials 4:254-255, for the objection",
        own=True,
    ),
    Default(
        "appraisal",
        "method of the fail-safe number",
        "evidence.appraisal.selection.fail_safe:fail_safe_n(method)",
        "The one that is asked for; it comes with its criticism.",
        "Rosenthal 1979, Psychological Bulletin 86:638-641",
    ),
)

_CURVES = (
    Default(
        "appraisal",
        "two-sided level at which a result counts as significant, in p- and z-curves",
        "evidence.appraisal.selection.significant:ALPHA",
        "The line at which publication is known to tip.",
        f"{_P_CURVE}; {_Z_CURVE}",
    ),
    Default(
        "appraisal",
        "p-curve: fewest significant results",
        "evidence.appraisal.selection.p_curve:FEWEST_SIGNIFICANT",
        "With fewer its two tests decide little, as simulations in this package's tests show.",
        f"{_P_CURVE}, for the method",
        own=True,
    ),
    Default(
        "appraisal",
        "p-curve: upper end of the half curve",
        "evidence.appraisal.selection.p_curve:HALF",
        "It is harder to reach by trying many analyses.",
        _P_CURVES,
    ),
    Default(
        "appraisal",
        "p-curve: power that a flat curve is compared with",
        "evidence.appraisal.selection.p_curve:LOW_POWER",
        "Studies with so little power say next to nothing.",
        _P_CURVE,
    ),
    Default(
        "appraisal",
        "p-curve: level of the half curve alone",
        "evidence.appraisal.selection.p_curve:ALONE",
        "Evidential value: the half curve below this, or both below the other.",
        _P_CURVES,
    ),
    Default(
        "appraisal",
        "p-curve: level of both curves together",
        "evidence.appraisal.selection.p_curve:BOTH",
        "Evidential value: the half curve alone below the other, or both below this.",
        _P_CURVES,
    ),
    Default(
        "appraisal",
        "p-curve: level of the interval of power",
        "evidence.appraisal.selection.p_curve:p_curve(level)",
        "Its ends are those of two one-sided tests at 0.05.",
        _P_CURVES,
    ),
    Default(
        "appraisal",
        "z-curve: fewest significant results",
        "evidence.appraisal.selection.z_curve:FEWEST_SIGNIFICANT",
        "With fewer the expected discovery rate is mostly chance.",
        "Schimmack 2026, Frequently asked questions about z-curve, Replicability-Index",
    ),
    Default(
        "appraisal",
        "z-curve: fewest significant results with force",
        "evidence.appraisal.selection.z_curve:FEWEST_AT_ALL",
        "Seven weights cannot be told apart by fewer.",
        own=True,
    ),
    Default(
        "appraisal",
        "z-curve: draws of the bootstrap",
        "evidence.appraisal.selection.z_curve:z_curve(draws)",
        "Enough for the second digit of an end of an interval.",
        f"{_Z_CURVE}, for the method",
        own=True,
    ),
    Default(
        "appraisal",
        "z-curve: widening of the interval of replication",
        "evidence.appraisal.selection.z_curve:WIDER_REPLICATION",
        "Without it the interval holds the truth too seldom in the authors' simulations.",
        _Z_CURVE,
    ),
    Default(
        "appraisal",
        "z-curve: widening of the interval of discovery",
        "evidence.appraisal.selection.z_curve:WIDER_DISCOVERY",
        "Without it the interval holds the truth too seldom in the authors' simulations.",
        _Z_CURVE,
    ),
)

MISSING = (*_OUTSIDE, *_SMALL_STUDIES, *_SELECTION, *_CURVES)
