"""Subgroups of studies: each pooled, and tested for interaction.

References
----------
Borenstein M, Higgins JPT (2013). Meta-analysis and subgroups. Prevention Science 14:134-143.
Rubio-Aparicio M, Sánchez-Meca J, López-López JA, Botella J, Marín-Martínez F (2017). Analysis
of categorical moderators in mixed-effects meta-analysis: consequences of using pooled versus
separate estimates of the residual between-studies variances. British Journal of Mathematical
and Statistical Psychology 70:439-456.
Welch BL (1951). On the comparison of several mean values: an alternative approach. Biometrika
38:330-336.
Schandelmaier S, Briel M, Varadhan R, et al. (2020). Development of the Instrument to assess the
Credibility of Effect Modification Analyses (ICEMAN) in randomized controlled trials and
meta-analyses. CMAJ 192:E901-E906.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.special import chdtrc, fdtrc

from evidence.display import capital, join_words, plural
from evidence.effects.arguments import Floats
from evidence.effects.conversions.spread import quantile
from evidence.effects.derivation.readings import Reading
from evidence.effects.measures.choices import check_choice
from evidence.effects.sizes import EffectSizes
from evidence.errors import Caution, InsufficientEvidenceError, InvalidArgumentError, did_you_mean
from evidence.synthesis.inputs import dependent_rows, read_inputs
from evidence.synthesis.pool import pool
from evidence.synthesis.regression.design import read_design
from evidence.synthesis.regression.joint import JointTest, p_of
from evidence.synthesis.regression.method import Choices, RegressionMethod, read_method
from evidence.synthesis.regression.regress import fit_regression
from evidence.synthesis.regression.studies import Studies, without_missing
from evidence.synthesis.regression.subgroup_result import SubgroupDifference, SubgroupResult

if TYPE_CHECKING:
    from typing import Unpack

    from numpy.typing import ArrayLike

    from evidence.synthesis.result import PooledResult

__all__ = ["compare_subgroups"]

_BETWEEN = "Subgroups differ (test of interaction)"
_FEW = 5
_ICEMAN = "Schandelmaier et al. 2020 (ICEMAN), CMAJ 192:E901-E906"


def compare_subgroups(
    effects: ArrayLike | EffectSizes | pd.DataFrame | Sequence[Reading],
    variances: ArrayLike | None = None,
    *,
    groups: Any,
    tau2: str = "common",
    standard_errors: ArrayLike | None = None,
    labels: Sequence[str] | None = None,
    **choices: Unpack[Choices],
) -> SubgroupResult:
    """Pool the studies of each subgroup, and test whether the subgroups differ.

    Parameters
    ----------
    effects, variances, standard_errors, labels
        As `pool` takes them.
    groups
        The subgroup of each study, length k; or the name of a column, where `effects` is a
        table.
    tau2
        ``"common"`` (the default): one variance between studies for all subgroups, estimated
        from all of them, with degrees of freedom k minus the number of subgroups. Subgroups
        are small, and a tau² from a handful of studies is mostly noise (Borenstein and
        Higgins 2013; Rubio-Aparicio et al. 2017 prefer it in most of their scenarios); it also
        serves a subgroup of one study. ``"separate"``: each has its own, where the subgroups
        plainly differ in tau² and each has studies enough to estimate it.
    **choices
        ``model``, ``tau2_method``, ``ci_method``, ``level``, as in `regress`.

    Returns
    -------
    SubgroupResult
        With ``"separate"`` every subgroup is what `pool` gives; with ``"common"`` it is the
        mean in a regression on the subgroups, and `pooled` has what `pool` gives beside it.

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value; and for fewer than two subgroups.
    InsufficientEvidenceError
        Where every subgroup is one study.

    Notes
    -----
    The test compares the subgroups with each other. That one is "significant" and another is
    not says nothing about their difference. With a separate tau² and t intervals, the test is
    Welch's, on the standard errors and degrees of freedom of the subgroups.
    """
    method = read_method(choices)
    check_choice("tau2", tau2, ("common", "separate"))
    estimates, spread, names = read_inputs(effects, variances, standard_errors, labels)
    of_study = _groups(groups, effects, estimates.size)
    lacking = np.array([group is None for group in of_study])
    studies, kept = without_missing(
        Studies(estimates, spread, names, getattr(effects, "cautions", ())), lacking, "a subgroup"
    )
    dependent = dependent_rows(effects, labels, kept)
    members = np.array([str(g) for g, stays in zip(of_study, kept, strict=True) if stays])
    order = _order(groups, effects, members)
    if len(order) < 2:
        raise InvalidArgumentError(
            f"There is one subgroup, {order[0]!r}; a comparison needs at least two."
        )
    if len(order) == len(members):
        raise InsufficientEvidenceError(
            "Every subgroup is one study, so nothing tells a difference between subgroups from "
            "one between studies. Use wider subgroups."
        )
    pooled = {
        group: pool(
            studies.effects[members == group],
            studies.variances[members == group],
            labels=[n for n, m in zip(studies.names, members, strict=True) if m == group],
            model=method.model,
            tau2_method=method.tau2_method,
            ci_method=method.ci_method,
            level=method.level,
        )
        for group in order
    }
    if tau2 == "common" or method.model == "common":
        table, between, differences = _common(studies, members, pooled, method)
    else:
        table, between, differences = _separate(pooled, method)
    return SubgroupResult(
        method=method,
        tau2=tau2,
        subgroups=table,
        pooled=pooled,
        between=between,
        differences=differences,
        cautions=(*studies.cautions, *dependent, *_cautions(table, tau2, method)),
    )


# ------------------------------------------------------------------------------------- reading


def _column(groups: Any, effects: Any) -> Any:
    if not isinstance(groups, str):
        return groups
    columns = [str(name) for name in effects.columns] if isinstance(effects, pd.DataFrame) else []
    if groups not in columns:
        raise InvalidArgumentError(
            f"groups names the column {groups!r}, which effects does not have. "
            f"{did_you_mean(groups, columns)}"
        )
    return effects[groups]


def _groups(groups: Any, effects: Any, k: int) -> list[Any]:
    values = _column(groups, effects)
    if not isinstance(values, Sequence | np.ndarray | pd.Series | pd.Categorical):
        raise InvalidArgumentError(
            f"groups must give the subgroup of each study; found {type(values).__name__}."
        )
    listed = list(values)
    if len(listed) != k:
        raise InvalidArgumentError(
            f"There are {k} effects and {len(listed)} groups; they must be as many."
        )
    return [None if np.ndim(g) == 0 and pd.isna(g) else g for g in listed]


def _order(groups: Any, effects: Any, members: Any) -> list[str]:
    """Return the subgroups in the order of their categories, or as they first appear."""
    dtype = getattr(_column(groups, effects), "dtype", None)
    present = list(dict.fromkeys(map(str, members)))
    if isinstance(dtype, pd.CategoricalDtype):
        return [str(level) for level in dtype.categories if str(level) in present]
    return present


# ----------------------------------------------------------------------------------- comparing


def _common(
    studies: Studies,
    members: Any,
    pooled: dict[str, PooledResult],
    method: RegressionMethod,
) -> tuple[pd.DataFrame, JointTest, tuple[SubgroupDifference, ...]]:
    """Compare means in one regression with a column for each subgroup."""
    order = list(pooled)
    columns = pd.DataFrame({group: (members == group).astype(float) for group in order})
    every = np.ones(len(members), dtype=bool)
    design = read_design(columns, None, len(members), "groups").finish(every, studies.names)
    fit = fit_regression(studies, design, method)
    table = pd.DataFrame(
        {
            "subgroup": order,
            "k": [pooled[group].k for group in order],
            "estimate": fit.coefficients,
            "standard_error": fit.standard_errors,
            "ci_low": fit.ci_low,
            "ci_high": fit.ci_high,
            "p_value": fit.p_values,
            "tau2": fit.tau2,
        }
    )
    differences = []
    for i, j in combinations(range(len(order)), 2):
        row = np.zeros(len(order))
        row[i], row[j] = 1.0, -1.0
        found = fit.contrast(row)
        differences.append(
            SubgroupDifference(
                order[i],
                order[j],
                float(found.estimate[0]),
                float(found.standard_error[0]),
                float(found.ci_low[0]),
                float(found.ci_high[0]),
                float(found.p_value[0]),
                fit.df,
                method.level,
            )
        )
    test = fit.omnibus
    between = JointTest(_BETWEEN, test.statistic, test.df, test.denominator_df, test.p_value)
    return table, between, tuple(differences)


def _separate(
    pooled: dict[str, PooledResult], method: RegressionMethod
) -> tuple[pd.DataFrame, JointTest, tuple[SubgroupDifference, ...]]:
    """Compare the subgroups as `pool` gives them."""
    order, rows = list(pooled), list(pooled.values())
    table = pd.DataFrame(
        {
            "subgroup": order,
            "k": [each.k for each in rows],
            **{
                name: [getattr(each, name) for each in rows]
                for name in ("estimate", "standard_error", "ci_low", "ci_high", "p_value", "tau2")
            },
        }
    )
    means = table["estimate"].to_numpy(dtype=np.float64)
    errors = table["standard_error"].to_numpy(dtype=np.float64)
    df = None if method.ci_method == "Wald" else table["k"].to_numpy(dtype=np.float64) - 1
    differences = tuple(
        _difference(order, i, j, (means, errors, df), method.level)
        for i, j in combinations(range(len(order)), 2)
    )
    return table, _welch(means, errors, df), differences


def _welch(means: Floats, errors: Floats, df: Floats | None) -> JointTest:
    """Test equal means with unequal standard errors: chi-square, or Welch's F where df is given."""
    m = means.size - 1
    if np.any(errors <= 0) or (df is not None and np.any(df < 1)):
        return JointTest(_BETWEEN, math.nan, m, None if df is None else math.nan, math.nan)
    weights = 1 / errors**2
    share = weights / weights.sum()
    centre = float(share @ (means - means[0])) + float(means[0])
    q = float(weights @ (means - centre) ** 2)
    if df is None:
        return JointTest(_BETWEEN, q, m, None, float(chdtrc(m, q)))
    spread = float(((1 - share) ** 2 / df).sum())
    groups = m + 1
    statistic = q / m / (1 + 2 * (groups - 2) / (groups**2 - 1) * spread)
    denominator = (groups**2 - 1) / (3 * spread)
    return JointTest(_BETWEEN, statistic, m, denominator, float(fdtrc(m, denominator, statistic)))


