"""When the tests for small-study effects can speak, and what they return when they cannot.

References
----------
Sterne JAC, Sutton AJ, Ioannidis JPA, et al. (2011). Recommendations for examining and
interpreting funnel plot asymmetry in meta-analyses of randomised controlled trials. BMJ
343:d4002.
Page MJ, Higgins JPT, Sterne JAC. Assessing risk of bias due to missing evidence in a
meta-analysis. Cochrane Handbook for Systematic Reviews of Interventions, section 13.3.5.
Ioannidis JPA, Trikalinos TA (2007). The appropriateness of asymmetry tests for publication bias
in meta-analyses: a large survey. CMAJ 176:1091-1096.
Egger M, Davey Smith G, Schneider M, Minder C (1997). Bias in meta-analysis detected by a simple,
graphical test. BMJ 315:629-634.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from evidence.appraisal.check import CANNOT_BE_TESTED, CONTRADICTION, OK, Check
from evidence.display import format_number, format_p
from evidence.effects.arguments import Floats
from evidence.errors import Caution, InvalidArgumentError
from evidence.synthesis.dependence.caution import dependence_caution
from evidence.synthesis.inputs import carried_cautions, read_inputs, refuse, studies_of_rows
from evidence.synthesis.regression.studies import Studies, without_missing
from evidence.synthesis.tau2 import generalised_q

__all__ = [
    "FORCED",
    "RULE",
    "Asked",
    "AsymmetryRule",
    "SmallStudyCheck",
    "check_force",
    "forced_cautions",
    "heterogeneity_cautions",
    "identical_effects",
    "objections",
    "read_effects",
    "refusal",
    "verdict",
]


@dataclass(frozen=True, slots=True)
class AsymmetryRule:
    """From when a test for funnel plot asymmetry says something.

    Attributes
    ----------
    studies
        The fewest studies (Sterne et al. 2011, recommendation on tests; Handbook 13.3.5.4).
    variance_ratio
        What the largest variance must be over the smallest (Ioannidis and Trikalinos 2007).
    i2
        Inconsistency in percent from which asymmetry may be heterogeneity. Ioannidis and
        Trikalinos 2007 take 50; at 25 fewer alarms come without a word of it where studies do
        differ, since I² of few studies is often underestimated (simulated in tests/appraisal).
    level
        Below which p value asymmetry is said to be seen (Egger et al. 1997).
    reference
        For refusals.
    """

    studies: int = 10
    variance_ratio: float = 4.0
    i2: float = 25.0
    level: float = 0.10
    reference: str = (
        "Sterne et al. 2011, BMJ 343:d4002; Cochrane Handbook, section 13.3.5; "
        "Ioannidis and Trikalinos 2007, CMAJ 176:1091-1096"
    )


RULE = AsymmetryRule()

#: What a result begins with that was asked for against the guard's advice.
FORCED = "Computed although it says nothing here: "
#: Up to so many studies a test of a funnel misses selection more often than it finds it, as
#: simulated in tests/appraisal: of results that are not significant one in five was published.
_MISSES_UP_TO = 50
#: Effects whose range is below this share of the largest differ by rounding alone.
_ROUNDING = 1e-13
_INSTEAD = (
    "registered trials and outcomes that were not reported, and at what the largest studies say "
    "alone"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which check was asked for, and how.

    Attributes
    ----------
    name
        Of the check, as it stands in a sentence.
    reference
        The paper that it is from.
    force
        Whether it is to be computed where the guard objects.
    """

    name: str
    reference: str
    force: bool = False


@dataclass(frozen=True, eq=False, kw_only=True)
class SmallStudyCheck(Check):
    """What a check for small-study effects says.

    Attributes
    ----------
    k
        How many studies.
    estimate
        What is tested: a slope, or Kendall's tau; NaN where nothing was computed. A positive one
        says that effects are higher in smaller studies.
    statistic, df, p_value
        The test: t with its degrees of freedom, or z with none; NaN where there is none.
    forced
        Whether it was computed against the guard's advice.
    """

    k: int
    estimate: float = math.nan
    statistic: float = math.nan
    df: float | None = None
    p_value: float = math.nan
    forced: bool = False


def check_force(force: bool) -> bool:
    """Return `force`, refusing anything but True and False."""
    if not isinstance(force, bool | np.bool_):
        raise InvalidArgumentError(
            f"force is {force!r}; give True to compute the test where it says nothing, or False."
        )
    return bool(force)


