"""What one more trial, or the missing ones, would have to show to change the conclusion.

A study is really added and everything estimated again, tau² included. So the answer need not be
what a reader expects: an extreme study also widens an interval that rests on the scatter of the
studies, and beyond some effect it takes away the conclusion that a milder one would bring.

References
----------
Langan D, Higgins JPT, Gregory W, Sutton AJ (2012). Graphical augmentations to the funnel plot
assess the impact of additional evidence on a meta-analysis. Journal of Clinical Epidemiology
65:511-519 (where in a funnel plot a new study would change the result).
Sutton AJ, Cooper NJ, Jones DR, et al. (2007). Evidence-based sample size calculations based
upon updated meta-analysis. Statistics in Medicine 26:2479-2500.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from evidence.display import Display, format_interval, format_number, plural
from evidence.effects.arguments import Floats, as_floats, checked, is_number
from evidence.errors import Caution, InvalidArgumentError
from evidence.synthesis.checked import check_result
from evidence.synthesis.result import PooledResult, PoolingMethod
from evidence.synthesis.sensitivity.parts import check_count
from evidence.synthesis.sensitivity.tipping_search import (
    MOST_STUDIES,
    STATES,
    Refits,
    find_ends,
)

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["MissingResults", "TippingPoint", "tipping_point"]

#: Standard errors of the new study go from the smallest seen over this to the largest times it.
_BEYOND = 2.0
_SIZES = 41
#: Effects without an end on either side.
_ANYTHING = (-math.inf, math.inf)


@dataclass(frozen=True, slots=True)
class MissingResults:
    """What missing results would have to show to bring the pooled estimate to the threshold.

    Attributes
    ----------
    count
        How many results are missing.
    standard_error
        Of each of them.
    mean
        The effect that all of them would have to show; NaN where none is large enough.
    people
        In all of them together; NaN where it is not known.
    """

    count: int
    standard_error: float
    mean: float
    people: float


@dataclass(frozen=True)
class TippingPoint(Display):
    """The effects of one further study that change, or keep, the conclusion.

    A conclusion is whether the interval lies below, above or around the threshold.

    Attributes
    ----------
    method
        Model, estimator of tau², interval and level; the study is added by the same.
    labels, effects, study_standard_errors
        The studies so far, shape (k,).
    threshold
        No effect, or a difference that matters, on the scale of the effects.
    estimate, ci_low, ci_high
        The pooled result so far.
    standard_errors
        Of the further study, ascending, shape (m,).
    people
        People in such a study, shape (m,); NaN where numbers of people were not given.
    below_from, below_to
        With an effect between these the interval would lie below the threshold, shape (m,);
        infinite where there is no limit, NaN where no effect does it.
    above_from, above_to
        The same for an interval above the threshold.
    typical_standard_error
        The median of the studies so far.
    further_studies
        How many further studies of typical size it would take: ones that show just the pooled
        estimate, to become conclusive; or, where it is, ones that show just the threshold, to
        stop being so. None where `most_studies` of them would not do.
    most_studies
        How many were tried.
    missing
        What missing results would have to show, if there are any.
    cautions
        What a reader should know.
    """

    method: PoolingMethod
    labels: tuple[str, ...]
    effects: Floats
    study_standard_errors: Floats
    threshold: float
    estimate: float
    ci_low: float
    ci_high: float
    standard_errors: Floats
    people: Floats
    below_from: Floats
    below_to: Floats
    above_from: Floats
    above_to: Floats
    typical_standard_error: float
    further_studies: int | None
    most_studies: int = MOST_STUDIES
    missing: MissingResults | None = None
    cautions: tuple[Caution, ...] = ()

    @property
    def conclusion(self) -> str:
        """Where the interval lies: ``"below"``, ``"above"`` or ``"around"`` the threshold."""
        if self.ci_high < self.threshold:
            return "below"
        return "above" if self.ci_low > self.threshold else "around"

    @property
    def conclusive(self) -> bool:
        """Whether the interval leaves the threshold out."""
        return self.conclusion != "around"

    def summary(self) -> str:
        """Return what one more study would have to show, in words."""
        name = self._threshold_name()
        level = f"{100 * self.method.level:g}%"
        interval = format_interval(self.ci_low, self.ci_high)
        now = (
            f"The {level} interval ({interval}) lies {self.conclusion} {name}."
            if self.conclusive
            else f"The {level} interval ({interval}) includes {name}."
        )
        lines = [
            (
                f"What one more study could change: {plural(len(self.labels), 'study', 'studies')}"
                f", {self.method.in_words()}"
            ),
            now,
            *self._typical(),
            self._further(),
        ]
        if self.missing is not None:
            lines.append(self._missing())
        return "\n".join([*filter(None, lines), *(f"Note: {c.message}" for c in self.cautions)])

    def _threshold_name(self) -> str:
        return "no effect" if self.threshold == 0 else f"{format_number(self.threshold)}"

    def _typical(self) -> list[str]:
        place = int(np.argmin(np.abs(np.log(self.standard_errors / self.typical_standard_error))))
        size = f"standard error {format_number(self.standard_errors[place])}"
        if math.isfinite(self.people[place]):
            size += f", about {self.people[place]:,.0f} people"
        head = f"One more study of typical size ({size})"
        if self.conclusive:
            ends = self._piece(self.conclusion, place)
            if math.isnan(ends[0]):
                return [f"{head} would take the conclusion away whatever it shows."]
            if ends == _ANYTHING:
                return [f"{head} leaves it so whatever it shows."]
            return [f"{head} leaves it so if it shows {_between(*ends)}, and else takes it away."]
        if all(math.isnan(self._piece(state, place)[0]) for state in STATES):
            what = f"the interval leave {self._threshold_name()} out"
            return [f"{head} could not make {what}, whatever it shows."]
        found = []
        for state in STATES:
            ends = self._piece(state, place)
            what = f"the interval lie {state} {self._threshold_name()}"
            if math.isnan(ends[0]):
                found.append(f"{head} could not make {what}, whatever it shows.")
            else:
                found.append(f"{head} would make {what} if it shows {_between(*ends)}.")
        return found

    def _piece(self, state: str, place: int) -> tuple[float, float]:
        starts, ends = getattr(self, f"{state}_from"), getattr(self, f"{state}_to")
        return float(starts[place]), float(ends[place])

    def _further(self) -> str:
        if self.conclusive:
            like = f"that show just {self._threshold_name()}"
            aim = "include it"
        else:
            like = "that show just the pooled estimate"
            aim = f"leave {self._threshold_name()} out"
        if self.further_studies is None:
            many = f"Even {self.most_studies:,} further studies"
            return f"{many} of typical size {like} would not make the interval {aim}."
        count = plural(self.further_studies, "further study", "further studies")
        verb = "shows" if self.further_studies == 1 else "show"
        like = like.replace("show", verb)
        return f"It would take {count} of typical size {like} to make the interval {aim}."

    def _missing(self) -> str:
        assert self.missing is not None
        one = self.missing.count == 1
        what = plural(self.missing.count, "missing result")
        if math.isfinite(self.missing.people):
            what += f" ({self.missing.people:,.0f} people)"
        if math.isnan(self.missing.mean):
            return f"Whatever the {what} came to, they would not move the pooled estimate so far."
        where = "at no effect" if self.threshold == 0 else f"at {self._threshold_name()}"
        return (
            f"The pooled estimate ({format_number(self.estimate)}) would be {where} if the {what}, "
            f"with a standard error of {format_number(self.missing.standard_error)}"
            f"{'' if one else ' each'}, came to {format_number(self.missing.mean)}."
        )

    def to_frame(self) -> pd.DataFrame:
        """Return one row per size of the further study, unrounded."""
        names = ("below_from", "below_to", "above_from", "above_to")
        return pd.DataFrame(
            {
                "standard_error": self.standard_errors,
                "people": self.people,
                **{name: getattr(self, name) for name in names},
            }
        )

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        names = ("threshold", "estimate", "ci_low", "ci_high", "conclusion", "conclusive")
        more = ("typical_standard_error", "further_studies", "most_studies")
        missing = self.missing
        return {
            "k": len(self.labels),
            "model": self.method.model,
            "tau2_method": self.method.tau2_method,
            "ci_method": self.method.ci_method,
            "level": self.method.level,
            **{name: getattr(self, name) for name in (*names, *more)},
            "missing": None
            if missing is None
            else {
                "count": missing.count,
                "standard_error": missing.standard_error,
                "mean": missing.mean,
                "people": missing.people,
            },
            "sizes": self.to_frame().to_dict("records"),
            "cautions": [caution.message for caution in self.cautions],
        }


def _between(low: float, high: float) -> str:
    if math.isinf(low):
        return f"{format_number(high)} or less"
    if math.isinf(high):
        return f"{format_number(low)} or more"
    return f"something from {format_interval(low, high)}"


def tipping_point(
    result: PooledResult,
    *,
    threshold: float = 0.0,
    standard_errors: ArrayLike | None = None,
    people: ArrayLike | None = None,
    missing: int | None = None,
    missing_standard_error: float | None = None,
    missing_people: float | None = None,
) -> TippingPoint:
    """Find what one more study would have to show to change the conclusion.

    For each size of a further study, its effects are scanned from far below to far above the
    studies, and every place where an end of the interval crosses the threshold is bracketed and
    found; the study is added, tau² estimated again, and the interval is the result's own.

    Parameters
    ----------
    result
        What `pool` returned, of at least two studies.
    threshold
        What the interval shall leave out: no effect, or a difference that matters, on the scale
        of the effects (logarithms for ratios).
    standard_errors
        Sizes of the further study, shape (m,); by default from half the smallest standard error
        seen to twice the largest.
    people
        People in each study of the result, shape (k,): tells how large a study of some standard
        error is, by the median of variance times people.
    missing
        How many results are known to be missing (registered and not published, say).
    missing_standard_error
        Of each of them; by default the median of the studies'.
    missing_people
        People in all of them together, instead of the standard error; needs `people`.

    Returns
    -------
    TippingPoint

    Raises
    ------
    InvalidArgumentError
        Naming the argument and the value.
    InsufficientEvidenceError
        For one study.

    References
    ----------
    Langan, Higgins, Gregory and Sutton (2012), Sutton and others (2007): see the module.
    """
    check_result(result, "tipping_point")
    if not is_number(threshold) or not math.isfinite(threshold):
        raise InvalidArgumentError(
            f"threshold is {threshold!r}; give a finite number on the scale of the effects."
        )
    errors = np.sqrt(result.variances)
    per_person = _read_people(people, result)
    sizes = _read_sizes(standard_errors, errors)
    # About the mean, so that nothing hangs on the effects' origin.
    fits = Refits(result, float(threshold) - result.estimate)
    ends, pieces, leaps = find_ends(fits, sizes)
    found = _missing_results(
        fits,
        (missing, missing_standard_error, missing_people),
        float(np.median(errors)),
        per_person,
    )
    typical = float(np.median(errors))
    further = fits.further_studies(typical)
    return TippingPoint(
        method=result.method,
        labels=result.labels,
        effects=result.effects,
        study_standard_errors=errors,
        threshold=float(threshold),
        estimate=result.estimate,
        ci_low=result.ci_low,
        ci_high=result.ci_high,
        standard_errors=sizes,
        people=per_person / sizes**2,
        below_from=fits.place(ends["below_from"]),
        below_to=fits.place(ends["below_to"]),
        above_from=fits.place(ends["above_from"]),
        above_to=fits.place(ends["above_to"]),
        typical_standard_error=typical,
        further_studies=further,
        missing=found,
        cautions=_cautions(result, ends, (pieces, leaps), further),
    )


def _read_people(people: ArrayLike | None, result: PooledResult) -> float:
    """Return the variance of a study of one person, NaN where that is not known."""
    if people is None:
        return math.nan
    given = checked({"people": 0.0}, strict=True, people=people)["people"]
    if given.size != result.k:
        raise InvalidArgumentError(
            f"people has {given.size} values for {plural(result.k, 'study', 'studies')}; give one "
            "number a study, in their order."
        )
    return float(np.median(result.variances * given))


def _read_sizes(standard_errors: ArrayLike | None, errors: Floats) -> Floats:
    if standard_errors is not None:
        given = checked({"standard_errors": 0.0}, strict=True, standard_errors=standard_errors)
        return np.unique(given["standard_errors"])
    low, high = float(errors.min()) / _BEYOND, float(errors.max()) * _BEYOND
    typical = float(np.median(errors))
    return np.union1d(np.geomspace(low, high, _SIZES), [typical])


def _missing_results(
    fits: Refits,
    given: tuple[int | None, float | None, float | None],
    typical: float,
    per_person: float,
) -> MissingResults | None:
    count, error, people = given
    for name, value in (("missing_standard_error", error), ("missing_people", people)):
        if value is None:
            continue
        if count is None:
            raise InvalidArgumentError(f"{name} goes with missing: say how many results are.")
        number = as_floats(name, value)
        if number.size != 1 or not 0 < number[0] < math.inf:
            raise InvalidArgumentError(f"{name} is {value!r}; give one number above 0.")
    if count is None:
        return None
    count = check_count("missing", count, 1, "2")
    if error is not None and people is not None:
        raise InvalidArgumentError(
            "Give missing_standard_error or missing_people, and not both: one follows from the "
            "other."
        )
    if people is not None:
        if math.isnan(per_person):
            raise InvalidArgumentError(
                "missing_people needs people, the number in each study of the result: it tells "
                "what standard error so many people make."
            )
        error = math.sqrt(per_person * count / people)
    error = typical if error is None else float(error)
    total = count * per_person / error**2
    # From the threshold, about the result's own mean.
    mean = fits.mean_to_threshold(error, count)
    return MissingResults(
        count, error, float(fits.place(np.array(mean))), total if people is None else float(people)
    )


def _cautions(
    result: PooledResult, ends: dict[str, Floats], odd: tuple[int, bool], further: int | None
) -> tuple[Caution, ...]:
    found = []
    low, high = ends["below_from"], ends["above_to"]
    if np.isfinite(low).any() or np.isfinite(high).any():
        found.append(
            Caution(
                "extreme-widens",
                "An effect far from the others makes the studies scatter more and the interval "
                "wider, so a study can also be too extreme to bring, or to keep, a conclusion.",
                "Langan, Higgins, Gregory and Sutton 2012",
            )
        )
    pieces, leaps = odd
    if pieces > 1:
        found.append(
            Caution(
                "effects-in-pieces",
                "For some sizes the effects that do it are no single range: those in between the "
                "ends shown do not all do it.",
            )
        )
    if leaps:
        found.append(
            Caution(
                "interval-leaps",
                "For some sizes the interval does not move up to the threshold but leaps over it: "
                "the likelihood then has two maxima, and tau² goes from one to the other.",
                "Hardy and Thompson 1996, Statistics in Medicine 15:619-629",
            )
        )
    if further is not None and result.method.model == "random":
        found.append(
            Caution(
                "no-scatter",
                "Further studies that all show the same are the best case: real ones scatter, and "
                "it takes more of them.",
                "Sutton and others 2007",
            )
        )
    if any(caution.code == "dependent-rows" for caution in result.cautions):
        found.append(
            Caution(
                "rows-not-studies",
                "Some studies have several rows, and one row is added as if it were one study.",
            )
        )
    return tuple(found)
