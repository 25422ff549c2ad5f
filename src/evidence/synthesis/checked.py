"""Whether a pooled result can bear that its studies are left out, drawn again or compared."""

from __future__ import annotations

from evidence.errors import InsufficientEvidenceError, InvalidArgumentError
from evidence.synthesis.result import OWN_TAU2, PooledResult

__all__ = ["check_result"]


def check_result(result: PooledResult, purpose: str) -> PooledResult:
    """Return a pooled result once it is known to bear the question.

    Parameters
    ----------
    result
        What a caller gave.
    purpose
        What it is wanted for, as the subject of a sentence.

    Raises
    ------
    InvalidArgumentError
        If it is no pooled result, or its interval comes with weights of its own.
    InsufficientEvidenceError
        If there is one study.
    """
    if not isinstance(result, PooledResult):
        raise InvalidArgumentError(
            f"result is {type(result).__name__}; {purpose} takes what pool(...) returned."
        )
    if not result.pooled:
        raise InsufficientEvidenceError(
            f"There is one study ({result.labels[0]}), so there is nothing to compare it with: "
            f"{purpose} needs two at least. Look at how far that study can be trusted instead."
        )
    if result.method.ci_method in OWN_TAU2:
        own = OWN_TAU2[result.method.ci_method]
        raise InvalidArgumentError(
            f"The result's ci_method is {result.method.ci_method!r}, which does not rest on one "
            f"standard error with inverse-variance weights; {purpose} does. Pool again with "
            f"tau2_method={own!r} and ci_method='HKSJ-adhoc', 'HKSJ', 't' or 'Wald'."
        )
    return result
