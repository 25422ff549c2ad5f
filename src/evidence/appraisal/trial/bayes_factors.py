"""Bayes factors of an effect against none, under priors that are declared.

References
----------
Rouder JN, Speckman PL, Sun D, Morey RD, Iverson G (2009). Bayesian t tests for accepting and
rejecting the null hypothesis. Psychonomic Bulletin & Review 16:225-237.
Kass RE, Wasserman L (1995). A reference Bayesian test for nested hypotheses and its
relationship to the Schwarz criterion. Journal of the American Statistical Association
90:928-934.
Gronau QF, Ly A, Wagenmakers EJ (2020). Informed Bayesian t-tests. The American Statistician
74:137-143.
Sellke T, Bayarri MJ, Berger JO (2001). Calibration of p values for testing precise null
hypotheses. The American Statistician 55:62-71.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from evidence.appraisal.trial.finding import TrialFinding
from evidence.appraisal.trial.inputs import check_above_zero
from evidence.appraisal.trial.noncentral_density import noncentral_t_log_density
from evidence.display import format_number
from evidence.effects.arguments import Floats, is_number
from evidence.errors import InvalidArgumentError

__all__ = [
    "JZS_SCALE",
    "BayesFactor",
    "bayes_factor_bound",
    "informed_bayes_factor",
    "jzs_bayes_factor",
    "unit_information_bayes_factor",
]

#: Scale of the Cauchy prior of a standardised effect. Rouder et al. 2009 take 1; the half of
#: the root of 2 is what their later software and most reports take.
JZS_SCALE = math.sqrt(0.5)
#: Beyond these odds a sentence gives no digits.
_BEYOND = 1000.0


@dataclass(frozen=True)
class BayesFactor(TrialFinding):
    """How many times as likely the result is with an effect as without one.

    Attributes
    ----------
    prior
        The distribution of the effect that is compared with none, in words.
    log_factor
        Natural logarithm of the factor for an effect.
    source
        The paper of the prior.
    """

    prior: str
    log_factor: float
    source: str

    @property
    def factor(self) -> float:
        """For an effect; below 1 the result speaks for none."""
        return math.exp(min(self.log_factor, 700.0))

    @property
    def size_in_words(self) -> str:
        """The factor, or one over it where that is larger, in digits."""
        size = math.exp(min(abs(self.log_factor), 700.0))
        return f"more than {_BEYOND:,.0f}" if size > _BEYOND else format_number(size, 1)

    def sentence(self) -> str:
        """Return the factor in words, in the direction in which it is above 1."""
        shown = self.size_in_words
        if shown == "1.0":
            return f"With {self.prior}, the result is as likely with an effect as without one."
        sides = ("with an effect", "without one")
        sides = sides if self.log_factor > 0 else ("without an effect", "with one")
        return f"With {self.prior}, the result is {shown} times as likely {sides[0]} as {sides[1]}."

    @property
    def reference(self) -> str:
        """The paper of the method."""
        return self.source

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What it takes for granted."""
        return (f"What was believed of an effect before the trial: {self.prior}.",)


def _check_statistic(statistic: float) -> None:
    if not is_number(statistic) or not math.isfinite(statistic):
        raise InvalidArgumentError(f"statistic is {statistic!r}; give one finite t or z value.")


def _log_integral(log_integrand: Callable[[Floats], Floats], low: float, high: float) -> float:
    """Return the logarithm of a one-dimensional integral, from its peak outwards."""
    from scipy.integrate import quad

    grid = np.linspace(low, high, 401)
    logs = log_integrand(grid)
    peak, top = float(grid[int(logs.argmax())]), float(logs.max())

    def scaled(x: float) -> float:
        return float(np.exp(log_integrand(np.array([x]))[0] - top))

    area = sum(
        quad(scaled, *ends, epsabs=0.0, epsrel=1e-10, limit=400)[0]
        for ends in ((low, peak), (peak, high))
        if ends[0] < ends[1]
    )
    return top + math.log(area)


