"""One pass over a review: whether its numbers can be true."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from html import escape

import pandas as pd

from evidence.appraisal.check import CANNOT_BE_TESTED, CONTRADICTION, OK
from evidence.appraisal.integrity.arm_rows import check_arms
from evidence.appraisal.integrity.contrast_rows import (
    check_comparisons,
    check_contrasts,
    check_crossovers,
)
from evidence.appraisal.integrity.documents import check_documents, check_plans, check_timing
from evidence.appraisal.integrity.found import DOCUMENTS, NUMBERS, UNUSUAL, Placed
from evidence.appraisal.integrity.people import check_people, check_percentages
from evidence.appraisal.integrity.unusual import (
    check_baseline,
    check_repeats,
    check_sizes,
    check_spreads,
)
from evidence.data import Review
from evidence.display import Display, capital, html_table, join_words, plural

__all__ = ["IntegrityReport", "check_integrity"]

_PASSES = (
    check_arms,
    check_contrasts,
    check_comparisons,
    check_crossovers,
    check_people,
    check_percentages,
    check_documents,
    check_timing,
    check_plans,
    check_sizes,
    check_spreads,
    check_repeats,
    check_baseline,
)
_HEADS = {
    NUMBERS: "Reports that cannot all be right as printed",
    DOCUMENTS: "Two documents of one study that differ",
    UNUSUAL: "Numbers that are possible, and unlike the others",
}
_COLUMNS = [
    "group",
    "check",
    "status",
    "study_id",
    "study",
    "about",
    "file",
    "line",
    "sentence",
    "reason",
    "reference",
]


@dataclass(frozen=True, eq=False)
class IntegrityReport(Display):
    """Every check of a review's numbers.

    Attributes
    ----------
    title
        Of the review.
    found
        The checks, each with its place.
    """

    title: str
    found: tuple[Placed, ...]

    def of(self, status: str = "", *, group: str = "", study_id: str = "") -> tuple[Placed, ...]:
        """Return some of the checks.

        Parameters
        ----------
        status
            Only those with this status.
        group
            Only ``"numbers"``, ``"documents"`` or ``"unusual"``.
        study_id
            Only those of this study.
        """
        return tuple(
            each
            for each in self.found
            if status in ("", each.check.status)
            and group in ("", each.group)
            and study_id in ("", each.study_id)
        )

    @property
    def contradictions(self) -> tuple[Placed, ...]:
        """The checks that found something: numbers first, then documents, then the unusual."""
        return tuple(each for group in _HEADS for each in self.of(CONTRADICTION, group=group))

    @cached_property
    def counts(self) -> pd.DataFrame:
        """How many checks of each name came to what: one row per check."""
        tally = Counter((each.group, each.check.name, each.check.status) for each in self.found)
        names = dict.fromkeys((each.group, each.check.name) for each in self.found)
        rows = [
            (group, name, *(tally[group, name, status] for status in _STATUSES))
            for group, name in names
        ]
        return pd.DataFrame(rows, columns=["group", "check", *_STATUSES])

    @cached_property
    def reasons(self) -> pd.DataFrame:
        """Why checks could not be made: one row per check and reason, the most frequent first."""
        tally = Counter((each.check.name, each.reason) for each in self.of(CANNOT_BE_TESTED))
        rows = [(name, reason, count) for (name, reason), count in tally.most_common()]
        return pd.DataFrame(rows, columns=["check", "why it cannot be tested", "times"])

    def summary(self) -> str:
        """Return what was found, in words, and how much could not be tested."""
        lines = [self.verdict()]
        for group, head in _HEADS.items():
            found = self.of(CONTRADICTION, group=group)
            if found:
                lines.append(f"{head}:")
                lines += [f"- {told(each)} [{each.where}]" for each in found]
        return "\n".join(lines)

    def verdict(self) -> str:
        """Return the counts in a paragraph."""
        numbers = len(self.of(CONTRADICTION, group=NUMBERS))
        documents = len(self.of(CONTRADICTION, group=DOCUMENTS))
        unusual = len(self.of(CONTRADICTION, group=UNUSUAL))
        fine, silent = len(self.of(OK)), len(self.of(CANNOT_BE_TESTED))
        one = numbers == 1
        parts = [
            (
                f"{plural(numbers, 'check')} of numbers "
                f"{'finds' if one else 'find'} reports that cannot all be right as printed"
            ),
            f"{plural(documents, 'finds', 'find')} that two documents of one study differ"
            if documents
            else "no two documents of one study were found to differ",
            f"{plural(unusual, 'finds', 'find')} a number unlike the others"
            if unusual
            else "no number is found unlike the others",
        ]
        text = (
            f"Of {plural(len(self.found), 'check')} of the review \N{LEFT DOUBLE QUOTATION MARK}"
            f"{self.title}\N{RIGHT DOUBLE QUOTATION MARK}, {fine} find nothing and "
            f"{silent} cannot be made. {capital(join_words(parts))}. "
        )
        if silent > fine + len(self.contradictions):
            text += (
                "Most checks cannot be made because too little was reported, or too little of it "
                "was read: that nothing is found there says nothing. "
            )
        return text + (
            "A contradiction is one between reports, and not about people: a slip of typing, of "
            "rounding or of retelling is enough for it."
        )

    def to_frame(self) -> pd.DataFrame:
        """Return one row per check and row of the review that takes part in it."""
        rows = [
            (
                each.group,
                each.check.name,
                each.check.status,
                each.study_id,
                each.label,
                each.about,
                f"{table}.csv",
                line,
                each.check.sentence,
                each.reason,
                each.check.reference,
            )
            for each in self.found
            for table, line in each.lines
        ]
        return pd.DataFrame(rows, columns=_COLUMNS)

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        return {
            "title": self.title,
            "counts": self.counts.to_dict("records"),
            "checks": [
                {
                    "group": each.group,
                    "study_id": each.study_id,
                    "about": each.about,
                    "lines": [[table, line] for table, line in each.lines],
                    "reason": each.reason,
                    **each.check.to_dict(),
                }
                for each in self.found
            ],
        }

    def _repr_html_(self) -> str:
        parts = [f"<p>{escape(self.verdict())}</p>"]
        for group, head in _HEADS.items():
            found = self.of(CONTRADICTION, group=group)
            if found:
                rows = [(each.label, each.check.sentence, each.where) for each in found]
                table = pd.DataFrame(rows, columns=["study", "what", "where"])
                parts.append(html_table(table, caption=head))
        counts = self.counts.rename(columns={CONTRADICTION: "found something"})
        parts.append(html_table(counts.drop(columns="group"), caption="Every check, counted"))
        parts.append(html_table(self.reasons, caption="Why checks cannot be made"))
        return "".join(parts)


_STATUSES = (CONTRADICTION, OK, CANNOT_BE_TESTED)


def told(each: Placed) -> str:
    """Return a finding with its study, for a line of its own.

    Parameters
    ----------
    each
        The finding.
    """
    about = f", {each.about}" if each.about and each.group != DOCUMENTS else ""
    return f"{each.label}{about}: {each.check.sentence}"


def check_integrity(review: Review) -> IntegrityReport:
    """Ask of every number of a review whether it can be true beside the others.

    Rows are taken as they were reported, digits and all: each row against itself, all reports
    of one comparison against each other, people over groups, a registry entry against the
    report, and a few things that are possible and unusual. Nothing is called a contradiction for
    a way of rounding, for a usual test that was left unnamed, or for one-sided p values.

    Parameters
    ----------
    review
        The review.

    Returns
    -------
    IntegrityReport

    References
    ----------
    Brown NJL, Heathers JAJ (2017). The GRIM test: a simple technique detects numerous anomalies
    in the reporting of results in psychology. Social Psychological and Personality Science
    8:363-369.
    Nuijten MB, Hartgerink CHJ, van Assen MALM, Epskamp S, Wicherts JM (2016). The prevalence of
    statistical reporting errors in psychology (1985-2013). Behavior Research Methods
    48:1205-1226.
    Mathieu S, Boutron I, Moher D, Altman DG, Ravaud P (2009). Comparison of registered and
    published primary outcomes in randomized controlled trials. JAMA 302:977-984.
    """
    return IntegrityReport(review.plan.title, tuple(_all(review)))


def _all(review: Review) -> Iterable[Placed]:
    for one_pass in _PASSES:
        yield from one_pass(review)
