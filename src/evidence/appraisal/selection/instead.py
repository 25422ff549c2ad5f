"""Where a check that can say nothing sends its reader: to what can speak of these studies."""

from __future__ import annotations

from evidence.appraisal.selection.worst_case import worst_case_selection
from evidence.synthesis.result import PooledResult

__all__ = ["instead"]


def instead(data: PooledResult, favours: str | None = None) -> str:
    """Say where to look, in one sentence.

    Parameters
    ----------
    data
        The studies.
    favours
        As `worst_case_selection` takes it.

    Returns
    -------
    str
        Worst-case selection where it can speak; otherwise what is known outside the numbers,
        and the studies themselves.
    """
    if worst_case_selection(data, favours=favours).tested:
        return "Look at worst-case selection, and at registered trials without results, instead."
    outside = "Look at what is known outside the numbers (registered trials without results"
    outside += ", outcomes that were planned and not reported)"
    if data.k == 1:
        return f"{outside}, and at how far this study can be trusted, instead."
    if data.k == 2:
        return f"{outside}, and at the two studies one by one, instead."
    return f"{outside}, and at the studies one by one and the mean without each, instead."
