"""What may be missing from a pooled result: every suitable check, the most trustworthy first.

References
----------
Page MJ, Sterne JAC, Boutron I, et al. (2023). ROB-ME: a tool for assessing risk of bias due to
missing evidence in systematic reviews with meta-analysis. BMJ 383:e076754.
Cochrane Handbook for Systematic Reviews of Interventions, chapter 13.
Carter EC, Schönbrodt FD, Gervais WM, Hilgard J (2019). Correcting for bias in psychology: a
comparison of meta-analytic methods. Advances in Methods and Practices in Psychological Science
2:115-144.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from evidence.appraisal.check import CANNOT_BE_TESTED, CONTRADICTION, OK, Check
from evidence.appraisal.reporting import Reporting, appraise_reporting
from evidence.appraisal.selection.excess import excess_significance
from evidence.appraisal.selection.p_curve import p_curve
from evidence.appraisal.selection.pet_peese import pet_peese
from evidence.appraisal.selection.selection_model import three_parameter
from evidence.appraisal.selection.waap import adequately_powered
from evidence.appraisal.selection.worst_case import worst_case_selection
from evidence.appraisal.small_study.binary_tests import peters_test
from evidence.appraisal.small_study.guard import RULE
from evidence.appraisal.small_study.limit_meta_analysis import limit_meta_analysis
from evidence.appraisal.small_study.own_error import own_error_cautions
from evidence.appraisal.small_study.regression_tests import egger_test, pustejovsky_rodgers_test
from evidence.appraisal.small_study.trim_and_fill import trim_and_fill
from evidence.data import Review
from evidence.display import Display, capital, html_table, join_words, plural
from evidence.effects.derivation.readings import LOG_MEASURES, Reading
from evidence.errors import Caution, InvalidArgumentError
from evidence.synthesis.body import Synthesis
from evidence.synthesis.regression.method import CI_METHODS, Choices
from evidence.synthesis.result import PooledResult

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["Finding", "MissingEvidence", "missing_evidence"]

#: What a status is in a table for people.
_STATUS = {OK: "nothing found", CONTRADICTION: "something found", CANNOT_BE_TESTED: "cannot say"}

#: Why each check is trusted as much as it is, the most trusted first.
_TRUST = {
    "reporting": "counts what is known to be missing, trial by trial, and assumes nothing",
    "worst case": "assumes only that significant results are published more readily, and asks "
    "how much that could do",
    "selection model": "models publication by p values; misled where something else decides",
    "asymmetry": "asks whether small studies differ, which has other causes too",
    "PET-PEESE": "takes the line through small studies to one without error; steep where "
    "studies differ",
    "adequately powered": "leaves small studies out; needs some that are large",
    "limit": "as the test of asymmetry, with the difference taken off",
    "trim and fill": "fills in mirror images of studies, about as often as not where none is "
    "missing",
    "excess": "counts significant results against their power; blind to small losses",
    "p-curve": "sees only significant results; says nothing of the effect where studies differ",
}

#: What says how much selection would do, and not whether there is any.
_NO_TEST = frozenset({"worst case", "trim and fill"})

#: What is not run, and why.
NOT_RUN = (
    "Not run here: the fail-safe number (it takes missing results to be nil on average and "
    "ignores differences between studies), rank correlation (less power than the regression), "
    "the Doi plot (its index does not keep an error rate) and the z-curve (made for whole "
    "literatures); each can be asked for by name."
)


_NOT_LOOKED = (
    "Whether trials or outcomes are known to be missing was not looked at here; that weighs more "
    "than anything the numbers can show."
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One check, and how far to trust it.

    Attributes
    ----------
    check
        What it came to.
    trust
        What it rests on.
    reading
        Under which reading of contradictory reports; empty where under all.
    is_test
        Whether it asks if something is missing, and not what would follow.
    """

    check: Check
    trust: str
    reading: str = ""
    is_test: bool = True

    @property
    def status(self) -> str:
        """What came of it, in a table for people."""
        if self.check.tested and not self.is_test:
            return "no test"
        return _STATUS[self.check.status]

    @property
    def reservations(self) -> str:
        """What to hold against the check, beside what it found; empty where it said nothing."""
        if not self.check.tested:
            return ""
        return " ".join(dict.fromkeys(caution.message for caution in self.check.cautions))


