"""The adequately powered studies: who they are, their average, and refusals."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.appraisal.selection.waap import POWERED, adequately_powered
from evidence.errors import InvalidArgumentError
from evidence.synthesis.pool import pool

EFFECTS = np.array([0.5, 0.4, 0.3, 1.2, 0.9, 0.45])
ERRORS = np.array([0.05, 0.1, 0.12, 0.5, 0.45, 0.3])


def test_by_hand():
    found = adequately_powered(EFFECTS, standard_errors=ERRORS)
    w = ERRORS**-2
    mean = float(w @ EFFECTS / w.sum())
    chosen = mean / 2.8 >= ERRORS
    assert chosen.tolist() == [True, True, True, False, False, False]
    w = w[chosen]
    average = float(w @ EFFECTS[chosen] / w.sum())
    q = float(w @ (EFFECTS[chosen] - average) ** 2)
    error = math.sqrt(q / 2 / w.sum())
    assert found.unadjusted.estimate == pytest.approx(mean, rel=1e-13)
    assert found.estimate == pytest.approx(average, rel=1e-13)
    assert found.standard_error == pytest.approx(error, rel=1e-12)
    assert found.ci_high - average == pytest.approx(4.302652729911275 * error, rel=1e-10)
    assert (found.powered, found.powered_labels) == (3, ("study 1", "study 2", "study 3"))
    assert found.status == "ok"
    assert found.sentence.startswith("Three of six studies had 80% power for an effect of 0.47")
    assert {c.code for c in found.cautions} >= {"power-of-the-mean", "few-powered"}
    assert found.table["method"].tolist() == ["WLS", "WAAP"]


def test_it_is_a_weighted_regression_without_a_constant():
    import statsmodels.api as sm

    fit = sm.WLS(EFFECTS, np.ones(6), weights=ERRORS**-2).fit()
    wls = adequately_powered(EFFECTS, standard_errors=ERRORS).unadjusted
    assert wls.standard_error == pytest.approx(float(fit.bse[0]), rel=1e-12)
    assert (wls.ci_low, wls.ci_high) == pytest.approx(tuple(fit.conf_int()[0]), rel=1e-10)


@pytest.mark.parametrize(
    ("effects", "errors", "powered", "words"),
    [
        ([0.5, 0.1, 0.9], [0.4, 0.5, 0.6], 0, "None of three studies"),
        ([0.5, 0.1, 0.9], [0.05, 0.5, 0.6], 1, "One of three studies"),
        ([0.0, 0.0], [0.1, 0.1], 0, "None of two studies"),
    ],
)
def test_fewer_than_two_are_refused_and_the_fallback_is_said(effects, errors, powered, words):
    found = adequately_powered(effects, standard_errors=errors)
    assert found.status == "cannot be tested"
    assert found.powered == powered
    assert found.sentence.startswith(words)
    assert "WAAP-WLS is then the weighted average of all" in found.sentence
    assert math.isnan(found.estimate)
    assert found.table["method"].tolist() == ["WLS"]
    assert math.isfinite(found.unadjusted.estimate)


def test_one_study():
    found = adequately_powered([0.5], [0.01])
    assert found.status == "cannot be tested"
    assert found.sentence.startswith(
        "One study: there is nothing to average. Look at what is known"
    )
    assert found.unadjusted is None
    json.dumps(found.to_dict(), allow_nan=False)


def test_all_powered_is_said():
    found = adequately_powered([0.5, 0.6, 0.55], [0.001, 0.002, 0.001])
    assert "all-powered" in {c.code for c in found.cautions}
    assert found.estimate == found.unadjusted.estimate


def test_shapes_and_pooled_results():
    found = adequately_powered(pool(EFFECTS, ERRORS**2))
    assert found.to_dict() == adequately_powered(EFFECTS, ERRORS**2).to_dict()
    json.dumps(found.to_dict(), allow_nan=False)
    assert "<table" in found._repr_html_()


@pytest.mark.parametrize(
    ("effects", "variances", "choices", "message"),
    [
        ([0.1, 0.2], [0.1, -1], {}, "variances must be above 0; found study 2: -1"),
        ([0.1], [0.1, 0.1], {}, "1 effects and 2 variances"),
        ([], [], {}, "no study"),
        ([0.1, 0.2], [0.1, 0.1], {"level": 95}, "level"),
    ],
)
def test_bad_input_is_refused(effects, variances, choices, message):
    with pytest.raises(InvalidArgumentError, match=message):
        adequately_powered(effects, variances, **choices)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(-2, 2, allow_subnormal=False), st.floats(0.05, 1)),
        min_size=2,
        max_size=12,
    ),
    st.integers(-20, 20),
    st.randoms(use_true_random=False),
)
def test_units_sign_and_order_do_not_matter(studies, power, random):
    effects, errors = (np.array(v) for v in zip(*studies, strict=True))
    first = adequately_powered(effects, standard_errors=errors)
    limit = first.largest_standard_error
    if (np.abs(errors - limit) < 1e-9 * errors).any():
        return
    unit = 2.0**power
    again = adequately_powered(-unit * effects, standard_errors=unit * errors)
    order = list(range(effects.size))
    random.shuffle(order)
    shuffled = adequately_powered(effects[order], standard_errors=errors[order])
    assert first.powered == again.powered == shuffled.powered
    assert first.powered == int((errors <= abs(first.unadjusted.estimate) / POWERED).sum())
    if first.tested:
        assert again.estimate == pytest.approx(-unit * first.estimate, rel=1e-12, abs=1e-12 * unit)
        assert shuffled.estimate == pytest.approx(first.estimate, rel=1e-10, abs=1e-10)
