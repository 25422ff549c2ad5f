"""Readings from the summaries of the two groups."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import product

import pandas as pd

from evidence.data import ReportedNumber
from evidence.display import join_words
from evidence.effects.conversions.spread import se_from_interval
from evidence.effects.derivation.context import CAUTIONS, CROSSOVER, Context, Sizes, group_sizes
from evidence.effects.derivation.plain_tests import quotient, t_values, z_values
from evidence.effects.derivation.readings import LOG_MEASURES, Reading
from evidence.effects.derivation.rounding import envelope, magnitude
from evidence.effects.measures.binary import log_odds_ratio, log_risk_ratio, risk_difference
from evidence.effects.measures.continuous import mean_difference, standardised_mean_difference
from evidence.effects.measures.crossover import paired_difference
from evidence.effects.measures.within_person import sd_of_difference, standardised_mean_change
from evidence.effects.sizes import EffectSizes
from evidence.errors import Caution

__all__ = ["from_arms"]

_BINARY: dict[str, Callable[..., EffectSizes]] = {
    "risk ratio": log_risk_ratio,
    "odds ratio": log_odds_ratio,
    "risk difference": risk_difference,
}


def from_arms(context: Context, refused: list[str]) -> Iterator[Reading]:
    """Yield a reading for each pair of arm rows that belong together.

    Rows belong together when they come from one source and summarise the same kind of
    value. Baseline rows are never compared.

    Parameters
    ----------
    context
        The comparison and its rows.
    refused
        Receives a sentence for each pair that cannot be read as the measure.
    """
    kinds = context.arms["kind"].astype("str").fillna("")
    arms = context.arms[kinds != "baseline"]
    for (_, kind), rows in arms.groupby(["source_id", kinds[arms.index]], sort=False):
        treated = rows[rows["role"] == "treatment"]
        control = rows[rows["role"] == "control"]
        if treated.empty and control.empty:
            continue
        if treated.empty or control.empty:
            refused.append("only one group is reported")
            continue
        if len(treated) > 1 or len(control) > 1:
            refused.append("several groups share a role, and combining groups is not done here")
            continue
        lines = int(treated.index[0]), int(control.index[0])
        if context.crossover and context.correlation is not None:
            yield from _paired(context, lines, context.correlation, refused)
        elif kind == "period" or context.crossover:
            refused.append(CROSSOVER)
        elif context.measure in _BINARY:
            yield from _binary(context, lines, refused)
        else:
            yield from _continuous(context, lines, str(kind), refused)


#: The SD of an arm from its number of people, the kind of quantile, and reported numbers.
_Spread = Callable[..., float]


def _number(context: Context, line: int, column: str) -> ReportedNumber | None:
    return context.review.number("arms", line, column)


def _spread(context: Context, line: int) -> tuple[_Spread, dict[str, ReportedNumber], str] | None:
    """Return how the SD of an arm of n people follows from its row: formula, numbers, name.

    The formula also takes which quantile an interval was made with: True for t, False for
    the normal one.
    """
    sd, se = _number(context, line, "sd"), _number(context, line, "se")
    low, high = _number(context, line, "ci_low"), _number(context, line, "ci_high")
    if sd is not None and sd.value > 0:
        return (lambda _n, _t, sd: sd), {"sd": sd}, "SDs"
    if se is not None and se.value > 0:
        return (lambda n, _t, se: se * math.sqrt(n)), {"se": se}, "standard errors"
    if low is not None and high is not None:
        level = _number(context, line, "ci_level")
        probability = 0.95 if level is None else level.value / 100

        def from_interval(n: float, t: bool, low: float, high: float) -> float:
            # Rounding can hide the whole width of a narrow interval.
            if low >= high:
                return 0.0
            return se_from_interval(low, high, probability, n - 1 if t else None) * math.sqrt(n)

        return from_interval, {"low": low, "high": high}, f"{100 * probability:g}% CIs"
    return None


def _continuous(
    context: Context, lines: tuple[int, int], kind: str, refused: list[str]
) -> Iterator[Reading]:
    sizes = _sizes(context, lines)
    means = [_number(context, line, "mean") for line in lines]
    if sizes is None or means[0] is None or means[1] is None:
        refused.append("the groups' means or sizes are not reported")
        return
    if min(sizes.treatment, sizes.control) < 2:
        refused.append("a group of one has no standard deviation")
        return
    found = [_spread(context, line) for line in lines]
    if found[0] is None or found[1] is None:
        refused.append("no spread (SD, SE or CI) is reported for the groups")
        return
    spreads = (found[0], found[1])
    sd_treatment, sd_control = (
        formula(n, True, **{name: number.value for name, number in numbers.items()})
        for (formula, numbers, _), n in zip(spreads, (sizes.treatment, sizes.control), strict=True)
    )
    measure = (
        mean_difference if context.measure == "mean difference" else standardised_mean_difference
    )
    result = measure(
        mean_treatment=means[0].value,
        sd_treatment=sd_treatment,
        n_treatment=sizes.treatment,
        mean_control=means[1].value,
        sd_control=sd_control,
        n_control=sizes.control,
    )
    what = "changes from baseline" if kind == "change" else "values"
    names = join_words(dict.fromkeys(name for _, _, name in spreads))
    path = f"means of the two groups' {what} with their {names}"
    nominal, widest = _statistics((means[0], means[1]), spreads, sizes)
    reading = _reading(context, lines, result, sizes, path, nominal, *result.cautions)
    basis = "change" if kind == "change" else "final"
    yield replace(reading, basis=basis, df=sizes.df).widened(*widest)


def _paired(
    context: Context, lines: tuple[int, int], correlation: float, refused: list[str]
) -> Iterator[Reading]:
    """Yield the comparison of two periods of the same people (Elbourne et al. 2002)."""
    if context.measure in _BINARY:
        refused.append("it is a crossover of an event, which needs who had it in which period")
        return
    sizes = group_sizes(context)
    numbers = {
        f"{column}_{role}": number
        for line, role in zip(lines, ("treatment", "control"), strict=True)
        for column in ("mean", "sd")
        if (number := _number(context, line, column)) is not None
    }
    if sizes is None or len(numbers) < 4:
        refused.append("the periods' means, standard deviations or people are not reported")
        return
    values = {name: number.value for name, number in numbers.items()}
    people = sizes.people
    if min(values["sd_control"], values["sd_treatment"]) <= 0 or people < 3:
        refused.append("a period without spread, or of fewer than three people, says nothing")
        return

    def statistic(
        mean_treatment: float, sd_treatment: float, mean_control: float, sd_control: float
    ) -> float:
        spread = sd_of_difference(
            sd_first=sd_treatment, sd_second=sd_control, correlation=correlation
        )
        return quotient(mean_treatment - mean_control, float(spread[0]) / math.sqrt(people))

    if context.measure == "mean difference":
        result = paired_difference(**values, n=people, correlation=correlation)
    else:
        result = standardised_mean_change(
            mean_before=values["mean_control"],
            sd_before=values["sd_control"],
            mean_after=values["mean_treatment"],
            sd_after=values["sd_treatment"],
            n=people,
            correlation=correlation,
        )
    span = magnitude(*envelope(statistic, numbers))
    path = f"means of the two periods with their SDs, taking a correlation of {correlation:g}"
    reading = _reading(context, lines, result, sizes, path, span, *result.cautions)
    yield replace(reading, df=sizes.df).widened(*sizes.span(*span))


def _statistics(
    means: tuple[ReportedNumber, ReportedNumber],
    spreads: tuple[tuple[_Spread, dict[str, ReportedNumber], str], ...],
    sizes: Sizes,
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the sizes of Student's t that the printed digits allow, and of any plain test."""
    differences = means[0].low - means[1].high, means[0].high - means[1].low
    nominal: list[float] = []
    widest: list[float] = []
    for place, people in enumerate(sizes.possible):
        for quantiles_of_t in product((True, False), repeat=2):
            sds = [
                envelope(partial(formula, n, of_t), numbers)
                for (formula, numbers, _), n, of_t in zip(
                    spreads, people, quantiles_of_t, strict=True
                )
            ]
            for difference, *pair in product(differences, *sds):
                found = list(t_values(difference, (pair[0], pair[1]), people, sizes.df))
                widest += found
                if place == 0 and all(quantiles_of_t):
                    nominal.append(found[0])
    return magnitude(min(nominal), max(nominal)), magnitude(min(widest), max(widest))


