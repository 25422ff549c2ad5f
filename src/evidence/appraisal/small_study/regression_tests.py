"""Regression tests for small-study effects: Egger's, and its relatives for effects.

References
----------
Egger M, Davey Smith G, Schneider M, Minder C (1997). Bias in meta-analysis detected by a simple,
graphical test. BMJ 315:629-634.
Thompson SG, Sharp SJ (1999). Explaining heterogeneity in meta-analysis: a comparison of methods.
Statistics in Medicine 18:2693-2708.
Sterne JAC, Egger M (2005). Regression methods to detect publication and other bias in
meta-analysis. In: Rothstein HR, Sutton AJ, Borenstein M (editors), Publication Bias in
Meta-Analysis, 99-110. Wiley.
Moreno SG, Sutton AJ, Ades AE, et al. (2009). Assessment of regression-based methods to adjust for
publication bias through a comprehensive simulation study. BMC Medical Research Methodology 9:2.
Pustejovsky JE, Rodgers MA (2019). Testing for funnel plot asymmetry of standardized mean
differences. Research Synthesis Methods 10:57-71.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypedDict

import numpy as np

from evidence.appraisal.small_study.guard import (
    Asked,
    SmallStudyCheck,
    check_force,
    heterogeneity_cautions,
    read_effects,
)
from evidence.appraisal.small_study.line import Points, check_line
from evidence.appraisal.small_study.own_error import own_error_cautions
from evidence.effects.arguments import Floats, as_floats, check_level
from evidence.effects.measures.choices import check_choice
from evidence.effects.sizes import EffectSizes
from evidence.errors import Caution, InvalidArgumentError, did_you_mean
from evidence.synthesis.inputs import carried_cautions, refuse
from evidence.synthesis.pool import read_tau2_method
from evidence.synthesis.regression.method import CI_METHODS
from evidence.synthesis.regression.studies import Studies
from evidence.synthesis.result import PooledResult

if TYPE_CHECKING:
    from typing import Unpack

    import pandas as pd
    from numpy.typing import ArrayLike

    from evidence.effects.derivation.readings import Reading
__all__ = [
    "MODELS",
    "PREDICTORS",
    "RegressionChoices",
    "egger_test",
    "pustejovsky_rodgers_test",
    "thompson_sharp_test",
]

EGGER = "Egger et al. 1997, BMJ 315:629-634"
THOMPSON_SHARP = "Thompson and Sharp 1999, Statistics in Medicine 18:2693-2708"
PUSTEJOVSKY_RODGERS = "Pustejovsky and Rodgers 2019, Research Synthesis Methods 10:57-71"
STERNE_EGGER = (
    "Sterne and Egger 2005, in Rothstein, Sutton and Borenstein (editors), Publication Bias in "
    "Meta-Analysis, 99-110"
)

MODELS = ("weighted", "mixed")
#: What effects may be regressed on, and how it is called in a table.
PREDICTORS = MappingProxyType(
    {
        "standard_error": "standard error",
        "variance": "variance",
        "inverse_n": "1/n",
        "inverse_sqrt_n": "1/√n",
    }
)


class RegressionChoices(TypedDict, total=False):
    """What may be chosen of a test by name.

    Attributes
    ----------
    model
        ``"weighted"`` (default): weighted least squares with a multiplicative dispersion, t on
        k - 2; ``"mixed"``: a mixed-effects meta-regression, with additive tau².
    predictor
        One of `PREDICTORS`, default ``"standard_error"``.
    tau2_method, ci_method
        Of the mixed model, as `regress`: ``"REML"`` and ``"HKSJ-adhoc"``.
    level
        Of the intervals, 0.95.
    """

    model: str
    predictor: str
    tau2_method: str | float
    ci_method: str
    level: float


@dataclass(frozen=True, slots=True)
class _Choices:
    model: str = "weighted"
    predictor: str = "standard_error"
    tau2_method: str | float = "REML"
    ci_method: str = "HKSJ-adhoc"
    level: float = 0.95


def _read_choices(given: Mapping[str, Any], accepted: tuple[str, ...]) -> _Choices:
    for name in given:
        if name not in accepted:
            raise InvalidArgumentError(
                f"There is no argument {name!r}. {did_you_mean(name, accepted)}"
            )
    choices = _Choices(**given)
    check_choice("model", choices.model, MODELS)
    check_choice("predictor", choices.predictor, tuple(PREDICTORS))
    check_choice("ci_method", choices.ci_method, CI_METHODS)
    check_level(choices.level)
    read_tau2_method(choices.tau2_method)
    return choices


# ---------------------------------------------------------------------------------------- the tests


def egger_test(
    effects: ArrayLike | EffectSizes | pd.DataFrame | Sequence[Reading] | PooledResult,
    variances: ArrayLike | None = None,
    *,
    standard_errors: ArrayLike | None = None,
    labels: Sequence[str] | None = None,
    sample_sizes: ArrayLike | None = None,
    force: bool = False,
    **choices: Unpack[RegressionChoices],
) -> SmallStudyCheck:
    """Regress effects on a measure of how small the studies are (Egger's test).

    Parameters
    ----------
    effects, variances, standard_errors, labels
        As `pool` takes them, shape (k,). Ratios enter as logarithms.
    sample_sizes
        People in each study, shape (k,); needed for the predictors 1/n and 1/√n.
    force
        Whether to compute it below 10 studies, or where they are nearly of one size; the result
        is then marked.
    **choices
        `model`, `predictor`, `tau2_method`, `ci_method` and `level`; see `RegressionChoices`.

    Returns
    -------
    SmallStudyCheck
        The slope, and in the table the limit effect where studies would have no error. The slope
        on the standard error is the intercept of Egger's regression of effects over their errors
        on precision.

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.

    References
    ----------
    Egger et al. 1997; Sterne and Egger 2005 (mixed model); Moreno et al. 2009 (variance).
    """
    chosen = _read_choices(choices, tuple(RegressionChoices.__annotations__))
    sizes, lacking = None, None
    by_people = chosen.predictor in {"inverse_n", "inverse_sqrt_n"}
    if by_people:
        if sample_sizes is None:
            raise InvalidArgumentError(
                f"predictor {chosen.predictor!r} needs sample_sizes: the people in each study."
            )
        sizes = as_floats("sample_sizes", sample_sizes)
        lacking = np.isnan(sizes)
    studies, kept = read_effects(
        effects, (variances, standard_errors), labels, lacking, "sample size" if by_people else ""
    )
    if sizes is not None:
        sizes = sizes[kept]
        _check_people("sample_sizes", studies.names, sizes)
    mixed = chosen.model == "mixed"
    name = "Egger's test" if not mixed else "Egger's test with a mixed model"
    if chosen.predictor != "standard_error":
        name += f" on {'the ' if not by_people else ''}{PREDICTORS[chosen.predictor]}"
    points = _points(studies, chosen.predictor, sizes, own_error_cautions(effects))
    return _run(points, Asked(name, STERNE_EGGER if mixed else EGGER, check_force(force)), chosen)


def thompson_sharp_test(
    effects: ArrayLike | EffectSizes | pd.DataFrame | Sequence[Reading] | PooledResult,
    variances: ArrayLike | None = None,
    *,
    standard_errors: ArrayLike | None = None,
    labels: Sequence[str] | None = None,
    level: float = 0.95,
    force: bool = False,
) -> SmallStudyCheck:
    """Regress effects on their standard errors with a moment estimate of tau².

    Parameters
    ----------
    effects, variances, standard_errors, labels
        As `pool` takes them, shape (k,).
    level
        Of the intervals.
    force
        As in `egger_test`.

    Returns
    -------
    SmallStudyCheck
        With z: the variance between studies is added, and taken as known.

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.

    References
    ----------
    Thompson and Sharp 1999.
    """
    chosen = _Choices("mixed", "standard_error", "DL", "Wald", check_level(level))
    studies, _ = read_effects(effects, (variances, standard_errors), labels)
    points = _points(studies, chosen.predictor, None, own_error_cautions(effects))
    asked = Asked("Thompson and Sharp's test", THOMPSON_SHARP, check_force(force))
    return _run(points, asked, chosen)


def pustejovsky_rodgers_test(
    effects: ArrayLike | EffectSizes | PooledResult,
    *,
    n_treatment: ArrayLike,
    n_control: ArrayLike,
    labels: Sequence[str] | None = None,
    force: bool = False,
    **choices: Unpack[RegressionChoices],
) -> SmallStudyCheck:
    """Run Egger's test on standardised mean differences without its artefact.

    The variance of a standardised mean difference grows with the difference itself, which alone
    makes a funnel lopsided. Here 1/n₁ + 1/n₂, the part that does not, takes its place, in the
    predictor and in the weights. (That it does so in the weights too is this package's reading:
    the paper's text was not at hand.)

    Parameters
    ----------
    effects
        Standardised mean differences, shape (k,); or a result of `pool`.
    n_treatment, n_control
        People in each group, shape (k,).
    labels
        Names of the studies.
    force
        As in `egger_test`.
    **choices
        As `egger_test`, but for `predictor`.

    Returns
    -------
    SmallStudyCheck

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.

    References
    ----------
    Pustejovsky and Rodgers 2019.
    """
    accepted = tuple(name for name in RegressionChoices.__annotations__ if name != "predictor")
    chosen = _read_choices(choices, accepted)
    cautions = carried_cautions(effects)
    given: Any = effects
    if isinstance(effects, EffectSizes):
        given = effects.estimate
    elif isinstance(effects, PooledResult):
        given, labels = effects.effects, effects.labels if labels is None else labels
    first = as_floats("n_treatment", n_treatment)
    second = as_floats("n_control", n_control)
    if first.size != second.size:
        raise InvalidArgumentError(
            f"There are {first.size} values of n_treatment and {second.size} of n_control; they "
            "must be as many."
        )
    if np.size(given) != first.size:
        raise InvalidArgumentError(
            f"There are {np.size(given)} effects and {first.size} values of n_treatment; they must "
            "be as many."
        )
    lacking = np.isnan(first) | np.isnan(second)
    # Any positive number stands in where people are missing or impossible: the first are left
    # out, and the second refused below, by their own name.
    possible = (first >= 1) & (second >= 1)
    a, b = np.where(possible, first, 1.0), np.where(possible, second, 1.0)
    studies, kept = read_effects(given, (1 / a + 1 / b, None), labels, lacking, "group size")
    _check_people("n_treatment", studies.names, first[kept])
    _check_people("n_control", studies.names, second[kept])
    points = _points(studies, "standard_error", None, cautions)
    name = "Pustejovsky and Rodgers' test" + (
        " with a mixed model" if chosen.model == "mixed" else ""
    )
    return _run(points, Asked(name, PUSTEJOVSKY_RODGERS, check_force(force)), chosen)


def _check_people(argument: str, names: Sequence[str], people: Floats) -> None:
    refuse(names, np.isinf(people), people, argument, "finite")
    refuse(names, people < 1, people, argument, "at least 1")


def _points(
    studies: Studies, predictor: str, people: Floats | None, cautions: tuple[Caution, ...]
) -> Points:
    variances = studies.variances
    if predictor == "standard_error":
        x = np.sqrt(variances)
    elif predictor == "variance" or people is None:
        x = variances
    else:
        x = 1 / people if predictor == "inverse_n" else 1 / np.sqrt(people)
    sizes = variances if people is None else 1 / people
    few = studies.effects.size < 2
    more = () if few else heterogeneity_cautions(studies.effects, variances)
    return Points(
        studies.effects,
        variances,
        x,
        sizes,
        studies.names,
        PREDICTORS[predictor],
        (*studies.cautions, *cautions, *more),
    )


def _run(points: Points, asked: Asked, chosen: _Choices) -> SmallStudyCheck:
    if chosen.model == "weighted":
        return check_line(points, asked, level=chosen.level)
    return check_line(
        points,
        asked,
        "mixed",
        tau2_method=chosen.tau2_method,
        ci_method=chosen.ci_method,
        level=chosen.level,
    )
