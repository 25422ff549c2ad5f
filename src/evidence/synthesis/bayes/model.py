"""The normal-normal model, with mu integrated out: its likelihood and conditional posteriors.

Works in a unit of its own (a typical standard error) from an origin of its own (the plain
mean of the effects), so that effects of 1e-8 and of 1e8 are the same numbers.

References
----------
Röver C (2020). Bayesian random-effects meta-analysis using the bayesmeta R package. Journal
of Statistical Software 93(6).
"""

from __future__ import annotations

import math
from functools import cached_property

import numpy as np

from evidence.effects.arguments import Floats
from evidence.synthesis.bayes.panels import PanelDensity
from evidence.synthesis.bayes.posterior import NormalMixture, TauPosterior
from evidence.synthesis.bayes.priors import Normal
from evidence.synthesis.bayes.tau_prior import TauPrior

__all__ = ["NormalModel"]

_LOG_2PI = math.log(2 * math.pi)
#: The largest log tau (in standard errors) at which the likelihood is worked out: tau² can
#: still be written down there. Beyond it nothing changes any more.
_LARGEST = 300.0
#: How far below the smallest standard error, as a logarithm, tau starts to matter.
_SMALL = 5.0
#: What is left of a heavy tail beyond the last panel, as a logarithm.
_TAIL = 42.0


