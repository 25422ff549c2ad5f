"""Sentences computed from conclusions: change the data and the words change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evidence.display import (
    Prose,
    capital,
    format_interval,
    format_number,
    format_p_range,
    join_words,
    plural,
)
from evidence.effects.readings import Reading
from evidence.errors import EvidenceError
from evidence.judgement.phrases import advantage

if TYPE_CHECKING:
    from evidence.data import Review
    from evidence.judgement.conclusions import AnalysisConclusion, Conclusions, Headline

__all__ = ["bottom_line", "cautions", "describe_harms", "describe_headline"]


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
    """Return three sentences: what the trial found, whether it matters, how sure it is."""
    comparison = headline.comparison
    outcome = review.outcome(comparison.outcome_id)
    reading = headline.readings[0]
    benefit, low, high = _benefits(review, reading)
    target = review.plan.target
    study = review.study(comparison.study_id)
    second_hand = " (read second-hand)" if reading.tier == "secondary" else ""
    people = plural(int(study["n_randomised"]), "person", "people")
    span = (
        f" on a scale from {outcome.minimum:g} to {outcome.maximum:g}"
        if outcome.minimum is not None and outcome.maximum is not None
        else ""
    )
    sizes = {format_number(abs(_benefits(review, r)[0]), 1) for r in headline.readings}
    size = join_words(sorted(sizes), "or")
    if benefit > 0:
        result = f"{size} {outcome.unit} more with {target.treatment} than with {target.comparator}"
        found = f"improved by {result}"
    elif benefit < 0:
        result = f"{size} {outcome.unit} less with {target.treatment} than with {target.comparator}"
        found = f"improved by {result}"
    else:
        found = f"did not differ between {target.treatment} and {target.comparator}"
    sentences = [
        (
            f"{comparison.label} gave {study['form'] or target.treatment} or "
            f"{target.comparator} to {people}: {outcome.name}{span} {found}{second_hand}."
        ),
    ]
    sentences.append(_against_thresholds(headline))
    if comparison.contradiction and len(headline.readings) > 1:
        parts = []
        for other in headline.readings:
            _, low, high = _benefits(review, other)
            parts.append(
                f"{comparison.reading_in_words(other)} give a benefit of "
                f"{format_interval(low, high, 1)} {outcome.unit} ({comparison.p_in_words(other)})"
            )
        sentences.append(
            "How sure that is depends on which of the trial's own numbers one goes by, because "
            f"they contradict each other: {'; '.join(parts)}."
        )
    else:
        effect = advantage(
            benefit,
            low,
            high,
            unit=outcome.unit,
            treatment=target.treatment,
            comparator=target.comparator,
        )
        p_value = comparison.p_in_words(reading)
        sentences.append(f"With its uncertainty that is {effect}, {p_value}.")
    return sentences


def _against_thresholds(headline: Headline) -> str:
    texts = [comparison.summary() for comparison in headline.thresholds]
    if len(set(texts)) == 1:
        return texts[0]
    heads = {text.split(". ")[0] for text in texts}
    if len(heads) == 1:
        reach = [t.applicable["interval_reaches"].any() for t in headline.thresholds]
        tail = (
            "every reading's interval reaches at least one of them"
            if all(reach)
            else "whether the interval reaches them depends on the reading"
        )
        return f"{heads.pop().rstrip('.')}; {tail}."
    return " ".join(texts)


def _body(conclusions: Conclusions) -> str:
    main = conclusions.main
    if main.synthesis is None:
        return capital(main.refusal)
    synthesis = main.synthesis
    review = conclusions.review
    smd = synthesis.analysis.measure.startswith("standardised")
    unit = "standard deviations" if smd else review.outcome(synthesis.analysis.outcomes[0]).unit
    target = review.plan.target
    outcome = synthesis.analysis.title[:1].lower() + synthesis.analysis.title[1:]
    people = f"{synthesis.participants} people"
    if synthesis.k == 1:
        head = f"One trial of {outcome} can be used ({people}), so nothing can be pooled"
    else:
        head = f"Over the {plural(synthesis.k, 'trial')} of {outcome} that can be used ({people})"
    if len(main.verdicts) == 1:
        verdict = main.verdicts[0]
        effect = advantage(
            verdict.benefit,
            verdict.benefit_low,
            verdict.benefit_high,
            unit=unit,
            treatment=target.treatment,
            comparator="control",
            decimals=2,
        )
        return f"{head}: {effect}. {_verdicts(main)}"
    parts = join_words(
        (
            f"{format_number(v.benefit)} (95% CI {format_interval(v.benefit_low, v.benefit_high)})"
            for v in main.verdicts
        ),
        "or",
    )
    labels = join_words(comparison.label for comparison in synthesis.contradictory)
    return (
        f"{head} the benefit of {target.treatment} comes to {parts} {unit}, depending on how "
        f"{labels} is read; {_null_in_words(main)}. {_verdicts(main)}"
    )


def _null_in_words(analysis: AnalysisConclusion) -> str:
    excluded = [verdict.excludes_no_effect for verdict in analysis.verdicts]
    if all(excluded):
        return "every interval excludes no effect"
    if not any(excluded):
        return "every interval includes no effect"
    return "whether the interval excludes no effect depends on it"


def _verdicts(analysis: AnalysisConclusion) -> str:
    sentences = list(dict.fromkeys(verdict.sentence() for verdict in analysis.verdicts))
    if len(sentences) == 1:
        return sentences[0]
    return "Which statement holds depends on the reading: " + " / ".join(sentences)


def _trust(conclusions: Conclusions) -> str:
    main = conclusions.main
    direct = conclusions.directness
    used = {c.study_id for c in main.synthesis.derivation.comparisons} if main.synthesis else set()
    same = [
        study_id
        for study_id in direct.table["study_id"]
        if study_id in used and direct.matches(study_id, "form")
    ]
    parts = [
        f"{capital(plural(direct.same_form, 'trial'))} of {len(direct.table)} tested "
        f"{direct.form}" + (f" ({len(same)} of the {len(used)} used here)" if used else "")
    ]
    if main.certainties:
        down = list(dict.fromkeys(d.name for c in main.certainties for d in c.domains if d.levels))
        reasons = f", for {join_words(down)}" if down else ""
        parts.append(f"the suggested certainty is {main.certainty}{reasons}")
    first = conclusions.gaps.first
    if not first.empty:
        parts.append(f"what would sharpen the answer most: {first.iloc[0]['what']}")
    return "; ".join(parts) + "."


def describe_harms(conclusions: Conclusions, study_id: str, outcome_id: str) -> str:
    """Return one sentence on the people with an event in a trial's two groups."""
    from evidence.appraisal.harms import compare_harms

    review = conclusions.review
    try:
        found = compare_harms(review, study_id, outcome_id)
    except EvidenceError as error:
        return str(error)
    exact = found.exact
    verdict = "shows a difference" if found.shows_difference else "does not show a difference"
    span = format_p_range(exact.p_low, exact.p_high)
    split = (
        ""
        if found.split_known
        else ", depending on how the people analysed were divided, which is not reported"
    )
    return (
        f"{capital(found.outcome)}: {exact.events_treatment} with "
        f"{review.plan.target.treatment} and {exact.events_control} with "
        f"{review.plan.target.comparator}. An exact test {verdict} ({span}{split})."
    )
