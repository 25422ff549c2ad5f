"""The body of evidence for one planned analysis: every reading carried through pooling."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import product

import pandas as pd

from evidence.data import Analysis, Review
from evidence.display import Display, join_words, plural
from evidence.effects.derivation.derive import Derivation, derive_analysis
from evidence.effects.derivation.readings import Comparison, Reading
from evidence.effects.measures.odd_spread import odd_standard_error_cautions
from evidence.errors import Caution, InsufficientEvidenceError, InvalidArgumentError
from evidence.synthesis.pool import pool
from evidence.synthesis.result import PooledResult

__all__ = ["Scenario", "Synthesis", "gathered", "synthesise"]

#: More combinations of readings than this are for a multiverse, not for a table.
_MOST_SCENARIOS = 64


@dataclass(frozen=True, slots=True)
class Scenario:
    """One way of reading every contradictory trial, and the result under it.

    Attributes
    ----------
    name
        Which reading is taken, in words; empty where no trial is contradictory.
    readings
        One for each trial, in the order of the comparisons.
    result
        The pooled result (or the one trial's own).
    """

    name: str
    readings: tuple[Reading, ...]
    result: PooledResult

    @property
    def shares(self) -> dict[str, float]:
        """Each study's share of the weight, by study; they sum to 1."""
        found: dict[str, float] = {}
        for reading, weight in zip(self.readings, self.result.weights, strict=True):
            found[reading.study_id] = found.get(reading.study_id, 0.0) + float(weight) / 100
        return found


@dataclass(frozen=True, slots=True)
class Synthesis(Display):
    """One planned analysis, carried out under every combination of readings.

    Attributes
    ----------
    analysis
        The plan.
    derivation
        The comparisons used, and the studies left out with their reasons.
    scenarios
        At least one; several where a trial's reports contradict each other.
    """

    analysis: Analysis
    derivation: Derivation
    scenarios: tuple[Scenario, ...]

    @property
    def k(self) -> int:
        """How many trials."""
        return len(self.derivation.comparisons)

    @property
    def participants(self) -> int:
        """People behind the pooled effects."""
        readings = self.scenarios[0].readings
        return round(sum(r.n_treatment + r.n_control for r in readings))

    @property
    def contradictory(self) -> tuple[Comparison, ...]:
        """The comparisons whose reports contradict each other."""
        return tuple(c for c in self.derivation.comparisons if len(c.usable) > 1)

    @property
    def cautions(self) -> tuple[Caution, ...]:
        """Cautions of the readings and of the pooling, each once, with whom it is about."""
        return gathered(self.cautions_by_label())

    def cautions_by_label(self) -> Iterator[tuple[Caution, str]]:
        """Yield every caution with the trial or analysis it belongs to."""
        labels = [comparison.label for comparison in self.derivation.comparisons]
        for caution in self.derivation.cautions:
            yield caution, self.analysis.title
        for scenario in self.scenarios:
            for label, reading in zip(labels, scenario.readings, strict=True):
                for caution in reading.cautions:
                    yield caution, label
            for caution in scenario.result.cautions:
                yield caution, self.analysis.title

    def summary(self) -> str:
        """Return each scenario's result and what was left out."""
        lines = [f"{self.analysis.title}: {plural(self.k, 'trial')}, {self.participants} people."]
        for scenario in self.scenarios:
            head = f"Reading {scenario.name}: " if scenario.name else ""
            lines.append(head + "; ".join(scenario.result.summary().splitlines()[:2]))
        lines += [f"{out.label} left out: {out.reason}." for out in self.derivation.left_out]
        return "\n".join(lines)

    def to_frame(self) -> pd.DataFrame:
        """Return one row per scenario, unrounded."""
        return pd.DataFrame(
            [
                {
                    "analysis": self.analysis.id,
                    "reading": scenario.name,
                    "k": scenario.result.k,
                    "estimate": scenario.result.estimate,
                    "ci_low": scenario.result.ci_low,
                    "ci_high": scenario.result.ci_high,
                    "tau2": scenario.result.tau2,
                    "i2": scenario.result.i2,
                    "prediction_low": scenario.result.prediction_low,
                    "prediction_high": scenario.result.prediction_high,
                }
                for scenario in self.scenarios
            ]
        )

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        return {
            "analysis": self.analysis.id,
            "title": self.analysis.title,
            "measure": self.analysis.measure,
            "participants": self.participants,
            "scenarios": [
                {"reading": scenario.name, **scenario.result.to_dict()}
                for scenario in self.scenarios
            ],
            **{k: v for k, v in self.derivation.to_dict().items() if k != "analysis"},
            "cautions": [caution.message for caution in self.cautions],
        }


def gathered(found: Iterable[tuple[Caution, str]]) -> tuple[Caution, ...]:
    """Say each caution once, naming everything it is about.

    Parameters
    ----------
    found
        Cautions, each with the name of a trial or an analysis.
    """
    about: dict[Caution, dict[str, None]] = {}
    for caution, label in found:
        about.setdefault(caution, {})[label] = None
    return tuple(
        replace(caution, message=f"{join_words(labels)}: {caution.message}")
        for caution, labels in about.items()
    )


def synthesise(review: Review, analysis_id: str) -> Synthesis:
    """Carry out one planned analysis under every combination of readings.

    Parameters
    ----------
    review
        The review.
    analysis_id
        The analysis, as named in `review.toml`.

    Returns
    -------
    Synthesis

    Raises
    ------
    InsufficientEvidenceError
        When no trial can be used; the message gives each trial's reason.
    InvalidArgumentError
        When the analysis mixes outcomes of which some are better high and some low.
    """
    derivation = derive_analysis(review, analysis_id)
    analysis = derivation.analysis
    better = {review.outcome(outcome_id).better for outcome_id in analysis.outcomes}
    if len(better) > 1:
        raise InvalidArgumentError(
            f"The analysis {analysis_id!r} mixes outcomes that are better high and better low: "
            f"{', '.join(analysis.outcomes)}. Split it into two analyses."
        )
    if not derivation.comparisons:
        reasons = "; ".join(f"{out.label}: {out.reason}" for out in derivation.left_out)
        raise InsufficientEvidenceError(
            f"{analysis.title}: no trial gives an effect ({reasons or 'none reports it'})."
        )
    choices = [comparison.usable for comparison in derivation.comparisons]
    combinations = list(product(*choices))
    if len(combinations) > _MOST_SCENARIOS:
        raise InvalidArgumentError(
            f"The contradictory reports of {analysis_id!r} combine in {len(combinations)} ways; "
            f"at most {_MOST_SCENARIOS} are shown one by one. evidence.multiverse(review, "
            f"outcome={analysis_id!r}) runs them all."
        )
    labels = [comparison.label for comparison in derivation.comparisons]
    scenarios = tuple(
        Scenario(
            _name(derivation.comparisons, readings),
            readings,
            _pooled(readings, labels, analysis),
        )
        for readings in combinations
    )
    return Synthesis(analysis, derivation, scenarios)


def _pooled(readings: tuple[Reading, ...], labels: list[str], analysis: Analysis) -> PooledResult:
    """Pool one set of readings as planned, with what looks odd about their standard errors."""
    result = pool(
        readings,
        labels=labels,
        model=analysis.model,
        tau2_method=analysis.tau2_method,
        ci_method=analysis.ci_method,
    )
    used = [reading for reading in readings if reading.usable and reading.standard_error > 0]
    # The standard error of a ratio also goes with how frequent events are, so it tells nothing.
    if len(used) < 2 or "mean difference" not in analysis.measure:
        return result
    odd = odd_standard_error_cautions(
        standard_error=[reading.standard_error for reading in used],
        n=[reading.n_treatment + reading.n_control for reading in used],
        labels=[
            label
            for label, reading in zip(labels, readings, strict=True)
            if reading.usable and reading.standard_error > 0
        ],
    )
    return replace(result, cautions=(*result.cautions, *odd)) if odd else result


def _name(comparisons: tuple[Comparison, ...], readings: tuple[Reading, ...]) -> str:
    return join_words(
        f"{comparison.label} from {comparison.reading_in_words(reading)}"
        for comparison, reading in zip(comparisons, readings, strict=True)
        if len(comparison.usable) > 1
    )
