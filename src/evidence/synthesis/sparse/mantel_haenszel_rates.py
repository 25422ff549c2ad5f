"""The Mantel-Haenszel method for rates: events over person-time.

References
----------
Greenland S, Robins JM (1985). Estimation of a common effect parameter from sparse
follow-up data. Biometrics 41:55-68.
Rothman KJ, Greenland S, Lash TL (2008). Modern Epidemiology, third edition, chapter 15.
Philadelphia: Lippincott Williams & Wilkins.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from evidence.display import format_p, plural
from evidence.effects.arguments import Floats, check_level
from evidence.errors import (
    Caution,
    InsufficientEvidenceError,
    InvalidArgumentError,
    did_you_mean,
)
from evidence.synthesis.sparse.counts import PersonTime, read_person_time
from evidence.synthesis.sparse.result import ChiSquareTest, Fit, SparseResult, chi_square, finish

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["RATE_MEASURES", "pool_mantel_haenszel_rates"]

RATE_MEASURES = ("incidence rate ratio", "incidence rate difference")


def pool_mantel_haenszel_rates(
    *,
    events_treatment: ArrayLike,
    time_treatment: ArrayLike,
    events_control: ArrayLike,
    time_control: ArrayLike,
    measure: str = "incidence rate ratio",
    labels: Sequence[str] | None = None,
    level: float = 0.95,
) -> SparseResult:
    """Pool rates of several studies by the method of Mantel and Haenszel.

    Parameters
    ----------
    events_treatment, time_treatment, events_control, time_control
        Events and person-time (in one unit for all studies), each a number or shape (k,).
    measure
        ``"incidence rate ratio"`` or ``"incidence rate difference"``.
    labels
        Names of the studies.
    level
        Confidence level.

    Returns
    -------
    SparseResult
        A study without events carries no information about the ratio, stays in the table
        with weight 0, and is named in a caution; the difference uses every study.

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    InsufficientEvidenceError
        When the events give no finite estimate; the message says what to do instead.

    Notes
    -----
    Nothing is added to the counts for the estimate or its interval; for the studies' own
    effects, and so for Q, a half is added to both counts of a study where either is 0.
    """
    if measure not in RATE_MEASURES:
        raise InvalidArgumentError(
            f"measure {measure!r} is not known. {did_you_mean(str(measure), RATE_MEASURES)}"
        )
    level = check_level(level)
    rates = read_person_time(
        events_treatment=events_treatment,
        time_treatment=time_treatment,
        events_control=events_control,
        time_control=time_control,
        labels=labels,
    )
    if bool(rates.nobody.all()):
        raise InsufficientEvidenceError(
            f"No study had an event in {float((rates.t1 + rates.t2).sum()):g} units of "
            "person-time, so no method can compare the groups. Report the person-time, and how "
            "high a rate may still be: with no event, the upper 95% limit is about 3.7 divided by "
            "the person-time of the group."
        )
    test = _rate_test(rates)
    is_ratio = measure == "incidence rate ratio"
    if is_ratio:
        estimate, spread, weights = _rate_ratio(rates, test)
    else:
        estimate, spread, weights = _rate_difference(rates)
    effects, variances, cautions = _own(rates, is_ratio=is_ratio)
    return finish(
        named=("Mantel-Haenszel", measure, "Greenland-Robins variance", level),
        names=rates.names,
        counts=rates.columns(),
        idle={"no events": rates.nobody} if is_ratio else {},
        fit=Fit(estimate, spread, weights, effects, variances),
        tests=(test,),
        cautions=(*rates.cautions, *cautions),
    )


def _rate_test(rates: PersonTime) -> ChiSquareTest:
    m, t = rates.x1 + rates.x2, rates.t1 + rates.t2
    off = float(np.sum(rates.x1 - m * rates.t1 / t))
    variance = float(np.sum(m * (rates.t1 / t) * (rates.t2 / t)))
    return chi_square(
        "Association, Mantel-Haenszel test of rates",
        off**2 / variance,
        1,
        "Rothman, Greenland and Lash 2008, Modern Epidemiology, chapter 15",
    )


def _rate_ratio(rates: PersonTime, test: ChiSquareTest) -> tuple[float, float, Floats]:
    x1, t1, x2, t2 = rates.x1, rates.t1, rates.x2, rates.t2
    t = t1 + t2
    r, s = x1 * t2 / t, x2 * t1 / t
    top, bottom = float(r.sum()), float(s.sum())
    if top == 0 or bottom == 0:
        raise InsufficientEvidenceError(
            f"The Mantel-Haenszel incidence rate ratio is {'0' if top == 0 else 'infinite'} and "
            "has no standard error: all events were in one group. The incidence rate difference "
            f"can be pooled, and the Mantel-Haenszel test of rates holds: {format_p(test.p_value)}."
        )
    spread = float(np.sum((x1 + x2) * (t1 / t) * (t2 / t))) / (top * bottom)
    return math.log(top / bottom), spread, s


def _rate_difference(rates: PersonTime) -> tuple[float, float, Floats]:
    x1, t1, x2, t2 = rates.x1, rates.t1, rates.x2, rates.t2
    t = t1 + t2
    weights = t1 * (t2 / t)
    total = float(weights.sum())
    estimate = float(np.sum(x1 * (t2 / t) - x2 * (t1 / t))) / total
    spread = float(np.sum(x1 * (t2 / t) ** 2 + x2 * (t1 / t) ** 2)) / total**2
    return estimate, spread, weights


def _own(rates: PersonTime, *, is_ratio: bool) -> tuple[Floats, Floats, tuple[Caution, ...]]:
    silent = rates.nobody
    add = np.where((rates.x1 == 0) | (rates.x2 == 0), 0.5, 0.0)
    x1, x2 = rates.x1 + add, rates.x2 + add
    if is_ratio:
        effects = np.log((x1 / rates.t1) / (x2 / rates.t2))
        variances = 1 / x1 + 1 / x2
    else:
        effects = x1 / rates.t1 - x2 / rates.t2
        variances = x1 / rates.t1**2 + x2 / rates.t2**2
    effects, variances = np.where(silent, np.nan, effects), np.where(silent, np.nan, variances)
    count = int(np.sum((add > 0) & ~silent))
    if not count:
        return effects, variances, ()
    caution = Caution(
        "continuity",
        "Nothing was added to the counts for the common effect. Only for the studies' own "
        "effects, and so for Q and I², a half was added to both counts of "
        f"{plural(count, 'study', 'studies')} with no events in one group.",
        "Sweeting, Sutton and Lambert 2004, Statistics in Medicine 23:1351-1375",
    )
    return effects, variances, (caution,)
