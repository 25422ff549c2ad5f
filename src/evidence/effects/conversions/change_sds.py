"""The SD of a change from baseline with a correlation borrowed from other trials.

References
----------
Cochrane Handbook for Systematic Reviews of Interventions, section 6.5.2.8.
Abrams KR, Gillies CL, Lambert PC (2005). Meta-analysis of heterogeneously reported trials
assessing change from baseline. Statistics in Medicine 24:3823-3844.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from evidence.display import Display, format_interval, format_number, join_words, plural
from evidence.effects.arguments import Floats, checked
from evidence.effects.conversions.skewness import named_labels
from evidence.effects.measures.choices import check_choice
from evidence.effects.measures.within_person import correlation_from_sds, sd_of_difference
from evidence.errors import Caution, InvalidArgumentError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

__all__ = [
    "BorrowedCorrelation",
    "ImputedChangeSd",
    "borrow_correlation",
    "change_sd_from_borrowed_correlation",
]

RULES = ("mean", "median", "lowest")
_REFERENCE = "Cochrane Handbook, section 6.5.2.8"


@dataclass(frozen=True, slots=True)
class BorrowedCorrelation(Display):
    """A correlation of baseline and final values, taken from groups that report all three SDs.

    Attributes
    ----------
    value
        The correlation to use.
    rule
        How it was chosen from those of the lenders, in words.
    labels
        The groups it was borrowed from.
    correlations
        Theirs, shape (m,).
    n
        People in them, shape (m,); empty where not given.
    """

    value: float
    rule: str
    labels: tuple[str, ...]
    correlations: Floats
    n: Floats

    @property
    def low(self) -> float:
        """The lowest correlation of a lender."""
        return float(self.correlations.min())

    @property
    def high(self) -> float:
        """The highest correlation of a lender."""
        return float(self.correlations.max())

    @property
    def cautions(self) -> tuple[Caution, ...]:
        """What was borrowed, and whether the lenders agree."""
        found = [Caution("correlation-borrowed", self._statement(), _REFERENCE)]
        if self.value < 0.5:
            found.append(
                Caution(
                    "correlation-low",
                    f"The correlation {format_number(self.value)} is below 0.5: changes vary more "
                    "than final values, and an analysis of final values is the more precise.",
                    _REFERENCE,
                )
            )
        return tuple(found)

    def _statement(self) -> str:
        lenders = join_words(
            f"{label} ({format_number(r)})"
            for label, r in zip(self.labels, self.correlations, strict=True)
        )
        return (
            f"The correlation of baseline and final values, {format_number(self.value)}, is not "
            f"from the trial itself: it is the {self.rule} of "
            f"{plural(len(self.labels), 'correlation')} borrowed from {lenders}."
        )

    def to_frame(self) -> pd.DataFrame:
        """Return one row per lender, unrounded."""
        frame = pd.DataFrame({"label": self.labels, "correlation": self.correlations})
        if self.n.size:
            frame["n"] = self.n
        return frame

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        return {
            "value": self.value,
            "rule": self.rule,
            "lenders": self.to_frame().to_dict("records"),
            "cautions": [caution.message for caution in self.cautions],
        }

    def summary(self) -> str:
        """Return what was borrowed from whom, and the cautions."""
        return "\n".join(caution.message for caution in self.cautions)


def borrow_correlation(
    *,
    sd_baseline: ArrayLike,
    sd_final: ArrayLike,
    sd_change: ArrayLike,
    labels: Sequence[str],
    n: ArrayLike | None = None,
    rule: str = "mean",
) -> BorrowedCorrelation:
    """Work out the correlation in groups that report all three SDs, for those that do not.

    Parameters
    ----------
    sd_baseline, sd_final, sd_change
        Of the lending groups, shape (m,); see `correlation_from_sds`.
    labels
        What they are called, shape (m,): a reader has to see what was borrowed from whom.
    n
        People in them; the mean is then weighted by n.
    rule
        ``"mean"``: of the correlations (the Handbook's suggestion for two arms); ``"median"``;
        ``"lowest"``: the cautious choice, for it gives the largest SD.

    Returns
    -------
    BorrowedCorrelation

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value; where three SDs contradict each other.
    """
    check_choice("rule", rule, RULES)
    r = correlation_from_sds(sd_first=sd_baseline, sd_second=sd_final, sd_difference=sd_change)
    names = named_labels(labels, r.size)
    people = np.empty(0)
    if n is not None:
        people = checked({"n": 2}, n=n, correlations=r)["n"]
    if rule == "mean":
        value = float(np.average(r, weights=people if people.size else None))
        rule = "mean weighted by people" if people.size else rule
    else:
        value = float(np.median(r) if rule == "median" else r.min())
    return BorrowedCorrelation(value, rule, names, r, people)


@dataclass(frozen=True, slots=True)
class ImputedChangeSd(Display):
    """SDs of changes that rest on a correlation which the trial does not report.

    Attributes
    ----------
    labels
        What the groups are called.
    correlation
        The one that was used.
    sd
        SDs of the change with it, shape (k,).
    tried
        Correlations tried beside it, rising, shape (m,).
    sd_tried
        SDs with each of those, shape (m, k).
    cautions
        What was borrowed from whom.
    """

    labels: tuple[str, ...]
    correlation: float
    sd: Floats
    tried: Floats
    sd_tried: Floats
    cautions: tuple[Caution, ...] = ()

    @property
    def sd_low(self) -> Floats:
        """The smallest SD over the correlations tried, shape (k,)."""
        return np.asarray(np.minimum(self.sd_tried.min(axis=0), self.sd))

    @property
    def sd_high(self) -> Floats:
        """The largest SD over the correlations tried, shape (k,)."""
        return np.asarray(np.maximum(self.sd_tried.max(axis=0), self.sd))

    def to_frame(self) -> pd.DataFrame:
        """Return one row per group, unrounded: the SD and its range over the correlations."""
        return pd.DataFrame(
            {
                "label": self.labels,
                "correlation": self.correlation,
                "sd": self.sd,
                "sd_low": self.sd_low,
                "sd_high": self.sd_high,
            }
        )

    def sensitivity(self) -> pd.DataFrame:
        """Return one row per correlation tried and group, unrounded."""
        return pd.DataFrame(
            {
                "correlation": np.repeat(self.tried, len(self.labels)),
                "label": list(self.labels) * self.tried.size,
                "sd": self.sd_tried.ravel(),
            }
        )

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        return {
            "correlation": self.correlation,
            "groups": self.to_frame().to_dict("records"),
            "sensitivity": self.sensitivity().to_dict("records"),
            "cautions": [caution.message for caution in self.cautions],
        }

    def summary(self) -> str:
        """Return a line per group with its range over the correlations, and the cautions."""
        ends = format_interval(float(self.tried.min()), float(self.tried.max()))
        used = format_number(self.correlation)
        lines = [f"SD of the change with a correlation of {used} (in brackets: with {ends})"]
        lines += [
            f"{label}: {format_number(sd)} ({format_interval(low, high)})"
            for label, sd, low, high in zip(
                self.labels, self.sd, self.sd_low, self.sd_high, strict=True
            )
        ]
        return "\n".join([*lines, *(f"Note: {c.message}" for c in self.cautions)])


def change_sd_from_borrowed_correlation(
    *,
    sd_baseline: ArrayLike,
    sd_final: ArrayLike,
    correlation: BorrowedCorrelation | float,
    tried: Sequence[float] | None = None,
    labels: Sequence[str] | None = None,
) -> ImputedChangeSd:
    """Return the SD of the change of groups that report baseline and final SDs only.

    √(SD₁² + SD₂² - 2 r SD₁ SD₂) with an r from elsewhere (Handbook 6.5.2.8); see
    `sd_of_difference`.

    Parameters
    ----------
    sd_baseline, sd_final
        Each a number or shape (k,).
    correlation
        From `borrow_correlation`, or a number that is assumed.
    tried
        Correlations for the sensitivity; unless given, from the lowest to the highest of the
        lenders, or around an assumed one by 0.2.
    labels
        What the groups are called.

    Returns
    -------
    ImputedChangeSd

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    """
    if isinstance(correlation, BorrowedCorrelation):
        r, cautions = correlation.value, correlation.cautions
        ends = (correlation.low, correlation.high)
    else:
        (r,) = _correlations("correlation", [correlation])
        ends = (max(-1.0, r - 0.2), min(1.0, r + 0.2))
        cautions = (
            Caution(
                "correlation-assumed",
                f"The correlation of baseline and final values, {format_number(r)}, is assumed; "
                "no trial was named that it comes from.",
                _REFERENCE,
            ),
        )
    grid = np.linspace(*ends, 5) if tried is None else _correlations("tried", tried)
    grid = np.unique(grid)

    def sd(value: float) -> Floats:
        return sd_of_difference(sd_first=sd_baseline, sd_second=sd_final, correlation=value)

    found = sd(float(r))
    names = named_labels(labels, found.size)
    return ImputedChangeSd(
        names, float(r), found, grid, np.vstack([sd(float(value)) for value in grid]), cautions
    )


def _correlations(name: str, values: ArrayLike) -> Floats:
    argument: dict[str, Any] = {name: values}
    found = checked({name: -1}, **argument)[name]
    if (found > 1).any():
        raise InvalidArgumentError(f"{name} must lie between -1 and 1; found {found.max():g}.")
    return found
