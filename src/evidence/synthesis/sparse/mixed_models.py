"""The models of counts in several studies, built and fitted: conditional and unconditional.

References
----------
Turner RM, Omar RZ, Yang M, Goldstein H, Thompson SG (2000). A multilevel model framework for
meta-analysis of clinical trials with binary outcomes. Statistics in Medicine 19:3417-3432.
Stijnen T, Hamza TH, Özdemir P (2010). Random effects meta-analysis of event outcome in the
framework of the generalized linear mixed model with applications in sparse data.
Statistics in Medicine 29:3046-3067.
Simmonds MC, Higgins JPT (2016). A general framework for the use of logistic regression models
in meta-analysis. Statistical Methods in Medical Research 25:2858-2877.
Jackson D, Law M, Stijnen T, Viechtbauer W, White IR (2018). A comparison of seven
random-effects models for meta-analyses that estimate the summary odds ratio. Statistics in
Medicine 37:1059-1085.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import chdtrc, gammaln, xlogy

from evidence.effects.arguments import Floats
from evidence.effects.conversions.spread import quantile
from evidence.effects.exact.conditional_odds import ConditionalDistribution
from evidence.synthesis.sparse.mixed_fit import (
    CountModel,
    Peak,
    climb,
    covariance,
    maximise,
    profile_end,
    profile_fall,
    settle,
)
from evidence.synthesis.sparse.mixed_kernel import BINOMIAL, HYPERGEOMETRIC, POISSON

__all__ = [
    "Arms",
    "MixedFit",
    "binomial_arms",
    "fit_fixed_studies",
    "fit_one_record",
    "fit_random_studies",
    "hypergeometric_record",
    "poisson_arms",
]

#: Shares of the random effect that the treated and the control group get.
_CODING = {"halves": (0.5, -0.5), "treatment": (1.0, 0.0), "control": (0.0, 1.0)}


@dataclass(frozen=True, slots=True, eq=False)
class Arms:
    """Counts of the records of k studies.

    Attributes
    ----------
    family
        Of the kernel.
    events, totals, offsets
        Shape (k, records); a record is an arm, or events given a total over both.
    constants
        Terms of the log-likelihood that hold no parameter, shape (k,).
    saturated
        Log-likelihood of each study when every record has a parameter of its own, without
        `constants`; shape (k,).
    own
        Effect that this gives, and its variance; infinite or NaN where it has none, shape (k,).
    supports
        Log weights, ratios and starts of hypergeometric distributions (see the kernel).
    """

    family: int
    events: Floats
    totals: Floats
    offsets: Floats
    constants: Floats
    saturated: Floats
    own: tuple[Floats, Floats]
    supports: tuple[Floats, Floats, Floats] | None = None

    def model(self, design: list[list[float]], dim: list[int], *, own: bool) -> CountModel:
        """Return the model with these factors of its parameters."""
        more: dict[str, object] = {}
        if self.supports is not None:
            more = dict(zip(("logs", "steps", "starts"), self.supports, strict=True))
        return CountModel(
            self.family,
            self.events,
            self.totals,
            self.offsets,
            np.array(design, dtype=np.float64),
            np.array(dim, dtype=np.int64),
            own,
            self.constants,
            **more,  # type: ignore[arg-type]
        )


def binomial_arms(events: Floats, totals: Floats, offsets: Floats) -> Arms:
    """Return binomial records, each of shape (k, records)."""
    rest = totals - events
    with np.errstate(divide="ignore", invalid="ignore"):
        logits = np.log(events) - np.log(rest) - offsets
        variances = 1 / events + 1 / rest
    return Arms(
        BINOMIAL,
        events,
        totals,
        offsets,
        np.sum(gammaln(totals + 1) - gammaln(events + 1) - gammaln(rest + 1), axis=1),
        np.sum(xlogy(events, events) + xlogy(rest, rest) - xlogy(totals, totals), axis=1),
        _contrast(logits, variances),
    )


def poisson_arms(events: Floats, times: Floats) -> Arms:
    """Return Poisson records, each of shape (k, records)."""
    with np.errstate(divide="ignore"):
        logs, variances = np.log(events) - np.log(times), 1 / events
    return Arms(
        POISSON,
        events,
        times,
        np.log(times),
        -np.sum(gammaln(events + 1), axis=1),
        np.sum(xlogy(events, events) - events, axis=1),
        _contrast(logs, variances),
    )


def _contrast(values: Floats, variances: Floats) -> tuple[Floats, Floats]:
    effects = values[:, 0]
    if values.shape[1] == 2:
        with np.errstate(invalid="ignore"):
            effects = effects - values[:, 1]
    total = variances.sum(axis=1)
    usable = np.isfinite(total)
    return np.where(usable, effects, np.nan), np.where(usable, total, np.nan)


def _supports(parts: list[ConditionalDistribution]) -> tuple[Floats, Floats, Floats]:
    """Return log weights one after the other, the ratios of neighbours, and the starts."""
    logs = np.concatenate([part.log_weights for part in parts])
    ratios = [np.append(np.exp(np.diff(part.log_weights)), 0.0) for part in parts]
    return logs, np.concatenate(ratios), np.cumsum([0, *(r.size for r in ratios)])


def hypergeometric_record(a: Floats, n1: Floats, n2: Floats, m: Floats) -> Arms:
    """Return treated events given every margin, for studies with something to learn from.

    Parameters
    ----------
    a, n1, n2, m
        Treated events, people treated and in the control group, and events in both groups;
        whole numbers, shape (k,).
    """
    parts = [
        ConditionalDistribution.of_table(int(x), int(y), int(z))
        for x, y, z in zip(n1, n2, m, strict=True)
    ]
    supports = _supports(parts)
    place = a - np.array([part.lowest for part in parts], dtype=np.float64)
    column = place[:, None]
    arms = Arms(
        HYPERGEOMETRIC,
        column,
        column,
        np.zeros_like(column),
        np.zeros(a.size),
        np.zeros(a.size),
        (np.full(a.size, np.nan), np.full(a.size, np.nan)),
        supports,
    )
    inside = (place > 0) & (place < np.diff(supports[2]) - 1)
    if not inside.any():
        return arms
    # each study's own conditional estimate: the model with nothing but study effects
    chosen = [part for part, keep in zip(parts, inside, strict=True) if keep]
    alone = replace(
        arms,
        events=column[inside],
        totals=column[inside],
        offsets=np.zeros_like(column[inside]),
        constants=np.zeros(len(chosen)),
        supports=_supports(chosen),
    ).model([[1.0]], [0], own=True)
    b, c, d = n1 - a, m - a, n2 - m + a
    first = np.log((a + 0.5) * (d + 0.5) / ((b + 0.5) * (c + 0.5)))[inside]
    nothing = np.zeros(0)
    peak = climb(alone, nothing, first, np.zeros(0, dtype=bool))
    values, _, bends = alone.evaluate(nothing, peak.own)
    own, variances, saturated = arms.own[0].copy(), arms.own[1].copy(), arms.saturated.copy()
    own[inside], variances[inside] = peak.own, -1 / bends[:, 0, 0]
    saturated[inside] = values
    return replace(arms, own=(own, variances), saturated=saturated)


@dataclass(frozen=True, slots=True, eq=False)
class MixedFit:
    """A fitted model.

    Attributes
    ----------
    model, peak, place
        The model, its maximum, and where the effect stands among the shared parameters.
    tau2, tau2_standard_error, sigma2, correlation
        As in `MixedResult`.
    common, saturated
        Log-likelihoods with one effect for all studies, and with one for each.
    own
        Effects and variances of the studies alone; NaN where there is none, shape (k,).
    """

    model: CountModel
    peak: Peak
    place: int
    tau2: float
    tau2_standard_error: float
    sigma2: float
    correlation: float
    common: float
    saturated: float
    own: tuple[Floats, Floats]

    @property
    def estimate(self) -> float:
        """The pooled effect."""
        return float(self.peak.shared[self.place])

    @property
    def variance(self) -> float:
        """From the observed information."""
        return float(covariance(self.model, self.peak)[self.place, self.place])

    @property
    def weights(self) -> Floats:
        """What each study adds to the information about the effect, shape (k,)."""
        fixed = np.flatnonzero(self.model.fixed)
        parts = self.peak.information[np.ix_(np.arange(self.model.k), fixed, fixed)]
        place = int(np.searchsorted(fixed, self.place))
        column = np.linalg.inv(parts.sum(axis=0))[:, place]
        column /= column[place]
        return np.asarray(np.maximum(np.einsum("r,krt,t->k", column, parts, column), 0.0))

    def profile(self, level: float) -> tuple[float, float, float]:
        """Return the profile likelihood interval and the likelihood ratio p value."""
        drop = quantile(level) ** 2 / 2
        low, high = (profile_end(self.model, self.peak, self.place, drop, side) for side in (-1, 1))
        fall, _ = profile_fall(self.model, self.peak, self.place, 0.0)
        return low, high, float(chdtrc(1, max(0.0, 2 * fall)))


def fit_one_record(arms: Arms, *, random: bool) -> MixedFit:
    """Fit a model with one record a study: a conditional one, or that of one group."""
    start = arms.own[0][np.isfinite(arms.own[0])]
    model = arms.model([[1.0, 1.0]], [0, 1], own=False)
    return _one_scale(arms, model, float(start.mean()) if start.size else 0.0, random=random)


def fit_fixed_studies(arms: Arms, *, random: bool, coding: str) -> MixedFit:
    """Fit a model of both groups in which each study has a baseline of its own."""
    z1, z2 = _CODING[coding]
    model = arms.model([[1.0, z1, 1.0], [0.0, z2, 1.0]], [0, 1, 0], own=True)
    return _one_scale(arms, model, 0.0, random=random)


def _baseline(arms: Arms) -> Floats:
    """Return each study's log odds or log rate over its records, a half added."""
    events = arms.events.sum(axis=1) + 0.5
    rest = arms.totals.sum(axis=1) + (1 - events if arms.family == BINOMIAL else 0.0)
    return np.asarray(np.log(events) - np.log(rest))


