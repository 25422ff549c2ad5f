"""Checks that the methods for one trial share."""

from __future__ import annotations

import math

from evidence.effects.arguments import is_number
from evidence.effects.conversions.spread import p_from_t, same_p
from evidence.errors import InvalidArgumentError

__all__ = ["check_above_zero", "check_estimate", "check_probability", "normal_equivalent"]

#: Below this statistic the ratio of t to its z is taken at its limit.
_SMALL = 1e-4


def check_estimate(estimate: float, standard_error: float, df: float | None = None) -> None:
    """Refuse an estimate, a standard error or degrees of freedom that cannot be used.

    Parameters
    ----------
    estimate
        Any finite number.
    standard_error
        Above 0.
    df
        Above 0, or None for the normal distribution.
    """
    if not is_number(estimate) or not math.isfinite(estimate):
        raise InvalidArgumentError(f"estimate is {estimate!r}; give one finite number.")
    check_above_zero("standard_error", standard_error)
    if df is not None and not (is_number(df) and 0 < df < math.inf):
        raise InvalidArgumentError(
            f"df is {df!r}; give degrees of freedom above 0, or None for the normal distribution."
        )


def check_above_zero(name: str, value: float) -> None:
    """Refuse what is not a finite number above 0.

    Parameters
    ----------
    name
        The argument's name, for the message.
    value
        What was given.
    """
    if not is_number(value) or not 0 < value < math.inf:
        raise InvalidArgumentError(f"{name} is {value!r}; give a finite number above 0.")


def check_probability(name: str, value: float) -> None:
    """Refuse what does not lie between 0 and 1.

    Parameters
    ----------
    name
        The argument's name, for the message.
    value
        What was given.
    """
    if not is_number(value) or not 0 < value < 1:
        raise InvalidArgumentError(f"{name} is {value!r}; it must lie between 0 and 1.")


def normal_equivalent(
    estimate: float, standard_error: float, df: float | None
) -> tuple[float, float]:
    """Return the z value with the same p as t, and the standard error that goes with it.

    Parameters
    ----------
    estimate, standard_error, df
        As in `check_estimate`.

    Returns
    -------
    z, standard_error : float
        z times this standard error is the estimate.
    """
    t = estimate / standard_error
    if df is None:
        return t, standard_error
    if abs(t) < _SMALL:
        # p falls from 1 with twice the density at 0.
        log_density = math.lgamma((df + 1) / 2) - math.lgamma(df / 2) - math.log(df) / 2
        ratio = math.sqrt(2.0) * math.exp(log_density)
        return t * ratio, standard_error / ratio
    if p_from_t(t, df) == 0:
        raise InvalidArgumentError(
            f"estimate / standard_error is {t:.4g}, and its p value too small for a number. "
            "Look whether the standard error is one."
        )
    z = math.copysign(same_p(t, df, None), t)
    return z, estimate / z
