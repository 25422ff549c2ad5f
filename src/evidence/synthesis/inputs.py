"""What `pool` accepts: arrays, effect sizes, tables, readings, brought into one form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from evidence.effects.arguments import Floats
from evidence.effects.readings import Reading
from evidence.effects.sizes import EffectSizes
from evidence.errors import InvalidArgumentError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["read_inputs", "refuse"]


def read_inputs(
    effects: Any,
    variances: ArrayLike | None,
    standard_errors: ArrayLike | None,
    labels: Sequence[str] | None,
) -> tuple[Floats, Floats, tuple[str, ...]]:
    """Return effects, variances and names, whatever form they were given in.

    Parameters
    ----------
    effects, variances, standard_errors, labels
        As `pool` takes them.

    Returns
    -------
    effects, variances, names
        As many of each; not yet checked for their values.
    """
    if isinstance(effects, EffectSizes):
        effects, variances = effects.estimate, effects.variance
    elif isinstance(effects, pd.DataFrame):
        return _of_table(effects, labels)
    elif isinstance(effects, Sequence) and effects and isinstance(effects[0], Reading):
        standard_errors = [reading.standard_error for reading in effects]
        if labels is None:
            labels = [reading.study_id for reading in effects]
        effects = [reading.estimate for reading in effects]
    if (variances is None) == (standard_errors is None):
        raise InvalidArgumentError("Give either variances or standard_errors, and not both.")
    name = "variances" if standard_errors is None else "standard_errors"
    estimates = _floats("effects", effects)
    spread = _floats(name, variances if standard_errors is None else standard_errors)
    if estimates.size != spread.size:
        raise InvalidArgumentError(
            f"There are {estimates.size} effects and {spread.size} {name}; they must be as many."
        )
    if estimates.size == 0:
        raise InvalidArgumentError("There is no study to pool.")
    names = tuple(labels) if labels is not None else ()
    names = names or tuple(f"study {i + 1}" for i in range(estimates.size))
    if len(names) != estimates.size:
        raise InvalidArgumentError(f"There are {estimates.size} effects and {len(names)} labels.")
    if standard_errors is not None:
        refuse(names, spread <= 0, spread, "standard_errors", "above 0")
        spread = spread**2
    return estimates, spread, names


def _of_table(
    table: pd.DataFrame, labels: Sequence[str] | None
) -> tuple[Floats, Floats, tuple[str, ...]]:
    if "estimate" not in table or not ({"variance", "standard_error"} & set(table)):
        raise InvalidArgumentError(
            "A table of effects needs the columns 'estimate' and 'variance' (or "
            f"'standard_error'); this one has: {', '.join(map(str, table.columns))}."
        )
    if labels is None and "label" in table:
        labels = [str(label) for label in table["label"]]
    effects = table["estimate"].to_numpy()
    if "variance" in table:
        return read_inputs(effects, table["variance"].to_numpy(), None, labels)
    return read_inputs(effects, None, table["standard_error"].to_numpy(), labels)


def _floats(name: str, values: Any) -> Floats:
    try:
        array = np.atleast_1d(np.asarray(values, dtype=np.float64))
    except (TypeError, ValueError):
        raise InvalidArgumentError(
            f"{name} holds something that is not a number: {values!r}."
        ) from None
    if array.ndim != 1:
        raise InvalidArgumentError(f"{name} has {array.ndim} dimensions; give one value a study.")
    return array


def refuse(names: Sequence[str], bad: Any, values: Floats, argument: str, accepted: str) -> None:
    """Raise an error that names the studies where `bad` holds, if any."""
    if bad.any():
        shown = ", ".join(f"{names[i]}: {values[i]:g}" for i in np.flatnonzero(bad)[:5])
        raise InvalidArgumentError(f"{argument} must be {accepted}; found {shown}.")
