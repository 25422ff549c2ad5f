"""The albatross plot: p values and sample sizes where no effects can be had.

References
----------
Harrison S, Jones HE, Martin RM, Lewis SJ, Higgins JPT (2017). The albatross plot: a novel
graphical tool for presenting results of diversely reported studies in a systematic review.
Research Synthesis Methods 8:281-289.
McKenzie JE, Brennan SE. Synthesizing and presenting findings using other methods. Cochrane
Handbook for Systematic Reviews of Interventions, section 12.3.3.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import ndtr, stdtr

from evidence.display import Display, format_p_range, html_table, join_words, plural
from evidence.effects.arguments import Floats, as_floats, checked, is_number
from evidence.effects.measures.choices import check_choice
from evidence.errors import Caution, InvalidArgumentError
from evidence.synthesis.inputs import refuse
from evidence.synthesis.p_values.combine import RELATIONS

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["DIRECTIONS", "MEASURES", "Albatross", "albatross"]

#: Which way a study points, against the direction that is asked about.
DIRECTIONS = ("for", "against", "unknown")
#: What contours are of.
MEASURES = ("standardised mean difference", "correlation", "odds ratio")
#: Points of a contour.
_POINTS = 101
_PAPER = "Harrison et al. 2017, Research Synthesis Methods 8:281-289"


@dataclass(frozen=True, eq=False, kw_only=True)
class Albatross(Display):
    """Where each study lies in an albatross plot.

    Attributes
    ----------
    studies
        One row a study: `label`, `n`, `reported`, `direction`, the range of its two-sided p value
        (`p_low`, `p_high`), whether it is `exact`, and the coordinates: `x`, minus the logarithm
        to base 10 of the p value as reported, below 0 where the study points against (NaN where
        its direction is not known), `x_low` and `x_high` where that lies between (infinite where
        p is only known to be below something), and `y`, the squared logarithm of n.
    cautions
        What a reader should know.
    """

    studies: pd.DataFrame
    cautions: tuple[Caution, ...] = ()

    @property
    def k(self) -> int:
        """How many studies."""
        return len(self.studies)

    @property
    def placed(self) -> pd.DataFrame:
        """The studies whose direction is known."""
        return self.studies[self.studies["direction"] != "unknown"]

    def contours(
        self,
        effects: ArrayLike,
        *,
        measure: str = "standardised mean difference",
        ratio: float = 1.0,
        baseline_risk: float | None = None,
        sizes: ArrayLike | None = None,
    ) -> pd.DataFrame:
        """Return lines along which every study would have found one effect.

        Parameters
        ----------
        effects
            Standardised mean differences, correlations or odds ratios, shape (m,); of either
            direction, and not of no effect.
        measure
            One of `MEASURES`.
        ratio
            People in the treatment group for each one in the control group.
        baseline_risk
            Of the event in the control group; needed for odds ratios.
        sizes
            Numbers of people at which the lines are wanted, shape (s,), at least 5; from half of
            the smallest study to twice the largest by default.

        Returns
        -------
        DataFrame
            `effect`, `n`, `p_value` and the coordinates `x` and `y`.

        Raises
        ------
        InvalidArgumentError
            Naming the argument and the value.

        Notes
        -----
        The p value is that of the test that such a study would have made: t = d√(n₁n₂/n) on
        n - 2 degrees of freedom; t = r√((n - 2)/(1 - r²)) on as many; and z = log(odds ratio)
        over its standard error with events as expected. The paper, of which the abstract alone was
        to be read, takes the normal distribution; for small studies t is nearer.
        """
        check_choice("measure", measure, MEASURES)
        wanted = checked(effects=effects)["effects"]
        _check_above("ratio", ratio)
        n = self._sizes() if sizes is None else checked({"sizes": 5}, sizes=sizes)["sizes"]
        test = {
            "standardised mean difference": _of_difference,
            "correlation": _of_correlation,
            "odds ratio": _of_odds_ratio,
        }[measure]
        if measure != "odds ratio" and baseline_risk is not None:
            raise InvalidArgumentError("baseline_risk belongs to odds ratios; leave it out.")
        rows = [test(float(effect), n, float(ratio), baseline_risk) for effect in wanted]
        signs = np.sign(np.log(wanted) if measure == "odds ratio" else wanted)
        p_values = np.concatenate(rows)
        with np.errstate(divide="ignore"):
            strength = 0.0 - np.log10(p_values)
        return pd.DataFrame(
            {
                "effect": np.repeat(wanted, n.size),
                "n": np.tile(n, wanted.size),
                "p_value": p_values,
                "x": np.repeat(signs, n.size) * strength,
                "y": np.tile(np.log10(n) ** 2, wanted.size),
            }
        )

    def _sizes(self) -> Floats:
        n = self.studies["n"].to_numpy(dtype=np.float64)
        low, high = max(5.0, n.min() / 2), max(10.0, 2 * n.max())
        return np.asarray(np.geomspace(low, high, _POINTS))

    def summary(self) -> str:
        """Return the counts in words, and what to know beside them."""
        counts = self.studies["direction"].value_counts()
        towards, against, unknown = (int(counts.get(name, 0)) for name in DIRECTIONS)
        head = (
            f"Albatross plot of {plural(self.k, 'study', 'studies')}: {towards} "
            f"{'points' if towards == 1 else 'point'} in the direction asked about, {against} "
            f"against it, and of {unknown} the direction is not known."
        )
        return "\n".join([head, *(f"Note: {caution.message}" for caution in self.cautions)])

    def to_frame(self) -> pd.DataFrame:
        """Return one row a study, unrounded."""
        return self.studies.copy()

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values; None for what is not finite."""
        rows = [
            {
                str(name): None if isinstance(value, float) and not math.isfinite(value) else value
                for name, value in row.items()
            }
            for row in self.studies.to_dict("records")
        ]
        return {
            "k": self.k,
            "studies": rows,
            "reference": _PAPER,
            "cautions": [caution.message for caution in self.cautions],
        }

    def _repr_html_(self) -> str:
        shown = self.studies[["label", "n", "reported", "direction"]].copy()
        shown["n"] = [f"{value:,.0f}" for value in self.studies["n"]]
        shown["two-sided p"] = [
            format_p_range(low, high)
            for low, high in zip(self.studies["p_low"], self.studies["p_high"], strict=True)
        ]
        head, *notes = self.summary().splitlines()
        return html_table(shown, caption=head) + "".join(f"<p>{escape(note)}</p>" for note in notes)


