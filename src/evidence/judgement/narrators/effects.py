"""Effects in words: pooled results, planned analyses, single trials, subgroups, posteriors."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from evidence.display import capital, format_number, join_words, plural
from evidence.effects.sizes import EffectSizes
from evidence.judgement.conclusions import AnalysisConclusion, Headline, conclude_analysis
from evidence.judgement.language import english as words
from evidence.judgement.narrators.around import Around
from evidence.judgement.phrases import is_ratio
from evidence.judgement.thresholds import ThresholdComparison
from evidence.judgement.topic import Topic
from evidence.judgement.verdict import Verdict
from evidence.judgement.verdicts import Verdicts, verdict
from evidence.synthesis.bayes.result import BayesResult
from evidence.synthesis.body import Scenario, Synthesis
from evidence.synthesis.regression.subgroup_result import SubgroupResult
from evidence.synthesis.result import PooledResult

__all__ = [
    "tell_analysis",
    "tell_bayes",
    "tell_effects",
    "tell_headline",
    "tell_pooled",
    "tell_scenario",
    "tell_subgroups",
    "tell_synthesis",
    "tell_thresholds",
    "tell_verdict",
    "tell_verdicts",
]

#: Below this p the groups of studies are said to differ; the same line as a 95% interval.
_DIFFER = 0.05


def difference(benefit: float, low: float, high: float, topic: Topic) -> str:
    """Return in a sentence or two what was found, with its interval in words.

    Parameters
    ----------
    benefit, low, high
        Positive where the treatment is better.
    topic
        What it is about.
    """
    scale = topic.scale
    names = {
        "outcome": topic.outcome,
        "treatment": topic.treatment,
        "comparator": topic.comparator,
        "measure": topic.measure,
    }
    if scale.ratio:
        forms = (words.CAME_TO, words.CAME_TO_SAME)
        names["difference"] = scale.difference(benefit)
    elif topic.counted == "value":
        forms = (words.CAME_OUT, words.CAME_OUT_SAME)
        names["difference"] = scale.difference(benefit)
    else:
        forms = (words.COUNTED_IN, words.COUNTED_IN_SAME)
        names["difference"] = scale.difference(benefit)
    text = forms[0 if benefit else 1].format(**names)
    if scale.ratio:
        text += words.RATIO_MEANS.format(**names)
    return f"{capital(text)}. {uncertainty(benefit, low, high, topic)}"


def uncertainty(benefit: float, low: float, high: float, topic: Topic) -> str:
    """Return what the interval holds, and whether no difference is among it."""
    head = words.UNCERTAINTY.format(span=topic.scale.span(low, high))
    if low < 0 < high:
        form = words.UNCERTAINTY_NONE
    elif 0 in (low, high):
        form = words.UNCERTAINTY_EDGE
    else:
        form = words.UNCERTAINTY_SURE
    side = words.SIDES["benefit" if benefit > 0 else "harm"].format(
        treatment=topic.treatment, comparator=topic.comparator
    )
    return form.format(head=head, side=side)


def tell_verdict(found: Verdict, around: Around) -> list[str]:
    """Tell one verdict: its statement, its size, and for analysts its rules."""
    return tell_verdicts(Verdicts((found,)), around)


def tell_verdicts(found: Verdicts, around: Around) -> list[str]:
    """Tell the verdicts of every reading, and for analysts the rules behind them."""
    told = list(found.sentences())
    if around.analyst:
        rules = dict.fromkeys(one for each in found for one in each.rules)
        told += [
            words.RULE_OF_SIZE.format(rule=rule)
            for rule in dict.fromkeys(one.rule for one in found)
        ]
        told += [
            words.RULE.format(
                part=one.part, when=one.when, gives=one.gives, source=one.reference or words.OWN
            )
            for one in rules
        ]
    return told


def _pooled_numbers(result: PooledResult, topic: Topic) -> tuple[float, float, float]:
    return topic.benefit(result.estimate, result.ci_low, result.ci_high)


def _origin(result: PooledResult) -> str:
    if result.k == 1:
        return words.FROM_ONE.format(label=result.labels[0])
    return words.FROM_SEVERAL.format(count=plural(result.k, "study", "studies"))


def _result(result: PooledResult, topic: Topic, around: Around) -> str:
    """Tell one result: where it is from, what it found, how far it carries."""
    found = difference(*_pooled_numbers(result, topic), topic)
    text = f"{capital(_origin(result))} {found}"
    if result.has_prediction:
        _, low, high = topic.benefit(result.estimate, result.prediction_low, result.prediction_high)
        text += " " + words.PREDICTION.format(span=topic.scale.span(low, high))
    if around.analyst:
        text += " " + words.ANALYST.format(lines="; ".join(_lines(result)))
    return text


def _lines(result: PooledResult) -> list[str]:
    lines = [line for line in result.summary().splitlines() if not line.startswith("Note: ")]
    return lines if result.pooled else lines[1:]


def _notes(result: PooledResult, around: Around) -> list[str]:
    return [words.NOTE.format(message=one.message) for one in result.cautions if around.analyst]


def _certainty(levels: list[str]) -> list[str]:
    return [words.CERTAINTY[one] for one in dict.fromkeys(levels) if one in words.CERTAINTY]


def tell_pooled(result: PooledResult, around: Around) -> list[str]:
    """Tell a pooled result, or one study's where there is nothing to pool."""
    return _told([("", result)], verdict(result, **_given(around)), around.topic, around)