@dataclass(frozen=True, eq=False)
class MissingEvidence(Display):
    """Every suitable check for missing evidence, the most trustworthy first.

    Attributes
    ----------
    title
        What was checked.
    k
        How many studies.
    findings
        One for each check (and reading, where they differ).
    reporting
        What was planned against what was reported; None without a review.
    cautions
        What a reader should know.
    """

    title: str
    k: int
    findings: tuple[Finding, ...]
    reporting: Reporting | None = None
    cautions: tuple[Caution, ...] = ()

    @property
    def numeric(self) -> tuple[Finding, ...]:
        """The checks that look at the numbers alone."""
        outside = 0 if self.reporting is None else 1
        return self.findings[outside:]

    @property
    def silent(self) -> tuple[Finding, ...]:
        """Those of them that can say nothing."""
        return tuple(f for f in self.numeric if not f.check.tested)

    @property
    def found(self) -> tuple[Finding, ...]:
        """Those that found something."""
        return tuple(f for f in self.findings if f.check.status == CONTRADICTION)

    @property
    def paragraph(self) -> str:
        """What all of it comes to, in one paragraph."""
        return " ".join([*self._outside(), *self._inside(), *self._speaking()])

    def _outside(self) -> list[str]:
        if self.reporting is None:
            return [_NOT_LOOKED]
        check = self.findings[0].check
        if not check.tested:
            return [check.sentence]
        if check.status == CONTRADICTION:
            return [f"Some evidence is known to be missing: {_lowered(check.sentence)}"]
        return [check.sentence]

    def _inside(self) -> list[str]:
        names = list(dict.fromkeys(f.check.name for f in self.numeric))
        silent = list(dict.fromkeys(f.check.name for f in self.silent))
        studies = plural(self.k, "study", "studies")
        head = f"{capital(plural(len(names), 'check looks', 'checks look'))} at the numbers alone"
        if not silent:
            return [f"{head}; all can speak, with {studies}."]
        if len(silent) == len(names):
            needed = (
                f"{head}; none can say anything with {studies}: they need about {RULE.studies} "
                "that differ in precision, some of them significant. Look at registered trials "
                "without results, at outcomes that were planned and not reported, and at the "
                "studies one by one, instead."
            )
            return [needed]
        some = plural(len(silent), "of them", "of them")
        return [f"{head}; {some} can say nothing with {studies}: {join_words(silent)}."]

    def _speaking(self) -> list[str]:
        """Say what the checks that can speak say, and which found nothing."""
        lines: list[str] = []
        clear: dict[str, None] = {}
        for finding in self.numeric:
            check = finding.check
            # What selection would do is told whatever it is.
            if check.status == CONTRADICTION or (check.tested and not finding.is_test):
                head = f"Reading {finding.reading}: " if finding.reading else ""
                reservations = finding.reservations if check.status == CONTRADICTION else ""
                lines.append(f"{head}{check.sentence} {reservations}".rstrip())
            elif check.tested:
                clear[check.name] = None
        if clear:
            text = f"Nothing was found by {join_words(clear)}"
            lines.append(f"{text}, which does not show that nothing is lost.")
        return lines

    def summary(self) -> str:
        """Return the paragraph and what to know beside it."""
        notes = [f"Note: {caution.message}" for caution in self.cautions]
        return "\n".join([self.paragraph, *notes, NOT_RUN])

    def to_frame(self) -> pd.DataFrame:
        """Return one row per check, the most trustworthy first."""
        return pd.DataFrame(
            [
                {
                    "check": finding.check.name,
                    "reading": finding.reading,
                    "what it rests on": finding.trust,
                    "status": finding.check.status,
                    "finding": finding.check.sentence,
                    "reservations": finding.reservations,
                    "reference": finding.check.reference,
                }
                for finding in self.findings
            ]
        )

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        return {
            "title": self.title,
            "k": self.k,
            "paragraph": self.paragraph,
            "findings": [
                {
                    "trust": finding.trust,
                    "reading": finding.reading,
                    **finding.check.to_dict(),
                }
                for finding in self.findings
            ],
            "reporting": None if self.reporting is None else self.reporting.to_dict(),
            "cautions": [caution.message for caution in self.cautions],
        }

    def _repr_html_(self) -> str:
        shown = self.to_frame().drop(columns="reference")
        shown["check"] = [capital(name) for name in shown["check"]]
        shown["status"] = [finding.status for finding in self.findings]
        empty = [name for name in ("reading", "reservations") if not shown[name].any()]
        shown = shown.drop(columns=empty)
        text = "".join(f"<p>{escape(line)}</p>" for line in self.summary().splitlines())
        caption = f"{self.title}: what may be missing, the most trustworthy check first"
        return text + html_table(shown, caption=caption)


