"""What a test of a claim came to, and what tests are carried out on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pandas as pd

from evidence.appraisal.certainty import LEVELS
from evidence.data import Review
from evidence.data.frames import each_row
from evidence.judgement.claims.rules import SILENT
from evidence.judgement.conclusions import AnalysisConclusion, Conclusions, conclude_analysis
from evidence.synthesis.direction import DirectionSynthesis, synthesise_direction

__all__ = ["Bench", "Finding", "Place", "rating_of", "silent", "where"]

#: Table name and CSV line.
Place = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Finding:
    """What one test came to.

    Attributes
    ----------
    state
        One of the states in `rules`.
    number
        The number that decides, in words.
    rows
        Where it stands: table name and CSV line.
    values
        The numbers themselves.
    certainty, rated
        GRADE's level, and of what and by whom it is; empty where nothing is rated.
    """

    state: str
    number: str
    rows: tuple[Place, ...] = ()
    values: dict[str, float] = field(default_factory=dict)
    certainty: str = ""
    rated: str = ""


def silent(why: str, rows: tuple[Place, ...] = ()) -> Finding:
    """Return that there is nothing to test a claim by, and why.

    Parameters
    ----------
    why
        The reason.
    rows
        Rows that come near.
    """
    return Finding(SILENT, why, rows)


def where(frame: pd.DataFrame, wanted: Callable[[Any], bool]) -> pd.DataFrame:
    """Return the rows of a table that are wanted.

    Parameters
    ----------
    frame
        The table.
    wanted
        Says of a row whether it is.
    """
    return frame[pd.Series([wanted(row) for row in each_row(frame)], frame.index, dtype=bool)]


class Bench:
    """A review with what its tests need, each worked out once and when it is asked for.

    Parameters
    ----------
    review
        The review.
    conclusions
        Its conclusions, where they are known already.
    """

    def __init__(self, review: Review, conclusions: Conclusions | None = None) -> None:
        self.review = review
        self._analyses: dict[str, AnalysisConclusion] = {}
        if conclusions is not None:
            self._analyses = {each.analysis_id: each for each in conclusions.analyses}

    def analysis(self, analysis_id: str) -> AnalysisConclusion:
        """Return the conclusion of a planned analysis.

        Parameters
        ----------
        analysis_id
            The analysis.
        """
        if analysis_id not in self._analyses:
            self._analyses[analysis_id] = conclude_analysis(self.review, analysis_id)
        return self._analyses[analysis_id]

    @cached_property
    def direction(self) -> DirectionSynthesis:
        """Which way the trials point."""
        return synthesise_direction(self.review)

    def places(self, table: str, frame: pd.DataFrame) -> tuple[Place, ...]:
        """Return where the rows of a table stand.

        Parameters
        ----------
        table, frame
            The table's name, and rows of it.
        """
        return tuple((table, int(line)) for line in frame.index)

    def study_place(self, study_id: str) -> tuple[Place, ...]:
        """Return where a study stands.

        Parameters
        ----------
        study_id
            The study.
        """
        studies = self.review.studies
        return self.places("studies", studies[studies["study_id"] == study_id])

    def certainty_of(self, study_id: str, outcome_id: str) -> tuple[str, str]:
        """Return the level of certainty behind one study's result, and whose rating it is.

        That of the planned analysis which rests on the fewest trials, this one among them; else
        what a published review rated; else nothing.

        Parameters
        ----------
        study_id, outcome_id
            The result.
        """
        found: list[AnalysisConclusion] = []
        for name, planned in self.review.plan.analyses.items():
            if outcome_id in planned.outcomes:
                concluded = self.analysis(name)
                if concluded.synthesis is not None and study_id in _studies(concluded):
                    found.append(concluded)
        if found:
            smallest = min(found, key=lambda each: len(_studies(each)))
            return smallest.certainty, rating_of(smallest)
        rated = self.review.published_certainty
        mine = rated[(rated["study_id"] == study_id) & (rated["outcome_id"] == outcome_id)]
        if mine.empty:
            return "", ""
        lowest = max(map(str, mine["certainty"]), key=LEVELS.index)
        return lowest, f"as published by {self.review.label(study_id)}"


def _studies(concluded: AnalysisConclusion) -> set[str]:
    assert concluded.synthesis is not None
    return {each.study_id for each in concluded.synthesis.derivation.comparisons}


def rating_of(concluded: AnalysisConclusion) -> str:
    """Return of what a level of certainty is, and whether anybody decided it.

    Parameters
    ----------
    concluded
        The analysis.
    """
    decided = any(each.decided for each in concluded.certainties)
    return f"{'decided' if decided else 'suggested'} for {concluded.title}"
