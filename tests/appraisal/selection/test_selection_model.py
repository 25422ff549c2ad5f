"""Selection models: the likelihood by other means, its maximum, guards, words, invariants."""

import itertools
import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.optimize import minimize
from scipy.stats import norm

from evidence.appraisal.selection.selection_likelihood import SelectionLikelihood
from evidence.appraisal.selection.selection_model import selection_model, three_parameter
from evidence.appraisal.selection.weight_functions import BetaDensity, StepFunction
from evidence.errors import InvalidArgumentError
from evidence.synthesis.pool import pool


def reported(seed, k, effect, tau, share):
    """Studies of which those that are not significant are reported with one probability."""
    random = np.random.default_rng(seed)
    errors = random.uniform(0.05, 0.5, size=40 * k)
    effects = random.normal(effect, np.sqrt(errors**2 + tau**2))
    seen = (effects / errors > norm.ppf(0.975)) | (random.uniform(size=40 * k) < share)
    return effects[seen][:k], errors[seen][:k] ** 2


EFFECTS, VARIANCES = reported(1, 40, 0.15, 0.1, 0.3)
WEIGHTS = {
    "one": StepFunction(),
    "two": StepFunction((0.025, 0.5)),
    "less": StepFunction((0.3, 0.9), "less"),
    "two-sided": StepFunction((0.05, 0.4), "two-sided"),
    "beta": BetaDensity(),
    "beta less": BetaDensity("less"),
    "beta two-sided": BetaDensity("two-sided"),
}
every_weight = pytest.mark.parametrize("weight", WEIGHTS.values(), ids=WEIGHTS)


# ---- the likelihood


def weight_at(weight, theta, z):
    """The weight of one z, from its definition."""
    side = weight.alternative
    p = 2 * norm.sf(abs(z)) if side == "two-sided" else norm.sf(z if side == "greater" else -z)
    if isinstance(weight, BetaDensity):
        p = min(max(p, weight.censored), 1 - weight.censored)
        return p ** theta[0] * (1 - p) ** theta[1]
    return math.exp([0.0, *theta][sum(p > cut for cut in weight.cuts)])


def by_definition(weight, theta, mean, tau2):
    tails = list(getattr(weight, "cuts", ()))
    if isinstance(weight, BetaDensity):
        # Near |z| = 0 the weight ends steeply: short pieces.
        tails = [weight.censored, 1 - weight.censored, 0.9999, 0.999, 0.99, 0.9]
    ends = [norm.isf(p / (2 if weight.alternative == "two-sided" else 1)) for p in tails]
    ends = sorted({*ends, *(-end for end in ends), 0.0})
    total = 0.0
    for y, v in zip(EFFECTS[:5], VARIANCES[:5], strict=True):
        s, se = math.sqrt(v + tau2), math.sqrt(v)

        def seen(x, s=s, se=se):
            return norm.pdf(x, mean, s) * weight_at(weight, theta, x / se)

        cuts = [mean - 14 * s, *[end * se for end in ends], mean + 14 * s]
        cuts = sorted(cut for cut in cuts if abs(cut - mean) <= 14.1 * s)
        area = sum(
            quad(seen, low, high, epsabs=1e-13, epsrel=1e-12, limit=300)[0]
            for low, high in itertools.pairwise(cuts)
        )
        total += math.log(seen(y) / area)
    return total


@every_weight
def test_the_likelihood_is_its_definition(weight):
    theta = np.array([-0.4, 0.3])[: len(weight.names)]
    likelihood = SelectionLikelihood(EFFECTS[:5], VARIANCES[:5], weight)
    unit = likelihood.unit
    for mean, tau2 in ((0.1, 0.02), (-0.3, 0.0), (0.9, 0.5)):
        value = likelihood.evaluate(mean / unit, tau2 / unit**2, theta)[0]
        value -= 5 * math.log(abs(unit))
        assert value == pytest.approx(by_definition(weight, theta, mean, tau2), abs=1e-9)


