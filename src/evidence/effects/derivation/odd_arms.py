"""Arms whose standard deviation is unlike those of the other trials on the same scale."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from evidence.data import Review
from evidence.effects.derivation.readings import Comparison
from evidence.effects.measures.odd_spread import odd_spread_cautions
from evidence.errors import Caution

__all__ = ["odd_arms"]


def odd_arms(review: Review, comparisons: Iterable[Comparison]) -> tuple[Caution, ...]:
    """Say which arm's SD looks like a standard error, or like one in another unit.

    Parameters
    ----------
    review
        The review.
    comparisons
        Those of one analysis; arms are compared within an outcome and a kind of value (final,
        change), where they are said to be in one unit.

    Returns
    -------
    tuple of Caution
        Naming trial and arm; empty where nothing stands out, or too few arms report an SD.
    """
    used = {(each.study_id, each.outcome_id, each.timepoint) for each in comparisons}
    arms = review.arms
    keys = zip(arms["study_id"], arms["outcome_id"], arms["timepoint"], strict=True)
    mine = pd.Series([key in used for key in keys], arms.index, dtype="bool")
    arms = arms[mine].dropna(subset=["mean", "sd", "n"])
    arms = arms[(arms["sd"] > 0) & (arms["n"] >= 1)]
    found: list[Caution] = []
    for _, group in arms.groupby(["outcome_id", "kind"], dropna=False, sort=False):
        found += odd_spread_cautions(
            mean=group["mean"].to_numpy(float),
            sd=group["sd"].to_numpy(float),
            n=group["n"].to_numpy(float),
            labels=[
                f"{review.label(study_id)}, {arm}"
                for study_id, arm in zip(group["study_id"], group["arm"], strict=True)
            ],
        )
    return tuple(found)
