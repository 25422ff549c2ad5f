"""Defaults of the appraisal of one trial; see `evidence.living.methods.entries`."""

from __future__ import annotations

from evidence.living.methods.defaults import Default

__all__ = ["TRIAL"]

_FISHER = "Fisher 1925, Statistical methods for research workers"
_ZWET = "van Zwet, Schwab and Senn 2021, Statistics in Medicine 40:6107-6117"

TRIAL = (
    Default(
        "appraisal",
        "one trial: level of its intervals",
        "evidence.appraisal.trial.battery:USUAL_OPTIONS.level",
        "The level that reports use.",
        _FISHER,
    ),
    Default(
        "appraisal",
        "one trial: level that tests against the smallest difference that matters are held to",
        "evidence.appraisal.trial.equivalence:ALPHA",
        "The line that reports use; p itself is always shown.",
        _FISHER,
    ),
    Default(
        "appraisal",
        "one trial: level of the test whose power and errors are worked out",
        "evidence.appraisal.trial.retrodesign:ALPHA",
        "The line by which trials are called positive.",
        _FISHER,
    ),
    Default(
        "appraisal",
        "one trial: weights of the parts of what trials usually show",
        "evidence.appraisal.trial.shrinkage:SNR_WEIGHTS",
        "Estimated from the signal-to-noise ratios of 23,747 results in the Cochrane database.",
        _ZWET,
    ),
    Default(
        "appraisal",
        "one trial: standard deviations of the parts of what trials usually show",
        "evidence.appraisal.trial.shrinkage:SNR_SDS",
        "Estimated from the signal-to-noise ratios of 23,747 results in the Cochrane database.",
        _ZWET,
        unit="standard errors",
    ),
    Default(
        "appraisal",
        "one trial: scale of the default prior of a Bayes factor",
        "evidence.appraisal.trial.bayes_factors:JZS_SCALE",
        "The scale that most reports use, so that factors can be compared.",
        "Rouder et al. 2009, Psychonomic Bulletin & Review 16:225-237, take 1; their later "
        "software this",
        own=True,
        unit="standard deviations",
    ),
    Default(
        "appraisal",
        "one trial: spread of the informed prior around the smallest difference that matters",
        "evidence.appraisal.trial.battery:INFORMED_SPREAD",
        "So nearly all of the prior lies between no effect and twice that difference.",
        "Dienes 2014, Frontiers in Psychology 5:781",
        unit="of it",
    ),
    Default(
        "appraisal",
        "one trial: probabilities of an effect before it, for the false-positive risk",
        "evidence.appraisal.trial.false_positive:PRIORS",
        "From a long shot to as likely as not, so that a reader can find their own.",
        "Colquhoun 2019, The American Statistician 73:192-201, shows the first and the last",
        own=True,
    ),
    Default(
        "appraisal",
        "one trial: powers for which the trial one would need is worked out",
        "evidence.appraisal.trial.battery:POWERS",
        "The two that trials are planned with.",
        "Cohen 1988, Statistical power analysis for the behavioral sciences, proposes the first",
        own=True,
    ),
)
