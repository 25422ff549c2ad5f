"""The rank correlation test of Begg and Mazumdar.

References
----------
Begg CB, Mazumdar M (1994). Operating characteristics of a rank correlation test for publication
bias. Biometrics 50:1088-1101.
Kendall MG, Gibbons JD (1990). Rank correlation methods, 5th edition. Edward Arnold (exact
distribution, and the variance with ties).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from evidence.appraisal.small_study.guard import (
    Asked,
    SmallStudyCheck,
    check_force,
    forced_cautions,
    objections,
    read_effects,
    refusal,
    verdict,
)
from evidence.effects.arguments import Floats
from evidence.errors import Caution

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from evidence.effects.derivation.readings import Reading
    from evidence.effects.sizes import EffectSizes

__all__ = ["begg_mazumdar_test", "standardised_deviates"]

BEGG_MAZUMDAR = "Begg and Mazumdar 1994, Biometrics 50:1088-1101"
#: Below this many studies, and without ties, the p value is exact.
_EXACT_BELOW = 100
#: Below it the power is small, as Begg and Mazumdar say of their own test.
_LOW_POWER_BELOW = 25


def standardised_deviates(effects: Floats, variances: Floats) -> Floats:
    """Return effects less their common mean, over the error of that difference.

    Parameters
    ----------
    effects, variances
        Shape (k,), k >= 2.

    Returns
    -------
    array, shape (k,)
        (y - ȳ)/√(v - 1/Σw), with w = 1/v.
    """
    # In units of the heaviest study, which is put at 0: a study with nearly all the weight would
    # otherwise leave the difference between two nearly equal numbers.
    first = int(variances.argmin())
    weights = variances[first] / variances
    y = effects - effects[first]
    total = weights.sum()
    left = 1 - weights / total
    left[first] = np.delete(weights, first).sum() / total
    deviates: Floats = (y - weights @ y / total) / np.sqrt(variances * left)
    return deviates


def begg_mazumdar_test(
    effects: ArrayLike | EffectSizes | pd.DataFrame | Sequence[Reading],
    variances: ArrayLike | None = None,
    *,
    standard_errors: ArrayLike | None = None,
    labels: Sequence[str] | None = None,
    force: bool = False,
) -> SmallStudyCheck:
    """Correlate the ranks of standardised effects and variances (Begg and Mazumdar's test).

    Parameters
    ----------
    effects, variances, standard_errors, labels
        As `pool` takes them, shape (k,). Ratios enter as logarithms.
    force
        Whether to compute it below 10 studies, or where they are nearly of one size; the result
        is then marked.

    Returns
    -------
    SmallStudyCheck
        Kendall's tau (tau-b with ties). Its p value is exact below 100 studies without ties, and
        otherwise normal, without a correction for continuity.

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.

    References
    ----------
    Begg and Mazumdar 1994.
    """
    asked = Asked("Begg and Mazumdar's test", BEGG_MAZUMDAR, check_force(force))
    studies, _ = read_effects(effects, (variances, standard_errors), labels)
    k, sizes = len(studies.names), studies.variances
    against = objections(asked.name, sizes)
    if against and not asked.force:
        more = {"variance_ratio": float(sizes.max() / sizes.min())}
        return SmallStudyCheck(**refusal(asked, k, against[0], studies.cautions, **more))
    impossible = ""
    if k < 2:
        impossible = "1 study: there is nothing to rank below two."
    elif np.ptp(sizes) == 0:
        impossible = f"The variance is the same in all {k} studies: there is nothing to compare."
    elif np.ptp(studies.effects) == 0:
        impossible = f"The effects of all {k} studies are identical: there is nothing to rank."
    if impossible:
        return SmallStudyCheck(**refusal(asked, k, impossible, studies.cautions))
    from scipy.stats import kendalltau

    deviates = standardised_deviates(studies.effects, sizes)
    if np.ptp(deviates) == 0:
        sentence = f"The standardised effects of all {k} studies are the same: nothing to rank."
        return SmallStudyCheck(**refusal(asked, k, sentence, studies.cautions))
    ties = np.unique(deviates).size < k or np.unique(sizes).size < k
    exact = k < _EXACT_BELOW and not ties
    found = kendalltau(deviates, sizes, method="exact" if exact else "asymptotic")
    tau, p_value = float(found.statistic), float(found.pvalue)
    status, sentence = verdict(asked, k, tau, p_value, against)
    cautions = studies.cautions
    if k < _LOW_POWER_BELOW:
        cautions += (
            Caution(
                "low-power",
                f"With {k} studies a rank test misses all but gross asymmetry.",
                BEGG_MAZUMDAR,
            ),
        )
    return SmallStudyCheck(
        name=asked.name,
        status=status,
        sentence=sentence,
        reference=asked.reference,
        k=k,
        table=pd.DataFrame(
            [{"term": "Kendall's tau", "estimate": tau, "p_value": p_value, "exact": exact}]
        ),
        estimate=tau,
        p_value=p_value,
        forced=bool(against),
        cautions=(*cautions, *forced_cautions(against)),
    )
