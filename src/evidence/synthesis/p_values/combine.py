"""Combining the p values of trials that report nothing else.

References
----------
McKenzie JE, Brennan SE. Synthesizing and presenting findings using other methods. Cochrane
Handbook for Systematic Reviews of Interventions, section 12.2.1.2.
Becker BJ (1994). Combining significance levels. In: Cooper H, Hedges LV (editors), The
Handbook of Research Synthesis, 215-230 (null hypotheses).
Zaykin DV (2011). Optimally weighted Z-test is a powerful method for combining probabilities in
meta-analysis. Journal of Evolutionary Biology 24:1836-1841 (weights).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from evidence.display import join_words, plural
from evidence.effects.arguments import Floats, as_floats, is_number
from evidence.effects.measures.choices import check_choice
from evidence.errors import Caution, InvalidArgumentError
from evidence.synthesis.inputs import refuse
from evidence.synthesis.p_values.result import CombinedPValue, outcome, p_in_words
from evidence.synthesis.p_values.tails import METHODS, combined

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["combine_p_values"]

SIDES = ("two-sided", "one-sided")
RELATIONS = ("=", "<", "<=", ">", ">=")
#: Which way a trial points, against the direction that is asked about.
DIRECTIONS = ("for", "against")
_HANDBOOK = "Cochrane Handbook, section 12.2.1.2"


@dataclass(frozen=True, slots=True, eq=False)
class _Given:
    """What was given, complete and checked."""

    p: Floats
    relations: tuple[str, ...]
    directions: tuple[str, ...] | None
    weights: Floats
    names: tuple[str, ...]
    cautions: tuple[Caution, ...]


def combine_p_values(
    p: ArrayLike,
    *,
    method: str = "fisher",
    sided: str = "two-sided",
    directions: Sequence[str] | str | None = None,
    relations: Sequence[str] | str = "=",
    weights: ArrayLike | None = None,
    labels: Sequence[str] | None = None,
    alpha: float = 0.05,
) -> CombinedPValue:
    """Combine the p values of independent trials into one.

    For trials that report a p value and nothing from which an effect could be derived; where
    there are effects, `pool` says what this cannot: how large.

    Parameters
    ----------
    p
        The p values as reported, shape (k,); above 0 and at most 1.
    method
        ``"fisher"`` (the default; ruled by the smallest p values), ``"stouffer"`` (sums z
        values, with weights if given) or ``"edgington"`` (sums p values, with its exact
        distribution; ruled by no single one).
    sided
        ``"two-sided"`` (the default) or ``"one-sided"``: of the tests that were reported. A
        one-sided p value is small where a trial points in the direction asked about.
    directions
        Which way each trial points, ``"for"`` or ``"against"`` the direction asked about:
        turns two-sided p values into one-sided ones. Without, opposite effects count alike.
    relations
        ``"="`` (the default), ``"<"``, ``"<="``, ``">"`` or ``">="`` for each p value, as
        reported: ``p < 0.05`` is 0.05 with ``"<"``. Bounds give a range of combined p values.
    weights
        For Stouffer's method alone, shape (k,): the square root of the trials' sizes, or
        the inverse of their standard errors.
    labels
        Names of the trials.
    alpha
        At which the null hypothesis counts as contradicted.

    Returns
    -------
    CombinedPValue
        With its null hypothesis in words, as a check: status, sentence, table, reference.

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the trial and the value.

    Notes
    -----
    A two-sided p turns into p/2 for a trial that points in the direction asked about and
    1 - p/2 for one that points against it. Trials without a p value are left out; a caution
    names them.
    """
    check_choice("method", method, tuple(METHODS))
    check_choice("sided", sided, SIDES)
    if not is_number(alpha) or not 0 < alpha < 1:
        raise InvalidArgumentError(f"alpha is {alpha!r}; it must lie between 0 and 1.")
    given = _read(p, directions, relations, weights, labels)
    if given.directions is not None and sided == "one-sided":
        raise InvalidArgumentError(
            "directions are given beside one-sided p values, which have theirs: a one-sided p is "
            "small where the trial points in the direction asked about, and 1 - p for the "
            "opposite one. Leave directions out."
        )
    if weights is not None and method != "stouffer":
        raise InvalidArgumentError(
            f"weights belong to Stouffer's method; {METHODS[method][0]} has none. Give "
            "method='stouffer' or leave them out."
        )
    low, high = _ranges(given)
    statistic, df, p_high = combined(method, *high, given.weights)
    p_low = combined(method, *low, given.weights)[2]
    directed = given.directions is not None or sided == "one-sided"
    null = (
        "no trial has an effect in the direction asked about (each effect is nil or opposite)"
        if directed
        else "no trial has an effect in either direction"
    )
    k = given.p.size
    decided = (p_low < alpha) == (p_high < alpha) and k > 1
    status = "cannot be tested" if not decided else "contradiction" if p_high < alpha else "ok"
    sentence = outcome(status, METHODS[method][0], k, p_in_words(p_low, p_high), null)
    exact = [relation == "=" for relation in given.relations]
    table = pd.DataFrame(
        {
            "label": given.names,
            "reported": [f"p {r} {v:g}" for r, v in zip(given.relations, given.p, strict=True)],
            "direction": given.directions or ["not used"] * k,
            "p_low": low[0],
            "p_high": high[0],
            "exact": exact,
            "weight": given.weights,
        }
    )
    cautions = (*given.cautions, *_cautions(given, method, directed=directed))
    return CombinedPValue(
        status,
        method,
        statistic,
        df,
        p_high,
        p_low,
        null,
        sentence,
        table,
        METHODS[method][1],
        cautions,
    )


# --------------------------------------------------------------------------------------- reading


def _read(
    p: ArrayLike,
    directions: Sequence[str] | str | None,
    relations: Sequence[str] | str,
    weights: ArrayLike | None,
    labels: Sequence[str] | None,
) -> _Given:
    values = _p_values(p)
    k = values.size
    if k == 0:
        raise InvalidArgumentError("p is empty; give the p value of at least one trial.")
    names = tuple(f"trial {i + 1}" for i in range(k)) if labels is None else tuple(map(str, labels))
    _same_length("labels", len(names), k)
    of_each = as_floats("weights", np.ones(k) if weights is None else weights)
    _same_length("weights", of_each.size, k)
    relation = _choices("relations", relations, RELATIONS, names)
    direction = None
    if directions is not None:
        direction = _choices("directions", directions, DIRECTIONS, names)
    missing = np.isnan(values)
    refuse(
        names,
        (values <= 0) | (values > 1),
        values,
        "p",
        "above 0 and at most 1 (a p printed as 0.000 is a bound: give 0.001 with the relation '<')",
    )
    refuse(names, ~missing & ~((of_each > 0) & np.isfinite(of_each)), of_each, "weights", "above 0")
    cautions: tuple[Caution, ...] = ()
    if missing.any():
        left_out = [name for name, gone in zip(names, missing, strict=True) if gone]
        cautions = (
            Caution(
                "missing",
                f"{plural(len(left_out), 'trial')} left out for want of a p value: "
                f"{join_words(left_out)}.",
            ),
        )
    kept = np.flatnonzero(~missing)
    if kept.size == 0:
        raise InvalidArgumentError("p holds no p value: all are missing.")
    return _Given(
        values[kept],
        tuple(relation[i] for i in kept),
        None if direction is None else tuple(direction[i] for i in kept),
        of_each[kept],
        tuple(names[i] for i in kept),
        cautions,
    )


def _p_values(p: ArrayLike) -> Floats:
    texts = [p] if isinstance(p, str) else p if isinstance(p, Sequence) else []
    bound = next((t for t in texts if isinstance(t, str) and t.strip()[:1] in "<>≤≥"), None)
    if bound is not None:
        raise InvalidArgumentError(
            f"p holds the text {bound!r}. A bound is given as its number with a relation: "
            "p=[0.05], relations=['<']; the combined p value is then a range."
        )
    return as_floats("p", p)


def _same_length(name: str, found: int, k: int) -> None:
    if found != k:
        raise InvalidArgumentError(f"There are {k} p values and {found} {name}.")


def _choices(
    name: str, given: Sequence[str] | str, accepted: tuple[str, ...], names: tuple[str, ...]
) -> tuple[str, ...]:
    each = [given] * len(names) if isinstance(given, str) else list(given)
    _same_length(name, len(each), len(names))
    return tuple(
        check_choice(f"{name} of {label}", value, accepted)
        for label, value in zip(names, each, strict=True)
    )


# ------------------------------------------------------------------------------------- the tails


def _ranges(given: _Given) -> tuple[tuple[Floats, Floats], tuple[Floats, Floats]]:
    """Return the lowest and the highest p values to combine, each with what it lacks of 1."""
    below = np.array([relation.startswith("<") for relation in given.relations])
    above = np.array([relation.startswith(">") for relation in given.relations])
    first = np.where(below, 0.0, given.p)
    last = np.where(above, 1.0, given.p)
    if given.directions is None:
        return (first, 1 - first), (last, 1 - last)
    against = np.array([direction == "against" for direction in given.directions])
    # A small two-sided p of a trial that points against is a one-sided p near 1.
    low = np.where(against, 1 - last / 2, first / 2), np.where(against, last / 2, 1 - first / 2)
    high = np.where(against, 1 - first / 2, last / 2), np.where(against, first / 2, 1 - last / 2)
    return low, high


def _cautions(given: _Given, method: str, *, directed: bool) -> list[Caution]:
    found = [
        Caution(
            "p-only",
            "A combined p value says nothing of the size of an effect, mixes size and precision, "
            "and one trial alone can make it small.",
            _HANDBOOK,
        )
    ]
    bounds = [name for name, r in zip(given.names, given.relations, strict=True) if r != "="]
    if bounds:
        found.append(
            Caution(
                "bounds",
                f"Only a bound of p is known for {join_words(bounds)}: it is used as a bound, and "
                "the larger combined p value is the one to go by.",
            )
        )
    if not directed:
        found.append(
            Caution(
                "no-direction",
                "Two-sided p values without directions: trials that point opposite ways count "
                "together.",
                _HANDBOOK,
            )
        )
    if method == "stouffer" and np.ptp(given.weights) == 0 and given.p.size > 1:
        found.append(
            Caution(
                "equal-weights",
                "Small trials count as much as large ones; the square roots of the trials' sizes "
                "as weights would change that.",
                "Zaykin 2011, Journal of Evolutionary Biology 24:1836-1841",
            )
        )
    return found
