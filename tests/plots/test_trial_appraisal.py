"""The figure of one trial: each curve where its numbers are, nothing cut, in words."""

from __future__ import annotations

from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex
from tests.plots import boxes
from tests.plots.charts import assert_tidy, edge_is_empty, joined

from evidence.appraisal import appraise_trial
from evidence.data import load_review
from evidence.errors import InvalidArgumentError
from evidence.judgement import conclude
from evidence.plots import Picture, alt_text, headline_appraisal_figure, trial_appraisal
from evidence.plots.style import BLUE, ORANGE
from evidence.plots.wording import LONGEST

REVIEW = load_review("magnesium-sleep")
NUMBERS = {
    "nothing seen": {"estimate": 0.0, "standard_error": 1.0},
    "at a threshold": {"estimate": 2.0, "standard_error": 1.0, "threshold": 2.0},
    "far away": {"estimate": 60.0, "standard_error": 2.0, "threshold": [1.0, 2.0, 4.0]},
    "few people": {"estimate": 1.0, "standard_error": 0.7, "df": 3, "threshold": 0.5},
    "tiny": {"estimate": 3e-8, "standard_error": 1e-8, "threshold": 2e-8},
    "huge": {"estimate": -4e9, "standard_error": 1e9, "threshold": [2e9, 2.1e9]},
    "ratio": {"estimate": -0.7, "standard_error": 0.4, "log": True, "threshold": 0.223},
    "long name": {
        "estimate": 1.0,
        "standard_error": 0.4,
        "label": "A trial of " + "many words " * 9,
    },
    "no room": {"estimate": 0.1, "standard_error": 5.0, "threshold": [0.1, 0.2, 0.3]},
}


def appraisals():
    for name, numbers in NUMBERS.items():
        yield pytest.param(lambda numbers=numbers: appraise_trial(**numbers), id=name)
    yield pytest.param(lambda: appraise_trial(REVIEW, "schuster2025", "isi"), id="two readings")
    yield pytest.param(
        lambda: appraise_trial(REVIEW, "abbasi2012", "isi", timepoint="8 weeks"), id="one reading"
    )
    yield pytest.param(
        lambda: appraise_trial(REVIEW, "schuster2025", "adverse-events"), id="counts"
    )


@pytest.mark.parametrize("make", list(appraisals()))
def test_nothing_overlaps_or_is_cut(make) -> None:
    axes = trial_appraisal(make())
    seen = assert_tidy(axes)
    assert "p value of each true effect" in joined(seen)
    assert "expected" in joined(seen)
    assert edge_is_empty(axes)
    assert 100 < len(alt_text(axes)) <= LONGEST


@pytest.mark.parametrize("times", [2, 3])
def test_many_readings(times: int) -> None:
    found = appraise_trial(REVIEW, "schuster2025", "isi")
    several = replace(found, readings=found.readings * times)
    texts = [one.text for one in assert_tidy(trial_appraisal(several))]
    assert {f"expected {name}" for name in several.names} <= set(texts)
    assert len(several.names) == 2 * times


def test_nothing_is_drawn_of_what_cannot_be_expected() -> None:
    found = appraise_trial(REVIEW, "trauer2015", "sol", timepoint="after treatment")
    axes = trial_appraisal(found)
    assert "expected" not in joined(assert_tidy(axes)).lower()
    assert "expected" not in alt_text(axes)
    assert not [line for line in boxes.plot_of(axes).lines if line.get_marker() == "o"]


def curves(axes, colour: str) -> np.ndarray:
    lines = [
        line
        for line in boxes.plot_of(axes).lines
        if to_hex(line.get_color()) == colour.lower() and len(line.get_xdata()) > 100
    ]
    (curve,) = lines
    return np.column_stack(curve.get_data())


def test_curves_and_marks_are_where_the_numbers_are() -> None:
    found = appraise_trial(REVIEW, "schuster2025", "isi")
    axes = trial_appraisal(found)
    plot = boxes.plot_of(axes)
    for battery, colour in zip(found.readings, (BLUE, ORANGE), strict=True):
        curve = curves(axes, colour)
        assert curve[curve[:, 1].argmax(), 0] == pytest.approx(battery.curve.estimate)
        at_none = np.interp(0.0, *curve.T)
        assert at_none == pytest.approx(battery.curve.p_none, abs=1e-3)
        bars = [
            line.get_xdata()
            for line in plot.lines
            if to_hex(line.get_color()) == colour.lower() and len(line.get_xdata()) == 2
        ]
        assert [battery.shrunken.ci_low, battery.shrunken.ci_high] == pytest.approx(list(bars[0]))
    dots = [line for line in plot.lines if line.get_marker() == "o"]
    assert [dot.get_xdata()[0] for dot in dots] == pytest.approx(
        [one.shrunken.estimate for one in found.readings]
    )
    upright = {line.get_xdata()[0] for line in plot.lines if len(set(line.get_xdata())) == 1}
    assert {0.0, -2.8, -4.0} <= upright


def test_readings_differ_without_colour() -> None:
    plot = boxes.plot_of(trial_appraisal(appraise_trial(REVIEW, "schuster2025", "isi")))
    dashes = {line.get_linestyle() for line in plot.lines if len(line.get_xdata()) > 100}
    assert len(dashes) == 2
    axes = trial_appraisal(appraise_trial(REVIEW, "schuster2025", "isi"))
    texts = [one.text for one in boxes.texts(axes)]
    assert {"A", "B"} <= set(texts)


def test_words() -> None:
    axes = trial_appraisal(appraise_trial(REVIEW, "schuster2025", "isi"))
    text = alt_text(axes)
    assert text.startswith(
        "Confidence curve: The result of Schuster 2025 fits best with 1.6 points"
    )
    assert "Reading B" in text
    shown = joined(boxes.texts(axes))
    assert "better with the treatment" in shown
    assert "2.8 points" in shown
    higher = trial_appraisal(
        appraise_trial(estimate=1, standard_error=1, better="higher"), title="Mine", xlabel="steps"
    )
    shown = joined(boxes.texts(higher))
    assert "Mine" in shown
    assert "steps" in shown
    assert shown.index("worse with") < shown.index("better with")


def test_given_axes_are_filled() -> None:
    _, axes = plt.subplots(figsize=(4, 4))
    assert trial_appraisal(appraise_trial(estimate=1, standard_error=1), axes) is axes
    assert_tidy(axes)


def test_equal_numbers_give_equal_bytes() -> None:
    one, other = (
        Picture(trial_appraisal(appraise_trial(estimate=1, standard_error=1))) for _ in range(2)
    )
    assert one.png() == other.png()


def test_something_else_is_refused() -> None:
    with pytest.raises(InvalidArgumentError, match="appraisal is int; this figure takes"):
        trial_appraisal(3)
    with pytest.raises(InvalidArgumentError, match="there is no curve"):
        trial_appraisal(appraise_trial(REVIEW, "richens_nof1", "tst"))


def test_the_headline() -> None:
    axes = headline_appraisal_figure(conclude(REVIEW))
    assert "Reading A" in alt_text(axes)
