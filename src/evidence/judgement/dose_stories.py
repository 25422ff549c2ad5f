"""The story of dose, form and safety, told from computed results; for the notebook on it."""

from __future__ import annotations

import math
import re

import pandas as pd

from evidence.appraisal.check import Check
from evidence.appraisal.dose.absorption import absorption_studies
from evidence.appraisal.dose.amounts import daily_amount
from evidence.appraisal.dose.compounds import compounds_in, compounds_named, list_compounds
from evidence.appraisal.dose.contents import check_carried, check_contents, mixture_share
from evidence.appraisal.dose.limits import reference_intakes, upper_limits
from evidence.appraisal.dose.stated_range import (
    AS_ELEMENT,
    StatedRange,
    ranges_in_claims,
    stated_range,
)
from evidence.appraisal.dose.tested import Tested, what_was_tested
from evidence.appraisal.dose.timing import appraise_timing
from evidence.appraisal.dose.trial_doses import (
    ElementalDoses,
    amount_text,
    elemental_doses,
    share_text,
)
from evidence.appraisal.harms_together import harm_outcomes, pool_harms
from evidence.data import Review
from evidence.data.formula import atomic_weight, element_name
from evidence.data.frames import each_row
from evidence.display import Prose, Table, capital, format_number, join_words, plural
from evidence.errors import InsufficientEvidenceError, UnknownNameError
from evidence.judgement.conclusions import Conclusions

__all__ = [
    "absorbed",
    "carried_along",
    "compounds_table",
    "contents_told",
    "doses_table",
    "doses_told",
    "harms_over_all",
    "limits_told",
    "never_tested",
    "ranges_table",
    "ranges_told",
    "tested_map",
    "timing_told",
    "what_a_dose_is",
]

_WEIGHT = re.compile(r"(\d+(?:\.\d+)?)\s*mg of ", re.IGNORECASE)
_SECOND_HAND = {"secondary": "second-hand", "primary": "read at first hand"}


def what_a_dose_is(review: Review) -> Prose:
    """Tell how much of the compound asked about is the element, and of the amounts in claims.

    Parameters
    ----------
    review
        The review.
    """
    form = review.plan.target.form
    compounds = list_compounds(review)
    named = compounds_named(compounds, form)
    if not named:
        return Prose(f"The formula of {form} is not in this review.")
    first = named[0]
    name = element_name(first.element)
    sentences = [
        (
            f"{capital(first.name)} is {first.formula}: of {format_number(first.molar_mass)} grams "
            f"{format_number(atomic_weight(first.element), 3)} are {name}, which is "
            f"{share_text(first.share)}. The rest is what the {name} is bound to."
        )
    ]
    claims = review.claims
    for row in each_row(claims[claims["kind"].astype(str) == "dose"]):
        for found in _WEIGHT.finditer(str(row.quote)):
            spoken = compounds_in(compounds, str(row.quote)[found.start() :])
            if spoken:
                stated = stated_range(review, float(found[1]), float(found[1]), form=spoken[0].name)
                sentences.append(
                    f"{found[1]} mg of {spoken[0].name} hold about "
                    f"{amount_text(stated.as_compound)} mg of {name} (claim {row.claim_id})."
                )
    return Prose(*dict.fromkeys(sentences))


def compounds_table(review: Review) -> Table:
    """Return the compounds with their formulas, molar masses and shares, richest first.

    Parameters
    ----------
    review
        The review.
    """
    compounds = sorted(list_compounds(review), key=lambda each: -each.share)
    frame = pd.DataFrame(
        {
            "compound": [each.full_name for each in compounds],
            "also called": [", ".join(each.names[1:]) for each in compounds],
            "formula": [each.formula for each in compounds],
            "grams per mole": [format_number(each.molar_mass) for each in compounds],
            "share of the element": [share_text(each.share) for each in compounds],
            "its source": [_SECOND_HAND[each.tier] for each in compounds],
        }
    )
    count = capital(plural(len(compounds), "compound"))
    return Table(frame, caption=f"{count}: how much of each is the element")


