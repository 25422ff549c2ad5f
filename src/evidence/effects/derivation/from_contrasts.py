"""Readings from reported comparisons: a difference, an effect size, a test, a p value."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
from scipy.special import fdtri

from evidence.data import ReportedNumber
from evidence.effects.conversions.spread import (
    quantile,
    same_p,
    se_from_interval,
    t_from_f,
    t_from_p,
)
from evidence.effects.derivation.context import CAUTIONS, CROSSOVER, Context, Sizes, group_sizes
from evidence.effects.derivation.plain_tests import quotient, t_values
from evidence.effects.derivation.readings import LOG_MEASURES, MEAN_MEASURES, Reading
from evidence.effects.derivation.rounding import envelope, magnitude
from evidence.effects.measures.continuous import hedges_correction, smd_variance
from evidence.errors import Caution

__all__ = ["from_contrasts", "standardised"]

_SMD = "standardised mean difference"
_EFFECT_SIZES = {
    _SMD: "the reported standardised mean difference",
    "Hedges g": "the reported Hedges' g",
    "Cohen d": "the reported Cohen's d",
}


def standardised(t: float, sizes: Sizes) -> tuple[float, float]:
    """Return Hedges' g and its standard error from a t statistic of two groups or periods."""
    g = float(hedges_correction(sizes.df)[0]) * t * sizes.scale
    if sizes.paired:
        # Becker 1988, as `standardised_mean_change` has it: the scale's square is 2(1-r)/n.
        return g, math.sqrt(sizes.scale**2 + g**2 / (2 * sizes.people))
    variance = smd_variance(g, sizes.treatment, sizes.control)
    return g, math.sqrt(float(variance[0]))


@dataclass(frozen=True, slots=True)
class _Row:
    """One contrast, with its numbers as reported."""

    context: Context
    line: int

    def __getitem__(self, column: str) -> ReportedNumber | None:
        return self.context.review.number("contrasts", self.line, column)

    @property
    def cells(self) -> Any:
        return self.context.contrasts.loc[self.line]

    @property
    def level(self) -> float:
        level = self["ci_level"]
        return 0.95 if level is None else level.value / 100

    def reading(
        self,
        kind: str,
        path: str,
        effect: tuple[float, float],
        sizes: Sizes,
        statistic: tuple[float, float],
        *cautions: Caution,
    ) -> Reading:
        context = self.context
        tier = str(self.cells["tier"])
        second_hand = (CAUTIONS["second-hand"],) if tier == "secondary" else ()
        return Reading(
            study_id=context.study_id,
            outcome_id=context.outcome.id,
            timepoint=context.timepoint,
            measure=context.measure,
            kind=kind,
            estimate=effect[0],
            standard_error=effect[1],
            n_treatment=sizes.treatment,
            n_control=sizes.control,
            path=path,
            tier=tier,
            rows=(("contrasts", self.line),),
            source_ids=(str(self.cells["source_id"]),),
            statistic_low=statistic[0],
            statistic_high=statistic[1],
            cautions=(*second_hand, *cautions, *sizes.cautions),
            df=sizes.df,
        )


def from_contrasts(context: Context, refused: list[str]) -> Iterator[Reading]:
    """Yield every reading that the comparison's contrast rows allow.

    Parameters
    ----------
    context
        The comparison and its rows.
    refused
        Receives a sentence for each row that cannot be read as the measure.
    """
    for line in context.contrasts.index:
        row = _Row(context, int(line))
        sizes = group_sizes(context, row.line)
        measure = str(row.cells["measure"])
        if context.measure not in MEAN_MEASURES:
            yield from _from_proportions(row, sizes, measure, refused)
        elif sizes is None:
            if any(row[name] is not None for name in ("estimate", "t", "f", "p")):
                refused.append("the number of people is not reported")
        elif context.measure == _SMD and context.crossover and context.correlation is None:
            refused.append(CROSSOVER)
        elif context.crossover and measure in _EFFECT_SIZES:
            refused.append("its standardised effect is of a crossover, and by which SD is not said")
        else:
            if measure == "mean difference":
                yield from _from_difference(row, sizes)
            if measure in _EFFECT_SIZES and context.measure == _SMD:
                yield from _from_effect_size(row, sizes, measure)
            yield from _from_test(row, sizes, refused)