class NormalModel:
    """Effects, variances and priors, and everything that is normal given tau.

    Parameters
    ----------
    effects, variances
        Shape (k,).
    tau_prior
        Prior of tau.
    mu
        Prior of mu: a normal one, None for a flat one, or a number that mu is fixed at.
    """

    def __init__(
        self, effects: Floats, variances: Floats, tau_prior: TauPrior, mu: Normal | float | None
    ) -> None:
        self.effects, self.variances, self.tau_prior = effects, variances, tau_prior
        self.unit = math.sqrt(float(np.median(variances)))
        self.origin = float(effects.mean())
        self._y = (effects - self.origin) / self.unit
        self._v = variances / self.unit**2
        self._flat = mu is None
        self._fixed = not (mu is None or isinstance(mu, Normal))
        centre = mu.mean if isinstance(mu, Normal) else (self.origin if mu is None else mu)
        self._centre = (centre - self.origin) / self.unit
        self._sd = mu.sd / self.unit if isinstance(mu, Normal) else 0.0

    def _given(self, tau2: Floats) -> tuple[Floats, Floats, Floats]:
        """Return log likelihood, mean and sd of mu at each tau²."""
        k = self._y.size
        total = tau2[:, None] + self._v
        weights = 1 / total
        logs = np.log(total).sum(axis=1)
        if self._fixed:
            squares = weights @ (self._y - self._centre) ** 2
            zeros = np.zeros_like(tau2)
            return -0.5 * (logs + squares + k * _LOG_2PI), zeros + self._centre, zeros
        precision = weights.sum(axis=1)
        mean = weights @ self._y
        if self._flat:
            mean = mean / precision
            rest = np.zeros_like(tau2)
            constants = (k - 1) * _LOG_2PI
        else:
            known = 1 / self._sd**2
            precision = precision + known
            mean = (mean + known * self._centre) / precision
            rest = known * (mean - self._centre) ** 2
            constants = k * _LOG_2PI + 2 * math.log(self._sd)
        squares = (weights * (self._y - mean[:, None]) ** 2).sum(axis=1) + rest
        height = -0.5 * (logs + np.log(precision) + squares + constants)
        return height, mean, 1 / np.sqrt(precision)

    def _log_posterior(self, z: Floats) -> Floats:
        height = self._given(np.exp(2 * np.minimum(z, _LARGEST)))[0]
        return height + self.tau_prior.log_density_of_log(z + math.log(self.unit))

    def _exists(self, order: int, decay: int) -> bool:
        """Whether tau to the `order` has a mean, the likelihood falling as tau to -`decay`."""
        excess = self.tau_prior.tail_power + decay - order - 1
        # At 0 only the log-t priors are left, whose logarithms make it converge.
        return excess > 0 or (excess == 0 and self.tau_prior.tail_power == 1)

    @property
    def _finite(self) -> tuple[bool, bool]:
        decay = self._y.size - (1 if self._flat else 0)
        return self._exists(1, decay), self._exists(2, decay)

    @cached_property
    def _panels(self) -> PanelDensity:
        shift = math.log(self.unit)
        bottom, top = (end - shift for end in self.tau_prior.log_range())
        spread = max(1.0, float(np.ptp(self._y)), abs(self._centre))
        active = (
            0.5 * math.log(float(self._v.min())) - _SMALL,
            math.log(max(spread, math.sqrt(float(self._v.max())))) + 3,
        )
        bottom = min(bottom, active[0])
        orders = tuple(order for order, there in zip((1, 2), self._finite, strict=True) if there)
        if math.isfinite(self.tau_prior.upper):
            top = math.log(self.tau_prior.upper / self.unit)
            bottom = min(bottom, top - _TAIL)
        else:
            top = max(top, active[1])
            if orders and 1 < self.tau_prior.tail_power < math.inf:
                decay = self._y.size - (1 if self._flat else 0)
                excess = self.tau_prior.tail_power + decay - orders[-1] - 1
                top = max(top, min(active[1] + _TAIL / excess, _LARGEST))
        centre = min(max(0.5 * (active[0] + active[1]), bottom), top)
        reach = 0.5 * (active[1] - active[0])

        def widest(z: Floats) -> Floats:
            return np.maximum(1.5, 0.6 * (np.abs(z - centre) - reach))

        return PanelDensity(self._log_posterior, _edges(bottom, top, centre, reach), widest, orders)

    @cached_property
    def _nodes(self) -> tuple[Floats, Floats, Floats, Floats]:
        """Return tau, mean and sd of mu there, and the share of the posterior."""
        tau = np.exp(np.minimum(self._panels.nodes, _LARGEST))
        _, mean, sd = self._given(tau**2)
        return tau, mean, sd, self._panels.mass

    @cached_property
    def log_evidence(self) -> float:
        """Logarithm of the marginal likelihood in the unit of the effects."""
        return self._panels.log_total - self._powers * math.log(self.unit)

    @cached_property
    def log_evidence_at_zero(self) -> float:
        """The same with tau fixed at 0."""
        return float(self._given(np.zeros(1))[0][0]) - self._powers * math.log(self.unit)

    @property
    def _powers(self) -> int:
        return self._y.size - (1 if self._flat else 0)

    def tau_posterior(self) -> TauPosterior:
        """Return the posterior of tau."""
        log_total = self._panels.log_total

        def density(tau: Floats) -> Floats:
            flat = np.clip(tau.ravel(), 0, self.unit * math.exp(_LARGEST))
            height = self._given((flat / self.unit) ** 2)[0].reshape(tau.shape)
            return np.asarray(np.exp(height + self.tau_prior.log_density(tau) - log_total))

        return TauPosterior(self._panels, self.unit, density, self.tau_prior.upper, self._finite)

    def mu_posterior(self) -> NormalMixture:
        """Return the posterior of the mean effect."""
        _, mean, sd, mass = self._nodes
        finite = self._finite if self._flat else (True, True)
        return NormalMixture(mean, sd, mass, origin=self.origin, unit=self.unit, finite=finite)

    def predictive(self) -> NormalMixture:
        """Return the posterior of the true effect of a further setting."""
        tau, mean, sd, mass = self._nodes
        return NormalMixture(
            mean,
            np.hypot(sd, tau),
            mass,
            origin=self.origin,
            unit=self.unit,
            finite=self._finite,
        )

    def study_effects(self, which: slice) -> tuple[Floats, Floats, Floats]:
        """Return means and sds of some studies' true effects at each node, and the shares."""
        tau, mean, sd, mass = self._nodes
        kept = mass > 1e-17
        tau2, mean, sd, mass = tau[kept] ** 2, mean[kept], sd[kept], mass[kept]
        v, y = self._v[which, None], self._y[which, None]
        towards_mean = v / (v + tau2)
        # By its own weight where tau is large, so that nothing is taken from 1.
        own = tau2 / (v + tau2)
        centre = own * y + towards_mean * mean
        return centre, np.sqrt(v * own + (towards_mean * sd) ** 2), mass / mass.sum()


def _edges(bottom: float, top: float, centre: float, reach: float) -> Floats:
    """Return ends of panels: even where the likelihood changes, ever wider beyond."""
    even = np.arange(-reach - 1, reach + 2, 2.0) + centre
    further = np.cumsum(2.0 * 1.5 ** np.arange(200))
    places = np.concatenate([even, even[0] - further, even[-1] + further])
    inside = places[(places > bottom + 0.1) & (places < top - 0.1)]
    return np.sort(np.concatenate([[bottom, top], inside]))