@every_weight
def test_its_derivatives_are_those_of_differences(weight):
    likelihood = SelectionLikelihood(EFFECTS, VARIANCES, weight)
    at = np.r_[0.3, 0.6, np.array([-0.5, 0.2])[: len(weight.names)]]
    _, gradient, hessian = likelihood.evaluate(at[0], at[1], at[2:])
    for place, direction in enumerate(np.eye(at.size)):
        up, down = at + 1e-5 * direction, at - 1e-5 * direction
        high, low = (likelihood.evaluate(x[0], x[1], x[2:]) for x in (up, down))
        assert gradient[place] == pytest.approx((high[0] - low[0]) / 2e-5, rel=1e-6, abs=1e-6)
        assert hessian[place] == pytest.approx((high[1] - low[1]) / 2e-5, rel=1e-6, abs=1e-5)


@every_weight
def test_no_other_start_climbs_higher(weight):
    likelihood = SelectionLikelihood(EFFECTS, VARIANCES, weight)
    best = likelihood.maximise()
    unit = EFFECTS.size * math.log(abs(likelihood.unit))

    def loss(x):
        return -likelihood.evaluate(x[0], math.exp(x[1]), x[2:])[0]

    random = np.random.default_rng(5)
    for _ in range(2):
        start = random.normal(size=2 + len(weight.names))
        found = minimize(loss, start, method="Nelder-Mead", options={"maxiter": 400})
        assert best.log_likelihood >= -found.fun - unit - 1e-9


#: The profile over tau² has two maxima; on the way to the higher one Newton's step along all
#: parameters leapt to where nearly no weight is left, and stopped 0.0025 short.
TWO_MAXIMA = (
    [0.05127, 0.41887, 0.95174, 0.45517, -0.02152, 0.02615, -0.04203, -0.13285, -0.21291, 0.03315],
    [0.07695, 0.07300, 0.09277, 0.07075, 0.04256, 0.01419, 0.11767, 0.01055, 0.20113, 0.06251],
)


@pytest.mark.filterwarnings("error")
def test_the_higher_of_two_maxima_is_reached():
    effects, variances = (np.array(each) for each in TWO_MAXIMA)
    found = three_parameter(effects, variances, alternative="greater")
    likelihood = SelectionLikelihood(effects, variances, StepFunction())
    unit = likelihood.unit

    def fall(at):
        value = likelihood.evaluate(at[0], math.exp(at[1]), at[2:])[0]
        return -value + effects.size * math.log(unit)

    climbs = [
        minimize(fall, [m, t, w], method="Nelder-Mead", options={"maxiter": 4000, "fatol": 1e-12})
        for m, t, w in itertools.product((0, 1), (-6, -3, 0, 2), (-1, 1))
    ]
    values = sorted({round(-climb.fun, 4) for climb in climbs})
    assert len(values) >= 2
    assert found.log_likelihood == pytest.approx(max(-climb.fun for climb in climbs), abs=1e-8)
    theta = np.log(found.weights[1:])
    gradient = likelihood.evaluate(found.estimate / unit, found.tau2 / unit**2, theta)[1]
    assert np.abs(gradient).max() < 1e-9


def test_a_fixed_tau2_leaves_a_concave_likelihood():
    random = np.random.default_rng(2)
    for weight in WEIGHTS.values():
        likelihood = SelectionLikelihood(EFFECTS, VARIANCES, weight)
        for _ in range(5):
            at = random.normal(size=2 + len(weight.names))
            hessian = likelihood.evaluate(at[0], abs(at[1]), at[2:])[2]
            kept = np.delete(np.delete(hessian, 1, axis=0), 1, axis=1)
            assert np.linalg.eigvalsh(kept)[-1] < 1e-9


# ---- the result


@every_weight
def test_a_check_has_one_shape(weight):
    found = selection_model(EFFECTS, VARIANCES, weight=weight)
    assert found.status in {"ok", "contradiction"}
    assert found.summary().splitlines()[0] == found.sentence
    assert "<table" in found._repr_html_()
    json.dumps(found.to_dict(), allow_nan=False)
    assert found.ci_low < found.estimate < found.ci_high
    assert "selection-model" in {c.code for c in found.cautions}


def test_weights_of_1_are_no_selection():
    weight = StepFunction((0.025, 0.5), weights=(1, 1, 1))
    found = selection_model(EFFECTS, VARIANCES, weight=weight)
    plain = pool(EFFECTS, VARIANCES, tau2_method="ML", ci_method="Wald")
    assert found.estimate == pytest.approx(plain.estimate, rel=1e-9)
    assert found.tau2 == pytest.approx(plain.tau2, rel=1e-7)
    assert found.status == "ok"
    assert math.isnan(found.selection_p_value)
    assert found.sentence.startswith("Under the weights that were set")