def _from_difference(row: _Row, sizes: Sizes) -> Iterator[Reading]:
    estimate, low, high, se = row["estimate"], row["ci_low"], row["ci_high"], row["se"]
    if estimate is None:
        return
    sign = row.context.orientation(row.line)
    if low is not None and high is not None:

        def from_interval(df: float | None) -> Callable[..., float]:
            def statistic(estimate: float, low: float, high: float) -> float:
                # Rounding can hide the whole width of a narrow interval.
                spread = se_from_interval(low, high, row.level, df) if low < high else 0.0
                return quotient(estimate, spread)

            return statistic

        numbers = {"estimate": estimate, "low": low, "high": high}
        nominal = magnitude(*envelope(from_interval(sizes.df), numbers))
        # Authors use t or z; which one is rarely said.
        ends = [
            same_p(end, df, sizes.df)
            for df in sizes.freedoms
            for end in magnitude(*envelope(from_interval(df), numbers))
        ]
        spread = se_from_interval(low.value, high.value, row.level, sizes.df)
        path = (
            f"SE from the {100 * row.level:g}% CI of the difference "
            f"(t with {sizes.df:g} degrees of freedom)"
        )
        middle = (low.value + high.value) / 2
        slack = estimate.half_unit + (low.half_unit + high.half_unit) / 2
        lopsided = abs(middle - estimate.value) > slack + 1e-12
        cautions = (_LOPSIDED,) if lopsided else ()
        reading = _difference(
            row, "interval", path, sign, estimate, spread, sizes, nominal, *cautions
        )
        yield reading.widened(min(ends), max(ends))
    if se is not None:

        def from_se(estimate: float, se: float) -> float:
            return quotient(estimate, se)

        nominal = magnitude(*envelope(from_se, {"estimate": estimate, "se": se}))
        path = "SE of the difference as reported"
        reading = _difference(row, "standard error", path, sign, estimate, se.value, sizes, nominal)
        yield reading.widened(*sizes.span(*nominal))


_LOPSIDED = Caution(
    "lopsided-interval",
    "The reported interval is not centred on the reported estimate, beyond rounding.",
)


def _difference(
    row: _Row,
    kind: str,
    path: str,
    sign: int,
    estimate: ReportedNumber,
    spread: float,
    sizes: Sizes,
    span: tuple[float, float],
    *cautions: Caution,
) -> Reading:
    value = sign * estimate.value
    if row.context.measure == "mean difference":
        low, high = row["ci_low"], row["ci_high"]
        printed = None
        if kind == "interval" and low is not None and high is not None and row.level == 0.95:
            ends = sorted((sign * low.value, sign * high.value))
            printed = (ends[0], ends[1])
        reading = row.reading(kind, path, (value, spread), sizes, span, *cautions)
        return replace(reading, reported_interval=printed)
    g, se = standardised(value / spread, sizes)
    path = f"{path}; SD from that SE and the group sizes"
    return row.reading(kind, path, (g, se), sizes, span, CAUTIONS["sd-from-difference"], *cautions)


def _from_effect_size(row: _Row, sizes: Sizes, measure: str) -> Iterator[Reading]:
    estimate = row["estimate"]
    if estimate is None:
        return
    correction = float(hedges_correction(sizes.df)[0])
    factor = correction if measure == "Cohen d" else 1.0
    g = row.context.orientation(row.line) * estimate.value * factor
    low, high = row["ci_low"], row["ci_high"]
    if low is not None and high is not None:
        se = se_from_interval(low.value, high.value, row.level) * factor
        path = f"{_EFFECT_SIZES[measure]} with its interval"
    else:
        se = math.sqrt(float(smd_variance(g, sizes.treatment, sizes.control)[0]))
        path = f"{_EFFECT_SIZES[measure]}; SE from it and the group sizes"

    # Whether a "standardised mean difference" carries the correction is not said.
    uncorrected = {"Cohen d": (1.0,), "Hedges g": (1 / correction,), _SMD: (1 / correction, 1.0)}
    ends = magnitude(estimate.low, estimate.high)
    unit = uncorrected[measure][0] / sizes.scale
    found = [
        t for end in ends for size in uncorrected[measure] for t in _t_from_d(end * size, sizes)
    ]
    reading = row.reading("effect size", path, (g, se), sizes, (ends[0] * unit, ends[1] * unit))
    yield reading.widened(min(found), max(found))