def _one_scale(arms: Arms, model: CountModel, start: float, *, random: bool) -> MixedFit:
    own = _baseline(arms) if model.own else np.zeros(model.k)
    simple = model.keep([0])
    common = climb(simple, np.array([start]), own, np.ones(1, dtype=bool))
    chosen, peak, tau, spread = simple, common, 0.0, math.nan
    if random:
        begin = np.array([common.shared[0], 0.0])
        chosen, peak = model, maximise(model, begin, common.own, 1, "the effects")
        tau = abs(float(peak.shared[1]))
        if tau > 0:
            spread = 2 * tau * math.sqrt(float(covariance(model, peak)[1, 1]))
    return MixedFit(
        chosen,
        peak,
        0,
        tau**2,
        spread,
        math.nan,
        math.nan,
        common.value,
        float(np.sum(arms.saturated + arms.constants)),
        arms.own,
    )


def fit_random_studies(arms: Arms, *, random: bool, coding: str, correlated: bool) -> MixedFit:
    """Fit a model of both groups in which the studies' baselines are normally distributed.

    The shared parameters are effect, mean baseline, its standard deviation and, with random
    effects, their standard deviation; with a correlation, their parts along the baselines and
    apart from them (the Cholesky factor).
    """
    z1, z2 = _CODING[coding]
    simple = arms.model([[1.0, 1.0, 1.0], [0.0, 1.0, 1.0]], [0, 0, 1], own=False)
    none = np.zeros(simple.k)
    base = _baseline(arms)
    common = maximise(simple, np.array([0.0, base.mean(), 0.0]), none, 2, "the baselines")
    chosen, peak = simple, common
    if random:
        chosen = arms.model([[1.0, 1.0, 1.0, z1], [0.0, 1.0, 1.0, z2]], [0, 0, 1, 2], own=False)
        peak = maximise(chosen, np.append(common.shared, 0.0), none, 3, "the effects")
        if correlated:
            chosen = arms.model(
                [[1.0, 1.0, 1.0, z1, z1], [0.0, 1.0, 1.0, z2, z2]], [0, 0, 1, 1, 2], own=False
            )
            peak = _correlated(chosen, peak)
    return _of_random_studies(arms, chosen, peak, common, random=random)


