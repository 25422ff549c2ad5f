"""One person: the test by hand, serial correlation against people drawn, what cannot be said."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.appraisal import single_person_effect, single_person_report
from evidence.appraisal.trial import single_person
from evidence.data import Review, load_review
from evidence.errors import InsufficientEvidenceError, InvalidArgumentError

X, Y = [5.0, 6, 7, 6.5], [4.0, 5.5, 6, 6]


def test_by_hand() -> None:
    found = single_person_effect(X, Y, unit="hours")
    assert found.pairs == 4
    assert found.estimate == 0.75
    # Differences 1, 0.5, 1, 0.5: SD 0.288675, error a half of it; t of 3 degrees of freedom.
    assert found.standard_error == pytest.approx(math.sqrt(1 / 12) / 2)
    assert found.ci_low == pytest.approx(0.75 - 3.182446305 * math.sqrt(1 / 12) / 2)
    assert found.sentence().endswith("It speaks of that person only.")
    assert "0.75 hours" in found.sentence()


@pytest.mark.parametrize(("n", "r"), [(4, 0.4), (8, 0.2), (30, 0.6)])
def test_serial_correlation_widens_by_what_drawn_series_say(n: int, r: float) -> None:
    """The variance of a mean over what s²/n says it is, in 40,000 series of an AR(1)."""
    random = np.random.default_rng(5)
    noise = random.standard_normal((40_000, n))
    series = np.empty_like(noise)
    series[:, 0] = noise[:, 0]
    for place in range(1, n):
        series[:, place] = r * series[:, place - 1] + math.sqrt(1 - r**2) * noise[:, place]
    ratio = series.mean(axis=1).var() / (series.var(axis=1, ddof=1).mean() / n)
    assert single_person._inflation(n, r) == pytest.approx(ratio, rel=0.04)
    assert single_person._inflation(n, 0.0) == pytest.approx(1.0)


def test_the_table_has_wider_intervals_for_more_correlation() -> None:
    frame = single_person_effect(X, Y).to_frame()
    assert list(frame["correlation"]) == list(single_person.ASSUMED_CORRELATIONS)
    assert (np.diff(frame["standard_error"]) > 0).all()


@given(st.lists(st.floats(-50, 50), min_size=3, max_size=12), st.floats(-10, 10))
def test_swapping_turns_the_sign_and_a_shift_of_all_changes_nothing(
    values: list[float], shift: float
) -> None:
    control = [float(place) for place in range(len(values))]
    if np.std(np.subtract(values, control)) < 1e-6:
        return
    found = single_person_effect(values, control)
    turned = single_person_effect(control, values)
    moved = single_person_effect([v + shift for v in values], [c + shift for c in control])
    assert turned.estimate == pytest.approx(-found.estimate)
    assert turned.p_value == pytest.approx(found.p_value)
    assert moved.estimate == pytest.approx(found.estimate, abs=1e-9)
    assert moved.standard_error == pytest.approx(found.standard_error, rel=1e-6)


def test_one_cycle_or_no_spread_says_nothing() -> None:
    with pytest.raises(InsufficientEvidenceError, match="at least two cycles"):
        single_person_effect([5.0], [4.0])
    with pytest.raises(InsufficientEvidenceError, match="same in every cycle"):
        single_person_effect([5.0, 6], [4.0, 5])


@pytest.mark.parametrize(
    ("x", "y", "words"),
    [
        ([1.0, 2], [1.0], "treatment has 2 periods and control 1"),
        ([1.0, math.nan], [1.0, 2], "treatment must be a finite number"),
        ([1.0, "2"], [1.0, 2], "treatment holds something that is not a number"),
    ],
)
def test_refusals_name_what_was_found(x: list[object], y: list[object], words: str) -> None:
    with pytest.raises(InvalidArgumentError, match=words):
        single_person_effect(x, y)


def test_faces() -> None:
    found = single_person_effect(X, Y)
    assert json.loads(json.dumps(found.to_dict(), allow_nan=False)) == found.to_dict()
    assert "Note: Periods of one person" in found.summary()
    assert found.reference
    assert len(found.assumptions) == 3


# ---------------------------------------------------------------- the worked case


@pytest.fixture(scope="module")
def review() -> Review:
    return load_review("magnesium-sleep")


def test_the_study_in_one_person_reports_what_its_rows_say(review: Review) -> None:
    found = single_person_report(review, "richens_nof1")
    rows = review.contrasts[review.contrasts["study_id"] == "richens_nof1"]
    assert list(found.results["estimate"]) == list(rows["estimate"]) == [0.32, 0.47]
    assert list(found.results["p_value"]) == [0.011, 0.036]
    assert found.sentence().startswith("Richens 2021 studied one person: total sleep time worse")
    assert found.sentence().endswith("It speaks of that person only.")
    assert found.tier == "primary"
    assert json.loads(json.dumps(found.to_dict(), allow_nan=False)) == found.to_dict()
    assert "cannot be pooled" in found.summary()
    assert len(found.to_frame()) == 2


def test_a_trial_is_none(review: Review) -> None:
    with pytest.raises(InvalidArgumentError, match="role 'trial'"):
        single_person_report(review, "schuster2025")


def test_no_number_of_the_worked_case_is_in_the_code() -> None:
    source = Path(single_person.__file__).read_text(encoding="utf-8")
    assert "0.32" not in source
