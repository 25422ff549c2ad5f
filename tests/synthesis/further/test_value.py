"""The value of another trial: hand algebra, brute force, and what must hold."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import integrate, stats

from evidence.errors import InvalidArgumentError
from evidence.synthesis.further.value import unit_normal_loss, value_of_another_trial


def test_the_loss_integral_is_what_it_says() -> None:
    """L(u) = ∫ (x - u) φ(x) dx from u on."""
    for u in (-2.0, 0.0, 0.3, 1.7, 4.0):
        direct, _ = integrate.quad(lambda x, u=u: (x - u) * stats.norm.pdf(x), u, u + 40)
        assert_allclose(unit_normal_loss(u), direct, rtol=1e-8)
    # Printed in tables of it: L(0) = 0.3989, L(1) = 0.0833.
    assert_allclose(unit_normal_loss([0.0, 1.0]), [0.3989, 0.0833], atol=5e-5)
    assert unit_normal_loss(60.0) == 0.0


def test_at_the_line_by_hand() -> None:
    """At the line the value of perfect information is s / √(2π)."""
    found = value_of_another_trial(0.5, 0.2, variance_of_one=4.0, threshold=0.5, people=[100])
    assert_allclose(found.perfect, 0.2 / math.sqrt(2 * math.pi))
    # s² = 0.04 and v = 0.04: half of the variance is learnt.
    assert_allclose(found.sample, [0.2 / math.sqrt(2) / math.sqrt(2 * math.pi)])
    assert_allclose(found.wrong, 0.5)
    assert not found.use


@pytest.mark.parametrize("mean", [-0.1, 0.3, 0.62])
@pytest.mark.parametrize("between", [0.0, 0.05])
def test_by_brute_force(mean, between) -> None:
    """Draw the truth, the trial, decide, and count what was gained over deciding today."""
    sd, line, one, people = 0.25, 0.5, 4.0, 80
    random = np.random.default_rng(11)
    truth = mean + sd * random.standard_normal(2_000_000)
    variance = between + one / people
    shown = truth + math.sqrt(variance) * random.standard_normal(truth.size)
    posterior = (mean / sd**2 + shown / variance) / (1 / sd**2 + 1 / variance)
    today = max(mean - line, 0.0)
    gained = np.where(posterior > line, truth - line, 0.0).mean() - today
    perfect = np.maximum(truth - line, 0.0).mean() - today
    found = value_of_another_trial(
        mean, sd, variance_of_one=one, threshold=line, between=between, people=[people]
    )
    assert_allclose(found.sample[0], gained, atol=6e-4)
    assert_allclose(found.perfect, perfect, atol=6e-4)
    wrong = (truth > line).mean() if mean <= line else (truth <= line).mean()
    assert_allclose(found.wrong, wrong, atol=2e-3)


@given(
    mean=st.floats(-5, 5),
    sd=st.floats(0.01, 5),
    line=st.floats(-2, 2),
    between=st.floats(0, 3),
    one=st.floats(0.1, 100),
)
@settings(max_examples=60, deadline=None)
def test_what_must_hold(mean, sd, line, between, one) -> None:
    sizes = [10, 100, 1000, 100_000]
    found = value_of_another_trial(
        mean, sd, variance_of_one=one, threshold=line, between=between, people=sizes
    )
    # More people never tell less, one setting never more than the mean, and nothing is negative.
    values = [*found.sample, found.one_setting, found.perfect]
    assert values[0] >= 0
    assert np.all(np.diff(values) >= -1e-15)
    mirrored = value_of_another_trial(
        2 * line - mean, sd, variance_of_one=one, threshold=line, between=between, people=sizes
    )
    assert_allclose(mirrored.sample, found.sample, atol=1e-12)
    scaled = value_of_another_trial(
        10 * mean,
        10 * sd,
        variance_of_one=100 * one,
        threshold=10 * line,
        between=100 * between,
        people=sizes,
    )
    assert_allclose(scaled.sample, 10 * found.sample, rtol=1e-9, atol=1e-12)


def test_how_it_reads() -> None:
    found = value_of_another_trial(
        0.6, 0.2, variance_of_one=4.0, threshold=0.5, between=0.1, people=[100],
        units=(("SD", 1.0), ("points", 8.0)),
    )  # fmt: skip
    text = found.summary()
    assert "puts the benefit at 0.60 SD, above 0.50 SD" in text
    assert "the decision would be for the treatment" in text
    assert "points)" in text
    assert "settings differ" in text
    worth = found.perfect
    assert f"{worth:.3f} SD ({8 * worth:.2f} points)" in text
    assert list(found.to_frame()["people"]) == [100]
    assert found.to_dict()["units"] == {"SD": 1.0, "points": 8.0}


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"mean": math.nan}, "mean"),
        ({"sd": 0.0}, "sd"),
        ({"sd": math.inf}, "sd"),
        ({"variance_of_one": -1.0}, "variance_of_one"),
        ({"threshold": "a"}, "threshold"),
        ({"between": -0.1}, "between"),
        ({"people": [0]}, "people"),
        ({"units": (("points", 0.0),)}, "points"),
    ],
)
def test_what_cannot_be_used_is_refused(change, word) -> None:
    arguments = {"mean": 0.5, "sd": 0.2, "variance_of_one": 4.0, **change}
    mean, sd = arguments.pop("mean"), arguments.pop("sd")
    with pytest.raises(InvalidArgumentError, match=word):
        value_of_another_trial(mean, sd, **arguments)
