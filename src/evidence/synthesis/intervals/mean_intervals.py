"""Intervals of the mean that take a search of their own: Henmi-Copas, profile likelihood.

References
----------
Henmi M, Copas JB (2010). Confidence intervals for random effects meta-analysis and robustness
to publication bias. Statistics in Medicine 29:2969-2983.
Hardy RJ, Thompson SG (1996). A likelihood approach to meta-analysis with random effects.
Statistics in Medicine 15:619-629.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import erfc, gammainc

from evidence.display import Display, format_interval, format_number, format_p, join_words
from evidence.effects.arguments import Floats, check_level, is_number
from evidence.effects.conversions.spread import p_from_t, quantile
from evidence.errors import Caution, InvalidArgumentError
from evidence.synthesis.intervals.profile import Profile
from evidence.synthesis.intervals.studies import Studies, read_studies
from evidence.synthesis.tau2 import estimate_tau2

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike

__all__ = ["MeanInterval", "check_tau2", "henmi_copas", "profile_likelihood_mean"]

_INSTEAD = "Report the study's own interval."


@dataclass(frozen=True, slots=True)
class MeanInterval(Display):
    """A confidence interval of the mean effect.

    Attributes
    ----------
    method
        How it was found.
    level
        Confidence level.
    estimate, standard_error
        The mean that belongs to it.
    ci_low, ci_high
        Its ends.
    p_value
        Of a mean of 0, by the same method.
    tau2
        The variance between studies that it rests on.
    cautions
        What a reader should know.
    """

    method: str
    level: float
    estimate: float
    standard_error: float
    ci_low: float
    ci_high: float
    p_value: float
    tau2: float
    cautions: tuple[Caution, ...] = ()

    def summary(self) -> str:
        """Return the interval in rounded numbers."""
        interval = format_interval(self.ci_low, self.ci_high)
        head = (
            f"estimate {format_number(self.estimate)} ({100 * self.level:g}% CI {interval}), "
            f"{format_p(self.p_value)} ({self.method})"
        )
        return "\n".join([head, *(f"Note: {caution.message}" for caution in self.cautions)])

    def to_frame(self) -> pd.DataFrame:
        """Return one row, unrounded."""
        import pandas as pd

        row = {name: value for name, value in self.to_dict().items() if name != "cautions"}
        return pd.DataFrame([row])

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        return {
            "method": self.method,
            "level": self.level,
            "estimate": self.estimate,
            "standard_error": self.standard_error,
            "ci_low": self.ci_low,
            "ci_high": self.ci_high,
            "p_value": self.p_value,
            "tau2": self.tau2,
            "cautions": [caution.message for caution in self.cautions],
        }


def check_tau2(tau2: float) -> float:
    """Return a variance between studies, refusing what is no number from 0 up."""
    if not is_number(tau2) or not 0 <= tau2 < math.inf:
        raise InvalidArgumentError(f"tau2 is {tau2!r}; give one number that is 0 or above.")
    return float(tau2)


def _read(effects: ArrayLike, variances: ArrayLike) -> Studies:
    return read_studies(
        effects, variances, least=2, what="An interval of the mean", instead=_INSTEAD
    )


def _mean(studies: Studies, tau2: float) -> tuple[float, float]:
    """Return the weighted mean and Wald's standard error, in the units of the search."""
    weights = 1 / (studies.variances + tau2)
    total = float(weights.sum())
    return float(weights @ studies.effects) / total, math.sqrt(1 / total)


# ---------------------------------------------------------------- Henmi and Copas


