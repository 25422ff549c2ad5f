"""Doses on the scale of the active element: trials, upper limits, and what a range can mean."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import groupby
from typing import TYPE_CHECKING

from evidence.appraisal.dose.amounts import Amount
from evidence.appraisal.dose.stated_range import (
    AS_COMPOUND,
    AS_ELEMENT,
    StatedRange,
    ranges_in_claims,
)
from evidence.appraisal.dose.trial_doses import (
    COMPUTED,
    DISPUTED,
    ElementalDoses,
    amount_text,
    elemental_doses,
)
from evidence.data import Review
from evidence.data.formula import element_name
from evidence.display import join_words, plural
from evidence.errors import InsufficientEvidenceError, InvalidArgumentError, UnknownNameError
from evidence.plots.lettering import drawable, one_line, width, wrap
from evidence.plots.notice import notice
from evidence.plots.picture import describe
from evidence.plots.sheet import MARGIN, Sheet, open_sheet
from evidence.plots.style import BLUE, FONT, GREY, INK, ORANGE, PAPER, RULE, SMALL, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["dose_axis", "dose_axis_of"]

_ROW, _LINE, _GAP, _HEAD = 0.25, 0.15, 0.16, 0.24
#: Widths of the axis, inches, the preferred one first; with each the widest label.
_WIDTHS = ((3.4, 2.3), (2.6, 1.6), (1.9, 1.2))
_MOST_TICKS = 6
_STEPS = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class _Row:
    """One line of the figure: a heading without an amount, or a dose."""

    label: str
    amount: Amount | None = None
    kind: str = "heading"
    second_hand: bool = False


@dataclass(frozen=True)
class _Plan:
    """Where everything stands, measured in inches before anything is drawn."""

    doses: ElementalDoses
    stated: tuple[StatedRange, ...]
    plot_width: float
    label_limit: float

    @cached_property
    def unit(self) -> str:
        """What is counted, in words."""
        return f"mg of {element_name(self.doses.element)} a day"

    @cached_property
    def rows(self) -> tuple[_Row, ...]:
        """Trials under the heading of their form, the range asked about last."""
        found: list[_Row] = []
        known = sorted(self.doses.known, key=lambda dose: self._order(dose.form))
        for form, group in groupby(known, key=lambda dose: dose.form):
            found.append(_Row(form or "form not stated"))
            found += [
                _Row(dose.label, dose.amount, dose.known, dose.tier == "secondary")
                for dose in group
            ]
        for stated in self.stated:
            found.append(_Row(f"“{amount_text(stated.as_element)} mg” of {stated.form}"))
            found.append(_Row(f"read {AS_COMPOUND}", stated.as_compound, AS_COMPOUND))
            found.append(_Row(f"read {AS_ELEMENT}", stated.as_element, AS_ELEMENT))
        return tuple(found)

    def _order(self, form: str) -> tuple[int, str]:
        forms = list(dict.fromkeys(dose.form for dose in self.doses.doses))
        return forms.index(form), form

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """What stands left of the axis, broken into lines; headings reach over it."""
        whole = self.label_limit + self.plot_width
        return tuple(
            wrap(
                drawable(row.label + (" †" if row.second_hand else "")),
                whole if row.amount is None else self.label_limit - 0.1,
            )
            for row in self.rows
        )

    @cached_property
    def heights(self) -> tuple[float, ...]:
        """Height of each row."""
        return tuple(
            (_HEAD if row.amount is None else _ROW) + _LINE * label.count("\n")
            for row, label in zip(self.rows, self.labels, strict=True)
        )

    @cached_property
    def left(self) -> float:
        """Left end of the axis."""
        pairs = zip(self.rows, self.labels, strict=True)
        names = [width(label) for row, label in pairs if row.amount is not None]
        return MARGIN + max(names, default=0.0) + 0.1 + _GAP

    @cached_property
    def top_value(self) -> float:
        """Right end of the axis, a round number."""
        highest = [row.amount.high for row in self.rows if row.amount is not None]
        highest += [limit.value for limit in self.doses.limits]
        return self.step * math.ceil(1.02 * max(highest) / self.step)

    @cached_property
    def step(self) -> float:
        """Distance between two ticks."""
        highest = [row.amount.high for row in self.rows if row.amount is not None]
        most = 1.02 * max([*highest, *(limit.value for limit in self.doses.limits)])
        power = 10.0 ** math.floor(math.log10(most / _MOST_TICKS))
        choices = [digit * power * tens for tens in (1, 10) for digit in _STEPS]
        return next(size for size in choices if most / size <= _MOST_TICKS)

    def x(self, value: float) -> float:
        """Return where a dose lies."""
        return self.left + self.plot_width * value / self.top_value

    @cached_property
    def levels(self) -> tuple[int, ...]:
        """On which line the number of each limit stands, so that none overlaps another."""
        ends: list[float] = []
        found = []
        for limit in self.doses.limits:
            half = width(f"{limit.value:g}", SMALL) / 2 + 0.03
            middle = self.x(limit.value)
            level = next((i for i, end in enumerate(ends) if end <= middle - half), len(ends))
            ends[level : level + 1] = [middle + half]
            found.append(level)
        return tuple(found)

    @cached_property
    def title(self) -> str:
        """What the figure shows, broken into lines."""
        room = 0.93 * (self.width - 2 * MARGIN)
        return wrap(drawable(_title(self.doses, self.unit)), room, FONT + 1)

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """What marks and lines are."""
        limits = join_words(f"{limit.value:g} mg ({limit.subject})" for limit in self.doses.limits)
        kinds = {row.kind for row in self.rows}
        found = [f"Dashed lines: upper limits, {limits}."] if limits else []
        found.append("Full circle: dose of the element as reported.")
        if COMPUTED in kinds:
            found.append("Hollow circle: worked out from the compound and its formula.")
        if DISPUTED in kinds:
            found.append("Squares: two reports that cannot both be weights of what they name.")
        if self.stated:
            found.append("Bars: what the range gives of the element, in its two readings.")
        if any(row.second_hand for row in self.rows):
            found.append("† second-hand.")
        if self.doses.unknown:
            names = join_words(dose.label for dose in self.doses.unknown)
            found.append(f"Dose not known: {names}.")
        room = 0.95 * (self.width - 2 * MARGIN)
        return tuple(wrap(drawable(text), room, SMALL) for text in found)

    @cached_property
    def values(self) -> float:
        """Width of the numbers right of the axis."""
        texts = [amount_text(row.amount) for row in self.rows if row.amount is not None]
        return max((width(text) for text in texts), default=0.0)

    @cached_property
    def above(self) -> float:
        """Height of the title and the numbers of the limits."""
        lines = 1 + self.title.count("\n")
        numbers = 0.14 * (1 + max(self.levels, default=-1))
        return MARGIN + 0.18 * lines + 0.1 + numbers + 0.04

    @cached_property
    def width(self) -> float:
        """Width of the whole."""
        return self.left + self.plot_width + _GAP + self.values + MARGIN

    @cached_property
    def height(self) -> float:
        """Height of the whole."""
        notes = sum(0.13 * (1 + note.count("\n")) + 0.03 for note in self.notes)
        return self.above + sum(self.heights) + 0.5 + notes + MARGIN


def dose_axis(
    doses: ElementalDoses, stated: Sequence[StatedRange] = (), ax: Axes | None = None
) -> Axes:
    """Draw trials' doses of the active element with the upper limits.

    Parameters
    ----------
    doses
        The trials' doses.
    stated
        Ranges to draw below them, each in its two readings; one that is stated twice once.
    ax
        Axes to draw on; a figure of the right size is made without it. Where they are
        small, everything becomes smaller.

    Returns
    -------
    Axes
        The axes; `evidence.plots.alt_text` has their text. Where no dose is known, a sentence
        stands in place of the figure.
    """
    others = [each.element for each in stated if each.element != doses.element]
    if others:
        raise InvalidArgumentError(
            f"stated: a range is counted in {others[0]}, the doses in {doses.element}; draw each "
            "in a figure of its own."
        )
    if not doses.known:
        return notice(doses.summary().splitlines()[0], ax, title="Doses of the element")
    ranges = {(each.low, each.high, each.form): each for each in stated}
    plans = [partial(_Plan, doses, tuple(ranges.values()), *widths) for widths in _WIDTHS]
    sheet, plan = open_sheet(ax, plans)
    with plain():
        _draw(sheet, plan)
    axes: Axes = sheet.axes
    describe(axes, _in_words(plan))
    return axes


def dose_axis_of(review: Review, ax: Axes | None = None) -> Axes:
    """Draw the doses of a review's trials and the ranges that its claims state.

    Parameters
    ----------
    review
        The review. Where its compounds name no one element, a sentence stands in place of the
        figure.
    ax
        Axes to draw on; a figure of the right size is made without it.
    """
    try:
        return dose_axis(elemental_doses(review), ranges_in_claims(review), ax)
    except (InsufficientEvidenceError, UnknownNameError) as error:
        return notice(str(error), ax, title="Doses of the element")


def _draw(sheet: Sheet, plan: _Plan) -> None:
    top = sheet.height - plan.above
    bottom = top - sum(plan.heights)
    right = plan.left + plan.plot_width
    sheet.write(MARGIN, sheet.height - MARGIN, plan.title, size=FONT + 1, bold=True, va="top")
    for limit, level in zip(plan.doses.limits, plan.levels, strict=True):
        x = plan.x(limit.value)
        sheet.axes.plot(
            (x, x), (bottom, top), color=INK, lw=0.9 * sheet.scale, ls=(0, (4, 3)), zorder=1
        )
        sheet.write(x, top + 0.09 + 0.14 * level, f"{limit.value:g}", size=SMALL, ha="center")
    edge = top
    for row, label, height in zip(plan.rows, plan.labels, plan.heights, strict=True):
        y = edge - height / 2
        if row.amount is None:
            sheet.rule((MARGIN, right + _GAP + plan.values), edge, RULE)
            sheet.write(MARGIN, y - 0.01, label, bold=False, color=GREY, size=FONT,
                        bbox={"fc": PAPER, "ec": "none", "pad": 0.6}, zorder=2)  # fmt: skip
        else:
            sheet.write(MARGIN + 0.1, y, label)
            _mark(sheet, plan, row, row.amount, y)
            sheet.write(right + _GAP + plan.values, y, amount_text(row.amount), ha="right")
        edge -= height
    _axis(sheet, plan, bottom)
    edge = bottom - 0.5
    for note in plan.notes:
        sheet.write(MARGIN, edge, note, size=SMALL, va="top")
        edge -= 0.13 * (1 + note.count("\n")) + 0.03


def _mark(sheet: Sheet, plan: _Plan, row: _Row, amount: Amount, y: float) -> None:
    low, high = plan.x(amount.low), plan.x(amount.high)
    if row.kind in (AS_COMPOUND, AS_ELEMENT):
        wide = max(high - low, 0.04)
        hatch = "" if row.kind == AS_COMPOUND else "////"
        face = ORANGE if row.kind == AS_COMPOUND else PAPER
        sheet.axes.barh(
            [y], [wide], left=[low], height=0.13, fc=face, ec=ORANGE, hatch=hatch,
            lw=1.1 * sheet.scale, zorder=3,
        )  # fmt: skip
        return
    marker = "s" if row.kind == DISPUTED else "o"
    hollow = row.kind in (COMPUTED, DISPUTED)
    color = GREY if row.kind == DISPUTED else BLUE
    places = [low] if high - low < 0.02 else [low, high]
    if len(places) > 1:
        sheet.axes.plot(places, (y, y), color=color, lw=1.2 * sheet.scale, zorder=2)
    sheet.axes.plot(
        places, [y] * len(places), marker, ms=6.2 * sheet.scale, mew=1.3 * sheet.scale,
        mec=color, mfc=PAPER if hollow else color, zorder=3,
    )  # fmt: skip


def _axis(sheet: Sheet, plan: _Plan, bottom: float) -> None:
    right = plan.left + plan.plot_width
    sheet.axes.plot((plan.left, right), (bottom, bottom), color=INK, lw=0.8 * sheet.scale, zorder=2)
    count = round(plan.top_value / plan.step)
    for i in range(count + 1):
        x = plan.x(i * plan.step)
        sheet.axes.plot((x, x), (bottom, bottom - 0.05), color=INK, lw=0.8 * sheet.scale, zorder=2)
        sheet.write(x, bottom - 0.08, f"{i * plan.step:,g}", size=SMALL, ha="center", va="top")
    middle = (plan.left + right) / 2
    sheet.write(middle, bottom - 0.24, drawable(plan.unit), size=SMALL, ha="center", va="top")


def _title(doses: ElementalDoses, unit: str) -> str:
    known = doses.known
    text = f"Doses of {plural(len(known), 'trial')} in {unit}"
    if not doses.limits:
        return text
    lowest = doses.limits[0].value
    within = sum(dose.against(lowest) == "at or below" for dose in known)
    return f"{text}: {plural(within, 'is', 'are')} at or below {lowest:g} mg"


def _in_words(plan: _Plan) -> str:
    """Return what is drawn, in words."""
    doses = plan.doses
    parts = [f"{_title(doses, plan.unit)}."]
    parts += [f"A dashed line marks {limit.value:g} mg, {limit.subject}." for limit in doses.limits]
    parts += [
        f"{dose.label}, {dose.form or 'form not stated'}: {amount_text(dose.amount)} mg, "
        f"{dose.known}{', second-hand' if dose.tier == 'secondary' else ''}."
        for dose in doses.known
    ]
    parts += [
        f"{amount_text(stated.as_element)} mg of {stated.form} is "
        f"{amount_text(stated.as_compound)} mg read {AS_COMPOUND} and "
        f"{amount_text(stated.as_element)} mg read {AS_ELEMENT}."
        for stated in plan.stated
    ]
    if doses.unknown:
        parts.append(f"Not known: {join_words(dose.label for dose in doses.unknown)}.")
    return one_line(" ".join(parts))
