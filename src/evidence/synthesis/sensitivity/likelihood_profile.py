"""The profile likelihood of tau² and of the mean: which values fit, and how much worse than best.

References
----------
Hardy RJ, Thompson SG (1996). A likelihood approach to meta-analysis with random effects.
Statistics in Medicine 15:619-629.
Higgins JPT, Thompson SG, Deeks JJ, Altman DG (2003). Measuring inconsistency in meta-analyses.
BMJ 327:557-560 (an I² of 25% is low, one of 75% high).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from evidence.display import Display, format_number, join_words, plural
from evidence.effects.arguments import Floats
from evidence.effects.conversions.spread import quantile
from evidence.effects.measures.choices import check_choice
from evidence.errors import Caution, InsufficientEvidenceError, InvalidArgumentError
from evidence.synthesis.intervals.mean_intervals import profile_likelihood_mean
from evidence.synthesis.intervals.profile import Profile
from evidence.synthesis.intervals.studies import Studies, read_studies
from evidence.synthesis.intervals.tau2_intervals import tau2_profile_likelihood
from evidence.synthesis.result import PooledResult, PoolingMethod
from evidence.synthesis.sensitivity.likelihood_maxima import (
    best_tau2,
    maxima_of_mean,
    maxima_of_tau2,
)
from evidence.synthesis.sensitivity.parts import check_count

__all__ = ["PROFILE_PARAMETERS", "LikelihoodProfile", "likelihood_profile"]

PROFILE_PARAMETERS = ("tau2", "mean")
#: I², in percent, below which heterogeneity is called low and above which high (Higgins 2003):
#: a likelihood whose interval holds both ends says nothing of heterogeneity.
_LOW_I2, _HIGH_I2 = 25.0, 75.0
#: The curve is shown to where it is so many times as deep as where the interval ends.
_DEPTH = 1.7
#: And that of the mean so many times as far as its interval reaches.
_REACH = 1.8
_FEWEST = 11
#: From so many studies on, the plain likelihood is as good as the restricted one.
_MANY = 30


@dataclass(frozen=True)
class LikelihoodProfile(Display):
    """A profile log-likelihood: for each value of one parameter, the other at its best.

    Attributes
    ----------
    method
        Model, estimator of tau², interval and level of the pooled result.
    k
        How many studies.
    parameter
        ``"tau2"`` or ``"mean"``.
    likelihood
        ``"REML"`` (restricted) or ``"ML"``.
    values
        Where the curve was worked out, ascending, shape (m,): tau² in squared units of the
        effects, or the mean in their units.
    log_likelihood
        The curve less its highest value, so never above 0, shape (m,).
    other
        The other parameter at its best for each of the values, shape (m,).
    estimate
        Where the likelihood is highest.
    ci_low, ci_high
        The likelihood-ratio interval: where the curve has fallen by `drop`.
    drop
        Half the chi-square quantile on one degree of freedom; 1.92 at 95%.
    used
        What the pooled result takes for the parameter.
    zero
        How far the curve lies below its highest value at 0, so at most 0.
    maxima
        Every place where the likelihood is higher than all around it, with its height (at most
        0), the highest first.
    typical_variance
        The sampling variance that I² compares tau² with.
    cautions
        What a reader should know.
    """

    method: PoolingMethod
    k: int
    parameter: str
    likelihood: str
    values: Floats
    log_likelihood: Floats
    other: Floats
    estimate: float
    ci_low: float
    ci_high: float
    drop: float
    used: float
    zero: float
    maxima: tuple[tuple[float, float], ...]
    typical_variance: float
    cautions: tuple[Caution, ...] = ()

    @property
    def unimodal(self) -> bool:
        """Whether there is one maximum."""
        return len(self.maxima) == 1

    @property
    def i2_range(self) -> tuple[float, float]:
        """I² in percent at both ends of the interval of tau²; NaN for the mean."""
        if self.parameter != "tau2":
            return math.nan, math.nan
        low, high = (
            100 * end / (end + self.typical_variance) for end in (self.ci_low, self.ci_high)
        )
        return low, high

    @property
    def flat(self) -> bool:
        """Whether the interval of tau² holds low and high heterogeneity alike."""
        low, high = self.i2_range
        return low < _LOW_I2 and high > _HIGH_I2

    def summary(self) -> str:
        """Return where the likelihood is highest, how far it is flat, and how many maxima."""
        name = "tau²" if self.parameter == "tau2" else "the mean"
        kind = "restricted likelihood" if self.likelihood == "REML" else "likelihood"
        best, low, high = self._texts(self.estimate, self.ci_low, self.ci_high)
        level = f"{100 * self.method.level:g}%"
        lines = [
            f"Profile {kind} of {name}, {plural(self.k, 'study', 'studies')}",
            self._peaks(name, best),
            (
                f"All from {low} to {high} fit within {format_number(self.drop)} units of "
                f"log-likelihood of the best ({level} likelihood-ratio interval)."
            ),
        ]
        lines.append(self._flatness() if self.parameter == "tau2" else self._lopsided())
        return "\n".join([*lines, *(f"Note: {c.message}" for c in self.cautions)])

    def _texts(self, *values: float) -> list[str]:
        # As many decimals as it takes to tell the ends of the interval apart.
        wide = self.ci_high - self.ci_low
        decimals = min(12, max(2, 1 - math.floor(math.log10(wide)))) if wide > 0 else 3
        return [format_number(value, decimals) if value else "0" for value in values]

    def _peaks(self, name: str, best: str) -> str:
        if self.unimodal:
            return f"There is one maximum, at {name} = {best}."
        others = join_words(
            f"{self._texts(place)[0]} ({format_number(height)})"
            for place, height in self.maxima[1:]
        )
        return (
            f"There are {plural(len(self.maxima), 'maximum', 'maxima')}: the highest at {name} = "
            f"{best}, and lower at {others}."
        )

    def _flatness(self) -> str:
        low, high = (format_number(each, 0) for each in self.i2_range)
        text = f"Over that interval I² goes from {low}% to {high}%"
        if self.estimate == 0:
            return f"{text}; no tau² fits better than 0."
        if self.zero >= -self.drop:
            return f"{text}; no variation at all fits only {format_number(-self.zero)} units worse."
        return f"{text}; no variation at all fits {format_number(-self.zero)} units worse."

    def _lopsided(self) -> str:
        below, above = self._texts(self.estimate - self.ci_low, self.ci_high - self.estimate)
        if self.zero >= -self.drop:
            zero = f"a mean of 0 fits {format_number(-self.zero)} units worse, so is inside"
        else:
            zero = f"a mean of 0 fits {format_number(-self.zero)} units worse, so is outside"
        return f"It reaches {below} below the best and {above} above it; {zero}."

    def to_frame(self) -> pd.DataFrame:
        """Return one row per value, unrounded."""
        other = "mean" if self.parameter == "tau2" else "tau2"
        return pd.DataFrame(
            {
                self.parameter: self.values,
                "log_likelihood": self.log_likelihood,
                other: self.other,
            }
        )

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        names = ("estimate", "ci_low", "ci_high", "drop", "used", "zero", "unimodal", "flat")
        return {
            "k": self.k,
            "parameter": self.parameter,
            "likelihood": self.likelihood,
            "level": self.method.level,
            **{name: getattr(self, name) for name in names},
            "maxima": [list(each) for each in self.maxima],
            "curve": self.to_frame().to_dict("records"),
            "cautions": [caution.message for caution in self.cautions],
        }


def likelihood_profile(
    result: PooledResult, *, parameter: str = "tau2", points: int = 201
) -> LikelihoodProfile:
    """Work out the profile likelihood of tau² or of the mean.

    Parameters
    ----------
    result
        What `pool` returned, of at least two studies.
    parameter
        ``"tau2"``: the restricted likelihood, or the plain one where the result's tau² is by
        maximum likelihood, with the mean at its best for each tau². ``"mean"``: the plain
        likelihood with tau² at its best for each mean (the restricted one has no mean in it);
        where tau² was given, or the effect is common, tau² stays at that.
    points
        About how many values; the maximum, the ends of the interval, and where it is in reach
        0 and what the result uses, are always among them.

    Returns
    -------
    LikelihoodProfile

    Raises
    ------
    InvalidArgumentError
        For something that is no pooled result, an unknown parameter, or too few points; and for
        tau² of a common effect, which has none.
    InsufficientEvidenceError
        For one study.

    References
    ----------
    Hardy and Thompson (1996): see the module.
    """
    if not isinstance(result, PooledResult):
        raise InvalidArgumentError(
            f"result is {type(result).__name__}; likelihood_profile takes what pool(...) returned."
        )
    check_choice("parameter", parameter, PROFILE_PARAMETERS)
    points = check_count("points", points, _FEWEST, "201")
    if not result.pooled:
        raise InsufficientEvidenceError(
            f"There is one study ({result.labels[0]}): its likelihood says nothing of tau², and "
            "that of its effect is its own interval. likelihood_profile needs two at least."
        )
    studies = read_studies(
        result.effects, result.variances, least=2, what="A likelihood profile", instead=""
    )
    if parameter == "mean":
        return _of_mean(result, studies, points)
    if result.method.model == "common":
        raise InvalidArgumentError(
            "The result is of a common effect, whose tau² is 0 by assumption. Pool with "
            "model='random' to see which tau² fit, or ask for parameter='mean'."
        )
    return _of_tau2(result, studies, points)


# ---------------------------------------------------------------- tau²


def _of_tau2(result: PooledResult, studies: Studies, points: int) -> LikelihoodProfile:
    method = result.method
    likelihood = "ML" if method.tau2_method == "ML" else "REML"
    profile = Profile(studies, restricted=likelihood == "REML")
    interval = tau2_profile_likelihood(
        result.effects, result.variances, method=likelihood, level=method.level
    )
    drop = quantile(method.level) ** 2 / 2
    shown = profile.within(_DEPTH * drop)
    special = [
        profile.tau2,
        result.tau2 / studies.scale,
        *(end / studies.scale for piece in interval.pieces for end in piece),
    ]
    places = _tau2_grid(shown[0][0], shown[-1][1], special, points)
    heights, means, _ = profile.curves(places)
    zero = float(profile.curves(np.zeros(1))[0][0]) - profile.top
    maxima = maxima_of_tau2(profile)
    found = LikelihoodProfile(
        method=method,
        k=result.k,
        parameter="tau2",
        likelihood=likelihood,
        values=places * studies.scale,
        log_likelihood=np.minimum(heights - profile.top, 0.0),
        other=studies.origin + studies.unit * means,
        estimate=profile.tau2 * studies.scale,
        ci_low=interval.ci_low,
        ci_high=interval.ci_high,
        drop=drop,
        used=result.tau2,
        zero=min(zero, 0.0),
        maxima=tuple((place * studies.scale, height) for place, height in maxima),
        typical_variance=result.typical_variance,
        cautions=interval.cautions,
    )
    return _with_cautions(found, tuple(_of_other_estimator(result, likelihood)))


def _tau2_grid(low: float, high: float, special: list[float], points: int) -> Floats:
    """Return places even in tau for the picture, and even in the logarithm for what is near 0."""
    kept = [place for place in special if low <= place <= high]
    count = max(points - len(kept), _FEWEST)
    even = np.linspace(math.sqrt(low), math.sqrt(high), count - count // 3) ** 2
    logs = np.expm1(np.linspace(math.log1p(low), math.log1p(high), count // 3))
    found: Floats = np.unique(np.clip(np.r_[even, logs, kept], low, high))
    return found


# ---------------------------------------------------------------- the mean


def _of_mean(result: PooledResult, studies: Studies, points: int) -> LikelihoodProfile:
    method = result.method
    drop = quantile(method.level) ** 2 / 2
    given: float | None = None
    if method.model == "common":
        given = 0.0
    elif not isinstance(method.tau2_method, str):
        given = method.tau2_method / studies.scale
    cautions: tuple[Caution, ...] = ()
    profile = Profile(studies, restricted=False)
    if given is None:
        interval = profile_likelihood_mean(result.effects, result.variances, level=method.level)
        estimate, low, high = (
            (each - studies.origin) / studies.unit
            for each in (interval.estimate, interval.ci_low, interval.ci_high)
        )
        cautions = interval.cautions
    else:
        weights = 1 / (studies.variances + given)
        estimate = float(weights @ studies.effects / weights.sum())
        reach = math.sqrt(2 * drop / float(weights.sum()))
        low, high = estimate - reach, estimate + reach
    used, none = ((each - studies.origin) / studies.unit for each in (result.estimate, 0.0))
    ends = estimate - _REACH * (estimate - low), estimate + _REACH * (high - estimate)
    special = [each for each in (low, estimate, high, used, none) if ends[0] <= each <= ends[1]]
    places = np.unique(np.r_[np.linspace(*ends, max(points - len(special), _FEWEST)), special])
    heights, tau2 = best_tau2(profile, np.r_[places, none, estimate], given)
    top = heights[-1]
    relative = np.minimum(heights - top, 0.0)
    found = LikelihoodProfile(
        method=method,
        k=result.k,
        parameter="mean",
        likelihood="ML",
        values=studies.origin + studies.unit * places,
        log_likelihood=relative[:-2],
        other=tau2[:-2] * studies.scale,
        estimate=studies.place(estimate),
        ci_low=studies.place(low),
        ci_high=studies.place(high),
        drop=drop,
        used=result.estimate,
        zero=float(relative[-2]),
        maxima=maxima_of_mean(profile, studies, given, (estimate, float(top))),
        typical_variance=result.typical_variance,
        cautions=cautions,
    )
    return _with_cautions(found, tuple(_of_restricted(result, given)))


# ---------------------------------------------------------------- cautions


def _of_other_estimator(result: PooledResult, likelihood: str) -> list[Caution]:
    method = result.method.tau2_method
    if method == likelihood:
        return []
    how = f"by {method}" if isinstance(method, str) else f"given as {method:g}"
    return [
        Caution(
            "other-estimator",
            f"The result's tau² is {how}, and need not lie where the likelihood is highest.",
        )
    ]


def _of_restricted(result: PooledResult, given: float | None) -> list[Caution]:
    if given is not None or result.k >= _MANY or result.method.tau2_method == "ML":
        return []
    return [
        Caution(
            "plain-likelihood",
            "The profile of the mean is that of the plain likelihood, which with few studies finds "
            "too small a tau²: its interval is too narrow then.",
            "Hardy and Thompson 1996",
        )
    ]


def _with_cautions(found: LikelihoodProfile, more: tuple[Caution, ...]) -> LikelihoodProfile:
    cautions = [*found.cautions, *more]
    if not found.unimodal and all(c.code != "likelihood-in-pieces" for c in cautions):
        cautions.append(
            Caution(
                "several-maxima",
                f"The likelihood has {plural(len(found.maxima), 'maximum', 'maxima')}; a search "
                "from one starting value may end in a lower one. Look which studies pull apart.",
                "Hardy and Thompson 1996",
            )
        )
    if found.flat:
        cautions.append(
            Caution(
                "flat-likelihood",
                "The likelihood is flat: little and much variation between the studies fit nearly "
                "alike, so whatever hangs on tau² hangs on a value that the studies do not tell.",
                "Hardy and Thompson 1996",
            )
        )
    return replace(found, cautions=tuple(cautions))
