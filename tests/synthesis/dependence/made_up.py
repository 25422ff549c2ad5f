"""Rows in clusters, made up for the tests."""

import numpy as np

EFFECTS = np.array([0.31, 0.12, 0.45, -0.08, 0.27, 0.52, 0.03, 0.38, 0.19, 0.61, 0.05, 0.22])
VARIANCES = np.array([2, 3, 5, 4, 2, 6, 3, 4, 5, 7, 2, 3]) / 100
CLUSTER = ["a", "a", "a", "b", "b", "c", "c", "d", "d", "d", "e", "f"]
#: Their clusters differ, so both variances are above 0.
SPREAD = EFFECTS + 0.8 * np.array([1, 1, 1, -1, -1, 0, 0, 2, 2, 2, -0.5, 0.3])
MODERATOR = np.array([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12.0])


def dense(variances, clusters, between, within, known=None):
    """The covariance matrix as a whole."""
    same = np.equal.outer(np.array(clusters), np.array(clusters))
    start = np.diag(np.asarray(variances, float)) if known is None else known
    return start + between * same + within * np.eye(len(clusters))


def dense_fit(effects, design, covariance):
    """Coefficients, their covariance and the restricted log-likelihood by plain algebra."""
    weights = np.linalg.inv(covariance)
    information = design.T @ weights @ design
    spread = np.linalg.inv(information)
    beta = spread @ design.T @ weights @ effects
    residual = effects - design @ beta
    k, q = design.shape
    value = -0.5 * (
        (k - q) * np.log(2 * np.pi)
        + np.linalg.slogdet(covariance)[1]
        + np.linalg.slogdet(information)[1]
        - np.linalg.slogdet(design.T @ design)[1]
        + residual @ weights @ residual
    )
    return beta, spread, value
