"""What a relative effect means for people: risks at a baseline, numbers needed to treat.

References
----------
Altman DG (1998). Confidence intervals for the number needed to treat. BMJ 317:1309-1312.
Cochrane Handbook for Systematic Reviews of Interventions, sections 14.1.5 and 15.4.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from evidence.display import Display, format_number, join_words, plural
from evidence.effects.arguments import Floats, is_number
from evidence.effects.measures.choices import check_choice
from evidence.effects.sizes import EffectSizes
from evidence.errors import Caution, InvalidArgumentError

__all__ = ["AbsoluteEffects", "NumberNeeded", "absolute_effects", "number_needed_to_treat"]

_RATIOS = {"log risk ratio": "risk", "log odds ratio": "odds", "Peto's log odds ratio": "odds"}
MEASURES = (*_RATIOS, "log hazard ratio", "risk difference")
EVENTS = ("harmful", "beneficial")


@dataclass(frozen=True, slots=True)
class AbsoluteEffects(Display):
    """Risks with treatment for people of one baseline risk.

    Attributes
    ----------
    measure
        The relative measure they come from.
    baseline_risk
        Risk without treatment, taken as known.
    risk, risk_low, risk_high
        Risk with treatment and the ends of its interval, shape (k,).
    level
        Confidence level of the interval.
    cautions
        What a reader should know.
    """

    measure: str
    baseline_risk: float
    risk: Floats
    risk_low: Floats
    risk_high: Floats
    level: float
    cautions: tuple[Caution, ...] = ()

    @property
    def difference(self) -> Floats:
        """Risk with minus risk without treatment, shape (k,)."""
        return np.asarray(self.risk - self.baseline_risk)

    @property
    def difference_low(self) -> Floats:
        """Lower ends of the interval of `difference`, shape (k,)."""
        return np.asarray(self.risk_low - self.baseline_risk)

    @property
    def difference_high(self) -> Floats:
        """Upper ends of the interval of `difference`, shape (k,)."""
        return np.asarray(self.risk_high - self.baseline_risk)

    def to_frame(self) -> pd.DataFrame:
        """Return one row per study, unrounded."""
        return pd.DataFrame(
            {
                "baseline_risk": self.baseline_risk,
                "risk": self.risk,
                "risk_low": self.risk_low,
                "risk_high": self.risk_high,
                "difference": self.difference,
                "difference_low": self.difference_low,
                "difference_high": self.difference_high,
            }
        )

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        return {
            "measure": self.measure,
            "level": self.level,
            "effects": self.to_frame().to_dict("records"),
            "cautions": [caution.message for caution in self.cautions],
        }

    def summary(self) -> str:
        """Return a sentence per study, per 1,000 people, and the cautions."""
        without = format_number(1000 * self.baseline_risk, 0)
        lines = []
        for place in range(self.risk.size):
            ends = (self.difference[place], self.difference_low[place], self.difference_high[place])
            estimate, low, high = (_more_or_fewer(float(end)) for end in ends)
            lines.append(
                f"{without} in 1,000 without treatment and "
                f"{format_number(1000 * float(self.risk[place]), 0)} with it: {estimate} "
                f"({100 * self.level:g}% CI {low} to {high})"
            )
        return "\n".join([*lines, *(f"Note: {c.message}" for c in self.cautions)])


def _more_or_fewer(difference: float) -> str:
    text = format_number(1000 * abs(difference), 0)
    if text == "0":
        return "0 fewer"
    return f"{text} {'more' if difference > 0 else 'fewer'}"


def absolute_effects(effects: EffectSizes, *, baseline_risk: float) -> AbsoluteEffects:
    """Return the risk with treatment for people whose risk without it is known.

    Risk ratio: p₀ RR; odds ratio: odds₀ OR turned into a risk; hazard ratio: 1 - (1 -
    p₀)^HR; risk difference: p₀ + RD. The ends of the interval go the same way (Handbook
    15.4), so the uncertainty of the baseline risk is not in it.

    Parameters
    ----------
    effects
        Log risk ratios, log odds ratios (Peto's too), log hazard ratios or risk differences.
    baseline_risk
        Risk without treatment, above 0 and below 1.

    Returns
    -------
    AbsoluteEffects
        With a caution where a risk had to be cut at 0 or 1.

    Raises
    ------
    InvalidArgumentError
        For a risk outside (0, 1), or a measure that gives no risk.
    """
    if not (is_number(baseline_risk) and 0 < baseline_risk < 1):
        raise InvalidArgumentError(
            f"baseline_risk is {baseline_risk!r}; give a proportion between 0 and 1, for "
            "example 0.12 for 12 in 100."
        )
    if effects.measure not in MEASURES:
        raise InvalidArgumentError(
            f"A {effects.measure} gives no risk; known are {', '.join(MEASURES)}."
        )
    base = float(baseline_risk)
    ends = (effects.estimate, effects.ci_low, effects.ci_high)
    uncut = [_risk(effects.measure, base, end) for end in ends]
    risk, low, high = (np.clip(values, 0.0, 1.0) for values in uncut)
    cut = np.logical_or.reduce([(values < 0) | (values > 1) for values in uncut])
    cautions = effects.cautions
    if cut.any():
        places = join_words(f"study {place + 1}" for place in np.flatnonzero(cut)[:5])
        cautions += (
            Caution(
                "risk-cut",
                f"In {plural(int(cut.sum()), 'study', 'studies')} ({places}) a risk below 0 or "
                "above 1 was cut there: the effect does not fit so low or high a baseline risk.",
                "Cochrane Handbook, section 15.4",
            ),
        )
    return AbsoluteEffects(effects.measure, base, risk, low, high, effects.level, cautions)


def _risk(measure: str, base: float, effect: Floats) -> Floats:
    if measure == "risk difference":
        return base + effect
    with np.errstate(over="ignore"):  # an infinite ratio is a certain event
        ratio = np.exp(effect)
        if measure == "log hazard ratio":
            return np.asarray(-np.expm1(ratio * math.log1p(-base)))
        if _RATIOS[measure] == "risk":
            return base * ratio
        return np.asarray(expit(logit(base) + effect))


@dataclass(frozen=True, slots=True)
class NumberNeeded(Display):
    """A number needed to treat with an interval that may run through infinity.

    Attributes
    ----------
    benefit, benefit_low, benefit_high
        Risk difference and its interval, turned so that above 0 is benefit. The numbers
        needed are its inverse: where it is 0, infinite.
    """

    benefit: float
    benefit_low: float
    benefit_high: float

    @property
    def estimate(self) -> float:
        """Number needed to treat, of the kind `kind`; infinite where there is no effect."""
        return _inverse(self.benefit)

    @property
    def kind(self) -> str:
        """Either ``"NNTB"`` (for one to benefit) or ``"NNTH"`` (for one to be harmed)."""
        return _kind(self.benefit)

    @property
    def includes_no_effect(self) -> bool:
        """Whether the interval holds a risk difference of 0, so runs through infinity."""
        return self.benefit_low <= 0 <= self.benefit_high

    @property
    def intervals(self) -> tuple[tuple[str, float, float], ...]:
        """The interval as parts ``(kind, low, high)``, low below high; two if it passes 0."""
        low, high = self.benefit_low, self.benefit_high
        if low > 0 or high < 0:
            first, last = sorted((_inverse(low), _inverse(high)))
            return ((_kind(low), first, last),)
        parts = []
        if low < 0:
            parts.append(("NNTH", _inverse(low), math.inf))
        if high > 0:
            parts.append(("NNTB", _inverse(high), math.inf))
        return tuple(parts)

    def to_frame(self) -> pd.DataFrame:
        """Return one row per part of the interval, unrounded."""
        rows = [(self.kind, self.estimate, *part) for part in self.intervals]
        columns = ["kind", "estimate", "interval_kind", "interval_low", "interval_high"]
        return pd.DataFrame(rows, columns=columns)

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values; None for infinity."""

        def plain(value: float) -> float | None:
            return value if math.isfinite(value) else None

        return {
            "kind": self.kind,
            "estimate": plain(self.estimate),
            "includes_no_effect": self.includes_no_effect,
            "intervals": [
                {"kind": kind, "low": plain(low), "high": plain(high)}
                for kind, low, high in self.intervals
            ],
        }

    def summary(self) -> str:
        """Return it as Altman (1998) writes it, rounded up to whole people."""
        low, high = self.benefit_low, self.benefit_high
        parts = self.intervals
        if len(parts) == 2:
            ends = f"{_whole('NNTH', low)} to \N{INFINITY} to {_whole('NNTB', high)}"
        elif not parts:
            ends = "no effect"
        else:
            kind, first, last = parts[0]
            ends = f"{kind} {_up(first)} to {_up(last)}"
        return f"{_whole(self.kind, self.benefit)} ({ends})"


def _kind(benefit: float) -> str:
    return "NNTH" if benefit < 0 else "NNTB"


def _inverse(benefit: float) -> float:
    return 1 / abs(benefit) if benefit else math.inf


def _up(number: float) -> str:
    # 1/0.1 and 1/(0.3 - 0.2) are both ten people: rounding errors do not count as a person.
    return format_number(math.ceil(round(number, 6)) if math.isfinite(number) else number, 0)


def _whole(kind: str, benefit: float) -> str:
    return f"{kind} {_up(_inverse(benefit))}"


def number_needed_to_treat(
    *, risk_difference: float, ci_low: float, ci_high: float, event: str = "harmful"
) -> NumberNeeded:
    """Return the number needed to treat, with an interval that is right around 0.

    Where the interval of the risk difference holds 0, that of the number needed to treat
    is not the one between the two inverses but the one outside of them: from a number
    needed to harm through infinity to a number needed to benefit (Altman 1998).

    Parameters
    ----------
    risk_difference
        Risk with minus risk without treatment, a proportion.
    ci_low, ci_high
        Its confidence interval.
    event
        ``"harmful"``: fewer events are a benefit; ``"beneficial"``: more are.

    Returns
    -------
    NumberNeeded

    Raises
    ------
    InvalidArgumentError
        Naming the argument and the value.
    """
    check_choice("event", event, EVENTS)
    given = {"risk_difference": risk_difference, "ci_low": ci_low, "ci_high": ci_high}
    for name, value in given.items():
        if not (is_number(value) and -1 <= value <= 1):
            raise InvalidArgumentError(
                f"{name} is {value!r}; give a proportion between -1 and 1, for example -0.05 "
                "for 5 fewer in 100."
            )
    if not ci_low <= risk_difference <= ci_high:
        raise InvalidArgumentError(
            f"risk_difference {risk_difference:g} lies outside its interval {ci_low:g} to "
            f"{ci_high:g}."
        )
    if event == "beneficial":
        return NumberNeeded(float(risk_difference), float(ci_low), float(ci_high))
    # 0.0 - x: no negative zero.
    return NumberNeeded(0.0 - float(risk_difference), 0.0 - float(ci_high), 0.0 - float(ci_low))
