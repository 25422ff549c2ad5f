"""Intervals of tau² beside the Q-profile: from a generalised Q, and from the likelihood.

References
----------
Biggerstaff BJ, Jackson D (2008). The exact distribution of Cochran's heterogeneity statistic
in one-way random effects meta-analysis. Statistics in Medicine 27:6093-6110.
Jackson D (2013). Confidence intervals for the between-study variance in random effects
meta-analysis using generalised Cochran heterogeneity statistics. Research Synthesis Methods
4:220-229.
Hardy RJ, Thompson SG (1996). A likelihood approach to meta-analysis with random effects.
Statistics in Medicine 15:619-629 (profile likelihood).
Rice SO (1980). Distribution of quadratic forms in normal random variables: evaluation by
numerical integration. SIAM Journal on Scientific and Statistical Computing 1:438-448 (the
contour through the saddle point).
Weideman JAC, Trefethen LN (2007). Parabolic and hyperbolic contours for computing the
Bromwich integral. Mathematics of Computation 76:1341-1356 (the hyperbola).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from evidence.display import Display, format_interval, format_number, join_words
from evidence.effects.arguments import Floats, as_floats, check_level, checked
from evidence.effects.conversions.spread import quantile
from evidence.effects.measures.choices import check_choice
from evidence.errors import Caution, InvalidArgumentError
from evidence.synthesis.intervals.profile import Profile
from evidence.synthesis.intervals.studies import Studies, read_studies

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike

__all__ = [
    "Tau2Interval",
    "generalised_q_tails",
    "tau2_generalised_q",
    "tau2_profile_likelihood",
]

_WEIGHTS = ("1/v", "1/sqrt(v)")
_LIKELIHOODS = ("REML", "ML")
_TINY = 1e-300
_INSTEAD = "Say that the variation between studies cannot be told from them."


@dataclass(frozen=True, slots=True)
class Tau2Interval(Display):
    """A confidence interval of the variance between studies.

    Attributes
    ----------
    method
        How it was found.
    level
        Confidence level.
    ci_low, ci_high
        Its ends, in squared units of the effects; both 0 where `empty`.
    estimate
        The estimate of tau² that belongs to it; None where the method has none.
    pieces
        The parts of the confidence set: several where the likelihood has two peaks with a
        valley between them that is too deep; none where no tau² fits.
    cautions
        What a reader should know.
    """

    method: str
    level: float
    ci_low: float
    ci_high: float
    estimate: float | None
    pieces: tuple[tuple[float, float], ...]
    cautions: tuple[Caution, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether the studies agree more closely than any tau² explains."""
        return not self.pieces

    def summary(self) -> str:
        """Return the interval in rounded numbers."""
        head = f"tau² {100 * self.level:g}% CI {format_interval(self.ci_low, self.ci_high, 3)}"
        if self.estimate is not None:
            head = head.replace("tau²", f"tau² {format_number(self.estimate, 3)},")
        return "\n".join(
            [f"{head} ({self.method})", *(f"Note: {c.message}" for c in self.cautions)]
        )

    def to_frame(self) -> pd.DataFrame:
        """Return one row, unrounded."""
        import pandas as pd

        return pd.DataFrame(
            {
                "method": [self.method],
                "level": [self.level],
                "estimate": [math.nan if self.estimate is None else self.estimate],
                "ci_low": [self.ci_low],
                "ci_high": [self.ci_high],
            }
        )

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        return {
            "method": self.method,
            "level": self.level,
            "estimate": self.estimate,
            "ci_low": self.ci_low,
            "ci_high": self.ci_high,
            "pieces": [list(piece) for piece in self.pieces],
            "cautions": [caution.message for caution in self.cautions],
        }


# ---------------------------------------------------------------- generalised Q


def generalised_q_tails(
    effects: ArrayLike,
    variances: ArrayLike,
    tau2: float,
    *,
    weights: str | ArrayLike = "1/v",
) -> tuple[float, float]:
    """Return how likely a smaller and a larger generalised Q is at a given tau².

    Q = Σ aᵢ(yᵢ - ȳₐ)² with fixed weights aᵢ is a quadratic form in normal variables
    (Biggerstaff and Jackson 2008; Jackson 2013); its exact distribution is found by inverting
    its Laplace transform.

    Parameters
    ----------
    effects, variances
        Shape (k,), k >= 2.
    tau2
        Variance between studies under which to ask, at least 0.
    weights
        ``"1/v"`` (Cochran's Q), ``"1/sqrt(v)"`` or the weights themselves, shape (k,).

    Returns
    -------
    lower, upper : float
        P(Q <= the one observed) and P(Q >= the one observed).

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.

    References
    ----------
    Biggerstaff and Jackson (2008), Jackson (2013), Rice (1980): see the module.
    """
    studies, form = _read_form(effects, variances, weights)
    asked = as_floats("tau2", tau2)
    if asked.size != 1 or not 0 <= asked[0] < math.inf:
        raise InvalidArgumentError(f"tau2 is {tau2!r}; give one number that is 0 or above.")
    return _tails(studies, form)(float(asked[0]) / studies.scale)


