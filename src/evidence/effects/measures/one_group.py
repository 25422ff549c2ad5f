"""One group: proportions, means and incidence rates, and the way back from their scales.

References
----------
Freeman MF, Tukey JW (1950). Transformations related to the angular and the square root. Annals
of Mathematical Statistics 21:607-611.
Miller JJ (1978). The inverse of the Freeman-Tukey double arcsine transformation. The American
Statistician 32:138.
Schwarzer G, Chemaitelly H, Abu-Raddad LJ, Rücker G (2019). Seriously misleading results using
inverse of Freeman-Tukey double arcsine transformation in meta-analysis of single proportions.
Research Synthesis Methods 10:476-483.
Lipsey MW, Wilson DB (2001). Practical meta-analysis. Sage.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit

from evidence.effects.arguments import Floats, check_level, checked, checked_views
from evidence.effects.measures.choices import (
    check_choice,
    check_continuity,
    check_events,
    count_studies,
    first_study,
    refuse_where,
)
from evidence.effects.measures.odd_spread import odd_spread_cautions
from evidence.effects.measures.ratios import logarithm_caution
from evidence.effects.sizes import EffectSizes
from evidence.errors import Caution, InvalidArgumentError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = [
    "back_transform_proportion",
    "back_transform_rate",
    "incidence_rate",
    "proportion",
    "single_mean",
]

PROPORTION_SCALES = ("raw", "log", "logit", "arcsine", "freeman-tukey")
MEAN_SCALES = ("raw", "log")
RATE_SCALES = ("raw", "log", "square-root")


def _continuity(
    empty: np.ndarray, continuity: float, what: str
) -> tuple[Floats, tuple[Caution, ...]]:
    if not empty.any():
        return np.zeros(empty.size), ()
    count = count_studies(empty)
    if continuity == 0:
        raise InvalidArgumentError(
            f"{count} {what} (study {first_study(empty) + 1} first) cannot be computed with "
            "continuity 0; give continuity=0.5, or another transformation."
        )
    caution = Caution(
        "continuity",
        f"{continuity:g} was added to the counts of {count} {what}; with rare events the result "
        "depends on this choice.",
        "Cochrane Handbook, section 10.4.4",
    )
    return np.where(empty, continuity, 0.0), (caution,)


def proportion(
    *,
    events: ArrayLike,
    total: ArrayLike,
    transformation: str = "logit",
    continuity: float = 0.5,
    level: float = 0.95,
) -> EffectSizes:
    """Return the proportion of people with the event, on a scale fit for pooling.

    Parameters
    ----------
    events, total
        Counts, each a number or shape (k,).
    transformation
        ``"raw"`` (variance p(1-p)/n; the normal interval can leave 0 to 1), ``"log"`` (1/x -
        1/n), ``"logit"`` (1/x + 1/(n-x)), ``"arcsine"`` (arcsin√p, 1/(4n)), or
        ``"freeman-tukey"`` (half of arcsin√(x/(n+1)) + arcsin√((x+1)/(n+1)), 1/(4n+2);
        Freeman and Tukey 1950).
    continuity
        Added to events and non-events of a study without either; not used by the last two
        transformations.
    level
        Confidence level of the intervals.

    Returns
    -------
    EffectSizes
        On the chosen scale; `back_transform_proportion` leads back.

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    """
    check_choice("transformation", transformation, PROPORTION_SCALES)
    check_continuity(continuity)
    given = checked_views({"events": 0, "total": 1}, events=events, total=total)
    x, n = given.values()
    check_events(x, n, "events", "total")
    cautions: tuple[Caution, ...] = ()
    if transformation in {"raw", "log", "logit"}:
        add, cautions = _continuity((x == 0) | (x == n), continuity, "with events in none or all")
        x, n = x + add, n + 2 * add
    rest = n - x
    if transformation == "raw":
        estimate, variance = x / n, x / n * (rest / n) / n
    elif transformation == "log":
        estimate, variance = np.log(x / n), rest / x / n
    elif transformation == "logit":
        estimate, variance = np.log(x / rest), 1 / x + 1 / rest
    elif transformation == "arcsine":
        estimate, variance = np.arctan2(np.sqrt(x), np.sqrt(rest)), 1 / (4 * n)
    else:
        first = np.arctan2(np.sqrt(x), np.sqrt(rest + 1))
        second = np.arctan2(np.sqrt(x + 1), np.sqrt(rest))
        estimate, variance = (first + second) / 2, 1 / (4 * n + 2)
    return EffectSizes(
        f"proportion ({transformation})",
        "binomial counts" + (f", {continuity:g} added where none or all" if cautions else ""),
        estimate,
        variance,
        check_level(level),
        cautions,
    )


def back_transform_proportion(
    values: ArrayLike, *, transformation: str, total: ArrayLike | None = None
) -> Floats:
    """Return proportions from values on the scale of `proportion`.

    Parameters
    ----------
    values
        Estimates or ends of intervals, a number or shape (k,).
    transformation
        As in `proportion`.
    total
        For ``"freeman-tukey"`` only: the number of people each value stands for. For a
        pooled value any choice is arbitrary (Miller 1978 took the harmonic mean of the
        studies), and the result can lie outside the range of every study (Schwarzer et al.
        2019): prefer the logit or a binomial model for pooling.

    Returns
    -------
    array, shape (k,)
        Cut at 0 and 1 where an end of an interval lies beyond what a proportion can give.

    Raises
    ------
    InvalidArgumentError
        For an unknown transformation, or a `total` that is missing or out of place.
    """
    check_choice("transformation", transformation, PROPORTION_SCALES)
    if (total is not None) != (transformation == "freeman-tukey"):
        raise InvalidArgumentError(
            f"total is {'missing' if total is None else 'given'}, and the transformation "
            f"{transformation!r}; the Freeman-Tukey scale needs it, the others have no use for it."
        )
    if total is not None:
        return _miller(**checked({"total": 1}, values=values, total=total))
    x = checked(values=values)["values"]
    if transformation == "logit":
        return np.asarray(expit(x))
    if transformation == "log":
        return np.exp(np.minimum(x, 0.0))
    if transformation == "arcsine":
        return np.sin(np.clip(x, 0.0, math.pi / 2)) ** 2
    return np.clip(x, 0.0, 1.0)


def _miller(values: Floats, total: Floats) -> Floats:
    """Invert the mean of two arcsines (Miller 1978 for their sum)."""
    lowest = np.arctan2(1.0, np.sqrt(total)) / 2
    highest = math.pi / 2 - lowest
    angle = 2 * np.clip(values, lowest, highest)
    sine = np.sin(angle)
    u = np.clip(sine + (sine - 1 / sine) / total, -1.0, 1.0)
    # (1 - √(1 - u²))/2 without losing the digits of a small proportion.
    small = u**2 / (2 * (1 + np.sqrt(1 - u**2)))
    inside = np.where(np.cos(angle) >= 0, small, 1 - small)
    return np.where(values <= lowest, 0.0, np.where(values >= highest, 1.0, inside))


def single_mean(
    *,
    mean: ArrayLike,
    sd: ArrayLike,
    n: ArrayLike,
    transformation: str = "raw",
    level: float = 0.95,
) -> EffectSizes:
    """Return one group's mean, raw or as its logarithm.

    Parameters
    ----------
    mean, sd, n
        Summaries, each a number or shape (k,), of all studies in one unit; SD above 0, at
        least two people.
    transformation
        ``"raw"`` (variance SD²/n) or ``"log"`` (SD²/(n mean²), delta method; means above 0).
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
    check_choice("transformation", transformation, MEAN_SCALES)
    given = checked({"n": 2}, {"sd": 0}, mean=mean, sd=sd, n=n)
    m, s, people = given.values()
    odd = odd_spread_cautions(mean=m, sd=s, n=people)
    if transformation == "raw":
        return EffectSizes("mean", "SD²/n", m, s**2 / people, check_level(level), odd)
    refuse_where(m <= 0, "mean of {study} is not above 0, so it has no logarithm; use 'raw'.")
    return EffectSizes(
        "mean (log)",
        "delta method",
        np.log(m),
        (s / m) ** 2 / people,
        check_level(level),
        (*logarithm_caution(np.sqrt(people) * m / s), *odd),
    )


