"""Intervals for a single study that hold with few events: exact, mid-p and score.

References
----------
Clopper CJ, Pearson ES (1934). The use of confidence or fiducial limits illustrated in the
case of the binomial. Biometrika 26:404-413.
Wilson EB (1927). Probable inference, the law of succession, and statistical inference.
Journal of the American Statistical Association 22:209-212.
Miettinen O, Nurminen M (1985). Comparative analysis of two rates. Statistics in Medicine
4:213-226.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from evidence.display import Display, capital, format_interval, format_number, format_p
from evidence.effects.arguments import check_level, is_number
from evidence.effects.conversions.spread import p_from_t, quantile
from evidence.effects.exact.conditional_odds import ConditionalDistribution
from evidence.effects.measures.choices import check_choice
from evidence.errors import (
    Caution,
    InsufficientEvidenceError,
    InvalidArgumentError,
)

__all__ = [
    "ExactInterval",
    "exact_odds_ratio",
    "miettinen_nurminen",
    "proportion_interval",
]

PROPORTION_METHODS = {
    "Clopper-Pearson": ("beta", "Clopper and Pearson 1934, Biometrika 26:404-413"),
    "Wilson": ("wilson", "Wilson 1927, JASA 22:209-212"),
}
_MN = "Miettinen and Nurminen 1985, Statistics in Medicine 4:213-226"
#: How near its estimate a limit is looked for.
_APART = 1e-12


@dataclass(frozen=True, slots=True)
class ExactInterval(Display):
    """One study's estimate with an interval fit for few events, on the natural scale.

    Attributes
    ----------
    measure, method
        For example ``"odds ratio"`` by ``"exact conditional, mid-p"``.
    counts
        Names and values of what it was computed from.
    estimate, ci_low, ci_high
        Not logarithms: a ratio can be 0, and its interval have no upper end.
    p_value
        Two-sided, of the same test as the interval; NaN for a proportion.
    level
        Confidence level.
    reference
        The paper behind it.
    cautions
        What a reader should know.
    """

    measure: str
    method: str
    counts: tuple[tuple[str, int], ...]
    estimate: float
    ci_low: float
    ci_high: float
    p_value: float
    level: float
    reference: str
    cautions: tuple[Caution, ...] = ()

    def summary(self) -> str:
        """Return the result in words and rounded numbers."""
        decimals = 2 if self.measure.endswith("ratio") else 4
        line = (
            f"{capital(self.measure)} {format_number(self.estimate, decimals)} "
            f"({100 * self.level:g}% CI {format_interval(self.ci_low, self.ci_high, decimals)}, "
            f"{self.method})"
        )
        if not math.isnan(self.p_value):
            line += f", {format_p(self.p_value)}"
        return "\n".join([line, *(f"Note: {caution.message}" for caution in self.cautions)])

    def to_frame(self) -> pd.DataFrame:
        """Return one row, unrounded."""
        row = {"measure": self.measure, "method": self.method, **dict(self.counts)}
        names = ("estimate", "ci_low", "ci_high", "p_value")
        return pd.DataFrame([{**row, **{name: getattr(self, name) for name in names}}])

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values; None for what is infinite or not known."""
        names = ("estimate", "ci_low", "ci_high", "p_value")
        values = {name: float(getattr(self, name)) for name in names}
        return {
            "measure": self.measure,
            "method": self.method,
            **dict(self.counts),
            **{name: value if math.isfinite(value) else None for name, value in values.items()},
            "level": self.level,
            "reference": self.reference,
            "cautions": [caution.message for caution in self.cautions],
        }


def proportion_interval(
    *, events: float, total: float, method: str = "Clopper-Pearson", level: float = 0.95
) -> ExactInterval:
    """Return the share of people with the event in one group, with its interval.

    Parameters
    ----------
    events, total
        Whole numbers of people.
    method
        ``"Clopper-Pearson"`` (covers at least its level) or ``"Wilson"`` (covers its level
        on average, and is shorter).
    level
        Confidence level.

    Returns
    -------
    ExactInterval

    Raises
    ------
    InvalidArgumentError
        Naming the argument and the value.
    """
    from statsmodels.stats.proportion import proportion_confint

    check_choice("method", method, tuple(PROPORTION_METHODS))
    counts = _arm("", events, total)
    name, reference = PROPORTION_METHODS[method]
    x, n = counts[0][1], counts[1][1]
    low, high = proportion_confint(x, n, alpha=1 - check_level(level), method=name)
    return ExactInterval(
        measure="proportion",
        method=method,
        counts=counts,
        estimate=x / n,
        ci_low=float(low) if x else 0.0,
        ci_high=float(high) if x < n else 1.0,
        p_value=math.nan,
        level=level,
        reference=reference,
    )


