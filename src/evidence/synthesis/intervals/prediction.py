"""Intervals for the true effect in a further setting.

References
----------
Higgins JPT, Thompson SG, Spiegelhalter DJ (2009). A re-evaluation of random-effects
meta-analysis. Journal of the Royal Statistical Society A 172:137-159 (t on k - 2).
Partlett C, Riley RD (2017). Random effects meta-analysis: coverage performance of 95%
confidence and prediction intervals following REML estimation. Statistics in Medicine
36:301-317 (with the Hartung-Knapp and the Sidik-Jonkman standard error).
Sidik K, Jonkman JN (2006). Robust variance estimation for random effects meta-analysis.
Computational Statistics and Data Analysis 50:3681-3701.
Cochrane Handbook for Systematic Reviews of Interventions, section 10.10.4.3 (t on k - 1).
Nagashima K, Noma H, Furukawa TA (2019). Prediction intervals for random-effects
meta-analysis: a confidence distribution approach. Statistical Methods in Medical Research
28:1689-1702.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit, ndtr, stdtr

from evidence.display import Display, format_interval
from evidence.effects.arguments import Floats, check_level
from evidence.effects.conversions.spread import quantile
from evidence.effects.measures.choices import check_choice
from evidence.errors import Caution, InsufficientEvidenceError
from evidence.synthesis.intervals.mean_intervals import check_tau2
from evidence.synthesis.intervals.studies import Studies, check_draws, read_studies

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike

__all__ = [
    "PredictionInterval",
    "confidence_distribution_prediction",
    "prediction_limits",
    "t_prediction",
]

_VARIANCES = ("Wald", "HKSJ", "HKSJ-adhoc", "SJ")
_DEGREES = ("k-2", "k-1")
_INSTEAD = "Say that two studies cannot tell how far a further setting may lie from their mean."


@dataclass(frozen=True, slots=True)
class PredictionInterval(Display):
    """Where the true effect of a further setting may lie.

    Attributes
    ----------
    method
        How it was found.
    level
        Its level.
    low, high
        Its ends.
    cautions
        What a reader should know.
    """

    method: str
    level: float
    low: float
    high: float
    cautions: tuple[Caution, ...] = ()

    def summary(self) -> str:
        """Return the interval in rounded numbers."""
        interval = format_interval(self.low, self.high)
        head = f"{100 * self.level:g}% prediction interval {interval} ({self.method})"
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
            "low": self.low,
            "high": self.high,
            "cautions": [caution.message for caution in self.cautions],
        }


def _few(k: int) -> tuple[Caution, ...]:
    if k >= 5:
        return ()
    return (
        Caution(
            "prediction-few",
            f"With {k} studies a prediction interval says more about how little is known of "
            "tau² than about a further setting.",
            "Partlett and Riley 2017",
        ),
    )


# ---------------------------------------------------------------- t


def prediction_limits(
    estimate: float, standard_error: float, tau2: float, df: float, level: float
) -> tuple[float, float]:
    """Return a mean plus and minus a t quantile times √(tau² + SE²).

    Parameters
    ----------
    estimate, standard_error
        The mean.
    tau2
        Variance between studies.
    df
        Degrees of freedom of the quantile.
    level
        Level of the interval.
    """
    half = quantile(level, df) * math.sqrt(tau2 + standard_error**2)
    return estimate - half, estimate + half


def t_prediction(
    effects: ArrayLike,
    variances: ArrayLike,
    *,
    tau2: float,
    variance: str = "Wald",
    df: str = "k-2",
    level: float = 0.95,
) -> PredictionInterval:
    """Return the prediction interval from a t distribution around the mean.

    The mean plus and minus a t quantile times √(tau² + SE²).

    Parameters
    ----------
    effects, variances
        Shape (k,), k >= 3.
    tau2
        Variance between studies, as estimated.
    variance
        The standard error of the mean: ``"Wald"`` (Higgins, Thompson and Spiegelhalter
        2009), ``"HKSJ"`` (Hartung-Knapp; Partlett and Riley 2017), ``"HKSJ-adhoc"`` (the
        same, never below Wald's) or ``"SJ"`` (Sidik and Jonkman's robust one).
    df
        ``"k-2"`` (Higgins, Thompson and Spiegelhalter 2009) or ``"k-1"`` (the Cochrane
        Handbook, R's metafor).
    level
        Level of the interval.

    Returns
    -------
    PredictionInterval

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    InsufficientEvidenceError
        Below three studies.

    References
    ----------
    Higgins, Thompson and Spiegelhalter (2009), Partlett and Riley (2017), Sidik and Jonkman
    (2006): see the module.
    """
    check_level(level)
    check_tau2(tau2)
    check_choice("variance", variance, _VARIANCES)
    check_choice("df", df, _DEGREES)
    studies = _read(effects, variances)
    mean, error = _mean_and_error(studies, tau2 / studies.scale, variance)
    degrees = studies.k - int(df[-1])
    estimate = studies.place(mean)
    low, high = prediction_limits(estimate, studies.unit * error, tau2, degrees, level)
    names = {"Wald": "Wald's", "SJ": "Sidik-Jonkman's", "HKSJ": "Hartung-Knapp's"}
    name = names.get(variance, "Hartung-Knapp's guarded")
    return PredictionInterval(
        f"t on {degrees} df, {name} standard error",
        level,
        low,
        high,
        _few(studies.k),
    )


def _read(effects: ArrayLike, variances: ArrayLike) -> Studies:
    return read_studies(effects, variances, least=3, what="A prediction interval", instead=_INSTEAD)


def _mean_and_error(studies: Studies, tau2: float, variance: str) -> tuple[float, float]:
    weights = 1 / (studies.variances + tau2)
    total = float(weights.sum())
    mean = float(weights @ studies.effects) / total
    if variance == "SJ":
        # 1 minus each study's leverage, without cancellation for one that dominates.
        others = total - weights
        largest = int(weights.argmax())
        others[largest] = float(np.delete(weights, largest).sum())
        squares = (weights * (studies.effects - mean)) ** 2
        return mean, math.sqrt(float((squares / (others / total)).sum())) / total
    ratio = float(weights @ (studies.effects - mean) ** 2) / (studies.k - 1)
    ratio = {"Wald": 1.0, "HKSJ": ratio, "HKSJ-adhoc": max(1.0, ratio)}[variance]
    return mean, math.sqrt(ratio / total)


# ---------------------------------------------------------------- confidence distribution


def confidence_distribution_prediction(
    effects: ArrayLike,
    variances: ArrayLike,
    *,
    level: float = 0.95,
    draws: int | None = None,
    seed: int = 20190601,
) -> PredictionInterval:
    """Return the prediction interval that allows for not knowing tau².

    Nagashima, Noma and Furukawa (2019): tau² is drawn from its confidence distribution, which
    is 1 minus the exact distribution function of Cochran's Q at the observed Q; given tau²,
    the mean is drawn from t on k - 1 degrees of freedom with the Hartung-Knapp standard
    error, and the effect of a further setting from the normal distribution around it. The
    interval lies between the quantiles of what is drawn.

    Parameters
    ----------
    effects, variances
        Shape (k,), k >= 3.
    level
        Level of the interval.
    draws
        How many are drawn (the paper: 25,000); None for the limit of infinitely many, by
        quadrature, which has no error of simulation and needs no seed.
    seed
        Of the draws.

    Returns
    -------
    PredictionInterval

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    InsufficientEvidenceError
        Below three studies, and for identical effects.

    References
    ----------
    Nagashima, Noma and Furukawa (2019): see the module.
    """
    tail = (1 - check_level(level)) / 2
    if draws is not None:
        check_draws(draws, math.ceil(2 / tail), ", so that some fall beyond the ends, or None")
    studies = _read(effects, variances)
    if not float(np.ptp(studies.effects)) > 0:
        # Q is 0, so tau² is always drawn as 0, and so is the Hartung-Knapp standard error.
        raise InsufficientEvidenceError(
            "The effects are identical, so the confidence distribution of tau² is all at 0 and "
            "says nothing about a further setting; use `t_prediction`."
        )
    sample = _Tau2Distribution(studies)
    if draws is None:
        low, high = _limits(studies, sample, tail)
        name = "confidence distribution of tau²"
    else:
        drawn = _drawn(studies, sample, draws, seed)
        low, high = (float(end) for end in np.quantile(drawn, [tail, 1 - tail]))
        name = f"confidence distribution of tau², {draws:,} draws"
    cautions = _few(studies.k)
    if sample.top < _TOO_GOOD:
        cautions += (
            Caution(
                "agreement-beyond-chance",
                "The effects agree more closely than chance lets expect, and this interval takes "
                "that at its word: it is narrower than their sampling errors warrant.",
                "Röver, Knapp and Friede 2015",
            ),
        )
    return PredictionInterval(name, level, studies.place(low), studies.place(high), cautions)


#: Logit of 5%: a Q that small is that rare even when tau² is 0.
_TOO_GOOD = math.log(0.05 / 0.95)


class _Tau2Distribution:
    """The confidence distribution of tau²: P(Q <= the observed one) as a function of tau².

    Tabulated as its logit against log(tau² + the smallest variance), where both are close to
    straight, and inverted by a monotone cubic.
    """

    def __init__(self, studies: Studies) -> None:
        from scipy.interpolate import PchipInterpolator

        weights = 1 / studies.variances
        mean = float(weights @ studies.effects) / float(weights.sum())
        self._q = float(weights @ (studies.effects - mean) ** 2)
        self._weights, self._variances = weights, studies.variances
        #: Logit of the probability that Q is at most the observed one when tau² is 0.
        self.top = self._logit(0.0)
        last = 1.0
        while self._logit(last) > _LOWEST:
            last += 1.0
        self._last = last
        places = np.linspace(0.0, last, max(_TABLE, math.ceil(last / 0.05)))
        logits = np.array([self._logit(float(place)) for place in places])
        # Far in a tail the table underflows; what is not strictly falling carries nothing.
        keep = np.r_[True, np.diff(np.minimum.accumulate(logits)) < 0]
        self._inverse = PchipInterpolator(logits[keep][::-1], places[keep][::-1])
        self._bottom = float(logits[keep][-1])

    def _logit(self, place: float) -> float:
        from evidence.synthesis.intervals.kernels import tails

        lower, upper = tails(self._q, self._weights, self._variances + math.expm1(place))
        return math.log(max(lower, _TINY) / max(upper, _TINY))

    def tau2(self, logits: Floats) -> Floats:
        """Return, to about six digits, the tau² at which Q has these probabilities.

        It is 0 where even tau² = 0 makes the observed Q less likely than that.
        """
        places = self._inverse(np.clip(logits, self._bottom, self.top))
        return np.where(logits >= self.top, 0.0, np.expm1(np.maximum(places, 0.0)))

    def polished(self, logits: Floats) -> Floats:
        """Return the same with all digits, for logits below the top."""
        places = np.maximum(self._inverse(logits), 0.0)
        steepness = self._inverse.derivative()(logits)
        for _ in range(2):
            found = np.array([self._logit(float(place)) for place in places])
            places = np.clip(places - (found - logits) * steepness, 0.0, self._last)
        return np.asarray(np.expm1(places))


_TINY = 1e-300
_TABLE = 256
#: Logits between which the distribution is followed: the probability beyond is below 1e-12.
_LOWEST, _HIGHEST = -29.0, 34.0


def _drawn(studies: Studies, sample: _Tau2Distribution, draws: int, seed: int) -> Floats:
    from evidence.synthesis.intervals.kernels import means_and_errors

    rng = np.random.default_rng(seed)
    chance = rng.random(draws)
    tau2 = sample.tau2(np.log(chance) - np.log1p(-chance))
    normal = rng.standard_normal(draws)
    t = rng.standard_t(studies.k - 1, draws)
    out = np.empty((2, draws))
    means_and_errors(studies.effects, studies.variances, tau2, out)
    return np.asarray(out[0] + normal * np.sqrt(tau2) - t * out[1])


def _limits(studies: Studies, sample: _Tau2Distribution, tail: float) -> tuple[float, float]:
    """Return the quantiles of infinitely many draws."""
    from evidence.synthesis.intervals.kernels import means_and_errors

    top = min(sample.top, _HIGHEST)
    logits, mass = _panels(top)
    tau2 = np.r_[0.0, sample.polished(logits)]
    # Where even tau² = 0 makes so small a Q unlikely, tau² is drawn as 0.
    mass = np.r_[float(expit(-top)), mass]
    out = np.empty((2, tau2.size))
    means_and_errors(studies.effects, studies.variances, tau2, out)
    means, errors, spread = out[0], out[1], np.sqrt(tau2)
    narrow = spread <= math.sqrt(studies.k - 1) * errors
    z, of_z = _normal_nodes()
    t, of_t = _t_nodes(studies.k - 1)

    def below(effect: float) -> float:
        # The sum of a normal and a t part is integrated over the one that is not much wider,
        # so that the distribution function of the other changes slowly from node to node.
        chance = np.empty(tau2.size)
        left = effect - means
        inner = (left[narrow, np.newaxis] - spread[narrow, np.newaxis] * z) / errors[narrow][
            :, np.newaxis
        ]
        chance[narrow] = stdtr(studies.k - 1, inner) @ of_z
        wide = ~narrow
        outer = (left[wide, np.newaxis] - errors[wide, np.newaxis] * t) / spread[wide][
            :, np.newaxis
        ]
        chance[wide] = ndtr(outer) @ of_t
        return float(mass @ chance)

    middle = float(mass @ means) / float(mass.sum())
    return (
        _quantile(below, tail, middle, -float(errors[0])),
        _quantile(below, 1 - tail, middle, float(errors[0])),
    )


def _quantile(below: Callable[[float], float], chance: float, start: float, step: float) -> float:
    from scipy.optimize import brentq

    while (below(start + step) < chance) == (step > 0):
        step *= 2.0

    def gap(effect: float) -> float:
        return below(effect) - chance

    return float(brentq(gap, start, start + step, xtol=1e-300, rtol=1e-11))


def _normal_nodes() -> tuple[Floats, Floats]:
    """Return nodes and weights for the mean of a function of a standard normal variable."""
    z = np.arange(-8.6, 8.61, 0.2)
    density = np.exp(-(z**2) / 2)
    return z, density / density.sum()


def _t_nodes(df: int) -> tuple[Floats, Floats]:
    """Return nodes and weights for the mean of a function of a t variable.

    With t = √df sinh x the density is proportional to cosh(x)^-df, for which the trapezoidal
    rule converges geometrically.
    """
    reach = min(36.0 / df + 0.7, 6.0 / math.sqrt(df) + 12.0 / df)
    x = np.linspace(-reach, reach, 2 * math.ceil(reach / (0.04 / math.sqrt(1 + df / 8))) + 1)
    density = np.cosh(x) ** -float(df)
    return math.sqrt(df) * np.sinh(x), density / density.sum()


def _panels(top: float) -> tuple[Floats, Floats]:
    """Return logits from far down up to `top`, with the probability that each stands for.

    They crowd towards the top, where tau² is 0: with effects that nearly agree, a tau² far
    below the sampling variances already widens the distribution.
    """
    if top <= _LOWEST:
        return np.empty(0), np.empty(0)
    nodes, weights = np.polynomial.legendre.leggauss(8)
    near = 2.0 ** np.arange(-24, 1)
    wide = np.arange(near[-1], top - _LOWEST, 2.0)[1:]
    below_top = np.r_[0.0, near, wide, top - _LOWEST]
    below_top = below_top[below_top <= top - _LOWEST]
    widths = np.diff(below_top)[:, np.newaxis]
    logits = top - (below_top[:-1, np.newaxis] + widths * (1 + nodes) / 2)
    chance = expit(logits)
    return logits.ravel(), (widths * weights / 2 * chance * expit(-logits)).ravel()
