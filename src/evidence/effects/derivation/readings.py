"""Readings: one comparison, derived in every way its reports allow, and compared.

Where two reports of one comparison lead to different effects, neither is dropped. The
readings are sorted into sets that agree within rounding; more than one set is a
contradiction, and its size is part of the result.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import compress, product

import pandas as pd

from evidence.display import (
    Display,
    format_interval,
    format_number,
    format_p,
    format_p_range,
    join_words,
    plural,
)
from evidence.effects.conversions.spread import p_from_t, quantile
from evidence.errors import Caution

__all__ = ["Comparison", "Reading", "agreeing_sets"]

#: Which derivation stands for a set of agreeing ones: the nearer to what was measured in
#: each group, the better (Cochrane Handbook 6.5.2.1: arm summaries before test results).
PREFERENCE = ("arms", "interval", "standard error", "effect size", "t", "F", "p")

#: Measures on which 0 is no effect and the scale is a logarithm.
LOG_MEASURES = ("risk ratio", "odds ratio")

#: Measures of a difference of means, whose tests have degrees of freedom.
MEAN_MEASURES = ("mean difference", "standardised mean difference")


@dataclass(frozen=True, slots=True)
class Reading(Display):
    """One way of reading one comparison: an effect, its standard error and its path.

    Attributes
    ----------
    study_id, outcome_id, timepoint
        The comparison.
    measure
        ``"mean difference"``, ``"standardised mean difference"``, ``"risk ratio"``,
        ``"odds ratio"`` or ``"risk difference"``; ratios are held as logarithms.
    kind
        What it was derived from: one of `PREFERENCE`.
    estimate, standard_error
        Treatment minus control; NaN where only a bound is known.
    n_treatment, n_control
        People behind it; halves where only the total is known.
    path
        How it was derived, in words.
    tier
        The least near tier of the rows it rests on.
    rows
        Table name and CSV line of these rows.
    statistic_low, statistic_high
        The size of the test statistic implied, as t on `df` (as z for proportions): over
        everything that rounding allows, every plain test of two groups that the report may
        mean, and every division of its people. Whether reports contradict each other is
        decided by it, so that none is accused for leaving unsaid what nobody says.
    signed
        Whether the direction is known.
    bound
        ``"at least"`` or ``"at most"`` where the report bounds the size, with
        `bound_size`; otherwise empty.
    also_reported_by
        Sources that report the same.
    reported_interval
        The 95% interval as printed, treatment minus control, where it is on this scale.
    basis
        What the groups' means are means of: ``"final"`` values, ``"change"`` from baseline,
        or empty where the report does not say.
    df
        Degrees of freedom of `statistic_low` and `statistic_high`; NaN for two fewer than
        there are people. Without meaning for proportions.
    digits
        The same range over rounding alone, by Student's t with the people taken; None where
        nothing else adds to it.
    """

    study_id: str
    outcome_id: str
    timepoint: str
    measure: str
    kind: str
    estimate: float
    standard_error: float
    n_treatment: float
    n_control: float
    path: str
    tier: str
    rows: tuple[tuple[str, int], ...]
    source_ids: tuple[str, ...]
    statistic_low: float
    statistic_high: float
    signed: bool = True
    bound: str = ""
    bound_size: float = math.nan
    cautions: tuple[Caution, ...] = ()
    also_reported_by: tuple[str, ...] = ()
    reported_interval: tuple[float, float] | None = None
    basis: str = ""
    df: float = math.nan
    digits: tuple[float, float] | None = None

    @property
    def usable(self) -> bool:
        """Whether it can enter a synthesis: an estimate with its error and direction."""
        return self.signed and not self.bound and math.isfinite(self.standard_error)

    @property
    def ci_low(self) -> float:
        """Lower end of the 95% confidence interval: as printed, or worked out."""
        if self.reported_interval is not None:
            return self.reported_interval[0]
        return self.estimate - self._reach

    @property
    def ci_high(self) -> float:
        """Upper end of the 95% confidence interval: as printed, or worked out."""
        if self.reported_interval is not None:
            return self.reported_interval[1]
        return self.estimate + self._reach

    @property
    def _reach(self) -> float:
        return quantile(0.95, self._effect_freedom) * self.standard_error

    @property
    def _effect_freedom(self) -> float | None:
        # A difference of means has t degrees of freedom; g and log ratios are treated as
        # normal, as they are when pooled.
        return self._freedom if self.measure == "mean difference" else None

    @property
    def _freedom(self) -> float | None:
        if self.measure not in MEAN_MEASURES:
            return None
        df = self.n_treatment + self.n_control - 2 if math.isnan(self.df) else self.df
        return df if math.isfinite(df) and df > 0 else None

    @property
    def p_value(self) -> float:
        """Two-sided p value implied by the estimate and its standard error."""
        return p_from_t(self.estimate / self.standard_error, self._effect_freedom)

    @property
    def p_range(self) -> tuple[float, float]:
        """The p values that the printed digits allow, lowest first."""
        low, high = self.digits or (self.statistic_low, self.statistic_high)
        return p_from_t(high, self._freedom), p_from_t(low, self._freedom)

    @property
    def side(self) -> int:
        """Which side of no effect it is on, 1 or -1; 0 where it may be either."""
        if not self.signed or self.bound or self.statistic_low == 0 or self.estimate == 0:
            return 0
        return 1 if self.estimate > 0 else -1

    def widened(self, low: float, high: float) -> Reading:
        """Return the same reading with a wider range of the statistic beside its digits' own."""
        digits = (self.statistic_low, self.statistic_high)
        return replace(self, statistic_low=low, statistic_high=high, digits=digits)

    def flipped(self) -> Reading:
        """Return the same reading with its direction reversed."""
        printed = self.reported_interval
        turned = None if printed is None else (-printed[1], -printed[0])
        return replace(self, estimate=-self.estimate, reported_interval=turned)

    def summary(self) -> str:
        """Return the reading in one line."""
        if self.bound:
            return f"size {self.bound} {format_number(self.bound_size)}: {self.path}"
        sign = "" if self.signed else "±"
        return (
            f"{sign}{format_number(self.estimate)} "
            f"({format_interval(self.ci_low, self.ci_high)}): {self.path}"
        )

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        return {
            "study_id": self.study_id,
            "outcome_id": self.outcome_id,
            "timepoint": self.timepoint,
            "measure": self.measure,
            "kind": self.kind,
            "estimate": self.estimate,
            "standard_error": self.standard_error,
            "ci_low": self.ci_low,
            "ci_high": self.ci_high,
            "n_treatment": self.n_treatment,
            "n_control": self.n_control,
            "signed": self.signed,
            "bound": self.bound,
            "bound_size": self.bound_size,
            "path": self.path,
            "tier": self.tier,
            "rows": [f"{table}.csv line {line}" for table, line in self.rows],
            "cautions": [caution.message for caution in self.cautions],
        }

    def to_frame(self) -> pd.DataFrame:
        """Return the reading as a table of one row."""
        return pd.DataFrame([self.to_dict()])


