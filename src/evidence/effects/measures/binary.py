"""Two groups, an outcome that happens or not: risk ratio, odds ratio, risk difference.

References
----------
Deeks JJ, Higgins JPT, Altman DG (editors). Analysing data and undertaking meta-analyses.
In: Cochrane Handbook for Systematic Reviews of Interventions, chapters 6.4 and 10.4.
Gart JJ, Zweifel JR (1967). On the bias of various estimators of the logit and its
variance. Biometrika 54:181-187 (the half that is added to empty cells).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from evidence.display import join_words, plural
from evidence.effects.arguments import Floats, check_level, checked, is_number
from evidence.effects.sizes import EffectSizes
from evidence.errors import Caution, InvalidArgumentError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["log_odds_ratio", "log_risk_ratio", "risk_difference"]


def _cells(
    events_treatment: ArrayLike,
    total_treatment: ArrayLike,
    events_control: ArrayLike,
    total_control: ArrayLike,
    continuity: float,
) -> tuple[Floats, Floats, Floats, Floats, str, tuple[Caution, ...]]:
    if not (is_number(continuity) and 0 <= continuity < np.inf):
        raise InvalidArgumentError(
            f"continuity is {continuity!r}; give 0.5, or another number >= 0."
        )
    counts = checked(
        {"events_treatment": 0, "events_control": 0, "total_treatment": 1, "total_control": 1},
        events_treatment=events_treatment,
        total_treatment=total_treatment,
        events_control=events_control,
        total_control=total_control,
    )
    for arm in ("treatment", "control"):
        excess = counts[f"events_{arm}"] > counts[f"total_{arm}"]
        if excess.any():
            place = int(np.flatnonzero(excess)[0])
            raise InvalidArgumentError(
                f"events_{arm} must be at most total_{arm}; found study {place + 1}: "
                f"{counts[f'events_{arm}'][place]:g} of {counts[f'total_{arm}'][place]:g}."
            )
    a, c = counts["events_treatment"], counts["events_control"]
    b, d = counts["total_treatment"] - a, counts["total_control"] - c
    empty = (a == 0) | (b == 0) | (c == 0) | (d == 0)
    if empty.any() and continuity == 0:
        places = join_words(f"study {place + 1}" for place in np.flatnonzero(empty)[:5])
        raise InvalidArgumentError(
            f"{plural(int(empty.sum()), 'study', 'studies')} with an empty cell ({places}) cannot "
            "be computed with continuity 0; give continuity=0.5, or leave such studies to a "
            "method for sparse data."
        )
    add = np.where(empty, continuity, 0.0)
    cautions: tuple[Caution, ...] = ()
    formula = "from the four cells"
    if empty.any():
        formula += f", {continuity:g} added to the cells of studies with an empty one"
        cautions = (
            Caution(
                "continuity",
                f"{continuity:g} was added to every cell of "
                f"{plural(int(empty.sum()), 'study', 'studies')} with an empty cell; with rare "
                "events the result depends on this choice.",
                "Sweeting, Sutton and Lambert 2004, Statistics in Medicine 23:1351-1375",
            ),
        )
        both = (a + c == 0) | (b + d == 0)
        if both.any():
            cautions += (
                Caution(
                    "double-zero",
                    f"{plural(int(both.sum()), 'study', 'studies')} had the event in nobody, or in "
                    "everybody: such a study says nothing of a ratio.",
                    "Cochrane Handbook, section 10.4.4",
                ),
            )
    return a + add, b + add, c + add, d + add, formula, cautions


def log_risk_ratio(
    *,
    events_treatment: ArrayLike,
    total_treatment: ArrayLike,
    events_control: ArrayLike,
    total_control: ArrayLike,
    continuity: float = 0.5,
    level: float = 0.95,
) -> EffectSizes:
    """Return the logarithm of the ratio of risks, treatment over control.

    Parameters
    ----------
    events_treatment, total_treatment, events_control, total_control
        Counts, each a number or shape (k,).
    continuity
        Added to all four cells of a study in which any is empty.
    level
        Confidence level of the intervals.

    Returns
    -------
    EffectSizes
        On the log scale; variance 1/a - 1/(a+b) + 1/c - 1/(c+d) (Katz et al. 1978,
        Biometrics 34:469-474).

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    """
    a, b, c, d, formula, cautions = _cells(
        events_treatment, total_treatment, events_control, total_control, continuity
    )
    estimate = np.log(a / (a + b)) - np.log(c / (c + d))
    variance = 1 / a - 1 / (a + b) + 1 / c - 1 / (c + d)
    return EffectSizes("log risk ratio", formula, estimate, variance, check_level(level), cautions)


def log_odds_ratio(
    *,
    events_treatment: ArrayLike,
    total_treatment: ArrayLike,
    events_control: ArrayLike,
    total_control: ArrayLike,
    continuity: float = 0.5,
    level: float = 0.95,
) -> EffectSizes:
    """Return the logarithm of the ratio of odds, treatment over control.

    Parameters
    ----------
    events_treatment, total_treatment, events_control, total_control
        Counts, each a number or shape (k,).
    continuity
        Added to all four cells of a study in which any is empty.
    level
        Confidence level of the intervals.

    Returns
    -------
    EffectSizes
        On the log scale; variance 1/a + 1/b + 1/c + 1/d (Woolf 1955, Annals of Human
        Genetics 19:251-253).

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    """
    a, b, c, d, formula, cautions = _cells(
        events_treatment, total_treatment, events_control, total_control, continuity
    )
    estimate = np.log(a * d / (b * c))
    variance = 1 / a + 1 / b + 1 / c + 1 / d
    return EffectSizes("log odds ratio", formula, estimate, variance, check_level(level), cautions)


def risk_difference(
    *,
    events_treatment: ArrayLike,
    total_treatment: ArrayLike,
    events_control: ArrayLike,
    total_control: ArrayLike,
    continuity: float = 0.5,
    level: float = 0.95,
) -> EffectSizes:
    """Return the difference of risks, treatment minus control, as a proportion.

    Parameters
    ----------
    events_treatment, total_treatment, events_control, total_control
        Counts, each a number or shape (k,).
    continuity
        Added to all four cells of a study in which any is empty (a risk of exactly 0 or 1
        would have no variance).
    level
        Confidence level of the intervals.

    Returns
    -------
    EffectSizes

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    """
    a, b, c, d, formula, cautions = _cells(
        events_treatment, total_treatment, events_control, total_control, continuity
    )
    n1, n2 = a + b, c + d
    estimate = a / n1 - c / n2
    variance = a * b / n1**3 + c * d / n2**3
    return EffectSizes("risk difference", formula, estimate, variance, check_level(level), cautions)
