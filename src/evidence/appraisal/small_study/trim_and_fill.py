"""Trim and fill: how many studies a symmetric funnel would lack, and the mean with them.

References
----------
Duval S, Tweedie R (2000a). Trim and fill: a simple funnel-plot-based method of testing and
adjusting for publication bias in meta-analysis. Biometrics 56:455-463.
Duval S, Tweedie R (2000b). A nonparametric "trim and fill" method of accounting for publication
bias in meta-analysis. Journal of the American Statistical Association 95:89-98.
Terrin N, Schmid CH, Lau J, Olkin I (2003). Adjusting for publication bias in the presence of
heterogeneity. Statistics in Medicine 22:2113-2126 (what it fills in where studies differ).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from evidence.appraisal.check import OK
from evidence.appraisal.small_study.guard import (
    FORCED,
    Asked,
    SmallStudyCheck,
    check_force,
    forced_cautions,
    objections,
    read_effects,
    refusal,
)
from evidence.display import format_interval, format_number, plural
from evidence.effects.arguments import Floats
from evidence.effects.measures.choices import check_choice
from evidence.errors import Caution
from evidence.synthesis.pool import pool
from evidence.synthesis.regression.method import Choices, RegressionMethod, read_method
from evidence.synthesis.regression.regress import regress
from evidence.synthesis.regression.studies import Studies
from evidence.synthesis.result import PooledResult
from evidence.synthesis.tau2 import estimate_tau2, weighted_mean

if TYPE_CHECKING:
    from typing import Unpack

    from numpy.typing import ArrayLike

    from evidence.effects.derivation.readings import Reading
    from evidence.effects.sizes import EffectSizes

__all__ = ["ESTIMATORS", "SIDES", "TrimAndFill", "trim_and_fill"]

DUVAL_TWEEDIE = (
    "Duval and Tweedie 2000, Biometrics 56:455-463 and Journal of the American Statistical "
    "Association 95:89-98"
)
ESTIMATORS = ("L0", "R0")
SIDES = ("regression", "left", "right")


@dataclass(frozen=True, eq=False, kw_only=True)
class TrimAndFill(SmallStudyCheck):
    """What trim and fill says.

    Attributes
    ----------
    estimator
        ``"L0"`` or ``"R0"``.
    side
        Where studies were filled in: ``"left"`` or ``"right"``; empty where nothing was computed.
    missing
        How many.
    missing_standard_error
        Of that number; NaN where the formula has none.
    observed
        The studies pooled as they are.
    filled
        And with those filled in; the last `missing` of its studies are made up.
    """

    estimator: str
    side: str = ""
    missing: int = 0
    missing_standard_error: float = math.nan
    observed: PooledResult | None = None
    filled: PooledResult | None = None

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values; None for what is not known."""
        return {**super().to_dict(), "missing": self.missing if self.tested else None}


