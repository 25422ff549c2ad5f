"""Contents against formulas, what comes along with a dose, and the two readings of a range."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.data.small import set_cells

from evidence.appraisal.check import CANNOT_BE_TESTED, CONTRADICTION, OK
from evidence.appraisal.dose.contents import check_carried, check_contents, mixture_share
from evidence.appraisal.dose.stated_range import (
    AS_COMPOUND,
    AS_ELEMENT,
    ranges_in_claims,
    stated_range,
)
from evidence.data import Review
from evidence.errors import InvalidArgumentError, UnknownNameError

Changed = Callable[..., Review]


def test_every_sourced_percentage_agrees_with_its_formula(review: Review) -> None:
    checks = {check.name: check for check in check_contents(review).checks}
    agreeing = {name for name, check in checks.items() if check.status == OK}
    assert agreeing == {
        "magnesium oxide",
        "magnesium citrate",
        "magnesium chloride, anhydrous",
        "magnesium L-threonate",
        "magnesium bisglycinate",
    }
    for name in agreeing:
        table = checks[name].table
        near = (table["computed"] - table["reported"]).abs().min()
        assert near < 0.0006, name  # half a unit of the last printed digit, 0.1%
    assert "if C6H6MgO7 is meant" in checks["magnesium citrate"].sentence
    assert "if C8H14MgO10 is meant" in checks["magnesium L-threonate"].sentence


def test_a_label_above_the_pure_compound_is_found(review: Review) -> None:
    (found,) = check_contents(review).contradictions
    assert "90 in 500 (18.0%)" in found.sentence
    assert "14.10%" in found.sentence
    assert found.table["reported"].item() == pytest.approx(0.18)


def test_without_a_formula_nothing_is_said(review: Review) -> None:
    untested = [c for c in check_contents(review).checks if c.status == CANNOT_BE_TESTED]
    assert {c.name for c in untested} >= {"magnesium taurate", "magnesium malate"}
    assert all("no formula here" in c.sentence for c in untested)


@pytest.mark.parametrize(
    ("value", "status", "words"),
    [("40.0", OK, "they agree"), ("40.04", OK, "they agree"),
     ("40.1", CONTRADICTION, "more than"), ("39.9", OK, "less than")],
)  # fmt: skip
def test_a_content_is_judged_by_its_printed_digits(
    changed: Changed, value: str, status: str, words: str
) -> None:
    change = partial(set_cells, table="facts", line=2, quantity="elemental fraction",
                     subject="dragon leaf", unit="percent by weight", value=value)  # fmt: skip
    (check,) = check_contents(changed(change)).checks
    assert check.status == status
    assert words in check.sentence


def test_the_checks_have_their_faces(review: Review) -> None:
    checks = check_contents(review)
    json.dumps(checks.to_dict(), allow_nan=False)
    assert len(checks.to_frame()) >= len([c for c in checks.checks if c.tested])
    assert checks.summary().splitlines()[0] == (
        "Six reported contents can be held against a formula; five agree."
    )
    assert "18.0%" in checks._repr_html_()


# ---------------------------------------------------------------- mixtures


@given(st.floats(0, 1), st.floats(0.01, 0.5), st.floats(0.51, 1))
def test_a_mixture_is_taken_apart_again(share: float, first: float, second: float) -> None:
    total = (1 - share) * first + share * second
    found = mixture_share(total, first, second)
    assert math.isnan(found) or found == pytest.approx(share, abs=1e-9)


def test_a_mixture_by_hand_and_one_that_cannot_be() -> None:
    assert mixture_share(0.18, 0.141, 0.603) == pytest.approx(0.039 / 0.462)
    assert math.isnan(mixture_share(0.7, 0.141, 0.603))
    assert math.isnan(mixture_share(0.1, 0.141, 0.603))
    assert math.isnan(mixture_share(0.141, 0.141, 0.141))


# ---------------------------------------------------------------- what comes along


def test_what_the_headline_dose_carries_is_what_the_report_says(review: Review) -> None:
    check = check_carried(review, "schuster2025")
    assert check.status == OK
    assert check.table["computed"].iloc[0] == pytest.approx(250 * (172.42 / 24.305 - 1), rel=1e-4)
    assert "1,523 mg" in check.sentence
    assert check.table["lowest"].iloc[0] < 1523 < check.table["highest"].iloc[0]


def test_another_weight_would_be_found(review: Review) -> None:
    # Nothing is said of what else came with the oxide.
    assert check_carried(review, "abbasi2012").status == CANNOT_BE_TESTED
    assert check_carried(review, "breus2024").status == CANNOT_BE_TESTED


# ---------------------------------------------------------------- ranges


def test_200_to_400_in_both_readings(review: Review) -> None:
    found = stated_range(review, 200, 400, form="magnesium glycinate")
    assert found.factor == pytest.approx(172.42 / 24.305, rel=1e-4)
    assert found.as_compound.low == pytest.approx(28.19, abs=0.01)
    assert found.as_compound.high == pytest.approx(56.38, abs=0.01)
    table = found.table.set_index("reading")
    assert list(table["upper-limit-us"]) == ["at or below", "partly above"]
    assert list(table["upper-limit-eu"]) == ["at or below", "partly above"]
    assert table.loc[AS_ELEMENT, "compound_high"] == pytest.approx(2837.6, abs=0.1)
    assert "7.1 times as much" in found.summary()
    assert [amount.low for amount in found.tested] == [250]


def test_500_mg_of_the_compound_is_about_70_of_the_element(review: Review) -> None:
    assert round(stated_range(review, 500, 500).as_compound.low) == 70


def test_the_claims_give_their_ranges_and_say_what_they_are_of(review: Review) -> None:
    found = [(s.claim_id, s.low, s.high, s.said, s.form) for s in ranges_in_claims(review)]
    form = "magnesium bisglycinate"
    assert found == [
        ("a27", 100, 200, AS_ELEMENT, form),
        ("a27", 200, 400, AS_ELEMENT, form),
        ("b01", 200, 400, "", form),
    ]
    for stated in ranges_in_claims(review):
        json.dumps(stated.to_dict(), allow_nan=False)
        assert "two readings" in stated._repr_html_()


def test_a_name_of_two_compounds_gives_a_wider_range(review: Review) -> None:
    citrate = stated_range(review, 100, 100, form="magnesium citrate")
    assert citrate.as_compound.low == pytest.approx(11.34, abs=0.01)
    assert citrate.as_compound.high == pytest.approx(16.16, abs=0.01)
    assert citrate.factor == pytest.approx(1 / 0.11336, rel=1e-3)


@settings(max_examples=20)
@given(st.floats(0.01, 1e5), st.floats(1, 10))
def test_readings_keep_their_order(review: Review, low: float, wide: float) -> None:
    found = stated_range(review, low, low * wide)
    assert found.as_compound.high < found.as_element.high
    assert found.as_element.low / found.as_compound.low == pytest.approx(found.factor)


@pytest.mark.parametrize(("low", "high"), [(400, 200), (0, 1), (-1, 1), (1, math.inf),
                                           (math.nan, 1), ("much", 1)])  # fmt: skip
def test_what_is_no_range_is_refused(review: Review, low: float, high: float) -> None:
    with pytest.raises(InvalidArgumentError, match=r"low|high"):
        stated_range(review, low, high)


def test_other_arguments_that_cannot_be(review: Review) -> None:
    with pytest.raises(UnknownNameError, match="Did you mean"):
        stated_range(review, 1, 2, form="magnesium oxid")
    with pytest.raises(InvalidArgumentError, match=f"'{AS_COMPOUND}', '{AS_ELEMENT}'"):
        stated_range(review, 1, 2, said="elemental")
