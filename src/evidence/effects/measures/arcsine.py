"""Two groups, rare events: the arcsine difference and Peto's log odds ratio, without a half.

References
----------
Rücker G, Schwarzer G, Carpenter J, Olkin I (2009). Why add anything to nothing? The arcsine
difference as a measure of treatment effect in meta-analysis with zero cells. Statistics in
Medicine 28:721-738.
Yusuf S, Peto R, Lewis J, Collins R, Sleight P (1985). Beta blockade during and after myocardial
infarction: an overview of the randomized trials. Progress in Cardiovascular Diseases
27:335-371.
Greenland S, Salvan A (1990). Bias in the one-step method for pooling study results. Statistics
in Medicine 9:247-252.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from evidence.effects.arguments import Floats, check_level
from evidence.effects.measures.choices import count_studies, name_studies, refuse_where
from evidence.effects.measures.inputs import read_counts
from evidence.effects.sizes import EffectSizes
from evidence.errors import Caution

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["arcsine_difference", "hypergeometric_score", "peto_log_odds_ratio"]

#: Peto's one step is said to be off when it differs from the odds ratio of the four cells by
#: more than this share of its standard error; a convention of this package.
PETO_SHARE = 0.5


def arcsine_difference(
    *,
    events_treatment: ArrayLike,
    total_treatment: ArrayLike,
    events_control: ArrayLike,
    total_control: ArrayLike,
    level: float = 0.95,
) -> EffectSizes:
    """Return arcsin√risk under treatment minus arcsin√risk under control.

    Its variance 1/(4n₁) + 1/(4n₂) does not depend on the events, so empty cells need no
    correction (Rücker et al. 2009). It has no plain meaning: read the direction and the test.

    Parameters
    ----------
    events_treatment, total_treatment, events_control, total_control
        Counts, each a number or shape (k,).
    level
        Confidence level of the intervals.

    Returns
    -------
    EffectSizes
        In radians, with `estimate` and `variance` of shape (k,).

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    """
    a, n1, c, n2 = read_counts(events_treatment, total_treatment, events_control, total_control)
    return EffectSizes(
        "arcsine difference",
        "1/(4n) in each arm",
        # arctan2 keeps the digits that arcsin loses near 1.
        np.arctan2(np.sqrt(a), np.sqrt(n1 - a)) - np.arctan2(np.sqrt(c), np.sqrt(n2 - c)),
        1 / (4 * n1) + 1 / (4 * n2),
        check_level(level),
    )


def hypergeometric_score(a: Floats, n1: Floats, c: Floats, n2: Floats) -> tuple[Floats, Floats]:
    """Return O - E and V of treated events given all margins, if the treatment does nothing.

    Parameters
    ----------
    a, n1, c, n2
        Checked events and people under treatment and in the control group, each of shape (k,).

    Returns
    -------
    observed_minus_expected, variance : array, shape (k,)
        Of the central hypergeometric distribution (Yusuf et al. 1985); both 0 where nobody
        or everybody had the event.
    """
    total, events = n1 + n2, a + c
    # (a n2 - c n1)/N is O - E without the rounding of E.
    variance = (n1 / total) * (n2 / total) * events * ((total - events) / (total - 1))
    return (a * n2 - c * n1) / total, variance


def peto_log_odds_ratio(
    *,
    events_treatment: ArrayLike,
    total_treatment: ArrayLike,
    events_control: ArrayLike,
    total_control: ArrayLike,
    level: float = 0.95,
) -> EffectSizes:
    """Return Peto's one-step log odds ratio, (O - E) / V with variance 1/V.

    O are the events under treatment, E and V their hypergeometric mean and variance if the
    treatment does nothing (Yusuf et al. 1985). One empty cell needs no correction. It is a
    good approximation for rare events, small effects and arms of similar size; elsewhere it
    is biased (Greenland and Salvan 1990), and a caution says so.

    Parameters
    ----------
    events_treatment, total_treatment, events_control, total_control
        Counts, each a number or shape (k,).
    level
        Confidence level of the intervals.

    Returns
    -------
    EffectSizes
        On the log scale, with `estimate` and `variance` of shape (k,).

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value; also where the event happened to nobody
        or to everybody, which leaves V = 0.
    """
    a, n1, c, n2 = read_counts(events_treatment, total_treatment, events_control, total_control)
    refuse_where(
        (a + c == 0) | (a + c == n1 + n2),
        "{study} had the event in nobody or in everybody, so Peto's odds ratio does not exist. "
        "Leave the study out and say so, or use arcsine_difference or risk_difference, which "
        "such a study does inform.",
    )
    observed_minus_expected, v = hypergeometric_score(a, n1, c, n2)
    estimate = observed_minus_expected / v
    return EffectSizes(
        "Peto's log odds ratio",
        "1/V, hypergeometric",
        estimate,
        1 / v,
        check_level(level),
        _one_step_caution(a, n1 - a, c, n2 - c, estimate, 1 / np.sqrt(v)),
    )


def _one_step_caution(
    a: Floats, b: Floats, c: Floats, d: Floats, estimate: Floats, standard_error: Floats
) -> tuple[Caution, ...]:
    full = (a > 0) & (b > 0) & (c > 0) & (d > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        gap = np.abs(np.log(a) + np.log(d) - np.log(b) - np.log(c) - estimate)
    far = full & (np.where(full, gap, 0.0) > PETO_SHARE * standard_error)
    if not far.any():
        return ()
    return (
        Caution(
            "peto-one-step",
            f"In {count_studies(far)} ({name_studies(far)}) Peto's odds ratio lies more than "
            f"{PETO_SHARE:g} standard errors from the odds ratio of the four cells: "
            "the effect is too large, or the arms too unequal, for one step. Use "
            "log_odds_ratio.",
            "Greenland and Salvan 1990, Statistics in Medicine 9:247-252",
        ),
    )