def missing_evidence(
    result: PooledResult | Synthesis,
    *,
    review: Review | None = None,
    measure: str = "",
    n_treatment: ArrayLike | None = None,
    n_control: ArrayLike | None = None,
    counts: Mapping[str, ArrayLike] | None = None,
    favours: str | None = None,
) -> MissingEvidence:
    """Run every suitable check for missing evidence, ordered by how far each can be trusted.

    Parameters
    ----------
    result
        What `pool` or `synthesise` returned. A `Synthesis` is checked under each reading of
        contradictory reports, and brings its measure and people with it.
    review
        The review, so that registered trials without results, planned outcomes that were not
        reported and trials without a usable effect are counted; they weigh most.
    measure
        Of a pooled result: ``"standardised mean difference"``, ``"risk ratio"``,
        ``"odds ratio"``; other measures get Egger's test.
    n_treatment, n_control
        People of each study, shape (k,); the test of asymmetry of a standardised mean
        difference needs them.
    counts
        `events_treatment`, `total_treatment`, `events_control` and `total_control`, each of
        shape (k,); the test of asymmetry of a ratio needs them.
    favours
        ``"positive"`` or ``"negative"``: which effects are published more readily; by default
        those on the treatment's better side where the review says which that is, else on the
        side of the mean.

    Returns
    -------
    MissingEvidence
        One table and one paragraph. A check that cannot speak says why, and what to look at.

    Raises
    ------
    InvalidArgumentError
        Naming the argument.

    References
    ----------
    Page et al. (2023), BMJ 383:e076754; Cochrane Handbook, chapter 13; Carter et al. (2019).
    """
    if favours not in (None, "positive", "negative"):
        raise InvalidArgumentError(
            f"favours is {favours!r}; give 'positive' or 'negative', or leave it out."
        )
    if isinstance(result, Synthesis):
        if measure or n_treatment is not None or n_control is not None or counts is not None:
            raise InvalidArgumentError(
                "A synthesis brings its measure, people and counts with it; leave measure, "
                "n_treatment, n_control and counts out."
            )
        return _of_synthesis(result, review, favours)
    if not isinstance(result, PooledResult):
        raise InvalidArgumentError(
            f"result is {type(result).__name__}; give what pool(...) or synthesise(...) returned."
        )
    reporting = None if review is None else appraise_reporting(review)
    studies = _Studies(result, measure, n_treatment, n_control, counts, favours)
    findings = tuple(_finding(check, name) for check, name in studies.checks())
    return MissingEvidence(
        "The pooled result",
        result.k,
        (*_outside(reporting), *findings),
        reporting,
        result.cautions,
    )