def henmi_copas(effects: ArrayLike, variances: ArrayLike, *, level: float = 0.95) -> MeanInterval:
    """Return Henmi and Copas's interval: common-effect weights, variance with heterogeneity.

    The mean has the weights of a common effect, so that small studies do not gain weight
    with tau², which makes it robust to publication bias. Its standard error has the
    DerSimonian-Laird tau², and the quantile is that of their ratio, with the distribution of
    Cochran's Q given the mean approximated by a gamma distribution of the same mean and
    variance (Henmi and Copas 2010, section 3).

    Parameters
    ----------
    effects, variances
        Shape (k,), k >= 2.
    level
        Confidence level.

    Returns
    -------
    MeanInterval
        `p_value` is from the same distribution.

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    InsufficientEvidenceError
        For a single study.

    References
    ----------
    Henmi and Copas (2010): see the module.
    """
    check_level(level)
    studies = _read(effects, variances)
    tau2 = estimate_tau2(studies.effects, studies.variances, "DL")
    pivot = _Pivot(studies.variances, tau2)
    mean = float(studies.effects @ (1 / studies.variances)) * pivot.share
    estimate, se = studies.place(mean), studies.unit * pivot.error
    reach = pivot.quantile(level) * se
    return MeanInterval(
        method="Henmi-Copas",
        level=level,
        estimate=estimate,
        standard_error=se,
        ci_low=estimate - reach,
        ci_high=estimate + reach,
        p_value=pivot.beyond(abs(estimate) / se),
        tau2=tau2 * studies.scale,
    )


#: Beyond this the normal density is below 1e-17 of what it is at 0.
_FAR = 9.0
_NODES = 12


@cache
def _gauss_legendre() -> tuple[Floats, Floats]:
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    return (1 + nodes) / 2, weights / 2


class _Pivot:
    """The distribution of (mean - truth) / (its standard error with the estimated tau²).

    With w = 1/v, R the standardised mean and b = 1 + tau² w, the moments of Q given R are
    E = tr(A S) + (R² - 1) g and V = 2 tr((A C)²) + 4 R² (h - g²), where S = diag(v + tau²),
    A = diag(w) - ww'/Σw, C = S - mm', m the covariance of the effects with R, g = m'Am and
    h = m'ASAm.
    """

    def __init__(self, variances: Floats, tau2: float) -> None:
        w = 1 / variances
        total = float(w.sum())
        # Σw - Σw²/Σw without the cancellation where one study has nearly all the weight.
        first = int(w.argmax())
        others = total - w
        others[first] = float(np.delete(w, first).sum())
        self._contrast = float(w @ others) / total
        self._total, self._squares = total, float(w @ w)
        self._df = w.size - 1
        self.share = 1 / total
        self._inflated = total + tau2 * self._squares
        self.error = math.sqrt(self._inflated) / total
        b = 1 + tau2 * w
        centred = w - self._squares / total
        self._g = tau2**2 * float(w @ centred**2) / self._inflated
        self._h = tau2**2 * float((w * b) @ centred**2) / self._inflated
        self._mean = self._df + tau2 * self._contrast
        wb = float(w @ b)
        trace = float(b @ b) - 2 * float(w @ b**2) / total + (wb / total) ** 2
        self._variance = 2 * (trace - 2 * self._h + self._g**2)

    def beyond(self, x: float) -> float:
        """Return the probability that the pivot lies farther from 0 than `x`."""
        if x == 0:
            return 1.0
        # Nearer than this the pivot is within x even with an estimated tau² of 0.
        start = x * math.sqrt(self._total / self._inflated)
        if start >= _FAR:
            return float(erfc(start / math.sqrt(2)))
        panels = 12 + int(2 * math.sqrt(self._df))
        nodes, weights = _gauss_legendre()
        width = (_FAR - start) / panels
        r = (start + width * (np.arange(panels)[:, np.newaxis] + nodes)).ravel()
        needed = ((r / x) ** 2 * self._inflated - self._total) / self._squares
        limit = self._df + np.maximum(needed, 0.0) * self._contrast
        mean = self._mean + (r**2 - 1) * self._g
        variance = self._variance + 4 * r**2 * (self._h - self._g**2)
        below = gammainc(mean**2 / variance, limit * mean / variance)
        density = np.exp(-(r**2) / 2) * math.sqrt(2 / math.pi)
        return float(width * np.tile(weights, panels) @ (below * density))

    def quantile(self, level: float) -> float:
        """Return the x that the pivot exceeds in size with probability 1 - level."""
        from scipy.optimize import brentq

        target = math.log(1 - level)

        def gap(log_x: float) -> float:
            return math.log(max(self.beyond(math.exp(log_x)), 1e-300)) - target

        low = math.log(quantile(level))
        high = low
        while gap(high) > 0:
            high += 0.5
        while gap(low) < 0:
            low -= 0.5
        return (
            math.exp(float(brentq(gap, low, high, xtol=1e-14, rtol=1e-14)))
            if low < high
            else (math.exp(low))
        )


