"""Tipping points: each checked by adding that study and pooling again."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from tests.papers.bcg import LABELS, log_risk_ratios
from tests.synthesis.strategies import syntheses

from evidence.display import format_number
from evidence.errors import InsufficientEvidenceError, InvalidArgumentError
from evidence.synthesis.pool import pool
from evidence.synthesis.sensitivity.tipping_point import tipping_point

Y = np.array([0.1, 0.5, 0.3, 0.9, -0.2])
V = np.array([0.02, 0.05, 0.03, 0.1, 0.04])
METHODS = [
    {},
    {"ci_method": "HKSJ"},
    {"ci_method": "Wald"},
    {"ci_method": "t", "tau2_method": "PM"},
    {"ci_method": "Wald", "tau2_method": "DL"},
    {"ci_method": "HKSJ", "tau2_method": 0.05},
    {"ci_method": "Wald", "model": "common"},
]


def with_study(result, effect, error, count=1):
    """Pool again with a study added."""
    method = result.method
    return pool(
        np.append(result.effects, np.full(count, effect)),
        np.append(result.variances, np.full(count, error**2)),
        model=method.model,
        tau2_method=method.tau2_method,
        ci_method=method.ci_method,
        level=method.level,
    )


def state(result, threshold):
    if result.ci_high < threshold:
        return "below"
    return "above" if result.ci_low > threshold else "around"


def check_by_adding(result, found) -> int:
    """Add studies at, just inside and just outside each end; the number of ends checked."""
    checked = 0
    for place, error in enumerate(found.standard_errors):
        for side in ("below", "above"):
            for name, inward in (("from", 1), ("to", -1)):
                end = float(getattr(found, f"{side}_{name}")[place])
                if not math.isfinite(end):
                    continue
                pooled = with_study(result, end, error)
                touching = pooled.ci_high if side == "below" else pooled.ci_low
                width = pooled.ci_high - pooled.ci_low
                assert_allclose(touching, found.threshold, atol=1e-8 * width)
                step = 1e-5 * (error + abs(end - result.estimate))
                inside = with_study(result, end + inward * step, error)
                outside = with_study(result, end - inward * step, error)
                assert state(outside, found.threshold) != side
                assert state(inside, found.threshold) == side
                checked += 1
    return checked


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("threshold", [0.0, 0.2])
def test_each_end_by_adding_that_study(method, threshold) -> None:
    checked = 0
    for effects in (Y, Y + 0.7, -Y - 0.5):
        result = pool(effects, V, **method)
        found = tipping_point(result, threshold=threshold, standard_errors=[0.05, 0.2, 0.6])
        checked += check_by_adding(result, found)
    assert checked >= 9


@pytest.mark.parametrize("method", METHODS)
def test_no_effect_does_what_is_said_to_be_impossible(method) -> None:
    result = pool(Y, V, **method)
    found = tipping_point(result, standard_errors=[0.1, 0.4])
    for place, error in enumerate(found.standard_errors):
        for effect in np.r_[np.linspace(-8, 8, 201), -1e4, 1e4]:
            side = state(with_study(result, effect, error), 0.0)
            for name in ("below", "above"):
                low, high = (float(getattr(found, f"{name}_{e}")[place]) for e in ("from", "to"))
                within = low < effect < high if not math.isnan(low) else False
                assert (side == name) == within, (effect, error, name)


def test_the_common_effect_in_closed_form() -> None:
    result = pool(Y, V, model="common", ci_method="Wald")
    found = tipping_point(result, threshold=0.1)
    w0, z = (1 / V).sum(), 1.959963984540054
    w = 1 / found.standard_errors**2
    # (w0 m + w x) / (w0 + w) - z / sqrt(w0 + w) = threshold
    ends = [
        (0.1 * (w0 + w) + sign * z * np.sqrt(w0 + w) - w0 * result.estimate) / w for sign in (-1, 1)
    ]
    assert_allclose(found.below_to, ends[0], rtol=1e-9)
    assert_allclose(found.above_from, ends[1], rtol=1e-9, atol=1e-12)
    assert (found.below_from == -math.inf).all()
    assert (found.above_to == math.inf).all()
    assert found.cautions == ()


def test_an_extreme_study_widens_the_interval() -> None:
    result = pool(log_risk_ratios(), labels=LABELS)
    found = tipping_point(result)
    assert found.conclusion == "below"
    assert found.conclusive
    assert np.isfinite(found.below_from).all()
    assert "extreme-widens" in {c.code for c in found.cautions}
    assert "leaves it so if it shows something from" in found.summary()


def test_where_nothing_it_may_show_suffices() -> None:
    found = tipping_point(pool([0.1, 0.9], [0.04, 0.09]), standard_errors=[0.3])
    assert np.isnan([found.below_from, found.above_from]).all()
    words = found.summary()
    assert "could not make the interval leave no effect out, whatever it shows." in words
    assert found.conclusion == "around"


def test_identical_effects_with_the_plain_interval() -> None:
    # An interval without width: certain by its own account, until a study differs.
    result = pool([0.5, 0.5, 0.5], [0.04, 0.05, 0.06], ci_method="HKSJ")
    found = tipping_point(result, standard_errors=[0.2])
    assert found.above_from[0] < 0.5 < found.above_to[0]
    assert check_by_adding(result, found) == 2


def test_one_study_with_nearly_all_the_weight() -> None:
    result = pool([0.02, 0.9, -0.4], [1e-4, 0.4, 0.5], ci_method="Wald")
    assert result.weights[0] > 99
    found = tipping_point(result, standard_errors=[0.005, 0.01, 0.5])
    assert check_by_adding(result, found) >= 2


@pytest.mark.parametrize("method", METHODS)
def test_the_number_of_further_studies(method) -> None:
    for effects in (Y, Y + 0.6):
        result = pool(effects, V, **method)
        found = tipping_point(result, standard_errors=[0.2])
        error, m = found.typical_standard_error, found.further_studies
        new = 0.0 if found.conclusive else result.estimate
        assert_allclose(error, np.median(np.sqrt(V)))
        changed = "around" if found.conclusive else None
        for count in range(1, min(m or 60, 60)):
            now = state(with_study(result, new, error, count), 0.0)
            assert now == found.conclusion, count
        if m is not None:
            now = state(with_study(result, new, error, m), 0.0)
            assert now != found.conclusion
            assert changed is None or now == changed


def test_no_number_of_studies_suffices() -> None:
    # The mean is on the threshold itself.
    result = pool([-0.5, 0.5], [0.1, 0.1])
    found = tipping_point(result, threshold=result.estimate, standard_errors=[0.3])
    assert found.further_studies is None
    assert "Even 1,000 further studies of typical size" in found.summary()


@pytest.mark.parametrize("method", METHODS)
def test_missing_results_bring_the_mean_to_the_threshold(method) -> None:
    result = pool(Y + 0.3, V, **method)
    found = tipping_point(
        result, threshold=0.1, standard_errors=[0.2], missing=3, missing_standard_error=0.25
    ).missing
    again = with_study(result, found.mean, 0.25, 3)
    assert_allclose(again.estimate, 0.1, atol=1e-9)
    assert found.count == 3
    assert math.isnan(found.people)


def test_missing_results_of_a_common_effect_in_closed_form() -> None:
    result = pool(Y, V, model="common", ci_method="Wald")
    found = tipping_point(result, standard_errors=[0.2], missing=2, missing_standard_error=0.3)
    by_hand = -(1 / V).sum() * result.estimate / (2 / 0.3**2)
    assert_allclose(found.missing.mean, by_hand, rtol=1e-10)


def test_people() -> None:
    people = np.round(4 / V)
    result = pool(Y, V)
    found = tipping_point(result, people=people, missing=2, missing_people=100)
    per_person = np.median(V * people)
    assert_allclose(found.people, per_person / found.standard_errors**2)
    assert_allclose(found.missing.standard_error, math.sqrt(2 * per_person / 100))
    assert found.missing.people == 100
    words = found.summary()
    assert "about 100 people" in words
    assert "two missing results (100 people)" in words
    assert np.isnan(tipping_point(result, standard_errors=[0.1]).people).all()


def test_sizes_reach_beyond_those_seen() -> None:
    found = tipping_point(pool(Y, V))
    errors = np.sqrt(V)
    assert_allclose(found.standard_errors[[0, -1]], [errors.min() / 2, 2 * errors.max()])
    assert found.typical_standard_error in found.standard_errors
    given_sizes = tipping_point(pool(Y, V), standard_errors=[0.5, 0.1, 0.5])
    assert list(given_sizes.standard_errors) == [0.1, 0.5]


@settings(max_examples=15, deadline=None)
@given(
    syntheses(least=2, most=5),
    st.sampled_from([1e-8, 1.0, 1e8]),
    st.sampled_from(METHODS),
    st.integers(-3, 3),
)
def test_units_origin_and_sign_do_not_matter(studies, unit, method, shift) -> None:
    y, v = (np.array(each) for each in studies)
    assume(np.ptp(y) > 0.05)
    if isinstance(method.get("tau2_method"), float):
        other = {**method, "tau2_method": method["tau2_method"] * unit**2}
    else:
        other = method
    sizes = np.array([0.1, 0.7])
    first = tipping_point(pool(y, v, **method), standard_errors=sizes)
    second = tipping_point(
        pool(unit * (shift - y), unit**2 * v, **other),
        threshold=unit * shift,
        standard_errors=unit * sizes,
    )
    for name, mirrored in (("below_from", "above_to"), ("below_to", "above_from")):
        expected = unit * (shift - getattr(first, name))
        ours = getattr(second, mirrored)
        assert np.array_equal(np.isnan(ours), np.isnan(expected))
        assert_allclose(ours, expected, rtol=1e-5, atol=1e-5 * unit)
    assert first.further_studies == second.further_studies


@settings(max_examples=15, deadline=None)
@given(syntheses(least=2, most=6), st.sampled_from(METHODS), st.sampled_from([0.0, 0.3]))
def test_ends_hold_for_any_studies(studies, method, threshold) -> None:
    y, v = (np.array(each) for each in studies)
    assume(np.ptp(y) > 0.05)
    result = pool(y, v, **method)
    found = tipping_point(result, threshold=threshold, standard_errors=[0.2])
    leaps = "interval-leaps" in {c.code for c in found.cautions}
    for side in ("below", "above"):
        for name, inward in (("from", 1), ("to", -1)):
            end = float(getattr(found, f"{side}_{name}")[0])
            if not math.isfinite(end):
                continue
            again = with_study(result, end, 0.2)
            touching = again.ci_high if side == "below" else again.ci_low
            gap = abs(touching - threshold)
            assert gap <= 1e-5 * (again.ci_high - again.ci_low) or leaps
            step = 1e-7 * (1 + abs(end))
            assert state(with_study(result, end - inward * step, 0.2), threshold) != side


def test_an_interval_may_leap_over_the_threshold() -> None:
    # Four studies that agree and one far from them: REML goes from tau² = 0 to a large one at once.
    result = pool([0.0, 0.0, 0.0, 0.06], [0.0025] * 4)
    found = tipping_point(result, threshold=0.3, standard_errors=[0.2])
    assert "interval-leaps" in {c.code for c in found.cautions}
    ends = [*found.below_from, *found.below_to, *found.above_from, *found.above_to]
    finite = [end for end in ends if math.isfinite(end)]
    leaping = []
    for end in finite:
        before, after = (with_study(result, end + step, 0.2) for step in (-1e-6, 1e-6))
        leaping.append(abs(before.tau2 - after.tau2))
        assert (before.ci_high < 0.3) != (after.ci_high < 0.3)
    assert max(leaping) > 0.01


def test_what_it_shows() -> None:
    found = tipping_point(pool(Y, V, ci_method="Wald"), missing=1)
    words = found.summary()
    assert words.startswith("What one more study could change: five studies, random effects")
    assert "would make the interval lie above no effect if it shows" in words
    assert "It would take " in words
    assert "if the one missing result, with a standard error of" in words
    frame = found.to_frame()
    assert list(frame) == [
        "standard_error",
        "people",
        "below_from",
        "below_to",
        "above_from",
        "above_to",
    ]
    plain = found.to_dict()
    assert plain["conclusion"] == "around"
    assert json.dumps(plain)
    assert "<p>What one more study" in found._repr_html_()
    assert "0.20" in tipping_point(pool(Y, V), threshold=0.2).summary()
    assert tipping_point(pool(Y, V), standard_errors=[0.2]).to_dict()["missing"] is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"threshold": "none"}, "threshold is 'none'; give a finite number"),
        ({"threshold": math.nan}, "threshold is nan"),
        ({"standard_errors": [0.1, 0.0]}, "standard_errors must be above 0; found study 2: 0"),
        ({"standard_errors": [math.inf]}, "standard_errors must be a finite number"),
        ({"standard_errors": ["a"]}, "not a number"),
        ({"people": [10, 20]}, "people has 2 values for five studies"),
        ({"people": [10, 20, 30, 40, 0]}, "people must be above 0"),
        ({"missing": 0}, "missing is 0; give a whole number of at least 1"),
        ({"missing": 1.5}, "missing is 1.5"),
        ({"missing_standard_error": 0.2}, "missing_standard_error goes with missing"),
        ({"missing_people": 20}, "missing_people goes with missing"),
        ({"missing": 1, "missing_standard_error": -1}, "give one number above 0"),
        ({"missing": 1, "missing_people": 50}, "missing_people needs people"),
        (
            {"missing": 1, "missing_people": 50, "missing_standard_error": 0.2},
            "and not both",
        ),
    ],
)
def test_bad_arguments(change, message) -> None:
    with pytest.raises(InvalidArgumentError, match=message):
        tipping_point(pool(Y, V), **change)


def test_refusals() -> None:
    with pytest.raises(InvalidArgumentError, match="takes what pool"):
        tipping_point([1.0])
    with pytest.raises(InsufficientEvidenceError, match="one study"):
        tipping_point(pool([0.1], [0.2]))
    with pytest.raises(InvalidArgumentError, match="Henmi-Copas"):
        tipping_point(pool(Y, V, ci_method="Henmi-Copas"))


def test_rows_of_one_study_are_said() -> None:
    result = pool(Y, V, labels=["a", "a", "b", "c", "d"])
    codes = {c.code for c in tipping_point(result, standard_errors=[0.2]).cautions}
    assert "rows-not-studies" in codes


def test_missing_results_beside_a_study_with_all_the_weight() -> None:
    # A missing result has 1e-10 of the weight: it has to be 1e9 away to move the mean by 0.2.
    result = pool([0.5, -1.0], [1e-10, 1.0], model="common", ci_method="Wald")
    found = tipping_point(result, threshold=0.3, missing=2, missing_standard_error=1.0)
    assert found.missing is not None
    effects = [0.5, -1.0, found.missing.mean, found.missing.mean]
    again = pool(effects, [1e-10, 1.0, 1.0, 1.0], model="common", ci_method="Wald")
    assert again.estimate == pytest.approx(0.3, abs=1e-9)
    assert f"came to {format_number(found.missing.mean)}" in found.summary()
    hopeless = replace(found, missing=replace(found.missing, mean=math.nan))
    assert "would not move the pooled estimate so far" in hopeless.summary()


def test_a_study_too_small_to_change_anything_leaves_it_so_whatever_it_shows() -> None:
    result = pool([0.5, 0.6], [1e-12, 1e-12], model="common", ci_method="Wald")
    summary = tipping_point(result, standard_errors=[1e8]).summary()
    assert "leaves it so whatever it shows." in summary
    assert "anything" not in summary
