"""Two groups, events over person-time: the ratio and the difference of incidence rates.

References
----------
Rothman KJ, Greenland S, Lash TL (2008). Modern Epidemiology, 3rd edition.
Lippincott Williams & Wilkins.
Cochrane Handbook for Systematic Reviews of Interventions, section 6.7.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from evidence.effects.arguments import Floats, check_level, checked_views
from evidence.effects.measures.choices import check_continuity, count_studies, name_studies
from evidence.effects.measures.plausibility import ratio_cautions
from evidence.effects.sizes import EffectSizes
from evidence.errors import Caution, InvalidArgumentError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["log_rate_ratio", "rate_difference"]


def _events(
    events_treatment: ArrayLike,
    time_treatment: ArrayLike,
    events_control: ArrayLike,
    time_control: ArrayLike,
    continuity: float,
) -> tuple[Floats, Floats, Floats, Floats, str, tuple[Caution, ...]]:
    check_continuity(continuity)
    given = checked_views(
        {"events_treatment": 0, "events_control": 0},
        {"time_treatment": 0, "time_control": 0},
        events_treatment=events_treatment,
        time_treatment=time_treatment,
        events_control=events_control,
        time_control=time_control,
    )
    x1, t1, x2, t2 = given.values()
    none = (x1 == 0) | (x2 == 0)
    if not none.any():
        return x1, t1, x2, t2, "Poisson counts", ()
    if continuity == 0:
        raise InvalidArgumentError(
            f"{count_studies(none)} without events in an arm ({name_studies(none)}) cannot be "
            "computed with continuity 0; give continuity=0.5, or leave such studies to a method "
            "for sparse data."
        )
    add = np.where(none, continuity, 0.0)
    cautions: tuple[Caution, ...] = (
        Caution(
            "continuity",
            f"{continuity:g} was added to the events of both arms of {count_studies(none)} "
            "without events in one; with rare events the result depends on this choice.",
            "Cochrane Handbook, section 10.4.4",
        ),
    )
    both = (x1 == 0) & (x2 == 0)
    if both.any():
        cautions += (
            Caution(
                "double-zero",
                f"{count_studies(both)} had no events in either arm: such a study says nothing "
                "of a ratio.",
                "Cochrane Handbook, section 10.4.4",
            ),
        )
    formula = f"Poisson counts, {continuity:g} added in studies with an arm without events"
    return x1 + add, t1, x2 + add, t2, formula, cautions


def log_rate_ratio(
    *,
    events_treatment: ArrayLike,
    time_treatment: ArrayLike,
    events_control: ArrayLike,
    time_control: ArrayLike,
    continuity: float = 0.5,
    level: float = 0.95,
) -> EffectSizes:
    """Return the logarithm of the ratio of incidence rates, treatment over control.

    Variance 1/x₁ + 1/x₂ for Poisson counts. Where one person can have the event more than
    once and people differ, the counts vary more than that, and the variance is too small.

    Parameters
    ----------
    events_treatment, events_control
        Events (not people), each a number or shape (k,).
    time_treatment, time_control
        Person-time at risk, above 0, in one unit.
    continuity
        Added to the events of both arms of a study in which either has none.
    level
        Confidence level of the intervals.

    Returns
    -------
    EffectSizes
        On the log scale, with `estimate` and `variance` of shape (k,).

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    """
    x1, t1, x2, t2, formula, cautions = _events(
        events_treatment, time_treatment, events_control, time_control, continuity
    )
    estimate, variance = np.log((x1 / t1) / (x2 / t2)), 1 / x1 + 1 / x2
    cautions += ratio_cautions(log_ratio=estimate, variance=variance, name="rate ratio")
    return EffectSizes("log rate ratio", formula, estimate, variance, check_level(level), cautions)


def rate_difference(
    *,
    events_treatment: ArrayLike,
    time_treatment: ArrayLike,
    events_control: ArrayLike,
    time_control: ArrayLike,
    continuity: float = 0.5,
    level: float = 0.95,
) -> EffectSizes:
    """Return the difference of incidence rates, treatment minus control, per unit of time.

    Variance x₁/t₁² + x₂/t₂² for Poisson counts.

    Parameters
    ----------
    events_treatment, events_control
        Events (not people), each a number or shape (k,).
    time_treatment, time_control
        Person-time at risk, above 0, in one unit.
    continuity
        Added to the events of both arms of a study in which either has none (a rate of 0
        would have no variance).
    level
        Confidence level of the intervals.

    Returns
    -------
    EffectSizes
        With `estimate` and `variance` of shape (k,).

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    """
    x1, t1, x2, t2, formula, cautions = _events(
        events_treatment, time_treatment, events_control, time_control, continuity
    )
    return EffectSizes(
        "rate difference",
        formula,
        x1 / t1 - x2 / t2,
        x1 / t1**2 + x2 / t2**2,
        check_level(level),
        tuple(caution for caution in cautions if caution.code != "double-zero"),
    )
