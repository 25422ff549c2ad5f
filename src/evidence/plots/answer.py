"""The one figure of the answer: the main analysis of a review."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from evidence.errors import InsufficientEvidenceError
from evidence.plots.forest import forest
from evidence.plots.notice import notice
from evidence.synthesis.body import Synthesis

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from evidence.appraisal.directness import Directness
    from evidence.data import Analysis, Review
    from evidence.judgement.conclusions import Conclusions

__all__ = ["answer_figure", "axis_name", "favours", "forest_of", "headline_figure"]


def axis_name(review: Review, analysis: Analysis) -> str:
    """Return what the axis of an analysis shows, with its unit."""
    names = {
        "standardised mean difference": "standardised mean difference (SD)",
        "mean difference": review.outcome(analysis.outcomes[0]).unit,
    }
    return names.get(analysis.measure, analysis.measure)


def favours(review: Review, outcome_id: str) -> tuple[str, str]:
    """Return the words under the two sides of no effect, from the direction of benefit."""
    target = review.plan.target
    words = (f"← favours {target.treatment}", f"favours {target.comparator} →")
    if review.outcome(outcome_id).better == "lower":
        return words
    return f"← favours {target.comparator}", f"favours {target.treatment} →"


def forest_of(conclusions: Conclusions, analysis_id: str, ax: Axes | None = None) -> Axes:
    """Draw the forest plot of one planned analysis, with its threshold and its words.

    Parameters
    ----------
    conclusions
        The conclusions of a review.
    analysis_id
        The analysis.
    ax
        Axes to fill.

    Raises
    ------
    InsufficientEvidenceError
        When no trial could be used.
    """
    found = conclusions.analysis(analysis_id)
    if not isinstance(found.synthesis, Synthesis):
        raise InsufficientEvidenceError(found.refusal)
    analysis = found.synthesis.analysis
    threshold = found.verdicts[0].threshold if found.verdicts else None
    return forest(
        _with_forms(found.synthesis, conclusions.directness),
        ax,
        title=analysis.title,
        xlabel=axis_name(conclusions.review, analysis),
        favours=favours(conclusions.review, analysis.outcomes[0]),
        threshold=threshold,
    )


def _with_forms(synthesis: Synthesis, directness: Directness) -> Synthesis:
    """Say beside each trial's name what it tested, so that distance is seen in the figure."""
    forms = dict(zip(directness.table["study_id"], directness.table["form"], strict=True))
    comparisons = tuple(
        replace(found, label=f"{found.label} ({form})")
        if (form := forms.get(found.study_id))
        else found
        for found in synthesis.derivation.comparisons
    )
    return replace(synthesis, derivation=replace(synthesis.derivation, comparisons=comparisons))


def answer_figure(conclusions: Conclusions, ax: Axes | None = None) -> Axes:
    """Draw the figure of a review's main analysis, or say why there is none.

    Parameters
    ----------
    conclusions
        The conclusions of a review.
    ax
        Axes to fill.
    """
    main = conclusions.main
    if main.synthesis is None:
        return notice(main.refusal, ax, title=main.title)
    return forest_of(conclusions, main.analysis_id, ax)


def headline_figure(conclusions: Conclusions, ax: Axes | None = None) -> Axes:
    """Draw every reading of the headline trial, or say why there is none.

    The band is that of the smallest threshold.

    Parameters
    ----------
    conclusions
        The conclusions of a review.
    ax
        Axes to fill.
    """
    headline = conclusions.headline
    review = conclusions.review
    if headline is None:
        trial = review.label(review.plan.headline.study_id)
        return notice(
            f"From what is reported of {trial}, no effect can be worked out, so there is nothing "
            "to draw.",
            ax,
            title=trial,
        )
    outcome = review.outcome(headline.comparison.outcome_id)
    return forest(
        headline.comparison,
        ax,
        title=f"{headline.comparison.label}: {outcome.name}, {headline.comparison.timepoint}",
        xlabel=f"difference between the groups, {outcome.short} {outcome.unit}",
        favours=favours(review, outcome.id),
        threshold=headline.thresholds[0].smallest,
        threshold_label="smaller than any difference called important",
    )