def _difference(
    order: list[str],
    i: int,
    j: int,
    numbers: tuple[Floats, Floats, Floats | None],
    level: float,
) -> SubgroupDifference:
    means, errors, df = numbers
    estimate = float(means[i] - means[j])
    squares = errors[[i, j]] ** 2
    error = math.sqrt(float(squares.sum()))
    nan = math.nan
    if df is None:
        shared = None
    elif min(df[i], df[j]) < 1 or error == 0:
        return SubgroupDifference(order[i], order[j], estimate, nan, nan, nan, nan, nan, level)
    else:
        # Satterthwaite's degrees of freedom.
        share = squares / squares.sum()
        shared = 1 / float((share**2 / df[[i, j]]).sum())
    reach = quantile(level, shared) * error
    return SubgroupDifference(
        order[i],
        order[j],
        estimate,
        error,
        estimate - reach,
        estimate + reach,
        p_of(estimate, error, shared),
        shared,
        level,
    )


# ------------------------------------------------------------------------------------- cautions


def _cautions(table: pd.DataFrame, tau2: str, method: RegressionMethod) -> list[Caution]:
    found = []
    alone = list(table.loc[table["k"] == 1, "subgroup"])
    few = list(table.loc[table["k"] < _FEW, "subgroup"])
    if alone and tau2 == "separate" and method.model == "random":
        untested = method.ci_method != "Wald"
        found.append(
            Caution(
                "one-study-subgroup",
                f"{capital(plural(len(alone), 'subgroup'))} of one study ({join_words(alone)}): "
                "its own tau² is not known, so its interval leaves out how much studies vary"
                + (", and the subgroups cannot be tested" if untested else "")
                + ". Use tau2='common'.",
                "Borenstein and Higgins 2013, Prevention Science 14:134-143",
            )
        )
    elif alone:
        found.append(
            Caution(
                "one-study-subgroup",
                f"One study alone stands for {join_words(alone)}: what is said of it rests on "
                "that study, and on the others for how much studies vary.",
                "Borenstein and Higgins 2013, Prevention Science 14:134-143",
            )
        )
    elif few and tau2 == "separate" and method.model == "random":
        found.append(
            Caution(
                "few-studies-separate-tau2",
                f"Fewer than {_FEW} studies in {join_words(few)}: a separate tau² is mostly "
                "noise there; compare with tau2='common'.",
                "Borenstein and Higgins 2013, Prevention Science 14:134-143",
            )
        )
    found.append(
        Caution(
            "credibility",
            "Before a difference between subgroups is believed: was it expected, with its "
            "direction, before the data were seen; were few subgroups tested; is chance unlikely "
            "by the test of interaction; are the subgroups within studies or, as here, between "
            "them, where other things differ too; and was the cut arbitrary?",
            _ICEMAN,
        )
    )
    return found
