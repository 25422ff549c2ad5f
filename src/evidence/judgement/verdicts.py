"""The verdict on any result: a pooled result, a planned analysis, a trial, or plain numbers.

References
----------
See `evidence.judgement.rules`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import pandas as pd

from evidence.appraisal.certainty import Certainty
from evidence.data import Review, Threshold
from evidence.display import Display, Prose, Table, format_interval, format_number, join_words
from evidence.errors import InsufficientEvidenceError, InvalidArgumentError
from evidence.judgement.conclusions import AnalysisConclusion, Headline, conclude_analysis
from evidence.judgement.language import english as words
from evidence.judgement.phrases import NOT_RATED, outcome_in_words
from evidence.judgement.rules import rule_table
from evidence.judgement.topic import Topic
from evidence.judgement.verdict import Verdict, judge
from evidence.judgement.yardsticks import Yardstick, yardsticks_of, yardsticks_of_review
from evidence.synthesis.body import Scenario, Synthesis
from evidence.synthesis.result import PooledResult

__all__ = ["Verdicts", "verdict"]

Stick: TypeAlias = float | str | Yardstick | Threshold
Numbers: TypeAlias = tuple[str, float, float, float, str | Certainty | None]


@dataclass(frozen=True, slots=True)
class Verdicts(Display):
    """One verdict for each way of reading the reports, and what the verdict depends on.

    Attributes
    ----------
    verdicts
        At least one, in the order of the readings.
    """

    verdicts: tuple[Verdict, ...]

    def __len__(self) -> int:
        return len(self.verdicts)

    def __iter__(self) -> Iterator[Verdict]:
        return iter(self.verdicts)

    def __getitem__(self, place: int) -> Verdict:
        return self.verdicts[place]

    @property
    def depends_on_threshold(self) -> bool:
        """Whether under some reading one threshold says it matters, and another that not."""
        return any(one.depends for one in self.verdicts)

    @property
    def depends_on_reading(self) -> bool:
        """Whether the readings come to different statements or sizes."""
        return len({(one.clause(), one.size) for one in self.verdicts}) > 1

    @property
    def agree(self) -> str:
        """Whether the readings agree, in a sentence; empty where there is one reading."""
        count = len(self.verdicts)
        if count == 1:
            return ""
        if self.depends_on_reading:
            return words.READINGS_DIFFER
        return words.READINGS_BOTH if count == 2 else words.READINGS_AGREE.format(count=count)

    def sentences(self) -> tuple[str, ...]:
        """Return the statement, the size and what they depend on, each sentence once."""
        told: list[str] = []
        for one in self.verdicts:
            parts = (one.sentence(), one.size_sentence(), one.within_sentence())
            text = " ".join(part for part in parts if part)
            if self.depends_on_reading:
                text = words.READING.format(name=one.reading, text=text)
            told.append(text)
        if not self.depends_on_reading and len(self.verdicts) > 1:
            # The statement and size are the same; what the intervals hold may differ.
            first = self.verdicts[0]
            told = [f"{first.sentence()} {first.size_sentence()}", self._within()]
        return tuple(part for part in (*dict.fromkeys(told), self.agree) if part)

    def _within(self) -> str:
        """Say what sizes the intervals of the readings leave open, in one sentence."""
        text = self.verdicts[0].within_sentence().removesuffix(".")
        others = dict.fromkeys(one.ends_in_words() for one in self.verdicts)
        for ends in list(others)[1:]:
            if ends is not None and ends[0] == ends[1]:
                text += words.WITHIN_READINGS_ONE.format(word=ends[0])
            elif ends is not None:
                text += words.WITHIN_READINGS.format(low=ends[0], high=ends[1])
        return f"{text}." if text else ""

    def summary(self) -> str:
        """Return the statements, what they depend on, and the rule behind them."""
        rules = dict.fromkeys(one.rule for one in self.verdicts)
        return "\n".join([*self.sentences(), f"Rule: {'; '.join(rules)}."])

    def to_frame(self) -> pd.DataFrame:
        """Return one row for each reading and threshold, unrounded."""
        return pd.concat([one.to_frame() for one in self.verdicts], ignore_index=True)

    def to_dict(self) -> dict[str, object]:
        """Return every verdict with its inputs, and what they depend on."""
        return {
            "verdicts": [{**one.to_dict(), "inputs": one.inputs} for one in self.verdicts],
            "depends_on_reading": self.depends_on_reading,
            "depends_on_threshold": self.depends_on_threshold,
        }

    @property
    def table(self) -> Table:
        """The inputs of each reading beside its size, as a table to be read."""
        rows = []
        for one in self.verdicts:
            factor, decimals = one.scale.factor, max(one.scale.decimals, 2)
            low, high = (factor * end for end in (one.benefit_low, one.benefit_high))
            shown = format_number(factor * one.benefit, decimals)
            sizes = one.sizes or (one.size,)
            rows.append(
                {
                    "reading": one.reading or "as reported",
                    "benefit (95% CI)": f"{shown} ({format_interval(low, high, decimals)})",
                    "what matters": one.scale.size(*(each.value for each in one.yardsticks))
                    if one.yardsticks
                    else "not known",
                    "size": join_words(dict.fromkeys(words.SIZES[size] for size in sizes)),
                    "no difference": "left out" if one.excludes_no_effect else "possible",
                    "certainty": one.certainty,
                }
            )
        rules = join_words(dict.fromkeys(one.rule for one in self.verdicts), "or")
        return Table(
            pd.DataFrame(rows),
            caption="What the verdict was made from",
            note=f"The rule of size: {rules}.",
        )

    @property
    def rules(self) -> Table:
        """The rules that produced the verdicts, with their sources."""
        fired = dict.fromkeys(rule for one in self.verdicts for rule in one.rules)
        return rule_table(tuple(fired))

    def _repr_html_(self) -> str:
        told = Prose(*self.sentences())._repr_html_()
        return told + self.table._repr_html_() + self.rules._repr_html_()


def verdict(
    result: object,
    *,
    analysis: str = "",
    review: Review | None = None,
    about: Topic | None = None,
    thresholds: Stick | Iterable[Stick] | None = None,
    certainty: str | Certainty | None = None,
) -> Verdicts:
    """Judge a result by rule: its direction, its size beside what matters, its certainty.

    Parameters
    ----------
    result
        A review with the id of one of its analyses; an `AnalysisConclusion`, a `Synthesis`, a
        `Scenario`, a `PooledResult` or a `Headline`; or three numbers, the estimate and the
        ends of its interval, treatment minus control (of a ratio their logarithms).
    analysis
        Of a review: the id of the planned analysis.
    review
        The review a synthesis, a scenario or a headline trial is of; names, thresholds and
        certainty are taken from it.
    about
        What the numbers are about: names, measure, unit and which way is better. Needed
        wherever no review tells.
    thresholds
        What matters, in place of what the review says: numbers on the scale of the effect,
        `Yardstick`, `Threshold`, or ids of the review's thresholds; one or several. The
        smallest decides, and the verdict says whether it depends on which.
    certainty
        GRADE's level or a `Certainty`, in place of what the review comes to; without either
        the verdict says that nobody rated it.

    Returns
    -------
    Verdicts
        One verdict for each reading; a single result has one. The same inputs always give the
        same verdict, and each lists its inputs.

    Raises
    ------
    InvalidArgumentError
        When the result cannot be judged, when nobody says which way is better, or when a
        threshold is not for a difference between groups.
    InsufficientEvidenceError
        When no trial of the analysis can be used.

    Examples
    --------
    >>> from evidence.judgement import Topic
    >>> tea = Topic(treatment="tea", outcome="nap trouble", better="lower", unit="points",
    ...             measure="mean difference")
    >>> verdict((-3.0, -4.0, -2.0), about=tea, thresholds=(1.5, 5), certainty="low")[0].sentence()
    'Tea may result in a large improvement in nap trouble.'

    References
    ----------
    See `evidence.judgement.rules`.
    """
    if isinstance(result, Review):
        if not analysis:
            raise InvalidArgumentError(
                "A review has several analyses, and analysis is empty; it must be one of "
                f"{join_words(map(repr, result.plan.analyses), 'or')}."
            )
        review, result = result, conclude_analysis(result, analysis)
    if isinstance(result, Synthesis) and review is not None:
        result = conclude_analysis(review, result.analysis.id)
    apart = _taken_apart(result, review, about)
    topic, sticks = apart.topic, _sticks(thresholds, apart, review)
    told = []
    for reading, estimate, ci_low, ci_high, rated in apart.rows:
        level = rated if certainty is None else certainty
        benefit, low, high = topic.benefit(estimate, ci_low, ci_high)
        found = judge(
            benefit=benefit,
            benefit_low=low,
            benefit_high=high,
            threshold=sticks,
            certainty=level.level if isinstance(level, Certainty) else level or NOT_RATED,
            treatment=topic.treatment,
            outcome=topic.outcome,
            counted=topic.counted,
        )
        told.append(replace(found, scale=topic.scale, reading=reading))
    return Verdicts(tuple(told))


@dataclass(frozen=True, slots=True)
class _Apart:
    """A result taken apart: what it is about, and its numbers reading by reading."""

    topic: Topic
    rows: tuple[Numbers, ...]
    sticks: tuple[Yardstick, ...] = ()
    outcomes: tuple[str, ...] = ()
    measure: str = ""


def _taken_apart(result: object, review: Review | None, about: Topic | None) -> _Apart:
    if isinstance(result, AnalysisConclusion):
        return _of_conclusion(result, about)
    if isinstance(result, Headline):
        return _of_headline(result, review, about)
    if isinstance(result, Synthesis):
        rows = [(one.name, *_numbers(one.result), None) for one in result.scenarios]
        return _Apart(_needed(about), tuple(rows))
    if isinstance(result, Scenario):
        return _Apart(_needed(about), ((result.name, *_numbers(result.result), None),))
    if isinstance(result, PooledResult):
        return _Apart(_needed(about), (("", *_numbers(result), None),))
    if isinstance(result, Sequence) and not isinstance(result, str) and len(result) == 3:
        estimate, low, high = map(float, result)
        return _Apart(_needed(about), (("", estimate, low, high, None),))
    raise InvalidArgumentError(
        f"result is of type {type(result).__name__}, which has no one effect to judge. Give a "
        "review with analysis='...', a conclusion of an analysis, a synthesis, a scenario, a "
        "pooled result, the headline of conclusions, or three numbers: (estimate, ci_low, ci_high)."
    )


def _numbers(result: PooledResult) -> tuple[float, float, float]:
    return result.estimate, result.ci_low, result.ci_high


def _needed(about: Topic | None) -> Topic:
    if about is None:
        raise InvalidArgumentError(
            "Which way is better is not known of these numbers, so about is needed: for example "
            "about=evidence.judgement.Topic(treatment='tea', outcome='nap trouble', "
            "better='lower', measure='mean difference', unit='points')."
        )
    return about


def _of_conclusion(found: AnalysisConclusion, about: Topic | None) -> _Apart:
    if found.synthesis is None or found.topic is None:
        raise InsufficientEvidenceError(found.refusal or f"{found.title}: no trial can be used.")
    rows = [
        (scenario.name, *_numbers(scenario.result), certainty)
        for scenario, certainty in zip(found.synthesis.scenarios, found.certainties, strict=True)
    ]
    plan = found.synthesis.analysis
    return _Apart(
        about or found.topic,
        tuple(rows),
        found.verdicts[0].yardsticks,
        plan.outcomes,
        plan.measure,
    )


def _of_headline(found: Headline, review: Review | None, about: Topic | None) -> _Apart:
    comparison = found.comparison
    if review is not None:
        outcome = review.outcome(comparison.outcome_id)
        named = outcome_in_words(outcome)
        usual = yardsticks_of_review(review, (outcome.id,), comparison.measure)
        about = about or replace(Topic.of(review, outcome, comparison.measure), outcome=named)
    else:
        usual = ()
    names = [comparison.reading_in_words(one) for one in found.readings]
    rows = [
        (name if len(names) > 1 else "", one.estimate, one.ci_low, one.ci_high, None)
        for name, one in zip(names, found.readings, strict=True)
    ]
    return _Apart(_needed(about), tuple(rows), usual, (comparison.outcome_id,), comparison.measure)


def _sticks(
    wanted: Stick | Iterable[Stick] | None, apart: _Apart, review: Review | None
) -> tuple[Yardstick, ...]:
    """Return the thresholds asked for: the usual ones, values, or the review's by their ids."""
    if wanted is None:
        return apart.sticks
    several: tuple[Stick, ...]
    if isinstance(wanted, Iterable) and not isinstance(wanted, str):
        several = tuple(wanted)
    else:
        several = (wanted,)
    names = [one for one in several if isinstance(one, str)]
    values = [one for one in several if not isinstance(one, str)]
    if names and (review is None or not apart.outcomes):
        raise InvalidArgumentError(
            f"thresholds names {join_words(map(repr, names))}, and only a review knows what that "
            "is: give the review and a result that is of it, or the values."
        )
    found = (
        yardsticks_of_review(review, apart.outcomes, apart.measure, names)
        if names and review is not None
        else ()
    )
    return yardsticks_of([*values, *found])
