"""Structures of the covariance between the true effects on several outcomes.

Each is a map from free parameters to a matrix that is positive semidefinite whatever their
values: standard deviations, and angles whose cosines (or sines) are correlations, so that
the edges of the range, a variance of 0 and a correlation of ±1, are ordinary places.

References
----------
Jackson D, Riley R, White IR (2011). Multivariate meta-analysis: potential and promise.
Statistics in Medicine 30:2481-2498.
Pinheiro JC, Bates DM (1996). Unconstrained parametrizations for variance-covariance
matrices. Statistics and Computing 6:289-296 (spherical).
Ishak KJ, Platt RW, Joseph L, Hanley JA, Caro JJ (2007). Meta-analysis of longitudinal
studies. Clinical Trials 4:525-539 (autoregressive).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from evidence.effects.arguments import Floats

__all__ = ["STRUCTURES", "Structure"]

#: Name: (one variance for all outcomes, pattern of the correlations).
STRUCTURES = {
    "UN": (False, "free"),
    "HCS": (False, "one"),
    "CS": (True, "one"),
    "DIAG": (False, "none"),
    "ID": (True, "none"),
    "HAR": (False, "decay"),
    "AR": (True, "decay"),
}


@dataclass(frozen=True, slots=True)
class Structure:
    """One structure for a number of outcomes.

    Attributes
    ----------
    name
        One of `STRUCTURES`.
    size
        How many outcomes.
    """

    name: str
    size: int

    @property
    def one_variance(self) -> bool:
        """Whether all outcomes have the same variance."""
        return STRUCTURES[self.name][0]

    @property
    def pattern(self) -> str:
        """How the correlations hang together: none, one, decay or free."""
        return STRUCTURES[self.name][1] if self.size > 1 else "none"

    @property
    def deviations(self) -> int:
        """How many standard deviations are free."""
        return 1 if self.one_variance else self.size

    @property
    def angles(self) -> int:
        """How many angles are free."""
        return {"none": 0, "one": 1, "decay": 1, "free": self.size * (self.size - 1) // 2}[
            self.pattern
        ]

    @property
    def parameters(self) -> int:
        """How many parameters are free."""
        return self.deviations + self.angles

    @property
    def lowest_correlation(self) -> float:
        """The lowest correlation at which the matrix is positive semidefinite."""
        return -1 / (self.size - 1) if self.pattern == "one" else -1.0

    @property
    def squared(self) -> bool:
        """Whether the parameters are roots of the standard deviations.

        A negative standard deviation would turn the sign of correlations, which may leave
        the structure, or the value at which a correlation is held.
        """
        return self.pattern != "none" and not self.one_variance

    def deviation_parameters(self, deviations: Floats) -> Floats:
        """Return the parameters of given standard deviations, shape (deviations,)."""
        return np.sqrt(deviations) if self.squared else np.asarray(deviations)

    def standard_deviations(self, parameters: Floats) -> Floats:
        """Return the standard deviation of each outcome, shape (size,)."""
        free = parameters[: self.deviations]
        return np.array(np.broadcast_to(free**2 if self.squared else free, self.size))

    def angle(self, correlation: float) -> float:
        """Return the angle of a correlation (the first one, where they are free)."""
        if self.pattern == "free":
            return math.acos(min(max(correlation, -1.0), 1.0))
        low = self.lowest_correlation
        return math.asin(min(max((2 * correlation - 1 - low) / (1 - low), -1.0), 1.0))

    def correlations(self, angles: Floats) -> tuple[Floats, Floats]:
        """Return the correlation matrix, and its derivative to each angle.

        Parameters
        ----------
        angles
            Shape (angles,).

        Returns
        -------
        matrix, derivatives
            Shapes (size, size) and (angles, size, size).
        """
        p = self.size
        if self.pattern == "none":
            return np.eye(p), np.zeros((0, p, p))
        if self.pattern == "free":
            return _spherical(p, angles)
        low = self.lowest_correlation
        r = (1 + low) / 2 + (1 - low) / 2 * math.sin(float(angles[0]))
        slope = (1 - low) / 2 * math.cos(float(angles[0]))
        if self.pattern == "one":
            matrix = np.full((p, p), r)
            change = np.full((p, p), slope)
        else:
            lag = np.abs(np.subtract.outer(np.arange(p), np.arange(p)))
            matrix = r**lag
            change = slope * lag * r ** np.maximum(lag - 1, 0)
        np.fill_diagonal(matrix, 1.0)
        np.fill_diagonal(change, 0.0)
        return matrix, change[None]

    def matrix(self, parameters: Floats) -> Floats:
        """Return the covariance matrix of the true effects, shape (size, size)."""
        sd = self.standard_deviations(parameters)
        return np.outer(sd, sd) * self.correlations(parameters[self.deviations :])[0]

    def gradient(self, parameters: Floats, slope: Floats) -> Floats:
        """Return the derivative to the parameters of a function of the matrix.

        Parameters
        ----------
        parameters
            Shape (parameters,).
        slope
            Its derivative to each entry of the matrix, shape (size, size).
        """
        sd = self.standard_deviations(parameters)
        matrix, changes = self.correlations(parameters[self.deviations :])
        by_deviation = ((slope + slope.T) * matrix) @ sd
        if self.one_variance:
            by_deviation = np.array([by_deviation.sum()])
        if self.squared:
            by_deviation = by_deviation * 2 * parameters[: self.deviations]
        by_angle = (changes * (slope * np.outer(sd, sd))).sum(axis=(1, 2))
        return np.concatenate([by_deviation, by_angle])


def _spherical(p: int, angles: Floats) -> tuple[Floats, Floats]:
    """Return R = L L' with rows of L on the unit sphere, and its derivatives.

    Row i of L has i angles; the first is that of the correlation with the first outcome.
    """
    factor = np.zeros((p, p))
    factor[0, 0] = 1.0
    derivatives = np.zeros((angles.size, p, p))
    at = 0
    # Plain numbers: these rows are too short for arrays to pay.
    for i in range(1, p):
        mine = [float(value) for value in angles[at : at + i]]
        sines, cosines = [math.sin(v) for v in mine], [math.cos(v) for v in mine]
        for j in range(i + 1):
            last = cosines[j] if j < i else 1.0
            factor[i, j] = math.prod(sines[:j]) * last
            for m in range(j):
                others = math.prod(sines[:m]) * math.prod(sines[m + 1 : j])
                derivatives[at + m, i, j] = cosines[m] * others * last
            if j < i:
                derivatives[at + j, i, j] = -math.prod(sines[: j + 1])
        at += i
    matrix = factor @ factor.T
    changes = derivatives @ factor.T
    return matrix, changes + np.swapaxes(changes, 1, 2)