def contents_told(review: Review) -> Prose:
    """Tell how reported contents agree with formulas, and what one that cannot be would take.

    Parameters
    ----------
    review
        The review.
    """
    checks = check_contents(review)
    lines = []
    for line in checks.summary().splitlines():
        explained = [
            _mixture(review, each) for each in checks.contradictions if each.sentence == line
        ]
        lines.append(" ".join(filter(None, [line, *explained])))
    return Prose(*lines)


def _mixture(review: Review, check: Check) -> str:
    """Return what other compound, which the label's source names, would explain its content."""
    row = check.table.iloc[0]
    facts = review.facts
    fact = facts[facts["subject"] == check.name].iloc[0]
    compounds = [each for each in list_compounds(review) if not each.called(str(row["compound"]))]
    for other in compounds_in(compounds, f"{fact['quote']} {fact['note']}"):
        share = mixture_share(float(row["reported"]), float(row["computed"]), other.share)
        if not math.isnan(share):
            return (
                f"Its source names {other.name}; a mixture with {format_number(100 * share, 0)}% "
                "of that by weight would hold what the label says."
            )
    return ""


def doses_told(review: Review) -> Prose:
    """Tell the trials' doses, how they lie to the limits, and which reports disagree.

    Parameters
    ----------
    review
        The review.
    """
    doses = _doses(review)
    if isinstance(doses, Table):
        return Prose(doses.caption)
    return Prose(*doses.summary().splitlines(), style="list")


def doses_table(review: Review) -> ElementalDoses | Table:
    """Return the trials' doses, or why they cannot be counted in one element.

    Parameters
    ----------
    review
        The review.
    """
    return _doses(review)


def _doses(review: Review) -> ElementalDoses | Table:
    try:
        return elemental_doses(review)
    except InsufficientEvidenceError as error:
        return Table(pd.DataFrame(), caption=str(error))


def _ranges(review: Review) -> tuple[StatedRange, ...]:
    try:
        return ranges_in_claims(review)
    except (InsufficientEvidenceError, UnknownNameError):
        return ()


def limits_told(review: Review) -> Prose:
    """Tell the upper limits and reference intakes, what they count, and how they were read.

    Parameters
    ----------
    review
        The review.
    """
    limits, intakes = upper_limits(review), reference_intakes(review)
    lines = [
        f"{capital(limit.quantity)}: {limit.value:g} mg a day, of {limit.subject} "
        f"({_SECOND_HAND[limit.tier]})."
        for limit in limits
    ]
    if intakes:
        low, high = intakes[0].value, intakes[-1].value
        tiers = {each.tier for each in intakes}
        read = "second-hand" if "secondary" in tiers else "read at first hand"
        lines.append(
            f"Recommended from all sources, food and water included: {low:g} to {high:g} mg a day "
            f"by age and sex ({read}). An upper limit of supplements stands beside that, so that "
            "it is lower than some of these is no contradiction: the two count different things."
        )
    return Prose(*lines, style="list") if lines else Prose("No limit is known to this review.")


def ranges_told(review: Review) -> Prose:
    """Tell what each range of doses in the claims can mean.

    Parameters
    ----------
    review
        The review.
    """
    found: dict[str, list[str]] = {}
    for each in _ranges(review):
        found.setdefault(f"“{each.quote}” (claim {each.claim_id}).", []).append(each.summary())
    if not found:
        return Prose("No claim states a range of doses.")
    return Prose(*(" ".join([quote, *told]) for quote, told in found.items()), style="list")


def ranges_table(review: Review) -> Table:
    """Return each range that a claim states once, in both readings, against the limits.

    Parameters
    ----------
    review
        The review.
    """
    found: dict[tuple[float, float, str], list[StatedRange]] = {}
    for stated in _ranges(review):
        found.setdefault((stated.low, stated.high, stated.form), []).append(stated)
    parts = []
    for same in found.values():
        claims = join_words(dict.fromkeys(each.claim_id for each in same))
        part = same[0].read().frame
        part.insert(0, "stated", f"{amount_text(same[0].as_element)} mg")
        part.insert(1, "by", claims)
        parts.append(part)
    frame = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    return Table(frame, caption="Stated ranges, each read in two ways")


