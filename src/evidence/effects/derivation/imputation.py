"""Effects where a report says too little for one: what could stand in for it, and never unsaid.

Nothing here enters a planned analysis. It is for asking what an answer would be if a trial that
reports only "not significant", a bound on p, or a size without its direction, had its say.

References
----------
Cochrane Handbook for Systematic Reviews of Interventions, section 6.5.2.3 (a p value below a
bound taken at the bound, which is conservative).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from evidence.data import Review
from evidence.effects.conversions.spread import t_from_p
from evidence.effects.derivation.context import CAUTIONS, Context, group_sizes
from evidence.effects.derivation.derive import LeftOut, context_of
from evidence.effects.derivation.from_contrasts import standardised
from evidence.effects.derivation.readings import Reading
from evidence.errors import Caution

__all__ = ["either_way", "least_informative"]

_SMD = "standardised mean difference"


def _imputed(what: str) -> Caution:
    return Caution("imputed", f"The effect is not reported: {what}.", "Cochrane Handbook, 6.5.2.3")


def either_way(out: LeftOut) -> tuple[Reading, Reading] | None:
    """Return a size without direction as higher and as lower with treatment.

    Parameters
    ----------
    out
        A study left out, as `derive_analysis` returns it.

    Returns
    -------
    tuple of two readings, or None
        None where no size is known, or its direction is.
    """
    readings = () if out.comparison is None else out.comparison.readings
    unsigned = [r for r in readings if not r.signed and not r.bound]
    if not unsigned:
        return None
    caution = _imputed("its size follows from what is reported, its direction was assumed")
    first = unsigned[0]
    higher = replace(
        first,
        estimate=abs(first.estimate),
        signed=True,
        cautions=(*first.cautions, caution),
    )
    return higher, higher.flipped()


def least_informative(
    review: Review, out: LeftOut, measure: str, correlation: float | None = None
) -> Reading | None:
    """Return the least that a bound on p, or "not significant", can stand for.

    A p value below a bound is taken at the bound; one above a bound, and a difference that is
    only said to be not significant, as no difference, with the standard error that the number
    of people gives.

    Parameters
    ----------
    review
        The review.
    out
        A study left out, as `derive_analysis` returns it.
    measure
        The measure; only a standardised mean difference follows from a p value alone.
    correlation
        As `derive` takes it.

    Returns
    -------
    Reading or None
        None where nothing of the kind is reported, or the people behind it are not known.
    """
    if measure != _SMD or out.by_decision or not out.timepoint:
        return None
    context = context_of(
        review,
        out.study_id,
        out.outcome_id,
        timepoint=out.timepoint,
        measure=measure,
        correlation=correlation,
    )
    if context.crossover and correlation is None:
        return None
    for line in context.contrasts.index:
        found = _of_row(context, int(line))
        if found is not None:
            return found
    return None


def _of_row(context: Context, line: int) -> Reading | None:
    row: Any = context.contrasts.loc[line]
    sizes = group_sizes(context, line)
    if sizes is None or row["p_test"] == "several groups":
        return None
    relation = "" if pd.isna(row["p"]) or pd.isna(row["p_relation"]) else str(row["p_relation"])
    sign, signed, borrowed = context.sign(line)
    if relation in ("<", "<="):
        if not (signed and 0 < float(row["p"]) < 1):
            return None
        freedom = sizes.df if pd.isna(row["df"]) else float(row["df"])
        statistic = sign * t_from_p(float(row["p"]), freedom)
        what = (
            f"p {relation} {context.review.number('contrasts', line, 'p')} was taken at its bound"
        )
    elif relation == ">" or row["significance"] == "not significant":
        statistic, borrowed = 0.0, ()
        what = "a difference that was not significant was taken as none"
    else:
        return None
    second_hand = (CAUTIONS["second-hand"],) if row["tier"] == "secondary" else ()
    estimate, standard_error = standardised(statistic, sizes)
    return Reading(
        study_id=context.study_id,
        outcome_id=context.outcome.id,
        timepoint=context.timepoint,
        measure=context.measure,
        kind="p",
        estimate=estimate,
        standard_error=standard_error,
        n_treatment=sizes.treatment,
        n_control=sizes.control,
        path=what,
        tier=str(row["tier"]),
        rows=(("contrasts", line),),
        source_ids=(str(row["source_id"]),),
        statistic_low=abs(statistic),
        statistic_high=abs(statistic),
        cautions=(*second_hand, *borrowed, *sizes.cautions, _imputed(what)),
        df=sizes.df,
    )
