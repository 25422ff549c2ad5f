"""Defaults of the checks of numbers; see `evidence.living.methods.entries`."""

from __future__ import annotations

from evidence.living.methods.defaults import Default

__all__ = ["INTEGRITY"]

_AT = "evidence.appraisal.integrity"

INTEGRITY = (
    Default(
        "appraisal",
        "ways of rounding that printed digits may have gone through",
        f"{_AT}.printed:ROUNDING",
        "Nobody is told of a contradiction for a way of rounding.",
        own=True,
    ),
    Default(
        "appraisal",
        "level of an interval that is held against other numbers, where none is printed",
        f"{_AT}.spread:_LEVEL",
        "What nearly every report prints.",
        "Altman and Bland 2011, BMJ 343:d2304",
    ),
    Default(
        "appraisal",
        "level of a comparison's interval that is held against its p value, where none is printed",
        f"{_AT}.statistics:_LEVEL",
        "What nearly every report prints.",
        "Altman and Bland 2011, BMJ 343:d2304",
    ),
    Default(
        "appraisal",
        "sums of scores that are tried for a printed mean and SD",
        f"{_AT}.granularity:_MOST_SUMS",
        "Where more fit, so does nearly any SD, and nothing is said.",
        own=True,
    ),
    Default(
        "appraisal",
        "cells of the table in which sets of scores are counted",
        f"{_AT}.reconstruction:_MOST_CELLS",
        "A tenth of a second; beyond it one set of scores is looked for and none is counted.",
        own=True,
    ),
    Default(
        "appraisal",
        "pairs of sum and sum of squares for which scores are looked for",
        f"{_AT}.reconstruction:_MOST_TARGETS",
        "The first one is nearly always found; the rest bounds the search.",
        own=True,
    ),
    Default(
        "appraisal",
        "most people whose scores are looked for",
        f"{_AT}.arm_rows:_MOST_PEOPLE",
        "More have scores in so many ways that one set says nothing.",
        own=True,
        unit="people",
    ),
    Default(
        "appraisal",
        "matches of mean and SD by chance in a study, from which on none is told",
        f"{_AT}.repeated:MOST_BY_CHANCE",
        "A copied number is told only where chance would do it once in a thousand studies.",
        own=True,
    ),
    Default(
        "appraisal",
        "how much likelier a match is in the same people measured twice",
        f"{_AT}.repeated:SAME_PEOPLE",
        "As with a correlation of 0.9 between the two.",
        own=True,
        unit="times",
    ),
    Default(
        "appraisal",
        "fewest variables of a baseline table of which anything is said",
        f"{_AT}.baseline:FEWEST_VARIABLES",
        "Fewer differ by chance in any way, and variables of the same people go together.",
        "Bland 2013, PLoS ONE 8:e76010, advises against any such check",
        own=True,
        unit="variables",
    ),
    Default(
        "appraisal",
        "correlation taken between the normal scores of two baseline p values",
        f"{_AT}.baseline:BETWEEN_SCORES",
        "As of variables that correlate by about a half; most correlate by less than 0.2.",
        "Bolland et al. 2019, J Clin Epidemiol 110:50-62, for how variables correlate",
        own=True,
    ),
    Default(
        "appraisal",
        "p below which a baseline table is told of",
        f"{_AT}.baseline:FAR_OUT",
        "Inconsistency with chance is hard to prove without the correlations.",
        "Proschan and Shaw 2020, PLoS ONE 15:e0239121, for why",
        own=True,
    ),
    Default(
        "appraisal",
        "fewest other treatments that an effect is held against",
        f"{_AT}.unusual:FEWEST_IN_CLASS",
        "One other treatment is no class.",
        own=True,
        unit="treatments",
    ),
)
