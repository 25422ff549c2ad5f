"""Sentences computed from conclusions: change the data and the words change."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from evidence.appraisal.harms import HarmsComparison, compare_harms
from evidence.data import Outcome, Review
from evidence.display import (
    Prose,
    capital,
    format_interval,
    format_number,
    format_p_range,
    join_words,
    plural,
)
from evidence.effects.derivation.readings import LOG_MEASURES, Reading
from evidence.errors import EvidenceError
from evidence.judgement.phrases import Scale, inside, outcome_in_words

if TYPE_CHECKING:
    from evidence.judgement.conclusions import AnalysisConclusion, Conclusions, Headline
    from evidence.synthesis.body import Synthesis

__all__ = ["bottom_line", "cautions", "describe_harms", "describe_headline", "said"]

#: What an empty or honest cell says that no sentence can use.
_UNSAID = ("", "not stated", "not reported", "nan")


def bottom_line(conclusions: Conclusions) -> Prose:
    """Return the answer in five sentences.

    Parameters
    ----------
    conclusions
        The conclusions of a review.

    Returns
    -------
    Prose
        What the headline trial found; how that compares with what matters; how sure its
        own numbers are; what all usable trials come to; how direct and certain that is.
        Where no effect of the headline trial can be worked out, one sentence says so in
        place of the first three.
    """
    review = conclusions.review
    if conclusions.headline is None:
        label = review.label(review.plan.headline.study_id)
        first = [f"From what is reported of {label}, no effect can be worked out."]
    else:
        first = describe_headline(review, conclusions.headline)
    return Prose(*first, _body(conclusions), _trust(conclusions), style="numbered")


def cautions(conclusions: Conclusions) -> Prose:
    """Return the cautions that travel with the results, each once, with its reference."""
    lines = [
        caution.message + (f" ({caution.reference})" if caution.reference else "")
        for caution in conclusions.cautions
    ]
    return Prose(*lines, style="list")


def _benefits(review: Review, reading: Reading) -> tuple[float, float, float]:
    sign = review.outcome(reading.outcome_id).benefit_sign
    low, high = sorted((sign * reading.ci_low, sign * reading.ci_high))
    return sign * reading.estimate, low, high


def describe_headline(review: Review, headline: Headline) -> list[str]:
    """Return three sentences: what the trial found, whether it matters, how sure it is.

    Parameters
    ----------
    review
        The review.
    headline
        Its headline trial.
    """
    return [
        _found(review, headline),
        _against_thresholds(headline),
        _how_sure(review, headline),
    ]


def _found(review: Review, headline: Headline) -> str:
    comparison = headline.comparison
    outcome = review.outcome(comparison.outcome_id)
    study, target = review.study(comparison.study_id), review.plan.target
    treatment, comparator = target.treatment, said(study["comparator"], target.comparator)
    people = study["n_randomised"]
    to_whom = "" if pd.isna(people) else f" to {plural(int(people), 'person', 'people')}"
    name = outcome_in_words(outcome)
    counted = outcome.kind == "dichotomous"
    scale = Scale.of(outcome, comparison.measure)
    benefits = [_benefits(review, reading)[0] for reading in headline.readings]
    sizes = dict.fromkeys(scale.difference(b) if b else "the same" for b in benefits)
    if any(benefits):
        verb = ", counted in" if counted else " came out"
        found = f"{verb} {join_words(sizes, 'or')} with {treatment} than with {comparator}"
    else:
        verb = ", counted in as many people" if counted else " came out the same"
        found = f"{verb} with {treatment} as with {comparator}"
    second_hand = any(reading.tier == "secondary" for reading in headline.readings)
    return (
        f"{comparison.label} gave {said(study['intervention'], treatment)} or {comparator}"
        f"{to_whom}: {name}{'' if counted else _range(outcome)}{found}"
        f"{' (known second-hand)' if second_hand else ''}."
    )


def said(text: object, otherwise: str) -> str:
    """Return what a cell says, or something else where it says nothing.

    Parameters
    ----------
    text
        The cell.
    otherwise
        What a sentence says in its place.
    """
    return otherwise if str(text).strip().lower() in _UNSAID else str(text)


def _range(outcome: Outcome) -> str:
    if outcome.minimum is None or outcome.maximum is None:
        return f" ({outcome.better} is better)"
    return f" ({outcome.minimum:g} to {outcome.maximum:g}, {outcome.better} is better)"


def _against_thresholds(headline: Headline) -> str:
    found = headline.thresholds
    sizes = list(dict.fromkeys(comparison.size_in_words for comparison in found))
    reaches = list(dict.fromkeys(comparison.reach_in_words for comparison in found))
    if len(sizes) > 1:
        return "; on another reading, ".join([sizes[0], *map(inside, sizes[1:])]) + "."
    if found[0].applicable.empty:
        return f"{sizes[0]}."
    if len(reaches) == 1:
        return f"{sizes[0]}, {'and' if found[0].settled else 'though'} {reaches[0]}."
    smallest = "it" if len(set(found[0].applicable["value"])) == 1 else "the smallest of them"
    reach = [bool(comparison.applicable["interval_reaches"].any()) for comparison in found]
    if found[0].applicable["estimate_reaches"].any():
        tail = "and how far its uncertainty reaches depends on the reading"
    elif all(reach):
        tail = f"though on every reading its uncertainty reaches {smallest}"
    else:
        tail = f"and whether its uncertainty reaches {smallest} depends on the reading"
    return f"{sizes[0]}, {tail}."


def _how_sure(review: Review, headline: Headline) -> str:
    comparison = headline.comparison
    scale = Scale.of(review.outcome(comparison.outcome_id), comparison.measure)

    def span(reading: Reading) -> str:
        _, low, high = _benefits(review, reading)
        return scale.span(low, high)

    if len(headline.readings) > 1:
        parts = [
            f"by {comparison.reading_in_words(reading)}{', ' if number else ' it may be anything '}"
            f"from {span(reading)} ({comparison.p_in_words(reading)})"
            for number, reading in enumerate(headline.readings)
        ]
        return (
            "How sure that is depends on which of the trial's own numbers one goes by, because "
            f"they contradict each other: {'; '.join(parts)}."
        )
    reading, standardised = headline.readings[0], headline.standardised
    _, low, high = _benefits(review, reading)
    text = (
        f"With its uncertainty it may be anything from {span(reading)} "
        f"(95% CI; {comparison.p_in_words(reading)})"
    )
    if low < 0 < high:
        text += ", so no difference at all remains possible"
    if comparison.contradiction or (standardised and standardised.contradiction):
        text += "; another of the trial's own numbers does not fit that"
    return f"{text}."


def _body(conclusions: Conclusions) -> str:
    main = conclusions.main
    title = inside(main.title)
    if main.synthesis is None:
        return f"No trial of {title} could be used, so there is nothing to pool."
    synthesis = main.synthesis
    people = f"{synthesis.participants:,} people"
    if synthesis.k == 1:
        head = f"Only one trial of {title} can be used ({people}), so nothing is pooled; it comes"
    else:
        head = f"The {plural(synthesis.k, 'trial')} of {title} that can be used ({people}) come"
    clauses = list(dict.fromkeys(verdict.clause() for verdict in main.verdicts))
    statement = "; on another, ".join(clauses)
    if len(clauses) > 1:
        statement = f"on one reading, {statement}"
    return f"{head} {_pooled(conclusions, main, synthesis)}: {statement}."


def _pooled(conclusions: Conclusions, main: AnalysisConclusion, synthesis: Synthesis) -> str:
    review = conclusions.review
    treatment = review.plan.target.treatment
    measure = synthesis.analysis.measure
    if measure in LOG_MEASURES:
        told = _told(
            (math.exp(r.estimate), format_interval(math.exp(r.ci_low), math.exp(r.ci_high)))
            for r in (scenario.result for scenario in synthesis.scenarios)
        )
        each = _each(told, format_number)
        text = f"to a {measure} of {each}, where less than 1 means fewer with {treatment}"
    else:
        scale = Scale.of(review.outcome(synthesis.analysis.outcomes[0]), measure)
        bare = replace(scale, unit="")
        told = _told((v.benefit, bare.span(v.benefit_low, v.benefit_high)) for v in main.verdicts)
        text = f"out {_each(told, scale.difference)} with {treatment}"
    if len(told) > 1:
        labels = [comparison.label for comparison in synthesis.contradictory]
        verb = "is" if len(labels) == 1 else "are"
        text += f", depending on how {join_words(labels)} {verb} read"
    return f"{text}, {_null_in_words(main)}"


#: More results than this are told by the smallest and the largest.
_MOST_TOLD = 3
#: Results with their intervals in words, each once.
_Told = dict[tuple[str, str], float]


def _told(numbers: Iterable[tuple[float, str]]) -> _Told:
    return {(f"{number:.3g}", interval): number for number, interval in numbers}


def _each(told: _Told, in_words: Callable[[float], str]) -> str:
    """Tell each reading's result with its interval; of many only how far apart they are."""
    if len(told) <= _MOST_TOLD:
        texts = (f"{in_words(n)} (95% CI {interval})" for (_, interval), n in told.items())
        return join_words(dict.fromkeys(texts), "or")
    ends = in_words(min(told.values())), in_words(max(told.values()))
    return f"anywhere from {' to '.join(ends)} on {len(told)} readings"


