"""Prior distributions of the heterogeneity tau, and of the mean effect.

A prior of tau is stated in the unit of the effects: a scale of 0.5 fits log ratios and
standardised mean differences, and says something quite different of minutes. Every prior
is a frozen object with its density, its quantiles, a name and where it comes from.

The empirical log-normal and log-t priors of Turner et al. (2015) and Rhodes et al. (2015)
are tabulated by outcome and comparison. Their families are here (`LogNormal` and `LogStudentT`,
on tau²); the tables are in `empirical_priors`.

References
----------
Gelman A (2006). Prior distributions for variance parameters in hierarchical models.
Bayesian Analysis 1:515-533 (half-Cauchy, half-t, uniform).
Röver C, Bender R, Dias S, et al. (2021). On weakly informative prior distributions for the
heterogeneity parameter in Bayesian random-effects meta-analysis. Research Synthesis
Methods 12:448-474 (half-normal and others, and their scales).
Turner RM, Jackson D, Wei Y, Thompson SG, Higgins JPT (2015). Predictive distributions for
between-study heterogeneity and simple methods for their application in Bayesian
meta-analysis. Statistics in Medicine 34:984-998.
Rhodes KM, Turner RM, Higgins JPT (2015). Predictive distributions were developed for the
extent of heterogeneity in meta-analyses of continuous outcome data. Journal of Clinical
Epidemiology 68:52-60.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from scipy.special import betainc, betaincinv, erf, erfc, erfcinv, erfinv, ndtr, ndtri
from scipy.special import stdtr as student_cdf
from scipy.special import stdtrit as student_quantile

from evidence.effects.arguments import Floats
from evidence.errors import InvalidArgumentError
from evidence.synthesis.bayes.tau_prior import TauPrior, check_finite, check_positive

__all__ = [
    "HalfCauchy",
    "HalfNormal",
    "HalfStudentT",
    "LogNormal",
    "LogStudentT",
    "Normal",
    "TauPrior",
    "Uniform",
]

#: The mass of a prior that may be left out at either end of an integral.
_NEGLIGIBLE = 1e-18
_LOG_NEGLIGIBLE = -math.log(_NEGLIGIBLE)
_LOG_2PI = math.log(2 * math.pi)


def _scale_of(prior: object, of: str) -> float:
    """Return what turns the logarithm of the named quantity into that of tau."""
    if of not in ("tau", "tau2"):
        raise InvalidArgumentError(
            f"{type(prior).__name__}: of is {of!r}; it says what the logarithm is taken of, "
            "'tau' or 'tau2'."
        )
    return 1.0 if of == "tau" else 0.5


def _student_log_constant(df: float) -> float:
    return math.lgamma((df + 1) / 2) - math.lgamma(df / 2) - 0.5 * math.log(df * math.pi)


@dataclass(frozen=True, slots=True)
class HalfNormal(TauPrior):
    """tau is the size of a normal variate with this standard deviation.

    Parameters
    ----------
    scale
        In the unit of the effects; the median is 0.67 times it, the 95% quantile 1.96 times.
    """

    scale: float
    citation: ClassVar[str] = "Röver et al. 2021, Research Synthesis Methods 12:448-474"

    def __post_init__(self) -> None:
        check_positive(self, scale=self.scale)

    @property
    def name(self) -> str:
        """How the prior is written."""
        return f"half-normal({self.scale:g})"

    def _log_density(self, tau: Floats) -> Floats:
        x = tau / self.scale
        constant = math.log(2) - 0.5 * _LOG_2PI - math.log(self.scale)
        return np.asarray(constant - 0.5 * x * x)

    def _cdf(self, tau: Floats) -> Floats:
        return np.asarray(erf(tau / self.scale / math.sqrt(2)))

    def _quantile(self, probability: Floats) -> Floats:
        return np.asarray(self.scale * math.sqrt(2) * erfinv(probability))

    def _log_range(self) -> tuple[float, float]:
        centre = math.log(self.scale)
        return centre - _LOG_NEGLIGIBLE, centre + math.log(math.sqrt(2) * erfcinv(_NEGLIGIBLE))


@dataclass(frozen=True, slots=True)
class HalfStudentT(TauPrior):
    """tau is the size of a scaled Student t variate.

    Parameters
    ----------
    scale
        In the unit of the effects.
    df
        Degrees of freedom; the fewer, the heavier the tail.
    """

    scale: float
    df: float
    citation: ClassVar[str] = "Gelman 2006, Bayesian Analysis 1:515-533"

    def __post_init__(self) -> None:
        check_positive(self, scale=self.scale, df=self.df)

    @property
    def name(self) -> str:
        """How the prior is written."""
        return f"half-t({self.scale:g}, df {self.df:g})"

    @property
    def tail_power(self) -> float:
        """The power with which the density falls."""
        return self.df + 1

    def _log_density(self, tau: Floats) -> Floats:
        x = tau / self.scale
        constant = math.log(2) + _student_log_constant(self.df) - math.log(self.scale)
        # |x| first, so that x² cannot overflow.
        tail = -(self.df + 1) * np.log(np.hypot(1, x / math.sqrt(self.df)))
        return np.asarray(constant + tail)

    def _cdf(self, tau: Floats) -> Floats:
        x = tau / self.scale / math.sqrt(self.df)
        share = 1 / (1 + 1 / np.maximum(x, 1e-150) ** 2)
        near = betainc(0.5, self.df / 2, share)
        return np.where(x > 0, near, 0.0)

    def _quantile(self, probability: Floats) -> Floats:
        share = betaincinv(0.5, self.df / 2, np.minimum(probability, 0.5))
        low = np.sqrt(self.df * share / (1 - share))
        high = -student_quantile(self.df, np.minimum((1 - probability) / 2, 0.25))
        return np.asarray(self.scale * np.where(probability < 0.5, low, high))

    def _log_range(self) -> tuple[float, float]:
        centre = math.log(self.scale)
        return centre - _LOG_NEGLIGIBLE, centre + 5 + _LOG_NEGLIGIBLE / self.df


@dataclass(frozen=True, slots=True)
class HalfCauchy(TauPrior):
    """tau is the size of a Cauchy variate: a half-t with one degree of freedom.

    Parameters
    ----------
    scale
        In the unit of the effects; it is the median.
    """

    scale: float
    citation: ClassVar[str] = "Gelman 2006, Bayesian Analysis 1:515-533"

    def __post_init__(self) -> None:
        check_positive(self, scale=self.scale)

    @property
    def name(self) -> str:
        """How the prior is written."""
        return f"half-Cauchy({self.scale:g})"

    @property
    def tail_power(self) -> float:
        """The power with which the density falls."""
        return 2.0

    def _log_density(self, tau: Floats) -> Floats:
        x = tau / self.scale
        constant = math.log(2 / math.pi / self.scale)
        return np.asarray(constant - 2 * np.log(np.hypot(1, x)))

    def _cdf(self, tau: Floats) -> Floats:
        return 2 / math.pi * np.arctan(tau / self.scale)

    def _quantile(self, probability: Floats) -> Floats:
        with np.errstate(divide="ignore"):
            high = 1 / np.tan(math.pi / 2 * np.minimum(1 - probability, 0.5))
        return self.scale * np.where(
            probability < 0.5, np.tan(math.pi / 2 * np.minimum(probability, 0.5)), high
        )

    def _log_range(self) -> tuple[float, float]:
        centre = math.log(self.scale)
        return centre - _LOG_NEGLIGIBLE, centre + _LOG_NEGLIGIBLE


@dataclass(frozen=True, slots=True)
class Uniform(TauPrior):
    """Every tau from 0 to an upper end is as likely as any other.

    Parameters
    ----------
    upper_end
        The largest possible tau, in the unit of the effects.
    """

    upper_end: float
    citation: ClassVar[str] = "Gelman 2006, Bayesian Analysis 1:515-533"

    def __post_init__(self) -> None:
        check_positive(self, upper_end=self.upper_end)

    @property
    def name(self) -> str:
        """How the prior is written."""
        return f"uniform(0, {self.upper_end:g})"

    @property
    def upper(self) -> float:
        """The largest possible tau."""
        return self.upper_end

    def _log_density(self, tau: Floats) -> Floats:
        return np.where(tau <= self.upper_end, -math.log(self.upper_end), -np.inf)

    def log_density_of_log(self, log_tau: Floats) -> Floats:
        """Return the log density of log tau, up to the upper end whatever its last digit."""
        return log_tau - math.log(self.upper_end)

    def _cdf(self, tau: Floats) -> Floats:
        return np.clip(tau / self.upper_end, 0, 1)

    def _quantile(self, probability: Floats) -> Floats:
        return np.asarray(self.upper_end * probability)

    def _log_range(self) -> tuple[float, float]:
        high = math.log(self.upper_end)
        return high - _LOG_NEGLIGIBLE, high


class _LogPrior(TauPrior):
    """What the priors of log tau and log tau² share: a standardised distribution of log tau."""

    __slots__ = ()

    @abstractmethod
    def _centre_and_spread(self) -> tuple[float, float]: ...

    @abstractmethod
    def _standard_log_density(self, x: Floats) -> Floats: ...

    def _log_density(self, tau: Floats) -> Floats:
        log_tau = np.log(np.where(tau > 0, tau, 1.0))
        return np.where(tau > 0, self.log_density_of_log(log_tau) - log_tau, -np.inf)

    def log_density_of_log(self, log_tau: Floats) -> Floats:
        """Return the log density of log tau."""
        centre, spread = self._centre_and_spread()
        x = (log_tau - centre) / spread
        return np.asarray(self._standard_log_density(x) - math.log(spread))

    def _standardised(self, tau: Any) -> Floats:
        centre, spread = self._centre_and_spread()
        with np.errstate(divide="ignore"):
            return np.asarray((np.log(tau) - centre) / spread)

    def _from_standard(self, x: Floats) -> Floats:
        centre, spread = self._centre_and_spread()
        with np.errstate(over="ignore"):
            return np.asarray(np.exp(centre + spread * x))


@dataclass(frozen=True, slots=True)
class LogNormal(_LogPrior):
    """The logarithm of tau² (or tau) is normal.

    Parameters
    ----------
    mean, sd
        Mean and standard deviation of the logarithm.
    of
        What the logarithm is taken of: ``"tau2"``, as in the tables of Turner et al., or
        ``"tau"``.
    """

    mean: float
    sd: float
    of: str = "tau2"
    citation: ClassVar[str] = "Turner et al. 2015, Statistics in Medicine 34:984-998 (the family)"

    def __post_init__(self) -> None:
        check_finite(self, mean=self.mean)
        check_positive(self, sd=self.sd)
        _scale_of(self, self.of)

    @property
    def name(self) -> str:
        """How the prior is written."""
        return f"log-normal({self.mean:g}, {self.sd:g}) of {self.of.replace('2', '²')}"

    def _centre_and_spread(self) -> tuple[float, float]:
        half = _scale_of(self, self.of)
        return self.mean * half, self.sd * half

    def _standard_log_density(self, x: Floats) -> Floats:
        return -0.5 * (x * x + _LOG_2PI)

    def _cdf(self, tau: Floats) -> Floats:
        return np.asarray(ndtr(self._standardised(tau)))

    def _quantile(self, probability: Floats) -> Floats:
        return self._from_standard(np.asarray(ndtri(probability)))

    def _log_range(self) -> tuple[float, float]:
        centre, spread = self._centre_and_spread()
        reach = -float(ndtri(_NEGLIGIBLE)) * spread
        return centre - reach, centre + reach


@dataclass(frozen=True, slots=True)
class LogStudentT(_LogPrior):
    """The logarithm of tau² (or tau) has a scaled and shifted Student t distribution.

    Its density has no bound at tau = 0, where it rises to infinity so late that there is
    next to no mass under it; the mode of a posterior leaves that point out.

    Parameters
    ----------
    location, scale
        Location and scale of the logarithm.
    df
        Degrees of freedom, at least 1.
    of
        What the logarithm is taken of: ``"tau2"``, as in the tables of Rhodes et al., or
        ``"tau"``.
    """

    location: float
    scale: float
    df: float = 5.0
    of: str = "tau2"
    citation: ClassVar[str] = (
        "Rhodes et al. 2015, Journal of Clinical Epidemiology 68:52-60 (the family)"
    )

    def __post_init__(self) -> None:
        check_finite(self, location=self.location)
        check_positive(self, scale=self.scale, df=self.df)
        if self.df < 1:
            raise InvalidArgumentError(
                f"LogStudentT: df is {self.df!r}; it must be at least 1. With fewer, tau could be "
                "larger than any number that can be written down."
            )
        _scale_of(self, self.of)

    @property
    def name(self) -> str:
        """How the prior is written."""
        of = self.of.replace("2", "²")
        return f"log-t({self.location:g}, {self.scale:g}, df {self.df:g}) of {of}"

    @property
    def tail_power(self) -> float:
        """The power with which the density falls, but for logarithms."""
        return 1.0

    def _centre_and_spread(self) -> tuple[float, float]:
        half = _scale_of(self, self.of)
        return self.location * half, self.scale * half

    def _standard_log_density(self, x: Floats) -> Floats:
        tail = -(self.df + 1) * np.log(np.hypot(1, x / math.sqrt(self.df)))
        return _student_log_constant(self.df) + tail

    def _cdf(self, tau: Floats) -> Floats:
        return np.asarray(student_cdf(self.df, self._standardised(tau)))

    def _quantile(self, probability: Floats) -> Floats:
        return self._from_standard(np.asarray(student_quantile(self.df, probability)))

    def _log_range(self) -> tuple[float, float]:
        centre, spread = self._centre_and_spread()
        reach = -float(student_quantile(self.df, _NEGLIGIBLE)) * spread
        return centre - reach, centre + reach


@dataclass(frozen=True, slots=True)
class Normal:
    """A normal prior of the mean effect.

    Parameters
    ----------
    mean, sd
        In the unit of the effects.
    """

    mean: float
    sd: float
    citation: ClassVar[str] = "Röver 2020, Journal of Statistical Software 93(6)"

    def __post_init__(self) -> None:
        check_finite(self, mean=self.mean)
        check_positive(self, sd=self.sd)

    @property
    def name(self) -> str:
        """How the prior is written."""
        return f"normal({self.mean:g}, {self.sd:g})"

    def log_density(self, mu: Any) -> Floats:
        """Return the logarithm of the density at `mu`."""
        x = (np.asarray(mu, dtype=np.float64) - self.mean) / self.sd
        return np.asarray(-0.5 * (x * x + _LOG_2PI) - math.log(self.sd))

    def density(self, mu: Any) -> Floats:
        """Return the density at `mu`."""
        return np.asarray(np.exp(self.log_density(mu)))

    def cdf(self, mu: Any) -> Floats:
        """Return the probability at or below `mu`."""
        x = (np.asarray(mu, dtype=np.float64) - self.mean) / self.sd
        return np.asarray(0.5 * erfc(-x / math.sqrt(2)))

    def quantile(self, probability: Any) -> Floats:
        """Return the value that mu lies below with this probability."""
        return np.asarray(self.mean + self.sd * ndtri(np.asarray(probability, dtype=np.float64)))

    def __str__(self) -> str:
        return self.name