def albatross(
    p_values: ArrayLike,
    sample_sizes: ArrayLike,
    *,
    directions: Sequence[str] | str,
    relations: Sequence[str] | str = "=",
    labels: Sequence[str] | None = None,
) -> Albatross:
    """Place studies by their p value, direction and size where no effects can be had.

    Parameters
    ----------
    p_values
        Two-sided, shape (k,); above 0 and at most 1.
    sample_sizes
        People in each study, shape (k,); above 1.
    directions
        ``"for"`` or ``"against"`` the direction that is asked about, or ``"unknown"``.
    relations
        ``"="`` (the default), ``"<"``, ``"<="``, ``">"`` or ``">="`` for each p value, as
        reported.
    labels
        Names of the studies.

    Returns
    -------
    Albatross
        A study whose direction is not known is listed and has no place in the plot.

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.

    References
    ----------
    Harrison et al. 2017.
    """
    p, n = as_floats("p_values", p_values), as_floats("sample_sizes", sample_sizes)
    if p.size == 0:
        raise InvalidArgumentError("p_values is empty; give the p value of at least one study.")
    names = tuple(f"study {i + 1}" for i in range(p.size)) if labels is None else tuple(labels)
    for what, many in (("sample_sizes", n.size), ("labels", len(names))):
        if many != p.size:
            raise InvalidArgumentError(f"There are {p.size} p values and {many} {what}.")
    ways = _each("directions", directions, DIRECTIONS, names)
    signs = _each("relations", relations, RELATIONS, names)
    missing = np.isnan(p) | np.isnan(n)
    accepted = "above 0 and at most 1 (a p printed as 0.000 is a bound: 0.001 with '<')"
    refuse(names, (p <= 0) | (p > 1), p, "p_values", accepted)
    refuse(names, (n <= 1) | np.isinf(n), n, "sample_sizes", "finite and above 1")
    if missing.all():
        raise InvalidArgumentError("No study has both a p value and a sample size.")
    kept = np.flatnonzero(~missing)
    studies = _table(p[kept], n[kept], *([each[i] for i in kept] for each in (ways, signs, names)))
    gone = [name for name, lacks in zip(names, missing, strict=True) if lacks]
    return Albatross(studies=studies, cautions=_cautions(studies, gone))


