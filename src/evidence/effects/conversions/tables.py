"""The four cells of a 2x2 table from its margins and one statistic.

References
----------
Bonett DG (2007). Transforming odds ratios into correlations for meta-analytic research. American
Psychologist 62:254-255.
Di Pietrantonj C (2006). Four-fold table cell frequencies imputation in meta analysis. Statistics
in Medicine 25:2299-2322.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from evidence.data.reported import ReportedNumber
from evidence.display import join_words
from evidence.effects.arguments import Floats, checked
from evidence.effects.conversions.two_by_two import (
    STATISTICS,
    Tables,
    several_tables,
    table_statistic,
)
from evidence.effects.measures.choices import check_choice, first_study
from evidence.errors import Caution, InsufficientEvidenceError, InvalidArgumentError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = [
    "Margins",
    "tables_from_effect_and_standard_error",
    "tables_from_margins",
    "tables_that_print_as",
]

EFFECTS = STATISTICS[:3]
#: How far, of a person, rounding errors may carry a cell beyond its margins.
_SLACK = 1e-7


@dataclass(frozen=True, slots=True)
class Margins:
    """The margins of 2x2 tables.

    Attributes
    ----------
    n_treatment, n_control
        People in each group, each a number or shape (k,).
    events
        Events in both groups together.
    """

    n_treatment: ArrayLike
    n_control: ArrayLike
    events: ArrayLike


def _checked_margins(margins: Margins, value: ArrayLike, name: str) -> dict[str, Floats]:
    statistic: dict[str, Any] = {name: value}
    given = checked(
        {"n_treatment": 1, "n_control": 1, "events": 0},
        n_treatment=margins.n_treatment,
        n_control=margins.n_control,
        events=margins.events,
        **statistic,
    )
    total = given["n_treatment"] + given["n_control"]
    wrong = (given["events"] <= 0) | (given["events"] >= total)
    if wrong.any():
        place = first_study(wrong)
        raise InvalidArgumentError(
            f"events of study {place + 1} is {given['events'][place]:g} of {total[place]:g} "
            "people: with nobody or everybody having the event there is one table, and no "
            "statistic."
        )
    return given


def tables_from_margins(
    margins: Margins,
    *,
    statistic: str,
    value: ArrayLike,
    direction: ArrayLike | None = None,
    whole: bool = False,
) -> Tables:
    """Return the table, or tables, with these margins and this statistic.

    Margins leave one cell free. Odds ratio, risk ratio, risk difference and phi decide it (the
    odds ratio by a quadratic with one root inside the margins, Bonett 2007); chi-square leaves
    two tables, one with more events under treatment than expected and one with fewer, of which
    the margins may allow only one.

    Parameters
    ----------
    margins
        People in each group and events in all.
    statistic
        ``"odds ratio"``, ``"risk ratio"``, ``"risk difference"``, ``"phi"``, ``"chi-square"`` or
        ``"chi-square, Yates"`` for one with the continuity correction.
    value
        The statistic (not its logarithm), treatment over or minus control, a number or shape
        (k,).
    direction
        For chi-square: 1 where treatment has the more events, -1 where it has fewer, each a
        number or shape (k,); None for both tables.
    whole
        Whether to round the events to whole numbers; `implied` is then the statistic of the
        rounded table. See `tables_that_print_as` for all whole tables.

    Returns
    -------
    Tables
        With a caution where there are several for a study.

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value; also where the margins do not allow the
        statistic, with the range that they do allow.
    """
    check_choice("statistic", statistic, STATISTICS)
    given = _checked_margins(margins, value, "value")
    least = {"odds ratio": 0.0, "risk ratio": 0.0, "chi-square": 0.0, "chi-square, Yates": 0.0}
    checked({"value": least.get(statistic, -1.0)}, value=given["value"])
    squared = statistic.startswith("chi-square")
    signs = _signs(direction, given["value"].size, squared)
    found = [_events(statistic, given, sign) for sign in signs]
    low, high = _limits(given)
    rows: list[tuple[int, float]] = []
    for place in range(given["value"].size):
        inside = []
        for events, sign in zip(found, signs, strict=True):
            asked = not squared or sign[place] != 0
            slack = _SLACK * max(1.0, high[place])
            if asked and low[place] - slack <= events[place] <= high[place] + slack:
                inside.append(float(np.clip(events[place], low[place], high[place])))
        if not inside:
            raise InvalidArgumentError(_impossible(statistic, given, place, (low, high)))
        rows += [(place, events) for events in dict.fromkeys(inside)]
    return _tables(statistic, given, rows, whole=whole)


def _signs(direction: ArrayLike | None, size: int, squared: bool) -> list[Floats]:
    if direction is not None and not squared:
        raise InvalidArgumentError(
            "direction is for chi-square only; the other statistics have one."
        )
    if not squared:
        return [np.ones(size)]
    if direction is None:
        return [np.ones(size), -np.ones(size)]
    signs = np.broadcast_to(checked(direction=direction)["direction"], (size,))
    if not np.isin(signs, (1, -1)).all():
        place = first_study(~np.isin(signs, (1, -1)))
        raise InvalidArgumentError(
            f"direction of study {place + 1} is {signs[place]:g}; give 1 where treatment has the "
            "more events, -1 where it has fewer."
        )
    return [np.asarray(signs)]


def _limits(given: dict[str, Floats]) -> tuple[Floats, Floats]:
    low = np.maximum(0.0, given["events"] - given["n_control"])
    return low, np.minimum(given["n_treatment"], given["events"])


def _events(statistic: str, given: dict[str, Floats], sign: Floats) -> Floats:
    """Return the events under treatment."""
    n1, n2, m, value = (given[name] for name in ("n_treatment", "n_control", "events", "value"))
    total = n1 + n2
    if statistic == "odds ratio":
        # The root of (OR-1)a² - ((n₂-m) + OR(n₁+m))a + OR n₁m in the form that loses no digits
        # where OR is 1; the other root lies outside the margins.
        half = (n2 - m) + value * (n1 + m)
        constant = value * n1 * m
        root = np.sqrt(np.maximum(half**2 - 4 * (value - 1) * constant, 0.0))
        return np.asarray(2 * constant / (half + root))
    if statistic == "risk ratio":
        return np.asarray(value * m * n1 / (n2 + value * n1))
    if statistic == "risk difference":
        return np.asarray((value + m / n2) / (1 / n1 + 1 / n2))
    product = n1 * n2 * m * (total - m)
    if statistic == "phi":
        surplus = value * np.sqrt(product)
    else:
        surplus = sign * np.sqrt(value * product / total)
        if statistic == "chi-square, Yates":
            # Of a corrected 0 all that is known is that the surplus is at most half an event.
            surplus = surplus + np.where(value > 0, sign * total / 2, 0.0)
    return np.asarray((surplus + n1 * m) / total)


def _impossible(
    statistic: str, given: dict[str, Floats], place: int, limits: tuple[Floats, Floats]
) -> str:
    n1, n2, m = (given[name][place] for name in ("n_treatment", "n_control", "events"))
    ends = [
        float(
            table_statistic(
                statistic, events_treatment=a, n_treatment=n1, events_control=m - a, n_control=n2
            )[0]
        )
        for a in (limits[0][place], limits[1][place])
    ]
    low, high = (0.0, max(ends)) if statistic.startswith("chi") else (min(ends), max(ends))
    return (
        f"value of study {place + 1} is {given['value'][place]:g}; with {n1:g} and {n2:g} people "
        f"and {m:g} events the {statistic} lies between {low:g} and {high:g}. Is one of the "
        "numbers of another analysis, or the statistic one with or without a correction?"
    )


def _tables(
    statistic: str,
    given: dict[str, Floats],
    rows: list[tuple[int, float]],
    *,
    whole: bool,
    reported: str = "value",
) -> Tables:
    study = np.array([place for place, _ in rows], dtype=np.int64)
    events = np.array([found for _, found in rows])
    cautions = []
    if whole:
        nearest = np.round(events)
        moved = np.abs(nearest - events)
        if (moved > 0.1).any():
            place = first_study(moved > 0.1)
            cautions.append(
                Caution(
                    "table-not-whole",
                    f"The events of study {study[place] + 1} come to {events[place]:.3f}, which is "
                    "far from a whole number: the statistic is rounded, adjusted, or of other "
                    "people than the margins.",
                    "Di Pietrantonj 2006, Statistics in Medicine 25:2299-2322",
                )
            )
        events = nearest
        low, high = _limits(given)
        events = np.clip(events, np.ceil(low[study]), np.floor(high[study]))
    return _assembled(statistic, given, study, events, given[reported][study], cautions)


def _assembled(
    statistic: str,
    given: dict[str, Floats],
    study: NDArray[np.int64],
    events: Floats,
    reported: Floats,
    cautions: list[Caution],
) -> Tables:
    others = given["events"][study] - events
    n1, n2 = given["n_treatment"][study], given["n_control"][study]
    implied = table_statistic(
        statistic, events_treatment=events, n_treatment=n1, events_control=others, n_control=n2
    )
    cautions += several_tables(study)
    return Tables(statistic, study, events, n1, others, n2, reported, implied, tuple(cautions))


def tables_that_print_as(
    *,
    n_treatment: int,
    n_control: int,
    events: int,
    statistic: str,
    printed: str | ReportedNumber,
    direction: int | None = None,
) -> Tables:
    """Return every table of whole numbers whose statistic rounds to what is printed.

    All tables with the margins are tried, so nothing is assumed: none means that statistic and
    margins contradict each other, several that the digits do not tell.

    Parameters
    ----------
    n_treatment, n_control, events
        Margins of one study, whole numbers.
    statistic
        See `tables_from_margins`.
    printed
        The statistic with the digits it was printed with, for example ``"2.30"``.
    direction
        For chi-square: 1 or -1; None for both.

    Returns
    -------
    Tables

    Raises
    ------
    InvalidArgumentError
        Naming the argument and the value.
    InsufficientEvidenceError
        Where no table prints so.
    """
    check_choice("statistic", statistic, STATISTICS)
    number = ReportedNumber(printed) if isinstance(printed, str) else printed
    margins = Margins(n_treatment, n_control, events)
    given = _checked_margins(margins, float(number), "printed")
    for name in ("n_treatment", "n_control", "events"):
        if given[name].size > 1 or given[name][0] % 1:
            raise InvalidArgumentError(f"{name} is {given[name].tolist()}; give one whole number.")
    (signs, *more) = _signs(direction, 1, statistic.startswith("chi-square"))
    low, high = _limits(given)
    tried = np.arange(low[0], high[0] + 1)
    n1, n2, m = (float(given[name][0]) for name in ("n_treatment", "n_control", "events"))
    values = table_statistic(
        statistic, events_treatment=tried, n_treatment=n1, events_control=m - tried, n_control=n2
    )
    # Rounding errors may carry a statistic across the edge of what prints so.
    slack = 1e-9 * abs(float(number))
    fits = (values >= number.low - slack) & (values <= number.high + slack)
    if statistic.startswith("chi-square") and not more:
        fits &= np.sign(tried * n2 - (m - tried) * n1) == signs[0]
    if not fits.any():
        near = np.argsort(np.abs(values - float(number)))[:2]
        found = join_words(f"{tried[i]:g} ({values[i]:.4g})" for i in near)
        raise InsufficientEvidenceError(
            f"No table of {n1:g} and {n2:g} people with {m:g} events has a {statistic} that prints "
            f"as {number}. The nearest have {found} events under treatment. Is the statistic "
            "adjusted, or are the margins of other people?"
        )
    study = np.zeros(int(fits.sum()), dtype=np.int64)
    reported = np.full(study.size, float(number))
    return _assembled(statistic, given, study, tried[fits], reported, [])


def tables_from_effect_and_standard_error(
    *,
    measure: str,
    value: ArrayLike,
    standard_error: ArrayLike,
    n_treatment: ArrayLike,
    n_control: ArrayLike,
) -> Tables:
    """Return the tables behind an unadjusted effect, its standard error and the group sizes.

    Without the number of events, effect and standard error are two equations for two cells. The
    risk ratio has one solution; odds ratio and risk difference have two, one with rarer and
    one with more frequent events, from a quadratic (Di Pietrantonj 2006). Only for an effect
    that was computed from the table itself, not adjusted.

    Parameters
    ----------
    measure
        ``"odds ratio"``, ``"risk ratio"`` or ``"risk difference"``.
    value
        The effect, not its logarithm, a number or shape (k,).
    standard_error
        Of the logarithm for ratios, of the difference itself for the risk difference.
    n_treatment, n_control
        People in each group.

    Returns
    -------
    Tables
        With `reported` and `implied` the effect; a caution where there are two for a study.

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value; also where no table fits.
    """
    check_choice("measure", measure, EFFECTS)
    checked({"standard_error": 0}, strict=True, standard_error=standard_error)
    given = checked(
        {"n_treatment": 1, "n_control": 1},
        value=value,
        standard_error=standard_error,
        n_treatment=n_treatment,
        n_control=n_control,
    )
    if measure != "risk difference":
        checked({"value": 0}, strict=True, value=given["value"])
    solve = {"odds ratio": _by_odds, "risk ratio": _by_ratio, "risk difference": _by_difference}
    rows = []
    for place in range(given["value"].size):
        numbers = [float(values[place]) for values in given.values()]
        pairs = [
            (a, c)
            for a, c in dict.fromkeys(solve[measure](*numbers))
            if 0 <= a <= numbers[2] and 0 <= c <= numbers[3]
        ]
        if not pairs:
            raise InvalidArgumentError(
                f"No table fits study {place + 1}: a {measure} of {numbers[0]:g} with standard "
                f"error {numbers[1]:g} in groups of {numbers[2]:g} and {numbers[3]:g}. Is the "
                "effect adjusted, or the standard error that of the logarithm?"
            )
        rows += [(place, a, c) for a, c in pairs]
    study = np.array([row[0] for row in rows], dtype=np.int64)
    a, c = (np.array([row[column] for row in rows]) for column in (1, 2))
    n1, n2 = given["n_treatment"][study], given["n_control"][study]
    implied = table_statistic(
        measure, events_treatment=a, n_treatment=n1, events_control=c, n_control=n2
    )
    cautions = several_tables(study)
    return Tables(measure, study, a, n1, c, n2, given["value"][study], implied, cautions)


def _roots(square: float, linear: float, constant: float) -> tuple[float, ...]:
    """Return the real roots of a quadratic, without loss of digits."""
    discriminant = linear**2 - 4 * square * constant
    # Two roots that coincide but for rounding errors are one.
    if discriminant < -1e-12 * linear**2:
        return ()
    root = np.sqrt(max(discriminant, 0.0))
    half = -(linear + np.copysign(root, linear)) / 2
    return tuple(sorted({float(half / square), float(constant / half)} if half else {0.0}))


def _by_odds(value: float, error: float, n1: float, n2: float) -> list[tuple[float, float]]:
    # With x the odds in control, SE² = (1 + OR x)²/(n₁ OR x) + (1 + x)²/(n₂ x).
    odds = _roots(value / n1 + 1 / n2, 2 / n1 + 2 / n2 - error**2, 1 / (n1 * value) + 1 / n2)
    return [(n1 * value * x / (1 + value * x), n2 * x / (1 + x)) for x in odds]


def _by_ratio(value: float, error: float, n1: float, n2: float) -> list[tuple[float, float]]:
    # SE² = 1/a - 1/n₁ + 1/c - 1/n₂ with c = a n₂/(RR n₁).
    a = (1 + value * n1 / n2) / (error**2 + 1 / n1 + 1 / n2)
    return [(a, a * n2 / (value * n1))]


def _by_difference(value: float, error: float, n1: float, n2: float) -> list[tuple[float, float]]:
    # SE² = (p + d)(1 - p - d)/n₁ + p(1 - p)/n₂ with p the risk in control.
    risks = _roots(
        1 / n1 + 1 / n2,
        -((1 - 2 * value) / n1 + 1 / n2),
        error**2 - value * (1 - value) / n1,
    )
    return [(n1 * (p + value), n2 * p) for p in risks]
