"""Weighted least squares for effects with known variances, and what follows from it.

References
----------
Viechtbauer W, López-López JA, Sánchez-Meca J, Marín-Martínez F (2015). A comparison of
procedures to test for moderators in mixed-effects meta-regression models. Psychological
Methods 20:360-374.
Higgins JPT, Thompson SG (2002). Quantifying heterogeneity in a meta-analysis. Statistics in
Medicine 21:1539-1558 (I²).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evidence.effects.arguments import Floats
from evidence.synthesis.regression.design import Design

__all__ = ["LinearFit", "fit_linear", "inconsistency", "trace_of_residuals"]


@dataclass(frozen=True, slots=True, eq=False)
class LinearFit:
    """Coefficients at given weights.

    Attributes
    ----------
    coefficients
        Shape (p,).
    covariance
        Inverse of X'WX, shape (p, p).
    residuals
        Effects minus what is fitted, shape (k,).
    q
        The weighted sum of squared residuals.
    leverage
        Diagonal of the hat matrix, shape (k,).
    """

    coefficients: Floats
    covariance: Floats
    residuals: Floats
    q: float
    leverage: Floats


def fit_linear(effects: Floats, total: Floats, design: Design) -> LinearFit:
    """Fit effects with variances `total` by weighted least squares.

    Parameters
    ----------
    effects
        Shape (k,).
    total
        Variance of each effect, sampling and between studies, shape (k,).
    design
        With k rows.

    Returns
    -------
    LinearFit
    """
    # The heaviest rows first: a factorisation by reflections then keeps the digits of the light
    # ones beside them. Subtracting a first fit keeps those of effects far from 0.
    order = np.argsort(total, kind="stable")
    root = 1 / np.sqrt(total[order])
    rows = design.basis[order]
    basis, upper = np.linalg.qr(rows * root[:, np.newaxis])
    first = rows.T @ effects[order]
    left = effects[order] - rows @ first
    # With a triangle, elimination has nothing to do: this is substitution.
    inverse = np.linalg.inv(upper)
    step = inverse @ (basis.T @ (left * root))
    residuals = np.empty_like(effects)
    residuals[order] = left - rows @ step
    back = design.back
    spread = back @ inverse
    leverage = np.empty_like(effects)
    leverage[order] = (basis**2).sum(axis=1)
    return LinearFit(
        coefficients=back @ (first + step),
        covariance=spread @ spread.T,
        residuals=residuals,
        q=float((residuals**2 / total).sum()),
        leverage=np.minimum(leverage, 1.0),
    )


def trace_of_residuals(variances: Floats, design: Design, leverage: Floats) -> float:
    """Return the trace of W - WX(X'WX)⁻¹X'W: the weights times one minus the leverages.

    Parameters
    ----------
    variances
        W is one over them, shape (k,).
    design
        With k rows.
    leverage
        Of a fit with these weights, shape (k,).
    """
    rest = 1 - leverage
    for place in np.flatnonzero(leverage > 0.9):
        # As the complement of what is nearly 1 the rest would be rounding error. Without that
        # study its fit has the variance h/(w(1 - h)), which gives it without a difference.
        others = np.arange(design.k) != place
        rows = design.basis[others] / np.sqrt(variances[others])[:, np.newaxis]
        upper: Floats = np.asarray(np.linalg.qr(rows, mode="r"))
        sizes = np.abs(np.diag(upper))
        if sizes.min() <= 1e-12 * sizes.max():
            rest[place] = 0.0
            continue
        spread = np.linalg.solve(upper.T, design.basis[place])
        rest[place] = 1 / (1 + float(spread @ spread) / variances[place])
    return float((rest / variances).sum())


def inconsistency(
    variances: Floats, tau2: float, design: Design, leverage: Floats
) -> tuple[float, float]:
    """Return residual I² in percent and H²: tau² beside a typical sampling variance.

    Parameters
    ----------
    variances
        Shape (k,).
    tau2
        Residual variance between studies.
    design
        With k rows.
    leverage
        Of the fit with tau² at 0, shape (k,).
    """
    typical = (design.k - design.p) / trace_of_residuals(variances, design, leverage)
    return 100 * tau2 / (tau2 + typical), (tau2 + typical) / typical
