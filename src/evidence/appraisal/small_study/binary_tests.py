"""Regression tests for small-study effects in two-by-two tables, from the counts.

The standard error of an odds or risk ratio depends on the ratio itself, which makes a funnel plot
lopsided where nothing is missing; each of these tests takes a measure of size that does not.

References
----------
Harbord RM, Egger M, Sterne JAC (2006). A modified test for small-study effects in meta-analyses of
controlled trials with binary endpoints. Statistics in Medicine 25:3443-3457.
Peters JL, Sutton AJ, Jones DR, Abrams KR, Rushton L (2006). Comparison of two methods to detect
publication bias in meta-analysis. JAMA 295:676-680.
Deeks JJ, Macaskill P, Irwig L (2005). The performance of tests of publication bias and other
sample size effects in systematic reviews of diagnostic test accuracy was assessed. Journal of
Clinical Epidemiology 58:882-893.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from evidence.appraisal.small_study.counts import (
    Counts,
    check_counts,
    continuity_cautions,
    ratio_heterogeneity_cautions,
)
from evidence.appraisal.small_study.guard import Asked, SmallStudyCheck, check_force
from evidence.appraisal.small_study.line import Points

if TYPE_CHECKING:
    from typing import Unpack

    from evidence.effects.sizes import EffectSizes
    from evidence.synthesis.sparse.counts import Tables


__all__ = ["deeks_test", "harbord_test", "peters_test"]

HARBORD = "Harbord, Egger and Sterne 2006, Statistics in Medicine 25:3443-3457"
PETERS = "Peters et al. 2006, JAMA 295:676-680"
DEEKS = "Deeks, Macaskill and Irwig 2005, Journal of Clinical Epidemiology 58:882-893"


def harbord_test(
    *,
    labels: Sequence[str] | None = None,
    level: float = 0.95,
    force: bool = False,
    **counts: Unpack[Counts],
) -> SmallStudyCheck:
    """Regress efficient scores over their information on its root (Harbord's test).

    Parameters
    ----------
    labels
        Names of the studies.
    level
        Of the intervals.
    force
        Whether to compute it below 10 studies, or where they are nearly of one size.
    **counts
        `events_treatment`, `total_treatment`, `events_control`, `total_control`, shape (k,).

    Returns
    -------
    SmallStudyCheck
        The slope of Z/V on 1/√V with weights V: the intercept of Z/√V on √V. Z is the events in
        the treatment group less those expected, V their hypergeometric variance.

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.

    References
    ----------
    Harbord, Egger and Sterne 2006.
    """

    def lay(tables: Tables, ratios: EffectSizes) -> Points:
        total, events = tables.total, tables.events
        score = tables.a - tables.n1 * events / total
        information = tables.n1 * tables.n2 * events * (total - events) / (total**2 * (total - 1))
        return Points(
            effects=score / information,
            variances=1 / information,
            predictor=1 / np.sqrt(information),
            sizes=1 / information,
            names=tables.names,
            term="1/√V",
            cautions=ratio_heterogeneity_cautions(ratios),
        )

    asked = Asked("Harbord's test", HARBORD, check_force(force))
    return check_counts(asked, labels, level, counts, lay)


def peters_test(
    *,
    labels: Sequence[str] | None = None,
    level: float = 0.95,
    force: bool = False,
    **counts: Unpack[Counts],
) -> SmallStudyCheck:
    """Regress log odds ratios on 1/n (Peters' test).

    Parameters
    ----------
    labels, level, force, **counts
        As in `harbord_test`.

    Returns
    -------
    SmallStudyCheck
        The slope on 1/n, with weights (1/events + 1/non-events)⁻¹ of both groups together.

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.

    Notes
    -----
    0.5 is added to the cells of studies with an empty one, for their odds ratio alone.

    References
    ----------
    Peters et al. 2006.
    """

    def lay(tables: Tables, ratios: EffectSizes) -> Points:
        total, events = tables.total, tables.events
        return Points(
            effects=ratios.estimate,
            variances=1 / events + 1 / (total - events),
            predictor=1 / total,
            sizes=1 / total,
            names=tables.names,
            term="1/n",
            cautions=(*continuity_cautions(ratios), *ratio_heterogeneity_cautions(ratios)),
        )

    asked = Asked("Peters' test", PETERS, check_force(force))
    return check_counts(asked, labels, level, counts, lay)


def deeks_test(
    *,
    labels: Sequence[str] | None = None,
    level: float = 0.95,
    force: bool = False,
    **counts: Unpack[Counts],
) -> SmallStudyCheck:
    """Regress log odds ratios on the root of the effective sample size (Deeks' test).

    Parameters
    ----------
    labels, level, force, **counts
        As in `harbord_test`. For the accuracy of a diagnostic test, people with the disease are
        the treatment group, people without it the control group, and positive tests the events.

    Returns
    -------
    SmallStudyCheck
        The slope on 1/√ESS with weights ESS, the effective sample size 4 n₁n₂/(n₁ + n₂).

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.

    Notes
    -----
    0.5 is added to the cells of studies with an empty one.

    References
    ----------
    Deeks, Macaskill and Irwig 2005.
    """

    def lay(tables: Tables, ratios: EffectSizes) -> Points:
        effective = 4 * tables.n1 * tables.n2 / tables.total
        return Points(
            effects=ratios.estimate,
            variances=1 / effective,
            predictor=1 / np.sqrt(effective),
            sizes=1 / effective,
            names=tables.names,
            term="1/√ESS",
            cautions=(*continuity_cautions(ratios), *ratio_heterogeneity_cautions(ratios)),
        )

    asked = Asked("Deeks' test", DEEKS, check_force(force))
    return check_counts(asked, labels, level, counts, lay)