def test_strong_selection_is_seen_and_corrected():
    effects, variances = reported(3, 120, 0.0, 0.05, 0.05)
    found = three_parameter(effects, variances)
    assert found.status == "contradiction"
    assert found.weights[1] < 0.3
    assert abs(found.estimate) < found.unadjusted.estimate / 2
    assert "as readily as the others" in found.sentence
    assert found.unadjusted.method.tau2_method == "ML"


def test_no_selection_is_not_called_proof():
    effects, variances = reported(4, 60, 0.2, 0.1, 1.0)
    found = three_parameter(effects, variances)
    assert found.status == "ok"
    assert "which is no sign that there is none" in found.sentence


def test_the_interval_counts_are_right():
    found = selection_model(EFFECTS, VARIANCES, weight=WEIGHTS["two"])
    p = norm.sf(EFFECTS / np.sqrt(VARIANCES))
    rows = found.table[found.table["term"] == "weight"]
    counts = [(p <= 0.025).sum(), ((p > 0.025) & (p <= 0.5)).sum(), (p > 0.5).sum()]
    assert rows["studies"].tolist() == counts
    assert found.weights[0] == 1


def test_the_common_effect_has_no_tau2():
    found = selection_model(EFFECTS, VARIANCES, model="common")
    assert found.tau2 == 0
    assert "tau²" not in set(found.table["term"])
    assert math.isnan(found.heterogeneity_p_value)
    assert "common-effect" in {c.code for c in found.cautions}


def test_the_profile_interval_ends_where_the_likelihood_has_fallen():
    effects, variances = EFFECTS[:20], VARIANCES[:20]
    found = selection_model(effects, variances, level=0.9)
    likelihood = SelectionLikelihood(effects, variances, StepFunction())
    drop = norm.ppf(0.95) ** 2 / 2
    low, high = found.profile_interval
    assert low < found.estimate < high
    for end in (low, high):
        fit = likelihood.maximise(mean=end)
        assert found.log_likelihood - fit.log_likelihood == pytest.approx(drop, abs=1e-6)


def test_the_direction_is_that_of_the_mean_unless_given():
    assert three_parameter(EFFECTS, VARIANCES).alternative == "greater"
    assert three_parameter(-EFFECTS, VARIANCES).alternative == "less"
    assert three_parameter(EFFECTS, VARIANCES, alternative="less").alternative == "less"


# ---- guards


@pytest.mark.parametrize("k", [1, 2, 3, 9])
def test_few_studies_are_refused(k):
    found = three_parameter(EFFECTS[:k], VARIANCES[:k])
    assert found.status == "cannot be tested"
    assert "a selection model can say nothing here; it needs about 10" in found.sentence
    assert math.isnan(found.estimate)
    assert found.weights == ()
    assert all(math.isnan(end) for end in found.profile_interval)
    json.dumps(found.to_dict(), allow_nan=False)
    assert (found.unadjusted is None) == (k == 1)


def test_the_guard_can_be_lowered_but_not_below_the_parameters():
    effects, variances = [0.5, 0.4, 0.1, 0.6, 0.3, 0.2], [0.01, 0.02, 0.04, 0.05, 0.03, 0.06]
    assert three_parameter(effects, variances, fewest=2).tested
    found = three_parameter(effects[:3], variances[:3], fewest=2)
    assert found.status == "cannot be tested"
    assert "it needs about 4" in found.sentence


def test_one_side_of_the_cut_point_alone_is_refused():
    errors = np.full(12, 0.1)
    found = three_parameter(np.linspace(0.3, 0.6, 12), standard_errors=errors)
    assert found.status == "cannot be tested"
    assert "all of 12 studies lie between 0 and 0.025" in found.sentence.replace("The", "the")
    found = three_parameter(np.linspace(0.0, 0.1, 12), standard_errors=errors)
    assert "lie between 0.025 and 1" in found.sentence


