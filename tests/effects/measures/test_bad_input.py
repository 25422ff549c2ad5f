"""Every public measure refuses what it cannot use, with an error of ours that names it."""

import math

import numpy as np
import pytest

from evidence.effects.exact.intervals import (
    exact_odds_ratio,
    miettinen_nurminen,
    proportion_interval,
)
from evidence.effects.measures.absolute import absolute_effects, number_needed_to_treat
from evidence.effects.measures.arcsine import arcsine_difference, peto_log_odds_ratio
from evidence.effects.measures.binary import log_odds_ratio, log_risk_ratio, risk_difference
from evidence.effects.measures.cluster import design_effect, effective_sample_size
from evidence.effects.measures.continuous import (
    hedges_correction,
    mean_difference,
    noncentral_t_interval,
    smd_variance,
    standardised_mean_difference,
)
from evidence.effects.measures.correlation import (
    correlation_from_fisher_z,
    fisher_z,
    raw_correlation,
)
from evidence.effects.measures.crossover import (
    paired_difference,
    paired_difference_from_p,
    paired_difference_from_t,
)
from evidence.effects.measures.odd_spread import odd_spread_cautions, odd_standard_error_cautions
from evidence.effects.measures.one_group import (
    back_transform_proportion,
    back_transform_rate,
    incidence_rate,
    proportion,
    single_mean,
)
from evidence.effects.measures.plausibility import ratio_cautions, smd_cautions
from evidence.effects.measures.pre_post_control import (
    BeforeAfter,
    standardised_difference_of_changes,
)
from evidence.effects.measures.rates import log_rate_ratio, rate_difference
from evidence.effects.measures.ratios import (
    log_coefficient_of_variation_ratio,
    log_ratio_of_means,
    log_variability_ratio,
)
from evidence.effects.measures.smd_scales import (
    log_odds_ratio_from_smd,
    probability_of_superiority,
    smd_from_log_odds_ratio,
)
from evidence.effects.measures.survival import (
    log_hazard_ratio,
    log_hazard_ratio_from_events,
    log_hazard_ratio_from_log_rank,
    log_hazard_ratio_from_p,
    log_hazard_ratio_from_ratio_and_p,
    log_rank_variance,
    log_rank_variance_from_events,
)
from evidence.effects.measures.within_person import (
    correlation_from_sds,
    mean_change,
    sd_of_difference,
    standardised_mean_change,
    standardised_mean_change_from_t,
)
from evidence.errors import InvalidArgumentError

ARMS = {
    "mean_treatment": 5.0,
    "sd_treatment": 2.0,
    "n_treatment": 20,
    "mean_control": 4.0,
    "sd_control": 2.5,
    "n_control": 22,
}
COUNTS = {"events_treatment": 4, "total_treatment": 20, "events_control": 9, "total_control": 22}
RATES = {"events_treatment": 4, "time_treatment": 20.0, "events_control": 9, "time_control": 22.0}
TWICE = {
    "mean_before": 10.0,
    "sd_before": 3.0,
    "mean_after": 12.0,
    "sd_after": 4.0,
    "n": 20,
    "correlation": 0.6,
}
EFFECTS = {"smd": 0.4, "variance": 0.02}


def ppc2(correlation, variance_formula="large-sample", level=0.95, **group):
    return standardised_difference_of_changes(
        BeforeAfter(**group),
        BeforeAfter(mean_before=11.0, sd_before=2.0, mean_after=11.5, n=25),
        correlation=correlation,
        variance_formula=variance_formula,
        level=level,
    )


def noncentral(t, n_treatment, n_control, level=0.95):
    return noncentral_t_interval(t, n_treatment, n_control, level)


