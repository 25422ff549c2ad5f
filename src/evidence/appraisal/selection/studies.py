"""How the checks for selection read their studies, and from how many on a test speaks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from evidence.effects.arguments import is_number
from evidence.errors import InvalidArgumentError
from evidence.synthesis.inputs import carried_cautions
from evidence.synthesis.pool import pool
from evidence.synthesis.result import PooledResult

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["FEWEST_STUDIES", "check_alpha", "read_studies"]

#: Below this many studies a test of a funnel or of excess significance has too little power to
#: tell chance from asymmetry: Cochrane Handbook, section 13.3.5.4.
FEWEST_STUDIES = 10


def read_studies(
    effects: Any,
    variances: ArrayLike | None,
    standard_errors: ArrayLike | None,
    labels: Sequence[str] | None,
) -> PooledResult:
    """Return the studies and their common-effect mean, checked as `pool` checks them.

    Parameters
    ----------
    effects
        As `pool` takes it, or a result of `pool`.
    variances, standard_errors, labels
        As `pool` takes them.

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    """
    found = pool(
        effects,
        variances,
        standard_errors=standard_errors,
        labels=labels,
        model="common",
        ci_method="Wald",
    )
    return replace(found, cautions=carried_cautions(found))


def check_alpha(alpha: float) -> float:
    """Return a significance level, refusing anything outside (0, 0.5)."""
    if not is_number(alpha) or not 0 < alpha < 0.5:
        raise InvalidArgumentError(f"alpha is {alpha!r}; it must lie between 0 and 0.5.")
    return float(alpha)
