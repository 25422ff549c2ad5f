"""Readings from the summaries of the two groups."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import pandas as pd

from evidence.data import ReportedNumber
from evidence.effects.binary import log_odds_ratio, log_risk_ratio, risk_difference
from evidence.effects.context import CAUTIONS, Context, Sizes, group_sizes
from evidence.effects.continuous import mean_difference, standardised_mean_difference
from evidence.effects.convert import se_from_interval
from evidence.effects.readings import LOG_MEASURES, Reading
from evidence.effects.rounding import envelope
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
        if context.measure in _BINARY:
            yield from _binary(context, lines, refused)
        elif kind == "period":
            refused.append(
                "it is a crossover: the standard error of the difference needs the correlation "
                "within people, which is not reported"
            )
        else:
            yield from _continuous(context, lines, str(kind), refused)


def _number(context: Context, line: int, column: str) -> ReportedNumber | None:
    return context.review.number("arms", line, column)


def _sd_formula(
    context: Context, line: int, n: float
) -> tuple[Callable[..., float], dict[str, ReportedNumber], str] | None:
    """Return how the SD of an arm follows from its row: formula, numbers, name."""
    sd, se = _number(context, line, "sd"), _number(context, line, "se")
    low, high = _number(context, line, "ci_low"), _number(context, line, "ci_high")
    root = math.sqrt(n)
    if sd is not None and sd.value > 0:
        return (lambda sd: sd), {"sd": sd}, "SDs"
    if se is not None and se.value > 0:
        return (lambda se: se * root), {"se": se}, "standard errors"
    if low is not None and high is not None:
        level = _number(context, line, "ci_level")
        probability = 0.95 if level is None else level.value / 100

        def from_interval(low: float, high: float) -> float:
            if low >= high:
                return math.nan
            return se_from_interval(low, high, probability, n - 1) * root

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
    found = [
        _sd_formula(context, line, n)
        for line, n in zip(lines, (sizes.treatment, sizes.control), strict=True)
    ]
    if found[0] is None or found[1] is None:
        refused.append("no spread (SD, SE or CI) is reported for the groups")
        return
    (sd_t, numbers_t, name), (sd_c, numbers_c, _) = found[0], found[1]

    def effect(measure: Callable[..., EffectSizes], **v: float) -> EffectSizes:
        return measure(
            mean_treatment=v["mean_t"],
            sd_treatment=sd_t(**{k: v[f"t_{k}"] for k in numbers_t}),
            n_treatment=sizes.treatment,
            mean_control=v["mean_c"],
            sd_control=sd_c(**{k: v[f"c_{k}"] for k in numbers_c}),
            n_control=sizes.control,
        )

    def statistic(**v: float) -> float:
        spreads = (
            sd_t(**{k: v[f"t_{k}"] for k in numbers_t}),
            sd_c(**{k: v[f"c_{k}"] for k in numbers_c}),
        )
        if not all(s > 0 for s in spreads):
            return math.nan
        value = effect(lambda **a: mean_difference(**a, variance_formula="pooled"), **v)
        return abs(float(value.estimate[0] / value.standard_error[0]))

    numbers: dict[str, ReportedNumber | None] = {
        "mean_t": means[0],
        "mean_c": means[1],
        **{f"t_{k}": number for k, number in numbers_t.items()},
        **{f"c_{k}": number for k, number in numbers_c.items()},
    }
    values = {k: number.value for k, number in numbers.items() if number is not None}
    measure = (
        mean_difference if context.measure == "mean difference" else standardised_mean_difference
    )
    result = effect(measure, **values)
    what = "changes from baseline" if kind == "change" else "values"
    path = f"means of the two groups' {what} with their {name}"
    yield _reading(context, lines, result, sizes, path, envelope(statistic, numbers))


def _sizes(context: Context, lines: tuple[int, int]) -> Sizes | None:
    known = [_number(context, line, "n") for line in lines]
    if known[0] is not None and known[1] is not None:
        randomised = (context.arms.loc[list(lines), "n_basis"] == "randomised").any()
        cautions = (CAUTIONS["randomised-n"],) if randomised else ()
        return Sizes(known[0].value, known[1].value, cautions)
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
    size = abs(float(result.estimate[0] / result.standard_error[0]))
    path = f"{a:g} of {n1:g} against {c:g} of {n2:g}"
    yield _reading(context, lines, result, sizes, path, (size, size), *result.cautions)


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