def exact_odds_ratio(
    *,
    events_treatment: float,
    total_treatment: float,
    events_control: float,
    total_control: float,
    mid_p: bool = False,
    level: float = 0.95,
) -> ExactInterval:
    """Return the conditional odds ratio of one study with its exact interval.

    Parameters
    ----------
    events_treatment, total_treatment, events_control, total_control
        Whole numbers of people.
    mid_p
        Whether only half the probability of the counts observed is taken into each tail:
        shorter, and covering its level about on average instead of always.
    level
        Confidence level.

    Returns
    -------
    ExactInterval
        With the conditional maximum likelihood estimate, and the p value that belongs to the
        interval: twice the smaller tail. Fisher's own two-sided p value can differ from it
        (Fay 2010, Biostatistics 11:373-374).

    Raises
    ------
    InvalidArgumentError
        Naming the argument and the value.
    InsufficientEvidenceError
        When nobody or everybody had the event.
    """
    counts = _two_arms(events_treatment, total_treatment, events_control, total_control)
    (_, a), (_, n1), (_, c), (_, n2) = counts
    if a + c in (0, n1 + n2):
        _refuse_silent(everybody=a + c > 0)
    conditional = ConditionalDistribution.of_table(n1, n2, a + c)
    low, high = conditional.interval(a, check_level(level), mid_p=mid_p)
    return ExactInterval(
        measure="odds ratio",
        method=f"exact conditional{', mid-p' if mid_p else ''}",
        counts=counts,
        estimate=_exp(conditional.estimate(a)),
        ci_low=_exp(low),
        ci_high=_exp(high),
        p_value=conditional.p_value(a, mid_p=mid_p),
        level=level,
        reference="Gart 1970, Biometrika 57:471-475"
        + ("; Lancaster 1961, JASA 56:223-234" if mid_p else ""),
        cautions=_unbounded(math.isinf(high)),
    )


def miettinen_nurminen(
    *,
    events_treatment: float,
    total_treatment: float,
    events_control: float,
    total_control: float,
    measure: str = "risk difference",
    level: float = 0.95,
) -> ExactInterval:
    """Return the risk difference or risk ratio of one study with its score interval.

    Parameters
    ----------
    events_treatment, total_treatment, events_control, total_control
        Whole numbers of people.
    measure
        ``"risk difference"`` or ``"risk ratio"``.
    level
        Confidence level.

    Returns
    -------
    ExactInterval
        The values that the score test with Miettinen and Nurminen's N / (N - 1) does not
        refuse; nothing is added to empty cells.

    Raises
    ------
    InvalidArgumentError
        Naming the argument and the value.
    InsufficientEvidenceError
        For the risk ratio, when nobody had the event.

    Notes
    -----
    Solved here, because statsmodels 0.15 (`confint_proportions_2indep`) fails on empty cells
    or returns complex numbers, and its interval of the difference is not the published one:
    for 56 of 70 against 48 of 80 it says 0.0526 to 0.3440, Newcombe (1998, Statistics in
    Medicine 17:873-890, method 6) 0.0528 to 0.3382.
    """
    check_choice("measure", measure, ("risk difference", "risk ratio"))
    counts = _two_arms(events_treatment, total_treatment, events_control, total_control)
    (_, a), (_, n1), (_, c), (_, n2) = counts
    z = quantile(check_level(level))
    if measure == "risk difference":
        estimate, (low, high) = a / n1 - c / n2, _difference_limits(a, n1, c, n2, z)
    else:
        if a + c == 0:
            _refuse_silent(everybody=False)
        estimate = (a / n1) / (c / n2) if c else math.inf
        low, high = _ratio_limits(a, n1, c, n2, z)
    share = (a + c) / (n1 + n2)
    spread = share * (1 - share) * (1 / n1 + 1 / n2) * (n1 + n2) / (n1 + n2 - 1)
    return ExactInterval(
        measure=measure,
        method="Miettinen-Nurminen score",
        counts=counts,
        estimate=estimate,
        ci_low=low,
        ci_high=high,
        p_value=p_from_t((a / n1 - c / n2) / math.sqrt(spread), None) if spread else 1.0,
        level=level,
        reference=_MN,
        cautions=_unbounded(math.isinf(high)),
    )


def _exp(value: float) -> float:
    return math.exp(value) if value < 700 else math.inf