def tell_scenario(found: Scenario, around: Around) -> list[str]:
    """Tell a result under one way of reading every trial."""
    judged = verdict(found, **_given(around))
    return _told([(found.name, found.result)], judged, around.topic, around)


def tell_synthesis(found: Synthesis, around: Around) -> list[str]:
    """Tell an analysis under every reading; with the review also its certainty."""
    if around.review is not None and around.about is None:
        return tell_analysis(conclude_analysis(around.review, found.analysis.id), around)
    judged = verdict(found, **_given(around))
    rows = [(one.name, one.result) for one in found.scenarios]
    return _told(rows, judged, around.topic, around)


def tell_analysis(found: AnalysisConclusion, around: Around) -> list[str]:
    """Tell a planned analysis: statement, result under each reading, size, certainty."""
    if found.synthesis is None or found.topic is None:
        return [words.FROM_NONE.format(outcome=found.title)]
    judged = verdict(found, **_given(around))
    rows = [(one.name, one.result) for one in found.synthesis.scenarios]
    told = _told(rows, judged, around.about or found.topic, around)
    down = dict.fromkeys(domain.name for one in found.certainties for domain in one.rated_down)
    if down and around.certainty is None:
        told.append(words.RATED_DOWN.format(reasons=join_words(down)))
    left = len(found.synthesis.derivation.left_out)
    if left:
        told.append(capital(words.LEFT_OUT.format(count=plural(left, "trial"))))
    return told


def tell_headline(found: Headline, around: Around) -> list[str]:
    """Tell what the trial behind a claim found, reading by reading."""
    judged = verdict(found, **_given(around))
    outcome = judged[0].outcome
    topic = around.about
    if topic is None and around.review is not None:
        review, comparison = around.review, found.comparison
        known = Topic.of(review, review.outcome(comparison.outcome_id), comparison.measure)
        topic = replace(known, outcome=outcome)
    told = [] if judged.depends_on_reading else [judged[0].sentence()]
    for one in judged:
        numbers = (one.benefit, one.benefit_low, one.benefit_high)
        text = difference(*numbers, topic or around.topic)
        if judged.depends_on_reading:
            parts = (one.sentence(), text, one.size_sentence(), one.within_sentence())
            text = " ".join(filter(None, parts))
        told.append(words.READING.format(name=one.reading, text=text) if one.reading else text)
    return [*told, judged.agree] if judged.depends_on_reading else [*told, *_sizes(judged)]


def _given(around: Around) -> dict[str, Any]:
    return {
        "about": around.about,
        "review": around.review,
        "thresholds": around.thresholds,
        "certainty": around.certainty,
    }


def _told(
    rows: list[tuple[str, PooledResult]], judged: Verdicts, topic: Topic, around: Around
) -> list[str]:
    """Tell statement, results and certainty in the order in which a reader asks for them."""
    results = [_result(result, topic, around) for _, result in rows]
    if judged.depends_on_reading:
        told = [
            words.READING.format(name=one.reading, text=" ".join(filter(None, parts)))
            for one, result in zip(judged, results, strict=True)
            for parts in [(one.sentence(), result, one.size_sentence(), one.within_sentence())]
        ]
        told.append(judged.agree)
    else:
        told = [judged[0].sentence()]
        for (name, _), result in zip(rows, results, strict=True):
            told.append(words.READING.format(name=name, text=result) if name else result)
        told += _sizes(judged)
    told += _certainty([one.certainty for one in judged])
    for _, pooled in rows:
        told += _notes(pooled, around)
    return list(dict.fromkeys(told))


