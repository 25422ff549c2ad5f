"""SDs and standard errors unlike the others: which slip would bring them back.

Cautions only, as in `plausibility`; no number is changed.

References
----------
Gøtzsche PC, Hróbjartsson A, Marić K, Tendal B (2007). Data extraction errors in meta-analyses
that use standardized mean differences. JAMA 298:430-437.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from evidence.effects.arguments import Floats, checked_views
from evidence.effects.measures.choices import count_studies
from evidence.effects.measures.inputs import TwoArms, blocks, pooled_variance
from evidence.effects.measures.plausibility import (
    GOTZSCHE,
    PLAUSIBILITY_LIMITS,
    PlausibilityLimits,
    is_near,
    list_studies,
)
from evidence.errors import Caution

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = [
    "arm_cautions",
    "odd_spread_cautions",
    "odd_standard_error_cautions",
    "unlike_arms_cautions",
]


def unlike_arms_cautions(
    arms: TwoArms, limits: PlausibilityLimits = PLAUSIBILITY_LIMITS
) -> tuple[Caution, ...]:
    """Say where one arm's SD is smaller than the other's by about the root of its people.

    SDs that differ as the means do are passed over: on many scales the two go together,
    while a standard error in the place of an SD leaves the mean alone.

    Parameters
    ----------
    arms
        Checked arm summaries.
    limits
        From where on.

    Returns
    -------
    tuple of Caution
        Empty, or one with the code ``"se-as-sd"``.
    """
    m1, s1, n1, m2, s2, n2 = arms
    places = _apart(s1, s2, limits.apart)
    if not places.size:
        return ()
    treated = s1[places] < s2[places]
    small, large = np.minimum(s1, s2)[places], np.maximum(s1, s2)[places]
    people = np.where(treated, n1[places], n2[places])
    of_small, of_large = np.where(treated, (m1[places], m2[places]), (m2[places], m1[places]))
    # SD over mean on either side, without dividing by a mean of 0.
    alike = (of_small * of_large > 0) & is_near(
        small * np.abs(of_large), large * np.abs(of_small), limits.near
    )
    fits = is_near(small * np.sqrt(people), large, limits.near) & ~alike
    if not fits.any():
        return ()
    odd = np.zeros(s1.shape, dtype=bool)
    odd[places[fits]] = True

    def told(place: int) -> str:
        low, high, n = (s1, s2, n1) if s1[place] < s2[place] else (s2, s1, n2)
        arm = "treatment" if low is s1 else "control"
        return (
            f"study {place + 1}: {low[place]:.3g} ({arm}) against {high[place]:.3g}, while "
            f"{low[place]:.3g} times √{n[place]:g} is {low[place] * math.sqrt(n[place]):.3g}"
        )

    return (
        Caution(
            "se-as-sd",
            f"In {count_studies(odd)} the SD of one group may be a standard error "
            f"({list_studies(odd, told)}).",
            GOTZSCHE,
        ),
    )


def odd_spread_cautions(
    *,
    mean: ArrayLike,
    sd: ArrayLike,
    n: ArrayLike,
    labels: Sequence[str] | None = None,
    limits: PlausibilityLimits = PLAUSIBILITY_LIMITS,
) -> tuple[Caution, ...]:
    """Say which study's SD is unlike the others' as by a standard error or another unit.

    For studies that are said to measure in one unit. A study is odd when its SD differs
    from the median by more than `limits.apart`, most others do not, and one slip brings it
    back: times √n with the mean left as it is (a standard error), or mean and SD times the
    factor between two units.

    Parameters
    ----------
    mean, sd, n
        Mean, SD and people of each study (or arm), each of shape (k,).
    labels
        What each is called; numbered without them.
    limits
        From where on.

    Returns
    -------
    tuple of Caution
        Empty, or with the codes ``"se-as-sd"`` and ``"unit"``.
    """
    given = checked_views({"sd": 0, "n": 1}, mean=mean, sd=sd, n=n)
    centre, spread, people = given.values()
    split = _odd_ones(spread, limits)
    if split is None:
        return ()
    middle, odd, rest = split
    names = labels or [f"study {i + 1}" for i in range(spread.size)]
    low, high = float(centre[rest].min()) - middle, float(centre[rest].max()) + middle

    def among(values: Floats) -> NDArray[np.bool_]:
        return (values >= low) & (values <= high)

    smaller = odd & (spread < middle)
    as_se = smaller & is_near(spread * np.sqrt(people), middle, limits.near) & among(centre)
    found = _errors_as_sds(as_se, (spread, people), middle, names)
    factors = np.array([factor for factor, _ in limits.units])
    gap = np.where(smaller, middle / spread, spread / middle)
    nearest = np.abs(np.log(gap)[:, None] - np.log(factors)).argmin(axis=1)
    factor = factors[nearest]
    scale = np.where(smaller, factor, 1 / factor)
    in_unit = odd & is_near(gap, factor, limits.near) & among(centre * scale)
    if not in_unit.any():
        return found

    def told(place: int) -> str:
        name = limits.units[int(nearest[place])][1]
        times = f"{factor[place]:g}" if smaller[place] else f"1/{factor[place]:g}"
        return (
            f"{names[place]}: SD {spread[place]:.3g} where the median is {middle:.3g}; "
            f"times {times} it would fit: {name}"
        )

    return (
        *found,
        Caution(
            "unit",
            f"{count_studies(in_unit).capitalize()} may be in another unit than the others "
            f"({list_studies(in_unit, told)}).",
            f"{GOTZSCHE}; limits: choice of this package",
        ),
    )


def _apart(first: Floats, second: Floats, factor: float) -> NDArray[np.intp]:
    """Return where two columns differ by more than a factor, some thousand rows at a time."""
    found = [
        rows.start
        + np.flatnonzero(
            (second[rows] > factor * first[rows]) | (first[rows] > factor * second[rows])
        )
        for rows in blocks(first.size)
    ]
    return np.concatenate(found)


def _errors_as_sds(
    where: NDArray[np.bool_], sizes: tuple[Floats, Floats], middle: float, names: Sequence[str]
) -> tuple[Caution, ...]:
    if not where.any():
        return ()
    spread, people = sizes

    def told(place: int) -> str:
        return (
            f"{names[place]}: {spread[place]:.3g} where the median is {middle:.3g}; times "
            f"√{people[place]:g} it would be {spread[place] * math.sqrt(people[place]):.3g}"
        )

    return (
        Caution(
            "se-as-sd",
            f"The SD of {count_studies(where)} may be a standard error "
            f"({list_studies(where, told)}).",
            GOTZSCHE,
        ),
    )


def odd_standard_error_cautions(
    *,
    standard_error: ArrayLike,
    n: ArrayLike,
    labels: Sequence[str] | None = None,
    limits: PlausibilityLimits = PLAUSIBILITY_LIMITS,
) -> tuple[Caution, ...]:
    """Say which standard error may be a variance or an SD, judged by the other studies.

    A standard error times √n is about the same in studies of one kind. Where one is not,
    its root may be (it is a variance), or it itself (it is an SD).

    Parameters
    ----------
    standard_error
        Of the effects of studies on one scale, above 0, shape (k,).
    n
        People in each study, shape (k,).
    labels
        Names of the studies; numbered without them.
    limits
        From where on.

    Returns
    -------
    tuple of Caution
        Empty, or with the codes ``"variance-as-se"`` and ``"sd-as-se"``.
    """
    given = checked_views({"n": 1}, {"standard_error": 0}, standard_error=standard_error, n=n)
    error, people = given.values()
    per_person = error * np.sqrt(people)
    split = _odd_ones(per_person, limits)
    if split is None:
        return ()
    middle, odd, _ = split
    names = labels or [f"study {i + 1}" for i in range(error.size)]
    explanations = (
        ("variance-as-se", "a variance", "its root", np.sqrt(error)),
        ("sd-as-se", "an SD", "divided by √n it", error / np.sqrt(people)),
    )
    found = []
    for code, what, mended, value in explanations:
        fits = odd & is_near(value * np.sqrt(people), middle, limits.near)
        if not fits.any():
            continue

        def told(place: int, mended: str = mended, value: Floats = value) -> str:
            expected = middle / math.sqrt(people[place])
            return (
                f"{names[place]}: {error[place]:.3g} where the others let expect "
                f"{expected:.2g}; {mended} would be {value[place]:.2g}"
            )

        found.append(
            Caution(
                code,
                f"The standard error of {count_studies(fits)} may be {what} "
                f"({list_studies(fits, told)}).",
                f"{GOTZSCHE}; limits: choice of this package",
            )
        )
    return tuple(found)


def arm_cautions(
    arms: TwoArms, limits: PlausibilityLimits = PLAUSIBILITY_LIMITS
) -> tuple[Caution, ...]:
    """Say what looks wrong in the arms of studies that measure in one unit.

    Parameters
    ----------
    arms
        Checked arm summaries, at least two people an arm.
    limits
        From where on.

    Returns
    -------
    tuple of Caution
        Of `unlike_arms_cautions` and, over the studies, `odd_spread_cautions`.
    """
    m1, s1, n1, m2, s2, n2 = arms
    unlike = unlike_arms_cautions(arms, limits)
    if m1.size <= limits.fewest_others:
        return unlike
    odd = odd_spread_cautions(
        mean=(n1 * m1 + n2 * m2) / (n1 + n2),
        sd=np.sqrt(pooled_variance(s1, n1, s2, n2)),
        n=(n1 + n2) / 2,
        limits=limits,
    )
    return (*unlike, *odd)


def _odd_ones(
    values: Floats, limits: PlausibilityLimits
) -> tuple[float, NDArray[np.bool_], NDArray[np.bool_]] | None:
    """Return the median, who is far from it, and who is near; None where most are not."""
    positive = values > 0
    if int(positive.sum()) <= limits.fewest_others:
        return None
    rest = is_near(values, float(np.median(values[positive])), limits.apart)
    odd = positive & ~rest
    if not odd.any() or int(rest.sum()) < max(limits.fewest_others, 3 * int(odd.sum())):
        return None
    # The odd ones have a say in the median of all; that of the others is the better one.
    middle = float(np.median(values[rest]))
    width = limits.far_out * float(np.std(np.log(values[rest] / middle), ddof=1))
    odd &= ~is_near(values, middle, math.exp(width))
    return (middle, odd, rest) if odd.any() else None
