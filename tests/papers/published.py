"""The published analyses of `data/reproductions`, and what a test asks of each."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from evidence.living.reproductions import Comparison, Reproduction, reproduce

FOLDER = Path(__file__).parents[2] / "data" / "reproductions"


@cache
def reproduction(name: str) -> Reproduction:
    """Return one paper computed again."""
    return reproduce(FOLDER / name)


def differing(result: Reproduction) -> set[tuple[str, str, str]]:
    """Return what differs: analysis, quantity, printed digits."""
    return {
        (each.printed.analysis_id, each.printed.quantity, each.printed.number.text)
        for each in result.differing
    }


def ours(result: Reproduction, analysis_id: str, quantity: str, scale: str = "analysed") -> float:
    """Return our number for a printed one."""
    return comparison(result, analysis_id, quantity, scale).ours


def comparison(
    result: Reproduction, analysis_id: str, quantity: str, scale: str = "analysed"
) -> Comparison:
    """Return the first comparison of a quantity."""
    for each in result.comparisons:
        at = (each.printed.analysis_id, each.printed.quantity, each.printed.scale)
        if at == (analysis_id, quantity, scale):
            return each
    raise KeyError((analysis_id, quantity, scale))
