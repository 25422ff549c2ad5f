"""The Doi plot: effects against how far each study lies from the middle of all, in ranks.

References
----------
Furuya-Kanamori L, Barendregt JJ, Doi SAR (2018). A new improved graphical and quantitative method
for detecting bias in meta-analysis. International Journal of Evidence-Based Healthcare
16:195-203.
Schwarzer G, Rücker G, Semaca C (2024). LFK index does not reliably detect small-study effects in
meta-analysis: a simulation study. Research Synthesis Methods 15:603-615 (why there is no index).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.special import ndtri

from evidence.appraisal.check import CANNOT_BE_TESTED, Check
from evidence.appraisal.small_study.guard import read_effects
from evidence.display import capital, plural
from evidence.effects.arguments import Floats

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from evidence.effects.derivation.readings import Reading
    from evidence.effects.sizes import EffectSizes
    from evidence.synthesis.result import PooledResult

__all__ = ["FEWEST_STUDIES", "DoiPlot", "doi_plot"]

#: A limb on either side of a tip takes three studies.
FEWEST_STUDIES = 3
#: Distances from the middle within so much of each other are equal but for rounding.
_SAME = 1e-9
#: Below this a share of the ranks is no number any more.
_LEAST = 1e-300
_REFERENCE = (
    "Furuya-Kanamori, Barendregt and Doi 2018, Int J Evid Based Healthc 16:195-203; "
    "Schwarzer, Rücker and Semaca 2024, Research Synthesis Methods 15:603-615"
)
_WARNING = (
    "It is a picture and no test. The LFK index that is usually read off it is left out: with no "
    "study missing at all it called between 0% and almost 30% of meta-analyses asymmetric, "
    "depending on how many studies there were, how large and how different, and the authors of "
    "that simulation say that it should not be used (Schwarzer, Rücker and Semaca 2024). Look at "
    "Egger's test from 10 studies on, and at registered trials without results, instead."
)


@dataclass(frozen=True, eq=False, kw_only=True)
class DoiPlot(Check):
    """What a Doi plot shows; it never says that asymmetry was found, or that none was.

    Attributes
    ----------
    k
        How many studies.
    tip
        The effect at the tip: of the study nearest to the middle of the ranks; between two that
        are equally near, their mean. NaN below three studies.
    lower, higher
        How many studies have a lower and a higher effect than that.
    """

    k: int
    tip: float = math.nan
    lower: int = 0
    higher: int = 0


def doi_plot(
    effects: ArrayLike | EffectSizes | pd.DataFrame | Sequence[Reading] | PooledResult,
    variances: ArrayLike | None = None,
    *,
    standard_errors: ArrayLike | None = None,
    labels: Sequence[str] | None = None,
) -> DoiPlot:
    """Turn the ranks of the effects into distances from the middle, as a Doi plot shows them.

    Parameters
    ----------
    effects, variances, standard_errors, labels
        As `pool` takes them, shape (k,). Ratios enter as logarithms.

    Returns
    -------
    DoiPlot
        Its status is always ``"cannot be tested"``. The table has the studies from the lowest
        effect to the highest: `share` of all ranks in percent, `percentile` (0 to 100), `z`, and
        `height`, which is |z|.

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.

    Notes
    -----
    A Doi plot is a folded normal quantile plot: |z| of each study's percentile among the effects,
    over the effect. Here a study takes up a share of the ranks that goes with its precision, 1/v,
    and its percentile is the middle of its ranks, so that equally precise studies have the
    percentiles (i - 1/2)/k; equal effects share theirs. That ranks go with 1/v, and without
    rounding, is this package's reading: the paper's text was not at hand.

    The LFK index is not computed, for the same reason and for a better one: its false positives
    depend on the number of studies, their sizes and their heterogeneity, from 0% to almost 30%
    (Schwarzer, Rücker and Semaca 2024).

    References
    ----------
    Furuya-Kanamori, Barendregt and Doi 2018; Schwarzer, Rücker and Semaca 2024.
    """
    studies, _ = read_effects(effects, (variances, standard_errors), labels)
    order = np.argsort(studies.effects, kind="stable")
    y, sizes = studies.effects[order], studies.variances[order]
    weights = sizes.min() / sizes
    tail, side = _tails(y, weights)
    z = side * -ndtri(tail)
    table = pd.DataFrame(
        {
            "label": [studies.names[i] for i in order],
            "effect": y,
            "variance": sizes,
            "share": 100 * weights / weights.sum(),
            "percentile": 100 * np.where(side > 0, 1 - tail, tail),
            "z": z,
            "height": np.abs(z),
        }
    )
    found: dict[str, Any] = {
        "name": "the Doi plot",
        "status": CANNOT_BE_TESTED,
        "reference": _REFERENCE,
        "table": table,
        "cautions": studies.cautions,
    }
    k = y.size
    if k < FEWEST_STUDIES or y[0] == y[-1]:
        reason = " with identical effects" if k >= FEWEST_STUDIES else ""
        sentence = (
            f"{capital(plural(k, 'study', 'studies'))}{reason}: a Doi plot shows nothing here; it "
            f"needs {FEWEST_STUDIES} that differ, for a limb on either side of its tip. {_WARNING}"
        )
        return DoiPlot(k=k, sentence=sentence, **found)
    tip = _tip(y, np.abs(z))
    lower, higher = int((y < tip).sum()), int((y > tip).sum())
    return DoiPlot(
        k=k,
        tip=tip,
        lower=lower,
        higher=higher,
        sentence=f"Doi plot of {plural(k, 'study', 'studies')}: {lower} of them "
        f"{'lies' if lower == 1 else 'lie'} below the effect at its tip, and {higher} above it. "
        f"{_WARNING}",
        **found,
    )


def _tails(effects: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Return the smaller share of the ranks on either side of each study, and which side it is.

    Both shares are summed from their own end, so that a small one keeps its digits.

    Parameters
    ----------
    effects
        In rising order, shape (k,).
    weights
        The ranks that each takes up, shape (k,).

    Returns
    -------
    tail, side
        Shape (k,); the side is 1 where fewer ranks lie above, and -1 elsewhere.
    """
    _, first, group = np.unique(effects, return_index=True, return_inverse=True)
    ranks = np.add.reduceat(weights, first)
    below = np.concatenate([[0.0], np.cumsum(ranks)[:-1]]) + ranks / 2
    above = np.concatenate([np.cumsum(ranks[::-1])[:-1][::-1], [0.0]]) + ranks / 2
    share = np.minimum(below, above) / ranks.sum()
    tail = np.clip(share, _LEAST, 0.5)
    side = np.where(above < below, 1.0, -1.0)
    return tail[group], side[group]


def _tip(effects: Floats, heights: Floats) -> float:
    nearest = effects[heights <= heights.min() + _SAME]
    return float(nearest[0] + (nearest[-1] - nearest[0]) / 2)
