"""How few people decide one trial's difference of means: the continuous fragility index.

People are moved from the group with the higher mean to the other one, each time the one whose
value lies nearest above the higher group's mean, until Welch's test is no longer significant
(Caldwell and others 2021). Their paper is told here after its abstract and after accounts of the
method, since its full text could not be read. Without the people's own values data are made up
that have the means and SDs reported. The paper draws normal samples until both lie within a
tolerance; here each normal sample is shifted and stretched to have them exactly.

References
----------
Caldwell JE, Youssefzadeh K, Limpisvasti O (2021). A method for calculating the fragility index
of continuous outcomes. Journal of Clinical Epidemiology 136:20-25.
Welch BL (1947). The generalization of "Student's" problem when several different population
variances are involved. Biometrika 34:28-35.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd
from scipy.special import stdtr

from evidence.appraisal.trial.fragility_counts import SIGNIFICANCE
from evidence.appraisal.trial.two_by_two import check_significance
from evidence.display import Display, format_number, format_p
from evidence.effects.arguments import Floats, as_floats, checked, checked_views
from evidence.effects.measures.inputs import read_arms
from evidence.errors import Caution, InsufficientEvidenceError, InvalidArgumentError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = [
    "ContinuousFragility",
    "continuous_fragility",
    "continuous_fragility_from_values",
]

#: Data sets that are made up, and the seed that makes them the same each time.
DATA_SETS = 200
SEED = 2021
#: The share of the data sets between the two ends that are told.
_MIDDLE = 0.9


@dataclass(frozen=True, slots=True)
class ContinuousFragility(Display):
    """How many people it takes to move from one group to the other.

    Attributes
    ----------
    n_treatment, n_control
        People in each group.
    higher
        The group with the higher mean: ``"treatment"`` or ``"control"``.
    p_value
        Welch's test of the means as reported.
    significance
        The line that p has to cross.
    indices
        The number of people moved, for each data set made up, shape (m,).
    cautions
        What a reader should know.
    """

    n_treatment: int
    n_control: int
    higher: str
    p_value: float
    significance: float
    indices: Floats
    cautions: tuple[Caution, ...] = ()

    reference: ClassVar[str] = "Caldwell, Youssefzadeh and Limpisvasti 2021, JCE 136:20-25"
    assumptions: ClassVar[tuple[str, ...]] = (
        "Values that are made up are normally distributed, with the means and SDs reported.",
        "People move from the group with the higher mean, the one nearest above it first.",
        "p is that of Welch's test.",
    )

    @property
    def index(self) -> float:
        """The mean of the number of people over the data sets."""
        return float(self.indices.mean())

    @property
    def low(self) -> float:
        """The number below which 5% of the data sets lie."""
        return float(np.quantile(self.indices, (1 - _MIDDLE) / 2))

    @property
    def high(self) -> float:
        """The number above which 5% of the data sets lie."""
        return float(np.quantile(self.indices, (1 + _MIDDLE) / 2))

    @property
    def people(self) -> int:
        """People in both groups."""
        return self.n_treatment + self.n_control

    @property
    def quotient(self) -> float:
        """The index over all people."""
        return self.index / self.people

    @property
    def made_up(self) -> bool:
        """Whether the data are made up from means and SDs."""
        return self.indices.size > 1

    def sentence(self) -> str:
        """Return the index in words."""
        head = f"Means of {self.people:,} people ({format_p(self.p_value)}, Welch's test): "
        share = f"{format_number(100 * self.quotient, 1)}%"
        aim = f"in the other group for p to lose the {self.significance:g} level"
        if not self.made_up:
            noun = "person" if self.index == 1 else "people"
            return f"{head}it takes {self.index:g} {noun} ({share}) {aim}."
        low, high = format_number(self.low, 0), format_number(self.high, 0)
        span = low if low == high else f"{low} to {high}"
        return (
            f"{head}in {self.indices.size} data sets with these means and SDs it takes about "
            f"{format_number(self.index, 1)} people ({span}; {share}) {aim}."
        )

    def summary(self) -> str:
        """Return the sentence and the cautions."""
        return "\n".join([self.sentence(), *(f"Note: {c.message}" for c in self.cautions)])

    def to_frame(self) -> pd.DataFrame:
        """Return how many data sets take how many people."""
        moved, count = np.unique(self.indices.astype(int), return_counts=True)
        return pd.DataFrame({"people_moved": moved, "data_sets": count})

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        names = (
            "n_treatment", "n_control", "higher", "p_value", "significance", "index", "low",
            "high", "quotient",
        )  # fmt: skip
        return {
            **{name: getattr(self, name) for name in names},
            "data_sets": int(self.indices.size),
            "cautions": [caution.message for caution in self.cautions],
        }


def continuous_fragility(
    *,
    mean_treatment: float,
    sd_treatment: float,
    n_treatment: int,
    mean_control: float,
    sd_control: float,
    n_control: int,
    significance: float = SIGNIFICANCE,
) -> ContinuousFragility:
    """Count the people who have to change groups for a significant difference not to be so.

    Parameters
    ----------
    mean_treatment, sd_treatment, n_treatment, mean_control, sd_control, n_control
        What is reported of the two groups, at least three people each.
    significance
        The line that p has to cross.

    Returns
    -------
    ContinuousFragility
        With the same numbers every time.

    Raises
    ------
    InsufficientEvidenceError
        Where the means do not differ significantly: the index is defined for those that do.
    InvalidArgumentError
        Naming the argument and the value.

    References
    ----------
    Caldwell and others (2021), Welch (1947): see the module.
    """
    # The order of `read_arms`: mean, SD and n of the treatment group, then of the control group.
    arms = read_arms(mean_treatment, sd_treatment, n_treatment, mean_control, sd_control, n_control)
    m1, s1, n1, m2, s2, n2 = (float(each[0]) for each in arms)
    for name, n in (("n_treatment", n1), ("n_control", n2)):
        if n % 1 or n < 3:
            raise InvalidArgumentError(
                f"{name} is {n:g}; give a whole number of people, at least three."
            )
    checked({}, {"sd_treatment": 0, "sd_control": 0}, sd_treatment=s1, sd_control=s2)
    line = check_significance(significance)
    p_value = float(_welch(*(np.array([each]) for each in (m1, s1**2, n1, m2, s2**2, n2)))[0])
    _refuse_without_difference(p_value, line)
    random = np.random.default_rng(SEED)
    treatment = _samples(random, m1, s1, int(n1))
    control = _samples(random, m2, s2, int(n2))
    return _counted(treatment, control, m1 > m2, p_value, line)


def continuous_fragility_from_values(
    treatment: ArrayLike, control: ArrayLike, *, significance: float = SIGNIFICANCE
) -> ContinuousFragility:
    """Count the people who have to change groups, from their own values.

    Parameters
    ----------
    treatment, control
        One value for each person, at least three a group.
    significance
        The line that p has to cross.

    Returns
    -------
    ContinuousFragility
        With one index.

    Raises
    ------
    InsufficientEvidenceError
        Where the means do not differ significantly.
    InvalidArgumentError
        Naming the argument and the value.

    References
    ----------
    Caldwell and others (2021), Welch (1947): see the module.
    """
    groups = []
    for name, values in (("treatment", treatment), ("control", control)):
        found = checked_views(**{name: as_floats(name, values)})[name]
        if found.size < 3 or float(found.min()) == float(found.max()):
            raise InvalidArgumentError(
                f"{name} has {found.size} values that "
                f"{'do not differ' if found.size >= 3 else 'are too few'}; give at least three, "
                "not all of them equal."
            )
        groups.append(np.sort(found))
    first, second = groups
    line = check_significance(significance)
    summaries = [
        np.array([each])
        for group in groups
        for each in (float(group.mean()), float(group.var(ddof=1)), float(group.size))
    ]
    p_value = float(_welch(*summaries)[0])
    _refuse_without_difference(p_value, line)
    return _counted(
        first[np.newaxis], second[np.newaxis], first.mean() > second.mean(), p_value, line
    )


def _refuse_without_difference(p_value: float, line: float) -> None:
    if p_value >= line:
        raise InsufficientEvidenceError(
            f"The means do not differ significantly ({format_p(p_value)}); the continuous "
            "fragility index counts people from a significant difference. Look at the interval "
            "beside the smallest difference that matters instead."
        )


def _counted(
    treatment: Floats, control: Floats, treatment_higher: bool, p_value: float, line: float
) -> ContinuousFragility:
    higher, lower = (treatment, control) if treatment_higher else (control, treatment)
    return ContinuousFragility(
        treatment.shape[1],
        control.shape[1],
        "treatment" if treatment_higher else "control",
        p_value,
        line,
        _moves(higher, lower, line),
        (
            Caution(
                "fragility-restates-p",
                "The index mostly restates the p value and the size of the trial.",
                "Carter, McKie and Storlie 2017, European Heart Journal 38:346-348",
            ),
        ),
    )


def _samples(random: np.random.Generator, mean: float, sd: float, n: int) -> Floats:
    """Return normal samples with exactly this mean and SD, in rising order, shape (m, n)."""
    drawn = random.standard_normal((DATA_SETS, n))
    drawn -= drawn.mean(axis=1, keepdims=True)
    drawn /= drawn.std(axis=1, ddof=1, keepdims=True)
    return np.sort(mean + sd * drawn, axis=1)


def _moves(higher: Floats, lower: Floats, line: float) -> Floats:
    """Return how many people each data set has to move, shape (m,).

    The people nearest above the mean follow each other in the sorted row: with each one gone
    the mean falls, but those below it are met only if it falls past them.
    """
    sets, n_high = higher.shape
    left = np.ones(higher.shape, dtype=bool)
    # Numbers, sums and sums of squares, around a common middle so that no digits are lost.
    middle = float(np.concatenate([higher[0], lower[0]]).mean())
    high, low = higher - middle, lower - middle
    count = np.array([float(n_high), float(lower.shape[1])])
    sums = np.column_stack([high.sum(axis=1), low.sum(axis=1)])
    squares = np.column_stack([(high**2).sum(axis=1), (low**2).sum(axis=1)])
    found = np.zeros(sets)
    rows = np.arange(sets)
    for moved in range(1, n_high - 1):
        mean = sums[:, 0] / count[0]
        above = left & (high > mean[:, np.newaxis])
        place = np.argmax(above, axis=1)
        value = high[rows, place]
        left[rows, place] = False
        count += (-1.0, 1.0)
        sums += np.column_stack([-value, value])
        squares += np.column_stack([-(value**2), value**2])
        variance = (squares - sums**2 / count) / (count - 1)
        means = sums / count
        p = _welch(
            means[:, 0], variance[:, 0], count[:1].repeat(sets),
            means[:, 1], variance[:, 1], count[1:].repeat(sets),
        )  # fmt: skip
        turned = (found == 0) & ((p >= line) | (means[:, 0] <= means[:, 1]))
        found[turned] = moved
        if (found > 0).all():
            return found
    found[found == 0] = n_high - 2
    return found


def _welch(
    mean1: Floats, variance1: Floats, n1: Floats, mean2: Floats, variance2: Floats, n2: Floats
) -> Floats:
    """Return two-sided p values of Welch's test, shape (m,)."""
    first, second = np.maximum(variance1, 0) / n1, np.maximum(variance2, 0) / n2
    total = first + second
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(mean1 == mean2, 0.0, np.abs(mean1 - mean2) / np.sqrt(total))
        df = total**2 / (first**2 / (n1 - 1) + second**2 / (n2 - 1))
    return np.asarray(2 * stdtr(df, -np.where(np.isfinite(t), t, math.inf)))