def test_an_empty_interval_is_named_with_cut_points_that_work():
    weight = StepFunction((1e-12, 0.025, 0.1, 0.1001, 0.5))
    found = selection_model(EFFECTS, VARIANCES, weight=weight)
    assert found.status == "cannot be tested"
    assert "from 0.1 to 0.1001" in found.sentence
    cuts = found.sentence.partition("cuts=(")[2].partition(")")[0]
    kept = tuple(float(cut) for cut in cuts.split(",") if cut.strip())
    assert selection_model(EFFECTS, VARIANCES, weight=StepFunction(kept)).tested


def test_equal_p_values_say_nothing_to_a_beta_density():
    errors = np.linspace(0.1, 0.5, 12)
    found = selection_model(1.5 * errors, standard_errors=errors, weight=BetaDensity())
    assert found.status == "cannot be tested"


def test_few_studies_in_an_interval_and_wild_weights_are_cautioned():
    effects = np.r_[np.linspace(0.21, 0.3, 19), -0.3]
    found = three_parameter(effects, standard_errors=np.full(20, 0.1))
    assert "few-in-interval" in {c.code for c in found.cautions}
    effects = np.r_[np.linspace(-0.2, 0.15, 30), 0.2]
    found = selection_model(
        effects, standard_errors=np.full(31, 0.1), weight=StepFunction(0.025, "greater")
    )
    assert "few-in-interval" in {c.code for c in found.cautions}


@pytest.mark.parametrize("scale", [1e-8, 1.0, 1e8])
def test_identical_effects_and_extreme_scales(scale):
    errors = scale * np.r_[np.full(8, 0.1), np.full(8, 0.5)]
    found = three_parameter(np.full(16, 0.5 * scale), standard_errors=errors)
    assert found.tau2 == 0
    assert "tau2-zero" in {c.code for c in found.cautions}
    assert found.estimate / scale == pytest.approx(
        three_parameter(np.full(16, 0.5), standard_errors=errors / scale).estimate, rel=1e-9
    )


def test_missing_studies_are_named():
    effects = EFFECTS.copy()
    effects[3] = math.nan
    found = three_parameter(effects, VARIANCES, labels=[f"s{i}" for i in range(40)])
    assert any(c.code == "missing" and "s3" in c.message for c in found.cautions)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: StepFunction(()), "cuts is"),
        (lambda: StepFunction((0.5, 0.1)), "ascending"),
        (lambda: StepFunction((0.0, 0.1)), "between 0 and 1"),
        (lambda: StepFunction((math.nan,)), "between 0 and 1"),
        (lambda: StepFunction(("a",)), "not a number"),
        (lambda: StepFunction(0.025, "greter"), "Did you mean 'greater'"),
        (lambda: StepFunction(0.025, weights=(1, 0)), "above 0"),
        (lambda: StepFunction(0.025, weights=(0.5, 1)), "the first of them 1"),
        (lambda: StepFunction(0.025, weights=(1, 1, 1)), "2 finite numbers"),
        (lambda: BetaDensity("up"), "alternative is 'up'"),
        (lambda: BetaDensity(censored=0.3), "censored is 0.3"),
        (lambda: selection_model([0.1, 0.2], [0.1, -1]), "found study 2: -1"),
        (lambda: selection_model([], []), "no study"),
        (lambda: selection_model([0.1], [0.1], weight="step"), "give a StepFunction"),
        (lambda: selection_model([0.1], [0.1], model="mixed"), "model is 'mixed'"),
        (lambda: selection_model([0.1], [0.1], level=95), "level"),
        (lambda: selection_model([0.1], [0.1], fewest=1), "at least 2"),
    ],
)
def test_bad_input_is_refused(make, message):
    with pytest.raises(InvalidArgumentError, match=message):
        make()


def test_a_last_cut_point_of_1_is_understood():
    assert StepFunction((0.025, 1)).cuts == (0.025,)


