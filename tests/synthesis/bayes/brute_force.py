"""The joint posterior of mu and tau by plain integration of likelihood times priors.

Shares no formula with the code under test: mu is not integrated analytically, and tau is
integrated in its own unit by another rule.
"""

import numpy as np
from numpy.polynomial.legendre import leggauss
from scipy import stats
from scipy.integrate import quad_vec

NODES, WEIGHTS = leggauss(24)


def panels(low, high, count):
    edges = np.linspace(low, high, count + 1)
    half = np.diff(edges)[:, None] / 2
    places = edges[:-1, None] + half * (1 + NODES)
    return places.ravel(), (half * WEIGHTS).ravel()


def joint(
    y, v, log_tau_prior, log_mu_prior, *, cut, scale, upper=np.inf, mu_range=(-np.inf, np.inf)
):
    """Return total, moments of mu and tau, P(mu < cut), P(tau < scale), P(new < cut)."""

    def at_tau(tau):
        spread = np.sqrt(v + tau**2)
        reach = 14 * spread.max()
        low, high = max(y.min() - reach, mu_range[0]), min(y.max() + reach, mu_range[1])
        width = 1 / np.sqrt((1 / spread**2).sum())
        count = max(8, min(int((high - low) / width / 6), 4000))
        # Where the next setting's probability changes, panels of its own.
        step = min(9 * tau, 0.01 * (high - low))
        parts = [
            panels(low, cut - step, count),
            panels(cut - step, cut, 4),
            panels(cut, cut + step, 4),
            panels(cut + step, high, count),
        ]
        mu = np.concatenate([part[0] for part in parts])
        weight = np.concatenate([part[1] for part in parts])
        below = mu < cut
        logs = stats.norm.logpdf(y[:, None], mu, spread[:, None]).sum(axis=0) + log_mu_prior(mu)
        weight = weight * np.exp(logs + log_tau_prior(tau))
        new = stats.norm.cdf((cut - mu) / tau) if tau > 0 else below
        own = []
        for i in (0, -1):
            precision = 1 / v[i] + 1 / tau**2
            own.append((y[i] / v[i] + mu / tau**2) / precision)
        curves = [1, mu, mu**2, below, tau, tau**2, float(tau < scale), new, *own]
        return np.array([(weight * curve).sum() for curve in curves])

    # tau = scale * u / (1 - u), and up to its end where it has one.
    def on_unit(u):
        return at_tau(scale * u / (1 - u)) * scale / (1 - u) ** 2

    top = 1.0 if np.isinf(upper) else upper / (scale + upper)
    total = sum(
        quad_vec(on_unit, a, b, epsabs=0, epsrel=1e-12, norm="max", quadrature="gk21", limit=400)[0]
        for a, b in ((1e-12, min(0.5, top)), (min(0.5, top), top - 1e-12))
        if b > a
    )
    mass = total[0]
    names = (
        "mu_mean",
        "mu_square",
        "mu_below",
        "tau_mean",
        "tau_square",
        "tau_below",
        "new_below",
        "first",
        "last",
    )
    return {"mass": mass, **dict(zip(names, total[1:] / mass, strict=True))}
