"""Every English phrase of GRADE's statements and of narration; see `evidence.judgement.language`.

Names in braces are filled in. A table's keys belong to the code and are not translated.

Reference
---------
Santesso N, Glenton C, Dahm P, et al. (2020). GRADE guidelines 26: informative statements to
communicate the findings of systematic reviews of interventions. Journal of Clinical
Epidemiology 119:126-135, table 2.
"""

from __future__ import annotations

__all__: list[str] = []

# ---------------------------------------------------------------- GRADE's statements

#: For each way an outcome can move: third person after a name, infinitive after "may", the
#: noun of a large effect, and the past tense.
VERBS = {
    ("value", "benefit"): ("improves", "improve", "improvement in", "improved"),
    ("value", "harm"): ("worsens", "worsen", "worsening of", "worsened"),
    ("unwanted events", "benefit"): ("reduces", "reduce", "reduction in", "reduced"),
    ("unwanted events", "harm"): ("increases", "increase", "increase in", "increased"),
    ("wanted events", "benefit"): ("increases", "increase", "increase in", "increased"),
    ("wanted events", "harm"): ("reduces", "reduce", "reduction in", "reduced"),
}
LEVELS = {
    "high": "{treatment} {plain} {outcome}",
    "moderate": "{treatment} probably {plain} {outcome}",
    "low": "{treatment} may {infinitive} {outcome}",
    "very low": "{treatment} may {infinitive} {outcome}, but the evidence is very uncertain",
    "not rated": "by these numbers alone, {treatment} {past} {outcome}; nobody has rated "
    "how certain that is",
}
OPEN = "the evidence is very uncertain about the effect of {treatment} on {outcome}"
LITTLE_PLAIN = "results in little to no difference in"
LITTLE = "result in little to no difference in"
LITTLE_EFFECT = "have little to no effect on"
LITTLE_PAST = "made little to no difference to"
LARGE_PLAIN = "results in a large {noun}"
LARGE = "result in a large {noun}"
LARGE_PAST = "brought a large {noun}"

# ---------------------------------------------------------------- differences and intervals

BETTER, WORSE = "better", "worse"
MORE, FEWER = "more people in 100", "fewer people in 100"
PEOPLE = "people in 100"
STANDARD_DEVIATIONS = "standard deviations"
RATIO = "a {measure} of {ratio}"
NO_DIFFERENCE = "no difference"
NO_RATIO = "a {measure} of 1, no difference"
SIZE_RATIO = "a ratio of {ratio}"

#: The result itself, by whether there is a difference.
CAME_OUT = "{outcome} came out {difference} with {treatment} than with {comparator}"
CAME_OUT_SAME = "{outcome} came out the same with {treatment} as with {comparator}"
CAME_TO = "{outcome} came to {difference} with {treatment} against {comparator}"
CAME_TO_SAME = "{outcome} came to a {measure} of 1 with {treatment} against {comparator}"
#: What a ratio below and above 1 means.
RATIO_MEANS = {
    "fewer": "a ratio below 1 means fewer with {treatment}",
    "more": "a ratio above 1 means more with {treatment}",
}
UNCERTAINTY = "With its uncertainty it may be anything from {span}"
UNCERTAINTY_NONE = "{head}, so no difference at all remains possible"
UNCERTAINTY_SURE = "{head}: all of that is on the side of {side}"
UNCERTAINTY_EDGE = "{head}, and no difference at all is at the edge of that"
SIDES = {"benefit": "the treatment", "harm": "the control"}

# ---------------------------------------------------------------- verdicts

SIZES = {
    "trivial": "trivial",
    "below what matters": "below what matters",
    "important": "large enough to matter",
    "large": "large",
    "unknown": "of a size that nobody can judge",
}
BANDS = (
    "trivial short of {trivial}, below what matters short of {threshold}, "
    "large enough to matter from {threshold} on, large from {large} on{unit}"
)
NO_BANDS = "no threshold is known, so the size is not judged"
SIZE_UNKNOWN = "Which difference matters is not known here, so its size is not judged."
SIZE_NONE = "No difference was found, and so none that matters."
SIZE_ONE = "What was found is {word}, held against {size}: {label}."
SIZE_ONE_BARE = "What was found is {word}, held against {size}."
SIZE_MANY = "What was found is {word}, whichever threshold one takes ({sizes})."
SIZE_MANY_REACHED = "What was found matters, whichever threshold one takes ({sizes})."
SIZE_MANY_MISSED = (
    "What was found is smaller than what matters, whichever threshold one takes ({sizes})."
)
SIZE_DEPENDS = (
    "Whether it matters depends on the threshold: it does by {reached}, and not by {missed}."
)
WITHIN_ONE = "Everything within its uncertainty is {word}."
WITHIN_MANY = "Within its uncertainty it may be anything from {low} to {high}."
WITHIN_READINGS = "; on another reading, from {low} to {high}"
WITHIN_READINGS_ONE = "; on another reading, all of it is {word}"
WITHIN_WORDS = {
    ("trivial", "benefit"): "a trivial benefit",
    ("trivial", "harm"): "a trivial harm",
    ("below what matters", "benefit"): "a benefit below what matters",
    ("below what matters", "harm"): "a harm below what matters",
    ("important", "benefit"): "a benefit that matters",
    ("important", "harm"): "a harm that matters",
    ("large", "benefit"): "a large benefit",
    ("large", "harm"): "a large harm",
}
READINGS_AGREE = "All {count} readings of the trials' own numbers come to the same verdict."
READINGS_BOTH = "Both readings of the trials' own numbers come to the same verdict."
READINGS_DIFFER = "The verdict depends on how the trials' own numbers are read."
READING = "Reading {name}: {text}"

