"""Defaults of pushing a pooled result, and of p values; see `evidence.living.methods.entries`."""

from __future__ import annotations

from evidence.living.methods import probes
from evidence.living.methods.defaults import Default

__all__ = ["SENSITIVITY"]

_HANDBOOK = "Cochrane Handbook, section"
_ATAL = "Atal et al. 2019, Journal of Clinical Epidemiology 111:32-40"
_FOLLMANN = "Follmann and Proschan 1999, Biometrics 55:732-737"
_LANGAN = "Langan et al. 2012, Journal of Clinical Epidemiology 65:511-519"
_OLKIN = "Olkin, Dahabreh and Trikalinos 2012, Research Synthesis Methods 3:214-223"

_PUSHED = (
    Default(
        "synthesis",
        "values beyond which one of ten studies stands out",
        probes.influence_cutoffs,
        "They say where to look, and not what to leave out; those of DFFITS and hat values go "
        "with the number of studies.",
        "Viechtbauer and Cheung 2010, Research Synthesis Methods 1:112-125",
    ),
    Default(
        "synthesis",
        "most studies of which every subset is pooled",
        "evidence.synthesis.sensitivity.subsets:_ALL_UP_TO",
        "So many have 33 million subsets; each further study doubles them.",
        f"{_OLKIN}, for the method",
        own=True,
        unit="studies",
    ),
    Default(
        "synthesis",
        "subsets drawn where there are too many",
        "evidence.synthesis.sensitivity.subsets:_RANDOM",
        "So many show the cloud as well as all would.",
        f"{_OLKIN}, for the method",
        own=True,
    ),
    Default(
        "synthesis",
        "most studies of which all arrangements of signs are counted",
        "evidence.synthesis.sensitivity.permute:_ALL_UP_TO",
        "With all of them counted the p value is exact.",
        f"{_FOLLMANN}, for the test",
        own=True,
        unit="studies",
    ),
    Default(
        "synthesis",
        "arrangements of signs drawn where there are too many",
        "evidence.synthesis.sensitivity.permute:_RANDOM",
        "Enough for the third digit of a p value near its usual line.",
        "Phipson and Smyth 2010, Statistical Applications in Genetics and Molecular Biology 9:39, "
        "for the p value",
        own=True,
    ),
    Default(
        "synthesis",
        "draws of a parametric bootstrap",
        "evidence.synthesis.sensitivity.resample:parametric_bootstrap(draws)",
        "Enough for the second digit of an end of an interval.",
        "Efron and Tibshirani 1993, An introduction to the bootstrap, for the method",
        own=True,
    ),
    Default(
        "synthesis",
        "studies below which drawing from the fitted model is cautioned about",
        "evidence.synthesis.sensitivity.resample:_FEW_STUDIES",
        "The model that is drawn from rests on a vague estimate of tau².",
        "Van den Noortgate and Onghena 2005, Behavior Research Methods 37:11-22, for the method",
        own=True,
    ),
    Default(
        "synthesis",
        "I² called low, in percent",
        "evidence.synthesis.sensitivity.likelihood_profile:_LOW_I2",
        "A likelihood that holds both a low and a high I² says nothing of heterogeneity.",
        "Higgins et al. 2003, BMJ 327:557-560",
    ),
    Default(
        "synthesis",
        "I² called high, in percent",
        "evidence.synthesis.sensitivity.likelihood_profile:_HIGH_I2",
        "A likelihood that holds both a low and a high I² says nothing of heterogeneity.",
        "Higgins et al. 2003, BMJ 327:557-560",
    ),
    Default(
        "synthesis",
        "what a new study has to bring the interval to",
        "evidence.synthesis.sensitivity.tipping_point:tipping_point(threshold)",
        "No effect; give the smallest important difference to ask about that.",
        _LANGAN,
    ),
    Default(
        "synthesis",
        "sizes of the new study, beyond the smallest and largest seen",
        "evidence.synthesis.sensitivity.tipping_point:_BEYOND",
        "A study to come may be somewhat larger or smaller than those there are.",
        f"{_LANGAN}, for the idea",
        own=True,
        unit="times",
    ),
    Default(
        "synthesis",
        "most further studies that are counted",
        "evidence.synthesis.sensitivity.tipping_search:MOST_STUDIES",
        "What takes more than that will not happen.",
        own=True,
    ),
    Default(
        "synthesis",
        "measure of a fragility index",
        "evidence.synthesis.sensitivity.fragility:fragility_index(measure)",
        "The easiest to read of those that there are.",
        f"{_ATAL}, for the index",
        own=True,
    ),
)

_MULTIVERSE = (
    Default(
        "synthesis",
        "multiverse: how differences between trials are modelled",
        "evidence.synthesis.specifications.decisions:_TAU2",
        "Each is in use and has a case; estimators that nobody reports are left out.",
        "Veroniki et al. 2016, Research Synthesis Methods 7:55-79, compare more of them",
        own=True,
    ),
    Default(
        "synthesis",
        "multiverse: how the interval is built",
        "evidence.synthesis.specifications.decisions:_INTERVALS",
        "From what covers best with few trials to what most reviews report.",
        "IntHout, Ioannidis and Borm 2014, BMC Medical Research Methodology 14:25",
    ),
    Default(
        "synthesis",
        "multiverse: correlation within people of a crossover",
        "evidence.synthesis.specifications.decisions:CORRELATIONS",
        "A middling, a low and a high one, where none is reported.",
        f"{_HANDBOOK} 23.2.7.3, asks for a range and gives no figures",
        own=True,
    ),
    Default(
        "synthesis",
        "multiverse: most analyses that are run one by one",
        "evidence.synthesis.specifications.multiverse:MOST",
        "Of more a sample is drawn, and the result says so.",
        "Simonsohn, Simmons and Nelson 2020, Nature Human Behaviour 4:1208-1214, for the method",
        own=True,
    ),
)

_P_VALUES = (
    Default(
        "synthesis",
        "combination of p values",
        "evidence.synthesis.p_values.combine:combine_p_values(method)",
        "The one of the guideline; what it asks is whether any trial has an effect.",
        f"{_HANDBOOK} 12.2.1.2",
    ),
    Default(
        "synthesis",
        "p values as they are given",
        "evidence.synthesis.p_values.combine:combine_p_values(sided)",
        "Reports print two-sided ones; the direction of each trial turns them one-sided.",
        f"{_HANDBOOK} 12.2.1.2",
    ),
    Default(
        "synthesis",
        "level that a combined p value is held against",
        "evidence.synthesis.p_values.combine:combine_p_values(alpha)",
        "The line that reports use.",
        "Fisher 1925, Statistical methods for research workers",
    ),
)

SENSITIVITY = (*_PUSHED, *_MULTIVERSE, *_P_VALUES)
