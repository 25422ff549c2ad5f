"""The p-curve: whether significant results are so distributed as those of true effects are.

References
----------
Simonsohn U, Nelson LD, Simmons JP (2014). P-curve: a key to the file-drawer. Journal of
Experimental Psychology: General 143:534-547.
Simonsohn U, Simmons JP, Nelson LD (2015). Better p-curves: making p-curve analysis more robust to
errors, fraud, and ambitious p-hacking, a reply to Ulrich and Miller. Journal of Experimental
Psychology: General 144:1146-1152 (the half p-curve, Stouffer's method, the rule).
Brunner J, Schimmack U (2020). Estimating population mean power under conditions of heterogeneity
and selection for significance. Meta-Psychology 4:MP.2018.874.
van Aert RCM, Wicherts JM, van Assen MALM (2016). Conducting meta-analyses based on p values:
reservations and recommendations for applying p-uniform and p-curve. Perspectives on Psychological
Science 11:713-729.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.special import bdtr, bdtrc, log_ndtr, ndtr, ndtri_exp

from evidence.appraisal.check import CANNOT_BE_TESTED, CONTRADICTION, OK, Check
from evidence.appraisal.selection.significant import Significant, read_significant
from evidence.appraisal.small_study.guard import check_force
from evidence.display import capital, format_interval, format_number, format_p, plural
from evidence.effects.arguments import Floats, check_level
from evidence.effects.conversions.spread import upper_quantiles
from evidence.errors import Caution

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["FEWEST_SIGNIFICANT", "PCurve", "p_curve"]

#: With fewer significant results the two tests decide little: in simulations (tests of this
#: module) the rule for evidential value finds about 80% of sets of 10 results of studies with a
#: power of 50%, and 60% of sets of 5; the test of flatness finds 58% and 33% of sets without any
#: effect.
FEWEST_SIGNIFICANT = 10
#: Two-sided level at which results count, the upper end of the half p-curve, and the power that
#: a flat curve is compared with: Simonsohn, Nelson and Simmons 2014 and 2015.
ALPHA, HALF, LOW_POWER = 0.05, 0.025, 1 / 3
#: The rule of 2015: the half curve alone below the first, or both below the second.
ALONE, BOTH = 0.05, 0.10
#: Power is looked for between that of no effect and this.
HIGHEST_POWER = 0.99
#: Upper ends of the bins of the curve.
BINS = (0.01, 0.02, 0.03, 0.04, 0.05)
#: A probability nearer to 1 than this is rounding error.
_NEXT_TO_ONE = -1e-16
_NAME = "the p-curve"
_PAPER = (
    "Simonsohn, Nelson and Simmons 2014, Journal of Experimental Psychology: General 143:534-547; "
    "2015, 144:1146-1152"
)
_NULL = "every significant result comes from a study without an effect"


@dataclass(frozen=True, eq=False, kw_only=True)
class PCurve(Check):
    """How significant p values are distributed, and what that says.

    Attributes
    ----------
    k, significant
        How many results there are, and how many are below 0.05.
    null
        What the test of right skew tests, in words.
    skew_full, skew_half
        z of Stouffer's method over p values below 0.05 and below 0.025; below 0 where there are
        more small ones than without an effect. NaN where nothing was computed.
    skew_full_p_value, skew_half_p_value
        One-sided p values.
    flat_full, flat_half, flat_full_p_value, flat_half_p_value
        The same against studies with a power of 33%; below 0 where the curve is flatter.
    binomial_p_value, binomial_flat_p_value
        Of the share of p values below 0.025, against one half and against a power of 33%.
    power, power_low, power_high
        The power that the significant studies would have had, were it one, and its interval.
    curve
        Five bins: their ends, the share of results in each, and the shares expected without an
        effect and with a power of 33%; in percent.
    forced
        Whether it was computed from fewer results than decide anything.
    """

    k: int
    significant: int
    null: str = _NULL
    skew_full: float = math.nan
    skew_half: float = math.nan
    skew_full_p_value: float = math.nan
    skew_half_p_value: float = math.nan
    flat_full: float = math.nan
    flat_half: float = math.nan
    flat_full_p_value: float = math.nan
    flat_half_p_value: float = math.nan
    binomial_p_value: float = math.nan
    binomial_flat_p_value: float = math.nan
    power: float = math.nan
    power_low: float = math.nan
    power_high: float = math.nan
    curve: pd.DataFrame = field(default_factory=pd.DataFrame)
    forced: bool = False


def p_curve(
    effects: Any = None,
    variances: ArrayLike | None = None,
    *,
    standard_errors: ArrayLike | None = None,
    p_values: ArrayLike | None = None,
    labels: Sequence[str] | None = None,
    level: float = 0.90,
    force: bool = False,
) -> PCurve:
    """Ask whether significant results are distributed as those of true effects are.

    Parameters
    ----------
    effects, variances, standard_errors, labels
        As `pool` takes them, or a result of `pool`; their z values are used.
    p_values
        Two-sided p values of independent tests instead of effects, shape (k,); above 0 and at
        most 1, each of the study's own main hypothesis.
    level
        Of the interval of the power; 0.90, as the authors have it.
    force
        Whether to compute it from fewer than 10 significant results; the result is then marked.

    Returns
    -------
    PCurve
        ``"ok"`` where results are right-skewed (evidential value), ``"contradiction"`` where
        they are flatter than those of studies with a power of 33%, and ``"cannot be tested"``
        where neither can be said.

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.

    Notes
    -----
    Without an effect a significant p value is uniform below 0.05. With noncentrality δ, the
    chance that a significant study has a larger |z| than the observed one is
    [Φ(δ - z) + Φ(-δ - z)]/power. Stouffer's method sums the normal quantiles of such chances and
    divides by the root of their number. The power is where the sum is 0, and its interval where
    the sum over that root reaches the normal quantiles; no sign enters, since a p-curve has none.
    P values are taken as those of z tests.

    Of the papers only the abstracts were to be read; the formulas follow from the model that they
    describe, and level and power were checked by simulation.

    References
    ----------
    Simonsohn, Nelson and Simmons 2014; Simonsohn, Simmons and Nelson 2015.
    """
    check_force(force)
    check_level(level)
    given = read_significant(effects, (variances, standard_errors), p_values, labels)
    z = given.z[given.significant]
    if z.size == 0 or (z.size < FEWEST_SIGNIFICANT and not force):
        return _refused(given)
    tests = _tests(z)
    power = _power(z, level)
    numbers: dict[str, Any] = {
        **tests,
        **dict(zip(("power", "power_low", "power_high"), power, strict=True)),
    }
    few = z.size < FEWEST_SIGNIFICANT
    status, sentence = _verdict(given, tests, power, level)
    if few:
        sentence = f"Computed although so few results decide little: {sentence}"
    return PCurve(
        name=_NAME,
        status=status,
        sentence=capital(sentence),
        table=_table(tests),
        reference=_PAPER,
        cautions=(*given.cautions, *_cautions(few)),
        k=given.z.size,
        significant=z.size,
        curve=_curve(z),
        forced=few,
        **numbers,
    )


# ------------------------------------------------------------------------------------- the numbers


def _log_tail(z: Floats | float, noncentrality: float) -> Floats:
    """Return the logarithm of the chance of a larger |z|."""
    size = np.asarray(z, dtype=np.float64)
    return np.asarray(np.logaddexp(log_ndtr(noncentrality - size), log_ndtr(-noncentrality - size)))


def _critical(p_value: float) -> float:
    return float(upper_quantiles(p_value / 2, None))


def _noncentrality(power: float) -> float:
    """Return the noncentrality with which |z| passes the critical value with that chance."""
    from scipy.optimize import brentq

    def gap(noncentrality: float) -> float:
        return math.exp(float(_log_tail(_critical(ALPHA), noncentrality))) - power

    return float(brentq(gap, 0.0, 10.0, xtol=1e-14, rtol=1e-14))


def _stouffer(z: Floats, noncentrality: float, below: float) -> float:
    """Return Stouffer's z of the chances of larger |z| among results with p < `below`.

    Above 0 where the results are stronger than with this noncentrality.
    """
    chances = _log_tail(z, noncentrality) - _log_tail(_critical(below), noncentrality)
    return float(-ndtri_exp(np.minimum(chances, _NEXT_TO_ONE)).sum() / math.sqrt(z.size))


def _tests(z: Floats) -> dict[str, float]:
    low = _noncentrality(LOW_POWER)
    half = z[z > _critical(HALF)]
    found = {"skew_full": -_stouffer(z, 0.0, ALPHA), "flat_full": _stouffer(z, low, ALPHA)}
    found["skew_half"] = -_stouffer(half, 0.0, HALF) if half.size else math.nan
    found["flat_half"] = _stouffer(half, low, HALF) if half.size else math.nan
    for name in tuple(found):
        found[f"{name}_p_value"] = float(ndtr(found[name]))
    share = math.exp(float(_log_tail(_critical(HALF), low))) / LOW_POWER
    found["binomial_p_value"] = float(bdtrc(half.size - 1, z.size, HALF / ALPHA))
    found["binomial_flat_p_value"] = float(bdtr(half.size, z.size, share))
    return found


def _power(z: Floats, level: float) -> tuple[float, float, float]:
    """Return the power whose curve fits, and the ends of its interval."""
    from scipy.optimize import brentq

    highest = _noncentrality(HIGHEST_POWER)
    reach = float(upper_quantiles((1 - level) / 2, None))

    def found(target: float) -> float:
        def gap(noncentrality: float) -> float:
            return _stouffer(z, noncentrality, ALPHA) - target

        if gap(0.0) <= 0:
            return ALPHA
        if gap(highest) >= 0:
            return HIGHEST_POWER
        root = float(brentq(gap, 0.0, highest, xtol=1e-13, rtol=1e-13))
        return math.exp(float(_log_tail(_critical(ALPHA), root)))

    return found(0.0), found(reach), found(-reach)


def _curve(z: Floats) -> pd.DataFrame:
    low = _noncentrality(LOW_POWER)
    ends = np.array([_critical(end) for end in BINS])
    reached = (z[:, None] >= ends).sum(axis=0)
    with_effect = np.exp(_log_tail(ends, low)) / LOW_POWER
    return pd.DataFrame(
        {
            "p_low": [0.0, *BINS[:-1]],
            "p_high": BINS,
            "results": np.diff(reached, prepend=0),
            "share": 100 * np.diff(reached, prepend=0) / z.size,
            "share_without_effect": 100 * np.diff(np.array(BINS), prepend=0.0) / ALPHA,
            "share_low_power": 100 * np.diff(with_effect, prepend=0.0),
        }
    )


# --------------------------------------------------------------------------------------- the words


def _table(tests: dict[str, float]) -> pd.DataFrame:
    asked = {
        "skew": "more small p values than without an effect",
        "flat": "fewer small p values than with a power of 33%",
    }
    parts = {"full": "p < 0.05", "half": "p < 0.025"}
    rows = [
        {
            "test": words,
            "results": which,
            "z": tests[f"{name}_{part}"],
            "p_value": tests[f"{name}_{part}_p_value"],
        }
        for name, words in asked.items()
        for part, which in parts.items()
    ]
    for name, words in (("binomial", asked["skew"]), ("binomial_flat", asked["flat"])):
        row = {"test": f"{words}, counted", "results": "p < 0.05", "z": math.nan}
        rows.append({**row, "p_value": tests[f"{name}_p_value"]})
    return pd.DataFrame(rows)


def _below(first: float, second: float) -> bool:
    """Apply the rule of 2015; what was not computed shows nothing."""
    return first < ALONE or (first < BOTH and second < BOTH)


def _verdict(
    given: Significant, tests: dict[str, float], power: tuple[float, float, float], level: float
) -> tuple[str, str]:
    full, half = tests["skew_full_p_value"], tests["skew_half_p_value"]
    n = int(given.significant.sum())
    half_words = "no result below 0.025" if math.isnan(half) else f"half curve {format_p(half)}"
    percents = [100 * value for value in power]
    head = (
        f"The p-curve of {plural(n, 'significant result')} among {given.z.size}: if "
        f"{_NULL}, p values below 0.05 are as often near 0.05 as near 0. "
    )
    tail = (
        f"(whole curve {format_p(full)}, {half_words}; estimated power "
        f"{format_number(percents[0], 0)}%, {100 * level:g}% CI "
        f"{format_interval(percents[1], percents[2], 0)}%)"
    )
    if _below(half, full):
        return OK, (
            f"{head}They are not: small ones prevail {tail}. At least some of the significant "
            "results are not made by selection alone; which, and how large the effects are, it "
            "does not say."
        )
    flat, counted = tests["flat_full_p_value"], tests["binomial_flat_p_value"]
    if flat < ALONE or (tests["flat_half_p_value"] < BOTH and counted < BOTH):
        return CONTRADICTION, (
            f"{head}They are flatter than those of studies with a power of 33% {tail}: the "
            "significant results carry no evidence of an effect worth the name, which may come "
            "from selection or from studies far too small."
        )
    return CANNOT_BE_TESTED, (
        f"{head}These results are compatible with that, and with true effects at low power {tail}: "
        "the p-curve cannot tell."
    )


def _refused(given: Significant) -> PCurve:
    n, k = int(given.significant.sum()), given.z.size
    said = "no significant result" if n == 0 else plural(n, "significant result")
    sentence = (
        f"{said} among {k}: the p-curve can say nothing here; it looks only at p values "
        f"below 0.05 and needs about {FEWEST_SIGNIFICANT} of them. Look at the estimates "
        "themselves, and at registered trials without results, instead."
    )
    row = {"check": _NAME, "results": k, "significant": n, "needed": FEWEST_SIGNIFICANT}
    return PCurve(
        name=_NAME,
        status=CANNOT_BE_TESTED,
        sentence=capital(sentence),
        table=pd.DataFrame([row]),
        reference=_PAPER,
        cautions=given.cautions,
        k=k,
        significant=n,
    )


def _cautions(few: bool) -> tuple[Caution, ...]:
    found = [
        Caution(
            "independent",
            "P values must be independent, one a study, and each of the hypothesis that the study "
            "was made for; a p-curve of others says nothing.",
            _PAPER,
        ),
        Caution(
            "heterogeneous-power",
            "Where studies differ in power the estimated power is too high, and a few strong "
            "results can hide many that selection made.",
            "Brunner and Schimmack 2020, Meta-Psychology 4:MP.2018.874; van Aert et al. 2016, "
            "Perspectives on Psychological Science 11:713-729",
        ),
    ]
    if few:
        found.append(
            Caution(
                "forced",
                f"Below {FEWEST_SIGNIFICANT} significant results neither test finds much of what "
                "is there.",
                _PAPER,
            )
        )
    return tuple(found)
