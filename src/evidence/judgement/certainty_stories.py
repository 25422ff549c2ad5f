"""How certain, in tables and sentences: domain by domain, beside others, and how to decide."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, replace
from html import escape

import pandas as pd

from evidence.appraisal.borrowed import borrow_from_indirect
from evidence.appraisal.certainty import LEVELS, Certainty, rate_certainty
from evidence.data import Analysis, Review
from evidence.data.frames import each_row
from evidence.display import Display, Prose, Table, capital, html_table, join_words, plural
from evidence.effects.importance import important_difference
from evidence.errors import EvidenceError
from evidence.judgement.conclusions import Conclusions
from evidence.judgement.phrases import inside
from evidence.synthesis.body import synthesise

__all__ = [
    "CertaintyComparison",
    "borrowed",
    "compare_certainty",
    "decision_example",
    "decisions_told",
    "domain_by_domain",
    "rules_of_certainty",
]

_MEASURE = "standardised mean difference"


@dataclass(frozen=True, eq=False)
class CertaintyComparison(Display):
    """Our ratings beside those of published reviews.

    Attributes
    ----------
    table
        One row per published rating: `review`, `outcome`, `theirs`, `ours` (each reading's, where
        they differ), `steps` (how many levels ours is lower; missing where we have none), `why`,
        `note` (what is known of theirs).
    """

    table: pd.DataFrame

    def summary(self) -> str:
        """Return each comparison in a sentence."""
        if self.table.empty:
            return "No published rating of certainty is recorded."
        return "\n".join(
            f"{row.review} rates {inside(row.outcome)} {row.theirs}; here it is {row.ours}. "
            f"{row.why}"
            for row in each_row(self.table)
        )

    def to_frame(self) -> pd.DataFrame:
        """Return one row per published rating."""
        return self.table.copy()

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        plain = self.table.astype({"steps": object}).where(self.table.notna(), None)
        return {"ratings": plain.to_dict("records")}

    def _repr_html_(self) -> str:
        if self.table.empty:
            return f"<p>{escape(self.summary())}</p>"
        shown = self.table.drop(columns="steps").rename(
            columns={
                "review": "published review",
                "why": "why they differ, or do not",
                "note": "what is known of theirs",
            }
        )
        return html_table(shown, caption="Published ratings of certainty beside ours")


def compare_certainty(review: Review) -> CertaintyComparison:
    """Hold our ratings against those of published reviews, outcome by outcome.

    Where the plan has an analysis of the outcome, that is rated; otherwise the trials of it are
    pooled as the plan's first analysis, for this comparison only.

    Parameters
    ----------
    review
        The review, with its `published_certainty.csv`.

    Returns
    -------
    CertaintyComparison

    References
    ----------
    Balshem H, Helfand M, Schünemann HJ, et al. (2011). GRADE guidelines: 3. Rating the quality
    of evidence. Journal of Clinical Epidemiology 64:401-406.
    """
    rated: dict[str, tuple[Certainty, ...] | str] = {}
    rows = []
    for row in each_row(review.tables["published_certainty"]):
        outcome, theirs = str(row.outcome_id), str(row.certainty)
        if outcome not in rated:
            rated[outcome] = _rated(review, outcome)
        found = rated[outcome]
        ours, steps, why = (
            ("not rated", None, found)
            if isinstance(found, str)
            else (_levels(found), *_why(found, theirs))
        )
        label, name = review.label(str(row.study_id)), capital(review.outcome(outcome).name)
        rows.append((label, name, theirs, ours, steps, why, str(row.note)))
    columns = ["review", "outcome", "theirs", "ours", "steps", "why", "note"]
    return CertaintyComparison(pd.DataFrame(rows, columns=columns).astype({"steps": "Int64"}))


def _rated(review: Review, outcome_id: str) -> tuple[Certainty, ...] | str:
    """Return the certainty under each reading, or why there is none."""
    planned = [
        analysis for analysis in review.plan.analyses.values() if analysis.outcomes == (outcome_id,)
    ]
    if planned:
        analysis = planned[0]
    else:
        outcome = review.outcome(outcome_id)
        first = next(iter(review.plan.analyses.values()))
        measure = _MEASURE if outcome.kind == "continuous" else "risk ratio"
        analysis = replace(
            first, id=outcome_id, title=capital(outcome.name), outcomes=(outcome_id,),
            measure=measure,
        )  # fmt: skip
        review = _with(review, analysis)
    try:
        synthesis = synthesise(review, analysis.id)
    except EvidenceError as error:
        return _no_trial(str(error))
    threshold = important_difference(review, analysis.outcomes, analysis.measure)
    return tuple(
        rate_certainty(review, synthesis, scenario, threshold) for scenario in synthesis.scenarios
    )


def _no_trial(message: str) -> str:
    reason = message.partition(": ")[2] or message
    return f"Nothing can be rated here: {inside(reason).rstrip('.')}."


def _with(review: Review, analysis: Analysis) -> Review:
    """Return the review with one analysis more."""
    analyses = {**review.plan.analyses, analysis.id: analysis}
    return replace(review, plan=replace(review.plan, analyses=analyses))


def _levels(found: tuple[Certainty, ...]) -> str:
    return join_words(dict.fromkeys(certainty.level for certainty in found), "or")


def _why(found: tuple[Certainty, ...], theirs: str) -> tuple[int, str]:
    """Say which of our reasons would have to go for the levels to be the same."""
    worst = max(found, key=lambda one: LEVELS.index(one.level))
    steps = LEVELS.index(worst.level) - LEVELS.index(theirs)
    down = [f"{d.name} ({plural(worst.levels_of(d), 'level')})" for d in worst.rated_down]
    ours = f"Ours rates down for {join_words(down)}" if down else "Ours rates down for nothing"
    if steps == 0:
        return 0, f"The levels are the same. {ours}."
    wanted = LEVELS.index(theirs)
    total = sum(worst.levels_of(domain) for domain in worst.domains)
    start = 0 if worst.start is None else worst.start.levels
    enough = [
        domain.name
        for domain in worst.rated_down
        if min(start + total - worst.levels_of(domain), len(LEVELS) - 1) == wanted
    ]
    side = "lower" if steps > 0 else "higher"
    text = f"Ours is {plural(abs(steps), 'level')} {side}. {ours}."
    if steps > 0 and enough:
        text += f" Without {join_words(enough, 'or')} alone the levels would be the same."
    elif steps > 0:
        text += f" It would take {plural(start + total - wanted, 'level')} less to agree."
    return steps, text


def domain_by_domain(conclusions: Conclusions) -> Table:
    """Return the five domains of the main analysis under each reading: suggestion and decision.

    Parameters
    ----------
    conclusions
        The conclusions of a review.
    """
    main = conclusions.main
    rows = []
    for certainty in main.certainties:
        for number, row in enumerate(each_row(certainty.to_frame())):
            domain = (*certainty.domains, *certainty.rated_up)[number]
            decision = certainty.decision(domain.name)
            decided = ""
            if decision is not None:
                word = domain.word_for(certainty.levels_of(domain))
                decided = f"{word} ({decision.note}): {decision.reason}"
            rows.append(
                (
                    (certainty.reading or "as reported") if number == 0 else "",
                    capital(str(row.domain)),
                    domain.word,
                    domain.reason,
                    decided or "none",
                )
            )
    columns = ["reading", "domain", "suggestion", "why", "decision"]
    levels = join_words(dict.fromkeys(c.level for c in main.certainties), "or")
    note = f"Together: {levels}." if main.certainties else ""
    return Table(
        pd.DataFrame(rows, columns=columns),
        caption=f"{main.title}: the certainty, domain by domain",
        note=note,
    )


def rules_of_certainty(conclusions: Conclusions) -> Table:
    """Return the rules behind the suggestions: what each reads, does, and rests on.

    Parameters
    ----------
    conclusions
        The conclusions of a review.
    """
    rows = []
    for certainty in conclusions.main.certainties[:1]:
        start = () if certainty.start is None else (certainty.start,)
        for domain in (*start, *certainty.domains, *certainty.upgrades):
            if domain.rule is None:
                rows.append((capital(domain.name), "", domain.reference))
            else:
                rows.append((capital(domain.name), domain.rule.does, domain.rule.reference))
    return Table(
        pd.DataFrame(rows, columns=["what is rated", "the rule", "where it is from"]),
        caption="How each suggestion is worked out",
    )


def decisions_told(conclusions: Conclusions) -> Prose:
    """Tell which decisions reviewers recorded, and which of them are stale.

    Parameters
    ----------
    conclusions
        The conclusions of a review.
    """
    lines = []
    for analysis in conclusions.analyses:
        for certainty in analysis.certainties:
            reading = f", reading {certainty.reading}" if certainty.reading else ""
            lines += [
                f"{analysis.title}{reading}, {one.domain}: {one.reason} ({one.note})"
                for one in certainty.decisions
            ]
            lines += [f"{analysis.title}: {one}." for one in certainty.unmatched]
    if not lines:
        return Prose(
            "No reviewer's decision is recorded for this review. Every level here is what the "
            "rules suggest."
        )
    return Prose(*dict.fromkeys(lines), style="list")


def decision_example(conclusions: Conclusions) -> Table:
    """Return the row that would record a decision on imprecision; it records nothing.

    Parameters
    ----------
    conclusions
        The conclusions of a review.
    """
    main = conclusions.main
    if not main.certainties:
        return Table(pd.DataFrame(), caption="There is no certainty to decide on.")
    row = main.certainties[0].decision_row(
        "imprecision", levels=1, reason="why you decide so", who="your name", header=True
    )
    header, cells = csv.reader(io.StringIO(row))
    shown = [cell if name != "when" else "the day of the decision"
             for name, cell in zip(header, cells, strict=True)]  # fmt: skip
    return Table(
        pd.DataFrame({"column": header, "what the row would say": shown}),
        caption="A row of certainty_decisions.csv, column by column",
        note="Made with certainty.decision_row(...); nothing of it is recorded.",
    )


def borrowed(conclusions: Conclusions) -> Display | Prose:
    """Return what borrowing from indirect trials does to the main result, or why nothing.

    Parameters
    ----------
    conclusions
        The conclusions of a review.
    """
    main = conclusions.main
    if main.synthesis is None:
        return Prose(main.refusal)
    try:
        return borrow_from_indirect(conclusions.review, synthesis=main.synthesis)
    except EvidenceError as error:
        return Prose(str(error))