# ---------------------------------------------------------------- profile likelihood


def profile_likelihood_mean(
    effects: ArrayLike, variances: ArrayLike, *, level: float = 0.95
) -> MeanInterval:
    """Return the interval of the mean from its profile likelihood.

    The set of means whose log-likelihood, at the best tau² for each, is within half the
    chi-square quantile on one degree of freedom of its highest value (Hardy and Thompson
    1996). For a fixed tau² that is an interval around the weighted mean, so the whole set is
    the union of these intervals over tau²; each end is the extreme of one function of tau².

    Parameters
    ----------
    effects, variances
        Shape (k,), k >= 2.
    level
        Confidence level.

    Returns
    -------
    MeanInterval
        `estimate` and `tau2` by maximum likelihood, `standard_error` Wald's; `p_value` from
        the likelihood ratio.

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
    studies = _read(effects, variances)
    profile = Profile(studies, restricted=False)
    drop = quantile(level) ** 2 / 2
    pieces = _of_means(profile, drop)
    mean, error = _mean(studies, profile.tau2)
    zero = (0.0 - studies.origin) / studies.unit
    statistic = 2 * max(0.0, profile.top - _best_height(profile, zero))
    cautions: tuple[Caution, ...] = ()
    if len(pieces) > 1:
        parts = join_words(
            format_interval(studies.place(low), studies.place(high)) for low, high in pieces
        )
        cautions = (
            Caution(
                "likelihood-in-pieces",
                f"The likelihood of the mean has two peaks, and the set of values that fit is "
                f"no interval: {parts}. The interval shown spans all of it.",
                "Hardy and Thompson 1996",
            ),
        )
    return MeanInterval(
        method="profile likelihood",
        level=level,
        estimate=studies.place(mean),
        standard_error=studies.unit * error,
        ci_low=studies.place(pieces[0][0]),
        ci_high=studies.place(pieces[-1][1]),
        p_value=p_from_t(math.sqrt(statistic), None),
        tau2=profile.tau2 * studies.scale,
        cautions=cautions,
    )


def _of_means(profile: Profile, drop: float) -> list[tuple[float, float]]:
    """Return the parts of the confidence set of the mean, in order."""
    parts: list[tuple[float, float]] = []
    for piece in profile.within(drop):
        ends = []
        for sign in (-1.0, 1.0):

            def reach(tau2: Floats, sign: float = sign) -> Floats:
                heights, means, totals = profile.curves(tau2)
                spare = np.maximum(heights - profile.top + drop, 0.0)
                return sign * means + np.sqrt(2 * spare / totals)

            ends.append(sign * profile.highest(reach, piece))
        parts.append((ends[0], ends[1]))
    parts.sort()
    merged = parts[:1]
    for low, high in parts[1:]:
        if low <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return merged


def _best_height(profile: Profile, mean: float) -> float:
    """Return the highest log-likelihood of a given mean, over tau²."""

    def height(tau2: Floats) -> Floats:
        heights, means, totals = profile.curves(tau2)
        return heights - totals * (mean - means) ** 2 / 2

    return profile.highest(height, (0.0, profile.far(mean)))