def _rank(reading: Reading) -> tuple[int, bool]:
    # Standardised differences of values and of changes are on different scales, and most are
    # of values; in the outcome's unit changes are the more precise (Handbook 10.5.2).
    preferred = "final" if reading.measure == "standardised mean difference" else "change"
    return PREFERENCE.index(reading.kind), reading.basis not in ("", preferred)


def _pierced(readings: Sequence[Reading]) -> list[tuple[Reading, ...]]:
    left = sorted(readings, key=lambda r: (r.statistic_high, r.statistic_low))
    sets = []
    while left:
        point = left[0].statistic_high
        inside = [r for r in left if r.statistic_low <= point]
        left = [r for r in left if r.statistic_low > point]
        sets.append(tuple(sorted(inside, key=_rank)))
    return sets


def agreeing_sets(readings: tuple[Reading, ...]) -> tuple[tuple[Reading, ...], ...]:
    """Sort readings into sets whose implied test statistics overlap.

    Each reading allows a range of the test statistic, on one side of 0 or, where the
    direction is not known, on both; a set is a group of ranges with a point in common. The
    number of sets is the smallest possible (the ranges are pierced from the left, each
    time at the earliest right end).

    Parameters
    ----------
    readings
        Readings of one comparison; bounds are left aside.

    Returns
    -------
    tuple of tuples
        Sets in the order of `PREFERENCE`, each with its preferred reading first.
    """
    points = [r for r in readings if not r.bound]
    higher, lower, either = ([r for r in points if r.side == side] for side in (1, -1, 0))
    if not (higher and lower):
        sets = _pierced(points)
    else:
        # What has no side joins the side where it needs no set of its own.
        splits = product((True, False), repeat=len(either))
        sets = min(
            (
                _pierced([*higher, *compress(either, split)])
                + _pierced([*lower, *compress(either, (not up for up in split))])
                for split in splits
            ),
            key=len,
        )
    return tuple(sorted(sets, key=lambda group: _rank(group[0])))


