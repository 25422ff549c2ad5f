"""The share of settings whose true effect lies beyond a threshold.

References
----------
Mathur MB, VanderWeele TJ (2019). New metrics for meta-analyses of heterogeneous effects.
Statistics in Medicine 38:1336-1342 (the normal share and its standard error).
Mathur MB, VanderWeele TJ (2020). Robust metrics and sensitivity analyses for meta-analyses of
heterogeneous effects. Epidemiology 31:356-358 (the calibrated share and its bootstrap).
Wang CC, Lee WC (2019). A simple method to estimate prediction intervals and predictive
distributions. Research Synthesis Methods 10:255-266 (calibrated effects).
Efron B (1987). Better bootstrap confidence intervals. Journal of the American Statistical
Association 82:171-185 (BCa).
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import ndtr

from evidence.display import Display, format_interval, format_number, plural
from evidence.effects.arguments import Floats, check_level, is_number
from evidence.effects.conversions.spread import quantile
from evidence.effects.measures.choices import check_choice
from evidence.errors import Caution, InvalidArgumentError
from evidence.synthesis.intervals.studies import Studies, check_draws, read_studies
from evidence.synthesis.tau2 import TAU2_METHODS, estimate_tau2

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

__all__ = ["Bootstrap", "ShareBeyond", "calibrated_effects", "share_beyond"]

_METHODS = ("calibrated", "normal")
_DIRECTIONS = ("above", "below")
#: Below this many studies Mathur and VanderWeele advise against both estimates.
_FEWEST = 10
_FEWEST_DRAWS = 100
#: Outside this range they advise against the normal interval.
_SYMMETRIC = (0.15, 0.85)
_INSTEAD = "Report the effects one by one."


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """How studies are resampled.

    Parameters
    ----------
    draws
        How many samples, at least 100.
    seed
        Of the random numbers: one seed, one result.
    """

    draws: int = 2000
    seed: int = 20200501

    def __post_init__(self) -> None:
        check_draws(self.draws, _FEWEST_DRAWS)


@dataclass(frozen=True, slots=True)
class ShareBeyond(Display):
    """The share of settings with a true effect above (or below) a threshold.

    Attributes
    ----------
    method
        ``"calibrated"`` (counted, after shrinking each effect) or ``"normal"``.
    threshold, direction
        What counts as beyond.
    level
        Confidence level.
    k
        How many studies.
    estimate
        Between 0 and 1.
    standard_error
        By the delta method; NaN for the calibrated share.
    ci_low, ci_high
        NaN where the method can give none.
    tau2
        The variance between studies that it rests on.
    cautions
        What a reader should know.
    """

    method: str
    threshold: float
    direction: str
    level: float
    k: int
    estimate: float
    standard_error: float
    ci_low: float
    ci_high: float
    tau2: float
    cautions: tuple[Caution, ...] = ()

    def summary(self) -> str:
        """Return the share in words and rounded numbers."""
        how = "counted" if self.method == "calibrated" else "from a normal distribution"
        line = (
            f"In an estimated {format_number(100 * self.estimate, 0)}% of settings the effect is "
            f"{self.direction} {format_number(self.threshold)}"
        )
        if math.isfinite(self.ci_low):
            interval = format_interval(100 * self.ci_low, 100 * self.ci_high, 0)
            line += f" ({100 * self.level:g}% CI {interval}%)"
        line += f", {how} over {plural(self.k, 'study', 'studies')}"
        return "\n".join([line, *(f"Note: {caution.message}" for caution in self.cautions)])

    def to_frame(self) -> pd.DataFrame:
        """Return one row, unrounded."""
        import pandas as pd

        row = {name: value for name, value in self.to_dict().items() if name != "cautions"}
        return pd.DataFrame([row])

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values; None for what is not known."""
        numbers = {
            "estimate": self.estimate,
            "standard_error": self.standard_error,
            "ci_low": self.ci_low,
            "ci_high": self.ci_high,
            "tau2": self.tau2,
        }
        return {
            "method": self.method,
            "threshold": self.threshold,
            "direction": self.direction,
            "level": self.level,
            "k": self.k,
            **{name: value if math.isfinite(value) else None for name, value in numbers.items()},
            "cautions": [caution.message for caution in self.cautions],
        }


