"""What all defensible analyses come to: what holds in every one, and what hangs on a decision."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from html import escape
from itertools import islice, product
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from evidence.display import Display, format_number, html_table, join_words, plural
from evidence.effects.arguments import Floats
from evidence.effects.derivation.readings import LOG_MEASURES, Reading
from evidence.errors import Caution
from evidence.synthesis.places import SIDES, SIZES, side_of, size_of
from evidence.synthesis.specifications.decisions import Decision
from evidence.synthesis.specifications.grouping import differs, group_rows, spread

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["SIDES", "SIZES", "Multiverse", "percent"]

#: So many readings of contradictory reports are told of one by one.
MOST_READINGS = 8
_NOT_KNOWN = SIZES.index("not known")


@dataclass(frozen=True, eq=False, kw_only=True)
class Multiverse(Display):
    """Every defensible analysis of one question.

    Arrays with a place for each analysis have shape (m,); combinations of decisions that come
    to the same analysis share its place.

    Attributes
    ----------
    title
        Of the planned analysis.
    benefit_sign
        +1 where higher values are better, -1 where lower ones are.
    decisions
        What had to be decided, with every option.
    idle
        Titles of decisions that change nothing here.
    labels
        The trials that enter some analysis.
    readings
        Their effects; `entering` holds places in this list.
    codes
        The option taken in each decision, shape (combinations, decisions).
    of_combination
        Which analysis a combination leads to, shape (combinations,); -1 where no trial is left.
    numbers
        `estimate`, `ci_low`, `ci_high`, `p_value` and `tau2`, each of shape (m,).
    k, measure, threshold
        Trials, measure, and the smallest important difference on its scale (NaN where unknown).
    entering
        The reading of each trial in each analysis, shape (m, trials); -1: not in it.
    combinations
        How many combinations lead to each analysis.
    total
        How many combinations there are; more than were run where they were sampled.
    cautions
        What a reader should know.
    """

    title: str
    benefit_sign: int
    decisions: tuple[Decision, ...]
    idle: tuple[str, ...]
    labels: tuple[str, ...]
    readings: tuple[Reading, ...]
    codes: NDArray[np.int16]
    of_combination: NDArray[np.intp]
    numbers: Mapping[str, Floats]
    k: NDArray[np.intp]
    measure: NDArray[np.object_]
    entering: NDArray[np.int32]
    combinations: NDArray[np.intp]
    threshold: Floats
    total: int
    cautions: tuple[Caution, ...] = ()

    def __len__(self) -> int:
        return int(self.k.size)

    @property
    def impossible(self) -> int:
        """How many combinations leave no trial."""
        return int((self.of_combination < 0).sum())

    @cached_property
    def planned(self) -> NDArray[np.bool_]:
        """Which analyses the plan names, shape (m,): one for each reading it carries along."""
        allowed = np.ones(self.codes.shape[0], dtype=bool)
        for place, decision in enumerate(self.decisions):
            allowed &= np.isin(self.codes[:, place], decision.planned)
        found = np.zeros(len(self), dtype=bool)
        places = self.of_combination[allowed]
        found[places[places >= 0]] = True
        return found

    @cached_property
    def _nearest(self) -> NDArray[np.intp]:
        """The combinations that depart least from the plan, of those that come to an analysis."""
        departures = np.zeros(self.codes.shape[0], dtype=np.intp)
        for place, decision in enumerate(self.decisions):
            departures += ~np.isin(self.codes[:, place], decision.planned)
        possible = np.flatnonzero(self.of_combination >= 0)
        fewest = np.full(len(self), np.iinfo(np.intp).max)
        np.minimum.at(fewest, self.of_combination[possible], departures[possible])
        nearest: NDArray[np.intp] = possible[
            departures[possible] == fewest[self.of_combination[possible]]
        ]
        return nearest

    @cached_property
    def chosen(self) -> NDArray[np.int16]:
        """The options behind each analysis, shape (m, decisions).

        Of the combinations that come to it, the first that departs least from the plan.
        """
        _, first = np.unique(self.of_combination[self._nearest], return_index=True)
        return self.codes[self._nearest[first]]

    def takes(self, decision_id: str) -> NDArray[np.bool_]:
        """Return the options of a decision behind each analysis, shape (m, options).

        Several where combinations that depart from the plan alike come to the same analysis.

        Parameters
        ----------
        decision_id
            The decision.
        """
        place = [decision.id for decision in self.decisions].index(decision_id)
        found = np.zeros((len(self), len(self.decisions[place].options)), dtype=bool)
        found[self.of_combination[self._nearest], self.codes[self._nearest, place]] = True
        return found

    @cached_property
    def benefit(self) -> tuple[Floats, Floats, Floats]:
        """Estimate and interval, positive where the treatment is better, each of shape (m,)."""
        sign = self.benefit_sign
        low, high = (sign * self.numbers[name] for name in ("ci_low", "ci_high"))
        return sign * self.numbers["estimate"], np.minimum(low, high), np.maximum(low, high)

    @cached_property
    def direction(self) -> NDArray[np.intp]:
        """Sign of the estimate, +1 where the treatment is better, shape (m,)."""
        return np.sign(self.benefit[0]).astype(np.intp)

    @cached_property
    def side(self) -> NDArray[np.intp]:
        """Which of `SIDES` the interval is on, by place, shape (m,)."""
        _, low, high = self.benefit
        return side_of(low, high)

    @cached_property
    def size(self) -> NDArray[np.intp]:
        """Which of `SIZES` the interval says of the effect, by place, shape (m,)."""
        _, low, high = self.benefit
        return size_of(low, high, self.threshold)

    def share_as_planned(self, of: str) -> float:
        """Return the share of analyses that come out as a planned one does.

        Parameters
        ----------
        of
            ``"direction"``, ``"side"`` or ``"size"``; the last among the analyses on whose scale
            an important difference is known, NaN where the plan's is not among them.
        """
        values: NDArray[np.intp] = getattr(self, of)
        known = np.ones(len(self), dtype=bool) if of != "size" else self.size < _NOT_KNOWN
        planned = values[self.planned & known]
        return float(np.isin(values[known], planned).mean()) if planned.size else math.nan

    @cached_property
    def moves(self) -> pd.DataFrame:
        """What each decision does, the most consequential first.

        One row a decision: `share_changed`, the share of the choices of all other decisions at
        which this one changes on which side of no effect the interval lies (or whether it lies
        on one); `mean_move` and `largest_move`, how far it moves the estimate there, on the
        planned measure; `from_plan`, the range of estimates when only it departs from the plan.
        """
        rows = [self._move(place) for place in range(len(self.decisions))]
        columns = ["decision", "title", "share_changed", "mean_move", "largest_move", "from_plan"]
        table = pd.DataFrame(rows, columns=columns)
        order = table.sort_values(["share_changed", "mean_move"], ascending=False, kind="stable")
        return order.reset_index(drop=True)

    def _move(self, place: int) -> dict[str, object]:
        decision = self.decisions[place]
        _, group = group_rows(np.delete(self.codes, place, axis=1))
        possible = self.of_combination >= 0
        analysis = self.of_combination[possible]
        group = group[possible]
        changed = differs(group, self.side[analysis])
        estimate = self.numbers["estimate"][analysis]
        mine = self.measure[analysis] == self.planned_measure
        moved = spread(group[mine], estimate[mine])
        planned = self._departures(place)
        return {
            "decision": decision.id,
            "title": decision.title,
            "share_changed": float(changed.mean()) if changed.size else math.nan,
            "mean_move": float(moved.mean()) if moved.size else math.nan,
            "largest_move": float(moved.max()) if moved.size else math.nan,
            "from_plan": float(np.ptp(planned)) if planned.size else math.nan,
        }

    def _departures(self, place: int) -> Floats:
        """Return the estimates where at most this decision departs from the plan."""
        allowed = self.of_combination >= 0
        for other, decision in enumerate(self.decisions):
            if other != place:
                # One planned option: readings that the plan carries along are not departures.
                allowed &= self.codes[:, other] == decision.planned[0]
        analysis = self.of_combination[allowed]
        same = self.measure[analysis] == self.planned_measure
        found: Floats = self.numbers["estimate"][analysis[same]]
        return found

    @cached_property
    def departures(self) -> pd.DataFrame:
        """The analyses that depart from the plan in one decision, beside the planned ones.

        One row an option (and reading that the plan carries along): `decision`, `title`,
        `option`, `reason`, `reading`, `measure`, `k`, `estimate`, `ci_low`, `ci_high`, `side`
        and `size` (places in `SIDES` and `SIZES`), and `changes`, whether either differs from
        the planned analysis of that reading. The planned rows come first, with an empty
        `decision`. Options that leave no trial have k = 0. Of the readings that the plan carries
        along the first `MOST_READINGS` are told of, as far as they were run.
        """
        rows: list[dict[str, object]] = []
        where = {row.tobytes(): place for place, row in enumerate(self.codes)}
        bases = product(*(decision.planned for decision in self.decisions))
        for base in islice(bases, MOST_READINGS):
            code = np.array(base, dtype=self.codes.dtype)
            if code.tobytes() not in where:
                continue
            planned = self._departure(where, code, code, None, 0)
            rows.append(planned)
            for place, decision in enumerate(self.decisions):
                for option in range(len(decision.options)):
                    other = code.copy()
                    other[place] = option
                    # A sample has the neighbours of some planned combinations only.
                    if option in decision.planned or other.tobytes() not in where:
                        continue
                    row = self._departure(where, other, code, decision, option)
                    moved = any(row[name] != planned[name] for name in ("side", "size"))
                    rows.append({**row, "changes": row["k"] != 0 and moved})
        return pd.DataFrame(rows).sort_values(
            "decision", key=lambda d: d != "", kind="stable", ignore_index=True
        )

    def _departure(
        self,
        where: Mapping[bytes, int],
        code: NDArray[np.int16],
        base: NDArray[np.int16],
        decision: Decision | None,
        option: int,
    ) -> dict[str, object]:
        reading = join_words(
            f"{each.title.removeprefix('the reading of ')} {each.options[taken].name}"
            for each, taken in zip(self.decisions, base, strict=True)
            if len(each.planned) > 1
        )
        found: dict[str, object] = {
            "decision": "" if decision is None else decision.id,
            "title": "" if decision is None else decision.title,
            "option": "as planned" if decision is None else decision.options[option].name,
            "reason": "" if decision is None else decision.options[option].reason,
            "reading": reading,
            "changes": False,
        }
        analysis = int(self.of_combination[where[code.tobytes()]])
        names = ("estimate", "ci_low", "ci_high")
        if analysis < 0:
            nothing = dict.fromkeys(names, math.nan)
            return {**found, "measure": "", "k": 0, **nothing, "side": -1, "size": -1}
        return {
            **found,
            "measure": str(self.measure[analysis]),
            "k": int(self.k[analysis]),
            **{name: float(self.numbers[name][analysis]) for name in names},
            "side": int(self.side[analysis]),
            "size": int(self.size[analysis]),
        }

    @property
    def planned_measure(self) -> str:
        """The measure of the plan; the commonest one where the plan leaves no trial."""
        if self.has_plan:
            return str(self.measure[np.flatnonzero(self.planned)[0]])
        names, counts = np.unique(self.measure.astype(str), return_counts=True)
        return str(names[counts.argmax()])

    @property
    def has_plan(self) -> bool:
        """Whether the planned analysis can be carried out."""
        return bool(self.planned.any())

    def summary(self) -> str:
        """Return what holds in all analyses and what hangs on a decision."""
        lines = [self._count_in_words(), self._range_in_words(), *self._shares_in_words()]
        lines.append(self._moves_in_words())
        if self.idle:
            verb = "makes" if len(self.idle) == 1 else "make"
            lines.append(f"{join_words(self.idle).capitalize()} {verb} no difference here.")
        return "\n".join([*lines, *(f"Note: {c.message}" for c in self.cautions)])

    def _count_in_words(self) -> str:
        run = self.codes.shape[0]
        text = (
            f"{self.title}: {plural(len(self.decisions), 'decision')} combine in "
            f"{self.total:,} ways"
        )
        if run < self.total:
            text += f", of which {run:,} were drawn"
        count = "one analysis" if len(self) == 1 else f"{len(self):,} different analyses"
        text += f", which come to {count}"
        if self.impossible:
            text += f" ({self.impossible:,} combinations cannot be carried out)"
        return text + "."

    def _range_in_words(self) -> str:
        mine = self.measure == self.planned_measure
        values = self.numbers["estimate"][mine]
        planned = self.numbers["estimate"][self.planned]
        shown = join_words(dict.fromkeys(self._read(value) for value in planned), "or")
        if planned.size > MOST_READINGS:
            ends = self._read(float(planned.min())), self._read(float(planned.max()))
            shown = f"from {ends[0]} to {ends[1]}, as contradictory reports are read"
        low, high = float(values.min()), float(values.max())
        head = (
            f"As planned the estimate is {shown} ({self.planned_measure})"
            if self.has_plan
            else f"As planned no trial is left (the scale is the {self.planned_measure})"
        )
        if values.size == 1:
            return f"{head}; there is no other analysis on this scale."
        return (
            f"{head}; over all analyses on this scale it runs from {self._read(low)} to "
            f"{self._read(high)}, with a median of {self._read(float(np.median(values)))}."
        )

    def _read(self, value: float) -> str:
        return format_number(math.exp(value) if self.planned_measure in LOG_MEASURES else value)

    def _shares_in_words(self) -> list[str]:
        lines = []
        better = float((self.direction > 0).mean())
        lines.append(
            f"The estimate is on the side of the treatment in {percent(better)} of the analyses."
        )
        shares = [float((self.side == place).mean()) for place in (2, 1, 0)]
        lines.append(
            f"The interval excludes no effect in favour of the treatment in {percent(shares[0])}, "
            f"against it in {percent(shares[2])}, and leaves both open in {percent(shares[1])}."
        )
        known = self.size < _NOT_KNOWN
        if known.any():
            sizes = [float((self.size[known] == place).mean()) for place in (3, 2, 1, 0)]
            text = (
                "Beside the smallest difference that counts as important, the interval lies wholly "
                f"beyond it in {percent(sizes[0])}, wholly short of it in {percent(sizes[2])}, "
                f"and leaves it open in {percent(sizes[1])}"
            )
            if sizes[3]:
                text += f"; it shows an important harm in {percent(sizes[3])}"
            lines.append(text + ".")
        return lines

    def _moves_in_words(self) -> str:
        first = self.moves.iloc[0]
        move = float(first["mean_move"])
        if not float(first["share_changed"]) > 0:
            return (
                "No single decision changes on which side of no effect the interval lies, "
                "whatever the others are."
            )
        text = (
            f"Most hangs on {first['title']}: with all other decisions held, it changes whether "
            "and on which side the interval excludes no effect in "
            f"{percent(float(first['share_changed']))} of the cases in which it can be made "
            "more than one way"
        )
        if move > 0:
            on_log = ", on the logarithm," if self.planned_measure in LOG_MEASURES else ""
            text += f", and moves the estimate{on_log} by {format_number(move)} on average"
        return text + "."

    def to_frame(self) -> pd.DataFrame:
        """Return one row per analysis, unrounded, with the options that lead to it in words."""
        table = pd.DataFrame(
            {
                "planned": self.planned,
                "measure": self.measure,
                "k": self.k,
                **self.numbers,
                "threshold": self.threshold,
                "combinations": self.combinations,
            }
        )
        for decision in self.decisions:
            table[decision.id] = _in_words(self.takes(decision.id), decision)
        return table

    def to_dict(self) -> dict[str, object]:
        """Return what was decided, what came out and what moves it, as plain values."""
        return {
            "title": self.title,
            "combinations": self.total,
            "run": int(self.codes.shape[0]),
            "impossible": self.impossible,
            "analyses": len(self),
            "decisions": [
                {
                    "id": decision.id,
                    "title": decision.title,
                    "options": [
                        {"name": o.name, "reason": o.reason, "planned": o.planned}
                        for o in decision.options
                    ],
                }
                for decision in self.decisions
            ],
            "idle": list(self.idle),
            "direction_as_planned": self.share_as_planned("direction") if self.has_plan else None,
            "interval_as_planned": self.share_as_planned("side") if self.has_plan else None,
            "importance_as_planned": _or_none(self.share_as_planned("size")),
            "moves": [
                {name: _or_none(value) for name, value in row.items()}
                for row in self.moves.to_dict("records")
            ],
            "cautions": [caution.message for caution in self.cautions],
        }

    def _repr_html_(self) -> str:
        rows = [
            {
                "decision": decision.title,
                "option": option.name + (" (planned)" if option.planned else ""),
                "why it is defensible": option.reason,
            }
            for decision in self.decisions
            for option in decision.options
        ]
        text = "".join(f"<p>{escape(line)}</p>" for line in self.summary().splitlines())
        return text + html_table(pd.DataFrame(rows), caption="Decisions and their options")


def _or_none(value: Any) -> Any:
    """Return None for NaN, which has no word in JSON."""
    return None if value != value else value


def _in_words(takes: NDArray[np.bool_], decision: Decision) -> NDArray[np.object_]:
    """Return the options behind each analysis in words."""
    patterns, place = np.unique(takes, axis=0, return_inverse=True)
    names = [
        join_words((o.name for o, taken in zip(decision.options, row, strict=True) if taken), "or")
        for row in patterns
    ]
    found: NDArray[np.object_] = np.array(names, dtype=object)[place.ravel()]
    return found


def percent(share: float) -> str:
    """Return a share in percent that says all and none only where that is so.

    Parameters
    ----------
    share
        From 0 to 1.
    """
    if share in (0.0, 1.0):
        return "none" if share == 0 else "all"
    percent = 100 * share
    if percent < 1:
        return "less than 1%"
    return "more than 99%" if percent > 99 else f"{percent:.0f}%"
