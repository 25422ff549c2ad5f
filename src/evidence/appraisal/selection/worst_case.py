"""Worst-case selection: how much would have to be hidden to explain an effect away.

References
----------
Mathur MB, VanderWeele TJ (2020). Sensitivity analysis for publication bias in meta-analyses.
Journal of the Royal Statistical Society, Series C 69:1091-1119.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from evidence.appraisal.check import CANNOT_BE_TESTED, OK, Check
from evidence.appraisal.selection.reweighted import Reweighted
from evidence.appraisal.selection.studies import read_studies
from evidence.display import capital, format_interval, format_number, plural
from evidence.effects.arguments import check_level, is_number
from evidence.effects.conversions.spread import p_from_t
from evidence.effects.measures.choices import check_choice
from evidence.errors import Caution, InvalidArgumentError
from evidence.synthesis.pool import pool
from evidence.synthesis.result import PooledResult
from evidence.synthesis.tau2 import weighted_mean

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["RATIOS", "WorstCase", "affirmative", "worst_case_selection"]

#: The two-sided level at which a result counts as affirmative; Mathur and VanderWeele 2020.
AFFIRMATIVE_LEVEL = 0.05
#: Selection ratios that the table shows.
RATIOS = (1.0, 2.0, 3.0, 5.0, 10.0, 30.0, 100.0, math.inf)
MODELS = ("robust", "common")
DIRECTIONS = ("positive", "negative")
_PAPER = (
    "Mathur and VanderWeele 2020, Journal of the Royal Statistical Society, Series C 69:1091-1119"
)


#: The check, as it stands in a sentence.
_NAME = "the worst case of selection"


@dataclass(frozen=True, eq=False, kw_only=True)
class WorstCase(Check):
    """How many times likelier to be published affirmative results would have to be.

    Attributes
    ----------
    model
        ``"robust"`` or ``"common"``.
    favours
        The direction in which results are taken to be published more readily.
    target
        To where the effect would be moved.
    ratio_estimate
        The selection ratio at which the corrected estimate is `target`: 1 where none is
        needed, infinity where no ratio suffices, NaN where it cannot be computed.
    ratio_interval
        The same for the nearer limit of the confidence interval.
    affirmative, nonaffirmative
        How many studies are significant in the favoured direction, and how many are not.
    estimate, ci_low, ci_high
        Without correction, in this model.
    worst_case
        The nonaffirmative studies alone, pooled: the estimate under the worst selection of this
        kind; None where there are none.
    """

    model: str
    favours: str
    target: float
    level: float
    ratio_estimate: float
    ratio_interval: float
    affirmative: int
    nonaffirmative: int
    estimate: float
    ci_low: float
    ci_high: float
    worst_case: PooledResult | None


def worst_case_selection(
    effects: Any,
    variances: ArrayLike | None = None,
    *,
    standard_errors: ArrayLike | None = None,
    labels: Sequence[str] | None = None,
    model: str = "robust",
    target: float = 0.0,
    favours: str | None = None,
    level: float = 0.95,
) -> WorstCase:
    """Say how much selective publication would explain an effect away.

    Results are taken to be published more readily, by one ratio, where they are significant in
    the favoured direction ("affirmative") than where they are not. Weighting each nonaffirmative
    study by that ratio corrects the mean; the worst case is the nonaffirmative studies alone.

    Parameters
    ----------
    effects, variances, standard_errors, labels
        As `pool` takes them; or a result of `pool`.
    model
        ``"robust"`` (the default: weights with tau² by REML from all studies, and robust
        CR2 intervals with Satterthwaite's degrees of freedom) or ``"common"`` (one true effect,
        normal intervals, closed forms).
    target
        To where the effect is to be moved, in units of the effects; 0 by default.
    favours
        ``"positive"`` or ``"negative"``: the sign of the effects that are published more
        readily; by default that of the mean of all studies in this model.
    level
        Of the intervals.

    Returns
    -------
    WorstCase
        Its table has the corrected estimate and interval at ratios 1, 2, 3, 5, 10, 30, 100
        and without bound.

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.

    Notes
    -----
    A study is affirmative where its effect has the favoured sign and its two-sided p value,
    of z, is below 0.05. With W and m the summed weights and the mean effect of the affirmative
    (A) and nonaffirmative (N) studies, the corrected estimate at the ratio η is
    (W_A m_A + η W_N m_N)/(W_A + η W_N); it is the target q at η = W_A (m_A - q)/(W_N (q - m_N)).
    """
    check_choice("model", model, MODELS)
    level = check_level(level)
    if not is_number(target) or not math.isfinite(target):
        raise InvalidArgumentError(f"target is {target!r}; it must be a finite number.")
    data = read_studies(effects, variances, standard_errors, labels)
    tau2 = 0.0
    if model == "robust" and data.k > 1:
        tau2 = pool(data.effects, data.variances, ci_method="Wald").tau2
    if favours is None:
        mean = weighted_mean(data.effects, data.variances, tau2)
        favours = "negative" if mean < 0 else "positive"
    sign = 1.0 if check_choice("favours", favours, DIRECTIONS) == "positive" else -1.0
    chosen = affirmative(data, sign)
    of_ratio = Reweighted(
        sign * (data.effects - target), data.variances + tau2, chosen, model == "robust"
    )
    rows = [_row(of_ratio, ratio, sign, float(target), level) for ratio in RATIOS]
    can, why = _testable(data, chosen, of_ratio, favours, float(target))
    ratio_estimate = of_ratio.ratio_of_estimate() if can else math.nan
    ratio_interval = of_ratio.ratio_of_limit(level) if can else math.nan
    worst = None
    if not chosen.all():
        rest = {"model": "common", "ci_method": "Wald"} if model == "common" else {}
        worst = pool(
            data.effects[~chosen],
            data.variances[~chosen],
            labels=[name for name, taken in zip(data.labels, chosen, strict=True) if not taken],
            level=level,
            **rest,
        )
    sentence = why
    if can:
        sentence = _in_words(ratio_estimate, ratio_interval, float(target), favours)
        sentence += _of_the_worst(worst, level)
    return WorstCase(
        name=_NAME,
        status=OK if can else CANNOT_BE_TESTED,
        sentence=capital(sentence),
        table=pd.DataFrame(rows),
        reference=_PAPER,
        cautions=(*data.cautions, *_cautions(chosen, model)),
        model=model,
        favours=favours,
        target=float(target),
        level=level,
        ratio_estimate=ratio_estimate,
        ratio_interval=ratio_interval,
        affirmative=int(chosen.sum()),
        nonaffirmative=int((~chosen).sum()),
        estimate=float(rows[0]["estimate"]),
        ci_low=float(rows[0]["ci_low"]),
        ci_high=float(rows[0]["ci_high"]),
        worst_case=worst,
    )


def affirmative(data: PooledResult, sign: float) -> NDArray[np.bool_]:
    """Return which studies are significant, at 0.05 two-sided, with an effect of one sign.

    Parameters
    ----------
    data
        The studies.
    sign
        1.0 or -1.0.
    """
    z = sign * data.effects / np.sqrt(data.variances)
    return np.array([v > 0 and p_from_t(v, None) < AFFIRMATIVE_LEVEL for v in z.tolist()])


def _row(
    of_ratio: Reweighted, ratio: float, sign: float, target: float, level: float
) -> dict[str, float]:
    estimate, reach = of_ratio.at(0.0 if math.isinf(ratio) else 1 / ratio, level)
    estimate = target + sign * estimate
    return {
        "selection_ratio": ratio,
        "estimate": estimate,
        "ci_low": estimate - reach,
        "ci_high": estimate + reach,
    }


def _testable(
    data: PooledResult,
    chosen: NDArray[np.bool_],
    of_ratio: Reweighted,
    favours: str,
    target: float,
) -> tuple[bool, str]:
    studies = plural(data.k, "study", "studies")
    if not chosen.any():
        return False, (
            f"{'the one study is not' if data.k == 1 else f'none of {studies} is'} significant in "
            f"the {favours} direction, so that selection of "
            "significant results has nothing to work on here. Look at the interval of the mean, "
            "and at registered trials without results, instead."
        )
    if chosen.all():
        return False, (
            f"{'the one study is' if data.k == 1 else f'all of {studies} are'} significant in the "
            f"{favours} direction, so that nothing shows what unpublished results would look like: "
            "any amount of selection is compatible with this. Look for registered trials without "
            "results."
        )
    if of_ratio.at(1.0, 0.95)[0] <= 0:
        return False, (
            f"the mean does not lie beyond {format_number(target)} in the {favours} direction: "
            "there is nothing to explain away."
        )
    return True, ""


def _in_words(estimate: float, interval: float, target: float, favours: str) -> str:
    where = "no effect" if target == 0 else format_number(target)
    head = f"for selective publication to move the mean to {where}, "
    if math.isinf(estimate):
        text = (
            f"no ratio would suffice: however much likelier significant {favours} results are to "
            "be published, the others alone lie beyond it"
        )
        text = f"{head}{text}"
    else:
        text = (
            f"{head}significant {favours} results would have to be {_times(estimate)} to be "
            "published as the others"
        )
    if math.isnan(interval):
        return f"{text}."
    if interval == 1:
        return f"{text}; its interval includes that without any selection."
    if math.isinf(interval):
        return f"{text}; for its interval to include that, no ratio would suffice."
    return f"{text}; for its interval to include that, {_times(interval)}."


def _times(ratio: float) -> str:
    if ratio < 1.05:
        return "hardly likelier (under 1.05 times as likely)"
    digits = 0 if ratio >= 100 else 1
    return f"{format_number(ratio, digits)} times as likely"


def _of_the_worst(worst: PooledResult | None, level: float) -> str:
    if worst is None:
        return ""
    return (
        f" The {plural(worst.k, 'study', 'studies')} that would then be all there is to go by "
        f"{'gives' if worst.k == 1 else 'give'} {format_number(worst.estimate)} "
        f"({100 * level:g}% CI {format_interval(worst.ci_low, worst.ci_high)})."
    )


def _cautions(chosen: NDArray[np.bool_], model: str) -> list[Caution]:
    found = [
        Caution(
            "selection-model",
            "Only selection of significant results of one direction, by one ratio, is looked at: "
            "not selection among several analyses or outcomes within a study, nor bias in its "
            "conduct.",
            _PAPER,
        )
    ]
    few = int(min(chosen.sum(), (~chosen).sum()))
    if 0 < few < 3:
        kind = "affirmative" if chosen.sum() == few else "nonaffirmative"
        found.append(
            Caution(
                "few-of-a-kind",
                f"There {'is only' if few == 1 else 'are only'} "
                f"{plural(few, f'{kind} study', f'{kind} studies')}: the selection ratio hangs on "
                f"what {'it happens' if few == 1 else 'they happen'} to show.",
            )
        )
    if model == "common":
        found.append(
            Caution(
                "common-effect",
                "One true effect is assumed: with differences between studies the interval is too "
                "narrow; see model='robust'.",
            )
        )
    return found
