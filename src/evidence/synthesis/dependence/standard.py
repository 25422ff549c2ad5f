"""Effects and design in units in which no search depends on the unit they came in."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from evidence.effects.arguments import Floats

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Standardised", "standardise"]


@dataclass(frozen=True, slots=True, eq=False)
class Standardised:
    """A linear model in standard units, its rows ordered by cluster.

    Attributes
    ----------
    columns
        Orthonormal design, and last the effects less a first fit, shape (k, q + 1).
    order, starts
        The rows given in the order of `columns`, and where each cluster starts in it.
    unit
        The unit of each row, in the order of `columns`, shape (k,).
    triangle, offset
        Coefficients are ``solve(triangle, offset + those of the columns)``.
    restricted
        Whether the likelihood is the restricted one.
    constant
        What to add to the log-likelihood of the columns.
    """

    columns: Floats
    order: NDArray[np.intp]
    starts: NDArray[np.intp]
    unit: Floats
    triangle: Floats
    offset: Floats
    restricted: bool
    constant: float

    def coefficients(self, gamma: Floats, inverse: Floats) -> tuple[Floats, Floats]:
        """Return coefficients and their covariance in the units given."""
        beta = np.linalg.solve(self.triangle, self.offset + gamma)
        half = np.linalg.solve(self.triangle, inverse)
        return np.asarray(beta), np.asarray(np.linalg.solve(self.triangle, half.T).T)


def standardise(
    effects: Floats,
    design: Floats,
    rows: tuple[NDArray[np.intp], ...],
    unit: Floats,
    variances: Floats,
    *,
    restricted: bool,
) -> Standardised:
    """Return the model with rows in the given units and an orthonormal design.

    Parameters
    ----------
    effects, design
        Shapes (k,) and (k, q).
    rows
        The rows of each cluster.
    unit
        The unit of each row, shape (k,).
    variances
        Shape (k,), for the first fit that is taken off the effects.
    restricted
        Restricted likelihood, with the constant that makes it free of the design's
        parametrisation (Harville 1974, Biometrika 61:383-385).
    """
    order = np.concatenate(rows)
    starts = np.concatenate([[0], np.cumsum([each.size for each in rows])]).astype(np.intp)
    unit = unit[order]
    scaled = design[order] / unit[:, None]
    size = np.linalg.norm(scaled, axis=0)
    basis, triangle = np.linalg.qr(scaled / size)
    triangle = triangle * size
    values = effects[order] / unit
    # Weights by the variances: the residuals of precise rows are then small, and their large
    # weights magnify no rounding.
    root = unit / np.sqrt(variances[order])
    offset = np.asarray(
        np.linalg.lstsq(basis * root[:, None], values * root, rcond=None)[0], np.float64
    )
    columns = np.column_stack([basis, values - basis @ offset])
    k, q = basis.shape
    constant = -0.5 * (k - (q if restricted else 0)) * math.log(2 * math.pi)
    constant -= float(np.log(unit).sum())
    if restricted:
        plain = np.linalg.qr(design / np.linalg.norm(design, axis=0))[1]
        constant += float(np.log(np.abs(np.diagonal(plain))).sum())
        constant += float(np.log(np.linalg.norm(design, axis=0)).sum())
        constant -= float(np.log(np.abs(np.diagonal(triangle))).sum())
    return Standardised(
        np.ascontiguousarray(columns),
        order,
        starts,
        unit,
        np.asarray(triangle),
        offset,
        restricted,
        constant,
    )
