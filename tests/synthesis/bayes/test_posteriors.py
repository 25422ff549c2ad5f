"""What holds for every posterior: normalisation, inversion, content, order, unit and sign."""

import importlib.util
import json
import math
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from evidence.errors import InvalidArgumentError
from evidence.synthesis.bayes.fit import pool_bayes, prior_sensitivity
from evidence.synthesis.bayes.priors import (
    HalfCauchy,
    HalfNormal,
    LogNormal,
    LogStudentT,
    Normal,
    Uniform,
)

_spec = importlib.util.spec_from_file_location("bodies", Path(__file__).parent / "bodies.py")
_module = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_module)
BODIES = _module.BODIES

P = np.array([1e-6, 0.025, 0.2, 0.5, 0.77, 0.975, 1 - 1e-6])
PRIORS = [HalfNormal(0.5), HalfCauchy(0.5), Uniform(1.0), LogNormal(-2, 1.5), LogStudentT(-3, 2)]
QUANTITIES = ("mu", "tau", "predictive")


@pytest.mark.parametrize("prior", PRIORS, ids=str)
@pytest.mark.parametrize("body", list(BODIES))
def test_normalisation_inversion_and_content(body, prior):
    result = pool_bayes(*BODIES[body], tau_prior=prior)
    for name in QUANTITIES:
        posterior = getattr(result, name)
        ends = posterior.quantile(P)
        assert posterior.cdf(ends) == pytest.approx(P, rel=1e-9, abs=1e-14)
        assert (np.diff(ends) > 0).all()
        marks = posterior.quantile(np.array([1e-4, 0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 0.9999]))
        total = sum(
            quad(posterior.density, a, b, epsabs=1e-11, limit=200)[0] for a, b in pairwise(marks)
        )
        # From the probabilities of both ends to the whole.
        assert total + posterior.cdf(marks[0]) + posterior.above(marks[-1]) == (
            pytest.approx(1, abs=1e-8)
        )
        for level in (0.5, 0.95):
            low, high = posterior.interval(level)
            short = posterior.shortest_interval(level)
            assert posterior.cdf(high) - posterior.cdf(low) == pytest.approx(level, abs=1e-10)
            content = posterior.cdf(short[1]) - posterior.cdf(short[0])
            assert content == pytest.approx(level, abs=1e-10)
            assert short[1] - short[0] <= (high - low) * (1 + 1e-9)


@pytest.mark.parametrize("prior", PRIORS, ids=str)
@pytest.mark.parametrize("body", list(BODIES))
def test_no_interval_is_shorter_and_no_place_is_higher(body, prior):
    result = pool_bayes(*BODIES[body], tau_prior=prior)
    for name in QUANTITIES:
        posterior = getattr(result, name)
        low, high = posterior.shortest_interval(0.9)
        below = np.linspace(1e-9, 0.1 - 1e-9, 101)
        widths = posterior.quantile(below + 0.9) - posterior.quantile(below)
        assert high - low <= widths.min() * (1 + 1e-9)
        if name != "tau" or 0 < low < high < prior.upper:
            ends = posterior.density(np.array([low, high]))
            assert ends[1] == pytest.approx(ends[0], rel=1e-7)
        places = posterior.quantile(np.linspace(1e-3, 1 - 1e-3, 301))
        assert posterior.density(posterior.mode) >= posterior.density(places).max() * (1 - 1e-9)


bodies = st.integers(1, 6).flatmap(
    lambda k: st.tuples(
        st.lists(st.floats(-3, 3), min_size=k, max_size=k),
        st.lists(st.floats(0.05, 2), min_size=k, max_size=k),
    )
)
mu_priors = st.sampled_from([None, (0.3, 1.2)])


def numbers(result):
    frame = result.to_frame().drop(columns="quantity")
    studies = result.study_effects()[["mean", "median", "sd", "low", "high"]]
    return frame.to_numpy(), studies.to_numpy()


