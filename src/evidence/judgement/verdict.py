"""A verdict by rule: direction and size of an effect, with its certainty.

References
----------
Santesso N, Glenton C, Dahm P, et al. (2020). GRADE guidelines 26: informative statements to
communicate the findings of systematic reviews of interventions. Journal of Clinical
Epidemiology 119:126-135.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from evidence.display import Display, capital
from evidence.errors import InvalidArgumentError
from evidence.judgement import phrases

__all__ = ["LARGE_FACTOR", "Verdict", "judge"]

#: From how many times the threshold on an effect is called large. The source leaves the
#: cut to the user; the double keeps "large" for what no reader would call small.
LARGE_FACTOR = 2.0


@dataclass(frozen=True, slots=True)
class Verdict(Display):
    """What an effect amounts to, and the inputs that decided it.

    Attributes
    ----------
    direction
        ``"benefit"`` or ``"harm"``, from the sign of the estimate.
    size
        ``"trivial"`` (below the threshold), ``"important"``, ``"large"``, or ``"unknown"``
        where there is no threshold.
    certainty
        GRADE's level.
    excludes_no_effect
        Whether the interval does.
    treatment, outcome
        Names for the sentence.
    counted
        Whether the outcome is a ``"value"``, or counts ``"unwanted events"`` or
        ``"wanted events"``.
    """

    direction: str
    size: str
    certainty: str
    excludes_no_effect: bool
    benefit: float
    benefit_low: float
    benefit_high: float
    threshold: float | None
    treatment: str
    outcome: str
    counted: str = "value"

    @property
    def rule(self) -> str:
        """The rule that gave the size, in words."""
        if self.threshold is None:
            return "no threshold is known, so the size is not judged"
        return (
            f"trivial below {self.threshold:.3g}, important from there, "
            f"large from {LARGE_FACTOR * self.threshold:.3g}"
        )

    def clause(self) -> str:
        """Return GRADE's statement as it stands inside a sentence."""
        return phrases.clause(
            self.certainty,
            self.size,
            self.direction,
            self.treatment,
            self.outcome,
            counted=self.counted,
            open_direction=not self.excludes_no_effect,
        )

    def sentence(self) -> str:
        """Return GRADE's statement for this certainty, size and direction."""
        return f"{capital(self.clause())}."

    def summary(self) -> str:
        """Return the statement and the rule behind it."""
        return f"{self.sentence()} (Rule: {self.rule}; certainty: {self.certainty}.)"

    def to_frame(self) -> pd.DataFrame:
        """Return a table of one row."""
        return pd.DataFrame([self.to_dict()])

    def to_dict(self) -> dict[str, object]:
        """Return the verdict and every input."""
        return {
            "direction": self.direction,
            "size": self.size,
            "certainty": self.certainty,
            "excludes_no_effect": self.excludes_no_effect,
            "benefit": self.benefit,
            "benefit_low": self.benefit_low,
            "benefit_high": self.benefit_high,
            "threshold": self.threshold,
            "rule": self.rule,
            "sentence": self.sentence(),
        }


def judge(
    *,
    benefit: float,
    benefit_low: float,
    benefit_high: float,
    threshold: float | None,
    certainty: str,
    treatment: str,
    outcome: str,
    counted: str = "value",
) -> Verdict:
    """Judge an effect by its estimate, a threshold and the certainty.

    The size is judged from the estimate; how far the interval leaves it open is part of
    the certainty (imprecision) and not counted twice.

    Parameters
    ----------
    benefit, benefit_low, benefit_high
        The effect with its interval, positive where the treatment is better.
    threshold
        The smallest difference that matters, above 0; None where none is known.
    certainty
        ``"high"``, ``"moderate"``, ``"low"`` or ``"very low"``.
    treatment, outcome
        Names for the sentence.
    counted
        ``"value"`` where the outcome is measured, ``"unwanted events"`` or
        ``"wanted events"`` where it is counted.

    Raises
    ------
    InvalidArgumentError
        When the interval does not hold the estimate, or the threshold is not above 0.
    UnknownNameError
        When `certainty` or `counted` is none of these words.
    """
    if not benefit_low <= benefit <= benefit_high:
        raise InvalidArgumentError(
            f"The interval {benefit_low:g} to {benefit_high:g} does not hold {benefit:g}."
        )
    if threshold is not None and not threshold > 0:
        raise InvalidArgumentError(f"threshold is {threshold!r}; it must be above 0.")
    if threshold is None:
        # No difference at all is small on every scale.
        size = "unknown" if benefit else "trivial"
    elif abs(benefit) < threshold:
        size = "trivial"
    else:
        size = "important" if abs(benefit) < LARGE_FACTOR * threshold else "large"
    verdict = Verdict(
        direction="benefit" if benefit >= 0 else "harm",
        size=size,
        certainty=certainty,
        excludes_no_effect=benefit_low > 0 or benefit_high < 0,
        benefit=benefit,
        benefit_low=benefit_low,
        benefit_high=benefit_high,
        threshold=threshold,
        treatment=treatment,
        outcome=outcome,
        counted=counted,
    )
    verdict.clause()  # refuses unknown words now rather than when it is shown
    return verdict
