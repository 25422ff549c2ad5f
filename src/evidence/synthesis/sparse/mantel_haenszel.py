"""The Mantel-Haenszel method for counts: odds ratio, risk ratio and risk difference.

Each study enters with its counts, so an empty cell needs nothing added to it.

References
----------
Mantel N, Haenszel W (1959). Statistical aspects of the analysis of data from retrospective
studies of disease. Journal of the National Cancer Institute 22:719-748.
Robins J, Breslow N, Greenland S (1986). Estimators of the Mantel-Haenszel variance
consistent in both sparse data and large-strata limiting models. Biometrics 42:311-323.
Greenland S, Robins JM (1985). Estimation of a common effect parameter from sparse
follow-up data. Biometrics 41:55-68.
Sato T, Greenland S, Robins JM (1989). On the variance estimator for the Mantel-Haenszel
risk difference. Biometrics 45:1323-1324.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from evidence.display import format_p, join_words, plural
from evidence.effects.arguments import Floats, check_level
from evidence.effects.measures.binary import log_odds_ratio, log_risk_ratio, risk_difference
from evidence.effects.sizes import EffectSizes
from evidence.errors import (
    Caution,
    InsufficientEvidenceError,
    InvalidArgumentError,
    did_you_mean,
)
from evidence.synthesis.sparse.counts import Tables, read_tables
from evidence.synthesis.sparse.result import ChiSquareTest, Fit, SparseResult, finish
from evidence.synthesis.sparse.stratified_tests import association_test, homogeneity_tests

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["MH_MEASURES", "RD_VARIANCES", "pool_mantel_haenszel", "refuse_without_contrast"]

MH_MEASURES = ("odds ratio", "risk ratio", "risk difference")
RD_VARIANCES = ("Sato", "Greenland-Robins")


def pool_mantel_haenszel(
    *,
    events_treatment: ArrayLike,
    total_treatment: ArrayLike,
    events_control: ArrayLike,
    total_control: ArrayLike,
    measure: str = "odds ratio",
    variance: str | None = None,
    labels: Sequence[str] | None = None,
    level: float = 0.95,
) -> SparseResult:
    """Pool counts of several studies by the method of Mantel and Haenszel.

    Parameters
    ----------
    events_treatment, total_treatment, events_control, total_control
        Counts, each a number or shape (k,).
    measure
        ``"odds ratio"``, ``"risk ratio"`` or ``"risk difference"``.
    variance
        For the risk difference ``"Sato"`` (the default; right for a few large studies and for
        many small ones) or ``"Greenland-Robins"``. The odds ratio has the variance of
        Robins, Breslow and Greenland, the risk ratio that of Greenland and Robins.
    labels
        Names of the studies.
    level
        Confidence level.

    Returns
    -------
    SparseResult
        Studies in which nobody had the event carry no information about a ratio, nor do
        those in which everybody had it about an odds ratio: they stay in the table with
        weight 0, and a caution names them. The risk difference uses every study.

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    InsufficientEvidenceError
        When the counts give no finite estimate; the message says what to do instead.

    Notes
    -----
    Nothing is added to the counts for the estimate, its interval or the tests. Cochran's Q
    weighs the studies' own effects by their inverse variances, and only for those a half
    is added to the cells of a study with an empty one; a caution says so.
    """
    if measure not in MH_MEASURES:
        raise InvalidArgumentError(
            f"measure {measure!r} is not known. {did_you_mean(str(measure), MH_MEASURES)} For "
            "rates see pool_mantel_haenszel_rates."
        )
    if variance is not None and (measure != "risk difference" or variance not in RD_VARIANCES):
        raise InvalidArgumentError(
            f"variance {variance!r} cannot be used with the {measure}. Accepted for the risk "
            f"difference: {join_words(map(repr, RD_VARIANCES), 'or')}; otherwise leave it out."
        )
    level = check_level(level)
    tables = read_tables(
        events_treatment=events_treatment,
        total_treatment=total_treatment,
        events_control=events_control,
        total_control=total_control,
        labels=labels,
    )
    refuse_without_contrast(tables)
    idle: dict[str, NDArray[np.bool_]] = {}
    homogeneity: tuple[ChiSquareTest, ...] = ()
    if measure == "odds ratio":
        estimate, spread, weights = _odds_ratio(tables)
        formula = "Robins-Breslow-Greenland variance"
        idle = {"nobody had the event": tables.nobody, "everybody had it": tables.everybody}
        homogeneity = homogeneity_tests(tables, math.exp(estimate))
    elif measure == "risk ratio":
        estimate, spread, weights = _risk_ratio(tables)
        formula = "Greenland-Robins variance"
        idle = {"nobody had the event": tables.nobody}
    else:
        kind = variance or "Sato"
        estimate, spread, weights = _risk_difference(tables, kind)
        formula = f"{kind} variance"
    effects, variances, cautions = _own(tables, measure)
    return finish(
        named=("Mantel-Haenszel", measure, formula, level),
        names=tables.names,
        counts=tables.columns(),
        idle=idle,
        fit=Fit(estimate, spread, weights, effects, variances),
        tests=(association_test(tables), *homogeneity),
        cautions=(*tables.cautions, *cautions),
    )


def refuse_without_contrast(tables: Tables) -> None:
    """Refuse counts that no method can tell anything from.

    Parameters
    ----------
    tables
        The studies.

    Raises
    ------
    InsufficientEvidenceError
        When in every study nobody, or everybody, had the event.
    """
    if not bool(np.all(tables.nobody | tables.everybody)):
        return
    if bool(tables.nobody.all()):
        who = "Nobody had the event in any study"
    elif bool(tables.everybody.all()):
        who = "Everybody had the event in every study"
    else:
        who = "In every study either nobody or everybody had the event"
    people = [f"{tables.n1.sum():,.0f} treated", f"{tables.n2.sum():,.0f} in the control groups"]
    raise InsufficientEvidenceError(
        f"{who} ({join_words(people)}), so no method can compare the groups. Report the counts, "
        "and how high (or low) the risk in each group may still be: "
        "proportion_interval(events=..., total=...) gives the Clopper-Pearson interval."
    )


def _odds_ratio(tables: Tables) -> tuple[float, float, Floats]:
    a, b, c, d, n = tables.a, tables.b, tables.c, tables.d, tables.total
    r, s = a * d / n, b * c / n
    p, q = (a + d) / n, (b + c) / n
    top, bottom = float(r.sum()), float(s.sum())
    _refuse_at_the_edge(tables, top, bottom, "odds ratio")
    spread = (
        float(p @ r) / (2 * top**2)
        + float(p @ s + q @ r) / (2 * top * bottom)
        + float(q @ s) / (2 * bottom**2)
    )
    return math.log(top / bottom), spread, s


def _risk_ratio(tables: Tables) -> tuple[float, float, Floats]:
    a, c, n1, n2, n = tables.a, tables.c, tables.n1, tables.n2, tables.total
    r, s = a * n2 / n, c * n1 / n
    top, bottom = float(r.sum()), float(s.sum())
    _refuse_at_the_edge(tables, top, bottom, "risk ratio")
    # n1 n2 (a + c) - a c n, written so that nothing is subtracted
    parts = (n1 * a * tables.d + n2 * c * tables.b) / n**2
    return math.log(top / bottom), float(parts.sum()) / (top * bottom), s


def _risk_difference(tables: Tables, variance: str) -> tuple[float, float, Floats]:
    a, b, c, d = tables.a, tables.b, tables.c, tables.d
    n1, n2, n = tables.n1, tables.n2, tables.total
    weights = n1 * n2 / n
    total = float(weights.sum())
    estimate = float(np.sum((a * n2 - c * n1) / n)) / total
    if variance == "Sato":
        p = (n1**2 * c - n2**2 * a + n1 * n2 * (n2 - n1) / 2) / n**2
        q = (a * d + b * c) / (2 * n)
        spread = (estimate * float(p.sum()) + float(q.sum())) / total**2
    else:
        parts = (a * b * n2**3 + c * d * n1**3) / (n1 * n2 * n**2)
        spread = float(parts.sum()) / total**2
    if not spread > 0:
        raise InsufficientEvidenceError(
            f"The {variance} variance of the risk difference is not above 0 for these counts: "
            "hardly any group has people both with and without the event. Look at one study at a "
            "time with miettinen_nurminen(...), or test by cochran_mantel_haenszel(...)."
        )
    return estimate, spread, weights


def _refuse_at_the_edge(tables: Tables, top: float, bottom: float, measure: str) -> None:
    if top > 0 and bottom > 0:
        return
    edge = "0" if top == 0 else "infinite"
    test = association_test(tables)
    informative = int(np.sum(~(tables.nobody | tables.everybody)))
    advice = (
        "exact_odds_ratio(...) gives an exact interval for this one study"
        if informative == 1
        else "pool_exact_odds_ratio(...) gives an exact interval over the studies"
    )
    raise InsufficientEvidenceError(
        f"The Mantel-Haenszel {measure} is {edge} and has no standard error: in all "
        f"{plural(informative, 'informative study', 'informative studies')} one group had no "
        f"events (or only events), always the same one. The risk difference can be pooled; {advice}"
        f"; the Cochran-Mantel-Haenszel test holds: {format_p(test.p_value)}."
    )


_OWN: dict[str, Callable[..., EffectSizes]] = {
    "odds ratio": log_odds_ratio,
    "risk ratio": log_risk_ratio,
    "risk difference": risk_difference,
}


def _own(tables: Tables, measure: str) -> tuple[Floats, Floats, tuple[Caution, ...]]:
    """Return the studies' own effects, with a half added where a cell is empty."""
    silent: NDArray[np.bool_] = tables.nobody | tables.everybody
    effects, variances = np.full((2, silent.size), np.nan)
    used = tables.take(~silent)
    sizes = _OWN[measure](**used.columns())
    effects[~silent], variances[~silent] = sizes.estimate, sizes.variance
    cautions: tuple[Caution, ...] = ()
    if used.empty.any():
        cautions = (
            Caution(
                "continuity",
                "Nothing was added to the counts for the common effect. Only for the studies' own "
                "effects, and so for Q and I², a half was added to every cell of "
                f"{plural(int(used.empty.sum()), 'study', 'studies')} with an empty cell.",
                "Sweeting, Sutton and Lambert 2004, Statistics in Medicine 23:1351-1375",
            ),
        )
    if measure == "risk difference" and silent.any():
        cautions += (
            Caution(
                "double-zero",
                "Studies in which nobody or everybody had the event "
                f"({int(silent.sum())} here) count towards the risk difference with their size, "
                "pull it towards 0, and take no part in Q.",
                "Bradburn, Deeks, Berlin and Localio 2007, Statistics in Medicine 26:53-77",
            ),
        )
    return effects, variances, cautions
