"""Macaskill's test: whether treatment effects go with the number of people in a study.

References
----------
Macaskill P, Walter SD, Irwig L (2001). A comparison of methods to detect publication bias in
meta-analysis. Statistics in Medicine 20:641-654.
Peters JL, Sutton AJ, Jones DR, Abrams KR, Rushton L (2006). Comparison of two methods to detect
publication bias in meta-analysis. JAMA 295:676-680.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

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

__all__ = ["macaskill_test"]

MACASKILL = "Macaskill, Walter and Irwig 2001, Statistics in Medicine 20:641-654"


def macaskill_test(
    *,
    labels: Sequence[str] | None = None,
    level: float = 0.95,
    force: bool = False,
    **counts: Unpack[Counts],
) -> SmallStudyCheck:
    """Regress log odds ratios on the number of people (Macaskill's test).

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
        The slope on -n, so that a positive one says that effects are higher in smaller studies,
        with weights (1/events + 1/non-events)⁻¹ of both groups together: the inverse variance of
        the logit of the pooled proportion. The intercept, at no people at all, stands for no
        effect.

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.

    Notes
    -----
    0.5 is added to the cells of studies with an empty one, for their odds ratio alone. Peters'
    test differs in the predictor, 1/n, on which a few very large studies have less leverage.

    References
    ----------
    Macaskill, Walter and Irwig 2001 (the test); Peters et al. 2006 (1/n instead).
    """

    def lay(tables: Tables, ratios: EffectSizes) -> Points:
        total, events = tables.total, tables.events
        return Points(
            effects=ratios.estimate,
            variances=1 / events + 1 / (total - events),
            predictor=-total,
            sizes=1 / total,
            names=tables.names,
            term="−n",
            cautions=(*continuity_cautions(ratios), *ratio_heterogeneity_cautions(ratios)),
        )

    asked = Asked("Macaskill's test", MACASKILL, check_force(force))
    found = check_counts(asked, labels, level, counts, lay)
    if not found.tested:
        return found
    table = found.table.replace({"term": {"limit effect": "intercept"}})
    return replace(found, table=table)