# ---- invariants


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10**6), st.integers(-30, 30), st.sampled_from(["one", "two", "beta"]))
def test_order_units_and_sign_do_not_matter(seed, power, name):
    effects, variances = reported(seed, 20, 0.2, 0.1, 0.4)
    weight = WEIGHTS[name]
    first = selection_model(effects, variances, weight=weight)
    order = np.random.default_rng(seed).permutation(20)
    second = selection_model(effects[order], variances[order], weight=weight)
    unit = 2.0**power
    assert min(first.weights, default=0) >= 0
    mirror = BetaDensity("less") if name == "beta" else StepFunction(weight.cuts, "less")
    third = selection_model(-unit * effects, unit**2 * variances, weight=mirror)
    assert first.status == second.status == third.status
    if not first.tested or math.isnan(first.standard_error):
        return
    size = first.standard_error
    assert second.estimate == pytest.approx(first.estimate, abs=1e-6 * size)
    assert third.estimate == pytest.approx(-unit * first.estimate, abs=1e-6 * size * unit)
    assert third.tau2 == pytest.approx(unit**2 * first.tau2, rel=1e-5, abs=1e-9 * unit**2)
    assert third.selection_statistic == pytest.approx(first.selection_statistic, abs=1e-8)


#: Evenly spread effects of 12 studies of one size whose likelihood is largest at an edge.
AT_EDGE = {
    "a": (np.linspace(-0.03, 0.53, 12), np.full(12, 0.02), "greater", "random"),
    "b": (np.linspace(-0.03, 0.53, 12), np.full(12, 0.01), "greater", "common"),
    "b, two-sided": (np.linspace(0, 0.6, 12), np.full(12, 0.01), "two-sided", "random"),
    "both": (np.linspace(-0.5, 0.5, 12), np.full(12, 0.0025), "greater", "common"),
}


@pytest.mark.parametrize("name", AT_EDGE)
def test_a_beta_density_stays_one_and_says_where_it_ends(name):
    effects, variances, alternative, model = AT_EDGE[name]
    weight = BetaDensity(alternative)
    found = selection_model(effects, variances, weight=weight, model=model)
    at_edge = [value == 0 for value in found.weights]
    assert min(found.weights) == 0
    assert found.sentence.count("the edge of its range") == sum(at_edge)
    assert "hangs on where p values are censored (1e-05), and is not to be relied on" in (
        found.sentence
    )
    assert "weight-at-edge" in {c.code for c in found.cautions}
    # Kuhn and Tucker: inside nothing rises, and at the edge only what lies beyond it does.
    likelihood = SelectionLikelihood(effects, variances, weight)
    theta, unit = np.array(found.weights) - 1, likelihood.unit
    _, gradient, _ = likelihood.evaluate(found.estimate / unit, found.tau2 / unit**2, theta)
    assert abs(gradient[0]) < 1e-6
    assert model == "common" or abs(gradient[1]) < 1e-6 or (found.tau2 == 0 and gradient[1] < 0)
    for slope, edge in zip(gradient[2:], at_edge, strict=True):
        assert slope < 0 if edge else abs(slope) < 1e-6
    # An interval that looks past the edge takes nothing as known.
    assert found.standard_error > 0
    assert found.table["ci_low"].iloc[-2:].isna().tolist() == at_edge


def test_next_to_the_edge_the_sentence_says_so_and_an_interval_may_be_endless():
    found = selection_model(
        np.linspace(-0.5, 0.5, 12), np.full(12, 0.01), weight=BetaDensity(), model="common"
    )
    assert 0 < min(found.weights) < 0.01
    assert found.sentence.count("the edge of its range") == 2
    assert np.isinf(found.table["ci_high"].iloc[-2:]).all()
    json.dumps(found.to_dict(), allow_nan=False)
    away = selection_model(np.linspace(-0.03, 0.53, 12), np.full(12, 0.04), weight=BetaDensity())
    assert "edge" not in away.sentence
    assert "weight-at-edge" not in {c.code for c in away.cautions}


def test_a_ridge_of_the_likelihood_is_refused():
    errors = np.linspace(0.05, 0.5, 14)
    z = np.r_[np.linspace(1.97, 2.1, 13), 1.9]
    found = selection_model(z * errors, standard_errors=errors, weight=BetaDensity())
    assert found.status == "cannot be tested"
    assert "no maximum near these effects" in found.sentence
    assert math.isnan(found.estimate)


def test_an_incredible_beta_density_is_cautioned():
    errors = np.linspace(0.05, 0.5, 14)
    z = np.r_[np.linspace(1.97, 2.3, 13), 1.0]
    found = selection_model(z * errors, standard_errors=errors, weight=BetaDensity())
    assert max(found.weights) > 20
    assert "weight-at-bound" in {c.code for c in found.cautions}
