"""Which method suits sparse counts, and why, in words.

References
----------
Bradburn MJ, Deeks JJ, Berlin JA, Localio AR (2007). Much ado about nothing: a comparison of
the performance of meta-analytical methods with rare events. Statistics in Medicine
26:53-77.
Sweeting MJ, Sutton AJ, Lambert PC (2004). What to add to nothing? Use and avoidance of
continuity corrections in meta-analysis of sparse data. Statistics in Medicine
23:1351-1375.
Efthimiou O (2018). Practical guide to the meta-analysis of rare events. Evidence-Based
Mental Health 21:72-76.
Stijnen T, Hamza TH, Özdemir P (2010). Random effects meta-analysis of event outcome in the
framework of the generalized linear mixed model with applications in sparse data.
Statistics in Medicine 29:3046-3067.
Kuss O (2015). Statistical methods for meta-analyses including information from studies without
any events: add nothing to nothing and succeed nevertheless. Statistics in Medicine
34:1097-1116.
Felsch M, Beckmann L, Bender R, Kuss O, Skipka G, Mathes T (2022). Performance of several types
of beta-binomial models in comparison to standard approaches for meta-analyses with very few
studies. BMC Medical Research Methodology 22:319.
Deeks JJ, Higgins JPT, Altman DG (editors). Meta-analysis of rare events. Cochrane Handbook
for Systematic Reviews of Interventions, section 10.4.4.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from evidence.display import (
    Display,
    capital,
    format_number,
    format_p,
    join_words,
    plural,
)
from evidence.errors import Caution
from evidence.synthesis.sparse.counts import Tables, read_tables
from evidence.synthesis.sparse.exact_odds import MOST_EVENTS
from evidence.synthesis.sparse.peto import PETO_CONDITIONS, peto_cautions, peto_estimate
from evidence.synthesis.sparse.result import plain
from evidence.synthesis.sparse.stratified_tests import homogeneity_tests

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["SPARSE_RULE", "SparseAdvice", "SparseRule", "advise_sparse"]


@dataclass(frozen=True, slots=True)
class SparseRule:
    """Bounds of the advice beside those of Peto's method.

    Attributes
    ----------
    fewest_expected
        Counts are sparse where a study expects fewer than this in a cell: Cochran's rule
        for the chi-square test (1954, Biometrics 10:417-451).
    heterogeneity_p
        P value of Tarone's test below which one odds ratio is not taken to fit all studies;
        the Handbook (10.10.2) mentions 0.10 because such tests have little power.
    """

    fewest_expected: float = 5.0
    heterogeneity_p: float = 0.10


SPARSE_RULE = SparseRule()

_BRADBURN = "Bradburn, Deeks, Berlin and Localio 2007, Statistics in Medicine 26:53-77"
_SWEETING = "Sweeting, Sutton and Lambert 2004, Statistics in Medicine 23:1351-1375"
_EFTHIMIOU = "Efthimiou 2018, Evidence-Based Mental Health 21:72-76"
_STIJNEN = "Stijnen, Hamza and Özdemir 2010, Statistics in Medicine 29:3046-3067"
_KUSS = "Kuss 2015, Statistics in Medicine 34:1097-1116"
_FELSCH = (
    "Felsch, Beckmann, Bender, Kuss, Skipka and Mathes 2022, BMC Medical Research Methodology "
    "22:319"
)
_HANDBOOK = "Cochrane Handbook, section 10.4.4"

#: What each method is called, and where it is.
_METHODS = {
    "none": "no method",
    "exact": "the exact odds ratio of the one study, exact_odds_ratio(...)",
    "exact-pooled": "the exact conditional odds ratio, pool_exact_odds_ratio(...)",
    "peto": "Peto's odds ratio, pool_peto(...)",
    "mantel-haenszel": "the Mantel-Haenszel method, pool_mantel_haenszel(...)",
    "conditional-logistic": (
        "a conditional logistic model with random effects (hypergeometric-normal), "
        "pool_mixed_logistic(...)"
    ),
    "beta-binomial": "beta-binomial regression, pool_beta_binomial(...)",
    "mantel-haenszel-rates": (
        "the Mantel-Haenszel method for rates, pool_mantel_haenszel_rates(...)"
    ),
    "rate-difference": (
        "the Mantel-Haenszel incidence rate difference, pool_mantel_haenszel_rates(..., "
        'measure="incidence rate difference")'
    ),
    "conditional-poisson": (
        "a conditional Poisson model with random effects (binomial-normal), pool_mixed_rates(...)"
    ),
    "inverse-variance": "the usual inverse-variance methods, pool(...)",
}


@dataclass(frozen=True, slots=True, eq=False)
class SparseAdvice(Display):
    """Which method suits the counts of several studies.

    Attributes
    ----------
    method
        ``"peto"``, ``"mantel-haenszel"``, ``"conditional-logistic"``, ``"exact"`` (one
        informative study), ``"exact-pooled"``, ``"inverse-variance"`` or ``"none"``; for rates
        also ``"mantel-haenszel-rates"``, ``"conditional-poisson"`` and ``"rate-difference"``.
    alternatives
        What to run beside it, to see whether the conclusion holds.
    reasons
        One sentence each.
    facts
        Table with what the advice rests on: `fact`, `value`.
    references
        The papers behind it.
    cautions
        Which studies were left out because a number is missing.
    """

    method: str
    alternatives: tuple[str, ...]
    reasons: tuple[str, ...]
    facts: pd.DataFrame
    references: tuple[str, ...]
    cautions: tuple[Caution, ...] = ()

    def summary(self) -> str:
        """Return the advice in words."""
        lines = [f"Suited to these counts: {_METHODS[self.method]}.", *self.reasons]
        if self.alternatives:
            others = join_words(_METHODS[name] for name in self.alternatives)
            lines.append(f"To see whether the conclusion depends on the method: {others}.")
        lines += [f"Note: {caution.message}" for caution in self.cautions]
        return "\n".join([*lines, f"See {'; '.join(self.references)}."])

    def to_frame(self) -> pd.DataFrame:
        """Return the facts that the advice rests on, unrounded."""
        return self.facts

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        return {
            "method": self.method,
            "alternatives": list(self.alternatives),
            "reasons": list(self.reasons),
            "facts": {
                str(fact): plain(value)
                for fact, value in zip(self.facts["fact"], self.facts["value"], strict=True)
            },
            "references": list(self.references),
            "cautions": [caution.message for caution in self.cautions],
        }


def advise_sparse(
    *,
    events_treatment: ArrayLike,
    total_treatment: ArrayLike,
    events_control: ArrayLike,
    total_control: ArrayLike,
    labels: Sequence[str] | None = None,
    rule: SparseRule = SPARSE_RULE,
) -> SparseAdvice:
    """Say which method suits these counts, and why.

    Parameters
    ----------
    events_treatment, total_treatment, events_control, total_control
        Counts, each a number or shape (k,).
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
    In this order: no study with and without events, none; one such study, its exact
    interval; all events in one group, the exact conditional odds ratio; no empty cell and no
    small expected one, nothing is sparse; Tarone's test below `rule.heterogeneity_p`, a
    conditional logistic model with random effects; rare events, balanced groups and no large
    effect (`PETO_CONDITIONS`), Peto; otherwise Mantel-Haenszel. Beta-binomial regression stands
    beside these where risks differ between studies or studies without events (or with events
    in all) would be lost.
    """
    tables = read_tables(
        events_treatment=events_treatment,
        total_treatment=total_treatment,
        events_control=events_control,
        total_control=total_control,
        labels=labels,
    )
    used = tables.take(~(tables.nobody | tables.everybody))
    facts = _facts(tables, used)
    method, alternatives, reasons, references = _choose(tables, used, facts, rule)
    silent = len(tables.names) - len(used.names)
    if silent and method != "none":
        reasons += (_of_silent(silent),)
        if _fits_beta_binomial(tables):
            reasons += (
                (
                    "Beta-binomial regression keeps them in, at the price of taking the groups of "
                    "a study as independent."
                ),
            )
            references += (_KUSS,)
            if "beta-binomial" not in alternatives:
                alternatives += ("beta-binomial",)
    return SparseAdvice(
        method=method,
        alternatives=alternatives,
        reasons=reasons,
        facts=pd.DataFrame({"fact": list(facts), "value": list(facts.values())}),
        references=references,
        cautions=tables.cautions,
    )


def _of_silent(count: int) -> str:
    return (
        f"{capital(plural(count, 'study', 'studies'))} with events in nobody or in "
        "everybody can say nothing of a ratio by this method; a risk difference would use them, "
        "but with rare events its interval is too wide and its power low."
    )


def _fits_beta_binomial(tables: Tables) -> bool:
    """Whether both mean risks lie between 0 and 1, and people are whole."""
    cells = (tables.a, tables.b, tables.c, tables.d)
    return all(bool(cell.any()) for cell in cells) and _whole(tables)


def _whole(tables: Tables) -> bool:
    return all(bool(np.all(each == np.floor(each))) for each in tables.columns().values())


def _facts(tables: Tables, used: Tables) -> dict[str, float]:
    nan = math.nan
    one_arm = (used.a == 0) | (used.c == 0) | (used.b == 0) | (used.d == 0)
    facts = {
        "studies": float(len(tables.names)),
        "informative studies": float(len(used.names)),
        "studies with an empty cell, but informative": float(one_arm.sum()),
        "events": float(tables.events.sum()),
        "people": float(tables.total.sum()),
        "share with the event, %": 100 * float(tables.events.sum() / tables.total.sum()),
        "largest imbalance of groups": nan,
        "smallest expected count": nan,
        "odds ratio, Mantel-Haenszel": nan,
        "odds ratio, Peto": nan,
        "heterogeneity, Tarone's p": nan,
    }
    if not used.names:
        return facts
    smaller, larger = np.minimum(used.n1, used.n2), np.maximum(used.n1, used.n2)
    rarer = np.minimum(used.events, used.total - used.events)
    facts["largest imbalance of groups"] = float((larger / smaller).max())
    facts["smallest expected count"] = float((smaller * rarer / used.total).min())
    facts["odds ratio, Peto"] = math.exp(peto_estimate(used))
    top = float(np.sum(used.a * used.d / used.total))
    bottom = float(np.sum(used.b * used.c / used.total))
    facts["odds ratio, Mantel-Haenszel"] = top / bottom if bottom else math.inf
    if top and bottom:
        facts["heterogeneity, Tarone's p"] = homogeneity_tests(used, top / bottom)[1].p_value
    return facts


_Choice = tuple[str, tuple[str, ...], tuple[str, ...], tuple[str, ...]]


def _choose(tables: Tables, used: Tables, facts: dict[str, float], rule: SparseRule) -> _Choice:
    k = len(used.names)
    ratio, p = facts["odds ratio, Mantel-Haenszel"], facts["heterogeneity, Tarone's p"]
    if not k:
        return "none", (), (_nothing(tables),), (_HANDBOOK, _EFTHIMIOU)
    if k == 1:
        reason = f"Only {used.names[0]} had people with and without the event: nothing is pooled."
        return "exact", (), (reason,), (_HANDBOOK,)
    if ratio in (0, math.inf):
        return (
            "exact-pooled",
            ("peto",),
            (
                (
                    "In every informative study one group had no events (or only events), always "
                    "the same one, so the Mantel-Haenszel odds ratio is "
                    f"{'0' if ratio == 0 else 'infinite'} and has no standard error."
                ),
                (
                    "The exact conditional distribution still bounds the odds ratio on one side; "
                    "Peto's method gives a number, but is biased for an effect this large."
                ),
            ),
            ("Mehta, Patel and Gray 1985, JASA 80:969-973", _HANDBOOK),
        )
    empty = facts["studies with an empty cell, but informative"]
    expected = facts["smallest expected count"]
    if empty == 0 and expected >= rule.fewest_expected:
        return (
            "inverse-variance",
            ("mantel-haenszel",),
            (
                (
                    "Nothing is sparse here: no cell is empty, and every study expects at least "
                    f"{format_number(expected, 1)} people in each (the rule asks for "
                    f"{rule.fewest_expected:g})."
                ),
            ),
            (_HANDBOOK,),
        )
    if p < rule.heterogeneity_p:
        return _heterogeneous(tables, k, p)
    against = peto_cautions(tables)
    exact = _whole(used) and float(used.events.sum()) <= MOST_EVENTS
    if not against:
        return (
            "peto",
            ("mantel-haenszel",),
            (
                (
                    f"Events are rare ({format_number(facts['share with the event, %'], 2)}%, at "
                    f"most {100 * PETO_CONDITIONS.most_events:g}%), the groups balanced (at most "
                    f"{format_number(facts['largest imbalance of groups'], 1)} to 1) and the "
                    f"effect not large (odds ratio {format_number(facts['odds ratio, Peto'])}): "
                    "under these three conditions Peto's method was the least biased and "
                    "most powerful."
                ),
                "It adds nothing to empty cells.",
            ),
            (_BRADBURN, _HANDBOOK),
        )
    return (
        "mantel-haenszel",
        ("exact-pooled",) if exact else (),
        (
            *(caution.message for caution in against),
            (
                "The Mantel-Haenszel odds ratio has none of these conditions, and adds nothing to "
                "empty cells either; inverse-variance methods would, and be biased by it."
            ),
        ),
        (_BRADBURN, _SWEETING, _EFTHIMIOU, _HANDBOOK),
    )


def _heterogeneous(tables: Tables, k: int, p: float) -> _Choice:
    reasons: tuple[str, ...] = (
        (
            "The odds ratios differ between studies by more than chance (Tarone: "
            f"{format_p(p)}), and both Peto's and the Mantel-Haenszel method assume one "
            "for all."
        ),
        (
            "A conditional logistic model lets them vary without adding anything to empty cells"
            + (
                "."
                if _whole(tables)
                else '; its exact likelihood needs whole counts, model="fixed-studies" does not.'
            )
        ),
    )
    others: tuple[str, ...] = ("mantel-haenszel",)
    references: tuple[str, ...] = (_STIJNEN, _EFTHIMIOU, _HANDBOOK)
    if _fits_beta_binomial(tables):
        others = ("beta-binomial", *others)
        references = (*references[:2], _FELSCH, _HANDBOOK)
    if k == 2:
        reasons += (
            (
                "With two studies that differ no method performed well in simulations: show both, "
                "and pool with reserve, if at all."
            ),
        )
        references += () if _FELSCH in references else (_FELSCH,)
    return "conditional-logistic", others, reasons, references


def _nothing(tables: Tables) -> str:
    who = "everybody" if bool(tables.everybody.all()) else "nobody"
    if not bool(tables.everybody.all() or tables.nobody.all()):
        who = "nobody or everybody"
    return (
        f"In every study {who} had the event, so nothing can be compared. Report the counts "
        f"({tables.n1.sum():,.0f} treated, {tables.n2.sum():,.0f} in the control groups) and, for "
        "each group, how high (or low) its risk may still be: proportion_interval(...)."
    )
