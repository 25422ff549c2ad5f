"""PET, PEESE and PET-PEESE: the effect that a study of unlimited size would show.

References
----------
Stanley TD, Doucouliagos H (2014). Meta-regression approximations to reduce publication selection
bias. Research Synthesis Methods 5:60-78.
Stanley TD (2017). Limitations of PET-PEESE and other meta-analysis methods. Social
Psychological and Personality Science 8:581-591.
Pustejovsky JE, Rodgers MA (2019). Testing for funnel plot asymmetry of standardized mean
differences. Research Synthesis Methods 10:57-71.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from evidence.appraisal.check import CANNOT_BE_TESTED, CONTRADICTION, OK, Check
from evidence.appraisal.selection.instead import instead
from evidence.appraisal.selection.studies import read_studies
from evidence.appraisal.small_study.guard import (
    FORCED,
    RULE,
    check_force,
    forced_cautions,
    identical_effects,
    objections,
)
from evidence.display import capital, format_interval, format_number, format_p, plural
from evidence.effects.arguments import Floats, as_floats, check_level
from evidence.effects.measures.choices import check_choice
from evidence.errors import Caution, InvalidArgumentError
from evidence.synthesis.inputs import read_inputs, refuse
from evidence.synthesis.regression.regress import regress
from evidence.synthesis.regression.result import RegressionResult
from evidence.synthesis.result import PooledResult

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["PET_LEVEL", "PetPeese", "pet_peese"]

METHODS = ("PET-PEESE", "PET", "PEESE")
#: One-sided level at which PET's effect has PEESE take over: this package's choice.
PET_LEVEL = 0.05
#: Level of the test that effects go with their standard errors, as usual for funnel plots.
SLOPE_LEVEL = 0.10
#: From this I², in percent, on the intervals of PET-PEESE miss the mean too often, with and without
#: selection (simulated in tests/appraisal); Stanley 2017 takes 80.
MUCH_HETEROGENEITY = RULE.i2
#: Standard errors whose range is within this share of the largest are equal.
EQUAL = 1e-6
#: A slope's standard error below this share of the effects' range is a rounding error.
_ROUNDING = 1e-13
_PAPER = "Stanley and Doucouliagos 2014, Research Synthesis Methods 5:60-78"
_COLUMNS = ("method", "coefficient", "estimate", "standard_error", "ci_low", "ci_high", "p_value")


#: The check, as it stands in a sentence.
_NAME = "PET-PEESE"


@dataclass(frozen=True, eq=False, kw_only=True)
class PetPeese(Check):
    """A mean extrapolated to a standard error of 0.

    Attributes
    ----------
    method
        ``"PET"`` or ``"PEESE"``: which the estimate is from.
    estimate, standard_error, ci_low, ci_high
        The extrapolated effect; NaN where refused.
    unadjusted
        The common-effect mean.
    slope_p_value
        Two-sided, of PET's slope: whether effects go with standard errors; NaN where refused.
    forced
        Whether it was computed against the guard's advice.
    """

    method: str
    estimate: float
    standard_error: float
    ci_low: float
    ci_high: float
    unadjusted: float
    slope_p_value: float
    forced: bool = False


def pet_peese(
    effects: Any,
    variances: ArrayLike | None = None,
    *,
    standard_errors: ArrayLike | None = None,
    labels: Sequence[str] | None = None,
    method: str = "PET-PEESE",
    predictor: ArrayLike | None = None,
    level: float = 0.95,
    force: bool = False,
) -> PetPeese:
    """Extrapolate effects to what a study of unlimited size would show.

    PET regresses the effects on their standard errors, PEESE on their variances, weighted by
    inverse variances with a multiplicative dispersion; the constant is the estimate. PET-PEESE
    takes PEESE where PET's constant is above 0 in the direction of the mean (one-sided
    p < 0.05), and PET otherwise.

    Parameters
    ----------
    effects, variances, standard_errors, labels
        As `pool` takes them; or a result of `pool`.
    method
        ``"PET-PEESE"`` (the default), ``"PET"`` or ``"PEESE"``.
    predictor
        What takes the place of the standard errors as the moderator, shape (k,). For
        standardised mean differences ``sqrt(1/n1 + 1/n2)``, since their own standard errors grow
        with the effect; the weights stay.
    level
        Of the intervals.
    force
        Whether to compute it below 10 studies, or where they are nearly of one size; the result
        is then marked.

    Returns
    -------
    PetPeese
        ``"contradiction"`` where effects go with their standard errors (p < 0.10).

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    """
    check_choice("method", method, METHODS)
    level = check_level(level)
    force = check_force(force)
    data = read_studies(effects, variances, standard_errors, labels)
    given = None
    if predictor is not None:
        given = _predictor(predictor, (effects, variances, standard_errors, labels), data)
    moderator = np.sqrt(data.variances) if given is None else given
    against = objections(_NAME, moderator**2)
    cautions = (
        *data.cautions,
        *_cautions(data, moderator, own=given is None),
        *forced_cautions(against),
    )
    why = _refusal(data, moderator) if force or not against else against[0]
    if why:
        return _refused(why, data, method)
    scale = float(moderator.max())
    fits = {
        "PET": _fit(data, moderator / scale, level),
        "PEESE": _fit(data, (moderator / scale) ** 2, level),
    }
    if any(_on_a_line(fit, data.effects) for fit in fits.values()):
        why = f"The {data.k} effects lie on one line: there is no scatter to test against."
        return _refused(why, data, method)
    chosen = method if method != "PET-PEESE" else _choose(fits["PET"], data.estimate)
    rows = [
        row
        for name, fit in fits.items()
        for row in _rows(name, fit, scale if name == "PET" else scale**2)
    ]
    fit = fits[chosen]
    slope_p = float(fits["PET"].p_values[1])
    estimate, low, high = (float(v[0]) for v in (fit.coefficients, fit.ci_low, fit.ci_high))
    sentence = (
        f"{chosen}{' (chosen by PET-PEESE)' if method == 'PET-PEESE' else ''} over "
        f"{plural(data.k, 'study', 'studies')}: extrapolated to a study of unlimited size, the "
        f"effect would be {format_number(estimate)} ({100 * level:g}% CI "
        f"{format_interval(low, high)}) instead of {format_number(data.estimate)}, the "
        f"common-effect mean; effects {'go' if slope_p < SLOPE_LEVEL else 'do not clearly go'} "
        f"with their standard errors ({format_p(slope_p)})."
    )
    return PetPeese(
        name=_NAME,
        status=CONTRADICTION if slope_p < SLOPE_LEVEL else OK,
        sentence=FORCED + sentence if against else capital(sentence),
        table=pd.DataFrame(rows, columns=list(_COLUMNS)),
        reference=_PAPER,
        cautions=cautions,
        method=chosen,
        estimate=estimate,
        standard_error=float(fit.standard_errors[0]),
        ci_low=low,
        ci_high=high,
        unadjusted=data.estimate,
        slope_p_value=slope_p,
        forced=bool(against),
    )


def _predictor(predictor: ArrayLike, given: tuple[Any, ...], data: PooledResult) -> Floats:
    values = as_floats("predictor", predictor)
    effects, variances, standard_errors, labels = given
    if isinstance(effects, PooledResult):
        kept = np.ones(data.k, dtype=bool)
    else:
        found, spread, _ = read_inputs(effects, variances, standard_errors, labels)
        kept = ~(np.isnan(found) | np.isnan(spread))
    if values.size != kept.size:
        raise InvalidArgumentError(
            f"There are {kept.size} effects and {values.size} values of predictor; they must be as "
            "many."
        )
    values = values[kept]
    bad = ~((values > 0) & np.isfinite(values))
    refuse(data.labels, bad, values, "predictor", "finite and above 0")
    return values


def _fit(data: PooledResult, moderator: Floats, level: float) -> RegressionResult:
    # Knapp and Hartung's factor without a guard is the multiplicative dispersion.
    return regress(
        data.effects,
        data.variances,
        moderators=np.column_stack([np.ones(data.k), moderator]),
        model="common",
        ci_method="HKSJ",
        level=level,
    )


def _choose(pet: RegressionResult, mean: float) -> str:
    constant, p_value = float(pet.coefficients[0]), float(pet.p_values[0])
    return "PEESE" if constant * mean > 0 and p_value / 2 < PET_LEVEL else "PET"


def _rows(name: str, fit: RegressionResult, scale: float) -> list[tuple[object, ...]]:
    found = []
    for place, (coefficient, unit) in enumerate((("effect", 1.0), ("slope", scale))):
        numbers = (fit.coefficients, fit.standard_errors, fit.ci_low, fit.ci_high)
        values = (float(v[place]) / unit for v in numbers)
        found.append((name, coefficient, *values, float(fit.p_values[place])))
    return found


def _on_a_line(fit: RegressionResult, effects: Floats) -> bool:
    """Whether no effect is off the line by more than rounding; the moderator is at most 1."""
    return float(fit.standard_errors[1]) <= _ROUNDING * float(np.ptp(effects))


def _refusal(data: PooledResult, moderator: Floats) -> str:
    """Say why there is no line to lay, if there is none."""
    if moderator.size < 3:
        return f"{plural(moderator.size, 'study', 'studies')}: there is no line below three."
    if float(np.ptp(moderator)) <= EQUAL * float(moderator.max()):
        return (
            "The studies have equal standard errors: there is nothing to extrapolate along. "
            f"{instead(data)}"
        )
    return identical_effects(data.effects)


def _refused(why: str, data: PooledResult, method: str) -> PetPeese:
    return PetPeese(
        name=_NAME,
        status=CANNOT_BE_TESTED,
        sentence=capital(why),
        table=pd.DataFrame(columns=list(_COLUMNS)),
        reference=RULE.reference,
        cautions=data.cautions,
        method=method,
        estimate=math.nan,
        standard_error=math.nan,
        ci_low=math.nan,
        ci_high=math.nan,
        unadjusted=data.estimate,
        slope_p_value=math.nan,
    )


def _cautions(data: PooledResult, moderator: Floats, *, own: bool) -> list[Caution]:
    found = [
        Caution(
            "extrapolation",
            "The estimate lies outside the data: the most precise study has "
            f"{'a standard error' if own else 'a predictor'} of "
            f"{format_number(float(moderator.min()), 3)}, not 0. Small studies may also differ for "
            "reasons other than selection.",
            _PAPER,
        )
    ]
    if own:
        found.append(
            Caution(
                "smd",
                "Standardised mean differences go with their own standard errors even without any "
                "selection, and so do log odds ratios where events are few: for standardised mean "
                "differences give sqrt(1/n1 + 1/n2) as predictor.",
                "Pustejovsky and Rodgers 2019, Research Synthesis Methods 10:57-71",
            )
        )
    if data.pooled and data.i2 >= MUCH_HETEROGENEITY:
        found.append(
            Caution(
                "heterogeneity",
                f"With I² of {format_number(data.i2, 0)}% PET-PEESE is biased and its intervals "
                "are not to be relied on.",
                "Stanley 2017, Social Psychological and Personality Science 8:581-591",
            )
        )
    return found
