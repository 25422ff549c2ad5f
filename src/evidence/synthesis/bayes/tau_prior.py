"""What every prior of tau can do, and the checks of its parameters."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import Any, ClassVar

import numpy as np

from evidence.effects.arguments import Floats, is_number
from evidence.errors import InvalidArgumentError

__all__ = ["TauPrior", "check_finite", "check_positive"]


def check_positive(prior: object, **values: Any) -> None:
    """Refuse a parameter of a prior that is no finite number above 0, by name."""
    for name, value in values.items():
        if not is_number(value) or not 0 < value < math.inf:
            raise InvalidArgumentError(
                f"{type(prior).__name__}: {name} is {value!r}; it must be a finite number above 0."
            )


def check_finite(prior: object, **values: Any) -> None:
    """Refuse a parameter of a prior that is no finite number, by name."""
    for name, value in values.items():
        if not is_number(value) or not math.isfinite(value):
            raise InvalidArgumentError(
                f"{type(prior).__name__}: {name} is {value!r}; it must be a finite number."
            )


class TauPrior(ABC):
    """A proper prior distribution of tau, the standard deviation between studies.

    Attributes
    ----------
    name
        How the prior is written, with its parameters.
    citation
        Where it, or its family, was proposed.
    upper
        The largest possible tau.
    tail_power
        The power a of a density that falls as tau to the -a; infinite where it falls faster.
    """

    __slots__ = ()

    citation: ClassVar[str] = ""

    @property
    @abstractmethod
    def name(self) -> str:
        """How the prior is written, with its parameters."""

    @abstractmethod
    def _log_density(self, tau: Floats) -> Floats: ...

    @abstractmethod
    def _cdf(self, tau: Floats) -> Floats: ...

    @abstractmethod
    def _quantile(self, probability: Floats) -> Floats: ...

    @abstractmethod
    def _log_range(self) -> tuple[float, float]: ...

    @property
    def upper(self) -> float:
        """The largest possible tau."""
        return math.inf

    @property
    def tail_power(self) -> float:
        """The power a of a density that falls as tau to the -a; infinite where it falls faster."""
        return math.inf

    def log_density(self, tau: Any) -> Floats:
        """Return the logarithm of the density at `tau`; minus infinity outside its range."""
        x = np.asarray(tau, dtype=np.float64)
        return np.where(x >= 0, self._log_density(np.maximum(x, 0)), -np.inf)

    def density(self, tau: Any) -> Floats:
        """Return the density at `tau`."""
        return np.asarray(np.exp(self.log_density(tau)))

    def cdf(self, tau: Any) -> Floats:
        """Return the probability at or below `tau`."""
        return np.asarray(self._cdf(np.maximum(np.asarray(tau, dtype=np.float64), 0)))

    def quantile(self, probability: Any) -> Floats:
        """Return the value that tau lies below with this probability.

        Raises
        ------
        InvalidArgumentError
            For a probability outside 0 to 1.
        """
        p = np.asarray(probability, dtype=np.float64)
        if not ((p >= 0) & (p <= 1)).all():
            raise InvalidArgumentError(
                f"probability is {probability!r}; it must lie between 0 and 1."
            )
        inside = self._quantile(np.clip(p, 1e-300, 1 - 2e-16))
        return np.where(p <= 0, 0.0, np.where(p >= 1, self.upper, inside))

    def log_range(self) -> tuple[float, float]:
        """Return log tau at both ends of all but a negligible part of the mass."""
        return self._log_range()

    def log_density_of_log(self, log_tau: Floats) -> Floats:
        """Return the log density of log tau, which needs no tau that can be written down."""
        return self._log_density(np.exp(log_tau)) + log_tau

    def __str__(self) -> str:
        return self.name
