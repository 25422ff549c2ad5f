"""Defaults of the rating of certainty; see `evidence.living.methods.entries`."""

from __future__ import annotations

from evidence.living.methods.defaults import Default

__all__ = ["CERTAINTY"]

_HERE = "evidence.appraisal.certainty"
_CORE2 = "Core GRADE 2 (Guyatt et al. 2025), BMJ 389:e081904"
_G6 = "GRADE guidelines 6 (Guyatt et al. 2011), J Clin Epidemiol 64:1283-1293"
_G9 = "GRADE guidelines 9 (Guyatt et al. 2011), J Clin Epidemiol 64:1311-1316"

CERTAINTY = (
    Default(
        "appraisal",
        "certainty: p of heterogeneity below which trials differ by more than chance",
        f"{_HERE}.inconsistency:HETEROGENEITY_P",
        "Tests of heterogeneity have little power.",
        "Cochrane Handbook, section 10.10.2, mentions it; GRADE guidelines 7 (Guyatt et al. 2011) "
        "speaks of a low p and gives no figure",
        own=True,
    ),
    Default(
        "appraisal",
        "certainty: share of settings on another side of what matters that rates down",
        f"{_HERE}.inconsistency:OTHER_SIDE_SHARE",
        "Where a fifth of settings lies elsewhere, the mean no longer speaks for all that matter.",
        "GRADE guidance 36 (Guyatt et al. 2023), J Clin Epidemiol 158:70-83, asks where most "
        "settings lie and gives no figure",
        own=True,
        unit="of the settings",
    ),
    Default(
        "appraisal",
        "certainty: number of trials below which a test of heterogeneity misses a good deal",
        f"{_HERE}.inconsistency:_FEW",
        "It is told beside a test that found nothing.",
        own=True,
        unit="trials",
    ),
    Default(
        "appraisal",
        "certainty: two-sided error of the trial that a body of evidence is held against",
        f"{_HERE}.information_size:ALPHA",
        "The usual error rate of a trial.",
        _CORE2,
    ),
    Default(
        "appraisal",
        "certainty: power of the trial that a body of evidence is held against",
        f"{_HERE}.information_size:POWER",
        "The usual power of a trial.",
        _CORE2,
    ),
    Default(
        "appraisal",
        "certainty: people wanted where no size can be worked out",
        f"{_HERE}.information_size:FALLBACK_PEOPLE",
        "A rule of thumb for a continuous outcome; it never rates down by more than one level.",
        _G6,
    ),
    Default(
        "appraisal",
        "certainty: part of the wanted people that is far too few",
        f"{_HERE}.imprecision:FAR_BELOW",
        "Below it a large effect is rated down by two levels.",
        "GRADE guidance 34 (Zeng et al. 2022), J Clin Epidemiol 150:216-224, gives no figure that "
        "was read",
        own=True,
    ),
    Default(
        "appraisal",
        "certainty: ratio, as a logarithm, from which an effect is large and people are counted",
        f"{_HERE}.imprecision:LARGE_LOG_RATIO",
        "A relative reduction of 30%.",
        _CORE2,
    ),
    Default(
        "appraisal",
        "certainty: most levels that imprecision rates down by",
        f"{_HERE}.imprecision:MOST_LEVELS",
        "Where several thresholds are told apart; one threshold can be crossed twice at most.",
        "GRADE guidance 35 (Schünemann et al. 2022), J Clin Epidemiol 150:225-242",
        unit="levels",
    ),
    Default(
        "appraisal",
        "certainty: share of the weight from which a concern counts",
        f"{_HERE}.domain:AFFECTED_WEIGHT",
        "A concern that touches most of the weight touches the result.",
        "GRADE guidelines 4 and 8 (Guyatt et al. 2011) leave it to judgement",
        own=True,
        unit="of the weight",
    ),
    Default(
        "appraisal",
        "certainty: share of trials unusable from which evidence is missing",
        f"{_HERE}.missing:UNUSABLE_SHARE",
        "Results that are left out are seldom left out by chance.",
        "GRADE guidelines 5 (Guyatt et al. 2011) gives no figure",
        own=True,
        unit="of the trials",
    ),
    Default(
        "appraisal",
        "certainty: risk ratio from which observational evidence is rated up",
        f"{_HERE}.upgrading:LARGE_RATIO",
        "Confounding alone seldom doubles or halves a risk.",
        _G9,
    ),
    Default(
        "appraisal",
        "certainty: risk ratio from which observational evidence is rated up twice",
        f"{_HERE}.upgrading:VERY_LARGE_RATIO",
        "Confounding alone hardly ever changes a risk five-fold.",
        _G9,
    ),
    Default(
        "appraisal",
        "certainty: digits of a fact that a decision rests on",
        "evidence.data.certainty_facts:DIGITS",
        "A change beyond them changes no rating, so it makes no decision stale.",
        own=True,
        unit="significant digits",
    ),
)
