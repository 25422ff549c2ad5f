"""Two groups before and after: hand algebra, the noncentral t, sensitivity to r."""

import math

import numpy as np
import pytest
from scipy import stats

from evidence.effects.measures.continuous import hedges_correction, standardised_mean_difference
from evidence.effects.measures.pre_post_control import (
    FORMULAS,
    BeforeAfter,
    standardised_difference_of_changes,
)
from evidence.effects.measures.unknown_correlation import over_correlations
from evidence.effects.measures.within_person import difference_of_changes, standardised_mean_change
from evidence.errors import InvalidArgumentError

# changes 3 and 1; pooled SD before 2 on 18 degrees of freedom
TREATMENT = BeforeAfter(mean_before=10.0, sd_before=2.0, mean_after=13.0, n=8)
CONTROL = BeforeAfter(mean_before=11.0, sd_before=2.0, mean_after=12.0, n=12)


def effect(formula="large-sample", r=0.6, treatment=TREATMENT, control=CONTROL):
    return standardised_difference_of_changes(
        treatment, control, correlation=r, variance_formula=formula
    )


def test_by_hand():
    g = hedges_correction(18)[0]
    result = effect()
    assert result.estimate[0] == pytest.approx(g, rel=1e-15)
    # 2 · 0.4 (1/8 + 1/12) = 1/6
    assert result.variance[0] == pytest.approx(1 / 6 + g**2 / 40, rel=1e-14)
    assert result.formula == "d_ppc2, Morris 2008, exact correction, large-sample variance"


@pytest.mark.parametrize("r", [-0.5, 0.0, 0.6, 0.95])
def test_the_exact_variance_is_that_of_a_noncentral_t(r):
    j = hedges_correction(18)[0]
    scale = math.sqrt(2 * (1 - r) * (1 / 8 + 1 / 12))
    result = effect("morris", r)
    delta = result.estimate[0]
    exact = (j * scale) ** 2 * stats.nct(18, delta / scale).var()
    assert result.variance[0] == pytest.approx(exact, rel=1e-9)


def test_people_drawn_at_random_vary_as_it_says():
    """Twenty thousand trials of 8 against 12 people, correlation 0.6, effect 0.5."""
    rng = np.random.default_rng(3)
    trials = 20_000
    covariance = [[1.0, 0.6], [0.6, 1.0]]

    def group(n, change):
        people = rng.multivariate_normal([0, change], covariance, size=(trials, n))
        before, after = people[..., 0], people[..., 1]
        return BeforeAfter(
            mean_before=before.mean(axis=1),
            sd_before=before.std(axis=1, ddof=1),
            mean_after=after.mean(axis=1),
            n=n,
        )

    result = standardised_difference_of_changes(
        group(8, 0.7), group(12, 0.2), correlation=0.6, variance_formula="morris"
    )
    assert result.estimate.mean() == pytest.approx(0.5, abs=0.012)
    assert result.variance.mean() == pytest.approx(result.estimate.var(), rel=0.05)


def test_without_correlation_it_is_a_difference_of_differences():
    """r = 0 makes the change vary twice as much as a value: 2 (1/8 + 1/12)."""
    plain = standardised_mean_difference(
        mean_treatment=3.0,
        sd_treatment=2.0,
        n_treatment=8,
        mean_control=1.0,
        sd_control=2.0,
        n_control=12,
    )
    result = effect(r=0.0)
    assert result.estimate[0] == plain.estimate[0]
    assert result.variance[0] - plain.variance[0] == pytest.approx(1 / 8 + 1 / 12, rel=1e-12)


def test_beckers_difference_is_near_in_large_groups():
    def group(mean_after):
        return standardised_mean_change(
            mean_before=10.0,
            sd_before=2.0,
            mean_after=mean_after,
            sd_after=2.0,
            n=100_000,
            correlation=0.6,
        )

    becker = difference_of_changes(group(13.0), group(12.0))
    large = {"mean_before": 10.0, "sd_before": 2.0, "n": 100_000}
    for formula in FORMULAS:
        morris = effect(
            formula,
            treatment=BeforeAfter(**large, mean_after=13.0),
            control=BeforeAfter(**large, mean_after=12.0),
        )
        assert morris.estimate[0] == pytest.approx(becker.estimate[0], rel=1e-4)
        # one SD of both groups is known better than two, the more the larger the changes
        assert morris.variance[0] < becker.variance[0]


def test_sensitivity_to_an_unknown_correlation():
    sensitivity = over_correlations(lambda r: effect(r=r), (0.3, 0.9))
    low, high = sensitivity.effects
    assert low.estimate[0] == high.estimate[0]
    assert low.variance[0] > high.variance[0]
    assert "2 correlations" in sensitivity.summary() or "two correlations" in sensitivity.summary()


def test_several_studies_and_one_correlation():
    treatment = BeforeAfter(mean_before=[10, 20], sd_before=2.0, mean_after=[13, 22], n=[8, 30])
    result = effect(treatment=treatment)
    assert len(result) == 2
    assert result.estimate[0] == effect().estimate[0]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"sd_before": -1}, r"treatment\.sd_before must be at least 0"),
        ({"n": 1}, r"treatment\.n must be at least 2"),
        ({"mean_after": math.nan}, r"treatment\.mean_after must be a finite number"),
        ({"mean_before": [1, 2], "n": [3, 4, 5]}, "different lengths"),
    ],
)
def test_bad_groups(changes, words):
    values = {"mean_before": 10.0, "sd_before": 2.0, "mean_after": 13.0, "n": 8}
    with pytest.raises(InvalidArgumentError, match=words):
        effect(treatment=BeforeAfter(**{**values, **changes}))


def test_what_leaves_no_variance():
    still = BeforeAfter(mean_before=1, sd_before=0, mean_after=2, n=5)
    with pytest.raises(InvalidArgumentError, match="sd_before of both groups of study 1 is 0"):
        effect(treatment=still, control=still)
    for formula in FORMULAS:
        with pytest.raises(InvalidArgumentError, match="no variance is left"):
            effect(formula, r=1.0, control=TREATMENT)
    with pytest.raises(InvalidArgumentError, match="correlation must lie between -1 and 1"):
        effect(r=1.2)
    pair = BeforeAfter(mean_before=1, sd_before=1, mean_after=2, n=2)
    with pytest.raises(InvalidArgumentError, match="study 1 has fewer than five people"):
        effect("morris", treatment=pair, control=pair)
    assert effect(treatment=pair, control=TREATMENT).variance[0] > 0
