"""A standardised mean difference in points: the product, its source, its limits."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose

from evidence.effects.conversions.instrument import Instrument, smd_in_points
from evidence.effects.measures.within_person import mean_change
from evidence.effects.sizes import EffectSizes
from evidence.errors import InvalidArgumentError

SMD = EffectSizes(
    "standardised mean difference", "any", np.array([-0.5, 0.1]), np.array([0.04, 0.01])
)
SCALE = Instrument("a 21-point scale", 4.0, "control groups at baseline", low=0, high=21)


def test_points_are_the_product_with_the_sd() -> None:
    found = smd_in_points(SMD, instrument=SCALE)
    assert_allclose(found.estimate, [-2, 0.4])
    assert_allclose(found.ci_low, 4 * SMD.ci_low)
    assert_allclose(found.ci_high, 4 * SMD.ci_high)
    assert found.level == SMD.level
    assert [caution.code for caution in found.cautions] == ["points-from-smd"]
    text = found.summary()
    assert "control groups at baseline" in text
    assert "1: −2.00 (95% CI −3.57 to −0.43)" in text
    assert list(found.to_frame()["source"]) == ["control groups at baseline"] * 2
    assert found.to_dict()["level"] == 0.95
    assert np.isnan(found.share_of_important_difference).all()


def test_the_smallest_important_difference() -> None:
    scale = Instrument("a scale", 4.0, "a trial", important_difference=2.0)
    found = smd_in_points(SMD, instrument=scale)
    assert_allclose(found.share_of_important_difference, [-1, 0.2])
    assert "smallest important difference is 2.00" in found.summary()


def test_an_interval_beyond_the_scale_is_a_caution() -> None:
    scale = Instrument("a short scale", 4.0, "a trial", low=0, high=3)
    codes = [caution.code for caution in smd_in_points(SMD, instrument=scale).cautions]
    assert codes == ["points-from-smd", "points-beyond-scale"]


def test_only_standardised_mean_differences() -> None:
    change = mean_change(mean_before=1, sd_before=1, mean_after=2, sd_after=1, n=9, correlation=0.5)
    with pytest.raises(InvalidArgumentError, match="A mean change is not in standard deviations"):
        smd_in_points(change, instrument=SCALE)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"sd": 0}, "sd must be above 0"),
        ({"sd": math.nan}, "sd must be a finite number"),
        ({"source": " "}, "source is empty"),
        ({"low": 5, "high": 5}, "low must be below high"),
        ({"important_difference": -1}, "important_difference must be at least 0"),
    ],
)
def test_refusals(arguments: dict[str, object], words: str) -> None:
    with pytest.raises(InvalidArgumentError, match=words):
        Instrument(**{"name": "x", "sd": 4.0, "source": "a trial", **arguments})
