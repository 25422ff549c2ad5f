"""Rafi and Greenland 2020, BMC Med Res Methodol 20:244: S-values and compatibility."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import t as student

from evidence.appraisal import compatibility, confidence_curve, s_value
from evidence.appraisal.trial.words import Words
from evidence.errors import InvalidArgumentError


def test_the_surprise_in_a_p_value_of_five_percent_is_between_four_and_five_heads() -> None:
    # "p = 0.05 ... 4.3 bits", about as four heads in a row.
    assert round(s_value(0.05), 1) == 4.3
    assert s_value(0.5) == 1
    assert s_value(0.25) == 2
    assert s_value(1.0) == 0


@pytest.mark.parametrize("p", [0, -0.1, 1.2, math.nan])
def test_what_is_no_p_value_is_refused(p: float) -> None:
    with pytest.raises(InvalidArgumentError, match="above 0 and at most 1"):
        s_value(p)


def test_the_curve_is_the_p_value_of_each_true_effect() -> None:
    curve = confidence_curve(-1.6, 0.8, df=20, thresholds=(-2.8,))
    for value, p in zip(curve.values[::50], curve.p_values[::50], strict=True):
        assert p == pytest.approx(2 * student.sf(abs(value + 1.6) / 0.8, 20))
    assert curve.p_none == pytest.approx(2 * student.sf(2, 20))
    assert curve.s_none == pytest.approx(-math.log2(curve.p_none))
    assert curve.p_thresholds[0] == pytest.approx(2 * student.sf(1.5, 20))
    assert curve.p_values.max() == 1
    assert curve.values[curve.p_values.argmax()] == pytest.approx(curve.median_unbiased)


def test_the_interval_is_where_the_curve_is_above_its_line() -> None:
    for df in (None, 5):
        curve = confidence_curve(3, 1.5, df=df, level=0.9)
        ends = compatibility([curve.ci_low, curve.ci_high], 3, 1.5, df=df)
        assert ends == pytest.approx([0.1, 0.1])


def test_an_estimate_is_as_often_too_high_as_too_low() -> None:
    draws = np.random.default_rng(1).normal(0.4, 1, 4000)
    below = np.mean([confidence_curve(x, 1, points=3).median_unbiased < 0.4 for x in draws])
    assert below == pytest.approx(0.5, abs=0.03)


def test_p_values_of_the_truth_are_uniform() -> None:
    draws = np.random.default_rng(2).normal(0.4, 1, 20_000)
    p = np.array([compatibility(0.4, x, 1.0) for x in draws])
    assert np.quantile(p, [0.05, 0.5, 0.9]) == pytest.approx([0.05, 0.5, 0.9], abs=0.02)


def test_sentences_carry_the_numbers() -> None:
    words = Words("points", -1, decimals=1)
    curve = confidence_curve(-1.6, 1.33, df=153, thresholds=(-2.8,), words=words)
    text = curve.sentence()
    assert "1.6 points better" in text
    assert "1.0 points worse to 4.2 points better" in text
    assert "two heads in a row" in text
    assert curve.threshold_in_words(0) == (
        "The result fits with 2.8 points better (p = 0.37) better than with no difference "
        "(p = 0.23)."
    )
    assert "Rafi and Greenland 2020" in curve.summary()
    assert set(curve.to_frame()) == {"effect", "p_value"}