# function, its numbers, its named choices (beside `level`)
MEASURES = [
    (mean_difference, ARMS, ("variance_formula",)),
    (standardised_mean_difference, ARMS, ("standardiser", "variance_formula")),
    (log_ratio_of_means, ARMS, ("variance_formula",)),
    (log_coefficient_of_variation_ratio, ARMS, ()),
    (log_variability_ratio, {k: v for k, v in ARMS.items() if k[:4] != "mean"}, ()),
    (log_odds_ratio, COUNTS, ()),
    (log_risk_ratio, COUNTS, ()),
    (risk_difference, COUNTS, ()),
    (arcsine_difference, COUNTS, ()),
    (peto_log_odds_ratio, COUNTS, ()),
    (log_rate_ratio, RATES, ()),
    (rate_difference, RATES, ()),
    (mean_change, TWICE, ()),
    (standardised_mean_change, TWICE, ("standardiser", "variance_formula")),
    (standardised_mean_change_from_t, {"t": 2.1, "n": 20}, ()),
    (ppc2, {k: v for k, v in TWICE.items() if k != "sd_after"}, ("variance_formula",)),
    (
        paired_difference,
        {k: v for k, v in ARMS.items() if k[0] != "n"} | {"n": 20, "correlation": 0.5},
        (),
    ),
    (paired_difference_from_t, {"mean_difference": 1.5, "t": 2.1}, ()),
    (paired_difference_from_p, {"mean_difference": 1.5, "p_value": 0.04, "n": 20}, ()),
    (log_hazard_ratio, {"hazard_ratio": 0.7, "ci_low": 0.5, "ci_high": 0.98}, ()),
    (log_hazard_ratio_from_log_rank, {"observed_minus_expected": -4.0, "variance": 9.0}, ()),
    (
        log_hazard_ratio_from_p,
        {"p_value": 0.03, "log_rank_variance": 9.0, "direction": -1},
        (),
    ),
    (log_hazard_ratio_from_ratio_and_p, {"hazard_ratio": 0.7, "p_value": 0.03}, ()),
    (log_hazard_ratio_from_events, {"hazard_ratio": 0.7, "log_rank_variance": 9.0}, ()),
    (proportion, {"events": 4, "total": 20}, ("transformation",)),
    (single_mean, {"mean": 5.0, "sd": 2.0, "n": 20}, ("transformation",)),
    (incidence_rate, {"events": 4, "person_time": 20.0}, ("transformation",)),
    (raw_correlation, {"correlation": 0.4, "n": 20}, ()),
    (fisher_z, {"correlation": 0.4, "n": 20}, ()),
    (probability_of_superiority, EFFECTS, ()),
    (log_odds_ratio_from_smd, EFFECTS, ("distribution",)),
    (smd_from_log_odds_ratio, {"log_odds_ratio": 0.4, "variance": 0.1}, ("distribution",)),
]
#: What returns no effects, or no level.
OTHERS = [
    (noncentral, {"t": 2.1, "n_treatment": 20, "n_control": 22}, ()),
    (smd_variance, {"g": 0.4, "n_treatment": 20, "n_control": 22}, ("variance_formula",)),
    (hedges_correction, {"df": 20}, ()),
    (sd_of_difference, {"sd_first": 2.0, "sd_second": 3.0, "correlation": 0.5}, ()),
    (correlation_from_sds, {"sd_first": 2.0, "sd_second": 3.0, "sd_difference": 2.5}, ()),
    (log_rank_variance, {"events": 10, "n_treatment": 20, "n_control": 22}, ()),
    (log_rank_variance_from_events, {"events_treatment": 5, "events_control": 8}, ()),
    (design_effect, {"cluster_size": 10, "intracluster_correlation": 0.02}, ()),
    (effective_sample_size, {"count": 100, "design_effect": 1.2}, ()),
    (correlation_from_fisher_z, {"z": 0.4}, ()),
    (smd_cautions, EFFECTS, ()),
    (ratio_cautions, {"log_ratio": 0.4, "variance": 0.02}, ()),
    (odd_spread_cautions, {"mean": 5.0, "sd": 2.0, "n": 20}, ()),
    (odd_standard_error_cautions, {"standard_error": 0.4, "n": 20}, ()),
    (exact_odds_ratio, COUNTS, ()),
    (miettinen_nurminen, COUNTS, ("measure",)),
    (proportion_interval, {"events": 4, "total": 20}, ("method",)),
    (
        number_needed_to_treat,
        {"risk_difference": -0.1, "ci_low": -0.2, "ci_high": -0.01},
        ("event",),
    ),
]
NEVER = [math.nan, math.inf, -math.inf, None, "1", "", [], [[1.0]], ["1"], 1j, object()]


def name(function):
    return function.__name__


ALL = [*MEASURES, *OTHERS]


