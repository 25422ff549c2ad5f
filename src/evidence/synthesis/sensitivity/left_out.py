"""What several diagnostics share: the fits with each study left out, and who may ask for them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from evidence.effects.arguments import Floats
from evidence.errors import Caution
from evidence.synthesis.batch import leave_one_out
from evidence.synthesis.result import PooledResult

__all__ = ["LeftOut", "fit_without_each", "ratio"]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """The fits with each study left out in turn, each of shape (k,).

    Attributes
    ----------
    distance
        The study's effect less the mean without it.
    change
        The mean of all studies less the mean without the study.
    variance
        Squared standard error of the mean without the study.
    tau2, q
        Variance between the other studies, and their Cochran's Q.
    dispersion
        What the interval's method multiplies variances with: the Hartung-Knapp factor of the
        other studies; 1 for a Wald interval, and where a single study is left.
    total
        Sum of the weights of all studies at the tau² of the others.
    cautions
        What a reader should know.
    """

    distance: Floats
    change: Floats
    variance: Floats
    tau2: Floats
    q: Floats
    dispersion: Floats
    total: Floats
    cautions: tuple[Caution, ...] = ()


def fit_without_each(result: PooledResult) -> LeftOut:
    """Fit again without each study, by the result's own method.

    Parameters
    ----------
    result
        Of at least two studies, checked by `evidence.synthesis.checked.check_result`.

    Returns
    -------
    LeftOut
        Where one study is left, an estimated tau² and all that rests on it is NaN; Q always is.
    """
    k, method = result.k, result.method
    # About the mean, so that small changes keep their digits whatever the effects' origin.
    centred = result.effects - result.estimate
    without = leave_one_out(replace(result, effects=centred))
    change = result.weights / 100 @ centred - without.estimate
    variance = without.standard_error**2
    tau2 = without.tau2
    cautions = _several_rows(result)
    if method.model == "common":
        tau2 = np.zeros(k)
    elif not isinstance(method.tau2_method, str):
        tau2 = np.full(k, method.tau2_method)
    if k == 2:
        variance = result.variances[::-1] + tau2
        if np.isnan(tau2).any():
            cautions = (
                *cautions,
                Caution(
                    "one-left",
                    "Without one of two studies a single one is left, which says nothing about "
                    "the variation between studies: what rests on its tau² is not known.",
                ),
            )
    weights = 1 / (result.variances + tau2[:, np.newaxis])
    own = weights.diagonal().copy()
    np.fill_diagonal(weights, 0.0)
    # Summed without the study and not subtracted: it may carry nearly all the weight.
    others = weights.sum(axis=1)
    adjusted = method.ci_method.startswith("HKSJ") and k > 2
    return LeftOut(
        distance=centred - without.estimate,
        change=change,
        variance=variance,
        tau2=tau2,
        q=without.q,
        dispersion=variance * others if adjusted else np.ones(k),
        total=others + own,
        cautions=cautions,
    )


def _several_rows(result: PooledResult) -> tuple[Caution, ...]:
    if all(caution.code != "dependent-rows" for caution in result.cautions):
        return ()
    message = (
        "Some studies have several rows, which are left out one at a time: what is said of a row "
        "is not what its whole study does. Pool one row a study to see that."
    )
    return (Caution("rows-left-out", message),)


def ratio(over: Floats, under: Floats) -> Floats:
    """Divide, with 0 for nothing over nothing: where no effect differs, nothing stands out.

    Parameters
    ----------
    over, under
        Shape (k,); NaN stays NaN, and anything else over 0 is infinite.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        found = over / under
    return np.where((over == 0) & (under == 0), 0.0, found)
