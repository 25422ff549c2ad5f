"""Whether the two groups of a trial are as alike at the start as randomisation makes them.

Of every variable that is summarised at the start a p value is worked out (Welch's test); over
the printed digits it is a range, and the value nearest to one half is taken. Randomisation makes
these p values uniform if the variables are independent and normal, and their normal scores add
up to a normal sum (Carlisle 2017). Against it stands that variables of the same people go
together and that many are skewed (Bland 2013), that p values worked out from rounded summaries
are not uniform (Bolland et al. 2019), and that hardly anything can be proved without the
correlations (Proschan and Shaw 2020). So the variance of the sum is taken as if any two scores
correlated as named below, and something is said only where ten variables or more are there and
the sum is very far out.

References
----------
Carlisle JB (2017). Data fabrication and other reasons for non-random sampling in 5087
randomised, controlled trials in anaesthetic and general medical journals. Anaesthesia
72:944-952.
Bland M (2013). Do baseline p-values follow a uniform distribution in randomised trials? PLoS
ONE 8:e76010.
Bolland MJ, Gamble GD, Avenell A, Grey A (2019). Rounding, but not randomization method,
non-normality, or correlation, affected baseline P-value distributions in randomized trials.
Journal of Clinical Epidemiology 110:50-62.
Proschan MA, Shaw PA (2020). Diagnosing fraudulent baseline data in clinical trials. PLoS ONE
15:e0239121.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import pandas as pd
from scipy.special import ndtr, ndtri

from evidence.appraisal.check import Check
from evidence.appraisal.integrity.printed import contradicted, fits, untestable
from evidence.data import ReportedNumber
from evidence.display import format_p, plural
from evidence.effects.conversions.spread import p_from_t

__all__ = ["BaselineVariable", "baseline_table"]

_REFERENCE = (
    "Carlisle 2017, Anaesthesia 72:944-952; against it Bland 2013, PLoS ONE 8:e76010, and Proschan "
    "and Shaw 2020, PLoS ONE 15:e0239121"
)
_NAME = "likeness of the groups at the start"
#: Fewest variables of which anything is said.
FEWEST_VARIABLES = 10
#: Correlation taken between the normal scores of any two variables' p values.
BETWEEN_SCORES = 0.25
#: Two-sided p of the sum below which it is said.
FAR_OUT = 0.0001
#: Normal scores of p values beyond this would be infinite.
_NEAREST = 1e-6


@dataclass(frozen=True, slots=True)
class BaselineVariable:
    """One variable of a baseline table, in two groups.

    Attributes
    ----------
    what
        Its name.
    means, sds
        Of the two groups, as printed.
    n
        People in the two groups.
    """

    what: str
    means: tuple[ReportedNumber, ReportedNumber]
    sds: tuple[ReportedNumber, ReportedNumber]
    n: tuple[int, int]

    def p_range(self) -> tuple[float, float]:
        """Return the p values that the printed digits allow, lowest first."""
        first, second = (fits(number) for number in self.means)
        gaps = [first[0] - second[1], first[1] - second[0]]
        if gaps[0] < 0 < gaps[1]:
            gaps.append(0.0)
        found = [
            p_from_t(*_welch(gap, pair, self.n))
            for gap, *pair in product(gaps, *(fits(number, least=0) for number in self.sds))
        ]
        return min(found), max(found)


def _welch(gap: float, sds: Sequence[float], n: tuple[int, int]) -> tuple[float, float]:
    parts = sds[0] ** 2 / n[0], sds[1] ** 2 / n[1]
    if sum(parts) <= 0:
        return (0.0 if gap == 0 else math.inf), 1.0
    spread = parts[0] ** 2 / (n[0] - 1) + parts[1] ** 2 / (n[1] - 1)
    return gap / math.sqrt(sum(parts)), sum(parts) ** 2 / spread


def baseline_table(variables: Sequence[BaselineVariable]) -> Check:
    """Check whether two groups are too alike, or too unlike, at the start.

    Parameters
    ----------
    variables
        What is summarised at the start, each variable once.

    Returns
    -------
    Check
        ``"cannot be tested"`` with fewer than ten variables.

    References
    ----------
    See `evidence.appraisal.integrity.baseline`.
    """
    usable = [each for each in variables if min(each.n) >= 2]
    if len(usable) < FEWEST_VARIABLES:
        return untestable(
            _NAME,
            f"{plural(len(usable), 'variable')} of the start with mean, SD and people of both "
            f"groups {'is' if len(usable) == 1 else 'are'} in what was read; with fewer than "
            f"{FEWEST_VARIABLES} chance explains anything.",
            _REFERENCE,
        )
    rows = []
    for each in usable:
        low, high = each.p_range()
        nearest = min(max(0.5, low), high)
        rows.append((each.what, low, high, nearest))
    table = pd.DataFrame(rows, columns=["variable", "p_low", "p_high", "p_value"])
    k = len(rows)
    scores = ndtri(table["p_value"].clip(_NEAREST, 1 - _NEAREST))
    z = float(scores.sum()) / math.sqrt(k + k * (k - 1) * BETWEEN_SCORES)
    p = 2 * float(ndtr(-abs(z)))
    alike = "alike" if z > 0 else "unlike"
    return contradicted(
        _NAME,
        p < FAR_OUT,
        fine=(
            f"In {k} variables the two groups are as alike at the start as chance makes them "
            f"({format_p(p)})."
        ),
        wrong=(
            f"In {k} variables the two groups are more {alike} at the start than chance makes "
            f"them ({format_p(p)}), even if the variables go together. SDs that are standard "
            "errors, or the other way round, explain it most often: look them up."
        ),
        table=table,
        reference=_REFERENCE,
    )
