"""The conclusions of a review: one object that table, figure, sentence and file read."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from evidence.appraisal.certainty import LEVELS, Certainty, rate_certainty
from evidence.appraisal.directness import Directness, appraise_directness
from evidence.appraisal.evidence_age import EvidenceAge, evidence_age
from evidence.appraisal.gaps import Gaps, list_gaps
from evidence.data import Outcome, Review
from evidence.display import Display, Prose, Table, format_interval, format_number, join_words
from evidence.effects.derivation.derive import derive
from evidence.effects.derivation.readings import LOG_MEASURES, Comparison, Reading
from evidence.effects.importance import important_difference
from evidence.errors import Caution, EvidenceError, InsufficientEvidenceError, InvalidArgumentError
from evidence.judgement import narration
from evidence.judgement.phrases import Scale, inside
from evidence.judgement.thresholds import ThresholdComparison, compare_with_thresholds
from evidence.judgement.topic import Topic
from evidence.judgement.verdict import Verdict, judge
from evidence.judgement.yardsticks import yardsticks_of_review
from evidence.synthesis.body import Scenario, Synthesis, gathered, synthesise
from evidence.synthesis.direction import DirectionSynthesis, synthesise_direction

if TYPE_CHECKING:
    from evidence.judgement.claims import ClaimAudit

__all__ = ["AnalysisConclusion", "Conclusions", "Headline", "conclude", "conclude_analysis"]


@dataclass(frozen=True)
class AnalysisConclusion:
    """One planned analysis: its synthesis, and for each reading certainty and verdict.

    Attributes
    ----------
    synthesis
        None where it cannot be carried out; `refusal` says why.
    certainties, verdicts
        One for each scenario of the synthesis.
    topic
        What its numbers are about; None where it cannot be carried out.
    """

    analysis_id: str
    title: str
    synthesis: Synthesis | None
    certainties: tuple[Certainty, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    refusal: str = ""
    topic: Topic | None = None

    @property
    def certainty(self) -> str:
        """The lowest level over the readings: what holds whichever is right."""
        if not self.certainties:
            return LEVELS[-1]
        return max((c.level for c in self.certainties), key=LEVELS.index)


@dataclass(frozen=True)
class Headline:
    """The trial that the claim rests on, in the outcome's own unit.

    Attributes
    ----------
    comparison
        Its readings in the outcome's unit.
    standardised
        Its readings in standard deviations, where these can be derived.
    thresholds
        One comparison with the thresholds for each usable reading.
    """

    comparison: Comparison
    standardised: Comparison | None
    thresholds: tuple[ThresholdComparison, ...]

    @property
    def readings(self) -> tuple[Reading, ...]:
        """One usable reading for each set of reports that agree."""
        return self.comparison.usable


@dataclass(frozen=True)
class Conclusions(Display):
    """Everything a review comes to, and the words for it.

    Attributes
    ----------
    review
        What it was computed from.
    headline
        The trial behind the claim; None where no effect can be derived.
    analyses
        The planned analyses, in the plan's order.
    direction, directness, gaps
        Which way the trials point, how direct they are, and what is not known.
    """

    review: Review
    headline: Headline | None
    analyses: tuple[AnalysisConclusion, ...]
    direction: DirectionSynthesis
    directness: Directness
    gaps: Gaps

    def analysis(self, analysis_id: str) -> AnalysisConclusion:
        """Return the conclusion of one planned analysis."""
        self.review.analysis(analysis_id)
        return next(a for a in self.analyses if a.analysis_id == analysis_id)

    @property
    def question(self) -> Prose:
        """The question, and how old the search for evidence is."""
        plan = self.review.plan
        return Prose(plan.question, f"{self.age.summary()} {plan.search_note}".strip())

    @cached_property
    def age(self) -> EvidenceAge:
        """When evidence was searched for; no day to reckon to, so that it stays as it is."""
        return evidence_age(self.review)

    @property
    def usable(self) -> tuple[AnalysisConclusion, ...]:
        """The analyses that at least one trial can serve."""
        return tuple(a for a in self.analyses if a.synthesis is not None)

    @property
    def main(self) -> AnalysisConclusion:
        """The analysis the answer rests on: the plan's first that any trial can serve."""
        return self.usable[0] if self.usable else self.analyses[0]

    @cached_property
    def bottom_line(self) -> Prose:
        """The answer in a few sentences, each computed."""
        return narration.bottom_line(self)

    @cached_property
    def table(self) -> Table:
        """The main table: each result under each reading, with certainty and verdict."""
        return _main_table(self)

    @cached_property
    def claims(self) -> ClaimAudit:
        """The claims of the articles, each with its verdict."""
        from evidence.judgement.claims import audit_claims

        return audit_claims(self.review, conclusions=self)

    @property
    def cautions(self) -> tuple[Caution, ...]:
        """The cautions of everything the answer rests on, each once, with whom it is about."""
        return gathered(
            pair
            for analysis in self.analyses
            if analysis.synthesis is not None
            for pair in analysis.synthesis.cautions_by_label()
        )

    def summary(self) -> str:
        """Return question and answer as plain text."""
        head = [self.review.plan.question, self.age.summary(), ""]
        return "\n".join([*head, *self.bottom_line.paragraphs])

    def to_frame(self) -> pd.DataFrame:
        """Return one row per analysis and reading, unrounded."""
        frames = [a.synthesis.to_frame() for a in self.analyses if a.synthesis is not None]
        return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()

    def to_dict(self) -> dict[str, object]:
        """Return the conclusions as plain values in a stable order, fit for JSON."""
        from evidence.judgement.record import record

        return record(self)

    def _repr_html_(self) -> str:
        age = Prose(self.age.summary())._repr_html_()
        return age + self.bottom_line._repr_html_() + self.table._repr_html_()


