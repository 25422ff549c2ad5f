"""Numbers that look wrong: a standard error typed as an SD, another unit, an effect too large.

Nothing here changes a number. Each function looks at arrays and returns cautions that say
which study, what is odd about it, and which slip would explain it; the report itself decides.

References
----------
Gøtzsche PC, Hróbjartsson A, Marić K, Tendal B (2007). Data extraction errors in meta-analyses
that use standardized mean differences. JAMA 298:430-437.
Kadlec D, Sainani KL, Nimphius S (2023). With great power comes great responsibility: common
errors in meta-analyses and meta-regressions in strength & conditioning research. Sports
Medicine 53:313-325.
Pereira TV, Horwitz RI, Ioannidis JPA (2012). Empirical evaluation of very large treatment
effects of medical interventions. JAMA 308:1676-1684.
Guyatt GH, Oxman AD, Sultan S, et al. (2011). GRADE guidelines: 9. Rating up the quality of
evidence. Journal of Clinical Epidemiology 64:1311-1316.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri

from evidence.effects.arguments import Floats, checked_views
from evidence.effects.measures.choices import count_studies
from evidence.errors import Caution

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = [
    "GOTZSCHE",
    "PLAUSIBILITY_LIMITS",
    "PlausibilityLimits",
    "is_near",
    "list_studies",
    "ratio_cautions",
    "smd_cautions",
]

GOTZSCHE = "Gøtzsche et al. 2007, JAMA 298:430-437"
_KADLEC = "Kadlec, Sainani and Nimphius 2023, Sports Medicine 53:313-325"
_PEREIRA = "Pereira, Horwitz and Ioannidis 2012, JAMA 308:1676-1684"


@dataclass(frozen=True, slots=True)
class PlausibilityLimits:
    """From where on a number is said to look wrong.

    Attributes
    ----------
    largest_smd
        Standardised mean difference: of those beyond 3, 60% came from a standard error
        taken for an SD (Kadlec, Sainani and Nimphius 2023).
    surely_smd
        The nearer end of its 95% interval has to lie beyond this, too, so that chance in a
        tiny trial is not accused; 0.8 is Cohen's "large".
    largest_ratio
        Ratio, or its inverse. The first trials that found an odds ratio beyond 5 had a
        median of 12, which fell to 4 with further trials (Pereira, Horwitz and Ioannidis
        2012); 10 is this module's choice.
    surely_ratio
        The nearer end of its 95% interval has to lie beyond this, too: GRADE's "very large"
        (Guyatt et al. 2011).
    apart
        SDs (or standard errors times √n) on one scale differ by less than this factor;
        this module's choice.
    near
        How near, as a factor, a slip has to bring the number to the others for it to be
        named; this module's choice.
    far_out
        An odd study lies this many standard deviations of the others' logarithms away from
        them, too; this module's choice.
    fewest_others
        Studies that have to agree before another one is called odd, and three times as many
        as are odd; this module's choice.
    units
        Factors between units that are mistaken for each other, with their names.
    """

    largest_smd: float = 3.0
    surely_smd: float = 0.8
    largest_ratio: float = 10.0
    surely_ratio: float = 5.0
    apart: float = 2.5
    near: float = 1.5
    far_out: float = 3.0
    fewest_others: int = 3
    units: tuple[tuple[float, str], ...] = (
        (7.0, "days and weeks"),
        (10.0, "a decimal place, or millimetres and centimetres"),
        (24.0, "hours and days"),
        (60.0, "minutes and hours, or seconds and minutes"),
        (1000.0, "milligrams and grams, or the like"),
    )


PLAUSIBILITY_LIMITS = PlausibilityLimits()


def smd_cautions(
    *,
    smd: ArrayLike,
    variance: ArrayLike,
    smd_of_standard_errors: ArrayLike | None = None,
    limits: PlausibilityLimits = PLAUSIBILITY_LIMITS,
) -> tuple[Caution, ...]:
    """Say which standardised mean differences are too large to be believed unchecked.

    Parameters
    ----------
    smd, variance
        Standardised mean differences and their variances, each of shape (k,).
    smd_of_standard_errors
        What each would be if the SDs given were standard errors, shape (k,).
    limits
        From where on.

    Returns
    -------
    tuple of Caution
        Empty, or one with the code ``"implausible-effect"``.
    """
    given = checked_views({"variance": 0}, smd=smd, variance=variance)
    estimate = given["smd"]
    far = _beyond(estimate, given["variance"], limits.largest_smd, limits.surely_smd)
    if far is None:
        return ()
    other = None
    if smd_of_standard_errors is not None:
        other = np.broadcast_to(np.atleast_1d(smd_of_standard_errors), estimate.shape)

    def told(place: int) -> str:
        text = f"study {place + 1}: {estimate[place]:.3g}"
        if other is not None and abs(other[place]) < limits.largest_smd:
            text += f", or {other[place]:.2g} if its SDs are standard errors"
        return text

    return (
        Caution(
            "implausible-effect",
            f"In {count_studies(far)} the effect is beyond {limits.largest_smd:g} standard "
            f"deviations ({list_studies(far, told)}). Most effects as large come from a "
            "standard error taken for an SD: look it up in the report.",
            f"{_KADLEC}; {GOTZSCHE}",
        ),
    )


def ratio_cautions(
    *,
    log_ratio: ArrayLike,
    variance: ArrayLike,
    name: str = "ratio",
    limits: PlausibilityLimits = PLAUSIBILITY_LIMITS,
) -> tuple[Caution, ...]:
    """Say which ratios are too large, or too small, to be believed unchecked.

    Parameters
    ----------
    log_ratio, variance
        Logarithms of ratios and their variances, each of shape (k,).
    name
        What ratio it is, for the message.
    limits
        From where on.

    Returns
    -------
    tuple of Caution
        Empty, or one with the code ``"implausible-effect"``.
    """
    given = checked_views({"variance": 0}, log_ratio=log_ratio, variance=variance)
    estimate = given["log_ratio"]
    far = _beyond(
        estimate, given["variance"], math.log(limits.largest_ratio), math.log(limits.surely_ratio)
    )
    if far is None:
        return ()

    def told(place: int) -> str:
        if abs(estimate[place]) > math.log(1e6):
            return f"study {place + 1}: more than a million-fold"
        return f"study {place + 1}: {math.exp(estimate[place]):.3g}"

    return (
        Caution(
            "implausible-effect",
            f"In {count_studies(far)} the {name} is beyond {limits.largest_ratio:g} or "
            f"1/{limits.largest_ratio:g} ({list_studies(far, told)}). Such effects are rare and "
            "mostly shrink in later studies: are events and people, the two groups and their "
            "units as in the report?",
            f"{_PEREIRA}; limits: choice of this package",
        ),
    )


def _beyond(
    estimate: Floats, variance: Floats, far: float, surely: float
) -> NDArray[np.bool_] | None:
    """Return which estimates lie beyond `far`, and their nearer end beyond `surely`."""
    # The two ends tell most often that there is none, without a further array.
    if max(float(estimate.max()), -float(estimate.min())) <= far:
        return None
    size = np.abs(estimate)
    found = (size > far) & (size - float(ndtri(0.975)) * np.sqrt(variance) > surely)
    return found if found.any() else None


def is_near(value: Floats, target: Floats | float, factor: float) -> NDArray[np.bool_]:
    """Return where two numbers of one sign differ by at most a factor, shape (k,)."""
    return np.asarray((value <= factor * target) & (target <= factor * value))


def list_studies(where: NDArray[np.bool_], told: Callable[[int], str]) -> str:
    """Join what is told of the first five studies where something holds.

    Parameters
    ----------
    where
        Shape (k,).
    told
        From a study's place, counted from 0, to what to say of it.
    """
    places = np.flatnonzero(where)
    shown = "; ".join(told(int(place)) for place in places[:5])
    return shown + ("" if places.size <= 5 else f"; and {places.size - 5} more")
