"""Defaults of counting people in one trial; see `evidence.living.methods.entries`."""

from __future__ import annotations

from evidence.living.methods.defaults import Default

__all__ = ["TRIAL_COUNTS"]

_TRIAL = "evidence.appraisal.trial"
_CALDWELL = "Caldwell et al. 2021, Journal of Clinical Epidemiology 136:20-25"

TRIAL_COUNTS = (
    Default(
        "appraisal",
        "one trial: p whose crossing a fragility index counts people to",
        f"{_TRIAL}.fragility_counts:SIGNIFICANCE",
        "The line that the papers on fragility use, whatever one thinks of it.",
        "Walsh et al. 2014, Journal of Clinical Epidemiology 67:622-628",
    ),
    Default(
        "appraisal",
        "one trial: test of a fragility index",
        f"{_TRIAL}.fragility_counts:trial_fragility(test)",
        "It is exact with few events.",
        "Walsh et al. 2014, Journal of Clinical Epidemiology 67:622-628",
    ),
    Default(
        "appraisal",
        "one trial: whose outcomes a fragility index changes",
        f"{_TRIAL}.fragility_counts:trial_fragility(directions)",
        "The group with the smaller risk; in groups of one size it has the fewest events.",
        "Walsh et al. 2014, Journal of Clinical Epidemiology 67:622-628",
    ),
    Default(
        "appraisal",
        "one trial: changes after which a fragility index is given up",
        f"{_TRIAL}.fragility_counts:MOST_CHANGES",
        "So many say that the result is not fragile.",
        own=True,
        unit="outcomes",
    ),
    Default(
        "appraisal",
        "one trial: data sets made up for a continuous fragility index",
        f"{_TRIAL}.fragility_means:DATA_SETS",
        "Their mean is then known to a tenth of a person or so.",
        f"{_CALDWELL}, for the method",
        own=True,
    ),
    Default(
        "appraisal",
        "one trial: seed of the data sets made up",
        f"{_TRIAL}.fragility_means:SEED",
        "With a fixed seed the number is the same every time.",
        own=True,
    ),
    Default(
        "appraisal",
        "one trial: gap between the shares lost from which it is cautioned about",
        f"{_TRIAL}.lost_counts:UNEQUAL_LOSS",
        "So unequal a loss may itself be an effect of the treatment.",
        "Akl et al. 2012, BMJ 344:e2809, gives no figure",
        own=True,
        unit="of the people",
    ),
    Default(
        "appraisal",
        "E-value: logarithm of the risk ratio that stands for one SD",
        f"{_TRIAL}.e_value:LOG_RATIO_OF_ONE_SD",
        "Half the logarithm of the odds ratio, since the odds ratio of a common outcome is about "
        "the square of its risk ratio.",
        "VanderWeele and Ding 2017, Annals of Internal Medicine 167:268-274; Chinn 2000, "
        "Statistics in Medicine 19:3127-3131",
    ),
    Default(
        "appraisal",
        "one person: correlations between cycles that the interval is shown for",
        f"{_TRIAL}.single_person:ASSUMED_CORRELATIONS",
        "From none to what daily measurements often have.",
        "Tang and Landes 2020, PLoS ONE 15:e0228077, for the question",
        own=True,
    ),
)
