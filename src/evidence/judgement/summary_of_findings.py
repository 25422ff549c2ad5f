"""The summary-of-findings table: each outcome's effect, certainty with its reasons, and in words.

References
----------
Guyatt GH, Oxman AD, Santesso N, et al. (2013). GRADE guidelines: 12. Preparing summary of
findings tables: binary outcomes. Journal of Clinical Epidemiology 66:158-172.
Guyatt GH, Thorlund K, Oxman AD, et al. (2013). GRADE guidelines: 13. Preparing summary of
findings tables and evidence profiles: continuous outcomes. Journal of Clinical Epidemiology
66:173-183.
Santesso N, Glenton C, Dahm P, et al. (2020). GRADE guidelines 26: informative statements to
communicate the findings of systematic reviews of interventions. Journal of Clinical
Epidemiology 119:126-135.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from string import ascii_lowercase

import numpy as np
import pandas as pd

from evidence.appraisal.certainty import Certainty
from evidence.appraisal.certainty.information_size import control_risk as risk_in_controls
from evidence.appraisal.certainty.information_size import typical_sd
from evidence.data import Outcome, Review
from evidence.display import Display, capital, format_interval, format_number, join_words, plural
from evidence.effects.conversions.instrument import Instrument, smd_in_points
from evidence.effects.derivation.derive import derive
from evidence.effects.derivation.readings import LOG_MEASURES
from evidence.effects.measures.absolute import absolute_effects
from evidence.effects.sizes import EffectSizes
from evidence.errors import EvidenceError, InvalidArgumentError, UnknownNameError, did_you_mean
from evidence.judgement.conclusions import AnalysisConclusion, Conclusions, conclude
from evidence.judgement.phrases import Scale
from evidence.judgement.summary_layout import to_html, to_latex
from evidence.judgement.verdict import Verdict
from evidence.synthesis.body import Scenario, Synthesis

__all__ = ["SummaryOfFindings", "SummaryRow", "summary_of_findings"]

_SHORT = {"risk ratio": "RR", "odds ratio": "OR"}
_PER = 1000


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """One outcome under one reading.

    Attributes
    ----------
    outcome, reading
        What was measured; which reading of contradictory reports, empty where there is one.
    people, trials
        How many.
    absolute
        The difference in the instrument's points, or events per 1,000 people, with its interval.
    relative
        The ratio with its interval; empty where the outcome is measured.
    certainty
        GRADE's level, with decisions counted.
    marks
        The letters of its footnotes.
    statement
        GRADE's informative statement.
    """

    outcome: str
    reading: str
    people: int
    trials: int
    absolute: str
    relative: str
    certainty: str
    marks: tuple[str, ...]
    statement: str


@dataclass(frozen=True)
class SummaryOfFindings(Display):
    """GRADE's summary of findings, made from conclusions.

    Attributes
    ----------
    title, subtitle
        The question; population and comparison.
    rows
        One for each analysis and reading.
    footnotes
        Letter and text of each.
    notes
        What holds for the whole table.
    """

    title: str
    subtitle: str
    rows: tuple[SummaryRow, ...]
    footnotes: Mapping[str, str]
    notes: tuple[str, ...]

    def summary(self) -> str:
        """Return a line per row, and the footnotes."""
        lines = [self.title, self.subtitle]
        for row in self.rows:
            reading = f" ({row.reading})" if row.reading else ""
            marks = f" [{', '.join(row.marks)}]" if row.marks else ""
            effect = "; ".join(part for part in (row.relative, row.absolute) if part)
            lines.append(
                f"{row.outcome}{reading}: {effect}; {row.certainty}{marks}. {row.statement}"
            )
        lines += [f"{mark}. {text}" for mark, text in self.footnotes.items()]
        return "\n".join([*lines, *self.notes])

    def to_frame(self) -> pd.DataFrame:
        """Return one row per outcome and reading, as shown."""
        columns = ["outcome", "reading", "participants (trials)", "absolute effect (95% CI)"]
        columns += ["relative effect (95% CI)", "certainty", "footnotes", "what it means"]
        rows = [
            (
                row.outcome,
                row.reading,
                f"{row.people:,} ({plural(row.trials, 'trial')})" if row.trials else "",
                row.absolute,
                row.relative,
                capital(row.certainty),
                ", ".join(row.marks),
                row.statement,
            )
            for row in self.rows
        ]
        return pd.DataFrame(rows, columns=columns)

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        return {
            "title": self.title,
            "subtitle": self.subtitle,
            "rows": self.to_frame().to_dict("records"),
            "footnotes": dict(self.footnotes),
            "notes": list(self.notes),
        }

    @cached_property
    def _parts(self) -> tuple[str, str, pd.DataFrame, Mapping[str, str], tuple[str, ...]]:
        return self.title, self.subtitle, self.to_frame(), self.footnotes, self.notes

    def to_html(self) -> str:
        """Return the table as HTML that stands by itself, everything in it escaped."""
        return to_html(*self._parts)

    def to_latex(self) -> str:
        """Return the table as LaTeX.

        Word files are not written: the table's library has no such output. Word opens the HTML
        of `to_html`, and pandoc turns the LaTeX into a Word file.
        """
        return to_latex(*self._parts)

    def _repr_html_(self) -> str:
        return self.to_html()


def summary_of_findings(
    conclusions: Conclusions | Review, *, control_risk: Mapping[str, float] | None = None
) -> SummaryOfFindings:
    """Make the summary-of-findings table of a review.

    A standardised difference is also given in the points of the first outcome that it pools,
    with the spread between people in the control groups of its trials. Of events, the risk
    without treatment is that of the control groups, or one that is stated.

    Parameters
    ----------
    conclusions
        What `conclude` returned, or a review.
    control_risk
        The risk without treatment to show effects on, by analysis; proportions.

    Returns
    -------
    SummaryOfFindings

    Raises
    ------
    UnknownNameError
        When `control_risk` names no analysis.
    InvalidArgumentError
        When a risk lies outside 0 and 1.

    References
    ----------
    Guyatt et al. (2013), GRADE guidelines 12 and 13; Santesso et al. (2020): see the module.
    """
    if isinstance(conclusions, Review):
        conclusions = conclude(conclusions)
    stated = dict(control_risk or {})
    known = [analysis.analysis_id for analysis in conclusions.analyses]
    for name, risk in stated.items():
        if name not in known:
            raise UnknownNameError(f"There is no analysis {name!r}. {did_you_mean(name, known)}")
        if isinstance(risk, bool) or not 0 < risk < 1:
            raise InvalidArgumentError(
                f"control_risk of {name} is {risk!r}; give a proportion between 0 and 1, for "
                "example 0.12 for 12 in 100."
            )
    maker = _Maker(conclusions.review, stated)
    rows = tuple(row for analysis in conclusions.analyses for row in maker.rows(analysis))
    target, pico = conclusions.review.plan.target, conclusions.review.plan.pico
    return SummaryOfFindings(
        conclusions.review.plan.question,
        f"{capital(target.treatment)} against {target.comparator} in {pico['population']}",
        rows,
        maker.footnotes,
        tuple(maker.notes(conclusions)),
    )


class _Maker:
    """Makes rows, and gives each reason a letter when it is first needed."""

    def __init__(self, review: Review, stated: Mapping[str, float]) -> None:
        self._review = review
        self._stated = stated
        self._letters: dict[str, str] = {}
        self._told: dict[str, None] = {}

    @property
    def footnotes(self) -> dict[str, str]:
        """Letter and text of every footnote so far."""
        return {letter: text for text, letter in self._letters.items()}

    def rows(self, analysis: AnalysisConclusion) -> list[SummaryRow]:
        """Return the rows of one analysis; one that says why where nothing could be used."""
        synthesis = analysis.synthesis
        if synthesis is None:
            why = "No trial gives an effect that can be used."
            return [SummaryRow(analysis.title, "", 0, 0, "", "", "not rated", (), why)]
        found = []
        for scenario, certainty, verdict in zip(
            synthesis.scenarios, analysis.certainties, analysis.verdicts, strict=True
        ):
            absolute, relative = self._effect(synthesis, scenario, verdict)
            found.append(
                SummaryRow(
                    analysis.title,
                    scenario.name,
                    synthesis.participants,
                    synthesis.k,
                    absolute,
                    relative,
                    certainty.level,
                    self._marks(certainty),
                    verdict.sentence(),
                )
            )
        return found

    def notes(self, conclusions: Conclusions) -> list[str]:
        """Return what holds for the whole table."""
        decisions = [
            one for a in conclusions.analyses for c in a.certainties for one in c.decisions
        ]
        if decisions:
            people = join_words(dict.fromkeys(one.who for one in decisions))
            whose = f"The certainty counts what {people} decided; the rest is what rules suggest."
        else:
            whose = (
                "The certainty is what rules suggest from the analysis; no reviewer's decision is "
                "recorded."
            )
        return [whose, *self._told]

    def _marks(self, certainty: Certainty) -> tuple[str, ...]:
        texts = []
        whole = certainty.decision("overall")
        if whole is not None:
            texts.append(f"Decided as a whole ({whole.note}): {whole.reason}")
        start = certainty.start
        decided_start = certainty.decision("starting level")
        if decided_start is not None:
            texts.append(
                f"Starts at {decided_start.level} ({decided_start.note}): {decided_start.reason}"
            )
        elif start is not None and start.levels:
            texts.append(start.reason)
        for domain in (*certainty.domains, *certainty.rated_up):
            levels, decision = certainty.levels_of(domain), certainty.decision(domain.name)
            word = domain.word_for(levels)
            if decision is not None:
                texts.append(
                    f"{capital(domain.name)}, {word} ({decision.note}; the rule suggests "
                    f"{domain.word}): {decision.reason}"
                )
            elif levels:
                texts.append(f"{capital(domain.name)}, {word}: {domain.reason}")
        return tuple(self._letter(text) for text in texts)

    def _letter(self, text: str) -> str:
        if text not in self._letters:
            number = len(self._letters)
            first, last = divmod(number, len(ascii_lowercase))
            prefix = ascii_lowercase[first - 1] if first else ""
            self._letters[text] = prefix + ascii_lowercase[last]
        return self._letters[text]

    def _effect(
        self, synthesis: Synthesis, scenario: Scenario, verdict: Verdict
    ) -> tuple[str, str]:
        measure = synthesis.analysis.measure
        outcome = self._review.outcome(synthesis.analysis.outcomes[0])
        if measure in LOG_MEASURES or measure == "risk difference":
            return self._of_events(synthesis, scenario)
        scale = Scale.of(outcome, measure)
        if measure.startswith("standardised"):
            scale = replace(scale, unit="SD")
        text = _difference(scale, verdict.benefit, verdict.benefit_low, verdict.benefit_high)
        if measure.startswith("standardised"):
            points = self._in_points(scenario, outcome, verdict)
            text = f"{points}; {text}" if points else text
        return text, ""

    def _in_points(self, scenario: Scenario, outcome: Outcome, verdict: Verdict) -> str:
        """Return a standardised difference in the first outcome's points, where it has an SD."""
        found = _control_sd(self._review, scenario, outcome) or _implied_sd(
            self._review, scenario, outcome
        )
        if found is None:
            return ""
        sd, source = found
        instrument = Instrument(
            outcome.name, sd, source, outcome.unit, outcome.minimum, outcome.maximum
        )
        ends = np.array([verdict.benefit, verdict.benefit_low, verdict.benefit_high])
        effects = EffectSizes("standardised mean difference", "", ends, np.zeros(3))
        points = smd_in_points(effects, instrument=instrument)
        self._told[
            f"Points of the {outcome.name} are standard deviations times {format_number(sd, 1)} "
            f"{outcome.unit}, the spread between people ({source})."
        ] = None
        for caution in points.cautions:
            if caution.code == "points-beyond-scale":
                self._told[caution.message] = None
        scale = Scale.of(outcome, "mean difference")
        return _difference(scale, *map(float, points.estimate))

    def _of_events(self, synthesis: Synthesis, scenario: Scenario) -> tuple[str, str]:
        measure, result = synthesis.analysis.measure, scenario.result
        ends = np.array([result.estimate, result.ci_low, result.ci_high])
        relative = ""
        if measure in LOG_MEASURES:
            ratio, low, high = np.exp(ends)
            relative = f"{_SHORT[measure]} {format_number(ratio)} ({format_interval(low, high)})"
        base = self._stated.get(synthesis.analysis.id)
        source = "as stated"
        if base is None:
            found = risk_in_controls(self._review, scenario)
            if found is None or not 0 < found.risk < 1:
                return "not known: no risk without treatment is reported", relative
            base = found.risk
            source = f"{found.events} of {found.total} people in the control groups"
        name = f"log {measure}" if measure in LOG_MEASURES else measure
        absolute = absolute_effects(
            EffectSizes(name, "", ends, np.zeros(3)), baseline_risk=float(base)
        )
        self._told[
            f"{synthesis.analysis.title}: the risk without treatment is {_PER * base:.0f} in "
            f"{_PER:,} ({source})."
        ] = None
        estimate, *span = (_more(float(risk) - float(base)) for risk in absolute.risk)
        return f"{estimate} per {_PER:,} ({span[0]} to {span[1]})", relative