@dataclass(frozen=True, slots=True)
class Comparison(Display):
    """All readings of one comparison, sorted into sets that agree.

    Attributes
    ----------
    study_id, outcome_id, timepoint, measure
        What is compared.
    label
        How the study is named.
    readings
        Every reading, also bounds and unsigned ones.
    """

    study_id: str
    outcome_id: str
    timepoint: str
    measure: str
    label: str
    readings: tuple[Reading, ...]

    @property
    def sets(self) -> tuple[tuple[Reading, ...], ...]:
        """The readings in sets that agree within rounding, preferred set first."""
        return agreeing_sets(self.readings)

    @property
    def contradiction(self) -> bool:
        """Whether the reports cannot all be right as printed."""
        return len(self.sets) > 1 and not self.values_and_changes

    @property
    def values_and_changes(self) -> bool:
        """Whether there are two sets because values and changes are two comparisons.

        Both can be right and differ, so this is no contradiction; a report that does not say
        which of the two it is about belongs to the one it agrees with.
        """
        bases = [{r.basis for r in group} - {""} for group in self.sets]
        return len(bases) == 2 and sorted(map(sorted, bases)) == [["change"], ["final"]]

    @property
    def usable(self) -> tuple[Reading, ...]:
        """One reading for each set that contradicts the others: what a synthesis carries along.

        Values and changes are not carried along both; see `values_and_changes`.
        """
        first = (next((r for r in group if r.usable), None) for group in self.sets)
        found = tuple(reading for reading in first if reading is not None)
        return found if self.contradiction else found[:1]

    @property
    def numbered(self) -> tuple[tuple[int, Reading], ...]:
        """Each reading with the number of its set, preferred set first; 0 for bounds, last."""
        sets = enumerate(self.sets, start=1)
        found = [(number, reading) for number, group in sets for reading in group]
        return (*found, *((0, reading) for reading in self.readings if reading.bound))

    def summary(self) -> str:
        """Return the readings and whether they agree, in words."""
        head = f"{self.label}, {self.outcome_id}, {self.timepoint}: "
        if self.values_and_changes:
            head += (
                f"{plural(len(self.readings), 'reading')}; values and changes from baseline are "
                "two comparisons and need not agree."
            )
        elif not self.contradiction:
            head += f"{plural(len(self.readings), 'reading')}" + (
                ", all in agreement." if len(self.readings) > 1 else "."
            )
        else:
            head += (
                f"the reports fall into {plural(len(self.sets), 'set')} that contradict each other."
            )
        return "\n".join([head, *(f"- {reading.summary()}" for reading in self.readings)])

    def p_in_words(self, reading: Reading) -> str:
        """Return the p value of the set that `reading` belongs to: reported, or implied."""
        group = next((g for g in self.sets if reading in g), (reading,))
        tests = [r for r in group if r.kind == "p"]
        if tests:
            # Rounding hides as much above the printed p value as below it.
            return f"reported {format_p(sum(tests[0].p_range) / 2)}"
        return f"implied {format_p(reading.p_value)}"

    def reading_in_words(self, reading: Reading) -> str:
        """Return what the set that `reading` belongs to was worked out from."""
        sets = self.sets
        place = next((i for i, group in enumerate(sets) if reading in group), None)
        group = (reading,) if place is None else sets[place]
        # Two reports of one kind in different sets are told apart by their path.
        others = {r.kind for i, g in enumerate(sets) if i != place for r in g}
        return join_words(
            dict.fromkeys(r.path if r.kind in others else _KIND_WORDS[r.kind] for r in group)
        )

    def contradiction_in_words(self) -> str:
        """Return the contradiction with its size in one sentence; empty if there is none."""
        if not self.contradiction:
            return ""
        sides = [{r.side for r in group} - {0} for group in self.sets]
        opposed = {1, -1} == set().union(*sides)
        parts = []
        for place, (group, side) in enumerate(zip(self.sets, sides, strict=True)):
            # Two reports of one kind in different sets are told apart by their path.
            others = {r.kind for i, g in enumerate(self.sets) if i != place for r in g}
            names = dict.fromkeys(
                f"the report of {_told_apart(r)}" if r.kind in others else _KIND_WORDS[r.kind]
                for r in group
            )
            one = len(names) == 1 and group[0].kind in _OF_ONE_NUMBER
            p_values = [p for r in group for p in r.p_range]
            implied = format_p_range(min(p_values), max(p_values))
            part = f"{join_words(names)} {'implies' if one else 'imply'} {implied}"
            if opposed and side:
                part += f" with {'higher' if 1 in side else 'lower'} values under treatment"
            parts.append(part)
        return (
            f"{self.label}: {'; '.join(parts)}. "
            "These reports cannot all be right as printed, if each is a plain comparison of two "
            "groups."
        )

    def to_frame(self) -> pd.DataFrame:
        """Return one row per reading, with the number of the set it belongs to."""
        rows = [{"set": number, **reading.to_dict()} for number, reading in self.numbered]
        return pd.DataFrame(rows)

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        return {
            "study_id": self.study_id,
            "outcome_id": self.outcome_id,
            "timepoint": self.timepoint,
            "measure": self.measure,
            "contradiction": self.contradiction,
            "readings": self.to_frame().to_dict("records"),
        }


def _told_apart(reading: Reading) -> str:
    """Return what tells a report from another of its kind: a p value is enough by itself."""
    return reading.path.partition(" and ")[0] if reading.kind == "p" else reading.path


#: Kinds that are one number, for the grammar of a sentence.
_OF_ONE_NUMBER = ("effect size", "t", "F", "p")
_KIND_WORDS = {
    "arms": "the summaries of the two groups",
    "interval": "the difference and its confidence interval",
    "standard error": "the difference and its standard error",
    "effect size": "the reported standardised effect",
    "t": "the t statistic",
    "F": "the F statistic",
    "p": "the p value",
}
