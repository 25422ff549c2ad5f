"""Responders: published conversions, people drawn and counted, coverage, refusals."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtr

from evidence.appraisal import ArmChange, responders, responders_from_smd
from evidence.effects.measures.absolute import number_needed_to_treat
from evidence.errors import InvalidArgumentError

# ---------------------------------------------------------------- published numbers


def test_furukawas_conversion_as_a_handbook_prints_it() -> None:
    """Doing Meta-Analysis in R, chapter B.2: d 0.245, 35% in the control group, NNT 10.61533."""
    found = responders_from_smd(smd=0.245, ci_low=0.1, ci_high=0.4, control_share=0.35)
    assert found.number_needed.estimate == pytest.approx(10.61533, abs=5e-6)
    assert found.number_needed.kind == "NNTB"


@pytest.mark.parametrize(("reduction", "low", "high"), [(0.10, -0.05, 0.25)])
def test_altmans_disjoint_interval(reduction: float, low: float, high: float) -> None:
    """Altman 1998, as a letter about it tells: -5% to +25% is NNTH 20 to infinity to NNTB 4."""
    found = number_needed_to_treat(
        risk_difference=reduction, ci_low=low, ci_high=high, event="beneficial"
    )
    assert found.summary() == "NNTB 10 (NNTH 20 to \N{INFINITY} to NNTB 4)"


# ---------------------------------------------------------------- what it is


def test_shares_by_hand() -> None:
    found = responders(ArmChange(-6, 4, 50), ArmChange(-2, 4, 50), threshold=6, scale=(-28, 28))
    assert found.share_treatment == 0.5
    assert found.share_control == pytest.approx(float(ndtr(-1.0)))
    z = 1.959963984540054
    # 1/n + z²/(2(n-1)) with z = 0 and -1.
    high_control = ndtr(-1 + z * math.sqrt(1 / 50 + 1 / 98))
    low_treatment = ndtr(-z * math.sqrt(1 / 50))
    low = found.difference - math.hypot(0.5 - low_treatment, high_control - ndtr(-1.0))
    assert found.difference_low == pytest.approx(low)
    assert [caution.code for caution in found.cautions] == ["shares-not-people"]


def test_a_rise_is_a_fall_turned_round() -> None:
    fall = responders(ArmChange(-6, 4, 50), ArmChange(-2, 5, 40), threshold=3)
    rise = responders(ArmChange(6, 4, 50), ArmChange(2, 5, 40), threshold=3, better="higher")
    assert fall.to_dict()["difference"] == rise.to_dict()["difference"]
    assert "fall by at least 3" in fall.basis
    assert "rise by at least 3" in rise.basis


MEANS, SDS, SIZES = st.floats(-10, 10), st.floats(0.5, 10), st.integers(2, 500)
ARMS = st.builds(ArmChange, MEANS, SDS, SIZES)


@given(ARMS, ARMS, st.floats(0.1, 12))
def test_the_interval_holds_the_difference_and_swapping_the_groups_turns_it(
    one: ArmChange, other: ArmChange, threshold: float
) -> None:
    found = responders(one, other, threshold=threshold)
    turned = responders(other, one, threshold=threshold)
    assert -1 <= found.difference_low <= found.difference <= found.difference_high <= 1
    assert turned.difference == -found.difference
    assert turned.difference_low == pytest.approx(-found.difference_high, abs=1e-12)
    assert found.number_needed.includes_no_effect == (
        found.difference_low <= 0 <= found.difference_high
    )
    assert found.sentence().endswith(".")


@given(st.floats(-2, 2), st.floats(0.01, 0.99))
def test_both_ways_agree_where_they_speak_of_the_same(d: float, share: float) -> None:
    """From means with one SD: d and the control share say the same as the means."""
    from scipy.special import ndtri

    threshold = 50.0
    control = ArmChange(threshold + float(ndtri(share)), 1, 100)
    treatment = ArmChange(control.mean + d, 1, 100)
    direct = responders(treatment, control, threshold=threshold, better="higher")
    from_d = responders_from_smd(smd=d, ci_low=d - 1, ci_high=d + 1, control_share=share)
    assert direct.share_treatment == pytest.approx(from_d.share_treatment, abs=1e-9)


@pytest.mark.parametrize(
    ("treatment", "control", "threshold"),
    [((-5, 5), (-3, 4), 6), ((-8, 3), (-2, 3), 3), ((-1, 2), (-0.5, 6), 5)],
)
def test_intervals_hold_the_truth_as_often_as_they_say(
    treatment: tuple[float, float], control: tuple[float, float], threshold: float
) -> None:
    """1,500 trials of 40 and 35 people: 95% but for chance (1.7 is three standard errors)."""
    random = np.random.default_rng(11)
    shares = [float(ndtr((-mean - threshold) / sd)) for mean, sd in (treatment, control)]
    held = 0
    for _ in range(1500):
        arms = []
        for (mean, sd), n in ((treatment, 40), (control, 35)):
            drawn = random.normal(mean, sd, n)
            arms.append(ArmChange(float(drawn.mean()), float(drawn.std(ddof=1)), n))
        found = responders(arms[0], arms[1], threshold=threshold)
        held += found.difference_low <= shares[0] - shares[1] <= found.difference_high
    assert 93.3 <= held / 15 <= 96.7


def test_a_scale_that_the_normal_model_leaves_is_said() -> None:
    found = responders(ArmChange(-4, 5, 30), ArmChange(-2, 1, 30), threshold=2, scale=(-8, 8))
    (caution,) = [c for c in found.cautions if c.code == "normal-leaves-scale"]
    assert "the treatment group" in caution.message
    assert "the control group" not in caution.message
    both = responders(ArmChange(-4, 5, 30), ArmChange(-2, 9, 30), threshold=2, scale=(-8, 8))
    assert "the treatment group and the control group" in both.cautions[1].message


# ---------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("summary", "words"),
    [
        ((0, 0, 10), "sd must be above 0"),
        ((0, 1, 1), "n must be at least 2"),
        ((math.nan, 1, 10), "mean must be a finite number"),
    ],
)
def test_impossible_groups_are_refused(summary: tuple[float, ...], words: str) -> None:
    with pytest.raises(InvalidArgumentError, match=words):
        ArmChange(*summary)


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"threshold": 0}, "threshold must be above 0"),
        ({"threshold": math.inf}, "threshold must be a finite number"),
        ({"better": "down"}, "better is 'down'"),
        ({"level": 95}, "level is 95"),
        ({"scale": (8, -8)}, r"scale is \(8, -8\)"),
    ],
)
def test_refusals_name_what_was_found(how: dict[str, object], words: str) -> None:
    arm = ArmChange(-4, 5, 30)
    with pytest.raises(InvalidArgumentError, match=words):
        responders(arm, arm, **{"threshold": 2, **how})
    with pytest.raises(InvalidArgumentError, match="treatment is float; give ArmChange"):
        responders(1.0, arm, threshold=2)


@pytest.mark.parametrize("share", [0, 1, 35, math.nan, "0.3"])
def test_a_share_is_a_proportion(share: object) -> None:
    with pytest.raises(InvalidArgumentError, match="control_share is"):
        responders_from_smd(smd=0.2, ci_low=0, ci_high=0.4, control_share=share)


def test_an_estimate_lies_in_its_interval() -> None:
    with pytest.raises(InvalidArgumentError, match=r"smd 0\.5 lies outside"):
        responders_from_smd(smd=0.5, ci_low=0, ci_high=0.4, control_share=0.3)


def test_faces() -> None:
    found = responders(ArmChange(-3.9, 8.5, 77), ArmChange(-2.3, 8.3, 78), threshold=6)
    assert json.loads(json.dumps(found.to_dict(), allow_nan=False)) == found.to_dict()
    assert len(found.to_frame()) == 1
    assert "40% improve" in found.sentence()
    assert "7 more in 100 (95% CI 5 fewer to 19 more)" in found.sentence()
    assert "NNTB 14 (NNTH 22 to \N{INFINITY} to NNTB 6)" in found.sentence()
    assert found.sentence() in found.summary()
    assert any("delta method" in text for text in found.assumptions)
    worse = responders(ArmChange(-2, 5, 500), ArmChange(-6, 5, 500), threshold=6)
    assert "fewer in 100" in worse.sentence()
    assert "NNTH" in worse.sentence()