def trim_and_fill(
    effects: ArrayLike | EffectSizes | pd.DataFrame | Sequence[Reading] | PooledResult,
    variances: ArrayLike | None = None,
    *,
    standard_errors: ArrayLike | None = None,
    labels: Sequence[str] | None = None,
    estimator: str = "L0",
    side: str = "regression",
    force: bool = False,
    **choices: Unpack[Choices],
) -> TrimAndFill:
    """Estimate how many studies are missing on one side of the funnel, and fill them in.

    Parameters
    ----------
    effects, variances, standard_errors, labels
        As `pool` takes them, shape (k,). Ratios enter as logarithms.
    estimator
        ``"L0"``, from the rank sum of the effects beyond the mean, or ``"R0"``, from the run of
        the most extreme ones.
    side
        Where studies are missing: ``"left"`` (low effects), ``"right"``, or as the slope of the
        effects on their standard errors says.
    force
        Whether to compute it below 10 studies, or where they are nearly of one size; the result
        is then marked.
    **choices
        ``model``, ``tau2_method``, ``ci_method`` and ``level``, of the mean that is trimmed
        around and of the result, as `pool`; ci_method one of `regress`.

    Returns
    -------
    TrimAndFill
        Its status is ``"ok"`` however many it fills in: it is no test. With R0, `p_value` is
        one-sided, of no study missing on this side.

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.

    Notes
    -----
    A sensitivity analysis, no test and no corrected estimate: it assumes that the most extreme
    effects of one side were held back, and nothing else. Where nothing is missing it fills in
    studies about as often as not (simulated in tests/appraisal).

    References
    ----------
    Duval and Tweedie 2000a, 2000b.
    """
    check_choice("estimator", estimator, ESTIMATORS)
    check_choice("side", side, SIDES)
    method = read_method(choices)
    asked = Asked(f"Trim and fill ({estimator})", DUVAL_TWEEDIE, check_force(force))
    studies, _ = read_effects(effects, (variances, standard_errors), labels)
    sizes, k = studies.variances, len(studies.names)
    against = objections(asked.name, sizes)
    if against and not asked.force:
        more = {"variance_ratio": float(sizes.max() / sizes.min())}
        return _refuse(asked, estimator, studies, against[0], **more)
    impossible = _why_not(studies, side)
    if impossible:
        return _refuse(asked, estimator, studies, impossible)
    if side == "regression":
        side = _side(studies, method)
    # Seen from the right, what is missing on the right is missing on the left.
    sign = 1.0 if side == "left" else -1.0
    order = np.argsort(sign * studies.effects, kind="stable")
    y, v = sign * studies.effects[order], sizes[order]
    trimmed = _trim(y, v, estimator, method)
    if trimmed is None:
        return _refuse(
            asked,
            estimator,
            studies,
            f"{k} studies: the number of studies to trim does not settle, but goes round in "
            "circles; take the other estimator.",
        )
    return _filled(asked, estimator, side, studies, order, trimmed, method, against)


@dataclass(frozen=True, slots=True)
class _Trimmed:
    missing: int
    standard_error: float
    centre: float
    p_value: float


def _trim(y: Floats, v: Floats, estimator: str, method: RegressionMethod) -> _Trimmed | None:
    """Trim until the number of studies to trim stays; None where it never does.

    `y` rises, and its largest values are trimmed.
    """
    n, trim = y.size, 0
    seen: set[int] = set()
    while trim not in seen:
        seen.add(trim)
        centre = _centre(y[: n - trim], v[: n - trim], method)
        missing, error, p_value = _missing(y - centre, estimator)
        if missing == trim:
            return _Trimmed(missing, error, centre, p_value)
        trim = missing
    return None


def _centre(y: Floats, v: Floats, method: RegressionMethod) -> float:
    tau2 = 0.0
    if method.model == "random" and y.size > 1:
        given = method.tau2_method
        tau2 = given if not isinstance(given, str) else estimate_tau2(y, v, given)
    # Around one of them, so that the mean of equal effects is no rounding error away from them.
    return float(y[0]) + weighted_mean(y - y[0], v, tau2)


def _missing(deviations: Floats, estimator: str) -> tuple[int, float, float]:
    """Return how many studies are missing on the left, its standard error, and p (of R0)."""
    from scipy.stats import rankdata

    n = deviations.size
    ranks = rankdata(np.abs(deviations))
    above = deviations > 0
    if estimator == "R0":
        below = ranks[~above]
        # The ranks of the run at the end, all of effects above the mean.
        run = n - int(below.max()) if below.size else n
        count = max(0, run - 1)
        return count, math.sqrt(2 * count + 2), 0.5**run
    rank_sum = float(ranks[above].sum())
    # Only whole studies can be trimmed; the variance is that of the estimate as it stands.
    k = max(0.0, (4 * rank_sum - n * (n + 1)) / (2 * n - 1))
    count = math.floor(k + 0.5)
    spread = (
        n * (n + 1) * (2 * n + 1)
        + 10 * k**3
        + 27 * k**2
        + 17 * k
        - 18 * n * k**2
        - 18 * n * k
        + 6 * n**2 * k
    ) / 24
    error = 4 * math.sqrt(spread) / (2 * n - 1) if spread >= 0 else math.nan
    return count, error, math.nan


