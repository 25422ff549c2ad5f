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
NOT_RATED_OPEN = (
    "these numbers leave open which way {treatment} changes {outcome}; nobody has rated how "
    "certain they are"
)
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
SIZE_RATIO = "a ratio of {ratio}"

#: The result itself, by whether there is a difference: of something measured, of people
#: counted, and of a ratio.
CAME_OUT = "{outcome} came out {difference} with {treatment} than with {comparator}"
CAME_OUT_SAME = "{outcome} came out the same with {treatment} as with {comparator}"
COUNTED_IN = "{outcome}: {difference} with {treatment} than with {comparator}"
COUNTED_IN_SAME = "{outcome}: as many people with {treatment} as with {comparator}"
CAME_TO = "{outcome} came to {difference} with {treatment} against {comparator}"
CAME_TO_SAME = (
    "{outcome} came to {difference}, no difference, with {treatment} against {comparator}"
)
RATIO_MEANS = " (less than 1 means fewer with {treatment})"
UNCERTAINTY = "With its uncertainty it may be anything from {span}"
UNCERTAINTY_NONE = "{head}, so no difference at all remains possible."
UNCERTAINTY_SURE = "{head}, all of it {side}."
UNCERTAINTY_EDGE = "{head}, with no difference at all at the edge of that."
SIDES = {"benefit": "in favour of {treatment}", "harm": "in favour of {comparator}"}

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
# ---------------------------------------------------------------- bodies of evidence

FROM_NONE = "No trial could be used for this: {outcome}."
FROM_ONE = "One study can be used ({label}), so nothing is pooled."
FROM_SEVERAL = "{count} were taken together."
PREDICTION = "In one further setting the true effect may lie anywhere from {span}."
ANALYST = "In figures: {lines}."
LEFT_OUT = "{count} could not be used."
NOTE = "Note: {message}"
RULE_OF_SIZE = "The rule of size: {rule}."
RULE = "Rule of {part}: if {when}, then {gives} ({source})."
OWN = "our own convention"
NOT_COMPARED = "{count} listed here cannot be compared with the effect: {reasons}."

# ---------------------------------------------------------------- other results

BAYES = (
    "From {count} and what the model takes for granted, {outcome} most likely comes out about "
    "{difference} with {treatment} than with {comparator}; with a probability of {level} it lies "
    "anywhere from {span}."
)
BAYES_RATIO = (
    "From {count} and what the model takes for granted, {outcome} most likely comes to about "
    "{difference} with {treatment} against {comparator}; with a probability of {level} it lies "
    "anywhere from {span} (less than 1 means fewer with {treatment})."
)
BAYES_SIDE = "That {treatment} is better at all has a probability of {probability}."
BAYES_PRIOR = "Such probabilities lean on the assumptions where studies are few."
SUBGROUPS_DIFFER = "The groups of studies differ by more than chance alone easily explains."
SUBGROUPS_SAME = (
    "That the groups of studies differ is not shown, which does not show that they are alike."
)
SUBGROUPS_UNTESTED = "Whether the groups of studies differ cannot be tested."
SUBGROUP = "{name} ({count}): {difference}, with its uncertainty anything from {span}."
NO_DIFFERENCE = "no difference"
EFFECTS = "Study {name}: {difference}, with its uncertainty anything from {span}."
HARMS_SPLIT = (
    "{treated} of {of_treated} people with {treatment} and {control} of {of_control} with "
    "{comparator}"
)
HARMS_TOGETHER = "{treated} with {treatment} and {control} with {comparator}, among {total} people"
HARMS = "{study}, {outcome}: {counts}."
HARMS_CHANCE = {
    "yes": "That is more than chance alone easily explains.",
    "maybe": "Whether chance alone explains that cannot be told.",
    "no": "A difference like that can well be chance alone; so few events could also hide a real "
    "one.",
}
HARMS_POOLED = (
    "{outcome}: {count} taken together come to an odds ratio of {odds}, and with its uncertainty "
    "anything from {span} (less than 1 means fewer with {treatment})."
)
HARMS_NOT_POOLED = "{outcome}: nothing could be pooled."
HARMS_SILENT = "Nothing of it was read in {trials}."
MISSING_KNOWN = "Some evidence is known to be missing."
MISSING_REPORTED = "Nothing that was planned is known to have been left unreported."
MISSING_SILENT = "From the numbers alone it cannot be told with {studies} whether more is missing."
MISSING_SEEN = "{count} found signs in the numbers that results are missing."
MISSING_CLEAR = (
    "In the numbers alone there is no sign of missing results, which does not show that none is "
    "missing."
)
MISSING_UNLOOKED = "Whether planned results were left unreported was not looked at."
MULTIVERSE = "There are {count} defensible ways to analyse this: {outcome}."
MULTIVERSE_DIRECTION = "Of these, {share} favour the treatment."
MULTIVERSE_OPEN = "By {share} of them no difference at all remains possible."
MULTIVERSE_SIZE = "The whole interval is at least as large as what matters in {share} of them."
ALL_OF_THEM, NONE_OF_THEM = "all", "none"
LESS_THAN_ONE, MORE_THAN_99 = "less than 1%", "more than 99%"
TRIAL_NOTHING = "From what is reported of {label} no effect can be worked out."
TRIAL_READINGS = (
    "The numbers reported of {label} contradict each other, so each way of reading them is told by "
    "itself."
)
TRIAL_FITS = (
    "What {label} measured fits best with {effect}, and not badly with anything from {span}."
)
TRIAL_READING = (
    "Read by {reading}, the result fits best with {effect}, and not badly with anything from "
    "{span}."
)
TRIAL_EXPECT = (
    "By what randomised trials usually turn out to show, about {effect} is to be expected."
)
TRIAL_REPEAT = (
    "An exact repeat of the trial would find a difference beyond chance with a probability of "
    "about {share}."
)
DIRECTION = (
    "Of {total} with a direction, {better} point to the treatment and {worse} to the comparator."
)
DIRECTION_ONLY = "Counting directions says nothing of how large the effect is."
GAP = "{what}. {why}."
GAPS_NONE = "Nothing is listed as missing."

# ---------------------------------------------------------------- refusals

NO_NARRATION = (
    "{given} has no narration for readers. What can be narrated for them: {known}. With "
    "level='analyst' everything that has a summary() can."
)
NOT_A_RESULT = (
    "{given} is no result of evidence, so there is nothing to narrate. What can be narrated: "
    "{known}; and with level='analyst' everything that has a summary()."
)