def calibrated_effects(
    effects: ArrayLike, variances: ArrayLike, *, tau2_method: str = "REML"
) -> Floats:
    """Return each study's effect moved towards the mean until they are spread as true effects.

    The mean plus √(tau² / (tau² + v)) times the distance from it: their variance is about
    tau², where that of best predictions would be less (Wang and Lee 2019).

    Parameters
    ----------
    effects, variances
        Shape (k,), k >= 2.
    tau2_method
        An estimator of tau²; see `evidence.synthesis.tau2`.

    Returns
    -------
    array, shape (k,)
        In the order of `effects`.

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    InsufficientEvidenceError
        For a single study.

    References
    ----------
    Wang and Lee (2019), Mathur and VanderWeele (2020): see the module.
    """
    _check_tau2_method(tau2_method)
    studies = read_studies(effects, variances, least=2, what="Calibration", instead=_INSTEAD)
    y, v = np.asarray(effects, dtype=float), np.asarray(variances, dtype=float)
    y = np.broadcast_to(np.atleast_1d(y), (studies.k,))
    tau2, mean = _fit(studies, tau2_method)
    shrink = np.sqrt(tau2 / (tau2 + v / studies.scale))
    mean = studies.place(mean)
    return np.asarray(mean + shrink * (y - mean))


def share_beyond(
    effects: ArrayLike,
    variances: ArrayLike,
    threshold: float,
    *,
    direction: str = "above",
    method: str = "calibrated",
    tau2_method: str = "REML",
    level: float = 0.95,
    bootstrap: Bootstrap | None = None,
) -> ShareBeyond:
    """Estimate the share of settings whose true effect lies beyond a threshold.

    Parameters
    ----------
    effects, variances
        Shape (k,), k >= 3; ratios as logarithms.
    threshold
        In the unit of the effects, for example the smallest worthwhile effect.
    direction
        ``"above"`` or ``"below"`` the threshold.
    method
        ``"calibrated"``: the share of calibrated effects, with a BCa bootstrap over studies
        (Mathur and VanderWeele 2020); no distribution is assumed. ``"normal"``: the tail of
        a normal distribution with the estimated mean and tau², with an interval by the delta
        method (Mathur and VanderWeele 2019).
    tau2_method
        An estimator of tau²; ``"REML"`` or ``"ML"`` for ``"normal"``, which needs its
        standard error.
    level
        Confidence level.
    bootstrap
        Draws and seed of the calibrated share's interval.

    Returns
    -------
    ShareBeyond
        Without an interval where tau² is estimated as 0 (``"normal"``) or every resample has
        one and the same share (``"calibrated"``).

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    InsufficientEvidenceError
        Below three studies.

    References
    ----------
    Mathur and VanderWeele (2019, 2020), Efron (1987): see the module.
    """
    check_level(level)
    check_choice("direction", direction, _DIRECTIONS)
    check_choice("method", method, _METHODS)
    _check_tau2_method(tau2_method)
    if not is_number(threshold) or not math.isfinite(threshold):
        raise InvalidArgumentError(
            f"threshold is {threshold!r}; give one finite number in the unit of the effects."
        )
    if method == "normal" and tau2_method not in {"REML", "ML"}:
        raise InvalidArgumentError(
            f"tau2_method is {tau2_method!r}; the normal share needs a standard error of tau², "
            "which is at hand for 'REML' and 'ML'. Take one of them, or method='calibrated'."
        )
    studies = read_studies(
        effects, variances, least=3, what="The share of settings", instead=_INSTEAD
    )
    cut = (float(threshold) - studies.origin) / studies.unit
    sign = 1.0 if direction == "above" else -1.0
    cautions = _cautions_of(studies.k)
    if method == "normal":
        tau2, estimate, error = _normal_share(studies, cut, sign, tau2_method)
        half = quantile(level) * error
        low, high = max(0.0, estimate - half), min(1.0, estimate + half)
        if math.isnan(error):
            low = high = math.nan
            cautions.append(_no_spread())
        elif not _SYMMETRIC[0] <= estimate <= _SYMMETRIC[1]:
            cautions.append(_lopsided())
    else:
        found = _Resampling(studies, cut, sign, tau2_method)
        tau2, estimate, error = found.tau2, found.share, math.nan
        low, high = found.interval(level, bootstrap or Bootstrap())
        if math.isnan(low):
            cautions.append(_one_share())
    return ShareBeyond(
        method=method,
        threshold=float(threshold),
        direction=direction,
        level=level,
        k=studies.k,
        estimate=estimate,
        standard_error=error,
        ci_low=low,
        ci_high=high,
        tau2=tau2 * studies.scale,
        cautions=tuple(cautions),
    )


def _check_tau2_method(name: str) -> None:
    check_choice("tau2_method", name, tuple(TAU2_METHODS))


def _fit(studies: Studies, tau2_method: str) -> tuple[float, float]:
    tau2 = estimate_tau2(studies.effects, studies.variances, tau2_method)
    weights = 1 / (studies.variances + tau2)
    return tau2, float(weights @ studies.effects) / float(weights.sum())


