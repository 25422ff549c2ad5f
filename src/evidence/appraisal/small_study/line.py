"""A straight line through effects over a measure of size: fitted, and tested behind the guard."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from evidence.appraisal.small_study.guard import (
    Asked,
    SmallStudyCheck,
    forced_cautions,
    identical_effects,
    objections,
    refusal,
    verdict,
)
from evidence.effects.arguments import Floats
from evidence.effects.conversions.spread import quantile
from evidence.errors import Caution
from evidence.synthesis.regression.design import Design
from evidence.synthesis.regression.joint import p_of
from evidence.synthesis.regression.linear import fit_linear
from evidence.synthesis.regression.regress import regress

__all__ = ["Line", "Points", "check_line", "fit_line"]

#: A predictor whose values differ by less than this share of the largest does not differ.
_SAME = 1e-9
#: Residuals below this share of the effects are rounding errors.
_ROUNDING = 1e-13


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """What a line is laid through.

    Attributes
    ----------
    effects, variances, predictor
        Shape (k,); only the ratios of the variances matter in a weighted regression.
    sizes
        The variance of each study or what stands for it, for the guard, shape (k,).
    names
        Of the studies.
    term
        What the predictor is called.
    cautions
        Of reading them.
    """

    effects: Floats
    variances: Floats
    predictor: Floats
    sizes: Floats
    names: tuple[str, ...]
    term: str
    cautions: tuple[Caution, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """A straight line through effects: where it starts, and how it rises.

    Attributes
    ----------
    coefficients, standard_errors
        Intercept and slope, shape (2,).
    df
        Of t; None for z.
    tau2
        Residual variance between studies; NaN for a weighted regression.
    dispersion
        Residual Q over its degrees of freedom, by which a weighted regression multiplies
        variances.
    cautions
        Of the fit.
    """

    coefficients: Floats
    standard_errors: Floats
    df: float | None
    tau2: float
    dispersion: float
    cautions: tuple[Caution, ...] = ()


def fit_line(points: Points, model: str = "weighted", **choices: Any) -> Line:
    """Regress effects on a constant and the predictor.

    Parameters
    ----------
    points
        Of at least three studies whose predictors differ.
    model
        ``"weighted"`` or ``"mixed"``.
    **choices
        Of the mixed model, as `regress`.

    Returns
    -------
    Line
    """
    matrix = np.column_stack([np.ones(points.effects.size), points.predictor])
    if model == "mixed":
        fit = regress(
            points.effects,
            points.variances,
            moderators=matrix,
            labels=points.names,
            **choices,
        )
        kept = tuple(c for c in fit.cautions if c.code in {"high-leverage", "wald-few"})
        return Line(
            fit.coefficients, fit.standard_errors, fit.df, fit.tau2, fit.qe / fit.qe_df, kept
        )
    names = ("intercept", points.term)
    design = Design(matrix, names, (("intercept", (0,)), (points.term, (1,))))
    found = fit_linear(points.effects, points.variances, design)
    df = points.effects.size - 2
    dispersion = found.q / df
    errors = np.sqrt(np.diag(found.covariance) * dispersion)
    return Line(found.coefficients, errors, float(df), math.nan, dispersion)


def _why_not(points: Points) -> str:
    """Say why there is no line to lay, if there is none."""
    k, x = points.effects.size, points.predictor
    if k < 3:
        return f"{k} {'study' if k == 1 else 'studies'}: there is no line to test below three."
    if np.ptp(x) <= _SAME * np.abs(x).max():
        return f"The {points.term} is the same in all {k} studies: there is nothing to compare."
    return identical_effects(points.effects)


def check_line(
    points: Points, asked: Asked, model: str = "weighted", **choices: Any
) -> SmallStudyCheck:
    """Test whether effects rise or fall with the predictor, guarded.

    Parameters
    ----------
    points
        The studies.
    asked
        Name and reference of the test, and whether it was forced.
    model
        ``"weighted"`` or ``"mixed"``.
    **choices
        `level`, and for the mixed model `tau2_method` and `ci_method`.

    Returns
    -------
    SmallStudyCheck
        With the slope as its estimate, and the intercept, where studies would have no error,
        in its table.
    """
    k = int(points.effects.size)
    against = objections(asked.name, points.sizes)
    if against and not asked.force:
        more = {"variance_ratio": float(points.sizes.max() / points.sizes.min())}
        return SmallStudyCheck(**refusal(asked, k, against[0], points.cautions, **more))
    impossible = _why_not(points)
    if impossible:
        return SmallStudyCheck(**refusal(asked, k, impossible, points.cautions))
    level = choices.get("level", 0.95)
    line = fit_line(points, model, **choices)
    slope, error = float(line.coefficients[1]), float(line.standard_errors[1])
    steepest = float(np.ptp(points.effects) / np.ptp(points.predictor))
    if error <= _ROUNDING * steepest:
        sentence = f"The {k} effects lie on one line: there is no scatter to test against."
        return SmallStudyCheck(**refusal(asked, k, sentence, points.cautions))
    statistic = slope / error
    p_value = p_of(slope, error, line.df)
    reach = quantile(level, line.df) * line.standard_errors
    rows = tuple(
        {
            "term": term,
            "estimate": float(line.coefficients[j]),
            "standard_error": float(line.standard_errors[j]),
            "ci_low": float(line.coefficients[j] - reach[j]),
            "ci_high": float(line.coefficients[j] + reach[j]),
            "statistic": float(line.coefficients[j] / line.standard_errors[j]),
            "p_value": p_of(float(line.coefficients[j]), float(line.standard_errors[j]), line.df),
        }
        for j, term in enumerate(("limit effect", points.term))
    )
    status, sentence = verdict(asked, k, slope, p_value, against)
    cautions = (*points.cautions, *line.cautions, *forced_cautions(against))
    return SmallStudyCheck(
        name=asked.name,
        status=status,
        sentence=sentence,
        reference=asked.reference,
        k=k,
        table=pd.DataFrame(rows),
        estimate=slope,
        statistic=statistic,
        df=line.df,
        p_value=p_value,
        forced=bool(against),
        cautions=cautions,
    )
