"""Defaults of how old evidence is, and of the next trial; see `evidence.living.methods.entries`."""

from __future__ import annotations

from evidence.living.methods.defaults import Default

__all__ = ["FURTHER"]

FURTHER = (
    Default(
        "appraisal",
        "months after its search from which evidence is called old",
        "evidence.appraisal.evidence_age:OLD_MONTHS",
        "Within two years of the search one review in nine had a sign that it needs updating.",
        "Cochrane Handbook, version 5.1, section 3.1.2, asks for an update or a reason by then; "
        "Shojania et al. 2007, Annals of Internal Medicine 147:224-233, counted the signs",
        unit="months",
    ),
    Default(
        "synthesis",
        "next trial: chance of the right answer that a size is worked out for",
        "evidence.synthesis.further.chances:POWER",
        "The power that trials are usually planned with.",
        "Cohen 1988, Statistical power analysis for the behavioral sciences",
    ),
    Default(
        "synthesis",
        "next trial: most people of a trial that is tried",
        "evidence.synthesis.further.chances:MOST_PEOPLE",
        "A size beyond it is as good as none.",
        own=True,
        unit="people",
    ),
    Default(
        "synthesis",
        "next trial: half-normal scale of the prior of tau that foretells it",
        "evidence.synthesis.further.next_trial:TAU_SCALE",
        "Weakly informative for standardised differences and log ratios; in other units it goes "
        "with the spread between people.",
        "Röver et al. 2021, Research Synthesis Methods 12:448-474",
        unit="standard deviations between people",
    ),
    Default(
        "synthesis",
        "next trial: sizes for which chances are shown",
        "evidence.synthesis.further.next_trial:SIZES_SHOWN",
        "From a small trial of this kind to more than anybody will run.",
        own=True,
        unit="people",
    ),
    Default(
        "synthesis",
        "next trial: equal parts that stand for what it shows",
        "evidence.synthesis.further.chances:PARTS",
        "Chances are then exact to a fifth of a percent for each end of a part.",
        "Sutton et al. 2007, Statistics in Medicine 26:2479-2500, draw at random instead",
        own=True,
    ),
    Default(
        "synthesis",
        "value of another trial: sizes for which it is shown",
        "evidence.synthesis.further.value:SIZES_VALUED",
        "The same as those of the chances.",
        own=True,
        unit="people",
    ),
    Default(
        "synthesis",
        "value of another trial: what a benefit must exceed",
        "evidence.synthesis.further.value:value_of_another_trial(threshold)",
        "Nothing, unless something speaks against the treatment; reviews use the smallest "
        "difference that matters.",
        "Claxton and Posnett 1996, Health Economics 5:513-524, for the decision",
        own=True,
    ),
)
