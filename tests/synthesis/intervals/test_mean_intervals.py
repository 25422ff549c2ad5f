"""Intervals of the mean: by hand, against dense matrices, at the edges, what is refused."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from scipy import stats
from scipy.optimize import minimize_scalar
from tests.synthesis.intervals.dense import henmi_copas_pivot
from tests.synthesis.strategies import syntheses

from evidence.errors import InsufficientEvidenceError, InvalidArgumentError
from evidence.synthesis.intervals.mean_intervals import (
    MeanInterval,
    henmi_copas,
    profile_likelihood_mean,
)
from evidence.synthesis.pool import pool
from evidence.synthesis.tau2 import estimate_tau2

EFFECTS = np.array([0.42, -0.11, 0.65, 0.20, 0.93, -0.35])
VARIANCES = np.array([0.040, 0.055, 0.120, 0.031, 0.200, 0.085])
DOMINATED = np.array([0.2, 0.9, -0.5, 0.4, 1.3]), np.array([1e-6, 0.9, 1.1, 0.7, 1.4])


def plug_in_t(effects, variances, **options):
    tau2 = estimate_tau2(np.asarray(effects, float), np.asarray(variances, float), "REML")
    return pool(effects, variances, ci_method="t", tau2_method=tau2, **options)


intervals = pytest.mark.parametrize(
    "interval",
    [plug_in_t, henmi_copas, profile_likelihood_mean],
    ids=["t", "Henmi-Copas", "profile likelihood"],
)


# ---------------------------------------------------------------- t


def test_t_by_hand():
    found = pool([0.1, 0.5, 0.9], [0.04, 0.04, 0.04], ci_method="t", tau2_method=0.08)
    se = math.sqrt(0.12 / 3)
    assert found.estimate == pytest.approx(0.5)
    assert found.standard_error == pytest.approx(se)
    assert found.ci_high == pytest.approx(0.5 + stats.t.ppf(0.975, 2) * se)
    assert found.p_value == pytest.approx(2 * stats.t.sf(0.5 / se, 2))


def test_t_is_walds_interval_with_another_quantile():
    wald = pool(EFFECTS, VARIANCES, ci_method="Wald")
    found = pool(EFFECTS, VARIANCES, ci_method="t", tau2_method=wald.tau2)
    assert found.estimate == pytest.approx(wald.estimate)
    assert found.standard_error == pytest.approx(wald.standard_error)
    assert found.ci_low < wald.ci_low


@pytest.mark.parametrize("tau2", [-0.1, math.nan, math.inf])
def test_t_refuses_what_is_no_variance(tau2):
    with pytest.raises(InvalidArgumentError, match="tau2_method is"):
        pool(EFFECTS, VARIANCES, ci_method="t", tau2_method=tau2)


# ---------------------------------------------------------------- Henmi and Copas


@pytest.mark.parametrize(
    "studies",
    [
        (EFFECTS, VARIANCES),
        (EFFECTS * 3, VARIANCES),
        (EFFECTS[:2], VARIANCES[:2]),
        (EFFECTS[:3] * 5, VARIANCES[:3]),
        ([0.3, 0.3, 0.3], [0.1, 0.2, 0.4]),
    ],
    ids=["six", "six that differ", "two", "three that differ", "identical"],
)
@pytest.mark.parametrize("level", [0.8, 0.95, 0.999])
def test_henmi_copas_from_matrices(studies, level):
    beyond, mean, error = henmi_copas_pivot(*studies)
    found = henmi_copas(*studies, level=level)
    assert found.estimate == pytest.approx(mean, abs=1e-12)
    assert found.standard_error == pytest.approx(error)
    reach = (found.ci_high - found.ci_low) / 2 / error
    assert beyond(reach) == pytest.approx(1 - level, rel=1e-9)
    assert found.p_value == pytest.approx(beyond(abs(mean) / error), rel=1e-9)


def test_henmi_copas_keeps_the_weights_of_a_common_effect():
    common = pool(EFFECTS * 4, VARIANCES, model="common")
    found = henmi_copas(EFFECTS * 4, VARIANCES)
    assert found.tau2 == pytest.approx(estimate_tau2(EFFECTS * 4, VARIANCES, "DL"))
    assert found.tau2 > 0
    assert found.estimate == pytest.approx(common.estimate)
    assert found.standard_error > common.standard_error


def test_henmi_copas_with_many_studies_nears_the_normal_quantile():
    rng = np.random.default_rng(1)
    variances = np.exp(rng.normal(-2, 0.3, 3000))
    found = henmi_copas(rng.normal(0, np.sqrt(variances + 0.1)), variances)
    reach = (found.ci_high - found.ci_low) / 2 / found.standard_error
    assert reach == pytest.approx(1.96, abs=0.01)


# ---------------------------------------------------------------- profile likelihood


def likelihood_of_mean(mean, effects, variances):
    """Minus the log-likelihood of a mean, by brute force over tau²."""
    effects, variances = np.asarray(effects), np.asarray(variances)

    def minus(log_total):
        total = variances + math.expm1(log_total) * variances.min()
        return 0.5 * float((np.log(total) + (effects - mean) ** 2 / total).sum())

    grid = np.linspace(0, 25, 600)
    best = int(np.argmin([minus(x) for x in grid]))
    ends = grid[max(best - 1, 0)], grid[min(best + 1, grid.size - 1)]
    found = minimize_scalar(minus, bounds=ends, method="bounded", options={"xatol": 1e-10})
    return min(found.fun, minus(grid[best]))


@pytest.mark.parametrize(
    "studies",
    [(EFFECTS, VARIANCES), (EFFECTS * 4, VARIANCES), (EFFECTS[:2] * 3, VARIANCES[:2]), DOMINATED],
    ids=["six", "six that differ", "two", "one dominates"],
)
@pytest.mark.parametrize("level", [0.8, 0.95, 0.999])
def test_the_likelihood_of_the_mean_has_dropped_by_half_the_quantile(studies, level):
    found = profile_likelihood_mean(*studies, level=level)
    top = likelihood_of_mean(found.estimate, *studies)
    drop = stats.chi2.ppf(level, 1) / 2
    for end in (found.ci_low, found.ci_high):
        assert likelihood_of_mean(end, *studies) - top == pytest.approx(drop, rel=1e-6)
    ratio = 2 * (likelihood_of_mean(0.0, *studies) - top)
    assert found.p_value == pytest.approx(stats.chi2.sf(ratio, 1), rel=1e-5)


def test_equal_variances_and_tau2_above_0_by_hand():
    # With tau² free the total variance is: the likelihood ratio is k log(1 + (ȳ - μ)² / s²).
    effects = np.array([-2.0, 0.5, 3.0, 1.0])
    found = profile_likelihood_mean(effects, [0.1] * 4)
    reach = math.sqrt(effects.var() * math.expm1(stats.chi2.ppf(0.95, 1) / 4))
    assert found.ci_low == pytest.approx(effects.mean() - reach, rel=1e-12)
    assert found.ci_high == pytest.approx(effects.mean() + reach, rel=1e-12)
    assert found.tau2 == pytest.approx(effects.var() - 0.1)


def test_identical_effects_have_walds_interval_while_tau2_stays_at_0():
    found = profile_likelihood_mean([0.25] * 4, [0.0625] * 4)
    assert found.tau2 == 0
    reach = stats.norm.ppf(0.975) * 0.125
    assert (found.ci_low, found.ci_high) == pytest.approx((0.25 - reach, 0.25 + reach), rel=1e-12)


def test_a_likelihood_of_the_mean_with_two_peaks_gives_a_set_in_pieces():
    # A very precise study far from two that agree: either tau² is small and the mean is with
    # the first, or it is large and the mean lies between.
    effects, variances = [0.0, 6.0, 6.1], [1e-4, 4.0, 4.0]
    for level in np.linspace(0.3, 0.9, 25):
        found = profile_likelihood_mean(effects, variances, level=level)
        if found.cautions:
            break
    assert found.cautions[0].code == "likelihood-in-pieces"
    assert "two peaks" in found.summary()
    drop = stats.chi2.ppf(level, 1) / 2
    top = likelihood_of_mean(found.estimate, effects, variances)
    grid = np.linspace(found.ci_low, found.ci_high, 60)
    dropped = np.array([likelihood_of_mean(m, effects, variances) for m in grid]) - top
    assert dropped.max() > drop


# ---------------------------------------------------------------- all of them


@intervals
@settings(max_examples=20)
@given(studies=syntheses(least=2, most=6))
def test_order_sign_shift_and_unit(interval, studies):
    effects, variances = (np.array(part) for part in studies)
    found = interval(effects, variances)
    size = 1e-6 * (found.ci_high - found.ci_low)
    assert found.ci_low <= found.estimate + size
    assert found.estimate - size <= found.ci_high
    for other, low, high in (
        (interval(effects[::-1], variances[::-1]), found.ci_low, found.ci_high),
        (interval(-effects, variances), -found.ci_high, -found.ci_low),
        (interval(effects + 3, variances), found.ci_low + 3, found.ci_high + 3),
        (interval(effects * 1e-8, variances * 1e-16), found.ci_low * 1e-8, found.ci_high * 1e-8),
        (interval(effects * 1e8, variances * 1e16), found.ci_low * 1e8, found.ci_high * 1e8),
    ):
        unit = (other.ci_high - other.ci_low) / (found.ci_high - found.ci_low)
        assert other.ci_low == pytest.approx(low, abs=size * unit)
        assert other.ci_high == pytest.approx(high, abs=size * unit)


@intervals
@settings(max_examples=20)
@given(studies=syntheses(least=2, most=6))
def test_p_and_interval_agree(interval, studies):
    found = interval(*studies)
    outside = not found.ci_low <= 0 <= found.ci_high
    # The p value of a likelihood in pieces can disagree with the interval that spans them.
    if not found.cautions and abs(found.p_value - 0.05) > 1e-6:
        assert outside == (found.p_value < 0.05)
    wide = interval(*studies, level=0.99)
    assert wide.ci_low <= found.ci_low
    assert found.ci_high <= wide.ci_high


@intervals
def test_one_study_that_dominates_a_million_times(interval):
    found = interval(*DOMINATED)
    assert math.isfinite(found.ci_low + found.ci_high)
    assert found.ci_low < 0.2 < found.ci_high


@pytest.mark.parametrize("interval", [henmi_copas, profile_likelihood_mean])
def test_one_study_is_refused(interval):
    with pytest.raises(InsufficientEvidenceError, match=r"two studies; there is one.*own interval"):
        interval([0.1], [0.2])


@pytest.mark.parametrize("interval", [henmi_copas, profile_likelihood_mean])
@pytest.mark.parametrize(
    ("effects", "variances", "said"),
    [
        ([0.1, 0.2], [0.1, 0.0], "variances must be above 0; found study 2: 0"),
        ([0.1, math.nan], [0.1, 0.1], "effects must be a finite number"),
        ([0.1, 0.2, 0.3], [0.1, 0.2], "different lengths"),
        ([0.1, "0.2"], [0.1, 0.1], "not a number"),
        ([], [], "empty"),
    ],
)
def test_bad_studies_are_named(interval, effects, variances, said):
    with pytest.raises(InvalidArgumentError, match=said):
        interval(effects, variances)


@intervals
@pytest.mark.parametrize("level", [0, 1, 95, math.nan, "0.95"])
def test_a_bad_level_is_named(interval, level):
    with pytest.raises(InvalidArgumentError, match="level"):
        interval(EFFECTS, VARIANCES, level=level)


@pytest.mark.parametrize("interval", [henmi_copas, profile_likelihood_mean])
def test_how_a_result_shows_itself(interval):
    found = interval(EFFECTS, VARIANCES)
    assert isinstance(found, MeanInterval)
    assert found.summary().startswith("estimate 0.2")
    assert found.method in found.summary()
    assert found.to_frame().loc[0, "ci_low"] == found.ci_low
    assert found.to_dict()["p_value"] == found.p_value
    assert found._repr_html_().startswith("<p>estimate")
