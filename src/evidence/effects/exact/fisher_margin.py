"""Fisher's exact test of every two-by-two table with the same margins at once.

References
----------
Fisher RA (1935). The logic of inductive inference. Journal of the Royal Statistical Society
98:39-82.
"""

from __future__ import annotations

import numpy as np
from scipy.special import gammaln

from evidence.effects.arguments import Floats

__all__ = ["fisher_p", "fisher_p_values"]

#: Tables whose probabilities differ by less than this share count as equally probable, so that
#: rounding cannot part the two halves of a symmetric distribution.
EQUALLY_PROBABLE = 1e-7


def fisher_p_values(total_treatment: int, total_control: int, events: int) -> Floats:
    """Return the two-sided p value of every table with these margins.

    The p value is the probability, with all margins held, of the tables that are at most as
    probable as the one seen.

    Parameters
    ----------
    total_treatment, total_control
        People in each group.
    events
        People with the event in both groups together.

    Returns
    -------
    array
        One for each possible number of events in the treatment group, from
        ``max(0, events - total_control)`` upwards.
    """
    low = max(0, events - total_control)
    a = np.arange(low, min(events, total_treatment) + 1, dtype=np.float64)
    c = events - a
    logs = -(
        gammaln(a + 1)
        + gammaln(total_treatment - a + 1)
        + gammaln(c + 1)
        + gammaln(total_control - c + 1)
    )
    probability = np.exp(logs - logs.max())
    ordered = np.sort(probability)
    sums = np.cumsum(ordered)
    last = np.searchsorted(ordered, probability * (1 + EQUALLY_PROBABLE), side="right") - 1
    return np.asarray(np.minimum(sums[last] / sums[-1], 1.0))


def fisher_p(
    events_treatment: int, total_treatment: int, events_control: int, total_control: int
) -> float:
    """Return the two-sided p value of Fisher's exact test of one table.

    Parameters
    ----------
    events_treatment, total_treatment, events_control, total_control
        Counts, whole numbers.
    """
    events = events_treatment + events_control
    low = max(0, events - total_control)
    return float(fisher_p_values(total_treatment, total_control, events)[events_treatment - low])