def tau2_generalised_q(
    effects: ArrayLike,
    variances: ArrayLike,
    *,
    weights: str | ArrayLike = "1/v",
    level: float = 0.95,
) -> Tau2Interval:
    """Return the exact interval of tau² from a generalised Cochran Q with fixed weights.

    The interval holds every tau² under which the observed Q lies between the quantiles of
    its exact distribution. ``"1/v"`` (Biggerstaff and Jackson 2008) is shorter where tau²
    is small, ``"1/sqrt(v)"`` (Jackson 2013) where nothing is known beforehand.

    Parameters
    ----------
    effects, variances
        Shape (k,), k >= 2.
    weights
        ``"1/v"``, ``"1/sqrt(v)"`` or the weights themselves, shape (k,).
    level
        Confidence level.

    Returns
    -------
    Tau2Interval
        Empty (0 to 0) when the effects agree more closely than even tau² = 0 would explain.

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    InsufficientEvidenceError
        For a single study.

    References
    ----------
    Biggerstaff and Jackson (2008), Jackson (2013): see the module.
    """
    tail = (1 - check_level(level)) / 2
    studies, form = _read_form(effects, variances, weights)
    tails = _tails(studies, form)
    name = weights if isinstance(weights, str) else "as given"
    method = f"generalised Q, weights {name}"
    lower, upper = tails(0.0)
    if lower < tail:
        return Tau2Interval(method, level, 0.0, 0.0, None, (), (_no_tau2(),))
    low = 0.0 if upper >= tail else _crossing(lambda tau2: _log_ratio(tail, tails(tau2)[1]))
    high = _crossing(lambda tau2: _log_ratio(tails(tau2)[0], tail))
    low, high = low * studies.scale, high * studies.scale
    return Tau2Interval(method, level, low, high, None, ((low, high),))


def _read_form(
    effects: ArrayLike, variances: ArrayLike, weights: str | ArrayLike
) -> tuple[Studies, Floats]:
    studies = read_studies(
        effects, variances, least=2, what="An interval of tau²", instead=_INSTEAD
    )
    if isinstance(weights, str):
        check_choice("weights", weights, _WEIGHTS)
        power = 1.0 if weights == "1/v" else 0.5
        return studies, np.asarray(studies.variances**-power)
    given = checked({"weights": 0.0}, strict=True, weights=weights, effects=effects)["weights"]
    first = int(np.argmin(as_floats("variances", variances)))
    order = np.r_[first, np.delete(np.arange(given.size), first)]
    return studies, given[order] / float(given.max())


def _tails(studies: Studies, weights: Floats) -> Callable[[float], tuple[float, float]]:
    from evidence.synthesis.intervals.kernels import tails

    mean = float(weights @ studies.effects) / float(weights.sum())
    q = float(weights @ (studies.effects - mean) ** 2)

    def at(tau2: float) -> tuple[float, float]:
        lower, upper = tails(q, weights, studies.variances + tau2)
        return float(lower), float(upper)

    return at


def _log_ratio(above: float, below: float) -> float:
    # Far in a tail a probability underflows to 0.
    return math.log(max(above, _TINY) / max(below, _TINY))


def _no_tau2() -> Caution:
    return Caution(
        "tau2-interval-empty",
        "The effects agree more closely than even tau² = 0 would explain, so no tau² fits and "
        "the interval is empty.",
        "Viechtbauer 2007",
    )


def _crossing(above: Callable[[float], float]) -> float:
    """Return where a function of tau², positive at 0, first falls to 0, in units of v."""
    from scipy.optimize import brentq

    step = 1.0
    while above(math.expm1(step)) > 0:
        step += 2.0
    start = step - 2.0 if step > 1.0 else 0.0
    found = brentq(lambda x: above(math.expm1(x)), start, step, xtol=1e-300, rtol=1e-15)
    return math.expm1(float(found))


# ---------------------------------------------------------------- profile likelihood


def tau2_profile_likelihood(
    effects: ArrayLike,
    variances: ArrayLike,
    *,
    method: str = "REML",
    level: float = 0.95,
) -> Tau2Interval:
    """Return the interval of tau² from its (restricted) profile likelihood.

    The set of all tau² whose log-likelihood is within half the chi-square quantile on one
    degree of freedom of its highest value (Hardy and Thompson 1996). The likelihood can have
    two peaks; all crossings are found, and a set in pieces is said to be one.

    Parameters
    ----------
    effects, variances
        Shape (k,), k >= 2.
    method
        ``"REML"`` or ``"ML"``.
    level
        Confidence level.

    Returns
    -------
    Tau2Interval
        `ci_low` and `ci_high` are the ends of the whole set, also when it is in pieces.

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    InsufficientEvidenceError
        For a single study.

    References
    ----------
    Hardy and Thompson (1996): see the module.
    """
    check_level(level)
    check_choice("method", method, _LIKELIHOODS)
    studies = read_studies(
        effects, variances, least=2, what="An interval of tau²", instead=_INSTEAD
    )
    profile = Profile(studies, restricted=method == "REML")
    within = profile.within(quantile(level) ** 2 / 2)
    pieces = tuple((low * studies.scale, high * studies.scale) for low, high in within)
    cautions: tuple[Caution, ...] = ()
    if len(pieces) > 1:
        parts = join_words(format_interval(low, high, 3) for low, high in pieces)
        cautions = (
            Caution(
                "likelihood-in-pieces",
                f"The likelihood of tau² has two peaks, and the set of values that fit is no "
                f"interval: {parts}. The interval shown spans all of it.",
                "Hardy and Thompson 1996",
            ),
        )
    return Tau2Interval(
        f"profile likelihood ({method})",
        level,
        pieces[0][0],
        pieces[-1][1],
        profile.tau2 * studies.scale,
        pieces,
        cautions,
    )
