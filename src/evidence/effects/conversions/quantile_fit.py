"""The quantile estimation method: the distribution whose quantiles lie nearest to the reported.

References
----------
McGrath S, Zhao X, Steele R, Thombs BD, Benedetti A, DEPRESSD Collaboration (2020). Estimating
the sample mean and standard deviation from commonly reported quantiles in meta-analysis.
Statistical Methods in Medical Research 29:2520-2537.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import betaincinv, gammaincinv, gammaln, ndtri

from evidence.effects.arguments import Floats

__all__ = ["DISTRIBUTIONS", "QuantileFit", "fit_quantiles"]

#: Distributions that can be fitted. All but ``"beta"`` fit alike in any unit.
DISTRIBUTIONS = ("normal", "log-normal", "gamma", "Weibull", "beta")

#: Where the shape is looked for, u in powers of ten, and how finely.
_SCAN = np.linspace(-9.0, 1.0, 81)
#: Mean and concentration of the beta distributions that the search starts from.
_BETA_STARTS = tuple((m, c) for m in (0.1, 0.3, 0.5, 0.7, 0.9) for c in (0.5, 2.0, 10.0, 100.0))


@dataclass(frozen=True, slots=True)
class QuantileFit:
    """One distribution fitted to one group's quantiles.

    Attributes
    ----------
    distribution
        Its name.
    mean, sd
        Of the fitted distribution.
    distance
        Sum of the squared differences between reported and fitted quantiles.
    """

    distribution: str
    mean: float
    sd: float
    distance: float


# Each positive family is a scale times a family of one parameter. Given that one, the best scale
# is a linear least squares fit, so only a u has to be searched, the logarithm of what is near the
# coefficient of variation where that is small: σ, 1/√shape and 1/shape.


def _log_normal(u: Floats, p: Floats) -> tuple[Floats, Floats]:
    sigma = np.exp(u)
    return np.exp(sigma[:, None] * ndtri(p)), np.exp(sigma**2 / 2)


def _gamma(u: Floats, p: Floats) -> tuple[Floats, Floats]:
    shape = np.exp(-2 * u)
    return np.asarray(gammaincinv(shape[:, None], p)) / shape[:, None], np.ones_like(shape)


def _weibull(u: Floats, p: Floats) -> tuple[Floats, Floats]:
    inverse = np.exp(u)
    quantiles = np.exp(inverse[:, None] * np.log(-np.log1p(-p)))
    return quantiles, np.exp(gammaln(1 + inverse))


_FAMILIES: dict[str, Callable[[Floats, Floats], tuple[Floats, Floats]]] = {
    "log-normal": _log_normal,
    "gamma": _gamma,
    "Weibull": _weibull,
}


def _variation(distribution: str, u: float) -> float:
    """Return the coefficient of variation at u."""
    if distribution == "gamma":
        return math.exp(u)
    if distribution == "log-normal":
        return math.sqrt(math.expm1(math.exp(2 * u)))
    inverse = math.exp(u)
    # Γ(1+2v)/Γ(1+v)² - 1, through the difference of logarithms.
    return math.sqrt(math.expm1(float(gammaln(1 + 2 * inverse) - 2 * gammaln(1 + inverse))))


def _residuals(distribution: str, u: Floats, p: Floats, q: Floats) -> tuple[Floats, Floats]:
    """Return the residuals at the best scale, shape (len(u), quantiles), and the means."""
    shapes, means = _FAMILIES[distribution](u, p)
    scale = (shapes @ q) / np.sum(shapes**2, axis=1)
    return scale[:, None] * shapes - q, scale * means


def _positive(distribution: str, p: Floats, q: Floats) -> QuantileFit:
    from scipy.optimize import least_squares

    # In units of the largest quantile, so that nothing depends on the unit.
    unit = float(q[-1])
    q = q / unit
    with np.errstate(over="ignore", invalid="ignore"):
        residuals, _ = _residuals(distribution, _SCAN * math.log(10), p, q)
        distances = np.sum(residuals**2, axis=1)
    distances[~np.isfinite(distances)] = np.inf
    place = int(np.argmin(distances))
    width = (_SCAN[1] - _SCAN[0]) * math.log(10)
    start = float(_SCAN[place] * math.log(10))
    size = float(q[-1] - q[0])

    def scaled(u: Floats) -> Floats:
        return np.asarray(_residuals(distribution, u, p, q)[0][0] / size)

    found = least_squares(
        scaled,
        [start],
        jac="3-point",
        bounds=([start - width], [start + width]),
        xtol=1e-15,
        ftol=1e-15,
        gtol=1e-15,
    )
    best = float(found.x[0])
    residuals, means = _residuals(distribution, np.array([best]), p, q)
    mean = unit * float(means[0])
    distance = unit**2 * float(np.sum(residuals**2))
    return QuantileFit(distribution, mean, mean * _variation(distribution, best), distance)


def _normal(p: Floats, q: Floats) -> QuantileFit:
    z = np.asarray(ndtri(p))
    # The probabilities are symmetric, so z sums to 0 and the two parameters are orthogonal.
    mean, sd = float(q.mean()), float(z @ (q - q.mean()) / (z @ z))
    return QuantileFit("normal", mean, sd, float(np.sum((mean + sd * z - q) ** 2)))


def _beta(p: Floats, q: Floats) -> QuantileFit:
    from scipy.optimize import least_squares

    def quantiles(place: Floats) -> Floats:
        a, b = np.exp(place)
        return np.asarray(betaincinv(a, b, p)) - q

    best = None
    for mean, concentration in _BETA_STARTS:
        start = np.log([mean * concentration, (1 - mean) * concentration])
        found = least_squares(
            quantiles, start, jac="3-point", bounds=(-12, 25), xtol=1e-15, ftol=1e-15, gtol=1e-15
        )
        if best is None or found.cost < best.cost:
            best = found
    assert best is not None
    a, b = np.exp(best.x)
    mean = float(a / (a + b))
    sd = math.sqrt(mean * (1 - mean) / float(a + b + 1))
    return QuantileFit("beta", mean, sd, 2 * float(best.cost))


def fit_quantiles(
    p: Floats, q: Floats, distributions: tuple[str, ...] = DISTRIBUTIONS[:4]
) -> tuple[QuantileFit, ...]:
    """Fit each distribution by least squares of the quantiles, best one first.

    Minimises Σ (F⁻¹(pᵢ) - qᵢ)² (McGrath et al. 2020). The minimum of each positive family is
    found by a scan of its shape over ten powers of ten with the best scale for each, then
    polished; so it is the global one, in any unit.

    Parameters
    ----------
    p
        Probabilities, rising and symmetric about one half, shape (m,).
    q
        Reported quantiles, shape (m,).
    distributions
        What to fit, of `DISTRIBUTIONS`. Where a quantile is 0 or below only the normal is;
        the beta only where all lie between 0 and 1.

    Returns
    -------
    tuple of QuantileFit
        In the order of their distance.
    """
    fits = []
    for name in distributions:
        if name == "normal":
            fits.append(_normal(p, q))
        elif q[0] > 0 and name != "beta":
            fits.append(_positive(name, p, q))
        elif q[0] > 0 and q[-1] < 1:
            fits.append(_beta(p, q))
    return tuple(sorted(fits, key=lambda fit: fit.distance))
