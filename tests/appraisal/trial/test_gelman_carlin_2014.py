"""Gelman and Carlin 2014, Perspect Psychol Sci 9:641-651: errors of sign and size.

Their two examples: the sex ratio of children of attractive parents (true difference 0.1 percentage
points, standard error 3.28) and politics over the menstrual cycle (2 points, 8.1). They simulate
the factor of size; Lu, Qiu and Deng 2019 have it in closed form.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from evidence.appraisal import design_errors, size_for_width, times_as_large
from evidence.appraisal.trial.trial_size import size_in_words
from evidence.errors import InvalidArgumentError


def test_beauty_and_sex_ratio() -> None:
    found = design_errors(0.1, 3.28)
    assert round(found.power, 2) == 0.05
    assert round(found.type_s, 2) == 0.46
    assert found.type_m == pytest.approx(77, abs=0.5)


def test_politics_and_the_cycle() -> None:
    found = design_errors(2, 8.1)
    assert round(found.power, 2) == 0.06
    assert round(found.type_s, 2) == 0.24
    assert found.type_m == pytest.approx(9.5, abs=0.1)


def test_a_simulation_gives_the_same() -> None:
    random = np.random.default_rng(5)
    for df in (None, 6):
        spread = 1 if df is None else np.sqrt(random.chisquare(df, 400_000) / df)
        critical = 1.959964 if df is None else 2.446912
        drawn = 1.2 + random.standard_normal(400_000)
        significant = np.abs(drawn) > critical * spread
        found = design_errors(1.2, 1, df=df)
        assert found.power == pytest.approx(significant.mean(), abs=0.003)
        assert found.type_s == pytest.approx((drawn[significant] < 0).mean(), abs=0.003)
        assert found.type_m == pytest.approx(np.abs(drawn[significant]).mean() / 1.2, rel=0.006)


def test_a_sure_trial_errs_in_nothing() -> None:
    found = design_errors(20, 1)
    assert (found.power, found.type_s, found.type_m) == pytest.approx((1, 0, 1))


def test_the_smaller_the_truth_the_worse() -> None:
    found = [design_errors(effect, 1) for effect in (0.1, 0.5, 1, 2, 4)]
    assert [one.power for one in found] == sorted(one.power for one in found)
    for name in ("type_s", "type_m"):
        values = [getattr(one, name) for one in found]
        assert values == sorted(values, reverse=True)
        assert values[-1] >= (1 if name == "type_m" else 0)
    assert design_errors(-1, 1).type_m == design_errors(1, 1).type_m


def test_people_for_a_width_by_hand() -> None:
    found = size_for_width(0.5, 1)
    # 2 t sd sqrt(2 / n) with t about 1.97: 125 people are just enough.
    assert found.per_arm == 125
    assert size_for_width(5, 10).per_arm == 125
    assert size_for_width(1000, 1).per_arm == 2


def test_times_as_large_by_hand() -> None:
    # A standard error that is as large as the effect: (1.96 + 0.84)² times the people.
    assert times_as_large(1, 1) == pytest.approx(7.849, abs=1e-3)
    assert "about 785 people in all" in size_in_words(times_as_large(1, 1), 100, "To find it")
    assert size_in_words(2.0, math.nan, "To find it").endswith("2.0 times as large as this one.")


@pytest.mark.parametrize("effect", [0, math.nan, math.inf])
def test_no_true_effect_is_refused(effect: float) -> None:
    with pytest.raises(InvalidArgumentError):
        design_errors(effect, 1)
    with pytest.raises(InvalidArgumentError, match="More than"):
        size_for_width(1e-7, 1)
