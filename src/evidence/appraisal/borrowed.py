"""Evidence borrowed from indirect trials: the planned analysis over a dial from none to all.

References
----------
Ibrahim JG, Chen MH (2000). Power prior distributions for regression models. Statistical
Science 15:46-60.
Guyatt GH, Oxman AD, Kunz R, et al. (2011). GRADE guidelines: 8. Rating the quality of
evidence: indirectness. Journal of Clinical Epidemiology 64:1303-1310.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape

import pandas as pd

from evidence.appraisal.directness import Directness, appraise_directness
from evidence.data import Review
from evidence.display import Display, Prose, capital, format_number, join_words
from evidence.effects.derivation.readings import LOG_MEASURES
from evidence.errors import Caution, InvalidArgumentError
from evidence.synthesis.body import Synthesis, gathered, synthesise
from evidence.synthesis.borrowing.borrow import borrow
from evidence.synthesis.borrowing.result import Borrowing, BorrowingMethod
from evidence.synthesis.result import PooledResult

__all__ = ["BorrowedEvidence", "borrow_from_indirect"]

#: The scale of a threshold that can be compared with a measure.
_SCALES = {"standardised mean difference": "SMD", "mean difference": "outcome unit"}
#: The ends of the dial as words.
_ENDS = {0.0: "Direct trials alone", 1.0: "Every trial counted in full"}


@dataclass(frozen=True, slots=True)
class BorrowedEvidence(Display):
    """One planned analysis with its indirect trials counted by a dial, under every reading.

    Attributes
    ----------
    title, measure
        Of the analysis.
    better
        ``"lower"`` or ``"higher"``: which way its outcomes are better.
    directness
        How far each trial is from the question.
    scenarios
        Name of each reading (empty where there is one) and what borrowing comes to under it.
    planned
        The analysis as planned, under each reading: without regard to directness.
    """

    title: str
    measure: str
    better: str
    directness: Directness
    scenarios: tuple[tuple[str, Borrowing], ...]
    planned: tuple[PooledResult, ...]

    @property
    def log(self) -> bool:
        """Whether the effects are logarithms of ratios."""
        return self.measure in LOG_MEASURES

    @property
    def cautions(self) -> tuple[Caution, ...]:
        """The cautions of every reading, each once."""
        return gathered(
            (caution, self.title) for _, found in self.scenarios for caution in found.cautions
        )

    def paragraph(self) -> Prose:
        """Return in words what the direct trials say, what all say, and where it changes."""
        table, known = self.directness.table, self.directness.direct
        names = list(zip(table["study_id"], table["label"], strict=True))
        direct = [str(label) for study, label in names if study in known]
        indirect = [str(label) for study, label in names if study not in known]
        if not indirect:
            first = f"Every trial of “{self.title}” is direct; there is nothing to borrow."
        elif not direct:
            first = (
                f"No trial of the analysis “{self.title}” is direct: all it says is borrowed from "
                f"{join_words(indirect)}."
            )
        else:
            verb = "is" if len(direct) == 1 else "are"
            first = (
                f"Of the analysis “{self.title}”, {join_words(direct)} {verb} direct, and "
                f"{join_words(indirect)} can only be borrowed from."
            )
        told = zip(self.scenarios, self.planned, strict=True)
        return Prose(first, *(self._reading(*scenario, planned) for scenario, planned in told))

    def _reading(self, name: str, found: Borrowing, planned: PooledResult) -> str:
        sentences = []
        if found.k_direct:
            sentences.append(f"{_ENDS[0.0]}: {self._effect(found, 0.0)}.")
        if found.k_direct < found.k:
            much = f"{format_number(float(found.indirect_weight[-1]), 0)}%"
            people = found.indirect_people
            carried = f"indirect ones then carry {much} of the weight"
            if people is not None:
                carried += f", with {format_number(float(people[-1]), 0)} people"
            sentences.append(f"{_ENDS[1.0]}: {self._effect(found, 1.0)}; {carried}.")
            if planned.pooled:
                values = planned.estimate, planned.ci_low, planned.ci_high
                told = self._interval(values, planned.method.level)
                sentences.append(f"The analysis as planned, whatever is direct, gives {told}.")
            changes = [change.in_words(self._edge(change.boundary)) for change in found.changes]
            sentences.append(
                f"On the dial from 0 to 1, {join_words(changes)}."
                if changes
                else "Nowhere on the dial does the sign change, or what the interval leaves open."
            )
        text = " ".join(sentences)
        return f"{capital(name)}. {text}" if name else text

    def _effect(self, found: Borrowing, dial: float) -> str:
        return f"{self.measure} {self._interval(found.at(dial), found.method.level)}"

    def _interval(self, values: tuple[float, float, float], level: float) -> str:
        estimate, low, high = map(self._number, values)
        return f"{estimate} ({100 * level:g}% CI {low} to {high})"

    def _number(self, value: float) -> str:
        return format_number(math.exp(value) if self.log else value)

    def _edge(self, boundary: float) -> str:
        if boundary == 0:
            return "no effect"
        sign = 1 if self.better == "higher" else -1
        side = "benefit" if boundary * sign > 0 else "harm"
        return f"the smallest {side} that matters ({self._number(boundary)})"

    def summary(self) -> str:
        """Return the paragraph and its cautions as plain text."""
        notes = (f"Note: {caution.message}" for caution in self.cautions)
        return "\n".join([*self.paragraph().paragraphs, *notes])

    def to_frame(self) -> pd.DataFrame:
        """Return one row per reading and setting of the dial, unrounded."""
        frames = []
        for name, found in self.scenarios:
            frame = found.to_frame()
            frame.insert(0, "reading", name)
            frames.append(frame)
        return pd.concat(frames, ignore_index=True)

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        return {
            "title": self.title,
            "measure": self.measure,
            "distances": {
                study: self.directness.discount_steps(study) for study in self.directness.entries
            },
            "scenarios": [{"reading": name, **found.to_dict()} for name, found in self.scenarios],
        }

    def _repr_html_(self) -> str:
        lines = [line for line in self.summary().splitlines() if line]
        return "".join(f"<p>{escape(line)}</p>" for line in lines)


def borrow_from_indirect(
    review: Review,
    analysis_id: str | None = None,
    *,
    synthesis: Synthesis | None = None,
    method: BorrowingMethod | None = None,
    threshold: float | None = None,
) -> BorrowedEvidence:
    """Count the indirect trials of a planned analysis by a dial from not at all to in full.

    A trial is as many steps away as its farthest aspect: none where it is direct, one where it
    is near or not known to be direct, two where it is far. Each step discounts by the dial
    once, so that a far trial always counts less than a near one.

    Parameters
    ----------
    review
        The review with its rules of directness.
    analysis_id
        The analysis; the first of the plan where neither it nor `synthesis` is given.
    synthesis
        That analysis, where it was carried out already.
    method
        How indirect trials are discounted; by default the power prior, with the effects of
        indirect trials around the direct one, see `evidence.synthesis.borrow`.
    threshold
        The smallest difference that matters, without sign, on the scale of the result
        (logarithms of ratios); by default the smallest one of the review that is for a
        difference between groups of the analysis's first outcome, on its scale.

    Returns
    -------
    BorrowedEvidence

    References
    ----------
    Ibrahim and Chen (2000); Guyatt et al. (2011): see the module.
    """
    if synthesis is None:
        synthesis = synthesise(review, analysis_id or next(iter(review.plan.analyses)))
    elif analysis_id not in (None, synthesis.analysis.id):
        raise InvalidArgumentError(
            f"analysis_id is {analysis_id!r} and synthesis is of {synthesis.analysis.id!r}: "
            "give one of the two."
        )
    analysis = synthesis.analysis
    directness = appraise_directness(review, synthesis=synthesis)
    comparisons = synthesis.derivation.comparisons
    distances = [float(directness.discount_steps(each.study_id)) for each in comparisons]
    if threshold is None:
        threshold = _smallest(review, analysis.outcomes[0], analysis.measure)
    scenarios = tuple(
        (
            scenario.name,
            borrow(
                [reading.estimate for reading in scenario.readings],
                standard_errors=[reading.standard_error for reading in scenario.readings],
                distances=distances,
                labels=[each.label for each in comparisons],
                people=[reading.n_treatment + reading.n_control for reading in scenario.readings],
                method=method,
                threshold=threshold,
            ),
        )
        for scenario in synthesis.scenarios
    )
    better = review.outcome(analysis.outcomes[0]).better
    planned = tuple(scenario.result for scenario in synthesis.scenarios)
    return BorrowedEvidence(
        analysis.title, analysis.measure, better, directness, scenarios, planned
    )


def _smallest(review: Review, outcome_id: str, measure: str) -> float | None:
    """Return the smallest threshold for a difference between groups on a measure's scale."""
    scale = _SCALES.get(measure)
    known = review.thresholds(outcome_id, "difference between groups")
    return min((each.value for each in known if each.scale == scale), default=None)
