"""Decisions on which trials count: by design, nearness to the question, conduct."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from evidence.data import Review
from evidence.data.lookups import ASPECTS, match_of, overall_risk_of_bias
from evidence.data.registration import timing_of
from evidence.synthesis.specifications.decisions import Decision, Option

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["ALL", "Filter", "filters_of"]

#: The first option of every decision on what counts.
ALL = Option("all", "the plan leaves none out for this", planned=True)
_DIRECT = "what is asked about, and nothing that has to be carried over"


@dataclass(frozen=True, slots=True)
class Filter:
    """Which trials pass under each option of a decision.

    Attributes
    ----------
    decision
        The decision; the first option lets everything pass.
    passes
        Shape (options, trials).
    """

    decision: Decision
    passes: NDArray[np.bool_]

    @property
    def id(self) -> str:
        """Of the decision."""
        return self.decision.id


def filters_of(
    review: Review, study_ids: Sequence[str], outcomes: Sequence[str] | None = None
) -> tuple[Filter, ...]:
    """Return the decisions on which trials count; options that change nothing are dropped.

    Parameters
    ----------
    review
        The review.
    study_ids
        The trials that can enter.
    outcomes
        What the analyses are about, as far as judgements differ by outcome; all by default.
    """
    rules: list[tuple[str, str, list[tuple[Option, Callable[[str], bool]]]]] = [
        (
            "design",
            "which designs count",
            [
                (
                    Option("parallel trials only", "nothing carries over from period to period"),
                    lambda study: str(review.study(study)["design"]) == "parallel trial",
                )
            ],
        ),
        (
            "status",
            "where results have to be published",
            [
                (
                    Option("publications only", "a company's page is not reviewed by anyone"),
                    lambda study: str(review.study(study)["status"]) == "published",
                )
            ],
        ),
        *(
            (
                aspect,
                f"which {aspect}s count",
                [(Option("as asked only", _DIRECT), _asked(review, aspect))],
            )
            for aspect in ASPECTS
        ),
        (
            "registration",
            "which registrations count",
            [
                (
                    Option("not after the fact", "a plan written afterwards is none"),
                    lambda study: _timing(review, study) not in ("retrospective", "contradictory"),
                ),
                (
                    Option("before the start only", "what was planned can be compared"),
                    lambda study: _timing(review, study) == "prospective",
                ),
            ],
        ),
        (
            "risk-of-bias",
            "how much risk of bias is let in",
            [
                (
                    Option("none at high risk", "bias is not averaged out by pooling"),
                    lambda study: overall_risk_of_bias(review, study, outcomes) != "high",
                ),
                (
                    Option("low risk only", "what was not judged is not known to be sound"),
                    lambda study: overall_risk_of_bias(review, study, outcomes) == "low",
                ),
            ],
        ),
    ]
    found = [
        Filter(
            Decision(name, title, (ALL, *(option for option, _ in options))),
            np.array(
                [
                    [True] * len(study_ids),
                    *([rule(study) for study in study_ids] for _, rule in options),
                ]
            ).reshape(1 + len(options), len(study_ids)),
        )
        for name, title, options in rules
    ]
    return tuple(_without_repeats(each) for each in found)


def _asked(review: Review, aspect: str) -> Callable[[str], bool]:
    return lambda study: match_of(review, study, aspect) == "same"


def _timing(review: Review, study_id: str) -> str:
    def said(item: str) -> list[str]:
        values = review.facts_of(study_id, item, stage="")["value"]
        return list(dict.fromkeys(map(str, values)))

    return timing_of(
        said("registration_timing"),
        said("registered_on"),
        said("started_on"),
        "; ".join(said("registration")),
    )


def _without_repeats(given: Filter) -> Filter:
    """Drop options that let the same pass as an earlier one, or nothing at all."""
    places: list[int] = []
    for place, row in enumerate(given.passes):
        same = any((row == given.passes[earlier]).all() for earlier in places)
        if not same and (place == 0 or row.any()):
            places.append(place)
    options = tuple(given.decision.options[place] for place in places)
    decision = replace(given.decision, options=options)
    return replace(given, decision=decision, passes=given.passes[places])
