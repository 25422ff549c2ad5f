"""The grids of what was tested, lengths of trials, and studies of absorption."""

from __future__ import annotations

import json
import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.appraisal.dose.absorption import absorption_studies, mean_of_the_rest
from evidence.appraisal.dose.durations import days_in_words, longest_days, read_days
from evidence.appraisal.dose.tested import NO_TRIAL, what_was_tested
from evidence.data import Review
from evidence.errors import InvalidArgumentError

Changed = Callable[..., Review]
FORM = "magnesium bisglycinate"

# ---------------------------------------------------------------- times


@pytest.mark.parametrize(
    ("text", "days"),
    [("4 weeks", 28), ("week 4", 28), ("21 days", 21), ("day 20", 20), ("2 months", 60.875),
     ("month 2", 60.875), ("6-week", 42), ("after treatment", math.nan), ("", math.nan),
     ("single 100 mg dose", math.nan), ("weeks 2 and 4", 14)],
)  # fmt: skip
def test_times_are_read(text: str, days: float) -> None:
    assert read_days(text) == pytest.approx(days, nan_ok=True)


def test_times_are_said() -> None:
    words = {5: "5 days", 1: "1 day", 28: "4 weeks", 60.875: "2 months", 60: "60 days"}
    assert {days: days_in_words(days) for days in words} == words
    assert days_in_words(math.nan) == "not known"


def test_a_length_comes_from_the_facts_and_else_from_the_last_measurement(review: Review) -> None:
    assert longest_days(review, "abbasi2012") == 56
    assert longest_days(review, "breus2024") == 14
    assert math.isnan(longest_days(review, "gummies2025"))


# ---------------------------------------------------------------- what was tested


def test_every_trial_stands_in_the_grid_once(review: Review) -> None:
    found = what_was_tested(review)
    trials = (review.studies["role"] == "trial").sum()
    assert found.by_dose.to_numpy().sum() == trials == len(found.rows)
    assert found.forms[0] == FORM
    assert found.bands == ("up to 250", "above 250 to 350", "above 350")
    assert found.by_dose.loc[FORM, "up to 250"] == 1
    assert found.by_dose.loc["magnesium oxide", "above 350"] == 2
    assert found.compared == ()


def test_empty_cells_are_said(review: Review) -> None:
    found = what_was_tested(review)
    shown = found.read_doses().frame.set_index("form")
    assert shown.loc[FORM, "above 350"] == NO_TRIAL
    assert shown.loc[FORM, "up to 250"] == "1"
    text = found.untested(FORM)
    assert "above 350 mg" in text
    assert "falling asleep" in text
    assert "4 weeks" in text
    assert found.untested("unicorn salt") == "No trial here gave unicorn salt."
    empty = int((found.by_dose[list(found.bands)] == 0).to_numpy().sum())
    assert f"{empty} have no trial" in found.summary()
    json.dumps(found.to_dict(), allow_nan=False)
    assert NO_TRIAL in found._repr_html_()


def test_other_bands_and_bands_that_cannot_be(review: Review) -> None:
    found = what_was_tested(review, edges=(100, 300))
    assert found.by_dose.loc["magnesium L-threonate", "up to 100"] == 1
    assert found.by_dose.loc["magnesium L-threonate", "above 100 to 300"] == 2
    for edges in ((300, 100), (0, 1), (1, math.inf)):
        with pytest.raises(InvalidArgumentError, match="edges"):
            what_was_tested(review, edges=edges)


def test_a_review_without_limits_has_one_band(changed: Changed) -> None:
    found = what_was_tested(changed())
    assert found.bands == ("any dose",)
    assert found.by_dose.loc["moonwort leaf", "any dose"] == 1


# ---------------------------------------------------------------- absorption


@given(st.lists(st.floats(0, 100), min_size=2, max_size=30), st.data())
def test_the_mean_of_the_rest_is_the_mean_of_the_rest(values: list[float], data: object) -> None:
    k = data.draw(st.integers(1, len(values) - 1))  # type: ignore[attr-defined]
    n = len(values)
    rest = mean_of_the_rest(sum(values) / n, n, sum(values[:k]) / k, k)
    assert rest == pytest.approx(sum(values[k:]) / (n - k), abs=1e-9)


def test_a_subgroup_has_to_be_a_part() -> None:
    for k in (0, 12, 13):
        with pytest.raises(InvalidArgumentError, match="subgroup"):
            mean_of_the_rest(20.0, 12, 10.0, k)


def test_in_the_others_it_was_the_other_way_round(review: Review) -> None:
    (rest,) = absorption_studies(review).rests
    # With oxide: of 12 times 22.8, 4 times 11.8 are those of the four.
    assert rest.others == pytest.approx((23.5, 28.3))
    assert rest.people - rest.subgroup == 8
    assert rest.others_high[0] < rest.others_low[1]
    text = rest.summary()
    assert "the other way round" in text
    assert "regression to the mean" in text


def test_the_studies_are_there_with_what_they_can_say(review: Review) -> None:
    found = absorption_studies(review)
    table = found.table.set_index("study_id")
    assert {"schuette1994", "firozgraber2001", "walker2003", "kappeler2017"} <= set(table.index)
    assert "picked by its own result" in table.loc["schuette1994", "can_say"]
    assert "0.565 mmol (95% CI 0.212 to 0.918)" in table.loc["kappeler2017", "found"]
    assert "4 percent absorbed" in table.loc["firozgraber2001", "found"]
    assert "yamadera2007" not in table.index
    assert "factor of 5.7" in found.disagreement
    json.dumps(found.to_dict(), allow_nan=False)
    assert ">nan<" not in found._repr_html_()


def test_a_review_without_absorption_says_so(changed: Changed) -> None:
    found = absorption_studies(changed())
    assert found.table.empty
    assert found.summary().startswith("No studies bear")