@pytest.mark.parametrize(("function", "numbers", "choices"), ALL, ids=[name(f) for f, *_ in ALL])
def test_no_number_is_taken_from_what_is_none(function, numbers, choices):
    function(**numbers)
    for argument in numbers:
        for value in NEVER:
            with pytest.raises(InvalidArgumentError, match=argument):
                function(**{**numbers, argument: value})


@pytest.mark.parametrize(("function", "numbers", "choices"), ALL, ids=[name(f) for f, *_ in ALL])
def test_an_unknown_choice_is_told_what_is_known(function, numbers, choices):
    for choice in choices:
        for value in ("borrowed", None, 3, ["pooled"]):
            with pytest.raises(InvalidArgumentError, match=choice) as refusal:
                function(**numbers, **{choice: value})
            text = str(refusal.value)
            assert "known are" in text or "Known are" in text


@pytest.mark.parametrize(
    ("function", "numbers", "choices"), MEASURES, ids=[name(f) for f, *_ in MEASURES]
)
def test_no_level_outside_0_to_1(function, numbers, choices):
    for level in (0, 1, 95, -0.5, math.nan, "0.95", None, [0.95]):
        with pytest.raises(InvalidArgumentError, match="level is"):
            function(**numbers, level=level)


@pytest.mark.parametrize(
    ("function", "numbers", "choices"), MEASURES, ids=[name(f) for f, *_ in MEASURES]
)
def test_columns_of_unequal_length(function, numbers, choices):
    if len(numbers) > 1:
        first, second, *_ = numbers
        several = {**numbers, first: [numbers[first]] * 2, second: [numbers[second]] * 3}
        with pytest.raises(InvalidArgumentError, match="different lengths"):
            function(**several)


@pytest.mark.parametrize(
    ("function", "numbers", "choices"), MEASURES, ids=[name(f) for f, *_ in MEASURES]
)
def test_results_do_not_change_with_the_arrays_given(function, numbers, choices):
    """A result is frozen: what is done to the input later does not reach it."""
    given = {argument: np.array([value] * 3, dtype=float) for argument, value in numbers.items()}
    result = function(**given)
    before = result.to_frame()
    for array in given.values():
        array[:] = -7.0
    assert result.to_frame().equals(before)
    assert all((array == -7.0).all() for array in given.values())


def test_the_standardisers_own_formulas_are_told():
    with pytest.raises(InvalidArgumentError, match="does not go with the standardiser 'average'"):
        standardised_mean_difference(
            **ARMS, standardiser="average", variance_formula="large-sample"
        )
    with pytest.raises(InvalidArgumentError, match="does not go with the standardiser 'change'"):
        standardised_mean_change(
            **TWICE, standardiser="change", variance_formula="unequal-variances"
        )


def test_a_misspelt_choice_is_guessed():
    with pytest.raises(InvalidArgumentError, match="Did you mean 'standardiser'"):
        standardised_mean_difference(**ARMS, standardizer="control")
    with pytest.raises(InvalidArgumentError, match="Did you mean 'control'"):
        standardised_mean_difference(**ARMS, standardiser="controls")


def test_no_risk_without_a_baseline():
    effects = risk_difference(**COUNTS)
    for value in (0, 1, 12, math.nan, "0.1", None, [0.1]):
        with pytest.raises(InvalidArgumentError, match="baseline_risk"):
            absolute_effects(effects, baseline_risk=value)


def test_groups_before_and_after_are_given_as_such():
    group = BeforeAfter(mean_before=1, sd_before=1, mean_after=2, n=9)
    with pytest.raises(InvalidArgumentError, match="control is a dict; give BeforeAfter"):
        standardised_difference_of_changes(group, {"n": 3}, correlation=0.5)
    with pytest.raises(InvalidArgumentError, match=r"treatment\.n must be at least 2"):
        standardised_difference_of_changes(
            BeforeAfter(mean_before=1, sd_before=1, mean_after=2, n=1), group, correlation=0.5
        )


def test_the_way_back_needs_a_known_scale():
    for function in (back_transform_proportion, back_transform_rate):
        for value in ("borrowed", None, ["raw"]):
            with pytest.raises(InvalidArgumentError, match=r"transformation is .* known are"):
                function(0.3, transformation=value)
        for value in NEVER:
            with pytest.raises(InvalidArgumentError, match="values"):
                function(value, transformation="raw")
