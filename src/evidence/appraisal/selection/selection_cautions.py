"""When a selection model is refused, and what a reader of one should know.

References
----------
McShane BB, Böckenholt U, Hansen KT (2016). Adjusting for publication bias in meta-analysis: an
evaluation of selection methods and some cautionary notes. Perspectives on Psychological Science
11:730-749.
Carter EC, Schönbrodt FD, Gervais WM, Hilgard J (2019). Correcting for bias in psychology: a
comparison of meta-analytic methods. Advances in Methods and Practices in Psychological Science
2:115-144.
Citkowicz M, Vevea JL (2017). A parsimonious weight function for modeling publication bias.
Psychological Methods 22:28-41.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from evidence.appraisal.selection.instead import instead
from evidence.appraisal.selection.weight_functions import BetaDensity, StepFunction
from evidence.display import format_number, join_words, plural
from evidence.errors import Caution
from evidence.synthesis.result import PooledResult

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "FAVOURS",
    "FEW_IN_INTERVAL",
    "LARGEST_PARAMETER",
    "LARGEST_WEIGHT",
    "SMALLEST_PARAMETER",
    "density_in_words",
    "model_cautions",
    "refusal",
]

#: With fewer studies than this in an interval of p its weight hangs on single studies: this
#: package's choice.
FEW_IN_INTERVAL = 3
#: A weight beyond this, or below 1 over it, stands where the likelihood is flat: this package's
#: choice.
LARGEST_WEIGHT = 100.0
#: The same for a and b of a beta density.
LARGEST_PARAMETER = 20.0
#: Below this a or b of a beta density is at the edge of its range, where weights of p values next
#: to 0 or 1 hang on where those are censored: one over the largest.
SMALLEST_PARAMETER = 1 / LARGEST_PARAMETER
#: Logarithms of p values this close together are the same.
_SAME = 1e-9
_MCSHANE = "McShane, Böckenholt and Hansen 2016, Perspectives on Psychological Science 11:730-749"
_CITKOWICZ = "Citkowicz and Vevea 2017, Psychological Methods 22:28-41"
_CARTER = (
    "Carter, Schönbrodt, Gervais and Hilgard 2019, Advances in Methods and Practices in "
    "Psychological Science 2:115-144"
)
#: The direction of what each alternative favours, as worst-case selection takes it.
FAVOURS = {"greater": "positive", "less": "negative", "two-sided": None}


def refusal(
    data: PooledResult, weight: StepFunction | BetaDensity, *, random: bool, fewest: int
) -> str:
    """Return why a selection model cannot be fitted, or nothing.

    Parameters
    ----------
    data
        The studies.
    weight
        The weight function.
    random
        Whether tau² is estimated.
    fewest
        How many studies are asked for.
    """
    k = data.k
    studies = plural(k, "study", "studies")
    favours = FAVOURS[weight.alternative]
    needed = 2 if weight.given is not None else max(fewest, len(weight.names) + 2 + random)
    if k < needed:
        return (
            f"{studies}: a selection model can say nothing here; it needs about {needed}. "
            f"{instead(data, favours)}"
        )
    if weight.given is not None:
        return ""
    p_values = weight.p_values(data.effects / np.sqrt(data.variances))
    if isinstance(weight, BetaDensity):
        if np.ptp(weight.of_studies(p_values), axis=0).max() < _SAME:
            return (
                "All p values are the same: they show nothing of how p was selected. "
                f"{instead(data, favours)}"
            )
        return ""
    counts = np.bincount(weight.interval_of(p_values), minlength=len(weight.intervals))
    if counts.all():
        return ""
    return _empty(counts.tolist(), weight, data)


def _empty(counts: list[int], weight: StepFunction, data: PooledResult) -> str:
    sided = "two-sided" if weight.alternative == "two-sided" else "one-sided"
    filled = [place for place, count in enumerate(counts) if count]
    if len(filled) == 1:
        low, high = weight.intervals[filled[0]]
        return (
            f"the {sided} p values of all of {plural(data.k, 'study', 'studies')} lie between "
            f"{low:g} and {high:g}: on one side only of every cut-point nothing shows what was "
            f"selected. {instead(data, FAVOURS[weight.alternative])}"
        )
    places = [
        f"from {low:g} to {high:g}"
        for (low, high), count in zip(weight.intervals, counts, strict=True)
        if not count
    ]
    # An empty interval goes to the one before it; the first to the one after.
    kept = [weight.intervals[place][0] for place in filled[1:]]
    return (
        f"no study has a {sided} p value {join_words(places)}: a weight cannot be estimated "
        f"there. Merge intervals, for example by cuts=({', '.join(f'{c:g}' for c in kept)}"
        f"{',' if len(kept) == 1 else ''})."
    )


def model_cautions(
    table: pd.DataFrame, weight: StepFunction | BetaDensity, *, model: str, tau2: float
) -> list[Caution]:
    """Return what a reader of a selection model should know.

    Parameters
    ----------
    table
        The model's.
    weight
        Its weight function.
    model
        ``"random"`` or ``"common"``.
    tau2
        The variance between studies.
    """
    found = [
        Caution(
            "selection-model",
            "The correction holds if results were selected by their p values alone and true "
            "effects are normal about one mean: small studies that differ for other reasons look "
            "the same to it.",
            _MCSHANE,
        )
    ]
    terms = table.iloc[1 + (model == "random") :]
    if weight.given is None:
        if isinstance(weight, StepFunction):
            found += _of_steps(terms)
        else:
            found += _of_density(terms)
        if np.isnan(table["standard_error"].iloc[0]):
            found.append(_flat())
    if model == "common":
        found.append(
            Caution(
                "common-effect",
                "One true effect is assumed: differences between studies then read as selection.",
                _CARTER,
            )
        )
    elif tau2 == 0:
        found.append(
            Caution(
                "tau2-zero",
                "The estimate of tau² is 0, the edge of its range; that is not evidence that the "
                "studies agree, and intervals treat it as known.",
            )
        )
    return found


def density_in_words(weight: BetaDensity, a: float, b: float) -> tuple[str, str]:
    """Return what a beta density is, and what to think of it at the edge of its range.

    Parameters
    ----------
    weight
        The weight function.
    a, b
        Its parameters.

    Returns
    -------
    head, more
        The beginning of a sentence; and a sentence after it, or nothing.
    """
    parts = [
        f"{name} {format_number(value)}{', the edge of its range' * (value < SMALLEST_PARAMETER)}"
        for name, value in (("a", float(a)), ("b", float(b)))
    ]
    head = f"with a weight of p that follows a beta density ({'; '.join(parts)})"
    if min(a, b) >= SMALLEST_PARAMETER:
        return head, ""
    more = (
        f" At that edge all of this hangs on where p values are censored ({weight.censored:g}), "
        "and is not to be relied on."
    )
    return head, more


def _flat() -> Caution:
    return Caution(
        "flat-likelihood",
        "The likelihood is nearly flat about its maximum: many combinations of mean, "
        "heterogeneity and weight fit these studies alike.",
        _MCSHANE,
    )


def _of_density(terms: pd.DataFrame) -> list[Caution]:
    if (terms["estimate"] < SMALLEST_PARAMETER).any():
        return [
            Caution(
                "weight-at-edge",
                "A parameter of the beta density is estimated at 0 or next to it, the edge of its "
                "range, beyond which the likelihood may go on growing. Wald's intervals look past "
                "the edge; see profile_interval, and try a step function.",
                _CITKOWICZ,
            )
        ]
    if (terms["estimate"] > LARGEST_PARAMETER).any():
        return [
            Caution(
                "weight-at-bound",
                f"A parameter of the beta density is beyond {LARGEST_PARAMETER:g}: such selection "
                "is hardly credible, and the likelihood is nearly flat there.",
                _MCSHANE,
            )
        ]
    return []


def _of_steps(terms: pd.DataFrame) -> list[Caution]:
    found: list[Caution] = []
    few = terms[terms["studies"] < FEW_IN_INTERVAL]
    if len(few):
        places = join_words(
            f"{low:g} to {high:g}" for low, high in zip(few["p_low"], few["p_high"], strict=True)
        )
        found.append(
            Caution(
                "few-in-interval",
                f"Fewer than {plural(FEW_IN_INTERVAL, 'study', 'studies')} have p values from "
                f"{places}: the weight there hangs on single studies.",
            )
        )
    weights = terms["estimate"]
    if (weights > LARGEST_WEIGHT).any() or (weights < 1 / LARGEST_WEIGHT).any():
        found.append(
            Caution(
                "weight-at-bound",
                f"A weight is beyond {LARGEST_WEIGHT:g} or below {1 / LARGEST_WEIGHT:g}: such "
                "selection is hardly credible, and the likelihood is nearly flat there.",
                _MCSHANE,
            )
        )
    return found