#: The logarithm of a prior variance goes so far from that of its scale: what lies beyond has
#: less than 1e-12 of an inverse chi-square with one degree of freedom.
_LOW, _HIGH = -6.0, 58.0


def jzs_bayes_factor(
    statistic: float,
    n_treatment: float,
    n_control: float | None = None,
    *,
    scale: float = JZS_SCALE,
) -> BayesFactor:
    """Return the Bayes factor of a t test with a Cauchy prior on the standardised effect.

    Parameters
    ----------
    statistic
        The t statistic.
    n_treatment
        People in the first group, or in all where there is one group.
    n_control
        People in the second group; None for one group, or two measurements of one.
    scale
        Of the Cauchy distribution: half of the prior lies within it.

    Returns
    -------
    BayesFactor

    Raises
    ------
    InvalidArgumentError
        When a number cannot be used.

    Notes
    -----
    The Cauchy distribution is a normal one whose variance g has an inverse chi-square
    distribution with one degree of freedom; the integral over g is the only one (Rouder et al.
    2009). Two groups count as n₁n₂/(n₁ + n₂) people.

    References
    ----------
    Rouder et al. (2009).
    """
    _check_statistic(statistic)
    check_above_zero("scale", scale)
    people, df = _people(n_treatment, n_control)
    t2 = statistic**2

    def log_integrand(u: Floats) -> Floats:
        spread = 1 + people * scale**2 * np.exp(u)
        likelihood = -0.5 * np.log(spread) - (df + 1) / 2 * np.log1p(t2 / (spread * df))
        return np.asarray(likelihood - 0.5 * math.log(2 * math.pi) - u / 2 - np.exp(-u) / 2)

    none = -(df + 1) / 2 * math.log1p(t2 / df)
    told = f"a Cauchy prior of scale {scale:.3g} on the standardised effect"
    return BayesFactor(
        told,
        _log_integral(log_integrand, _LOW, _HIGH) - none,
        "Rouder et al. 2009, Psychonomic Bulletin & Review 16:225-237",
    )


def _people(n_treatment: float, n_control: float | None) -> tuple[float, float]:
    for name, n in (("n_treatment", n_treatment), ("n_control", n_control)):
        if n is not None and not (is_number(n) and 2 <= n < math.inf):
            raise InvalidArgumentError(f"{name} is {n!r}; give at least 2 people.")
    if n_control is None:
        return n_treatment, n_treatment - 1
    return n_treatment * n_control / (n_treatment + n_control), n_treatment + n_control - 2


def unit_information_bayes_factor(
    statistic: float, n_treatment: float, n_control: float | None = None
) -> BayesFactor:
    """Return the Bayes factor with a prior that knows as much as one observation.

    Parameters
    ----------
    statistic
        The estimate over its standard error.
    n_treatment
        People in the first group, or in all where there is one group.
    n_control
        People in the second group; None for one group, or two measurements of one.

    Returns
    -------
    BayesFactor

    Notes
    -----
    With a normal likelihood and a normal prior around no effect whose variance is n squared
    standard errors, the factor is (1 + n)^(-1/2) exp(z² n / (2 (1 + n))). Two groups count as
    n₁n₂/(n₁ + n₂) people, so that for a difference of means the prior variance is that of one
    person's value.

    References
    ----------
    Kass and Wasserman (1995).
    """
    _check_statistic(statistic)
    people, _ = _people(n_treatment, n_control)
    log_factor = -0.5 * math.log1p(people) + statistic**2 * people / (2 * (1 + people))
    return BayesFactor(
        "a normal prior that is worth one observation",
        log_factor,
        "Kass and Wasserman 1995, Journal of the American Statistical Association 90:928-934",
    )


