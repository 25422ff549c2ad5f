"""Fail-safe N, for those who are asked for it, with what speaks against it.

References
----------
Rosenthal R (1979). The file drawer problem and tolerance for null results. Psychological
Bulletin 86:638-641.
Orwin RG (1983). A fail-safe N for effect size in meta-analysis. Journal of Educational
Statistics 8:157-159.
Rosenberg MS (2005). The file-drawer problem revisited: a general weighted method for
calculating fail-safe numbers in meta-analysis. Evolution 59:464-468.
Becker BJ (2005). Failsafe N or file-drawer number. In: Rothstein HR, Sutton AJ, Borenstein M
(editors), Publication Bias in Meta-Analysis, 111-125.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.special import ndtr

from evidence.appraisal.check import CANNOT_BE_TESTED, OK, Check
from evidence.appraisal.selection.studies import check_alpha, read_studies
from evidence.display import capital, format_number, format_p, plural
from evidence.effects.arguments import is_number
from evidence.effects.conversions.spread import p_from_t, upper_quantiles
from evidence.effects.measures.choices import check_choice
from evidence.errors import Caution, InvalidArgumentError
from evidence.synthesis.result import PooledResult

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["FAIL_SAFE_METHODS", "FailSafe", "fail_safe_n"]

#: Each method's paper.
FAIL_SAFE_METHODS = {
    "Rosenthal": "Rosenthal 1979, Psychological Bulletin 86:638-641",
    "Orwin": "Orwin 1983, Journal of Educational Statistics 8:157-159",
    "Rosenberg": "Rosenberg 2005, Evolution 59:464-468",
}
_INSTEAD = "Look at the interval of the mean, and at registered trials without results, instead."
#: A number this near, relatively, to a whole one is that number, and not one more.
_WHOLE = 1e-9


#: The check, as it stands in a sentence.
_NAME = "the fail-safe number"


@dataclass(frozen=True, eq=False, kw_only=True)
class FailSafe(Check):
    """A fail-safe N.

    Attributes
    ----------
    method
        ``"Rosenthal"``, ``"Orwin"`` or ``"Rosenberg"``.
    studies
        How many further studies, rounded up; 0 where there is nothing to undo, None of a single
        study.
    exact
        The same before rounding; below 0 where there is nothing to undo, NaN of a single study.
    p_value
        Of the observed studies together: one-sided by Stouffer's method for Rosenthal, in the
        direction that they point in, two-sided of the weighted mean for Rosenberg; NaN for Orwin.
    mean
        Mean effect of the observed studies; NaN for Rosenthal.
    target
        The mean that further studies would bring about; NaN but for Orwin.
    """

    method: str
    studies: int | None
    exact: float
    p_value: float
    mean: float
    target: float


def fail_safe_n(
    effects: Any,
    variances: ArrayLike | None = None,
    *,
    standard_errors: ArrayLike | None = None,
    labels: Sequence[str] | None = None,
    method: str = "Rosenthal",
    alpha: float = 0.05,
    target: float | None = None,
    weighted: bool = False,
) -> FailSafe:
    """Count the studies without effect that would undo a result. Not recommended.

    The number rests on the assumption that what is missing shows no effect on average; missing
    results may point the other way, and then far fewer of them suffice.

    Parameters
    ----------
    effects, variances, standard_errors, labels
        As `pool` takes them; or a result of `pool`.
    method
        ``"Rosenthal"``: until the one-sided p value of Stouffer's method reaches `alpha`;
        ``"Rosenberg"``: until the two-sided p value of the common-effect mean does;
        ``"Orwin"``: until the mean effect falls to `target`.
    alpha
        For Rosenthal and Rosenberg.
    target
        For Orwin: an effect too small to matter, in units of the effects; only its size counts.
    weighted
        For Orwin: whether means are weighted by inverse variances.

    Returns
    -------
    FailSafe
        It says nothing of a single study, nor where there is nothing to undo: where the result
        is not significant, or the mean is below `target`, to begin with.

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    """
    check_choice("method", method, tuple(FAIL_SAFE_METHODS))
    alpha = check_alpha(alpha)
    data = read_studies(effects, variances, standard_errors, labels)
    size = _target(method, target)
    if method == "Rosenthal":
        found = _rosenthal(data, alpha)
    elif method == "Rosenberg":
        found = _rosenberg(data, alpha)
    else:
        found = _orwin(data, size, weighted=weighted)
    exact, p_value, mean = found
    number: int | None = _round_up(exact)
    aim = math.copysign(size, mean) if method == "Orwin" else math.nan
    if data.k == 1:
        exact, number = math.nan, None
    goal = {
        "Rosenthal": f"for the one-sided p value of Stouffer's method, for {_side(data)}, to rise "
        f"to {alpha:g}",
        "Rosenberg": f"for the two-sided p value of the common-effect mean to rise to {alpha:g}",
        "Orwin": f"for the mean effect to fall to {format_number(aim)}",
    }[method]
    if number is None:
        sentence = (
            f"one study: {method}'s fail-safe N counts missing studies beside several, and can say "
            "nothing here; it needs two at least. Look at how far this study can be trusted, and "
            "at registered trials without results, instead."
        )
    elif number == 0:
        sentence = f"{_nothing_to_undo(method, data, p_value, mean, aim)} {_INSTEAD}"
    else:
        sentence = (
            f"{method}'s fail-safe N: {plural(number, 'further study', 'further studies')} "
            f"averaging no effect would be needed {goal}, beside the "
            f"{plural(data.k, 'study', 'studies')} there are."
        )
    row = {
        "method": method,
        "studies": math.nan if number is None else number,
        "exact": exact,
        "observed": data.k,
        "p_value": p_value,
        "mean": mean,
        "target": aim,
        "alpha": math.nan if method == "Orwin" else alpha,
    }
    return FailSafe(
        name=_NAME,
        status=OK if number else CANNOT_BE_TESTED,
        sentence=capital(sentence),
        table=pd.DataFrame([row]),
        reference=FAIL_SAFE_METHODS[method],
        cautions=(*data.cautions, *_CRITICISM),
        method=method,
        studies=number,
        exact=exact,
        p_value=p_value,
        mean=mean,
        target=aim,
    )


_CRITICISM = (
    Caution(
        "fail-safe",
        "Fail-safe N is not a measure of how safe a result is: it takes missing results to show no "
        "effect on average, looks past their size, bias and differences, its variants disagree "
        "widely, and no number of it is large by any rule with a basis. Worst-case selection asks "
        "the question behind it better.",
        "Becker 2005; Cochrane Handbook version 5.1, section 10.4.4.3",
    ),
)


def _side(data: PooledResult) -> str:
    """Say which effects the one-sided p value is for."""
    total = float((data.effects / np.sqrt(data.variances)).sum())
    return f"effects {'below' if total < 0 else 'above'} 0"


def _nothing_to_undo(
    method: str, data: PooledResult, p_value: float, mean: float, aim: float
) -> str:
    if method == "Orwin":
        return (
            f"the mean effect, {format_number(mean)}, does not lie beyond {format_number(aim)} to "
            f"begin with: {method}'s fail-safe N has nothing to undo."
        )
    how = (
        f"one-sided {format_p(p_value)} by Stouffer's method, for {_side(data)}"
        if method == "Rosenthal"
        else f"two-sided {format_p(p_value)} of the common-effect mean"
    )
    return (
        f"the result is not significant to begin with ({how}): {method}'s fail-safe N has nothing "
        "to undo."
    )


def _target(method: str, target: float | None) -> float:
    if method != "Orwin":
        if target is not None:
            raise InvalidArgumentError(
                f"target belongs to Orwin's method; {method}'s aims at a p value, alpha."
            )
        return math.nan
    if target is None:
        raise InvalidArgumentError(
            "Orwin's method needs target: an effect too small to matter, in units of the effects. "
            "Half of the mean, which some programs take, stands for nothing."
        )
    if not is_number(target) or not math.isfinite(target) or target == 0:
        raise InvalidArgumentError(
            f"target is {target!r}; it must be a number other than 0, which no number of studies "
            "without effect would reach."
        )
    return abs(float(target))


def _rosenthal(data: PooledResult, alpha: float) -> tuple[float, float, float]:
    total = abs(float((data.effects / np.sqrt(data.variances)).sum()))
    z = float(upper_quantiles(alpha, None))
    return (total / z) ** 2 - data.k, float(ndtr(-total / math.sqrt(data.k))), math.nan


def _rosenberg(data: PooledResult, alpha: float) -> tuple[float, float, float]:
    # Further studies carry the mean weight of those there are.
    z = data.estimate / data.standard_error
    ratio = (z / float(upper_quantiles(alpha / 2, None))) ** 2
    return data.k * (ratio - 1), p_from_t(z, None), data.estimate


def _orwin(data: PooledResult, target: float, *, weighted: bool) -> tuple[float, float, float]:
    mean = data.estimate if weighted else float(data.effects.mean())
    return data.k * (abs(mean) / target - 1), math.nan, mean


def _round_up(exact: float) -> int:
    nearest = round(exact)
    if abs(exact - nearest) <= _WHOLE * max(1.0, abs(exact)):
        return max(0, nearest)
    return max(0, math.ceil(exact))