def carried_along(review: Review) -> Prose:
    """Tell what comes along with the element, and beside it what was studied alone.

    Parameters
    ----------
    review
        The review.
    """
    study_id = review.plan.headline.study_id
    check = check_carried(review, study_id)
    lines = [check.sentence]
    if not check.tested:
        return Prose(*lines)
    row = check.table.iloc[0]
    carried = str(row["carries"])
    material = [
        (daily_amount(review, int(fact.Index)), str(fact.value))
        for fact in each_row(review.facts_of(study_id, "dose_compound"))
    ]
    for amount, told in material:
        left = amount.high - float(row["element"]) - float(row["reported"]) if amount else math.nan
        if amount and left > 0:
            lines.append(
                f"Of {told} that leaves {left:,.0f} mg, "
                f"{format_number(100 * left / amount.high, 1)}% of the material, which is neither: "
                "water or anything else in it."
            )
    alone: dict[float, list[str]] = {}
    for fact in each_row(review.study_facts):
        if str(fact.item) == "dose_other" and str(fact.study_id) != study_id:
            amount = daily_amount(review, int(fact.Index))
            if amount is not None and carried in str(fact.value):
                alone.setdefault(amount.high, []).append(review.label(str(fact.study_id)))
    for size, labels in sorted(alone.items()):
        lines.append(
            f"Studies of {carried} alone gave {size:,.0f} mg ({join_words(labels)}): "
            f"{format_number(size / float(row['computed']), 1)} times as much."
        )
    compounds = compounds_named(list_compounds(review), review.plan.target.form)
    for stated in _ranges(review):
        if stated.said == AS_ELEMENT and compounds:
            low, high = (compounds[0].rest(end) for end in (stated.low, stated.high))
            lines.append(
                f"{amount_text(stated.as_element)} mg of the element (claim {stated.claim_id}) "
                f"would carry {low:,.0f} to {high:,.0f} mg of it."
            )
    return Prose(*lines)


def absorbed(review: Review) -> Prose:
    """Tell what studies of absorption found, and what a subgroup picked by its result cannot say.

    Parameters
    ----------
    review
        The review.
    """
    return Prose(*absorption_studies(review).summary().splitlines())


def harms_over_all(conclusions: Conclusions) -> Prose:
    """Tell of every harm what can be pooled, what is only bounded, and how certain that is.

    Parameters
    ----------
    conclusions
        The conclusions of a review.
    """
    review = conclusions.review
    lines = []
    for outcome_id in harm_outcomes(review):
        lines += [" ".join(pool_harms(review, outcome_id).summary().splitlines())]
        for analysis in conclusions.analyses:
            planned = review.analysis(analysis.analysis_id)
            if outcome_id in planned.outcomes and analysis.certainties:
                lines.append(
                    f"{analysis.title}: {analysis.verdicts[0].sentence()} "
                    f"{analysis.certainties[0].summary()}"
                )
    return Prose(*lines, style="list") if lines else Prose("No harm is among the outcomes.")


def timing_told(review: Review) -> Prose:
    """Tell what claims say of when to take it, and what was tried.

    Parameters
    ----------
    review
        The review.
    """
    return Prose(*appraise_timing(review).summary().splitlines(), style="list")


def never_tested(review: Review) -> Prose:
    """Tell what no trial of the form asked about has tested, and how empty the grids are.

    Parameters
    ----------
    review
        The review.
    """
    tested = tested_map(review)
    if isinstance(tested, Table):
        return Prose(tested.caption)
    form = review.plan.target.form
    return Prose(tested.untested(form), *tested.summary().splitlines(), style="list")


def tested_map(review: Review) -> Tested | Table:
    """Return the map of what was tested, or why doses cannot be counted in one element.

    Parameters
    ----------
    review
        The review.
    """
    try:
        return what_was_tested(review)
    except InsufficientEvidenceError as error:
        return Table(pd.DataFrame(), caption=str(error))