def informed_bayes_factor(
    statistic: float,
    *,
    location: float,
    scale: float,
    prior_df: float | None = None,
    df: float | None = None,
    both_sides: bool = False,
    prior: str = "",
) -> BayesFactor:
    """Return the Bayes factor with a prior of a declared place and width.

    Parameters
    ----------
    statistic
        The estimate over its standard error.
    location, scale
        Of the prior, in standard errors of the estimate; for a prior of a standardised effect,
        its own location and scale times the root of n (of n₁n₂/(n₁ + n₂) for two groups).
    prior_df
        Degrees of freedom of a t prior; None for a normal one.
    df
        Degrees of freedom of the statistic; None for the normal distribution.
    both_sides
        Whether half of the prior lies mirrored at no effect.
    prior
        The prior in words, in place of those made from its numbers.

    Returns
    -------
    BayesFactor

    Raises
    ------
    InvalidArgumentError
        When a number cannot be used.

    Notes
    -----
    Around a normal prior of mean m and variance v, t over √(1 + v) is noncentral t with
    noncentrality m/√(1 + v). A t prior is a normal one with an inverse gamma variance, so that
    one integral is left (Gronau, Ly and Wagenmakers 2020).

    References
    ----------
    Gronau, Ly and Wagenmakers (2020).
    """
    _check_statistic(statistic)
    check_above_zero("scale", scale)
    if not is_number(location) or not math.isfinite(location):
        raise InvalidArgumentError(f"location is {location!r}; give one finite number.")
    for name, freedom in (("prior_df", prior_df), ("df", df)):
        if freedom is not None:
            check_above_zero(name, freedom)
    logs = [
        _log_marginal(statistic, place, scale, prior_df, df)
        for place in ((location, -location) if both_sides else (location,))
    ]
    none = float(_log_likelihood(np.array([1.0]), statistic, np.array([0.0]), df)[0])
    factor = float(np.logaddexp.reduce(logs)) - math.log(len(logs)) - none
    if not prior:
        kind = "normal" if prior_df is None else f"t (with {prior_df:g} degrees of freedom)"
        prior = (
            f"a {kind} prior of location {format_number(location)} and scale "
            f"{format_number(scale)}, in standard errors"
        )
    return BayesFactor(
        prior, factor, "Gronau, Ly and Wagenmakers 2020, The American Statistician 74:137-143"
    )


def _log_likelihood(spread: Floats, statistic: float, location: Floats, df: float | None) -> Floats:
    """Return the log density of the statistic around a normal prior, `spread` = √(1 + v)."""
    t = statistic / spread
    if df is None:
        logs = -((t - location / spread) ** 2) / 2 - 0.5 * math.log(2 * math.pi)
    else:
        logs = noncentral_t_log_density(t, df, location / spread)
    return np.asarray(logs - np.log(spread))


def _log_marginal(
    statistic: float, location: float, scale: float, prior_df: float | None, df: float | None
) -> float:
    if prior_df is None:
        spread = np.array([math.hypot(1.0, scale)])
        return float(_log_likelihood(spread, statistic, np.full(1, location), df)[0])
    half = prior_df / 2
    constant = half * math.log(half) - math.lgamma(half)

    def log_integrand(u: Floats) -> Floats:
        spread = np.sqrt(1 + scale**2 * np.exp(u))
        likelihood = _log_likelihood(spread, statistic, np.full(u.shape, location), df)
        return np.asarray(likelihood + constant - half * u - half * np.exp(-u))

    return _log_integral(log_integrand, _LOW, _HIGH / max(prior_df, 1.0) + 5)


def bayes_factor_bound(p: float) -> BayesFactor:
    """Return the most that a p value can say for an effect, whatever the prior.

    Parameters
    ----------
    p
        A two-sided p value, above 0 and at most 1.

    Returns
    -------
    BayesFactor
        With the factor 1 / (-e p ln p), and 1 from p = 1/e on.

    Notes
    -----
    The bound holds over every prior under which small p values are the likelier the smaller
    they are.

    References
    ----------
    Sellke, Bayarri and Berger (2001).
    """
    if not is_number(p) or not 0 < p <= 1:
        raise InvalidArgumentError(f"p is {p!r}; it must be above 0 and at most 1.")
    log_factor = -1 - math.log(p) - math.log(-math.log(p)) if p < 1 / math.e else 0.0
    return BayesFactor(
        "the prior that is kindest to an effect",
        log_factor,
        "Sellke, Bayarri and Berger 2001, The American Statistician 55:62-71",
    )
