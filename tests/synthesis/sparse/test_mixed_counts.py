"""Logistic and Poisson models with random effects: hand checks, invariants, edges, refusals."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import binom, nchypergeom_fisher, norm

from evidence.errors import InsufficientEvidenceError, InvalidArgumentError
from evidence.synthesis.sparse.exact_odds import pool_exact_odds_ratio
from evidence.synthesis.sparse.mixed_logistic import (
    LOGISTIC_MODELS,
    pool_mixed_logistic,
    pool_mixed_proportion,
)
from evidence.synthesis.sparse.mixed_rates import (
    RATE_MODELS,
    pool_mixed_incidence,
    pool_mixed_rates,
)
from evidence.synthesis.sparse.mixed_result import MixedOptions

NAMES = ("events_treatment", "total_treatment", "events_control", "total_control")
TIMES = ("events_treatment", "time_treatment", "events_control", "time_control")
COMMON = MixedOptions(effects="common")


def counts(*rows, names=NAMES):
    return dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))


SPREAD = ((9, 30, 2, 30), (1, 30, 8, 33), (3, 40, 12, 39), (0, 25, 3, 27), (7, 50, 6, 48))
ALIKE = ((5, 50, 9, 50), (6, 60, 10, 58), (4, 45, 8, 47))
NO_EVENTS = (0, 40, 0, 42)
SPARSE_RATES = ((14, 100, 4, 98), (2, 80, 12, 85), (6, 90, 9, 88), (0, 30, 3, 31))


def swapped(rows):
    return tuple((c, n2, a, n1) for a, n1, c, n2 in rows)


# ----------------------------------------------------------------------------- what must agree


def test_common_conditional_effect_is_the_exact_conditional_odds_ratio():
    rows = counts(*SPREAD)
    mixed = pool_mixed_logistic(**rows, options=COMMON)
    assert mixed.estimate == pytest.approx(pool_exact_odds_ratio(**rows).estimate, rel=1e-12)


def test_fixed_studies_are_a_logistic_regression():
    import statsmodels.api as sm

    rows = np.array(SPREAD, dtype=float)
    k = len(rows)
    events = np.concatenate([rows[:, 0], rows[:, 2]])
    totals = np.concatenate([rows[:, 1], rows[:, 3]])
    design = np.column_stack([np.repeat([1.0, 0.0], k), np.tile(np.eye(k), (2, 1))])
    model = sm.GLM(
        np.column_stack([events, totals - events]), design, family=sm.families.Binomial()
    )
    fit = model.fit(tol=1e-14, maxiter=200)
    ours = pool_mixed_logistic(**counts(*SPREAD), model="fixed-studies", options=COMMON)
    assert ours.estimate == pytest.approx(fit.params[0], rel=1e-9)
    assert ours.standard_error == pytest.approx(fit.bse[0], rel=1e-9)
    assert ours.log_likelihood == pytest.approx(fit.llf, rel=1e-12)
    deviance = fit.deviance
    assert ours.heterogeneity.statistic == pytest.approx(deviance, rel=1e-9)


def test_likelihood_is_that_of_the_noncentral_hypergeometric_distribution():
    result = pool_mixed_logistic(**counts(*ALIKE), options=COMMON)
    odds = math.exp(result.estimate)
    direct = sum(nchypergeom_fisher.logpmf(a, n1 + n2, n1, a + c, odds) for a, n1, c, n2 in ALIKE)
    assert result.log_likelihood == pytest.approx(direct, rel=1e-11)


def test_conditional_rates_have_the_binomial_likelihood():
    result = pool_mixed_rates(**counts(*SPARSE_RATES, names=TIMES))
    tau = math.sqrt(result.tau2)
    assert tau > 0
    total = 0.0
    for x1, t1, x2, t2 in SPARSE_RATES:
        part, _ = quad(
            lambda u, x1=x1, m=x1 + x2, r=t1 / t2: (
                binom.pmf(x1, m, 1 / (1 + math.exp(-(result.estimate + tau * u)) / r)) * norm.pdf(u)
            ),
            -10,
            10,
            epsrel=1e-11,
        )
        total += math.log(part)
    assert result.log_likelihood == pytest.approx(total, abs=1e-9)


def test_poisson_models_agree_with_one_another_for_a_common_effect():
    """Conditioning on the events loses nothing about a common rate ratio."""
    rows = counts(*SPARSE_RATES, names=TIMES)
    given_events = pool_mixed_rates(**rows, options=COMMON)
    modelled = pool_mixed_rates(**rows, model="fixed-studies", options=COMMON)
    assert given_events.estimate == pytest.approx(modelled.estimate, rel=1e-10)
    assert given_events.standard_error == pytest.approx(modelled.standard_error, rel=1e-9)
    assert given_events.heterogeneity.statistic == pytest.approx(
        modelled.heterogeneity.statistic, rel=1e-9
    )


# ------------------------------------------------------------------------------------- invariants


@pytest.mark.parametrize("model", LOGISTIC_MODELS)
def test_groups_can_be_swapped_and_studies_reordered(model):
    rows = (*SPREAD, NO_EVENTS)
    result = pool_mixed_logistic(**counts(*rows), model=model)
    other = pool_mixed_logistic(**counts(*swapped(rows)), model=model)
    reordered = pool_mixed_logistic(**counts(*rows[::-1]), model=model)
    assert other.estimate == pytest.approx(-result.estimate, rel=1e-8)
    assert reordered.estimate == pytest.approx(result.estimate, rel=1e-8)
    for each in (other, reordered):
        assert each.tau2 == pytest.approx(result.tau2, rel=1e-7)
        assert each.standard_error == pytest.approx(result.standard_error, rel=1e-7)
        assert each.log_likelihood == pytest.approx(result.log_likelihood, rel=1e-9)
    assert list(reordered.studies["weight"])[::-1] == pytest.approx(list(result.studies["weight"]))
    assert result.studies["weight"].sum() == pytest.approx(100)


@pytest.mark.parametrize("model", RATE_MODELS)
def test_the_unit_of_time_does_not_matter(model):
    rows = counts(*SPARSE_RATES, names=TIMES)
    result = pool_mixed_rates(**rows, model=model)
    for unit in (1e-8, 1e8):
        scaled = {k: np.array(v) * (unit if "time" in k else 1) for k, v in rows.items()}
        other = pool_mixed_rates(**scaled, model=model)
        assert other.estimate == pytest.approx(result.estimate, rel=1e-8)
        assert other.tau2 == pytest.approx(result.tau2, rel=1e-7)
        assert other.standard_error == pytest.approx(result.standard_error, rel=1e-7)


def test_everything_twice_halves_the_variance_of_a_common_effect():
    for model in ("conditional", "conditional-approximate", "fixed-studies"):
        once = pool_mixed_logistic(**counts(*SPREAD), model=model, options=COMMON)
        twice = pool_mixed_logistic(**counts(*SPREAD, *SPREAD), model=model, options=COMMON)
        assert twice.estimate == pytest.approx(once.estimate, rel=1e-10)
        assert twice.standard_error**2 * 2 == pytest.approx(once.standard_error**2, rel=1e-10)


def test_coding_of_one_side_depends_on_the_names_of_the_groups():
    one = MixedOptions(coding="treatment")
    rows = SPREAD
    result = pool_mixed_logistic(**counts(*rows), model="fixed-studies", options=one)
    other = pool_mixed_logistic(**counts(*swapped(rows)), model="fixed-studies", options=one)
    mirrored = pool_mixed_logistic(
        **counts(*swapped(rows)), model="fixed-studies", options=MixedOptions(coding="control")
    )
    assert abs(other.estimate + result.estimate) > 1e-3
    assert mirrored.estimate == pytest.approx(-result.estimate, rel=1e-8)
    assert "depends on which group" in result.summary()


def test_with_a_correlation_the_coding_does_not_matter():
    """The bivariate model of van Houwelingen and others, written in two ways."""
    first, second = (
        pool_mixed_logistic(
            **counts(*SPREAD),
            model="random-studies",
            options=MixedOptions(coding=coding, correlated=True),
        )
        for coding in ("halves", "treatment")
    )
    assert second.estimate == pytest.approx(first.estimate, rel=1e-7)
    assert second.tau2 == pytest.approx(first.tau2, rel=1e-6)
    assert second.log_likelihood == pytest.approx(first.log_likelihood, abs=1e-8)
    assert -1 <= first.correlation <= 1
    assert first.test("No variance").df == 2
    plain = pool_mixed_logistic(**counts(*SPREAD), model="random-studies")
    assert first.log_likelihood >= plain.log_likelihood - 1e-9


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 12), st.integers(0, 12), st.integers(12, 60), st.integers(12, 60)),
        min_size=2,
        max_size=6,
    ),
    st.sampled_from(["conditional", "conditional-approximate", "fixed-studies"]),
)
def test_nothing_nearby_is_likelier(cells, model):
    rows = tuple((a, n1, c, n2) for a, c, n1, n2 in cells)
    try:
        result = pool_mixed_logistic(**counts(*rows), model=model)
    except InsufficientEvidenceError:
        return
    common = pool_mixed_logistic(**counts(*rows), model=model, options=COMMON)
    assert result.log_likelihood >= common.log_likelihood - 1e-9
    assert result.tau2 >= 0
    assert result.standard_error > 0
    if result.tau2 == 0:
        assert result.estimate == pytest.approx(common.estimate, rel=1e-9, abs=1e-12)
        assert result.standard_error == pytest.approx(common.standard_error, rel=1e-6)
    profile = pool_mixed_logistic(
        **counts(*rows), model=model, options=MixedOptions(interval="profile")
    )
    assert profile.ci_low < result.estimate < profile.ci_high
    assert (profile.p_value < 0.05) == (profile.ci_low > 0 or profile.ci_high < 0)


# ---------------------------------------------------------------------------------- zero cells


@pytest.mark.parametrize("model", LOGISTIC_MODELS)
def test_what_studies_without_events_do(model):
    options = MixedOptions()
    without = pool_mixed_logistic(**counts(*SPREAD), model=model, options=options)
    result = pool_mixed_logistic(
        **counts(*SPREAD, NO_EVENTS, (7, 7, 9, 9)), model=model, options=options
    )
    codes = {caution.code for caution in result.cautions}
    if model == "random-studies":
        assert result.k == without.k + 2
        assert result.estimate != pytest.approx(without.estimate, rel=1e-6)
        assert "double-zero-kept" in codes
        assert "no-information" not in codes
    else:
        assert result.excluded == ("study 6", "study 7")
        assert result.estimate == pytest.approx(without.estimate, rel=1e-10)
        assert result.standard_error == pytest.approx(without.standard_error, rel=1e-10)
        assert "no-information" in codes
        assert "study 6 and study 7" in result.summary()
        assert list(result.studies["weight"])[-2:] == [0, 0]
    assert "continuity" in codes


def test_rates_without_events():
    rows = (*SPARSE_RATES, (0, 12, 0, 11))
    for model in ("conditional", "fixed-studies"):
        result = pool_mixed_rates(**counts(*rows, names=TIMES), model=model)
        without = pool_mixed_rates(**counts(*SPARSE_RATES, names=TIMES), model=model)
        assert result.excluded == ("study 5",)
        assert result.estimate == pytest.approx(without.estimate, rel=1e-10)
    kept = pool_mixed_rates(**counts(*rows, names=TIMES), model="random-studies")
    assert kept.k == 5
    assert "without events is part of this model" in kept.summary()


def test_one_informative_study_is_its_own_result():
    rows = counts((3, 30, 6, 32), NO_EVENTS)
    result = pool_mixed_logistic(**rows)
    assert result.tau2 == 0
    assert not result.pooled
    assert result.estimate == pytest.approx(pool_exact_odds_ratio(**rows).estimate, rel=1e-12)
    assert "nothing to pool" in result.summary()
    assert "one-study" in {caution.code for caution in result.cautions}
    assert math.isnan(result.heterogeneity.p_value)


# -------------------------------------------------------------------------- intervals and options


def test_boundary_is_said():
    result = pool_mixed_logistic(**counts(*ALIKE))
    common = pool_mixed_logistic(**counts(*ALIKE), options=COMMON)
    assert result.tau2 == 0
    assert result.tau2_at_zero
    assert not common.tau2_at_zero
    assert math.isnan(result.tau2_standard_error)
    assert result.standard_error == pytest.approx(common.standard_error, rel=1e-12)
    assert result.test("No variance").p_value == 1
    assert {"tau2-zero", "few-studies"} <= {caution.code for caution in result.cautions}
    assert not common.cautions


def test_t_and_prediction_interval():
    from scipy.stats import t

    z = pool_mixed_logistic(**counts(*SPREAD))
    result = pool_mixed_logistic(**counts(*SPREAD), options=MixedOptions(test="t"))
    assert result.df == 4
    reach = t.ppf(0.975, 4) * z.standard_error
    assert result.ci_high - result.estimate == pytest.approx(reach, rel=1e-12)
    assert result.p_value == pytest.approx(2 * t.sf(abs(z.estimate / z.standard_error), 4))
    half = t.ppf(0.975, 3) * math.sqrt(z.tau2 + z.standard_error**2)
    assert z.prediction_high - z.estimate == pytest.approx(half, rel=1e-12)
    two = pool_mixed_logistic(**counts(*SPREAD[:2]))
    assert math.isnan(two.prediction_low)
    with pytest.raises(InsufficientEvidenceError, match="one degree of freedom fewer"):
        pool_mixed_logistic(**counts(SPREAD[0]), options=MixedOptions(test="t"))


def test_profile_interval_of_a_common_effect_by_hand():
    from scipy.optimize import brentq
    from scipy.stats import chi2

    def value(theta):
        odds = math.exp(theta)
        return sum(nchypergeom_fisher.logpmf(a, n1 + n2, n1, a + c, odds) for a, n1, c, n2 in ALIKE)

    options = MixedOptions(effects="common", interval="profile")
    result = pool_mixed_logistic(**counts(*ALIKE), options=options)
    low_enough = result.log_likelihood - chi2.ppf(0.95, 1) / 2
    high = brentq(lambda theta: value(theta) - low_enough, result.estimate, 3, xtol=1e-12)
    low = brentq(lambda theta: value(theta) - low_enough, -4, result.estimate, xtol=1e-12)
    assert result.ci_low == pytest.approx(low, abs=1e-9)
    assert result.ci_high == pytest.approx(high, abs=1e-9)
    p = chi2.sf(2 * (result.log_likelihood - value(0.0)), 1)
    assert result.p_value == pytest.approx(p, rel=1e-8)


def test_profile_interval_allows_for_the_variance():
    for model in LOGISTIC_MODELS:
        wald = pool_mixed_logistic(**counts(*SPREAD), model=model)
        result = pool_mixed_logistic(
            **counts(*SPREAD), model=model, options=MixedOptions(interval="profile")
        )
        assert result.ci_low < wald.ci_low
        assert result.ci_high > wald.ci_high
    assert "profile likelihood CI" in result.summary()


def test_one_group():
    result = pool_mixed_proportion(events=[0, 3, 9, 2], total=[20, 40, 50, 60], labels=list("ABCD"))
    assert result.labels == ("A", "B", "C", "D")
    assert 0 < result.on_scale(result.ci_low) < result.on_scale(result.ci_high) < 1
    assert result.k == 4
    assert "proportion 0.0" in result.summary()
    alone = pool_mixed_proportion(events=7, total=20, options=COMMON)
    assert alone.on_scale(alone.estimate) == pytest.approx(7 / 20)
    assert alone.standard_error == pytest.approx(math.sqrt(1 / 7 + 1 / 13), rel=1e-10)
    rate = pool_mixed_incidence(events=[4, 6], time=[100, 200], options=COMMON)
    assert rate.on_scale(rate.estimate) == pytest.approx(10 / 300)
    assert rate.standard_error == pytest.approx(math.sqrt(1 / 10), rel=1e-10)
    assert "p =" not in rate.summary().splitlines()[1]


def test_fractions_where_they_are_meant():
    rows = counts((2.5, 30, 6, 32), (4, 40.5, 9, 41))
    for model in ("conditional-approximate", "fixed-studies", "random-studies"):
        assert math.isfinite(pool_mixed_logistic(**rows, model=model).estimate)
    with pytest.raises(InvalidArgumentError, match=r"study 1: 2\.5"):
        pool_mixed_logistic(**rows)


def test_large_counts():
    rows = ((51234, 1e6, 49876, 1e6), (203, 5e4, 250, 5.1e4), (9100, 4e5, 9400, 4.1e5))
    exact = pool_mixed_logistic(**counts(*rows))
    fixed = pool_mixed_logistic(**counts(*rows), model="fixed-studies")
    assert exact.estimate == pytest.approx(fixed.estimate, abs=1e-4)
    assert exact.tau2 == pytest.approx(fixed.tau2, rel=1e-2)
    more = ((6e5, 2e6, 6e5, 2e6), (5e5, 2e6, 6e5, 2e6))
    with pytest.raises(InvalidArgumentError, match="up to 1,000,000"):
        pool_mixed_logistic(**counts(*more))


# ---------------------------------------------------------------------------------- how it reads


def test_result_reads_and_serialises():
    result = pool_mixed_logistic(**counts(*SPREAD, NO_EVENTS), labels=list("ABCDEF"), level=0.9)
    text = result.summary()
    assert text.startswith("Five informative studies, odds ratio by the conditional logistic")
    assert "90% CI" in text
    assert "tau²" in text
    written = json.loads(json.dumps(result.to_dict(), allow_nan=False))
    assert written["tau2"] == result.tau2
    assert written["options"]["coding"] == "halves"
    assert "i2" not in written
    assert written["sigma2"] is None
    frame = result.to_frame()
    assert len(frame) == 7
    assert frame.iloc[-1]["estimate"] == result.estimate
    assert "<table" in result._repr_html_()
    assert math.isnan(result.i2)
    spread = pool_mixed_logistic(**counts(*SPREAD), model="random-studies")
    assert "Variance of the baselines" in spread.summary()


def test_missing_counts_are_left_out_visibly():
    rows = counts(*SPREAD)
    rows["events_control"][2] = None
    result = pool_mixed_logistic(**rows)
    assert result.k == 4
    assert "study 3" in result.summary()
    group = pool_mixed_proportion(events=[1, None, 4], total=[10, 20, 30])
    assert "one study left out for want of a count: study 2" in group.summary()


# ----------------------------------------------------------------------------------- refusals

APART = ((10, 10, 0, 10), (0, 10, 10, 10))


@pytest.mark.parametrize(
    ("rows", "model", "message"),
    [
        (((0, 20, 3, 20), (0, 30, 4, 30)), "conditional", "odds ratio of this model is 0"),
        (((0, 20, 3, 20), (0, 30, 4, 30)), "fixed-studies", "pool_exact_odds_ratio"),
        (((20, 20, 3, 20), (5, 30, 0, 30)), "conditional", "is infinite"),
        (((0, 20, 3, 20), (0, 30, 4, 30)), "random-studies", "is 0"),
        ((NO_EVENTS, NO_EVENTS), "random-studies", "Nobody had the event"),
        (APART, "conditional", "rises without end with the variance of the effects"),
        (APART, "fixed-studies", "rises without end"),
    ],
)
def test_no_finite_answer_is_refused_with_advice(rows, model, message):
    with pytest.raises(InsufficientEvidenceError, match=message):
        pool_mixed_logistic(**counts(*rows), model=model)


def test_random_baselines_answer_where_all_of_a_group_differ_but_not_as_a_whole():
    """All treated events are as many as possible, but the group as a whole is mixed."""
    rows = counts((20, 20, 3, 20), (5, 30, 0, 30))
    assert math.isfinite(pool_mixed_logistic(**rows, model="random-studies").estimate)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: pool_mixed_logistic(**counts(*ALIKE), model="conditonal"), "conditional"),
        (lambda: MixedOptions(effects="fixed"), "effects"),
        (lambda: MixedOptions(test="T"), "test"),
        (lambda: MixedOptions(coding="half"), "halves"),
        (lambda: MixedOptions(interval="wald"), "Wald"),
        (lambda: MixedOptions(test="t", interval="profile"), "chi-square"),
        (lambda: MixedOptions(correlated="yes"), "True or False"),
        (
            lambda: pool_mixed_logistic(**counts(*ALIKE), options=MixedOptions(correlated=True)),
            'needs model="random-studies"',
        ),
        (
            lambda: pool_mixed_logistic(**counts(*ALIKE), options=MixedOptions(coding="control")),
            "conditional model holds the effect alone",
        ),
        (lambda: pool_mixed_logistic(**counts(*ALIKE), options="common"), "MixedOptions"),
        (lambda: pool_mixed_logistic(**counts(*ALIKE), level=95), "level"),
        (lambda: pool_mixed_logistic(**counts((5, 3, 1, 4))), "study 1: 5 of 3"),
        (lambda: pool_mixed_logistic(**counts((-1, 3, 1, 4))), "at least 0"),
        (lambda: pool_mixed_logistic(**counts((math.inf, 3, 1, 4))), "finite"),
        (lambda: pool_mixed_logistic(**counts(("3", 3, 1, 4))), "not a number"),
        (lambda: pool_mixed_logistic(**{name: [] for name in NAMES}), "empty"),
        (lambda: pool_mixed_proportion(events=[1, 2], total=[3]), None),
        (lambda: pool_mixed_proportion(events=[4], total=[3]), "events must be at most total"),
        (lambda: pool_mixed_proportion(events=[1, 2, 3], total=[3, 4]), "different lengths"),
        (lambda: pool_mixed_incidence(events=[1], time=[0]), "time must be above 0"),
        (lambda: pool_mixed_incidence(events=[-1], time=[5]), "events must be at least 0"),
        (
            lambda: pool_mixed_rates(
                **counts(*SPARSE_RATES, names=TIMES), model="conditional-approximate"
            ),
            "conditional",
        ),
    ],
)
def test_bad_input(call, message):
    if message is None:
        assert call().k == 2
        return
    with pytest.raises(InvalidArgumentError, match=message):
        call()


def test_refusals_of_rates_and_of_one_group():
    with pytest.raises(InsufficientEvidenceError, match="No study had an event"):
        pool_mixed_rates(**counts((0, 5, 0, 6), names=TIMES))
    with pytest.raises(InsufficientEvidenceError, match="rate ratio of this model is 0"):
        pool_mixed_rates(**counts((0, 5, 3, 6), names=TIMES))
    with pytest.raises(InsufficientEvidenceError, match="infinite"):
        pool_mixed_rates(**counts((2, 5, 0, 6), names=TIMES))
    with pytest.raises(InsufficientEvidenceError, match=r"nobody had the event \(30 people\)"):
        pool_mixed_proportion(events=[0, 0], total=[10, 20])
    with pytest.raises(InsufficientEvidenceError, match="everybody had the event"):
        pool_mixed_proportion(events=[10, 20], total=[10, 20])
    with pytest.raises(InsufficientEvidenceError, match="rises without end"):
        pool_mixed_proportion(events=[0, 20], total=[10, 20])
    with pytest.raises(InsufficientEvidenceError, match="No study had an event"):
        pool_mixed_incidence(events=[0, 0], time=[10, 20])
