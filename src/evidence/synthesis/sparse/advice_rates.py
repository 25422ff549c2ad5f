"""Which method suits sparse events over person-time, and why, in words.

References
----------
Greenland S, Robins JM (1985). Estimation of a common effect parameter from sparse
follow-up data. Biometrics 41:55-68.
Stijnen T, Hamza TH, Özdemir P (2010). Random effects meta-analysis of event outcome in the
framework of the generalized linear mixed model with applications in sparse data.
Statistics in Medicine 29:3046-3067.
Spittal MJ, Pirkis J, Gurrin LC (2015). Meta-analysis of incidence rate data in the presence of
zero events. BMC Medical Research Methodology 15:42.
Deeks JJ, Higgins JPT, Altman DG (editors). Meta-analysis of rare events. Cochrane Handbook
for Systematic Reviews of Interventions, section 10.4.4.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from evidence.display import capital, format_number, format_p, plural
from evidence.synthesis.sparse.advice import SPARSE_RULE, SparseAdvice, SparseRule
from evidence.synthesis.sparse.counts import PersonTime, read_person_time
from evidence.synthesis.sparse.mixed_rates import pool_mixed_rates
from evidence.synthesis.sparse.mixed_result import MixedOptions

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["advise_sparse_rates"]

_GREENLAND = "Greenland and Robins 1985, Biometrics 41:55-68"
_STIJNEN = "Stijnen, Hamza and Özdemir 2010, Statistics in Medicine 29:3046-3067"
_SPITTAL = "Spittal, Pirkis and Gurrin 2015, BMC Medical Research Methodology 15:42"
_HANDBOOK = "Cochrane Handbook, section 10.4.4"


def advise_sparse_rates(
    *,
    events_treatment: ArrayLike,
    time_treatment: ArrayLike,
    events_control: ArrayLike,
    time_control: ArrayLike,
    labels: Sequence[str] | None = None,
    rule: SparseRule = SPARSE_RULE,
) -> SparseAdvice:
    """Say which method suits these events over person-time, and why.

    Parameters
    ----------
    events_treatment, time_treatment, events_control, time_control
        Events and person-time (in one unit for all studies), each a number or shape (k,).
    labels
        Names of the studies.
    rule
        Bounds of the advice.

    Returns
    -------
    SparseAdvice
        A method chosen after a look at the results is no longer a plan: the advice is for
        protocols and for sensitivity analyses.

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.

    Notes
    -----
    In this order: no study with events, none; all events in one group, the rate difference;
    no empty and no small expected count, nothing is sparse; one study with events, the
    conditional model for its own result; likelihood ratio test of one rate ratio below
    `rule.heterogeneity_p`, a conditional Poisson model with random effects; otherwise
    Mantel-Haenszel.
    """
    rates = read_person_time(
        events_treatment=events_treatment,
        time_treatment=time_treatment,
        events_control=events_control,
        time_control=time_control,
        labels=labels,
    )
    facts = _facts(rates)
    method, alternatives, reasons, references = _choose(rates, facts, rule)
    silent = int(rates.nobody.sum())
    if silent and method not in {"none", "rate-difference"}:
        reasons += (
            (
                f"{capital(plural(silent, 'study', 'studies'))} without events can say nothing of "
                "a ratio by this method; a rate difference uses them."
            ),
        )
    return SparseAdvice(
        method=method,
        alternatives=alternatives,
        reasons=reasons,
        facts=pd.DataFrame({"fact": list(facts), "value": list(facts.values())}),
        references=references,
        cautions=rates.cautions,
    )


def _facts(rates: PersonTime) -> dict[str, float]:
    used = ~rates.nobody
    x1, t1, x2, t2 = (each[used] for each in (rates.x1, rates.t1, rates.x2, rates.t2))
    facts = {
        "studies": float(used.size),
        "informative studies": float(used.sum()),
        "studies with no events in one group": float(np.sum((x1 == 0) | (x2 == 0))),
        "events": float(np.sum(x1 + x2)),
        "smallest expected count": math.nan,
        "incidence rate ratio, common": math.nan,
        "heterogeneity, likelihood ratio p": math.nan,
    }
    if not used.any():
        return facts
    smaller = np.minimum(t1, t2) / (t1 + t2)
    facts["smallest expected count"] = float(np.min((x1 + x2) * smaller))
    if x1.any() and x2.any():
        fit = pool_mixed_rates(
            events_treatment=x1,
            time_treatment=t1,
            events_control=x2,
            time_control=t2,
            options=MixedOptions(effects="common"),
        )
        facts["incidence rate ratio, common"] = fit.on_scale(fit.estimate)
        facts["heterogeneity, likelihood ratio p"] = fit.heterogeneity.p_value
    return facts


_Choice = tuple[str, tuple[str, ...], tuple[str, ...], tuple[str, ...]]


def _choose(rates: PersonTime, facts: dict[str, float], rule: SparseRule) -> _Choice:
    if rates.nobody.all():
        time = f"{rates.t1.sum():,.6g} treated and {rates.t2.sum():,.6g} in the control groups"
        reason = (
            f"No study had an event, so nothing can be compared. Report the person-time ({time}) "
            "and, for each group, how high its rate may still be."
        )
        return "none", (), (reason,), (_HANDBOOK,)
    if not (rates.x1.any() and rates.x2.any()):
        where = "control" if rates.x2.any() else "treated"
        reason = (
            f"All events were in the {where} groups: the rate ratio is "
            f"{'0' if where == 'control' else 'infinite'} and has no standard error. The rate "
            "difference can be pooled, and the Mantel-Haenszel test of rates holds."
        )
        return "rate-difference", (), (reason,), (_GREENLAND, _HANDBOOK)
    empty = facts["studies with no events in one group"]
    expected = facts["smallest expected count"]
    if empty == 0 and expected >= rule.fewest_expected:
        reason = (
            "Nothing is sparse here: no group is without events, and every study expects at least "
            f"{format_number(expected, 1)} in each (the rule asks for {rule.fewest_expected:g})."
        )
        return "inverse-variance", ("mantel-haenszel-rates",), (reason,), (_HANDBOOK,)
    p = facts["heterogeneity, likelihood ratio p"]
    if p < rule.heterogeneity_p:
        return (
            "conditional-poisson",
            ("mantel-haenszel-rates",),
            (
                (
                    "The rate ratios differ between studies by more than chance (likelihood ratio "
                    f"test: {format_p(p)}), and the Mantel-Haenszel method assumes one for all."
                ),
                (
                    "A conditional Poisson model lets them vary without adding anything to empty "
                    "counts; given a study's events it is binomial, with nothing approximate."
                ),
            ),
            (_STIJNEN, _SPITTAL, _HANDBOOK),
        )
    return (
        "mantel-haenszel-rates",
        ("conditional-poisson",),
        (
            (
                "Counts are small, and one rate ratio is compatible with all studies"
                + (f" (likelihood ratio test: {format_p(p)})" if math.isfinite(p) else "")
                + ": the Mantel-Haenszel rate ratio adds nothing to empty counts, which "
                "inverse-variance methods would, and be biased by it."
            ),
        ),
        (_GREENLAND, _SPITTAL, _HANDBOOK),
    )
