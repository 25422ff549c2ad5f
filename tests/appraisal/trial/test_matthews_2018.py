"""Matthews 2018, R Soc Open Sci 5:171047; Held 2019, 6:181534; Held 2020, JRSS A 183:431-448.

Matthews: a result that is significant at 5% is intrinsically credible from p = 0.013 on; Held: from
p = 0.0056 on, and the p value of intrinsic credibility is twice the probability that a repeat
points the other way.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import norm

from evidence.appraisal import analyse_credibility, sceptical_p_value
from evidence.appraisal.trial.words import Words
from evidence.errors import InvalidArgumentError

Z = norm.isf(0.025)


def of_p(p: float):
    return analyse_credibility(norm.isf(p / 2), 1)


def test_intrinsically_credible_from_where_the_papers_say() -> None:
    assert of_p(0.0125).intrinsically_credible
    assert not of_p(0.0130).intrinsically_credible
    assert of_p(0.0055).p_intrinsic < 0.05
    assert of_p(0.0057).p_intrinsic > 0.05


def test_the_sceptical_limit_turns_the_result() -> None:
    """A normal prior around none with that limit: the posterior interval just touches none."""
    for estimate in (2.0, 2.6, 5.0, -3.0):
        limit = analyse_credibility(estimate, 1).sceptical_limit
        tau2 = (limit / Z) ** 2
        mean, sd = estimate * tau2 / (1 + tau2), math.sqrt(tau2 / (1 + tau2))
        assert abs(mean) - Z * sd == pytest.approx(0, abs=1e-12)


def test_the_advocacy_limit_turns_the_result() -> None:
    """A prior whose central 95% goes from none to the limit."""
    for estimate in (0.3, 1.0, 1.9, -1.2):
        limit = analyse_credibility(estimate, 1).advocacy_limit
        assert limit * estimate > 0
        centre, tau = limit / 2, abs(limit) / (2 * Z)
        precision = 1 + 1 / tau**2
        mean = (estimate + centre / tau**2) / precision
        assert abs(mean) - Z / math.sqrt(precision) == pytest.approx(0, abs=1e-12)


def test_ratios_as_the_paper_writes_them() -> None:
    """The sceptical limit of a ratio: exp(ln²(U/L) / (4 √(ln U ln L)))."""
    low, high = 0.5, 0.9
    estimate = (math.log(low) + math.log(high)) / 2
    error = (math.log(high) - math.log(low)) / (2 * Z)
    found = analyse_credibility(estimate, error, words=Words(log=True))
    ratio = math.exp(math.log(high / low) ** 2 / (4 * math.sqrt(math.log(high) * math.log(low))))
    assert math.exp(found.sceptical_limit) == pytest.approx(ratio)
    assert f"a ratio of {ratio:.2f} (or {1 / ratio:.2f})" in found.sentence()


def test_intrinsic_credibility_is_about_the_direction_of_a_repeat() -> None:
    random = np.random.default_rng(9)
    for z in (1.0, 2.2):
        # With nothing known before, a repeat is normal around z with variance 2.
        repeats = z + math.sqrt(2) * random.standard_normal(400_000)
        expected = 2 * (repeats < 0).mean()
        assert analyse_credibility(z, 1).p_intrinsic == pytest.approx(expected, abs=0.005)


def test_an_estimate_of_nothing_has_no_advocate() -> None:
    found = analyse_credibility(0.0, 1)
    assert math.isnan(found.advocacy_limit)
    assert found.p_intrinsic == 1
    assert "neither" in found.sentence()


def test_a_limit_beyond_the_scale_is_told() -> None:
    near = analyse_credibility(1.95, 1, words=Words("points", 1, span=28))
    assert "the scale ends before" in near.sentence()


def test_a_repeat_of_the_same_size_that_shows_the_same() -> None:
    """The sceptical z value is z over the root of 2, the one of intrinsic credibility."""
    found = sceptical_p_value(2.5, 1, 2.5, 1)
    assert found.z_value == pytest.approx(2.5 / math.sqrt(2))
    assert 2 * found.p_value == pytest.approx(analyse_credibility(2.5, 1).p_intrinsic)


def test_no_replication_convinces_more_than_either_trial() -> None:
    for z2, error in ((0.5, 1), (3, 0.5), (2.5, 2.0)):
        found = sceptical_p_value(2.2, 1, z2 * error, error)
        assert found.p_value > max(norm.sf(2.2), norm.sf(z2))
    # A huge replication that shows the same: the first z over the root of the golden ratio.
    golden = (1 + math.sqrt(5)) / 2
    huge = sceptical_p_value(2.2, 1, 2.2, 1e-4).z_value
    assert huge == pytest.approx(2.2 / math.sqrt(golden), rel=1e-6)


def test_the_other_direction() -> None:
    found = sceptical_p_value(2.2, 1, -2.2, 1)
    assert found.p_value > 0.5
    assert "the other side" in found.sentence()
    assert sceptical_p_value(2.2, 1, 0.0, 1).p_value == 0.5


def test_bad_numbers_are_named() -> None:
    with pytest.raises(InvalidArgumentError, match="estimate is nan"):
        analyse_credibility(math.nan, 1)
    with pytest.raises(InvalidArgumentError, match="standard_error is -1"):
        sceptical_p_value(1, 1, 1, -1)
    with pytest.raises(InvalidArgumentError, match=r"level is 1\.5"):
        analyse_credibility(1, 1, level=1.5)