#: What a level of certainty says of the numbers; after GRADE guidelines 3 (Balshem et al.
#: 2011), in other words.
CERTAINTY = {
    "high": "Certainty is high: the true effect is very likely close to this.",
    "moderate": "Certainty is moderate: the true effect is probably close to this, but it may "
    "well be different.",
    "low": "Certainty is low: the true effect may be quite different from this.",
    "very low": "Certainty is very low: the true effect is likely to be quite different from this.",
}
RATED_DOWN = "It was rated down for {reasons}."
SUGGESTED = "The level is worked out by rules; no reviewer decided it."
DECIDED = "The level counts what {people} decided."
STALE = "What was decided on {domains} rests on facts that have changed since."

# ---------------------------------------------------------------- bodies of evidence

#: Where a result is from, by how many studies.
FROM_NONE = "No trial of {outcome} can be used, so there is no result to tell."
FROM_ONE = "One study ({label}), so nothing is pooled"
FROM_SEVERAL = "{count} taken together"
FROM_ONE_READER = "In the one study there is ({label})"
FROM_SEVERAL_READER = "Over {count}"
PREDICTION = (
    "In a further setting the true effect may lie anywhere from {span} ({level} prediction "
    "interval)."
)
PREDICTION_OPEN = (
    "In a further setting like these it may turn out differently: anything from {span} is possible."
)
HETEROGENEITY = (
    "Between studies the true effects vary with a standard deviation of {tau} (I² {i2})."
)
HETEROGENEITY_NONE = "No variation between studies is seen (I² {i2})."
ANALYST_INTERVAL = "estimate {estimate} ({level} CI {interval}), {p}"
LEFT_OUT = "{count} could not be used."
NOTE = "Note: {message}"

# ---------------------------------------------------------------- other results

BAYES = (
    "Given the model and what it assumes beforehand, the mean effect is most likely about "
    "{difference}, and with a probability of {level} it is between {span}."
)
BAYES_SIDE = "The probability that it favours the treatment at all is {probability}."
SUBGROUPS_DIFFER = "The groups of studies differ by more than chance easily explains."
SUBGROUPS_SAME = (
    "That the groups of studies differ is not shown; with so few studies it is not ruled out "
    "either."
)
SUBGROUPS_UNTESTED = "Whether the groups of studies differ cannot be tested."
SUBGROUP = "{name} ({count}): {difference}, with its uncertainty anything from {span}."
HARMS_COUNTED = (
    "{treated} of {of_treated} people with {treatment} and {control} of {of_control} with "
    "{comparator}"
)
HARMS_TOGETHER = (
    "{treated} people with {treatment} and {control} with {comparator}, among {total} in all"
)
HARMS = "{study}, {outcome}: {counts}."
HARMS_CHANCE = {
    "yes": "That is more than chance alone easily explains.",
    "maybe": "Whether chance alone explains that cannot be told.",
    "no": "A difference like that can well be chance alone, and so can a real one that few "
    "events hide.",
}
DIRECT_NONE = "No trial is known that tested {form} as the question asks."
DIRECT = "{count} of {total} tested {form}."
DIRECT_ALL = "{count} direct in every aspect of the question that was looked at."
DIRECT_ALL_NONE = "None is direct in every aspect of the question that was looked at."
MISSING_KNOWN = "Some evidence is known to be missing."
MISSING_SEEN = "{count} of {total} that look at the numbers found signs that results are missing."
MISSING_SILENT = (
    "The checks that look at the numbers cannot tell with {studies} whether results are missing."
)
MISSING_CLEAR = (
    "The checks that can speak found no sign of missing results, which does not show that none "
    "is missing."
)
MISSING_UNLOOKED = "Whether planned results were left unreported was not looked at."
MULTIVERSE = "{outcome} can be analysed in {count} defensible ways. {direction} {side} {size}"
MULTIVERSE_DIRECTION = "The result favours the treatment in {share} of them."
MULTIVERSE_SIDE = "In {share} no difference at all remains possible."
MULTIVERSE_SIZE = "It is sure to be at least as large as what matters in {share}."
TRIAL_FITS = (
    "{label}: what was measured fits best with {effect}, and not badly with anything from {span}."
)
TRIAL_EXPECT = "By what such trials usually turn out to show, about {effect} is to be expected."
TRIAL_REPEAT = (
    "Were the trial done again just as it was, it would find a difference beyond chance with "
    "a probability of {probability}."
)
TRIAL_NOTHING = "From what is reported of {label} no effect can be worked out."
TRIAL_READINGS = (
    "The numbers reported of {label} contradict each other, so each reading is told by itself."
)
EFFECTS = "Study {name}: {difference}, with its uncertainty anything from {span}."
DIRECTION = "{better} of {total} that say so point to the treatment."
GAP = "{what}: {why}."
GAPS_NONE = "Nothing is listed as missing."

# ---------------------------------------------------------------- refusals

NO_NARRATION = (
    "{given} has no narration for readers. What can be narrated: {known}. With level='analyst' "
    "everything that has a summary() can."
)
NOT_A_RESULT = (
    "{given} is no result of evidence, so there is nothing to narrate. What can be narrated: "
    "{known}; and with level='analyst' everything that has a summary()."
)
