"""Evidence of missing results from outside the numbers: plans held against reports.

What registries, protocols and reports say is typed by a person, with its source
(`registered_outcomes.csv`, `studies.csv`, `study_facts.csv`); here it is counted and said in
words. Nothing is inferred from the effects themselves, and nothing is guessed: what was not
read is "not known".

References
----------
Page MJ, Sterne JAC, Boutron I, et al. (2023). ROB-ME: a tool for assessing risk of bias due
to missing evidence in systematic reviews with meta-analysis. BMJ 383:e076754.

Chan AW, Hróbjartsson A, Haahr MT, Gøtzsche PC, Altman DG (2004). Empirical evidence for
selective reporting of outcomes in randomized trials. JAMA 291:2457-2465.

Page MJ, Higgins JPT, Sterne JAC. Assessing risk of bias due to missing evidence in a
meta-analysis. Cochrane Handbook, chapter 13.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

import pandas as pd

from evidence.appraisal.check import CANNOT_BE_TESTED, CONTRADICTION, OK, Check
from evidence.appraisal.reporting_tables import (
    facts_by_study,
    funding_table,
    planned_table,
    registration_table,
    unpublished_table,
)
from evidence.data import Review
from evidence.data.frames import each_row
from evidence.display import Display, capital, html_table, join_words, plural
from evidence.effects.derivation.derive import Derivation, derive_analysis
from evidence.errors import InvalidArgumentError

__all__ = ["RESULTS_DUE_MONTHS", "Reporting", "appraise_reporting"]

#: Results belong into the registry within a year of the end of a trial: WHO (2017), Joint
#: statement on public disclosure of results from clinical trials.
RESULTS_DUE_MONTHS = 12

#: Fates of a planned outcome that leave its result out of a synthesis, or bend its rank.
_LOST = ("not reported", "without numbers", "other rank")
#: Texts that leave out much of what a report holds.
_PARTIAL = ("abstract", "account")
_FATES = {
    "as planned": "reported as planned",
    "without numbers": "reported without numbers that compare the groups",
    "other rank": "reported with another rank",
    "not reported": "not reported",
}
_TIMINGS = {
    "prospective": ("was registered before it started", "were registered before they started"),
    "retrospective": ("was registered after it started", "were registered after they started"),
    "contradictory": (
        "is said to be registered both before and after it started",
        "are said to be registered both before and after they started",
    ),
    "timing not known": (
        "is registered, and whether before it started is not known",
        "are registered, and whether before they started is not known",
    ),
    "not registered": ("was not registered", "were not registered"),
    "not known": ("has no registration that was found", "have no registration that was found"),
}
_UNUSABLE = ["study_id", "label", "outcome", "reason"]
_REFERENCE = (
    "Page et al. 2023, ROB-ME, BMJ 383:e076754; Chan et al. 2004, JAMA 291:2457-2465; "
    "Cochrane Handbook, chapter 13"
)


@dataclass(frozen=True, slots=True, eq=False)
class Reporting(Display):
    """What was planned, and what of it can be read.

    Attributes
    ----------
    unpublished
        Registered studies without public results: `people` (``planned`` or ``taken in`` as
        `people_are` says), `ended_on` (``completed`` or ``planned`` as `end_is` says),
        `entry_updated`, `read_on` (when the entry was read), `months` (whole months from the
        end to the reading), `recruitment`.
    planned
        One row per planned outcome, primary ones first: `rank`, `planned`, `outcome` (of the
        review, if one), `planned_in`, `reported`, `held_against` (the kind of report),
        `public` (whether it is a trial with results).
    registration
        One row per trial with results: `people`, `registration`, `registered_on`, `timing`.
    funding
        One row per trial with results: `paid_by` and `interests`, as reported.
    unusable
        Trials that report an outcome of the analysis and give no usable effect: `reason`.
    analysis
        Title of that analysis; empty where none was named.
    """

    unpublished: pd.DataFrame
    planned: pd.DataFrame
    registration: pd.DataFrame
    funding: pd.DataFrame
    unusable: pd.DataFrame
    analysis: str = ""

    @property
    def lost(self) -> pd.DataFrame:
        """The planned outcomes of studies with results that are not reported as planned."""
        table = self.planned
        return table[table["public"] & table["reported"].isin(_LOST)]

    @property
    def glimpsed(self) -> pd.DataFrame:
        """Those of them that were held against an abstract or an account only.

        The full report may hold what such a text leaves out.
        """
        return self.lost[self.lost["held_against"].isin(_PARTIAL)]

    @property
    def silent(self) -> pd.DataFrame:
        """The trials of the question that are registered without public results."""
        return self.unpublished[self.unpublished["role"] == "trial"]

    @property
    def overdue(self) -> pd.DataFrame:
        """Those of them that ended, or were to end, at least a year before they were read."""
        silent = self.silent
        return silent[(silent["months"] >= RESULTS_DUE_MONTHS).fillna(False).astype(bool)]

    def summary(self) -> str:
        """Return what was planned and is missing, in words with names."""
        return "\n".join(
            [
                *self._unpublished_in_words(),
                *self._planned_in_words(),
                *self._registration_in_words(),
                *self._funding_in_words(),
                *self._unusable_in_words(),
            ]
        )

    def check(self) -> Check:
        """Return the verdict in one line, for a table of checks.

        ``"contradiction"`` where something planned is missing: an outcome from a report, or a
        trial a year after its end. ``"cannot be tested"`` where no plan was compared with a
        report, or what is missing was looked for in abstracts and accounts only.
        """
        lost, overdue = self.lost, self.overdue
        compared = self.planned["public"] & self.planned["reported"].isin(_FATES)
        parts = []
        if len(lost):
            parts.append(self._lost_in_words())
        if len(overdue):
            parts.append(
                f"{plural(len(overdue), 'registered trial')} that ended, or should have, at least "
                f"{RESULTS_DUE_MONTHS} months before being looked up "
                f"{'has' if len(overdue) == 1 else 'have'} no public results"
            )
        sentence = capital("; ".join(parts)) + "."
        if len(overdue) or len(lost) > len(self.glimpsed):
            status = CONTRADICTION
        elif len(lost) or not compared.any():
            status = CANNOT_BE_TESTED
            sentence = sentence if parts else _NOT_COMPARED
        else:
            status = OK
            held = plural(
                int(compared.sum()), "planned outcome that was", "planned outcomes that were"
            )
            sentence = f"{capital(held)} held against a report: reported as planned."
        return Check(
            name="planned against reported",
            status=status,
            sentence=sentence,
            table=self.to_frame(),
            reference=_REFERENCE,
        )

    def _lost_in_words(self) -> str:
        lost, glimpsed = self.lost, len(self.glimpsed)
        primary = int((lost["rank"] == "primary").sum())
        of_them = f", {plural(primary, 'of them primary', 'of them primary')}," if primary else ""
        what = "planned outcome"
        if len(lost) == primary == 1:
            what, of_them = "planned primary outcome", ""
        text = (
            f"{plural(len(lost), what)} of "
            f"{plural(lost['study_id'].nunique(), 'trial')}{of_them} "
            f"{'is' if len(lost) == 1 else 'are'} not reported as planned in what was read"
        )
        if not glimpsed:
            return text
        count = "it was" if glimpsed == len(lost) == 1 else plural(glimpsed, "was", "were")
        count = "all were" if 1 < glimpsed == len(lost) else count
        return f"{text} ({count} looked for in an abstract or an account only)"

    def _unpublished_in_words(self) -> list[str]:
        silent, others = self.silent, self.unpublished[self.unpublished["role"] != "trial"]
        lines = []
        if silent.empty:
            lines.append(
                "No trial is listed as registered without results; that says little where "
                "registries were not searched."
            )
        else:
            names = join_words(_unpublished_row(row) for row in each_row(silent))
            lines.append(
                f"{capital(plural(len(silent), 'trial is', 'trials are'))} registered without "
                f"public results: {names}.{_together(silent)}"
            )
            overdue = self.overdue
            if len(overdue):
                lines.append(
                    f"{join_words(overdue['label'])} ended, or should have, at least "
                    f"{RESULTS_DUE_MONTHS} months before being looked up: results are due by then."
                )
        if len(others):
            rows = join_words(_unpublished_row(row) for row in each_row(others))
            one, many = "registered study, no trial", "registered studies, no trials"
            lines.append(
                f"{capital(plural(len(others), one, many))} of the question, "
                f"{'has' if len(others) == 1 else 'have'} no public results either: {rows}."
            )
        return lines

    def _planned_in_words(self) -> list[str]:
        table = self.planned[self.planned["public"]]
        if table.empty:
            return [_NOT_COMPARED]
        counts = table["reported"].value_counts()
        found = [
            f"{plural(int(counts[fate]), words, words)}"
            for fate, words in _FATES.items()
            if counts.get(fate, 0)
        ]
        unknown = len(table) - sum(int(counts.get(fate, 0)) for fate in _FATES)
        if unknown:
            found.append(f"{plural(unknown, 'of unknown fate', 'of unknown fate')}")
        second_hand = int((table["tier"] == "secondary").sum())
        trials = plural(table["study_id"].nunique(), "trial")
        plans = plural(second_hand, "of them is", "of them are")
        counted = capital(plural(len(table), "planned outcome"))
        lines = [f"{counted} of {trials} with results: {join_words(found)}."]
        if second_hand:
            lines[0] += f" {capital(plans)} known at second hand."
        lost = self.lost
        for primary, head in (
            (True, "Primary outcomes not reported as planned, in what was read"),
            (False, "Other outcomes not reported as planned, in what was read"),
        ):
            rows = lost[(lost["rank"] == "primary") == primary]
            if len(rows):
                lines.append(f"{head}: {_by_study(rows)}.")
        if len(self.glimpsed):
            few = plural(len(self.glimpsed), "was", "were")
            which = f"Of these {len(lost)}, {few}" if len(lost) > 1 else "It was"
            lines.append(
                f"{which} looked for in an abstract or an account only; the full report may hold "
                "more."
            )
        return lines

    def _registration_in_words(self) -> list[str]:
        table = self.registration
        if table.empty:
            return ["There is no trial with public results."]
        everybody = int(table["people"].sum())
        lines = []
        for timing, (one, many) in _TIMINGS.items():
            rows = table[table["timing"] == timing]
            if rows.empty:
                continue
            mine = int(rows["people"].sum())
            share = f" ({mine:,} of {everybody:,} people)" if mine else ""
            lines.append(
                f"{capital(plural(len(rows), f'trial{share} {one}', f'trials{share} {many}'))}: "
                f"{join_words(rows['label'])}."
            )
        unknown = table[table["people"].isna()]
        if everybody and len(unknown):
            lines[-1] += f" Not counted are the people of {join_words(unknown['label'])}."
        return lines

    def _funding_in_words(self) -> list[str]:
        if self.funding.empty:
            return []
        lines = []
        for column, head in (
            ("paid_by", "Who paid is known of"),
            ("interests", "Interests were declared or found in"),
        ):
            told = self.funding[self.funding[column] != ""]
            of = plural(len(self.funding), "trial")
            count = plural(len(told), "of", "of") if len(told) else "none of"
            rows = (f"{row.label} ({getattr(row, column)})" for row in each_row(told))
            named = f": {join_words(rows)}" if len(told) else ""
            lines.append(f"{head} {count} {of}{named}.")
        return lines

    def _unusable_in_words(self) -> list[str]:
        if not self.analysis:
            return []
        if self.unusable.empty:
            every = "every trial that reports an outcome of this analysis gives a usable effect"
            return [f"{self.analysis}: {every}, or is left out by decision."]
        rows = "; ".join(f"{row.label} ({row.reason})" for row in each_row(self.unusable))
        count = plural(len(self.unusable), "trial reports", "trials report")
        return [
            f"{self.analysis}: {count} an outcome of this analysis without a usable effect: {rows}."
        ]

    def to_frame(self) -> pd.DataFrame:
        """Return everything in one table: `about`, `study`, `what`, `found`."""
        rows = [
            ("no public results", row.label, _size(row), _end(row))
            for row in each_row(self.unpublished)
        ]
        rows += [
            (f"planned outcome ({row.rank})", row.label, row.planned, row.reported)
            for row in each_row(self.planned)
        ]
        rows += [
            ("registration", row.label, row.registration, row.timing)
            for row in each_row(self.registration)
        ]
        for row in each_row(self.funding):
            rows += [("funding", row.label, "who paid", row.paid_by)] * bool(row.paid_by)
            rows += [("funding", row.label, "interests", row.interests)] * bool(row.interests)
        rows += [
            ("no usable effect", row.label, row.outcome, row.reason)
            for row in each_row(self.unusable)
        ]
        return pd.DataFrame(rows, columns=["about", "study", "what", "found"], dtype="str")

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        return {
            "unpublished": _plain(self.unpublished),
            "planned": _plain(self.planned),
            "registration": _plain(self.registration),
            "funding": _plain(self.funding),
            "analysis": self.analysis,
            "unusable": _plain(self.unusable),
        }

    def _repr_html_(self) -> str:
        words = "".join(f"<p>{escape(line)}</p>" for line in self.summary().splitlines())
        everything = self.to_frame()
        # What was reported as planned, and what the words tell in full already, is left out.
        missing = everything["about"].isin(["no public results", "no usable effect"])
        planned = everything["about"].str.startswith("planned outcome")
        shown = everything[missing | (planned & (everything["found"] != "as planned"))]
        if shown.empty:
            return words
        return words + html_table(shown, caption="What is missing of what was planned")


_NOT_COMPARED = (
    "No registry entry or other plan was compared with its report, so how many planned outcomes "
    "are missing cannot be said."
)


def appraise_reporting(
    review: Review,
    *,
    analysis_id: str = "",
    outcomes: Iterable[str] | None = None,
    derivation: Derivation | None = None,
) -> Reporting:
    """Hold what studies planned against what can be read of them.

    Parameters
    ----------
    review
        The review; trials are the studies with the role ``trial``, and those with the status
        ``registered`` have no public results.
    analysis_id
        An analysis, as named in `review.toml`: the trials that report one of its outcomes
        without a usable effect are listed too.
    outcomes
        Only planned outcomes with one of these ids of the review; by default all, also those
        that the review does not have.
    derivation
        What was derived for that analysis already, so that it is not derived again.

    Returns
    -------
    Reporting

    Raises
    ------
    UnknownNameError
        When the analysis or an outcome is not known.
    InvalidArgumentError
        When `outcomes` is no list of names.

    References
    ----------
    Page et al. (2023), BMJ 383:e076754; Chan et al. (2004), JAMA 291:2457-2465; Cochrane
    Handbook, chapter 13.
    """
    if isinstance(outcomes, str):
        raise InvalidArgumentError(
            f"outcomes is the text {outcomes!r}; give a list of outcome ids, such as "
            f"[{outcomes!r}]."
        )
    wanted = None if outcomes is None else [review.outcome(name).id for name in outcomes]
    studies = review.studies
    public = studies[(studies["role"] == "trial") & (studies["status"] != "registered")]
    facts = facts_by_study(review)
    title, unusable = "", pd.DataFrame(columns=_UNUSABLE)
    if derivation is None and analysis_id:
        derivation = derive_analysis(review, analysis_id)
    if derivation is not None:
        title = derivation.analysis.title
        rows = [
            (out.study_id, out.label, review.outcome(out.outcome_id).short, out.reason)
            for out in derivation.left_out
            if not out.by_decision
        ]
        unusable = pd.DataFrame(rows, columns=_UNUSABLE)
    return Reporting(
        unpublished=unpublished_table(review, facts),
        planned=planned_table(review, wanted),
        registration=registration_table(public, facts),
        funding=funding_table(public, facts),
        unusable=unusable,
        analysis=title,
    )


def _together(silent: pd.DataFrame) -> str:
    """Say how many people several studies count; of one it is said already."""
    known = silent["people"].dropna()
    if len(silent) < 2:
        return ""
    if known.empty:
        return " How many people they count is not known."
    unknown = silent.loc[silent["people"].isna(), "label"]
    besides = f", not counting {join_words(unknown)}" if len(unknown) else ""
    people = plural(int(known.sum()), "person", "people")
    return f" Together they took in, or planned, {people}{besides}."


def _by_study(rows: pd.DataFrame) -> str:
    found: dict[str, list[str]] = {}
    for row in each_row(rows):
        found.setdefault(str(row.label), []).append(f"{row.planned}: {row.reported}")
    return "; ".join(f"{label} ({'; '.join(told)})" for label, told in found.items())


def _size(row: object) -> str:
    people = getattr(row, "people", None)
    if people is None or pd.isna(people):
        return "number of people not known"
    words = plural(int(people), "person", "people")
    return f"{words} planned" if getattr(row, "people_are", "") == "planned" else words


def _end(row: object) -> str:
    """Say when a study ended, or was to end, and how long before it was looked up."""
    ended, months = str(getattr(row, "ended_on", "")), getattr(row, "months", None)
    if not ended:
        return "its end not known"
    planned = getattr(row, "end_is", "") == "planned"
    text = f"was to end on {ended}" if planned else f"completed on {ended}"
    if months is None or pd.isna(months):
        return f"{text}, how long before it was read is not known"
    if months < 0:
        return f"{text}, after it was read"
    text += f", {plural(int(months), 'month')} before it was read"
    updated = str(getattr(row, "entry_updated", ""))
    return f"{text}, in an entry last changed on {updated}" if planned and updated else text


def _unpublished_row(row: object) -> str:
    state = getattr(row, "recruitment", "")
    said = f"; {state}, says the entry" if state else ""
    return f"{getattr(row, 'label', '')} ({_size(row)}; {_end(row)}{said})"


def _plain(table: pd.DataFrame) -> list[dict[str, object]]:
    return [
        {str(name): None if pd.isna(cell) else cell for name, cell in row.items()}
        for row in table.to_dict("records")
    ]
