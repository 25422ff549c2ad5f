"""The albatross plot: places, bounds, unknown directions, and contours of one effect."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm, ttest_ind

from evidence.appraisal.selection.albatross import albatross
from evidence.effects.measures.binary import log_odds_ratio
from evidence.errors import InvalidArgumentError


def plot(**choices):
    given = {"directions": ["for", "against", "unknown"], **choices}
    return albatross([0.01, 0.1, 0.5], [100, 1000, 20], **given)


def test_places_by_hand():
    table = plot().to_frame()
    assert table["x"].tolist()[:2] == pytest.approx([2, -1])
    assert math.isnan(table["x"][2])
    assert table["y"].tolist()[:2] == pytest.approx([4, 9])
    assert table["exact"].all()
    assert plot().placed["label"].tolist() == ["study 1", "study 2"]


def test_bounds_are_ranges():
    found = plot(relations=["<", ">", "="])
    table = found.to_frame()
    assert table["reported"].tolist() == ["p < 0.01", "p > 0.1", "p = 0.5"]
    assert (table["p_low"][0], table["p_high"][0]) == (0, 0.01)
    assert (table["x_low"][0], table["x_high"][0]) == (2, math.inf)
    assert (table["x_low"][1], table["x_high"][1]) == pytest.approx((-1, 0))
    assert "study 1 and study 2" in next(c.message for c in found.cautions if c.code == "bounds")
    json.dumps(found.to_dict(), allow_nan=False)


def test_what_is_not_known_is_said():
    found = plot(labels=["a", "b", "c"])
    assert "of 1 the direction is not known" in found.summary()
    assert any(c.code == "no-direction" and "c, which has" in c.message for c in found.cautions)
    left = albatross([0.1, None], [10, 20], directions="for", labels=["a", "b"])
    assert left.k == 1
    assert "b" in left.cautions[0].message
    assert "<table" in found._repr_html_()


def test_a_difference_lies_on_its_contour():
    random = np.random.default_rng(12)
    first, second = random.normal(0.6, 1, 14), random.normal(0, 1, 7)
    spread = math.sqrt((13 * first.var(ddof=1) + 6 * second.var(ddof=1)) / 19)
    d = (first.mean() - second.mean()) / spread
    line = plot().contours([d], ratio=2, sizes=[21])
    assert line["p_value"][0] == pytest.approx(ttest_ind(first, second).pvalue, rel=1e-12)
    assert line["x"][0] == pytest.approx(-math.log10(line["p_value"][0]) * np.sign(d))


def test_a_correlation_lies_on_its_contour():
    from scipy.stats import pearsonr

    random = np.random.default_rng(13)
    x = random.normal(size=30)
    y = -0.4 * x + random.normal(size=30)
    r, p_value = pearsonr(x, y)
    line = plot().contours([r], measure="correlation", sizes=[30])
    assert line["p_value"][0] == pytest.approx(p_value, rel=1e-10)
    assert line["x"][0] < 0


def test_an_odds_ratio_lies_on_its_contour():
    effect = log_odds_ratio(
        events_treatment=[30], total_treatment=[90], events_control=[10], total_control=[45]
    )
    z = float(effect.estimate[0] / math.sqrt(effect.variance[0]))
    line = plot().contours(
        np.exp(effect.estimate), measure="odds ratio", ratio=2, baseline_risk=10 / 45, sizes=[135]
    )
    assert line["p_value"][0] == pytest.approx(2 * norm.sf(abs(z)), rel=1e-12)


def test_contours_run_past_the_studies():
    line = plot().contours([-0.2, 0.5])
    assert line["n"].min() == 10
    assert line["n"].max() == pytest.approx(2000)
    for effect, each in line.groupby("effect"):
        assert (np.diff(each["p_value"]) < 0).all()
        assert (np.sign(each["x"]) == np.sign(effect)).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: albatross([], [], directions="for"), "p_values is empty"),
        (lambda: albatross([0.0], [10], directions="for"), "0.001 with '<'"),
        (lambda: albatross([0.1], [1], directions="for"), "sample_sizes must be finite"),
        (lambda: albatross([0.1], [10, 20], directions="for"), "1 p values and 2 sample_sizes"),
        (lambda: albatross([0.1], [10], directions=["for"] * 2), "1 p values and 2 directions"),
        (lambda: albatross([0.1], [10], directions="agains"), "Did you mean 'against'"),
        (lambda: albatross([None], [10], directions="for"), "No study has both"),
        (lambda: plot(relations="≈"), "relations of study 1"),
        (lambda: plot(labels=["a"]), "3 p values and 1 labels"),
        (lambda: plot().contours([0.0]), "no contour"),
        (lambda: plot().contours([math.nan]), "effects must be a finite number"),
        (lambda: plot().contours([0.1], measure="odds rati"), "Did you mean 'odds ratio'"),
        (lambda: plot().contours([1.0], measure="correlation"), "between -1 and 1"),
        (lambda: plot().contours([0.3], measure="correlation", ratio=2), "a correlation has one"),
        (lambda: plot().contours([-2], measure="odds ratio", baseline_risk=0.1), "above 0"),
        (lambda: plot().contours([2], measure="odds ratio"), "baseline_risk is None"),
        (lambda: plot().contours([0.3], baseline_risk=0.1), "belongs to odds ratios"),
        (lambda: plot().contours([0.3], ratio=0), "ratio is 0"),
        (lambda: plot().contours([0.3], sizes=[2]), "sizes must be at least 5"),
    ],
)
def test_refusals(call, message):
    with pytest.raises(InvalidArgumentError, match=message):
        call()


# ---- invariants


STUDIES = st.lists(
    st.tuples(
        st.floats(1e-12, 1),
        st.integers(5, 10**6),
        st.sampled_from(["for", "against", "unknown"]),
        st.sampled_from(["=", "<", ">"]),
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=30, deadline=None)
@given(STUDIES, st.randoms(use_true_random=False))
def test_order_and_direction_do_not_matter(rows, chance):
    def drawn(several):
        p, n, directions, relations = map(list, zip(*several, strict=True))
        return albatross(p, n, directions=directions, relations=relations).to_frame()

    first = drawn(rows)
    order = list(range(len(rows)))
    chance.shuffle(order)
    places = ["x", "y", "x_low", "x_high", "p_low", "p_high"]
    second = drawn([rows[i] for i in order])
    np.testing.assert_array_equal(second[places], first[places].iloc[order])
    other = {"for": "against", "against": "for", "unknown": "unknown"}
    turned = drawn([(p, n, other[direction], relation) for p, n, direction, relation in rows])
    np.testing.assert_array_equal(turned["x"], -first["x"])
    np.testing.assert_array_equal(turned["x_low"], -first["x_high"])
    np.testing.assert_array_equal(turned["y"], first["y"])