def _sizes(context: Context, lines: tuple[int, int]) -> Sizes | None:
    known = [_number(context, line, "n") for line in lines]
    if known[0] is not None and known[1] is not None:
        randomised = bool((context.arms.loc[list(lines), "n_basis"] == "randomised").any())
        cautions = (CAUTIONS["randomised-n"],) if randomised else ()
        return Sizes(known[0].value, known[1].value, cautions, randomised=randomised)
    return group_sizes(context)


def _binary(context: Context, lines: tuple[int, int], refused: list[str]) -> Iterator[Reading]:
    cells = [_number(context, line, name) for line in lines for name in ("events", "total")]
    if any(cell is None for cell in cells):
        refused.append("the groups' events or totals are not reported")
        return
    a, n1, c, n2 = (cell.value for cell in cells if cell is not None)
    result = _BINARY[context.measure](
        events_treatment=a, total_treatment=n1, events_control=c, total_control=n2
    )
    if context.measure in LOG_MEASURES and (a + c == 0 or a + c == n1 + n2):
        refused.append("the event happened to nobody, or to everybody, in both groups")
        return
    randomised = (context.arms.loc[list(lines), "n_basis"] == "randomised").any()
    sizes = Sizes(n1, n2, (CAUTIONS["randomised-n"],) if randomised else ())
    path = f"{a:g} of {n1:g} against {c:g} of {n2:g}"
    effects = [
        measure(events_treatment=a, total_treatment=n1, events_control=c, total_control=n2)
        for measure in _BINARY.values()
    ]
    found = [float(effect.estimate[0] / effect.standard_error[0]) for effect in effects]
    found += z_values(a, n1, c, n2)
    size = abs(float(result.estimate[0] / result.standard_error[0]))
    reading = _reading(context, lines, result, sizes, path, (size, size), *result.cautions)
    yield reading.widened(*magnitude(min(found), max(found)))


def _reading(
    context: Context,
    lines: tuple[int, int],
    result: EffectSizes,
    sizes: Sizes,
    path: str,
    span: tuple[float, float],
    *cautions: Caution,
) -> Reading:
    rows = context.arms.loc[list(lines)]
    second_hand = bool((rows["tier"] == "secondary").any())
    return Reading(
        study_id=context.study_id,
        outcome_id=context.outcome.id,
        timepoint=context.timepoint,
        measure=context.measure,
        kind="arms",
        estimate=float(result.estimate[0]),
        standard_error=float(result.standard_error[0]),
        n_treatment=sizes.treatment,
        n_control=sizes.control,
        path=path,
        tier="secondary" if second_hand else "primary",
        rows=tuple(("arms", line) for line in lines),
        source_ids=tuple(dict.fromkeys(pd.Series(rows["source_id"]).astype(str))),
        statistic_low=span[0],
        statistic_high=span[1],
        cautions=(
            *((CAUTIONS["second-hand"],) if second_hand else ()),
            *cautions,
            *sizes.cautions,
        ),
    )
