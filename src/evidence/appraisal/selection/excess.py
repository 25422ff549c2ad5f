"""The test of excess significance: more significant results than the studies' power explains.

References
----------
Ioannidis JPA, Trikalinos TA (2007). An exploratory test for an excess of significant findings.
Clinical Trials 4:245-253.
Francis G (2013). Replication, statistical consistency, and publication bias. Journal of
Mathematical Psychology 57:153-169 (the exact test).
Johnson V, Yuan Y (2007). Comments on 'An exploratory test for an excess of significant
findings'. Clinical Trials 4:254-255.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.special import ndtr

from evidence.appraisal.check import CANNOT_BE_TESTED, CONTRADICTION, OK, Check
from evidence.appraisal.selection.instead import instead
from evidence.appraisal.selection.studies import FEWEST_STUDIES, check_alpha, read_studies
from evidence.appraisal.small_study.guard import RULE
from evidence.display import capital, format_number, format_p, plural
from evidence.effects.arguments import Floats, is_number
from evidence.effects.conversions.spread import upper_quantiles
from evidence.errors import Caution, InvalidArgumentError
from evidence.synthesis.result import PooledResult
from evidence.synthesis.tau2 import estimate_tau2, weighted_mean

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["ExcessSignificance", "excess_significance", "tail_of_successes"]

#: The paper's own level, since the test has little power.
TEST_LEVEL = 0.10
#: From this I², in percent, on studies do not share an effect that their power could follow from.
MUCH_HETEROGENEITY = RULE.i2
_PAPER = "Ioannidis and Trikalinos 2007, Clinical Trials 4:245-253"


#: The check, as it stands in a sentence.
_NAME = "the test of excess significance"


@dataclass(frozen=True, eq=False, kw_only=True)
class ExcessSignificance(Check):
    """Observed and expected numbers of significant results.

    Attributes
    ----------
    observed
        How many studies are significant.
    expected
        The sum of the studies' power.
    effect, tau2
        The effect, and its variance between studies, that the power is computed for.
    p_value
        Exact, one-sided: the probability of as many or more significant results; NaN where
        the test is refused.
    p_chi_square
        The paper's chi-square approximation to it, one-sided; NaN where refused.
    """

    observed: int
    expected: float
    effect: float
    tau2: float
    p_value: float
    p_chi_square: float


def excess_significance(
    effects: Any,
    variances: ArrayLike | None = None,
    *,
    standard_errors: ArrayLike | None = None,
    labels: Sequence[str] | None = None,
    alpha: float = 0.05,
    effect: float | None = None,
    tau2: float | None = None,
    fewest: int = FEWEST_STUDIES,
) -> ExcessSignificance:
    """Compare how many studies are significant with how many their power lets one expect.

    Parameters
    ----------
    effects, variances, standard_errors, labels
        As `pool` takes them; or a result of `pool`.
    alpha
        Two-sided level at which a study counts as significant.
    effect
        The true effect that power is computed for; by default the studies' mean, with weights
        that allow for tau².
    tau2
        Variance of true effects between studies, in squared units of the effects; by default
        it is estimated from them by REML. The paper takes 0, which finds an excess in most
        bodies of studies that differ about no effect (simulated in tests/appraisal).
    fewest
        The test is refused with fewer studies.

    Returns
    -------
    ExcessSignificance
        ``"contradiction"`` where the exact p value is below 0.10, the paper's level.

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.

    Notes
    -----
    The power of a study with variance v is the probability that a normal variable with mean
    `effect` and variance v + tau² lies beyond the critical values of the two-sided test.
    """
    alpha = check_alpha(alpha)
    for name, value in (("effect", effect), ("tau2", tau2), ("fewest", fewest)):
        _finite(name, value)
    if tau2 is not None and tau2 < 0:
        raise InvalidArgumentError(f"tau2 is {tau2!r}; a variance must be at least 0.")
    data = read_studies(effects, variances, standard_errors, labels)
    spread = _between(data) if tau2 is None else float(tau2)
    truth = weighted_mean(data.effects, data.variances, spread) if effect is None else float(effect)
    z = np.abs(data.effects) / np.sqrt(data.variances)
    critical = float(upper_quantiles(alpha / 2, None))
    significant = z >= critical
    power = _power(data.variances, truth, spread, critical)
    observed, expected = int(significant.sum()), math.fsum(power.tolist())
    refused = data.k < fewest
    p_value = math.nan if refused else tail_of_successes(power, observed)
    counts = f"{_how_many(observed, data.k)} significant at {alpha:g}; "
    counts += "its power" if data.k == 1 else "their power"
    if tau2 is None and data.k > 1:
        counts += f", with the tau² of {format_number(spread)} that REML finds between them,"
    counts += f" lets one expect {format_number(expected, 1)}"
    status, sentence = _verdict(data, fewest, counts, p_value)
    return ExcessSignificance(
        name=_NAME,
        status=status,
        sentence=capital(sentence),
        table=pd.DataFrame(
            {
                "label": data.labels,
                "estimate": data.effects,
                "standard_error": np.sqrt(data.variances),
                "z": data.effects / np.sqrt(data.variances),
                "significant": significant,
                "power": power,
            }
        ),
        reference=_PAPER,
        cautions=(*data.cautions, *_cautions(data, effect, spread, given=tau2 is not None)),
        observed=observed,
        expected=expected,
        effect=truth,
        tau2=spread,
        p_value=p_value,
        p_chi_square=math.nan if refused else _chi_square(observed, expected, data.k),
    )


def _finite(name: str, value: float | None) -> None:
    if value is not None and not (is_number(value) and math.isfinite(value)):
        raise InvalidArgumentError(f"{name} is {value!r}; it must be a finite number.")


def _between(data: PooledResult) -> float:
    return estimate_tau2(data.effects, data.variances, "REML") if data.k > 1 else 0.0


def _power(variances: Floats, effect: float, tau2: float, critical: float) -> Floats:
    reach, spread = critical * np.sqrt(variances), np.sqrt(variances + tau2)
    return np.asarray(ndtr((effect - reach) / spread) + ndtr((-effect - reach) / spread))


def tail_of_successes(probabilities: Floats, at_least: int) -> float:
    """Return the probability of at least so many successes in trials with unequal chances.

    Parameters
    ----------
    probabilities
        Of each trial, shape (k,).
    at_least
        How many successes.
    """
    if at_least <= 0:
        return 1.0
    # Chances of 0, 1, ... successes so far; the last entry keeps `at_least` and more, so that
    # the tail is a sum of products and small tails keep their digits.
    chances = np.zeros(at_least + 1)
    chances[0] = 1.0
    for p in probabilities.tolist():
        moved = chances[:-1] * p
        chances[:-1] *= 1 - p
        chances[1:] += moved
    return min(1.0, float(chances[-1]))


def _chi_square(observed: int, expected: float, k: int) -> float:
    room = expected * (k - expected)
    if room <= 0:
        return 1.0 if observed <= expected else 0.0
    # (O-E)²/E + (O-E)²/(k-E), with the sign of O - E: its one-sided p value.
    return float(ndtr(-(observed - expected) * math.sqrt(k / room)))


def _how_many(observed: int, k: int) -> str:
    """Say how many of the studies are significant, up to the verb."""
    if k == 1:
        return f"the one study is{'' if observed else ' not'}"
    studies = plural(k, "study", "studies")
    if observed in (0, 1):
        return f"{'one' if observed else 'none'} of {studies} is"
    if observed == k:
        return f"all of {studies} are"
    return f"{plural(observed, 'of', 'of')} {studies} are"


def _verdict(data: PooledResult, fewest: int, counts: str, p_value: float) -> tuple[str, str]:
    if math.isnan(p_value):
        return (
            CANNOT_BE_TESTED,
            (
                f"{counts}. With {plural(data.k, 'study', 'studies')} a test of excess "
                f"significance can say nothing; it needs about {fewest}. {instead(data)}"
            ),
        )
    if p_value < TEST_LEVEL:
        return (
            CONTRADICTION,
            (
                f"{counts}: more than the studies' size explains ({format_p(p_value)}). Selective "
                "publication or analysis is one reason; larger true effects in some are another."
            ),
        )
    return (
        OK,
        (
            f"{counts}: no more than chance explains ({format_p(p_value)}). The test has little "
            "power, and does not show that nothing was selected."
        ),
    )


def _cautions(
    data: PooledResult, effect: float | None, tau2: float, *, given: bool
) -> list[Caution]:
    found = []
    if given and data.pooled and data.i2 >= MUCH_HETEROGENEITY and tau2 == 0:
        found.append(
            Caution(
                "heterogeneity",
                f"The studies differ by more than chance (I² {format_number(data.i2, 0)}%); power "
                "was computed as if all had one true effect, so that an excess may be difference "
                "and not selection. Leave tau2 out, or test within subgroups.",
                "Ioannidis and Trikalinos 2007; Johnson and Yuan 2007",
            )
        )
    if effect is None:
        found.append(
            Caution(
                "own-effect",
                "Power was computed for the mean of the same studies: if they are selected it is "
                "too large, and the excess is understated.",
                _PAPER,
            )
        )
    return found