def incidence_rate(
    *,
    events: ArrayLike,
    person_time: ArrayLike,
    transformation: str = "log",
    continuity: float = 0.5,
    level: float = 0.95,
) -> EffectSizes:
    """Return one group's events per unit of time, on a scale fit for pooling.

    Parameters
    ----------
    events
        Events (not people), a number or shape (k,).
    person_time
        Person-time at risk, above 0.
    transformation
        ``"raw"`` (variance x/t²), ``"log"`` (1/x) or ``"square-root"`` (1/(4t)), for Poisson
        counts.
    continuity
        Added to the events of a study without any; not used by the square root.
    level
        Confidence level of the intervals.

    Returns
    -------
    EffectSizes
        On the chosen scale; `back_transform_rate` leads back.

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    """
    check_choice("transformation", transformation, RATE_SCALES)
    check_continuity(continuity)
    given = checked_views({"events": 0}, {"person_time": 0}, events=events, person_time=person_time)
    x, t = given.values()
    cautions: tuple[Caution, ...] = ()
    if transformation == "square-root":
        estimate, variance = np.sqrt(x / t), 1 / (4 * t)
    else:
        add, cautions = _continuity(x == 0, continuity, "without events")
        x = x + add
        raw = transformation == "raw"
        estimate = x / t if raw else np.log(x / t)
        variance = x / t**2 if raw else 1 / x
    return EffectSizes(
        f"incidence rate ({transformation})",
        "Poisson counts" + (f", {continuity:g} added where none" if cautions else ""),
        estimate,
        variance,
        check_level(level),
        cautions,
    )


def back_transform_rate(values: ArrayLike, *, transformation: str) -> Floats:
    """Return rates from values on the scale of `incidence_rate`, cut at 0.

    Parameters
    ----------
    values
        Estimates or ends of intervals, a number or shape (k,).
    transformation
        As in `incidence_rate`.

    Returns
    -------
    array, shape (k,)
    """
    check_choice("transformation", transformation, RATE_SCALES)
    x = checked(values=values)["values"]
    if transformation == "log":
        return np.exp(x)
    low = np.maximum(x, 0.0)
    return low if transformation == "raw" else low**2