def conclude(review: Review) -> Conclusions:
    """Carry out everything a review plans and put it into words.

    Parameters
    ----------
    review
        The review.

    Returns
    -------
    Conclusions
        An analysis that cannot be carried out is kept, with the reason in its `refusal`.
    """
    return Conclusions(
        review=review,
        headline=_headline(review),
        analyses=tuple(conclude_analysis(review, name) for name in review.plan.analyses),
        direction=synthesise_direction(review),
        directness=appraise_directness(review),
        gaps=list_gaps(review),
    )


def _headline(review: Review) -> Headline | None:
    wanted = review.plan.headline
    outcome = review.outcome(wanted.outcome_id)
    measure = "mean difference" if outcome.kind == "continuous" else "risk difference"
    try:
        comparison = derive(
            review,
            wanted.study_id,
            wanted.outcome_id,
            timepoint=wanted.timepoint,
            measure=measure,
        )
    except EvidenceError:
        return None
    try:
        standardised = derive(
            review, wanted.study_id, wanted.outcome_id, timepoint=wanted.timepoint
        )
    except EvidenceError:
        standardised = None
    thresholds = tuple(
        compare_with_thresholds(
            review,
            wanted.outcome_id,
            estimate=reading.estimate,
            ci_low=reading.ci_low,
            ci_high=reading.ci_high,
        )
        for reading in comparison.usable
    )
    return Headline(comparison, standardised, thresholds) if comparison.usable else None