def _null_in_words(analysis: AnalysisConclusion) -> str:
    excluded = {verdict.excludes_no_effect for verdict in analysis.verdicts}
    if excluded == {True}:
        return "which chance alone hardly explains"
    if excluded == {False}:
        return "so no difference at all remains possible"
    return "which also decides whether chance alone could explain it"


def _trust(conclusions: Conclusions) -> str:
    main = conclusions.main
    parts = [_tested(conclusions)]
    if main.certainties:
        down = list(dict.fromkeys(d.name for c in main.certainties for d in c.rated_down))
        reasons = f"rated down for {join_words(down)}" if down else "nothing rates it down"
        parts.append(f"{_whose(main)} is {main.certainty} ({reasons})")
    first = conclusions.gaps.first
    if not first.empty:
        parts.append(f"what would sharpen the answer most: {first.iloc[0]['what']}")
    return "; ".join(parts) + "."


def _whose(main: AnalysisConclusion) -> str:
    """Say whether the certainty is a suggestion or counts what a reviewer decided."""
    decisions = [one for certainty in main.certainties for one in certainty.decisions]
    if not decisions:
        return "the suggested certainty"
    people = join_words(dict.fromkeys(one.who for one in decisions))
    stale = list(dict.fromkeys(one.domain for one in decisions if one.stale))
    note = f" (no longer on the facts of today about {join_words(stale)})" if stale else ""
    return f"the certainty, with what {people} decided{note},"


