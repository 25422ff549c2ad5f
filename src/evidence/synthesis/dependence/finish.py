"""From a model at its maximum to a result: inference, cautions, the fit cluster by cluster."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from evidence.display import capital, join_words, plural
from evidence.effects.arguments import Floats
from evidence.effects.conversions.spread import quantile
from evidence.errors import Caution
from evidence.synthesis.dependence.arrange import Arranged
from evidence.synthesis.dependence.coefficients import inference
from evidence.synthesis.dependence.multilevel_model import Optimum
from evidence.synthesis.dependence.options import DependenceOptions
from evidence.synthesis.dependence.result import Component
from evidence.synthesis.dependence.stacks import WorkingModel, stacks

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

__all__ = ["coefficient_table", "few_clusters", "known_model", "working_model", "zero_components"]

#: With this many clusters or fewer the variation between them is hardly told from the data.
FEW_CLUSTERS = 4
DOMINATES = 90.0


def coefficient_table(
    optimum: Optimum,
    terms: tuple[str, ...],
    df: list[float | None],
    spread: Floats,
    prediction_df: Floats,
    options: DependenceOptions,
) -> pd.DataFrame:
    """Return the coefficients with intervals and prediction intervals.

    Parameters
    ----------
    optimum
        The model at its maximum.
    terms
        Names of the coefficients.
    df
        Of each coefficient; None for the normal distribution.
    spread
        Variance of the true effects around each mean effect, NaN where the coefficient is
        none, shape (q,).
    prediction_df
        Degrees of freedom of the prediction intervals, shape (q,).
    options
        Level and kind of interval.

    References
    ----------
    Higgins JPT, Thompson SG, Spiegelhalter DJ (2009). A re-evaluation of random-effects
    meta-analysis. Journal of the Royal Statistical Society A 172:137-159.
    """
    errors = np.sqrt(np.diagonal(optimum.covariance))
    table = inference(terms, optimum.coefficients, errors, df, options.level)
    reach = np.array(
        [
            quantile(options.level, free) * math.sqrt(error**2 + variance)
            if math.isfinite(variance) and free >= 1
            else math.nan
            for free, error, variance in zip(prediction_df, errors, spread, strict=True)
        ]
    )
    table["prediction_low"] = optimum.coefficients - reach
    table["prediction_high"] = optimum.coefficients + reach
    return table


def working_model(data: Arranged, blocks: tuple[Floats, ...], optimum: Optimum) -> WorkingModel:
    """Return the fit cluster by cluster."""
    return WorkingModel(
        effects=data.effects,
        design=data.design,
        terms=data.terms,
        clusters=data.clusters,
        rows=data.rows,
        covariance=blocks,
        weights=None,
        coefficients=optimum.coefficients,
        bread=optimum.covariance,
        labels=data.names,
    )


def known_model(data: Arranged) -> WorkingModel:
    """Return the fit with the known covariances alone, the common-effect one."""
    model = WorkingModel(
        effects=data.effects,
        design=data.design,
        terms=data.terms,
        clusters=data.clusters,
        rows=data.rows,
        covariance=data.known_blocks(),
        weights=None,
        coefficients=np.zeros(data.design.shape[1]),
        bread=np.eye(data.design.shape[1]),
        labels=data.names,
    )
    information = np.zeros(model.bread.shape)
    for stack in stacks(model):
        information += np.einsum("nsq,nst,ntr->qr", stack.design, stack.weights, stack.design)
    size = np.sqrt(np.diagonal(information))
    bread = np.linalg.inv(information / np.outer(size, size)) / np.outer(size, size)
    return WorkingModel(
        effects=model.effects,
        design=model.design,
        terms=model.terms,
        clusters=model.clusters,
        rows=model.rows,
        covariance=model.covariance,
        weights=None,
        coefficients=model.coefficients,
        bread=bread,
        labels=model.labels,
    )


def few_clusters(count: int, shares: NDArray[np.float64], names: tuple[str, ...]) -> list[Caution]:
    """Return cautions for few clusters and for one that dominates.

    Parameters
    ----------
    count
        How many clusters.
    shares
        Of each cluster in a coefficient, in percent, shape (clusters, coefficients).
    names
        Of the clusters.
    """
    found = []
    if count <= FEW_CLUSTERS:
        found.append(
            Caution(
                "few-clusters",
                f"With {plural(count, 'cluster')} the variation between clusters can hardly be "
                "told from the data, however many rows there are.",
                "Röver, Knapp and Friede 2015, BMC Medical Research Methodology 15:99",
            )
        )
    largest = np.unravel_index(int(shares.argmax()), shares.shape)
    if count > 1 and shares[largest] > DOMINATES:
        found.append(
            Caution(
                "one-dominates",
                f"One cluster, {names[int(largest[0])]}, carries over {DOMINATES:g}% of the "
                "weight.",
            )
        )
    return found


def zero_components(components: tuple[Component, ...]) -> list[Caution]:
    """Return a caution for variances at the edge of their range."""
    zero = [c.name for c in components if c.kind == "variance" and c.place >= 0 and c.estimate == 0]
    if not zero:
        return []
    verb = "is" if len(zero) == 1 else "are"
    return [
        Caution(
            "variance-zero",
            f"{capital('the variance' if len(zero) == 1 else 'the variances')} "
            f"{join_words(zero)} {verb} estimated as 0, the edge of the range; that is not "
            "evidence of agreement. The profile-likelihood interval says how large it may be.",
            "Higgins, Thompson and Spiegelhalter 2009",
        )
    ]