def read_effects(
    effects: Any,
    spreads: tuple[Any, Any],
    labels: Sequence[str] | None,
    lacking: Any = None,
    what: str = "",
) -> tuple[Studies, Any]:
    """Return complete studies, and which of the given ones they are.

    Parameters
    ----------
    effects, labels
        As `pool` takes them.
    spreads
        Variances and standard errors.
    lacking
        Which studies lack something else, shape (k,); None where nothing else is needed.
    what
        What that is.
    """
    estimates, variances, names = read_inputs(effects, *spreads, labels)
    if lacking is None:
        lacking = np.zeros(estimates.size, dtype=bool)
    if np.size(lacking) != estimates.size:
        raise InvalidArgumentError(
            f"There are {estimates.size} effects and {np.size(lacking)} values of {what}; they "
            "must be as many."
        )
    refuse(names, np.isinf(variances), variances, "variances", "finite")
    studies, kept = without_missing(
        Studies(estimates, variances, names, carried_cautions(effects)),
        lacking,
        f"a {what}" if what else "a standard error",
    )
    rows = studies_of_rows(effects, labels)
    if rows is not None:
        used = [row for row, stays in zip(rows, kept, strict=True) if stays]
        found = dependence_caution(used)
        if found is not None:
            studies = Studies(
                studies.effects, studies.variances, studies.names, (*studies.cautions, found)
            )
    return studies, kept


def objections(name: str, sizes: Floats) -> tuple[str, ...]:
    """Say why a test can say nothing of these studies; empty where it can.

    Parameters
    ----------
    name
        Of the test.
    sizes
        The variance of each study, or what stands for it (1/n), shape (k,).

    Returns
    -------
    tuple of str
        One sentence for each reason.
    """
    k = sizes.size
    found = []
    if k < RULE.studies:
        found.append(
            f"{k} {'study' if k == 1 else 'studies'}: {name} can say nothing here; it needs about "
            f"{RULE.studies}; look at {_INSTEAD} instead."
        )
    ratio = float(sizes.max() / sizes.min())
    if k > 1 and ratio < RULE.variance_ratio:
        found.append(
            f"{k} studies of nearly one size (the largest variance is {format_number(ratio, 1)} "
            f"times the smallest): {name} can say nothing here; it compares small with large "
            f"studies and needs about {RULE.variance_ratio:g} times; look at {_INSTEAD} instead."
        )
    return tuple(found)


def identical_effects(effects: Floats) -> str:
    """Say that nothing can be tested where all effects are the same; nothing where they differ.

    Parameters
    ----------
    effects
        Shape (k,).
    """
    if float(np.ptp(effects)) > _ROUNDING * float(np.abs(effects).max()):
        return ""
    return (
        f"The effects of all {effects.size} studies are identical: there is no scatter to test "
        "against."
    )


def refusal(
    asked: Asked, k: int, sentence: str, cautions: tuple[Caution, ...] = (), **more: Any
) -> dict[str, Any]:
    """Return the fields of a check that says nothing.

    Parameters
    ----------
    asked
        The check.
    k
        How many studies there are.
    sentence
        Why it says nothing.
    cautions
        Of reading the studies.
    **more
        Further columns of the table.
    """
    row = {"check": asked.name, "studies": k, "studies_needed": RULE.studies, **more}
    return {
        "name": asked.name,
        "status": CANNOT_BE_TESTED,
        "sentence": sentence,
        "reference": RULE.reference,
        "k": k,
        "table": pd.DataFrame([row]),
        "cautions": cautions,
    }


def heterogeneity_cautions(effects: Floats, variances: Floats) -> tuple[Caution, ...]:
    """Say where studies differ so much that asymmetry may be nothing else.

    Parameters
    ----------
    effects, variances
        Shape (k,).
    """
    q, df = generalised_q(effects, variances, 0.0), effects.size - 1
    i2 = 100 * (q - df) / q if q > df else 0.0
    if i2 < RULE.i2:
        return ()
    return (
        Caution(
            "heterogeneous",
            f"The studies differ beyond chance (I² {format_number(i2, 0)}%): asymmetry may come "
            "from that, and the test may find it too often.",
            "Ioannidis and Trikalinos 2007, CMAJ 176:1091-1096; Sterne et al. 2011, BMJ 343:d4002",
        ),
    )


def forced_cautions(against: Sequence[str]) -> tuple[Caution, ...]:
    """Return the guard's objections to a test that was computed all the same.

    Parameters
    ----------
    against
        As `objections` returns them.
    """
    return tuple(Caution("forced", reason, RULE.reference) for reason in against)


def verdict(
    asked: Asked, k: int, direction: float, p_value: float, against: Sequence[str]
) -> tuple[str, str]:
    """Return status and sentence of a test.

    Parameters
    ----------
    asked
        The test.
    k
        How many studies.
    direction
        Above 0 where smaller studies have higher effects.
    p_value
        Two-sided.
    against
        The guard's objections to a forced test.
    """
    head = FORCED if against else ""
    if p_value < RULE.level:
        higher = "higher" if direction > 0 else "lower"
        return CONTRADICTION, (
            f"{head}{asked.name} ({k} studies, {format_p(p_value)}) finds {higher} effects in "
            "smaller studies, which may come from selective publication, from poorer methods or "
            "other people in small studies, or from chance."
        )
    missed = ""
    if k <= _MISSES_UP_TO:
        missed = (
            f": with up to {_MISSES_UP_TO} studies such a test misses selection more often than "
            "it finds it"
        )
    return OK, (
        f"{head}{asked.name} ({k} studies, {format_p(p_value)}) finds no difference between small "
        f"and large studies, which does not show that no study is missing{missed}."
    )
