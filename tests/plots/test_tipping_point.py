"""The figure of the tipping point: sides where they are, nothing cut, said in words."""

from __future__ import annotations

import math

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex
from tests.papers.bcg import LABELS, log_risk_ratios
from tests.plots import boxes

from evidence.errors import InvalidArgumentError
from evidence.plots import Picture, alt_text
from evidence.plots.style import BLUE, INK, ORANGE
from evidence.plots.tipping_point import tipping_point as draw
from evidence.plots.wording import LONGEST
from evidence.synthesis.pool import pool
from evidence.synthesis.sensitivity.tipping_point import tipping_point

Y, V = [0.1, 0.5, 0.3, 0.9, -0.2], [0.02, 0.05, 0.03, 0.1, 0.04]
COMMON = {"model": "common", "ci_method": "Wald"}


def made_up(k: int, scale: float = 1.0, **method: object):
    random = np.random.default_rng(k)
    return pool(
        random.normal(0.3, 0.5, k) * scale, random.uniform(0.02, 0.3, k) * scale**2, **method
    )


RESULTS = {
    "two studies": lambda: made_up(2),
    "three studies": lambda: made_up(3),
    "13 studies": lambda: pool(log_risk_ratios(), labels=LABELS),
    "200 studies": lambda: made_up(200),
    "200 studies, common effect": lambda: made_up(200, **COMMON),
    "tau2 at zero": lambda: pool([0.3, 0.31, 0.29], [0.05, 0.1, 0.02]),
    "common effect": lambda: pool(Y, V, **COMMON),
    "Wald": lambda: pool(Y, V, ci_method="Wald"),
    "tiny": lambda: made_up(5, scale=1e-8),
    "huge": lambda: made_up(5, scale=1e8),
    "one far more precise": lambda: pool([0.2, 0.9, -0.4], [1e-4, 0.4, 0.5], ci_method="Wald"),
    "all of one size": lambda: pool([0.1, 0.5, 0.7], [0.04, 0.04, 0.04], ci_method="t"),
}


def assert_tidy(axes):
    seen = boxes.texts(axes)
    assert not boxes.meetings(seen)
    assert not boxes.outside(seen, axes.get_window_extent())
    return " ".join(" ".join(one.text.split()) for one in seen)


@pytest.mark.parametrize("threshold", [0.0, 0.2])
@pytest.mark.parametrize("name", RESULTS)
def test_nothing_overlaps_or_is_cut(name, threshold) -> None:
    result = RESULTS[name]()
    scale = {"tiny": 1e-8, "huge": 1e8}.get(name, 1.0)
    found = tipping_point(result, threshold=threshold * scale, people=np.full(result.k, 40))
    axes = draw(found, favours=("← favours one", "favours the other →"), log=name == "13 studies")
    texts = assert_tidy(axes)
    assert "Dots: the studies so far." in texts
    assert "about 40 people" in texts or "people" in texts
    assert 50 < len(alt_text(axes)) <= LONGEST


def test_studies_and_ends_are_where_their_numbers_are() -> None:
    found = tipping_point(pool(Y, V, **COMMON))
    plot = boxes.plot_of(draw(found))
    (dots,) = [line for line in plot.lines if line.get_marker() == "o"]
    assert dots.get_xdata() == pytest.approx(Y)
    assert dots.get_ydata() == pytest.approx(np.sqrt(V))
    low, high = plot.get_xlim()
    ends = {}
    for line in plot.lines:
        color = to_hex(line.get_color())
        if color in {BLUE.lower(), ORANGE.lower()} and len(line.get_xdata()) > 2:
            ends.setdefault(color, []).append(np.asarray(line.get_xdata()))
    seen = (found.above_from > low) & (found.above_from < high)
    assert seen.any()
    assert ends[BLUE.lower()][0][seen] == pytest.approx(found.above_from[seen])
    bottom, top = plot.get_ylim()
    assert bottom > max(np.sqrt(V)) > min(np.sqrt(V)) > top
    zero = [line for line in plot.lines if to_hex(line.get_color()) == INK
            and list(line.get_xdata()) == [0, 0]]  # fmt: skip
    assert len(zero) == 1