def pooled(y, se, mu=None, scale=1.0, shift=0.0):
    prior = None if mu is None else Normal(scale * mu[0] + shift, abs(scale) * mu[1])
    return pool_bayes(
        scale * np.array(y) + shift,
        standard_errors=abs(scale) * np.array(se),
        tau_prior=HalfNormal(0.5 * abs(scale)),
        mu_prior=prior,
    )


@given(bodies, mu_priors, st.randoms(use_true_random=False))
@settings(max_examples=20)
def test_the_order_of_studies_does_not_matter(body, mu, random):
    order = list(range(len(body[0])))
    random.shuffle(order)
    frame, studies = numbers(pooled(*body, mu))
    again, moved = numbers(pooled(*(np.array(part)[order] for part in body), mu))
    assert again == pytest.approx(frame, rel=1e-7, abs=1e-7)
    assert moved == pytest.approx(studies[order], rel=1e-9, abs=1e-9)


@given(bodies, mu_priors, st.sampled_from([1e-8, 1e-3, 7.0, 1e8]))
@settings(max_examples=20)
def test_the_unit_does_not_matter(body, mu, scale):
    first, other = pooled(*body, mu), pooled(*body, mu, scale=scale)
    for before, after in zip(numbers(first), numbers(other), strict=True):
        assert after / scale == pytest.approx(before, rel=1e-7, abs=1e-7)
    assert other.bayes_factor_tau_zero == pytest.approx(first.bayes_factor_tau_zero, rel=1e-9)
    if mu:
        assert other.bayes_factor_mu() == pytest.approx(first.bayes_factor_mu(), rel=1e-9)
        change = len(body[0]) * math.log(scale)
        assert other.log_marginal_likelihood == pytest.approx(
            first.log_marginal_likelihood - change, rel=1e-10, abs=1e-9
        )


@given(bodies, mu_priors, st.floats(-50, 50))
@settings(max_examples=20)
def test_a_shift_shifts_places_and_leaves_tau(body, mu, shift):
    first, other = pooled(*body, mu), pooled(*body, mu, shift=shift)
    assert other.mu.median - shift == pytest.approx(first.mu.median, abs=1e-9)
    assert other.tau.quantile(P) == pytest.approx(first.tau.quantile(P), rel=1e-8)
    assert other.predictive.below(shift) == pytest.approx(first.predictive.below(0), abs=1e-10)


@given(bodies, mu_priors)
@settings(max_examples=20)
def test_a_change_of_sign_mirrors(body, mu):
    first, other = pooled(*body, mu), pooled(*body, mu, scale=-1.0)
    assert other.mu.mean == pytest.approx(-first.mu.mean, abs=1e-10)
    low, high = first.predictive.interval()
    assert other.predictive.interval() == pytest.approx((-high, -low), abs=1e-9)
    assert other.mu.above(0) == pytest.approx(first.mu.below(0), abs=1e-10)
    assert other.tau.median == pytest.approx(first.tau.median, rel=1e-10)


def test_far_apart_prior_and_data_still_integrate():
    y, v = np.linspace(-50, 50, 40), np.full(40, 0.01)
    tight = pool_bayes(y, v, tau_prior=HalfNormal(0.1))
    assert tight.tau.cdf(tight.tau.median) == pytest.approx(0.5)
    assert 2 < tight.tau.median < 20
    agreeing = pool_bayes(np.zeros(300), np.full(300, 1.0), tau_prior=LogNormal(3, 0.1, of="tau"))
    assert agreeing.tau.median < 3
    many = np.random.default_rng(1).normal(0, 1, 5000)
    large = pool_bayes(many, np.full(5000, 0.5))
    assert large.tau.sd < 0.02
    assert large.tau.median**2 == pytest.approx(many.var() - 0.5, rel=0.05)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"variances": [0.1, -0.2]}, "variances must be above 0; found B: -0.2"),
        ({"variances": [0.1, math.inf]}, "variances must be finite; found B"),
        ({"effects": [0.1, math.inf]}, "effects must be finite; found B"),
        ({"effects": ["x", 1]}, "effects holds something that is not a number; found study 1"),
        ({"variances": [0.1]}, "2 effects and 1 variances"),
        ({"effects": [math.nan, None]}, "No study has both"),
        ({"level": 95}, "level is 95"),
        ({"tau_prior": 0.5}, "tau_prior is 0.5; give one of the priors"),
        ({"mu_prior": (0, 1)}, r"mu_prior is \(0, 1\); give Normal"),
    ],
)
def test_refusals_name_argument_study_and_value(arguments, words):
    given = {"effects": [0.1, 0.2], "variances": [0.1, 0.2], "labels": ["A", "B"]} | arguments
    with pytest.raises(InvalidArgumentError, match=words):
        pool_bayes(given.pop("effects"), given.pop("variances"), **given)


