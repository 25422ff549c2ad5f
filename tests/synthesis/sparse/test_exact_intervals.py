"""One study: the limits satisfy the equations that define them, and match published ones."""

import json
import math
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.stats import binom, nchypergeom_fisher

from evidence.effects.exact.conditional_odds import ConditionalDistribution
from evidence.effects.exact.intervals import (
    exact_odds_ratio,
    miettinen_nurminen,
    proportion_interval,
)
from evidence.errors import InsufficientEvidenceError, InvalidArgumentError

NAMES = ("events_treatment", "total_treatment", "events_control", "total_control")


def table(*values):
    return dict(zip(NAMES, values, strict=True))


@st.composite
def tables(draw, most=80):
    n1, n2 = draw(st.integers(1, most)), draw(st.integers(1, most))
    return draw(st.integers(0, n1)), n1, draw(st.integers(0, n2)), n2


# Newcombe 1998, Statistics in Medicine 17:873-890, table II, method 6 (Miettinen-Nurminen).
NEWCOMBE = {
    (56, 70, 48, 80): (0.0528, 0.3382),
    (9, 10, 3, 10): (0.1700, 0.8406),
    (6, 7, 2, 7): (0.0342, 0.8534),
    (5, 56, 0, 29): (-0.0326, 0.1933),
    (0, 10, 0, 20): (-0.1658, 0.2844),
    (0, 10, 0, 10): (-0.2879, 0.2879),
    (10, 10, 0, 20): (0.7156, 1.0),
    (10, 10, 0, 10): (0.6636, 1.0),
}


@pytest.mark.parametrize("counts", NEWCOMBE, ids=str)
def test_published_miettinen_nurminen_limits(counts):
    result = miettinen_nurminen(**table(*counts))
    assert (round(result.ci_low, 4), round(result.ci_high, 4)) == NEWCOMBE[counts]


@settings(max_examples=40)
@given(tables(), st.sampled_from([0.8, 0.95, 0.99]))
def test_exact_limits_leave_half_of_alpha_in_each_tail(counts, level):
    a, n1, c, n2 = counts
    m = a + c
    assume(0 < m < n1 + n2)
    result = exact_odds_ratio(**table(*counts), level=level)
    alpha = 1 - level
    if result.ci_low > 0:
        tail = nchypergeom_fisher.sf(a - 1, n1 + n2, n1, m, result.ci_low)
        assert tail == pytest.approx(alpha / 2, rel=1e-6)
    else:
        assert a == max(0, m - n2)
    if result.ci_high < math.inf:
        tail = nchypergeom_fisher.cdf(a, n1 + n2, n1, m, result.ci_high)
        assert tail == pytest.approx(alpha / 2, rel=1e-6)
    else:
        assert a == min(n1, m)


@settings(max_examples=40)
@given(tables())
def test_the_conditional_estimate_expects_what_was_seen(counts):
    a, n1, c, n2 = counts
    assume(max(0, a + c - n2) < a < min(n1, a + c))
    result = exact_odds_ratio(**table(*counts))
    # scipy's own mean is NaN at an odds ratio of 1
    support = range(max(0, a + c - n2), min(n1, a + c) + 1)
    ways = [
        math.comb(n1, x) * math.comb(n2, a + c - x) * Fraction(result.estimate) ** x
        for x in support
    ]
    mean = sum(x * way for x, way in zip(support, ways, strict=True)) / sum(ways)
    assert float(mean) == pytest.approx(a, rel=1e-10)


@settings(max_examples=40)
@given(tables())
def test_mid_p_lies_inside_the_exact_interval(counts):
    a, n1, c, n2 = counts
    assume(0 < a + c < n1 + n2)
    assume(min(n1, a + c) > max(0, a + c - n2))
    exact, mid = exact_odds_ratio(**table(*counts)), exact_odds_ratio(**table(*counts), mid_p=True)
    assert exact.ci_low <= mid.ci_low <= mid.estimate <= mid.ci_high <= exact.ci_high
    assert (exact.ci_low, exact.ci_high) != (mid.ci_low, mid.ci_high)
    assert mid.p_value < exact.p_value or exact.p_value == 1
    assert "mid-p" in mid.method


@settings(max_examples=40)
@given(tables(), st.sampled_from(["exact", "mid-p", "risk difference", "risk ratio"]))
def test_p_and_interval_say_the_same(counts, which):
    """p below 5% exactly where the 95% interval leaves out no effect."""
    a, n1, c, n2 = counts
    assume(0 < a + c < n1 + n2)
    if which in ("exact", "mid-p"):
        result, null = exact_odds_ratio(**table(*counts), mid_p=which == "mid-p"), 1.0
    else:
        result = miettinen_nurminen(**table(*counts), measure=which)
        null = 0.0 if which == "risk difference" else 1.0
    assume(abs(result.p_value - 0.05) > 1e-6)
    assert (result.p_value < 0.05) == (not result.ci_low <= null <= result.ci_high)


