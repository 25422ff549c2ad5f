"""The figure of a profile likelihood: the curve where its numbers are, nothing cut, in words."""

from __future__ import annotations

import math

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex
from tests.papers.bcg import log_risk_ratios
from tests.plots import boxes

from evidence.errors import InvalidArgumentError
from evidence.plots import Picture, alt_text
from evidence.plots.likelihood_profile import likelihood_profile as draw
from evidence.plots.style import BLUE, GREY, ORANGE
from evidence.plots.wording import LONGEST
from evidence.synthesis.pool import pool
from evidence.synthesis.sensitivity.likelihood_profile import likelihood_profile


def made_up(k: int, scale: float = 1.0, **method: object):
    random = np.random.default_rng(k)
    return pool(
        random.normal(0.3, 0.5, k) * scale, random.uniform(0.02, 0.3, k) * scale**2, **method
    )


RESULTS = {
    "two studies": lambda: made_up(2),
    "three studies": lambda: made_up(3),
    "13 studies": lambda: pool(log_risk_ratios()),
    "200 studies": lambda: made_up(200),
    "tau2 at zero": lambda: pool([0.3, 0.31, 0.29], [0.05, 0.1, 0.02]),
    "another estimator": lambda: made_up(6, tau2_method="DL"),
    "tiny": lambda: made_up(5, scale=1e-8),
    "huge": lambda: made_up(5, scale=1e8),
    "one far more precise": lambda: pool([0.2, 0.9, -0.4], [1e-6, 0.4, 0.5]),
    "two maxima": lambda: pool(
        np.array([0.0, 0.0, 0.0, 0.0, 6.0, -6.0, 6.5]) * 0.5,
        [1e-4, 1e-4, 1e-4, 1e-4, 3.0, 3.0, 3.0],
        tau2_method="ML",
    ),
}


def assert_tidy(axes):
    seen = boxes.texts(axes)
    assert not boxes.meetings(seen)
    assert not boxes.outside(seen, axes.get_window_extent())
    return " ".join(" ".join(one.text.split()) for one in seen)


def curve_of(plot):
    (line,) = [one for one in plot.lines if to_hex(one.get_color()) == BLUE.lower()]
    return np.column_stack(line.get_data())


@pytest.mark.parametrize("parameter", ["tau2", "mean"])
@pytest.mark.parametrize("name", RESULTS)
def test_nothing_overlaps_or_is_cut(name, parameter) -> None:
    axes = draw(likelihood_profile(RESULTS[name](), parameter=parameter), log=name == "13 studies")
    texts = assert_tidy(axes)
    assert "fits best, anything from" in texts
    assert "best: " in texts
    assert 50 < len(alt_text(axes)) <= LONGEST


def test_the_curve_is_where_its_numbers_are() -> None:
    profile = likelihood_profile(RESULTS["13 studies"]())
    plot = boxes.plot_of(draw(profile))
    curve = curve_of(plot)
    assert curve[:, 0] == pytest.approx(np.sqrt(profile.values))
    assert curve[:, 1] == pytest.approx(profile.log_likelihood)
    (top,) = [
        line for line in plot.lines if to_hex(line.get_markerfacecolor()) == ORANGE.lower()
        and line.get_marker() == "D"
    ]  # fmt: skip
    assert top.get_xdata() == pytest.approx([math.sqrt(profile.estimate)])
    assert top.get_ydata() == pytest.approx([0.0])
    ends = sorted(
        line.get_xdata()[0]
        for line in plot.lines
        if to_hex(line.get_color()) == GREY.lower() and line.get_xdata()[0] == line.get_xdata()[1]
    )
    assert ends == pytest.approx([math.sqrt(profile.ci_low), math.sqrt(profile.ci_high)])
    low, high = plot.get_xlim()
    assert low < ends[0] < ends[1] < high


def test_a_mean_shows_no_effect_and_what_was_pooled() -> None:
    result = pool([0.0, 1.0, 0.2], [0.01, 0.3, 0.2], tau2_method="SJ")
    profile = likelihood_profile(result, parameter="mean")
    axes = draw(profile, xlabel="points")
    plot = boxes.plot_of(axes)
    upright = [line.get_xdata()[0] for line in plot.lines if len(set(line.get_xdata())) == 1]
    assert 0.0 in upright
    assert result.estimate in upright
    texts = assert_tidy(axes)
    assert "Dotted: what the pooled result takes (SJ)." in texts
    assert "points" in texts


def test_the_lower_maximum_is_marked() -> None:
    for factor in np.linspace(0.4, 1.6, 25):
        result = pool(
            np.array([0.0, 0.0, 0.0, 0.0, 6.0, -6.0, 6.5]) * factor,
            [1e-4, 1e-4, 1e-4, 1e-4, 3.0, 3.0, 3.0],
            tau2_method="ML",
        )
        profile = likelihood_profile(result)
        if not profile.unimodal and profile.maxima[1][1] > -2:
            break
    else:
        pytest.fail("no set with two maxima")
    axes = draw(profile)
    marks = [line for line in boxes.plot_of(axes).lines if line.get_marker() == "D"]
    assert len(marks) == 2
    assert "there are two maxima" in assert_tidy(axes)


def test_the_alternative_text_is_made_of_the_numbers() -> None:
    text = alt_text(draw(likelihood_profile(RESULTS["13 studies"]())))
    assert text.startswith("Profile likelihood of tau from 13 studies: A tau of 0.56 fits best")
    assert "from 0.34 to 0.98 it lies within 1.92" in text
    assert "I² goes from 81% to 97%" in text
    ratios = alt_text(draw(likelihood_profile(RESULTS["13 studies"](), parameter="mean"), log=True))
    assert "The curve is highest at 0.49" in ratios


def test_a_title_of_ones_own_and_given_axes() -> None:
    figure, axes = plt.subplots(figsize=(5, 4))
    found = draw(likelihood_profile(made_up(4)), axes, title="Mine")
    assert found is axes
    assert "Mine" in assert_tidy(axes)
    assert axes.get_figure() is figure


def test_equal_numbers_give_equal_bytes() -> None:
    first, second = (Picture(draw(likelihood_profile(made_up(4)))) for _ in range(2))
    assert first.png() == second.png()


def test_something_else_is_refused() -> None:
    with pytest.raises(InvalidArgumentError, match="profile is PooledResult; this figure takes"):
        draw(made_up(3))
