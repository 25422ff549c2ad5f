"""A caution for rows of one study that are pooled as if they were independent.

References
----------
Higgins JPT, Eldridge S, Li T (editors). Including variants on randomized trials. Cochrane
Handbook for Systematic Reviews of Interventions, section 23.3 (multi-arm trials), and
section 6.2.4 (repeated observations on participants).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import pandas as pd

from evidence.display import capital, join_words, plural
from evidence.errors import Caution

__all__ = ["dependence_caution"]

_NAMED = 5


def dependence_caution(cluster: Iterable[Any]) -> Caution | None:
    """Return a caution where several rows belong to one study; None where none do.

    Parameters
    ----------
    cluster
        The study of each row; None and missing values are studies of their own.

    Returns
    -------
    Caution or None
        Naming the studies, and what to do instead.
    """
    counts = Counter(str(each) for each in cluster if not pd.isna(each))
    several = [(name, count) for name, count in counts.items() if count > 1]
    if not several:
        return None
    shown = [f"{name} ({plural(count, 'row')})" for name, count in several[:_NAMED]]
    more = "" if len(several) <= _NAMED else f" and {len(several) - _NAMED} more"
    listed = f"{', '.join(shown)}{more}" if more else join_words(shown)
    return Caution(
        "dependent-rows",
        f"{capital(plural(len(several), 'study', 'studies'))} entered with several rows, pooled as "
        f"if they were independent: {listed}. People in several rows count several times, and the "
        "interval is too narrow. Pool with pool_dependent, or bring the rows of a study to one "
        "effect with aggregate_within, or choose one row a study.",
        "Cochrane Handbook, sections 6.2.4 and 23.3",
    )
