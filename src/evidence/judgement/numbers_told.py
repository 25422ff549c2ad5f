"""Can the numbers be true: what the checks of a review found, told for a reader."""

from __future__ import annotations

import pandas as pd

from evidence.appraisal.check import CANNOT_BE_TESTED, CONTRADICTION, OK
from evidence.appraisal.integrity import IntegrityReport
from evidence.appraisal.integrity.found import DOCUMENTS, NUMBERS, TRIALS, UNUSUAL, Placed
from evidence.data import Review
from evidence.display import Prose, Table, capital, format_number, format_p_range, plural

__all__ = [
    "cannot_be_tested",
    "counts",
    "documents",
    "headline_tested",
    "in_brief",
    "numbers",
    "unusual",
    "what_holds",
]

#: Reasons shown; the rest are told to be few.
_REASONS = 12


def in_brief(report: IntegrityReport) -> Prose:
    """Tell how many checks were made and what they came to.

    Parameters
    ----------
    report
        What `check_integrity` returned.
    """
    return Prose(report.verdict())


def numbers(report: IntegrityReport) -> list[Table]:
    """Return a table for each set of reports that cannot all be right as printed.

    Parameters
    ----------
    report
        What `check_integrity` returned.
    """
    found = report.of(CONTRADICTION, group=NUMBERS)
    if not found:
        nothing = "No reports were found that cannot all be right as printed."
        return [Table(pd.DataFrame(), caption=nothing)]
    return [_told(each) for each in found]


def _told(each: Placed) -> Table:
    return Table(
        _readable(each.check.table),
        caption=f"{each.label}, {each.about}: {each.check.sentence}",
        note=f"Where: {each.where}. Reference: {each.check.reference}.",
    )


def _readable(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table rounded for reading: two ends of a p value as one range."""
    shown = table.copy()
    if {"p_low", "p_high"} <= set(shown.columns):
        ends = zip(shown["p_low"], shown["p_high"], strict=True)
        shown["what it implies"] = [format_p_range(low, high) for low, high in ends]
        shown = shown.drop(columns=["p_low", "p_high", "implied"], errors="ignore")
    for name in shown.columns:
        if shown[name].dtype.kind == "f":
            shown[name] = [format_number(value) for value in shown[name]]
    return shown.rename(columns=lambda name: str(name).replace("_", " "))


def documents(report: IntegrityReport) -> Table:
    """Return what two documents of one study say differently.

    Parameters
    ----------
    report
        What `check_integrity` returned.
    """
    found = report.of(CONTRADICTION, group=DOCUMENTS)
    rows = [(each.label, each.check.sentence, each.where) for each in found]
    return Table(
        pd.DataFrame(rows, columns=["study", "what they say", "where"]),
        caption=(
            f"{capital(plural(len(found), 'difference'))} between two documents of one study, or "
            "between a plan and its dates"
        ),
        note=_compared(report),
    )


def _compared(report: IntegrityReport) -> str:
    same = len(report.of(OK, group=DOCUMENTS))
    silent = len(report.of(CANNOT_BE_TESTED, group=DOCUMENTS))
    return (
        f"{capital(plural(same, 'other comparison'))} found no difference, and "
        f"{plural(silent, 'more', 'more')} could not be made: one of the two documents does not "
        "tell, or the part that would tell was not read."
    )


def unusual(report: IntegrityReport) -> Table:
    """Return the numbers that are possible and unlike the others.

    Parameters
    ----------
    report
        What `check_integrity` returned.
    """
    found = report.of(CONTRADICTION, group=UNUSUAL)
    rows = [(each.label, each.about, each.check.sentence, each.where) for each in found]
    return Table(
        pd.DataFrame(rows, columns=["study", "about", "what is unusual", "where"]),
        caption=f"{capital(plural(len(found), 'number'))} unlike the others",
        note="Unusual is not wrong: it says where to look first.",
    )


def what_holds(report: IntegrityReport, review: Review) -> Table:
    """Return what fits together in the reports of trials, in which people are compared.

    Parameters
    ----------
    report
        What `check_integrity` returned.
    review
        The review it is of.
    """
    studies = review.studies
    trials = set(studies.loc[studies["design"].isin(TRIALS), "study_id"])
    found = [each for each in report.of(OK, group=NUMBERS) if each.study_id in trials]
    others = len(report.of(OK, group=NUMBERS)) - len(found)
    rows = [(each.label, each.check.name, each.check.sentence) for each in found]
    return Table(
        pd.DataFrame(rows, columns=["trial", "check", "what fits"]),
        caption=f"{capital(plural(len(found), 'check'))} of the trials' numbers that found nothing",
        note=f"So did {plural(others, 'check')} of other studies.",
    )


def counts(report: IntegrityReport) -> Table:
    """Return every check by name, and what it came to how often.

    Parameters
    ----------
    report
        What `check_integrity` returned.
    """
    shown = report.counts.rename(
        columns={"group": "compares", CONTRADICTION: "found something", OK: "found nothing"}
    )
    return Table(shown, caption="Every check, and what it came to")


def cannot_be_tested(report: IntegrityReport) -> Table:
    """Return why checks could not be made, the most frequent reasons first.

    Parameters
    ----------
    report
        What `check_integrity` returned.
    """
    reasons = report.reasons
    rest = int(reasons["times"].iloc[_REASONS:].sum())
    note = f"{capital(plural(rest, 'more', 'more'))} for other reasons." if rest else ""
    return Table(
        reasons.head(_REASONS),
        caption=f"Why {plural(int(reasons['times'].sum()), 'check')} cannot be made",
        note=note,
    )


def headline_tested(report: IntegrityReport, review: Review) -> Prose:
    """Tell how much of the headline trial could be tested, and what it would take.

    Parameters
    ----------
    report
        What `check_integrity` returned.
    review
        The review it is of.
    """
    study_id = review.plan.headline.study_id
    mine = report.of(group=NUMBERS, study_id=study_id)
    made = [each for each in mine if each.check.tested]
    reasons = list(dict.fromkeys(each.reason for each in mine if not each.check.tested))
    text = (
        f"Of {plural(len(mine), 'check')} of the numbers of {review.label(study_id)}, "
        f"{plural(len(made), 'could', 'could')} be made."
    )
    if reasons:
        text += f" What stood in the way of the others: {'; '.join(reasons)}."
    return Prose(text)
