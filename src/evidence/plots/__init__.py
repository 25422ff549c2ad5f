"""Figures: results of any layer enter, matplotlib Axes leave.

A result knows nothing of its figures. Every figure has an alternative text made from the
same numbers (`alt_text`), and `Picture` shows one with it in a notebook or a report.
"""

from evidence.plots.answer import answer_figure, forest_of, headline_figure
from evidence.plots.effect_direction import effect_direction
from evidence.plots.forest import forest
from evidence.plots.model_choice import model_choice, model_choices_of
from evidence.plots.picture import Picture, alt_text

__all__ = [
    "Picture",
    "alt_text",
    "answer_figure",
    "effect_direction",
    "forest",
    "forest_of",
    "headline_figure",
    "model_choice",
    "model_choices_of",
]