#: How far the SDs of two populations are apart at most where analysts still pool them, by
#: the common rule of thumb, and how far chance takes those of the two samples beyond it.
_MOST_UNEQUAL_SD = 2.0
_CHANCE = 0.999


def _t_from_d(d: float, sizes: Sizes) -> Iterator[float]:
    """Yield the t that belong to Cohen's d over the group sizes and tests that are possible."""
    for first, second in sizes.possible:
        larger = _MOST_UNEQUAL_SD * math.sqrt(float(fdtri(first - 1, second - 1, _CHANCE)))
        smaller = math.sqrt(float(fdtri(second - 1, first - 1, _CHANCE))) * _MOST_UNEQUAL_SD
        for ratio in (1.0, larger, 1 / smaller):
            squares = (first - 1) * ratio**2 + (second - 1)
            common = math.sqrt(squares / (first + second - 2))
            yield from t_values(d * common, (ratio, 1.0), (first, second), sizes.df)


def _from_test(row: _Row, sizes: Sizes, refused: list[str]) -> Iterator[Reading]:
    sign, signed, borrowed = row.context.sign(row.line)
    t, f, p, df = row["t"], row["f"], row["p"], row["df"]
    if t is None and f is None and (p is None or p.value == 0):
        return
    if row.cells["p_test"] == "several groups":
        what = "test" if p is None else "p value"
        refused.append(f"its {what} belongs to a test of several groups at once")
        return
    if row.context.measure != _SMD and _reported_difference(row) is None:
        refused.append("a test says nothing of a difference in the outcome's unit")
        return
    freedom = sizes.df if df is None else df.value

    found: list[tuple[str, float, tuple[float, float]]] = []
    if t is not None:
        found.append(("t", abs(t.value), magnitude(t.low, t.high)))
    if f is not None:
        ends = t_from_f(max(f.low, 0.0)), t_from_f(f.high)
        found.append(("F", t_from_f(f.value), ends))
    for kind, size, (low, high) in found:
        span = same_p(low, freedom, sizes.df), same_p(high, freedom, sizes.df)
        name = f"the {kind} statistic"
        for reading in _test(row, kind, name, sign, signed, size, span, sizes, *borrowed):
            yield reading if df is not None else reading.widened(*sizes.span(low, high))
    if p is None or p.value == 0:
        return
    relation = row.cells["p_relation"]
    relation = "=" if pd.isna(relation) else str(relation)
    if p.value >= 1:
        refused.append("a p value of 1 says only that the effect is about nil")
        return
    size = t_from_p(p.value, freedom)
    people = sizes.treatment + sizes.control
    path = f"p {relation} {p} with {people:g} people only bounds the size of the effect"
    cautions = (CAUTIONS["p-only"], *borrowed)
    if relation == "=":
        ends = t_from_p(min(p.high, 1.0), sizes.df), t_from_p(p.low, sizes.df)
        yield from _test(row, "p", f"p = {p}", sign, signed, size, ends, sizes, *cautions)
    elif row.context.measure == _SMD:
        bound = "at most" if relation == ">" else "at least"
        g, _ = standardised(size, sizes)
        nothing = (math.nan, math.nan)
        reading = row.reading("p", path, nothing, sizes, nothing, *cautions)
        yield replace(reading, signed=signed, bound=bound, bound_size=abs(g))
    else:
        refused.append(path)