# ---------------------------------------------------------------- normal


def _normal_share(
    studies: Studies, cut: float, sign: float, tau2_method: str
) -> tuple[float, float, float]:
    """Return tau², the share beyond and its standard error, which is NaN where tau² is 0."""
    tau2, mean = _fit(studies, tau2_method)
    if tau2 == 0:
        return tau2, float(sign * (mean - cut) > 0), math.nan
    weights = 1 / (studies.variances + tau2)
    distance = cut - mean
    z = distance / math.sqrt(tau2)
    of_mean = 1 / float(weights.sum()) / tau2
    of_tau2 = _variance_of_tau2(weights, tau2_method) * distance**2 / (4 * tau2**3)
    density = math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    return tau2, float(ndtr(-sign * z)), density * math.sqrt(of_mean + of_tau2)


def _variance_of_tau2(weights: Floats, tau2_method: str) -> float:
    """Return the inverse of the expected information of tau²."""
    squares = float(weights @ weights)
    if tau2_method == "ML":
        return 2 / squares
    total = float(weights.sum())
    cubes = float(weights**2 @ weights)
    return 2 / (squares - 2 * cubes / total + (squares / total) ** 2)


# ---------------------------------------------------------------- calibrated


class _Resampling:
    """The calibrated share of the studies and of resamples of them."""

    def __init__(self, studies: Studies, cut: float, sign: float, tau2_method: str) -> None:
        self._studies, self._cut, self._sign = studies, cut, sign
        self._method = tau2_method
        every = np.arange(studies.k)
        self.tau2, _ = _fit(studies, tau2_method)
        self.share = float(self._shares(every[np.newaxis])[0])

    def _shares(self, chosen: NDArray[np.int64]) -> Floats:
        """Return the share of each sample of places, shape (samples, size)."""
        y, v = self._studies.effects[chosen], self._studies.variances[chosen]
        fits = np.array([estimate_tau2(*pair, self._method) for pair in zip(y, v, strict=True)])
        tau2 = fits[:, np.newaxis]
        weights = 1 / (v + tau2)
        mean = ((weights * y).sum(axis=1) / weights.sum(axis=1))[:, np.newaxis]
        calibrated = mean + np.sqrt(tau2 / (tau2 + v)) * (y - mean)
        return np.asarray((self._sign * (calibrated - self._cut) > 0).mean(axis=1))

    def interval(self, level: float, bootstrap: Bootstrap) -> tuple[float, float]:
        """Return the BCa interval; NaN where every resample has one share."""
        from scipy.stats import bootstrap as resample

        k = self._studies.k

        def statistic(chosen: NDArray[np.int64], axis: int = -1) -> Any:
            places = np.moveaxis(np.atleast_2d(chosen), axis, -1)
            return self._shares(places.reshape(-1, places.shape[-1])).reshape(places.shape[:-1])

        with warnings.catch_warnings():
            # A degenerate resampling is reported as such, in the cautions.
            warnings.simplefilter("ignore")
            found = resample(
                (np.arange(k),),
                statistic,
                n_resamples=bootstrap.draws,
                confidence_level=level,
                method="BCa",
                vectorized=True,
                rng=np.random.default_rng(bootstrap.seed),
            )
        ends = found.confidence_interval
        low, high = float(np.squeeze(ends.low)), float(np.squeeze(ends.high))
        return (low, high) if math.isfinite(low + high) else (math.nan, math.nan)


# ---------------------------------------------------------------- cautions


def _cautions_of(k: int) -> list[Caution]:
    if k >= _FEWEST:
        return []
    return [
        Caution(
            "share-few-studies",
            f"With {plural(k, 'study', 'studies')} the share of settings is hardly known; it is "
            f"meant for {_FEWEST} studies or more.",
            "Mathur and VanderWeele 2019",
        )
    ]


def _no_spread() -> Caution:
    return Caution(
        "share-without-spread",
        "The estimate of tau² is 0, so every setting is taken to have the mean effect; the share "
        "can only be 0% or 100%, and it has no interval.",
        "Mathur and VanderWeele 2019",
    )


def _lopsided() -> Caution:
    return Caution(
        "share-near-the-edge",
        "With a share below 15% or above 85% the interval by the delta method is not to be "
        "relied on; the calibrated share with its bootstrap is.",
        "Mathur and VanderWeele 2019",
    )


def _one_share() -> Caution:
    return Caution(
        "share-without-interval",
        "Every resample of the studies has the same share, or leaving out any one of them does "
        "not change it, so the bootstrap gives no interval; the share is not certain for that.",
        "Mathur and VanderWeele 2020",
    )
