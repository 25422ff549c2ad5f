"""Beta-binomial regression: against scipy's distribution, other parameters, by hand, at edges."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.special import expit, logit
from scipy.stats import betabinom, binom

from evidence.errors import InsufficientEvidenceError, InvalidArgumentError
from evidence.synthesis.sparse.beta_binomial import pool_beta_binomial
from evidence.synthesis.sparse.beta_binomial_sums import long_sum

NAMES = ("events_treatment", "total_treatment", "events_control", "total_control")
ROWS = ((0, 40, 2, 41), (3, 50, 6, 49), (5, 60, 9, 62), (2, 35, 3, 36), (0, 100, 0, 98))
ALIKE = ((5, 50, 9, 50), (6, 60, 10, 58), (4, 45, 8, 47))
MEASURES = ("odds ratio", "risk ratio", "risk difference")


def counts(*rows):
    return dict(zip(NAMES, map(list, zip(*rows, strict=True)), strict=True))


def direct(rows, p1, p2, phi):
    """Log-likelihood by scipy, with the two shapes of each beta distribution."""
    return sum(
        betabinom.logpmf(a, n1, p1 / phi, (1 - p1) / phi)
        + betabinom.logpmf(c, n2, p2 / phi, (1 - p2) / phi)
        for a, n1, c, n2 in rows
    )


@pytest.mark.parametrize("n", [0, 1, 63, 64, 65, 100, 150, 1000, 100_000, 1_000_000])
@pytest.mark.parametrize(("x", "phi"), [(0.3, 0.0), (1e-6, 1e-3), (0.02, 0.5), (1.0, 30.0)])
def test_sums_are_those_of_every_term(n, x, phi):
    sums, r = long_sum(np.array([float(n)])), np.arange(n, dtype=np.float64)
    assert sums.weights.sum() == pytest.approx(n, rel=1e-13)
    assert sums.places.size <= 64 + 14 * 24
    terms = x + phi * r
    assert sums.logs(x, phi) == pytest.approx(math.fsum(np.log(terms)), rel=1e-12, abs=1e-12)
    first, second = sums.powers(x, phi)
    assert first == pytest.approx(math.fsum(1 / terms), rel=1e-12)
    assert second == pytest.approx(math.fsum(1 / terms**2), rel=1e-12)
    expected = [math.fsum(part) for part in (r / terms, r / terms**2, (r / terms) ** 2)]
    assert sums.slopes(x, phi) == pytest.approx(expected, rel=1e-12)
    assert sums.each(x, phi, 1) == pytest.approx([second], rel=1e-12)


def test_likelihood_is_that_of_the_beta_binomial_distribution():
    result = pool_beta_binomial(**counts(*ROWS))
    phi = result.correlation / (1 - result.correlation)
    value = direct(ROWS, result.risk_treatment, result.risk_control, phi)
    assert result.log_likelihood == pytest.approx(value, rel=1e-10)


def test_against_another_parametrisation():
    """The same maximum with log odds ratio, log of both shapes of the control group, and scipy."""
    result = pool_beta_binomial(**counts(*ROWS))

    def loss(at):
        effect, base, phi = at[0], at[1], math.exp(at[2])
        return -direct(ROWS, expit(base + effect), expit(base), phi)

    fit = minimize(loss, [-0.3, -2.0, -3.0], method="Nelder-Mead",
                   options={"xatol": 1e-9, "fatol": 1e-13, "maxiter": 4000})  # fmt: skip
    assert result.estimate == pytest.approx(fit.x[0], abs=1e-6)
    assert result.risk_control == pytest.approx(expit(fit.x[1]), abs=1e-7)
    phi = math.exp(fit.x[2])
    assert result.correlation == pytest.approx(phi / (1 + phi), rel=1e-5)
    assert result.log_likelihood == pytest.approx(-fit.fun, abs=1e-10)
    # the observed information, by differences in that parametrisation
    step, hessian = 1e-3, np.empty((3, 3))
    eye = np.eye(3) * step
    at = np.array([result.estimate, logit(result.risk_control),
                   math.log(result.correlation / (1 - result.correlation))])  # fmt: skip
    for i in range(3):
        for j in range(3):
            hessian[i, j] = (
                loss(at + eye[i] + eye[j]) - loss(at + eye[i] - eye[j])
                - loss(at - eye[i] + eye[j]) + loss(at - eye[i] - eye[j])
            ) / (4 * step**2)  # fmt: skip
    errors = np.sqrt(np.diag(np.linalg.inv(hessian)))
    assert result.standard_error == pytest.approx(errors[0], rel=1e-5)
    spread = errors[2] * result.correlation * (1 - result.correlation)
    assert result.correlation_standard_error == pytest.approx(spread, rel=1e-5)


@pytest.mark.parametrize("measure", MEASURES)
def test_gradient_is_zero_and_measures_share_one_fit(measure):
    result = pool_beta_binomial(**counts(*ROWS), measure=measure)
    p1, p2 = result.risk_treatment, result.risk_control
    phi = result.correlation / (1 - result.correlation)
    for place, size in enumerate((p1, p2, phi)):
        move = [0.0, 0.0, 0.0]
        move[place] = 1e-5 * size
        up = direct(ROWS, p1 + move[0], p2 + move[1], phi + move[2])
        down = direct(ROWS, p1 - move[0], p2 - move[1], phi - move[2])
        assert abs(up - down) / 2e-5 < 1e-6
    expected = {
        "odds ratio": logit(p1) - logit(p2),
        "risk ratio": math.log(p1 / p2),
        "risk difference": p1 - p2,
    }
    assert result.estimate == pytest.approx(expected[measure], rel=1e-12)
    assert result.studies["weight"].sum() == pytest.approx(100)
    assert result.k == 5


def test_no_correlation_is_the_binomial():
    result = pool_beta_binomial(**counts(*ALIKE))
    rows = np.array(ALIKE, dtype=float).sum(axis=0)
    a, c = rows[0], rows[2]
    b, d = rows[1] - a, rows[3] - c
    assert result.correlation == 0
    assert math.isnan(result.correlation_standard_error)
    assert result.estimate == pytest.approx(math.log(a * d / (b * c)), rel=1e-13)
    assert result.standard_error == pytest.approx(math.sqrt(1 / a + 1 / b + 1 / c + 1 / d))
    value = sum(
        binom.logpmf(x, n, p)
        for a, n1, c, n2 in ALIKE
        for x, n, p in ((a, n1, result.risk_treatment), (c, n2, result.risk_control))
    )
    assert result.log_likelihood == pytest.approx(value, rel=1e-12)
    assert result.heterogeneity.p_value == 1
    assert "correlation-zero" in {caution.code for caution in result.cautions}
    difference = pool_beta_binomial(**counts(*ALIKE), measure="risk difference")
    p1, p2 = result.risk_treatment, result.risk_control
    variance = p1 * (1 - p1) / rows[1] + p2 * (1 - p2) / rows[3]
    assert difference.standard_error == pytest.approx(math.sqrt(variance), rel=1e-12)


def test_studies_without_events_stay_in():
    result = pool_beta_binomial(**counts(*ROWS))
    without = pool_beta_binomial(**counts(*ROWS[:-1]))
    assert result.estimate != pytest.approx(without.estimate, rel=1e-3)
    codes = {caution.code for caution in result.cautions}
    assert {"double-zero-kept", "groups-apart"} <= codes
    assert "double-zero-kept" not in {caution.code for caution in without.cautions}


def test_invariants():
    result = pool_beta_binomial(**counts(*ROWS))
    swapped = pool_beta_binomial(**counts(*((c, n2, a, n1) for a, n1, c, n2 in ROWS)))
    mirrored = pool_beta_binomial(**counts(*((n1 - a, n1, n2 - c, n2) for a, n1, c, n2 in ROWS)))
    reordered = pool_beta_binomial(**counts(*ROWS[::-1]))
    twice = pool_beta_binomial(**counts(*ROWS, *ROWS))
    for each, sign in ((swapped, -1), (mirrored, -1), (reordered, 1), (twice, 1)):
        assert each.estimate == pytest.approx(sign * result.estimate, rel=1e-9)
        assert each.correlation == pytest.approx(result.correlation, rel=1e-9)
    for each in (swapped, mirrored, reordered):
        assert each.standard_error == pytest.approx(result.standard_error, rel=1e-9)
    assert twice.standard_error**2 * 2 == pytest.approx(result.standard_error**2, rel=1e-8)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(9, 70), st.integers(9, 70)),
        min_size=2,
        max_size=7,
    )
)
def test_nothing_else_is_likelier(cells):
    rows = [(a, n1, c, n2) for a, c, n1, n2 in cells]
    try:
        result = pool_beta_binomial(**counts(*rows))
    except InsufficientEvidenceError:
        return
    p1, p2 = result.risk_treatment, result.risk_control
    assert 0 <= result.correlation < 1
    for phi in (1e-3, 0.03, 0.3, 3.0):
        for shift in (0.7, 1.0, 1.4):
            other = direct(rows, expit(logit(p1) * shift), expit(logit(p2) * shift), phi)
            assert other <= result.log_likelihood + 1e-9
    assert result.ci_low < result.estimate < result.ci_high


def test_large_counts():
    rows = ((51234, 1_000_000, 49876, 990_000), (20111, 500_000, 26000, 510_000))
    result = pool_beta_binomial(**counts(*rows))
    phi = result.correlation / (1 - result.correlation)
    value = direct(rows, result.risk_treatment, result.risk_control, phi)
    assert result.log_likelihood == pytest.approx(value, abs=1e-5)
    assert 0 < result.correlation < 0.01


def test_it_reads_and_serialises():
    result = pool_beta_binomial(**counts(*ROWS), labels=list("ABCDE"))
    text = result.summary()
    assert "beta-binomial" in text.splitlines()[0]
    assert "correlation within groups" in text
    assert "I²" not in text
    assert "independent" in text
    written = json.loads(json.dumps(result.to_dict(), allow_nan=False))
    assert written["correlation"] == result.correlation
    assert "i2" not in written
    assert math.isnan(result.i2)
    assert "<table" in result._repr_html_()
    assert len(result.to_frame()) == 6


def test_one_study_and_missing():
    result = pool_beta_binomial(**counts((3, 30, 6, 32)))
    assert result.correlation == 0
    assert result.estimate == pytest.approx(math.log(3 * 26 / (27 * 6)))
    assert "one-study" in {caution.code for caution in result.cautions}
    rows = counts(*ROWS)
    rows["total_control"][1] = None
    assert "study 2" in pool_beta_binomial(**rows).summary()


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (((0, 20, 3, 20), (0, 30, 4, 30)), r"treated groups.*nobody had the event \(50 people\)"),
        (((3, 20, 20, 20), (4, 30, 30, 30)), "control groups.*everybody"),
        (((0, 40, 0, 42), (0, 12, 0, 13)), "Nobody had the event"),
        (((20, 20, 0, 30), (0, 30, 20, 20)), "rises without end"),
    ],
)
def test_refusals(rows, message):
    with pytest.raises(InsufficientEvidenceError, match=message):
        pool_beta_binomial(**counts(*rows))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"measure": "oddsratio"}, "odds ratio"),
        ({"level": 0}, "level"),
        ({"events_treatment": [0.5, 3, 5, 2, 0]}, "whole numbers"),
        ({"events_treatment": [50, 3, 5, 2, 0]}, "study 1: 50 of 40"),
        ({"labels": ["A"]}, "one name a study"),
    ],
)
def test_bad_input(change, message):
    with pytest.raises(InvalidArgumentError, match=message):
        pool_beta_binomial(**(counts(*ROWS) | change))