def _correlated(model: CountModel, independent: Peak) -> Peak:
    scales = np.maximum(np.abs(independent.shared[2:]), 0.2)
    free = np.ones(model.shared, dtype=bool)
    zero = np.append(independent.shared[:3], [0.0, independent.shared[3]])
    best = climb(model, zero, independent.own, np.zeros(model.shared, dtype=bool))
    rough: list[Peak] = []
    for correlation in (-0.9, -0.4, 0.1, 0.5, 0.9):
        along = correlation * scales[1], math.sqrt(1 - correlation**2) * scales[1]
        start = np.append(independent.shared[:2], [scales[0], *along])
        rough.append(climb(model, start, independent.own, free, enough=1e-2))
    highest = max(each.value for each in rough)
    for each in rough:
        if each is max(rough, key=lambda peak: peak.value) or each.value > highest - 1e-2:
            now = settle(model, climb(model, each.shared, each.own, free))
            best = max(best, now, key=lambda peak: peak.value)
            if each.value >= highest:
                break
    return best


def _of_random_studies(
    arms: Arms, model: CountModel, peak: Peak, common: Peak, *, random: bool
) -> MixedFit:
    sigma = abs(float(peak.shared[2]))
    parts = peak.shared[3:]
    tau = math.hypot(*parts) if random else 0.0
    correlation, spread = math.nan, math.nan
    if parts.size == 2 and sigma > 0 and tau > 0:
        correlation = float(np.sign(peak.shared[2]) * parts[0]) / tau
    if tau > 0:
        slope = np.zeros(model.shared)
        slope[3:] = 2 * parts
        spread = math.sqrt(float(slope @ covariance(model, peak) @ slope))
    # One effect for each study: its treated group says nothing of the baselines where nobody or
    # everybody in it had the event.
    certain = arms.events[:, 0] == 0
    if arms.family == BINOMIAL:
        certain |= arms.events[:, 0] == arms.totals[:, 0]
    events, totals, offsets = arms.events.copy(), arms.totals.copy(), arms.offsets.copy()
    events[certain, 0] = 0.0
    totals[certain, 0] = 0.0
    offsets[certain, 0] = -800.0 if arms.family == POISSON else 0.0
    full = replace(arms, events=events, totals=totals, offsets=offsets).model(
        [[1.0, 1.0, 1.0], [1.0, 1.0, 0.0]], [0, 1, 0], own=True
    )
    start = np.array([common.shared[1], common.shared[2]])
    effects = np.where(np.isfinite(arms.own[0]), arms.own[0], common.shared[0])
    saturated = maximise(full, start, effects, 1, "the baselines")
    return MixedFit(
        model,
        peak,
        0,
        tau**2,
        spread,
        sigma**2,
        correlation,
        common.value,
        saturated.value,
        (np.full(arms.own[0].size, np.nan), np.full(arms.own[1].size, np.nan)),
    )
