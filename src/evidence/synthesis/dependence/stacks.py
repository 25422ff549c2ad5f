"""Matrices of clusters of one size, stacked, so that linear algebra runs over them at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from evidence.effects.arguments import Floats

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Stack", "WorkingModel", "stacks"]


@dataclass(frozen=True, slots=True, eq=False)
class WorkingModel:
    """A weighted least squares fit with a working covariance, cluster by cluster.

    Attributes
    ----------
    effects, design, terms
        Shapes (k,) and (k, q), and the names of the coefficients.
    clusters, rows
        Names of the clusters, and the rows of each.
    covariance
        The working covariance of each cluster's rows.
    weights
        Weight matrix of each cluster; None for the inverse of the working covariance.
    coefficients, bread
        The fit, and (X'WX)⁻¹, shapes (q,) and (q, q).
    labels
        Names of the rows.
    """

    effects: Floats
    design: Floats
    terms: tuple[str, ...]
    clusters: tuple[str, ...]
    rows: tuple[NDArray[np.intp], ...]
    covariance: tuple[Floats, ...]
    weights: tuple[Floats, ...] | None
    coefficients: Floats
    bread: Floats
    labels: tuple[str, ...]

    @property
    def residuals(self) -> Floats:
        """Effects less what the fit says, shape (k,)."""
        return np.asarray(self.effects - self.design @ self.coefficients)


@dataclass(frozen=True, slots=True, eq=False)
class Stack:
    """The n clusters that have s rows.

    Attributes
    ----------
    places
        Their places among all clusters, shape (n,).
    design, residuals
        Shapes (n, s, q) and (n, s).
    covariance, weights
        Shapes (n, s, s).
    inverse
        Whether the weights are the inverse of the covariance.
    """

    places: NDArray[np.intp]
    design: Floats
    residuals: Floats
    covariance: Floats
    weights: Floats
    inverse: bool


def stacks(model: WorkingModel) -> Iterator[Stack]:
    """Yield the clusters of each size together."""
    sizes = np.array([rows.size for rows in model.rows])
    residuals = model.residuals
    for size in np.unique(sizes):
        places = np.flatnonzero(sizes == size)
        rows = np.stack([model.rows[place] for place in places])
        covariance = _stack(model.covariance, places)
        weights = np.asarray(
            np.linalg.inv(covariance) if model.weights is None else _stack(model.weights, places)
        )
        yield Stack(
            places,
            model.design[rows],
            residuals[rows],
            covariance,
            weights,
            model.weights is None,
        )


def _stack(blocks: Sequence[Floats], places: NDArray[np.intp]) -> Floats:
    return np.stack([blocks[place] for place in places])
