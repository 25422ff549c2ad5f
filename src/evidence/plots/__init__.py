"""Figures: results of any layer enter, matplotlib Axes leave.

A result knows nothing of its figures. Every figure has an alternative text made from the
same numbers (`alt_text`), and `Picture` shows one with it in a notebook or a report.
"""

from evidence.plots.albatross import albatross_plot
from evidence.plots.answer import answer_figure, forest_of, headline_figure
from evidence.plots.baujat import baujat
from evidence.plots.borrowing import borrowing
from evidence.plots.claims import claims_by_verdict
from evidence.plots.directness import directness_table
from evidence.plots.doi_plot import doi_figure
from evidence.plots.dose_axis import dose_axis, dose_axis_of
from evidence.plots.effect_direction import effect_direction
from evidence.plots.extended_funnel import extended_funnel
from evidence.plots.forest import forest
from evidence.plots.fragility_curve import fragility_curve
from evidence.plots.funnel import funnel
from evidence.plots.influence import influence_panel
from evidence.plots.likelihood_profile import likelihood_profile
from evidence.plots.model_choice import model_choice, model_choices_of
from evidence.plots.next_trial_sizes import chances_over_size, value_over_size
from evidence.plots.next_trials import chances_of_sizes, extended_funnels_of, values_of_sizes
from evidence.plots.p_curve import p_curve_plot
from evidence.plots.picture import Picture, alt_text
from evidence.plots.risk_of_bias_summary import risk_of_bias_summary
from evidence.plots.sensitivity_forests import cumulative_forest, leave_one_out_forest
from evidence.plots.specification_curve import specification_curve
from evidence.plots.subsets import subsets_plot
from evidence.plots.tipping_point import tipping_point
from evidence.plots.traffic_light import traffic_light
from evidence.plots.trial_appraisal import headline_appraisal_figure, trial_appraisal

__all__ = [
    "Picture",
    "albatross_plot",
    "alt_text",
    "answer_figure",
    "baujat",
    "borrowing",
    "chances_of_sizes",
    "chances_over_size",
    "claims_by_verdict",
    "cumulative_forest",
    "directness_table",
    "doi_figure",
    "dose_axis",
    "dose_axis_of",
    "effect_direction",
    "extended_funnel",
    "extended_funnels_of",
    "forest",
    "forest_of",
    "fragility_curve",
    "funnel",
    "headline_appraisal_figure",
    "headline_figure",
    "influence_panel",
    "leave_one_out_forest",
    "likelihood_profile",
    "model_choice",
    "model_choices_of",
    "p_curve_plot",
    "risk_of_bias_summary",
    "specification_curve",
    "subsets_plot",
    "tipping_point",
    "traffic_light",
    "trial_appraisal",
    "value_over_size",
    "values_of_sizes",
]
