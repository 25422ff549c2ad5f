"""What an effect-direction plot shows, taken from a result: trials, domains, marks."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from evidence.data.frames import each_row
from evidence.display import capital, format_number, plural
from evidence.synthesis.direction import DirectionSynthesis

__all__ = ["DirectionCell", "DirectionRows", "DirectionTrial", "directions_of"]


@dataclass(frozen=True, slots=True)
class DirectionCell:
    """Which way one trial points in one domain, and what is said of significance."""

    domain: str
    direction: str
    significant: str
    comparisons: int = 1
    second_hand: bool = False


@dataclass(frozen=True, slots=True)
class DirectionTrial:
    """One trial with its marks; `second_hand` where all of them are."""

    label: str
    people: str
    cells: tuple[DirectionCell, ...]
    second_hand: bool = False


@dataclass(frozen=True, slots=True)
class DirectionRows:
    """All trials, and the domains from the one with the most trials to the one with the least."""

    trials: tuple[DirectionTrial, ...]
    domains: tuple[str, ...]
    summary: str

    @property
    def cells(self) -> tuple[DirectionCell, ...]:
        """All marks."""
        return tuple(cell for trial in self.trials for cell in trial.cells)


def directions_of(result: DirectionSynthesis) -> DirectionRows:
    """Return what an effect-direction plot of `result` shows.

    Parameters
    ----------
    result
        Directions by trial and domain.
    """
    by_trial: dict[str, list[DirectionCell]] = {}
    named: dict[str, tuple[str, str]] = {}
    for row in each_row(result.cells):
        n = math.nan if row.n is None else float(row.n)
        named[row.study_id] = (
            str(row.label),
            format_number(n, 0) if math.isfinite(n) else "",
        )
        by_trial.setdefault(row.study_id, []).append(
            DirectionCell(
                str(row.domain),
                str(row.direction),
                str(row.significant),
                int(row.comparisons),
                str(row.tier) == "secondary",
            )
        )
    trials = tuple(_trial(*named[key], cells) for key, cells in by_trial.items())
    domains = [cell.domain for trial in trials for cell in trial.cells]
    return DirectionRows(
        trials,
        # Sorting keeps the order of first mention among domains of equally many trials.
        tuple(sorted(dict.fromkeys(domains), key=lambda d: -domains.count(d))),
        _summary(result),
    )


def _trial(label: str, people: str, cells: list[DirectionCell]) -> DirectionTrial:
    if all(cell.second_hand for cell in cells):
        # One mark at the trial's name says it for all.
        return DirectionTrial(
            label, people, tuple(replace(cell, second_hand=False) for cell in cells), True
        )
    return DirectionTrial(label, people, tuple(cells))


def _summary(result: DirectionSynthesis) -> str:
    """Return how many trials point which way, in one sentence."""
    if not result.trials:
        return "No trial states a result that could point one way or the other."
    if result.trials == 1:
        where = (
            "points towards the treatment"
            if result.favourable
            else "points towards the comparator"
            if result.unfavourable
            else "states no direction, or both"
        )
        return f"The one trial {where}."
    text = (
        f"Of {plural(result.trials, 'trial')}, {_count(result.favourable)} towards the "
        f"treatment, {_count(result.unfavourable, verb=False)} towards the comparator"
    )
    if result.undirected:
        states = "states" if result.undirected == 1 else "state"
        text += f"; {_count(result.undirected, verb=False)} {states} no direction, or both"
    return capital(text) + "."


def _count(number: int, *, verb: bool = True) -> str:
    word = plural(number, "trial").split()[0] if number else "none"
    if not verb:
        return word
    return f"{word} {'points' if number == 1 else 'point'}"