def _tested(conclusions: Conclusions) -> str:
    main, direct = conclusions.main, conclusions.directness
    total = len(direct.table)
    if not total:
        return f"No trial is listed, of {direct.form} or of anything else"
    if total == 1:
        verb = "tested" if direct.same_form else "did not test"
        return f"The only trial {verb} {direct.form}"
    if not direct.same_form:
        return f"None of {total} trials tested {direct.form}"
    used = {c.study_id for c in main.synthesis.derivation.comparisons} if main.synthesis else set()
    same = sum(direct.matches(study_id, "form") for study_id in used)
    among = f" ({same or 'none'} of the {len(used)} used here)" if used else ""
    if len(used) == 1:
        among = f" ({'also' if same else 'but not'} the one used here)"
    return f"{capital(plural(direct.same_form, 'trial'))} of {total} tested {direct.form}{among}"


def describe_harms(conclusions: Conclusions, study_id: str, outcome_id: str) -> str:
    """Return one or two sentences on the people with an event in a trial's two groups.

    Parameters
    ----------
    conclusions
        The conclusions of a review.
    study_id, outcome_id
        Which comparison; the outcome counts people.
    """
    review = conclusions.review
    try:
        found = compare_harms(review, study_id, outcome_id)
    except EvidenceError as error:
        return str(error)
    exact, target = found.exact, review.plan.target
    if found.split_known:
        counts = (
            f"{exact.events_treatment} of {found.total_treatment} people with {target.treatment} "
            f"and {exact.events_control} of {found.total_control} with {target.comparator}"
        )
    else:
        total = int(exact.splits[["total_treatment", "total_control"]].iloc[0].sum())
        counts = (
            f"{exact.events_treatment} with {target.treatment} and {exact.events_control} with "
            f"{target.comparator}, among {total} people analysed"
        )
    second_hand = " (known second-hand)" if found.tier == "secondary" else ""
    return f"{capital(found.outcome)}: {counts}{second_hand}. {_chance(found)}"


def _chance(found: HarmsComparison) -> str:
    exact = found.exact
    span = f"Fisher's exact test: {format_p_range(exact.p_low, exact.p_high)}"
    if not found.split_known:
        span += ", depending on how they were divided into the groups, which is not reported"
    if found.shows_difference:
        return f"That is more than chance alone easily explains ({span})."
    if found.may_show_difference:
        return f"Whether chance alone explains that cannot be told ({span})."
    return f"A difference like that can well be chance alone ({span})."
