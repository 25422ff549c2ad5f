"""How much a study counts that is some steps away from the question.

References
----------
Ibrahim JG, Chen MH (2000). Power prior distributions for regression models. Statistical
Science 15:46-60.
Ibrahim JG, Chen MH, Gwon Y, Chen F (2015). The power prior: theory and applications.
Statistics in Medicine 34:3724-3749.
Turner RM, Spiegelhalter DJ, Smith GCS, Thompson SG (2009). Bias modelling in evidence
synthesis. Journal of the Royal Statistical Society A 172:21-47 (a variance is added for what a
study's design or setting may have shifted).
"""

from __future__ import annotations

import numpy as np

from evidence.effects.arguments import Floats

__all__ = ["power_prior_weights", "weighted_means", "widened_weights"]


def power_prior_weights(variances: Floats, distances: Floats, dial: Floats) -> Floats:
    """Return the precision of each study when its likelihood is raised to a power.

    A normal likelihood with variance v, raised to the power a, is one with variance v / a, so
    a study's precision is a / v. The power is the dial once for every step away: a study one
    step away counts by the dial, one two steps away by its square, and a direct one in full.
    That each step multiplies is this project's convention.

    Parameters
    ----------
    variances
        Shape (k,), above 0.
    distances
        Steps away from the question, shape (k,), from 0.
    dial
        From 0 to 1, shape (m,).

    Returns
    -------
    array
        Shape (m, k).

    References
    ----------
    Ibrahim and Chen (2000); Ibrahim et al. (2015): see the module.
    """
    powers: Floats = dial[:, np.newaxis] ** distances
    return powers / variances


def widened_weights(
    variances: Floats, distances: Floats, dial: Floats, indirectness_sd: float
) -> Floats:
    """Return the precision of each study when a variance is added for every step away.

    A study's own effect is taken to lie around the one asked about, with the variance
    s² · steps · (1 - a) / a for a dial a and a standard deviation s: none of it at 1, s² a
    step at one half, and so much at 0 that an indirect study says nothing.

    Parameters
    ----------
    variances
        Shape (k,), above 0.
    distances
        Steps away from the question, shape (k,), from 0.
    dial
        From 0 to 1, shape (m,).
    indirectness_sd
        The standard deviation s, above 0, in the units of the effects.

    Returns
    -------
    array
        Shape (m, k).

    References
    ----------
    Turner et al. (2009), for the added variance; its course over the dial is this project's
    convention. See the module.
    """
    a = dial[:, np.newaxis]
    added = indirectness_sd**2 * distances * (1 - a)
    # a / (a v + s² d (1 - a)); a direct study has 1 / v also at 0.
    bottom = np.where(distances > 0, a * variances + added, variances)
    found: Floats = np.where(distances > 0, a, 1.0) / bottom
    return found


def weighted_means(effects: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Return the means weighted by precision, with their standard errors.

    Parameters
    ----------
    effects
        Shape (k,).
    weights
        Precisions, shape (m, k).

    Returns
    -------
    estimates, standard_errors
        Shape (m,); NaN where nothing counts.
    """
    sums = weights.sum(axis=1)
    some = sums > 0
    safe = np.where(some, sums, 1.0)
    means = np.where(some, weights @ effects / safe, np.nan)
    return means, np.where(some, 1 / np.sqrt(safe), np.nan)
