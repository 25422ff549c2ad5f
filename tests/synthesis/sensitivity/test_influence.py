"""What a single study does to the mean: definitions, edges, words, refusals."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from tests.papers.bcg import LABELS, log_risk_ratios
from tests.synthesis.strategies import syntheses

from evidence.errors import InsufficientEvidenceError, InvalidArgumentError
from evidence.synthesis.batch import leave_one_out
from evidence.synthesis.pool import pool
from evidence.synthesis.sensitivity.baujat import baujat
from evidence.synthesis.sensitivity.cumulative import cumulate
from evidence.synthesis.sensitivity.influence import INFLUENCE_RULES, influence
from evidence.synthesis.sensitivity.shrinkage import predict_studies
from evidence.synthesis.tau2 import TAU2_METHODS

FREE_OF_SCALE = (
    "standardised_residual",
    "dffits",
    "cooks_distance",
    "covariance_ratio",
    "q_without",
    "hat",
    "weight",
    "dfbetas",
)
OUTLIER = [0.1, 0.2, 0.15, 0.3, 2.5, 0.05, 0.22]
VARIANCES = [0.02, 0.03, 0.05, 0.04, 0.03, 0.06, 0.02]


@pytest.fixture(scope="module")
def bcg():
    return pool(log_risk_ratios(), labels=LABELS)


@pytest.mark.parametrize("tau2_method", [*TAU2_METHODS, 0.3])
@pytest.mark.parametrize("ci_method", ["Wald", "t", "HKSJ", "HKSJ-adhoc"])
def test_each_number_by_its_definition(tau2_method, ci_method) -> None:
    effects, variances = np.array(OUTLIER), np.array(VARIANCES)
    result = pool(effects, variances, tau2_method=tau2_method, ci_method=ci_method)
    found = influence(result)
    for i in range(result.k):
        kept = np.arange(result.k) != i
        rest = pool(effects[kept], variances[kept], tau2_method=tau2_method, ci_method=ci_method)
        weights = 1 / (variances + rest.tau2)
        factor = rest.standard_error**2 * weights[kept].sum()
        spread = factor * (variances[i] + rest.tau2)
        change = result.estimate - rest.estimate
        assert_allclose(found.estimate_without[i], rest.estimate, rtol=1e-9)
        assert_allclose(found.tau2_without[i], rest.tau2, rtol=1e-9)
        assert_allclose(found.q_without[i], rest.q, rtol=1e-9)
        by_hand = {
            "standardised_residual": (effects[i] - rest.estimate)
            / math.sqrt(spread + rest.standard_error**2),
            "dffits": change / math.sqrt(result.weights[i] / 100 * spread),
            "cooks_distance": (change / result.standard_error) ** 2,
            "covariance_ratio": (rest.standard_error / result.standard_error) ** 2,
            "dfbetas": change * math.sqrt(weights.sum() / factor),
        }
        for name, expected in by_hand.items():
            assert_allclose(getattr(found, name)[i], expected, rtol=1e-8, err_msg=name)


def test_it_agrees_with_leaving_one_out(bcg) -> None:
    found, without = influence(bcg), leave_one_out(bcg)
    assert_allclose(found.estimate_without, without.estimate, rtol=1e-12)
    assert_allclose(found.tau2_without, without.tau2, rtol=1e-9)
    assert_allclose(found.q_without, without.q, rtol=1e-12)


def test_the_cut_offs_are_those_of_the_paper() -> None:
    cutoffs = {rule.name: rule.cutoff(13) for rule in INFLUENCE_RULES}
    assert_allclose(cutoffs["standardised_residual"], 1.959963984540054)
    assert_allclose(cutoffs["dffits"], 3 * math.sqrt(1 / 12))
    assert_allclose(cutoffs["cooks_distance"], 0.454936423119573, rtol=1e-12)
    assert_allclose(cutoffs["hat"], 3 / 13)
    assert cutoffs["dfbetas"] == 1
    assert all("Viechtbauer" in rule.reference for rule in INFLUENCE_RULES)


def test_an_outlier_is_named_with_the_rules_that_it_meets() -> None:
    labels = [*"abcdefg"]
    found = influence(pool(OUTLIER, VARIANCES, labels=labels, ci_method="Wald"))
    assert list(np.flatnonzero(found.outlier)) == [4]
    assert found.influential[4]
    words = found.summary()
    assert "The standardised residual goes beyond 1.96 in e (" in words
    assert "one study in 20" in words
    assert "Influential: e (by DFFITS" in words
    assert "The mean moves most without e: from" in words
    row = found.to_frame().iloc[4]
    assert row["rules"].startswith("standardised_residual, dffits, cooks_distance")
    assert "Residual, DFFITS" in found._repr_html_()


def test_a_sentence_names_a_few_studies_the_farthest_first() -> None:
    effects = np.r_[np.zeros(60), 4, -5, 4, -4, 6, -4, 4]
    found = influence(pool(effects, np.ones(67), model="common", ci_method="Wald"))
    assert found.outlier.sum() == 7
    words = found.summary()
    assert "goes beyond 1.96 in study 65 (" in words
    assert ", study 62 (" in words
    assert "and 2 more; by chance" in words
    assert found.to_frame()["outlier"].sum() == 7


def test_where_nothing_stands_out(bcg) -> None:
    words = influence(pool([0.1, 0.2, 0.15, 0.12], [0.1] * 4, ci_method="Wald")).summary()
    assert "No study's residual from the mean of the others goes beyond 1.96" in words
    assert "No study is influential by DFFITS, Cook's distance, hat value or DFBETAS" in words
    table = influence(bcg).to_frame()
    assert list(table["label"]) == list(LABELS)
    as_text = json.dumps(influence(bcg).to_dict())
    assert json.loads(as_text)["rules"][1]["name"] == "dffits"


@pytest.mark.parametrize("ci_method", ["Wald", "HKSJ"])
@pytest.mark.parametrize("k", [3, 6])
def test_identical_effects_stand_nowhere_out(ci_method, k) -> None:
    found = influence(pool([0.3] * k, np.linspace(0.1, 0.4, k), ci_method=ci_method))
    for name in ("standardised_residual", "dffits", "cooks_distance", "dfbetas"):
        assert (getattr(found, name) == 0).all()
    assert not found.outlier.any()
    assert "moves most" not in found.summary()
    assert np.isnan(found.covariance_ratio).all() == (ci_method == "HKSJ")
    assert (baujat(pool([0.3] * k, [0.1] * k, ci_method=ci_method)).influence == 0).all()


def test_one_study_against_others_that_agree_to_the_last_digit() -> None:
    found = influence(pool([0.2, 0.2, 0.2, 0.9], [0.1] * 4, ci_method="HKSJ"))
    assert found.standardised_residual[3] == math.inf
    assert found.outlier[3]


def test_two_studies_say_what_cannot_be_known() -> None:
    result = pool([0.1, 0.9], [0.04, 0.09])
    found = influence(result)
    assert [caution.code for caution in found.cautions] == ["one-left", "hat-rule"]
    assert np.isnan(found.standardised_residual).all()
    assert "cannot be told" in found.summary()
    assert "without study 1: from 0.47 to 0.90.\n" in found.summary()
    agreeing = influence(pool([0.1, 0.1], [0.1, 0.1])).summary()
    assert "No study is influential by Cook's distance or hat value (" in agreeing
    assert_allclose(found.estimate_without, [0.9, 0.1], rtol=1e-12)
    change = (result.estimate - np.array([0.9, 0.1])) / result.standard_error
    assert_allclose(found.cooks_distance, change**2, rtol=1e-12)
    assert np.isnan(baujat(result).influence).all()
    assert "moves the mean" not in baujat(result).summary()


@pytest.mark.parametrize(("model", "tau2"), [("common", 0.0), ("random", 0.2)])
def test_two_studies_where_tau2_is_known(model, tau2) -> None:
    result = pool(
        [0.1, 0.9], [0.04, 0.09], model=model, tau2_method=tau2 or "REML", ci_method="Wald"
    )
    found = influence(result)
    residual = 0.8 / math.sqrt(0.13 + 2 * tau2)
    assert_allclose(found.standardised_residual, [-residual, residual], rtol=1e-12)
    assert_allclose(found.covariance_ratio, 1 / found.hat[::-1], rtol=1e-12)


def test_a_study_with_nearly_all_the_weight() -> None:
    effects, variances = [0.2, 0.9, -0.4, 0.5], [1e-12, 0.1, 0.2, 0.15]
    found = influence(pool(effects, variances, model="common", ci_method="Wald"))
    others = 1 / np.array(variances[1:])
    mean = others @ effects[1:] / others.sum()
    assert_allclose(found.estimate_without[0], mean, rtol=1e-12)
    assert_allclose(found.covariance_ratio[0], 1e12 / others.sum(), rtol=1e-9)
    assert_allclose(found.dffits[1] * math.sqrt(0.1 * found.hat[1]), 0.7 * 1e-11, rtol=1e-6)
    assert found.influential[0]


@pytest.mark.parametrize("scale", [1e-8, 1e8])
@pytest.mark.parametrize("ci_method", ["Wald", "HKSJ-adhoc"])
def test_the_unit_does_not_matter(bcg, scale, ci_method) -> None:
    plain = pool(bcg.effects, bcg.variances, ci_method=ci_method)
    scaled = pool(bcg.effects * scale, bcg.variances * scale**2, ci_method=ci_method)
    first, second = influence(plain), influence(scaled)
    for name in FREE_OF_SCALE:
        assert_allclose(getattr(second, name), getattr(first, name), rtol=1e-8)
    assert_allclose(second.tau2_without, first.tau2_without * scale**2, rtol=1e-9)
    assert_allclose(baujat(scaled).influence, baujat(plain).influence, rtol=1e-8)
    assert_allclose(
        predict_studies(scaled).ci_low, predict_studies(plain).ci_low * scale, rtol=1e-9
    )


def test_a_far_origin_costs_no_more_digits_than_the_effects_lost() -> None:
    # Multiples of 1/64, so that the shift itself is exact.
    effects, variances = np.array([1, 9, 5, 23, 11]) / 64, np.array([2, 3, 1, 4, 2]) / 64
    near, far = (influence(pool(effects + shift, variances)) for shift in (0.0, 2.0**30))
    for name in FREE_OF_SCALE:
        assert_allclose(getattr(far, name), getattr(near, name), rtol=1e-10)


@settings(max_examples=40, deadline=None)
@given(syntheses(least=3), st.sampled_from(["DL", "REML", "PM"]), st.randoms())
def test_order_and_sign_do_not_matter(studies, tau2_method, chance) -> None:
    effects, variances = map(np.array, studies)
    order = list(range(effects.size))
    chance.shuffle(order)
    chosen = {"tau2_method": tau2_method}
    plain = influence(pool(effects, variances, **chosen))
    turned = influence(pool(-effects[order], variances[order], **chosen))
    for name in FREE_OF_SCALE:
        sign = -1 if name in ("standardised_residual", "dffits", "dfbetas") else 1
        assert_allclose(
            getattr(turned, name), sign * getattr(plain, name)[order], rtol=1e-6, atol=1e-6
        )


def test_baujat_contributions_add_up_to_q(bcg) -> None:
    common = pool(bcg.effects, bcg.variances, labels=LABELS, model="common", ci_method="Wald")
    found = baujat(common)
    assert_allclose(found.contribution.sum(), common.q, rtol=1e-12)
    # Paule and Mandel choose the tau² at which the generalised Q is its degrees of freedom.
    paule = pool(bcg.effects, bcg.variances, tau2_method="PM")
    assert_allclose(baujat(paule).contribution.sum(), paule.k - 1, rtol=1e-9)
    most = LABELS[int(found.contribution.argmax())]
    assert f"{most} adds most to the heterogeneity" in found.summary()
    assert "moves the mean most" in found.summary()
    assert list(found.to_frame()["label"]) == list(LABELS)
    assert len(found.to_dict()["studies"]) == 13


def test_predictions_lie_between_what_was_seen_and_the_mean(bcg) -> None:
    found = predict_studies(bcg)
    low, high = np.minimum(bcg.effects, bcg.estimate), np.maximum(bcg.effects, bcg.estimate)
    assert ((found.estimate > low) & (found.estimate < high)).all()
    assert_allclose(found.shrinkage, bcg.variances / (bcg.variances + bcg.tau2), rtol=1e-12)
    # With inverse-variance weights the predictions have the mean that they are drawn to.
    weights = 1 / bcg.variances * found.shrinkage
    assert_allclose(weights @ bcg.effects / weights.sum(), bcg.estimate, rtol=1e-9)
    assert [caution.code for caution in found.cautions] == ["tau2-as-known"]
    assert "drawn to the mean −0.71 by" in found.summary()
    assert "drawn to the mean %" in found._repr_html_()
    assert list(found.to_frame()["label"]) == list(LABELS)
    assert found.to_dict()["studies"][0]["label"] == LABELS[0]


def test_predictions_by_hand() -> None:
    result = pool([0.0, 1.0], [0.1, 0.1], tau2_method=0.3, ci_method="Wald")
    found = predict_studies(result)
    assert_allclose(found.estimate, [0.125, 0.875], rtol=1e-12)
    # B = 1/4: variance 0.3/4 + (0.4/2)/16.
    assert_allclose(found.standard_error, math.sqrt(0.075 + 0.0125), rtol=1e-12)
    assert_allclose(found.ci_high - found.estimate, 1.959963984540054 * found.standard_error)
    assert found.cautions == ()


@pytest.mark.parametrize(
    ("chosen", "code"), [({"model": "common"}, "common-effect"), ({}, "tau2-zero")]
)
def test_predictions_without_heterogeneity_are_the_mean(chosen, code) -> None:
    result = pool([0.1, 0.12, 0.11], [0.1, 0.2, 0.3], **chosen)
    found = predict_studies(result)
    assert (found.estimate == result.estimate).all()
    assert_allclose(found.ci_low, result.ci_low, rtol=1e-12)
    assert [caution.code for caution in found.cautions] == [code]
    assert "by 100%" in found.summary()


@pytest.mark.parametrize("ask", [influence, baujat, predict_studies, cumulate])
def test_what_is_refused(ask, bcg) -> None:
    name = ask.__name__
    with pytest.raises(InsufficientEvidenceError, match=rf"one study \(A\).*{name} needs two"):
        ask(pool([0.1], [0.1], labels=["A"]))
    with pytest.raises(InvalidArgumentError, match=f"result is list; {name} takes what pool"):
        ask([0.1, 0.2])
    for ci_method, own in (("Henmi-Copas", "DL"), ("profile-likelihood", "ML")):
        with pytest.raises(InvalidArgumentError, match=f"{ci_method}.*tau2_method='{own}'"):
            ask(pool(bcg.effects, bcg.variances, ci_method=ci_method))


def test_rows_of_one_study_are_no_studies() -> None:
    result = pool([0.1, 0.4, 0.3], [0.1] * 3, labels=["a", "a", "b"], ci_method="Wald")
    for ask in (influence, baujat):
        assert "rows-left-out" in [caution.code for caution in ask(result).cautions]


def test_the_result_is_not_touched(bcg) -> None:
    before = replace(bcg, effects=bcg.effects.copy(), variances=bcg.variances.copy())
    for ask in (influence, baujat, predict_studies, cumulate):
        ask(bcg)
    assert (bcg.effects == before.effects).all()
    assert (bcg.variances == before.variances).all()
