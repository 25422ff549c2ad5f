"""Pooling every subset of the studies, to see whether the answer hangs on one of them.

Each subset of the studies is pooled by the result's own method, down to single studies. Where
the studies are alike, the estimates make one cloud; a study that differs from the others pulls
the subsets that hold it away from those that do not.

References
----------
Olkin I, Dahabreh IJ, Trikalinos TA (2012). GOSH - a graphical display of study heterogeneity.
Research Synthesis Methods 3:214-223 (all 2^k - 1 subsets, the plot of estimate against I²).
Mann HB, Whitney DR (1947). On a test of whether one of two random variables is stochastically
larger than the other. Annals of Mathematical Statistics 18:50-60 (the comparison of two clouds).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from evidence.display import Display, format_interval, format_number, plural
from evidence.effects.arguments import Floats, is_number
from evidence.errors import Caution, InvalidArgumentError, did_you_mean
from evidence.synthesis.checked import check_result
from evidence.synthesis.result import PooledResult, PoolingMethod
from evidence.synthesis.sensitivity.parts import (
    Progress,
    check_count,
    random_generator,
    run_in_parts,
)

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["SubsetResult", "all_subsets"]

#: Up to so many studies all subsets are fitted unless fewer are asked for.
_ALL_UP_TO = 25
_RANDOM = 1_000_000
_WORD = 32
#: Beyond this the number of a subset does not fit a signed integer of 64 bits.
_NUMBERED = 62
#: Estimates closer than this share of their range are ties.
_TIED = 1e-9
#: An estimate below this share of the largest is 0 but for rounding.
_ZERO = 1e-12
#: What a sentence calls the middle of the cloud.
_MIDDLE = 0.95


@dataclass(frozen=True, eq=False)
class SubsetResult(Display):
    """The pooled results of many subsets of the studies, and what each study does to them.

    Attributes
    ----------
    method
        Model, estimator of tau², interval and level of the result with all studies.
    labels
        The k studies.
    full_estimate, full_tau2, full_i2
        The result with all studies; I² in percent.
    masks
        Shape (n, ceil(k / 32)): bit i % 32 of word i // 32 says whether study i is in the
        subset. `including` reads them.
    estimate, tau2, i2, q
        Mean, variance between studies, I² in percent and Cochran's Q of each subset, shape
        (n,). One study says nothing of the last three: they are NaN.
    exact
        Whether these are all subsets.
    seed
        Of the random ones; None where these are all.
    cautions
        What a reader should know.
    """

    method: PoolingMethod
    labels: tuple[str, ...]
    full_estimate: float
    full_tau2: float
    full_i2: float
    masks: NDArray[np.uint32]
    estimate: Floats
    tau2: Floats
    i2: Floats
    q: Floats
    exact: bool
    seed: int | None
    cautions: tuple[Caution, ...] = ()

    def __len__(self) -> int:
        return int(self.estimate.size)

    @cached_property
    def size(self) -> NDArray[np.int64]:
        """How many studies each subset has, shape (n,)."""
        total: NDArray[np.int64] = np.bitwise_count(self.masks).sum(axis=1, dtype=np.int64)
        return total

    def including(self, study: str | int) -> NDArray[np.bool_]:
        """Return which subsets hold a study.

        Parameters
        ----------
        study
            Its label, or its place counted from 0.

        Returns
        -------
        array, shape (n,)

        Raises
        ------
        InvalidArgumentError
            For a study that is not there, or a label that several have.
        """
        place = self._place(study)
        word, bit = divmod(place, _WORD)
        inside: NDArray[np.bool_] = self.masks[:, word] & np.uint32(1 << bit) != 0
        return inside

    def _place(self, study: str | int) -> int:
        if isinstance(study, str):
            found = self.labels.count(study)
            if found > 1:
                raise InvalidArgumentError(
                    f"{plural(found, 'study', 'studies')} have the label {study!r}; give the "
                    "place, counted from 0."
                )
            if not found:
                raise InvalidArgumentError(
                    f"study {study!r} is not in the result. {did_you_mean(study, self.labels)}"
                )
            return self.labels.index(study)
        if isinstance(study, bool) or not is_number(study) or study not in range(len(self.labels)):
            raise InvalidArgumentError(
                f"study is {study!r}; give a label, or a place from 0 to {len(self.labels) - 1}."
            )
        return int(study)

    def quantiles(self, probabilities: ArrayLike = (0.025, 0.5, 0.975)) -> Floats:
        """Return quantiles of the estimates over the subsets.

        Parameters
        ----------
        probabilities
            From 0 to 1, shape (m,).

        Returns
        -------
        array, shape (m,)
        """
        wanted = np.atleast_1d(np.asarray(probabilities, dtype=np.float64))
        if not ((wanted >= 0) & (wanted <= 1)).all():
            raise InvalidArgumentError(
                f"probabilities are {probabilities!r}; they must lie from 0 to 1."
            )
        return np.quantile(self.estimate, wanted)

    @cached_property
    def share_same_sign(self) -> float:
        """Share of the subsets whose estimate has the sign of all studies; NaN if that is 0."""
        same = self._same_sign
        return math.nan if same is None else float(same.mean())

    @property
    def _same_sign(self) -> NDArray[np.bool_] | None:
        """Which estimates have the sign of all studies; None where that is 0."""
        nothing = _ZERO * max(float(self.estimate.max()), -float(self.estimate.min()))
        if abs(self.full_estimate) <= nothing:
            return None
        if self.full_estimate > 0:
            return self.estimate > nothing
        return self.estimate < -nothing

    @cached_property
    def _sign_kept(self) -> Floats:
        """Shares of subsets that keep the sign with and without each study, shape (k, 2)."""
        found = np.full((len(self.labels), 2), math.nan)
        same = self._same_sign
        if same is None:
            return found
        total = int(same.sum())
        for i in range(len(self.labels)):
            inside = self.including(i)
            members, kept = int(inside.sum()), int((same & inside).sum())
            if members:
                found[i, 0] = kept / members
            if members < len(self):
                found[i, 1] = (total - kept) / (len(self) - members)
        return found

    @cached_property
    def _estimates(self) -> Floats:
        return self._compared(self.estimate)

    @cached_property
    def _i2s(self) -> Floats:
        return self._compared(self.i2)

    def _compared(self, values: Floats) -> Floats:
        """Return medians with and without each study, and how often those with it are higher."""
        from evidence.synthesis.sensitivity.subsets_kernel import compare_members

        order = np.argsort(values)
        # NaN is sorted last.
        order = order[: int(np.isfinite(values).sum())]
        found = np.full((len(self.labels), 3), math.nan)
        if order.size:
            low, high = float(values[order[0]]), float(values[order[-1]])
            rounding = 16 * np.finfo(np.float64).eps * max(abs(low), abs(high))
            compare_members(self.masks, values, order, _TIED * (high - low) + rounding, found)
        return found

    @property
    def separation(self) -> Floats:
        """How far each study separates the estimates, shape (k,).

        From 0 (a subset with the study is as often above as below one without it) to 1 (all
        subsets with it lie on one side of all without it).
        """
        return np.abs(2 * self._estimates[:, 2] - 1)

    @property
    def separation_i2(self) -> Floats:
        """How far each study separates I² in the same sense, shape (k,); NaN for two studies."""
        return np.abs(2 * self._i2s[:, 2] - 1)

    def summary(self) -> str:
        """Return the spread of the estimates, and the studies that it hangs on most."""
        count = plural(len(self.labels), "study", "studies")
        which = "All" if self.exact else "Random"
        # An interval has no part in this; it is the last of the method's words.
        how = self.method.in_words().rpartition(", ")[0]
        low, middle, high = self.quantiles([(1 - _MIDDLE) / 2, 0.5, (1 + _MIDDLE) / 2])
        lines = [
            f"{which} {len(self):,} subsets of {count}, {how}",
            (
                f"estimates: median {format_number(middle)}, "
                f"{100 * _MIDDLE:g}% of subsets from {format_interval(low, high)}; with all "
                f"studies {format_number(self.full_estimate)}"
            ),
        ]
        if not math.isnan(self.share_same_sign):
            lines.append(
                f"{_share(self.share_same_sign, 'of subsets')} have the sign of the estimate "
                "with all studies."
            )
        lines += self._studies_in_words()
        return "\n".join([*lines, *(f"Note: {c.message}" for c in self.cautions)])

    def _studies_in_words(self) -> list[str]:
        lines = []
        if np.nanmax(self.separation, initial=0.0) > 0:
            i = int(np.nanargmax(self.separation))
            inside, outside, above = self._estimates[i]
            share = _share(max(above, 1 - above), "of pairs")
            if _show(inside, outside, 2):
                lines.append(
                    f"{self.labels[i]} separates the estimates most: in {share} a subset "
                    f"with it has the {'higher' if above > 0.5 else 'lower'} estimate than one "
                    f"without it (medians {format_number(inside)} and {format_number(outside)})."
                )
        if np.nanmax(self.separation_i2, initial=0.0) > 0:
            i = int(np.nanargmax(self.separation_i2))
            inside, outside, _ = self._i2s[i]
            if _show(inside, outside, 0):
                lines.append(
                    f"{self.labels[i]} separates I² most: median "
                    f"{format_number(inside, 0)}% with it, {format_number(outside, 0)}% without it."
                )
        without = self._sign_kept[:, 1]
        if self.share_same_sign < 1 and np.isfinite(without).any():
            i = int(np.nanargmin(without))
            # A difference that cannot be read says nothing of the study.
            if _show(100 * self._sign_kept[i, 0], 100 * without[i], 1):
                lines.append(
                    f"The sign hangs most on {self.labels[i]}: "
                    f"{_share(without[i], 'of subsets')} without it keep it."
                )
        return lines

    def to_frame(self) -> pd.DataFrame:
        """Return one row a study, unrounded: what the subsets with it and without it give.

        `estimate_with` and the like are medians over subsets; `above` is how often a subset with
        the study has a higher estimate than one without it, ties counted half.
        """
        return pd.DataFrame(
            {
                "label": self.labels,
                "estimate_with": self._estimates[:, 0],
                "estimate_without": self._estimates[:, 1],
                "above": self._estimates[:, 2],
                "separation": self.separation,
                "i2_with": self._i2s[:, 0],
                "i2_without": self._i2s[:, 1],
                "separation_i2": self.separation_i2,
                "same_sign_with": self._sign_kept[:, 0],
                "same_sign_without": self._sign_kept[:, 1],
            }
        )

    def to_dict(self) -> dict[str, object]:
        """Return everything but the subsets themselves as plain values."""
        low, middle, high = self.quantiles([(1 - _MIDDLE) / 2, 0.5, (1 + _MIDDLE) / 2])
        return {
            "model": self.method.model,
            "tau2_method": self.method.tau2_method,
            "k": len(self.labels),
            "subsets": len(self),
            "exact": self.exact,
            "seed": self.seed,
            "estimate": self.full_estimate,
            "estimate_median": float(middle),
            "estimate_low": float(low),
            "estimate_high": float(high),
            "share_same_sign": self.share_same_sign,
            "studies": self.to_frame().to_dict("records"),
            "cautions": [caution.message for caution in self.cautions],
        }


def all_subsets(
    result: PooledResult,
    *,
    subsets: int | None = None,
    seed: int = 0,
    progress: Progress = True,
) -> SubsetResult:
    """Pool every subset of the studies (GOSH), by the result's own model and estimator of tau².

    Parameters
    ----------
    result
        What `pool` returned, of at least two studies.
    subsets
        How many at most. Where there are no more, all are fitted; otherwise so many different
        ones are drawn, each of all 2^k - 1 with the same chance. Left out: all up to 25
        studies (36 bytes a subset, 1.2 GB for 25), and a million random ones above.
    seed
        Of the random ones.
    progress
        Whether to show a bar once it takes longer than two seconds; or a function that is
        told (done, all) as subsets are done.

    Returns
    -------
    SubsetResult

    Raises
    ------
    InvalidArgumentError
        For something that is no pooled result, one whose interval comes with an estimator of
        its own, and counts that are no whole numbers.
    InsufficientEvidenceError
        For one study.

    References
    ----------
    Olkin, Dahabreh and Trikalinos (2012).
    """
    check_result(result, "all_subsets")
    from evidence.synthesis.sensitivity.subsets_kernel import fit_subsets

    masks, exact = _masks(result.k, subsets, seed)
    code, given = result.method.kernel_choice
    y, v = (np.ascontiguousarray(each) for each in (result.effects, result.variances))
    common = result.method.model == "common"
    found = np.empty((4, masks.shape[0]))

    def run(part: slice) -> None:
        fit_subsets(y, v, masks[part], code, given, common, found[:, part])

    run_in_parts(run, masks.shape[0], doing="Pooling subsets", progress=progress)
    return SubsetResult(
        method=result.method,
        labels=result.labels,
        full_estimate=result.estimate,
        full_tau2=result.tau2,
        full_i2=result.i2,
        masks=masks,
        estimate=found[0],
        tau2=found[1],
        i2=found[2],
        q=found[3],
        exact=exact,
        seed=None if exact else int(seed),
        cautions=_cautions(result),
    )


def _masks(k: int, subsets: Any, seed: Any) -> tuple[NDArray[np.uint32], bool]:
    """Return the subsets as rows of words, and whether they are all there are."""
    generator = random_generator(seed)
    there_are = 2**k - 1
    if subsets is None:
        wanted = there_are if k <= _ALL_UP_TO else _RANDOM
    else:
        wanted = check_count("subsets", subsets, 1, "100_000")
    if wanted >= there_are:
        return np.arange(1, there_are + 1, dtype=np.uint32)[:, np.newaxis], True
    words = -(-k // _WORD)
    if k <= _NUMBERED:
        numbers = generator.choice(there_are, wanted, replace=False, shuffle=False) + 1
        parts = [numbers >> (_WORD * word) & (2**_WORD - 1) for word in range(words)]
        return np.stack(parts, axis=1).astype(np.uint32), False
    while True:
        drawn = generator.integers(0, 2**_WORD, (wanted, words), dtype=np.uint32)
        drawn[:, -1] &= np.uint32(2 ** (k - _WORD * (words - 1)) - 1)
        # Two alike are rare enough that drawing again costs nothing, and none is empty then.
        key = drawn[:, 0].astype(np.uint64) << np.uint64(_WORD) | drawn[:, 1]
        if key.all() and np.unique(key).size == wanted:
            return drawn, False


def _cautions(result: PooledResult) -> tuple[Caution, ...]:
    found = [
        Caution(
            "subsets-overlap",
            "Subsets share their studies, so shares of subsets are no probabilities and their "
            "spread is no interval: they show where to look.",
            "Olkin, Dahabreh and Trikalinos 2012",
        )
    ]
    if any(caution.code == "dependent-rows" for caution in result.cautions):
        found.append(
            Caution(
                "rows-in-subsets",
                "Some studies have several rows, which enter subsets one at a time: what is said "
                "of a row is not what its whole study does. Pool one row a study to see that.",
            )
        )
    return tuple(found)


def _show(one: float, other: float, decimals: int) -> bool:
    """Whether two numbers still differ once they are rounded."""
    return format_number(one, decimals) != format_number(other, decimals)


def _share(share: float, noun: str) -> str:
    """Return a share in percent that reads 0% or 100% only where it is."""
    if share in (0.0, 1.0):
        return f"{100 * share:g}% {noun}"
    if share > 0.999 or share < 0.001:
        return f"{'over 99.9%' if share > 0.5 else 'under 0.1%'} {noun}"
    return f"{format_number(100 * share, 1)}% {noun}"
