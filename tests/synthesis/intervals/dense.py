"""The same quantities by slow and plain means: dense matrices, eigenvalues, quadrature."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from scipy import stats
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.special import ndtr


def form(variances, weights, tau2):
    """Return the eigenvalues of Σ aᵢ(yᵢ - ȳₐ)² in independent standard normal variables."""
    a = np.asarray(weights, dtype=float)
    root = np.sqrt(np.asarray(variances) + tau2)
    centring = np.diag(a) - np.outer(a, a) / a.sum()
    return np.linalg.eigvalsh(root[:, None] * centring * root)[1:]


def mixture_cdf(q, eigenvalues):
    """Return P(Σ λ χ² <= q) as a mixture of chi-square distributions (Ruben 1962)."""
    beta = eigenvalues.min()
    terms = int(q / (2 * beta) + 12 * math.sqrt(q / beta) + 60)
    assert terms < 20_000
    b = ((1 - beta / eigenvalues) ** np.arange(1, terms + 1)[:, None]).sum(axis=1)
    a = np.empty(terms + 1)
    a[0] = math.exp(0.5 * np.log(beta / eigenvalues).sum())
    for r in range(1, terms + 1):
        a[r] = b[:r][::-1] @ a[:r] / (2 * r)
    df = eigenvalues.size + 2 * np.arange(terms + 1)
    return float(a @ stats.chi2.cdf(q / beta, df))


def cochran_q(effects, weights):
    effects, weights = np.asarray(effects), np.asarray(weights)
    mean = weights @ effects / weights.sum()
    return float(weights @ (effects - mean) ** 2)


def henmi_copas_pivot(effects, variances):
    """Return P(|pivot| > x) as a function, straight from matrices, with the mean and its error."""
    y, v = np.asarray(effects), np.asarray(variances)
    k, w = y.size, 1 / v
    total, squares = w.sum(), (w**2).sum()
    contrast = total - squares / total
    tau2 = max(0.0, (cochran_q(y, w) - (k - 1)) / contrast)
    a = np.diag(w) - np.outer(w, w) / total
    s = np.diag(v + tau2)
    m = s @ w / math.sqrt(w @ s @ w)
    c = s - np.outer(m, m)
    expected = np.trace(a @ c), m @ a @ m
    spread = 2 * np.trace(a @ c @ a @ c), 4 * m @ a @ c @ a @ m
    inflated = total + tau2 * squares

    def beyond(x):
        start = x * math.sqrt(total / inflated)

        def density(r):
            mean = expected[0] + expected[1] * r * r
            variance = spread[0] + spread[1] * r * r
            limit = k - 1 + contrast * ((r / x) ** 2 * inflated - total) / squares
            below = stats.gamma.cdf(limit, mean**2 / variance, scale=variance / mean)
            return 2 * stats.norm.pdf(r) * below

        edges = start + np.array([0, 0.2, 0.5, 1, 2, 4, 9])
        parts = pairwise(edges)
        return sum(quad(density, low, high, epsabs=0, epsrel=1e-11)[0] for low, high in parts)

    return beyond, w @ y / total, math.sqrt(inflated) / total


def confidence_distribution_prediction(effects, variances, level, nodes=400):
    """Return Nagashima, Noma and Furukawa's interval from midpoints of its two random parts."""
    y, v = np.asarray(effects), np.asarray(variances)
    k, w = y.size, 1 / v
    q = cochran_q(y, w)
    midpoints = (np.arange(nodes) + 0.5) / nodes
    t = stats.t.ppf(midpoints, k - 1)
    top = mixture_cdf(q, form(v, w, 0.0))
    parts = [(0.0, 1 - top)]
    for chance in top * midpoints:
        high = v.max()
        while mixture_cdf(q, form(v, w, high)) > chance:
            high *= 4
        tau2 = brentq(lambda x, p=chance: mixture_cdf(q, form(v, w, x)) - p, 0, high)
        parts.append((tau2, top / nodes))

    def below(effect):
        total = 0.0
        for tau2, mass in parts:
            weights = 1 / (v + tau2)
            mean = weights @ y / weights.sum()
            error = math.sqrt(weights @ (y - mean) ** 2 / (k - 1) / weights.sum())
            if tau2 == 0:
                total += mass * stats.t.cdf((effect - mean) / error, k - 1)
            else:
                total += mass * ndtr((effect - mean + error * t) / math.sqrt(tau2)).mean()
        return total

    tail = (1 - level) / 2
    far = 1e3 * (np.ptp(y) + math.sqrt(v.max()))
    return tuple(brentq(lambda x, p=p: below(x) - p, -far, far) for p in (tail, 1 - tail))