def _difference_limits(a: int, n1: int, c: int, n2: int, z: float) -> tuple[float, float]:
    from scipy.optimize import brentq

    observed = a / n1 - c / n2
    factor = z**2 * (n1 + n2) / (n1 + n2 - 1)

    def off(difference: float) -> float:
        if difference >= 0:
            p1, q1, p2, q2 = _constrained(a, n1 - a, c, n2 - c, difference)
        else:
            p2, q2, p1, q1 = _constrained(c, n2 - c, a, n1 - a, -difference)
        return (observed - difference) ** 2 - factor * (p1 * q1 / n1 + p2 * q2 / n2)

    low, high = -1.0, 1.0
    if observed > -1:
        low = float(brentq(off, -1.0, observed - _APART, xtol=1e-16, rtol=1e-15))
    if observed < 1:
        high = float(brentq(off, observed + _APART, 1.0, xtol=1e-16, rtol=1e-15))
    return low, high


def _constrained(a: int, b: int, c: int, d: int, gap: float) -> tuple[float, float, float, float]:
    """Return the likeliest p1, 1 - p1, p2, 1 - p2 with p1 = p2 + gap, gap at least 0."""
    from scipy.optimize import brentq

    room = 1 - gap

    def parts(p2: float) -> tuple[float, float, float, float]:
        return p2 + gap, room - p2, p2, 1 - p2

    def score(p2: float) -> float:
        # The derivative of the likelihood times the denominators of its terms; an empty
        # cell has no term.
        terms = [
            (count, part)
            for count, part in zip((a, -b, c, -d), parts(p2), strict=True)
            if count != 0
        ]
        return sum(
            count * math.prod(part for other, (_, part) in enumerate(terms) if other != place)
            for place, (count, _) in enumerate(terms)
        )

    if gap == 0:
        share = (a + c) / (a + b + c + d)
        return share, 1 - share, share, 1 - share
    if room <= 0 or score(0.0) <= 0:
        return parts(0.0)
    if score(room) >= 0:
        return parts(room)
    return parts(float(brentq(score, 0.0, room, xtol=1e-18, rtol=1e-15)))


def _ratio_limits(a: int, n1: int, c: int, n2: int, z: float) -> tuple[float, float]:
    factor = z**2 * (n1 + n2) / (n1 + n2 - 1)

    def off(log_ratio: float) -> float:
        ratio = math.exp(log_ratio)
        # Of the quadratic for p2 (Miettinen and Nurminen's appendix) the smaller root; its
        # discriminant is written as a sum of squares.
        x, y = ratio * (n1 + c), n2 + a
        root = math.sqrt((x - y) ** 2 + 4 * ratio * (n1 - a) * (n2 - c))
        p2 = min(1.0, 2 * (a + c) / (x + y + root))
        p1 = min(1.0, ratio * p2)
        spread = p1 * (1 - p1) / n1 + ratio**2 * p2 * (1 - p2) / n2
        return (a / n1 - ratio * c / n2) ** 2 - factor * spread

    low, high = 0.0, math.inf
    if a:
        start = math.log((a / n1) / (c / n2)) - _APART if c else None
        low = math.exp(_beyond(off, start, -1.0))
    if c:
        start = math.log((a / n1) / (c / n2)) + _APART if a else None
        high = math.exp(_beyond(off, start, 1.0))
    return low, high


def _beyond(off: Callable[[float], float], start: float | None, way: float) -> float:
    """Return where `off` turns positive, going `way` from where it is negative."""
    from scipy.optimize import brentq

    if start is None:
        start = 0.0
        while off(start) > 0:
            start -= way
    step = 1e-3
    while off(start + way * step) < 0:
        step *= 2
    low, high = sorted((start, start + way * step))
    return float(brentq(off, low, high, xtol=1e-15, rtol=1e-15))


def _arm(arm: str, events: float, total: float) -> tuple[tuple[str, int], tuple[str, int]]:
    names = (f"events{arm}", f"total{arm}")
    for name, value, least in zip(names, (events, total), (0, 1), strict=True):
        if not is_number(value) or not math.isfinite(value) or value % 1 or value < least:
            raise InvalidArgumentError(
                f"{name} is {value!r}; give a whole number of people, at least {least}."
            )
    if events > total:
        raise InvalidArgumentError(
            f"{names[0]} must be at most {names[1]}; found {events:g} of {total:g}."
        )
    return (names[0], int(events)), (names[1], int(total))


def _two_arms(a: float, n1: float, c: float, n2: float) -> tuple[tuple[str, int], ...]:
    return (*_arm("_treatment", a, n1), *_arm("_control", c, n2))


def _refuse_silent(*, everybody: bool) -> None:
    who = "Everybody" if everybody else "Nobody"
    raise InsufficientEvidenceError(
        f"{who} had the event, so a ratio can be anything from 0 to infinity. Look at the risk "
        'difference: miettinen_nurminen(..., measure="risk difference").'
    )


def _unbounded(unbounded: bool) -> tuple[Caution, ...]:
    if not unbounded:
        return ()
    return (
        Caution(
            "no-upper-limit",
            "The interval has no upper end: the counts are compatible with a ratio of any size.",
        ),
    )
