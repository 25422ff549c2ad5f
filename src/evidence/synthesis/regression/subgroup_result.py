"""The result of comparing subgroups, and how it reads."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from html import escape

import pandas as pd

from evidence.display import (
    Display,
    capital,
    format_interval,
    format_number,
    format_p,
    html_table,
    plural,
)
from evidence.errors import Caution
from evidence.synthesis.regression.joint import JointTest
from evidence.synthesis.regression.method import RegressionMethod
from evidence.synthesis.result import PooledResult

__all__ = ["SubgroupDifference", "SubgroupResult"]


@dataclass(frozen=True, slots=True)
class SubgroupDifference(Display):
    """One subgroup's mean effect less another's.

    Attributes
    ----------
    first, second
        The subgroups; the difference is the first less the second.
    estimate, standard_error, ci_low, ci_high, p_value
        NaN where it cannot be tested.
    df
        Degrees of freedom of t; None: normal.
    level
        Of the interval.
    """

    first: str
    second: str
    estimate: float
    standard_error: float
    ci_low: float
    ci_high: float
    p_value: float
    df: float | None
    level: float

    def summary(self) -> str:
        """Return the difference in one line."""
        head = f"{capital(self.first)} less {self.second}: {format_number(self.estimate)}"
        if math.isnan(self.standard_error):
            return f"{head}, without an interval"
        return (
            f"{head} ({100 * self.level:g}% CI {format_interval(self.ci_low, self.ci_high)}), "
            f"{format_p(self.p_value)}"
        )

    def to_frame(self) -> pd.DataFrame:
        """Return one row."""
        return pd.DataFrame([self.to_dict()])

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        names = (
            "first",
            "second",
            "estimate",
            "standard_error",
            "ci_low",
            "ci_high",
            "p_value",
            "df",
            "level",
        )
        found = {name: getattr(self, name) for name in names}
        return {
            name: None if isinstance(value, float) and not math.isfinite(value) else value
            for name, value in found.items()
        }


@dataclass(frozen=True, slots=True, eq=False)
class SubgroupResult(Display):
    """Subgroups of studies, each pooled, and whether they differ.

    Attributes
    ----------
    method
        Model, estimator of tau², intervals and level.
    tau2
        ``"common"`` or ``"separate"``: whether the subgroups share their variance between
        studies.
    subgroups
        One row a subgroup: `subgroup`, `k`, `estimate`, `standard_error`, `ci_low`, `ci_high`,
        `p_value`, `tau2`.
    pooled
        Each subgroup by itself, as `pool` gives it, with its own tau².
    between
        Test of interaction: that all subgroups have the same mean effect.
    differences
        Every pair of subgroups.
    cautions
        What a reader should know.
    """

    method: RegressionMethod
    tau2: str
    subgroups: pd.DataFrame
    pooled: Mapping[str, PooledResult]
    between: JointTest
    differences: tuple[SubgroupDifference, ...]
    cautions: tuple[Caution, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Of the subgroups."""
        return tuple(self.subgroups["subgroup"])

    def difference(self, first: str, second: str) -> SubgroupDifference:
        """Return one subgroup's mean effect less another's.

        Parameters
        ----------
        first, second
            Names of subgroups.
        """
        from evidence.errors import InvalidArgumentError, did_you_mean

        for name in (first, second):
            if name not in self.names:
                raise InvalidArgumentError(
                    f"There is no subgroup {name!r}. {did_you_mean(str(name), self.names)}"
                )
        if first == second:
            raise InvalidArgumentError(f"The subgroup {first!r} has no difference from itself.")
        pairs = {(each.first, each.second): each for each in self.differences}
        if (first, second) in pairs:
            return pairs[first, second]
        turned = pairs[second, first]
        return replace(
            turned,
            first=first,
            second=second,
            estimate=-turned.estimate,
            ci_low=-turned.ci_high,
            ci_high=-turned.ci_low,
        )

    def summary(self) -> str:
        """Return the result in words and rounded numbers."""
        level = f"{100 * self.method.level:g}%"
        count = capital(plural(int(self.subgroups["k"].sum()), "study", "studies"))
        shared = {
            "common": "tau² common to the subgroups",
            "separate": "a separate tau² in each subgroup",
            "none": "no variation between studies within a subgroup",
        }[self.tau2 if self.method.model == "random" else "none"]
        lines = [f"{count} in {plural(len(self.names), 'subgroup')}: {shared}"]
        lines += [
            f"{row['subgroup']} ({plural(int(row['k']), 'study', 'studies')}): "
            f"{format_number(row['estimate'])} ({level} CI "
            f"{format_interval(row['ci_low'], row['ci_high'])})"
            for row in self.subgroups.to_dict("records")
        ]
        lines.append(self.between.summary())
        lines += [each.summary() for each in self.differences[:3]]
        return "\n".join([*lines, *(f"Note: {c.message}" for c in self.cautions)])

    def to_frame(self) -> pd.DataFrame:
        """Return one row a subgroup, unrounded."""
        return self.subgroups.copy()

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        rows = [
            {
                name: None if isinstance(value, float) and not math.isfinite(value) else value
                for name, value in row.items()
            }
            for row in self.subgroups.to_dict("records")
        ]
        return {
            "model": self.method.model,
            "tau2": self.tau2,
            "tau2_method": self.method.tau2_method,
            "ci_method": self.method.ci_method,
            "level": self.method.level,
            "subgroups": rows,
            "between": self.between.to_dict(),
            "differences": [each.to_dict() for each in self.differences],
            "cautions": [caution.message for caution in self.cautions],
        }

    def _repr_html_(self) -> str:
        table = self.subgroups
        rounded = pd.DataFrame(
            {
                "subgroup": table["subgroup"],
                "studies": table["k"],
                "estimate": [format_number(v) for v in table["estimate"]],
                f"{100 * self.method.level:g}% CI": [
                    format_interval(low, high)
                    for low, high in zip(table["ci_low"], table["ci_high"], strict=True)
                ],
                "tau²": [format_number(v, 3) for v in table["tau2"]],
            }
        )
        head, *rest = self.summary().splitlines()
        rest = rest[len(table) :]
        shown = html_table(rounded, caption=head, align_right=("estimate", "tau²"))
        return shown + "".join(f"<p>{escape(line)}</p>" for line in rest)