def _side(studies: Studies, method: RegressionMethod) -> str:
    """Return the side on which small studies are missing: opposite to where they lie."""
    matrix = np.column_stack([np.ones(studies.effects.size), np.sqrt(studies.variances)])
    fit = regress(
        studies.effects,
        studies.variances,
        moderators=matrix,
        model=method.model,
        tau2_method=method.tau2_method,
    )
    return "right" if fit.coefficients[1] < 0 else "left"


def _why_not(studies: Studies, side: str) -> str:
    k = len(studies.names)
    if k < 3:
        return f"{k} {'study' if k == 1 else 'studies'}: there is no side to trim below three."
    if np.ptp(studies.effects) == 0:
        return f"The effects of all {k} studies are identical: no side is missing."
    if side == "regression" and np.ptp(studies.variances) <= 1e-9 * studies.variances.max():
        return (
            f"The variance is the same in all {k} studies, so that no regression says on which "
            "side studies are missing; give side='left' or side='right'."
        )
    return ""


def _refuse(
    asked: Asked, estimator: str, studies: Studies, sentence: str, **more: Any
) -> TrimAndFill:
    fields = refusal(asked, len(studies.names), sentence, studies.cautions, **more)
    return TrimAndFill(estimator=estimator, **fields)


def _filled(
    asked: Asked,
    estimator: str,
    side: str,
    studies: Studies,
    order: Any,
    trimmed: _Trimmed,
    method: RegressionMethod,
    against: Sequence[str],
) -> TrimAndFill:
    k, count = len(studies.names), trimmed.missing
    mirrored = order[k - count :]
    centre = trimmed.centre if side == "left" else -trimmed.centre
    made_up = 2 * centre - studies.effects[mirrored]
    how = {
        "model": method.model,
        "tau2_method": method.tau2_method,
        "ci_method": method.ci_method,
        "level": method.level,
    }
    observed = _pool(studies.effects, studies.variances, studies.names, how)
    filled = observed
    if count:
        filled = _pool(
            np.concatenate([studies.effects, made_up]),
            np.concatenate([studies.variances, studies.variances[mirrored]]),
            (*studies.names, *(f"filled in for {studies.names[i]}" for i in mirrored)),
            how,
        )
    rows = tuple(
        {
            "analysis": what,
            "studies": each.k,
            "estimate": each.estimate,
            "ci_low": each.ci_low,
            "ci_high": each.ci_high,
            "p_value": each.p_value,
            "tau2": each.tau2,
        }
        for what, each in (("as observed", observed), ("filled in", filled))
    )
    return TrimAndFill(
        name=asked.name,
        status=OK,
        sentence=_sentence(asked, k, count, side, (observed, filled), against),
        reference=asked.reference,
        k=k,
        table=pd.DataFrame(rows),
        p_value=trimmed.p_value,
        forced=bool(against),
        cautions=(
            *studies.cautions,
            Caution(
                "not-a-correction",
                "Trim and fill is no test and no corrected estimate; it shows what one kind of "
                "selection would do. Where no study is missing it fills in some about as often "
                "as not, whether studies differ or not.",
                "Terrin et al. 2003, Statistics in Medicine 22:2113-2126; "
                "Cochrane Handbook, section 13.3.5",
            ),
            *forced_cautions(against),
        ),
        estimator=estimator,
        side=side,
        missing=count,
        missing_standard_error=trimmed.standard_error,
        observed=observed,
        filled=filled,
    )


def _pool(effects: Floats, variances: Floats, names: Sequence[str], how: Any) -> PooledResult:
    return pool(effects, variances, labels=names, **how)


def _sentence(
    asked: Asked,
    k: int,
    count: int,
    side: str,
    pooled: tuple[PooledResult, PooledResult],
    against: Sequence[str],
) -> str:
    head = FORCED if against else ""
    if not count:
        return (
            f"{head}{asked.name}, {k} studies: none is missing on the {side}, which does not show "
            "that no study is missing."
        )
    before, after = (
        f"{format_number(each.estimate)} ({format_interval(each.ci_low, each.ci_high)})"
        for each in pooled
    )
    lacking = plural(count, "study is", "studies are")
    return (
        f"{head}{asked.name}, {k} studies: for a symmetric funnel {lacking} missing on the "
        f"{side}; filled in, the mean goes from {before} to {after}."
    )
