"""Scores that have a printed mean and SD: one set of them, and how many sets there are.

From scores as equal as their sum allows, pairs are moved apart until the sum of squares is one
that fits the printed SD: the widest move first that does not go too far, so the result is
always the same. In a small problem every set is counted, by adding one kind of score after
the other to the table of all (number, sum, sum of squares); where the count is 0, no
data can lie behind the report.

References
----------
Heathers JAJ, Anaya J, van der Zee T, Brown NJL (2018). Recovering data from summary statistics:
Sample Parameter Reconstruction via Iterative TEchniques (SPRITE). PeerJ Preprints 6:e26968v1.
Alsalti T, and others (2024). CLOSURE: complete listing of original samples of underlying raw
evidence. OSF.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pandas as pd

from evidence.appraisal.check import CANNOT_BE_TESTED, CONTRADICTION, OK, Check
from evidence.appraisal.integrity.granularity import (
    Scores,
    fitting_squares,
    possible_sums,
    square_sums,
)
from evidence.appraisal.integrity.printed import Printed, as_count, as_reported, span
from evidence.display import Display, join_words
from evidence.errors import InvalidArgumentError

__all__ = ["Reconstruction", "reconstruct"]

_REFERENCE = (
    "Heathers et al. 2018, SPRITE, PeerJ Preprints 6:e26968v1; Alsalti et al. 2024, CLOSURE, OSF"
)
#: Cells of the table in which every set of scores is counted; more would take seconds.
_MOST_CELLS = 4_000_000
#: Pairs of sum and sum of squares for which a set of scores is looked for.
_MOST_TARGETS = 400


@dataclass(frozen=True, slots=True)
class Reconstruction(Display):
    """Scores that would give a printed mean and SD.

    Attributes
    ----------
    mean, sd
        As printed.
    n
        Number of scores.
    scores
        What they can be.
    data
        One set of scores, rising; empty where none was found.
    count
        How many sets there are; None where they were not counted.
    """

    mean: str
    sd: str
    n: int
    scores: Scores
    data: tuple[float, ...]
    count: int | None

    @property
    def status(self) -> str:
        """What it comes to as a check."""
        if self.data:
            return OK
        return CONTRADICTION if self.count == 0 else CANNOT_BE_TESTED

    def summary(self) -> str:
        """Return the scores in words, or that there are none."""
        what = f"{self.n} {self.scores.words} with a mean of {self.mean} and an SD of {self.sd}"
        if self.count == 0:
            return f"There are no {what}. These cannot all be right as printed."
        if not self.data:
            return (
                f"No {what} were found. That was a limited search and no proof: there are too "
                "many sets of scores to try them all."
            )
        told = join_words(
            f"{times} at {value:g}" for value, times in sorted(Counter(self.data).items())
        )
        found = f"One set of {what}: {told}."
        if self.count is None:
            return f"{found} How many sets there are was not counted."
        if self.count == 1:
            return f"{found} It is the only one."
        return f"{found} In all there are {self.count:,} such sets."

    def check(self) -> Check:
        """Return it in the shape of every check."""
        return Check(
            name="scores behind mean and SD",
            status=self.status,
            sentence=self.summary(),
            table=self.to_frame(),
            reference=_REFERENCE,
        )

    def to_frame(self) -> pd.DataFrame:
        """Return how many people have each score in the set that was found."""
        rows = sorted(Counter(self.data).items())
        return pd.DataFrame(rows, columns=["score", "people"])

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        return {
            "mean": self.mean,
            "sd": self.sd,
            "n": self.n,
            "status": self.status,
            "data": list(self.data),
            "count": self.count,
        }


def reconstruct(mean: Printed, sd: Printed, n: int, scores: Scores) -> Reconstruction:
    """Look for scores on a bounded scale that have the mean and the SD that are printed.

    Parameters
    ----------
    mean, sd
        As printed, as text.
    n
        Number of people, each with one score.
    scores
        What a score can be, with its minimum and maximum.

    Returns
    -------
    Reconstruction

    Raises
    ------
    InvalidArgumentError
        Where the scale has no ends, or a number has no digits.

    References
    ----------
    See `evidence.appraisal.integrity.reconstruction`.
    """
    people = as_count("n", n, 2)
    middle, spread = as_reported("mean", mean), as_reported("sd", sd)
    if scores.least is None or scores.most is None:
        raise InvalidArgumentError(
            "scores has no ends; give its minimum and its maximum, such as "
            "Scores(minimum=0, maximum=28)."
        )
    low, high = (max(end, Fraction(0)) ** 2 for end in span(spread))
    targets: list[tuple[int, int]] = []
    complete = True
    for total in possible_sums(*span(middle), people, scores):
        for squares in fitting_squares(total, people, (low, high), scores):
            if len(targets) == _MOST_TARGETS:
                complete = False
                break
            targets.append((total, squares))
    count = _count(targets, people, scores.most) if complete else None
    found: tuple[int, ...] = ()
    # From the middle of what rounding allows outwards: those are the likelier ones.
    if count != 0:
        order = sorted(range(len(targets)), key=lambda i: abs(i - len(targets) // 2))
        for place in order:
            found = _spread_out(*targets[place], people, scores.most)
            if found:
                break
    data = tuple(float(scores.start + k * scores.unit) for k in found)
    return Reconstruction(middle.text, spread.text, people, scores, data, count)


def _spread_out(total: int, squares: int, n: int, most: int) -> tuple[int, ...]:
    """Move pairs of scores apart until their squares add up; empty where that fails."""
    each, more = divmod(total, n)
    tally = Counter({each: n - more, each + 1: more})
    missing = (squares - square_sums(total, n, Scores(minimum=0, maximum=most))[0]) // 2
    while missing:
        move = _widest_move(+tally, missing, most)
        if move is None:
            return ()
        lower, upper = move
        for old, new in ((lower, lower - 1), (upper, upper + 1)):
            tally[old] -= 1
            tally[new] += 1
        missing -= upper - lower + 1
    return tuple(sorted((+tally).elements()))


def _widest_move(tally: Counter[int], missing: int, most: int) -> tuple[int, int] | None:
    """Return the pair that is to move one step apart: each adds its distance and one."""
    best: tuple[int, int] | None = None
    values = sorted(tally)
    for lower in values:
        for upper in values:
            gain = upper - lower + 1
            if lower < 1 or upper >= most or upper < lower or gain > missing:
                continue
            if lower == upper and tally[lower] < 2:
                continue
            if best is None or gain > best[1] - best[0] + 1:
                best = lower, upper
    return best


def _count(targets: list[tuple[int, int]], n: int, most: int) -> int | None:
    """Count the sets of n scores with these sums and sums of squares; None if too many."""
    if not targets:
        return 0
    largest, widest = (max(column) for column in zip(*targets, strict=True))
    cells = (n + 1) * (largest + 1) * (widest + 1)
    if cells > _MOST_CELLS or math.comb(n + most, most) >= 2**62:
        return None
    ways = np.zeros((n + 1, largest + 1, widest + 1), dtype=np.int64)
    ways[0, 0, 0] = 1
    for score in range(most + 1):
        if score > largest or score * score > widest:
            break
        for used in range(1, n + 1):
            ways[used, score:, score * score :] += ways[
                used - 1, : largest + 1 - score, : widest + 1 - score * score
            ]
    return int(sum(ways[n, total, squares] for total, squares in targets))
