"""Pooling direct evidence with indirect evidence that counts by a dial.

References
----------
Ibrahim JG, Chen MH (2000). Power prior distributions for regression models. Statistical
Science 15:46-60.
Turner RM, Spiegelhalter DJ, Smith GCS, Thompson SG (2009). Bias modelling in evidence
synthesis. Journal of the Royal Statistical Society A 172:21-47.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from evidence.display import plural
from evidence.effects.arguments import Floats, as_floats, check_level
from evidence.errors import Caution, InvalidArgumentError
from evidence.synthesis.borrowing.result import Borrowing, BorrowingMethod
from evidence.synthesis.inputs import complete_studies, read_inputs, refuse
from evidence.synthesis.pool import check_choice, pool

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike

    from evidence.effects.derivation.readings import Reading
    from evidence.effects.sizes import EffectSizes

__all__ = ["borrow"]

#: Settings of the dial at which the result is computed.
GRID = 101
#: Below this p value of Cochran's Q the studies are said to differ by more than chance.
HETEROGENEITY_P = 0.10


def borrow(
    effects: ArrayLike | EffectSizes | pd.DataFrame | Sequence[Reading],
    variances: ArrayLike | None = None,
    *,
    distances: ArrayLike,
    standard_errors: ArrayLike | None = None,
    labels: Sequence[str] | None = None,
    people: ArrayLike | None = None,
    method: BorrowingMethod | None = None,
    threshold: float | None = None,
) -> Borrowing:
    """Pool studies of which some are indirect and count from not at all to in full.

    Parameters
    ----------
    effects, variances, standard_errors, labels
        As `evidence.pool` takes them.
    distances
        How many steps each study is away from the question, shape (k,): 0 for a direct one.
    people
        How many people are behind each effect, shape (k,).
    method
        How indirect studies are discounted; without it a `BorrowingMethod` with its defaults.
    threshold
        The smallest difference that matters, without sign, in the units of the effects.

    Returns
    -------
    Borrowing
        The result at every setting of the dial, and where a conclusion changes.

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.

    Notes
    -----
    What is asked about is the effect in the setting of the direct studies. By default
    (``model="settings"``) the direct studies have that effect in common, and those of the
    indirect ones lie around it with the variance tau²; the power prior then raises the
    likelihood of the indirect ones to a power. So at 0 stand the direct studies alone, more
    borrowing never makes the result less precise, and at 1 indirect studies still carry no
    more than what differs between settings allows. This choice is the project's; the power
    prior leaves the model open. With ``model="common"`` nothing differs beyond chance, and 1
    is a common-effect pool; with ``model="random"`` tau² is added to every variance, and 1 is
    the mean of a random-effects pool with Wald's interval. One direct study by itself then
    keeps its own interval at 0, so that the interval jumps there.

    The limits: tau² comes from all the studies in full and is held over the dial as if it were
    known, so with few studies the interval is too narrow; no setting of the dial is right by
    itself, what can be read is where a conclusion changes.

    References
    ----------
    Ibrahim and Chen (2000); Turner et al. (2009): see the module.
    """
    method = method or BorrowingMethod()
    _check(method, threshold)
    raw, raw_spread, raw_names = read_inputs(effects, variances, standard_errors, labels)
    kept = ~(np.isnan(raw) | np.isnan(raw_spread))
    estimates, spread, names, cautions = complete_studies(
        effects, variances, standard_errors, labels
    )
    steps = _as_many("distances", distances, raw_names)[kept]
    refuse(names, ~(np.isfinite(steps) & (steps >= 0)), steps, "distances", "0 or above")
    sizes = None if people is None else _as_many("people", people, raw_names)[kept]
    if sizes is not None:
        refuse(names, ~(np.isfinite(sizes) & (sizes > 0)), sizes, "people", "above 0")
    in_full = pool(
        estimates,
        spread,
        labels=names,
        tau2_method=method.tau2_method,
    )
    tau2 = in_full.tau2 if method.model != "common" and in_full.pooled else 0.0
    return Borrowing(
        method=method,
        labels=names,
        effects=estimates,
        variances=spread,
        distances=steps,
        people=sizes,
        tau2=tau2,
        threshold=threshold,
        dial=np.linspace(0.0, 1.0, GRID),
        cautions=(*cautions, *_cautions(method, steps, in_full.q_p_value, in_full.k)),
    )


def _check(method: BorrowingMethod, threshold: float | None) -> None:
    check_choice("kind", method.kind, ("power", "widened"))
    check_choice("model", method.model, ("settings", "common", "random"))
    check_level(method.level)
    sd = method.indirectness_sd
    if method.kind == "widened" and (sd is None or not (math.isfinite(sd) and sd > 0)):
        raise InvalidArgumentError(
            f"indirectness_sd is {sd!r}; kind 'widened' needs a number above 0: how far, as a "
            "standard deviation, one step away from the question may shift an effect."
        )
    if method.kind == "power" and sd is not None:
        raise InvalidArgumentError(
            f"indirectness_sd is {sd!r}, but kind 'power' has no use for it: leave it out, or "
            "take kind 'widened'."
        )
    if threshold is not None and not (math.isfinite(threshold) and threshold > 0):
        raise InvalidArgumentError(
            f"threshold is {threshold!r}; it must be a number above 0, without sign."
        )


def _as_many(name: str, values: ArrayLike, names: Sequence[str]) -> Floats:
    found = as_floats(name, values)
    if found.size != len(names):
        raise InvalidArgumentError(
            f"There are {len(names)} effects and {found.size} {name}; they must be as many."
        )
    return found


def _cautions(method: BorrowingMethod, steps: Floats, q_p_value: float, k: int) -> list[Caution]:
    found = []
    direct = int((steps == 0).sum())
    if direct == 0:
        found.append(
            Caution(
                "no-direct-study",
                "No study is direct: at 0 nothing is left, and no setting of the dial makes an "
                "answer to the question out of the others.",
            )
        )
    elif direct == k:
        found.append(Caution("nothing-to-borrow", "Every study is direct: the dial does nothing."))
    elif direct == 1:
        found.append(
            Caution(
                "one-direct-study",
                "One study is direct: at 0 stands its own result, and nothing is pooled.",
            )
        )
    if method.model == "common" and k > 1 and q_p_value < HETEROGENEITY_P:
        found.append(
            Caution(
                "heterogeneity",
                f"The {plural(k, 'study', 'studies')} differ by more than chance explains, and "
                "one effect common to all is assumed: the more is borrowed, the more the interval "
                "is too narrow.",
                "Guyatt et al. 2011, GRADE guidelines 7, J Clin Epidemiol 64:1294-1302",
            )
        )
    if method.model != "common" and k > 1 and direct < k:
        message = (
            "The variance between studies comes from all of them and is taken as known, so with "
            "few studies the interval is too narrow."
        )
        if method.model == "random" and direct == 1:
            message += " As one study is direct, the interval jumps beside 0."
        found.append(Caution("tau2-held", message, "Röver, Knapp and Friede 2015"))
    return found
