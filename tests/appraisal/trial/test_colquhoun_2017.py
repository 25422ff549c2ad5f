"""Colquhoun 2017, R Soc Open Sci 4:171085: 16 people in each group, an effect of one SD."""

from __future__ import annotations

import math

import pytest
from scipy.stats import t as student

from evidence.appraisal import false_positive_risk
from evidence.errors import InvalidArgumentError

DF = 30


def risk(p: float, *priors: float):
    statistic = student.isf(p / 2, DF)
    return false_positive_risk(
        statistic, noncentrality=math.sqrt(8), df=DF, priors=priors or (0.1, 0.5)
    )


def test_p_at_five_percent() -> None:
    """Odds of about 3 to 1; a risk of at least 26%, and of 76% for a long shot."""
    found = risk(0.05)
    assert round(found.power, 2) == 0.78
    assert found.likelihood_ratio == pytest.approx(2.8, abs=0.05)
    assert [math.floor(100 * each) for each in found.p_equals] == [76, 26]
    assert round(found.p_less_than[1], 2) == 0.06


def test_the_prior_that_a_risk_of_five_percent_needs() -> None:
    assert round(100 * risk(0.05).prior_needed) == 87


def test_p_at_one_in_a_thousand() -> None:
    """Almost 100 to 1; still 8% for a long shot, which needs p = 0.00045 for 5%."""
    found = risk(0.001)
    assert 99 < found.likelihood_ratio < 100
    assert round(100 * found.p_equals[0]) == 8
    assert round(100 * risk(0.00045).p_equals[0]) == 5


def test_given_this_p_the_risk_is_higher_than_given_at_most_this_p() -> None:
    for p in (0.05, 0.02, 0.004):
        found = risk(p, 0.05, 0.2, 0.8)
        assert all(a > b for a, b in zip(found.p_equals, found.p_less_than, strict=True))
        assert list(found.p_equals) == sorted(found.p_equals, reverse=True)


def test_the_prior_needed_gives_the_risk_wanted() -> None:
    found = risk(0.03)
    assert risk(0.03, found.prior_needed).p_equals[0] == pytest.approx(0.05)


def test_an_alternative_next_to_none_says_nothing() -> None:
    found = false_positive_risk(2.0, noncentrality=1e-6, priors=(0.3,))
    assert found.likelihood_ratio == pytest.approx(1)
    assert found.p_equals[0] == pytest.approx(0.7)


def test_a_sentence_says_which_of_the_two_it_is() -> None:
    assert "(p-equals)" in risk(0.05).sentence()
    assert "26%" not in risk(0.05, 0.1).sentence()
    assert "27%" in risk(0.05).sentence()


@pytest.mark.parametrize("prior", [0, 1, -0.2, math.nan])
def test_a_prior_lies_between_zero_and_one(prior: float) -> None:
    with pytest.raises(InvalidArgumentError, match="priors is"):
        false_positive_risk(2.0, noncentrality=2.8, priors=(prior,))
