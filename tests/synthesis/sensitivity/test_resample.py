"""Drawing from the fitted model: intervals against theory, words, edges, refusals."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from tests.papers.bcg import log_risk_ratios
from tests.synthesis.strategies import syntheses

from evidence.effects.conversions.spread import quantile
from evidence.errors import InsufficientEvidenceError, InvalidArgumentError
from evidence.synthesis.pool import pool
from evidence.synthesis.sensitivity.resample import parametric_bootstrap

EFFECTS = [0.2, 0.9, 1.1, -0.3, 0.6, 0.4]
VARIANCES = [0.05, 0.1, 0.02, 0.4, 0.2, 0.1]
#: Monte Carlo error of an end of a 95% interval of a normal mean with 20,000 draws, in standard
#: errors of the mean: sqrt(0.025 x 0.975 / 20,000) over the density there.
END = math.sqrt(0.025 * 0.975 / 20_000) / 0.05845


@pytest.mark.parametrize("model", ["common", "random"])
def test_a_known_tau2_gives_walds_interval(model) -> None:
    result = pool(EFFECTS, VARIANCES, model=model, tau2_method=0.1, ci_method="Wald")
    found = parametric_bootstrap(result, draws=20_000)
    se = result.standard_error
    for interval in (found.percentile_interval, found.studentised_interval):
        assert_allclose(interval, [result.ci_low, result.ci_high], atol=4 * END * se)
    assert_allclose(found.samples.estimate.mean(), result.estimate, atol=4 * se / 20_000**0.5)
    assert_allclose(found.samples.estimate.std(), se, rtol=4 / math.sqrt(40_000))
    assert np.isnan(found.tau2_interval).all()
    assert math.isnan(found.share_tau2_zero)
    assert "tau² 0" not in found.summary()
    assert list(found.to_frame()["of"]) == ["mean", "mean"]


def test_equal_variances_give_the_t_interval() -> None:
    # With equal variances Hartung and Knapp's statistic is exactly a t on k - 1 degrees.
    result = pool([0.1, 0.5, 0.9, 1.8, -0.4], [0.1] * 5, ci_method="HKSJ")
    found = parametric_bootstrap(result, draws=40_000)
    t = np.array([result.ci_low, result.ci_high])
    # The density of t on four degrees at its 97.5% point is about a quarter of the normal's.
    assert_allclose(found.studentised_interval, t, atol=0.1 * result.standard_error)
    assert_allclose(
        t, result.estimate + np.array([-1, 1]) * quantile(0.95, 4) * (result.standard_error)
    )
    # tau² + v is (k - 1) s² / chi², so P(tau² = 0) is a chi-squared tail.
    from scipy.stats import chi2

    zero = chi2.cdf(4 * 0.1 / (result.tau2 + 0.1), 4)
    assert_allclose(found.share_tau2_zero, zero, atol=4 * math.sqrt(zero * (1 - zero) / 40_000))
    ends = chi2.ppf([0.025, 0.975], 4) * (result.tau2 + 0.1) / 4 - 0.1
    assert_allclose(found.tau2_interval, np.maximum(0, ends), rtol=0.04)


def test_the_numbers_are_those_of_the_samples() -> None:
    result = pool(log_risk_ratios(), tau2_method="PM")
    found = parametric_bootstrap(result, draws=500, seed=2)
    samples = found.samples
    assert found.draws == len(samples) == 500
    assert samples.method == result.method
    assert found.share_tau2_zero == (samples.tau2 == 0).mean()
    assert_allclose(found.tau2_interval, np.quantile(samples.tau2, [0.025, 0.975]))
    assert_allclose(found.percentile_interval, np.quantile(samples.estimate, [0.025, 0.975]))
    t = (samples.estimate - result.estimate) / samples.standard_error
    low, high = np.quantile(t, [0.025, 0.975])
    assert_allclose(
        found.studentised_interval,
        [
            result.estimate - high * result.standard_error,
            result.estimate - low * (result.standard_error),
        ],
    )


def test_the_seed() -> None:
    result = pool(EFFECTS, VARIANCES)
    first, again, other = (parametric_bootstrap(result, draws=200, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(first.samples.estimate, again.samples.estimate)
    assert not np.array_equal(first.samples.estimate, other.samples.estimate)
    assert first.to_dict() == again.to_dict()
    assert first.seed == 1


def test_the_words() -> None:
    result = pool(log_risk_ratios())
    found = parametric_bootstrap(result, draws=1000)
    low, high = found.tau2_interval
    lines = found.summary().splitlines()
    assert lines[0].startswith("Parametric bootstrap of 13 studies, 1,000 samples, random effects")
    assert lines[1].startswith("estimate −0.71 (95% bootstrap-t interval −")
    assert lines[2] == (
        f"tau² {result.tau2:.3f} (95% percentile interval {low:.3f} to {high:.3f}); it is "
        f"estimated as 0 in {100 * found.share_tau2_zero:.1f}% of the samples"
    )
    assert len(lines) == 3
    assert len(found.to_dict()["intervals"]) == 3
    assert "Parametric bootstrap" in found._repr_html_()


def test_what_a_reader_should_know() -> None:
    agreeing = parametric_bootstrap(pool([0.3, 0.31, 0.29], [0.1] * 3), draws=200)
    assert [caution.code for caution in agreeing.cautions] == ["drawn-without-tau2"]
    few = parametric_bootstrap(pool([0.1, 0.9, 2], [0.01] * 3), draws=200)
    assert [caution.code for caution in few.cautions] == ["drawn-from-vague-tau2"]
    assert "which three studies tell only vaguely" in few.summary()
    assert parametric_bootstrap(pool([0.1, 2], [0.1] * 2, tau2_method=1), draws=200).cautions == ()


def test_two_identical_studies_without_the_guard() -> None:
    found = parametric_bootstrap(pool([0.3, 0.3], [0.1] * 2, ci_method="HKSJ"), draws=200)
    # The result claims certainty: so does its bootstrap-t interval.
    assert found.studentised_interval == (0.3, 0.3)
    assert found.percentile_interval[0] < 0.3 < found.percentile_interval[1]


def test_what_is_refused() -> None:
    result = pool(EFFECTS, VARIANCES)
    for wrong in (99, -5, 150.5, "many", float("nan"), float("inf"), True, None):
        with pytest.raises(InvalidArgumentError, match=r"draws is .* whole number of at least 100"):
            parametric_bootstrap(result, draws=wrong)
    for wrong in (-1, 0.5, "x", None):
        with pytest.raises(InvalidArgumentError, match=r"seed is .* whole number of at least 0"):
            parametric_bootstrap(result, seed=wrong)
    with pytest.raises(InvalidArgumentError, match=r"parametric_bootstrap takes what pool\("):
        parametric_bootstrap([0.1, 0.2])
    with pytest.raises(InsufficientEvidenceError, match="one study"):
        parametric_bootstrap(pool([0.1], [0.1]))
    with pytest.raises(InvalidArgumentError, match="Henmi-Copas"):
        parametric_bootstrap(pool(EFFECTS, VARIANCES, ci_method="Henmi-Copas"))


@settings(max_examples=25)
@given(studies=syntheses(most=6), shift=st.sampled_from([-3.0, 0.5, 8.0]))
def test_units_and_origin(studies, shift) -> None:
    effects, variances = (np.array(each) for each in studies)
    options = {"tau2_method": "DL", "ci_method": "HKSJ-adhoc"}

    def ends(y, v):
        found = parametric_bootstrap(pool(y, v, **options), draws=100)
        return np.array([found.percentile_interval, found.studentised_interval])

    plain = ends(effects, variances)
    assert_allclose(ends(effects + shift, variances), plain + shift, atol=1e-6)
    assert_allclose(ends(16 * effects, 256 * variances), 16 * plain, atol=1e-6)