def test_thresholds_and_levels_are_checked():
    result = pool_bayes(*BODIES["two"])
    with pytest.raises(InvalidArgumentError, match="threshold is 'a'"):
        result.mu.below("a")
    with pytest.raises(InvalidArgumentError, match="level is 2"):
        result.tau.interval(2)
    with pytest.raises(InvalidArgumentError, match="value is nan"):
        result.bayes_factor_mu(math.nan)
    with pytest.raises(InvalidArgumentError, match=r"priors is \[\]"):
        prior_sensitivity(*BODIES["two"], priors=[])


def test_missing_rows_are_left_out_and_named():
    y, v = BODIES["three"]
    result = pool_bayes([*y, math.nan], [*v, 0.1], labels=["A", "B", "C", "D"])
    assert result.labels == ("A", "B", "C")
    assert "D" in next(c.message for c in result.cautions if c.code == "missing")
    assert result.mu.mean == pool_bayes(y, v).mu.mean


def test_a_uniform_prior_that_cuts_the_posterior_says_so():
    codes = [c.code for c in pool_bayes(*BODIES["bcg"], tau_prior=Uniform(0.5)).cautions]
    assert "prior-cuts" in codes
    codes = [c.code for c in pool_bayes(*BODIES["bcg"], tau_prior=Uniform(5)).cautions]
    assert "prior-cuts" not in codes


def test_every_face_shows_the_same_numbers():
    result = pool_bayes(*BODIES["bcg"], mu_prior=Normal(0, 2), labels=["<b>", *"abcdefghijkl"])
    text, html = result.summary(), result._repr_html_()
    median = f"{abs(result.mu.median):.2f}"
    assert median in text
    assert median in html
    assert "&lt;b&gt;" in html
    assert "> 0.999" in text
    values = result.to_dict()
    assert json.loads(json.dumps(values)) == values
    assert values["mu"]["median"] == pytest.approx(result.mu.median, rel=1e-12)
    assert values["log_bayes_factor_mu_zero"] == result.log_bayes_factor_mu()


def test_the_table_over_priors_has_a_row_for_each():
    y, v = BODIES["two"]
    table = prior_sensitivity(y, v, priors=PRIORS)
    frame = table.to_frame()
    assert list(frame["prior"]) == [prior.name for prior in PRIORS]
    alone = pool_bayes(y, v, tau_prior=PRIORS[1])
    assert frame["tau_median"][1] == pytest.approx(alone.tau.median, rel=1e-12)
    assert PRIORS[3].name in table.summary()
    assert PRIORS[3].name in table._repr_html_()
    assert json.loads(json.dumps(table.to_dict()))["rows"][0]["prior"] == PRIORS[0].name


def test_all_summaries_take_milliseconds():
    y, v = BODIES["bcg"]
    times = []
    for _ in range(20):
        start = time.perf_counter()
        result = pool_bayes(y, v)
        _ = result._rows, result._shrunken
        times.append(time.perf_counter() - start)
    # Measured 5 ms; ten times as much on a busy machine would still be a mistake.
    assert min(times) < 0.05