def _each(
    name: str, given: Sequence[str] | str, accepted: tuple[str, ...], names: Sequence[str]
) -> tuple[str, ...]:
    values = [given] * len(names) if isinstance(given, str) else list(given)
    if len(values) != len(names):
        raise InvalidArgumentError(f"There are {len(names)} p values and {len(values)} {name}.")
    return tuple(
        check_choice(f"{name} of {label}", value, accepted)
        for label, value in zip(names, values, strict=True)
    )


def _table(
    p: Floats, n: Floats, directions: list[str], relations: list[str], names: list[str]
) -> pd.DataFrame:
    below = np.array([relation.startswith("<") for relation in relations])
    above = np.array([relation.startswith(">") for relation in relations])
    low, high = np.where(below, 0.0, p), np.where(above, 1.0, p)
    side = np.array([{"for": 1.0, "against": -1.0, "unknown": math.nan}[d] for d in directions])
    with np.errstate(divide="ignore"):
        weakest, strongest = 0.0 - np.log10(high), 0.0 - np.log10(low)
    ends = np.sort(np.column_stack([side * weakest, side * strongest]), axis=1)
    return pd.DataFrame(
        {
            "label": [str(name) for name in names],
            "n": n,
            "reported": [f"p {r} {value:g}" for r, value in zip(relations, p, strict=True)],
            "direction": directions,
            "p_low": low,
            "p_high": high,
            "exact": ~(below | above),
            "x": side * (0.0 - np.log10(p)),
            "x_low": ends[:, 0],
            "x_high": ends[:, 1],
            "y": np.log10(n) ** 2,
        }
    )


def _cautions(studies: pd.DataFrame, gone: list[str]) -> tuple[Caution, ...]:
    found = []
    if gone:
        found.append(
            Caution(
                "missing",
                f"{plural(len(gone), 'study', 'studies').capitalize()} left out for want of a p "
                f"value or a sample size: {join_words(gone)}.",
            )
        )
    unknown = studies.loc[studies["direction"] == "unknown", "label"]
    if len(unknown):
        found.append(
            Caution(
                "no-direction",
                f"The direction is not known of {join_words(unknown)}, which "
                f"{'has' if len(unknown) == 1 else 'have'} no place in the plot.",
                _PAPER,
            )
        )
    bounds = studies.loc[~studies["exact"], "label"]
    if len(bounds):
        found.append(
            Caution(
                "bounds",
                f"Only a bound of p is known for {join_words(bounds)}: the place is that of the "
                "bound.",
            )
        )
    found.append(
        Caution(
            "p-only",
            "Contours hold for studies of one simple design; an effect read off them is rough, and "
            "no test.",
            _PAPER,
        )
    )
    return tuple(found)


# ------------------------------------------------------------------------------------ the contours


def _check_above(name: str, value: float) -> None:
    if not is_number(value) or not 0 < value < math.inf:
        raise InvalidArgumentError(f"{name} is {value!r}; it must be finite and above 0.")


def _of_difference(effect: float, n: Floats, ratio: float, _: float | None) -> Floats:
    if effect == 0:
        raise InvalidArgumentError("effects holds 0, which has no contour: every p is 1.")
    t = abs(effect) * np.sqrt(n * ratio) / (1 + ratio)
    return np.asarray(2 * stdtr(n - 2, -t))


def _of_correlation(effect: float, n: Floats, ratio: float, _: float | None) -> Floats:
    if not 0 < abs(effect) < 1:
        raise InvalidArgumentError(
            f"effects holds {effect:g}; a correlation must lie between -1 and 1, and not at 0."
        )
    if ratio != 1:
        raise InvalidArgumentError("ratio belongs to two groups; a correlation has one.")
    t = abs(effect) * np.sqrt((n - 2) / (1 - effect**2))
    return np.asarray(2 * stdtr(n - 2, -t))


def _of_odds_ratio(effect: float, n: Floats, ratio: float, baseline: float | None) -> Floats:
    if effect <= 0 or effect == 1:
        raise InvalidArgumentError(
            f"effects holds {effect:g}; an odds ratio must be above 0, and not 1."
        )
    if baseline is None or not is_number(baseline) or not 0 < baseline < 1:
        raise InvalidArgumentError(
            f"baseline_risk is {baseline!r}; odds ratios need the risk in the control group, "
            "between 0 and 1."
        )
    odds = effect * baseline / (1 - baseline)
    risk = odds / (1 + odds)
    control = n / (1 + ratio)
    treated = n - control
    error = np.sqrt(1 / (treated * risk * (1 - risk)) + 1 / (control * baseline * (1 - baseline)))
    return np.asarray(2 * ndtr(-abs(math.log(effect)) / error))