@settings(max_examples=40)
@given(tables())
def test_swapping_the_arms_turns_every_interval_round(counts):
    a, n1, c, n2 = counts
    back = table(c, n2, a, n1)
    one, two = miettinen_nurminen(**table(*counts)), miettinen_nurminen(**back)
    assert two.ci_low == pytest.approx(-one.ci_high, abs=1e-9)
    assert one.ci_low <= one.estimate <= one.ci_high
    assume(0 < a + c < n1 + n2)
    for function in (
        exact_odds_ratio,
        lambda **given: miettinen_nurminen(**given, measure="risk ratio"),
    ):
        one, two = function(**table(*counts)), function(**back)
        if one.ci_high == math.inf:
            assert two.ci_low == 0
        else:
            assert two.ci_low == pytest.approx(1 / one.ci_high, rel=1e-8)


def test_several_tables_are_convolved():
    parts = [(5, 6, 4), (3, 8, 2)]
    both = ConditionalDistribution.of_tables(parts)
    one, two = (ConditionalDistribution.of_table(*part) for part in parts)
    assert both.lowest == one.lowest + two.lowest
    assert both.highest == one.highest + two.highest
    p = [math.exp(both.log_tails(x, 0.4)[1]) for x in range(both.lowest, both.highest + 1)]
    direct = [0.0] * len(p)
    for i in range(one.lowest, one.highest + 1):
        for j in range(two.lowest, two.highest + 1):
            both_parts = one.log_tails(i, 0.4)[1] + two.log_tails(j, 0.4)[1]
            direct[i + j - both.lowest] += math.exp(both_parts)
    assert p == pytest.approx(direct, rel=1e-12)
    assert sum(p) == pytest.approx(1)


def test_clopper_pearson_by_its_definition_and_wilson_by_its_own():
    exact = proportion_interval(events=3, total=17)
    assert binom.sf(2, 17, exact.ci_low) == pytest.approx(0.025, rel=1e-9)
    assert binom.cdf(3, 17, exact.ci_high) == pytest.approx(0.025, rel=1e-9)
    wilson = proportion_interval(events=3, total=17, method="Wilson")
    for limit in (wilson.ci_low, wilson.ci_high):
        z = (3 / 17 - limit) / math.sqrt(limit * (1 - limit) / 17)
        assert abs(z) == pytest.approx(1.959963984540054, rel=1e-9)
    none = proportion_interval(events=0, total=30)
    assert (none.ci_low, none.ci_high) == (0.0, pytest.approx(1 - 0.025 ** (1 / 30)))
    assert math.isnan(none.p_value)
    assert proportion_interval(events=30, total=30).ci_high == 1.0


def test_no_upper_limit_is_said_and_is_none_in_json():
    result = exact_odds_ratio(**table(5, 10, 0, 10))
    assert result.estimate == result.ci_high == math.inf
    assert [c.code for c in result.cautions] == ["no-upper-limit"]
    assert "to \N{INFINITY}" in result.summary()
    values = json.loads(json.dumps(result.to_dict(), allow_nan=False))
    assert values["ci_high"] is None
    assert values["events_treatment"] == 5
    assert result.to_frame()["ci_low"][0] == result.ci_low
    assert "<p>Odds ratio" in result._repr_html_()
    assert exact_odds_ratio(**table(5, 10, 1, 10)).cautions == ()


@pytest.mark.parametrize("who", ["Nobody", "Everybody"])
def test_a_ratio_without_contrast_is_refused(who):
    counts = table(0, 10, 0, 12) if who == "Nobody" else table(10, 10, 12, 12)
    with pytest.raises(InsufficientEvidenceError, match=f"{who} had the event.*risk difference"):
        exact_odds_ratio(**counts)
    if who == "Nobody":
        with pytest.raises(InsufficientEvidenceError, match="Nobody"):
            miettinen_nurminen(**counts, measure="risk ratio")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"events_treatment": 2.5}, r"events_treatment is 2\.5; give a whole number"),
        ({"events_treatment": "3"}, "events_treatment is '3'"),
        ({"events_treatment": math.nan}, "events_treatment is nan"),
        ({"total_control": math.inf}, "total_control is inf"),
        ({"events_control": -1}, "events_control is -1"),
        ({"total_control": 0}, "total_control is 0; .* at least 1"),
        ({"events_control": 13}, "events_control must be at most total_control; found 13 of 12"),
        ({"level": 1.0}, "level is 1.0"),
    ],
)
@pytest.mark.parametrize("function", [exact_odds_ratio, miettinen_nurminen])
def test_bad_input(function, change, message):
    with pytest.raises(InvalidArgumentError, match=message):
        function(**{**table(3, 10, 4, 12), **change})


def test_unknown_names():
    with pytest.raises(InvalidArgumentError, match="Did you mean 'Wilson'"):
        proportion_interval(events=1, total=2, method="wilsonn")
    with pytest.raises(InvalidArgumentError, match="Did you mean 'risk ratio'"):
        miettinen_nurminen(**table(3, 10, 4, 12), measure="risk ratios")
