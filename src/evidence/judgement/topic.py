"""What numbers are about: the names, the measure and the direction that a sentence needs."""

from __future__ import annotations

from dataclasses import dataclass

from evidence.data import Outcome, Review
from evidence.errors import InvalidArgumentError, UnknownNameError, did_you_mean
from evidence.judgement.phrases import Scale, inside, is_ratio

__all__ = ["Topic"]

_BETTER = ("higher", "lower")
_MEASURES = (
    "mean difference",
    "risk difference",
    "standardised mean difference",
    "hazard ratio",
    "odds ratio",
    "rate ratio",
    "risk ratio",
)


@dataclass(frozen=True, slots=True)
class Topic:
    """What was compared, on what, and how the numbers are to be read.

    Attributes
    ----------
    treatment, comparator, outcome
        Names as they stand inside a sentence.
    better
        ``"higher"`` or ``"lower"``: which values are better. Effects are treatment minus control.
    measure
        ``"mean difference"``, ``"standardised mean difference"``, ``"risk difference"`` or the
        name of a ratio, whose effects are logarithms.
    unit
        Of a mean difference, for example ``"points"``.
    kind
        ``"continuous"`` or ``"dichotomous"``.
    """

    treatment: str = "the treatment"
    comparator: str = "the control"
    outcome: str = "the outcome"
    better: str = "higher"
    measure: str = "standardised mean difference"
    unit: str = ""
    kind: str = "continuous"

    def __post_init__(self) -> None:
        if self.better not in _BETTER:
            raise InvalidArgumentError(
                f"better is {self.better!r}; it must be 'higher' where higher values of the "
                "outcome are better, or 'lower'."
            )
        if self.measure not in _MEASURES:
            raise UnknownNameError(
                f"The measure {self.measure!r} is not known. "
                f"{did_you_mean(self.measure, _MEASURES)}"
            )

    @classmethod
    def of(cls, review: Review, outcome: Outcome, measure: str, title: str = "") -> Topic:
        """Return the topic of an outcome of a review.

        Parameters
        ----------
        review
            Its target names treatment and comparator.
        outcome
            The outcome.
        measure
            How it is compared.
        title
            What a sentence calls it, where that is not the outcome's own name.
        """
        target = review.plan.target
        return cls(
            treatment=target.treatment,
            comparator=target.comparator,
            outcome=inside(title or outcome.name),
            better=outcome.better,
            measure=measure,
            unit="" if outcome.unit == "as reported" else outcome.unit,
            kind=outcome.kind,
        )

    @property
    def sign(self) -> int:
        """+1 where higher values are better, -1 where lower values are."""
        return 1 if self.better == "higher" else -1

    @property
    def counted(self) -> str:
        """Whether a value is measured or events are counted, as a verdict needs it."""
        events = is_ratio(self.measure) or self.measure == "risk difference"
        if self.kind == "continuous" and not events:
            return "value"
        return "unwanted events" if self.better == "lower" else "wanted events"

    @property
    def scale(self) -> Scale:
        """How differences read, positive where the treatment is better."""
        return Scale.on(self.measure, self.better, self.unit)

    def benefit(self, estimate: float, low: float, high: float) -> tuple[float, float, float]:
        """Turn an effect and its interval so that positive favours the treatment."""
        ends = sorted((self.sign * low, self.sign * high))
        return self.sign * estimate, ends[0], ends[1]