def test_the_ground_is_shaded_by_what_a_study_there_would_do() -> None:
    result = pool(Y, V, **COMMON)
    axes = draw(tipping_point(result))
    plot = boxes.plot_of(axes)
    image = boxes.pixels(axes)
    checked = {"white": 0, "blue": 0}
    for size in (0.12, 0.2, 0.27):
        for effect in np.linspace(-0.6, 1.0, 23):
            again = pool([*Y, effect], [*V, size**2], **COMMON)
            if abs(again.ci_low) < 0.02 or not plot.get_xlim()[0] < effect < plot.get_xlim()[1]:
                continue
            color = boxes.colour_at(plot, image, effect, size)
            wanted = "#d5e7f4" if again.ci_low > 0 else "#ffffff"
            if color not in {"#d5e7f4", "#ffffff"}:
                continue  # a dot, a line or a letter
            assert color == wanted, (effect, size)
            checked["blue" if again.ci_low > 0 else "white"] += 1
    assert min(checked.values()) >= 3


def test_where_no_study_can_settle_it() -> None:
    found = tipping_point(pool([0.1, 0.9], [0.04, 0.09]), standard_errors=[0.2, 0.3, 0.5])
    axes = draw(found)
    texts = assert_tidy(axes)
    assert "No single further study can settle it, whatever it shows" in texts
    assert "Everywhere, the 95% interval includes no effect." in texts
    assert not boxes.plot_of(axes).collections


def test_the_words_are_made_of_the_numbers() -> None:
    found = tipping_point(pool(Y, V, ci_method="Wald"))
    text = alt_text(draw(found))
    place = int(np.argmin(np.abs(found.standard_errors - found.typical_standard_error)))
    low, high = found.above_from[place], found.above_to[place]
    assert f"one more typical study must show {low:.2f} to {high:.2f}" in text
    assert "With a standard error of 0.14: above no effect with" in text
    keeps = tipping_point(pool(log_risk_ratios()), threshold=0.0)
    place = int(np.argmin(np.abs(keeps.standard_errors - keeps.typical_standard_error)))
    ratios = alt_text(draw(keeps, log=True))
    assert f"must show more than {math.exp(keeps.below_to[place]):.2f}" in ratios
    assert "To undo the conclusion" in ratios


def test_a_title_of_ones_own_and_given_axes() -> None:
    figure, axes = plt.subplots(figsize=(5, 4.5))
    found = draw(tipping_point(pool(Y, V)), axes, title="Mine", xlabel="points")
    assert found is axes
    texts = assert_tidy(axes)
    assert "Mine" in texts
    assert "points" in texts
    assert axes.get_figure() is figure


def test_equal_numbers_give_equal_bytes() -> None:
    first, second = (Picture(draw(tipping_point(pool(Y, V)))) for _ in range(2))
    assert first.png() == second.png()


def test_something_else_is_refused() -> None:
    with pytest.raises(InvalidArgumentError, match="result is PooledResult; this figure takes"):
        draw(pool(Y, V))


def test_the_title_puts_results_far_from_all_studies_last_or_says_that_only_they_would_do() -> None:
    ratios = pool(log_risk_ratios(), labels=LABELS)
    title = boxes.texts(draw(tipping_point(ratios), log=True))
    text = " ".join(" ".join(one.text.split()) for one in title)
    assert "must show more than 5.79 (or, far from all so far, less than" in text
    far = draw(tipping_point(made_up(200)))
    text = " ".join(" ".join(one.text.split()) for one in boxes.texts(far))
    assert "Only a typical study far from all so far would undo the conclusion: " in text
    assert "Only a typical study far from all so far" in alt_text(far)
