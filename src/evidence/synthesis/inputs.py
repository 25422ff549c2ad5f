"""What `pool` accepts, brought into one form: arrays, effect sizes, tables, readings, results."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from evidence.effects.arguments import Floats, as_floats
from evidence.effects.derivation.readings import Reading
from evidence.effects.sizes import EffectSizes
from evidence.errors import Caution, InvalidArgumentError
from evidence.synthesis.dependence.caution import dependence_caution
from evidence.synthesis.result import PooledResult

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = [
    "carried_cautions",
    "complete_studies",
    "dependent_rows",
    "read_inputs",
    "refuse",
    "studies_of_rows",
]

#: Cautions of a pooled result that are about its pooling and not about its studies.
_OF_POOLING = frozenset({"one-study", "few-studies", "tau2-zero", "wald-few", "one-dominates"})


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
    given = variances is not None or standard_errors is not None
    carries = "effect sizes" if isinstance(effects, EffectSizes) else ""
    if isinstance(effects, EffectSizes):
        effects, variances = effects.estimate, effects.variance
    elif isinstance(effects, PooledResult):
        carries = "pooled studies"
        labels = effects.labels if labels is None else labels
        effects, variances = effects.effects, effects.variances
    elif isinstance(effects, pd.DataFrame):
        carries = "a table"
        effects, variances, standard_errors, labels = _of_table(effects, labels)
    elif isinstance(effects, Sequence) and any(isinstance(item, Reading) for item in effects):
        carries = "readings"
        labels = _labels_of_readings(effects, labels)
        standard_errors = [reading.standard_error for reading in effects]
        effects = [reading.estimate if reading.usable else math.nan for reading in effects]
    if carries and given:
        raise InvalidArgumentError(
            f"variances and standard_errors cannot be given beside {carries}, which carry them: "
            "leave those arguments out."
        )
    if (variances is None) == (standard_errors is None):
        raise InvalidArgumentError("Give either variances or standard_errors, and not both.")
    name = "variances" if standard_errors is None else "standard_errors"
    estimates = as_floats("effects", effects)
    spread = as_floats(name, variances if standard_errors is None else standard_errors)
    if estimates.size != spread.size:
        raise InvalidArgumentError(
            f"There are {estimates.size} effects and {spread.size} {name}; they must be as many."
        )
    if estimates.size == 0:
        raise InvalidArgumentError("There is no study to pool.")
    if labels is None:
        names = tuple([f"study {i + 1}" for i in range(estimates.size)])
    else:
        names = tuple(str(label) for label in labels)
    if len(names) != estimates.size:
        raise InvalidArgumentError(f"There are {estimates.size} effects and {len(names)} labels.")
    if standard_errors is not None:
        refuse(names, spread <= 0, spread, "standard_errors", "above 0")
        refuse(names, np.isinf(spread), spread, "standard_errors", "finite")
        spread = spread**2
    return estimates, spread, names


def carried_cautions(effects: Any) -> tuple[Caution, ...]:
    """Return what is to be known of the studies themselves, where they carry it.

    Parameters
    ----------
    effects
        As `pool` takes them.

    Returns
    -------
    tuple of Caution
        Those of effect sizes; those of a pooled result that are not about its pooling.
    """
    if isinstance(effects, EffectSizes):
        return tuple(effects.cautions)
    if isinstance(effects, PooledResult):
        return tuple(c for c in effects.cautions if c.code not in _OF_POOLING)
    return ()


#: Columns of a table that say which study a row belongs to, the first there is.
STUDY_COLUMNS = ("cluster", "study_id", "study")


def studies_of_rows(effects: Any, labels: Sequence[str] | None) -> Sequence[Any] | None:
    """Return the study that each row belongs to, as far as it was said.

    Parameters
    ----------
    effects, labels
        As `pool` takes them.

    Returns
    -------
    sequence or None
        One for each row: of readings their study, of a table the column `cluster`, `study_id`
        or `study`, else the labels that were given.
    """
    if isinstance(effects, pd.DataFrame):
        for column in STUDY_COLUMNS:
            if column in effects:
                return list(effects[column])
        return list(effects["label"]) if labels is None and "label" in effects else labels
    if isinstance(effects, Sequence) and any(isinstance(item, Reading) for item in effects):
        return [reading.study_id for reading in effects]
    return labels


def dependent_rows(effects: Any, labels: Sequence[str] | None, used: Any) -> list[Caution]:
    """Say where several of the rows that are used belong to one study.

    Parameters
    ----------
    effects, labels
        As `pool` takes them.
    used
        Which rows are used, shape (k,).

    Returns
    -------
    list of Caution
        Empty, or one.
    """
    studies = studies_of_rows(effects, labels)
    if studies is None:
        return []
    rows = [study for study, is_used in zip(studies, used, strict=True) if is_used]
    if len(set(rows)) == len(rows):
        return []
    found = dependence_caution(rows)
    return [] if found is None else [found]


def complete_studies(
    effects: Any,
    variances: ArrayLike | None,
    standard_errors: ArrayLike | None,
    labels: Sequence[str] | None,
) -> tuple[Floats, Floats, tuple[str, ...], list[Caution]]:
    """Return the studies that have an effect and a variance, checked, and what to say of them.

    Parameters
    ----------
    effects, variances, standard_errors, labels
        As `pool` takes them.

    Returns
    -------
    effects, variances, names, cautions
        The cautions of the effects themselves, of studies left out for want of an effect or a
        variance, and of rows that belong to one study.

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    """
    estimates, spread, names = read_inputs(effects, variances, standard_errors, labels)
    cautions = list(carried_cautions(effects))
    missing = np.isnan(estimates) | np.isnan(spread)
    cautions += dependent_rows(effects, labels, ~missing)
    if missing.any():
        left_out = [name for name, gone in zip(names, missing, strict=True) if gone]
        cautions.append(
            Caution(
                "missing",
                f"Left out for want of an effect or a variance: {', '.join(left_out)}.",
            )
        )
        estimates, spread = estimates[~missing], spread[~missing]
        names = tuple(name for name, gone in zip(names, missing, strict=True) if not gone)
    if estimates.size == 0:
        raise InvalidArgumentError("No study has both an effect and a variance.")
    refuse(names, ~np.isfinite(estimates), estimates, "effects", "finite")
    refuse(names, ~np.isfinite(spread), spread, "variances", "finite")
    refuse(names, spread <= 0, spread, "variances", "above 0")
    return estimates, spread, names, cautions


def _of_table(
    table: pd.DataFrame, labels: Sequence[str] | None
) -> tuple[Any, Any, Any, Sequence[str] | None]:
    if "estimate" not in table or not ({"variance", "standard_error"} & set(table)):
        raise InvalidArgumentError(
            "A table of effects needs the columns 'estimate' and 'variance' (or "
            f"'standard_error'); this one has: {', '.join(map(str, table.columns))}."
        )
    if labels is None and "label" in table:
        labels = [str(label) for label in table["label"]]
    effects = table["estimate"].to_numpy()
    if "variance" in table:
        return effects, table["variance"].to_numpy(), None, labels
    return effects, None, table["standard_error"].to_numpy(), labels


def _labels_of_readings(
    readings: Sequence[Any], labels: Sequence[str] | None
) -> Sequence[str] | None:
    for place, item in enumerate(readings):
        if not isinstance(item, Reading):
            raise InvalidArgumentError(
                f"effects mixes readings with something else; found study {place + 1}: {item!r}."
            )
    measures = list(dict.fromkeys(reading.measure for reading in readings))
    if len(measures) > 1:
        raise InvalidArgumentError(
            f"The readings are of different measures and cannot be pooled: {', '.join(measures)}."
        )
    return [reading.study_id for reading in readings] if labels is None else labels


def refuse(names: Sequence[str], bad: Any, values: Floats, argument: str, accepted: str) -> None:
    """Raise an error that names the studies where `bad` holds, if any."""
    if bad.any():
        shown = ", ".join(f"{names[i]}: {values[i]:g}" for i in np.flatnonzero(bad)[:5])
        raise InvalidArgumentError(f"{argument} must be {accepted}; found {shown}.")
