"""The list of defaults: where each stands, why it is so, and where it is from.

Values are never written here: `Default.source` says where the code has them.
"""

from __future__ import annotations

from evidence.living.methods import probes
from evidence.living.methods.bias_entries import BIAS
from evidence.living.methods.certainty_entries import CERTAINTY
from evidence.living.methods.defaults import Default
from evidence.living.methods.directness_entries import DIRECTNESS
from evidence.living.methods.dose_entries import DOSE
from evidence.living.methods.further_entries import FURTHER
from evidence.living.methods.integrity_entries import INTEGRITY
from evidence.living.methods.missing_entries import MISSING
from evidence.living.methods.sensitivity_entries import SENSITIVITY
from evidence.living.methods.synthesis_entries import SYNTHESIS
from evidence.living.methods.trial_counts_entries import TRIAL_COUNTS
from evidence.living.methods.trial_entries import TRIAL

__all__ = ["ENTRIES"]

_HANDBOOK = "Cochrane Handbook, section"
_KADLEC = "Kadlec, Sainani and Nimphius 2023, Sports Medicine 53:313-325"

_DATA = (
    Default(
        "data",
        "rounding of a printed number",
        probes.half_units_of_rounding,
        "A printed number stands for all that round to it; that range is carried along.",
        own=True,
        unit="of a unit of its last printed digit, on either side",
    ),
    Default(
        "data",
        "tolerance for contradictions beyond rounding",
        probes.contradiction_tolerance,
        "Reports contradict each other only where no numbers behind the printed ones and no "
        "usual test fit them all.",
        own=True,
    ),
)

_EFFECTS = (
    Default(
        "effects",
        "standardised mean difference",
        probes.smd_formula,
        "The exact correction is unbiased in small trials, where the usual approximation is not "
        "quite; the variance is the one most reviews use.",
        "Hedges 1981, Journal of Educational Statistics 6:107-128; Hedges 1982, Psychological "
        "Bulletin 92:490-499",
    ),
    Default(
        "effects",
        "variance of a mean difference",
        "evidence.effects.measures.continuous:mean_difference(variance_formula)",
        "Each group keeps its own standard deviation, so unequal spread does no harm.",
        "Bonett 2009, Psychological Methods 14:225-238",
    ),
    Default(
        "effects",
        "number added to the cells of a study with an empty one",
        "evidence.effects.measures.binary:log_odds_ratio(continuity)",
        "A ratio has no variance with an empty cell; with rare events look at the methods for "
        "sparse data instead.",
        "Gart and Zweifel 1967, Biometrika 54:181-187; Sweeting, Sutton and Lambert 2004, "
        "Statistics in Medicine 23:1351-1375",
    ),
    Default(
        "effects",
        "scale of a single group's proportion",
        "evidence.effects.measures.one_group:proportion(transformation)",
        "The Freeman-Tukey scale can mislead when it is turned back.",
        "Schwarzer et al. 2019, Research Synthesis Methods 10:476-483",
    ),
    Default(
        "effects",
        "exact interval of a single proportion",
        "evidence.effects.exact.intervals:proportion_interval(method)",
        "It never covers less than it says.",
        "Clopper and Pearson 1934, Biometrika 26:404-413",
    ),
    Default(
        "effects",
        "mid-p in the exact interval of an odds ratio",
        "evidence.effects.exact.intervals:exact_odds_ratio(mid_p)",
        "Without it the interval never covers less than it says; with it, it is shorter.",
        "Gart 1970, Biometrika 57:471-475",
    ),
    Default(
        "effects",
        "mean and SD from a median with quartiles or range",
        "evidence.effects.conversions.five_numbers:mean_and_sd_from_median(method)",
        "Weights that are best for the sample size; a test of skewness goes with it.",
        "Luo et al. 2018, Statistical Methods in Medical Research 27:1785-1805; Wan et al. 2014, "
        "BMC Medical Research Methodology 14:135; Shi et al. 2020, Research Synthesis Methods "
        "11:641-654",
    ),
    Default(
        "effects",
        "quantile behind the interval of a mean",
        "evidence.effects.conversions.standard_deviations:sd_from_interval(quantile)",
        "Intervals of small groups are built with t.",
        f"{_HANDBOOK} 6.5.2.2",
    ),
    Default(
        "effects",
        "distribution between an SMD and a log odds ratio",
        "evidence.effects.measures.smd_scales:log_odds_ratio_from_smd(distribution)",
        "The conversion in common use.",
        "Hasselblad and Hedges 1995, Psychological Bulletin 117:167-178; Chinn 2000, Statistics "
        "in Medicine 19:3127-3131",
    ),
    Default(
        "effects",
        "correlations tried where none is reported",
        "evidence.effects.measures.unknown_correlation:CORRELATIONS",
        "What the unknown correlation within people changes is shown over its whole range.",
        "Elbourne et al. 2002, International Journal of Epidemiology 31:140-149, propose such a "
        "sensitivity analysis",
        own=True,
    ),
    Default(
        "effects",
        "standardised difference that looks like a slip",
        "evidence.effects.measures.plausibility:PLAUSIBILITY_LIMITS.largest_smd",
        "Most of those beyond it came from a standard error typed as an SD.",
        _KADLEC,
    ),
    Default(
        "effects",
        "ratio that looks like a slip",
        "evidence.effects.measures.plausibility:PLAUSIBILITY_LIMITS.largest_ratio",
        "Very large ratios mostly shrink with further trials.",
        "Pereira, Horwitz and Ioannidis 2012, JAMA 308:1676-1684, gives no bound",
        own=True,
    ),
    Default(
        "effects",
        "SDs of one scale that are too far apart",
        "evidence.effects.measures.plausibility:PLAUSIBILITY_LIMITS.apart",
        "Groups of one study seldom differ that much in spread.",
        own=True,
        unit="times",
    ),
)

_APPRAISAL = (
    Default(
        "appraisal",
        "p below which harms are said to differ",
        "evidence.appraisal.harms:SIGNIFICANT",
        "The line that reports use; it is held against Fisher's exact test.",
        "Fisher 1925, Statistical methods for research workers",
    ),
)

_JUDGEMENT = (
    Default(
        "judgement",
        "appreciable ratio where no threshold is known, as a logarithm",
        "evidence.effects.importance:APPRECIABLE_LOG_RATIO",
        "A relative change of a quarter.",
        "GRADE guidelines 6 (Guyatt et al. 2011), J Clin Epidemiol 64:1283-1293",
    ),
    Default(
        "judgement",
        "from how many times the threshold an effect is large",
        "evidence.judgement.rules:LARGE_FACTOR",
        "Keeps the word for what no reader would call small.",
        "GRADE guidelines 26 (Santesso et al. 2020) leaves it to the user",
        own=True,
        unit="times",
    ),
    Default(
        "judgement",
        "up to which share of the threshold an effect is trivial",
        "evidence.judgement.rules:TRIVIAL_SHARE",
        "From there to the threshold it is below what matters; the statement is the same.",
        "GRADE guidelines 26 (Santesso et al. 2020) has one statement for trivial and for small "
        "unimportant effects, and no cut between them",
        own=True,
        unit="of the threshold",
    ),
)

#: Every default, stage by stage.
ENTRIES = (
    *_DATA,
    *DOSE,
    *_EFFECTS,
    *SYNTHESIS,
    *SENSITIVITY,
    *DIRECTNESS,
    *CERTAINTY,
    *_APPRAISAL,
    *BIAS,
    *MISSING,
    *INTEGRITY,
    *FURTHER,
    *TRIAL_COUNTS,
    *TRIAL,
    *_JUDGEMENT,
)