def _sizes(judged: Verdicts) -> list[str]:
    """Return what the verdicts say beside their common statement."""
    head = judged[0].sentence()
    return [text.removeprefix(head).strip() for text in judged.sentences()]


def tell_thresholds(found: ThresholdComparison, around: Around) -> list[str]:
    """Tell an effect beside every threshold, and whether it depends on which."""
    told = [*found.summary().splitlines(), found.depends_in_words]
    if around.analyst:
        unfit = found.rows[~found.rows["applies"]]
        if len(unfit):
            count = plural(len(unfit), "threshold")
            reasons = join_words(dict.fromkeys(unfit["why"]), "or")
            told.append(capital(words.NOT_COMPARED.format(count=count, reasons=reasons)))
    return told


def tell_bayes(found: BayesResult, around: Around) -> list[str]:
    """Tell a posterior: where the mean effect most likely is, and on which side."""
    topic = around.topic
    centre, low, high = topic.benefit(found.mu.median, *found.mu.interval(found.level))
    side = found.mu.above(0) if topic.sign > 0 else found.mu.below(0)
    count = plural(found.k, "study", "studies")
    form = words.BAYES_RATIO if topic.scale.ratio else words.BAYES
    told = [
        form.format(
            count=count,
            outcome=topic.outcome,
            treatment=topic.treatment,
            comparator=topic.comparator,
            difference=topic.scale.difference(centre),
            level=f"{100 * found.level:g}%",
            span=topic.scale.span(low, high),
        ),
        words.BAYES_SIDE.format(treatment=topic.treatment, probability=_percent(side)),
        words.BAYES_PRIOR,
    ]
    return told + (_rest(found.summary()) if around.analyst else [])


def tell_subgroups(found: SubgroupResult, around: Around) -> list[str]:
    """Tell each group of studies, and whether they differ."""
    topic = around.topic
    told = []
    for row in found.subgroups.to_dict("records"):
        benefit, low, high = topic.benefit(row["estimate"], row["ci_low"], row["ci_high"])
        told.append(
            words.SUBGROUP.format(
                name=capital(str(row["subgroup"])),
                count=plural(int(row["k"]), "study", "studies"),
                difference=_amount(benefit, topic),
                span=topic.scale.span(low, high),
            )
        )
    p = found.between.p_value
    if p != p:
        told.append(words.SUBGROUPS_UNTESTED)
    else:
        told.append(words.SUBGROUPS_DIFFER if p < _DIFFER else words.SUBGROUPS_SAME)
    return told + (_rest(found.summary()) if around.analyst else [])


def tell_effects(found: EffectSizes, around: Around) -> list[str]:
    """Tell the effect of each study."""
    topic = replace(around.topic, measure=_measure(found, around.topic))
    told = []
    for place, numbers in enumerate(
        zip(found.estimate, found.ci_low, found.ci_high, strict=True), start=1
    ):
        benefit, low, high = topic.benefit(*map(float, numbers))
        told.append(
            words.EFFECTS.format(
                name=place, difference=_amount(benefit, topic),
                span=topic.scale.span(low, high),
            )
        )  # fmt: skip
    return told + (_rest(found.summary()) if around.analyst else [])


def _amount(benefit: float, topic: Topic) -> str:
    if not benefit and not topic.scale.ratio:
        return words.NO_DIFFERENCE
    return topic.scale.difference(benefit)


def _measure(found: EffectSizes, topic: Topic) -> str:
    """Return the measure of the effects, where a sentence has words for it."""
    name = found.measure.removeprefix("log ")
    known = ("mean difference", "standardised mean difference", "risk difference")
    return name if name in known or is_ratio(name) else topic.measure


def _rest(summary: str) -> list[str]:
    return [line for line in summary.splitlines() if line]


def _percent(share: float) -> str:
    if share > 0.995:
        return "more than 99%"
    return "less than 1%" if share < 0.005 else f"{format_number(100 * share, 0)}%"
