"""Readings: one comparison, derived in every way its reports allow, and compared.

Where two reports of one comparison lead to different effects, neither is dropped. The
readings are sorted into sets that agree within rounding; more than one set is a
contradiction, and its size is part of the result.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

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
from evidence.effects.convert import p_from_t, quantile
from evidence.errors import Caution

__all__ = ["Comparison", "Reading", "agreeing_sets"]

#: Which derivation stands for a set of agreeing ones: the nearer to what was measured in
#: each group, the better (Cochrane Handbook 6.5.2.1: arm summaries before test results).
PREFERENCE = ("arms", "interval", "standard error", "effect size", "t", "F", "p")

#: Measures on which 0 is no effect and the scale is a logarithm.
LOG_MEASURES = ("risk ratio", "odds ratio")


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
        The absolute test statistic implied, over everything rounding allows.
    signed
        Whether the direction is known.
    bound
        ``"at least"`` or ``"at most"`` where the report bounds the size, with
        `bound_size`; otherwise empty.
    also_reported_by
        Sources that report the same.
    reported_interval
        The 95% interval as printed, treatment minus control, where it is on this scale.
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
        # A difference of means has t degrees of freedom; g and log ratios are treated as
        # normal, as they are when pooled.
        df = self.n_treatment + self.n_control - 2
        exact = self.measure == "mean difference" and math.isfinite(df) and df > 0
        return quantile(0.95, df if exact else None) * self.standard_error

    @property
    def p_value(self) -> float:
        """Two-sided p value implied by the estimate and its standard error."""
        t = self.estimate / self.standard_error
        return p_from_t(t, self.n_treatment + self.n_control - 2)

    @property
    def p_range(self) -> tuple[float, float]:
        """The p values that the printed digits allow, lowest first."""
        df = self.n_treatment + self.n_control - 2
        return p_from_t(self.statistic_high, df), p_from_t(self.statistic_low, df)

    def flipped(self) -> Reading:
        """Return the same reading with its direction reversed."""
        return replace(self, estimate=-self.estimate)

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


def agreeing_sets(readings: tuple[Reading, ...]) -> tuple[tuple[Reading, ...], ...]:
    """Sort readings into sets whose implied test statistics overlap within rounding.

    Each reading allows a range of the test statistic; a set is a group of ranges with a
    point in common. The number of sets is the smallest possible (the ranges are pierced
    from the left, each time at the earliest right end).

    Parameters
    ----------
    readings
        Readings of one comparison.

    Returns
    -------
    tuple of tuples
        Sets in the order of `PREFERENCE`, each with its preferred reading first.
    """

    def rank(reading: Reading) -> int:
        return PREFERENCE.index(reading.kind)

    left = sorted((r for r in readings if not r.bound), key=lambda r: r.statistic_high)
    sets: list[tuple[Reading, ...]] = []
    while left:
        point = left[0].statistic_high
        inside = [r for r in left if r.statistic_low <= point]
        left = [r for r in left if r.statistic_low > point]
        sets.append(tuple(sorted(inside, key=rank)))
    return tuple(sorted(sets, key=lambda group: rank(group[0])))


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
        return len(self.sets) > 1

    @property
    def usable(self) -> tuple[Reading, ...]:
        """One reading for each set: what a synthesis carries along."""
        first = (next((r for r in group if r.usable), None) for group in self.sets)
        return tuple(reading for reading in first if reading is not None)

    def summary(self) -> str:
        """Return the readings and whether they agree, in words."""
        head = f"{self.label}, {self.outcome_id}, {self.timepoint}: "
        if not self.contradiction:
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
            return f"reported {format_p(tests[0].p_value)}"
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
        parts = []
        for group in self.sets:
            kinds = join_words(dict.fromkeys(_KIND_WORDS[r.kind] for r in group))
            p_values = [p for r in group for p in r.p_range]
            parts.append(f"{kinds} imply {format_p_range(min(p_values), max(p_values))}")
        return (
            f"{self.label}: {'; '.join(parts)}. "
            "These reports cannot all be right as printed, if each is a plain comparison of two "
            "groups."
        )

    def to_frame(self) -> pd.DataFrame:
        """Return one row per reading, with the number of the set it belongs to."""
        rows = []
        for number, group in enumerate(self.sets, start=1):
            rows += [{"set": number, **reading.to_dict()} for reading in group]
        rows += [{"set": 0, **r.to_dict()} for r in self.readings if r.bound]
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


_KIND_WORDS = {
    "arms": "the summaries of the two groups",
    "interval": "the difference and its confidence interval",
    "standard error": "the difference and its standard error",
    "effect size": "the reported standardised effect",
    "t": "the t statistic",
    "F": "the F statistic",
    "p": "the p value",
}
