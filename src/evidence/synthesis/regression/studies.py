"""The studies of a regression: effects with their variances and moderators, complete rows only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from evidence.display import capital, join_words, plural
from evidence.effects.arguments import Floats
from evidence.errors import Caution, InvalidArgumentError
from evidence.synthesis.inputs import dependent_rows, read_inputs, refuse
from evidence.synthesis.regression.design import Design, read_design

__all__ = ["Studies", "check_values", "read_studies", "without_missing"]


@dataclass(frozen=True, slots=True, eq=False)
class Studies:
    """Complete studies.

    Attributes
    ----------
    effects, variances
        Shape (k,).
    names
        Of the studies.
    cautions
        Of the effects, and of what was left out.
    """

    effects: Floats
    variances: Floats
    names: tuple[str, ...]
    cautions: tuple[Caution, ...] = ()


def read_studies(
    effects: Any,
    spreads: tuple[Any, Any],
    labels: Sequence[str] | None,
    designs: Mapping[str, tuple[Any, str | None]],
) -> tuple[Studies, list[Design]]:
    """Return complete studies and their designs.

    Parameters
    ----------
    effects, labels
        As `regress` takes them.
    spreads
        Variances and standard errors.
    designs
        Moderators and formula by the name of their argument; moderators that are not given
        are taken from `effects`, where that is a table.
    """
    estimates, variances, names = read_inputs(effects, *spreads, labels)
    raw = []
    for argument, (moderators, formula) in designs.items():
        inside = moderators is None and isinstance(effects, pd.DataFrame) and formula is not None
        given = effects if inside else moderators
        raw.append(read_design(given, formula, estimates.size, argument))
    if labels is None and names[0] == "study 1" and names[-1] == f"study {len(names)}":
        names = next((each.labels for each in raw if each.labels), names)
    studies, kept = without_missing(
        Studies(estimates, variances, names, getattr(effects, "cautions", ())),
        np.array([each.missing for each in raw]).any(axis=0),
        "a moderator",
    )
    dependent = dependent_rows(effects, labels, kept)
    studies = replace(studies, cautions=(*studies.cautions, *dependent))
    return studies, [each.finish(kept, studies.names) for each in raw]


def without_missing(studies: Studies, lacking: Any, what: str) -> tuple[Studies, Any]:
    """Leave out studies without an effect, a variance or something else, with a caution.

    Parameters
    ----------
    studies
        All of them.
    lacking
        Which lack something else, shape (k,).
    what
        What that is.

    Returns
    -------
    studies, kept
        The complete ones, checked; and which they are, shape (k,).
    """
    kept = ~(np.isnan(studies.effects) | np.isnan(studies.variances) | lacking)
    names, cautions = studies.names, studies.cautions
    if not kept.all():
        gone = [name for name, stays in zip(names, kept, strict=True) if not stays]
        cautions = (
            *cautions,
            Caution(
                "missing",
                f"{capital(plural(len(gone), 'study', 'studies'))} left out for want of an "
                f"effect, a variance or {what}: {join_words(gone)}.",
            ),
        )
        names = tuple(name for name, stays in zip(names, kept, strict=True) if stays)
    if not names:
        raise InvalidArgumentError(f"No study has an effect, a variance and {what}.")
    complete = Studies(studies.effects[kept], studies.variances[kept], names, tuple(cautions))
    check_values(complete)
    return complete, kept


def check_values(studies: Studies) -> None:
    """Refuse effects and variances that are not finite, and variances not above 0."""
    names, effects, variances = studies.names, studies.effects, studies.variances
    refuse(names, ~np.isfinite(effects), effects, "effects", "finite")
    refuse(names, ~np.isfinite(variances), variances, "variances", "finite")
    refuse(names, variances <= 0, variances, "variances", "above 0")