def _difference(scale: Scale, benefit: float, low: float, high: float) -> str:
    return f"{scale.difference(benefit)} ({replace(scale, unit='').span(low, high)})"


def _more(difference: float) -> str:
    size = format_number(_PER * abs(difference), 0)
    return f"{size} {'more' if difference > 0 else 'fewer'}"


def _control_sd(review: Review, scenario: Scenario, outcome: Outcome) -> tuple[float, str] | None:
    """Return the SD between people in the control groups of the trials that use an outcome."""
    squares = people = 0.0
    labels = []
    for reading in scenario.readings:
        if reading.outcome_id != outcome.id:
            continue
        rows = review.rows_of("arms", reading.study_id, outcome.id)
        mine = rows[
            (rows["role"] == "control")
            & rows["kind"].isin(["baseline", "final"])
            & rows["sd"].notna()
            & rows["n"].notna()
        ]
        if mine.empty:
            continue
        # The start, before anything was given, rather than the end.
        start = mine[mine["kind"] == "baseline"]
        row = (mine if start.empty else start).iloc[0]
        squares += (float(row["n"]) - 1) * float(row["sd"]) ** 2
        people += float(row["n"]) - 1
        labels.append(review.label(reading.study_id))
    if people > 0 and squares > 0:
        return math.sqrt(squares / people), f"control groups of {join_words(labels)}"
    return None


def _implied_sd(review: Review, scenario: Scenario, outcome: Outcome) -> tuple[float, str] | None:
    """Return the SD that the standard errors of the trials' differences imply."""
    used, labels = [], []
    for reading in scenario.readings:
        if reading.outcome_id != outcome.id:
            continue
        try:
            found = derive(
                review,
                reading.study_id,
                outcome.id,
                timepoint=reading.timepoint,
                measure="mean difference",
            )
        except EvidenceError:
            continue
        same = [one for one in found.usable if one.kind == reading.kind] or list(found.usable)
        used += same[:1]
        labels += [found.label] * bool(same)
    sd = typical_sd(used)
    return None if sd is None else (sd, f"implied by the standard errors of {join_words(labels)}")