def conclude_analysis(review: Review, analysis_id: str) -> AnalysisConclusion:
    """Carry out one planned analysis, with certainty and verdict for each of its readings.

    Parameters
    ----------
    review
        The review.
    analysis_id
        The analysis.

    Returns
    -------
    AnalysisConclusion
        One that cannot be carried out has the reason in its `refusal`.
    """
    analysis = review.analysis(analysis_id)
    try:
        synthesis = synthesise(review, analysis_id)
    except (InsufficientEvidenceError, InvalidArgumentError) as error:
        return AnalysisConclusion(analysis_id, analysis.title, None, refusal=str(error))
    threshold = important_difference(review, analysis.outcomes, analysis.measure)
    sticks = yardsticks_of_review(review, analysis.outcomes, analysis.measure)
    certainties, verdicts = [], []
    first = review.outcome(analysis.outcomes[0])
    sign, topic = first.benefit_sign, Topic.of(review, first, analysis.measure, analysis.title)
    for scenario in synthesis.scenarios:
        certainty = rate_certainty(review, synthesis, scenario, threshold)
        low, high = sorted((sign * scenario.result.ci_low, sign * scenario.result.ci_high))
        certainties.append(certainty)
        found = judge(
            benefit=sign * scenario.result.estimate,
            benefit_low=low,
            benefit_high=high,
            threshold=sticks,
            certainty=certainty.level,
            treatment=review.plan.target.treatment,
            outcome=inside(analysis.title),
            counted=_counted(review.outcome(analysis.outcomes[0])),
        )
        verdicts.append(replace(found, scale=topic.scale, reading=scenario.name))
    return AnalysisConclusion(
        analysis_id,
        analysis.title,
        synthesis,
        tuple(certainties),
        tuple(verdicts),
        topic=topic,
    )


def _counted(outcome: Outcome) -> str:
    if outcome.kind == "continuous":
        return "value"
    return "unwanted events" if outcome.better == "lower" else "wanted events"


def _effect_text(scenario: Scenario, verdict: Verdict, measure: str, outcome: Outcome) -> str:
    if measure in LOG_MEASURES:
        result = scenario.result
        low, high = math.exp(result.ci_low), math.exp(result.ci_high)
        return f"ratio {format_number(math.exp(result.estimate))} ({format_interval(low, high)})"
    scale = Scale.of(outcome, measure)
    units = {"standardised mean difference": "SD", "risk difference": "people in 100"}
    numbers = (verdict.benefit, verdict.benefit_low, verdict.benefit_high)
    benefit, low, high = (number * scale.factor for number in numbers)
    text = f"{format_number(benefit)} {units.get(measure, scale.unit)}".rstrip()
    return f"{text} ({format_interval(low, high)})"


def _main_table(conclusions: Conclusions) -> Table:
    rows = []
    for analysis in conclusions.analyses:
        if analysis.synthesis is None:
            why = "No trial could be used."
            rows.append((analysis.title, "none used", "", "", "", why))
            continue
        synthesis = analysis.synthesis
        outcome = conclusions.review.outcome(synthesis.analysis.outcomes[0])
        for number, (scenario, certainty, verdict) in enumerate(
            zip(synthesis.scenarios, analysis.certainties, analysis.verdicts, strict=True)
        ):
            people = f"{synthesis.k} ({synthesis.participants:,} people)"
            rows.append(
                (
                    analysis.title if number == 0 else "",
                    people if number == 0 else "",
                    scenario.name or "as reported",
                    _effect_text(scenario, verdict, synthesis.analysis.measure, outcome),
                    certainty.level,
                    verdict.sentence(),
                )
            )
    columns = ["outcome", "trials", "reading", "benefit (95% CI)", "certainty", "in words"]
    return Table(
        pd.DataFrame(rows, columns=columns),
        caption="What the trials come to",
        note="A positive benefit favours the treatment. A ratio below 1 means fewer events with "
        f"it. {_whose_certainty(conclusions)}",
    )


def _whose_certainty(conclusions: Conclusions) -> str:
    """Say whether the levels are suggestions, and which decisions no longer fit the facts."""
    found = [
        (analysis.title, one)
        for analysis in conclusions.analyses
        for certainty in analysis.certainties
        for one in certainty.decisions
    ]
    if not found:
        return "The certainty is a computed suggestion, not a reviewer's judgement."
    people = join_words(dict.fromkeys(one.who for _, one in found))
    titles = join_words(dict.fromkeys(inside(title) for title, _ in found))
    text = f"The certainty counts what {people} decided on {titles}"
    text += " and is a computed suggestion where nothing was decided."
    stale = dict.fromkeys(f"{one.domain} of {inside(title)}" for title, one in found if one.stale)
    return f"{text} Decided on other facts than today's: {join_words(stale)}." if stale else text