def _test(
    row: _Row,
    kind: str,
    name: str,
    sign: int,
    signed: bool,
    size: float,
    span: tuple[float, float],
    sizes: Sizes,
    *cautions: Caution,
) -> Iterator[Reading]:
    if row.context.measure == _SMD:
        g, se = standardised(sign * size, sizes)
        path = f"{name} and the group sizes, as a comparison of two groups"
        reading = row.reading(kind, path, (g, se), sizes, span, *cautions)
        yield replace(reading, signed=signed)
        return
    found = _reported_difference(row)
    if found is None or size == 0:
        return
    value, other = found
    path = f"SE from the reported difference and {name}"
    reading = row.reading(kind, path, (value, abs(value) / size), sizes, span, *cautions)
    if value != 0:
        yield reading if other is None else _with_row(row.context, reading, other)


def _reported_difference(row: _Row) -> tuple[float, int | None] | None:
    """Return the mean difference of this row, or of another row of the comparison."""
    context = row.context
    contrasts = context.contrasts
    if row.cells["measure"] == "mean difference":
        estimate = row["estimate"]
        if estimate is not None:
            return context.orientation(row.line) * estimate.value, None
    others = contrasts[(contrasts["measure"] == "mean difference") & contrasts["estimate"].notna()]
    if others.empty:
        return None
    line = int(others.index[0])
    return context.orientation(line) * float(others["estimate"].loc[line]), line


def _with_row(context: Context, reading: Reading, line: int) -> Reading:
    """Return a reading that also rests on another row, with that row's tier and source."""
    other: Any = context.contrasts.loc[line]
    sources = dict.fromkeys((*reading.source_ids, str(other["source_id"])))
    tier, cautions = reading.tier, reading.cautions
    if other["tier"] == "secondary" and tier != "secondary":
        tier, cautions = "secondary", (CAUTIONS["second-hand"], *cautions)
    rows = (*reading.rows, ("contrasts", line))
    return replace(reading, rows=rows, source_ids=tuple(sources), tier=tier, cautions=cautions)


def _from_proportions(
    row: _Row, sizes: Sizes | None, measure: str, refused: list[str]
) -> Iterator[Reading]:
    wanted = row.context.measure
    estimate, low, high = row["estimate"], row["ci_low"], row["ci_high"]
    if measure != wanted or estimate is None:
        if measure not in ("none", wanted):
            article = "an" if measure.startswith("o") else "a"
            refused.append(f"the report gives {article} {measure} and no {wanted}")
        return
    sizes = sizes or Sizes(math.nan, math.nan)
    sign = row.context.orientation(row.line)
    scale: Callable[[float], float] = math.log if wanted in LOG_MEASURES else float
    if low is not None and high is not None:

        def statistic(estimate: float, low: float, high: float) -> float:
            if wanted in LOG_MEASURES and min(estimate, low) <= 0:
                return math.nan
            return quotient(scale(estimate), (scale(high) - scale(low)) / (2 * quantile(row.level)))

        numbers = {"estimate": estimate, "low": low, "high": high}
        span = magnitude(*envelope(statistic, numbers))
        se = (scale(high.value) - scale(low.value)) / (2 * quantile(row.level))
        path = f"SE from the {100 * row.level:g}% CI of the {wanted}"
        yield row.reading("interval", path, (sign * scale(estimate.value), se), sizes, span)
        return
    p = row["p"]
    exact = pd.isna(row.cells["p_relation"]) or row.cells["p_relation"] == "="
    value = scale(estimate.value)
    if p is not None and exact and 0 < p.value < 1 and value != 0:
        z = t_from_p(p.value)
        path = f"SE from the {wanted} and p = {p}"
        span = t_from_p(min(p.high, 1.0)), t_from_p(p.low)
        effect = (sign * value, abs(value) / z)
        yield row.reading("p", path, effect, sizes, span, CAUTIONS["p-only"])
    else:
        refused.append(f"the {wanted} has neither an interval nor an exact p value")
