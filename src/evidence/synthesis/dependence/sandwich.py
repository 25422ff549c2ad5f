"""Cluster-robust variances and the degrees of freedom of what is tested with them.

References
----------
Bell RM, McCaffrey DF (2002). Bias reduction in standard errors for linear regression with
multi-stage samples. Survey Methodology 28:169-181 (CR2, degrees of freedom).
Hedges LV, Tipton E, Johnson MC (2010). Robust variance estimation in meta-regression with
dependent effect size estimates. Research Synthesis Methods 1:39-65.
Tipton E (2015). Small sample adjustments for robust variance estimation with
meta-regression. Psychological Methods 20:375-393.
Tipton E, Pustejovsky JE (2015). Small-sample adjustments for tests of moderators and model
fit using robust variance estimation in meta-regression. Journal of Educational and
Behavioral Statistics 40:604-634 (the approximate Hotelling's T² test).
Pustejovsky JE, Tipton E (2018). Small-sample methods for cluster-robust variance
estimation and hypothesis testing in fixed effects models. Journal of Business & Economic
Statistics 36:672-683.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from evidence.effects.arguments import Floats
from evidence.synthesis.dependence.stacks import Stack, WorkingModel, stacks

__all__ = ["KINDS", "Sandwich", "sandwich"]

#: Names of the corrections, with what each does.
KINDS = {
    "CR0": "no correction",
    "CR1": "m/(m-1)",
    "CR1p": "m/(m-q)",
    "CR1S": "m(k-1)/((m-1)(k-q)), Stata's",
    "CR2": "bias-reduced linearisation",
}
#: Directions in which a cluster's residuals vary less than this beside the others are taken
#: for ones in which the fit leaves no residual at all.
_NO_RESIDUAL = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Sandwich:
    """A robust covariance of the coefficients with what its degrees of freedom need.

    For coefficients a and b the variance estimator is a sum over clusters of products of two
    linear forms of the effects, with covariances, under the working model,
    ``δᵢⱼ dᵢ(a, b) + Fᵢ(a)' K Fⱼ(b)``: so sums over pairs of clusters are products of sums.

    Attributes
    ----------
    covariance
        Of the coefficients, shape (q, q).
    own
        d of each cluster, shape (m, q, q).
    forms
        F of each cluster, shape (m, q, 2q): coefficients along the second axis.
    kernel
        K, shape (2q, 2q).
    """

    covariance: Floats
    own: Floats
    forms: Floats
    kernel: Floats

    def moments(self, contrasts: Floats) -> tuple[Floats, Floats]:
        """Return mean and covariances of the variance estimator of some contrasts.

        Parameters
        ----------
        contrasts
            Shape (r, q).

        Returns
        -------
        mean, spread
            Under the working model: shape (r, r), and the variances of the entries, (r, r).
        """
        own = contrasts @ self.own @ contrasts.T
        forms = np.einsum("rq,mqf->mrf", contrasts, self.forms)
        low = np.einsum("maf,fg,mbg->mab", forms, self.kernel, forms)
        mean = (own + low).sum(axis=0)
        together = np.einsum("maf,mbg->abfg", forms, forms)
        turned = np.einsum("fg,abgh,hi->abfi", self.kernel, together, self.kernel)
        r = contrasts.shape[0]
        spread = np.empty((r, r))
        for s in range(r):
            for t in range(r):
                spread[s, t] = self._sum_of_products(own, low, together, turned, (s, s, t, t))
                spread[s, t] += self._sum_of_products(own, low, together, turned, (s, t, t, s))
        return mean, spread

    @staticmethod
    def _sum_of_products(
        own: Floats,
        low: Floats,
        together: Floats,
        turned: Floats,
        entries: tuple[int, int, int, int],
    ) -> float:
        """Return the sum over pairs of clusters of P(a, b) P(c, d)."""
        a, b, c, d = entries
        diagonal = own[:, a, b] @ own[:, c, d]
        diagonal += own[:, a, b] @ low[:, c, d] + own[:, c, d] @ low[:, a, b]
        return float(diagonal + np.sum(turned[a, c] * together[b, d]))

    def degrees_of_freedom(self) -> Floats:
        """Return Satterthwaite's degrees of freedom of each coefficient, shape (q,)."""
        q = self.covariance.shape[0]
        found = np.empty(q)
        for j in range(q):
            mean, spread = self.moments(np.eye(q)[j : j + 1])
            found[j] = 2 * mean[0, 0] ** 2 / spread[0, 0] if spread[0, 0] > 0 else math.nan
        return found


