"""Testing a pooled mean by turning the signs of the effects.

If the true mean is 0 and effects scatter evenly to both sides of it, each study could as well
have had its effect with the other sign. The test fits all these arrangements and counts those
whose statistic is as extreme as the one observed. It rests on no normal distribution of the
effects and on no known tau².

References
----------
Follmann DA, Proschan MA (1999). Valid inference in random effects meta-analysis. Biometrics
55:732-737 (the test).
Higgins JPT, Thompson SG (2004). Controlling the risk of spurious findings from
meta-regression. Statistics in Medicine 23:1663-1682.
Phipson B, Smyth GK (2010). Permutation p-values should never be zero. Statistical
Applications in Genetics and Molecular Biology 9:39 (random arrangements).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from evidence.display import Display, format_interval, format_number, format_p, plural
from evidence.errors import Caution
from evidence.synthesis.checked import check_result
from evidence.synthesis.result import PooledResult, PoolingMethod
from evidence.synthesis.sensitivity.parts import (
    check_count,
    random_generator,
    run_in_parts,
)

if TYPE_CHECKING:
    import pandas as pd

    from evidence.effects.arguments import Floats

__all__ = ["MeanPermutation", "permute_mean"]

#: Up to so many studies all arrangements are fitted unless fewer are asked for.
_ALL_UP_TO = 20
_RANDOM = 100_000
_FEWEST = 99
#: Rows that share one start of random numbers.
_ROWS_AT_ONCE = 10_000
#: Statistics this close count as equal: what the same arrangement in another order gives.
_TIED = 1e-8
#: Doublings until an end of the interval is passed, points at which it is looked for from outside,
#: and halvings after that.
_DOUBLINGS, _LOOKS, _HALVINGS = 60, 8, 30
_INTERVALS = {"Wald": 0, "t": 0, "HKSJ": 1, "HKSJ-adhoc": 2}


@dataclass(frozen=True, slots=True)
class MeanPermutation(Display):
    """A permutation test of a pooled mean.

    Attributes
    ----------
    method
        Model, estimator of tau², interval and level, in each arrangement as in the result.
    k
        How many studies.
    estimate
        The mean that is tested.
    statistic
        It, over its standard error.
    p_value
        Two-sided.
    ci_low, ci_high
        The means that the test does not reject, at the result's level; without end where it can
        reject none, NaN where they were not asked for.
    p_value_by_method
        That of the result's own method, for comparison.
    monte_carlo_error
        Standard error of the p value from the number of arrangements; 0 where all were used.
    smallest_p_value
        The smallest that studies as many as these can give, whatever their effects.
    arrangements
        How many were used.
    exact
        Whether these are all there are.
    seed
        Of the random ones; None for an exact test.
    cautions
        What a reader should know.
    """

    method: PoolingMethod
    k: int
    estimate: float
    statistic: float
    p_value: float
    ci_low: float
    ci_high: float
    p_value_by_method: float
    monte_carlo_error: float
    smallest_p_value: float
    arrangements: int
    exact: bool
    seed: int | None
    cautions: tuple[Caution, ...] = ()

    def summary(self) -> str:
        """Return the p value in words, and what it can be at best."""
        which = "all" if self.exact else "random"
        give = (
            "" if self.exact else f" (give or take {format_number(2 * self.monte_carlo_error, 3)})"
        )
        lines = [
            (
                f"Permutation test of the mean of {plural(self.k, 'study', 'studies')}, {which} "
                f"{self.arrangements:,} arrangements of signs, {self.method.in_words()}"
            ),
            (
                f"estimate {format_number(self.estimate)}, {format_p(self.p_value)}{give}; "
                f"by the method itself {format_p(self.p_value_by_method)}"
            ),
        ]
        if not math.isnan(self.ci_low):
            lines.append(
                f"{100 * self.method.level:g}% permutation interval "
                f"{format_interval(self.ci_low, self.ci_high)}"
            )
        return "\n".join([*lines, *(f"Note: {c.message}" for c in self.cautions)])

    def to_frame(self) -> pd.DataFrame:
        """Return one row, unrounded."""
        import pandas as pd

        return pd.DataFrame(
            [{name: value for name, value in self.to_dict().items() if name != "cautions"}]
        )

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        names = (
            "k",
            "estimate",
            "statistic",
            "p_value",
            "ci_low",
            "ci_high",
            "p_value_by_method",
            "monte_carlo_error",
            "smallest_p_value",
            "arrangements",
            "exact",
            "seed",
        )
        return {
            "model": self.method.model,
            "tau2_method": self.method.tau2_method,
            "ci_method": self.method.ci_method,
            **{name: getattr(self, name) for name in names},
            "cautions": [caution.message for caution in self.cautions],
        }


def permute_mean(
    result: PooledResult, *, draws: int | None = None, seed: int = 0, interval: bool = False
) -> MeanPermutation:
    """Test a pooled mean by turning the signs of the effects, with tau² fitted anew each time.

    Parameters
    ----------
    result
        What `pool` returned, of at least two studies; its model, its estimator of tau² and
        its standard error give the statistic of each arrangement.
    draws
        How many arrangements at most. Where there are no more, all are used; otherwise they
        are drawn at random, and the studies as they are count as one more. Left out: all 2^k up
        to 20 studies, and 100,000 random ones above.
    seed
        Of the random ones.
    interval
        Whether to find the interval of means that the test does not reject, too, which takes
        the time of about eighty tests.

    Returns
    -------
    MeanPermutation

    Raises
    ------
    InvalidArgumentError
        For something that is no pooled result, one whose interval has no standard error, and
        counts that are no whole numbers or below 99.
    InsufficientEvidenceError
        For one study.

    Notes
    -----
    The p value is the share of arrangements whose statistic, whatever its sign, is as large as
    the one observed. It holds where effects scatter evenly around 0 if the mean is 0. The
    interval tests other means by the effects less that mean. Where the p value rises and falls
    again away from the estimate, the interval reaches to the outermost mean that was found
    not to be rejected.

    References
    ----------
    Follmann and Proschan (1999).
    """
    check_result(result, "permute_mean")
    random_generator(seed)
    k = result.k
    if draws is None:
        exact = k <= _ALL_UP_TO
        count = 2**k if exact else _RANDOM
    else:
        count = check_count("draws", draws, _FEWEST, "100_000")
        exact = 2**k <= count
        count = min(count, 2**k)
    arrangements = _Arrangements(result, count, None if exact else int(seed))
    p_value = arrangements.p_value(0.0)
    smallest = max(_smallest(k), 0.0 if exact else 1 / (count + 1))
    ends = math.nan, math.nan
    if interval:
        ends = arrangements.end(-1, smallest), arrangements.end(1, smallest)
    return MeanPermutation(
        method=result.method,
        k=k,
        estimate=result.estimate,
        statistic=math.copysign(arrangements.size(result.effects), result.estimate),
        p_value=p_value,
        ci_low=ends[0],
        ci_high=ends[1],
        p_value_by_method=result.p_value,
        monte_carlo_error=0.0 if exact else math.sqrt(p_value * (1 - p_value) / count),
        smallest_p_value=smallest,
        arrangements=count,
        exact=exact,
        seed=None if exact else int(seed),
        cautions=_cautions(result, smallest, exact=exact),
    )


def _smallest(k: int) -> float:
    """Return the share of two arrangements, as observed and with all signs turned."""
    return 2.0 ** (1 - k)


class _Arrangements:
    """All arrangements of signs, or with a seed random ones, to test any mean with."""

    def __init__(self, result: PooledResult, count: int, seed: int | None) -> None:
        self._result = result
        self._count = count
        self._seed = seed
        self._variances = np.ascontiguousarray(result.variances)[np.newaxis]
        self._settings = (*result.method.kernel_choice, _INTERVALS[result.method.ci_method])

    def size(self, effects: Floats) -> float:
        """Return the size of the statistic of effects as they are."""
        from evidence.synthesis.sensitivity.permute_kernel import mean_statistics

        found = np.empty(1)
        rows = np.ascontiguousarray(effects)[np.newaxis]
        mean_statistics(rows, self._variances, *self._settings, found)
        return float(found[0])

    def p_value(self, mean: float) -> float:
        """Return the p value of a mean."""
        effects = np.ascontiguousarray(self._result.effects - mean)
        bound = self.size(effects) * (1 - _TIED)
        if self._seed is None:
            # Turning all signs gives the same size: half of the arrangements tell of the others.
            half = self._count // 2
            return self._extremes(effects, bound, half) / half
        return (self._extremes(effects, bound, self._count) + 1) / (self._count + 1)

    def _extremes(self, effects: Floats, bound: float, rows: int) -> int:
        from evidence.synthesis.sensitivity.permute_kernel import count_extremes

        data = effects, self._variances
        extreme: list[int] = []

        def numbered(part: slice) -> None:
            signs = np.empty((part.stop - part.start, 0), dtype=np.bool_)
            extreme.append(count_extremes(*data, part.start, signs, self._settings, bound))

        def at_random(blocks: slice) -> None:
            for block in range(blocks.start, blocks.stop):
                shape = min(_ROWS_AT_ONCE, rows - block * _ROWS_AT_ONCE), effects.size
                # The same signs in a block, whichever thread it falls to.
                generator = random_generator(self._seed, block)
                signs = generator.integers(0, 2, shape, dtype=np.bool_)
                extreme.append(count_extremes(*data, 0, signs, self._settings, bound))

        if self._seed is None:
            run_in_parts(numbered, rows, doing="Turning signs")
        else:
            blocks = -(-rows // _ROWS_AT_ONCE)
            run_in_parts(at_random, blocks, doing="Turning signs", cost=_ROWS_AT_ONCE)
        return sum(extreme)

    def end(self, side: int, smallest: float) -> float:
        """Return the outermost mean on one side of the estimate that is not rejected."""
        alpha = (1 - self._result.method.level) * (1 + _TIED)
        if smallest > alpha:
            return side * math.inf
        estimate = self._result.estimate
        # Wald's standard error at least: another may be 0.
        weights = 1 / (self._result.variances + self._result.tau2)
        reach = side * 2 / math.sqrt(float(weights.sum()))
        for _ in range(_DOUBLINGS):
            if self.p_value(estimate + reach) <= alpha:
                break
            reach *= 2
        else:
            # Few random arrangements may happen to be the extreme one too often.
            return side * math.inf
        inner, outer = 0.0, reach
        for step in range(_LOOKS - 1, 0, -1):
            look = reach * step / _LOOKS
            if self.p_value(estimate + look) > alpha:
                inner = look
                break
            outer = look
        for _ in range(_HALVINGS):
            middle = 0.5 * (inner + outer)
            if self.p_value(estimate + middle) > alpha:
                inner = middle
            else:
                outer = middle
        return estimate + inner


def _cautions(result: PooledResult, smallest: float, *, exact: bool) -> tuple[Caution, ...]:
    found: list[Caution] = []
    alpha = 1 - result.method.level
    beyond = _smallest(result.k) > alpha * (1 + _TIED)
    if beyond:
        needed = result.k
        while _smallest(needed) > alpha * (1 + _TIED):
            needed += 1
        found.append(
            Caution(
                "permutation-few",
                f"With {plural(result.k, 'study', 'studies')} no p value can be below "
                f"{smallest:.3g}, so the test cannot reach {100 * alpha:.3g}% whatever the data; "
                f"it needs {plural(needed, 'study', 'studies')}. Look at the interval of the mean "
                "instead.",
                "Follmann and Proschan 1999",
            )
        )
    elif not exact and smallest > alpha:
        found.append(
            Caution(
                "permutation-draws",
                f"With so few draws no p value can be below {smallest:.3g}; ask for more.",
                "Phipson and Smyth 2010",
            )
        )
    zeros = int((result.effects == 0).sum())
    if zeros:
        found.append(
            Caution(
                "effects-of-zero",
                f"{plural(zeros, 'effect')} of 0 {'has' if zeros == 1 else 'have'} no sign to "
                "turn, which leaves fewer different arrangements.",
            )
        )
    if any(caution.code == "dependent-rows" for caution in result.cautions):
        found.append(
            Caution(
                "rows-permuted",
                "Some studies have several rows, whose signs are turned one at a time as if they "
                "were independent: the p value is too small. Pool one row a study.",
            )
        )
    return tuple(found)
