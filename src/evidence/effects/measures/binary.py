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

from evidence.effects.arguments import Floats, check_level
from evidence.effects.measures.choices import check_continuity, count_studies, name_studies
from evidence.effects.measures.inputs import read_counts
from evidence.effects.measures.plausibility import ratio_cautions
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
    check_continuity(continuity)
    a, n1, c, n2 = read_counts(events_treatment, total_treatment, events_control, total_control)
    b, d = n1 - a, n2 - c
    empty = (a == 0) | (b == 0) | (c == 0) | (d == 0)
    if empty.any() and continuity == 0:
        raise InvalidArgumentError(
            f"{count_studies(empty)} with an empty cell ({name_studies(empty)}) cannot be "
            "computed with continuity 0; give continuity=0.5, or leave such studies to a "
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
                f"{continuity:g} was added to every cell of {count_studies(empty)} with an empty "
                "cell; with rare events the result depends on this choice.",
                "Sweeting, Sutton and Lambert 2004, Statistics in Medicine 23:1351-1375",
            ),
        )
        both = (a + c == 0) | (b + d == 0)
        if both.any():
            cautions += (
                Caution(
                    "double-zero",
                    f"{count_studies(both)} had the event in nobody, or in everybody: such a "
                    "study says nothing of a ratio.",
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
    estimate, variance = _risk_ratio(a, b, c, d)
    cautions += ratio_cautions(log_ratio=estimate, variance=variance, name="risk ratio")
    return EffectSizes("log risk ratio", formula, estimate, variance, check_level(level), cautions)


def _risk_ratio(a: Floats, b: Floats, c: Floats, d: Floats) -> tuple[Floats, Floats]:
    estimate = np.log(a / (a + b)) - np.log(c / (c + d))
    return estimate, 1 / a - 1 / (a + b) + 1 / c - 1 / (c + d)


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
    # With frequent events an odds ratio of 20 is no wonder; the risks tell.
    risks, spread = _risk_ratio(a, b, c, d)
    cautions += ratio_cautions(log_ratio=risks, variance=spread, name="risk ratio")
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
