"""The continuous fragility index: made-up data have the moments reported; symmetry; refusals."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ttest_ind

from evidence.appraisal import continuous_fragility, continuous_fragility_from_values
from evidence.appraisal.trial import fragility_means
from evidence.errors import InsufficientEvidenceError, InvalidArgumentError

ARMS = {
    "mean_treatment": -3.0,
    "sd_treatment": 5.0,
    "n_treatment": 77,
    "mean_control": -1.0,
    "sd_control": 5.5,
    "n_control": 78,
}


def test_made_up_values_have_exactly_the_means_and_sds() -> None:
    made = fragility_means._samples(np.random.default_rng(1), 3.0, 2.0, 7)
    assert made.shape == (fragility_means.DATA_SETS, 7)
    assert made.mean(axis=1) == pytest.approx(3.0)
    assert made.std(axis=1, ddof=1) == pytest.approx(2.0)


def test_p_is_welchs_and_the_index_that_of_the_same_steps_by_hand() -> None:
    found = continuous_fragility(**ARMS)
    random = np.random.default_rng(fragility_means.SEED)
    treatment = fragility_means._samples(random, -3.0, 5.0, 77)
    control = fragility_means._samples(random, -1.0, 5.5, 78)
    assert found.p_value == pytest.approx(ttest_ind(treatment[0], control[0], equal_var=False)[1])
    for place in (0, 1, 57, 199):
        high, low, moved = list(control[place]), list(treatment[place]), 0
        while ttest_ind(high, low, equal_var=False)[1] < 0.05:
            nearest = min(value for value in high if value > np.mean(high))
            high.remove(nearest)
            low.append(nearest)
            moved += 1
        assert found.indices[place] == moved
        alone = continuous_fragility_from_values(treatment[place], control[place])
        assert alone.index == moved
    assert found.higher == "control"
    assert found.low <= found.index <= found.high
    assert found.quotient == found.index / 155


def test_the_same_every_time() -> None:
    assert continuous_fragility(**ARMS).to_dict() == continuous_fragility(**ARMS).to_dict()


@given(st.floats(-1e3, 1e3), st.floats(0.01, 100))
@settings(max_examples=20)
def test_neither_zero_nor_unit_of_the_scale_matters(shift: float, unit: float) -> None:
    counts = ("n_treatment", "n_control")
    other = {name: value if name in counts else unit * value for name, value in ARMS.items()}
    moved = {name: value + shift if "mean" in name else value for name, value in other.items()}
    found = continuous_fragility(**moved)
    assert found.index == pytest.approx(continuous_fragility(**ARMS).index, abs=0.1)


def test_from_values_the_groups_can_be_swapped_and_the_scale_turned() -> None:
    random = np.random.default_rng(3)
    x, y = random.normal(1, 1, 30), random.normal(0, 1, 25)
    found = continuous_fragility_from_values(x, y)
    other = continuous_fragility_from_values(y, x)
    assert (found.higher, other.higher) == ("treatment", "control")
    assert found.index == other.index
    assert not found.made_up
    assert "data sets" not in found.sentence()


def test_it_grows_with_the_people_and_falls_with_the_spread() -> None:
    """Caldwell's abstract: it increases with sample size, and falls with the SD."""
    small = continuous_fragility(**ARMS).index
    assert continuous_fragility(**{**ARMS, "n_treatment": 154, "n_control": 156}).index > small
    assert continuous_fragility(**{**ARMS, "sd_treatment": 4.0, "sd_control": 4.5}).index > small
    assert continuous_fragility(**{**ARMS, "mean_treatment": -4.0}).index > small


def test_tiny_and_far_apart_groups_end() -> None:
    found = continuous_fragility_from_values([9.0, 10, 11], [0.0, 1, 2])
    assert found.index == 1
    far = continuous_fragility(
        mean_treatment=1e6, sd_treatment=1, n_treatment=3, mean_control=0, sd_control=1, n_control=3
    )
    assert 1 <= far.index <= 2


def test_where_there_is_no_difference_there_is_no_index() -> None:
    with pytest.raises(InsufficientEvidenceError, match="do not differ significantly"):
        continuous_fragility(**{**ARMS, "mean_treatment": -1.5})
    with pytest.raises(InsufficientEvidenceError, match=r"p > 0\.99"):
        continuous_fragility_from_values([1.0, 2, 3], [1.0, 2, 3])


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"sd_treatment": 0}, "sd_treatment must be above 0"),
        ({"sd_control": -1}, "sd_control"),
        ({"n_control": 2}, "n_control is 2"),
        ({"n_treatment": 7.5}, r"n_treatment is 7\.5"),
        ({"mean_control": math.nan}, "mean_control must be a finite number"),
        ({"mean_control": math.inf}, "mean_control must be a finite number"),
        ({"significance": 0}, "significance is 0"),
    ],
)
def test_refusals_name_what_was_found(wrong: dict[str, float], words: str) -> None:
    with pytest.raises(InvalidArgumentError, match=words):
        continuous_fragility(**{**ARMS, **wrong})


def test_values_that_say_nothing_are_refused() -> None:
    with pytest.raises(InvalidArgumentError, match="treatment has 2 values that are too few"):
        continuous_fragility_from_values([1.0, 2], [1.0, 2, 3])
    with pytest.raises(InvalidArgumentError, match="control has 3 values that do not differ"):
        continuous_fragility_from_values([1.0, 2, 3], [2.0, 2, 2])


def test_faces() -> None:
    found = continuous_fragility(**ARMS)
    assert json.loads(json.dumps(found.to_dict(), allow_nan=False)) == found.to_dict()
    assert found.to_frame()["data_sets"].sum() == fragility_means.DATA_SETS
    assert f"about {found.index:.1f} people" in found.sentence()
    assert found.sentence() in found.summary()
    assert "Caldwell" in found.reference
    assert len(found.assumptions) == 3