def _lowered(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


def _outside(reporting: Reporting | None) -> tuple[Finding, ...]:
    return () if reporting is None else (_finding(reporting.check(), "reporting"),)


def _finding(check: Check, name: str, reading: str = "") -> Finding:
    return Finding(check, _TRUST[name], reading, name not in _NO_TEST)


@dataclass(frozen=True, slots=True)
class _Studies:
    """A pooled result, and what is known of its studies."""

    result: PooledResult
    measure: str
    n_treatment: Any
    n_control: Any
    counts: Mapping[str, Any] | None
    favours: str | None

    def checks(self) -> Iterator[tuple[Check, str]]:
        """Yield every suitable check with its place in `_TRUST`."""
        result, sides = self.result, {"positive": "greater", "negative": "less"}
        side = None if self.favours is None else sides[self.favours]
        yield worst_case_selection(result, favours=self.favours), "worst case"
        yield three_parameter(result, alternative=side), "selection model"
        yield self._asymmetry(), "asymmetry"
        yield pet_peese(result, predictor=self._size()), "PET-PEESE"
        rest: dict[str, Callable[[PooledResult], Check]] = {
            "adequately powered": adequately_powered,
            "limit": limit_meta_analysis,
            "trim and fill": self._filled,
            "excess": excess_significance,
            "p-curve": p_curve,
        }
        for name, check in rest.items():
            yield check(result), name

    def _size(self) -> Any:
        """Return what stands for a study's size where its own error goes with its effect."""
        if not self.measure.startswith("standardised") or self.n_treatment is None:
            return None
        treatment, control = np.asarray(self.n_treatment), np.asarray(self.n_control)
        return np.sqrt(1 / treatment + 1 / control)

    def _filled(self, result: PooledResult) -> Check:
        """Trim around, and fill up to, the mean that the result itself states."""
        method = result.method
        # What has no interval under moderators has none here: the default takes its place.
        interval = {"ci_method": method.ci_method} if method.ci_method in CI_METHODS else {}
        choices: Choices = {
            "model": method.model,
            "tau2_method": method.tau2_method,
            "level": method.level,
            **interval,  # type: ignore[typeddict-item]
        }
        return trim_and_fill(result, **choices)

    def _asymmetry(self) -> Check:
        """Return the test of asymmetry that keeps its level on this measure."""
        labels = self.result.labels
        if self.measure in LOG_MEASURES and self.counts is not None:
            return peters_test(labels=labels, **self.counts)
        if self.measure.startswith("standardised") and self.n_treatment is not None:
            return pustejovsky_rodgers_test(
                self.result.effects,
                n_treatment=self.n_treatment,
                n_control=self.n_control,
                labels=labels,
            )
        found = egger_test(self.result)
        if not found.tested:
            return found
        return replace(found, cautions=(*found.cautions, *own_error_cautions(self.measure)))


def _of_synthesis(
    synthesis: Synthesis, review: Review | None, favours: str | None
) -> MissingEvidence:
    analysis = synthesis.analysis
    if favours is None and review is not None:
        better = review.outcome(analysis.outcomes[0]).benefit_sign
        favours = "positive" if better > 0 else "negative"
    readings_of: list[list[tuple[Check, str]]] = []
    for scenario in synthesis.scenarios:
        used = scenario.readings
        studies = _Studies(
            scenario.result,
            analysis.measure,
            np.array([reading.n_treatment for reading in used]),
            np.array([reading.n_control for reading in used]),
            _counts(review, used),
            favours,
        )
        readings_of.append(list(studies.checks()))
    findings: list[Finding] = []
    for several in zip(*readings_of, strict=True):
        name = several[0][1]
        if len({(check.status, check.sentence) for check, _ in several}) == 1:
            findings.append(_finding(several[0][0], name))
        else:
            findings += [
                _finding(check, name, scenario.name)
                for (check, _), scenario in zip(several, synthesis.scenarios, strict=True)
            ]
    reporting = (
        None
        if review is None
        else appraise_reporting(review, outcomes=analysis.outcomes, derivation=synthesis.derivation)
    )
    return MissingEvidence(
        analysis.title, synthesis.k, (*_outside(reporting), *findings), reporting
    )


def _counts(review: Review | None, readings: tuple[Reading, ...]) -> dict[str, list[float]] | None:
    """Return the counts behind every reading, or None where one does not rest on counts."""
    if review is None:
        return None
    names = ("events_treatment", "total_treatment", "events_control", "total_control")
    found: dict[str, list[float]] = {name: [] for name in names}
    for reading in readings:
        if reading.kind != "arms" or reading.measure not in (*LOG_MEASURES, "risk difference"):
            return None
        for (table, line), group in zip(reading.rows, ("treatment", "control"), strict=True):
            for what in ("events", "total"):
                number = review.number(table, line, what)
                if number is None:
                    return None
                found[f"{what}_{group}"].append(number.value)
    return found