def _symmetric_root(matrices: Floats) -> Floats:
    """Return the inverse symmetric square roots; 0 along directions without residual."""
    values, axes = np.linalg.eigh(matrices)
    keep = values > _NO_RESIDUAL * np.maximum(values[:, -1:], 0)
    power = np.where(keep, 1 / np.sqrt(np.where(keep, values, 1.0)), 0.0)
    return np.asarray((axes * power[:, None, :]) @ np.swapaxes(axes, 1, 2))


def _adjustments(stack: Stack, bread: Floats, middle: Floats) -> Floats:
    """Return the matrices A of CR2, shape (n, s, s).

    A makes A Var(residuals) A' the working covariance: with its Cholesky factor L,
    A = L (L' Var(residuals) L)^(-1/2) L' (Pustejovsky and Tipton 2018).
    """
    design, covariance = stack.design, stack.covariance
    spread = design @ bread @ np.swapaxes(design, 1, 2)
    if stack.inverse:
        variance = covariance - spread
    else:
        hat = design @ bread @ np.swapaxes(design, 1, 2) @ stack.weights @ covariance
        both = hat + np.swapaxes(hat, 1, 2)
        variance = covariance - both
        variance = variance + design @ (bread @ middle @ bread) @ np.swapaxes(design, 1, 2)
    lower = np.linalg.cholesky(covariance)
    upper = np.swapaxes(lower, 1, 2)
    inner = upper @ variance @ lower
    return np.asarray(lower @ _symmetric_root((inner + np.swapaxes(inner, 1, 2)) / 2) @ upper)


def sandwich(model: WorkingModel, kind: str) -> Sandwich:
    """Return a cluster-robust covariance of the coefficients.

    Parameters
    ----------
    model
        The fit; its clusters are those that are independent of each other.
    kind
        One of `KINDS`.
    """
    m, (k, q) = len(model.rows), model.design.shape
    factor = {
        "CR0": 1.0,
        "CR1": m / (m - 1),
        "CR1p": m / (m - q) if m > q else math.nan,
        "CR1S": m * (k - 1) / ((m - 1) * (k - q)),
        "CR2": 1.0,
    }[kind]
    bread = model.bread
    groups = list(stacks(model))
    middle = np.zeros((q, q))
    for stack in groups:
        weighted = stack.weights @ stack.design
        middle += np.einsum("nsq,nst,ntr->qr", weighted, stack.covariance, weighted)
    own = np.empty((m, q, q))
    forms = np.empty((m, q, 2 * q))
    meat = np.zeros((q, q))
    for stack in groups:
        weighted = stack.weights @ stack.design
        if kind == "CR2":
            weighted = np.swapaxes(_adjustments(stack, bread, middle), 1, 2) @ weighted
        scores = np.einsum("nsq,ns->nq", weighted, stack.residuals)
        meat += scores.T @ scores
        lean = math.sqrt(factor) * (weighted @ bread)
        own[stack.places] = np.einsum("nsa,nst,ntb->nab", lean, stack.covariance, lean)
        straight = np.einsum("nsa,nsq->naq", lean, stack.design)
        through = np.einsum(
            "nsa,nst,ntu,nuq->naq",
            lean,
            stack.covariance,
            stack.weights,
            stack.design,
            optimize=True,
        )
        forms[stack.places] = np.concatenate([straight, through], axis=2)
    kernel = np.zeros((2 * q, 2 * q))
    kernel[:q, :q] = bread @ middle @ bread
    kernel[:q, q:] = kernel[q:, :q] = -bread
    covariance = factor * bread @ meat @ bread
    return Sandwich((covariance + covariance.T) / 2, own, forms, kernel)
