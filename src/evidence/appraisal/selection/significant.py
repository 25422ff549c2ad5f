"""Which of the given results are significant: what the p-curve and the z-curve look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from evidence.appraisal.selection.studies import read_studies
from evidence.display import join_words, plural
from evidence.effects.arguments import Floats, as_floats
from evidence.effects.conversions.spread import upper_quantiles
from evidence.errors import Caution, InvalidArgumentError
from evidence.synthesis.inputs import refuse

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["Significant", "read_significant"]

#: Two-sided level at which a result counts.
ALPHA = 0.05
#: z of the smallest p value that a number can hold.
FARTHEST = 38.5


@dataclass(frozen=True, slots=True, eq=False)
class Significant:
    """Results, and which of them are significant.

    Attributes
    ----------
    z
        Absolute z values of all of them, shape (k,).
    significant
        Which are significant at 0.05, two-sided, shape (k,).
    names
        Of the studies.
    cautions
        Of reading them.
    """

    z: Floats
    significant: NDArray[np.bool_]
    names: tuple[str, ...]
    cautions: tuple[Caution, ...] = ()


def read_significant(
    effects: Any,
    spreads: tuple[Any, Any],
    p_values: ArrayLike | None,
    labels: Sequence[str] | None,
) -> Significant:
    """Return absolute z values of effects over their errors, or of two-sided p values.

    Parameters
    ----------
    effects, labels
        As `pool` takes them, or a result of `pool`; None where p values are given.
    spreads
        Variances and standard errors.
    p_values
        Two-sided, shape (k,), instead of effects; what is missing is left out and named.

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    """
    if p_values is None:
        if effects is None:
            raise InvalidArgumentError(
                "Give effects with their variances or standard errors, or p_values."
            )
        data = read_studies(effects, *spreads, labels)
        z = np.abs(data.effects) / np.sqrt(data.variances)
        return _marked(z, data.labels, data.cautions)
    if effects is not None or any(each is not None for each in spreads):
        raise InvalidArgumentError(
            "p_values are given beside effects or their errors; leave one of the two out."
        )
    values = as_floats("p_values", p_values)
    names = _names(labels, values.size)
    if values.size == 0:
        raise InvalidArgumentError("p_values is empty; give the p value of at least one study.")
    refuse(
        names,
        (values <= 0) | (values > 1),
        values,
        "p_values",
        "above 0 and at most 1 (a p printed as 0.000 is a bound, and has no place in the curve)",
    )
    missing = np.isnan(values)
    if missing.all():
        raise InvalidArgumentError("p_values holds no p value: all are missing.")
    cautions: tuple[Caution, ...] = ()
    if missing.any():
        gone = [name for name, lacks in zip(names, missing, strict=True) if lacks]
        cautions = (
            Caution(
                "missing",
                f"{plural(len(gone), 'result')} left out for want of a p value: "
                f"{join_words(gone)}.",
            ),
        )
    kept = tuple(name for name, lacks in zip(names, missing, strict=True) if not lacks)
    return _marked(upper_quantiles(values[~missing] / 2, None), kept, cautions)


def _names(labels: Sequence[str] | None, k: int) -> tuple[str, ...]:
    if labels is None:
        return tuple(f"study {place + 1}" for place in range(k))
    names = tuple(map(str, labels))
    if len(names) != k:
        raise InvalidArgumentError(f"There are {k} p values and {len(names)} labels.")
    return names


def _marked(z: Floats, names: tuple[str, ...], cautions: tuple[Caution, ...]) -> Significant:
    critical = float(upper_quantiles(ALPHA / 2, None))
    # Half of the smallest p value there is would be 0.
    finite = np.where(np.isfinite(z), z, FARTHEST)
    return Significant(finite, np.asarray(finite > critical), names, cautions)
